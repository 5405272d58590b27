"""The fiscal years and periods of a book. A fiscal year counts for 12 months unless it is a short or a long one."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from wherewithal.core.words import say

ONE_DAY = timedelta(days=1)
_MONTH_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Pattern(StrEnum):
    """What a regular year is made of: months, or weeks as 13 times four or as quarters of three periods.

    With weeks a year has 52 or 53 of them; the 53rd belongs to the last period.
    """

    MONTHS = "months"
    WEEKS_13 = "weeks_13"
    WEEKS_445 = "weeks_445"
    WEEKS_454 = "weeks_454"
    WEEKS_544 = "weeks_544"


class CalendarError(ValueError):
    """A calendar whose years do not follow each other; the message says where."""


class Period(NamedTuple):
    """A period of a book, from its first to its last day. months: what it counts for in a life."""

    first: date
    last: date
    months: Fraction


class FiscalYear(NamedTuple):
    """A fiscal year: its periods, one after the other."""

    first: date
    last: date
    months: Fraction
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years and periods of a book, without end in either direction.

    first_month: the month regular years begin with; with weeks: the month in or near whose end they end is the one
    before it. weekday: the last day of years of weeks (0 = Monday). nearest: a year of weeks ends on that weekday
    nearest to the end of the month, otherwise on the last one in the month.
    stated: first and last day of years that are not regular (short, long), ascending, without gaps among themselves;
    a regular year that one of them cuts is shortened. Their periods are the calendar months in them.
    """

    first_month: int = 1
    pattern: Pattern = Pattern.MONTHS
    weekday: int = 5
    nearest: bool = False
    stated: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12 or not 0 <= self.weekday <= 6:
            raise CalendarError(say("A month is 1 to 12, a weekday 0 (Monday) to 6."))
        for number, (first, last) in enumerate(self.stated):
            if last < first:
                raise CalendarError(say("The fiscal year from {first} ends before it begins.", first=first))
            if number and self.stated[number - 1][1] >= first:
                raise CalendarError(
                    say(
                        "The fiscal year from {first} begins before the one before it has ended.", first=first
                    )
                )

    def __hash__(self) -> int:
        """Of little: caches ask for it at every step, and there may be hundreds of stated years."""
        return hash(
            (self.first_month, self.pattern, self.weekday, self.nearest, len(self.stated), self.stated[:1])
        )

    def is_of_months(self) -> bool:
        """Whether every year is twelve calendar months."""
        return not self.stated and self.pattern is Pattern.MONTHS

    def year(self, on: date) -> FiscalYear:
        """The fiscal year that has this day."""
        if self.is_of_months():
            late = on.month >= self.first_month
            return _year_of_months(on.year if late else on.year - 1, self.first_month)
        return _year(self, on)

    def years(self, since: date) -> Iterator[FiscalYear]:
        """The fiscal years from the one that has this day on."""
        year = self.year(since)
        while True:
            yield year
            year = self.year(year.last + ONE_DAY)

    def period(self, on: date) -> Period:
        """The period that has this day."""
        periods = self.year(on).periods
        if self.is_of_months():
            return periods[(on.month - self.first_month) % 12]
        return next(period for period in periods if on <= period.last)

    def quarter(self, on: date) -> Period:
        """The quarter of the fiscal year that has this day, of as many periods as divide it best."""
        year = self.year(on)
        number = next(number for number, period in enumerate(year.periods) if on <= period.last)
        count = len(year.periods)
        quarter = min(number * 4 // count, 3)
        mine = [period for at, period in enumerate(year.periods) if min(at * 4 // count, 3) == quarter]
        return Period(mine[0].first, mine[-1].last, sum((each.months for each in mine), Fraction(0)))

    def months_between(self, first: FiscalYear, last: FiscalYear) -> Fraction:
        """The months of the fiscal years after `first` and before `last`."""
        if self.is_of_months():
            return Fraction(max(last.first.year - first.first.year - 1, 0) * 12)
        return _ladder(self, first.first).before(last)

    def months(self, after: date, on: date) -> Fraction:
        """The months from the end of day `after` to the end of day `on`; a part of a period by its days.

        Negative when `on` is before `after`.
        """
        if self.is_of_months():
            whole = (on.year - after.year) * 12 + on.month - after.month
            days, days_after = month_days(on), month_days(after)
            if on.day == days and after.day == days_after:
                return Fraction(whole)
            return whole + Fraction(on.day, days) - Fraction(after.day, days_after)
        if on < after:
            return -self.months(on, after)
        return _walk(self, after, on)


def month_days(on: date) -> int:
    """How many days the month has."""
    return 29 if on.month == 2 and isleap(on.year) else _MONTH_DAYS[on.month]


def add_months(on: date, months: int) -> date:
    """The same day so many months later, the last of the month where there is no such day."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def _walk(calendar: Calendar, after: date, on: date) -> Fraction:
    first, last = calendar.year(after), calendar.year(on)
    total = _into_year(last, on) - _into_year(first, after)
    return total if first.first == last.first else total + first.months + calendar.months_between(first, last)


class _Ladder:
    """The months of whole years since one: found year by year as far as somebody asked."""

    def __init__(self, calendar: Calendar, year: FiscalYear) -> None:
        self.calendar = calendar
        self.months = {year.first: Fraction(0)}
        self.last = year

    def before(self, year: FiscalYear) -> Fraction:
        """The months of the years after the first one and before this."""
        while year.first not in self.months:
            following = self.calendar.year(self.last.last + ONE_DAY)
            whole = self.last.months if len(self.months) > 1 else 0
            self.months[following.first] = self.months[self.last.first] + whole
            self.last = following
        return self.months[year.first]


@lru_cache(maxsize=1024)
def _ladder(calendar: Calendar, first: date) -> _Ladder:
    return _Ladder(calendar, calendar.year(first))


def _into_year(year: FiscalYear, on: date) -> Fraction:
    """The months of a fiscal year to the end of a day in it."""
    total = Fraction(0)
    for period in year.periods:
        if on > period.last:
            total += period.months
        else:
            days = (period.last - period.first).days + 1
            return total + period.months * Fraction((on - period.first).days + 1, days)
    return total


@lru_cache(maxsize=4096)
def _year_of_months(year: int, first_month: int) -> FiscalYear:
    first = date(year, first_month, 1)
    starts = [add_months(first, number) for number in range(13)]
    one = Fraction(1)
    periods = tuple(Period(start, end - ONE_DAY, one) for start, end in pairwise(starts))
    return FiscalYear(first, starts[-1] - ONE_DAY, Fraction(12), periods)


@lru_cache(maxsize=4096)
def _year(calendar: Calendar, on: date) -> FiscalYear:
    for first, last in calendar.stated:
        if first <= on <= last:
            return _of_months(first, last)
    regular = _regular(calendar, on)
    first, last = regular.first, regular.last
    for stated_first, stated_last in calendar.stated:
        if first <= stated_last < on:
            first = stated_last + ONE_DAY
        if on < stated_first <= last:
            last = stated_first - ONE_DAY
    if (first, last) == (regular.first, regular.last):
        return regular
    return _of_months(first, last)


def _of_months(first: date, last: date) -> FiscalYear:
    """A year of its own length: its periods are calendar months, or what of them lies in it."""
    periods = []
    start = first
    while start <= last:
        days = month_days(start)
        end = min(start.replace(day=days), last)
        periods.append(Period(start, end, Fraction((end - start).days + 1, days)))
        start = end + ONE_DAY
    return FiscalYear(first, last, sum((period.months for period in periods), Fraction(0)), tuple(periods))


def _regular(calendar: Calendar, on: date) -> FiscalYear:
    if calendar.pattern is Pattern.MONTHS:
        late = on.month >= calendar.first_month
        return _year_of_months(on.year if late else on.year - 1, calendar.first_month)
    year = on.year
    while _end_of_weeks(calendar, year) < on:
        year += 1
    while _end_of_weeks(calendar, year - 1) >= on:
        year -= 1
    return _year_of_weeks(calendar, year)


def _end_of_weeks(calendar: Calendar, year: int) -> date:
    """The last day of the year of weeks that ends in or near the month before `first_month` of that year."""
    month = calendar.first_month - 1 or 12
    end = date(year, month, monthrange(year, month)[1])
    back = (end.weekday() - calendar.weekday) % 7
    if calendar.nearest and back > 3:
        back -= 7
    return end - timedelta(days=back)


_WEEKS = {
    Pattern.WEEKS_13: (4,) * 13,
    Pattern.WEEKS_445: (4, 4, 5) * 4,
    Pattern.WEEKS_454: (4, 5, 4) * 4,
    Pattern.WEEKS_544: (5, 4, 4) * 4,
}


def _year_of_weeks(calendar: Calendar, year: int) -> FiscalYear:
    first = _end_of_weeks(calendar, year - 1) + ONE_DAY
    last = _end_of_weeks(calendar, year)
    weeks = _WEEKS[calendar.pattern]
    months = Fraction(12, len(weeks))
    periods = []
    start = first
    for number, each in enumerate(weeks, start=1):
        end = last if number == len(weeks) else start + timedelta(days=7 * each - 1)
        periods.append(Period(start, end, months))
        start = end + ONE_DAY
    return FiscalYear(first, last, Fraction(12), tuple(periods))
