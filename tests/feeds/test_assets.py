"""Imports of a register of assets and of what happened to them: exact books, and everything wrong in a bad file."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from tests.feeds.support import Feed, faults

from wherewithal.assets import queries
from wherewithal.assets import services as assets
from wherewithal.assets.values import AssetDraft
from wherewithal.feeds import samples
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.parties.services import create_parties
from wherewithal.parties.values import PartyDraft
from wherewithal.reporting import verify
from wherewithal.stock.services.locations import LocationDraft, create_locations

PROOFS = (
    "assets in the ledger",
    "asset entries decompose",
    "only in service",
    "assets as placed",
    "assets replayed",
)


@pytest.fixture
def company(company: int) -> int:
    """A firm with the classes of the template, a book of taxes in euros and one in dollars."""
    who: dict[str, Any] = {"company_id": company, "actor_id": None}
    for code, currency in (("TAX", "EUR"), ("US", "USD")):
        ledger.create_book(**who, code=code, name=code, standard="tax", currency=currency)
    rates = [ledger.RateDraft("EUR", "USD", date(2020, 1, 1), Decimal("1.25"))]
    ledger.set_exchange_rates(**who, rates=rates)
    assets.install_classes(**who)
    assets.create_cost_centre(**who, code="100", name="Workshop")
    create_parties(**who, parties=[PartyDraft("ACME", "Acme", is_supplier=True)])
    create_locations(**who, locations=[LocationDraft("HALL", "Hall", "site")])
    return company


def carried(feed: Feed, on: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(tag, book) -> cost and net book value on a day."""
    rows = feed.rows(
        "SELECT a.tag, b.code, sum(v.cost_amount)::bigint, sum(v.carrying_amount)::bigint FROM assets_value v"
        " JOIN assets_asset a ON a.id = v.asset_id JOIN ledger_book b ON b.id = v.book_id"
        " WHERE v.effective_on <= %(on)s GROUP BY 1, 2",
        {"on": on},
    )
    return {(tag, code): (cost, carrying) for tag, code, cost, carrying in rows}


def run_books(feed: Feed, through: date) -> None:
    with db.company_transaction(company_id=feed.company):
        books = [book.book_id for book in queries.books(feed.company)]
    for book_id in books:
        result = assets.depreciate(
            company_id=feed.company, actor_id=None, book_id=book_id, through_on=through
        )
        assert result.exceptions == ()


def proved(feed: Feed) -> bool:
    checks = {check.name: check.look for check in verify.CHECKS}
    with db.company_transaction(company_id=feed.company):
        return all(checks[name](feed.company).findings == () for name in PROOFS)


REGISTER = """tag,name,class,parent,location,cost_centre,supplier,warranty_until,acquired_on,in_service_on,cost,cost:US,\
life_months,life_months:TAX,residual
M-1a,Spindle,MACH,M-1,,,,,2026-01-10,2026-02-01,600.00,,,,
M-1,Lathe,MACH,,HALL,100,ACME,2028-01-31,2026-01-10,2026-02-01,12000.00,16000.00,60,48,1200.00
L-1,Yard,LAND,,,,,,2026-01-10,,90000.00,,,,
"""


def test_a_register_with_terms_and_costs_of_books(feed: Feed) -> None:
    report = feed.load("assets", REGISTER)
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 3, [])
    run_books(feed, date(2026, 7, 31))  # six months
    now = carried(feed, "2026-07-31")
    ifrs = next(code for _, code in now if code not in ("TAX", "US"))
    assert now["M-1", ifrs] == (1_200_000, 1_200_000 - 6 * 18_000)  # (12000 - 1200) / 60
    assert now["M-1", "TAX"] == (1_200_000, 1_200_000 - 6 * 22_500)  # (12000 - 1200) / 48
    assert now["M-1", "US"] == (1_600_000, 1_600_000 - 6 * 24_000)  # a tenth of 16000 is left after 60 months
    assert now["M-1a", "US"] == (75_000, 75_000 - 6 * 625)  # 600 euros at 1.25, ten years of the class
    assert now["L-1", ifrs] == (9_000_000, 9_000_000)
    placed = "SELECT a.tag, p.tag, l.code, c.code, a.warranty_until::text FROM assets_asset a"
    joins = (
        " LEFT JOIN assets_asset p ON p.id = a.parent_id LEFT JOIN stock_location l ON l.id = a.location_id"
        " LEFT JOIN assets_cost_centre c ON c.id = a.cost_centre_id ORDER BY a.tag"
    )
    assert feed.rows(placed + joins) == [
        ("L-1", None, None, None, None),
        ("M-1", None, "HALL", "100", "2028-01-31"),
        ("M-1a", "M-1", None, None, None),
    ]
    assert proved(feed)


def test_opening_balances_of_several_books_part_way_through_life(feed: Feed) -> None:
    report = feed.load(
        "assets",
        "tag,name,class,acquired_on,in_service_on,opened_on,cost,accumulated,accumulated:tax,cost:US,accumulated:US,"
        "life_months,life_months:tax\n"
        "V-1,Van,VEH,2023-12-20,2024-01-01,2026-01-01,7200.00,2400.00,3600.00,8000.00,2000.00,72,48\n",
    )
    assert (report.state, faults(report)) == ("done", [])
    opened = carried(feed, "2026-01-01")
    ifrs = next(code for _, code in opened if code not in ("TAX", "US"))
    assert [opened["V-1", code] for code in (ifrs, "TAX", "US")] == [
        (720_000, 480_000),
        (720_000, 360_000),
        (800_000, 600_000),
    ]
    run_books(feed, date(2026, 3, 31))
    later = carried(feed, "2026-03-31")
    assert later["V-1", ifrs] == (720_000, 480_000 - 3 * 10_000)  # 4800 over the 48 months that are left
    assert later["V-1", "TAX"] == (720_000, 360_000 - 3 * 15_000)  # 3600 over 24
    assert later["V-1", "US"] == (800_000, 600_000 - 3 * 12_500)  # 6000 over 48
    assert proved(feed)


def test_an_opening_balance_goes_on_by_a_pack(feed: Feed) -> None:
    """Five-year property of December 2023 without bonus: 20, 32 and 19.2 % are gone; 2026 has 11.52 %, 96.00 a month."""
    report = feed.load(
        "assets",
        "tag,name,class,in_service_on,opened_on,cost,accumulated,cost:US,accumulated:US,pack:US,pack_class:US\n"
        "C-1,Server,IT,2023-12-15,2026-01-01,8000.00,6000.00,10000.00,7120.00,us,computer\n",
    )
    assert (report.state, faults(report)) == ("done", [])
    bonus = feed.load(
        "assets",
        "tag,name,class,in_service_on,opened_on,cost,accumulated,cost:US,accumulated:US,allowances:US,pack:US,pack_class:US\n"
        "C-2,Server,IT,2023-12-15,2026-01-01,8000.00,6000.00,10000.00,9424.00,8000.00,us,computer\n",
    )
    assert (bonus.state, faults(bonus)) == ("done", [])
    run_books(feed, date(2026, 1, 31))
    now = carried(feed, "2026-01-31")
    assert now["C-1", "US"] == (1_000_000, 288_000 - 9_600)
    assert now["C-2", "US"] == (1_000_000, 57_600 - 1_920)  # 80 % at once; a fifth of the charges above
    assert proved(feed)


def test_a_workbook_with_dates_and_numbers(feed: Feed) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet()
    rows: list[list[Any]] = [
        [
            "Tag",
            "Name",
            "Class",
            "In service on",
            "Opened on",
            "Cost",
            "Accumulated",
            "Accumulated:TAX",
            "Life months",
        ],
        ["W-1", "Saw", "MACH", date(2025, 1, 1), date(2026, 1, 1), 1200.5, 240.1, 300.1, 60],
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    report = feed.load("assets", buffer.getvalue())
    assert (report.state, faults(report)) == ("done", [])
    now = carried(feed, "2026-01-01")
    assert now["W-1", "TAX"] == (120_050, 90_040)
    assert now["W-1", "US"] == (150_062, 120_050)  # 1200.50 and 240.10 at 1.25, half a cent to the even one


def test_chunks_are_written_wholes_first(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wherewithal.feeds.kinds.assets.CHUNK_ROWS", 2)
    monkeypatch.setattr("wherewithal.feeds.kinds.asset_events.CHUNK_ROWS", 2)
    chain = [f"T-{n},Thing,TOOL,{f'T-{n - 1}' if n else ''},2026-01-02,2026-01-05,600.00" for n in range(7)]
    head = "tag,name,class,parent,acquired_on,in_service_on,cost\n"
    report = feed.load("assets", head + "\n".join(reversed(chain)) + "\n", mode="skip_bad_rows")
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 7, [])
    events = "kind,tag,date,key,of,amount\n" + "".join(
        f"reversal,T-{n},2026-02-02,,k{n},\ncost_addition,T-{n},2026-02-02,k{n},,9.00\n" for n in range(5)
    )
    report = feed.load("asset_events", events, mode="skip_bad_rows")
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 10, [])
    assert {cost for (_, book), (cost, _) in carried(feed, "2026-03-01").items() if book == "TAX"} == {60_000}


def test_planned_ones_and_what_a_class_asks_for(feed: Feed) -> None:
    content = """tag,name,class,location,custodian,since_on,acquired_on,cost,attribute:colour
P-1,Press to come,MACH,HALL,ACME,2026-05-01,,,
B-1,Office,BLDG,,,,2026-01-01,100,
B-2,Office,BLDG,HALL,NOBODY,,2026-01-01,100,
B-3,Office,BLDG,HALL,,,2026-01-01,100,red
"""
    report = feed.load("assets", content, mode="skip_bad_rows")
    assert (report.state, report.rows_loaded) == ("done", 1)
    assert faults(report) == [
        (3, "location", "required"),
        (4, "custodian", "exists"),
        (5, "attribute:colour", "attribute_known"),
    ]
    assert feed.rows("SELECT tag, status FROM assets_asset") == [("P-1", 0)]


def test_a_dry_run_says_all_that_is_wrong_and_writes_nothing(feed: Feed) -> None:
    content = """tag,name,class,parent,location,supplier,acquired_on,in_service_on,opened_on,cost,accumulated,\
accumulated:TAX,method
A,,MACH,,,,2026-01-01,,,1,,,
B,B,NONE,,NOWHERE,NOBODY,2026-01-01,,,1,,,
C,C,MACH,X,,,,,,100,,,
C,C,MACH,,,,2026-01-01,2025-12-31,,100,,,
D,D,MACH,E,,,2026-01-01,,,100,,,
E,E,MACH,D,,,2026-01-01,,,100,,,
F,F,MACH,,,,2026-01-01,,,100,40,,
G,G,MACH,,,,,2025-01-01,2026-01-01,100,40,120,
H,H,MACH,,,,2026-01-01,,,,,,
I,I,MACH,,,,01.02.2026,,,x,,,
J,J,MACH,,,,2026-01-01,2026-01-01,,100,,,sum_of_everything
K,K,MACH,,,,2026-01-01,2026-01-01,,100,,,
"""
    report = feed.load("assets", content, dry_run=True)
    assert report.state == "checked"
    assert sorted(faults(report)) == [
        (2, "name", "required"),
        (3, "class", "exists"),
        (3, "location", "exists"),
        (3, "supplier", "exists"),
        (4, "acquired_on", "required"),
        (4, "parent", "exists"),
        (5, "in_service_on", "order"),
        (5, "tag", "unique"),
        (6, "parent", "tree"),
        (7, "parent", "tree"),
        (8, "accumulated", "opening"),
        (9, "accumulated:TAX", "at_most_cost"),
        (10, "cost", "required"),
        (11, "acquired_on", "date"),
        (11, "acquired_on", "required"),
        (11, "cost", "number"),
        (12, "method", "known"),
    ]
    assert feed.rows("SELECT count(*) FROM assets_asset") == [(0,)]
    refused = feed.load("assets", content)
    assert (refused.state, refused.rows_loaded) == ("refused", 0)
    assert feed.rows("SELECT count(*) FROM assets_asset") == [(0,)]
    rest = feed.load("assets", content, mode="skip_bad_rows")
    assert (rest.state, rest.rows_loaded) == ("done", 1)
    assert feed.rows("SELECT tag FROM assets_asset") == [("K",)]


def test_a_book_that_there_is_not(feed: Feed) -> None:
    report = feed.load("assets", "name,class,acquired_on,cost,cost:GAAP\nA,MACH,2026-01-01,1,1\n")
    assert (report.state, faults(report)) == ("refused", [(0, "cost:GAAP", "book")])


def test_running_twice_is_running_once(feed: Feed) -> None:
    assert feed.load("assets", REGISTER).rows_loaded == 3
    grown = REGISTER + "M-2,Saw,MACH,M-1,,,,,2026-03-01,2026-03-01,100.00,,,,\n"
    report = feed.load("assets", grown)
    assert (report.state, report.rows_loaded, report.rows_known, faults(report)) == ("done", 1, 3, [])
    changed = feed.load("assets", REGISTER.replace("600.00", "700.00"))
    assert (changed.state, faults(changed)) == ("refused", [(2, "tag", "same_as_before")])
    assert feed.rows("SELECT count(*) FROM assets_asset") == [(4,)]


def test_a_mapped_file_whose_tag_somebody_has_registered_by_hand(feed: Feed) -> None:
    draft = AssetDraft("Press", "MACH", tag="P-1", since_on=date(2026, 1, 1))
    assets.record(company_id=feed.company, actor_id=None, idempotency_key="by hand", assets=[draft])
    columns = {
        "tag": "Nr",
        "name": "Was",
        "class": "Art",
        "acquired_on": "Vom",
        "cost": "Preis",
        "cost:US": "Dollar",
    }
    mapping = {"columns": columns, "formats": {"decimal": ",", "day_order": "dmy"}}
    content = (
        "Nr;Was;Art;Vom;Preis;Dollar\nP-1;Press;MACH;01.02.2026;1,50;2\nP-2;Press;MACH;01.02.2026;1,50;2,25\n"
    )
    report = feed.load("assets", content, mapping=mapping, mode="skip_bad_rows")
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 1, [(2, "Nr", "unique")])
    assert carried(feed, "2026-02-01")["P-2", "US"] == (225, 225)


EVENTS = """kind,tag,date,key,of,amount,amount:US,how,share,proceeds,method,life_months,location,recoverable
reversal,M-1,2026-05-31,,imp,,,,,,,,,
impairment,M-1,2026-05-31,imp,,,,,,,,,,5000.00
cost_addition,M-1,2026-03-01,add,,1000.00,2000.00,,,,,,,
partial_disposal,M-1a,2026-05-31,,,,,sale,1/2,200.00,,,,
transfer,M-1a,2026-04-01,,,,,,,,,,HALL,
disposal,L-1,2026-06-30,,,,,sale,,95000.00,,,,
"""


def test_events(feed: Feed) -> None:
    feed.load("assets", REGISTER)
    report = feed.load("asset_events", EVENTS)
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 6, [])
    run_books(feed, date(2026, 7, 31))
    now = carried(feed, "2026-07-31")
    ifrs = next(code for _, code in now if code not in ("TAX", "US"))
    assert now["M-1", ifrs][0] == 1_300_000
    assert now["M-1", "US"][0] == 1_800_000
    assert now["M-1a", ifrs][0] == 30_000
    assert now["L-1", ifrs] == (0, 0)
    assert feed.rows(
        "SELECT l.code FROM assets_asset a JOIN stock_location l ON l.id = a.location_id WHERE a.tag = 'M-1a'"
    ) == [("HALL",)]
    again = feed.load("asset_events", EVENTS, mode="skip_bad_rows")
    assert (again.rows_loaded, again.rows_known) == (0, 6)
    changed = feed.load("asset_events", "kind,tag,date,key,amount\ncost_addition,M-1,2026-03-01,add,5\n")
    assert (changed.state, faults(changed)) == ("refused", [(2, "key", "same_as_before")])
    undone = feed.load("asset_events", "kind,tag,date,of\nreversal,M-1,2026-03-01,add\n")
    assert (undone.state, faults(undone)) == ("done", [])
    assert carried(feed, "2026-07-31")["M-1", ifrs][0] == 1_200_000
    assert proved(feed)


def test_events_that_are_wrong(feed: Feed) -> None:
    feed.load("assets", REGISTER)
    content = """kind,tag,date,key,of,amount,how,proceeds,book,location
explosion,M-1,2026-03-01,,,,,,,
disposal,M-9,2026-03-01,,,,sale,1,,
disposal,M-1,2026-03-01,a,,,,,,
disposal,M-1,2026-03-01,a,,5,sale,1,OTHER,
reversal,M-1,2026-03-01,,b,,,,,
reversal,M-1,2026-03-01,,,,,,,
transfer,M-1,2026-03-01,,,,,,,NOWHERE
disposal,M-1a,2026-01-01,,,,sale,1,,
"""
    report = feed.load("asset_events", content, dry_run=True)
    assert sorted(set(faults(report))) == [
        (2, "kind", "choice"),
        (3, "tag", "exists"),
        (4, "how", "required"),
        (5, "amount", "known"),
        (5, "book", "exists"),
        (5, "key", "unique"),
        (6, "of", "exists"),
        (7, "of", "required"),
        (8, "location", "exists"),
        (9, "date", "after_acquisition"),
        (9, "date", "before_disposal"),
    ]
    assert feed.rows("SELECT count(*) FROM assets_event WHERE kind = 'disposal'") == [(0,)]


def test_the_samples_load(feed: Feed) -> None:
    for kind in ("assets", "asset_events"):
        report = feed.load(kind, samples.sample(kind) or "")
        assert (report.state, faults(report)) == ("done", []), kind
    run_books(feed, date(2026, 11, 30))
    assert proved(feed)
