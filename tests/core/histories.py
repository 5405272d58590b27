"""Random histories through the incremental engine, held against the naive oracle.

`python -m tests.core.histories --count 1000000 --seed 1 --processes 2` prints seeds that failed, shrunk.
"""

import argparse
import multiprocessing
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.core.generator import DAY, DAYS, Book, Fact, History, cut, entry_order, generate, move_of
from tests.core.oracle import should
from tests.core.store import Store

from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import Extra, Move
from wherewithal.core.costing.state import Pool, dump


class Mismatch(AssertionError):
    """The engine and the oracle disagree, or the engine with itself."""


def oracle_says(book: Book, known: dict[int, Move], facts: list[Fact], until: int | None = None):
    """What the book should say of these facts by the oracle, restricted to days up to `until`."""
    policies = {item: [policy] for item, policy in book.first.items()}
    extras = defaultdict(tuple)
    for fact in facts:
        if fact.policy is not None and fact.policy.book == book.number:
            policies[fact.policy.item].append(fact.policy.policy)
        for cost in fact.costs:
            extras[cost.move_id] += (Extra(cost.cost_id, cost.kind, round(cost.amount * book.rate)),)
    moves = [known[leg.move_id] for fact in facts for leg in fact.legs]
    moves = [move._replace(extras=extras[move.move_id]) if move.move_id in extras else move for move in moves]
    if until is not None:
        moves = [move for move in moves if move.day <= until]
        policies = {item: [p for p in each if p.day <= until] for item, each in policies.items()}
    for each in policies.values():
        each.sort(key=lambda policy: policy.at)
    rows, pools = should(moves, policies)
    return rows, {key: net for key, net in pools.items() if any(net)}


def totals(rows, name: Callable[[int], int], until: int | None = None):
    """Amount by key, moves called by their canonical ids."""
    found = defaultdict(int)
    for row in rows:
        if until is None or row.day <= until:
            move_id = name(row.move_id) if row.move_id else 0
            cause = name(row.cause_id) if row.cause_id > 0 else row.cause_id
            found[move_id, cause, row.role, row.scope, row.item, row.lot, row.day] += row.amount
    return {key: amount for key, amount in found.items() if amount}


def expect(what: str, found, wanted) -> None:
    if found != wanted:
        lines = [
            f"  {key}: found {found.get(key)}, should be {wanted.get(key)}"
            for key in sorted({*found, *wanted}, key=str)
            if found.get(key) != wanted.get(key)
        ]
        raise Mismatch(what + "\n" + "\n".join(lines))


def days_of(facts: list[Fact]) -> list[int]:
    """The days on which something happened, but for the last."""
    days = {leg.at // DAY for fact in facts for leg in fact.legs}
    days |= {fact.policy.policy.day for fact in facts if fact.policy is not None}
    return sorted(days)[:-1]


def check_conservation(store: Store) -> None:
    """Value rows and pools agree; nothing is left of value where nothing is left of goods; clearing nets out."""
    carried = defaultdict(int)
    for row in store.booked:
        carried[row.scope, row.item] += row.stock_amount
    expect(
        "rows against pools",
        {k: v for k, v in carried.items() if v},
        {k: v[1] for k, v in store.pools().items() if v[1]},
    )
    in_transfer = sum((row.role == 11) * row.amount - (row.role == 23) * row.amount for row in store.booked)
    if in_transfer:
        raise Mismatch(f"transfers do not net out: {in_transfer}")


def check_stored(store: Store) -> None:
    """States and snapshots are what one pass over all facts leaves, byte for byte, whatever was replayed when."""
    done = replay(
        list(store.moves.values()),
        policies=store.policies,
        states={},
        since=0,
        snapshot_day=store.snapshot_day,
    )
    untouched = dump(Pool())
    expect(
        "stored states",
        {key: data for key, data in store.states.items() if data != untouched},
        {key: dump(pool) for key, pool in done.states.items() if dump(pool) != untouched},
    )
    stored = {(key, day): data for key, states in store.snapshots.items() for day, data in states.items()}
    expect("stored snapshots", stored, done.snapshots)


def check_postings(store: Store) -> None:
    """(e): per posting day, value rows and ledger lines agree, and each day balances."""
    days = defaultdict(int)
    for (day, _), amount in store.ledger.items():
        days[day] += amount
    if any(days.values()):
        raise Mismatch("a posting day does not balance")
    for day in days:
        rows = sum(row.stock_amount for posted, row in store.postings if posted == day)
        if rows != store.ledger.get((day, "inventory"), 0):
            raise Mismatch(f"subledger and ledger differ on day {day}")


def run(history: History, orders: int = 2) -> tuple[int, int]:
    """Enters a history in several orders; raises Mismatch. The numbers of appends and replays."""
    rng = Random(history.seed * 7919 + 13)
    appends = replays = 0
    says = {}
    known = {
        book.number: {leg.move_id: move_of(book, leg) for fact in history.facts for leg in fact.legs}
        for book in history.books
    }
    for number in range(orders):
        order = entry_order(history, rng)
        if number == 0 and rng.random() < 0.5:
            order.sort(key=lambda fact: max([leg.at for leg in fact.legs], default=0))
            order = in_names_order(order)
        ids = (lambda each: each) if number == 0 else (lambda each: 100_000 - each)
        stores = [Store(book, rng.choice((1, 2, 3, 6)), ids) for book in history.books]
        entered: list[Fact] = []
        for batch in cut(order, rng):
            entered = entered + batch
            if rng.random() < 0.2:
                for store in stores:
                    store.close(rng.randint(0, DAYS))
            key = frozenset(fact.number for fact in entered)
            for store in stores:
                store.post(batch)
                if (store.book.number, key) not in says:
                    says[store.book.number, key] = oracle_says(store.book, known[store.book.number], entered)
                rows, pools = says[store.book.number, key]
                expect(f"after {len(entered)} facts", totals(store.booked, ids), rows)
                if len(entered) == len(order):
                    expect("pools in the end", store.pools(), pools)
        for store in stores:
            check_conservation(store)
            check_postings(store)
            check_stored(store)
            for day in days_of(entered) if number == 0 else ():
                rows, _ = oracle_says(store.book, known[store.book.number], entered, day)
                until = {key: amount for key, amount in rows.items() if key[-1] <= day}
                expect(f"as of day {day}", totals(store.booked, ids, day), until)
            appends += store.appends
            replays += store.replays
    return appends, replays


def in_names_order(order: list[Fact]) -> list[Fact]:
    """The nearest order in which each fact comes after those it names."""
    done: set[int] = set()
    result = []
    while order:
        fact = next(fact for fact in order if all(name in done for name in fact.names))
        order.remove(fact)
        done.add(fact.number)
        result.append(fact)
    return result


def shrink(history: History) -> History:
    """The smallest history found by deleting facts that still fails."""
    smaller = True
    while smaller:
        smaller = False
        for fact in reversed(history.facts):
            gone = {fact.number}
            for other in history.facts:
                if gone & set(other.names):
                    gone.add(other.number)
            left = replace(history, facts=[f for f in history.facts if f.number not in gone])
            if left.facts and fails(left):
                history, smaller = left, True
                break
        for book in history.books:
            left = replace(history, books=[book])
            if len(history.books) > 1 and fails(left):
                history, smaller = left, True
                break
    return history


def fails(history: History) -> bool:
    try:
        run(history)
    except Exception:  # noqa: BLE001  any failure is what is looked for
        return True
    return False


def run_seed(seed: int) -> tuple[int, str, int, int]:
    try:
        appends, replays = run(generate(seed))
    except Exception as error:  # noqa: BLE001  the seed is reported, whatever it was
        return seed, f"{type(error).__name__}: {error}", 0, 0
    return seed, "", appends, replays


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.count)
    began, failed, appends, replays = time.monotonic(), [], 0, 0
    with multiprocessing.Pool(asked.processes) as pool:
        for done, (seed, error, a, r) in enumerate(pool.imap_unordered(run_seed, seeds, chunksize=50), 1):
            appends, replays = appends + a, replays + r
            if error:
                failed.append(seed)
                print(f"seed {seed}: {error[:2000]}", flush=True)
            if done % 10_000 == 0:
                print(f"{done} histories, {len(failed)} failed, {time.monotonic() - began:.0f} s", flush=True)
            if len(failed) >= 10:
                break
    print(
        f"{done} histories from seed {asked.seed}: {len(failed)} failed {failed}; {appends} appends, "
        f"{replays} replays, {time.monotonic() - began:.0f} s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
