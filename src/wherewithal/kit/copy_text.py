"""Rows as PostgreSQL reads them: text of arrays, and text of COPY.

psycopg's own lists cost twice the time at a hundred thousand rows; joining text column by column does not. The price
is that escaping is ours, so each column is encoded by the Python types actually found in it, and a type that is not
known here is an error, never `str()` of something.
"""

import datetime
import decimal
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused

Columns = Sequence[tuple[str, str]]
Rows = Sequence[Sequence[Any]]

COPY_ROWS = 20_000  # per block that is handed to the driver
WHOLE = frozenset({int})
PLAIN = frozenset({int, bool, decimal.Decimal, uuid.UUID, datetime.date})
TEXT = frozenset({str})
NOTHING = type(None)
COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def array_columns(columns: Columns, rows: Rows) -> list[str]:
    """One array literal per column, for `unnest(%s::bigint[], %s::text[], ...)`."""
    return [
        "{" + ",".join(_array_items(name, sql_type, values)) + "}"
        for (name, sql_type), values in zip(columns, zip(*rows, strict=True), strict=True)
    ]


def copy_block(columns: Columns, rows: Rows) -> Iterator[str]:
    """The rows in the text format of COPY, some thousands at a time."""
    for start in range(0, len(rows), COPY_ROWS):
        part = rows[start : start + COPY_ROWS]
        encoded = [
            _copy_items(name, sql_type, values, start)
            for (name, sql_type), values in zip(columns, zip(*part, strict=True), strict=True)
        ]
        yield "\n".join(map("\t".join, zip(*encoded, strict=True))) + "\n"


def row_array(rows: Iterable[str]) -> str:
    """An array of a table's rows: each row is its columns in the table's order, joined by commas; null is nothing.

    Numbers, days and instants stand as they are, free text goes through `text_in_row`, bytes through `bytes_in_row`.
    """
    joined = ')","('.join(rows)
    return f'{{"({joined})"}}' if joined else "{}"


def text_in_row(name: str, value: str | None, row: int = 0) -> str:
    """Free text as a column of `row_array`: quoted for the row, and that again for the array. Refuses NUL."""
    if value is None:
        return ""
    _refuse_nul(name, (value,), row)
    inner = value.replace("\\", "\\\\").replace('"', '\\"')
    return '\\"' + inner.replace("\\", "\\\\").replace('"', '\\"') + '\\"'


def free_text(name: str, value: str | None, row: int = 0) -> str | None:
    """Free text as a parameter of its own, as it is. Refuses NUL."""
    if value is not None:
        _refuse_nul(name, (value,), row)
    return value


def bytes_in_row(value: bytes | None) -> str:
    """Bytes as a column of `row_array`."""
    return "" if value is None else "\\\\\\\\x" + value.hex()


def numbers(array: str | None) -> list[int | None]:
    """An array of whole numbers, read."""
    if not array or array == "{}":
        return []
    return [None if part == "NULL" else int(part) for part in array[1:-1].split(",")]


def _array_items(name: str, sql_type: str, values: Sequence[Any]) -> Sequence[str]:
    kinds = set(map(type, values))
    if kinds == WHOLE:
        return list(map(str, values))
    if kinds <= TEXT:
        _refuse_nul(name, values, 0)
        joined = "".join(values)
        if '"' not in joined and "\\" not in joined:
            return [f'"{value}"' for value in values]
    return [
        "NULL" if value is None else _array_item(name, sql_type, value, row)
        for row, value in enumerate(values)
    ]


def _array_item(name: str, sql_type: str, value: Any, row: int) -> str:
    text = _text(name, sql_type, value, row)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _copy_items(name: str, sql_type: str, values: Sequence[Any], start: int) -> list[str]:
    kinds = set(map(type, values))
    if kinds == WHOLE:
        return list(map(str, values))
    if kinds <= TEXT:
        _refuse_nul(name, values, start)
        return [value.translate(COPY_ESCAPES) for value in values]
    return [
        "\\N" if value is None else _text(name, sql_type, value, start + row).translate(COPY_ESCAPES)
        for row, value in enumerate(values)
    ]


def _text(name: str, sql_type: str, value: Any, row: int) -> str:
    """One value in PostgreSQL's own notation, before any escaping."""
    kind = type(value)
    if kind is str:  # of a json column: ready JSON
        _refuse_nul(name, (value,), row)
        return str(value)
    if kind in PLAIN:
        return str(value)
    if kind is datetime.datetime:
        return str(value.isoformat())
    if kind is bytes or kind is memoryview:
        return f"\\x{value.hex()}"
    if sql_type.startswith("json"):
        return _json(name, value, row)
    if kind in (list, tuple) and sql_type.endswith("[]"):
        element = sql_type.removesuffix("[]")
        return "{" + ",".join(_array_items(name, element, value)) + "}"
    if isinstance(value, int):  # an IntEnum
        return str(int(value))
    if isinstance(value, str):  # a StrEnum
        _refuse_nul(name, (value,), row)
        return str(value)
    raise TypeError(f"column {name}: no notation for {kind.__name__}")


def _json(name: str, value: Any, row: int) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    if "\\u0000" in text:
        _refuse_nul(name, ("\0",), row)
    return text


def _refuse_nul(name: str, values: Sequence[str], start: int) -> None:
    """PostgreSQL's text cannot hold the character NUL: say where it stands rather than fail in the driver."""
    if "\0" not in "".join(values):
        return
    raise Refused(
        Problem(
            name,
            "no_nul",
            say("The character NUL (code 0) cannot be stored: remove it."),
            start + row,
            repr(value),
        )
        for row, value in enumerate(values)
        if "\0" in value
    )
