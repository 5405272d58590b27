"""Which part of a book a change touches: append or replay, from which day, of which items, what lies outside.

How the store posts a batch in one book (all of it pure but the reads):

1. `changed` = the new moves, and the original of each amendment, reversal, and cost (extra); all legs of their
   events. `items = items_of(changed)`.
2. `is_append(...)`: load the pools `pools_touched(...)`, `replay(new moves, since=None)`, rows are new rows.
3. Otherwise `since = start_day(...)`, `items = closure(...)`; per pool the state at the start of `since`: the
   current one if its `day < since`, else the latest snapshot with day <= since (then replay from the earliest of
   these days: call it `since`), else nothing and since = 0. Load the moves with day >= since of `items` and all
   other legs of their events; extras; `context` for `tied_instants`; `boundary` = `boundary_cost` of the booked
   rows of the legs whose item is outside; `priors` for the originals in `originals_before`.
   `replay(..., since=since, items=items)`, `difference` against the booked rows of `items` with day >= since.
   Snapshots of `items` with day > since are stale: delete them, store the new ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from wherewithal.core.costing.facts import Move, Policy, PoolKey, Prior, ValueRow


def items_of(moves: Iterable[Move]) -> set[int]:
    """The items of these moves."""
    return {move.item for move in moves}


def edges_of(moves: Iterable[Move]) -> dict[tuple[int, int], int]:
    """(from item, to item) -> last day on which a production event fed the one from the other."""
    raise NotImplementedError


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
    raise NotImplementedError


def start_day(
    changed: Iterable[Move], policies: Mapping[int, Sequence[Policy]], *, items: Collection[int]
) -> int:
    """The day whose start a replay must begin at: the earliest changed day, or the first day of its period where
    an item is under the periodic average then.
    """
    raise NotImplementedError


def is_append(
    moves: Iterable[Move], last_at: Mapping[int, int], policies: Mapping[int, Sequence[Policy]]
) -> bool:
    """Whether these new facts all come after everything known of their items (last_at: item -> last instant of
    a fact or policy), so that nothing booked changes. Amendments, reversals and the periodic average never do.
    """
    raise NotImplementedError


def pools_touched(moves: Iterable[Move], policies: Mapping[int, Sequence[Policy]]) -> set[PoolKey]:
    """The pools that an append of these moves reads: (scope, item, 0), and with it (scope, item, lot)."""
    raise NotImplementedError


def tied_instants(moves: Iterable[Move], items: Collection[int]) -> set[int]:
    """Instants at which more than one internal event of these items happened, so that their order needs the
    supply rank, and that needs all internal moves of the company at that instant (`replay(context=...)`).
    """
    raise NotImplementedError


def originals_before(moves: Iterable[Move]) -> set[int]:
    """The move ids that returns and late costs name and that are not among `moves`: each needs a `Prior`."""
    raise NotImplementedError


def prior_of(
    original: Sequence[Move], returns: Sequence[Move], rows: Iterable[ValueRow], *, before: int | None
) -> Prior:
    """What is left to return of a move at the start of day `before` (None: now).

    original: the move with its amendments and reversals; returns: the returns of it with theirs; rows: the
    booked value rows of all these moves. What lies on or after `before` is left out here.
    """
    raise NotImplementedError


def boundary_cost(rows: Iterable[ValueRow]) -> dict[int, int]:
    """move_id -> the cost the leg took from its pool at its own place in the order (true-ups not counted)."""
    raise NotImplementedError
