"""Which items a batch must hold, and how: rows of stock_item_lock, in sorted order, never one by one."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from wherewithal.kit import db
from wherewithal.stock.services.planning.values import EPOCH, MICROSECOND
from wherewithal.stock.services.posting.load import Pools, pools_of
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


@dataclass(frozen=True, slots=True)
class Held:
    """What a batch holds, and what was there when it got it."""

    items: frozenset[int]
    version: int
    now: datetime.datetime
    first_open: dict[int, datetime.date | None]
    last_at: dict[int, int]
    last_recorded_at: datetime.datetime | None
    first_id: int | None
    entry_ids: list[int]
    pools: Pools


def hold_items(
    company_id: int,
    book_ids: Collection[int],
    item_ids: Collection[int],
    *,
    lots: Collection[int] | None,
    ids: int,
    entries: int,
) -> Held:
    """Hold the periods of the books and these items, and read what is then settled, in one round trip (sql/masters.sql).

    `lots`: pools without a lot and of these lots are read (None: all). `ids`, `entries`: how many ids to take.
    """
    wanted = id_array(item_ids)
    row = db.fetch_one(
        "SELECT * FROM stock_hold(%s, %s::int[], %s::int[], %s::bigint[], %s::bigint, %s::int)",
        (
            company_id,
            id_array(book_ids),
            wanted,
            None if lots is None else id_array({0, *lots}),
            ids,
            entries,
        ),
    )
    assert row is not None, "a function that returns a row returned none"
    version, now, books, open_from, held, last_at, recorded_at, first_id, entry_ids, *pools = row
    missing = set(item_ids) - set(held or ())
    assert not missing, f"items {sorted(missing)} have no lock row: were they created past the triggers?"
    return Held(
        items=frozenset(item_ids),
        version=version,
        now=now,
        first_open=dict(zip(books or (), open_from or (), strict=True)),
        last_at={i: LONG_AGO if at is None else at for i, at in zip(held or (), last_at or (), strict=True)},
        last_recorded_at=recorded_at,
        first_id=first_id,
        entry_ids=entry_ids or [],
        pools=pools_of(zip(*(column or () for column in pools), strict=True)),
    )


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
