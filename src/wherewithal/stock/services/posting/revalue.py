"""Books read again although no goods moved: a policy or a standard cost changed, or a book was added later."""

import datetime
import hashlib
from collections.abc import Collection, Iterable, Iterator

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock.services.context import BookFacts, load_context
from wherewithal.stock.services.posting import allowance
from wherewithal.stock.services.posting.batch import write_decisions
from wherewithal.stock.services.posting.book import Change, post_books
from wherewithal.stock.services.posting.entries import Postings
from wherewithal.stock.services.posting.load import ids, load_pools
from wherewithal.stock.services.posting.locks import closure, lock_items
from wherewithal.stock.services.posting.policies import BEFORE_ALL_TIME, load_policies
from wherewithal.stock.services.posting.write import Batch, internal_key

MOVES_A_CHUNK = 100_000


def revalue(
    *,
    company_id: int,
    actor_id: int | None,
    book: BookFacts,
    item_ids: Collection[int],
    from_on: datetime.date,
    source: str,
    key: str,
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """Replay these items and all that was made of them in one book from a day on; post the difference; entry ids.

    A verb. Items that hang together are done in one pass; the others in passes of their own, so that the memory
    needed follows the largest group. The latest instant of the items becomes the day's beginning, if it was earlier:
    a policy counts as a fact.
    """
    db.require_transaction()
    context = load_context(company_id=company_id, location_ids=(), item_ids=())
    first_open = ledger_queries.hold_periods(company_id, [book.book_id])
    wanted = closure(company_id, item_ids, from_on, both_ways=True)
    locked = lock_items(company_id, wanted)
    if not closure(company_id, item_ids, from_on, both_ways=True) <= wanted:
        raise db.Widen("what was made of these items has grown")
    entry_ids: list[int] = []
    recorded: list[datetime.datetime] = []
    start = load_policies(company_id, context.timezone, ()).start_of(from_on)
    starts_at = None if start == BEFORE_ALL_TIME else start
    for number, group in enumerate(_groups(company_id, wanted, from_on)):
        change = Change(
            context=context,
            policies=load_policies(company_id, context.timezone, group),
            resolver=ledger_queries.account_resolver(company_id, [book.book_id]),
            first_open=first_open,
            last_at=locked.last_at,
            facts=(),
            costs=(),
            rates={},
            items=frozenset(group),
            from_day=from_on.toordinal(),
            pools=load_pools(company_id, group),
            always_replay=True,
        )
        batch = _batch(
            company_id,
            actor_id,
            internal_key(f"{key}:{number}"),
            source,
            recorded_at,
            locked.last_recorded_at,
        )
        batch.locks = [(item, starts_at) for item in sorted(group)]
        postings = Postings()
        decisions = post_books(change, [book], postings)
        entry_ids += write_decisions(batch, decisions, postings, group)
        recorded.append(batch.recorded_at)
    if recorded:
        entry_ids += allowance.reassess(
            company_id=company_id,
            actor_id=actor_id,
            key=key,
            recorded_at=max(recorded),
            book_id=book.book_id,
            items=wanted,
        )
    return entry_ids


def _batch(
    company_id: int,
    actor_id: int | None,
    key: str,
    source: str,
    recorded_at: datetime.datetime | None,
    not_before: datetime.datetime | None,
) -> Batch:
    row = db.fetch_one("SELECT stock_reserve_ids(1), clock_timestamp()")
    assert row is not None, "a SELECT without FROM has a row"
    at = recorded_at or row[1]
    return Batch(
        company_id=company_id,
        batch_id=row[0],
        idempotency_key=key,
        request_hash=hashlib.sha256(key.encode()).digest(),
        recorded_at=max(at, not_before) if not_before else at,
        actor_id=actor_id,
        source=source,
        reference=source,
    )


def _groups(company_id: int, item_ids: Collection[int], from_on: datetime.date) -> Iterator[set[int]]:
    """The items in groups that no cost connects, each of some hundred thousand moves or of one connected lot."""
    counts: dict[int, int] = dict(
        db.fetch_all(
            "SELECT item_id, count(*) FROM stock_move WHERE company_id = %s AND item_id = ANY (%s::int[]) GROUP BY 1",
            (company_id, ids(item_ids)),
        )
    )
    group: set[int] = set()
    size = 0
    for connected in _connected(company_id, item_ids):
        moves = sum(counts.get(item, 0) for item in connected)
        if not moves:
            continue
        if group and size + moves > MOVES_A_CHUNK:
            yield group
            group, size = set(), 0
        group |= connected
        size += moves
    if group:
        yield group


def _connected(company_id: int, item_ids: Collection[int]) -> Iterable[set[int]]:
    """Items with all that they are made of or into, through any number of levels."""
    edges = db.fetch_all(
        "SELECT from_item_id, to_item_id FROM stock_cost_edge WHERE company_id = %(company)s"
        " AND from_item_id = ANY (%(items)s::int[]) AND to_item_id = ANY (%(items)s::int[])",
        {"company": company_id, "items": ids(item_ids)},
    )
    head = {item: item for item in item_ids}

    def find(item: int) -> int:
        while head[item] != item:
            head[item] = head[head[item]]
            item = head[item]
        return item

    for source, target in edges:
        head[find(source)] = find(target)
    groups: dict[int, set[int]] = {}
    for item in sorted(item_ids):
        groups.setdefault(find(item), set()).add(item)
    return groups.values()
