"""Published cases about elections, pools, blocks and country rules, through `calc depreciation`.

The numbers are read from ../shared/cases/depreciation; each of its rule files is gone through entry by entry.
"""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from wherewithal.core.calc.jsontext import loads
from wherewithal.core.calc.pack_cases import calc_pack

FOLDER = Path(__file__).parents[4] / "shared" / "cases" / "depreciation"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/cases is not there")


def _read(name: str) -> Any:
    path = FOLDER / f"{name}.json"
    return loads(path.read_text()) if path.exists() else {}


EXAMPLES = {case["id"]: case for case in _read("worked_examples").get("cases", [])}


def _asset(pack: str, code: str, cost: Any, day: str, **elections: Any) -> dict[str, Any]:
    return calc_pack({"pack": pack, "class": code, "cost": cost, "acquired_on": day, "elections": elections})


def _plain(values: Any) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


# --- the worked examples ----------------------------------------------------------------------------------------


def test_us_half_year_and_mid_month() -> None:
    case = EXAMPLES["us-macrs-5y-hy-10000"]
    found = _asset("us", "5-year", case["inputs"]["basis"], "2020-05-01", bonus=False)
    assert found["charges"] == _plain(case["expected"]["schedule"])
    case = EXAMPLES["us-39y-june-1000000"]
    found = _asset("us", "nonresidential-real", case["inputs"]["basis"], "2020-06-15")
    charges = found["charges"]
    assert [charges[0], charges[1], charges[39]] == _plain(case["expected"].values())


def test_us_bonus_and_section_179() -> None:
    inputs = EXAMPLES["us-bonus-2025-new"]["inputs"]
    found = calc_pack(
        {
            "pack": "us",
            "class": "5-year",
            "cost": inputs["cost"],
            "acquired_on": inputs["acquired"],
            "in_service_on": inputs["placed_in_service"],
        }
    )
    assert found["allowances_total"] == 100_000
    assert found["charges"] == []
    assert found["first_year_total"] == 100_000
    case = EXAMPLES["us-179-phaseout-2025"]
    inputs = case["inputs"]
    limit = calc_pack(
        {
            "pack": "us",
            "limit": "section_179",
            "year": inputs["year"],
            "property": inputs["section179_property"],
        }
    )
    assert limit["maximum"] == case["expected"]["max_section_179"]


def test_uk_pools_and_hybrid_rate() -> None:
    case = EXAMPLES["uk-main-pool-govuk-1"]
    found = calc_pack({"pack": "uk", "pool": "main", **case["inputs"]})
    assert (found["allowance"], found["closing"]) == (case["expected"]["wda"], case["expected"]["closing"])
    case = EXAMPLES["uk-single-asset-pool-private-50"]
    found = calc_pack({"pack": "uk", "pool": "single-main", **case["inputs"]})
    assert (found["claim"], found["closing"]) == (case["expected"]["claim"], case["expected"]["closing"])
    case = EXAMPLES["uk-special-rate-hybrid-2019"]
    first, last = case["inputs"]["period"]
    found = calc_pack(
        {
            "pack": "uk",
            "rate_of": "special",
            "from": first,
            "to": last,
            "facts": {"tax": case["inputs"]["tax"]},
        }
    )
    assert abs(found["rate_pct_unrounded"] - case["expected"]["hybrid_pct_unrounded"]) < Decimal("1e-12")
    assert found["rate_pct"] == Decimal("6.5")


def test_de_degressive() -> None:
    case = EXAMPLES["de-degressive-2020-25pct"]
    found = _asset(
        "de",
        "movable",
        case["inputs"]["cost"],
        "2020-01-01",
        method="degressive",
        life_years=case["inputs"]["life"],
    )
    assert found["charges"][:2] == [case["expected"]["year1"], case["expected"]["year2"]]
    assert found["rows"][0]["book_value"] == case["expected"]["book1"]


def test_canada() -> None:
    case = EXAMPLES["ca-class8-150000-half-year"]
    inputs = case["inputs"]
    found = calc_pack(
        {"pack": "ca", "pool": "class-8", "additions": inputs["cost"], "years": inputs["years"]}
    )
    assert found["allowances"] == _plain(case["expected"]["cca"])
    case = EXAMPLES["ca-aii-straight-line-5y"]
    found = _asset("ca", "class-14", case["inputs"]["cost"], "2019-02-01", life_years=case["inputs"]["life"])
    assert found["charges"] == _plain(case["expected"]["percent"])


def test_australia() -> None:
    case = EXAMPLES["au-30000-5y"]
    inputs = case["inputs"]
    for method, expected in (("prime_cost", "prime_cost_y1"), ("diminishing_value", "diminishing_value_y1")):
        found = _asset(
            "au", "asset", inputs["cost"], "2020-07-01", method=method, life_years=inputs["effective_life"]
        )
        assert found["charges"][0] == case["expected"][expected]


def test_india_rates() -> None:
    classes = {3: "computer", 5: "office-equipment", 6: "server", 8: "car", 10: "furniture"}
    classes |= {15: "plant", 30: "factory-building", 60: "building-rcc"}
    expected = EXAMPLES["in-schedule-ii-wdv-rates"]["expected"]
    for life, percent in expected["wdv_percent"].items():
        found = _asset("in-companies", classes[int(life)], 10_000, "2022-04-01", method="wdv")
        assert found["charges"][0] == percent * 100
    for life, percent in expected["slm_percent"].items():
        found = _asset("in-companies", classes[int(life)], 1_000_000, "2022-04-01")
        assert round(found["charges"][0] / 10_000, 2) == percent


def test_japan_straight_line() -> None:
    case = EXAMPLES["jp-old-straight-line-life10-1m"]
    found = _asset("jp", "asset", case["inputs"]["cost"], "2007-04-01", method="straight_line", life_years=10)
    assert found["charges"] == case["expected"]["schedule"]
    assert found["closing"] == case["expected"]["closing_last"]


def test_france_with_an_older_coefficient() -> None:
    case = EXAMPLES["fr-degressif-5y-14000-coef2-no-prorata"]
    inputs = case["inputs"]
    for day, stated in (
        ("2000-01-01", {}),
        ("2020-01-01", {"own_coefficient": True, "coefficient": inputs["coef"]}),
    ):
        found = _asset(
            "fr", "equipment", inputs["cost"], day, method="degressif", life_years=inputs["life"], **stated
        )
        assert found["charges"] == _plain(case["expected"]["schedule"])


# --- the rule files, entry by entry -----------------------------------------------------------------------------


def test_us_rules() -> None:
    rules = _read("us_rules")
    steps = rules["bonus_168k"]["by_placed_in_service"]
    for step in steps:
        acquired = "2025-01-20" if "after 2025" in step.get("cond", "") else "2017-09-28"
        for day in (step["from"], step["to"] or "2031-06-30"):
            found = calc_pack(
                {
                    "pack": "us",
                    "class": "7-year",
                    "cost": 10_000,
                    "acquired_on": acquired,
                    "in_service_on": day,
                }
            )
            assert found["allowances_total"] == step["percent"] * 100, step
    limits = rules["section_179"]["by_year"]
    assert limits
    for year, (limit, threshold) in limits.items():
        found = calc_pack({"pack": "us", "limit": "section_179", "year": int(year), "property": threshold})
        assert (found["limit"], found["threshold"], found["maximum"]) == (limit, threshold, limit)
    for years, threshold in rules["section_179"]["threshold_by_year_published"].items():
        first, last = int(years[:4]), int(years[-4:])
        for year in range(max(first, 2003), last + 1):
            assert calc_pack({"pack": "us", "limit": "section_179", "year": year})["threshold"] == threshold


@pytest.mark.parametrize("table", ["A-1", "A-6", "A-7a"])
def test_us_tables_to_the_digit(table: str) -> None:
    """Each column of the printed tables, as percentages and as amounts of a basis of 1,000,000."""
    data = _read("us_macrs_tables")["tables"][table]
    columns = data.get("percent_by_recovery_period") or data["percent_by_month_placed_in_service"]
    for name, column in columns.items():
        if table == "A-1":
            code, day = f"{name}-year", "2021-08-01"
        else:
            code = "residential-rental" if table == "A-6" else "nonresidential-real"
            day = f"2021-{int(name):02}-28"
        found = _asset("us", code, 1_000_000, day, **({"bonus": False} if table == "A-1" else {}))
        assert found["table_pct"] == column, (table, name)
        assert found["charges"] == [percent * 10_000 for percent in column]


def test_uk_rules() -> None:
    rules = _read("uk_rules")
    ask = {"pack": "uk", "rate_of": "main"}
    before = calc_pack({**ask, "from": "2025-04-01", "to": "2026-03-31"})
    after = calc_pack({**ask, "from": "2026-04-01", "to": "2027-03-31"})
    rates = [row["rate"] * 100 for row in rules["main_rate"]]
    assert [before["rate_pct"], after["rate_pct"]] == rates
    income = calc_pack({**ask, "from": "2025-04-06", "to": "2026-04-05", "facts": {"tax": "income"}})
    assert income["rate_pct"] == rates[0]
    special = calc_pack({**ask, "rate_of": "special", "from": "2024-04-01", "to": "2025-03-31"})
    assert special["rate_pct"] == rules["special_rate"] * 100
    assert _uk("main", rules["small_pool_limit"])["closing"] == 0
    assert _uk("main", rules["small_pool_limit"] + 1)["closing"] > 0
    limit = calc_pack({"pack": "uk", "limit": "aia", "from": "2024-04-01", "to": "2025-03-31"})
    assert limit["maximum"] == rules["AIA"]
    full = rules["full_expensing"]
    assert _uk_claim("main", "full-expensing")["first_year"] == 10_000 * full["main_rate_new_assets"]
    assert _uk_claim("special", "special-50")["first_year"] == 10_000 * full["special_rate_first_year"]
    forty = _uk_claim("main", "fya-40", on=rules["FYA_40"]["from"])
    assert (forty["first_year"], forty["closing"]) == (4_000, 6_000)
    structure = _asset("uk", "structure", 100_000, rules["SBA"]["from"])
    assert structure["charges"][0] == 100_000 * rules["SBA"]["rate"]


def _uk(pool: str, opening: Any) -> dict[str, Any]:
    return calc_pack(
        {"pack": "uk", "pool": pool, "opening": opening, "from": "2024-04-01", "to": "2025-03-31"}
    )


def _uk_claim(pool: str, allowance: str, on: str = "2024-05-01", **facts: Any) -> dict[str, Any]:
    return calc_pack(
        {
            "pack": "uk",
            "pool": pool,
            "from": "2025-05-01" if on > "2025-04-30" else "2024-05-01",
            "to": "2026-04-30" if on > "2025-04-30" else "2025-04-30",
            "additions": [{"amount": 10_000, "on": on, "allowance": allowance, "facts": facts}],
        }
    )


def test_de_rules() -> None:
    rules = _read("de_rules")
    for window in rules["degressive"]:
        for day in window["acquired"]:
            case = {
                "pack": "de",
                "class": "movable",
                "cost": 120_000,
                "acquired_on": day,
                "elections": {"method": "degressive", "life_years": 40},
            }
            if window["multiple"] is None:
                with pytest.raises(ValueError, match="No rule of this class"):
                    calc_pack(case)
                continue
            months = 13 - int(day[5:7])
            assert calc_pack(case)["charges"][0] == 120_000 * window["multiple"] / 40 * months / 12
            case["elections"] = {"method": "degressive", "life_years": 5}
            assert calc_pack(case)["charges"][0] == 120_000 * window["cap"] * months / 12
    low = rules["GWG"]
    edge, above = low["immediate_up_to_net"], low["immediate_up_to_net"] + Decimal("0.01")
    assert _asset("de", "office-furniture", edge, "2024-03-01")["allowances_total"] == edge
    assert _asset("de", "office-furniture", above, "2024-03-01")["allowances"] == []
    pooled = {"low_value": "pool"}
    for cost, pool in (
        (low["pool_over"], None),
        (low["pool_over"] + Decimal("0.01"), "low-value"),
        (low["pool_to"], "low-value"),
        (low["pool_to"] + Decimal("0.01"), None),
    ):
        assert _asset("de", "office-furniture", cost, "2024-03-01", **pooled)["pool"] == pool
    years = low["pool_years"]
    found = calc_pack({"pack": "de", "pool": "low-value", "additions": 1_000, "years": years})
    assert found["allowances"] == [Decimal(1_000) / years] * years
    electric = _asset("de", "car", 10_000, "2026-11-01", method="electric_vehicle")
    assert electric["charges"] == [part * 10_000 for part in rules["EV_7_2a"]]


def test_fr_rules() -> None:
    coefficients = _read("fr_rules")["coefficients"]
    lives = {"3-4 years": (3, 4), "5-6 years": (5, 6), "over 6 years": (7, 20)}
    for name, coefficient in coefficients.items():
        for life in lives[name]:
            found = _asset("fr", "equipment", 84_000, "2021-01-01", method="degressif", life_years=life)
            exact = Fraction(84_000) * Fraction(coefficient) / life
            assert found["charges"][0] == round(Decimal(exact.numerator) / exact.denominator, 2)
            assert sum(found["charges"]) == 84_000
            assert len(found["charges"]) == life
    late = _asset("fr", "equipment", 84_000, "2021-10-20", method="degressif", life_years=5)
    assert late["charges"][0] == 84_000 * Decimal("0.35") * 3 / 12


def test_in_rules() -> None:
    rules = _read("in_rules")
    classes = {
        "factory buildings": "factory-building",
        "RCC building non-factory": "building-rcc",
        "general plant and machinery": "plant",
        "continuous process plant": "continuous-plant",
        "earth-moving machinery": "earth-moving",
        "furniture": "furniture",
        "office equipment": "office-equipment",
        "computers": "computer",
        "servers and networks": "server",
        "motor cars": "car",
        "motorcycles": "motorcycle",
        "non-RCC building non-factory": "building",
        "fences wells tube wells": "fence",
        "temporary structures": "temporary-structure",
        "bridges culverts": "bridge",
        "carpeted road RCC": "road-carpeted-rcc",
        "carpeted road non-RCC": "road-carpeted",
        "non-carpeted road": "road",
        "motor vehicles run on hire": "vehicle-hire",
        "electrical installations": "electrical",
        "aircraft": "aircraft",
        "hotel/school furniture": "furniture-hotel",
    }
    assert set(classes) == set(rules["useful_lives_years"])
    cost = 120_000
    for name, life in rules["useful_lives_years"].items():
        found = _asset("in-companies", classes[name], cost, "2022-04-01")
        assert found["residual"] == cost * rules["residual_max"]
        assert sum(found["charges"]) == cost * (1 - rules["residual_max"])
        exact = Decimal(cost) * Decimal("0.95") / life
        assert abs(found["charges"][0] - exact) <= Decimal("0.005")
    for shift in (rules["double_shift"], rules["triple_shift"]):
        found = _asset("in-companies", "plant", cost, "2022-04-01", shift=shift)
        assert found["charges"][0] == cost * Decimal("0.95") / 15 * shift
    with pytest.raises(ValueError, match="no_extra_shift"):
        _asset("in-companies", "computer", cost, "2022-04-01", shift=2)
    with pytest.raises(ValueError, match="residual"):
        _asset("in-companies", "plant", cost, "2022-04-01", residual=Decimal("0.06"))


def test_ca_rules() -> None:
    """2025 and later: as the file says for what was acquired before 2025; the file asks to check whether the
    reinstatement was enacted: it was (S.C. 2026, c. 3)."""
    first, second = _read("ca_rules")["AII"]
    for day in first["available_for_use"]:
        assert _class_8(day) == 3_000
    for day in second["available_for_use"]:
        assert _class_8(day, reaccelerated=False) == 2_000
    assert _class_8("2018-11-20") == 1_000
    assert _class_8("2028-01-01", reaccelerated=False) == 1_000
    assert _class_8("2020-06-01", incentive=False) == 1_000
    assert _class_8("2025-06-01") == 3_000


def _class_8(day: str, **facts: Any) -> Decimal:
    year = day[:4]
    found = calc_pack(
        {
            "pack": "ca",
            "pool": "class-8",
            "from": f"{year}-01-01",
            "to": f"{year}-12-31",
            "additions": [{"amount": 10_000, "on": day, "facts": facts}],
        }
    )
    answer: Decimal = found["allowance"]
    return answer


def test_jp_property_tax_rates() -> None:
    """The municipal rate of each life: first year half of it (three decimals, truncated), then of the value."""
    data = _read("jp_property_tax_rates")
    for life, rate in data["rates"].items():
        found = _asset("jp", "property-tax", 1_000_000, "2010-04-01", life_years=int(life))
        kept = (1_000 - 500 * rate) // 1 * 1_000
        assert found["rows"][0]["book_value"] == kept
        assert found["rows"][1]["book_value"] == max(kept * (1 - rate) // 1, 50_000)
    for life, factor in data["first_year_factor_examples"].items():
        found = _asset("jp", "property-tax", 1_000_000, "2010-04-01", life_years=int(life))
        assert found["rows"][0]["book_value"] == 1_000_000 * factor


def test_every_example_is_known_here() -> None:
    """An example that is added to the file has to be added here."""
    assert set(EXAMPLES) == {
        "us-macrs-5y-hy-10000", "us-39y-june-1000000", "us-bonus-2025-new", "us-179-phaseout-2025",
        "uk-main-pool-govuk-1", "uk-single-asset-pool-private-50", "uk-special-rate-hybrid-2019",
        "de-degressive-2020-25pct", "ca-class8-150000-half-year", "ca-aii-straight-line-5y", "au-30000-5y",
        "in-schedule-ii-wdv-rates", "jp-old-straight-line-life10-1m", "fr-degressif-5y-14000-coef2-no-prorata",
    }  # fmt: skip
