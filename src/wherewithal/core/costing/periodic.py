"""The periodic weighted average: what a period's goods cost is known, and settled, at the period's last instant.

During a period goods leave at the last period's average (in the first one at the first unit cost that came in).
At its end the average of opening stock and all that came in is applied to all that left: one row per pool, period
and role, with move_id 0 and cause_id -day. What production consumed carries its true-up on to the outputs, items
in ascending level; on a ring (rework) nothing flows, the true-up is a variance, otherwise the averages of a ring
would be a system of equations that may have no solution.
"""

from collections.abc import Callable, Iterable, Sequence

from wherewithal.core.costing.cells import Cell, Flow, Period
from wherewithal.core.costing.order import rings
from wherewithal.core.money import allocate, half_even
from wherewithal.core.posting import Role

AddRow = Callable[[Cell, Role, int], None]


def settle(cells: Sequence[Cell], add: AddRow) -> None:
    """Closes the open periods of these cells together, sources before what was made from them."""
    rank = _levels(cells)
    for cell in sorted(cells, key=lambda each: rank[each.item]):
        _settle(cell, rank, add)
    for cell in cells:
        cell.period = None


def _levels(cells: Iterable[Cell]) -> dict[int, int]:
    """item -> level: above all that it was made from in the period; items on one ring share a level."""
    after: dict[int, list[int]] = {cell.item: [] for cell in cells}
    for cell in cells:
        for flow, _ in _period(cell).consumed:
            for output in flow.open_outputs():
                if output is not None and output.item in after:
                    after[cell.item].append(output.item)
    ordered = rings(after)
    ordered.reverse()
    return {item: level for level, ring in enumerate(ordered) for item in ring}


def _period(cell: Cell) -> Period:
    assert cell.period is not None
    return cell.period


def _settle(cell: Cell, rank: dict[int, int], add: AddRow) -> None:
    period, pool = _period(cell), cell.pool
    if not period.came_qty:
        if period.came_value:
            add(cell, Role.LATE_COST_PASSED, period.came_value)
            pool.value -= period.came_value
        return
    roles = sorted(period.left)
    gone = sum(period.left[role][0] for role in roles)
    before = 0
    before_cost = 0
    for role in roles:
        qty, interim = period.left[role]
        before += qty
        cost = _cost(period, before, gone) - before_cost
        before_cost += cost
        _true_up(cell, role, cost - interim, rank, add)
    pool.last_value, pool.last_qty = period.came_value, period.came_qty


def _cost(period: Period, qty: int, gone: int) -> int:
    """The cost of the first `qty` that left, at the average of the period; all that came if nothing is left."""
    if qty == gone == period.came_qty:
        return period.came_value
    return half_even(period.came_value * qty, period.came_qty)


def _true_up(cell: Cell, role: Role, amount: int, rank: dict[int, int], add: AddRow) -> None:
    cell.pool.value -= amount
    add(cell, role, amount)
    if role is not Role.CONSUMED or not amount:
        return
    consumed = _period(cell).consumed
    rest = amount
    weights = [qty for _, qty in consumed]
    if sum(weights):
        for (flow, _), share in zip(consumed, allocate(amount, weights), strict=True):
            rest -= _pass_on(cell, flow, share, rank, add)
    add(cell, Role.WIP_REST, rest)


def _pass_on(cell: Cell, flow: Flow, share: int, rank: dict[int, int], add: AddRow) -> int:
    """Gives an event's outputs their parts of a true-up; what is passed on. Without outputs it stays in WIP."""
    if not flow.outputs:
        return share
    passed = 0
    for output, part in zip(flow.open_outputs(), allocate(share, flow.weights), strict=True):
        if output is None or output.period is None:
            continue
        if rank.get(output.item, -1) > rank[cell.item]:
            output.period.came_value += part
            output.pool.value += part
            add(output, Role.PRODUCED, part)
            passed += part
    return passed
