"""Entries, the journal and account ledgers, in pages; the head of the chain."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all, fetch_one
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger.queries.scope import By, scope

LARGEST_PAGE = 1_001  # a thousand, and one to see whether there are more
EntryKey = tuple[datetime.date, int]
LineKey = tuple[datetime.date, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    line_no: int
    account_id: int
    account_code: str
    account_name: str
    amount: int
    currency: str | None
    document_amount: int | None
    rate: Decimal | None
    memo: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A posted entry. `number` counts within the book's fiscal year `year`, without gaps."""

    book_id: int
    entry_id: int
    year: int
    number: int
    effective_on: datetime.date
    posting_on: datetime.date
    recorded_at: datetime.datetime
    source: str
    batch_id: int | None
    reference: str
    description: str
    actor_id: int | None
    content_hash: str
    chain_hash: str
    reverses: int | None
    reversed_by: int | None
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """The sum of the debits."""
        return sum(line.amount for line in self.lines if line.amount > 0)


@dataclass(frozen=True, slots=True)
class JournalPage:
    """`next_key`: ask for the page after it; None on the last page."""

    entries: tuple[Entry, ...]
    next_key: EntryKey | None


@dataclass(frozen=True, slots=True)
class AccountLedgerRow:
    entry_id: int
    line_no: int
    year: int
    number: int
    effective_on: datetime.date
    posting_on: datetime.date
    recorded_at: datetime.datetime
    source: str
    reference: str
    description: str
    memo: str | None
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class AccountLedgerPage:
    """`opening` is the balance before the first row of this page."""

    opening: int
    rows: tuple[AccountLedgerRow, ...]
    next_key: LineKey | None


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last number and link of a book's year: print it where it cannot be changed afterwards."""

    book_id: int
    year: int
    number: int
    chain_hash: str


ENTRY = """
    SELECT e.book_id, e.entry_id, s.year, s.number, e.effective_on, e.posting_on, e.recorded_at, e.source, e.batch_id,
           e.reference, e.description, e.actor_id, encode(s.content_hash, 'hex'), encode(s.chain_hash, 'hex'),
           r.reversed_entry_id, b.entry_id
    FROM ledger_entry e
    JOIN ledger_entry_seal s ON s.company_id = e.company_id AND s.book_id = e.book_id AND s.entry_id = e.entry_id
    LEFT JOIN ledger_reversal r ON r.company_id = e.company_id AND r.book_id = e.book_id AND r.entry_id = e.entry_id
    LEFT JOIN ledger_reversal b
           ON b.company_id = e.company_id AND b.book_id = e.book_id AND b.reversed_entry_id = e.entry_id
"""


def entry(company_id: int, book_id: int, entry_id: int) -> Entry:
    """One entry with its lines and its seal."""
    row = fetch_one(
        f"{ENTRY} WHERE e.company_id = %s AND e.book_id = %s AND e.entry_id = %s",
        (company_id, book_id, entry_id),
    )
    if row is None:
        raise NotFound(
            Problem("entry", "exists", say("There is no such entry in this book."), value=str(entry_id))
        )
    return Entry(*[*row, tuple(_lines(company_id, book_id, [entry_id])[entry_id])])


def entry_by_number(company_id: int, book_id: int, year: int, number: int) -> Entry:
    """The entry that carries the number in the book's fiscal year."""
    row = fetch_one(
        "SELECT entry_id FROM ledger_entry_seal "
        "WHERE company_id = %s AND book_id = %s AND year = %s AND number = %s",
        (company_id, book_id, year, number),
    )
    if row is None:
        raise NotFound(Problem("entry", "exists", say("There is no such entry."), value=f"{year}/{number}"))
    return entry(company_id, book_id, row[0])


def entries_of_batch(company_id: int, batch_id: int) -> list[Entry]:
    """The entries, in all books, that one batch of another room caused."""
    return _whole(company_id, "e.batch_id = %s", (batch_id,))


def entry_ids_of_batch(company_id: int, batch_id: int) -> list[int]:
    """Their ids, in ascending order."""
    rows = fetch_all(
        "SELECT entry_id FROM ledger_entry WHERE company_id = %s AND batch_id = %s ORDER BY entry_id",
        (company_id, batch_id),
    )
    return [row[0] for row in rows]


def entries_by_id(company_id: int, entry_ids: Sequence[int]) -> list[Entry]:
    """These entries, whatever their books; what is no entry of the company is left out."""
    condition = """(e.book_id, e.entry_id) IN (
        SELECT b.id, wanted.id FROM ledger_book b CROSS JOIN unnest(%s::bigint[]) AS wanted (id)
        WHERE b.company_id = %s)"""
    return _whole(company_id, condition, (list(entry_ids), company_id))


def _whole(company_id: int, condition: str, params: Sequence[object]) -> list[Entry]:
    """Entries with their lines and seals, by book and id."""
    rows = fetch_all(
        f"{ENTRY} WHERE e.company_id = %s AND {condition} ORDER BY e.book_id, e.entry_id",
        (company_id, *params),
    )
    lines = {
        (book_id, entry_id): found
        for book_id in {row[0] for row in rows}
        for entry_id, found in _lines(company_id, book_id, [r[1] for r in rows if r[0] == book_id]).items()
    }
    return [Entry(*[*row, tuple(lines[row[0], row[1]])]) for row in rows]


def journal(
    company_id: int,
    book_id: int,
    *,
    from_on: datetime.date | None = None,
    to_on: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
    source: str | None = None,
    after: EntryKey | None = None,
    latest_first: bool = False,
    limit: int = 100,
) -> JournalPage:
    """Entries by day and id, a page at a time: hand back `next_key` as `after`."""
    entries = scope(
        "e", company_id=company_id, book_id=book_id, by=by, from_on=from_on, to_on=to_on, known_at=known_at
    )
    conditions, params = entries.sql, list(entries.params)
    if source is not None:
        conditions += " AND e.source = %s"
        params.append(source)
    if after is not None:
        conditions += f" AND ({entries.day}, e.entry_id) {'<' if latest_first else '>'} (%s, %s)"
        params += after
    size = max(1, min(limit, LARGEST_PAGE))
    order = "DESC" if latest_first else "ASC"
    rows = fetch_all(
        f"{ENTRY} WHERE {conditions} ORDER BY {entries.day} {order}, e.entry_id {order} LIMIT %s",
        (*params, size + 1),
    )
    page = rows[:size]
    lines = _lines(company_id, book_id, [row[1] for row in page])
    last = page[-1] if len(rows) > size else None
    next_key = None if last is None else (last[5] if by == "posting" else last[4], last[1])
    return JournalPage(tuple(Entry(*[*row, tuple(lines[row[1]])]) for row in page), next_key)


def account_ledger(
    company_id: int,
    book_id: int,
    account_id: int,
    *,
    from_on: datetime.date | None = None,
    to_on: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
    after: LineKey | None = None,
    limit: int = 100,
) -> AccountLedgerPage:
    """The lines of one account by day, each with the balance after it, a page at a time."""
    lines = scope("l", company_id=company_id, book_id=book_id, by=by, to_on=to_on, known_at=known_at)
    start: LineKey = after or (from_on or datetime.date.min, 0, 0)
    size = max(1, min(limit, LARGEST_PAGE))
    rows = fetch_all(
        f"""
        SELECT e.entry_id, l.line_no, s.year, s.number, e.effective_on, e.posting_on, e.recorded_at, e.source,
               e.reference, e.description, l.memo, l.amount
        FROM ledger_line l
        JOIN ledger_entry e ON e.company_id = l.company_id AND e.book_id = l.book_id AND e.entry_id = l.entry_id
        JOIN ledger_entry_seal s
             ON s.company_id = l.company_id AND s.book_id = l.book_id AND s.entry_id = l.entry_id
        WHERE {lines.sql} AND l.account_id = %s AND ({lines.day}, l.entry_id, l.line_no) > (%s, %s, %s)
        ORDER BY {lines.day}, l.entry_id, l.line_no LIMIT %s
        """,  # noqa: S608 - conditions of scope()
        (*lines.params, account_id, *start, size + 1),
    )
    opening = _balance_to(company_id, book_id, account_id, start, by, known_at)
    page = []
    balance = opening
    for row in rows[:size]:
        balance += row[11]
        page.append(AccountLedgerRow(*[*row, balance]))
    last = page[-1] if len(rows) > size else None
    day = None if last is None else last.posting_on if by == "posting" else last.effective_on
    next_key = None if last is None or day is None else (day, last.entry_id, last.line_no)
    return AccountLedgerPage(opening, tuple(page), next_key)


def chain_heads(company_id: int, book_id: int | None = None) -> list[ChainHead]:
    """The head of each book's chain, latest year first."""
    rows = fetch_all(
        """
        SELECT book_id, year, number, encode(chain_hash, 'hex') FROM ledger_chain_head
        WHERE company_id = %s AND (%s::int IS NULL OR book_id = %s::int) AND number > 0
        ORDER BY book_id, year DESC
        """,
        (company_id, book_id, book_id),
    )
    return [ChainHead(*row) for row in rows]


def _balance_to(
    company_id: int,
    book_id: int,
    account_id: int,
    key: LineKey,
    by: By,
    known_at: datetime.datetime | None,
) -> int:
    """The account's balance up to and including the line of the key."""
    lines = scope("l", company_id=company_id, book_id=book_id, by=by, to_on=key[0], known_at=known_at)
    row = fetch_one(
        f"""
        SELECT coalesce(sum(l.amount), 0)::bigint FROM ledger_line l
        WHERE {lines.sql} AND l.account_id = %s
          AND ({lines.day} < %s OR (l.entry_id, l.line_no) <= (%s, %s))
        """,  # noqa: S608 - conditions of scope()
        (*lines.params, account_id, *key),
    )
    return int(row[0]) if row else 0


def _lines(company_id: int, book_id: int, entry_ids: list[int]) -> dict[int, list[Line]]:
    rows: list[tuple[Any, ...]] = fetch_all(
        """
        SELECT l.entry_id, l.line_no, l.account_id, a.code, a.name, l.amount, l.currency, l.document_amount, l.rate,
               l.memo
        FROM ledger_line l JOIN ledger_account a ON a.company_id = l.company_id AND a.id = l.account_id
        WHERE l.company_id = %s AND l.book_id = %s AND l.entry_id = ANY (%s) ORDER BY l.entry_id, l.line_no
        """,
        (company_id, book_id, entry_ids),
    )
    found: dict[int, list[Line]] = {entry_id: [] for entry_id in entry_ids}
    for entry_id, *rest in rows:
        found[entry_id].append(Line(*rest))
    return found
