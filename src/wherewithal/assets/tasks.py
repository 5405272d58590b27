"""Long work on assets, as jobs, and the clock that starts what timetables say."""

import datetime
from typing import Any

from procrastinate.contrib.django import app

from wherewithal.assets import services
from wherewithal.core.words import say
from wherewithal.kit.jobs import QUEUE, JobContext, fetch_as_owner, job

EVERY_FIVE_MINUTES = "*/5 * * * *"


@job("depreciation")
def run_depreciation(context: JobContext) -> dict[str, Any]:
    """Depreciate a book. arguments: book_id, through_on (YYYY-MM-DD). One transaction: killed half-way, nothing is posted,
    and the job can simply be started again (its key is the job's id)."""
    result = services.depreciate(
        company_id=context.company_id,
        actor_id=context.actor_id,
        book_id=int(context.arguments["book_id"]),
        through_on=datetime.date.fromisoformat(context.arguments["through_on"]),
        idempotency_key=f"job {context.job_id}",
        progress=context.reporter(),
    )
    context.progress(result.asset_count, result.asset_count, say("Posted"))
    return {
        "run_id": result.run_id,
        "assets": result.asset_count,
        "rows": result.row_count,
        "total": result.total,
        "exceptions": len(result.exceptions),
    }


@app.periodic(cron=EVERY_FIVE_MINUTES)
@app.task(name="wherewithal.assets.tasks.run_timetables", queue=QUEUE, queueing_lock="timetables")
def run_timetables(timestamp: int) -> None:
    """Start the runs that are due in any company. `timestamp` is the minute that this look stands for."""
    now = datetime.datetime.fromtimestamp(timestamp, datetime.UTC)
    for (company_id,) in fetch_as_owner("SELECT DISTINCT company_id FROM assets_timetable ORDER BY 1"):
        services.start_due_runs(company_id=company_id, now=now)
