"""What each kind of change does to a lease: rows on its day, and the stretch that follows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import rounded
from wherewithal.core.lease.kinds import LeaseKind, LeaseRow
from wherewithal.core.lease.stretch import ONE_DAY, Stretch
from wherewithal.core.lease.terms import ChangeKind, LeaseChange, LeaseError, Payment, ScopeBasis, Standard
from wherewithal.core.words import say


class Outcome(NamedTuple):
    """What a change came to. *_before: at the start of its day. *_decrease: derecognised with the scope; gain: on that
    (negative: a loss), and what a decrease beyond the asset's carrying amount gave. liability_modified: measured anew.
    adjustment: to the right-of-use asset. after: what follows, None if the lease is over.
    """

    rows: list[LeaseRow]
    after: Stretch | None
    liability_before: int
    rou_before: int
    liability_decrease: int = 0
    rou_decrease: int = 0
    gain: int = 0
    liability_modified: int = 0
    adjustment: int = 0
    rou_after: int = 0


class _Standing(NamedTuple):
    """A stretch at the start of the day of a change."""

    liability: int
    cost: int
    accumulated: int

    @property
    def carrying(self) -> int:
        return self.cost - self.accumulated


def _standing(stretch: Stretch, day: date) -> _Standing:
    """Depreciation up to the day before; of an exempt lease, what was paid beyond its cost."""
    before = day - ONE_DAY
    if stretch.exempt:
        return _Standing(0, stretch.carrying + stretch.paid_by(before) - stretch.cost_by(before), 0)
    return _Standing(
        stretch.liability_before(day), stretch.cost, stretch.accumulated + stretch.used_by(before)
    )


def _indexed(stretch: Stretch, change: LeaseChange) -> Outcome:
    """Amounts follow an index. IFRS 16.42(b): measured anew at the unchanged rate (43: at a new one if interest
    floats). ASC 842-10-35-5: what is paid beyond the measured amount is a cost of its period.
    """
    if stretch.lease.standard not in (Standard.ASC842_FINANCE, Standard.ASC842_OPERATING):
        return _remeasured(stretch, change)
    standing = _standing(stretch, change.on)
    measured = _due(stretch.payments, change.on)
    real = _new_payments(stretch, change)
    if [each.on for each in real] != [each.on for each in measured]:
        raise LeaseError("payments", "index", say("An index changes amounts; days change by a modification."))
    after = replace(_follow(stretch, change, standing), payments=measured, contract=real)
    return Outcome(
        [], after, standing.liability, standing.carrying, liability_modified=standing.liability,
        rou_after=standing.carrying,
    )  # fmt: skip


def _remeasured(stretch: Stretch, change: LeaseChange) -> Outcome:
    """The liability is measured anew, the right-of-use asset takes the difference (IFRS 16.39 to 43)."""
    standing = _standing(stretch, change.on)
    return _settle(stretch, change, standing, standing, [], 0)


def _modified(stretch: Stretch, change: LeaseChange) -> Outcome:
    """First what is given up leaves, with a gain or loss; then the rest is measured anew (IFRS 16.45 and 46)."""
    standing = _standing(stretch, change.on)
    kept = _kept(stretch, change, standing)
    if kept == standing or stretch.exempt:
        return _settle(stretch, change, standing, standing, [], 0)
    rows, gain = _derecognise(change, standing, kept)
    return _settle(stretch, change, standing, kept, rows, gain)


def _kept(stretch: Stretch, change: LeaseChange, standing: _Standing) -> _Standing:
    """What is left of liability and asset when scope or term shrinks, at the old amounts and the old rate."""
    if not 0 < change.retained <= 1:
        raise LeaseError(
            "retained", "share", say("The share of the scope that is kept is above 0 and at most 1.")
        )
    liability, share = Fraction(standing.liability), change.retained
    if change.ends_on is not None and change.ends_on < stretch.ends_on:
        within = tuple(each for each in _due(stretch.payments, change.on) if each.on <= change.ends_on)
        liability = Fraction(stretch.liability_before(change.on, within))
        clock = stretch.clock
        now = clock.at(change.on)
        share *= (clock.at(change.ends_on + ONE_DAY) - now) / (clock.at(stretch.ends_on + ONE_DAY) - now)
    liability *= change.retained
    if change.basis is ScopeBasis.LIABILITY and standing.liability:
        share = liability / standing.liability
    kept_carrying = rounded(standing.carrying * share)
    cost = rounded(standing.cost * share)
    return _Standing(rounded(liability), cost, cost - kept_carrying)


def _derecognise(change: LeaseChange, before: _Standing, kept: _Standing) -> tuple[list[LeaseRow], int]:
    """The rows of what leaves and the gain on it."""
    rows = [
        LeaseRow(change.on, change.key, LeaseKind.SCOPE_LIABILITY, before.liability - kept.liability),
        LeaseRow(change.on, change.key, LeaseKind.SCOPE_COST, before.cost - kept.cost),
        LeaseRow(change.on, change.key, LeaseKind.SCOPE_ACCUMULATED, before.accumulated - kept.accumulated),
    ]
    gain = before.liability - kept.liability - (before.carrying - kept.carrying)
    return rows, gain


def _settle(
    stretch: Stretch,
    change: LeaseChange,
    before: _Standing,
    kept: _Standing,
    rows: list[LeaseRow],
    gain: int,
) -> Outcome:
    """Measure anew what is kept: payments, term and rate as changed; the asset takes the difference, not below zero."""
    after = replace(_follow(stretch, change, kept), impaired=stretch.impaired)
    paid_for = change.direct_costs - change.incentives
    room = kept.carrying + paid_for
    wanted = after.liability - kept.liability
    if stretch.exempt:
        wanted, room = 0, 0
    adjustment = max(wanted, -room)
    rows = [
        *rows,
        LeaseRow(change.on, change.key, LeaseKind.REMEASUREMENT, adjustment),
        LeaseRow(change.on, change.key, LeaseKind.REMEASUREMENT_GAIN, adjustment - wanted),
        LeaseRow(change.on, change.key, LeaseKind.DIRECT_COSTS, change.direct_costs),
        LeaseRow(change.on, change.key, LeaseKind.INCENTIVE, change.incentives),
        LeaseRow(change.on, change.key, LeaseKind.PENALTY, change.penalty),
    ]
    after = replace(after, cost=kept.cost + adjustment + paid_for)
    return Outcome(
        rows=[row for row in rows if row.amount],
        after=after,
        liability_before=before.liability,
        rou_before=before.carrying,
        liability_decrease=before.liability - kept.liability,
        rou_decrease=before.carrying - kept.carrying,
        gain=gain + adjustment - wanted - change.penalty,
        liability_modified=after.liability,
        adjustment=adjustment,
        rou_after=after.carrying,
    )


def _follow(stretch: Stretch, change: LeaseChange, standing: _Standing) -> Stretch:
    """The stretch from the change on, with everything the change says and the asset as it stands."""
    ends_on = change.ends_on or stretch.ends_on
    if ends_on < change.on:
        raise LeaseError("ends_on", "order", say("The term ends on or after the day of the change."))
    life = change.life_ends_on or (
        ends_on if stretch.life_ends_on == stretch.ends_on else stretch.life_ends_on
    )
    payments = _new_payments(stretch, change)
    return Stretch(
        lease=stretch.lease,
        starts_on=change.on,
        payments=payments,
        contract=payments,
        rate=stretch.rate if change.rate is None else stretch.lease.rate_of(change.rate),
        cost=standing.cost,
        accumulated=standing.accumulated,
        ends_on=ends_on,
        life_ends_on=life,
        impaired=stretch.impaired,
        cause=change.key,
    )


def _due(payments: tuple[Payment, ...], day: date) -> tuple[Payment, ...]:
    return tuple(payment for payment in payments if payment.on >= day)


def _new_payments(stretch: Stretch, change: LeaseChange) -> tuple[Payment, ...]:
    """What is due from the change on: as stated, or as the contract had it, within the new term, times the factor."""
    time_of = stretch.lease.time_of
    if change.payments is not None:
        if any(payment.on < change.on for payment in change.payments):
            raise LeaseError(
                "payments", "order", say("A change alters payments from its own day on, none before.")
            )
        return tuple(sorted(change.payments, key=lambda each: (time_of(each), each.on)))
    due = _due(stretch.contract, change.on)
    if change.ends_on is not None and change.ends_on < stretch.ends_on:
        due = tuple(payment for payment in due if payment.on <= change.ends_on)
    if change.factor is None:
        return due
    return tuple(payment._replace(amount=rounded(payment.amount * change.factor)) for payment in due)


def _terminated(stretch: Stretch, change: LeaseChange) -> Outcome:
    """Everything leaves; a penalty is part of the loss. Of an exempt lease, what was paid ahead is a cost at once."""
    standing = _standing(stretch, change.on)
    if stretch.exempt:
        rows = [LeaseRow(change.on, change.key, LeaseKind.EXEMPT_COST, standing.carrying)]
        gain = -standing.carrying
    else:
        rows, gain = _derecognise(change, standing, _Standing(0, 0, 0))
    rows.append(LeaseRow(change.on, change.key, LeaseKind.PENALTY, change.penalty))
    return Outcome(
        [row for row in rows if row.amount],
        None,
        standing.liability,
        standing.carrying,
        standing.liability,
        standing.carrying,
        gain - change.penalty,
    )


def _purchased(stretch: Stretch, change: LeaseChange) -> Outcome:
    """The asset is bought: what the price differs from the liability adjusts its cost; it stays and is used on."""
    standing = _standing(stretch, change.on)
    adjustment = max(change.amount - standing.liability, -standing.carrying)
    excess = standing.liability - change.amount + adjustment
    rows = [
        LeaseRow(change.on, change.key, LeaseKind.REMEASUREMENT, adjustment),
        LeaseRow(change.on, change.key, LeaseKind.REMEASUREMENT_GAIN, excess),
        LeaseRow(change.on, change.key, LeaseKind.PAYMENT, change.amount),
    ]
    life = change.life_ends_on or stretch.life_ends_on
    owned = replace(stretch.lease, keeps_asset=True, standard=_once_owned(stretch.lease.standard))
    after = replace(
        _follow(stretch, replace(change, payments=()), standing),
        lease=owned,
        cost=standing.cost + adjustment,
        ends_on=max(change.on, min(life, stretch.ends_on)),
        life_ends_on=life,
    )
    return Outcome(
        rows=[row for row in rows if row.amount],
        after=after,
        liability_before=standing.liability,
        rou_before=standing.carrying,
        gain=excess,
        adjustment=adjustment,
        rou_after=after.carrying,
    )


def _once_owned(standard: Standard) -> Standard:
    """An asset of one's own is depreciated, whatever its lease was."""
    return Standard.ASC842_FINANCE if standard is Standard.ASC842_OPERATING else standard


def _impaired(stretch: Stretch, change: LeaseChange) -> Outcome:
    """The right-of-use asset is written down; an operating lease's asset is then amortised evenly (ASC 842-20-25-7)."""
    standing = _standing(stretch, change.on)
    loss = min(change.amount, standing.carrying)
    after = replace(
        _follow(stretch, change, standing),
        payments=_due(stretch.payments, change.on),
        contract=_due(stretch.contract, change.on),
        accumulated=standing.accumulated + loss,
        impaired=True,
    )
    return Outcome(
        rows=[LeaseRow(change.on, change.key, LeaseKind.IMPAIRMENT, loss)] if loss else [],
        after=after,
        liability_before=standing.liability,
        rou_before=standing.carrying,
        gain=-loss,
        liability_modified=after.liability,
        rou_after=after.carrying,
    )


CHANGES: dict[ChangeKind, Callable[[Stretch, LeaseChange], Outcome]] = {
    ChangeKind.INDEX: _indexed,
    ChangeKind.REASSESSMENT: _remeasured,
    ChangeKind.MODIFICATION: _modified,
    ChangeKind.TERMINATION: _terminated,
    ChangeKind.PURCHASE: _purchased,
    ChangeKind.IMPAIRMENT: _impaired,
}
