"""What a pack makes of one asset: first-year allowances, terms, the charge of each tax year, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.accrual import accrued_at_disposal
from wherewithal.core.depreciation.allowances import Allowance, allowance
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.conditions import Facts, unmet
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import Pack, PackClass, Rule
from wherewithal.core.depreciation.schedule import By, schedule
from wherewithal.core.depreciation.terms import Method, Segment, Terms
from wherewithal.core.depreciation.treatments import Treatment, treatment
from wherewithal.core.depreciation.uses import capped, first_year_limit, least_uses, planned, use_of
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say

MAX_YEARS = 120
"""Beyond this many tax years nothing is listed; a balance that never ends has ended for any practical purpose."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why a figure is what it is: the rule, its source and when it holds."""

    rule: str
    title: str
    source: str
    retrieved: str
    how: str
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class YearCharge:
    """The regular charge of a tax year, in minor units."""

    starts_on: date
    ends_on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer of a pack. Amounts in minor units.

    basis: what is left after the allowances; the terms depreciate it down to `residual`. terms None: the asset goes
    into `pool`. Allowances belong to the tax year of going into service.
    """

    pack: str
    class_code: str
    cost: int
    allowances: tuple[Allowance, ...]
    basis: int
    residual: int
    terms: Terms | None
    pool: str | None
    in_service_on: date
    calendar: Calendar
    because: tuple[Because, ...]

    @property
    def segment(self) -> Segment | None:
        """The stretch of life that the terms hold for; None in a pool."""
        if self.terms is None:
            return None
        return Segment(
            self.in_service_on, self.in_service_on, self.basis, self.basis, self.residual, self.terms
        )


def calendar_of(pack: Pack) -> Calendar:
    """The tax years of a pack's country as they usually are."""
    return Calendar(first_month=pack.year_starts[0])


def resolve(
    pack: Pack,
    class_code: str,
    *,
    acquired_on: date,
    in_service_on: date,
    cost: int,
    elections: Mapping[str, Any] | None = None,
    calendar: Calendar | None = None,
) -> Resolution:
    """What a pack says about an asset. cost: minor units. elections: the facts that the pack declares, by name.

    Raises PackError: an unknown class or election, a fact that is needed and missing, no rule for these dates.
    """
    if cost < 0:
        raise PackError(pack.code, "cost", "not_negative", say("A cost is not below zero."))
    if in_service_on < acquired_on:
        raise PackError(
            pack.code, "in_service_on", "order", say("An asset is acquired before it goes into service.")
        )
    years = calendar or calendar_of(pack)
    asset_class = pack.asset_class(class_code)
    year = years.year(in_service_on)
    known: Facts = {
        "acquired_on": acquired_on,
        "in_service_on": in_service_on,
        "on": in_service_on,
        "year_starts_on": year.first,
        "year_ends_on": year.last,
        "cost": Fraction(cost, power_of_ten(pack.decimals)),
    }
    facts = pack.facts_of(elections or {}, asset_class, known)
    facts |= least_uses(pack, facts, year)
    special = _is_special(pack, asset_class, facts, cost)
    use = use_of(pack, facts, in_service_on, special=special)
    asked, because = _allowances(
        pack,
        asset_class,
        facts,
        cost if use is None else pack.rounded(cost * use.of(year)),
        first_year_limit(pack, use, year),
    )
    taken = asked if use is None else capped(pack, use, asked, year)
    basis = cost - sum(each.amount for each in taken)
    facts["basis"] = Fraction(basis, power_of_ten(pack.decimals))
    rule = _treatment_rule(pack, asset_class, facts)
    found: Treatment = treatment(pack, rule, facts, basis, in_service_on, years)
    because.append(because_of(pack, rule))
    if use is not None and found.terms is not None:
        terms = planned(
            pack, use, found.terms, cost=cost, asked=asked, taken=taken, in_service_on=in_service_on, calendar=years,
        )  # fmt: skip
        found = Treatment(terms, basis - sum(terms.amounts), None)
        because.append(because_of(pack, use.rule))
    return Resolution(
        pack.code,
        class_code,
        cost,
        tuple(taken),
        basis,
        min(found.residual, basis),
        found.terms,
        found.pool,
        in_service_on,
        years,
        tuple(because),
    )


def tax_years(resolution: Resolution, disposed_on: date | None = None) -> tuple[YearCharge, ...]:
    """The regular charge of each tax year from that of going into service until nothing is left.

    With a disposal the last year is that of the disposal, with what its convention allows. Raises PackError for a
    disposal before going into service.
    """
    segment = resolution.segment
    if disposed_on is not None and disposed_on < resolution.in_service_on:
        raise PackError(
            resolution.pack, "disposed_on", "order", say("A disposal comes after going into service.")
        )
    if segment is None or segment.terms.method in (Method.NONE, Method.UNITS):
        return ()
    rows = schedule(segment, resolution.calendar, by=By.YEAR, max_rows=MAX_YEARS)
    years = [YearCharge(row.first, row.last, row.charge) for row in rows if row.charge]
    if disposed_on is None:
        return tuple(years)
    before = [year for year in years if year.ends_on < disposed_on]
    year_of_disposal = resolution.calendar.year(disposed_on)
    allowed = accrued_at_disposal(segment, resolution.calendar, disposed_on) - sum(
        each.amount for each in before
    )
    last = YearCharge(max(year_of_disposal.first, resolution.in_service_on), year_of_disposal.last, allowed)
    return (*before, last) if allowed > 0 else tuple(before)


def because_of(
    pack: Pack, rule: Rule, source: str | None = None, when: Mapping[str, Any] | None = None
) -> Because:
    """The chain from a figure to where its rule was found."""
    found = pack.sources[source or rule.source]
    return Because(
        f"{rule.section}.{rule.name}", rule.title, found.title, found.retrieved, found.how, when or rule.when
    )


def _allowances(
    pack: Pack, asset_class: PackClass, facts: Facts, cost: int, most: int | None
) -> tuple[list[Allowance], list[Because]]:
    """most: what the first year may deduct. No more than that can be elected (section 280F(d)(1)); what is granted by a
    rate is above it as well, and the rest of it waits."""
    taken: list[Allowance] = []
    because: list[Because] = []
    rest = cost
    for name in asset_class.allowances:
        rule = pack.rule("allowances", name)
        facts["basis"] = Fraction(rest, power_of_ten(pack.decimals))
        if rest <= 0 or unmet(pack.code, rule.when, facts) is not None:
            continue
        found = allowance(pack, rule, facts, rest if most is None or rule.kind == "rate" else min(rest, most))
        if found is not None and found.amount:
            taken.append(found)
            because.append(because_of(pack, rule, found.source, found.when))
            rest -= found.amount
    return taken, because


def _is_special(pack: Pack, asset_class: PackClass, facts: Facts, cost: int) -> bool:
    """Whether a part of the cost may be written off by a rate: the special allowance, not an amount that is elected."""
    facts = facts | {"basis": facts["cost"]}
    rules = [pack.rule("allowances", name) for name in asset_class.allowances]
    return any(
        rule.kind == "rate"
        and unmet(pack.code, rule.when, facts) is None
        and allowance(pack, rule, facts, cost) is not None
        for rule in rules
    )


def _treatment_rule(pack: Pack, asset_class: PackClass, facts: Facts) -> Rule:
    for name in asset_class.treatments:
        rule = pack.rule("treatments", name)
        if unmet(pack.code, rule.when, facts) is None:
            return rule
    tried = ", ".join(
        f"{name} (not by {unmet(pack.code, pack.rule('treatments', name).when, facts)})"
        for name in asset_class.treatments
    )
    raise PackError(
        pack.code,
        asset_class.code,
        "no_rule",
        say("No rule of this class holds for this asset. Tried: {tried}.", tried=tried or "none"),
    )
