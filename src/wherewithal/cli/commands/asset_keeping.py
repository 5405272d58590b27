"""wherewithal asset custody, booking ..., audit ..., from-stock, to-stock, goods-back"""

import datetime
import uuid
from dataclasses import asdict
from typing import Annotated, Any

import typer

from wherewithal.assets import queries, services
from wherewithal.assets.values import AssetDraft
from wherewithal.cli.commands.asset_common import (
    Key,
    Place,
    Tag,
    amount,
    asset_id,
    instant,
    listed,
    place_id,
)
from wherewithal.cli.companies import company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY, By, Company
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.items import queries as items
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.parties import queries as parties

Party = Annotated[str | None, typer.Option(help="Code of a party.")]
User = Annotated[str | None, typer.Option(help="Username of a member.")]
Audit = Annotated[int, typer.Argument(help="The number of the audit.")]
At = Annotated[str, typer.Option("--at", help="When: YYYY-MM-DDTHH:MM, in the company's time zone.")]
Sku = Annotated[str, typer.Argument(help="The item's SKU.")]
Reference = Annotated[str, typer.Option(help="The paper it is about.")]


def add_to(commands: typer.Typer) -> None:
    commands.command("custody")(custody)
    commands.command("from-stock")(from_stock)
    commands.command("to-stock")(to_stock)
    commands.command("goods-back")(goods_back)
    booking = typer.Typer(no_args_is_help=True, help="Bookings of shared assets.")
    booking.command("list")(bookings)
    booking.command("add")(book)
    booking.command("cancel")(cancel)
    commands.add_typer(booking, name="booking")
    audit = typer.Typer(no_args_is_help=True, help="Whether everything is where it should be.")
    audit.command("list")(audits)
    audit.command("open")(open_audit)
    audit.command("found")(found)
    audit.command("lines")(lines)
    audit.command("close")(close)
    commands.add_typer(audit, name="audit")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _party_id(company_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    ids = parties.party_ids(company_id, [code])
    if code not in ids:
        raise NotFound(Problem("party", "exists", f"There is no party {code}.", value=code))
    return ids[code]


def custody(
    company: Company,
    overdue: Annotated[
        datetime.datetime | None,
        typer.Option(help="Only what should have been back before this day.", **DAY),
    ] = None,
    include_returned: Annotated[bool, typer.Option("--all", help="Also what came back.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Who has which asset, those expected back first. Checking out and in are events (`asset record`)."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            rows = queries.custody(
                company_id,
                overdue_on=None if overdue is None else overdue.date(),
                include_returned=include_returned,
                limit=1_000,
            )
    emit([asdict(row) for row in rows], as_json=as_json)


# --- bookings -----------------------------------------------------------------------------------------------------


def bookings(
    company: Company,
    tag: Annotated[str | None, typer.Option("--asset", help="The tag of one asset.")] = None,
    cancelled: Annotated[bool, typer.Option("--all", help="Also those that were cancelled.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Who wants which asset when."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            one = None if tag is None else asset_id(company_id, tag)
            rows = queries.bookings(company_id, asset_id=one, include_cancelled=cancelled, limit=1_000)
    emit([asdict(row) for row in rows], as_json=as_json)


def book(
    tag: Tag,
    begins: Annotated[str, typer.Argument(help="YYYY-MM-DDTHH:MM, in the company's time zone.")],
    ends: Annotated[str, typer.Argument(help="The same.")],
    company: Company,
    user: User = None,
    party: Party = None,
    purpose: Annotated[str, typer.Option(help="What for.")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Book an asset; refused where it is booked already."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, read_only=True):
            what: dict[str, Any] = {
                "asset_id": asset_id(company_id, tag),
                "begins_at": instant(company_id, "begins", begins),
                "ends_at": instant(company_id, "ends", ends),
                "party_id": _party_id(company_id, party),
            }
        made = services.book_asset(
            company_id=company_id,
            actor_id=actor_id,
            user_id=user_named(user),
            purpose=purpose,
            now=_now(),
            **what,
        )
    emit({"booking_id": made}, as_json=as_json, text=f"{tag} is booked (number {made}).")


def cancel(
    booking: Annotated[int, typer.Argument(help="The number of the booking.")],
    company: Company,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Give the time back."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        services.cancel_booking(company_id=company_id, actor_id=actor_id, booking_id=booking, now=_now())
    emit({"cancelled": booking}, as_json=as_json, text=f"Booking {booking} is cancelled.")


# --- audits -------------------------------------------------------------------------------------------------------


def audits(company: Company, as_json: JsonFlag = False) -> None:
    """Audits, the latest first."""
    listed(company, as_json, queries.audits)


def open_audit(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    company: Company,
    place: Place = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Begin to look whether everything is where it should be: at a place and below it, or everywhere."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            made = services.open_audit(
                company_id=company_id,
                actor_id=actor_id,
                name=name,
                location_id=place_id(company_id, place),
                now=_now(),
            )
    emit({"audit_id": made}, as_json=as_json, text=f"Audit {made} is open.")


def found(
    audit: Audit,
    tags: Annotated[list[str], typer.Argument(help="Tags of what was seen.")],
    company: Company,
    place: Place = None,
    condition: Annotated[str, typer.Option(help="In what state.")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """These were found."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, actor_id=actor_id):
            unexpected = services.record_found(
                company_id=company_id,
                actor_id=actor_id,
                audit_id=audit,
                tags=tags,
                location_id=place_id(company_id, place),
                condition=condition,
                now=_now(),
            )
    text = f"{len(set(tags))} are found, {unexpected} of them nobody expected there."
    emit({"unexpected": unexpected}, as_json=as_json, text=text)


def lines(
    audit: Audit,
    company: Company,
    verdict: Annotated[str | None, typer.Option(help="found, elsewhere, missing or unexpected.")] = None,
    after: Annotated[str, typer.Option(help="Begin after this tag.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Asset by asset, by tag."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            if not queries.audits(company_id, audit_id=audit):
                raise NotFound(Problem("audit", "exists", "There is no such audit.", value=str(audit)))
            rows = queries.audit_lines(company_id, audit, verdict=verdict, after=after, limit=limit)
    emit([asdict(row) for row in rows], as_json=as_json)


def close(audit: Audit, company: Company, by: By = None, as_json: JsonFlag = False) -> None:
    """No more is looked for: what was not found is missing."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        services.close_audit(company_id=company_id, actor_id=actor_id, audit_id=audit, now=_now())
    emit({"closed": audit}, as_json=as_json, text=f"Audit {audit} is closed.")


# --- from stock and back ------------------------------------------------------------------------------------------


def _item_id(company_id: int, sku: str) -> int:
    ids = items.item_ids_by_sku(company_id, [sku])
    if sku not in ids:
        raise NotFound(Problem("sku", "exists", f"There is no item {sku}.", value=sku))
    return ids[sku]


def from_stock(
    sku: Sku,
    place: Annotated[str, typer.Argument(help="Code of the location that it leaves.")],
    at: At,
    company: Company,
    qty: Annotated[str, typer.Option(help="In the item's base unit.")] = "1",
    lot: Annotated[str | None, typer.Option(help="Lot or serial number.")] = None,
    tag: Annotated[str | None, typer.Option("--asset", help="The asset whose cost it adds to.")] = None,
    class_code: Annotated[str | None, typer.Option("--class", help="The class of a new asset.")] = None,
    name: Annotated[str, typer.Option(help="The name of a new asset.")] = "",
    in_service: Annotated[bool, typer.Option("--in-service", help="From that day on.")] = False,
    reference: Reference = "",
    key: Key = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Goods leave stock at their cost: they become an asset (--class, --name), or a part of one (--asset)."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, read_only=True):
            what: dict[str, Any] = {
                "item_id": _item_id(company_id, sku),
                "from_location_id": place_id(company_id, place),
                "effective_at": instant(company_id, "at", at),
                "asset_id": None if tag is None else asset_id(company_id, tag),
            }
        new = None if class_code is None else AssetDraft(name or sku, class_code)
        done = services.issue_to_asset(
            company_id=company_id,
            actor_id=actor_id,
            idempotency_key=key or f"cli-{uuid.uuid4().hex}",
            qty=amount("qty", qty),
            lot_code=lot,
            asset=new,
            kind="acquisition" if new else "cost_addition",
            in_service=in_service,
            reference=reference,
            **what,
        )
    emit(done, as_json=as_json, text=f"{qty} {sku} left stock; {len(done.batch.event_ids)} events.")


def to_stock(
    tag: Tag,
    place: Annotated[str, typer.Argument(help="Code of the location that takes it.")],
    at: At,
    company: Company,
    sku: Annotated[
        str | None, typer.Option("--item", help="As which item. Default: the asset's own.")
    ] = None,
    qty: Annotated[str, typer.Option(help="In the item's base unit.")] = "1",
    reference: Reference = "",
    key: Key = None,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """An asset goes back to stock at its net book value."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, read_only=True):
            what: dict[str, Any] = {
                "asset_id": asset_id(company_id, tag),
                "to_location_id": place_id(company_id, place),
                "effective_at": instant(company_id, "at", at),
                "item_id": None if sku is None else _item_id(company_id, sku),
            }
        done = services.return_to_stock(
            company_id=company_id,
            actor_id=actor_id,
            idempotency_key=key or f"cli-{uuid.uuid4().hex}",
            qty=amount("qty", qty),
            reference=reference,
            **what,
        )
    emit(done, as_json=as_json, text=f"{tag} is in stock at {place}.")


def goods_back(
    tag: Tag, at: At, company: Company, key: Key = None, by: By = None, as_json: JsonFlag = False
) -> None:
    """The last move of goods to an asset, or of an asset to stock, never happened: neither the event nor the move."""
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        with company_transaction(company_id=company_id, read_only=True):
            moved = [
                row
                for row in queries.timeline(company_id, asset_id(company_id, tag))
                if row.move_id is not None and row.reversed_by is None
            ]
            day = instant(company_id, "at", at)
        if not moved:
            raise refuse("tag", "goods", f"No goods were moved to {tag} or from it.", value=tag)
        done = services.take_back_goods(
            company_id=company_id,
            actor_id=actor_id,
            idempotency_key=key or f"cli-{uuid.uuid4().hex}",
            effective_at=day,
            event_id=max(row.event_id for row in moved),
        )
    emit(done, as_json=as_json, text=f"{tag} is as it was before its goods were moved.")
