"""What has accrued of a segment by a day: the one primitive under runs, schedules, forecasts and disposals.

A charge is always a difference of two of these figures, so what is charged over a life adds up exactly, and is the
same whether it is asked for by month, by quarter or by year.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.conventions import months_of_service
from wherewithal.core.depreciation.methods import METHODS
from wherewithal.core.depreciation.terms import Segment
from wherewithal.core.money import half_even

Usage = Sequence[tuple[date, Fraction | int]]
"""Units used, each on the day of its reading: (day, units since the reading before). Any order."""


def accrued(segment: Segment, calendar: Calendar, on: date, usage: Usage = ()) -> int:
    """The cumulative depreciation of a segment, in minor units, by the end of day `on`.

    0 before its first day; never more than opening less residual, and exactly that from the end of its life on.
    Never falls as days go by.
    """
    if on < segment.starts_on or segment.opening <= segment.residual:
        return 0
    total = segment.opening - segment.residual
    before = service_before(segment, calendar)
    months = service(segment, calendar, on)
    profile = METHODS[segment.terms.method]
    used = profile(segment.terms, before)
    if used >= 1:
        return total
    part = (profile(segment.terms, months) - used) / (1 - used) * total
    return half_even(part.numerator, part.denominator)


def accrued_at_disposal(segment: Segment, calendar: Calendar, disposed_on: date, usage: Usage = ()) -> int:
    """The cumulative depreciation of a segment whose asset is disposed of on that day, by its convention.

    The month of acquisition counts in full: then that of disposal does not; half a year, a quarter or a month is
    the same at the end as at the beginning; by days: to the day before.
    """
    return accrued(segment, calendar, disposed_on - ONE_DAY, usage)


def service(segment: Segment, calendar: Calendar, on: date) -> Fraction:
    """The months of its life that an asset has used up at the end of day `on` (idle spans count if terms say so)."""
    months = months_of_service(segment.terms, calendar, segment.in_service_on, on)
    if segment.elapsed_months is None:
        return months
    start = segment.starts_on - ONE_DAY
    return (
        segment.elapsed_months
        + months
        - months_of_service(segment.terms, calendar, segment.in_service_on, start)
    )


def service_before(segment: Segment, calendar: Calendar) -> Fraction:
    """The months of its life that an asset had used up when the segment begins."""
    if segment.elapsed_months is not None:
        return segment.elapsed_months
    return service(segment, calendar, segment.starts_on - ONE_DAY)
