"""The one statement that writes a batch: facts, value, and all that is derived from them, through stock_write().

Almost all columns are whole numbers (instants as microseconds, days as ordinals): those of a part travel as one array,
column after column, which Python prints as fast as it can. stock_write() cuts it up and turns them into instants and
days. The order of the columns is that of the tuples below and in sql/write.sql.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from wherewithal.core.costing.facts import PoolKey
from wherewithal.kit import db
from wherewithal.kit.copy_text import array_columns
from wherewithal.stock.services.planning.values import PlannedCost, PlannedMove
from wherewithal.stock.services.posting.columns import (
    NOTHING,
    BigintArray,
    Whole,
    copy_aside,
    whole_numbers,
    whole_rows,
)
from wherewithal.stock.services.posting.entries import ValueTuple

Columns = Sequence[tuple[str, str]]

DOCUMENT_TEXTS: Columns = (("kind", "text"), ("number", "text"), ("reference", "text"), ("note", "text"))
RATE_TEXTS: Columns = (("currency", "text"), ("to_currency", "text"), ("rate", "numeric"))
STATE_BYTES: Columns = (("state", "bytea"), ("before", "bytea"))
SNAPSHOT_BYTES: Columns = (("state", "bytea"),)
CURRENCY: Columns = (("currency", "text"),)
MANY_VALUES = 10_000  # above this, values go through a temporary table
VALUES: Columns = (
    ("book_id", "n"),
    ("item_id", "n"),
    ("scope_id", "n"),
    ("lot_id", "i"),
    ("move_id", "i"),
    ("cause_id", "i"),
    ("role", "h"),
    ("debit_account_id", "n"),
    ("credit_account_id", "n"),
    ("amount", "i"),
    ("stock_amount", "i"),
    ("effective_on", "d"),
    ("posting_on", "d"),
    ("entry_id", "i"),
)
"""Name and letter (see `columns.read_table`) of what a ValueTuple has."""


def internal_key(name: str) -> str:
    """The idempotency key of a batch that the program makes itself: callers' keys are printable, this is not."""
    return f"\x01{name}"


Key = tuple[int, PoolKey]
"""(book, pool)"""


@dataclass(slots=True)
class StateToWrite:
    """A pool as it is at the end of the batch; `day` as an ordinal."""

    day: int
    qty: int
    value: int
    state: bytes
    before: bytes | None


@dataclass(slots=True)
class Batch:
    """All rows of a batch."""

    company_id: int
    batch_id: int
    idempotency_key: str
    request_hash: bytes
    recorded_at: datetime.datetime
    actor_id: int | None
    source: str
    reference: str = ""
    entry_ids: Sequence[int] = ()
    documents: list[tuple[Any, ...]] = field(default_factory=list)
    rates: list[tuple[Any, ...]] = field(default_factory=list)
    moves: Sequence[PlannedMove] = ()
    costs: list[tuple[Any, ...]] = field(default_factory=list)
    values: list[ValueTuple] = field(default_factory=list)
    blocks: list[Whole] = field(default_factory=list)  # more values, column by column
    entry_of: dict[int, int | None] = field(default_factory=dict)  # number of an entry -> its id
    states: list[tuple[Any, ...]] = field(default_factory=list)
    snapshots: list[tuple[Any, ...]] = field(default_factory=list)
    locks: list[tuple[int, int | None]] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)


def cost_row(cost: PlannedCost, cost_id: int, document_id: int) -> tuple[Any, ...]:
    of = cost.original
    return (cost_id, of.move_id, of.item_id, of.day, int(cost.kind), cost.amount, document_id, cost.currency)


def state_rows(states: Mapping[Key, StateToWrite]) -> list[tuple[Any, ...]]:
    return [
        (item, book_id, scope, lot, s.day, s.qty, s.value, s.state, s.before)
        for (book_id, (scope, item, lot)), s in states.items()
    ]


def write(batch: Batch) -> None:
    """Everything in one statement; the values of large replays in another."""
    table = _table(batch) if batch.blocks else None
    aside = table is not None and table.shape[1] > MANY_VALUES
    db.fetch_one(
        _STATEMENT,
        [
            batch.company_id,
            batch.batch_id,
            batch.idempotency_key,
            batch.request_hash,
            batch.recorded_at,
            batch.actor_id,
            batch.source,
            _ints(batch.entry_ids),
            *_mixed(batch.documents, DOCUMENT_TEXTS),
            *_mixed(batch.rates, RATE_TEXTS),
            *_moves(batch.moves),
            *_mixed(batch.costs, CURRENCY),
            _values(batch.values, batch.entry_of)
            if table is None
            else "{}"
            if aside
            else BigintArray(table.ravel()),
            *_mixed(batch.states, STATE_BYTES),
            *_mixed(batch.snapshots, SNAPSHOT_BYTES),
            _whole(batch.locks),
            _whole(batch.edges),
        ],
    )
    if table is not None and aside:
        _write_aside(batch, table)


def _table(batch: Batch) -> Whole:
    """All values as columns, with the ids of their entries."""
    blocks = [*batch.blocks, whole_rows(batch.values, len(VALUES))] if batch.values else batch.blocks
    table = np.concatenate(blocks, axis=1)
    ids = np.full(max(batch.entry_of) + 1, NOTHING)
    for number, entry_id in batch.entry_of.items():
        ids[number] = NOTHING if entry_id is None else entry_id
    table[-1] = ids[table[-1]]
    return table


def _write_aside(batch: Batch, table: Whole) -> None:
    """Values by the hundred thousand: through a temporary table they take half the time."""
    names = ", ".join(name for name, _ in VALUES[:-1])
    source = copy_aside("stock_value_load", VALUES, table)
    db.execute(
        f"INSERT INTO stock_value (company_id, batch_id, recorded_at, {names}, entry_id)"  # noqa: S608 - fixed texts
        f" SELECT %s, %s, %s, {names}, nullif(entry_id, {NOTHING}) FROM {source}",
        (batch.company_id, batch.batch_id, batch.recorded_at),
    )


def _ints(values: Iterable[int | None]) -> str:
    """An array literal of whole numbers and nulls, the way Python prints a list."""
    return "{" + repr(list(values))[1:-1].replace("None", "NULL") + "}"


def _whole(rows: Sequence[tuple[int | None, ...]]) -> str:
    """All columns of rows of whole numbers in one array, one column after the other."""
    return _ints(chain.from_iterable(zip(*rows, strict=True)))


def _mixed(rows: Sequence[tuple[Any, ...]], texts: Columns) -> list[str]:
    """Rows whose last columns are not numbers: one array of all numbers, then one array for each of those."""
    if not rows:
        return ["{}"] * (len(texts) + 1)
    cut = len(texts)
    return [_whole([row[:-cut] for row in rows]), *array_columns(texts, [row[-cut:] for row in rows])]


def _moves(moves: Sequence[PlannedMove]) -> list[BigintArray | str]:
    """Currencies are three letters and keys hexadecimal: neither needs quotes. What has no value is NOTHING."""
    columns = (
        [m.move_id for m in moves],
        [m.document_id for m in moves],
        [m.event_id for m in moves],
        [m.line_no for m in moves],
        [m.item_id for m in moves],
        [m.from_location_id for m in moves],
        [m.to_location_id for m in moves],
        [m.lot_id for m in moves],
        [m.qty for m in moves],
        [m.at for m in moves],
        [m.day for m in moves],
        [m.phase for m in moves],
        [int(m.kind) for m in moves],
        [NOTHING if m.of_move_id is None else m.of_move_id for m in moves],
        [NOTHING if m.amount is None else m.amount for m in moves],
        [NOTHING if m.share is None else m.share for m in moves],
    )
    return [
        whole_numbers(columns),
        "{" + ",".join([m.key.hex() for m in moves]) + "}",
        "{" + ",".join([m.currency or "NULL" for m in moves]) + "}",
    ]


def _values(values: Sequence[ValueTuple], entry_of: Mapping[int, int | None]) -> BigintArray | str:
    if not values:
        return "{}"
    *columns, numbers = zip(*values, strict=True)
    ids = {number: NOTHING if entry_id is None else entry_id for number, entry_id in entry_of.items()}
    return whole_numbers([*columns, [ids[number] for number in numbers]])


_STATEMENT = (
    "SELECT stock_write(%s::int, %s::bigint, %s::text, %s::bytea, %s::timestamptz, %s::bigint, %s::text, %s::bigint[],"
    " %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::bigint[], %s::text[], %s::text[], %s::numeric[],"
    " %s::bigint[], %s::uuid[], %s::text[],"
    " %s::bigint[], %s::text[],"
    " %s::bigint[],"
    " %s::bigint[], %s::bytea[], %s::bytea[],"
    " %s::bigint[], %s::bytea[],"
    " %s::bigint[], %s::bigint[])"
)
