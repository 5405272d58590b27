"""Balances as plain numbers: (item, location) -> quantity in smallest units, now or at the end of a past day.

A past day is what is there now, less all months since, less the rest of its own month: so it costs as many rows as there
are cells, whatever the number of moves.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from wherewithal.kit import db

NOW = """
    SELECT q.item_id, q.location_id, sum(q.qty)::bigint AS qty
    FROM stock_quant q
    WHERE q.company_id = %(company)s {quants}
    GROUP BY q.item_id, q.location_id
    HAVING sum(q.qty) <> 0
"""

THEN = """
    SELECT a.item_id, a.location_id, a.qty::bigint AS qty
    FROM (
        WITH rest AS MATERIALIZED (
            SELECT m.item_id, m.from_location_id, m.to_location_id, m.qty FROM stock_move m
            WHERE m.company_id = %(company)s AND m.effective_on > %(as_of)s::date
              AND m.effective_on < (date_trunc('month', %(as_of)s::date::timestamp) + interval '1 month')::date
              AND m.effective_at >= %(as_of)s::date::timestamp AT TIME ZONE 'UTC' - interval '14 hours'
              AND m.effective_at < date_trunc('month', %(as_of)s::date::timestamp) AT TIME ZONE 'UTC'
                                   + interval '1 month 14 hours' {moves}
        )
        SELECT x.item_id, x.location_id, sum(x.qty) AS qty
        FROM (
            SELECT q.item_id, q.location_id, q.qty FROM stock_quant q WHERE q.company_id = %(company)s {quants}
            UNION ALL
            SELECT q.item_id, q.location_id, -q.qty FROM stock_quant_month q
            WHERE q.company_id = %(company)s AND q.month > %(as_of)s::date {quants}
            UNION ALL
            SELECT item_id, from_location_id, qty FROM rest
            UNION ALL
            SELECT item_id, to_location_id, -qty FROM rest
        ) x
        GROUP BY x.item_id, x.location_id
        HAVING sum(x.qty) <> 0
    ) a
    WHERE EXISTS (SELECT 1 FROM stock_location l
                  WHERE l.company_id = %(company)s AND l.id = a.location_id AND l.is_held)
"""
"""Parameters: company, as_of, and items where they are narrowed."""


def cells_sql(*, then: bool, items: str | None = None) -> str:
    """The query for the cells of all items, or of those for whose id a condition holds, such as "= i.id"."""
    quants = f"AND q.item_id {items}" if items else ""
    moves = f"AND m.item_id {items}" if items else ""
    return (THEN if then else NOW).format(quants=quants, moves=moves)


def cells(
    company_id: int, *, item_ids: Collection[int] | None = None, as_of: date | None = None
) -> dict[tuple[int, int], int]:
    """(item, location) -> quantity, cells that are not empty, of these items or of all."""
    params: dict[str, Any] = {"company": company_id, "as_of": as_of}
    if item_ids is not None:
        params["items"] = "{" + ",".join(map(str, item_ids)) + "}"
    sql = cells_sql(then=as_of is not None, items=None if item_ids is None else "= ANY (%(items)s::int[])")
    rows = db.fetch_all(sql, params)
    return {(item, location): qty for item, location, qty in rows}
