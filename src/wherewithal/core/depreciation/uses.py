"""Things that are used for business in part, and what a year may deduct of them at most. Pure functions.

Of such a thing only the part that is used for business is depreciated, year by year the part of that year. Where a rule
limits the deduction of a year, what lies above the limit waits until the recovery period is over, and is then deducted
within the limit of the later years (section 280F(a)(1)(B) of the Internal Revenue Code).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.depreciation.allowances import Allowance
from wherewithal.core.depreciation.calendar import Calendar, FiscalYear
from wherewithal.core.depreciation.conditions import Facts, unmet
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.depreciation.schedule import By, schedule
from wherewithal.core.depreciation.terms import Method, Segment, Terms
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say

MAX_YEARS = 120
WHOLE = Fraction(1)


class Limits(NamedTuple):
    """The most that each year may deduct at full business use, in minor units; the last holds for all later ones.
    first_plain: the first year without a special allowance."""

    years: tuple[int, ...]
    first_plain: int

    def of(self, place: int, *, special: bool) -> int:
        if place == 0 and not special:
            return self.first_plain
        return self.years[min(place, len(self.years) - 1)]


class Use(NamedTuple):
    """How much of a thing is used for business: `before` until the tax year of `since`, then `now`."""

    rule: Rule
    now: Fraction
    before: Fraction
    since: date | None
    limits: Limits | None

    def of(self, year: FiscalYear) -> Fraction:
        return self.before if self.since is not None and year.last < self.since else self.now


def use_of(pack: Pack, facts: Facts, in_service_on: date) -> Use | None:
    """The first rule of uses that holds; None: it is all business, and nothing limits it."""
    for rule in pack.rules["uses"].values():
        if unmet(pack.code, rule.when, facts) is None:
            now = number(pack.code, {"fact": rule.params["share"]}, pack.tables, facts)
            since = facts.get(rule.params.get("since", ""))
            before = facts.get(rule.params.get("before", ""), now)
            for part in (now, before):
                if not 0 <= part <= 1:
                    message = say("The part that is used for business is from 0 to 1.")
                    raise PackError(pack.code, rule.params["share"], "range", message)
            return Use(rule, now, Fraction(before), since, _limits(pack, rule, in_service_on))
    return None


def _limits(pack: Pack, rule: Rule, in_service_on: date) -> Limits | None:
    if "limits" not in rule.params:
        return None
    rows: Mapping[str, Sequence[Any]] = rule.params["limits"]
    row = rows.get(str(in_service_on.year))
    if row is None:
        message = say(
            "No limit is known for {year}; known are {years}.",
            year=in_service_on.year,
            years=", ".join(sorted(rows)),
        )
        raise PackError(pack.code, "in_service_on", "known", message)
    if len(row) < 2:
        message = say("Give the first year without and with a special allowance, and the years after it.")
        raise PackError(pack.code, f"uses.{rule.name}.limits", "size", message)
    first_plain, *years = (int(Fraction(part) * power_of_ten(pack.decimals)) for part in row)
    return Limits(tuple(years), first_plain)


def capped(pack: Pack, use: Use, taken: Sequence[Allowance], first: FiscalYear) -> list[Allowance]:
    """First-year allowances within the limit of the first year, those taken last giving way first."""
    if use.limits is None:
        return list(taken)
    left = pack.rounded(use.limits.of(0, special=_is_special(taken)) * use.of(first))
    found = []
    for each in taken:
        amount = min(each.amount, left)
        left -= amount
        if amount:
            found.append(replace(each, amount=amount, deductible=min(each.deductible, amount)))
    return found


def planned(
    pack: Pack,
    use: Use,
    terms: Terms,
    *,
    cost: int,
    asked: Sequence[Allowance],
    taken: Sequence[Allowance],
    in_service_on: date,
    calendar: Calendar,
) -> Terms:
    """What each tax year deducts, as a plan of amounts. asked, taken: first-year allowances before and within the limit.

    What is written off whole in the first year, but for the limit, goes on by the table over what the limit left (the
    safe harbour of Rev. Proc. 2019-13); otherwise the table is of the cost less all that was asked for.
    """
    years = calendar.years(in_service_on)
    first = next(years)
    share = use.of(first)
    if not share:
        return Terms(Method.NONE)
    whole = use.limits is not None and len(asked) == 1 and asked[0].rate == WHOLE
    gone = Fraction(sum(each.amount for each in taken)) / share
    base = cost - (gone if whole else Fraction(sum(each.amount for each in asked)) / share)
    left = cost - gone
    charges: dict[Fraction, list[int]] = {}
    amounts: list[int] = []
    year = first
    while len(amounts) < MAX_YEARS:
        part, place = use.of(year), len(amounts)
        if part not in charges:
            charges[part] = _charges(pack.rounded(base * part), terms, in_service_on, calendar)
        usual = charges[part]
        most = pack.rounded(left * part)
        if place >= len(usual) and (use.limits is None or most <= 0 or not part):
            break
        amount = usual[place] if place < len(usual) else most
        if use.limits is not None:
            limit = pack.rounded(use.limits.of(place, special=_is_special(asked)) * part)
            amount = min(amount, max(limit - (sum(each.amount for each in taken) if place == 0 else 0), 0))
        amount = min(amount, most)
        amounts.append(amount)
        if part:
            left -= Fraction(amount) / part
        year = next(years)
    while amounts and not amounts[-1]:
        amounts.pop()
    if not amounts:
        return Terms(Method.NONE)
    return Terms(Method.AMOUNTS, convention=terms.convention, amounts=tuple(amounts))


def _charges(base: int, terms: Terms, in_service_on: date, calendar: Calendar) -> list[int]:
    segment = Segment(in_service_on, in_service_on, base, base, 0, terms)
    rows = schedule(segment, calendar, by=By.YEAR, max_rows=MAX_YEARS)
    found = [row.charge for row in rows]
    while found and not found[-1]:
        found.pop()
    return found


def _is_special(taken: Sequence[Allowance]) -> bool:
    """Whether a part of the basis was written off by a rate: the special allowance, not an amount that was elected."""
    return any(each.rate is not None for each in taken)
