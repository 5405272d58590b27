"""Many rows at once, as columns, in PostgreSQL's binary formats: numpy puts them together and takes them apart.

A window of a hundred thousand moves is so read, and its differences written, in little more time than its rows take to
leave and to enter the database.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherewithal.kit import db

Whole = NDArray[np.int64]
"""A column of whole numbers."""

HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"  # COPY's binary format around the rows
NOTHING = -(2**62)  # stands for null in a column of whole numbers; select it by OR_NOTHING
OR_NOTHING = f"coalesce({{}}, {NOTHING})::bigint"

TYPES = {"h": ">i2", "n": ">i4", "d": ">i4", "i": ">i8", "t": ">i8", "k": "V16", "c": "S3"}
SIZES = {kind: np.dtype(name).itemsize for kind, name in TYPES.items()}
WORD = 63  # bits of a whole number that is not negative
DAY_ZERO = 730_120  # ordinal of 2000-01-01, from which PostgreSQL counts days
INSTANT_ZERO = 946_684_800_000_000  # microseconds of the same from 1970


# --- reading ----------------------------------------------------------------------------------------------


def read_table(query: str, kinds: str) -> list[NDArray[Any]]:
    """The columns of a query without parameters and nulls. `kinds`: a letter for each, h smallint, n int, i bigint,
    d date (as ordinal), t timestamptz (as microseconds since 1970), k uuid (as bytes), c char(3).

    The query may hold numbers and days that are written by us only, never text of a user.
    """
    shape = _shape(kinds)
    data = _copy(query)
    rows, rest = divmod(len(data) - len(HEADER) - len(TRAILER), shape.itemsize)
    assert not rest, "a column was null or not as long as it was said to be"
    table = np.frombuffer(data, dtype=shape, count=rows, offset=len(HEADER))
    return [_native(table[f"c{position}"], kind) for position, kind in enumerate(kinds)]


def _shape(kinds: str) -> np.dtype[Any]:
    """A row of COPY's binary format: how many columns, then length and value of each."""
    fields: list[tuple[str, str]] = [("n", ">i2")]
    for position, kind in enumerate(kinds):
        fields += [(f"l{position}", ">i4"), (f"c{position}", TYPES[kind])]
    return np.dtype(fields)


def _native(column: NDArray[Any], kind: str) -> NDArray[Any]:
    if kind in "kc":
        return column
    whole = column.astype(np.int64)
    if kind in "dt":
        whole += DAY_ZERO if kind == "d" else INSTANT_ZERO
    return whole


def or_none(values: list[int]) -> list[int | None]:
    """A column in which NOTHING stands for null."""
    return [None if value == NOTHING else value for value in values]


def _copy(query: str) -> bytes:
    with db.raw_connection().cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as out:
        return b"".join(bytes(block) for block in out)


# --- adding up --------------------------------------------------------------------------------------------


def sums(keys: Sequence[Whole], amounts: Whole) -> tuple[list[Whole], Whole]:
    """The amounts added up by key, in the order of the keys, without those that come to nothing.

    Raises OverflowError where a sum might not fit 64 bits.
    """
    if np.abs(amounts.astype(float)).sum() >= 2.0**62:
        raise OverflowError("these amounts are too large to be added up")
    if not len(amounts):
        return [column[:0] for column in keys], amounts
    order, starts = _groups(keys)
    totals = np.add.reduceat(amounts[order], starts)
    left = totals != 0
    places = order[starts[left]]
    return [column[places] for column in keys], totals[left]


def distinct(keys: Sequence[Whole]) -> tuple[list[Whole], Whole]:
    """Each key once, in order, and for each row the place of its key."""
    order, starts = _groups(keys)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    return [column[order[starts]] for column in keys], places


def _groups(keys: Sequence[Whole]) -> tuple[Whole, Whole]:
    """The places of the rows in the order of their keys, and where in that order another key begins."""
    words = _packed(keys)
    order = np.lexsort(words[::-1]) if len(words) > 1 else np.argsort(words[0], kind="stable")
    begins = np.zeros(len(order), dtype=bool)
    begins[:1] = True
    for word in words:
        ordered = word[order]
        begins[1:] |= ordered[1:] != ordered[:-1]
    return order, np.flatnonzero(begins)


def _packed(columns: Sequence[Whole]) -> list[Whole]:
    """Columns in as few words as hold them: equal words are equal rows, and words sort as the columns would."""
    words = [np.zeros(len(columns[0]), dtype=np.int64)]
    room = WORD
    for column in columns:
        lowest = int(column.min())
        bits = (int(column.max()) - lowest).bit_length()
        assert bits <= WORD, "the numbers of a key lie too far apart"
        if room >= bits:
            words[-1] = (words[-1] << bits) | (column - lowest)
        else:
            words.append(column - lowest)
            room = WORD
        room -= bits
    return words


# --- writing ----------------------------------------------------------------------------------------------


def whole_rows(rows: Iterable[Sequence[int]], width: int) -> Whole:
    """Rows of whole numbers as columns: one line of the answer for each."""
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64).reshape(-1, width).T


TYPE_NAMES = {
    "h": "smallint",
    "n": "int",
    "d": "date",
    "i": "bigint",
    "t": "timestamptz",
    "k": "uuid",
    "c": "char(3)",
}


def copy_aside(name: str, columns: Sequence[tuple[str, str]], blocks: Iterable[bytes]) -> str:
    """COPY blocks of rows into this connection's temporary table of that name, which lasts as long as the transaction.

    `columns`: name and letter of each (see `read_table`). Each block may be worked out while the server takes the last.
    """
    definition = ", ".join(f"{column} {TYPE_NAMES[kind]}" for column, kind in columns)
    db.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {name} ({definition}) ON COMMIT DELETE ROWS;"  # noqa: S608
        f" DELETE FROM pg_temp.{name}"  # left by an earlier batch of this transaction
    )
    with db.raw_connection().cursor().copy(f"COPY pg_temp.{name} FROM STDIN (FORMAT binary)") as sink:
        sink.write(HEADER)
        for block in blocks:
            sink.write(block)
        sink.write(TRAILER)
    return f"pg_temp.{name}"


def block_of(columns: Sequence[tuple[str, str]], table: Sequence[NDArray[Any]]) -> bytes:
    """Columns as rows in COPY's binary format."""
    rows = np.empty(len(table[0]), dtype=_shape("".join(kind for _, kind in columns)))
    rows["n"] = len(columns)
    zero = {"d": DAY_ZERO, "t": INSTANT_ZERO}
    for position, (_, kind) in enumerate(columns):
        rows[f"l{position}"] = SIZES[kind]
        rows[f"c{position}"] = table[position] - zero[kind] if kind in zero else table[position]
    return rows.tobytes()
