"""Long work on assets, as jobs."""

import datetime
from typing import Any

from wherewithal.assets import services
from wherewithal.kit.jobs import JobContext, job


@job("depreciation")
def run_depreciation(context: JobContext) -> dict[str, Any]:
    """Depreciate a book. arguments: book_id, through_on (YYYY-MM-DD). One transaction: killed half-way, nothing is posted,
    and the job can simply be started again (its key is the job's id)."""
    context.progress(0, None, "Charging depreciation")
    result = services.depreciate(
        company_id=context.company_id,
        actor_id=context.actor_id,
        book_id=int(context.arguments["book_id"]),
        through_on=datetime.date.fromisoformat(context.arguments["through_on"]),
        idempotency_key=f"job {context.job_id}",
    )
    context.progress(result.asset_count, result.asset_count, "Posted")
    return {
        "run_id": result.run_id,
        "assets": result.asset_count,
        "rows": result.row_count,
        "total": result.total,
        "exceptions": len(result.exceptions),
    }
