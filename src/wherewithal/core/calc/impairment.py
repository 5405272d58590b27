"""`calc impairment`: value in use, the loss of an asset or a cash-generating unit, its reversal, a disposal group.

Four forms of case, told apart by their fields: value in use alone (`cash_flows` and no carrying amount); an asset
(`carrying`); a unit (`assets`, or `goodwill` and `identifiable_assets`); a disposal group held for sale (`fvlcts`).
A reversal is said by `unimpaired` amounts (what would be carried had nothing been impaired). Nothing is stored.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.fields import Fields, decimals_used, money, stated_decimals
from wherewithal.core.calc.impairment_reading import (
    CARRYING,
    FVLCD,
    GOODWILL,
    RECOVERABLE,
    VALUE_IN_USE,
    Member,
    carrying_of_unit,
    members_of,
    unimpaired_of,
)
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.impairment.assess import impair, recoverable_amount, reverse
from wherewithal.core.impairment.unit import UnitAsset, UnitReversal, allocate_loss, allocate_reversal
from wherewithal.core.impairment.value_in_use import (
    FlowTiming,
    RateError,
    Terminal,
    ValueInUse,
    value_in_use,
)
from wherewithal.core.measurement.held_for_sale import GroupAsset, allocate_group

MAX_YEARS = 300
TIMINGS = {
    **dict.fromkeys(("end", "year_end", "end_of_year"), FlowTiming.END),
    **dict.fromkeys(("mid", "mid_year", "middle"), FlowTiming.MID),
    **dict.fromkeys(("start", "beginning"), FlowTiming.START),
}
FVLCTS = ("fvlcts", "fair_value_less_costs_to_sell")
RATE = ("discount_rate", "rate", "pre_tax_rate", "wacc")
GROWTH = ("terminal_growth", "terminal_growth_rate", "growth_rate", "perpetuity_growth_rate", "growth")
REMAINING = ("remaining_life_years", "remaining_years", "remaining_life")

Answer = dict[str, Any]


def calc_impairment(case: Mapping[str, Any]) -> Answer:
    """The answer to an impairment case: amounts as Decimals, ready for JSON. Raises CaseError."""
    fields = Fields(case, "")
    fields.decimals = stated_decimals(fields, decimals_used(dict(fields.said)))
    try:
        answer = _form(fields)(fields)
    except RateError as error:
        raise CaseError(fields.at("discount_rate"), "rate", str(error)) from None
    except (OverflowError, ArithmeticError):
        raise CaseError("case", "range", "These rates or amounts are out of any range.") from None
    ignored = fields.ignored()
    return answer | ({"ignored": ignored} if ignored else {})


def _form(fields: Fields) -> Callable[[Fields], Answer]:
    if fields.has(*FVLCTS):
        return _group
    if fields.has("assets") or fields.has(*GOODWILL) or fields.has("identifiable_assets_*"):
        return _unit
    if fields.has(*CARRYING) or fields.has("cost"):
        return _asset
    if fields.has("cash_flows_*"):
        return _value_in_use_alone
    raise CaseError(
        fields.at("carrying"),
        "form",
        "Give cash_flows, or a carrying amount, or assets, or fvlcts of a group.",
    )


# --- value in use ---------------------------------------------------------------------------------------------


def _flows(fields: Fields) -> ValueInUse | None:
    """The value in use from cash flows; None if there are none."""
    rows = fields.rows("cash_flows_*", most=MAX_YEARS)
    if not rows:
        return None
    flows = [fields.minor(value, where) for where, value in rows]
    rate = fields.rate(*RATE)
    if rate is None:
        raise CaseError(fields.at("discount_rate"), "required", "A discount rate is needed for cash flows.")
    return value_in_use(
        flows,
        rate,
        terminal=_terminal(fields, flows, rate),
        timing=fields.choice(TIMINGS, FlowTiming.END, "timing", "cash_flow_timing"),
        round_each=fields.flag("round_each_flow"),
    )


def _terminal(fields: Fields, flows: list[int], rate: Fraction) -> Terminal | None:
    """What comes after the forecast: the last year grown on (`terminal_growth`); a `terminal_cash_flow` of the first
    year beyond; a `terminal_year_cash_flow` that is a level still to grow once; or a `terminal_value` at the end.
    """
    growth = fields.rate(*GROWTH)
    first, level = fields.amount("terminal_cash_flow"), fields.amount("terminal_year_cash_flow")
    value = fields.amount("terminal_value")
    grown = 1 + (growth or Fraction(0))
    if value is not None:
        return Terminal(value * (rate - (growth or Fraction(0))), growth or Fraction(0))
    if first is not None:
        return Terminal(Fraction(first), growth or Fraction(0))
    if level is not None:
        return Terminal(level * grown, growth or Fraction(0))
    return None if growth is None else Terminal(flows[-1] * grown, growth)


def _value_in_use_alone(fields: Fields) -> Answer:
    found = _flows(fields)
    assert found is not None
    return _shown_value(fields, found)


def _shown_value(fields: Fields, found: ValueInUse) -> Answer:
    decimals = fields.decimals
    return {
        "value_in_use": money(found.value, decimals),
        "present_value_of_forecast": money(found.forecast, decimals),
        "present_value_of_terminal": money(found.terminal, decimals),
        "present_values": [money(each, decimals) for each in found.present_values],
    }


def _recoverable(fields: Fields) -> tuple[int, Answer]:
    """The recoverable amount and how it was found: stated, or the higher of the two, of which none is below zero
    (flows that come to less mean that nothing is recovered by using the asset)."""
    flows = _flows(fields)
    shown = {} if flows is None else _shown_value(fields, flows)
    stated = fields.not_below_zero(*RECOVERABLE)
    in_use = max(flows.value, 0) if flows is not None else fields.not_below_zero(*VALUE_IN_USE)
    fvlcd = _fvlcd(fields)
    if stated is None and in_use is None and fvlcd is None:
        raise CaseError(
            fields.at("recoverable_amount"),
            "required",
            "What is recoverable is needed: cash_flows, value_in_use, fvlcd or recoverable_amount.",
        )
    found = stated if stated is not None else recoverable_amount(fvlcd, in_use)
    return found, shown | {"recoverable_amount": money(found, fields.decimals)}


def _fvlcd(fields: Fields) -> int | None:
    """Fair value less costs of disposal, net or as two figures; a text ("not determinable") is none."""
    if isinstance(fields.raw(*FVLCD), str) and not any(sign.isdigit() for sign in fields.raw(*FVLCD)):
        return None
    net = fields.not_below_zero(*FVLCD)
    gross = fields.not_below_zero("fair_value")
    costs = fields.not_below_zero("costs_of_disposal", "costs_to_sell", "disposal_costs") or 0
    return net if net is not None else (None if gross is None else max(gross - costs, 0))


# --- one asset ------------------------------------------------------------------------------------------------


def _asset(fields: Fields) -> Answer:
    """A loss if less is recoverable than is carried, a reversal (with `unimpaired`) if more."""
    decimals = fields.decimals
    carrying = fields.amount(*CARRYING)
    if carrying is None:
        carrying = fields.needed_amount("cost") - fields.amount_or(
            0, "accumulated_depreciation", "accumulated"
        )
    found, shown = _recoverable(fields)
    unimpaired = unimpaired_of(fields)
    loss = impair(carrying, found, fields.amount_or(0, "revaluation_surplus", "surplus"))
    back = reverse(carrying, found, carrying if unimpaired is None else unimpaired)
    after = carrying - loss.loss + back.amount
    parts = {
        "carrying_before": carrying,
        "impairment": loss.loss,
        "to_surplus": loss.from_surplus,
        "to_profit_or_loss": loss.profit_or_loss,
        "reversal": back.amount,
        "carrying_after": after,
    }
    answer = shown | {name: money(amount, decimals) for name, amount in parts.items()}
    if unimpaired is not None:
        answer |= {"ceiling": money(unimpaired, decimals), "not_reversed": money(back.capped, decimals)}
    return answer | _depreciation_after(fields, after)


def _depreciation_after(fields: Fields, carrying: int) -> Answer:
    """A year's depreciation of the new carrying amount, if the case says how long is left."""
    years = fields.ratio(*REMAINING)
    if years is None:
        return {}
    if years <= 0:
        raise CaseError(fields.at(REMAINING[0]), "positive", "What is left of the life is above zero.")
    residual = fields.amount_or(0, "residual_value", "residual")
    yearly = (carrying - residual) / years
    return {"annual_depreciation": money(round(yearly), fields.decimals)}


# --- a unit ---------------------------------------------------------------------------------------------------


def _unit(fields: Fields) -> Answer:
    """Loss of a cash-generating unit, goodwill first; or, where assets have `unimpaired` amounts, the reversal."""
    goodwill = fields.amount_or(0, *GOODWILL)
    found, shown = _recoverable(fields)
    members = members_of(fields)
    if not members:
        return shown | _unit_in_total(fields, goodwill, found)
    carrying = goodwill + sum(member.carrying for member in members)
    if found > carrying or fields.flag("reversal"):
        return shown | _unit_reversal(fields, goodwill, members, found)
    loss = allocate_loss(goodwill, [_as_unit_asset(member) for member in members], found)
    shares = {member.name: loss.shares[member.name] for member in members}
    after = {member.name: member.carrying - shares[member.name] for member in members}
    return shown | _allocated(
        fields,
        {
            "carrying_before": carrying,
            "impairment": loss.loss,
            "to_goodwill": loss.goodwill,
            "to_identifiable_assets": sum(shares.values()),
            "unallocated": loss.unallocated,
            "carrying_after": carrying - loss.loss + loss.unallocated,
        },
        {"goodwill": loss.goodwill, **shares},
        {"goodwill": goodwill - loss.goodwill, **after},
    )


def _as_unit_asset(member: Member) -> UnitAsset:
    return UnitAsset(member.name, member.carrying, member.fvlcd, member.value_in_use, member.outside)


def _unit_in_total(fields: Fields, goodwill: int, found: int) -> Answer:
    """A unit of which only the sum of the identifiable assets is known."""
    identifiable = carrying_of_unit(fields)
    unimpaired = unimpaired_of(fields)
    loss = allocate_loss(goodwill, [UnitAsset("identifiable", identifiable)], found)
    back = reverse(identifiable, found, unimpaired) if unimpaired is not None and not loss.loss else None
    parts = {
        "carrying_before": goodwill + identifiable,
        "impairment": loss.loss,
        "to_goodwill": loss.goodwill,
        "to_identifiable_assets": loss.loss - loss.goodwill - loss.unallocated,
        "unallocated": loss.unallocated,
        "reversal": back.amount if back else 0,
        "not_reversed": back.capped if back else 0,
        "carrying_after": goodwill
        + identifiable
        - loss.loss
        + loss.unallocated
        + (back.amount if back else 0),
    }
    return {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _unit_reversal(fields: Fields, goodwill: int, members: list[Member], found: int) -> Answer:
    """Back to the assets in proportion, none above what it would be carried at; goodwill stays impaired."""
    rising = [
        UnitReversal(
            member.name,
            member.carrying,
            member.carrying if member.unimpaired is None or member.outside else member.unimpaired,
            member.recoverable,
        )
        for member in members
    ]
    back = allocate_reversal(rising, found - goodwill)
    total, carrying = sum(back.values()), goodwill + sum(member.carrying for member in members)
    after = {member.name: member.carrying + back[member.name] for member in members}
    return _allocated(
        fields,
        {
            "carrying_before": carrying,
            "impairment": 0,
            "reversal": total,
            "not_reversed": max(found - carrying, 0) - total,
            "carrying_after": carrying + total,
        },
        {str(name): amount for name, amount in back.items()},
        {"goodwill": goodwill, **after},
    )


def _allocated(
    fields: Fields, parts: Mapping[str, int], shares: Mapping[str, int], after: Mapping[str, int]
) -> Answer:
    decimals = fields.decimals
    return {
        **{name: money(amount, decimals) for name, amount in parts.items()},
        "allocated": {name: money(amount, decimals) for name, amount in shares.items()},
        "after": {name: money(amount, decimals) for name, amount in after.items()},
    }


# --- a disposal group -----------------------------------------------------------------------------------------

_GOODWILL_WORDS = ("goodwill",)


def _group(fields: Fields) -> Answer:
    """A disposal group: each asset first measured by its own standard, then the group by IFRS 5."""
    fair = fields.needed_amount(*FVLCTS)
    members = members_of(fields)
    if not members:
        raise CaseError(fields.at("assets"), "required", "The assets of the group are needed.")
    goodwill = fields.amount_or(0, *GOODWILL) + sum(each.carrying for each in members if _is_goodwill(each))
    others = [each for each in members if not _is_goodwill(each)]
    liabilities = fields.amount_or(0, "liabilities")
    loss = allocate_group(
        goodwill,
        [GroupAsset(each.name, each.carrying, not each.outside, each.fvlcd or 0) for each in others],
        fair,
        liabilities,
    )
    carrying = goodwill + sum(each.carrying for each in others) - liabilities
    book = fields.amount("book_before_remeasure_total", "carrying_before_remeasurement")
    shares = {each.name: loss.shares[each.name] for each in others}
    parts = {
        "remeasurement_loss": 0 if book is None else book - carrying,
        "carrying_before": carrying,
        "impairment": loss.impairment,
        "to_goodwill": loss.goodwill,
        "unallocated": loss.unallocated,
        "carrying_after": carrying - loss.impairment,
    }
    after = {each.name: each.carrying - shares[each.name] for each in others}
    return _allocated(
        fields, parts, {"goodwill": loss.goodwill, **shares}, {"goodwill": goodwill - loss.goodwill, **after}
    )


def _is_goodwill(member: Member) -> bool:
    return member.name in _GOODWILL_WORDS
