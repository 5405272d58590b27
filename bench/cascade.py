"""A price correction at the bottom of three levels of production: A becomes B, B becomes C, C becomes D, D is sold."""

import datetime
import time
from decimal import Decimal

from bench.back_dated import vacuum
from bench.goods import Company, administrator, company, copy_seconds, rows_of_batch
from bench.harness import Report, Result, seconds
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

ROUNDS = 12_000  # each: one unit through three levels and sold
GOAL = 3.0


def story() -> Company:
    """Nine moves a round: three productions of one input and one output each, a sale, and now and then a purchase."""
    shop = company(items=4, bins=1)
    documents = [_receipt(shop, 500)]
    for number in range(ROUNDS):
        for level in range(3):
            shop.at += datetime.timedelta(seconds=400)
            documents.append(_production(shop, shop.items[level], shop.items[level + 1]))
        shop.at += datetime.timedelta(seconds=400)
        documents.append(_sale(shop))
        if number % 100 == 99:
            documents.append(_receipt(shop, 120))
        if len(documents) >= 5_000:
            shop.record(documents)
            documents = []
    if documents:
        shop.record(documents)
    return shop


def _receipt(shop: Company, qty: int) -> DocumentDraft:
    shop.at += datetime.timedelta(seconds=1)
    amount = Decimal(shop.rng.randint(qty, 9 * qty)) + Decimal("0.37")
    line = LineDraft(shop.items[0], qty, to_location_id=shop.bins[0], amount=amount)
    return DocumentDraft(DocumentKind.RECEIPT, shop.at, [line])


def _production(shop: Company, source: int, target: int) -> DocumentDraft:
    lines = [
        LineDraft(source, 1, from_location_id=shop.bins[0], consumed=True),
        LineDraft(target, 1, to_location_id=shop.bins[0]),
    ]
    return DocumentDraft(DocumentKind.PRODUCTION, shop.at, lines)


def _sale(shop: Company) -> DocumentDraft:
    return DocumentDraft(
        DocumentKind.ISSUE, shop.at, [LineDraft(shop.items[3], 1, from_location_id=shop.bins[0])]
    )


def read_seconds(shop: Company) -> float:
    """Seconds of one bare ordered read of the four items: the moves in order, and what is booked of them."""
    with administrator() as connection:
        began = time.perf_counter()
        for query in (
            "SELECT move_id, event_id, item_id, qty, from_location_id, to_location_id, effective_at, phase, key"
            f" FROM stock_move WHERE company_id = {shop.company_id} ORDER BY effective_at, phase, key, move_id",
            "SELECT move_id, cause_id, role, item_id, amount FROM stock_value"
            f" WHERE company_id = {shop.company_id} ORDER BY effective_on, move_id, cause_id, role",
        ):
            with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as out:
                for _ in out:
                    pass
        return time.perf_counter() - began


def run(report: Report) -> None:
    shop = story()
    vacuum()
    shop.at = shop.at.replace(year=2023)
    document = _receipt(shop, 333)
    results = []
    took = seconds(lambda: results.append(shop.record([document])))
    written = rows_of_batch(shop.company_id, [results[0].batch_id], ["stock_value"])
    rows = written["stock_value"].count(b"\n")
    read, copied = read_seconds(shop), copy_seconds(written)
    report.say(
        f"{rows:,} value rows, {len(results[0].entry_ids)} entries; read {read:.3f} s, COPY {copied:.3f} s"
    )
    report.add(
        Result(
            "cascade",
            f"a receipt before {ROUNDS * 7:,} moves of four items over three levels of production",
            took,
            read + copied,
            "COPY of the value rows it writes and one bare ordered read of the suffix",
            GOAL,
        )
    )
