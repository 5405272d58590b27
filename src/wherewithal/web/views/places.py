"""Places: the tree with what lies in it, one place with its contents, and the map of its bins."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.stock.queries import Detail, OnHandFilter
from wherewithal.web import bins, tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.locations import LocationChangeForm, LocationForm
from wherewithal.web.names import LOCATION_TYPES
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table
from wherewithal.web.views.stock import on_hand_columns, on_hand_page


@page("stock.read", shows="now")
def location_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    places = stock.list_locations(desk.company_id)
    table = _location_table(desk, _with_all_below(desk, places))
    return table_page(
        request,
        desk,
        "web/locations.html",
        table,
        lambda ask: tables.sliced(_matching(places, ask), table, ask),
    )


def _with_all_below(
    desk: Desk, places: list[stock.Location], only: Collection[int] | None = None
) -> dict[int, tuple[int, int]]:
    """(items, value) of each place with everything below it; values for those who may see them. `only`: the places where
    something can lie, if not all."""
    book_id = desk.book_id if desk.may("ledger.read") else None
    own = stock.contents(desk.company_id, book_id=book_id, location_ids=only)
    sums: dict[int, tuple[int, int]] = {}
    for place in places:
        lies = own.get(place.id)
        for above in place.path if lies else ():
            items_so_far, value = sums.get(above, (0, 0))
            assert lies is not None, "only places with contents count upwards"
            sums[above] = (items_so_far + lies.items, value + (lies.value or 0))
    return sums


def _location_table(desk: Desk, below: dict[int, tuple[int, int]], key: str = "locations") -> Table:
    link = lambda row: desk.link("location", row.id)  # noqa: E731
    sees_money = desk.may("ledger.read")
    lies = tables.number(
        _("Cells in stock"), lambda row: below.get(row.id, (0, 0))[0] if row.is_held else None
    )
    worth = tables.money(
        _("Value"),
        lambda row: desk.amount(below.get(row.id, (0, 0))[1]) if row.is_held else None,
        desk.book.currency,
        decimals=desk.book.currency_decimals,
        sort="value",
    )
    return Table(
        key=key,
        title=_("Locations"),
        columns=(
            tables.text(
                _("Code"), lambda row: "\N{EN SPACE}" * 2 * row.depth + row.code, lead=True, link=link
            ),
            tables.text(_("Name"), "name", clip=True, phone=False, sort="name"),
            tables.text(_("Type"), lambda row: LOCATION_TYPES[row.type], phone=False, sort="type"),
            *((lies, worth) if sees_money else (lies,)),
            tables.text(_("Barcode"), "barcode", phone=False),
            tables.text(_("Below zero"), lambda row: _("allowed") if row.allow_negative else "", phone=False),
            tables.tag(
                _("State"), "active", lambda on: (_("Open"), "good") if on else (_("Closed"), ""), phone=False
            ),
        ),
        filters=(Filter("type", _("Type"), choices=list(LOCATION_TYPES.items())),),
        search_hint=_("Code, name or barcode"),
    )


def _matching(places: list[stock.Location], ask: Ask) -> list[stock.Location]:
    wanted = ask.q.casefold()
    return [
        place
        for place in places
        if (not ask.get("type") or place.type == ask.get("type"))
        and any(wanted in text.casefold() for text in (place.code, place.name, place.barcode or ""))
    ]


SHOWS = {
    "contents": gettext_lazy("Contents"),
    "map": gettext_lazy("Map of bins"),
    "inside": gettext_lazy("Places inside"),
}


@page("stock.read")
def location(request: HttpRequest, desk: Desk, location_id: int) -> HttpResponse:
    """One place: what lies in it, what it is worth, the places inside, and a map of its bins."""
    found = stock.get_location(desk.company_id, location_id)
    places = stock.list_locations(desk.company_id)
    inside = [place for place in places if location_id in place.path[:-1]]
    here = [location_id, *(place.id for place in inside)]
    below = _with_all_below(desk, places, here) if found.is_held else {}
    items, value = below.get(location_id, (0, 0))
    context = {
        "place": found,
        "type_name": LOCATION_TYPES[found.type],
        "parents": [place for place in places if place.id in found.path[:-1]],
        "items": items,
        "value": value if desk.may("ledger.read") and found.is_held else None,
        "inside": len(inside),
        "places_table": None,
        "map": None,
    }
    shows = request.GET.get("show", "")
    shows = shows if shows in SHOWS and (inside or shows == "contents") else "contents"
    context["tabs"] = [
        {
            "label": label,
            "href": desk.link("location", location_id, show=None if name == "contents" else name),
            "current": name == shows,
            "count": len(inside) if name == "inside" else None,
        }
        for name, label in SHOWS.items()
        if inside and found.is_held
    ]
    if shows == "inside":
        table = _location_table(desk, below, key="inside")
        source = lambda ask: tables.sliced(_matching(inside, ask), table, ask)  # noqa: E731
        return table_page(request, desk, "web/location.html", table, source, context)
    if shows == "map":
        return _show_map(request, desk, found, places, context)
    table = Table(
        key="contents",
        title=_("Contents"),
        columns=tuple(c for c in on_hand_columns(desk, Detail.LOT) if inside or c.key != "location_code"),
        search_hint=_("SKU, name or barcode"),
        default_sort="sku",
        empty_title=_("Empty"),
        empty_text=_("Nothing lies here on the day shown."),
    )
    source = lambda ask: on_hand_page(  # noqa: E731
        desk, Detail.LOT, OnHandFilter(text=ask.q, location_id=found.id), ask
    )
    return table_page(request, desk, "web/location.html", table, source, context)


def _show_map(
    request: HttpRequest,
    desk: Desk,
    found: stock.Location,
    places: list[stock.Location],
    context: dict[str, Any],
) -> HttpResponse:
    """The bins below a place as a grid, and the same as a table. It shows the present."""
    book_id = desk.book_id if desk.may("ledger.read") else None
    contents = stock.contents(desk.company_id, book_id=book_id)
    leaves = bins.bins_below(places, found, contents, {})
    expiries = stock.first_expiries(desk.company_id, [leaf.place.id for leaf in leaves])
    leaves = [replace(leaf, expires_on=expiries.get(leaf.place.id)) for leaf in leaves]
    by_id = {place.id: place for place in places}
    context["map"] = bins.map_of(
        desk,
        leaves,
        by_id,
        request.GET.get("by", ""),
        lambda by: desk.link("location", found.id, show="map", by=by),
    )
    table = _bin_table(desk, by_id)
    return table_page(
        request,
        desk,
        "web/location.html",
        table,
        lambda ask: Page(tables.in_order(leaves, table, ask)),
        context,
    )


def _bin_table(desk: Desk, places: dict[int, stock.Location]) -> Table:
    worth = tables.money(
        _("Value"),
        lambda leaf: desk.amount(leaf.value),
        desk.book.currency,
        decimals=desk.book.currency_decimals,
        sort="value",
    )
    return Table(
        key="bins",
        title=_("The same as a table"),
        columns=(
            tables.text(
                _("Bin"),
                lambda leaf: leaf.place.code,
                lead=True,
                sort="code",
                link=lambda leaf: desk.link("location", leaf.place.id),
            ),
            tables.text(_("Zone"), lambda leaf: places[leaf.place.parent_id].code, phone=False, sort="zone"),
            tables.number(_("Items"), "items", sort="items"),
            *((worth,) if desk.may("ledger.read") else ()),
            tables.day(_("First expiry"), "expires_on", sort="expiry"),
        ),
    )


@page("stock.adjust")
def location_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    with desk.reading():
        places = stock.list_locations(desk.company_id, held=True, active=True)
    form = LocationForm(
        request.POST if request.method == "POST" else None,
        parents=[(p.code, f"{p.code} {p.name}") for p in places if p.type != "transit"],
        initial={"parent_code": request.GET.get("parent", ""), "type": "bin" if places else "warehouse"},
    )

    def create() -> int:
        return services.create_locations(
            company_id=desk.company_id, actor_id=desk.user_id, locations=[form.draft()]
        )[0]

    if request.method != "POST" or not form.is_valid() or not attempt(form, create):
        context = {"form": form, "title": _("New location"), "back": desk.link("locations")}
        return render(request, "web/location_form.html", context, status=422 if form.is_bound else 200)
    message = _("The location %(code)s is added.") % {"code": form.cleaned_data["code"]}
    return done(request, message, desk.link("location", form.outcome))


@page("stock.adjust")
def location_edit(request: HttpRequest, desk: Desk, location_id: int) -> HttpResponse:
    with desk.reading():
        found = stock.get_location(desk.company_id, location_id)
    initial = {name: getattr(found, name) for name in ("name", "barcode", "allow_negative", "active")}
    form = LocationChangeForm(request.POST if request.method == "POST" else None, initial=initial)

    def change() -> None:
        services.update_location(
            company_id=desk.company_id, actor_id=desk.user_id, location_id=location_id, **form.cleaned_data
        )

    back = desk.link("location", location_id)
    if request.method != "POST" or not form.is_valid() or not attempt(form, change):
        context = {"form": form, "title": _("Change %(code)s") % {"code": found.code}, "back": back}
        return render(request, "web/location_form.html", context, status=422 if form.is_bound else 200)
    return done(request, _("The location is changed."), back)
