"""Reads of moves and the documents that they came with, and of what each move costs as now known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.stock.queries import keyset
from wherewithal.stock.queries.places import places_below

LARGEST_PAGE = 1001  # a thousand and one to look ahead
FEW_ITEMS = 20  # whose moves are read rather than those of all


class MoveSort(StrEnum):
    """By what a list of moves is ordered."""

    ENTERED = "entered"
    WHEN = "when"  # the moment they happened; at one moment as they were entered


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move with the names of what it names. Quantities in smallest units, amount in minor units of currency."""

    move_id: int
    document_id: int
    document_number: str
    document_kind: str
    line_no: int
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    lot_id: int
    lot_code: str
    qty: int
    kind: int
    effective_at: datetime
    effective_on: date
    recorded_at: datetime
    of_move_id: int | None
    amount: int | None
    currency: str | None

    def place(self, sort: MoveSort) -> tuple[Any, ...]:
        """Where it stands in this order: `after` of the next page if it ends one."""
        return (self.move_id,) if sort == MoveSort.ENTERED else (self.effective_at.isoformat(), self.move_id)


_KEYS = {
    MoveSort.ENTERED: (("m.move_id", "bigint"),),
    MoveSort.WHEN: (("m.effective_at", "timestamptz"), ("m.move_id", "bigint")),
}


@dataclass(frozen=True, slots=True)
class MoveFilter:
    """What a list of moves is narrowed to. `location_id` counts with everything below it."""

    item_id: int | None = None
    location_id: int | None = None
    lot_id: int | None = None
    document_id: int | None = None
    kind: int | None = None
    from_day: date | None = None
    to_day: date | None = None
    known_at: datetime | None = None


_MOVES = """
    SELECT m.move_id, m.document_id, d.number, d.kind, m.line_no, m.item_id, i.sku, i.name, u.code, i.qty_decimals,
           m.from_location_id, f.code, m.to_location_id, t.code, m.lot_id, coalesce(lot.code, ''), m.qty, m.kind,
           m.effective_at, m.effective_on, m.recorded_at, m.of_move_id, m.amount, m.currency
    FROM stock_move m
    JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
    JOIN items_item i ON i.company_id = m.company_id AND i.id = m.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
    JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
    LEFT JOIN items_lot lot ON lot.company_id = m.company_id AND lot.id = m.lot_id
    WHERE m.company_id = %(company)s
"""

# The instants of a day only narrow the index: a local day lies within 14 hours before and 12 hours after that of UTC.
_FILTERS = {
    "item_id": "m.item_id = %(item_id)s",
    "location_id": "(m.from_location_id = ANY (%(places)s) OR m.to_location_id = ANY (%(places)s))",
    "lot_id": "m.lot_id = %(lot_id)s",
    "kind": "m.kind = %(kind)s",
    "from_day": "m.effective_on >= %(from_day)s"
    " AND m.effective_at >= %(from_day)s::date::timestamp AT TIME ZONE 'UTC' - interval '14 hours'",
    "to_day": "m.effective_on <= %(to_day)s"
    " AND m.effective_at < %(to_day)s::date::timestamp AT TIME ZONE 'UTC' + interval '36 hours'",
    "known_at": "m.recorded_at <= %(known_at)s",
}

_OF_DOCUMENT = (
    "m.move_id BETWEEN (SELECT first_move_id FROM stock_document WHERE company_id = %(company)s"
    " AND document_id = %(document_id)s) AND (SELECT first_move_id + move_count - 1 FROM stock_document"
    " WHERE company_id = %(company)s AND document_id = %(document_id)s)"
)


# Cells stay when they are empty, so that items that were ever in a place are known; where they are few, theirs are all.
_THERE = f"""
    SELECT EXISTS (SELECT FROM stock_location l
                   WHERE l.company_id = %(company)s AND l.id = ANY (%(places)s) AND NOT l.is_held),
           ARRAY (SELECT DISTINCT q.item_id FROM stock_quant q
                  WHERE q.company_id = %(company)s AND q.location_id = ANY (%(places)s) LIMIT {FEW_ITEMS + 1})
"""  # noqa: S608 - constant texts


def _of_items_there(params: dict[str, Any]) -> list[str]:
    """A condition where a place has seen few items: else its moves are soon met."""
    row = db.fetch_one(_THERE, params)
    if row is None or row[0] or len(row[1]) > FEW_ITEMS:
        return []
    params["there"] = row[1]
    return ["m.item_id = ANY (%(there)s)"]


def list_moves(
    company_id: int,
    *,
    filters: MoveFilter | None = None,
    sort: MoveSort = MoveSort.ENTERED,
    descending: bool = True,
    before: int | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[MoveRow]:
    """A page of moves, by default the last entered first. `before` is then the move_id of the last row of the page before;
    in any order `after` is its `place`."""
    wanted = filters or MoveFilter()
    conditions = [text for name, text in _FILTERS.items() if getattr(wanted, name) is not None]
    if wanted.document_id is not None:
        conditions.append(_OF_DOCUMENT)
    if before is not None:
        after = (before,)
    params: dict[str, Any] = {name: getattr(wanted, name) for name in (*_FILTERS, "document_id")}
    params |= {"company": company_id, "limit": min(limit, LARGEST_PAGE)} | keyset.values(after)
    if wanted.location_id is not None:
        params["places"] = places_below(company_id, wanted.location_id)
        conditions += _of_items_there(params)
    # The page is cut before its names are looked up, or the planner may join all moves first.
    page = " AND ".join(["SELECT * FROM stock_move m WHERE m.company_id = %(company)s", *conditions])
    if after is not None:
        page += keyset.past(_KEYS[sort], descending)
    order = f"ORDER BY {keyset.order(_KEYS[sort], descending)}"
    named = _MOVES.replace("FROM stock_move m", "FROM page m")
    sql = f"WITH page AS MATERIALIZED ({page} {order} LIMIT %(limit)s) {named} {order}"
    return [MoveRow(*row) for row in db.fetch_all(sql, params)]


def has_moves(company_id: int, count: int) -> bool:
    """Whether there are at least so many; no further than that is counted."""
    row = db.fetch_one(
        "SELECT FROM stock_move WHERE company_id = %s OFFSET %s LIMIT 1", (company_id, count - 1)
    )
    return row is not None


def get_move(company_id: int, move_id: int) -> MoveRow:
    """One move; NotFound if the company has none with this id."""
    row = db.fetch_one(_MOVES + " AND m.move_id = %(move)s", {"company": company_id, "move": move_id})
    if row is None:
        raise NotFound(Problem("move_id", "exists", say("There is no move {move_id}.", move_id=move_id)))
    return MoveRow(*row)


def moves_of_document(company_id: int, document_id: int) -> list[MoveRow]:
    """All moves of a document, in the order of its lines."""
    rows = db.fetch_all(
        f"{_MOVES} AND {_OF_DOCUMENT} ORDER BY m.move_id", {"company": company_id, "document_id": document_id}
    )
    return [MoveRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MoveValue:
    """One value row: what was posted about a move. `amount` debits the first account and credits the second."""

    book_id: int
    book_code: str
    currency: str
    currency_decimals: int
    move_id: int
    cause_id: int
    role: int
    scope_id: int
    debit_account_id: int
    debit_code: str
    credit_account_id: int
    credit_code: str
    amount: int
    stock_amount: int
    effective_on: date
    posting_on: date
    recorded_at: datetime
    entry_id: int


_VALUES = """
    SELECT v.book_id, b.code, b.currency, b.currency_decimals, v.move_id, v.cause_id, v.role, v.scope_id,
           v.debit_account_id, da.code, v.credit_account_id, ca.code, v.amount, v.stock_amount,
           v.effective_on, v.posting_on, v.recorded_at, v.entry_id
    FROM stock_value v
    JOIN ledger_book b ON b.company_id = v.company_id AND b.id = v.book_id
    JOIN ledger_account da ON da.company_id = v.company_id AND da.id = v.debit_account_id
    JOIN ledger_account ca ON ca.company_id = v.company_id AND ca.id = v.credit_account_id
    WHERE v.company_id = %(company)s
"""

# Value rows are found by item; a move's item is one look-up away.
_OF_MOVE = """
    AND v.move_id = %(move)s
    AND v.item_id = (SELECT item_id FROM stock_move WHERE company_id = %(company)s AND move_id = %(move)s)
    AND (%(book)s::int IS NULL OR v.book_id = %(book)s)
    AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
    ORDER BY v.book_id, v.recorded_at, v.effective_on, v.cause_id, v.role
"""


def move_values(
    company_id: int, move_id: int, *, book_id: int | None = None, known_at: datetime | None = None
) -> list[MoveValue]:
    """The trail of a move's cost: every value row, book by book, as they were recorded. Their sum is its cost."""
    params = {"company": company_id, "move": move_id, "book": book_id, "known_at": known_at}
    return [MoveValue(*row) for row in db.fetch_all(_VALUES + _OF_MOVE, params)]


def values_of_moves(
    company_id: int, moves: Sequence[MoveRow], *, book_id: int, known_at: datetime | None = None
) -> dict[int, int]:
    """By move: its effect on the value of stock in a book, all that was learnt of it included; in minor units."""
    rows = db.fetch_all(
        "SELECT v.move_id, sum(v.stock_amount)::bigint FROM stock_value v"
        " WHERE v.company_id = %(company)s AND v.book_id = %(book)s"
        " AND v.item_id = ANY (%(items)s) AND v.move_id = ANY (%(moves)s)"
        " AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s) GROUP BY v.move_id",
        {
            "company": company_id,
            "book": book_id,
            "items": sorted({move.item_id for move in moves}),
            "moves": [move.move_id for move in moves],
            "known_at": known_at,
        },
    )
    return dict(rows)


def entry_values(
    company_id: int,
    *,
    book_id: int,
    entry_id: int,
    account_id: int | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 200,
) -> list[MoveValue]:
    """The value rows that an entry (or one account of it) is the sum of, by (move, cause)."""
    sql = (
        f"{_VALUES} AND v.book_id = %(book)s AND v.entry_id = %(entry)s"
        " AND (%(account)s::int IS NULL OR %(account)s IN (v.debit_account_id, v.credit_account_id))"
        " AND (%(after)s::bigint IS NULL OR (v.move_id, v.cause_id) > (%(after)s, %(after_cause)s))"
        " ORDER BY v.move_id, v.cause_id, v.role LIMIT %(limit)s"
    )
    params = {
        "company": company_id,
        "book": book_id,
        "entry": entry_id,
        "account": account_id,
        "after": after and after[0],
        "after_cause": after and after[1],
        "limit": min(limit, LARGEST_PAGE),
    }
    return [MoveValue(*row) for row in db.fetch_all(sql, params)]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document and how many moves it has."""

    document_id: int
    batch_id: int
    kind: str
    number: str
    reference: str | None
    party_id: int | None
    party_name: str | None
    effective_at: datetime
    recorded_at: datetime
    note: str | None
    move_count: int
    of_document_id: int | None
    actor_id: int | None
    source: str


_DOCUMENTS = """
    SELECT d.document_id, d.batch_id, d.kind, d.number, d.reference, d.party_id, p.name, d.effective_at, b.recorded_at,
           d.note, d.move_count, d.of_document_id, b.actor_id, b.source
    FROM stock_document d
    JOIN stock_batch b ON b.company_id = d.company_id AND b.batch_id = d.batch_id
    LEFT JOIN parties_party p ON p.company_id = d.company_id AND p.id = d.party_id
    WHERE d.company_id = %(company)s
"""


def list_documents(
    company_id: int,
    *,
    kinds: Sequence[str] | None = None,
    ids: Sequence[int] | None = None,
    item_id: int | None = None,
    party_id: int | None = None,
    text: str | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[DocumentRow]:
    """A page of documents, the latest first. `text`: the beginning of a number; `before`: (effective_at, id);
    `item_id`: those that moved an item, or put a cost on a receipt of it."""
    of_item = (
        " AND d.document_id IN (SELECT m.document_id FROM stock_move m WHERE m.company_id = %(company)s"
        " AND m.item_id = %(item)s UNION SELECT c.document_id FROM stock_move_cost c"
        " WHERE c.company_id = %(company)s AND c.item_id = %(item)s)"
    )
    sql = (
        f"{_DOCUMENTS} AND (%(kinds)s::text[] IS NULL OR d.kind = ANY (%(kinds)s))"
        " AND (%(ids)s::bigint[] IS NULL OR d.document_id = ANY (%(ids)s))"
        " AND (%(party)s::int IS NULL OR d.party_id = %(party)s)"
        " AND (%(text)s::text IS NULL OR d.number ^@ %(text)s OR d.reference ^@ %(text)s)"
        " AND (%(at)s::timestamptz IS NULL OR (d.effective_at, d.document_id) < (%(at)s, %(id)s))"
        f"{of_item if item_id is not None else ''}"
        " ORDER BY d.effective_at DESC, d.document_id DESC LIMIT %(limit)s"
    )
    params = {
        "company": company_id,
        "item": item_id,
        "kinds": None if kinds is None else list(kinds),
        "ids": None if ids is None else list(ids),
        "party": party_id,
        "text": text or None,
        "at": before and before[0],
        "id": before and before[1],
        "limit": min(limit, LARGEST_PAGE),
    }
    return [DocumentRow(*row) for row in db.fetch_all(sql, params)]


def get_document(company_id: int, document_id: int) -> DocumentRow:
    """One document; NotFound if the company has none with this id."""
    row = db.fetch_one(
        f"{_DOCUMENTS} AND d.document_id = %(document)s", {"company": company_id, "document": document_id}
    )
    if row is None:
        raise NotFound(
            Problem(
                "document_id", "exists", say("There is no document {document_id}.", document_id=document_id)
            )
        )
    return DocumentRow(*row)
