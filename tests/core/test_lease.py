"""Leases of a lessee: published examples (figures only, with their source), and properties that must hold for any."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.lease import calc_lease
from wherewithal.core.calc.lease_schema import ANSWER, CASE
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.discounting import Compounding, add_months
from wherewithal.core.lease.kinds import LEASE_KINDS, LeaseKind, LeaseRow
from wherewithal.core.lease.rows import lease_rows, month_ends, run_lease
from wherewithal.core.lease.terms import (
    ChangeKind,
    Lease,
    LeaseChange,
    LeaseError,
    Payment,
    ScopeBasis,
    Standard,
    regular_payments,
)

START = date(2020, 1, 1)


def answer(**case: Any) -> dict[str, Any]:
    jsonschema_rs.validator_for(CASE).validate(loads(dumps(case)))
    found = calc_lease(loads(dumps(case)))
    jsonschema_rs.validator_for(ANSWER).validate(loads(dumps(found)))
    assert "ignored" not in found
    return found


def whole(found: dict[str, Any], *names: str) -> tuple[int, ...]:
    return tuple(round(found[name]) for name in names)


# --- IFRS 16, illustrative examples -----------------------------------------------------------------------------


def test_ifrs16_example_13_commencement() -> None:
    """10 years, 50,000 in advance, 5 %; direct costs 20,000, incentive 5,000 (ifrs.org, IFRS 16 IE5)."""
    found = answer(
        term_years=10,
        payments_in_advance=50000,
        ibr=Decimal("0.05"),
        initial_direct_costs=20000,
        lease_incentive=5000,
    )
    assert whole(found, "lease_liability", "rou_asset") == (355391, 420391)
    line = found["schedule"][1]
    assert whole(line, "opening", "payment", "interest", "closing") == (373161, 50000, 16158, 339319)
    assert found["schedule"][-1]["closing"] == found["schedule"][-1]["rou_closing"] == 0


def test_ifrs16_example_13_longer_term_at_a_new_rate() -> None:
    """End of year 6: 4 x 50,000 and 5 x 55,000 in advance at 6 % are 378,174."""
    found = answer(
        term_years=10,
        payments_in_advance=50000,
        ibr="5%",
        changes=[
            {
                "kind": "reassessment",
                "after_years": 6,
                "payments": [{"amount": 50000, "count": 4}, {"amount": 55000, "count": 5}],
                "rate": "6%",
            }
        ],
    )
    change = found["changes"][0]
    assert round(change["liability_after"]) == 378174
    assert change["adjustment"] == change["liability_after"] - change["liability_before"]
    assert change["rou_after"] == change["rou_before"] + change["adjustment"]
    assert len(found["schedule"]) == 15
    assert found["schedule"][-1]["closing"] == found["schedule"][-1]["rou_closing"] == 0


def test_ifrs16_example_14_payments_follow_an_index() -> None:
    """Index from 125 to 135: 50,000 become 54,000, the rate stays; 366,464 less 339,319 goes to the asset."""
    found = answer(
        term_years=10,
        payments_in_advance=50000,
        ibr=Decimal("0.05"),
        changes=[{"kind": "index", "at_beginning_of_year": 3, "index_from": 125, "index_to": 135}],
    )
    change = found["changes"][0]
    assert whole(change, "liability_before", "liability_after", "adjustment") == (339319, 366464, 27145)
    assert found["schedule"][2]["payment"] == 54000


def test_ifrs16_example_16_longer_contract() -> None:
    """10 x 100,000 in arrears at 6 %; at the beginning of year 7 four more years, 7 %: 346,511 become 597,130."""
    found = answer(
        term_years=10,
        payments=100000,
        ibr=Decimal("0.06"),
        changes=[
            {
                "kind": "modification",
                "at_beginning_of_year": 7,
                "extended_by_years": 4,
                "payments": 100000,
                "rate": Decimal("0.07"),
            }
        ],
    )
    change = found["changes"][0]
    assert whole(change, "liability_before", "liability_after", "adjustment") == (346511, 597130, 250619)


def test_ifrs16_example_17_less_space() -> None:
    """Half the space goes at the beginning of year 6: gain 13,308, then 30,000 a year at 5 % (129,884)."""
    found = answer(
        term_years=10,
        payments=50000,
        ibr=Decimal("0.06"),
        changes=[
            {
                "kind": "modification",
                "at_beginning_of_year": 6,
                "scope_decrease": Decimal("0.5"),
                "payments": 30000,
                "rate": Decimal("0.05"),
            }
        ],
    )
    change = found["changes"][0]
    assert whole(change, "rou_before", "liability_before") == (184002, 210618)
    assert whole(change, "rou_decrease", "liability_decrease", "gain") == (92001, 105309, 13308)
    assert whole(change, "liability_after", "adjustment") == (129884, 24575)


def test_ifrs16_example_18_shorter_and_larger() -> None:
    """Term from ten to eight years: two fifths of the asset (147,202) and 153,935 of the liability go, gain 6,733."""
    found = answer(
        term_years=10,
        payments=100000,
        ibr=Decimal("0.06"),
        changes=[
            {
                "kind": "modification",
                "at_beginning_of_year": 6,
                "remaining_years": 3,
                "payments": 150000,
                "rate": Decimal("0.07"),
            }
        ],
    )
    change = found["changes"][0]
    assert whole(change, "rou_decrease", "liability_decrease", "gain") == (147202, 153935, 6733)
    assert round(change["liability_after"]) == 393647


def test_ifrs16_example_19_other_price() -> None:
    """95,000 instead of 100,000 at 7 % from year 6: 421,236 become 389,519 (ifrscommunity.com gives 389,518.8)."""
    found = answer(
        term_years=10,
        payments=100000,
        ibr=Decimal("0.06"),
        changes=[{"kind": "modification", "at_beginning_of_year": 6, "factor": "0.95", "rate": "7%"}],
    )
    change = found["changes"][0]
    assert whole(change, "liability_before", "liability_after", "gain") == (421236, 389519, 0)
    assert round(change["adjustment"], 1) == Decimal("-31717.6")


def test_ifrs16_example_24_sale_and_leaseback() -> None:
    found = answer(
        carrying=1000000,
        fair_value=1800000,
        proceeds=2000000,
        payments=120000,
        years=18,
        rate=Decimal("0.045"),
    )
    assert whole(found, "additional_financing", "lease_part", "rou") == (200000, 1259199, 699555)
    assert whole(found, "gain_on_rights_retained", "gain_recognised") == (559644, 240356)


def test_a_sale_and_leaseback_at_fair_value_and_below() -> None:
    """At fair value (pv stated): 1,000,000 x 1,459,200 / 1,800,000. Below it the difference is rent paid ahead."""
    level = answer(carrying=1000000, fair_value=1800000, pv_payments=1459200)
    assert whole(level, "rou", "gain_recognised", "prepayment") == (810667, 151467, 0)
    below = answer(carrying=1000000, fair_value=1800000, proceeds=1700000, pv_payments=1359200)
    assert (below["prepayment"], below["lease_part"]) == (100000, 1459200)
    assert below["gain_recognised"] == level["gain_recognised"]
    for found, proceeds in ((level, 1800000), (below, 1700000)):
        debits = proceeds + found["rou"]
        assert debits == 1000000 + found["liability"] + found["gain_recognised"]


def test_a_sale_that_is_none_is_a_loan_and_us_gaap_recognises_the_whole_gain() -> None:
    loan = answer(carrying=100, fair_value=180, proceeds=170, pv_payments=100, is_sale=False)
    assert (loan["liability"], loan["rou"], loan["gain_recognised"]) == (170, 0, 0)
    american = answer(
        carrying=100, fair_value=180, pv_payments=100, standard="asc842", classification="operating"
    )
    assert (american["rou"], american["gain_recognised"]) == (100, 80)


def test_rights_kept_may_be_stated_as_a_share() -> None:
    """IFRS 16 example 25: a quarter is kept: 250,000 of 1,000,000, 600,000 of 800,000 are recognised."""
    found = answer(carrying=1000000, fair_value=1800000, retained=Decimal("0.25"))
    assert whole(found, "rou", "liability", "gain_recognised") == (250000, 450000, 600000)


# --- ASC 842 ----------------------------------------------------------------------------------------------------


def test_an_operating_lease_remeasured_for_a_renewal() -> None:
    """PwC lease guide, example 5-2: 104,000 twice and 114,400 three times in advance at 6 %."""
    found = answer(
        standard="asc842",
        classification="operating",
        liability_before=195238,
        rou_before=199238,
        payments_in_advance=[104000, 104000, 114400, 114400, 114400],
        rate=Decimal("0.06"),
    )
    assert whole(found, "liability_after", "adjustment", "rou_after") == (490597, 295359, 494597)
    assert found["annual_lease_cost"] == 111040


def test_an_operating_lease_costs_the_same_every_year() -> None:
    """10,000, 12,000, 14,000 in arrears at 6 %: 12,000 a year; the asset takes what interest leaves."""
    found = answer(
        standard="asc842_operating",
        payments=[10000, 12000, 14000],
        rate=Decimal("0.06"),
        initial_direct_costs=300,
    )
    assert found["lease_liability"] == Decimal("31868.59")  # 9433.96 + 10679.96 + 11754.67
    assert [line["lease_cost"] for line in found["schedule"]] == [Decimal(12100)] * 3
    assert [line["closing"] for line in found["schedule"]][-1] == 0
    assert [line["rou_closing"] for line in found["schedule"]][-1] == 0
    first = found["schedule"][0]
    assert first["depreciation"] == first["lease_cost"] - first["interest"]


def test_under_us_gaap_an_index_is_a_variable_cost() -> None:
    found = answer(
        standard="asc842_operating",
        term_years=4,
        payments=1000,
        rate=Decimal("0.05"),
        changes=[{"kind": "index", "after_years": 2, "factor": Decimal("1.1")}],
    )
    assert found["changes"][0]["adjustment"] == 0
    assert [line.get("variable_cost", 0) for line in found["schedule"]] == [0, 0, 100, 100]
    assert {line["lease_cost"] for line in found["schedule"]} == {Decimal(1000)}


def test_an_impaired_operating_lease_is_amortised_evenly() -> None:
    lease = yearly([1000] * 4, standard=Standard.ASC842_OPERATING)
    change = LeaseChange("i", add_months(START, 24), ChangeKind.IMPAIRMENT, amount=50_000)
    run = run_lease(lease, [change], lease.ends_on, [])
    last = run.stretches[-1]
    assert last.used_by(add_months(START, 36) - timedelta(days=1)) * 2 in (
        last.carrying,
        last.carrying + 1,
        last.carrying - 1,
    )
    assert balances(run.rows)["lease_liability"] == 0


# --- terms of every kind ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compounding", "first_interest"),
    [("effective", "95.40"), ("nominal", "98.00"), ("periodic", "1176.00")],
)
def test_what_a_rate_means_is_said(compounding: str, first_interest: str) -> None:
    """Liability of 24 months at 1,000 in arrears; the first month's interest by hand from the first liability."""
    found = answer(
        term_months=24, monthly_payment=1000, timing="arrears", rate=Decimal("0.06"), compounding=compounding
    )
    monthly = {
        "effective": Decimal("1.06") ** (Decimal(1) / 12) - 1,
        "nominal": Decimal("0.005"),
        "periodic": Decimal("0.06"),
    }
    value = sum(1000 / (1 + monthly[compounding]) ** n for n in range(1, 25))
    assert found["lease_liability"] == round(value, 2)
    assert found["schedule"][0]["interest"] == round(value * monthly[compounding], 2)
    assert found["years"][1]["closing"] == 0


def test_payments_on_stated_days_are_discounted_by_days() -> None:
    """100 a year (365 days) and two years later at 10 %: 90.91 and 82.64."""
    found = answer(
        commencement_on="2021-01-01",
        payments=[{"on": "2022-01-01", "amount": 100}, {"on": "2023-01-01", "amount": 100}],
        rate=Decimal("0.1"),
    )
    assert found["lease_liability"] == Decimal("173.55")
    assert found["schedule"][-1]["to"] == "2022-12-31"


def test_residual_guarantee_and_purchase_option_are_paid_at_the_end() -> None:
    found = answer(
        term_years=2,
        payments=100,
        rate=Decimal("0.1"),
        residual_guarantee=21,
        purchase_option=Decimal("12.1"),
        useful_life_years=5,
    )
    assert found["lease_liability"] == Decimal("200.91")  # 173.55 + 17.36 + 10.00
    assert found["annual_rou_depreciation"] == Decimal("40.18"), (
        "over the life, the asset will be the lessee's own"
    )


def test_a_short_life_shortens_depreciation_only() -> None:
    found = answer(term_years=4, payments=100, rate=0, useful_life_years=2)
    assert [line["depreciation"] for line in found["schedule"]] == [200, 200, 0, 0]
    assert [line["closing"] for line in found["schedule"]] == [300, 200, 100, 0]


def test_short_term_and_low_value_leases_have_an_even_cost_and_no_liability() -> None:
    """Six months, the first one free: 500 in equal parts."""
    found = answer(exemption="short_term", frequency="monthly", payments=[0, 100, 100, 100, 100, 100])
    assert [line["lease_cost"] for line in found["schedule"]][:2] == [Decimal("83.33"), Decimal("83.34")]
    assert sum(line["lease_cost"] for line in found["schedule"]) == 500
    assert [line["prepaid"] for line in found["schedule"]][-1] == 0
    assert "lease_liability" not in found


def test_a_lease_ended_early_leaves_a_gain_or_loss() -> None:
    """After one of two years: liability 100 / 1.1, asset half of 173.55; a penalty of 20 is part of the loss."""
    found = answer(
        term_years=2,
        payments=100,
        rate=Decimal("0.1"),
        changes=[{"kind": "termination", "after_years": 1, "penalty": 20}],
    )
    change = found["changes"][0]
    assert (change["liability_before"], change["rou_before"]) == (Decimal("90.91"), Decimal("86.77"))
    assert change["gain"] == Decimal("90.91") - Decimal("86.77") - 20
    assert len(found["schedule"]) == 1


def test_an_asset_that_is_bought_stays_and_is_used_on() -> None:
    lease = yearly([100] * 3, standard=Standard.ASC842_OPERATING)
    change = LeaseChange(
        "buy",
        add_months(START, 24),
        ChangeKind.PURCHASE,
        amount=12_000,
        life_ends_on=add_months(START, 60) - timedelta(days=1),
    )
    rows = lease_rows(lease, [change], add_months(START, 120), [])
    found = balances(rows)
    assert found["lease_liability"] == 0
    assert found["asset_cost"] == -found["accumulated_depreciation"] > 0, (
        "used up by the end of its life, still there"
    )
    assert any(row.kind is LeaseKind.DEPRECIATION and row.on == date(2024, 12, 31) for row in rows)


def test_a_decrease_beyond_the_asset_is_a_gain() -> None:
    """After all depreciation but a year, an index takes payments to almost nothing."""
    lease = yearly([100] * 3, life_ends_on=add_months(START, 25) - timedelta(days=1))
    change = LeaseChange("i", add_months(START, 24), ChangeKind.INDEX, factor=Fraction(1, 100))
    run = run_lease(lease, [change], lease.ends_on, [])
    outcome = run.outcomes["i"]
    assert outcome.rou_after == 0
    assert outcome.gain == outcome.liability_before - outcome.liability_modified - outcome.rou_before > 0
    assert balances(run.rows)["lease_liability"] == 0


def test_scope_by_liability() -> None:
    """The asset shrinks as much as the liability does (a policy ASC 842 leaves open)."""
    lease = yearly([100] * 4, in_advance=False)
    shorter = LeaseChange(
        "m",
        add_months(START, 12),
        ChangeKind.MODIFICATION,
        ends_on=add_months(START, 24) - timedelta(days=1),
        basis=ScopeBasis.LIABILITY,
    )
    outcome = run_lease(lease, [shorter], lease.ends_on, []).outcomes["m"]
    left = Fraction(outcome.rou_before - outcome.rou_decrease, outcome.rou_before)
    owed = Fraction(outcome.liability_before - outcome.liability_decrease, outcome.liability_before)
    assert abs(left - owed) < Fraction(1, 10_000)


# --- properties -------------------------------------------------------------------------------------------------


def yearly(amounts: list[int], *, in_advance: bool = False, **more: Any) -> Lease:
    """Amounts in whole units, a 5 % rate."""
    payments = regular_payments(START, [each * 100 for each in amounts], 12, in_advance=in_advance)
    ends_on = add_months(START, 12 * len(amounts)) - timedelta(days=1)
    return Lease(START, ends_on, payments, Fraction(5, 100), 12, **more)


def balances(rows: list[LeaseRow]) -> Counter[str]:
    """Debits less credits of each account."""
    found: Counter[str] = Counter()
    for row in rows:
        rule = LEASE_KINDS[row.kind]
        found[rule.debit] += row.amount
        found[rule.credit] -= row.amount
    return found


@st.composite
def leases(draw: st.DrawFn) -> Lease:
    months = draw(st.sampled_from([1, 3, 6, 12]))
    count = draw(st.integers(1, 24))
    amounts = draw(st.lists(st.integers(0, 500_000), min_size=count, max_size=count))
    start = draw(st.dates(date(2019, 1, 1), date(2024, 12, 31)))
    ends_on = add_months(start, months * count) - timedelta(days=1)
    return Lease(
        start,
        ends_on,
        regular_payments(start, amounts, months, in_advance=draw(st.booleans())),
        draw(st.fractions(0, Fraction(1, 4), max_denominator=1000)),
        months,
        draw(st.sampled_from(list(Compounding))),
        draw(st.sampled_from(list(Standard))),
        direct_costs=draw(st.integers(0, 10_000)),
        life_ends_on=draw(st.sampled_from([None, add_months(start, 5)])),
    )


@st.composite
def changes_of(draw: st.DrawFn, lease: Lease) -> list[LeaseChange]:
    days = draw(st.lists(st.dates(lease.commencement_on, lease.ends_on), max_size=3, unique=True))
    found = []
    for number, day in enumerate(sorted(days)):
        kind = draw(st.sampled_from([ChangeKind.INDEX, ChangeKind.REASSESSMENT, ChangeKind.MODIFICATION]))
        new_rate = st.sampled_from([None, Fraction(3, 100), Fraction(9, 100)])
        found.append(
            LeaseChange(
                str(number),
                day,
                kind,
                factor=draw(st.sampled_from([None, Fraction(11, 10), Fraction(1, 2)])),
                rate=None if kind is ChangeKind.INDEX else draw(new_rate),
                retained=draw(st.sampled_from([Fraction(1), Fraction(2, 3)]))
                if kind is ChangeKind.MODIFICATION
                else Fraction(1),
            )
        )
    if draw(st.booleans()) and days:
        found.append(LeaseChange("end", max(days), ChangeKind.TERMINATION, penalty=draw(st.integers(0, 99))))
    return found


def test_two_changes_of_one_day_after_the_asset_is_used_up() -> None:
    """5 a year hence, the right used up in half a year; indexed to 6 and ended on the same day: nothing is left."""
    lease = Lease(
        commencement_on=date(2019, 1, 1),
        ends_on=date(2020, 12, 31),
        payments=(Payment(on=date(2020, 12, 31), amount=5, at_end=True),),
        rate=Fraction(0),
        life_ends_on=date(2019, 6, 1),
    )
    changes = [
        LeaseChange(key="0", on=date(2020, 1, 1), kind=ChangeKind.INDEX, factor=Fraction(11, 10)),
        LeaseChange(key="end", on=date(2020, 1, 1), kind=ChangeKind.TERMINATION),
    ]
    found = balances(lease_rows(lease, changes, date(2060, 1, 1), []))
    assert {found[name] for name in ("lease_liability", "asset_cost", "accumulated_depreciation")} == {0}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_in_the_end_nothing_is_left_but_what_was_paid(data: st.DataObject) -> None:
    """Liability, asset, depreciation and accruals end at exactly zero; costs are what left the bank."""
    lease = data.draw(leases())
    found = balances(lease_rows(lease, data.draw(changes_of(lease)), date(2060, 1, 1), []))
    for account in ("lease_liability", "asset_cost", "accumulated_depreciation", "lease_accrual"):
        assert found[account] == 0, account
    costs = sum(
        found[account]
        for account in ("lease_interest", "depreciation_expense", "lease_expense", "disposal_gain")
    )
    assert costs == -found["asset_clearing"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_how_often_periods_end_does_not_matter(data: st.DataObject) -> None:
    """Monthly or not at all: the same balances at the end of any month in which both have a cut."""
    lease = data.draw(leases())
    changes = data.draw(changes_of(lease))
    ends = month_ends(lease.commencement_on, lease.ends_on)
    day = data.draw(st.sampled_from(ends)) if ends else lease.ends_on
    often = lease_rows(lease, changes, day, ends)
    seldom = lease_rows(lease, changes, day, [day])
    assert {name: amount for name, amount in balances(often).items() if amount} == {
        name: amount for name, amount in balances(seldom).items() if amount
    }


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_order_in_which_changes_are_told_does_not_matter(data: st.DataObject) -> None:
    lease = data.draw(leases())
    changes = data.draw(changes_of(lease))
    shuffled = data.draw(st.permutations(changes))
    ends = month_ends(lease.commencement_on, lease.ends_on)
    assert lease_rows(lease, changes, lease.ends_on, ends) == lease_rows(lease, shuffled, lease.ends_on, ends)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rows_only_ever_grow_with_the_horizon(data: st.DataObject) -> None:
    """What is due by a day is the beginning of what is due later, except for the day's own cuts by a change ahead."""
    lease = data.draw(leases())
    ends = month_ends(lease.commencement_on, lease.ends_on)
    horizon = data.draw(st.dates(lease.commencement_on, lease.ends_on))
    early = lease_rows(lease, [], horizon, ends)
    late = lease_rows(lease, [], lease.ends_on, ends)
    assert early == [row for row in late if row.on <= horizon and row.kind is not LeaseKind.RETIREMENT] or (
        horizon >= lease.ends_on
    )


@settings(max_examples=60, deadline=None)
@given(leases())
def test_the_liability_is_what_a_naive_present_value_says(lease: Lease) -> None:
    """By floats, payment by payment."""
    if lease.standard is Standard.EXEMPT:
        return
    run = run_lease(lease, [], lease.ends_on, [])
    rate = float(lease.interval_rate)
    advance = any(not payment.at_end for payment in lease.payments)
    naive = sum(
        payment.amount / (1 + rate) ** (number + (0 if advance else 1))
        for number, payment in enumerate(lease.payments)
        if number or not advance
    )
    assert run.stretches[0].liability == pytest.approx(naive, rel=1e-9, abs=0.51)


def test_a_month_end_lease_keeps_its_days() -> None:
    """From 31 January monthly: due on the last day where a month is shorter."""
    payments = regular_payments(date(2023, 1, 31), [1, 1, 1], 1, in_advance=True)
    assert [payment.on for payment in payments] == [date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31)]


@pytest.mark.parametrize(
    ("lease", "field"),
    [
        (Lease(START, START - timedelta(days=1), (), Fraction(0)), "ends_on"),
        (Lease(START, START, (Payment(START, 1),), Fraction(-1)), "rate"),
        (Lease(START, START, (), Fraction(0), 0, Compounding.PERIODIC), "compounding"),
        (Lease(START, START, (), Fraction(0), -1), "interval_months"),
        (Lease(START, START, (), Fraction(0), incentives=1), "incentives"),
    ],
)
def test_what_is_no_lease_is_refused(lease: Lease, field: str) -> None:
    with pytest.raises(LeaseError) as caught:
        lease_rows(lease, [], START, [])
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("case", "where", "rule"),
    [
        ({}, "payments", "required"),
        ({"payments": 5, "rate": 0.05}, "term_years", "required"),
        ({"payments": 5, "term_years": 5}, "rate", "required"),
        ({"payments": 5, "term_years": 5, "rate": 50}, "rate", "rate"),
        ({"payments": 5, "term_years": 5, "rate": "x"}, "rate", "number"),
        ({"payments": 5, "term_years": 5, "years": 5, "rate": 0.05}, "years", "once"),
        ({"payments": 5, "term_months": 5, "rate": 0.05}, "payments", "term"),
        ({"payments": [5, 5], "term_years": 5, "rate": 0.05}, "payments", "term"),
        ({"payments": "5.001", "term_years": 5, "rate": 0.05}, "payments", "currency_decimals"),
        ({"payments": 5, "term_years": 5, "rate": 0.05, "standard": "asc842"}, "classification", "required"),
        ({"payments": 5, "term_years": 5, "rate": 0.05, "standard": "ias17"}, "standard", "choice"),
        ({"payments": 5, "term_years": 5, "rate": 0.05, "commencement_on": "2024-02-30"}, "commencement_on", "date"),
        ({"payments": 5, "term_years": 5, "rate": 0.05, "changes": [{"kind": "x"}]}, "changes[0].kind", "choice"),
        ({"payments": 5, "term_years": 5, "rate": 0.05, "changes": [{"kind": "index"}]}, "changes[0].on", "required"),
        (
            {
                "payments": 5,
                "term_years": 5,
                "rate": 0.05,
                "changes": [{"kind": "modification", "after_years": 1, "extended_by_years": 1}],
            },
            "changes[0].payments",
            "required",
        ),
        ({"fair_value": 5, "carrying": 5}, "payments", "required"),
        ({"fair_value": 0, "carrying": 5, "pv_payments": 1}, "fair_value", "positive"),
        ({"liability_before": 5, "payments": 5, "years": 1, "rate": 0}, "rou_before", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_where_and_why(case: dict[str, Any], where: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        calc_lease(case)
    assert (caught.value.where, caught.value.rule) == (where, rule)


def test_a_misspelt_field_does_not_go_unnoticed() -> None:
    found = calc_lease({"payments": 5, "term_years": 1, "rate": 0, "inital_direct_costs": 3})
    assert found["ignored"] == ["inital_direct_costs"]
