"""Leases: the rows of `core.lease`, as value rows of the asset that is the right of use.

A lease is a fold of its own (its liability is a schedule, not a balance that is depreciated), so it is worked out
as a whole at the end of the pass.
"""

import datetime
from collections import Counter
from dataclasses import replace

from wherewithal.core.assets.facts import LeaseChanged, LeaseStart
from wherewithal.core.assets.run import Run
from wherewithal.core.assets.state import Balances, LeaseHeld
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.lease.kinds import LeaseKind, LeaseRow
from wherewithal.core.lease.rows import lease_rows
from wherewithal.core.posting import RULES, AccountRole, Role

ROLES: dict[LeaseKind, Role] = {
    LeaseKind.LIABILITY: Role.LEASE_LIABILITY,
    LeaseKind.PAID_AT_START: Role.LEASE_PAID_AT_START,
    LeaseKind.DIRECT_COSTS: Role.LEASE_DIRECT_COSTS,
    LeaseKind.INCENTIVE: Role.LEASE_INCENTIVE,
    LeaseKind.RESTORATION: Role.LEASE_RESTORATION,
    LeaseKind.PAYMENT: Role.LEASE_PAYMENT,
    LeaseKind.INTEREST: Role.LEASE_INTEREST,
    LeaseKind.DEPRECIATION: Role.LEASE_DEPRECIATION,
    LeaseKind.OPERATING_ACCRETION: Role.LEASE_OPERATING_ACCRETION,
    LeaseKind.OPERATING_AMORTISATION: Role.LEASE_OPERATING_AMORTISATION,
    LeaseKind.VARIABLE_COST: Role.LEASE_VARIABLE_COST,
    LeaseKind.REMEASUREMENT: Role.LEASE_REMEASURED,
    LeaseKind.REMEASUREMENT_GAIN: Role.LEASE_REMEASUREMENT_GAIN,
    LeaseKind.SCOPE_LIABILITY: Role.LEASE_SCOPE_LIABILITY,
    LeaseKind.SCOPE_COST: Role.LEASE_SCOPE_COST,
    LeaseKind.SCOPE_ACCUMULATED: Role.LEASE_SCOPE_ACCUMULATED,
    LeaseKind.PENALTY: Role.LEASE_PENALTY,
    LeaseKind.IMPAIRMENT: Role.LEASE_IMPAIRED,
    LeaseKind.RETIREMENT: Role.LEASE_RETIRED,
    LeaseKind.EXEMPT_COST: Role.LEASE_EXEMPT_COST,
    LeaseKind.EXEMPT_PAYMENT: Role.LEASE_EXEMPT_PAYMENT,
}
_ACCRUING = {
    LeaseKind.INTEREST,
    LeaseKind.DEPRECIATION,
    LeaseKind.OPERATING_ACCRETION,
    LeaseKind.OPERATING_AMORTISATION,
    LeaseKind.EXEMPT_COST,
}
_TRANSFERS: tuple[tuple[Role, AccountRole, int], ...] = (
    (Role.TRANSFERRED_COST, AccountRole.ASSET_COST, +1),
    (Role.TRANSFERRED_ACCUMULATED, AccountRole.ACCUMULATED_DEPRECIATION, -1),
    (Role.TRANSFERRED_LIABILITY, AccountRole.LEASE_LIABILITY, -1),
    (Role.TRANSFERRED_ACCRUAL, AccountRole.LEASE_ACCRUAL, -1),
    (Role.TRANSFERRED_PROVISION, AccountRole.DECOMMISSIONING_PROVISION, -1),
)


def lease_start(run: Run, fact: LeaseStart) -> None:
    """One lease to an asset: a second one says nothing."""
    run.advance(run.last_day_before(fact))
    if run.state.lease is None:
        lease = replace(fact.lease, commencement_on=fact.effective_on)
        run.state.lease = LeaseHeld(fact.event_id, lease)


def lease_changed(run: Run, fact: LeaseChanged) -> None:
    run.advance(run.last_day_before(fact))
    held = run.state.lease
    if held is not None:
        key = fact.key.hex()
        held.changes.append(replace(fact.change, key=key, on=fact.effective_on))
        held.causes[key] = fact.event_id


def transfer_class(run: Run, on: datetime.date, cause_id: int, old: int, new: int) -> None:
    """The balances of a lease leave the accounts of one class for those of another, at the end of a day."""
    held = run.state.lease
    if held is None:
        return
    held.classes.append((on, old))
    there = _by_account(run, held, on)
    for role, account, side in _TRANSFERS:
        run.emit(on, cause_id, role, -side * there[account], old)
        run.emit(on, cause_id, role, side * there[account], new)


def finish(run: Run, through_on: datetime.date) -> None:
    """The rows of the lease, each in the accounts of the class of its day."""
    held = run.state.lease
    if held is None:
        return
    for row in _rows(run, held, through_on):
        cause_id = held.causes.get(row.cause, held.event_id)
        run.emit(row.on, cause_id, ROLES[row.kind], row.amount, _class_on(run, held, row.on))
        run.note(row.on, cause_id, f"lease: {row.kind.value}", amount=row.amount)


def balances(run: Run, through_on: datetime.date) -> Balances:
    """What the accounts say of the right of use and its liability."""
    held = run.state.lease
    assert held is not None
    there = _by_account(run, held, through_on)
    return Balances(
        class_id=run.state.class_id,
        cost=there[AccountRole.ASSET_COST],
        accumulated=-there[AccountRole.ACCUMULATED_DEPRECIATION],
        impairment=0,
        construction=0,
        held=0,
        surplus=0,
        provision=-there[AccountRole.DECOMMISSIONING_PROVISION],
        grant=0,
        liability=-there[AccountRole.LEASE_LIABILITY],
    )


def _class_on(run: Run, held: LeaseHeld, on: datetime.date) -> int:
    return next((class_id for last, class_id in held.classes if on <= last), run.state.class_id)


def _by_account(run: Run, held: LeaseHeld, through_on: datetime.date) -> Counter[AccountRole]:
    """Debits less credits."""
    found: Counter[AccountRole] = Counter()
    for row in _rows(run, held, through_on):
        rule = RULES[ROLES[row.kind]]
        found[rule.debit] += row.amount
        found[rule.credit] -= row.amount
    return found


def _rows(run: Run, held: LeaseHeld, through_on: datetime.date) -> list[LeaseRow]:
    """What accrued before a change is dated on the day of the change: the day before knew nothing of it."""
    if through_on < held.lease.commencement_on:
        return []
    ends = _period_ends(run, held.lease.commencement_on, through_on)
    cuts = {change.on - ONE_DAY for change in held.changes} - set(ends)
    return [
        row._replace(on=row.on + ONE_DAY) if row.kind in _ACCRUING and row.on in cuts else row
        for row in lease_rows(held.lease, held.changes, through_on, ends)
    ]


def _period_ends(run: Run, first_on: datetime.date, through_on: datetime.date) -> list[datetime.date]:
    ends = []
    period = run.calendar.period(first_on)
    while period.last <= through_on:
        ends.append(period.last)
        period = run.calendar.period(period.last + ONE_DAY)
    return ends
