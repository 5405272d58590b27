"""How fast are the questions that people ask? 200,000 moves of 100 items in 20 bins; then a million of them."""

import datetime
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from bench.back_dated import vacuum
from bench.goods import Company, administrator, company
from bench.harness import Report, Result
from wherewithal.kit import db
from wherewithal.stock import queries
from wherewithal.stock.queries import OnHandFilter

SMALL = 200_000
BATCH = 10_000
LINES = 10
TODAY = datetime.date(2026, 1, 1)


def grow(shop: Company, moves: int) -> None:
    """So many moves, three issues to a receipt, over about a year."""
    step = timedelta(seconds=365 * 86_400 * LINES / moves)
    for _ in range(moves // BATCH):
        documents = []
        for number in range(BATCH // LINES):
            shop.at += step
            documents.append(shop.receipt(LINES) if number % 4 == 0 else shop.issue(LINES))
        shop.record(documents)


def milliseconds(shop: Company, ask: Callable[[], object], *, runs: int = 15) -> float:
    """The median of the question alone, inside one transaction that reads."""
    with db.company_transaction(company_id=shop.company_id, read_only=True):
        ask()
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            ask()
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def bare_milliseconds(sql: str, *, runs: int = 5) -> float:
    with administrator() as connection:
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            connection.execute(sql).fetchall()
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def questions(shop: Company) -> list[tuple[str, str, Callable[[], object], float]]:
    """(name, what, question, limit in milliseconds)."""
    company_id, book_id, item = shop.company_id, shop.book_id, shop.items[7]
    past = (shop.at - timedelta(days=100)).date()
    one = OnHandFilter(item_ids=[item])
    return [
        ("cells_now", "2,000 cells on hand now", lambda: queries.cells(company_id), 3.0),
        (
            "cells_past",
            "2,000 cells on hand at a past date",
            lambda: queries.cells(company_id, as_of=past),
            25.0,
        ),
        (
            "page_past",
            "a page of stock on hand at a past date",
            lambda: queries.on_hand(company_id, today=TODAY, as_of=past, limit=50),
            200.0,
        ),
        (
            "page_now",
            "a page of stock on hand now",
            lambda: queries.on_hand(company_id, today=TODAY, limit=50),
            50.0,
        ),
        (
            "item_past",
            "one item at a past date",
            lambda: queries.on_hand(company_id, today=TODAY, filters=one, as_of=past),
            50.0,
        ),
        ("moves_page", "a page of moves", lambda: queries.list_moves(company_id, limit=50), 200.0),
        (
            "card_page",
            "a page of an item's ledger card",
            lambda: queries.ledger_card(company_id, book_id=book_id, item_id=item, limit=50),
            200.0,
        ),
        (
            "valuation_now",
            "valuation now, a page",
            lambda: queries.valuation(company_id, book_id=book_id),
            200.0,
        ),
    ]


def ask_all(report: Report, shop: Company, moves: int, names: set[str] | None = None) -> None:
    for name, what, question, limit in questions(shop):
        if names is None or name in names:
            took = milliseconds(shop, question)
            report.add(
                Result(
                    f"read_{name}_{moves}",
                    f"{what}, {moves:,} moves",
                    took,
                    limit,
                    "the goal itself",
                    1.0,
                    "ms",
                )
            )


def run(report: Report) -> None:
    shop = company()
    shop.fill()
    grow(shop, SMALL)
    vacuum()
    ask_all(report, shop, SMALL)
