"""What comes with an asset and is not its cost: obligations to dismantle it, and grants for it."""

from wherewithal.core.assets.beginning import add_cost
from wherewithal.core.assets.ending import write_off_late
from wherewithal.core.assets.facts import (
    Decommissioning,
    DecommissioningChange,
    DecommissioningSettlement,
    Grant,
    GrantRepayment,
    GrantTreatment,
)
from wherewithal.core.assets.moves import write_off
from wherewithal.core.assets.run import Run, owed
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.measurement.decommissioning import (
    Obligation,
    provision_at_start,
    remeasure_cost_model,
    remeasure_revalued,
)
from wherewithal.core.measurement.grants import repay_deducted, repay_deferred
from wherewithal.core.posting import Role


def decommissioning(run: Run, fact: Decommissioning) -> None:
    """The present value is a provision and part of the cost."""
    run.cut(fact)
    bundle = run.bundle
    obligation = Obligation(fact.effective_on, fact.flows, fact.rate)
    amount = provision_at_start(obligation)
    bundle.obligations += (obligation,)
    bundle.provision += amount
    bundle.provision_event = bundle.provision_event or fact.event_id
    add_cost(run, fact, amount, Role.DECOMMISSIONING)
    write_off_late(run, fact)


def decommissioning_change(run: Run, fact: DecommissioningChange) -> None:
    """All that is still owed, estimated anew. The asset bears the change, or its surplus if it was revalued."""
    run.cut(fact)
    bundle = run.bundle
    obligation = Obligation(fact.effective_on + ONE_DAY, fact.flows, fact.rate)
    change = provision_at_start(obligation) - bundle.provision
    bundle.obligations = (obligation,)
    bundle.provision += change
    bundle.provision_event = bundle.provision_event or fact.event_id
    if run.state.gone:
        run.add(fact, Role.DECOMMISSIONING_EXPENSE, change)
        return
    if bundle.is_revalued:
        found = remeasure_revalued(change, bundle.surplus, bundle.loss)
    else:
        found = remeasure_cost_model(change, bundle.depreciated_cost)
    run.add(fact, Role.DECOMMISSIONING_SURPLUS, -found.to_surplus)
    run.add(fact, Role.DECOMMISSIONING_EXPENSE, found.profit_or_loss)
    bundle.surplus += found.to_surplus
    bundle.loss += found.profit_or_loss if bundle.is_revalued else 0
    run.note(
        fact.effective_on,
        fact.event_id,
        "obligation remeasured",
        change=change,
        to_asset=found.to_asset,
        to_surplus=found.to_surplus,
        to_profit_or_loss=found.profit_or_loss,
    )
    add_cost(run, fact, found.to_asset, Role.DECOMMISSIONING)


def decommissioning_settlement(run: Run, fact: DecommissioningSettlement) -> None:
    """Paid out of the provision. Final: the rest is released, what lacks is expense; otherwise the sums that fall due
    first are settled first, and what they were not yet unwound is finance cost."""
    run.cut(fact)
    bundle = run.bundle
    run.add(fact, Role.DECOMMISSIONING_SETTLED, fact.paid)
    left = bundle.provision - fact.paid
    if fact.final or left <= 0:
        run.add(fact, Role.DECOMMISSIONING_EXPENSE, -left)
        bundle.provision, bundle.obligations = 0, ()
        return
    bundle.obligations = _settled(bundle.obligations, fact.paid)
    bundle.provision = sum(owed(obligation, fact.effective_on) for obligation in bundle.obligations)
    run.add(fact, Role.DECOMMISSIONING_UNWOUND, bundle.provision - left)


def _settled(obligations: tuple[Obligation, ...], paid: int) -> tuple[Obligation, ...]:
    """Without the sums that were paid, those due first before the others."""
    left: list[Obligation] = []
    for obligation in obligations:
        flows = []
        for day, amount in sorted(obligation.flows):
            taken = min(max(amount, 0), paid)
            paid -= taken
            if amount != taken:
                flows.append((day, amount - taken))
        left.append(obligation._replace(flows=tuple(flows)))
    return tuple(left)


def grant(run: Run, fact: Grant) -> None:
    """Deferred, to be income as the asset is depreciated; or off the cost at once."""
    run.cut(fact)
    if fact.treatment is GrantTreatment.DEDUCTED:
        add_cost(run, fact, -fact.amount, Role.GRANT_DEDUCTED, row=fact.amount)
        write_off_late(run, fact)
        return
    run.add(fact, Role.GRANT_RECEIVED, fact.amount)
    run.bundle.grant += fact.amount
    run.restart(fact)
    if run.state.gone:
        run.add(fact, Role.GRANT_RELEASED, run.bundle.grant)
        run.bundle.grant = 0


def grant_repayment(run: Run, fact: GrantRepayment) -> None:
    run.cut(fact)
    bundle = run.bundle
    if fact.treatment is GrantTreatment.DEFERRED:
        found = repay_deferred(fact.amount, bundle.grant)
        run.add(fact, Role.GRANT_REPAID, found.from_deferred)
        run.add(fact, Role.GRANT_REPAID_EXPENSE, found.expense)
        bundle.grant -= found.from_deferred
        run.restart(fact)
        return
    depreciable = bundle.cost - bundle.residual
    late = repay_deducted(fact.amount, bundle.accumulated, depreciable)
    add_cost(run, fact, fact.amount, Role.GRANT_DEDUCTED, row=-fact.amount)
    if not run.state.gone:
        write_off(run, fact, Role.DEPRECIATION_CATCH_UP, late)
        run.restart(fact, added=-late)
    write_off_late(run, fact)
