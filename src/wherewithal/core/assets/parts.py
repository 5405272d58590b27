"""One asset from another: split, merge, settlement of construction. See `PartOut` and `PartIn`."""

from collections.abc import Sequence

from wherewithal.core.assets.beginning import capitalise, revive
from wherewithal.core.assets.facts import PartIn, PartOut
from wherewithal.core.assets.moves import BY_TRANSFER, join
from wherewithal.core.assets.run import Run
from wherewithal.core.assets.state import Bundle, divide
from wherewithal.core.money import allocate


def part_out(run: Run, fact: PartOut) -> None:
    """Gives parts away; each waits for the asset that takes it."""
    run.cut(fact)
    if run.state.gone:
        return
    if fact.amounts or fact.construction_only:
        given = _construction(run, fact)
    elif any(weight < 0 for weight in fact.weights) or not any(fact.weights):
        return
    else:
        rest, *given = divide(run.bundle, fact.weights)
        run.state.bundle = rest if fact.weights[0] else Bundle()
        run.state.gone = not fact.weights[0]
    for number, part in enumerate(given, start=1):
        BY_TRANSFER.emit(run, fact, part, -1, run.state.class_id)
        run.parts[fact.event_id, number] = part
        run.note(fact.effective_on, fact.event_id, f"part {number} to another asset", carrying=part.carrying)


def _construction(run: Run, fact: PartOut) -> Sequence[Bundle]:
    """Cost of construction alone, by stated amounts as far as it goes, or by weights."""
    there = run.bundle.construction
    if fact.amounts:
        amounts = []
        for wanted in fact.amounts:
            amounts.append(min(max(wanted, 0), max(there, 0)))
            there -= amounts[-1]
    elif any(weight < 0 for weight in fact.weights) or not any(fact.weights):
        return ()
    else:
        there, *amounts = allocate(there, fact.weights)
    run.bundle.construction = there
    return [Bundle(construction=amount) for amount in amounts]


def part_in(run: Run, fact: PartIn) -> None:
    """Takes what another asset gave. A part that nobody gave is nothing."""
    run.cut(fact)
    part = run.parts.pop((fact.of, fact.part), None)
    if part is None:
        return
    revive(run)
    BY_TRANSFER.emit(run, fact, part, +1, run.state.class_id)
    run.note(fact.effective_on, fact.event_id, "part of another asset", carrying=part.carrying)
    join(run, fact, part)
    if fact.capitalise or run.bundle.in_service_on is not None:
        capitalise(run, fact)
