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


class Use(NamedTuple):
    """How much of a thing is used for business: `before` until the tax year of `since`, then `now`.

    limits: the most that each year may deduct at full business use, in minor units; the last holds for all later ones.
    goes_on: what is written off whole, but for the limit, is depreciated by the table meanwhile (Rev. Proc. 2019-13).
    """

    rule: Rule
    now: Fraction
    before: Fraction
    since: date | None
    limits: tuple[int, ...] | None
    goes_on: bool

    def of(self, year: FiscalYear) -> Fraction:
        return self.before if self.since is not None and year.last < self.since else self.now

    def limit(self, place: int) -> int | None:
        """The most that the year at a place may deduct, the year of service being the first; None: no limit."""
        return None if self.limits is None else self.limits[min(place, len(self.limits) - 1)]


def use_of(pack: Pack, facts: Facts, in_service_on: date, *, special: bool = False) -> Use | None:
    """The first rule of uses that holds; None: it is all business, and nothing limits it. special: the limit of the first
    year is that of things for which a part is written off by a rate (section 168(k)(2)(F))."""
    for rule in pack.rules["uses"].values():
        if unmet(pack.code, rule.when, facts) is None:
            now = number(pack.code, {"fact": rule.params["share"]}, pack.tables, facts)
            since = facts.get(rule.params.get("since", ""))
            before = facts.get(rule.params.get("before", ""), now)
            for part in (now, before):
                if not 0 <= part <= 1:
                    message = say("The part that is used for business is from 0 to 1.")
                    raise PackError(pack.code, rule.params["share"], "range", message)
            limits = _limits(pack, rule, in_service_on, special=special)
            goes_on = rule.params.get("goes_on")
            known = facts | {"in_service_on": in_service_on}
            meanwhile = goes_on is not None and unmet(pack.code, goes_on, known) is None
            return Use(rule, now, Fraction(before), since, limits, meanwhile)
    return None


def least_uses(pack: Pack, facts: Facts, first: FiscalYear) -> Facts:
    """The facts that say how much was used for business in the year of least use until now; first: the year of service.

    What was once not used predominantly for business is treated so in all later years (section 280F(b)(1)), so rules
    ask for this rather than for the use of today. A still smaller part may have been stated.
    """
    found: Facts = {}
    for rule in pack.rules["uses"].values():
        if "least" in rule.params:
            parts = [facts[name] for name in (rule.params["least"], rule.params["share"]) if name in facts]
            since = facts.get(rule.params.get("since", ""))
            if since is not None and first.last < since:
                parts.append(facts.get(rule.params.get("before", ""), WHOLE))
            found[rule.params["least"]] = min(parts, default=WHOLE)
    return found


def _limits(pack: Pack, rule: Rule, in_service_on: date, *, special: bool) -> tuple[int, ...] | None:
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
    plain, *years = (int(Fraction(part) * power_of_ten(pack.decimals)) for part in row)
    return tuple(years) if special else (plain, *years[1:])


def first_year_limit(pack: Pack, use: Use | None, first: FiscalYear) -> int | None:
    """The most that the year of service may deduct, in minor units; None: no limit."""
    limit = None if use is None else use.limit(0)
    return None if use is None or limit is None else pack.rounded(limit * use.of(first))


def capped(pack: Pack, use: Use, taken: Sequence[Allowance], first: FiscalYear) -> list[Allowance]:
    """First-year allowances within the limit of the first year, those taken last giving way first."""
    left = first_year_limit(pack, use, first)
    if left is None:
        return list(taken)
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

    Where it goes on, what is written off whole in the first year by a rate alone is depreciated by the table over what
    the limit left. Otherwise the table is of the cost less all that was asked for, and what is left waits until the
    recovery period is over, however little the table deducts in it. Raises PackError for what is used for business
    only after the year of service: it was not in service then (26 CFR 1.168(i)-4(b)).
    """
    years = calendar.years(in_service_on)
    first = next(years)
    share = use.of(first)
    if not share:
        if use.now:
            message = say(
                "Before {since} nothing of it is used for business: it goes into service when that use begins. "
                "Give the day as the day of service, and no use before.",
                since=use.since,
            )
            raise PackError(pack.code, use.rule.params["before"], "in_service", message)
        return Terms(Method.NONE)
    whole = use.goes_on and len(asked) == 1 and asked[0].rate == WHOLE
    expensed = sum(each.amount for each in taken)
    gone = Fraction(expensed) / share
    base = cost - (gone if whole else Fraction(sum(each.amount for each in asked)) / share)
    left = cost - gone
    recovery = len(_charges(cost, terms, in_service_on, calendar))
    charges: dict[Fraction, list[int]] = {}
    amounts: list[int] = []
    year = first
    while len(amounts) < MAX_YEARS:
        part, place = use.of(year), len(amounts)
        if part not in charges:
            charges[part] = _charges(pack.rounded(base * part), terms, in_service_on, calendar)
        usual = charges[part]
        most = pack.rounded(left * part)
        limit = use.limit(place)
        if place >= recovery and (limit is None or most <= 0):
            break
        amount = usual[place] if place < len(usual) else 0 if place < recovery else most
        if limit is not None:
            amount = min(amount, max(pack.rounded(limit * part) - (expensed if place == 0 else 0), 0))
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
