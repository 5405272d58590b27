"""The JSON schemas (draft 2020-12) of `calc impairment`: what a case may say, what an answer says."""

from typing import Any

from wherewithal.core.calc.impairment import MAX_YEARS, TIMINGS
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

_ASSET: dict[str, Any] = {
    "name": {"type": "string"},
    "carrying": amount("Its carrying amount.", "carrying_amount"),
    "fvlcd": amount("Its own fair value less costs of disposal: it does not fall below.", "floor"),
    "value_in_use": amount("Its own value in use, if it can be found: it does not fall below.", "viu"),
    "unimpaired": amount("What it would be carried at had nothing been impaired: the ceiling of a reversal."),
    "recoverable_amount": amount("What it can itself recover, if known: a ceiling of a reversal too."),
    "outside": flag(
        "Bears no loss, because another standard measures it. Inventories, receivables, financial assets, cash and "
        "deferred tax, by their names, unless said otherwise."
    ),
}
_NAMED: dict[str, Any] = {
    "description": "A list of objects with a name, or an object of amounts (or objects) by name.",
    "anyOf": [
        {"type": "array", "items": {"type": "object", "properties": _ASSET, "required": ["name"]}},
        {
            "type": "object",
            "additionalProperties": {
                "anyOf": [{"$ref": "#/$defs/number"}, {"type": "object", "properties": _ASSET}]
            },
        },
    ],
}

CASE: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Impairment case",
    "description": "Value in use alone (cash_flows); an asset (carrying); a cash-generating unit (assets, or goodwill "
    "and identifiable_assets); a disposal group held for sale (fvlcts and assets). With `unimpaired` amounts and more "
    "recoverable than carried, a reversal.",
    "type": "object",
    "properties": {
        "currency_decimals": {
            "type": "integer",
            "minimum": 0,
            "maximum": MAX_DECIMALS,
            "description": "Unless said, as many as the amounts of the case have: estimates in whole units are "
            "answered in whole units.",
        },
        "cash_flows": {
            "type": "array",
            "maxItems": MAX_YEARS,
            "items": {"$ref": "#/$defs/number"},
            "description": "Yearly, the first one year ahead. The name may go on (cash_flows_2026_2030).",
        },
        "discount_rate": rate("The yearly rate.", "rate", "pre_tax_rate", "wacc"),
        "timing": word("When in their years the flows come; at the end unless said.", TIMINGS),
        "terminal_growth": rate(
            "After the last year flows go on for ever, growing so.",
            "terminal_growth_rate",
            "growth_rate",
            "perpetuity_growth_rate",
        ),
        "terminal_cash_flow": amount(
            "The flow of the first year after the forecast, instead of the last one grown."
        ),
        "terminal_year_cash_flow": amount(
            "A level of the last year, to be grown once, instead of the last flow."
        ),
        "terminal_value": amount("The value of all that comes after, at the end of the last year."),
        "round_each_flow": flag("Round each discounted flow and add them up, as working papers do."),
        "value_in_use": amount("Instead of cash flows.", "viu"),
        "fvlcd": {
            "description": "Fair value less costs of disposal; a text without digits means that it cannot be found. Also "
            "read as: fair_value_less_costs_of_disposal, net_selling_price.",
            "anyOf": [{"$ref": "#/$defs/number"}, {"type": "string"}],
        },
        "fair_value": amount("Or the fair value, and costs_of_disposal."),
        "costs_of_disposal": amount("What selling would cost.", "costs_to_sell"),
        "recoverable_amount": amount("Instead of both.", "recoverable"),
        "carrying": amount("Carrying amount of the asset (or of the unit, goodwill included)."),
        "cost": amount("Of the asset, instead of carrying, with accumulated_depreciation."),
        "accumulated_depreciation": amount("Depreciation so far."),
        "revaluation_surplus": amount("Of the asset: it takes a loss first.", "surplus"),
        "unimpaired": amount(
            "What would be carried had nothing been impaired.",
            "depreciated_historical_cost",
            "unimpaired_carrying",
        ),
        "original_cost": amount("Or the cost, with original_life_years and years_used (straight line)."),
        "original_life_years": number_of("The life it was depreciated over."),
        "years_used": number_of("How much of it has passed."),
        "remaining_life_years": number_of("For a year's depreciation after the change."),
        "residual_value": amount("For the same."),
        "goodwill": amount("Of the unit or group: it takes the loss first."),
        "identifiable_assets": amount(
            "The other assets in total; the name may go on, with depreciation (…)."
        ),
        "assets": _NAMED,
        "remeasured_before_classification": _NAMED,
        "reversal": flag("A reversal even if the unit recovers less than it is carried at."),
        "fvlcts": amount("Disposal group: fair value less costs to sell."),
        "liabilities": amount("Disposal group: its liabilities, taken off."),
        "book_before_remeasure_total": amount(
            "Disposal group: its carrying amount before its assets were measured."
        ),
    },
    "$defs": DEFS,
}

ANSWER: dict[str, Any] = {
    "$schema": DIALECT,
    "title": "Answer to an impairment case",
    "type": "object",
    "properties": {
        **money_fields(
            {
                "value_in_use": "Present value of all flows.",
                "present_value_of_forecast": "Of the years stated.",
                "present_value_of_terminal": "Of what comes after.",
                "recoverable_amount": "The higher of value in use and fair value less costs of disposal.",
                "carrying_before": "What was carried.",
                "impairment": "The loss recognised.",
                "to_surplus": "Of it, against revaluation surplus.",
                "to_profit_or_loss": "Of it, in profit or loss.",
                "to_goodwill": "Of it, borne by goodwill.",
                "to_identifiable_assets": "Of it, borne by the other assets.",
                "unallocated": "What no asset could bear; it is not recognised.",
                "reversal": "What was taken back.",
                "not_reversed": "What the ceilings kept out.",
                "ceiling": "What would be carried had nothing been impaired.",
                "carrying_after": "What is carried then.",
                "annual_depreciation": "A year's depreciation of it.",
                "remeasurement_loss": "Disposal group: what measuring its assets by their own standards took.",
            }
        ),
        "present_values": {"type": "array", "items": MONEY, "description": "Of each flow, rounded for show."},
        "allocated": {
            "type": "object",
            "additionalProperties": MONEY,
            "description": "Loss (or reversal) of each.",
        },
        "after": {
            "type": "object",
            "additionalProperties": MONEY,
            "description": "What each is carried at then.",
        },
        "ignored": IGNORED,
    },
}
