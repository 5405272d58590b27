"""What each book should say after a batch, and so what is to be written: by appending, or by replaying a window."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wherewithal.core.costing import engine, state
from wherewithal.core.costing.facts import Move, Policy, PoolKey, Prior
from wherewithal.core.costing.state import Pool
from wherewithal.stock.services.context import BookFacts
from wherewithal.stock.services.posting.differences import Booked, add_difference
from wherewithal.stock.services.posting.entries import AccountsOfRows, Postings
from wherewithal.stock.services.posting.write import StateToWrite

SnapshotKey = tuple[PoolKey, int]
"""(pool, day ordinal): the pool at the start of the day."""


@dataclass(frozen=True, slots=True)
class StoredPool:
    """A row of stock_cost_state."""

    day: int
    state: bytes
    before: bytes | None


@dataclass(slots=True)
class Decision:
    """What one book has to write."""

    book: BookFacts
    states: dict[PoolKey, StateToWrite] = field(default_factory=dict)
    gone: list[PoolKey] = field(default_factory=list)
    snapshots: dict[SnapshotKey, bytes] = field(default_factory=dict)
    since: int | None = None  # of a replay: what was kept for this day and later is stale


def month_start(day: int) -> int:
    return datetime.date.fromordinal(day).replace(day=1).toordinal()


def snapshot_days(last_day: int) -> Callable[[int], int]:
    """Snapshots at the start of each month, and at the start of the last day (kept as `before`)."""

    def first_day(day: int) -> int:
        return day if day == last_day else month_start(day)

    return first_day


def append(
    *,
    book: BookFacts,
    moves: Sequence[Move],
    context: Sequence[Move],
    policies: Mapping[int, Sequence[Policy]],
    stored: Mapping[PoolKey, StoredPool],
    priors: Mapping[int, Prior],
    accounts: AccountsOfRows,
    postings: Postings,
    first_open: datetime.date | None,
) -> Decision:
    """New facts that come after everything known: nothing booked changes, so all rows are new."""
    last_day = max(move.day for move in moves)
    replayed = engine.replay(
        moves,
        policies=policies,
        states={key: state.load(row.state) for key, row in stored.items()},
        since=None,
        priors=priors,
        context=context,
        snapshot_day=snapshot_days(last_day),
    )
    postings.add_rows(accounts, replayed.rows, first_open)
    decision = Decision(book)
    _keep_pools(decision, replayed.states, replayed.snapshots, stored, last_day)
    return decision


def _keep_pools(
    decision: Decision,
    pools: Mapping[PoolKey, Pool],
    snapshots: Mapping[SnapshotKey, bytes],
    stored: Mapping[PoolKey, StoredPool],
    last_day: int,
) -> None:
    """States to store; a snapshot at a month's start for each month in which a pool was first touched here."""
    for key, pool in pools.items():
        old = stored.get(key)
        data = state.dump(pool)
        if old is None or data != old.state:
            decision.states[key] = _state(pool, data, _before(key, pool, snapshots, old, last_day))
    days = {key: row.day for key, row in stored.items()}
    decision.snapshots = _of_months(snapshots, since=None, days=days)


def _of_months(
    snapshots: Mapping[SnapshotKey, bytes], *, since: int | None, days: Mapping[PoolKey, int]
) -> dict[SnapshotKey, bytes]:
    """One snapshot for each pool and month in which the pool was touched, at the month's start.

    So the state at any month's start is the first snapshot from then on, or, if there is none, the current state.
    A month that began before the replay did keeps its snapshot, unless the pool had not been touched in it (`days`:
    when each pool was last touched before) and so has none.
    """
    found: dict[SnapshotKey, bytes] = {}
    for (key, day), data in sorted(snapshots.items(), key=lambda item: item[0][1]):
        month = month_start(day)
        if (since is None or month < since) and days.get(key, 0) >= month:
            continue
        found.setdefault((key, month), data)
    return found


def _before(
    key: PoolKey,
    pool: Pool,
    snapshots: Mapping[SnapshotKey, bytes],
    old: StoredPool | None,
    last_day: int,
) -> bytes | None:
    """The pool at the start of the day it was last touched on, where that is known."""
    if pool.day == last_day and (key, last_day) in snapshots:
        return snapshots[key, last_day]
    if old is not None and old.day == pool.day:
        return old.before
    return None


def _state(pool: Pool, data: bytes, before: bytes | None) -> StateToWrite:
    qty, value = pool.net()
    return StateToWrite(max(pool.day, 1), qty, value, data, before)


@dataclass(frozen=True, slots=True)
class Window:
    """All that a replay of one book reads: facts from the start of `since` on, and what lies before and outside."""

    since: int
    last_day: int
    items: frozenset[int]
    moves: Sequence[Move]
    context: Sequence[Move]
    at_start: Mapping[PoolKey, bytes]  # each pool of the items at the start of `since`, where it is not empty
    stored: Mapping[PoolKey, StoredPool]
    boundary: Mapping[int, int]
    priors: Mapping[int, Prior]
    booked: Booked


def replay(
    *,
    book: BookFacts,
    seen: Window,
    policies: Mapping[int, Sequence[Policy]],
    accounts: AccountsOfRows,
    postings: Postings,
    first_open: datetime.date | None,
) -> Decision:
    """The window again from its start; only what differs from the booked rows is to be written."""
    states = {key: state.load(data) for key, data in seen.at_start.items()}
    replayed = engine.replay(
        seen.moves,
        policies=policies,
        states=states,
        since=seen.since,
        items=seen.items,
        boundary=seen.boundary,
        priors=seen.priors,
        context=seen.context,
        snapshot_day=snapshot_days(seen.last_day),
    )
    add_difference(postings, accounts, replayed.rows, seen.booked, first_open)
    decision = Decision(book, since=seen.since)
    for key, pool in replayed.states.items():
        before = replayed.snapshots.get((key, pool.day))
        if before is None and pool.day == seen.since:
            before = seen.at_start.get(key)
        decision.states[key] = _state(pool, state.dump(pool), before)
    decision.gone = [key for key in seen.stored if key not in replayed.states]
    days = {key: pool.day for key, pool in states.items()}
    decision.snapshots = _of_months(replayed.snapshots, since=seen.since, days=days)
    return decision
