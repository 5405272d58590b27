"""How each book costs what: methods, standard costs, and write-downs to net realisable value."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.door import Section
from wherewithal.api.rooms.company import BookCode, ByBook
from wherewithal.api.tokens import Call
from wherewithal.api.types import MOST_ROWS, Answer, Body, Code, Day, Id, Name, NotNegative
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock import services
from wherewithal.stock.queries import cost_policies
from wherewithal.stock.services import NrvEstimate, StandardCostDraft

section = Section("Costing", "How each book costs what, from which day on; write-downs of stock.")

MethodWord = Literal["fifo", "lifo", "moving_average", "periodic_average", "standard", "specific"]


class Posted(Answer):
    entry_ids: list[int] = Field(description="The difference entries that this made.")


class PolicyOut(Answer):
    category_id: int | None
    category_name: str | None
    method: MethodWord
    effective_on: date
    recorded_at: datetime
    actor_id: int | None


class Policies(Answer):
    book: str
    results: list[PolicyOut]


class MethodIn(Body):
    book: Code | None = BookCode
    method: MethodWord
    category_id: Id | None = Field(default=None, description="Everything without a nearer method when null.")
    effective_on: Day | None = Field(default=None, description="Since ever when null.")


class StandardCostIn(Body):
    item_id: Id
    cost: NotNegative = Field(description="Of one base unit, in the book's currency.")
    effective_on: Day | None = Field(default=None, description="Since ever when null.")


class StandardCostsIn(Body):
    book: Code | None = BookCode
    costs: list[StandardCostIn] = Field(min_length=1, max_length=MOST_ROWS)


class EstimateIn(Body):
    """What an item or a category is expected to fetch, less the costs of completion and sale."""

    reason: Name
    item_id: Id | None = None
    category_id: Id | None = None
    unit_value: NotNegative | None = Field(default=None, description="Of one base unit of an item.")
    share: NotNegative | None = Field(default=None, description="As a part of cost, 0 to 1.")


class WriteDownIn(Body):
    book: Code | None = BookCode
    on: Day = Field(description="The day whose end is valued.")
    estimates: list[EstimateIn] = Field(min_length=1, max_length=MOST_ROWS)


class FillIn(Body):
    book: Code


def book_id_of(request: Call, code: str | None) -> int:
    return ledger_queries.book_by_code(request.auth.company_id, code).book_id


@section.read("/cost-methods", permission="stock.read", answer=Policies, raises=("not_found",))
def list_cost_methods(request: Call, filters: Query[ByBook]) -> dict[str, Any]:
    """Every decision on the costing method of a book, the latest first."""
    book = ledger_queries.book_by_code(request.auth.company_id, filters.book)
    return {"book": book.code, "results": cost_policies(request.auth.company_id, book.book_id)}


@section.write(
    "/cost-methods",
    permission="costing.write",
    answer=Posted,
    example={"method": "fifo", "effective_on": "2026-01-01"},
)
def set_cost_method(request: Call, body: MethodIn) -> dict[str, Any]:
    """Cost a category, or everything, by a method from a day on. What was posted before is corrected by the difference."""
    ids = services.set_cost_method(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book_id_of(request, body.book),
        method=body.method,
        category_id=body.category_id,
        effective_on=body.effective_on,
    )
    return {"entry_ids": ids}


@section.write(
    "/standard-costs",
    permission="costing.write",
    answer=Posted,
    example={"costs": [{"item_id": 1, "cost": "1.20", "effective_on": "2026-01-01"}]},
)
def set_standard_costs(request: Call, body: StandardCostsIn) -> dict[str, Any]:
    """Set standard costs from a day on. Stock under the standard method is revalued."""
    drafts = [
        StandardCostDraft(cost.item_id, cost.cost, cost.effective_on, row)
        for row, cost in enumerate(body.costs)
    ]
    ids = services.set_standard_costs(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book_id_of(request, body.book),
        costs=drafts,
    )
    return {"entry_ids": ids}


@section.write(
    "/write-downs",
    permission="costing.write",
    answer=Posted,
    example={
        "on": "2026-03-31",
        "estimates": [{"reason": "Out of fashion", "item_id": 1, "unit_value": "0.80"}],
    },
)
def write_down(request: Call, body: WriteDownIn) -> dict[str, Any]:
    """Write stock down to what it is expected to fetch, or back up to cost (IAS 2)."""
    estimates = [
        NrvEstimate(**{name: getattr(estimate, name) for name in EstimateIn.model_fields}, row=row)
        for row, estimate in enumerate(body.estimates)
    ]
    ids = services.write_down(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=f"nrv {request.key}"[:255],
        book_id=book_id_of(request, body.book),
        on=body.on,
        estimates=estimates,
    )
    return {"entry_ids": ids}


@section.write("/books/fill", permission="ledger.setup", answer=Posted, example={"book": "tax"})
def fill_book(request: Call, body: FillIn) -> dict[str, Any]:
    """Post all that has happened to goods in a book that was added later; a book added here is filled at once."""
    ids = services.fill_book(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book_id_of(request, body.book),
    )
    return {"entry_ids": ids}
