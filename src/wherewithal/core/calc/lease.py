"""`calc lease`: what a lessee books for a lease, with all changes, by the code that books it. Nothing is stored.

Three forms of case, told apart by their fields: a lease from its terms (and `changes`); a remeasurement of a lease of
which only the carrying amounts are known (`liability_before`, `rou_before`); a sale and leaseback (`fair_value`,
`carrying`, `proceeds`). The schema is in `lease_schema`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.fields import Fields, money, stated_decimals
from wherewithal.core.calc.lease_reading import (
    MAX_MONTHS,
    SOME_DAY,
    Rhythm,
    change_of,
    compounding_of,
    lease_of,
    rate_of,
    rhythm_of,
    standard_of,
    stream_of,
)
from wherewithal.core.calc.lease_tables import changes_table, entries_table, schedule_table, yearly_table
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.discounting import months_between, present_value, rounded, to_whole
from wherewithal.core.lease.rows import LeaseRun, paid_at_start, run_lease
from wherewithal.core.lease.sale_leaseback import sale_and_leaseback
from wherewithal.core.lease.stretch import Stretch
from wherewithal.core.lease.terms import Lease, LeaseChange, LeaseError, Standard

DECIMALS = 2
MAX_CHANGES = 200

Answer = tuple[dict[str, Any], list[str]]
"""An answer, and the fields of parts of the case that nothing was made of."""


def calc_lease(case: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a lease case: amounts as Decimals, ready for JSON. Raises CaseError."""
    fields = Fields(case, "")
    fields.decimals = stated_decimals(fields, DECIMALS)
    try:
        answer, ignored = _form(fields)(fields)
    except LeaseError as error:
        raise CaseError(fields.at(error.field), error.rule, error.message) from None
    except (OverflowError, ArithmeticError):
        raise CaseError("case", "range", "These days, rates or amounts are out of any range.") from None
    ignored = fields.ignored() + ignored
    return answer | ({"ignored": ignored} if ignored else {})


def _form(fields: Fields) -> Callable[[Fields], Answer]:
    if fields.has("fair_value"):
        return _sale_and_leaseback
    if fields.has("liability_before", "lease_liability_before") or fields.has(
        "rou_before", "rou_asset_before"
    ):
        return _remeasurement
    return _lease


# --- a lease from its terms -----------------------------------------------------------------------------------


def _lease(fields: Fields) -> Answer:
    dated = fields.has("commencement_on", "commencement_date", "start_date") or not _is_regular(fields)
    lease, rhythm = lease_of(fields)
    changes, ignored = _changes(fields, lease, rhythm)
    horizon = max([lease.ends_on, lease.life_ends_on or lease.ends_on, *_ends(changes)])
    if months_between(lease.commencement_on, horizon) > 2 * MAX_MONTHS:
        raise CaseError(fields.at("changes"), "range", "Terms and lives up to 200 years in all are answered.")
    run = run_lease(lease, changes, horizon, [])
    answer = _initial(fields, lease, run)
    if changes:
        answer["changes"] = changes_table(run, changes, fields.decimals, dated=dated)
    answer["schedule"] = schedule_table(run, horizon, fields.decimals, dated=dated)
    if rhythm.months < 12 or not lease.interval_months:
        answer["years"] = yearly_table(run, horizon, fields.decimals, dated=dated)
    answer["entries"] = entries_table(run, fields.decimals, dated=dated)
    return answer, ignored


def _is_regular(fields: Fields) -> bool:
    """Whether no payment has a day of its own."""
    for _, entry in fields.rows("payments") if isinstance(fields.raw("payments"), list) else []:
        return not (isinstance(entry, Mapping) and ("on" in entry or "date" in entry))
    return True


def _changes(fields: Fields, lease: Lease, rhythm: Rhythm) -> tuple[list[LeaseChange], list[str]]:
    """The changes in the order of the case; each is read against the term that the ones before it left."""
    found: list[LeaseChange] = []
    ignored: list[str] = []
    for where, raw in fields.rows("changes", most=MAX_CHANGES):
        change, unknown = change_of(raw, where, lease, rhythm, fields.decimals)
        if change.ends_on is not None:
            lease = replace(lease, ends_on=change.ends_on)
        found.append(change)
        ignored += unknown
    return found, ignored


def _ends(changes: list[LeaseChange]) -> list[date]:
    return [day for change in changes for day in (change.on, change.ends_on, change.life_ends_on) if day]


def _initial(fields: Fields, lease: Lease, run: LeaseRun) -> dict[str, Any]:
    """The lease on its first day, and what it costs in all."""
    first, decimals = run.stretches[0], fields.decimals
    total = sum(payment.amount for payment in lease.payments) + lease.prepaid
    answer: dict[str, Any] = {"standard": lease.standard.value, "total_payments": money(total, decimals)}
    if lease.standard is not Standard.EXEMPT:
        before_extras = first.liability + paid_at_start(lease)
        current = first.current_on(lease.commencement_on - timedelta(days=1))
        answer |= {
            "lease_liability": money(first.liability, decimals),
            "rou_before_idc_and_incentive": money(before_extras, decimals),
            "rou_asset": money(first.cost, decimals),
            "total_interest": money(first.interest_by(first.ends_on), decimals),
            "current_liability": money(current, decimals),
            "non_current_liability": money(first.liability - current, decimals),
        }
    answer |= _yearly_cost(first, decimals)
    return answer


def _yearly_cost(stretch: Stretch, decimals: int) -> dict[str, Any]:
    """A year's share of what is even: depreciation, or the single cost of operating and exempt leases."""
    if stretch.exempt or stretch.operating:
        whole = stretch.paid_by(stretch.ends_on) + stretch.carrying - stretch.liability
        return {"annual_lease_cost": money(_a_year(stretch, whole, stretch.ends_on), decimals)}
    return {
        "annual_rou_depreciation": money(_a_year(stretch, stretch.carrying, stretch.life_ends_on), decimals)
    }


def _a_year(stretch: Stretch, amount: int, ends_on: date) -> int:
    """An amount spread evenly to a day: the share of twelve months, or all of it if that is less."""
    clock = stretch.clock
    length = clock.at(ends_on + timedelta(days=1)) - stretch.start
    year = Fraction(12, clock.months) if clock.months else Fraction(1)
    return amount if length <= year else rounded(amount * year / length)


# --- a remeasurement of which only the carrying amounts are known ---------------------------------------------


def _remeasurement(fields: Fields) -> Answer:
    """The liability is measured anew; the asset takes the difference, after what left with the scope."""
    decimals = fields.decimals
    before = fields.needed_amount("liability_before", "lease_liability_before")
    rou = fields.needed_amount("rou_before", "rou_asset_before")
    standard = standard_of(fields)
    kept, given_up = fields.rate("retained", "scope_retained"), fields.rate("scope_decrease", "reduction")
    share = kept if kept is not None else 1 - (given_up or Fraction(0))
    if not 0 < share <= 1:
        raise CaseError(fields.at("retained"), "share", "The share that is kept is above 0 and at most 1.")
    stream = stream_of(fields, SOME_DAY, Rhythm(12, in_advance=False))
    if stream is None:
        raise CaseError(fields.at("payments"), "required", "The payments from this day on are needed.")
    compounding, rate = compounding_of(fields)
    rate = rate if rate is not None else rate_of(fields)
    if rate is None:
        raise CaseError(fields.at("rate"), "required", "The discount rate is needed, revised or unchanged.")
    lease = Lease(SOME_DAY, stream.ends_on, stream.payments, rate, stream.rhythm.months, compounding)
    after = to_whole(present_value(lease.timed(lease.payments), lease.interval_rate))
    kept_liability, kept_rou = rounded(before * share), rounded(rou * share)
    adjustment = max(after - kept_liability, -kept_rou)
    gain = (before - kept_liability) - (rou - kept_rou) + adjustment - (after - kept_liability)
    stretch = _standing_at(lease, standard, kept_rou + adjustment)
    parts = {
        "liability_before": before,
        "rou_before": rou,
        "liability_decrease": before - kept_liability,
        "rou_decrease": rou - kept_rou,
        "liability_after": after,
        "adjustment": adjustment,
        "rou_after": kept_rou + adjustment,
        "gain": gain,
        "total_payments": sum(payment.amount for payment in lease.payments),
    }
    answer = {name: money(value, decimals) for name, value in parts.items()}
    return {"standard": standard.value, **answer, **_yearly_cost(stretch, decimals)}, []


def _standing_at(lease: Lease, standard: Standard, rou: int) -> Stretch:
    """A stretch that starts with a right-of-use asset of so much, same-day payments still in the liability."""
    return Stretch(
        lease=replace(lease, standard=standard),
        starts_on=lease.commencement_on,
        payments=lease.payments,
        contract=lease.payments,
        rate=lease.interval_rate,
        cost=rou,
        accumulated=0,
        ends_on=lease.ends_on,
        life_ends_on=lease.ends_on,
    )


# --- sale and leaseback ---------------------------------------------------------------------------------------


def _sale_and_leaseback(fields: Fields) -> Answer:
    decimals = fields.decimals
    carrying = fields.needed_amount("carrying", "carrying_amount")
    fair_value = fields.needed_amount("fair_value")
    proceeds = fields.amount_or(fair_value, "proceeds", "sale_price", "consideration")
    standard = standard_of(fields)
    is_sale = fields.flag("is_sale") if fields.has("is_sale") else True
    value = _value_of_payments(fields, fair_value, proceeds)
    found = sale_and_leaseback(carrying, fair_value, proceeds, value, standard=standard, is_sale=is_sale)
    parts: dict[str, Any] = {"pv_payments": money(value, decimals)}
    parts |= {name: money(amount, decimals) for name, amount in found._asdict().items()}
    return {"standard": standard.value, **parts}, []


def _value_of_payments(fields: Fields, fair_value: int, proceeds: int) -> int:
    """What the leaseback is worth: stated, or from its payments, or from the share of rights kept."""
    stated = fields.amount("pv_payments", "pv_lease_payments", "present_value_of_payments")
    if stated is not None:
        return stated
    share = fields.rate("retained", "proportion_retained")
    if share is not None:
        return rounded(share * fair_value) + proceeds - fair_value
    stream = stream_of(fields, SOME_DAY, rhythm_of(fields, Rhythm(12, in_advance=False)))
    compounding, rate = compounding_of(fields)
    rate = rate if rate is not None else rate_of(fields)
    if stream is None or rate is None:
        raise CaseError(
            fields.at("payments"),
            "required",
            "The payments and a rate are needed, or pv_payments, or retained.",
        )
    months = stream.rhythm.months
    lease = Lease(SOME_DAY, stream.ends_on, stream.payments, rate, 0 if stream.dated else months, compounding)
    return to_whole(present_value(lease.timed(lease.payments), lease.interval_rate))
