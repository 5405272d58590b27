"""What changes along the way of a depreciation case: estimates, values, a second stage."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.calc.depreciation_reading import Case, read_terms
from wherewithal.core.calc.depreciation_words import METHODS
from wherewithal.core.calc.fields import Fields
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.depreciation.accrual import accruals, accrued, service
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar, add_months
from wherewithal.core.depreciation.schedule import By, schedule
from wherewithal.core.depreciation.terms import Segment, Terms

MAX_CHANGES = 200


class Stretch(NamedTuple):
    """A segment, what had accumulated when it began, and the cost since then."""

    segment: Segment
    before: int
    cost: int


def stretches_of(case: Case) -> list[Stretch]:
    """The stretches of a case one after the other: its first terms, each change, and the stage after all that."""
    first = case.segment
    found = [Stretch(first, first.cost - first.opening, first.cost)]
    changes = [
        Fields(each, where, case.decimals) for where, each in case.fields.rows("changes", most=MAX_CHANGES)
    ]
    for change in sorted(changes, key=lambda each: _on(each, first)):
        found.append(_changed(case, found[-1], change))
    said = case.fields.raw("then")
    if said is not None:
        found.append(_then(case, found[-1], Fields(said, case.fields.at("then"), case.decimals)))
    return found


def _on(change: Fields, first: Segment) -> date:
    """The first day on which a change holds."""
    after = change.whole(0, 12_000, "after_months")
    on = change.day("on") if after is None else add_months(first.starts_on, after)
    if on is None:
        raise CaseError(
            change.at("on"), "required", "A change says from which day it holds: on, or after_months."
        )
    if on <= first.starts_on:
        raise CaseError(change.at("on"), "order", "A change comes after the first day.")
    return on


def _changed(case: Case, last: Stretch, change: Fields) -> Stretch:
    on = _on(change, case.segment)
    old = last.segment
    if on <= old.starts_on:
        raise CaseError(change.at("on"), "once", "One change holds from a day on; put both into one.")
    charged = accrued(old, case.calendar, on - ONE_DAY, case.usage)
    cost = change.amount("cost", "value", "revalue_to")
    added = change.amount_or(0, "add", "added_cost")
    cost = last.cost + added if cost is None else cost
    opening = change.amount("book_value")
    if opening is None:
        opening = old.opening - charged + cost - last.cost
    residual = change.amount_or(old.residual, "residual", "salvage")
    if opening < 0 or cost < 0 or residual < 0:
        raise CaseError(change.where, "not_negative", "Cost, book value and residual are not below zero.")
    segment = replace(
        old,
        starts_on=on,
        cost=cost,
        opening=opening,
        residual=residual,
        terms=_new_terms(case, old, change, on),
        elapsed_months=None if old.elapsed_months is None else service(old, case.calendar, on - ONE_DAY),
        elapsed_units=old.elapsed_units
        + sum((units for day, units in case.usage if old.starts_on <= day < on), Fraction(0)),
    )
    return Stretch(segment, last.before + charged, cost)


def _new_terms(case: Case, old: Segment, change: Fields, on: date) -> Terms:
    life = change.ratio("life_months")
    years = change.ratio("life", "life_years")
    life = years * 12 if years is not None else life
    left = change.ratio("remaining_months")
    if left is not None:
        life = service(old, case.calendar, on - ONE_DAY) + left
    terms = old.terms
    meant = change.choice(METHODS, None, "method")
    rate = change.rate("rate")
    if life is not None and life <= 0:
        raise CaseError(change.at("life"), "positive", "A useful life is longer than nothing.")
    return replace(
        terms,
        life_months=terms.life_months if life is None else life,
        method=terms.method if meant is None else meant.method,
        rate=terms.rate if rate is None and meant is None else rate,
    )


def _then(case: Case, last: Stretch, said: Fields) -> Stretch:
    """A second stage: from the year after the one in which the first has reached its residual."""
    rows = schedule(last.segment, case.calendar, by=By.YEAR, usage=case.usage, max_rows=300)
    if not rows or rows[-1].balance > last.segment.residual:
        raise CaseError(said.where, "end", "The stage before it never ends, so nothing comes after it.")
    starts_on = rows[-1].last + ONE_DAY
    residual = said.amount_or(0, "residual", "salvage")
    old = last.segment
    terms = read_terms(said)
    segment = Segment(starts_on, starts_on, last.cost, old.residual, residual, terms)
    return Stretch(segment, last.before + old.opening - old.residual, last.cost)


def values(
    stretches: list[Stretch], calendar: Calendar, days: list[date], usage: tuple[tuple[date, Fraction], ...]
) -> list[tuple[int, int]]:
    """(accumulated, balance) at the end of each day, ascending."""
    found: list[tuple[int, int]] = []
    ends = [each.segment.starts_on for each in stretches[1:]]
    for stretch, end in zip(stretches, [*ends, None], strict=True):
        mine = [day for day in days[len(found) :] if end is None or day < end]
        reached = accruals(stretch.segment, calendar, mine, usage)
        found += [(stretch.before + each, stretch.segment.opening - each) for each in reached]
    return found
