"""Carrying the pools of a cell from one costing policy to the next."""

from wherewithal.core.costing.cells import NOBODY, Cell
from wherewithal.core.costing.facts import Method, Policy
from wherewithal.core.costing.methods import METHODS, standard_value
from wherewithal.core.costing.state import Pool
from wherewithal.core.posting import Role

_SIGNED = (Method.STANDARD, Method.PERIODIC)
"""Methods whose pools go below zero themselves instead of keeping shortages."""


def convert(cell: Cell, policy: Policy) -> tuple[Role, int] | None:
    """Puts a cell under another policy; gives the role and amount by which that changes the value of its stock.

    Between FIFO, LIFO and specific identification layers stay; towards an average they are pooled and lose their
    identity. Shortages keep theirs, unless the method has none (standard, periodic) or lots are merged: then what
    is short is nobody's any more and its later true-up is a cost variance.
    """
    before, after = cell.policy.method, policy.method
    if before == after != Method.STANDARD:
        cell.policy = policy
        return None
    value = _value(cell)
    if cell.costing.by_lot and not METHODS[after].by_lot:
        _merge_lots(cell)
    if before == Method.STANDARD and cell.policy.standard is not None:
        cell.pool.last_value, cell.pool.last_qty = cell.policy.standard
    cell.policy, cell.costing = policy, METHODS[after]
    if after in _SIGNED:
        _to_signed(cell.pool)
    elif before in _SIGNED:
        _from_signed(cell)
    elif before == Method.AVERAGE:
        _to_layers(cell)
    elif after == Method.AVERAGE:
        _to_average(cell.pool)
    if after == Method.STANDARD:
        _to_standard(cell)
    change = _value(cell) - value
    if not change:
        return None
    same = before == after == Method.STANDARD
    return (Role.STANDARD_REVALUATION if same else Role.METHOD_CHANGE), change


def _value(cell: Cell) -> int:
    return cell.pool.net()[1] + sum(pool.net()[1] for pool in cell.lots.values())


def _clear(pool: Pool) -> None:
    pool.qty = pool.value = 0
    pool.layers.clear()
    pool.shorts.clear()


def _merge_lots(cell: Cell) -> None:
    """All lots into one layer of nobody (or one shortage); nothing to do if no lot ever had a pool that counts."""
    if not any(pool.layers or pool.shorts for pool in cell.lots.values()):
        return
    pools = [cell.pool, *cell.lots.values()]
    nets = [pool.net() for pool in pools]
    qty, value = sum(net[0] for net in nets), sum(net[1] for net in nets)
    for pool in pools:
        _clear(pool)
    _set_nobodys(cell.pool, qty, value)


def _set_nobodys(pool: Pool, qty: int, value: int) -> None:
    """One layer or one shortage; value without quantity is dropped and so shows as a change of value."""
    if qty > 0:
        pool.layers.append([qty, value, NOBODY])
    elif qty < 0:
        pool.shorts.append([-qty, -value, NOBODY, Role.TRUE_UP_VARIANCE])


def _to_signed(pool: Pool) -> None:
    qty, value = pool.net()
    _clear(pool)
    pool.qty, pool.value = qty, value
    if qty > 0:
        pool.last_value, pool.last_qty = value, qty


def _to_standard(cell: Cell) -> None:
    pool = cell.pool
    if cell.policy.standard is not None:
        pool.last_value, pool.last_qty = cell.policy.standard
    pool.value = standard_value(cell, pool.qty)


def _from_signed(cell: Cell) -> None:
    pool = cell.pool
    qty, value = pool.net()
    _clear(pool)
    _set_nobodys(pool, qty, value)
    if cell.policy.method == Method.AVERAGE:
        _to_average(pool)


def _to_layers(cell: Cell) -> None:
    pool = cell.pool
    qty, value = pool.qty, pool.value
    pool.qty = pool.value = 0
    if qty and METHODS[cell.policy.method].layered:
        pool.layers.append([qty, value, NOBODY])
    else:
        pool.qty, pool.value = qty, value


def _to_average(pool: Pool) -> None:
    qty = sum(layer[0] for layer in pool.layers)
    value = sum(layer[1] for layer in pool.layers)
    pool.layers.clear()
    pool.qty, pool.value = qty, value
    if qty:
        pool.last_value, pool.last_qty = value, qty
