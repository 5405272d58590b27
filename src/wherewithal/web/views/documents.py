"""Goods documents: the forms that record them, and the page that shows one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind
from wherewithal.stock.queries import DocumentRow, MoveRow
from wherewithal.stock.rights import may_take_back
from wherewithal.web import fields, preview, tables, usual
from wherewithal.web.desk import Desk
from wherewithal.web.forms.about import ABOUT
from wherewithal.web.forms.documents import (
    KINDS,
    HeaderForm,
    Kind,
    LineForm,
    document_draft,
    fits_by_hand,
)
from wherewithal.web.lookups import RECEIPTS, find_receipt
from wherewithal.web.names import DOCUMENT_KINDS, document_kind
from wherewithal.web.pages import Undo, act, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page
from wherewithal.web.views import files
from wherewithal.web.views.stock import qty_of

MOST_LINES_TO_BEGIN = 100
VALUED = frozenset(
    (
        DocumentKind.OPENING.value,
        DocumentKind.RECEIPT.value,
        DocumentKind.ISSUE.value,
        DocumentKind.ADJUSTMENT.value,
        DocumentKind.SCRAP.value,
        DocumentKind.RETURN_TO_SUPPLIER.value,
        DocumentKind.RETURN_FROM_CUSTOMER.value,
        DocumentKind.PRODUCTION.value,
    )
)
"""Documents whose moves bring goods into stock or take them out."""


# --- a new document ---------------------------------------------------------------------------------------


@page("stock.read", shows="now")
def document_new(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    form_kind = KINDS.get(kind)
    if form_kind is None:
        raise NotFound(Problem("kind", "known", _("There is no such document.")))
    require(desk.actor, form_kind.permission)
    line_forms = fields.line_formset(LineForm, extra=1)
    options: dict[str, Any] = {"desk": desk, "kind": form_kind}
    if request.method != "POST" or "chosen" in request.POST:
        initial = {"effective_at": desk.now, "idempotency_key": uuid.uuid4().hex}
        with desk.reading():
            header = HeaderForm(initial=initial, **options)
            first = _chosen_receipts(request, desk) if form_kind.spreads else _first_line(request)
            lines = line_forms(prefix="lines", form_kwargs=options, initial=first)
            lines.forms[0].initial = usual.places(request, desk, kind) | lines.forms[0].initial
            for line in lines.forms:
                line.name_initial()
        return _show_form(request, form_kind, header, lines)
    looks = preview.wanted(request)
    with desk.reading():
        header = HeaderForm(request.POST, **options)
        lines = line_forms(request.POST, prefix="lines", form_kwargs=options)
        valid = _valid(header, lines) and (not form_kind.spreads or fits_by_hand(header, lines.filled))
        draft = document_draft(form_kind, header, lines.filled) if valid else None

    def write() -> BatchResult:
        assert draft is not None, "only what is filled in is recorded"
        return record(desk, header.cleaned_data["idempotency_key"], draft)

    if looks:
        look = preview.UNFINISHED if draft is None else preview.of_documents(desk, write)
        if request.headers.get("HX-Request"):
            return preview.answer(request, look)
        return _show_form(request, form_kind, header, lines, look)
    if draft is None:
        return _show_form(request, form_kind, header, lines)
    try:
        result = act(write)
    except Refused as refused:
        fields.take_line_refusal(header, lines.filled, refused, form_kind.names)
        return _show_form(request, form_kind, header, lines)
    usual.remember(request, desk, kind, lines.filled[-1].cleaned_data)
    return recorded(request, desk, result)


def _first_line(request: HttpRequest) -> list[dict[str, str]]:
    """A line begun by the page one comes from: ?item=SKU&lot=...; such a page may know the whole line."""
    names = ("item", "qty", "from_location", "to_location", "lot")
    given = {name: request.GET.get(name, "")[:100] for name in names if request.GET.get(name)}
    return [given] if "item" in given else []


def _chosen_receipts(request: HttpRequest, desk: Desk) -> list[dict[str, str]]:
    """The receipts that were chosen in the list of documents; from the page of one (?receipt=), each of its lines."""
    ids = tables.chosen(request)
    rows = stock.list_documents(desk.company_id, kinds=RECEIPTS, ids=ids, limit=len(ids)) if ids else []
    numbers = [row.number for row in reversed(rows)]
    one = find_receipt(desk, request.GET.get("receipt", ""))
    if one is not None:
        few = len(one.lines) <= MOST_LINES_TO_BEGIN
        numbers = [f"{one.number}/{line}" for line in one.lines] if few else [one.number]
    return [{"receipt": number} for number in numbers]


def _valid(header: HeaderForm, lines: fields.LineFormSet) -> bool:
    """Both, so that all faults show at once; a document without lines is a fault of the header."""
    both = [header.is_valid(), lines.is_valid()]
    if lines.is_valid() and not lines.filled:
        header.add_error(None, _("Fill in at least one line."))
        return False
    return all(both)


def record(desk: Desk, key: str, draft: DocumentDraft) -> BatchResult:
    return services.record(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        idempotency_key=f"web:{key}",
        documents=[draft],
        source="web",
    )


def recorded(request: HttpRequest, desk: Desk, result: BatchResult) -> HttpResponse:
    document = result.documents[0]
    values = {"kind": document_kind(document.kind), "number": document.number}
    message = _("%(kind)s %(number)s is recorded.") % values
    href = desk.link("document", document.document_id, as_of=None, known_at=None)
    return done(request, message, href, undo=_reversal(desk, document.document_id, document.kind))


def _reversal(desk: Desk, document_id: int, kind: str) -> Undo | None:
    """Taking back what was just recorded, in one step; a reversal is not reversed."""
    if kind == DocumentKind.REVERSAL:
        return None
    given = [("note", _("Taken back at once")), ("idempotency_key", f"undo-{document_id}")]
    return Undo(desk.link("document_reverse", document_id), given, _("Take back"))


def _show_form(
    request: HttpRequest,
    kind: Kind,
    header: HeaderForm,
    lines: fields.LineFormSet,
    look: preview.Look | None = None,
) -> HttpResponse:
    context = {"kind": kind, "header": header, "lines": lines, "look": look}
    status = 422 if header.is_bound and look is None else 200
    return render(request, "web/document_form.html", context, status=status)


# --- the list ---------------------------------------------------------------------------------------------


@page("stock.read", shows="now")
def document_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every document, the latest first."""
    return table_page(request, desk, "web/documents.html", _table(desk), lambda ask: _documents(desk, ask))


def _table(desk: Desk) -> Table:
    return Table(
        key="documents",
        title=_("Documents"),
        columns=document_columns(desk),
        filters=(
            Filter("kind", _("Kind"), choices=[(str(kind), name) for kind, name in DOCUMENT_KINDS.items()]),
        ),
        row_id=(lambda row: row.document_id) if desk.may("costing.write") else None,
        bulk=_together(desk) if desk.may("costing.write") else (),
        search_hint=_("Beginning of a number or reference"),
        empty_title=_("No documents yet"),
        empty_text=_(
            "A document is what happened at one moment: a delivery, a shipment, a count. Record the first one."
        ),
    )


def document_columns(desk: Desk) -> tuple[tables.Column, ...]:
    return (
        tables.instant(_("When"), "effective_at", desk.timezone),
        tables.text(
            _("Number"), "number", lead=True, link=lambda row: desk.link("document", row.document_id)
        ),
        tables.text(_("Kind"), lambda row: document_kind(row.kind)),
        tables.text(
            _("With"),
            "party_name",
            link=lambda row: desk.link("party", row.party_id) if row.party_id else None,
            phone=False,
            clip=True,
        ),
        tables.text(_("Reference"), "reference", phone=False, clip=True),
        tables.number(_("Moves"), "move_count", phone=False),
        tables.instant(_("Recorded"), "recorded_at", desk.timezone, phone=False),
    )


def _together(desk: Desk) -> list[tables.BulkAction]:
    """What may be recorded about several documents at once."""
    label = _("Freight or duty of the receipts chosen")
    return [tables.BulkAction(label, desk.link("document_new", "landed_cost"), "truck-delivery")]


def _documents(desk: Desk, ask: Ask) -> Page:
    kind = ask.get("kind")
    before: Any = ask.place(datetime.fromisoformat, int)
    rows = stock.list_documents(
        desk.company_id, kinds=[kind] if kind else None, text=ask.q or None, before=before, limit=ask.limit
    )
    return full_page(rows, ask, lambda row: [row.effective_at.isoformat(), row.document_id])


# --- one document -----------------------------------------------------------------------------------------


@page("stock.read", shows="fact")
def document(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    found = stock.get_document(desk.company_id, document_id)
    moves = stock.moves_of_document(desk.company_id, document_id)
    entries = ledger.entries_of_batch(desk.company_id, found.batch_id) if desk.may("ledger.read") else []
    context = {
        "document": found,
        "kind": document_kind(found.kind),
        "who": people.usernames({found.actor_id}).get(found.actor_id, "") if found.actor_id else "",
        "moves": _moves_of(request, desk, found, moves),
        "entries": [entry for entry in entries if entry.book_id == desk.book_id],
        "files": files.shown(desk, "document", document_id),
        "ways": _ways(desk, found),
        "may_reverse": found.kind != DocumentKind.REVERSAL.value
        and may_take_back(desk.actor, found, today=desk.today, timezone=desk.timezone),
    }
    return render(request, "web/document.html", context)


def _moves_of(
    request: HttpRequest, desk: Desk, found: DocumentRow, moves: list[MoveRow]
) -> tables.ShownTable:
    """The lines; who may see amounts sees what each is worth in the book shown, as now known."""
    values: dict[int, int] = {}
    valued = found.kind in VALUED and desk.may("ledger.read")

    def lines(ask: Ask) -> Page:
        shown = tables.sliced(moves, table, ask)
        if valued:
            values.update(
                stock.values_of_moves(
                    desk.company_id, shown.rows, book_id=desk.book_id, known_at=desk.known_at
                )
            )
        return shown

    table = Table(
        key="moves",
        title=_("Moves"),
        columns=(
            tables.number(_("Line"), "line_no", phone=False, sort="line"),
            tables.text(
                _("Item"), "sku", lead=True, sort="sku", link=lambda row: desk.link("item", row.item_id)
            ),
            tables.text(_("Name"), "item_name", phone=False, clip=True),
            tables.text(_("From"), "from_code", link=lambda row: desk.link("location", row.from_location_id)),
            tables.text(_("Into"), "to_code", link=lambda row: desk.link("location", row.to_location_id)),
            tables.text(
                _("Lot or serial"),
                "lot_code",
                phone=False,
                link=lambda row: desk.link("lot", row.lot_id) if row.lot_id else None,
            ),
            tables.quantity(
                _("Quantity"), qty_of, "unit_code", link=lambda row: desk.link("move", row.move_id)
            ),
            *(_value_columns(desk, values) if valued else ()),
        ),
        empty_title=_("No goods moved"),
        empty_text=_("This document changes value only."),
    )
    return tables.show(request, table, lines)


def _value_columns(desk: Desk, values: Mapping[int, int]) -> tuple[tables.Column, ...]:
    """What one unit of a line cost, and the line's effect on stock, which leads to its explanation."""
    currency, decimals = desk.book.currency, desk.book.currency_decimals

    def value(row: MoveRow) -> Decimal | None:
        return desk.amount(values.get(row.move_id))

    def unit_cost(row: MoveRow) -> Decimal | None:
        worth = value(row)
        return None if worth is None or not row.qty else round(abs(worth / qty_of(row)), decimals + 4)

    return (
        tables.unit_cost(_("Unit cost"), unit_cost, currency, key="unit_cost", phone=False),
        tables.money(
            _("Value"),
            value,
            currency,
            decimals=decimals,
            key="value",
            link=lambda row: desk.link("explain_move", row.move_id) if row.move_id in values else None,
        ),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be recorded about a document."""

    label: Any
    href: str
    icon: str


def _ways(desk: Desk, found: DocumentRow) -> list[Way]:
    """What this person may record about a document of this kind."""
    ways = [
        Way(about.short, desk.link("document_about", found.document_id, name), about.icon)
        for name, about in ABOUT.items()
        if found.kind in about.of and desk.may(about.permission)
    ]
    if found.kind in RECEIPTS and desk.may("costing.write"):
        href = desk.link("document_new", DocumentKind.LANDED_COST.value, receipt=found.number)
        ways.append(Way(_("Freight or duty"), href, "truck-delivery"))
    return ways
