"""One asset: what it is, what every book says of it, what happened, its schedule and the trail behind its figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.fields import MONEY_FIELDS, RoomKind
from wherewithal.assets.queries import (
    Asset,
    BookValue,
    RegisterFilter,
    RegisterRow,
    Schedule,
    ScheduleRow,
    TimelineRow,
)
from wherewithal.core.assets.facts import Kind
from wherewithal.items import files
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.parties import queries as parties
from wherewithal.people import queries as people
from wherewithal.reporting import explain
from wherewithal.stock import queries as stock
from wherewithal.web import fields, formatting, tables
from wherewithal.web.asset_names import (
    EVENT_KINDS,
    event_name,
    field_label,
    status_of,
    terms_text,
    word_of,
)
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.forms.new_asset import AssetEditForm
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.assets.register import holder_names
from wherewithal.web.views.value import explained

CUSTODY = frozenset(map(str, RoomKind))
"""Kinds that say nothing of money."""
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


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """An event as the timeline shows it."""

    row: TimelineRow
    name: str
    facts: Sequence[tuple[str, str]]
    effect: Decimal | None
    who: str
    book: str
    may_take_back: bool


@page("assets.read")
def asset(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    found = queries.asset(desk.company_id, asset_id)
    then = _then(desk, found)
    place = _place(desk, then.location_id if then else found.location_id)
    holder = holder_names(
        desk,
        {then.custodian_party_id if then else None},
        {then.custodian_user_id if then else None},
    )
    supplier = parties.get_party(desk.company_id, found.supplier_id) if found.supplier_id else None
    parts = queries.components(desk.company_id, asset_id)
    context = {
        **head(desk, found, then, "asset"),
        "place": place,
        "holder": holder(then.custodian_party_id, then.custodian_user_id) if then else "",
        "supplier": supplier,
        "books": _books(desk, asset_id),
        "whole": _books(desk, asset_id, with_components=True) if parts else [],
        "parts": parts,
        "events": _events(desk, queries.timeline(desk.company_id, asset_id)),
        "attachments": queries.attachments(desk.company_id, asset_id),
        "attach": AttachForm(),
        "custody": queries.custody(desk.company_id, asset_id=asset_id),
    }
    return render(request, "web/asset.html", context)


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
    }


def _then(desk: Desk, found: Asset) -> RegisterRow | None:
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


# --- the timeline -----------------------------------------------------------------------------------------


def _events(desk: Desk, rows: Sequence[TimelineRow]) -> list[ShownEvent]:
    """What had happened by the day shown, as known at the instant shown; the latest first."""
    shown = [
        row
        for row in rows
        if (desk.as_of is None or row.effective_on <= desk.as_of)
        and (desk.known_at is None or row.recorded_at <= desk.known_at)
    ]
    names = people.usernames({row.actor_id for row in shown if row.actor_id})
    return [_event(desk, row, names) for row in reversed(shown)]


def _event(desk: Desk, row: TimelineRow, names: Mapping[int, str]) -> ShownEvent:
    sees_money = desk.may("ledger.read")
    book = next((book.name for book in desk.books if book.book_id == row.book_id), "")
    kind = EVENT_KINDS.get(row.kind)
    standing = row.reversed_by is None and row.kind != RoomKind.REGISTERED
    effect = row.effects.get(desk.book_id, 0)
    return ShownEvent(
        row,
        event_name(row.kind),
        event_facts(desk, row),
        desk.amount(effect) if sees_money and effect else None,
        names.get(row.actor_id or 0, ""),
        book,
        standing and not desk.travels and desk.may(kind.permission if kind else "assets.record"),
    )


def event_facts(desk: Desk, row: TimelineRow) -> list[tuple[str, str]]:
    """What the event states beside its day, in words; amounts only for those who may see the ledger."""
    if not desk.may("ledger.read") and row.kind not in CUSTODY:
        return []
    facts = _stated(desk, row, row.values, row.currency or desk.company.currency)
    for book in desk.books:
        own = _stated(desk, row, row.books.get(str(book.book_id), {}), book.currency)
        facts += [(f"{label}, {book.name}", text) for label, text in own]
    return facts


def _stated(desk: Desk, row: TimelineRow, values: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    decimals = formatting.currency_decimals(currency)
    money = MONEY_FIELDS.get(row.kind, frozenset())
    facts = []
    for name, value in values.items():
        if name == "terms":
            text = terms_text(value)
        elif isinstance(value, list):
            text = _("%(count)s stated") % {"count": len(value)}
        elif name in money:
            text = formatting.money_with_currency(formatting.from_minor(value, decimals), currency)
        elif name in NAMED:
            text = NAMED[name](desk, value)
        else:
            text = _word(value)
        facts.append((str(field_label(name)), text))
    return facts


def _location_name(desk: Desk, location_id: int) -> str:
    place = stock.get_location(desk.company_id, location_id)
    return f"{place.code} {place.name}"


def _party_name(desk: Desk, party_id: int) -> str:
    party = parties.get_party(desk.company_id, party_id)
    return str(party["name"]) if party else str(party_id)


def _centre_name(desk: Desk, cost_centre_id: int) -> str:
    rows = queries.cost_centres(desk.company_id)
    return next((f"{row.code} {row.name}" for row in rows if row.cost_centre_id == cost_centre_id), "")


def _class_name(desk: Desk, class_id: int) -> str:
    found = queries.asset_class(desk.company_id, class_id)
    return f"{found.code} {found.name}"


NAMED: Mapping[str, Callable[[Desk, int], str]] = {
    "location_id": _location_name,
    "custodian_party_id": _party_name,
    "custodian_user_id": lambda desk, user_id: people.usernames({user_id}).get(user_id, ""),
    "cost_centre_id": _centre_name,
    "class_id": _class_name,
}
"""Fields that name a thing by its id, and how it is called."""


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return word_of(value) if isinstance(value, str) else str(value)


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


class AttachForm(fields.Form):
    file = forms.FileField(label=_("Picture or document"))
    title = fields.TextField(label=_("Title"), required=False, longest=200)


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


@page("assets.read")
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


# --- schedule and trail -----------------------------------------------------------------------------------


@page("ledger.read")
def asset_schedule(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """Charges of the past and of the years to come, in the book shown; the other books beside it in the chart."""
    found = queries.asset(desk.company_id, asset_id)
    schedules = queries.schedule(desk.company_id, asset_id)
    mine = next((row for row in schedules if row.book_id == desk.book_id), None)
    context = {
        **head(desk, found, _then(desk, found), "asset_schedule"),
        "charges": _charge_chart(desk, mine),
        "carrying": _carrying_chart(desk, schedules),
        "horizon_on": queries.asset_book(desk.company_id, desk.book_id).horizon_on,
    }
    rows = mine.rows if mine else ()

    def source(ask: Ask) -> Page:
        return Page([Line(row) for row in rows] if ask.get("by") == "period" else _by_year(desk, rows))

    return table_page(request, desk, "web/asset_schedule.html", _schedule_table(desk, found), source, context)


class Line:
    """One row of the schedule as it is shown: a period of the book, or a fiscal year of the company."""

    def __init__(self, last: ScheduleRow, before: Sequence[ScheduleRow] = (), label: str = "") -> None:
        rows = (*before, last)
        self.label = label or formatting.day(last.to_on)
        self.on = None if before or label else last.to_on  # a day of the period, to ask why
        self.charge = sum(row.charge for row in rows)
        self.other = sum(row.other for row in rows)
        self.cost, self.accumulated, self.carrying = last.cost, last.accumulated, last.carrying
        self.posted = sum(row.posted for row in rows) / len(rows)


def _by_year(desk: Desk, rows: Sequence[ScheduleRow]) -> list[Line]:
    years: dict[str, list[ScheduleRow]] = {}
    for row in rows:
        years.setdefault(_year(desk, row.to_on), []).append(row)
    return [Line(found[-1], found[:-1], label) for label, found in years.items()]


def _year(desk: Desk, day: date) -> str:
    """What the fiscal year of a day is called: 2026, or 2026/27 where it does not begin in January."""
    start = desk.company.fiscal_year_start_month
    first = day.year if day.month >= start else day.year - 1
    return str(first) if start == 1 else f"{first}/{(first + 1) % 100:02d}"


def _schedule_table(desk: Desk, found: Asset) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label, lambda row: desk.amount(getattr(row, name)), currency, decimals=decimals, **options
        )

    def why(row: Line) -> str | None:
        return desk.link("asset_charge_why", found.asset_id, row.on.isoformat()) if row.on else None

    def state(posted: float) -> tuple[Any, str]:
        if 0 < posted < 1:
            return (_("partly posted"), "note")
        return (_("posted"), "good") if posted else (_("planned"), "")

    return Table(
        key="schedule",
        title=_("Schedule of %(tag)s") % {"tag": found.tag},
        columns=(
            tables.text(_("Year or period"), "label", lead=True),
            money(_("Charge"), "charge", link=why),
            money(_("Other changes"), "other", phone=False),
            money(_("Cost"), "cost", phone=False),
            money(_("Depreciated"), "accumulated", phone=False),
            money(_("Carrying amount"), "carrying"),
            tables.tag(_("State"), "posted", state, phone=False),
        ),
        filters=(Filter("by", _("Rows"), choices=(("period", _("by period")),), unset=_("by year")),),
        empty_title=_("No schedule"),
        empty_text=_("Nothing of this asset is depreciated in the book shown."),
    )


def _yearly(desk: Desk, schedule: Schedule | None) -> dict[str, tuple[int, int, int]]:
    """By fiscal year: charges posted and planned, and the carrying amount at its end."""
    years: dict[str, tuple[int, int, int]] = {}
    for row in schedule.rows if schedule else ():
        year = _year(desk, row.to_on)
        posted, planned, _before = years.get(year, (0, 0, 0))
        years[year] = (
            posted + (row.charge if row.posted else 0),
            planned + (0 if row.posted else row.charge),
            row.carrying,
        )
    return years


def _charge_chart(desk: Desk, schedule: Schedule | None) -> Chart:
    years = _yearly(desk, schedule)
    labels = list(years)
    return Chart(
        key="charges",
        kind="stacked",
        title=_("Charges by year"),
        x_label=_("Year"),
        labels=labels,
        series=(
            Series(_("Posted"), [desk.amount(posted) for posted, _p, _c in years.values()], "chart-1"),
            Series(_("Planned"), [desk.amount(planned) for _p, planned, _c in years.values()], "chart-6"),
        ),
        summary=_("Depreciation by year in the book %(book)s, %(span)s.")
        % {"book": desk.book.name, "span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        empty_text=_("Nothing is charged."),
    )


def _carrying_chart(desk: Desk, schedules: Sequence[Schedule]) -> Chart:
    """The carrying amount at the end of each year, of the books that have the currency of the one shown."""
    same = [row for row in schedules if row.currency == desk.book.currency and row.rows]
    by_book = {row.book_id: _yearly(desk, row) for row in same}
    years = sorted({year for found in by_book.values() for year in found})
    names = {book.book_id: book.name for book in desk.books}
    labels = list(years)
    return Chart(
        key="carrying",
        kind="line",
        title=_("Carrying amount at the end of each year"),
        x_label=_("Year"),
        labels=labels,
        series=[
            Series(names.get(row.book_id, row.code), _carried(desk, by_book[row.book_id], years))
            for row in same
        ],
        summary=_("Carrying amount by book, %(span)s.") % {"span": span(labels)},
        unit=desk.book.currency,
        decimals=desk.book.currency_decimals,
        empty_text=_("No book carries it."),
    )


def _carried(
    desk: Desk, found: Mapping[str, tuple[int, int, int]], years: Sequence[str]
) -> list[Decimal | int | None]:
    """Through years without a change the amount stays; before the first it is not known."""
    values: list[Decimal | int | None] = []
    last: int | None = None
    for year in years:
        last = found[year][2] if year in found else last
        values.append(desk.amount(last))
    return values


@page("ledger.read")
def asset_trail(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """Every amount behind the carrying amount, with its cause and its entry."""
    found = queries.asset(desk.company_id, asset_id)
    rows = [
        row
        for row in queries.asset_values(
            desk.company_id, asset_id, book_id=desk.book_id, known_at=desk.known_at
        )
        if desk.as_of is None or row.effective_on <= desk.as_of
    ]
    kinds = {row.event_id: row.kind for row in queries.timeline(desk.company_id, asset_id)}

    def source(ask: Ask) -> Page:
        at = ask.place(int)
        start = at[0] if at else 0
        shown = rows[start : start + ask.limit]
        more = start + ask.limit < len(rows)
        return Page(shown, [start + ask.limit] if more else None, len(rows))

    context = head(desk, found, _then(desk, found), "asset_trail")
    return table_page(
        request, desk, "web/asset_trail.html", _trail_table(desk, found, kinds), source, context
    )


def _trail_table(desk: Desk, found: Asset, kinds: Mapping[int, str]) -> Table:
    return Table(
        key="trail",
        title=_("Trail of %(tag)s") % {"tag": found.tag},
        columns=(
            tables.day(_("Day"), "effective_on"),
            tables.text(_("What"), "meaning", lead=True, clip=True),
            tables.text(_("Because of"), lambda row: event_name(kinds.get(row.event_id, "")), phone=False),
            tables.text(_("Debit"), "debit_account", phone=False),
            tables.text(_("Credit"), "credit_account", phone=False),
            tables.money(
                _("Amount"),
                lambda row: desk.amount(row.amount),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
                link=lambda row: desk.link("entry", row.entry_id) if row.entry_id else None,
            ),
            tables.day(_("Posted on"), "posting_on", phone=False),
        ),
        empty_title=_("Nothing posted"),
        empty_text=_("This asset has moved no money in the book shown, as of the day shown."),
    )


@page("ledger.read")
def asset_why(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """The chain of events and charges behind the carrying amount."""
    found = queries.asset(desk.company_id, asset_id)
    explanation = explain.net_book_value(
        company_id=desk.company_id,
        asset_id=asset_id,
        book_id=desk.book_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
    )
    title = _("Why %(tag)s is carried at what it is") % {"tag": found.tag}
    return explained(request, desk, title, explanation, desk.link("asset", asset_id))


@page("ledger.read")
def asset_charge_why(request: HttpRequest, desk: Desk, asset_id: int, on: str) -> HttpResponse:
    """Why a period is charged what it is charged."""
    found = queries.asset(desk.company_id, asset_id)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise NotFound(Problem("on", "day", _("Name a day such as 2026-01-31."))) from None
    explanation = explain.depreciation_charge(
        company_id=desk.company_id, asset_id=asset_id, on=day, book_id=desk.book_id
    )
    title = _("Why %(tag)s is charged what it is") % {"tag": found.tag}
    back = desk.link("asset_schedule", asset_id, by="period")
    return explained(request, desk, title, explanation, back)


def stored_file(sha256: str) -> Path:
    """Where the content of an attachment lies."""
    return files.file_path(Path(settings.MEDIA_ROOT), sha256)
