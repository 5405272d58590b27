"""A planned batch, held, valued and written: lock, look, decide, write, post."""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from wherewithal.core.costing import window
from wherewithal.core.costing.facts import Method
from wherewithal.core.costing.order import INTERNAL_PHASE
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, DocumentResult, MoveKind
from wherewithal.stock.services.context import Context
from wherewithal.stock.services.planning.planner import FIRST_YEAR, LAST_YEAR
from wherewithal.stock.services.planning.values import (
    EPOCH,
    HELD,
    ROUTES,
    Originals,
    Plan,
    PlannedMove,
    microseconds,
)
from wherewithal.stock.services.posting.book import Change, post_books, read_ahead
from wherewithal.stock.services.posting.checks import check_future, check_state, fulfil_claims
from wherewithal.stock.services.posting.decide import Decision, month_start
from wherewithal.stock.services.posting.entries import Postings, drafts_of
from wherewithal.stock.services.posting.facts import Reader, cost_fact_of
from wherewithal.stock.services.posting.load import Pools, ids, load_internal_at
from wherewithal.stock.services.posting.locks import (
    LONG_AGO,
    Held,
    Wanted,
    ask_for,
    closure,
    hold_items,
    ids_in_hand,
    keep_in_hand,
    peek,
)
from wherewithal.stock.services.posting.masters import Masters, know
from wherewithal.stock.services.posting.one import begin_one, post_one
from wherewithal.stock.services.posting.rates import captured_rates
from wherewithal.stock.services.posting.write import (
    Batch,
    DocumentToWrite,
    begin,
    cost_row,
    send_ahead,
    write,
)

NUMBER_PREFIX: Mapping[DocumentKind, str] = {
    DocumentKind.OPENING: "OS",
    DocumentKind.RECEIPT: "RC",
    DocumentKind.ISSUE: "IS",
    DocumentKind.DROPSHIP: "DS",
    DocumentKind.TRANSFER: "TR",
    DocumentKind.DISPATCH: "DP",
    DocumentKind.ARRIVAL: "AR",
    DocumentKind.ADJUSTMENT: "AD",
    DocumentKind.SCRAP: "SC",
    DocumentKind.RETURN_TO_SUPPLIER: "RS",
    DocumentKind.RETURN_FROM_CUSTOMER: "RT",
    DocumentKind.PRODUCTION: "PR",
    DocumentKind.AMENDMENT: "AM",
    DocumentKind.REVERSAL: "RV",
    DocumentKind.LANDED_COST: "LC",
    DocumentKind.PRICE_CORRECTION: "PC",
}
MANY_LOTS = 5_000  # above this, all pools of the items are read
IDS_AHEAD = 32  # are taken with those of a small batch, for the next ones of this connection
FEW_LINES = 100  # up to here it pays to have the locks taken while the lines are planned
PLAIN = frozenset(ROUTES) - {DocumentKind.RETURN_TO_SUPPLIER, DocumentKind.RETURN_FROM_CUSTOMER}
"""Documents with a move for each line, but for lines of serials."""
NEVER = 2**63
CORRECTIONS = frozenset({MoveKind.AMENDMENT, MoveKind.REVERSAL})
ONE_VALUE = frozenset({Method.FIFO, Method.LIFO, Method.AVERAGE})
"""Methods by which a move in or out has one value, unless it settles a shortage."""


@dataclass(slots=True)
class Request:
    """What the caller of `record` asked for."""

    company_id: int
    actor_id: int | None
    idempotency_key: str
    documents: Sequence[DocumentDraft]
    recorded_at: datetime.datetime | None
    source: str
    meanwhile: Callable[[], None] | None = None  # what the caller does while the server writes
    hashed: Callable[[], bytes] = bytes  # the hash of the documents, worked out once
    careful: bool = False  # not the first attempt

    @property
    def lines(self) -> int:
        return sum(len(document.lines) for document in self.documents)


@dataclass(slots=True)
class Ready:
    """A batch with its ids, its documents and its moves, what costing hears of, and what is answered. All that is missing in
    the change is what is read under the locks."""

    given: "Ids"
    batch: Batch
    change: Change
    results: tuple[DocumentResult, ...]


def post_plan(
    request: Request, masters: Masters, plan: Plan, held: Held, begun: Ready | None, *, last: bool
) -> BatchResult:
    """Everything after the locks, in the caller's transaction. `begun`: its facts are under way. `last`: it ends here."""
    context = masters.context
    recorded_at = _recorded_at(request, held)
    if begun is None and request.lines > FEW_LINES and _reads_nothing(masters, plan, held):
        begun = _begin_large(request, masters, plan, held)
    if begun is None:
        check_state(context, request.documents, plan, recorded_at)
    else:  # it is so plain that nothing but its time is left to be looked at
        check_future(request.documents, plan, recorded_at)
    given = _take_ids(request, plan, held) if begun is None else begun.given
    rates = captured_rates(context, request.documents, plan, given.documents)
    fulfil_claims(context, plan, actor_id=request.actor_id, now=recorded_at)
    if plan.problems:
        raise Refused(plan.problems)
    ready = begun or _ready(
        masters, plan, given, _batch(request, masters, plan, given, held.items), held.items
    )
    batch, change = ready.batch, ready.change
    batch.recorded_at, batch.request_hash = recorded_at, request.hashed()
    change.last_at, change.pools, change.rates = held.last_at, held.pools, rates
    batch.rates = [(request.company_id, *key, rate) for key, rate in rates.items()]
    batch.costs = [
        cost_row(batch, cost, cost_id, given.documents[cost.document_no])
        for cost, cost_id in zip(plan.costs, given.costs, strict=True)
    ]
    postings = Postings()
    all_read = partial(begin, batch) if begun is None else None
    decisions = (
        post_books(change, context.books, postings, all_read=all_read) if change.facts or change.costs else []
    )
    entry_ids = write_decisions(batch, decisions, postings, held.items, held.entry_ids, last=last)
    return BatchResult(given.batch_id, recorded_at, ready.results, tuple(entry_ids))


def write_decisions(
    batch: Batch,
    decisions: Sequence[Decision],
    postings: Postings,
    held: Collection[int],
    reserved: Sequence[int] = (),
    *,
    last: bool = False,
) -> list[int]:
    """Write a batch with what its books decided, and post the entries; their ids. The chain's head is taken last.
    `last`: the transaction ends with it."""
    entries = postings.entries()
    entry_ids = list(reserved[: len(entries)])
    if len(entry_ids) < len(entries):
        entry_ids += db.reserve_ids("ledger_entry_id_seq", len(entries) - len(entry_ids))
    batch.values, batch.blocks = postings.values, postings.blocks
    batch.entry_of = dict.fromkeys(group.number for group in postings.groups) | {
        entry.number: entry_id for entry, entry_id in zip(entries, entry_ids, strict=True)
    }
    for decision in decisions:
        book_id = decision.book.book_id
        batch.states |= {(book_id, key): row for key, row in decision.states.items()}
        batch.snapshots += [(day, book_id, key, data) for (key, day), data in decision.snapshots.items()]
        _forget(batch.company_id, decision, held)
    if batch.by_itself and batch.values:
        post_one(batch, last=last)
        return entry_ids
    drafts = drafts_of(
        entries,
        entry_ids,
        recorded_at=batch.recorded_at,
        source=batch.source,
        batch_id=batch.batch_id,
        actor_id=batch.actor_id,
        reference=batch.reference,
    )
    write(batch, drafts, entry_ids, last=last)
    return entry_ids


def _forget(company_id: int, decision: Decision, held: Collection[int]) -> None:
    """Snapshots that a replay made stale, and pools that turned out never to have been touched."""
    if decision.since is None:
        return
    db.execute(
        "DELETE FROM stock_cost_snapshot WHERE company_id = %s AND item_id = ANY (%s::int[]) AND day >= %s AND book_id = %s",
        (company_id, ids(held), datetime.date.fromordinal(decision.since), decision.book.book_id),
    )
    for scope, item, lot in decision.gone:
        db.execute(
            "DELETE FROM stock_cost_state WHERE company_id = %s AND item_id = %s AND book_id = %s AND scope_id = %s"
            " AND lot_id = %s",
            (company_id, item, decision.book.book_id, scope, lot),
        )


# --- what to hold -----------------------------------------------------------------------------------------


def direct_items(plan: Plan, originals: Originals) -> set[int]:
    """Items whose facts this batch adds to, with all legs of the events it corrects."""
    items = {move.item_id for move in plan.moves} | {count.item_id for count in plan.counts}
    items |= {cost.original.item_id for cost in plan.costs}
    return items | {original.item_id for original in originals.moves.values()}


def first_day(context: Context, plan: Plan) -> int:
    """The earliest day that the batch changes, as an ordinal."""
    days = {move.day for move in plan.moves} | {cost.original.day for cost in plan.costs}
    return min(days | {context.day(count.at).toordinal() for count in plan.counts})


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is being held already, for a batch that needs so many ids; those that were in hand (None: too few were)."""

    wanted: Wanted
    needed: int
    ids: range | None


def foresee(request: Request, masters: Masters, items: Collection[int]) -> Foreseen | None:
    """Ask already for what `hold` will ask, where the documents alone tell what that is, so that the server takes the
    locks while they are planned. If they turn out to need something else, `hold` asks again."""
    if masters.periodic:
        return None
    if request.lines > FEW_LINES:
        return _foresee_large(request, masters, items)
    lots: set[int] = set()
    days: set[int] = set()
    looks_plain = request.recorded_at is None
    for document in request.documents:
        at = document.effective_at
        if document.kind not in PLAIN or at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
            return None
        instant = microseconds(at)
        days.add(masters.context.day(at).toordinal())
        for line in document.lines:
            if line.lot_code is not None or instant <= masters.last_at.get(line.item_id, instant):
                return None
            if line.lot_id:
                lots.add(line.lot_id)
            looks_plain &= line.lot_id is line.reservation_id is None
    if not days or not items:
        return None
    needed = _ids_needed(request, request.lines)
    ids = ids_in_hand(needed)
    asked = needed + IDS_AHEAD if ids is None else 0
    key = None if looks_plain and ids is not None else request.idempotency_key
    wanted = _wanted(request, masters, items, key=key, lots=lots, first=min(days), days=len(days), ids=asked)
    return Foreseen(wanted, needed, ids) if ask_for(wanted) else None


def _foresee_large(request: Request, masters: Masters, items: Collection[int]) -> Foreseen | None:
    """The same of a large batch, by fewer looks: where all of it is later than all that is known of its items."""
    known, context = masters.last_at, masters.context
    latest = max((known.get(item, NEVER) for item in items), default=NEVER)
    lots: set[int | None] = set()
    days: set[int] = set()
    for document in request.documents:
        at = document.effective_at
        if document.kind not in PLAIN or at.tzinfo is None or not FIRST_YEAR <= at.year <= LAST_YEAR:
            return None
        if microseconds(at) <= latest or any(line.lot_code is not None for line in document.lines):
            return None
        days.add(context.day(at).toordinal())
        lots.update([line.lot_id for line in document.lines])
    needed, first = _ids_needed(request, request.lines), min(days)
    wanted = _wanted(
        request,
        masters,
        items,
        key=request.idempotency_key,
        lots=[lot for lot in lots if lot],
        first=first,
        days=len(days),
        ids=needed,
    )
    return Foreseen(wanted, needed, None) if ask_for(wanted) else None


def _wanted(
    request: Request,
    masters: Masters,
    items: Collection[int],
    *,
    key: str | None,
    lots: Collection[int],
    first: int,
    days: int,
    ids: int,
    late: bool = False,
) -> Wanted:
    """`first`: the earliest day that changes; `days`: how many have entries."""
    all_lots = late or len(lots) > MANY_LOTS or any(masters.last_policy(item).day > first for item in items)
    books = masters.context.books
    return Wanted(
        request.company_id,
        key,
        [book.book_id for book in books],
        items,
        None if all_lots else lots,
        ids,
        days * len(books),
    )


def hold(
    request: Request, masters: Masters, plan: Plan, direct: set[int], foreseen: Foreseen | None
) -> tuple[Held, Ready | None]:
    """Hold all items that may be recomputed: the batch's own, and for a change of the past all that hangs on them.

    What has to be held is guessed before the first lock, from the latest instants that are known, and looked at again
    after it, in a new statement: if it is more, or if masters changed, the whole transaction starts again (rare).

    Where just that is being held already, and nothing but the time is missing for the facts of the batch, these are begun
    before the answer is waited for, so that the server has something to do while it is read.
    """
    context = masters.context
    unseen = {
        item for item in direct if item not in masters.last_at
    }  # a difference of keys would walk all of them
    if unseen:
        masters.last_at.update(peek(context.company_id, unseen))
    late = masters.periodic or _is_late(plan, masters.last_at)
    items = _affected(masters, plan, direct) if late else direct
    needed = 0 if plan.counts or originals_named(plan) else _ids_of_plan(request, plan)
    early = foreseen is not None and foreseen.ids is not None and not late and _is_plain(request, plan)
    wanted = _wanted(
        request,
        masters,
        items,
        key=None if early else request.idempotency_key,
        lots={move.lot_id for move in plan.moves if move.lot_id},
        first=first_day(context, plan),
        days=len({move.day for move in plan.moves}),
        ids=foreseen.wanted.ids if foreseen is not None and foreseen.needed == needed else needed,
        late=late,
    )
    in_hand = foreseen.ids if foreseen is not None and foreseen.wanted == wanted else None
    begun = None
    if early and in_hand is not None:
        given = _split(request, plan, in_hand)
        batch = _batch(request, masters, plan, given, items)
        batch.request_hash = request.hashed()
        place = _by_itself(request, masters, plan)
        if place is None:
            begin(batch, early=True)
        else:
            begin_one(batch, place)
        begun = _ready(masters, plan, given, batch, items)
        read_ahead(begun.change)
    held = hold_items(wanted)
    if in_hand is not None:
        held.first_id = in_hand.start
    elif held.first_id is not None and wanted.ids > needed:
        keep_in_hand(range(held.first_id + needed, held.first_id + wanted.ids))
    if held.earlier is not None:
        return held, None
    masters.last_at.update(held.last_at)
    if held.version != masters.version:
        raise db.Widen("masters have changed")
    if not late and _is_late(plan, held.last_at):
        raise db.Widen("others were quicker: this is now a change of the past")
    if late and not _affected(masters, plan, direct) <= items:
        raise db.Widen("what hangs on these items has grown")
    know(masters, items)
    return held, begun


def _begin_large(request: Request, masters: Masters, plan: Plan, held: Held) -> Ready:
    """A large batch that is held: the server takes and inserts its facts while the rest is worked out."""
    given = _take_ids(request, plan, held)
    batch = _batch(request, masters, plan, given, held.items)
    batch.recorded_at = _recorded_at(request, held)
    send_ahead(batch)
    batch.request_hash = request.hashed()
    begin(batch)
    ready = _ready(masters, plan, given, batch, held.items)
    read_ahead(ready.change)
    return ready


def _reads_nothing(masters: Masters, plan: Plan, held: Held) -> bool:
    """Whether these facts are appended and nothing more is read for it: that would wait until they are inserted."""
    currencies = {move.currency for move in plan.moves} - {None}
    return not (
        masters.periodic
        or plan.counts
        or _is_late(plan, held.last_at)  # not what other threads have seen meanwhile
        or any(book.currency != currency for book in masters.context.books for currency in currencies)
        or any(
            m.lot_id or m.phase == INTERNAL_PHASE or m.of_move_id is not None or m.reservation_id is not None
            for m in plan.moves
        )
    )


def _is_plain(request: Request, plan: Plan) -> bool:
    """Whether nothing that is read under the lock can change the facts of this batch, or refuse them, but the database."""
    return request.recorded_at is None and not any(
        move.lot_id or move.reservation_id is not None or move.of_move_id is not None for move in plan.moves
    )


def _by_itself(request: Request, masters: Masters, plan: Plan) -> int | None:
    """Our place, if this is one move in or out, by methods that give it one value in each book, at the first attempt: what
    sql/one_move.sql is for."""
    context = masters.context
    if request.careful or not len(plan.moves) == len(request.documents) == 1:
        return None
    move = plan.moves[0]
    item = context.items[move.item_id]
    if any(masters.policies.of(book.book_id, item)[-1].method not in ONE_VALUE for book in context.books):
        return None
    places = (move.from_location_id, move.to_location_id)
    ours = [place for place in places if context.places[place].type in HELD]
    return ours[0] if len(ours) == 1 else None


def originals_named(plan: Plan) -> bool:
    """Whether the batch corrects moves: then more may follow from what is found under the lock."""
    return any(move.kind == MoveKind.REVERSAL for move in plan.moves)


def _affected(masters: Masters, plan: Plan, direct: set[int]) -> set[int]:
    """All items that a change of the past may touch: what takes another place in the order, what was made of it."""
    context = masters.context
    since = first_day(context, plan)
    items = set(direct)
    internal = [move for move in plan.moves if move.phase == INTERNAL_PHASE]
    if internal:
        known = load_internal_at(context.company_id, {move.at for move in internal}, ())
        know(masters, (), {f.from_location_id for f in known} | {f.to_location_id for f in known})
        reader = Reader(context, context.books[0], {})
        new = reader.places_of(internal)
        items |= window.items_reordered(new, [*reader.places_of(known), *new])
    since_on = datetime.date.fromordinal(month_start(since) if masters.periodic else since)
    return closure(context.company_id, items, since_on, both_ways=masters.periodic)


def _is_late(plan: Plan, last_at: Mapping[int, int]) -> bool:
    """Whether anything in the batch is not later than what is known of its item."""
    return (
        bool(plan.costs)
        or any(m.at <= last_at[m.item_id] or m.kind in CORRECTIONS for m in plan.moves)
        or any(microseconds(c.at) <= last_at[c.item_id] for c in plan.counts)
    )


# --- ids, facts, rows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ids:
    """Consecutive ids of a batch: itself, its documents, its moves, its costs."""

    batch_id: int
    documents: range
    moves: range
    costs: range


def _ids_needed(request: Request, moves: int) -> int:
    return 1 + len(request.documents) + moves


def _ids_of_plan(request: Request, plan: Plan) -> int:
    return _ids_needed(request, len(plan.moves)) + len(plan.costs)


def _take_ids(request: Request, plan: Plan, held: Held) -> Ids:
    """One block of ids for everything: taken with the locks, or now where more was found under them."""
    first = held.first_id
    if first is None:
        row = db.fetch_one("SELECT stock_reserve_ids(%s)", (_ids_of_plan(request, plan),))
        assert row is not None, "a SELECT without FROM has a row"
        first = row[0]
    return _split(request, plan, range(first, first + _ids_of_plan(request, plan)))


def _split(request: Request, plan: Plan, ids: range) -> Ids:
    """So many ids as the batch needs, told apart."""
    documents, moves = 1 + len(request.documents), len(plan.moves)
    return Ids(ids[0], ids[1:documents], ids[documents : documents + moves], ids[documents + moves :])


def _batch(request: Request, masters: Masters, plan: Plan, given: Ids, items: Collection[int]) -> Batch:
    """What is written of it before anything is valued."""
    _give_ids(plan, given)
    batch = Batch(
        company_id=request.company_id,
        batch_id=given.batch_id,
        idempotency_key=request.idempotency_key,
        request_hash=b"",
        recorded_at=EPOCH,
        actor_id=request.actor_id,
        source=request.source,
        meanwhile=request.meanwhile,
    )
    batch.documents = _documents(request, plan, given)
    if len(batch.documents) == 1:
        batch.reference = batch.documents[0].number
    batch.moves = plan.moves
    batch.locks = _lock_rows(masters, plan.moves, items)
    return batch


def _ready(masters: Masters, plan: Plan, given: Ids, batch: Batch, items: Collection[int]) -> Ready:
    context = masters.context
    batch.edges = _edge_rows(context, plan.moves)
    change = Change(
        context=context,
        policies=masters.policies,
        resolver=masters.resolver,
        first_open=masters.first_open,
        last_at={},
        facts=plan.moves,
        costs=[
            cost_fact_of(cost, cost_id, given.documents[cost.document_no])
            for cost, cost_id in zip(plan.costs, given.costs, strict=True)
        ],
        rates={},
        items=frozenset(items),
        from_day=first_day(context, plan),
        pools=Pools(),
    )
    return Ready(given, batch, change, _results(batch))


def _recorded_at(request: Request, held: Held) -> datetime.datetime:
    """When we learnt it: never before what is known of these items, so that known_at is exact for each."""
    recorded_at = request.recorded_at or held.now
    return max(recorded_at, held.last_recorded_at) if held.last_recorded_at else recorded_at


def _give_ids(plan: Plan, given: Ids) -> None:
    """The plan's moves in the order of their documents, with ids."""
    plan.moves.sort(key=lambda move: (move.document_no, move.line_no))
    first_of_event: dict[int, int] = {}
    for move, move_id in zip(plan.moves, given.moves, strict=True):
        move.move_id = move_id
        move.document_id = given.documents[move.document_no]
        if move.event_id <= 0:
            move.event_id = first_of_event.setdefault(move.event_no, move_id)
    if plan.ahead:
        for move in plan.moves:
            if move.of_move_id in plan.ahead:
                move.of_move_id = plan.ahead[move.of_move_id].move_id
        for cost in plan.costs:
            if cost.original.move_id in plan.ahead:
                cost.original = replace(cost.original, move_id=plan.ahead[cost.original.move_id].move_id)


def _documents(request: Request, plan: Plan, given: Ids) -> list[DocumentToWrite]:
    """The documents with their numbers; `plan.moves` are in the order of documents, their ids consecutive."""
    counts = [0] * len(request.documents)
    for move in plan.moves:
        counts[move.document_no] += 1
    found = []
    first = given.moves.start
    for draft, document_id, count in zip(request.documents, given.documents, counts, strict=True):
        number = draft.number or f"{NUMBER_PREFIX[draft.kind]}-{document_id}"
        found.append(DocumentToWrite(document_id, draft, number, first if count else None, count))
        first += count
    return found


def _results(batch: Batch) -> tuple[DocumentResult, ...]:
    return tuple(
        DocumentResult(
            document.document_id,
            document.draft.kind,
            document.number,
            tuple(range(document.first_move_id or 0, (document.first_move_id or 0) + document.move_count)),
        )
        for document in batch.documents
    )


def _lock_rows(
    masters: Masters, facts: Iterable[PlannedMove], items: Collection[int]
) -> list[tuple[int, int | None]]:
    """The latest instant of each item, with that of its last policy: the state that is kept has it applied already."""
    last: dict[int, int] = {}
    for fact in facts:
        if fact.at > last.get(fact.item_id, LONG_AGO):
            last[fact.item_id] = fact.at
    latest = {item: max(at, masters.last_policy(item).at) for item, at in last.items()}
    return [(item, latest.get(item)) for item in sorted(items)]


def _edge_rows(context: Context, facts: Sequence[PlannedMove]) -> list[tuple[int, int, int]]:
    """Which items were made of which, in this batch, and the last day of it."""
    internal = [fact for fact in facts if fact.phase == INTERNAL_PHASE]
    if not internal or not context.books:
        return []
    edges = window.edges_of(Reader(context, context.books[0], {}).places_of(internal))
    return [(source, target, day) for (source, target), day in sorted(edges.items())]
