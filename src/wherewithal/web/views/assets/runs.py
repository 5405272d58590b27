"""Depreciation runs: what a run would post, posting it, what was left out, past runs, taking the last one back."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import RunResult
from wherewithal.assets.queries import AssetBook, RunRow
from wherewithal.kit import jobs
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.kit.words import shown
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.web import fields, formatting, tables
from wherewithal.web.asset_preview import shown_book
from wherewithal.web.desk import Desk
from wherewithal.web.later import assets_later
from wherewithal.web.pages import attempt, done, page
from wherewithal.web.tables import Page, Table
from wherewithal.web.views.assets import timetables
from wherewithal.web.views.assets.timetables import TimetableForm, change
from wherewithal.web.views.assets.together import follows_us

MOST_AT_ONCE = 5_000
"""Assets of a company up to which a run is posted while one waits; beyond it is a job."""


class RunForm(fields.Form):
    """Up to which day a book is to be charged."""

    through_on = fields.DayField(label=gettext_lazy("Charge through the end of"))


@page("ledger.read", shows="now")
def runs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The books, the past runs, and a form that previews first and posts then."""
    if request.method != "POST":
        asked = RunForm(request.GET)
        asked.is_valid()
        through_on = asked.cleaned_data.get("through_on") or _next_end(desk)
        return _show(request, desk, RunForm(initial={"through_on": through_on}))
    require(desk.actor, "assets.depreciate")
    if "timetable" in request.POST:
        planned = TimetableForm(request.POST)
        changed = change(request, desk, planned)
        if changed is not None:
            return changed
        with desk.reading():
            blank = RunForm(initial={"through_on": _next_end(desk)})
        return _show(request, desk, blank, planned=planned, status=422)
    form = RunForm(request.POST)
    posts = "post" in request.POST
    if posts and form.is_valid() and _is_long(desk):
        return redirect(desk.link("run_job", _enqueue(desk, form)))
    if not form.is_valid() or not attempt(form, lambda: _run(desk, form, posts=posts)):
        return _show(request, desk, form, status=422)
    result: RunResult = form.outcome
    if not posts:
        return _show(request, desk, form, result)
    if result.run_id is None:
        return done(request, _("Nothing was due: no entry was posted."), desk.link("runs"))
    return done(
        request, _("Depreciation is posted."), desk.link("run", result.run_id, as_of=None, known_at=None)
    )


def _run(desk: Desk, form: RunForm, *, posts: bool) -> RunResult:
    ask = services.depreciate if posts else services.preview_depreciation
    return ask(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        book_id=desk.book_id,
        through_on=form.cleaned_data["through_on"],
    )


def _is_long(desk: Desk) -> bool:
    """Whether a run takes longer than a person waits before a page."""
    with desk.reading():
        return sum(row.asset_count for row in queries.classes(desk.company_id)) > MOST_AT_ONCE


def _enqueue(desk: Desk, form: RunForm) -> int:
    return services.start_run(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        book_id=desk.book_id,
        through_on=form.cleaned_data["through_on"],
    )


@page("ledger.read", shows="now")
def run_job(request: HttpRequest, desk: Desk, job_id: int) -> HttpResponse:
    """A long run while the worker does it; then its page."""
    with desk.reading():
        job = jobs.get_job(company_id=desk.company_id, job_id=job_id)
    if job["kind"] != "depreciation":
        raise NotFound(Problem("job", "kind", _("That job is no depreciation run.")))
    finished = job["state"] in ("done", "failed")
    if job["state"] == "done" and not request.headers.get("HX-Request"):
        run_id = (job["result"] or {}).get("run_id")
        if run_id is None:
            return done(request, _("Nothing was due: no entry was posted."), desk.link("runs"))
        return done(request, _("Depreciation is posted."), desk.link("run", run_id))
    context = {
        "job_id": job_id,
        "finished": finished,
        "problems": (job["result"] or {}).get("problems", []),
        "text": job["message"],
        "job": {
            "id": job_id,
            "text": job["message"] or _("Waiting for the worker"),
            "done": job["progress"] or 0,
            "total": job["total"],
            "finished": finished,
        },
    }
    if request.headers.get("HX-Request"):
        response = render(request, "web/_run_progress.html", context)
        if finished:
            response.headers["HX-Refresh"] = "true"
        return response
    return render(request, "web/run_job.html", context)


def _next_end(desk: Desk) -> date:
    """The end of the month after the last run; of the last month where there was none."""
    horizon = queries.asset_book(desk.company_id, desk.book_id).horizon_on
    first = desk.today.replace(day=1) - timedelta(days=1) if horizon is None else horizon + timedelta(days=1)
    return first.replace(day=monthrange(first.year, first.month)[1])


def _show(
    request: HttpRequest,
    desk: Desk,
    form: RunForm,
    look: RunResult | None = None,
    status: int = 200,
    planned: TimetableForm | None = None,
) -> HttpResponse:
    with desk.reading():
        past = queries.runs(desk.company_id, desk.book_id)
        names = people.usernames({row.actor_id for row in past if row.actor_id})
        context = {
            "form": form,
            "books": [_shown_state(desk, book) for book in queries.books(desk.company_id)],
            "table": tables.show(request, _past_table(desk, names), lambda ask: Page(past)),
            "look": look,
            "posting": _posting(desk, look) if look else None,
            "total": desk.amount(look.total) if look else None,
            "timetable": timetables.shown(desk, planned),
            "follows_us": follows_us(desk),
        }
        return render(request, "web/runs.html", context, status=status)


def _shown_state(desk: Desk, book: AssetBook) -> dict[str, Any]:
    return {
        "name": book.name,
        "currency": book.currency,
        "horizon_on": book.horizon_on,
        "current": book.book_id == desk.book_id,
        "href": desk.link("runs", book=None if book.is_primary else book.code),
    }


def _posting(desk: Desk, look: RunResult) -> Any:
    return shown_book(desk.book.name, desk.book.currency, desk.book.currency_decimals, look.entries)


def _past_table(desk: Desk, names: dict[int, str]) -> Table:
    def state(row: RunRow) -> tuple[Any, str]:
        if row.of_run_id:
            return (_("takes one back"), "note")
        return (_("taken back"), "warn") if row.reversed_by else (_("posted"), "good")

    return Table(
        key="runs",
        title=_("Runs of this book"),
        columns=(
            tables.text(
                _("Through"),
                lambda row: formatting.day(row.through_on),
                lead=True,
                link=lambda row: desk.link("run", row.run_id),
            ),
            tables.money(
                _("Charged"),
                lambda row: desk.amount(row.total),
                desk.book.currency,
                decimals=desk.book.currency_decimals,
            ),
            tables.number(_("Assets"), "asset_count", phone=False),
            tables.number(_("Left out"), lambda row: len(row.exceptions), phone=False),
            tables.tag(_("State"), lambda row: row, state),
            tables.instant(_("Recorded"), "recorded_at", desk.timezone, phone=False),
            tables.text(_("By"), lambda row: names.get(row.actor_id or 0, ""), phone=False),
        ),
        tools=False,
        empty_title=_("No run yet"),
        empty_text=_("Depreciation up to a day is charged in one run for each book."),
    )


# --- one run ----------------------------------------------------------------------------------------------


@page("ledger.read", shows="fact")
def run(request: HttpRequest, desk: Desk, run_id: int) -> HttpResponse:
    """One run with its entries and exceptions; POST takes it back."""
    if request.method == "POST":
        require(desk.actor, "assets.depreciate")
        form = fields.Form({})
        if attempt(form, lambda: _take_back(desk, run_id)):
            return done(request, _("The run is taken back."), desk.link("runs"))
        return _show_run(request, desk, run_id, form)
    return _show_run(request, desk, run_id, fields.Form())


def _take_back(desk: Desk, run_id: int) -> RunResult:
    return services.reverse_run(company_id=desk.company_id, actor_id=desk.user_id, run_id=run_id)


def _show_run(request: HttpRequest, desk: Desk, run_id: int, form: fields.Form) -> HttpResponse:
    with desk.reading():
        past = queries.runs(desk.company_id, limit=1000)
        found = next((row for row in past if row.run_id == run_id), None)
        if found is None:
            raise NotFound(Problem("run_id", "exists", _("There is no such run.")))
        book = queries.asset_book(desk.company_id, found.book_id)
        later = assets_later(request, desk)
        context = {
            "later": later,
            "run": found,
            "book": book,
            "total": formatting.from_minor(found.total, book.decimals),
            "entries": _entries(desk, found),
            "sums": None if later else _sums(request, desk, found, book),
            "who": people.usernames({found.actor_id}).get(found.actor_id, "") if found.actor_id else "",
            "latest": _is_latest(past, found),
            "behind": _behind(desk, found),
            "link_code": None if book.is_primary else book.code,
            "form": form,
        }
        return render(request, "web/run.html", context, status=422 if form.is_bound else 200)


def _sums(request: HttpRequest, desk: Desk, found: RunRow, book: AssetBook) -> tables.ShownTable:
    """What was charged, by rule and class. The entries turn over less where an account is met from both sides."""
    rows = queries.run_sums(desk.company_id, found)
    table = Table(
        key="charged",
        title=_("What was charged"),
        columns=(
            tables.text(
                _("Class"),
                lambda row: f"{row.class_code} {row.class_name}",
                lead=True,
                clip=True,
                link=lambda row: desk.link("assets", **{"class": row.class_id}),
            ),
            tables.text(_("What"), "meaning", clip=True),
            tables.number(_("Assets"), "asset_count", phone=False),
            tables.money(
                _("Amount"),
                lambda row: formatting.from_minor(row.amount, book.decimals),
                book.currency,
                decimals=book.decimals,
            ),
        ),
        tools=book.book_id == desk.book_id,
        empty_title=_("Nothing was due"),
        file_title=_("Depreciation run through %(day)s") % {"day": formatting.day(found.through_on)},
        facts=[
            (_("After"), shown(found.from_on)) if found.from_on else (_("After"), _("the beginning")),
            (_("Through"), shown(found.through_on)),
            (_("Recorded"), formatting.instant(found.recorded_at, timezone=desk.timezone)),
        ],
    )
    return tables.show(request, table, lambda ask: Page(rows))


def _behind(desk: Desk, found: RunRow) -> list[dict[str, Any]]:
    """The other books that are not charged as far as this run, with the way to charge them."""
    through_on = found.through_on.isoformat()
    return [
        {
            "name": book.name,
            "href": desk.link("runs", book=None if book.is_primary else book.code, through_on=through_on),
        }
        for book in queries.books(desk.company_id)
        if book.book_id != found.book_id and (book.horizon_on is None or book.horizon_on < found.through_on)
    ]


def _entries(desk: Desk, found: RunRow) -> list[Any]:
    return [ledger.entry(desk.company_id, found.book_id, entry_id) for entry_id in found.entry_ids[:60]]


def _is_latest(past: Sequence[RunRow], found: RunRow) -> bool:
    """Whether it may be taken back: the last run of its book that stands."""
    standing = [
        row.run_id
        for row in past
        if row.book_id == found.book_id and row.of_run_id is None and row.reversed_by is None
    ]
    return bool(standing) and standing[0] == found.run_id
