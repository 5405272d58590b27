"""Which lots and serials lie where: what a form offers, and what a refusal names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wherewithal.kit import db


@dataclass(frozen=True, slots=True)
class LotThere:
    """A lot or serial in a place, `qty` (above zero) in the item's smallest unit."""

    item_id: int
    location_id: int
    location_code: str
    lot_code: str
    lot_status: int
    expires_on: date | None
    qty: int
    qty_decimals: int
    unit_code: str


# The lots of an item in a place are found by the key of the cells; only those of few items and places are asked for.
_THERE = """
    SELECT w.item_id, f.location_id, f.location_code, f.code, f.status, f.expires_on, f.qty, i.qty_decimals, u.code
    FROM unnest(%(items)s::int[], %(places)s::int[]) WITH ORDINALITY AS w (item_id, location_id, position)
    JOIN items_item i ON i.company_id = %(company)s AND i.id = w.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    CROSS JOIN LATERAL (
        SELECT l.id AS location_id, l.code AS location_code, t.code, t.status, t.expires_on, q.qty
        FROM stock_quant q
        JOIN items_lot t ON t.company_id = q.company_id AND t.item_id = q.item_id AND t.id = q.lot_id
        JOIN stock_location l ON l.company_id = q.company_id AND l.id = q.location_id
        WHERE q.company_id = %(company)s AND q.item_id = w.item_id AND q.qty > 0
          AND (w.location_id IS NULL OR q.location_id = w.location_id)
          AND strpos(lower(t.code), lower(%(part)s)) > 0 AND t.code <> ALL (%(without)s::text[])
        ORDER BY t.expires_on NULLS LAST, t.code, l.code
        LIMIT %(limit)s
    ) f
    ORDER BY w.position, f.expires_on NULLS LAST, f.code, f.location_code
"""


def lots_there(
    company_id: int,
    cells: Sequence[tuple[int, int | None]],
    *,
    part: str = "",
    without: Sequence[str] = (),
    limit: int = 12,
) -> list[LotThere]:
    """Of each (item, place), at most `limit` lots or serials that lie exactly there, the first to expire first; place None:
    in any. `part` is in their codes, in any case; `without` names codes that are left out."""
    rows = db.fetch_all(
        _THERE,
        {
            "company": company_id,
            "items": [item_id for item_id, _place in cells],
            "places": [place for _item, place in cells],
            "part": part,
            "without": list(without),
            "limit": limit,
        },
    )
    return [LotThere(*row) for row in rows]
