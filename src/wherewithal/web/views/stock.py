"""Stock: what is where, and the moves that made it so."""

from collections.abc import Callable, Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.items import queries as items
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import (
    Detail,
    MoveFilter,
    MoveRow,
    MoveSort,
    MoveValue,
    OnHand,
    OnHandFilter,
    OnHandSort,
)
from wherewithal.web import formatting, tables
from wherewithal.web.days import iso_day
from wherewithal.web.desk import Desk
from wherewithal.web.later import list_later
from wherewithal.web.lookups import find_item, find_location
from wherewithal.web.names import MOVE_KINDS, lot_status, move_kind, status_on
from wherewithal.web.pages import page, table_page
from wherewithal.web.role_names import rule_name
from wherewithal.web.tables import Ask, Column, Filter, Page, Table, full_page

NOTHING = Page([])
DETAILS = (
    ("item", gettext_lazy("by item")),
    ("location", gettext_lazy("by location")),
    ("lot", gettext_lazy("by lot or serial")),
)


CODES = (str, str, str)
PLACES: dict[OnHandSort, tuple[Callable[[Any], Any], ...]] = {
    OnHandSort.SKU: CODES,
    OnHandSort.NAME: (str, *CODES),
    OnHandSort.LOCATION: (str, *CODES),
    OnHandSort.LOT: (str, *CODES),
    OnHandSort.EXPIRES: (iso_day, *CODES),
    OnHandSort.QTY: (int, *CODES),
    OnHandSort.AVAILABLE: (int, *CODES),
}


def qty_of(row: Any, name: str = "qty") -> Decimal:
    """A quantity of a row in the item's base unit."""
    return formatting.from_minor(getattr(row, name), row.qty_decimals)


# --- on hand ----------------------------------------------------------------------------------------------


@page("stock.read")
def on_hand(request: HttpRequest, desk: Desk) -> HttpResponse:
    detail = _detail(request)
    table = _on_hand_table(desk, detail)
    whole = OnHandSort(tables.read_ask(table, request.GET).sort) not in stock.BY_ITEM
    later = list_later(request, desk) if whole else ""
    return table_page(
        request,
        desk,
        "web/on_hand.html",
        table,
        lambda ask: NOTHING if later else _on_hand(desk, detail, ask),
        {"later": later},
    )


def _detail(request: HttpRequest) -> Detail:
    given = request.GET.get("detail", "")
    return Detail(given) if given in list(Detail) else Detail.LOCATION


def location_choices(desk: Desk) -> list[tuple[str, str]]:
    """Sites and warehouses: bins are found by typing their code."""
    places = stock.list_locations(desk.company_id, held=True, active=True)
    wanted = [place for place in places if place.type in ("site", "warehouse", "transit")]
    return [(str(place.id), f"{place.code} {place.name}") for place in wanted]


def category_choices(desk: Desk) -> list[tuple[str, str]]:
    """The categories by the way to them."""
    return [(str(row["id"]), " / ".join(row["path"])) for row in items.categories(desk.company_id)]


def _on_hand_table(desk: Desk, detail: Detail) -> Table:
    return Table(
        key="on-hand",
        title=_("Stock on hand"),
        columns=on_hand_columns(desk, detail),
        filters=(
            Filter("detail", _("Detail"), choices=DETAILS),
            Filter("place", _("Place"), choices=location_choices(desk)),
            Filter("category", _("Category"), choices=category_choices(desk)),
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter("location", _("Location code"), kind="code"),
            Filter("below", _("Level"), choices=(("yes", _("below zero")),)),
        ),
        search_hint=_("SKU, name or barcode"),
        default_sort="sku",
        actions=(lambda row: _next_steps(desk, row)) if _may_move(desk) else None,
        empty_title=_("Nothing on hand"),
        empty_text=_("Receive goods, or import opening stock, and they show here."),
    )


NEXT_STEPS = (
    ("issue", gettext_lazy("Issue"), "arrow-up-right", "stock.issue"),
    ("transfer", gettext_lazy("Transfer"), "arrows-left-right", "stock.transfer"),
    ("adjustment", gettext_lazy("Count"), "clipboard-list", "stock.adjust"),
)


def _may_move(desk: Desk) -> bool:
    return not desk.travels and any(desk.may(permission) for _kind, _label, _icon, permission in NEXT_STEPS)


def _next_steps(desk: Desk, row: OnHand) -> list[tables.Action]:
    """The forms of what a clerk does with goods that lie there, each with its first line begun."""
    place, lot = row.location_code or None, row.lot_code or None
    return [
        tables.Action(
            label,
            desk.link(
                "document_new",
                kind,
                item=row.sku,
                lot=lot,
                **{"to_location" if kind == "adjustment" else "from_location": place},
            ),
            icon,
        )
        for kind, label, icon, permission in NEXT_STEPS
        if desk.may(permission)
    ]


def on_hand_columns(desk: Desk, detail: Detail) -> tuple[Column, ...]:
    by_location, by_lot = detail != Detail.ITEM, detail == Detail.LOT
    columns = [
        tables.text(_("SKU"), "sku", lead=True, sort="sku", link=lambda row: desk.link("item", row.item_id)),
        tables.text(_("Name"), "item_name", clip=True, sort="name"),
    ]
    if by_location:
        columns.append(
            tables.text(
                _("Location"),
                "location_code",
                code=True,
                sort="location",
                link=lambda row: desk.link("location", row.location_id),
            )
        )
    if by_lot:
        columns.append(
            tables.text(
                _("Lot or serial"),
                "lot_code",
                sort="lot",
                link=lambda row: desk.link("lot", row.lot_id) if row.lot_id else None,
            )
        )
        columns.append(tables.tag(_("Status"), lambda row: shown_status(desk, row), lot_status, phone=False))
        columns.append(tables.day(_("Expires"), "expires_on", phone=False, sort="expires"))
    columns.append(
        tables.quantity(
            _("On hand"), qty_of, "unit_code", sort="qty", link=lambda row: _explain_link(desk, row)
        )
    )
    if not desk.travels:
        columns.append(
            tables.quantity(_("Reserved"), lambda row: qty_of(row, "reserved"), "unit_code", phone=False)
        )
        columns.append(
            tables.quantity(_("Blocked"), lambda row: qty_of(row, "blocked"), "unit_code", phone=False)
        )
        columns.append(
            tables.quantity(
                _("Available"), lambda row: qty_of(row, "available"), "unit_code", sort="available"
            )
        )
    return tuple(columns)


def _explain_link(desk: Desk, row: OnHand) -> str:
    return desk.link("explain_stock", row.item_id, location=row.location_id or None, lot=row.lot_id or None)


def shown_status(desk: Desk, row: OnHand) -> int:
    """The status of what lies there, on the day shown."""
    return status_on(desk.day, row.lot_status, row.expires_on)


def _on_hand(desk: Desk, detail: Detail, ask: Ask) -> Page:
    wanted = _on_hand_filter(desk, ask)
    return NOTHING if wanted is None else on_hand_page(desk, detail, wanted, ask)


def on_hand_page(desk: Desk, detail: Detail, wanted: OnHandFilter, ask: Ask) -> Page:
    """Balances in the order asked for, in the columns of `on_hand_columns`."""
    sort = OnHandSort(ask.sort or OnHandSort.SKU)
    rows = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=detail,
        filters=wanted,
        as_of=desk.as_of,
        known_at=desk.known_at,
        sort=sort,
        descending=ask.descending,
        after=ask.place(*PLACES[sort]),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: list(row.place(sort)))


def _on_hand_filter(desk: Desk, ask: Ask) -> OnHandFilter | None:
    """None where a filter names what does not exist: nothing can match."""
    item_ids, location_id = None, ask.whole("place")
    if ask.get("item"):
        item = find_item(desk, ask.filters["item"])
        if item is None:
            return None
        item_ids = [item.item_id]
    if ask.get("location"):
        location = find_location(desk, ask.filters["location"])
        if location is None:
            return None
        location_id = location.id
    return OnHandFilter(
        text=ask.q,
        item_ids=item_ids,
        location_id=location_id,
        category_id=ask.whole("category"),
        below_zero=ask.get("below") == "yes",
    )


# --- moves ------------------------------------------------------------------------------------------------


@page("stock.read")
def move_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    return table_page(request, desk, "web/moves.html", _move_table(desk), lambda ask: _moves(desk, ask))


def move_columns(desk: Desk, *, without: Collection[str] = (), by_when: str = "") -> tuple[Column, ...]:
    """The columns of a list of moves, `without` those (by name) that would say the same on every line. `by_when`: how the
    list calls its order by time."""
    columns = (
        tables.instant(_("When"), "effective_at", desk.timezone, sort=by_when),
        tables.text(
            _("Document"),
            "document_number",
            lead=True,
            link=lambda row: desk.link("document", row.document_id),
        ),
        tables.text(_("Kind"), lambda row: move_kind(row.kind), key="kind", phone=False),
        tables.text(_("Item"), "sku", code=True, link=lambda row: desk.link("item", row.item_id)),
        tables.text(_("From"), "from_code"),
        tables.text(_("Into"), "to_code"),
        tables.text(_("Lot or serial"), "lot_code", phone=False),
        tables.quantity(_("Quantity"), qty_of, "unit_code", link=lambda row: desk.link("move", row.move_id)),
    )
    return tuple(column for column in columns if column.key not in without)


def _move_table(desk: Desk) -> Table:
    return Table(
        key="moves",
        title=_("Moves"),
        columns=move_columns(desk, by_when=MoveSort.WHEN),
        filters=(
            Filter("kind", _("Kind"), choices=[(str(kind.value), name) for kind, name in MOVE_KINDS.items()]),
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter("location", _("Location code"), kind="code"),
            Filter("from", _("From"), kind="day"),
            Filter("to", _("To"), kind="day"),
        ),
        empty_title=_("No moves yet"),
        empty_text=_("Every receipt, issue and transfer leaves its moves here."),
    )


def _moves(desk: Desk, ask: Ask) -> Page:
    item = find_item(desk, ask.filters["item"]) if ask.get("item") else None
    location = find_location(desk, ask.filters["location"]) if ask.get("location") else None
    if (ask.get("item") and item is None) or (ask.get("location") and location is None):
        return NOTHING
    days = [day for day in (ask.day("to"), desk.as_of) if day is not None]
    wanted = MoveFilter(
        item_id=item.item_id if item else None,
        location_id=location.id if location else None,
        kind=ask.whole("kind"),
        from_day=ask.day("from"),
        to_day=min(days) if days else None,
        known_at=desk.known_at,
    )
    sort = MoveSort(ask.sort or MoveSort.ENTERED)
    first = () if sort == MoveSort.ENTERED else (datetime.fromisoformat,)
    rows = stock.list_moves(
        desk.company_id,
        filters=wanted,
        sort=sort,
        descending=ask.descending or sort == MoveSort.ENTERED,
        after=ask.place(*first, int),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: list(row.place(sort)))


@page("stock.read", shows="fact")
def move(request: HttpRequest, desk: Desk, move_id: int) -> HttpResponse:
    """A move and, for those who may see money, the trail of its cost in the book shown."""
    found = stock.get_move(desk.company_id, move_id)
    values = []
    if desk.may("ledger.read"):
        values = stock.move_values(desk.company_id, move_id, book_id=desk.book_id, known_at=desk.known_at)
    context = {
        "move": found,
        "qty": qty_of(found),
        "kind": move_kind(found.kind),
        "values": _values_of(request, desk, found, values),
        "cost": sum(value.stock_amount for value in values),
        "original": stock.get_move(desk.company_id, found.of_move_id) if found.of_move_id else None,
        "amount": _amount(found),
    }
    return render(request, "web/move.html", context)


def _values_of(
    request: HttpRequest, desk: Desk, found: MoveRow, values: list[MoveValue]
) -> tables.ShownTable:
    """What was posted about a move; each row was added when something new was learnt."""

    def account(name: str) -> Callable[[MoveValue], str]:
        return lambda row: desk.link("account", getattr(row, name))

    def cause(row: MoveValue) -> str:
        return _("itself") if row.cause_id == found.move_id else str(row.cause_id) if row.cause_id > 0 else ""

    table = Table(
        key="values",
        title=_("What was posted about it"),
        columns=(
            tables.text(_("Rule"), lambda row: rule_name(row.role), lead=True),
            tables.text(
                _("Cause"),
                cause,
                phone=False,
                link=lambda row: (
                    desk.link("move", row.cause_id)
                    if row.cause_id > 0 and row.cause_id != found.move_id
                    else None
                ),
            ),
            tables.text(_("Debit"), "debit_code", link=account("debit_account_id")),
            tables.text(_("Credit"), "credit_code", link=account("credit_account_id")),
            tables.money(
                _("Amount"),
                lambda row: desk.amount(row.amount),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
            ),
            tables.day(_("Effective on"), "effective_on", phone=False, sort="effective"),
            tables.day(_("Posted on"), "posting_on", phone=False, sort="posting"),
            tables.text(
                _("Entry"),
                lambda row: _("open") if row.entry_id else "",
                link=lambda row: desk.link("entry", row.entry_id) if row.entry_id else None,
            ),
        ),
        empty_title=_("Nothing was posted"),
        empty_text=_("This move changes no value in the book shown."),
    )
    return tables.show(request, table, lambda ask: tables.sliced(values, table, ask))


def _amount(found: MoveRow) -> Decimal | None:
    if found.amount is None or found.currency is None:
        return None
    return formatting.from_minor(found.amount, formatting.currency_decimals(found.currency))
