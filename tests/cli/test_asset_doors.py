"""Fixed assets from the command line: set up, kept, moved between companies and stock, tested together."""

import itertools
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cli.test_asset import LATHE, say

from wherewithal.cli.companies import company_named
from wherewithal.items.queries import item_ids_by_sku
from wherewithal.items.services import create_items
from wherewithal.items.values import ItemDraft
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft, create_locations
from wherewithal.stock.services import record as record_goods

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
_numbers = itertools.count(1)


def make(code: str) -> str:
    place = ("--country", "DE", "--currency", "EUR", "--timezone", "Europe/Berlin")
    say("company", "create", code, code.title(), *place)
    say("asset", "install-classes", "-c", code)
    return code


@pytest.fixture
def company() -> str:
    return make(f"DOOR{next(_numbers)}")


@pytest.fixture
def tag(company: str) -> str:
    """A lathe of 5,000.00, 100.00 a month from February 2026."""
    say("asset", "record", "-c", company, given=json.dumps(LATHE))
    (row,) = say("asset", "list", "-c", company)
    return str(row["tag"])


def test_a_transfer_is_looked_at_and_taken_back(company: str, tag: str) -> None:
    other = make(f"{company}X")
    call = ("asset", "transfer", tag, other, "-c", company, "--class", "MACH", "--on", "2026-03-31")
    lines = say(*call, "--preview")
    assert {line["company"] for line in lines} == {company, other}
    assert say("asset", "list", "-c", other) == []
    with pytest.raises(Refused):
        say("asset", "take-back", tag, "-c", company)
    with pytest.raises(Refused):
        say(*call, "--basis", "price", "--price", "much")
    say(*call, "--tag-there", "X-1", "--key", "once")
    assert say(*call, "--tag-there", "X-1", "--key", "once")["repeated"]
    (there,) = say("asset", "list", "-c", other)
    assert (there["tag"], there["cost"], there["carrying"]) == ("X-1", "5000.00", "4800.00")
    assert say("asset", "parts", "-c", company) == []
    assert {line["company"] for line in say("asset", "take-back", tag, "-c", company, "--preview")} == {
        company,
        other,
    }
    say("asset", "take-back", tag, "-c", company, "--key", "back")
    assert say("asset", "take-back", tag, "-c", company, "--key", "back")["repeated"]
    (here,), (there,) = say("asset", "list", "-c", company), say("asset", "list", "-c", other)
    assert (here["status"], here["carrying"], there["carrying"]) == ("in_service", "4800.00", "0.00")


def test_a_unit_and_a_tax_year(company: str, tag: str) -> None:
    """5,000.00 worth 4,200.00, not below 4,500.00: the floor holds."""
    call = ("asset", "impair-unit", "4200", f"{tag}=4500", "--on", "2026-01-31", "-c", company)
    lines = say(*call, "--preview")
    assert sorted(line["amount"] for line in lines) == ["-500.00", "500.00"]
    say(*call)
    assert say("asset", "list", "-c", company)[0]["carrying"] == "4500.00"
    assert say("asset", "year-test", "2026-12-31", "-c", company, "--preview")["lines"] == []
    told = say("asset", "year-test", "2026-12-31", "-c", company)
    assert (told["assets"], told["changed"]) == (0, [])


def test_what_is_set_up(company: str, tag: str, tmp_path: Path) -> None:
    drone = [{"code": "DRONE", "name": "Drones", "terms": {"": {"method": "none"}}}]
    say("asset", "class", "create", "-c", company, given=json.dumps(drone))
    with pytest.raises(Refused) as refused:
        say("asset", "class", "create", "-c", company, given='[{"code": 5, "name": "Five"}]')
    assert [problem.field for problem in refused.value.problems] == ["classes.code"]
    row = say(
        "asset",
        "class",
        "change",
        "DRONE",
        "-c",
        company,
        "--name",
        "Flyers",
        "--require",
        "serial_no",
        "--retired",
    )
    assert (row["name"], row["required_fields"], row["active"]) == ("Flyers", ["serial_no"], False)
    terms = {"method": "straight_line", "life_months": "36"}
    say("asset", "class", "terms", "-c", company, "--book", "main", given=json.dumps({"MACH": terms}))
    found = {row["code"]: row["terms"] for row in say("asset", "classes", "-c", company)}
    assert found["MACH"]["main"]["life_months"] == "36"
    with pytest.raises(NotFound):
        say("asset", "class", "terms", "-c", company, given=json.dumps({"NONE": terms}))

    say("asset", "cost-centre", "create", "410", "Mill", "-c", company)
    say("asset", "cost-centre", "change", "410", "-c", company, "--name", "Milling")
    assert [(row["code"], row["name"]) for row in say("asset", "cost-centre", "list", "-c", company)] == [
        ("410", "Milling")
    ]
    say("asset", "book", "calendar", "-c", company, given='{"first_month": 4}')
    (book,) = say("asset", "book", "list", "-c", company)
    assert book["calendar"] == {"first_month": 4}
    assert say("asset", "book", "fill", "-c", company)["entry_ids"] == []

    say("asset", "change", tag, "-c", company, given='{"name": "Big lathe", "warranty_until": "2028-03-01"}')
    for wrong in ('{"cost": 5}', '{"warranty_until": "soon"}', "[]"):
        with pytest.raises(Refused):
            say("asset", "change", tag, "-c", company, given=wrong)
    assert say("asset", "show", tag, "-c", company)["name"] == "Big lathe"
    paper = tmp_path / "manual.txt"
    paper.write_text("Turn.")
    kept = say("asset", "file", "attach", tag, str(paper), "-c", company)["id"]
    assert [row["title"] for row in say("asset", "file", "list", tag, "-c", company)] == ["manual.txt"]
    say("asset", "file", "remove", tag, str(kept), "-c", company)
    with pytest.raises(NotFound):
        say("asset", "file", "remove", tag, str(kept), "-c", company)


def test_what_is_kept(company: str, tag: str) -> None:
    say("user", "create", f"u-{company}", "--no-password", "-c", company, "-r", "warehouse")
    slot = ("2026-05-04T08:00", "2026-05-04T12:00", "-c", company, "--user", f"u-{company}")
    made = say("asset", "booking", "add", tag, *slot)["booking_id"]
    with pytest.raises(Conflict):
        say("asset", "booking", "add", tag, *slot)
    with pytest.raises(Refused):
        say("asset", "booking", "add", tag, "at eight", *slot[1:])
    (row,) = say("asset", "booking", "list", "-c", company, "--asset", tag)
    assert row["begins_at"].startswith("2026-05-04T06:00") or "08:00:00+02:00" in row["begins_at"]
    say("asset", "booking", "cancel", str(made), "-c", company)
    assert say("asset", "booking", "list", "-c", company) == []
    assert say("asset", "custody", "-c", company) == []

    audit = str(say("asset", "audit", "open", "Year end", "-c", company)["audit_id"])
    with pytest.raises(NotFound):
        say("asset", "audit", "lines", "999999", "-c", company)
    assert [row["verdict"] for row in say("asset", "audit", "lines", audit, "-c", company)] == ["missing"]
    assert say("asset", "audit", "found", audit, tag, "-c", company)["unexpected"] == 0
    say("asset", "audit", "close", audit, "-c", company)
    (row,) = say("asset", "audit", "list", "-c", company)
    assert (row["found"], row["missing"], row["closed_at"] is None) == (1, 0, False)


def test_from_stock_and_back(company: str, tag: str) -> None:
    """Two of ten pumps at 120.00: one becomes an asset and goes back, one becomes a part of the lathe."""
    shop = company_named(company)
    given = {"company_id": shop.company_id, "actor_id": None}
    create_items(**given, items=[ItemDraft(sku="PUMP", name="Pump")])
    (place,) = create_locations(**given, locations=[LocationDraft("HALL", "Hall", "warehouse")])
    with company_transaction(company_id=shop.company_id, read_only=True):
        item_id = item_ids_by_sku(shop.company_id, ["PUMP"])["PUMP"]
    line = LineDraft(item_id, 10, to_location_id=place, unit_cost=Decimal(120))
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    record_goods(**given, idempotency_key="in", documents=[DocumentDraft(DocumentKind.RECEIPT, at, [line])])
    call = ("asset", "from-stock", "PUMP", "HALL", "--at", "2026-03-02T08:00", "-c", company)
    say(*call, "--class", "MACH", "--name", "Spare pump")
    say(*call, "--asset", tag)
    with pytest.raises(NotFound):
        say(*call[:3], "NOWHERE", *call[4:], "--asset", tag)
    rows = {row["name"]: row for row in say("asset", "list", "-c", company)}
    assert (rows["Spare pump"]["cost"], rows["Lathe"]["cost"]) == ("120.00", "5120.00")
    say("asset", "to-stock", rows["Spare pump"]["tag"], "HALL", "--at", "2026-03-03T08:00", "-c", company)
    rows = {row["name"]: row for row in say("asset", "list", "-c", company)}
    assert (rows["Spare pump"]["status"], rows["Spare pump"]["carrying"]) == ("disposed", "0.00")
    say("asset", "goods-back", rows["Spare pump"]["tag"], "--at", "2026-03-04T08:00", "-c", company)
    rows = {row["name"]: row for row in say("asset", "list", "-c", company)}
    assert rows["Spare pump"]["carrying"] == "120.00"
    say("asset", "goods-back", tag, "--at", "2026-03-04T08:00", "-c", company)
    with pytest.raises(Refused):
        say("asset", "goods-back", tag, "--at", "2026-03-04T08:00", "-c", company)
    rows = {row["name"]: row for row in say("asset", "list", "-c", company)}
    assert rows["Lathe"]["cost"] == "5000.00"
