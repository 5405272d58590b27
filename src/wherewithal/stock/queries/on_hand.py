"""What is where: now from the balances, on a past day or as known at an instant from the moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from wherewithal.items import queries as items
from wherewithal.kit import db
from wherewithal.stock.queries import keyset
from wherewithal.stock.queries.cells import cells_sql
from wherewithal.stock.queries.places import places_below

LARGEST_PAGE = 1001  # a thousand and one to look ahead


class Detail(StrEnum):
    """How far on-hand figures are broken down."""

    ITEM = "item"
    LOCATION = "location"
    LOT = "lot"


class OnHandSort(StrEnum):
    """By what a list of balances is ordered; equal ones by SKU, location and lot code."""

    SKU = "sku"
    NAME = "name"
    LOCATION = "location"
    LOT = "lot"
    EXPIRES = "expires"  # what does not expire comes last
    QTY = "qty"
    AVAILABLE = "available"


@dataclass(frozen=True, slots=True)
class OnHandFilter:
    """What on hand is narrowed to. `location_id` counts with everything below it, `text` is matched by beginnings of the
    item's words."""

    text: str = ""
    item_ids: Sequence[int] | None = None
    location_id: int | None = None
    lot_id: int | None = None
    category_id: int | None = None
    below_zero: bool = False


@dataclass(frozen=True, slots=True)
class OnHand:
    """A balance, in the item's smallest unit. Location and lot are 0 where the detail does not reach them.

    `blocked`: what is there but may not be used (lot status or expiry), as far as it is not reserved; `available`
    = qty - reserved - blocked, never below what reservations leave. Past balances know no reservations: reserved
    and blocked are 0 there and available is the quantity.
    """

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    location_id: int
    location_code: str
    lot_id: int
    lot_code: str
    lot_status: int | None
    expires_on: date | None
    qty: int
    reserved: int
    blocked: int

    @property
    def available(self) -> int:
        return self.qty - self.reserved - self.blocked

    def place(self, sort: OnHandSort) -> tuple[Any, ...]:
        """Where it stands in this order, as numbers and texts: `after` of the next page if it ends one."""
        last = (self.sku, self.location_code, self.lot_code)
        scale = 10 ** (FINEST_DECIMALS - self.qty_decimals)
        return {
            OnHandSort.SKU: last,
            OnHandSort.NAME: (self.item_name, *last),
            OnHandSort.LOCATION: (self.location_code, *last),
            OnHandSort.LOT: (self.lot_code, *last),
            OnHandSort.EXPIRES: ((self.expires_on or date.max).isoformat(), *last),
            OnHandSort.QTY: (self.qty * scale, *last),
            OnHandSort.AVAILABLE: (self.available * scale, *last),
        }[sort]


FINEST_DECIMALS = 6
"""Quantities of items with different decimals are compared in units of this many."""
MOST_THERE = 5_000
"""Up to so many items of a place are named; of more, the next ones by SKU are soon met."""
# What was ever in a place: a cell that was filled stays, empty.
_THERE = (
    "SELECT DISTINCT item_id FROM stock_quant"  # noqa: S608 - constant texts
    " WHERE company_id = %(company)s AND location_id = ANY (%(places)s)"
    f" LIMIT {MOST_THERE + 1}"
)
_BEFORE_ALL = """
    SELECT min(effective_at) >= %(as_of)s::date::timestamp AT TIME ZONE 'UTC' + interval '36 hours'
    FROM stock_move WHERE company_id = %(company)s
"""

_CATEGORIES = """
    categories AS (
        SELECT c.id FROM items_category c WHERE c.company_id = %(company)s AND c.id = %(category)s
        UNION ALL
        SELECT c.id FROM items_category c JOIN categories p ON c.company_id = %(company)s AND c.parent_id = p.id
    )
"""

# One source of cells for now, another for then; both have (item, location, lot, qty, reserved) and few filters.
_CELLS_NOW = """
    SELECT q.item_id, q.location_id, q.lot_id, q.qty, q.reserved
    FROM stock_quant q
    WHERE q.company_id = %(company)s {narrow} AND (q.qty <> 0 OR q.reserved <> 0)
"""

_CELLS_THEN = """
    SELECT m.item_id, g.location_id, m.lot_id, sum(g.sign * m.qty)::bigint AS qty, 0::bigint AS reserved
    FROM stock_move m
    CROSS JOIN LATERAL (VALUES (m.to_location_id, 1), (m.from_location_id, -1)) AS g (location_id, sign)
    JOIN held ON held.id = g.location_id
    WHERE m.company_id = %(company)s
      AND (%(as_of)s::date IS NULL OR m.effective_on <= %(as_of)s
           AND m.effective_at < %(as_of)s::date::timestamp AT TIME ZONE 'UTC' + interval '36 hours')
      AND (%(known_at)s::timestamptz IS NULL OR m.recorded_at <= %(known_at)s)
      {narrow}
    GROUP BY m.item_id, g.location_id, m.lot_id
    HAVING sum(g.sign * m.qty) <> 0
"""

_SCALES = ",".join(str(10 ** (FINEST_DECIMALS - decimals)) for decimals in range(FINEST_DECIMALS + 1))
_SCALE = f"('{{{_SCALES}}}'::numeric[])[i.qty_decimals + 1]"
# What is sorted by before SKU, location and lot code, and its type.
_KEYS = {
    OnHandSort.NAME: ('i.name COLLATE "C"', "text"),
    OnHandSort.LOCATION: ("p.location_code", "text"),
    OnHandSort.LOT: ("p.lot_code", "text"),
    OnHandSort.EXPIRES: ("coalesce(p.expires_on, '9999-12-31'::date)", "date"),
    OnHandSort.QTY: (f"p.qty * {_SCALE}", "numeric"),
    OnHandSort.AVAILABLE: (f"(p.qty - p.reserved - p.blocked) * {_SCALE}", "numeric"),
}
_LAST_KEYS = (("i.sku", "text"), ("p.location_code", "text"), ("p.lot_code", "text"))
BY_ITEM = frozenset({OnHandSort.SKU, OnHandSort.NAME})
"""Orders that an index of items has: a page ends the work. In the others all that the filter leaves is added up."""

# Items with their cells added up: in the order of items, cells are found item by item (LATERAL).
_SELECT = """
    SELECT i.id, i.sku, i.name, u.code, i.qty_decimals, p.location_id, p.location_code,
           p.lot_id, p.lot_code, p.status, p.expires_on, p.qty, p.reserved, p.blocked
    FROM items_item i
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN {lateral} (
        SELECT c.item_id, {location}, {lot}, sum(c.qty)::bigint AS qty, sum(c.reserved)::bigint AS reserved,
               coalesce(sum(greatest(c.qty - c.reserved, 0))
                        FILTER (WHERE t.status <> 0 OR t.expires_on < %(today)s), 0)::bigint AS blocked
        FROM ({cells}) c
        JOIN stock_location l ON l.company_id = %(company)s AND l.id = c.location_id
        LEFT JOIN items_lot t ON t.company_id = %(company)s AND t.id = c.lot_id
        WHERE true {inside}
        GROUP BY c.item_id {group}
        {having}
    ) p ON p.item_id = i.id
    WHERE i.company_id = %(company)s {where} {past}
    ORDER BY {order}
    LIMIT %(limit)s
"""

_LOCATION = {
    True: "l.id AS location_id, l.code AS location_code",
    False: "0 AS location_id, '' AS location_code",
}
_LOT = {
    True: "coalesce(t.id, 0) AS lot_id, coalesce(t.code, '') AS lot_code, t.status, t.expires_on",
    False: "0 AS lot_id, '' AS lot_code, NULL::smallint AS status, NULL::date AS expires_on",
}


def on_hand(
    company_id: int,
    *,
    today: date,
    detail: Detail = Detail.LOCATION,
    filters: OnHandFilter | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    sort: OnHandSort = OnHandSort.SKU,
    descending: bool = False,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[OnHand]:
    """A page of balances, by default by SKU, location and lot code.

    `as_of`: what was there at the end of that day; `known_at`: counting only what was recorded by then. `after` is
    the `place` of the last row before, of SKU, location and lot code by default. `today` decides what has expired.
    """
    wanted = filters or OnHandFilter()
    by_location, by_lot = detail is not Detail.ITEM, detail is Detail.LOT
    group = (", l.id, l.code" if by_location else "") + (
        ", t.id, t.code, t.status, t.expires_on" if by_lot else ""
    )
    then = as_of is not None or known_at is not None
    by_months = as_of is not None and known_at is None and not by_lot and wanted.lot_id is None
    by_item = sort in BY_ITEM and not (then and wanted.below_zero)
    named, words = items.matching(wanted.text)
    params: dict[str, Any] = {
        "company": company_id,
        "today": today,
        "as_of": as_of,
        "known_at": known_at,
        "items": None if wanted.item_ids is None else list(wanted.item_ids),
        "location": wanted.location_id,
        "lot": wanted.lot_id,
        "category": wanted.category_id,
        "limit": min(limit, LARGEST_PAGE),
    } | words
    if _is_empty(params):
        return []
    keys = (*([_KEYS[sort]] if sort in _KEYS else ()), *_LAST_KEYS)
    ctes, cells = _source(wanted, then=then, by_months=by_months, by_item=by_item)
    sql = ctes + _SELECT.format(
        lateral="LATERAL" if by_item else "",
        location=_LOCATION[by_location],
        lot=_LOT[by_lot],
        cells=cells,
        inside=_inside(wanted),
        where="".join(f" AND {one}" for one in [*_where(wanted, then=then, known="there" in params), *named]),
        past=keyset.past(keys, descending) if after is not None else "",
        group=group,
        having="HAVING sum(c.qty) < 0" if wanted.below_zero else "",
        order=keyset.order(keys, descending),
    )
    params |= keyset.values(after)
    return [OnHand(*row) for row in db.fetch_all(sql, params)]


def _is_empty(params: dict[str, Any]) -> bool:
    """Whether nothing can be there: before the first move of all, or in a place that never held anything. Adds the places
    below the one asked for, and the items that were ever there, to the parameters."""
    if params["as_of"] is not None and db.fetch_one(_BEFORE_ALL, params) != (False,):
        return True
    if params["location"] is None:
        return False
    params["places"] = places_below(params["company"], params["location"])
    there = [row[0] for row in db.fetch_all(_THERE, params)]
    if len(there) <= MOST_THERE:
        params["there"] = there
    return not there


def _source(wanted: OnHandFilter, *, then: bool, by_months: bool, by_item: bool) -> tuple[str, str]:
    """(common table expressions, query of the cells: those of item i, or of all)."""
    ctes = []
    if wanted.category_id is not None:
        ctes.append(_CATEGORIES)
    of_items = "= i.id" if by_item else "= ANY (%(items)s::int[])" if wanted.item_ids is not None else None
    if not then:
        cells = _CELLS_NOW.format(narrow=f"AND q.item_id {of_items}" if of_items else "")
    elif by_months:
        cells = (
            "SELECT n.item_id, n.location_id, 0::bigint AS lot_id, n.qty, 0::bigint AS reserved"  # noqa: S608 - fixed texts
            f" FROM ({cells_sql(then=True, items=of_items)}) n"
        )
    else:
        narrow = f" AND m.item_id {of_items}" if of_items else ""
        if wanted.lot_id is not None:
            narrow += " AND m.lot_id = %(lot)s"
        ctes.append(
            "held AS MATERIALIZED (SELECT id FROM stock_location WHERE company_id = %(company)s AND is_held)"
        )
        cells = _CELLS_THEN.format(narrow=narrow)
    return ("WITH RECURSIVE " + ", ".join(ctes) if ctes else ""), cells


def _inside(wanted: OnHandFilter) -> str:
    """What cells are narrowed to."""
    inside = ""
    if wanted.location_id is not None:
        inside += " AND c.location_id = ANY (%(places)s)"
    if wanted.lot_id is not None:
        inside += " AND c.lot_id = %(lot)s"
    return inside


def _where(wanted: OnHandFilter, *, then: bool, known: bool) -> list[str]:
    """What items are narrowed to."""
    where = ["i.id = ANY (%(there)s)"] if known else []
    if wanted.item_ids is not None:
        where.append("i.id = ANY (%(items)s::int[])")
    if wanted.category_id is not None:
        where.append("i.category_id IN (SELECT id FROM categories)")
    if wanted.below_zero and not then:
        where.append("i.id IN (SELECT item_id FROM stock_quant WHERE company_id = %(company)s AND qty < 0)")
    return where


def quantity(
    company_id: int,
    *,
    item_id: int,
    location_id: int | None = None,
    lot_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> int:
    """One balance in smallest units: of an item, or of it in a location (with all below it) or of a lot."""
    cells = on_hand(
        company_id,
        today=date.min,
        detail=Detail.ITEM,
        filters=OnHandFilter(item_ids=[item_id], location_id=location_id, lot_id=lot_id),
        as_of=as_of,
        known_at=known_at,
        limit=1,
    )
    return cells[0].qty if cells else 0


def out_of_stock(company_id: int, *, limit: int = 500) -> list[tuple[int, str, str]]:
    """(id, SKU, name) of items in use that were here once and of which nothing is left, by SKU."""
    rows = db.fetch_all(
        """
        SELECT i.id, i.sku, i.name FROM items_item i
        JOIN (SELECT item_id FROM stock_quant WHERE company_id = %s GROUP BY item_id HAVING sum(qty) <= 0) q
             ON q.item_id = i.id
        WHERE i.company_id = %s AND i.active ORDER BY i.sku LIMIT %s
        """,
        (company_id, company_id, min(limit, LARGEST_PAGE)),
    )
    return [(item_id, sku, name) for item_id, sku, name in rows]


def blocked_lots(company_id: int) -> int:
    """How many lots that lie here are quarantined, on hold or recalled."""
    row = db.fetch_one(
        """
        SELECT count(DISTINCT t.id) FROM items_lot t
        JOIN stock_quant q ON q.company_id = t.company_id AND q.item_id = t.item_id AND q.lot_id = t.id AND q.qty > 0
        WHERE t.company_id = %s AND t.status <> 0
        """,
        (company_id,),
    )
    return int(row[0]) if row else 0


class ExpirySort(StrEnum):
    """By what a list of expiring goods is ordered; equal ones by day, SKU, lot code and location code."""

    EXPIRES = "expires"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class ExpiringLot:
    """Goods on hand whose lot has an expiry day."""

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    lot_id: int
    lot_code: str
    lot_status: int
    expires_on: date
    location_id: int
    location_code: str
    qty: int

    def place(self, sort: ExpirySort) -> tuple[str, ...]:
        """Where it stands in this order: `after` of the next page if it ends one."""
        first = (self.expires_on.isoformat(), self.sku)
        return (*(first if sort == ExpirySort.EXPIRES else first[::-1]), self.lot_code, self.location_code)


_EXPIRY_KEYS = {
    ExpirySort.EXPIRES: (("t.expires_on", "date"), ("i.sku", "text"), ("t.code", "text"), ("l.code", "text")),
    ExpirySort.ITEM: (("i.sku", "text"), ("t.expires_on", "date"), ("t.code", "text"), ("l.code", "text")),
}


def expiring(
    company_id: int,
    *,
    until: date,
    sort: ExpirySort = ExpirySort.EXPIRES,
    descending: bool = False,
    after: Sequence[Any] | None = None,
    limit: int = 200,
) -> list[ExpiringLot]:
    """Lots on hand that expire on or before a day, expired ones included, by default the soonest first. `after`: the
    `place` of the last row of the page before."""
    keys = _EXPIRY_KEYS[sort]
    rows = db.fetch_all(
        f"""
        SELECT i.id, i.sku, i.name, u.code, i.qty_decimals, t.id, t.code, t.status, t.expires_on, l.id, l.code, q.qty
        FROM items_lot t
        JOIN stock_quant q ON q.company_id = t.company_id AND q.item_id = t.item_id AND q.lot_id = t.id AND q.qty <> 0
        JOIN items_item i ON i.company_id = t.company_id AND i.id = t.item_id
        JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
        JOIN stock_location l ON l.company_id = q.company_id AND l.id = q.location_id
        WHERE t.company_id = %(company)s AND t.expires_on <= %(until)s {keyset.past(keys, descending) if after else ""}
        ORDER BY {keyset.order(keys, descending)}
        LIMIT %(limit)s
        """,  # noqa: S608 - constant texts
        {"company": company_id, "until": until, "limit": min(limit, LARGEST_PAGE)} | keyset.values(after),
    )
    return [ExpiringLot(*row) for row in rows]
