"""What only the whole history of an asset can tell: events out of their order, more disposed of than is there."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from wherewithal.assets.fields import RoomKind
from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.history import AssetHistory, Event
from wherewithal.assets.services.posting.naming import ENDS, naming_problems
from wherewithal.assets.services.posting.reading import MoveCosts, Reader, events_of, idle_of
from wherewithal.assets.services.posting.there import There
from wherewithal.assets.values import NEVER_DEPRECIATED, ClassKind
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.state import NEVER
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.terms import TermsError
from wherewithal.core.lease.terms import LeaseError
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

BIRTHS = frozenset({Kind.ACQUISITION, Kind.OPENING, Kind.INTERCOMPANY_IN, Kind.LEASE})
MAKES_THERE = BIRTHS | {Kind.PART_IN, Kind.CONSTRUCTION_COST}
NEEDS_SERVICE = frozenset({Kind.ESTIMATE_CHANGE, Kind.TERMS_CATCH_UP, Kind.IDLE, Kind.RESUME, Kind.POOL_END})
OF_LEASES = frozenset({Kind.LEASE, Kind.LEASE_CHANGE, Kind.CLASS_TRANSFER})
"""What happens to a right of use: all else its lease says."""
ANY_TIME = frozenset(
    {RoomKind.REGISTERED, RoomKind.TRANSFER, RoomKind.CHECK_OUT, RoomKind.CHECK_IN, RoomKind.ACCEPT}
)
LAST_DAY = datetime.date.max

Fault = tuple[Event, str, str, str]
"""(event, field, rule, message)"""


@dataclass(slots=True)
class _Life:
    """Where an asset stands while its events are walked through."""

    there: bool = False
    born: bool = False
    in_service: bool = False
    took_part: bool = False
    leased: bool = False
    gone_by: Event | None = None
    held: bool = False
    idle: bool = False
    class_id: int = 0
    qty: Fraction = Fraction(1)
    reading: Fraction | None = None
    begun_on: datetime.date | None = None
    granted: int = 0
    out: bool = False
    accepted: bool = False
    partial: dict[int, Fraction] = field(default_factory=dict)
    """The quantity that partial disposals took, by event."""
    ended: set[int] = field(default_factory=set)
    brought_back: set[int] = field(default_factory=set)


def problems_of_batch(
    context: Context,
    histories: Mapping[int, AssetHistory],
    planned: Sequence[PlannedEvent],
    move_costs: MoveCosts,
) -> list[Problem]:
    """Everything that is wrong with what the new events make of their assets."""
    problems = naming_problems(context, histories, planned)
    if problems:
        return problems
    rows = {event.event_id: event.row for event in planned}
    first_row: dict[int, int] = {}
    for new in planned:
        first_row.setdefault(new.asset_id, new.row)
    seen: set[tuple[int, str, str]] = set()
    for asset_id in sorted(
        histories
    ):  # also of those that took a part of an asset to which something happened
        history = histories[asset_id]
        for book in context.books:
            there = There(context, book, histories, move_costs)
            for event, name, rule, message in _walk(there, history):
                key = (event.event_id, name, rule)
                if key in seen:
                    continue
                seen.add(key)
                row = rows.get(event.event_id, first_row.get(asset_id, min(rows.values())))
                told = (
                    message
                    if event.event_id in rows
                    else say("{history}: {message}", history=_told(history, event), message=message)
                )
                problems.append(Problem(name, rule, told, row))
    return problems


def _told(history: AssetHistory, event: Event) -> str:
    kind = event.kind.replace("_", " ")
    return say(
        "The {kind} of {tag} on {day} would no longer fit", kind=kind, tag=history.tag, day=event.effective_on
    )


# --- one life -----------------------------------------------------------------------------------------------------


def _walk(there: There, history: AssetHistory) -> Iterator[Fault]:
    context, book = there.context, there.book
    reader = Reader(context, book, history, there.move_costs)
    life = _Life(class_id=history.class_id, qty=Fraction(history.qty))
    alive = {event.event_id: event for event in history.alive()}
    for event in sorted(events_of(history, book.book_id), key=lambda e: (e.effective_on, e.phase, e.key)):
        yield from _order_faults(life, event)
        try:
            yield from _own_faults(there, reader, life, event, alive)
        except TermsError as error:
            yield event, f"values.terms.{error.field}", error.rule, error.message
        except PackError as error:
            yield event, f"values.terms.{error.field}", error.rule, error.message
        except LeaseError as error:
            yield event, f"values.{error.field}", error.rule, error.message
        _step(there, reader, life, event)


def _order_faults(life: _Life, event: Event) -> Iterator[Fault]:
    kind = event.kind
    if life.gone_by is not None and kind not in (
        Kind.REINSTATEMENT,
        Kind.ERROR_CORRECTION,
        Kind.POOL_END,
        RoomKind.CHECK_IN,
    ):
        message = say(
            "The asset left on {day}: nothing happens to it afterwards.", day=life.gone_by.effective_on
        )
        yield event, "effective_on", "before_disposal", message
    if kind in BIRTHS and life.born:
        yield event, "kind", "once", say("The asset was acquired before: add cost to it instead.")
    if not life.there and kind not in MAKES_THERE and kind not in ANY_TIME and kind != Kind.ERROR_CORRECTION:
        message = say("The asset was not there yet on that day: acquire it first.")
        yield event, "effective_on", "after_acquisition", message
    if kind == Kind.IN_SERVICE and life.in_service:
        message = say("The asset is in service already: correct the error or change the estimate.")
        yield event, "kind", "once", message
    served = life.in_service or life.took_part
    if kind in NEEDS_SERVICE and life.there and not served:
        yield event, "effective_on", "after_service", say("The asset was not in service yet on that day.")
    if kind in (Kind.HELD_MEASUREMENT, Kind.BACK_TO_USE) and not life.held:
        yield event, "effective_on", "held", say("The asset was not held for sale on that day.")
    if kind == Kind.HELD_FOR_SALE and life.held:
        yield event, "kind", "once", say("The asset is held for sale already: measure it anew.")
    if kind == Kind.RESUME and not life.idle:
        yield event, "effective_on", "idle", say("The asset was not idle on that day.")
    if kind == Kind.IDLE and life.idle:
        yield event, "kind", "once", say("The asset is idle already.")
    if kind in (RoomKind.ACCEPT, RoomKind.CHECK_IN) and not life.out:
        yield event, "effective_on", "out", say("Nobody had the asset on that day: check it out first.")
    if kind == RoomKind.ACCEPT and life.accepted:
        yield event, "kind", "once", say("It was signed for already.")


def _own_faults(
    there: There, reader: Reader, life: _Life, event: Event, alive: Mapping[int, Event]
) -> Iterator[Fault]:
    context = there.context
    yield from _lease_faults(there, life, event)
    values = reader.values(event) if event.kind not in ANY_TIME else {}
    if event.kind in (Kind.LEASE, Kind.LEASE_CHANGE):
        reader.fact(event)
        return
    if event.kind in (Kind.IN_SERVICE, *BIRTHS) or "terms" in values:
        yield from _terms_faults(context, reader, life, event, values)
    if (
        event.kind == Kind.METER_READING
        and life.reading is not None
        and Fraction(values["reading"]) < life.reading
    ):
        message = say("A meter does not run backwards: it stood at {reading}.", reading=life.reading)
        yield event, "values.reading", "forward", message
    if event.kind == Kind.IMPAIRMENT and ("recoverable" in values) == ("loss" in values):
        message = say("Give the recoverable amount, or the share of a unit's loss.")
        yield event, "values.recoverable", "one_of", message
    if event.kind == Kind.IMPAIRMENT_REVERSAL and ("recoverable" in values) == ("gain" in values):
        message = say("Give the recoverable amount, or the share of a unit's reversal.")
        yield event, "values.recoverable", "one_of", message
    if event.kind == Kind.PARTIAL_DISPOSAL:
        yield from _partial_faults(there, life, event, values)
    if event.kind == Kind.REINSTATEMENT:
        yield from _reinstatement_faults(life, event, alive)
    if event.kind == Kind.PART_OUT:
        yield from _part_faults(event, values)
    if event.kind == Kind.CLASS_TRANSFER:
        yield from _class_faults(context, life, event, values)
    if event.kind in (Kind.COST_ADDITION, Kind.CONSTRUCTION_COST) and values.get("amount", 0) < 0:
        yield from _credit_faults(there, life, event, -values["amount"])
    if event.kind == Kind.GRANT:
        yield from _grant_faults(there, reader, life, event, values["amount"])
    if event.kind == Kind.GRANT_REPAYMENT and values["amount"] > life.granted:
        message = say(
            "No more is repaid than was granted: {granted}.", granted=_shown(there.book, life.granted)
        )
        yield event, "values.amount", "there", message
    if (
        event.kind == Kind.PART_IN
        and _never_depreciated(context, life.class_id)
        and there.depreciates_after(event)
    ):
        code = context.classes[life.class_id].code
        message = say("Assets of the class {code} are never depreciated, and this part is.", code=code)
        yield event, "of_event_id", "depreciates", message


def _lease_faults(there: There, life: _Life, event: Event) -> Iterator[Fault]:
    """A right of use is what its lease makes of it, until that is over; nothing else has a lease."""
    if event.kind == Kind.LEASE_CHANGE and life.there and not life.leased:
        yield event, "kind", "lease", say("The asset is not leased: there is no lease to change.")
    if event.kind == Kind.LEASE and life.there and not life.born:
        yield event, "kind", "once", say("The asset is there already: a right of use is an asset of its own.")
    if not life.leased or event.kind in OF_LEASES | ANY_TIME:
        return
    if event.kind == Kind.DISPOSAL and there.is_over(event):
        return
    message = say("The asset is leased: record what changes its lease (its end, too) as a lease change.")
    yield event, "kind", "lease", message


def _shown(book: BookFacts, amount: int) -> str:
    return say("{amount} {currency}", amount=from_minor(amount, book.decimals), currency=book.currency)


def _credit_faults(there: There, life: _Life, event: Event, credit: int) -> Iterator[Fault]:
    """A credit note takes no more cost than there is at its place, in use or under construction."""
    found = there.cost_before(event)
    cost = found.construction if event.kind == Kind.CONSTRUCTION_COST and not life.in_service else found.cost
    if credit > cost:
        message = say(
            "A credit takes no more cost than is there on that day: {cost}.", cost=_shown(there.book, cost)
        )
        yield event, "values.amount", "there", message


def _grant_faults(there: There, reader: Reader, life: _Life, event: Event, amount: int) -> Iterator[Fault]:
    """No more is granted than the asset costs; of one that is still being built the cost is not known yet."""
    known = there.context.classes.get(life.class_id)
    if known is not None and known.kind is ClassKind.UNDER_CONSTRUCTION:
        return
    found = there.cost_before(event)
    cost = found.cost + found.construction
    if not life.in_service:
        cost += reader.cost_until(LAST_DAY) - reader.cost_until(event.effective_on)
    deferred = there.deferred_before(event)
    if amount + deferred > cost:
        message = say(
            "No more is granted than the asset costs: {left} is left.",
            left=_shown(there.book, cost - deferred),
        )
        yield event, "values.amount", "above_cost", message


def _reinstatement_faults(life: _Life, event: Event, alive: Mapping[int, Event]) -> Iterator[Fault]:
    of = event.of_event_id
    if of not in alive:
        yield event, "of_event_id", "stands", say("The disposal was reversed: there is nothing to reinstate.")
    elif of in life.brought_back:
        yield event, "of_event_id", "once", say("That disposal was reinstated before.")
    elif of is not None and of not in life.ended:
        message = say("It left on {day} only: it comes back after that.", day=alive[of].effective_on)
        yield event, "effective_on", "after_disposal", message


def _never_depreciated(context: Context, class_id: int) -> bool:
    known = context.classes.get(class_id)
    return known is not None and known.kind in NEVER_DEPRECIATED


def _class_faults(context: Context, life: _Life, event: Event, values: Mapping[str, Any]) -> Iterator[Fault]:
    class_id = int(values["class_id"])
    if class_id not in context.classes:
        yield event, "values.class_id", "exists", say("Name a class of this company.")
    elif (
        life.in_service
        and _never_depreciated(context, class_id)
        and not _never_depreciated(context, life.class_id)
    ):
        message = say(
            "Assets of the class {code} are never depreciated, and this one is in service: take back its coming "
            "into service first, or dispose of it.",
            code=context.classes[class_id].code,
        )
        yield event, "values.class_id", "depreciates", message


def _terms_faults(
    context: Context, reader: Reader, life: _Life, event: Event, values: Mapping[str, Any]
) -> Iterator[Fault]:
    since = values.get("in_service_on")
    day = datetime.date.fromisoformat(since) if since else event.effective_on
    if since and event.kind in BIRTHS and day > event.effective_on:
        message = say("An asset that is opened as in service was so by that day.")
        yield event, "values.in_service_on", "order", message
    if event.kind in BIRTHS and not since:
        cost = values.get("cost", 0)
        if values.get("accumulated", 0) + values.get("impairment", 0) > cost:
            yield event, "values.accumulated", "within_cost", say("No more is depreciated than the cost.")
        return
    known = context.classes.get(int(values.get("class_id", life.class_id)))
    terms = reader.terms(event, values)
    if known is not None and known.kind in NEVER_DEPRECIATED and terms is not None:
        message = say("Assets of the class {code} are never depreciated.", code=known.code)
        yield event, "values.terms", "none", message
    if terms is None:
        if event.kind in (Kind.ESTIMATE_CHANGE, Kind.TERMS_CATCH_UP):
            message = say("An estimate says how it is depreciated from now on.")
            yield event, "values.terms.method", "depreciates", message
        return
    cost = reader.cost_until(day) if event.kind not in BIRTHS else values.get("cost", 0)
    whole = not any(e.kind == Kind.PART_IN for e in reader.history.events)
    if whole and terms.residual > cost:
        message = say("A residual is not above the cost.")
        yield event, "values.terms.residual", "above_cost", message
    if values.get("accumulated", 0) + values.get("impairment", 0) > cost and event.kind in BIRTHS:
        yield event, "values.accumulated", "within_cost", say("No more is depreciated than the cost.")


def _partial_faults(there: There, life: _Life, event: Event, values: Mapping[str, Any]) -> Iterator[Fault]:
    given = [name for name in ("share", "quantity", "amount") if name in values]
    if len(given) != 1:
        message = say("Say how much leaves by share, by quantity or by amount: one of them.")
        yield event, "values.share", "one_of", message
        return
    name = given[0]
    if name == "share":
        whole, leaves = Fraction(1), Fraction(values["share"])
    elif name == "quantity":
        whole, leaves = life.qty, Fraction(values["quantity"])
    else:
        whole, leaves = Fraction(there.cost_before(event).cost), Fraction(values["amount"])
    if name == "share" and not 0 < leaves <= 1:
        yield event, "values.share", "range", say("A share lies above 0 and below 1.")
    elif leaves > whole:
        has = _shown(there.book, int(whole)) if name == "amount" else str(life.qty)
        yield event, f"values.{name}", "there", say("No more can leave than is there: {has}.", has=has)
    elif leaves == whole:
        message = say("Something stays when a part leaves: record a disposal if all of it leaves.")
        yield event, f"values.{name}", "part", message


def _part_faults(event: Event, values: Mapping[str, Any]) -> Iterator[Fault]:
    weights, amounts = values.get("weights", ()), values.get("amounts", ())
    if bool(weights) == bool(amounts):
        yield event, "values.weights", "one_of", say("Say what each part takes by weights or by amounts.")
    elif weights and (len(weights) < 2 or not sum(weights[1:])):
        yield event, "values.weights", "parts", say("Give a weight for what stays and one for each part.")


def _step(there: There, reader: Reader, life: _Life, event: Event) -> None:
    kind, values = event.kind, event.detail.get("values", {})
    if kind in MAKES_THERE:
        life.there = True
        life.begun_on = life.begun_on or event.effective_on
    if kind in BIRTHS:
        life.born = True
        life.leased = life.leased or kind == Kind.LEASE
        life.qty = Fraction(values.get("quantity", life.qty))
        life.in_service = (
            life.in_service
            or kind == Kind.LEASE
            or "in_service_on" in values
            or _books_say(event, "in_service_on")
        )
        own = reader.values(event)
        life.held = life.held or bool(own.get("held"))
        life.idle = life.idle or any(last == NEVER for _, last in idle_of(event.detail))
        met = Fraction(own.get("reading", own.get("used_units", 0)))
        life.reading = max(life.reading or met, met) if met else life.reading
    elif kind == Kind.IN_SERVICE:
        life.in_service = True
    elif kind == Kind.PART_IN:
        life.took_part = True
    elif kind == Kind.CLASS_TRANSFER:
        life.class_id = int(values["class_id"])
    elif kind in ENDS:
        life.gone_by = event
        life.ended.add(event.event_id)
    elif kind == Kind.PARTIAL_DISPOSAL:
        life.ended.add(event.event_id)
        life.partial[event.event_id] = _leave(there, life, event, reader.values(event))
    elif kind == Kind.PART_OUT:
        _leave(there, life, event, reader.values(event))
        if values.get("weights", (1,))[0] == 0 and not values.get("construction_only"):
            life.gone_by = event
    elif kind == Kind.REINSTATEMENT:
        _come_back(life, event.of_event_id or 0)
    elif kind == Kind.HELD_FOR_SALE:
        life.held = True
    elif kind == Kind.BACK_TO_USE:
        life.held = False
    elif kind == Kind.IDLE:
        life.idle = True
    elif kind == Kind.RESUME:
        life.idle = False
    elif kind == Kind.METER_READING:
        life.reading = Fraction(values["reading"])
    elif kind in (Kind.GRANT, Kind.GRANT_REPAYMENT):
        life.granted += reader.values(event)["amount"] * (1 if kind == Kind.GRANT else -1)
    else:
        _hand_over(life, kind, values)


def _hand_over(life: _Life, kind: str, values: Mapping[str, Any]) -> None:
    """Who has it: by check-out, or because it was given to somebody in the first place or by a transfer."""
    given = "custodian_party_id" in values or "custodian_user_id" in values
    if kind == RoomKind.CHECK_OUT or (kind in (RoomKind.REGISTERED, RoomKind.TRANSFER) and given):
        life.out, life.accepted = True, False
    elif kind == RoomKind.CHECK_IN:
        life.out = life.accepted = False
    elif kind == RoomKind.ACCEPT:
        life.accepted = True


def _leave(there: There, life: _Life, event: Event, values: Mapping[str, Any]) -> Fraction:
    """A part of the quantity leaves; how much of it. Construction takes no quantity along."""
    construction = "amounts" in values or values.get("construction_only")
    qty = Fraction(0) if construction else life.qty * _share_leaving(there, life, event, values)
    life.qty -= qty
    return qty


def _share_leaving(there: There, life: _Life, event: Event, values: Mapping[str, Any]) -> Fraction:
    weights = values.get("weights", ())
    if sum(weights):
        return Fraction(sum(weights[1:]), sum(weights))
    if "share" in values:
        return Fraction(values["share"])
    if "quantity" in values:
        return Fraction(values["quantity"]) / life.qty if life.qty else Fraction(0)
    cost = there.cost_before(event).cost if "amount" in values else 0
    return Fraction(values["amount"], cost) if cost else Fraction(0)


def _come_back(life: _Life, disposal_id: int) -> None:
    life.qty += life.partial.get(disposal_id, Fraction(0))
    life.brought_back.add(disposal_id)
    life.gone_by = None


def _books_say(event: Event, name: str) -> bool:
    return any(name in fields for fields in event.detail.get("books", {}).values())
