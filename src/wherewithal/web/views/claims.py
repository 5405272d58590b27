"""Reservations: the claims on stock, making some, giving one up."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from wherewithal.items import queries as items
from wherewithal.items.units import LARGEST_QTY, convert
from wherewithal.kit.errors import Problem, Refused
from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.stock.queries import ReservationSort
from wherewithal.stock.services import ReservationDraft
from wherewithal.web import fields, formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.reservations import ClaimForm, ClaimLineForm
from wherewithal.web.lookups import FoundItem, find_item
from wherewithal.web.pages import Undo, act, back_of, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page

NAMES = {"item_id": "item", "location_id": "location", "lot_id": "lot"}


@page("stock.read", shows="now")
def reservations(request: HttpRequest, desk: Desk) -> HttpResponse:
    table = _table(desk)
    return table_page(request, desk, "web/reservations.html", table, lambda ask: _rows(desk, ask))


def _qty(row: Any, name: str) -> Decimal:
    return formatting.from_minor(getattr(row, name), row.qty_decimals)


def _table(desk: Desk) -> Table:
    columns = [
        tables.text(_("For"), lambda row: row.reference or "", lead=True),
        tables.text(_("Item"), "sku", sort="item", link=lambda row: desk.link("item", row.item_id)),
        tables.text(_("Name"), "item_name", clip=True),
        tables.text(_("Place"), "location_code", link=lambda row: desk.link("location", row.location_id)),
        tables.text(_("Lot or serial"), "lot_code", phone=False),
        tables.quantity(_("Claimed"), lambda row: _qty(row, "qty"), "unit_code", phone=False),
        tables.quantity(_("Still open"), lambda row: _qty(row, "open_qty"), "unit_code"),
        tables.instant(_("Since"), "created_at", desk.timezone, phone=False, sort="since"),
    ]
    may_release = desk.may("stock.reserve")
    return Table(
        key="reservations",
        title=_("Reservations"),
        columns=tuple(columns),
        filters=(
            Filter("state", _("State"), choices=(("all", _("closed ones too")),), unset=_("open")),
            Filter("item", _("Item (SKU)"), kind="code"),
            Filter("for", _("For"), kind="code"),
        ),
        actions=(lambda row: _actions(desk, row)) if may_release else None,
        row_id=(lambda row: row.reservation_id) if may_release else None,
        bulk=_together(desk) if may_release else (),
        default_sort="-since",
        empty_title=_("Nothing is reserved"),
        empty_text=_("A reservation holds stock for an order or a job, so that nobody else can take it."),
    )


def _together(desk: Desk) -> list[tables.BulkAction]:
    confirm = _("Give up the chosen claims?")
    return [tables.BulkAction(_("Release"), desk.link("reservations_release"), "lock-open", confirm=confirm)]


def _actions(desk: Desk, row: Any) -> list[tables.Action]:
    if not row.open_qty:
        return []
    href = desk.link("reservation_release", row.reservation_id)
    return [tables.Action(_("Release"), href, "lock-open")]


def _rows(desk: Desk, ask: Ask) -> Page:
    item = find_item(desk, ask.filters["item"]) if ask.get("item") else None
    if ask.get("item") and item is None:
        return Page([])
    sort = ReservationSort(ask.sort)
    rows = stock.list_reservations(
        desk.company_id,
        item_id=item.item_id if item else None,
        reference=ask.get("for"),
        only_open=ask.get("state") != "all",
        sort=sort,
        descending=ask.descending,
        after=ask.place(*((str,) if sort == ReservationSort.ITEM else ()), int),
        limit=ask.limit,
    )
    return full_page(rows, ask, lambda row: list(row.place(sort)))


# --- making some ------------------------------------------------------------------------------------------


@page("stock.reserve")
def reservation_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    line_forms = fields.line_formset(ClaimLineForm, extra=1)
    options = {"desk": desk}
    if request.method != "POST":
        first = [{"item": request.GET["item"][:100]}] if request.GET.get("item") else []
        header = ClaimForm(initial={"idempotency_key": uuid.uuid4().hex})
        return _show(request, header, line_forms(prefix="lines", form_kwargs=options, initial=first))
    with desk.reading():
        header = ClaimForm(request.POST)
        lines = line_forms(request.POST, prefix="lines", form_kwargs=options)
        valid = all([header.is_valid(), lines.is_valid()])
        if valid and not lines.filled:
            header.add_error(None, _("Fill in at least one line."))
            valid = False
        if not valid:
            return _show(request, header, lines)
        drafts: list[ReservationDraft] = []
        for line in lines.filled:
            try:
                drafts += _drafts(desk, line)
            except Refused as refused:
                fields.take_refusal(line, refused, NAMES)
        if any(line.errors for line in lines.filled):
            return _show(request, header, lines)
    data = header.cleaned_data
    try:
        made = act(
            lambda: services.reserve(
                company_id=desk.company_id,
                actor_id=desk.user_id,
                idempotency_key=f"web:{data['idempotency_key']}",
                lines=drafts,
                reference=data["reference"],
                now=desk.now,
                today=desk.today,
            )
        )
    except Refused as refused:
        rows = lines.filled if len(drafts) == len(lines.filled) else []
        fields.take_line_refusal(header, rows, refused, NAMES)
        return _show(request, header, lines)
    back = desk.link("reservations")
    undo = Undo(desk.link("reservations_release"), [("back", back), *(("chosen", str(one)) for one in made)])
    return done(request, _("Claims made: %(n)s.") % {"n": len(made)}, back, undo=undo)


def _show(request: HttpRequest, header: ClaimForm, lines: fields.LineFormSet) -> HttpResponse:
    context = {"header": header, "lines": lines}
    return render(request, "web/reservation_form.html", context, status=422 if header.is_bound else 200)


def _drafts(desk: Desk, line: ClaimLineForm) -> list[ReservationDraft]:
    """The claims of a line; where it names no place, what expires first is taken first."""
    data = line.cleaned_data
    item: FoundItem = data["item"]
    lot_id = _lot_id(desk, item, data["lot"] or item.lot_code)
    if data["location"] is not None:
        unit = data["unit"] or item.unit_code
        return [ReservationDraft(item.item_id, data["location"].id, data["qty"], unit, lot_id)]
    facts = items.costing_items(desk.company_id, [item.item_id])[item.item_id]
    wanted = convert(facts, data["qty"], data["unit"] or item.unit_code)
    drafts, left = [], wanted
    for pick in stock.suggest_picks(desk.company_id, item_id=item.item_id, qty=LARGEST_QTY, today=desk.today):
        taken = min(left, pick.qty) if lot_id in (0, pick.lot_id) else 0
        if taken > 0:
            qty = formatting.from_minor(taken, facts.qty_decimals)
            drafts.append(ReservationDraft(item.item_id, pick.location_id, qty, None, pick.lot_id))
            left -= taken
    if left:
        shown = formatting.quantity(formatting.from_minor(wanted - left, facts.qty_decimals))
        message = _("Only %(qty)s %(unit)s are free to be claimed.") % {"qty": shown, "unit": facts.unit_code}
        raise Refused(Problem("qty", "available", message))
    return drafts


def _lot_id(desk: Desk, item: FoundItem, code: str | None) -> int:
    """The lot that the line names; 0 where it names none."""
    if not code:
        return 0
    lot_id = items.lot_ids(desk.company_id, [(item.item_id, code)]).get((item.item_id, code))
    if lot_id is None:
        message = _("%(sku)s has no lot or serial %(code)s.") % {"sku": item.sku, "code": code}
        raise Refused(Problem("lot", "exists", message))
    return lot_id


# --- giving up --------------------------------------------------------------------------------------------


@page("stock.reserve")
def reservation_release(request: HttpRequest, desk: Desk, reservation_id: int) -> HttpResponse:
    """A page that asks, and the POST that does."""
    if request.method != "POST":
        context = {"reservation_id": reservation_id}
        return render(request, "web/reservation_release.html", context)
    undo = _claim_again(desk, [reservation_id])
    try:
        act(lambda: _release(desk, [reservation_id]))
    except Refused:
        return redirect(desk.link("reservations"))
    return done(request, _("The claim is given up."), desk.link("reservations"), undo=undo)


@require_POST
@page("stock.reserve")
def reservations_release(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Give up several claims at once, all or none."""
    chosen = tables.chosen(request)
    undo = _claim_again(desk, chosen)
    given_up = act(lambda: _release(desk, chosen))
    message = ngettext("%(n)s claim is given up.", "%(n)s claims are given up.", given_up)
    return done(request, message % {"n": given_up}, back_of(request, desk), undo=undo)


def _claim_again(desk: Desk, reservation_ids: Sequence[int]) -> Undo | None:
    """The form of a reservation, filled with what is about to be given up, as long as it is for one purpose."""
    with desk.reading():
        rows = stock.list_reservations(
            desk.company_id, reservation_ids=reservation_ids, limit=len(reservation_ids)
        )
    if len({row.reference for row in rows}) != 1:
        return None
    given = {
        "idempotency_key": uuid.uuid4().hex,
        "reference": rows[0].reference or "",
        "lines-TOTAL_FORMS": str(len(rows)),
        "lines-INITIAL_FORMS": "0",
    }
    for at, row in enumerate(rows):
        line = {
            "item": row.sku,
            "qty": fields.NumberField().prepare_value(_qty(row, "open_qty")),
            "location": row.location_code,
            "lot": row.lot_code,
        }
        given |= {f"lines-{at}-{name}": value for name, value in line.items()}
    return Undo(desk.link("reservation_new"), [*given.items()])


def _release(desk: Desk, reservation_ids: Sequence[int]) -> int:
    return services.release(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        quantities=dict.fromkeys(reservation_ids),
        now=desk.now,
    )
