"""What concerns several assets or companies at once: transfers between companies, an impaired unit, the mid-quarter test."""

from typing import Any

from pydantic import Field

from wherewithal.api.rooms.assets.common import book_of, by_name, section, sees_money
from wherewithal.api.rooms.assets.events import (
    AssetBatchOut,
    BookPreviewOut,
    PreviewOut,
    TermsIn,
    previews_out,
)
from wherewithal.api.rooms.company import BookCode
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    Answer,
    BigId,
    Body,
    Code,
    Day,
    Id,
    NotNegative,
    QueryBigId,
    Text,
)
from wherewithal.assets import queries, services
from wherewithal.assets.drafts import UnitDraft
from wherewithal.assets.queries import TimelineRow
from wherewithal.assets.services import Basis, YearTestResult
from wherewithal.core.assets.facts import Kind
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Forbidden, NotFound, Problem
from wherewithal.people import permissions
from wherewithal.people import queries as people
from wherewithal.people.permissions import PERMISSIONS, Actor

MOST_OF_A_UNIT = 10_000
NEEDED_THERE = ("assets.record", "assets.write")


# --- transfers between companies ----------------------------------------------------------------------------------


class CompanyTransferIn(Body):
    """An asset of the token's company goes to another one, in which the token's user may record and register assets."""

    to_company: Code = Field(description="Code of the company that takes it.")
    effective_on: Day = Field(description="It leaves at the end of this day.")
    class_code: Code = Field(description="Its class there.")
    tag: Code | None = Field(
        default=None, description="Its tag there; the next number of its class when null."
    )
    location_id: Id | None = Field(default=None, description="A location of the other company.")
    basis: Basis = Field(
        default=Basis.AS_IT_STANDS,
        strict=False,
        description="as_it_stands: with cost and depreciation; carrying_amount: which is its cost there; price: sold.",
    )
    price: NotNegative | None = Field(
        default=None, description="With the basis price, in the company's currency."
    )
    terms: list[TermsIn] = Field(
        default_factory=list, max_length=50, description="By book over there, instead of those it has here."
    )


class CompanyTransferOut(Answer):
    event_id: int = Field(description="With which it left here: names the transfer when it is taken back.")
    to_company: str
    asset_id_there: int
    tag_there: str


class BothPreviews(Answer):
    here: list[BookPreviewOut]
    there: list[BookPreviewOut]


EXAMPLE = {"to_company": "NORTH", "effective_on": "2026-03-31", "class_code": "MACH"}


@section.write(
    "/assets/{asset_id}/company-transfers",
    permission="assets.record",
    answer=CompanyTransferOut,
    example=EXAMPLE,
    keeps_key=True,
)
def transfer_asset_to_company(request: Call, asset_id: QueryBigId, body: CompanyTransferIn) -> dict[str, Any]:
    """Transfer an asset to another company, with what its books say of it; both halves or none.

    The token fixes the company that gives. The one that takes is named in the body: the token's user must be a member of
    it who may record and register assets, and the token must have these scopes.
    """
    there, code = _taker(request, body.to_company)
    done = services.transfer_to_company(
        **_transfer(request, asset_id, there.company_id, body), idempotency_key=request.key
    )
    with db.company_transaction(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, read_only=True
    ):
        left = {
            row.counterpart["asset_id"]: row
            for row in queries.timeline(request.auth.company_id, asset_id)
            if _is_transfer(row) and row.counterpart
        }
    row = left[done.asset_ids[0]]
    return {
        "event_id": row.event_id,
        "to_company": code,
        "asset_id_there": done.asset_ids[0],
        "tag_there": (row.counterpart or {})["tag"],
    }


@section.compute(
    "/assets/{asset_id}/company-transfers/previews",
    permission="assets.record",
    answer=BothPreviews,
    example=EXAMPLE,
    raises=("not_found",),
)
def preview_asset_transfer(request: Call, asset_id: QueryBigId, body: CompanyTransferIn) -> dict[str, Any]:
    """What a transfer to another company would post in both. Rows only for who may see the ledger of each."""
    there, _ = _taker(request, body.to_company)
    found = services.preview_transfer(**_transfer(request, asset_id, there.company_id, body))
    return _both(request, there, found)


@section.write(
    "/assets/{asset_id}/company-transfers/{event_id}/reversal",
    permission="assets.record",
    answer=AssetBatchOut,
    keeps_key=True,
)
def take_back_asset_transfer(request: Call, asset_id: QueryBigId, event_id: QueryBigId) -> Any:
    """Take back a transfer to another company: both halves are reversed. Refused once more happened to it over there."""
    _giver(request, asset_id, event_id)
    return services.take_back_transfer(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        idempotency_key=request.key,
        event_id=event_id,
    )


class Nothing(Body):
    """An empty object."""


@section.compute(
    "/assets/{asset_id}/company-transfers/{event_id}/reversal/previews",
    permission="assets.record",
    answer=BothPreviews,
    example={},
    raises=("not_found",),
)
def preview_asset_transfer_reversal(
    request: Call, asset_id: QueryBigId, event_id: QueryBigId, body: Nothing
) -> dict[str, Any]:
    """What taking a transfer back would post in both companies."""
    there = _giver(request, asset_id, event_id)
    found = services.preview_take_back(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, event_id=event_id
    )
    return _both(request, there, found)


def _transfer(request: Call, asset_id: int, to_company_id: int, body: CompanyTransferIn) -> dict[str, Any]:
    return body.model_dump(exclude={"to_company", "terms"}) | {
        "company_id": request.auth.company_id,
        "to_company_id": to_company_id,
        "actor_id": request.auth.user_id,
        "asset_id": asset_id,
        "terms": by_name("terms", ((terms.book or "", terms.terms) for terms in body.terms)),
    }


def _taker(request: Call, code: str) -> tuple[Actor, str]:
    """The token's user in the company of that code, and how it is written there."""
    for member in _memberships(request):
        if member.company_code == code:
            return _allowed(request, member), member.company_code
    message = say("You are a member of no company {code}.", code=code)
    raise NotFound(Problem("to_company", "exists", message, value=code))


def _giver(request: Call, asset_id: int, event_id: int) -> Actor:
    """The token's user in the company to which this event gave an asset."""
    company_id = request.auth.company_id
    with db.company_transaction(company_id=company_id, actor_id=request.auth.user_id, read_only=True):
        queries.asset(company_id, asset_id)
        rows = queries.timeline(company_id, asset_id)
    row = next((row for row in rows if row.event_id == event_id and _is_transfer(row)), None)
    if row is None or row.counterpart is None:
        message = say("There is no such transfer to another company.")
        raise NotFound(Problem("event_id", "exists", message, value=str(event_id)))
    for member in _memberships(request):
        if member.company_id == row.counterpart["company_id"]:
            return _allowed(request, member)
    message = say("It is taken back by somebody who records assets in the other company too.")
    raise Forbidden(Problem("event_id", "both_companies", message))


def _is_transfer(row: TimelineRow) -> bool:
    return row.kind == Kind.INTERCOMPANY_OUT and row.counterpart is not None


def _memberships(request: Call) -> list[people.Membership]:
    with db.company_transaction(company_id=None, actor_id=request.auth.user_id, read_only=True):
        return people.memberships_of(request.auth.user_id)


def _allowed(request: Call, member: people.Membership) -> Actor:
    """The same person in the other company, narrowed by the same token; Forbidden unless assets may be taken up there."""
    actor = Actor(request.auth.user_id, member.company_id, frozenset(member.roles), request.auth.scopes)
    for permission in NEEDED_THERE:
        if not permissions.allowed(actor, permission):
            message = say(
                "In the company {company_code} you may not {permissions}.",
                company_code=member.company_code,
                permissions=PERMISSIONS[permission],
            )
            raise Forbidden(Problem("to_company", "permission", message, value=permission))
    return actor


def _both(request: Call, there: Actor, found: tuple[Any, Any]) -> dict[str, Any]:
    here = previews_out(found[0], sees=sees_money(request))
    return {"here": here, "there": previews_out(found[1], sees=permissions.allowed(there, "ledger.read"))}


# --- a cash-generating unit ---------------------------------------------------------------------------------------


class FloorIn(Body):
    asset_id: BigId
    amount: NotNegative


class ImpairedUnitIn(Body):
    """Assets that earn money only together, and what the whole is worth. Amounts in the currency of the book."""

    book: Code | None = Field(
        default=None, description="The only book that hears of it; the primary one when null."
    )
    effective_on: Day
    asset_ids: list[BigId] = Field(min_length=1, max_length=MOST_OF_A_UNIT)
    recoverable: NotNegative = Field(description="The recoverable amount of the unit, goodwill included.")
    goodwill_id: BigId | None = Field(default=None, description="The asset that bears the loss first.")
    floors: list[FloorIn] = Field(
        default_factory=list,
        max_length=MOST_OF_A_UNIT,
        description="Below which an asset is not written down: its fair value less costs, or its value in use.",
    )
    note: Text = ""


UNIT = {"effective_on": "2026-03-31", "asset_ids": [1, 2], "recoverable": "50000.00"}


def _unit(request: Call, body: ImpairedUnitIn) -> dict[str, Any]:
    floors = by_name("floors", ((floor.asset_id, floor.amount) for floor in body.floors))
    return {
        "company_id": request.auth.company_id,
        "actor_id": request.auth.user_id,
        "unit": UnitDraft(**body.model_dump(exclude={"floors"}), floors=floors),
    }


@section.write("/assets/unit-impairments", permission="assets.record", answer=AssetBatchOut, example=UNIT)
def impair_unit(request: Call, body: ImpairedUnitIn) -> Any:
    """Write a cash-generating unit down to its recoverable amount: goodwill first, the rest by net book values."""
    return services.impair_unit(**_unit(request, body), idempotency_key=request.key)


@section.compute(
    "/assets/unit-impairments/previews",
    permission="assets.record",
    answer=PreviewOut,
    example=UNIT,
    raises=("not_found",),
)
def preview_unit_impairment(request: Call, body: ImpairedUnitIn) -> dict[str, Any]:
    """What the impairment of a unit would post; nothing is kept. Rows only for who may see the ledger."""
    return {"books": previews_out(services.preview_unit(**_unit(request, body)), sees=sees_money(request))}


# --- the mid-quarter test -----------------------------------------------------------------------------------------


class YearTestIn(Body):
    book: Code | None = BookCode
    on: Day = Field(description="A day of the tax year.")


class YearTestOut(Answer):
    share: str = Field(
        description="Of the cost in the last three months of the year, a fraction such as 3/5."
    )
    outcome: str = Field(description="The convention that the year asks for: half_year or mid_quarter.")
    because: str
    asset_count: int = Field(description="Assets on the pack `us` that went into service in that year.")
    changed: list[int] = Field(description="Assets whose terms change.")
    entry_ids: list[int]


class YearTestPreview(YearTestOut):
    books: list[BookPreviewOut]


TEST = {"on": "2026-12-31"}


def _year(result: YearTestResult) -> dict[str, Any]:
    return {
        "share": str(result.share),
        "outcome": result.outcome,
        "because": result.because,
        "asset_count": result.assets,
        "changed": list(result.changed),
        "entry_ids": list(result.batch.entry_ids) if result.batch else [],
    }


@section.write("/assets/year-tests", permission="assets.record", answer=YearTestOut, example=TEST)
def apply_year_test(request: Call, body: YearTestIn) -> dict[str, Any]:
    """Apply the mid-quarter test of the United States to a tax year of a book. Doing it again changes nothing.

    Where more than 40 % of what went into service in the year did so in its last three months, all of it goes by the middle
    of quarters, otherwise by the middle of the year.
    """
    result = services.apply_year_test(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        book_id=book_of(request, body.book).book_id,
        on=body.on,
    )
    return _year(result)


@section.compute(
    "/assets/year-tests/previews",
    permission="assets.record",
    answer=YearTestPreview,
    example=TEST,
    raises=("not_found",),
)
def preview_year_test(request: Call, body: YearTestIn) -> dict[str, Any]:
    """What the mid-quarter test says of a tax year, and what it would post; nothing is kept."""
    company_id, actor_id = request.auth.company_id, request.auth.user_id
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        book = book_of(request, body.book)
    result, books = services.preview_year_test(
        company_id=company_id, actor_id=actor_id, book_id=book.book_id, on=body.on
    )
    return _year(result) | {"books": previews_out(books, sees=sees_money(request))}
