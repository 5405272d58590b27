"""A whole book as a beancount file: chart, entries, and the balances it must come to.

The file says everything in the book's currency; what a document said in another one stands beside it as metadata.
The assertions at the end, exact to the last cent, are asked from the trial balance, not added up from what was written.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from wherewithal.core.money import from_minor
from wherewithal.kit.db import Row, fetch_all, stream
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.ledger.queries import companies
from wherewithal.ledger.queries.entries import chain_heads
from wherewithal.ledger.queries.scope import By, scope
from wherewithal.ledger.queries.statements import trial_balance
from wherewithal.ledger.seal import plain
from wherewithal.ledger.values import Account, Book, Classification

ROOTS = {
    Classification.CURRENT_ASSET: "Assets:Current",
    Classification.NONCURRENT_ASSET: "Assets:NonCurrent",
    Classification.CURRENT_LIABILITY: "Liabilities:Current",
    Classification.NONCURRENT_LIABILITY: "Liabilities:NonCurrent",
    Classification.EQUITY: "Equity",
    Classification.INCOME: "Income",
    Classification.EXPENSE: "Expenses",
}
ONE_DAY = datetime.timedelta(days=1)


def beancount(
    company_id: int,
    book_id: int,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
) -> Iterator[str]:
    """The file, a piece at a time. Read it to the end inside one transaction."""
    book = companies.book(company_id, book_id)
    accounts = companies.accounts(company_id)
    names = account_names(accounts)
    balance = trial_balance(company_id, book_id, as_of=as_of, known_at=known_at, by=by)
    first_on, last_on = _span(company_id, book_id, as_of, known_at, by)
    yield _head(companies.company(company_id).name, book)
    yield from _chain(company_id, book_id)
    yield from _commodities(company_id, book, first_on)
    yield from (f"{first_on} open {names[account.account_id]} {book.currency}\n" for account in accounts)
    yield from _prices(company_id, book, as_of)
    rows = _rows(company_id, book_id, as_of, known_at, by)
    for _, lines in groupby(rows, key=lambda row: row[0]):
        yield _transaction(book, names, list(lines), by)
    yield "\n"
    for row in balance.rows:
        amount = _money(row.closing, book.currency_decimals)
        yield f"{last_on + ONE_DAY} balance {names[row.account_id]} {amount} ~ 0 {book.currency}\n"


def account_names(accounts: Iterable[Account]) -> dict[int, str]:
    """beancount's names: root by classification, then code and name in plain letters, each name once."""
    names: dict[int, str] = {}
    taken: set[str] = set()
    for account in accounts:
        name = f"{ROOTS[account.classification]}:{_component(f'{account.code} {account.name}')}"
        if name in taken:
            name = f"{name}-{account.account_id}"
        taken.add(name)
        names[account.account_id] = name
    return names


def _component(text: str) -> str:
    """Letters, digits and dashes, beginning with a capital or a digit."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    word = re.sub(r"[^A-Za-z0-9]+", "-", ascii_text).strip("-")
    return word[:1].upper() + word[1:] or "X"


def _span(
    company_id: int, book_id: int, as_of: datetime.date | None, known_at: datetime.datetime | None, by: By
) -> tuple[datetime.date, datetime.date]:
    """The first and last day of the entries asked for; for an empty book the day itself."""
    entries = scope("e", company_id=company_id, book_id=book_id, by=by, to_on=as_of, known_at=known_at)
    rows = fetch_all(
        f"SELECT min({entries.day}), max({entries.day}) FROM ledger_entry e WHERE {entries.sql}",  # noqa: S608
        entries.params,
    )
    first_on, last_on = rows[0]
    nothing = as_of or datetime.date(2000, 1, 1)
    return first_on or nothing, last_on or nothing


def _head(company_name: str, book: Book) -> str:
    return (
        f"option {_quoted('title')} {_quoted(f'{company_name}: {book.name}')}\n"
        f"option {_quoted('operating_currency')} {_quoted(book.currency)}\n\n"
    )


def _chain(company_id: int, book_id: int) -> Iterator[str]:
    """The heads of the chain as comments: whoever keeps the file can tell later whether the book was rewritten."""
    for head in chain_heads(company_id, book_id):
        yield f"; chain {head.year}: number {head.number}, {head.chain_hash}\n"
    yield "\n"


def _commodities(company_id: int, book: Book, first_on: datetime.date) -> Iterator[str]:
    rows = fetch_all(
        """
        SELECT currency::text FROM ledger_line WHERE company_id = %s AND book_id = %s AND currency IS NOT NULL
        UNION SELECT currency::text FROM ledger_exchange_rate WHERE company_id = %s AND to_currency = %s
        """,
        (company_id, book.book_id, company_id, book.currency),
    )
    for currency in sorted({book.currency, *(row[0] for row in rows)}):
        yield f"{first_on} commodity {currency}\n"
    yield "\n"


def _prices(company_id: int, book: Book, as_of: datetime.date | None) -> Iterator[str]:
    rows = fetch_all(
        """
        SELECT on_date, currency, rate FROM ledger_exchange_rate
        WHERE company_id = %s AND to_currency = %s AND (%s::date IS NULL OR on_date <= %s) ORDER BY on_date, currency
        """,
        (company_id, book.currency, as_of, as_of),
    )
    yield "\n"
    for on_date, currency, rate in rows:
        yield f"{on_date} price {currency} {plain(rate)} {book.currency}\n"


def _rows(
    company_id: int, book_id: int, as_of: datetime.date | None, known_at: datetime.datetime | None, by: By
) -> Iterator[Row]:
    lines = scope("l", company_id=company_id, book_id=book_id, by=by, to_on=as_of, known_at=known_at)
    return stream(
        f"""
        SELECT e.entry_id, s.year, s.number, e.effective_on, e.posting_on, e.recorded_at, e.source, e.reference,
               e.description, encode(s.content_hash, 'hex'), l.account_id, l.amount, l.currency, l.document_amount,
               l.rate, l.memo
        FROM ledger_line l
        JOIN ledger_entry e ON e.company_id = l.company_id AND e.book_id = l.book_id AND e.entry_id = l.entry_id
        JOIN ledger_entry_seal s
             ON s.company_id = l.company_id AND s.book_id = l.book_id AND s.entry_id = l.entry_id
        WHERE {lines.sql} ORDER BY {lines.day}, l.entry_id, l.line_no
        """,  # noqa: S608 - conditions of scope()
        lines.params,
    )


def _transaction(book: Book, names: dict[int, str], rows: list[Row], by: By) -> str:
    (
        entry_id,
        year,
        number,
        effective_on,
        posting_on,
        recorded_at,
        source,
        reference,
        description,
        content,
        *_,
    ) = rows[0]
    day, other = (posting_on, effective_on) if by == "posting" else (effective_on, posting_on)
    text = [
        f"\n{day} * {_quoted(description)}",
        f'  number: "{year}/{number}"',
        f"  entry: {entry_id}",
        f"  source: {_quoted(source)}",
        f'  recorded: "{recorded_at.astimezone(datetime.UTC).isoformat()}"',
        f'  hash: "{content}"',
    ]
    if other != day:
        text.append(f"  {'effective' if by == 'posting' else 'posted'}: {other}")
    if reference:
        text.append(f"  reference: {_quoted(reference)}")
    for row in rows:
        text += _posting(book, names, row[10:])
    return "\n".join(text) + "\n"


def _posting(book: Book, names: dict[int, str], columns: Row) -> Iterator[str]:
    account_id, amount, currency, document_amount, rate, memo = columns
    yield f"  {names[account_id]}  {_money(amount, book.currency_decimals)} {book.currency}"
    if currency is not None:
        yield f"    document: {_money(document_amount, currency_decimals(currency))} {currency}"
    if rate is not None:
        yield f"    rate: {plain(rate)}"
    if memo:
        yield f"    memo: {_quoted(memo)}"


def _money(minor: int, decimals: int) -> str:
    return format(from_minor(minor, decimals), "f") if decimals else str(Decimal(minor))


def _quoted(text: str) -> str:
    """On one line, with quotes and backslashes escaped."""
    flat = " ".join(text.split())
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'
