"""Suppliers and customers."""

from collections.abc import Sequence
from typing import Any

from ninja import Query
from pydantic import Field, TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    MOST_ROWS,
    Answer,
    Body,
    Code,
    KeyId,
    Name,
    QueryFlag,
    QueryId,
    Search,
    Text,
)
from wherewithal.parties import queries, services
from wherewithal.parties.values import PartyDraft

section = Section("Parties", "Those with whom goods change hands: suppliers and customers.")
by_code = TypeAdapter(tuple[Text, KeyId])


class PartyIn(Body):
    code: Code
    name: Name
    is_supplier: bool = False
    is_customer: bool = False
    country: Text = Field(
        default="", pattern=r"^([A-Z]{2})?$", description="ISO 3166-1, two capital letters."
    )
    tax_id: Text = Field(default="", max_length=50, description="Checked by the rules of the country.")
    email: Text = Field(default="", max_length=254)
    phone: Text = Field(default="", max_length=50)
    address: Text = ""
    active: bool = True


class PartiesIn(Body):
    parties: list[PartyIn] = Field(min_length=1, max_length=MOST_ROWS)


class PartyChange(Body):
    code: Code = Field(default=LEFT_OUT)
    name: Name = Field(default=LEFT_OUT)
    is_supplier: bool = Field(default=LEFT_OUT)
    is_customer: bool = Field(default=LEFT_OUT)
    country: Text = Field(default=LEFT_OUT, pattern=r"^([A-Z]{2})?$")
    tax_id: Text = Field(default=LEFT_OUT, max_length=50)
    email: Text = Field(default=LEFT_OUT, max_length=254)
    phone: Text = Field(default=LEFT_OUT, max_length=50)
    address: Text = Field(default=LEFT_OUT)
    active: bool = Field(default=LEFT_OUT)


class PartyOut(Answer):
    id: int
    code: str
    name: str
    is_supplier: bool
    is_customer: bool
    country: str
    tax_id: str
    email: str
    phone: str
    address: str
    active: bool


class MadeParty(Answer):
    id: int
    code: str


class MadeParties(Answer):
    parties: list[MadeParty] = Field(description="In the order of the request.")


class PartyFilters(Paged):
    text: Search | None = Field(default=None, description="The beginning of a code or of a name.")
    is_supplier: QueryFlag | None = None
    is_customer: QueryFlag | None = None
    active: QueryFlag | None = None


@section.read("/parties", permission="parties.read", answer=Page[PartyOut])
def list_parties(request: Call, filters: Query[PartyFilters]) -> dict[str, Any]:
    """Parties by code."""

    def fetch(after: Any, limit: int) -> Sequence[dict[str, Any]]:
        return queries.list_parties(
            request.auth.company_id,
            text=filters.text or "",
            is_supplier=filters.is_supplier,
            is_customer=filters.is_customer,
            active=filters.active,
            after=after,
            limit=limit,
        )

    return listing(filters, fetch, key=by_code, key_of=lambda row: (row["code"], row["id"]))


@section.write(
    "/parties",
    permission="parties.write",
    answer=MadeParties,
    example={"parties": [{"code": "ACME", "name": "Acme Supplies", "is_supplier": True, "country": "GB"}]},
)
def create_parties(request: Call, body: PartiesIn) -> dict[str, Any]:
    """Add up to 10,000 suppliers and customers, all or none."""
    ids = services.create_parties(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        parties=[PartyDraft(**party.model_dump()) for party in body.parties],
    )
    made = [{"id": party_id, "code": party.code} for party_id, party in zip(ids, body.parties, strict=True)]
    return {"parties": made}


@section.read("/parties/{party_id}", permission="parties.read", answer=PartyOut)
def get_party(request: Call, party_id: QueryId) -> dict[str, Any]:
    """One supplier or customer."""
    return found("party_id", party_id, queries.get_party(request.auth.company_id, party_id))


@section.write(
    "/parties/{party_id}",
    method="PATCH",
    status=200,
    permission="parties.write",
    answer=PartyOut,
    example={"email": "orders@acme.example"},
)
def update_party(request: Call, party_id: QueryId, body: PartyChange) -> dict[str, Any]:
    """Change a supplier or customer."""
    services.update_party(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        party_id=party_id,
        changes=body.model_dump(exclude_unset=True),
    )
    return found("party_id", party_id, queries.get_party(request.auth.company_id, party_id))
