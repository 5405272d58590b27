"""Reading the values of a case that names a pack."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.reading import CaseError, mapping, not_negative, number, sequence, text, whole
from wherewithal.core.depreciation.conditions import as_date
from wherewithal.core.depreciation.packs import Pack
from wherewithal.core.depreciation.pool_facts import Addition, Disposal, PoolPeriod
from wherewithal.core.money import AmountError, to_minor

MAX_ROWS = 5_000
FIRST_YEAR, LAST_YEAR = 1900, 2200

PERIOD_FIELDS = {
    "from",
    "to",
    "additions",
    "disposals",
    "rate",
    "business_use",
    "claim",
    "ceased",
    "empty",
    "facts",
    "note",
}
_ADDITION = {"amount", "on", "pool", "allowance", "facts", "days_used", "note"}
_DISPOSAL = {"proceeds", "amount", "on", "cost", "pool", "allowance", "note"}


def day(value: Any, where: str) -> date:
    """A date."""
    found = as_date(value)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CaseError(
            where, "date", f"A date like 2026-11-22 is expected here, {FIRST_YEAR} to {LAST_YEAR}."
        )
    return found


def minor(pack: Pack, value: Any, where: str) -> int:
    """An amount that is not below zero, in minor units of the pack's currency."""
    amount = not_negative(value, where)
    try:
        return to_minor(amount, pack.decimals)
    except AmountError as error:
        raise CaseError(where, "decimals", str(error)) from None


def facts_in(value: Any, where: str) -> dict[str, Any]:
    """Facts by name, numbers exact."""
    found: dict[str, Any] = {}
    for name, given in mapping(value, where).items():
        numeric = isinstance(given, int | float | Decimal) and not isinstance(given, bool)
        found[str(name)] = number(given, f"{where}.{name}") if numeric else given
    return found


def part(value: Any) -> Any:
    """A condition of a rule as it can be written in JSON."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [part(each) for each in value]
    if isinstance(value, Mapping):
        return {key: part(each) for key, each in value.items()}
    return value


def periods_in(
    pack: Pack, case: Mapping[str, Any], pools: tuple[str, ...], most: int
) -> list[dict[str, PoolPeriod]]:
    """What happened in each period, by pool. A case without `periods` is one period; `years` repeats an empty one."""
    if "periods" in case:
        rows = [
            (mapping(row, f"periods[{number}]"), f"periods[{number}].")
            for number, row in enumerate(sequence(case["periods"], "periods", most))
        ]
        if not rows:
            raise CaseError("periods", "required", "At least one period is needed.")
        for row, where in rows:
            _refuse_unknown(row, PERIOD_FIELDS, where)
    else:
        rows = [({key: case[key] for key in PERIOD_FIELDS if key in case}, "")]
    more = whole(case.get("years", len(rows)), "years", len(rows), most) - len(rows)
    found = [_period(pack, case, row, where, pools) for row, where in rows]
    for _ in range(more):
        found.append({code: _next(period) for code, period in found[-1].items()})
    return found


def _period(
    pack: Pack, case: Mapping[str, Any], row: Mapping[str, Any], where: str, pools: tuple[str, ...]
) -> dict[str, PoolPeriod]:
    facts = pack.facts_of(
        {**facts_in(case.get("facts", {}), "facts"), **facts_in(row.get("facts", {}), f"{where}facts")},
        None,
        {},
    )
    additions = _additions(pack, row.get("additions", []), f"{where}additions", pools)
    disposals = _disposals(pack, row.get("disposals", []), f"{where}disposals", pools)
    starts_on = day(row["from"], f"{where}from") if "from" in row else None
    ends_on = day(row["to"], f"{where}to") if "to" in row else None
    if (starts_on is None) != (ends_on is None):
        raise CaseError(
            f"{where}to", "pair", "Give both the first and the last day of the period, or neither."
        )
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise CaseError(f"{where}to", "order", "A period ends after it begins.")
    _check_days([each.on for _, each in additions], starts_on, ends_on, f"{where}additions")
    _check_days([each.on for _, each in disposals], starts_on, ends_on, f"{where}disposals")
    rate = row.get("rate", case.get("rate"))
    use = Fraction(number(row.get("business_use", case.get("business_use", 1)), f"{where}business_use"))
    if not 0 <= use <= 1:
        raise CaseError(f"{where}business_use", "part", "A part between 0 and 1 is expected here, like 0.6.")
    return {
        code: PoolPeriod(
            starts_on,
            ends_on,
            tuple(each for pool, each in additions if pool == code),
            tuple(each for pool, each in disposals if pool == code),
            _flag(row.get("ceased", False), f"{where}ceased"),
            _flag(row.get("empty", False), f"{where}empty"),
            use,
            minor(pack, row["claim"], f"{where}claim") if "claim" in row else None,
            None if rate is None else Fraction(not_negative(rate, f"{where}rate")),
            facts,
        )
        for code in pools
    }


def _next(period: PoolPeriod) -> PoolPeriod:
    """The period after it, with nothing happening: without dates, or a year of the same dates later."""
    starts_on, ends_on = period.starts_on, period.ends_on
    if starts_on is not None and ends_on is not None:
        starts_on, ends_on = _year_later(starts_on), _year_later(ends_on)
    return PoolPeriod(
        starts_on, ends_on, business_use=period.business_use, rate=period.rate, facts=period.facts
    )


def _year_later(on: date) -> date:
    if on.month == 2 and on.day >= 28:
        return date(on.year + 1, 3, 1) - (date(on.year, 3, 1) - date(on.year, 2, 28 if on.day == 28 else 29))
    return on.replace(year=on.year + 1)


def _additions(pack: Pack, value: Any, where: str, pools: tuple[str, ...]) -> list[tuple[str, Addition]]:
    if not isinstance(value, list | tuple):
        return [(pools[0], Addition(minor(pack, value, where)))]
    found = []
    for place, row in enumerate(sequence(value, where, MAX_ROWS)):
        at = f"{where}[{place}]"
        row = mapping(row, at)
        _refuse_unknown(row, _ADDITION, f"{at}.")
        facts = pack.facts_of(facts_in(row.get("facts", {}), f"{at}.facts"), None, {})
        mine = {name: facts[name] for name in row.get("facts", {})}
        if "days_used" in row:
            mine["days_used"] = whole(row["days_used"], f"{at}.days_used", 0, 366)
        allowance = text(row["allowance"], f"{at}.allowance") if row.get("allowance") is not None else None
        on = day(row["on"], f"{at}.on") if "on" in row else None
        addition = Addition(minor(pack, row.get("amount"), f"{at}.amount"), on, allowance, mine)
        found.append((_pool(row, at, pools), addition))
    return found


def _disposals(pack: Pack, value: Any, where: str, pools: tuple[str, ...]) -> list[tuple[str, Disposal]]:
    if not isinstance(value, list | tuple):
        return [(pools[0], Disposal(minor(pack, value, where)))]
    found = []
    for place, row in enumerate(sequence(value, where, MAX_ROWS)):
        at = f"{where}[{place}]"
        row = mapping(row, at)
        _refuse_unknown(row, _DISPOSAL, f"{at}.")
        disposal = Disposal(
            minor(pack, row.get("proceeds", row.get("amount")), f"{at}.proceeds"),
            day(row["on"], f"{at}.on") if "on" in row else None,
            minor(pack, row["cost"], f"{at}.cost") if "cost" in row else None,
            text(row["allowance"], f"{at}.allowance") if row.get("allowance") is not None else None,
        )
        found.append((_pool(row, at, pools), disposal))
    return found


def _pool(row: Mapping[str, Any], where: str, pools: tuple[str, ...]) -> str:
    code = row.get("pool", pools[0])
    if code not in pools:
        raise CaseError(
            f"{where}.pool", "known", f"The case opens {', '.join(pools)}; state an opening of 0 for it."
        )
    return str(code)


def _check_days(days: list[date | None], starts_on: date | None, ends_on: date | None, where: str) -> None:
    for place, on in enumerate(days):
        if on is None or starts_on is None or ends_on is None:
            continue
        if not starts_on <= on <= ends_on:
            raise CaseError(
                f"{where}[{place}].on", "period", f"The day lies outside {starts_on} to {ends_on}."
            )


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise CaseError(where, "boolean", "true or false is expected here.")
    return value


def _refuse_unknown(row: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(row) - known)
    if unknown:
        raise CaseError(
            f"{where}{unknown[0]}", "known", f"There is no such field; there is {', '.join(sorted(known))}."
        )
