"""A depreciation case as stretches of life to walk along: every field under any of its names, checked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, TypeVar

from wherewithal.core.calc.depreciation_words import (
    BYS,
    CONVENTIONS,
    METHODS,
    MODES,
    OTHER_NAMES,
    ROUNDINGS,
    STEPS,
    SWITCHES,
    WHATS,
    Meant,
    Rounds,
)
from wherewithal.core.calc.fields import REMARKS, Fields, day, stated_decimals
from wherewithal.core.calc.reading import CaseError, mapping, number
from wherewithal.core.depreciation.calendar import (
    ONE_DAY,
    Calendar,
    CalendarError,
    Pattern,
    add_months,
    month_days,
)
from wherewithal.core.depreciation.rounding import rate_to_residual, round_rate
from wherewithal.core.depreciation.schedule import By
from wherewithal.core.depreciation.terms import (
    Base,
    Convention,
    Method,
    Mode,
    Rounded,
    Rounding,
    Segment,
    Step,
    Terms,
    TermsError,
)
from wherewithal.core.money import half_even, power_of_ten

MAX_LIFE_YEARS = 300
MAX_ROWS = 3_600
LIFE = ("life_months", "life", "life_years", "useful_life", "useful_life_years", "effective_life")
IN_USE = ("in_service_on", "in_use", "in_service", "placed_in_service", "start")
ACQUIRED = ("acquired_on", "acquired", "purchase_date", "purchased")
ACCUMULATED = ("opening_accumulated", "accumulated")
Made = TypeVar("Made")
_COMMON_YEAR, _LEAP_YEAR = 2025, 2024


@dataclass(frozen=True, slots=True)
class Case:
    """What a case means. by: the time of a row; grid: the days of the charges it counts instead. usage_by_row: units
    of successive rows. booked: what has been charged already, by day, to be caught up with."""

    fields: Fields
    decimals: int
    segment: Segment
    calendar: Calendar
    by: By
    max_rows: int | None
    through_on: date | None
    ends_on: date | None
    usage: tuple[tuple[date, Fraction], ...]
    usage_by_row: tuple[Fraction, ...]
    booked: tuple[tuple[date, int], ...]
    disposed_on: date | None
    proceeds: int | None


def _renamed(said: Any) -> dict[str, Any]:
    """The fields of a case under our names. Raises CaseError for one that is there under two."""
    found: dict[str, Any] = {}
    for name, value in mapping(said, "case").items():
        ours = OTHER_NAMES.get(name, name)
        if ours in found:
            raise CaseError(name, "once", f"{name} and {ours} say the same thing; leave one of them out.")
        found[ours] = value
    return found


@dataclass(frozen=True, slots=True)
class _Life:
    """months of the whole life; rows asked for; n charges of `charge_months` months if the case counts them."""

    months: Fraction | None
    rows: int | None
    n: int | None
    charge_months: int | None


def read_case(said: Any) -> Case:
    """The case as it is meant. Raises CaseError with the field and the rule."""
    fields = Fields(_renamed(said), "", remarks=REMARKS | {"regime", "policy_note"})
    fields.decimals = stated_decimals(fields, 2)
    cost = fields.amount_or(0, "cost", "basis", "value")
    if cost < 0:
        raise CaseError("cost", "not_negative", "A cost is not below zero.")
    residual = _residual(fields, cost)
    meant = _method(fields)
    life = _life(fields, meant)
    first_charge = fields.day("first_charge")
    calendar = _calendar(fields, life, first_charge)
    convention = _convention(fields, life, first_charge)
    in_service_on = _in_service(fields, calendar, life, first_charge)
    if life.n and first_charge is not None:
        in_service_on, first_row = _on_grid(fields, calendar, in_service_on, first_charge)
    else:
        first_row = None
    by = _by(fields, life)
    terms = _checked("", lambda: _terms(fields, meant, life, convention, cost, residual))
    segment = _checked("", lambda: _segment(fields, cost, residual, terms, in_service_on, first_row, life))
    dated, by_row = _usage(fields)
    disposed_on = fields.day("disposed_on", "sold_on")
    if disposed_on is not None and disposed_on < segment.starts_on:
        raise CaseError("disposed_on", "order", "Nothing is disposed of before it is there.")
    return Case(
        fields=fields,
        decimals=fields.decimals,
        segment=segment,
        calendar=calendar,
        by=by,
        max_rows=fields.whole(1, MAX_ROWS, "rows", "max_rows") or life.rows,
        through_on=fields.day("through", "through_on"),
        ends_on=_ends_on(life, first_charge, fields),
        usage=dated,
        usage_by_row=by_row,
        booked=_booked(fields),
        disposed_on=disposed_on,
        proceeds=fields.amount("proceeds", "sale"),
    )


def in_service_day(fields: Fields) -> date:
    """The day of going into service of a case that says nothing of charges: a day, a month, or the default."""
    return _in_service(fields, Calendar(), _Life(None, None, None, None), None)


def convention_word(fields: Fields) -> Convention:
    """The convention that a case states, full_month if it states none."""
    return fields.choice(CONVENTIONS, Convention.FULL_MONTH, "convention")  # type: ignore[no-any-return]  # so it is


def _checked(prefix: str, make: Callable[[], Made]) -> Made:
    """What is made, complaints about terms as complaints about the case."""
    try:
        return make()
    except TermsError as error:
        raise CaseError(prefix + error.field, error.rule, error.message) from None


# --- money ------------------------------------------------------------------------------------------------------


def _residual(fields: Fields, cost: int) -> int:
    """In minor units: an amount, or a part of the cost rounded half-even."""
    found = fields.amount("residual", "salvage", "residual_value", "salvage_value")
    percent = fields.ratio("residual_pct", "salvage_pct")
    part = fields.ratio("residual_fraction", "salvage_fraction")
    if found is None and (percent is not None or part is not None):
        exact = cost * (percent / 100 if percent is not None else part or Fraction(0))
        found = half_even(exact.numerator, exact.denominator)
    if found is None:
        return 0
    if found < 0:
        raise CaseError("residual", "not_negative", "A residual is not below zero.")
    if found > cost:
        raise CaseError("residual", "above_cost", "A residual is not above the cost.")
    return found


def _booked(fields: Fields) -> tuple[tuple[date, int], ...]:
    """Charges made already: [day, amount] each."""
    return tuple(
        (day(pair[0], where), fields.minor(pair[1], where))
        for where, each in fields.rows("booked")
        for pair in [_pair(each, where)]
    )


def _pair(each: Any, where: str) -> Sequence[Any]:
    if not isinstance(each, list | tuple) or len(each) != 2:
        raise CaseError(where, "pair", 'A pair is expected here, like ["2026-01-31", 12.5].')
    return each


# --- life, method, terms ------------------------------------------------------------------------------------------


def _method(fields: Fields) -> Meant:
    """The method stated, or what the other fields can only mean."""
    if fields.has("method"):
        return fields.choice(METHODS, None, "method")  # type: ignore[no-any-return]  # values of METHODS
    if "coef" in fields.said or "coefficient" in fields.said:
        return METHODS["degressif"]
    names = (
        (("table", "table_pct"), Method.TABLE),
        (("amounts",), Method.AMOUNTS),
        (("total_units",), Method.UNITS),
        (("factor", "guarantee_rate"), Method.DECLINING),
        ((*LIFE, "years", "n", "months", "rate", "rate_pct"), Method.STRAIGHT_LINE),
    )
    for found, method in names:
        if any(name in fields.said for name in found):
            return Meant(method)
    return Meant(Method.NONE)


def _life(fields: Fields, meant: Meant) -> _Life:
    """`months` is the length of a charge where charges are counted, otherwise the life; `years` the life, or how
    many years are asked for where a rate says how fast it goes."""
    n = fields.whole(1, MAX_ROWS, "n", "number_of_charges")
    step = fields.ratio("months", "frequency_months")
    months: Fraction | None = fields.ratio("life_months")
    years = fields.ratio(*LIFE[1:])
    shown = fields.ratio("years")
    if n is None and fields.has("first_charge"):
        whole_life = months or (years or shown or 0) * 12
        n = min(ceil(whole_life / (step or 12)), MAX_ROWS) if whole_life > 0 and (step or 12) > 0 else None
    if n is not None:
        if step is not None and (step.denominator != 1 or not 1 <= step <= 1_200):
            raise CaseError("months", "whole", "A charge is for 1 to 1200 whole months.")
        charge = int(step or 12)
        months = Fraction(n * charge)
    else:
        charge = None
        months = months if months is not None else step
    if months is None and years is not None:
        months = years * 12
    rows = None
    if shown is not None:
        if months is None and not (meant.method is Method.DECLINING and _has_rate(fields)):
            months = shown * 12
        else:
            rows = fields.whole(1, MAX_ROWS, "years")
    if months is not None and months > MAX_LIFE_YEARS * 12:
        raise CaseError("life", "too_long", f"Lives of up to {MAX_LIFE_YEARS} years are answered.")
    return _Life(months, rows, n, charge)


def _has_rate(fields: Fields) -> bool:
    return any(name in fields.said for name in ("rate", "rate_pct"))


def _terms(
    fields: Fields, meant: Meant, life: _Life, convention: Convention, cost: int = 0, residual: int = 0
) -> Terms:
    method = meant.method
    rate = _rate(fields, life)
    factor = fields.ratio("factor", "coef", "coefficient", "multiple")
    if factor is None and rate is None and meant.factor is not None:
        factor = Fraction(meant.factor)
    if meant.method is Method.DECLINING and factor is not None and factor < 1:
        rate, factor = factor, None
    cap = fields.rate("rate_cap", "cap")
    if cap is not None and factor is not None and life.months is not None:
        rate, factor = min(cap, factor * 12 / life.months), None
    decimals = _rate_decimals(fields)
    if life.n and life.charge_months:
        if rate is None and method is Method.STRAIGHT_LINE:
            rate = Fraction(12, life.n * life.charge_months)
        elif method is Method.DECLINING:
            rate = _rate_of_charge(life.n, rate, factor, cost, residual, life.charge_months, decimals)
            factor = decimals = None
    switch = fields.choice(SWITCHES, meant.switch, "switch_to") if fields.has("switch_to") else meant.switch
    if fields.has("switch"):
        switch = "rest" if fields.flag("switch") else None
    rest = fields.find("charges_rest_at_end")
    return Terms(
        method=method,
        life_months=life.months,
        rate=rate if method is not Method.ANNUITY else fields.rate("interest_rate", "rate") or rate,
        factor=factor,
        switches_to_straight_line=switch == "rest",
        switches_to_original_line=switch == "original",
        guarantee_rate=fields.rate("guarantee_rate"),
        revised_rate=fields.rate("revised_rate"),
        base=Base.COST if meant.base_is_cost or _is_of_cost(fields) else Base.DEPRECIABLE,
        convention=convention,
        step=fields.choice(STEPS, Step.FISCAL_YEAR, "step"),
        table=_table(fields) if method is Method.TABLE else (),
        amounts=_amounts(fields) if method is Method.AMOUNTS else (),
        total_units=fields.ratio("total_units"),
        rounding=_rounding(fields, life),
        rate_decimals=decimals,
        month_rate_decimals=fields.whole(0, 12, "month_rate_decimals"),
        ends_with_fiscal_year=fields.flag("ends_with_fiscal_year")
        if fields.has("ends_with_fiscal_year")
        else meant.ends_with_fiscal_year,
        charges_rest_at_end=fields.flag("charges_rest_at_end") if rest else True,
        counts_first_day=fields.flag("counts_first_day") if fields.has("counts_first_day") else True,
        suspends_while_idle=fields.has("idle"),
    )


def _rate(fields: Fields, life: _Life) -> Fraction | None:
    """Per year. Where charges are counted, a stated rate is that of one charge."""
    percent = fields.ratio("rate_pct", "rate_percent")
    found = percent / 100 if percent is not None else fields.rate("rate")
    if found is not None and life.n and life.charge_months:
        return found * 12 / life.charge_months
    return found


def _rate_of_charge(
    n: int,
    rate: Fraction | None,
    factor: Fraction | None,
    cost: int,
    residual: int,
    months: int,
    decimals: int | None,
) -> Fraction:
    """The rate of one of n charges, rounded as that, per year: stated; or factor / n; or to the residual in n."""
    if rate is not None:
        found = rate * months / 12
    elif factor is not None:
        found = factor / n
    elif 0 < residual <= cost:
        found = rate_to_residual(cost, residual, Fraction(n))
    else:
        raise TermsError(
            "rate", "residual", "State a rate or a factor: no rate takes a balance down to zero."
        )
    return round_rate(found, decimals) * 12 / months


def _rate_decimals(fields: Fields) -> int | None:
    """Decimals of the rate as a fraction; of a percentage two less. ERPNext rounds a percentage to three."""
    percent = fields.whole(0, 10, "rate_pct_decimals")
    if percent is not None:
        return percent + 2
    if fields.said.get("policy") == "rate rounding" and fields.has("policy"):
        return 5
    return fields.whole(0, 12, "rate_decimals")


def _is_of_cost(fields: Fields) -> bool:
    return bool(fields.choice({"cost": True, "depreciable": False}, False, "base"))


def _table(fields: Fields) -> tuple[Fraction, ...]:
    """Percent of the cost for each step."""
    parts = tuple(
        Fraction(number(each, where)) / 100 for where, each in fields.rows("table", "table_pct", most=1_200)
    )
    if sum(parts) > 2:
        raise CaseError("table", "percent", "The percentages of a table add up to 100, or nearly so.")
    return parts


def _amounts(fields: Fields) -> tuple[int, ...]:
    return tuple(fields.minor(each, where) for where, each in fields.rows("amounts", most=1_200))


def _rounding(fields: Fields, life: _Life) -> Rounding:
    """A name, or an object with mode, unit or decimals, of, step. Left out where charges are counted: each by itself."""
    said = fields.raw("rounding")
    if said is None:
        return Rounding(what=Rounded.CHARGE if life.n else Rounded.ACCUMULATED)
    if isinstance(said, str):
        rounds: Rounds = Fields({"rounding": said}, fields.where).choice(ROUNDINGS, None, "rounding")
        unit = power_of_ten(fields.decimals) if rounds.whole else 1
        step = Step.PERIOD if rounds.what is Rounded.CHARGE else None
        return Rounding(rounds.mode, unit, rounds.what or Rounded.ACCUMULATED, step)
    inner = Fields(said, fields.at("rounding"), fields.decimals)
    unit_amount = inner.amount("unit")
    decimals = inner.whole(0, 12, "decimals")
    if decimals is not None and decimals < fields.decimals:
        unit_amount = power_of_ten(fields.decimals - decimals)
    return _checked(
        "",
        lambda: Rounding(
            inner.choice(MODES, Mode.HALF_EVEN, "mode"),
            1 if unit_amount is None else unit_amount,
            inner.choice(WHATS, Rounded.ACCUMULATED, "of", "what"),
            inner.choice(STEPS, None, "step"),
        ),
    )


# --- days -------------------------------------------------------------------------------------------------------


def _calendar(fields: Fields, life: _Life, first_charge: date | None) -> Calendar:
    """The fiscal years; where charges are counted from a first one, each charge is a year of its own."""
    if life.n and life.charge_months and first_charge is not None:
        return Calendar(stated=_charge_years(first_charge, life.charge_months, life.n))
    said = fields.raw("fiscal_year")
    if said is None:
        return Calendar(first_month=fields.whole(1, 12, "fiscal_year_first_month", "first_month") or 1)
    inner = Fields(said, fields.at("fiscal_year"))
    stated = tuple(
        (day(pair[0], where), day(pair[1], where))
        for where, each in inner.rows("stated", "years")
        for pair in [_pair(each, where)]
    )
    try:
        return Calendar(
            first_month=inner.whole(1, 12, "first_month") or 1,
            pattern=inner.choice({each.value: each for each in Pattern}, Pattern.MONTHS, "pattern"),
            weekday=5 if (found := inner.whole(0, 6, "weekday")) is None else found,
            nearest=inner.flag("nearest"),
            stated=stated,
        )
    except CalendarError as error:
        raise CaseError(fields.at("fiscal_year"), "years", str(error)) from None


def _charge_years(first_charge: date, months: int, n: int) -> tuple[tuple[date, date], ...]:
    """The stretches that charges are for, each ending on its day; on the last of the month if the first one does."""
    ends = [_later(first_charge, months * number) for number in range(-n - 1, n + 2)]
    return tuple((before + ONE_DAY, end) for before, end in pairwise(ends))


def _later(on: date, months: int) -> date:
    found = add_months(on, months)
    return found.replace(day=month_days(found)) if on.day == month_days(on) else found


def _convention(fields: Fields, life: _Life, first_charge: date | None) -> Convention:
    """Stated; or prorata or not; or by days where charges are counted from a day, or days held are."""
    default = Convention.FULL_MONTH
    if life.n and first_charge is not None:
        default = Convention.DAILY_ACTUAL
    if fields.has("days_held"):
        default = Convention.DAILY_365
    if fields.has("days_calc") and fields.flag("days_calc"):
        default = Convention.DAILY_LIFE
        fields.flag("prorata")
    elif fields.has("prorata"):
        default = Convention.DAILY_YEAR if fields.flag("prorata") else Convention.FULL_YEAR
    elif fields.has("start") and not fields.has("convention"):
        default = Convention.FULL_YEAR
    return fields.choice(CONVENTIONS, default, "convention")  # type: ignore[no-any-return]  # a Convention


def _in_service(fields: Fields, calendar: Calendar, life: _Life, first_charge: date | None) -> date:
    """A day, a month of a year that is not a leap year, or as many days as held before the end of that year."""
    leap = fields.flag("leap_year")
    acquired_on = fields.day(*ACQUIRED)
    months_held = fields.whole(1, 12, "months_held", "first_year_months", "months_in_first_year")
    month = fields.whole(1, 12, "month", "month_placed_in_service")
    held = fields.whole(0, 366, "days_held")
    if fields.has(*IN_USE):
        found = fields.raw(*IN_USE)
        if isinstance(found, str) and len(found) == 5:
            return day(f"{_LEAP_YEAR if leap else _COMMON_YEAR}-{found}", "start")
        in_service_on = day(found, IN_USE[0])
        if acquired_on is not None and in_service_on < acquired_on:
            raise CaseError(IN_USE[0], "order", "An asset is acquired before it goes into service.")
        return in_service_on
    if acquired_on is not None:
        return acquired_on
    year = _LEAP_YEAR if leap else _COMMON_YEAR
    if month is not None:
        return date(year, month, 1)
    if held is not None:
        return calendar.year(date(year, 12, 31)).last - timedelta(days=max(held - 1, 0))
    if months_held is not None:
        return add_months(calendar.year(date(year, 12, 31)).last + ONE_DAY, -months_held)
    if first_charge is not None and life.charge_months:
        return _later(first_charge, -life.charge_months) + ONE_DAY
    return calendar.year(date(year, 6, 30)).first


def _on_grid(
    fields: Fields, calendar: Calendar, in_service_on: date, first_charge: date
) -> tuple[date, date]:
    """Going into service and the first day of the first charge. Service before that counts only if it is booked."""
    first = calendar.year(first_charge).first
    if first_charge < in_service_on:
        raise CaseError("first_charge", "order", "Nothing is charged before it is in service.")
    if any(name in fields.said for name in (*ACCUMULATED, "already_booked")):
        return in_service_on, max(first, in_service_on)
    return max(in_service_on, first), max(in_service_on, first)


def _ends_on(life: _Life, first_charge: date | None, fields: Fields) -> date | None:
    """The day of the last charge where charges are counted: as many months after going into service as the life."""
    if not life.n or first_charge is None or life.months is None or not fields.has(*IN_USE):
        return None
    found = fields.raw(*IN_USE)
    return (
        add_months(day(found, IN_USE[0]), int(life.months))
        if isinstance(found, str) and len(found) > 5
        else None
    )


def _by(fields: Fields, life: _Life) -> By:
    default = By.YEAR
    if life.n is None and any(name in fields.said for name in ("life_months", "months")):
        default = By.PERIOD
    found = fields.choice(BYS, default, "by", "period", "frequency")
    return By.YEAR if found is None else found


def _segment(
    fields: Fields,
    cost: int,
    residual: int,
    terms: Terms,
    in_service_on: date,
    first_row: date | None,
    life: _Life,
) -> Segment:
    accumulated = fields.amount_or(0, *ACCUMULATED)
    if accumulated < 0 or accumulated > cost - residual:
        raise CaseError(
            ACCUMULATED[0],
            "range",
            "What has been charged is not below zero and not above cost less residual.",
        )
    starts_on = fields.day("opening_on") or first_row or in_service_on
    elapsed = fields.ratio("elapsed_months", "used_months")
    booked = fields.whole(0, MAX_ROWS, "already_booked")
    if booked is not None and life.n is not None and booked >= life.n:
        raise CaseError(
            "already_booked", "range", f"Fewer than the {life.n} charges of the life can be booked."
        )
    if elapsed is None and booked and first_row is None and life.charge_months:
        elapsed = Fraction(booked * life.charge_months)
    return Segment(
        in_service_on=in_service_on,
        starts_on=starts_on,
        cost=cost,
        opening=cost - accumulated,
        residual=residual,
        terms=terms,
        elapsed_months=elapsed,
        elapsed_units=fields.ratio("elapsed_units", "used_units") or Fraction(0),
        idle=_idle(fields),
    )


def _idle(fields: Fields) -> tuple[tuple[date, date], ...]:
    spans = sorted(
        (day(pair[0], where), day(pair[1], where))
        for where, each in fields.rows("idle")
        for pair in [_pair(each, where)]
    )
    last: date | None = None
    for first, end in spans:
        if end < first or (last is not None and first <= last):
            raise CaseError("idle", "order", "Idle spans are [first day, last day] and do not overlap.")
        last = end
    return tuple(spans)


def _usage(fields: Fields) -> tuple[tuple[tuple[date, Fraction], ...], tuple[Fraction, ...]]:
    """Units on days ([day, units] each), or units of one row after the other."""
    dated: list[tuple[date, Fraction]] = []
    by_row: list[Fraction] = []
    for where, each in fields.rows("usage", most=MAX_ROWS):
        if isinstance(each, list | tuple):
            pair = _pair(each, where)
            dated.append((day(pair[0], where), _units(pair[1], where)))
        else:
            by_row.append(_units(each, where))
    return tuple(dated), tuple(by_row)


def _units(value: Any, where: str) -> Fraction:
    found: Decimal = number(value, where)
    if found < 0:
        raise CaseError(where, "not_negative", "Units used are not below zero.")
    return Fraction(found)


def read_terms(fields: Fields) -> Terms:
    """Terms that stand by themselves: those of a second stage."""
    meant = _method(fields)
    life = _life(fields, meant)
    convention = _convention(fields, life, None)
    return _checked(f"{fields.where}.", lambda: _terms(fields, meant, life, convention))
