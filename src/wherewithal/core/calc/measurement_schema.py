"""The JSON schemas (draft 2020-12) of `calc measurement`: what a case may say, what an answer says."""

from typing import Any

from wherewithal.core.calc.measurement import EVENTS, MAX_EVENTS
from wherewithal.core.calc.schema_parts import (
    DEFS,
    DIALECT,
    IGNORED,
    MONEY,
    amount,
    flag,
    money_fields,
    number_of,
    rate,
    word,
)
from wherewithal.core.money import MAX_DECIMALS


def _list_of(meaning: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "array",
        "maxItems": 1_000,
        "description": meaning,
        "items": {"type": "object", "properties": properties, "required": list(required)},
    }


_COMPONENT = {
    "name": {"type": "string"},
    "cost": amount("What of the cost it is.", "amount"),
    "life_years": number_of("Its life.", "life", "useful_life_years"),
    "residual_value": amount("What will be left of it."),
}
_REVALUATION = {
    "after_years": number_of("When, counted from the start of the case.", "year"),
    "value": amount("To what.", "revalued_to", "fair_value"),
}
_PROVISION_CHANGE = {
    "after_years": number_of("When, counted from the start.", "year"),
    "change": amount("By how much the provision changes: above zero it grows."),
    "provision_after": amount("Or to what.", "new_provision"),
    "new_obligation": amount("Or what will have to be paid.", "new_cash_flow"),
    "new_rate": rate("The discount rate from now on."),
    "provision_before": amount("What it has grown to, if rounded otherwise than here."),
    "valuation_gross": amount("A valuation of the asset that day, the obligation not deducted.", "valuation"),
    "valuation_net": amount("A valuation with the obligation deducted, which is added back."),
}

CASE: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Measurement case",
    "description": "What one event does to an asset. `event` says which; without it, the fields tell.",
    "type": "object",
    "properties": {
        "event": word("Which event.", tuple(EVENTS)),
        "currency_decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_DECIMALS,
            "description": "Unless said, as many as the amounts of the case have.",
        },
        "cost": amount("Cost of the asset."),
        "accumulated_depreciation": amount("Depreciation so far.", "accumulated"),
        "carrying": amount("Or what it is carried at.", "carrying_before", "carrying_amount"),
        "residual_value": amount("What will be left in the end.", "residual"),
        "life_years": number_of("Its life.", "life", "useful_life_years"),
        "remaining_life_years": number_of("What is left of its life.", "remaining_life", "remaining_years"),
        "surplus": amount("Its revaluation surplus before.", "revaluation_surplus"),
        "loss_before": amount("Decreases charged to profit or loss before, not yet taken back."),
        "revalued_to": amount("Revaluation: to what.", "revalued_amount", "fair_value", "value", "valuation"),
        "method": word(
            "Revaluation: elimination (default) or proportional. Grant: deferred (default) or deduction.",
            ("elimination", "proportional", "deferred", "deduction"),
        ),
        "revaluations": _list_of("Several, with straight-line depreciation between them.", _REVALUATION, "value")
        | {"maxItems": MAX_EVENTS},
        "transfer_as_used": flag("The surplus moves to retained earnings as the asset is depreciated."),
        "obligation": amount(
            "Decommissioning: what will have to be paid.", "expected_cash_flow", "decommissioning_cost"
        ),
        "years": number_of("Decommissioning: in how many years, the life of the asset.", "due_in_years"),
        "rate": rate("Decommissioning: the yearly discount rate.", "discount_rate"),
        "cost_without_obligation": amount("Decommissioning: cost of the asset before the provision is added."),
        "model": word("Decommissioning: how the asset is measured.", ("cost", "revaluation")),
        "changes": _list_of("Decommissioning: changes of the estimate.", _PROVISION_CHANGE, "after_years")
        | {"maxItems": MAX_EVENTS},
        "provision_before": amount("Decommissioning, one change alone: the provision before it."),
        "provision_after": amount("Decommissioning, one change alone: the provision after it."),
        "change": amount("Decommissioning, one change alone: by how much (above zero it grows)."),
        "headroom": amount("Decommissioning: how much surplus may be added before the cost model's amount is exceeded."),
        "years_since_change": number_of("Decommissioning: a change to be booked as if it always had been part of cost."),
        "remaining_life_at_change": number_of("For the same: the life that was left then."),
        "components": _list_of("Components: the parts.", _COMPONENT, "name", "cost"),
        "other_life_years": number_of("Components: the life of what belongs to no named part."),
        "grant": amount("Grant: its amount."),
        "repayment": amount("Grant: what of it is paid back."),
        "repaid_after_years": number_of("Grant: when."),
        "proceeds": amount("Disposal: what was received.", "sale_price"),
        "costs": amount("Disposal: what selling cost.", "disposal_costs"),
        "share": rate("Disposal: the share that leaves."),
        "fvlcts": amount("Held for sale: fair value less costs to sell."),
        "later": {
            "type": "array",
            "maxItems": MAX_EVENTS,
            "items": {"$ref": "#/$defs/number"},
            "description": "Held for sale: the same at later days.",
        },
        "impairment_before": amount("Held for sale: impairment recognised before, which may be taken back."),
        "carrying_if_never_classified": amount("Held for sale no longer: what would be carried otherwise."),
        "recoverable_amount": amount("Held for sale no longer: what is recoverable."),
    },
    "$defs": DEFS,
}  # fmt: skip

_LINE = money_fields(
    {
        "carrying_before": "Before the event.",
        "change": "Of the value, or of the provision.",
        "oci_surplus": "To (above zero) or from the revaluation surplus.",
        "profit_or_loss": "A gain above zero, a loss below.",
        "cost_after": "Cost after the event.",
        "accumulated_after": "Accumulated depreciation after it.",
        "carrying_after_revaluation": "Carrying amount after it.",
        "surplus_after": "Revaluation surplus after it.",
        "depreciation_since": "Since the event before.",
        "surplus_transferred": "To retained earnings since the event before.",
        "annual_depreciation": "A year's depreciation from now on.",
        "carrying_after_one_year": "And what is carried then.",
        "surplus_transfer_per_year": "What of the surplus moves to retained earnings in a year.",
        "provision_before": "The provision, grown.",
        "provision_after": "The provision as estimated anew.",
        "to_asset": "Of the change, to the cost of the asset.",
        "to_surplus": "Of the change, to the revaluation surplus.",
        "revaluation": "Of a valuation that day, to the surplus.",
        "revaluation_profit_or_loss": "Of it, to profit or loss.",
        "carrying_after": "Carrying amount after the event.",
        "finance_cost_since": "Unwinding since the event before.",
        "next_year_finance_cost": "Unwinding in the year after.",
        "next_year_depreciation": "Depreciation in the year after.",
        "depreciation": "Of the year.",
        "grant_income": "Of the year.",
        "carrying": "At its end.",
        "deferred": "Deferred income at its end.",
    }
)
_LINES = {"type": "array", "items": {"type": "object", "properties": {"year": {"type": "integer"}, **_LINE}}}

ANSWER: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Answer to a measurement case",
    "type": "object",
    "properties": {
        **_LINE,
        **money_fields(
            {
                "initial_provision": "At the start.",
                "final_provision": "When it falls due.",
                "cost": "Cost of the asset, the provision included; or what is added to it.",
                "accumulated_depreciation": "What of it would be depreciated by now.",
                "retained_earnings": "The rest, to opening retained earnings.",
                "not_in_components": "Cost that belongs to no named part.",
                "carrying_amount": "What leaves.",
                "gain": "Proceeds less costs less what leaves; below zero a loss.",
                "surplus_to_retained_earnings": "Revaluation surplus of what leaves.",
                "cost_left": "Cost of what stays.",
                "accumulated_left": "Accumulated depreciation of what stays.",
                "loss": "At classification as held for sale.",
                "carrying_when_ceased": "When no longer held for sale.",
            }
        ),
        "by_component": {"type": "object", "additionalProperties": MONEY},
        "repaid": {"type": "object", "additionalProperties": MONEY},
        "revaluations": _LINES,
        "changes": _LINES,
        "years": _LINES,
        "later": _LINES,
        "ignored": IGNORED,
    },
}
