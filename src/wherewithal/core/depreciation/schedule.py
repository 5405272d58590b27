"""Schedules: what each period, quarter or year charges, until all is charged."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from wherewithal.core.depreciation.accrual import Usage, accruals
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Segment

MAX_ROWS = 12_000
"""Longer schedules are cut: a rate never reaches zero, and nobody plans a thousand years by month."""

_AT_ONCE = 120
"""Rows are worked out so many at once, then as many again as there are: the way is walked few times."""


class By(StrEnum):
    """How much time a row of a schedule has."""

    PERIOD = "period"
    QUARTER = "quarter"
    YEAR = "year"


class Row(NamedTuple):
    """A row of a schedule: its days, its charge, what has accumulated in the segment, and the balance left."""

    first: date
    last: date
    charge: int
    accumulated: int
    balance: int


def schedule(
    segment: Segment,
    calendar: Calendar,
    *,
    by: By = By.PERIOD,
    through_on: date | None = None,
    usage: Usage = (),
    max_rows: int = MAX_ROWS,
) -> list[Row]:
    """The rows of a segment from its first day on, to the one that charges the last of it (or has `through_on`)."""
    total = max(segment.opening - segment.residual, 0)
    rows: list[Row] = []
    before = 0
    spans: list[tuple[date, date]] = []
    for span in _spans(segment, calendar, by):
        spans.append(span)
        enough = through_on is not None and span[1] >= through_on
        if len(spans) < max(len(rows), _AT_ONCE) and not enough and len(rows) + len(spans) < max_rows:
            continue
        for (first, last), reached in zip(
            spans, accruals(segment, calendar, [last for _, last in spans], usage), strict=True
        ):
            rows.append(Row(first, last, reached - before, reached, segment.opening - reached))
            before = reached
            if through_on is None and reached == total:
                return rows
        if enough or len(rows) >= max_rows:
            return rows
        spans = []
    return rows


def _spans(segment: Segment, calendar: Calendar, by: By) -> Iterator[tuple[date, date]]:
    first = segment.starts_on
    while True:
        last = last_day(calendar, by, first)
        yield first, last
        first = last + ONE_DAY


def last_day(calendar: Calendar, by: By, on: date) -> date:
    """The last day of the period, quarter or year that has a day."""
    if by is By.YEAR:
        return calendar.year(on).last
    return (calendar.quarter(on) if by is By.QUARTER else calendar.period(on)).last
