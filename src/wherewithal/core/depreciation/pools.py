"""Pools: assets that a regime depreciates together. One pure function per kind of pool, period after period."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.depreciation.conditions import Facts, unmet
from wherewithal.core.depreciation.dated_rates import RateAnswer, rate_for, years_of
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.first_year_claims import Claim, claims_of, disposal_charge, totals
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.depreciation.pool_facts import Addition, PoolLine, PoolPeriod, PoolYear
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say

YEAR = Fraction(1)


def pool_period(
    pack: Pack,
    pools: Mapping[str, tuple[int, Mapping[str, int]]],
    periods: Mapping[str, PoolPeriod],
) -> dict[str, PoolYear]:
    """The computation of all pools of a period, so that limits over all of them hold.

    pools: opening balance and what the period before carried, by code. periods: what happened in each, by code.
    """
    return {code: answer.year for code, answer in pools_with_claims(pack, pools, periods).items()}


class PoolAnswer(NamedTuple):
    """The computation of a pool, and what became of each addition, in the order of the additions."""

    year: PoolYear
    claims: list[Claim]


def pools_with_claims(
    pack: Pack,
    pools: Mapping[str, tuple[int, Mapping[str, int]]],
    periods: Mapping[str, PoolPeriod],
) -> dict[str, PoolAnswer]:
    """As `pool_period`, with the first-year claims. A code "single-main#7" is an instance of the pool single-main.

    Nothing is claimed in the last period of a pool, whose end relieves it all (Capital Allowances Act 2001, s.38B and
    s.46(2), general exclusion 1).
    """
    joined = [
        (code, replace(addition, allowance=None) if period.ceased else addition)
        for code, period in periods.items()
        for addition in period.additions
    ]
    first = next(iter(periods.values()))
    claims = claims_of(pack, [(rule_code(code), addition) for code, addition in joined], first)
    mine: dict[str, list[Claim]] = {code: [] for code in periods}
    for (code, _), claim in zip(joined, claims, strict=True):
        mine[code].append(claim)
    return {
        code: PoolAnswer(
            run_pool(pack, rule_code(code), *pools.get(code, (0, {})), period, mine[code]), mine[code]
        )
        for code, period in periods.items()
    }


def rule_code(code: str) -> str:
    """The pool of the pack that a pool of a book is one of."""
    return code.partition("#")[0]


def run_pool(
    pack: Pack, code: str, opening: int, carry: Mapping[str, int], period: PoolPeriod, claims: Sequence[Claim]
) -> PoolYear:
    """The computation of one pool for one period, from its first-year claims. Raises PackError."""
    rule = pack.rule("pools", code)
    if rule.kind not in KINDS:
        raise PackError(pack.code, "pool", "kind", say("{code} is a claim, not a pool.", code=code))
    if opening < 0:
        raise PackError(pack.code, "opening", "not_negative", say("A pool does not open below zero."))
    return KINDS[rule.kind](pack, rule, opening, carry, period, claims)


def _writing_down(
    pack: Pack,
    rule: Rule,
    opening: int,
    carry: Mapping[str, int],
    period: PoolPeriod,
    claims: Sequence[Claim],
) -> PoolYear:
    """A pool written down by a rate of its balance; a balance below zero is income, what is left at the end a loss."""
    lines = [PoolLine("opening", opening)]
    to_pool = sum(claim.to_pool for claim in claims)
    charged = taken = 0
    for disposal in period.disposals:
        at_once, out = disposal_charge(pack, disposal, period)
        charged += at_once
        taken += out
    _add(lines, "additions", to_pool)
    _add(lines, "disposals", -taken)
    balance = opening + to_pool - taken
    ended = period.ceased or (period.empty and rule.params["balancing_allowance"] == "on_disposal")
    answer = _rate(pack, rule, period)
    allowance = lost = 0
    if balance < 0:
        charged -= balance
        _add(lines, "balancing_charge", -balance)
        balance = 0
    elif ended:
        lost = balance
        _add(lines, "balancing_allowance", -lost)
        balance = 0
    else:
        allowance = _written_down(pack, rule, period, balance, answer)
        balance -= allowance
        _add(lines, "writing_down_allowance", -allowance, _percent(answer.rate))
    for code, amount in totals(claims).items():
        lines.append(PoolLine(code, amount, "deducted at once"))
    later = sum(claim.later for claim in claims)
    _add(lines, "rest_of_first_year_claims", later)
    use = period.business_use
    return PoolYear(
        rule.name,
        opening,
        (*lines, PoolLine("closing", balance + later)),
        allowance,
        pack.rounded(allowance * use),
        pack.rounded(sum(claim.claimed for claim in claims) * use),
        pack.rounded(charged * use),
        pack.rounded(lost * use),
        balance + later,
        answer.rate,
        answer.unrounded,
    )


def _written_down(pack: Pack, rule: Rule, period: PoolPeriod, balance: int, answer: RateAnswer) -> int:
    share = _share(period)
    small = rule.params.get("small_pool")
    if small is not None and balance <= Fraction(small) * power_of_ten(pack.decimals) * share:
        most = balance
    else:
        most = min(pack.rounded(balance * answer.rate * share), balance)
    return most if period.claim is None else _claimed(pack, period.claim, most)


def _block(
    pack: Pack,
    rule: Rule,
    opening: int,
    carry: Mapping[str, int],
    period: PoolPeriod,
    claims: Sequence[Claim],
) -> PoolYear:
    """A block by written-down value: what was used for fewer days than the rule's earns a part of the rate.

    Money from disposals reduces first what earns the whole rate. Below zero, or with no asset left, nothing is
    allowed: the difference is a gain or a loss.
    """
    facts = _facts(pack, period)
    late = sum(addition.amount for addition in period.additions if _is_late(pack, rule, period, addition))
    added = sum(addition.amount for addition in period.additions)
    taken = sum(disposal.proceeds for disposal in period.disposals)
    lines = [PoolLine("opening", opening)]
    _add(lines, "additions_full", added - late)
    _add(lines, "additions_late", late)
    _add(lines, "disposals", -taken)
    balance = opening + added - taken
    rate = (
        period.rate if period.rate is not None else number(pack.code, rule.params["rate"], pack.tables, facts)
    )
    allowance = gain = lost = 0
    next_carry: dict[str, int] = {}
    if balance <= 0:
        gain, balance = -balance, 0
        _add(lines, "gain", gain)
    elif period.empty or period.ceased:
        lost, balance = balance, 0
        _add(lines, "loss", -lost)
    else:
        full = max(opening + added - late - taken, 0)
        part = Fraction(rule.params["late_factor"])
        normal = pack.rounded(full * rate + (balance - full) * rate * part)
        _add(lines, "depreciation", -normal, _percent(rate))
        extra, later = _additional(pack, rule, period, facts)
        extra = min(extra, balance - normal)
        carried = min(carry.get("additional", 0), balance - normal - extra)
        _add(lines, "additional_depreciation", -extra)
        _add(lines, "additional_of_last_year", -carried)
        allowance = normal + extra + carried
        balance -= allowance
        if later:
            next_carry["additional"] = later
    return PoolYear(
        rule.name, opening, (*lines, PoolLine("closing", balance)), allowance, allowance, 0, gain, lost, balance, rate,
        rate, next_carry,
    )  # fmt: skip


def _additional(pack: Pack, rule: Rule, period: PoolPeriod, facts: Facts) -> tuple[int, int]:
    """What additions earn once beside the rate, and what of it belongs to the next period."""
    if "additional" not in rule.params:
        return 0, 0
    rate = number(pack.code, rule.params["additional"], pack.tables, facts)
    part = Fraction(rule.params["late_factor"])
    now = later = Fraction(0)
    for addition in period.additions:
        mine: Facts = {**facts, **addition.facts}
        if addition.on is not None:
            mine["on"] = addition.on
        if unmet(pack.code, rule.params.get("additional_when", {}), mine) is not None:
            continue
        whole = addition.amount * rate
        held_back = whole * (1 - part) if _is_late(pack, rule, period, addition) else Fraction(0)
        now += whole - held_back
        later += held_back
    return pack.rounded(now), pack.rounded(later)


def _is_late(pack: Pack, rule: Rule, period: PoolPeriod, addition: Addition) -> bool:
    days = addition.facts.get("days_used")
    if days is None:
        if addition.on is None or period.ends_on is None:
            return False
        days = (period.ends_on - addition.on).days + 1
    return bool(days < int(rule.params["least_days"]))


def _declining_class(
    pack: Pack,
    rule: Rule,
    opening: int,
    carry: Mapping[str, int],
    period: PoolPeriod,
    claims: Sequence[Claim],
) -> PoolYear:
    """A class by undepreciated cost: net additions of the year count by a factor (half a year: 0.5).

    Disposals, at the lower of proceeds and cost, reduce first the additions that count least.
    """
    facts = _facts(pack, period)
    taken = sum(disposal.value for disposal in period.disposals)
    first_year = sum(claim.claimed for claim in claims)
    groups = [
        (_factor(pack, rule, period, facts, claim.addition), _capped(pack, rule, claim) - claim.claimed)
        for claim in claims
    ]
    added = sum(amount for _, amount in groups)
    lines = [PoolLine("opening", opening)]
    _add(lines, "additions", added + first_year)
    for code, amount in totals(claims).items():
        _add(lines, code, -amount, "deducted at once")
    _add(lines, "disposals", -taken)
    balance = opening + added - taken
    rate = (
        period.rate if period.rate is not None else number(pack.code, rule.params["rate"], pack.tables, facts)
    )
    allowance = gain = lost = 0
    if balance < 0:
        gain = -balance if rule.params.get("recapture", True) else 0
        balance = 0
        _add(lines, "recapture", gain)
    elif (period.empty or period.ceased) and rule.params.get("terminal_loss", True):
        lost, balance = balance, 0
        _add(lines, "terminal_loss", -lost)
    elif period.empty or period.ceased:
        half = rule.params.get("half_rate_on_disposal", False)
        allowance = pack.rounded(opening * rate / 2) if half else 0
        _add(lines, "allowance", -allowance, _percent(rate / 2))
        balance = 0
    else:
        adjustment = _adjustment(groups, taken)
        base = balance + adjustment
        lines.append(PoolLine("counts_for_rate", pack.rounded(base)))
        allowance = _class_allowance(pack, rule, period, balance, base * rate)
        _add(lines, "allowance", -allowance, _percent(rate))
        balance -= allowance
    return PoolYear(
        rule.name, opening, (*lines, PoolLine("closing", balance)), allowance,
        pack.rounded(allowance * period.business_use), first_year, gain, lost, balance, rate, rate,
    )  # fmt: skip


def _class_allowance(pack: Pack, rule: Rule, period: PoolPeriod, balance: int, exact: Fraction) -> int:
    below = rule.params.get("write_off_below")
    if below is not None:
        limit = number(pack.code, below, pack.tables, _facts(pack, period))
        if balance < limit * power_of_ten(pack.decimals):
            return balance
    days = period.days
    share = YEAR if days is None or days >= 365 else Fraction(days, 365)
    most = min(pack.rounded(exact * share), balance)
    return most if period.claim is None else _claimed(pack, period.claim, most)


def _factor(pack: Pack, rule: Rule, period: PoolPeriod, facts: Facts, addition: Addition) -> Fraction:
    mine: Facts = {**facts, **addition.facts}
    if addition.on is not None:
        mine["on"] = addition.on
        mine.setdefault("acquired_on", addition.on)
        for step in rule.params.get("steps", ()):
            if unmet(pack.code, step["when"], mine) is None:
                return number(pack.code, step["factor"], pack.tables, mine)
    return number(pack.code, rule.params.get("first_year_factor", 1), pack.tables, mine)


def _capped(pack: Pack, rule: Rule, claim: Claim) -> int:
    addition = claim.addition
    caps = rule.params.get("cost_cap")
    if caps is None or addition.on is None:
        return addition.amount
    fitting = [row[1] for row in caps if date.fromisoformat(row[0]) <= addition.on]
    return (
        min(addition.amount, int(Fraction(fitting[-1]) * power_of_ten(pack.decimals)))
        if fitting
        else addition.amount
    )


def _adjustment(groups: Sequence[tuple[Fraction, int]], taken: int) -> Fraction:
    """How much more or less than its cost the net additions count for."""
    total = Fraction(0)
    for factor, amount in sorted(groups):
        net = max(amount - taken, 0)
        taken -= amount - net
        total += net * (factor - 1)
    return total


def _level(
    pack: Pack,
    rule: Rule,
    opening: int,
    carry: Mapping[str, int],
    period: PoolPeriod,
    claims: Sequence[Claim],
) -> PoolYear:
    """A pool per year of acquisition, written off evenly over some years; disposals change nothing.

    carry: "<years gone by>" -> cost of that year's pool. An opening without it is taken as last year's pool.
    """
    years = int(rule.params["years"])
    vintages = {int(age): amount for age, amount in carry.items()}
    added = sum(addition.amount for addition in period.additions)
    lines = [PoolLine("opening", opening)]
    _add(lines, "additions", added)
    if opening and not vintages:
        raise PackError(
            pack.code,
            "opening",
            "vintages",
            say('State the cost of each year\'s pool by the years gone by, like {{"1": 5000}}.'),
        )
    vintages = {**vintages, 0: added}
    allowance = closing = 0
    next_carry: dict[str, int] = {}
    for age, cost in sorted(vintages.items()):
        before, after = (pack.rounded(Fraction(cost * min(at, years), years)) for at in (age, age + 1))
        allowance += after - before
        closing += cost - after
        if age + 1 < years and cost:
            next_carry[str(age + 1)] = cost
    _add(lines, "allowance", -allowance, f"1/{years}")
    return PoolYear(
        rule.name, opening, (*lines, PoolLine("closing", closing)), allowance, allowance, 0, 0, 0, closing,
        Fraction(1, years), None, next_carry,
    )  # fmt: skip


KINDS: dict[str, Callable[[Pack, Rule, int, Mapping[str, int], PoolPeriod, Sequence[Claim]], PoolYear]] = {
    "writing_down": _writing_down,
    "block": _block,
    "declining_class": _declining_class,
    "level": _level,
}


def _rate(pack: Pack, rule: Rule, period: PoolPeriod) -> RateAnswer:
    if period.rate is not None:
        return RateAnswer(period.rate, period.rate, ())
    if period.starts_on is None or period.ends_on is None:
        raise PackError(
            pack.code, "period", "needed", say("Give the first and last day of the period, or a rate.")
        )
    rates = pack.rule("rates", rule.params["rate"])
    return rate_for(pack, rates, _facts(pack, period), period.starts_on, period.ends_on)


def _facts(pack: Pack, period: PoolPeriod) -> Facts:
    facts: Facts = {**pack.default_facts(), **period.facts}
    if period.starts_on is not None and period.ends_on is not None:
        facts |= {"year_starts_on": period.starts_on, "year_ends_on": period.ends_on}
    return facts


def _share(period: PoolPeriod) -> Fraction:
    if period.starts_on is None or period.ends_on is None:
        return YEAR
    return years_of(period.starts_on, period.ends_on)


def _claimed(pack: Pack, claim: int, most: int) -> int:
    if not 0 <= claim <= most:
        raise PackError(
            pack.code, "claim", "limit", say("Between 0 and {most} minor units can be claimed.", most=most)
        )
    return claim


def _add(lines: list[PoolLine], code: str, amount: int, note: str = "") -> None:
    if amount:
        lines.append(PoolLine(code, amount, note))


def _percent(rate: Fraction) -> str:
    return f"{float(rate * 100):.10g} %"
