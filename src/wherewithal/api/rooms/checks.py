"""Proof and explanation: the checks of the books, and the chain of facts and rules behind a figure."""

from datetime import datetime
from typing import Annotated, Any

from ninja import Query
from pydantic import BeforeValidator, Field

from wherewithal.api.door import Section
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Body, Code, Day, Filters, Instant, QueryBigId, QueryId, digits
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting import explain, verify

section = Section("Proof", "Checks that prove the books, and explanations of single figures.")


# --- verify -----------------------------------------------------------------------------------------------


class VerifyIn(Body):
    deep: bool = Field(
        default=False, description="Also work out every cost again from the facts; takes longer."
    )


class FindingOut(Answer):
    what: str
    where: str
    expected: str
    found: str


class CheckOut(Answer):
    name: str
    proves: str
    passed: bool
    seconds: str
    findings: list[FindingOut] = Field(description="The first of them.")
    total: int = Field(description="How many there are.")


class VerifyOut(Answer):
    started_at: datetime
    seconds: str
    deep: bool
    passed: bool
    checks: list[CheckOut]


class RunOut(Answer):
    run_id: int
    started_at: datetime
    seconds: str
    actor_id: int | None
    deep: bool
    passed: bool
    failed: list[str] = Field(description="The names of the checks that found something.")


class Runs(Answer):
    results: list[RunOut]


class RunFilters(Filters):
    limit: Annotated[int, Field(ge=1, le=1000), BeforeValidator(digits)] = 30


@section.compute("/verify", permission="verify.run", answer=VerifyOut, example={"deep": False})
def run_verify(request: Call, body: VerifyIn) -> dict[str, Any]:
    """Prove the books: stock, reservations and ledger agree, nothing was rewritten, every guard is in force.

    Looks at one unchanging state of the database; work that goes on meanwhile is not disturbed. The result is kept.
    """
    actor = request.auth
    report = verify.verify(company_id=actor.company_id, actor_id=actor.user_id, deep=body.deep)
    return verify.as_dict(report)


@section.read("/verify/runs", permission="verify.run", answer=Runs)
def list_verify_runs(request: Call, filters: Query[RunFilters]) -> dict[str, Any]:
    """The latest runs of the checks, newest first."""
    rows = []
    for run in verify.history(company_id=request.auth.company_id, limit=filters.limit):
        failed = [check["name"] for check in run.checks if not check["passed"]]
        rows.append(
            {name: getattr(run, name) for name in RunOut.model_fields if hasattr(run, name)}
            | {"seconds": str(run.seconds), "failed": failed}
        )
    return {"results": rows}


# --- explain ----------------------------------------------------------------------------------------------


class FactOut(Answer):
    """A row that can be looked up: what kind, its id, what people call it, and its two dates."""

    kind: str
    id: int
    label: str
    effective_on: str | None = None
    recorded_at: str | None = None


class ExplanationOut(Answer):
    """A statement, the figure it is about, the rule that was applied, the facts, and what lies below."""

    statement: str
    figure: str | None = None
    rule: str | None = None
    facts: list[FactOut] = Field(default_factory=list)
    children: list["ExplanationOut"] = Field(default_factory=list)


class BookFilters(Filters):
    book: Code | None = BookCode


class DatedFilters(BookFilters):
    as_of: Day | None = Field(default=None, description="At the end of this day; now when left out.")
    known_at: Instant | None = Field(default=None, description="As known then; as known now when left out.")


class ValueFilters(DatedFilters):
    item_id: QueryId | None = Field(default=None, description="All stock, item by item, when left out.")


class FigureFilters(Filters):
    location_id: QueryId | None = Field(default=None, description="The place with everything below it.")
    lot_id: QueryBigId | None = None
    as_of: Day | None = None
    known_at: Instant | None = None


def _book_id(request: Call, code: str | None) -> int:
    return ledger_queries.book_by_code(request.auth.company_id, code).book_id


@section.read("/explain/moves/{move_id}", permission="ledger.read", answer=ExplanationOut)
def explain_move_cost(request: Call, move_id: QueryBigId, filters: Query[BookFilters]) -> dict[str, Any]:
    """What a move cost, how the figure was found, and when it became known."""
    told = explain.move_cost(
        company_id=request.auth.company_id, move_id=move_id, book_id=_book_id(request, filters.book)
    )
    return explain.as_dict(told)


@section.read("/explain/unit-costs/{item_id}", permission="ledger.read", answer=ExplanationOut)
def explain_unit_cost(request: Call, item_id: QueryId, filters: Query[DatedFilters]) -> dict[str, Any]:
    """An item's unit cost: its pools, their layers or latest movements."""
    told = explain.unit_cost(
        company_id=request.auth.company_id,
        item_id=item_id,
        book_id=_book_id(request, filters.book),
        as_of=filters.as_of,
        known_at=filters.known_at,
    )
    return explain.as_dict(told)


@section.read("/explain/entries/{entry_id}/lines/{line_no}", permission="ledger.read", answer=ExplanationOut)
def explain_entry_line(
    request: Call, entry_id: QueryBigId, line_no: QueryId, filters: Query[BookFilters]
) -> dict[str, Any]:
    """What a line of an entry is made of, to the cent."""
    told = explain.entry_line(
        company_id=request.auth.company_id,
        book_id=_book_id(request, filters.book),
        entry_id=entry_id,
        line_no=line_no,
    )
    return explain.as_dict(told)


@section.read("/explain/stock/{item_id}", permission="stock.read", answer=ExplanationOut)
def explain_stock_figure(request: Call, item_id: QueryId, filters: Query[FigureFilters]) -> dict[str, Any]:
    """A quantity on hand as the sum of its moves."""
    told = explain.stock_figure(
        company_id=request.auth.company_id,
        item_id=item_id,
        location_id=filters.location_id,
        lot_id=filters.lot_id,
        as_of=filters.as_of,
        known_at=filters.known_at,
    )
    return explain.as_dict(told)


@section.read("/explain/value", permission="ledger.read", answer=ExplanationOut, raises=("not_found",))
def explain_value(request: Call, filters: Query[ValueFilters]) -> dict[str, Any]:
    """What stock is worth, by item or by the kinds of its value rows."""
    told = explain.valuation_figure(
        company_id=request.auth.company_id,
        book_id=_book_id(request, filters.book),
        item_id=filters.item_id,
        as_of=filters.as_of,
        known_at=filters.known_at,
    )
    return explain.as_dict(told)


class ChargeFilters(BookFilters):
    on: Day = Field(description="Any day of the period that is charged.")


@section.read("/explain/assets/{asset_id}", permission="ledger.read", answer=ExplanationOut)
def explain_net_book_value(
    request: Call, asset_id: QueryBigId, filters: Query[DatedFilters]
) -> dict[str, Any]:
    """What an asset is worth in a book: event by event, and what was depreciated year by year."""
    told = explain.net_book_value(
        company_id=request.auth.company_id,
        asset_id=asset_id,
        book_id=_book_id(request, filters.book),
        as_of=filters.as_of,
        known_at=filters.known_at,
    )
    return explain.as_dict(told)


@section.read("/explain/assets/{asset_id}/charge", permission="ledger.read", answer=ExplanationOut)
def explain_depreciation_charge(
    request: Call, asset_id: QueryBigId, filters: Query[ChargeFilters]
) -> dict[str, Any]:
    """What an asset is charged for the period of a day, posted or planned: what accrued by when, by which terms."""
    told = explain.depreciation_charge(
        company_id=request.auth.company_id,
        asset_id=asset_id,
        on=filters.on,
        book_id=_book_id(request, filters.book),
    )
    return explain.as_dict(told)
