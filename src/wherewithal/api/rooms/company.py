"""The token's company and user, the books, the chart of accounts and the periods."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    Answer,
    Body,
    Code,
    Currency,
    Day,
    Filters,
    Id,
    Name,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.assets.services import add_book
from wherewithal.assets.services import map_account as map_account_and_post
from wherewithal.items import queries as items
from wherewithal.ledger import queries, services

section = Section("Company", "The company of the token: its books, chart of accounts and periods.")

ClassificationWord = Literal[
    "current_asset",
    "noncurrent_asset",
    "current_liability",
    "noncurrent_liability",
    "equity",
    "income",
    "expense",
]
ScopeWord = Literal["company", "warehouse"]
BOOK_MEANING = "The book's code; the primary book when left out."
BookCode = Field(default=None, description=BOOK_MEANING, examples=["main"])


class ByBook(Filters):
    book: Code | None = BookCode


# --- who and where ----------------------------------------------------------------------------------------


class CompanyOut(Answer):
    company_id: int
    code: str
    name: str
    country: str
    currency: str
    timezone: str
    fiscal_year_start_month: int


class Me(Answer):
    """What the token is good for."""

    company: CompanyOut
    user_id: int
    roles: list[str]
    scopes: list[str]


@section.read("/companies/me", permission=None, answer=Me)
def get_my_company(request: Call) -> dict[str, Any]:
    """The company of the token, and what its user may do there."""
    actor = request.auth
    return {
        "company": queries.company(actor.company_id),
        "user_id": actor.user_id,
        "roles": sorted(actor.roles),
        "scopes": sorted(actor.scopes or ()),
    }


# --- books ------------------------------------------------------------------------------------------------


class BookIn(Body):
    code: Code
    name: Name
    standard: Name = Field(description="The rules by which it is kept.", examples=["IFRS"])
    currency: Currency | None = Field(default=None, description="The company's when null.")
    cost_scope: ScopeWord = Field(default="company", description="Whether a warehouse has costs of its own.")


class BookOut(Answer):
    book_id: int
    code: str
    name: str
    standard: str
    currency: str
    currency_decimals: int
    is_primary: bool
    cost_scope: ScopeWord


class Books(Answer):
    results: list[BookOut]


@section.read("/books", permission="ledger.read", answer=Books)
def list_books(request: Call) -> dict[str, Any]:
    """The books, the primary one first."""
    return {"results": queries.books(request.auth.company_id)}


@section.write(
    "/books",
    permission="ledger.setup",
    answer=BookOut,
    example={"code": "tax", "name": "Tax book", "standard": "local GAAP"},
)
def create_book(request: Call, body: BookIn) -> Any:
    """Add a book. It begins with the account map of the primary book, and with all that has happened to goods so far: if an
    exchange rate for that is missing, it is named and there is no book."""
    company_id, actor_id = request.auth.company_id, request.auth.user_id
    book_id = add_book(company_id=company_id, actor_id=actor_id, **body.model_dump())
    return queries.book(company_id, book_id)


# --- accounts ---------------------------------------------------------------------------------------------


class AccountIn(Body):
    code: Code
    name: Name
    classification: ClassificationWord
    is_contra: bool = False


class AccountChange(Body):
    name: Name = Field(default=LEFT_OUT)
    active: bool = Field(default=LEFT_OUT)


class AccountOut(Answer):
    account_id: int
    code: str
    name: str
    classification: ClassificationWord
    is_contra: bool
    active: bool


class Accounts(Answer):
    results: list[AccountOut]


class AccountFilters(Filters):
    active_only: QueryFlag = False


class AccountMappingIn(Body):
    """From a day on, an account plays a role in a book, for a category of items or for all that have none."""

    book: Code | None = BookCode
    account_role: Code = Field(examples=["scrap_loss"])
    account_id: Id
    category_id: Id | None = None
    effective_on: Day = Field(default=date(1900, 1, 1))


class Mapped(Answer):
    account_role: str
    account_id: int
    category_id: int | None
    effective_on: date
    entry_ids: list[int] = Field(description="The entries that moved what was posted.")


@section.read("/accounts", permission="ledger.read", answer=Accounts)
def list_accounts(request: Call, filters: Query[AccountFilters]) -> dict[str, Any]:
    """The chart of accounts by code."""
    return {"results": queries.accounts(request.auth.company_id, active_only=filters.active_only)}


@section.write(
    "/accounts",
    permission="ledger.setup",
    answer=AccountOut,
    example={"code": "1234", "name": "Spare parts", "classification": "current_asset"},
)
def create_account(request: Call, body: AccountIn) -> Any:
    """Add an account to the chart."""
    company_id = request.auth.company_id
    account_id = services.add_account(
        company_id=company_id, actor_id=request.auth.user_id, **body.model_dump()
    )
    return queries.account(company_id, account_id)


@section.read("/accounts/{account_id}", permission="ledger.read", answer=AccountOut)
def get_account(request: Call, account_id: QueryId) -> Any:
    """One account."""
    return queries.account(request.auth.company_id, account_id)


@section.write(
    "/accounts/{account_id}",
    method="PATCH",
    status=200,
    permission="ledger.setup",
    answer=AccountOut,
    example={"name": "Spare parts and tools"},
)
def change_account(request: Call, account_id: QueryId, body: AccountChange) -> Any:
    """Rename an account, retire it or take it back into use."""
    company_id = request.auth.company_id
    services.change_account(
        company_id=company_id,
        actor_id=request.auth.user_id,
        account_id=account_id,
        **body.model_dump(exclude_unset=True),
    )
    return queries.account(company_id, account_id)


@section.write(
    "/account-map",
    permission="ledger.setup",
    answer=Mapped,
    example={"account_role": "scrap_loss", "account_id": 1, "effective_on": "2026-01-01"},
)
def map_account(request: Call, body: AccountMappingIn) -> Any:
    """Let an account play a role of posting, from a day on.

    What is posted from that day on moves to it at once, on its days where they are open, else on the first open day. An
    account that carries the value of goods or of assets (inventory, asset cost, accumulated depreciation, clearing accounts)
    plays its role on all days: leave `effective_on` out. Any other changes from an open day on.
    """
    company_id = request.auth.company_id
    if body.category_id is not None:
        found("category_id", body.category_id, items.get_category(company_id, body.category_id))
    entry_ids = map_account_and_post(
        company_id=company_id,
        actor_id=request.auth.user_id,
        book_id=queries.book_by_code(company_id, body.book).book_id,
        account_role=body.account_role,
        account_id=body.account_id,
        category_id=body.category_id,
        effective_on=body.effective_on,
    )
    return body.model_dump() | {"entry_ids": entry_ids}


# --- periods ----------------------------------------------------------------------------------------------


class PeriodOut(Answer):
    """A month that has been closed at least once; whatever comes after the last closed one is open."""

    start_on: date
    end_on: date
    fiscal_year: int
    number: int
    state: Literal["open", "closed", "locked"]
    changed_at: datetime
    actor_id: int | None
    reason: str


class Periods(Answer):
    book: str
    results: list[PeriodOut]


class ClosingIn(Body):
    book: Code | None = BookCode
    end_on: Day = Field(description="The last day of a month.")
    reason: Text = Field(default="", max_length=500)


class ReopeningIn(Body):
    book: Code | None = BookCode
    end_on: Day = Field(description="The last day of the last closed month.")
    reason: Name


def _periods(company_id: int, book_code: str | None) -> dict[str, Any]:
    book = queries.book_by_code(company_id, book_code)
    rows = [
        {name: getattr(period, name) for name in PeriodOut.model_fields}
        | {"state": period.state.name.lower()}
        for period in queries.periods(company_id, book.book_id)
    ]
    return {"book": book.code, "results": rows}


def _changed(request: Call, body: ClosingIn | ReopeningIn, change: Callable[..., object]) -> dict[str, Any]:
    """Closing, reopening and locking are asked for alike, and answered with the months as they are then."""
    actor = request.auth
    change(
        company_id=actor.company_id,
        book_id=queries.book_by_code(actor.company_id, body.book).book_id,
        end_on=body.end_on,
        actor_id=actor.user_id,
        reason=body.reason,
    )
    return _periods(actor.company_id, body.book)


@section.read("/periods", permission="ledger.read", answer=Periods, raises=("not_found",))
def list_periods(request: Call, filters: Query[ByBook]) -> dict[str, Any]:
    """The months of a book that have been closed, latest first."""
    return _periods(request.auth.company_id, filters.book)


@section.write(
    "/periods/close",
    status=200,
    permission="ledger.close",
    answer=Periods,
    example={"end_on": "2026-01-31", "reason": "January is complete"},
)
def close_period(request: Call, body: ClosingIn) -> dict[str, Any]:
    """Close all months of a book up to and including one."""
    return _changed(request, body, services.close_period)


@section.write(
    "/periods/reopen",
    status=200,
    permission="ledger.close",
    answer=Periods,
    example={"end_on": "2026-01-31", "reason": "A freight bill was forgotten"},
)
def reopen_period(request: Call, body: ReopeningIn) -> dict[str, Any]:
    """Reopen the last closed month of a book."""
    return _changed(request, body, services.reopen_period)


@section.write(
    "/periods/lock",
    status=200,
    permission="ledger.close",
    answer=Periods,
    example={"end_on": "2026-01-31", "reason": "The accounts were approved"},
)
def lock_period(request: Call, body: ClosingIn) -> dict[str, Any]:
    """Lock all closed months of a book up to one, for good."""
    return _changed(request, body, services.lock_period)
