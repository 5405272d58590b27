"""United States: printed tables beyond those in the shared cases, formula, elections, the test of the year.

Mid-quarter columns: IRS Publication 946, tables A-2 to A-5, as several public transcriptions have them; A-8 and A-14
for seven and ten years likewise. Everything else is worked out by hand in the comments.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from wherewithal.core.calc.pack_cases import calc_pack
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.resolve import Resolution, resolve

MID_QUARTER: dict[int, dict[int, list[float]]] = {
    3: {
        1: [58.33, 27.78, 12.35, 1.54],
        2: [41.67, 38.89, 14.14, 5.30],
        3: [25.00, 50.00, 16.67, 8.33],
        4: [8.33, 61.11, 20.37, 10.19],
    },
    5: {
        1: [35.00, 26.00, 15.60, 11.01, 11.01, 1.38],
        2: [25.00, 30.00, 18.00, 11.37, 11.37, 4.26],
        3: [15.00, 34.00, 20.40, 12.24, 11.30, 7.06],
        4: [5.00, 38.00, 22.80, 13.68, 10.94, 9.58],
    },
    7: {
        1: [25.00, 21.43, 15.31, 10.93, 8.75, 8.74, 8.75, 1.09],
        2: [17.85, 23.47, 16.76, 11.97, 8.87, 8.87, 8.87, 3.34],
        3: [10.71, 25.51, 18.22, 13.02, 9.30, 8.85, 8.86, 5.53],
        4: [3.57, 27.55, 19.68, 14.06, 10.04, 8.73, 8.73, 7.64],
    },
    10: {
        1: [17.50, 16.50, 13.20, 10.56, 8.45, 6.76, 6.55, 6.55, 6.56, 6.55, 0.82],
        2: [12.50, 17.50, 14.00, 11.20, 8.96, 7.17, 6.55, 6.55, 6.56, 6.55, 2.46],
        3: [7.50, 18.50, 14.80, 11.84, 9.47, 7.58, 6.55, 6.55, 6.56, 6.55, 4.10],
        4: [2.50, 19.50, 15.60, 12.48, 9.98, 7.99, 6.55, 6.55, 6.56, 6.55, 5.74],
    },
    15: {
        1: [8.75, 9.13, 8.21, 7.39, 6.65, 5.99, *[5.90, 5.91] * 4, 5.90, 0.74],
        2: [6.25, 9.38, 8.44, 7.59, 6.83, 6.15, *[5.91, 5.90] * 4, 5.91, 2.21],
        3: [3.75, 9.63, 8.66, 7.80, 7.02, 6.31, 5.90, 5.90, *[5.91, 5.90] * 3, 5.91, 3.69],
        4: [1.25, 9.88, 8.89, 8.00, 7.20, 6.48, 5.90, 5.90, 5.90, *[5.91, 5.90] * 3, 5.17],
    },
    20: {
        1: [6.563, 7.0, 6.482, 5.996, 5.546, 5.13, 4.746, *[4.459] * 4, *[4.46, 4.459] * 4, 4.46, 0.565],
        2: [4.688, 7.148, 6.612, 6.116, 5.658, 5.233, 4.841, 4.478, *[4.463] * 6, *[4.462, 4.463] * 3, 1.673],
        3: [2.813, 7.289, 6.742, 6.237, 5.769, 5.336, 4.936, 4.566, *[4.46] * 4, *[4.461, 4.46] * 4, 2.788],
        4: [0.938, 7.43, 6.872, 6.357, 5.88, 5.439, 5.031, 4.654, *[4.458] * 9, 4.459, 4.458, 4.459, 3.901],
    },
}
HALF_YEAR: dict[tuple[str, int], list[Any]] = {
    ("straight_line", 3): [16.67, 33.33, 33.33, 16.67],
    ("straight_line", 5): [10, 20, 20, 20, 20, 10],
    ("straight_line", 7): [7.14, 14.29, 14.29, 14.28, 14.29, 14.28, 14.29, 7.14],
    ("150db", 3): [25.00, 37.50, 25.00, 12.50],
    ("150db", 5): [15.00, 25.50, 17.85, 16.66, 16.66, 8.33],
    ("150db", 7): [10.71, 19.13, 15.03, 12.25, 12.25, 12.25, 12.25, 6.13],
    ("150db", 10): [7.50, 13.88, 11.79, 10.02, *[8.74] * 6, 4.37],
}


def _ask(code: str, cost: Any, day: str, **elections: Any) -> dict[str, Any]:
    return calc_pack({"pack": "us", "class": code, "cost": cost, "acquired_on": day, "elections": elections})


def _percents(values: list[Any]) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


@pytest.mark.parametrize("life", MID_QUARTER)
@pytest.mark.parametrize("quarter", [1, 2, 3, 4])
def test_mid_quarter_tables(life: int, quarter: int) -> None:
    found = _ask(
        f"{life}-year", 100_000, f"2019-{quarter * 3 - 1:02}-15", bonus=False, convention="mid_quarter"
    )
    column = _percents(MID_QUARTER[life][quarter])
    assert sum(column) == 100
    assert found["table_pct"] == column
    assert found["charges"] == [percent * 1_000 for percent in column]


@pytest.mark.parametrize(("method", "life"), HALF_YEAR)
def test_half_year_tables_of_other_methods(method: str, life: int) -> None:
    found = _ask(f"{life}-year", 100_000, "2019-05-01", bonus=False, method=method)
    assert found["table_pct"] == _percents(HALF_YEAR[method, life])


@pytest.mark.parametrize(
    ("code", "day", "election", "first", "second", "last", "years"),
    [
        ("nonresidential-real", "2019-01-10", "ads", "2.396", "2.5", "0.104", 41),  # 11.5 / 12 of 2.5
        ("nonresidential-real", "2019-12-10", "ads", "0.104", "2.5", "2.396", 41),
        ("residential-rental", "2016-06-10", "ads", "1.354", "2.5", "1.146", 41),
        ("residential-rental", "2019-07-10", "ads", "1.528", "3.333", "1.806", 31),  # 5.5 / 12 of 3 1/3
        ("nonresidential-real", "1990-01-10", "gds", "3.042", "3.175", "1.720", 32),  # 31.5 years
    ],
)
def test_real_property(
    code: str, day: str, election: str, first: str, second: str, last: str, years: int
) -> None:
    table = _ask(code, 1_000_000, day, method=election)["table_pct"]
    assert [table[0], table[1], table[-1]] == _percents([first, second, last])
    assert len(table) == years
    assert sum(table) == 100


def test_table_and_formula_agree() -> None:
    """By formula the charges are those of the exact rate: 2/7 of 10,000 for half a year, and so on."""
    found = _ask("7-year", 10_000, "2019-05-01", bonus=False, by="formula")
    assert found["charges"] == _percents([1428.57, 2448.98, 1749.27, 1249.48, 892.49, 892.48, 892.49, 446.24])
    for life in (3, 5, 7, 10, 15, 20):
        printed = _ask(f"{life}-year", 1_000_000, "2019-05-01", bonus=False)["charges"]
        worked_out = _ask(f"{life}-year", 1_000_000, "2019-05-01", bonus=False, by="formula")["charges"]
        assert len(printed) == len(worked_out) == life + 1
        assert all(abs(one - other) <= 100 for one, other in zip(printed, worked_out, strict=True))


def test_a_short_tax_year_needs_the_formula() -> None:
    case: dict[str, Any] = {
        "pack": "us",
        "class": "5-year",
        "cost": 10_000,
        "acquired_on": "2020-10-01",
        "elections": {"bonus": False},
        "stated_years": [["2020-07-01", "2020-12-31"]],
    }
    with pytest.raises(CaseError, match="full tax years"):
        calc_pack(case)
    case["elections"]["by"] = "formula"
    # Half of a six-month year: 40 % x 3 / 12 = 10 %; then 40 % of the rest.
    assert calc_pack(case)["charges"][:3] == [1_000, 3_600, 2_160]


def test_disposal_takes_half_a_year() -> None:
    found = calc_pack(
        {
            "pack": "us",
            "class": "5-year",
            "cost": 10_000,
            "acquired_on": "2020-03-01",
            "elections": {"bonus": False},
            "disposed_on": "2021-05-01",
            "proceeds": 7_000,
        }
    )
    assert found["charges"] == [2_000, 1_600]
    assert found["disposal"] == {"on": "2021-05-01", "book_value": 6_400, "proceeds": 7_000, "gain": 600}


@pytest.mark.parametrize(
    ("acquired", "in_service", "elections", "rate"),
    [
        ("2024-12-10", "2025-06-01", {}, 40),  # acquired before 2025-01-20: the old steps go on
        ("2025-01-19", "2025-01-25", {}, 40),
        ("2025-01-20", "2025-01-20", {}, 100),
        ("2024-12-10", "2026-06-01", {}, 20),
        ("2024-12-10", "2027-01-01", {}, 0),
        ("2024-12-10", "2027-01-01", {"long_production": True}, 20),
        ("2022-05-01", "2023-02-01", {}, 80),
        ("2022-05-01", "2023-02-01", {"long_production": True}, 100),
        ("2017-09-27", "2017-10-15", {}, 50),
        ("2017-09-27", "2018-10-15", {}, 40),
        ("2017-09-27", "2019-10-15", {}, 30),
        ("2017-09-28", "2017-10-15", {}, 100),
        ("2016-05-01", "2016-05-01", {"used_before": True}, 0),
        ("2025-03-01", "2025-03-01", {"bonus": False}, 0),
        ("2025-03-01", "2025-03-01", {"bonus_reduced": True}, 40),
        ("2026-03-01", "2026-03-01", {"bonus_reduced": True}, 100),  # only in the first year after the law
        ("2025-03-01", "2025-03-01", {"ads_required": True, "method": "ads", "ads_years": 10}, 0),
    ],
)
def test_bonus(acquired: str, in_service: str, elections: dict[str, Any], rate: int) -> None:
    found = calc_pack(
        {
            "pack": "us",
            "class": "7-year",
            "cost": 10_000,
            "acquired_on": acquired,
            "in_service_on": in_service,
            "elections": elections,
        }
    )
    assert found["allowances_total"] == rate * 100


def test_real_property_earns_no_bonus() -> None:
    assert _ask("nonresidential-real", 10_000, "2025-03-01")["allowances"] == []
    assert _ask("qualified-improvement", 10_000, "2025-03-01")["allowances_total"] == 10_000


def test_section_179_then_bonus_then_the_table() -> None:
    """2024: 100,000 - 20,000 elected = 80,000; 60 % = 48,000; 20 % of 32,000 = 6,400."""
    found = _ask("5-year", 100_000, "2024-03-01", section_179=20_000)
    assert [row["amount"] for row in found["allowances"]] == [20_000, 48_000]
    assert found["basis"] == 32_000
    assert found["charges"][0] == 6_400
    assert found["first_year_total"] == 74_400


def test_facts_that_were_kept_as_text() -> None:
    """2024 as above; under ADS a table of an asset of 11 years has its half year at both ends."""

    def answer(pack_class: str, **facts: Any) -> Resolution:
        day = date(2024, 3, 1)
        return resolve(
            built_in("us"), pack_class, acquired_on=day, in_service_on=day, cost=10_000_000, elections=facts
        )

    both = answer("5-year", section_179="20000.00").allowances
    assert [part.amount for part in both] == [2_000_000, 4_800_000]
    as_text = answer("7-year", method="ads", ads_required=True, ads_years="11")
    assert as_text.terms == answer("7-year", method="ads", ads_required=True, ads_years=11).terms
    with pytest.raises(PackError, match="number is expected"):
        answer("7-year", ads_years="eleven")


def test_section_179_is_limited() -> None:
    """2025: 2,500,000 less what the year's property exceeds 4,000,000 by, less what others took, and by income."""
    most = _ask("7-year", 3_000_000, "2025-03-01", section_179="max", bonus=False, limit_property=4_300_000)
    assert most["allowances_total"] == 2_200_000
    shared = _ask("7-year", 3_000_000, "2025-03-01", section_179="max", bonus=False, limit_used=2_400_000)
    assert shared["allowances_total"] == 100_000
    poor = _ask("7-year", 50_000, "2025-03-01", section_179=50_000, bonus=False, taxable_income=30_000)
    assert (poor["allowances"][0]["deductible"], poor["allowances"][0]["carried_forward"]) == (30_000, 20_000)
    assert poor["basis"] == 0
    heavy = _ask("car", 80_000, "2025-03-01", section_179="max", bonus=False, suv=True)
    assert heavy["allowances_total"] == 31_300
    with pytest.raises(CaseError, match="At most"):
        _ask("7-year", 3_000_000, "2025-03-01", section_179=2_500_001, bonus=False)


def test_mid_quarter_counts_after_section_179_and_without_real_property() -> None:
    def outcome(*assets: dict[str, Any]) -> Any:
        found = calc_pack({"pack": "us", "year_test": "mid_quarter", "year": 2024, "assets": list(assets)})
        return found["outcome"], found["share_pct"]

    early = {"class": "5-year", "cost": 60_000, "in_service_on": "2024-02-01"}
    late = {"class": "7-year", "cost": 40_000, "in_service_on": "2024-10-01"}
    assert outcome(early, late) == ("half_year", 40)
    assert outcome(early, {**late, "cost": 40_001})[0] == "mid_quarter"
    assert outcome(early, {**late, "cost": 90_000, "section_179": 50_000}) == ("half_year", 40)
    assert outcome({**early, "class": "residential-rental"}, late) == ("mid_quarter", 100)
    assert outcome(early, {**late, "cost": 90_000, "disposed_in_year": True}) == ("half_year", 0)
    with pytest.raises(CaseError, match="outside"):
        outcome({**early, "in_service_on": "2023-12-31"})
