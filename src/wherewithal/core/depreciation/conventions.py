"""Conventions: how many months of service an asset has behind it at the end of a day.

Each is a pure function (terms, calendar, in_service_on, on) -> months. Months are those of the calendar: a period
counts for what it is of its year, a part of a period by its days. Before the day of going into service it is 0.
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.terms import Convention, Terms

Counting = Callable[[Terms, Calendar, date, date], Fraction]

NOTHING = Fraction(0)


def full_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """The period of going into service counts as a whole, spread over what is left of it."""
    period = calendar.period(in_service_on)
    if on < period.last:
        days = (period.last - in_service_on).days + 1
        return period.months * Fraction((on - in_service_on).days + 1, days)
    return period.months + calendar.months(period.last, on)


def daily_365(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, 365 to a year, also in leap years."""
    return Fraction(_days(terms, in_service_on, on) * 12, 365)


def daily_actual(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, as many to a fiscal year as it has."""
    months = NOTHING
    first = _first_counted(terms, in_service_on)
    for year in calendar.years(first):
        days = (year.last - year.first).days + 1
        months += year.months * Fraction((min(on, year.last) - max(first, year.first)).days + 1, days)
        if on <= year.last:
            break
    return months


def daily_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days within a period, as many as it has; whole periods are alike."""
    return calendar.months(_first_counted(terms, in_service_on) - ONE_DAY, on)


def _first_counted(terms: Terms, in_service_on: date) -> date:
    return in_service_on if terms.counts_first_day else in_service_on + ONE_DAY


def _days(terms: Terms, in_service_on: date, on: date) -> int:
    return (on - _first_counted(terms, in_service_on)).days + 1


CONVENTIONS: dict[Convention, Counting] = {
    Convention.FULL_MONTH: full_month,
    Convention.DAILY_365: daily_365,
    Convention.DAILY_ACTUAL: daily_actual,
    Convention.DAILY_MONTH: daily_month,
}


def months_of_service(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """The months of service at the end of day `on`, by the convention of the terms; 0 before any."""
    if on < _first_counted(terms, in_service_on):
        return NOTHING
    return CONVENTIONS[terms.convention](terms, calendar, in_service_on, on)
