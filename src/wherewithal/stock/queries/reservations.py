"""Reads of reservations, and where to pick from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from wherewithal.kit import db
from wherewithal.stock.queries import keyset

LARGEST_PAGE = 1001  # a thousand and one to look ahead


class ReservationSort(StrEnum):
    """By what a list of claims is ordered; those of one item as they were made."""

    SINCE = "since"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A claim on stock; quantities in smallest units. `open_qty`: what is still claimed."""

    reservation_id: int
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    location_id: int
    location_code: str
    lot_id: int
    lot_code: str
    qty: int
    open_qty: int
    reference: str | None
    created_at: datetime
    closed_at: datetime | None

    def place(self, sort: ReservationSort) -> tuple[Any, ...]:
        """Where it stands in this order: `after` of the next page if it ends one."""
        return (*((self.sku,) if sort == ReservationSort.ITEM else ()), self.reservation_id)


_KEYS = {
    ReservationSort.SINCE: (("r.reservation_id", "bigint"),),
    ReservationSort.ITEM: (("i.sku", "text"), ("r.reservation_id", "bigint")),
}
_RESERVATIONS = """
    SELECT r.reservation_id, r.item_id, i.sku, i.name, u.code, i.qty_decimals, r.location_id, l.code, r.lot_id,
           coalesce(t.code, ''), r.qty, r.open_qty, r.reference, r.created_at, r.closed_at
    FROM stock_reservation r
    JOIN items_item i ON i.company_id = r.company_id AND i.id = r.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN stock_location l ON l.company_id = r.company_id AND l.id = r.location_id
    LEFT JOIN items_lot t ON t.company_id = r.company_id AND t.id = r.lot_id
    WHERE r.company_id = %(company)s
"""


def list_reservations(
    company_id: int,
    *,
    item_id: int | None = None,
    reference: str | None = None,
    only_open: bool = True,
    reservation_ids: Sequence[int] | None = None,
    sort: ReservationSort = ReservationSort.SINCE,
    descending: bool = True,
    before: int | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[Reservation]:
    """A page of claims, by default the newest first. `before` is then the reservation_id of the last row of the page
    before; in any order `after` is its `place`."""
    keys = _KEYS[sort]
    after = (before,) if before is not None else after
    sql = (
        f"{_RESERVATIONS} AND (%(item)s::int IS NULL OR r.item_id = %(item)s)"
        " AND (%(reference)s::text IS NULL OR r.reference = %(reference)s)"
        " AND (%(ids)s::bigint[] IS NULL OR r.reservation_id = ANY (%(ids)s))"
        f" AND (NOT %(open)s OR r.open_qty > 0) {keyset.past(keys, descending) if after is not None else ''}"
        f" ORDER BY {keyset.order(keys, descending)} LIMIT %(limit)s"
    )
    params = {
        "company": company_id,
        "item": item_id,
        "reference": reference,
        "ids": None if reservation_ids is None else list(reservation_ids),
        "open": only_open,
        "limit": min(limit, LARGEST_PAGE),
    } | keyset.values(after)
    return [Reservation(*row) for row in db.fetch_all(sql, params)]


def items_of_reservations(company_id: int, reservation_ids: Sequence[int]) -> dict[int, int]:
    """The item that each of these claims is on; what is no claim of the company is left out."""
    rows = db.fetch_all(
        "SELECT reservation_id, item_id FROM stock_reservation"
        " WHERE company_id = %s AND reservation_id = ANY (%s::bigint[])",
        (company_id, list(reservation_ids)),
    )
    return dict(rows)


class Removal(StrEnum):
    """In which order stock is offered for picking."""

    FEFO = "fefo"
    FIFO = "fifo"
    LIFO = "lifo"


@dataclass(frozen=True, slots=True)
class Pick:
    """Take so much here."""

    location_id: int
    location_code: str
    lot_id: int
    lot_code: str
    expires_on: date | None
    qty: int


_ORDER = {
    Removal.FEFO: "t.expires_on NULLS LAST, a.at, l.code, q.lot_id",
    Removal.FIFO: "a.at, l.code, q.lot_id",
    Removal.LIFO: "a.at DESC, l.code, q.lot_id",
}

_OFFERED = """
    WITH RECURSIVE places AS (
        SELECT l.id FROM stock_location l
        WHERE l.company_id = %(company)s
          AND CASE WHEN %(location)s::int IS NULL THEN l.parent_id IS NULL AND l.type <> 'transit'
                   ELSE l.id = %(location)s END
        UNION ALL
        SELECT l.id FROM stock_location l JOIN places p ON l.company_id = %(company)s AND l.parent_id = p.id
    ), arrived AS MATERIALIZED (
        SELECT m.to_location_id AS location_id, m.lot_id, min(m.effective_at) AS at
        FROM stock_move m
        WHERE m.company_id = %(company)s AND m.item_id = %(item)s
        GROUP BY m.to_location_id, m.lot_id
    )
    SELECT q.location_id, l.code, q.lot_id, coalesce(t.code, ''), t.expires_on, q.qty - q.reserved
    FROM stock_quant q
    JOIN stock_location l ON l.company_id = q.company_id AND l.id = q.location_id AND l.active
    LEFT JOIN items_lot t ON t.company_id = q.company_id AND t.id = q.lot_id
    LEFT JOIN arrived a ON a.location_id = q.location_id AND a.lot_id = q.lot_id
    WHERE q.company_id = %(company)s AND q.item_id = %(item)s AND q.qty > q.reserved
      AND q.location_id IN (SELECT id FROM places)
      AND (q.lot_id = 0 OR (t.status = 0 AND (t.expires_on IS NULL OR t.expires_on >= %(today)s)))
"""


def suggest_picks(
    company_id: int,
    *,
    item_id: int,
    qty: int,
    today: date,
    removal: Removal = Removal.FEFO,
    location_id: int | None = None,
) -> list[Pick]:
    """Where to take `qty` smallest units from, in the order of the strategy; fewer if there is less to offer.

    Never offered: expired goods (before `today`), lots that are not available, what is reserved, goods in transit.
    """
    rows = db.fetch_all(
        f"{_OFFERED} ORDER BY {_ORDER[removal]}",
        {"company": company_id, "item": item_id, "location": location_id, "today": today},
    )
    picks: list[Pick] = []
    for location, code, lot, lot_code, expires_on, offered in rows:
        if qty <= 0:
            break
        picks.append(Pick(location, code, lot, lot_code, expires_on, min(qty, offered)))
        qty -= offered
    return picks
