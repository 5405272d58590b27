"""The card of an item: where it lies, what it cost over time, its moves, lots and documents, and its ledger."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.items import queries as items
from wherewithal.items.values import ItemKind, Tracking
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import Detail, MoveFilter, OnHandFilter
from wherewithal.web import formatting, tables
from wherewithal.web.charts import Chart, Series, span
from wherewithal.web.desk import Desk
from wherewithal.web.names import KINDS, TRACKING_NAMES, move_kind
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Page, Source, Table, full_page
from wherewithal.web.views import files
from wherewithal.web.views.documents import document_columns
from wherewithal.web.views.items import item_of
from wherewithal.web.views.lots import lot_columns
from wherewithal.web.views.stock import move_columns, on_hand_columns, qty_of

KIND_NAMES = dict(KINDS)
MONTHS_BACK = 24
LAST_MOVES = 8
UNIT_COST_DECIMALS = 4


@page("items.read")
def item(request: HttpRequest, desk: Desk, item_id: int) -> HttpResponse:
    """One part of the card; the first is what it is, where it lies, what it is worth, what happened last."""
    found = item_of(desk, item_id)
    part = request.GET.get("show", "")
    parts = {name for name, _label, _href in _parts(desk, found)}
    context = {"item": found, "tabs": item_tabs(desk, found, part if part in parts else "item")}
    if part in LISTS and part in parts:
        table, source = LISTS[part](desk, found)
        return table_page(request, desk, "web/item_list.html", table, source, context)
    if part == "cost" and part in parts:
        return render(request, "web/item_cost.html", context | {"charts": _cost_charts(desk, found)})
    return render(request, "web/item.html", context | _overview(request, desk, found))


def _overview(request: HttpRequest, desk: Desk, found: dict[str, Any]) -> dict[str, Any]:
    item_id, tracked = found["id"], found["tracking"] != Tracking.BULK
    cells = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOT if found["tracking"] == Tracking.LOT else Detail.LOCATION,
        filters=OnHandFilter(item_ids=[item_id]),
        as_of=desk.as_of,
        known_at=desk.known_at,
        limit=200,
    )
    lies = _cell_table(desk, found)
    moves = Table(
        key="last-moves",
        title=_("Last moves"),
        columns=move_columns(desk, without=("sku", "kind", *(() if tracked else ("lot_code",)))),
        tools=False,
        empty_title=_("It has not moved yet"),
    )
    return {
        "kind": KIND_NAMES[ItemKind(found["kind"]).value],
        "tracking": TRACKING_NAMES[Tracking(found["tracking"])],
        "units": items.item_units(desk.company_id, item_id),
        "barcodes": items.barcodes(desk.company_id, item_id),
        "cells": tables.show(request, lies, lambda ask: Page(tables.in_order(cells, lies, ask))),
        "moves": tables.show(request, moves, lambda ask: Page(_moves(desk, found, limit=LAST_MOVES))),
        "qty": sum((qty_of(cell) for cell in cells), start=Decimal(0)),
        "available": sum((qty_of(cell, "available") for cell in cells), start=Decimal(0)),
        "worth": _worth(desk, item_id),
        "files": files.shown(desk, "item", item_id),
    }


def _moves(
    desk: Desk, found: dict[str, Any], *, limit: int, before: int | None = None
) -> list[stock.MoveRow]:
    wanted = MoveFilter(item_id=found["id"], to_day=desk.as_of, known_at=desk.known_at)
    return stock.list_moves(desk.company_id, filters=wanted, before=before, limit=limit)


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


def _parts(desk: Desk, found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The parts of the card that this person may see: name, label, address."""

    def here(name: str) -> str:
        return desk.link("item", found["id"], show=name)

    parts = [("item", _("Overview"), desk.link("item", found["id"]))]
    if desk.may("ledger.read"):
        parts.append(("cost", _("Cost over time"), here("cost")))
        parts.append(("ledger_card", _("Ledger card"), desk.link("ledger_card", found["id"])))
    if desk.may("stock.read"):
        parts.append(("moves", _("Moves"), here("moves")))
        parts.append(("documents", _("Documents"), here("documents")))
    if found["tracking"] != Tracking.BULK:
        parts.append(("lots", _("Lots and serials"), here("lots")))
    return parts


def item_tabs(desk: Desk, found: dict[str, Any], current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": href, "current": name == current, "count": None}
        for name, label, href in _parts(desk, found)
    ]


# --- lists of the card ------------------------------------------------------------------------------------


def _move_list(desk: Desk, found: dict[str, Any]) -> tuple[Table, Source]:
    table = Table(
        key="item-moves",
        title=_("Moves"),
        columns=move_columns(desk, without=("sku",)),
        empty_title=_("It has not moved yet"),
        empty_text=_("Every receipt, issue and transfer leaves its moves here."),
    )

    def source(ask: Ask) -> Page:
        before = ask.place(int)
        rows = _moves(desk, found, limit=ask.limit, before=before[0] if before else None)
        return full_page(rows, ask, lambda row: [row.move_id])

    return table, source


def _document_list(desk: Desk, found: dict[str, Any]) -> tuple[Table, Source]:
    table = Table(
        key="item-documents",
        title=_("Documents"),
        columns=document_columns(desk),
        empty_title=_("No documents yet"),
        empty_text=_("Receipts, shipments, counts and costs of this item show here."),
    )

    def source(ask: Ask) -> Page:
        before: Any = ask.place(datetime.fromisoformat, int)
        rows = stock.list_documents(desk.company_id, item_id=found["id"], before=before, limit=ask.limit)
        return full_page(rows, ask, lambda row: [row.effective_at.isoformat(), row.document_id])

    return table, source


def _lot_list(desk: Desk, found: dict[str, Any]) -> tuple[Table, Source]:
    """The lots with what is there of each."""
    cells = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOT,
        filters=OnHandFilter(item_ids=[found["id"]]),
        as_of=desk.as_of,
        known_at=desk.known_at,
        limit=500,
    )
    there: dict[int, Decimal] = {}
    for cell in cells:
        there[cell.lot_id] = there.get(cell.lot_id, Decimal(0)) + qty_of(cell)
    on_hand = tables.quantity(
        _("On hand"),
        lambda row: there.get(row["id"], Decimal(0)),
        lambda _row: found["unit_code"],
    )
    table = Table(
        key="item-lots",
        title=_("Lots and serials"),
        columns=(*lot_columns(desk, of_item=True), on_hand),
        search_hint=_("Beginning of a lot or serial"),
        empty_title=_("No lots yet"),
        empty_text=_("Lots and serials are made when goods that need them are received."),
    )

    def source(ask: Ask) -> Page:
        after = ask.place(int)
        rows = items.list_lots(
            desk.company_id,
            item_id=found["id"],
            code_prefix=ask.q,
            after_id=after[0] if after else 0,
            limit=ask.limit,
        )
        return full_page(rows, ask, lambda row: [row["id"]])

    return table, source


LISTS = {"moves": _move_list, "documents": _document_list, "lots": _lot_list}


# --- what it cost -----------------------------------------------------------------------------------------


def _cost_charts(desk: Desk, found: dict[str, Any]) -> list[Chart]:
    """The cost of one unit at the ends of months, books of one currency side by side; and how much there was."""
    last = desk.as_of or desk.today
    first = (last.replace(day=1) - timedelta(days=31 * MONTHS_BACK)).replace(day=1)
    rows = stock.cost_by_month(desk.company_id, item_id=found["id"], first=first, last=last)
    at = {(row.day, row.book_id): row for row in rows}
    days = sorted({row.day for row in rows})
    labels = [formatting.day(day) for day in days]
    charts = []
    for currency in dict.fromkeys(book.currency for book in desk.books):
        series = [
            Series(
                book.name,
                [
                    _unit_cost(at.get((day, book.book_id)), found["qty_decimals"], book.currency_decimals)
                    for day in days
                ],
            )
            for book in desk.books
            if book.currency == currency
        ]
        charts.append(
            Chart(
                key=f"cost-{currency.lower()}",
                kind="line",
                title=_("Cost of one %(unit)s, %(currency)s")
                % {"unit": found["unit_code"], "currency": currency},
                x_label=_("At the end of"),
                labels=labels,
                series=series,
                summary=_("Cost of one unit in each book, %(span)s.") % {"span": span(labels)},
                unit=currency,
                decimals=UNIT_COST_DECIMALS,
                empty_text=_("There was nothing to value at the end of any month."),
            )
        )
    held = [at.get((day, desk.book_id)) for day in days]
    charts.append(
        Chart(
            key="held",
            kind="bar",
            title=_("Quantity"),
            x_label=_("At the end of"),
            labels=labels,
            series=[
                Series(
                    _("Quantity"),
                    [formatting.from_minor(row.qty, found["qty_decimals"]) if row else None for row in held],
                )
            ],
            summary=_("How much there was, %(span)s.") % {"span": span(labels)},
            unit=found["unit_code"],
            decimals=found["qty_decimals"],
            empty_text=_("There was none at the end of any month."),
        )
    )
    return charts


def _unit_cost(row: stock.CostAt | None, qty_decimals: int, currency_decimals: int) -> Decimal | None:
    if row is None or row.qty <= 0:
        return None
    value = formatting.from_minor(row.value, currency_decimals)
    return value / formatting.from_minor(row.qty, qty_decimals)


# --- the ledger card --------------------------------------------------------------------------------------


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
