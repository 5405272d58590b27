"""Jobs of this room: verify on demand, and every night for every company."""

from typing import Any

from procrastinate.contrib.django import app

from wherewithal.kit.db import company_transaction
from wherewithal.kit.jobs import QUEUE, JobContext, enqueue, fetch_as_owner, job
from wherewithal.reporting import verify

NIGHTLY = "40 2 * * *"  # by the server's clock, UTC


@job("verify")
def run_verify(context: JobContext) -> dict[str, Any]:
    """Run the checks; the findings are in the history of runs."""
    report = verify.verify(
        company_id=context.company_id, actor_id=context.actor_id, deep=bool(context.arguments.get("deep"))
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
