"""Long work: what waits, runs, is done or failed, with progress that outlives a reload."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit import jobs as kit_jobs
from wherewithal.kit.words import sentence
from wherewithal.people import queries as people
from wherewithal.web import tables
from wherewithal.web.desk import Desk
from wherewithal.web.names import JOB_KINDS, JOB_STATES
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Filter, Table

MOST_JOBS = 500
UNFINISHED = frozenset({"waiting", "running"})


@page("stock.read", shows="now")
def jobs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The company's jobs, the latest first. What is under way is redrawn while it runs."""
    if request.headers.get("HX-Request") and "under-way" in request.GET:
        kind = request.GET["under-way"]
        still = under_way(desk, kind)
        response = render(request, "web/_under_way.html", {"under_way": still, "job_kind": kind})
        if not still:
            response.headers["HX-Refresh"] = "true"
        return response
    rows = kit_jobs.list_jobs(company_id=desk.company_id, limit=MOST_JOBS)
    context = {"under_way": under_way(desk), "job_kind": ""}
    names = people.usernames({row["actor_id"] for row in rows if row["actor_id"]})
    table = _table(desk, names)
    return table_page(
        request,
        desk,
        "web/jobs.html",
        table,
        lambda ask: tables.sliced(_matching(rows, ask), table, ask),
        context,
    )


def under_way(desk: Desk, kind: str = "") -> list[dict[str, Any]]:
    """The jobs that wait or run, of one kind or of all."""
    rows = kit_jobs.list_jobs(company_id=desk.company_id, limit=MOST_JOBS)
    return [_progress(row) for row in rows if row["state"] in UNFINISHED and kind in ("", row["kind"])]


def _progress(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": JOB_KINDS.get(row["kind"], row["kind"]),
        "text": sentence(row["message"] or "") or _("Waiting for the worker"),
        "done": row["progress"] or 0,
        "total": row["total"],
    }


def _table(desk: Desk, names: dict[int, str]) -> Table:
    return Table(
        key="jobs",
        title=_("Jobs"),
        columns=(
            tables.text(
                _("Job"),
                lambda row: JOB_KINDS.get(row["kind"], row["kind"]),
                lead=True,
                sort="job",
                link=lambda row: job_link(desk, row),
            ),
            tables.tag(_("State"), "state", lambda state: JOB_STATES[state], sort="state"),
            tables.text(_("Said"), lambda row: sentence(row["message"] or ""), clip=True, phone=False),
            tables.instant(
                _("Begun"),
                lambda row: row["started_at"] or row["created_at"],
                desk.timezone,
                sort="begun",
            ),
            tables.instant(_("Ended"), "finished_at", desk.timezone, phone=False, sort="ended"),
            tables.text(
                _("By"), lambda row: names.get(row["actor_id"] or 0, _("the program")), phone=False, sort="by"
            ),
        ),
        filters=(
            Filter(
                "state", _("State"), choices=[(state, label) for state, (label, _t) in JOB_STATES.items()]
            ),
            Filter("kind", _("Job"), choices=list(JOB_KINDS.items())),
        ),
        default_sort="-begun",
        empty_title=_("No job yet"),
        empty_text=_("Imports, depreciation runs, verifications and backups appear here."),
    )


def job_link(desk: Desk, row: dict[str, Any]) -> str | None:
    """Where the result of a job is read, for those who may read it."""
    if row["kind"] == "import" and desk.may("import.run"):
        return desk.link("import_job", int(row["arguments"]["import_id"]))
    if row["kind"] == "depreciation" and desk.may("ledger.read"):
        return desk.link("run_job", row["id"])
    if row["kind"] == "backup" and desk.everywhere:
        return desk.link("backups")
    if row["kind"] == "verify" and desk.may("verify.run"):
        return desk.link("verify")
    return None


def _matching(rows: list[dict[str, Any]], ask: Ask) -> list[dict[str, Any]]:
    wanted = {name: ask.get(name) for name in ("state", "kind") if ask.get(name)}
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]
