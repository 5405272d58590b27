"""Logs whose lines are decided by rules: returns, what must have been in stock, proof, order, kill and resume."""

import os
import signal
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from tests.feeds.support import Feed, faults, new_company

from wherewithal.feeds.kinds import documents
from wherewithal.feeds.samples import sample, sample_mapping
from wherewithal.stock.services import Prepared, prepare
from wherewithal.stock.services.posting import write

MAIN = "code,name,type\nMAIN,Main,warehouse\n"
MAPPING = sample_mapping("sales_log")
SAMPLE = sample("sales_log")
assert MAPPING is not None
assert SAMPLE is not None

HEADER = "Invoice,Date,Article,Text,Quantity,Price,Customer\n"
LONG = HEADER + "".join(
    f"{number},2026-02-{number:02} 10:00,MUG,Mug,{number},2.00,C-{number % 3}\n"
    f"C{number},2026-02-{number:02} 11:00,MUG,Mug,-1,2.00,C-{number % 3}\n"
    for number in range(1, 21)
)


@pytest.fixture
def shop(feed: Feed) -> Feed:
    assert feed.load("locations", MAIN).state == "done"
    return feed


def moves(feed: Feed) -> list[tuple[Any, ...]]:
    """(document, kind, item, quantity, whether it names an original, cost), in the order of time."""
    return feed.rows(
        """
        SELECT d.reference, d.kind, i.sku, m.qty, m.of_move_id IS NOT NULL,
               (SELECT sum(v.stock_amount) FROM stock_value v WHERE v.move_id = m.move_id)
        FROM stock_move m JOIN stock_document d ON d.document_id = m.document_id JOIN items_item i ON i.id = m.item_id
        ORDER BY m.effective_at, d.kind, i.sku
        """
    )


def test_the_sample_becomes_stock(shop: Feed) -> None:
    report = shop.load("sales_log", SAMPLE, mapping=MAPPING)
    assert (report.state, report.rows_total, report.rows_loaded, faults(report)) == ("done", 6, 5, [])
    # 60 % of the median price of the month: MUG-1 6.50 -> 3.90, MUG-2 6.50 -> 3.90
    assert moves(shop) == [
        ("opening", "opening", "MUG-1", 16, False, 6240),
        ("opening", "opening", "MUG-2", 7, False, 2730),
        ("9001", "issue", "MUG-1", 12, False, -4680),
        ("9001", "issue", "MUG-2", 6, False, -2340),
        ("9002", "issue", "MUG-1", 4, False, -1560),
        ("C9003", "return_from_customer", "MUG-1", 2, True, 780),
        ("9004", "scrap", "MUG-2", 1, False, -390),
    ]
    assert report.report["outcomes"]["service"] == {"lines": 1, "qty": "1"}
    assert report.report["reconciled"] is True
    assert report.report["lines_reconciled"] == 5
    assert report.report["returns"] == {"with_original": 1, "without_original": 0}
    assert shop.rows("SELECT code FROM parties_party ORDER BY 1") == [("C-17",), ("C-18",)]


def test_a_return_is_split_over_what_is_left_of_earlier_sales(shop: Feed) -> None:
    content = HEADER + (
        "1,2026-02-01 10:00,MUG,Mug,3,2,A\n"
        "2,2026-02-02 10:00,MUG,Mug,5,2,A\n"
        "3,2026-02-03 10:00,MUG,Mug,9,2,B\n"
        "4,2026-02-04 10:00,MUG,Mug,-7,2,A\n"
        "5,2026-02-05 10:00,MUG,Mug,-4,2,A\n"
        "6,2026-02-06 10:00,MUG,Mug,-1,2,\n"
    )
    report = shop.load("sales_log", content, mapping=MAPPING)
    assert report.state == "done"
    found = shop.rows(
        """
        SELECT d.reference, m.qty, od.reference FROM stock_move m
        JOIN stock_document d ON d.document_id = m.document_id
        LEFT JOIN stock_move o ON o.move_id = m.of_move_id
        LEFT JOIN stock_document od ON od.document_id = o.document_id
        WHERE d.kind = 'return_from_customer' ORDER BY m.effective_at, od.reference DESC NULLS LAST
        """
    )
    assert found == [("4", 5, "2"), ("4", 2, "1"), ("5", 1, "1"), ("5", 3, None), ("6", 1, None)]
    assert report.report["reconciled"] is True


def test_each_month_receives_what_it_lacks(shop: Feed) -> None:
    content = HEADER + (
        "1,2026-01-10 10:00,MUG,Mug,4,10,A\n"
        "2,2026-02-10 10:00,MUG,Mug,-1,10,A\n"
        "3,2026-02-11 10:00,MUG,Mug,3,20,A\n"
        "4,2026-03-11 10:00,MUG,Mug,2,30,A\n"
    )
    shop.load("sales_log", content, mapping=MAPPING)
    found = shop.rows(
        """
        SELECT d.kind, d.reference, m.qty, m.amount, m.effective_at::text FROM stock_move m
        JOIN stock_document d ON d.document_id = m.document_id
        WHERE d.kind IN ('opening', 'receipt') ORDER BY m.effective_at
        """
    )
    assert [row[:4] for row in found] == [
        ("opening", "opening", 4, 2400),  # January's need, at 60 % of 10
        ("receipt", "restock 2026-02", 2, 2400),  # 3 sold, 1 came back before; the month's median price is 20
        ("receipt", "restock 2026-03", 2, 3600),
    ]
    assert found[0][4].startswith("2026-01-09 11:00")  # the day before the first, at midday in Berlin
    assert found[1][4].startswith("2026-01-31 23:00")  # midnight of 1 February in Berlin
    assert shop.rows(
        "SELECT sum(qty) FROM stock_quant q JOIN stock_location l ON l.id = q.location_id AND l.is_held"
    ) == [(0,)]


def test_all_at_once_before_the_first_day(shop: Feed) -> None:
    content = HEADER + "1,2026-01-10 10:00,MUG,Mug,4,10,A\n2,2026-03-11 10:00,MUG,Mug,2,30,A\n"
    shop.load("sales_log", content, mapping=MAPPING, options={"restock": "at_once"})
    assert moves(shop)[0][:4] == ("opening", "opening", "MUG", 6)


def test_without_restocking_what_is_sold_must_be_there(shop: Feed) -> None:
    content = HEADER + "1,2026-01-10 10:00,MUG,Mug,4,10,A\n"
    report = shop.load("sales_log", content, mapping=MAPPING, options={"restock": None})
    assert (report.state, faults(report)) == ("refused", [(2, "Quantity", "on_hand")])


def test_rows_in_any_order_make_the_same_books(shop: Feed, tmp_path: Path) -> None:
    shop.load("sales_log", LONG, mapping=MAPPING)
    other = Feed(new_company("OTHER"), tmp_path / "other")
    other.folder.mkdir()
    other.load("locations", MAIN)
    header, *lines = LONG.splitlines()
    lines = lines[1::2] + lines[-2::-2]
    assert other.load("sales_log", "\n".join([header, *lines]), mapping=MAPPING).state == "done"
    assert moves(other) == moves(shop)


def test_a_return_of_goods_of_the_same_chunk(shop: Feed) -> None:
    report = shop.load("sales_log", LONG, mapping=MAPPING)
    assert (report.rows_loaded, report.report["returns"]) == (
        40,
        {"with_original": 20, "without_original": 0},
    )
    assert shop.rows("SELECT count(*) FROM stock_move WHERE of_move_id IS NOT NULL") == [(20,)]
    assert shop.rows("SELECT count(*) FROM stock_batch WHERE source = 'import'") == [(1,)]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"location": "NOWHERE"}, "options.location"),
        ({"restock": "weekly"}, "options.restock"),
        ({"cost_share": "most"}, "options.cost_share"),
        ({"create_items": False}, "Article"),
        ({"create_parties": False}, "Customer"),
    ],
)
def test_options_that_do_not_fit_are_told(shop: Feed, change: dict[str, Any], column: str) -> None:
    report = shop.load("sales_log", SAMPLE, mapping=MAPPING, options=change)
    assert report.state == "refused"
    assert column in {problem.column for problem in report.problems}
    assert shop.rows("SELECT count(*) FROM items_item") == [(0,)]


def test_a_dry_run_of_a_log_writes_nothing(shop: Feed) -> None:
    report = shop.load("sales_log", SAMPLE, mapping=MAPPING, dry_run=True)
    assert (report.state, report.rows_loaded, report.problem_count) == ("checked", 5, 0)
    assert report.report["reconciled"] is True
    for table in ("items_item", "parties_party", "stock_move", "feeds_loaded WHERE source = 'sales_log'"):
        assert shop.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_purchases_written_the_german_way(shop: Feed) -> None:
    shop.load("items", "sku,name\nSCR-4X40,Screw\n")
    report = shop.load("purchase_log", sample("purchase_log") or "", mapping=sample_mapping("purchase_log"))
    assert (report.state, faults(report)) == ("done", [])
    assert [row[:5] for row in moves(shop)] == [
        ("D-1", "receipt", "SCR-4X40", 2000, False),
        ("R-1", "return_to_supplier", "SCR-4X40", 200, True),
    ]


# --- kill and resume ----------------------------------------------------------------------------------------------


@pytest.fixture
def real_shop(transactional_db: None, tmp_path: Path) -> Feed:
    """A shop whose transactions are committed for real."""
    feed = Feed(new_company(f"K{os.getpid()}{Path(tmp_path).name[-6:]}"), tmp_path)
    assert feed.load("locations", MAIN).state == "done"
    return feed


def run_and_die(feed: Feed, import_id: int, after_rows: int) -> None:
    """Run the import in a child that is killed, without a chance to tidy up, once so many rows are in."""

    def progress(_doing: str, done: int, _total: int) -> None:
        if done >= after_rows:
            os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            feed.run(import_id, progress)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child was to be killed in the middle"


def test_killed_between_chunks_and_taken_up_again(real_shop: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "CHUNK_LINES", 5)
    import_id = real_shop.start("sales_log", LONG, mapping=MAPPING, mode="skip_bad_rows")
    run_and_die(real_shop, import_id, after_rows=12)
    [(state, done)] = real_shop.rows(f"SELECT state, rows_done FROM feeds_import WHERE id = {import_id}")
    assert state == "writing"
    assert 12 <= done < 40
    assert real_shop.start("sales_log", LONG, mapping=MAPPING, mode="skip_bad_rows") == import_id
    report = real_shop.run(import_id)
    assert (report.state, report.rows_known, report.rows_loaded) == ("done", done, 40 - done)
    assert report.report["reconciled"] is True
    assert real_shop.rows("SELECT count(*), count(of_move_id) FROM stock_move WHERE kind <> 1") == [(40, 20)]
    again = real_shop.run(import_id)
    assert (again.state, again.rows_known, again.rows_loaded) == ("done", 40, 0)


def test_killed_in_the_middle_of_all_or_nothing(real_shop: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "CHUNK_LINES", 5)
    import_id = real_shop.start("sales_log", LONG, mapping=MAPPING)
    run_and_die(real_shop, import_id, after_rows=12)
    assert real_shop.rows("SELECT count(*) FROM stock_move") == [(0,)]
    assert real_shop.rows("SELECT count(*) FROM items_item") == [(0,)]
    report = real_shop.run(import_id)
    assert (report.state, report.rows_loaded) == ("done", 40)


def test_the_costs_are_the_same_with_and_without_a_break(
    real_shop: Feed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not where each chunk is planned while the one before is written, which small ones otherwise are not."""
    planned: list[Prepared | None] = []

    def spy(**batch: Any) -> Prepared | None:
        planned.append(prepare(**batch))
        return planned[-1]

    import_id = real_shop.start("sales_log", LONG, mapping=MAPPING, mode="skip_bad_rows")
    monkeypatch.setattr(documents, "CHUNK_LINES", 3)
    monkeypatch.setattr(write, "MANY_VALUES", 0)
    monkeypatch.setattr(documents, "prepare", spy)
    run_and_die(real_shop, import_id, after_rows=20)
    real_shop.run(import_id)
    whole = Feed(new_company(f"W{os.getpid()}{tmp_path.name[-6:]}"), tmp_path / "whole")
    whole.folder.mkdir()
    whole.load("locations", MAIN)
    assert len(planned) > 3
    assert all(one is not None and one.used for one in planned[1:]), "the first has no masters in memory"
    monkeypatch.setattr(documents, "CHUNK_LINES", 10_000)
    assert whole.load("sales_log", LONG, mapping=MAPPING).state == "done"
    assert moves(real_shop) == moves(whole)
    assert Decimal(whole.rows("SELECT sum(stock_amount) FROM stock_value")[0][0]) == Decimal(
        real_shop.rows("SELECT sum(stock_amount) FROM stock_value")[0][0]
    )
