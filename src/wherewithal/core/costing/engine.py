"""One pass over the facts of some items in the global order: value rows, end states, snapshots.

Full recompute, replay of a window and append are the same function:

- full: `states={}`, `since=0`, every fact of every item;
- window: the facts with `day >= since` of a closed set of `items` (see `window`), the states of their pools at
  the START of day `since`, `boundary` and `priors` for what lies outside;
- append: only the new facts, each later than everything of its items; the current states; `since=None`.

`should - booked` by key (`difference.difference`) is what is to be posted.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from wherewithal.core.costing.facts import Move, Policy, PoolKey, Prior, ValueRow
from wherewithal.core.costing.state import Pool


class Replayed(NamedTuple):
    """rows: unique by key, none with amount 0. states: the pools that were touched, as they are at the end
    (`Pool.is_empty()`: the store may drop it). snapshots: {(pool key, day): state at the START of that day}, for
    each pool that was touched after that day's start, at most one for each period of `snapshot_day`.
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
    with day >= since are replayed as events; None (append) replays none. states: what is there at the start;
    never changed, copied when touched. items: whose pools are recomputed (None = all in `moves`); moves of other
    items are there because they share an event: their cost is taken from `boundary` (move_id -> cost that leg
    took, `window.boundary_cost`). priors: originals of returns and late costs that are not among `moves`.
    context: the other internal moves of the company at `window.tied_instants(moves)`: they only take part in the
    supply rank. snapshot_day: day -> first day of its snapshot interval (default: first of the month).
    """
    raise NotImplementedError
