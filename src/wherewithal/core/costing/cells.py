"""The working records of a run: a cell (an item in a cost scope), its method, and its open period."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wherewithal.core.costing.facts import Policy
from wherewithal.core.costing.state import Pool
from wherewithal.core.posting import Role

TrueUp = tuple[int, int, int, int]
"""(move_id of the shortage, role, lot of its pool, amount)"""

NOBODY = 0
"""The move of a layer or shortage whose origin is forgotten."""


class Costing(NamedTuple):
    """A method. take(cell, qty, lot, move_id, role of a later true-up, own) -> cost. put(cell, qty, value, lot,
    move_id, true_ups) -> what of the value the pool does not carry; shortages it covers are added to true_ups.
    absorb(cell, amount, lot, own, own_qty) -> the part of a cost without goods that the pool takes on; own is the
    in-move it belongs to (0 = the whole pool) and own_qty how much came by it.
    """

    take: Callable[["Cell", int, int, int, int, int], int]
    put: Callable[["Cell", int, int, int, int, list[TrueUp]], int]
    absorb: Callable[["Cell", int, int, int, int], int]
    is_standard: bool = False
    by_lot: bool = False
    layered: bool = False


class Cell:
    """One item in one cost scope during a run: its pools and how it is costed now.

    pool: the pool of lot 0; lots: those of single lots, under specific identification only. period: the open
    period of the periodic average.
    """

    __slots__ = ("costing", "item", "lots", "period", "policy", "pool", "scope")

    def __init__(self, scope: int, item: int, policy: Policy, costing: Costing) -> None:
        self.scope = scope
        self.item = item
        self.pool = Pool()
        self.lots: dict[int, Pool] = {}
        self.period: Period | None = None
        self.policy = policy
        self.costing = costing


class Flow:
    """One production event, as the settlement of a period needs it: who got which share, in which open period."""

    __slots__ = ("outputs", "periods", "weights")

    def __init__(self, outputs: Sequence[Cell | None], weights: Sequence[int]) -> None:
        self.outputs = outputs
        self.periods = [None if output is None else output.period for output in outputs]
        self.weights = weights

    def open_outputs(self) -> list[Cell | None]:
        """The outputs whose period of the event is still open; None for the others."""
        return [
            output if output is not None and period is not None and output.period is period else None
            for output, period in zip(self.outputs, self.periods, strict=True)
        ]


class Period:
    """What happened in one cell in one open period. came: opening stock and what came in. left: [quantity, interim
    cost] by true-up role. consumed: the production events it fed, with the quantities. moves: the out-moves that
    something may yet return.
    """

    __slots__ = ("came_qty", "came_value", "consumed", "first_day", "last_day", "left", "moves")

    def __init__(self, pool: Pool, first_day: int, last_day: int) -> None:
        self.first_day = first_day
        self.last_day = last_day
        qty, value = pool.qty, pool.value
        self.came_qty = max(qty, 0)
        self.came_value = value if qty >= 0 else 0
        self.left: dict[Role, list[int]] = {}
        if qty < 0:
            self.left[Role.TRUE_UP_VARIANCE] = [-qty, -value]
        self.consumed: list[tuple[Flow, int]] = []
        self.moves: set[int] = set()

    def come(self, qty: int, value: int) -> None:
        """Goods or value came in."""
        self.came_qty += qty
        self.came_value += value

    def leave(self, role: Role, qty: int, cost: int) -> None:
        """Goods left at interim cost."""
        total = self.left.setdefault(role, [0, 0])
        total[0] += qty
        total[1] += cost

    def take_back(self, role: Role, qty: int, cost: int) -> None:
        """Goods that had left came back within the period: they did not come, they did not leave."""
        self.come(-qty, -cost)
        self.leave(role, -qty, -cost)
