"""Lots and serials: their dates and their status."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from ninja import Query
from pydantic import Field, TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    MOST_ROWS,
    Answer,
    BigId,
    Body,
    Code,
    Day,
    Id,
    KeyId,
    QueryBigId,
    QueryId,
    Text,
)
from wherewithal.items import queries, services
from wherewithal.items.values import LotDraft, LotStatus

section = Section(
    "Lots", "Lots and serials: their dates, and their status, which takes stock out of availability."
)

StatusWord = Literal["available", "quarantined", "on_hold", "recalled", "expired"]
by_id = TypeAdapter(tuple[KeyId])


class LotIn(Body):
    """Dates that are not given follow from the day of manufacture and the item's shelf life."""

    item_id: Id
    code: Code
    status: StatusWord = "available"
    manufactured_on: Day | None = None
    best_before_on: Day | None = None
    expires_on: Day | None = None
    removal_on: Day | None = None
    alert_on: Day | None = None
    supplier_lot: Text = Field(default="", max_length=100)
    note: Text = ""


class LotsIn(Body):
    lots: list[LotIn] = Field(min_length=1, max_length=MOST_ROWS)


class LotChange(Body):
    manufactured_on: Day | None = None
    best_before_on: Day | None = None
    expires_on: Day | None = None
    removal_on: Day | None = None
    alert_on: Day | None = None
    supplier_lot: Text = Field(default=LEFT_OUT, max_length=100)
    note: Text = Field(default=LEFT_OUT)


class StatusIn(Body):
    lot_ids: list[BigId] = Field(min_length=1, max_length=MOST_ROWS)
    status: StatusWord


class MadeLot(Answer):
    id: int
    item_id: int
    code: str


class MadeLots(Answer):
    lots: list[MadeLot] = Field(description="In the order of the request.")


class StatusSet(Answer):
    changed: int = Field(description="How many lots had another status before.")


class LotOut(Answer):
    id: int
    item_id: int
    sku: str
    item_name: str
    code: str
    is_serial: bool
    status: StatusWord
    manufactured_on: date | None
    best_before_on: date | None
    expires_on: date | None
    removal_on: date | None
    alert_on: date | None


class LotDetail(LotOut):
    supplier_lot: str
    note: str


class LotFilters(Paged):
    item_id: QueryId | None = None
    status: StatusWord | None = None
    expires_before: Day | None = None
    code_prefix: Code | None = Field(default=None, description="The beginning of the lot's or serial's code.")


def status_number(word: StatusWord) -> int:
    return LotStatus[word.upper()].value


def _with_status(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"status": LotStatus(row["status"]).name.lower()}


@section.read("/lots", permission="items.read", answer=Page[LotOut])
def list_lots(request: Call, filters: Query[LotFilters]) -> dict[str, Any]:
    """Lots and serials in the order in which they were made known."""

    def fetch(after: Any, limit: int) -> Sequence[dict[str, Any]]:
        rows = queries.list_lots(
            request.auth.company_id,
            item_id=filters.item_id,
            status=None if filters.status is None else status_number(filters.status),
            expires_before=filters.expires_before,
            code_prefix=filters.code_prefix or "",
            after_id=after[0] if after else 0,
            limit=limit,
        )
        return [_with_status(row) for row in rows]

    return listing(filters, fetch, key=by_id, key_of=lambda row: (row["id"],))


@section.write(
    "/lots",
    permission="items.write",
    answer=MadeLots,
    example={"lots": [{"item_id": 1, "code": "L-2026-03", "manufactured_on": "2026-03-01"}]},
)
def create_lots(request: Call, body: LotsIn) -> dict[str, Any]:
    """Make up to 10,000 lots or serials known, all or none."""
    drafts = [
        LotDraft(**(lot.model_dump(exclude={"status"}) | {"status": status_number(lot.status)}))
        for lot in body.lots
    ]
    ids = services.create_lots(company_id=request.auth.company_id, actor_id=request.auth.user_id, lots=drafts)
    return {
        "lots": [
            {"id": lot_id, "item_id": lot.item_id, "code": lot.code}
            for lot_id, lot in zip(ids, body.lots, strict=True)
        ]
    }


@section.write(
    "/lots/status",
    status=200,
    permission=("items.write", "stock.adjust"),
    answer=StatusSet,
    example={"lot_ids": [1], "status": "quarantined"},
)
def set_lot_status(request: Call, body: StatusIn) -> dict[str, int]:
    """Block or release lots where they lie."""
    changed = services.set_lot_status(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        lot_ids=body.lot_ids,
        status=status_number(body.status),
    )
    return {"changed": changed}


@section.read("/lots/{lot_id}", permission="items.read", answer=LotDetail)
def get_lot(request: Call, lot_id: QueryBigId) -> dict[str, Any]:
    """One lot or serial."""
    return _lot(request.auth.company_id, lot_id)


def _lot(company_id: int, lot_id: int) -> dict[str, Any]:
    return _with_status(found("lot_id", lot_id, queries.get_lot(company_id, lot_id)))


@section.write(
    "/lots/{lot_id}",
    method="PATCH",
    status=200,
    permission="items.write",
    answer=LotDetail,
    example={"expires_on": "2027-03-01"},
)
def update_lot(request: Call, lot_id: QueryBigId, body: LotChange) -> dict[str, Any]:
    """Correct a lot's dates and notes."""
    services.update_lot(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        lot_id=lot_id,
        changes=body.model_dump(exclude_unset=True),
    )
    return _lot(request.auth.company_id, lot_id)
