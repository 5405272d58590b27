"""What is where: now, as it was on a day, and as it was known to be on a day."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wherewithal.items.values import LotStatus
from wherewithal.kit import db
from wherewithal.stock.queries.common import SUBTREE, id_array, moment, page_size, units


@dataclass(frozen=True, slots=True)
class StockRow:
    """One cell: an item at a place, of a lot (None: not tracked). Quantities in base units.

    `reserved` and `available` are known for now only (None for the past). Available is what is neither reserved,
    nor of a lot that is blocked or has expired.
    """

    item_id: int
    sku: str
    name: str
    unit_code: str
    qty_decimals: int
    location_id: int
    location_code: str
    lot_id: int | None
    lot_code: str | None
    lot_status: LotStatus | None
    expires_on: datetime.date | None
    qty: Decimal
    reserved: Decimal | None
    available: Decimal | None

    @property
    def key(self) -> tuple[str, int, int, int]:
        """Where the next page begins: pass it as `after`."""
        return (self.sku, self.item_id, self.location_id, self.lot_id or 0)


_ROWS = """
    SELECT i.id, i.sku, i.name, u.code, i.qty_decimals, q.location_id, l.code, nullif(q.lot_id, 0), t.code, t.status,
           t.expires_on, q.qty, q.reserved
    FROM items_item i
    JOIN {cells} q ON q.company_id = i.company_id AND q.item_id = i.id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN stock_location l ON l.company_id = q.company_id AND l.id = q.location_id
    LEFT JOIN items_lot t ON q.lot_id <> 0 AND t.company_id = q.company_id AND t.id = q.lot_id
    WHERE i.company_id = %(company)s AND q.company_id = %(company)s {where}
    ORDER BY i.sku, i.id, q.location_id, q.lot_id
    LIMIT %(limit)s
"""

_PAST = """(
        SELECT m.company_id, m.item_id, m.location_id, m.lot_id, sum(m.qty)::bigint AS qty, NULL::bigint AS reserved
        FROM (
            SELECT company_id, item_id, to_location_id AS location_id, lot_id, qty, effective_at, effective_on, recorded_at
            FROM stock_move WHERE company_id = %(company)s
            UNION ALL
            SELECT company_id, item_id, from_location_id, lot_id, -qty, effective_at, effective_on, recorded_at
            FROM stock_move WHERE company_id = %(company)s
        ) m
        WHERE m.location_id IN (SELECT id FROM stock_location WHERE company_id = %(company)s AND is_held) {moves}
        GROUP BY m.company_id, m.item_id, m.location_id, m.lot_id
        HAVING sum(m.qty) <> 0)"""


def on_hand(
    company_id: int,
    *,
    today: datetime.date | None = None,
    item_ids: Iterable[int] | None = None,
    category_id: int | None = None,
    location_id: int | None = None,
    lot_id: int | None = None,
    as_of: datetime.date | datetime.datetime | None = None,
    known_at: datetime.datetime | None = None,
    include_zero: bool = False,
    after: tuple[str, int, int, int] | None = None,
    limit: int = 200,
) -> list[StockRow]:
    """A page of cells by SKU and place. `location_id` includes all places in it, `category_id` all below it.

    as_of: a day (its end) or an instant. known_at: only what had been recorded by then. `today` decides which lots
    have expired (default: none is looked at).
    """
    params: dict[str, Any] = {"company": company_id, "limit": page_size(limit)}
    where, inner = [], []
    if item_ids is not None:
        params["items"] = id_array(item_ids)
        where.append("i.id = ANY (%(items)s::int[])")
        inner.append("m.item_id = ANY (%(items)s::int[])")
    if category_id is not None:
        params["category"] = category_id
        where.append(f"i.category_id IN ({_CATEGORIES})")
    if location_id is not None:
        params["location"] = location_id
        where.append(f"q.location_id IN ({SUBTREE})")
        inner.append(f"m.location_id IN ({SUBTREE})")
    if lot_id is not None:
        params["lot"] = lot_id
        where.append("q.lot_id = %(lot)s")
        inner.append("m.lot_id = %(lot)s")
    if after is not None:
        params |= dict(zip(("sku", "item", "place", "last_lot"), after, strict=True))
        where.append("(i.sku, i.id, q.location_id, q.lot_id) > (%(sku)s, %(item)s, %(place)s, %(last_lot)s)")
        where.append("i.sku >= %(sku)s")
    cells = "stock_quant"
    if as_of is not None or known_at is not None:
        cells = _past(params, inner, as_of, known_at)
    elif not include_zero:
        where.append("q.qty <> 0")
    sql = _ROWS.format(cells=cells, where="".join(f" AND {each}" for each in where))
    return [_row(row, today) for row in db.fetch_all(sql, params)]


_CATEGORIES = """
    WITH RECURSIVE below AS (
        SELECT %(category)s::int AS id
        UNION ALL
        SELECT c.id FROM items_category c JOIN below ON c.company_id = %(company)s AND c.parent_id = below.id)
    SELECT id FROM below
"""


def _past(
    params: dict[str, Any],
    conditions: list[str],
    as_of: datetime.date | datetime.datetime | None,
    known_at: datetime.datetime | None,
) -> str:
    dated = moment(as_of)
    if dated is not None:
        conditions.append(dated[0])
        params["as_of"] = dated[1]
    if known_at is not None:
        conditions.append("m.recorded_at <= %(known_at)s")
        params["known_at"] = known_at
    return _PAST.format(moves="".join(f" AND {each}" for each in conditions))


def _row(row: tuple[Any, ...], today: datetime.date | None) -> StockRow:
    *head, lot_id, lot_code, lot_status, expires_on, qty, reserved = row
    decimals = head[4]
    blocked = lot_status not in (None, LotStatus.AVAILABLE) or (
        expires_on is not None and today is not None and expires_on < today
    )
    free = None if reserved is None else (0 if blocked else max(qty - reserved, 0))
    return StockRow(
        *head,
        lot_id,
        lot_code,
        None if lot_status is None else LotStatus(lot_status),
        expires_on,
        units(qty, decimals),
        None if reserved is None else units(reserved, decimals),
        None if free is None else units(free, decimals),
    )


@dataclass(frozen=True, slots=True)
class Availability:
    """Of one item over the places asked for, in base units. on_hand = available + reserved + blocked + expired
    (a reserved quantity of a blocked lot counts as blocked)."""

    item_id: int
    on_hand: Decimal
    reserved: Decimal
    blocked: Decimal
    expired: Decimal
    available: Decimal


def available(
    company_id: int, *, item_ids: Iterable[int], today: datetime.date, location_id: int | None = None
) -> dict[int, Availability]:
    """What can be promised now. Items without stock are in the answer with zeros; unknown ids are not."""
    params: dict[str, Any] = {"company": company_id, "items": id_array(item_ids), "today": today}
    place = ""
    if location_id is not None:
        params["location"] = location_id
        place = f"AND q.location_id IN ({SUBTREE})"
    rows = db.fetch_all(
        f"""
        SELECT i.id, i.qty_decimals, coalesce(sum(q.qty), 0),
               coalesce(sum(q.reserved) FILTER (WHERE {_FREE}), 0),
               coalesce(sum(q.qty) FILTER (WHERE t.status <> 0), 0),
               coalesce(sum(q.qty) FILTER (WHERE t.status = 0 AND t.expires_on < %(today)s), 0),
               coalesce(sum(greatest(q.qty - q.reserved, 0)) FILTER (WHERE {_FREE}), 0)
        FROM items_item i
        LEFT JOIN stock_quant q ON q.company_id = i.company_id AND q.item_id = i.id {place}
        LEFT JOIN items_lot t ON q.lot_id <> 0 AND t.company_id = q.company_id AND t.id = q.lot_id
        WHERE i.company_id = %(company)s AND i.id = ANY (%(items)s::int[])
        GROUP BY i.id, i.qty_decimals
        """,  # noqa: S608 - fixed texts
        params,
    )
    return {
        item_id: Availability(item_id, *(units(qty, decimals) for qty in quantities))
        for item_id, decimals, *quantities in rows
    }


_FREE = "t.id IS NULL OR (t.status = 0 AND (t.expires_on IS NULL OR t.expires_on >= %(today)s))"
