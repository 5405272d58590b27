"""The one statement that writes a batch: facts, value, and all that is derived from them, through stock_write().

Rows travel as array literals, one per column. Almost all columns are whole numbers (instants as microseconds, days as
ordinals), which Python prints as fast as it can; stock_write() turns them into instants and days.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherewithal.core.costing.facts import PoolKey
from wherewithal.kit import db
from wherewithal.kit.copy_text import array_columns
from wherewithal.stock.services.planning.values import PlannedCost, PlannedMove
from wherewithal.stock.services.posting.entries import ValueTuple

Columns = Sequence[tuple[str, str]]

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
    ("at", "bigint"),
    ("day", "int"),
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
    ("day", "int"),
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
    ("day", "int"),
    ("posting_day", "int"),
    ("entry_id", "bigint"),
)
STATES: Columns = (
    ("item_id", "int"),
    ("book_id", "int"),
    ("scope_id", "int"),
    ("lot_id", "bigint"),
    ("day", "int"),
    ("qty", "bigint"),
    ("value", "bigint"),
    ("state", "bytea"),
    ("before", "bytea"),
)
SNAPSHOTS: Columns = (
    ("item_id", "int"),
    ("day", "int"),
    ("book_id", "int"),
    ("scope_id", "int"),
    ("lot_id", "bigint"),
    ("state", "bytea"),
)
LOCKS: Columns = (("item_id", "int"), ("last_at", "bigint"))
EDGES: Columns = (("from_item_id", "int"), ("to_item_id", "int"), ("day", "int"))
PARTS: Sequence[Columns] = (DOCUMENTS, RATES, MOVES, COSTS, VALUES, STATES, SNAPSHOTS, LOCKS, EDGES)

ROLE = [name for name, _ in VALUES].index("role")

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
    entry_of: dict[int, int | None] = field(default_factory=dict)  # number of an entry -> its id
    states: list[tuple[Any, ...]] = field(default_factory=list)
    snapshots: list[tuple[Any, ...]] = field(default_factory=list)
    locks: list[tuple[int, int | None]] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)


def cost_row(cost: PlannedCost, cost_id: int, document_id: int) -> tuple[Any, ...]:
    of = cost.original
    return (cost_id, of.move_id, of.item_id, of.day, int(cost.kind), cost.amount, cost.currency, document_id)


def state_rows(states: Mapping[Key, StateToWrite]) -> list[tuple[Any, ...]]:
    return [
        (item, book_id, scope, lot, s.day, s.qty, s.value, s.state, s.before)
        for (book_id, (scope, item, lot)), s in states.items()
    ]


def write(batch: Batch) -> None:
    """Everything in one statement."""
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
            *_texts(DOCUMENTS, batch.documents),
            *_texts(RATES, batch.rates),
            *_moves(batch.moves),
            *_texts(COSTS, batch.costs),
            *_values(batch.values, batch.entry_of),
            *_texts(STATES, batch.states),
            *_texts(SNAPSHOTS, batch.snapshots),
            *_whole(LOCKS, batch.locks),
            *_whole(EDGES, batch.edges),
        ],
    )


def _texts(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> list[str]:
    return array_columns(columns, rows) if rows else ["{}"] * len(columns)


def _ints(values: Iterable[int | None]) -> str:
    """An array literal of whole numbers and nulls, the way Python prints a list."""
    return "{" + repr(list(values))[1:-1].replace("None", "NULL") + "}"


def _whole(columns: Columns, rows: Sequence[tuple[int | None, ...]]) -> list[str]:
    if not rows:
        return ["{}"] * len(columns)
    return [_ints(column) for column in zip(*rows, strict=True)]


def _moves(moves: Sequence[PlannedMove]) -> list[str]:
    """Currencies are three letters and keys hexadecimal: neither needs quotes."""
    return [
        _ints([m.move_id for m in moves]),
        _ints([m.document_id for m in moves]),
        _ints([m.event_id for m in moves]),
        _ints([m.line_no for m in moves]),
        _ints([m.item_id for m in moves]),
        _ints([m.from_location_id for m in moves]),
        _ints([m.to_location_id for m in moves]),
        _ints([m.lot_id for m in moves]),
        _ints([m.qty for m in moves]),
        _ints([m.at for m in moves]),
        _ints([m.day for m in moves]),
        _ints([m.phase for m in moves]),
        "{" + ",".join([m.key.hex() for m in moves]) + "}",
        _ints([int(m.kind) for m in moves]),
        _ints([m.of_move_id for m in moves]),
        _ints([m.amount for m in moves]),
        "{" + ",".join([m.currency or "NULL" for m in moves]) + "}",
        _ints([m.share for m in moves]),
    ]


def _values(values: Sequence[ValueTuple], entry_of: Mapping[int, int | None]) -> list[str]:
    if not values:
        return ["{}"] * len(VALUES)
    *columns, numbers = zip(*values, strict=True)
    columns[ROLE] = tuple(map(int, columns[ROLE]))  # a Role prints as its name
    return [*(_ints(column) for column in columns), _ints([entry_of[number] for number in numbers])]


def _placeholders() -> str:
    head = "%s::int, %s::bigint, %s::text, %s::bytea, %s::timestamptz, %s::bigint, %s::text, %s::bigint[]"
    arrays = (f"%s::{sql_type}[]" for columns in PARTS for _, sql_type in columns)
    return ", ".join((head, *arrays))


_STATEMENT = f"SELECT stock_write({_placeholders()})"
