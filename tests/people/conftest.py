"""Companies with people in them, and connections that know nothing of the application."""

from collections.abc import Callable, Iterator
from typing import Any

import django
import psycopg
import pytest
from django.conf import settings

django.setup()  # this file may be read before pytest-django gets to it

from tests.people.place import Place, make_place, make_user  # noqa: E402


@pytest.fixture
def place(db: None) -> Place:
    return make_place()


@pytest.fixture
def committed(transactional_db: None) -> Place:
    return make_place()


@pytest.fixture
def user(db: None) -> Callable[..., int]:
    return make_user


@pytest.fixture
def committed_user(transactional_db: None) -> Callable[..., int]:
    return make_user


@pytest.fixture
def committed_place(transactional_db: None) -> Callable[[], Place]:
    return make_place


@pytest.fixture
def as_app(committed: Place) -> Iterator[Callable[..., "psycopg.Connection[Any]"]]:
    """Raw connections of the application's role, in the name of a company or a user."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(company_id: int | None = None, user_id: int | None = None) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = psycopg.connect(
            settings.DATABASE.app.conninfo(), autocommit=True
        )
        opened.append(connection)
        for name, value in (("app.company", company_id), ("app.user", user_id)):
            connection.execute(
                "SELECT set_config(%s, %s, false)", (name, "" if value is None else str(value))
            )
        return connection

    yield connect
    for connection in opened:
        connection.close()
