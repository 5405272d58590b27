"""What an asset is at a place in the order of its facts, and how a part of it is taken out, exactly.

A `Bundle` holds everything of an asset that can be shared out: amounts, its running segment, its obligation. The parts
of a bundle add up to it, component by component, so whatever is split, merged, sold or brought back, nothing is lost.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.assets.facts import SurplusPolicy
from wherewithal.core.assets.terms import BookTerms, PoolTakes
from wherewithal.core.depreciation.terms import Segment
from wherewithal.core.lease.terms import Lease, LeaseChange
from wherewithal.core.measurement.decommissioning import Obligation
from wherewithal.core.money import allocate

NEVER = datetime.date.max

Usage = tuple[tuple[datetime.date, Fraction], ...]
"""Units used, by the day of the reading that told."""

AMOUNTS = (
    "cost",
    "accumulated",
    "impairment",
    "construction",
    "surplus",
    "loss",
    "held_loss",
    "impaired_surplus",
    "missed",
    "provision",
    "grant",
    "residual",
    "allowances",
    "charged",
    "surplus_base",
    "grant_base",
    "surplus_gone",
    "grant_gone",
)
"""The amounts of a bundle, each shared out by itself."""

SUMMED = tuple(
    name
    for name in AMOUNTS
    if name not in ("charged", "surplus_base", "grant_base", "surplus_gone", "grant_gone")
)
"""Those that add up when bundles join; the others belong to a segment."""


class Track(NamedTuple):
    """The carrying amount without any impairment: its own segment, and what that had charged when it was cut."""

    segment: Segment | None
    carrying: int


@dataclass(slots=True)
class Bundle:
    """Amounts in minor units.

    cost, accumulated, impairment (accumulated), construction (cost not yet in service): as in the accounts; while
    `held` for sale they are what they were, and held_loss what was written down since; missed: depreciation of
    earlier segments that was not charged because of it. surplus: of revaluation, in equity; loss: revaluation
    decreases charged to profit or loss and not yet taken back; impaired_surplus: the part of `impairment` that the
    surplus bore. provision: to dismantle. grant: still deferred. residual: where depreciation stops. allowances:
    written off when it went into service.

    segment: what depreciates, None = nothing does. charged: what of the segment is in `accumulated`.
    at_disposal: (day, what of the segment is to be charged if disposed of that day): set when a part was disposed of,
    so that the rest, if it goes the same day, has exactly what the part left.
    surplus_base, grant_base: surplus and grant when the segment began; *_gone: what left them by use since.
    pool: it is depreciated with its pool, which takes this much of what is got for it.
    """

    cost: int = 0
    accumulated: int = 0
    impairment: int = 0
    construction: int = 0
    surplus: int = 0
    loss: int = 0
    held_loss: int = 0
    impaired_surplus: int = 0
    missed: int = 0
    provision: int = 0
    grant: int = 0
    residual: int = 0
    allowances: int = 0
    charged: int = 0
    surplus_base: int = 0
    grant_base: int = 0
    surplus_gone: int = 0
    grant_gone: int = 0
    quantity: Fraction = Fraction(0)
    held: bool = False
    segment: Segment | None = None
    unimpaired: Track | None = None
    obligations: tuple[Obligation, ...] = ()
    provision_event: int = 0
    is_revalued: bool = False
    terms: BookTerms | None = None
    terms_event: int = 0
    remaining_life: bool = False
    in_service_on: datetime.date | None = None
    surplus_policy: SurplusPolicy = SurplusPolicy.AT_DISPOSAL
    units: Fraction = Fraction(0)
    usage: Usage = ()
    at_disposal: tuple[datetime.date, int] | None = None
    pool: PoolTakes | None = None

    @property
    def depreciated_cost(self) -> int:
        """What the segment starts from: cost less all that was taken off it."""
        return self.cost - self.accumulated - self.impairment

    @property
    def carrying(self) -> int:
        return self.depreciated_cost + self.construction - self.held_loss


def divide(bundle: Bundle, weights: Sequence[int]) -> list[Bundle]:
    """The bundle in parts by weights, each amount by largest remainder. The weights are >= 0, not all 0.

    What is left of cost is shared out, accumulated depreciation is the rest: so nothing is left of any part of what
    is fully depreciated.
    """
    shares = {name: allocate(getattr(bundle, name), weights) for name in AMOUNTS}
    left = allocate(bundle.depreciated_cost, weights)
    parts = []
    for number in range(len(weights)):
        part = replace(bundle)
        for name in AMOUNTS:
            setattr(part, name, shares[name][number])
        part.accumulated = part.cost - part.impairment - left[number]
        part.at_disposal = None
        part.quantity = bundle.quantity * weights[number] / sum(weights)
        parts.append(part)
    _divide_segment(bundle, parts)
    _divide_track(bundle, parts, weights)
    _divide_obligations(bundle, parts, weights)
    return parts


def _divide_segment(bundle: Bundle, parts: Sequence[Bundle]) -> None:
    """Each part has the same segment, scaled so that what it has charged and what is left are its own."""
    if bundle.segment is None:
        return
    for part in parts:
        part.segment = replace(
            bundle.segment,
            cost=max(part.cost - part.allowances, 0),
            opening=part.depreciated_cost + part.charged - part.missed,
            residual=max(part.residual, 0),
        )


def _divide_track(bundle: Bundle, parts: Sequence[Bundle], weights: Sequence[int]) -> None:
    track = bundle.unimpaired
    if track is None:
        return
    carrying = allocate(track.carrying, weights)
    for part, mine in zip(parts, carrying, strict=True):
        segment = track.segment
        if segment is not None:
            segment = replace(
                segment,
                cost=max(part.cost - part.allowances, 0),
                opening=mine,
                residual=max(part.residual, 0),
            )
        part.unimpaired = Track(segment, mine)


def _divide_obligations(bundle: Bundle, parts: Sequence[Bundle], weights: Sequence[int]) -> None:
    for part in parts:
        part.obligations = ()
    for obligation in bundle.obligations:
        flows = [(day, allocate(amount, weights)) for day, amount in obligation.flows]
        for number, part in enumerate(parts):
            mine = tuple((day, amounts[number]) for day, amounts in flows)
            part.obligations += (obligation._replace(flows=mine),)


@dataclass(slots=True)
class State:
    """Of one asset: what it is made of, its class, where it stands in its life.

    gone: disposed of or given away. idle: spans (first day, last day) out of use. disposed: by disposal event, what it
    took away and the amounts it was settled with. charged_through: depreciation is charged through this day.
    """

    class_id: int
    bundle: Bundle = field(default_factory=Bundle)
    gone: bool = False
    idle: tuple[tuple[datetime.date, datetime.date], ...] = ()
    disposed: dict[int, "Taken"] = field(default_factory=dict)
    charged_through: datetime.date = datetime.date.min
    reading: Fraction = Fraction(0)
    lease: "LeaseHeld | None" = None


@dataclass(slots=True)
class LeaseHeld:
    """The lease that the asset is the right of use of, its changes, and the classes the asset had before (through)."""

    event_id: int
    lease: Lease
    changes: list[LeaseChange] = field(default_factory=list)
    causes: dict[str, int] = field(default_factory=dict)
    classes: list[tuple[datetime.date, int]] = field(default_factory=list)


class Taken(NamedTuple):
    """What a disposal took away, and what it brought: to be brought back by a reinstatement."""

    bundle: Bundle
    proceeds: int
    costs: int
    to_stock: bool
    taken_in: int | None = None


class Balances(NamedTuple):
    """What a book says of an asset on a day, as its accounts have it. Liabilities and equity as positive numbers.

    While held for sale the carrying amount is in `held` and cost, accumulated and impairment are 0.
    """

    class_id: int
    cost: int
    accumulated: int
    impairment: int
    construction: int
    held: int
    surplus: int
    provision: int
    grant: int
    liability: int

    @property
    def nbv(self) -> int:
        return self.cost - self.accumulated - self.impairment + self.construction + self.held
