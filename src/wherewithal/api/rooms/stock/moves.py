"""Moves with the trail of their cost, and the documents they came with."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from babel.numbers import get_currency_precision
from ninja import Query
from pydantic import Field

from wherewithal.api.answers import KNOWN_AT, same
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.rooms.documents import section as documents_section
from wherewithal.api.rooms.stock.common import MoveWord, at_and_id, kind_word, newest, section
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    Code,
    Day,
    Filters,
    Instant,
    Number,
    QueryBigId,
    QueryId,
)
from wherewithal.core.money import from_minor
from wherewithal.core.posting import Role
from wherewithal.people import permissions
from wherewithal.stock import queries
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.queries import MoveFilter


class MoveFilters(Paged):
    item_id: QueryId | None = None
    location_id: QueryId | None = Field(default=None, description="From or to this place.")
    lot_id: QueryBigId | None = None
    document_id: QueryBigId | None = None
    kind: MoveWord | None = None
    from_on: Day | None = None
    to_on: Day | None = None
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


class MoveOut(Answer):
    move_id: int
    document_id: int
    document_number: str
    document_kind: str
    line_no: int
    kind: MoveWord
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty: Number
    from_location_id: int
    from_code: str
    to_location_id: int
    to_code: str
    lot_id: int
    lot_code: str
    effective_at: datetime
    effective_on: date
    recorded_at: datetime
    of_move_id: int | None
    amount: Number | None = Field(description="What the document said it cost, in `currency`.")
    currency: str | None


class ValueOut(Answer):
    """One step in the trail of a move's cost: posted by an entry, because of a move or a later receipt."""

    book: str
    currency: str
    cause_id: int
    role: str
    scope_id: int
    debit_code: str
    credit_code: str
    amount: Number
    stock_amount: Number = Field(description="Its effect on the value of stock.")
    effective_on: date
    posting_on: date
    recorded_at: datetime
    entry_id: int


class MoveDetail(MoveOut):
    values: list[ValueOut] = Field(description="Book by book, as they were recorded; their sum is its cost.")


def _move(row: queries.MoveRow) -> dict[str, Any]:
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = from_minor(row.amount, get_currency_precision(row.currency))
    return same(row, MoveOut) | {
        "kind": kind_word(row.kind),
        "qty": from_minor(row.qty, row.qty_decimals),
        "amount": amount,
    }


def _value(row: queries.MoveValue) -> dict[str, Any]:
    amounts = {
        name: from_minor(getattr(row, name), row.currency_decimals) for name in ("amount", "stock_amount")
    }
    return same(row, ValueOut) | {"book": row.book_code, "role": Role(row.role).name.lower()} | amounts


@section.read("/moves", permission="stock.read", answer=Page[MoveOut])
def list_moves(request: Call, filters: Query[MoveFilters]) -> dict[str, Any]:
    """Moves, the last entered first."""
    wanted = MoveFilter(
        item_id=filters.item_id,
        location_id=filters.location_id,
        lot_id=filters.lot_id,
        document_id=filters.document_id,
        kind=None if filters.kind is None else MoveKind[filters.kind.upper()].value,
        from_day=filters.from_on,
        to_day=filters.to_on,
        known_at=filters.known_at,
    )

    def fetch(after: Any, limit: int) -> Sequence[queries.MoveRow]:
        before = after[0] if after else None
        return queries.list_moves(request.auth.company_id, filters=wanted, before=before, limit=limit)

    page = listing(filters, fetch, key=newest, key_of=lambda row: (row.move_id,))
    return page | {"results": [_move(row) for row in page["results"]]}


class KnownFilters(Filters):
    known_at: Instant | None = Field(default=None, description=KNOWN_AT)


@section.read("/moves/{move_id}", permission="stock.read", answer=MoveDetail)
def get_move(request: Call, move_id: QueryBigId, filters: Query[KnownFilters]) -> dict[str, Any]:
    """One move, with the trail of its cost in every book (for those who may read the ledger)."""
    company_id = request.auth.company_id
    move = queries.get_move(company_id, move_id)
    values = []
    if permissions.allowed(request.auth, "ledger.read"):
        values = queries.move_values(company_id, move_id, known_at=filters.known_at)
    return _move(move) | {"values": [_value(row) for row in values]}


class DocumentFilters(Paged):
    kind: Code | None = None
    party_id: QueryId | None = None
    text: Code | None = Field(default=None, description="The beginning of the number or reference.")


class DocumentRowOut(Answer):
    document_id: int
    batch_id: int
    kind: str
    number: str
    reference: str | None
    party_id: int | None
    party_name: str | None
    effective_at: datetime
    recorded_at: datetime
    note: str | None
    move_count: int
    of_document_id: int | None
    actor_id: int | None
    source: str


class DocumentDetail(DocumentRowOut):
    moves: list[MoveOut]


@documents_section.read("/documents", permission="stock.read", answer=Page[DocumentRowOut])
def list_documents(request: Call, filters: Query[DocumentFilters]) -> dict[str, Any]:
    """Documents, the latest first."""

    def fetch(after: Any, limit: int) -> Sequence[queries.DocumentRow]:
        return queries.list_documents(
            request.auth.company_id,
            kinds=None if filters.kind is None else [filters.kind],
            party_id=filters.party_id,
            text=filters.text,
            before=after,
            limit=limit,
        )

    return listing(filters, fetch, key=at_and_id, key_of=lambda row: (row.effective_at, row.document_id))


@documents_section.read("/documents/{document_id}", permission="stock.read", answer=DocumentDetail)
def get_document(request: Call, document_id: QueryBigId) -> dict[str, Any]:
    """One document with its moves."""
    company_id = request.auth.company_id
    document = queries.get_document(company_id, document_id)
    moves = queries.moves_of_document(company_id, document_id)
    return same(document, DocumentRowOut) | {"moves": [_move(row) for row in moves]}
