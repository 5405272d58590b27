"""The JSON schemas (draft 2020-12) of `calc costing`: what a case may say, what an answer says."""

from typing import Any

from wherewithal.core.calc.costing import MAX_STEPS
from wherewithal.core.calc.steps import METHODS, OPS
from wherewithal.core.money import MAX_DECIMALS

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NUMBER: dict[str, Any] = {
    "description": "A decimal number, as a JSON number or as a text (texts are read exactly by every client).",
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"},
    ],
}
_FIELDS: dict[str, dict[str, Any]] = {
    "qty": {"$ref": "#/$defs/number", "description": "Above zero; of `adjust` also below (goods missing)."},
    "new_qty": {"$ref": "#/$defs/number", "description": "What the quantity of the past move was in truth."},
    "unit_cost": {"$ref": "#/$defs/number", "description": "Price of one; x qty is rounded half-even once."},
    "new_unit_cost": {
        "$ref": "#/$defs/number",
        "description": "What the price of the past receipt was in truth.",
    },
    "amount": {"$ref": "#/$defs/number", "description": "An amount as a whole; goes before unit_cost."},
    "value": {"description": "The new standard cost (or the method, of change_cost_method)."},
    "standard_cost": {"$ref": "#/$defs/number", "description": "The standard cost from then on."},
    "of": {
        "description": "The ref of the past move that is meant; of landed_cost also several.",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
    "by": {"enum": ["quantity", "value"], "description": "How a landed cost on several moves is shared out."},
    "lot": {"type": "string", "description": "Lot or serial; counts under specific identification."},
    "method": {"enum": list(METHODS)},
    "new_method": {"enum": list(METHODS)},
    "to": {"enum": list(METHODS)},
    "to_method": {"enum": list(METHODS)},
}
_MEANING = {
    "receive": "Goods from a supplier. Without a price: at the last unit cost.",
    "issue": "Goods to a customer, at the cost the method takes.",
    "scrap": "Goods scrapped.",
    "adjust": "Goods found (above zero; without a value at the last unit cost) or missing (below zero) in a count.",
    "return_to_supplier": "Goods of a receipt go back: first from what is left of it, then by method; the supplier "
    "owes the price of the receipt.",
    "return_from_customer": "Goods of an issue come back, at the cost they left with.",
    "dropship_supplier_to_customer": "Goods that never come into stock.",
    "dropship": "The same.",
    "internal_transfer": "Goods move within the company: no value moves.",
    "amend_quantity_of_past_move": "A past move was entered with a wrong quantity; corrected at its own place.",
    "amend_unit_cost_of_past_move": "A past receipt was entered with a wrong price; corrected at its own place.",
    "reverse": "A past move never happened.",
    "landed_cost": "Freight, duty or the like of past receipts; counts from their places.",
    "revalue": "The value of what is on hand changes by decision, by an amount.",
    "set_standard_cost": "A new standard cost: under the standard method stock is revalued.",
    "change_cost_method": "Another method from now on (method, new_method, to or value).",
}


def _step(name: str) -> dict[str, Any]:
    op = OPS[name]
    return {
        "title": name,
        "description": _MEANING[name],
        "type": "object",
        "properties": {
            "op": {"const": name},
            "ref": {"type": "string", "description": "Its name; m1, m2 ... by its place if it has none."},
            "period": {
                "type": "integer",
                "minimum": 1,
                "description": "Of the periodic average; never falls.",
            },
            "note": {"type": "string"},
            **{field: _FIELDS[field] for field in op.fields},
        },
        "required": ["op", *op.needed],
    }


CASE: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Costing case",
    "description": "The history of one item in one company: steps one after the other in time, or a bare queue.",
    "type": "object",
    "properties": {
        "method": {"enum": list(METHODS)},
        "currency_decimals": {"type": "integer", "minimum": 0, "maximum": MAX_DECIMALS, "default": 2},
        "initial_standard_cost": {"anyOf": [{"$ref": "#/$defs/number"}, {"type": "null"}]},
        "steps": {"type": "array", "maxItems": MAX_STEPS, "items": {"oneOf": [_step(name) for name in OPS]}},
        "queue_ops": {
            "type": "array",
            "maxItems": MAX_STEPS,
            "items": {
                "type": "array",
                "description": '["add", qty, rate], ["remove", qty (, rate if short)] or ["init", [[qty, rate], ...]]',
                "minItems": 2,
                "maxItems": 3,
            },
        },
    },
    "required": ["method"],
    "oneOf": [{"required": ["steps"]}, {"required": ["queue_ops"]}],
    "$defs": {"number": _NUMBER},
}

_DECIMAL: dict[str, Any] = {"type": "number"}
_UNIT_COST: dict[str, Any] = {
    "type": ["number", "null"],
    "description": "Half-even to four decimals beyond the currency's; null if nobody knows one.",
}
_PAIRS: dict[str, Any] = {"type": "array", "items": {"type": "array", "items": _DECIMAL}}

ANSWER: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Answer to a costing case",
    "type": "object",
    "properties": {
        "final_qty": _DECIMAL,
        "final_value": _DECIMAL,
        "unit_cost": _UNIT_COST,
        "qty_path": {"type": "array", "items": _DECIMAL, "description": "On hand after each step."},
        "value_path": {"type": "array", "items": _DECIMAL, "description": "Value as known after each step."},
        "unit_cost_path": {"type": "array", "items": _UNIT_COST},
        "move_values": {
            "type": "object",
            "additionalProperties": _DECIMAL,
            "description": "Effect of each move on the value of stock at its own place, as known in the end.",
        },
        "move_unit_costs": {"type": "object", "additionalProperties": _UNIT_COST},
        "moves": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "ref": {"type": "string"},
                    "op": {"type": "string"},
                    "qty": _DECIMAL,
                    "value": _DECIMAL,
                    "true_ups": {
                        **_DECIMAL,
                        "description": "What later receipts added to goods that were short.",
                    },
                    "past_stock": {**_DECIMAL, "description": "Cost of what never came into stock."},
                    "unit_cost": _UNIT_COST,
                },
            },
        },
        "layers": {
            "type": "array",
            "description": "What is on hand, oldest first; what is short is negative.",
            "items": {
                "type": "object",
                "properties": {"ref": {"type": ["string", "null"]}, "qty": _DECIMAL, "value": _DECIMAL},
            },
        },
        "entries": {
            "type": "array",
            "description": "What each step made the ledger post: always the difference, by account role.",
            "items": {
                "type": "object",
                "properties": {
                    "step": {"type": "integer"},
                    "move": {"type": ["string", "null"]},
                    "cause": {"type": ["string", "null"]},
                    "role": {"type": "string"},
                    "debit": {"type": "string"},
                    "credit": {"type": "string"},
                    "amount": _DECIMAL,
                },
            },
        },
        "queue": _PAIRS,
        "consumed": _PAIRS,
        "ignored": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Fields nothing was made of.",
        },
    },
    "required": ["final_qty", "final_value"],
}


def costing_schema() -> dict[str, Any]:
    """The schema of a case."""
    return CASE
