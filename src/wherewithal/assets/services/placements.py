"""Where an asset is, who has it, who bears its cost, its class and its status: what events say of it from a day on."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from wherewithal.assets.fields import RoomKind
from wherewithal.assets.services.context import ClassFacts
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.values import Aspect, AssetDraft, ClassKind, Status
from wherewithal.core.assets.facts import DisposalKind, Kind
from wherewithal.kit import db

STATUS_AFTER: Mapping[str, Status] = {
    Kind.IN_SERVICE: Status.IN_SERVICE,
    Kind.LEASE: Status.IN_SERVICE,
    Kind.IDLE: Status.IDLE,
    Kind.RESUME: Status.IN_SERVICE,
    Kind.HELD_FOR_SALE: Status.HELD_FOR_SALE,
    Kind.BACK_TO_USE: Status.IN_SERVICE,
    Kind.REINSTATEMENT: Status.IN_SERVICE,
    Kind.INTERCOMPANY_OUT: Status.DISPOSED,
}
BORN = frozenset({Kind.OPENING, Kind.INTERCOMPANY_IN})
ASPECT_OF: Mapping[str, Aspect] = {
    "location_id": Aspect.LOCATION,
    "custodian_party_id": Aspect.CUSTODIAN_PARTY,
    "custodian_user_id": Aspect.CUSTODIAN_USER,
    "cost_centre_id": Aspect.COST_CENTRE,
}
CUSTODIANS = (Aspect.CUSTODIAN_PARTY, Aspect.CUSTODIAN_USER)
Placement = tuple[Aspect, int | None]


def first_placements(draft: AssetDraft, known: ClassFacts) -> list[Placement]:
    """What a new asset begins with."""
    building = known.kind is ClassKind.UNDER_CONSTRUCTION
    placements: list[Placement] = [
        (Aspect.CLASS, known.class_id),
        (Aspect.STATUS, Status.UNDER_CONSTRUCTION if building else Status.PLANNED),
    ]
    for name, aspect in ASPECT_OF.items():
        value = getattr(draft, name)
        if value is not None:
            placements.append((aspect, value))
    return placements


def placements_of(event: PlannedEvent) -> Iterator[Placement]:
    """What an event says of place, people and status from its day on."""
    status = _status(event)
    if status is not None:
        yield Aspect.STATUS, status
    if event.kind == Kind.CLASS_TRANSFER:
        yield Aspect.CLASS, int(event.values["class_id"])
    for name, aspect in ASPECT_OF.items():
        if event.values.get(name) is not None:
            yield aspect, int(event.values[name])
            if aspect in CUSTODIANS:
                yield next(other for other in CUSTODIANS if other is not aspect), None
    if event.kind == RoomKind.CHECK_IN:
        yield Aspect.CUSTODIAN_PARTY, None
        yield Aspect.CUSTODIAN_USER, None


def _status(event: PlannedEvent) -> Status | None:
    if event.kind in BORN:
        said = [event.values, *event.books.values()]
        if any(values.get("held") for values in said):
            return Status.HELD_FOR_SALE
        if any(last is None for _, last in (event.counterpart or {}).get("idle", ())):
            return Status.IDLE
        return Status.IN_SERVICE if any("in_service_on" in values for values in said) else None
    if event.kind == Kind.DISPOSAL:
        return Status.LOST if event.values.get("how") == DisposalKind.LOSS else Status.DISPOSED
    if event.kind == Kind.PART_OUT and event.values.get("weights", [1])[0] == 0:
        return Status.DISPOSED if not event.values.get("construction_only") else None
    if event.kind == RoomKind.TRANSFER and "status" in event.values:
        return Status[str(event.values["status"]).upper()]
    return STATUS_AFTER.get(event.kind)


COLUMNS = (
    ("company_id", "int"),
    ("asset_id", "bigint"),
    ("aspect", "smallint"),
    ("effective_on", "date"),
    ("phase", "smallint"),
    ("key", "uuid"),
    ("event_id", "bigint"),
    ("value_id", "bigint"),
    ("recorded_at", "timestamptz"),
)


def keep_current(company_id: int, asset_ids: Sequence[int], dead: Collection[int]) -> None:
    """Bring the assets' present place, people, class and status, and since when they serve, in line with what stands."""
    db.execute(
        """
        UPDATE assets_asset a SET in_service_on = f.in_service_on
        FROM unnest(%(assets)s::bigint[]) AS t (asset_id)
        LEFT JOIN assets_in_service_on(%(company)s, %(assets)s, %(dead)s) f ON f.asset_id = t.asset_id
        WHERE a.company_id = %(company)s AND a.id = t.asset_id AND a.in_service_on IS DISTINCT FROM f.in_service_on
        """,
        {"company": company_id, "assets": sorted(asset_ids), "dead": sorted(dead)},
    )
    db.execute(
        """
        WITH latest AS (
            SELECT DISTINCT ON (p.asset_id, p.aspect) p.asset_id, p.aspect, p.value_id
            FROM assets_placement p
            WHERE p.company_id = %(company)s AND p.asset_id = ANY (%(assets)s) AND p.event_id <> ALL (%(dead)s)
            ORDER BY p.asset_id, p.aspect, p.effective_on DESC, p.phase DESC, p.key DESC
        ), now AS (
            SELECT asset_id,
                   max(value_id) FILTER (WHERE aspect = 1) AS location_id,
                   max(value_id) FILTER (WHERE aspect = 2) AS custodian_party_id,
                   max(value_id) FILTER (WHERE aspect = 3) AS custodian_user_id,
                   max(value_id) FILTER (WHERE aspect = 4) AS cost_centre_id,
                   max(value_id) FILTER (WHERE aspect = 5) AS class_id,
                   max(value_id) FILTER (WHERE aspect = 6) AS status
            FROM latest GROUP BY asset_id
        )
        UPDATE assets_asset a
        SET location_id = n.location_id, custodian_party_id = n.custodian_party_id,
            custodian_user_id = n.custodian_user_id, cost_centre_id = n.cost_centre_id,
            class_id = coalesce(n.class_id, a.class_id), status = coalesce(n.status, a.status)
        FROM now n
        WHERE a.company_id = %(company)s AND a.id = n.asset_id
          AND (a.location_id, a.custodian_party_id, a.custodian_user_id, a.cost_centre_id, a.class_id, a.status)
              IS DISTINCT FROM (n.location_id, n.custodian_party_id, n.custodian_user_id, n.cost_centre_id,
                                coalesce(n.class_id, a.class_id), coalesce(n.status, a.status))
        """,
        {"company": company_id, "assets": sorted(asset_ids), "dead": sorted(dead)},
    )


def as_text(values: Mapping[str, Any]) -> str:
    """The detail of an event as JSON."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
