"""What happens to assets: events of many kinds, one or many at a time, all or nothing, with a preview."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from ninja import Query
from pydantic import Field, JsonValue, TypeAdapter

from wherewithal.api.answers import same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.assets.common import amount, by_name, section, sees_money
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    BigId,
    Body,
    Code,
    Currency,
    Day,
    Id,
    KeyId,
    Name,
    Number,
    Positive,
    Text,
)
from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BookPreview, EventDraft, PreviewEntry
from wherewithal.assets.fields import FIELDS, KINDS, RoomKind, Type
from wherewithal.assets.values import AssetDraft
from wherewithal.people import permissions

MOST_EVENTS = 10_000
KindWord = Literal[KINDS]  # type: ignore[valid-type]  # the kinds are the room's to name
CUSTODY = frozenset(map(str, (RoomKind.TRANSFER, RoomKind.CHECK_OUT, RoomKind.ACCEPT, RoomKind.CHECK_IN)))


def _manual() -> str:
    """The fields of each kind, for the API's description."""
    kinds = []
    for kind in KINDS:
        fields = [
            f"`{name}`{'' if spec.required else '?'} ({_type(spec.type, spec.words)})"
            for name, spec in FIELDS[kind].items()
        ]
        kinds.append(f"* **{kind}**: {', '.join(fields) or 'none'}")
    return (
        "The fields of the kind; those with ? may be left out. Money and numbers are exact decimals, best written as "
        "strings; flows are pairs of day and amount.\n" + "\n".join(kinds)
    )


def _type(kind: Type, words: Sequence[str]) -> str:
    return " or ".join(words) if words else str(kind).replace("_", " ")


class TermsIn(Body):
    """Terms of depreciation of one book, or of every book that is not named."""

    book: Code | None = Field(default=None, description="Every book that is not named, when null.")
    terms: dict[Code, JsonValue] = Field(
        description="`method`, `life_months`, `convention`, `residual`, `rate`, `factor` ... or `pack` and `pack_class`.",
        examples=[{"method": "straight_line", "life_months": "60", "convention": "full_month"}],
    )


class AssetIn(Body):
    name: Name
    class_code: Code
    tag: Code | None = Field(default=None, description="The next number of its class when null.")
    parent_tag: Code | None = None
    item_id: Id | None = None
    lot_id: BigId | None = None
    serial_no: Text = ""
    qty: Id = 1
    supplier_id: Id | None = None
    purchase_reference: Text = ""
    warranty_until: Day | None = None
    insured_until: Day | None = None
    insurance_reference: Text = ""
    attributes: dict[Code, JsonValue] = Field(default_factory=dict)
    note: Text = ""
    terms: list[TermsIn] = Field(default_factory=list, max_length=50)
    location_id: Id | None = None
    custodian_party_id: Id | None = None
    custodian_user_id: BigId | None = None
    cost_centre_id: Id | None = None
    since_on: Day | None = Field(default=None, description="From when place and people hold.")


class EventIn(Body):
    """One event of one asset, named by `asset_id`, by `tag`, or by its place among the new `assets` (`asset_no`)."""

    kind: KindWord
    effective_on: Day = Field(description="When it happened.")
    asset_id: BigId | None = None
    tag: Code | None = None
    asset_no: int | None = Field(default=None, ge=0, le=MOST_EVENTS)
    values: dict[Code, JsonValue] = Field(default_factory=dict, description=_manual())
    by_book: dict[Code, dict[Code, JsonValue]] = Field(
        default_factory=dict, description="Fields that hold in one book only, in its currency; by book code."
    )
    book: Code | None = Field(default=None, description="The only book that hears of it; all when null.")
    of_event_id: BigId | None = Field(
        default=None, description="The event that this one reverses or corrects."
    )
    of_no: int | None = Field(
        default=None, ge=0, le=MOST_EVENTS, description="The same, by place in `events`."
    )
    currency: Currency | None = Field(default=None, description="Of the amounts; the company's when null.")
    rates: dict[Currency, Positive] | None = Field(
        default=None, description="Price of one unit of `currency` in a book's currency."
    )
    party_id: Id | None = None
    key: Text | None = Field(default=None, min_length=1, max_length=200)
    reference: Text = ""
    note: Text = ""


class BatchIn(Body):
    assets: list[AssetIn] = Field(default_factory=list, max_length=MOST_EVENTS)
    events: list[EventIn] = Field(default_factory=list, max_length=MOST_EVENTS)


class AssetBatchOut(Answer):
    batch_id: int
    recorded_at: datetime
    asset_ids: list[int]
    event_ids: list[int]
    entry_ids: list[int]


class PreviewRowOut(Answer):
    asset_id: int
    tag: str
    kind: str
    effective_on: date
    posting_on: date
    role: str
    meaning: str
    debit_account: str
    credit_account: str
    amount: Number


class PreviewLineOut(Answer):
    account: str
    account_name: str
    cost_centre: str
    amount: Number


class PreviewEntryOut(Answer):
    effective_on: date
    posting_on: date
    lines: list[PreviewLineOut]


class BookPreviewOut(Answer):
    book: str
    currency: str
    rows: list[PreviewRowOut]
    entries: list[PreviewEntryOut]


class PreviewOut(Answer):
    books: list[BookPreviewOut]


EXAMPLE = {
    "assets": [{"name": "Forklift", "class_code": "MACH"}],
    "events": [
        {"kind": "acquisition", "effective_on": "2026-03-02", "asset_no": 0, "values": {"cost": "24000.00"}},
        {"kind": "in_service", "effective_on": "2026-03-02", "asset_no": 0},
    ],
}


def drafts(body: BatchIn) -> tuple[list[EventDraft], list[AssetDraft]]:
    events = [EventDraft(**event.model_dump(), row=row) for row, event in enumerate(body.events)]
    return events, [asset_draft(asset, row) for row, asset in enumerate(body.assets)]


def asset_draft(asset: AssetIn, row: int) -> AssetDraft:
    return AssetDraft(
        **asset.model_dump(exclude={"terms"}),
        terms=by_name("terms", ((terms.book or "", terms.terms) for terms in asset.terms)),
        row=row,
    )


def _require(request: Call, body: BatchIn) -> None:
    """Moving an asset needs less than changing its value."""
    if body.assets:
        permissions.require(request.auth, "assets.write")
    kinds = {event.kind for event in body.events}
    if kinds & CUSTODY:
        permissions.require(request.auth, "assets.custody")
    if kinds - CUSTODY:
        permissions.require(request.auth, "assets.record")


@section.write(
    "/assets/batches",
    permission=("assets.record", "assets.custody", "assets.write"),
    answer=AssetBatchOut,
    example=EXAMPLE,
    keeps_key=True,
)
def record_asset_events(request: Call, body: BatchIn) -> Any:
    """Register assets and record what happened to them; every book posts the difference. All of it or nothing."""
    _require(request, body)
    events, assets = drafts(body)
    return services.record(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=request.key,
        events=events,
        assets=assets,
        source="api",
    )


@section.compute(
    "/assets/previews",
    permission=("assets.record", "assets.custody", "assets.write"),
    answer=PreviewOut,
    example=EXAMPLE,
    raises=("not_found",),
)
def preview_asset_events(request: Call, body: BatchIn) -> dict[str, Any]:
    """What a batch would post in every book, by the same code; nothing is kept. Rows only for who may see the ledger."""
    _require(request, body)
    events, assets = drafts(body)
    books = services.preview(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, events=events, assets=assets
    )
    return {"books": previews_out(books, sees=sees_money(request))}


def previews_out(books: Sequence[BookPreview], *, sees: bool) -> list[dict[str, Any]]:
    """What each book would post; only which books there are for those who may not see the ledger."""
    if sees:
        return [_book(book) for book in books]
    return [{"book": book.code, "currency": book.currency, "rows": [], "entries": []} for book in books]


def _book(book: BookPreview) -> dict[str, Any]:
    rows = [same(row, PreviewRowOut) | {"amount": amount(row.amount, book.decimals)} for row in book.rows]
    return {
        "book": book.code,
        "currency": book.currency,
        "rows": rows,
        "entries": entries_out(book.entries, book.decimals),
    }


def entries_out(entries: Sequence[PreviewEntry], decimals: int) -> list[dict[str, Any]]:
    return [
        same(entry, PreviewEntryOut)
        | {
            "lines": [
                same(line, PreviewLineOut) | {"amount": amount(line.amount, decimals)} for line in entry.lines
            ]
        }
        for entry in entries
    ]


class EventFilters(Paged):
    kind: KindWord | None = None
    from_on: Day | None = None
    to_on: Day | None = None


class EventOut(Answer):
    event_id: int
    batch_id: int
    asset_id: int
    tag: str
    kind: str
    effective_on: date
    recorded_at: datetime
    actor_id: int | None
    book_id: int | None
    of_event_id: int | None
    reversed_by: int | None
    currency: str | None
    values: dict[str, Any] = Field(description="As they were stated; money in minor units of `currency`.")
    books: dict[str, Any]
    move_id: int | None
    party_id: int | None
    reference: str
    note: str


day_and_id = TypeAdapter(tuple[Day, KeyId])


@section.read("/assets/events", permission="assets.read", answer=Page[EventOut])
def list_asset_events(request: Call, filters: Query[EventFilters]) -> dict[str, Any]:
    """Events of all assets, the latest day first."""

    def fetch(after: Any, limit: int) -> Sequence[queries.TimelineRow]:
        return queries.events(
            request.auth.company_id,
            from_on=filters.from_on,
            to_on=filters.to_on,
            kind=filters.kind,
            before=after,
            limit=limit,
        )

    page = listing(filters, fetch, key=day_and_id, key_of=lambda row: (row.effective_on, row.event_id))
    return page | {"results": [event_out(request, row) for row in page["results"]]}


class PartOut(Answer):
    asset_id: int
    tag: str
    event_id: int
    part: int
    effective_on: date


class PartsUnderWay(Answer):
    results: list[PartOut]


@section.read("/assets/parts-under-way", permission="assets.read", answer=PartsUnderWay)
def list_parts_under_way(request: Call) -> dict[str, Any]:
    """Parts that one asset gave and no other one has taken yet, the oldest first."""
    return {"results": [row._asdict() for row in queries.parts_under_way(request.auth.company_id)]}


def event_out(request: Call, row: queries.TimelineRow) -> dict[str, Any]:
    """An event; what it says of money only to those who may see the ledger."""
    shown = same(row, EventOut)
    if not permissions.allowed(request.auth, "ledger.read") and row.kind not in CUSTODY:
        shown |= {"values": {}, "books": {}}
    return shown
