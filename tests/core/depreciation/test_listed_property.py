"""Listed property of the United States: the part used for business, and the limits of section 280F(a). By hand."""

from datetime import date
from typing import Any

import pytest

from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.resolve import Resolution, resolve, tax_years
from wherewithal.core.depreciation.terms import Method

AUTO = {"passenger_automobile": True}


def car(cost: int, year: int, **elections: Any) -> Resolution:
    """A car in service on 1 March; cost in dollars."""
    day = date(year, 3, 1)
    return resolve(
        built_in("us"), "car", acquired_on=day, in_service_on=day, cost=cost * 100, elections=elections
    )


def by_year(found: Resolution) -> list[float]:
    """What each year from that of service deducts by the table, in dollars."""
    assert found.terms is not None
    return [amount / 100 for amount in found.terms.amounts]


def test_another_use_from_some_year_on() -> None:
    """The table over 80 %, from 2025 on over 60 %; what is never deducted is the residual."""
    found = car(
        10_000,
        2023,
        listed=True,
        bonus=False,
        business_use="0.6",
        business_use_before="0.8",
        business_use_since="2025-01-01",
    )
    assert by_year(found) == [1600, 2560, 1152, 691.20, 691.20, 345.60]
    assert found.residual == 1_000_000 - 704_000


def test_a_special_allowance_above_the_limit_waits_for_the_years_after_the_table() -> None:
    """60 % of 60,000 are 36,000, of which 2024 allows 20,400; the table is of 24,000. The 15,600 and the 4,800 of the first
    year follow by 7,160 a year."""
    found = car(60_000, 2024, **AUTO)
    assert [part.amount for part in found.allowances] == [2_040_000]
    assert by_year(found) == [0, 7680, 4608, 2764.80, 2764.80, 1382.40, 7160, 7160, 6080]
    assert (sum(by_year(found)) + 20_400, found.residual) == (60_000, 0)


def test_limits_are_for_the_part_used_for_business() -> None:
    """75 % of 12,200, 19,600, 11,800, 7,060 in 2025; all of 60,000 x 75 % is deducted in the end."""
    found = car(60_000, 2025, **AUTO, business_use="0.75", bonus=False)
    assert by_year(found) == [9000, 14_400, 8640, 5184, 5184, 2592]
    dear = car(100_000, 2025, **AUTO, business_use="0.75", bonus=False)
    assert by_year(dear)[:4] == [9150, 14_700, 8850, 5295]
    assert sum(by_year(dear)) == 75_000
    assert dear.residual == 2_500_000


def test_section_179_counts_for_the_limit() -> None:
    found = car(60_000, 2024, **AUTO, bonus=False, section_179=5000)
    assert [part.amount for part in found.allowances] == [500_000]
    assert by_year(found)[:3] == [7400, 17_600, 10_560]  # 12,400 - 5,000; 32 % and 19.2 % of 55,000
    assert sum(by_year(found)) == 55_000
    assert not car(60_000, 2024, **AUTO, business_use="0.5", section_179=5000).allowances


def test_once_not_used_for_business_predominantly_it_stays_with_ads() -> None:
    """Section 280F(b)(1): 10 %, then 20 % a year and 10 % in the last, of the part used in each; no first-year deduction,
    whatever is elected. A part of earlier years may be stated that none of the two says."""
    rising = {"business_use": "0.9", "business_use_before": "0.4", "business_use_since": "2025-01-01"}
    found = car(10_000, 2023, listed=True, **rising, section_179=3000)
    assert (found.allowances, by_year(found)) == ((), [400, 800, 1800, 1800, 1800, 900])
    assert found.residual == 250_000
    assert any("50 % or less" in part.title for part in found.because)
    again = car(10_000, 2023, listed=True, business_use="0.9", business_use_least="0.5")
    assert (again.allowances, by_year(again)) == ((), [900, 1800, 1800, 1800, 1800, 900])
    # a use before the year of service is none
    same = {"business_use": "0.9", "business_use_before": "0.4", "business_use_since": "2023-01-01"}
    assert by_year(car(10_000, 2023, listed=True, bonus=False, **same)) == [
        1800,
        2880,
        1728,
        1036.80,
        1036.80,
        518.40,
    ]
    # the limits of a car that was not entitled to the special allowance: 12,200 of 2023, at 40 %
    dear = car(150_000, 2023, **AUTO, **rising)
    assert by_year(dear)[:4] == [4880, 7800, 10_530, 6264]


def test_section_179_beside_the_whole_of_the_rest_leaves_nothing_for_the_recovery_period() -> None:
    """The safe harbour of Rev. Proc. 2019-13 is not for a car with section 179: 42,000 wait until 2024, then 5,760 a year
    (section 280F(a)(1)(B)); at 80 % for business, 48,000 - 14,400 at 4,608 a year."""
    found = car(60_000, 2018, **AUTO, section_179=5000)
    assert [part.amount for part in found.allowances] == [500_000, 1_300_000]
    assert by_year(found) == [0] * 6 + [5760] * 7 + [1680]
    part = car(60_000, 2018, **AUTO, section_179=5000, business_use="0.8")
    assert by_year(part) == [0] * 6 + [4608] * 7 + [1344]
    assert part.residual == 1_200_000


def test_the_safe_harbour_is_not_for_cars_in_service_after_2022() -> None:
    """Of 60,000 in 2025, 20,200 at once; the table is of nothing, so 39,800 wait for 2031, then 7,060 a year (Rev. Proc.
    2025-16). Without the special allowance the table goes on. 2026: Rev. Proc. 2026-15."""
    assert by_year(car(60_000, 2022, **AUTO))[:3] == [
        0,
        13_056,
        7833.60,
    ]  # 32 % and 19.2 % of 60,000 - 19,200
    assert by_year(car(60_000, 2025, **AUTO)) == [0] * 6 + [7060] * 5 + [4500]
    assert by_year(car(60_000, 2025, **AUTO, bonus=False))[:2] == [12_000, 19_200]
    assert by_year(car(150_000, 2026, **AUTO, bonus=False))[:4] == [12_300, 19_800, 11_900, 7160]
    assert [part.amount for part in car(60_000, 2026, **AUTO).allowances] == [2_030_000]


def test_no_more_than_the_limit_of_the_first_year_is_elected() -> None:
    """Section 280F(d)(1): 12,400 in 2024, of the rest 32 % and so on, the 20 % of the first year last; 20,400 of a car that
    is entitled to the special allowance, also when nothing is left for it."""
    found = car(15_000, 2024, **AUTO, bonus=False, section_179=12_400)
    assert by_year(found) == [0, 832, 499.20, 299.52, 299.52, 149.76, 520]
    assert by_year(car(15_000, 2024, **AUTO, bonus=False, section_179="max")) == by_year(found)
    whole = car(15_000, 2024, **AUTO, section_179=15_000)
    assert ([part.amount for part in whole.allowances], by_year(whole)) == ([1_500_000], [])
    # 75 %: 9,300 in the first year
    assert [
        p.amount
        for p in car(15_000, 2024, **AUTO, bonus=False, section_179="max", business_use="0.75").allowances
    ] == [930_000]


def test_what_is_never_used_for_business_is_not_depreciated() -> None:
    found = car(10_000, 2023, listed=True, business_use="0")
    assert (found.terms is not None and found.terms.method, found.residual) == (Method.NONE, 1_000_000)


def test_half_a_year_when_it_is_sold() -> None:
    found = car(10_000, 2023, listed=True, bonus=False, business_use="0.8")
    years = tax_years(found, disposed_on=date(2025, 5, 1))
    assert [year.amount for year in years] == [160_000, 256_000, 76_800]


@pytest.mark.parametrize(
    ("year", "elections", "field", "rule"),
    [
        (2027, AUTO, "in_service_on", "known"),
        (2025, {"listed": True, "business_use": "1.2"}, "business_use", "range"),
        (2024, {**AUTO, "bonus": False, "section_179": 12_401}, "section_179", "limit"),
        (2018, {**AUTO, "section_179": 18_001}, "section_179", "limit"),
        # it was not in service before its use for business began
        (
            2023,
            {
                "listed": True,
                "business_use": "0.6",
                "business_use_before": "0",
                "business_use_since": "2025-01-01",
            },
            "business_use_before",
            "in_service",
        ),
    ],
)
def test_what_is_refused(year: int, elections: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(PackError) as refused:
        car(60_000, year, **elections)
    assert (refused.value.field, refused.value.rule) == (field, rule)
