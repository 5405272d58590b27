"""What posting reads: originals that documents name, states of pools, and all facts of a window. Only reads."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wherewithal.core.costing.facts import PoolKey, ValueRow
from wherewithal.items import queries as items_queries
from wherewithal.kit import db
from wherewithal.stock.drafts import DocumentDraft, MoveKind
from wherewithal.stock.services.planning.values import Original, OriginalCost, Originals
from wherewithal.stock.services.posting.decide import StoredPool
from wherewithal.stock.services.posting.facts import AnyFact, CostFact, Fact, foreign_pairs

_EPOCH_US = "(extract(epoch FROM m.effective_at) * 1000000)::bigint"
_ORDINAL = "m.effective_on - date '0001-01-01' + 1"
FACT = (
    "m.move_id, m.event_id, m.document_id, m.item_id, m.lot_id, m.from_location_id, m.to_location_id, m.qty,"
    f" {_EPOCH_US}, {_ORDINAL}, m.phase, uuid_send(m.key), m.kind, m.of_move_id, m.amount, m.currency, m.share"
)
ORIGINAL = (
    "m.move_id, m.event_id, m.document_id, m.item_id, m.from_location_id, m.to_location_id, m.lot_id, m.qty,"
    f" {_EPOCH_US}, {_ORDINAL}, m.phase, m.kind, m.of_move_id, m.amount, m.currency"
)

_OF_DOCUMENT = """
    CROSS JOIN LATERAL (SELECT first_move_id, move_count FROM stock_document
                        WHERE company_id = %(company)s AND document_id = n LIMIT 1) h
    CROSS JOIN LATERAL (SELECT move_id, document_id, event_id FROM stock_move
                        WHERE company_id = %(company)s
                          AND move_id BETWEEN h.first_move_id AND h.first_move_id + h.move_count - 1 OFFSET 0) m"""
"""The moves `m` of each document `n`."""


def ids(values: Iterable[int | str]) -> str:
    """An array literal: much cheaper to send than a list."""
    return "{" + ",".join(map(str, values)) + "}"


def _fact(row: Sequence[Any]) -> Fact:
    return Fact._make(row)


# --- originals --------------------------------------------------------------------------------------------


def load_originals(company_id: int, documents: Sequence[DocumentDraft]) -> Originals:
    """The moves and documents that a batch names, with the other moves of their events."""
    move_ids = {line.of_move_id for d in documents for line in d.lines if line.of_move_id is not None}
    document_ids = {d.of_document_id for d in documents if d.of_document_id is not None}
    if not move_ids and not document_ids:
        return Originals()
    kinds: dict[int, str] = dict(
        db.fetch_all(
            "SELECT document_id, kind FROM stock_document WHERE company_id = %s AND document_id = ANY (%s::bigint[])",
            (company_id, ids(document_ids)),
        )
    )
    costs = [
        OriginalCost(*row)
        for row in db.fetch_all(
            "SELECT cost_id, document_id, move_id, kind, amount, currency, book_id FROM stock_move_cost"
            " WHERE company_id = %s AND document_id = ANY (%s::bigint[]) ORDER BY cost_id",
            (company_id, ids(document_ids)),
        )
    ]
    rows = db.fetch_all(
        _ORIGINALS,
        {
            "company": company_id,
            "moves": ids(move_ids | {cost.move_id for cost in costs}),
            "documents": ids(document_ids),
        },
    )
    moves = {row[0]: Original(*(*row[:11], MoveKind(row[11]), *row[12:])) for row in rows}
    return Originals(moves, kinds, tuple(costs))


# Subqueries with LIMIT or OFFSET 0 are joined row by row through an index. Left to itself the planner, which cannot know how
# few rows a recursion or a new company has, reads all moves of the company for a handful of returns.
_ORIGINALS = f"""
    WITH named AS (
        SELECT m.move_id, m.document_id, m.event_id FROM unnest(%(moves)s::bigint[]) n
        CROSS JOIN LATERAL (SELECT move_id, document_id, event_id FROM stock_move
                            WHERE company_id = %(company)s AND move_id = n LIMIT 1) m
        UNION
        SELECT m.move_id, m.document_id, m.event_id FROM unnest(%(documents)s::bigint[]) n {_OF_DOCUMENT}
    )
    SELECT o.* FROM ledger_company c
    CROSS JOIN (
        SELECT move_id FROM named
        UNION
        SELECT m.move_id FROM (SELECT DISTINCT document_id FROM named) d (n) {_OF_DOCUMENT}
        WHERE m.event_id IN (SELECT event_id FROM named)
    ) n
    CROSS JOIN LATERAL (
        SELECT {ORIGINAL},
               CASE WHEN m.currency = c.currency THEN m.amount
                    ELSE round(m.amount * (SELECT r.rate FROM stock_document_rate r
                                           WHERE r.company_id = m.company_id AND r.document_id = m.document_id
                                             AND r.currency = m.currency AND r.to_currency = c.currency))::bigint END
        FROM stock_move m WHERE m.company_id = %(company)s AND m.move_id = n.move_id LIMIT 1
    ) o
    WHERE c.id = %(company)s
    ORDER BY o.move_id
"""  # noqa: S608 - fixed texts


def lot_ids(company_id: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The ids of lots by item and code; unknown ones are not in the answer."""
    return items_queries.lot_ids(company_id, [key for key in keys if "\0" not in key[1]])


# --- the current state ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Pools:
    """Rows of stock_cost_state by book."""

    by_book: dict[int, dict[PoolKey, StoredPool]] = field(default_factory=lambda: defaultdict(dict))

    def of(self, book_id: int, items: Collection[int]) -> dict[PoolKey, StoredPool]:
        """The pools of these items in one book."""
        return {key: row for key, row in self.by_book.get(book_id, {}).items() if key[1] in items}


def load_pools(company_id: int, item_ids: Iterable[int], lot_ids: Collection[int] | None = None) -> Pools:
    """The pools of these items as they are; with `lot_ids`, only those without a lot and of these lots."""
    rows = db.fetch_all(
        "SELECT book_id, scope_id, item_id, lot_id, day - date '0001-01-01' + 1, state, before FROM stock_cost_state"
        " WHERE company_id = %s AND item_id = ANY (%s::int[]) AND (%s::bigint[] IS NULL OR lot_id = ANY (%s::bigint[]))",
        (company_id, ids(item_ids), *([None if lot_ids is None else ids({0, *lot_ids})] * 2)),
    )
    return pools_of(rows)


def pools_of(rows: Iterable[Sequence[Any]]) -> Pools:
    """From rows of (book, scope, item, lot, day, state, before)."""
    pools = Pools()
    for book_id, scope, item, lot, day, state, before in rows:
        stored = StoredPool(day, bytes(state), None if before is None else bytes(before))
        pools.by_book[book_id][scope, item, lot] = stored
    return pools


def pools_of_text(rows: str) -> Pools:
    """From the text that stock_hold() answers."""
    pools = Pools()
    if rows:
        for row in rows.split(";"):
            book, scope, item, lot, day, state, before = row.split(",")
            pools.by_book[int(book)][int(scope), int(item), int(lot)] = StoredPool(
                int(day), bytes.fromhex(state), bytes.fromhex(before) if before else None
            )
    return pools


# --- what lies around a window -----------------------------------------------------------------------------


def load_family(company_id: int, move_ids: Collection[int]) -> list[Fact]:
    """These moves with what they speak of, and all that returns, amends or reverses any of them, and so on."""
    if not move_ids:
        return []
    rows = db.fetch_all(
        f"""
        WITH RECURSIVE above AS (
            SELECT unnest(%(moves)s::bigint[]) AS move_id
            UNION
            SELECT m.of_move_id FROM above a
            CROSS JOIN LATERAL (SELECT of_move_id FROM stock_move
                                WHERE company_id = %(company)s AND move_id = a.move_id LIMIT 1) m
            WHERE m.of_move_id IS NOT NULL
        ), family AS (
            SELECT move_id FROM above
            UNION
            SELECT m.move_id FROM family f
            CROSS JOIN LATERAL (SELECT move_id FROM stock_move
                                WHERE company_id = %(company)s AND of_move_id = f.move_id OFFSET 0) m
        )
        SELECT m.* FROM family f
        CROSS JOIN LATERAL (SELECT {FACT} FROM stock_move m
                            WHERE m.company_id = %(company)s AND m.move_id = f.move_id LIMIT 1) m
        ORDER BY m.move_id
        """,  # noqa: S608 - fixed texts
        {"company": company_id, "moves": ids(move_ids)},
    )
    return [_fact(row) for row in rows]


def load_reversals(company_id: int, document_ids: Collection[int]) -> list[tuple[int, int]]:
    """(reversal, what it reverses): documents that reverse these, and so on."""
    rows: list[tuple[int, int]] = db.fetch_all(
        """
        WITH RECURSIVE line AS (
            SELECT document_id, of_document_id FROM stock_document
            WHERE company_id = %(company)s AND of_document_id = ANY (%(documents)s::bigint[])
            UNION
            SELECT d.document_id, d.of_document_id FROM line
            JOIN stock_document d ON d.company_id = %(company)s AND d.of_document_id = line.document_id
        )
        SELECT document_id, of_document_id FROM line
        """,
        {"company": company_id, "documents": ids(document_ids)},
    )
    return rows


def load_costs_of(company_id: int, move_ids: Collection[int]) -> list[CostFact]:
    """Landed costs and price corrections on these moves."""
    if not move_ids:
        return []
    rows = db.fetch_all(
        "SELECT c.cost_id, c.move_id, c.document_id, c.kind, c.amount, c.currency, c.book_id"
        " FROM stock_move m JOIN stock_move_cost c ON c.company_id = %(company)s AND c.item_id = m.item_id"
        "      AND c.effective_on = m.effective_on AND c.move_id = m.move_id"
        " WHERE m.company_id = %(company)s AND m.move_id = ANY (%(moves)s::bigint[]) ORDER BY c.cost_id",
        {"company": company_id, "moves": ids(move_ids)},
    )
    return [CostFact(*row) for row in rows]


def load_internal_at(company_id: int, instants: Collection[int], known: Collection[int]) -> list[Fact]:
    """The internal moves of the company at these instants (microseconds), but those known already."""
    if not instants:
        return []
    rows = db.fetch_all(
        f"""
        SELECT {FACT} FROM stock_move m
        WHERE m.company_id = %s AND m.phase = 30
          AND m.effective_at = ANY (SELECT timestamptz 'epoch' + i * interval '1 microsecond'
                                    FROM unnest(%s::bigint[]) AS u (i))
          AND m.move_id <> ALL (%s::bigint[])
        """,  # noqa: S608 - fixed texts
        (company_id, ids(instants), ids(known)),
    )
    return [_fact(row) for row in rows]


# --- what is booked ---------------------------------------------------------------------------------------


def load_rows_of(company_id: int, facts: Collection[AnyFact]) -> dict[int, list[ValueRow]]:
    """Book -> the booked value rows of these moves, whatever caused them."""
    if not facts:
        return {}
    rows: dict[int, list[ValueRow]] = defaultdict(list)
    for book_id, *row in db.fetch_all(
        """
        SELECT v.book_id, v.move_id, v.cause_id, v.role, v.scope_id, v.item_id, v.lot_id, sum(v.amount)::bigint,
               sum(v.stock_amount)::bigint, v.effective_on - date '0001-01-01' + 1
        FROM unnest(%s::bigint[], %s::int[], %s::date[]) AS w (move_id, item_id, effective_on)
        JOIN stock_value v ON v.company_id = %s AND v.item_id = w.item_id
             AND v.effective_on >= w.effective_on AND v.move_id = w.move_id
        GROUP BY 1, 2, 3, 4, 5, 6, 7, v.effective_on
        """,
        (
            ids(f.move_id for f in facts),
            ids(f.item_id for f in facts),
            ids(datetime.date.fromordinal(f.day).isoformat() for f in facts),
            company_id,
        ),
    ):
        rows[book_id].append(ValueRow(*row))
    return rows


def load_rates(
    company_id: int, facts: Iterable[Fact], costs: Iterable[CostFact], books: Iterable[Any]
) -> dict[tuple[int, str, str], Decimal]:
    """The captured rates of documents in other currencies than a book's."""
    pairs = foreign_pairs(facts, costs, books)
    if not pairs:
        return {}
    rows = db.fetch_all(
        "SELECT document_id, currency, to_currency, rate FROM stock_document_rate"
        " WHERE company_id = %s AND document_id = ANY (%s::bigint[])",
        (company_id, ids({document for document, _, _ in pairs})),
    )
    return {(document, currency, to): rate for document, currency, to, rate in rows}


# --- pools at the start of a day --------------------------------------------------------------------------


def load_pools_at(
    company_id: int, item_ids: Collection[int], stored: Pools, since: int
) -> Mapping[int, dict[PoolKey, bytes]]:
    """Book -> pool -> its state at the start of `since`, which is the start of a month or a day whose `before` is
    known for every pool touched on it; pools that were not there yet are not in the answer."""
    found: dict[int, dict[PoolKey, bytes]] = defaultdict(dict)
    later: set[tuple[int, PoolKey]] = set()
    for book_id, pools in stored.by_book.items():
        for key, row in pools.items():
            if row.day < since:
                found[book_id][key] = row.state
            elif row.day == since and row.before is not None:
                found[book_id][key] = row.before
            else:
                later.add((book_id, key))
    if later:
        for book_id, scope, item, lot, state in db.fetch_all(
            "SELECT DISTINCT ON (item_id, book_id, scope_id, lot_id) book_id, scope_id, item_id, lot_id, state"
            " FROM stock_cost_snapshot WHERE company_id = %s AND item_id = ANY (%s::int[]) AND day >= %s"
            " ORDER BY item_id, book_id, scope_id, lot_id, day",
            (company_id, ids({key[1] for _, key in later}), datetime.date.fromordinal(since)),
        ):
            if (book_id, (scope, item, lot)) in later:
                found[book_id][scope, item, lot] = bytes(state)
    return found


def documents_moves(company_id: int, document_ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """(document, its first move, how many)."""
    rows = db.fetch_all(
        "SELECT document_id, coalesce(first_move_id, 0), move_count FROM stock_document"
        " WHERE company_id = %s AND document_id = ANY (%s::bigint[])",
        (company_id, ids(document_ids)),
    )
    return [(row[0], row[1], row[2]) for row in rows]
