"""What a book should say about assets: the one pure function from facts to value rows.

It reads the facts in their total order and nothing else: not when they were entered, not what is booked, not whether a
period is closed. Rows that are effective by a day depend on facts effective by that day alone, so a book `as_of` any
day is the rows up to it. Assets linked by PART_OUT and PART_IN are folded together; others may be folded by
themselves, with the same result.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from wherewithal.core.assets import beginning, ending, leases, measurement, obligations, parts, service
from wherewithal.core.assets.facts import ErrorCorrection, Fact, IntercompanyOut, Kind, ValueRow
from wherewithal.core.assets.net import corrected, standing
from wherewithal.core.assets.order import order_key
from wherewithal.core.assets.restated import restate
from wherewithal.core.assets.run import Parts, RowKey, Run, Step
from wherewithal.core.assets.state import NEVER, Balances, State
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.terms import Segment

HANDLERS: Mapping[Kind, Callable[[Run, Any], None]] = {
    Kind.ACQUISITION: beginning.acquisition,
    Kind.OPENING: beginning.opening,
    Kind.CONSTRUCTION_COST: beginning.construction_cost,
    Kind.INTERCOMPANY_IN: beginning.intercompany_in,
    Kind.COST_ADDITION: beginning.cost_addition,
    Kind.IN_SERVICE: beginning.in_service,
    Kind.PART_OUT: parts.part_out,
    Kind.PART_IN: parts.part_in,
    Kind.ESTIMATE_CHANGE: service.estimate_change,
    Kind.TERMS_CATCH_UP: service.terms_catch_up,
    Kind.IDLE: service.idle,
    Kind.RESUME: service.resume,
    Kind.METER_READING: service.meter_reading,
    Kind.CLASS_TRANSFER: service.class_transfer,
    Kind.REVALUATION: measurement.revaluation,
    Kind.IMPAIRMENT: measurement.impairment,
    Kind.IMPAIRMENT_REVERSAL: measurement.impairment_reversal,
    Kind.HELD_FOR_SALE: measurement.held_for_sale,
    Kind.HELD_MEASUREMENT: measurement.held_measurement,
    Kind.BACK_TO_USE: measurement.back_to_use,
    Kind.DECOMMISSIONING: obligations.decommissioning,
    Kind.DECOMMISSIONING_CHANGE: obligations.decommissioning_change,
    Kind.DECOMMISSIONING_SETTLEMENT: obligations.decommissioning_settlement,
    Kind.GRANT: obligations.grant,
    Kind.GRANT_REPAYMENT: obligations.grant_repayment,
    Kind.PARTIAL_DISPOSAL: ending.partial_disposal,
    Kind.DISPOSAL: ending.disposal,
    Kind.INTERCOMPANY_OUT: ending.intercompany_out,
    Kind.POOL_END: ending.pool_end,
    Kind.REINSTATEMENT: ending.reinstatement,
    Kind.LEASE: leases.lease_start,
    Kind.LEASE_CHANGE: leases.lease_changed,
}
"""What each kind does to a run. Corrections and reversals are folded in before (`net.py`)."""


class History(NamedTuple):
    """The facts of one asset as one book sees them. class_id: the class it was registered with."""

    asset_id: int
    class_id: int
    facts: Sequence[Fact]


class Standing(NamedTuple):
    """The running segment at the end of the horizon: what a bulk run needs to charge later periods by itself.

    segment None: nothing depreciates. charged: what of it is in the rows; cause_id, class_id: of its next rows.
    simple: nothing but depreciation moves with time (no grant, provision, surplus as used, lease, units, idleness
    without end).
    """

    class_id: int
    cause_id: int
    segment: Segment | None
    charged: int
    simple: bool


class Folded(NamedTuple):
    """What a book should say about one asset, by (day, cause, role, class); where it stands; why, if asked."""

    rows: list[ValueRow]
    balances: Balances
    standing: Standing
    steps: list[Step]


def due_rows(
    facts: Iterable[Fact],
    class_id: int,
    calendar: Calendar,
    through_on: datetime.date,
    *,
    after_on: datetime.date = datetime.date.min,
) -> list[ValueRow]:
    """What a book should say about one asset that shares nothing with others, through the end of a day.

    after_on: only rows later than this day are worked out.
    """
    history = History(0, class_id, list(facts))
    return fold([history], calendar, through_on, after_on=after_on)[0].rows


def state_on(facts: Iterable[Fact], class_id: int, calendar: Calendar, on: datetime.date) -> Balances:
    """The balances of one asset at the end of a day. Depreciation counts at period ends, as it is posted."""
    return fold([History(0, class_id, list(facts))], calendar, on, after_on=on)[0].balances


def handed_over(
    histories: Iterable[History], asset_id: int, calendar: Calendar, on: datetime.date, *, anew: bool
) -> State:
    """Where an asset stands at the end of a day, charged through it, as a new owner would go on from the next.

    anew: what is left is spread from there, else its segment goes on. What is held for sale, or charged by its use, is
    always spread anew.
    """
    read = [history._replace(facts=standing(history.facts)) for history in histories]
    run = _passed(read, (), calendar, on, datetime.date.min, False)[asset_id]
    leaves = IntercompanyOut(event_id=0, key=b"", effective_on=on)
    run.cut(leaves)
    segment = run.bundle.segment
    if anew or segment is None or run.bundle.held or segment.terms.total_units is not None:
        run.restart(leaves)
    return run.state


def fold(
    histories: Iterable[History],
    calendar: Calendar,
    through_on: datetime.date,
    *,
    after_on: datetime.date = datetime.date.min,
    explains: bool = False,
) -> dict[int, Folded]:
    """What a book should say about assets that may be made of each other, by asset."""
    read = [history._replace(facts=standing(history.facts)) for history in histories]
    versions = _restatements(read)
    if not versions:
        runs = _passed(read, (), calendar, through_on, after_on, explains)
        return {asset_id: _folded(run, run.rows, through_on) for asset_id, run in runs.items()}
    without = {correction.event_id for correction in versions}
    before = _rows(_passed(read, without, calendar, through_on, datetime.date.min, False))
    prior: dict[int, dict[RowKey, int]] = {}
    for correction in versions:
        without.remove(correction.event_id)
        runs = _passed(read, without, calendar, through_on, datetime.date.min, explains)
        after = _rows(runs)
        restate(prior, before, after, correction)
        before = after
    for asset_id, moved in prior.items():
        rows = runs[asset_id].rows
        for key, amount in moved.items():
            rows[key] = rows.get(key, 0) + amount
    late = {
        key: {k: v for k, v in run.rows.items() if k.effective_on > after_on} for key, run in runs.items()
    }
    return {asset_id: _folded(run, late[asset_id], through_on) for asset_id, run in runs.items()}


def _restatements(histories: Iterable[History]) -> list[ErrorCorrection]:
    """The corrections that go to retained earnings in part, in order."""
    found = [
        fact
        for history in histories
        for fact in history.facts
        if isinstance(fact, ErrorCorrection) and fact.restated_before is not None
    ]
    return sorted(found, key=order_key)


def _passed(
    histories: Sequence[History],
    without: Iterable[int],
    calendar: Calendar,
    through_on: datetime.date,
    after_on: datetime.date,
    explains: bool,
) -> dict[int, Run]:
    """One pass over all facts of all histories in their order."""
    given: Parts = {}
    runs: dict[int, Run] = {}
    todo: list[tuple[Fact, Run]] = []
    left_out = frozenset(without)
    for history in histories:
        run = Run(history.class_id, calendar, parts=given, after_on=after_on, explains=explains)
        runs[history.asset_id] = run
        todo += [(fact, run) for fact in corrected(history.facts, left_out)]
    todo.sort(key=lambda each: order_key(each[0]))
    for fact, run in todo:
        if fact.effective_on > through_on:
            break
        HANDLERS[fact.kind](run, fact)
    for run in runs.values():
        run.advance(through_on)
        leases.finish(run, through_on)
    return runs


def _rows(runs: Mapping[int, Run]) -> dict[int, dict[RowKey, int]]:
    return {asset_id: run.rows for asset_id, run in runs.items()}


def _folded(run: Run, rows: Mapping[RowKey, int], through_on: datetime.date) -> Folded:
    return Folded(
        [ValueRow(*key, amount) for key, amount in sorted(rows.items()) if amount],
        _balances(run, through_on),
        _standing(run),
        run.steps,
    )


def _standing(run: Run) -> Standing:
    bundle = run.bundle
    segment = None if bundle.held else bundle.segment
    simple = not (
        bundle.grant_base
        or bundle.obligations
        or bundle.surplus_base
        or run.state.lease
        or (segment is not None and segment.terms.total_units is not None)
        or (segment is not None and segment.idle and segment.idle[-1][1] == NEVER)
    )
    return Standing(run.state.class_id, bundle.terms_event, segment, bundle.charged, simple)


def _balances(run: Run, through_on: datetime.date) -> Balances:
    bundle, class_id = run.bundle, run.state.class_id
    if run.state.lease is not None:
        return leases.balances(run, through_on)
    held = bundle.held
    return Balances(
        class_id=class_id,
        cost=0 if held else bundle.cost,
        accumulated=0 if held else bundle.accumulated,
        impairment=0 if held else bundle.impairment,
        construction=bundle.construction,
        held=bundle.depreciated_cost - bundle.held_loss if held else 0,
        surplus=bundle.surplus,
        provision=bundle.provision,
        grant=bundle.grant,
        liability=0,
    )


__all__ = ["Folded", "History", "Standing", "due_rows", "fold", "handed_over", "state_on"]
