"""How an asset ends, wholly or in part, and how it comes back."""

from fractions import Fraction

from wherewithal.core.assets.facts import (
    Disposal,
    DisposalKind,
    Fact,
    IntercompanyOut,
    PartialDisposal,
    PoolEnd,
    Reinstatement,
)
from wherewithal.core.assets.moves import BY_INTERCOMPANY, catch_up, join
from wherewithal.core.assets.run import Run
from wherewithal.core.assets.state import Bundle, Taken, divide
from wherewithal.core.assets.terms import PoolTakes
from wherewithal.core.depreciation.accrual import accrued_at_disposal
from wherewithal.core.money import allocate
from wherewithal.core.posting import Role


def partial_disposal(run: Run, fact: PartialDisposal) -> None:
    """A part leaves. What is stated beyond what is there means all of it. An obligation stays with the rest.

    The rest goes on as it was, so it is not charged today; unless the part leaves with a depreciation of its own.
    """
    if fact.accumulated is None:
        run.advance(fact.effective_on)
    else:
        run.cut(fact)
    if run.state.gone:
        return
    bundle = run.bundle
    leaves, of = _share(bundle, fact)
    if leaves <= 0:
        return
    if leaves >= of:
        _dispose_all(run, fact, fact.how, fact.proceeds, fact.costs)
        return
    weights = (of - leaves, leaves)
    due = _due_at_disposal(run, fact, bundle)
    rest, part = divide(bundle, weights)
    if due is not None:
        rest.at_disposal, part.at_disposal = ((fact.effective_on, share) for share in allocate(due, weights))
    rest.provision, rest.obligations = bundle.provision, bundle.obligations
    part.provision, part.obligations = 0, ()
    if fact.accumulated is not None:
        _state_accumulated(run, fact, rest, part, fact.accumulated)
    run.state.bundle = rest
    taken = Taken(part, fact.proceeds, fact.costs, fact.how is DisposalKind.TO_STOCK)
    run.state.disposed[fact.event_id] = dispose(run, fact, taken)


def _share(bundle: Bundle, fact: PartialDisposal) -> tuple[int, int]:
    """The part that leaves, as whole numbers (part, of how many)."""
    if fact.share is not None:
        share = fact.share
    elif fact.quantity is not None:
        share = fact.quantity / bundle.quantity if bundle.quantity > 0 else Fraction(1)
    else:
        amount = fact.amount or 0
        share = Fraction(amount, bundle.cost) if bundle.cost > 0 else Fraction(1)
    return share.numerator, share.denominator


def _state_accumulated(run: Run, fact: PartialDisposal, rest: Bundle, part: Bundle, stated: int) -> None:
    """A component leaves with its own depreciation instead of its share; what is left is spread from here.

    No more than makes either of them worth nothing.
    """
    whole = rest.accumulated + part.accumulated
    least = max(whole - max(rest.cost - rest.impairment, 0), 0)
    most = min(max(part.cost - part.impairment, 0), whole)
    stated = max(min(stated, most), least)
    for each, amount in ((part, stated), (rest, whole - stated)):
        more = each.accumulated - amount
        each.accumulated = amount
        run.state.bundle = each
        run.restart(fact, added=more)


def disposal(run: Run, fact: Disposal) -> None:
    run.advance(fact.effective_on)
    if not run.state.gone:
        _dispose_all(run, fact, fact.how, fact.proceeds, fact.costs, fact.taken_in)


def _dispose_all(
    run: Run,
    fact: Disposal | PartialDisposal | IntercompanyOut,
    how: DisposalKind,
    proceeds: int,
    costs: int,
    taken_in: int | None = None,
) -> None:
    """Nothing is left but an obligation, if there is one."""
    part = _all_but_obligations(run)
    taken = Taken(part, proceeds, costs, how is DisposalKind.TO_STOCK, taken_in)
    run.state.disposed[fact.event_id] = dispose(run, fact, taken)


def _all_but_obligations(run: Run) -> Bundle:
    part = run.bundle
    run.state.bundle = Bundle(
        provision=part.provision, obligations=part.obligations, provision_event=part.provision_event
    )
    run.state.gone = True
    part.provision, part.obligations = 0, ()
    return part


def dispose(run: Run, fact: Fact, taken: Taken) -> Taken:
    """Charges by the convention for the day of disposal, then everything leaves; the difference is gain or loss."""
    part = taken.bundle
    due = _due_at_disposal(run, fact, part)
    if due is not None:
        run.emit(fact.effective_on, part.terms_event, Role.DEPRECIATION, due - part.charged)
        part.accumulated += due - part.charged
        part.charged = due
    _leave(run, fact, taken, +1)
    return taken


def _due_at_disposal(run: Run, fact: Fact, bundle: Bundle) -> int | None:
    """What the segment has to have charged if the bundle is disposed of today, by the convention."""
    if bundle.segment is None or bundle.held:
        return None
    if bundle.at_disposal is not None and bundle.at_disposal[0] == fact.effective_on:
        return bundle.at_disposal[1]
    segment = run.seen(bundle.segment, fact.effective_on)
    return accrued_at_disposal(segment, run.calendar, fact.effective_on, bundle.usage)


def _leave(run: Run, fact: Fact, taken: Taken, sign: int) -> None:
    """The rows of what left (+1), or came back (-1)."""
    part, proceeds, costs, to_stock, taken_in = taken
    held = part.depreciated_cost - part.held_loss
    gain = proceeds - costs - _given_up(part, proceeds)
    if to_stock:
        if taken_in is None:
            taken_in = proceeds or part.carrying
        gain = taken_in - costs - _given_up(part, taken_in)
        run.add(fact, Role.DISPOSED_TO_STOCK, sign * taken_in)
        proceeds = 0
    amounts = [
        (Role.DISPOSED_HELD, held if part.held else 0),
        (Role.DISPOSED_COST, 0 if part.held else part.cost),
        (Role.DISPOSED_ACCUMULATED, 0 if part.held else part.accumulated),
        (Role.DISPOSED_IMPAIRMENT, 0 if part.held else part.impairment),
        (Role.DISPOSED_CONSTRUCTION, part.construction),
        (
            Role.INTERCOMPANY_PROCEEDS if isinstance(fact, IntercompanyOut) else Role.DISPOSAL_PROCEEDS,
            proceeds,
        ),
        (Role.DISPOSAL_EXPENSE, costs),
        (Role.DISPOSAL_GAIN, max(gain, 0)),
        (Role.DISPOSAL_LOSS, max(-gain, 0)),
        (Role.SURPLUS_REALISED, part.surplus),
        (Role.GRANT_RELEASED, part.grant),
    ]
    for role, amount in amounts:
        run.add(fact, role, sign * amount)
    run.note(
        fact.effective_on,
        fact.event_id,
        "left" if sign > 0 else "came back",
        carrying=part.carrying,
        proceeds=proceeds,
        costs=costs,
        gain=gain,
    )


def _given_up(part: Bundle, got: int) -> int:
    """What is set against what was got: the carrying amount; of an asset in a pool, what the pool takes of it."""
    match part.pool:
        case None:
            return part.carrying
        case PoolTakes.COST:
            return min(got, part.cost)
        case PoolTakes.ALL:
            return got
        case PoolTakes.NOTHING:
            return 0


def write_off_late(run: Run, fact: Fact) -> None:
    """Cost of an asset that is gone is a loss at once."""
    if run.state.gone and (run.bundle.cost or run.bundle.construction):
        dispose(run, fact, Taken(_all_but_obligations(run), 0, 0, False))


def intercompany_out(run: Run, fact: IntercompanyOut) -> None:
    """As it stands, all of it; at a price it leaves like anything that is sold."""
    if fact.proceeds is not None:
        run.advance(fact.effective_on)
        if not run.state.gone:
            _dispose_all(run, fact, DisposalKind.SALE, fact.proceeds, 0)
        return
    run.cut(fact)
    if not run.state.gone:
        BY_INTERCOMPANY.emit(run, fact, run.bundle, -1, run.state.class_id)
        run.note(fact.effective_on, fact.event_id, "to another company", carrying=run.bundle.carrying)
        run.state.bundle, run.state.gone = Bundle(), True


def pool_end(_run: Run, _fact: PoolEnd) -> None:
    """Nothing happens to the asset by itself."""


def reinstatement(run: Run, fact: Reinstatement) -> None:
    """What a disposal took is back, and is charged what it would have been charged meanwhile."""
    run.cut(fact)
    taken = run.state.disposed.pop(fact.of, None)
    if taken is None:
        return
    if fact.keeps_proceeds:
        taken = taken._replace(proceeds=0, costs=0)
    _leave(run, fact, taken, -1)
    run.state.gone = False
    if not taken.bundle.held:
        catch_up(run, fact, taken.bundle)
    join(run, fact, taken.bundle)
