"""The checks of the books: what each proves, the last run, the runs before."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.people import queries as people
from wherewithal.reporting import verify as checks
from wherewithal.web.desk import Desk
from wherewithal.web.pages import act, done, page

RUNS_SHOWN = 20


@page("verify.run")
def verify(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; a POST runs the checks."""
    if request.method == "POST":
        deep = request.POST.get("deep") == "1"
        report = act(lambda: checks.verify(company_id=desk.company_id, actor_id=desk.user_id, deep=deep))
        text = _("All checks passed.") if report.passed else _("Some checks failed: see below.")
        return done(request, text, desk.link("verify"))
    runs = checks.history(company_id=desk.company_id, limit=RUNS_SHOWN)
    names = people.usernames({run.actor_id for run in runs if run.actor_id is not None})
    context: dict[str, Any] = {
        "last": runs[0] if runs else None,
        "runs": [(run, names.get(run.actor_id or 0, "")) for run in runs],
        "checks": checks.CHECKS,
    }
    return render(request, "web/verify.html", context)
