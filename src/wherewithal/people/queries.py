"""The only reads of users, memberships, tokens, saved views and the audit trail."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all, fetch_one
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.people.permissions import Actor

LARGEST_PAGE = 1_001


@dataclass(frozen=True, slots=True)
class Membership:
    """Roles of a user in one company."""

    company_id: int
    company_code: str
    company_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One who may work in the company, or once could."""

    membership_id: int
    user_id: int
    username: str
    name: str
    email: str
    roles: tuple[str, ...]
    active: bool
    last_login: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token without its secret."""

    token_id: int
    user_id: int
    username: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    last_used_at: datetime.datetime | None
    revoked_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class UserRow:
    user_id: int
    username: str
    name: str
    email: str
    is_active: bool
    last_login: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class AuditChange:
    """One change of one row of master data. For an update `old` and `new` hold only what changed."""

    change_id: int
    at: datetime.datetime
    actor_id: int | None
    username: str | None
    table_name: str
    row_id: str
    action: str
    old: dict[str, object] | None
    new: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list as somebody keeps it: `query` is the part of an address after the question mark."""

    view_id: int
    user_id: int
    username: str
    list_name: str
    name: str
    query: str
    shared: bool


def anybody() -> bool:
    """Whether there is anybody who could sign in."""
    return fetch_one("SELECT 1 FROM people_user WHERE is_active LIMIT 1") is not None


def memberships_of(user_id: int) -> list[Membership]:
    """The companies in which the user works. Asked in a transaction of that user."""
    rows = fetch_all(
        """
        SELECT m.company_id, c.code, c.name, m.roles
        FROM people_membership m JOIN ledger_company c ON c.id = m.company_id
        WHERE m.user_id = %s AND m.active ORDER BY lower(c.name), c.id
        """,
        (user_id,),
    )
    return [Membership(company_id, code, name, tuple(roles)) for company_id, code, name, roles in rows]


def administers_every_company() -> bool:
    """Whether the user of the transaction is an administrator of all companies on this server."""
    row = fetch_one("SELECT people_administers_every_company()")
    return bool(row and row[0])


def actor_for(*, user_id: int, company_id: int) -> Actor | None:
    """What the user is in the company; None if nothing."""
    row = fetch_one(
        """
        SELECT m.roles FROM people_membership m JOIN people_user u ON u.id = m.user_id
        WHERE m.company_id = %s AND m.user_id = %s AND m.active AND u.is_active
        """,
        (company_id, user_id),
    )
    return None if row is None else Actor(user_id, company_id, frozenset(row[0]))


def members(company_id: int, *, active_only: bool = False) -> list[Member]:
    """All members by name."""
    rows = fetch_all(
        """
        SELECT m.id, u.id, u.username, u.name, u.email, m.roles, m.active AND u.is_active, u.last_login
        FROM people_membership m JOIN people_user u ON u.id = m.user_id
        WHERE m.company_id = %s AND (NOT %s OR (m.active AND u.is_active)) ORDER BY lower(u.username)
        """,
        (company_id, active_only),
    )
    return [
        Member(membership_id, user_id, username, name, email, tuple(roles), active, last_login)
        for membership_id, user_id, username, name, email, roles, active, last_login in rows
    ]


def tokens(company_id: int, *, user_id: int | None = None) -> list[TokenRow]:
    """The company's tokens, or those of one user, latest first."""
    rows = fetch_all(
        """
        SELECT t.id, t.user_id, u.username, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
        FROM people_token t JOIN people_user u ON u.id = t.user_id
        WHERE t.company_id = %s AND (%s::bigint IS NULL OR t.user_id = %s) ORDER BY t.id DESC
        """,
        (company_id, user_id, user_id),
    )
    return [
        TokenRow(
            token_id, owner_id, username, name, tuple(scopes), created_at, expires_at, used_at, revoked_at
        )
        for token_id, owner_id, username, name, scopes, created_at, expires_at, used_at, revoked_at in rows
    ]


def users() -> list[UserRow]:
    """Everybody who can sign in, of whatever company: for the operator's shell, never for a page."""
    rows = fetch_all(
        "SELECT id, username, name, email, is_active, last_login FROM people_user ORDER BY lower(username)"
    )
    return [UserRow(*row) for row in rows]


def user_by_login(login: str) -> UserRow:
    """The user of that username or e-mail address."""
    row = fetch_one(
        """
        SELECT id, username, name, email, is_active, last_login FROM people_user
        WHERE lower(username) = lower(%s) OR (email <> '' AND lower(email) = lower(%s))
        ORDER BY lower(username) = lower(%s) DESC LIMIT 1
        """,
        (login, login, login),
    )
    if row is None:
        raise NotFound(Problem("user", "exists", say("There is no user {login}.", login=login), value=login))
    return UserRow(*row)


def usernames(user_ids: set[int]) -> dict[int, str]:
    """Names to show beside what people did."""
    return dict(fetch_all("SELECT id, username FROM people_user WHERE id = ANY (%s)", (sorted(user_ids),)))


def with_second_factor(user_ids: Sequence[int]) -> frozenset[int]:
    """Which of these users must show a second factor when they sign in."""
    rows = fetch_all(
        "SELECT DISTINCT user_id FROM mfa_authenticator WHERE type = 'totp' AND user_id = ANY (%s::bigint[])",
        (list(user_ids),),
    )
    return frozenset(row[0] for row in rows)


def audit_trail(
    company_id: int,
    *,
    table_name: str | None = None,
    row_id: str | None = None,
    actor_id: int | None = None,
    action: str | None = None,
    from_at: datetime.datetime | None = None,
    to_at: datetime.datetime | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[AuditChange]:
    """Who changed which master data, when, from what to what; latest first. Next page: `before_id` of the last."""
    filters = (
        ("c.table_name = %s", table_name),
        ("c.row_id = %s", row_id),
        ("c.actor_id = %s", actor_id),
        ("c.action = %s", action),
        ("c.at >= %s", from_at),
        ("c.at <= %s", to_at),
        ("c.id < %s", before_id),
    )
    used = [(condition, value) for condition, value in filters if value is not None]
    rows = fetch_all(
        f"""
        SELECT c.id, c.at, c.actor_id, u.username, c.table_name, c.row_id, c.action, c.old, c.new
        FROM kit_audit_change c LEFT JOIN people_user u ON u.id = c.actor_id
        WHERE {" AND ".join(["c.company_id = %s", *(condition for condition, _ in used)])}
        ORDER BY c.id DESC LIMIT %s
        """,  # noqa: S608 - the conditions above
        (company_id, *(value for _, value in used), max(1, min(limit, LARGEST_PAGE))),
    )
    return [AuditChange(*row) for row in rows]


_VIEWS = """
    SELECT v.id, v.user_id, u.username, v.list, v.name, v.query, v.shared
    FROM people_saved_view v JOIN people_user u ON u.id = v.user_id
    WHERE v.company_id = %s
"""


def saved_views(company_id: int, *, list_name: str) -> list[SavedView]:
    """The views of a list that the reader sees, by name: their own and those that are shared."""
    rows = fetch_all(
        f"{_VIEWS} AND v.list = %s ORDER BY lower(v.name), v.id LIMIT 200", (company_id, list_name)
    )
    return [SavedView(*row) for row in rows]


def saved_view(company_id: int, view_id: int) -> SavedView:
    """One view; NotFound for what is not there, or is another's own."""
    row = fetch_one(f"{_VIEWS} AND v.id = %s", (company_id, view_id))
    if row is None:
        raise NotFound(Problem("view", "exists", say("There is no such view."), value=str(view_id)))
    return SavedView(*row)
