"""Many at once: no gaps, no broken link, nothing in a closed month."""

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connections
from tests.ledger.firm import Firm

from wherewithal.kit.db import fetch_all, run_retrying
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries, seal, services
from wherewithal.ledger.values import PeriodState

THREADS = 8


def at_once(works: list[Callable[[], None]]) -> None:
    """Run all at the same time, each on a connection of its own; the first error is raised."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result()


def check_chain(firm: Firm, expected: int) -> None:
    """Numbers 1 to `expected`, each link recomputed here from the stored content hashes."""
    with firm.work():
        rows = fetch_all(
            "SELECT number, content_hash, chain_hash FROM ledger_entry_seal WHERE company_id = %s ORDER BY number",
            (firm.company_id,),
        )
        (head,) = queries.chain_heads(firm.company_id)
    assert [number for number, _, _ in rows] == list(range(1, expected + 1))
    links = seal.chain(seal.genesis(firm.company_id, firm.book_id, 2026), [content for _, content, _ in rows])
    assert links == [link for _, _, link in rows]
    assert (head.number, head.chain_hash) == (expected, links[-1].hex())


def test_eight_threads_post_to_one_book(committed: Firm) -> None:
    """Singles and batches; every third transaction is rolled back and must leave no gap."""

    class Regretted(Exception):
        pass

    def work() -> None:
        for n in range(1, 22):
            entries = [committed.entry(("1000", n), ("3000", -n))] * (1 + n % 3)
            try:
                with committed.work():
                    services.post(company_id=committed.company_id, entries=entries)
                    if n % 3 == 0:
                        raise Regretted
            except Regretted:
                pass

    at_once([work] * THREADS)
    kept = sum(1 + n % 3 for n in range(1, 22) if n % 3)
    check_chain(committed, THREADS * kept)


def test_two_books_in_one_transaction_do_not_deadlock(committed: Firm) -> None:
    """Each batch names the books in another order; heads are locked in sorted order all the same."""
    other = services.create_book(
        company_id=committed.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
    )
    pair = (("1000", 5), ("3000", -5))
    forwards = [committed.entry(*pair), committed.entry(*pair, book_id=other)]

    def work(entries: list[object]) -> None:
        for _ in range(15):
            with committed.work():
                services.post(company_id=committed.company_id, entries=entries)  # type: ignore[arg-type]

    backwards = forwards[::-1]
    at_once([lambda: work([*forwards]), lambda: work([*backwards])] * 4)
    with committed.work():
        assert [head.number for head in queries.chain_heads(committed.company_id)] == [120, 120]


def test_closing_while_others_post(committed: Firm) -> None:
    """Whoever asked for the posting day keeps it until the commit; nobody is refused, nothing lands too late."""
    day = datetime.date(2026, 1, 15)
    key = (committed.book_id, day)

    def post_one() -> None:
        with committed.work():
            posting_on = queries.posting_days(committed.company_id, [key])[key]
            entry = committed.entry(("1000", 5), ("3000", -5), on=day, posting_on=posting_on)
            services.post(company_id=committed.company_id, entries=[entry])

    def work() -> None:
        for _ in range(25):
            post_one()

    def close() -> None:
        for month in (1, 2, 3):
            end_on = services.month_end(datetime.date(2026, month, 1))
            services.close_period(
                company_id=committed.company_id, book_id=committed.book_id, end_on=end_on, actor_id=None
            )

    at_once([work] * 6 + [close])
    check_chain(committed, 150)
    with committed.work():
        late = fetch_all(
            """
            SELECT e.entry_id FROM ledger_entry e JOIN ledger_period p
              ON p.company_id = e.company_id AND p.end_on >= e.posting_on AND e.recorded_at > p.changed_at
            WHERE e.company_id = %s
            """,
            (committed.company_id,),
        )
        periods = queries.periods(committed.company_id, committed.book_id)
    assert late == []
    assert {period.state for period in periods} == {PeriodState.CLOSED}


def test_who_did_not_hold_the_period_is_refused_and_succeeds_the_second_time(committed: Firm) -> None:
    """The day was worked out before the closing: WH001, and `run_retrying` works it out again."""
    day = datetime.date(2026, 1, 15)
    attempts: list[datetime.date] = []

    def post() -> None:
        on = day if not attempts else datetime.date(2026, 2, 1)
        attempts.append(on)
        if len(attempts) == 1:
            services.close_period(
                company_id=committed.company_id,
                book_id=committed.book_id,
                end_on=datetime.date(2026, 1, 31),
                actor_id=None,
            )
        committed.post(committed.entry(("1000", 5), ("3000", -5), on=day, posting_on=on))

    run_retrying(post)
    assert attempts == [day, datetime.date(2026, 2, 1)]
    assert committed.count("ledger_entry") == 1


def test_two_close_the_same_month(committed: Firm) -> None:
    """One closes, the other is told that it is closed."""
    answers: list[str] = []

    def close() -> None:
        try:
            services.close_period(
                company_id=committed.company_id,
                book_id=committed.book_id,
                end_on=datetime.date(2026, 1, 31),
                actor_id=None,
            )
            answers.append("closed")
        except Refused as refusal:
            answers.append(refusal.problems[0].rule)
        except psycopg.Error as error:
            answers.append(str(error.sqlstate))

    at_once([close] * 4)
    assert sorted(answers) == ["closed", "open", "open", "open"]
