"""`method` macrs, or a table of IRS Publication 946 by its name: the printed percentages, without first-year allowances.

Recovery periods that have a class in the pack of the United States go there, since some printed columns differ from
the formula; any other life is worked out by the formula behind the tables (`percentages`).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.depreciation_reading import LIFE, convention_word, in_service_day
from wherewithal.core.calc.fields import Fields, stated_decimals
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.depreciation.percentages import by_formula, by_month
from wherewithal.core.depreciation.terms import Convention
from wherewithal.core.money import from_minor

MONTHS_OF_QUARTERS = (2, 5, 8, 11)
MAX_YEARS = 100


class Table(NamedTuple):
    """factor: of the straight-line rate, 0 for the straight line. life: in years, where the table is for one."""

    convention: Convention
    factor: Fraction | None = None
    month: int | None = None
    life: Fraction | None = None


def _quarters(factor: Fraction | None) -> list[Table]:
    return [Table(Convention.MID_QUARTER, factor, month) for month in MONTHS_OF_QUARTERS]


_LINE, _ONE_AND_A_HALF = Fraction(0), Fraction(3, 2)

TABLES: dict[str, Table] = {
    "A-1": Table(Convention.HALF_YEAR),
    **dict(zip(("A-2", "A-3", "A-4", "A-5"), _quarters(None), strict=True)),
    "A-6": Table(Convention.MID_MONTH, _LINE, life=Fraction(55, 2)),
    "A-7": Table(Convention.MID_MONTH, _LINE, life=Fraction(63, 2)),
    "A-7A": Table(Convention.MID_MONTH, _LINE, life=Fraction(39)),
    "A-8": Table(Convention.HALF_YEAR, _LINE),
    **dict(zip(("A-9", "A-10", "A-11", "A-12"), _quarters(_LINE), strict=True)),
    "A-13": Table(Convention.MID_MONTH, _LINE, life=Fraction(40)),
    "A-13A": Table(Convention.MID_MONTH, _LINE, life=Fraction(30)),
    "A-14": Table(Convention.HALF_YEAR, _ONE_AND_A_HALF),
    **dict(zip(("A-15", "A-16", "A-17", "A-18"), _quarters(_ONE_AND_A_HALF), strict=True)),
}

_CLASSES: dict[Fraction, str] = {
    **{Fraction(years): f"{years}-year" for years in (3, 5, 7, 10, 15, 20)},
    Fraction(55, 2): "residential-rental",
    Fraction(39): "nonresidential-real",
}
"""Lives with a class in the pack, by the method that its tables have."""


def is_macrs(case: Mapping[str, Any]) -> bool:
    """Whether a case names the method or a table of the publication."""
    return case.get("method") == "macrs" or isinstance(case.get("table"), str)


def macrs_case(said: Mapping[str, Any]) -> dict[str, Any]:
    """The same case with its percentages, or as a class of the pack. Raises CaseError."""
    fields = Fields(said, "")
    fields.decimals = stated_decimals(fields, 2)
    table = _table(fields)
    life = fields.ratio("years", *LIFE[1:]) or table.life
    if life is None or not 1 <= life <= MAX_YEARS:
        raise CaseError("life", "range", f"A recovery period of 1 to {MAX_YEARS} years is needed here.")
    on = in_service_day(fields)
    if table.month is not None and not fields.has("month"):
        on = on.replace(month=table.month, day=1)
    cost = {"cost": fields.raw("cost", "basis", "value"), "in_service_on": on.isoformat()}
    if table.factor is None or table.convention is Convention.MID_MONTH:
        found = _CLASSES.get(life)
        if found is not None:
            elections = {"bonus": False, "convention": _personal(table.convention)}
            return {"pack": "us", "class": found, **cost, "elections": elections}
    percents = _percents(table, life, on.month)
    return cost | {
        "currency_decimals": fields.decimals,
        "table": [str(_exact(each)) for each in percents],
        "convention": table.convention.value,
        "rounding": {"mode": "half_up", "of": "charge"},
    }


def _table(fields: Fields) -> Table:
    """The table named; without a name the one that the convention means, mid-month for real property."""
    name = fields.raw("table")
    if name is None:
        life = fields.ratio("years", *LIFE[1:])
        real = life is not None and life > 20
        default = Convention.MID_MONTH if real else Convention.HALF_YEAR
        convention = convention_word(fields) if fields.has("convention") else default
        if convention not in (Convention.HALF_YEAR, Convention.MID_QUARTER, Convention.MID_MONTH):
            raise CaseError("convention", "choice", "MACRS knows half_year, mid_quarter and mid_month.")
        return Table(convention, _LINE if convention is Convention.MID_MONTH else None)
    found = TABLES.get(str(name).strip().upper())
    if found is None:
        raise CaseError("table", "choice", f"The tables are {', '.join(TABLES)}; or percentages as a list.")
    return found


def _personal(convention: Convention) -> str:
    """The convention of the year's personal property; real property has its own."""
    return (Convention.HALF_YEAR if convention is Convention.MID_MONTH else convention).value


def _percents(table: Table, life: Fraction, month: int) -> list[Fraction]:
    decimals = 3 if life >= 20 or table.convention is Convention.MID_MONTH else 2
    if table.convention is Convention.MID_MONTH and life == 39:
        return by_month(life, Fraction("0.214"), month, decimals)
    if table.convention is Convention.HALF_YEAR:
        first = Fraction(1, 2)
    elif table.convention is Convention.MID_QUARTER:
        first = Fraction(2 * (4 - (month + 2) // 3) + 1, 8)
    else:
        first = Fraction(2 * (12 - month) + 1, 24)
    factor = table.factor
    if factor is None:
        factor = Fraction(2) if life <= 10 else _ONE_AND_A_HALF
    return by_formula(life, factor, first, decimals)


def _exact(percent: Fraction) -> Any:
    """A percentage of at most three decimals as a number."""
    return from_minor(int(percent * 1000), 3)
