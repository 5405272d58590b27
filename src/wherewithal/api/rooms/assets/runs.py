"""Depreciation runs: preview, post, take back."""

from datetime import date, datetime
from typing import Any

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import same
from wherewithal.api.rooms.assets.common import amount, book_of, section, sees_money
from wherewithal.api.rooms.assets.events import PreviewEntryOut, entries_out
from wherewithal.api.rooms.company import BookCode, ByBook
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Body, Code, Day, Number, QueryBigId
from wherewithal.assets import queries, services
from wherewithal.assets.drafts import RunResult
from wherewithal.assets.queries import AssetBook
from wherewithal.kit import db


class RunIn(Body):
    book: Code | None = BookCode
    through_on: Day = Field(description="The day whose end is charged up to, usually the end of a period.")


class ExceptionOut(Answer):
    asset_id: int
    tag: str
    field: str
    rule: str
    message: str


class AssetRunOut(Answer):
    run_id: int | None = Field(description="null if there was nothing to post.")
    book: str
    currency: str
    from_on: date | None
    through_on: date
    asset_count: int
    row_count: int
    total: Number | None = Field(description="null for those who may not see the ledger.")
    exceptions: list[ExceptionOut]
    entry_ids: list[int]


class RunPreviewOut(AssetRunOut):
    entries: list[PreviewEntryOut] = Field(description="Empty for those who may not see the ledger.")


class PastRunOut(Answer):
    run_id: int
    from_on: date | None
    through_on: date
    of_run_id: int | None
    reversed_by: int | None
    asset_count: int
    row_count: int
    total: Number
    exceptions: list[ExceptionOut]
    entry_ids: list[int]
    recorded_at: datetime
    actor_id: int | None


class AssetRuns(Answer):
    book: str
    currency: str
    results: list[PastRunOut]


def _run(request: Call, run: RunResult, book: AssetBook) -> dict[str, Any]:
    return same(run, AssetRunOut) | {
        "book": book.code,
        "currency": book.currency,
        "total": amount(run.total, book.decimals) if sees_money(request) else None,
        "entry_ids": list(run.entry_ids),
    }


@section.read("/assets/runs", permission="ledger.read", answer=AssetRuns, raises=("not_found",))
def list_depreciation_runs(request: Call, filters: Query[ByBook]) -> dict[str, Any]:
    """The last depreciation runs of a book, the latest first."""
    book = book_of(request, filters.book)
    rows = queries.runs(request.auth.company_id, book.book_id)
    results = [same(row, PastRunOut) | {"total": amount(row.total, book.decimals)} for row in rows]
    return {"book": book.code, "currency": book.currency, "results": results}


@section.write(
    "/assets/runs",
    permission="assets.depreciate",
    answer=AssetRunOut,
    example={"through_on": "2026-03-31"},
)
def depreciate_assets(request: Call, body: RunIn) -> dict[str, Any]:
    """Charge a book's depreciation up to the end of a day. Doing it again posts nothing."""
    book = book_of(request, body.book)
    run = services.depreciate(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book.book_id,
        through_on=body.through_on,
    )
    return _run(request, run, book)


def _book(request: Call, code: str | None) -> AssetBook:
    """The book, read in a transaction of its own: a computation opens none."""
    with db.company_transaction(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, read_only=True
    ):
        return book_of(request, code)


@section.compute(
    "/assets/runs/previews",
    permission="assets.depreciate",
    answer=RunPreviewOut,
    example={"through_on": "2026-03-31"},
    raises=("not_found",),
)
def preview_depreciation(request: Call, body: RunIn) -> dict[str, Any]:
    """What a run would post, by the same code; nothing is kept."""
    company_id = request.auth.company_id
    book = _book(request, body.book)
    run = services.preview_depreciation(
        company_id=company_id,
        actor_id=request.auth.user_id,
        book_id=book.book_id,
        through_on=body.through_on,
    )
    entries = entries_out(run.entries, book.decimals) if sees_money(request) else []
    return _run(request, run, book) | {"entries": entries}


@section.write("/assets/runs/{run_id}/reversal", permission="assets.depreciate", answer=AssetRunOut)
def reverse_depreciation(request: Call, run_id: QueryBigId) -> dict[str, Any]:
    """Take back the latest run of a book."""
    company_id = request.auth.company_id
    run = services.reverse_run(company_id=company_id, actor_id=request.auth.user_id, run_id=run_id)
    return _run(request, run, queries.asset_book(company_id, run.book_id))
