"""Which part of a book a change touches: append or replay, from which day, of which items, what lies outside.

How the store posts a batch in one book (all of it pure but the reads):

1. `changed` = the new moves, and the originals of corrections (amendment, reversal, cost), and all other legs of
   their events; `policies changed` = items with a new policy and its day. `items = items_of(changed)`, and unless
   it is an append the `items_reordered(changed, internal moves of the company at the instants of changed)`.
2. If `is_append(...)`: load the pools `pools_touched(...)` and the `priors` of `originals_before(moves)`;
   `replay(new moves, since=None)`; its rows are booked as they are.
3. Otherwise `since, items = reach(...)`, `states = states_at(...)`. Load the moves of `items`
   with day >= since and all other legs of their events, with their extras; `context` = the internal moves of the
   company at `tied_instants`; `boundary` = `boundary_cost` of the booked rows of the legs of other items; `priors`
   of `originals_before`. `replay(..., since=since, items=items)`; post `difference(sums(rows), booked)`, booked
   being the sums of the value rows of `items` with day >= since.
   Delete the snapshots of `items` with day >= since; store those returned; store the states returned.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from wherewithal.core.costing.events import stays_in_pool
from wherewithal.core.costing.facts import (
    COSTED,
    Kind,
    Method,
    Move,
    PlaceType,
    Policy,
    PoolKey,
    Prior,
)
from wherewithal.core.costing.facts import ValueRow as Row
from wherewithal.core.costing.fold import VOID, fold
from wherewithal.core.costing.order import INTERNAL_PHASE
from wherewithal.core.costing.run import NEVER, month_start
from wherewithal.core.costing.state import Pool, load
from wherewithal.core.posting import Role

_LEAVING = frozenset(
    {
        Role.ISSUE,
        Role.SCRAP,
        Role.TO_ASSET,
        Role.ADJUSTMENT_OUT,
        Role.OPENING_OUT,
        Role.CONSUMED,
        Role.SUPPLIER_RETURN,
        Role.TRUE_UP_SALES,
        Role.TRUE_UP_SCRAP,
        Role.TRUE_UP_ADJUSTMENT,
        Role.DROPSHIP,
        Role.DROPSHIP_COST,
    }
)
"""The roles that make up the cost at which goods left."""

_COMING_BACK = frozenset(
    {
        Role.CUSTOMER_RETURN,
        Role.SCRAP_RECOVERED,
        Role.FROM_ASSET,
        Role.ADJUSTMENT_IN,
        Role.OPENING,
        Role.CONSUMPTION_RETURN,
        Role.SUPPLIER_REPLACEMENT,
    }
)
"""The roles that make up the cost at which goods come back."""

_PAST_STOCK = frozenset({Role.DROPSHIP, Role.DROPSHIP_COST})

_OWED: dict[int, int] = {
    Role.RECEIPT: +1,
    Role.PRICE_CORRECTION: +1,
    Role.SUPPLIER_REPLACEMENT: +1,
    Role.DROPSHIP: +1,
    Role.SUPPLIER_RETURN: -1,
    Role.SUPPLIER_RETURN_DIFFERENCE: -1,
    Role.SUPPLIER_RETURN_PRICE_VARIANCE: -1,
}
"""How roles add to what is owed to the supplier."""

_LEG_ROLES = (Role.CONSUMED, Role.TRANSFER_OUT)


def items_of(moves: Iterable[Move]) -> set[int]:
    """The items of these moves."""
    return {move.item for move in moves}


def items_reordered(changed: Iterable[Move], internal_moves: Iterable[Move]) -> set[int]:
    """The items of the internal events that `changed` ones feed at their very instant, through any number of steps.

    An event that comes, goes or changes moves all it feeds to another place in the supply order, and so it matters
    to every item of those, also to what they only consume. internal_moves: all of the company at these instants.
    """
    legs: dict[int, list[Move]] = {}
    takers: dict[tuple[int, int, int], list[int]] = {}
    changed, internal_moves = list(changed), list(internal_moves)
    by_id = {move.move_id: move for move in (*internal_moves, *changed)}
    for move in internal_moves:
        if move.phase == INTERNAL_PHASE and move.kind not in (Kind.AMENDMENT, Kind.REVERSAL):
            legs.setdefault(move.event_id, []).append(move)
            if move.source_type <= COSTED:
                takers.setdefault((move.at, move.item, move.source_node), []).append(move.event_id)
    found = {_corrected(move, by_id).event_id for move in changed if move.phase == INTERNAL_PHASE}
    waiting = list(found)
    while waiting:
        for leg in legs.get(waiting.pop(), ()):
            if leg.target_type <= COSTED:
                followers = set(takers.get((leg.at, leg.item, leg.target_node), ())) - found
                found |= followers
                waiting += followers
    return {leg.item for event_id in found for leg in legs.get(event_id, ())}


def _corrected(move: Move, by_id: Mapping[int, Move]) -> Move:
    """The move that a chain of corrections is about, as far as it is known."""
    while move.kind in (Kind.AMENDMENT, Kind.REVERSAL) and move.of in by_id:
        move = by_id[move.of]
    return move


def edges_of(moves: Iterable[Move]) -> dict[tuple[int, int], int]:
    """(from item, to item) -> last day on which a production event fed the one from the other.

    From raw facts: an edge of an event that was reversed stays, it only makes a replay wider than it must be.
    """
    takes: dict[int, set[int]] = {}
    gives: dict[int, set[int]] = {}
    days: dict[int, int] = {}
    for move in moves:
        if move.phase != INTERNAL_PHASE or move.kind in (Kind.AMENDMENT, Kind.REVERSAL):
            continue
        if move.target_type == PlaceType.PRODUCTION:
            takes.setdefault(move.event_id, set()).add(move.item)
        elif move.source_type == PlaceType.PRODUCTION:
            gives.setdefault(move.event_id, set()).add(move.item)
        days[move.event_id] = move.day
    edges: dict[tuple[int, int], int] = {}
    for event_id, sources in takes.items():
        for source in sources:
            for target in gives.get(event_id, ()):
                if source != target:
                    edges[source, target] = max(edges.get((source, target), 0), days[event_id])
    return edges


def closure(
    items: Collection[int],
    edges: Mapping[tuple[int, int], int],
    *,
    since: int,
    periodic: Collection[int] = (),
) -> set[int]:
    """The items and all that was made from them since that day, through any number of levels.

    Items under the periodic average settle the period together, so edges among them count both ways.
    """
    after: dict[int, set[int]] = {}
    for (source, target), last_day in edges.items():
        if last_day >= since:
            after.setdefault(source, set()).add(target)
            if source in periodic and target in periodic:
                after.setdefault(target, set()).add(source)
    found = set(items)
    waiting = list(found)
    while waiting:
        for item in after.get(waiting.pop(), ()):
            if item not in found:
                found.add(item)
                waiting.append(item)
    return found


def policy_on(policies: Sequence[Policy], day: int) -> Policy:
    """The policy in force at the end of a day; before the first one, the first one."""
    chosen = policies[0]
    for policy in policies:
        if policy.day > day:
            break
        chosen = policy
    return chosen


def periodic_items(items: Iterable[int], policies: Mapping[int, Sequence[Policy]], *, since: int) -> set[int]:
    """Those that are under the periodic average at some time from that day on."""
    return {
        item
        for item in items
        if policy_on(policies[item], since).method == Method.PERIODIC
        or any(policy.method == Method.PERIODIC and policy.day > since for policy in policies[item])
    }


def start_day(
    day: int,
    items: Collection[int],
    policies: Mapping[int, Sequence[Policy]],
    *,
    snapshot_day: Callable[[int], int] = month_start,
) -> int:
    """The day whose start a replay begins at so that `day` comes out right: the first of its snapshot interval,
    and of the period of each item that is then under the periodic average.
    """
    start = day
    while True:
        earlier = snapshot_day(start)
        for item in items:
            for day in (start - 1, start):  # a policy that begins today may cut a period short
                policy = policy_on(policies[item], day)
                if policy.method == Method.PERIODIC and policy.calendar is not None:
                    earlier = min(earlier, policy.calendar.first_day(start))
        if earlier == start:
            return start
        start = earlier


def reach(
    day: int,
    items: Collection[int],
    edges: Mapping[tuple[int, int], int],
    policies: Mapping[int, Sequence[Policy]],
    *,
    before: Mapping[int, Sequence[Policy]] | None = None,
    snapshot_day: Callable[[int], int] = month_start,
) -> tuple[int, set[int]]:
    """(since, items): what a change of these items on that day makes it necessary to replay.

    policies must answer for every item that `edges` leads to. before: the policies as they were, of the items
    whose policies this batch changes (what is booked and stored was cut by their periods).
    """
    since, found = day, set(items)
    while True:
        targets = found | {item for edge in edges for item in edge}
        periodic = periodic_items(targets, policies, since=since)
        periodic |= periodic_items(before or (), before or {}, since=since)
        wider = closure(found, edges, since=since, periodic=periodic)
        earlier = start_day(since, wider, policies, snapshot_day=snapshot_day)
        if before:
            earlier = start_day(earlier, wider & set(before), before, snapshot_day=snapshot_day)
        if (earlier, wider) == (since, found):
            return since, found
        since, found = earlier, wider


def states_at(
    since: int,
    current: Mapping[PoolKey, bytes],
    snapshots: Mapping[PoolKey, tuple[int, bytes]],
) -> dict[PoolKey, Pool]:
    """The states of pools at the start of day `since`, which `start_day` gave.

    current: the states as they are now. snapshots: of each pool the EARLIEST with day >= since, if there is one
    (the first change after `since` came after it). A pool that has none has not changed since.
    """
    states = {key: load(data) for key, data in current.items()}
    states.update({key: load(data) for key, (_, data) in snapshots.items()})
    return states


def is_append(
    moves: Iterable[Move], last_at: Mapping[int, int], policies: Mapping[int, Sequence[Policy]]
) -> bool:
    """Whether these new facts all come after everything known of their items (last_at: item -> last instant of
    a fact or of a policy that was posted), so that nothing booked changes. Amendments, reversals and moves under
    the periodic average never do.
    """
    return all(
        move.kind not in (Kind.AMENDMENT, Kind.REVERSAL)
        and move.at > last_at.get(move.item, -NEVER)
        and policy_on(policies[move.item], move.day).method != Method.PERIODIC
        for move in moves
    )


def pools_touched(moves: Iterable[Move], policies: Mapping[int, Sequence[Policy]]) -> set[PoolKey]:
    """The pools that an append of these moves reads: those of lot 0, and those of lots if they are costed by lot.

    If a policy takes effect after the first of the moves, all pools of the item are needed instead.
    """
    found: set[PoolKey] = set()
    for move in moves:
        lots = {0}
        if move.lot and any(policy.method == Method.SPECIFIC for policy in policies[move.item]):
            lots.add(move.lot)
        for type_, scope in ((move.source_type, move.source_scope), (move.target_type, move.target_scope)):
            if type_ <= COSTED:
                found.update((scope, move.item, lot) for lot in lots)
    return found


def tied_instants(moves: Iterable[Move], items: Collection[int]) -> set[int]:
    """Instants at which more than one internal event of these items happened, so that their order needs the
    supply rank, and that needs all internal moves of the company at that instant (`replay(context=...)`).
    """
    events: dict[int, int] = {}
    tied: set[int] = set()
    for move in moves:
        if (
            move.phase == INTERNAL_PHASE
            and move.item in items
            and events.setdefault(move.at, move.event_id) != (move.event_id)
        ):
            tied.add(move.at)
    return tied


def originals_before(moves: Sequence[Move]) -> set[int]:
    """The move ids that returns and late costs name and that are not among `moves`: each needs a `Prior`."""
    known = {move.move_id for move in moves}
    named = {move.of for move in moves if move.of and move.kind not in (Kind.AMENDMENT, Kind.REVERSAL)}
    return named - known


def prior_of(
    original: Sequence[Move], returns: Sequence[Move], rows: Iterable[Row], *, before: int | None
) -> Prior:
    """What is left to return of a move at the start of day `before` (None: now).

    original: the move with its amendments and reversals; returns: the returns of it with theirs, without the
    moves that are about to be replayed; rows: the booked value rows of all these moves. What lies on or after
    `before` is left out here, and so is a return that claims to precede what it returns.
    """
    day = NEVER if before is None else before
    net = [move for move in fold(original) if move.kind != VOID]
    if not net or not _leaves_something_to_return(net[0]):
        return Prior(0, 0, 0, None)
    move = net[0]
    place = (move.at, move.phase)
    taken = [
        each
        for each in fold(returns)
        if each.kind == Kind.RETURN
        and each.day < day
        and (each.at, each.phase) > place
        and _takes_from_what_is_left(each)
    ]
    by_move: dict[int, list[Row]] = {}
    for row in rows:
        if row.day < day:
            by_move.setdefault(row.move_id, []).append(row)
    mine = by_move.get(move.move_id, [])
    cost = _sum(mine, _LEAVING) if move.target_type > COSTED else 0
    price = _price(move, mine)
    for each in taken:
        theirs = by_move.get(each.move_id, [])
        cost -= _sum(theirs, _COMING_BACK) if each.target_type <= COSTED else -_sum(theirs, _PAST_STOCK)
        if price is not None:
            price -= _price(each, theirs) or 0
    return Prior(move.qty, move.qty - sum(each.qty for each in taken), cost, price)


def _leaves_something_to_return(move: Move) -> bool:
    """Goods that came into a pool or left one, and goods that went past stock to a customer."""
    if move.source_type > COSTED and move.target_type > COSTED:
        return move.source_type == PlaceType.SUPPLIER and move.target_type == PlaceType.CUSTOMER
    return not stays_in_pool(move)


def _takes_from_what_is_left(move: Move) -> bool:
    """Goods that come into stock again, or go (back) to the supplier; else a return only names a layer."""
    if move.source_type <= COSTED or move.target_type > COSTED:
        return move.target_type == PlaceType.SUPPLIER
    return True


def _sum(rows: Iterable[Row], roles: Collection[int]) -> int:
    return sum(row.amount for row in rows if row.role in roles)


def _price(move: Move, rows: Iterable[Row]) -> int | None:
    """What a move says the supplier is owed for it (or owes, for what goes back); None if none is party to it."""
    if move.source_type == PlaceType.SUPPLIER:
        return sum(_OWED.get(row.role, 0) * row.amount for row in rows)
    if move.target_type == PlaceType.SUPPLIER:
        return -sum(_OWED.get(row.role, 0) * row.amount for row in rows)
    return None


def boundary_cost(rows: Iterable[Row]) -> dict[int, int]:
    """move_id -> the cost the leg took from its pool at its own place in the order (true-ups not counted)."""
    costs: dict[int, int] = {}
    for row in rows:
        if row.role in _LEG_ROLES and row.move_id == row.cause_id:
            costs[row.move_id] = costs.get(row.move_id, 0) + row.amount
    return costs
