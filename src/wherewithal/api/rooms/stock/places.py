"""The tree of places."""

from typing import Any

from ninja import Query
from pydantic import Field

from wherewithal.api.rooms.stock.common import LocationWord, section
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    MOST_ROWS,
    Answer,
    Body,
    Code,
    Filters,
    Name,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.stock import queries, services
from wherewithal.stock.services import LocationDraft


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
    code: Code | None = Field(default=None, description="Only the place of exactly this code.")


@section.read("/locations", permission="stock.read", answer=Locations)
def list_locations(request: Call, filters: Query[LocationFilters]) -> dict[str, Any]:
    """The tree of places, those that hold stock first."""
    company_id = request.auth.company_id
    ids = None
    if filters.code is not None:
        ids = queries.location_ids(company_id, [filters.code]).values()
    rows = queries.list_locations(company_id, held=filters.held, active=filters.active, ids=ids)
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
