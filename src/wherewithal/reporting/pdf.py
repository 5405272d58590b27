"""A sheet as a document that a person can put before an auditor: PDF/A, with who, which book, which days, page numbers.

Typst draws; where everything stands is worked out here, from measured letters, one paragraph a column and page. Laid
out by Typst as a table of cells, 10,000 rows would take 25 seconds and 1.4 GB; so they take three seconds.
Fonts come with Typst's own package: nothing of the system's, nothing from the network.
"""

import datetime
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import accumulate, islice

import typst
from django.utils.translation import gettext as _

from wherewithal.core.words import say
from wherewithal.kit import words
from wherewithal.kit.errors import refuse
from wherewithal.reporting.sheets import Cover, Sheet, Strong, Value

MOST_ROWS = 20_000
LONGEST_CELL = 2_000
FIRST_HEAD = 54
LOGO_WIDE, LOGO_HIGH = 150.0, 42.0  # at most
FACT_HEIGHT = 13
MARGIN, TOP, BOTTOM = 42.0, 48.0, 44.0
GAP = 9.0  # between columns
LEADING = 0.42  # between lines, in ems
WIDEST_TEXT = 190.0  # at 9 points; longer texts are broken into lines
NARROWEST_TEXT = 46.0
WIDEST_HEAD = 700.0  # at 100 points; longer heads are broken where what is below is narrower
A4, A3 = (595.28, 841.89), (841.89, 1190.55)
LAYOUTS: tuple[tuple[float, float, float], ...] = (
    (*A4, 9.0),
    (*A4, 8.0),
    (A4[1], A4[0], 9.0),
    (A4[1], A4[0], 8.0),
    (A4[1], A4[0], 7.0),
    (A3[1], A3[0], 7.0),
    (A3[1], A3[0], 6.0),
)
"""Width, height, size of the letters: the first that fits."""
FIGURES = (int, Decimal)


def to_pdf(found: Sheet, cover: Cover) -> tuple[bytes, int]:
    """The document, and how many rows it has. Refused above MOST_ROWS."""
    rows = list(islice(found.rows, MOST_ROWS + 1))
    if len(rows) > MOST_ROWS:
        message = say(
            "A PDF holds {most_rows:,} rows: narrow the list, or export it as CSV or XLSX.",
            most_rows=MOST_ROWS,
        )
        raise refuse("format", "rows", message, value="pdf")
    document = _document(found, rows, cover)
    source = files("wherewithal.reporting").joinpath("typst", "sheet.typ").read_bytes()
    compiler = typst.Compiler(source, ignore_system_fonts=True, sys_inputs={"data": json.dumps(document)})
    made = compiler.compile(
        format="pdf", pdf_standards="a-2b", pdf_tags=False, timestamp=_seconds(cover.printed_at)
    )
    assert isinstance(made, bytes), "a PDF is one file"
    return made, len(rows)


def _seconds(at: datetime.datetime) -> int:
    return int(at.timestamp())


# --- letters ------------------------------------------------------------------------------------------------------

_MEASURE = b"""
#set text(font: "Libertinus Serif", size: 100pt, kerning: false, ligatures: false, number-type: "lining",
  number-width: "tabular")
#context [#metadata(json(bytes(sys.inputs.letters)).map(letter =>
  (measure(text(letter)).width / 1pt, measure(text(weight: "bold", letter)).width / 1pt)))<widths>]
"""


class _Letters:
    """How wide each letter is, plain and bold, in hundredths of the size."""

    def __init__(self) -> None:
        self.plain: dict[str, float] = {}
        self.bold: dict[str, float] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Measure the letters that have not been met before."""
        unknown = sorted({letter for text in texts for letter in text} - self.plain.keys())
        if not unknown:
            return
        # A blank alone is nothing wide: it is measured between two letters.
        asked = ["|", *(f"|{letter}|" for letter in unknown)]
        compiler = typst.Compiler(
            _MEASURE, ignore_system_fonts=True, sys_inputs={"letters": json.dumps(asked)}
        )
        (plain, bold), *widths = json.loads(compiler.query("<widths>", field="value", one=True))
        for letter, (one, strong) in zip(unknown, widths, strict=True):
            self.plain[letter] = one - 2 * plain
            self.bold[letter] = strong - 2 * bold

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        known = self.bold if bold else self.plain
        return sum(known[letter] for letter in text) * size / 100


@cache
def _letters() -> _Letters:
    return _Letters()


# --- cells --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Column:
    head: str
    ends: bool  # at the right
    cells: list[str]
    strong: list[bool]
    widest: float = 0.0  # at 100 points
    longest_word: float = 0.0
    x: float = 0.0
    width: float = 0.0
    head_lines: list[str] = field(default_factory=list)
    sums: list[Decimal] = field(default_factory=list)  # up to and with each row, where the column is added up


def _text(value: Value, zone: datetime.tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return words.translated(say("{value:,f}", value=value)).replace("-", "\N{MINUS SIGN}")
    if isinstance(value, datetime.datetime):
        local = value if value.tzinfo is None else value.astimezone(zone)
        return words.translated(say("{at:%Y-%m-%d %H:%M}", at=local))
    if isinstance(value, datetime.date):
        return words.shown(value)
    shown = str(value)[:LONGEST_CELL]
    return "".join(
        " " if unicodedata.category(letter)[0] == "C" or letter in "\u2028\u2029" else letter
        for letter in shown
    )


def _columns(
    found: Sheet, rows: Sequence[Sequence[Value]], zone: datetime.tzinfo
) -> tuple[list[_Column], str]:
    """The columns as texts; one that says the same currency all the way down is named above instead."""
    columns, currency = [], ""
    adds_up = bool(found.summed and rows and not found.below)
    strong = [isinstance(row, Strong) for row in rows]
    lines = [*rows, *found.below, *([_total(found, rows)] if adds_up else [])]
    strong += [True] * (len(lines) - len(rows))
    for at, head in enumerate(found.heads):
        values = [row[at] for row in lines]
        said = {row[at] for row in rows}
        if head == found.currency_head and len(said) == 1:
            currency = str(said.pop())
            continue
        figures = [value for value in values if value is not None and value != ""]
        ends = bool(figures) and all(isinstance(v, FIGURES) and not isinstance(v, bool) for v in figures)
        column = _Column(found.label(head), ends, [_text(value, zone) for value in values], strong)
        if head in found.summed:
            amounts = (row[at] for row in rows)
            column.sums = list(accumulate(a if isinstance(a, Decimal) else Decimal(0) for a in amounts))
        columns.append(column)
    return columns, currency


def _total(found: Sheet, rows: Sequence[Sequence[Value]]) -> list[Value]:
    """The line below the last one."""
    total: list[Value] = []
    for at, head in enumerate(found.heads):
        column = [row[at] for row in rows if head in found.summed]
        amounts = [amount for amount in column if isinstance(amount, Decimal)]
        total.append(sum(amounts, Decimal(0)) if amounts else None)
    if total and total[0] is None:
        total[0] = _("Total")
    return total


# --- layout -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Layout:
    width: float
    height: float
    size: float

    @property
    def inner(self) -> float:
        return self.width - 2 * MARGIN

    @property
    def step(self) -> float:
        """From line to line."""
        return self.size * (1 + LEADING)


def _measure(columns: Sequence[_Column]) -> None:
    letters = _letters()
    letters.learn(text for column in columns for text in (column.head, *column.cells))
    letters.learn(["…"])
    for column in columns:
        words: dict[str, float] = {}
        for text, strong in {*zip(column.cells, column.strong, strict=True)}:
            column.widest = max(column.widest, letters.width(text, 100, bold=strong))
            for word in text.split():
                if word not in words:
                    words[word] = letters.width(word, 100, bold=True)
        if column.sums:
            widest = [_text(extreme(column.sums), datetime.UTC) for extreme in (min, max)]
            letters.learn(widest)
            column.widest = max(column.widest, *(letters.width(text, 100, bold=True) for text in widest))
        heads = [letters.width(word, 100, bold=True) for word in column.head.split()]
        whole = letters.width(column.head, 100, bold=True)
        column.widest = max([column.widest, *heads, whole if whole <= WIDEST_HEAD else 0.0])
        column.longest_word = max([*words.values(), *heads, 0.0])


def _choose(columns: Sequence[_Column]) -> _Layout:
    """The first layout in which figures stand whole and texts have room; at last, texts take what is left."""
    layout = _Layout(*LAYOUTS[-1])
    for width, height, size in LAYOUTS:
        layout = _Layout(width, height, size)
        wishes = [_wish(column, size) for column in columns]
        if sum(wishes) + GAP * (len(columns) - 1) <= layout.inner:
            break
    texts = [column for column in columns if not column.ends]
    for column in columns:
        column.width = _wish(column, layout.size)
    rest = layout.inner - sum(c.width for c in columns) - GAP * (len(columns) - 1)
    if rest < 0:
        given = sum(column.width for column in texts) or 1
        for column in texts:
            column.width = max(column.width + rest * column.width / given, NARROWEST_TEXT / 2)
    elif texts:
        _widen(columns, texts, rest, layout.size)
    return layout


def _wish(column: _Column, size: float) -> float:
    whole = column.widest * size / 100
    if column.ends:
        return whole
    return min(
        whole, max(WIDEST_TEXT * size / 9, min(column.longest_word * size / 100, WIDEST_TEXT * size / 6))
    )


def _widen(columns: Sequence[_Column], texts: Sequence[_Column], rest: float, size: float) -> None:
    """What is left goes to texts that would be broken, then to heads that would be, then to the columns of text, each
    by how wide it is."""
    letters = _letters()
    for column in texts:
        more = min(rest, column.widest * size / 100 - column.width)
        column.width += more
        rest -= more
    for column in columns:
        more = letters.width(column.head, size, bold=True) - column.width
        if column.ends and 0 < more <= rest / 2:
            column.width += more
            rest -= more
    taken = sum(column.width for column in texts) or 1.0
    for column in texts:
        column.width += rest * column.width / taken


def _place(columns: Sequence[_Column], layout: _Layout) -> None:
    x = 0.0
    for column in columns:
        column.x = x + column.width if column.ends else x
        x += column.width + GAP
        column.head_lines = _broken(column.head, column.width, layout.size, bold=True)


def _broken(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines of at most this width: between words, and inside of words that are longer than a line."""
    letters = _letters()
    limit = width + 0.01
    if letters.width(text, size, bold=bold) <= limit:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if letters.width(longer, size, bold=bold) <= limit:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while letters.width(line, size, bold=bold) > limit and len(line) > 1:
            cut = len(line)
            while cut > 1 and letters.width(line[:cut], size, bold=bold) > limit:
                cut -= 1
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line]


# --- pages --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    cover: bool
    head: float
    body: float
    columns: list[list[str]]
    strong: list[dict[str, object]] = field(default_factory=list)
    hairlines: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)

    @property
    def used(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def _pages(columns: Sequence[_Column], layout: _Layout, cover_height: float) -> list[_Page]:
    step = layout.step
    head_lines = max((len(column.head_lines) for column in columns), default=1)

    def begin(first: bool) -> _Page:
        head = cover_height if first else 0.0
        body = head + head_lines * step + 4
        page = _Page(first, head, body, [[] for _ in columns])
        page.lines = [body - 3.0]
        return page

    room = layout.height - TOP - BOTTOM
    pages = [begin(True)]
    known: list[dict[tuple[str, bool], list[str]]] = [{} for _ in columns]
    count = len(columns[0].cells) if columns else 0
    spare = max(map(len, _carried(columns, layout, 0, _("Carried forward"))), default=0)
    for number in range(count):
        parts = []
        for column, seen in zip(columns, known, strict=True):
            key = (column.cells[number], column.strong[number])
            if key not in seen:
                seen[key] = _broken(key[0], column.width, layout.size, bold=key[1])
            parts.append(seen[key])
        height = max(map(len, parts)) + (spare if number < count - 1 else 0)
        page = pages[-1]
        if page.body + (page.used + height) * step > room and page.used:
            _add(page, _carried(columns, layout, number, _("Carried forward")), True, step)
            page = begin(False)
            pages.append(page)
            _add(page, _carried(columns, layout, number, _("Brought forward")), True, step)
        _add(page, parts, columns[0].strong[number], step)
    return pages


def _carried(columns: Sequence[_Column], layout: _Layout, number: int, label: str) -> list[list[str]]:
    """The line that carries the sums of the rows before this one over to the next page; nothing where none is added up."""
    if not any(column.sums for column in columns):
        return []
    letters = _letters()
    parts: list[list[str]] = []
    for column in columns:
        text = ""
        if column.sums:
            text = _text(column.sums[min(max(number, 1), len(column.sums)) - 1], datetime.UTC)
        letters.learn([text, label])
        parts.append(_broken(text, column.width, layout.size, bold=True))
    fits = [
        at
        for at, column in enumerate(columns)
        if not column.sums and letters.width(label, layout.size, bold=True) <= column.width
    ]
    free = [at for at, column in enumerate(columns) if not column.sums]
    for at in (fits or free)[:1]:
        parts[at] = _broken(label, columns[at].width, layout.size, bold=True)
    return parts


def _add(page: _Page, parts: Sequence[list[str]], strong: bool, step: float) -> None:
    """One row of the table, as high as its longest cell; strong ones between two lines."""
    if not parts:
        return
    height = max(map(len, parts))
    y = page.body + page.used * step
    if strong and page.used:
        page.lines.append(y - step * LEADING / (1 + LEADING) / 2)
    for at, lines in enumerate(parts):
        if strong:
            page.strong.append({"column": at, "y": y, "text": "\n".join(lines)})
        page.columns[at] += [*([""] * len(lines) if strong else lines), *[""] * (height - len(lines))]
    page.hairlines.append(page.body + page.used * step - step * LEADING / (1 + LEADING) / 2)


def _logo(cover: Cover, title: str, layout: _Layout) -> dict[str, object] | None:
    """The logo as large as its corner beside the title allows, not larger than its points at 72 to the inch."""
    if cover.logo is None:
        return None
    letters = _letters()
    letters.learn([title, cover.company])
    said = max(letters.width(title, 18, bold=True), letters.width(cover.company, 10))
    room = max(min(LOGO_WIDE, layout.inner - said - GAP), NARROWEST_TEXT)
    scale = min(room / cover.logo.wide, LOGO_HIGH / cover.logo.high, 1.0)
    return {
        "bytes": list(cover.logo.content),
        "width": cover.logo.wide * scale,
        "height": cover.logo.high * scale,
    }


def _document(found: Sheet, rows: Sequence[Sequence[Value]], cover: Cover) -> dict[str, object]:
    columns, currency = _columns(found, rows, cover.timezone)
    facts = [*cover.facts, *([(_("Amounts"), currency)] if currency else [])]
    if not rows:
        facts.append((_("Rows"), _("There are none.")))
    _measure(columns)
    letters = _letters()
    letters.learn(name for name, _value in facts)
    layout = _choose(columns)
    _place(columns, layout)
    cover_height = FIRST_HEAD + FACT_HEIGHT * len(facts) + 12.0
    pages = _pages(columns, layout, cover_height)
    return {
        "title": found.title,
        "company": cover.company,
        "language": cover.language,
        "logo": _logo(cover, found.title, layout),
        "facts": facts,
        "first-fact": FIRST_HEAD,
        "fact-height": FACT_HEIGHT,
        "fact-at": max((letters.width(name, 9) for name, _value in facts), default=0) + 14,
        "running": [f"{cover.company} · {found.title}", cover.running],
        "footer": cover.footer,
        "page": _("Page {n} of {all}"),
        "width": layout.width,
        "height": layout.height,
        "inner": layout.inner,
        "size": layout.size,
        "leading": layout.size * LEADING,
        "margin": MARGIN,
        "top": TOP,
        "bottom": BOTTOM,
        "columns": [{"x": c.x, "ends": c.ends, "head": "\n".join(c.head_lines)} for c in columns],
        "pages": [
            {
                "cover": page.cover,
                "head": page.head,
                "body": page.body,
                "columns": ["\n".join(lines) for lines in page.columns],
                "strong": page.strong,
                "hairlines": page.hairlines,
                "lines": page.lines,
            }
            for page in pages
        ],
    }
