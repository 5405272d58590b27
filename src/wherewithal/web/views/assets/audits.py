"""Audits: what the register expects to be somewhere, ticked or scanned, and what differs in the end."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wherewithal.assets import queries, services
from wherewithal.assets.queries import AuditLine, AuditRow
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.web import fields, tables
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_keeping import AUDIT_NAMES, AuditForm, FoundForm
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page

VERDICTS: Mapping[str, tuple[str | Promise, str]] = {
    "missing": (gettext_lazy("not found"), "bad"),
    "elsewhere": (gettext_lazy("somewhere else"), "warn"),
    "unexpected": (gettext_lazy("not expected"), "note"),
    "found": (gettext_lazy("found"), "good"),
}
"""What can be said of an asset in an audit, and in which tone; while it runs, what is missing is only not seen yet."""


@page("assets.read", shows="now")
def audits(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = queries.audits(desk.company_id)
    places = _places(desk, {row.location_id for row in rows})

    def state(row: AuditRow) -> tuple[Any, str]:
        if row.closed_at is None:
            return (_("under way"), "note")
        return (_("differences"), "warn") if row.missing or row.unexpected else (_("all found"), "good")

    table = Table(
        key="audits",
        title=_("Audits"),
        columns=(
            tables.text(
                _("Name"), "name", lead=True, link=lambda row: desk.link("asset_audit", row.audit_id)
            ),
            tables.text(
                _("Place"), lambda row: places.get(row.location_id or 0, _("everywhere")), phone=False
            ),
            tables.instant(_("Begun"), "opened_at", desk.timezone, phone=False),
            tables.number(_("Expected"), "expected"),
            tables.number(_("Found"), "found"),
            tables.number(_("Not found"), "missing", phone=False),
            tables.number(_("Not expected"), "unexpected", phone=False),
            tables.tag(_("State"), lambda row: row, state),
        ),
        tools=False,
        empty_title=_("No audit yet"),
        empty_text=_("An audit lists what should be in a place; what is seen there is scanned or ticked."),
    )
    return table_page(request, desk, "web/audits.html", table, lambda ask: Page(rows))


def _places(desk: Desk, location_ids: set[int | None]) -> dict[int, str]:
    """What places are called, by id."""
    found = [stock.get_location(desk.company_id, each) for each in location_ids if each is not None]
    return {place.id: f"{place.code} {place.name}" for place in found}


@page("assets.custody")
def audit_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    with desk.reading():
        form = AuditForm(request.POST if request.method == "POST" else None, desk=desk)
        valid = form.is_valid()
    shown = FormPage(
        title=_("Begin an audit"),
        submit=_("Begin"),
        slow=True,
        back=desk.link("asset_audits"),
        crumbs=((_("Audits"), desk.link("asset_audits")),),
        intro=_("What is expected is what the register says now; what moves later does not change the list."),
    )

    def begin() -> int:
        place = form.cleaned_data["location"]
        return services.open_audit(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            name=form.cleaned_data["name"],
            location_id=place.id if place else None,
            now=desk.now,
        )

    if not valid or not attempt(form, begin, AUDIT_NAMES):
        return shown.show(request, form)
    return done(request, _("The audit is under way."), desk.link("asset_audit", form.outcome))


@page("assets.read", shows="now")
def audit(request: HttpRequest, desk: Desk, audit_id: int) -> HttpResponse:
    """One audit: how far it is, what was seen, what differs. POST says what was seen."""
    if request.method != "POST":
        return _show(request, desk, audit_id, FoundForm(desk=desk))
    require(desk.actor, "assets.custody")
    with desk.reading():
        form = FoundForm(request.POST, desk=desk)
        valid = form.is_valid()
        ticked = [queries.asset(desk.company_id, each).tag for each in tables.chosen(request)]

    def found() -> int:
        place = form.cleaned_data["location"]
        return services.record_found(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            audit_id=audit_id,
            tags=[*form.found, *ticked],
            location_id=place.id if place else None,
            condition=form.cleaned_data["condition"],
            now=desk.now,
        )

    if not valid or not attempt(form, found, AUDIT_NAMES):
        with desk.reading():
            return _show(request, desk, audit_id, form)
    seen = len({*form.found, *ticked})
    message = ngettext("%(count)s asset was seen.", "%(count)s assets were seen.", seen) % {"count": seen}
    if form.outcome:
        more = ngettext("%(count)s was not expected.", "%(count)s were not expected.", form.outcome)
        message += " " + more % {"count": form.outcome}
    return done(request, message, desk.link("asset_audit", audit_id, show=request.GET.get("show")))


def _audit(desk: Desk, audit_id: int) -> AuditRow:
    rows = queries.audits(desk.company_id, audit_id=audit_id)
    if not rows:
        raise NotFound(Problem("audit_id", "exists", _("There is no such audit.")))
    return rows[0]


def _show(request: HttpRequest, desk: Desk, audit_id: int, form: FoundForm) -> HttpResponse:
    found = _audit(desk, audit_id)
    is_open = found.closed_at is None
    elsewhere = queries.audit_lines(desk.company_id, audit_id, verdict="elsewhere", limit=1)
    places = _places(desk, {found.location_id})
    context = {
        "audit": found,
        "is_open": is_open,
        "place": places.get(found.location_id or 0, ""),
        "form": form,
        "differs": bool(found.missing or found.unexpected or elsewhere),
    }
    table = _lines_table(desk, found, is_open=is_open)
    response = table_page(
        request, desk, "web/audit.html", table, lambda ask: _lines(desk, audit_id, ask), context
    )
    response.status_code = 422 if form.is_bound else response.status_code
    return response


def _lines(desk: Desk, audit_id: int, ask: Ask) -> Page:
    after = ask.place(str)
    rows = queries.audit_lines(
        desk.company_id,
        audit_id,
        verdict=ask.get("show"),
        after=after[0] if after else "",
        limit=ask.limit,
    )
    places = _places(
        desk, {place for row in rows for place in (row.expected_location_id, row.found_location_id)}
    )
    shown = [_line(row, places) for row in rows]
    return full_page(shown, ask, lambda row: [row["tag"]])


def _line(row: AuditLine, places: Mapping[int, str]) -> dict[str, Any]:
    return {
        "asset_id": row.asset_id,
        "tag": row.tag,
        "name": row.name,
        "verdict": row.verdict,
        "expected": places.get(row.expected_location_id or 0, ""),
        "seen": places.get(row.found_location_id or 0, ""),
        "found_at": row.found_at,
        "condition": row.condition,
    }


def _lines_table(desk: Desk, found: AuditRow, *, is_open: bool) -> Table:
    def verdict(name: str) -> tuple[Any, str]:
        return (_("not seen yet"), "") if is_open and name == "missing" else VERDICTS[name]

    return Table(
        key="audit-lines",
        title=found.name,
        columns=(
            tables.text(_("Tag"), "tag", lead=True, link=lambda row: desk.link("asset", row["asset_id"])),
            tables.text(_("Name"), "name", clip=True, phone=False),
            tables.tag(_("Verdict"), "verdict", verdict),
            tables.text(_("Expected at"), "expected", phone=False),
            tables.text(_("Seen at"), "seen", phone=False),
            tables.instant(_("Seen"), "found_at", desk.timezone, phone=False),
            tables.text(_("Condition"), "condition", phone=False),
        ),
        row_id=lambda row: row["asset_id"],
        bulk=_ticks(desk, found) if is_open else (),
        actions=None if is_open else (lambda row: _what_next(desk, row)),
        filters=(Filter("show", _("Show"), choices=[(key, text) for key, (text, _t) in VERDICTS.items()]),),
        empty_title=_("Nothing was expected"),
        empty_text=_("The register had no asset there when the audit began."),
    )


def _ticks(desk: Desk, found: AuditRow) -> Sequence[tables.BulkAction]:
    """While it runs: rows are ticked as seen where the register has them."""
    if not desk.may("assets.custody"):
        return ()
    seen = desk.link("asset_audit", found.audit_id)
    return (tables.BulkAction(_("Mark as seen"), seen, icon="circle-check"),)


def _what_next(desk: Desk, row: Mapping[str, Any]) -> list[tables.Action]:
    """Once an audit is over: the event that brings the register to what was found."""
    if row["verdict"] == "missing" and desk.may("assets.record"):
        href = desk.link("asset_event", row["asset_id"], "disposal")
        return [tables.Action(_("Record the loss"), href, icon="trash")]
    if row["verdict"] in ("elsewhere", "unexpected") and desk.may("assets.custody"):
        href = desk.link("asset_event", row["asset_id"], "transfer")
        return [tables.Action(_("Record the transfer"), href, icon="arrows-left-right")]
    return []


@page("assets.custody")
def audit_close(request: HttpRequest, desk: Desk, audit_id: int) -> HttpResponse:
    back = desk.link("asset_audit", audit_id)
    if request.method != "POST":
        return redirect(back)
    form = fields.Form({})

    def close() -> None:
        services.close_audit(
            company_id=desk.company_id, actor_id=desk.user_id, audit_id=audit_id, now=desk.now
        )

    if not attempt(form, close):
        with desk.reading():
            empty = FoundForm({}, desk=desk)
            empty.is_valid()
            for text in form.non_field_errors():
                empty.add_error(None, text)
            return _show(request, desk, audit_id, empty)
    return done(request, _("The audit is finished."), back)
