"""The bodies of documents: what each kind of them takes, and what the answer says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

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
