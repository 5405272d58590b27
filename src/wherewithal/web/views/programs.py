"""How programs talk to the product: what the API offers, from its own description, and every operation to be tried."""

import contextlib
import json
import re
import uuid
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.kit.errors import NotFound, Problem
from wherewithal.people import queries as people
from wherewithal.web import fields
from wherewithal.web.api_reference import JSON_TYPE, Operation, Reference
from wherewithal.web.desk import Desk
from wherewithal.web.pages import act, page

ROOT = "/api/v1/"
DESCRIPTION = f"{ROOT}openapi.json"
LONGEST_ANSWER = 20_000
LONGEST_BODY = 100_000


class TryForm(fields.Form):
    """A question to the API: an address and a token; for what writes also a key and a body."""

    path = fields.TextField(label=gettext_lazy("Address"), longest=500)
    token = fields.TextField(
        label=gettext_lazy("Token"),
        longest=200,
        help_text=gettext_lazy("It is used for this call and not kept."),
    )
    key = fields.TextField(
        label=gettext_lazy("Idempotency key"),
        longest=255,
        help_text=gettext_lazy("The same key with the same body writes nothing a second time."),
    )
    body = forms.CharField(
        label=gettext_lazy("Body"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, asks: Operation, **kwargs: Any) -> None:
        first = {"path": asks.path, "key": uuid.uuid4().hex, "body": asks.example}
        super().__init__(*args, initial=first, **kwargs)
        self._asks = asks
        if not any(one.name == "Idempotency-Key" for one in asks.parameters):
            del self.fields["key"]
        if asks.takes != JSON_TYPE:
            del self.fields["body"]

    def clean_path(self) -> str:
        """An address of this operation, with all its parts filled in."""
        given = str(self.cleaned_data["path"])
        pattern = re.sub(r"\\{[^}]*\\}", "[^/{}]+", re.escape(self._asks.path))
        # What starts with one slash has no host, which urlsplit would refuse where it is odd.
        if not given.startswith("/api/") or not re.fullmatch(pattern, urlsplit(given).path):
            raise forms.ValidationError(
                _("The address of this operation is %(path)s, with what is in braces filled in.")
                % {"path": self._asks.path}
            )
        return given


@page("stock.read", shows="now")
def api(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All operations by subject."""
    context = {
        "base": request.build_absolute_uri(ROOT),
        "description": DESCRIPTION,
        "groups": _reference().groups(),
        "tokens": _tokens(desk),
    }
    return render(request, "web/api.html", context)


@page("stock.read", shows="now", snapshot=False)
def api_operation(request: HttpRequest, desk: Desk, operation: str) -> HttpResponse:
    """What one operation takes and answers; a POST asks it with the token given, for real."""
    asked = _reference().operation(operation)
    if asked is None:
        raise NotFound(Problem("operation", "exists", _("The API has no such operation.")))
    form = TryForm(request.POST if request.method == "POST" else None, asks=asked)
    answer, status = "", 0
    if form.is_bound and form.is_valid():
        said = act(lambda: _ask(request, asked.method, form.cleaned_data))
        if said is None:
            form.add_error("path", _("There is no such address."))
        else:
            answer, status = _readable(said), said.status_code
    with desk.reading():
        context = {
            "operation": asked,
            "form": form,
            "answer": answer,
            "status": status,
            "tokens": _tokens(desk),
            "can_try": asked.takes in ("", JSON_TYPE),
        }
        failed = form.is_bound and not form.is_valid()
        return render(request, "web/api_operation.html", context, status=422 if failed else 200)


def _tokens(desk: Desk) -> list[people.TokenRow]:
    rows = people.tokens(desk.company_id, user_id=desk.user_id)
    return [row for row in rows if row.revoked_at is None]


def _ask(request: HttpRequest, method: str, given: dict[str, Any]) -> HttpResponse | None:
    """What the API answers, asked inside this process; None where there is nothing at the address."""
    parts = urlsplit(given["path"])
    body = str(given.get("body", "")).encode()
    inner = HttpRequest()
    inner.method = method
    inner.path = inner.path_info = parts.path
    inner.GET = QueryDict(parts.query)
    inner.META = {name: request.META[name] for name in ("SERVER_NAME", "SERVER_PORT") if name in request.META}
    inner.META |= {"REQUEST_METHOD": method, "QUERY_STRING": parts.query}
    if given.get("token"):
        inner.META["HTTP_AUTHORIZATION"] = f"Bearer {given['token']}"
    if given.get("key"):
        inner.META["HTTP_IDEMPOTENCY_KEY"] = given["key"]
    if body:
        inner.META |= {"CONTENT_TYPE": JSON_TYPE, "CONTENT_LENGTH": str(len(body))}
        inner.content_type = JSON_TYPE
    inner._body = body  # what a server would have read from the wire
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


@cache
def _reference() -> Reference:
    """The API's own description: the same as long as the program runs."""
    said = _ask(HttpRequest(), "GET", {"path": DESCRIPTION})
    return Reference(json.loads(said.content) if said is not None else {})
