"""What the ledger says, as files: trial balance, balance sheet, income statement, journal."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wherewithal.core.money import from_minor
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.queries import Section
from wherewithal.ledger.values import Book
from wherewithal.reporting.sheets import Question, Sheet, Strong, Value

JOURNAL_PAGE = 500


def trial_balance(question: Question) -> Sheet:
    balance = ledger.trial_balance(
        question.company_id, question.book_id, as_of=question.as_of, known_at=question.known_at
    )
    decimals = balance.book.currency_decimals
    heads = ("account", "name", "classification", "opening", "debit", "credit", "closing", "currency")
    rows = (
        (
            row.code,
            row.name,
            row.classification.value,
            from_minor(row.opening, decimals),
            from_minor(row.debit, decimals),
            from_minor(-row.credit, decimals),
            from_minor(row.closing, decimals),
            balance.book.currency,
        )
        for row in balance.rows
    )
    return Sheet("Trial balance", heads, rows, summed=("opening", "debit", "credit", "closing"), of_book=True)


def balance_sheet(question: Question) -> Sheet:
    """Accounts by section with their totals, and beside them what stood at the end of the fiscal year before."""
    day = question.as_of or question.today
    company = ledger.company(question.company_id)
    before_on = ledger.fiscal_year_start(company.fiscal_year_start_month, day) - datetime.timedelta(days=1)
    now, before = (
        ledger.balance_sheet(question.company_id, question.book_id, as_of=on, known_at=question.known_at)
        for on in (day, before_on)
    )
    sides = (
        ("Assets", (0, 1), now.assets, before.assets),
        ("Liabilities and equity", (2, 3, 4), now.liabilities_and_equity, before.liabilities_and_equity),
    )
    rows: list[tuple[Any, ...]] = []
    for side, places, total, earlier in sides:
        for place in places:
            rows += _section(now.sections[place], before.sections[place])
        rows.append(("", "", side, total, earlier))
    return _statement("Balance sheet", now.book, (str(day), str(before_on)), rows)


def income_statement(question: Question) -> Sheet:
    """Income, expenses and what is left, from the first day to the last."""
    last = question.as_of or question.today
    company = ledger.company(question.company_id)
    first = question.from_on or ledger.fiscal_year_start(company.fiscal_year_start_month, last)
    found = ledger.income_statement(
        question.company_id, question.book_id, from_on=first, to_on=last, known_at=question.known_at
    )
    rows = [*_section(found.income), *_section(found.expenses), ("", "", "Net income", found.net_income)]
    return _statement("Income statement", found.book, ("amount",), rows, span=(first, last))


def _section(section: Section, before: Section | None = None) -> Iterator[tuple[Any, ...]]:
    """The lines of both days, by account, and their total."""
    lines: dict[tuple[str, str], list[int]] = {}
    sections = (section,) if before is None else (section, before)
    for at, each in enumerate(sections):
        for line in each.lines:
            lines.setdefault((line.code, line.name), [0] * len(sections))[at] = line.amount
    for (code, name), amounts in sorted(lines.items(), key=lambda item: (item[0][0] == "", item[0])):
        yield (section.title, code, name, *amounts)
    if lines:
        yield ("", "", section.title, *(each.total for each in sections))


def _statement(
    title: str,
    book: Book,
    amounts: tuple[str, ...],
    rows: Iterable[Sequence[Any]],
    span: tuple[datetime.date, datetime.date] | None = None,
) -> Sheet:
    def shown() -> Iterator[Sequence[Value]]:
        for section, code, name, *figures in rows:
            money = (from_minor(figure, book.currency_decimals) for figure in figures)
            row = (section, code, name, *money, book.currency)
            yield row if section else Strong(row)

    heads = ("section", "account", "name", *amounts, "currency")
    return Sheet(title, heads, shown(), of_book=True, span=span)


def journal(question: Question) -> Sheet:
    """Every line of every entry posted between two days, in their order."""
    book = ledger.book(question.company_id, question.book_id)
    last = question.as_of or question.today
    company = ledger.company(question.company_id)
    first = question.from_on or ledger.fiscal_year_start(company.fiscal_year_start_month, last)

    def rows() -> Iterator[Sequence[Value]]:
        after = None
        while True:
            page = ledger.journal(
                question.company_id,
                question.book_id,
                from_on=first,
                to_on=last,
                known_at=question.known_at,
                after=after,
                limit=JOURNAL_PAGE,
            )
            for entry in page.entries:
                head = (f"{entry.year}/{entry.number}", entry.posting_on, entry.effective_on, entry.source)
                text = entry.reference or entry.description
                for line in entry.lines:
                    amount = from_minor(line.amount, book.currency_decimals)
                    sides = (amount, None) if amount > 0 else (None, -amount)
                    words = (line.account_code, line.account_name, text, line.memo)
                    yield (*head, *words, *sides, book.currency)
            after = page.next_key
            if after is None:
                return

    heads = ("entry", "posting_on", "effective_on", "source", "account", "name", "reference", "memo")
    return Sheet(
        "Journal",
        (*heads, "debit", "credit", "currency"),
        rows(),
        summed=("debit", "credit"),
        of_book=True,
        span=(first, last),
    )
