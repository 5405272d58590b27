"""Amounts that move as a whole: to another class, asset or company, into and out of being held for sale."""

from dataclasses import dataclass

from wherewithal.core.assets.facts import Fact
from wherewithal.core.assets.run import Run
from wherewithal.core.assets.state import SUMMED, Bundle
from wherewithal.core.posting import Role


@dataclass(frozen=True, slots=True)
class Components:
    """The role by which each component of an asset moves. None: it does not."""

    cost: Role
    accumulated: Role
    impairment: Role
    construction: Role
    surplus: Role
    provision: Role | None = None
    grant: Role | None = None
    held: Role | None = None

    def emit(self, run: Run, fact: Fact, bundle: Bundle, sign: int, class_id: int) -> None:
        """Rows for all that a bundle has: it came (+1) or went (-1)."""
        amounts: list[tuple[Role | None, int]] = [
            (self.construction, bundle.construction),
            (self.surplus, bundle.surplus),
            (self.provision, bundle.provision),
            (self.grant, bundle.grant),
        ]
        if bundle.held and self.held is not None:
            amounts.append((self.held, bundle.depreciated_cost - bundle.held_loss))
        else:
            amounts += [
                (self.cost, bundle.cost),
                (self.accumulated, bundle.accumulated),
                (self.impairment, bundle.impairment),
            ]
        for role, amount in amounts:
            if role is not None:
                run.emit(fact.effective_on, fact.event_id, role, sign * amount, class_id)


BY_TRANSFER = Components(
    cost=Role.TRANSFERRED_COST,
    accumulated=Role.TRANSFERRED_ACCUMULATED,
    impairment=Role.TRANSFERRED_IMPAIRMENT,
    construction=Role.TRANSFERRED_CONSTRUCTION,
    surplus=Role.TRANSFERRED_SURPLUS,
    provision=Role.TRANSFERRED_PROVISION,
    grant=Role.TRANSFERRED_GRANT,
    held=Role.TRANSFERRED_HELD,
)
BY_INTERCOMPANY = Components(
    cost=Role.INTERCOMPANY_COST,
    accumulated=Role.INTERCOMPANY_ACCUMULATED,
    impairment=Role.INTERCOMPANY_IMPAIRMENT,
    construction=Role.INTERCOMPANY_CONSTRUCTION,
    surplus=Role.INTERCOMPANY_SURPLUS,
    provision=Role.INTERCOMPANY_PROVISION,
    grant=Role.INTERCOMPANY_GRANT,
    held=Role.INTERCOMPANY_HELD,
)


def hold(run: Run, fact: Fact, bundle: Bundle) -> None:
    """Cost, depreciation and impairment of a bundle become one amount held for sale."""
    bundle.held = True
    between_use_and_sale(run, fact, bundle, +1)


def stop_holding(run: Run, fact: Fact, bundle: Bundle) -> None:
    """The opposite: as if it had never been held, with the depreciation of the time between caught up."""
    between_use_and_sale(run, fact, bundle, -1)
    run.add(fact, Role.HELD_GAIN, bundle.held_loss)
    bundle.held, bundle.held_loss = False, 0
    catch_up(run, fact, bundle)


def catch_up(run: Run, fact: Fact, bundle: Bundle) -> None:
    """Charges at once what a bundle was not charged in a time it was out of the accounts."""
    due = run.due(bundle, run.last_day_before(fact))
    amount = bundle.missed + due - bundle.charged
    run.add(fact, Role.DEPRECIATION_CATCH_UP, amount)
    bundle.accumulated += amount
    bundle.charged, bundle.missed = due, 0
    if amount:
        run.note(fact.effective_on, fact.event_id, "catch-up", charge=amount)


def write_off(run: Run, fact: Fact, role: Role, amount: int) -> None:
    """Depreciation that a fact charges by itself."""
    run.add(fact, role, amount)
    run.bundle.accumulated += amount
    if run.bundle.held:
        run.add(fact, Role.HELD_ACCUMULATED, amount)


def between_use_and_sale(run: Run, fact: Fact, bundle: Bundle, sign: int) -> None:
    """What is in the accounts of use goes to held for sale (+1), or back (-1)."""
    run.add(fact, Role.HELD_COST, sign * bundle.cost)
    run.add(fact, Role.HELD_ACCUMULATED, sign * bundle.accumulated)
    run.add(fact, Role.HELD_IMPAIRMENT, sign * bundle.impairment)


def join(run: Run, fact: Fact, part: Bundle) -> None:
    """What a part has joins the asset, which is charged through the day.

    An asset that has nothing yet takes the part as it is, its running segment too. Otherwise the asset's own terms go
    on (the part's, if it has none), over both; and the part is held for sale if and only if the asset is.
    """
    bundle = run.bundle
    if is_empty(bundle):
        run.state.bundle = part
        part.provision += bundle.provision
        part.obligations += bundle.obligations
        part.provision_event = part.provision_event or bundle.provision_event
        run.state.idle = run.state.idle if part.segment is None else part.segment.idle
        return
    if part.held and not bundle.held:
        stop_holding(run, fact, part)
    elif bundle.held and not part.held:
        hold(run, fact, part)
    before = run.last_day_before(fact)
    if part.held:
        part.missed += run.due(part, before) - part.charged
    unimpaired = run.unimpaired_on(before, part)
    if part.unimpaired is not None and bundle.unimpaired is None:
        run.start_track()
    for name in SUMMED:
        setattr(bundle, name, getattr(bundle, name) + getattr(part, name))
    bundle.quantity += part.quantity
    bundle.obligations += part.obligations
    bundle.provision_event = bundle.provision_event or part.provision_event
    bundle.is_revalued |= part.is_revalued
    bundle.in_service_on = bundle.in_service_on or part.in_service_on
    bundle.pool = bundle.pool or part.pool
    if bundle.terms is None and part.terms is not None:
        bundle.terms, bundle.terms_event = part.terms, part.terms_event
        bundle.surplus_policy = part.surplus_policy
        bundle.segment, bundle.charged = part.segment, part.charged
        bundle.units, bundle.usage = part.units, part.usage
    run.restart(fact, added=unimpaired)


def is_empty(bundle: Bundle) -> bool:
    """Nothing has come yet, or all of it has gone; an obligation may remain."""
    if bundle.in_service_on is not None or bundle.quantity:
        return False
    return not any(getattr(bundle, name) for name in SUMMED if name != "provision")
