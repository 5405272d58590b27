"""The costing methods: how a pool gives and takes value. One entry of METHODS per method.

Each method takes a quantity out of a pool for a cost, and puts a quantity in at a value. Cost flows forward only:
stock that left before it was there leaves at a provisional cost (the last unit cost), is remembered as a shortage,
and is trued up by what comes next, oldest first; the true-up never re-enters the pool the goods went to.
"""

from collections import deque
from collections.abc import Callable

from wherewithal.core.costing.cells import Cell, Costing, TrueUp
from wherewithal.core.costing.facts import Method
from wherewithal.core.costing.state import Pool
from wherewithal.core.money import half_even


def at_last_cost(cell: Cell, qty: int) -> int:
    """A quantity at the pool's last unit cost, else at standard cost, else 0; half-even."""
    pool = cell.pool
    if pool.last_qty:
        return half_even(pool.last_value * qty, pool.last_qty)
    if cell.policy.standard is not None:
        numerator, denominator = cell.policy.standard
        return half_even(numerator * qty, denominator)
    return 0


# --- shortages, the same for all methods but standard and periodic ------------------------------------------


def _fall_short(cell: Cell, pool: Pool, qty: int, move_id: int, role: int) -> int:
    cost = at_last_cost(cell, qty)
    pool.shorts.append([qty, cost, move_id, role])
    return cost


def _cover(pool: Pool, qty: int, value: int, true_ups: list[TrueUp], lot: int = 0) -> tuple[int, int]:
    """Covers shortages, oldest first, with goods that came in; gives back what is left of their (qty, value)."""
    shorts = pool.shorts
    while shorts and qty:
        short = shorts[0]
        covered = min(short[0], qty)
        cost = value if covered == qty else half_even(value * covered, qty)
        provisional = short[1] if covered == short[0] else half_even(short[1] * covered, short[0])
        if cost != provisional:
            true_ups.append((short[2], short[3], lot, cost - provisional))
        qty -= covered
        value -= cost
        if covered == short[0]:
            shorts.popleft()
        else:
            short[0] -= covered
            short[1] -= provisional
    return qty, value


# --- layers: FIFO, LIFO, and specific identification within a lot -------------------------------------------


def _take_own(layers: deque[list[int]], qty: int, own: int) -> tuple[int, int]:
    """Takes from the layer of one in-move, as far as it goes: (quantity, cost)."""
    for place, layer in enumerate(layers):
        if layer[2] == own:
            if layer[0] <= qty:
                del layers[place]
                return layer[0], layer[1]
            cost = half_even(layer[1] * qty, layer[0])
            layer[0] -= qty
            layer[1] -= cost
            return qty, cost
    return 0, 0


def _take_first(layers: deque[list[int]], qty: int) -> tuple[int, int]:
    """Takes from the oldest layers: (quantity still wanted, cost)."""
    cost = 0
    while layers:
        layer = layers[0]
        if layer[0] > qty:
            part = half_even(layer[1] * qty, layer[0])
            layer[0] -= qty
            layer[1] -= part
            return 0, cost + part
        cost += layer[1]
        qty -= layer[0]
        layers.popleft()
        if not qty:
            break
    return qty, cost


def _take_last(layers: deque[list[int]], qty: int) -> tuple[int, int]:
    """Takes from the newest layers: (quantity still wanted, cost)."""
    cost = 0
    while layers and qty:
        layer = layers[-1]
        if layer[0] > qty:
            part = half_even(layer[1] * qty, layer[0])
            layer[0] -= qty
            layer[1] -= part
            return 0, cost + part
        cost += layer[1]
        qty -= layer[0]
        layers.pop()
    return qty, cost


def _layered_take(
    take: Callable[[deque[list[int]], int], tuple[int, int]],
) -> Callable[[Cell, int, int, int, int, int], int]:
    def take_layered(cell: Cell, qty: int, lot: int, move_id: int, role: int, own: int) -> int:
        pool = cell.pool
        layers = pool.layers
        own_cost = 0
        if own:
            own_qty, own_cost = _take_own(layers, qty, own)
            qty -= own_qty
        wanted, cost = take(layers, qty) if qty else (0, 0)
        if wanted:
            cost += _fall_short(cell, pool, wanted, move_id, role)
        return cost + own_cost

    return take_layered


def _put_layer(cell: Cell, qty: int, value: int, lot: int, move_id: int, true_ups: list[TrueUp]) -> int:
    pool = cell.pool
    pool.last_value = value
    pool.last_qty = qty
    if pool.shorts:
        qty, value = _cover(pool, qty, value, true_ups)
        if not qty:
            return 0
    pool.layers.append([qty, value, move_id])
    return 0


def _absorb_layers(layers: deque[list[int]], amount: int, own: int, own_qty: int) -> int:
    """Spreads a cost over layers by quantity; a cost that belongs to one in-move over what is left of that."""
    chosen = [layer for layer in layers if layer[2] == own] if own else list(layers)
    left = sum(layer[0] for layer in chosen)
    if not left:
        return 0
    rest = absorbed = _share(amount, left, own_qty) if own else amount
    for layer in chosen:
        part = rest if layer[0] == left else half_even(rest * layer[0], left)
        layer[1] += part
        rest -= part
        left -= layer[0]
    return absorbed


def _share(amount: int, left: int, whole: int) -> int:
    """The share of what is left of a whole in an amount, half-even; all of it if nothing is gone."""
    return amount if left >= whole else half_even(amount * left, whole)


def _absorb_layered(cell: Cell, amount: int, lot: int, own: int, own_qty: int) -> int:
    return _absorb_layers(cell.pool.layers, amount, own, own_qty)


# --- moving average -------------------------------------------------------------------------------------------


def _take_average(cell: Cell, qty: int, lot: int, move_id: int, role: int, own: int) -> int:
    pool = cell.pool
    if qty < pool.qty:
        cost = half_even(pool.value * qty, pool.qty)
        pool.qty -= qty
        pool.value -= cost
        return cost
    cost = pool.value
    wanted = qty - pool.qty
    pool.qty = pool.value = 0
    return cost + _fall_short(cell, pool, wanted, move_id, role) if wanted else cost


def _put_average(cell: Cell, qty: int, value: int, lot: int, move_id: int, true_ups: list[TrueUp]) -> int:
    pool = cell.pool
    pool.last_value = value
    pool.last_qty = qty
    if pool.shorts:
        qty, value = _cover(pool, qty, value, true_ups)
    pool.qty += qty
    pool.value += value
    if pool.qty:
        pool.last_value = pool.value
        pool.last_qty = pool.qty
    return 0


def _absorb_average(cell: Cell, amount: int, lot: int, own: int, own_qty: int) -> int:
    pool = cell.pool
    if not pool.qty:
        return 0
    absorbed = _share(amount, min(pool.qty, own_qty), own_qty) if own else amount
    pool.value += absorbed
    pool.last_value = pool.value
    pool.last_qty = pool.qty
    return absorbed


# --- standard: value is always quantity x standard, rounded once ------------------------------------------------


def standard_value(cell: Cell, qty: int) -> int:
    """What a quantity is worth at standard; with none stated, at the unit cost the pool had when it began."""
    return at_last_cost(cell, qty)


def _take_standard(cell: Cell, qty: int, lot: int, move_id: int, role: int, own: int) -> int:
    pool = cell.pool
    before = pool.value
    pool.qty -= qty
    pool.value = standard_value(cell, pool.qty)
    return before - pool.value


def _put_standard(cell: Cell, qty: int, value: int, lot: int, move_id: int, true_ups: list[TrueUp]) -> int:
    pool = cell.pool
    if not pool.last_qty:
        pool.last_value, pool.last_qty = cell.policy.standard or (value, qty)
    before = pool.value
    pool.qty += qty
    pool.value = standard_value(cell, pool.qty)
    return value - (pool.value - before)


def _absorb_nothing(cell: Cell, amount: int, lot: int, own: int, own_qty: int) -> int:
    return 0


# --- specific identification: a pool per lot, then what came in before the method was chosen -------------------


def _lot_pool(cell: Cell, lot: int) -> Pool:
    if not lot:
        return cell.pool
    pool = cell.lots.get(lot)
    if pool is None:
        pool = cell.lots[lot] = Pool()
    return pool


def _take_specific(cell: Cell, qty: int, lot: int, move_id: int, role: int, own: int) -> int:
    pool = _lot_pool(cell, lot)
    cost = 0
    if own:
        taken, cost = _take_own(pool.layers, qty, own)
        qty -= taken
    for layers in (pool.layers, cell.pool.layers):
        if qty:
            qty, part = _take_first(layers, qty)
            cost += part
    return cost + _fall_short(cell, pool, qty, move_id, role) if qty else cost


def _put_specific(cell: Cell, qty: int, value: int, lot: int, move_id: int, true_ups: list[TrueUp]) -> int:
    cell.pool.last_value = value
    cell.pool.last_qty = qty
    pool = _lot_pool(cell, lot)
    if cell.pool.shorts:
        qty, value = _cover(cell.pool, qty, value, true_ups)
    if pool.shorts and qty:
        qty, value = _cover(pool, qty, value, true_ups, lot)
    if qty:
        pool.layers.append([qty, value, move_id])
    return 0


def _absorb_specific(cell: Cell, amount: int, lot: int, own: int, own_qty: int) -> int:
    return _absorb_layers(_lot_pool(cell, lot).layers, amount, own, own_qty)


# --- periodic weighted average: interim cost here, the period's settlement in `periodic` -----------------------


def _take_periodic(cell: Cell, qty: int, lot: int, move_id: int, role: int, own: int) -> int:
    cost = at_last_cost(cell, qty)
    cell.pool.qty -= qty
    cell.pool.value -= cost
    return cost


def _put_periodic(cell: Cell, qty: int, value: int, lot: int, move_id: int, true_ups: list[TrueUp]) -> int:
    pool = cell.pool
    if not pool.last_qty:
        pool.last_value = value
        pool.last_qty = qty
    pool.qty += qty
    pool.value += value
    return 0


def _absorb_periodic(cell: Cell, amount: int, lot: int, own: int, own_qty: int) -> int:
    cell.pool.value += amount
    return amount


METHODS: dict[int, Costing] = {
    Method.FIFO: Costing(_layered_take(_take_first), _put_layer, _absorb_layered, layered=True),
    Method.LIFO: Costing(_layered_take(_take_last), _put_layer, _absorb_layered, layered=True),
    Method.AVERAGE: Costing(_take_average, _put_average, _absorb_average),
    Method.PERIODIC: Costing(_take_periodic, _put_periodic, _absorb_periodic),
    Method.STANDARD: Costing(_take_standard, _put_standard, _absorb_nothing, is_standard=True),
    Method.SPECIFIC: Costing(_take_specific, _put_specific, _absorb_specific, by_lot=True, layered=True),
}
