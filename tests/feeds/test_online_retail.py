"""The log of a real online retailer: 541,909 lines, of which each must be accounted for.

The expected numbers were counted from the file by a few lines of plain Python apart from the product: of the codes
that are no goods there are 2,946 lines, of the others 8,704 lines that take back, 1,336 downwards and 1,162 upwards
without a price.
"""

import csv
import gzip
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.feeds.support import Feed

from wherewithal.feeds import mapping as mappings
from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.reading import read_table
from wherewithal.feeds.rules import decide
from wherewithal.feeds.samples import sample_mapping
from wherewithal.reporting import verify

MAPPING = sample_mapping("online_retail")
NO_GOODS = {"POST", "DOT", "C2", "M", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK"}


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "data" / "online_retail" / "online_retail.csv.gz"


def test_every_line_is_decided(log: Path) -> None:
    assert MAPPING is not None
    kind = KINDS["sales_log"]
    chosen = mappings.parse_mapping(MAPPING, kind.fields, "Europe/London")
    table = read_table(log)
    rows = mappings.apply(table, chosen, kind.fields)
    assert (len(rows), rows.problems, table.faults) == (541_909, [], [])
    columns = {field.name: rows.coded(field.name) for field in kind.fields}
    rules = decide(chosen.rules, columns, len(rows))
    named = ["no rule", *(rule.outcome for rule in chosen.rules)]
    outcomes = Counter(named[rule] for rule in rules)
    qty: Counter[str] = Counter()
    for rule, number in zip(rules, rows.column("qty"), strict=True):
        qty[named[rule]] += number
    assert outcomes == {
        "issue": 528_169,
        "return_from_customer": 8_704,
        "service": 2_946,
        "adjustment": 1_905,
        "scrap": 185,
    }
    assert qty == {
        "issue": 5_600_498,
        "return_from_customer": -272_030,
        "service": 10_309,
        "adjustment": -70_092,
        "scrap": -92_235,
    }
    assert qty.total() == 5_176_450  # the sum of the whole column


def test_a_trading_week_is_posted_and_verified(log: Path, feed: Feed) -> None:
    with gzip.open(log, "rt", encoding="utf-8", newline="") as file:
        head = [next(file) for _ in range(8_001)]
    feed.load("locations", "code,name,type\nMAIN,Main,warehouse\n")
    report = feed.load("sales_log", "".join(head), mapping=MAPPING)
    assert (report.state, report.problem_count) == ("done", 0)
    assert report.report["reconciled"] is True
    assert report.rows_loaded == report.rows_total - report.report["outcomes"]["service"]["lines"]
    assert moved_out(feed) == said_out("".join(head))
    checks = verify.run(company_id=feed.company)
    assert checks.passed, [check for check in checks.checks if not check.passed]


def moved_out(feed: Feed) -> dict[str, int]:
    """What went to customers less what came back from them, by item, as the moves have it."""
    return dict(
        feed.rows(
            """
            SELECT i.sku, sum(CASE WHEN t.type = 'customer' THEN m.qty ELSE -m.qty END)::int
            FROM stock_move m JOIN items_item i ON i.id = m.item_id
            JOIN stock_location f ON f.id = m.from_location_id JOIN stock_location t ON t.id = m.to_location_id
            WHERE 'customer' IN (f.type, t.type) GROUP BY 1
            """
        )
    )


def said_out(content: str) -> dict[str, int]:
    """The same, counted from the file by other means."""
    net: Counter[str] = Counter()
    for row in csv.DictReader(io.StringIO(content)):
        sku = row["StockCode"].strip().upper()
        if sku in NO_GOODS or sku.startswith("GIFT_"):
            continue
        if _to_or_from_customer(row):
            net[sku] += int(row["Quantity"])
    return dict(net)


def _to_or_from_customer(row: dict[str, Any]) -> bool:
    """Priced lines, cancellations, gifts to a known customer, and gifts under the product's own name."""
    qty, price, name = int(row["Quantity"]), Decimal(row["UnitPrice"]), row["Description"].strip()
    if qty < 0:
        return row["InvoiceNo"].startswith("C") or price > 0
    return price > 0 or bool(row["CustomerID"]) or (name != "" and name == name.upper())
