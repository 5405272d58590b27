"""What stock is worth: the valuation, an item's card with its ledger, and the explanation of any figure."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.items import queries as items
from wherewithal.items.values import ItemKind, Tracking
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import explain
from wherewithal.reporting.explain import Explanation, FactRef
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Detail, MoveFilter, OnHandFilter
from wherewithal.web import formatting, tables
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.names import KINDS, TRACKING_NAMES, move_kind
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page
from wherewithal.web.views import files
from wherewithal.web.views.items import item_of
from wherewithal.web.views.stock import on_hand_columns, qty_of

KIND_NAMES = dict(KINDS)


# --- valuation --------------------------------------------------------------------------------------------


@page("ledger.read")
def valuation(request: HttpRequest, desk: Desk) -> HttpResponse:
    by: Literal["posting", "effective"] = "posting" if request.GET.get("by") == "posting" else "effective"
    total = stock.valuation_total(
        desk.company_id, book_id=desk.book_id, as_of=desk.as_of, known_at=desk.known_at, by=by
    )
    context = {"total": total}
    return table_page(
        request,
        desk,
        "web/valuation.html",
        _valuation_table(desk),
        lambda ask: _valuation(desk, ask),
        context,
    )


def _valuation_table(desk: Desk) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def money(label: str, name: str, *, phone: bool = True, link: Any = None) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(getattr(row, name)),
            currency,
            decimals=decimals,
            phone=phone,
            link=link,
        )

    columns = [
        tables.text(_("SKU"), "sku", lead=True, link=lambda row: desk.link("ledger_card", row.item_id)),
        tables.text(_("Name"), "item_name", clip=True, phone=False),
        tables.text(_("Category"), "category_code", phone=False),
        tables.quantity(_("Quantity"), qty_of, "unit_code"),
        money(_("At cost"), "value", link=lambda row: desk.link("explain_value", row.item_id)),
        money(_("Write-down"), "allowance", phone=False),
        money(_("Carrying amount"), "carrying", phone=False),
    ]
    if desk.book.cost_scope == "warehouse":
        columns.insert(3, tables.text(_("Warehouse"), "scope_code", phone=False))
    return Table(
        key="valuation",
        title=_("Stock valuation"),
        columns=columns,
        filters=(
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter(
                "by",
                _("Days"),
                choices=(("effective", _("by effective date")), ("posting", _("by posting date"))),
            ),
        ),
        empty_title=_("Nothing to value"),
        empty_text=_("Goods that come in with a cost are valued here."),
    )


def _valuation(desk: Desk, ask: Ask) -> Page:
    item_ids = None
    if ask.get("item"):
        found = items.find_by_scan(desk.company_id, ask.filters["item"])
        if found is None:
            return Page([])
        item_ids = [found.item_id]
    after = ask.place(str, int)
    rows = stock.valuation(
        desk.company_id,
        book_id=desk.book_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
        by="posting" if ask.get("by") == "posting" else "effective",
        item_ids=item_ids,
        after=after,
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: [row.sku, row.scope_id])


# --- one item ---------------------------------------------------------------------------------------------


@page("items.read")
def item(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    """The card of an item: what it is, where it lies, what it is worth, what happened last."""
    found = item_of(desk, item_id)
    cells = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOT if found["tracking"] == Tracking.LOT else Detail.LOCATION,
        filters=OnHandFilter(item_ids=[item_id]),
        as_of=desk.as_of,
        known_at=desk.known_at,
        limit=200,
    )
    moves = stock.list_moves(
        desk.company_id,
        filters=MoveFilter(item_id=item_id, to_day=desk.as_of, known_at=desk.known_at),
        limit=8,
    )
    context = {
        "item": found,
        "kind": KIND_NAMES[ItemKind(found["kind"]).value],
        "tracking": TRACKING_NAMES[Tracking(found["tracking"])],
        "tabs": item_tabs(desk, found, "item"),
        "units": items.item_units(desk.company_id, item_id),
        "barcodes": items.barcodes(desk.company_id, item_id),
        "specs": items.attribute_specs_by_category(desk.company_id).get(found["category_code"], {}),
        "cells": tables.show(request, _cell_table(desk, found), lambda ask: Page(cells)),
        "moves": [(move, qty_of(move), move_kind(move.kind)) for move in moves],
        "qty": sum((qty_of(cell) for cell in cells), start=Decimal(0)),
        "available": sum((qty_of(cell, "available") for cell in cells), start=Decimal(0)),
        "worth": _worth(desk, item_id),
        "files": files.shown(desk, "item", item_id),
    }
    return render(request, "web/item.html", context)


def _worth(desk: Desk, item_id: int) -> dict[str, Any] | None:
    """Value and cost of one base unit in the book shown; nothing for those who may not see money."""
    if not desk.may("ledger.read"):
        return None
    rows = stock.valuation(
        desk.company_id, book_id=desk.book_id, as_of=desk.as_of, known_at=desk.known_at, item_ids=[item_id]
    )
    value = sum(row.value for row in rows)
    qty = sum((qty_of(row) for row in rows), start=Decimal(0))
    amount = desk.amount(value)
    return {"value": value, "unit_cost": amount / qty if amount is not None and qty > 0 else None}


def _cell_table(desk: Desk, found: dict[str, Any]) -> Table:
    detail = Detail.LOT if found["tracking"] == Tracking.LOT else Detail.LOCATION
    return Table(
        key="cells",
        title=_("Where it lies"),
        columns=on_hand_columns(desk, detail)[2:],
        tools=False,
        empty_title=_("None on hand"),
        empty_text=_("Nothing of this item is in stock on the day shown."),
    )


def item_tabs(desk: Desk, found: dict[str, Any], current: str) -> list[dict[str, Any]]:
    ways = [("item", _("Overview"), desk.link("item", found["id"]))]
    if desk.may("ledger.read"):
        ways.append(("ledger_card", _("Ledger card"), desk.link("ledger_card", found["id"])))
    ways.append(("moves", _("Moves"), desk.link("moves", item=found["sku"])))
    if found["tracking"] != Tracking.BULK:
        ways.append(("lots", _("Lots and serials"), desk.link("lots", item=found["sku"])))
    return [
        {"label": label, "href": href, "current": name == current, "count": None}
        for name, label, href in ways
    ]


@page("ledger.read")
def ledger_card(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    """Every line of an item's history in the book, with running quantity and value."""
    found = item_of(desk, item_id)
    context = {"item": found, "tabs": item_tabs(desk, found, "ledger_card")}
    return table_page(
        request,
        desk,
        "web/ledger_card.html",
        _card_table(desk, found),
        lambda ask: _card(desk, item_id, ask),
        context,
    )


def _card_table(desk: Desk, found: dict[str, Any]) -> Table:
    currency, decimals = desk.book.currency, desk.book.currency_decimals
    places = found["qty_decimals"]

    def qty(label: str, name: str, *, phone: bool = True) -> tables.Column:
        return tables.quantity(
            label,
            lambda row: formatting.from_minor(getattr(row, name), places),
            lambda _row: found["unit_code"],
            phone=phone,
        )

    def money(label: str, name: str, *, phone: bool = True, link: Any = None) -> tables.Column:
        return tables.money(
            label,
            lambda row: desk.amount(getattr(row, name)),
            currency,
            decimals=decimals,
            phone=phone,
            link=link,
        )

    def why(row: Any) -> str | None:
        return desk.link("move", row.move_id) if row.move_id else None

    def document(row: Any) -> str | None:
        return desk.link("document", row.document_id) if row.document_id else None

    return Table(
        key="card",
        title=_("Ledger card %(sku)s") % {"sku": found["sku"]},
        columns=(
            tables.day(_("Day"), "effective_on"),
            tables.text(
                _("Document"), lambda row: row.document_number or _("Correction"), lead=True, link=document
            ),
            tables.text(_("Kind"), lambda row: move_kind(row.kind), phone=False),
            tables.text(_("From"), "from_code", phone=False),
            tables.text(_("Into"), "to_code", phone=False),
            qty(_("Quantity"), "qty", phone=False),
            money(_("Value"), "value", phone=False, link=why),
            qty(_("Balance"), "balance_qty"),
            money(_("Balance"), "balance_value"),
        ),
        empty_title=_("No history yet"),
        empty_text=_("The item has not moved in the days shown."),
    )


def _card(desk: Desk, item_id: int, ask: Ask) -> Page:
    after = ask.place(int)
    rows = stock.ledger_card(
        desk.company_id,
        book_id=desk.book_id,
        item_id=item_id,
        as_of=desk.as_of,
        known_at=desk.known_at,
        after=after[0] if after else 0,
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: [row.row_no])


# --- explanations -----------------------------------------------------------------------------------------


@page("ledger.read", shows="now")
def explain_move(request: HttpRequest, desk: Desk, move_id: int) -> HttpResponse:
    found = stock.get_move(desk.company_id, move_id)
    explanation = explain.move_cost(company_id=desk.company_id, move_id=move_id, book_id=desk.book_id)
    title = _("Why move %(number)s costs what it costs") % {"number": found.document_number}
    return explained(request, desk, title, explanation, desk.link("move", move_id))


@page("ledger.read")
def explain_value(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    found = item_of(desk, item_id)
    dates: Any = {"as_of": desk.as_of, "known_at": desk.known_at}
    cost = explain.unit_cost(company_id=desk.company_id, item_id=item_id, book_id=desk.book_id, **dates)
    value = explain.valuation_figure(
        company_id=desk.company_id, book_id=desk.book_id, item_id=item_id, **dates
    )
    title = _("Why %(sku)s is worth what it is worth") % {"sku": found["sku"]}
    whole = Explanation(statement=_("Value and cost of one unit"), children=(value, cost))
    return explained(request, desk, title, whole, desk.link("ledger_card", item_id))


@page("stock.read")
def explain_stock(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    found = item_of(desk, item_id)
    explanation = explain.stock_figure(
        company_id=desk.company_id,
        item_id=item_id,
        location_id=_whole(request, "location"),
        lot_id=_whole(request, "lot"),
        as_of=desk.as_of,
        known_at=desk.known_at,
    )
    title = _("Why there is so much of %(sku)s") % {"sku": found["sku"]}
    return explained(request, desk, title, explanation, desk.link("item", item_id))


@page("ledger.read")
def explain_balance(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Why an account stands where it stands: ?to= a day, ?by=effective."""
    found = ledger.account(desk.company_id, account_id)
    day = _day(request, "to") or desk.as_of
    explanation = explain.account_balance(
        company_id=desk.company_id,
        book_id=desk.book_id,
        account_id=account_id,
        from_on=ledger.fiscal_year_start(desk.company.fiscal_year_start_month, day or desk.today),
        as_of=day,
        known_at=desk.known_at,
        by="effective" if request.GET.get("by") == "effective" else "posting",
    )
    title = _("Why %(code)s %(name)s stands where it stands") % {"code": found.code, "name": found.name}
    return explained(request, desk, title, explanation, desk.link("account", account_id))


@page("ledger.read", shows="fact")
def explain_line(request: HttpRequest, desk: Desk, entry_id: int, line_no: int) -> HttpResponse:
    explanation = explain.entry_line(
        company_id=desk.company_id, book_id=desk.book_id, entry_id=entry_id, line_no=line_no
    )
    title = _("What line %(number)s of the entry is made of") % {"number": line_no}
    return explained(request, desk, title, explanation, desk.link("entry", entry_id))


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return day_of(request.GET.get(name, ""))
    except ValueError:
        return None


def _whole(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdigit() and len(given) < 15 else None


# Where a fact of an explanation can be looked up.
PANEL = "why-body"
FACT_PAGES = {"move": "move", "document": "document", "entry": "entry", "lot": "lot", "asset": "asset"}


def explained(
    request: HttpRequest, desk: Desk, title: str, explanation: Explanation, back: str
) -> HttpResponse:
    """The chain as a page of its own, or as what the panel beside another page takes in."""
    context = {"title": title, "root": _shown(desk, explanation), "back": back}
    beside = request.headers.get("HX-Target") == PANEL
    return render(request, "web/_explained.html" if beside else "web/explained.html", context)


def _shown(desk: Desk, explanation: Explanation) -> dict[str, Any]:
    return {
        "statement": explanation.statement,
        "figure": explanation.figure,
        "rule": explanation.rule,
        "facts": [(fact, _fact_link(desk, fact)) for fact in explanation.facts],
        "children": [_shown(desk, child) for child in explanation.children],
    }


def _fact_link(desk: Desk, fact: FactRef) -> str:
    name = FACT_PAGES.get(fact.kind)
    return desk.link(name, fact.id) if name and fact.id > 0 else ""
