"""The collected examples of IFRS standards (../shared/cases/ifrs), put to `calc` as they stand.

The sources round to whole units, so answers are compared with a tolerance of 1, as the collection says. The two cases
of IAS 2 (inventories) are in test_nrv.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from wherewithal.core.calc.jsontext import loads
from wherewithal.core.calc.kinds import KINDS
from wherewithal.core.costing.nrv import NrvLine, assess, net_realisable_value

FILE = Path(__file__).parents[3] / "shared" / "cases" / "ifrs" / "cases.json"
CASES: list[dict[str, Any]] = loads(FILE.read_text())["cases"] if FILE.exists() else []
TOLERANCE = 1

NAMES = {
    "revaluation_gain_oci": "oci_surplus",
    "depreciation": "annual_depreciation",
    "carrying_after": "carrying_after_one_year",
}
"""Names that the source of a revaluation uses otherwise."""


def _calc(kind: str, names: dict[str, str] | None = None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def answer(inputs: dict[str, Any]) -> dict[str, Any]:
        found = KINDS[kind].calculate(inputs)
        assert "ignored" not in found, found["ignored"]
        return found | {theirs: found[ours] for theirs, ours in (names or {}).items() if ours in found}

    return answer


def _nrv_items(inputs: dict[str, Any]) -> dict[str, Any]:
    lines = [NrvLine(number, each["cost"], each["nrv"]) for number, each in enumerate(inputs["items"])]
    later = [NrvLine(number, each["cost"], each["nrv"]) for number, each in enumerate(inputs["next_year"])]
    first = assess(lines, {})
    second = assess(later, {found.group: found.allowance for found in first})
    return {
        "write_down_y1": sum(found.change for found in first),
        "carrying_y1": sum(found.carrying for found in first),
        "reversal_y2": -sum(found.change for found in second if found.change < 0),
        "write_down_y2": sum(found.change for found in second if found.change > 0),
        "carrying_y2": sum(found.carrying for found in second),
    }


def _nrv_batch(inputs: dict[str, Any]) -> dict[str, Any]:
    nrv = net_realisable_value(1, Fraction(inputs["sale_price"]), Fraction(inputs["repackaging_cost"]))
    change = assess([NrvLine("batch", inputs["batch_cost"], nrv)], {})[0].change
    closing = inputs["closing_inventory_cost"] - change
    return {"batch_nrv": nrv, "write_down": change, "closing_inventory": closing}


ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ias36-ie2-country-a": _calc("impairment"),
    "ifrs16-ie13-part1-initial": _calc("lease"),
    "ifrs16-ie24-sale-leaseback": _calc("lease"),
    "ifrs5-ie10-disposal-group": _calc("impairment"),
    "ias16-revaluation-kaplan": _calc("measurement", NAMES),
    "ias16-revaluation-15-to-17": _calc("measurement"),
    "ias16-component-approach": _calc("measurement"),
    "ias16-disposal-gain": _calc("measurement"),
    "ias2-nrv-item-by-item": _nrv_items,
    "ias2-nrv-damaged-batch-1": _nrv_batch,
}


@pytest.mark.skipif(not FILE.exists(), reason="../shared/cases is not there")
def test_the_cases_were_read() -> None:
    assert set(ANSWERS) <= {case["id"] for case in CASES}


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["id"] in ANSWERS], ids=lambda case: case["id"]
)
def test_collected_case(case: dict[str, Any]) -> None:
    found = ANSWERS[case["id"]](case["inputs"])
    for name, expected in case["expected"].items():
        _same(found[name], expected, name)


def _same(found: Any, expected: Any, name: str) -> None:
    if isinstance(expected, dict):
        assert set(expected) <= set(found), name
        for part, amount in expected.items():
            _same(found[part], amount, f"{name}.{part}")
    else:
        assert abs(Decimal(found) - Decimal(str(expected))) <= TOLERANCE, (name, found, expected)
