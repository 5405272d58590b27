"""What the test suites of Odoo, ERPNext and Tryton expect of stock valuation, through `calc costing`.

The cases are read from ../shared/cases/peer_stock_valuation (numbers only; sources in the file). Where our figure
differs, `OURS` has the right one, worked out by hand, and why.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from wherewithal.core.calc.costing import calc_costing
from wherewithal.core.calc.jsontext import loads
from wherewithal.core.costing.landed import CostLine, LandedError, share_landed_cost

FILE = Path(__file__).parents[3] / "shared" / "cases" / "peer_stock_valuation" / "cases.json"
CASES = loads(FILE.read_text())["cases"] if FILE.exists() else []
NARRATIVE = [case["id"] for case in CASES if "narrative" in case]
TOLERANCE = Decimal("0.005")

OURS: dict[tuple[str, str, str], tuple[Any, str]] = {
    ("odoo19-avco-accountingexplained", "move_values", "m5"): (
        Decimal("477.56"),
        "The source rounds the unit cost to 15.92 first. Exactly: (10 x 15.35 + 70 x 16) x 30 / 80 = 477.5625.",
    ),
    ("odoo19-avco-accountingexplained", "move_values", "m6"): (
        Decimal("795.94"),
        "The last piece takes what is left of 1,273.50, so that nothing remains at quantity 0.",
    ),
    ("odoo19-fifo-perpetual-1", "value_after", "am_m7_8"): (
        Decimal("-16"),
        "Two are still short after the receipt was corrected to 8. They left at the last known cost then, 8; the "
        "source revalues what is short at the newest cost, 12. Trued up by the next receipt, both end alike.",
    ),
    ("odoo19-fifo-negative-1", "closing_entries", ""): (
        [Decimal("-400"), Decimal("-80"), Decimal("250")],
        "The source adjusts the ledger when a period is closed; ours follows each step: 50 at standard 8; 40 at 15 "
        "cover 40; the 10 still short at 8 make -80; 20 at 25 cover them and leave 10.",
    ),
    ("tryton-avco-recompute", "move_unit_costs_after_recompute", ""): (
        {"m1": 100, "m2": 110, "m3": 120, "m4": 100},
        "The source lets the receipts of a day come first and then takes its new average. Here each step has its "
        "own instant: of the two issued, one cost 100 and the one that was short 120. The source's figure for m4 is "
        "the average after it; what m4 cost is 100.",
    ),
}


@pytest.mark.skipif(not FILE.exists(), reason="../shared/cases is not there")
def test_the_cases_were_read() -> None:
    assert len(CASES) >= 35
    assert {key[0] for key in OURS} <= {case["id"] for case in CASES}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "narrative" not in case], ids=lambda case: case["id"]
)
def test_peer_case(case: dict[str, Any]) -> None:
    answer = calc_costing(case)
    for name, expected in case["expect"].items():
        check(case, answer, name, expected)
    assert answer == calc_costing(json.loads(json.dumps(case, default=str))), (
        "numbers or texts, the same answer"
    )


def check(case: dict[str, Any], answer: dict[str, Any], name: str, expected: Any) -> None:
    """One expectation. Each name that occurs is known; a new one is looked for in the answer."""
    if name.startswith("value_after_"):
        ref = name.removeprefix("value_after_")
        same(answer["value_path"][place(case, ref)], ours(case, "value_after", ref, expected))
    elif name == "move_values":
        for ref, value in expected.items():
            same(abs(answer["move_values"][ref]), abs(ours(case, name, ref, value)))
    elif name == "unit_cost_path":
        for told, value in zip(answer[name], expected, strict=True):
            assert value is None or told == value
    elif name == "move_unit_costs":
        assert {ref: answer[name][ref] for ref in expected} == expected
    elif name == "move_unit_costs_before":
        assert [answer["unit_cost_path"][place(case, ref)] for ref in expected] == list(expected.values())
    elif name == "move_unit_costs_after_recompute":
        costs = {move["ref"]: abs(move["value"] + move["true_ups"]) / move["qty"] for move in answer["moves"]}
        assert costs == ours(case, name, "", expected)
    elif name == "layer_remaining_after":
        for ref, left in expected.items():
            layers = calc_costing(case | {"steps": case["steps"][: place(case, ref) + 1]})["layers"]
            told = {layer["ref"]: layer["qty"] for layer in layers}
            assert {each: told.get(each, 0) for each in left} == left
    elif name == "closing_entries":
        assert answer["value_path"] == ours(case, name, "", expected)
    elif name == "layer_values":
        assert [move["past_stock"] for move in answer["moves"]] == [expected[0]]
        assert (answer["final_qty"], answer["final_value"]) == (0, 0)
    elif name in ("queue", "consumed"):
        assert answer[name] == expected
    else:
        same(answer["final_qty" if name == "qty" else name], expected)


def ours(case: dict[str, Any], name: str, ref: str, expected: Any) -> Any:
    return OURS.get((case["id"], name, ref), (expected, ""))[0]


def same(told: Any, expected: Any) -> None:
    assert abs(told - expected) <= TOLERANCE


def place(case: dict[str, Any], ref: str) -> int:
    """The place of a step by its ref, or of an amendment by `am_<of>_<new quantity>`."""
    for number, step in enumerate(case["steps"]):
        if step.get("ref") == ref or f"am_{step.get('of')}_{step.get('new_qty', -1):.0f}" == ref:
            return number
    raise AssertionError(f"{case['id']} has no step {ref}")


@pytest.mark.skipif(not FILE.exists(), reason="../shared/cases is not there")
def test_a_landed_cost_over_amounts_that_cancel() -> None:
    """erpnext-landed-cost-amounts-cancel: by amount it must be rejected, by quantity it is 160 and -80."""
    case = next(case for case in CASES if case["id"] == "erpnext-landed-cost-amounts-cancel")
    said = case["narrative"][0]
    lines = [CostLine(*each) for each in zip(said["qty"], said["amounts"], strict=True)]
    with pytest.raises(LandedError, match="adds up to zero"):
        share_landed_cost(said["landed_cost"], "value", lines)
    assert share_landed_cost(said["landed_cost"], "quantity", lines) == case["expect"]["basis_qty"]
    assert NARRATIVE == ["erpnext-landed-cost-amounts-cancel"], "each narrative has a test of its own"
