"""Imports of items, categories, locations and parties: exact rows, and everything that is wrong in a bad file."""

import pytest
from tests.feeds.support import Feed, faults

from wherewithal.feeds import services
from wherewithal.kit.errors import NotFound, Refused

ITEMS = """sku,name,kind,category,base_unit,qty_decimals,tracking,weight_g,units,barcode
SCR-4,Wood screw 4x40,raw_material,,pcs,0,bulk,3.5,box=200|case=2400,4006381333931|case=10614141543219
GLUE,"Glue, white",consumable,,kg,3,lot,1000,,
"""


def test_items(feed: Feed) -> None:
    report = feed.load("items", ITEMS)
    assert (report.state, report.rows_total, report.rows_loaded, report.problem_count) == ("done", 2, 2, 0)
    assert feed.rows("SELECT sku, name, kind, qty_decimals, tracking FROM items_item ORDER BY id") == [
        ("SCR-4", "Wood screw 4x40", "raw_material", 0, 0),
        ("GLUE", "Glue, white", "consumable", 3, 1),
    ]
    assert feed.rows("SELECT numerator, denominator FROM items_item_unit ORDER BY id") == [
        (200, 1),
        (2400, 1),
    ]
    assert feed.rows("SELECT code FROM items_barcode ORDER BY id") == [
        ("4006381333931",),
        ("10614141543219",),
    ]


def test_running_twice_is_running_once(feed: Feed) -> None:
    first = feed.start("items", ITEMS)
    feed.run(first)
    again = feed.start("items", ITEMS)
    assert again == first
    report = feed.run(again)
    assert (report.state, report.rows_loaded, report.rows_known) == ("done", 0, 2)
    assert feed.rows("SELECT count(*) FROM items_item") == [(2,)]
    other_mode = feed.load("items", ITEMS, mode="skip_bad_rows")
    assert (other_mode.state, other_mode.rows_loaded, other_mode.rows_known) == ("done", 0, 2)


def test_a_dry_run_says_everything_and_writes_nothing(feed: Feed) -> None:
    content = """sku,name,kind,qty_decimals,tracking,barcode,weight_g,units,active
A,,thing,0,bulk,,,,
B,B,,7,serial,4006381333932,-1,,
C,C,,two,,,1e5,case,perhaps
C,C,,,,,,,
C,C again,,,,,,,
"""
    report = feed.load("items", content, dry_run=True)
    assert report.state == "checked"
    assert faults(report) == [
        (2, "name", "required"),
        (2, "kind", "choice"),
        (3, "qty_decimals", "serial_whole"),
        (3, "qty_decimals", "range"),
        (3, "weight_g", "range"),
        (3, "barcode", "gtin_check_digit"),
        (4, "qty_decimals", "number"),
        (4, "weight_g", "number"),
        (4, "units", "units_form"),
        (4, "active", "yes_no"),
        (6, "sku", "unique"),
    ]
    assert feed.rows("SELECT count(*) FROM items_item") == [(0,)]


def test_all_or_nothing(feed: Feed) -> None:
    report = feed.load("items", "sku,name\nA,A\nB,\n")
    assert (report.state, report.rows_loaded, faults(report)) == ("refused", 0, [(3, "name", "required")])
    late = feed.load("items", "sku,name\nA,A\nA,Again\n")
    assert (late.state, late.rows_loaded, faults(late)) == ("refused", 0, [(3, "sku", "unique")])
    assert feed.rows("SELECT count(*) FROM items_item") == [(0,)]


def test_skip_bad_rows(feed: Feed) -> None:
    report = feed.load("items", "sku,name\nA,A\nB,\nA,Again\nC,C\n", mode="skip_bad_rows")
    assert (report.state, report.rows_loaded, report.rows_bad) == ("done", 2, 2)
    assert faults(report) == [(3, "name", "required"), (4, "sku", "unique")]
    assert feed.rows("SELECT sku FROM items_item ORDER BY id") == [("A",), ("C",)]


def test_categories_and_items_with_attributes(feed: Feed) -> None:
    feed.load("categories", "code,name,parent\npens,Pens,\nball,Ball pens,pens\n")
    assert feed.rows(
        "SELECT c.code, p.code FROM items_category c JOIN items_category p ON p.id = c.parent_id"
    ) == [("ball", "pens")]
    report = feed.load("items", "sku,name,category,attribute:colour\nP,Pen,ball,red\n")
    assert faults(report) == [(2, "attribute:colour", "attribute_known")]


def test_locations(feed: Feed) -> None:
    report = feed.load(
        "locations",
        "code,name,type,parent,barcode\nMAIN,Main,warehouse,,\nA,Zone A,zone,MAIN,\nA-1,,bin,A,LOC-A1\n",
    )
    assert report.state == "done"
    found = feed.rows(
        "SELECT code, name, type, barcode FROM stock_location WHERE type IN ('zone', 'bin') ORDER BY id"
    )
    assert found == [("A", "Zone A", "zone", None), ("A-1", "A-1", "bin", "LOC-A1")]
    bad = feed.load("locations", "code,name,type,parent\nB,B,shelf,\nC,C,bin,NOWHERE\n", dry_run=True)
    assert faults(bad) == [(2, "type", "choice"), (3, "parent", "exists")]


def test_parties(feed: Feed) -> None:
    report = feed.load(
        "parties",
        "code,name,role,country,tax_id\nS1,Supplier,supplier,DE,DE136695976\nC1,Customer,both,gb,\n",
    )
    assert report.state == "done"
    found = feed.rows("SELECT code, is_supplier, is_customer, country, tax_id FROM parties_party ORDER BY id")
    assert found == [("S1", True, False, "DE", "136695976"), ("C1", True, True, "GB", "")]
    bad = feed.load("parties", "code,name,role,country,tax_id\nX,X,supplier,DE,136695977\n", dry_run=True)
    assert faults(bad) == [(2, "tax_id", "tax_id_valid")]


def test_what_exists_is_refused_skipped_or_changed(feed: Feed) -> None:
    feed.load("items", ITEMS)
    content = "sku,name,weight_g,barcode\nSCR-4,Better screw,4.5,S-77\nNEW,New thing,,\n"
    assert faults(feed.load("items", content)) == [(2, "sku", "unique")]
    skipped = feed.load("items", content + "\n", options={"existing": "skip"}, dry_run=True)
    assert (skipped.state, skipped.rows_loaded, skipped.report["skipped"]) == ("checked", 1, 1)
    changed = feed.load("items", content, options={"existing": "update"})
    assert (changed.state, changed.rows_loaded) == ("done", 2)
    assert feed.rows(
        "SELECT sku, name, kind, weight_g::text FROM items_item WHERE sku <> 'GLUE' ORDER BY id"
    ) == [
        ("SCR-4", "Better screw", "raw_material", "4.500000"),
        ("NEW", "New thing", "finished_good", None),
    ]
    assert feed.rows("SELECT count(*) FROM items_barcode") == [(3,)]
    assert feed.rows("SELECT count(*) FROM items_item_unit") == [(2,)]
    bad = feed.load(
        "items", "sku,name,kind,weight_g\nNEW,,spare,\nSCR-4,X,,-1\n", options={"existing": "update"}
    )
    assert faults(bad) == [(2, "name", "required"), (3, "weight_g", "range")]
    odd = feed.load("locations", "code,type\nA,bin\n", options={"existing": "update"})
    assert faults(odd) == [(0, "options.existing", "choice")]


def test_parties_are_changed_where_a_row_says_so(feed: Feed) -> None:
    feed.load("parties", "code,name,role,country,email\nS1,Supplier,supplier,DE,a@b.example\n")
    feed.load("parties", "code,name,role,country\nS1,Renamed,both,\n", options={"existing": "update"})
    assert feed.rows("SELECT name, is_customer, country, email FROM parties_party") == [
        ("Renamed", True, "DE", "a@b.example")
    ]


def test_mappings_are_saved_and_used(feed: Feed) -> None:
    definition = {
        "columns": {"sku": "Artikel", "name": "Bezeichnung", "weight_g": "Gewicht"},
        "defaults": {"kind": "spare"},
        "clean": {"sku": ["upper"], "name": ["collapse"]},
        "formats": {"decimal": ",", "thousands": "."},
    }
    services.save_mapping(
        company_id=feed.company, actor_id=None, name="erp", kind="items", definition=definition
    )
    report = feed.load(
        "items", "Artikel;Bezeichnung;Gewicht;Rest\nab-1;Lange   Schraube;1.234,5;x\n", mapping="erp"
    )
    assert (report.state, report.report["unused_columns"]) == ("done", ["Rest"])
    assert feed.rows("SELECT sku, name, kind, weight_g::text FROM items_item") == [
        ("AB-1", "Lange Schraube", "spare", "1234.500000")
    ]
    with pytest.raises(NotFound):
        feed.start("items", "x", mapping="nobody")
    services.delete_mapping(company_id=feed.company, actor_id=None, name="erp")
    with pytest.raises(NotFound):
        services.delete_mapping(company_id=feed.company, actor_id=None, name="erp")


@pytest.mark.parametrize(
    ("definition", "rule"),
    [
        ({"colums": {}}, "known"),
        ({"columns": {"skoo": "A"}}, "known"),
        ({"columns": ["sku"]}, "texts"),
        ({"defaults": {"sku": 5}}, "texts"),
        ({"clean": {"sku": ["shout"]}}, "known"),
        ({"formats": {"decimal": ";"}}, "separators"),
        ({"formats": {"decimal": ",", "thousands": ","}}, "separators"),
        ({"formats": {"day_order": "ymd"}}, "choice"),
        ({"formats": {"timezone": "Mars/Olympus"}}, "known"),
        ({"formats": {"time_of_day": "noon"}}, "time"),
        ({"rules": [{"as": "service"}]}, "form"),
        ({"rules": [{"when": {"sku": {"like": "x"}}, "as": "service"}]}, "condition"),
        ({"rules": [{"when": {"sku": {"in": "x"}}, "as": "service"}]}, "condition"),
        ({"rules": [{"when": {"sku": "x"}, "as": "service"}]}, "known"),  # items take no rules
        ({"options": []}, "object"),
    ],
)
def test_refused_mappings(feed: Feed, definition: dict[str, object], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        feed.start("items", "sku,name\nA,A\n", mapping=definition)
    assert rule in [problem.rule for problem in refused.value.problems]
    assert feed.rows("SELECT count(*) FROM feeds_import") == [(0,)]
