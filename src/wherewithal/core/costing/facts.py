"""The facts that costing reads, as flat immutable tuples of integers, and the rows it answers with.

Amounts are minor units of the book's currency, quantities smallest units of the item, instants microseconds
since the epoch (UTC), days proleptic ordinals (`date.toordinal`) of the local effective date. Facts are given
per book: amounts converted, places mapped to the book's cost scopes.
"""

from enum import IntEnum
from typing import NamedTuple, Protocol


class PlaceType(IntEnum):
    """What a location is to costing. The first two hold costed stock, the others are outside."""

    INTERNAL = 1
    TRANSIT = 2
    SUPPLIER = 3
    CUSTOMER = 4
    PRODUCTION = 5
    ADJUSTMENT = 6
    SCRAP = 7
    OPENING = 8
    ASSET = 9


COSTED = 2
"""Place types up to this one hold costed stock."""


class Kind(IntEnum):
    """What a fact is to costing, whatever verb entered it.

    PLAIN      goods moved.
    RETURN     goods moved back: `of` names the move they came by (any in-move for goods that leave, any
               out-move for goods that come). A return of a return names the return.
    AMENDMENT  `of` was in truth larger (same places) or smaller (places swapped) by `qty`, at its instant and
               phase. `amount`: by how much the external amount changes, unsigned as the quantity is; None = in
               proportion (unit price unchanged).
    REVERSAL   `of` never happened: a move, an amendment, a return, or a reversal (which restores). A reversal
               of an event is one reversal for each of its moves. Instant and phase of what it names.
    VALUE      a cost without goods (`qty` 0) at its own instant into the pool at `target`: from a supplier a
               late cost, from adjustment a manual revaluation. `of` (optional) names the in-move it belongs to:
               what is left of that absorbs its share, the rest goes to variance.
    """

    PLAIN = 0
    RETURN = 1
    AMENDMENT = 2
    REVERSAL = 3
    VALUE = 4


class ExtraKind(IntEnum):
    LANDED = 1
    PRICE = 2


class Extra(NamedTuple):
    """An external amount that belongs to a move's instant whenever its bill came: landed cost, price correction."""

    cost_id: int
    kind: int
    amount: int


class Move(NamedTuple):
    """One fact of goods (or value) going from a place to a place, as one book reads it.

    event_id: moves of one production, assembly or transfer share it; only internal moves are read together.
    lot: 0 = none. *_type: `PlaceType`. *_scope: cost scope if the place is costed, else 0. *_node: the location
    itself (any int that names it, the same in all books): orders the events of one instant.
    phase: `order.phase_of`. key: content key, 16 bytes, unique, given by the caller, never drawn by us.
    amount: external amount (price of the whole quantity, stated value of found goods, conversion cost of an
    output, own cost of a transfer, supplier's credit for a return); None = derived by costing.
    weight: share of an output in what its event consumed, among its outputs; None = its quantity.
    """

    move_id: int
    event_id: int
    item: int
    lot: int
    source_type: int
    source_scope: int
    source_node: int
    target_type: int
    target_scope: int
    target_node: int
    qty: int
    at: int
    day: int
    phase: int
    key: bytes
    kind: int = 0
    of: int = 0
    amount: int | None = None
    extras: tuple[Extra, ...] = ()
    weight: int | None = None


class Method(IntEnum):
    """Costing methods. The numbers are stored: never reuse or renumber one."""

    FIFO = 1
    LIFO = 2
    AVERAGE = 3
    PERIODIC = 4
    STANDARD = 5
    SPECIFIC = 6


class Calendar(Protocol):
    """The periods of the periodic average, as days."""

    def first_day(self, day: int) -> int:
        """The first day of the period that has this day."""

    def last_day(self, day: int) -> int:
        """The last day of the period that has this day."""


class Policy(NamedTuple):
    """From `at` (the start of local day `day`) on an item is costed so. Phase 0: before the facts of its instant.

    Of several recorded for one day the caller gives the one that counts. standard: (numerator, denominator)
    minor units per smallest unit; None = none stated (the fallback cost of short stock is then 0; under the
    standard method each pool keeps the unit cost it had or first gets). calendar: only for PERIODIC.
    """

    at: int
    day: int
    method: int
    standard: tuple[int, int] | None = None
    calendar: Calendar | None = None


class Prior(NamedTuple):
    """What is left to return of a move that lies before the window (see `window.prior_of`).

    qty: its net quantity. qty_left: less what earlier returns took. cost_left: the same of its cost (for goods
    that left). price_left: of its price to the supplier; None where no supplier is party to it.
    """

    qty: int
    qty_left: int
    cost_left: int
    price_left: int | None


PoolKey = tuple[int, int, int]
"""(scope, item, lot): lot is 0 unless the method was specific identification."""


class ValueRow(NamedTuple):
    """What a book should say about one move, cause and role. Unique by all but the amounts.

    cause_id: the move itself, or the later move that trued up a shortage of it. Rows that belong to no move
    have move_id 0 and cause_id -day: the last day of a period of the periodic average, or the day of a policy.
    lot: 0 unless the method was specific identification, so it is value rows by (scope, item) that sum to the value
    of pools. amount: + debits the role's debit account role. stock_amount: the effect on the pool.
    day: the cause's.
    """

    move_id: int
    cause_id: int
    role: int
    scope: int
    item: int
    lot: int
    amount: int
    stock_amount: int
    day: int
