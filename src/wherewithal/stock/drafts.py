"""What a caller hands to the one door for goods, and what it gets back.

A *document* is what happened at one instant (a delivery, a shipment, a count); its *lines* are the goods.
Quantities are Decimals (or whole ints) in the unit named by the line, or in the item's base unit when none is
named. Money is a Decimal in the document's currency, or in the company's when none is named. Everything is
converted exactly at this door; a quantity that is no whole number of the item's smallest unit is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import NamedTuple


class DocumentKind(StrEnum):
    """What a document says happened. The comment names the places of its moves."""

    OPENING = "opening"  # opening -> internal, with a cost
    RECEIPT = "receipt"  # supplier -> internal, with a cost
    ISSUE = "issue"  # internal -> customer (or another outside place)
    DROPSHIP = "dropship"  # supplier -> customer, with a cost; never held
    TRANSFER = "transfer"  # internal -> internal, at once
    DISPATCH = "dispatch"  # internal -> transit
    ARRIVAL = "arrival"  # transit -> internal
    ADJUSTMENT = "adjustment"  # internal <-> adjustment; by a signed qty or to a counted qty
    SCRAP = "scrap"  # internal -> scrap
    RETURN_TO_SUPPLIER = "return_to_supplier"  # internal -> supplier, of a receipt
    RETURN_FROM_CUSTOMER = "return_from_customer"  # customer -> internal, of an issue
    PRODUCTION = "production"  # internal -> production (consumed), production -> internal (output)
    AMENDMENT = "amendment"  # a signed qty on an old move, at the old move's instant
    REVERSAL = "reversal"  # an old move, or a whole document, never happened
    LANDED_COST = "landed_cost"  # money spread over old receipts; no goods
    PRICE_CORRECTION = "price_correction"  # money on one old receipt; no goods


class MoveKind(IntEnum):
    """The kind stored with each move (stock_move.kind)."""

    OPENING = 1
    RECEIPT = 2
    ISSUE = 3
    DROPSHIP = 4
    TRANSFER = 5
    DISPATCH = 6
    ARRIVAL = 7
    ADJUSTMENT = 8
    SCRAP = 9
    RETURN_TO_SUPPLIER = 10
    RETURN_FROM_CUSTOMER = 11
    CONSUMPTION = 12
    OUTPUT = 13
    AMENDMENT = 14
    REVERSAL = 15


class AllocateBy(StrEnum):
    """How a landed cost is spread over its receipts."""

    VALUE = "value"
    QUANTITY = "quantity"
    WEIGHT = "weight"
    VOLUME = "volume"
    MANUAL = "manual"


class LineDraft(NamedTuple):
    """One line of a document. Which fields count depends on the document's kind. A tuple, because imports make them by
    the hundred thousand.

    `qty` > 0, except adjustment and amendment (signed delta). `counted_qty` (adjustment only) instead of `qty`:
    what was found; the difference to what is on hand there at the instant becomes the move. Lines with `serials`
    make one move of one unit per serial. `lot_code` finds or (on the way in) creates the lot. `of_move_id` names
    the move that is returned, amended, reversed, or that receives a cost; in returns `of_line` can stand instead:
    (position of an earlier document of the same batch, position of its line), whose one move is returned.
    `share` (production outputs): weight of this output in the cost of the event; its quantity when none is given.
    `consumed` marks a production line as input. `reservation_id`: the claim that these goods fulfil; it shrinks by
    what is taken.
    """

    item_id: int = 0
    qty: Decimal | int | None = None
    unit: str | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    lot_id: int | None = None
    lot_code: str | None = None
    serials: Sequence[str] = ()
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    amount: Decimal | None = None
    of_move_id: int | None = None
    of_line: tuple[int, int] | None = None
    counted_qty: Decimal | int | None = None
    share: Decimal | int | None = None
    consumed: bool = False
    reservation_id: int | None = None
    row: int | None = None  # the caller's row number, for error messages (imports)


class OwnAmount(NamedTuple):
    """What goods come in at in one book that does not take the amount of their move: minor units of that book's currency."""

    book_id: int
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """One thing that happened at one instant.

    `key` is the caller's own name for the document (a source system's id): it breaks ties between documents of the
    same instant, so that the order of entry never matters. Without it the batch's idempotency key and the position
    in the batch serve. `rates` maps a book currency to its price of one unit of `currency`; missing ones are taken
    from the exchange rates of the day. `of_document_id` (reversal) names the whole document that never happened.
    `amount` and `allocate_by` belong to a landed cost; `amount` of a production is cost added to the event (labour).
    `own_amounts`: of a return with one move, what it comes in at in books that carried the goods at another amount.
    """

    kind: DocumentKind
    effective_at: datetime
    lines: Sequence[LineDraft] = ()
    key: str | None = None
    number: str | None = None
    reference: str | None = None
    party_id: int | None = None
    currency: str | None = None
    rates: Mapping[str, Decimal] | None = None
    note: str | None = None
    of_document_id: int | None = None
    amount: Decimal | None = None
    allocate_by: AllocateBy = AllocateBy.VALUE
    row: int | None = None
    own_amounts: Sequence[OwnAmount] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """In place of a document of a batch that is prepared before this document is known: how many lines it will have,
    and which lines of the batch (document, line) its own will name as `of_line`."""

    lines: int
    of_lines: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class DocumentResult:
    """A recorded document: its id, its number, and its moves in line order."""

    document_id: int
    kind: DocumentKind
    number: str
    move_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The answer of `services.record`. `repeated` is True when the same request had been recorded before."""

    batch_id: int
    recorded_at: datetime
    documents: tuple[DocumentResult, ...]
    entry_ids: tuple[int, ...] = field(default=())
    repeated: bool = False
