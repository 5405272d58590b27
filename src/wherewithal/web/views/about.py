"""What is recorded about a document that is on record: its return, its price, its quantities, its undoing."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.kit.words import translated
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind
from wherewithal.stock.rights import require_taking_back
from wherewithal.web import preview
from wherewithal.web.desk import Desk
from wherewithal.web.forms.about import ABOUT, AboutForm, ReverseForm
from wherewithal.web.names import document_kind
from wherewithal.web.pages import act, attempt, page
from wherewithal.web.preview import Look
from wherewithal.web.views.documents import record, recorded

LINE_FIELDS = frozenset({"qty", "lines", "lot_id", "amount", "of_move_id", "item_id"})


@page("stock.read", shows="now")
def document_about(request: HttpRequest, desk: Desk, document_id: int, about: str) -> HttpResponse:
    described = ABOUT.get(about)
    if described is None:
        raise NotFound(Problem("about", "known", _("There is no such page.")))
    require(desk.actor, described.permission)
    with desk.reading():
        found = stock.get_document(desk.company_id, document_id)
        if found.kind not in described.of:
            message = _("That does not fit a document of this kind.")
            raise NotFound(Problem("document", "kind", message))
        moves = [
            move
            for move in stock.moves_of_document(desk.company_id, document_id)
            if move.kind in described.moves
        ]
        initial = {"effective_at": desk.now, "idempotency_key": uuid.uuid4().hex}
        form = AboutForm(
            _posted(request), desk=desk, about=described, document=found, moves=moves, initial=initial
        )
        valid = form.is_valid()

    def write() -> BatchResult:
        return record(desk, form.cleaned_data["idempotency_key"], form.draft())

    def show(status: int, look: Look | None = None) -> HttpResponse:
        context = {"document": found, "form": form, "about": described, "look": look}
        return render(request, "web/document_about.html", context, status=status)

    if preview.wanted(request):
        look = preview.of_documents(desk, write) if valid else preview.UNFINISHED
        return preview.answer(request, look) if request.headers.get("HX-Request") else show(200, look)
    if not valid:
        return show(422 if form.is_bound else 200)
    try:
        result = act(write)
    except Refused as refused:
        for problem in refused.problems:
            on_line = problem.row is not None and problem.row < len(form.chosen)
            name = form.name_of(form.chosen[problem.row][0]) if on_line and problem.row is not None else None
            form.add_error(name if problem.field in LINE_FIELDS else None, translated(problem.message))
        return show(422)
    return recorded(request, desk, result)


@page("stock.read", shows="now")
def document_reverse(request: HttpRequest, desk: Desk, document_id: int) -> HttpResponse:
    with desk.reading():
        found = stock.get_document(desk.company_id, document_id)
    require_taking_back(desk.actor, found, today=desk.today, timezone=desk.timezone)
    form = ReverseForm(_posted(request), initial={"idempotency_key": uuid.uuid4().hex})
    at = datetime.now(UTC)

    def reverse(note: str = "-", key: str = "preview") -> BatchResult:
        draft = DocumentDraft(
            kind=DocumentKind.REVERSAL,
            effective_at=at,
            of_document_id=document_id,
            reference=found.number,
            note=note,
        )
        return record(desk, key, draft)

    def show(status: int, look: Look | None = None) -> HttpResponse:
        context = {
            "document": found,
            "kind": document_kind(found.kind),
            "form": form,
            "count": found.move_count,
            "look": look,
        }
        return render(request, "web/document_reverse.html", context, status=status)

    if preview.wanted(request):
        look = preview.of_documents(desk, lambda: reverse(key=f"preview-{uuid.uuid4().hex}"))
        return preview.answer(request, look) if request.headers.get("HX-Request") else show(200, look)
    if request.method != "POST" or not form.is_valid():
        return show(422 if form.is_bound else 200)
    data = form.cleaned_data
    if not attempt(form, lambda: reverse(data["note"], data["idempotency_key"])):
        return show(422)
    return recorded(request, desk, form.outcome)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
