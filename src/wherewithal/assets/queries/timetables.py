"""Timetables of depreciation: what comes next, and how it went last time."""

import datetime
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from wherewithal.assets.services.context import load_context
from wherewithal.assets.timetables import Timetable
from wherewithal.kit import db, jobs
from wherewithal.ledger import queries as ledger_queries


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """The timetable of a book. `due_through`: a period whose hour has come and that is not charged yet; `last_job`: the
    latest job it started, as `kit.jobs.get_job` gives it."""

    book_id: int
    book: str
    days_after: int
    hour: int
    since: datetime.datetime
    actor_id: int | None
    due_through: datetime.date | None
    next_through: datetime.date
    next_at: datetime.datetime
    last_job: dict[str, Any] | None

    @property
    def failed(self) -> bool:
        """Whether the latest run by this timetable was not posted."""
        return self.last_job is not None and self.last_job["state"] == "failed"


def timetables(company_id: int, now: datetime.datetime) -> list[TimetableRow]:
    """Those of all books, the primary one first."""
    rows = {
        row[0]: row[1:]
        for row in db.fetch_all(
            "SELECT book_id, days_after, hour, since, actor_id FROM assets_timetable WHERE company_id = %s",
            (company_id,),
        )
    }
    if not rows:
        return []
    zone = ZoneInfo(ledger_queries.company(company_id).timezone)
    found = []
    for book in load_context(company_id).books:
        if book.book_id not in rows:
            continue
        days_after, hour, since, actor_id = rows[book.book_id]
        timetable = Timetable(days_after, hour, since)
        next_through, next_at = timetable.coming(book.calendar, zone, book.horizon_on, now)
        tried = jobs.find_jobs(
            company_id=company_id,
            kind="depreciation",
            arguments={"book_id": book.book_id, "by_timetable": True},
            limit=1,
        )
        found.append(
            TimetableRow(
                book_id=book.book_id,
                book=book.code,
                days_after=days_after,
                hour=hour,
                since=since,
                actor_id=actor_id,
                due_through=timetable.due(book.calendar, zone, book.horizon_on, now),
                next_through=next_through,
                next_at=next_at,
                last_job=tried[0] if tried else None,
            )
        )
    return found
