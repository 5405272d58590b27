"""What each kind of event does to the cells: goods in, goods out, transfers, production, dropship, late cost."""

from collections.abc import Sequence

from wherewithal.core.costing.cells import Cell, Flow
from wherewithal.core.costing.facts import COSTED, ExtraKind, Kind, Method, Move, PlaceType
from wherewithal.core.costing.fold import VOID
from wherewithal.core.costing.methods import at_last_cost
from wherewithal.core.costing.run import Run, value_row
from wherewithal.core.money import allocate, half_even
from wherewithal.core.posting import Role

_IN_ROLE = {
    PlaceType.SUPPLIER: Role.RECEIPT,
    PlaceType.CUSTOMER: Role.CUSTOMER_RETURN,
    PlaceType.PRODUCTION: Role.PRODUCED,
    PlaceType.ADJUSTMENT: Role.ADJUSTMENT_IN,
    PlaceType.SCRAP: Role.SCRAP_RECOVERED,
    PlaceType.OPENING: Role.OPENING,
    PlaceType.ASSET: Role.FROM_ASSET,
}
_BACK_ROLE = _IN_ROLE | {
    PlaceType.SUPPLIER: Role.SUPPLIER_REPLACEMENT,
    PlaceType.PRODUCTION: Role.CONSUMPTION_RETURN,
}
_OUT_ROLE: dict[int, Role] = {
    PlaceType.SUPPLIER: Role.SUPPLIER_RETURN,
    PlaceType.CUSTOMER: Role.ISSUE,
    PlaceType.PRODUCTION: Role.CONSUMED,
    PlaceType.ADJUSTMENT: Role.ADJUSTMENT_OUT,
    PlaceType.SCRAP: Role.SCRAP,
    PlaceType.OPENING: Role.OPENING_OUT,
    PlaceType.ASSET: Role.TO_ASSET,
}
_TRUE_UP_ROLE: dict[int, Role] = {
    PlaceType.SUPPLIER: Role.TRUE_UP_VARIANCE,
    PlaceType.CUSTOMER: Role.TRUE_UP_SALES,
    PlaceType.PRODUCTION: Role.TRUE_UP_VARIANCE,
    PlaceType.ADJUSTMENT: Role.TRUE_UP_ADJUSTMENT,
    PlaceType.SCRAP: Role.TRUE_UP_SCRAP,
    PlaceType.OPENING: Role.TRUE_UP_VARIANCE,
    PlaceType.ASSET: Role.TRUE_UP_VARIANCE,
}


_NO_OTHER_PARTY = frozenset(
    map(int, (PlaceType.CUSTOMER, PlaceType.SCRAP, PlaceType.ADJUSTMENT, PlaceType.OPENING, PlaceType.ASSET))
)
"""Places to which goods leave at cost and nothing else is said."""

_SUPPLIER, _RECEIPT = int(PlaceType.SUPPLIER), int(Role.RECEIPT)  # numbers compare faster than members


def plain(run: Run, move: Move) -> bool:
    """The short way of the two commonest events, a priced receipt and an issue, where nothing is out of the way.

    Says False, having done nothing, if it is not that simple: `single` does the same and more.
    """
    (
        move_id, _, item, _, source, source_scope, _, target, target_scope, _, qty, _, day, _, _, _, _, stated, _, _
    ) = move  # fmt: skip
    leaves = source <= COSTED
    if leaves and target in _NO_OTHER_PARTY:
        cell = run.cells.get((source_scope, item))
    elif source == _SUPPLIER and target <= COSTED and stated is not None:
        cell = run.cells.get((target_scope, item))
    else:
        return False
    if cell is None or cell.costing.by_lot or move_id in run.named:
        return False
    if cell.pool.day != day:
        run.touch(cell, day)
    if cell.period is not None:
        return False
    if leaves:
        cost = cell.costing.take(cell, qty, 0, move_id, _TRUE_UP_ROLE[target], 0)
        if cost:
            run.rows.append(
                value_row((move_id, move_id, _OUT_ROLE[target], source_scope, item, 0, cost, -cost, day))
            )
        return True
    if stated:
        run.rows.append(value_row((move_id, move_id, _RECEIPT, target_scope, item, 0, stated, stated, day)))
    run.put_here(cell, move, stated or 0, Role.PRICE_VARIANCE)
    return True


def is_outside(run: Run, move: Move) -> bool:
    """Whether the item of a leg is not among those whose pools are recomputed."""
    return run.items is not None and move.item not in run.items


def extra(move: Move, kind: ExtraKind) -> int:
    """The sum of the external amounts of one kind that belong to a move."""
    return sum(each.amount for each in move.extras if each.kind == kind)


def single(run: Run, move: Move) -> None:
    """A move that is an event of its own: everything but transfers and production."""
    if is_outside(run, move):
        return
    if move.kind == VOID:
        _void(run, move)
    elif move.kind == Kind.VALUE:
        _late_cost(run, move)
    elif move.target_type <= COSTED:
        _goods_in(run, move)
    elif move.source_type <= COSTED:
        _goods_out(run, move)
    else:
        _past_stock(run, move)


def _void(run: Run, move: Move) -> None:
    scope = move.target_scope if move.target_type <= COSTED else move.source_scope
    run.add_outside(move, Role.ORPHANED_COST, scope, extra(move, ExtraKind.LANDED))


# --- goods in -----------------------------------------------------------------------------------------------------


def _goods_in(run: Run, move: Move) -> None:
    cell = run.cell(move.target_scope, move.item)
    place = PlaceType(move.source_type)
    if move.kind == Kind.RETURN:
        _goods_back(run, cell, move, place)
        return
    cost = at_last_cost(cell, move.qty) if move.amount is None else move.amount
    run.add(move, _IN_ROLE[place], cell, cost)
    price = extra(move, ExtraKind.PRICE)
    from_supplier = place is PlaceType.SUPPLIER
    run.remember(move, 0, cost + price if from_supplier else None)
    _put_with_extras(
        run, cell, move, cost, Role.PRICE_VARIANCE if from_supplier else Role.STANDARD_DIFFERENCE
    )


def _put_with_extras(run: Run, cell: Cell, move: Move, value: int, variance: Role) -> None:
    """Puts goods in at a value, their landed cost and price corrections on top."""
    if move.extras:
        landed, price = extra(move, ExtraKind.LANDED), extra(move, ExtraKind.PRICE)
        run.add(move, Role.LANDED_COST, cell, landed)
        run.add(move, Role.PRICE_CORRECTION, cell, price)
        value += landed + price
    run.put(cell, move, value, variance)


def _goods_back(run: Run, cell: Cell, move: Move, place: PlaceType) -> None:
    """Goods come back by a return of the out-move they left by, at the cost they left with."""
    cost = run.recall_cost(cell, move)
    run.add(move, _BACK_ROLE[place], cell, cost)
    price = None
    if place is PlaceType.SUPPLIER:
        correction = extra(move, ExtraKind.PRICE)
        price = run.recall_price(move, cost, correction)
        run.add(move, _price_difference_role(cell), cell, cost + correction - price)
    run.count_return(move)
    run.remember(move, 0, price)
    _put_with_extras(run, cell, move, cost, Role.STANDARD_DIFFERENCE)
    if cell.period is not None and move.of in cell.period.moves:
        cell.period.take_back(_TRUE_UP_ROLE[place], move.qty, cost)


def _price_difference_role(cell: Cell) -> Role:
    return (
        Role.SUPPLIER_RETURN_PRICE_VARIANCE if cell.costing.is_standard else Role.SUPPLIER_RETURN_DIFFERENCE
    )


# --- goods out ----------------------------------------------------------------------------------------------------


def _goods_out(run: Run, move: Move) -> None:
    cell = run.cell(move.source_scope, move.item)
    place = PlaceType(move.target_type)
    cost = run.take(cell, move, _TRUE_UP_ROLE[place], move.of)
    run.add(move, _OUT_ROLE[place], cell, cost)
    price = None
    charged = sum(each.amount for each in move.extras)
    if place is PlaceType.SUPPLIER:
        correction = extra(move, ExtraKind.PRICE)
        charged -= correction
        price = run.recall_price(move, cost, correction)
        run.add(move, _price_difference_role(cell), cell, price - cost)
        run.count_return(move)
    run.add(move, Role.ORPHANED_COST, cell, charged)
    run.remember(move, cost, price)


# --- past stock: dropship ---------------------------------------------------------------------------------------


def _past_stock(run: Run, move: Move) -> None:
    """Goods that never come into stock: from the supplier straight to the customer, or back."""
    landed, correction = extra(move, ExtraKind.LANDED), extra(move, ExtraKind.PRICE)
    source, target = move.source_type, move.target_type
    if source == PlaceType.SUPPLIER and target == PlaceType.CUSTOMER:
        price = _stated_or_standard(run, move) + correction
        run.remember(move, price + landed, price)
    elif source == PlaceType.CUSTOMER and target == PlaceType.SUPPLIER:
        price = -run.recall_price(move, _stated_or_standard(run, move), -correction)
        run.reduce_cost(move, -price - landed)
        run.count_return(move)
    else:
        run.add_outside(move, Role.ORPHANED_COST, 0, landed + correction)
        return
    run.add_outside(move, Role.DROPSHIP, 0, price)
    run.add_outside(move, Role.DROPSHIP_COST, 0, landed)


def _stated_or_standard(run: Run, move: Move) -> int:
    """The stated amount, else the quantity at standard cost, else 0."""
    if move.amount is not None:
        return move.amount
    standard = run.policy(move.item).standard
    return 0 if standard is None else half_even(standard[0] * move.qty, standard[1])


# --- value without goods ------------------------------------------------------------------------------------------


def _late_cost(run: Run, move: Move) -> None:
    """A cost without goods: the pool absorbs what belongs to goods still there, the rest is a variance."""
    cell = run.cell(move.target_scope, move.item)
    run.prepare(cell, move)
    by_decision = move.source_type == PlaceType.ADJUSTMENT
    amount = (move.amount or 0) + sum(each.amount for each in move.extras)
    run.add(move, Role.MANUAL_REVALUATION if by_decision else Role.LATE_COST, cell, amount)
    memo = run.memos.get(move.of)
    if move.of and (memo is None or memo.qty <= 0):
        absorbed = 0
    else:
        absorbed = run.absorb(cell, move, amount, move.of, 0 if memo is None else memo.qty)
    run.add(move, Role.LATE_COST_PASSED, cell, amount - absorbed)


# --- transfers and production -------------------------------------------------------------------------------------


def internal(run: Run, legs: Sequence[Move]) -> None:
    """One internal event: what it takes out first, then what it puts in. Legs are in the order of their keys."""
    costs: dict[int, int] = {}
    inputs: list[Move] = []
    outputs: list[Move] = []
    for leg in legs:
        if leg.source_type <= COSTED:
            if not stays_in_pool(leg):
                costs[leg.move_id] = _leg_out(run, leg)
            if leg.target_type > COSTED:
                inputs.append(leg)
        else:
            outputs.append(leg)
    shares = _shares(outputs, sum(costs[leg.move_id] for leg in inputs)) if inputs else {}
    for leg in legs:
        if leg.target_type > COSTED or is_outside(run, leg):
            continue
        if leg.source_type > COSTED:
            _output_in(run, leg, shares.get(leg.move_id))
        elif stays_in_pool(leg):
            _cost_on_the_way(run, leg)
        else:
            _transfer_in(run, leg, costs[leg.move_id])
    _keep_flow(run, inputs, outputs)


def stays_in_pool(leg: Move) -> bool:
    """A transfer within one cost scope: no cost moves."""
    return leg.target_type <= COSTED and leg.source_scope == leg.target_scope and leg.source_type <= COSTED


def _leg_out(run: Run, leg: Move) -> int:
    if is_outside(run, leg):
        return run.boundary.get(leg.move_id, 0)
    cell = run.cell(leg.source_scope, leg.item)
    to_production = leg.target_type > COSTED
    true_up = (
        Role.CONSUMED if to_production and cell.policy.method == Method.PERIODIC else Role.TRUE_UP_VARIANCE
    )
    cost = run.take(cell, leg, true_up, leg.of)
    run.add(leg, Role.CONSUMED if to_production else Role.TRANSFER_OUT, cell, cost)
    if to_production:
        run.remember(leg, cost, None)
        if leg.extras:
            run.add(leg, Role.ORPHANED_COST, cell, sum(each.amount for each in leg.extras))
    return cost


def _shares(outputs: Sequence[Move], total: int) -> dict[int, int]:
    if not outputs:
        return {}
    if len(outputs) == 1:
        return {outputs[0].move_id: total}
    parts = allocate(total, output_weights(outputs))
    return {leg.move_id: part for leg, part in zip(outputs, parts, strict=True)}


def output_weights(outputs: Sequence[Move]) -> list[int]:
    """The cost shares of the outputs of an event; their quantities if the shares add up to nothing."""
    weights = [leg.qty if leg.weight is None else leg.weight for leg in outputs]
    return weights if sum(weights) else [leg.qty for leg in outputs]


def _output_in(run: Run, leg: Move, share: int | None) -> None:
    """An output: its share, its conversion cost; with no inputs and no amount, at the last unit cost."""
    cell = run.cell(leg.target_scope, leg.item)
    conversion = leg.amount or 0
    if share is None:
        share = at_last_cost(cell, leg.qty) if leg.amount is None else 0
    run.add(leg, Role.CONVERSION_COST, cell, conversion)
    run.add(leg, Role.PRODUCED, cell, share + conversion)
    run.remember(leg, 0, None)
    _put_with_extras(run, cell, leg, share + conversion, Role.STANDARD_DIFFERENCE)


def _transfer_in(run: Run, leg: Move, cost: int) -> None:
    cell = run.cell(leg.target_scope, leg.item)
    run.add(leg, Role.TRANSFER_IN, cell, cost)
    run.remember(leg, 0, None)
    own, correction = _own_costs(leg)
    run.add(leg, Role.LANDED_COST, cell, own)
    run.add(leg, Role.PRICE_CORRECTION, cell, correction)
    run.put(cell, leg, cost + own + correction, Role.STANDARD_DIFFERENCE)


def _cost_on_the_way(run: Run, leg: Move) -> None:
    """A transfer within one scope with a cost of its own: that cost goes to the pool as a whole."""
    own, correction = _own_costs(leg)
    if not own and not correction:
        return
    cell = run.cell(leg.target_scope, leg.item)
    run.add(leg, Role.LANDED_COST, cell, own)
    run.add(leg, Role.PRICE_CORRECTION, cell, correction)
    absorbed = run.absorb(cell, leg, own + correction, 0, 0)
    run.add(leg, Role.LATE_COST_PASSED, cell, own + correction - absorbed)


def _own_costs(leg: Move) -> tuple[int, int]:
    return (leg.amount or 0) + extra(leg, ExtraKind.LANDED), extra(leg, ExtraKind.PRICE)


def _keep_flow(run: Run, inputs: Sequence[Move], outputs: Sequence[Move]) -> None:
    """Under the periodic average the settlement needs to know which outputs a consumption fed."""
    if not run.open_cells:
        return
    consumed = [leg for leg in inputs if not is_outside(run, leg)]
    cells = [run.cell(leg.source_scope, leg.item) for leg in consumed]
    if all(cell.period is None for cell in cells):
        return
    fed = [None if is_outside(run, leg) else run.cell(leg.target_scope, leg.item) for leg in outputs]
    flow = Flow(fed, output_weights(outputs))
    for leg, cell in zip(consumed, cells, strict=True):
        if cell.period is not None:
            cell.period.consumed.append((flow, leg.qty))
