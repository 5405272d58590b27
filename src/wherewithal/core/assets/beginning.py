"""How an asset comes to be, and what adds to its cost."""

import datetime
from dataclasses import replace

from wherewithal.core.assets.ending import write_off_late
from wherewithal.core.assets.facts import (
    Acquisition,
    ConstructionCost,
    CostAddition,
    Fact,
    InService,
    IntercompanyIn,
    Opening,
    Source,
)
from wherewithal.core.assets.moves import BY_INTERCOMPANY, Components, between_use_and_sale, write_off
from wherewithal.core.assets.run import Run, owed
from wherewithal.core.assets.state import SUMMED, Bundle, Track
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.measurement.decommissioning import Obligation
from wherewithal.core.posting import Role

_ACQUIRED = {
    Source.SUPPLIER: Role.ASSET_ACQUIRED,
    Source.STOCK: Role.ASSET_FROM_STOCK,
    Source.TRADE_IN: Role.ASSET_EXCHANGED,
    Source.OPENING: Role.ASSET_OPENING_COST,
}
_ADDED = _ACQUIRED | {Source.SUPPLIER: Role.COST_ADDED}
_BUILT = {
    Source.SUPPLIER: Role.CONSTRUCTION_COST,
    Source.STOCK: Role.CONSTRUCTION_FROM_STOCK,
    Source.TRADE_IN: Role.CONSTRUCTION_COST,
    Source.OPENING: Role.CONSTRUCTION_OPENING,
}
_OPENING = Components(
    cost=Role.ASSET_OPENING_COST,
    accumulated=Role.ASSET_OPENING_ACCUMULATED,
    impairment=Role.ASSET_OPENING_IMPAIRMENT,
    construction=Role.CONSTRUCTION_OPENING,
    surplus=Role.ASSET_OPENING_SURPLUS,
)


def acquisition(run: Run, fact: Acquisition) -> None:
    run.cut(fact)
    revive(run)
    run.bundle.quantity += fact.quantity
    add_cost(run, fact, fact.cost, _ACQUIRED[fact.source])


def cost_addition(run: Run, fact: CostAddition) -> None:
    run.cut(fact)
    add_cost(run, fact, fact.amount, _ADDED[fact.source])
    write_off_late(run, fact)


def construction_cost(run: Run, fact: ConstructionCost) -> None:
    run.cut(fact)
    run.add(fact, _BUILT[fact.source], fact.amount)
    run.bundle.construction += fact.amount
    run.note(fact.effective_on, fact.event_id, "construction cost", amount=fact.amount)
    if run.bundle.in_service_on is not None:
        capitalise(run, fact)
    write_off_late(run, fact)


def in_service(run: Run, fact: InService) -> None:
    """Construction cost becomes cost, first-year allowances are taken, depreciation begins."""
    run.cut(fact)
    bundle = run.bundle
    if run.state.gone or bundle.in_service_on is not None:
        capitalise(run, fact)
        return
    bundle.in_service_on, bundle.pool = fact.effective_on, fact.pool
    bundle.terms, bundle.terms_event = fact.terms, fact.event_id
    bundle.residual = 0 if fact.terms is None else fact.terms.residual
    capitalise(run, fact)
    if fact.terms is not None:
        for allowance in fact.terms.allowances:
            room = bundle.depreciated_cost - bundle.residual
            amount = max(min(allowance.amount, room), 0)
            write_off(run, fact, Role.FIRST_YEAR_ALLOWANCE, amount)
            bundle.allowances += amount
            run.note(
                fact.effective_on, fact.event_id, f"allowance {allowance.code}", amount=amount, room=room
            )
    run.restart(fact)


def opening(run: Run, fact: Opening) -> None:
    _arrive(run, fact, _OPENING, _came(fact))


def intercompany_in(run: Run, fact: IntercompanyIn) -> None:
    came = _came(fact)
    for name in ("grant", "loss", "impaired_surplus", "surplus_policy", "held", "held_loss", "missed"):
        setattr(came, name, getattr(fact, name))
    came.is_revalued = fact.revalued
    if fact.flows:
        came.obligations = (Obligation(fact.estimated_on or fact.effective_on, fact.flows, fact.rate),)
        came.provision = owed(came.obligations[0], fact.effective_on)
        came.provision_event = fact.event_id
    if fact.unimpaired is not None:
        came.unimpaired = Track(None, fact.unimpaired)
    run.state.reading = max(run.state.reading, fact.reading)
    run.state.idle = fact.idle or run.state.idle
    _arrive(run, fact, BY_INTERCOMPANY, came)
    _go_on(run.bundle, fact)


def _go_on(bundle: Bundle, fact: IntercompanyIn) -> None:
    """Its segment began before it came: what that has charged is part of what came."""
    if bundle.segment is None or not fact.charged:
        return
    bundle.segment = replace(bundle.segment, opening=bundle.segment.opening + fact.charged)
    bundle.charged = fact.charged
    bundle.surplus_gone, bundle.grant_gone = fact.surplus_used, fact.grant_released
    bundle.surplus_base += fact.surplus_used
    bundle.grant_base += fact.grant_released


def _came(fact: Opening | IntercompanyIn) -> Bundle:
    return Bundle(
        cost=fact.cost,
        accumulated=fact.accumulated,
        impairment=fact.impairment,
        surplus=fact.surplus,
        construction=fact.construction,
    )


def _arrive(run: Run, fact: Opening | IntercompanyIn, roles: Components, came: Bundle) -> None:
    """An asset comes with its past."""
    run.cut(fact)
    revive(run)
    bundle = run.bundle
    roles.emit(run, fact, came, +1, run.state.class_id)
    if came.unimpaired is not None:
        run.start_track()
    if bundle.held and not came.held:
        between_use_and_sale(run, fact, came, +1)
    bundle.held |= came.held
    bundle.quantity += fact.quantity
    for name in SUMMED:
        setattr(bundle, name, getattr(bundle, name) + getattr(came, name))
    bundle.obligations += came.obligations
    bundle.provision_event = bundle.provision_event or came.provision_event
    bundle.is_revalued |= came.is_revalued
    bundle.surplus_policy = came.surplus_policy
    run.state.reading = max(run.state.reading, fact.used_units)  # a meter counts from zero when new
    run.note(fact.effective_on, fact.event_id, fact.kind.value, cost=fact.cost, accumulated=fact.accumulated)
    unimpaired = came.depreciated_cost if came.unimpaired is None else came.unimpaired.carrying
    if fact.in_service_on is None:
        run.restart(fact, added=unimpaired)
        return
    bundle.in_service_on, bundle.pool = fact.in_service_on, fact.pool
    bundle.terms, bundle.terms_event = fact.terms, fact.event_id
    bundle.residual = 0 if fact.terms is None else fact.terms.residual
    bundle.units = fact.used_units
    bundle.allowances = fact.allowances
    run.restart(fact, added=unimpaired, starts_on=_first_open_day(fact))


def _first_open_day(fact: Opening | IntercompanyIn) -> datetime.date:
    if fact.depreciated_through is None:
        return fact.effective_on
    return fact.depreciated_through + ONE_DAY


def add_cost(run: Run, fact: Fact, amount: int, role: Role, *, row: int | None = None) -> None:
    """Cost at its place; what is left of the life bears it. row: the amount of the row, if cost is its credit side."""
    run.add(fact, role, amount if row is None else row)
    bundle = run.bundle
    bundle.cost += amount
    if bundle.held:
        run.add(fact, Role.HELD_COST, amount)
    run.note(fact.effective_on, fact.event_id, "cost", amount=amount, cost=bundle.cost)
    run.restart(fact, added=amount)


def capitalise(run: Run, fact: Fact) -> None:
    """Construction cost becomes cost."""
    amount = run.bundle.construction
    if amount:
        run.bundle.construction = 0
        add_cost(run, fact, amount, Role.CAPITALISED)


def revive(run: Run) -> None:
    """An asset that was gone begins anew."""
    if run.state.gone:
        run.state.gone = False
        kept = run.bundle
        run.state.bundle = Bundle(
            provision=kept.provision, obligations=kept.obligations, provision_event=kept.provision_event
        )
