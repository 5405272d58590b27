"""What happens to goods: documents of many kinds, one or many at a time, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from wherewithal.api.door import Section
from wherewithal.api.problems import MOST_ERRORS
from wherewithal.api.tokens import KEY_HEADER, Call
from wherewithal.api.types import (
    MOST_ROWS,
    Answer,
    BigId,
    Body,
    Code,
    Currency,
    Day,
    Id,
    Instant,
    NotNegative,
    Number,
    Positive,
    Text,
)
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused
from wherewithal.people import permissions
from wherewithal.stock import services
from wherewithal.stock.drafts import AllocateBy, BatchResult, DocumentDraft, DocumentKind, LineDraft

section = Section(
    "Documents",
    "What happens to goods: receipts, issues, transfers, counts, returns, production, corrections, and money that "
    "comes later. Many documents with up to 10,000 moves in one call; all of it is written, or nothing.",
)

SOURCE = "api"
PERMISSIONS: Mapping[DocumentKind, str] = {
    DocumentKind.OPENING: "stock.receive",
    DocumentKind.RECEIPT: "stock.receive",
    DocumentKind.RETURN_FROM_CUSTOMER: "stock.receive",
    DocumentKind.ISSUE: "stock.issue",
    DocumentKind.DROPSHIP: "stock.issue",
    DocumentKind.RETURN_TO_SUPPLIER: "stock.issue",
    DocumentKind.PRODUCTION: "stock.transfer",
    DocumentKind.TRANSFER: "stock.transfer",
    DocumentKind.DISPATCH: "stock.transfer",
    DocumentKind.ARRIVAL: "stock.transfer",
    DocumentKind.ADJUSTMENT: "stock.adjust",
    DocumentKind.SCRAP: "stock.scrap",
    DocumentKind.AMENDMENT: "stock.reverse",
    DocumentKind.REVERSAL: "stock.reverse",
    DocumentKind.LANDED_COST: "costing.write",
    DocumentKind.PRICE_CORRECTION: "costing.write",
}

# --- fields that recur ------------------------------------------------------------------------------------

ItemId = Annotated[Id, Field(examples=[1])]
MoveId = Annotated[BigId, Field(description="The move that this line is about.")]
Unit = Annotated[Code, Field(description="A unit of the item; its base unit when null.", examples=["pcs"])]
Serials = Annotated[list[Code], Field(max_length=MOST_ROWS, description="One piece each.")]
Share = Annotated[NotNegative, Field(description="Weight of this output in the cost of the event.")]
Rates = Annotated[
    dict[Currency, Positive],
    Field(
        max_length=50,
        description="Price of one unit of the document's currency in a book's currency; missing ones are taken "
        "from the exchange rates of the day.",
    ),
]


class Head(Body):
    effective_at: Instant = Field(description="When it happened.")
    key: Text | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The caller's own name for the document, which orders documents of the same instant.",
    )
    number: Code | None = Field(
        default=None, description="Made from the kind and the document's id when null."
    )
    reference: Text | None = Field(default=None, max_length=200)
    note: Text | None = None


class WithParty(Head):
    party_id: Id | None = None


class Priced(WithParty):
    currency: Currency | None = Field(default=None, description="Of all amounts; the company's when null.")
    rates: Rates | None = None


class Goods(Body):
    item_id: ItemId
    qty: Positive
    unit: Unit | None = None
    lot_id: BigId | None = None
    lot_code: Code | None = None
    serials: Serials = Field(default_factory=list)


# --- the lines of each kind ---------------------------------------------------------------------------------


class ReceiptLine(Goods):
    to_location_id: Id
    from_location_id: Id | None = Field(
        default=None, description="A supplier place; the company's when null."
    )
    unit_cost: NotNegative | None = Field(default=None, description="Per `unit`. Or give `amount`.")
    amount: NotNegative | None = Field(default=None, description="Of the whole line.")
    expires_on: Day | None = Field(default=None, description="Of a lot that is new.")


class IssueLine(Goods):
    from_location_id: Id
    to_location_id: Id | None = Field(default=None, description="A customer place; the company's when null.")


class TransferLine(Goods):
    from_location_id: Id
    to_location_id: Id


class DispatchLine(Goods):
    from_location_id: Id
    to_location_id: Id | None = Field(default=None, description="A transit place; the company's when null.")


class ArrivalLine(Goods):
    to_location_id: Id
    from_location_id: Id | None = Field(default=None, description="A transit place; the company's when null.")


class DropshipLine(Goods):
    unit_cost: NotNegative | None = None
    amount: NotNegative | None = None


class AdjustmentLine(Body):
    """By a signed difference, or to a counted quantity; one of the two."""

    item_id: ItemId
    to_location_id: Id = Field(description="Where it was counted.")
    qty: Number | None = Field(default=None, description="The difference: below zero is a loss.")
    counted_qty: NotNegative | None = Field(default=None, description="What was found there.")
    unit: Unit | None = None
    lot_id: BigId | None = None
    lot_code: Code | None = None
    serials: Serials = Field(default_factory=list)
    unit_cost: NotNegative | None = Field(default=None, description="Of what was found too much.")
    amount: NotNegative | None = None


class ScrapLine(Goods):
    from_location_id: Id
    to_location_id: Id | None = Field(default=None, description="A scrap place; the company's when null.")


class SupplierReturnLine(Body):
    of_move_id: MoveId
    qty: Positive
    unit: Unit | None = None
    from_location_id: Id | None = Field(default=None, description="Where the goods came to, when null.")
    to_location_id: Id | None = None
    amount: NotNegative | None = Field(default=None, description="The credit; the original price when null.")


class CustomerReturnLine(Body):
    """Of an issue, at its cost; or, where the sale is unknown, of an item at a stated or the last cost."""

    of_move_id: MoveId | None = None
    item_id: ItemId | None = Field(default=None, description="Needed without `of_move_id`.")
    qty: Positive
    unit: Unit | None = None
    to_location_id: Id | None = Field(default=None, description="Where the goods had left, when null.")
    from_location_id: Id | None = None
    lot_id: BigId | None = None
    lot_code: Code | None = None
    serials: Serials = Field(default_factory=list)
    unit_cost: NotNegative | None = None
    amount: NotNegative | None = None


class ProductionLine(Goods):
    consumed: bool = Field(default=False, description="true: goes in; false: comes out.")
    from_location_id: Id | None = Field(default=None, description="Needed for what goes in.")
    to_location_id: Id | None = Field(default=None, description="Needed for what comes out.")
    share: Share | None = None
    expires_on: Day | None = None


class AmendmentLine(Body):
    of_move_id: MoveId
    qty: Number = Field(description="By how much the move was in truth larger; below zero: smaller.")
    unit: Unit | None = None
    amount: NotNegative | None = Field(
        default=None, description="The part of its amount; in proportion when null."
    )


class ReversalLine(Body):
    of_move_id: MoveId


class LandedCostLine(Body):
    of_move_id: MoveId
    amount: Number | None = Field(default=None, description="When allocated by hand.")


class PriceCorrectionLine(Body):
    of_move_id: MoveId
    amount: Number = Field(description="By how much the receipt cost more; below zero: less.")


# --- documents, one kind an address ---------------------------------------------------------------------------

Lines = Field(min_length=1, max_length=MOST_ROWS)


class ReceiptIn(Priced):
    lines: list[ReceiptLine] = Lines


class IssueIn(WithParty):
    lines: list[IssueLine] = Lines


class DropshipIn(Priced):
    lines: list[DropshipLine] = Lines


class TransferIn(Head):
    lines: list[TransferLine] = Lines


class DispatchIn(Head):
    lines: list[DispatchLine] = Lines


class ArrivalIn(Head):
    lines: list[ArrivalLine] = Lines


class AdjustmentIn(Priced):
    lines: list[AdjustmentLine] = Lines


class ScrapIn(Head):
    lines: list[ScrapLine] = Lines


class SupplierReturnIn(Priced):
    lines: list[SupplierReturnLine] = Lines


class CustomerReturnIn(Priced):
    lines: list[CustomerReturnLine] = Lines


class ProductionIn(Priced):
    amount: NotNegative | None = Field(default=None, description="Cost added to the event, such as labour.")
    lines: list[ProductionLine] = Lines


class AmendmentIn(Head):
    lines: list[AmendmentLine] = Lines


class ReversalIn(Head):
    """Of a whole document, or of single moves with the other moves of their event."""

    of_document_id: BigId | None = None
    lines: list[ReversalLine] = Field(default_factory=list, max_length=MOST_ROWS)


class LandedCostIn(Priced):
    amount: Number | None = Field(default=None, description="To be spread; not when allocated by hand.")
    allocate_by: Literal["value", "quantity", "weight", "volume", "manual"] = "value"
    lines: list[LandedCostLine] = Lines


class PriceCorrectionIn(Priced):
    lines: list[PriceCorrectionLine] = Lines


# --- documents of any kind, in one call -----------------------------------------------------------------------


class AnyReceipt(ReceiptIn):
    kind: Literal["receipt"]


class AnyOpening(ReceiptIn):
    kind: Literal["opening"]


class AnyIssue(IssueIn):
    kind: Literal["issue"]


class AnyDropship(DropshipIn):
    kind: Literal["dropship"]


class AnyTransfer(TransferIn):
    kind: Literal["transfer"]


class AnyDispatch(DispatchIn):
    kind: Literal["dispatch"]


class AnyArrival(ArrivalIn):
    kind: Literal["arrival"]


class AnyAdjustment(AdjustmentIn):
    kind: Literal["adjustment"]


class AnyScrap(ScrapIn):
    kind: Literal["scrap"]


class AnySupplierReturn(SupplierReturnIn):
    kind: Literal["return_to_supplier"]


class AnyCustomerReturn(CustomerReturnIn):
    kind: Literal["return_from_customer"]


class AnyProduction(ProductionIn):
    kind: Literal["production"]


class AnyAmendment(AmendmentIn):
    kind: Literal["amendment"]


class AnyReversal(ReversalIn):
    kind: Literal["reversal"]


class AnyLandedCost(LandedCostIn):
    kind: Literal["landed_cost"]


class AnyPriceCorrection(PriceCorrectionIn):
    kind: Literal["price_correction"]


AnyDocument = Annotated[
    AnyReceipt
    | AnyOpening
    | AnyIssue
    | AnyDropship
    | AnyTransfer
    | AnyDispatch
    | AnyArrival
    | AnyAdjustment
    | AnyScrap
    | AnySupplierReturn
    | AnyCustomerReturn
    | AnyProduction
    | AnyAmendment
    | AnyReversal
    | AnyLandedCost
    | AnyPriceCorrection,
    Field(discriminator="kind"),
]


class DocumentsIn(Body):
    documents: list[AnyDocument] = Field(min_length=1, max_length=MOST_ROWS)


class DocumentOut(Answer):
    document_id: int
    kind: str
    number: str
    move_ids: list[int] = Field(
        description="In the order of the lines; a line with serials has one move for each."
    )


class BatchOut(Answer):
    batch_id: int
    recorded_at: datetime
    documents: list[DocumentOut] = Field(description="In the order of the request.")
    entry_ids: list[int] = Field(description="The entries of all books that this batch made.")


# --- from the form to the draft -----------------------------------------------------------------------------


Written = tuple[DocumentKind, Any]  # a kind, and one of the documents above


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


def as_called(problem: Problem, documents: Sequence[Written], *, many: bool) -> Problem:
    """The problem with the row and field that the caller knows: drafts count lines through the whole batch."""
    if problem.field == "idempotency_key":
        return replace(problem, field=KEY_HEADER)
    if problem.row is None:
        return problem
    places = [
        (number, line)
        for number, (_, document) in enumerate(documents)
        for line in range(len(document.lines))
    ]
    if problem.row >= len(places):
        row = problem.row - len(places) if many else None
        return replace(problem, row=row)
    number, line = places[problem.row]
    if not many:
        return replace(problem, row=line)
    return replace(problem, row=number, field=f"lines[{line}].{problem.field}")


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
    for kind in sorted({kind for kind, _ in documents}):
        permissions.require(actor, PERMISSIONS[kind])
    try:
        return services.record(
            company_id=actor.company_id,
            actor_id=actor.user_id,
            idempotency_key=request.key,
            documents=drafts_of(documents),
            source=SOURCE,
        )
    except Refused as refusal:
        named = [as_called(problem, documents, many=many) for problem in refusal.problems[:MOST_ERRORS]]
        raise type(refusal)(named, code=refusal.code, hint=refusal.hint) from refusal


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
        permission=PERMISSIONS[kind],
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
    "Say that a document, or single moves, never happened.",
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
    permission=tuple(sorted(set(PERMISSIONS.values()))),
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
