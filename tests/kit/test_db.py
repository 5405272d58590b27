"""Transactions of one company."""

import os
import socket
import threading

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from wherewithal.kit import db, trial
from wherewithal.kit.errors import PERIOD_CLOSED, Conflict

COMPANY = "SELECT current_setting('app.company', true), current_setting('app.user', true)"


@pytest.mark.django_db(transaction=True)
class TestCompanyTransaction:
    def test_tells_the_database_whose_it_is(self) -> None:
        with db.company_transaction(company_id=3, actor_id=8):
            assert db.fetch_one(f"{COMPANY}, current_user") == ("3", "8", settings.DATABASE.app.user)

    def test_leaves_no_trace_on_the_connection(self) -> None:
        with db.company_transaction(company_id=3, actor_id=8):
            db.execute("SELECT 1")
        assert db.fetch_one(COMPANY) == ("", "")

    def test_is_begun_by_whatever_comes_first(self) -> None:
        with db.company_transaction(company_id=3, actor_id=8), connection.cursor() as cursor:
            cursor.execute(COMPANY)
            assert cursor.fetchone() == ("3", "8")
        with db.company_transaction(company_id=3), transaction.atomic():
            assert db.fetch_one(COMPANY) == ("3", "")
        with db.company_transaction(company_id=3), db.raw_connection().cursor() as own:
            assert own.execute(COMPANY).fetchone() == ("3", "")
        with db.company_transaction(company_id=3, actor_id=8):
            assert db.call("SELECT current_setting('app.company') || $1", ["!"], last=True) == ("3!",)
        with db.company_transaction(company_id=3):
            pass
        assert connection.connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_without_company_and_user(self) -> None:
        with db.company_transaction(company_id=None):
            assert db.fetch_one(COMPANY) == ("", "")

    def test_inside_one_of_the_same_company_it_is_a_savepoint(self, guarded_tables: None) -> None:
        with db.company_transaction(company_id=901):
            db.execute("INSERT INTO try_fact VALUES (901, 1)")
            with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=901):
                db.execute("INSERT INTO try_fact VALUES (901, 2)")
                raise ZeroDivisionError
            db.execute("INSERT INTO try_fact VALUES (901, 3)")
        with db.company_transaction(company_id=901):
            assert db.fetch_all("SELECT id FROM try_fact ORDER BY id") == [(1,), (3,)]

    def test_inside_one_of_another_company_it_is_a_mistake(self) -> None:
        with (
            pytest.raises(AssertionError, match="company 3 cannot turn into one of company 4"),
            db.company_transaction(company_id=3),
            db.company_transaction(company_id=4),
        ):
            pass
        with db.company_transaction(company_id=4):
            assert db.fetch_one(COMPANY) == ("4", "")

    def test_rolls_back_as_a_whole(self, guarded_tables: None) -> None:
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=902):
            db.execute("INSERT INTO try_fact VALUES (902, 1)")
            raise ZeroDivisionError
        with db.company_transaction(company_id=902):
            assert db.fetch_all("SELECT id FROM try_fact") == []

    def test_django_knows_of_it(self, guarded_tables: None) -> None:
        heard: list[int] = []
        for last in (False, True):
            with db.company_transaction(company_id=905):
                assert (connection.in_atomic_block, connection.get_autocommit()) == (True, False)
                transaction.on_commit(lambda: heard.append(1))
                db.call("SELECT 1", [], last=last)
                assert heard == [1] * last
            assert (connection.in_atomic_block, connection.get_autocommit()) == (False, True)
            assert heard == [1] * (1 + last)
        with db.company_transaction(company_id=905):
            transaction.on_commit(lambda: heard.append(2))
            db.execute("INSERT INTO try_fact VALUES (905, 1)")
            transaction.set_rollback(True)
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=905):
            transaction.on_commit(lambda: heard.append(3))
            raise ZeroDivisionError
        assert heard == [1, 1]
        with db.company_transaction(company_id=905):
            assert db.fetch_all("SELECT id FROM try_fact") == []

    def test_read_only_sees_one_state_and_writes_nothing(self, guarded_tables: None) -> None:
        def write() -> None:
            with db.company_transaction(company_id=903):
                db.execute("INSERT INTO try_fact VALUES (903, 1)")
            connection.close()

        with db.company_transaction(company_id=903, read_only=True):
            assert db.fetch_all("SELECT id FROM try_fact") == []
            other = threading.Thread(target=write)
            other.start()
            other.join()
            assert db.fetch_all("SELECT id FROM try_fact") == []
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), transaction.atomic():
                db.execute("INSERT INTO try_fact VALUES (903, 2)")
        with db.company_transaction(company_id=903):
            assert db.fetch_all("SELECT id FROM try_fact") == [(1,)]

    def test_a_connection_that_was_cut_is_replaced(self) -> None:
        with db.company_transaction(company_id=3):
            db.execute("SELECT 1")
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
        with pytest.raises(psycopg.OperationalError), db.company_transaction(company_id=3):
            db.execute("SELECT 1")
        with db.company_transaction(company_id=3):
            assert db.fetch_one(COMPANY) == ("3", "")

    def test_verbs_are_refused_outside(self) -> None:
        with pytest.raises(AssertionError, match="outside a company's transaction"):
            db.require_transaction()
        with transaction.atomic(), pytest.raises(AssertionError):
            db.require_transaction()
        with db.company_transaction(company_id=3):
            db.require_transaction()


@pytest.mark.django_db(transaction=True)
class TestReadSideBySide:
    """Two connections, one state of the database."""

    def test_two_look_at_once_and_see_the_same(self, guarded_tables: None) -> None:
        both = threading.Barrier(2, timeout=120)
        pids: list[int] = []
        added: list[int] = []

        def look() -> tuple[int, str]:
            first_of_two = both.wait() == 0  # only two at once get past
            row = db.fetch_one("SELECT pg_backend_pid(), current_setting('app.company')")
            assert row is not None
            pids.append(row[0])
            if first_of_two and not added:
                added.append(906)
                add_elsewhere(906)
            return len(db.fetch_all("SELECT id FROM try_fact")), row[1]

        with db.company_transaction(company_id=906, read_only=True):
            answers = db.read_side_by_side([look, look, look, look], begins=lambda number: None)
        assert answers == [(0, "906")] * 4
        assert len(set(pids)) == 2
        with db.company_transaction(company_id=906):
            assert db.fetch_all("SELECT id FROM try_fact") == [(1,)]

    def test_answers_come_in_the_order_of_the_questions(self) -> None:
        heard: list[int] = []
        with db.company_transaction(company_id=906, read_only=True):
            answers = db.read_side_by_side([lambda n=n: n for n in range(9)], begins=heard.append)  # type: ignore[misc]  # bound now
        assert answers == sorted(heard) == list(range(9))

    def test_an_error_of_either_is_raised(self) -> None:
        def fail() -> None:
            raise ZeroDivisionError

        with (
            pytest.raises(ZeroDivisionError),
            db.company_transaction(company_id=906, read_only=True),
        ):
            db.read_side_by_side([fail, fail], begins=lambda number: None)
        with db.company_transaction(company_id=906):
            assert db.fetch_one("SELECT 1") == (1,)

    def test_inside_a_wider_transaction_one_does_all(self, guarded_tables: None) -> None:
        with db.company_transaction(company_id=907):
            db.execute("INSERT INTO try_fact VALUES (907, 7)")
            with db.company_transaction(company_id=907):
                answers = db.read_side_by_side(
                    [lambda: db.fetch_all("SELECT id FROM try_fact")] * 3, begins=lambda number: None
                )
        assert answers == [[(7,)]] * 3


def add_elsewhere(company_id: int) -> None:
    """One fact, written and committed on a connection of its own."""

    def add() -> None:
        with db.company_transaction(company_id=company_id):
            db.execute("INSERT INTO try_fact VALUES (%s, 1)", (company_id,))
        connection.close()

    thread = threading.Thread(target=add)
    thread.start()
    thread.join()


@pytest.mark.django_db
def test_within_a_wider_transaction_nothing_is_visible_afterwards(guarded_tables: None) -> None:
    with db.company_transaction(company_id=904):
        db.execute("INSERT INTO try_fact VALUES (904, 1)")
        assert db.fetch_all("SELECT id FROM try_fact") == [(1,)]
    assert db.fetch_all("SELECT id FROM try_fact") == []
    with db.company_transaction(company_id=905):
        assert db.fetch_all("SELECT id FROM try_fact") == []


class Broken(psycopg.Error):
    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.sqlstate = state


class TestRetrying:
    def calls(self, *errors: Exception) -> tuple[list[int], object]:
        made: list[int] = []

        def work() -> str:
            made.append(1)
            if len(made) <= len(errors):
                raise errors[len(made) - 1]
            return "done"

        return made, work

    def test_gives_the_answer(self) -> None:
        made, work = self.calls()
        assert (db.run_retrying(work), len(made)) == ("done", 1)  # type: ignore[arg-type]

    @pytest.mark.parametrize("error", [Broken("40001"), Broken("40P01"), db.Widen()])
    def test_tries_again_after_a_lost_race(self, error: Exception) -> None:
        made, work = self.calls(error, error)
        assert (db.run_retrying(work), len(made)) == ("done", 3)  # type: ignore[arg-type]

    def test_gives_up_in_the_end(self) -> None:
        made, work = self.calls(*[Broken("40P01")] * 9)
        with pytest.raises(Broken):
            db.run_retrying(work)  # type: ignore[arg-type]
        assert len(made) == 6

    def test_a_race_that_is_lost_every_time_is_a_conflict(self) -> None:
        made, work = self.calls(*[db.Widen()] * 9)
        with pytest.raises(Conflict) as refusal:
            db.run_retrying(work)  # type: ignore[arg-type]
        assert [problem.rule for problem in refusal.value.problems] == ["busy"]
        assert len(made) == 6

    def test_a_closed_period_is_tried_once_more(self) -> None:
        made, work = self.calls(*[Broken(PERIOD_CLOSED)] * 9)
        with pytest.raises(Broken):
            db.run_retrying(work)  # type: ignore[arg-type]
        assert len(made) == 2

    def test_other_errors_pass_at_once(self) -> None:
        made, work = self.calls(Broken("23505"))
        with pytest.raises(Broken):
            db.run_retrying(work)  # type: ignore[arg-type]
        assert len(made) == 1

    @pytest.mark.django_db
    def test_never_inside_a_transaction(self) -> None:
        with db.company_transaction(company_id=1), pytest.raises(AssertionError, match="repeats only half"):
            db.run_retrying(lambda: None)

    @pytest.mark.django_db(transaction=True)
    def test_a_real_deadlock(self) -> None:
        """Two threads take two counters in opposite order; both get through."""
        barrier = threading.Barrier(2, timeout=120)
        results: list[str] = []

        def take(first: str, second: str) -> None:
            attempts = 0

            def work() -> None:
                nonlocal attempts
                attempts += 1
                with db.company_transaction(company_id=906):
                    db.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (first,))
                    if attempts == 1:
                        barrier.wait()
                    db.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (second,))

            db.run_retrying(work)
            results.append(first)
            connection.close()

        threads = [threading.Thread(target=take, args=pair) for pair in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["a", "b"]


@pytest.mark.django_db(transaction=True)
class TestTrials:
    def test_what_was_written_is_taken_back_for_whichever_company(self) -> None:
        db.execute("CREATE TEMP TABLE trial (company_id int)")

        def work() -> list[db.Row]:
            for company_id in (3, 4):
                with db.company_transaction(company_id=company_id):
                    db.execute("INSERT INTO trial VALUES (current_setting('app.company')::int)")
                    assert db.call("SELECT current_setting('app.company')", [], last=True) == (
                        str(company_id),
                    )
            trial.undone(lambda: db.execute("DELETE FROM trial"))  # a trial in a trial: only what it did
            return db.fetch_all("SELECT company_id FROM trial ORDER BY 1")

        try:
            assert trial.undone(work) == [(3,), (4,)]
            assert db.fetch_all("SELECT * FROM trial") == []
            with db.company_transaction(company_id=3):  # the connection is as good as before
                assert db.call("SELECT current_setting('app.company')", []) == ("3",)
        finally:
            db.execute("DROP TABLE trial")

    def test_it_neither_runs_long_nor_waits(self) -> None:
        with pytest.raises(trial.Busy, match="Others are just writing"):
            trial.undone(lambda: db.execute("SELECT pg_sleep(5)"), longest_ms=20)
        with pytest.raises(psycopg.errors.DivisionByZero):  # what is no matter of waiting is raised as it is
            trial.undone(lambda: db.execute("SELECT 1 / 0"))
        assert db.fetch_one("SELECT current_setting('lock_timeout')") == ("0",)


@pytest.mark.django_db
class TestErrors:
    def test_sqlstate_and_constraint_of_raw_sql(self, guarded_tables: None) -> None:
        with db.company_transaction(company_id=907):
            db.execute("INSERT INTO try_fact VALUES (907, 1)")
            with pytest.raises(psycopg.errors.UniqueViolation) as caught, transaction.atomic():
                db.execute("INSERT INTO try_fact VALUES (907, 1)")
        assert (db.sqlstate(caught.value), db.constraint(caught.value)) == ("23505", "try_fact_pkey")

    def test_sqlstate_and_constraint_of_the_orm(self, guarded_tables: None) -> None:
        with db.company_transaction(company_id=907):
            db.execute("INSERT INTO try_fact VALUES (907, 1)")
            with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO try_fact VALUES (907, 1)")
        assert (db.sqlstate(caught.value), db.constraint(caught.value)) == ("23505", "try_fact_pkey")

    def test_errors_that_are_not_the_databases(self) -> None:
        assert db.sqlstate(ValueError()) is None
        assert db.constraint(ValueError()) is None


@pytest.mark.django_db
def test_values_come_as_python_has_them() -> None:
    row = db.fetch_dicts(
        "SELECT '{\"a\": [1]}'::jsonb AS j, 1.50::numeric AS n, ARRAY[1,2] AS a, %s::text AS t", ("%",)
    )
    assert [str(row[0]["n"]), row[0]["j"], row[0]["a"], row[0]["t"]] == ["1.50", {"a": [1]}, [1, 2], "%"]
    assert db.fetch_one("SELECT 1 WHERE false") is None


@pytest.mark.django_db
def test_a_large_result_is_streamed() -> None:
    with db.company_transaction(company_id=1):
        rows = list(db.stream("SELECT n FROM generate_series(1, %s) AS n", (12_345,), batch=1_000))
    assert [rows[0], rows[-1], len(rows)] == [(1,), (12_345,), 12_345]


@pytest.mark.django_db
def test_ids_are_reserved_in_blocks(guarded_tables: None) -> None:
    first, second = db.reserve_ids("try_number", 3), db.reserve_ids("try_number", 2)
    assert len({*first, *second}) == 5
    assert db.reserve_ids("try_number", 0) == []
