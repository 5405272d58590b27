"""Places."""

from dataclasses import dataclass
from typing import Any

from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class Location:
    location_id: int
    parent_id: int | None
    code: str
    name: str
    type: str
    warehouse_id: int | None
    barcode: str | None
    allow_negative: bool
    active: bool
    is_held: bool


_COLUMNS = "id, parent_id, code, name, type, warehouse_id, barcode, allow_negative, active, is_held"


def locations(
    company_id: int,
    *,
    types: tuple[str, ...] | None = None,
    held: bool | None = None,
    active: bool | None = None,
) -> list[Location]:
    """All places of the company by code."""
    params: dict[str, Any] = {
        "company": company_id,
        "types": None if types is None else list(types),
        "held": held,
        "active": active,
    }
    rows = db.fetch_all(
        f"SELECT {_COLUMNS} FROM stock_location WHERE company_id = %(company)s"  # noqa: S608 - fixed text
        " AND (%(types)s::text[] IS NULL OR type = ANY (%(types)s::text[]))"
        " AND (%(held)s::boolean IS NULL OR is_held = %(held)s)"
        " AND (%(active)s::boolean IS NULL OR active = %(active)s) ORDER BY code",
        params,
    )
    return [Location(*row) for row in rows]


def location(company_id: int, location_id: int) -> Location:
    """NotFound when there is none."""
    row = db.fetch_one(
        f"SELECT {_COLUMNS} FROM stock_location WHERE company_id = %s AND id = %s",  # noqa: S608 - fixed text
        (company_id, location_id),
    )
    if row is None:
        message = f"There is no location {location_id}."
        raise NotFound(Problem("location_id", "exists", message, value=str(location_id)))
    return Location(*row)


def locations_by_code(company_id: int, codes: list[str]) -> dict[str, int]:
    """Ids by code or barcode; unknown ones are not in the answer."""
    rows = db.fetch_all(
        "SELECT code, barcode, id FROM stock_location"
        " WHERE company_id = %s AND (code = ANY (%s) OR barcode = ANY (%s))",
        (company_id, codes, codes),
    )
    wanted = set(codes)
    return {name: id_ for code, barcode, id_ in rows for name in (barcode, code) if name in wanted}
