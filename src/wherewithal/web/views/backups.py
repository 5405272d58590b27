"""Backups: what lies in the data folder, make one now, take one away, and how to come back from one.

A backup holds every company of the server. So the page is for who administers them all: the right to change one
company does not open the books of another.
"""

from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from wherewithal.kit import db
from wherewithal.kit import jobs as kit_jobs
from wherewithal.kit.errors import Forbidden, Problem
from wherewithal.reporting import backups as kept_backups
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.pages import act, done, page
from wherewithal.web.tables import Action, Page, Table
from wherewithal.web.views.jobs import under_way

FILE_TYPE = "application/x-tar"


@page("company.manage", snapshot=False)
def backups(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The list; a POST notes a backup for the worker."""
    _require_all_companies(desk)
    with desk.reading():
        running = under_way(desk, "backup")
    if request.method == "POST":
        if not running:
            act(lambda: _enqueue(desk))
        return done(request, _("The backup is being made."), desk.link("backups"))
    rows = kept_backups.kept()
    with desk.reading():
        context: dict[str, Any] = {
            "table": tables.show(request, _table(desk), lambda ask: Page(rows)),
            "under_way": running,
            "job_kind": "backup",
            "folder": kept_backups.folder(),
            "kept": settings.BACKUPS_KEPT,
            "latest": rows[0] if rows else None,
            "home": settings.HOME,
        }
        return render(request, "web/backups.html", context)


@page("company.manage", shows="fact")
def backup_file(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """The file itself."""
    _require_all_companies(desk)
    if request.method not in ("GET", "HEAD"):
        return redirect(desk.link("backups"))
    path = kept_backups.path_of(name)
    answer: Any = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=FILE_TYPE)
    return cast(HttpResponse, answer)  # a stream, which the server hands on piece by piece


def _require_all_companies(desk: Desk) -> None:
    if not desk.everywhere:
        message = _(
            "A backup holds every company of this server. Who is an administrator of all of them may see it here; "
            "on the server itself, the command is: wherewithal backup."
        )
        raise Forbidden(Problem("", "permission", message, value="company.manage"))


def _enqueue(desk: Desk) -> int:
    with db.company_transaction(company_id=desk.company_id, actor_id=desk.user_id):
        return kit_jobs.enqueue(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            kind="backup",
            arguments={"at": desk.now.isoformat()},
        )


def _table(desk: Desk) -> Table:
    def state(row: kept_backups.Kept) -> tuple[Any, str]:
        if row.trouble:
            return row.trouble, "bad"
        return (_("Read through, whole"), "good") if row.sound else (_("Not read through"), "warn")

    return Table(
        key="backups",
        title=_("Backups in the data folder"),
        columns=(
            tables.text(
                _("Made"),
                lambda row: formatting.instant(datetime.fromisoformat(row.made_at), timezone=desk.timezone),
                lead=True,
                link=lambda row: desk.link("backup_file", row.name),
            ),
            tables.text(_("Size"), lambda row: filesizeformat(row.bytes), phone=False),
            tables.tag(_("State"), lambda row: row, state),
            tables.number(_("Files in it"), "files", phone=False),
            tables.text(_("File"), "name", phone=False),
        ),
        tools=False,
        actions=lambda row: [Action(_("Download"), desk.link("backup_file", row.name), "download")],
        empty_title=_("No backup yet"),
        empty_text=_("Make one now; it goes on while people work."),
    )
