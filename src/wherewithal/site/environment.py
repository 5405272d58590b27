"""Every setting that comes from outside, read in one place.

Each is one environment variable, documented in docs/reference/settings.md (a test holds the two together).
Nothing here touches the network or the database: settings can be imported without either.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf.locale import LANG_INFO

TRUE = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: what it is called, what it does, what holds when it is not set."""

    name: str
    meaning: str
    default: str = ""


VARIABLES = (
    Variable("WHEREWITHAL_HOME", "The data folder: database, attachments, secret key.", "~/.wherewithal"),
    Variable(
        "DATABASE_URL",
        "A PostgreSQL 17+ server instead of the embedded one: postgresql://user:password@host:5432/name. "
        "The user owns the database and may create roles.",
    ),
    Variable(
        "DATABASE_APP_URL",
        "The application's own, less privileged connection, for servers where DATABASE_URL's user may not create "
        "roles. Default: the role <database>_app, made and given a password at each `migrate`.",
    ),
    Variable(
        "WHEREWITHAL_SECRET_KEY", "Signs sessions and tokens. Default: made once, kept in the data folder."
    ),
    Variable(
        "WHEREWITHAL_HOSTS", "Host names under which the site may be reached, comma-separated.", "localhost"
    ),
    Variable(
        "WHEREWITHAL_HTTPS", "1 when served over HTTPS: secure cookies, strict transport security.", "0"
    ),
    Variable(
        "WHEREWITHAL_DEBUG", "1 shows tracebacks in the browser. Never on a server that others reach.", "0"
    ),
    Variable("WHEREWITHAL_LANGUAGES", "The languages that people may choose, comma-separated.", "en,de"),
    Variable("WHEREWITHAL_LOG", "Least level that is logged: debug, info, warning or error.", "info"),
    Variable("WHEREWITHAL_POOL", "Database connections per server process, at most.", "8"),
    Variable(
        "WHEREWITHAL_BACKUPS_KEPT",
        "Backups that stay in the data folder: one is made each night, and the oldest beyond so many go. "
        "0: none is made at night, and none goes.",
        "7",
    ),
    Variable("PG_BIN", "A folder with PostgreSQL 17+ programs, in place of the installed wheel's."),
    Variable(
        "WHEREWITHAL_TEST_HOME", "Where `make test` keeps its cluster. Default: a folder that is removed."
    ),
    Variable("WHEREWITHAL_REQUIRE_BROWSER", "1 makes a missing Chromium a failure of the tests.", "0"),
    Variable("CHROMIUM", "The Chromium that the browser tests use.", "/usr/bin/chromium"),
)


def text(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable's value, or its documented default."""
    variable = next(v for v in VARIABLES if v.name == name)
    return environ.get(name, "").strip() or variable.default


def flag(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    return text(name, environ).lower() in TRUE


def number(name: str, environ: Mapping[str, str] = os.environ) -> int:
    value = text(name, environ)
    if not value.isdigit():
        raise SystemExit(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    return [word.strip() for word in text(name, environ).split(",") if word.strip()]


def languages(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Codes of languages, English first among them."""
    given = [word.lower() for word in words("WHEREWITHAL_LANGUAGES", environ)]
    for code in given:
        if not (code in LANG_INFO or code.split("-")[0] in LANG_INFO):
            raise SystemExit(
                f"WHEREWITHAL_LANGUAGES: there is no language {code!r}; codes are such as en, de, fr."
            )
    return list(dict.fromkeys(["en", *given]))


def home(environ: Mapping[str, str] = os.environ) -> Path:
    """The data folder. Made, and closed to others, by whoever first writes into it."""
    return Path(text("WHEREWITHAL_HOME", environ)).expanduser().absolute()


def secret_key(folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """The key given by the environment, else the one kept in the data folder (0600), made at first use."""
    given = text("WHEREWITHAL_SECRET_KEY", environ)
    if given:
        return given
    path = folder / "secret_key"
    if not path.exists():
        _keep_first(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def make_home(folder: Path) -> None:
    """The data folder, closed to others. Root's may be passed through (not read): its server runs as another user."""
    folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def _keep_first(path: Path, value: str) -> None:
    """Write a private file unless another process has just done so; never leave it half written."""
    make_home(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(value + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
