"""Trials: what a use case would do, found out by doing it and taking it back."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import DatabaseError, transaction

from wherewithal.core.words import say
from wherewithal.kit.db import RETRIED, company_transaction, execute, forget_prepared, run_retrying, sqlstate
from wherewithal.kit.errors import Conflict, Problem

Result = TypeVar("Result")

PATIENCE_MS = 200  # for which a trial waits for a lock
LONGEST_MS = 2000  # for which a statement of a trial may run


class Busy(Conflict):
    """What a trial needs is just being written by others; nothing is wrong with it."""


LOCK_TIMEOUT, QUERY_CANCELED = "55P03", "57014"


def undone(
    work: Callable[[], Result], *, patience_ms: int = PATIENCE_MS, longest_ms: int = LONGEST_MS
) -> Result:
    """What `work` answers, with all that it wrote, for whichever company, taken back: a trial.

    A trial stands behind those who write in earnest: it waits at most `patience_ms` for a lock that somebody else
    holds, and no statement of it runs for longer than `longest_ms`, so that its own locks are soon free again; then it
    is `Busy`. `work` opens its transactions itself; where it is already inside a trial, only what it wrote is
    taken back, and its locks are free at once. For doors, never inside a company's transaction.
    """

    def attempt() -> Result:
        try:
            with transaction.atomic():
                execute(
                    "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
                    (str(patience_ms), str(longest_ms)),
                )
                answer = work()
                transaction.set_rollback(True)
                return answer
        finally:
            forget_prepared()

    try:
        return run_retrying(attempt)
    except (psycopg.Error, DatabaseError) as error:
        if sqlstate(error) not in RETRIED | {LOCK_TIMEOUT, QUERY_CANCELED}:
            raise
        message = say("Others are just writing the same things. Try again in a moment.")
        raise Busy(Problem("", "busy", message)) from error


def tried(*, company_id: int, actor_id: int | None, work: Callable[[], Result]) -> Result:
    """What `work` answers, with all that it wrote taken back: a preview by the very code that writes.

    `work` may call use cases, which join this transaction, and then read what they made. Refusals are raised as they
    are; see `undone` for the rest.
    """

    def inside() -> Result:
        with company_transaction(company_id=company_id, actor_id=actor_id):
            return work()

    return undone(inside)
