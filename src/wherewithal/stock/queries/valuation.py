"""What the stock is worth in a book: now, as of a day, as known at an instant; and an item's card, line by line."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from wherewithal.kit import db
from wherewithal.stock.queries.common import id_array, money, page_size, units

By = Literal["effective", "posting"]


@dataclass(frozen=True, slots=True)
class ValuationRow:
    """One item in a book: quantity in base units, value and unit cost in the book's currency.

    The unit cost is value / quantity, not rounded to the currency (None where nothing is on hand).
    """

    item_id: int
    sku: str
    name: str
    unit_code: str
    category_id: int
    qty: Decimal
    value: Decimal
    unit_cost: Decimal | None

    @property
    def key(self) -> tuple[str, int]:
        return (self.sku, self.item_id)


_VALUATION = """
    WITH goods AS (
        SELECT m.item_id, sum(m.qty * (t.is_held::int - f.is_held::int))::bigint AS qty
        FROM stock_move m
        JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
        JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
        WHERE m.company_id = %(company)s AND f.is_held <> t.is_held {moves}
        GROUP BY m.item_id
    ), worth AS (
        SELECT v.item_id, sum(v.stock_amount)::bigint AS value
        FROM stock_value v WHERE v.company_id = %(company)s AND v.book_id = %(book)s {values}
        GROUP BY v.item_id
    )
    SELECT i.id, i.sku, i.name, u.code, i.category_id, i.qty_decimals, coalesce(g.qty, 0), coalesce(w.value, 0)
    FROM goods g
    FULL JOIN worth w ON w.item_id = g.item_id
    JOIN items_item i ON i.company_id = %(company)s AND i.id = coalesce(g.item_id, w.item_id)
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    WHERE (coalesce(g.qty, 0) <> 0 OR coalesce(w.value, 0) <> 0) {after}
    ORDER BY i.sku, i.id
    {limit}
"""
_NOW = """
    SELECT i.id, i.sku, i.name, u.code, i.category_id, i.qty_decimals, s.qty, s.value
    FROM (SELECT item_id, sum(qty)::bigint AS qty, sum(value)::bigint AS value FROM stock_cost_state
          WHERE company_id = %(company)s AND book_id = %(book)s AND lot_id = 0 {items}
          GROUP BY item_id) s
    JOIN items_item i ON i.company_id = %(company)s AND i.id = s.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    WHERE (s.qty <> 0 OR s.value <> 0) {after}
    ORDER BY i.sku, i.id
    {limit}
"""


def valuation(
    company_id: int,
    book_id: int,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "effective",
    item_ids: Iterable[int] | None = None,
    after: tuple[str, int] | None = None,
    limit: int | None = 200,
) -> list[ValuationRow]:
    """Quantity and value by item. `by` posting compares with the general ledger of the day; limit None = all."""
    params: dict[str, Any] = {"company": company_id, "book": book_id, "as_of": as_of, "known_at": known_at}
    params |= {"items": None if item_ids is None else id_array(item_ids)}
    tail = {"after": "", "limit": ""}
    if after is not None:
        params |= {"sku": after[0], "item": after[1]}
        tail["after"] = "AND (i.sku, i.id) > (%(sku)s, %(item)s)"
    if limit is not None:
        params["limit"] = page_size(limit)
        tail["limit"] = "LIMIT %(limit)s"
    wanted = "" if item_ids is None else "AND {}item_id = ANY (%(items)s::int[])"
    if as_of is None and known_at is None:
        sql = _NOW.format(items=wanted.format(""), **tail)
    else:
        moves, values = wanted.format("m."), wanted.format("v.")
        if as_of is not None:
            moves += " AND m.effective_on <= %(as_of)s"
            values += f" AND v.{by}_on <= %(as_of)s"
        if known_at is not None:
            moves += " AND m.recorded_at <= %(known_at)s"
            values += " AND v.recorded_at <= %(known_at)s"
        sql = _VALUATION.format(moves=moves, values=values, **tail)
    decimals = _book_decimals(company_id, book_id)
    return [_valued(row, decimals) for row in db.fetch_all(sql, params)]


def total_value(
    company_id: int,
    book_id: int,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "effective",
) -> Decimal:
    """The value of the whole stock in the book's currency."""
    conditions = ""
    if as_of is not None:
        conditions += f" AND {by}_on <= %(as_of)s"
    if known_at is not None:
        conditions += " AND recorded_at <= %(known_at)s"
    row = db.fetch_one(
        "SELECT coalesce(sum(stock_amount), 0) FROM stock_value"  # noqa: S608 - fixed texts
        f" WHERE company_id = %(company)s AND book_id = %(book)s{conditions}",
        {"company": company_id, "book": book_id, "as_of": as_of, "known_at": known_at},
    )
    return money(row[0] if row else 0, _book_decimals(company_id, book_id))


def _book_decimals(company_id: int, book_id: int) -> int:
    row = db.fetch_one(
        "SELECT currency_decimals FROM ledger_book WHERE company_id = %s AND id = %s", (company_id, book_id)
    )
    return int(row[0]) if row else 2


def _valued(row: tuple[Any, ...], money_decimals: int) -> ValuationRow:
    *head, decimals, qty, value = row
    held, worth = units(qty, decimals), money(value, money_decimals)
    return ValuationRow(*head, held, worth, worth / held if held else None)


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of an item's ledger card: a move, and what it did to quantity and value; running totals after it."""

    move_id: int
    effective_at: datetime.datetime
    effective_on: datetime.date
    kind: int
    document_id: int
    document_number: str
    from_location: str
    to_location: str
    lot_code: str | None
    qty: Decimal  # + into stock, - out of it, 0 inside
    value: Decimal
    running_qty: Decimal
    running_value: Decimal

    @property
    def key(self) -> tuple[datetime.datetime, int]:
        return (self.effective_at, self.move_id)


_CARD = """
    WITH worth AS (
        SELECT move_id, sum(stock_amount)::bigint AS value FROM stock_value
        WHERE company_id = %(company)s AND item_id = %(item)s AND book_id = %(book)s {known_value}
        GROUP BY move_id
    ), line AS (
        SELECT m.move_id, m.effective_at, m.effective_on, m.kind, m.document_id, f.code AS source, t.code AS target,
               m.lot_id, m.phase, m.key, m.qty * (t.is_held::int - f.is_held::int) AS qty,
               coalesce(w.value, 0) AS value
        FROM stock_move m
        JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
        JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
        LEFT JOIN worth w ON w.move_id = m.move_id
        WHERE m.company_id = %(company)s AND m.item_id = %(item)s {known_move}
    ), running AS (
        SELECT *, sum(qty) OVER place AS running_qty, sum(value) OVER place AS running_value FROM line
        WINDOW place AS (ORDER BY effective_at, phase, key, move_id)
    )
    SELECT r.move_id, r.effective_at, r.effective_on, r.kind, r.document_id, d.number, r.source, r.target, l.code, r.qty,
           r.value, r.running_qty, r.running_value
    FROM running r
    JOIN stock_document d ON d.company_id = %(company)s AND d.document_id = r.document_id
    LEFT JOIN items_lot l ON r.lot_id <> 0 AND l.company_id = %(company)s AND l.id = r.lot_id
    WHERE true {page}
    ORDER BY r.effective_at DESC, r.phase DESC, r.key DESC, r.move_id DESC
    LIMIT %(limit)s
"""


def ledger_card(
    company_id: int,
    book_id: int,
    item_id: int,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    before: tuple[datetime.datetime, int] | None = None,
    limit: int = 100,
) -> list[CardRow]:
    """An item's moves, latest first, with what each is worth in the book as now known (or as known at).

    `before` is the key of the last row of the page before.
    """
    params: dict[str, Any] = {
        "company": company_id,
        "book": book_id,
        "item": item_id,
        "known_at": known_at,
        "as_of": as_of,
        "limit": page_size(limit),
    }
    page = ""
    if as_of is not None:
        page += " AND r.effective_on <= %(as_of)s"
    if before is not None:
        params |= {"before_at": before[0], "before_id": before[1]}
        page += """ AND (r.effective_at, r.phase, r.key, r.move_id) < (
            SELECT m.effective_at, m.phase, m.key, m.move_id FROM stock_move m
            WHERE m.company_id = %(company)s AND m.move_id = %(before_id)s)"""
    sql = _CARD.format(
        known_value="AND recorded_at <= %(known_at)s" if known_at else "",
        known_move="AND m.recorded_at <= %(known_at)s" if known_at else "",
        page=page,
    )
    row = db.fetch_one(
        "SELECT qty_decimals FROM items_item WHERE company_id = %s AND id = %s", (company_id, item_id)
    )
    qty_decimals = int(row[0]) if row else 0
    decimals = _book_decimals(company_id, book_id)
    return [
        CardRow(
            *head,
            units(qty, qty_decimals),
            money(value, decimals),
            units(running_qty, qty_decimals),
            money(running_value, decimals),
        )
        for *head, qty, value, running_qty, running_value in db.fetch_all(sql, params)
    ]
