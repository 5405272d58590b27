"""Conventions: how many months of service an asset has behind it at the end of a day.

Each is a pure function (terms, calendar, in_service_on, on) -> months. Months are those of the calendar: a period
counts for what it is of its year, a part of a period by its days. At disposal a convention may count otherwise: the
month of acquisition counts in full, so that of disposal does not, unless its last day was reached; half a year in the
first year is half a year in the last (IRS Publication 946 for the half-year, mid-quarter and mid-month conventions).
"""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from wherewithal.core.depreciation.calendar import (
    ONE_DAY,
    Calendar,
    FiscalYear,
    Period,
    add_months,
    month_days,
)
from wherewithal.core.depreciation.terms import Convention, Terms

Counting = Callable[[Terms, Calendar, date, date], Fraction]


class Counted(NamedTuple):
    """service: months at the end of a day, for a day of service. at_disposal: months for who is disposed of then."""

    service: Counting
    at_disposal: Counting


NOTHING = Fraction(0)
HALF = Fraction(1, 2)
HALF_MONTH_DAY = 15
"""In service up to this day counts for the whole month, later for none of it (half-month convention)."""


# --- by periods, quarters and years -------------------------------------------------------------------------


def _first_unit(
    calendar: Calendar, unit: Period, counted: Fraction, in_service_on: date, on: date
) -> Fraction:
    """Months at the end of a day, if the unit (month, quarter, year) of going into service counts for so many.

    They accrue evenly from the period of going into service to the end of the unit; afterwards by the calendar.
    """
    if on > unit.last:
        return counted + calendar.months(unit.last, on)
    period = calendar.period(in_service_on)
    before = period.first - ONE_DAY
    if on >= period.last:
        share = calendar.months(before, on)
    else:
        days = (period.last - in_service_on).days + 1
        share = period.months * Fraction((on - in_service_on).days + 1, days)
    return counted * share / calendar.months(before, unit.last)


def full_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """The period of going into service counts as a whole."""
    if calendar.is_of_months() and on.day == month_days(on):
        return Fraction((on.year - in_service_on.year) * 12 + on.month - in_service_on.month + 1)
    period = calendar.period(in_service_on)
    if on >= period.last:
        return period.months + calendar.months(period.last, on)
    return _first_unit(calendar, period, period.months, in_service_on, on)


def following_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """Service counts from the next period."""
    return max(NOTHING, calendar.months(calendar.period(in_service_on).last, on))


def half_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """In service up to the 15th the month counts as a whole, later not at all (of other periods: their first half)."""
    early = _in_first_half(calendar, in_service_on)
    return (full_month if early else following_month)(terms, calendar, in_service_on, on)


def _in_first_half(calendar: Calendar, on: date) -> bool:
    period = calendar.period(on)
    if period.first.day == 1 and period.last.day == month_days(period.last):
        return on.day <= HALF_MONTH_DAY
    return (on - period.first).days * 2 < (period.last - period.first).days + 1


def mid_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """Half of the period of going into service counts, whatever the day in it."""
    period = calendar.period(in_service_on)
    return _first_unit(calendar, period, period.months * HALF, in_service_on, on)


def mid_quarter(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """Half of the quarter of going into service counts."""
    quarter = calendar.quarter(in_service_on)
    return _first_unit(calendar, quarter, quarter.months * HALF, in_service_on, on)


def half_year(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """Half of the fiscal year of going into service counts."""
    year = _year(calendar, in_service_on)
    return _first_unit(calendar, year, year.months * HALF, in_service_on, on)


def full_year(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """As if in service since the first day of the fiscal year: what has gone by of it is caught up at once."""
    return calendar.months(calendar.year(in_service_on).first - ONE_DAY, on)


def following_year(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """Service counts from the next fiscal year."""
    return max(NOTHING, calendar.months(calendar.year(in_service_on).last, on))


def _year(calendar: Calendar, on: date) -> Period:
    year = calendar.year(on)
    return Period(year.first, year.last, year.months)


# --- by days ------------------------------------------------------------------------------------------------


def daily_365(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, 365 to a year, also in leap years."""
    return Fraction(((on - _first_counted(terms, in_service_on)).days + 1) * 12, 365)


def daily_360(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, 30 to every month."""
    before = _first_counted(terms, in_service_on) - ONE_DAY
    return Fraction(_day_360(on) - _day_360(before), 30)


def _day_360(on: date) -> int:
    day = 30 if on.day == month_days(on) else min(on.day, 30)
    return on.year * 360 + on.month * 30 + day


def daily_actual(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, as many to a fiscal year as it has."""
    first = _first_counted(terms, in_service_on)
    if on < first:
        return NOTHING
    begins, ends = calendar.year(first), calendar.year(on)
    if begins.first == ends.first:
        return _part_of_year(begins, first, on)
    whole = calendar.months_between(begins, ends)
    return _part_of_year(begins, first, begins.last) + whole + _part_of_year(ends, ends.first, on)


def _part_of_year(year: FiscalYear, first: date, last: date) -> Fraction:
    """The months of some days of a fiscal year."""
    if last == year.last and first == year.first:
        return year.months
    return year.months * Fraction((last - first).days + 1, (year.last - year.first).days + 1)


def daily_month(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days within a period, as many as it has; whole periods are alike."""
    return calendar.months(_first_counted(terms, in_service_on) - ONE_DAY, on)


def daily_life(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """By days, as many to the whole life as it has: every day of the life is alike."""
    assert terms.life_months is not None
    first = _first_counted(terms, in_service_on)
    whole, part = divmod(terms.life_months, 1)
    end = add_months(first, whole)
    days = (end - first).days + ceil(part * (add_months(end, 1) - end).days)
    return terms.life_months * Fraction((on - first).days + 1, days)


def daily_year(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """The first fiscal year by its days, but whole periods in it alike: the first, broken one takes the difference."""
    year = calendar.year(in_service_on)
    counted = daily_actual(terms, calendar, in_service_on, year.last)
    if on > year.last:
        return counted + calendar.months(year.last, on)
    period = calendar.period(in_service_on)
    at_end = max(NOTHING, counted - calendar.months(period.last, year.last))
    if on <= period.last:
        days = (period.last - in_service_on).days + 1
        return at_end * Fraction((on - in_service_on).days + 1, days)
    return at_end + (counted - at_end) * calendar.months(period.last, on) / calendar.months(
        period.last, year.last
    )


def _first_counted(terms: Terms, in_service_on: date) -> date:
    return in_service_on if terms.counts_first_day else in_service_on + ONE_DAY


# --- at disposal ----------------------------------------------------------------------------------------------


def _to(counting: Counting, last_day: Callable[[Terms, Calendar, date], date]) -> Counting:
    """Service to a day that depends on the day of disposal."""

    def at_disposal(terms: Terms, calendar: Calendar, in_service_on: date, disposed_on: date) -> Fraction:
        on = last_day(terms, calendar, disposed_on)
        return counting(terms, calendar, in_service_on, on) if on >= in_service_on else NOTHING

    return at_disposal


def _period_before(terms: Terms, calendar: Calendar, on: date) -> date:
    """The end of the last whole period: one that ends on this very day is whole."""
    period = calendar.period(on)
    return on if on == period.last else period.first - ONE_DAY


def _period_end(terms: Terms, calendar: Calendar, on: date) -> date:
    return calendar.period(on).last


def _half_month_end(terms: Terms, calendar: Calendar, on: date) -> date:
    period = calendar.period(on)
    return period.first - ONE_DAY if _in_first_half(calendar, on) else period.last


def _year_before(terms: Terms, calendar: Calendar, on: date) -> date:
    return calendar.year(on).first - ONE_DAY


def _year_end(terms: Terms, calendar: Calendar, on: date) -> date:
    return calendar.year(on).last


def _day_before(terms: Terms, calendar: Calendar, on: date) -> date:
    return on - ONE_DAY if terms.counts_first_day else on


def _half_of(counting: Counting, unit_of: Callable[[Calendar, date], Period]) -> Counting:
    """Service to the beginning of the unit of disposal, and half of that; none if it went into service in the same
    fiscal year (month, for the mid-month convention)."""

    def at_disposal(terms: Terms, calendar: Calendar, in_service_on: date, disposed_on: date) -> Fraction:
        unit = unit_of(calendar, disposed_on)
        same = unit if unit_of is Calendar.period else calendar.year(disposed_on)
        if same.first <= in_service_on:
            return NOTHING
        return counting(terms, calendar, in_service_on, unit.first - ONE_DAY) + unit.months * HALF

    return at_disposal


def _by_days(counting: Counting) -> Counted:
    return Counted(counting, _to(counting, _day_before))


CONVENTIONS: dict[Convention, Counted] = {
    Convention.FULL_MONTH: Counted(full_month, _to(full_month, _period_before)),
    Convention.FOLLOWING_MONTH: Counted(following_month, _to(following_month, _period_end)),
    Convention.HALF_MONTH: Counted(half_month, _to(half_month, _half_month_end)),
    Convention.MID_MONTH: Counted(mid_month, _half_of(mid_month, Calendar.period)),
    Convention.MID_QUARTER: Counted(mid_quarter, _half_of(mid_quarter, Calendar.quarter)),
    Convention.HALF_YEAR: Counted(half_year, _half_of(half_year, _year)),
    Convention.FULL_YEAR: Counted(full_year, _to(full_year, _year_before)),
    Convention.FOLLOWING_YEAR: Counted(following_year, _to(following_year, _year_end)),
    Convention.DAILY_ACTUAL: _by_days(daily_actual),
    Convention.DAILY_365: _by_days(daily_365),
    Convention.DAILY_360: _by_days(daily_360),
    Convention.DAILY_MONTH: _by_days(daily_month),
    Convention.DAILY_LIFE: _by_days(daily_life),
    Convention.DAILY_YEAR: _by_days(daily_year),
}


def months_of_service(terms: Terms, calendar: Calendar, in_service_on: date, on: date) -> Fraction:
    """The months of service at the end of day `on`, by the convention of the terms; 0 before any."""
    if on < in_service_on:
        return NOTHING
    return max(NOTHING, CONVENTIONS[terms.convention].service(terms, calendar, in_service_on, on))


def months_at_disposal(terms: Terms, calendar: Calendar, in_service_on: date, disposed_on: date) -> Fraction:
    """The months of service of an asset that is disposed of on a day, by the convention of the terms."""
    return max(
        NOTHING, CONVENTIONS[terms.convention].at_disposal(terms, calendar, in_service_on, disposed_on)
    )
