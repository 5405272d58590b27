"""What an event may name: another one that stands and fits, the books that hear of it, a key of its own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wherewithal.assets.fields import NAMED, RoomKind
from wherewithal.assets.services.context import Context
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.history import AssetHistory, Event
from wherewithal.assets.services.posting.reading import may_pool
from wherewithal.core.assets.facts import Kind
from wherewithal.core.posting import Role
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

ENDS = frozenset({Kind.DISPOSAL, Kind.INTERCOMPANY_OUT})
EVERY_BOOK = ENDS | {Kind.PARTIAL_DISPOSAL, Kind.PART_OUT, Kind.PART_IN, Kind.REINSTATEMENT}
"""What happens to the thing itself: no book may hear of it alone."""
HANDED_OVER = frozenset(role for role in Role if role.name.startswith("INTERCOMPANY_"))


def naming_problems(
    context: Context, histories: Mapping[int, AssetHistory], planned: Sequence[PlannedEvent]
) -> list[Problem]:
    """Everything that is wrong with what the new events name: another event, a book, a key."""
    return [*_problems(histories, planned), *_pool_problems(context, histories, planned)]


def _claim(event: Event) -> tuple[str, int, object] | None:
    """What only one event that stands may say of another one: its correction, the taking of one of its parts."""
    if event.of_event_id is None or event.kind not in (Kind.ERROR_CORRECTION, Kind.PART_IN):
        return None
    part = event.detail.get("values", {}).get("part", 1) if event.kind == Kind.PART_IN else 0
    return event.kind, event.of_event_id, part


def _problems(histories: Mapping[int, AssetHistory], planned: Sequence[PlannedEvent]) -> Iterator[Problem]:
    by_id = {event.event_id: event for history in histories.values() for event in history.events}
    alive = {event.event_id: event for history in histories.values() for event in history.alive()}
    claims = Counter(_claim(event) for event in alive.values())
    reversals = Counter(event.of_event_id for event in by_id.values() if event.kind == Kind.REVERSAL)
    keys: dict[tuple[int, bytes], int] = {}
    for event in by_id.values():
        keys[event.asset_id, event.key] = keys.get((event.asset_id, event.key), 0) + 1
    yield from _transfer_problems(histories, planned)
    for new in planned:
        if new.book_id is not None and new.kind in EVERY_BOOK:
            message = say(
                "It happens to the thing itself: leave the book out, and give amounts that differ by book."
            )
            yield Problem("book", "every_book", message, new.row)
        if keys[new.asset_id, new.key] > 1:
            message = say("Another event of this asset has this key: each event has a key of its own.")
            yield Problem("key", "unique", message, new.row)
        if new.of_event_id is None:
            continue
        named = by_id.get(new.of_event_id)
        value = str(new.of_event_id)
        if named is None or (new.kind != Kind.PART_IN and named.asset_id != new.asset_id):
            message = say(
                "Asset {histories_tag} has no event {of_event_id}.",
                histories_tag=histories[new.asset_id].tag,
                of_event_id=new.of_event_id,
            )
            yield Problem("of_event_id", "exists", message, new.row, value)
            continue
        fits = NAMED.get(new.kind)
        if (fits is not None and named.kind not in fits) or named.kind == RoomKind.REGISTERED:
            kinds = ", ".join(sorted(fits or ()))
            if kinds:
                message = say(
                    "Event {event} is a {kind}; here fit: {kinds}.",
                    event=new.of_event_id,
                    kind=named.kind,
                    kinds=kinds,
                )
            else:
                message = say("Event {event} is a {kind}.", event=new.of_event_id, kind=named.kind)
            yield Problem("of_event_id", "kind", message, new.row, value)
        if new.kind in (Kind.ERROR_CORRECTION, Kind.PART_IN) and named.event_id not in alive:
            message = say("Event {event} was taken back: name one that stands.", event=new.of_event_id)
            yield Problem("of_event_id", "stands", message, new.row, value)
        claimant = by_id[new.event_id]
        if new.kind == Kind.REVERSAL and named.kind == Kind.REVERSAL:
            claimant = by_id.get(named.of_event_id or 0, claimant)  # it stands again
        claim = _claim(claimant)
        if (claim is not None and claims[claim] > 1) or (
            new.kind == Kind.REVERSAL and reversals[new.of_event_id] > 1
        ):
            message = say(
                "Another {new_kind} has named event {of_event_id} already.",
                new_kind=claimant.kind.replace("_", " "),
                of_event_id=claimant.of_event_id,
            )
            yield Problem("of_event_id", "once", message, new.row, value)
        if new.kind == Kind.PART_IN and named.effective_on != new.effective_on:
            message = say(
                "A part is taken on the day it is given: {effective_on}.", effective_on=named.effective_on
            )
            yield Problem("effective_on", "same_day", message, new.row, str(new.effective_on))
        if new.kind == Kind.PART_IN and named.kind == Kind.PART_OUT:
            yield from _taking_problems(new, named)
        if new.kind == Kind.REVERSAL and new.effective_on < named.effective_on:
            message = say(
                "What happened on {effective_on} is taken back on that day or later.",
                effective_on=named.effective_on,
            )
            yield Problem("effective_on", "after_event", message, new.row, str(new.effective_on))


def _transfer_problems(
    histories: Mapping[int, AssetHistory], planned: Sequence[PlannedEvent]
) -> Iterator[Problem]:
    """A transfer between companies is taken back here and there together, never one half of it."""
    by_id = {event.event_id: event for history in histories.values() for event in history.events}
    for new in planned:
        named = by_id.get(new.of_event_id or 0)
        if new.kind == Kind.REVERSAL and named and named.detail.get("counterpart") and not new.counterpart:
            yield Problem("of_event_id", "transfer", _handed_over(named), new.row)


def _pool_problems(
    context: Context, histories: Mapping[int, AssetHistory], planned: Sequence[PlannedEvent]
) -> Iterator[Problem]:
    """Only a pool can end."""
    for new in planned:
        terms = histories[new.asset_id].terms
        heard = [book for book in context.books if new.book_id in (None, book.book_id)]
        if new.kind == Kind.POOL_END and not any(may_pool(terms.get(book.book_id)) for book in heard):
            message = say(
                "It is depreciated by itself: only the pool of an asset can end. Dispose of the asset "
                "instead."
            )
            yield Problem("kind", "pool", message, new.row)


def handover_problems(
    histories: Mapping[int, AssetHistory],
    planned: Sequence[PlannedEvent],
    changed: Iterable[tuple[int, int]],
) -> list[Problem]:
    """What another company has taken up stays as it was handed over. `changed`: (event, role) of the rows to be."""
    new = {event.event_id for event in planned}
    handed = {
        event.event_id: event
        for history in histories.values()
        for event in history.alive()
        if event.kind == Kind.INTERCOMPANY_OUT and event.detail.get("counterpart")
    }
    found = sorted(
        {event_id for event_id, role in changed if role in HANDED_OVER and event_id in handed} - new
    )
    row = min((event.row for event in planned), default=None)
    return [Problem("effective_on", "transfer", _handed_over(handed[event_id]), row) for event_id in found]


def _handed_over(event: Event) -> str:
    other = event.detail["counterpart"]
    return say(
        "It was handed over between here and {company} ({tag}) on {day}, as it stood then: take the whole transfer "
        "back first.",
        company=other["company"],
        tag=other["tag"],
        day=event.effective_on,
    )


def _parts_given(values: Mapping[str, Any]) -> list[int]:
    """What each part gets, by weight or by amount."""
    return list(values.get("amounts", ())) or list(values.get("weights", ())[1:])


def _taking_problems(new: PlannedEvent, named: Event) -> Iterator[Problem]:
    if named.asset_id == new.asset_id:
        message = say("An asset takes no part of itself: name another asset.")
        yield Problem("of_event_id", "another", message, new.row, str(new.of_event_id))
    count, part = len(_parts_given(named.detail.get("values", {}))), new.values.get("part", 1)
    if not 1 <= part <= count:
        message = say("The parts that were given are numbered 1 to {count}.", count=count)
        yield Problem("values.part", "exists", message, new.row, str(part))
