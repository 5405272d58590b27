"""How programs talk to the product: where the API is described, what it offers, and a first question to try."""

import contextlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.people import queries as people
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.pages import page

ROOT = "/api/v1/"
DESCRIPTION = f"{ROOT}openapi.json"
LONGEST_ANSWER = 20_000


class TryForm(fields.Form):
    """A question to the API: an address that reads, and a token."""

    path = fields.TextField(label=gettext_lazy("Address"), longest=500, initial=f"{ROOT}items?limit=2")
    token = fields.TextField(
        label=gettext_lazy("Token"),
        longest=200,
        help_text=gettext_lazy("It is used for this call and not kept."),
    )

    def clean_path(self) -> str:
        given = str(self.cleaned_data["path"])
        if not urlsplit(given).path.startswith(ROOT):
            self.add_error("path", _("An address of the API begins with %(root)s.") % {"root": ROOT})
        return given


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str


@page("stock.read", shows="now")
def api(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = TryForm(request.POST if request.method == "POST" else None)
    answer, status = "", 0
    if request.method == "POST" and form.is_valid():
        said = _ask(request, form.cleaned_data["path"], form.cleaned_data["token"])
        if said is None:
            form.add_error("path", _("There is no such address; see the list below."))
        else:
            answer, status = _readable(said), said.status_code
    context = {
        "form": form,
        "answer": answer,
        "status": status,
        "base": request.build_absolute_uri(ROOT),
        "description": DESCRIPTION,
        "groups": _operations(request),
        "tokens": [row for row in _tokens(desk) if row.revoked_at is None],
    }
    failed = form.is_bound and not form.is_valid()
    return render(request, "web/api.html", context, status=422 if failed else 200)


def _tokens(desk: Desk) -> list[people.TokenRow]:
    with desk.reading():
        return people.tokens(desk.company_id, user_id=desk.user_id)


def _ask(request: HttpRequest, address: str, token: str | None = None) -> HttpResponse | None:
    """What the API answers to a GET of this address, asked inside this process; None where there is nothing."""
    parts = urlsplit(address)
    inner = HttpRequest()
    inner.method = "GET"
    inner.path = inner.path_info = parts.path
    inner.GET = QueryDict(parts.query)
    inner.META = {name: request.META[name] for name in ("SERVER_NAME", "SERVER_PORT") if name in request.META}
    inner.META |= {"REQUEST_METHOD": "GET", "QUERY_STRING": parts.query}
    if token:
        inner.META["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    inner.resolver_match = match
    answer: HttpResponse = match.func(inner, *match.args, **match.kwargs)
    return answer


def _readable(answer: HttpResponse) -> str:
    text = answer.content.decode(errors="replace") if not answer.streaming else _("A file.")
    with contextlib.suppress(ValueError):  # what is no JSON is shown as it is
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text[:LONGEST_ANSWER]


def _operations(request: HttpRequest) -> list[tuple[str, list[Operation]]]:
    """What the API offers, by subject, from its own description."""
    said = _ask(request, DESCRIPTION)
    described: dict[str, Any] = json.loads(said.content) if said is not None else {}
    groups: dict[str, list[Operation]] = {}
    for path, methods in described.get("paths", {}).items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or [""])[0]
            groups.setdefault(tag, []).append(Operation(method.upper(), path, operation.get("summary", "")))
    return list(groups.items())
