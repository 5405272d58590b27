"""What happens to an asset in its life without changing what it is worth: terms, use, class."""

import datetime
from dataclasses import replace
from fractions import Fraction

from wherewithal.core.assets.facts import (
    ClassTransfer,
    EstimateChange,
    Idle,
    MeterReading,
    Resume,
    TermsCatchUp,
)
from wherewithal.core.assets.leases import transfer_class
from wherewithal.core.assets.moves import BY_TRANSFER, catch_up, write_off
from wherewithal.core.assets.run import Run
from wherewithal.core.assets.state import NEVER, Bundle, Usage
from wherewithal.core.assets.terms import BookTerms
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.terms import Segment
from wherewithal.core.posting import Role


def estimate_change(run: Run, fact: EstimateChange) -> None:
    run.cut(fact)
    if run.bundle.in_service_on is not None:
        _take_terms(run, fact, fact.terms, remaining_life=fact.remaining_life)


def _take_terms(
    run: Run, fact: EstimateChange | ClassTransfer, terms: BookTerms, *, remaining_life: bool
) -> None:
    """New terms over what is left at this place."""
    bundle = run.bundle
    bundle.terms, bundle.terms_event, bundle.residual = terms, fact.event_id, terms.residual
    if not remaining_life:
        bundle.segment = None  # so that the life counts from going into service again
    run.restart(fact, from_here=remaining_life)
    run.note(
        fact.effective_on,
        fact.event_id,
        "new terms over what is left",
        carrying=bundle.carrying,
        residual=bundle.residual,
    )


def terms_catch_up(run: Run, fact: TermsCatchUp) -> None:
    """The running segment is exchanged for one of the new terms; what that has due is charged at once."""
    run.cut(fact)
    bundle = run.bundle
    if bundle.segment is None or bundle.held:
        return
    if fact.from_service:
        _as_if_always(bundle, bundle.segment, fact)
        catch_up(run, fact, bundle)
        return
    back = 0
    if fact.takes_back:
        kept = sum(each.amount for each in fact.terms.allowances)
        back = max(min(bundle.allowances - kept, bundle.accumulated), 0)
        write_off(run, fact, Role.DEPRECIATION_CATCH_UP, -back)
        bundle.allowances -= back
    bundle.terms, bundle.terms_event, bundle.residual = fact.terms, fact.event_id, fact.terms.residual

    def exchanged(segment: Segment) -> Segment:
        cost, opening = segment.cost + back, segment.opening + back
        residual = max(bundle.residual, 0)
        return replace(segment, terms=fact.terms.terms, residual=residual, cost=cost, opening=opening)

    bundle.segment = exchanged(bundle.segment)
    track = bundle.unimpaired
    if track is not None and track.segment is not None:
        bundle.unimpaired = track._replace(segment=exchanged(track.segment))
    catch_up(run, fact, bundle)


def _as_if_always(bundle: Bundle, segment: Segment, fact: TermsCatchUp) -> None:
    """The new terms from going into service on: all that is accumulated was charged in their place."""
    kept = sum(each.amount for each in fact.terms.allowances)
    bundle.terms, bundle.terms_event, bundle.residual = fact.terms, fact.event_id, fact.terms.residual
    cost = max(bundle.cost - kept, 0)
    bundle.segment = replace(
        segment,
        starts_on=segment.in_service_on,
        cost=cost,
        opening=cost - bundle.impairment,
        residual=max(bundle.residual, 0),
        terms=fact.terms.terms,
        elapsed_months=None,
        elapsed_units=Fraction(0),
    )
    track = bundle.unimpaired
    if track is not None:
        bundle.unimpaired = track._replace(segment=replace(bundle.segment, opening=cost))
    bundle.allowances, bundle.charged = kept, bundle.accumulated - kept


def idle(run: Run, fact: Idle) -> None:
    spans = run.state.idle
    run.advance(run.last_day_before(fact))
    if not spans or spans[-1][1] != NEVER:
        run.set_idle((*spans, (fact.effective_on, NEVER)))


def resume(run: Run, fact: Resume) -> None:
    spans = run.state.idle
    run.advance(run.last_day_before(fact))
    if spans and spans[-1][1] == NEVER:
        first = spans[-1][0]
        last = fact.effective_on - ONE_DAY
        run.set_idle((*spans[:-1], (first, last)) if first <= last else spans[:-1])


def meter_reading(run: Run, fact: MeterReading) -> None:
    """Units since the highest reading before; a reading that is lower says nothing."""
    run.advance(fact.effective_on)
    units = max(fact.reading - run.state.reading, Fraction(0))
    run.state.reading += units
    bundle = run.bundle
    if units and bundle.segment is not None:
        bundle.usage = _with_units(bundle.usage, bundle.segment.starts_on, fact.effective_on, units)
        run.charge(fact.effective_on, fact.effective_on)


def _with_units(usage: Usage, starts_on: datetime.date, on: datetime.date, units: Fraction) -> Usage:
    """Usage of a segment as one sum on the day of the last reading: nobody looks back behind that day any more."""
    early = tuple(each for each in usage if each[0] < starts_on)
    if on < starts_on:
        return (*early, (on, units))
    return (*early, (on, units + sum((used for day, used in usage if day >= starts_on), Fraction(0))))


def class_transfer(run: Run, fact: ClassTransfer) -> None:
    """All amounts leave the accounts of one class for those of another."""
    run.cut(fact)
    old = run.state.class_id
    if fact.class_id != old:
        BY_TRANSFER.emit(run, fact, run.bundle, -1, old)
        BY_TRANSFER.emit(run, fact, run.bundle, +1, fact.class_id)
        transfer_class(run, fact.effective_on, fact.event_id, old, fact.class_id)
        run.state.class_id = fact.class_id
        run.note(fact.effective_on, fact.event_id, "class", from_class=old, to_class=fact.class_id)
    if fact.terms is not None and run.bundle.in_service_on is not None:
        _take_terms(run, fact, fact.terms, remaining_life=True)
