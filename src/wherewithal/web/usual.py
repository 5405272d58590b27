"""Where a person last moved goods: most people work at one place, so a form begins with it.

It is kept in the session, per company and kind of document: nothing is recorded that nobody asked for, and a place
that was meanwhile closed is said by the form like any other.
"""

from typing import Any

from django.http import HttpRequest

from wherewithal.web.desk import Desk

PLACES = ("from_location", "to_location", "place")
_KEY = "usual_places"


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
