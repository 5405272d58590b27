"""Masters in memory: company, books and their first open days, places, items, policies and the account map, as of a
version of theirs.

Read once and used by all batches of this process until the company's version number changes (sql/masters.sql). Items,
places and standard costs are added as they are first needed. Nothing here is ever written.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from wherewithal.core.costing.facts import Method, Policy
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.queries import AccountResolver
from wherewithal.stock.services.context import Context, add_items, load_context, place_rows
from wherewithal.stock.services.posting.load import ids
from wherewithal.stock.services.posting.locks import LONG_AGO
from wherewithal.stock.services.posting.policies import (
    BEFORE_ALL_TIME,
    Policies,
    add_standards,
    load_policies,
)

NO_POLICY = Policy(BEFORE_ALL_TIME, 1, Method.AVERAGE)
COMPANIES = 64  # in memory at a time
LARGEST = 200_000  # items of one company in memory


@dataclass(slots=True)
class Masters:
    """All of one company, as of a version."""

    version: int
    context: Context
    policies: Policies
    resolver: AccountResolver
    periodic: bool
    nrv_until: datetime.date | None  # the last day on which net realisable value was estimated
    first_open: Mapping[int, datetime.date | None]  # day of each book; None: all days are open
    standards_of: set[int] = field(default_factory=set)
    _last_policies: dict[int, Policy] = field(default_factory=dict)
    last_at: dict[int, int] = field(default_factory=dict)  # latest instants seen; they never become earlier

    def last_policy(self, item_id: int) -> Policy:
        """The policy of an item that takes effect last, in whatever book."""
        found = self._last_policies.get(item_id)
        if found is None:
            item = self.context.items[item_id]
            last = (self.policies.of(book.book_id, item)[-1] for book in self.context.books)
            found = self._last_policies[item_id] = max(last, key=attrgetter("at"), default=NO_POLICY)
        return found


_known: dict[tuple[str, int], Masters] = {}


def masters_of(
    company_id: int, version: int, item_ids: Iterable[int], location_ids: Iterable[int]
) -> Masters:
    """The masters as of this version, with at least these items (as far as they exist) and places."""
    key = (db.database_name(), company_id)
    found = _known.get(key)
    if found is None or found.version != version or len(found.context.items) > LARGEST:
        if len(_known) >= COMPANIES:
            _known.clear()
        found = _known[key] = _load(company_id, version)
    know(found, item_ids, location_ids)
    return found


def masters_in_memory(
    company_id: int, item_ids: Iterable[int], location_ids: Iterable[int]
) -> Masters | None:
    """The masters as this process last saw them, which may be old: whoever uses them compares versions under the lock."""
    found = _known.get((db.database_name(), company_id))
    if found is None or len(found.context.items) > LARGEST:
        return None
    know(found, item_ids, location_ids)
    return found


def know(masters: Masters, item_ids: Iterable[int], location_ids: Iterable[int] = ()) -> None:
    """Read what is not in memory yet."""
    context = masters.context
    places = {place for place in location_ids if place not in context.places}
    if places:
        context.places.update(place_rows(context.company_id, places))
    items = {item for item in item_ids if item not in masters.standards_of}
    if items:
        add_items(context, items)
        add_standards(masters.policies, context.company_id, items)
        masters.standards_of |= items


def _load(company_id: int, version: int) -> Masters:
    context = load_context(company_id=company_id, location_ids=(), item_ids=())
    policies = load_policies(company_id, context.timezone, ())
    row = db.fetch_one(
        "SELECT max(effective_on) FROM stock_nrv_estimate WHERE company_id = %s", (company_id,)
    )
    closed = ledger_queries.first_open_days(company_id)
    return Masters(
        version=version,
        context=context,
        policies=policies,
        resolver=ledger_queries.account_resolver(company_id),
        periodic=policies.any_periodic(),
        nrv_until=row[0] if row else None,
        first_open={book.book_id: closed.get(book.book_id) for book in context.books},
    )


@dataclass(frozen=True, slots=True)
class Glance:
    """What can be seen without holding anything: the version of the masters, an earlier answer, latest instants."""

    version: int
    batch: int | None
    last_at: dict[int, int]


def glance(company_id: int, idempotency_key: str, item_ids: Iterable[int]) -> Glance:
    """One look before anything else."""
    row = db.fetch_one(
        """
        SELECT v.version, b.batch_id, k.item_ids, k.last_at
        FROM stock_masters_version v
        LEFT JOIN stock_batch b ON b.company_id = v.company_id AND b.idempotency_key = %(key)s
        CROSS JOIN LATERAL (
            SELECT array_agg(t.item_id) AS item_ids,
                   array_agg(CASE WHEN t.last_at > '-infinity' THEN (extract(epoch FROM t.last_at) * 1000000)::bigint END)
                   AS last_at
            FROM stock_item_lock t
            WHERE t.company_id = %(company)s AND t.item_id = ANY (%(items)s::int[])) k
        WHERE v.company_id = %(company)s
        """,
        {"company": company_id, "key": idempotency_key, "items": ids(item_ids)},
    )
    assert row is not None, f"company {company_id} is not the one at work"
    version, batch_id, item_ids, last_at = row
    latest = {
        item: LONG_AGO if at is None else at for item, at in zip(item_ids or (), last_at or (), strict=True)
    }
    return Glance(version, batch_id, latest)
