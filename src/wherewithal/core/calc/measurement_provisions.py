"""`calc measurement` of a provision for dismantling: its start, its unwinding, changes in it (IFRIC 1)."""

from fractions import Fraction
from typing import Any

from wherewithal.core.calc.fields import Fields, money
from wherewithal.core.calc.reading import CaseError
from wherewithal.core.discounting import rounded
from wherewithal.core.measurement.decommissioning import (
    Remeasured,
    provision_of,
    remeasure_cost_model,
    remeasure_revalued,
    unwound,
)
from wherewithal.core.measurement.revaluation import Restatement, Revalued, revalue

OBLIGATION = ("obligation", "expected_cash_flow", "decommissioning_cost", "decommissioning_costs")
YEARS = ("years", "due_in_years", "useful_life_years", "life_years")
RATE = ("rate", "discount_rate")
MAX_CHANGES = 100

Answer = dict[str, Any]


def decommissioning(fields: Fields) -> Answer:
    """A change told by the figures before it (`provision_before`), or an obligation from its start (`obligation`)."""
    if fields.has("retrospective_years") or fields.has("years_since_change"):
        return _retrospective(fields)
    if fields.has("provision_before"):
        return _one_change(fields)
    return _over_time(fields)


def _rate(fields: Fields) -> Fraction:
    found = fields.rate(*RATE)
    if found is None or found <= -1:
        raise CaseError(fields.at(RATE[0]), "required", "The yearly discount rate is needed, above -100 %.")
    return found


def _retrospective(fields: Fields) -> Answer:
    """A change that was once expensed is now part of cost, as if it had been from its day (IFRIC 1, transition)."""
    change = fields.needed_amount("change")
    passed = fields.ratio("retrospective_years", "years_since_change") or Fraction(0)
    life = fields.ratio("remaining_life_at_change", "remaining_life_years")
    if not life or life < passed:
        raise CaseError(
            fields.at("remaining_life_at_change"),
            "required",
            "The life left at the change is needed, not less.",
        )
    used = rounded(change * passed / life)
    parts = {"cost": change, "accumulated_depreciation": used, "retained_earnings": change - used}
    return {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _one_change(fields: Fields) -> Answer:
    """The provision changes today: from what it has grown to, to what it is estimated at."""
    before = fields.needed_amount("provision_before")
    after = fields.amount("provision_after")
    change = fields.amount_or(0, "change") if after is None else after - before
    cost = fields.amount_or(0, "cost")
    accumulated = fields.amount_or(0, "accumulated_depreciation", "accumulated")
    carrying = fields.amount_or(cost - accumulated, "carrying", "carrying_before", "carrying_amount")
    headroom = fields.amount("headroom")
    surplus, loss = fields.amount_or(0, "surplus", "revaluation_surplus"), fields.amount_or(0, "loss_before")
    revalued = _is_revalued(fields)
    found = (
        remeasure_revalued(change, surplus, loss, headroom)
        if revalued
        else remeasure_cost_model(change, carrying)
    )
    return _shown_change(fields, before, change, carrying, surplus, found) | _next_year(
        fields, before + change, carrying + found.to_asset
    )


def _is_revalued(fields: Fields) -> bool:
    return bool(fields.choice({"cost": False, "revaluation": True, "revalued": True}, False, "model"))


def _shown_change(
    fields: Fields, before: int, change: int, carrying: int, surplus: int, found: Remeasured
) -> Answer:
    parts = {
        "provision_before": before,
        "change": change,
        "provision_after": before + change,
        "carrying_before": carrying,
        "to_asset": found.to_asset,
        "to_surplus": found.to_surplus,
        "profit_or_loss": -found.profit_or_loss,
        "carrying_after": carrying + found.to_asset,
        "surplus_after": surplus + found.to_surplus,
    }
    return {name: money(amount, fields.decimals) for name, amount in parts.items()}


def _next_year(fields: Fields, provision: int, carrying: int) -> Answer:
    """What the next year costs, as far as the case says life and rate."""
    answer: Answer = {}
    left = fields.ratio("remaining_life_years", "remaining_life", "remaining_years")
    if left is not None and left > 0:
        answer["next_year_depreciation"] = money(rounded(carrying / left), fields.decimals)
    rate = fields.rate("new_rate", *RATE)
    if rate is not None:
        answer["next_year_finance_cost"] = money(rounded(provision * rate), fields.decimals)
    return answer


def _over_time(fields: Fields) -> Answer:
    """An obligation estimated at the start; the asset with it in its cost; changes after so many years."""
    amount, rate = fields.needed_amount(*OBLIGATION), _rate(fields)
    years = fields.ratio(*YEARS)
    if years is None or not 0 < years <= 1_000:
        raise CaseError(
            fields.at(YEARS[0]), "required", "In how many years it falls due is needed, above zero."
        )
    provision = provision_of(amount, years, rate)
    cost = fields.amount("cost", "asset_cost")
    cost = fields.amount_or(0, "cost_without_obligation") + provision if cost is None else cost
    asset = _Plant(fields, Revalued(cost, 0), years)
    answer: Answer = {
        "initial_provision": money(provision, fields.decimals),
        "cost": money(cost, fields.decimals),
    }
    now, rows = Fraction(0), []
    for where, raw in fields.rows("changes", most=MAX_CHANGES):
        said = Fields(raw, where, fields.decimals)
        at = said.ratio("after_years", "year")
        if at is None or not now <= at <= years:
            raise CaseError(
                said.at("after_years"), "order", "After how many years, in order of time, within the life."
            )
        grown = said.amount_or(unwound(provision, at - now, rate), "provision_before")
        finance, depreciation = grown - provision, asset.age(at)
        rate = said.rate("new_rate", "rate") or rate
        provision = _estimate(said, grown, years - at, rate)
        line = asset.change(said, provision - grown, provision)
        since = {"finance_cost_since": finance, "depreciation_since": depreciation, "provision_before": grown}
        coming = {
            "provision_after": provision,
            "next_year_finance_cost": rounded(provision * rate),
            "next_year_depreciation": asset.yearly(),
        }
        rows.append({name: money(each, fields.decimals) for name, each in (since | line | coming).items()})
        now = at
    answer["final_provision"] = money(unwound(provision, years - now, rate), fields.decimals)
    return answer | ({"changes": rows} if rows else {})


def _estimate(said: Fields, grown: int, left: Fraction, rate: Fraction) -> int:
    """The provision as estimated now: stated, changed by an amount, or from a new cash flow or rate."""
    stated, change = said.amount("provision_after", "new_provision"), said.amount("change")
    flow = said.amount("new_obligation", "new_cash_flow")
    if stated is not None:
        return stated
    if change is not None:
        return grown + change
    return grown if flow is None else provision_of(flow, left, rate)


class _Plant:
    """The asset beside the obligation, depreciated straight-line to the end of the life; perhaps revalued."""

    def __init__(self, fields: Fields, standing: Revalued, life: Fraction) -> None:
        self.standing, self.life, self.now = standing, life, Fraction(0)
        self.revalued = _is_revalued(fields)
        self.by_cost = standing.carrying

    def age(self, at: Fraction) -> int:
        """Depreciate to a time; answers the charge."""
        left = self.life - self.now
        share = (at - self.now) / left if left else Fraction(0)
        charge = rounded(self.standing.carrying * share)
        self.by_cost -= rounded(self.by_cost * share)
        self.standing = self.standing._replace(accumulated=self.standing.accumulated + charge)
        self.now = at
        return charge

    def yearly(self) -> int:
        left = self.life - self.now
        return rounded(self.standing.carrying / left) if left else 0

    def change(self, said: Fields, change: int, provision: int) -> dict[str, int]:
        """The change of the provision, then the valuation of that day, if there is one."""
        before = self.standing
        found = (
            remeasure_revalued(change, before.surplus, before.loss)
            if self.revalued
            else remeasure_cost_model(change, before.carrying)
        )
        self.by_cost = max(self.by_cost + change, 0)
        self.standing = Revalued(
            before.cost + found.to_asset,
            before.accumulated,
            before.surplus + found.to_surplus,
            before.loss + found.profit_or_loss if self.revalued else before.loss,
        )
        line = {
            "change": change,
            "carrying_before": before.carrying,
            "to_asset": found.to_asset,
            "to_surplus": found.to_surplus,
            "profit_or_loss": -found.profit_or_loss,
        }
        line |= self._valuation(said, provision)
        return line | {"carrying_after": self.standing.carrying, "surplus_after": self.standing.surplus}

    def _valuation(self, said: Fields, provision: int) -> dict[str, int]:
        """Gross, or net of the obligation, which is then added back (IFRIC 1, example 2)."""
        net, gross = said.amount("valuation_net"), said.amount("valuation_gross", "valuation")
        if net is None and gross is None:
            return {}
        value = gross if gross is not None else (net or 0) + provision
        change = revalue(self.standing, value, Restatement.ELIMINATION)
        standing = self.standing
        self.standing = Revalued(
            standing.cost + change.cost,
            standing.accumulated + change.accumulated,
            standing.surplus + change.surplus,
            standing.loss - change.profit_or_loss,
        )
        return {"revaluation": change.surplus, "revaluation_profit_or_loss": change.profit_or_loss}
