"""What happens to goods: documents of many kinds, one or many at a time, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wherewithal.api.door import Section
from wherewithal.api.rooms.document_bodies import (
    AdjustmentIn,
    AmendmentIn,
    ArrivalIn,
    BatchOut,
    CustomerReturnIn,
    DispatchIn,
    DocumentsIn,
    DropshipIn,
    Head,
    IssueIn,
    LandedCostIn,
    PriceCorrectionIn,
    ProductionIn,
    ReceiptIn,
    ReversalIn,
    ScrapIn,
    SupplierReturnIn,
    TransferIn,
)
from wherewithal.api.tokens import KEY_HEADER, Call
from wherewithal.api.types import MOST_ROWS, Body
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.people import permissions
from wherewithal.people.permissions import Actor
from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.stock.drafts import AllocateBy, BatchResult, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.rights import RECORDS, require_taking_back

section = Section(
    "Documents",
    "What happens to goods: receipts, issues, transfers, counts, returns, production, corrections, and money that "
    "comes later. Many documents with up to 10,000 moves in one call; all of it is written, or nothing.",
)

SOURCE = "api"
TAKING_BACK = tuple(sorted(set(RECORDS.values())))  # one of them; which, is asked of each document

# --- from the form to the draft -----------------------------------------------------------------------------

Written = tuple[DocumentKind, Any]  # a kind, and its body


def drafts_of(documents: Sequence[Written]) -> list[DocumentDraft]:
    """Drafts whose rows count all lines of the batch from 0, and after them the documents."""
    head_row = sum(len(document.lines) for _, document in documents)
    row = 0
    drafts = []
    for number, (kind, document) in enumerate(documents):
        given = {name: getattr(document, name) for name in _HEAD_FIELDS & document.model_fields_set}
        if "allocate_by" in given:
            given["allocate_by"] = AllocateBy(given["allocate_by"])
        lines = [_line(line, row + offset) for offset, line in enumerate(document.lines)]
        drafts.append(DocumentDraft(kind=kind, lines=lines, row=head_row + number, **given))
        row += len(lines)
    return drafts


_HEAD_FIELDS = frozenset(DocumentDraft.__dataclass_fields__) - {"kind", "lines", "row"}


def _line(line: Body, row: int) -> LineDraft:
    given = {name: getattr(line, name) for name in line.model_fields_set}
    if given.get("item_id", 0) is None:
        del given["item_id"]
    return LineDraft(row=row, **given)


def as_called(problems: Sequence[Problem], documents: Sequence[Written], *, many: bool) -> list[Problem]:
    """The problems with the rows and fields that the caller knows: drafts count lines through the whole batch."""
    places = [
        (number, line)
        for number, (_, document) in enumerate(documents)
        for line in range(len(document.lines))
    ]

    def called(problem: Problem) -> Problem:
        if problem.field == "idempotency_key":
            return replace(problem, field=KEY_HEADER)
        if problem.row is None:
            return problem
        if problem.row >= len(places):
            return replace(problem, row=problem.row - len(places) if many else None)
        number, line = places[problem.row]
        if not many:
            return replace(problem, row=line)
        return replace(problem, row=number, field=f"lines[{line}].{problem.field}")

    return [called(problem) for problem in problems]


def record(request: Call, documents: Sequence[Written], *, many: bool = False) -> BatchResult:
    """Hand the documents to the one door for goods. More than 10,000 moves are refused before it is asked."""
    moves = sum(
        max(1, len(getattr(line, "serials", ()))) for _, document in documents for line in document.lines
    )
    if moves > MOST_ROWS:
        message = say(
            "{n:,} moves are more than the {most:,} of one call; send several.", n=moves, most=MOST_ROWS
        )
        raise Refused(Problem("lines", "batch_size", message))
    actor = request.auth
    _require_all(actor, documents)
    try:
        return services.record(
            company_id=actor.company_id,
            actor_id=actor.user_id,
            idempotency_key=request.key,
            documents=drafts_of(documents),
            source=SOURCE,
        )
    except Refused as refusal:
        named = as_called(refusal.problems, documents, many=many)
        raise type(refusal)(named, code=refusal.code, hint=refusal.hint) from refusal


def _require_all(actor: Actor, documents: Sequence[Written]) -> None:
    """May the actor record them? Taking back whole documents is asked of each of those."""
    kinds = {kind for kind, _ in documents}
    taken_back = [document for kind, document in documents if kind == DocumentKind.REVERSAL]
    whole = all(document.of_document_id is not None and not document.lines for document in taken_back)
    if whole and not permissions.allowed(actor, RECORDS[DocumentKind.REVERSAL]):
        kinds.discard(DocumentKind.REVERSAL)
    for kind in sorted(kinds):
        permissions.require(actor, RECORDS[kind])
    if DocumentKind.REVERSAL in kinds or not taken_back:
        return
    with db.company_transaction(company_id=actor.company_id, read_only=True):
        timezone = ZoneInfo(ledger.company(actor.company_id).timezone)
        today = datetime.now(timezone).date()
        for document in taken_back:
            found = stock.get_document(actor.company_id, document.of_document_id)
            require_taking_back(actor, found, today=today, timezone=timezone)


# --- views ------------------------------------------------------------------------------------------------

AT = "2026-03-31T09:30:00+02:00"


def verb(path: str, kind: DocumentKind, form: type[Head], meaning: str, example: Mapping[str, Any]) -> None:
    """An address for documents of one kind, one document a call."""

    def view(request: Call, body: Any) -> BatchResult:
        return record(request, [(kind, body)])

    view.__name__ = f"post_{kind}"
    view.__doc__ = meaning
    view.__annotations__["body"] = form
    section.write(
        path,
        permission=TAKING_BACK if kind == DocumentKind.REVERSAL else RECORDS[kind],
        answer=BatchOut,
        keeps_key=True,
        example={"effective_at": AT, **example},
    )(view)


verb(
    "/receipts",
    DocumentKind.RECEIPT,
    ReceiptIn,
    "Receive goods from a supplier, with what they cost.",
    {"lines": [{"item_id": 1, "qty": "100", "to_location_id": 10, "unit_cost": "1.25"}]},
)
verb(
    "/openings",
    DocumentKind.OPENING,
    ReceiptIn,
    "Enter the stock with which the books begin, at its cost.",
    {"lines": [{"item_id": 1, "qty": "500", "to_location_id": 10, "amount": "610.00"}]},
)
verb(
    "/issues",
    DocumentKind.ISSUE,
    IssueIn,
    "Issue goods to a customer or to use.",
    {"lines": [{"item_id": 1, "qty": "12", "from_location_id": 10}]},
)
verb(
    "/dropships",
    DocumentKind.DROPSHIP,
    DropshipIn,
    "Goods that went from a supplier straight to a customer.",
    {"lines": [{"item_id": 1, "qty": "5", "unit_cost": "1.30"}]},
)
verb(
    "/transfers",
    DocumentKind.TRANSFER,
    TransferIn,
    "Move goods from place to place, at once.",
    {"lines": [{"item_id": 1, "qty": "40", "from_location_id": 10, "to_location_id": 11}]},
)
verb(
    "/dispatches",
    DocumentKind.DISPATCH,
    DispatchIn,
    "Send goods off to another place: they are in transit until they arrive.",
    {"lines": [{"item_id": 1, "qty": "40", "from_location_id": 10}]},
)
verb(
    "/arrivals",
    DocumentKind.ARRIVAL,
    ArrivalIn,
    "Goods in transit have arrived.",
    {"lines": [{"item_id": 1, "qty": "40", "to_location_id": 11}]},
)
verb(
    "/adjustments",
    DocumentKind.ADJUSTMENT,
    AdjustmentIn,
    "Correct stock by a difference, or to what was counted.",
    {"note": "Cycle count", "lines": [{"item_id": 1, "to_location_id": 10, "counted_qty": "97"}]},
)
verb(
    "/scraps",
    DocumentKind.SCRAP,
    ScrapIn,
    "Throw goods away. Blocked and expired ones can always be scrapped.",
    {"lines": [{"item_id": 1, "qty": "3", "from_location_id": 10}]},
)
verb(
    "/supplier-returns",
    DocumentKind.RETURN_TO_SUPPLIER,
    SupplierReturnIn,
    "Send goods back to the supplier, at what they cost when they came.",
    {"lines": [{"of_move_id": 1, "qty": "10"}]},
)
verb(
    "/customer-returns",
    DocumentKind.RETURN_FROM_CUSTOMER,
    CustomerReturnIn,
    "Take goods back from a customer, at the cost of the issue.",
    {"lines": [{"of_move_id": 2, "qty": "1"}]},
)
verb(
    "/productions",
    DocumentKind.PRODUCTION,
    ProductionIn,
    "Turn goods into others: what comes out carries the cost of what went in.",
    {
        "amount": "12.00",
        "lines": [
            {"item_id": 1, "qty": "8", "from_location_id": 10, "consumed": True},
            {"item_id": 2, "qty": "1", "to_location_id": 10},
        ],
    },
)
verb(
    "/amendments",
    DocumentKind.AMENDMENT,
    AmendmentIn,
    "Correct the quantity of old moves, at their own instant.",
    {"lines": [{"of_move_id": 1, "qty": "-2"}]},
)
verb(
    "/reversals",
    DocumentKind.REVERSAL,
    ReversalIn,
    "Say that a document, or single moves, never happened. A whole document may also be taken back by who recorded it, "
    "until the end of that day.",
    {"lines": [{"of_move_id": 2}]},
)
verb(
    "/landed-costs",
    DocumentKind.LANDED_COST,
    LandedCostIn,
    "Spread freight, duty or insurance over receipts, also after goods were sold.",
    {"amount": "40.00", "allocate_by": "value", "lines": [{"of_move_id": 1}]},
)
verb(
    "/price-corrections",
    DocumentKind.PRICE_CORRECTION,
    PriceCorrectionIn,
    "Correct what receipts cost, from their own instant on.",
    {"lines": [{"of_move_id": 1, "amount": "-3.50"}]},
)


@section.write(
    "/documents",
    permission=TAKING_BACK,
    answer=BatchOut,
    keeps_key=True,
    example={
        "documents": [
            {
                "kind": "receipt",
                "effective_at": AT,
                "lines": [{"item_id": 1, "qty": "100", "to_location_id": 10, "unit_cost": "1.25"}],
            },
            {
                "kind": "issue",
                "effective_at": AT,
                "lines": [{"item_id": 1, "qty": "12", "from_location_id": 10}],
            },
        ]
    },
)
def post_documents(request: Call, body: DocumentsIn) -> BatchResult:
    """Record documents of any kinds, with up to 10,000 moves in all: all of them, or none.

    Each document needs the permission of its kind.
    """
    return record(
        request, [(DocumentKind(document.kind), document) for document in body.documents], many=True
    )
