"""Costs worked out again from the facts alone, from the first one on, without anything that posting had stored.

Posting appends to stored states, or replays a window from a snapshot. Here nothing is trusted but facts, policies and
the rules of core: one pass from nothing over all facts, item by item with all that it was made from, and each value
row, state and snapshot must come out as it is stored.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from zlib import crc32

from wherewithal.core.costing import difference, engine
from wherewithal.core.costing.facts import Policy, PoolKey
from wherewithal.core.costing.state import Pool, StateError, dump
from wherewithal.core.costing.state import load as load_pool
from wherewithal.core.posting import Role
from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all
from wherewithal.reporting.checks.values import Check, Finding, Found, listed
from wherewithal.stock.services.context import BookFacts, Context, add_items, load_context, place_rows
from wherewithal.stock.services.posting import load
from wherewithal.stock.services.posting.facts import Reader, by_move
from wherewithal.stock.services.posting.policies import Policies, load_policies
from wherewithal.stock.services.posting.window_reads import load_booked, load_window

GROUP_MOVES = 100_000  # items are taken together up to so many moves, to keep memory bounded


def recomputed(company_id: int) -> Found:
    """Every value row, pool and snapshot is what the facts say."""
    context = load_context(company_id=company_id, location_ids=(), item_ids=())
    findings: list[Finding] = []
    for items in _groups(company_id):
        findings += _of_items(context, items)
    return listed(findings)


def _groups(company_id: int) -> Iterator[set[int]]:
    """Items that cost has flowed between stay together; small families share a pass."""
    counts: dict[int, int] = dict(
        fetch_all(
            "SELECT item_id, count(*) FROM stock_move WHERE company_id = %s GROUP BY item_id", (company_id,)
        )
    )
    edges = fetch_all(
        "SELECT from_item_id, to_item_id FROM stock_cost_edge WHERE company_id = %s", (company_id,)
    )
    group: set[int] = set()
    size = 0
    for family in _families(counts, edges):
        group |= family
        size += sum(counts.get(item, 0) for item in family)
        if size >= GROUP_MOVES:
            yield group
            group, size = set(), 0
    if group:
        yield group


def _families(items: Iterable[int], edges: Iterable[tuple[int, ...]]) -> Iterator[set[int]]:
    """Connected components."""
    near: dict[int, set[int]] = defaultdict(set)
    for source, target in edges:
        near[source].add(target)
        near[target].add(source)
    seen: set[int] = set()
    for item in items:
        if item in seen:
            continue
        family, waiting = {item}, [item]
        while waiting:
            for other in near[waiting.pop()] - family:
                family.add(other)
                waiting.append(other)
        seen |= family
        yield family


def _of_items(context: Context, items: Collection[int]) -> Iterator[Finding]:
    company_id = context.company_id
    found = load_window(company_id, items, date.min)
    add_items(context, {fact.item_id for fact in found.facts})
    places = {place for fact in found.facts for place in (fact.from_location_id, fact.to_location_id)}
    context.places.update(place_rows(company_id, places - context.places.keys()))
    rates = load.load_rates(company_id, found.facts, found.costs, context.books)
    policies = load_policies(company_id, context.timezone, items)
    booked = load_booked(company_id, items, date.min)
    for book in context.books:
        reader = Reader(context, book, rates)
        replayed = engine.replay(
            reader.moves(found.facts, by_move(found.costs)),
            policies=_policies_of(context, policies, book, items),
            states={},
            since=0,
        )
        by_key = booked[book.book_id].by_key() if book.book_id in booked else {}
        yield from _rows(book, difference.sums(replayed.rows), by_key)
        yield from _pools(company_id, book, items, replayed.states)
        yield from _snapshots(company_id, book, items, replayed.snapshots)


def _policies_of(
    context: Context, policies: Policies, book: BookFacts, items: Iterable[int]
) -> dict[int, tuple[Policy, ...]]:
    return {item: policies.of(book.book_id, context.items[item]) for item in items}


def _rows(
    book: BookFacts, should: Mapping[difference.RowKey, int], booked: Mapping[difference.RowKey, int]
) -> Iterator[Finding]:
    for key in difference.difference(should, booked):
        move_id, cause_id, role, scope_id, item_id, *_ = key
        if role == Role.NRV_ALLOWANCE:
            continue  # an estimate that somebody stated, not a cost that follows from facts
        yield Finding(
            say("a value that does not follow from the facts"),
            f"book {book.book_id}, move {move_id}, cause {cause_id}, role {role} ({Role(role).name.lower()}), "
            f"item {item_id}, scope {scope_id}",
            f"{should.get(key, 0)}",
            f"{booked.get(key, 0)}",
        )


def _pools(
    company_id: int, book: BookFacts, items: Collection[int], pools: Mapping[PoolKey, Pool]
) -> Iterator[Finding]:
    rows = fetch_all(
        "SELECT scope_id, item_id, lot_id, qty, value, state FROM stock_cost_state"
        " WHERE company_id = %s AND book_id = %s AND item_id = ANY(%s)",
        (company_id, book.book_id, sorted(items)),
    )
    stored = {(scope, item, lot): (qty, value, bytes(state)) for scope, item, lot, qty, value, state in rows}
    for key in sorted(stored.keys() | pools.keys()):
        pool = pools.get(key)
        should = None if pool is None or pool.is_empty() else (*pool.net(), dump(pool))
        if should is None and key in stored and _is_empty(stored[key]):
            continue  # the store may keep an empty pool or drop it
        if should != stored.get(key):
            yield Finding(
                say("a pool that does not follow from the facts"),
                f"book {book.book_id}, item {key[1]}, scope {key[0]}, lot {key[2]}",
                _pool_text(should),
                _pool_text(stored.get(key)),
            )


def _is_empty(stored: tuple[int, int, bytes]) -> bool:
    try:
        return stored[:2] == (0, 0) and load_pool(stored[2]).is_empty()
    except StateError:
        return False


def _pool_text(pool: tuple[int, int, bytes] | None) -> str:
    return "none" if pool is None else f"quantity {pool[0]}, value {pool[1]}, state {crc32(pool[2]):08x}"


def _snapshots(
    company_id: int, book: BookFacts, items: Collection[int], snapshots: Mapping[tuple[PoolKey, int], bytes]
) -> Iterator[Finding]:
    rows = fetch_all(
        "SELECT scope_id, item_id, lot_id, day, state FROM stock_cost_snapshot"
        " WHERE company_id = %s AND book_id = %s AND item_id = ANY(%s) ORDER BY item_id, day, scope_id, lot_id",
        (company_id, book.book_id, sorted(items)),
    )
    for scope, item, lot, day, state in rows:
        should = snapshots.get(((scope, item, lot), day.toordinal()))
        if should is not None and should != bytes(state):
            yield Finding(
                say("a snapshot that does not follow from the facts"),
                f"book {book.book_id}, item {item}, scope {scope}, lot {lot}, at the start of {day}",
                "the state as replayed",
                "another",
            )


CHECKS = (
    Check(
        say("costs recomputed"),
        say("Every cost is what the facts and policies say, worked out again from the first fact on."),
        recomputed,
        deep=True,
    ),
)
