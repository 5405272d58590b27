"""Trial balance, balance sheet and income statement, of any day, as known at any instant.

Amounts are minor units of the book's currency. In the trial balance debit is positive and credit negative; in the
statements each section has the sign in which it is read: assets and expenses debit, the others credit.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all
from wherewithal.ledger.queries import companies
from wherewithal.ledger.queries.scope import By, scope
from wherewithal.ledger.values import RESULT, Book, Classification


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """`opening` is the balance before the first day asked for; `credit` is zero or negative."""

    account_id: int
    code: str
    name: str
    classification: Classification
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        return self.opening + self.debit + self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    book: Book
    from_on: datetime.date | None
    as_of: datetime.date | None
    known_at: datetime.datetime | None
    by: By
    rows: tuple[TrialBalanceRow, ...]

    @property
    def opening(self) -> int:
        return sum(row.opening for row in self.rows)

    @property
    def debit(self) -> int:
        return sum(row.debit for row in self.rows)

    @property
    def credit(self) -> int:
        return sum(row.credit for row in self.rows)

    @property
    def closing(self) -> int:
        return sum(row.closing for row in self.rows)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """An account, or (without `account_id`) a figure worked out from others."""

    account_id: int | None
    code: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    lines: tuple[StatementLine, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """Assets equal liabilities and equity; `net_income` is that of the fiscal year in which the day lies."""

    book: Book
    as_of: datetime.date
    known_at: datetime.datetime | None
    by: By
    current_assets: Section
    noncurrent_assets: Section
    current_liabilities: Section
    noncurrent_liabilities: Section
    equity: Section
    net_income: int

    @property
    def sections(self) -> tuple[Section, ...]:
        return (
            self.current_assets,
            self.noncurrent_assets,
            self.current_liabilities,
            self.noncurrent_liabilities,
            self.equity,
        )

    @property
    def assets(self) -> int:
        return self.current_assets.total + self.noncurrent_assets.total

    @property
    def liabilities(self) -> int:
        return self.current_liabilities.total + self.noncurrent_liabilities.total

    @property
    def liabilities_and_equity(self) -> int:
        return self.liabilities + self.equity.total


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    book: Book
    from_on: datetime.date
    to_on: datetime.date
    known_at: datetime.datetime | None
    by: By
    income: Section
    expenses: Section

    @property
    def net_income(self) -> int:
        return self.income.total - self.expenses.total


TITLES = {
    Classification.CURRENT_ASSET: "Current assets",
    Classification.NONCURRENT_ASSET: "Non-current assets",
    Classification.CURRENT_LIABILITY: "Current liabilities",
    Classification.NONCURRENT_LIABILITY: "Non-current liabilities",
    Classification.EQUITY: "Equity",
    Classification.INCOME: "Income",
    Classification.EXPENSE: "Expenses",
}
DEBIT_SIDE = frozenset(
    {Classification.CURRENT_ASSET, Classification.NONCURRENT_ASSET, Classification.EXPENSE}
)


def trial_balance(
    company_id: int,
    book_id: int,
    *,
    as_of: datetime.date | None = None,
    from_on: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
) -> TrialBalance:
    """Every account that was ever moved within the question: opening, debits, credits."""
    lines = scope("l", company_id=company_id, book_id=book_id, by=by, to_on=as_of, known_at=known_at)
    since = from_on or datetime.date.min
    rows = fetch_all(
        f"""
        SELECT a.id, a.code, a.name, a.classification, t.opening, t.debit, t.credit
        FROM (
            SELECT l.account_id,
                   coalesce(sum(l.amount) FILTER (WHERE {lines.day} < %s), 0)::bigint AS opening,
                   coalesce(sum(l.amount) FILTER (WHERE {lines.day} >= %s AND l.amount > 0), 0)::bigint AS debit,
                   coalesce(sum(l.amount) FILTER (WHERE {lines.day} >= %s AND l.amount < 0), 0)::bigint AS credit
            FROM ledger_line l WHERE {lines.sql} GROUP BY l.account_id
        ) t
        JOIN ledger_account a ON a.company_id = %s AND a.id = t.account_id
        ORDER BY a.code
        """,  # noqa: S608 - column names and conditions of this module
        (since, since, since, *lines.params, company_id),
    )
    found = tuple(
        TrialBalanceRow(account_id, code, name, Classification(classification), opening, debit, credit)
        for account_id, code, name, classification, opening, debit, credit in rows
    )
    return TrialBalance(companies.book(company_id, book_id), from_on, as_of, known_at, by, found)


def balance_sheet(
    company_id: int,
    book_id: int,
    *,
    as_of: datetime.date,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
) -> BalanceSheet:
    """What was owned and owed at the end of the day, current and non-current apart.

    Income and expenses are not closed into equity by entries: what earlier fiscal years earned is shown as retained
    earnings, what this one earned as net income.
    """
    year_on = fiscal_year_start(companies.company(company_id).fiscal_year_start_month, as_of)
    balance = trial_balance(company_id, book_id, as_of=as_of, from_on=year_on, known_at=known_at, by=by)
    result = [row for row in balance.rows if row.classification in RESULT]
    earlier = -sum(row.opening for row in result)
    net_income = -sum(row.debit + row.credit for row in result)
    equity = _section(Classification.EQUITY, balance.rows)
    worked_out = [
        StatementLine(None, "", say("Result of earlier years"), earlier),
        StatementLine(None, "", say("Net income of the year"), net_income),
    ]
    equity = Section(equity.key, equity.title, (*equity.lines, *(line for line in worked_out if line.amount)))
    return BalanceSheet(
        balance.book,
        as_of,
        known_at,
        by,
        _section(Classification.CURRENT_ASSET, balance.rows),
        _section(Classification.NONCURRENT_ASSET, balance.rows),
        _section(Classification.CURRENT_LIABILITY, balance.rows),
        _section(Classification.NONCURRENT_LIABILITY, balance.rows),
        equity,
        net_income,
    )


def income_statement(
    company_id: int,
    book_id: int,
    *,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
    by: By = "posting",
) -> IncomeStatement:
    """What was earned and spent between two days, both included."""
    balance = trial_balance(company_id, book_id, as_of=to_on, from_on=from_on, known_at=known_at, by=by)
    income = _section(Classification.INCOME, balance.rows, movement=True)
    expenses = _section(Classification.EXPENSE, balance.rows, movement=True)
    return IncomeStatement(balance.book, from_on, to_on, known_at, by, income, expenses)


def fiscal_year_start(start_month: int, day: datetime.date) -> datetime.date:
    """The first day of the fiscal year in which the day lies."""
    year = day.year if day.month >= start_month else day.year - 1
    return datetime.date(year, start_month, 1)


def _section(
    classification: Classification, rows: Iterable[TrialBalanceRow], *, movement: bool = False
) -> Section:
    sign = 1 if classification in DEBIT_SIDE else -1
    wanted = [row for row in rows if row.classification is classification]
    lines = [
        StatementLine(
            row.account_id, row.code, row.name, sign * (row.debit + row.credit if movement else row.closing)
        )
        for row in wanted
    ]
    return Section(classification.value, TITLES[classification], _without_zero(lines))


def _without_zero(lines: Sequence[StatementLine]) -> tuple[StatementLine, ...]:
    return tuple(line for line in lines if line.amount)
