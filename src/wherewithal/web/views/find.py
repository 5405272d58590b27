"""What pickers and the palette ask while one types: a few options as markup."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from wherewithal.web import finding, lookups
from wherewithal.web.desk import Desk
from wherewithal.web.lookups import Option
from wherewithal.web.pages import page
from wherewithal.web.tables import clean

ROLES = ("supplier", "customer")


@page("items.read", shows="now")
def find(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Anything, for the palette (Ctrl-K) while one types, or as a page."""
    text = request.GET.get("text", "")
    context = {"groups": finding.everything(desk, text), "typed": text.strip()[:100]}
    return render(
        request, "web/_found.html" if request.headers.get("HX-Request") else "web/found.html", context
    )


@page("items.read", shows="now")
def pick_item(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _options(request, lookups.item_options(desk, _typed(request)))


@page("stock.read", shows="now")
def pick_location(request: HttpRequest, desk: Desk) -> HttpResponse:
    transit = request.GET.get("transit") == "yes"
    return _options(request, lookups.location_options(desk, _typed(request), transit=transit))


@require_POST
@page("stock.read", shows="now")
def pick_lot(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lots or serials that the line of a document may mean: those of its item in its place. It writes nothing."""
    named = {name.rpartition("-")[2]: name for name in request.POST}
    item, place = (
        next((clean(request.POST[named[name]]) for name in names if name in named), "")
        for names in (("item",), ("from_location", "to_location", "location"))
    )
    with desk.reading():
        return _options(request, lookups.lot_options(desk, _typed(request), item=item, place=place))


@page("stock.read", shows="now")
def pick_receipt(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _options(request, lookups.receipt_options(desk, _typed(request)))


@page("parties.read", shows="now")
def pick_party(request: HttpRequest, desk: Desk) -> HttpResponse:
    role = request.GET.get("role", "")
    return _options(request, lookups.party_options(desk, _typed(request), role if role in ROLES else ""))


@page("assets.read", shows="now")
def pick_asset(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _options(request, lookups.asset_options(desk, _typed(request)))


@page("ledger.read", shows="now")
def pick_account(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _options(request, lookups.account_options(desk, _typed(request)))


def _typed(request: HttpRequest) -> str:
    """The text of the box that asks: htmx sends it under the box's own name."""
    name = request.headers.get("HX-Trigger-Name", "text")
    return (request.POST or request.GET).get(name, "")


def _options(request: HttpRequest, options: list[Option]) -> HttpResponse:
    list_id = request.headers.get("HX-Target", "options")
    typed = _typed(request).strip()
    return render(request, "web/_options.html", {"options": options, "list_id": list_id, "typed": typed})
