"""The trace of a lot as a picture: boxes in columns, what it came from on the left, what it became on the right.

Drawn on the server as plain shapes with links, in the colour of the text around it, so that it needs no script, follows
the theme, prints, and can be walked by keyboard.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wherewithal.stock.queries import Trace, TraceNode

WIDE, HIGH = 180, 46
GAP_X, GAP_Y = 70, 16
MARGIN = 8
LONGEST = 22
MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the picture; x and y of its upper left corner. `centre`: the lot that was asked for."""

    x: int
    y: int
    title: str
    note: str
    href: str
    centre: bool

    @property
    def text_x(self) -> int:
        return self.x + 10

    @property
    def title_y(self) -> int:
        return self.y + 19

    @property
    def note_y(self) -> int:
        return self.y + 36


@dataclass(frozen=True, slots=True)
class Graph:
    """The picture. `paths`: a curve for each link."""

    width: int
    height: int
    boxes: Sequence[Box]
    paths: Sequence[str]
    hidden: int

    @property
    def view_box(self) -> str:
        return f"0 0 {self.width} {self.height}"


def draw(trace: Trace, start: TraceNode, href: Callable[[TraceNode], str], unnamed: str) -> Graph:
    """Each node stands in the column of its first level; columns are centred on the tallest one."""
    levels: dict[TraceNode, int] = {start: 0}
    for link in trace.links:
        levels.setdefault(link.source if link.level < 0 else link.target, link.level)
    columns: dict[int, list[TraceNode]] = {}
    for node, level in levels.items():
        columns.setdefault(level, []).append(node)
    shown = {level: nodes[:MOST_ROWS] for level, nodes in sorted(columns.items())}
    tallest = max(len(nodes) for nodes in shown.values())
    height = tallest * (HIGH + GAP_Y) - GAP_Y + 2 * MARGIN
    boxes: dict[TraceNode, Box] = {}
    for column, nodes in enumerate(shown.values()):
        top = (height - (len(nodes) * (HIGH + GAP_Y) - GAP_Y)) // 2
        for row, node in enumerate(nodes):
            title, note = trace.labels[node]
            boxes[node] = Box(
                MARGIN + column * (WIDE + GAP_X),
                top + row * (HIGH + GAP_Y),
                _short(title or unnamed),
                _short(note),
                href(node),
                node == start,
            )
    paths = [
        _curve(boxes[link.source], boxes[link.target])
        for link in trace.links
        if link.source in boxes and link.target in boxes
    ]
    width = len(shown) * (WIDE + GAP_X) - GAP_X + 2 * MARGIN
    return Graph(width, height, list(boxes.values()), list(dict.fromkeys(paths)), len(levels) - len(boxes))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _curve(source: Box, target: Box) -> str:
    """From the right edge of the one to the left edge of the other."""
    x1, y1 = source.x + WIDE, source.y + HIGH // 2
    x2, y2 = target.x, target.y + HIGH // 2
    middle = (x1 + x2) // 2
    return f"M {x1} {y1} C {middle} {y1}, {middle} {y2}, {x2} {y2}"
