"""Does it stay fast? The cost of a move from 10,000 to a million moves, and the questions over a million."""

import statistics
import time
from datetime import timedelta

from bench.back_dated import vacuum
from bench.goods import company
from bench.harness import Report, Result
from bench.reads import BATCH, LINES, ask_all, bare_milliseconds, milliseconds
from wherewithal.stock import queries

MOVES = 1_000_000


def run(report: Report) -> None:
    shop = company(items=1_000, bins=20)
    shop.fill(10_000)
    step = timedelta(seconds=365 * 86_400 * LINES / MOVES)
    rates = []
    for number in range(MOVES // BATCH):
        documents = []
        for position in range(BATCH // LINES):
            shop.at += step
            documents.append(shop.receipt(LINES) if position % 4 == 0 else shop.issue(LINES))
        began = time.perf_counter()
        shop.record(documents)
        rates.append(BATCH / (time.perf_counter() - began))
        if number % 20 == 19:
            report.say(f"{(number + 1) * BATCH:,} moves, {sum(rates[-20:]) / 20:,.0f} moves/s")
    tenth = len(rates) // 10
    report.add(
        Result(
            "flat",
            f"moves a second in the last tenth of {MOVES:,} moves",
            statistics.median(rates[-tenth:]),
            statistics.median(rates[:tenth]),
            "the same in the first tenth",
            0.8,
            "moves/s",
            at_least=True,
        )
    )
    vacuum()
    ask_all(
        report,
        shop,
        MOVES,
        {"page_now", "page_past", "item_past", "moves_page", "card_page", "valuation_now"},
    )
    past = (shop.at - timedelta(days=100)).date()
    took = milliseconds(
        shop, lambda: queries.valuation(shop.company_id, book_id=shop.book_id, as_of=past, limit=1001), runs=3
    )
    bare = bare_milliseconds(
        f"SELECT item_id, sum(qty) FROM stock_move WHERE company_id = {shop.company_id}"
        f" AND effective_on <= '{past}' GROUP BY item_id"
    )
    report.add(
        Result(
            "read_valuation_past_1000000",
            f"valuation of the whole company at a past date, {MOVES:,} moves",
            took,
            bare,
            "one bare aggregate over the moves",
            2.0,
            "ms",
        )
    )
