"""Changes of value: revaluation, impairment and its reversal, held for sale. Targets: what was stated counts."""

from wherewithal.core.assets.facts import (
    BackToUse,
    Fact,
    HeldForSale,
    HeldMeasurement,
    Impairment,
    ImpairmentReversal,
    Revaluation,
    RevaluationMethod,
)
from wherewithal.core.assets.moves import hold, is_empty, stop_holding
from wherewithal.core.assets.run import Run
from wherewithal.core.impairment.assess import impair, reversal
from wherewithal.core.measurement.held_for_sale import measure, remeasure
from wherewithal.core.measurement.revaluation import Revalued, revalue
from wherewithal.core.posting import Role


def revaluation(run: Run, fact: Revaluation) -> None:
    """To a value. Accumulated impairment goes first: the new value says what the asset is worth, impaired or not."""
    run.cut(fact)
    bundle = run.bundle
    if bundle.held or run.state.gone:
        return
    run.add(fact, Role.REVALUED_IMPAIRMENT, bundle.impairment)
    bundle.cost -= bundle.impairment
    bundle.impairment = bundle.impaired_surplus = 0
    before = Revalued(bundle.cost, bundle.accumulated, bundle.surplus, bundle.loss)
    method = fact.method if before.carrying > 0 else RevaluationMethod.ELIMINATION
    change = revalue(before, max(fact.value, 0), method.value)
    run.add(fact, Role.REVALUED_ACCUMULATED, -change.accumulated)
    run.add(fact, Role.REVALUED, change.surplus)
    run.add(fact, Role.REVALUED_THROUGH_PROFIT, -change.profit_or_loss)
    bundle.cost += change.cost
    bundle.accumulated += change.accumulated
    bundle.surplus += change.surplus
    bundle.loss -= change.profit_or_loss
    bundle.surplus_policy, bundle.is_revalued, bundle.unimpaired = fact.surplus_policy, True, None
    bundle.allowances = 0
    run.note(
        fact.effective_on,
        fact.event_id,
        f"revaluation by {fact.method.value}",
        carrying_before=before.carrying,
        value=fact.value,
        to_surplus=change.surplus,
        to_profit_or_loss=change.profit_or_loss,
    )
    run.restart(fact)


def impairment(run: Run, fact: Impairment) -> None:
    run.cut(fact)
    carrying = run.bundle.depreciated_cost
    target = carrying - fact.loss if fact.recoverable is None else fact.recoverable
    _write_down(run, fact, target)


def _write_down(run: Run, fact: Fact, recoverable: int) -> None:
    """To what is recoverable, against the surplus of the asset first."""
    bundle = run.bundle
    carrying = bundle.depreciated_cost
    found = impair(carrying, max(recoverable, 0), bundle.surplus)
    if found.loss <= 0 or bundle.held or run.state.gone:
        return
    run.start_track()
    run.add(fact, Role.IMPAIRED, found.profit_or_loss)
    run.add(fact, Role.IMPAIRED_AGAINST_SURPLUS, found.from_surplus)
    bundle.impairment += found.loss
    bundle.surplus -= found.from_surplus
    bundle.impaired_surplus += found.from_surplus
    run.note(
        fact.effective_on,
        fact.event_id,
        "impairment",
        carrying=carrying,
        recoverable=recoverable,
        loss=found.loss,
        from_surplus=found.from_surplus,
    )
    run.restart(fact)


def impairment_reversal(run: Run, fact: ImpairmentReversal) -> None:
    """Up to what the asset would be carried at unimpaired; profit or loss gets back what it bore, then the surplus."""
    run.cut(fact)
    bundle = run.bundle
    if bundle.unimpaired is None or bundle.held or run.state.gone:
        return
    carrying = bundle.depreciated_cost
    ceiling = run.unimpaired_on(fact.effective_on, bundle)
    target = carrying + fact.gain if fact.recoverable is None else fact.recoverable
    amount = min(reversal(carrying, target, ceiling), bundle.impairment)
    to_surplus = max(amount - (bundle.impairment - bundle.impaired_surplus), 0)
    run.add(fact, Role.IMPAIRMENT_REVERSED, amount - to_surplus)
    run.add(fact, Role.IMPAIRMENT_REVERSED_TO_SURPLUS, to_surplus)
    bundle.impairment -= amount
    bundle.surplus += to_surplus
    bundle.impaired_surplus -= to_surplus
    run.note(
        fact.effective_on,
        fact.event_id,
        "impairment reversed",
        carrying=carrying,
        recoverable=target,
        unimpaired=ceiling,
        reversed=amount,
    )
    run.restart(fact)


# --- held for sale -------------------------------------------------------------------------------------------------


def held_for_sale(run: Run, fact: HeldForSale) -> None:
    run.cut(fact)
    bundle = run.bundle
    if bundle.held or run.state.gone or is_empty(bundle):
        return
    hold(run, fact, bundle)
    carrying = bundle.depreciated_cost
    loss = measure(carrying, max(fact.fair_value_less_costs, 0))
    run.add(fact, Role.HELD_LOSS, loss)
    bundle.held_loss = loss
    run.note(fact.effective_on, fact.event_id, "held for sale", carrying=carrying, loss=loss)


def held_measurement(run: Run, fact: HeldMeasurement) -> None:
    """A further loss, or a gain up to all losses before, also those of impairment (IFRS 5.21)."""
    run.cut(fact)
    bundle = run.bundle
    if not bundle.held:
        return
    carrying = bundle.depreciated_cost - bundle.held_loss
    losses = bundle.held_loss + bundle.impairment
    change = remeasure(carrying, max(fact.fair_value_less_costs, 0), losses)
    run.add(fact, Role.HELD_GAIN if change > 0 else Role.HELD_LOSS, abs(change))
    bundle.held_loss -= change
    run.note(fact.effective_on, fact.event_id, "held for sale, anew", carrying=carrying, change=change)


def back_to_use(run: Run, fact: BackToUse) -> None:
    """Carried as if it had never been held, or at what is recoverable if that is less (IFRS 5.27)."""
    run.cut(fact)
    if not run.bundle.held:
        return
    stop_holding(run, fact, run.bundle)
    if fact.recoverable is not None:
        _write_down(run, fact, fact.recoverable)
