"""Suppliers and customers: the list, one of them with what was done together, the form."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.kit.errors import NotFound, Problem
from wherewithal.parties import queries as parties
from wherewithal.parties import services
from wherewithal.stock import queries as stock
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.parties import PartyForm
from wherewithal.web.names import document_kind
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page
from wherewithal.web.views import files

PARTS = (("supplier", gettext_lazy("Suppliers")), ("customer", gettext_lazy("Customers")))
STATES = (("yes", gettext_lazy("In use")), ("no", gettext_lazy("Retired")))


@page("parties.read", shows="now")
def party_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    return table_page(request, desk, "web/parties.html", _table(desk), lambda ask: _rows(desk, ask))


def part_of(row: dict[str, Any]) -> str:
    """Supplier, customer, or both."""
    parts = [
        label
        for label, on in ((_("Supplier"), row["is_supplier"]), (_("Customer"), row["is_customer"]))
        if on
    ]
    return ", ".join(parts)


def country_name(code: str) -> str:
    return str(formatting.current_locale().territories.get(code, code))


def _table(desk: Desk) -> Table:
    return Table(
        key="parties",
        title=_("Suppliers and customers"),
        columns=(
            tables.text(
                _("Code"), "code", lead=True, sort="code", link=lambda row: desk.link("party", row["id"])
            ),
            tables.text(_("Name"), "name", clip=True, sort="name"),
            tables.text(_("Part"), part_of),
            tables.text(_("Country"), lambda row: country_name(row["country"]), phone=False),
            tables.text(_("Tax id"), "tax_id", phone=False),
            tables.text(_("E-mail"), "email", phone=False, clip=True),
            tables.tag(
                _("State"),
                "active",
                lambda on: (_("In use"), "good") if on else (_("Retired"), ""),
                phone=False,
            ),
        ),
        filters=(Filter("part", _("Part"), choices=PARTS), Filter("active", _("State"), choices=STATES)),
        search_hint=_("Beginning of a code or name"),
        default_sort="code",
        empty_title=_("No suppliers or customers yet"),
        empty_text=_("Add one, or import a list. Documents name them, and assets name who sold them."),
    )


def _rows(desk: Desk, ask: Ask) -> Page:
    part = ask.get("part")
    order: Literal["code", "name"] = "name" if ask.sort == "name" else "code"
    rows = parties.list_parties(
        desk.company_id,
        text=ask.q,
        is_supplier=True if part == "supplier" else None,
        is_customer=True if part == "customer" else None,
        active={"yes": True, "no": False}.get(ask.get("active") or ""),
        order=order,
        descending=ask.descending,
        after=ask.place(str, int),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: [row[order], row["id"]])


def party_of(desk: Desk, party_id: int) -> dict[str, Any]:
    """The party of an address."""
    found = parties.get_party(desk.company_id, party_id)
    if found is None:
        raise NotFound(
            Problem("party", "exists", _("There is no such supplier or customer in this company."))
        )
    return found


@page("parties.read", shows="now")
def party(request: HttpRequest, desk: Desk, party_id: int) -> HttpResponse:
    """Who they are, and the documents that name them."""
    found = party_of(desk, party_id)
    table = _document_table(desk)
    context = {
        "party": found,
        "part": part_of(found),
        "country": country_name(found["country"]),
        "files": files.shown(desk, "party", party_id),
    }
    return table_page(
        request, desk, "web/party.html", table, lambda ask: _documents(desk, party_id, ask), context
    )


def _document_table(desk: Desk) -> Table:
    return Table(
        key="documents",
        title=_("Documents"),
        columns=(
            tables.instant(_("When"), "effective_at", desk.timezone),
            tables.text(
                _("Document"), "number", lead=True, link=lambda row: desk.link("document", row.document_id)
            ),
            tables.text(_("Kind"), lambda row: document_kind(row.kind)),
            tables.text(_("Reference"), "reference", phone=False, clip=True),
            tables.number(_("Moves"), "move_count", phone=False),
        ),
        search_hint=_("Beginning of a number or reference"),
        empty_title=_("Nothing together yet"),
        empty_text=_("Receipts, issues and returns that name them are listed here."),
    )


def _documents(desk: Desk, party_id: int, ask: Ask) -> Page:
    if not desk.may("stock.read"):
        return Page([])
    before: Any = ask.place(datetime.fromisoformat, int)
    rows = stock.list_documents(
        desk.company_id, party_id=party_id, text=ask.q or None, before=before, limit=ask.limit
    )
    return full_page(rows, ask, lambda row: [row.effective_at.isoformat(), row.document_id])


# --- forms ------------------------------------------------------------------------------------------------


@page("parties.write")
def party_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    first = {
        "active": True,
        "is_supplier": request.GET.get("part") != "customer",
        "country": desk.company.country,
    }
    form = PartyForm(_posted(request), initial=first)

    def create() -> int:
        return services.create_party(company_id=desk.company_id, actor_id=desk.user_id, party=form.draft())

    if request.method != "POST" or not form.is_valid() or not attempt(form, create):
        return _show_form(request, form, _("New supplier or customer"), desk.link("parties"))
    message = _("%(name)s is added.") % {"name": form.cleaned_data["name"]}
    return done(request, message, desk.link("party", form.outcome))


@page("parties.write")
def party_edit(request: HttpRequest, desk: Desk, party_id: int) -> HttpResponse:
    with desk.reading():
        found = party_of(desk, party_id)
    form = PartyForm(_posted(request), initial=found)

    def change() -> None:
        services.update_party(
            company_id=desk.company_id, actor_id=desk.user_id, party_id=party_id, changes=form.values
        )

    back = desk.link("party", party_id)
    if request.method != "POST" or not form.is_valid() or not attempt(form, change):
        return _show_form(request, form, _("Change %(code)s") % {"code": found["code"]}, back)
    return done(request, _("%(name)s is changed.") % {"name": form.cleaned_data["name"]}, back)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _show_form(request: HttpRequest, form: PartyForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "web/party_form.html", context, status=422 if form.is_bound else 200)
