"""A receipt turns up before 100,000 issues of its item: what does it take to put all of them right, in one commit?"""

import datetime
import statistics
import time
from decimal import Decimal

from bench.goods import Company, administrator, company, copy_seconds, rows_of_batch
from bench.harness import Report, Result, seconds
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft

ISSUES = 100_000
GOAL = 3.0
LIMIT = "COPY of the value rows it writes and one bare ordered read of the suffix"


def story(method: str, *, receipt_each: int) -> Company:
    """So many issues of one item over ten months; a receipt before each `receipt_each` of them (0: only at first)."""
    shop = company(items=1, bins=1, method=method)
    first = ISSUES if receipt_each == 0 else receipt_each
    documents = [receipt(shop, first * 3)]
    for number in range(1, ISSUES + 1):
        shop.at += datetime.timedelta(seconds=250)
        documents.append(
            DocumentDraft(
                DocumentKind.ISSUE,
                shop.at,
                [LineDraft(shop.items[0], shop.rng.randint(1, 5), from_location_id=shop.bins[0])],
            )
        )
        if receipt_each and number % receipt_each == 0:
            documents.append(receipt(shop, receipt_each * 5))
        if len(documents) >= 10_000:
            shop.record(documents)
            documents = []
    if documents:
        shop.record(documents)
    return shop


def receipt(shop: Company, qty: int) -> DocumentDraft:
    """A delivery of the first item, twice the quantity, a second later than all before."""
    shop.at += datetime.timedelta(seconds=1)
    amount = Decimal(shop.rng.randint(qty, 9 * qty)) + Decimal("0.37")
    return DocumentDraft(
        DocumentKind.RECEIPT,
        shop.at,
        [LineDraft(shop.items[0], qty * 2, to_location_id=shop.bins[0], amount=amount)],
    )


def read_seconds(company_id: int) -> float:
    """Seconds of one bare ordered read of the suffix, here everything: the moves in order, and what is booked of them."""
    with administrator() as connection:
        began = time.perf_counter()
        for query in (
            "SELECT move_id, event_id, item_id, qty, from_location_id, to_location_id, effective_at, phase, key"
            f" FROM stock_move WHERE company_id = {company_id} ORDER BY effective_at, phase, key, move_id",
            "SELECT move_id, cause_id, role, item_id, amount FROM stock_value"
            f" WHERE company_id = {company_id} ORDER BY effective_on, move_id, cause_id, role",
        ):
            with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as out:
                for _ in out:
                    pass
        return time.perf_counter() - began


def measure_late(report: Report, shop: Company, qty: int, *, name: str, what: str) -> None:
    """Enter a receipt before all that is known of the company's goods, three times; report the median by ratio."""
    results = []
    for year in (2023, 2022, 2021):
        vacuum()
        shop.at = shop.at.replace(year=year)
        document = receipt(shop, qty)
        posted: list[BatchResult] = []
        took = seconds(lambda d=document, p=posted: p.append(shop.record([d])))
        written = rows_of_batch(shop.company_id, [posted[0].batch_id], ["stock_value"])
        read = statistics.median(read_seconds(shop.company_id) for _ in range(3))
        copied = statistics.median(copy_seconds(written) for _ in range(3))
        rows, entries = written["stock_value"].count(b"\n"), len(posted[0].entry_ids)
        report.say(
            f"{name}: {took:.2f} s for {rows:,} value rows, {entries} entries; read {read:.3f} s, COPY {copied:.3f} s"
        )
        results.append(Result(name, what, took, read + copied, LIMIT, GOAL))
    report.add(sorted(results, key=lambda result: result.ratio)[1])


def run(report: Report) -> None:
    for name, method, each in (
        ("moving_average_worst", "moving_average", 0),
        ("moving_average_receipts", "moving_average", 10),
        ("fifo", "fifo", 10),
    ):
        shop = story(method, receipt_each=each)
        what = f"a receipt before {ISSUES:,} issues, all put right in one transaction ({method}, a receipt each {each})"
        measure_late(report, shop, 500, name=f"back_dated_{name}", what=what)


def vacuum() -> None:
    """As autovacuum would have done meanwhile."""
    with administrator() as connection:
        for table in ("stock_document", "stock_move", "stock_value", "ledger_entry", "ledger_line"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
