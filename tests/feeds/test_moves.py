"""Imports of opening stock and of moves, through the one door for goods."""

import pytest
from tests.feeds.support import Feed, faults

MASTERS = {
    "items": "sku,name,tracking,base_unit,qty_decimals,units\nNUT,Nut,bulk,pcs,0,box=100\n"
    "MILK,Milk,lot,l,1,\nPC,Computer,serial,pcs,0,\n",
    "locations": "code,name,type,parent\nWH,Warehouse,warehouse,\nA-1,Bin A-1,bin,WH\nA-2,Bin A-2,bin,WH\n",
    "parties": "code,name,role\nACME,Acme,supplier\nBOB,Bob,customer\n",
}
OPENING = """sku,location,qty,unit,unit_cost,lot,serial,expires_on,at
NUT,A-1,2,box,10.00,,,,2026-01-01
MILK,A-1,12.5,,0.80,L1,,2026-03-01,2026-01-01
PC,A-1,1,,500,,SN1,,2026-01-01
PC,A-1,1,,500,,SN2,,2026-01-01
"""
MOVES = """type,document,at,sku,qty,unit,from,to,party,unit_cost,serial,lot,of_document
receipt,R1,2026-01-05 09:00,NUT,100,,,A-1,ACME,0.12,,,
issue,S1,2026-01-06 10:00,NUT,1,box,A-1,,BOB,,,,
issue,S1,2026-01-06 10:00,PC,1,,A-1,,BOB,,SN1,,
transfer,T1,2026-01-07 08:00,NUT,50,,A-1,A-2,,,,,
scrap,,2026-01-08 08:00,MILK,0.5,,A-1,,,,,L1,
adjustment,,2026-01-09 08:00,NUT,-3,,A-2,,,,,,
adjustment,,2026-01-09 08:00,MILK,1,,,A-1,,,,L1,
return_from_customer,B1,2026-01-10 08:00,NUT,10,,,A-1,BOB,,,,
return_from_customer,B2,2026-01-10 09:00,PC,1,,,A-1,BOB,,SN1,,S1
"""


@pytest.fixture
def stocked(feed: Feed) -> Feed:
    for kind, content in MASTERS.items():
        assert feed.load(kind, content).state == "done"
    return feed


def on_hand(feed: Feed) -> list[tuple[object, ...]]:
    return feed.rows(
        """
        SELECT i.sku, l.code, coalesce(t.code, ''), q.qty FROM stock_quant q
        JOIN items_item i ON i.id = q.item_id JOIN stock_location l ON l.id = q.location_id
        LEFT JOIN items_lot t ON t.id = q.lot_id
        WHERE q.qty <> 0 AND l.is_held ORDER BY 1, 2, 3
        """
    )


def test_opening_stock(stocked: Feed) -> None:
    report = stocked.load("opening_stock", OPENING)
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 4, [])
    assert on_hand(stocked) == [
        ("MILK", "A-1", "L1", 125),
        ("NUT", "A-1", "", 200),
        ("PC", "A-1", "SN1", 1),
        ("PC", "A-1", "SN2", 1),
    ]
    assert stocked.rows("SELECT sum(stock_amount) FROM stock_value") == [(2000 + 1000 + 100_000,)]


def test_moves(stocked: Feed) -> None:
    stocked.load("opening_stock", OPENING)
    report = stocked.load("moves", MOVES)
    assert (report.state, report.rows_loaded, faults(report)) == ("done", 9, [])
    assert on_hand(stocked) == [
        ("MILK", "A-1", "L1", 130),
        ("NUT", "A-1", "", 160),
        ("NUT", "A-2", "", 47),
        ("PC", "A-1", "SN1", 1),
        ("PC", "A-1", "SN2", 1),
    ]
    assert stocked.rows(
        "SELECT kind, reference FROM stock_document WHERE reference IS NOT NULL ORDER BY effective_at"
    ) == [
        ("receipt", "R1"),
        ("issue", "S1"),
        ("transfer", "T1"),
        ("return_from_customer", "B1"),
        ("return_from_customer", "B2"),
    ]


def test_rows_in_another_order_cost_the_same(stocked: Feed) -> None:
    header, *lines = MOVES.splitlines()
    stocked.load("opening_stock", OPENING)
    stocked.load("moves", "\n".join([header, *reversed(lines)]))
    again = stocked.load("moves", MOVES)
    assert (again.rows_loaded, again.rows_known) == (
        3,
        6,
    )  # three rows have no number: known by their file only


def test_every_fault_of_every_row(stocked: Feed) -> None:
    content = """type,document,at,sku,qty,unit,from,to,party,unit_cost,currency,of_document
receipt,R1,2026-01-05,NUT,100,,,A-1,ACME,,,
receipt,R2,2026-01-05,NUT,0,,,A-1,NOBODY,1,EURO,
issue,S1,2026-01-06,NUT,-1,,NOWHERE,,,,,
issue,S2,2026-01-06,GHOST,1,,A-1,,,,,
transfer,T1,2026-01-07,NUT,1,,A-1,,,,,
teleport,T2,2026-01-07,NUT,1,,A-1,A-2,,,,
issue,S3,07.01.2026,NUT,1,,A-1,,,,,
issue,S4,2026-01-07,NUT,lots,,A-1,,,,,
receipt,R3,2026-01-07,NUT,1,,,A-1,,-1,,
return_from_customer,B1,2026-01-08,NUT,1,,,A-1,,,,S99
issue,S5,2026-01-08,NUT,5,,A-1,,,,,
issue,S6,2026-01-08,MILK,1,,A-1,,,,,
issue,S7,2026-01-08,NUT,0.5,,A-1,,,,,
issue,S8,2026-01-08,NUT,1,dozen,A-1,,,,,
issue,,,,,,,,,,,
"""
    report = stocked.load("moves", content, dry_run=True)
    assert report.state == "checked"
    found = set(faults(report))
    expected = {
        (2, "unit_cost", "required"),
        (3, "qty", "positive"),
        (3, "party", "exists"),
        (4, "from", "exists"),
        (5, "sku", "exists"),
        (6, "to", "required"),
        (7, "type", "choice"),
        (8, "at", "date"),
        (9, "qty", "number"),
        (10, "unit_cost", "not_negative"),
        (11, "of_document", "returnable"),
        (13, "lot", "required"),
        (14, "qty", "qty_fits_unit"),
        (15, "unit", "unit_known"),
        (16, "at", "required"),
        (16, "sku", "required"),
        (16, "qty", "required"),
    }
    assert expected <= found
    assert {
        (line, rule) for line, _, rule in found - {(line, column, rule) for line, column, rule in expected}
    } >= set()
    assert any(line == 12 for line, _, _ in found)  # below zero: told by the stock ledger itself
    assert stocked.rows("SELECT count(*) FROM stock_move") == [(0,)]


def test_a_document_is_loaded_whole_or_not_at_all(stocked: Feed) -> None:
    stocked.load("opening_stock", OPENING)
    content = """type,document,at,sku,qty,from
issue,S1,2026-01-06,NUT,1,A-1
issue,S2,2026-01-06,NUT,1,A-1
issue,S2,2026-01-06,PC,1,A-1
issue,S3,2026-01-06,NUT,500,A-1
issue,S4,2026-01-06,NUT,2,A-1
"""
    report = stocked.load("moves", content, mode="skip_bad_rows")
    assert (report.state, report.rows_loaded) == ("done", 2)
    assert stocked.rows("SELECT reference FROM stock_document WHERE kind = 'issue' ORDER BY 1") == [
        ("S1",),
        ("S4",),
    ]
    assert faults(report) == [(4, "serial", "one_each"), (5, "qty", "on_hand")]
    assert faults(report) == [(4, "serial", "one_each"), (5, "qty", "on_hand")]
    nothing = stocked.load("moves", content)
    assert (nothing.state, nothing.rows_loaded) == ("refused", 0)


def test_the_same_document_again_is_known_and_a_changed_one_is_told(stocked: Feed) -> None:
    stocked.load("opening_stock", OPENING)
    header = "type,document,at,sku,qty,from\n"
    stocked.load("moves", header + "issue,S1,2026-01-06,NUT,1,A-1\n")
    wider = stocked.load("moves", header + "issue,S1,2026-01-06,NUT,1,A-1\nissue,S2,2026-01-07,NUT,1,A-1\n")
    assert (wider.state, wider.rows_loaded, wider.rows_known) == ("done", 1, 1)
    changed = stocked.load("moves", header + "issue,S1,2026-01-06,NUT,2,A-1\n")
    assert (changed.state, faults(changed)) == ("refused", [(2, "document", "same_as_before")])
