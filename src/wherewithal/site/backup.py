"""Restore: an empty database and an empty folder become what a backup file holds. Making one: reporting/backups.py."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from wherewithal.core.words import say
from wherewithal.kit import cluster
from wherewithal.kit.errors import refuse
from wherewithal.reporting.backups import ATTACHMENTS, DUMP, Tell, run_program, unpack
from wherewithal.site import environment, start


def restore(source: Path, *, tell: Tell) -> dict[str, Any]:
    """Fill an empty database and an empty attachments folder from a backup file; its manifest.

    The server runs; nothing may have been migrated yet. Refuses a file that is incomplete or was changed, and a
    database that holds anything.
    """
    attachments = Path(settings.MEDIA_ROOT)
    if attachments.exists() and any(attachments.iterdir()):
        raise refuse(
            "attachments",
            "empty",
            say("{attachments} is not empty: restore into a new WHEREWITHAL_HOME.", attachments=attachments),
        )
    with tempfile.TemporaryDirectory(dir=_home(), prefix=".restore-") as folder:
        tell("Checking the file ...")
        manifest = unpack(source, Path(folder))
        with cluster.starting(settings.DATABASE):
            _refuse_filled_database()
            tell("Loading the rows ...")
            dump = str(Path(folder) / DUMP)
            run_program("pg_restore", "--no-owner", "--no-acl", "--exit-on-error", dump)
        if (Path(folder) / ATTACHMENTS).exists():
            attachments.parent.mkdir(parents=True, exist_ok=True)
            if attachments.exists():
                attachments.rmdir()
            (Path(folder) / ATTACHMENTS).rename(attachments)
    tell("Bringing it up to date ...")
    start.migrate()
    return manifest


def _home() -> Path:
    home = Path(settings.HOME)
    environment.make_home(home)
    return home


def _refuse_filled_database() -> None:
    with psycopg.connect(settings.DATABASE.owner.conninfo()) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchone()
    if found and found[0]:
        name = settings.DATABASE.owner.name
        raise refuse(
            "database",
            "empty",
            say(
                "The database {name} holds {found} tables: restore into an empty one.",
                name=name,
                found=found[0],
            ),
        )
