"""One asset: what it is, what every book says of it, what happened, its schedule and the trail behind its figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.fields import RoomKind
from wherewithal.assets.queries import (
    Asset,
    BookingRow,
    BookValue,
    RegisterFilter,
    RegisterRow,
)
from wherewithal.assets.values import GONE
from wherewithal.core.assets.facts import Kind
from wherewithal.items import queries as items
from wherewithal.kit import files
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.parties import queries as parties
from wherewithal.stock import queries as stock
from wherewithal.web import formatting
from wherewithal.web.asset_names import (
    EVENT_KINDS,
    status_of,
    terms_text,
)
from wherewithal.web.desk import Desk
from wherewithal.web.forms.files import AttachForm
from wherewithal.web.forms.new_asset import AssetEditForm
from wherewithal.web.pages import act, attempt, done, page
from wherewithal.web.views.assets.register import holder_names
from wherewithal.web.views.assets.timeline import shown_events

QUICK: Mapping[str, Sequence[str]] = {
    "PLANNED": (Kind.ACQUISITION, Kind.LEASE, Kind.CONSTRUCTION_COST, RoomKind.TRANSFER),
    "UNDER_CONSTRUCTION": (Kind.CONSTRUCTION_COST, Kind.IN_SERVICE, Kind.PART_OUT, RoomKind.TRANSFER),
    "HELD_FOR_SALE": (Kind.DISPOSAL, Kind.HELD_MEASUREMENT, Kind.BACK_TO_USE, RoomKind.TRANSFER),
    "DISPOSED": (Kind.REINSTATEMENT,),
    "LOST": (Kind.REINSTATEMENT,),
}
USUAL = (
    RoomKind.TRANSFER,
    RoomKind.CHECK_OUT,
    RoomKind.CHECK_IN,
    Kind.IN_SERVICE,
    Kind.COST_ADDITION,
    Kind.ESTIMATE_CHANGE,
    Kind.IMPAIRMENT,
    Kind.REVALUATION,
    Kind.PARTIAL_DISPOSAL,
    Kind.DISPOSAL,
)
"""What is recorded most, by state; all other kinds are one click further."""


# --- the page ---------------------------------------------------------------------------------------------


@page("assets.read")
def asset(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    found = queries.asset(desk.company_id, asset_id)
    then = register_row(desk, found)
    place = _place(desk, then.location_id if then else found.location_id)
    holder = holder_names(
        desk,
        {then.custodian_party_id if then else None},
        {then.custodian_user_id if then else None},
    )
    supplier = parties.get_party(desk.company_id, found.supplier_id) if found.supplier_id else None
    parts = queries.component_tree(
        desk.company_id, asset_id, book_id=desk.book_id, as_of=desk.as_of, known_at=desk.known_at
    )
    files_kept = queries.attachments(desk.company_id, asset_id)
    context = {
        **head(desk, found, then, "asset"),
        "place": place,
        "holder": holder(then.custodian_party_id, then.custodian_user_id) if then else "",
        "supplier": supplier,
        "books": _books(desk, asset_id),
        "whole": _books(desk, asset_id, with_components=True) if parts else [],
        "parts": [(part, *status_of(part.status)) for part in parts],
        "item": items.get_item(desk.company_id, found.item_id) if found.item_id else None,
        "lot": items.get_lot(desk.company_id, found.lot_id) if found.lot_id else None,
        "events": shown_events(desk, queries.timeline(desk.company_id, asset_id, known_at=desk.known_at)),
        "pictures": [row for row in files_kept if row["is_image"]],
        "papers": [row for row in files_kept if not row["is_image"]],
        "custody": queries.custody(desk.company_id, asset_id=asset_id),
        "bookings": _bookings(desk, asset_id),
    }
    return render(request, "web/asset.html", context)


def _bookings(desk: Desk, asset_id: int) -> list[tuple[BookingRow, str]]:
    """Who will have it, from now on."""
    rows = queries.bookings(desk.company_id, asset_id=asset_id, from_at=desk.now, limit=6)
    holder = holder_names(desk, {row.party_id for row in rows}, {row.user_id for row in rows})
    return [(row, holder(row.party_id, row.user_id)) for row in rows]


def head(desk: Desk, found: Asset, then: RegisterRow | None, current: str) -> dict[str, Any]:
    """What every page of an asset begins with."""
    status, tone = status_of(then.status if then else found.status)
    return {
        "asset": found,
        "then": then,
        "status": status,
        "tone": tone,
        "tabs": _tabs(desk, found, current),
        "quick": quick_events(desk, found),
        "further": further_ways(desk, found),
    }


def register_row(desk: Desk, found: Asset) -> RegisterRow | None:
    """State, place and people on the day shown; None before the asset was registered."""
    rows = queries.register(
        desk.company_id,
        filters=RegisterFilter(text=found.tag),
        as_of=desk.as_of,
        known_at=desk.known_at,
        limit=50,
    )
    return next((row for row in rows if row.asset_id == found.asset_id), None)


def _place(desk: Desk, location_id: int | None) -> Any:
    return None if location_id is None else stock.get_location(desk.company_id, location_id)


def _tabs(desk: Desk, found: Asset, current: str) -> list[dict[str, Any]]:
    ways = [("asset", _("Overview"))]
    if desk.may("ledger.read"):
        ways += [("asset_schedule", _("Schedule")), ("asset_trail", _("Trail"))]
    return [
        {"label": label, "href": desk.link(name, found.asset_id), "current": name == current, "count": None}
        for name, label in ways
    ]


def quick_events(desk: Desk, found: Asset) -> list[tuple[str, str]]:
    """What is likely recorded next, as links, as far as this person may."""
    kinds = QUICK.get(found.status.name, USUAL)
    return [
        (str(EVENT_KINDS[kind].title), desk.link("asset_event", found.asset_id, kind))
        for kind in map(str, kinds)
        if desk.may(EVENT_KINDS[kind].permission)
    ]


def further_ways(desk: Desk, found: Asset) -> list[tuple[str, str]]:
    """What is more than an event of this asset: goods that become part of it, stock, another company, a booking."""
    if found.status in GONE:
        return []
    ways = []
    if desk.may("assets.record"):
        ways.append((_("Add parts from stock"), desk.link("asset_parts", found.asset_id)))
        ways.append((_("Put back into stock"), desk.link("asset_to_stock", found.asset_id)))
        if len(desk.companies) > 1:
            ways.append((_("To another company"), desk.link("asset_to_company", found.asset_id)))
    if desk.may("assets.custody"):
        ways.append((_("Book for a time"), desk.link("asset_booking_new", asset=found.tag)))
    return ways


def _books(desk: Desk, asset_id: int, *, with_components: bool = False) -> list[dict[str, Any]]:
    """Every book's figures side by side; nothing for those who may not see money."""
    if not desk.may("ledger.read"):
        return []
    values = queries.book_values(
        desk.company_id,
        asset_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
        with_components=with_components,
    )
    names = {book.book_id: book for book in desk.books}
    return [_shown_book(desk, value, names[value.book_id].name) for value in values if value.book_id in names]


def _shown_book(desk: Desk, value: BookValue, name: str) -> dict[str, Any]:
    def amount(minor: int) -> str:
        return formatting.money(
            formatting.from_minor(minor, value.decimals), value.currency, decimals=value.decimals
        )

    book = None if value.code == desk.books[0].code else value.code
    return {
        "name": name,
        "code": value.code,
        "link_code": book,
        "currency": value.currency,
        "cost": amount(value.cost),
        "accumulated": amount(value.accumulated),
        "carrying": amount(value.carrying),
        "terms": terms_text(value.terms),
        "horizon_on": value.horizon_on,
        "current": value.book_id == desk.book_id,
    }


# --- master data ------------------------------------------------------------------------------------------


@page("assets.write")
def asset_edit(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
        supplier = parties.get_party(desk.company_id, found.supplier_id) if found.supplier_id else None
        names = ("name", "tag", "serial_no", "purchase_reference", "warranty_until", "insured_until")
        first = {name: getattr(found, name) for name in (*names, "insurance_reference", "note")}
        first |= {"parent": found.parent_tag, "supplier": supplier["code"] if supplier else ""}
        form = AssetEditForm(request.POST if request.method == "POST" else None, desk=desk, initial=first)
        valid = form.is_valid()

    def save() -> None:
        services.update_asset(
            company_id=desk.company_id, actor_id=desk.user_id, asset_id=asset_id, **form.changes
        )

    names_of = {"parent_id": "parent", "supplier_id": "supplier"}
    if not valid or not attempt(form, save, names_of):
        context = {"asset": found, "form": form}
        return render(request, "web/asset_edit.html", context, status=422 if form.is_bound else 200)
    return done(request, _("Saved."), desk.link("asset", asset_id))


# --- files ------------------------------------------------------------------------------------------------


@page("assets.write")
def asset_attach(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    with desk.reading():
        queries.asset(desk.company_id, asset_id)
    form = AttachForm(request.POST, request.FILES) if request.method == "POST" else AttachForm()
    back = desk.link("asset", asset_id)

    def keep() -> int:
        given = form.cleaned_data["file"]
        return services.attach_file(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            asset_id=asset_id,
            folder=Path(settings.MEDIA_ROOT),
            name=given.name,
            content=given.read(),
            title=form.cleaned_data["title"],
        )

    if not form.is_valid() or not attempt(form, keep, {"content": "file", "name": "file"}):
        with desk.reading():
            found = queries.asset(desk.company_id, asset_id)
        context = {"asset": found, "form": form}
        return render(request, "web/asset_attach.html", context, status=422 if form.is_bound else 200)
    return done(request, _("The file is kept."), back)


@page("assets.write")
def asset_file_remove(request: HttpRequest, desk: Desk, asset_id: int, attachment_id: int) -> HttpResponse:
    back = desk.link("asset", asset_id)
    if request.method != "POST":
        return redirect(back)
    with desk.reading():
        rows = queries.attachments(desk.company_id, asset_id)
    if all(row["id"] != attachment_id for row in rows):
        raise NotFound(Problem("attachment_id", "exists", _("There is no such file.")))
    act(
        lambda: services.remove_attachment(
            company_id=desk.company_id, actor_id=desk.user_id, attachment_id=attachment_id
        )
    )
    return done(request, _("The file is taken away."), back)


@page("assets.read", shows="fact")
def asset_file(request: HttpRequest, desk: Desk, asset_id: int, attachment_id: int) -> HttpResponse:
    """The content of an attachment, always as a download: what people upload is never run as a page."""
    rows = queries.attachments(desk.company_id, asset_id) if request.method == "GET" else []
    row = next((row for row in rows if row["id"] == attachment_id), None)
    path = stored_file(row["sha256"]) if row else None
    if row is None or path is None or not path.is_file():
        raise NotFound(Problem("attachment_id", "exists", _("There is no such file.")))
    headers = {
        "Content-Disposition": content_disposition_header(True, row["file_name"]) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(path.read_bytes(), content_type=row["media_type"], headers=headers)


def stored_file(sha256: str) -> Path:
    """Where the content of an attachment lies."""
    return files.file_path(Path(settings.MEDIA_ROOT), sha256)
