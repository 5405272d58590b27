"""Lots and serials: the list, one with where it lies, its story and its trace, and what blocks or releases it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from wherewithal.items import queries as items
from wherewithal.items import services as item_services
from wherewithal.items.values import LotStatus
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock.queries import (
    Detail,
    MoveFilter,
    OnHandFilter,
)
from wherewithal.web import formatting, tables, trace_graph
from wherewithal.web.desk import Desk
from wherewithal.web.forms.items import LotStatusForm
from wherewithal.web.lookups import find_item
from wherewithal.web.names import LOT_STATUSES, document_kind, lot_status, status_on
from wherewithal.web.pages import Undo, act, attempt, back_of, done, page, table_page
from wherewithal.web.tables import Ask, Column, Filter, Page, Table, full_page
from wherewithal.web.views.stock import move_columns, on_hand_columns


@page("items.read", shows="now")
def lot_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    return table_page(request, desk, "web/lots.html", _lot_table(desk), lambda ask: _lots(desk, ask))


def _lot_table(desk: Desk) -> Table:
    statuses = [(str(status.value), label) for status, (label, _tone) in LOT_STATUSES.items()]
    return Table(
        key="lots",
        title=_("Lots and serials"),
        columns=lot_columns(desk),
        filters=(
            Filter("status", _("Status"), choices=statuses),
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter("expires", _("Expires before"), kind="day"),
        ),
        search_hint=_("Beginning of a lot or serial"),
        row_id=(lambda row: row["id"]) if may_block(desk) else None,
        bulk=_lot_actions(desk) if may_block(desk) else (),
        empty_title=_("No lots yet"),
        empty_text=_("Lots and serials are made when goods that need them are received."),
    )


def lot_columns(desk: Desk, *, of_item: bool = False) -> tuple[Column, ...]:
    """The columns of a list of lots; the item is left out where all are of one."""
    code = tables.text(_("Code"), "code", lead=True, link=lambda row: desk.link("lot", row["id"]))
    item = (
        tables.text(_("Item"), "sku", link=lambda row: desk.link("item", row["item_id"])),
        tables.text(_("Name"), "item_name", clip=True),
    )
    return (
        code,
        *(() if of_item else item),
        tables.tag(
            _("Status"),
            lambda row: status_on(desk.today, row["status"], row["expires_on"]),
            lot_status,
            key="status",
        ),
        tables.day(_("Made on"), "manufactured_on", phone=False),
        tables.day(_("Best before"), "best_before_on", phone=False),
        tables.day(_("Expires"), "expires_on"),
    )


def may_block(desk: Desk) -> bool:
    """Whoever counts goods may also block what leaks."""
    return desk.may("stock.adjust") or desk.may("items.write")


def _lot_actions(desk: Desk) -> list[tables.BulkAction]:
    """The statuses that a person gives; what is expired is so by its date."""
    wanted = (
        (LotStatus.AVAILABLE, _("Release"), "lock-open", ""),
        (LotStatus.QUARANTINED, _("Quarantine"), "lock", ""),
        (LotStatus.RECALLED, _("Recall"), "alert-triangle", _("Recall the chosen lots?")),
    )
    return [
        tables.BulkAction(label, desk.link("lots_status"), icon, "status", str(status.value), confirm)
        for status, label, icon, confirm in wanted
    ]


@require_POST
@page("items.read", shows="now")
def lots_status(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give several lots a status at once."""
    if not may_block(desk):
        require(desk.actor, "items.write")
    lot_ids, given = tables.chosen(request), request.POST.get("status", "")
    if not given.isdigit() or int(given) not in set(LotStatus):
        raise refuse("status", "choice", _("Choose one of the statuses of a lot."))
    changed = act(
        lambda: item_services.set_lot_status(
            company_id=desk.company_id, actor_id=desk.user_id, lot_ids=lot_ids, status=int(given)
        )
    )
    label, _tone = lot_status(int(given))
    message = ngettext("%(n)s lot is now “%(status)s”.", "%(n)s lots are now “%(status)s”.", changed) % {
        "n": changed,
        "status": label,
    }
    return done(request, message, back_of(request, desk))


def _lots(desk: Desk, ask: Ask) -> Page:
    item = find_item(desk, ask.filters["item"]) if ask.get("item") else None
    if ask.get("item") and item is None:
        return Page([])
    after = ask.place(int)
    rows = items.list_lots(
        desk.company_id,
        item_id=item.item_id if item else None,
        status=ask.whole("status"),
        today=desk.today,
        expires_before=ask.day("expires"),
        code_prefix=ask.q,
        after_id=after[0] if after else 0,
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: [row["id"]])


@page("items.read")
def lot(request: HttpRequest, desk: Desk, lot_id: int) -> HttpResponse:
    """A lot: its dates, where it lies, its story. A POST changes its status."""
    with desk.reading():
        found = items.get_lot(desk.company_id, lot_id)
    if found is None:
        raise NotFound(Problem("lot", "exists", _("There is no such lot in this company.")))
    form = LotStatusForm(
        request.POST if request.method == "POST" else None, initial={"status": str(found["status"])}
    )
    if request.method == "POST":
        if not may_block(desk):
            require(desk.actor, "items.write")

        def change() -> int:
            return item_services.set_lot_status(
                company_id=desk.company_id,
                actor_id=desk.user_id,
                lot_ids=[lot_id],
                status=int(form.cleaned_data["status"]),
            )

        if form.is_valid() and attempt(form, change):
            here = desk.link("lot", lot_id)
            undo = Undo(here, [("status", str(found["status"]))])
            return done(request, _("The status is changed."), here, undo=undo)
    with desk.reading():
        return render(request, "web/lot.html", _lot_context(request, desk, found, form))


def _lot_context(
    request: HttpRequest, desk: Desk, found: dict[str, Any], form: LotStatusForm
) -> dict[str, Any]:
    cells = stock.on_hand(
        desk.company_id,
        today=desk.today,
        detail=Detail.LOCATION,
        filters=OnHandFilter(item_ids=[found["item_id"]], lot_id=found["id"]),
        as_of=desk.as_of,
        known_at=desk.known_at,
        limit=200,
    )
    lies = Table(
        key="cells",
        title=_("Where it lies"),
        columns=on_hand_columns(desk, Detail.LOCATION)[2:],
        tools=False,
        empty_title=_("None on hand"),
    )
    label, tone = lot_status(status_on(desk.day, found["status"], found["expires_on"]))
    trace = stock.trace(desk.company_id, item_id=found["item_id"], lot_id=found["id"])
    start = stock.TraceNode(found["item_id"], found["id"])
    return {
        "trace": trace,
        "trace_table": _trace_list(request, desk, trace),
        "graph": trace_graph.draw(trace, start, lambda node: _node_link(desk, node), _("not named")),
        "story": _changes_of_lot(desk, found["id"]),
        "lot": found,
        "status": label,
        "tone": tone,
        "cells": tables.show(request, lies, lambda ask: Page(tables.in_order(cells, lies, ask))),
        "moves": _lot_moves(request, desk, found),
        "form": form,
        "expired": found["expires_on"] is not None and found["expires_on"] < desk.today,
        "soon": found["expires_on"] is not None and found["expires_on"] < desk.today + timedelta(days=30),
    }


def _lot_moves(request: HttpRequest, desk: Desk, found: dict[str, Any]) -> tables.ShownTable:
    wanted = MoveFilter(
        item_id=found["item_id"], lot_id=found["id"], to_day=desk.as_of, known_at=desk.known_at
    )
    table = Table(
        key="story",
        title=_("Its story"),
        columns=move_columns(desk, without=("sku", "lot_code")),
        empty_title=_("It has not moved"),
    )

    def source(ask: Ask) -> Page:
        rows = stock.list_moves(desk.company_id, filters=wanted, after=ask.place(int), limit=ask.limit)
        return full_page(rows, ask, lambda row: [row.move_id])

    return tables.show(request, table, source)


def _trace_list(request: HttpRequest, desk: Desk, trace: stock.Trace) -> tables.ShownTable:
    """The picture of the trace as a list."""
    table = Table(
        key="trace",
        title=_("The trace as a list"),
        columns=(
            tables.text(_("From"), "source"),
            tables.text(_("Into"), "target"),
            tables.text(
                _("Document"), "number", lead=True, link=lambda row: desk.link("document", row["document_id"])
            ),
            tables.text(_("Kind"), "kind", phone=False),
            tables.quantity(_("Quantity"), "qty", "unit"),
        ),
    )
    rows = [_trace_row(trace, link) for link in trace.links]
    return tables.show(request, table, lambda ask: tables.sliced(rows, table, ask))


def _trace_row(trace: stock.Trace, link: stock.TraceLink) -> dict[str, Any]:
    """One link of the trace in words."""
    unit, decimals = trace.units[link.source.item_id or link.target.item_id]
    called = {node: " ".join(filter(None, trace.labels[node])) for node in (link.source, link.target)}
    return {
        "source": called[link.source] or _("not named"),
        "target": called[link.target] or _("not named"),
        "document_id": link.document_id,
        "number": link.document_number,
        "kind": document_kind(link.kind),
        "qty": formatting.from_minor(link.qty, decimals),
        "unit": unit,
    }


def _node_link(desk: Desk, node: stock.TraceNode) -> str:
    """The page of a node, for those who may see it."""
    if node.party_id:
        return desk.link("party", node.party_id) if node.party_id > 0 and desk.may("parties.read") else ""
    return desk.link("lot", node.lot_id) if node.lot_id else desk.link("item", node.item_id)


def _changes_of_lot(desk: Desk, lot_id: int) -> list[dict[str, Any]]:
    """Who made the lot, and who blocked or released it."""
    rows = items.lot_history(desk.company_id, lot_id)
    names = people.usernames({row["actor_id"] for row in rows if row["actor_id"]})
    changes = []
    for row in rows:
        if row["action"] == "insert":
            text = pgettext("of a lot", "made")
        elif "status" in (row["new"] or {}):
            text = str(lot_status(int(row["new"]["status"]))[0])
        else:
            text = _("changed")
        changes.append({"at": row["at"], "who": names.get(row["actor_id"] or 0, ""), "text": text})
    return changes
