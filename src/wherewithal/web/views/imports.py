"""Imports: choose a file, check it without writing, read all that is wrong, load it; long work runs as a job."""

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wherewithal.feeds import queries as feeds
from wherewithal.feeds import services
from wherewithal.feeds.kinds import KINDS
from wherewithal.kit import db, jobs
from wherewithal.kit.words import sentence, translated
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.reporting import verify
from wherewithal.web import tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.imports import ImportForm
from wherewithal.web.names import IMPORT_STATES
from wherewithal.web.pages import act, attempt, page, table_page
from wherewithal.web.tables import Ask, Page, Table, full_page

RUNNING = frozenset({"waiting", "checking", "writing"})
FOLDER = "imports"


@page("import.run")
def import_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Choose a file; below, the imports so far. A POST notes the file and starts the job."""
    with desk.reading():
        mappings = [row["name"] for row in feeds.list_mappings(desk.company_id)]
    if request.method != "POST":
        return _show(request, desk, ImportForm(mappings=mappings))
    form = ImportForm(request.POST, request.FILES, mappings=mappings)
    if not form.is_valid():
        return _show(request, desk, form)
    for permission in KINDS[form.cleaned_data["kind"]].permissions:
        require(desk.actor, permission)
    dry_run = request.POST.get("do") != "load"
    if not attempt(form, lambda: _start(desk, form, dry_run=dry_run), {"mapping.columns": "mapping"}):
        return _show(request, desk, form)
    return redirect(desk.link("import_job", form.outcome))


def _start(desk: Desk, form: ImportForm, *, dry_run: bool) -> int:
    """Keep the upload, note the import, and let the worker do it."""
    data = form.cleaned_data
    with tempfile.NamedTemporaryFile(prefix="wherewithal-upload-") as copy:
        upload: UploadedFile[Any] = data["file"]
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        import_id = services.start_import(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            kind=data["kind"],
            file_name=upload.name or "",
            content=Path(copy.name),
            folder=settings.HOME / FOLDER,
            mapping=data["mapping"] or None,
            mode=data["mode"],
            dry_run=dry_run,
        )
    enqueue(desk, import_id)
    return import_id


def enqueue(desk: Desk, import_id: int) -> None:
    with db.company_transaction(company_id=desk.company_id, actor_id=desk.user_id):
        if feeds.get_import(desk.company_id, import_id)["state"] == "waiting":
            jobs.enqueue(
                company_id=desk.company_id,
                actor_id=desk.user_id,
                kind="import",
                arguments={"import_id": import_id},
            )


def _show(request: HttpRequest, desk: Desk, form: ImportForm) -> HttpResponse:
    with desk.reading():
        names = {row.user_id: row.username for row in people.members(desk.company_id)}
        table = tables.show(request, _table(desk, names), lambda ask: _imports(desk, ask))
        context = {"form": form, "table": table, "kinds": KINDS.values()}
        return render(request, "web/import.html", context, status=422 if form.is_bound else 200)


def _table(desk: Desk, names: dict[int, str]) -> Table:
    return Table(
        key="imports",
        title=_("Imports so far"),
        columns=(
            tables.text(
                _("File"), "file_name", lead=True, link=lambda row: desk.link("import_job", row["id"])
            ),
            tables.text(
                _("Kind"),
                lambda row: translated(KINDS[row["kind"]].label) if row["kind"] in KINDS else row["kind"],
            ),
            tables.text(_("Columns as in"), _mapping, phone=False),
            tables.tag(_("State"), "state", lambda state: IMPORT_STATES[state]),
            tables.number(_("Rows"), "rows_total", phone=False),
            tables.number(_("Problems"), "problem_count", phone=False),
            tables.instant(_("Started"), "created_at", desk.timezone, phone=False),
            tables.text(_("By"), lambda row: names.get(row["actor_id"] or 0, ""), phone=False),
        ),
        tools=False,
        empty_title=_("No imports yet"),
        empty_text=_("Check a file first: nothing is written until you load it."),
    )


def _imports(desk: Desk, ask: Ask) -> Page:
    before = ask.place(int)
    rows = feeds.list_imports(desk.company_id, before_id=before[0] if before else None, limit=ask.limit)
    return full_page(rows, ask, lambda row: [row["id"]])


def _mapping(row: dict[str, Any]) -> str:
    """What the file's columns were read by: our own names, or a mapping that was kept."""
    return _("our own form") if row["source"] == row["kind"] else str(row["source"])


# --- one import -------------------------------------------------------------------------------------------


@page("import.run")
def import_job(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """How an import stands: progress while it runs, then what it did or what is wrong."""
    found = feeds.get_import(desk.company_id, import_id)
    label, tone = IMPORT_STATES[found["state"]]
    context: dict[str, Any] = {
        "import": found,
        "kind": translated(KINDS[found["kind"]].label) if found["kind"] in KINDS else found["kind"],
        "state": label,
        "tone": tone,
        "running": found["state"] in RUNNING,
        "job": _progress(found),
        "clean": found["state"] == "checked" and not found["problem_count"],
        "loaded": found["state"] == "done",
        "mapping": _mapping(found),
        "who": people.usernames({found["actor_id"]}).get(found["actor_id"], "") if found["actor_id"] else "",
        "result": _result(desk, found["kind"]),
        "in_setup": desk.may("company.manage") and not verify.history(company_id=desk.company_id, limit=1),
    }
    if request.headers.get("HX-Request"):
        response = render(request, "web/_import_progress.html", context)
        if not context["running"]:
            response.headers["HX-Refresh"] = "true"
        return response
    return table_page(
        request,
        desk,
        "web/import_job.html",
        _problem_table(),
        lambda ask: _problems(desk, import_id, ask),
        context,
    )


def _result(desk: Desk, kind: str) -> dict[str, Any]:
    """Where what was loaded is seen, and what to do where it was a mistake."""
    facts = _(
        "Nothing that is recorded is deleted. A document that should not be there is reversed on its page; a file that "
        "is loaded again writes nothing twice."
    )
    masters = _(
        "Nothing that is recorded is deleted. What is wrong is changed on its page, or by loading a corrected file."
    )
    events = _(
        "What is wrong is taken back on the card of the asset; a file that is loaded again writes nothing twice."
    )
    shown: dict[str, tuple[str, str, str]] = {
        "items": ("items", _("Items"), masters),
        "categories": ("categories", _("Categories"), masters),
        "locations": ("locations", _("Locations"), masters),
        "parties": ("parties", _("Suppliers, customers"), masters),
        "assets": ("assets", _("Register"), events),
        "asset_events": ("assets", _("Register"), events),
    }
    page_name, label, advice = shown.get(kind, ("documents", _("Documents"), facts))
    return {"href": desk.link(page_name), "label": label, "advice": advice}


def _progress(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": found["id"],
        "text": found["doing"] or _("Waiting for the worker"),
        "done": found["rows_done"] or 0,
        "total": found["rows_total"],
        "finished": found["state"] not in RUNNING,
    }


def _problem_table() -> Table:
    return Table(
        key="problems",
        title=_("What is wrong"),
        columns=(
            tables.number(_("Row"), "line"),
            tables.text(_("Column"), "column", lead=True),
            tables.text(_("Value"), "value", clip=True),
            tables.text(_("What would be right"), lambda row: sentence(row["message"])),
            tables.text(_("Rule"), "rule", phone=False),
        ),
        empty_title=_("Nothing is wrong"),
        empty_text=_("Every row was understood."),
    )


def _problems(desk: Desk, import_id: int, ask: Ask) -> Page:
    after = ask.place(int)
    rows = feeds.problems(desk.company_id, import_id, after=after[0] if after else -1, limit=ask.limit)
    return full_page(rows, ask, lambda row: [row["position"]])


@page("import.run")
def import_load(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """Load what was checked: the same file, the same mapping, for real."""
    if request.method != "POST":
        return redirect(desk.link("import_job", import_id))
    with desk.reading():
        found = feeds.get_import(desk.company_id, import_id)
    for permission in KINDS[found["kind"]].permissions:
        require(desk.actor, permission)
    folder = settings.HOME / FOLDER
    loaded = act(
        lambda: services.start_import(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            kind=found["kind"],
            file_name=found["file_name"],
            content=services.stored_path(folder, found["sha256"]),
            folder=folder,
            mapping=found["source"] if found["source"] != found["kind"] else found["definition"] or None,
            mode=found["mode"],
        )
    )
    enqueue(desk, loaded)
    return redirect(desk.link("import_job", loaded))
