"""Reads of lots and serials."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wherewithal.items.queries.items import LARGEST_PAGE, id_array
from wherewithal.items.values import LotFacts, LotStatus
from wherewithal.kit import db

_COLUMNS = (
    "id, item_id, code, is_serial, status, manufactured_on, best_before_on, expires_on, removal_on, alert_on"
)


def _facts(row: Sequence[Any]) -> LotFacts:
    return LotFacts(row[0], row[1], row[2], row[3], LotStatus(row[4]), *row[5:10])


def lots_by_id(company_id: int, lot_ids: Iterable[int]) -> dict[int, LotFacts]:
    rows = db.fetch_all(
        f"SELECT {_COLUMNS} FROM items_lot WHERE company_id = %s AND id = ANY(%s::bigint[])",  # noqa: S608 fixed text
        (company_id, id_array(lot_ids)),
    )
    return {row[0]: _facts(row) for row in rows}


def lot_ids(company_id: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The ids of (item_id, code) pairs; unknown ones are not in the answer."""
    wanted = list(keys)
    rows = db.fetch_all(
        """
        SELECT l.item_id, l.code, l.id
        FROM unnest(%s::int[], %s::text[]) AS wanted (item_id, code)
        JOIN items_lot l ON l.company_id = %s AND l.item_id = wanted.item_id AND l.code = wanted.code
        """,
        (id_array(item_id for item_id, _ in wanted), [code for _, code in wanted], company_id),
    )
    return {(item_id, code): lot_id for item_id, code, lot_id in rows}


def get_lot(company_id: int, lot_id: int) -> dict[str, Any] | None:
    rows = db.fetch_dicts(
        """
        SELECT l.*, i.sku, i.name AS item_name FROM items_lot l
        JOIN items_item i ON i.company_id = l.company_id AND i.id = l.item_id
        WHERE l.company_id = %s AND l.id = %s
        """,
        (company_id, lot_id),
    )
    return rows[0] if rows else None


def list_lots(
    company_id: int,
    *,
    item_id: int | None = None,
    status: int | None = None,
    today: date | None = None,
    expires_before: Any = None,
    code_prefix: str = "",
    after_id: int = 0,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page of lots in the order of their making; `after_id` is the last id of the page before.

    `status`: the one that was given; with `today` the one on that day, on which an available lot may have expired.
    """
    return db.fetch_dicts(
        f"""
        SELECT l.{_COLUMNS.replace(", ", ", l.")}, i.sku, i.name AS item_name
        FROM items_lot l JOIN items_item i ON i.company_id = l.company_id AND i.id = l.item_id
        WHERE l.company_id = %(company)s AND l.id > %(after)s
          AND (%(item)s::int IS NULL OR l.item_id = %(item)s)
          AND (%(status)s::smallint IS NULL OR %(status)s = CASE
                 WHEN l.status = {LotStatus.AVAILABLE:d} AND l.expires_on < %(today)s::date
                 THEN {LotStatus.EXPIRED:d} ELSE l.status END)
          AND (%(expires)s::date IS NULL OR l.expires_on < %(expires)s)
          AND (%(prefix)s = '' OR l.code ^@ %(prefix)s)
        ORDER BY l.id LIMIT %(limit)s
        """,  # noqa: S608 fixed text
        {
            "company": company_id,
            "after": after_id,
            "item": item_id,
            "status": status,
            "today": today,
            "expires": expires_before,
            "prefix": code_prefix,
            "limit": max(1, min(limit, LARGEST_PAGE)),
        },
    )


def lot_history(company_id: int, lot_id: int) -> list[dict[str, Any]]:
    """Who changed a lot when, from what to what, oldest first: rows of the audit trail."""
    return db.fetch_dicts(
        """
        SELECT at, actor_id, action, old, new FROM kit_audit_change
        WHERE company_id = %s AND table_name = 'items_lot' AND row_id = %s ORDER BY id
        """,
        (company_id, str(lot_id)),
    )
