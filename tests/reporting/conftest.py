"""A company of each test's own, and somebody with a psql prompt who means harm."""

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from django.conf import settings

from wherewithal.ledger.services import create_company
from wherewithal.reporting import verify
from wherewithal.reporting.checks.values import Finding

numbers = itertools.count(1)
Damage = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Firm:
    company_id: int
    book_id: int


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    """Rows stay behind, because posted is posted; so each test has a company that no other test sees."""
    code = f"V{os.getpid()}N{next(numbers)}"
    created = create_company(
        code=code, name="Verified Ltd", country="AT", currency="EUR", timezone="Europe/Vienna"
    )
    return Firm(created.company_id, created.book_id)


@pytest.fixture
def damage() -> Iterator[Damage]:
    """Run SQL as the tables' owner with a table's triggers switched off: what no application can do.

    The undo statements of a test run when it ends, because other tests share the database.
    """
    undo: list[str] = []

    def run(sql: str, *params: object, triggers_of: tuple[str, ...] = (), undo_by: str | None = None) -> None:
        with _owner() as connection:
            for table in triggers_of:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            connection.execute(sql, params or None)
            for table in triggers_of:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        if undo_by:
            undo.append(undo_by)

    yield run
    with _owner() as connection:
        for sql in reversed(undo):
            connection.execute(sql)


def _owner() -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(settings.DATABASE.owner.conninfo())


def findings(company_id: int, *, deep: bool = False) -> dict[str, list[Finding]]:
    """By check, what verify finds; checks that pass are left out."""
    report = verify.run(company_id=company_id, deep=deep)
    return {check.name: list(check.findings) for check in report.checks if check.total}
