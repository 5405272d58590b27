"""How fast is a batch? Moves with values, balances and entries against a bare COPY of the same rows: the facts, values and
entries of the batch, and each row of balances that it wrote, once, as the batch left it."""

import statistics

from bench.goods import balances_of_batch, company, copy_seconds, rows_of_batch
from bench.harness import Report, Result, seconds
from wherewithal.stock.drafts import BatchResult

SIZES = (1_000, 10_000)
RUNS = 5
LINES = 10  # a document


def run(report: Report) -> None:
    for method in ("fifo", "moving_average"):
        shop = company(method=method)
        shop.fill()
        for size in SIZES:
            measured, limits, rows = [], [], 0
            for _ in range(RUNS):
                documents = [
                    shop.receipt(LINES) if n % 4 == 0 else shop.issue(LINES) for n in range(size // LINES)
                ]
                results: list[BatchResult] = []
                measured.append(seconds(lambda s=shop, d=documents, r=results: r.append(s.record(d))))
                written = rows_of_batch(shop.company_id, [results[0].batch_id])
                written |= balances_of_batch(shop.company_id, results[0].batch_id)
                rows = sum(text.count(b"\n") for text in written.values())
                limits.append(copy_seconds(written))
            took, limit = statistics.median(measured), statistics.median(limits)
            report.say(
                f"{method}, {size:,} moves ({rows:,} rows): {size / took:,.0f} moves/s, COPY {size / limit:,.0f}/s"
            )
            report.add(
                Result(
                    f"batch_posting_{method}_{size}",
                    f"{size:,} moves of 100 items in documents of {LINES} lines, one batch, {method}",
                    took,
                    limit,
                    "a bare COPY of the same rows (facts, values, entries, each row of balances that the batch wrote)"
                    " into the same tables without triggers",
                    2.0,
                )
            )
