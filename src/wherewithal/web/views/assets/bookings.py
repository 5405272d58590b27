"""Bookings of shared assets: two weeks at a glance, a new one, one given back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.queries import Asset, BookingRow
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.web import fields, formatting
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_keeping import BOOKING_NAMES, BookingForm
from wherewithal.web.lookups import find_asset
from wherewithal.web.pages import act, done, page
from wherewithal.web.views.assets.register import holder_names

DAYS = 14
MOST = 500


@dataclass(frozen=True, slots=True)
class ShownBooking:
    row: BookingRow
    hours: str
    holder: str
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class ShownDay:
    on: date
    name: str
    is_today: bool
    bookings: Sequence[ShownBooking]


@page("assets.read", shows="now")
def bookings(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Two weeks from the Monday asked for (?from=2026-11-23), of all assets or of one (?asset=TAG)."""
    first = _monday(desk, request.GET.get("from", ""))
    wanted = request.GET.get("asset", "")
    found = find_asset(desk, wanted) if wanted else None
    rows = [] if wanted and found is None else _rows(desk, first, found)
    context = {
        "days": _days(desk, first, rows),
        "count": len(rows),
        "first": first,
        "last": first + timedelta(days=DAYS - 1),
        "asset": found,
        "wanted": wanted,
        "earlier": _address(desk, first - timedelta(days=DAYS), found),
        "later": _address(desk, first + timedelta(days=DAYS), found),
        "now": desk.link("asset_bookings", asset=found.tag if found else None),
    }
    return render(request, "web/bookings.html", context)


def _monday(desk: Desk, given: str) -> date:
    try:
        day = day_of(given) if given else desk.day
    except ValueError:
        day = desk.day
    return day - timedelta(days=day.weekday())


def _address(desk: Desk, first: date, found: Asset | None) -> str:
    return desk.link("asset_bookings", **{"from": first.isoformat(), "asset": found.tag if found else None})


def _rows(desk: Desk, first: date, found: Asset | None) -> list[BookingRow]:
    return queries.bookings(
        desk.company_id,
        asset_id=found.asset_id if found else None,
        from_at=_midnight(desk, first),
        to_at=_midnight(desk, first + timedelta(days=DAYS)),
        limit=MOST,
    )


def _midnight(desk: Desk, on: date) -> datetime:
    return datetime.combine(on, time.min, desk.timezone)


def _days(desk: Desk, first: date, rows: Sequence[BookingRow]) -> list[ShownDay]:
    """Each day with the bookings that touch it; days without any too, because free is what people look for."""
    holder = holder_names(desk, {row.party_id for row in rows}, {row.user_id for row in rows})
    may_cancel = desk.may("assets.custody")
    shown = []
    for number in range(DAYS):
        on = first + timedelta(days=number)
        begin, end = _midnight(desk, on), _midnight(desk, on + timedelta(days=1))
        mine = [
            ShownBooking(
                row,
                _hours(desk, row, begin, end),
                holder(row.party_id, row.user_id),
                may_cancel and row.ends_at > desk.now,
            )
            for row in rows
            if row.begins_at < end and row.ends_at > begin
        ]
        shown.append(ShownDay(on, formatting.day(on, length="full"), on == desk.today, mine))
    return shown


def _hours(desk: Desk, row: BookingRow, begin: datetime, end: datetime) -> str:
    """From when to when on this day; open ends where it began earlier or goes on."""
    first = formatting.hour(row.begins_at, timezone=desk.timezone) if row.begins_at >= begin else ""
    last = formatting.hour(row.ends_at, timezone=desk.timezone) if row.ends_at <= end else ""
    if not first and not last:
        return _("all day")
    if not first:
        return _("until %(hour)s") % {"hour": last}
    return _("from %(hour)s") % {"hour": first} if not last else f"{first}–{last}"


@page("assets.custody")
def booking_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    with desk.reading():
        form = BookingForm(
            request.POST if request.method == "POST" else None, desk=desk, initial=_first(request, desk)
        )
        valid = form.is_valid()
    shown = FormPage(
        title=_("Book an asset"),
        submit=_("Book"),
        back=desk.link("asset_bookings"),
        crumbs=((_("Bookings"), desk.link("asset_bookings")),),
        intro=_("For a span of time; what is booked already is refused."),
    )
    if not valid:
        return shown.show(request, form)
    wanted = form.arguments
    try:
        act(
            lambda: services.book_asset(
                company_id=desk.company_id, actor_id=desk.user_id, now=desk.now, **wanted
            )
        )
    except Refused as refused:
        fields.take_refusal(form, refused, BOOKING_NAMES)
        if isinstance(refused, Conflict):
            for text in _clashes(desk, wanted):
                form.add_error("begins_at", text)
        return shown.show(request, form)
    first = wanted["begins_at"].astimezone(desk.timezone).date()
    message = _("%(tag)s is booked.") % {"tag": form.cleaned_data["asset"].tag}
    return done(request, message, desk.link("asset_bookings", **{"from": first.isoformat()}))


def _first(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """The next full hour, for an hour, for oneself."""
    begin = desk.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {
        "asset": request.GET.get("asset", ""),
        "begins_at": begin,
        "ends_at": begin + timedelta(hours=1),
        "person": str(desk.user_id),
    }


def _clashes(desk: Desk, wanted: Mapping[str, Any]) -> list[str]:
    """Who has it then, and when."""
    with desk.reading():
        rows = queries.bookings(
            desk.company_id,
            asset_id=wanted["asset_id"],
            from_at=wanted["begins_at"],
            to_at=wanted["ends_at"],
            limit=5,
        )
        holder = holder_names(desk, {row.party_id for row in rows}, {row.user_id for row in rows})
        return [
            _("%(who)s has it from %(first)s until %(last)s.")
            % {
                "who": holder(row.party_id, row.user_id),
                "first": formatting.instant(row.begins_at, timezone=desk.timezone),
                "last": formatting.instant(row.ends_at, timezone=desk.timezone),
            }
            for row in rows
        ]


@page("assets.custody")
def booking_cancel(request: HttpRequest, desk: Desk, booking_id: int) -> HttpResponse:
    back = desk.link("asset_bookings", **{"from": request.GET.get("from") or None})
    if request.method != "POST":
        return redirect(back)
    act(
        lambda: services.cancel_booking(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            booking_id=booking_id,
            now=desk.now,
        )
    )
    return done(request, _("The booking is cancelled; the time is free again."), back)
