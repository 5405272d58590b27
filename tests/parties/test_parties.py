"""Suppliers and customers. Tax numbers are the examples of their authorities: DE 136695976, GB 980780684, US EIN."""

import pytest

from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Refused
from wherewithal.parties import queries, services
from wherewithal.parties.checks import compact_tax_id
from wherewithal.parties.values import PartyDraft


def create(company: int, *parties: PartyDraft) -> list[int]:
    return services.create_parties(company_id=company, actor_id=None, parties=parties)


def codes(company: int, **filters: object) -> list[str]:
    with db.company_transaction(company_id=company):
        return [row["code"] for row in queries.list_parties(company, **filters)]  # type: ignore[arg-type]


def test_parties_are_kept_and_listed(company: int) -> None:
    ids = create(
        company,
        PartyDraft("S1", "Müller & Söhne", is_supplier=True, country="DE", tax_id="DE 136 695 976"),
        PartyDraft("C1", "Café Noir", is_customer=True, email="a@b.example"),
        PartyDraft("B1", "Both", is_supplier=True, is_customer=True, active=False),
    )
    with db.company_transaction(company_id=company):
        party = queries.get_party(company, ids[0])
    assert party is not None
    assert (party["tax_id"], party["country"], party["is_customer"]) == ("136695976", "DE", False)
    assert codes(company) == ["B1", "C1", "S1"]
    assert codes(company, is_supplier=True, active=True) == ["S1"]
    assert codes(company, text="CAFE") == ["C1"]
    assert codes(company, after=("B1", ids[2]), limit=1) == ["C1"]


@pytest.mark.parametrize(
    ("draft", "field", "rule"),
    [
        (PartyDraft("", "N", True), "code", "required"),
        (PartyDraft("A ", "N", True), "code", "blanks_around"),
        (PartyDraft("A", "N\0", True), "name", "printable"),
        (PartyDraft("A", "N"), "is_supplier", "has_a_part"),
        (PartyDraft("A", "N", True, country="Germany"), "country", "country_known"),
        (PartyDraft("A", "N", True, country="DE", tax_id="136695978"), "tax_id", "tax_id_valid"),
        (PartyDraft("A", "N", True, tax_id="136695976"), "country", "required"),
        (PartyDraft("A", "N", True, email="me"), "email", "email_form"),
        (PartyDraft("HERE", "N", True), "code", "unique"),
    ],
)
def test_refused_and_nothing_written(company: int, draft: PartyDraft, field: str, rule: str) -> None:
    create(company, PartyDraft("HERE", "Here", True))
    with pytest.raises(Refused) as refused:
        create(company, PartyDraft("GOOD", "Good", True), draft)
    assert [(p.row, p.field, p.rule) for p in refused.value.problems] == [(1, field, rule)]
    assert codes(company) == ["HERE"]


@pytest.mark.parametrize(
    ("country", "tax_id", "compact"),
    [
        ("DE", "DE136695976", "136695976"),
        ("GB", "GB 980 7806 84", "980780684"),
        ("US", "12-3456789", "123456789"),
        ("AT", "ATU13585627", "U13585627"),
        ("GR", "EL 094259216", "094259216"),
        ("US", "12345", None),
        ("DE", "1", None),
        ("AQ", " any text ", "any text"),
    ],
)
def test_tax_ids_by_country(country: str, tax_id: str, compact: str | None) -> None:
    assert compact_tax_id(country, tax_id) == compact


def test_changes(company: int) -> None:
    first, second = create(company, PartyDraft("A", "A", True), PartyDraft("B", "B", True))
    services.update_party(
        company_id=company, actor_id=None, party_id=first, changes={"name": "Ärger", "phone": "1"}
    )
    assert codes(company, text="arg") == ["A"]
    with pytest.raises(Refused, match="already"):
        services.update_party(company_id=company, actor_id=None, party_id=second, changes={"code": "A"})
    with pytest.raises(Refused, match="cannot be changed"):
        services.update_party(company_id=company, actor_id=None, party_id=second, changes={"id": 1})
    with pytest.raises(NotFound):
        services.update_party(company_id=company, actor_id=None, party_id=10**9, changes={})


def test_companies_do_not_see_each_other(company: int) -> None:
    create(company, PartyDraft("A", "A", True))
    assert codes(company + 1_000_000) == []
