"""Whole numbers by the hundred thousand: numpy columns to and from PostgreSQL, in the binary notation of COPY.

No Python object is made for any of them. All columns are bigint, and none of the numbers is null.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection

Ints = npt.NDArray[np.int64]

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_ROWS = 50_000  # per block that is handed to the driver


def read_columns(sql: str, count: int, params: Mapping[str, Any]) -> Ints:
    """What a query answers, column by column: `count` rows of the array, each a column of bigint without nulls."""
    with (
        _connection().cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT BINARY)", params) as source,
    ):
        data = b"".join(source)
    table = np.frombuffer(data[len(_HEADER) : -len(_END)], dtype=_row(count))
    assert all((table[f"size{at}"] == 8).all() for at in range(count)), "a column is null or no bigint"
    return np.array([table[f"value{at}"] for at in range(count)], dtype=np.int64).reshape(count, len(table))


def copy_aside(name: str, columns: Sequence[str], values: Ints) -> str:
    """COPY columns into this connection's temporary table of that name, which is empty again at the end of the
    transaction; what to call it in a query."""
    assert connection.in_atomic_block, "the rows of a temporary table last as long as the transaction"
    definition = ", ".join(f"{column} bigint" for column in columns)
    with _connection().cursor() as cursor:
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


def _connection() -> "psycopg.Connection[Any]":
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)
