"""Published figures of depreciation through `calc depreciation`: every case of ../shared/cases that is one of terms.

IRS tables by table and by formula, spreadsheet functions, Japanese property tax rates, worked examples, and what the
test suites of ERPNext, OCA and Tryton expect. Pools, elections and first-year allowances run with the packs.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wherewithal.core.calc.depreciation import calc_depreciation
from wherewithal.core.calc.jsontext import loads
from wherewithal.core.calc.reading import CaseError

FOLDER = Path(__file__).parents[3] / "shared" / "cases"


def read(name: str) -> Any:
    path = FOLDER / name
    return loads(path.read_text()) if path.exists() else {}


TABLES = read("depreciation/us_macrs_tables.json").get("tables", {})
FUNCTIONS = [
    case
    for case in read("depreciation/spreadsheet_functions.json").get("cases", [])
    if not case.get("disputed")
]
EXAMPLES = {case["id"]: case for case in read("depreciation/worked_examples.json").get("cases", [])}
PEERS = {case["id"]: case for case in read("peer_assets/cases.json").get("cases", [])}
JAPAN = read("depreciation/jp_property_tax_rates.json")

there = pytest.mark.skipif(not FOLDER.exists(), reason="../shared/cases is not there")


@there
def test_the_cases_were_read() -> None:
    assert len(FUNCTIONS) >= 74
    assert len(EXAMPLES) >= 14
    assert len(PEERS) >= 14
    assert set(WITH_PACKS) <= set(EXAMPLES)
    assert set(NOT_TERMS) <= set(PEERS)


# --- IRS Publication 946 ------------------------------------------------------------------------------------

COLUMNS = [
    (table, column, percents)
    for table, content in TABLES.items()
    for key in ("percent_by_recovery_period", "percent_by_month_placed_in_service")
    for column, percents in content.get(key, {}).items()
]


def formula_of(table: str, column: str) -> dict[str, Any]:
    """The terms behind a column. Percentages are amounts of a basis of 100, rounded and carried on as printed."""
    said: dict[str, Any] = {"cost": 100, "by": "year", "rounding": "printed_table", "currency_decimals": 3}
    if table == "A-1":
        life = int(column)
        decimals = 3 if life == 20 else 2
        factor = 2 if life <= 10 else Decimal("1.5")
        return said | {
            "currency_decimals": decimals,
            "method": "declining_switch",
            "factor": factor,
            "life": life,
            "convention": "half_year",
        }
    line = said | {"method": "straight_line", "month": int(column), "convention": "mid_month"}
    if table == "A-6":
        return line | {"life": Decimal("27.5")}
    # A-7a has its months rounded by themselves: 2.564 % a year, 0.214 % a month.
    return line | {"life": 39, "rate_decimals": 5, "month_rate_decimals": 5}


@pytest.mark.parametrize(("table", "column", "percents"), COLUMNS, ids=lambda value: str(value)[:12])
def test_irs_table_by_formula(table: str, column: str, percents: list[Decimal]) -> None:
    assert calc_depreciation(formula_of(table, column))["charges"] == percents


@pytest.mark.parametrize(("table", "column", "percents"), COLUMNS, ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("basis", [10_000, 123_457, Decimal("999.99")])
def test_irs_table_by_table(table: str, column: str, percents: list[Decimal], basis: Decimal | int) -> None:
    """Each year the printed percent of the unrounded basis, rounded to the cent; the last takes what is left."""
    said = {
        "cost": basis,
        "table": percents,
        "convention": "half_year" if table == "A-1" else "mid_month",
        "month": 1 if table == "A-1" else int(column),
        "rounding": {"mode": "half_up", "of": "charge"},
    }
    charges = calc_depreciation(said)["charges"]
    printed = [round(basis * percent / 100 + Decimal("1e-9"), 2) for percent in percents]
    assert charges[:-1] == printed[:-1]
    assert sum(charges) == basis
    assert abs(charges[-1] - printed[-1]) <= Decimal("0.20")


@there
@pytest.mark.parametrize(("table", "column", "percents"), COLUMNS, ids=lambda value: str(value)[:12])
def test_irs_table_by_name(table: str, column: str, percents: list[Decimal]) -> None:
    said: dict[str, Any] = {"method": "macrs", "cost": 1_000_000}
    if table == "A-1":
        said |= {"life": int(column), "convention": "half-year"}
    else:
        said |= {"life": {"A-6": Decimal("27.5"), "A-7a": 39}[table], "month": int(column)}
    assert calc_depreciation(said)["charges"] == [percent * 10_000 for percent in percents]


# --- spreadsheet functions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case["id"])
def test_spreadsheet_function(case: dict[str, Any]) -> None:
    answer = calc_depreciation({"function": case["function"], "args": case["args"]})
    if isinstance(case["expected"], str):
        assert answer["error"] == case["expected"]
        return
    tolerance = Decimal(1).scaleb(-case["round"]) / 2 if "round" in case else Decimal("1e-7")
    assert abs(answer["value"] - case["expected"]) <= tolerance
    assert answer == calc_depreciation(
        {"function": case["function"].lower(), "args": list(case["args"].values())}
    )


# --- Japan --------------------------------------------------------------------------------------------------


@there
def test_japanese_rates_are_the_formula_but_for_two() -> None:
    """1 - 0.1 ^ (1 / life) to three decimals; lives 24 and 34 are printed one higher: the table is the law there."""
    rates = {
        int(life): calc_depreciation(
            {
                "method": "declining",
                "cost": 1_000_000,
                "residual_fraction": "0.1",
                "life": int(life),
                "rate_decimals": 3,
            }
        )["rate_pct"]
        / 100
        for life in JAPAN["rates"]
    }
    printed = {int(life): rate for life, rate in JAPAN["rates"].items()}
    assert {life for life in rates if rates[life] != printed[life]} == {24, 34}
    assert (rates[24], rates[34]) == (Decimal("0.091"), Decimal("0.065"))


@there
def test_japanese_property_tax_takes_half_a_rate_in_the_first_year() -> None:
    """What is left after it is printed to three decimals, truncated (life 5: 0.8155 is 0.815)."""
    for life, factor in JAPAN["first_year_factor_examples"].items():
        said = {"method": "declining", "cost": 1_000_000, "rate": JAPAN["rates"][life], "years": 2}
        rows = calc_depreciation(said | {"convention": "half_year"})["rows"]
        assert rows[0]["book_value"] // 1000 * 1000 == 1_000_000 * factor
        assert rows[1]["book_value"] == rows[0]["book_value"] * (1 - JAPAN["rates"][life])


# --- worked examples ----------------------------------------------------------------------------------------

WITH_PACKS = (
    "us-bonus-2025-new",
    "us-179-phaseout-2025",
    "uk-main-pool-govuk-1",
    "uk-single-asset-pool-private-50",
    "uk-special-rate-hybrid-2019",
    "ca-aii-straight-line-5y",
)
"""Pools, limits, elections, first-year allowances: see the tests of the packs."""

SAID: dict[str, dict[str, Any]] = {
    "us-macrs-5y-hy-10000": {"method": "macrs"},
    "us-39y-june-1000000": {"method": "macrs", "life": 39},
    "de-degressive-2020-25pct": {"method": "declining"},
    "ca-class8-150000-half-year": {"method": "declining", "convention": "half_year"},
    "jp-old-straight-line-life10-1m": {
        "method": "straight_line",
        "base": "cost",
        "residual": 1,
        "currency_decimals": 0,
    },
    "fr-degressif-5y-14000-coef2-no-prorata": {},
}
"""What the name of the regime says beside the inputs."""


def worked(name: str, **more: Any) -> dict[str, Any]:
    return calc_depreciation(EXAMPLES[name]["inputs"] | SAID.get(name, {}) | more)


@there
def test_every_worked_example_runs_somewhere() -> None:
    others = {"au-30000-5y", "in-schedule-ii-wdv-rates"}
    assert set(EXAMPLES) - set(WITH_PACKS) - others <= set(SAID), "a new example: say what its regime means"


@there
@pytest.mark.parametrize("name", sorted(SAID))
def test_worked_example(name: str) -> None:
    expected = EXAMPLES[name]["expected"]
    answer = worked(name)
    charges = answer["charges"]
    for key in ("schedule", "cca", "percent"):
        if key in expected:
            assert charges[: len(expected[key])] == expected[key]
    for year in (1, 2, 40):
        if f"year{year}" in expected:
            assert charges[year - 1] == expected[f"year{year}"]
    if "book1" in expected:
        assert answer["rows"][0]["book_value"] == expected["book1"]
    if "closing_last" in expected:
        assert answer["closing"] == expected["closing_last"]
    if "declining_rate" in expected:
        assert answer["rate_pct"] == 100 * expected["declining_rate"]
        assert charges[3] == charges[4], "the straight line from year 4 on"


@there
def test_worked_example_australia() -> None:
    """Prime cost and diminishing value of the same asset, 365 days held in the first year."""
    expected = EXAMPLES["au-30000-5y"]["expected"]
    assert worked("au-30000-5y", method="prime_cost")["first"] == expected["prime_cost_y1"]
    assert worked("au-30000-5y", method="diminishing_value")["first"] == expected["diminishing_value_y1"]


@there
def test_worked_example_india() -> None:
    """Rates of written-down value and straight line that leave 5 %, in percent to two decimals."""
    case = EXAMPLES["in-schedule-ii-wdv-rates"]
    for method, key in (("written_down_value", "wdv_percent"), ("straight_line", "slm_percent")):
        for life, percent in case["expected"][key].items():
            said = {"cost": 100, "life": int(life), "method": method}
            answer = calc_depreciation(said | {"residual_fraction": case["inputs"]["residual_fraction"]})
            assert abs(answer["rate_pct"] - percent) <= Decimal("0.005")


# --- other systems ------------------------------------------------------------------------------------------

NOT_TERMS = ("erpnext-cwip-to-asset",)
"""Taxes and clearing accounts of a purchase: no depreciation in it."""


def peer(name: str, **more: Any) -> dict[str, Any]:
    """The inputs as they are; the policy that a case names is the option of that name."""
    case = PEERS[name]
    policy = {"policy": "rate rounding"} if case.get("policy") == "rate rounding" else {}
    return calc_depreciation(case["inputs"] | policy | more)


@there
@pytest.mark.parametrize("name", [name for name, case in PEERS.items() if isinstance(case["expect"], list)])
def test_peer_schedule(name: str) -> None:
    rows = [[row["to"], row["charge"], row["accumulated"]] for row in peer(name)["rows"]]
    assert rows == PEERS[name]["expect"]


@there
@pytest.mark.parametrize("name", [name for name in PEERS if name.startswith("oca-")])
def test_peer_figures_of_oca(name: str) -> None:
    expect = PEERS[name]["expect"]
    answer = peer(name)
    for theirs, ours in (
        ("base", "depreciable"),
        ("first", "first"),
        ("regular", "regular"),
        ("last", "last"),
    ):
        if theirs in expect:
            assert answer[ours] == expect[theirs]
    if "charge" in expect:
        assert set(answer["charges"]) == {expect["charge"]}
    if "after_first" in expect:
        row = answer["rows"][0]
        assert row["accumulated"] == expect["after_first"]["depreciated"]
        assert row["book_value"] - answer["residual"] == expect["after_first"]["residual"]
    if "charges" in expect:
        assert answer["charges"] == expect["charges"]
    if "charges_at" in expect:
        assert answer["n_rows"] == expect["n_lines"]
        assert all(answer["charges"][int(at) - 1] == charge for at, charge in expect["charges_at"].items())
    if "salvage" in expect:
        assert answer["residual"] == expect["salvage"]


@there
def test_peer_life_cycle_of_tryton() -> None:
    """24 months; after three the gross value becomes 1,100; sold after six. Each charge rounded, the last the rest."""
    name = "tryton-24m-life-cycle"
    expect = PEERS[name]["expect"]
    answer = peer(name)
    assert answer["n_rows"] == expect["n_lines"]
    assert set(answer["charges"]) == {expect["monthly"]}
    for month, figures in expect["after"].items():
        row = answer["rows"][int(month) - 1]
        assert (row["book_value"], row["accumulated"]) == (figures["book"], figures["acc"])
    change = {"rounding": "rest_last", "changes": [{"after_months": 3, "revalue_to": 1100}]}
    revalued = expect["revalue_to_1100_after_3_months"]
    charges = peer(name, **change)["charges"]
    assert charges[:3] == [revalued["first3"]] * 3
    assert charges[3:23] == [revalued["months_4_to_23"]] * 20
    assert charges[23:] == [revalued["month_24"]]
    assert sum(charges[:3]) == expect["post_3_months"]["expense_debit"]
    assert sum(charges[:6]) == expect["post_6_months"]
    sold = peer(name, **change, disposed_on="2025-07-01", proceeds=600)["disposal"]
    assert sold["accumulated"] == expect["sold_for_600"]["accumulated_debit"]
    revenue = expect["sold_for_600"]
    # Their 100 of revenue_credit beside the 600 is the revaluation's gain, booked three months before.
    assert sold["gain"] == revenue["revenue_credit"] - 100 - revenue["revenue_debit"]


@there
def test_peer_sale_and_refusal_of_erpnext() -> None:
    """A sale before any further charge (p = 0), and a residual above the cost."""
    sale = peer("erpnext-sale-25000")["disposal"]
    assert (sale["accumulated"], sale["gain"]) == (18000, -57000)
    with pytest.raises(CaseError) as refused:
        peer("erpnext-reject-salvage-gt-cost")
    assert (refused.value.where, refused.value.rule) == ("residual", "above_cost")
