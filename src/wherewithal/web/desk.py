"""The desk a person sits at: who they are, which company and book they look at, and on which day.

Company is in the path (/c/<code>/...), so that two tabs may show two companies and every address can be sent to a
colleague. Book, `as_of` and `known_at` are query parameters; every link made by `Desk.link` carries them.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Book, Company
from wherewithal.people import queries as people
from wherewithal.people.permissions import Actor, allowed
from wherewithal.web import formatting
from wherewithal.web.days import day_of, moment_of


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's frame. `as_of` None means now; `known_at` None means with all that is known by now."""

    actor: Actor
    company: Company
    companies: tuple[Company, ...]
    book: Book
    books: tuple[Book, ...]
    timezone: ZoneInfo
    now: datetime
    as_of: date | None = None
    known_at: datetime | None = None
    everywhere: bool = False  # whether they administer every company of the server
    shows: str = "then"  # see pages.page
    travelling: Mapping[str, str] = field(default_factory=dict)

    @property
    def company_id(self) -> int:
        return self.company.company_id

    @property
    def book_id(self) -> int:
        return self.book.book_id

    @property
    def user_id(self) -> int:
        return self.actor.user_id

    @property
    def today(self) -> date:
        """The calendar day it is in the company's time zone."""
        return self.now.astimezone(self.timezone).date()

    @property
    def day(self) -> date:
        """The day the pages show."""
        return self.as_of or self.today

    @property
    def known_at_local(self) -> str:
        """`known_at` as the browser's own control takes it."""
        return (
            ""
            if self.known_at is None
            else self.known_at.astimezone(self.timezone).strftime("%Y-%m-%dT%H:%M")
        )

    @property
    def travels(self) -> bool:
        """Whether the pages show another day, or another state of knowledge, than now."""
        return self.as_of is not None or self.known_at is not None

    def amount(self, minor: int | None) -> Decimal | None:
        """Minor units of the book's currency as an amount."""
        return None if minor is None else formatting.from_minor(minor, self.book.currency_decimals)

    def may(self, permission: str) -> bool:
        return allowed(self.actor, permission)

    def link(self, name: str, *args: object, **params: object) -> str:
        """The address of a page of this company, with book and dates. A parameter that is None is left out."""
        path = reverse(f"web:{name}", args=[self.company.code, *args])
        return with_query(path, {**self.travelling, **params})

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """One unchanging state of the company's data, however many queries a page asks."""
        with db.company_transaction(company_id=self.company_id, actor_id=self.user_id, read_only=True):
            yield


def query_items(query: QueryDict) -> list[tuple[str, str]]:
    """The parameters of an address, the last one of each name."""
    return [(name, str(query[name])) for name in query]


def with_query(path: str, params: Mapping[str, Any]) -> str:
    query = urlencode({key: str(value) for key, value in params.items() if value not in (None, "")})
    return f"{path}?{query}" if query else path


def companies_of(user_id: int) -> tuple[Company, ...]:
    """The companies of which a person is a member."""
    with db.company_transaction(company_id=None, actor_id=user_id):
        return tuple(ledger.companies())


def open_desk(user_id: int, code: str, query: QueryDict, *, now: datetime) -> Desk:
    """The desk of a person in a company; a company that is not theirs does not exist for them."""
    companies = companies_of(user_id)
    company = next((company for company in companies if company.code == code), None)
    if company is None:
        raise _no_company(code)
    timezone = ZoneInfo(company.timezone)
    with db.company_transaction(company_id=company.company_id, actor_id=user_id):
        actor = people.actor_for(user_id=user_id, company_id=company.company_id)
        books = tuple(ledger.books(company.company_id))
        manages = actor is not None and allowed(actor, "company.manage")
        everywhere = manages and people.administers_every_company()
    if actor is None:
        raise _no_company(code)
    book = _book(books, query.get("book", ""))
    return Desk(
        actor=actor,
        company=company,
        companies=companies,
        book=book,
        books=books,
        timezone=timezone,
        now=now,
        everywhere=everywhere,
        as_of=_day(query.get("as_of", "")),
        known_at=_moment(query.get("known_at", ""), timezone),
        travelling={
            name: str(query[name])
            for name in ("book", "as_of", "known_at")
            if query.get(name) and not (name == "book" and book.is_primary)
        },
    )


def _no_company(code: str) -> NotFound:
    message = _("There is no company “%(code)s” among yours.") % {"code": code[:40]}
    return NotFound(Problem("company", "exists", message))


def _book(books: tuple[Book, ...], code: str) -> Book:
    found = next((book for book in books if book.code == code), None) if code else books[0]
    if found is None:
        message = _("There is no book “%(code)s” in this company.") % {"code": code[:40]}
        raise NotFound(Problem("book", "exists", message))
    return found


def _day(given: str) -> date | None:
    if not given:
        return None
    try:
        return day_of(given)
    except ValueError:
        raise refuse("as_of", "day", _("“As of” takes a day such as 2026-01-31.")) from None


def _moment(given: str, timezone: ZoneInfo) -> datetime | None:
    """A moment on the company's clock; a day alone means its end."""
    if not given:
        return None
    try:
        return moment_of(given, timezone)
    except ValueError:
        message = _("“Known at” takes a day, or a day and a time such as 2026-01-31T18:00.")
        raise refuse("known_at", "moment", message) from None
