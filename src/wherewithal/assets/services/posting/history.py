"""What is known of some assets: their events, their terms, and where their cost went; read in a few queries."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from wherewithal.assets.fields import RoomKind
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.values import Aspect
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.net import taken_away
from wherewithal.kit import db


class Event(NamedTuple):
    """A row of assets_event, or one that is about to be."""

    event_id: int
    asset_id: int
    kind: str
    effective_on: datetime.date
    phase: int
    key: bytes
    book_id: int | None
    of_event_id: int | None
    currency: str | None
    detail: Mapping[str, Any]
    move_id: int | None
    rates: Mapping[str, Decimal]
    recorded_at: datetime.datetime | None = None


@dataclass(slots=True)
class AssetHistory:
    """One asset: its events in no order, by which terms each book began (as text), who bears its cost since when."""

    asset_id: int
    tag: str
    class_id: int
    qty: int
    events: list[Event] = field(default_factory=list)
    terms: dict[int, str] = field(default_factory=dict)
    cost_centres: list[tuple[datetime.date, int, bytes, int, int]] = field(default_factory=list)

    def alive(self) -> list[Event]:
        """Events that stand: neither reversed nor reversals themselves."""
        dead = reversed_ids(self.events)
        return [e for e in self.events if e.event_id not in dead and e.kind != Kind.REVERSAL]

    def heard(self, book_id: int) -> list[Event]:
        """What a book hears, reversals included. A correction that names one of another book alone corrects, for this book,
        what that one corrects."""
        unheard = {
            e.event_id: e.of_event_id
            for e in self.events
            if e.kind == Kind.ERROR_CORRECTION and e.book_id not in (None, book_id)
        }
        mine = [e for e in self.events if e.book_id in (None, book_id)]
        if not unheard:
            return mine
        return [e._replace(of_event_id=_named(e, unheard)) for e in mine]

    def cost_centre_on(self, day: datetime.date, dead: Collection[int]) -> int:
        """Who bears what is charged on a day; 0: nobody in particular."""
        found = 0
        for on, _, _, event_id, value in sorted(self.cost_centres):
            if on > day:
                break
            if event_id not in dead:
                found = value
        return found


def _named(event: Event, unheard: Mapping[int, int | None]) -> int | None:
    of = event.of_event_id
    while event.kind == Kind.ERROR_CORRECTION and of is not None and of in unheard:
        of = unheard[of]
    return of


def reversed_ids(events: Iterable[Event]) -> set[int]:
    """Events that never happened: reversed by a reversal that itself stands."""
    return taken_away(
        {
            event.event_id: event.of_event_id
            for event in events
            if event.kind == Kind.REVERSAL and event.of_event_id is not None
        }
    )


_LINKED = """
    WITH RECURSIVE part AS MATERIALIZED (
        SELECT i.asset_id AS taker_id, o.asset_id AS giver_id
        FROM assets_event i
        JOIN assets_event o ON o.company_id = i.company_id AND o.event_id = i.of_event_id
        WHERE i.company_id = %(company)s AND i.kind = 'part_in'
    ), edge AS MATERIALIZED (
        SELECT taker_id AS one_id, giver_id AS other_id FROM part UNION SELECT giver_id, taker_id FROM part
    ), linked AS (
        SELECT unnest(%(assets)s::bigint[]) AS asset_id
        UNION
        SELECT e.other_id FROM linked l JOIN edge e ON e.one_id = l.asset_id
    )
    SELECT asset_id FROM linked
"""
_HAS_PARTS = "SELECT EXISTS (SELECT 1 FROM assets_event WHERE company_id = %s AND kind = 'part_in')"


def linked(company_id: int, asset_ids: Collection[int]) -> set[int]:
    """These assets and all that gave parts to them or took parts from them, through any number of steps."""
    if not asset_ids:
        return set()
    row = db.fetch_one(_HAS_PARTS, (company_id,))
    if row is None or not row[0]:
        return set(asset_ids)
    rows = db.fetch_all(_LINKED, {"company": company_id, "assets": sorted(asset_ids)})
    return {row[0] for row in rows}


def lock_assets(company_id: int, asset_ids: Collection[int]) -> set[int]:
    """Hold these assets until the transaction ends, in sorted order; those that exist."""
    rows = db.fetch_all(
        "SELECT id FROM assets_asset WHERE company_id = %s AND id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
        (company_id, sorted(asset_ids)),
    )
    return {row[0] for row in rows}


def load_histories(company_id: int, asset_ids: Collection[int]) -> dict[int, AssetHistory]:
    """All that is recorded of these assets. Call it after `lock_assets`, in a new statement."""
    wanted = sorted(asset_ids)
    histories = {
        row[0]: AssetHistory(*row)
        for row in db.fetch_all(
            "SELECT id, tag, class_id, qty FROM assets_asset WHERE company_id = %s AND id = ANY (%s)",
            (company_id, wanted),
        )
    }
    rates = _rates(company_id, wanted)
    for row in db.fetch_all(
        "SELECT event_id, asset_id, kind, effective_on, phase, key, book_id, of_event_id, currency, detail, move_id,"
        " recorded_at FROM assets_event WHERE company_id = %s AND asset_id = ANY (%s)",
        (company_id, wanted),
    ):
        event = Event._make((*row[:5], row[5].bytes, *row[6:11], rates.get(row[0], {}), row[11]))
        histories[event.asset_id].events.append(event)
    for asset_id, book_id, text in db.fetch_all(
        "SELECT a.asset_id, a.book_id, t.terms::text FROM assets_asset_book a"
        " JOIN assets_terms t ON t.company_id = a.company_id AND t.terms_id = a.terms_id"
        " WHERE a.company_id = %s AND a.asset_id = ANY (%s)",
        (company_id, wanted),
    ):
        histories[asset_id].terms[book_id] = text
    for asset_id, *place in db.fetch_all(
        "SELECT asset_id, effective_on, phase, key, event_id, coalesce(value_id, 0) FROM assets_placement"
        " WHERE company_id = %s AND asset_id = ANY (%s) AND aspect = %s",
        (company_id, wanted, int(Aspect.COST_CENTRE)),
    ):
        on, phase, key, event_id, value = place
        histories[asset_id].cost_centres.append((on, phase, key.bytes, event_id, value))
    for history in histories.values():
        history.class_id = _first_class(history)
    return histories


def _rates(company_id: int, asset_ids: Sequence[int]) -> dict[int, dict[str, Decimal]]:
    rows = db.fetch_all(
        "SELECT r.event_id, r.to_currency, r.rate FROM assets_event_rate r"
        " JOIN assets_event e ON e.company_id = r.company_id AND e.event_id = r.event_id"
        " WHERE e.company_id = %s AND e.asset_id = ANY (%s)",
        (company_id, asset_ids),
    )
    found: dict[int, dict[str, Decimal]] = {}
    for event_id, currency, rate in rows:
        found.setdefault(event_id, {})[currency] = rate
    return found


def _first_class(history: AssetHistory) -> int:
    """The class it was registered with; transfers of class are facts."""
    for event in history.events:
        if event.kind == RoomKind.REGISTERED:
            found = event.detail.get("values", {}).get("class_id")
            if found is not None:
                return int(found)
    return history.class_id


def with_new(
    histories: Mapping[int, AssetHistory],
    events: Sequence[PlannedEvent],
    placements: Sequence[Sequence[tuple[Aspect, int | None]]],
) -> None:
    """Add what is about to be recorded."""
    for planned, placed in zip(events, placements, strict=True):
        history = histories[planned.asset_id]
        history.events.append(as_event(planned))
        history.cost_centres += [
            (planned.effective_on, planned.phase, planned.key, planned.event_id, value or 0)
            for aspect, value in placed
            if aspect is Aspect.COST_CENTRE
        ]


def as_event(planned: PlannedEvent) -> Event:
    return Event(
        planned.event_id,
        planned.asset_id,
        planned.kind,
        planned.effective_on,
        planned.phase,
        planned.key,
        planned.book_id,
        planned.of_event_id,
        planned.currency,
        planned.detail(),
        planned.move_id,
        planned.rates,
    )
