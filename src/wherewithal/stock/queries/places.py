"""Reads of locations: the tree, one place, places by code."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class Location:
    """A place. `depth` counts from the roots; `path` holds the ids from the root down to this place."""

    id: int
    parent_id: int | None
    code: str
    name: str
    type: str
    warehouse_id: int | None
    barcode: str | None
    allow_negative: bool
    active: bool
    is_held: bool
    depth: int
    path: list[int]


_TREE = """
    WITH RECURSIVE tree AS (
        SELECT l.*, 0 AS depth, ARRAY[l.id] AS path, ARRAY[l.code] AS codes
        FROM stock_location l WHERE l.company_id = %(company)s AND l.parent_id IS NULL
        UNION ALL
        SELECT l.*, t.depth + 1, t.path || l.id, t.codes || l.code
        FROM stock_location l JOIN tree t ON l.company_id = %(company)s AND l.parent_id = t.id
    )
    SELECT id, parent_id, code, name, type, warehouse_id, barcode, allow_negative, active, is_held, depth, path
    FROM tree
    WHERE (%(held)s::boolean IS NULL OR is_held = %(held)s)
      AND (%(active)s::boolean IS NULL OR active = %(active)s)
      AND (%(ids)s::int[] IS NULL OR id = ANY (%(ids)s::int[]))
    ORDER BY is_held DESC, codes
"""


def list_locations(
    company_id: int,
    *,
    held: bool | None = None,
    active: bool | None = None,
    ids: Iterable[int] | None = None,
) -> list[Location]:
    """Places in the order of the tree, those that hold stock first. `held`: only those that do, or do not."""
    wanted = None if ids is None else list(ids)
    rows = db.fetch_all(_TREE, {"company": company_id, "held": held, "active": active, "ids": wanted})
    return [Location(*row) for row in rows]


def get_location(company_id: int, location_id: int) -> Location:
    """One place; NotFound if the company has none with this id."""
    found = list_locations(company_id, ids=[location_id])
    if not found:
        raise NotFound(
            Problem(
                "location_id", "exists", say("There is no location {location_id}.", location_id=location_id)
            )
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in one place itself, not below it: how many items, and their value at the average cost of their pool in
    minor units of the book's currency (None where no book was named)."""

    location_id: int
    items: int
    value: int | None


def places_below(company_id: int, location_id: int) -> list[int]:
    """A place and all below it, by id; none where there is no such place."""
    rows = db.fetch_all(
        """
        WITH RECURSIVE places AS (
            SELECT l.id FROM stock_location l WHERE l.company_id = %(company)s AND l.id = %(location)s
            UNION ALL
            SELECT l.id FROM stock_location l JOIN places p ON l.company_id = %(company)s AND l.parent_id = p.id
        )
        SELECT id FROM places
        """,
        {"company": company_id, "location": location_id},
    )
    return [row[0] for row in rows]


def contents(
    company_id: int, *, book_id: int | None = None, location_ids: Collection[int] | None = None
) -> dict[int, Contents]:
    """What lies in each place now, by place, of these places or of all; empty places are not in the answer."""
    some = location_ids is not None
    here = "AND q.location_id = ANY (%(places)s)" if some else ""
    theirs = "AND s.item_id IN (SELECT item_id FROM cell)" if some else ""
    rows = db.fetch_all(
        f"""
        WITH cell AS MATERIALIZED (
            SELECT q.location_id, q.item_id, sum(q.qty) AS qty FROM stock_quant q
            WHERE q.company_id = %(company)s {here} GROUP BY q.location_id, q.item_id HAVING sum(q.qty) <> 0
        ), unit AS MATERIALIZED (
            SELECT s.item_id, s.scope_id, sum(s.value)::numeric / nullif(sum(s.qty), 0) AS cost
            FROM stock_cost_state s WHERE s.company_id = %(company)s AND s.book_id = %(book)s {theirs}
            GROUP BY s.item_id, s.scope_id
        )
        SELECT c.location_id, count(*), round(sum(c.qty * coalesce(u.cost, 0)))::bigint
        FROM cell c
        JOIN stock_location l ON l.company_id = %(company)s AND l.id = c.location_id
        LEFT JOIN ledger_book b ON b.company_id = %(company)s AND b.id = %(book)s
        LEFT JOIN unit u ON u.item_id = c.item_id
             AND u.scope_id = CASE WHEN b.cost_scope = 'company' THEN 0 ELSE coalesce(l.warehouse_id, l.id) END
        GROUP BY c.location_id
        """,  # noqa: S608 - constant texts
        {"company": company_id, "book": book_id, "places": list(location_ids or ())},
    )
    return {row[0]: Contents(row[0], row[1], row[2] if book_id is not None else None) for row in rows}


def first_expiries(company_id: int, location_ids: Iterable[int]) -> dict[int, date]:
    """The earliest expiry among what lies in each of the places now; places of which nothing expires are left out."""
    rows = db.fetch_all(
        """
        SELECT q.location_id, min(l.expires_on)
        FROM stock_quant q JOIN items_lot l ON l.company_id = q.company_id AND l.id = q.lot_id
        WHERE q.company_id = %s AND q.location_id = ANY (%s) AND q.qty > 0 AND l.expires_on IS NOT NULL
        GROUP BY q.location_id
        """,
        (company_id, list(location_ids)),
    )
    return dict(rows)


def location_ids(company_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Ids by code; codes that name nothing are not in the answer."""
    rows = db.fetch_all(
        "SELECT code, id FROM stock_location WHERE company_id = %s AND code = ANY (%s)",
        (company_id, list(codes)),
    )
    return dict(rows)


def location_by_scan(company_id: int, text: str) -> Location | None:
    """The place whose barcode or code is exactly this text."""
    row = db.fetch_one(
        "SELECT id FROM stock_location WHERE company_id = %s AND (barcode = %s OR code = %s)"
        " ORDER BY barcode = %s DESC NULLS LAST LIMIT 1",
        (company_id, text, text, text),
    )
    return get_location(company_id, row[0]) if row else None
