"""First-year claims on what joins pools in a period: at once deductible, limited, and what is left for the pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from wherewithal.core.depreciation.conditions import Facts, unmet
from wherewithal.core.depreciation.dated_rates import LimitAnswer, limit_for
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import number
from wherewithal.core.depreciation.packs import Pack, Rule
from wherewithal.core.depreciation.pool_facts import Addition, Disposal, PoolPeriod
from wherewithal.core.money import power_of_ten
from wherewithal.core.words import say

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of an addition. claimed: deductible at once (with an uplift more than the cost). to_pool: counts
    for this period's allowance; later: joins the pool after it."""

    addition: Addition
    code: str | None
    rate: Fraction
    claimed: int
    to_pool: int
    later: int


def claims_of(pack: Pack, pool_additions: Sequence[tuple[str, Addition]], period: PoolPeriod) -> list[Claim]:
    """The claims of a period over all pools, in the order of the additions. Raises PackError for a claim that the
    rules do not grant. What is above a limit goes into the pool; a limit is used up in the order of the pools that
    its rule names, then by date."""
    used: dict[str, list[tuple[date, int]]] = {}
    claims: dict[int, Claim] = {}
    order = sorted(
        range(len(pool_additions)),
        key=lambda at: (_place(pack, *pool_additions[at]), pool_additions[at][1].on or date.min, at),
    )
    for at in order:
        pool, addition = pool_additions[at]
        claims[at] = _claim(pack, pool, addition, period, used)
    return [claims[at] for at in range(len(pool_additions))]


def disposal_charge(pack: Pack, disposal: Disposal, period: PoolPeriod) -> tuple[int, int]:
    """What a disposal brings at once as income, and what it takes out of the pool."""
    if disposal.allowance is None:
        return 0, disposal.value
    rule = pack.rule("pools", disposal.allowance)
    way = rule.params.get("disposal", "pool")
    if way == "pool":
        return 0, disposal.value
    rate = number(pack.code, rule.params.get("rate", 1), pack.tables, dict(period.facts))
    if way == "charge_and_pool":
        charge = pack.rounded(disposal.value * rate)
        return charge, disposal.value - charge
    return pack.rounded(disposal.value * (1 + _bonus(rule, period))), 0


def limit_of(pack: Pack, rule: Rule, period: PoolPeriod) -> LimitAnswer:
    """The limit of a claim in a period. Raises PackError without the dates of the period."""
    if period.starts_on is None or period.ends_on is None:
        raise PackError(
            pack.code, "period", "needed", say("A limit needs the first and the last day of the period.")
        )
    return limit_for(
        pack, pack.rule("rates", rule.params["limit"]), dict(period.facts), period.starts_on, period.ends_on
    )


def _claim(
    pack: Pack, pool: str, addition: Addition, period: PoolPeriod, used: dict[str, list[tuple[date, int]]]
) -> Claim:
    if addition.allowance is None:
        return Claim(addition, None, Fraction(0), 0, addition.amount, 0)
    rule = pack.rule("pools", addition.allowance)
    if rule.kind != "first_year_claim" or pool not in rule.params["pools"]:
        raise PackError(
            pack.code,
            "allowance",
            "pool",
            say(
                "{allowance} is not for what joins the {pool} pool.", allowance=addition.allowance, pool=pool
            ),
        )
    _check_granted(pack, rule, addition, period)
    allowed = _within_limit(pack, rule, addition, period, used)
    rate = number(pack.code, rule.params.get("rate", 1), pack.tables, dict(period.facts))
    uplifted = rate + _bonus(rule, period)
    claimed = pack.rounded(allowed * uplifted)
    rest = allowed - pack.rounded(allowed * rate)
    return Claim(addition, addition.allowance, uplifted, claimed, addition.amount - allowed, rest)


def _place(pack: Pack, pool: str, addition: Addition) -> int:
    if addition.allowance is None:
        return 0
    pools = pack.rule("pools", addition.allowance).params.get("pools", ())
    return pools.index(pool) if pool in pools else 0


def _check_granted(pack: Pack, rule: Rule, addition: Addition, period: PoolPeriod) -> None:
    if addition.on is None:
        raise PackError(
            pack.code,
            "on",
            "needed",
            say("{rule_title}: the day on which it was incurred decides; give it.", rule_title=rule.title),
        )
    facts: Facts = {**pack.default_facts(), **period.facts, **addition.facts, "on": addition.on}
    by = unmet(pack.code, rule.when, facts)
    if by is not None:
        raise PackError(
            pack.code,
            "allowance",
            "granted",
            say(
                "{rule_title} is not granted here, by {by}: {when}.",
                rule_title=rule.title,
                by=by,
                when=rule.when[by],
            ),
        )


def _within_limit(
    pack: Pack, rule: Rule, addition: Addition, period: PoolPeriod, used: dict[str, list[tuple[date, int]]]
) -> int:
    if "limit" not in rule.params:
        return addition.amount
    answer = limit_of(pack, rule, period)
    on = addition.on
    assert on is not None
    taken = used.setdefault(rule.params["limit"], [])
    scale = power_of_ten(pack.decimals)
    rests = [pack.rounded(answer.limit * scale) - sum(amount for _, amount in taken)]
    for part in answer.restrictions:
        if part.starts_on <= on <= part.ends_on:
            before = sum(amount for day, amount in taken if part.starts_on <= day <= part.ends_on)
            rests.append(pack.rounded(part.limit * scale) - before)
    allowed = max(min(addition.amount, *rests), 0)
    taken.append((on, allowed))
    return allowed


def _bonus(rule: Rule, period: PoolPeriod) -> Fraction:
    """The uplift: whole in a period that ends by its last day, by days in one across it, none after."""
    bonus = Fraction(rule.params.get("bonus", 0))
    if not bonus or "bonus_ends_on" not in rule.params or period.starts_on is None or period.ends_on is None:
        return bonus
    last = date.fromisoformat(rule.params["bonus_ends_on"])
    if period.ends_on <= last:
        return bonus
    days = max((last - period.starts_on).days + 1, 0)
    return bonus * Fraction(days, (period.ends_on - period.starts_on).days + 1)


def totals(claims: Sequence[Claim]) -> Mapping[str, int]:
    """What was claimed, by claim."""
    found: dict[str, int] = {}
    for claim in claims:
        if claim.code is not None and claim.claimed:
            found[claim.code] = found.get(claim.code, 0) + claim.claimed
    return found
