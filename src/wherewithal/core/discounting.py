"""Present values: decimals of 50 significant digits inside, whole minor units outside, rounded half-even once.

Roots (a month of an annual rate) are irrational, so no fraction holds them; 50 digits leave an error below a
billionth of a billionth of a minor unit for any amount that anybody owns. Before rounding, a value is brought to
20 decimals, so that an exact half stays one.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.money import half_even

EXACT = Context(prec=50)
_GRAIN = Decimal("1e-20")
_DAYS_OF_A_YEAR = 365


class Compounding(StrEnum):
    """What a rate means.

    effective: a year's true rate, a month of it is the twelfth root; nominal: a year's rate of which a month takes
    a twelfth; periodic: the rate of one payment interval itself.
    """

    EFFECTIVE = "effective"
    NOMINAL = "nominal"
    PERIODIC = "periodic"


class Flow(NamedTuple):
    """An amount (exact minor units) at a time, in intervals of the clock that counts it."""

    at: Fraction
    amount: int | Fraction


class Clock(NamedTuple):
    """Time since a day, in intervals of so many months (0 months: in years of 365 days).

    A month is whole from its day to the same day of the next; days inside it are parts of that month.
    """

    origin: date
    months: int

    def at(self, day: date) -> Fraction:
        """The time at the start of a day."""
        if not self.months:
            return Fraction((day - self.origin).days, _DAYS_OF_A_YEAR)
        return months_between(self.origin, day) / self.months

    def day(self, intervals: int) -> date:
        """The day that so many whole intervals (of months) begin after the origin."""
        return add_months(self.origin, intervals * self.months)


def add_months(day: date, months: int) -> date:
    """The same day of a later (or earlier) month, or the last one that month has."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    length = (date(first.year + first.month // 12, first.month % 12 + 1, 1) - first).days
    return first + timedelta(days=min(day.day, length) - 1)


def months_between(start: date, end: date) -> Fraction:
    """Months from the start of one day to the start of another, days inside a month as a part of it."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, whole) > end:
        whole -= 1
    behind, ahead = add_months(start, whole), add_months(start, whole + 1)
    return whole + Fraction((end - behind).days, (ahead - behind).days)


def interval_rate(rate: Fraction, compounding: Compounding, months: int) -> Decimal:
    """The rate of one interval of so many months (0 months: of a year)."""
    if compounding is Compounding.PERIODIC:
        return decimal(rate)
    if compounding is Compounding.NOMINAL:
        if months:
            return decimal(rate * months / 12)
        return EXACT.subtract(growth(decimal(rate / 12), Fraction(12)), Decimal(1))
    return EXACT.subtract(growth(decimal(rate), Fraction(months or 12, 12)), Decimal(1))


def growth(rate: Decimal, time: Fraction) -> Decimal:
    """(1 + rate) ** time, for a rate above -1."""
    base = EXACT.add(1, rate)
    if time.denominator == 1:
        return EXACT.power(base, time.numerator)
    return EXACT.power(base, decimal(time))


def present_value(flows: Iterable[Flow], rate: Decimal, at: Fraction = Fraction(0)) -> Decimal:
    """What flows are worth at a time, exact to 50 digits; `rate` is that of one interval."""
    return add_up(EXACT.divide(decimal(Fraction(flow.amount)), growth(rate, flow.at - at)) for flow in flows)


def add_up(values: Iterable[Decimal]) -> Decimal:
    """The sum of decimals at 50 digits (the built-in sum would round to 28)."""
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return total


def decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal of 50 digits."""
    return EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))


def to_whole(value: Decimal) -> int:
    """A value in minor units as whole ones, half-even."""
    exact = Fraction(EXACT.quantize(value, _GRAIN))
    return half_even(exact.numerator, exact.denominator)


def rounded(value: Fraction) -> int:
    """An exact value in minor units as whole ones, half-even."""
    return half_even(value.numerator, value.denominator)
