"""The JSON schema of cases that name a pack: fields of `calc depreciation` beside those of stated terms."""

from typing import Any

from wherewithal.core.depreciation.packs import pack_codes

_NUMBER: dict[str, Any] = {"$ref": "#/$defs/number"}
_DAY: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_FACTS: dict[str, Any] = {
    "type": "object",
    "description": "Facts and elections that the pack declares, by name.",
}

_ADDITION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "amount": _NUMBER,
        "on": {
            **_DAY,
            "description": "Incurred, put to use or available, by the regime; its rules go by this day.",
        },
        "pool": {"type": "string", "description": "Of a case with several pools."},
        "allowance": {
            "type": "string",
            "description": "A first-year claim of the pack, like aia; none if left out.",
        },
        "days_used": {"type": "integer", "description": "Days put to use in the year, instead of `on`."},
        "facts": _FACTS,
    },
    "required": ["amount"],
}
_DISPOSAL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "proceeds": _NUMBER,
        "cost": {**_NUMBER, "description": "A disposal value is never more than the cost."},
        "on": _DAY,
        "pool": {"type": "string"},
        "allowance": {"type": "string", "description": "The first-year claim that was made on the asset."},
    },
}
_HAPPENED: dict[str, Any] = {
    "from": {**_DAY, "description": "First day of the period; a plain year without dates if left out."},
    "to": {**_DAY, "description": "Last day of the period."},
    "additions": {
        "description": "A total, or a list.",
        "anyOf": [_NUMBER, {"type": "array", "items": _ADDITION}],
    },
    "disposals": {
        "description": "Total proceeds, or a list.",
        "anyOf": [_NUMBER, {"type": "array", "items": _DISPOSAL}],
    },
    "business_use": {**_NUMBER, "description": "The part of the allowance that is claimable, like 0.6."},
    "claim": {**_NUMBER, "description": "Less than the whole allowance is claimed."},
    "ceased": {"type": "boolean", "description": "The business has ended in the period."},
    "empty": {"type": "boolean", "description": "No asset is left in the pool at the end of the period."},
    "facts": _FACTS,
}
_YEAR_ASSET: dict[str, Any] = {
    "type": "object",
    "properties": {
        "class": {"type": "string"},
        "cost": _NUMBER,
        "section_179": {**_NUMBER, "description": "Amount expensed before the test."},
        "in_service_on": _DAY,
        "disposed_in_year": {"type": "boolean"},
    },
    "required": ["in_service_on"],
}

PACK_FIELDS: dict[str, Any] = {
    "pack": {
        "description": f"The rules of a country or standard: {', '.join(pack_codes())}; or a whole pack. With `class` "
        "(an asset), `pool` or `pools`, `limit`, `rate_of` or `year_test`; alone it answers what is in it.",
        "type": ["string", "object"],
    },
    "class": {
        "type": "string",
        "description": "A class of the pack; with cost, acquired_on and in_service_on.",
    },
    "elections": _FACTS,
    "tax_year_first_month": {"type": "integer", "minimum": 1, "maximum": 12},
    "stated_years": {
        "description": "First and last day of tax years that are short or long.",
        "type": "array",
        "items": {"type": "array", "items": _DAY, "minItems": 2, "maxItems": 2},
    },
    "pool": {
        "type": "string",
        "description": "A pool of the pack, with opening, additions, disposals, periods.",
    },
    "pools": {
        "type": "object",
        "description": "Several pools with their opening balances; limits hold over all of them.",
        "additionalProperties": _NUMBER,
    },
    "opening": {**_NUMBER, "description": "The balance of the pool before the first period."},
    "carry": {
        "type": "object",
        "description": "What an earlier answer said has to be carried beside the balance.",
    },
    "periods": {
        "type": "array",
        "description": "One after the other; left out: the fields of one period are the case's own.",
        "items": {"type": "object", "properties": {**_HAPPENED, "rate": _NUMBER}},
    },
    **_HAPPENED,
    "limit": {
        "type": "string",
        "description": "A limit of the pack, with year and property, or from and to.",
    },
    "year": {"type": "integer", "description": "The year in which the tax year begins."},
    "property": {**_NUMBER, "description": "All property of the year that the limit shrinks by."},
    "rate_of": {
        "type": "string",
        "description": "A rate of the pack, with from and to: across a change by days.",
    },
    "year_test": {"type": "string", "description": "A test over the assets of a year, like mid_quarter."},
    "assets": {"type": "array", "items": _YEAR_ASSET},
    "on": {**_DAY, "description": "A day of the tax year, instead of `year`."},
}

_MONEY: dict[str, Any] = {"type": "number"}
_MONIES: dict[str, Any] = {"type": "array", "items": _MONEY}

PACK_ANSWER_FIELDS: dict[str, Any] = {
    "pack": {"type": "string"},
    "class": {"type": "string"},
    "allowances": {
        "type": "array",
        "description": "Of an asset: first-year allowances; of a pool: what it is written down by, per period.",
    },
    "allowances_total": _MONEY,
    "basis": {**_MONEY, "description": "What is left for the regular charge."},
    "pool": {"type": ["string", "null"]},
    "table_pct": {**_MONIES, "description": "Percent of the basis per tax year, of printed tables."},
    "first_year_total": {**_MONEY, "description": "First-year allowances and the first regular charge."},
    "periods": {"type": "array", "description": "The computation of each pool, with its lines."},
    "allowance": _MONEY,
    "claim": _MONEY,
    "first_year": _MONEY,
    "deduction": _MONEY,
    "balancing_charge": _MONEY,
    "balancing_allowance": _MONEY,
    "closings": _MONIES,
    "rate_pct_unrounded": {"type": ["number", "null"]},
    "maximum": _MONEY,
    "outcome": {"type": "string"},
    "share_pct": _MONEY,
    "because": {
        "type": "array",
        "description": "The rules that decided: title, source, day it was looked up, when.",
    },
}
