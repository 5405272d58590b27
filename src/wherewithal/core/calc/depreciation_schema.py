"""The JSON schemas (draft 2020-12) of `calc depreciation`: what a case may say, what an answer says."""

from typing import Any

from wherewithal.core.calc.costing_schema import DIALECT
from wherewithal.core.calc.depreciation_macrs import TABLES
from wherewithal.core.calc.depreciation_reading import MAX_LIFE_YEARS, MAX_ROWS
from wherewithal.core.calc.depreciation_words import (
    BYS,
    CONVENTIONS,
    METHODS,
    MODES,
    ROUNDINGS,
    STEPS,
    SWITCHES,
    WHATS,
)
from wherewithal.core.calc.pack_schema import PACK_ANSWER_FIELDS, PACK_FIELDS
from wherewithal.core.depreciation.calendar import Pattern
from wherewithal.core.depreciation.spreadsheet import FUNCTIONS
from wherewithal.core.money import MAX_DECIMALS

_N: dict[str, Any] = {"$ref": "#/$defs/number"}
_DAY: dict[str, Any] = {"type": "string", "format": "date"}
_RATE: dict[str, Any] = {"$ref": "#/$defs/rate"}


def _number(description: str) -> dict[str, Any]:
    return {**_N, "description": description}


def _rate(description: str) -> dict[str, Any]:
    return {**_RATE, "description": description}


def _day(description: str) -> dict[str, Any]:
    return {**_DAY, "description": description}


def _whole(description: str, least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "description": description}


def _one_of(words: Any, description: str) -> dict[str, Any]:
    return {"enum": list(words), "description": description}


def _pairs(description: str, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "description": description,
        "items": {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2},
    }


def _also(names: str) -> str:
    return f" Also called {names}."


_MONEY: dict[str, Any] = {
    "cost": _number("What was paid: what rates and tables are of." + _also("basis, value")),
    "residual": _number("What is left at the end of the life, not charged." + _also("salvage")),
    "residual_pct": _number(
        "The residual in percent of the cost." + _also("salvage_pct; residual_fraction is of 1")
    ),
    "opening_accumulated": _number(
        "Charged before the first row: the rest is spread over the rest of the life." + _also("accumulated")
    ),
    "booked": _pairs(
        "Charged already, [day, amount] each: the first row after them charges what is due by then less these.",
        _DAY,
        _N,
    ),
    "currency_decimals": _whole("Decimals of the currency.", 0, MAX_DECIMALS) | {"default": 2},
}
_METHOD: dict[str, Any] = {
    "method": _one_of(
        (*METHODS, "macrs"),
        "double_declining, diminishing_value: factor 2 if none is stated; 200db, declining_switch, degressif: "
        "changes to the straight line; declining_then_linear: to cost over the whole life; linear_limit: of the cost, "
        "until the residual is left. Left out: told from the other fields, the straight line if there is a life.",
    ),
    "life": _number(
        f"Useful life in years (at most {MAX_LIFE_YEARS})." + _also("life_years, useful_life, effective_life")
    ),
    "life_months": _number("Useful life in months; goes before life."),
    "years": _number("The life in years; beside a rate of a declining balance how many years are asked for."),
    "n": _whole("Number of charges, each for `months` months.", 1, MAX_ROWS),
    "months": _number("Beside n the months of one charge (12 if left out); otherwise the life in months."),
    "rate": _rate('Per year (of one charge, beside n): 0.2 or "20%".'),
    "rate_pct": _number("The same in percent."),
    "factor": _number(
        "Declining: a multiple of the straight-line rate; below 1 it is the rate." + _also("coef")
    ),
    "rate_cap": _rate("The most that factor / life may be (Germany: 0.25)."),
    "switch": {
        "type": "boolean",
        "description": "Declining: changes to the straight line when that is as much.",
    },
    "switch_to": _one_of(
        SWITCHES, "rest: the rest over the rest of the life. original: cost over the whole life."
    ),
    "guarantee_rate": _rate(
        "Japan: once a charge is below cost x this, revised_rate of the balance is charged."
    ),
    "revised_rate": _rate("Japan: see guarantee_rate."),
    "interest_rate": _rate("Annuity: interest per year."),
    "base": _one_of(
        ("depreciable", "cost"), "What life or rate spreads: cost less residual, or cost until then."
    ),
    "step": _one_of(STEPS, "The stretch over which one charge is worked out, and that a table's row is for."),
    "table": {
        "anyOf": [{"type": "array", "items": _N}, {"enum": [*TABLES, "A-7a", "A-13a"]}],
        "description": "Percent of the cost for each step; or a table of IRS Publication 946 by its name, with life."
        + _also("table_pct"),
    },
    "amounts": {"type": "array", "items": _N, "description": "An amount for each step."},
    "total_units": _number("Units of the whole life."),
    "usage": {
        "type": "array",
        "description": "Units used: [day, units] each, or one number for each row.",
        "items": {"anyOf": [_N, {"type": "array", "minItems": 2, "maxItems": 2}]},
    },
    "charges_rest_at_end": {
        "type": "boolean",
        "default": True,
        "description": "The end of the life, table or plan charges the rest; otherwise a rate goes on beyond it.",
    },
    "ends_with_fiscal_year": {
        "type": "boolean",
        "description": "The first year counts as a whole one (France).",
    },
}
_DAYS: dict[str, Any] = {
    "in_service_on": {
        "type": "string",
        "description": "The day of going into service, or MM-DD of some year; left out: the first day of 2025."
        + _also("in_use, in_service, placed_in_service, start"),
    },
    "month": _whole("The month of going into service, of 2025.", 1, 12),
    "days_held": _whole("Days held in the first year (convention daily_365 unless stated).", 0, 366),
    "acquired_on": _day(
        "The day of acquisition: not after going into service; if that is left out, the same day."
    ),
    "months_held": _whole("Months in service in the first year." + _also("first_year_months"), 1, 12),
    "days_calc": {"type": "boolean", "description": "true: convention daily_life."},
    "leap_year": {
        "type": "boolean",
        "description": "Whether MM-DD, month and days_held are of a leap year, 2024.",
    },
    "first_charge": _day("Beside n: the day of the first charge; the others follow every `months` months."),
    "already_booked": _whole("Beside n: charges made before the first one here.", 0, MAX_ROWS),
    "opening_on": _day("The first day of the rows, if the asset went into service before."),
    "elapsed_months": _number("Months of the life used up by then; left out: counted by the convention."),
    "elapsed_units": _number("Units used up by then."),
    "convention": _one_of(
        CONVENTIONS,
        "How service is counted. Left out: full_month; beside n and first_charge by days (daily_actual, each charge's "
        "own days); beside `start` or prorata false full_year; prorata true daily_year.",
    ),
    "prorata": {"type": "boolean", "description": "true: convention daily_year; false: full_year."},
    "counts_first_day": {"type": "boolean", "default": True, "description": "Of conventions by days."},
    "idle": _pairs("Out of use, [first day, last day] each: the life stands still.", _DAY, _DAY),
    "fiscal_year_first_month": _whole("The month with which fiscal years begin.", 1, 12),
    "fiscal_year": {
        "type": "object",
        "description": "Other years: of weeks, short or long ones.",
        "properties": {
            "first_month": _whole(
                "The month with which years begin; years of weeks end by the one before.", 1, 12
            ),
            "pattern": _one_of(
                [each.value for each in Pattern], "12 months, or 52 to 53 weeks in 12 or 13 periods."
            ),
            "weekday": _whole("Last day of years of weeks, 0 = Monday.", 0, 6),
            "nearest": {"type": "boolean", "description": "That weekday nearest to the end of the month."},
            "stated": _pairs("Years that are not regular, [first day, last day] each.", _DAY, _DAY),
        },
    },
    "disposed_on": _day("Sold or scrapped on that day: the last row ends then, by the convention."),
    "proceeds": _number("What it was sold for: the answer has gain or loss." + _also("sale")),
}
_ROUNDING: dict[str, Any] = {
    "rounding": {
        "description": "A name (half_even if left out, beside n each charge by itself; truncate, whole, nearest_yen: "
        "whole units of the currency, the next charge from the rounded balance; rest_last: each period's charge by "
        "itself, the last takes the rest), or:",
        "anyOf": [
            {"enum": list(ROUNDINGS)},
            {
                "type": "object",
                "properties": {
                    "mode": {"enum": list(MODES)},
                    "unit": _number("Amounts are whole multiples of this, like 1 or 0.05."),
                    "decimals": _whole("Or: amounts have so many decimals.", 0, MAX_DECIMALS),
                    "of": _one_of(
                        WHATS,
                        "accumulated: what has accrued; charge: each step's charge by itself; balance: and the next "
                        "charge is worked out from the balance so rounded (printed tables, tax returns).",
                    ),
                    "step": _one_of(STEPS, "The stretch whose charges are rounded."),
                },
            },
        ],
    },
    "rate_decimals": _whole("Decimals to which the rate (of 1) is rounded half-up before it is used.", 0, 12),
    "rate_pct_decimals": _whole("The same of the rate in percent: 3 for ERPNext's 66.667 %.", 0, 10),
    "month_rate_decimals": _whole("The same of the rate of a month (IRS table A-7a: 5).", 0, 12),
    "policy": {"const": "rate rounding", "description": "The same as rate_pct_decimals 3."},
}
_ROWS: dict[str, Any] = {
    "by": _one_of(
        BYS,
        "What a row is for. Left out: a charge beside n, a month beside months, otherwise a year."
        + _also("period, frequency"),
    ),
    "rows": _whole("At most so many rows.", 1, MAX_ROWS),
    "through": _day("Rows to that day, also when nothing is left to charge."),
}
_CHANGE: dict[str, Any] = {
    "type": "object",
    "description": "From a day on; what it does not name stays. Prospective: the balance then, over what is left.",
    "properties": {
        "on": _DAY,
        "after_months": _whole("Or: so many months after the first day.", 0, 12_000),
        "cost": _number("The cost from then on; the balance rises with it." + _also("revalue_to")),
        "add": _number("Cost added."),
        "book_value": _number("The balance from then on (revaluation, impairment)."),
        "residual": _N,
        "life": _number("The whole life, in years."),
        "life_months": _number("The whole life."),
        "remaining_months": _number("What is left of the life."),
        "method": {"enum": list(METHODS)},
        "rate": _RATE,
    },
}
_FUNCTION: dict[str, Any] = {
    "function": _one_of(FUNCTIONS, "A spreadsheet's function; with args."),
    "args": {
        "description": "By name, or in order: "
        + "; ".join(
            f"{name}({', '.join((*each.needed, *each.optional))})" for name, each in FUNCTIONS.items()
        )
        + ". Days are YYYY-MM-DD or serial numbers.",
        "type": ["object", "array"],
    },
    "round": _whole("Decimals of the value.", 0, 15),
}

CASE: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Depreciation case",
    "description": "Terms of one asset in one book, or `function` with `args`, or `pack` with a question to it.",
    "type": "object",
    "properties": {
        **_MONEY,
        **_METHOD,
        **_DAYS,
        **_ROUNDING,
        **_ROWS,
        "changes": {"type": "array", "items": _CHANGE},
        "then": {
            "type": "object",
            "description": "Terms of a second stage, from the year after the one in which the residual is reached.",
        },
        **_FUNCTION,
        **PACK_FIELDS,
        "acquired_on": _day("The day of acquisition; left out: that of going into service."),
    },
    "$defs": {
        "number": {
            "description": "A decimal number, as a JSON number or as a text (texts are read exactly by every client).",
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"},
            ],
        },
        "rate": {
            "description": 'A rate: 0.2, or "20%".',
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*%?\s*$"},
            ],
        },
    },
}

_DECIMAL: dict[str, Any] = {"type": "number"}
_MAYBE: dict[str, Any] = {"type": ["number", "null"]}
_DECIMALS: dict[str, Any] = {"type": "array", "items": _DECIMAL}

ANSWER: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Answer to a depreciation case",
    "type": "object",
    "properties": {
        **PACK_ANSWER_FIELDS,
        "method": {"type": "string"},
        "convention": {"type": "string"},
        "cost": _DECIMAL,
        "residual": _DECIMAL,
        "depreciable": _DECIMAL,
        "life_months": _MAYBE,
        "rate_pct": {
            **_MAYBE,
            "description": "Percent a year: of the balance (declining) or of the cost (straight line).",
        },
        "n_rows": {"type": "integer"},
        "charges": _DECIMALS,
        "percents": {**_DECIMALS, "description": "The charges in percent of the cost."},
        "first": _DECIMAL,
        "regular": {**_DECIMAL, "description": "The most frequent charge."},
        "last": _DECIMAL,
        "total": _DECIMAL,
        "closing": {**_DECIMAL, "description": "The balance after the last row."},
        "disposal": {
            "type": "object",
            "description": "on, accumulated, book_value, proceeds, gain (a loss is below 0).",
        },
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "n": {"type": "integer"},
                    "from": _DAY,
                    "to": _DAY,
                    "charge": _DECIMAL,
                    "accumulated": _DECIMAL,
                    "book_value": _DECIMAL,
                },
            },
        },
        "function": {"type": "string"},
        "value": _DECIMAL,
        "error": {"type": "string", "description": "What the spreadsheet shows: #NUM!, #VALUE!, #DIV/0!."},
        "ignored": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields nothing was made of.",
        },
    },
}
