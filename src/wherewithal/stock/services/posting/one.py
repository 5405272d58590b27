"""A plain move by itself: what the two functions of sql/one_move.sql are told, each thing once and as plain text."""

import datetime

from wherewithal.kit import db
from wherewithal.kit.copy_text import free_text, row_array
from wherewithal.stock.services.planning.values import EPOCH, MICROSECOND
from wherewithal.stock.services.posting.entries import ValueTuple
from wherewithal.stock.services.posting.write import NO_ROWS, RATES, Batch, snapshot_rows


def _call(function: str, types: str) -> str:
    """A call with so many parameters of these types."""
    casts = (f"${number}::{name}" for number, name in enumerate(types.split(), 1))
    return f"SELECT {function}({', '.join(casts)})"


_BEGIN = _call(
    "stock_begin_one",
    "int bigint text bytea bigint text"  # company, batch, key, hash, actor, source
    " bigint text text text int timestamptz text"  # document, kind, number, reference, party, instant, note
    " bigint int int int int bigint date smallint uuid smallint bigint text"  # move, item, from, to, ours, ...
    " timestamptz",  # the item's latest instant
)
_POST = _call(
    "stock_post_one",
    "int bigint timestamptz bigint text text bigint"  # company, batch, recorded, actor, source, reference, entry
    " int int int bigint smallint int int bigint bigint date date"  # book, item, scope, move, role, debit, credit, ...
    " date bigint bigint bytea bytea",  # the pool: day, quantity, value, state, before
)
_FIRST_OF_MONTH = "SELECT stock_write('{}', '{}', '{}', '{}', '{}', $1::stock_cost_snapshot[], '{}', '{}')"


def begin_one(batch: Batch, place: int) -> None:
    """The batch, its document and its move, on their way behind what was asked to be held. `place`: ours of its two."""
    (document,), (move,), ((_, latest),) = batch.documents, batch.moves, batch.locks
    draft = document.draft
    latest_at = "-infinity" if latest is None else (EPOCH + latest * MICROSECOND).isoformat()
    db.start(
        _BEGIN,
        (str(batch.company_id), str(batch.batch_id), batch.idempotency_key, _bytes(batch.request_hash),
         _text(batch.actor_id), batch.source,
         str(document.document_id), str(draft.kind), free_text("number", document.number),
         free_text("reference", draft.reference), _text(draft.party_id), draft.effective_at.isoformat(),
         free_text("note", draft.note),
         str(move.move_id), str(move.item_id), str(move.from_location_id), str(move.to_location_id), str(place),
         str(move.qty), _day(move.day), str(move.phase), move.key.hex(), f"{move.kind:d}", _text(move.amount), move.currency,
         latest_at),
    )  # fmt: skip
    batch.begun = batch.by_itself = True


def post_one(batch: Batch, *, last: bool) -> None:
    """The value of the move in each book, the pool after it and the entry. `last`: the transaction ends here."""
    if batch.blocks or sorted([value[0] for value in batch.values]) != sorted(
        [book for book, _ in batch.states]
    ):
        raise db.Widen("worth several values: that is not for the door of a single move")
    *others, final = [
        _told(batch, value) for value in sorted(batch.values)
    ]  # heads of chains are locked in this order
    db.insert_rows("stock_document_rate", RATES, batch.rates)
    snapshots = row_array(snapshot_rows(batch))
    if snapshots != NO_ROWS:
        db.start(_FIRST_OF_MONTH, (snapshots,))
    for told in others:
        db.start(_POST, told)
    db.call(_POST, final, last=last)


def _told(batch: Batch, value: ValueTuple) -> tuple[str | None, ...]:
    book, item, scope, lot, move, cause, role, debit, credit, amount, stock_amount, day, posting, number = (
        value
    )
    entry_id, pool = batch.entry_of[number], batch.states.get((book, (scope, item, lot)))
    if entry_id is None or pool is None or cause != move:
        raise db.Widen("worth what another move says: that is not for the door of a single move")
    return (
        str(batch.company_id), str(batch.batch_id), batch.recorded_at.isoformat(), _text(batch.actor_id), batch.source,
        batch.reference, str(entry_id),
        str(book), str(item), str(scope), str(move), str(role), str(debit), str(credit), str(amount), str(stock_amount),
        _day(day), _day(posting),
        _day(pool.day), str(pool.qty), str(pool.value), _bytes(pool.state),
        None if pool.before is None else _bytes(pool.before),
    )  # fmt: skip


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _bytes(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _day(ordinal: int) -> str:
    return datetime.date.fromordinal(ordinal).isoformat()
