"""Two tables that stand for the rooms' own, one guarded like facts, one like master data."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from wherewithal.kit import cluster
from wherewithal.kit.db import forget_prepared
from wherewithal.kit.rls import allow_sequence, protect, share

MAKE = """
    CREATE TABLE try_fact (company_id int NOT NULL, id bigint NOT NULL, note text, PRIMARY KEY (company_id, id));
    CREATE TABLE try_master (company_id int NOT NULL, id int PRIMARY KEY, name text, secret text, seen_at timestamptz);
    CREATE TABLE try_shared (id int PRIMARY KEY, name text, password text);
    CREATE TABLE try_closed (id int PRIMARY KEY);
    CREATE SEQUENCE try_number;
    CREATE TABLE try_any (
        n bigint GENERATED ALWAYS AS IDENTITY,
        company_id int NOT NULL DEFAULT nullif(current_setting('app.company', true), '')::int,
        place int, a_text text, a_number numeric, an_instant timestamptz, some_bytes bytea, a_flag boolean, an_id uuid,
        some_json jsonb, words text[], a_date date
    );
"""
FORGET = "DELETE FROM kit_guarded WHERE name LIKE 'try%'"
DROP = "DROP TABLE try_fact, try_master, try_shared, try_closed, try_any; DROP SEQUENCE try_number"


@pytest.fixture(autouse=True)
def _own_statements() -> None:
    """A test that was rolled back before, as tests are, took what was prepared on this connection with it."""
    forget_prepared()


@pytest.fixture(scope="session")
def guarded_tables(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    """Made by the owner through the same operations that migrations use."""
    operations = [
        *protect("try_fact", append_only=True),
        *protect("try_master", audit=True, secret=["secret"], skip=["seen_at"]),
        *protect("try_any"),
        *share("try_shared", "select, insert, update", audit=True, secret=["password"]),
        *allow_sequence("try_number"),
    ]
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        owner = connections["owner"]
        with owner.cursor() as cursor:
            cursor.execute(MAKE)
        with owner.schema_editor() as editor:
            for operation in operations:
                operation.database_forwards("kit", editor, None, None)
        owner.close()
    cluster.grant(settings.DATABASE)
    yield
    with psycopg.connect(settings.DATABASE.owner.conninfo()) as connection:
        connection.execute(FORGET)
        connection.execute(DROP)


@pytest.fixture
def owner() -> Iterator[psycopg.Connection]:
    """The owner's own connection, as a migration or a psql session would have it."""
    with psycopg.connect(settings.DATABASE.owner.conninfo(), autocommit=True) as connection:
        yield connection
