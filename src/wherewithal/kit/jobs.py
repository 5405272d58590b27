"""Long work: a row that its user watches, and the queue's worker that does it.

A kind of job is a function registered in a room's or door's `tasks.py` (found at start-up):

    @job("import")
    def run_import(context: JobContext) -> dict[str, Any]:
        for done, row in enumerate(rows): ...; context.progress(done, total, "Reading rows")
        return {"rows": total}

A door enqueues it inside the transaction that writes what it needs; it starts when that commits. The function opens
its own transactions. Its progress is written on a connection of its own turn, between those transactions.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from wherewithal.kit.db import company_transaction, execute, fetch_dicts, fetch_one, require_transaction
from wherewithal.kit.errors import NotFound, Problem, Refused

log = logging.getLogger(__name__)

QUEUE = "jobs"
COLUMNS = """id, kind, state, progress, total, message, arguments, result, actor_id,
             created_at, started_at, finished_at"""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job's function is given."""

    company_id: int
    job_id: int
    actor_id: int | None
    arguments: dict[str, Any]

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the work is. Call it between transactions, a few times a second at most."""
        with company_transaction(company_id=self.company_id, actor_id=self.actor_id):
            execute(
                """UPDATE kit_job SET progress = %s, total = coalesce(%s, total), message = %s
                   WHERE company_id = %s AND id = %s""",
                (done, total, message, self.company_id, self.job_id),
            )


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
        raise NotFound(Problem("job", "exists", "There is no such job in this company.", value=str(job_id)))
    return rows[0]


def list_jobs(*, company_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """The latest jobs, newest first."""
    return fetch_dicts(
        f"SELECT {COLUMNS} FROM kit_job WHERE company_id = %s ORDER BY id DESC LIMIT %s",  # noqa: S608 - a constant
        (company_id, limit),
    )


@app.task(name="wherewithal.kit.jobs.run_job")
def run_job(company_id: int, job_id: int, actor_id: int | None) -> None:
    """Do one job. A refusal is a result its user reads; anything else is logged, marked and raised again."""
    with company_transaction(company_id=company_id, actor_id=actor_id):
        row = get_job(company_id=company_id, job_id=job_id)
        _mark(company_id, job_id, "running", "started_at = clock_timestamp()")
    context = JobContext(company_id, job_id, actor_id, row["arguments"])
    try:
        result = _kinds[row["kind"]](context)
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
