"""Impairment, value in use, units and disposal groups: published figures, and properties that must hold for any."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.calc.impairment import calc_impairment
from wherewithal.core.calc.impairment_schema import ANSWER, CASE
from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.impairment.assess import Impairment, impair, recoverable_amount, reversal
from wherewithal.core.impairment.unit import UnitAsset, UnitReversal, allocate_loss, allocate_reversal
from wherewithal.core.impairment.value_in_use import FlowTiming, RateError, Terminal, value_in_use
from wherewithal.core.measurement.held_for_sale import (
    GroupAsset,
    allocate_group,
    ceased,
    measure,
    remeasure,
)

COUNTRY_A = [230, 253, 273, 290, 304, 313, 307, 289, 245, 184, 61]


def answer(**case: Any) -> dict[str, Any]:
    jsonschema_rs.validator_for(CASE).validate(loads(dumps(case)))
    found = calc_impairment(loads(dumps(case)))
    jsonschema_rs.validator_for(ANSWER).validate(loads(dumps(found)))
    assert "ignored" not in found
    return found


def test_ias36_example_2_as_its_working_paper_adds_up() -> None:
    """Each flow rounded: 200 + 191 + 180 + 166 + 151 + 135 + 115 + 94 + 70 + 45 + 13 = 1,360; exactly 1,361.2."""
    found = answer(
        goodwill=1000,
        identifiable_assets=1833,
        cash_flows=COUNTRY_A,
        discount_rate=Decimal("0.15"),
        fvlcd="not determinable",
        round_each_flow=True,
    )
    assert found["present_values"] == [200, 191, 180, 166, 151, 135, 115, 94, 70, 45, 13]
    assert found["value_in_use"] == 1360
    assert (found["impairment"], found["to_goodwill"], found["to_identifiable_assets"]) == (1473, 1000, 473)
    exact = answer(cash_flows=COUNTRY_A, discount_rate="15%", currency_decimals=1)
    assert exact["value_in_use"] == Decimal("1361.2")


def test_ias36_example_4_goodwill_stays_and_the_ceiling_holds() -> None:
    """Two years later 1,910 are recoverable; carried 1,113, and 1,500 had nothing been impaired: 387 come back."""
    found = answer(
        carrying=1113, recoverable_amount=1910, original_cost=2000, original_life_years=12, years_used=3
    )
    assert (found["reversal"], found["carrying_after"], found["not_reversed"]) == (387, 1500, 410)


def test_a_loss_stops_at_an_assets_own_fair_value() -> None:
    """CPA PASS review 2023, p. 181: building 600,000 (worth 550,000), equipment 300,000, furniture 100,000; loss
    100,000: 50,000, 37,500, 12,500."""
    found = answer(
        recoverable_amount=900000,
        assets=[
            {"name": "building", "carrying": 600000, "fvlcd": 550000},
            {"name": "equipment", "carrying": 300000},
            {"name": "furniture", "carrying": 100000},
        ],
    )
    assert found["allocated"] == {"goodwill": 0, "building": 50000, "equipment": 37500, "furniture": 12500}


def test_value_in_use_with_growth_for_ever() -> None:
    """IFRScommunity's example: 5.48 %, 2 % growth, flows in mid-year; 1,971 for the five years, about 10,000 after.

    The published flows are rounded to whole units, so its total of 11,970 is met to a thousandth.
    """
    found = answer(
        cash_flows=[416, 445, 459, 459, 474],
        terminal_year_cash_flow=434,
        wacc="5.48%",
        perpetuity_growth_rate="2%",
        timing="mid",
    )
    assert found["present_value_of_forecast"] == 1971
    assert abs(found["value_in_use"] - 11970) <= 12


def test_terminal_values_by_hand() -> None:
    """10 %: 100 a year for ever from year 1 on is 1,000; growing 5 % a year 2,000; at 21 in one year 100 twice."""
    for_ever = value_in_use([100], Fraction(1, 10), terminal=Terminal(Fraction(100), Fraction(0)))
    assert (for_ever.value, for_ever.forecast, for_ever.terminal) == (1000, 91, 909)
    growing = value_in_use([100], Fraction(1, 10), terminal=Terminal(Fraction(105), Fraction(1, 20)))
    assert growing.value == 2000
    stated = answer(cash_flows=[110], discount_rate="10%", terminal_value=1100)
    assert stated["value_in_use"] == 1100
    grown = answer(cash_flows=[100], discount_rate="10%", terminal_growth="5%")
    assert grown["value_in_use"] == 2000


def test_flows_at_the_start_of_their_years() -> None:
    assert value_in_use([100, 110], Fraction(1, 10), timing=FlowTiming.START).value == 200


def test_growth_must_stay_below_the_rate() -> None:
    with pytest.raises(RateError):
        value_in_use([1], Fraction(2, 100), terminal=Terminal(Fraction(1), Fraction(2, 100)))
    with pytest.raises(RateError):
        value_in_use([1], Fraction(-1))


def test_one_asset() -> None:
    assert impair(100, 70, surplus=20) == Impairment(30, 20, 10)
    assert impair(100, 120, surplus=20) == Impairment(0, 0, 0)
    assert [reversal(70, value, 95) for value in (60, 80, 100)] == [0, 10, 25]
    assert recoverable_amount(None, 5) == 5
    assert recoverable_amount(7, 5) == 7
    with pytest.raises(ValueError, match="must be known"):
        recoverable_amount(None, None)


def test_what_nobody_can_bear_is_not_recognised() -> None:
    found = allocate_loss(10, [UnitAsset("a", 100, fvlcd=95), UnitAsset("stock", 50, outside=True)], 20)
    assert (found.loss, found.goodwill, found.shares, found.unallocated) == (
        140,
        10,
        {"a": 5, "stock": 0},
        125,
    )


def test_rounds_of_sharing_out() -> None:
    """Loss 90 over 100, 100, 100 with floors 95, 80, 0: 30 each; 5 and then 20 is all the first two bear."""
    assets = [UnitAsset("a", 100, fvlcd=95), UnitAsset("b", 100, value_in_use=80), UnitAsset("c", 100)]
    found = allocate_loss(0, assets, 210)
    assert found.shares == {"a": 5, "b": 20, "c": 65}
    assert found.rounds >= 2


def test_the_reversal_of_a_unit() -> None:
    """60 come back over 100 and 50 in proportion, the second only up to its ceiling of 55."""
    found = allocate_reversal([UnitReversal("a", 100, 200), UnitReversal("b", 50, 55)], 210)
    assert found == {"a": 55, "b": 5}
    said = answer(
        goodwill=7,
        recoverable_amount=217,
        assets=[
            {"name": "a", "carrying": 100, "unimpaired": 200},
            {"name": "b", "carrying": 50, "unimpaired": 55},
        ],
    )
    assert (said["reversal"], said["after"]) == (60, {"goodwill": 7, "a": 155, "b": 55})


def test_a_disposal_group_below_its_other_assets() -> None:
    """Only what IFRS 5 measures is written down; liabilities are part of the group."""
    found = allocate_group(
        5, [GroupAsset("plant", 20), GroupAsset("stock", 100, measured_here=False)], 40, liabilities=10
    )
    assert (found.loss, found.goodwill, found.shares, found.unallocated) == (
        75,
        5,
        {"plant": 20, "stock": 0},
        50,
    )
    assert found.impairment == 25


def test_held_for_sale() -> None:
    assert (measure(100, 80), measure(100, 120)) == (20, 0)
    assert [remeasure(80, value, 20) for value in (70, 90, 120)] == [-10, 10, 20]
    assert (ceased(70, 90), ceased(70, 60)) == (70, 60)


assets_of_units = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.none() | st.integers(0, 12_000),
        st.none() | st.integers(0, 12_000),
        st.booleans(),
    ),
    max_size=8,
)


@given(assets_of_units, st.integers(0, 5_000), st.integers(-100, 60_000))
def test_a_loss_is_shared_out_within_all_bounds(
    raw: list[tuple[int, int | None, int | None, bool]], goodwill: int, recoverable: int
) -> None:
    """Exact sum, no floor broken, goodwill first, and in proportion among those that no floor held."""
    assets = [UnitAsset(number, *each) for number, each in enumerate(raw)]
    found = allocate_loss(goodwill, assets, recoverable)
    assert found.loss == max(goodwill + sum(each.carrying for each in assets) - recoverable, 0)
    assert found.goodwill + sum(found.shares.values()) + found.unallocated == found.loss
    assert found.goodwill == min(goodwill, found.loss)
    for asset in assets:
        assert 0 <= found.shares[asset.key] <= asset.room
    free = [each for each in assets if found.shares[each.key] < each.room]
    assert not free or not found.unallocated
    ratios = [Fraction(found.shares[each.key], each.carrying) for each in free if each.carrying > 100]
    if len(ratios) > 1:
        assert max(ratios) - min(ratios) <= Fraction(3, 100)


@given(st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 9_999)), max_size=8), st.integers(0, 99_999))
def test_a_reversal_never_exceeds_what_would_be_carried(raw: list[tuple[int, int]], recoverable: int) -> None:
    assets = [UnitReversal(number, *each) for number, each in enumerate(raw)]
    found = allocate_reversal(assets, recoverable)
    assert sum(found.values()) <= max(recoverable - sum(each.carrying for each in assets), 0)
    for asset in assets:
        assert 0 <= found[asset.key] <= max(asset.unimpaired - asset.carrying, 0)


@pytest.mark.parametrize(
    ("case", "where", "rule"),
    [
        ({}, "carrying", "form"),
        ({"cash_flows": [1]}, "discount_rate", "required"),
        ({"cash_flows": [1], "rate": "2%", "growth": "2%"}, "discount_rate", "rate"),
        ({"carrying": 5}, "recoverable_amount", "required"),
        ({"carrying": 5, "carrying_amount": 5, "viu": 3}, "carrying_amount", "once"),
        ({"goodwill": 5, "recoverable": 3}, "identifiable_assets", "required"),
        ({"assets": [{"carrying": 5}], "recoverable": 3}, "assets[0].name", "text"),
        ({"assets": [{"name": "a"}], "recoverable": 3}, "assets[0].carrying", "required"),
        (
            {"assets": [{"name": "a", "carrying": 1, "colour": 1}], "recoverable": 3},
            "assets[0].colour",
            "unknown",
        ),
        ({"assets": [{"name": "a", "carrying": 1}] * 2, "recoverable": 3}, "assets", "unique"),
        ({"fvlcts": 5}, "assets", "required"),
    ],
)
def test_what_cannot_be_answered_says_where_and_why(case: dict[str, Any], where: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        calc_impairment(case)
    assert (caught.value.where, caught.value.rule) == (where, rule)


@pytest.mark.parametrize(
    ("case", "where"),
    [
        ({"carrying": 100, "recoverable": -5}, "recoverable"),
        ({"carrying": 100, "value_in_use": -5}, "value_in_use"),
        ({"carrying": 100, "viu": 20, "fvlcd": -1}, "fvlcd"),
        ({"carrying": 100, "fair_value": -1, "costs_to_sell": 1}, "fair_value"),
        ({"carrying": 100, "fair_value": 1, "costs_to_sell": -1}, "costs_to_sell"),
        ({"assets": [{"name": "a", "carrying": 9, "fvlcd": -1}], "recoverable": 3}, "assets[0].fvlcd"),
        (
            {"assets": [{"name": "a", "carrying": 9, "value_in_use": -1}], "recoverable": 3},
            "assets[0].value_in_use",
        ),
    ],
)
def test_nothing_below_zero_is_recoverable(case: dict[str, Any], where: str) -> None:
    with pytest.raises(CaseError) as caught:
        calc_impairment(case)
    assert (caught.value.where, caught.value.rule) == (where, "not_negative")


def test_what_only_costs_money_recovers_nothing() -> None:
    """Flows of -10 and -10, or costs of disposal above the price: the loss is what was carried, no more."""
    for case in (
        {"carrying": 100, "cash_flows": [-10, -10], "discount_rate": 0},
        {"carrying": 100, "fair_value": 5, "costs_to_sell": 8},
    ):
        answer = calc_impairment(case)
        assert (answer["recoverable_amount"], answer["impairment"], answer["carrying_after"]) == (0, 100, 0)
