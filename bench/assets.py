"""Fixed assets at size: a month's run, a forecast of ten years, the register and its value on a past day."""

import datetime
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.estate import WORDS, Estate, estate
from bench.goods import administrator, copy_seconds, rows_of_batch
from bench.harness import Report, Result, seconds
from wherewithal.assets import queries, services
from wherewithal.assets.queries import RegisterFilter
from wherewithal.assets.values import Status
from wherewithal.kit import db

RECORDED = 10_000
"""Assets that go through the use cases; the others are copies of them, row by row."""
ASSETS = 100_000
TOTAL = 1_000_000
MONTHS = ("2026-02-28", "2026-03-31", "2026-04-30")
COPIED = ("assets_batch", "assets_value", "ledger_entry", "ledger_line")


def run(report: Report) -> None:
    firm = estate(books=3)
    took = firm.acquire(RECORDED)
    report.say(f"{RECORDED:,} assets bought and put into service in 3 books, {RECORDED / took:,.0f} assets/s")
    for book_id in firm.books:
        took = seconds(lambda b=book_id: firm.run(b, datetime.date(2026, 1, 31)))
        report.say(f"a year of depreciation of a book in {took:.1f} s")
    firm.multiply(ASSETS // RECORDED - 1)
    _run_of_a_month(report, firm)
    _forecast(report, firm)
    firm.multiply(TOTAL // ASSETS - 1, book_ids=firm.books[:1])
    _register(report, firm)


def _run_of_a_month(report: Report, firm: Estate) -> None:
    measured, limits = [], []
    for day in map(datetime.date.fromisoformat, MONTHS):
        began = time.perf_counter()
        done = firm.run(firm.books[0], day)
        measured.append(time.perf_counter() - began)
        batches = [_batch_of(firm, done.entry_ids[0])]
        limits.append(copy_seconds(rows_of_batch(firm.company_id, batches, COPIED)))
        report.say(f"{done.asset_count:,} assets charged up to {day}: {measured[-1]:.2f} s")
    report.add(
        Result(
            "asset_run_100000",
            f"a month's depreciation of {ASSETS:,} assets in one book, posted with charges and entries",
            statistics.median(measured),
            statistics.median(limits),
            "a bare COPY of the same rows into the same tables without triggers",
            3.0,
        )
    )


def _batch_of(firm: Estate, entry_id: int) -> int:
    with administrator() as connection:
        row = connection.execute(
            "SELECT batch_id FROM ledger_entry WHERE company_id = %s AND entry_id = %s",
            (firm.company_id, entry_id),
        ).fetchone()
    assert row is not None
    return int(str(row[0]))


def _forecast(report: Report, firm: Estate) -> None:
    took = seconds(
        lambda: services.forecast(
            company_id=firm.company_id, actor_id=None, through_on=datetime.date(2035, 12, 31), by="year"
        )
    )
    report.add(
        Result(
            "asset_forecast_100000",
            f"ten years of {ASSETS:,} assets in 3 books",
            took,
            10.0,
            "the goal itself",
            1.0,
        )
    )


def _register(report: Report, firm: Estate) -> None:
    past = datetime.date(2025, 6, 30)
    times = []
    for name, asked in _pages(firm).items():
        for when, as_of in (("", None), (" on a past day", past)):
            each = [_milliseconds(firm, lambda: _page(firm, as_of=as_of, **asked())) for _ in range(5)]  # noqa: B023 - at once
            report.say(f"register of {TOTAL:,} assets, {name}{when}: {statistics.median(each):.1f} ms")
            times += each
    times.sort()
    report.add(
        Result(
            "register_p95_1000000",
            f"95 of 100 pages of a register of {TOTAL:,} assets, now and on a past day",
            times[int(len(times) * 0.95)],
            200.0,
            "the goal itself",
            1.0,
            "ms",
        )
    )
    worth = [
        _milliseconds(
            firm,
            lambda: queries.register_totals(
                firm.company_id, book_id=firm.books[0], filters=RegisterFilter(), as_of=past
            ),
        )
        for _ in range(3)
    ]
    bare = [_milliseconds(firm, lambda: _aggregate(firm, past)) for _ in range(3)]
    report.add(
        Result(
            "register_value_past_1000000",
            f"net book value of the whole register of {TOTAL:,} assets on a past day",
            statistics.median(worth),
            statistics.median(bare),
            "one bare aggregate over the rows it reads",
            2.0,
            "ms",
        )
    )


def _pages(firm: Estate) -> dict[str, Callable[[], dict[str, Any]]]:
    """Pages as people ask for them: in order, by filters, by search; what is frequent, what is rare, what is not there."""
    rng = firm.rng
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        vehicles = queries.class_by_code(firm.company_id, "VEH").class_id

    def tag() -> str:
        return f"A{rng.randrange(TOTAL):07d}"

    def by(**chosen: Any) -> dict[str, Any]:
        return {"filters": RegisterFilter(**chosen)}

    return {
        "first page": dict,
        "a later page": lambda: {"after": tag()},
        "by the beginning of a tag": lambda: by(text=tag()[:6]),
        "by tag": lambda: by(text=tag()),
        "by a frequent word": lambda: by(text=rng.choice(WORDS)),
        "by name": lambda: by(text=f"{rng.choice(WORDS)} {rng.randrange(1000)}"),
        "by serial number": lambda: by(text=f"SN{rng.randrange(10**5):05d}"),
        "by a word that is not there": lambda: by(text="zzz"),
        "of a class": lambda: by(class_id=vehicles),
        "in service": lambda: by(status=Status.IN_SERVICE),
        "disposed": lambda: by(status=Status.DISPOSED),
        "held for sale (none)": lambda: by(status=Status.HELD_FOR_SALE),
        "here": lambda: by(in_use=True),
        "gone": lambda: by(in_use=False),
        "in a room": lambda: by(location_id=rng.choice(firm.rooms)),
        "in a site": lambda: by(location_id=rng.choice(firm.sites)),
        "of a cost centre": lambda: by(cost_centre_id=rng.choice(firm.centres)),
        "of a class in a room": lambda: by(class_id=vehicles, location_id=rng.choice(firm.rooms)),
        "of a class by a word": lambda: by(class_id=vehicles, text=rng.choice(WORDS)),
        "of a cost centre, gone": lambda: by(cost_centre_id=rng.choice(firm.centres), in_use=False),
    }


def _page(firm: Estate, **asked: Any) -> object:
    return queries.register(firm.company_id, book_id=firm.books[0], limit=50, **asked)


def _aggregate(firm: Estate, day: datetime.date) -> object:
    return db.fetch_all(
        "SELECT sum(cost_amount), sum(carrying_amount) FROM assets_value"
        " WHERE company_id = %s AND book_id = %s AND effective_on <= %s",
        (firm.company_id, firm.books[0], day),
    )


def _milliseconds(firm: Estate, ask: Callable[[], object]) -> float:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        began = time.perf_counter()
        ask()
        return (time.perf_counter() - began) * 1000
