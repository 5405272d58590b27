"""The one door for assets: new assets and a list of events go in, whole or not at all, with what every book says of it."""

import dataclasses
import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import psycopg
from django.db import connection

from wherewithal.assets.drafts import BatchResult, BookPreview, EventDraft
from wherewithal.assets.services import custody
from wherewithal.assets.services.classes import db_now
from wherewithal.assets.services.context import Context, load_context
from wherewithal.assets.services.placements import (
    Placement,
    first_placements,
    keep_current,
    placements_of,
)
from wherewithal.assets.services.planning import Plan, PlannedEvent, plan_events, registration
from wherewithal.assets.services.posting.checks import problems_of_batch
from wherewithal.assets.services.posting.decide import booked, changes, groups_of, should
from wherewithal.assets.services.posting.history import (
    AssetHistory,
    linked,
    load_histories,
    lock_assets,
    reversed_ids,
    with_new,
)
from wherewithal.assets.services.posting.moves import costs_of_moves, refuse_taken_moves, refuse_without_goods
from wherewithal.assets.services.posting.naming import handover_problems
from wherewithal.assets.services.posting.pools import has_pools, pool_changes
from wherewithal.assets.services.posting.preview import previews_of
from wherewithal.assets.services.posting.standing import StandingRow, standing_rows
from wherewithal.assets.services.posting.values import Accounts, BookPosting, posting_of
from wherewithal.assets.services.posting.write import Batch, take_ids, write
from wherewithal.assets.services.registering import insert_assets, refusal_of
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import ValueRow
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries

LONGEST_KEY = 255
LARGEST_BATCH = 100_000
KEY_IN_USE = "assets_batch_key"
_asset_values = attrgetter(*(spec.name for spec in dataclasses.fields(AssetDraft) if spec.name != "row"))
_event_values = attrgetter(*(spec.name for spec in dataclasses.fields(EventDraft) if spec.name != "row"))


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for."""

    company_id: int
    actor_id: int | None
    idempotency_key: str
    hash: bytes
    assets: Sequence[AssetDraft]
    events: Sequence[EventDraft]
    recorded_at: datetime.datetime | None
    source: str


def record(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    events: Sequence[EventDraft] = (),
    assets: Sequence[AssetDraft] = (),
    recorded_at: datetime.datetime | None = None,
    source: str = "assets",
) -> BatchResult:
    """Register new assets and record what happened, all of it or nothing, and post what it means in every book.

    The same key with the same request gives the first answer again; with another it is a Conflict. `recorded_at`
    (imports of history) is when we learnt it; by default the database's clock. Refused names every fault with its row:
    the draft's own `row`, else its position.
    """
    request = _request(company_id, actor_id, idempotency_key, events, assets, recorded_at, source)

    def work() -> BatchResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            return _record(request)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def preview(
    *,
    company_id: int,
    actor_id: int | None,
    events: Sequence[EventDraft] = (),
    assets: Sequence[AssetDraft] = (),
) -> tuple[BookPreview, ...]:
    """What `record` would post in every book, by the same code; nothing is kept. Refused as `record` would be."""
    request = _request(company_id, actor_id, "preview", events, assets, None, "preview")

    def work() -> tuple[BookPreview, ...]:
        try:
            with db.company_transaction(company_id=company_id, actor_id=actor_id):
                prepared = _prepare(request)
                raise _Enough(previews_of(prepared.context, prepared.histories, prepared.batch))
        except _Enough as enough:
            return enough.previews

    return work() if connection.in_atomic_block else db.run_retrying(work)


def prepare_scenario(
    company_id: int, actor_id: int | None, assets: Sequence[AssetDraft], events: Sequence[EventDraft]
) -> tuple[Context, dict[int, AssetHistory]]:
    """The assets that a scenario touches as they would be with it. A verb for a transaction that is taken back."""
    db.require_transaction()
    prepared = _prepare(_request(company_id, actor_id, "scenario", events, assets, None, "scenario"))
    return prepared.context, prepared.histories


class _Enough(Exception):
    """A preview has seen enough: whatever it wrote is taken back."""

    def __init__(self, previews: tuple[BookPreview, ...]) -> None:
        super().__init__()
        self.previews = previews


def request_hash(assets: Sequence[AssetDraft], events: Sequence[EventDraft]) -> bytes:
    """Equal requests, equal hash."""
    digest = hashlib.sha256()
    for asset in assets:
        digest.update(repr(_asset_values(asset)).encode())
    for event in events:
        digest.update(repr(_event_values(event)).encode())
    return digest.digest()


def _request(
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    events: Sequence[EventDraft],
    assets: Sequence[AssetDraft],
    recorded_at: datetime.datetime | None,
    source: str,
) -> Request:
    if not 1 <= len(idempotency_key) <= LONGEST_KEY:
        raise refuse(
            "idempotency_key",
            "length",
            say("The key must have 1 to {longest_key} characters.", longest_key=LONGEST_KEY),
        )
    if not idempotency_key.isprintable():
        raise refuse("idempotency_key", "printable", say("The key has no control characters."))
    if not events and not assets:
        raise refuse("events", "required", say("Give at least one event or one new asset."))
    if len(events) + len(assets) > LARGEST_BATCH:
        raise refuse(
            "events",
            "size",
            say(
                "A batch has at most {largest_batch} events and assets: give several.",
                largest_batch=LARGEST_BATCH,
            ),
        )
    digest = request_hash(assets, events)
    return Request(company_id, actor_id, idempotency_key, digest, assets, events, recorded_at, source)


def _record(request: Request) -> BatchResult:
    hold_key(request.company_id, request.idempotency_key)
    earlier = _earlier(request)
    if earlier is not None:
        return earlier
    prepared = _prepare(request)
    batch = prepared.batch
    refuse_without_goods(batch.events, prepared.histories)
    try:
        entry_ids = write(batch)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name == KEY_IN_USE:
            raise db.Widen("the same request was under way elsewhere: its answer is there now") from error
        raise
    except psycopg.errors.NumericValueOutOfRange as error:
        message = say("That is more than can be kept: a value of more than 18 digits. Check amount and rate.")
        raise refuse("amount", "size", message) from error
    except psycopg.errors.ForeignKeyViolation as error:
        if error.diag.constraint_name == "assets_event_party":
            raise refuse("party_id", "exists", say("Name a party of this company.")) from error
        raise
    touched = sorted({event.asset_id for event in batch.events})
    dead = {e for asset_id in touched for e in reversed_ids(prepared.histories[asset_id].events)}
    try:
        keep_current(request.company_id, touched, dead)
        custody.keep(request.company_id, batch.events, prepared.histories)
    except psycopg.Error as error:
        found = refusal_of(error)
        if found is error:
            raise
        raise found from error
    return BatchResult(
        batch.batch_id,
        batch.recorded_at,
        tuple(batch.asset_ids),
        tuple(event.event_id for event in batch.events[len(batch.asset_ids) :]),
        tuple(entry_ids),
    )


def hold_key(company_id: int, key: str) -> None:
    """Wait for the same request if it is under way elsewhere; what it has written is seen by the next statement."""
    db.fetch_all(
        "SELECT pg_advisory_xact_lock(hashtextextended('assets_batch ' || %s::text || ' ' || %s::text, 0))",
        (company_id, key),
    )


def _earlier(request: Request) -> BatchResult | None:
    """The answer that was given to this key before."""
    row = db.fetch_one(
        "SELECT batch_id, request_hash, recorded_at, asset_ids, event_ids, entry_ids FROM assets_batch"
        " WHERE company_id = %s AND idempotency_key = %s",
        (request.company_id, request.idempotency_key),
    )
    if row is None:
        return None
    batch_id, first_hash, recorded_at, asset_ids, event_ids, entry_ids = row
    if bytes(first_hash) != request.hash:
        message = say("This key was used for another request: take a new key for a new one.")
        raise Conflict(Problem("idempotency_key", "same_request", message, value=request.idempotency_key))
    return BatchResult(
        batch_id,
        recorded_at,
        tuple(asset_ids),
        tuple(event_ids[len(asset_ids) :]),
        tuple(entry_ids),
        repeated=True,
    )


# --- lock, load, decide -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Prepared:
    """A batch ready to be written, and what it was decided from."""

    context: Context
    histories: dict[int, AssetHistory]
    batch: Batch


def hold_books(company_id: int, *, for_run: int | None = None) -> dict[int, datetime.date | None]:
    """Keep periods and horizons of the books as they are until the transaction ends; the first open day of each.

    `for_run`: the book whose horizon is about to move, which waits for all others and lets nobody else in.
    """
    rows = db.fetch_all(
        "SELECT book_id FROM assets_book WHERE company_id = %s ORDER BY book_id", (company_id,)
    )
    first_open = ledger_queries.hold_periods(company_id, [row[0] for row in rows])
    if for_run is None:
        db.fetch_all(
            "SELECT 1 FROM assets_book WHERE company_id = %s ORDER BY book_id FOR SHARE", (company_id,)
        )
    else:
        db.fetch_all(
            "SELECT 1 FROM assets_book WHERE company_id = %s AND book_id = %s FOR NO KEY UPDATE",
            (company_id, for_run),
        )
    return first_open


def _prepare(request: Request) -> Prepared:
    company_id = request.company_id
    first_open = hold_books(company_id)
    context = load_context(company_id)
    asset_ids = insert_assets(context, request.assets)
    plan = plan_events(context, request.events, asset_ids, request.idempotency_key)
    registrations = _registrations(context, request, plan, asset_ids)
    if plan.problems:
        raise Refused(plan.problems)
    planned = [*registrations, *plan.events]
    ids = take_ids(1 + len(planned))
    for event, event_id in zip(planned, ids[1:], strict=True):
        event.event_id = event_id
    _name_each_other(plan)
    named = {event.asset_id for event in planned}
    histories = hold_histories(company_id, named, planned)
    custody.order_within_day(plan.events, histories)
    recorded_at = _recorded_at(request, histories)
    placements = _placements(context, request, registrations, plan)
    with_new(histories, planned, placements)
    refuse_taken_moves(company_id, plan.events, histories)
    move_costs = costs_of_moves(company_id, histories.values())
    problems = problems_of_batch(context, histories, plan.events, move_costs)
    if problems:
        raise Refused(problems)
    postings = postings_of(context, histories, move_costs, first_open)
    changed = ((value.key.event_id, value.key.role) for each in postings for value in each.values)
    problems = handover_problems(histories, planned, changed)
    if problems:
        raise Refused(problems)
    batch = Batch(
        company_id=company_id,
        batch_id=ids[0],
        idempotency_key=request.idempotency_key,
        request_hash=request.hash,
        recorded_at=recorded_at,
        actor_id=request.actor_id,
        source=request.source,
        reference=_reference(plan.events, histories),
        asset_ids=asset_ids,
        events=planned,
        placements=placements,
        postings=postings,
        cost_centres=cost_centre_codes(company_id),
    )
    return Prepared(context, histories, batch)


def _registrations(
    context: Context, request: Request, plan: Plan, asset_ids: Sequence[int]
) -> list[PlannedEvent]:
    """The first event of each new asset, on the day from which its place holds."""
    first: dict[int, datetime.date] = {}
    for event in plan.events:
        first[event.asset_id] = min(event.effective_on, first.get(event.asset_id, event.effective_on))
    found = []
    for number, (draft, asset_id) in enumerate(zip(request.assets, asset_ids, strict=True)):
        day = draft.since_on or first.get(asset_id)
        if day is None:
            message = say("Say since when the asset is there, or give its acquisition with it.")
            row = number if draft.row is None else draft.row
            plan.problems.append(Problem("since_on", "required", message, row))
            continue
        event = registration(asset_id, day, request.idempotency_key, number)
        event.values["class_id"] = context.class_ids[draft.class_code]
        for name in ("custodian_party_id", "custodian_user_id"):
            if getattr(draft, name) is not None:
                event.values[name] = getattr(draft, name)
        found.append(event)
    return found


def _name_each_other(plan: Plan) -> None:
    """Events that name an earlier one of the same batch by its position."""
    for position, event in enumerate(plan.events):
        if event.of_no is not None:
            if event.of_no >= len(plan.events):
                message = say("There is no event of this number in the batch.")
                raise refuse("of_no", "exists", message, row=event.row, value=event.of_no)
            if event.of_no >= position:
                message = say("Name an event that comes before this one in the batch.")
                raise refuse("of_no", "earlier", message, row=event.row, value=event.of_no)
            event.of_event_id = plan.events[event.of_no].event_id


def hold_histories(
    company_id: int, named: set[int], planned: Sequence[PlannedEvent] = ()
) -> dict[int, AssetHistory]:
    """Lock the assets and all that hang together with them, sorted; what is known of them, read under the lock."""
    wanted = linked(company_id, named | _partners(company_id, planned))
    there = lock_assets(company_id, wanted)
    for event in planned:
        if event.asset_id not in there:
            message = say("There is no such asset in this company.")
            raise refuse("asset_id", "exists", message, row=event.row, value=event.asset_id)
    if not linked(company_id, there) <= there:
        raise db.Widen("what hangs together with these assets has grown")
    return load_histories(company_id, there)


def _partners(company_id: int, planned: Sequence[PlannedEvent]) -> set[int]:
    """Assets whose parts are taken by the new events."""
    named = sorted({event.of_event_id for event in planned if event.kind == "part_in" and event.of_event_id})
    rows = db.fetch_all(
        "SELECT asset_id FROM assets_event WHERE company_id = %s AND event_id = ANY (%s)", (company_id, named)
    )
    return {row[0] for row in rows}


def _recorded_at(request: Request, histories: Mapping[int, AssetHistory]) -> datetime.datetime:
    """When we learnt it: never before what is known of these assets, so that known_at is exact for each."""
    recorded_at = request.recorded_at or db_now()
    known = [
        event.recorded_at for history in histories.values() for event in history.events if event.recorded_at
    ]
    return max([recorded_at, *known])


def _reference(events: Sequence[PlannedEvent], histories: Mapping[int, AssetHistory]) -> str:
    """What the entries are called: the document or the tag, if there is one alone."""
    references = {event.reference for event in events if event.reference}
    if len(references) == 1:
        return references.pop()
    tags = {histories[event.asset_id].tag for event in events}
    return tags.pop() if len(tags) == 1 else ""


def _placements(
    context: Context, request: Request, registrations: Sequence[PlannedEvent], plan: Plan
) -> list[list[Placement]]:
    first = [
        first_placements(draft, context.classes[context.class_ids[draft.class_code]])
        for draft, _ in zip(request.assets, registrations, strict=True)
    ]
    return first + [list(placements_of(event)) for event in plan.events]


def postings_of(
    context: Context,
    histories: Mapping[int, AssetHistory],
    move_costs: Mapping[tuple[int, int], int],
    first_open: Mapping[int, datetime.date | None],
) -> list[BookPosting]:
    """Should less booked, for every book that is filled."""
    books = [book for book in context.books if book.filled]
    resolver = ledger_queries.account_resolver(context.company_id, [book.book_id for book in books])
    groups = groups_of(histories)
    found = []
    for book in books:
        rows: dict[int, list[ValueRow]] = {}
        standings: list[StandingRow] = []
        for group in groups:
            said = should(context, book, group, move_costs)
            rows |= said.rows()
            standings += standing_rows(book, said, group, move_costs)
        accounts = Accounts(context, book, resolver)
        said_before = booked(context.company_id, book.book_id, histories)
        difference = changes(accounts, histories, rows, said_before)
        if has_pools(book, histories.values()):
            pools, _ = pool_changes(context, book, accounts, difference, changed=histories)
            difference |= pools
        posting = posting_of(book, difference, first_open.get(book.book_id))
        posting.standings = standings
        found.append(posting)
    return found


def cost_centre_codes(company_id: int) -> dict[int, str]:
    rows = db.fetch_all("SELECT id, code FROM assets_cost_centre WHERE company_id = %s", (company_id,))
    return dict(rows)
