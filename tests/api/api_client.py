"""Two companies, a user for each role, a token for each user, and a client that speaks as programs do."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.test import Client

from wherewithal.kit import db
from wherewithal.ledger.services import create_company
from wherewithal.people import services as people
from wherewithal.people.permissions import PERMISSIONS, ROLES

PROBLEM = "application/problem+json"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, as a program reads it."""

    status: int
    body: Any
    media_type: str
    headers: dict[str, str]

    @property
    def fields(self) -> set[str]:
        return {error["field"] for error in self.body["errors"]}

    @property
    def rules(self) -> set[str]:
        return {error["rule"] for error in self.body["errors"]}


class Api:
    """A client with a token."""

    client = Client()  # one for all: it keeps nothing but cookies, and the API sets none

    def __init__(self, token: str | None) -> None:
        self.token = token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        media_type: str = "application/json",
    ) -> Said:
        sent = {"Content-Type": media_type} | (headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if key is not None:
            sent["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(method, f"/api/v1{path}", data, content_type=media_type, headers=sent)
        found = json.loads(answer.content) if answer.content else None
        return Said(answer.status_code, found, answer["Content-Type"], dict(answer.headers))

    def get(self, path: str, **headers: str) -> Said:
        return self.call("GET", path, headers=headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Said:
        return self.call("POST", path, body, key=key or new_key())

    def patch(self, path: str, body: Any, *, key: str | None = None) -> Said:
        return self.call("PATCH", path, body, key=key or new_key())

    def put(self, path: str, body: Any, *, key: str | None = None) -> Said:
        return self.call("PUT", path, body, key=key or new_key())

    def delete(self, path: str, *, key: str | None = None) -> Said:
        return self.call("DELETE", path, key=key or new_key())


def new_key() -> str:
    return f"key-{next(_numbers)}"


@dataclass(slots=True)
class Firm:
    """A company with users of all roles."""

    company_id: int
    book_id: int
    users: dict[str, int] = field(default_factory=dict)
    tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def api(self, role: str = "administrator", scopes: Iterable[str] = PERMISSIONS) -> Api:
        """A client whose token acts for a user of the role."""
        known = (role, tuple(sorted(scopes)))
        if known not in self.tokens:
            self.tokens[known] = people.create_token(
                company_id=self.company_id, user_id=self._user(role), name="test", scopes=known[1]
            )
        return Api(self.tokens[known])

    def _user(self, role: str) -> int:
        if role not in self.users:
            user_id = people.create_user(username=f"{role}-{self.company_id}", password=None)
            people.add_member(company_id=self.company_id, user_id=user_id, roles=[role])
            self.users[role] = user_id
        return self.users[role]

    def rows(self) -> dict[str, int]:
        """How many rows the company has in each table, as its own users see them."""
        counts = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM \"{table}\" WHERE company_id = %(company)s"
            for table in _tables_of_companies()
        )
        with db.company_transaction(company_id=self.company_id):
            return dict(db.fetch_all(counts, {"company": self.company_id}))


@cache
def _tables_of_companies() -> list[str]:
    """What holds rows of companies and may be read. Asked once: it takes longer than to count them all."""
    with db.company_transaction(company_id=None):
        tables = db.fetch_all(
            "SELECT DISTINCT c.table_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND c.column_name = 'company_id' AND t.table_type = 'BASE TABLE'"
            " AND has_table_privilege(quote_ident(c.table_schema) || '.' || quote_ident(c.table_name), 'SELECT')"
            " ORDER BY 1"
        )
    return [str(table) for (table,) in tables]


def new_firm() -> Firm:
    created = create_company(
        code=f"A{next(_numbers)}", name="Api & Co", country="DE", currency="EUR", timezone="Europe/Berlin"
    )
    return Firm(created.company_id, created.book_id)


def role_without(permissions: Iterable[str]) -> str | None:
    """A role that has none of these."""
    wanted = set(permissions)
    return next((role for role, granted in ROLES.items() if not wanted & granted), None)
