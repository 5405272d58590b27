"""Pictures and papers of items, documents, suppliers and customers: keeping one, reading one, taking one away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from wherewithal.items import queries as items
from wherewithal.items import services as item_services
from wherewithal.kit import files
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.parties import queries as parties
from wherewithal.people.permissions import require
from wherewithal.stock import queries as stock
from wherewithal.stock import services as stock_services
from wherewithal.web.desk import Desk
from wherewithal.web.forms.files import AttachForm
from wherewithal.web.pages import act, attempt, done, page


def _named(row: dict[str, Any] | None, column: str) -> str:
    """What the owner is called; NotFound where there is none."""
    if row is None:
        raise NotFound(Problem("owner_id", "exists", _("There is no such thing in this company.")))
    return str(row[column])


@dataclass(frozen=True, slots=True)
class Owner:
    """Something that has files. `write`: any of these permissions may keep them; `page`: where they are shown."""

    page: str
    read: str
    write: tuple[str, ...]
    name: Callable[[Desk, int], str]
    rows: Callable[[int, int], list[dict[str, Any]]]
    keep: Callable[..., int]
    remove: Callable[..., None]
    key: str
    gone_key: str


OWNERS = {
    "item": Owner(
        "item",
        "items.read",
        ("items.write",),
        lambda desk, item_id: _named(items.get_item(desk.company_id, item_id), "sku"),
        items.attachments,
        item_services.attach_file,
        item_services.remove_attachment,
        "item_id",
        "attachment_id",
    ),
    "document": Owner(
        "document",
        "stock.read",
        ("stock.receive", "stock.issue", "stock.transfer", "costing.write"),
        lambda desk, document_id: stock.get_document(desk.company_id, document_id).number,
        lambda company_id, document_id: stock.papers(company_id, document_id=document_id),
        stock_services.attach_paper,
        stock_services.remove_paper,
        "document_id",
        "paper_id",
    ),
    "party": Owner(
        "party",
        "parties.read",
        ("parties.write",),
        lambda desk, party_id: _named(parties.get_party(desk.company_id, party_id), "name"),
        lambda company_id, party_id: stock.papers(company_id, party_id=party_id),
        stock_services.attach_paper,
        stock_services.remove_paper,
        "party_id",
        "paper_id",
    ),
}


def shown(desk: Desk, owner: str, owner_id: int) -> dict[str, Any]:
    """What the panel of files needs, for the page of the owner."""
    described = OWNERS[owner]
    rows = described.rows(desk.company_id, owner_id)
    return {
        "owner": owner,
        "owner_id": owner_id,
        "pictures": [row for row in rows if row["is_image"]],
        "papers": [row for row in rows if not row["is_image"]],
        "may_write": any(desk.may(permission) for permission in described.write),
    }


def _owner(desk: Desk, owner: str, owner_id: int, *, writes: bool) -> Owner:
    """The kind of owner, after looking that this person may read it (and write it) and that it is there."""
    described = OWNERS.get(owner)
    if described is None:
        raise NotFound(Problem("owner", "known", _("There is no such page.")))
    require(desk.actor, described.read)
    if writes and not any(desk.may(permission) for permission in described.write):
        require(desk.actor, described.write[0])
    return described


def _stored(rows: Sequence[dict[str, Any]], file_id: int) -> dict[str, Any]:
    row = next((row for row in rows if row["id"] == file_id), None)
    if row is None:
        raise NotFound(Problem("file_id", "exists", _("There is no such file.")))
    return row


@page("items.read", shows="now")
def file_new(request: HttpRequest, desk: Desk, owner: str, owner_id: int) -> HttpResponse:
    described = _owner(desk, owner, owner_id, writes=True)
    with desk.reading():
        name = described.name(desk, owner_id)
    form = AttachForm(request.POST, request.FILES) if request.method == "POST" else AttachForm()
    back = desk.link(described.page, owner_id)

    def keep() -> int:
        given = form.cleaned_data["file"]
        return described.keep(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            folder=Path(settings.MEDIA_ROOT),
            name=given.name,
            content=given.read(),
            title=form.cleaned_data["title"],
            **{described.key: owner_id},
        )

    if not form.is_valid() or not attempt(form, keep, {"content": "file", "name": "file"}):
        context = {"form": form, "name": name, "back": back}
        return render(request, "web/file_form.html", context, status=422 if form.is_bound else 200)
    return done(request, _("The file is kept."), back)


@page("items.read", shows="fact")
def file_show(request: HttpRequest, desk: Desk, owner: str, owner_id: int, file_id: int) -> HttpResponse:
    """The content, always as a download: what people upload is never run as a page."""
    described = _owner(desk, owner, owner_id, writes=False)
    rows = described.rows(desk.company_id, owner_id) if request.method == "GET" else []
    row = _stored(rows, file_id)
    path = files.file_path(Path(settings.MEDIA_ROOT), row["sha256"])
    if not path.is_file():
        raise NotFound(Problem("file_id", "exists", _("The file is not in the data folder any more.")))
    headers = {
        "Content-Disposition": content_disposition_header(True, row["file_name"]) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(path.read_bytes(), content_type=row["media_type"], headers=headers)


@page("items.read", shows="now")
def file_remove(request: HttpRequest, desk: Desk, owner: str, owner_id: int, file_id: int) -> HttpResponse:
    described = _owner(desk, owner, owner_id, writes=True)
    back = desk.link(described.page, owner_id)
    if request.method != "POST":
        return redirect(back)
    with desk.reading():
        _stored(described.rows(desk.company_id, owner_id), file_id)
    act(
        lambda: described.remove(
            company_id=desk.company_id, actor_id=desk.user_id, **{described.gone_key: file_id}
        )
    )
    return done(request, _("The file is taken away."), back)
