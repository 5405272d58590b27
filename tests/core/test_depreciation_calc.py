"""`calc depreciation`: published figures restated with their source, options by hand, errors that name the field."""

import contextlib
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherewithal.core.calc.depreciation import calc_depreciation
from wherewithal.core.calc.depreciation_schema import ANSWER, CASE
from wherewithal.core.calc.depreciation_words import CONVENTIONS, METHODS, ROUNDINGS
from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.kinds import KINDS, calculate_text
from wherewithal.core.calc.reading import CaseError


def answer(**said: Any) -> dict[str, Any]:
    """The answer; case and answer are of the form that the schemas state."""
    jsonschema_rs.validator_for(dict(CASE)).validate(loads(dumps(said)))
    found = calc_depreciation(said)
    jsonschema_rs.validator_for(dict(ANSWER)).validate(loads(dumps(found)))
    return found


def numbers(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def rows(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(row["to"], str(row["charge"]), str(row["accumulated"])) for row in found["rows"]]


def refused(**said: Any) -> tuple[str, str]:
    with pytest.raises(CaseError) as error:
        calc_depreciation(said)
    return error.value.where, error.value.rule


# --- published figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("life", "factor", "decimals", "percents"),
    [
        (5, 2, 2, "20 32 19.2 11.52 11.52 5.76"),
        (7, 2, 2, "14.29 24.49 17.49 12.49 8.93 8.92 8.93 4.46"),
        (10, 2, 2, "10 18 14.4 11.52 9.22 7.37 6.55 6.55 6.56 6.55 3.28"),
        (15, "1.5", 2, "5 9.5 8.55 7.7 6.93 6.23 5.9 5.9 5.91 5.9 5.91 5.9 5.91 5.9 5.91 2.95"),
    ],
)
def test_irs_publication_946_table_a1(life: int, factor: Any, decimals: int, percents: str) -> None:
    """Half-year convention. By formula: each year's percentage rounded half-up, the next from what that leaves."""
    found = answer(
        cost=100,
        currency_decimals=decimals,
        method="declining_switch",
        factor=factor,
        life=life,
        convention="half_year",
        rounding="printed_table",
    )
    assert found["charges"] == numbers(*percents.split())


@pytest.mark.parametrize(
    ("month", "percents"),
    [
        (2, "35 26 15.6 11.01 11.01 1.38"),
        (5, "25 30 18 11.37 11.37 4.26"),
        (8, "15 34 20.4 12.24 11.3 7.06"),
        (11, "5 38 22.8 13.68 10.94 9.58"),
    ],
)
def test_irs_publication_946_mid_quarter(month: int, percents: str) -> None:
    """Tables A-2 to A-5, five years."""
    found = answer(
        cost=100,
        method="declining_switch",
        factor=2,
        life=5,
        convention="mid_quarter",
        month=month,
        rounding="printed_table",
    )
    assert found["charges"] == numbers(*percents.split())


def test_irs_publication_946_table_a7a_first_month() -> None:
    """39 years, mid-month, January: 2.461 % (a month is rounded to 0.214 %), 2.564 % thirty-eight times, 0.107 %."""
    found = answer(
        cost=100,
        currency_decimals=3,
        method="straight_line",
        life=39,
        month=1,
        convention="mid_month",
        rounding="printed_table",
        rate_decimals=5,
        month_rate_decimals=5,
    )
    assert found["charges"] == numbers("2.461", *["2.564"] * 38, "0.107")


@pytest.mark.parametrize(
    ("said", "percents"),
    [
        ({"table": "A-1", "life": 5}, "20 32 19.2 11.52 11.52 5.76"),
        ({"table": "A-3", "life": 7}, "17.85 23.47 16.76 11.97 8.87 8.87 8.87 3.34"),
        ({"table": "A-5", "life": 3}, "8.33 61.11 20.37 10.19"),
        ({"table": "A-8", "life": 7}, "7.14 14.29 14.29 14.28 14.29 14.28 14.29 7.14"),
        ({"table": "A-8", "life": "6.5"}, "7.69 15.39 15.38 15.39 15.38 15.39 15.38"),
        ({"table": "A-14", "life": 5}, "15 25.5 17.85 16.66 16.66 8.33"),
        ({"table": "A-14", "life": 7}, "10.71 19.13 15.03 12.25 12.25 12.25 12.25 6.13"),
        ({"table": "A-13", "month": 1}, " ".join(["2.396", *["2.5"] * 39, "0.104"])),
        ({"table": "A-7a", "month": 12}, " ".join(["0.107", *["2.564"] * 38, "2.461"])),
        (
            {"method": "macrs", "life": 5, "convention": "mid_quarter", "month": 11},
            "5 38 22.8 13.68 10.94 9.58",
        ),
    ],
)
def test_irs_tables_by_name(said: dict[str, Any], percents: str) -> None:
    assert answer(cost=100_000, **said)["charges"] == [each * 1000 for each in numbers(*percents.split())]


ERPNEXT = {"cost": 100_000, "n": 3, "months": 12, "first_charge": "2030-12-31"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (  # test_schedule_for_prorated_straight_line_method
            {"salvage": 10_000, "method": "straight_line", "in_use": "2030-01-30"},
            [
                ("2030-12-31", "27616.44", "27616.44"),
                ("2031-12-31", "30000.00", "57616.44"),
                ("2032-12-31", "30000.00", "87616.44"),
                ("2033-01-30", "2383.56", "90000.00"),
            ],
        ),
        (  # test_schedule_for_double_declining_method_for_existing_asset
            {
                "salvage": 10_000,
                "method": "double_declining",
                "in_use": "2030-01-01",
                "already_booked": 1,
                "opening_accumulated": 50_000,
                "rate_pct_decimals": 3,
            },
            [("2030-12-31", "33333.50", "83333.50"), ("2031-12-31", "6666.50", "90000.00")],
        ),
        (  # test_pro_rata_depreciation_entry_for_wdv
            {"salvage": 12_500, "method": "written_down_value", "in_use": "2030-06-06"},
            [
                ("2030-12-31", "28630.14", "28630.14"),
                ("2031-12-31", "35684.93", "64315.07"),
                ("2032-12-31", "17842.47", "82157.54"),
                ("2033-06-06", "5342.46", "87500.00"),
            ],
        ),
        (  # test_depreciation_with_pro_rata
            {"salvage": 10_000, "in_use": "2020-01-01", "first_charge": "2020-07-01"},
            [
                ("2020-07-01", "15000.00", "15000.00"),
                ("2021-07-01", "30000.00", "45000.00"),
                ("2022-07-01", "30000.00", "75000.00"),
                ("2023-01-01", "15000.00", "90000.00"),
            ],
        ),
        (  # test_depreciation_without_pro_rata
            {"salvage": 10_000, "in_use": "2019-12-31", "first_charge": "2020-12-31"},
            [
                ("2020-12-31", "30000.00", "30000.00"),
                ("2021-12-31", "30000.00", "60000.00"),
                ("2022-12-31", "30000.00", "90000.00"),
            ],
        ),
    ],
)
def test_schedules_of_erpnext(said: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    """frappe/erpnext @00836996, test_asset.py: what its suite expects."""
    assert rows(answer(**ERPNEXT | said)) == expected


def test_monthly_written_down_value_of_erpnext() -> None:
    """test_monthly_depreciation_by_wdv_method: half of February by its days, the rate of a charge to 12.945 %."""
    found = answer(
        cost=10_000,
        salvage=5_000,
        method="written_down_value",
        in_use="2022-02-15",
        first_charge="2022-02-28",
        n=5,
        months=1,
        rate_pct_decimals=3,
    )
    assert rows(found) == [
        ("2022-02-28", "647.25", "647.25"),
        ("2022-03-31", "1210.71", "1857.96"),
        ("2022-04-30", "1053.99", "2911.95"),
        ("2022-05-31", "917.55", "3829.50"),
        ("2022-06-30", "798.77", "4628.27"),
        ("2022-07-15", "371.73", "5000.00"),
    ]


def test_fields_under_the_names_of_other_systems() -> None:
    erpnext = answer(
        gross_purchase_amount=100_000,
        expected_value_after_useful_life=10_000,
        depreciation_method="Straight Line",
        available_for_use_date="2030-01-30",
        depreciation_start_date="2030-12-31",
        total_number_of_depreciations=3,
        frequency_of_depreciation=12,
    )
    assert erpnext["charges"] == numbers("27616.44", "30000", "30000", "2383.56")
    oca = answer(
        purchase_value=1000,
        salvage_value=0,
        method="degr_linear",
        method_progress_factor="0.4",
        method_number=5,
        method_period="quarter",
        date_start="2025-07-07",
        prorata=False,
    )
    assert oca["charges"][:3] == numbers("300", "100", "60")
    assert "ignored" not in oca
    assert refused(cost=1, purchase_value=1) == ("purchase_value", "once")


def test_first_charge_with_a_life_counts_charges() -> None:
    found = answer(cost=1200, life=1, months=3, in_use="2026-01-01", first_charge="2026-03-31")
    assert rows(found)[-1] == ("2026-12-31", "300.00", "1200.00")
    assert found["n_rows"] == 4


def test_months_held_and_acquisition() -> None:
    assert answer(cost=1200, life=1, months_held=5)["charges"] == numbers("500", "700")
    assert answer(cost=1200, life=1, acquired_on="2026-08-05")["charges"] == numbers("500", "700")
    wrong = {"cost": 1, "life": 1, "acquired_on": "2026-02-01", "in_service_on": "2026-01-31"}
    assert refused(**wrong) == ("in_service_on", "order")


def test_declining_to_a_limit_of_oca() -> None:
    """OCA account_asset_management, test_06_degressive_limit: 40 % of the balance until 100 is left."""
    said = {"cost": 1000, "salvage": 100, "years": 5, "period": "year", "factor": "0.4", "start": "07-07"}
    found = answer(**said, method="degressive_limit")
    assert found["charges"] == numbers("400", "240", "144", "86.40", "29.60")


def test_days_of_the_whole_life_of_oca() -> None:
    """OCA, test_12_prorata_days_calc: 3,333 over 1,827 days; every day alike. The last row differs by their rounding
    of each charge (11.05): here each is within a cent of exact, and the rest is exact too."""
    found = answer(cost=3333, years=5, period="month", in_use="2019-07-07", convention="daily_life")
    per_day = Decimal(3333) / 1827
    assert found["n_rows"] == 61
    assert found["first"] == round(25 * per_day, 2)
    assert all(
        abs(charge - days * per_day) < Decimal("0.01")
        for charge, days in zip(
            found["charges"][1:13], (31, 30, 31, 30, 31, 31, 29, 31, 30, 31, 30, 31), strict=True
        )
    )
    assert found["last"] == Decimal("10.95")  # six days
    assert sum(found["charges"]) == 3333


def test_already_depreciated_asset_of_tryton() -> None:
    """scenario_account_asset_depreciated: 1,500 of which 500 are charged, 100 to remain, 24 months: 37.50 each."""
    found = answer(cost=1500, residual=100, accumulated=500, months=24)
    assert set(found["charges"]) == {Decimal("37.50")}
    assert [found["rows"][at]["accumulated"] for at in (0, 11, 23)] == numbers("537.50", "950.00", "1400.00")


def test_japanese_200_percent_declining() -> None:
    """Life of 8: 0.250, guarantee rate 0.07909, revised rate 0.334, truncated to the yen; one yen stays."""
    found = answer(
        cost=1_000_000,
        residual=1,
        currency_decimals=0,
        method="declining",
        rate="0.25",
        guarantee_rate="0.07909",
        revised_rate="0.334",
        life=8,
        rounding="truncate",
    )
    assert found["charges"] == numbers(
        "250000", "187500", "140625", "105468", "79101", "79260", "79260", "78785"
    )
    assert found["closing"] == 1


def test_japanese_old_declining_then_five_years() -> None:
    """Old declining balance of life 5 (0.369) to 5 % of the cost, then a fifth of that each year down to one yen."""
    found = answer(
        cost=1_000_000,
        residual=50_000,
        currency_decimals=0,
        method="declining",
        rate="0.369",
        rounding="truncate",
        then={"method": "straight_line", "life": 5, "residual": 1, "rounding": "truncate"},
    )
    charges = found["charges"]
    assert charges[:3] == numbers("369000", "232839", "146921")
    assert found["rows"][6]["book_value"] == 50_000
    assert charges[7:] == numbers("9999", "10000", "10000", "10000", "10000")
    assert found["closing"] == 1


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ({"function": "VDB", "args": [2400, 300, 10, 0, 1]}, "480"),  # Microsoft's help
        ({"function": "VDB", "args": [2400, 300, 120, 6, 18], "round": 2}, "396.31"),
        ({"function": "VDB", "args": [2400, 300, 120, 6, 18, "1.5"], "round": 2}, "311.81"),
        ({"function": "VDB", "args": [2400, 300, 10, 0, "0.875", "1.5"], "round": 2}, "315.00"),
        ({"function": "AMORLINC", "args": [2400, "2008-08-19", "2008-12-31", 300, 1, "0.15", 1]}, "360"),
        ({"function": "AMORDEGRC", "args": [2400, "2008-08-19", "2008-12-31", 300, 1, "0.15", 1]}, "776"),
        ({"function": "AMORDEGRC", "args": [10000, 40969, "2012-12-31", 1500, 1, "0.3", 1]}, "2813"),
        ({"function": "AMORDEGRC", "args": [150, "2011-01-01", "2011-09-30", 20, 2, "0.2", 4]}, "25"),
        ({"function": "DB", "args": {"cost": 1000000, "salvage": 100000, "life": 6, "period": 7, "month": 7}, "round": 2},
         "15845.10"),
        ({"function": "VDB", "args": [2400, 300, 10, 0, 10, 2, True], "round": 2}, "2100.00"),
    ],
)  # fmt: skip
def test_functions_of_spreadsheets(said: dict[str, Any], value: str) -> None:
    assert answer(**said)["value"] == Decimal(value)


@pytest.mark.parametrize(
    ("function", "args", "error"),
    [
        ("SLN", [1, 2, 0], "#DIV/0!"),
        ("DB", [1, "x", 1, 1], "#VALUE!"),
        ("DDB", [100, 10, 5, 6], "#NUM!"),
        ("VDB", [100, 10, 5, 3, 2], "#NUM!"),
        ("VDB", [100, 10, 5, 0, 6], "#NUM!"),
        ("AMORLINC", [100, "2011-02-30", "2011-12-31", 0, 1, "0.1"], "#VALUE!"),
        ("AMORDEGRC", [100, "2011-01-01", "2011-12-31", 0, 1, "0.1", 99], "#NUM!"),
        ("AMORDEGRC", [100, "2012-01-01", "2011-12-31", 0, 1, "0.1", 1], "#NUM!"),
    ],
)
def test_errors_of_spreadsheets(function: str, args: list[Any], error: str) -> None:
    assert answer(function=function, args=args)["error"] == error


# --- by hand ------------------------------------------------------------------------------------------------------


def test_a_year_in_months_adds_up_to_the_year() -> None:
    said = {
        "cost": 100_000,
        "method": "double_declining",
        "life": 5,
        "in_service_on": "2026-04-10",
        "switch": True,
    }
    by = {each: answer(**said, by=each) for each in ("month", "quarter", "year")}
    assert by["year"]["charges"] == numbers(
        "30000.00", "28000.00", "16800.00", "11200.00", "11200.00", "2800.00"
    )
    assert sum(by["month"]["charges"][:9]) == sum(by["quarter"]["charges"][:3]) == 30_000
    assert by["month"]["n_rows"] == 60


def test_sum_of_digits_straddles_fiscal_years() -> None:
    """Years' digits 5 4 3 2 1 from July: half of each asset year falls into each fiscal year."""
    found = answer(cost=1500, method="syd", life=5, in_service_on="2026-07-01")
    assert found["charges"] == numbers("250", "450", "350", "250", "150", "50")


def test_annuity_grows_by_interest() -> None:
    """1,000 over 3 years at 10 %: 1000 x 0.1 / (1.1^3 - 1) = 302.11, then 10 % more each year."""
    found = answer(cost=1000, method="annuity", life=3, interest_rate="10%")
    assert found["charges"] == numbers("302.11", "332.33", "365.56")


def test_units_of_production_row_by_row_and_by_day() -> None:
    said = {"cost": 1000, "residual": 100, "method": "units", "total_units": 9000}
    found = answer(**said, usage=[3000, 1500, 9999], by="year")
    assert found["charges"] == numbers("300", "150", "450")
    found = answer(**said, usage=[["2025-02-10", 900], ["2025-03-01", 100]], by="month", rows=3)
    assert found["charges"] == numbers("0", "90", "10")


def test_idle_time_stands_still() -> None:
    found = answer(cost=1200, months=12, in_service_on="2026-01-01", idle=[["2026-03-01", "2026-04-30"]])
    assert found["charges"] == numbers(*["100"] * 2, "0", "0", *["100"] * 10)


def test_short_fiscal_year() -> None:
    """Years from July after a half year: the half year charges six months of the twelve."""
    found = answer(
        cost=3600,
        life=3,
        in_service_on="2025-01-01",
        fiscal_year={"first_month": 7, "stated": [["2025-01-01", "2025-06-30"]]},
    )
    assert found["charges"] == numbers("600", "1200", "1200", "600")
    assert found["rows"][0]["to"] == "2025-06-30"


def test_thirteen_periods_of_four_weeks() -> None:
    found = answer(
        cost=1300,
        life=1,
        by="period",
        in_service_on="2025-12-28",
        fiscal_year={"pattern": "weeks_13", "weekday": 5},
    )
    assert found["charges"] == numbers(*["100"] * 13)
    assert (found["rows"][0]["to"], found["rows"][-1]["to"]) == ("2026-01-24", "2026-12-26")


def test_changes_are_prospective() -> None:
    """5,000 over 5 years; after 2 years 6 more are left instead of 3, and 200 are to remain: (3000 - 200) / 6."""
    found = answer(
        cost=5000,
        life=5,
        in_service_on="2026-01-01",
        changes=[{"on": "2028-01-01", "remaining_months": 72, "residual": 200}],
    )
    assert found["charges"] == numbers("1000", "1000", *["466.67", "466.66"] * 1, *found["charges"][4:])
    assert sum(found["charges"]) == 4800
    assert found["n_rows"] == 8


def test_impairment_and_cost_added() -> None:
    found = answer(
        cost=1000,
        life=10,
        in_service_on="2026-01-01",
        changes=[{"on": "2028-01-01", "book_value": 400}, {"after_months": 48, "add": 60}],
    )
    assert found["charges"] == numbers("100", "100", "50", "50", *["60"] * 6)


def test_disposal_by_convention_with_gain() -> None:
    """Half a year of MACRS in the year of disposal: 20 % + half of 32 % of 10,000."""
    found = answer(
        cost=10_000,
        method="declining_switch",
        factor=2,
        life=5,
        convention="half_year",
        in_service_on="2026-03-01",
        disposed_on="2027-05-05",
        proceeds=7000,
    )
    assert found["charges"] == numbers("2000", "1600")
    assert found["disposal"]["gain"] == 600
    assert found["rows"][-1]["to"] == "2027-05-05"


def test_booked_amounts_are_caught_up_with() -> None:
    """Due by the end of March 300; 250 are booked: March charges 100 and what is missing."""
    found = answer(
        cost=1200, months=12, in_service_on="2026-01-01", booked=[["2026-01-31", 100], ["2026-02-28", 50]]
    )
    assert found["charges"][0] == 150
    assert found["n_rows"] == 10
    assert sum(found["charges"]) == 1050


def test_whole_units_and_each_charge_by_itself() -> None:
    said = {"cost": 1000, "months": 7, "in_service_on": "2026-01-01"}
    assert answer(**said)["charges"] == numbers(
        "142.86", "142.85", "142.86", "142.86", "142.86", "142.85", "142.86"
    )
    rest_last = answer(**said, rounding="rest_last")["charges"]
    assert rest_last == numbers(*["142.86"] * 6, "142.84")
    whole = answer(**said, rounding={"mode": "half_up", "decimals": 0})["charges"]
    assert whole == numbers("143", "143", "143", "142", "143", "143", "143")


def test_land_is_never_charged() -> None:
    assert answer(cost=1000, method="land", life=5)["charges"] == []


def test_germany_caps_the_rate() -> None:
    found = answer(cost=100_000, method="declining", factor="2.5", rate_cap="25%", life=8, years=3)
    assert found["rate_pct"] == 25
    assert found["charges"] == numbers("25000", "18750", "14062.50")


def test_big_numbers_are_exact() -> None:
    cost = "123456789012345678901234567890.12"
    found = answer(cost=cost, months=7)
    assert sum(Fraction(charge) for charge in found["charges"]) == Fraction(cost)


# --- what cannot be answered ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "where", "rule"),
    [
        ({"cost": -1}, "cost", "not_negative"),
        ({"cost": 1, "residual": 2}, "residual", "above_cost"),
        ({"cost": 100, "life": 0}, "life_months", "positive"),
        ({"cost": 100, "life": 301}, "life", "too_long"),
        ({"cost": 100, "life": "x"}, "life", "number"),
        ({"cost": 100, "method": "guess"}, "method", "choice"),
        ({"cost": 100, "method": "straight_line"}, "life_months", "required"),
        ({"cost": 100, "method": "declining", "life": 5}, "rate", "residual"),
        ({"cost": 100, "method": "declining", "rate": "0.2", "factor": 2}, "factor", "one_of"),
        ({"cost": 100, "life": 5, "in_use": "2026-02-30"}, "in_service_on", "date"),
        (
            {"cost": 100, "n": 3, "first_charge": "2026-01-31", "in_use": "2026-05-01"},
            "first_charge",
            "order",
        ),
        ({"cost": 100, "n": 3, "already_booked": 3}, "already_booked", "range"),
        ({"cost": 100, "life": 5, "opening_accumulated": 101}, "opening_accumulated", "range"),
        ({"cost": 100, "life": 5, "disposed_on": "2024-01-01"}, "disposed_on", "order"),
        ({"cost": 100, "life": 5, "changes": [{"residual": 1}]}, "changes[0].on", "required"),
        ({"cost": 100, "life": 5, "idle": [["2026-02-01", "2026-01-01"]]}, "idle", "order"),
        ({"cost": 100, "total_units": 5, "usage": [-1]}, "usage[0]", "not_negative"),
        ({"cost": "1.234", "life": 5}, "cost", "currency_decimals"),
        ({"cost": 100, "table": [50, 500]}, "table", "percent"),
        ({"cost": 100, "life": 5, "rounding": {"unit": 0}}, "rounding", "unit"),
        ({"cost": 100, "basis": 100, "life": 5}, "basis", "once"),
        ({"function": "PMT", "args": []}, "function", "choice"),
        ({"function": "SLN", "args": [1]}, "args", "names"),
        ({"method": "macrs", "cost": 1}, "life", "range"),
        ({"method": "macrs", "life": 5, "convention": "full_month", "cost": 1}, "convention", "choice"),
        ({"table": "A-99", "life": 5, "cost": 1}, "table", "choice"),
    ],
)
def test_errors_name_the_field_and_the_rule(said: dict[str, Any], where: str, rule: str) -> None:
    assert refused(**said) == (where, rule)


def test_what_nothing_was_made_of_is_told() -> None:
    assert answer(cost=100, life=5, conventoin="half_year")["ignored"] == ["conventoin"]


def test_texts_and_numbers_are_the_same_case() -> None:
    text = '{"cost": "100.10", "life": "3", "in_service_on": "2026-01-01"}'
    assert calculate_text("depreciation", text) == calculate_text(
        "depreciation", '{"cost": 100.10, "life": 3, "in_service_on": "2026-01-01"}'
    )


def test_the_example_of_the_kind_is_answered() -> None:
    kind = KINDS["depreciation"]
    assert kind.example is not None
    assert kind.calculate(kind.example)["total"] == 9000


WORDS = st.sampled_from([*METHODS, *CONVENTIONS, *ROUNDINGS, "2026-01-01", "5%", "x", ""])
VALUES = st.one_of(
    st.integers(-5, 10**6), st.decimals(allow_nan=False, places=3), WORDS, st.booleans(), st.none()
)
PROPERTIES = [name for name in CASE["properties"] if name not in ("function", "pack")]


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(PROPERTIES), VALUES | st.lists(VALUES, max_size=3), max_size=4),
    st.sampled_from(list(METHODS)),
)
def test_any_case_is_answered_or_refused(said: dict[str, Any], method: str) -> None:
    with contextlib.suppress(CaseError):
        dumps(calc_depreciation({"cost": 1000, "life": 4, "rows": 20, "method": method} | said))
