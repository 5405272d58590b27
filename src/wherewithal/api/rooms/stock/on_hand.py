"""What is where, and where to pick it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import AS_OF, KNOWN_AT, same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.lots import StatusWord
from wherewithal.api.rooms.stock.common import costing_item, section, three_codes, today
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    Day,
    Filters,
    Instant,
    Number,
    Positive,
    QueryBigId,
    QueryFlag,
    QueryId,
)
from wherewithal.core.money import from_minor
from wherewithal.items.units import convert
from wherewithal.items.values import LotStatus
from wherewithal.stock import queries
from wherewithal.stock.queries import Detail, OnHandFilter, Removal


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
    item = costing_item(company_id, filters.item_id)
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
