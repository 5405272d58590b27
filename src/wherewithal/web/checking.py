"""A form is checked while it is filled in: its own view runs, and all that it wrote is taken back.

The browser sends the form as it stands, with the header `X-Check`, to where it would be sent in the end. The view does
what it always does: it parses, and asks its use case by `pages.act`; the answer is what its forms then have to say.
So a check finds what recording would find, of fields and of rules, and no view has to know of it.

`X-Check: fields` does not ask the use case, where that would take long (a forecast, a new company); nor is it asked where
a file is sent along, for what it keeps on disk would stay.
"""

import contextlib
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from wherewithal.kit.trial import Busy, undone

MOST_FAULTS = 100
LONGEST_FAULT = 500


@dataclass(slots=True)
class Check:
    """One check under way: the forms that were filled in, and whether the use case is asked as well."""

    asks: bool
    forms: list[Form] = field(default_factory=list)

    def answer(self) -> dict[str, Any]:
        """What is wrong, by field (the name and the id of its control), and with the whole."""
        faults = [
            {"name": form.add_prefix(name), "id": form[name].auto_id, "texts": _texts(errors)}
            for form in self.forms
            for name, errors in form.errors.items()
            if name != NON_FIELD_ERRORS
        ]
        whole = [text for form in self.forms for text in _texts(form.non_field_errors())]
        return {"faults": faults[:MOST_FAULTS], "whole": whole[:MOST_FAULTS]}


class Passed(Exception):
    """The use case took what it was given: there is nothing more to be done."""


_check: ContextVar[Check | None] = ContextVar("check", default=None)


def heed(form: Form) -> None:
    """A form was filled in; a check under way asks it in the end what is wrong."""
    check = _check.get()
    if check is not None and form not in check.forms:
        check.forms.append(form)


def trial(work: Callable[[], Any]) -> None:
    """Where a check is under way, ask the use case and take back what it wrote; `Passed` if it refuses nothing.

    If others are just writing the same things, the rest of the form is judged without it.
    """
    check = _check.get()
    if check is None:
        return
    if check.asks:
        with contextlib.suppress(Busy):
            undone(work)
    raise Passed


class CheckForms:
    """The middleware that answers checks. A view cannot record while it is checked: all is undone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        given = request.headers.get("X-Check")
        if given is None or request.method != "POST":
            return None
        if not _is_checked(request):  # who asks for a check only must not find it done
            return HttpResponse(status=400)
        check = Check(asks=given != "fields" and not request.FILES)  # a kept file could not be undone
        token = _check.set(check)

        def look() -> HttpResponse | None:
            try:
                return view(request, *args, **kwargs)
            except Passed:
                return None

        try:
            response = undone(look)
        except Busy:
            return JsonResponse({"faults": [], "whole": []})
        finally:
            _check.reset(token)
        return response if response is not None and not check.forms else JsonResponse(check.answer())


def _is_checked(request: HttpRequest) -> bool:
    """Whether a form may be checked there: those of companies. Signing in or choosing a language has no check."""
    match = request.resolver_match
    if match is None or match.app_name != "web":
        return False
    return "company" in match.kwargs or match.url_name == "company_new"


def _texts(errors: Any) -> list[str]:
    return [str(error)[:LONGEST_FAULT] for error in errors]
