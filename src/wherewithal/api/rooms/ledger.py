"""Entries and what they add up to: trial balance, statements, account ledgers, the head of the chain."""

import contextlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from babel.numbers import get_currency_precision
from ninja import Query
from pydantic import Field, TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.paging import Page, Paged, encode, listing, place_of
from wherewithal.api.rooms.company import BookCode, ByBook, ClassificationWord
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    MOST_ROWS,
    Answer,
    Body,
    Code,
    Currency,
    Day,
    Instant,
    KeyId,
    Name,
    Number,
    Positive,
    QueryBigId,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.core.money import from_minor
from wherewithal.kit.errors import NotFound
from wherewithal.ledger import queries, services
from wherewithal.ledger.services import JournalLine, RateDraft
from wherewithal.ledger.values import Book

section = Section("Ledger", "Entries, and what they add up to, as of any day and as known at any instant.")

By = Literal["posting", "effective"]
AS_OF = "The last day that counts; no limit when left out."
KNOWN_AT = "Only what was recorded by this instant; all that is known now when left out."
FROM_ON = "The first day."
BY = "Which day of an entry counts: its posting day, or the day on which it took effect."
day_and_id = TypeAdapter(tuple[Day, KeyId])
line_key = TypeAdapter(tuple[Day, KeyId, KeyId])
rate_key = TypeAdapter(tuple[Day, Currency, Currency])


class AsKnown(ByBook):
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    by: By = Field(default="posting", description=BY)


def money(book: Book, minor: int | None) -> Any:
    """An amount of the book, with the decimals of its currency."""
    return None if minor is None else from_minor(minor, book.currency_decimals)


# --- entries ----------------------------------------------------------------------------------------------


class JournalLineIn(Body):
    """Debit positive, credit negative. In a foreign currency: document_amount, currency, and a rate or an amount."""

    account: Code = Field(description="The account's code.")
    amount: Number | None = Field(default=None, description="In the book's currency.")
    currency: Currency | None = None
    document_amount: Number | None = None
    rate: Positive | None = Field(default=None, description="Book currency for one of `currency`.")
    memo: Text | None = Field(default=None, max_length=500)


class JournalIn(Body):
    book: Code | None = BookCode
    effective_on: Day
    lines: list[JournalLineIn] = Field(min_length=2, max_length=MOST_ROWS)
    description: Text = Field(default="", max_length=500)
    reference: Text = Field(default="", max_length=500)


class ReverseIn(Body):
    book: Code | None = BookCode
    reason: Name
    effective_on: Day | None = Field(default=None, description="The entry's own day when null.")


class PostedOut(Answer):
    """Where an entry stands: its number is without gaps in the book's year."""

    entry_id: int
    year: int
    number: int
    posting_on: date


class EntryLineOut(Answer):
    line_no: int
    account_id: int
    account_code: str
    account_name: str
    amount: Number
    currency: str | None
    document_amount: Number | None = Field(description="In units of `currency`.")
    rate: Number | None
    memo: str | None


class EntryOut(Answer):
    entry_id: int
    book: str
    year: int
    number: int
    effective_on: date
    posting_on: date
    recorded_at: datetime
    source: str
    batch_id: int | None
    reference: str
    description: str
    actor_id: int | None
    content_hash: str
    chain_hash: str
    reverses: int | None
    reversed_by: int | None
    lines: list[EntryLineOut]


class EntryFilters(Paged, AsKnown):
    from_on: Day | None = Field(default=None, description=FROM_ON)
    to_on: Day | None = Field(default=None, description="The last day.")
    source: Code | None = Field(
        default=None, description="Where the entry comes from, such as stock or journal."
    )
    latest_first: QueryFlag = False


def _entry(book: Book, entry: queries.Entry) -> dict[str, Any]:
    same = {name: getattr(entry, name) for name in EntryOut.model_fields if name not in ("book", "lines")}
    return same | {"book": book.code, "lines": [_entry_line(book, line) for line in entry.lines]}


def _entry_line(book: Book, line: queries.Line) -> dict[str, Any]:
    decimals = book.currency_decimals if line.currency is None else get_currency_precision(line.currency)
    return {name: getattr(line, name) for name in EntryLineOut.model_fields} | {
        "amount": money(book, line.amount),
        "document_amount": None
        if line.document_amount is None
        else from_minor(line.document_amount, decimals),
    }


@section.read("/entries", permission="ledger.read", answer=Page[EntryOut], raises=("not_found",))
def list_entries(request: Call, filters: Query[EntryFilters]) -> dict[str, Any]:
    """The journal: entries with their lines, by day."""
    company_id = request.auth.company_id
    book = queries.book_by_code(company_id, filters.book)

    def fetch(after: Any, limit: int) -> Sequence[queries.Entry]:
        return queries.journal(
            company_id,
            book.book_id,
            from_on=filters.from_on,
            to_on=filters.to_on,
            known_at=filters.known_at,
            by=filters.by,
            source=filters.source,
            after=after,
            latest_first=filters.latest_first,
            limit=limit,
        ).entries

    def key_of(entry: queries.Entry) -> tuple[date, int]:
        return (entry.posting_on if filters.by == "posting" else entry.effective_on, entry.entry_id)

    found = listing(filters, fetch, key=day_and_id, key_of=key_of)
    return found | {"results": [_entry(book, entry) for entry in found["results"]]}


@section.write(
    "/entries",
    permission="ledger.post",
    answer=PostedOut,
    example={
        "effective_on": "2026-03-31",
        "description": "Accrued audit fee",
        "lines": [{"account": "6900", "amount": "1200.00"}, {"account": "2100", "amount": "-1200.00"}],
    },
)
def post_entry(request: Call, body: JournalIn) -> Any:
    """Post a manual entry: on its day where that is open, else on the first open day."""
    actor = request.auth
    return services.post_journal(
        company_id=actor.company_id,
        actor_id=actor.user_id,
        book_id=queries.book_by_code(actor.company_id, body.book).book_id,
        effective_on=body.effective_on,
        lines=[
            JournalLine(**{name: getattr(line, name) for name in line.model_fields_set})
            for line in body.lines
        ],
        description=body.description,
        reference=body.reference,
    )


@section.read("/entries/{entry_id}", permission="ledger.read", answer=EntryOut)
def get_entry(request: Call, entry_id: QueryBigId, filters: Query[ByBook]) -> dict[str, Any]:
    """One entry with its lines, number and hashes; looked up in all books when none is named."""
    company_id = request.auth.company_id
    named = filters.book is not None
    books = [queries.book_by_code(company_id, filters.book)] if named else queries.books(company_id)
    for book in books[:-1]:
        with contextlib.suppress(NotFound):
            return _entry(book, queries.entry(company_id, book.book_id, entry_id))
    return _entry(books[-1], queries.entry(company_id, books[-1].book_id, entry_id))


@section.write(
    "/entries/{entry_id}/reverse",
    permission="ledger.post",
    answer=PostedOut,
    example={"reason": "Posted to the wrong account"},
)
def reverse_entry(request: Call, entry_id: QueryBigId, body: ReverseIn) -> Any:
    """Take a manual entry back by its mirror image. What goods caused is taken back where the goods are."""
    actor = request.auth
    return services.reverse_entry(
        company_id=actor.company_id,
        actor_id=actor.user_id,
        book_id=queries.book_by_code(actor.company_id, body.book).book_id,
        entry_id=entry_id,
        reason=body.reason,
        effective_on=body.effective_on,
    )


# --- balances ---------------------------------------------------------------------------------------------


class TrialBalanceFilters(AsKnown):
    as_of: Day | None = Field(default=None, description=AS_OF)
    from_on: Day | None = Field(default=None, description="Where the opening balances end.")


class TrialBalanceLine(Answer):
    account_id: int
    code: str
    name: str
    classification: ClassificationWord
    opening: Number
    debit: Number
    credit: Number = Field(description="Zero or below.")
    closing: Number


class TrialBalanceOut(Answer):
    book: str
    currency: str
    as_of: date | None
    from_on: date | None
    known_at: datetime | None
    by: By
    rows: list[TrialBalanceLine]
    opening: Number
    debit: Number
    credit: Number
    closing: Number


@section.read("/trial-balance", permission="ledger.read", answer=TrialBalanceOut, raises=("not_found",))
def get_trial_balance(request: Call, filters: Query[TrialBalanceFilters]) -> dict[str, Any]:
    """The balance of every account."""
    company_id = request.auth.company_id
    book = queries.book_by_code(company_id, filters.book)
    found = queries.trial_balance(
        company_id,
        book.book_id,
        as_of=filters.as_of,
        from_on=filters.from_on,
        known_at=filters.known_at,
        by=filters.by,
    )
    sums = ("opening", "debit", "credit", "closing")
    rows = [
        {name: getattr(row, name) for name in ("account_id", "code", "name", "classification")}
        | {name: money(book, getattr(row, name)) for name in sums}
        for row in found.rows
    ]
    question = {name: getattr(found, name) for name in ("as_of", "from_on", "known_at", "by")}
    totals = {name: money(book, getattr(found, name)) for name in sums}
    return {"book": book.code, "currency": book.currency, "rows": rows} | question | totals


class StatementFilters(AsKnown):
    as_of: Day = Field(description="The day whose end is shown.")


class SpanFilters(AsKnown):
    from_on: Day = Field(description=FROM_ON)
    to_on: Day = Field(description="The last day.")


class StatementLineOut(Answer):
    """An account, or (without account_id) a figure worked out from others."""

    account_id: int | None
    code: str
    name: str
    amount: Number


class StatementSection(Answer):
    key: str
    title: str
    lines: list[StatementLineOut]
    total: Number


class ChainHeadOut(Answer):
    """The last number and link of a book's year. Keep it where nobody can change it: it proves all before it."""

    book: str
    year: int
    number: int
    chain_hash: str


class BalanceSheetOut(Answer):
    book: str
    currency: str
    as_of: date
    known_at: datetime | None
    by: By
    sections: list[StatementSection] = Field(description="Current and non-current apart.")
    assets: Number
    liabilities: Number
    liabilities_and_equity: Number
    net_income: Number
    chain_heads: list[ChainHeadOut]


class IncomeStatementOut(Answer):
    book: str
    currency: str
    from_on: date
    to_on: date
    known_at: datetime | None
    by: By
    income: StatementSection
    expenses: StatementSection
    net_income: Number


def _section(book: Book, found: queries.Section) -> dict[str, Any]:
    lines = [
        {name: getattr(line, name) for name in ("account_id", "code", "name")}
        | {"amount": money(book, line.amount)}
        for line in found.lines
    ]
    return {"key": found.key, "title": found.title, "lines": lines, "total": money(book, found.total)}


@section.read("/balance-sheet", permission="ledger.read", answer=BalanceSheetOut, raises=("not_found",))
def get_balance_sheet(request: Call, filters: Query[StatementFilters]) -> dict[str, Any]:
    """What was owned and owed at the end of a day."""
    company_id = request.auth.company_id
    book = queries.book_by_code(company_id, filters.book)
    sheet = queries.balance_sheet(
        company_id, book.book_id, as_of=filters.as_of, known_at=filters.known_at, by=filters.by
    )
    question = {name: getattr(sheet, name) for name in ("as_of", "known_at", "by")}
    totals = ("assets", "liabilities", "liabilities_and_equity", "net_income")
    return question | {
        "book": book.code,
        "currency": book.currency,
        "sections": [_section(book, found) for found in sheet.sections],
        "chain_heads": _heads(company_id, [book]),
        **{name: money(book, getattr(sheet, name)) for name in totals},
    }


@section.read("/income-statement", permission="ledger.read", answer=IncomeStatementOut, raises=("not_found",))
def get_income_statement(request: Call, filters: Query[SpanFilters]) -> dict[str, Any]:
    """What was earned and spent between two days, both included."""
    company_id = request.auth.company_id
    book = queries.book_by_code(company_id, filters.book)
    found = queries.income_statement(
        company_id,
        book.book_id,
        from_on=filters.from_on,
        to_on=filters.to_on,
        known_at=filters.known_at,
        by=filters.by,
    )
    question = {name: getattr(found, name) for name in ("from_on", "to_on", "known_at", "by")}
    return question | {
        "book": book.code,
        "currency": book.currency,
        "income": _section(book, found.income),
        "expenses": _section(book, found.expenses),
        "net_income": money(book, found.net_income),
    }


# --- one account ------------------------------------------------------------------------------------------


class AccountLedgerFilters(Paged, AsKnown):
    from_on: Day | None = Field(default=None, description=FROM_ON)
    to_on: Day | None = Field(default=None, description="The last day.")


class AccountLedgerLine(Answer):
    entry_id: int
    line_no: int
    year: int
    number: int
    effective_on: date
    posting_on: date
    recorded_at: datetime
    source: str
    reference: str
    description: str
    memo: str | None
    amount: Number
    balance: Number = Field(description="After this line.")


class AccountLedgerOut(Answer):
    account_id: int
    code: str
    name: str
    book: str
    currency: str
    opening: Number = Field(description="Before the first line of this page.")
    results: list[AccountLedgerLine]
    next: str | None


@section.read("/accounts/{account_id}/ledger", permission="ledger.read", answer=AccountLedgerOut)
def get_account_ledger(
    request: Call, account_id: QueryId, filters: Query[AccountLedgerFilters]
) -> dict[str, Any]:
    """The lines of one account by day, each with the balance after it."""
    company_id = request.auth.company_id
    book = queries.book_by_code(company_id, filters.book)
    account = queries.account(company_id, account_id)
    page = queries.account_ledger(
        company_id,
        book.book_id,
        account_id,
        from_on=filters.from_on,
        to_on=filters.to_on,
        known_at=filters.known_at,
        by=filters.by,
        after=place_of(filters.cursor, line_key),
        limit=filters.limit,
    )
    rows = [
        {name: getattr(row, name) for name in AccountLedgerLine.model_fields}
        | {"amount": money(book, row.amount), "balance": money(book, row.balance)}
        for row in page.rows
    ]
    return {
        "account_id": account.account_id,
        "code": account.code,
        "name": account.name,
        "book": book.code,
        "currency": book.currency,
        "opening": money(book, page.opening),
        "results": rows,
        "next": None if page.next_key is None else encode(page.next_key),
    }


# --- the chain --------------------------------------------------------------------------------------------


class ChainHeads(Answer):
    results: list[ChainHeadOut]


def _heads(company_id: int, books: Sequence[Book]) -> list[dict[str, Any]]:
    codes = {book.book_id: book.code for book in books}
    return [
        {"book": codes[head.book_id], "year": head.year, "number": head.number, "chain_hash": head.chain_hash}
        for head in queries.chain_heads(company_id)
        if head.book_id in codes
    ]


@section.read("/chain-heads", permission="ledger.read", answer=ChainHeads)
def list_chain_heads(request: Call) -> dict[str, Any]:
    """The head of the hash chain of each book and year."""
    company_id = request.auth.company_id
    return {"results": _heads(company_id, queries.books(company_id))}


# --- exchange rates ---------------------------------------------------------------------------------------


class RateIn(Body):
    currency: Currency
    to_currency: Currency
    on_date: Day
    rate: Positive = Field(description="Units of to_currency for one of currency.")


class RatesIn(Body):
    rates: list[RateIn] = Field(min_length=1, max_length=MOST_ROWS)


class RatesSet(Answer):
    count: int


class RateOut(Answer):
    currency: str
    to_currency: str
    on_date: date
    rate: Number


class RateFilters(Paged):
    currency: Currency | None = None


@section.read("/exchange-rates", permission="ledger.read", answer=Page[RateOut])
def list_exchange_rates(request: Call, filters: Query[RateFilters]) -> dict[str, Any]:
    """Exchange rates, the latest day first."""

    def fetch(after: Any, limit: int) -> Sequence[queries.ExchangeRate]:
        return queries.exchange_rates(
            request.auth.company_id, currency=filters.currency, after=after, limit=limit
        )

    return listing(
        filters, fetch, key=rate_key, key_of=lambda rate: (rate.on_date, rate.currency, rate.to_currency)
    )


@section.write(
    "/exchange-rates",
    permission="ledger.post",
    answer=RatesSet,
    example={"rates": [{"currency": "USD", "to_currency": "EUR", "on_date": "2026-03-31", "rate": "0.9251"}]},
)
def set_exchange_rates(request: Call, body: RatesIn) -> dict[str, int]:
    """Enter or correct exchange rates. What was posted keeps the rate it had."""
    count = services.set_exchange_rates(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        rates=[RateDraft(rate.currency, rate.to_currency, rate.on_date, rate.rate) for rate in body.rates],
    )
    return {"count": count}
