"""From nothing to a migrated database with the right rights. Safe to call from several processes at once."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from wherewithal.kit import cluster, jobs, postgres


def setup() -> None:
    """Load Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wherewithal.site.settings")
    django.setup()


@contextlib.contextmanager
def running(*, durable: bool = True) -> Iterator[postgres.Server | None]:
    """Django is loaded, the database server runs and is up to date until the block ends."""
    setup()
    with cluster.available(settings.DATABASE, durable=durable) as server:
        try:
            migrate()
            yield server
        finally:
            close_connections()


def migrate() -> None:
    """Make roles, database and tables what this version of the program expects."""
    database = settings.DATABASE
    with cluster.starting(database):
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        connections["owner"].close()
        cluster.grant(database)
    Path(settings.MEDIA_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)


def close_connections() -> None:
    """Give up every connection, pooled ones too. Whoever connects after this does so at once: a pool whose server went
    away tries again at growing intervals only."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's wrapper


def work_jobs() -> None:
    """Do jobs as they come, until told to stop."""
    jobs.work_forever()
