"""Imports as jobs: a page starts one, the worker runs it, the page watches the import's row and the job's."""

import dataclasses
import time
from typing import Any

from django.conf import settings

from wherewithal.feeds import services
from wherewithal.kit.jobs import JobContext, job

SECONDS_BETWEEN = 0.5


def uploads_folder() -> Any:
    """Where uploaded files are kept."""
    return settings.HOME / "imports"


@job("import")
def run_import(context: JobContext) -> dict[str, Any]:
    """Run the import that the arguments name; the answer is its report without the single problems."""
    last = 0.0

    def progress(doing: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN:
            last = now
            context.progress(done, total, doing)

    report = services.run_import(
        company_id=context.company_id,
        actor_id=context.actor_id,
        import_id=int(context.arguments["import_id"]),
        folder=uploads_folder(),
        progress=progress,
    )
    return {**dataclasses.asdict(report), "problems": []}
