"""The only writes of users, memberships, tokens and saved views."""

import datetime
import re
from collections.abc import Iterable

import psycopg
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from wherewithal.core.words import say
from wherewithal.kit.db import call, company_transaction, constraint, execute, fetch_one, sqlstate
from wherewithal.kit.errors import Conflict, Forbidden, NotFound, Problem, Refused, refuse
from wherewithal.people import queries
from wherewithal.people.models import User
from wherewithal.people.permissions import PERMISSIONS, ROLES, Actor
from wherewithal.people.queries import SavedView
from wherewithal.people.tokens import company_of, new_token, token_hash

USERNAME = re.compile(r"[\w.@+-]{1,150}")
LAST_ADMINISTRATOR = "WH110"
LONGEST_NAME = 200
LONGEST_VIEW_NAME = 80
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,2}")


def create_user(
    *,
    username: str,
    password: str | None,
    email: str = "",
    name: str = "",
    company_id: int | None = None,
    actor_id: int | None = None,
) -> int:
    """A user who signs in by username or e-mail, in any case; without a password only by a token or another provider.

    `company_id` is the company in whose name an administrator does this, for the audit trail; a user belongs to none.
    """
    problems = [
        *_username_problems(username),
        *_email_problems(email),
        *_name_problems("name", name, required=False),
        *_password_problems(password, User(username=username, email=email, name=name)),
    ]
    if problems:
        raise Refused(problems)
    with company_transaction(company_id=company_id, actor_id=actor_id):
        try:
            row = fetch_one(
                "INSERT INTO people_user (username, email, name, password, is_active) "
                "VALUES (%s, %s, %s, %s, true) RETURNING id",
                (username, email.lower(), name.strip(), make_password(password)),
            )
        except psycopg.errors.UniqueViolation as error:
            field = "email" if "email" in (constraint(error) or "") else "username"
            raise Conflict(
                Problem(field, "unique", say("There is a user with this {field} already.", field=field))
            ) from error
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def set_password(*, user_id: int, password: str, actor_id: int | None = None) -> None:
    """A new password; sessions that were opened with the old one end."""
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise _no_user(user_id)
    problems = _password_problems(password, user)
    if problems:
        raise Refused(problems)
    with company_transaction(company_id=None, actor_id=actor_id):
        execute("UPDATE people_user SET password = %s WHERE id = %s", (make_password(password), user_id))


def set_language(*, user_id: int, language: str, actor_id: int | None = None) -> None:
    """The language in which the user reads, by its code (de, pt-br); '' is what the browser asks for."""
    if language and not _LANGUAGE.fullmatch(language):
        raise refuse("language", "form", say("A language is a code like de or pt-br."), value=language)
    with company_transaction(company_id=None, actor_id=actor_id):
        if not execute("UPDATE people_user SET language = %s WHERE id = %s", (language, user_id)):
            raise _no_user(user_id)


def add_member(*, company_id: int, user_id: int, roles: Iterable[str], actor_id: int | None = None) -> int:
    """Let a user work in the company, in addition to the roles they may have there already; the membership's id."""
    wanted = _checked_roles(roles)
    with company_transaction(company_id=company_id, actor_id=actor_id):
        if fetch_one("SELECT FROM people_user WHERE id = %s", (user_id,)) is None:
            raise _no_user(user_id)
        row = fetch_one(
            """
            INSERT INTO people_membership AS m (company_id, user_id, roles) VALUES (%s, %s, %s)
            ON CONFLICT (company_id, user_id) DO UPDATE SET active = true,
                roles = ARRAY(SELECT DISTINCT r FROM unnest(
                    CASE WHEN m.active THEN m.roles ELSE '{}' END || excluded.roles) AS r ORDER BY r)
            RETURNING id
            """,
            (company_id, user_id, wanted),
        )
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def set_roles(*, company_id: int, user_id: int, roles: Iterable[str], actor_id: int | None = None) -> None:
    """The member's roles from now on. The last administrator of a company keeps that role."""
    _change_member(company_id, user_id, "roles = %s", _checked_roles(roles), actor_id)


def remove_member(*, company_id: int, user_id: int, actor_id: int | None = None) -> None:
    """End the membership. Tokens of the user in this company stop working with it."""
    _change_member(company_id, user_id, "active = %s", False, actor_id)


def create_token(
    *,
    company_id: int,
    user_id: int,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime.datetime | None = None,
    actor_id: int | None = None,
) -> str:
    """A token that acts for the user in the company, within the scopes. Its text is shown this once, never again."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in PERMISSIONS]
    problems = [*_name_problems("name", name, required=True)]
    if unknown or not wanted:
        message = say("Scopes are permissions: {permissions}.", permissions=", ".join(PERMISSIONS))
        problems.append(Problem("scopes", "choice", message, value=", ".join(unknown)))
    if expires_at is not None and expires_at.tzinfo is None:
        problems.append(Problem("expires_at", "timezone", say("An instant needs a time zone.")))
    if problems:
        raise Refused(problems)
    text = new_token(company_id)
    with company_transaction(company_id=company_id, actor_id=actor_id):
        if (
            fetch_one(
                "SELECT FROM people_membership WHERE company_id = %s AND user_id = %s AND active",
                (company_id, user_id),
            )
            is None
        ):
            raise _no_member(user_id)
        execute(
            "INSERT INTO people_token (company_id, user_id, name, token_hash, scopes, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (company_id, user_id, name.strip(), token_hash(text), wanted, expires_at),
        )
    return text


def revoke_token(*, company_id: int, token_id: int, actor_id: int | None = None) -> None:
    """Make a token useless, at once and for good."""
    with company_transaction(company_id=company_id, actor_id=actor_id):
        known = execute(
            "UPDATE people_token SET revoked_at = coalesce(revoked_at, now()) WHERE company_id = %s AND id = %s",
            (company_id, token_id),
        )
        if not known:
            raise NotFound(
                Problem(
                    "token", "exists", say("There is no such token in this company."), value=str(token_id)
                )
            )


def save_view(
    *, company_id: int, actor_id: int, list_name: str, name: str, query: str, shared: bool = False
) -> int:
    """Keep how the actor sees a list, under a name; a view of theirs of that name is replaced. The view's id."""
    name = " ".join(name.split())
    problems = _name_problems("name", name, required=True)
    if len(name) > LONGEST_VIEW_NAME:
        message = say(
            "The name has {count} characters; at most {longest_view_name} fit.",
            count=len(name),
            longest_view_name=LONGEST_VIEW_NAME,
        )
        problems = [Problem("name", "too_long", message, value=name[:40])]
    if not list_name or len(list_name) > 100 or len(query) > 4000 or "\0" in list_name + query:
        problems.append(Problem("query", "too_long", say("This view has too many filters to be kept.")))
    if problems:
        raise Refused(problems)
    with company_transaction(company_id=company_id, actor_id=actor_id):
        row = fetch_one(
            """
            INSERT INTO people_saved_view (company_id, user_id, list, name, query, shared)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (company_id, user_id, list, name)
            DO UPDATE SET query = excluded.query, shared = excluded.shared
            RETURNING id
            """,
            (company_id, actor_id, list_name, name, query, shared),
        )
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def delete_view(*, company_id: int, actor_id: int, view_id: int, of_others: bool = False) -> SavedView:
    """Forget a view of the actor's; with `of_others`, one that somebody else shares. What it was."""
    with company_transaction(company_id=company_id, actor_id=actor_id):
        view = queries.saved_view(company_id, view_id)
        if view.user_id != actor_id and not of_others:
            message = say(
                "The view belongs to {username}: they, or an administrator, may remove it.",
                username=view.username,
            )
            raise Forbidden(Problem("view", "owner", message, value=str(view_id)))
        execute("DELETE FROM people_saved_view WHERE company_id = %s AND id = %s", (company_id, view_id))
    return view


_ACTOR_OF_TOKEN = """
    SELECT t.*
    FROM (SELECT 1) AS always
    LEFT JOIN LATERAL (
        SELECT t.id, t.user_id, array_to_string(m.roles, ' '), array_to_string(t.scopes, ' '),
               t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute'
        FROM people_token t
        JOIN people_membership m ON m.company_id = t.company_id AND m.user_id = t.user_id AND m.active
        JOIN people_user u ON u.id = t.user_id AND u.is_active
        WHERE t.company_id = $1::int AND t.token_hash = $2::bytea AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > now())
    ) AS t ON true
"""


def authenticate_token(text: str) -> Actor | None:
    """Who a token acts for; None if it is unknown, expired or revoked, or its user no longer works there."""
    company_id = company_of(text)
    if company_id is None:
        return None
    with company_transaction(company_id=company_id):
        asked = [str(company_id), f"\\x{token_hash(text).hex()}"]
        token_id, user_id, roles, scopes, long_ago = call(_ACTOR_OF_TOKEN, asked, last=True)
    if token_id is None or user_id is None or roles is None or scopes is None:
        return None
    if long_ago == "t":
        with company_transaction(company_id=company_id):
            execute(
                "UPDATE people_token SET last_used_at = now() WHERE company_id = %s AND id = %s",
                (company_id, int(token_id)),
            )
    return Actor(int(user_id), company_id, frozenset(roles.split()), frozenset(scopes.split()))


def _change_member(company_id: int, user_id: int, change: str, value: object, actor_id: int | None) -> None:
    try:
        with company_transaction(company_id=company_id, actor_id=actor_id):
            changed = execute(
                f"UPDATE people_membership SET {change} WHERE company_id = %s AND user_id = %s AND active",  # noqa: S608
                (value, company_id, user_id),
            )
            if not changed:
                raise _no_member(user_id)
    except psycopg.Error as error:
        if sqlstate(error) != LAST_ADMINISTRATOR:
            raise
        message = say("This is the last administrator of the company: make somebody else one first.")
        raise refuse("roles", "administrator_remains", message) from error


def _checked_roles(roles: Iterable[str]) -> list[str]:
    wanted = sorted(set(roles))
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        message = say("Choose among the roles {roles}.", roles=", ".join(ROLES))
        raise refuse("roles", "choice", message, value=", ".join(unknown))
    return wanted


def _username_problems(username: str) -> list[Problem]:
    if USERNAME.fullmatch(username):
        return []
    message = say("A username has 1 to 150 letters, digits and the characters . @ + - _")
    return [Problem("username", "username", message, value=username)]


def _email_problems(email: str) -> list[Problem]:
    if not email:
        return []
    try:
        validate_email(email)
    except ValidationError:
        return [Problem("email", "email", say("An e-mail address looks like name@example.org."), value=email)]
    return []


def _name_problems(field: str, name: str, *, required: bool) -> list[Problem]:
    if required and not name.strip():
        return [Problem(field, "required", say("A name is needed."))]
    if "\0" in name or len(name) > LONGEST_NAME:
        return [
            Problem(
                field,
                "length",
                say(
                    "A name has at most {longest_name} characters, none of them NUL.",
                    longest_name=LONGEST_NAME,
                ),
            )
        ]
    return []


def _password_problems(password: str | None, user: User) -> list[Problem]:
    if password is None:
        return []
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [Problem("password", "strength", message) for message in error.messages]
    return []


def _no_user(user_id: int) -> NotFound:
    return NotFound(Problem("user", "exists", say("There is no such user."), value=str(user_id)))


def _no_member(user_id: int) -> NotFound:
    return NotFound(
        Problem("user", "member", say("This user does not work in this company."), value=str(user_id))
    )
