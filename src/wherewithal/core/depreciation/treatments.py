"""Treatments: how one asset is depreciated under a rule of a pack. Pure functions from a rule and facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar, add_months
from wherewithal.core.depreciation.conditions import Facts
from wherewithal.core.depreciation.dated_rates import parts_of
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.depreciation.percentages import MAX_LIFE_YEARS, percentages
from wherewithal.core.depreciation.terms import (
    Base,
    Convention,
    Method,
    Mode,
    Rounded,
    Rounding,
    Step,
    Terms,
    TermsError,
)
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say

MAX_STEPS = 200
"""A value that is kept in parts is followed for so many years."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """terms: None when the asset goes into a pool. residual: minor units that are never depreciated."""

    terms: Terms | None
    residual: int
    pool: str | None


def treatment(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    """What a treatment rule makes of an asset. Raises PackError for facts that are missing or cannot be."""
    try:
        return KINDS[rule.kind](pack, rule, facts, basis, in_service_on, calendar)
    except TermsError as error:
        raise PackError(
            pack.code, f"treatments.{rule.name}.{error.field}", error.rule, error.message
        ) from None


def _terms(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    params = rule.params

    def read(name: str) -> Fraction | None:
        return number(pack.code, params[name], pack.tables, facts) if name in params else None

    def flag(name: str, default: bool) -> bool:
        return _flag(pack, params.get(name, default), facts)

    life_years = read("life_years")
    rate_decimals = read("rate_decimals")
    terms = Terms(
        method=Method(params["method"]),
        life_months=None if life_years is None else life_years * 12,
        rate=read("rate"),
        factor=read("factor"),
        switches_to_straight_line=flag("switches_to_straight_line", False),
        guarantee_rate=read("guarantee_rate"),
        revised_rate=read("revised_rate"),
        base=Base(params.get("base", Base.DEPRECIABLE)),
        convention=convention(pack, params.get("convention", Convention.FULL_MONTH), facts),
        step=Step(params.get("step", Step.FISCAL_YEAR)),
        table=tuple(number(pack.code, part, pack.tables, facts) for part in params.get("parts", ())),
        total_units=read("total_units"),
        rounding=rounding(pack, params.get("rounding", {})),
        rate_decimals=None if rate_decimals is None else int(rate_decimals),
        ends_with_fiscal_year=flag("ends_with_fiscal_year", False),
        charges_rest_at_end=flag("charges_rest_at_end", True),
        counts_first_day=flag("counts_first_day", True),
        suspends_while_idle=flag("suspends_while_idle", False),
    )
    residual = (read("residual") or 0) * basis
    residual += (read("residual_amount") or 0) * power_of_ten(pack.decimals)
    return Treatment(terms, round(residual), None)


def rounding(pack: Pack, params: Mapping[str, Any]) -> Rounding:
    """How charges are rounded: a rule's own way, otherwise the pack's."""
    step = params.get("step")
    return Rounding(
        Mode(params.get("mode", pack.rounding)),
        int(params.get("unit", 1)),
        Rounded(params.get("what", Rounded.ACCUMULATED)),
        None if step is None else Step(step),
    )


def convention(pack: Pack, value: Any, facts: Facts) -> Convention:
    """A convention, or the one that a fact names."""
    if not isinstance(value, Mapping):
        return Convention(value)
    named = str(facts.get(value["fact"])).replace("-", "_")
    if named not in tuple(Convention):
        known = ", ".join(Convention)
        raise PackError(
            pack.code,
            value["fact"],
            "choice",
            say("A convention is one of {known}, not {named!r}.", known=known, named=named),
        )
    return Convention(named)


def _percentages(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    """Printed percentages of the basis, one per tax year; each year's amount is rounded by itself."""
    how_counted = convention(pack, rule.params["convention"], facts)
    table = percentages(pack, rule, facts, how_counted, in_service_on, calendar)
    how = rounding(pack, {"what": Rounded.CHARGE, **rule.params.get("rounding", {})})
    return Treatment(Terms(Method.TABLE, convention=how_counted, table=table, rounding=how), 0, None)


def _level_parts(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    """Equal parts of the basis per year of the life, the first times a factor, until nothing is left."""
    life = number(pack.code, rule.params["life_years"], pack.tables, facts)
    if not 1 <= life <= MAX_LIFE_YEARS:
        raise PackError(
            pack.code,
            "life_years",
            "range",
            say("The life is 1 to {max_life_years} years.", max_life_years=MAX_LIFE_YEARS),
        )
    part = min(number(pack.code, rule.params.get("first_factor", 1), pack.tables, facts) / life, Fraction(1))
    rest = 1 - part
    parts = [part]
    while rest > 0:
        parts.append(min(1 / life, rest))
        rest -= parts[-1]
    how = rounding(pack, {"what": Rounded.CHARGE})
    how_counted = convention(pack, rule.params.get("convention", Convention.FULL_YEAR), facts)
    return Treatment(Terms(Method.TABLE, convention=how_counted, table=tuple(parts), rounding=how), 0, None)


def _dated_parts(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    """A yearly rate of the basis that changes on a day, by days of each tax year; the last one takes the rest."""
    life = number(pack.code, rule.params["life_years"], pack.tables, facts)
    if not 1 <= life <= MAX_LIFE_YEARS:
        raise PackError(
            pack.code,
            "life_years",
            "range",
            say("The life is 1 to {max_life_years} years.", max_life_years=MAX_LIFE_YEARS),
        )
    rates = pack.rule("rates", rule.params["rate"])
    ends_on = add_months(in_service_on, round(life * 12)) - ONE_DAY
    table: list[Fraction] = []
    for year in calendar.years(in_service_on):
        if year.last >= ends_on or sum(table) >= 1:
            break
        days = (year.last - year.first).days + 1
        parts = parts_of(pack, rates, facts, max(year.first, in_service_on), year.last)
        whole = sum((part.value * part.days for part in parts), Fraction(0)) / days * year.months / 12
        table.append(min(whole, 1 - sum(table, Fraction(0))))
    table.append(max(1 - sum(table, Fraction(0)), Fraction(0)))
    how = rounding(pack, {"what": Rounded.CHARGE})
    return Treatment(
        Terms(Method.TABLE, convention=Convention.FULL_YEAR, table=tuple(table), rounding=how), 0, None
    )


def _kept_parts(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    """What is kept of the value each year, another part in the first; the value is rounded, down to a least part."""
    first, kept, least = (
        number(pack.code, rule.params[name], pack.tables, facts) for name in ("first_kept", "kept", "least")
    )
    if not 0 <= kept < 1 or not 0 <= first <= 1:
        raise PackError(
            pack.code,
            f"treatments.{rule.name}",
            "range",
            say("What is kept of a value is from 0 to below 1."),
        )
    residual = pack.rounded(basis * least)
    value, part = basis, first
    amounts: list[int] = []
    while value > residual and len(amounts) < MAX_STEPS:
        left = max(pack.rounded(value * part), residual)
        amounts.append(value - left)
        value, part = left, kept
    if not amounts:
        return Treatment(Terms(Method.NONE), residual, None)
    terms = Terms(Method.AMOUNTS, convention=Convention.FULL_YEAR, amounts=tuple(amounts))
    return Treatment(terms, value, None)


def _pool(
    pack: Pack, rule: Rule, facts: Facts, basis: int, in_service_on: date, calendar: Calendar
) -> Treatment:
    return Treatment(None, 0, str(rule.params["pool"]))


def _flag(pack: Pack, value: Any, facts: Facts) -> bool:
    if isinstance(value, Mapping):
        value = facts.get(value["fact"])
        if not isinstance(value, bool):
            raise PackError(
                pack.code, "facts", "boolean", say("A rule asks whether something is so: give true or false.")
            )
    return bool(value)


KINDS: dict[str, Callable[[Pack, Rule, Facts, int, date, Calendar], Treatment]] = {
    "terms": _terms,
    "percentages": _percentages,
    "level_parts": _level_parts,
    "dated_parts": _dated_parts,
    "kept_parts": _kept_parts,
    "pool": _pool,
}
