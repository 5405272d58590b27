"""Closing and opening months, per book.

What is closed is always everything up to a day: a posting before a closed month would change that month's balance
sheet. So closing a month closes all before it, only the last closed month can be reopened, and what is locked stays.
"""

import calendar
import datetime
from collections.abc import Sequence

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, execute, fetch_one
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.ledger.services import checks
from wherewithal.ledger.values import PeriodState

MOST_MONTHS = 2_400


def close_period(
    *,
    company_id: int,
    book_id: int,
    end_on: datetime.date,
    actor_id: int | None,
    reason: str = "",
    recorded_at: datetime.datetime | None = None,
) -> int:
    """Close all open months up to and including the one that ends on the day; how many that were.

    Waits for postings under way in the book; later ones find the month closed.
    """
    checks.refuse_any(checks.day("end_on", end_on), _month_end(end_on), checks.text("reason", reason))
    with company_transaction(company_id=company_id, actor_id=actor_id):
        start_month = _alone_with_book(company_id, book_id)
        closed_to, _ = _closed_and_locked_to(company_id, book_id)
        if closed_to and end_on <= closed_to:
            raise refuse(
                "end_on",
                "open",
                say("The book is closed to {closed_to} already.", closed_to=closed_to),
                value=end_on,
            )
        first_on = _first_month(company_id, book_id, closed_to, end_on)
        months = _months(first_on, end_on)
        rows = [
            (
                company_id,
                book_id,
                start_on,
                month_end(start_on),
                _fiscal_year(start_on, start_month),
                (start_on.month - start_month) % 12 + 1,
                int(PeriodState.CLOSED),
                actor_id,
                reason,
            )
            for start_on in months
        ]
        _upsert_closed(rows, recorded_at)
    return len(months)


def reopen_period(
    *,
    company_id: int,
    book_id: int,
    end_on: datetime.date,
    actor_id: int | None,
    reason: str,
    recorded_at: datetime.datetime | None = None,
) -> None:
    """Reopen the last closed month, with a reason that is kept."""
    checks.refuse_any(checks.name("reason", reason))
    with company_transaction(company_id=company_id, actor_id=actor_id):
        _alone_with_book(company_id, book_id)
        closed_to, locked_to = _closed_and_locked_to(company_id, book_id)
        if closed_to is None or end_on > closed_to:
            raise refuse(
                "end_on", "closed", say("The month to {end_on} is not closed.", end_on=end_on), value=end_on
            )
        if locked_to and end_on <= locked_to:
            raise refuse(
                "end_on",
                "not_locked",
                say("The book is locked for good to {locked_to}.", locked_to=locked_to),
                value=end_on,
            )
        if end_on != closed_to:
            raise refuse(
                "end_on",
                "last_closed",
                say("The month to {closed_to} is closed: reopen that one first.", closed_to=closed_to),
                value=end_on,
            )
        _set_state(
            company_id, book_id, PeriodState.OPEN, actor_id, reason, recorded_at, "end_on = %s", end_on
        )


def lock_period(
    *,
    company_id: int,
    book_id: int,
    end_on: datetime.date,
    actor_id: int | None,
    reason: str = "",
    recorded_at: datetime.datetime | None = None,
) -> None:
    """Lock all closed months up to the day for good. Nobody can open them again, not even the database's owner."""
    checks.refuse_any(_month_end(end_on), checks.text("reason", reason))
    with company_transaction(company_id=company_id, actor_id=actor_id):
        _alone_with_book(company_id, book_id)
        closed_to, locked_to = _closed_and_locked_to(company_id, book_id)
        if closed_to is None or end_on > closed_to:
            raise refuse(
                "end_on",
                "closed",
                say("The month to {end_on} is open: close it first.", end_on=end_on),
                value=end_on,
            )
        if locked_to and end_on <= locked_to:
            raise refuse(
                "end_on",
                "not_locked",
                say("The book is locked for good to {locked_to} already.", locked_to=locked_to),
                value=end_on,
            )
        condition = "end_on <= %s AND state = 1"
        _set_state(company_id, book_id, PeriodState.LOCKED, actor_id, reason, recorded_at, condition, end_on)


def month_end(day: datetime.date) -> datetime.date:
    """The last day of the day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _month_end(end_on: datetime.date) -> Problem | None:
    last = month_end(end_on)
    if end_on == last:
        return None
    return Problem(
        "end_on", "month_end", say("A period ends with its month: {last}.", last=last), value=str(end_on)
    )


def _alone_with_book(company_id: int, book_id: int) -> int:
    """Wait until nobody posts to the book, and keep others out; the first month of the fiscal year."""
    execute("SELECT pg_advisory_xact_lock(ledger_book_key(%s, %s))", (company_id, book_id))
    row = fetch_one(
        """
        SELECT c.fiscal_year_start_month FROM ledger_company c JOIN ledger_book b ON b.company_id = c.id
        WHERE c.id = %s AND b.id = %s
        """,
        (company_id, book_id),
    )
    if row is None:
        raise NotFound(
            Problem("book", "exists", say("There is no such book in this company."), value=str(book_id))
        )
    return int(row[0])


def _closed_and_locked_to(company_id: int, book_id: int) -> tuple[datetime.date | None, datetime.date | None]:
    row = fetch_one(
        """
        SELECT max(end_on) FILTER (WHERE state > 0), max(end_on) FILTER (WHERE state = 2)
        FROM ledger_period WHERE company_id = %s AND book_id = %s
        """,
        (company_id, book_id),
    )
    assert row is not None, "an aggregate without groups has one row"
    return row[0], row[1]


def _first_month(
    company_id: int, book_id: int, closed_to: datetime.date | None, end_on: datetime.date
) -> datetime.date:
    """The month after the last closed one; the first time, the month of the first posting if that is earlier."""
    if closed_to is not None:
        return closed_to + datetime.timedelta(days=1)
    row = fetch_one(
        "SELECT min(posting_on) FROM ledger_entry WHERE company_id = %s AND book_id = %s",
        (company_id, book_id),
    )
    earliest = row[0] if row and row[0] else end_on
    return min(earliest, end_on).replace(day=1)


def _months(first_on: datetime.date, end_on: datetime.date) -> list[datetime.date]:
    """The first days of the months from the first to the one that ends on the day."""
    months = []
    start_on = first_on
    while start_on <= end_on:
        months.append(start_on)
        start_on = month_end(start_on) + datetime.timedelta(days=1)
    assert len(months) <= MOST_MONTHS, "days are kept between 1900 and 2199"
    return months


def _fiscal_year(day: datetime.date, start_month: int) -> int:
    """The calendar year in which the fiscal year ends; ledger_fiscal_year says the same in SQL."""
    return day.year + (1 if start_month > 1 and day.month >= start_month else 0)


def _upsert_closed(rows: Sequence[tuple[object, ...]], recorded_at: datetime.datetime | None) -> None:
    """Insert the months; those that were reopened before have their row already."""
    columns = "company_id, book_id, start_on, end_on, fiscal_year, number, state, actor_id, reason"
    for row in rows:
        execute(
            f"""
            INSERT INTO ledger_period ({columns}, changed_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s::timestamptz, clock_timestamp()))
            ON CONFLICT (company_id, book_id, end_on) DO UPDATE
            SET state = excluded.state, actor_id = excluded.actor_id, reason = excluded.reason,
                changed_at = excluded.changed_at
            """,  # noqa: S608 - names of columns
            (*row, recorded_at),
        )


def _set_state(
    company_id: int,
    book_id: int,
    state: PeriodState,
    actor_id: int | None,
    reason: str,
    recorded_at: datetime.datetime | None,
    condition: str,
    end_on: datetime.date,
) -> None:
    execute(
        f"""
        UPDATE ledger_period SET state = %s, actor_id = %s, reason = %s,
            changed_at = coalesce(%s::timestamptz, clock_timestamp())
        WHERE company_id = %s AND book_id = %s AND {condition}
        """,  # noqa: S608 - one of the two conditions above
        (int(state), actor_id, reason.strip(), recorded_at, company_id, book_id, end_on),
    )
