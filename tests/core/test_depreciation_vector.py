"""Bulk schedules: every figure the same as that of the one primitive, whatever the terms, days and amounts."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from wherewithal.core.depreciation import vector
from wherewithal.core.depreciation.accrual import accruals
from wherewithal.core.depreciation.calendar import Calendar, Pattern, add_months, month_days
from wherewithal.core.depreciation.terms import (
    Base,
    Convention,
    Method,
    Rounded,
    Rounding,
    Segment,
    Step,
    Terms,
)

MONTH_ENDS = [
    each.replace(day=month_days(each)) for each in (add_months(date(2025, 1, 1), at) for at in range(48))
]
ANY_DAYS = [date(2024, 12, 31) + timedelta(days=at * at * 3) for at in range(20)]


def columns(segments: Sequence[Segment], terms: Sequence[Terms]) -> vector.Columns:
    return vector.Columns(
        terms,
        np.array([terms.index(each.terms) for each in segments], dtype=np.int32),
        np.array([each.in_service_on.toordinal() for each in segments], dtype=np.int32),
        np.array([each.starts_on.toordinal() for each in segments], dtype=np.int32),
        np.array([each.cost for each in segments], dtype=np.int64),
        np.array([each.opening for each in segments], dtype=np.int64),
        np.array([each.residual for each in segments], dtype=np.int64),
    )


def some_segments(terms: Sequence[Terms], most: int, seed: int, number: int = 150) -> list[Segment]:
    rng = random.Random(seed)
    found = []
    for _ in range(number):
        on = date(2020, 1, 1) + timedelta(days=rng.randrange(2600))
        cost = rng.randrange(most)
        residual = rng.choice([0, 0, cost // 10, cost // 3, rng.randrange(cost + 1)])
        later = on + timedelta(days=rng.choice([0, 0, 0, 31, 400]))
        opening = cost if later == on else rng.randrange(cost + 1)
        found.append(Segment(on, later, cost, opening, residual, rng.choice(terms)))
    return found


def same(
    segments: Sequence[Segment], terms: Sequence[Terms], calendar: Calendar, days: Sequence[date]
) -> None:
    found = vector.accumulated(columns(segments, terms), calendar, days)
    for segment, row in zip(segments, found.tolist(), strict=True):
        assert row == accruals(segment, calendar, days), segment
    charged = vector.charges(columns(segments, terms), calendar, days)
    assert np.cumsum(charged, axis=1).tolist() == found.tolist()


LINES = [
    Terms(Method.STRAIGHT_LINE, life_months=Fraction(life, 2), convention=convention)
    for life in (36, 61, 240)
    for convention in Convention
]
DECLINING = [
    Terms(
        Method.DECLINING,
        life_months=Fraction(life),
        rate=rate,
        factor=None if rate else Fraction(3, 2),
        switches_to_straight_line=switch,
        convention=convention,
        step=step,
        charges_rest_at_end=rest,
    )
    for life in (12, 60, 100)
    for rate in (None, Fraction(9, 10))
    for switch in (True, False)
    for convention in (Convention.FULL_MONTH, Convention.HALF_YEAR, Convention.DAILY_ACTUAL)
    for step in Step
    for rest in (True, False)
]
OTHERS = [
    Terms(Method.NONE),
    Terms(Method.SUM_OF_DIGITS, life_months=Fraction(48)),
    Terms(Method.ANNUITY, life_months=Fraction(60), rate=Fraction(1, 20)),
    Terms(Method.TABLE, table=(Fraction(3333, 10000), Fraction(4445, 10000), Fraction(1481, 10000))),
    Terms(Method.AMOUNTS, amounts=(5000, 3000)),
    Terms(Method.STRAIGHT_LINE, rate=Fraction(3, 10), base=Base.COST),
    Terms(Method.STRAIGHT_LINE, life_months=Fraction(30), base=Base.COST),
    Terms(
        Method.DECLINING,
        life_months=Fraction(60),
        factor=Fraction(2),
        rounding=Rounding(unit=100, what=Rounded.BALANCE),
    ),
    Terms(Method.DECLINING, life_months=Fraction(60), rate=Fraction(2, 5), switches_to_original_line=True),
]


@pytest.mark.parametrize("days", [MONTH_ENDS, ANY_DAYS], ids=["month ends", "any days"])
@pytest.mark.parametrize("terms", [LINES, DECLINING, OTHERS], ids=["line", "declining", "others"])
def test_the_same_as_one_by_one(terms: list[Terms], days: list[date]) -> None:
    same(some_segments(terms, 10**7, seed=len(days)), terms, Calendar(), days)


@pytest.mark.parametrize("most", [3, 200, 10**12, 10**17])
def test_small_amounts_have_ties_and_big_ones_do_not_fit_a_float(most: int) -> None:
    """A tie needs an even denominator and few units; beyond 2^50 the guess by a float is not close enough."""
    terms = [*LINES[:4], *DECLINING[:12]]
    same(some_segments(terms, most, seed=3), terms, Calendar(), MONTH_ENDS)


def test_fractions_that_do_not_fit_64_bits() -> None:
    terms = [
        Terms(
            Method.DECLINING,
            life_months=Fraction(360),
            rate=Fraction(137, 997),
            switches_to_straight_line=switch,
            step=Step.PERIOD,
        )
        for switch in (True, False)
    ]
    same(some_segments(terms, 10**8, seed=4, number=30), terms, Calendar(), MONTH_ENDS)


def test_other_calendars() -> None:
    calendar = Calendar(
        first_month=2, pattern=Pattern.WEEKS_13, stated=((date(2025, 7, 1), date(2026, 1, 31)),)
    )
    ends = [period.last for year in (2025, 2026, 2027) for period in calendar.year(date(year, 6, 1)).periods]
    terms = [*LINES, *DECLINING[:6]]
    same(some_segments(terms, 10**6, seed=5), terms, calendar, ends)


def test_nothing_to_do() -> None:
    assert vector.accumulated(columns([], []), Calendar(), MONTH_ENDS).shape == (0, 48)


def test_piece_by_piece_for_who_only_adds_up() -> None:
    segments = some_segments(LINES[:4], 10**6, seed=6)
    table = columns(segments, LINES)
    total = sum(found.sum(axis=0) for _, found in vector.blocks(table, Calendar(), MONTH_ENDS))
    assert total.tolist() == vector.accumulated(table, Calendar(), MONTH_ENDS).sum(axis=0).tolist()
