"""Reading the terms of a lease, and of its changes, from a case."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.fields import Fields, day
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.discounting import Compounding, add_months, rounded
from wherewithal.core.lease.terms import (
    MAX_PAYMENTS,
    ChangeKind,
    Lease,
    LeaseChange,
    Payment,
    ScopeBasis,
    Standard,
    regular_payments,
)

SOME_DAY = date(2001, 1, 1)
"""Commencement of a case that names no day."""

MAX_MONTHS = 1_200
"""Longer terms and lives are refused: a schedule is answered month by month."""

STANDARDS = {
    "ifrs16": Standard.IFRS16,
    "ifrs_16": Standard.IFRS16,
    "ifrs": Standard.IFRS16,
    "asc842_finance": Standard.ASC842_FINANCE,
    "asc842_operating": Standard.ASC842_OPERATING,
    "exempt": Standard.EXEMPT,
    "short_term": Standard.EXEMPT,
    "low_value": Standard.EXEMPT,
}
CLASSES = {
    "finance": Standard.ASC842_FINANCE,
    "operating": Standard.ASC842_OPERATING,
    **dict.fromkeys(("exempt", "short_term", "low_value"), Standard.EXEMPT),
}
US_GAAP = ("asc842", "asc_842", "us_gaap", "usgaap")
FREQUENCIES = {
    "monthly": 1,
    "quarterly": 3,
    "half_yearly": 6,
    "semi_annual": 6,
    "semiannual": 6,
    "yearly": 12,
    "annual": 12,
    "annually": 12,
}
TIMINGS = {
    **dict.fromkeys(("advance", "in_advance", "beginning", "start", "due"), True),
    **dict.fromkeys(("arrears", "in_arrears", "end"), False),
}
COMPOUNDING = {
    "effective": Compounding.EFFECTIVE,
    "annual": Compounding.EFFECTIVE,
    "nominal": Compounding.NOMINAL,
    "periodic": Compounding.PERIODIC,
    "per_period": Compounding.PERIODIC,
}
CHANGE_KINDS = {
    "index": ChangeKind.INDEX,
    "indexation": ChangeKind.INDEX,
    "rent_review": ChangeKind.INDEX,
    "reassessment": ChangeKind.REASSESSMENT,
    "remeasurement": ChangeKind.REASSESSMENT,
    "modification": ChangeKind.MODIFICATION,
    "termination": ChangeKind.TERMINATION,
    "early_termination": ChangeKind.TERMINATION,
    "purchase": ChangeKind.PURCHASE,
    "impairment": ChangeKind.IMPAIRMENT,
}
BASES = {"scope": ScopeBasis.SCOPE, "liability": ScopeBasis.LIABILITY}

RATE = (
    "rate",
    "ibr",
    "discount_rate",
    "incremental_borrowing_rate",
    "interest_rate",
    "revised_rate",
    "new_rate",
    "revised_discount_rate",
    "new_ibr",
    "revised_ibr",
)
IN_ADVANCE = ("payments_in_advance", "payment_in_advance")
IN_ARREARS = ("payments_in_arrears", "payment_in_arrears")
PER = {
    "annual_payment": 12,
    "annual_payments": 12,
    "new_annual_payment": 12,
    "yearly_payment": 12,
    "quarterly_payment": 3,
    "monthly_payment": 1,
}
PAYMENTS = (
    "payments",
    "payment",
    "lease_payments",
    "payment_amount",
    "revised_payments",
    "new_payments",
    "new_payment",
    "remaining_payments",
    *PER,
)
YEARS = ("term_years", "years", "lease_term_years", "term")
MONTHS = ("term_months", "months", "lease_term_months")
REMAINING_YEARS = ("remaining_years", "remaining_term_years", "revised_remaining_years", *YEARS)
REMAINING_MONTHS = ("remaining_months", "remaining_term_months", *MONTHS)


class Rhythm(NamedTuple):
    """How payments recur."""

    months: int
    in_advance: bool


class Stream(NamedTuple):
    """Payments as read: their rhythm, the last day of the term, whether on stated days."""

    rhythm: Rhythm
    payments: tuple[Payment, ...]
    ends_on: date
    dated: bool


def standard_of(fields: Fields) -> Standard:
    """IFRS 16 unless the case says otherwise; under ASC 842 the class of lease must be said."""
    exemption = fields.choice({"short_term": True, "low_value": True, "none": False}, False, "exemption")
    words = {**STANDARDS, **dict.fromkeys(US_GAAP, None)}
    found = fields.choice(words, Standard.IFRS16, "standard")
    named = fields.choice(CLASSES, None, "classification", "lease_class", "lease_type")
    if exemption:
        return Standard.EXEMPT
    if found is None:
        if named is None:
            raise CaseError(
                fields.at("classification"),
                "required",
                "Under ASC 842 a lease is finance, operating or short_term: say which.",
            )
        return Standard(named)
    return Standard.EXEMPT if named is Standard.EXEMPT else Standard(found)


def rate_of(fields: Fields) -> Fraction | None:
    """The rate implicit in the lease if it is known, otherwise the lessee's incremental borrowing rate."""
    implicit, other = fields.rate("implicit_rate"), fields.rate(*RATE)
    return other if implicit is None else implicit


def compounding_of(fields: Fields) -> tuple[Compounding, Fraction | None]:
    """What the rate means, and the rate itself where its name says that it is one per interval."""
    per_interval = fields.rate("periodic_rate", "monthly_rate", "quarterly_rate")
    if per_interval is not None:
        return Compounding.PERIODIC, per_interval
    found = fields.choice(COMPOUNDING, Compounding.EFFECTIVE, "compounding", "rate_compounding", "rate_basis")
    return Compounding(found), None


def rhythm_of(fields: Fields, default: Rhythm) -> Rhythm:
    """Frequency and timing, from fields of their own or from the name under which the payments stand."""
    named = fields.find(*PAYMENTS)
    months = PER.get(named or "", default.months)
    stated = fields.choice(FREQUENCIES, None, "frequency", "payment_frequency", "interval")
    per_year = fields.whole(1, 12, "payments_per_year")
    if per_year is not None and 12 % per_year:
        raise CaseError(fields.at("payments_per_year"), "divisor", "A year has 1, 2, 3, 4, 6 or 12 payments.")
    months = stated or (12 // per_year if per_year else months)
    in_advance = fields.choice(TIMINGS, None, "timing", "payment_timing", "payments_at")
    if in_advance is None and fields.has("in_advance"):
        in_advance = fields.flag("in_advance")
    if fields.find(*IN_ADVANCE) is not None:
        in_advance = fields.said[fields.need(*IN_ADVANCE)] is not False
    elif fields.has(*IN_ARREARS):
        in_advance = False
    return Rhythm(months, default.in_advance if in_advance is None else in_advance)


def stream_of(
    fields: Fields, starts_on: date, default: Rhythm, fallback_months: int | None = None
) -> Stream | None:
    """The payments of a case from a day on; None if it names none."""
    rhythm = rhythm_of(fields, default)
    value, where = _stated_payments(fields)
    months = _term_months(fields, starts_on)
    if value is None:
        return None
    if isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], dict):
        return _stream_of_objects(fields, starts_on, rhythm, value, where, months)
    if isinstance(value, Sequence) and not isinstance(value, str):
        amounts = [fields.minor(each, f"{where}[{place}]") for place, each in enumerate(value)]
        if months is not None and months != len(amounts) * rhythm.months:
            raise CaseError(
                where,
                "term",
                f"{len(amounts)} payments make {len(amounts) * rhythm.months} months, not {months}.",
            )
    else:
        months = fallback_months if months is None else months
        if months is None:
            raise CaseError(
                fields.at("term_years"), "required", "The term is needed: term_years or term_months."
            )
        if months % rhythm.months:
            raise CaseError(
                where, "term", "The term is no whole number of payment intervals; list the payments."
            )
        amounts = _level(fields, fields.minor(value, where), months // rhythm.months, rhythm.months)
    if not 0 < len(amounts) <= MAX_PAYMENTS:
        raise CaseError(where, "length", f"A lease has 1 to {MAX_PAYMENTS} payments here.")
    length = len(amounts) * rhythm.months
    payments = regular_payments(starts_on, amounts, rhythm.months, in_advance=rhythm.in_advance)
    return Stream(rhythm, payments, add_months(starts_on, length) - timedelta(days=1), dated=False)


def _stated_payments(fields: Fields) -> tuple[Any, str]:
    """The value of the payments and its place. `payments_in_advance: true` only says when."""
    for names in (IN_ADVANCE, IN_ARREARS, PAYMENTS):
        found = fields.find(*names)
        if found is not None and not isinstance(fields.said[found], bool):
            return fields.said[found], fields.at(found)
    return None, fields.at("payments")


def _term_months(fields: Fields, starts_on: date) -> int | None:
    """The term in months, from years, months or the last day."""
    months = fields.whole(1, MAX_MONTHS, *REMAINING_MONTHS)
    years = fields.ratio(*REMAINING_YEARS)
    if months is not None:
        return months
    if years is not None:
        if (years * 12).denominator != 1 or not 0 < years * 12 <= MAX_MONTHS:
            raise CaseError(
                fields.at("term_years"), "months", "A term is a whole number of months, up to 100 years."
            )
        return int(years * 12)
    ends_on = fields.day("ends_on", "end_date")
    if ends_on is None:
        return None
    for months in range(1, MAX_MONTHS + 1):
        if add_months(starts_on, months) - timedelta(days=1) == ends_on:
            return months
    raise CaseError(
        fields.at("ends_on"), "months", "The term is a whole number of months; or give dated payments."
    )


def _level(fields: Fields, amount: int, count: int, months: int) -> list[int]:
    """Equal payments, or growing at every anniversary, or none in the first intervals."""
    growth = fields.rate("escalation", "annual_escalation", "annual_increase") or Fraction(0)
    free = fields.whole(0, count, "free_periods", "rent_free_periods") or 0
    return [
        0 if number < free else rounded(amount * (1 + growth) ** (number * months // 12))
        for number in range(count)
    ]


def _stream_of_objects(
    fields: Fields, starts_on: date, rhythm: Rhythm, value: Sequence[Any], where: str, months: int | None
) -> Stream:
    """Payments on stated days ({on, amount}), or so many in a row ({amount, count})."""
    entries = [Fields(each, f"{where}[{place}]", fields.decimals) for place, each in enumerate(value)]
    if all(entry.has("on", "date") for entry in entries):
        payments = tuple(
            sorted(
                Payment(day(entry.raw("on", "date"), entry.at("on")), entry.needed_amount("amount"))
                for entry in entries
            )
        )
        if payments[0].on < starts_on:
            raise CaseError(where, "order", "Payments fall on or after the day it begins.")
        stated = fields.day("ends_on", "end_date")
        ends_on = stated or (
            add_months(starts_on, months) - timedelta(days=1)
            if months
            else payments[-1].on - timedelta(days=1)
        )
        return Stream(rhythm, payments, max(ends_on, starts_on), dated=True)
    amounts: list[int] = []
    for entry in entries:
        count = entry.whole(1, MAX_PAYMENTS, "count", "periods", "times") or 1
        amounts += [entry.needed_amount("amount", "payment")] * count
    if not 0 < len(amounts) <= MAX_PAYMENTS:
        raise CaseError(where, "length", f"A lease has 1 to {MAX_PAYMENTS} payments here.")
    payments = regular_payments(starts_on, amounts, rhythm.months, in_advance=rhythm.in_advance)
    ends_on = add_months(starts_on, len(amounts) * rhythm.months) - timedelta(days=1)
    return Stream(rhythm, payments, ends_on, dated=False)


def lease_of(fields: Fields) -> tuple[Lease, Rhythm]:
    """The lease of a case."""
    starts_on = fields.day("commencement_on", "commencement_date", "start_date") or SOME_DAY
    stream = stream_of(fields, starts_on, Rhythm(12, in_advance=False))
    if stream is None:
        raise CaseError(fields.at("payments"), "required", "The payments of the lease are needed.")
    standard = standard_of(fields)
    compounding, per_interval = compounding_of(fields)
    rate = per_interval if per_interval is not None else rate_of(fields)
    if rate is None and standard is not Standard.EXEMPT:
        raise CaseError(
            fields.at("rate"), "required", "A discount rate is needed: rate, ibr or implicit_rate."
        )
    purchase = fields.amount("purchase_option", "purchase_option_price", "purchase_price")
    extra = [
        fields.amount(
            "residual_guarantee", "residual_value_guarantee", "expected_residual_guarantee_payment"
        ),
        purchase,
        fields.amount("termination_penalty"),
    ]
    at_end = [Payment(stream.ends_on, amount, at_end=True) for amount in extra if amount]
    keeps = purchase is not None or fields.flag("ownership_transfers", "transfers_ownership")
    lease = Lease(
        commencement_on=starts_on,
        ends_on=stream.ends_on,
        payments=(*stream.payments, *at_end),
        rate=rate or Fraction(0),
        interval_months=0 if stream.dated else stream.rhythm.months,
        compounding=compounding,
        standard=standard,
        direct_costs=fields.amount_or(0, "initial_direct_costs", "direct_costs", "idc"),
        incentives=fields.amount_or(0, "lease_incentive", "lease_incentives", "incentives"),
        prepaid=fields.amount_or(0, "prepaid", "prepayment", "prepayments", "prepaid_rent"),
        restoration=fields.amount_or(0, "restoration", "restoration_costs", "dismantling_costs"),
        life_ends_on=_life_end(fields, starts_on, stream.ends_on, keeps=keeps),
        keeps_asset=keeps,
    )
    return lease, stream.rhythm


def _life_end(fields: Fields, starts_on: date, ends_on: date, *, keeps: bool) -> date | None:
    """The last day on which the right-of-use asset is depreciated: the shorter of term and life, or the whole life
    where the asset will be the lessee's own (IFRS 16.32).
    """
    months = fields.whole(1, MAX_MONTHS, "useful_life_months")
    years = fields.ratio("useful_life_years", "useful_life")
    if months is None and years is None:
        return None
    length = months if months is not None else rounded((years or Fraction(0)) * 12)
    if not 1 <= length <= MAX_MONTHS:
        raise CaseError(
            fields.at("useful_life_years"), "range", "A useful life is above zero, up to 100 years."
        )
    life = add_months(starts_on, length) - timedelta(days=1)
    return life if keeps else min(life, ends_on)


def change_of(
    raw: Any, where: str, lease: Lease, rhythm: Rhythm, decimals: int
) -> tuple[LeaseChange, list[str]]:
    """One change of a lease, and the fields that nothing was made of."""
    fields = Fields(raw, where, decimals, {"note", "comment", "source", "id"})
    kind = fields.choice(CHANGE_KINDS, None, "kind", "type", "event")
    if kind is None:
        raise CaseError(
            fields.at("kind"), "required", f"The kind of change is one of {', '.join(CHANGE_KINDS)}."
        )
    on = _day_of_change(fields, lease, rhythm)
    added = _extension(fields)
    left = _months_left(lease, on)
    stream = stream_of(fields, on, rhythm, None if left is None else left + added)
    ends_on = _new_end(fields, on, lease, stream, added)
    if stream is None and ends_on is not None and ends_on > lease.ends_on:
        raise CaseError(
            fields.at("payments"), "required", "What is paid in the longer term is needed, from this day on."
        )
    life = fields.whole(1, MAX_MONTHS, "remaining_life_months")
    change = LeaseChange(
        key=str(fields.raw("ref") or where),
        on=on,
        kind=kind,
        payments=None if stream is None else stream.payments,
        factor=_factor(fields),
        rate=rate_of(fields),
        ends_on=ends_on,
        life_ends_on=None if life is None else add_months(on, life) - timedelta(days=1),
        retained=_retained(fields),
        basis=fields.choice(BASES, ScopeBasis.SCOPE, "basis", "scope_basis"),
        amount=fields.amount_or(0, "amount", "price", "loss"),
        penalty=fields.amount_or(0, "penalty", "termination_penalty"),
        direct_costs=fields.amount_or(0, "initial_direct_costs", "direct_costs"),
        incentives=fields.amount_or(0, "lease_incentive", "lease_incentives", "incentives"),
    )
    return change, fields.ignored()


def _months_left(lease: Lease, on: date) -> int | None:
    for months in range(1, MAX_MONTHS + 1):
        end = add_months(on, months) - timedelta(days=1)
        if end >= lease.ends_on:
            return months if end == lease.ends_on else None
    return None


def _day_of_change(fields: Fields, lease: Lease, rhythm: Rhythm) -> date:
    """`on` a day, or after so many years, months or payment intervals, or at the beginning of the nth year."""
    on = fields.day("on", "date", "effective_on")
    after = (
        (12, fields.whole(0, 200, "after_years", "at_end_of_year")),
        (1, fields.whole(0, MAX_MONTHS, "after_months")),
        (rhythm.months, fields.whole(0, MAX_MONTHS, "after_periods")),
    )
    beginning = fields.whole(1, 201, "at_beginning_of_year", "at_start_of_year")
    if on is not None:
        return on
    if beginning is not None:
        return add_months(lease.commencement_on, 12 * (beginning - 1))
    for months, count in after:
        if count is not None:
            return add_months(lease.commencement_on, months * count)
    raise CaseError(
        fields.at("on"), "required", "When: on (a day), after_years, after_months, at_beginning_of_year."
    )


def _extension(fields: Fields) -> int:
    """By how many months the term grows."""
    months = fields.whole(1, MAX_MONTHS, "extended_by_months") or 0
    return months + 12 * (fields.whole(1, 200, "extended_by_years") or 0)


def _new_end(fields: Fields, on: date, lease: Lease, stream: Stream | None, added: int) -> date | None:
    """The new last day of the term, if the change says one."""
    if added:
        return add_months(lease.ends_on + timedelta(days=1), added) - timedelta(days=1)
    months = _term_months(fields, on)
    if months is not None:
        return add_months(on, months) - timedelta(days=1)
    return None if stream is None else stream.ends_on


def _factor(fields: Fields) -> Fraction | None:
    """By how much payments change: a factor, or an index from ... to ..."""
    factor = fields.ratio("factor")
    before, now = fields.ratio("index_from", "cpi_from"), fields.ratio("index_to", "cpi_to")
    if factor is not None:
        return factor
    if before is None and now is None:
        return None
    if not before or now is None:
        raise CaseError(
            fields.at("index_from"), "index", "An index moves from a number above zero to another."
        )
    return now / before


def _retained(fields: Fields) -> Fraction:
    """The share of the scope that is kept."""
    kept, given_up = fields.rate("retained", "scope_retained"), fields.rate("scope_decrease", "reduction")
    if kept is None:
        return 1 - (given_up or Fraction(0))
    return kept
