"""`calc depreciation`: a schedule for stated terms, by the code that runs everybody's books; nothing is stored.

A case states terms and dates (`depreciation_reading`), or a spreadsheet's function with its arguments, or a country's
pack with a class. The schema is in `depreciation_schema`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.depreciation_changes import Stretch, stretches_of, values
from wherewithal.core.calc.depreciation_functions import calc_function
from wherewithal.core.calc.depreciation_macrs import is_macrs, macrs_case
from wherewithal.core.calc.depreciation_reading import MAX_ROWS, Case, read_case
from wherewithal.core.calc.fields import money
from wherewithal.core.calc.pack_cases import calc_pack
from wherewithal.core.calc.reading import CaseError, mapping
from wherewithal.core.depreciation.accrual import accrued_at_disposal
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.methods import YEAR, yearly_rate
from wherewithal.core.depreciation.schedule import By, last_day
from wherewithal.core.depreciation.terms import Method, TermsError
from wherewithal.core.money import from_minor, half_even, power_of_ten

ENDLESS_ROWS = {By.PERIOD: 600, By.QUARTER: 200, By.YEAR: 50}
"""Rows of a balance that never reaches its end, if the case does not say how many."""

RATE_DECIMALS = 8


class Line(NamedTuple):
    """A row: its days, what had accumulated at its end, and the balance then."""

    first: date
    last: date
    charge: int
    accumulated: int
    balance: int


def calc_depreciation(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a depreciation case: rows and figures as Decimals, ready for JSON.

    Raises CaseError, which names the field and the rule.
    """
    said = _unwrapped(mapping(case, "case"))
    if "function" in said:
        return calc_function(said)
    if "pack" in said:
        return calc_pack(said)
    if is_macrs(said):
        return calc_depreciation(macrs_case(said))
    try:
        found = read_case(said)
        if set(said) <= set(found.fields.ignored()):
            message = "Say what to depreciate: a cost and its terms, a function, a pack, or a table."
            raise CaseError("cost", "required", message)
        return _answer(found)
    except TermsError as error:
        raise CaseError(error.field, error.rule, error.message) from None


def _unwrapped(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """A case whose terms are in a part of it called `inputs`, as collections of cases have them."""
    inputs = case.get("inputs")
    if not isinstance(inputs, Mapping):
        return case
    return {**{name: value for name, value in case.items() if name != "inputs"}, **inputs}


def _answer(case: Case) -> dict[str, Any]:
    case = _with_usage(case)
    stretches = stretches_of(case)
    lines = _caught_up(case, _lines(case, stretches))
    disposal = _disposal(case, stretches, lines)
    answer = _figures(case, lines) | disposal
    answer["rows"] = [_row(case, at, line) for at, line in enumerate(lines, 1)]
    ignored = case.fields.ignored()
    return answer | ({"ignored": ignored} if ignored else {})


def _with_usage(case: Case) -> Case:
    """Units told row by row, on the last days of the rows."""
    if not case.usage_by_row:
        return case
    usage = list(case.usage)
    first = case.segment.starts_on
    for units in case.usage_by_row:
        last = last_day(case.calendar, case.by, first)
        usage.append((last, units))
        first = last + ONE_DAY
    return replace(case, usage=tuple(usage))


# --- rows ---------------------------------------------------------------------------------------------------------


def _lines(case: Case, stretches: list[Stretch]) -> list[Line]:
    """Rows from the first day to the one in which nothing is left to charge, the asset goes, or enough were asked."""
    last_segment = stretches[-1].segment
    if not _charges(stretches):
        return []
    most = case.max_rows or (ENDLESS_ROWS[case.by] if _is_endless(stretches) else MAX_ROWS)
    lines: list[Line] = []
    before = stretches[0].before
    first = case.segment.starts_on
    while len(lines) < most:
        spans = _next_spans(case, first, min(most - len(lines), max(len(lines), 60)))
        days = [last for _, last in spans]
        for span, (total, balance) in zip(
            spans, values(stretches, case.calendar, days, case.usage), strict=True
        ):
            lines.append(Line(span[0], _shown(case, span), total - before, total, balance))
            before = total
            done = span[1] >= last_segment.starts_on and balance <= last_segment.residual
            if (done and not case.through_on) or _is_last(case, span):
                return lines
        first = spans[-1][1] + ONE_DAY
    return lines


def _charges(stretches: list[Stretch]) -> bool:
    return any(
        each.segment.opening > each.segment.residual and each.segment.terms.method is not Method.NONE
        for each in stretches
    )


def _is_endless(stretches: list[Stretch]) -> bool:
    terms = stretches[-1].segment.terms
    by_rate = terms.method in (Method.DECLINING, Method.STRAIGHT_LINE)
    return terms.method is Method.UNITS or (
        by_rate and (terms.life_months is None or not terms.charges_rest_at_end)
    )


def _next_spans(case: Case, first: date, count: int) -> list[tuple[date, date]]:
    spans = []
    for _ in range(count):
        last = last_day(case.calendar, case.by, first)
        spans.append((first, last))
        first = last + ONE_DAY
    return spans


def _is_last(case: Case, span: tuple[date, date]) -> bool:
    ends = [on for on in (case.through_on, case.disposed_on) if on is not None]
    return bool(ends) and span[1] >= min(ends)


def _shown(case: Case, span: tuple[date, date]) -> date:
    """The day of a row: its last, unless the last charge is due within it."""
    first, last = span
    return case.ends_on if case.ends_on is not None and first <= case.ends_on < last else last


def _caught_up(case: Case, lines: list[Line]) -> list[Line]:
    """Rows after what is booked already: the first of them charges what is due by then and not booked."""
    if not case.booked:
        return lines
    last = max(on for on, _ in case.booked)
    before = sum(amount for _, amount in case.booked)
    due = [line for line in lines if line.last > last]
    found = []
    for line in due:
        found.append(line._replace(charge=line.accumulated - before))
        before = line.accumulated
    return found


def _disposal(case: Case, stretches: list[Stretch], lines: list[Line]) -> dict[str, Any]:
    """The last row up to the disposal by its convention, and gain or loss. Changes `lines`."""
    if case.disposed_on is None and case.proceeds is None:
        return {}
    accumulated = lines[-1].accumulated if lines else stretches[0].before
    stretch = stretches[-1]
    if case.disposed_on is not None:
        stretch = next(each for each in reversed(stretches) if each.segment.starts_on <= case.disposed_on)
        charged = accrued_at_disposal(stretch.segment, case.calendar, case.disposed_on, case.usage)
        accumulated = stretch.before + charged
        if lines and lines[-1].first <= case.disposed_on:
            before = lines[-1].accumulated - lines[-1].charge
            balance = stretch.segment.opening - charged
            lines[-1] = Line(lines[-1].first, case.disposed_on, accumulated - before, accumulated, balance)
    balance = stretch.segment.opening - (accumulated - stretch.before)
    found: dict[str, Any] = {
        "on": None if case.disposed_on is None else case.disposed_on.isoformat(),
        "accumulated": money(accumulated, case.decimals),
        "book_value": money(balance, case.decimals),
    }
    if case.proceeds is not None:
        found |= {
            "proceeds": money(case.proceeds, case.decimals),
            "gain": money(case.proceeds - balance, case.decimals),
        }
    return {"disposal": found}


# --- the answer -----------------------------------------------------------------------------------------------------


def _row(case: Case, number: int, line: Line) -> dict[str, Any]:
    return {
        "n": number,
        "from": line.first.isoformat(),
        "to": line.last.isoformat(),
        "charge": money(line.charge, case.decimals),
        "accumulated": money(line.accumulated, case.decimals),
        "book_value": money(line.balance, case.decimals),
    }


def _figures(case: Case, lines: list[Line]) -> dict[str, Any]:
    decimals = case.decimals
    charges = [line.charge for line in lines]
    segment = case.segment
    figures: dict[str, Any] = {
        "method": segment.terms.method.value,
        "convention": segment.terms.convention.value,
        "cost": money(segment.cost, decimals),
        "residual": money(segment.residual, decimals),
        "depreciable": money(max(segment.opening - segment.residual, 0), decimals),
        "life_months": _decimal(segment.terms.life_months),
        "rate_pct": _rate_pct(case),
        "n_rows": len(lines),
        "charges": [money(charge, decimals) for charge in charges],
    }
    if segment.cost:
        figures["percents"] = [_decimal(Fraction(charge * 100, segment.cost), 6) for charge in charges]
    if charges:
        figures |= {
            "first": money(charges[0], decimals),
            "regular": money(Counter(charges).most_common(1)[0][0], decimals),
            "last": money(charges[-1], decimals),
            "total": money(sum(charges), decimals),
            "closing": money(lines[-1].balance, decimals),
        }
    return figures


def _rate_pct(case: Case) -> Decimal | None:
    """Percent per year: of the balance for a declining one, of the cost for the straight line."""
    segment = case.segment
    terms = segment.terms
    if terms.method is Method.DECLINING:
        return _decimal(100 * yearly_rate(terms, segment.cost, segment.residual))
    if terms.method is not Method.STRAIGHT_LINE or not segment.cost:
        return None
    base = Fraction(segment.cost - segment.residual, segment.cost)
    if terms.rate is None and terms.life_months is not None:
        return _decimal(100 * base * YEAR / terms.life_months)
    return _decimal(100 * (terms.rate or Fraction(0)))


def _decimal(value: Fraction | None, decimals: int = RATE_DECIMALS) -> Decimal | None:
    """To a number of decimals, half-even, without zeros at the end."""
    if value is None:
        return None
    scaled = value * power_of_ten(decimals)
    shown = format(from_minor(half_even(scaled.numerator, scaled.denominator), decimals), "f")
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown)
