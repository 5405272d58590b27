"""How commands answer: tables and sentences for people, one JSON document for programs (`--json`)."""

import contextlib
import datetime
import decimal
import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from enum import Enum
from typing import Annotated, Any

import typer

from wherewithal.kit.errors import Refused

JsonFlag = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]

EXIT_FAILED = 1  # a check found something wrong
EXIT_REFUSED = 2  # the request breaks a rule, or the command line is wrong
Progress = Callable[[int, int | None, str], None]


def say(text: str) -> None:
    """A sentence about what is going on; on standard error, so that piped output stays clean."""
    print(text, file=sys.stderr, flush=True)


def emit(data: object, *, as_json: bool, text: str | None = None) -> None:
    """The command's answer: the data as JSON, or the text (a table of the data when there is none)."""
    if as_json:
        print(json.dumps(data, default=encode, ensure_ascii=False, indent=2))
    elif text is not None:
        print(text)
    elif isinstance(data, Mapping):
        print(table([{"": key, " ": value} for key, value in data.items()]))
    elif isinstance(data, Sequence):
        print(table(data))
    else:
        print(data)


def encode(value: object) -> object:
    """JSON for what it does not know: exact numbers as text, times in ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes | memoryview):
        return value.hex()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def table(rows: Sequence[Any]) -> str:
    """Rows (mappings or dataclasses) as aligned columns, numbers to the right."""
    if not rows:
        return "(nothing)"
    dictionaries = [row if isinstance(row, Mapping) else asdict(row) for row in rows]
    names = list(dictionaries[0])
    cells = [[_cell(row.get(name)) for name in names] for row in dictionaries]
    widths = [max(len(name), *(len(line[n]) for line in cells)) for n, name in enumerate(names)]
    right = [all(_is_number(row.get(name)) for row in dictionaries) for name in names]
    lines = [names, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(_cell, value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds")
    return str(value.value if isinstance(value, Enum) else value)


def _is_number(value: object) -> bool:
    return value is None or (isinstance(value, int | decimal.Decimal) and not isinstance(value, bool))


def refusal(error: Refused, *, as_json: bool) -> None:
    """What was wrong, and what would be right: on standard error, or as JSON on standard output."""
    if as_json:
        problems = [asdict(problem) for problem in error.problems]
        emit({"code": error.code, "problems": problems, "hint": error.hint}, as_json=True)
        return
    for problem in error.problems:
        place = "" if problem.row is None else f"row {problem.row + 1}, "
        say(f"{place}{problem.field}: {problem.message}" if problem.field else f"{place}{problem.message}")
    if error.hint:
        say(error.hint)


@contextlib.contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """Give the block a function (done, total, what): it draws a bar on a terminal, elsewhere a line now and then."""
    length, shown = 0, ""
    terminal = sys.stderr.isatty()

    def show(done: int, total: int | None, what: str) -> None:
        nonlocal length, shown
        share = f"{100 * done // total:3d} %" if total else f"{done:,}"
        filled = 24 * done // total if total else 0
        bar = f"[{'#' * filled}{'.' * (24 - filled)}] " if total else ""
        if terminal:
            text = f"{label} {bar}{share} {what}"[:110]
            print(f"\r{text.ljust(length)}", end="", file=sys.stderr, flush=True)
            length = len(text)
        elif what != shown:
            say(f"{label}: {share.strip()} {what}")
            shown = what

    yield show
    if terminal and length:
        print(file=sys.stderr)
