"""Who has what until when: kept with the events of check-out, acceptance and check-in."""

import datetime
from collections.abc import Mapping, Sequence

from wherewithal.assets.fields import RoomKind
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.history import AssetHistory, Event
from wherewithal.core.assets.facts import Kind
from wherewithal.kit import db

MOVING = frozenset({RoomKind.CHECK_OUT, RoomKind.ACCEPT, RoomKind.CHECK_IN})
COLUMNS = (
    ("company_id", "int"),
    ("event_id", "bigint"),
    ("asset_id", "bigint"),
    ("party_id", "int"),
    ("user_id", "bigint"),
    ("location_id", "int"),
    ("since_on", "date"),
    ("expected_on", "date"),
    ("accepted_on", "date"),
    ("signature", "text"),
    ("returned_on", "date"),
)


def order_within_day(events: Sequence[PlannedEvent], histories: Mapping[int, AssetHistory]) -> None:
    """Days have no hours: what happens on one day to who has an asset happened in the order in which it is recorded,
    so that something lent and brought back within a day is back."""
    last: dict[tuple[int, datetime.date], int] = {}
    for asset_id in {event.asset_id for event in events if event.kind in MOVING}:
        for known in histories[asset_id].alive():
            if known.kind in MOVING:
                place = (asset_id, known.effective_on)
                last[place] = max(known.phase, last.get(place, 0))
    for event in events:
        if event.kind in MOVING:
            place = (event.asset_id, event.effective_on)
            event.phase = last[place] = max(event.phase, last.get(place, 0) + 1)


def keep(company_id: int, events: Sequence[PlannedEvent], histories: Mapping[int, AssetHistory]) -> None:
    """Bring what is kept of custody in line with the events, for the assets whose custody they touch."""
    touched = {event.asset_id for event in events if event.kind in MOVING or event.kind == Kind.REVERSAL}
    for asset_id in sorted(touched):
        _rewrite(company_id, histories[asset_id])


def _rewrite(company_id: int, history: AssetHistory) -> None:
    """All spans of one asset, worked out from its events; spans that never were are closed on their first day."""
    spans = spans_of(history)
    known = db.fetch_all(
        "SELECT event_id FROM assets_custody WHERE company_id = %s AND asset_id = %s",
        (company_id, history.asset_id),
    )
    known_ids = {row[0] for row in known}
    gone = known_ids - spans.keys()
    db.execute(
        "UPDATE assets_custody SET returned_on = since_on WHERE company_id = %s AND event_id = ANY (%s)",
        (company_id, sorted(gone)),
    )
    for event_id, (_event, accepted, returned_on) in sorted(spans.items()):
        if event_id in known_ids:
            db.execute(
                "UPDATE assets_custody SET accepted_on = %s, signature = %s, returned_on = %s"
                " WHERE company_id = %s AND event_id = %s",
                (
                    accepted and accepted.effective_on,
                    _signature(accepted),
                    returned_on,
                    company_id,
                    event_id,
                ),
            )
    fresh = [
        _row(company_id, event, accepted, returned_on)
        for event_id, (event, accepted, returned_on) in sorted(spans.items())
        if event_id not in known_ids
    ]
    db.insert_rows("assets_custody", COLUMNS, fresh)


Span = tuple[Event, Event | None, datetime.date | None]


def spans_of(history: AssetHistory) -> dict[int, Span]:
    """Check-out -> (it, its acceptance, the day it ended). Another check-out ends the one before."""
    spans: dict[int, Span] = {}
    held: int | None = None
    ordered = sorted(history.alive(), key=lambda e: (e.effective_on, e.phase, e.key))
    for event in ordered:
        if event.kind in (RoomKind.CHECK_OUT, RoomKind.CHECK_IN) and held is not None:
            spans[held] = (*spans[held][:2], event.effective_on)
            held = None
        if event.kind == RoomKind.CHECK_OUT:
            held = event.event_id
            spans[held] = (event, None, None)
        elif event.kind == RoomKind.ACCEPT and held is not None:
            spans[held] = (spans[held][0], event, None)
    return spans


def _signature(accepted: Event | None) -> str:
    return "" if accepted is None else str(accepted.detail.get("values", {}).get("signature", ""))


def _row(
    company_id: int, event: Event, accepted: Event | None, returned_on: datetime.date | None
) -> tuple[object, ...]:
    values = event.detail.get("values", {})
    expected = values.get("expected_on")
    return (
        company_id,
        event.event_id,
        event.asset_id,
        values.get("custodian_party_id"),
        values.get("custodian_user_id"),
        values.get("location_id"),
        event.effective_on,
        None if expected is None else datetime.date.fromisoformat(expected),
        accepted and accepted.effective_on,
        _signature(accepted),
        returned_on,
    )
