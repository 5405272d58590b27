"""Reservations: hard claims on stock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.stock.common import newest, section, today
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    MOST_ROWS,
    Answer,
    BigId,
    Body,
    Code,
    Id,
    Number,
    Positive,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.items.units import convert
from wherewithal.kit.errors import Problem, Refused
from wherewithal.stock import queries
from wherewithal.stock.services import reservations
from wherewithal.stock.services.reservations import ReservationDraft


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
    quantities = _smallest(actor.company_id, body.reservations)
    reservations.release(
        company_id=actor.company_id, actor_id=actor.user_id, quantities=quantities, now=datetime.now(UTC)
    )
    return {"released": len(quantities)}


def _smallest(company_id: int, lines: Sequence[ReleaseLine]) -> dict[int, int | None]:
    """How much of each claim to give up, in smallest units; 0 (which is refused) for what is not there. Two queries,
    however many lines. Refused with all that is wrong: a claim named twice, more decimals than the item has."""
    item_of = queries.items_of_reservations(company_id, [line.reservation_id for line in lines])
    items = items_queries.costing_items(company_id, set(item_of.values()))
    quantities: dict[int, int | None] = {}
    problems: list[Problem] = []
    for row, line in enumerate(lines):
        id_ = line.reservation_id
        if id_ in quantities:
            message = say("Reservation {id} is named twice: give it up once, with the sum.", id=id_)
            problems.append(Problem("reservation_id", "once", message, row, str(id_)))
            continue
        quantities[id_] = None if line.qty is None else 0
        item = items.get(item_of.get(id_, 0))
        if line.qty is None or item is None:
            continue
        try:
            quantities[id_] = convert(item, line.qty, item.unit_code)
        except Refused as refused:
            problems.extend(replace(problem, row=row) for problem in refused.problems)
    if problems:
        raise Refused(problems)
    return quantities
