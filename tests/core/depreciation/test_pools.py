"""Pools, worked out by hand: United Kingdom, India, Canada, Germany, Australia."""

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from tests.core.depreciation.nonsense import variants

from wherewithal.core.calc.pack_cases import calc_pack
from wherewithal.core.calc.reading import CaseError


def _uk(first: str, last: str, **more: Any) -> dict[str, Any]:
    return calc_pack({"pack": "uk", "pool": "main", "from": first, "to": last, **more})


def _limit(first: str, last: str, tax: str = "corporation") -> dict[str, Any]:
    return calc_pack({"pack": "uk", "limit": "aia", "from": first, "to": last, "facts": {"tax": tax}})


# --- United Kingdom ---------------------------------------------------------------------------------------------


def test_a_whole_uk_computation() -> None:
    """Year to 31 December 2024. Main: 20,000 + (1,010,000 - AIA of 1,000,000 - 8,000 for the special pool) - 3,000.

    The allowance is used for the special pool first: 8,000; 992,000 are left for the main pool, 18,000 join it:
    20,000 + 18,000 - 3,000 = 35,000 at 18 % = 6,300. Special: 5,000 at 6 % = 300.
    """
    found = calc_pack(
        {
            "pack": "uk",
            "pools": {"main": 20_000, "special": 5_000},
            "periods": [
                {
                    "from": "2024-01-01",
                    "to": "2024-12-31",
                    "additions": [
                        {"amount": 1_010_000, "on": "2024-02-01", "allowance": "aia"},
                        {"amount": 8_000, "on": "2024-03-01", "allowance": "aia", "pool": "special"},
                    ],
                    "disposals": [{"proceeds": 4_000, "cost": 3_000, "on": "2024-05-01"}],
                }
            ],
        }
    )
    (period,) = found["periods"]
    main, special = period["pools"]["main"], period["pools"]["special"]
    assert (main["first_year"], main["allowance"], main["closing"]) == (992_000, 6_300, 28_700)
    assert (special["first_year"], special["allowance"], special["closing"]) == (8_000, 300, 4_700)
    assert period["total_allowances"] == 1_006_600
    codes = {line["code"]: line["amount"] for line in main["lines"]}
    assert codes == {
        "opening": 20_000,
        "additions": 18_000,
        "disposals": -3_000,
        "writing_down_allowance": -6_300,
        "aia": 992_000,
        "closing": 28_700,
    }


@pytest.mark.parametrize(
    ("first", "last", "tax", "maximum"),
    [
        ("2024-04-01", "2025-03-31", "corporation", "1000000"),
        ("2024-04-01", "2024-12-31", "corporation", "750000"),  # nine months
        ("2018-07-01", "2019-06-30", "corporation", "600000"),  # 6/12 x 200,000 + 6/12 x 1,000,000
        ("2018-04-01", "2019-03-31", "corporation", "400000"),  # 9/12 x 200,000 + 3/12 x 1,000,000
        ("2015-10-01", "2016-09-30", "corporation", "275000"),  # 3/12 x 500,000 + 9/12 x 200,000
        ("2013-04-06", "2014-04-05", "income", "250000"),
        ("2014-01-06", "2015-04-05", "income", "562500"),  # 3/12 x 250,000 + 12/12 x 500,000
    ],
)
def test_aia_by_period(first: str, last: str, tax: str, maximum: str) -> None:
    assert _limit(first, last, tax)["maximum"] == Decimal(maximum)


def test_aia_before_a_rise_and_after_a_fall() -> None:
    """Before 2019-01-01 at most 200,000 count; after 2016-01-01 at most 9/12 of 200,000."""
    assert _limit("2018-07-01", "2019-06-30")["restrictions"] == [
        {"from": "2018-07-01", "to": "2018-12-31", "at_most": 200_000}
    ]
    assert _limit("2015-10-01", "2016-09-30")["restrictions"] == [
        {"from": "2016-01-01", "to": "2016-09-30", "at_most": 150_000}
    ]
    early = _uk(
        "2018-07-01",
        "2019-06-30",
        additions=[
            {"amount": 300_000, "on": "2018-09-01", "allowance": "aia"},
            {"amount": 500_000, "on": "2019-03-01", "allowance": "aia"},
        ],
    )
    # 200,000 of the first and 400,000 of the second (600,000 in all); 200,000 join the pool at 18 %.
    assert (early["first_year"], early["allowance"]) == (600_000, 36_000)


def test_hybrid_rates() -> None:
    """90 days at 18 % and 275 at 14 %: 14.98630...; rounded up 14.99. From 6 April: 95 and 270: 15.0410..., 15.05."""

    def rate(tax: str, first: str = "2026-01-01", last: str = "2026-12-31") -> Any:
        found = calc_pack({"pack": "uk", "rate_of": "main", "from": first, "to": last, "facts": {"tax": tax}})
        return found["rate_pct"], round(found["rate_pct_unrounded"], 4)

    assert rate("corporation") == (Decimal("14.99"), Decimal("14.9863"))
    assert rate("income") == (Decimal("15.05"), Decimal("15.0411"))
    assert rate("corporation", "2026-04-01", "2027-03-31") == (14, 14)
    # The year to 30 June 2026: 274 days at 18 %, 91 at 14 %: 17.00273..., 17.01.
    assert rate("corporation", "2025-07-01", "2026-06-30") == (Decimal("17.01"), Decimal("17.0027"))
    year = _uk("2025-07-01", "2026-06-30", opening=100_000)
    assert year["allowance"] == 17_010


def test_a_short_period_and_small_pools() -> None:
    assert _uk("2024-04-01", "2024-12-31", opening=10_000)["allowance"] == 1_350  # 9/12 x 18 %
    assert _uk("2024-04-01", "2024-12-31", opening=750)["allowance"] == 750  # at most 9/12 x 1,000
    assert _uk("2024-04-01", "2024-12-31", opening=751)["allowance"] == Decimal("101.39")


def test_balancing_charge_and_allowance() -> None:
    sold = _uk("2024-04-01", "2025-03-31", opening=5_000, disposals=7_000)
    assert (sold["balancing_charge"], sold["allowance"], sold["closing"]) == (2_000, 0, 0)
    ended = _uk("2024-04-01", "2025-03-31", opening=5_000, disposals=1_000, ceased=True)
    assert (ended["balancing_allowance"], ended["allowance"], ended["closing"]) == (4_000, 0, 0)
    goes_on = _uk("2024-04-01", "2025-03-31", opening=5_000, disposals=1_000, empty=True)
    assert (goes_on["balancing_allowance"], goes_on["allowance"]) == (0, 720)
    private = calc_pack(
        {
            "pack": "uk",
            "pool": "single-main",
            "opening": 10_000,
            "disposals": 6_000,
            "empty": True,
            "business_use": 0.6,
            "from": "2024-04-06",
            "to": "2025-04-05",
            "facts": {"tax": "income"},
        }
    )
    assert (private["balancing_allowance"], private["closing"]) == (2_400, 0)


def test_super_deduction_and_what_its_sale_costs() -> None:
    bought = [{"amount": 10_000, "on": "2021-05-01", "allowance": "super-deduction"}]
    assert _uk("2021-05-01", "2022-04-30", additions=bought)["first_year"] == 13_000
    # Year to 2023-06-30: 274 of 365 days before 1 April 2023: 100 % + 30 % x 274 / 365 = 122.5205...%.
    across = [{"amount": 10_000, "on": "2022-08-01", "allowance": "super-deduction"}]
    assert _uk("2022-07-01", "2023-06-30", additions=across)["first_year"] == Decimal("12252.05")
    sold = [{"proceeds": 1_000, "allowance": "super-deduction"}]
    assert _uk("2022-01-01", "2022-12-31", opening=500, disposals=sold)["balancing_charge"] == 1_300
    assert _uk("2022-07-01", "2023-06-30", opening=500, disposals=sold)["balancing_charge"] == Decimal(
        "1225.21"
    )
    later = _uk("2024-01-01", "2024-12-31", opening=500, disposals=sold)
    assert (later["balancing_charge"], later["closing"]) == (1_000, 0)


def test_first_year_allowances_leave_their_rest_for_next_year() -> None:
    forty = _uk(
        "2026-01-01",
        "2026-12-31",
        opening=1_500,
        additions=[{"amount": 10_000, "on": "2026-02-01", "allowance": "fya-40"}],
    )
    # 1,500 at 14.99 % = 224.85; the other 6,000 join the pool after that.
    assert (forty["first_year"], forty["allowance"], forty["closing"]) == (
        4_000,
        Decimal("224.85"),
        Decimal("7275.15"),
    )
    half = calc_pack(
        {
            "pack": "uk",
            "pool": "special",
            "from": "2024-04-01",
            "to": "2025-03-31",
            "additions": [{"amount": 10_000, "on": "2024-05-01", "allowance": "special-50"}],
            "disposals": [{"proceeds": 2_000, "allowance": "special-50"}],
            "opening": 3_000,
        }
    )
    # Half of 2,000 is income at once, half comes out of the pool: (3,000 - 1,000) x 6 % = 120.
    assert (half["first_year"], half["balancing_charge"]) == (5_000, 1_000)
    assert (half["allowance"], half["closing"]) == (120, 1_880 + 5_000)


@pytest.mark.parametrize(
    ("allowance", "on", "facts", "by"),
    [
        ("full-expensing", "2023-03-31", {}, "on"),
        ("full-expensing", "2024-03-31", {"new": False}, "new"),
        ("full-expensing", "2024-03-31", {"car": True}, "car"),
        ("full-expensing", "2024-03-31", {"tax": "income"}, "tax"),
        ("super-deduction", "2023-04-01", {}, "on"),
        ("fya-40", "2025-12-31", {}, "on"),
        ("aia", "2024-01-31", {"car": True}, "car"),
        ("zero-emission-car", "2027-04-01", {"emissions": 0}, "on"),
        ("zero-emission-car", "2024-04-01", {"emissions": 1}, "emissions"),
        ("special-50", "2024-04-01", {}, "special-50"),
    ],
)
def test_claims_that_are_not_granted(allowance: str, on: str, facts: dict[str, Any], by: str) -> None:
    year = on[:4]
    with pytest.raises(CaseError, match=by):
        _uk(
            f"{year}-01-01",
            f"{year}-12-31",
            additions=[{"amount": 100, "on": on, "allowance": allowance, "facts": facts}],
        )


def test_a_car_goes_where_its_emissions_send_it() -> None:
    def pool(day: str, emissions: int, **more: Any) -> Any:
        elections = {"emissions": emissions, **more}
        case = {"pack": "uk", "class": "car", "cost": 20_000, "acquired_on": day, "elections": elections}
        return calc_pack(case)["pool"]

    assert pool("2022-05-01", 50) == "main"
    assert pool("2022-05-01", 51) == "special"
    assert pool("2020-05-01", 110) == "main"
    assert pool("2016-05-01", 131) == "special"
    assert pool("2022-05-01", 30, private_use=True) == "single-main"


# --- India ------------------------------------------------------------------------------------------------------


def _block(pool: str = "plant", **more: Any) -> dict[str, Any]:
    return calc_pack({"pack": "in-tax", "pool": pool, "from": "2023-04-01", "to": "2024-03-31", **more})


def test_the_180_day_rule() -> None:
    """From 4 October 2023 to 31 March 2024 are 180 days, both included: the whole rate; a day later half of it."""
    assert _block(additions=[{"amount": 1_000, "on": "2023-10-04"}])["allowance"] == 150
    assert _block(additions=[{"amount": 1_000, "on": "2023-10-05"}])["allowance"] == 75
    assert _block(additions=[{"amount": 1_000, "days_used": 179}])["allowance"] == 75
    assert _block(additions=[{"amount": 1_000, "days_used": 180}])["allowance"] == 150


def test_money_reduces_first_what_earns_the_whole_rate() -> None:
    """100,000 + 50,000 late - 120,000 = 30,000, all of it late: 30,000 x 7.5 %."""
    found = _block(opening=100_000, additions=[{"amount": 50_000, "on": "2024-01-01"}], disposals=120_000)
    assert (found["allowance"], found["closing"]) == (2_250, 27_750)


def test_additional_depreciation_is_for_new_machinery_in_manufacture() -> None:
    """100,000 from June: 15 % and 20 %."""
    new = [{"amount": 100_000, "on": "2023-06-01"}]
    assert _block(additions=new, facts={"manufacturing": True})["allowance"] == 35_000
    assert _block(additions=new)["allowance"] == 15_000
    old = [{**new[0], "facts": {"new": False}}]
    assert _block(additions=old, facts={"manufacturing": True})["allowance"] == 15_000
    regime = {"manufacturing": True, "concessional_regime": True}
    assert _block(additions=new, facts=regime)["allowance"] == 15_000


# --- Canada -----------------------------------------------------------------------------------------------------


def _cca(pool: str, **more: Any) -> dict[str, Any]:
    return calc_pack({"pack": "ca", "pool": pool, **more})


def test_half_year_rule_is_on_net_additions() -> None:
    """10,000 + 8,000 - 3,000: half of 5,000 does not count: 12,500 x 20 %."""
    found = _cca("class-8", opening=10_000, additions=8_000, disposals=3_000)
    assert (found["allowance"], found["closing"]) == (2_500, 12_500)
    # Disposals above the additions: nothing is halved.
    assert _cca("class-8", opening=10_000, additions=2_000, disposals=3_000)["allowance"] == 1_800


def test_disposals_reduce_first_what_counts_least() -> None:
    """10,000 with the incentive, 4,000 without, 5,000 sold: of the 4,000 nothing is left, of the 10,000 9,000 are.

    (9,000 + 4,500) x 20 % = 2,700.
    """
    found = _cca(
        "class-8",
        **{"from": "2022-01-01", "to": "2022-12-31"},
        additions=[
            {"amount": 10_000, "on": "2022-03-01"},
            {"amount": 4_000, "on": "2022-03-01", "facts": {"incentive": False}},
        ],
        disposals=5_000,
    )
    assert (found["allowance"], found["closing"]) == (2_700, 6_300)


@pytest.mark.parametrize(
    ("pool", "day", "first"),
    [
        ("class-53", "2019-05-01", 10_000),
        ("class-53", "2025-05-01", 10_000),  # acquired from 2025 on: S.C. 2026, c. 3
        ("class-43.1", "2023-05-01", 10_000),
        ("class-43.1", "2031-05-01", 7_500),
        ("class-43.1", "2033-05-01", 5_500),
        ("class-54", "2024-05-01", 7_500),
        ("class-50", "2024-03-01", 5_500),
        ("class-50", "2024-05-01", 10_000),  # productivity-enhancing, from 16 April 2024
        ("class-50", "2027-05-01", 8_250),
        ("class-14.1", "2022-05-01", 750),
        ("class-10", "2031-05-01", 3_000),
        ("class-10", "2034-05-01", 1_500),
        ("class-12", "2017-05-01", 10_000),
        ("class-12-software", "2017-05-01", 5_000),
    ],
)
def test_first_year_of_a_class(pool: str, day: str, first: int) -> None:
    year = day[:4]
    found = _cca(
        pool, **{"from": f"{year}-01-01", "to": f"{year}-12-31"}, additions=[{"amount": 10_000, "on": day}]
    )
    assert found["allowance"] == first


def test_passenger_vehicle_class() -> None:
    """Cost counts to 37,000 in 2024; no half-year rule in 2024: 30 %. Sold: half the rate, nothing else."""
    year = {"from": "2024-01-01", "to": "2024-12-31"}
    bought = _cca("class-10.1", **year, additions=[{"amount": 60_000, "on": "2024-05-01"}])
    assert (bought["allowance"], bought["closing"]) == (11_100, 25_900)
    sold = _cca("class-10.1", opening=25_900, disposals=20_000, empty=True)
    assert (sold["allowance"], sold["balancing_allowance"], sold["closing"]) == (3_885, 0, 0)


def test_a_short_year_is_by_days() -> None:
    found = _cca("class-8", **{"from": "2024-01-01", "to": "2024-03-31"}, opening=36_500)
    assert found["allowance"] == 1_820  # 36,500 x 20 % x 91 / 365


def test_less_can_be_claimed() -> None:
    found = _cca("class-8", opening=10_000, claim=500)
    assert (found["allowance"], found["closing"]) == (500, 9_500)
    with pytest.raises(CaseError, match="can be claimed"):
        _cca("class-8", opening=10_000, claim=2_001)


# --- Germany, Australia -----------------------------------------------------------------------------------------


def test_pools_of_several_years_run_beside_each_other() -> None:
    """1,000 of 2024 and 500 of 2025: 200, then 200 + 100, and so on; a sale changes nothing."""
    found = calc_pack(
        {
            "pack": "de",
            "pool": "low-value",
            "periods": [{"additions": 1_000}, {"additions": 500, "disposals": 400}],
            "years": 6,
        }
    )
    assert found["allowances"] == [200, 300, 300, 300, 300, 100]
    assert found["closing"] == 0
    again = calc_pack({"pack": "de", "pool": "low-value", "opening": 600, "carry": {"2": 1_000}, "years": 3})
    assert again["allowances"] == [200, 200, 200]


def test_odd_cents_of_a_level_pool_are_not_lost() -> None:
    found = calc_pack({"pack": "de", "pool": "low-value", "additions": 1_000.03, "years": 5})
    assert sum(found["allowances"]) == Decimal("1000.03")


# --- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "where"),
    [
        ({"pack": "uk", "pool": "third", "opening": 5, "rate": 0.1}, "pools"),
        ({"pack": "uk", "pool": "aia", "opening": 5, "rate": 0.1}, "pool"),
        ({"pack": "uk", "pool": "main", "opening": -5, "rate": 0.1}, "opening"),
        ({"pack": "uk", "pool": "main", "opening": 5}, "period"),
        ({"pack": "uk", "pool": "main", "opening": 5, "from": "2024-01-01"}, "to"),
        ({"pack": "uk", "pool": "main", "opening": 5, "from": "2024-01-01", "to": "2023-01-01"}, "to"),
        ({"pack": "uk", "pool": "main", "opening": 5.001, "rate": 0.1}, "opening"),
        ({"pack": "uk", "pool": "main", "rate": 0.1, "business_use": 1.1}, "business_use"),
        ({"pack": "uk", "pool": "main", "rate": 0.1, "additions": [{"amuont": 5}]}, "additions[0].amuont"),
        ({"pack": "uk", "pool": "main", "rate": 0.1, "ceased": 1}, "ceased"),
        ({"pack": "uk", "pool": "main", "rate": 0.1, "facts": {"colour": "red"}}, "colour"),
        ({"pack": "uk", "rate_of": "main", "from": "1990-01-01", "to": "1990-12-31"}, "main"),
        ({"pack": "uk", "rate_of": "aia", "from": "2020-01-01", "to": "2020-12-31"}, "rate_of"),
        ({"pack": "uk", "limit": "main", "from": "2020-01-01", "to": "2020-12-31"}, "limit"),
        ({"pack": "us", "limit": "section_179", "year": 1950}, "year"),
        ({"pack": "xx", "pool": "main"}, "pack"),
        ({"pack": "us", "class": "4-year", "cost": 5, "acquired_on": "2024-01-01"}, "class"),
        ({"pack": "us", "class": "5-year", "cost": -5, "acquired_on": "2024-01-01"}, "cost"),
        ({"pack": "us", "class": "5-year", "cost": 5, "acquired_on": "2024-02-30"}, "acquired_on"),
        ({"pack": "de", "class": "movable", "cost": 5000, "acquired_on": "2024-02-03"}, "life_years"),
    ],
)
def test_bad_cases_are_refused_by_name(case: dict[str, Any], where: str) -> None:
    with pytest.raises(CaseError) as refused:
        calc_pack(case)
    assert refused.value.where == where


def test_structures_before_and_after_april_2020() -> None:
    """In use from 1 October 2019: 183 of 366 days at 2 %, then 3 % a year; on 31 January 2053 a third of a hundred
    years are over: the last year takes the rest."""
    found = calc_pack({"pack": "uk", "class": "structure", "cost": 1_000_000, "acquired_on": "2019-10-01"})
    assert found["charges"][:2] == [10_000, 30_000]
    assert found["rows"][-1]["from"] == "2052-04-01"
    assert found["charges"][-1] == 1_000_000 - 10_000 - 32 * 30_000
    # A tax year of the calendar: 91 of 366 days at 2 %, 275 at 3 %.
    calendar = calc_pack(
        {
            "pack": "uk",
            "class": "structure",
            "cost": 366_000,
            "acquired_on": "2020-01-01",
            "tax_year_first_month": 1,
        }
    )
    assert calendar["charges"][0] == 91 * 20 + 275 * 30


SOUND: list[dict[str, Any]] = [
    {
        "pack": "us",
        "class": "7-year",
        "cost": 100,
        "acquired_on": "2024-01-01",
        "elections": {
            "method": "ads",
            "ads_years": 12,
            "convention": "half_year",
            "section_179": 5,
            "by": "table",
        },
        "disposed_on": "2026-01-01",
        "stated_years": [],
        "tax_year_first_month": 1,
        "rounding": "half_up",
    },
    {"pack": "de", "class": "car", "cost": 100, "acquired_on": "2024-05-01", "elections": {"life_years": 6}},
    {
        "pack": "jp",
        "class": "property-tax",
        "cost": 100,
        "acquired_on": "2024-05-01",
        "elections": {"life_years": 5},
    },
    {
        "pack": "ca",
        "class": "class-13",
        "cost": 100,
        "acquired_on": "2024-05-01",
        "elections": {"life_years": 7},
    },
    {
        "pack": "in-companies",
        "class": "car",
        "cost": 9,
        "acquired_on": "2024-05-01",
        "elections": {"residual": 0},
    },
    {
        "pack": "uk",
        "pool": "main",
        "opening": 5,
        "additions": [{"amount": 5, "on": "2024-05-01", "allowance": "aia", "facts": {}}],
        "disposals": [{"proceeds": 5, "cost": 4, "on": "2024-05-01", "allowance": "super-deduction"}],
        "from": "2024-01-01",
        "to": "2024-12-31",
        "business_use": 1,
        "claim": 0,
        "years": 3,
        "facts": {"tax": "income"},
        "carry": {},
    },
    {"pack": "de", "pool": "low-value", "opening": 5, "carry": {"1": 10}, "years": 2, "additions": 5},
    {"pack": "uk", "pools": {"main": 5}, "periods": [{"from": "2024-01-01", "to": "2024-12-31"}]},
    {"pack": "us", "limit": "section_179", "year": 2024, "property": 5},
    {"pack": "uk", "limit": "aia", "from": "2024-01-01", "to": "2024-12-31", "facts": {}},
    {"pack": "uk", "rate_of": "main", "from": "2024-01-01", "to": "2024-12-31", "facts": {}},
    {
        "pack": "us",
        "year_test": "mid_quarter",
        "year": 2024,
        "assets": [{"class": "5-year", "cost": 5, "in_service_on": "2024-01-01"}],
    },
]


@pytest.mark.parametrize("case", SOUND, ids=lambda case: f"{case['pack']} {list(case)[1]}")
def test_nothing_but_a_case_error_comes_of_nonsense(case: dict[str, Any]) -> None:
    for changed in variants(case):
        if not isinstance(changed, dict):
            continue
        with contextlib.suppress(CaseError):
            calc_pack(changed)


def test_a_pack_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(20_000):
        deep = {"min": [deep, 1]}
    with pytest.raises(CaseError, match="nested"):
        calc_pack({"pack": {"pack": "deep", "title": deep}})
