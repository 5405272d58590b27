"""The desk a person sits at: who they are, which company and book they look at, and on which day.

Company is in the path (/c/<code>/...), so that two tabs may show two companies and every address can be sent to a
colleague. Book, `as_of` and `known_at` are query parameters; every link made by `Desk.link` carries them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from wherewithal.people.permissions import Actor, allowed

TRAVELLING = ("book", "as_of", "known_at")


@dataclass(frozen=True, slots=True)
class CompanyView:
    """What pages show of a company."""

    id: int
    code: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class BookView:
    id: int
    code: str
    name: str
    currency: str
    decimals: int
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's frame. `as_of` None means now; `known_at` None means with all that is known by now."""

    actor: Actor
    company: CompanyView
    companies: tuple[CompanyView, ...]
    book: BookView
    books: tuple[BookView, ...]
    timezone: tzinfo
    today: date
    as_of: date | None = None
    known_at: datetime | None = None
    travelling: Mapping[str, str] = field(default_factory=dict)

    def may(self, permission: str) -> bool:
        return allowed(self.actor, permission)

    def link(self, name: str, *args: object, **params: object) -> str:
        """The address of a page of this company, with book and dates. A parameter that is None is left out."""
        path = reverse(f"web:{name}", args=[self.company.code, *args])
        return with_query(path, {**self.travelling, **params})

    @property
    def travels(self) -> bool:
        """Whether the pages show another day, or another state of knowledge, than now."""
        return self.as_of is not None or self.known_at is not None


def with_query(path: str, params: Mapping[str, Any]) -> str:
    query = urlencode({key: str(value) for key, value in params.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path
