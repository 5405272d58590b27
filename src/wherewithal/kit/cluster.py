"""Which database, and the two roles in it.

The *owner* owns every table and runs migrations. The *application role* owns nothing, is no superuser and cannot
bypass row-level security: whatever goes wrong above, it sees one company and rewrites nothing that is posted.

Two kinds of place, one description: the embedded PostgreSQL in the data folder (sockets only), or the server that
DATABASE_URL names.
"""

import contextlib
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from wherewithal.kit import postgres

OWNER_ROLE = "wherewithal_owner"
APP_ROLE = "wherewithal_app"
DATABASE_NAME = "wherewithal"


@dataclass(frozen=True, slots=True)
class Login:
    """How one role connects. `host` may be a socket folder."""

    user: str
    password: str
    host: str
    port: str
    name: str
    options: tuple[tuple[str, str], ...] = ()

    def conninfo(self) -> str:
        """What psycopg.connect and pg_dump take; holds the password, so never to be shown."""
        given = {
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.port,
            "dbname": self.name,
        }
        return make_conninfo(**{key: value for key, value in given.items() if value}, **dict(self.options))


@dataclass(frozen=True, slots=True)
class Database:
    """The database and its two logins. `folder` is the embedded server's, None when a server was named."""

    owner: Login
    app: Login
    folder: Path | None


def describe(*, url: str, app_url: str, home: Path, secret_key: str) -> Database:
    """Work out the logins from the settings. Touches nothing."""
    if not url:
        folder = home / "postgres"
        host = str(postgres.socket_folder(folder))
        owner, app = (Login(role, "", host, postgres.PORT, DATABASE_NAME) for role in (OWNER_ROLE, APP_ROLE))
        return Database(owner, app, folder)
    owner = parse_url(url)
    if app_url:
        return Database(owner, parse_url(app_url), None)
    role = f"{owner.name}_app"
    app = Login(role, derived_password(secret_key, role), owner.host, owner.port, owner.name, owner.options)
    return Database(owner, app, None)


def parse_url(url: str) -> Login:
    """postgresql://user:password@host:port/name?sslmode=require; the host may also be a query argument."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise SystemExit("A database URL looks like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    host = unquote(parts.hostname or "") or options.pop("host", "")
    port = str(parts.port or options.pop("port", "") or "")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise SystemExit(
            "The database URL does not name a database: postgresql://user:password@host:5432/name."
        )
    return Login(
        user=unquote(parts.username or options.pop("user", "")),
        password=unquote(parts.password or options.pop("password", "")),
        host=host,
        port=port,
        name=name,
        options=tuple(sorted(options.items())),
    )


def derived_password(secret_key: str, role: str) -> str:
    """The application role's password: known to whoever has the secret key, stored nowhere else."""
    return hmac.new(secret_key.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()


def django_databases(database: Database, *, pool_size: int) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` for everything, `owner` for migrations. A pool size of 0 means no pool."""
    default = _django_database(database.app)
    default["CONN_HEALTH_CHECKS"] = True
    if pool_size:
        default["OPTIONS"]["pool"] = {"min_size": min(2, pool_size), "max_size": pool_size, "timeout": 30}
    return {"default": default, "owner": _django_database(database.owner)}


def _django_database(login: Login) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": login.name,
        "USER": login.user,
        "PASSWORD": login.password,
        "HOST": login.host,
        "PORT": login.port,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {**dict(login.options), "prepare_threshold": 5},
    }


# --- making it ready ---------------------------------------------------------------------------------------

OLDEST_VERSION = 170000
LOCK = 0x57485741  # one start-up at a time per server or database


@contextlib.contextmanager
def available(database: Database, *, durable: bool = True) -> Iterator[postgres.Server | None]:
    """The server runs at least until the block ends. A server that was named is somebody else's to run."""
    if database.folder is None:
        yield None
        return
    with postgres.running(database.folder, durable=durable) as server:
        yield server


@contextlib.contextmanager
def starting(database: Database) -> Iterator[None]:
    """Roles and database exist when the block begins; nobody else prepares or migrates while it lasts."""
    with administrator(database) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        if connection.info.server_version < OLDEST_VERSION:
            raise SystemExit(
                f"PostgreSQL 17 or newer is needed; the server is {connection.info.server_version}."
            )
        if database.folder is not None:
            ensure_embedded(connection, database)
        else:
            ensure_app_role(connection, database)
        yield


def administrator(database: Database) -> "psycopg.Connection[tuple[Any, ...]]":
    """Who may create roles: the superuser of the embedded server, else the owner himself."""
    if database.folder is None:
        return psycopg.connect(database.owner.conninfo(), autocommit=True)
    login = database.owner
    return psycopg.connect(
        host=login.host, port=login.port, user=postgres.SUPERUSER, dbname="postgres", autocommit=True
    )


def ensure_embedded(connection: "psycopg.Connection[tuple[Any, ...]]", database: Database) -> None:
    """The two roles and the database on the embedded server. Sockets are private, so the roles need no password."""
    for role in (database.owner.user, database.app.user):
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    name = database.owner.name
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(database.owner.user)
            )
        )


def ensure_app_role(connection: "psycopg.Connection[tuple[Any, ...]]", database: Database) -> None:
    """The application's role on a server that was named. One that was named too must only be harmless."""
    app = database.app
    if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", app.user):
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
        try:
            connection.execute(statement.format(sql.Identifier(app.user), sql.Literal(app.password)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise SystemExit(
                f"The role {database.owner.user} may not create roles. Let an administrator run:\n"
                f"  CREATE ROLE \"{app.user}\" LOGIN PASSWORD '...';\n"
                "and give its connection in DATABASE_APP_URL."
            ) from error
    elif not _can_log_in(app):
        _renew_password(connection, app)
    powers = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (app.user,)
    ).fetchone()
    if powers and powers[0]:
        raise SystemExit(
            f"The role {app.user} is a superuser or bypasses row-level security: take another one."
        )


def _can_log_in(login: Login) -> bool:
    try:
        psycopg.connect(login.conninfo()).close()
    except psycopg.OperationalError:
        return False
    return True


def _renew_password(connection: "psycopg.Connection[tuple[Any, ...]]", login: Login) -> None:
    """The secret key has changed, or the role is left over from an earlier installation of ours."""
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
    try:
        connection.execute(statement.format(sql.Identifier(login.user), sql.Literal(login.password)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise SystemExit(
            f"The role {login.user} cannot log in with the password that follows from the secret key, and "
            f"{connection.info.user} may not change it. Give the role's connection in DATABASE_APP_URL."
        ) from error


def grant(database: Database) -> None:
    """Give the application's role what the migrations say, and nothing else; pin where guards look. After each migration."""
    login = database.owner
    app = sql.Identifier(database.app.user)
    name = sql.Identifier(login.name)
    with psycopg.connect(login.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, app))
        connection.execute("SELECT kit_grant_all(%s)", (database.app.user,))
        connection.execute("SELECT kit_guards_look_at_home()")


def _exists(connection: "psycopg.Connection[tuple[Any, ...]]", query: str, value: str) -> bool:
    return connection.execute(query, (value,)).fetchone() is not None
