"""What people do with goods, one use case each: they build documents and go through the one door.

All take the lines of one document and, as keywords, what the document's head can say (number, reference, party_id,
currency, rates, note, key). See drafts.LineDraft for which fields count for which kind.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from wherewithal.stock.drafts import AllocateBy, BatchResult, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services.posting.record import record


class Head(TypedDict, total=False):
    """What the head of a document can say."""

    key: str | None
    number: str | None
    reference: str | None
    party_id: int | None
    currency: str | None
    rates: dict[str, Decimal] | None
    note: str | None


class Caller(TypedDict):
    """Who asks, for which company, and the key that makes asking twice harmless."""

    company_id: int
    actor_id: int | None
    idempotency_key: str


class Asked(Caller, Head, total=False):
    recorded_at: datetime.datetime | None


def _one(draft: DocumentDraft, asked: Asked) -> BatchResult:
    return record(
        company_id=asked["company_id"],
        actor_id=asked["actor_id"],
        idempotency_key=asked["idempotency_key"],
        documents=[draft],
        recorded_at=asked.get("recorded_at"),
    )


def _draft(
    kind: DocumentKind,
    effective_at: datetime.datetime,
    lines: Sequence[LineDraft],
    asked: Asked,
    **more: object,
) -> DocumentDraft:
    head = {name: value for name, value in asked.items() if name in Head.__annotations__}
    return DocumentDraft(kind, effective_at, lines, **head, **more)  # type: ignore[arg-type]  # fields of Head


def open_stock(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Stock that was there when the books were opened, at its cost."""
    return _one(_draft(DocumentKind.OPENING, effective_at, lines, asked), asked)


def receive(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods came from a supplier at a price."""
    return _one(_draft(DocumentKind.RECEIPT, effective_at, lines, asked), asked)


def issue(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods went to a customer."""
    return _one(_draft(DocumentKind.ISSUE, effective_at, lines, asked), asked)


def dropship(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods went from a supplier straight to a customer."""
    return _one(_draft(DocumentKind.DROPSHIP, effective_at, lines, asked), asked)


def transfer(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods went from one place of ours to another at once."""
    return _one(_draft(DocumentKind.TRANSFER, effective_at, lines, asked), asked)


def dispatch(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """The first step of a long transfer: goods are on their way."""
    return _one(_draft(DocumentKind.DISPATCH, effective_at, lines, asked), asked)


def arrive(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """The second step: goods that were on their way are there."""
    return _one(_draft(DocumentKind.ARRIVAL, effective_at, lines, asked), asked)


def adjust(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """More or less was found than we thought: a signed `qty`, or a `counted_qty`."""
    return _one(_draft(DocumentKind.ADJUSTMENT, effective_at, lines, asked), asked)


def scrap(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods were thrown away; blocked and expired ones too."""
    return _one(_draft(DocumentKind.SCRAP, effective_at, lines, asked), asked)


def return_to_supplier(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods of a receipt (`of_move_id`) went back."""
    return _one(_draft(DocumentKind.RETURN_TO_SUPPLIER, effective_at, lines, asked), asked)


def return_from_customer(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Goods of an issue (`of_move_id`) came back, at the cost they left at."""
    return _one(_draft(DocumentKind.RETURN_FROM_CUSTOMER, effective_at, lines, asked), asked)


def produce(
    *,
    effective_at: datetime.datetime,
    lines: Sequence[LineDraft],
    added_cost: Decimal | None = None,
    **asked: Unpack[Asked],
) -> BatchResult:
    """Inputs (`consumed`) became outputs, which share their cost and what was added (labour, energy)."""
    return _one(_draft(DocumentKind.PRODUCTION, effective_at, lines, asked, amount=added_cost), asked)


def amend(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Old moves (`of_move_id`) were in truth larger or smaller by `qty`; counts from their own instant."""
    return _one(_draft(DocumentKind.AMENDMENT, effective_at, lines, asked), asked)


def reverse(
    *,
    effective_at: datetime.datetime,
    document_id: int | None = None,
    move_ids: Sequence[int] = (),
    **asked: Unpack[Asked],
) -> BatchResult:
    """A whole document, or single moves with the rest of their events, never happened."""
    lines = [LineDraft(of_move_id=move_id) for move_id in move_ids]
    draft = _draft(DocumentKind.REVERSAL, effective_at, lines, asked, of_document_id=document_id)
    return _one(draft, asked)


def add_landed_cost(
    *,
    effective_at: datetime.datetime,
    amount: Decimal | None = None,
    allocate_by: AllocateBy = AllocateBy.VALUE,
    lines: Sequence[LineDraft],
    **asked: Unpack[Asked],
) -> BatchResult:
    """Freight, duty, insurance of old receipts (`of_move_id` each): `amount` spread over them, or by hand a line."""
    draft = _draft(
        DocumentKind.LANDED_COST, effective_at, lines, asked, amount=amount, allocate_by=allocate_by
    )
    return _one(draft, asked)


def correct_price(
    *, effective_at: datetime.datetime, lines: Sequence[LineDraft], **asked: Unpack[Asked]
) -> BatchResult:
    """Old receipts (`of_move_id`) cost `amount` more (or less) than was said."""
    return _one(_draft(DocumentKind.PRICE_CORRECTION, effective_at, lines, asked), asked)
