"""The checks of the books: what each proves, the last run, the runs before. A run is a job, with progress."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit import db
from wherewithal.kit import jobs as kit_jobs
from wherewithal.people import queries as people
from wherewithal.reporting import verify as checks
from wherewithal.reporting.verify import VerifyRun
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.pages import act, done, page
from wherewithal.web.tables import Page, Table
from wherewithal.web.views.jobs import under_way

RUNS_SHOWN = 100


@page("verify.run")
def verify(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The last run; a POST notes one more for the worker, unless one is under way."""
    if request.method == "POST":
        with desk.reading():
            running = under_way(desk, "verify")
        if not running:
            act(lambda: _enqueue(desk, deep=request.POST.get("deep") == "1"))
        return done(request, _("The checks are under way."), desk.link("verify"))
    runs = checks.history(company_id=desk.company_id, limit=RUNS_SHOWN)
    return _show(request, desk, runs[0] if runs else None, runs)


@page("verify.run", shows="fact")
def verify_run(request: HttpRequest, desk: Desk, run_id: int) -> HttpResponse:
    """A run of the past, with what it found then."""
    found = checks.past_run(company_id=desk.company_id, run_id=run_id)
    runs = checks.history(company_id=desk.company_id, limit=RUNS_SHOWN)
    return _show(request, desk, found, runs)


def _enqueue(desk: Desk, *, deep: bool) -> int:
    with db.company_transaction(company_id=desk.company_id, actor_id=desk.user_id):
        return kit_jobs.enqueue(
            company_id=desk.company_id, actor_id=desk.user_id, kind="verify", arguments={"deep": deep}
        )


def _show(request: HttpRequest, desk: Desk, found: VerifyRun | None, runs: list[VerifyRun]) -> HttpResponse:
    names = people.usernames({run.actor_id for run in runs if run.actor_id is not None})
    context: dict[str, Any] = {
        "last": found,
        "results": sorted(found.checks, key=lambda check: check["passed"]) if found else [],
        "latest": not runs or found == runs[0],
        "checks": checks.CHECKS,
        "table": tables.show(request, _runs_table(desk, names), lambda ask: Page(runs)),
        "under_way": under_way(desk, "verify"),
        "job_kind": "verify",
    }
    return render(request, "web/verify.html", context)


def _runs_table(desk: Desk, names: dict[int, str]) -> Table:
    def state(row: VerifyRun) -> tuple[Any, str]:
        if row.deep:
            return (_("passed, deep"), "good") if row.passed else (_("failed, deep"), "bad")
        return (_("passed"), "good") if row.passed else (_("failed"), "bad")

    return Table(
        key="runs",
        title=_("Runs so far"),
        columns=(
            tables.text(
                _("When"),
                lambda row: formatting.instant(row.started_at, timezone=desk.timezone),
                lead=True,
                link=lambda row: desk.link("verify_run", row.run_id),
            ),
            tables.tag(_("Result"), lambda row: row, state),
            tables.text(_("By"), lambda row: names.get(row.actor_id or 0, _("the program")), phone=False),
        ),
        tools=False,
        empty_title=_("Not yet verified"),
    )
