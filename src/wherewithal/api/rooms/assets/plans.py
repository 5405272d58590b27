"""What may happen, and what was expected to: scenarios that are kept, budgets frozen from them, and what came of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Query
from pydantic import Field

from wherewithal.api.answers import same
from wherewithal.api.rooms.assets.common import book_of, money, section
from wherewithal.api.rooms.assets.events import MOST_EVENTS, AssetIn, BatchIn, EventIn, drafts
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    BigId,
    Body,
    Code,
    Currency,
    Day,
    Filters,
    Id,
    Instant,
    Name,
    Number,
    Positive,
    QueryFlag,
    QueryId,
    Text,
)
from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.drafts_as_text import as_json
from wherewithal.assets.plans import FIGURES, Budget, Part, Scenario
from wherewithal.assets.queries import AssetBook
from wherewithal.assets.values import AssetDraft
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

AMOUNTS = ("charge", "cost", "carrying", "cash", "purchases", "proceeds", "lease_payments")


# --- scenarios ----------------------------------------------------------------------------------------------------


class ScenarioLineOut(Answer):
    line_id: int
    position: int
    label: str
    assets: list[dict[str, Any]] = Field(description="Planned assets, as a batch of events takes them.")
    events: list[dict[str, Any]]


class ScenarioOut(Answer):
    scenario_id: int
    name: str
    note: str
    active: bool
    copied_from_id: int | None
    line_count: int
    changed_at: datetime


class ScenarioWhole(ScenarioOut):
    lines: list[ScenarioLineOut]


class Scenarios(Answer):
    results: list[ScenarioOut]


class ScenarioFilters(Filters):
    active: QueryFlag | None = None


class ScenarioIn(Body):
    name: Name
    note: Text = ""


class ScenarioChange(Body):
    name: Name | None = None
    note: Text | None = None
    active: bool | None = None


class CopyIn(Body):
    name: Name


class PurchaseIn(Body):
    """Something to be bought, and perhaps sold again."""

    name: Name
    class_code: Code
    cost: Positive = Field(description="For all of the quantity together.")
    acquired_on: Day
    in_service_on: Day | None = None
    quantity: Id = 1
    cost_centre_id: Id | None = None
    currency: Currency | None = None
    sold_on: Day | None = None
    proceeds: Number = Decimal(0)


class SaleIn(Body):
    """An asset that is there is sold."""

    asset_id: BigId
    on: Day
    proceeds: Number
    costs: Number = Decimal(0)
    currency: Currency | None = None


class LongerUseIn(Body):
    """Assets, or all of a class, are kept some months longer."""

    on: Day
    months: Id
    asset_ids: list[BigId] = Field(default_factory=list, max_length=MOST_EVENTS)
    class_code: Code | None = None


class ScenarioLineIn(Body):
    """One of: assets with events, a purchase, a sale, a longer use."""

    label: Name
    assets: list[AssetIn] = Field(default_factory=list, max_length=MOST_EVENTS)
    events: list[EventIn] = Field(default_factory=list, max_length=MOST_EVENTS)
    purchase: PurchaseIn | None = None
    sale: SaleIn | None = None
    longer_use: LongerUseIn | None = None


class LineId(Answer):
    line_id: int


class LeftOutLine(Answer):
    """A line of the scenario that fits no longer: nothing of it is counted on."""

    line_id: int
    position: int
    label: str
    message: str


class ScenarioId(Answer):
    scenario_id: int


class LineRemoved(Answer):
    removed: bool


LINE = {
    "label": "A second forklift",
    "purchase": {"name": "Forklift", "class_code": "MACH", "cost": "24000.00", "acquired_on": "2027-03-01"},
}


def _scenario(found: Scenario) -> dict[str, Any]:
    lines = [
        {"line_id": line.line_id, "position": line.position, "label": line.label}
        | as_json(line.assets, line.events)
        for line in found.lines
    ]
    return same(found, ScenarioOut) | {"lines": lines}


@section.read("/asset-scenarios", permission="ledger.read", answer=Scenarios)
def list_asset_scenarios(request: Call, filters: Query[ScenarioFilters]) -> dict[str, Any]:
    """Scenarios by name."""
    found = queries.scenarios(request.auth.company_id, active=filters.active)
    return {"results": [same(row, ScenarioOut) for row in found]}


@section.read("/asset-scenarios/{scenario_id}", permission="ledger.read", answer=ScenarioWhole)
def get_asset_scenario(request: Call, scenario_id: QueryId) -> dict[str, Any]:
    """One scenario with its lines."""
    return _scenario(queries.scenario(request.auth.company_id, scenario_id))


@section.write(
    "/asset-scenarios", permission="assets.record", answer=ScenarioId, example={"name": "Keep the trucks"}
)
def create_asset_scenario(request: Call, body: ScenarioIn) -> dict[str, Any]:
    """An empty scenario."""
    made = services.create_scenario(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, name=body.name, note=body.note
    )
    return {"scenario_id": made}


@section.write(
    "/asset-scenarios/{scenario_id}",
    method="PATCH",
    status=200,
    permission="assets.record",
    answer=ScenarioOut,
    example={"active": False},
)
def change_asset_scenario(request: Call, scenario_id: QueryId, body: ScenarioChange) -> dict[str, Any]:
    """Rename a scenario, describe it, put it away or take it out again. Its lines are read by who sees the ledger."""
    services.update_scenario(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        scenario_id=scenario_id,
        **body.model_dump(exclude_unset=True),
    )
    return same(queries.scenario(request.auth.company_id, scenario_id), ScenarioOut)


@section.write(
    "/asset-scenarios/{scenario_id}/copies",
    permission="assets.record",
    answer=ScenarioId,
    example={"name": "Sell the trucks"},
)
def copy_asset_scenario(request: Call, scenario_id: QueryId, body: CopyIn) -> dict[str, Any]:
    """The same lines under another name."""
    made = services.copy_scenario(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        scenario_id=scenario_id,
        name=body.name,
    )
    return {"scenario_id": made}


@section.write(
    "/asset-scenarios/{scenario_id}/lines", permission="assets.record", answer=LineId, example=LINE
)
def add_asset_scenario_line(request: Call, scenario_id: QueryId, body: ScenarioLineIn) -> dict[str, Any]:
    """One more thing that may happen; refused as recording it would be."""
    return {"line_id": _put(request, scenario_id, None, body)}


@section.write(
    "/asset-scenarios/{scenario_id}/lines/{line_id}",
    method="PUT",
    status=200,
    permission="assets.record",
    answer=LineId,
    example=LINE,
)
def put_asset_scenario_line(
    request: Call, scenario_id: QueryId, line_id: QueryId, body: ScenarioLineIn
) -> dict[str, Any]:
    """Another thing in the place of a line."""
    return {"line_id": _put(request, scenario_id, line_id, body)}


@section.write(
    "/asset-scenarios/{scenario_id}/lines/{line_id}",
    method="DELETE",
    status=200,
    permission="assets.record",
    answer=LineRemoved,
)
def remove_asset_scenario_line(request: Call, scenario_id: QueryId, line_id: QueryId) -> dict[str, Any]:
    """Take a line out of a scenario."""
    services.remove_scenario_line(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        scenario_id=scenario_id,
        line_id=line_id,
    )
    return {"removed": True}


def _put(request: Call, scenario_id: int, line_id: int | None, body: ScenarioLineIn) -> int:
    assets, events = _drafts(request, body)
    return services.put_scenario_line(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        scenario_id=scenario_id,
        label=body.label,
        assets=assets,
        events=events,
        line_id=line_id,
    )


def _drafts(request: Call, body: ScenarioLineIn) -> tuple[list[AssetDraft], list[EventDraft]]:
    given = [body.assets or body.events or None, body.purchase, body.sale, body.longer_use]
    if sum(part is not None for part in given) != 1:
        raise refuse(
            "label", "one_of", say("Give assets with events, or a purchase, a sale or a longer use.")
        )
    if body.purchase is not None:
        return services.planned_purchase(**body.purchase.model_dump())
    if body.sale is not None:
        return [], services.planned_sale(**body.sale.model_dump())
    if body.longer_use is not None:
        company_id, code = request.auth.company_id, body.longer_use.class_code
        return [], services.planned_longer_use(
            company_id=company_id,
            actor_id=request.auth.user_id,
            on=body.longer_use.on,
            months=body.longer_use.months,
            asset_ids=body.longer_use.asset_ids,
            class_id=None if code is None else queries.class_by_code(company_id, code).class_id,
        )
    events, assets = drafts(BatchIn(assets=body.assets, events=body.events))
    return assets, events


# --- budgets ------------------------------------------------------------------------------------------------------


class BudgetOut(Answer):
    budget_id: int
    name: str
    version: int
    from_on: date
    to_on: date
    books: list[str]
    scenario_id: int | None
    scenario: str | None = Field(description="What the scenario was called when the budget was frozen.")
    note: str
    recorded_at: datetime
    actor_id: int | None


class Budgets(Answer):
    results: list[BudgetOut]


class BudgetLineOut(Answer):
    book: str
    currency: str
    class_code: str
    cost_centre: str | None
    from_on: date
    to_on: date
    charge: Number
    cost: Number = Field(description="At the end of the period, as the net book value.")
    carrying: Number
    cash: Number = Field(
        description="Paid (below zero) or received: the three that follow, and what else there is."
    )
    purchases: Number
    proceeds: Number
    lease_payments: Number


class BudgetWhole(BudgetOut):
    lines: list[BudgetLineOut]


class BudgetIn(Body):
    """What a forecast says of the periods between two days, kept. The same name again is the next version."""

    name: Name
    from_on: Day = Field(description="A period of the books begins with it.")
    to_on: Day = Field(description="A period of the books ends with it.")
    scenario_id: Id | None = None
    books: list[Code] = Field(default_factory=list, max_length=50, description="All books when empty.")
    note: Text = ""


class BudgetId(Answer):
    budget_id: int


class FiguresOut(Answer):
    charge: Number
    cost: Number
    carrying: Number
    purchases: Number
    proceeds: Number
    lease_payments: Number
    cash: Number


class VarianceOut(Answer):
    class_code: str | None
    cost_centre: str | None
    from_on: date | None
    to_on: date | None
    booked: bool = Field(description="All of what was found is booked; otherwise some lies ahead.")
    expected: FiguresOut
    found: FiguresOut
    variance: FiguresOut = Field(description="Found less expected.")


class Variances(Answer):
    book: str
    currency: str
    results: list[VarianceOut]
    left_out: list[LeftOutLine]


class CompareIn(Body):
    book: Code | None = BookCode
    by: list[Literal["class", "cost_centre", "period"]] = Field(default_factory=list, max_length=3)
    through_on: Day | None = Field(
        default=None, description="The comparison ends with the period of this day."
    )
    scenario_id: Id | None = Field(default=None, description="What is expected to happen after the last run.")
    only_booked: bool = False
    known_at: Instant | None = Field(
        default=None, description="Only what was booked by this instant; not with a scenario or cost centres."
    )


def _budget(found: Budget, books: dict[int, AssetBook]) -> dict[str, Any]:
    return same(found, BudgetOut) | {
        "books": [books[book_id].code for book_id in found.book_ids],
        "scenario": found.scenario.get("name"),
    }


def _books(company_id: int) -> dict[int, AssetBook]:
    return {book.book_id: book for book in queries.books(company_id)}


def _codes(company_id: int) -> tuple[dict[int, str], dict[int, str | None]]:
    """Codes of classes and of cost centres."""
    classes = {row.class_id: row.code for row in queries.classes(company_id)}
    return classes, {0: None} | {row.cost_centre_id: row.code for row in queries.cost_centres(company_id)}


@section.read("/asset-budgets", permission="ledger.read", answer=Budgets)
def list_asset_budgets(request: Call) -> dict[str, Any]:
    """Budgets, the latest years and versions first."""
    books = _books(request.auth.company_id)
    return {"results": [_budget(row, books) for row in queries.budgets(request.auth.company_id)]}


@section.read("/asset-budgets/{budget_id}", permission="ledger.read", answer=BudgetWhole)
def get_asset_budget(request: Call, budget_id: QueryId) -> dict[str, Any]:
    """A budget with its lines, by book, class, cost centre and period."""
    company_id = request.auth.company_id
    books, (classes, centres) = _books(company_id), _codes(company_id)
    lines = [
        same(row, BudgetLineOut)
        | money(row, AMOUNTS, books[row.book_id].decimals)
        | {
            "book": books[row.book_id].code,
            "currency": books[row.book_id].currency,
            "class_code": classes[row.class_id],
            "cost_centre": centres[row.cost_centre_id],
        }
        for row in queries.budget_rows(company_id, budget_id)
    ]
    return _budget(queries.budget(company_id, budget_id), books) | {"lines": lines}


@section.write(
    "/asset-budgets",
    permission="assets.record",
    answer=BudgetId,
    example={"name": "2027", "from_on": "2027-01-01", "to_on": "2027-12-31"},
)
def freeze_asset_budget(request: Call, body: BudgetIn) -> dict[str, Any]:
    """Freeze a forecast as a budget."""
    made = services.freeze_budget(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_ids=[book_of(request, code).book_id for code in body.books] or None,
        **body.model_dump(exclude={"books"}),
    )
    return {"budget_id": made}


@section.compute(
    "/asset-budgets/{budget_id}/comparisons",
    permission="ledger.read",
    answer=Variances,
    example={"by": ["class"]},
    raises=("not_found",),
)
def compare_with_asset_budget(request: Call, budget_id: QueryId, body: CompareIn) -> dict[str, Any]:
    """What is booked, and after the last run lies ahead, against a budget."""
    company_id, actor_id = request.auth.company_id, request.auth.user_id
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        book = book_of(request, body.book)
        classes, centres = _codes(company_id)
    found = services.compare_with_budget(
        company_id=company_id,
        actor_id=actor_id,
        budget_id=budget_id,
        book_id=book.book_id,
        parts=[Part(part) for part in body.by],
        through_on=body.through_on,
        scenario_id=body.scenario_id,
        only_booked=body.only_booked,
        known_at=body.known_at,
    )
    results = [
        {
            "class_code": None if row.class_id is None else classes[row.class_id],
            "cost_centre": None if row.cost_centre_id is None else centres[row.cost_centre_id],
            "from_on": row.from_on,
            "to_on": row.to_on,
            "booked": row.booked,
            "expected": money(row.expected, FIGURES, book.decimals),
            "found": money(row.found, FIGURES, book.decimals),
            "variance": money(row.variance, FIGURES, book.decimals),
        }
        for row in found
    ]
    left_out = (
        services.lines_left_out(company_id=company_id, actor_id=actor_id, scenario_id=body.scenario_id)
        if body.scenario_id
        else []
    )
    lines = [same(line, LeftOutLine) for line in left_out]
    return {"book": book.code, "currency": book.currency, "results": results, "left_out": lines}
