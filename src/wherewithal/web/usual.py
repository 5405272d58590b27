"""Where a person usually is: the place at which they last moved goods, so that a form begins with it, and the company
in which they last came home, so that they come home there again.

The place is kept in the session, per company and kind of document: nothing is recorded that nobody asked for, and a
place that was meanwhile closed is said by the form like any other. The company is kept by the browser, because the
session ends with signing out.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from wherewithal.ledger.values import Company
from wherewithal.web.desk import Desk

PLACES = ("from_location", "to_location", "place")
_KEY = "usual_places"
_COOKIE = "company"
_COOKIE_SECONDS = 365 * 86_400


def places(request: HttpRequest, desk: Desk, kind: str) -> dict[str, str]:
    """The codes that the last document of this kind named in its last line, by field."""
    kept: dict[str, str] = request.session.get(_KEY, {}).get(_name(desk, kind), {})
    return dict(kept)


def remember(request: HttpRequest, desk: Desk, kind: str, line: dict[str, Any]) -> None:
    """Begin the next document of this kind with the places of this line (a form's `cleaned_data`)."""
    named = {name: line[name].code for name in PLACES if line.get(name)}
    request.session[_KEY] = request.session.get(_KEY, {}) | {_name(desk, kind): named}


def _name(desk: Desk, kind: str) -> str:
    return f"{desk.company.code}/{kind}"


def usual_company(request: HttpRequest, companies: Sequence[Company]) -> Company:
    """The company of theirs in which they last came home with this browser, or else the one that was founded first."""
    last = request.COOKIES.get(_COOKIE)
    return next(
        (company for company in companies if company.code == last),
        min(companies, key=lambda company: company.company_id),
    )


def remember_company(request: HttpRequest, answer: HttpResponse, desk: Desk) -> None:
    if request.COOKIES.get(_COOKIE) != desk.company.code:
        answer.set_cookie(
            _COOKIE,
            desk.company.code,
            max_age=_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
