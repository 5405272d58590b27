"""Revaluation, dismantling, grants, components, disposal: published figures, rules by hand, and properties."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.measurement import calc_measurement
from wherewithal.core.calc.measurement_schema import ANSWER, CASE
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.measurement.components import Component, ComponentError, remainder
from wherewithal.core.measurement.decommissioning import (
    Obligation,
    Remeasured,
    obligation_on,
    provision_at_start,
    remeasure_cost_model,
    remeasure_revalued,
)
from wherewithal.core.measurement.disposal import Disposal, dispose, part
from wherewithal.core.measurement.grants import Repayment, released, repay_deducted, repay_deferred
from wherewithal.core.measurement.revaluation import (
    Restatement,
    RevaluationError,
    Revalued,
    revalue,
    surplus_used,
)


def answer(**case: Any) -> dict[str, Any]:
    jsonschema_rs.validator_for(CASE).validate(loads(dumps(case)))
    found = calc_measurement(loads(dumps(case)))
    jsonschema_rs.validator_for(ANSWER).validate(loads(dumps(found)))
    assert "ignored" not in found
    return found


# --- revaluation ------------------------------------------------------------------------------------------------


def test_elimination_and_proportion() -> None:
    """Cost 1,000, depreciated 200, now worth 1,200: cost becomes 1,200, or both grow by half to 1,500 and 300."""
    before = Revalued(1000, 200)
    assert revalue(before, 1200, "elimination") == (200, -200, 400, 0)
    assert revalue(before, 1200, Restatement.PROPORTIONAL) == (500, 100, 400, 0)


def test_a_decrease_first_uses_the_surplus_and_an_increase_first_takes_back_losses() -> None:
    assert revalue(Revalued(900, 0, surplus=30), 800)[2:] == (-30, -70)
    assert revalue(Revalued(800, 0, loss=70), 900)[2:] == (30, 70)


def test_what_cannot_be_revalued() -> None:
    with pytest.raises(RevaluationError, match="zero or more"):
        revalue(Revalued(10, 0), -1)
    with pytest.raises(RevaluationError, match="elimination"):
        revalue(Revalued(10, 10), 5, Restatement.PROPORTIONAL)


def test_the_surplus_moves_as_the_asset_is_used() -> None:
    """400 of surplus in an asset of 1,200: with 150 depreciated 50 have moved; all of it in the end."""
    assert [surplus_used(400, depreciated, 1200) for depreciated in (0, 150, 1200, 1300)] == [0, 50, 400, 400]
    assert surplus_used(400, 0, 0) == 400


def test_revaluations_over_a_life() -> None:
    """1,000 over 10 years; 1,200 after 2 (surplus 400, 50 of it used a year); 500 after 4: 900 carried, 300 left."""
    found = answer(
        cost=1000,
        life_years=10,
        transfer_as_used=True,
        revaluations=[{"after_years": 2, "value": 1200}, {"after_years": 4, "value": 500}],
    )["revaluations"]
    assert [line["oci_surplus"] for line in found] == [400, -300]
    assert [line["profit_or_loss"] for line in found] == [0, -100]
    assert [line["surplus_transferred"] for line in found] == [0, 100]


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(0, 10**5),
    st.integers(0, 10**6),
    st.sampled_from(list(Restatement)),
)
def test_a_revaluation_balances(
    cost: int, accumulated: int, surplus: int, loss: int, value: int, method: Restatement
) -> None:
    before = Revalued(cost, min(accumulated, cost), surplus, loss)
    if method is Restatement.PROPORTIONAL and before.accumulated and not before.carrying:
        return
    change = revalue(before, value, method)
    assert (
        change.cost - change.accumulated == value - before.carrying == change.surplus + change.profit_or_loss
    )
    assert before.surplus + change.surplus >= 0
    assert change.profit_or_loss <= before.loss


# --- dismantling ------------------------------------------------------------------------------------------------

PLANT = Obligation(date(2000, 1, 1), ((date(2040, 1, 1), 70_400_00),), Fraction(5, 100))


def test_ifric1_example_1_cost_model() -> None:
    """70,400 in 40 years at 5 % are 10,000, after ten years 16,300 (rounded there); 8,000 less: 82,000 over 30."""
    found = answer(
        obligation=70400,
        years=40,
        rate=Decimal("0.05"),
        cost=120000,
        changes=[{"after_years": 10, "provision_before": 16300, "change": -8000}],
    )
    assert found["initial_provision"] == 10000
    change = found["changes"][0]
    assert change["carrying_after"] == 82000
    assert (change["next_year_depreciation"], change["next_year_finance_cost"]) == (2733, 415)


def test_ifric1_example_2_revaluation_model() -> None:
    """Net valuations of 115,000 and 107,000: surplus 15,600, then +5,000 for the estimate and -9,000."""
    found = answer(
        obligation=70400,
        years=40,
        rate=Decimal("0.05"),
        cost=120000,
        model="revaluation",
        changes=[
            {"after_years": 3, "provision_before": 11600, "valuation_net": 115000},
            {"after_years": 4, "change": -5000, "valuation_net": 107000},
        ],
    )
    first, second = found["changes"]
    assert (first["carrying_after"], first["revaluation"], first["next_year_depreciation"]) == (
        126600,
        15600,
        3422,
    )
    assert (second["provision_before"], second["provision_after"]) == (12180, 7180)
    assert (second["to_surplus"], second["carrying_after"]) == (5000, 114180)
    assert abs(second["revaluation"] + 9000) <= 2, "the source rounds depreciation to 3,420"
    assert abs(second["surplus_after"] - 11600) <= 2


def test_ifric1_example_3_transition() -> None:
    """1,500 more since one year after the start, four years ago: 154 of it would be depreciated over 39 years."""
    found = answer(event="decommissioning", change=1500, years_since_change=4, remaining_life_at_change=39)
    assert (found["accumulated_depreciation"], found["retained_earnings"]) == (154, 1346)


def test_an_obligation_unwinds_to_what_is_paid() -> None:
    assert provision_at_start(PLANT) == 10_000_02  # 70,400 / 1.05 ** 40 = 10,000.016
    assert obligation_on(PLANT, date(1999, 12, 31)) == 0
    assert obligation_on(PLANT, date(2009, 12, 31)) == 16_288_97
    assert obligation_on(PLANT, date(2039, 12, 31)) == 70_400_00
    assert obligation_on(PLANT, date(2040, 1, 1)) == 0
    days = [PLANT.starts_on + timedelta(days=step * 97) for step in range(150)]
    values = [obligation_on(PLANT, day) for day in days]
    assert values == sorted(values)


def test_where_a_change_of_the_estimate_goes() -> None:
    assert remeasure_cost_model(-80, 50) == Remeasured(-50, 0, -30), "a decrease beyond the asset is a gain"
    assert remeasure_cost_model(80, 50) == Remeasured(80, 0, 0)
    assert remeasure_revalued(80, surplus=50) == Remeasured(0, -50, 30)
    assert remeasure_revalued(-80, surplus=0, loss=30) == Remeasured(0, 50, -30)
    assert remeasure_revalued(-80, surplus=0, headroom=50) == Remeasured(0, 50, -30)


@given(st.integers(-9_999, 9_999), st.integers(0, 9_999), st.integers(0, 9_999), st.integers(0, 9_999))
def test_a_change_goes_somewhere_to_the_last_unit(
    change: int, carrying: int, surplus: int, loss: int
) -> None:
    for found in (remeasure_cost_model(change, carrying), remeasure_revalued(change, surplus, loss)):
        assert found.to_asset - found.to_surplus + found.profit_or_loss == change


# --- grants, components, disposal -------------------------------------------------------------------------------


def test_a_grant_is_income_as_the_asset_is_depreciated() -> None:
    assert [released(200, used, 900) for used in (0, 300, 900, 999)] == [0, 67, 200, 200]
    assert released(200, 0, 0) == 0
    found = answer(grant=200, cost=1000, residual_value=100, life_years=3)["years"]
    assert [line["grant_income"] for line in found] == [67, 66, 67]
    assert found[-1]["carrying"] == 100


def test_paying_a_grant_back() -> None:
    assert repay_deferred(150, 120) == Repayment(120, 30)
    assert repay_deducted(150, 400, 1000) == 60


def test_a_grant_deducted_from_cost() -> None:
    found = answer(grant=200, cost=1000, life_years="2.5", method="deduction")["years"]
    assert [line["depreciation"] for line in found] == [320, 320, 160]


def test_components_and_the_rest() -> None:
    found = answer(
        cost=110,
        other_life_years=5,
        components=[
            {"name": "airframe", "cost": 60, "life_years": 20},
            {"name": "engines", "cost": 40, "life_years": 10},
        ],
    )
    assert found["by_component"] == {"airframe": 3, "engines": 4, "other": 2}
    assert (found["annual_depreciation"], found["not_in_components"]) == (9, 10)
    with pytest.raises(ComponentError):
        remainder(10, [Component("a", 11, Fraction(1))])


def test_disposal_of_a_part() -> None:
    assert dispose(400, 152, 260, 10, 5) == Disposal(248, 2, 5)
    assert [part(101, n, 2) for n in (0, 1, 2)] == [0, 50, 101]
    with pytest.raises(ValueError, match="part"):
        part(1, 3, 2)
    found = answer(event="disposal", cost=40000, accumulated_depreciation=15200, proceeds=13000, share="50%")
    assert (found["gain"], found["cost_left"], found["accumulated_left"]) == (600, 20000, 7600)


def test_held_for_sale_and_back() -> None:
    found = answer(
        event="held_for_sale",
        carrying=100,
        fvlcts=80,
        later=[90, 120],
        carrying_if_never_classified=95,
        recoverable_amount=97,
    )
    assert (found["loss"], found["carrying_after"], found["carrying_when_ceased"]) == (20, 100, 95)


@pytest.mark.parametrize(
    ("case", "where", "rule"),
    [
        ({}, "event", "required"),
        ({"event": "party"}, "event", "choice"),
        ({"event": "revaluation", "cost": 5}, "revalued_to", "required"),
        ({"cost": 5, "value": -1}, "value", "revaluation"),
        ({"components": []}, "components", "required"),
        ({"components": [{"name": "a", "cost": 5}]}, "components[0].useful_life_years", "required"),
        ({"cost": 1, "components": [{"name": "a", "cost": 5, "life": 1}]}, "components", "components"),
        ({"grant": 5, "cost": 5}, "useful_life_years", "required"),
        ({"obligation": 5, "years": 5}, "rate", "required"),
        ({"obligation": 5, "rate": 0}, "years", "required"),
    ],
)
def test_what_cannot_be_answered_says_where_and_why(case: dict[str, Any], where: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        calc_measurement(case)
    assert (caught.value.where, caught.value.rule) == (where, rule)
