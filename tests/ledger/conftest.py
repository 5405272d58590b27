"""Companies, and connections that know nothing of the application."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from tests.ledger.firm import Firm, make_firm

Connect = Callable[[], "psycopg.Connection[Any]"]


@pytest.fixture
def firm(db: None) -> Firm:
    """In a transaction that is rolled back."""
    return make_firm()


@pytest.fixture
def committed(transactional_db: None) -> Firm:
    """For what needs more than one connection. Rows stay behind, because posted is posted."""
    return make_firm()


@pytest.fixture
def as_app(committed: Firm) -> Iterator[Connect]:
    """Raw connections of the application's role that have said they are of the firm's company."""
    yield from _connections(settings.DATABASE.app.conninfo(), committed.company_id)


@pytest.fixture
def as_owner(transactional_db: None) -> Iterator[Connect]:
    """Raw connections of the role that owns the tables: a migration, or a person with psql."""
    yield from _connections(settings.DATABASE.owner.conninfo(), None)


def _connections(conninfo: str, company_id: int | None) -> Iterator[Connect]:
    opened: list[psycopg.Connection[Any]] = []

    def connect() -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = psycopg.connect(conninfo, autocommit=True)
        opened.append(connection)
        if company_id is not None:
            connection.execute("SELECT set_config('app.company', %s, false)", (str(company_id),))
        return connection

    yield connect
    for connection in opened:
        connection.close()
