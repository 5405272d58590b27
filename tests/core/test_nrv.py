"""Lower of cost and net realisable value (IAS 2.9, 28 to 33)."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from wherewithal.core.costing.nrv import NrvLine, assess, net_realisable_value, value_row
from wherewithal.core.posting import Role

FILE = Path(__file__).parents[3] / "shared" / "cases" / "ifrs" / "cases.json"


def test_item_by_item_with_reversal_up_to_cost() -> None:
    """IAS 2.29 and 33: three items at 100, 100, 50; net realisable 120, 85, 50, a year later 120, 110, 45."""
    first = assess([NrvLine("a", 100, 120), NrvLine("b", 100, 85), NrvLine("c", 50, 50)], {})
    assert [found.change for found in first] == [0, 15, 0]
    assert sum(found.carrying for found in first) == 235
    allowances = {found.group: found.allowance for found in first}
    second = assess([NrvLine("a", 100, 120), NrvLine("b", 100, 110), NrvLine("c", 50, 45)], allowances)
    assert [found.change for found in second] == [0, -15, 5]
    assert sum(found.carrying for found in second) == 245


@pytest.mark.skipif(not FILE.exists(), reason="../shared/cases is not there")
def test_the_collected_cases() -> None:
    cases = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}
    batch = cases["ias2-nrv-damaged-batch-1"]
    said, expected = batch["inputs"], batch["expected"]
    nrv = net_realisable_value(1, Fraction(said["sale_price"]), Fraction(said["repackaging_cost"]))
    found = assess([NrvLine("batch", said["batch_cost"], nrv)], {})[0]
    assert (nrv, found.change) == (expected["batch_nrv"], expected["write_down"])
    assert said["closing_inventory_cost"] - found.change == expected["closing_inventory"]


def test_a_category_is_assessed_as_a_whole() -> None:
    """What is above cost makes up for what is below it within the group, and only there."""
    found = assess([NrvLine("rings", 100, 120), NrvLine("rings", 100, 85), NrvLine("bolts", 10, 4)], {})
    assert [(each.group, each.allowance) for each in found] == [("rings", 0), ("bolts", 6)]


def test_what_is_gone_releases_its_allowance_and_nothing_is_carried_below_zero() -> None:
    gone, burden = assess([NrvLine("b", 30, -20)], {"a": 15})
    assert (gone.allowance, gone.change) == (0, -15)
    assert (burden.allowance, burden.carrying) == (30, 0)


def test_stock_that_is_short_has_no_allowance() -> None:
    assert assess([NrvLine("a", -30, -50)], {})[0].allowance == 0


def test_the_value_of_a_quantity_is_rounded_once() -> None:
    assert net_realisable_value(3, Fraction(5, 2), Fraction(1, 3)) == 6  # 6.5, tie to even


def test_the_value_row_of_a_change() -> None:
    row = value_row(7, 2, 739_000, -15)
    assert (row.move_id, row.cause_id, row.role, row.amount) == (0, -739_000, Role.NRV_ALLOWANCE, -15)
    assert (row.stock_amount, row.day) == (0, 739_000)
