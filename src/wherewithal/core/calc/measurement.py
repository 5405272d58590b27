"""`calc measurement`: revaluation, dismantling, grants, components, disposal and held for sale. Nothing is stored.

`event` says which; where it is missing, the fields tell. Years are whole or parts; depreciation is straight-line, as it
is in the examples of the standards (any method: `calc depreciation`).
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.fields import Fields, decimals_used, money, stated_decimals
from wherewithal.core.calc.measurement_provisions import decommissioning
from wherewithal.core.calc.reading import CaseError, text
from wherewithal.core.discounting import rounded
from wherewithal.core.measurement.components import Component, ComponentError, remainder, yearly_depreciation
from wherewithal.core.measurement.disposal import dispose
from wherewithal.core.measurement.grants import released, repay_deducted, repay_deferred
from wherewithal.core.measurement.held_for_sale import ceased, measure, remeasure
from wherewithal.core.measurement.revaluation import (
    Restatement,
    RevaluationError,
    Revalued,
    revalue,
    surplus_used,
)

CARRYING = ("carrying", "carrying_before", "carrying_amount", "book_value")
ACCUMULATED = ("accumulated_depreciation", "accumulated", "accumulated_dep")
VALUE = ("revalued_to", "revalued_amount", "fair_value", "value", "valuation")
REMAINING = ("remaining_life_years", "remaining_life", "remaining_years")
LIFE = ("useful_life_years", "life_years", "useful_life", "life")
MAX_EVENTS = 100
MAX_YEARS = 200

Answer = dict[str, Any]


def calc_measurement(case: Mapping[str, Any]) -> Answer:
    """The answer to a measurement case: amounts as Decimals, ready for JSON. Raises CaseError."""
    fields = Fields(case, "")
    fields.decimals = stated_decimals(fields, decimals_used(dict(fields.said)))
    try:
        answer = _event(fields)(fields)
    except RevaluationError as error:
        raise CaseError(fields.at("value"), "revaluation", str(error)) from None
    except ComponentError as error:
        raise CaseError(fields.at("components"), "components", str(error)) from None
    except (OverflowError, ArithmeticError):
        raise CaseError("case", "range", "These rates or amounts are out of any range.") from None
    ignored = fields.ignored()
    return answer | ({"ignored": ignored} if ignored else {})


def _event(fields: Fields) -> Callable[[Fields], Answer]:
    found = fields.choice({name: name for name in EVENTS}, None, "event", "what")
    if found is not None:
        return EVENTS[found]
    for names, event in _TELLING:
        if fields.has(*names):
            return event
    raise CaseError(fields.at("event"), "required", f"What happens is one of {', '.join(EVENTS)}.")


# --- revaluation ----------------------------------------------------------------------------------------------


def _revaluation(fields: Fields) -> Answer:
    """One revaluation (`revalued_to`), or several over a life (`revaluations`)."""
    method = fields.choice({each.value: each for each in Restatement}, Restatement.ELIMINATION, "method")
    before = _revalued(fields)
    if fields.has("revaluations"):
        return _revaluations(fields, before, method)
    value = fields.needed_amount(*VALUE)
    after, answer = _one_revaluation(fields, before, value, method)
    return answer | _after_revaluation(fields, after)


def _revalued(fields: Fields) -> Revalued:
    """The asset before: cost and accumulated depreciation, or only what it is carried at."""
    accumulated = fields.amount_or(0, *ACCUMULATED)
    carrying = fields.amount(*CARRYING)
    cost = carrying + accumulated if carrying is not None else fields.needed_amount("cost")
    surplus = fields.amount_or(0, "surplus", "revaluation_surplus", "surplus_before")
    return Revalued(cost, accumulated, surplus, fields.amount_or(0, "loss_before", "losses_before"))


def _one_revaluation(
    fields: Fields, before: Revalued, value: int, method: Restatement
) -> tuple[Revalued, Answer]:
    change = revalue(before, value, method)
    after = Revalued(
        before.cost + change.cost,
        before.accumulated + change.accumulated,
        before.surplus + change.surplus,
        before.loss - change.profit_or_loss,
    )
    parts = {
        "carrying_before": before.carrying,
        "change": value - before.carrying,
        "oci_surplus": change.surplus,
        "profit_or_loss": change.profit_or_loss,
        "cost_after": after.cost,
        "accumulated_after": after.accumulated,
        "carrying_after_revaluation": after.carrying,
        "surplus_after": after.surplus,
    }
    return after, {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _after_revaluation(fields: Fields, after: Revalued) -> Answer:
    """A year later, if the case says how long is left."""
    years = fields.ratio(*REMAINING)
    if years is None:
        return {}
    residual = fields.amount_or(0, "residual_value", "residual")
    depreciable = after.carrying - residual
    yearly = rounded(depreciable / _life(fields, years, REMAINING[0]))
    parts = {
        "annual_depreciation": yearly,
        "carrying_after_one_year": after.carrying - yearly,
        "surplus_transfer_per_year": surplus_used(max(after.surplus, 0), yearly, depreciable),
    }
    return {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _life(fields: Fields, years: Fraction, name: str) -> Fraction:
    if not 0 < years <= 1_000:
        raise CaseError(fields.at(name), "positive", "A life is above zero.")
    return years


def _revaluations(fields: Fields, standing: Revalued, method: Restatement) -> Answer:
    """Revaluations in order of time, straight-line depreciation between them."""
    life = fields.ratio(*LIFE)
    residual = fields.amount_or(0, "residual_value", "residual")
    transfers = fields.flag("transfer_as_used")
    rows: list[Answer] = []
    now = Fraction(0)
    for where, raw in fields.rows("revaluations", most=MAX_EVENTS):
        said = Fields(raw, where, fields.decimals)
        at = said.ratio("after_years", "year")
        at = now if at is None else at
        if at < now:
            raise CaseError(said.at("after_years"), "order", "Revaluations come in order of time.")
        charge, moved = 0, 0
        if life is not None:
            left = _life(fields, life, LIFE[0]) - now
            depreciable = max(standing.carrying - residual, 0)
            charge = depreciable if at - now >= left else rounded(depreciable * (at - now) / left)
            moved = surplus_used(standing.surplus, charge, depreciable) if transfers and charge else 0
        standing = standing._replace(
            accumulated=standing.accumulated + charge, surplus=standing.surplus - moved
        )
        standing, row = _one_revaluation(said, standing, said.needed_amount(*VALUE), method)
        extra = {
            "depreciation_since": money(charge, fields.decimals),
            "surplus_transferred": money(moved, fields.decimals),
        }
        rows.append(extra | row)
        now = at
    return {"revaluations": rows}


# --- components, disposal, grants, held for sale --------------------------------------------------------------


def _components(fields: Fields) -> Answer:
    """Each part by its own life; what is not in a named part may have a life too (`other_life_years`)."""
    found = []
    for where, raw in fields.rows("components", most=1_000):
        said = Fields(raw, where, fields.decimals, {"note", "id", "comment"})
        years = said.ratio(*LIFE)
        if years is None:
            raise CaseError(said.at(LIFE[0]), "required", "Each component has a life.")
        name = text(said.raw("name"), said.at("name"))
        cost = said.needed_amount("cost", "amount")
        residual = said.amount_or(0, "residual_value", "residual")
        found.append(Component(name, cost, _life(said, years, LIFE[0]), residual))
    if not found:
        raise CaseError(fields.at("components"), "required", "The components are needed.")
    whole = fields.amount("cost", "asset_cost", "aircraft_cost", "total_cost")
    rest = 0 if whole is None else remainder(whole, found)
    others = fields.ratio("other_life_years")
    if rest and others is not None:
        found.append(Component("other", rest, _life(fields, others, "other_life_years")))
    yearly = yearly_depreciation(found)
    return {
        "annual_depreciation": money(sum(yearly.values()), fields.decimals),
        "by_component": {name: money(amount, fields.decimals) for name, amount in yearly.items()},
        "not_in_components": money(rest, fields.decimals),
    }


def _disposal(fields: Fields) -> Answer:
    """An asset, or a share of it, leaves."""
    standing = _revalued(fields)
    share = fields.rate("share", "part")
    share = Fraction(1) if share is None else share
    if not 0 < share <= 1:
        raise CaseError(fields.at("share"), "share", "The share that leaves is above 0 and at most 1.")
    proceeds = fields.amount_or(0, "proceeds", "sale_price")
    costs = fields.amount_or(0, "costs", "costs_to_sell", "disposal_costs")
    cost, accumulated = rounded(standing.cost * share), rounded(standing.accumulated * share)
    found = dispose(cost, accumulated, proceeds, costs, rounded(standing.surplus * share))
    parts = {
        "carrying_amount": found.carrying,
        "gain": found.gain,
        "surplus_to_retained_earnings": found.surplus,
        "cost_left": standing.cost - cost,
        "accumulated_left": standing.accumulated - accumulated,
    }
    return {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _grant(fields: Fields) -> Answer:
    """A grant for an asset, as deferred income or deducted from cost, year by year; and paying some of it back."""
    grant, cost = fields.needed_amount("grant"), fields.needed_amount("cost")
    years = fields.ratio(*LIFE)
    if years is None:
        raise CaseError(fields.at(LIFE[0]), "required", "The life of the asset is needed.")
    life = _life(fields, years, LIFE[0])
    residual = fields.amount_or(0, "residual_value", "residual")
    deducted = fields.choice(
        {"deferred": False, "deferred_income": False, "deduction": True, "deducted": True}, False, "method"
    )
    base = cost - residual
    passed = [min(Fraction(year), life) / life for year in range(1, min(int(life) + 1, MAX_YEARS) + 1)]
    passed = passed if passed[-1] == 1 and (len(passed) < 2 or passed[-2] < 1) else passed[:-1]
    rows, before = [], (0, 0)
    for number, share in enumerate(passed, start=1):
        used = rounded((base - (grant if deducted else 0)) * share)
        income = 0 if deducted else released(grant, rounded(base * share), base)
        line = {
            "depreciation": used - before[0],
            "grant_income": income - before[1],
            "carrying": cost - (grant if deducted else 0) - used,
            "deferred": 0 if deducted else grant - income,
        }
        rows.append(
            {"year": number} | {name: money(amount, fields.decimals) for name, amount in line.items()}
        )
        before = used, income
    return {"years": rows} | _grant_repaid(fields, grant, base, life, deducted=deducted)


def _grant_repaid(fields: Fields, grant: int, base: int, life: Fraction, *, deducted: bool) -> Answer:
    amount = fields.amount("repayment")
    after = fields.ratio("repaid_after_years") or Fraction(0)
    if amount is None:
        return {}
    share = min(after / life, Fraction(1))
    used = rounded(base * share)
    if deducted:
        parts = {"cost_increase": amount, "expense": repay_deducted(amount, used, base)}
    else:
        found = repay_deferred(amount, grant - released(grant, used, base))
        parts = {"from_deferred": found.from_deferred, "expense": found.expense}
    return {"repaid": {name: money(each, fields.decimals) for name, each in parts.items()}}


def _held_for_sale(fields: Fields) -> Answer:
    """One asset: the loss at classification, later changes (`later`: fair values less costs), and ceasing."""
    standing = _revalued(fields)
    fair = fields.needed_amount("fvlcts", "fair_value_less_costs_to_sell", "fair_value")
    loss = measure(standing.carrying, fair - fields.amount_or(0, "costs_to_sell"))
    carrying = standing.carrying - loss
    losses = loss + fields.amount_or(0, "impairment_before", "losses_before")
    rows = []
    for where, raw in fields.rows("later", most=MAX_EVENTS):
        change = remeasure(carrying, fields.minor(raw, where), losses)
        carrying, losses = carrying + change, losses - change
        rows.append({"change": money(change, fields.decimals), "carrying": money(carrying, fields.decimals)})
    answer: Answer = {
        "carrying_before": money(standing.carrying, fields.decimals),
        "loss": money(loss, fields.decimals),
        "carrying_after": money(carrying, fields.decimals),
    }
    never = fields.amount("carrying_if_never_classified")
    recoverable = fields.amount("recoverable_amount")
    if never is not None and recoverable is not None:
        answer["carrying_when_ceased"] = money(ceased(never, recoverable), fields.decimals)
    return answer | ({"later": rows} if rows else {})


EVENTS: dict[str, Callable[[Fields], Answer]] = {
    "revaluation": _revaluation,
    "decommissioning": decommissioning,
    "grant": _grant,
    "components": _components,
    "disposal": _disposal,
    "held_for_sale": _held_for_sale,
}
_TELLING: tuple[tuple[tuple[str, ...], Callable[[Fields], Answer]], ...] = (
    (("components",), _components),
    (("grant",), _grant),
    (
        (
            "provision_before",
            "obligation",
            "expected_cash_flow",
            "decommissioning_cost",
            "decommissioning_costs",
        ),
        decommissioning,
    ),
    (("fvlcts", "fair_value_less_costs_to_sell"), _held_for_sale),
    (("revaluations", *VALUE), _revaluation),
    (("proceeds", "sale_price"), _disposal),
)
