"""Enter what happened to assets, by the use cases of their room."""

from typing import Any

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.site.demo import plan
from wherewithal.site.demo.ids import Ids

SOURCE = "demo"


def batch(ids: Ids, step: plan.AssetBatch) -> None:
    """New assets and events; the ids of events that later ones name are kept."""
    places = {event.key: number for number, event in enumerate(step.events) if event.key}
    result = services.record(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        idempotency_key=f"demo assets {step.key}",
        assets=[_asset(ids, asset) for asset in step.assets],
        events=[_event(ids, event, places) for event in step.events],
        recorded_at=step.recorded_at,
        source=SOURCE,
    )
    ids.asset_events |= {key: result.event_ids[number] for key, number in places.items()}


def _asset(ids: Ids, asset: plan.Asset) -> AssetDraft:
    return AssetDraft(
        name=asset.name,
        class_code=asset.asset_class,
        tag=asset.tag,
        parent_tag=asset.parent,
        serial_no=asset.serial_no,
        qty=asset.qty,
        supplier_id=ids.parties[asset.supplier] if asset.supplier else None,
        purchase_reference=asset.reference,
        warranty_until=asset.warranty_until,
        terms=asset.terms,
        location_id=ids.places[asset.place],
        cost_centre_id=ids.cost_centres[asset.centre],
    )


def _event(ids: Ids, event: plan.AssetEvent, places: dict[str, int]) -> EventDraft:
    return EventDraft(
        kind=event.kind,
        effective_on=event.on,
        tag=event.tag,
        values=_values(ids, event),
        by_book=event.by_book,
        book=event.book,
        of_no=places.get(event.of or ""),
        of_event_id=ids.asset_events[event.of] if event.of and event.of not in places else None,
        party_id=ids.parties[event.party] if event.party else None,
        reference=event.reference,
        note=event.note,
    )


def _values(ids: Ids, event: plan.AssetEvent) -> dict[str, Any]:
    """The fields, with ids in place of codes."""
    known = {
        "location": ("location_id", ids.places),
        "cost_centre": ("cost_centre_id", ids.cost_centres),
        "custodian_user": ("custodian_user_id", ids.members),
    }
    found: dict[str, Any] = {}
    for name, value in event.values.items():
        if name in known:
            column, codes = known[name]
            found[column] = codes[value]
        else:
            found[name] = value
    return found


def depreciate(ids: Ids, step: plan.Depreciate) -> None:
    """One book's run of a month."""
    book = next(book for book in ids.books if book.code == step.book)
    services.depreciate(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        book_id=book.book_id,
        through_on=step.through_on,
        idempotency_key=f"demo depreciation {step.book} {step.through_on}",
        recorded_at=step.recorded_at,
    )
