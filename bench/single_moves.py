"""How fast is one move, a transaction each? Against one hand-written SQL call that writes the same rows; and four
writers at once on the same items against one."""

import itertools
import multiprocessing
import random
import statistics
import threading
import time
from datetime import timedelta

import psycopg

from bench.goods import START, Company, administrator, company
from bench.harness import Report, Result
from wherewithal.site import start

MOVES = 600
WRITERS = 4
SECONDS = 6.0
LATER = START + timedelta(days=400)

BARE = """
    WITH b AS (
        INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, source)
        VALUES (%(c)s, %(n)s, %(k)s, sha256('r'), clock_timestamp(), 'stock')
    ), d AS (
        INSERT INTO stock_document (company_id, document_id, batch_id, kind, number, effective_at, first_move_id, move_count)
        VALUES (%(c)s, %(n)s, %(n)s, 'issue', %(k)s, %(at)s, %(n)s, 1)
    ), m AS (
        INSERT INTO stock_move (company_id, move_id, batch_id, document_id, event_id, line_no, item_id, from_location_id,
                                to_location_id, qty, effective_at, effective_on, phase, key, kind, recorded_at)
        VALUES (%(c)s, %(n)s, %(n)s, %(n)s, %(n)s, 1, %(i)s, 1, 2, 3, %(at)s, %(on)s, 50, gen_random_uuid(), 3,
                clock_timestamp())
    ), v AS (
        INSERT INTO stock_value (company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role, debit_account_id,
                                 credit_account_id, amount, stock_amount, effective_on, posting_on, entry_id, batch_id,
                                 recorded_at)
        VALUES (%(c)s, 1, %(i)s, 0, 0, %(n)s, %(n)s, 20, 1, 2, 500, -500, %(on)s, %(on)s, %(n)s, %(n)s, clock_timestamp())
    ), e AS (
        INSERT INTO ledger_entry
            (company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source, batch_id, reference)
        VALUES (%(c)s, 1, %(n)s, %(on)s, %(on)s, clock_timestamp(), 'stock', %(n)s, %(k)s)
    ), s AS (
        INSERT INTO ledger_entry_seal (company_id, book_id, year, number, entry_id, content_hash, chain_hash)
        VALUES (%(c)s, 1, 2024, %(n)s, %(n)s, sha256('a'), sha256('b'))
    ), h AS (
        UPDATE ledger_chain_head SET number = %(n)s, chain_hash = sha256('b')
        WHERE company_id = %(c)s AND book_id = 1 AND year = 2024
    ), q AS (
        UPDATE stock_quant SET qty = qty - 3, last_at = %(at)s
        WHERE company_id = %(c)s AND item_id = %(i)s AND location_id = %(l)s AND lot_id = 0
    ), qm AS (
        UPDATE stock_quant_month SET qty = qty - 3
        WHERE company_id = %(c)s AND month = %(month)s AND item_id = %(i)s AND location_id = %(l)s
    ), k AS (
        UPDATE stock_item_lock SET last_at = %(at)s, last_recorded_at = clock_timestamp()
        WHERE company_id = %(c)s AND item_id = %(i)s
    ), p AS (
        UPDATE stock_cost_state SET day = %(on)s, qty = qty - 3, value = value - 500, state = %(state)s
        WHERE company_id = %(c)s AND item_id = %(i)s AND book_id = 1 AND scope_id = 0 AND lot_id = 0
    )
    INSERT INTO ledger_line
        (company_id, book_id, entry_id, line_no, account_id, amount, effective_on, posting_on, recorded_at)
    VALUES (%(c)s, 1, %(n)s, 1, 1, 500, %(on)s, %(on)s, clock_timestamp()),
           (%(c)s, 1, %(n)s, 2, 2, -500, %(on)s, %(on)s, clock_timestamp())
"""

UPDATED = {
    "stock_quant": "company_id, item_id, location_id, lot_id, qty, last_at",
    "stock_quant_month": "company_id, month, item_id, location_id, qty",
    "stock_item_lock": "company_id, item_id, last_at, last_recorded_at",
    "stock_cost_state": "company_id, item_id, book_id, scope_id, lot_id, day, qty, value, state, before",
    "ledger_chain_head": "company_id, book_id, year, number, chain_hash",
}
WRITTEN = (
    "stock_batch",
    "stock_document",
    "stock_move",
    "stock_value",
    "ledger_entry",
    "ledger_line",
    "ledger_entry_seal",
    *UPDATED,
)
NOBODY = 2_000_000  # a company id of the limit's own


def bare_seconds(shop: Company, moves: int) -> float:
    """Seconds of so many hand-written calls, each committed by itself, without triggers. They insert the rows that a
    move inserts and update those that it updates (balance, month, latest instant, cost of the pool, head of the chain)."""
    with administrator() as connection:
        connection.execute("SET session_replication_role = replica")
        _copy_derived(connection, shop)
        row = connection.execute(
            "SELECT state FROM stock_cost_state WHERE company_id = %s", (NOBODY,)
        ).fetchone()
        assert row is not None, "the items have cost"
        began = time.perf_counter()
        for number in range(1, moves + 1):
            at = shop.at + timedelta(seconds=number)
            connection.execute(
                BARE,
                {
                    "c": NOBODY,
                    "n": number,
                    "k": f"k{number}",
                    "at": at,
                    "on": at.date(),
                    "month": at.date().replace(day=1),
                    "i": shop.items[number % 100],
                    "l": shop.bins[number % len(shop.bins)],
                    "state": row[0],
                },
                prepare=True,
            )
        took = time.perf_counter() - began
        for table in WRITTEN:
            connection.execute(f"DELETE FROM {table} WHERE company_id = {NOBODY}")
    return took


def _copy_derived(connection: psycopg.Connection[tuple[object, ...]], shop: Company) -> None:
    """What the company's items have, as rows of nobody's to be updated."""
    for table, columns in UPDATED.items():
        picked = columns.replace("company_id", str(NOBODY))
        if "book_id" in columns:
            picked = picked.replace("book_id", "1")
        connection.execute(
            f"INSERT INTO {table} ({columns}) SELECT {picked} FROM {table} WHERE company_id = {shop.company_id}"
        )


def single_seconds(shop: Company, moves: int) -> float:
    documents = [[shop.issue(1)] for _ in range(moves)]
    began = time.perf_counter()
    for document in documents:
        shop.record(document)
    return time.perf_counter() - began


_together: "threading.Barrier | None" = None


def set_up(together: "threading.Barrier") -> None:
    """In each writer's process."""
    global _together
    _together = together
    start.setup()


def write_for(shop: Company, number: int) -> int:
    """One writer in a process of its own: single issues, each at the time of the clock, while the time lasts, from when all
    are ready; how many."""
    assert _together is not None, "set_up was called"
    shop.rng = random.Random(number)
    shop.keys = itertools.count(number * 10_000_000)
    shop.record([shop.issue(1)])
    _together.wait()
    begin = time.time()
    done = 0
    while time.time() < begin + SECONDS:
        # What happens now, by the clock that all share: `issue` puts a second more to it, each time from here.
        shop.at = LATER + timedelta(microseconds=int(time.time() * 1e6) % 10**12)
        shop.record([shop.issue(1)])
        done += 1
    return done


def rate_of(shop: Company, writers: int, number: int) -> float:
    """Moves a second of so many processes at once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(writers, initializer=set_up, initargs=(context.Barrier(writers),)) as pool:
        asked = [(shop, number + writer) for writer in range(writers)]
        return sum(pool.starmap(write_for, asked, chunksize=1)) / SECONDS


def run(report: Report) -> None:
    shop = company(method="fifo")
    shop.fill()
    single_seconds(shop, 200)
    bare_seconds(shop, 200)
    measured, limits = [], []
    for _ in range(3):
        measured.append(single_seconds(shop, MOVES))
        limits.append(bare_seconds(shop, MOVES))
    report.add(
        Result(
            "single_moves",
            "one issue a transaction, in process, with its value, balance and entry",
            MOVES / statistics.median(measured),
            MOVES / statistics.median(limits),
            "one hand-written SQL call a move that inserts and updates the same rows",
            0.4,
            "moves/s",
            at_least=True,
        )
    )
    shop.keys = itertools.count(1)
    alone = rate_of(shop, 1, 1)
    together = rate_of(shop, WRITERS, 10)
    report.add(
        Result(
            "four_writers",
            "four processes at once, single issues of the same 100 items, each as it happens",
            together,
            alone,
            "one process alone",
            1.0,
            "moves/s",
            at_least=True,
        )
    )
