"""What stock is worth, and an item's ledger card."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import AS_OF, KNOWN_AT, same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.rooms.stock.common import MoveWord, code_and_id, costing_item, kind_word, newest, section
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    Code,
    Day,
    Filters,
    Instant,
    Number,
    QueryId,
)
from wherewithal.core.money import from_minor
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock import queries


class ValuationFilters(Paged):
    book: Code | None = BookCode
    item_id: QueryId | None = None
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    by: Literal["effective", "posting"] = Field(
        default="effective", description="What was so on the day, or what the ledger said of the day."
    )


class ValuationTotalFilters(Filters):
    book: Code | None = BookCode
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)
    by: Literal["effective", "posting"] = "effective"


class ValuationOut(Answer):
    """Value at cost, less the write-down to net realisable value, is what the balance sheet carries."""

    item_id: int
    sku: str
    item_name: str
    unit_code: str
    category_id: int
    category_code: str
    scope_id: int = Field(description="The warehouse that has a cost of its own; 0 for the whole company.")
    scope_code: str
    qty: Number
    value: Number
    allowance: Number
    carrying: Number


class ValuationTotalOut(Answer):
    book: str
    currency: str
    items: int
    value: Number
    allowance: Number
    carrying: Number


WORTH = ("value", "allowance", "carrying")


@section.read("/valuation", permission="ledger.read", answer=Page[ValuationOut], raises=("not_found",))
def list_valuation(request: Call, filters: Query[ValuationFilters]) -> dict[str, Any]:
    """What stock is worth in a book, by item."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)

    def fetch(after: Any, limit: int) -> Sequence[queries.Valuation]:
        return queries.valuation(
            company_id,
            book_id=book.book_id,
            as_of=filters.as_of,
            known_at=filters.known_at,
            by=filters.by,
            item_ids=None if filters.item_id is None else [filters.item_id],
            after=after,
            limit=limit,
        )

    page = listing(filters, fetch, key=code_and_id, key_of=lambda row: (row.sku, row.scope_id))
    rows = [
        same(row, ValuationOut)
        | {"qty": from_minor(row.qty, row.qty_decimals)}
        | {name: from_minor(getattr(row, name), book.currency_decimals) for name in WORTH}
        for row in page["results"]
    ]
    return page | {"results": rows}


@section.read("/valuation/total", permission="ledger.read", answer=ValuationTotalOut, raises=("not_found",))
def get_valuation_total(request: Call, filters: Query[ValuationTotalFilters]) -> dict[str, Any]:
    """What all stock is worth in a book."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)
    total = queries.valuation_total(
        company_id, book_id=book.book_id, as_of=filters.as_of, known_at=filters.known_at, by=filters.by
    )
    worth = {name: from_minor(getattr(total, name), book.currency_decimals) for name in WORTH}
    return {"book": book.code, "currency": book.currency, "items": total.items} | worth


class CardFilters(Paged):
    book: Code | None = BookCode
    as_of: Day | None = Field(default=None, description=AS_OF)
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class CardLine(Answer):
    """A move, or a value that came without one (move_id 0)."""

    move_id: int
    cause_id: int
    kind: MoveWord | None
    document_id: int | None
    document_number: str | None
    document_kind: str | None
    effective_at: datetime | None
    effective_on: date
    recorded_at: datetime | None
    from_code: str | None
    to_code: str | None
    lot_code: str | None
    moved_qty: Number
    qty: Number = Field(description="What came (+) or went (-).")
    value: Number = Field(description="What the value changed by at this place, later corrections included.")
    balance_qty: Number
    balance_value: Number


class Card(Answer):
    item_id: int
    sku: str
    unit_code: str
    book: str
    currency: str
    results: list[CardLine]
    next: str | None


@section.read("/items/{item_id}/card", permission="ledger.read", answer=Card)
def get_ledger_card(request: Call, item_id: QueryId, filters: Query[CardFilters]) -> dict[str, Any]:
    """The history of an item in a book, with running quantity and value."""
    company_id = request.auth.company_id
    book = ledger_queries.book_by_code(company_id, filters.book)
    item = costing_item(company_id, item_id)

    def fetch(after: Any, limit: int) -> Sequence[queries.CardRow]:
        return queries.ledger_card(
            company_id,
            book_id=book.book_id,
            item_id=item_id,
            as_of=filters.as_of,
            known_at=filters.known_at,
            after=after[0] if after else 0,
            limit=limit,
        )

    page = listing(filters, fetch, key=newest, key_of=lambda row: (row.row_no,))
    rows = [
        same(row, CardLine)
        | {"kind": kind_word(row.kind)}
        | {
            name: from_minor(getattr(row, name), item.qty_decimals)
            for name in ("moved_qty", "qty", "balance_qty")
        }
        | {
            name: from_minor(getattr(row, name), book.currency_decimals)
            for name in ("value", "balance_value")
        }
        for row in page["results"]
    ]
    head = {"item_id": item_id, "sku": item.sku, "unit_code": item.unit_code}
    return page | head | {"book": book.code, "currency": book.currency, "results": rows}
