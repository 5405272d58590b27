"""The tables of a lease answer: schedule by payment interval and by year, changes, entries."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from wherewithal.core.calc.fields import money
from wherewithal.core.lease.kinds import LEASE_KINDS, LeaseKind
from wherewithal.core.lease.rows import LeaseRun
from wherewithal.core.lease.stretch import Stretch
from wherewithal.core.lease.terms import LeaseChange

_ONE_DAY = timedelta(days=1)
_IN_SCHEDULE = {
    LeaseKind.PAYMENT,
    LeaseKind.INTEREST,
    LeaseKind.DEPRECIATION,
    LeaseKind.OPERATING_ACCRETION,
    LeaseKind.OPERATING_AMORTISATION,
    LeaseKind.EXEMPT_COST,
    LeaseKind.EXEMPT_PAYMENT,
    LeaseKind.VARIABLE_COST,
    LeaseKind.RETIREMENT,
}


def schedule_table(run: LeaseRun, through_on: date, decimals: int, *, dated: bool) -> list[dict[str, Any]]:
    """One line per payment interval (or payment day), cut where a change falls into it."""
    first = run.stretches[0]
    clock = first.clock
    if clock.months:
        starts = {clock.day(number) for number in range(_intervals(first, through_on))}
    else:
        starts = {first.starts_on} | {payment.on for stretch in run.stretches for payment in stretch.payments}
    return _lines(run, starts, through_on, decimals, dated=dated)


def yearly_table(run: LeaseRun, through_on: date, decimals: int, *, dated: bool) -> list[dict[str, Any]]:
    """One line per year of the lease, cut where a change falls into it."""
    first = run.stretches[0]
    years = first.clock._replace(months=12)
    starts = {years.day(number) for number in range(int(years.at(through_on)) + 1)}
    return _lines(run, starts, through_on, decimals, dated=dated)


def _intervals(first: Stretch, through_on: date) -> int:
    return int(first.clock.at(through_on)) + 1


def _lines(
    run: LeaseRun, starts: set[date], through_on: date, decimals: int, *, dated: bool
) -> list[dict[str, Any]]:
    """The lines between the days given; each belongs to one stretch."""
    over = _over(run, through_on)
    cuts = sorted(day for day in starts | {stretch.starts_on for stretch in run.stretches} if day <= over)
    lines = []
    for number, start in enumerate(cuts):
        end = cuts[number + 1] - _ONE_DAY if number + 1 < len(cuts) else over
        stretch = next(each for each in reversed(run.stretches) if each.starts_on <= start)
        line: dict[str, Any] = {"period": number + 1}
        if dated:
            line |= {"from": start.isoformat(), "to": end.isoformat()}
        lines.append(
            line | {name: money(amount, decimals) for name, amount in _line(stretch, start, end).items()}
        )
    return lines


def _over(run: LeaseRun, through_on: date) -> date:
    """The last day of the table: the end of the last stretch, or the day before an end without one."""
    ended = [key for key, outcome in run.outcomes.items() if outcome.after is None]
    if ended:
        return max(row.on for row in run.rows) - _ONE_DAY
    last = run.stretches[-1]
    return min(through_on, max(last.ends_on, last.life_ends_on))


def _line(stretch: Stretch, start: date, end: date) -> dict[str, int]:
    before = start - _ONE_DAY
    paid = stretch.paid_by(end) - stretch.paid_by(before)
    used_before = stretch.used_by(before) if start > stretch.starts_on else 0
    if stretch.exempt:
        cost_before = stretch.cost_by(before) if start > stretch.starts_on else 0
        cost = stretch.cost_by(end)
        return {
            "payment": paid,
            "lease_cost": cost - cost_before,
            "prepaid": stretch.carrying + stretch.paid_by(end) - cost,
        }
    opening = stretch.liability if start == stretch.starts_on else stretch.liability_on(before)
    closing = stretch.liability_on(end)
    current = stretch.current_on(end)
    used = stretch.used_by(end)
    interest = closing - opening + paid
    line = {
        "opening": opening,
        "payment": paid,
        "interest": interest,
        "closing": closing,
        "current": current,
        "non_current": closing - current,
        "rou_opening": stretch.carrying - used_before,
        "depreciation": used - used_before,
        "rou_closing": stretch.carrying - used,
    }
    if stretch.contract != stretch.payments:
        line["variable_cost"] = _beyond(stretch, start, end)
    if stretch.operating:
        line["lease_cost"] = interest + used - used_before
    return line


def _beyond(stretch: Stretch, start: date, end: date) -> int:
    """What is paid beyond the measured amounts between two days."""
    pairs = zip(stretch.contract, stretch.payments, strict=True)
    return sum(real.amount - measured.amount for real, measured in pairs if start <= real.on <= end)


def changes_table(
    run: LeaseRun, changes: Sequence[LeaseChange], decimals: int, *, dated: bool
) -> list[dict[str, Any]]:
    """What each change came to."""
    table = []
    for change in changes:
        outcome = run.outcomes.get(change.key)
        if outcome is None:
            continue
        line: dict[str, Any] = {"ref": change.key, "kind": change.kind.value}
        if dated:
            line["on"] = change.on.isoformat()
        amounts = {
            "liability_before": outcome.liability_before,
            "rou_before": outcome.rou_before,
            "liability_decrease": outcome.liability_decrease,
            "rou_decrease": outcome.rou_decrease,
            "gain": outcome.gain,
            "liability_after": outcome.liability_modified,
            "adjustment": outcome.adjustment,
            "rou_after": outcome.rou_after,
        }
        table.append(line | {name: money(amount, decimals) for name, amount in amounts.items()})
    return table


def entries_table(run: LeaseRun, decimals: int, *, dated: bool) -> list[dict[str, Any]]:
    """The entries of commencement and of changes, by account role; what recurs is in the schedule."""
    table = []
    for row in run.rows:
        if row.kind in _IN_SCHEDULE:
            continue
        rule = LEASE_KINDS[row.kind]
        debit, credit = (rule.debit, rule.credit) if row.amount > 0 else (rule.credit, rule.debit)
        line: dict[str, Any] = {"on": row.on.isoformat()} if dated else {}
        line |= {
            "cause": row.cause or "commencement",
            "row": row.kind.value,
            "debit": debit,
            "credit": credit,
        }
        table.append(line | {"amount": money(abs(row.amount), decimals)})
    return table
