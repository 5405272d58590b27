"""The register of assets, one asset with its books, parts, history and schedules, and where things are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field, JsonValue, TypeAdapter

from wherewithal.api.answers import AS_OF, KNOWN_AT, same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.assets.common import amount, book_of, money, section, sees_money
from wherewithal.api.rooms.assets.events import EventOut, event_out
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    INT8,
    LEFT_OUT,
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
    QueryBigId,
    QueryFlag,
    QueryId,
    Search,
    Text,
)
from wherewithal.assets import queries, services
from wherewithal.assets.queries import RegisterFilter, Sort
from wherewithal.assets.values import Status

StatusWord = Literal[
    "planned",
    "under_construction",
    "in_service",
    "idle",
    "under_maintenance",
    "held_for_sale",
    "disposed",
    "lost",
]


class RegisterChoice(Filters):
    book: Code | None = BookCode
    text: Search | None = Field(
        default=None, description="The beginning of a tag, a serial number or a name."
    )
    class_id: QueryId | None = None
    status: StatusWord | None = None
    location_id: QueryId | None = Field(default=None, description="With everything below it.")
    custodian_party_id: QueryId | None = None
    custodian_user_id: QueryBigId | None = None
    cost_centre_id: QueryId | None = None
    parent_id: QueryBigId | None = None
    item_id: QueryId | None = None
    lot_id: QueryBigId | None = None
    supplier_id: QueryId | None = None
    in_use: QueryFlag | None = Field(default=None, description="false: only what was disposed of or lost.")
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class RegisterFilters(RegisterChoice, Paged):
    """A page of the register."""

    sort: Literal["tag", "name", "class", "location", "in_service", "cost", "carrying"] = Field(
        default="tag",
        description="By amounts, and by class or location with as_of or known_at, it takes longer the more are found.",
    )
    descending: QueryFlag = False


_PLACES: dict[Sort, TypeAdapter[Any]] = {
    Sort.TAG: TypeAdapter(tuple[Text, Text]),
    Sort.NAME: TypeAdapter(tuple[Text, KeyId]),
    Sort.CLASS: TypeAdapter(tuple[Text, Text]),
    Sort.LOCATION: TypeAdapter(tuple[Text, Text]),
    Sort.IN_SERVICE: TypeAdapter(tuple[date, Text]),
    Sort.COST: TypeAdapter(tuple[Annotated[int, Field(ge=-INT8, le=INT8)], Text]),
    Sort.CARRYING: TypeAdapter(tuple[Annotated[int, Field(ge=-INT8, le=INT8)], Text]),
}


class TotalsOut(Answer):
    book: str
    currency: str
    asset_count: int
    cost: Number
    accumulated: Number
    carrying: Number = Field(description="The net book value.")


class RegisterRowOut(Answer):
    asset_id: int
    tag: str
    name: str
    class_code: str
    status: StatusWord
    parent_id: int | None
    location_id: int | None
    location_code: str | None
    custodian_party_id: int | None
    custodian_user_id: int | None
    cost_centre_code: str | None
    serial_no: str
    in_service_on: date | None = Field(
        description="The first day in service; null: not on the day asked for."
    )
    cost: Number | None = Field(
        description="In the book's currency; null for those who may not see the ledger."
    )
    accumulated: Number | None
    carrying: Number | None = Field(description="The net book value.")


class BookValueOut(Answer):
    book: str
    currency: str
    cost: Number
    accumulated: Number
    carrying: Number
    terms: dict[str, Any] | None
    horizon_on: date | None = Field(description="Charged up to this day.")


class ComponentOut(Answer):
    asset_id: int
    parent_id: int
    tag: str
    name: str
    depth: int
    cost: Number | None = Field(description="In the primary book; null for those who may not see the ledger.")
    carrying: Number | None
    whole_cost: Number | None = Field(description="With all parts below it.")
    whole_carrying: Number | None


class AssetOut(Answer):
    asset_id: int
    tag: str
    name: str
    class_id: int
    class_code: str
    class_name: str
    status: StatusWord
    parent_id: int | None
    parent_tag: str | None
    item_id: int | None
    lot_id: int | None
    serial_no: str
    qty: int
    supplier_id: int | None
    purchase_reference: str
    warranty_until: date | None
    insured_until: date | None
    insurance_reference: str
    attributes: dict[str, Any]
    note: str
    location_id: int | None
    custodian_party_id: int | None
    custodian_user_id: int | None
    cost_centre_id: int | None
    created_at: datetime


class AssetDetail(AssetOut):
    books: list[BookValueOut] = Field(description="Side by side; for those who may see the ledger.")
    components: list[ComponentOut]


class CardFilters(Filters):
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    with_components: QueryFlag = Field(default=False, description="Roll the components up into the amounts.")


class Timeline(Answer):
    results: list[EventOut]


class ScheduleRowOut(Answer):
    from_on: date
    to_on: date
    charge: Number
    other: Number = Field(description="All else that changed the net book value.")
    cost: Number
    accumulated: Number
    carrying: Number
    posted: bool = Field(description="false: planned, if nothing else happens.")


class ScheduleOut(Answer):
    book: str
    currency: str
    rows: list[ScheduleRowOut]


class Schedules(Answer):
    results: list[ScheduleOut]


class ValueLineOut(Answer):
    event_id: int
    role: str
    meaning: str
    debit_account: str
    credit_account: str
    amount: Number
    effective_on: date
    posting_on: date
    entry_id: int | None
    recorded_at: datetime


class ValueTrail(Answer):
    book: str
    currency: str
    results: list[ValueLineOut]


class TrailFilters(Filters):
    book: Code | None = BookCode
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class AssetChange(Body):
    """What is left out stays as it is; null takes it away."""

    tag: Code = LEFT_OUT
    name: Name = LEFT_OUT
    parent_id: BigId | None = None
    item_id: Id | None = None
    lot_id: BigId | None = None
    serial_no: Text = LEFT_OUT
    supplier_id: Id | None = None
    purchase_reference: Text = LEFT_OUT
    warranty_until: Day | None = None
    insured_until: Day | None = None
    insurance_reference: Text = LEFT_OUT
    attributes: dict[Code, JsonValue] = LEFT_OUT
    note: Text = LEFT_OUT


def _status(row: Any) -> dict[str, Any]:
    return {"status": row.status.name.lower()}


@section.read(
    "/assets", permission="assets.read", answer=Page[RegisterRowOut], raises=("not_found", "refused")
)
def list_assets(request: Call, filters: Query[RegisterFilters]) -> dict[str, Any]:
    """The register by tag, name, class, place or amount; on any day, as known at any instant."""
    book = book_of(request, filters.book)
    chosen = _chosen(filters)

    sort = Sort(filters.sort)

    def fetch(after: Any, limit: int) -> Sequence[queries.Placed]:
        return queries.sorted_register(
            request.auth.company_id,
            sort=sort,
            descending=filters.descending,
            book_id=book.book_id if sees_money(request) else None,
            filters=chosen,
            as_of=filters.as_of,
            known_at=filters.known_at,
            after=after,
            limit=limit,
        )

    page = listing(filters, fetch, key=_PLACES[sort], key_of=lambda found: found.place)
    amounts = ("cost", "accumulated", "carrying")
    rows = [
        same(row, RegisterRowOut) | _status(row) | money(row, amounts, book.decimals)
        for row in (found.row for found in page["results"])
    ]
    return page | {"results": rows}


_FILTERS = (
    "class_id",
    "location_id",
    "custodian_party_id",
    "custodian_user_id",
    "cost_centre_id",
    "parent_id",
    "item_id",
    "lot_id",
    "supplier_id",
    "in_use",
)


def _chosen(filters: RegisterChoice) -> RegisterFilter:
    return RegisterFilter(
        **{name: getattr(filters, name) for name in _FILTERS},
        text=filters.text or "",
        status=None if filters.status is None else Status[filters.status.upper()],
    )


@section.read("/assets/totals", permission="ledger.read", answer=TotalsOut, raises=("not_found",))
def get_register_totals(request: Call, filters: Query[RegisterChoice]) -> dict[str, Any]:
    """How many assets a filter of the register finds, and what they cost and are worth together."""
    book = book_of(request, filters.book)
    totals = queries.register_totals(
        request.auth.company_id,
        book_id=book.book_id,
        filters=_chosen(filters),
        as_of=filters.as_of,
        known_at=filters.known_at,
    )
    amounts = money(totals, ("cost", "accumulated", "carrying"), book.decimals)
    head = {"book": book.code, "currency": book.currency, "asset_count": totals.assets}
    return head | amounts


@section.read("/assets/{asset_id}", permission="assets.read", answer=AssetDetail)
def get_asset(request: Call, asset_id: QueryBigId, filters: Query[CardFilters]) -> dict[str, Any]:
    """One asset: who and where it is now, its parts, and what each book says of it."""
    company_id = request.auth.company_id
    asset = queries.asset(company_id, asset_id)
    books = []
    if sees_money(request):
        books = queries.book_values(
            company_id,
            asset_id,
            as_of=filters.as_of,
            known_at=filters.known_at,
            with_components=filters.with_components,
        )
    if books:
        parts = _parts(company_id, asset_id, books[0], filters)
    else:
        names = ("asset_id", "parent_id", "tag", "name", "depth")
        nothing = dict.fromkeys(PART_AMOUNTS)
        parts = [
            dict(zip(names, part, strict=True)) | nothing for part in queries.components(company_id, asset_id)
        ]
    return (
        same(asset, AssetOut)
        | _status(asset)
        | {
            "books": [_book_value(value) for value in books],
            "components": parts,
        }
    )


PART_AMOUNTS = ("cost", "carrying", "whole_cost", "whole_carrying")


def _parts(
    company_id: int, asset_id: int, book: queries.BookValue, filters: CardFilters
) -> list[dict[str, Any]]:
    """What it is made of, with what each part is worth in a book."""
    tree = queries.component_tree(
        company_id, asset_id, book_id=book.book_id, as_of=filters.as_of, known_at=filters.known_at
    )
    return [same(part, ComponentOut) | money(part, PART_AMOUNTS, book.decimals) for part in tree]


def _book_value(value: queries.BookValue) -> dict[str, Any]:
    amounts = money(value, ("cost", "accumulated", "carrying"), value.decimals)
    return same(value, BookValueOut) | {"book": value.code} | amounts


@section.write(
    "/assets/{asset_id}",
    permission="assets.write",
    answer=AssetOut,
    method="PATCH",
    status=200,
    example={"name": "Forklift 2", "warranty_until": "2028-03-01"},
)
def update_asset(request: Call, asset_id: QueryBigId, body: AssetChange) -> dict[str, Any]:
    """Change master data. Money, place and people change by events."""
    company_id = request.auth.company_id
    changes = body.model_dump(include=body.model_fields_set)
    services.update_asset(company_id=company_id, actor_id=request.auth.user_id, asset_id=asset_id, **changes)
    asset = queries.asset(company_id, asset_id)
    return same(asset, AssetOut) | _status(asset)


class KnownFilters(Filters):
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


@section.read("/assets/{asset_id}/timeline", permission="assets.read", answer=Timeline)
def get_asset_timeline(request: Call, asset_id: QueryBigId, filters: Query[KnownFilters]) -> dict[str, Any]:
    """Everything that ever happened to an asset, by day."""
    queries.asset(request.auth.company_id, asset_id)
    rows = queries.timeline(request.auth.company_id, asset_id, known_at=filters.known_at)
    return {"results": [event_out(request, row) for row in rows]}


@section.read("/assets/{asset_id}/schedules", permission="ledger.read", answer=Schedules)
def get_asset_schedules(request: Call, asset_id: QueryBigId) -> dict[str, Any]:
    """The charges of an asset in every book, posted and planned."""
    found = queries.schedule(request.auth.company_id, asset_id)
    return {"results": [_schedule(schedule) for schedule in found]}


def _schedule(schedule: queries.Schedule) -> dict[str, Any]:
    names = ("charge", "other", "cost", "accumulated", "carrying")
    rows = [same(row, ScheduleRowOut) | money(row, names, schedule.decimals) for row in schedule.rows]
    return {"book": schedule.code, "currency": schedule.currency, "rows": rows}


@section.read("/assets/{asset_id}/values", permission="ledger.read", answer=ValueTrail)
def get_asset_values(request: Call, asset_id: QueryBigId, filters: Query[TrailFilters]) -> dict[str, Any]:
    """The trail behind an asset's net book value in a book: every difference, its cause and its entry."""
    company_id = request.auth.company_id
    queries.asset(company_id, asset_id)
    book = book_of(request, filters.book)
    rows = queries.asset_values(company_id, asset_id, book_id=book.book_id, known_at=filters.known_at)
    results = [same(row, ValueLineOut) | {"amount": amount(row.amount, book.decimals)} for row in rows]
    return {"book": book.code, "currency": book.currency, "results": results}
