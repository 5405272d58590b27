"""Jobs of this room: verify and backup on demand, and every night."""

import datetime
import threading
from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from wherewithal.kit.db import company_transaction
from wherewithal.kit.jobs import QUEUE, JobContext, enqueue, fetch_as_owner, job
from wherewithal.reporting import backups, verify

NIGHTLY = "40 2 * * *"  # by the server's clock, UTC
NIGHTLY_BACKUP = "10 1 * * *"
STEPS_OF_A_BACKUP = 3  # reading the database, packing, reading the file through


@job("verify")
def run_verify(context: JobContext) -> dict[str, Any]:
    """Run the checks; the findings are in the history of runs."""
    alone = threading.Lock()  # two checks run at a time, and progress is told on one connection

    def begins(name: str, number: int, count: int) -> None:
        with alone:
            context.progress(number, count, name)

    report = verify.verify(
        company_id=context.company_id,
        actor_id=context.actor_id,
        deep=bool(context.arguments.get("deep")),
        progress=begins,
    )
    failed = [check.name for check in report.checks if not check.passed]
    return {"passed": report.passed, "checks": len(report.checks), "failed": failed}


@app.periodic(cron=NIGHTLY)
@app.task(name="wherewithal.reporting.tasks.verify_all", queue=QUEUE, queueing_lock="verify all")
def verify_all(timestamp: int) -> None:
    """Note one verify job for each company. `timestamp` is the minute that this run stands for."""
    for (company_id,) in fetch_as_owner("SELECT id FROM ledger_company ORDER BY id"):
        with company_transaction(company_id=company_id):
            enqueue(
                company_id=company_id,
                actor_id=None,
                kind="verify",
                arguments={"nightly": timestamp, "deep": False},
            )


@job("backup")
def run_backup(context: JobContext) -> dict[str, Any]:
    """Put a backup of all companies into the folder, and read it through. arguments: at (ISO 8601)."""
    steps = iter(range(STEPS_OF_A_BACKUP))
    made = backups.make(
        at=datetime.datetime.fromisoformat(context.arguments["at"]),
        tell=lambda text: context.progress(next(steps), STEPS_OF_A_BACKUP, text),
    )
    context.progress(STEPS_OF_A_BACKUP, STEPS_OF_A_BACKUP, made.trouble or made.name)
    return {"file": made.name, "bytes": made.bytes, "sound": made.sound}


@app.periodic(cron=NIGHTLY_BACKUP)
@app.task(name="wherewithal.reporting.tasks.backup_all", queue=QUEUE, queueing_lock="backup all")
def backup_all(timestamp: int) -> None:
    """Note tonight's backup. It is a job of the oldest company, so that somebody sees where it fails."""
    companies = fetch_as_owner("SELECT min(id) FROM ledger_company HAVING count(*) > 0")
    if not settings.BACKUPS_KEPT or not companies:
        return
    at = datetime.datetime.fromtimestamp(timestamp, datetime.UTC).isoformat()
    with company_transaction(company_id=companies[0][0]):
        enqueue(company_id=companies[0][0], actor_id=None, kind="backup", arguments={"at": at})
