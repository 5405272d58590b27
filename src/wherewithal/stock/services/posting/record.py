"""The one door for goods: a list of documents goes in, whole or not at all, with the value of every move."""

import contextlib
import datetime
import hashlib
import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import repeat

import psycopg
from django.db import connection

from wherewithal.core.costing.state import StateError
from wherewithal.core.words import say
from wherewithal.items import services as items_services
from wherewithal.items.values import LotDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock.drafts import (
    BatchResult,
    DocumentDraft,
    DocumentKind,
    DocumentResult,
    MoveKind,
)
from wherewithal.stock.services.context import Context
from wherewithal.stock.services.planning.documents import plan_documents
from wherewithal.stock.services.planning.values import HELD, Originals, Plan
from wherewithal.stock.services.posting import allowance, load
from wherewithal.stock.services.posting.ahead import Prepared, named, said_by
from wherewithal.stock.services.posting.batch import (
    Ready,
    Request,
    direct_items,
    first_day,
    foresee,
    hold,
    post_plan,
)
from wherewithal.stock.services.posting.collecting import without_collecting
from wherewithal.stock.services.posting.errors import explained, is_ours, with_lots
from wherewithal.stock.services.posting.locks import Held
from wherewithal.stock.services.posting.masters import Masters, glance, masters_in_memory, masters_of

LONGEST_KEY = 255
LARGEST_BATCH = 100_000  # lines
LARGE_BATCH = 500
INCOMING = frozenset(
    {
        MoveKind.OPENING,
        MoveKind.RECEIPT,
        MoveKind.DROPSHIP,
        MoveKind.OUTPUT,
        MoveKind.ADJUSTMENT,
        MoveKind.RETURN_FROM_CUSTOMER,
    }
)
KEY_IN_USE = "stock_batch_company_id_idempotency_key_key"
PARTY = "stock_document_party"


def record(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    documents: Sequence[DocumentDraft],
    recorded_at: datetime.datetime | None = None,
    source: str = "stock",
    prepared: Prepared | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> BatchResult:
    """Record what happened, all of it or nothing, and post what it means in every book.

    The same key with the same documents gives the first answer again; with others it is a Conflict. `recorded_at`
    (imports of history, simulations) is when we learnt it; by default the database's clock. Refused names every
    fault with its row: the document's or line's own `row`, else its position among all lines of the batch.

    `prepared`: the same batch as far as it was planned ahead. `meanwhile` is called, perhaps more than once, while the
    server writes a large batch: the time to `prepare` the next.
    """
    if not 1 <= len(idempotency_key) <= LONGEST_KEY:
        raise refuse(
            "idempotency_key",
            "length",
            say("The key must have 1 to {longest_key} characters.", longest_key=LONGEST_KEY),
        )
    if not idempotency_key.isprintable():
        raise refuse("idempotency_key", "printable", say("The key has no control characters."))
    if not documents:
        raise refuse("documents", "required", say("Give at least one document."))
    if sum(len(document.lines) for document in documents) > LARGEST_BATCH:
        raise refuse(
            "documents",
            "size",
            say("A batch has at most {largest_batch} lines: give several.", largest_batch=LARGEST_BATCH),
        )
    request = Request(company_id, actor_id, idempotency_key, documents, recorded_at, source, meanwhile)

    attempts = itertools.count()

    def work() -> BatchResult:
        careful = inside or next(attempts) > 0
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            return _record(request, prepared, careful=careful)

    inside = connection.in_atomic_block
    with without_collecting() if request.lines > LARGE_BATCH else contextlib.nullcontext():
        return work() if inside else db.run_retrying(work)


def request_hash(documents: Sequence[DocumentDraft], prepared: Prepared | None = None) -> bytes:
    """Equal documents, equal hash."""
    digest = hashlib.sha256()
    said = repeat(b"") if prepared is None else prepared.said
    for document, before in zip(documents, said, strict=False):
        digest.update(before or said_by(document))
    return digest.digest()


def _record(request: Request, prepared: Prepared | None, *, careful: bool) -> BatchResult:
    """In a transaction. Masters come from memory; `careful`: only after a look at their version. Without it, `hold`
    finds out whether they were old, and then everything is done again with care."""
    company_id = request.company_id
    originals = load.load_originals(company_id, request.documents)
    if prepared is not None and not prepared.fits(request.idempotency_key, request.documents):
        prepared = None
    items, places = _named(request, originals, prepared)
    masters = None if careful else masters_in_memory(company_id, items, places)
    if masters is None:
        seen = glance(company_id, request.idempotency_key, items)
        if seen.batch is not None:
            return _first_answer(request, seen.batch)
        masters = masters_of(company_id, seen.version, items, places)
        masters.last_at.update(seen.last_at)
    foreseen = foresee(request, masters, items)
    hashed = cache(partial(request_hash, request.documents, prepared))
    if foreseen is not None and foreseen.ids is not None:
        hashed()  # while the locks are taken; for a large batch there is a better time
    request.hashed, request.careful = hashed, careful
    plan = _plan(request, masters, originals, prepared)
    if plan.problems:
        seen = glance(company_id, request.idempotency_key, items)
        if seen.batch is not None:
            return _first_answer(request, seen.batch)
        if seen.version != masters.version:
            raise db.Widen("masters have changed")
        raise Refused(with_lots(company_id, plan))
    _find_lots(masters.context, plan)
    held, begun = hold(request, masters, plan, direct_items(plan, originals), foreseen)
    if held.earlier is not None:
        return _first_answer(request, held.earlier)
    return _post(request, masters, plan, held, begun)


def _plan(request: Request, masters: Masters, originals: Originals, prepared: Prepared | None) -> Plan:
    key, documents = request.idempotency_key, request.documents
    if prepared is None or prepared.masters is not masters:
        return plan_documents(masters.context, documents, originals, key)
    prepared.used = True
    return plan_documents(masters.context, prepared.rest(documents), originals, key, ahead=prepared.plan)


def _post(request: Request, masters: Masters, plan: Plan, held: Held, begun: Ready | None) -> BatchResult:
    allowances = _may_have_allowances(masters, plan)
    try:
        result = post_plan(request, masters, plan, held, begun, last=not allowances)
    except (StateError, psycopg.errors.NumericValueOutOfRange) as error:
        message = say(
            "That is more than can be kept: a value of more than 18 digits. Check quantity, cost and rate."
        )
        raise refuse("amount", "size", message) from error
    except psycopg.errors.ForeignKeyViolation as error:
        if error.diag.constraint_name == PARTY:
            raise refuse("party_id", "exists", say("Name a party of this company.")) from error
        raise
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.UniqueViolation) and error.diag.constraint_name == KEY_IN_USE:
            raise db.Widen("the same request was under way elsewhere: its answer is there now") from error
        if is_ours(error):
            raise explained(error, masters.context, plan.moves) from error
        raise
    return _with_allowances(request, result, held.items) if allowances else result


def _first_answer(request: Request, batch_id: int) -> BatchResult:
    """The answer that was given to this key before."""
    batch = db.fetch_one(
        "SELECT request_hash, recorded_at FROM stock_batch WHERE company_id = %s AND batch_id = %s",
        (request.company_id, batch_id),
    )
    assert batch is not None, "batches are never removed"
    first_hash, recorded_at = batch
    if bytes(first_hash) != request_hash(request.documents):
        message = say("This key was used for other documents: take a new key for a new request.")
        raise Conflict(Problem("idempotency_key", "same_request", message, value=request.idempotency_key))
    documents = db.fetch_all(
        "SELECT document_id, kind, number, first_move_id, move_count FROM stock_document"
        " WHERE company_id = %s AND batch_id = %s ORDER BY document_id",
        (request.company_id, batch_id),
    )
    results = (
        DocumentResult(
            document_id, DocumentKind(kind), number, tuple(range(first or 0, (first or 0) + count))
        )
        for document_id, kind, number, first, count in documents
    )
    entry_ids = ledger_queries.entry_ids_of_batch(request.company_id, batch_id)
    entry_ids += allowance.entries_of(request.company_id, _allowance_key(batch_id))
    return BatchResult(batch_id, recorded_at, tuple(results), tuple(entry_ids), repeated=True)


def _allowance_key(batch_id: int) -> str:
    return f"batch {batch_id}"


def _may_have_allowances(masters: Masters, plan: Plan) -> bool:
    if masters.nrv_until is None:
        return False
    return masters.nrv_until >= datetime.date.fromordinal(first_day(masters.context, plan))


def _with_allowances(request: Request, result: BatchResult, items: Collection[int]) -> BatchResult:
    """Allowances for net realisable value follow the cost that they are measured by."""
    more = allowance.reassess(
        company_id=request.company_id,
        actor_id=request.actor_id,
        key=_allowance_key(result.batch_id),
        recorded_at=result.recorded_at,
        items=items,
    )
    return replace(result, entry_ids=(*result.entry_ids, *more))


def _named(request: Request, originals: Originals, prepared: Prepared | None) -> tuple[set[int], set[int]]:
    """The items and places that the documents and the moves they correct name."""
    items, places = named(request.documents if prepared is None else prepared.rest(request.documents))
    if prepared is not None:
        items |= prepared.items
        places |= prepared.places
    for original in originals.moves.values():
        items.add(original.item_id)
        places |= {original.from_location_id, original.to_location_id}
    return items, places


def _find_lots(context: Context, plan: Plan) -> None:
    """Ids for the lots that are named by code; those that come in for the first time are made."""
    named = [move for move in plan.moves if move.lot_code is not None and not move.lot_id]
    counts = [count for count in plan.counts if count.lot_code is not None and not count.lot_id]
    if not named and not counts:
        return
    wanted = {
        (m.item_id, str(m.lot_code)): LotDraft(m.item_id, str(m.lot_code), expires_on=m.expires_on)
        for m in named
        if m.kind in INCOMING and context.places[m.to_location_id].type in HELD
    }
    wanted |= {
        (c.item_id, str(c.lot_code)): LotDraft(c.item_id, str(c.lot_code), expires_on=c.draft.expires_on)
        for c in counts
    }
    found = (
        items_services.ensure_lots(company_id=context.company_id, lots=list(wanted.values()))
        if wanted
        else {}
    )
    others = {(m.item_id, str(m.lot_code)) for m in named} - found.keys()
    found |= load.lot_ids(context.company_id, others)
    for move in named:
        lot_id = found.get((move.item_id, str(move.lot_code)))
        if lot_id is None:
            sku = context.items[move.item_id].sku
            message = say(
                "{sku} has no lot or serial {lot_code}: name one that was received.",
                sku=sku,
                lot_code=move.lot_code,
            )
            plan.problems.append(Problem("lot_code", "exists", message, move.row, move.lot_code))
        else:
            move.lot_id = lot_id
    for count in counts:
        count.lot_id = found[count.item_id, str(count.lot_code)]
    if plan.problems:
        raise Refused(plan.problems)
