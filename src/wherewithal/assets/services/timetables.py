"""Timetables of depreciation: set, dropped, and looked at by the worker, which starts what is due as jobs."""

import datetime
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.db import connection

from wherewithal.assets.services.context import load_context
from wherewithal.assets.timetables import MOST_DAYS, Timetable
from wherewithal.core.words import say
from wherewithal.kit import db, jobs
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import queries as ledger_queries

KIND = "depreciation"
BY_TIMETABLE: dict[str, object] = {"by_timetable": True}
MOST_TRIES = 3
"""A run whose worker is stopped in the middle is begun again so often; then it waits for the next day."""


def set_timetable(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    days_after: int,
    hour: int,
    at: datetime.datetime,
) -> None:
    """Charge a book by itself: so many days (0 to 90) after each of its periods ends, at an hour (0 to 23) in the company's
    time zone, from `at` on. In place of the timetable it had.

    It is the company's: its runs are nobody's, and go on when whoever set it leaves or may no longer depreciate."""
    problems = []
    if not 0 <= days_after <= MOST_DAYS:
        message = say("Give 0 to {most_days} days after the end of a period.", most_days=MOST_DAYS)
        problems.append(Problem("days_after", "range", message, value=str(days_after)))
    if not 0 <= hour <= 23:
        problems.append(Problem("hour", "range", say("Give a full hour from 0 to 23."), value=str(hour)))
    if problems:
        raise Refused(problems)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _held_book(company_id, book_id)
        db.execute(
            "INSERT INTO assets_timetable (company_id, book_id, days_after, hour, since, actor_id)"
            " VALUES (%(company)s, %(book)s, %(days)s, %(hour)s, %(at)s, %(actor)s)"
            " ON CONFLICT (company_id, book_id) DO UPDATE SET days_after = excluded.days_after, hour = excluded.hour,"
            " since = excluded.since, actor_id = excluded.actor_id",
            {
                "company": company_id,
                "book": book_id,
                "days": days_after,
                "hour": hour,
                "at": at,
                "actor": actor_id,
            },
        )


def drop_timetable(*, company_id: int, actor_id: int | None, book_id: int) -> bool:
    """Charge the book by hand only; whether it had a timetable. A job that waits already is still done."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _held_book(company_id, book_id)
        return bool(
            db.execute(
                "DELETE FROM assets_timetable WHERE company_id = %s AND book_id = %s", (company_id, book_id)
            )
        )


def _held_book(company_id: int, book_id: int) -> None:
    row = db.fetch_one(
        "SELECT 1 FROM assets_book WHERE company_id = %s AND book_id = %s FOR SHARE", (company_id, book_id)
    )
    if row is None:
        message = say("There is no such book in this company.")
        raise NotFound(Problem("book_id", "exists", message, value=str(book_id)))


def start_run(*, company_id: int, actor_id: int | None, book_id: int, through_on: datetime.date) -> int:
    """Let the worker charge a book up to the end of a day; the id of the job."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _held_book(company_id, book_id)
        return _enqueue(company_id, actor_id, book_id, through_on, {})


def start_due_runs(*, company_id: int, now: datetime.datetime) -> list[int]:
    """Start what the company's timetables say is due and has not been tried since its hour came; the ids of the jobs.

    One that is under way is left alone. One that was refused is tried once more each day at its hour; one whose worker
    was stopped, at once.
    """

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id):
            jobs.fail_broken_off(company_id)
            rows = db.fetch_all(
                "SELECT book_id, days_after, hour, since FROM assets_timetable WHERE company_id = %s"
                " ORDER BY book_id FOR UPDATE",
                (company_id,),
            )
            zone = ZoneInfo(ledger_queries.company(company_id).timezone)
            context = load_context(company_id)
            started = []
            for book_id, days_after, hour, since in rows:
                book, timetable = context.book(book_id), Timetable(days_after, hour, since)
                end = timetable.due(book.calendar, zone, book.horizon_on, now)
                if end is not None and _may_try(company_id, book_id, end, timetable.last_hour(zone, now)):
                    started.append(_enqueue(company_id, None, book_id, end, BY_TIMETABLE | _asked(now)))
            return started

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _may_try(company_id: int, book_id: int, end: datetime.date, since: datetime.datetime) -> bool:
    tries = jobs.find_jobs(company_id=company_id, kind=KIND, arguments=_arguments(book_id, end))
    if any(job["state"] in ("waiting", "running") for job in tries):
        return False
    lately = [job for job in tries if str(_asked(since)["asked_at"]) <= job["arguments"].get("asked_at", "")]
    ended = [job for job in lately if (job["result"] or {}).get("code") != jobs.BROKEN_OFF]
    return not ended and len(lately) < MOST_TRIES


def _asked(at: datetime.datetime) -> dict[str, object]:
    """When a timetable asked for the run, as texts that sort."""
    return {"asked_at": at.astimezone(datetime.UTC).isoformat(timespec="seconds")}


def _enqueue(
    company_id: int,
    actor_id: int | None,
    book_id: int,
    through_on: datetime.date,
    more: Mapping[str, object],
) -> int:
    arguments = {**_arguments(book_id, through_on), **more}
    return jobs.enqueue(company_id=company_id, actor_id=actor_id, kind=KIND, arguments=arguments)


def _arguments(book_id: int, through_on: datetime.date) -> dict[str, object]:
    return {"book_id": book_id, "through_on": through_on.isoformat()}
