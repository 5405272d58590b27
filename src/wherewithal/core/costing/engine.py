"""One pass over the facts of some items in the global order: value rows, end states, snapshots.

Full recompute, replay of a window and append are the same function:

- full: `states={}`, `since=0`, every fact of every item;
- window: the facts with `day >= since` of a closed set of `items` (see `window`), the states of their pools at
  the START of day `since`, `boundary` and `priors` for what lies outside;
- append: only the new facts, each later than everything of its items; the current states; `since=None`.

`should - booked` by key (`difference.difference`) is what is to be posted.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from wherewithal.core.costing.events import internal, plain, single, stays_in_pool
from wherewithal.core.costing.facts import COSTED, Kind, Move, Policy, PoolKey, Prior, ValueRow
from wherewithal.core.costing.fold import VOID, fold
from wherewithal.core.costing.order import INTERNAL_PHASE, Supply, supply_order
from wherewithal.core.costing.run import NEVER, Run, month_start
from wherewithal.core.costing.state import Pool

_PLACE_IN_ORDER = itemgetter(*(Move._fields.index(name) for name in ("at", "phase", "key", "move_id")))


class Replayed(NamedTuple):
    """rows: unique by key, none with amount 0. states: the pools that were given or touched, as they are at the
    end (`Pool.is_empty()`: the store may drop it). snapshots: {(pool key, day): state at the START of that day},
    for each pool and each snapshot interval in which it was touched, `day` being the first day of the interval.
    """

    rows: list[ValueRow]
    states: dict[PoolKey, Pool]
    snapshots: dict[tuple[PoolKey, int], bytes]


def replay(
    moves: Sequence[Move],
    *,
    policies: Mapping[int, Sequence[Policy]],
    states: Mapping[PoolKey, Pool],
    since: int | None,
    items: Collection[int] | None = None,
    boundary: Mapping[int, int] | None = None,
    priors: Mapping[int, Prior] | None = None,
    context: Sequence[Move] = (),
    snapshot_day: Callable[[int], int] | None = None,
) -> Replayed:
    """Value the facts `moves` (any order; raw: amendments, reversals and returns as they were entered).

    policies: item -> its policies by ascending day, from the first one on (items may share one tuple). Those
    with day >= since are replayed as events; when appending, those after the first move of their item. states:
    what is there at the start; never changed. items: whose pools are recomputed (None = all in `moves`); moves of
    other items are there because they share an event: their cost is taken from `boundary` (move_id -> cost that
    leg took, `window.boundary_cost`). priors: originals of returns and late costs that are not among `moves`.
    context: the other internal moves of the company at `window.tied_instants(moves)`, also other legs of the same
    events: they only take part in the supply rank. snapshot_day: day -> first day of its snapshot interval
    (default `window.month_start`).
    Raises FactError for a correction whose original is missing, PolicyError for an item without a policy.
    """
    ordered = sorted(fold(moves), key=_PLACE_IN_ORDER)
    run = Run(
        policies=policies,
        since=since,
        moves=ordered,
        items=None if items is None else frozenset(items),
        boundary=boundary or {},
        priors=priors or {},
        named=frozenset(move.of for move in ordered if move.of),
        snapshot_day=snapshot_day or month_start,
    )
    for key, pool in states.items():
        run.give_state(key, pool)
    known = {move.move_id for move in ordered}
    _pass_over(run, ordered, [move for move in fold(context) if move.move_id not in known])
    return Replayed(run.finished_rows(), run.states(), run.snapshots)


class _Agenda:
    """What else happens on the way: policies that take effect, periods of the periodic average that end."""

    def __init__(self, run: Run, items: Collection[int]) -> None:
        self.run = run
        self.policies = sorted(
            (
                (policy.at, item, policy)
                for item in items
                for policy in run.policies.get(item, ())
                if policy is not run.policy(item) and run.is_upcoming(item, policy)
            ),
            reverse=True,
        )

    def keep(self, at: int, day: int) -> None:
        """Does what is due before a fact of this instant and day."""
        while True:
            settlement = self.run.next_settlement()
            policy = self.policies[-1][2] if self.policies else None
            policy_is_due = policy is not None and policy.at <= at
            if policy_is_due and policy is not None and policy.day <= settlement:
                _, item, policy = self.policies.pop()
                self.run.change_policy(item, policy)
            elif settlement < day:
                self.run.settle_period()
            else:
                return

    def next_at(self) -> int:
        """The instant of the next policy."""
        return self.policies[-1][0] if self.policies else NEVER


def _pass_over(run: Run, moves: Sequence[Move], context: Sequence[Move]) -> None:
    items = {move.item for move in moves} | set(run.cells_of)
    if run.items is not None:
        items &= set(run.items)
    agenda = _Agenda(run, items)
    tied = _by_instant(context)
    next_at = agenda.next_at()
    place = 0
    end = len(moves)
    while place < end:
        move = moves[place]
        if move.at >= next_at or run.open_cells:
            agenda.keep(move.at, move.day)
            next_at = agenda.next_at()
        if move.phase == INTERNAL_PHASE:
            first = place
            while place < end and moves[place].at == move.at and moves[place].phase == INTERNAL_PHASE:
                place += 1
            _instant(run, moves[first:place], tied.get(move.at, ()))
            continue
        place += 1
        if move.kind == Kind.PLAIN and not move.extras and plain(run, move):
            continue
        if move.kind != VOID and move.source_type <= COSTED and move.target_type <= COSTED:
            internal(run, (move,))
        else:
            single(run, move)
    agenda.keep(NEVER, NEVER)


def _by_instant(moves: Sequence[Move]) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = {}
    for move in moves:
        if move.phase == INTERNAL_PHASE:
            found.setdefault(move.at, []).append(move)
    return found


def _instant(run: Run, legs: Sequence[Move], context: Sequence[Move]) -> None:
    """The internal events of one instant, in supply order."""
    event_id = legs[0].event_id
    if all(leg.event_id == event_id and leg.kind != VOID for leg in legs):
        if any(map(_moves_cost, legs)):
            internal(run, legs)
        return
    for leg in legs:
        if leg.kind == VOID:
            single(run, leg)
    events = _by_event(legs)
    moving = {number for number, event in events.items() if any(map(_moves_cost, event))}
    if len(moving) > 1:
        around = _by_event((*legs, *context))
        numbers = list(around)
        order = supply_order([_supply(around[number]) for number in numbers])
        ordered = [numbers[place] for place in order]
    else:
        ordered = list(moving)
    for number in ordered:
        if number in moving:
            internal(run, events[number])


def _by_event(legs: Iterable[Move]) -> dict[int, list[Move]]:
    found: dict[int, list[Move]] = {}
    for leg in legs:
        if leg.kind != VOID:
            found.setdefault(leg.event_id, []).append(leg)
    return found


def _moves_cost(leg: Move) -> bool:
    return not stays_in_pool(leg) or leg.amount is not None or bool(leg.extras)


def _supply(event: Sequence[Move]) -> Supply:
    return Supply(
        min(leg.key for leg in event),
        frozenset((leg.item, leg.source_node) for leg in event if leg.source_type <= COSTED),
        frozenset((leg.item, leg.target_node) for leg in event if leg.target_type <= COSTED),
    )
