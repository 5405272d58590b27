"""What happens to an asset: a form for each kind with what it would post, and taking an event back."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BatchResult, EventDraft
from wherewithal.assets.fields import RoomKind
from wherewithal.assets.queries import Asset, TimelineRow
from wherewithal.assets.services import StockResult
from wherewithal.core.assets.facts import Kind
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.people.permissions import require
from wherewithal.web import fields, preview
from wherewithal.web.asset_names import EVENT_JOBS, EVENT_KINDS, EventKind, Text, event_name
from wherewithal.web.asset_preview import INCOMPLETE, Preview, preview_of
from wherewithal.web.desk import Desk
from wherewithal.web.forms.assets import EVENT_NAMES, EventForm, TakeBackForm
from wherewithal.web.pages import act, done, page
from wherewithal.web.views.assets import companies
from wherewithal.web.views.assets.timeline import stated

OF_ONE_BOOK = frozenset(
    {Kind.REVALUATION, Kind.IMPAIRMENT, Kind.IMPAIRMENT_REVERSAL, Kind.ESTIMATE_CHANGE, Kind.TERMS_CATCH_UP}
)
"""What one standard asks for and the next forbids: the book shown is proposed, not every book."""


@page("assets.read", shows="now")
def asset_record(request: HttpRequest, desk: Desk, asset_id: int) -> HttpResponse:
    """All that can happen to an asset, by job, as far as this person may record it."""
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
    groups = [
        Group(job.label, [kind for kind in job.kinds if desk.may(kind.permission)]) for job in EVENT_JOBS
    ]
    shown = [group for group in groups if group.kinds]
    if not shown:
        require(desk.actor, "assets.record")
    context = {"asset": found, "columns": _columns(shown)}
    return render(request, "web/asset_record.html", context)


class Group(NamedTuple):
    """The kinds of one job that this person may record."""

    label: Text
    kinds: Sequence[EventKind]


def _columns(groups: Sequence[Group]) -> list[list[Group]]:
    """Two columns of about one length."""
    columns: list[list[Group]] = [[], []]
    lengths = [0, 0]
    for group in sorted(groups, key=lambda group: -len(group.kinds)):
        shorter = lengths.index(min(lengths))
        columns[shorter].append(group)
        lengths[shorter] += len(group.kinds) + 1
    order = [group.label for group in groups]
    return [sorted(column, key=lambda group: order.index(group.label)) for column in columns if column]


@page("assets.read", shows="now")
def asset_event(request: HttpRequest, desk: Desk, asset_id: int, event_kind: str) -> HttpResponse:
    described = EVENT_KINDS.get(event_kind)
    if described is None:
        raise NotFound(Problem("kind", "known", _("There is no event of this kind.")))
    require(desk.actor, described.permission)
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
        form = _form(request, desk, found, described)
        valid = form.is_valid()
        draft = form.draft() if valid else None
    if request.method == "POST" and "preview" in request.POST:
        return _previewed(request, desk, form, draft)
    if draft is None:
        return _show(request, form)
    given = draft
    try:
        act(lambda: record(desk, form.cleaned_data["idempotency_key"], [given]))
    except Refused as refused:
        fields.take_refusal(form, refused, EVENT_NAMES)
        return _show(request, form)
    message = _("%(what)s of %(tag)s is recorded.") % {"what": event_name(event_kind), "tag": found.tag}
    return done(request, message, desk.link("asset", asset_id, as_of=None, known_at=None))


def record(desk: Desk, key: str, events: Sequence[EventDraft]) -> BatchResult:
    return services.record(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        idempotency_key=f"web:{key}",
        events=events,
        source="web",
    )


def _form(request: HttpRequest, desk: Desk, found: Asset, kind: EventKind) -> EventForm:
    options: dict[str, Any] = {"desk": desk, "asset": found, "kind": kind}
    if kind.kind == Kind.PART_IN:
        options["events"] = queries.events(desk.company_id, kind=str(Kind.PART_OUT), limit=100)
    else:
        options["events"] = list(reversed(queries.timeline(desk.company_id, found.asset_id)))
    if desk.may("ledger.read"):
        values = queries.book_values(desk.company_id, found.asset_id)
        options["terms"] = next((row.terms for row in values if row.book_id == desk.book_id), None)
    if request.method == "POST":
        return EventForm(request.POST, **options)
    first = {"effective_on": desk.day, "idempotency_key": uuid.uuid4().hex}
    if kind.kind in OF_ONE_BOOK:
        first["book"] = desk.book.code
    return EventForm(initial=first | _chosen(request), **options)


def _chosen(request: HttpRequest) -> dict[str, str]:
    """What the page one comes from has chosen already: ?of_event=12."""
    event = request.GET.get("of_event", "")
    return {"of_event": event} if event.isdigit() else {}


def _previewed(request: HttpRequest, desk: Desk, form: EventForm, draft: EventDraft | None) -> HttpResponse:
    found = INCOMPLETE if draft is None else _look(desk, draft)
    if request.headers.get("HX-Request"):
        return render(request, "web/_preview.html", {"preview": found})
    return _show(request, form, found)


def _look(desk: Desk, draft: EventDraft) -> Preview:
    """What the event would post, for those who may see what is posted."""
    require(desk.actor, "ledger.read")
    return preview_of(
        desk, lambda: services.preview(company_id=desk.company_id, actor_id=desk.user_id, events=[draft])
    )


def _look_at_goods(desk: Desk, write: Callable[[str, str], StockResult]) -> Preview:
    """The same where goods are moved too."""
    require(desk.actor, "ledger.read")
    return preview.of_decision(desk, lambda: write("preview", "").entry_ids).posting or INCOMPLETE


def _show(request: HttpRequest, form: EventForm, preview: Preview | None = None) -> HttpResponse:
    status = 422 if form.is_bound and preview is None else 200
    context = {
        "form": form,
        "asset": form.asset,
        "kind": form.kind,
        "moves_money": form.kind.permission == "assets.record",
        "preview": preview,
    }
    return render(request, "web/asset_event.html", context, status=status)


# --- taking back ------------------------------------------------------------------------------------------


@page("assets.read", shows="now", snapshot=False)
def asset_take_back(request: HttpRequest, desk: Desk, asset_id: int, event_id: int) -> HttpResponse:
    """As if it had never happened; the event stays on record, and so does who took it back and why. Goods that it moved
    are taken back with it."""
    with desk.reading():
        found = queries.asset(desk.company_id, asset_id)
        row = _event(desk, asset_id, event_id)
        said = stated(desk, row)
    if row.kind == Kind.INTERCOMPANY_OUT and row.counterpart:
        return companies.take_back(request, desk, found, row)
    kind = EVENT_KINDS.get(row.kind)
    require(desk.actor, kind.permission if kind else "assets.record")
    form = TakeBackForm(
        request.POST if request.method == "POST" else None, initial={"idempotency_key": uuid.uuid4().hex}
    )

    def draft(note: str) -> EventDraft:
        return EventDraft(Kind.REVERSAL, row.effective_on, asset_id=asset_id, of_event_id=event_id, note=note)

    def with_goods(key: str, note: str) -> StockResult:
        return services.take_back_goods(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            idempotency_key=key,
            effective_at=desk.now,
            event_id=event_id,
            note=note,
        )

    def take_back() -> object:
        key, note = form.cleaned_data["idempotency_key"], form.cleaned_data["note"]
        return record(desk, key, [draft(note)]) if row.move_id is None else with_goods(f"web:{key}", note)

    def show(status: int, look: Preview | None = None) -> HttpResponse:
        context = {
            "asset": found,
            "event": row,
            "name": event_name(row.kind),
            "stated": said,
            "form": form,
            "preview": look,
        }
        return render(request, "web/asset_take_back.html", context, status=status)

    if request.method == "POST" and "preview" in request.POST:
        look = _look(desk, draft("")) if row.move_id is None else _look_at_goods(desk, with_goods)
        if request.headers.get("HX-Request"):
            return render(request, "web/_preview.html", {"preview": look})
        return show(200, look)
    if not form.is_valid():
        return show(422 if form.is_bound else 200)
    try:
        act(take_back)
    except Refused as refused:
        fields.take_refusal(form, refused, EVENT_NAMES)
        return show(422)
    message = _("%(what)s of %(tag)s is taken back.") % {"what": event_name(row.kind), "tag": found.tag}
    return done(request, message, desk.link("asset", asset_id, as_of=None, known_at=None))


def _event(desk: Desk, asset_id: int, event_id: int) -> TimelineRow:
    """The event, if it is one that can be taken back."""
    rows = queries.timeline(desk.company_id, asset_id)
    row = next((row for row in rows if row.event_id == event_id), None)
    if row is None or row.kind == RoomKind.REGISTERED:
        raise NotFound(Problem("event_id", "exists", _("There is no such event to take back.")))
    return row
