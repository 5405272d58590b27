"""Periods of a book: which months are closed, what stands in the way of closing the next, who closed and opened what."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services
from wherewithal.ledger.values import PeriodState
from wherewithal.people import queries as people
from wherewithal.reporting import closing
from wherewithal.reporting.closing import Found, Point
from wherewithal.web import formatting
from wherewithal.web.desk import Desk
from wherewithal.web.forms.company import PeriodForm
from wherewithal.web.pages import attempt, done, page

MONTHS_SHOWN = 36
EVENTS_SHOWN = 50
EVENTS_UNFOLDED = 6


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point of the checklist in words, and the page where it is dealt with."""

    tone: str
    icon: str
    title: Any
    text: str
    href: str = ""
    action: Any = ""


@page("ledger.read", shows="now")
def periods(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The months of the book shown; ?end_on= chooses the month that the checklist looks at."""
    return _show(request, desk, PeriodForm(initial={"end_on": _end_on(request, desk)}))


def _end_on(request: HttpRequest, desk: Desk) -> date:
    """The month asked for, or the one that would be closed next."""
    given = PeriodForm(request.GET)
    given.is_valid()
    asked = given.cleaned_data.get("end_on")
    return services.month_end(asked) if asked else next_month_end(desk)


def next_month_end(desk: Desk) -> date:
    """The month after the last closed one, or the last full month."""
    closed = ledger.periods(desk.company_id, desk.book_id)
    last = max((period.end_on for period in closed if period.state != PeriodState.OPEN), default=None)
    if last is None:
        return desk.today.replace(day=1) - timedelta(days=1)
    return services.month_end(last + timedelta(days=1))


@page("ledger.close")
def period_change(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method != "POST":
        return redirect(desk.link("periods"))
    form = PeriodForm(request.POST)
    if not form.is_valid() or not attempt(form, lambda: _change(desk, form)):
        with desk.reading():
            return _show(request, desk, form)
    said = {
        "close": _("The month is closed."),
        "reopen": _("The month is open again."),
        "lock": _("Locked for good."),
    }
    return done(request, said[form.cleaned_data["action"]], desk.link("periods"))


def _change(desk: Desk, form: PeriodForm) -> None:
    data = form.cleaned_data
    which: dict[str, Any] = {"company_id": desk.company_id, "book_id": desk.book_id, "actor_id": desk.user_id}
    if data["action"] == "close":
        services.close_period(**which, end_on=data["end_on"], reason=data["reason"])
    elif data["action"] == "reopen":
        services.reopen_period(**which, end_on=data["end_on"], reason=data["reason"])
    else:
        services.lock_period(**which, end_on=data["end_on"], reason=data["reason"])


def _show(request: HttpRequest, desk: Desk, form: PeriodForm) -> HttpResponse:
    chosen = form.cleaned_data.get("end_on") if form.is_bound else form.initial["end_on"]
    end_on = services.month_end(chosen) if chosen else next_month_end(desk)
    points = closing.checklist(desk.company_id, desk.book_id, end_on=end_on)
    months = ledger.periods(desk.company_id, desk.book_id)[:MONTHS_SHOWN]
    events = ledger.period_events(desk.company_id, desk.book_id, limit=EVENTS_SHOWN)
    actors = {row.actor_id for row in events} | {row.actor_id for row in months}
    names = people.usernames({actor for actor in actors if actor})
    told = [(row, names.get(row.actor_id or 0, "")) for row in events]
    context = {
        "form": form,
        "end_on": end_on,
        "state": next((row.state for row in months if row.end_on == end_on), PeriodState.OPEN),
        "points": [_shown(desk, point) for point in points],
        "ready": not any(point.found is Found.BAD for point in points),
        "books": _books(desk, end_on),
        "months": [(row, names.get(row.actor_id or 0, "")) for row in months],
        "events": [part for part in (told[:EVENTS_UNFOLDED], told[EVENTS_UNFOLDED:]) if part],
        "previous": desk.link("periods", end_on=(end_on.replace(day=1) - timedelta(days=1)).isoformat()),
        "next": desk.link("periods", end_on=services.month_end(end_on + timedelta(days=1)).isoformat()),
    }
    return render(request, "web/periods.html", context, status=422 if form.is_bound else 200)


def _books(desk: Desk, end_on: date) -> list[dict[str, Any]]:
    """How far each book is closed; each leads to the same month of it."""
    found = []
    for book in desk.books:
        closed = [
            row for row in ledger.periods(desk.company_id, book.book_id) if row.state != PeriodState.OPEN
        ]
        code = None if book.is_primary else book.code
        found.append(
            {
                "name": book.name,
                "closed_on": max((row.end_on for row in closed), default=None),
                "current": book.book_id == desk.book_id,
                "href": desk.link("periods", book=code, end_on=end_on.isoformat()),
            }
        )
    return found


# --- the points in words ----------------------------------------------------------------------------------


def _shown(desk: Desk, point: Point) -> ShownPoint:
    icon = {"good": "circle-check", "warn": "alert-triangle", "bad": "circle-x"}[point.found]
    title, text, href, action = POINTS[point.key](desk, point)
    return ShownPoint(str(point.found), icon, title, text, "" if point.found is Found.GOOD else href, action)


Words = tuple[Any, str, str, Any]


def _below_zero(desk: Desk, point: Point) -> Words:
    text = ngettext(
        "%(n)s place held less than nothing.", "%(n)s places held less than nothing.", point.count
    )
    said = text % {"n": point.count} if point.count else _("No place held less than nothing.")
    return _("Stock below zero"), said, desk.link("on_hand", below="yes"), _("Count or receive")


def _on_its_way(desk: Desk, point: Point) -> Words:
    text = ngettext("%(n)s item was on its way.", "%(n)s items were on their way.", point.count)
    said = text % {"n": point.count} if point.count else _("Everything that was sent had arrived.")
    return _("Open transit"), said, desk.link("transit"), _("Take in")


def _unplaced(desk: Desk, point: Point) -> Words:
    text = ngettext(
        "%(n)s part was taken out of an asset and not put into another.",
        "%(n)s parts were taken out of assets and not put into others.",
        point.count,
    )
    said = text % {"n": point.count} if point.count else _("Every part that was taken out has its place.")
    return _("Unplaced parts"), said, desk.link("assets"), _("Look")


def _under_way(desk: Desk, point: Point) -> Words:
    text = ngettext("%(n)s job is not finished.", "%(n)s jobs are not finished.", point.count)
    said = text % {"n": point.count} if point.count else _("No job is waiting or running.")
    return _("Long work"), said, desk.link("jobs"), _("Look")


def _depreciation(desk: Desk, point: Point) -> Words:
    if point.on is not None:
        said = _("Charged through %(day)s.") % {"day": formatting.day(point.on)}
    else:
        said = _("Nothing is charged yet.") if point.count else _("No asset is in service.")
    return _("Depreciation"), said, desk.link("runs"), _("Run depreciation")


def _earlier(desk: Desk, point: Point) -> Words:
    text = ngettext(
        "%(n)s month before this one is open and closes with it.",
        "%(n)s months before this one are open and close with it.",
        point.count,
    )
    said = text % {"n": point.count} if point.count else _("Every month before this one is closed.")
    return _("Months before"), said, "", ""


def _verified(desk: Desk, point: Point) -> Words:
    href, action = desk.link("verify"), _("Verify")
    if point.at is None:
        return _("Verification"), _("The books have not been verified yet."), href, action
    when = formatting.instant(point.at, timezone=desk.timezone)
    if point.count:
        text = ngettext("%(n)s check failed on %(at)s.", "%(n)s checks failed on %(at)s.", point.count)
        return _("Verification"), text % {"n": point.count, "at": when}, href, _("Look")
    if point.found is Found.WARN:
        said = _("All checks passed on %(at)s; something was posted since.") % {"at": when}
        return _("Verification"), said, href, action
    return _("Verification"), _("All checks passed on %(at)s.") % {"at": when}, href, action


POINTS = {
    "below_zero": _below_zero,
    "on_its_way": _on_its_way,
    "unplaced_parts": _unplaced,
    "under_way": _under_way,
    "depreciation": _depreciation,
    "earlier_months": _earlier,
    "verified": _verified,
}
