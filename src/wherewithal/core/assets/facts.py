"""The facts of fixed assets, one dataclass per kind, and the rows that the fold answers with.

Facts are given per asset and per book: amounts are minor units of the book's currency, already converted, and terms
are those of the book. An event that another book alone has is simply not among the facts of this one.

`event_id` names the fact (unique among all facts of a company; reversals, corrections and parts name it), `key` is the
content key: 16 bytes, unique, given by the caller, never drawn by us. Together with `effective_on` and the phase of
the kind it puts the facts into their one total order (`order.py`).

Facts of the *start* of a day (phase < 50) find depreciation charged through the day before; facts of the *end* of a
day (phase >= 50) find it charged through that day: an asset that comes into service on 1 May is depreciated from
1 May, one revalued or sold on 31 May has had its May. See `Kind` for the phases.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar, NamedTuple

from wherewithal.core.assets.terms import BookTerms, PoolTakes
from wherewithal.core.lease.terms import Lease, LeaseChange


class Kind(StrEnum):
    """The kinds of fact, as they are stored."""

    ACQUISITION = "acquisition"
    OPENING = "opening"
    CONSTRUCTION_COST = "construction_cost"
    INTERCOMPANY_IN = "intercompany_in"
    PART_IN = "part_in"
    LEASE = "lease"
    COST_ADDITION = "cost_addition"
    GRANT = "grant"
    DECOMMISSIONING = "decommissioning"
    IN_SERVICE = "in_service"
    ESTIMATE_CHANGE = "estimate_change"
    ERROR_CORRECTION = "error_correction"
    TERMS_CATCH_UP = "terms_catch_up"
    IDLE = "idle"
    RESUME = "resume"
    METER_READING = "meter_reading"
    CLASS_TRANSFER = "class_transfer"
    LEASE_CHANGE = "lease_change"
    REVALUATION = "revaluation"
    IMPAIRMENT = "impairment"
    IMPAIRMENT_REVERSAL = "impairment_reversal"
    HELD_FOR_SALE = "held_for_sale"
    HELD_MEASUREMENT = "held_measurement"
    BACK_TO_USE = "back_to_use"
    DECOMMISSIONING_CHANGE = "decommissioning_change"
    DECOMMISSIONING_SETTLEMENT = "decommissioning_settlement"
    GRANT_REPAYMENT = "grant_repayment"
    PART_OUT = "part_out"
    PARTIAL_DISPOSAL = "partial_disposal"
    INTERCOMPANY_OUT = "intercompany_out"
    DISPOSAL = "disposal"
    POOL_END = "pool_end"
    REINSTATEMENT = "reinstatement"
    REVERSAL = "reversal"


PHASES: Mapping[Kind, int] = {
    Kind.ACQUISITION: 10,
    Kind.OPENING: 10,
    Kind.LEASE: 10,
    Kind.INTERCOMPANY_IN: 10,
    Kind.CONSTRUCTION_COST: 12,
    Kind.COST_ADDITION: 14,
    Kind.GRANT: 16,
    Kind.DECOMMISSIONING: 18,
    Kind.IN_SERVICE: 20,
    Kind.ESTIMATE_CHANGE: 30,
    Kind.TERMS_CATCH_UP: 32,
    Kind.IDLE: 40,
    Kind.RESUME: 42,
    Kind.LEASE_CHANGE: 44,
    Kind.METER_READING: 50,
    Kind.CLASS_TRANSFER: 54,
    Kind.DECOMMISSIONING_CHANGE: 56,
    Kind.REVALUATION: 60,
    Kind.IMPAIRMENT: 62,
    Kind.IMPAIRMENT_REVERSAL: 64,
    Kind.BACK_TO_USE: 66,
    Kind.HELD_FOR_SALE: 68,
    Kind.HELD_MEASUREMENT: 70,
    Kind.GRANT_REPAYMENT: 72,
    Kind.PART_OUT: 80,
    Kind.PART_IN: 82,
    Kind.PARTIAL_DISPOSAL: 84,
    Kind.DECOMMISSIONING_SETTLEMENT: 86,
    Kind.INTERCOMPANY_OUT: 88,
    Kind.DISPOSAL: 90,
    Kind.POOL_END: 92,
    Kind.REINSTATEMENT: 95,
    Kind.ERROR_CORRECTION: 0,
    Kind.REVERSAL: 0,
}
"""The order of the kinds within a day. Stored nowhere, so it may be refined; corrections have no place of their own."""

END_OF_DAY = 50


class Source(StrEnum):
    """Where cost comes from: which account is credited."""

    SUPPLIER = "supplier"
    STOCK = "stock"
    TRADE_IN = "trade_in"
    OPENING = "opening"


class RevaluationMethod(StrEnum):
    """What becomes of accumulated depreciation (IAS 16.35)."""

    ELIMINATION = "elimination"
    PROPORTIONAL = "proportional"


class SurplusPolicy(StrEnum):
    """When a revaluation surplus goes to retained earnings (IAS 16.41)."""

    AT_DISPOSAL = "at_disposal"
    AS_USED = "as_used"


class GrantTreatment(StrEnum):
    """IAS 20.24: a grant is deferred income, or it reduces the cost of the asset."""

    DEFERRED = "deferred"
    DEDUCTED = "deducted"


class DisposalKind(StrEnum):
    """How it leaves. To stock: `proceeds` is what stock takes it in at (0: its carrying amount)."""

    SALE = "sale"
    SCRAP = "scrap"
    LOSS = "loss"
    TRADE_IN = "trade_in"
    TO_STOCK = "to_stock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact has. `effective_on`: the day it happened, never moved by the closing of a period."""

    kind: ClassVar[Kind]
    event_id: int
    key: bytes
    effective_on: datetime.date


# --- how an asset comes to be --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition(Fact):
    """An asset was acquired at `cost`. quantity: how many alike it stands for, the basis of disposal by quantity."""

    kind: ClassVar[Kind] = Kind.ACQUISITION
    cost: int
    source: Source = Source.SUPPLIER
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Fact):
    """An asset that was there when the books were opened, perhaps part-way through its life.

    accumulated: depreciation through `depreciated_through` (None: through the day before effective_on).
    in_service_on: since when it is depreciated (None: not yet; an IN_SERVICE fact follows). terms: None as for land,
    or when an IN_SERVICE fact follows. used_units: what of the total units had been used.
    allowances: what of `accumulated` was written off at once when it went into service (those in the terms are not
    taken again).
    """

    kind: ClassVar[Kind] = Kind.OPENING
    cost: int
    accumulated: int = 0
    impairment: int = 0
    surplus: int = 0
    construction: int = 0
    quantity: int = 1
    in_service_on: datetime.date | None = None
    depreciated_through: datetime.date | None = None
    terms: BookTerms | None = None
    used_units: Fraction = Fraction(0)
    allowances: int = 0
    pool: PoolTakes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstructionCost(Fact):
    """Cost of an asset under construction. Once the asset is in service it adds to its cost at once."""

    kind: ClassVar[Kind] = Kind.CONSTRUCTION_COST
    amount: int
    source: Source = Source.SUPPLIER


@dataclass(frozen=True, slots=True, kw_only=True)
class IntercompanyIn(Fact):
    """An asset came from another company with its cost and history; amounts as that company let it go, converted.

    Depreciation goes on from effective_on. Fields as in `Opening`, and what else there is of an asset in use.

    grant: still deferred. unimpaired: what it would be carried at without impairment (at the end of
    `depreciated_through`). loss: of revaluation, charged to profit or loss and not yet taken back. impaired_surplus: what
    of the impairment the surplus bore. held: for sale, with what was written down since (held_loss) and not depreciated
    meanwhile (missed). flows, rate, estimated_on: of the obligation to dismantle it. reading: of its meter. idle: spans
    out of use, the last perhaps open. charged, surplus_used, grant_released: what of accumulated, surplus and grant
    belongs to the time since `depreciated_through`, so that its years go on as they began.
    """

    kind: ClassVar[Kind] = Kind.INTERCOMPANY_IN
    cost: int
    accumulated: int = 0
    impairment: int = 0
    surplus: int = 0
    construction: int = 0
    quantity: int = 1
    in_service_on: datetime.date | None = None
    depreciated_through: datetime.date | None = None
    terms: BookTerms | None = None
    used_units: Fraction = Fraction(0)
    allowances: int = 0
    pool: PoolTakes | None = None
    grant: int = 0
    unimpaired: int | None = None
    loss: int = 0
    impaired_surplus: int = 0
    revalued: bool = False
    surplus_policy: SurplusPolicy = SurplusPolicy.AT_DISPOSAL
    held: bool = False
    held_loss: int = 0
    missed: int = 0
    flows: tuple[tuple[datetime.date, int], ...] = ()
    rate: Fraction = Fraction(0)
    estimated_on: datetime.date | None = None
    reading: Fraction = Fraction(0)
    idle: tuple[tuple[datetime.date, datetime.date], ...] = ()
    charged: int = 0
    surplus_used: int = 0
    grant_released: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAddition(Fact):
    """Cost added later (negative: a credit note). It is depreciated from this day over the life that is left.

    What belongs to the original cost (a corrected price) is dated on the day of the acquisition.
    """

    kind: ClassVar[Kind] = Kind.COST_ADDITION
    amount: int
    source: Source = Source.SUPPLIER


# --- one asset from another: split, merge, settlement --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOut(Fact):
    """The asset gives parts of itself to others. Each part is taken by the PART_IN fact that names it.

    weights: one for what stays and one for each part, in order: (1, 2, 1) keeps a quarter; (0, 1) gives all (merge).
    Every component of the state is allocated by largest remainder, so nothing is lost. amounts: for the settlement of
    construction by stated amounts instead, one per part; only construction cost moves and `weights` is not used.
    construction_only: weights share out construction cost alone.
    """

    kind: ClassVar[Kind] = Kind.PART_OUT
    weights: tuple[int, ...] = ()
    amounts: tuple[int, ...] = ()
    construction_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartIn(Fact):
    """The asset takes part number `part` (from 1) of the PART_OUT fact `of` of another asset, on the same day.

    Its amounts are whatever that asset has there (`fold_many`). A part of construction cost becomes construction cost,
    or cost if the asset is in service or `capitalise` is set.
    """

    kind: ClassVar[Kind] = Kind.PART_IN
    of: int
    part: int = 1
    capitalise: bool = False


# --- service and terms ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InService(Fact):
    """The asset is ready for use: construction cost becomes cost, depreciation begins. terms None: never (land), or its
    pool is depreciated instead."""

    kind: ClassVar[Kind] = Kind.IN_SERVICE
    terms: BookTerms | None = None
    pool: PoolTakes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateChange(Fact):
    """New terms from this day on, over what is left of the carrying amount at this place (IAS 8.36, prospective).

    remaining_life: the life in `terms` counts from this day; otherwise it is the total life, of which the time used so
    far is taken off.
    """

    kind: ClassVar[Kind] = Kind.ESTIMATE_CHANGE
    terms: BookTerms
    remaining_life: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCorrection(Fact):
    """The terms in fact `of` were wrong: it is read with these, at its own place (IAS 8.42, retrospective).

    of: an OPENING, INTERCOMPANY_IN, IN_SERVICE, ESTIMATE_CHANGE or CLASS_TRANSFER fact, or the correction before this
    one. in_service_on: the right day, if that was wrong. restated_before: what this changes in depreciation before
    that day goes to retained earnings instead of expense; a person states it, it is not read from closings.
    """

    kind: ClassVar[Kind] = Kind.ERROR_CORRECTION
    of: int
    terms: BookTerms | None
    in_service_on: datetime.date | None = None
    restated_before: datetime.date | None = None
    pool: PoolTakes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsCatchUp(Fact):
    """Other terms as if they had held since the running segment began; the difference is charged on this day.

    For rules of a whole year that a later purchase decides (the mid-quarter convention), and for changes of method
    that a tax authority grants with an adjustment of the year (section 481(a)): the months before keep what was right
    when they were looked at. takes_back: first-year allowances that the new terms do not grant are taken back with it
    (business use that falls to one half or less, section 280F(b)(2)). from_service: as if the terms had held since the
    asset went into service, on all its cost; what it was opened with counts as charged in their place.
    """

    kind: ClassVar[Kind] = Kind.TERMS_CATCH_UP
    terms: BookTerms
    takes_back: bool = False
    from_service: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle(Fact):
    """Out of use from this day. Depreciation stands still meanwhile if the terms say so (`suspends_while_idle`)."""

    kind: ClassVar[Kind] = Kind.IDLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Fact):
    """In use again from this day."""

    kind: ClassVar[Kind] = Kind.RESUME


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading(Fact):
    """What the meter says at the end of the day, from zero when new. Usage is recognised at the reading."""

    kind: ClassVar[Kind] = Kind.METER_READING
    reading: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTransfer(Fact):
    """The asset belongs to another class from the end of this day; its amounts move to that class's accounts.

    terms: new ones from then on, as by an estimate change with the remaining life; None: they stay.
    """

    kind: ClassVar[Kind] = Kind.CLASS_TRANSFER
    class_id: int
    terms: BookTerms | None = None


# --- measurement ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Revaluation(Fact):
    """The carrying amount becomes `value`, whatever it was (a target, IAS 16.31)."""

    kind: ClassVar[Kind] = Kind.REVALUATION
    value: int
    method: RevaluationMethod = RevaluationMethod.ELIMINATION
    surplus_policy: SurplusPolicy = SurplusPolicy.AT_DISPOSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairment(Fact):
    """recoverable: the carrying amount becomes this if it is above (a target). loss: instead, a stated share of the
    loss of a cash-generating unit (an allocation made with the knowledge of its day, never redone)."""

    kind: ClassVar[Kind] = Kind.IMPAIRMENT
    recoverable: int | None = None
    loss: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpairmentReversal(Fact):
    """The recoverable amount rose to `recoverable`, or a unit's reversal gave the asset `gain`.

    Never above what the carrying amount would be without any impairment (IAS 36.117).
    """

    kind: ClassVar[Kind] = Kind.IMPAIRMENT_REVERSAL
    recoverable: int | None = None
    gain: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldForSale(Fact):
    """Held for sale from the end of this day: no depreciation, lower of carrying amount and fair value less costs to
    sell (IFRS 5.15)."""

    kind: ClassVar[Kind] = Kind.HELD_FOR_SALE
    fair_value_less_costs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMeasurement(Fact):
    """Fair value less costs to sell anew: a loss, or a gain up to the losses before (IFRS 5.20 to 22)."""

    kind: ClassVar[Kind] = Kind.HELD_MEASUREMENT
    fair_value_less_costs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackToUse(Fact):
    """No longer held for sale: lower of what the carrying amount would have been, and `recoverable` (IFRS 5.27)."""

    kind: ClassVar[Kind] = Kind.BACK_TO_USE
    recoverable: int | None = None


# --- provisions, grants, leases ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decommissioning(Fact):
    """An obligation to dismantle and restore: its present value is part of the cost (IAS 16.16c).

    flows: (day, amount) of what will be spent, discounted and then unwound at the yearly `rate`.
    """

    kind: ClassVar[Kind] = Kind.DECOMMISSIONING
    flows: tuple[tuple[datetime.date, int], ...]
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class DecommissioningChange(Fact):
    """What is still to be spent, and the rate, estimated anew (a target); the asset bears the change (IFRIC 1)."""

    kind: ClassVar[Kind] = Kind.DECOMMISSIONING_CHANGE
    flows: tuple[tuple[datetime.date, int], ...]
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class DecommissioningSettlement(Fact):
    """`paid` was spent on the obligation. final: what is left of the provision is released, what lacks is expense."""

    kind: ClassVar[Kind] = Kind.DECOMMISSIONING_SETTLEMENT
    paid: int
    final: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseStart(Fact):
    """A lease commences (effective_on = its commencement). The asset is its right of use, which the lease itself
    depreciates, as its terms say; of the other facts only a class transfer touches it."""

    kind: ClassVar[Kind] = Kind.LEASE
    lease: Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseChanged(Fact):
    """The lease changes at the start of this day (`change.on` and `change.key` are not looked at)."""

    kind: ClassVar[Kind] = Kind.LEASE_CHANGE
    change: LeaseChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Fact):
    """A government grant for the asset (IAS 20). Deferred: income in proportion to depreciation."""

    kind: ClassVar[Kind] = Kind.GRANT
    amount: int
    treatment: GrantTreatment = GrantTreatment.DEFERRED


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRepayment(Fact):
    """A grant became repayable: first out of what is deferred, the rest is expense (IAS 20.32)."""

    kind: ClassVar[Kind] = Kind.GRANT_REPAYMENT
    amount: int
    treatment: GrantTreatment = GrantTreatment.DEFERRED


# --- the end -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDisposal(Fact):
    """A part leaves. Exactly one of share, quantity, amount says which.

    share: of what is there at this place; quantity: of the quantity that is there; amount: of the cost that is there,
    with accumulated depreciation in proportion unless `accumulated` states it (a component).
    """

    kind: ClassVar[Kind] = Kind.PARTIAL_DISPOSAL
    how: DisposalKind
    share: Fraction | None = None
    quantity: int | None = None
    amount: int | None = None
    accumulated: int | None = None
    proceeds: int = 0
    costs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal(Fact):
    """All that is left of the asset leaves. taken_in: to stock, what the goods are there, as their move says."""

    kind: ClassVar[Kind] = Kind.DISPOSAL
    how: DisposalKind
    proceeds: int = 0
    costs: int = 0
    taken_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntercompanyOut(Fact):
    """The asset went to another company as it stands, at its carrying amount; or at a price, with a gain or loss."""

    kind: ClassVar[Kind] = Kind.INTERCOMPANY_OUT
    proceeds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolEnd(Fact):
    """The business that the pool of the asset served has ended: this year is the last of the pool. The asset itself
    stays as it is; `pooling.py` does the rest."""

    kind: ClassVar[Kind] = Kind.POOL_END


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstatement(Fact):
    """What disposal `of` took away is back from this day, with the depreciation of the time between caught up.

    Proceeds and costs of the disposal are taken back unless `keeps_proceeds`. (A disposal that never happened is
    reversed instead.)
    """

    kind: ClassVar[Kind] = Kind.REINSTATEMENT
    of: int
    keeps_proceeds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Fact):
    """Fact `of` never happened: a fact of any kind, or a reversal (which brings back what that took away)."""

    kind: ClassVar[Kind] = Kind.REVERSAL
    of: int


FACTS: Mapping[Kind, type[Fact]] = {
    fact.kind: fact
    for fact in (
        Acquisition,
        Opening,
        ConstructionCost,
        IntercompanyIn,
        CostAddition,
        PartOut,
        PartIn,
        InService,
        EstimateChange,
        ErrorCorrection,
        TermsCatchUp,
        Idle,
        Resume,
        MeterReading,
        ClassTransfer,
        Revaluation,
        Impairment,
        ImpairmentReversal,
        HeldForSale,
        HeldMeasurement,
        BackToUse,
        Decommissioning,
        DecommissioningChange,
        DecommissioningSettlement,
        LeaseStart,
        LeaseChanged,
        Grant,
        GrantRepayment,
        PartialDisposal,
        Disposal,
        IntercompanyOut,
        PoolEnd,
        Reinstatement,
        Reversal,
    )
}
"""The class of each kind."""


# --- answers -------------------------------------------------------------------------------------------------------


class ValueRow(NamedTuple):
    """What a book should say: unique by all but the amount. `amount` + debits the debit account of `role`.

    cause_id: the event, for depreciation the event that set the terms. class_id: the asset's class at this row;
    accounts are found by (role, class, day).
    """

    effective_on: datetime.date
    cause_id: int
    role: int
    class_id: int
    amount: int
