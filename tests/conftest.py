"""One PostgreSQL for the whole run, one migrated template, one database per worker, all seen as the application's role.

Where: the embedded server (sockets only, fsync off) in a folder that is removed, or kept in WHEREWITHAL_TEST_HOME; or
the server that DATABASE_URL names, whose role must then be allowed to create databases.

Tests with `db` roll back. Tests with `transaction=True` leave their rows behind, because posted is posted and tables
refuse to be emptied: every test makes a company of its own, and companies do not see each other.
"""

import contextlib
import dataclasses
import gc
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent
ACTIVE = "WHEREWITHAL_TEST_HOME_ACTIVE"  # how xdist's workers learn the place from their controller


def _prepare_environment() -> None:
    """Before settings are first imported: a data folder of the tests' own, and no pool (threads come and go)."""
    if ACTIVE not in os.environ:
        kept = os.environ.get("WHEREWITHAL_TEST_HOME", "")
        home = Path(kept).absolute() if kept else Path(tempfile.mkdtemp(prefix="wherewithal-test-"))
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)  # when root runs the tests, the server's own user must be able to pass through
        home.joinpath("static").mkdir(exist_ok=True)  # WhiteNoise warns when it is missing
        os.environ[ACTIVE] = str(home)
    os.environ.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # a hundred processes are started: compiled once, not by each
    os.environ |= {
        "WHEREWITHAL_HOME": os.environ[ACTIVE],
        "WHEREWITHAL_POOL": "0",
        "WHEREWITHAL_LOG": "warning",
        "WHEREWITHAL_SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "wherewithal.site.settings",
    }


_prepare_environment()
gc.disable()  # while tests are collected, all of which stay

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from psycopg import sql  # noqa: E402

from wherewithal.kit import cluster  # noqa: E402
from wherewithal.kit.cluster import Database  # noqa: E402
from wherewithal.site import start  # noqa: E402

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
TransactionTestCase._fixture_teardown = lambda self: None  # type: ignore[method-assign]  # see above: nothing is flushed


def _closes_connections(_case: TransactionTestCase) -> bool:
    """No: a connection serves the next test too, or each would look up the tables and compile their triggers anew. Only
    one that is broken, or was left within a transaction, goes.
    """
    for connection in connections.all(initialized_only=True):
        idle = psycopg.pq.TransactionStatus.IDLE
        if connection.connection is not None and connection.connection.info.transaction_status != idle:
            connection.close()
    return False


TransactionTestCase._should_reload_connections = _closes_connections


# A slow or busy machine is no fault: no example has to be drawn or answered within a time.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")


def pytest_unconfigure(config: pytest.Config) -> None:
    """The controller removes the folder after the last worker has gone."""
    kept = os.environ.get("WHEREWITHAL_TEST_HOME")
    if not kept and not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[ACTIVE], ignore_errors=True)


LONGEST = (
    "test_sound_goods.py",
    "test_crawler.py",
    "test_kill_serving.py",
    "test_sound_money.py",
    "test_histories.py",
    "test_serve.py",
    "test_schemathesis.py",
    "test_kill.py",
    "test_postgres.py",
    "test_operations.py",
    "test_asset_histories.py",
    "test_demo_assets.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Of a whole run, each worker begins to read elsewhere: what one has compiled, the others find compiled."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker and config.args == ["tests"]:
        parts = sorted(
            f"tests/{each.name}"
            for each in ROOT.joinpath("tests").iterdir()
            if (each.is_dir() and each.name[0].isalpha()) or each.match("test_*.py")
        )
        first = int(worker) * len(parts) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        config.args = parts[first:] + parts[:first]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no worker is left alone with one at the end; those that wait for
    processes lie between those that work.
    """
    turns = {name: turn for turn, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (turns.get(item.path.name, len(LONGEST)), item.path))


def pytest_collection_finish() -> None:
    """What collecting has made stays to the end, and is set aside: an import of a file, which begins and ends with a
    look at all there is, would take half a second each. Nothing that tests say depends on when garbage goes.
    """
    gc.collect()
    gc.freeze()
    gc.unfreeze = lambda: None  # type: ignore[assignment]  # by an import that ends: it would bring all of it back
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


# --- database ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def database_server() -> Iterator[Database]:
    """The server runs; the roles exist."""
    with cluster.available(settings.DATABASE, durable=False):
        yield settings.DATABASE


@pytest.fixture(scope="session")
def template(database_server: Database, django_db_blocker: pytest.FixtureRequest) -> str:
    """The name of a migrated database. Migrated once per state of the migrations, whoever comes first."""
    name = f"{database_server.owner.name}_template_{_state_of_migrations()}"
    with cluster.starting(database_server), _administrator(database_server) as connection:
        comment = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)
        ).fetchone()
        if comment != ("complete",):
            _make_template(connection, database_server, name, django_db_blocker)
    return name


def _make_template(connection: psycopg.Connection, database: Database, name: str, blocker: object) -> None:
    identifier = sql.Identifier(name)
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {}").format(identifier, sql.Identifier(database.owner.user))
    )
    with blocker.unblock():  # type: ignore[attr-defined]
        _point_at(database, name)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections["owner"].close()
        cluster.grant(settings.DATABASE)
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS 'complete'").format(identifier))


@pytest.fixture(scope="session")
def django_db_setup(database_server: Database, template: str, django_db_blocker: object) -> Iterator[None]:
    """In place of pytest-django's own: this worker's copy of the template."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"{template}_{worker}_{os.getpid()}"
    with new_database(database_server, template, name) as database:
        _point_at(database, name)
        with _migrated_once():
            yield
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connections.close_all()


@contextlib.contextmanager
def _migrated_once() -> Iterator[None]:
    """Commands look for migrations whenever they start; this worker's own database is looked at by the first one only."""
    migrate, own = start.migrate, settings.DATABASE.owner.name
    looked_at: set[str] = set()

    def once() -> None:
        name = settings.DATABASE.owner.name
        if name not in looked_at:
            migrate()
        looked_at.update({name} & {own})

    start.migrate = once
    yield
    start.migrate = migrate


@pytest.fixture
def blank_database(transactional_db: None, database_server: Database) -> Iterator[Callable[[], Database]]:
    """A function that moves Django to a database without a single table, until the test ends."""
    before = settings.DATABASE
    name = f"{before.owner.name}_blank"

    def move() -> Database:
        _point_at(before, name)
        return settings.DATABASE

    with new_database(database_server, "template0", name):
        yield move
        connections.close_all()
        _point_at(before, before.owner.name)


@contextlib.contextmanager
def new_database(server: Database, template: str, name: str) -> Iterator[Database]:
    """A database copied from the template, ready for the application's role; dropped at the end."""
    owned = Database(
        dataclasses.replace(server.owner, name=name),
        dataclasses.replace(server.app, name=name),
        server.folder,
    )
    identifier = sql.Identifier(name)
    with _administrator(server) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                identifier, sql.Identifier(server.owner.user), sql.Identifier(template)
            )
        )
        if template != "template0":
            cluster.grant(owned)
    yield owned
    with _administrator(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _administrator(database: Database) -> psycopg.Connection:
    return cluster.administrator(database)


def _point_at(database: Database, name: str) -> None:
    """Django's two connections, and whoever reads settings.DATABASE, use this database from now on."""
    settings.DATABASE = Database(
        dataclasses.replace(database.owner, name=name),
        dataclasses.replace(database.app, name=name),
        database.folder,
    )
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name


def _state_of_migrations() -> str:
    """Ten characters that change whenever a migration or one of the SQL files behind it does."""
    digest = hashlib.sha256()
    source = ROOT / "src" / "wherewithal"
    for path in sorted(
        [*source.glob("*/migrations/*.py"), *source.glob("*/sql/*.sql"), *source.glob("kit/rls.py")]
    ):
        digest.update(path.read_bytes())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()[:10]


# --- what only some machines have -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path. Missing: the browser ring is left out, unless WHEREWITHAL_REQUIRE_BROWSER=1."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
    if found and Path(found).exists():
        return found
    message = "no Chromium: install it, or name it in CHROMIUM"
    if os.environ.get("WHEREWITHAL_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of cases and data that lies beside the repository on the machines of those who build it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of shared cases is not on this machine")
    return folder
