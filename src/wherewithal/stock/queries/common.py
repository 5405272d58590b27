"""Small things that the reads share."""

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

LARGEST_PAGE = 1001


def page_size(limit: int) -> int:
    return max(1, min(limit, LARGEST_PAGE))


def id_array(ids: Iterable[int]) -> str:
    """An array literal: cheaper to send than a list."""
    return "{" + ",".join(map(str, ids)) + "}"


def units(smallest: int, decimals: int) -> Decimal:
    """Base units from smallest units, exactly: 1500 with 3 decimals is 1.5."""
    return Decimal(int(smallest)).scaleb(-decimals)


def money(minor: int, decimals: int) -> Decimal:
    return Decimal(int(minor)).scaleb(-decimals)


SUBTREE = """
    WITH RECURSIVE sub AS (
        SELECT id FROM stock_location WHERE company_id = %(company)s AND id = %(location)s
        UNION ALL
        SELECT l.id FROM stock_location l JOIN sub ON l.company_id = %(company)s AND l.parent_id = sub.id)
    SELECT id FROM sub
"""
"""The ids of a place and all places in it."""


def moment(as_of: datetime.date | datetime.datetime | None) -> tuple[str, Any] | None:
    """A condition on moves (alias m) and its parameter: up to an instant, or to the end of a local day."""
    if as_of is None:
        return None
    if isinstance(as_of, datetime.datetime):
        return "m.effective_at <= %(as_of)s", as_of
    return "m.effective_on <= %(as_of)s", as_of


def columns(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
