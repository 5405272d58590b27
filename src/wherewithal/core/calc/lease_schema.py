"""The JSON schemas (draft 2020-12) of `calc lease`: what a case may say, what an answer says."""

from typing import Any

from wherewithal.core.calc.lease import MAX_CHANGES
from wherewithal.core.calc.lease_reading import (
    BASES,
    CHANGE_KINDS,
    CLASSES,
    COMPOUNDING,
    FREQUENCIES,
    MAX_MONTHS,
    STANDARDS,
    TIMINGS,
    US_GAAP,
)
from wherewithal.core.calc.schema_parts import (
    DEFS,
    DIALECT,
    IGNORED,
    amount,
    flag,
    money_fields,
    number_of,
    on_day,
    rate,
    word,
)
from wherewithal.core.lease.terms import MAX_PAYMENTS
from wherewithal.core.money import MAX_DECIMALS

_PAYMENT: dict[str, Any] = {
    "description": "One amount (level for the whole term), a list of amounts (one per interval), a list of "
    "{amount, count} (so many in a row), or of {on, amount} (on stated days, at the start of the day). Also read as: "
    "payment, annual_payment, quarterly_payment, monthly_payment (these say the interval too), new_payments, "
    "revised_payments.",
    "anyOf": [
        {"$ref": "#/$defs/number"},
        {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_PAYMENTS,
            "items": {
                "anyOf": [
                    {"$ref": "#/$defs/number"},
                    {
                        "type": "object",
                        "properties": {
                            "amount": {"$ref": "#/$defs/number"},
                            "count": {"type": "integer", "minimum": 1, "maximum": MAX_PAYMENTS},
                            "on": {"$ref": "#/$defs/day"},
                        },
                        "required": ["amount"],
                    },
                ]
            },
        },
    ],
}
_TIMED = {"anyOf": [*_PAYMENT["anyOf"], {"type": "boolean"}]}

_STREAM: dict[str, Any] = {
    "payments": _PAYMENT,
    "payments_in_advance": _TIMED
    | {"description": "Payments at the start of each interval; or true, and the amounts in `payments`."},
    "payments_in_arrears": _TIMED | {"description": "Payments at the end of each interval."},
    "frequency": word("How often is paid; yearly unless said.", FREQUENCIES),
    "payments_per_year": {"enum": [1, 2, 3, 4, 6, 12], "description": "The same as a number."},
    "timing": word("When in the interval is paid; arrears unless said.", TIMINGS),
    "escalation": rate("By how much a level payment grows at each anniversary.", "annual_increase"),
    "free_periods": {
        "type": "integer",
        "minimum": 0,
        "description": "Intervals at the start without payment.",
    },
    "rate": rate(
        "The yearly discount rate.", "ibr", "discount_rate", "implicit_rate (goes first)", "revised_rate"
    ),
    "periodic_rate": rate("The rate of one payment interval, instead of a yearly one.", "monthly_rate"),
    "compounding": word(
        "What the yearly rate means: effective (an interval takes a root of it; the default), nominal (an interval takes "
        "its part of it), periodic (it is that of one interval).",
        COMPOUNDING,
    ),
}
_CHANGE: dict[str, Any] = {
    "type": "object",
    "description": "What happened to the lease, at the start of a day and before what is payable on it.",
    "properties": {
        "kind": word("What happened.", CHANGE_KINDS),
        "ref": {"type": "string", "description": "Its name in the answer."},
        "on": on_day("The day.", "effective_on"),
        "after_years": {
            "type": "integer",
            "minimum": 0,
            "description": "Or: so many years after commencement.",
        },
        "after_months": {"type": "integer", "minimum": 0, "description": "Or: so many months after it."},
        "after_periods": {"type": "integer", "minimum": 0, "description": "Or: so many intervals after it."},
        "at_beginning_of_year": {
            "type": "integer",
            "minimum": 1,
            "description": "Or: at the start of that year.",
        },
        **{name: part for name, part in _STREAM.items() if name not in ("periodic_rate", "compounding")},
        "remaining_years": number_of("The term from this day on.", "term_years"),
        "remaining_months": {"type": "integer", "minimum": 1, "description": "The same in months."},
        "ends_on": on_day("The new last day of the term."),
        "extended_by_years": {"type": "integer", "minimum": 1},
        "extended_by_months": {"type": "integer", "minimum": 1},
        "index_from": number_of("The index that payments were based on.", "cpi_from"),
        "index_to": number_of("The index now.", "cpi_to"),
        "factor": number_of("Payments from now on, as a multiple of those before."),
        "retained": rate("The share of the scope that is kept."),
        "scope_decrease": rate("The share of the scope that is given up."),
        "basis": word(
            "What the asset shrinks with when scope or term does: the scope or remaining term given up (the default), "
            "or the liability.",
            BASES,
        ),
        "amount": amount("The price of a purchase, or an impairment.", "price", "loss"),
        "remaining_life_months": {
            "type": "integer",
            "minimum": 1,
            "description": "Of an asset that is kept.",
        },
        "penalty": amount("Paid for the change."),
        "initial_direct_costs": amount("Direct costs of the change."),
        "lease_incentive": amount("Received for the change."),
    },
    "required": ["kind"],
}

CASE: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Lease case",
    "description": "A lease from its terms; or a remeasurement of a lease of which only carrying amounts are known "
    "(liability_before, rou_before); or a sale and leaseback (fair_value, carrying, proceeds).",
    "type": "object",
    "properties": {
        "standard": word("IFRS 16 unless said.", {**STANDARDS, **dict.fromkeys(US_GAAP)}),
        "classification": word("The class of an ASC 842 lease.", CLASSES),
        "exemption": word("No liability, even cost.", ("short_term", "low_value", "none")),
        "currency_decimals": {"type": "integer", "minimum": 0, "maximum": MAX_DECIMALS, "default": 2},
        "commencement_on": on_day("The first day; without it, the answer has numbers instead of days."),
        "ends_on": on_day("The last day of the term, instead of its length."),
        "term_years": number_of("The term, extensions included that are reasonably certain.", "years", "term"),
        "term_months": {"type": "integer", "minimum": 1, "maximum": MAX_MONTHS, "description": "The same in months."},
        **_STREAM,
        "initial_direct_costs": amount("Added to the right-of-use asset."),
        "lease_incentive": amount("Received from the lessor, taken off the asset.", "lease_incentives"),
        "prepaid": amount("Paid before commencement, beside the payments.", "prepayment"),
        "restoration": amount("Present value of dismantling and restoring, added to the asset."),
        "residual_guarantee": amount("What is expected to be paid at the end.", "residual_value_guarantee"),
        "purchase_option": amount("The price of an option that will be exercised at the end.", "purchase_price"),
        "termination_penalty": amount("To be paid at the end."),
        "ownership_transfers": flag("The asset is the lessee's in the end: it is depreciated over its life."),
        "useful_life_years": number_of("The life of the asset.", "useful_life"),
        "useful_life_months": {"type": "integer", "minimum": 1},
        "changes": {"type": "array", "maxItems": MAX_CHANGES, "items": _CHANGE},
        "liability_before": amount("Remeasurement: the liability before it, payments of the day included."),
        "rou_before": amount("Remeasurement: the right-of-use asset before it."),
        "retained": rate("Remeasurement: the share of the scope kept. Sale: the share of rights kept."),
        "scope_decrease": rate("Remeasurement: the share of the scope given up."),
        "carrying": amount("Sale and leaseback: carrying amount of what is sold."),
        "fair_value": amount("Sale and leaseback: its fair value."),
        "proceeds": amount("Sale and leaseback: the price; the fair value unless said.", "sale_price"),
        "pv_payments": amount("Sale and leaseback: present value of the payments, instead of payments and rate."),
        "is_sale": flag("Sale and leaseback: false if control does not pass, so that the proceeds are a loan."),
    },
    "anyOf": [
        {"required": [name]}
        for name in (
            "payments", "payment", "payments_in_advance", "payments_in_arrears", "annual_payment", "monthly_payment",
            "quarterly_payment", "lease_payments", "new_payments", "revised_payments", "remaining_payments", "fair_value",
        )
    ],
    "$defs": DEFS,
}  # fmt: skip

_LINE = money_fields(
    {
        "opening": "Liability at the start, before what is payable that day.",
        "payment": "Payable in the interval and measured in the liability.",
        "interest": "Interest of the interval.",
        "closing": "Liability at its end.",
        "current": "What of it is paid off within twelve months: what it falls by.",
        "non_current": "The rest.",
        "rou_opening": "Right-of-use asset at the start.",
        "depreciation": "Its depreciation; of an operating lease what makes the cost even.",
        "rou_closing": "At the end.",
        "lease_cost": "The single cost of an operating or exempt lease.",
        "variable_cost": "Paid beyond what the liability was measured with (ASC 842).",
        "prepaid": "Of an exempt lease: paid beyond its cost so far.",
    }
)
_LINES: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "period": {"type": "integer"},
            "from": {"type": "string"},
            "to": {"type": "string"},
            **_LINE,
        },
    },
}
_CHANGED = money_fields(
    {
        "liability_before": "At the start of the day.",
        "rou_before": "The right-of-use asset at the start of the day.",
        "liability_decrease": "Derecognised with the scope.",
        "rou_decrease": "Derecognised with the scope.",
        "gain": "Of what was derecognised, or beyond the asset's carrying amount; negative: a loss.",
        "liability_after": "The liability measured anew.",
        "adjustment": "What the right-of-use asset took of the remeasurement.",
        "rou_after": "The right-of-use asset after it.",
    }
)

ANSWER: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Answer to a lease case",
    "type": "object",
    "properties": {
        "standard": {"type": "string"},
        **money_fields(
            {
                "lease_liability": "At commencement, after what is paid on that day.",
                "rou_before_idc_and_incentive": "Liability and what was paid by commencement.",
                "rou_asset": "The right-of-use asset at commencement.",
                "annual_rou_depreciation": "A year's depreciation of it.",
                "annual_lease_cost": "A year's cost of an operating or exempt lease.",
                "total_payments": "Everything payable.",
                "total_interest": "Interest over the term, as first measured.",
                "current_liability": "Of the liability at commencement.",
                "non_current_liability": "Of the liability at commencement.",
                "pv_payments": "Sale and leaseback: what the payments are worth.",
                "additional_financing": "Proceeds above fair value: a loan.",
                "prepayment": "What the proceeds fall short of fair value: rent paid ahead.",
                "lease_part": "What the rights kept are worth.",
                "rou": "The right-of-use asset.",
                "liability": "What is owed in all.",
                "total_gain": "Fair value less carrying amount.",
                "gain_on_rights_retained": "Not recognised.",
                "gain_recognised": "In profit or loss.",
            }
        ),
        **_CHANGED,
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"ref": {"type": "string"}, "kind": {"type": "string"}, **_CHANGED},
            },
        },
        "schedule": _LINES
        | {"description": "One line per payment interval, cut where a change falls into it."},
        "years": _LINES | {"description": "The same by year of the lease."},
        "entries": {
            "type": "array",
            "description": "The entries of commencement and of changes, by account role.",
            "items": {
                "type": "object",
                "properties": {
                    "on": {"type": "string"},
                    "cause": {"type": "string"},
                    "row": {"type": "string"},
                    "debit": {"type": "string"},
                    "credit": {"type": "string"},
                    "amount": {"type": "number"},
                },
            },
        },
        "ignored": IGNORED,
    },
    "required": ["standard"],
}
