"""Many rows at once, as columns, in PostgreSQL's binary formats: numpy puts them together and takes them apart.

A window of a hundred thousand moves is so read, and its differences written, in little more time than its rows take to
leave and to enter the database.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

import numpy as np
import psycopg
from django.db import connection

HEADER, TRAILER = 19, 2  # bytes of COPY's binary format around the rows
NOTHING = -(2**62)  # stands for null in a column of whole numbers; select it by OR_NOTHING
OR_NOTHING = f"coalesce({{}}, {NOTHING})::bigint"

SIZES = {"i": 8, "k": 16, "c": 3}  # a bigint, a uuid, a char(3)
TYPES = {"i": ">i8", "k": "V16", "c": "S3"}


def read_columns(query: str, kinds: str) -> list[list[Any]]:
    """The columns of a query without parameters. `kinds`: a letter for each, i bigint, k uuid (as bytes), c char(3).

    The query may hold numbers and days that are written by us only, never text of a user.
    """
    fields: list[tuple[str, str]] = [("n", ">i2")]
    for position, kind in enumerate(kinds):
        fields += [(f"l{position}", ">i4"), (f"c{position}", TYPES[kind])]
    data = _copy(query)
    row_bytes = 2 + sum(4 + SIZES[kind] for kind in kinds)
    rows, rest = divmod(len(data) - HEADER - TRAILER, row_bytes)
    assert not rest, "a column was null or not as long as it was said to be"
    table = np.frombuffer(data, dtype=np.dtype(fields), count=rows, offset=HEADER)
    return [table[f"c{position}"].tolist() for position in range(len(kinds))]


def or_none(values: list[int]) -> list[int | None]:
    """A column in which NOTHING stands for null."""
    return [None if value == NOTHING else value for value in values]


def _copy(query: str) -> bytes:
    connection.ensure_connection()
    pg = cast("psycopg.Connection[Any]", connection.connection)
    with pg.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as out:
        return b"".join(bytes(block) for block in out)


# --- writing ----------------------------------------------------------------------------------------------

BIGINT, BIGINT_ARRAY = 20, 1016  # type numbers of PostgreSQL
FEW = 32  # columns of so few rows are printed: that is faster than numpy's start


class BigintArray:
    """A bigint[] as PostgreSQL receives it: dimensions, flags, element type, length, lower bound; then each element."""

    __slots__ = ("data",)

    def __init__(self, values: "np.ndarray[Any, np.dtype[np.int64]]") -> None:
        head = np.array([1, 0, BIGINT, len(values), 1], dtype=">i4").tobytes()
        elements = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">i8")])
        elements["length"] = 8
        elements["value"] = values
        self.data = head + elements.tobytes()


class _Dumper(psycopg.adapt.Dumper):
    format = psycopg.pq.Format.BINARY
    oid = BIGINT_ARRAY

    def dump(self, obj: BigintArray) -> bytes:
        return obj.data


psycopg.adapters.register_dumper(BigintArray, _Dumper)


def whole_numbers(columns: Sequence[Sequence[int]]) -> BigintArray | str:
    """All columns in one array, one after the other, without nulls."""
    if not columns or not columns[0]:
        return "{}"
    if len(columns[0]) <= FEW:
        return "{" + repr(list(map(int, chain.from_iterable(columns))))[1:-1] + "}"
    return BigintArray(np.array(columns, dtype=np.int64).ravel())
