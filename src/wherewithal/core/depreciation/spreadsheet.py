"""The depreciation functions of spreadsheets, with their errors, in exact arithmetic.

Rules as documented for Excel and LibreOffice Calc: DB rounds its rate to three decimals, AMORDEGRC rounds every period
to whole units and takes half of the balance in the last period but one, VDB changes to the straight line. Arguments
are Fractions; what is no number never comes here. An impossible argument raises FunctionError with the spreadsheet's
own name for it.
"""

from calendar import isleap
from collections.abc import Callable
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import NamedTuple

from wherewithal.core.depreciation.conventions import HALF
from wherewithal.core.depreciation.methods import YEAR, Stretch, declining
from wherewithal.core.depreciation.terms import Method, Terms

NUM = "#NUM!"
DIV0 = "#DIV/0!"

_ROUGH = Context(prec=60)
MAX_PERIODS = 100_000


class FunctionError(ValueError):
    """What a spreadsheet shows instead of a number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Function(NamedTuple):
    """needed, optional: the names of the arguments in order, with the value of an optional one left out."""

    calculate: Callable[..., Fraction]
    needed: tuple[str, ...]
    optional: dict[str, Fraction | int | bool]


def _refuse_if(wrong: bool, code: str = NUM) -> None:
    if wrong:
        raise FunctionError(code)


def sln(cost: Fraction, salvage: Fraction, life: Fraction) -> Fraction:
    """Straight line, of any period."""
    _refuse_if(life == 0, DIV0)
    return (cost - salvage) / life


def syd(cost: Fraction, salvage: Fraction, life: Fraction, period: Fraction) -> Fraction:
    """Sum of years' digits."""
    _refuse_if(salvage < 0 or life <= 0 or period <= 0 or period > life)
    return (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1))


def db(cost: Fraction, salvage: Fraction, life: Fraction, period: Fraction, month: Fraction) -> Fraction:
    """Fixed declining balance; month: the months of the first year."""
    number, months = floor(period), floor(month)
    _refuse_if(cost < 0 or salvage < 0 or life <= 0 or number < 1 or not 1 <= months <= YEAR)
    if cost == 0:
        return Fraction(0)
    _refuse_if(number > life + 1 or (months == YEAR and number > ceil(life)) or number > MAX_PERIODS)
    rate = _round(1 - _power(salvage / cost, 1 / life), 3)
    balance = cost
    charge = Fraction(0)
    for at in range(1, number + 1):
        part = months if at == 1 else YEAR - months if at == life + 1 else YEAR
        charge = balance * rate * part / YEAR
        balance -= charge
    return charge


def ddb(cost: Fraction, salvage: Fraction, life: Fraction, period: Fraction, factor: Fraction) -> Fraction:
    """Declining balance by a factor of the straight-line rate."""
    _refuse_if(cost < 0 or salvage < 0 or life <= 0 or period < 1 or period > life or factor <= 0)
    rate = min(factor / life, Fraction(1))
    before = cost * _power(1 - rate, period - 1)
    return max(before - max(cost * _power(1 - rate, period), min(salvage, cost)), Fraction(0))


def vdb(
    cost: Fraction,
    salvage: Fraction,
    life: Fraction,
    start_period: Fraction,
    end_period: Fraction,
    factor: Fraction,
    no_switch: bool,
) -> Fraction:
    """Declining balance between two points of a life, changing to the straight line when that charges more."""
    _refuse_if(cost < 0 or salvage < 0 or life <= 0 or factor <= 0)
    _refuse_if(start_period < 0 or end_period < start_period or end_period > life or life > MAX_PERIODS)
    if salvage >= cost:
        return Fraction(0)
    terms = Terms(
        Method.DECLINING,
        life_months=Fraction(YEAR),
        rate=min(factor, life) / life,
        switches_to_straight_line=not no_switch,
        charges_rest_at_end=False,
    )
    ends = [Fraction(at * YEAR) for at in range(ceil(end_period) + 1)]
    stretch = Stretch(
        terms, _whole(cost), _whole(cost), _whole(salvage), Fraction(0), life * YEAR, (), _as_it_is
    )
    accrued = Fraction(0)
    between = Fraction(0)
    for at, charge in enumerate(declining(stretch, pairwise(ends))):
        part = max(min(end_period, Fraction(at + 1)) - max(start_period, Fraction(at)), Fraction(0))
        between += charge * part
        accrued += charge
    return between / _SCALE


_SCALE = 10**20
"""The declining method works on whole units: cost is given to it in units this small."""


def _whole(amount: Fraction) -> int:
    return floor(amount * _SCALE)


def _as_it_is(charge: Fraction) -> Fraction:
    """To 20 decimals of its small unit, so that a long life does not pile up digits."""
    return Fraction(floor(charge * _SCALE), _SCALE)


def amorlinc(
    cost: Fraction,
    date_purchased: date,
    first_period: date,
    salvage: Fraction,
    period: Fraction,
    rate: Fraction,
    basis: Fraction,
) -> Fraction:
    """French straight line: the first period (0) by its part of a year, then the rate, then the rest."""
    number = floor(period)
    _check_amor(cost, date_purchased, first_period, salvage, number, rate)
    part = year_part(date_purchased, first_period, basis)
    if basis == 1 and part < 1 and isleap(date_purchased.year):
        part *= Fraction(365, 366)
    charge = cost * rate
    first = part * charge
    whole = floor((cost - salvage - first) / charge)
    if number == 0:
        return min(first, cost - salvage)
    if number <= whole:
        return charge
    return max(cost - salvage - charge * whole - first, Fraction(0)) if number == whole + 1 else Fraction(0)


def amordegrc(
    cost: Fraction,
    date_purchased: date,
    first_period: date,
    salvage: Fraction,
    period: Fraction,
    rate: Fraction,
    basis: Fraction,
) -> Fraction:
    """French declining balance: a coefficient by life, every period in whole units, half and all in the last two."""
    number = floor(period)
    _check_amor(cost, date_purchased, first_period, salvage, number, rate)
    rate *= _coefficient(1 / rate)
    charge = _round(year_part(date_purchased, first_period, basis) * rate * cost, 0)
    balance = cost - charge
    rest = balance - salvage
    for at in range(number):
        charge = _round(rate * balance, 0)
        rest -= charge
        if rest < 0:
            return _round(balance * HALF, 0) if number - at <= 1 else Fraction(0)
        balance -= charge
    return charge


def _check_amor(
    cost: Fraction, date_purchased: date, first_period: date, salvage: Fraction, number: int, rate: Fraction
) -> None:
    _refuse_if(cost <= 0 or salvage < 0 or salvage > cost or rate <= 0 or number < 0 or number > MAX_PERIODS)
    _refuse_if(date_purchased > first_period)


def _coefficient(life: Fraction) -> Fraction:
    """By life in years. For lives between four and five sources differ (Excel documents none); 2 here."""
    if life < 3:
        return Fraction(1)
    if life < 4:
        return Fraction(3, 2)
    return Fraction(2) if life <= 6 else Fraction(5, 2)


def year_part(start: date, end: date, basis: Fraction) -> Fraction:
    """YEARFRAC: 0 = US 30/360, 1 = actual/actual, 2 = actual/360, 3 = actual/365, 4 = European 30/360."""
    counts = {0: _us_360, 1: _actual, 2: _by_360, 3: _by_365, 4: _european_360}
    number = floor(basis)
    _refuse_if(number not in counts)
    return counts[number](start, end)


def _us_360(start: date, end: date) -> Fraction:
    first, last = start.day, end.day
    if _ends_february(start):
        if _ends_february(end):
            last = 30
        first = 30
    if last == 31 and first >= 30:
        last = 30
    return _part_360(start, min(first, 30), end, last)


def _european_360(start: date, end: date) -> Fraction:
    return _part_360(start, min(start.day, 30), end, min(end.day, 30))


def _part_360(start: date, first: int, end: date, last: int) -> Fraction:
    days = (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first
    return Fraction(days, 360)


def _ends_february(on: date) -> bool:
    return on.month == 2 and on.day == (29 if isleap(on.year) else 28)


def _by_360(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 360)


def _by_365(start: date, end: date) -> Fraction:
    return Fraction((end - start).days, 365)


def _actual(start: date, end: date) -> Fraction:
    """By the length of the year; over several years by their average."""
    days = (end - start).days
    if start.year == end.year:
        return Fraction(days, 366 if isleap(start.year) else 365)
    if (end.year, end.month, end.day) <= (start.year + 1, start.month, start.day):
        has_29 = any(isleap(year) and start <= date(year, 2, 29) <= end for year in (start.year, end.year))
        return Fraction(days, 366 if has_29 else 365)
    years = end.year - start.year + 1
    average = Fraction((date(end.year + 1, 1, 1) - date(start.year, 1, 1)).days, years)
    return days / average


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    """A power: exact for small whole exponents, otherwise to 60 digits."""
    if exponent == 0:
        return Fraction(1)
    if base == 0:
        return Fraction(0)
    if exponent.denominator == 1 and exponent < 100:
        return base**exponent.numerator
    number = _ROUGH.divide(Decimal(base.numerator), Decimal(base.denominator))
    return Fraction(
        _ROUGH.power(number, _ROUGH.divide(Decimal(exponent.numerator), Decimal(exponent.denominator)))
    )


def _round(value: Fraction, decimals: int) -> Fraction:
    """Half away from zero."""
    scaled = abs(value) * 10**decimals
    whole = floor(scaled + HALF)
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


_AMOR = ("cost", "date_purchased", "first_period", "salvage", "period", "rate")

FUNCTIONS: dict[str, Function] = {
    "SLN": Function(sln, ("cost", "salvage", "life"), {}),
    "SYD": Function(syd, ("cost", "salvage", "life", "period"), {}),
    "DB": Function(db, ("cost", "salvage", "life", "period"), {"month": 12}),
    "DDB": Function(ddb, ("cost", "salvage", "life", "period"), {"factor": 2}),
    "VDB": Function(
        vdb, ("cost", "salvage", "life", "start_period", "end_period"), {"factor": 2, "no_switch": False}
    ),
    "AMORLINC": Function(amorlinc, _AMOR, {"basis": 0}),
    "AMORDEGRC": Function(amordegrc, _AMOR, {"basis": 0}),
}
