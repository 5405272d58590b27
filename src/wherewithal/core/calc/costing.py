"""`calc costing`: values the stock of one item, step by step, with the engine that values everybody's stock.

A case has `method`, `currency_decimals`, `initial_standard_cost` and `steps` (one after the other in time; a
correction acts at the place of what it corrects), or `queue_ops`. The schema is in `costing_schema`. Nothing is
stored. Where a case says less than a book would (no price, no standard), the rules of the engine fill the gap.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.ledger import Ledger, Values
from wherewithal.core.calc.queue import run_queue
from wherewithal.core.calc.reading import mapping, not_negative, sequence, whole
from wherewithal.core.calc.steps import OPS, Reader, Step, method_of
from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.money import MAX_DECIMALS, from_minor, half_even, power_of_ten
from wherewithal.core.posting import RULES, Role

MAX_STEPS = 5_000

_CASE_FIELDS = {"method", "currency_decimals", "initial_standard_cost", "steps", "queue_ops"}
_REMARKS = {
    "id",
    "note",
    "source",
    "expect",
    "replay_check",
    "policy_dependent",
    "name",
    "comment",
    "$schema",
}


def calc_costing(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a costing case: quantities and amounts as Decimals, ready for JSON.

    Raises CaseError, which names the step, the field and the rule.
    """
    case = mapping(case, "case")
    method = method_of(case.get("method"), "method")
    if "queue_ops" in case:
        return run_queue(method, sequence(case["queue_ops"], "queue_ops", MAX_STEPS))
    decimals = whole(case.get("currency_decimals", 2), "currency_decimals", 0, MAX_DECIMALS)
    steps = sequence(case.get("steps"), "steps", MAX_STEPS)
    reader = Reader(steps)
    standard = case.get("initial_standard_cost")
    ledger = Ledger(
        method,
        None if standard is None else not_negative(standard, "initial_standard_cost"),
        decimals,
        reader.qty_decimals,
        reader.periods,
    )
    paths: dict[str, list[Any]] = {"qty_path": [], "value_path": [], "unit_cost_path": []}
    entries: list[dict[str, Any]] = []
    for step in reader.steps:
        OPS[step.op].act(ledger, step)
        entries += [_entry(ledger, step, row) for row in ledger.post()]
        qty, value = ledger.totals()
        paths["qty_path"].append(_qty(ledger, qty))
        paths["value_path"].append(_money(ledger, value))
        paths["unit_cost_path"].append(_unit_cost(ledger, *ledger.unit_cost()))
    return _answer(ledger, reader, paths, entries) | _ignored(case, reader)


def _answer(
    ledger: Ledger, reader: Reader, paths: dict[str, list[Any]], entries: list[dict[str, Any]]
) -> dict[str, Any]:
    qty, value = ledger.totals()
    values = ledger.values()
    moves = [_move(ledger, step, values[step.ref]) for step in reader.steps if step.ref in values]
    return {
        "final_qty": _qty(ledger, qty),
        "final_value": _money(ledger, value),
        "unit_cost": _unit_cost(ledger, *ledger.unit_cost()),
        **paths,
        "move_values": {move["ref"]: move["value"] for move in moves},
        "move_unit_costs": {move["ref"]: move["unit_cost"] for move in moves},
        "moves": moves,
        "layers": [
            {"ref": ledger.ref_of(move_id), "qty": _qty(ledger, qty), "value": _money(ledger, value)}
            for qty, value, move_id in ledger.layers()
        ],
        "entries": entries,
    }


def _ignored(case: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """The fields that nothing was made of, so that a misspelt one does not go unnoticed."""
    unknown = [name for name in case if name not in _CASE_FIELDS | _REMARKS] + reader.ignored
    return {"ignored": unknown} if unknown else {}


def _move(ledger: Ledger, step: Step, values: Values) -> dict[str, Any]:
    """What a step moved. value: its effect on stock at its own place; true_ups: what later receipts added to it;
    past_stock: the cost of what never came into stock.
    """
    qty = ledger.qtys[step.ref]
    return {
        "ref": step.ref,
        "op": step.op,
        "qty": _qty(ledger, qty),
        "value": _money(ledger, values.own),
        "true_ups": _money(ledger, values.true_ups),
        "past_stock": _money(ledger, values.past),
        "unit_cost": _unit_cost(ledger, abs(values.own or values.past), qty),
    }


def _entry(ledger: Ledger, step: Step, row: ValueRow) -> dict[str, Any]:
    """A value row that a step made the ledger post, as a pair of a debit and a credit."""
    rule = RULES[Role(row.role)]
    debit, credit = (rule.debit, rule.credit) if row.amount > 0 else (rule.credit, rule.debit)
    return {
        "step": step.number + 1,
        "move": ledger.ref_of(row.move_id),
        "cause": ledger.ref_of(row.cause_id),
        "role": Role(row.role).name.lower(),
        "debit": debit.value,
        "credit": credit.value,
        "amount": _money(ledger, abs(row.amount)),
    }


def _money(ledger: Ledger, minor: int) -> Decimal:
    return from_minor(minor, ledger.decimals)


def _qty(ledger: Ledger, smallest: int) -> Decimal:
    return from_minor(smallest, ledger.qty_decimals)


def _unit_cost(ledger: Ledger, value: int, qty: int) -> Decimal | None:
    """A unit cost per unit, rounded half-even four decimals beyond the currency's, zeros there left out."""
    if not qty:
        return None
    exact = Fraction(value, qty) * Fraction(power_of_ten(ledger.qty_decimals), power_of_ten(ledger.decimals))
    exact *= power_of_ten(ledger.decimals + 4)
    shown, places = half_even(exact.numerator, exact.denominator), ledger.decimals + 4
    while places > ledger.decimals and shown % 10 == 0:
        shown, places = shown // 10, places - 1
    return from_minor(shown, places)
