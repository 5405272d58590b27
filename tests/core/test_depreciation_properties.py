"""Depreciation: what must hold for any terms, and agreement with a naive oracle."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.depreciation_oracle import accrued_exactly

from wherewithal.core.depreciation.accrual import (
    accruals,
    accrued,
    accrued_at_disposal,
    life_ends_at,
    service,
)
from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar, Pattern, add_months, month_days
from wherewithal.core.depreciation.schedule import By, last_day, schedule
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
)
from wherewithal.core.money import half_even

DAYS = st.dates(date(2018, 1, 1), date(2031, 12, 31))
COSTS = st.integers(1, 10**9) | st.integers(10**15, 10**20)
BY_DAYS = [each for each in Convention if each.name.startswith("DAILY")]


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    pattern = draw(st.sampled_from(Pattern))
    stated: tuple[tuple[date, date], ...] = ()
    if draw(st.booleans()):
        first = draw(st.dates(date(2022, 1, 1), date(2027, 1, 1)))
        stated = ((first, first + timedelta(days=draw(st.integers(20, 500)))),)
    return Calendar(
        first_month=draw(st.integers(1, 12)),
        pattern=pattern,
        weekday=draw(st.integers(0, 6)),
        nearest=draw(st.booleans()),
        stated=stated,
    )


@st.composite
def rounding(draw: st.DrawFn) -> Rounding:
    return Rounding(
        draw(st.sampled_from(Mode)),
        draw(st.sampled_from([1, 1, 100])),
        draw(st.sampled_from(Rounded)),
        draw(st.sampled_from([None, *Step])),
    )


@st.composite
def all_terms(draw: st.DrawFn) -> Terms:
    """Terms with an end: a life, a table or a plan."""
    method = draw(st.sampled_from([each for each in Method if each not in (Method.NONE, Method.UNITS)]))
    life = Fraction(draw(st.integers(1, 130)), draw(st.sampled_from([1, 1, 1, 2, 3])))
    rated = method is Method.ANNUITY or (method is Method.DECLINING and draw(st.booleans()))
    rate = Fraction(draw(st.integers(1, 90)), 100) if rated else None
    parts = draw(st.lists(st.integers(0, 60), min_size=1, max_size=8))
    return Terms(
        method=method,
        life_months=life,
        rate=rate,
        factor=Fraction(draw(st.integers(2, 8)), 2) if method is Method.DECLINING and rate is None else None,
        switches_to_straight_line=draw(st.booleans()),
        switches_to_original_line=draw(st.booleans()),
        base=draw(st.sampled_from(Base)),
        convention=draw(st.sampled_from(Convention)),
        step=draw(st.sampled_from(Step)),
        table=tuple(Fraction(part, 100) for part in parts),
        amounts=tuple(part * 10**7 for part in parts),
        rounding=draw(rounding()),
        rate_decimals=draw(st.sampled_from([None, None, 3])),
        ends_with_fiscal_year=draw(st.booleans()),
        counts_first_day=draw(st.booleans()),
        suspends_while_idle=draw(st.booleans()),
    )


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    in_service_on = draw(DAYS)
    cost = draw(COSTS)
    opening = draw(st.integers(0, cost))
    idle: tuple[tuple[date, date], ...] = ()
    if draw(st.booleans()):
        first = in_service_on + timedelta(days=draw(st.integers(-20, 700)))
        idle = ((first, first + timedelta(days=draw(st.integers(0, 400)))),)
    return Segment(
        in_service_on=in_service_on,
        starts_on=in_service_on + timedelta(days=draw(st.sampled_from([0, 0, 0, 45, 400]))),
        cost=cost,
        opening=draw(st.sampled_from([cost, opening])),
        residual=draw(st.integers(0, cost)) if draw(st.booleans()) else 0,
        terms=draw(all_terms()),
        idle=idle,
    )


@settings(max_examples=150, deadline=None)
@given(segments(), calendars())
def test_charges_sum_to_cost_less_residual_and_never_beyond(segment: Segment, calendar: Calendar) -> None:
    total = max(segment.opening - segment.residual, 0)
    rows = schedule(segment, calendar, by=By.YEAR, max_rows=60)
    assert sum(row.charge for row in rows) == total
    assert all(0 <= row.accumulated <= total for row in rows)
    assert rows[-1].balance == segment.opening - total
    assert accrued(segment, calendar, segment.starts_on - ONE_DAY) == 0


@settings(max_examples=80, deadline=None)
@given(segments(), calendars(), st.lists(st.integers(-30, 3000), min_size=2, max_size=8))
def test_accrual_never_falls_and_is_the_same_asked_one_by_one(
    segment: Segment, calendar: Calendar, offsets: list[int]
) -> None:
    days = sorted(segment.starts_on + timedelta(days=offset) for offset in offsets)
    found = accruals(segment, calendar, days)
    assert found == sorted(found)
    assert found == [accrued(segment, calendar, day) for day in days]
    assert accruals(segment, calendar, days[::-1]) == found[::-1]


@settings(max_examples=50, deadline=None)
@given(segments(), calendars())
def test_the_same_by_period_quarter_and_year(segment: Segment, calendar: Calendar) -> None:
    through = last_day(calendar, By.YEAR, segment.starts_on + timedelta(days=900))
    by = {
        each: {
            calendar.year(row.last).last: row.accumulated
            for row in schedule(segment, calendar, by=each, through_on=through)
        }
        for each in By
    }
    assert by[By.PERIOD] == by[By.QUARTER] == by[By.YEAR]


@settings(max_examples=80, deadline=None)
@given(segments(), calendars(), st.integers(0, 2500))
def test_disposal_charges_within_bounds(segment: Segment, calendar: Calendar, offset: int) -> None:
    on = segment.starts_on + timedelta(days=offset)
    charged = accrued_at_disposal(segment, calendar, on)
    year = calendar.year(on)
    assert 0 <= charged <= max(segment.opening - segment.residual, 0)
    assert charged <= accrued(segment, calendar, year.last) or segment.idle
    assert (
        charged >= accrued(segment, calendar, year.first - ONE_DAY)
        or segment.starts_on > year.first
        or segment.idle
    )


@settings(max_examples=80, deadline=None)
@given(segments(), calendars(), st.integers(0, 1500))
def test_a_cut_that_changes_nothing_leaves_a_smooth_method_as_it_was(
    segment: Segment, calendar: Calendar, offset: int
) -> None:
    """A new stretch from a day on, with the balance then, goes on as if nothing had been: to a unit of rounding."""
    method = segment.terms.method
    if segment.terms.rounding != Rounding() or method in (Method.DECLINING, Method.AMOUNTS, Method.UNITS):
        return
    on = segment.starts_on + timedelta(days=offset)
    before = accrued(segment, calendar, on - ONE_DAY)
    later = Segment(
        segment.in_service_on,
        on,
        segment.cost,
        segment.opening - before,
        segment.residual,
        segment.terms,
        segment.elapsed_months,
        idle=segment.idle,
    )
    for day in (on, on + timedelta(days=100), on + timedelta(days=1000)):
        assert abs(before + accrued(later, calendar, day) - accrued(segment, calendar, day)) <= 1


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["straight_line", "sum_of_digits", "declining"]),
    st.integers(0, 10**9),
    st.integers(0, 10**6),
    st.integers(1, 10).map(lambda years: years * 12) | st.integers(1, 90),
    st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5, 2), Fraction(4)]),
    st.booleans(),
    st.sampled_from([each.value for each in Convention if each not in BY_DAYS]),
    DAYS,
    st.integers(1, 12),
)
def test_agrees_with_a_naive_oracle(
    method: str,
    cost: int,
    residual: int,
    life: int,
    factor: Fraction,
    switch: bool,
    convention: str,
    in_service_on: date,
    first_month: int,
) -> None:
    cost += residual
    months = life + 30
    if method == "sum_of_digits":
        life = -(-life // 12) * 12
    exact = accrued_exactly(
        method=method,
        cost=cost,
        residual=residual,
        life=life,
        factor=factor,
        switch=switch,
        convention=convention,
        in_service_on=in_service_on,
        first_month=first_month,
        months=months,
    )
    terms = Terms(
        Method(method),
        life_months=Fraction(life),
        factor=factor if method == "declining" else None,
        switches_to_straight_line=switch,
        convention=Convention(convention),
    )
    segment = Segment(in_service_on, in_service_on, cost, cost, residual, terms)
    ends = []
    for month in range(months):
        end = add_months(in_service_on.replace(day=1), month)
        ends.append(end.replace(day=month_days(end)))
    expected = [half_even(each.numerator, each.denominator) for each in exact]
    assert accruals(segment, Calendar(first_month=first_month), ends) == expected


@settings(max_examples=50, deadline=None)
@given(DAYS, st.integers(1, 40), st.integers(0, 3000), st.booleans())
def test_days_are_counted_as_they_are(
    in_service_on: date, years: int, offset: int, counts_first_day: bool
) -> None:
    """By days: 365 to every year; as many as the year has; as many as the life has. Counted one by one."""
    on = in_service_on + timedelta(days=offset)
    counted = [in_service_on + timedelta(days=at) for at in range(0 if counts_first_day else 1, offset + 1)]
    months = Fraction(years * 12)
    life_days = (
        add_months(counted[0] if counted else in_service_on, years * 12)
        - (counted[0] if counted else in_service_on)
    ).days
    expected = {
        Convention.DAILY_365: Fraction(len(counted) * 12, 365),
        Convention.DAILY_ACTUAL: sum(
            (
                Fraction(
                    sum(day.year == year for day in counted) * 12,
                    366 if month_days(date(year, 2, 1)) == 29 else 365,
                )
                for year in range(in_service_on.year, on.year + 1)
            ),
            Fraction(0),
        ),
        Convention.DAILY_LIFE: months * len(counted) / life_days,
        Convention.DAILY_MONTH: sum((Fraction(1, month_days(day)) for day in counted), Fraction(0)),
    }
    for convention, wanted in expected.items():
        terms = Terms(
            Method.STRAIGHT_LINE, life_months=months, convention=convention, counts_first_day=counts_first_day
        )
        segment = Segment(in_service_on, in_service_on, 10**6, 10**6, 0, terms)
        assert service(segment, Calendar(), on) == wanted
        assert life_ends_at(segment, Calendar()) == months


@settings(max_examples=50, deadline=None)
@given(calendars(), DAYS)
def test_years_and_periods_follow_each_other_without_gap(calendar: Calendar, on: date) -> None:
    year = calendar.year(on)
    after = calendar.year(year.last + ONE_DAY)
    assert year.first <= on <= year.last
    assert after.first == year.last + ONE_DAY
    assert year.periods[0].first == year.first
    assert year.periods[-1].last == year.last
    for one, two in zip(year.periods, year.periods[1:], strict=False):
        assert two.first == one.last + ONE_DAY
    assert sum(period.months for period in year.periods) == year.months
    assert calendar.months(year.first - ONE_DAY, year.last) == year.months
    assert calendar.months(on, after.last) == calendar.months(on, year.last) + after.months
    assert calendar.quarter(on).first <= calendar.period(on).first
