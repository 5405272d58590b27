"""Who has what, bookings of what is shared, audits of what is there, and the way between stock and assets."""

from datetime import UTC, date, datetime
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import same
from wherewithal.api.finding import found
from wherewithal.api.rooms.assets.common import section
from wherewithal.api.rooms.assets.events import AssetBatchOut, AssetIn, asset_draft
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    BigId,
    Body,
    Code,
    Day,
    Filters,
    Id,
    Instant,
    Name,
    Positive,
    QueryBigId,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.assets import queries, services
from wherewithal.assets.services import StockResult

# --- custody -----------------------------------------------------------------------------------------------------


class CustodyFilters(Filters):
    asset_id: QueryBigId | None = None
    party_id: QueryId | None = None
    user_id: QueryBigId | None = None
    overdue_on: Day | None = Field(
        default=None, description="Only what should have been back before this day."
    )
    include_returned: QueryFlag = False


class CustodyOut(Answer):
    event_id: int
    asset_id: int
    tag: str
    name: str
    party_id: int | None
    user_id: int | None
    location_id: int | None
    since_on: date
    expected_on: date | None
    accepted_on: date | None
    signature: str
    returned_on: date | None


class Custody(Answer):
    results: list[CustodyOut]


@section.read("/custody", permission="assets.read", answer=Custody)
def list_custody(request: Call, filters: Query[CustodyFilters]) -> dict[str, Any]:
    """Who has which asset, and until when. Check-outs and check-ins are events."""
    return {"results": queries.custody(request.auth.company_id, **filters.model_dump())}


# --- bookings ----------------------------------------------------------------------------------------------------


class BookingFilters(Filters):
    asset_id: QueryBigId | None = None
    from_at: Instant | None = None
    to_at: Instant | None = None
    include_cancelled: QueryFlag = False


class BookingOut(Answer):
    booking_id: int
    asset_id: int
    tag: str
    name: str
    party_id: int | None
    user_id: int | None
    begins_at: datetime
    ends_at: datetime
    purpose: str
    cancelled_at: datetime | None


class Bookings(Answer):
    results: list[BookingOut]


class BookingIn(Body):
    asset_id: BigId
    begins_at: Instant
    ends_at: Instant
    party_id: Id | None = None
    user_id: BigId | None = None
    purpose: Text = ""


class BookingId(Answer):
    booking_id: int


@section.read("/asset-bookings", permission="assets.read", answer=Bookings)
def list_asset_bookings(request: Call, filters: Query[BookingFilters]) -> dict[str, Any]:
    """Who wants which asset when."""
    return {"results": queries.bookings(request.auth.company_id, **filters.model_dump())}


@section.write(
    "/asset-bookings",
    permission="assets.custody",
    answer=BookingId,
    example={
        "asset_id": 1,
        "user_id": 1,
        "begins_at": "2026-03-02T08:00:00+01:00",
        "ends_at": "2026-03-02T17:00:00+01:00",
    },
)
def book_asset(request: Call, body: BookingIn) -> dict[str, Any]:
    """Book an asset; refused where it is booked already."""
    booking_id = services.book_asset(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        now=datetime.now(UTC),
        **body.model_dump(),
    )
    return {"booking_id": booking_id}


@section.write("/asset-bookings/{booking_id}/cancellation", permission="assets.custody", answer=BookingId)
def cancel_asset_booking(request: Call, booking_id: QueryBigId) -> dict[str, Any]:
    """Give the time back."""
    services.cancel_booking(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        booking_id=booking_id,
        now=datetime.now(UTC),
    )
    return {"booking_id": booking_id}


# --- audits ------------------------------------------------------------------------------------------------------


class AuditOut(Answer):
    audit_id: int
    name: str
    location_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    expected: int
    found: int
    missing: int
    unexpected: int


class Audits(Answer):
    results: list[AuditOut]


class AuditIn(Body):
    name: Name
    location_id: Id | None = Field(
        default=None, description="With everything below it; all places when null."
    )


class AuditId(Answer):
    audit_id: int


class FoundIn(Body):
    tags: list[Code] = Field(min_length=1, max_length=10_000)
    location_id: Id | None = Field(default=None, description="Where they were found.")
    condition: Text = ""


class FoundOut(Answer):
    unexpected: int = Field(description="How many of them nobody expected there.")


class AuditLineOut(Answer):
    asset_id: int
    tag: str
    name: str
    verdict: str
    expected_location_id: int | None
    found_location_id: int | None
    found_at: datetime | None
    condition: str


class AuditLines(Answer):
    results: list[AuditLineOut]


class LineFilters(Filters):
    verdict: Literal["found", "elsewhere", "missing", "unexpected"] | None = None
    after: Code | None = Field(default=None, description="The last tag of the page before.")


@section.read("/asset-audits", permission="assets.read", answer=Audits)
def list_asset_audits(request: Call) -> dict[str, Any]:
    """Audits, the latest first."""
    return {"results": queries.audits(request.auth.company_id)}


@section.write(
    "/asset-audits", permission="assets.custody", answer=AuditId, example={"name": "Year end, hall 2"}
)
def open_asset_audit(request: Call, body: AuditIn) -> dict[str, Any]:
    """Begin to look whether everything is where it should be."""
    audit_id = services.open_audit(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        now=datetime.now(UTC),
        **body.model_dump(),
    )
    return {"audit_id": audit_id}


@section.write(
    "/asset-audits/{audit_id}/found",
    permission="assets.custody",
    answer=FoundOut,
    example={"tags": ["MACH-00001"]},
)
def record_found_assets(request: Call, audit_id: QueryBigId, body: FoundIn) -> dict[str, Any]:
    """These were found."""
    unexpected = services.record_found(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        audit_id=audit_id,
        now=datetime.now(UTC),
        **body.model_dump(),
    )
    return {"unexpected": unexpected}


@section.write("/asset-audits/{audit_id}/close", permission="assets.custody", answer=AuditId)
def close_asset_audit(request: Call, audit_id: QueryBigId) -> dict[str, Any]:
    """No more is looked for: what was not found is missing."""
    services.close_audit(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        audit_id=audit_id,
        now=datetime.now(UTC),
    )
    return {"audit_id": audit_id}


@section.read("/asset-audits/{audit_id}/lines", permission="assets.read", answer=AuditLines)
def list_audit_lines(request: Call, audit_id: QueryBigId, filters: Query[LineFilters]) -> dict[str, Any]:
    """Asset by asset, by tag."""
    found("audit_id", audit_id, next(iter(queries.audits(request.auth.company_id, audit_id=audit_id)), None))
    rows = queries.audit_lines(
        request.auth.company_id, audit_id, verdict=filters.verdict, after=filters.after or ""
    )
    return {"results": rows}


# --- from stock and back ---------------------------------------------------------------------------------------


class FromStockIn(Body):
    """Goods that become an asset, or a part of one: of a new asset (`asset`), or of one there is (`asset_id`)."""

    effective_at: Instant
    item_id: Id
    qty: Positive
    from_location_id: Id
    unit: Code | None = None
    lot_id: BigId | None = None
    lot_code: Code | None = None
    asset: AssetIn | None = None
    asset_id: BigId | None = None
    kind: Literal["acquisition", "cost_addition", "construction_cost"] = "acquisition"
    in_service: bool = Field(default=False, description="It is in service from that day on.")
    reference: Text = ""
    note: Text = ""


class ToStockIn(Body):
    effective_at: Instant
    asset_id: BigId
    to_location_id: Id
    item_id: Id | None = Field(default=None, description="The asset's own item when null.")
    lot_id: BigId | None = None
    qty: Positive = Field(default=1, validate_default=True)
    reference: Text = ""
    note: Text = ""


class StockOut(Answer):
    move_ids: list[int]
    asset_id: int | None
    batch: AssetBatchOut


def _stock(done: StockResult) -> dict[str, Any]:
    return same(done, StockOut) | {"move_ids": list(done.move_ids)}


@section.write(
    "/assets/from-stock",
    permission="assets.record",
    answer=StockOut,
    keeps_key=True,
    example={
        "effective_at": "2026-03-02T09:00:00+01:00",
        "item_id": 1,
        "qty": "1",
        "from_location_id": 1,
        "asset": {"name": "Pump", "class_code": "MACH"},
    },
)
def issue_stock_to_asset(request: Call, body: FromStockIn) -> dict[str, Any]:
    """Goods leave stock at their cost and become the cost of an asset, in every book."""
    given = body.model_dump(exclude={"asset"})
    done = services.issue_to_asset(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=request.key,
        asset=None if body.asset is None else asset_draft(body.asset, 0),
        **given,
    )
    return _stock(done)


@section.write(
    "/assets/to-stock",
    permission="assets.record",
    answer=StockOut,
    keeps_key=True,
    example={"effective_at": "2026-03-02T09:00:00+01:00", "asset_id": 1, "to_location_id": 1},
)
def return_asset_to_stock(request: Call, body: ToStockIn) -> dict[str, Any]:
    """An asset goes back to stock at its net book value."""
    done = services.return_to_stock(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=request.key,
        **body.model_dump(),
    )
    return _stock(done)


class GoodsReversalIn(Body):
    effective_at: Instant = Field(description="Of the document that reverses the goods.")
    event_id: BigId = Field(description="The event of the asset that moved them.")
    note: Text = ""


@section.write(
    "/assets/goods-reversals",
    permission="assets.record",
    answer=StockOut,
    keeps_key=True,
    example={"effective_at": "2026-03-02T09:00:00+01:00", "event_id": 1},
)
def take_back_goods_of_asset(request: Call, body: GoodsReversalIn) -> dict[str, Any]:
    """Goods never became an asset, or an asset never goods: the event and the move are taken back together."""
    done = services.take_back_goods(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=request.key,
        **body.model_dump(),
    )
    return _stock(done)
