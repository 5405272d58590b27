"""Moves and costs to be, in whole numbers, and the routes that goods may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from wherewithal.core.costing.facts import PlaceType
from wherewithal.kit.errors import Problem
from wherewithal.stock.drafts import DocumentKind, LineDraft, MoveKind
from wherewithal.stock.services.context import Place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_AMOUNT = 10**15  # minor units
OWN_AMOUNT = (
    3  # kind of a cost: what a move is in one book, in place of its amount (the others: `core` ExtraKind)
)
FIRST_AHEAD = -(2**40)  # ids below this are of moves that have none yet
LINE_BYTES = 4  # of the 16 of a content key, the line takes these

INTERNAL = frozenset({"site", "warehouse", "zone", "bin"})
HELD = INTERNAL | {"transit"}
USES = frozenset({"customer", "production", "asset"})

PLACE_TYPES: Mapping[str, PlaceType] = {
    **dict.fromkeys(INTERNAL, PlaceType.INTERNAL),
    "transit": PlaceType.TRANSIT,
    "supplier": PlaceType.SUPPLIER,
    "customer": PlaceType.CUSTOMER,
    "production": PlaceType.PRODUCTION,
    "adjustment": PlaceType.ADJUSTMENT,
    "scrap": PlaceType.SCRAP,
    "opening": PlaceType.OPENING,
    "asset": PlaceType.ASSET,
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where the goods of a kind come from and go to, and whether they bring a cost (must, may, or may not)."""

    kind: MoveKind
    from_types: frozenset[str]
    to_types: frozenset[str]
    costed: bool = False
    may_cost: bool = False


def _types(*names: str) -> frozenset[str]:
    return frozenset(names)


ROUTES: Mapping[DocumentKind, Route] = {
    DocumentKind.OPENING: Route(MoveKind.OPENING, _types("opening"), HELD, costed=True),
    DocumentKind.RECEIPT: Route(MoveKind.RECEIPT, _types("supplier"), HELD, costed=True),
    DocumentKind.ISSUE: Route(MoveKind.ISSUE, HELD, USES),
    DocumentKind.DROPSHIP: Route(MoveKind.DROPSHIP, _types("supplier"), _types("customer"), costed=True),
    DocumentKind.TRANSFER: Route(MoveKind.TRANSFER, HELD, HELD),
    DocumentKind.DISPATCH: Route(MoveKind.DISPATCH, INTERNAL, _types("transit")),
    DocumentKind.ARRIVAL: Route(MoveKind.ARRIVAL, _types("transit"), INTERNAL),
    DocumentKind.SCRAP: Route(MoveKind.SCRAP, HELD, _types("scrap")),
    DocumentKind.RETURN_TO_SUPPLIER: Route(
        MoveKind.RETURN_TO_SUPPLIER, HELD, _types("supplier"), may_cost=True
    ),
    DocumentKind.RETURN_FROM_CUSTOMER: Route(MoveKind.RETURN_FROM_CUSTOMER, USES, HELD, may_cost=True),
}
FOUND = Route(MoveKind.ADJUSTMENT, _types("adjustment"), HELD, may_cost=True)
LOST = Route(MoveKind.ADJUSTMENT, HELD, _types("adjustment"))
CONSUMED = Route(MoveKind.CONSUMPTION, HELD, _types("production"))
PRODUCED = Route(MoveKind.OUTPUT, _types("production"), HELD)


@dataclass(frozen=True, slots=True)
class Original:
    """A recorded move that a document names: what it returns, amends, reverses or adds a cost to.

    `value` is its external amount in the company's currency, as far as that is known.
    """

    move_id: int
    event_id: int
    document_id: int
    item_id: int
    from_location_id: int
    to_location_id: int
    lot_id: int
    qty: int
    at: int  # microseconds
    day: int  # ordinal
    phase: int
    kind: MoveKind
    of_move_id: int | None
    amount: int | None
    currency: str | None
    value: int | None = None
    lot_code: str | None = None  # of a move of this batch whose lot is not found yet


@dataclass(frozen=True, slots=True)
class OriginalCost:
    """A recorded landed cost or price correction, to be taken back."""

    cost_id: int
    document_id: int
    move_id: int
    kind: int
    amount: int
    currency: str
    book_id: int | None = None


@dataclass(frozen=True, slots=True)
class Originals:
    """All that the documents of a batch name."""

    moves: Mapping[int, Original] = field(default_factory=dict)
    documents: Mapping[int, str] = field(default_factory=dict)  # document_id -> kind
    costs: tuple[OriginalCost, ...] = ()


@dataclass(slots=True)
class PlannedMove:
    """A move to be. Quantities in smallest units, money in minor units, instants in microseconds, days as ordinals.

    It has all that `posting.facts.Fact` has, so that costing reads both alike; ids are given when it is written.
    """

    document_no: int
    row: int | None
    line_no: int
    item_id: int
    from_location_id: int
    to_location_id: int
    lot_id: int
    qty: int
    at: int
    day: int
    phase: int
    key: bytes
    kind: int
    event_no: int  # moves with the same number belong to one event of this batch
    of_move_id: int | None = None
    amount: int | None = None
    currency: str | None = None
    share: int | None = None
    lot_code: str | None = None  # until the lot is found or made
    expires_on: date | None = None
    reservation_id: int | None = None
    move_id: int = 0
    event_id: int = 0  # of corrections: that of the move they correct
    document_id: int = 0


@dataclass(slots=True)
class PlannedCost:
    """Money for an earlier receipt, or one of this batch, in minor units of the currency. book_id: the one book that hears
    of it."""

    document_no: int
    row: int | None
    kind: int
    original: Original
    amount: int
    currency: str
    book_id: int | None = None


@dataclass(slots=True)
class PlannedCount:
    """What was found at a place; under the lock it becomes a move of the difference, or none."""

    document_no: int
    row: int
    line_no: int
    draft: LineDraft
    item_id: int
    location_id: int
    lot_id: int
    lot_code: str | None
    counted_qty: int
    key: bytes
    at: datetime


@dataclass(slots=True)
class Plan:
    """All moves and costs of a batch, what is to be looked at under the lock, and all that is wrong with it."""

    moves: list[PlannedMove] = field(default_factory=list)
    costs: list[PlannedCost] = field(default_factory=list)
    counts: list[PlannedCount] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lot_wanted: dict[int, tuple[int, int]] = field(
        default_factory=dict
    )  # position of a problem -> (item, place) of which a lot is to be named
    events: int = 0
    of_line: dict[tuple[int, int], list[PlannedMove]] = field(
        default_factory=dict
    )  # moves that lines ask for
    ahead: dict[int, PlannedMove] = field(
        default_factory=dict
    )  # returned in the same batch, by `original_ahead`
    places: dict[tuple[MoveKind, int | None, int | None], tuple[Place, Place]] = field(default_factory=dict)
    phases: dict[tuple[str, str], int] = field(default_factory=dict)
    ways: dict[tuple[MoveKind, int | None, int | None], tuple[int, int, int]] = field(
        default_factory=dict
    )  # as `places`, faultless ones: both places and the phase
    pieces: dict[int, int] = field(
        default_factory=dict
    )  # items that moved without a fault, untracked ones: smallest units of one

    def new_event(self) -> int:
        self.events += 1
        return self.events


def original_ahead(m: PlannedMove) -> Original:
    """A move of this batch, as a return of the same batch sees it: under a number of its own, having no id yet."""
    return Original(FIRST_AHEAD - m.event_no, 0, 0, m.item_id, m.from_location_id, m.to_location_id, m.lot_id, m.qty, m.at,
                    m.day, m.phase, MoveKind(m.kind), None, m.amount, m.currency, lot_code=m.lot_code)  # fmt: skip


def microseconds(at: datetime) -> int:
    """Microseconds since 1970, the engine's instants."""
    return (at - EPOCH) // MICROSECOND


def half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded half to even; denominator > 0."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + 1 if twice > denominator or (twice == denominator and quotient & 1) else quotient
