"""`calc depreciation` by a pack: one asset, a pool over periods, a limit, a rate, or a test over a year's assets.

    {"pack": "us", "class": "5-year", "cost": 10000, "acquired_on": "2025-02-01", "elections": {"bonus": false}}
    {"pack": "uk", "pool": "main", "opening": 9000, "additions": 1200, "disposals": 200, "rate": 0.18}
    {"pack": "us", "limit": "section_179", "year": 2025, "property": 5000000}
    {"pack": "uk", "rate_of": "special", "from": "2019-01-01", "to": "2019-12-31"}
    {"pack": "us", "year_test": "mid_quarter", "year": 2024, "assets": [...]}
    {"pack": "us"}                                         what there is in it

`pack` may also be a whole pack. The schema is in `pack_schema`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.fields import REMARKS
from wherewithal.core.calc.pack_reading import PERIOD_FIELDS, day, facts_in, minor, part, periods_in
from wherewithal.core.calc.reading import CaseError, mapping, sequence, text, whole
from wherewithal.core.depreciation.allowances import Allowance, yearly_limit
from wherewithal.core.depreciation.calendar import Calendar, CalendarError
from wherewithal.core.depreciation.dated_rates import limit_for, rate_for
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import Pack, built_in, load_pack
from wherewithal.core.depreciation.pool_facts import PoolPeriod, PoolYear
from wherewithal.core.depreciation.pools import pool_period
from wherewithal.core.depreciation.resolve import (
    Because,
    Resolution,
    YearCharge,
    because_of,
    calendar_of,
    resolve,
    tax_years,
)
from wherewithal.core.depreciation.terms import Mode, TermsError
from wherewithal.core.depreciation.year_tests import YearAsset, takes_part, year_test
from wherewithal.core.money import AmountError, from_minor

MAX_ASSETS = 5_000
MAX_PERIODS = 200


def calc_pack(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a case that names a pack. Raises CaseError, which names the field and the rule."""
    try:
        pack = _pack(case)
        form = next((name for name in FORMS if name in case), "")
        answer = FORMS[form].answer(pack, case) if form else _contents(pack)
        ignored = [name for name in case if name not in REMARKS | _SHARED | FORMS.get(form, _NO_FORM).fields]
        return {"pack": pack.code, **answer, **({"ignored": ignored} if ignored else {})}
    except PackError as error:
        raise CaseError(error.field, error.rule, error.message) from None
    except TermsError as error:
        raise CaseError(error.field, error.rule, error.message) from None
    except (AmountError, CalendarError) as error:
        raise CaseError("case", "number", str(error)) from None


def _pack(case: Mapping[str, Any]) -> Pack:
    """The pack of a case, built in or as a whole, with another rounding if the case states one."""
    value = case.get("pack")
    pack = load_pack(value) if isinstance(value, Mapping) else built_in(text(value, "pack"))
    if "rounding" not in case:
        return pack
    if case["rounding"] not in tuple(Mode):
        raise CaseError("rounding", "choice", f"One of {', '.join(Mode)} is expected here.")
    return replace(pack, rounding=str(case["rounding"]))


# --- one asset


def _asset(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    acquired_on = day(case.get("acquired_on", case.get("in_service_on")), "acquired_on")
    found = resolve(
        pack,
        text(case.get("class"), "class"),
        acquired_on=acquired_on,
        in_service_on=day(case.get("in_service_on", case.get("acquired_on")), "in_service_on"),
        cost=minor(pack, case.get("cost"), "cost"),
        elections=facts_in(case.get("elections", {}), "elections"),
        calendar=_calendar(pack, case),
    )
    disposed_on = day(case["disposed_on"], "disposed_on") if "disposed_on" in case else None
    years = tax_years(found, disposed_on)
    expensed = sum(each.amount for each in found.allowances)
    charged = sum(each.amount for each in years)
    first = years[0].amount if years else 0
    return {
        "class": found.class_code,
        "cost": _money(pack, found.cost),
        "allowances": [_allowance(pack, each) for each in found.allowances],
        "allowances_total": _money(pack, expensed),
        "basis": _money(pack, found.basis),
        "residual": _money(pack, found.residual),
        "pool": found.pool,
        "method": None if found.terms is None else str(found.terms.method),
        "table_pct": [] if found.terms is None else [_number(each * 100) for each in found.terms.table],
        "first_year_total": _money(pack, expensed + first),
        "charges": [_money(pack, each.amount) for each in years],
        "total": _money(pack, expensed + charged),
        "closing": _money(pack, found.basis - charged),
        "rows": _rows(pack, found, years),
        **_disposal(pack, case, disposed_on, found.basis - charged),
        "because": [_because(each) for each in found.because],
    }


def _disposal(pack: Pack, case: Mapping[str, Any], disposed_on: date | None, left: int) -> dict[str, Any]:
    if disposed_on is None:
        return {}
    answer: dict[str, Any] = {"on": disposed_on.isoformat(), "book_value": _money(pack, left)}
    if "proceeds" in case:
        proceeds = minor(pack, case["proceeds"], "proceeds")
        answer |= {"proceeds": _money(pack, proceeds), "gain": _money(pack, proceeds - left)}
    return {"disposal": answer}


def _calendar(pack: Pack, case: Mapping[str, Any]) -> Calendar | None:
    """The tax years: as usual in the country, from another month on, or with stated short or long ones."""
    if "tax_year_first_month" not in case and "stated_years" not in case:
        return None
    month = whole(case.get("tax_year_first_month", pack.year_starts[0]), "tax_year_first_month", 1, 12)
    stated = []
    for number, row in enumerate(sequence(case.get("stated_years", []), "stated_years", MAX_PERIODS)):
        first, last = _pair(row, f"stated_years[{number}]")
        stated.append((first, last))
    return Calendar(first_month=month, stated=tuple(stated))


def _pair(value: Any, where: str) -> tuple[date, date]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise CaseError(where, "pair", "The first and the last day are expected here.")
    return day(value[0], where), day(value[1], where)


def _allowance(pack: Pack, found: Allowance) -> dict[str, Any]:
    return {
        "code": found.code,
        "amount": _money(pack, found.amount),
        "rate": None if found.rate is None else _number(found.rate),
        "deductible": _money(pack, found.deductible),
        "carried_forward": _money(pack, found.amount - found.deductible),
    }


def _rows(pack: Pack, found: Resolution, years: tuple[YearCharge, ...]) -> list[dict[str, Any]]:
    rows = []
    left = found.basis
    for number, year in enumerate(years, start=1):
        left -= year.amount
        rows.append(
            {
                "n": number,
                "from": year.starts_on.isoformat(),
                "to": year.ends_on.isoformat(),
                "charge": _money(pack, year.amount),
                "accumulated": _money(pack, found.cost - left),
                "book_value": _money(pack, left),
            }
        )
    return rows


# --- pools


def _pools(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    openings = _openings(pack, case)
    periods = periods_in(pack, case, tuple(openings), MAX_PERIODS)
    state = openings
    answers: list[dict[str, Any]] = []
    for happened in periods:
        years = pool_period(pack, state, happened)
        state = {code: (year.closing, year.carry) for code, year in years.items()}
        first = next(iter(happened.values()))
        answers.append(_period(pack, first, years))
    single = [row["pools"][next(iter(openings))] for row in answers] if len(openings) == 1 else []
    flat = dict(single[-1]) if single else {}
    if single:
        flat |= {
            "allowances": [row["allowance"] for row in single],
            "closings": [row["closing"] for row in single],
        }
    return {**flat, "periods": answers, "because": _pool_because(pack, openings)}


def _openings(pack: Pack, case: Mapping[str, Any]) -> dict[str, tuple[int, Mapping[str, int]]]:
    if "pool" in case:
        carry = {
            str(key): minor(pack, value, f"carry.{key}")
            for key, value in mapping(case.get("carry", {}), "carry").items()
        }
        opening = case.get("opening", 0)
        return {text(case["pool"], "pool"): (minor(pack, opening, "opening"), carry)}
    pools = mapping(case.get("pools"), "pools")
    if not pools:
        raise CaseError("pools", "required", 'State the opening balance of each pool, like {"main": 9000}.')
    return {str(code): (minor(pack, opening, f"pools.{code}"), {}) for code, opening in pools.items()}


def _period(pack: Pack, period: PoolPeriod, years: Mapping[str, PoolYear]) -> dict[str, Any]:
    def total(values: list[int]) -> Decimal:
        return _money(pack, sum(values))

    return {
        "from": None if period.starts_on is None else period.starts_on.isoformat(),
        "to": None if period.ends_on is None else period.ends_on.isoformat(),
        "pools": {code: _pool_year(pack, year) for code, year in years.items()},
        "total_allowances": total([year.deduction for year in years.values()]),
        "total_balancing_charges": total([year.balancing_charge for year in years.values()]),
    }


def _pool_year(pack: Pack, year: PoolYear) -> dict[str, Any]:
    return {
        "opening": _money(pack, year.opening),
        "rate_pct": None if year.rate is None else _number(year.rate * 100),
        "rate_pct_unrounded": None if year.rate_unrounded is None else _number(year.rate_unrounded * 100),
        "lines": [
            {
                "code": line.code,
                "amount": _money(pack, line.amount),
                **({"note": line.note} if line.note else {}),
            }
            for line in year.lines
        ],
        "first_year": _money(pack, year.first_year),
        "allowance": _money(pack, year.allowance),
        "claim": _money(pack, year.claim),
        "deduction": _money(pack, year.deduction),
        "balancing_charge": _money(pack, year.balancing_charge),
        "balancing_allowance": _money(pack, year.balancing_allowance),
        "closing": _money(pack, year.closing),
        "carry": {key: _money(pack, amount) for key, amount in year.carry.items()},
    }


def _pool_because(pack: Pack, codes: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for code in codes:
        rule = pack.rule("pools", code)
        rows.append(_because(because_of(pack, rule)))
        rate = rule.params.get("rate")
        if isinstance(rate, str):
            rows.append(_because(because_of(pack, pack.rule("rates", rate))))
    return rows


# --- limits, rates, tests of a year


def _limit(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    rule = pack.rule("rates", text(case.get("limit"), "limit"))
    because = [_because(because_of(pack, rule))]
    if rule.kind == "yearly_limit":
        year = whole(case.get("year"), "year", 1900, 2200)
        given = minor(pack, case.get("property", 0), "property")
        found = yearly_limit(pack, rule, {"year_starts_on": date(year, 1, 1)}, given)
        return {
            "limit": _money(pack, found.limit),
            "threshold": None if found.threshold is None else _money(pack, found.threshold),
            "reduction": _money(pack, found.reduction),
            "maximum": _money(pack, found.maximum),
            "because": because,
        }
    if rule.kind != "dated_limit":
        raise CaseError("limit", "kind", f"{rule.name} is a rate; ask for it as `rate_of`.")
    answer = limit_for(
        pack, rule, _all_facts(pack, case), day(case.get("from"), "from"), day(case.get("to"), "to")
    )
    return {
        "maximum": _currency(pack, answer.limit),
        "parts": [
            {
                "from": each.starts_on.isoformat(),
                "to": each.ends_on.isoformat(),
                "limit": _currency(pack, each.value),
            }
            for each in answer.parts
        ],
        "restrictions": [
            {
                "from": each.starts_on.isoformat(),
                "to": each.ends_on.isoformat(),
                "at_most": _currency(pack, each.limit),
            }
            for each in answer.restrictions
        ],
        "because": because,
    }


def _rate(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    rule = pack.rule("rates", text(case.get("rate_of"), "rate_of"))
    if rule.kind != "dated_rate":
        raise CaseError("rate_of", "kind", f"{rule.name} is a limit; ask for it as `limit`.")
    found = rate_for(
        pack, rule, _all_facts(pack, case), day(case.get("from"), "from"), day(case.get("to"), "to")
    )
    return {
        "rate_pct": _number(found.rate * 100),
        "rate_pct_unrounded": _number(found.unrounded * 100),
        "parts": [
            {
                "from": each.starts_on.isoformat(),
                "to": each.ends_on.isoformat(),
                "days": each.days,
                "rate_pct": _number(each.value * 100),
            }
            for each in found.parts
        ],
        "because": [_because(because_of(pack, rule))],
    }


def _year_test(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    calendar = _calendar(pack, case) or calendar_of(pack)
    assets = []
    for number, row in enumerate(sequence(case.get("assets"), "assets", MAX_ASSETS)):
        where = f"assets[{number}]"
        row = mapping(row, where)
        cost = minor(pack, row.get("basis", row.get("cost")), f"{where}.basis")
        expensed = minor(pack, row.get("section_179", 0), f"{where}.section_179")
        counts = takes_part(pack, text(row["class"], f"{where}.class")) if "class" in row else True
        if row.get("disposed_in_year") is True:
            counts = False
        assets.append(
            YearAsset(day(row.get("in_service_on"), f"{where}.in_service_on"), cost - expensed, counts)
        )
    year = case.get("year")
    on = (
        day(case["on"], "on")
        if "on" in case
        else date(whole(year, "year", 1900, 2200), calendar.first_month, 1)
    )
    found = year_test(pack, text(case.get("year_test"), "year_test"), on, assets, calendar)
    return {
        "outcome": found.outcome,
        "share_pct": _number(found.share * 100),
        "last_quarter_from": found.last_from.isoformat(),
        "last_quarter_basis": _money(pack, found.last_basis),
        "basis": _money(pack, found.basis),
        "because": [_because(found.because)],
    }


def _contents(pack: Pack) -> dict[str, Any]:
    return {
        "title": pack.title,
        "classes": {code: each.title for code, each in pack.classes.items()},
        "facts": {name: f"{each.type}: {each.title}" for name, each in pack.facts.items()},
        "pools": {
            name: rule.title for name, rule in pack.rules["pools"].items() if rule.kind != "first_year_claim"
        },
        "first_year_claims": {
            name: rule.title for name, rule in pack.rules["pools"].items() if rule.kind == "first_year_claim"
        },
        "limits": {
            name: rule.title for name, rule in pack.rules["rates"].items() if rule.kind != "dated_rate"
        },
        "rates": {
            name: rule.title for name, rule in pack.rules["rates"].items() if rule.kind == "dated_rate"
        },
        "year_tests": {name: rule.title for name, rule in pack.rules["year_tests"].items()},
        "sources": {name: each.title for name, each in pack.sources.items()},
    }


class Form(NamedTuple):
    """A form of a case: what answers it, and the fields that it reads."""

    answer: Callable[[Pack, Mapping[str, Any]], dict[str, Any]]
    fields: set[str]


_SHARED = {"pack", "rounding"}
_YEARS = {"tax_year_first_month", "stated_years"}
_ASSET = {"class", "cost", "acquired_on", "in_service_on", "elections", "disposed_on", "proceeds"} | _YEARS
_POOLS = {"opening", "carry", "periods", "years"} | PERIOD_FIELDS
_NO_FORM = Form(lambda pack, case: _contents(pack), set())

FORMS: dict[str, Form] = {
    "class": Form(_asset, _ASSET),
    "pool": Form(_pools, {"pool"} | _POOLS),
    "pools": Form(_pools, {"pools"} | _POOLS),
    "limit": Form(_limit, {"limit", "year", "property", "from", "to", "facts"}),
    "year_test": Form(_year_test, {"year_test", "year", "on", "assets"} | _YEARS),
    "rate_of": Form(_rate, {"rate_of", "from", "to", "facts"}),
}


def _all_facts(pack: Pack, case: Mapping[str, Any]) -> dict[str, Any]:
    return pack.facts_of(facts_in(case.get("facts", {}), "facts"), None, {})


def _because(found: Because) -> dict[str, Any]:
    when = {name: part(condition) for name, condition in found.when.items()}
    return {
        "rule": found.rule,
        "title": found.title,
        "source": found.source,
        "retrieved": found.retrieved,
        "how": found.how,
        "when": when,
    }


def _money(pack: Pack, amount: int) -> Decimal:
    return from_minor(amount, pack.decimals)


def _currency(pack: Pack, amount: Fraction) -> Decimal:
    return _money(pack, pack.rounded(amount * 10**pack.decimals))


def _number(value: Fraction) -> Decimal:
    """An exact number to 15 decimals at most, zeros left out."""
    scaled = round(value * 10**15)
    return Decimal(scaled).scaleb(-15).normalize() + 0
