"""Enter what people planned, booked and looked for, by the use cases of assets."""

from collections.abc import Callable
from typing import Any

from wherewithal.assets import queries, services
from wherewithal.kit.db import company_transaction
from wherewithal.kit.idempotency import once, request_hash
from wherewithal.site.demo import plan
from wherewithal.site.demo.ids import Ids


def enter(ids: Ids, step: plan.Upkeep) -> None:
    """One step; harmless to repeat."""
    key = f"demo {type(step).__name__.lower()} {step.recorded_at.isoformat()}"
    work: Callable[[], int]
    match step:
        case plan.Booking():
            key += f" {step.begins_at.isoformat()}"
            work = lambda: _book(ids, step)  # noqa: E731 - the step is known here
        case plan.Audit():
            work = lambda: _audit(ids, step)  # noqa: E731
        case plan.Scenario():
            work = lambda: _scenario(ids, step)  # noqa: E731
        case plan.Budget():
            work = lambda: _budget(ids, step)  # noqa: E731
    with company_transaction(company_id=ids.company_id, actor_id=ids.users[step.actor]):
        once(company_id=ids.company_id, key=key, request_hash=request_hash(key), fn=work)


def _book(ids: Ids, step: plan.Booking) -> int:
    return services.book_asset(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        asset_id=queries.asset_by_tag(ids.company_id, step.tag).asset_id,
        begins_at=step.begins_at,
        ends_at=step.ends_at,
        user_id=ids.members[step.user],
        purpose=step.purpose,
        now=step.recorded_at,
    )


def _audit(ids: Ids, step: plan.Audit) -> int:
    given: dict[str, Any] = {
        "company_id": ids.company_id,
        "actor_id": ids.users[step.actor],
        "now": step.recorded_at,
    }
    audit_id = services.open_audit(**given, name=step.name, location_id=ids.places[step.place])
    lines = queries.audit_lines(ids.company_id, audit_id, limit=1_000)[: step.seen]
    tags = [line.tag for number, line in enumerate(lines, 1) if number % step.every]
    if tags:
        services.record_found(**given, audit_id=audit_id, tags=tags)
    if step.seen is None:
        services.close_audit(**given, audit_id=audit_id)
    return audit_id


def _scenario(ids: Ids, step: plan.Scenario) -> int:
    given: dict[str, Any] = {"company_id": ids.company_id, "actor_id": ids.users[step.actor]}
    scenario_id = services.create_scenario(**given, name=step.name, note=step.note)
    class_code, months, on = step.keep
    kept = services.planned_longer_use(
        **given, on=on, months=months, class_id=queries.class_by_code(ids.company_id, class_code).class_id
    )
    name, code, cost, bought_on = step.buy
    assets, bought = services.planned_purchase(name=name, class_code=code, cost=cost, acquired_on=bought_on)
    tag, proceeds, sold_on = step.sell
    asset_id = queries.asset_by_tag(ids.company_id, tag).asset_id
    sold = services.planned_sale(asset_id=asset_id, on=sold_on, proceeds=proceeds)
    for label, new, events in (
        (f"{class_code}: {months} months longer", [], kept),
        (f"Buy {name}", assets, bought),
        (f"Sell {tag}", [], sold),
    ):
        services.put_scenario_line(**given, scenario_id=scenario_id, label=label, assets=new, events=events)
    return scenario_id


def _budget(ids: Ids, step: plan.Budget) -> int:
    return services.freeze_budget(
        company_id=ids.company_id,
        actor_id=ids.users[step.actor],
        name=step.name,
        from_on=step.from_on,
        to_on=step.to_on,
        recorded_at=step.recorded_at,
    )
