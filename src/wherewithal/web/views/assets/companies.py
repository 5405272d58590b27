"""An asset goes to another company of the same people, with cost, depreciation and terms of each book."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BookPreview
from wherewithal.assets.queries import Asset, TimelineRow
from wherewithal.assets.services import Basis
from wherewithal.kit import db
from wherewithal.kit.errors import Forbidden, NotFound, Problem, Refused
from wherewithal.kit.words import translated
from wherewithal.ledger.values import Company
from wherewithal.people import queries as people
from wherewithal.people.permissions import allowed, require
from wherewithal.stock import queries as stock
from wherewithal.web import fields, preview
from wherewithal.web.asset_preview import INCOMPLETE, Preview, shown_book
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_terms import ANY
from wherewithal.web.pages import attempt, done, page

NAMES = {"location_id": "location"}
BASES = {
    Basis.AS_IT_STANDS: gettext_lazy("as it stands, with cost and depreciation"),
    Basis.CARRYING_AMOUNT: gettext_lazy("at its carrying amount, as new"),
    Basis.PRICE: gettext_lazy("at a price: it is sold"),
}


class CompanyTransferForm(fields.Form):
    """As what the other company takes it up."""

    effective_on = fields.DayField(label=gettext_lazy("When it happened"))
    class_code = fields.ChoiceField(label=gettext_lazy("Class there"))
    location = fields.ChoiceField(label=gettext_lazy("Place there"), required=False)
    basis = fields.ChoiceField(label=gettext_lazy("It is taken up there"), choices=list(BASES.items()))
    price = fields.NumberField(
        label=gettext_lazy("Price"), required=False, least="zero", help_text=gettext_lazy("Where it is sold.")
    )
    tag = fields.TextField(
        label=gettext_lazy("Tag there"),
        required=False,
        longest=60,
        help_text=gettext_lazy("Empty: the next of its class."),
    )
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, classes: list[tuple[str, str]], places: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_code"].choices = [ANY, *classes]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["location"].choices = [ANY, *places]  # type: ignore[attr-defined]  # a ChoiceField


class KeyForm(fields.Form):
    """Nothing to fill in: only that it is done once."""

    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


@page("assets.record", shows="now", snapshot=False)
def asset_to_company(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """First which company (?to=CODE), then as what."""
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
    sisters = [company for company in desk.companies if _may_take(desk, company)]
    code = request.GET.get("to", "")
    crumbs = ((_("Assets"), desk.link("assets")), (found.tag, desk.link("asset", asset_id)))
    if not code:
        ways = [(each.name, desk.link("asset_to_company", asset_id, to=each.code)) for each in sisters]
        return render(request, "web/asset_to_company.html", {"asset": found, "ways": ways})
    other = next((company for company in sisters if company.code == code), None)
    if other is None:
        message = _("You may record assets in no company “%(code)s”.") % {"code": code[:40]}
        raise NotFound(Problem("to", "exists", message))
    classes, places = _choices(desk, other)
    form = CompanyTransferForm(
        request.POST or None,
        classes=classes,
        places=places,
        initial={"effective_on": desk.today, "idempotency_key": uuid.uuid4().hex},
    )
    shown = FormPage(
        title=_("%(tag)s to %(company)s") % {"tag": found.tag, "company": other.name},
        submit=pgettext("to another company", "Transfer"),
        back=desk.link("asset", asset_id),
        crumbs=crumbs,
        intro=_(
            "At the end of the day it leaves here and is taken up there, in every book at once; books are matched by"
            " their codes."
        ),
        posts=desk.may("ledger.read"),
    )

    def arguments() -> dict[str, Any]:
        data = form.cleaned_data
        return {
            "company_id": desk.company_id,
            "to_company_id": other.company_id,
            "actor_id": desk.user_id,
            "asset_id": asset_id,
            "effective_on": data["effective_on"],
            "class_code": data["class_code"],
            "tag": data["tag"] or None,
            "location_id": int(data["location"]) if data["location"] else None,
            "basis": data["basis"],
            "price": data["price"],
        }

    if preview.wanted(request):
        require(desk.actor, "ledger.read")
        look = INCOMPLETE
        if form.is_valid():
            look = _look(desk, other, lambda: services.preview_transfer(**arguments()))
        return shown.look(request, form, look)

    def move() -> Any:
        key = f"web:{form.cleaned_data['idempotency_key']}"
        return services.transfer_to_company(idempotency_key=key, **arguments())

    if not form.is_valid() or not attempt(form, move, NAMES):
        return shown.show(request, form)
    message = _("%(tag)s has gone to %(company)s.") % {"tag": found.tag, "company": other.name}
    return done(request, message, desk.link("asset", asset_id, as_of=None, known_at=None))


def take_back(request: HttpRequest, desk: Desk, found: Asset, row: TimelineRow) -> HttpResponse:
    """The transfer never happened, here or there; who takes it back records assets in both companies."""
    require(desk.actor, "assets.record")
    other_id = row.counterpart["company_id"] if row.counterpart else 0
    other = next((each for each in desk.companies if each.company_id == other_id), None)
    if other is None or not _may_take(desk, other):
        message = _("It is taken back by somebody who records assets in the other company too.")
        raise Forbidden(Problem("event_id", "both_companies", message))
    form = KeyForm(request.POST or None, initial={"idempotency_key": uuid.uuid4().hex})
    shown = FormPage(
        title=_("Take back: %(tag)s to %(company)s") % {"tag": found.tag, "company": other.name},
        submit=_("Take the transfer back"),
        back=desk.link("asset", found.asset_id),
        crumbs=((_("Assets"), desk.link("assets")), (found.tag, desk.link("asset", found.asset_id))),
        intro=_(
            "It will be as if it had never left: both companies post the difference. Refused as soon as more happened"
            " to it over there."
        ),
        panels=(),
        posts=desk.may("ledger.read"),
    )
    which = {"company_id": desk.company_id, "actor_id": desk.user_id, "event_id": row.event_id}
    if preview.wanted(request):
        require(desk.actor, "ledger.read")
        return shown.look(request, form, _look(desk, other, lambda: services.preview_take_back(**which)))

    def work() -> Any:
        key = f"web:{form.cleaned_data['idempotency_key']}"
        return services.take_back_transfer(idempotency_key=key, **which)

    if not form.is_valid() or not attempt(form, work):
        return shown.show(request, form)
    message = _("%(tag)s is back: the transfer to %(company)s is taken back.")
    return done(
        request,
        message % {"tag": found.tag, "company": other.name},
        desk.link("asset", found.asset_id, as_of=None, known_at=None),
    )


def _look(
    desk: Desk, other: Company, ask: Callable[[], tuple[tuple[BookPreview, ...], tuple[BookPreview, ...]]]
) -> Preview:
    """What both companies would post."""
    try:
        both = ask()
    except Refused as refused:
        return Preview(problems=[translated(problem.message) for problem in refused.problems])
    return Preview(
        books=[
            shown_book(f"{company.name}: {book.code}", book.currency, book.decimals, book.entries)
            for company, books in zip((desk.company, other), both, strict=True)
            for book in books
            if book.entries
        ]
    )


def _may_take(desk: Desk, company: Company) -> bool:
    """Whether this person records assets there too."""
    if company.company_id == desk.company_id:
        return False
    with db.company_transaction(company_id=company.company_id, actor_id=desk.user_id):
        actor = people.actor_for(user_id=desk.user_id, company_id=company.company_id)
    return actor is not None and allowed(actor, "assets.record") and allowed(actor, "assets.write")


def _choices(desk: Desk, other: Company) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The classes and places of the other company."""
    with db.company_transaction(company_id=other.company_id, actor_id=desk.user_id, read_only=True):
        classes = queries.classes(other.company_id, active=True)
        places = stock.list_locations(other.company_id, held=True, active=True)
    return (
        [(row.code, f"{row.name} ({row.code})") for row in classes],
        [(str(row.id), f"{row.code} {row.name}") for row in places],
    )
