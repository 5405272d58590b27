"""What has accrued by a day, worked out by hand: conventions, methods, rounding, segments, calendars, refusals."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from wherewithal.core.depreciation.accrual import (
    accrued,
    accrued_at_disposal,
    life_ends_at,
    service,
)
from wherewithal.core.depreciation.calendar import Calendar, CalendarError, Pattern
from wherewithal.core.depreciation.schedule import By, schedule
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

YEARS = Calendar()


def line(life: int = 60, **more: Any) -> Terms:
    return Terms(Method.STRAIGHT_LINE, life_months=Fraction(life), **more)


def segment(terms: Terms, *, cost: int = 60_000, residual: int = 0, on: date = date(2026, 3, 20)) -> Segment:
    return Segment(on, on, cost, cost, residual, terms)


def by_year(of: Segment, calendar: Calendar = YEARS) -> list[int]:
    return [row.charge for row in schedule(of, calendar, by=By.YEAR, max_rows=60)]


# --- conventions: 1,000 a month for 60 months, in service on 20 March -------------------------------------------


@pytest.mark.parametrize(
    ("convention", "march", "april", "december", "next_december"),
    [
        (Convention.FULL_MONTH, 1000, 2000, 10_000, 22_000),
        (Convention.FOLLOWING_MONTH, 0, 1000, 9_000, 21_000),
        (Convention.HALF_MONTH, 0, 1000, 9_000, 21_000),
        (Convention.MID_MONTH, 500, 1500, 9_500, 21_500),
        (Convention.MID_QUARTER, 1500, 2500, 10_500, 22_500),
        (Convention.HALF_YEAR, 600, 1200, 6_000, 18_000),
        (Convention.FULL_YEAR, 3000, 4000, 12_000, 24_000),
        (Convention.FOLLOWING_YEAR, 0, 0, 0, 12_000),
        (Convention.DAILY_MONTH, 387, 1387, 9_387, 21_387),  # 12 of 31 days
        (Convention.DAILY_ACTUAL, 395, 1381, 9_436, 21_436),  # 12, 42, 287 of 365 days
        (Convention.DAILY_365, 395, 1381, 9_436, 21_436),
        (Convention.DAILY_360, 367, 1367, 9_367, 21_367),  # 11 of 30 days: the 31st does not count
        (Convention.DAILY_LIFE, 394, 1380, 9_430, 21_424),  # of 1,826 days
        (Convention.DAILY_YEAR, 436, 1436, 9_436, 21_436),  # the year by days, less nine months
    ],
)
def test_service_by_convention(
    convention: Convention, march: int, april: int, december: int, next_december: int
) -> None:
    of = segment(line(convention=convention))
    ends = (date(2026, 3, 31), date(2026, 4, 30), date(2026, 12, 31), date(2027, 12, 31))
    assert [accrued(of, YEARS, end) for end in ends] == [march, april, december, next_december]


def test_half_month_goes_by_the_fifteenth() -> None:
    for day, months in ((15, 1), (16, 0)):
        of = segment(line(convention=Convention.HALF_MONTH), on=date(2026, 3, day))
        assert service(of, YEARS, date(2026, 3, 31)) == months


def test_days_of_leap_years() -> None:
    """Half of 2024 by days: 184 of 366, or of 365."""
    on, end = date(2024, 7, 1), date(2024, 12, 31)
    actual = segment(line(12, convention=Convention.DAILY_ACTUAL), cost=366_00, on=on)
    assert accrued(actual, YEARS, end) == 184_00
    fixed = segment(line(12, convention=Convention.DAILY_365), cost=365_00, on=on)
    assert accrued(fixed, YEARS, end) == 184_00


def test_the_first_day_may_not_count() -> None:
    terms = line(convention=Convention.DAILY_365, counts_first_day=False)
    of = segment(terms, cost=365 * 5 * 100)
    assert accrued(of, YEARS, date(2026, 3, 20)) == 0
    assert accrued(of, YEARS, date(2026, 3, 21)) == 100


@pytest.mark.parametrize(
    ("convention", "disposed_on", "charged"),
    [
        (Convention.FULL_MONTH, date(2027, 6, 10), 15_000),  # March 2026 to May 2027
        (Convention.FULL_MONTH, date(2026, 3, 25), 0),
        (Convention.FOLLOWING_MONTH, date(2027, 6, 10), 15_000),  # April 2026 to June 2027
        (Convention.HALF_MONTH, date(2027, 6, 10), 14_000),
        (Convention.HALF_MONTH, date(2027, 6, 16), 15_000),
        (Convention.MID_MONTH, date(2027, 6, 10), 15_000),
        (Convention.MID_QUARTER, date(2027, 6, 10), 15_000),  # 10.5 and one and a half quarters
        (Convention.HALF_YEAR, date(2027, 6, 10), 12_000),
        (Convention.HALF_YEAR, date(2026, 12, 31), 0),
        (Convention.MID_QUARTER, date(2026, 12, 31), 0),
        (Convention.FULL_YEAR, date(2027, 6, 10), 12_000),
        (Convention.FOLLOWING_YEAR, date(2027, 6, 10), 12_000),
        (Convention.DAILY_365, date(2026, 3, 22), 66),  # two days of 60,000 / 1,825
        (Convention.DAILY_360, date(2026, 4, 20), 1000),
    ],
)
def test_disposal_by_convention(convention: Convention, disposed_on: date, charged: int) -> None:
    assert accrued_at_disposal(segment(line(convention=convention)), YEARS, disposed_on) == charged


# --- methods ----------------------------------------------------------------------------------------------------


def test_double_declining_leaves_the_rest_to_the_last_year() -> None:
    """40 %: 400, 240, 144, 86.40, and what is left above 50."""
    terms = Terms(Method.DECLINING, life_months=Fraction(60), factor=Fraction(2))
    of = segment(terms, cost=100_000, residual=5_000, on=date(2026, 1, 1))
    assert by_year(of) == [40_000, 24_000, 14_400, 8_640, 7_960]


def test_the_last_year_is_even_by_month() -> None:
    terms = Terms(Method.DECLINING, life_months=Fraction(24), rate=Fraction(1, 4))
    of = segment(terms, cost=9_600, on=date(2026, 1, 1))
    charges = [row.charge for row in schedule(of, YEARS)]
    assert charges == [200] * 12 + [600] * 12


def test_a_rate_without_an_end_never_ends() -> None:
    terms = Terms(Method.DECLINING, rate=Fraction(1, 5), convention=Convention.HALF_YEAR)
    of = segment(terms, cost=150_000_00)
    assert by_year(of)[:4] == [15_000_00, 27_000_00, 21_600_00, 17_280_00]  # Canada's class 8
    assert life_ends_at(of, YEARS) is None


def test_the_rate_that_reaches_the_residual() -> None:
    """8 years down to 5 %: India's 31.23 %; the last year ends on it without a jump."""
    terms = Terms(Method.DECLINING, life_months=Fraction(96))
    charges = by_year(segment(terms, cost=1_000_000, residual=50_000, on=date(2026, 1, 1)))
    assert charges[0] == 312_344
    assert charges[-1] == 22_711  # 50,000 / 0.687656 - 50,000
    assert sum(charges) == 950_000


def test_french_plan_ends_with_a_fiscal_year() -> None:
    """14,000 over 5 years, coefficient 1.75 (35 %), bought on 1 July: five fiscal years, the first for six months."""
    terms = Terms(
        Method.DECLINING,
        life_months=Fraction(60),
        factor=Fraction(7, 4),
        switches_to_straight_line=True,
        ends_with_fiscal_year=True,
    )
    charges = by_year(segment(terms, cost=14_000_00, on=date(2026, 7, 1)))
    assert charges == [2_450_00, 4_042_50, 2_627_62, 2_439_94, 2_439_94]


def test_straight_line_of_the_cost_until_the_residual_is_left() -> None:
    """OCA's linear-limit: 200 a year of 1,000, the last only 100."""
    of = segment(line(60, base=Base.COST), cost=1000, residual=100, on=date(2026, 1, 1))
    assert by_year(of) == [200, 200, 200, 200, 100]


def test_years_digits_by_asset_year() -> None:
    terms = Terms(Method.SUM_OF_DIGITS, life_months=Fraction(48))
    assert by_year(segment(terms, cost=1000, on=date(2026, 1, 1))) == [400, 300, 200, 100]
    assert by_year(segment(terms, cost=1000, on=date(2026, 7, 1))) == [200, 350, 250, 150, 50]


def test_annuity_by_the_month() -> None:
    """3 months at 12 % a year: 1 % a month; 100,000 x 0.01 / (1.01^3 - 1) = 33,002.21."""
    terms = Terms(Method.ANNUITY, life_months=Fraction(3), rate=Fraction(12, 100), step=Step.PERIOD)
    of = segment(terms, cost=10_000_000, on=date(2026, 1, 1))
    assert [row.charge for row in schedule(of, YEARS)] == [3_300_221, 3_333_223, 3_366_556]


def test_table_by_fiscal_year_and_plan_by_month() -> None:
    parts = tuple(Fraction(part, 100) for part in (75, 10, 5, 5, 3, 2))
    electric = Terms(Method.TABLE, table=parts, convention=Convention.FULL_YEAR)
    assert by_year(segment(electric, cost=50_000)) == [37_500, 5_000, 2_500, 2_500, 1_500, 1_000]
    plan = Terms(Method.AMOUNTS, amounts=(500, 0, 300), step=Step.PERIOD)
    of = segment(plan, cost=1000, residual=100, on=date(2026, 1, 1))
    assert [row.charge for row in schedule(of, YEARS)] == [500, 0, 400]  # the rest with the last


def test_units_count_on_the_day_of_their_reading() -> None:
    terms = Terms(Method.UNITS, total_units=Fraction(1000))
    of = segment(terms, cost=10_000, residual=1_000, on=date(2026, 1, 1))
    usage = [(date(2026, 2, 10), 100), (date(2026, 1, 5), Fraction(1, 2)), (date(2025, 12, 31), 500)]
    assert accrued(of, YEARS, date(2026, 1, 31), usage) == 4  # 4.5 is nearest to 4 and 5; the even one
    assert accrued(of, YEARS, date(2026, 2, 28), usage) == 904
    assert accrued(of, YEARS, date(2026, 3, 1), [(date(2026, 2, 1), 5000)]) == 9_000


def test_land_is_never_charged() -> None:
    assert accrued(segment(Terms(Method.NONE)), YEARS, date(2099, 1, 1)) == 0


# --- segments: cuts, openings, idle spans -------------------------------------------------------------------------


def test_a_cut_in_the_middle_of_a_month_loses_and_repeats_nothing() -> None:
    """10 of April's 30 days before the cut: 2,000 of March and April by a third, then the rest of the 60 months."""
    whole = segment(line())
    before = accrued(whole, YEARS, date(2026, 4, 10))
    assert before == 1333
    rest = Segment(whole.in_service_on, date(2026, 4, 11), 60_000, 60_000 - before, 0, line())
    assert before + accrued(rest, YEARS, date(2026, 4, 30)) == 2_000
    assert before + accrued(rest, YEARS, date(2031, 2, 28)) == 60_000
    assert accrued(rest, YEARS, date(2026, 4, 10)) == 0


def test_a_longer_life_is_prospective() -> None:
    """After 24 of 60 months 36,000 are left; a life of 96 spreads them over 72."""
    rest = Segment(date(2026, 1, 1), date(2028, 1, 1), 60_000, 36_000, 0, line(96))
    assert by_year(rest) == [6_000] * 6


def test_an_opening_with_life_used_up_elsewhere() -> None:
    rest = Segment(date(2026, 1, 1), date(2026, 1, 1), 60_000, 30_000, 0, line(), elapsed_months=Fraction(48))
    assert by_year(rest) == [30_000]
    assert service(rest, YEARS, date(2026, 6, 30)) == 54


def test_after_the_end_of_its_life_everything_is_due_at_once() -> None:
    late = Segment(date(2020, 1, 1), date(2026, 5, 1), 1_000, 1_000, 0, line(60))
    assert accrued(late, YEARS, date(2026, 5, 1)) == 1_000


def test_a_balance_at_or_below_the_residual_charges_nothing() -> None:
    low = Segment(date(2026, 1, 1), date(2026, 1, 1), 1_000, 90, 100, line())
    assert accrued(low, YEARS, date(2040, 1, 1)) == 0


def test_idle_spans_stand_still_only_if_the_book_says_so() -> None:
    on = date(2026, 1, 1)
    idle = ((date(2026, 3, 1), date(2026, 8, 31)),)
    for suspends, by_december in ((True, 6_000), (False, 12_000)):
        of = Segment(on, on, 60_000, 60_000, 0, line(suspends_while_idle=suspends), idle=idle)
        assert accrued(of, YEARS, date(2026, 12, 31)) == by_december


@pytest.mark.parametrize(
    "terms",
    [
        line(suspends_while_idle=True),
        Terms(Method.DECLINING, rate=Fraction(1, 5), suspends_while_idle=True),
        Terms(Method.TABLE, table=(Fraction(1, 2), Fraction(1, 2)), suspends_while_idle=True),
    ],
)
def test_idle_for_ever(terms: Terms) -> None:
    """Ten months of use, then none: what accrued by then stays."""
    on = date(2026, 3, 1)
    of = Segment(on, on, 60_000, 60_000, 0, terms, idle=((date(2027, 1, 1), date.max),))
    by_then = accrued(of, YEARS, date(2026, 12, 31))
    assert by_then == accrued(of, YEARS, date(2060, 12, 31)) > 0


# --- calendars ----------------------------------------------------------------------------------------------------


def test_weeks_in_13_periods() -> None:
    """Last Saturday of December; 2028 has 53 weeks, and the last period the odd one."""
    weeks = Calendar(pattern=Pattern.WEEKS_13)
    year = weeks.year(date(2028, 6, 1))
    assert (year.first, year.last) == (date(2027, 12, 26), date(2028, 12, 30))
    assert [(each.last - each.first).days + 1 for each in year.periods] == [28] * 12 + [35]
    of = segment(line(12), cost=13_000, on=date(2027, 12, 26))
    assert [row.charge for row in schedule(of, weeks)] == [1000] * 13


def test_quarters_of_4_4_5_weeks() -> None:
    weeks = Calendar(first_month=2, pattern=Pattern.WEEKS_445, nearest=True)
    year = weeks.year(date(2026, 5, 1))
    assert (year.first, year.last) == (date(2026, 2, 1), date(2027, 1, 30))  # Saturday nearest to 31 January
    quarter = weeks.quarter(date(2026, 2, 1))
    assert (quarter.last - quarter.first).days + 1 == 91
    assert quarter.months == 3


def test_short_and_long_years() -> None:
    change = Calendar(first_month=7, stated=((date(2026, 1, 1), date(2026, 6, 30)),))
    assert change.year(date(2026, 3, 1)).months == 6
    assert change.year(date(2025, 12, 31)).first == date(2025, 7, 1)
    assert change.year(date(2026, 7, 1)).last == date(2027, 6, 30)
    long = Calendar(stated=((date(2026, 1, 1), date(2027, 3, 31)),))
    assert long.year(date(2027, 1, 1)).months == 15
    assert long.year(date(2027, 4, 1)).last == date(2027, 12, 31)
    terms = Terms(Method.DECLINING, rate=Fraction(2, 5))
    assert by_year(segment(terms, cost=1000, on=date(2026, 1, 1)), change)[0] == 200


def test_half_year_of_a_short_year_is_a_quarter() -> None:
    change = Calendar(first_month=7, stated=((date(2026, 1, 1), date(2026, 6, 30)),))
    of = segment(line(12, convention=Convention.HALF_YEAR), cost=1200)
    assert accrued(of, change, date(2026, 6, 30)) == 300


# --- rounding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rounding", "charges"),
    [
        (Rounding(), [143, 143, 143, 142, 143, 143, 143]),
        (Rounding(Mode.DOWN), [142, 143, 143, 143, 143, 143, 143]),
        (Rounding(Mode.UP), [143, 143, 143, 143, 143, 143, 142]),
        (Rounding(what=Rounded.CHARGE, step=Step.PERIOD), [143] * 6 + [142]),
        (Rounding(Mode.DOWN, what=Rounded.CHARGE, step=Step.PERIOD), [142] * 6 + [148]),
        (Rounding(unit=100), [100, 200, 100, 200, 100, 200, 100]),
    ],
)
def test_rounding_of_1000_in_seven_months(rounding: Rounding, charges: list[int]) -> None:
    of = segment(line(7, rounding=rounding), cost=1000, on=date(2026, 1, 1))
    assert [row.charge for row in schedule(of, YEARS)] == charges


def test_a_rate_is_rounded_before_it_is_used() -> None:
    """Double declining over 3 years: 66.667 % instead of two thirds."""
    terms = Terms(Method.DECLINING, life_months=Fraction(36), factor=Fraction(2), rate_decimals=5)
    of = segment(terms, cost=100_000_00, residual=10_000_00, on=date(2030, 1, 1))
    assert by_year(of) == [66_667_00, 22_222_11, 1_110_89]


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "field", "rule"),
    [
        (lambda: line(0), "life_months", "positive"),
        (lambda: line(12_001), "life_months", "too_long"),
        (lambda: Terms(Method.STRAIGHT_LINE), "life_months", "required"),
        (lambda: Terms(Method.STRAIGHT_LINE, rate=Fraction(0)), "rate", "positive"),
        (lambda: Terms(Method.DECLINING), "rate", "required"),
        (lambda: Terms(Method.DECLINING, rate=Fraction(1), factor=Fraction(2)), "factor", "one_of"),
        (lambda: Terms(Method.DECLINING, rate=Fraction(1), switches_to_straight_line=True), "life_months", "required"),
        (lambda: Terms(Method.DECLINING, rate=Fraction(1), guarantee_rate=Fraction(1)), "revised_rate", "required"),
        (lambda: Terms(Method.ANNUITY, life_months=Fraction(1)), "rate", "required"),
        (lambda: Terms(Method.SUM_OF_DIGITS), "life_months", "required"),
        (lambda: Terms(Method.UNITS), "total_units", "required"),
        (lambda: Terms(Method.UNITS, total_units=Fraction(0)), "total_units", "positive"),
        (lambda: Terms(Method.TABLE), "table", "required"),
        (lambda: Terms(Method.AMOUNTS, amounts=(-1,)), "amounts", "required"),
        (lambda: Terms(Method.NONE, convention=Convention.DAILY_LIFE), "life_months", "required"),
        (lambda: Rounding(unit=0), "rounding", "unit"),
        (lambda: Segment(date(2026, 1, 2), date(2026, 1, 1), 1, 1, 0, line()), "starts_on", "order"),
        (lambda: segment(line(), cost=-1), "cost", "not_negative"),
        (lambda: segment(line(), residual=-1), "residual", "not_negative"),
    ],
)  # fmt: skip
def test_terms_that_are_none_are_refused(make: Callable[[], object], field: str, rule: str) -> None:
    with pytest.raises(TermsError) as refused:
        make()
    assert (refused.value.field, refused.value.rule) == (field, rule)


def test_no_rate_takes_a_balance_down_to_zero() -> None:
    of = segment(Terms(Method.DECLINING, life_months=Fraction(60)))
    with pytest.raises(TermsError) as refused:
        accrued(of, YEARS, date(2027, 1, 1))
    assert (refused.value.field, refused.value.rule) == ("rate", "residual")


@pytest.mark.parametrize(
    "stated",
    [
        ((date(2026, 2, 1), date(2026, 1, 1)),),
        ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 6, 30), date(2026, 12, 31))),
    ],
)
def test_years_follow_each_other(stated: tuple[tuple[date, date], ...]) -> None:
    with pytest.raises(CalendarError):
        Calendar(stated=stated)
