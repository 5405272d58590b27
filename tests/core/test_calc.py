"""`calc costing`: cases worked out by hand, errors that name the step, JSON that is exact."""

from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest

from wherewithal.core.calc.costing import calc_costing
from wherewithal.core.calc.costing_schema import ANSWER, CASE
from wherewithal.core.calc.jsontext import JsonError, dumps, loads
from wherewithal.core.calc.kinds import KINDS, calculate_text
from wherewithal.core.calc.reading import CaseError


def case(method: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"method": method, "currency_decimals": 2, "steps": list(steps), **more}


def step(op: str, **said: Any) -> dict[str, Any]:
    return {"op": op, **said}


def answer(method: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = case(method, *steps, **more)
    jsonschema_rs.validator_for(CASE).validate(loads(dumps(said)))
    found = calc_costing(said)
    jsonschema_rs.validator_for(ANSWER).validate(loads(dumps(found)))
    return found


def entries(found: dict[str, Any], number: int) -> list[tuple[str, str, Decimal]]:
    """(debit, credit, amount) of a step."""
    return [(e["debit"], e["credit"], e["amount"]) for e in found["entries"] if e["step"] == number]


def test_a_landed_cost_after_the_sale_goes_to_cost_of_sales_in_part() -> None:
    """10 at 10, 6 sold, freight 20 comes: 12 of it belong to what was sold."""
    found = answer(
        "fifo",
        step("receive", ref="in", qty=10, unit_cost=10),
        step("issue", ref="out", qty=6),
        step("landed_cost", of="in", amount=20),
    )
    assert (found["final_qty"], found["final_value"], found["unit_cost"]) == (4, 48, 12)
    assert found["value_path"] == [100, 40, 48]
    assert found["move_values"] == {"in": 120, "out": -72}
    assert entries(found, 3) == [
        ("inventory", "landed_cost_clearing", 20),
        ("cost_of_sales", "inventory", 12),
    ]


def test_figures_of_any_size_are_exact() -> None:
    found = answer(
        "fifo",
        step("receive", qty=10, unit_cost="1" + "0" * 29 + ".01"),
        step("issue", qty=3),
        qty_decimals=0,
    )
    assert (found["final_value"], found["unit_cost"]) == (
        Decimal("7" + "0" * 29 + ".07"),
        Decimal("1" + "0" * 29 + ".01"),
    )
    assert [str(cost) for cost in found["unit_cost_path"]] == ["1" + "0" * 29 + ".01"] * 2


def test_a_price_correction_after_the_sale() -> None:
    found = answer(
        "average",
        step("receive", ref="in", qty=4, unit_cost=10),
        step("issue", qty=1),
        step("amend_unit_cost_of_past_move", of="in", new_unit_cost="11"),
    )
    assert (found["final_qty"], found["final_value"]) == (3, 33)
    assert entries(found, 3) == [("inventory", "grni", 4), ("cost_of_sales", "inventory", 1)]


def test_a_corrected_quantity_keeps_the_unit_price() -> None:
    found = answer(
        "lifo",
        step("receive", ref="a", qty=10, unit_cost="1.005"),  # 10.05
        step("amend_quantity_of_past_move", of="a", new_qty=3),  # 3.015, half-even 3.02
        step("amend_quantity_of_past_move", of="a", new_qty=5),  # 5.025, half-even 5.02
    )
    assert found["value_path"] == [Decimal("10.05"), Decimal("3.02"), Decimal("5.02")]
    assert found["final_qty"] == 5


def test_a_reversed_receipt_never_was_but_its_freight_was_paid() -> None:
    found = answer(
        "fifo",
        step("receive", ref="a", qty=2, unit_cost=10),
        step("receive", ref="b", qty=2, unit_cost=20),
        step("issue", ref="c", qty=2),
        step("landed_cost", of="a", amount=5),
        step("reverse", of="a"),
    )
    assert (found["final_qty"], found["final_value"]) == (0, 0)
    assert found["move_values"] == {"a": 0, "b": 40, "c": -40}
    assert ("cost_variance", "landed_cost_clearing", 5) in entries(found, 5)


def test_standard_cost_variances_and_revaluation() -> None:
    found = answer(
        "standard",
        step("receive", ref="in", qty=3, unit_cost=12),
        step("set_standard_cost", value=11),
        step("return_to_supplier", of="in", qty=1),
        initial_standard_cost=10,
    )
    assert found["value_path"] == [30, 33, 22]
    assert found["unit_cost_path"] == [10, 11, 11]
    assert entries(found, 1) == [("inventory", "grni", 36), ("price_variance", "inventory", 6)]
    assert entries(found, 2) == [("inventory", "revaluation", 3)]
    assert entries(found, 3) == [("grni", "inventory", 11), ("grni", "price_variance", 1)]


def test_a_method_change_keeps_the_value() -> None:
    steps = (step("receive", qty=1, unit_cost=10), step("receive", qty=1, unit_cost=20))
    for before, after in (
        ("fifo", "average"),
        ("average", "fifo"),
        ("lifo", "standard"),
        ("standard", "lifo"),
    ):
        found = answer(before, *steps, step("change_cost_method", method=after), step("issue", qty=1))
        assert found["value_path"][2] == found["value_path"][1]
    fifo = answer("fifo", *steps, step("change_cost_method", to="average"), step("issue", qty=1))
    assert fifo["final_value"] == 15
    to_standard = answer("fifo", *steps, step("change_cost_method", method="standard", standard_cost=12))
    assert to_standard["final_value"] == 24
    assert entries(to_standard, 3) == [("revaluation", "inventory", 6)]


def test_the_periodic_average_settles_at_the_end_of_a_period() -> None:
    """Period 1: 10 at 10 and 10 at 20, 15 sold at 15. Period 2: 5 left at 15, 5 in at 25, 4 sold at 20."""
    found = answer(
        "periodic",
        step("receive", qty=10, unit_cost=10, period=1),
        step("issue", qty=15, period=1),
        step("receive", qty=10, unit_cost=20, period=1),
        step("receive", qty=5, unit_cost=25, period=2),
        step("issue", qty=4, period=2),
    )
    assert (found["final_qty"], found["final_value"], found["unit_cost"]) == (6, 120, 20)
    assert found["value_path"][2] == 75


def test_specific_identification_by_lot() -> None:
    found = answer(
        "specific",
        step("receive", qty=1, unit_cost=10, lot="A"),
        step("receive", qty=1, unit_cost=20, lot="B"),
        step("issue", ref="out", qty=1, lot="B"),
    )
    assert found["move_values"]["out"] == -20
    assert found["layers"] == [{"ref": "m1", "qty": 1, "value": 10}]


def test_goods_found_and_lost_scrap_and_revaluation() -> None:
    found = answer(
        "average",
        step("receive", qty=4, unit_cost=10),
        step("adjust", ref="found", qty=1),
        step("adjust", ref="lost", qty=-2),
        step("scrap", ref="scrap", qty=1),
        step("revalue", amount="-5.50"),
    )
    assert found["move_values"] == {"m1": 40, "found": 10, "lost": -20, "scrap": -10, "m5": Decimal("-5.50")}
    assert (found["final_qty"], found["final_value"]) == (2, Decimal("14.50"))


def test_landed_cost_over_several_receipts() -> None:
    receipts = (step("receive", ref="a", qty=1, unit_cost=90), step("receive", ref="b", qty=2, unit_cost=5))
    by_value = answer("fifo", *receipts, step("landed_cost", of=["a", "b"], amount=10, by="value"))
    by_quantity = answer("fifo", *receipts, step("landed_cost", of=["a", "b"], amount=10, by="quantity"))
    assert by_value["move_values"] == {"a": 99, "b": 11}
    assert by_quantity["move_values"] == {"a": Decimal("93.33"), "b": Decimal("16.67")}


@pytest.mark.parametrize(("decimals", "value"), [(0, 3), (2, Decimal("2.51")), (3, Decimal("2.513"))])
def test_any_currency_precision(decimals: int, value: Decimal) -> None:
    """2.5 units at 1.0052: JPY 3, EUR 2.51, KWD 2.513."""
    found = answer("fifo", step("receive", qty="2.5", unit_cost="1.0052"), currency_decimals=decimals)
    assert found["final_value"] == value
    assert found["final_qty"] == Decimal("2.5")


def test_a_queue_removed_beyond_what_it_holds() -> None:
    found = calc_costing(
        {"method": "fifo", "queue_ops": [["init", [[2, 10], [1, "0.5"]]], ["remove", 4], ["add", 3, 7]]}
    )
    assert found["consumed"] == [[2, 10], [2, Decimal("0.5")]], "one is short, at the last rate"
    assert found["queue"] == [[2, 7]]
    assert (found["final_qty"], found["final_value"]) == (2, 14)


def test_a_queue_may_be_told_the_rate_of_what_is_not_there() -> None:
    found = calc_costing({"method": "lifo", "queue_ops": [["init", 1, 10], ["remove", 3, 4]]})
    assert found["queue"] == [[-2, 4]]
    assert found["consumed"] == [[1, 10], [2, 4]]


@pytest.mark.parametrize(
    ("said", "where", "rule"),
    [
        (case("hifo"), "method", "method"),
        ({"method": "fifo"}, "steps", "list"),
        (case("fifo", currency_decimals=2.5), "currency_decimals", "whole"),
        (case("fifo", currency_decimals=99), "currency_decimals", "whole"),
        (case("fifo", initial_standard_cost=-1), "initial_standard_cost", "not_negative"),
        (case("fifo", step("steal", qty=1)), "steps[0].op", "op"),
        (case("fifo", {"qty": 1}), "steps[0].op", "op"),
        (case("fifo", step("issue")), "steps[0].qty", "required"),
        (case("fifo", step("issue", qty=0)), "steps[0].qty", "positive"),
        (case("fifo", step("issue", qty=-1)), "steps[0].qty", "positive"),
        (case("fifo", step("issue", qty=True)), "steps[0].qty", "number"),
        (case("fifo", step("issue", qty="many")), "steps[0].qty", "number"),
        (case("fifo", step("issue", qty=[1])), "steps[0].qty", "number"),
        (case("fifo", step("issue", qty="1e400")), "steps[0].qty", "number"),
        (case("fifo", step("issue", qty="1e-30")), "steps", "qty_decimals"),
        (case("fifo", step("issue", qty=float("inf"))), "steps[0].qty", "number"),
        (case("fifo", step("landed_cost", of="x", amount=1)), "steps[0].of", "reference"),
        (case("fifo", step("return_from_customer", of="x", qty=1)), "steps[0].of", "reference"),
        (
            case("fifo", step("issue", ref="a", qty=1), step("issue", ref="a", qty=1)),
            "steps[1].ref",
            "unique",
        ),
        (
            case("fifo", step("receive", ref="a", qty=1), step("return_from_customer", of="a", qty=1)),
            "steps[1].of",
            "return",
        ),
        (
            case(
                "fifo",
                step("receive", ref="a", qty=1, unit_cost=1),
                step("landed_cost", of="a", amount="0.001"),
            ),
            "steps[1]",
            "currency_decimals",
        ),
        (
            case("fifo", step("issue", ref="a", qty=1), step("landed_cost", of=["a"], amount=1, by="value")),
            "steps[1].by",
            "basis",
        ),
        (
            case(
                "fifo",
                step("issue", ref="a", qty=1),
                step("amend_unit_cost_of_past_move", of="a", new_unit_cost=1),
            ),
            "steps[1].of",
            "price",
        ),
        (case("fifo", step("change_cost_method", to="best")), "steps[0].to", "method"),
        (case("fifo", step("change_cost_method")), "steps[0].method", "method"),
        (
            case("fifo", step("issue", qty=1, period=2), step("issue", qty=1, period=1)),
            "steps[1].period",
            "order",
        ),
        ({"method": "specific", "queue_ops": []}, "method", "method"),
        ({"method": "fifo", "queue_ops": [["pop", 1]]}, "queue_ops[0]", "queue_op"),
        ({"method": "fifo", "queue_ops": [["add", 0, 1]]}, "queue_ops[0]", "positive"),
        ({"method": "fifo", "steps": [3]}, "steps[0]", "object"),
        ([], "case", "object"),
    ],
)
def test_what_cannot_be_answered_says_where_and_why(said: Any, where: str, rule: str) -> None:
    with pytest.raises(CaseError) as caught:
        calc_costing(said)
    assert (caught.value.where, caught.value.rule) == (where, rule)
    assert caught.value.message.endswith(".") or ":" in caught.value.message


def test_a_misspelt_field_does_not_go_unnoticed() -> None:
    found = answer("fifo", step("receive", qty=1, unitcost=5), curency_decimals=3)
    assert found["ignored"] == ["curency_decimals", "steps[0].unitcost"]


def test_json_is_read_and_written_exactly() -> None:
    text = '{"method":"fifo","currency_decimals":3,"steps":[{"op":"receive","qty":0.1,"unit_cost":0.3}]}'
    assert '"final_value": 0.030,' in calculate_text("costing", text)
    assert '"final_qty": 0.1,' in calculate_text("costing", text)
    assert loads(dumps({"a": [Decimal("1E+3"), None, True, "ä\n"], "b": {}, "c": []})) == {
        "a": [1000, None, True, "ä\n"],
        "b": {},
        "c": [],
    }


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a": Infinity}', "[" * 100_000, "1" * 5000, b"\xff{}"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(JsonError) as caught:
        loads(text)
    assert (caught.value.where, caught.value.rule) == ("case", "json")


def test_the_schemas_are_schemas() -> None:
    for kind in KINDS.values():
        jsonschema_rs.meta.validate(dict(kind.case_schema))
        jsonschema_rs.meta.validate(dict(kind.answer_schema))


def test_the_schema_refuses_what_the_calculator_refuses() -> None:
    validator = jsonschema_rs.validator_for(CASE)
    assert not validator.is_valid(case("fifo", step("steal", qty=1)))
    assert not validator.is_valid(case("fifo", step("issue")))
    assert not validator.is_valid({"method": "fifo"})
    assert not validator.is_valid(case("hifo"))
    assert validator.is_valid(case("fifo", step("receive", qty="1.5", unit_cost=2)))
