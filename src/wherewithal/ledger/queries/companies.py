"""Companies, books and accounts as they are now."""

from collections.abc import Callable
from datetime import datetime

from wherewithal.core.words import say
from wherewithal.kit.db import Row, fetch_all, fetch_one
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.kit.instants import in_zone
from wherewithal.ledger.values import Account, Book, Classification, Company, CostScope

COMPANY = "SELECT id, code, name, country, currency, timezone, fiscal_year_start_month, settings FROM ledger_company"
BOOK = "SELECT id, code, name, standard, currency, currency_decimals, is_primary, cost_scope FROM ledger_book"
ACCOUNT = "SELECT id, code, name, classification, is_contra, active FROM ledger_account"


def companies() -> list[Company]:
    """The companies that the transaction may see: its own, and those of which its user is a member."""
    return [Company(*row) for row in fetch_all(f"{COMPANY} ORDER BY lower(name), id")]


def company(company_id: int) -> Company:
    row = fetch_one(f"{COMPANY} WHERE id = %s", (company_id,))
    if row is None:
        raise NotFound(Problem("company", "exists", say("There is no such company."), value=str(company_id)))
    return Company(*row)


def instants(company_id: int) -> Callable[[datetime], str]:
    """How the company's people are told an instant: by their clock, with the time zone named."""
    zone = company(company_id).timezone
    return lambda at: in_zone(at, zone)


def company_by_code(code: str) -> Company:
    """Among those that the transaction may see."""
    row = fetch_one(f"{COMPANY} WHERE code = %s", (code,))
    if row is None:
        raise NotFound(
            Problem("company", "exists", say("There is no company {code}.", code=code), value=code)
        )
    return Company(*row)


def books(company_id: int) -> list[Book]:
    """All books, the primary one first."""
    rows = fetch_all(f"{BOOK} WHERE company_id = %s ORDER BY NOT is_primary, id", (company_id,))
    return [_book(row) for row in rows]


def book(company_id: int, book_id: int) -> Book:
    row = fetch_one(f"{BOOK} WHERE company_id = %s AND id = %s", (company_id, book_id))
    if row is None:
        raise _no_book(str(book_id))
    return _book(row)


def book_by_code(company_id: int, code: str | None) -> Book:
    """The book of that code; the primary one when no code is given."""
    condition = "is_primary" if code is None else "code = %s"
    params = (company_id,) if code is None else (company_id, code)
    row = fetch_one(f"{BOOK} WHERE company_id = %s AND {condition}", params)
    if row is None:
        raise _no_book(code or "")
    return _book(row)


def accounts(company_id: int, *, active_only: bool = False) -> list[Account]:
    """The chart of accounts by code."""
    condition = " AND active" if active_only else ""
    rows = fetch_all(f"{ACCOUNT} WHERE company_id = %s{condition} ORDER BY code", (company_id,))
    return [_account(row) for row in rows]


def account(company_id: int, account_id: int) -> Account:
    row = fetch_one(f"{ACCOUNT} WHERE company_id = %s AND id = %s", (company_id, account_id))
    if row is None:
        raise NotFound(Problem("account", "exists", say("There is no such account."), value=str(account_id)))
    return _account(row)


def account_by_code(company_id: int, code: str) -> Account:
    row = fetch_one(f"{ACCOUNT} WHERE company_id = %s AND code = %s", (company_id, code))
    if row is None:
        raise NotFound(
            Problem("account", "exists", say("There is no account {code}.", code=code), value=code)
        )
    return _account(row)


def _book(row: Row) -> Book:
    *columns, cost_scope = row
    return Book(*[*columns, CostScope(cost_scope)])


def _account(row: Row) -> Account:
    account_id, code, name, classification, is_contra, active = row
    return Account(account_id, code, name, Classification(classification), is_contra, active)


def _no_book(value: str) -> NotFound:
    return NotFound(Problem("book", "exists", say("There is no such book in this company."), value=value))
