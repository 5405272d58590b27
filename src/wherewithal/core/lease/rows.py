"""The rows of a lease: what it moves from commencement through a day, changes included. Pure; no order of entry."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from wherewithal.core.lease.changes import CHANGES, Outcome
from wherewithal.core.lease.kinds import LeaseKind, LeaseRow
from wherewithal.core.lease.stretch import ONE_DAY, Stretch
from wherewithal.core.lease.terms import ChangeKind, Lease, LeaseChange, LeaseError, Standard, check
from wherewithal.core.words import say

_PHASE = {kind: place for place, kind in enumerate(ChangeKind)}


class LeaseRun(NamedTuple):
    """Rows in order of time; the stretches between changes; what each change came to, by its key."""

    rows: list[LeaseRow]
    stretches: list[Stretch]
    outcomes: dict[str, Outcome]


def lease_rows(
    lease: Lease, changes: Iterable[LeaseChange], through_on: date, period_ends: Sequence[date]
) -> list[LeaseRow]:
    """The rows of a lease up to the end of a day.

    Payments are dated at their days; interest, depreciation and even cost at the period ends given, at the day before
    a change, and at the last day of term and life. Raises LeaseError for terms or changes that do not fit.
    """
    return run_lease(lease, changes, through_on, period_ends).rows


def run_lease(
    lease: Lease, changes: Iterable[LeaseChange], through_on: date, period_ends: Sequence[date]
) -> LeaseRun:
    """The rows with what they were derived from."""
    check(lease)
    ends = sorted(set(period_ends))
    ordered = sorted(changes, key=lambda change: (change.on, _PHASE[change.kind], change.key))
    _refuse_misplaced(lease, ordered)
    first = commence(lease)
    found = LeaseRun([], [first], {})
    if through_on < lease.commencement_on:
        return found
    found.rows.extend(_commencement(lease, first))
    stretch: Stretch | None = first
    for change in ordered:
        if change.on > through_on or stretch is None:
            break
        if change.on > stretch.life_ends_on and change.on > stretch.ends_on:
            raise LeaseError("on", "over", say("The lease is over on the day of this change."))
        found.rows.extend(_passing(stretch, change.on - ONE_DAY, ends))
        outcome = CHANGES[change.kind](stretch, change)
        found.outcomes[change.key] = outcome
        found.rows.extend(outcome.rows)
        stretch = outcome.after
        if stretch is not None:
            found.stretches.append(stretch)
    if stretch is not None:
        found.rows.extend(_passing(stretch, through_on, ends, final=True))
    return found


def _refuse_misplaced(lease: Lease, changes: Sequence[LeaseChange]) -> None:
    for change in changes:
        if change.on < lease.commencement_on:
            raise LeaseError("on", "order", say("A lease changes on or after the day it begins."))
    if len({change.key for change in changes}) < len(changes):
        raise LeaseError("key", "unique", say("Each change has a key of its own."))


def commence(lease: Lease) -> Stretch:
    """The lease on its first day: what is paid by then is in the right-of-use asset, the rest is the liability."""
    exempt = lease.standard is Standard.EXEMPT
    ahead = (
        lease.payments if exempt else tuple(each for each in lease.payments if not _at_start(lease, each.on))
    )
    ahead = tuple(sorted(ahead, key=lambda each: (lease.time_of(each), each.on)))
    bare = Stretch(
        lease=lease,
        starts_on=lease.commencement_on,
        payments=ahead,
        contract=ahead,
        rate=lease.interval_rate,
        cost=0,
        accumulated=0,
        ends_on=lease.ends_on,
        life_ends_on=lease.life_ends_on or lease.ends_on,
    )
    cost = bare.liability + sum(row.amount for row in _added_cost(lease))
    if cost < 0:
        raise LeaseError("incentives", "right_of_use", say("Incentives exceed what the right of use costs."))
    return replace(bare, cost=cost)


def _at_start(lease: Lease, day: date) -> bool:
    return day <= lease.commencement_on


def paid_at_start(lease: Lease) -> int:
    """What is paid at or before commencement."""
    if lease.standard is Standard.EXEMPT:
        return lease.prepaid
    return lease.prepaid + sum(each.amount for each in lease.payments if _at_start(lease, each.on))


def _added_cost(lease: Lease) -> list[LeaseRow]:
    """What the right-of-use asset costs beyond the liability; an incentive is negative."""
    parts = {
        LeaseKind.PAID_AT_START: paid_at_start(lease),
        LeaseKind.DIRECT_COSTS: lease.direct_costs,
        LeaseKind.INCENTIVE: -lease.incentives,
        LeaseKind.RESTORATION: lease.restoration,
    }
    return [LeaseRow(lease.commencement_on, "", kind, amount) for kind, amount in parts.items() if amount]


def _commencement(lease: Lease, first: Stretch) -> list[LeaseRow]:
    if lease.standard is Standard.EXEMPT:
        balance = first.cost
        return [LeaseRow(lease.commencement_on, "", LeaseKind.EXEMPT_PAYMENT, balance)] if balance else []
    rows = [LeaseRow(lease.commencement_on, "", LeaseKind.LIABILITY, first.liability)]
    rows += [
        row._replace(amount=-row.amount) if row.kind is LeaseKind.INCENTIVE else row
        for row in _added_cost(lease)
    ]
    return [row for row in rows if row.amount]


def _passing(
    stretch: Stretch, through_on: date, period_ends: Sequence[date], *, final: bool = False
) -> list[LeaseRow]:
    """Payments and accruals of a stretch up to the end of a day; before a change (not final) that day is a cut too."""
    last = max(stretch.life_ends_on, stretch.ends_on)
    known = period_ends[bisect_left(period_ends, stretch.starts_on) : bisect_right(period_ends, through_on)]
    cuts = {day for day in known if day <= last} | {
        day for day in (stretch.ends_on, stretch.life_ends_on) if stretch.starts_on <= day <= through_on
    }
    if not final and through_on >= stretch.starts_on:
        cuts.add(min(through_on, last))
    rows = _payments(stretch, through_on)
    interest, used, cost = 0, 0, 0
    for day in sorted(cuts):
        now = stretch.interest_by(day), stretch.used_by(day), stretch.cost_by(day) if stretch.exempt else 0
        rows += _accruals(stretch, day, now[0] - interest, now[1] - used, now[2] - cost)
        interest, used, cost = now
    if final and not stretch.lease.keeps_asset and not stretch.exempt and last <= through_on:
        rows.append(LeaseRow(last, stretch.cause, LeaseKind.RETIREMENT, stretch.cost))
    rows.sort(key=lambda row: row.on)
    return [row for row in rows if row.amount]


def _payments(stretch: Stretch, through_on: date) -> list[LeaseRow]:
    kind = LeaseKind.EXEMPT_PAYMENT if stretch.exempt else LeaseKind.PAYMENT
    rows = []
    for measured, real in zip(stretch.payments, stretch.contract, strict=True):
        if measured.on > through_on:
            break
        rows.append(LeaseRow(measured.on, stretch.cause, kind, measured.amount))
        rows.append(
            LeaseRow(measured.on, stretch.cause, LeaseKind.VARIABLE_COST, real.amount - measured.amount)
        )
    return rows


def _accruals(stretch: Stretch, day: date, interest: int, used: int, cost: int) -> list[LeaseRow]:
    if stretch.exempt:
        return [LeaseRow(day, stretch.cause, LeaseKind.EXEMPT_COST, cost)]
    kinds = (
        (LeaseKind.OPERATING_ACCRETION, LeaseKind.OPERATING_AMORTISATION)
        if stretch.operating
        else (LeaseKind.INTEREST, LeaseKind.DEPRECIATION)
    )
    return [
        LeaseRow(day, stretch.cause, kinds[0], interest),
        LeaseRow(day, stretch.cause, kinds[1], used),
    ]


def month_ends(starts_on: date, through_on: date) -> list[date]:
    """The last days of the calendar months between two days."""
    found = []
    day = date(starts_on.year, starts_on.month, 1)
    while day <= through_on:
        after = (day + timedelta(days=32)).replace(day=1)
        found.append(after - ONE_DAY)
        day = after
    return [each for each in found if each <= through_on]
