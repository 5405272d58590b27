"""The one statement that writes a batch: facts, value, and all that is derived from them, through stock_write()."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherewithal.core.costing.facts import PoolKey
from wherewithal.kit import db
from wherewithal.kit.copy_text import array_columns
from wherewithal.stock.services.planning.values import PlannedCost, PlannedMove
from wherewithal.stock.services.posting.entries import ValueToWrite

Columns = Sequence[tuple[str, str]]
UNTIL_COPY = 20_000  # rows; above this the arrays are cut into several statements

DOCUMENTS: Columns = (
    ("document_id", "bigint"),
    ("kind", "text"),
    ("number", "text"),
    ("reference", "text"),
    ("party_id", "int"),
    ("effective_at", "timestamptz"),
    ("note", "text"),
    ("first_move_id", "bigint"),
    ("move_count", "int"),
    ("of_document_id", "bigint"),
)
RATES: Columns = (
    ("document_id", "bigint"),
    ("currency", "text"),
    ("to_currency", "text"),
    ("rate", "numeric"),
)
MOVES: Columns = (
    ("move_id", "bigint"),
    ("document_id", "bigint"),
    ("event_id", "bigint"),
    ("line_no", "int"),
    ("item_id", "int"),
    ("from_location_id", "int"),
    ("to_location_id", "int"),
    ("lot_id", "bigint"),
    ("qty", "bigint"),
    ("effective_at", "timestamptz"),
    ("effective_on", "date"),
    ("phase", "smallint"),
    ("key", "uuid"),
    ("kind", "smallint"),
    ("of_move_id", "bigint"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("share", "bigint"),
)
COSTS: Columns = (
    ("cost_id", "bigint"),
    ("move_id", "bigint"),
    ("item_id", "int"),
    ("effective_on", "date"),
    ("kind", "smallint"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("document_id", "bigint"),
)
VALUES: Columns = (
    ("book_id", "int"),
    ("item_id", "int"),
    ("scope_id", "int"),
    ("lot_id", "bigint"),
    ("move_id", "bigint"),
    ("cause_id", "bigint"),
    ("role", "smallint"),
    ("debit_account_id", "int"),
    ("credit_account_id", "int"),
    ("amount", "bigint"),
    ("stock_amount", "bigint"),
    ("effective_on", "date"),
    ("posting_on", "date"),
    ("entry_id", "bigint"),
)
STATES: Columns = (
    ("item_id", "int"),
    ("book_id", "int"),
    ("scope_id", "int"),
    ("lot_id", "bigint"),
    ("day", "date"),
    ("qty", "bigint"),
    ("value", "bigint"),
    ("state", "bytea"),
    ("before", "bytea"),
)
SNAPSHOTS: Columns = (
    ("item_id", "int"),
    ("day", "date"),
    ("book_id", "int"),
    ("scope_id", "int"),
    ("lot_id", "bigint"),
    ("state", "bytea"),
)
LOCKS: Columns = (("item_id", "int"), ("last_at", "timestamptz"))
EDGES: Columns = (("from_item_id", "int"), ("to_item_id", "int"), ("last_on", "date"))
PARTS: Sequence[tuple[str, Columns]] = (
    ("documents", DOCUMENTS),
    ("rates", RATES),
    ("moves", MOVES),
    ("costs", COSTS),
    ("vals", VALUES),
    ("states", STATES),
    ("snapshots", SNAPSHOTS),
    ("locks", LOCKS),
    ("edges", EDGES),
)

Key = tuple[int, PoolKey]
"""(book, pool)"""


@dataclass(slots=True)
class StateToWrite:
    """A pool as it is at the end of the batch. None: it holds nothing and remembers nothing, drop its row."""

    day: datetime.date
    qty: int
    value: int
    state: bytes
    before: bytes | None


@dataclass(slots=True)
class Batch:
    """All rows of a batch, as tuples in the order of the columns above."""

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
    moves: list[tuple[Any, ...]] = field(default_factory=list)
    costs: list[tuple[Any, ...]] = field(default_factory=list)
    vals: list[tuple[Any, ...]] = field(default_factory=list)
    states: list[tuple[Any, ...]] = field(default_factory=list)
    snapshots: list[tuple[Any, ...]] = field(default_factory=list)
    locks: list[tuple[Any, ...]] = field(default_factory=list)
    edges: list[tuple[Any, ...]] = field(default_factory=list)


def move_row(move: PlannedMove, document_id: int) -> tuple[Any, ...]:
    return (
        move.move_id,
        document_id,
        move.event_id,
        move.line_no,
        move.item_id,
        move.from_location_id,
        move.to_location_id,
        move.lot_id,
        move.qty,
        move.at,
        move.on,
        move.phase,
        f"{move.key:032x}",
        move.kind,
        move.of_move_id,
        move.amount,
        move.currency,
        move.share,
    )


def cost_row(cost: PlannedCost, cost_id: int, document_id: int) -> tuple[Any, ...]:
    of = cost.original
    return (cost_id, of.move_id, of.item_id, of.on, cost.kind, cost.amount, cost.currency, document_id)


def value_row(value: ValueToWrite, entry_ids: Sequence[int]) -> tuple[Any, ...]:
    move_id, cause_id, role, scope, item, lot, _, debit, credit = value.key
    return (
        value.book_id,
        item,
        scope,
        lot,
        move_id,
        cause_id,
        role,
        debit,
        credit,
        value.amount,
        value.stock_amount,
        value.effective_on,
        value.posting_on,
        entry_ids[value.entry_no - 1] if value.entry_no else None,
    )


def state_rows(states: Mapping[Key, StateToWrite]) -> list[tuple[Any, ...]]:
    return [
        (item, book_id, scope, lot, s.day, s.qty, s.value, s.state, s.before)
        for (book_id, (scope, item, lot)), s in states.items()
    ]


def write(batch: Batch) -> None:
    """Everything in one statement; above some 20,000 rows a part, values and moves in several."""
    arrays: list[Any] = []
    for name, columns in PARTS:
        rows = getattr(batch, name)
        arrays += array_columns(columns, rows) if rows else ["{}"] * len(columns)
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
            list(batch.entry_ids),
            *arrays,
        ],
    )


def _placeholders() -> str:
    head = "%s::int, %s::bigint, %s::text, %s::bytea, %s::timestamptz, %s::bigint, %s::text, %s::bigint[]"
    arrays = (f"%s::{sql_type}[]" for _, columns in PARTS for _, sql_type in columns)
    return ", ".join((head, *arrays))


_STATEMENT = f"SELECT stock_write({_placeholders()})"
