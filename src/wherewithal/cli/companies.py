"""Companies as the operator of the installation sees them: all of them, by code."""

from dataclasses import dataclass

from django.db import connections

from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Book
from wherewithal.people import queries as people


@dataclass(frozen=True, slots=True)
class Subject:
    """One company of the installation."""

    company_id: int
    code: str
    name: str
    country: str
    currency: str


def all_companies() -> list[Subject]:
    """Asked as the owner of the tables: the application's role would see none without being told which."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id, code, name, country, currency FROM ledger_company ORDER BY code")
        return [Subject(*row) for row in cursor.fetchall()]


def company_named(code: str) -> Subject:
    companies = all_companies()
    found = next((company for company in companies if company.code == code), None)
    if found is None:
        listed = ", ".join(company.code for company in companies) or "none yet"
        raise NotFound(
            Problem("company", "exists", f"There is no company {code}. There are: {listed}.", value=code)
        )
    return found


def book_named(company_id: int, code: str | None) -> Book:
    """The company's book of that code; the primary one when no code is given."""
    with company_transaction(company_id=company_id, read_only=True):
        return ledger.book_by_code(company_id, code)


def user_named(login: str | None) -> int | None:
    """The id of the user of that username or e-mail address; None when nobody is named."""
    return None if login is None else people.user_by_login(login).user_id
