"""Whole numbers by the hundred thousand: numpy columns to and from PostgreSQL, in the binary notation of COPY.

No Python object is made for any of them. All columns are bigint, and none of the numbers is null.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

from wherewithal.kit import db

Ints = npt.NDArray[np.int64]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_ITEM = np.dtype([("size", ">i4"), ("value", ">i8")])
_ARRAY_HEADER = 20
_ROWS = 50_000  # per block that is handed to the driver


def read_columns(sql: str, names: Sequence[str], params: Mapping[str, Any]) -> Ints:
    """What a query answers under these names, column by column: each a row of the array."""
    picked = ", ".join(f"array_send(array_agg({name}))" for name in names)
    with psycopg.Cursor(db.raw_connection()) as cursor:
        cursor.execute(f"SELECT {picked} FROM ({sql}) AS q ({', '.join(names)})", params, binary=True)  # noqa: S608
        found = cursor.fetchone()
    assert found is not None, "an aggregate has a row"
    if found[0] is None:
        return np.empty((len(names), 0), dtype=np.int64)
    return np.array([_items(data) for data in found], dtype=np.int64)


def _items(data: bytes) -> Ints:
    """The numbers of an array as PostgreSQL sends it: its header, then the size of each and itself."""
    items = np.frombuffer(data, dtype=_ITEM, offset=_ARRAY_HEADER)
    assert (items["size"] == _ITEM["value"].itemsize).all(), "a column is null or no bigint"
    return items["value"].astype(np.int64)


def copy_aside(name: str, columns: Sequence[str], values: Ints) -> str:
    """COPY columns into this connection's temporary table of that name, which is empty again at the end of the
    transaction; what to call it in a query."""
    assert connection.in_atomic_block, "the rows of a temporary table last as long as the transaction"
    definition = ", ".join(f"{column} bigint" for column in columns)
    with db.raw_connection().cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({definition}) ON COMMIT DELETE ROWS")
        cursor.execute(f"DELETE FROM pg_temp.{name}")  # noqa: S608 - left by an earlier batch of this transaction
        with cursor.copy(f"COPY pg_temp.{name} FROM STDIN (FORMAT BINARY)") as sink:
            sink.write(_HEADER)
            for start in range(0, values.shape[1], _ROWS):
                sink.write(_block(values[:, start : start + _ROWS]))
            sink.write(_END)
    return f"pg_temp.{name}"


def _block(values: Ints) -> bytes:
    count, rows = values.shape
    table = np.empty(rows, dtype=_row(count))
    table["fields"] = count
    for at in range(count):
        table[f"size{at}"] = 8
        table[f"value{at}"] = values[at]
    return table.tobytes()


def _row(count: int) -> "np.dtype[np.void]":
    """A row of so many numbers: how many, then for each its size in bytes and itself."""
    return np.dtype(
        [
            ("fields", ">i2"),
            *(part for at in range(count) for part in ((f"size{at}", ">i4"), (f"value{at}", ">i8"))),
        ]
    )
