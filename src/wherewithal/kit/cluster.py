"""Which database, and the two roles in it.

The *owner* owns every table and runs migrations. The *application role* owns nothing, is no superuser and cannot
bypass row-level security: whatever goes wrong above, it sees one company and rewrites nothing that is posted.

Two kinds of place, one description: the embedded PostgreSQL in the data folder (sockets only), or the server that
DATABASE_URL names.
"""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

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

    def conninfo(self) -> dict[str, str]:
        """Keyword arguments for psycopg.connect."""
        given = {
            "user": self.user,
            "password": self.password,
            "host": self.host,
            "port": self.port,
            "dbname": self.name,
        }
        return {key: value for key, value in given.items() if value} | dict(self.options)


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
