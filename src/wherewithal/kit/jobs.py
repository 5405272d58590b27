"""Long work: a row that its user watches, and the queue's worker that does it.

A kind of job is a function registered in a room's or door's `tasks.py` (found at start-up):

    @job("import")
    def run_import(context: JobContext) -> dict[str, Any]:
        for done, row in enumerate(rows): ...; context.progress(done, total, "Reading rows")
        return {"rows": total}

A door enqueues it inside the transaction that writes what it needs; it starts when that commits. The function opens
its own transactions. Its progress is written on a second connection, so that it is seen at once, also from the middle
of a transaction. That connection holds a lock for as long as the worker lives: a job that is said to run, and whose
lock nobody holds, has lost its worker.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, connections
from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, execute, fetch_dicts, fetch_one, require_transaction
from wherewithal.kit.errors import NotFound, Problem, Refused

log = logging.getLogger(__name__)

QUEUE = "jobs"
SECONDS_BETWEEN = 0.5
"""Progress is written at most so often."""
BROKEN_OFF = "broken_off"
"""What the result of a job that lost its worker has for its code."""
COLUMNS = """id, kind, state, progress, total, message, arguments, result, actor_id,
             created_at, started_at, finished_at"""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job's function is given."""

    company_id: int
    job_id: int
    actor_id: int | None
    arguments: dict[str, Any]

    aside: "psycopg.Connection[Any]"

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the work is, seen at once by who watches."""
        with self.aside.transaction():
            _speak_for(self.aside, self.company_id)
            self.aside.execute(
                """UPDATE kit_job SET progress = %s, total = coalesce(%s, total), message = %s
                   WHERE company_id = %s AND id = %s""",
                (done, total, message, self.company_id, self.job_id),
            )

    def reporter(self) -> Callable[[int, int, str], None]:
        """`progress` for who calls it all the time: it is written when it says something else, and twice a second."""
        said, last = "", 0.0

        def report(done: int, total: int, message: str) -> None:
            nonlocal said, last
            now = time.monotonic()
            if message != said or now - last >= SECONDS_BETWEEN:
                said, last = message, now
                self.progress(done, total, message)

        return report


Work = Callable[[JobContext], dict[str, Any]]
_kinds: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Register the function that does this kind of work."""

    def register(work: Work) -> Work:
        assert kind not in _kinds, f"two jobs are called {kind}"
        _kinds[kind] = work
        return work

    return register


def enqueue(*, company_id: int, actor_id: int | None, kind: str, arguments: dict[str, Any]) -> int:
    """Note the work to be done, in the caller's transaction. The job's id, to be watched with `get_job`."""
    require_transaction()
    assert kind in _kinds, f"no job is called {kind}"
    row = fetch_one(
        "INSERT INTO kit_job (company_id, kind, arguments, actor_id) VALUES (%s, %s, %s, %s) RETURNING id",
        (company_id, kind, Jsonb(arguments), actor_id),
    )
    assert row is not None
    run_job.configure(queue=QUEUE).defer(company_id=company_id, job_id=row[0], actor_id=actor_id)
    return int(row[0])


def get_job(*, company_id: int, job_id: int) -> dict[str, Any]:
    """The job's row, for a page that polls."""
    rows = fetch_dicts(
        f"SELECT {COLUMNS} FROM kit_job WHERE company_id = %s AND id = %s",  # noqa: S608 - a constant
        (company_id, job_id),
    )
    if not rows:
        raise NotFound(
            Problem("job", "exists", say("There is no such job in this company."), value=str(job_id))
        )
    return rows[0]


def list_jobs(*, company_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """The latest jobs, newest first."""
    return fetch_dicts(
        f"SELECT {COLUMNS} FROM kit_job WHERE company_id = %s ORDER BY id DESC LIMIT %s",  # noqa: S608 - a constant
        (company_id, limit),
    )


def find_jobs(
    *, company_id: int, kind: str, arguments: dict[str, Any], limit: int = 50
) -> list[dict[str, Any]]:
    """The latest jobs of a kind that were given these arguments (and perhaps others), newest first."""
    return fetch_dicts(
        f"""SELECT {COLUMNS} FROM kit_job WHERE company_id = %s AND kind = %s AND arguments @> %s
            ORDER BY id DESC LIMIT %s""",  # noqa: S608 - a constant
        (company_id, kind, Jsonb(arguments), limit),
    )


def fail_broken_off(company_id: int) -> int:
    """Jobs that are said to run and have no worker any more have failed; how many. In the caller's transaction."""
    require_transaction()
    result = Jsonb({"code": BROKEN_OFF, "problems": []})
    return execute(
        """WITH running AS MATERIALIZED (
               SELECT id FROM kit_job WHERE company_id = %(company)s AND state = 'running')
           UPDATE kit_job j SET state = 'failed', finished_at = clock_timestamp(), result = %(result)s,
                  message = 'The worker was stopped before the job had ended. What it had not ended was not kept.'
           FROM running r WHERE j.company_id = %(company)s AND j.id = r.id AND j.state = 'running'
             AND pg_try_advisory_xact_lock(hashtextextended('kit_job ' || %(company)s::text || ' ' || r.id::text, 0))""",
        {"company": company_id, "result": result},
    )


def fetch_as_owner(sql: str) -> list[tuple[Any, ...]]:
    """Ask as the owner of the tables, for who goes through all companies: the application's role would see none."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall()
    connections["owner"].close()
    return list(rows)


@contextlib.contextmanager
def _aside(company_id: int, job_id: int) -> "Iterator[psycopg.Connection[Any]]":
    """A second connection, which holds the job's lock until it ends."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
        own.execute(
            "SELECT pg_advisory_lock(hashtextextended('kit_job ' || %s::text || ' ' || %s::text, 0))",
            (company_id, job_id),
        )
        yield own


def _speak_for(own: "psycopg.Connection[Any]", company_id: int) -> None:
    own.execute("SELECT set_config('app.company', %s, true)", (str(company_id),))


@app.task(name="wherewithal.kit.jobs.run_job")
def run_job(company_id: int, job_id: int, actor_id: int | None) -> None:
    """Do one job. A refusal is a result its user reads; anything else is logged, marked and raised again."""
    with _aside(company_id, job_id) as own:
        with company_transaction(company_id=company_id, actor_id=actor_id):
            row = get_job(company_id=company_id, job_id=job_id)
            _mark(company_id, job_id, "running", "started_at = clock_timestamp()")
        context = JobContext(company_id, job_id, actor_id, row["arguments"], own)
        _do(context, _kinds[row["kind"]])


def _do(context: JobContext, work: Work) -> None:
    try:
        result = work(context)
    except Refused as refusal:
        problems = [
            {"field": p.field, "rule": p.rule, "message": p.message, "row": p.row} for p in refusal.problems
        ]
        _finish(context, "failed", {"code": refusal.code, "problems": problems}, str(refusal))
    except BaseException:
        _finish(
            context, "failed", {"code": "error", "problems": []}, "The job broke off. See the server's log."
        )
        raise
    else:
        _finish(context, "done", result, "")


def _finish(context: JobContext, state: str, result: dict[str, Any], message: str) -> None:
    with company_transaction(company_id=context.company_id, actor_id=context.actor_id):
        _mark(context.company_id, context.job_id, state, "finished_at = clock_timestamp()")
        execute(
            """UPDATE kit_job SET result = %s, message = coalesce(nullif(%s, ''), message)
               WHERE company_id = %s AND id = %s""",
            (Jsonb(result), message[:2000], context.company_id, context.job_id),
        )


def _mark(company_id: int, job_id: int, state: str, stamp: str) -> None:
    execute(
        f"UPDATE kit_job SET state = %s, {stamp} WHERE company_id = %s AND id = %s",  # noqa: S608 - two constants
        (state, company_id, job_id),
    )


def drain() -> None:
    """Do all waiting jobs now, in this process, and return: for tests and for the command line."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1)


def work_forever() -> None:
    """Do jobs as they come, until SIGTERM or SIGINT: the body of the worker process beside the server."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.run_worker(concurrency=1)
