"""`queue_ops` of a costing case: a bare FIFO, LIFO or average queue of [quantity, rate], exact, without a ledger."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.reading import CaseError, decimals_of, not_negative, number, positive, sequence
from wherewithal.core.costing.cells import Cell
from wherewithal.core.costing.facts import Method, Policy
from wherewithal.core.costing.methods import METHODS
from wherewithal.core.money import MAX_DECIMALS, from_minor, half_even, power_of_ten
from wherewithal.core.posting import Role

_SPARE = 6
"""Decimals of a value beyond what quantity x rate needs, for averages."""

Pair = tuple[Fraction, Fraction]
"""(quantity, rate)"""


class QueueOp(NamedTuple):
    name: str
    qty: Decimal = Decimal(0)
    rate: Decimal | None = None


def run_queue(method: Method, raw: Sequence[Any]) -> dict[str, Any]:
    """What stands in the queue after all operations, and what the last removal consumed.

    Operations: ["add", quantity, rate], ["remove", quantity] or ["remove", quantity, rate of what is not there],
    ["init", [[quantity, rate], ...]] or ["init", quantity, rate] (empties first). Neighbours of one rate are shown
    as one; what was removed before it was there is shown as a negative quantity.
    """
    if method not in (Method.FIFO, Method.LIFO, Method.AVERAGE):
        raise CaseError("method", "method", "A queue is fifo, lifo or average.")
    ops = [op for place, each in enumerate(raw) for op in _read(each, f"queue_ops[{place}]")]
    decimals = max((decimals_of(each) for op in ops for each in (op.qty, op.rate or Decimal(0))), default=0)
    if decimals > MAX_DECIMALS:
        raise CaseError("queue_ops", "decimals", f"A quantity or rate has at most {MAX_DECIMALS} decimals.")
    queue = _Queue(method, decimals)
    for op in ops:
        queue.do(op)
    qty, value = queue.cell.pool.net()
    return {
        "queue": _shown(queue.content()),
        "consumed": _shown(queue.consumed),
        "final_qty": from_minor(qty, decimals),
        "final_value": _decimal(Fraction(value, queue.value_scale)),
    }


def _read(raw: Any, where: str) -> list[QueueOp]:
    op = sequence(raw, where, 3)
    name = op[0] if op else None
    if name == "add" and len(op) == 3:
        return [QueueOp("add", positive(op[1], where), number(op[2], where))]
    if name == "remove" and len(op) >= 2:
        rate = number(op[2], where) if len(op) == 3 and op[2] is not None else None
        return [QueueOp("remove", positive(op[1], where), rate)]
    if name == "init" and len(op) >= 2:
        said = [op[1:]] if len(op) == 3 else sequence(op[1], where, 1000)
        pairs = [sequence(pair, where, 2) for pair in said]
        if all(len(pair) == 2 for pair in pairs):
            adds = [QueueOp("add", not_negative(qty, where), number(rate, where)) for qty, rate in pairs]
            return [QueueOp("init"), *adds]
    raise CaseError(
        where, "queue_op", 'One of ["add", qty, rate], ["remove", qty], ["init", [[qty, rate], ...]].'
    )


class _Queue:
    """A pool of the engine, its quantities and values scaled so that quantity x rate is a whole number."""

    def __init__(self, method: Method, decimals: int) -> None:
        self.qty_scale = power_of_ten(decimals)
        self.value_scale = power_of_ten(2 * decimals + _SPARE)
        self.policy = Policy(0, 0, method)
        self.count = 0
        self.consumed: list[Pair] = []
        self.cell = self._empty()

    def _empty(self) -> Cell:
        return Cell(0, 1, self.policy, METHODS[self.policy.method])

    def do(self, op: QueueOp) -> None:
        """One operation."""
        self.count += 1
        qty = int(op.qty * self.qty_scale)
        if op.name == "init":
            self.cell = self._empty()
        elif op.name == "remove":
            before = self.content()
            if op.rate is not None:
                pool = self.cell.pool
                pool.last_value, pool.last_qty = int(Fraction(op.rate) * self.value_scale), self.qty_scale
            cost = self.cell.costing.take(self.cell, qty, 0, self.count, Role.TRUE_UP_SALES, 0)
            self._note_consumed(before, Fraction(qty, self.qty_scale), Fraction(cost, self.value_scale))
        elif qty:
            value = int(Fraction(op.qty) * Fraction(op.rate or 0) * self.value_scale)
            self.cell.costing.put(self.cell, qty, value, 0, self.count, [])

    def content(self) -> list[Pair]:
        """What stands in the queue, oldest first; shortages negative."""
        pool = self.cell.pool
        found = [(qty, value) for qty, value, _ in pool.layers]
        if pool.qty:
            found.append((pool.qty, pool.value))
        found += [(-short[0], -short[1]) for short in pool.shorts]
        return [
            (Fraction(qty, self.qty_scale), Fraction(value * self.qty_scale, qty * self.value_scale))
            for qty, value in found
        ]

    def _note_consumed(self, before: list[Pair], qty: Fraction, cost: Fraction) -> None:
        """Which pairs a removal took: from the consuming end of what stood there, the rest short."""
        self.consumed = []
        for there, rate in reversed(before) if self.policy.method == Method.LIFO else before:
            taken = min(max(there, Fraction(0)), qty)
            if taken:
                self.consumed.append((taken, rate))
                qty, cost = qty - taken, cost - taken * rate
        if qty:
            self.consumed.append((qty, cost / qty))


def _shown(pairs: Sequence[Pair]) -> list[list[Decimal]]:
    """Pairs as decimals, neighbours of one rate together."""
    merged: list[Pair] = []
    for qty, rate in pairs:
        if merged and merged[-1][1] == rate and (merged[-1][0] > 0) == (qty > 0):
            qty += merged.pop()[0]
        merged.append((qty, rate))
    return [[_decimal(qty), _decimal(rate)] for qty, rate in merged]


def _decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal of at most 9 places, half-even, without trailing zeros."""
    scaled = number * power_of_ten(9)
    found = from_minor(half_even(scaled.numerator, scaled.denominator), 9)
    return Decimal(format(found.normalize(), "f")) if found else Decimal(0)
