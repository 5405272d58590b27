"""Rates and limits that change on a day: what holds for a period that lies across the change. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.calendar import add_months
from wherewithal.core.depreciation.conditions import Facts
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.words import say

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a period in which one value holds."""

    starts_on: date
    ends_on: date
    value: Fraction

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """rate: of 1, as the law rounds it; unrounded: by days exactly; parts: which rate held when."""

    rate: Fraction
    unrounded: Fraction
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Restriction:
    """At most `limit` of what was incurred from `starts_on` to `ends_on` counts."""

    starts_on: date
    ends_on: date
    limit: Fraction


@dataclass(frozen=True, slots=True)
class LimitAnswer:
    """limit: for the period, in units of the currency; restrictions: on parts of it."""

    limit: Fraction
    parts: tuple[Part, ...]
    restrictions: tuple[Restriction, ...]


def rate_for(pack: Pack, rule: Rule, facts: Facts, starts_on: date, ends_on: date) -> RateAnswer:
    """The rate of a period: across a change each rate by its days, rounded up as the rule says."""
    parts = parts_of(pack, rule, facts, starts_on, ends_on)
    days = (ends_on - starts_on).days + 1
    exact = sum((part.value * part.days for part in parts), Fraction(0)) / days
    rate = exact
    if len(parts) > 1 and "round_percent_up_to" in rule.params:
        scale = 100 * Fraction(10) ** int(rule.params["round_percent_up_to"])
        rate = -(-exact * scale // 1) / scale
    return RateAnswer(rate, exact, parts)


def limit_for(pack: Pack, rule: Rule, facts: Facts, starts_on: date, ends_on: date) -> LimitAnswer:
    """The limit of a period: each value for its share of a year, and what parts of the period are restricted to.

    Before a rise no more counts than without it; after a fall no more than the share of what then holds.
    """
    parts = parts_of(pack, rule, facts, starts_on, ends_on)
    whole = years_of(starts_on, ends_on)
    shares = [_share(part, parts, starts_on, ends_on, whole) for part in parts]
    limit = sum((part.value * share for part, share in zip(parts, shares, strict=True)), Fraction(0))
    restrictions = []
    for before, after, share in zip(parts, parts[1:], shares[1:], strict=False):
        if after.value > before.value:
            restrictions.append(Restriction(starts_on, before.ends_on, before.value * whole))
        elif rule.params.get("restricts", "lower_part") == "lower_part":
            restrictions.append(Restriction(after.starts_on, ends_on, after.value * share))
    return LimitAnswer(limit, parts, tuple(restrictions))


def parts_of(pack: Pack, rule: Rule, facts: Facts, starts_on: date, ends_on: date) -> tuple[Part, ...]:
    """The stretches of a period by what holds in them. Raises PackError before the first known value."""
    if ends_on < starts_on:
        raise PackError(pack.code, "period", "order", say("A period ends after it begins."))
    series = _series(pack, rule, facts)
    starts = [date.fromisoformat(row[0]) for row in series]
    if starts_on < starts[0]:
        raise PackError(
            pack.code,
            rule.name,
            "known",
            say("{rule_title}: nothing is known before {starts}.", rule_title=rule.title, starts=starts[0]),
        )
    parts = []
    for number, row in enumerate(series):
        first = max(starts[number], starts_on)
        last = min(starts[number + 1] - ONE_DAY, ends_on) if number + 1 < len(series) else ends_on
        if first <= last:
            parts.append(Part(first, last, Fraction(row[1])))
    return tuple(parts)


def years_of(starts_on: date, ends_on: date) -> Fraction:
    """How many years a period is: by months where it is whole ones, otherwise by days of 365."""
    months = whole_months(starts_on, ends_on)
    if months is not None:
        return Fraction(months, 12)
    return Fraction((ends_on - starts_on).days + 1, 365)


def whole_months(starts_on: date, ends_on: date) -> int | None:
    """The number of whole months of a period; None if it is no whole number of them."""
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    for number in (months, months + 1):
        if number > 0 and add_months(starts_on, number) - ONE_DAY == ends_on:
            return number
    return None


def _series(pack: Pack, rule: Rule, facts: Facts) -> list[Any]:
    series = rule.params["series"]
    if "by" not in rule.params:
        return list(next(iter(series.values())))
    chosen = facts.get(rule.params["by"])
    if chosen not in series:
        known = ", ".join(series)
        raise PackError(
            pack.code,
            rule.params["by"],
            "choice",
            say("One of {known} is expected here, not {chosen!r}.", known=known, chosen=chosen),
        )
    return list(series[chosen])


def _share(part: Part, parts: tuple[Part, ...], starts_on: date, ends_on: date, whole: Fraction) -> Fraction:
    """The share of a year of a part: by months where all parts are whole ones, otherwise by days of the period."""
    months = [whole_months(each.starts_on, each.ends_on) for each in parts]
    if all(month is not None for month in months):
        return Fraction(whole_months(part.starts_on, part.ends_on) or 0, 12)
    return whole * Fraction(part.days, (ends_on - starts_on).days + 1)
