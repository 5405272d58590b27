"""Depreciation as jobs: begun by hand, or by the timetable of a book."""

from datetime import UTC, date, datetime
from typing import Any

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import same
from wherewithal.api.rooms.assets.common import book_of, section
from wherewithal.api.rooms.assets.runs import RunIn
from wherewithal.api.rooms.company import BookCode, ByBook
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Body, Code, QueryBigId
from wherewithal.assets import queries, services
from wherewithal.assets.queries import TimetableRow
from wherewithal.core.words import say
from wherewithal.kit import jobs
from wherewithal.kit.errors import NotFound, Problem


class TimetableIn(Body):
    book: Code | None = BookCode
    days_after: int = Field(ge=0, le=90, description="Days after the end of each period of the book.")
    hour: int = Field(ge=0, le=23, description="The full hour, in the company's time zone.")


class RunJobOut(Answer):
    job_id: int
    state: str = Field(description="waiting, running, done or failed.")
    done: int = Field(description="Assets that are done with.")
    total: int | None
    message: str
    problems: list[dict[str, Any]] = Field(description="Why it was refused, as refusals of this API say it.")
    run_id: int | None = Field(description="The run it posted, once it is done; null if nothing was due.")
    created_at: datetime
    finished_at: datetime | None


class TimetableOut(Answer):
    book: str
    days_after: int
    hour: int
    since: datetime
    actor_id: int | None = Field(
        description="Who set it. Its runs are the company's: they go on when that person leaves."
    )
    due_through: date | None = Field(description="A period whose hour has come and that is not charged yet.")
    next_through: date
    next_at: datetime
    last_job: RunJobOut | None


class Timetables(Answer):
    results: list[TimetableOut]


class Dropped(Answer):
    dropped: bool = Field(description="Whether the book had a timetable.")


def _job(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    result = row["result"] or {}
    return {
        "job_id": row["id"],
        "state": row["state"],
        "done": row["progress"],
        "total": row["total"],
        "message": row["message"],
        "problems": result.get("problems", []),
        "run_id": result.get("run_id"),
        "created_at": row["created_at"],
        "finished_at": row["finished_at"],
    }


def _shown(row: TimetableRow) -> dict[str, Any]:
    return same(row, TimetableOut) | {"last_job": _job(row.last_job)}


@section.read("/assets/timetables", permission="ledger.read", answer=Timetables)
def list_timetables(request: Call) -> dict[str, Any]:
    """Which books are depreciated by themselves, when next, and how it went last time."""
    rows = queries.timetables(request.auth.company_id, datetime.now(UTC))
    return {"results": [_shown(row) for row in rows]}


@section.write(
    "/assets/timetables",
    permission="assets.depreciate",
    answer=TimetableOut,
    example={"days_after": 3, "hour": 2},
)
def set_timetable(request: Call, body: TimetableIn) -> dict[str, Any]:
    """Depreciate a book by itself so many days after each of its periods ends. In place of the timetable it had."""
    company_id, book, now = request.auth.company_id, book_of(request, body.book), datetime.now(UTC)
    services.set_timetable(
        company_id=company_id,
        actor_id=request.auth.user_id,
        book_id=book.book_id,
        days_after=body.days_after,
        hour=body.hour,
        at=now,
    )
    rows = queries.timetables(company_id, now)
    return next(_shown(row) for row in rows if row.book_id == book.book_id)


@section.write(
    "/assets/timetables", method="DELETE", status=200, permission="assets.depreciate", answer=Dropped
)
def drop_timetable(request: Call, filters: Query[ByBook]) -> dict[str, Any]:
    """Depreciate a book by hand only."""
    book = book_of(request, filters.book)
    dropped = services.drop_timetable(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, book_id=book.book_id
    )
    return {"dropped": dropped}


@section.write(
    "/assets/runs/jobs",
    permission="assets.depreciate",
    answer=RunJobOut,
    example={"through_on": "2026-03-31"},
)
def start_depreciation(request: Call, body: RunIn) -> dict[str, Any]:
    """Let the worker charge a book up to the end of a day; watch it at /assets/runs/jobs/{job_id}."""
    company_id = request.auth.company_id
    job_id = services.start_run(
        company_id=company_id,
        actor_id=request.auth.user_id,
        book_id=book_of(request, body.book).book_id,
        through_on=body.through_on,
    )
    return _job(jobs.get_job(company_id=company_id, job_id=job_id)) or {}


@section.read("/assets/runs/jobs/{job_id}", permission="ledger.read", answer=RunJobOut, raises=("not_found",))
def get_depreciation_job(request: Call, job_id: QueryBigId) -> dict[str, Any]:
    """How far a run is, also in the middle of it; and what became of it."""
    row = jobs.get_job(company_id=request.auth.company_id, job_id=job_id)
    if row["kind"] != "depreciation":
        raise NotFound(Problem("job_id", "kind", say("That job is no depreciation run."), value=str(job_id)))
    return _job(row) or {}
