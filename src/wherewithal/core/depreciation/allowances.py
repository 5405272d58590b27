"""First-year allowances of one asset: what is deducted before the regular charge begins. Pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.conditions import Facts, unmet
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say


@dataclass(frozen=True, slots=True)
class Allowance:
    """An allowance taken: minor units. It reduces the basis by `amount`; `deductible` of it counts in this year
    (a limit by income), the rest is carried to the next. rate: the part of the basis, if it is one.
    source: of the step that decided, if it names one of its own."""

    code: str
    amount: int
    deductible: int
    rate: Fraction | None = None
    source: str | None = None
    when: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A yearly limit that shrinks by what the property of the year exceeds a threshold by. Minor units."""

    year: int
    limit: int
    threshold: int | None
    reduction: int
    maximum: int


def allowance(pack: Pack, rule: Rule, facts: Facts, basis: int) -> Allowance | None:
    """What an allowance rule takes of a basis; None if nothing."""
    return KINDS[rule.kind](pack, rule, facts, basis)


def yearly_limit(pack: Pack, rule: Rule, facts: Facts, property_cost: int) -> Limit:
    """The limit for the tax year that begins in the year of `year_starts_on`. Raises PackError for unknown years."""
    year = facts["year_starts_on"].year
    row = rule.params["limits"].get(str(year))
    if row is None:
        years = ", ".join(sorted(rule.params["limits"]))
        raise PackError(
            pack.code,
            "year",
            "known",
            say("No limit is known for {year}; known are {years}.", year=year, years=years),
        )
    scale = power_of_ten(pack.decimals)
    limit = int(Fraction(row[0]) * scale)
    threshold = int(Fraction(row[1]) * scale) if len(row) > 1 else None
    reduction = 0 if threshold is None else min(max(property_cost - threshold, 0), limit)
    return Limit(year, limit, threshold, reduction, limit - reduction)


def _elected_amount(pack: Pack, rule: Rule, facts: Facts, basis: int) -> Allowance | None:
    elected = facts.get(rule.params["elects"])
    if not elected:
        return None
    scale = power_of_ten(pack.decimals)
    mine = _minor(facts, "cost", scale)
    property_cost = _minor(facts, "limit_property", scale) if "limit_property" in facts else mine
    limit = yearly_limit(pack, pack.rule("rates", rule.params["limit"]), facts, property_cost)
    most = min(basis, max(limit.maximum - _minor(facts, "limit_used", scale), 0))
    if "ceiling" in rule.params:
        most = min(most, int(number(pack.code, rule.params["ceiling"], pack.tables, facts) * scale))
    amount = most if elected == "max" else int(Fraction(elected) * scale)
    if not 0 <= amount <= most:
        allowed = Fraction(most, scale)
        raise PackError(
            pack.code,
            rule.params["elects"],
            "limit",
            say("At most {allowed:,.2f} can be elected for this asset.", allowed=float(allowed)),
        )
    deductible = min(amount, _minor(facts, "taxable_income", scale)) if "taxable_income" in facts else amount
    return Allowance(rule.name, amount, max(deductible, 0))


def _rate(pack: Pack, rule: Rule, facts: Facts, basis: int) -> Allowance | None:
    for step in rule.params["steps"]:
        if unmet(pack.code, step["when"], facts) is None:
            rate = number(pack.code, step["rate"], pack.tables, facts)
            amount = pack.rounded(basis * rate)
            if not amount:
                return None
            return Allowance(rule.name, amount, amount, rate, step.get("source"), step["when"])
    return None


def _minor(facts: Facts, name: str, scale: int) -> int:
    return int(Fraction(facts.get(name, 0)) * scale)


KINDS: dict[str, Callable[[Pack, Rule, Facts, int], Allowance | None]] = {
    "elected_amount": _elected_amount,
    "rate": _rate,
}
