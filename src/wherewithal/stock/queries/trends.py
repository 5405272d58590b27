"""Figures over time for charts and reports: value by month, goods in and out by week, expiry by week, age of stock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wherewithal.core.costing.state import load as load_pool
from wherewithal.core.posting import Role
from wherewithal.items import queries as items
from wherewithal.kit import db


@dataclass(frozen=True, slots=True)
class ValueAt:
    """What one category's stock stood at (minor units of the book's currency) at the end of a day: cost less write-down."""

    day: date
    category_id: int
    category_name: str
    value: int


def value_by_category(company_id: int, *, book_id: int, first: date, last: date) -> list[ValueAt]:
    """Stock value of each category at the end of each month from `first` on, and on `last`, by effective day, where
    there was any.

    At the start of a month a pool is as in its first snapshot from then on, or else as it is now: as many rows as
    there are pools and months, however much has moved. Only for `last` what came later in its month is taken away.
    Write-downs to net realisable value are few: they are read one by one and taken off from their day on.
    """
    params = {"company": company_id, "book": book_id, "first": first, "last": last}
    after = [
        _next_month(month) for month in _months(first, last)
    ]  # the days that begin where the shown ones end
    totals: dict[tuple[date, int], int] = defaultdict(int)
    starts: dict[_Pool, dict[date, bytes]] = defaultdict(dict)
    for *pool, day, state in db.fetch_all(_SNAPSHOTS, params | {"first": after[0]}):
        starts[tuple(pool)][day] = state
    now: dict[_Pool, tuple[int, int]] = {
        tuple(pool): (qty, value) for *pool, qty, value in db.fetch_all(_POOLS_NOW, params)
    }
    for found in starts.keys() | now.keys():
        for day, (_qty, value) in _held(after, starts.get(found, {}), now.get(found, (0, 0))):
            totals[day, found[0]] += value
    for category, value in db.fetch_all(_LATER_IN_MONTH, params | {"after": after[-1]}):
        totals[after[-1], category] -= value
    allowance = f"{Role.NRV_ALLOWANCE:d}"  # a literal, so that the index of allowances fits
    for category, on, amount in db.fetch_all(_WRITTEN_DOWN.format(allowance=allowance), params):
        for day in after:
            if on < day:
                totals[day, category] -= amount
    names: dict[int, str] = dict(
        db.fetch_all("SELECT id, name FROM items_category WHERE company_id = %(company)s", params)
    )
    rows = [
        ValueAt(min(day - timedelta(days=1), last), category, names[category], value)
        for (day, category), value in totals.items()
        if value
    ]
    return sorted(rows, key=lambda row: (row.day, row.category_name, row.category_id))


_Pool = tuple[int, ...]  # category, item, scope, lot
_SNAPSHOTS = """
    SELECT i.category_id, s.item_id, s.scope_id, s.lot_id, s.day, s.state
    FROM stock_cost_snapshot s JOIN items_item i ON i.company_id = s.company_id AND i.id = s.item_id
    WHERE s.company_id = %(company)s AND s.book_id = %(book)s AND s.day >= %(first)s
"""
_POOLS_NOW = """
    SELECT i.category_id, s.item_id, s.scope_id, s.lot_id, s.qty, s.value
    FROM stock_cost_state s JOIN items_item i ON i.company_id = s.company_id AND i.id = s.item_id
    WHERE s.company_id = %(company)s AND s.book_id = %(book)s
"""
_LATER_IN_MONTH = """
    SELECT i.category_id, sum(v.stock_amount)::bigint
    FROM stock_value v JOIN items_item i ON i.company_id = v.company_id AND i.id = v.item_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s
      AND v.effective_on > %(last)s AND v.effective_on < %(after)s
    GROUP BY i.category_id
"""
_WRITTEN_DOWN = """
    SELECT i.category_id, v.effective_on, sum(v.amount)::bigint
    FROM stock_value v JOIN items_item i ON i.company_id = v.company_id AND i.id = v.item_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.role = {allowance}
      AND v.effective_on <= %(last)s
    GROUP BY i.category_id, v.effective_on
"""


def _held(
    after: Sequence[date], starts: Mapping[date, bytes], now: tuple[int, int]
) -> Iterator[tuple[date, tuple[int, int]]]:
    """Quantity and value of a pool where each of these days begins, the last one first: as in its first snapshot from
    then on, also where that is later than all of these days; without one it is as now."""
    later = min((day for day in starts if day > after[-1]), default=None)
    held = now if later is None else load_pool(bytes(starts[later])).net()
    for day in reversed(after):
        held = load_pool(bytes(starts[day])).net() if day in starts else held
        yield day, held


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from one day to another."""
    months = [first.replace(day=1)]
    while (following := _next_month(months[-1])) <= last:
        months.append(following)
    return months


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class FlowIn:
    """What stock gained and lost in a week, at cost, in minor units of the book's currency."""

    week: date
    received: int
    issued: int


def flow_by_week(company_id: int, *, book_id: int, first: date, last: date) -> list[FlowIn]:
    """Value that came into stock and left it, week by week (weeks begin on Monday), by effective day."""
    rows = db.fetch_all(
        """
        WITH daily AS (
            SELECT v.effective_on,
                   sum(v.stock_amount) FILTER (WHERE v.stock_amount > 0) AS received,
                   -sum(v.stock_amount) FILTER (WHERE v.stock_amount < 0) AS issued
            FROM stock_value v
            WHERE v.company_id = %(company)s AND v.book_id = %(book)s
              AND v.effective_on BETWEEN %(first)s AND %(last)s
            GROUP BY v.effective_on
        ), change AS (
            SELECT date_trunc('week', effective_on)::date AS week, sum(received) AS received, sum(issued) AS issued
            FROM daily GROUP BY 1
        )
        SELECT w::date, coalesce(c.received, 0)::bigint, coalesce(c.issued, 0)::bigint
        FROM generate_series(date_trunc('week', %(first)s::date), %(last)s::date, interval '1 week') AS w
        LEFT JOIN change c ON c.week = w::date
        ORDER BY w
        """,
        {"company": company_id, "book": book_id, "first": first, "last": last},
    )
    return [FlowIn(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ExpiryIn:
    """How much expires in a week: lots and their value at the average cost of their item's pool, in minor units."""

    week: date
    lots: int
    value: int


def expiry_by_week(company_id: int, *, book_id: int, first: date, last: date) -> list[ExpiryIn]:
    """Lots on hand that expire, week by week, valued at what their item costs on average in the book."""
    rows = db.fetch_all(
        """
        WITH unit AS (
            SELECT item_id, sum(value)::numeric / nullif(sum(qty), 0) AS cost FROM stock_cost_state
            WHERE company_id = %(company)s AND book_id = %(book)s GROUP BY item_id
        ), due AS (
            SELECT date_trunc('week', t.expires_on)::date AS week, t.id, sum(q.qty * coalesce(u.cost, 0)) AS value
            FROM items_lot t
            JOIN stock_quant q ON q.company_id = t.company_id AND q.item_id = t.item_id
                 AND q.lot_id = t.id AND q.qty > 0
            LEFT JOIN unit u ON u.item_id = t.item_id
            WHERE t.company_id = %(company)s AND t.expires_on BETWEEN %(first)s AND %(last)s
            GROUP BY 1, 2
        )
        SELECT w::date, count(d.id), coalesce(round(sum(d.value)), 0)::bigint
        FROM generate_series(date_trunc('week', %(first)s::date), %(last)s::date, interval '1 week') AS w
        LEFT JOIN due d ON d.week = w::date
        GROUP BY w ORDER BY w
        """,
        {"company": company_id, "book": book_id, "first": first, "last": last},
    )
    return [ExpiryIn(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Age:
    """How old what is on hand of an item is, as if the newest had stayed: quantities by age in days."""

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    qty: int
    under_30_qty: int
    under_90_qty: int
    under_180_qty: int
    under_360_qty: int
    older_qty: int


def ageing(
    company_id: int,
    *,
    today: date,
    text: str = "",
    category_id: int | None = None,
    item_id: int | None = None,
    descending: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> list[Age]:
    """A page of items on hand by SKU; what is there is taken to be of the latest arrivals. `after`: the last SKU.

    `text` is matched by beginnings of the item's words, `category_id` counts with every category below it.
    """
    named, words = items.matching(text, category_id=category_id)
    way, beyond = ("DESC", "<") if descending else ("ASC", ">")
    rows = db.fetch_all(
        f"""
        WITH page AS (
            SELECT i.id, i.sku, i.name, u.code, i.qty_decimals, q.qty
            FROM items_item i
            JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
            CROSS JOIN LATERAL (SELECT sum(q.qty)::bigint AS qty FROM stock_quant q
                                WHERE q.company_id = %(company)s AND q.item_id = i.id) q
            WHERE i.company_id = %(company)s AND (%(after)s::text IS NULL OR i.sku {beyond} %(after)s) AND q.qty > 0
              AND (%(item)s::int IS NULL OR i.id = %(item)s)
              {"".join(f"AND {condition} " for condition in named)}
            ORDER BY i.sku {way} LIMIT %(limit)s
        ), arrived AS (
            SELECT m.item_id, m.effective_on, m.qty, sum(m.qty) OVER newest_first - m.qty AS newer_qty
            FROM stock_move m
            JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id AND NOT f.is_held
            JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id AND t.is_held
            WHERE m.company_id = %(company)s AND m.item_id IN (SELECT id FROM page)
            WINDOW newest_first AS (PARTITION BY m.item_id ORDER BY m.effective_at DESC, m.move_id DESC)
        ), kept AS (
            SELECT a.item_id, %(today)s::date - a.effective_on AS days, least(a.qty, p.qty - a.newer_qty) AS qty
            FROM arrived a JOIN page p ON p.id = a.item_id
            WHERE a.newer_qty < p.qty
        )
        SELECT p.id, p.sku, p.name, p.code, p.qty_decimals, p.qty,
               coalesce(sum(k.qty) FILTER (WHERE k.days < 30), 0)::bigint,
               coalesce(sum(k.qty) FILTER (WHERE k.days >= 30 AND k.days < 90), 0)::bigint,
               coalesce(sum(k.qty) FILTER (WHERE k.days >= 90 AND k.days < 180), 0)::bigint,
               coalesce(sum(k.qty) FILTER (WHERE k.days >= 180 AND k.days < 360), 0)::bigint,
               coalesce(sum(k.qty) FILTER (WHERE k.days >= 360), 0)::bigint
        FROM page p LEFT JOIN kept k ON k.item_id = p.id
        GROUP BY p.id, p.sku, p.name, p.code, p.qty_decimals, p.qty
        ORDER BY p.sku {way}
        """,  # noqa: S608 - constant texts
        {
            "company": company_id,
            "today": today,
            "item": item_id,
            "after": after,
            "limit": min(limit, 1001),
        }
        | words,
    )
    return [Age(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class AgeInAll:
    """What all stock is worth (minor units of the book's currency) and how many items are there, by age in days: under
    30, 90, 180, 360, older. An item may be in several."""

    values: tuple[int, ...]
    items: tuple[int, ...]


def age_in_all(company_id: int, *, book_id: int, today: date) -> AgeInAll:
    """All stock by age, as `ageing` shows it item by item: what is there is taken to be of the latest arrivals, so of
    each age there is at most what came in within it. Valued at what an item costs on average in the book."""
    places = "SELECT id FROM stock_location WHERE company_id = %s AND is_held"
    held = [
        place for (place,) in db.fetch_all(places, (company_id,))
    ]  # given as values: so the scan goes in parallel
    row = db.fetch_one(
        """
        WITH here AS (
            SELECT item_id, sum(qty) AS qty FROM stock_quant WHERE company_id = %(company)s
            GROUP BY item_id HAVING sum(qty) > 0
        ), came AS (
            SELECT m.item_id, sum(m.qty) AS a4,
                   sum(m.qty) FILTER (WHERE m.effective_on > %(today)s::date - 30) AS a1,
                   sum(m.qty) FILTER (WHERE m.effective_on > %(today)s::date - 90) AS a2,
                   sum(m.qty) FILTER (WHERE m.effective_on > %(today)s::date - 180) AS a3
            FROM stock_move m
            WHERE m.company_id = %(company)s AND m.effective_on > %(today)s::date - 360
              AND m.to_location_id = ANY (%(held)s) AND m.from_location_id <> ALL (%(held)s)
            GROUP BY m.item_id
        ), unit AS (
            SELECT item_id, sum(value)::numeric / nullif(sum(qty), 0) AS cost FROM stock_cost_state
            WHERE company_id = %(company)s AND book_id = %(book)s GROUP BY item_id
        ), part AS (
            SELECT coalesce(u.cost, 0) AS cost, least(h.qty, coalesce(c.a1, 0)) AS p1,
                   least(h.qty, coalesce(c.a2, 0)) AS p2, least(h.qty, coalesce(c.a3, 0)) AS p3,
                   least(h.qty, coalesce(c.a4, 0)) AS p4, h.qty AS p5
            FROM here h LEFT JOIN came c ON c.item_id = h.item_id LEFT JOIN unit u ON u.item_id = h.item_id
        )
        SELECT round(sum(p1 * cost)), round(sum((p2 - p1) * cost)), round(sum((p3 - p2) * cost)),
               round(sum((p4 - p3) * cost)), round(sum((p5 - p4) * cost)),
               count(*) FILTER (WHERE p1 > 0), count(*) FILTER (WHERE p2 > p1), count(*) FILTER (WHERE p3 > p2),
               count(*) FILTER (WHERE p4 > p3), count(*) FILTER (WHERE p5 > p4)
        FROM part
        """,
        {"company": company_id, "book": book_id, "today": today, "held": held},
    )
    figures = tuple(int(figure or 0) for figure in row or (0,) * 10)
    return AgeInAll(figures[:5], figures[5:])


@dataclass(frozen=True, slots=True)
class CostAt:
    """What there is of one item at the end of a day, as a book counts it: quantity in smallest units, value in minor
    units of the book's currency."""

    day: date
    book_id: int
    qty: int
    value: int


def cost_by_month(company_id: int, *, item_id: int, first: date, last: date) -> list[CostAt]:
    """Quantity and value of an item in every book at the end of each whole month from `first` to `last`, by effective
    day; read from the pools as `value_by_category` does."""
    after = [_next_month(month) for month in _months(first, last)]
    params = {"company": company_id, "item": item_id, "first": after[0]}
    starts: dict[_Pool, dict[date, bytes]] = defaultdict(dict)
    for *pool, day, state in db.fetch_all(
        "SELECT book_id, scope_id, lot_id, day, state FROM stock_cost_snapshot"
        " WHERE company_id = %(company)s AND item_id = %(item)s AND day >= %(first)s",
        params,
    ):
        starts[tuple(pool)][day] = state
    now: dict[_Pool, tuple[int, int]] = {
        tuple(pool): (qty, value)
        for *pool, qty, value in db.fetch_all(
            "SELECT book_id, scope_id, lot_id, qty, value FROM stock_cost_state"
            " WHERE company_id = %(company)s AND item_id = %(item)s",
            params,
        )
    }
    sums: dict[tuple[date, int], tuple[int, int]] = {}
    for found in starts.keys() | now.keys():
        for day, held in _held(after, starts.get(found, {}), now.get(found, (0, 0))):
            qty, value = sums.get((day, found[0]), (0, 0))
            sums[day, found[0]] = (qty + held[0], value + held[1])
    return [
        CostAt(day - timedelta(days=1), book_id, qty, value)
        for (day, book_id), (qty, value) in sorted(sums.items())
        if day - timedelta(days=1) <= last
    ]
