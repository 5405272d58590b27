"""What the frame around each page needs: ways, books, companies, the day shown."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from wherewithal.kit.words import translated
from wherewithal.people.permissions import ROLE_TITLES
from wherewithal.web import navigation
from wherewithal.web.desk import Desk, query_items, with_query
from wherewithal.web.language import languages

# Places in a list lose their meaning when the day or the book changes.
_DROPPED = frozenset({"after", "export", "of", "told"})

# Pages about what only one book has: another book is begun at the list.
_OF_ONE_BOOK = {
    "entry": "entries",
    "entry_reverse": "entries",
    "explain_line": "entries",
    "explain_move": "moves",
    "explain_value": "items",
    "run": "runs",
}


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    href: str
    current: bool
    note: str = ""


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Pages outside a company (sign-in, errors) have no desk and get the icons only."""
    desk: Desk | None = getattr(request, "desk", None)
    frame: dict[str, Any] = {
        "desk": desk,
        "icon_sprite": static("vendor/icons.svg"),
        "languages": languages(),
        "language": getattr(getattr(request, "user", None), "language", ""),
    }
    if desk is not None:
        frame |= _frame(request, desk)
    return frame


def _frame(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    match = request.resolver_match
    kept = [(name, value) for name, value in query_items(request.GET) if name not in _DROPPED]
    return {
        "jobs": navigation.jobs(desk, match.url_name or "" if match else ""),
        "new_documents": navigation.documents(desk),
        "book_choices": _books(request, desk, dict(kept)),
        "company_choices": _companies(desk),
        "kept_query": [(name, value) for name, value in kept if name not in ("as_of", "known_at")],
        "now_href": with_query(
            request.path, {name: value for name, value in kept if name not in ("as_of", "known_at")}
        ),
        "role_names": ", ".join(translated(ROLE_TITLES.get(role, role)) for role in sorted(desk.actor.roles)),
    }


def _books(request: HttpRequest, desk: Desk, kept: dict[str, str]) -> list[Choice]:
    match = request.resolver_match
    other = _OF_ONE_BOOK.get(match.url_name or "") if match else None
    path = request.path if other is None else reverse(f"web:{other}", args=[desk.company.code])
    return [
        Choice(
            book.name,
            with_query(path, {**kept, "book": None if book.is_primary else book.code}),
            book.book_id == desk.book.book_id,
            book.currency,
        )
        for book in desk.books
    ]


def _companies(desk: Desk) -> list[Choice]:
    """The same day in another company; its books are others."""
    dates = {name: value for name, value in desk.travelling.items() if name != "book"}
    return [
        Choice(
            company.name,
            with_query(reverse("web:home", args=[company.code]), dates),
            company.company_id == desk.company.company_id,
        )
        for company in desk.companies
    ]
