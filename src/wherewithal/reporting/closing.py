"""What stands in the way of closing a month of a book: each point looks for itself, nothing is ticked by hand.

A point is a warning or a fault, never a lock: whoever closes may know better (what arrives tomorrow is on its way
today), and a late fact is posted on the first open day anyway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wherewithal.assets import queries as assets
from wherewithal.assets.queries import RegisterFilter
from wherewithal.assets.values import Status
from wherewithal.kit import db, jobs
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import PeriodState
from wherewithal.reporting import verify
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Detail, OnHandFilter

MOST = 1_000
"""Counts above this are not counted further."""


class Found(StrEnum):
    """How a point came out."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing looked at. `key` names it for pages and texts; `count`: how many are in the way."""

    key: str
    found: Found
    count: int = 0
    on: date | None = None
    at: datetime | None = None


def checklist(company_id: int, book_id: int, *, end_on: date) -> list[Point]:
    """All points of a book and the month that ends on the day, in the order in which one deals with them."""
    return [look(company_id, book_id, end_on) for look in LOOKS]


def _below_zero(company_id: int, _book_id: int, end_on: date) -> Point:
    """Places that held less than nothing at the end of the month: their cost is provisional."""
    rows = stock.on_hand(
        company_id,
        today=end_on,
        detail=Detail.LOCATION,
        filters=OnHandFilter(below_zero=True),
        as_of=end_on,
        limit=MOST,
    )
    return Point("below_zero", Found.BAD if rows else Found.GOOD, len(rows))


def _on_its_way(company_id: int, _book_id: int, end_on: date) -> Point:
    """Goods sent and not taken in by the end of the month."""
    places = [place for place in stock.list_locations(company_id, held=True) if place.type == "transit"]
    count = sum(
        len(
            stock.on_hand(
                company_id,
                today=end_on,
                detail=Detail.LOCATION,
                filters=OnHandFilter(location_id=place.id),
                as_of=end_on,
                limit=MOST,
            )
        )
        for place in places
    )
    return Point("on_its_way", Found.WARN if count else Found.GOOD, count)


def _depreciation(company_id: int, book_id: int, end_on: date) -> Point:
    """Whether depreciation is charged through the month, where there is anything in service."""
    book = next((row for row in assets.books(company_id) if row.book_id == book_id), None)
    horizon = book.horizon_on if book else None
    served = assets.register(company_id, filters=RegisterFilter(status=Status.IN_SERVICE), limit=1)
    if not served or (horizon is not None and horizon >= end_on):
        return Point("depreciation", Found.GOOD, on=horizon)
    return Point("depreciation", Found.BAD, 1, on=horizon)


def _unplaced_parts(company_id: int, _book_id: int, end_on: date) -> Point:
    """Parts taken out of assets that no asset has received."""
    count = len(assets.parts_under_way(company_id, as_of=end_on))
    return Point("unplaced_parts", Found.WARN if count else Found.GOOD, count)


def _under_way(company_id: int, _book_id: int, _end_on: date) -> Point:
    """Long work that is not finished: it may still post into the month."""
    waiting = [job for job in jobs.list_jobs(company_id=company_id) if job["state"] in ("waiting", "running")]
    return Point("under_way", Found.WARN if waiting else Found.GOOD, len(waiting))


def _verified(company_id: int, _book_id: int, _end_on: date) -> Point:
    """Whether the books were verified after the last posting, and passed."""
    runs = verify.history(company_id=company_id, limit=1)
    if not runs:
        return Point("verified", Found.BAD)
    last = runs[0]
    if not last.passed:
        failed = sum(1 for check in last.checks if not check["passed"])
        return Point("verified", Found.BAD, failed, at=last.started_at)
    row = db.fetch_one("SELECT max(recorded_at) FROM ledger_entry WHERE company_id = %s", (company_id,))
    posted_at = row[0] if row else None
    old = posted_at is not None and posted_at > last.started_at
    return Point("verified", Found.WARN if old else Found.GOOD, at=last.started_at)


def _earlier_months(company_id: int, book_id: int, end_on: date) -> Point:
    """Closing is everything up to a day: how many months before this one are open and would be closed with it."""
    closed = [row.end_on for row in ledger.periods(company_id, book_id) if row.state != PeriodState.OPEN]
    first = db.fetch_one(
        "SELECT min(posting_on) FROM ledger_entry WHERE company_id = %s AND book_id = %s",
        (company_id, book_id),
    )
    begins = max(closed, default=None) or (first[0] if first else None)
    if begins is None:
        return Point("earlier_months", Found.GOOD)
    months = (end_on.year - begins.year) * 12 + end_on.month - begins.month - (1 if closed else 0)
    return Point("earlier_months", Found.WARN if months > 0 else Found.GOOD, max(0, months), on=begins)


LOOKS: tuple[Callable[[int, int, date], Point], ...] = (
    _below_zero,
    _on_its_way,
    _unplaced_parts,
    _under_way,
    _depreciation,
    _earlier_months,
    _verified,
)
