"""Places, what is where, what it is worth, moves and the trail of their cost, reservations."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from ninja import Query
from pydantic import Field, TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.rooms.documents import section as documents_section
from wherewithal.api.rooms.lots import StatusWord
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    MOST_ROWS,
    Answer,
    BigId,
    Body,
    Code,
    Day,
    Filters,
    Id,
    Instant,
    KeyId,
    Name,
    Number,
    Positive,
    QueryBigId,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.core.money import from_minor
from wherewithal.core.posting import Role
from wherewithal.items import queries as items_queries
from wherewithal.items.units import convert
from wherewithal.items.values import ItemFacts, LotStatus
from wherewithal.ledger import queries as ledger_queries
from wherewithal.people import permissions
from wherewithal.stock import queries, services
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.queries import Detail, MoveFilter, OnHandFilter, Removal
from wherewithal.stock.services import LocationDraft, reservations
from wherewithal.stock.services.reservations import ReservationDraft

section = Section(
    "Stock", "What is where, what it is worth, how it came there: now, on any day, as known at any instant."
)

LocationWord = Literal[
    "site",
    "warehouse",
    "zone",
    "bin",
    "transit",
    "supplier",
    "customer",
    "production",
    "adjustment",
    "scrap",
    "opening",
]
MoveWord = Literal[
    "opening",
    "receipt",
    "issue",
    "dropship",
    "transfer",
    "dispatch",
    "arrival",
    "adjustment",
    "scrap",
    "return_to_supplier",
    "return_from_customer",
    "consumption",
    "output",
    "amendment",
    "reversal",
]
AS_OF = "At the end of this day; now when left out."
KNOWN_AT = "Only what was recorded by this instant; all that is known now when left out."
three_codes = TypeAdapter(tuple[Text, Text, Text])
code_and_id = TypeAdapter(tuple[Text, KeyId])
newest = TypeAdapter(tuple[KeyId])
at_and_id = TypeAdapter(tuple[Instant, KeyId])


def today(company_id: int) -> date:
    """The company's own day. Doors know the time, nobody below them does."""
    return datetime.now(ZoneInfo(ledger_queries.company(company_id).timezone)).date()


def same(row: Any, answer: type[Answer]) -> dict[str, Any]:
    """The fields that a row and its answer have in common by name."""
    return {name: getattr(row, name) for name in answer.model_fields if hasattr(row, name)}


def _item(company_id: int, item_id: int) -> ItemFacts:
    return found("item_id", item_id, items_queries.costing_items(company_id, [item_id]).get(item_id))


# --- places -----------------------------------------------------------------------------------------------


class LocationIn(Body):
    code: Code
    name: Name
    type: LocationWord
    parent_code: Code | None = Field(
        default=None, description="One that exists, or stands above in this list."
    )
    barcode: Code | None = None
    allow_negative: bool = False


class LocationsIn(Body):
    locations: list[LocationIn] = Field(min_length=1, max_length=MOST_ROWS)


class LocationChange(Body):
    name: Name = Field(default=LEFT_OUT)
    barcode: Text = Field(default=LEFT_OUT, max_length=64, description="'' takes it away.")
    allow_negative: bool = Field(default=LEFT_OUT)
    active: bool = Field(default=LEFT_OUT)


class LocationOut(Answer):
    id: int
    parent_id: int | None
    code: str
    name: str
    type: LocationWord
    warehouse_id: int | None
    barcode: str | None
    allow_negative: bool
    active: bool
    is_held: bool = Field(description="Whether what lies here is stock of the company.")
    depth: int
    path: list[int] = Field(description="Ids from the root down to this place.")


class Locations(Answer):
    results: list[LocationOut]


class MadeLocation(Answer):
    id: int
    code: str


class MadeLocations(Answer):
    locations: list[MadeLocation] = Field(description="In the order of the request.")


class LocationFilters(Filters):
    held: QueryFlag | None = Field(
        default=None, description="Only places that hold stock, or only those that do not."
    )
    active: QueryFlag | None = None


@section.read("/locations", permission="stock.read", answer=Locations)
def list_locations(request: Call, filters: Query[LocationFilters]) -> dict[str, Any]:
    """The tree of places, those that hold stock first."""
    rows = queries.list_locations(request.auth.company_id, held=filters.held, active=filters.active)
    return {"results": rows}


@section.write(
    "/locations",
    permission="stock.adjust",
    answer=MadeLocations,
    example={
        "locations": [
            {"code": "WH1", "name": "Main warehouse", "type": "warehouse"},
            {"code": "WH1-A1", "name": "Shelf A1", "type": "bin", "parent_code": "WH1"},
        ]
    },
)
def create_locations(request: Call, body: LocationsIn) -> dict[str, Any]:
    """Add up to 10,000 places, all or none."""
    ids = services.create_locations(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        locations=[LocationDraft(**place.model_dump()) for place in body.locations],
    )
    made = [{"id": id_, "code": place.code} for id_, place in zip(ids, body.locations, strict=True)]
    return {"locations": made}


@section.read("/locations/{location_id}", permission="stock.read", answer=LocationOut)
def get_location(request: Call, location_id: QueryId) -> Any:
    """One place."""
    return queries.get_location(request.auth.company_id, location_id)


@section.write(
    "/locations/{location_id}",
    method="PATCH",
    status=200,
    permission="stock.adjust",
    answer=LocationOut,
    example={"name": "Shelf A1, upper"},
)
def update_location(request: Call, location_id: QueryId, body: LocationChange) -> Any:
    """Change a place; its type and its place in the tree stay."""
    services.update_location(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        location_id=location_id,
        **body.model_dump(exclude_unset=True),
    )
    return queries.get_location(request.auth.company_id, location_id)


# --- on hand ----------------------------------------------------------------------------------------------


class OnHandFilters(Paged):
    detail: Literal["item", "location", "lot"] = Field(
        default="location", description="How far it is broken down."
    )
    item_id: QueryId | None = None
    location_id: QueryId | None = Field(default=None, description="The place with everything below it.")
    lot_id: QueryBigId | None = None
    category_id: QueryId | None = Field(default=None, description="The category with everything below it.")
    below_zero: QueryFlag = Field(default=False, description="Only what has fallen below zero.")
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class OnHandOut(Answer):
    """available = qty - reserved - blocked. The past knows no reservations."""

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    location_id: int = Field(description="0 where the detail does not reach it.")
    location_code: str
    lot_id: int = Field(description="0 where the detail does not reach it, or there is no lot.")
    lot_code: str
    lot_status: StatusWord | None
    expires_on: date | None
    qty: Number
    reserved: Number
    blocked: Number = Field(description="There, but expired or of a lot that is not available.")
    available: Number


def _on_hand(row: queries.OnHand) -> dict[str, Any]:
    quantities = {
        name: from_minor(getattr(row, name), row.qty_decimals)
        for name in ("qty", "reserved", "blocked", "available")
    }
    status = None if row.lot_status is None else LotStatus(row.lot_status).name.lower()
    return same(row, OnHandOut) | quantities | {"lot_status": status}


def _on_hand_page(request: Call, filters: OnHandFilters, detail: Detail) -> dict[str, Any]:
    company_id = request.auth.company_id
    wanted = OnHandFilter(
        item_ids=None if filters.item_id is None else [filters.item_id],
        location_id=filters.location_id,
        lot_id=filters.lot_id,
        category_id=filters.category_id,
        below_zero=filters.below_zero,
    )

    def fetch(after: Any, limit: int) -> Sequence[queries.OnHand]:
        return queries.on_hand(
            company_id,
            today=today(company_id),
            detail=detail,
            filters=wanted,
            as_of=filters.as_of,
            known_at=filters.known_at,
            after=after,
            limit=limit,
        )

    page = listing(
        filters, fetch, key=three_codes, key_of=lambda row: (row.sku, row.location_code, row.lot_code)
    )
    return page | {"results": [_on_hand(row) for row in page["results"]]}


@section.read("/on-hand", permission="stock.read", answer=Page[OnHandOut])
def list_on_hand(request: Call, filters: Query[OnHandFilters]) -> dict[str, Any]:
    """What is where: on hand, reserved, blocked and available."""
    return _on_hand_page(request, filters, Detail(filters.detail))


class PickFilters(Filters):
    item_id: QueryId
    qty: Positive = Field(description="In the base unit.")
    removal: Literal["fefo", "fifo", "lifo"] = "fefo"
    location_id: QueryId | None = Field(default=None, description="From this place or below it.")


class PickOut(Answer):
    location_id: int
    location_code: str
    lot_id: int
    lot_code: str
    expires_on: date | None
    qty: Number


class Picks(Answer):
    results: list[PickOut] = Field(description="Together less than asked for, if there is less to offer.")


@section.read("/picks", permission="stock.read", answer=Picks, raises=("not_found",))
def suggest_picks(request: Call, filters: Query[PickFilters]) -> dict[str, Any]:
    """Where to take goods from. Expired, blocked and reserved ones are never offered."""
    company_id = request.auth.company_id
    item = _item(company_id, filters.item_id)
    picks = queries.suggest_picks(
        company_id,
        item_id=filters.item_id,
        qty=convert(item, filters.qty, item.unit_code),
        today=today(company_id),
        removal=Removal(filters.removal),
        location_id=filters.location_id,
    )
    return {
        "results": [same(pick, PickOut) | {"qty": from_minor(pick.qty, item.qty_decimals)} for pick in picks]
    }


# --- value ------------------------------------------------------------------------------------------------


class ValuationFilters(Paged):
    book: Code | None = BookCode
    item_id: QueryId | None = None
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    by: Literal["effective", "posting"] = Field(
        default="effective", description="What was so on the day, or what the ledger said of the day."
    )


class ValuationTotalFilters(Filters):
    book: Code | None = BookCode
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    by: Literal["effective", "posting"] = "effective"


class ValuationOut(Answer):
    """Value at cost, less the write-down to net realisable value, is what the balance sheet carries."""

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    category_id: int
    category_code: str
    scope_id: int = Field(description="The warehouse that has a cost of its own; 0 for the whole company.")
    scope_code: str
    qty: Number
    value: Number
    allowance: Number
    carrying: Number


class ValuationTotalOut(Answer):
    book: str
    currency: str
    items: int
    value: Number
    allowance: Number
    carrying: Number


WORTH = ("value", "allowance", "carrying")


@section.read("/valuation", permission="ledger.read", answer=Page[ValuationOut], raises=("not_found",))
def list_valuation(request: Call, filters: Query[ValuationFilters]) -> dict[str, Any]:
    """What stock is worth in a book, by item."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)

    def fetch(after: Any, limit: int) -> Sequence[queries.Valuation]:
        return queries.valuation(
            company_id,
            book_id=book.book_id,
            as_of=filters.as_of,
            known_at=filters.known_at,
            by=filters.by,
            item_ids=None if filters.item_id is None else [filters.item_id],
            after=after,
            limit=limit,
        )

    page = listing(filters, fetch, key=code_and_id, key_of=lambda row: (row.sku, row.scope_id))
    rows = [
        same(row, ValuationOut)
        | {"qty": from_minor(row.qty, row.qty_decimals)}
        | {name: from_minor(getattr(row, name), book.currency_decimals) for name in WORTH}
        for row in page["results"]
    ]
    return page | {"results": rows}


@section.read("/valuation/total", permission="ledger.read", answer=ValuationTotalOut, raises=("not_found",))
def get_valuation_total(request: Call, filters: Query[ValuationTotalFilters]) -> dict[str, Any]:
    """What all stock is worth in a book."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)
    total = queries.valuation_total(
        company_id, book_id=book.book_id, as_of=filters.as_of, known_at=filters.known_at, by=filters.by
    )
    worth = {name: from_minor(getattr(total, name), book.currency_decimals) for name in WORTH}
    return {"book": book.code, "currency": book.currency, "items": total.items} | worth


class CardFilters(Paged):
    book: Code | None = BookCode
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class CardLine(Answer):
    """A move, or a value that came without one (move_id 0)."""

    move_id: int
    cause_id: int
    kind: MoveWord | None
    document_id: int | None
    document_number: str | None
    document_kind: str | None
    effective_at: datetime | None
    effective_on: date
    recorded_at: datetime | None
    from_code: str | None
    to_code: str | None
    lot_code: str | None
    moved_qty: Number
    qty: Number = Field(description="What came (+) or went (-).")
    value: Number = Field(description="What the value changed by at this place, later corrections included.")
    balance_qty: Number
    balance_value: Number


class Card(Answer):
    item_id: int
    sku: str
    unit_code: str
    book: str
    currency: str
    results: list[CardLine]
    next: str | None


def kind_word(kind: int | None) -> str | None:
    return None if kind is None else MoveKind(kind).name.lower()


@section.read("/items/{item_id}/card", permission="ledger.read", answer=Card)
def get_ledger_card(request: Call, item_id: QueryId, filters: Query[CardFilters]) -> dict[str, Any]:
    """The history of an item in a book, with running quantity and value."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)
    item = _item(company_id, item_id)

    def fetch(after: Any, limit: int) -> Sequence[queries.CardRow]:
        return queries.ledger_card(
            company_id,
            book_id=book.book_id,
            item_id=item_id,
            as_of=filters.as_of,
            known_at=filters.known_at,
            after=after[0] if after else 0,
            limit=limit,
        )

    page = listing(filters, fetch, key=newest, key_of=lambda row: (row.row_no,))
    rows = [
        same(row, CardLine)
        | {"kind": kind_word(row.kind)}
        | {
            name: from_minor(getattr(row, name), item.qty_decimals)
            for name in ("moved_qty", "qty", "balance_qty")
        }
        | {
            name: from_minor(getattr(row, name), book.currency_decimals)
            for name in ("value", "balance_value")
        }
        for row in page["results"]
    ]
    head = {"item_id": item_id, "sku": item.sku, "unit_code": item.unit_code}
    return page | head | {"book": book.code, "currency": book.currency, "results": rows}


# --- moves ------------------------------------------------------------------------------------------------


class MoveFilters(Paged):
    item_id: QueryId | None = None
    location_id: QueryId | None = Field(default=None, description="From or to this place.")
    lot_id: QueryBigId | None = None
    document_id: QueryBigId | None = None
    kind: MoveWord | None = None
    from_on: Day | None = None
    to_on: Day | None = None
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class MoveOut(Answer):
    move_id: int
    document_id: int
    document_number: str
    document_kind: str
    line_no: int
    kind: MoveWord
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty: Number
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    lot_id: int
    lot_code: str
    effective_at: datetime
    effective_on: date
    recorded_at: datetime
    of_move_id: int | None
    amount: Number | None = Field(description="What the document said it cost, in `currency`.")
    currency: str | None


class ValueOut(Answer):
    """One step in the trail of a move's cost: posted by an entry, because of a move or a later receipt."""

    book: str
    currency: str
    cause_id: int
    role: str
    scope_id: int
    debit_code: str
    credit_code: str
    amount: Number
    stock_amount: Number = Field(description="Its effect on the value of stock.")
    effective_on: date
    posting_on: date
    recorded_at: datetime
    entry_id: int


class MoveDetail(MoveOut):
    values: list[ValueOut] = Field(description="Book by book, as they were recorded; their sum is its cost.")


def _move(row: queries.MoveRow) -> dict[str, Any]:
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = from_minor(row.amount, get_currency_precision(row.currency))
    return same(row, MoveOut) | {
        "kind": kind_word(row.kind),
        "qty": from_minor(row.qty, row.qty_decimals),
        "amount": amount,
    }


def _value(row: queries.MoveValue) -> dict[str, Any]:
    amounts = {
        name: from_minor(getattr(row, name), row.currency_decimals) for name in ("amount", "stock_amount")
    }
    return same(row, ValueOut) | {"book": row.book_code, "role": Role(row.role).name.lower()} | amounts


@section.read("/moves", permission="stock.read", answer=Page[MoveOut])
def list_moves(request: Call, filters: Query[MoveFilters]) -> dict[str, Any]:
    """Moves, the last entered first."""
    wanted = MoveFilter(
        item_id=filters.item_id,
        location_id=filters.location_id,
        lot_id=filters.lot_id,
        document_id=filters.document_id,
        kind=None if filters.kind is None else MoveKind[filters.kind.upper()].value,
        from_day=filters.from_on,
        to_day=filters.to_on,
        known_at=filters.known_at,
    )

    def fetch(after: Any, limit: int) -> Sequence[queries.MoveRow]:
        before = after[0] if after else None
        return queries.list_moves(request.auth.company_id, filters=wanted, before=before, limit=limit)

    page = listing(filters, fetch, key=newest, key_of=lambda row: (row.move_id,))
    return page | {"results": [_move(row) for row in page["results"]]}


class KnownFilters(Filters):
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


@section.read("/moves/{move_id}", permission="stock.read", answer=MoveDetail)
def get_move(request: Call, move_id: QueryBigId, filters: Query[KnownFilters]) -> dict[str, Any]:
    """One move, with the trail of its cost in every book (for those who may read the ledger)."""
    company_id = request.auth.company_id
    move = queries.get_move(company_id, move_id)
    values = []
    if permissions.allowed(request.auth, "ledger.read"):
        values = queries.move_values(company_id, move_id, known_at=filters.known_at)
    return _move(move) | {"values": [_value(row) for row in values]}


# --- documents as they were recorded --------------------------------------------------------------------------


class DocumentFilters(Paged):
    kind: Code | None = None
    party_id: QueryId | None = None
    text: Code | None = Field(default=None, description="The beginning of the number or reference.")


class DocumentRowOut(Answer):
    document_id: int
    batch_id: int
    kind: str
    number: str
    reference: str | None
    party_id: int | None
    party_name: str | None
    effective_at: datetime
    recorded_at: datetime
    note: str | None
    move_count: int
    of_document_id: int | None
    actor_id: int | None
    source: str


class DocumentDetail(DocumentRowOut):
    moves: list[MoveOut]


@documents_section.read("/documents", permission="stock.read", answer=Page[DocumentRowOut])
def list_documents(request: Call, filters: Query[DocumentFilters]) -> dict[str, Any]:
    """Documents, the latest first."""

    def fetch(after: Any, limit: int) -> Sequence[queries.DocumentRow]:
        return queries.list_documents(
            request.auth.company_id,
            kinds=None if filters.kind is None else [filters.kind],
            party_id=filters.party_id,
            text=filters.text,
            before=after,
            limit=limit,
        )

    return listing(filters, fetch, key=at_and_id, key_of=lambda row: (row.effective_at, row.document_id))


@documents_section.read("/documents/{document_id}", permission="stock.read", answer=DocumentDetail)
def get_document(request: Call, document_id: QueryBigId) -> dict[str, Any]:
    """One document with its moves."""
    company_id = request.auth.company_id
    document = queries.get_document(company_id, document_id)
    moves = queries.moves_of_document(company_id, document_id)
    return same(document, DocumentRowOut) | {"moves": [_move(row) for row in moves]}


# --- reservations -----------------------------------------------------------------------------------------


class ReservationLine(Body):
    item_id: Id
    location_id: Id
    qty: Positive
    unit: Code | None = Field(default=None, description="The base unit when null.")
    lot_id: BigId | None = None


class ReservationsIn(Body):
    reference: Text | None = Field(
        default=None, max_length=200, description="For what, such as an order's number."
    )
    lines: list[ReservationLine] = Field(min_length=1, max_length=MOST_ROWS)


class MadeReservations(Answer):
    reservation_ids: list[int] = Field(description="In the order of the request.")


class ReleaseLine(Body):
    reservation_id: BigId
    qty: Positive | None = Field(default=None, description="In the base unit; all of it when null.")


class ReleaseIn(Body):
    reservations: list[ReleaseLine] = Field(min_length=1, max_length=1_000)


class Released(Answer):
    released: int


class ReservationOut(Answer):
    reservation_id: int
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    location_id: int
    location_code: str
    lot_id: int
    lot_code: str
    qty: Number
    open_qty: Number = Field(description="What is still claimed.")
    reference: str | None
    created_at: datetime
    closed_at: datetime | None


class ReservationFilters(Paged):
    item_id: QueryId | None = None
    reference: Code | None = None
    only_open: QueryFlag = True


@section.read("/reservations", permission="stock.read", answer=Page[ReservationOut])
def list_reservations(request: Call, filters: Query[ReservationFilters]) -> dict[str, Any]:
    """Claims on stock, the newest first."""

    def fetch(after: Any, limit: int) -> Sequence[queries.Reservation]:
        return queries.list_reservations(
            request.auth.company_id,
            item_id=filters.item_id,
            reference=filters.reference,
            only_open=filters.only_open,
            before=after[0] if after else None,
            limit=limit,
        )

    page = listing(filters, fetch, key=newest, key_of=lambda row: (row.reservation_id,))
    rows = [
        same(row, ReservationOut)
        | {name: from_minor(getattr(row, name), row.qty_decimals) for name in ("qty", "open_qty")}
        for row in page["results"]
    ]
    return page | {"results": rows}


@section.write(
    "/reservations",
    permission="stock.reserve",
    answer=MadeReservations,
    example={"reference": "SO-4711", "lines": [{"item_id": 1, "location_id": 10, "qty": "5"}]},
)
def reserve(request: Call, body: ReservationsIn) -> dict[str, Any]:
    """Claim stock, all lines or none. More than is there and not claimed yet is refused."""
    actor = request.auth
    lines = [
        ReservationDraft(line.item_id, line.location_id, line.qty, line.unit, line.lot_id or 0)
        for line in body.lines
    ]
    ids = reservations.reserve(
        company_id=actor.company_id,
        actor_id=actor.user_id,
        idempotency_key=request.key,
        lines=lines,
        reference=body.reference,
        now=datetime.now(UTC),
        today=today(actor.company_id),
    )
    return {"reservation_ids": ids}


@section.write(
    "/reservations/release",
    status=200,
    permission="stock.reserve",
    answer=Released,
    example={"reservations": [{"reservation_id": 1}]},
)
def release(request: Call, body: ReleaseIn) -> dict[str, int]:
    """Give claims up, wholly or in part, all of them or none."""
    actor = request.auth
    quantities = {line.reservation_id: _smallest(actor.company_id, line) for line in body.reservations}
    reservations.release(
        company_id=actor.company_id, actor_id=actor.user_id, quantities=quantities, now=datetime.now(UTC)
    )
    return {"released": len(quantities)}


def _smallest(company_id: int, line: ReleaseLine) -> int | None:
    """How much of a claim to give up, in smallest units; 0 (which is refused) for what is not there."""
    if line.qty is None:
        return None
    rows = queries.list_reservations(company_id, only_open=False, before=line.reservation_id + 1, limit=1)
    if not rows or rows[0].reservation_id != line.reservation_id:
        return 0
    item = items_queries.costing_items(company_id, [rows[0].item_id])[rows[0].item_id]
    return convert(item, line.qty, item.unit_code)
