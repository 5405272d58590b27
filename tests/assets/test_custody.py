"""Check-out, acceptance, check-in, overdue; bookings that never overlap; audits."""

import datetime
from datetime import UTC, timedelta
from typing import Any

import pytest
from tests.assets.conftest import Firm, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.parties import services as parties_services
from wherewithal.parties.values import PartyDraft
from wherewithal.stock import services as stock_services
from wherewithal.stock.services import LocationDraft

NOON = datetime.datetime(2026, 6, 1, 12, tzinfo=UTC)


def _party(firm: Firm) -> int:
    draft = PartyDraft(code="P1", name="Somebody", is_customer=True)
    return parties_services.create_parties(company_id=firm.company_id, actor_id=None, parties=[draft])[0]


def test_an_asset_goes_out_is_signed_for_and_comes_back(firm: Firm) -> None:
    party = _party(firm)
    laptop = firm.buy("900.00", "2026-01-01", name="Laptop", tag="L-1")
    out = firm.event("check_out", laptop, "2026-03-01", custodian_party_id=party, expected_on="2026-03-15")
    firm.event("accept", laptop, "2026-03-02", signature="S. Body")
    with db.company_transaction(company_id=firm.company_id):
        (row,) = queries.custody(firm.company_id, overdue_on=day("2026-03-16"))
        assert queries.custody(firm.company_id, overdue_on=day("2026-03-15")) == []
        assert queries.asset(firm.company_id, laptop).custodian_party_id == party
    assert (row.event_id, row.tag, row.signature) == (out, "L-1", "S. Body")
    firm.event("check_in", laptop, "2026-03-20")
    with db.company_transaction(company_id=firm.company_id):
        assert queries.custody(firm.company_id) == []
        (row,) = queries.custody(firm.company_id, include_returned=True)
        assert queries.asset(firm.company_id, laptop).custodian_party_id is None
        (then,) = queries.register(firm.company_id, as_of=day("2026-03-10"))
    assert row.returned_on == day("2026-03-20")
    assert then.custodian_party_id == party


def test_a_check_out_that_never_was(firm: Firm) -> None:
    party = _party(firm)
    laptop = firm.buy("900.00", "2026-01-01")
    out = firm.event("check_out", laptop, "2026-03-01", custodian_party_id=party)
    firm.record(EventDraft("reversal", day("2026-03-01"), asset_id=laptop, of_event_id=out))
    with db.company_transaction(company_id=firm.company_id):
        assert queries.custody(firm.company_id) == []
        assert queries.asset(firm.company_id, laptop).custodian_party_id is None


def test_bookings_never_overlap(firm: Firm) -> None:
    van = firm.buy("900.00", "2026-01-01")
    other = firm.buy("900.00", "2026-01-01")
    company = {"company_id": firm.company_id, "actor_id": None, "now": NOON, "party_id": _party(firm)}
    hour = timedelta(hours=1)
    first = services.book_asset(**company, asset_id=van, begins_at=NOON, ends_at=NOON + hour)  # type: ignore[arg-type]
    services.book_asset(**company, asset_id=van, begins_at=NOON + hour, ends_at=NOON + 2 * hour)  # type: ignore[arg-type]
    services.book_asset(**company, asset_id=other, begins_at=NOON, ends_at=NOON + hour)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        services.book_asset(**company, asset_id=van, begins_at=NOON + hour / 2, ends_at=NOON + hour)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        services.book_asset(**company, asset_id=van, begins_at=NOON, ends_at=NOON)  # type: ignore[arg-type]
    services.cancel_booking(company_id=firm.company_id, actor_id=None, now=NOON, booking_id=first)
    services.book_asset(**company, asset_id=van, begins_at=NOON + hour / 2, ends_at=NOON + hour)  # type: ignore[arg-type]
    with db.company_transaction(company_id=firm.company_id):
        assert len(queries.bookings(firm.company_id, asset_id=van)) == 2


def test_an_audit_tells_found_missing_elsewhere_and_unexpected(firm: Firm) -> None:
    drafts = [
        LocationDraft("S", "Site", "site"),
        LocationDraft("R1", "Room", "zone", parent_code="S"),
        LocationDraft("R2", "Other room", "zone", parent_code="S"),
        LocationDraft("X", "Elsewhere", "site"),
    ]
    site, room, other, away = stock_services.create_locations(
        company_id=firm.company_id, actor_id=None, locations=drafts
    )
    for tag, place in (("A", room), ("B", room), ("C", other), ("D", away)):
        firm.buy("10.00", "2026-01-01", tag=tag, location_id=place)
    company = {"company_id": firm.company_id, "actor_id": None, "now": NOON}
    audit = services.open_audit(**company, name="June", location_id=site)  # type: ignore[arg-type]
    assert services.record_found(**company, audit_id=audit, tags=["A", "C", "D"], location_id=room) == 1  # type: ignore[arg-type]
    services.close_audit(**company, audit_id=audit)  # type: ignore[arg-type]
    with db.company_transaction(company_id=firm.company_id):
        lines = queries.audit_lines(firm.company_id, audit)
        (head,) = queries.audits(firm.company_id)
    assert [(line.tag, line.verdict) for line in lines] == [
        ("A", "found"), ("B", "missing"), ("C", "elsewhere"), ("D", "unexpected"),
    ]  # fmt: skip
    assert (head.expected, head.found, head.missing, head.unexpected) == (3, 3, 1, 1)
    with pytest.raises(Refused):
        services.record_found(**company, audit_id=audit, tags=["B"])  # type: ignore[arg-type]


def test_custody_and_bookings_are_for_somebody_who_is_there(firm: Firm) -> None:
    van = firm.buy("900.00", "2026-01-01")
    party = _party(firm)
    before = firm.counts()
    company = {"company_id": firm.company_id, "actor_id": None, "now": NOON}
    span = {"asset_id": van, "begins_at": NOON, "ends_at": NOON + timedelta(hours=1)}
    with pytest.raises(Refused, match="for whom"):
        services.book_asset(**company, **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="member of this company"):
        services.book_asset(**company, **span, user_id=987_654)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="member of this company"):
        firm.event("check_out", van, "2026-03-01", custodian_user_id=987_654)
    with pytest.raises(Refused, match="expected back"):
        firm.event("check_out", van, "2026-03-02", custodian_party_id=party, expected_on="2026-03-01")
    assert firm.counts() == before


def test_an_audit_is_of_a_place_that_is_there(firm: Firm) -> None:
    firm.buy("900.00", "2026-01-01", tag="V-1")
    company = {"company_id": firm.company_id, "actor_id": None, "now": NOON}
    with pytest.raises(Refused, match="location of this company"):
        services.open_audit(**company, name="Spring", location_id=987_654)  # type: ignore[arg-type]
    audit = services.open_audit(**company, name="Spring")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="location of this company"):
        services.record_found(**company, audit_id=audit, tags=["V-1"], location_id=987_654)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        services.record_found(**company, audit_id=audit, tags=["V-1"], condition="x" * 10_000)  # type: ignore[arg-type]


def test_an_asset_is_no_part_of_itself(firm: Firm) -> None:
    van = firm.buy("900.00", "2026-01-01")
    with pytest.raises(Refused) as caught:
        services.update_asset(company_id=firm.company_id, actor_id=None, asset_id=van, parent_id=van)
    assert [(problem.field, problem.rule) for problem in caught.value.problems] == [("parent_id", "tree")]


def test_only_what_somebody_has_is_signed_for_and_comes_back(firm: Firm) -> None:
    party = _party(firm)
    laptop = firm.buy("900.00", "2026-01-01")
    before = firm.counts()

    def refused(kind: str, on: str, **values: Any) -> list[tuple[str, str]]:
        with pytest.raises(Refused) as caught:
            firm.event(kind, laptop, on, **values)
        return [(problem.field, problem.rule) for problem in caught.value.problems]

    assert refused("accept", "2026-03-01", signature="S. Body") == [("effective_on", "out")]
    assert refused("check_in", "2026-03-01") == [("effective_on", "out")]
    assert refused("check_out", "2026-03-01") == [("values.custodian_party_id", "required")]
    assert firm.counts() == before
    out = firm.event("check_out", laptop, "2026-03-01", custodian_party_id=party)
    firm.event("accept", laptop, "2026-03-02", signature="S. Body")
    assert refused("accept", "2026-03-03", signature="S. Body") == [("kind", "once")]
    assert refused("check_in", "2026-02-28") == [("effective_on", "out")]
    firm.event("check_in", laptop, "2026-03-05")
    assert refused("check_in", "2026-03-06") == [("effective_on", "out")]
    assert refused("reversal", "2026-03-01", of_event_id=out) == [("effective_on", "out")] * 2


def test_lent_and_brought_back_within_a_day(firm: Firm) -> None:
    party = _party(firm)
    drill = firm.buy("900.00", "2026-01-01")
    for _ in range(2):
        firm.event("check_out", drill, "2026-03-01", custodian_party_id=party)
        firm.event("accept", drill, "2026-03-01", signature="S. Body")
        firm.event("check_in", drill, "2026-03-01")
    with db.company_transaction(company_id=firm.company_id):
        assert queries.custody(firm.company_id) == []
        spans = queries.custody(firm.company_id, include_returned=True)
        assert queries.asset(firm.company_id, drill).custodian_party_id is None
    assert [(row.accepted_on, row.returned_on) for row in spans] == [
        (day("2026-03-01"), day("2026-03-01"))
    ] * 2
    firm.event("check_out", drill, "2026-03-01", custodian_party_id=party)
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, drill).custodian_party_id == party


def test_who_had_an_asset_from_the_beginning_brings_it_back(firm: Firm) -> None:
    party = _party(firm)
    drill = firm.buy("900.00", "2026-01-01", custodian_party_id=party)
    firm.event("check_in", drill, "2026-03-01")
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, drill).custodian_party_id is None
    before = firm.counts()
    with pytest.raises(Refused) as caught:
        firm.buy("900.00", "2026-01-01", custodian_user_id=987_654)
    assert [(p.field, p.rule) for p in caught.value.problems] == [("custodian_user_id", "exists")]
    assert firm.counts() == before
