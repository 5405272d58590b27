"""Places: warehouses, zones and bins in a tree, created in batches. The virtual ones come with the company."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import psycopg

from wherewithal.core.words import known, say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused, refuse
from wherewithal.kit.words import said_in


class LocationType(StrEnum):
    SITE = "site"
    WAREHOUSE = "warehouse"
    ZONE = "zone"
    BIN = "bin"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    PRODUCTION = "production"
    ADJUSTMENT = "adjustment"
    SCRAP = "scrap"
    OPENING = "opening"
    ASSET = "asset"


INTERNAL = (LocationType.SITE, LocationType.WAREHOUSE, LocationType.ZONE, LocationType.BIN)
HELD: frozenset[str] = frozenset((*INTERNAL, LocationType.TRANSIT))
TYPES = frozenset(LocationType)
RANK: dict[str, int] = {kind: rank for rank, kind in enumerate(INTERNAL)}
COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("parent_id", "int"),
    ("code", "text"),
    ("name", "text"),
    ("type", "text"),
    ("warehouse_id", "int"),
    ("barcode", "text"),
    ("allow_negative", "boolean"),
)


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A place to create. `parent_code` may name one of the same batch or one that exists."""

    code: str
    name: str
    type: LocationType | str
    parent_code: str | None = None
    barcode: str | None = None
    allow_negative: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    type: LocationType
    warehouse_id: int | None


def create_locations(
    *, company_id: int, actor_id: int | None, locations: Sequence[LocationDraft]
) -> list[int]:
    """Create places, all or none; their ids in the order given. Refused: see the rules in `_problems`."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        known = _known_by_code(company_id, locations)
        problems = _all_problems(locations, known)
        if problems:
            raise Refused(problems)
        ids = db.reserve_ids("stock_location_id_seq", len(locations))
        rows = _rows(company_id, locations, ids, known)
        try:
            db.insert_rows("stock_location", COLUMNS, rows)
        except psycopg.errors.UniqueViolation as error:
            raise refuse("barcode", "unique", say("A barcode names one location only.")) from error
        return ids


def update_location(
    *,
    company_id: int,
    actor_id: int | None,
    location_id: int,
    name: str | None = None,
    barcode: str | None = None,
    allow_negative: bool | None = None,
    active: bool | None = None,
) -> None:
    """Change what may change; None leaves a value as it is, '' removes the barcode."""
    if name is not None and not name.strip():
        raise refuse("name", "required", say("A location needs a name."))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _refuse_unfit_flags(company_id, location_id, allow_negative, active)
        try:
            changed = db.execute(
                "UPDATE stock_location SET name = coalesce(%s, name),"
                " barcode = CASE WHEN %s::text IS NULL THEN barcode ELSE nullif(%s, '') END,"
                " allow_negative = coalesce(%s, allow_negative), active = coalesce(%s, active)"
                " WHERE company_id = %s AND id = %s",
                (name, barcode, barcode, allow_negative, active, company_id, location_id),
            )
        except psycopg.errors.UniqueViolation as error:
            raise refuse(
                "barcode", "unique", say("Another location has this barcode."), value=barcode
            ) from error
        if not changed:
            raise NotFound(
                Problem(
                    "location_id",
                    "exists",
                    say("There is no location {location_id}.", location_id=location_id),
                )
            )


def _refuse_unfit_flags(
    company_id: int, location_id: int, allow_negative: bool | None, active: bool | None
) -> None:
    """Stock below zero stays allowed while there is some; a place is left empty before it is closed."""
    if allow_negative is not False and active is not False:
        return
    row = db.fetch_one(
        "SELECT count(*) FILTER (WHERE qty < 0), count(*) FILTER (WHERE qty <> 0) FROM stock_quant"
        " WHERE company_id = %s AND location_id = %s",
        (company_id, location_id),
    )
    below, filled = row or (0, 0)
    if allow_negative is False and below:
        raise refuse(
            "allow_negative",
            "none_below_zero",
            say("Bring the stock here to zero or above first."),
            value=False,
        )
    if active is False and filled:
        raise refuse(
            "active", "empty", say("Move the goods out of this location before closing it."), value=False
        )


def _known_by_code(company_id: int, locations: Sequence[LocationDraft]) -> dict[str, _Known]:
    codes = {d.code for d in locations} | {d.parent_code for d in locations if d.parent_code}
    rows = db.fetch_all(
        "SELECT code, id, type, warehouse_id FROM stock_location WHERE company_id = %s AND code = ANY(%s)",
        (company_id, sorted(codes)),
    )
    return {code: _Known(id, LocationType(type_), warehouse) for code, id, type_, warehouse in rows}


def _all_problems(locations: Sequence[LocationDraft], known: Mapping[str, _Known]) -> list[Problem]:
    """What is wrong, of every draft; drafts may lie in places named above them."""
    types: dict[str, str] = {code: place.type for code, place in known.items()}
    problems: list[Problem] = []
    for row, draft in enumerate(locations):
        problems.extend(
            Problem(field, rule, message, row, value)
            for field, rule, message, value in _problems(draft, types)
        )
        types.setdefault(draft.code, draft.type)
    return problems


def _problems(draft: LocationDraft, types: Mapping[str, str]) -> Iterator[tuple[str, str, str, str | None]]:
    """What is wrong with one draft, given the types of the places known so far."""
    if not draft.code.strip():
        yield "code", "required", say("A location needs a code."), None
    if not draft.name.strip():
        yield "name", "required", say("A location needs a name."), None
    if draft.code in types:
        yield "code", "unique", say("Another location has this code."), draft.code
    if draft.type not in TYPES:
        yield (
            "type",
            "known",
            say("The type must be one of {types}.", types=", ".join(LocationType)),
            str(draft.type),
        )
        return
    if draft.allow_negative and draft.type not in HELD:
        yield "allow_negative", "held", say("Only places that hold stock can go below zero."), None
    if not draft.parent_code:
        return
    parent = types.get(draft.parent_code)
    if parent is None:
        yield "parent_code", "exists", say("Name a location that exists or stands above."), draft.parent_code
    elif draft.type not in RANK or parent not in RANK or RANK[parent] > RANK[draft.type]:
        yield (
            "parent_code",
            "order",
            say("A place lies in its own kind or a larger one: site, warehouse, zone, bin."),
            draft.parent_code,
        )


def _rows(
    company_id: int, locations: Sequence[LocationDraft], ids: Sequence[int], known: Mapping[str, _Known]
) -> list[tuple[object, ...]]:
    """Rows with parents and nearest warehouses found; drafts may name earlier ones as parents."""
    seen = dict(known)
    rows: list[tuple[object, ...]] = []
    for id_, draft in zip(ids, locations, strict=True):
        parent = seen[draft.parent_code] if draft.parent_code else None
        kind = LocationType(draft.type)
        warehouse = id_ if kind is LocationType.WAREHOUSE else (parent.warehouse_id if parent else None)
        seen[draft.code] = _Known(id_, kind, warehouse)
        rows.append(
            (
                id_,
                company_id,
                parent.id if parent else None,
                draft.code.strip(),
                draft.name.strip(),
                kind.value,
                warehouse,
                draft.barcode or None,
                draft.allow_negative,
            )
        )
    return rows


def name_born_locations(*, company_id: int, actor_id: int | None, language: str) -> None:
    """Name the places that the company was born with (suppliers, customers, in transit ...) in a language.

    For a new company only; from then on the names are its own.
    """
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        rows = db.fetch_all("SELECT id, name FROM stock_location WHERE company_id = %s", (company_id,))
        for location_id, name in rows:
            db.execute(
                "UPDATE stock_location SET name = %s WHERE company_id = %s AND id = %s",
                (said_in(language, known(name)), company_id, location_id),
            )
