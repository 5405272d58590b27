"""Percentages of a basis per tax year, as tax authorities print them.

The procedure that reproduces the tables of IRS Publication 946 to the digit: work out each year's percentage from
what is left after the *rounded* percentages before it, by the declining rate or evenly over the rest of the life,
whichever is more; round half-up to the decimals of the table. Where a printed column differs (two do), the pack has
the printed one.
"""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.conditions import Facts
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.depreciation.rounding import round_rate
from wherewithal.core.depreciation.terms import Convention
from wherewithal.core.words import say

WHOLE = Fraction(100)
MAX_LIFE_YEARS = 100


def percentages(
    pack: Pack, rule: Rule, facts: Facts, convention: Convention, in_service_on: date, calendar: Calendar
) -> tuple[Fraction, ...]:
    """The parts of the basis (of 1) for each tax year from that of going into service on.

    Raises PackError in a tax year that is not twelve months long: nothing is printed for those.
    """
    params = rule.params
    year = calendar.year(in_service_on)
    if year.months != 12:
        raise PackError(
            pack.code,
            "year",
            "full_year",
            say(
                "Printed percentages are for full tax years; choose the calculation by formula for a "
                "short one."
            ),
        )
    life = number(pack.code, params["life_years"], pack.tables, facts)
    if not 1 <= life <= MAX_LIFE_YEARS:
        raise PackError(
            pack.code,
            "life_years",
            "range",
            say(
                "Percentages are for lives of 1 to {max_life_years} years, not {life:g}.",
                max_life_years=MAX_LIFE_YEARS,
                life=float(life),
            ),
        )
    factor = number(pack.code, params.get("factor", 0), pack.tables, facts)
    decimals = int(number(pack.code, params["decimals"], pack.tables, facts))
    place = _place(convention, in_service_on, calendar)
    printed = _printed(params.get("printed", {}), convention, life, place)
    if printed:
        return tuple(Fraction(percent) / WHOLE for percent in printed)
    if "percent_per_month" in params:
        column = by_month(life, Fraction(params["percent_per_month"]), place, decimals)
    else:
        column = by_formula(life, factor, _first_part(convention, place), decimals)
    return tuple(percent / WHOLE for percent in column)


def by_formula(life: Fraction, factor: Fraction, first_part: Fraction, decimals: int) -> list[Fraction]:
    """Percent per year: life in years, factor 2 or 1.5 (0: straight line), the part of the first year in service."""
    rest, elapsed, part = WHOLE, Fraction(0), first_part
    column: list[Fraction] = []
    while rest > 0:
        left = life - elapsed
        if column and left <= 1:
            column.append(rest)
            break
        charge = round_rate(max(factor / life, 1 / left) * rest * part, decimals)
        column.append(charge)
        rest, elapsed, part = rest - charge, elapsed + part, Fraction(1)
    return column


def by_month(life: Fraction, percent: Fraction, month: int, decimals: int) -> list[Fraction]:
    """Percent per year from a printed percent per month: half a month first, whole years, and the rest last."""
    first = percent * Fraction(2 * (12 - month) + 1, 2)
    full = round_rate(WHOLE / life, decimals)
    column = [first]
    while sum(column) + full < WHOLE:
        column.append(full)
    return [*column, WHOLE - sum(column)]


def _place(convention: Convention, in_service_on: date, calendar: Calendar) -> int:
    """The quarter or month (from 1) of the tax year in which the asset went into service; 1 for half a year."""
    year = calendar.year(in_service_on)
    month = next(at for at, period in enumerate(year.periods, start=1) if in_service_on <= period.last)
    if convention is Convention.HALF_YEAR:
        return 1
    return (month + 2) // 3 if convention is Convention.MID_QUARTER else month


def _first_part(convention: Convention, place: int) -> Fraction:
    if convention is Convention.HALF_YEAR:
        return Fraction(1, 2)
    if convention is Convention.MID_QUARTER:
        return Fraction(2 * (4 - place) + 1, 8)
    return Fraction(2 * (12 - place) + 1, 24)


def _printed(printed: Mapping[str, Any], convention: Convention, life: Fraction, place: int) -> Any:
    """The column that a pack states, by convention and life, and by quarter or month."""
    years = str(life.numerator) if life.denominator == 1 else str(float(life))
    return printed.get(f"{convention}:{years}", {}).get(str(place))
