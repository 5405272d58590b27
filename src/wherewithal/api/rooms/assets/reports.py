"""Reports of assets in one book: movements by class, additions, disposals, what is used up, what agrees, two books."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import AS_OF, KNOWN_AT, same
from wherewithal.api.rooms.assets.common import amount, book_of, money, section
from wherewithal.api.rooms.assets.events import MOST_EVENTS, AssetIn, BatchIn, EventIn, drafts
from wherewithal.api.rooms.assets.plans import LeftOutLine
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Body, Code, Currency, Day, Filters, Id, Instant, Number
from wherewithal.assets import queries, services
from wherewithal.assets.plans import CashRow, ForecastRow
from wherewithal.assets.queries import AssetBook
from wherewithal.kit import db
from wherewithal.ledger.currencies import currency_decimals


class Between(Filters):
    book: Code | None = BookCode
    from_on: Day
    to_on: Day
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class Translated(Between):
    currency: Currency | None = Field(
        default=None, description="In another currency, with exchange differences; the book's when left out."
    )


class On(Filters):
    book: Code | None = BookCode
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class Report(Answer):
    book: str
    currency: str


class RollForwardOut(Answer):
    class_id: int
    class_code: str
    class_name: str
    opening_cost: Number
    opening_carrying: Number
    cost: dict[str, Number] = Field(description="By movement; what leaves is below zero.")
    carrying: dict[str, Number]
    closing_cost: Number
    closing_carrying: Number


class RollForward(Report):
    results: list[RollForwardOut]


class AdditionOut(Answer):
    asset_id: int
    tag: str
    name: str
    class_code: str
    event_id: int
    kind: str
    effective_on: date
    amount: Number
    reference: str
    party_id: int | None


class Additions(Report):
    results: list[AdditionOut]


class DisposalOut(Answer):
    asset_id: int
    tag: str
    name: str
    class_code: str
    event_id: int
    kind: str
    how: str
    effective_on: date
    cost: Number
    accumulated: Number
    carrying: Number
    proceeds: Number
    costs: Number
    gain: Number = Field(description="Below zero: a loss.")


class Disposals(Report):
    results: list[DisposalOut]


class UsedUpOut(Answer):
    asset_id: int
    tag: str
    name: str
    class_code: str
    cost: Number
    carrying: Number
    last_charged_on: date


class UsedUp(Report):
    results: list[UsedUpOut]


class TieOutOut(Answer):
    account_id: int
    code: str
    name: str
    register_amount: Number
    ledger_amount: Number
    difference: Number


class TieOut(Report):
    results: list[TieOutOut]


class ComparisonFilters(On):
    tax_book: Code = Field(
        description="The book to compare with; another currency is translated at the rate of the day."
    )
    rate: Code = Field(
        default="0.25", pattern=r"^0(\.[0-9]{1,6})?$", description="The tax rate: 0.25 is 25 %."
    )
    by: Literal["class", "asset"] = "class"


class ComparisonOut(Answer):
    code: str = Field(description="Of the class or asset; empty: what assets that left have left in a pool.")
    name: str
    carrying: Number
    tax_base: Number
    difference: Number
    deferred_tax: Number = Field(description="Above zero: a liability.")


class Comparison(Report):
    tax_book: str
    results: list[ComparisonOut]


class ForecastIn(Body):
    """A scenario: planned purchases (`assets` with their `events`) and what may happen to assets there are, or a kept one
    (`scenario_id`)."""

    through_on: Day
    from_on: Day | None = Field(
        default=None, description="From its period on; by default from the day after each book's last run."
    )
    scenario_id: Id | None = None
    cost_centres: bool = Field(default=False, description="Apart by cost centre.")
    books: list[Code] = Field(default_factory=list, max_length=50, description="All books when empty.")
    by: Literal["month", "year"] = "year"
    assets: list[AssetIn] = Field(default_factory=list, max_length=MOST_EVENTS)
    events: list[EventIn] = Field(default_factory=list, max_length=MOST_EVENTS)


class ForecastRowOut(Answer):
    book: str
    currency: str
    class_code: str
    from_on: date
    to_on: date
    charge: Number
    cost: Number
    carrying: Number
    cash: Number = Field(
        description="Paid (below zero) or received; the three that follow, and what else there is."
    )
    purchases: Number
    proceeds: Number
    lease_payments: Number
    cost_centre: str | None = None
    booked: bool = Field(description="The period lies within what the book has been run to.")


class CashOut(Answer):
    book: str
    currency: str
    class_code: str
    cost_centre: str | None
    on: date
    kind: Literal["purchase", "proceeds", "lease", "other"]
    amount: Number


class Forecast(Answer):
    results: list[ForecastRowOut]
    cash: list[CashOut] = Field(description="By day.")
    left_out: list[LeftOutLine]


def _head(book: AssetBook) -> dict[str, Any]:
    return {"book": book.code, "currency": book.currency}


def _between(filters: Between, book: AssetBook) -> dict[str, Any]:
    return {
        "book_id": book.book_id,
        "from_on": filters.from_on,
        "to_on": filters.to_on,
        "known_at": filters.known_at,
    }


def _on(filters: On, book: AssetBook) -> dict[str, Any]:
    return {"book_id": book.book_id, "as_of": filters.as_of, "known_at": filters.known_at}


@section.read(
    "/reports/asset-roll-forward",
    permission="ledger.read",
    answer=RollForward,
    raises=("not_found", "refused"),
)
def asset_roll_forward(request: Call, filters: Query[Translated]) -> dict[str, Any]:
    """Opening, movements and closing of each class between two days (IAS 16.73)."""
    book = book_of(request, filters.book)
    currency = filters.currency or book.currency
    decimals = book.decimals if currency == book.currency else currency_decimals(currency)
    rows = queries.roll_forward(request.auth.company_id, currency=filters.currency, **_between(filters, book))
    names = ("opening_cost", "opening_carrying", "closing_cost", "closing_carrying")
    results = [
        same(row, RollForwardOut)
        | money(row, names, decimals)
        | {
            part: {name: amount(value, decimals) for name, value in getattr(row, part).items()}
            for part in ("cost", "carrying")
        }
        for row in rows
    ]
    return {"book": book.code, "currency": currency, "results": results}


@section.read("/reports/asset-additions", permission="ledger.read", answer=Additions, raises=("not_found",))
def asset_additions(request: Call, filters: Query[Between]) -> dict[str, Any]:
    """Cost that came in between two days."""
    book = book_of(request, filters.book)
    rows = queries.additions(request.auth.company_id, **_between(filters, book))
    return _head(book) | {
        "results": [same(row, AdditionOut) | money(row, ("amount",), book.decimals) for row in rows]
    }


@section.read("/reports/asset-disposals", permission="ledger.read", answer=Disposals, raises=("not_found",))
def asset_disposals(request: Call, filters: Query[Between]) -> dict[str, Any]:
    """Whole and partial disposals between two days, with what was gained or lost."""
    book = book_of(request, filters.book)
    rows = queries.disposals(request.auth.company_id, **_between(filters, book))
    names = ("cost", "accumulated", "carrying", "proceeds", "costs", "gain")
    return _head(book) | {
        "results": [same(row, DisposalOut) | money(row, names, book.decimals) for row in rows]
    }


@section.read("/reports/assets-used-up", permission="ledger.read", answer=UsedUp, raises=("not_found",))
def assets_used_up(request: Call, filters: Query[On]) -> dict[str, Any]:
    """Assets in use whose net book value has come down to their residual."""
    book = book_of(request, filters.book)
    rows = queries.fully_depreciated(request.auth.company_id, **_on(filters, book))
    return _head(book) | {
        "results": [same(row, UsedUpOut) | money(row, ("cost", "carrying"), book.decimals) for row in rows]
    }


@section.read("/reports/asset-tie-out", permission="ledger.read", answer=TieOut, raises=("not_found",))
def asset_tie_out(request: Call, filters: Query[On]) -> dict[str, Any]:
    """Accounts that carry assets: what the register says, what the ledger says."""
    book = book_of(request, filters.book)
    rows = queries.tie_out(request.auth.company_id, **_on(filters, book))
    results = [
        same(row, TieOutOut)
        | {
            "register_amount": amount(row.register, book.decimals),
            "ledger_amount": amount(row.ledger, book.decimals),
            "difference": amount(row.difference, book.decimals),
        }
        for row in rows
    ]
    return _head(book) | {"results": results}


@section.read(
    "/reports/asset-books-compared",
    permission="ledger.read",
    answer=Comparison,
    raises=("not_found", "refused"),
)
def asset_books_compared(request: Call, filters: Query[ComparisonFilters]) -> dict[str, Any]:
    """Net book values of two books, the temporary differences and the deferred tax on them."""
    book, tax_book = book_of(request, filters.book), book_of(request, filters.tax_book)
    rows = queries.compare_books(
        request.auth.company_id,
        tax_book_id=tax_book.book_id,
        rate=Decimal(filters.rate),
        by=filters.by,
        **_on(filters, book),
    )
    names = ("carrying", "tax_base", "difference", "deferred_tax")
    results = [same(row, ComparisonOut) | money(row, names, book.decimals) for row in rows]
    return _head(book) | {"tax_book": tax_book.code, "results": results}


@section.compute(
    "/reports/asset-forecast",
    permission="ledger.read",
    answer=Forecast,
    example={"through_on": "2030-12-31"},
    raises=("not_found",),
)
def asset_forecast(request: Call, body: ForecastIn) -> dict[str, Any]:
    """Depreciation, net book value and cash of every class to come, in a scenario; nothing is kept."""
    company_id, actor_id = request.auth.company_id, request.auth.user_id
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        books = {book.book_id: book for book in queries.books(company_id)}
        chosen = [book_of(request, code).book_id for code in body.books]
    events, assets = drafts(BatchIn(assets=body.assets, events=body.events))
    found = services.project(
        company_id=company_id,
        actor_id=actor_id,
        through_on=body.through_on,
        from_on=body.from_on,
        scenario_id=body.scenario_id,
        book_ids=chosen or None,
        assets=assets,
        events=events,
        by=body.by,
        cost_centres=body.cost_centres,
    )
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        classes = {row.class_id: row.code for row in queries.classes(company_id)}
        centres = {row.cost_centre_id: row.code for row in queries.cost_centres(company_id)}

    def named(row: ForecastRow | CashRow) -> dict[str, Any]:
        return {
            "book": books[row.book_id].code,
            "currency": books[row.book_id].currency,
            "class_code": classes[row.class_id],
            "cost_centre": centres.get(row.cost_centre_id),
        }

    amounts = ("charge", "cost", "carrying", "cash", "purchases", "proceeds", "lease_payments")
    return {
        "results": [
            same(row, ForecastRowOut) | money(row, amounts, books[row.book_id].decimals) | named(row)
            for row in found.rows
        ],
        "cash": [
            same(row, CashOut) | money(row, ("amount",), books[row.book_id].decimals) | named(row)
            for row in found.cash
        ],
        "left_out": [same(line, LeftOutLine) for line in found.left_out],
    }
