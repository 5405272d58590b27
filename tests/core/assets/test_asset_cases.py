"""Assets in a book, by hand and by the examples of the standards: what each event makes a book say."""

from datetime import date
from fractions import Fraction

import pytest
from tests.core.assets.teller import Tale, line, together

from wherewithal.core.assets.facts import (
    DisposalKind,
    GrantTreatment,
    RevaluationMethod,
    Source,
    SurplusPolicy,
)
from wherewithal.core.assets.terms import Allowance, BookTerms
from wherewithal.core.depreciation.terms import Convention, Method, Terms


def machine(cost: int = 120_000, months: int = 120, residual: int = 0, since: str = "2020-01-01") -> Tale:
    tale = Tale()
    tale.acquisition(since, cost=cost)
    tale.in_service(since, terms=line(months, residual))
    return tale


# --- charges -------------------------------------------------------------------------------------------------------


def test_charges_are_dated_at_month_ends_and_sum_to_cost_less_residual() -> None:
    tale = machine(100_000, 36, residual=10_000)
    rows = [row for row in tale.rows("2030-12-31") if row.role == 120]
    assert len(rows) == 36
    assert rows[0].effective_on == date(2020, 1, 31)
    assert rows[-1].effective_on == date(2022, 12, 31)
    assert sum(row.amount for row in rows) == 90_000
    assert tale.on("2022-12-31").nbv == 10_000
    assert tale.on("2022-12-30").nbv == 12_500


def test_land_is_never_depreciated() -> None:
    tale = Tale()
    tale.acquisition("2020-01-01", cost=500_000)
    tale.in_service("2020-01-01", terms=None)
    assert tale.on("2099-12-31").nbv == 500_000
    other = Tale()
    other.acquisition("2020-01-01", cost=500_000)
    other.in_service("2020-01-01", terms=BookTerms(Terms(Method.NONE)))
    assert other.on("2099-12-31").nbv == 500_000


def test_nothing_is_depreciated_before_service_or_under_construction() -> None:
    tale = Tale()
    tale.construction_cost("2020-01-10", amount=70_000)
    tale.construction_cost("2020-03-10", amount=50_000, source=Source.STOCK)
    assert tale.on("2021-12-31")._replace(class_id=0) == (0, 0, 0, 0, 120_000, 0, 0, 0, 0, 0)
    tale.in_service("2022-01-01", terms=line(120))
    tale.construction_cost("2022-07-01", amount=1_140)
    found = tale.on("2022-12-31")
    assert (found.cost, found.construction) == (121_140, 0)
    assert found.accumulated == 12_000 + 6 * 10  # the late cost over the 114 months that were left
    assert tale.accounts("2022-12-31")["asset_stock_clearing"] == -50_000


def test_an_opening_goes_on_where_it_was() -> None:
    tale = Tale()
    tale.opening(
        "2024-01-01", cost=120_000, accumulated=40_000, in_service_on=date(2020, 1, 1), terms=line(120)
    )
    assert tale.by_role("2024-03-31") == {
        "ASSET_OPENING_COST": 120_000,
        "ASSET_OPENING_ACCUMULATED": 40_000,
        "DEPRECIATION": 3_333,  # 80,000 over the 72 months that are left
    }
    assert tale.on("2029-12-31").nbv == 0
    assert tale.accounts("2024-01-01")["opening_equity"] == -80_000


def test_an_opening_knows_what_was_written_off_in_the_first_year() -> None:
    """Five-year property of 1,000.00 with 60 % bonus in 2023: the table goes on with the other 400.00 (32 % in 2024)."""
    table = tuple(Fraction(part, 10_000) for part in (2_000, 3_200, 1_920, 1_152, 1_152, 576))
    tale = Tale()
    tale.opening(
        "2024-01-01", cost=100_000, accumulated=68_000, allowances=60_000, in_service_on=date(2023, 3, 1),
        terms=BookTerms(Terms(Method.TABLE, table=table, convention=Convention.FULL_YEAR)),
    )  # fmt: skip
    assert tale.by_role("2024-12-31")["DEPRECIATION"] == 12_800
    assert tale.by_role("2025-12-31", since="2025-01-01")["DEPRECIATION"] == 7_680


def test_first_year_allowances_come_first_and_leave_the_rest() -> None:
    tale = Tale()
    tale.acquisition("2024-03-01", cost=100_000)
    terms = BookTerms(line(10).terms, 0, (Allowance("section_179", 30_000), Allowance("bonus", 42_000)))
    tale.in_service("2024-03-01", terms=terms)
    assert tale.by_role("2024-03-31")["FIRST_YEAR_ALLOWANCE"] == 72_000
    assert tale.by_role("2024-03-31")["DEPRECIATION"] == 2_800
    assert tale.on("2024-12-31").nbv == 0


def test_units_of_production_are_charged_at_the_reading() -> None:
    tale = Tale()
    tale.acquisition("2024-01-01", cost=50_000)
    tale.in_service("2024-01-01", terms=BookTerms(Terms(Method.UNITS, total_units=Fraction(1000)), 10_000))
    tale.meter_reading("2024-02-10", reading=Fraction(100))
    tale.meter_reading("2024-05-05", reading=Fraction(250))
    tale.meter_reading("2024-04-01", reading=Fraction(200))  # entered last, counted where it belongs
    days = [(row.effective_on, row.amount) for row in tale.rows("2024-12-31") if row.role == 120]
    assert days == [(date(2024, 2, 10), 4_000), (date(2024, 4, 1), 4_000), (date(2024, 5, 5), 2_000)]


def test_idle_time_stands_still_where_the_terms_say_so() -> None:
    terms = Terms(Method.STRAIGHT_LINE, life_months=Fraction(12), suspends_while_idle=True)
    tale = Tale()
    tale.acquisition("2024-01-01", cost=12_000)
    tale.in_service("2024-01-01", terms=BookTerms(terms))
    tale.idle("2024-04-01")
    tale.resume("2024-07-01")
    assert tale.on("2024-06-30").accumulated == 3_000
    assert tale.on("2024-12-31").accumulated == 9_000
    assert tale.on("2025-03-31").accumulated == 12_000


# --- estimates and errors ------------------------------------------------------------------------------------------


def test_a_change_of_estimate_spreads_what_is_left_from_its_day_however_late_it_is_entered() -> None:
    """IAS 8.36 to 38: after two of ten years the life that is left is three years, the residual 6,000."""
    tale = machine()
    tale.estimate_change("2022-01-01", terms=line(36, 6_000))
    assert tale.on("2021-12-31").nbv == 96_000
    assert tale.by_role("2022-12-31", since="2022-01-01") == {"DEPRECIATION": 30_000}
    assert tale.on("2024-12-31").nbv == 6_000


def test_a_total_life_counts_from_going_into_service() -> None:
    tale = machine()
    tale.estimate_change("2022-01-01", terms=line(60), remaining_life=False)
    assert tale.on("2022-12-31").nbv == 64_000
    assert tale.on("2024-12-31").nbv == 0


def test_a_corrected_error_was_never_otherwise() -> None:
    tale = machine()
    wrong = tale.facts[1].event_id
    first = tale.error_correction("2022-06-15", of=wrong, terms=line(60))
    assert tale.on("2020-12-31").accumulated == 24_000
    tale.error_correction("2022-09-01", of=first, terms=line(48))
    assert tale.on("2020-12-31").accumulated == 30_000


def test_an_error_of_years_already_reported_goes_to_retained_earnings() -> None:
    """IAS 8.42: what it changes before 2022 is no expense of any year."""
    tale = machine()
    tale.error_correction(
        "2022-06-15", of=tale.facts[1].event_id, terms=line(60), restated_before=date(2022, 1, 1)
    )
    assert tale.by_role("2021-12-31", since="2020-01-01") == {
        "ASSET_ACQUIRED": 120_000,
        "DEPRECIATION": 24_000,
        "PRIOR_PERIOD_DEPRECIATION": 24_000,
    }
    assert tale.by_role("2022-12-31", since="2022-01-01") == {"DEPRECIATION": 24_000}
    assert tale.on("2022-12-31").accumulated == 72_000


def test_terms_with_catch_up_leave_the_months_before_alone() -> None:
    tale = machine()
    tale.terms_catch_up("2020-10-05", terms=line(60))
    assert tale.on("2020-09-30").accumulated == 9_000
    assert tale.by_role("2020-10-31", since="2020-10-05")["DEPRECIATION_CATCH_UP"] == 9_000 + 129
    assert tale.on("2020-12-31").accumulated == 24_000


# --- value ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "cost", "accumulated"),
    [(RevaluationMethod.ELIMINATION, 108_000, 0), (RevaluationMethod.PROPORTIONAL, 180_000, 72_000)],
)
def test_a_revaluation_by_either_method(method: RevaluationMethod, cost: int, accumulated: int) -> None:
    """IAS 16.35: cost 120,000, depreciated 48,000, now worth 108,000: half as much again."""
    tale = machine()
    tale.revaluation("2023-12-31", value=108_000, method=method)
    found = tale.on("2023-12-31")
    assert (found.cost, found.accumulated, found.surplus, found.nbv) == (cost, accumulated, 36_000, 108_000)
    assert tale.by_role("2024-12-31", since="2024-01-01") == {"DEPRECIATION": 18_000}
    assert tale.on("2029-12-31").nbv == 0


def test_a_surplus_goes_to_retained_earnings_as_used_and_the_rest_at_disposal() -> None:
    tale = machine()
    tale.revaluation("2023-12-31", value=108_000, surplus_policy=SurplusPolicy.AS_USED)
    tale.disposal("2025-07-01", how=DisposalKind.SALE, proceeds=90_000)
    assert tale.by_role("2024-12-31", since="2024-01-01") == {"DEPRECIATION": 18_000, "SURPLUS_USED": 6_000}
    found = tale.by_role("2025-12-31", since="2025-07-01")
    assert found["SURPLUS_REALISED"] == 36_000 - 6_000 - 3_000
    assert found["DISPOSAL_GAIN"] == 90_000 - (108_000 - 18_000 - 9_000)


def test_a_decrease_takes_the_surplus_first_and_an_increase_gives_back_the_loss_first() -> None:
    """IAS 16.39 and 40."""
    tale = Tale()
    tale.acquisition("2020-01-01", cost=1_000)
    tale.in_service("2020-01-01", terms=None)
    tale.revaluation("2021-12-31", value=1_300)
    tale.revaluation("2022-12-31", value=900)
    tale.revaluation("2023-12-31", value=1_050)
    assert tale.by_role("2022-12-31", since="2022-01-01") == {
        "REVALUED": -300,
        "REVALUED_THROUGH_PROFIT": 100,
    }
    assert tale.by_role("2023-12-31", since="2023-01-01") == {
        "REVALUED": 50,
        "REVALUED_THROUGH_PROFIT": -100,
    }


def test_an_impairment_is_reversed_up_to_what_there_would_be_without_it() -> None:
    """IAS 36.117: 10 years; after 3 years 700 is worth 420; after 5 it is 300 and would be 500; worth 900."""
    tale = machine(1_000)
    tale.impairment("2022-12-31", recoverable=420)
    tale.impairment_reversal("2024-12-31", recoverable=900)
    assert tale.by_role("2022-12-31")["IMPAIRED"] == 280
    assert tale.on("2024-12-30").nbv == 305
    assert tale.by_role("2024-12-31")["IMPAIRMENT_REVERSED"] == 200
    assert tale.on("2024-12-31").nbv == 500
    assert tale.on("2029-12-31").nbv == 0


def test_an_impairment_entered_before_a_late_cost_still_hits_its_target() -> None:
    tale = machine()
    tale.impairment("2022-12-31", recoverable=42_000)
    tale.cost_addition("2021-01-01", amount=10_800)
    assert tale.on("2022-12-31").nbv == 42_000
    assert tale.by_role("2022-12-31")["IMPAIRED"] == 84_000 + 8_400 - 42_000


def test_an_impairment_of_a_revalued_asset_takes_its_surplus_first_and_gives_it_back_last() -> None:
    """IAS 36.60 and 119."""
    tale = Tale()
    tale.acquisition("2020-01-01", cost=1_000)
    tale.in_service("2020-01-01", terms=None)
    tale.revaluation("2020-12-31", value=1_200)
    tale.impairment("2021-12-31", recoverable=900)
    tale.impairment_reversal("2022-12-31", recoverable=1_150)
    found = tale.by_role("2022-12-31")
    assert (found["IMPAIRED_AGAINST_SURPLUS"], found["IMPAIRED"]) == (200, 100)
    assert (found["IMPAIRMENT_REVERSED"], found["IMPAIRMENT_REVERSED_TO_SURPLUS"]) == (100, 150)


def test_held_for_sale_stops_depreciation_and_back_to_use_catches_up() -> None:
    """IFRS 5.25 and 27: held through 2023 at the lower amount, then as if it had never been."""
    tale = machine()
    tale.held_for_sale("2022-12-31", fair_value_less_costs=70_000)
    tale.held_measurement("2023-06-30", fair_value_less_costs=90_000)
    found = tale.on("2023-06-29")
    assert (found.cost, found.accumulated, found.held, found.nbv) == (0, 0, 70_000, 70_000)
    assert tale.on("2023-12-30").held == 84_000  # a gain up to the loss before, no more
    tale.back_to_use("2023-12-31", recoverable=71_000)
    assert tale.by_role("2023-12-31")["DEPRECIATION_CATCH_UP"] == 12_000
    assert tale.by_role("2023-12-31")["IMPAIRED"] == 1_000
    assert tale.on("2023-12-31").nbv == 71_000
    assert tale.accounts("2023-12-31").get("asset_held_for_sale") is None


# --- obligations and grants ----------------------------------------------------------------------------------------


def test_a_decommissioning_obligation_is_part_of_the_cost_and_unwinds() -> None:
    """IFRIC 1, example 1: a plant of 120,000 with an obligation of 10,000 in 40 years at 5 %; after 10 years the
    provision is 16,289 and shrinks by 8,000."""
    tale = Tale()
    flow = 7_039_989  # 10,000.00 compounded over 40 years at 5 %
    tale.acquisition("2000-01-01", cost=11_000_000)
    tale.decommissioning("2000-01-01", flows=((date(2039, 12, 31), flow),), rate=Fraction(5, 100))
    tale.in_service("2000-01-01", terms=line(480))
    at_first = tale.on("2000-01-01")
    assert at_first.cost == pytest.approx(12_000_000, abs=200)
    assert tale.on("2009-12-31").provision == pytest.approx(1_628_900, abs=300)
    assert tale.on("2009-12-31").nbv == pytest.approx(9_000_000, abs=200)
    smaller = round(flow * (1_628_895 - 800_000) / 1_628_895)
    tale.decommissioning_change("2009-12-31", flows=((date(2039, 12, 31), smaller),), rate=Fraction(5, 100))
    assert tale.on("2009-12-31").nbv == pytest.approx(8_200_000, abs=400)
    assert tale.by_role("2010-12-31", since="2010-01-01")["DEPRECIATION"] == pytest.approx(273_333, abs=20)
    assert tale.by_role("2010-12-31", since="2010-01-01")["DECOMMISSIONING_UNWOUND"] == pytest.approx(
        41_445, abs=20
    )
    tale.decommissioning_settlement("2040-01-15", paid=smaller + 5_000)
    assert tale.on("2040-01-15").provision == 0
    assert tale.by_role("2040-01-31", since="2040-01-15")["DECOMMISSIONING_EXPENSE"] == 5_000


def test_a_grant_is_income_as_the_asset_is_depreciated_or_reduces_its_cost() -> None:
    deferred = machine()
    deferred.grant("2020-01-01", amount=30_000)
    assert deferred.by_role("2020-12-31")["GRANT_RELEASED"] == 3_000
    assert deferred.on("2020-12-31").grant == 27_000
    assert deferred.on("2029-12-31").grant == 0
    deducted = machine()
    deducted.grant("2020-01-01", amount=30_000, treatment=GrantTreatment.DEDUCTED)
    assert deducted.on("2020-12-31").nbv == 81_000


# --- the end, and back ---------------------------------------------------------------------------------------------


def test_a_sale_with_costs() -> None:
    tale = machine()
    tale.disposal("2024-07-01", how=DisposalKind.SALE, proceeds=80_000, costs=1_500)
    assert tale.by_role("2030-12-31", since="2024-07-01") == {
        "DISPOSED_COST": 120_000,
        "DISPOSED_ACCUMULATED": 54_000,
        "DISPOSAL_PROCEEDS": 80_000,
        "DISPOSAL_EXPENSE": 1_500,
        "DISPOSAL_GAIN": 12_500,
    }
    assert tale.on("2024-07-01").nbv == 0
    assert "asset_disposal" not in tale.accounts("2030-12-31")


@pytest.mark.parametrize(("day", "months"), [("2024-06-30", 54), ("2024-06-29", 53), ("2024-07-01", 54)])
def test_a_month_that_is_over_counts_at_disposal(day: str, months: int) -> None:
    """Full months: that of service counts as a whole, that of disposal only if its last day was reached."""
    tale = machine()
    tale.disposal(day, how=DisposalKind.SALE, proceeds=1)
    assert tale.by_role("2024-12-31")["DEPRECIATION"] == months * 1_000


def test_what_a_late_cost_was_for_is_gone_already() -> None:
    tale = machine()
    tale.disposal("2024-07-01", how=DisposalKind.SCRAP)
    tale.cost_addition("2024-09-05", amount=700)
    assert tale.by_role("2024-12-31", since="2024-09-01") == {
        "COST_ADDED": 700,
        "DISPOSED_COST": 700,
        "DISPOSAL_LOSS": 700,
    }


@pytest.mark.parametrize("part", [{"share": Fraction(1, 3)}, {"quantity": 1}, {"amount": 40_000}])
def test_a_third_leaves_by_share_quantity_or_amount(part: dict[str, object]) -> None:
    tale = Tale()
    tale.acquisition("2020-01-01", cost=120_000, quantity=3)
    tale.in_service("2020-01-01", terms=line(120))
    tale.partial_disposal("2024-07-01", how=DisposalKind.SALE, proceeds=30_000, **part)
    found = tale.by_role("2024-07-01", since="2024-07-01")
    assert (found["DISPOSED_COST"], found["DISPOSED_ACCUMULATED"]) == (40_000, 18_000)
    assert found["DISPOSAL_GAIN"] == 8_000
    assert tale.by_role("2024-12-31", since="2024-07-02")["DEPRECIATION"] == 4_000
    assert tale.on("2029-12-31").nbv == 0


def test_a_component_leaves_with_the_depreciation_it_has() -> None:
    tale = machine()
    tale.partial_disposal("2024-06-30", how=DisposalKind.SCRAP, amount=30_000, accumulated=30_000, proceeds=0)
    found = tale.by_role("2024-06-30", since="2024-06-30")
    assert (found["DISPOSED_COST"], found["DISPOSED_ACCUMULATED"]) == (30_000, 30_000)
    assert "DISPOSAL_LOSS" not in found
    assert tale.on("2024-06-30").nbv == 66_000
    assert tale.by_role("2024-12-31", since="2024-07-01") == {"DEPRECIATION": 6_000}


def test_a_reinstated_asset_is_as_if_it_had_never_left_from_that_day_on() -> None:
    tale = machine()
    gone = tale.disposal("2024-07-01", how=DisposalKind.LOSS, proceeds=10_000)
    assert tale.by_role("2024-07-01")["DISPOSAL_LOSS"] == 56_000
    tale.reinstatement("2024-12-31", of=gone)
    assert tale.on("2024-09-30").nbv == 0
    found = tale.by_role("2024-12-31", since="2024-12-31")
    assert (found["DISPOSAL_LOSS"], found["DISPOSAL_PROCEEDS"]) == (-56_000, -10_000)
    assert found["DEPRECIATION_CATCH_UP"] == 6_000
    assert tale.on("2024-12-31").nbv == machine().on("2024-12-31").nbv == 60_000
    assert tale.by_role("2025-01-31", since="2025-01-01") == {"DEPRECIATION": 1_000}


def test_to_stock_and_traded_in() -> None:
    tale = machine()
    tale.disposal("2024-07-01", how=DisposalKind.TO_STOCK)
    assert tale.accounts("2024-07-01")["asset_stock_clearing"] == 66_000
    dearer = machine()
    dearer.disposal("2024-07-01", how=DisposalKind.TO_STOCK, proceeds=70_000)
    assert dearer.accounts("2024-07-01")["asset_stock_clearing"] == 70_000
    assert dearer.accounts("2024-07-01")["disposal_gain"] == -4_000
    old, new = machine(), Tale(asset=2)
    old.disposal("2024-07-01", how=DisposalKind.TRADE_IN, proceeds=60_000)
    new.acquisition("2024-07-01", cost=60_000, source=Source.TRADE_IN)
    new.cost_addition("2024-07-01", amount=90_000)
    assert old.accounts("2024-07-01")["disposal_proceeds"] == 60_000
    assert new.accounts("2024-07-01") == {
        "asset_cost": 150_000,
        "disposal_proceeds": -60_000,
        "asset_clearing": -90_000,
    }


# --- one from another ----------------------------------------------------------------------------------------------


def test_another_class_takes_over_all_amounts() -> None:
    tale = machine()
    tale.class_transfer("2024-06-30", class_id=9)
    rows = [
        (row.role, row.class_id, row.amount) for row in tale.rows("2024-07-31") if row.effective_on.month > 5
    ]
    assert [row for row in rows if row[0] == 150] == [(150, 5, -120_000), (150, 9, 120_000)]
    assert (151, 9, 54_000) in rows
    assert rows[-1] == (120, 9, 1_000)
    assert "asset_transfer_clearing" not in tale.accounts("2024-07-31")


def test_a_split_gives_each_its_share_and_loses_nothing() -> None:
    whole, half, rest = machine(100_001, 119), Tale(asset=2), Tale(asset=3)
    out = whole.part_out("2023-05-10", weights=(3, 2, 2))
    half.part_in("2023-05-10", of=out, part=1)
    rest.part_in("2023-05-10", of=out, part=2)
    before = machine(100_001, 119).on("2023-05-09")
    found = together(whole, half, rest, through="2023-05-10")
    assert [found[n].balances.cost for n in (1, 2, 3)] == [42_857, 28_572, 28_572]
    charged = sum(row.amount for row in found[1].rows if row.role == 120)
    assert sum(each.balances.accumulated for each in found.values()) == charged > before.accumulated
    later = together(whole, half, rest, through="2035-12-31")
    assert [later[n].balances.nbv for n in (1, 2, 3)] == [0, 0, 0]
    late = Tale(asset=1)
    late.facts = [*whole.facts]
    late.cost_addition("2021-03-01", amount=7_000)
    assert together(late, half, rest, through="2023-05-10")[3].balances.cost == 30_572


def test_construction_is_settled_to_several_assets() -> None:
    site, hall, crane = Tale(asset=1), Tale(asset=2), Tale(asset=3)
    site.construction_cost("2024-01-15", amount=90_000)
    first = site.part_out("2024-05-31", amounts=(50_000,))
    hall.part_in("2024-05-31", of=first, capitalise=True)
    second = site.part_out("2024-06-30", weights=(0, 1), construction_only=True)
    crane.part_in("2024-06-30", of=second)
    crane.in_service("2024-07-01", terms=line(40))
    found = together(site, hall, crane, through="2024-07-31")
    assert found[1].balances.construction == 0
    assert found[2].balances.cost == 50_000
    assert (found[3].balances.cost, found[3].balances.accumulated) == (40_000, 1_000)


def test_a_merge_brings_all_of_it() -> None:
    one, other = machine(60_000), Tale(asset=2)
    other.acquisition("2020-01-01", cost=60_000)
    other.in_service("2020-01-01", terms=line(120))
    out = other.part_out("2024-12-31", weights=(0, 1))
    one.part_in("2024-12-31", of=out)
    found = together(one, other, through="2025-12-31")
    assert found[1].balances[1:3] == (120_000, 72_000)
    assert found[2].balances.nbv == 0


def test_another_company_takes_it_with_its_past() -> None:
    here, there = machine(), Tale(asset=2)
    here.intercompany_out("2024-06-30")
    there.intercompany_in(
        "2024-07-01", cost=120_000, accumulated=54_000, in_service_on=date(2020, 1, 1), terms=line(120)
    )
    assert here.accounts("2024-07-31")["intercompany_clearing"] == 66_000
    assert there.accounts("2024-07-31")["intercompany_clearing"] == -66_000
    assert there.on("2024-07-31").accumulated == 55_000


def test_every_step_is_explained() -> None:
    tale = machine()
    tale.impairment("2020-06-30", recoverable=57_000)
    steps = tale.explained("2020-07-31").steps
    assert [step.rule for step in steps] == ["cost", *["depreciation"] * 6, "impairment", "depreciation"]
    assert dict(steps[-2].amounts) == {
        "carrying": 114_000,
        "recoverable": 57_000,
        "loss": 57_000,
        "from_surplus": 0,
    }
    assert steps[-1].event_id == tale.facts[1].event_id
    assert dict(steps[-1].amounts) == {"due": 500, "charged_before": 0, "charge": 500}


def test_a_calendar_of_thirteen_periods_and_days() -> None:
    tale = machine(36_500, 120)
    tale.estimate_change("2020-01-01", terms=line(120, convention=Convention.DAILY_365), remaining_life=False)
    assert tale.on("2020-01-31").accumulated == 310
