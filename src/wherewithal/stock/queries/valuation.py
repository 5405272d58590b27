"""What stock is worth in a book: per item and place of costing, on any day, as known at any instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from wherewithal.core.posting import Role
from wherewithal.items import queries as items
from wherewithal.kit import db
from wherewithal.stock.queries import keyset
from wherewithal.stock.queries.cells import cells_sql

LARGEST_PAGE = 1001  # a thousand and one to look ahead
SHORT_PAGE = 200  # up to so many rows, what is not on the page is not worked out
MOST_AT_ONCE = 5_000  # items
LAST_SCOPE = 2**31 - 1
By = Literal["effective", "posting"]


class ValueSort(StrEnum):
    """By what a valuation is ordered; equal ones by SKU and scope."""

    SKU = "sku"
    VALUE = "value"
    ALLOWANCE = "allowance"
    CARRYING = "carrying"


@dataclass(frozen=True, slots=True)
class Valuation:
    """Quantity and value of one item in one cost scope of a book (scope 0: the whole company).

    `qty` in smallest units, `value` (at cost) and `allowance` (write-down to net realisable value) in minor units
    of the book's currency; what the balance sheet shows is `carrying`.
    """

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    category_id: int
    category_code: str
    scope_id: int
    scope_code: str
    qty: int
    value: int
    allowance: int

    @property
    def carrying(self) -> int:
        return self.value - self.allowance

    def place(self, sort: ValueSort) -> tuple[Any, ...]:
        """Where it stands in this order, as numbers and texts: `after` of the next page if it ends one."""
        last = (self.sku, self.scope_id)
        return last if sort is ValueSort.SKU else (getattr(self, sort), *last)


@dataclass(frozen=True, slots=True)
class ValuationTotal:
    """The sum over all items."""

    value: int
    allowance: int
    items: int

    @property
    def carrying(self) -> int:
        return self.value - self.allowance


_NOW = """
    pools AS (
        SELECT s.item_id, s.scope_id, sum(s.qty)::bigint AS qty, sum(s.value)::bigint AS value
        FROM stock_cost_state s
        WHERE s.company_id = %(company)s AND s.book_id = %(book)s
          AND (%(items)s::int[] IS NULL OR s.item_id = ANY (%(items)s))
        GROUP BY s.item_id, s.scope_id
    )
"""

# Value rows are dated by effective day or by the day they were posted; goods are counted by effective day. An allowance
# is a value row too, without effect on the pool: one pass over the values finds both.
_THEN = """
    worth AS MATERIALIZED (
        SELECT v.item_id, v.scope_id, sum(v.stock_amount)::bigint AS value,
               sum(v.amount) FILTER (WHERE v.role = {allowance})::bigint AS allowance
        FROM stock_value v
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s
          AND (%(as_of)s::date IS NULL OR v.{day} <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
          AND (%(items)s::int[] IS NULL OR v.item_id = ANY (%(items)s))
        GROUP BY v.item_id, v.scope_id
    ), place AS MATERIALIZED (
        SELECT l.id, CASE WHEN b.cost_scope = 'company' THEN 0 ELSE coalesce(l.warehouse_id, l.id) END AS scope_id
        FROM stock_location l
        JOIN ledger_book b ON b.company_id = l.company_id AND b.id = %(book)s
        WHERE l.company_id = %(company)s AND l.is_held
    ), counted AS (
        SELECT x.item_id, p.scope_id, sum(x.qty)::bigint AS qty
        FROM ({cells}) x
        JOIN place p ON p.id = x.location_id
        GROUP BY x.item_id, p.scope_id
    ), pools AS (
        SELECT coalesce(c.item_id, w.item_id) AS item_id, coalesce(c.scope_id, w.scope_id) AS scope_id,
               coalesce(c.qty, 0) AS qty, coalesce(w.value, 0) AS value
        FROM counted c
        FULL JOIN worth w ON w.item_id = c.item_id AND w.scope_id = c.scope_id
    ), allowed AS (
        SELECT item_id, sum(allowance)::bigint AS allowance FROM worth GROUP BY item_id
    )
"""

# What was in each place as known at an instant: months are kept as now known only.
_AS_KNOWN = """
    SELECT m.item_id, g.location_id, sum(g.sign * m.qty) AS qty
    FROM (SELECT item_id, from_location_id, to_location_id, sum(qty)::bigint AS qty FROM stock_move
          WHERE company_id = %(company)s AND (%(as_of)s::date IS NULL OR effective_on <= %(as_of)s)
            AND recorded_at <= %(known_at)s AND (%(items)s::int[] IS NULL OR item_id = ANY (%(items)s))
          GROUP BY item_id, from_location_id, to_location_id) m
    CROSS JOIN LATERAL (VALUES (m.to_location_id, 1), (m.from_location_id, -1)) AS g (location_id, sign)
    GROUP BY m.item_id, g.location_id
"""

_ALLOWED_NOW = """
    allowed AS (
        SELECT v.item_id, sum(v.amount)::bigint AS allowance
        FROM stock_value v
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.role = {allowance}
          AND (%(items)s::int[] IS NULL OR v.item_id = ANY (%(items)s))
        GROUP BY v.item_id
    )
"""

_FIGURES = """
    figures AS (
        SELECT p.*, CASE WHEN p.scope_id = min(p.scope_id) OVER (PARTITION BY p.item_id)
                         THEN coalesce(a.allowance, 0) ELSE 0 END AS allowance
        FROM pools p LEFT JOIN allowed a ON a.item_id = p.item_id
        WHERE p.qty <> 0 OR p.value <> 0 OR a.allowance <> 0
    )
"""

_PAGE = """
    SELECT i.id, i.sku, i.name, u.code, i.qty_decimals, i.category_id, c.code, f.scope_id, coalesce(l.code, ''),
           f.qty, f.value, f.allowance
    FROM figures f
    JOIN items_item i ON i.company_id = %(company)s AND i.id = f.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN items_category c ON c.company_id = i.company_id AND c.id = i.category_id
    LEFT JOIN stock_location l ON l.company_id = %(company)s AND l.id = f.scope_id
    WHERE {where}
    ORDER BY {order}
    LIMIT %(limit)s
"""

_TOTAL = """
    SELECT coalesce(sum(value), 0)::bigint, coalesce(sum(allowance), 0)::bigint,
           count(DISTINCT item_id) FILTER (WHERE qty <> 0 OR value <> 0)
    FROM figures f
"""
_OF_ITEMS = "JOIN items_item i ON i.company_id = %(company)s AND i.id = f.item_id AND "
_KEYS = {
    ValueSort.VALUE: ("f.value", "bigint"),
    ValueSort.ALLOWANCE: ("f.allowance", "bigint"),
    ValueSort.CARRYING: ("f.value - f.allowance", "bigint"),
}
_LAST_KEYS = (("i.sku", "text"), ("f.scope_id", "bigint"))


def _with(as_of: date | None, known_at: datetime | None, by: By, *, by_items: bool) -> str:
    allowance = f"{Role.NRV_ALLOWANCE:d}"  # a literal, so that the index of allowances fits
    if as_of is None and known_at is None:
        return f"WITH {_NOW}, {_ALLOWED_NOW.format(allowance=allowance)}, {_FIGURES}"
    day = "posting_on" if by == "posting" else "effective_on"
    cells = (
        _AS_KNOWN
        if known_at is not None
        else cells_sql(then=True, items="= ANY (%(items)s::int[])" if by_items else None)
    )
    return f"WITH {_THEN.format(day=day, cells=cells, allowance=allowance)}, {_FIGURES}"


def _params(
    company_id: int,
    book_id: int,
    item_ids: Sequence[int] | None,
    as_of: date | None,
    known_at: datetime | None,
) -> dict[str, Any]:
    return {
        "company": company_id,
        "book": book_id,
        "items": None if item_ids is None else list(item_ids),
        "as_of": as_of,
        "known_at": known_at,
    }


@dataclass(frozen=True, slots=True)
class ValueOrder:
    """An order, and the place in it that the page before ended at."""

    sort: ValueSort = ValueSort.SKU
    descending: bool = False
    after: Sequence[Any] | None = None

    @property
    def past(self) -> str:
        """The condition of what comes after that place."""
        return "" if self.after is None else keyset.past(self.keys, self.descending)

    @property
    def keys(self) -> keyset.Keys:
        return (*([_KEYS[self.sort]] if self.sort in _KEYS else ()), *_LAST_KEYS)


BY_SKU = ValueOrder()


@dataclass(frozen=True, slots=True)
class ValueFilter:
    """What a valuation is narrowed to: words of items, a category with all below it."""

    text: str = ""
    category_id: int | None = None


EVERYTHING = ValueFilter()


def valuation(
    company_id: int,
    *,
    book_id: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    by: By = "effective",
    item_ids: Sequence[int] | None = None,
    filters: ValueFilter = EVERYTHING,
    order: ValueOrder = BY_SKU,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[Valuation]:
    """A page of values, by default by SKU and scope. Without dates from the pools as they are, else from moves and values.

    `by`: whether value rows are dated by effective day (what was so) or by posting day (what the ledger said).
    `after` is the (sku, scope_id) of the last row of the page before; another order brings its own.
    """
    if after is not None:
        order = ValueOrder(after=after)
    named, words = items.matching(filters.text, category_id=filters.category_id)

    def page(ids: Sequence[int] | None, wanted: ValueOrder, rows: int) -> list[Valuation]:
        params = _params(company_id, book_id, ids, as_of, known_at) | words | {"limit": rows}
        sql = _with(as_of, known_at, by, by_items=ids is not None) + _PAGE.format(
            where=" AND ".join(["true", *named]) + wanted.past,
            order=keyset.order(wanted.keys, wanted.descending),
        )
        return [Valuation(*row) for row in db.fetch_all(sql, params | keyset.values(wanted.after))]

    by_sku = order.sort is ValueSort.SKU and not order.descending
    if item_ids is not None or limit > SHORT_PAGE or (as_of is None and known_at is None) or not by_sku:
        return page(item_ids, order, min(limit, LARGEST_PAGE))
    found: list[Valuation] = []  # a short page of the past: only the items that it shows are worked out
    look = limit
    while len(found) < limit and (near := _items_after(company_id, order.after, look, named, words)):
        found += page([item for item, _ in near], order, limit - len(found))
        order = ValueOrder(after=(near[-1][1], LAST_SCOPE))
        look = min(4 * look, MOST_AT_ONCE)  # where so little was there, further at once
    return found


def _items_after(
    company_id: int, after: Sequence[Any] | None, limit: int, named: Sequence[str], words: dict[str, Any]
) -> list[tuple[int, str]]:
    """(item, SKU) of the next items that have ever moved, by SKU."""
    sku, scope = after or ("", -1)
    more = "".join(f" AND {condition}" for condition in named)
    rows = db.fetch_all(
        f"""
        SELECT i.id, i.sku FROM items_item i
        JOIN stock_item_lock l ON l.company_id = i.company_id AND l.item_id = i.id
        WHERE i.company_id = %(company)s AND i.sku >= %(sku)s AND (i.sku, %(last)s::int) > (%(sku)s, %(scope)s::bigint)
          AND l.last_at > '-infinity' {more}
        ORDER BY i.sku LIMIT %(limit)s
        """,  # noqa: S608 - constant texts
        {"company": company_id, "sku": sku, "scope": scope, "last": LAST_SCOPE, "limit": limit} | words,
    )
    return [(row[0], row[1]) for row in rows]


def valuation_total(
    company_id: int,
    *,
    book_id: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    by: By = "effective",
    filters: ValueFilter = EVERYTHING,
) -> ValuationTotal:
    """What all stock is worth, or what the filter leaves of it, in minor units of the book's currency."""
    named, words = items.matching(filters.text, category_id=filters.category_id)
    row = db.fetch_one(
        _with(as_of, known_at, by, by_items=False)
        + _TOTAL
        + (_OF_ITEMS + " AND ".join(named) if named else ""),
        _params(company_id, book_id, None, as_of, known_at) | words,
    )
    assert row is not None
    return ValuationTotal(*row)


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of an item's ledger card: a move, or a value that came without one (move_id 0).

    `qty` is what came (+) or went (-) as the company's held stock sees it, `value` what the pool's value changed by
    at this place, corrections of later receipts included; balances are after the line.
    """

    row_no: int
    move_id: int
    cause_id: int
    kind: int | None
    document_id: int | None
    document_number: str | None
    document_kind: str | None
    effective_at: datetime | None
    effective_on: date
    recorded_at: datetime | None
    from_code: str | None
    to_code: str | None
    lot_code: str | None
    moved_qty: int
    qty: int
    value: int
    balance_qty: int
    balance_value: int


_CARD = """
    WITH held AS MATERIALIZED (
        SELECT id FROM stock_location WHERE company_id = %(company)s AND is_held
    ), worth AS MATERIALIZED (
        SELECT v.cause_id, min(v.effective_on) AS effective_on, sum(v.stock_amount)::bigint AS value,
               min(v.recorded_at) AS recorded_at
        FROM stock_value v
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.item_id = %(item)s
          AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
        GROUP BY v.cause_id
    ), lines AS (
        SELECT m.move_id, m.move_id AS cause_id, m.kind, m.document_id, m.effective_at, m.effective_on, m.recorded_at,
               m.from_location_id, m.to_location_id, m.lot_id, m.qty AS moved_qty,
               m.qty * ((m.to_location_id IN (SELECT id FROM held))::int
                        - (m.from_location_id IN (SELECT id FROM held))::int) AS qty,
               coalesce(w.value, 0) AS value, m.phase, m.key
        FROM stock_move m
        LEFT JOIN worth w ON w.cause_id = m.move_id
        WHERE m.company_id = %(company)s AND m.item_id = %(item)s
          AND (%(as_of)s::date IS NULL OR m.effective_on <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR m.recorded_at <= %(known_at)s)
        UNION ALL
        SELECT 0, w.cause_id, NULL, NULL, NULL, w.effective_on, w.recorded_at, NULL, NULL, NULL, 0, 0, w.value,
               NULL, NULL
        FROM worth w
        WHERE w.cause_id <= 0
    ), running AS (
        SELECT l.*, row_number() OVER place AS row_no,
               sum(l.qty) OVER place AS balance_qty, sum(l.value) OVER place AS balance_value
        FROM lines l
        WINDOW place AS (ORDER BY l.effective_on, l.effective_at NULLS LAST, l.phase, l.key, l.move_id, l.cause_id
                         ROWS UNBOUNDED PRECEDING)
    ), page AS (
        SELECT * FROM running WHERE row_no > %(after)s ORDER BY row_no LIMIT %(limit)s
    )
    SELECT p.row_no, p.move_id, p.cause_id, p.kind, p.document_id, d.number, d.kind, p.effective_at, p.effective_on,
           p.recorded_at, f.code, t.code, lot.code, p.moved_qty, p.qty::bigint, p.value::bigint,
           p.balance_qty::bigint, p.balance_value::bigint
    FROM page p
    LEFT JOIN stock_document d ON d.company_id = %(company)s AND d.document_id = p.document_id
    LEFT JOIN stock_location f ON f.company_id = %(company)s AND f.id = p.from_location_id
    LEFT JOIN stock_location t ON t.company_id = %(company)s AND t.id = p.to_location_id
    LEFT JOIN items_lot lot ON lot.company_id = %(company)s AND lot.id = p.lot_id
    ORDER BY p.row_no
"""


def ledger_card(
    company_id: int,
    *,
    book_id: int,
    item_id: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[CardRow]:
    """The history of an item in a book with running quantity and value. `after`: row_no of the last row before."""
    params = {
        "company": company_id,
        "book": book_id,
        "item": item_id,
        "as_of": as_of,
        "known_at": known_at,
        "after": after,
        "limit": min(limit, LARGEST_PAGE),
    }
    return [CardRow(*row) for row in db.fetch_all(_CARD, params)]
