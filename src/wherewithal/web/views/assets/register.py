"""The register of assets: the list on any day, who has what, and a new asset."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BatchResult
from wherewithal.assets.fields import RoomKind
from wherewithal.assets.queries import RegisterFilter, Sort, Totals
from wherewithal.assets.values import Status
from wherewithal.kit.errors import Refused
from wherewithal.parties import queries as parties
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.web import export, tables
from wherewithal.web.asset_names import STATUSES, status_of
from wherewithal.web.asset_preview import INCOMPLETE, Preview, preview_of
from wherewithal.web.desk import Desk, query_items, with_query
from wherewithal.web.forms.new_asset import NEW_NAMES, WAYS, NewAssetForm
from wherewithal.web.later import assets_later
from wherewithal.web.pages import act, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table

PLACES: dict[Sort, tuple[Callable[[Any], Any], ...]] = {
    Sort.TAG: (str, str),
    Sort.NAME: (str, int),
    Sort.CLASS: (str, str),
    Sort.LOCATION: (str, str),
    Sort.IN_SERVICE: (date.fromisoformat, str),
    Sort.COST: (int, str),
    Sort.CARRYING: (int, str),
}

# --- the list ---------------------------------------------------------------------------------------------


@page("assets.read")
def asset_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list at once; its sums, which take longer the longer it is, follow by a request of their own (?sums=1)."""
    table = _table(desk)
    file_format = export.wanted(request)
    if file_format:
        return export.answer(request, desk, table, lambda ask: _rows_with_sums(desk, ask), file_format)
    summed = "sums" in request.GET
    context: dict[str, Any] = {
        "totals": _totals(desk, tables.read_ask(table, request.GET)) if summed else None
    }
    if summed and request.headers.get("HX-Request"):
        return render(request, "web/_asset_tiles.html", context)
    later = _sorted_later(request, desk, tables.read_ask(table, request.GET))
    context |= {
        "later": later,
        "table": tables.show(request, table, lambda ask: Page([]) if later else _rows(desk, ask)),
        "sums_href": with_query(request.path, {**dict(query_items(request.GET)), "sums": "1"}),
        "has_classes": bool(queries.classes(desk.company_id)),
    }
    return render(request, "web/assets.html", context)


def _rows_with_sums(desk: Desk, ask: Ask) -> Page:
    """For a file, which has the sums below its rows; the page has them above, when they are worked out."""
    page = _rows(desk, ask)
    sees_money = desk.may("ledger.read") and ask.after is None
    return replace(page, totals=_totals(desk, ask)) if sees_money else page


def _sorted_later(request: HttpRequest, desk: Desk, ask: Ask) -> str:
    """Where the list comes from if its order takes long: one that no index has, of many assets."""
    amounts = ask.sort in (Sort.COST, Sort.CARRYING)
    past = desk.travels and ask.sort in (Sort.CLASS, Sort.LOCATION)
    return assets_later(request, desk) if amounts or past else ""


def _totals(desk: Desk, ask: Ask) -> Totals:
    return queries.register_totals(
        desk.company_id,
        book_id=desk.book_id,
        filters=chosen(desk, ask),
        as_of=desk.as_of,
        known_at=desk.known_at,
    )


def _table(desk: Desk) -> Table:
    classes = [(str(row.class_id), f"{row.code} {row.name}") for row in queries.classes(desk.company_id)]
    centres = [
        (str(row.cost_centre_id), f"{row.code} {row.name}") for row in queries.cost_centres(desk.company_id)
    ]
    columns = [
        tables.text(
            _("Tag"), "tag", lead=True, sort="tag", link=lambda row: desk.link("asset", row.asset_id)
        ),
        tables.text(_("Name"), "name", clip=True, sort="name"),
        tables.text(_("Class"), "class_code", phone=False, sort="class"),
        tables.tag(_("Status"), "status", status_of, phone=False),
        tables.text(_("Location"), "location_code", phone=False, sort="location"),
        tables.day(_("In service since"), "in_service_on", phone=False, sort="in_service"),
    ]
    filters = [
        Filter("class", _("Class"), choices=classes),
        Filter("status", _("Status"), choices=[(str(s.value), label) for s, (label, _t) in STATUSES.items()]),
        Filter("there", _("Here or gone"), choices=(("1", _("here")), ("0", _("gone")))),
        Filter("location", _("Location (code)"), kind="code"),
    ]
    if centres:
        columns.append(tables.text(_("Cost centre"), "cost_centre_code", phone=False))
        filters.append(Filter("centre", _("Cost centre"), choices=centres))
    if desk.may("ledger.read"):
        columns += money_columns(desk)
    return Table(
        key="assets",
        title=_("Assets"),
        columns=columns,
        filters=filters,
        search_hint=_("Tag, serial number or name"),
        empty_title=_("No assets yet"),
        empty_text=_("Things that are meant to be kept are registered here, one by one or from a file."),
    )


def money_columns(desk: Desk) -> list[tables.Column]:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def money(label: str, name: str, **options: Any) -> tables.Column:
        return tables.money(
            label, lambda row: desk.amount(getattr(row, name)), currency, decimals=decimals, **options
        )

    return [
        money(_("Cost"), "cost", phone=False, sort="cost", total=True),
        money(_("Depreciated"), "accumulated", phone=False, total=True),
        money(
            _("Carrying amount"),
            "carrying",
            sort="carrying",
            total=True,
            link=lambda row: desk.link("asset_why", row.asset_id),
        ),
    ]


def chosen(desk: Desk, ask: Ask) -> RegisterFilter:
    """The filters of the address as the room takes them. A location that is not there finds nothing."""
    location_id = None
    if ask.get("location"):
        place = stock.location_by_scan(desk.company_id, ask.filters["location"])
        location_id = place.id if place else -1
    status = ask.whole("status")
    there = ask.get("there")
    return RegisterFilter(
        text=ask.q,
        class_id=ask.whole("class"),
        status=None if status is None else Status(status),
        location_id=location_id,
        cost_centre_id=ask.whole("centre"),
        in_use=None if there is None else there == "1",
    )


def _rows(desk: Desk, ask: Ask) -> Page:
    sort = Sort(ask.sort or Sort.TAG)
    placed = queries.sorted_register(
        desk.company_id,
        sort=sort,
        descending=ask.descending,
        book_id=desk.book_id if desk.may("ledger.read") else None,
        filters=chosen(desk, ask),
        as_of=desk.as_of,
        known_at=desk.known_at,
        after=ask.place(*PLACES[sort]),
        limit=ask.limit,
    )
    after = None
    if len(placed) == ask.limit:
        after = [part.isoformat() if isinstance(part, date) else part for part in placed[-1].place]
    return Page([each.row for each in placed], after)


# --- who has what -----------------------------------------------------------------------------------------


@page("assets.read", shows="now")
def custody(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Assets that somebody has taken, those expected back first."""
    return table_page(
        request,
        desk,
        "web/custody.html",
        _custody_table(desk),
        lambda ask: _custody(desk, ask),
        _custody_counts(desk),
    )


def _custody_table(desk: Desk) -> Table:
    def late(row: Any) -> tuple[Any, str]:
        if row["returned_on"]:
            return (_("back"), "")
        overdue = row["expected_on"] is not None and row["expected_on"] < desk.day
        return (_("overdue"), "bad") if overdue else (_("out"), "note")

    return Table(
        key="custody",
        title=_("Who has what"),
        columns=(
            tables.text(_("Tag"), "tag", lead=True, link=lambda row: desk.link("asset", row["asset_id"])),
            tables.text(_("Name"), "name", clip=True, phone=False),
            tables.text(_("Held by"), "holder"),
            tables.day(_("Since"), "since_on", phone=False),
            tables.day(_("Expected back"), "expected_on", phone=False),
            tables.text(_("Signed by"), "signature", phone=False),
            tables.tag(_("State"), lambda row: row, late),
        ),
        actions=(lambda row: _custody_ways(desk, row)) if desk.may("assets.custody") else None,
        filters=(
            Filter(
                "show",
                _("Show"),
                choices=(
                    ("overdue", _("overdue")),
                    ("unsigned", _("not signed for")),
                    ("all", _("also what came back")),
                ),
                unset=_("what is out"),
            ),
        ),
        empty_title=_("Nobody has anything"),
        empty_text=_(
            "An asset that is checked out to a person or a party is listed here until it comes back."
        ),
    )


def _custody_ways(desk: Desk, row: Any) -> list[tables.Action]:
    """What follows: signing for it, then bringing it back."""
    if row["returned_on"] is not None or not desk.may("assets.custody"):
        return []
    sign = tables.Action(
        _("Sign for it"), desk.link("asset_event", row["asset_id"], RoomKind.ACCEPT), icon="pencil"
    )
    back = tables.Action(
        _("Check in"), desk.link("asset_event", row["asset_id"], RoomKind.CHECK_IN), icon="arrow-down-left"
    )
    return [back] if row["accepted_on"] else [sign, back]


def _custody_counts(desk: Desk) -> dict[str, int]:
    rows = queries.custody(desk.company_id, limit=1_001)
    return {
        "out": len(rows),
        "overdue": sum(row.expected_on is not None and row.expected_on < desk.day for row in rows),
        "unsigned": sum(row.accepted_on is None for row in rows),
    }


def _custody(desk: Desk, ask: Ask) -> Page:
    show = ask.get("show")
    rows = queries.custody(
        desk.company_id,
        overdue_on=desk.day if show == "overdue" else None,
        include_returned=show == "all",
        limit=500,
    )
    holders = holder_names(desk, {row.party_id for row in rows}, {row.user_id for row in rows})
    shown = [
        {
            "asset_id": row.asset_id,
            "tag": row.tag,
            "name": row.name,
            "holder": holders(row.party_id, row.user_id),
            "since_on": row.since_on,
            "expected_on": row.expected_on,
            "returned_on": row.returned_on,
            "accepted_on": row.accepted_on,
            "signature": row.signature,
        }
        for row in rows
        if show != "unsigned" or row.accepted_on is None
    ]
    return Page(shown)


def holder_names(desk: Desk, party_ids: set[int | None], user_ids: set[int | None]) -> Any:
    """A function from (party, user) to what they are called."""
    named = {row["id"]: row["name"] for row in party_rows(desk, party_ids)}
    wanted = {user_id for user_id in user_ids if user_id is not None}
    users = people.usernames(wanted)
    if wanted:
        users |= {row.user_id: row.name for row in people.members(desk.company_id) if row.name}

    def name(party_id: int | None, user_id: int | None) -> str:
        return named.get(party_id, "") if party_id else users.get(user_id or 0, "")

    return name


def party_rows(desk: Desk, party_ids: set[int | None]) -> list[dict[str, Any]]:
    from_ids = sorted(party_id for party_id in party_ids if party_id is not None)
    found = [parties.get_party(desk.company_id, party_id) for party_id in from_ids]
    return [row for row in found if row is not None]


# --- a new asset ------------------------------------------------------------------------------------------


@page("assets.write")
def asset_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    require(desk.actor, "assets.record")
    way = request.GET.get("way", "")
    way = way if way in WAYS else "bought"
    if request.method != "POST":
        first = {"acquired_on": desk.day, "in_service_on": desk.day, "idempotency_key": uuid.uuid4().hex}
        return _show_new(request, desk, NewAssetForm(desk=desk, way=way, initial=first))
    with desk.reading():
        form = NewAssetForm(request.POST, desk=desk, way=way)
        valid = form.is_valid()
    if "preview" in request.POST:
        return _preview_new(request, desk, form)
    if not valid:
        return _show_new(request, desk, form)
    try:
        result = act(lambda: _record_new(desk, form))
    except Refused as refused:
        _take(form, refused)
        return _show_new(request, desk, form)
    message = _("%(name)s is in the register.") % {"name": form.cleaned_data["name"]}
    return done(request, message, desk.link("asset", result.asset_ids[0], as_of=None, known_at=None))


def _record_new(desk: Desk, form: NewAssetForm) -> BatchResult:
    return services.record(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        idempotency_key=f"web:{form.cleaned_data['idempotency_key']}",
        assets=[form.asset_draft()],
        events=form.event_drafts(),
        source="web",
    )


def _take(form: NewAssetForm, refused: Refused) -> None:
    """Problems of the second event are about the day on which the asset went into service."""
    for problem in refused.problems:
        later = problem.row == 1 and problem.field == "effective_on" and "in_service_on" in form.fields
        names = NEW_NAMES | ({"effective_on": "in_service_on"} if later else {})
        form.take(problem, names)


def _preview_new(request: HttpRequest, desk: Desk, form: NewAssetForm) -> HttpResponse:
    found = INCOMPLETE
    if form.is_valid():
        found = preview_of(
            desk,
            lambda: services.preview(
                company_id=desk.company_id,
                actor_id=desk.user_id,
                assets=[form.asset_draft()],
                events=form.event_drafts(),
            ),
        )
    if request.headers.get("HX-Request"):
        return render(request, "web/_preview.html", {"preview": found})
    return _show_new(request, desk, form, found)


def _show_new(
    request: HttpRequest, desk: Desk, form: NewAssetForm, preview: Preview | None = None
) -> HttpResponse:
    tabs = [
        {
            "label": label,
            "href": desk.link("asset_new", way=None if way == "bought" else way),
            "current": way == form.way,
            "count": None,
        }
        for way, label in WAYS.items()
    ]
    status = 422 if form.is_bound and preview is None else 200
    context = {"form": form, "tabs": tabs, "preview": preview}
    with desk.reading():
        context["has_classes"] = bool(queries.classes(desk.company_id))
        return render(request, "web/asset_new.html", context, status=status)
