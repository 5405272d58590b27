"""Which days are open."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from wherewithal.kit.db import fetch_all
from wherewithal.ledger.values import PeriodState

BookDay = tuple[int, datetime.date]


@dataclass(frozen=True, slots=True)
class Period:
    """A month that has been closed at least once. Months not listed are open if no later one is closed."""

    start_on: datetime.date
    end_on: datetime.date
    fiscal_year: int
    number: int
    state: PeriodState
    changed_at: datetime.datetime
    actor_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodEvent:
    end_on: datetime.date
    from_state: PeriodState
    to_state: PeriodState
    actor_id: int | None
    reason: str
    recorded_at: datetime.datetime


def hold_periods(company_id: int, book_ids: Iterable[int]) -> dict[int, datetime.date | None]:
    """Keep the periods of the books as they are until the transaction ends; the first open day of each.

    None: every day is open. Several may hold at once; closing waits for all of them. A use case that also locks rows
    of its own calls this first, so that nobody waits for a closing while others wait for those rows.
    """
    wanted = sorted(set(book_ids))
    rows = fetch_all("SELECT book_id, first_open_on FROM ledger_hold_periods(%s, %s)", (company_id, wanted))
    return dict(rows)


def first_open_days(company_id: int) -> dict[int, datetime.date]:
    """The first open day of each book in which days are closed, as of now: nothing is held."""
    rows = fetch_all(
        "SELECT book_id, max(end_on) + 1 FROM ledger_period WHERE company_id = %s AND state > 0 GROUP BY book_id",
        (company_id,),
    )
    return dict(rows)


def posting_days(company_id: int, days: Iterable[BookDay]) -> dict[BookDay, datetime.date]:
    """On which day an event of a day is posted, per book: that day if it is open, else the first open day.

    Holds the periods, so the answer is good until the transaction ends.
    """
    wanted = set(days)
    first_open = hold_periods(company_id, (book_id for book_id, _ in wanted))
    return {(book_id, day): max(day, first_open[book_id] or day) for book_id, day in wanted}


def periods(company_id: int, book_id: int) -> list[Period]:
    """The months that have been closed, latest first."""
    rows = fetch_all(
        """
        SELECT start_on, end_on, fiscal_year, number, state, changed_at, actor_id, reason
        FROM ledger_period WHERE company_id = %s AND book_id = %s ORDER BY end_on DESC
        """,
        (company_id, book_id),
    )
    return [
        Period(start_on, end_on, year, number, PeriodState(state), changed_at, actor_id, reason)
        for start_on, end_on, year, number, state, changed_at, actor_id, reason in rows
    ]


def period_events(company_id: int, book_id: int, *, limit: int = 200) -> list[PeriodEvent]:
    """Who closed and opened what, latest first."""
    rows = fetch_all(
        """
        SELECT end_on, from_state, to_state, actor_id, reason, recorded_at
        FROM ledger_period_event WHERE company_id = %s AND book_id = %s ORDER BY id DESC LIMIT %s
        """,
        (company_id, book_id, limit),
    )
    return [
        PeriodEvent(end_on, PeriodState(before), PeriodState(after), actor_id, reason, recorded_at)
        for end_on, before, after, actor_id, reason, recorded_at in rows
    ]
