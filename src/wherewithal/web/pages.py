"""How a page is made: sign-in, company, permission, one snapshot of the data; a refusal becomes a page that says why.

The order is fixed. A reading page runs in one read-only transaction. A page that writes parses in such a transaction,
and calls its one use case outside of it, because use cases open their own and are tried again when they lose a race.
"""

import contextlib
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from wherewithal.kit import db
from wherewithal.kit.errors import Forbidden, NotFound, Refused
from wherewithal.people import permissions
from wherewithal.web import checking, export, tables
from wherewithal.web.desk import Desk, open_desk
from wherewithal.web.fields import Form, take_refusal
from wherewithal.web.tables import Source, Table

Shows = Literal["then", "now", "fact"]
View = Callable[..., HttpResponse]
Result = TypeVar("Result")
SAFE = ("GET", "HEAD")


def page(permission: str, *, shows: Shows | None = None, snapshot: bool = True) -> Callable[[View], View]:
    """Make a view of a company's page: it is called with the request, the desk, and what the path holds.

    What a page shows to somebody who looks at another day or state of knowledge: `then`, the figures of that
    day; `now`, the present, because it keeps no past or is there to record; `fact`, one record, which is the
    same on any day. The shell says so. By default, what takes a right of reading shows `then`, all else `now`.
    `snapshot` False: the view opens its own `desk.reading()`, because it also tries what a plan would do, which no
    read-only transaction allows.
    """

    shown = shows or ("then" if permission.endswith(".read") else "now")

    def decorate(view: View) -> View:
        @never_cache
        @_whole_page_signs_in
        @login_required
        @functools.wraps(view)
        def run(request: HttpRequest, company: str, **kwargs: Any) -> HttpResponse:
            try:
                desk = open_desk(user_id_of(request), company, request.GET, now=datetime.now(UTC))
                desk = replace(desk, shows=shown)
                request.desk = desk  # type: ignore[attr-defined]  # read by the context processor
                permissions.require(desk.actor, permission)
                reads = snapshot and request.method in SAFE
                try:
                    with desk.reading() if reads else contextlib.nullcontext():
                        return view(request, desk, **kwargs)
                except tables.FileWanted as wanted:
                    kind = export.wanted(request) or ""
                    with desk.reading():
                        return export.answer(request, desk, wanted.table, wanted.source, kind)
            except Refused as refused:
                return refusal(request, refused)

        return run

    return decorate


def _whole_page_signs_in(view: View) -> View:
    """Where the session has ended, a part of a page is not answered with the page to sign in: the whole page comes anew,
    and that leads there, and back."""

    @functools.wraps(view)
    def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.headers.get("HX-Request") and not request.user.is_authenticated:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return view(request, **kwargs)

    return run


def user_id_of(request: HttpRequest) -> int:
    """Who is signed in; views ask only behind `login_required`."""
    assert request.user.pk is not None, "somebody is signed in"
    return int(request.user.pk)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The page for what cannot be shown or done."""
    status = {NotFound: HTTPStatus.NOT_FOUND, Forbidden: HTTPStatus.FORBIDDEN}.get(
        type(refused), HTTPStatus.BAD_REQUEST
    )
    return render(request, "web/refused.html", {"refused": refused, "status": int(status)}, status=status)


def table_page(
    request: HttpRequest,
    desk: Desk,
    template: str,
    table: Table,
    source: Source,
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """A list: as a page, or as a file where the address asks for one."""
    file_format = export.wanted(request)
    if file_format:
        return export.answer(request, desk, table, source, file_format)
    return render(request, template, {**(context or {}), "table": tables.show(request, table, source)})


def act(work: Callable[[], Result]) -> Result:
    """Call a use case, again where it lost a race; where a form is only checked, as a trial (see `checking`)."""
    checking.trial(work)
    return db.run_retrying(work)


def attempt(form: Form, work: Callable[[], Any], names: Mapping[str, str] | None = None) -> bool:
    """Call the use case that a form asks for; its answer is `form.outcome`. A refusal is shown beside the fields.

    `names` maps a refusal's field to the form's, where they differ.
    """
    try:
        form.outcome = act(work)
    except Refused as refused:
        take_refusal(form, refused, names)
        return False
    return True


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes a write back: a POST of these fields. It must ask for the same right as the write."""

    href: str
    fields: Sequence[tuple[str, str]]
    label: str = ""


def done(request: HttpRequest, message: str, href: str, *, undo: Undo | None = None) -> HttpResponse:
    """After a write: say so, and show its result at an address of its own, so that a reload repeats nothing."""
    way_back = json.dumps([undo.href, undo.fields, undo.label]) if undo else "done"
    messages.success(request, message, extra_tags=way_back)
    return redirect(href)


def back_of(request: HttpRequest, desk: Desk, otherwise: str = "home") -> str:
    """The page of this company that a form came from; where it does not say, the one named `otherwise`."""
    given = request.POST.get("back", "")
    inside = given.startswith(desk.link("home", book=None, as_of=None, known_at=None))
    safe = url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given if inside and safe else desk.link(otherwise)
