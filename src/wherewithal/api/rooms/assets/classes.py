"""Classes, cost centres and the calendars of books: what the register is set up with."""

from datetime import date
from typing import Any, Literal

from pydantic import Field, JsonValue

from wherewithal.api.answers import same
from wherewithal.api.rooms.assets.common import book_of, by_name, section
from wherewithal.api.rooms.assets.events import TermsIn
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import LEFT_OUT, Answer, Body, Code, Name, QueryId
from wherewithal.assets import queries, services
from wherewithal.assets.values import ClassDraft

ClassWord = Literal["tangible", "land", "intangible", "right_of_use", "under_construction"]


class ClassOut(Answer):
    class_id: int
    code: str
    name: str
    kind: ClassWord
    category_id: int
    category_code: str
    tag_prefix: str
    tag_digits: int
    required_fields: list[str]
    active: bool
    asset_count: int
    terms: dict[str, Any] = Field(description='Default terms by book code; "" for every other book.')


class Classes(Answer):
    results: list[ClassOut]


class ClassIn(Body):
    code: Code
    name: Name
    kind: ClassWord = "tangible"
    category_code: Code | None = Field(default=None, description="A category of its own when null.")
    tag_prefix: Code | None = None
    tag_digits: int = Field(default=5, ge=1, le=12)
    required_fields: list[Code] = Field(default_factory=list, max_length=50)
    attributes: list[dict[Code, JsonValue]] = Field(default_factory=list, max_length=100)
    terms: list[TermsIn] = Field(default_factory=list, max_length=50)


class ClassesIn(Body):
    classes: list[ClassIn] = Field(min_length=1, max_length=1_000)


class ClassChange(Body):
    """What is left out stays as it is."""

    name: Name = LEFT_OUT
    required_fields: list[Code] = LEFT_OUT
    active: bool = LEFT_OUT
    terms: list[TermsIn] = Field(
        default=LEFT_OUT, max_length=50, description="Default terms of assets registered afterwards."
    )


class ClassTerms(Body):
    class_code: Code
    terms: dict[Code, JsonValue] = Field(examples=[{"pack": "us", "pack_class": "5-year"}])


class ClassTermsIn(Body):
    """Default terms of many classes in one book, or in every book that has none of its own."""

    book: Code | None = Field(default=None, description="Every book that has none of its own, when null.")
    classes: list[ClassTerms] = Field(min_length=1, max_length=1_000)


class CostCentreOut(Answer):
    cost_centre_id: int
    code: str
    name: str
    active: bool


class CostCentres(Answer):
    results: list[CostCentreOut]


class CostCentreIn(Body):
    code: Code
    name: Name


class CostCentreChange(Body):
    """What is left out stays as it is."""

    name: Name = LEFT_OUT
    active: bool = LEFT_OUT


class TemplateIn(Body):
    chart: Code = Field(default="general", description="The chart of accounts to take the accounts from.")
    language: Code = Field(default="en", description="In which classes and accounts are named.")


class AssetBookOut(Answer):
    book_id: int
    code: str
    name: str
    standard: str
    currency: str
    is_primary: bool
    calendar: dict[str, Any]
    horizon_on: date | None
    filled: bool


class AssetBooks(Answer):
    results: list[AssetBookOut]


class CalendarIn(Body):
    book: Code | None = BookCode
    calendar: dict[Code, JsonValue] = Field(examples=[{"first_month": 4}])


class AssetBookIn(Body):
    book: Code


class Filled(Answer):
    entry_ids: list[int]


class ClassIds(Answer):
    class_ids: list[int]


@section.read("/asset-classes", permission="assets.read", answer=Classes)
def list_asset_classes(request: Call) -> dict[str, Any]:
    """The classes of assets with their default terms."""
    return {"results": queries.classes(request.auth.company_id)}


@section.write(
    "/asset-classes",
    permission="assets.write",
    answer=ClassIds,
    example={"classes": [{"code": "DRONE", "name": "Drones", "terms": [{"terms": {"method": "none"}}]}]},
)
def create_asset_classes(request: Call, body: ClassesIn) -> dict[str, Any]:
    """New classes, all or none."""
    drafts = [
        ClassDraft(
            **item.model_dump(exclude={"terms"}),
            terms=by_name("terms", ((terms.book or "", terms.terms) for terms in item.terms)),
        )
        for item in body.classes
    ]
    ids = services.create_classes(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, classes=drafts
    )
    return {"class_ids": ids}


@section.write("/asset-classes/template", permission="assets.write", answer=ClassIds, example={})
def install_asset_classes(request: Call, body: TemplateIn) -> dict[str, Any]:
    """The usual classes, from land to construction under way, with their accounts in every book."""
    ids = services.install_classes(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        chart=body.chart,
        language=body.language,
    )
    return {"class_ids": ids}


@section.write(
    "/asset-classes/terms",
    method="PUT",
    status=200,
    permission="assets.write",
    answer=Classes,
    example={"classes": [{"class_code": "MACH", "terms": {"method": "straight_line", "life_months": "96"}}]},
)
def set_asset_class_terms(request: Call, body: ClassTermsIn) -> dict[str, Any]:
    """Default terms of many classes at once, all or none: a country's rules chosen for a book, say."""
    company_id = request.auth.company_id
    services.set_class_terms(
        company_id=company_id,
        actor_id=request.auth.user_id,
        terms=by_name(
            "classes",
            (
                (queries.class_by_code(company_id, given.class_code).class_id, {body.book or "": given.terms})
                for given in body.classes
            ),
        ),
    )
    return {"results": queries.classes(company_id)}


@section.write(
    "/asset-classes/{class_id}",
    method="PATCH",
    status=200,
    permission="assets.write",
    answer=ClassOut,
    example={"name": "Drones and robots", "required_fields": ["serial_no"]},
)
def update_asset_class(request: Call, class_id: QueryId, body: ClassChange) -> Any:
    """Rename or retire a class, change what it asks for and the terms of assets registered afterwards."""
    company_id = request.auth.company_id
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    if body.terms is not None:
        changes["terms"] = by_name("terms", ((terms.book or "", terms.terms) for terms in body.terms))
    services.update_class(company_id=company_id, actor_id=request.auth.user_id, class_id=class_id, **changes)
    return queries.asset_class(company_id, class_id)


@section.read("/cost-centres", permission="assets.read", answer=CostCentres)
def list_cost_centres(request: Call) -> dict[str, Any]:
    """Who bears what assets cost."""
    return {"results": queries.cost_centres(request.auth.company_id)}


@section.write(
    "/cost-centres",
    permission="assets.write",
    answer=CostCentreOut,
    example={"code": "4100", "name": "Milling"},
)
def create_cost_centre(request: Call, body: CostCentreIn) -> dict[str, Any]:
    """A new cost centre."""
    made = services.create_cost_centre(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, code=body.code, name=body.name
    )
    return {"cost_centre_id": made, "code": body.code, "name": body.name, "active": True}


@section.write(
    "/cost-centres/{cost_centre_id}",
    method="PATCH",
    status=200,
    permission="assets.write",
    answer=CostCentreOut,
    example={"name": "Milling and turning"},
)
def update_cost_centre(request: Call, cost_centre_id: QueryId, body: CostCentreChange) -> Any:
    """Rename a cost centre, retire it or take it back into use."""
    company_id = request.auth.company_id
    services.update_cost_centre(
        company_id=company_id,
        actor_id=request.auth.user_id,
        cost_centre_id=cost_centre_id,
        name=body.name,
        active=body.active,
    )
    rows = queries.cost_centres(company_id)
    return next(row for row in rows if row.cost_centre_id == cost_centre_id)


@section.read("/asset-books", permission="assets.read", answer=AssetBooks)
def list_asset_books(request: Call) -> dict[str, Any]:
    """Each book's calendar, and up to which day its assets are depreciated."""
    return {"results": queries.books(request.auth.company_id)}


@section.write(
    "/asset-books/calendar",
    permission="assets.write",
    answer=AssetBookOut,
    example={"calendar": {"first_month": 4}},
)
def set_book_calendar(request: Call, body: CalendarIn) -> dict[str, Any]:
    """The fiscal years and periods of a book."""
    book = book_of(request, body.book)
    services.set_calendar(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book.book_id,
        calendar=body.calendar,
    )
    return same(queries.asset_book(request.auth.company_id, book.book_id), AssetBookOut)


@section.write("/asset-books/fill", permission="assets.depreciate", answer=Filled, example={"book": "main"})
def fill_asset_book(request: Call, body: AssetBookIn) -> dict[str, Any]:
    """Post in a book that was added later what happened to assets before."""
    ids = services.fill_book(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book_of(request, body.book).book_id,
    )
    return {"entry_ids": ids}
