"""Goods documents: the forms that record them, the page that shows one, its return and its reversal."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft, MoveKind
from wherewithal.stock.queries import DocumentRow, MoveRow
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.forms.documents import KINDS, NAMES, HeaderForm, Kind, LineForm, document_draft
from wherewithal.web.names import document_kind
from wherewithal.web.pages import act, attempt, done, page

# What goods of a document go back as, and the permission it takes.
RETURNS = {
    DocumentKind.RECEIPT.value: (DocumentKind.RETURN_TO_SUPPLIER, "stock.issue"),
    DocumentKind.ISSUE.value: (DocumentKind.RETURN_FROM_CUSTOMER, "stock.receive"),
}
RETURNED_KINDS = frozenset({MoveKind.RECEIPT, MoveKind.ISSUE})


# --- a new document ---------------------------------------------------------------------------------------


@page("stock.read")
def document_new(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    form_kind = KINDS.get(kind)
    if form_kind is None:
        raise NotFound(Problem("kind", "known", _("There is no such document.")))
    require(desk.actor, form_kind.permission)
    line_forms = fields.line_formset(LineForm, extra=1)
    options: dict[str, Any] = {"desk": desk, "kind": form_kind}
    if request.method != "POST":
        initial = {"effective_at": desk.now, "idempotency_key": uuid.uuid4().hex}
        header = HeaderForm(initial=initial, **options)
        lines = line_forms(prefix="lines", form_kwargs=options, initial=_first_line(request))
        return _show_form(request, form_kind, header, lines)
    with desk.reading():
        header = HeaderForm(request.POST, **options)
        lines = line_forms(request.POST, prefix="lines", form_kwargs=options)
        if not _valid(header, lines):
            return _show_form(request, form_kind, header, lines)
        draft = document_draft(form_kind, header, lines.filled)
    try:
        result = act(lambda: _record(desk, header.cleaned_data["idempotency_key"], draft))
    except Refused as refused:
        fields.take_line_refusal(header, lines.filled, refused, NAMES)
        return _show_form(request, form_kind, header, lines)
    return _recorded(request, desk, result)


def _first_line(request: HttpRequest) -> list[dict[str, str]]:
    """A line begun by the page one comes from: ?item=SKU."""
    item = request.GET.get("item", "")[:100]
    return [{"item": item}] if item else []


def _valid(header: HeaderForm, lines: fields.LineFormSet) -> bool:
    """Both, so that all faults show at once; a document without lines is a fault of the header."""
    both = [header.is_valid(), lines.is_valid()]
    if lines.is_valid() and not lines.filled:
        header.add_error(None, _("Fill in at least one line."))
        return False
    return all(both)


def _record(desk: Desk, key: str, draft: DocumentDraft) -> BatchResult:
    return services.record(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        idempotency_key=f"web:{key}",
        documents=[draft],
        source="web",
    )


def _recorded(request: HttpRequest, desk: Desk, result: BatchResult) -> HttpResponse:
    document = result.documents[0]
    values = {"kind": document_kind(document.kind), "number": document.number}
    message = _("%(kind)s %(number)s is recorded.") % values
    return done(request, message, desk.link("document", document.document_id, as_of=None, known_at=None))


def _show_form(
    request: HttpRequest, kind: Kind, header: HeaderForm, lines: fields.LineFormSet
) -> HttpResponse:
    context = {"kind": kind, "header": header, "lines": lines}
    return render(request, "web/document_form.html", context, status=422 if header.is_bound else 200)


# --- one document -----------------------------------------------------------------------------------------


@page("stock.read")
def document(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    found = stock.get_document(desk.company_id, document_id)
    moves = stock.moves_of_document(desk.company_id, document_id)
    entries = ledger.entries_of_batch(desk.company_id, found.batch_id) if desk.may("ledger.read") else []
    back = RETURNS.get(found.kind)
    context = {
        "document": found,
        "kind": document_kind(found.kind),
        "who": people.usernames({found.actor_id}).get(found.actor_id, "") if found.actor_id else "",
        "moves": [ShownMove(move) for move in moves[:500]],
        "more": max(0, len(moves) - 500),
        "entries": [entry for entry in entries if entry.book_id == desk.book_id],
        "may_return": back is not None and desk.may(back[1]),
        "may_reverse": desk.may("stock.reverse") and found.kind != DocumentKind.REVERSAL.value,
        "reversed_by": _reversals(desk, moves),
    }
    return render(request, "web/document.html", context)


class ShownMove:
    """A move with its quantity as a person reads it."""

    def __init__(self, move: MoveRow) -> None:
        self.move = move
        self.qty: Decimal = formatting.from_minor(move.qty, move.qty_decimals)


def _reversals(desk: Desk, moves: list[MoveRow]) -> bool:
    return any(move.kind == MoveKind.REVERSAL for move in moves)


# --- its return -------------------------------------------------------------------------------------------


class ReturnForm(fields.Form):
    """How much of each move goes back."""

    effective_at = fields.InstantField(label=_("When it happened"))
    reference = fields.TextField(label=_("Reference"), required=False)
    note = fields.TextField(label=_("Note"), required=False, longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, desk: Desk, moves: list[MoveRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moves = moves
        self.fields["effective_at"].timezone = desk.timezone  # type: ignore[attr-defined]  # an InstantField
        for move in moves:
            field = fields.NumberField(label=_("Quantity"), required=False, least="above")
            fields.dress(field)
            self.fields[f"qty_{move.move_id}"] = field

    @property
    def rows(self) -> list[tuple[ShownMove, forms.BoundField]]:
        return [(ShownMove(move), self[f"qty_{move.move_id}"]) for move in self.moves]

    @property
    def chosen(self) -> list[tuple[MoveRow, Decimal]]:
        given = [(move, self.cleaned_data[f"qty_{move.move_id}"]) for move in self.moves]
        return [(move, qty) for move, qty in given if qty is not None]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.chosen:
            self.add_error(None, _("Say how much of at least one line goes back."))
        return self.cleaned_data

    def draft(self, kind: DocumentKind, original: DocumentRow) -> DocumentDraft:
        lines = [
            LineDraft(item_id=move.item_id, qty=qty, of_move_id=move.move_id, row=row)
            for row, (move, qty) in enumerate(self.chosen)
        ]
        return DocumentDraft(
            kind=kind,
            effective_at=self.cleaned_data["effective_at"],
            lines=lines,
            party_id=original.party_id,
            reference=self.cleaned_data["reference"] or original.number,
            note=self.cleaned_data["note"] or None,
        )


@page("stock.read")
def document_return(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    with desk.reading():
        found = stock.get_document(desk.company_id, document_id)
        moves = [m for m in stock.moves_of_document(desk.company_id, document_id) if m.kind in RETURNED_KINDS]
    if found.kind not in RETURNS:
        raise NotFound(Problem("document", "kind", _("Goods of this document cannot be returned.")))
    kind, permission = RETURNS[found.kind]
    require(desk.actor, permission)
    initial = {"effective_at": desk.now, "idempotency_key": uuid.uuid4().hex}
    form = ReturnForm(_posted(request), desk=desk, moves=moves, initial=initial)
    context = {"document": found, "form": form, "title": document_kind(kind)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "web/document_return.html", context, status=422 if form.is_bound else 200)
    try:
        result = act(lambda: _record(desk, form.cleaned_data["idempotency_key"], form.draft(kind, found)))
    except Refused as refused:
        for problem in refused.problems:
            on_line = problem.row is not None and problem.row < len(form.chosen)
            name = (
                f"qty_{form.chosen[problem.row][0].move_id}" if on_line and problem.row is not None else None
            )
            form.add_error(name if problem.field in ("qty", "lines", "lot_id") else None, problem.message)
        return render(request, "web/document_return.html", context, status=422)
    return _recorded(request, desk, result)


# --- its reversal -----------------------------------------------------------------------------------------


class ReverseForm(fields.Form):
    note = fields.TextField(label=_("Why"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


@page("stock.reverse")
def document_reverse(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    with desk.reading():
        found = stock.get_document(desk.company_id, document_id)
        count = found.move_count
    form = ReverseForm(_posted(request), initial={"idempotency_key": uuid.uuid4().hex})

    def reverse() -> BatchResult:
        draft = DocumentDraft(
            kind=DocumentKind.REVERSAL,
            effective_at=datetime.now(UTC),
            of_document_id=document_id,
            reference=found.number,
            note=form.cleaned_data["note"],
        )
        return _record(desk, form.cleaned_data["idempotency_key"], draft)

    if request.method != "POST" or not form.is_valid() or not attempt(form, reverse):
        context = {"document": found, "kind": document_kind(found.kind), "form": form, "count": count}
        return render(request, "web/document_reverse.html", context, status=422 if form.is_bound else 200)
    return _recorded(request, desk, form.outcome)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
