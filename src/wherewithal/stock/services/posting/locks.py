"""Which items a batch must hold, and how: rows of stock_item_lock, in sorted order, never one by one."""

import datetime
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from wherewithal.kit import db
from wherewithal.kit.copy_text import numbers
from wherewithal.stock.services.planning.values import EPOCH, MICROSECOND
from wherewithal.stock.services.posting.load import Pools, pools_of_text
from wherewithal.stock.services.posting.load import ids as id_array

LONG_AGO = -(2**63)


@dataclass(frozen=True, slots=True)
class Locked:
    """The rows held: the latest instant of each item (microseconds), and when any of them was last written."""

    last_at: dict[int, int]
    last_recorded_at: datetime.datetime | None


def _microseconds(at: datetime.datetime | None) -> int:
    return LONG_AGO if at is None else (at - EPOCH) // MICROSECOND


_ROWS = (
    "SELECT item_id, nullif(last_at, '-infinity'), nullif(last_recorded_at, '-infinity') FROM stock_item_lock"
    " WHERE company_id = %s AND item_id = ANY (%s::int[])"
)


def peek(company_id: int, item_ids: Collection[int]) -> dict[int, int]:
    """The latest instants without holding anything: good enough to guess what has to be held."""
    rows = db.fetch_all(_ROWS, (company_id, id_array(item_ids)))
    return {item_id: _microseconds(last_at) for item_id, last_at, _ in rows}


@dataclass(slots=True)
class Held:
    """What a batch holds, and what was there when it got it. `earlier`: the batch that was recorded under its key."""

    items: frozenset[int]
    earlier: int | None
    version: int
    now: datetime.datetime
    last_at: dict[int, int]
    last_recorded_at: datetime.datetime | None
    first_id: int | None
    entry_ids: list[int]
    pools: Pools


_HOLD = "SELECT stock_hold($1::int, $2::int[], $3::int[], $4::bigint[], $5, $6::bigint, $7::int, $8)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch asks to hold: the periods of the books and these items. `key`: whether a batch was recorded under it is
    looked up (None: it is not). `lots`: pools without a lot and of these lots are read (None: all). `ids`, `entries`: how
    many ids to take."""

    company_id: int
    key: str | None
    book_ids: Sequence[int]
    items: Collection[int]
    lots: Collection[int] | None
    ids: int
    entries: int

    def params(self) -> tuple[str | None, ...]:
        return (
            str(self.company_id),
            id_array(self.book_ids),
            id_array(sorted(self.items)),
            None if self.lots is None else id_array(sorted({0, *self.lots})),
            self.key,
            str(self.ids),
            str(self.entries),
        )


def ask_for(wanted: Wanted) -> bool:
    """What `hold_items` of the same will answer, begun already. Whether it was."""
    return db.ask(_HOLD, wanted.params(), opens=True)


def hold_items(wanted: Wanted) -> Held:
    """Hold what is wanted and read what is then settled, in one round trip (sql/hold_at_once.sql)."""
    (answer,) = db.call(_HOLD, wanted.params(), opens=True)
    assert answer is not None, "it always answers"
    version, now, recorded_at, last_at, first_id, entry_ids, earlier, pools = answer.split("|")
    assert version, f"company {wanted.company_id} is not the one at work"
    return Held(
        items=frozenset(wanted.items),
        earlier=int(earlier) if earlier else None,
        version=int(version),
        now=datetime.datetime.fromisoformat(now),
        last_at={
            item: LONG_AGO if at is None else at
            for item, at in zip(sorted(wanted.items), numbers(last_at), strict=True)
        },
        last_recorded_at=datetime.datetime.fromisoformat(recorded_at) if recorded_at else None,
        first_id=int(first_id) if first_id else None,
        entry_ids=[int(entry_id) for entry_id in numbers(entry_ids) if entry_id is not None],
        pools=pools_of_text(pools),
    )


_in_hand: "weakref.WeakKeyDictionary[Any, range]" = weakref.WeakKeyDictionary()


def keep_in_hand(ids: range) -> None:
    """Ids that this connection has taken for batches to come. They are identity only: which are used when, and whether
    they ever are, says nothing."""
    _in_hand[db.connection_at_work()] = ids


def ids_in_hand(count: int) -> range | None:
    """So many of them, if there are: then a batch has its ids before it has asked for anything."""
    own = db.connection_at_work()
    found = _in_hand.get(own)
    if found is None or len(found) < count:
        return None
    _in_hand[own] = found[count:]
    return found[:count]


def lock_items(company_id: int, item_ids: Collection[int]) -> Locked:
    """Hold these items until the transaction ends. What is read in later statements is then settled."""
    rows = db.fetch_all(f"{_ROWS} ORDER BY item_id FOR NO KEY UPDATE", (company_id, id_array(item_ids)))
    missing = set(item_ids) - {row[0] for row in rows}
    assert not missing, f"items {sorted(missing)} have no lock row: were they created past the triggers?"
    recorded = [row[2] for row in rows if row[2] is not None]
    return Locked({row[0]: _microseconds(row[1]) for row in rows}, max(recorded, default=None))


def closure(company_id: int, item_ids: Collection[int], since: datetime.date, *, both_ways: bool) -> set[int]:
    """The items and all that was made from them since that day, through any number of levels.

    `both_ways`: a book uses the periodic average, which settles what feeds each other together.
    """
    back = (
        "UNION ALL SELECT e.from_item_id FROM stock_cost_edge e"
        " WHERE e.company_id = %(company)s AND e.to_item_id = c.item_id AND e.last_on >= %(since)s"
    )
    rows = db.fetch_all(
        f"""
        WITH RECURSIVE c AS (
            SELECT unnest(%(items)s::int[]) AS item_id
            UNION
            SELECT n.item_id FROM c CROSS JOIN LATERAL (
                SELECT e.to_item_id AS item_id FROM stock_cost_edge e
                WHERE e.company_id = %(company)s AND e.from_item_id = c.item_id AND e.last_on >= %(since)s
                {back if both_ways else ""}
            ) n
        )
        SELECT item_id FROM c
        """,  # noqa: S608 - fixed texts
        {"company": company_id, "items": id_array(item_ids), "since": since},
    )
    return {row[0] for row in rows}
