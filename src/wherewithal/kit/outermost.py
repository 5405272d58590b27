"""The outermost transaction of Django's connection, without what Django does only to begin and to commit it."""

from types import TracebackType
from typing import Any, cast

import psycopg
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper


class Outermost(transaction.Atomic):
    """`transaction.atomic()` around a transaction that we begin ourselves, and mostly commit ourselves. To take psycopg
    out of autocommit and to put it back would take longer than all else: only Django is told so. Nothing is sent before
    our BEGIN, see `db._open`."""

    def __init__(self, django: BaseDatabaseWrapper) -> None:
        super().__init__(None, savepoint=True, durable=False)
        self.django = django

    def __enter__(self) -> None:
        django = self.django
        django.close_if_health_check_failed()
        if django.connection is None:
            django.ensure_connection()
        django.commit_on_exit, django.needs_rollback = True, False
        django.autocommit, django.in_atomic_block = False, True
        django.atomic_blocks.append(self)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        django = self.django
        pg = cast("psycopg.Connection[Any]", django.connection)
        if exc_type is not None or django.needs_rollback or django.run_on_commit or not is_idle(pg):
            super().__exit__(exc_type, exc_value, traceback)
        else:  # it is committed already
            django.atomic_blocks.pop()
            django.autocommit, django.in_atomic_block = True, False


def is_idle(pg: "psycopg.Connection[Any]") -> bool:
    return pg.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE
