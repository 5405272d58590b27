"""Fixed assets at size: a month's run, a forecast of ten years, the register and its value on a past day."""

import datetime
import statistics
import time
from collections.abc import Callable

from bench.estate import Estate, estate
from bench.goods import administrator, copy_seconds, rows_of_batch
from bench.harness import Report, Result, seconds
from wherewithal.assets import queries, services
from wherewithal.assets.queries import RegisterFilter
from wherewithal.assets.values import Status
from wherewithal.kit import db

ASSETS = 100_000
COPIES = 10
MONTHS = ("2026-02-28", "2026-03-31", "2026-04-30")
COPIED = ("assets_batch", "assets_value", "ledger_entry", "ledger_line")


def run(report: Report) -> None:
    firm = estate(books=3)
    took = firm.acquire(ASSETS)
    report.say(f"{ASSETS:,} assets bought and put into service in 3 books, {ASSETS / took:,.0f} assets/s")
    for book_id in firm.books:
        took = seconds(lambda b=book_id: firm.run(b, datetime.date(2026, 1, 31)))
        report.say(f"two years of depreciation of a book in {took:.1f} s")
    _run_of_a_month(report, firm)
    _forecast(report, firm)
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
    _multiply(firm)
    total = ASSETS * COPIES
    past = datetime.date(2025, 6, 30)
    filters: dict[str, Callable[[], object]] = {
        "first page": lambda: _page(firm),
        "a later page": lambda: _page(firm, after=f"A{firm.rng.randrange(ASSETS):07d}"),
        "by tag": lambda: _page(firm, filters=RegisterFilter(text=f"A{firm.rng.randrange(ASSETS):07d}"[:6])),
        "by class": lambda: _page(firm, filters=RegisterFilter(class_id=_class(firm))),
        "in service": lambda: _page(firm, filters=RegisterFilter(status=Status.IN_SERVICE)),
        "on a past day": lambda: _page(firm, as_of=past),
    }
    times = []
    for name, ask in filters.items():
        each = [_milliseconds(firm, ask) for _ in range(10)]
        report.say(f"register of {total:,} assets, {name}: {statistics.median(each):.1f} ms")
        times += each
    times.sort()
    report.add(
        Result(
            "register_p95_1000000",
            f"95 of 100 pages of a register of {total:,} assets",
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
            f"net book value of the whole register of {total:,} assets on a past day",
            statistics.median(worth),
            statistics.median(bare),
            "one bare aggregate over the rows it reads",
            2.0,
            "ms",
        )
    )


def _class(firm: Estate) -> int:
    return queries.class_by_code(firm.company_id, "VEH").class_id


def _page(firm: Estate, **asked: object) -> object:
    return queries.register(firm.company_id, book_id=firm.books[0], limit=50, **asked)  # type: ignore[arg-type]  # by name


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


def _multiply(firm: Estate) -> None:
    """The register and the primary book's values ten times over, by SQL: reads do not care who wrote a row."""
    with administrator() as connection:
        connection.execute("SET session_replication_role = replica")
        for table, shifted in (
            ("assets_asset", ("id", "tag")),
            ("assets_placement", ("asset_id", "key")),
            ("assets_value", ("asset_id",)),
        ):
            names = [
                str(row[0])
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                    " AND is_generated = 'NEVER' ORDER BY ordinal_position",
                    (table,),
                )
            ]
            picked = ", ".join(_shifted(name) if name in shifted else name for name in names)
            book = f"AND book_id = {firm.books[0]}" if table == "assets_value" else ""
            connection.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {picked} FROM {table}"
                f" CROSS JOIN generate_series(1, {COPIES - 1}) n WHERE company_id = {firm.company_id} {book}"
            )
            connection.execute(f"VACUUM ANALYZE {table}")


def _shifted(name: str) -> str:
    return {
        "id": "id + n * 100000000",
        "asset_id": "asset_id + n * 100000000",
        "tag": "tag || '-' || n",
        "key": "gen_random_uuid()",
    }[name]
