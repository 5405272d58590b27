"""The two statements that write a batch: the facts; then value, all that is derived from them, and the entries.

Every part travels as an array of its table's own rows, which stock_write() inserts as they are (sql/write.sql). Rows are
texts with the columns in the table's order; instants and days are printed once each, for they repeat.
"""

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wherewithal.core.costing.facts import PoolKey
from wherewithal.kit import db
from wherewithal.kit.copy_text import bytes_in_row, row_array, text_in_row
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.values import EntryDraft
from wherewithal.stock.drafts import DocumentDraft
from wherewithal.stock.services.planning.values import EPOCH, MICROSECOND, PlannedCost, PlannedMove
from wherewithal.stock.services.posting.columns import (
    NOTHING,
    TYPE_NAMES,
    Whole,
    block_of,
    copy_aside,
    whole_rows,
)
from wherewithal.stock.services.posting.entries import ValueTuple

RATES = (
    ("company_id", "int"),
    ("document_id", "bigint"),
    ("currency", "text"),
    ("to_currency", "text"),
    ("rate", "numeric"),
)
COSTS = (
    ("company_id", "int"),
    ("cost_id", "bigint"),
    ("move_id", "bigint"),
    ("item_id", "int"),
    ("effective_on", "date"),
    ("kind", "smallint"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("batch_id", "bigint"),
    ("document_id", "bigint"),
    ("recorded_at", "timestamptz"),
    ("book_id", "int"),
)
MANY_VALUES = 500  # moves or values: above this they go by column, moves through a temporary table
IN_FLIGHT = 3_000  # values: up to here they follow the moves at once, as arrays; more as moves do
NO_CURRENCY = "---"
MOVES = (
    ("move_id", "i"),
    ("document_id", "i"),
    ("event_id", "i"),
    ("line_no", "n"),
    ("item_id", "n"),
    ("from_location_id", "n"),
    ("to_location_id", "n"),
    ("lot_id", "i"),
    ("qty", "i"),
    ("effective_at", "t"),
    ("effective_on", "d"),
    ("phase", "h"),
    ("kind", "h"),
    ("of_move_id", "i"),
    ("amount", "i"),
    ("share", "i"),
    ("key", "k"),
    ("currency", "c"),
)
"""Name and letter (see `columns.read_table`) of what is written of a PlannedMove."""
VALUES = (
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
LINES_TOGETHER = 20_000  # of entries that go in the same statement
BLOCK_ROWS = 1_000  # moves that are worked out while the server takes those before


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


@dataclass(frozen=True, slots=True)
class DocumentToWrite:
    """A document with its number and the moves that it owns."""

    document_id: int
    draft: DocumentDraft
    number: str
    first_move_id: int | None
    move_count: int


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
    documents: Sequence[DocumentToWrite] = ()
    rates: Sequence[tuple[Any, ...]] = ()
    moves: Sequence[PlannedMove] = ()
    costs: Sequence[tuple[Any, ...]] = ()
    values: list[ValueTuple] = field(default_factory=list)
    blocks: list[Whole] = field(default_factory=list)  # more values, column by column
    entry_of: Mapping[int, int | None] = field(default_factory=dict)  # number of an entry -> its id
    states: dict[Key, StateToWrite] = field(default_factory=dict)
    snapshots: list[tuple[int, int, PoolKey, bytes]] = field(default_factory=list)  # day, book, pool, state
    locks: Sequence[tuple[int, int | None]] = ()
    edges: Sequence[tuple[int, int, int]] = ()
    meanwhile: Callable[[], None] | None = None  # called while the server inserts many values
    aside: str = ""  # the table where its moves lie already, while its documents are written or on their way
    begun: bool = False  # itself, its documents and its moves are written or on their way
    by_itself: bool = False  # begun by `one.begin_one`


def cost_row(batch: Batch, cost: PlannedCost, cost_id: int, document_id: int) -> tuple[Any, ...]:
    """A row of COSTS."""
    of = cost.original
    day = datetime.date.fromordinal(of.day)
    return (batch.company_id, cost_id, of.move_id, of.item_id, day, int(cost.kind), cost.amount, cost.currency,
            batch.batch_id, document_id, batch.recorded_at, cost.book_id)  # fmt: skip


def write(
    batch: Batch, entries: Sequence[EntryDraft], entry_ids: Sequence[int], *, last: bool = False
) -> None:
    """All that is not written yet in one flight, the entries at its end. `last`: the transaction ends here."""
    show = _Shown()
    if not batch.begun:
        begin(batch)
    if len(batch.values) + sum(block.shape[1] for block in batch.blocks) > MANY_VALUES:
        _write_values_aside(batch)
        _write_states(batch)
        values = states = NO_ROWS
        if batch.meanwhile is not None:
            batch.meanwhile()
    else:
        batch.values += [row for block in batch.blocks for row in zip(*block.tolist(), strict=True)]
        values, states = row_array(_value_rows(batch, show)), row_array(_state_rows(batch, show))
    db.insert_rows("stock_document_rate", RATES, batch.rates)
    db.insert_rows("stock_move_cost", COSTS, batch.costs)
    together = sum(len(entry.lines) for entry in entries) <= LINES_TOGETHER
    now = (entries, entry_ids) if together else ((), ())
    posted = ledger_services.entry_rows(batch.company_id, *now)
    db.call(
        _REST,
        (
            values,
            states,
            row_array(snapshot_rows(batch)),
            row_array(_lock_rows(batch, show)),
            row_array(f"{batch.company_id},{a},{b},{show.day(day)}" for a, b, day in batch.edges),
            *posted,
        ),
        last=last and together,
    )
    if not together:
        ledger_services.post(company_id=batch.company_id, entries=entries)


def begin(batch: Batch, *, early: bool = False) -> None:
    """What needs no value: the batch itself, its documents and its moves, which the server inserts and checks while the
    caller goes on. `early`: a small batch, right behind what it asked to hold, which says when it was recorded."""
    many = len(batch.moves) > MANY_VALUES
    recorded = "" if early else batch.recorded_at.isoformat()
    documents = NO_ROWS if batch.aside else row_array(_document_rows(batch))
    moves = NO_ROWS if many else row_array(_move_rows(batch, _Shown(), recorded))
    statement = _EARLY_FACTS if early else _FACTS
    db.start(statement, (row_array((_batch_row(batch, recorded),)), documents, moves))
    if many:
        _write_moves_aside(batch)
    batch.begun = True


NO_ROWS = "{}"
_FACTS = "SELECT stock_write($1::stock_batch[], $2::stock_document[], $3::stock_move[], '{}', '{}', '{}', '{}', '{}')"
_EARLY_FACTS = "SELECT stock_begin($1::stock_batch[], $2::stock_document[], $3::stock_move[])"
_REST = (
    "SELECT stock_write('{}', '{}', '{}', $1::stock_value[], $2::stock_cost_state[], $3::stock_cost_snapshot[],"
    " $4::stock_item_lock[], $5::stock_cost_edge[]), " + ledger_services.POSTING.format("$6", "$7")
)


def send_ahead(batch: Batch) -> None:
    """What of a large batch needs not even the batch: the moves aside, and the documents on their way."""
    if len(batch.moves) > MANY_VALUES:
        batch.aside = copy_aside("stock_move_load", MOVES, _move_blocks(batch.moves))
        db.start(_FACTS, (NO_ROWS, row_array(_document_rows(batch)), NO_ROWS))


def _write_moves_aside(batch: Batch) -> None:
    """Moves by the thousand: through a temporary table in PostgreSQL's binary format they take the least time."""
    source = batch.aside or copy_aside("stock_move_load", MOVES, _move_blocks(batch.moves))
    picked = _picked(MOVES, {"of_move_id", "amount", "share"})
    picked["currency"] = f"nullif(currency, '{NO_CURRENCY}')"
    _insert_from(batch, "stock_move", picked, source)


def _move_blocks(moves: Sequence[PlannedMove]) -> Iterator[bytes]:
    for start in range(0, len(moves), BLOCK_ROWS):
        yield _move_block(moves[start : start + BLOCK_ROWS])


def _move_block(moves: Sequence[PlannedMove]) -> bytes:
    whole = whole_rows(
        [
            (m.move_id, m.document_id, m.event_id, m.line_no, m.item_id, m.from_location_id, m.to_location_id, m.lot_id,
             m.qty, m.at, m.day, m.phase, m.kind, NOTHING if m.of_move_id is None else m.of_move_id,
             NOTHING if m.amount is None else m.amount, NOTHING if m.share is None else m.share)
            for m in moves
        ],
        len(MOVES) - 2,
    )  # fmt: skip
    keys = np.frombuffer(b"".join([m.key for m in moves]), dtype="V16")
    currencies = np.array([m.currency or NO_CURRENCY for m in moves], dtype="S3")
    return block_of(MOVES, [*whole, keys, currencies])


def _write_values_aside(batch: Batch) -> None:
    """The same with values."""
    blocks = [*batch.blocks, whole_rows(batch.values, len(VALUES))] if batch.values else batch.blocks
    if not blocks:
        return
    table = np.concatenate(blocks, axis=1)
    entry_ids = np.full(max(batch.entry_of) + 1, NOTHING)
    for number, entry_id in batch.entry_of.items():
        entry_ids[number] = NOTHING if entry_id is None else entry_id
    table[-1] = entry_ids[table[-1]]
    if table.shape[1] <= IN_FLIGHT:
        _insert_arrays(batch, table)
        return
    block = block_of(VALUES, list(table))  # now: the first statement waits for what the server has to do
    source = copy_aside("stock_value_load", VALUES, [block])
    _insert_from(batch, "stock_value", _picked(VALUES, {"entry_id"}), source)


def _insert_arrays(batch: Batch, table: Whole) -> None:
    """Send values to where they belong, behind what is under way. Days travel as ordinals."""
    picked = _picked(VALUES, {"entry_id"})
    picked |= {name: f"date '0001-01-01' + ({name} - 1)" for name, kind in VALUES if kind == "d"}
    arrays = ", ".join(
        f"${number}::{TYPE_NAMES['n' if kind == 'd' else kind]}[]"
        for number, (_, kind) in enumerate(VALUES, start=4)
    )
    source = f"unnest({arrays}) AS r ({', '.join(picked)})"
    _insert_from(
        batch,
        "stock_value",
        picked,
        source,
        ["{" + ",".join(map(str, column)) + "}" for column in table.tolist()],
    )


def _write_states(batch: Batch) -> None:
    """Send the states of pools: their bytes in one piece, since inside rows of an array they take five times as long."""
    rows, pieces, start = [], [], 1
    for (book, (scope, item, lot)), s in batch.states.items():
        before = b"" if s.before is None else s.before
        rest = -1 if s.before is None else len(before)
        rows.append((item, book, scope, lot, s.day, s.qty, s.value, start, len(s.state), rest))
        pieces += [s.state, before]
        start += len(s.state) + len(before)
    if rows:
        arrays = ["{" + ",".join(map(str, column)) + "}" for column in zip(*rows, strict=True)]
        db.start(_STATES, (str(batch.company_id), "\\x" + b"".join(pieces).hex(), *arrays))


_STATES = """
    INSERT INTO stock_cost_state
    SELECT $1::int, r.item, r.book, r.scope, r.lot, date '0001-01-01' + (r.day - 1), r.qty, r.value,
           substr(b.bytes, r.start, r.size),
           CASE WHEN r.rest >= 0 THEN substr(b.bytes, r.start + r.size, r.rest) END
    FROM (SELECT $2::bytea AS bytes) b
    CROSS JOIN unnest($3::int[], $4::int[], $5::int[], $6::bigint[], $7::int[], $8::bigint[], $9::bigint[],
                      $10::int[], $11::int[], $12::int[])
        AS r (item, book, scope, lot, day, qty, value, start, size, rest)
    ON CONFLICT (company_id, item_id, book_id, scope_id, lot_id) DO UPDATE
    SET day = excluded.day, qty = excluded.qty, value = excluded.value, state = excluded.state, before = excluded.before
"""


def _picked(columns: Sequence[tuple[str, str]], maybe: Collection[str]) -> dict[str, str]:
    """What is selected for each column; in `maybe` columns NOTHING stands for null."""
    return {name: f"nullif({name}, {NOTHING})" if name in maybe else name for name, _ in columns}


def _insert_from(
    batch: Batch, target: str, picked: Mapping[str, str], source: str, arrays: Sequence[str] = ()
) -> None:
    """Send rows to where they belong."""
    db.start(
        f"INSERT INTO {target} (company_id, batch_id, recorded_at, {', '.join(picked)})"  # noqa: S608 - fixed texts
        f" SELECT $1::int, $2::bigint, $3::timestamptz, {', '.join(picked.values())} FROM {source}",
        (str(batch.company_id), str(batch.batch_id), batch.recorded_at.isoformat(), *arrays),
    )


class _Shown:
    """Days and instants as PostgreSQL reads them, each printed once."""

    def __init__(self) -> None:
        self._days: dict[int, str] = {}
        self._instants: dict[int, str] = {}

    def day(self, ordinal: int) -> str:
        found = self._days.get(ordinal)
        if found is None:
            found = self._days[ordinal] = datetime.date.fromordinal(ordinal).isoformat()
        return found

    def instant(self, at: int) -> str:
        found = self._instants.get(at)
        if found is None:
            found = self._instants[at] = (EPOCH + at * MICROSECOND).isoformat()
        return found


def _or_nothing(value: object) -> str:
    return "" if value is None else str(value)


def _batch_row(b: Batch, recorded: str) -> str:
    key, source = text_in_row("idempotency_key", b.idempotency_key), text_in_row("source", b.source)
    return (
        f"{b.company_id},{b.batch_id},{key},{bytes_in_row(b.request_hash)},{recorded},"
        f"{_or_nothing(b.actor_id)},{source}"
    )


def _document_rows(batch: Batch) -> Iterator[str]:
    for row, document in enumerate(batch.documents):
        draft = document.draft
        yield (
            f"{batch.company_id},{document.document_id},{batch.batch_id},{draft.kind},"
            f"{text_in_row('number', document.number, row)},{text_in_row('reference', draft.reference, row)},"
            f"{_or_nothing(draft.party_id)},{draft.effective_at.isoformat()},{text_in_row('note', draft.note, row)},"
            f"{_or_nothing(document.first_move_id)},{document.move_count},{_or_nothing(draft.of_document_id)}"
        )


def _move_rows(batch: Batch, show: _Shown, recorded: str) -> Iterator[str]:
    company, batch_id = batch.company_id, batch.batch_id
    instant, day = show.instant, show.day
    for m in batch.moves:
        yield (
            f"{company},{m.move_id},{batch_id},{m.document_id},{m.event_id},{m.line_no},{m.item_id},"
            f"{m.from_location_id},{m.to_location_id},{m.lot_id},{m.qty},{instant(m.at)},{day(m.day)},{m.phase},"
            f"{m.key.hex()},{m.kind:d},{'' if m.of_move_id is None else m.of_move_id},"
            f"{'' if m.amount is None else m.amount},{m.currency or ''},{'' if m.share is None else m.share},{recorded}"
        )


def _value_rows(batch: Batch, show: _Shown) -> Iterator[str]:
    start, end = f"{batch.company_id},", f",{batch.batch_id},{batch.recorded_at.isoformat()}"
    day, entry_of = show.day, {number: _or_nothing(entry) for number, entry in batch.entry_of.items()}
    for row in batch.values:
        yield f"{start}{','.join(map(str, row[:11]))},{day(row[11])},{day(row[12])},{entry_of[row[13]]}{end}"


def _state_rows(batch: Batch, show: _Shown) -> Iterator[str]:
    for (book, (scope, item, lot)), s in batch.states.items():
        yield (
            f"{batch.company_id},{item},{book},{scope},{lot},{show.day(s.day)},{s.qty},{s.value},"
            f"{bytes_in_row(s.state)},{bytes_in_row(s.before)}"
        )


def snapshot_rows(batch: Batch) -> Iterator[str]:
    """Rows of stock_cost_snapshot."""
    show = _Shown()
    for day, book, (scope, item, lot), state in batch.snapshots:
        yield f"{batch.company_id},{item},{show.day(day)},{book},{scope},{lot},{bytes_in_row(state)}"


def _lock_rows(batch: Batch, show: _Shown) -> Iterator[str]:
    recorded = batch.recorded_at.isoformat()
    for item, last_at in batch.locks:
        yield f"{batch.company_id},{item},{'-infinity' if last_at is None else show.instant(last_at)},{recorded}"
