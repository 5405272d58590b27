"""The few calls that every posting makes: prepared, all text, committed with the last of them."""

import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from django.db import connection, transaction

from wherewithal.kit import db
from wherewithal.kit.copy_text import bytes_in_row, numbers, row_array, text_in_row
from wherewithal.kit.errors import Refused

ADD = "WITH new AS (INSERT INTO try_fact VALUES ($1::int, $2::int) RETURNING id) SELECT id, NULL FROM new"
IDS = "SELECT id FROM try_fact ORDER BY id"
COUNT = "(SELECT count(*) FROM try_fact)"


def ids(company_id: int) -> list[int]:
    with db.company_transaction(company_id=company_id):
        return [row[0] for row in db.fetch_all(IDS)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("guarded_tables")
class TestCall:
    def test_answers_as_text(self) -> None:
        with db.company_transaction(company_id=911):
            assert db.call(ADD, ("911", "1")) == ("1", None)
            assert db.call(ADD, ("911", "2")) == ("2", None)
        assert ids(911) == [1, 2]

    def test_the_last_one_commits(self) -> None:
        with db.company_transaction(company_id=912):
            db.call(ADD, ("912", "1"), last=True)
            status = connection.connection.info.transaction_status
        assert status == psycopg.pq.TransactionStatus.IDLE
        assert ids(912) == [1]

    def test_waiting_takes_no_time_of_the_processor(self) -> None:
        with db.company_transaction(company_id=912):
            began = time.thread_time()
            db.call("SELECT pg_sleep(0.1)", (), last=True)
            assert time.thread_time() - began < 0.05

    def test_after_the_last_nothing_may_follow(self) -> None:
        with (
            pytest.raises(AssertionError, match="nothing may follow"),
            db.company_transaction(company_id=913),
        ):
            db.call(ADD, ("913", "1"), last=True)
            db.execute("INSERT INTO try_fact VALUES (913, 2)")
        assert ids(913) == [1]

    def test_inside_another_transaction_it_commits_nothing(self) -> None:
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=914):
            with db.company_transaction(company_id=914):
                db.call(ADD, ("914", "1"), last=True)
            assert db.fetch_all(IDS) == [(1,)]
            raise ZeroDivisionError
        assert ids(914) == []

    def test_inside_a_transaction_of_the_caller_it_commits_nothing(self) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            with db.company_transaction(company_id=915):
                db.call(ADD, ("915", "1"), last=True)
            raise ZeroDivisionError
        assert ids(915) == []

    @pytest.mark.parametrize("last", [False, True])
    def test_what_fails_is_rolled_back_and_the_connection_goes_on(self, last: bool) -> None:
        """Row-level security refuses the row; afterwards psycopg has forgotten all prepared statements."""
        company_id = 920 + last
        for number in (1, 2):
            with db.company_transaction(company_id=company_id):
                db.call(ADD, (str(company_id), str(number)), last=last)
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                db.company_transaction(company_id=company_id),
            ):
                db.call(ADD, (str(company_id), "7"))
                db.call(ADD, ("929", "1"), last=last)
        assert ids(company_id) == [1, 2]
        assert ids(929) == []

    def test_what_stays_prepared_after_a_rollback_is_used_again(self) -> None:
        """psycopg drops it only where it has prepared statements of its own."""
        connection.close()
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=914):
                db.call("SELECT 'ours', $1", ("1",))
                raise ZeroDivisionError
        with db.company_transaction(company_id=914):
            named = "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s"
            assert db.fetch_one(named, ("SELECT 'ours', $1",)) == (1,)

    def test_a_statement_that_is_no_longer_prepared_is_retried(self) -> None:
        def work() -> None:
            with db.company_transaction(company_id=918):
                db.call(ADD, ("918", "1"), last=True)

        with db.company_transaction(company_id=919):
            db.call(ADD, ("919", "1"))
        connection.connection.execute("DEALLOCATE ALL")
        db.run_retrying(work)
        assert ids(918) == [1]

    def test_outside_a_transaction_it_is_a_mistake(self) -> None:
        with pytest.raises(AssertionError, match="outside a company's transaction"):
            db.call(ADD, ("911", "1"))


SLOW = "WITH slept AS (SELECT pg_sleep(0.2)) INSERT INTO try_fact SELECT $1::int, $2::int FROM slept"
STRANGE = ("959", "1")  # row-level security refuses it
AT_GATE = "pg_advisory_xact_lock_shared(4711)"
BEHIND_GATE = f"WITH came AS (SELECT {AT_GATE}) INSERT INTO try_fact SELECT $1::int, $2::int FROM came"


@dataclass
class Gate:
    """A lock at which a statement waits, held by a connection of its own, so that no test has to measure time."""

    opened: threading.Event
    keeper: threading.Thread

    @property
    def shut(self) -> bool:
        return self.keeper.is_alive()


@pytest.fixture
def gate(guarded_tables: None) -> Iterator[Gate]:
    shut, opened = threading.Event(), threading.Event()

    def keep() -> None:
        try:
            with db.company_transaction(company_id=950):
                db.execute("SELECT pg_advisory_xact_lock(4711)")
                shut.set()
                opened.wait(120)  # who waits for it in vain finds it no longer shut
        finally:
            connection.close()

    gate = Gate(opened, threading.Thread(target=keep))
    gate.keeper.start()
    assert shut.wait(120)
    yield gate
    opened.set()
    gate.keeper.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("guarded_tables")
class TestSend:
    """The server works while the caller does; what is asked next waits."""

    def test_is_not_waited_for_but_by_what_comes_next(self, gate: Gate) -> None:
        with db.company_transaction(company_id=951):
            db.send(BEHIND_GATE, ("951", "1"))
            assert gate.shut
            threading.Timer(0.1, gate.opened.set).start()
            assert db.fetch_all(IDS) == [(1,)]
            assert gate.opened.is_set()
            db.send(SLOW, ("951", "2"))
            db.send(SLOW, ("951", "3"))
            assert db.call(ADD, ("951", "4"), last=True) == ("4", None)
        assert ids(951) == [1, 2, 3, 4]

    def test_the_end_of_the_transaction_waits(self) -> None:
        with db.company_transaction(company_id=952):
            db.send(SLOW, ("952", "1"))
        assert ids(952) == [1]

    def test_savepoints_and_djangos_own_statements_wait(self) -> None:
        with db.company_transaction(company_id=953):
            with db.company_transaction(company_id=953):
                db.send(SLOW, ("953", "1"))
            db.send(SLOW, ("953", "2"))
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(IDS)
                assert cursor.fetchall() == [(1,), (2,)]
                db.send(SLOW, ("953", "3"))
            db.send(SLOW, ("953", "4"))
        assert ids(953) == [1, 2, 3, 4]

    @pytest.mark.parametrize(
        "ask", [lambda: db.fetch_all(IDS), lambda: db.call(ADD, ("954", "2")), lambda: None]
    )
    def test_an_error_is_raised_where_it_is_waited_for(self, ask: Callable[[], object]) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.company_transaction(company_id=954):
            db.execute("INSERT INTO try_fact VALUES (954, 1)")
            db.send(SLOW, STRANGE)
            ask()
        assert ids(954) == []

    def test_one_in_a_savepoint_undoes_the_savepoint(self) -> None:
        with db.company_transaction(company_id=955):
            db.execute("INSERT INTO try_fact VALUES (955, 1)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.company_transaction(company_id=955):
                db.send(SLOW, STRANGE)
            db.execute("INSERT INTO try_fact VALUES (955, 2)")
        assert ids(955) == [1, 2]

    @pytest.mark.parametrize("values", [("956", "1"), STRANGE], ids=["good", "bad"])
    @pytest.mark.parametrize("inside", [False, True])
    def test_who_fails_otherwise_does_not_care(self, values: tuple[str, str], inside: bool) -> None:
        inner = db.company_transaction(company_id=956) if inside else contextlib.nullcontext()
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=956), inner:
            db.send(SLOW, values)
            raise ZeroDivisionError
        assert ids(956) == []

    def test_a_connection_that_was_cut(self) -> None:
        with pytest.raises(psycopg.OperationalError), db.company_transaction(company_id=957):
            db.send(SLOW, ("957", "1"))
            with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            db.fetch_all(IDS)
        assert ids(957) == []

    def test_with_more_than_a_thousand_files_open(self) -> None:
        """select() knows descriptors up to 1023."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
        held = [os.open(os.devnull, os.O_RDONLY)]
        try:
            while held[-1] < 1024:
                held.append(os.dup(held[0]))
            with db.company_transaction(company_id=958):
                db.send("SELECT length($1::text)", ("x" * 8_000_000,))  # more than the line takes at once
                assert db.raw_connection().pgconn.socket >= 1024
                db.send(ADD, ("958", "1"))
                assert db.fetch_all(IDS) == [(1,)]
        finally:
            connection.close()
            for each in held:
                os.close(each)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert ids(958) == [1]

    @pytest.mark.parametrize("inside", [False, True])
    def test_what_could_not_be_sent_closes_the_connection(
        self, monkeypatch: pytest.MonkeyPatch, inside: bool
    ) -> None:
        inner = db.company_transaction(company_id=960) if inside else contextlib.nullcontext()
        with pytest.raises(OSError, match="half of it"), db.company_transaction(company_id=960), inner:
            db.execute("INSERT INTO try_fact VALUES (960, 1)")
            pg = db.raw_connection()

            def wait(*_: object) -> None:
                raise OSError("half of it")

            with monkeypatch.context() as patch:
                patch.setattr(pg, "wait", wait)
                db.send("SELECT length($1::text)", ("x" * 8_000_000,))
        assert pg.closed
        assert ids(960) == []

    def test_outside_a_transaction_it_is_a_mistake(self) -> None:
        with pytest.raises(AssertionError, match="outside a company's transaction"):
            db.send(SLOW, ("951", "1"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("guarded_tables")
class TestAhead:
    """Calls that are begun before their answer is needed (`ask`), and those whose answer nobody needs (`start`)."""

    def test_the_same_call_takes_the_answer(self, gate: Gate) -> None:
        with db.company_transaction(company_id=961):
            db.ask(f"SELECT clock_timestamp(), {AT_GATE}, {COUNT}", ())
            assert gate.shut
            gate.opened.set()
            db.execute("INSERT INTO try_fact VALUES (961, 1)")
            first, _, count = db.call(f"SELECT clock_timestamp(), {AT_GATE}, {COUNT}", ())
            again, _, more = db.call(f"SELECT clock_timestamp(), {AT_GATE}, {COUNT}", (), last=True)
        assert (count, more) == ("0", "1")
        assert first is not None
        assert again is not None
        assert first < again
        assert ids(961) == [1]

    @pytest.mark.parametrize(("company", "asked"), [(986, True), (987, False)])
    def test_the_first_may_say_itself_whose_it_is(self, company: int, asked: bool) -> None:
        opens = (
            "SELECT CASE WHEN $2::text IS NULL THEN 'said'"
            " ELSE set_config('app.company', $1, true) || ' ' || set_config('app.user', $2, true) END"
        )
        with db.company_transaction(company_id=company, actor_id=8):
            assert not asked or db.ask(opens, (str(company),), opens=True)
            assert db.call(opens, (str(company),), opens=True) == (f"{company} 8",)
            assert db.call(opens, (str(company),), opens=True) == ("said",)
            db.execute("INSERT INTO try_fact VALUES (%s, 1)", (company,))
            assert ids(company) == [1]
        assert db.fetch_all(IDS) == []
        with db.company_transaction(company_id=company):
            db.execute("SELECT 1")
            assert db.call(opens, (str(company),), opens=True) == ("said",)
        with transaction.atomic(), db.company_transaction(company_id=company):
            assert db.call(opens, (str(company),), opens=True) == ("said",)
            assert ids(company) == [1]

    def test_another_call_asks_for_itself_and_ends_what_was_asked(self) -> None:
        with db.company_transaction(company_id=962):
            db.ask(f"SELECT {COUNT}", ())
            assert db.call(ADD, ("962", "1")) == ("1", None)
            assert db.call(f"SELECT {COUNT}", ()) == ("1",)
        assert ids(962) == [1]

    def test_the_answer_is_of_what_was_asked_whatever_was_begun_after_it(self) -> None:
        with db.company_transaction(company_id=990):
            db.ask(f"SELECT {COUNT}", ())
            db.start(ADD, ("990", "5"))
            assert db.call(f"SELECT {COUNT}", ()) == ("0",)
            db.ask("SELECT $1::int", ("1",))
            db.ask("SELECT $1::int", ("2",))
            assert db.call("SELECT $1::int", ("2",)) == ("2",)
        assert ids(990) == [5]

    def test_what_was_asked_is_answered_before_what_was_begun_behind_it_is_done(self, gate: Gate) -> None:
        with db.company_transaction(company_id=991):
            assert db.ask(f"SELECT {COUNT}", ())
            db.start(BEHIND_GATE, ("991", "1"))
            assert db.call(f"SELECT {COUNT}", ()) == ("0",)
            assert gate.shut
            gate.opened.set()
            assert db.call(f"SELECT {COUNT}", (), last=True) == ("1",)
        assert ids(991) == [1]

    def test_an_error_behind_what_was_asked_is_raised_by_what_comes_next(self) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.company_transaction(company_id=992):
            db.ask(f"SELECT {COUNT}", ())
            db.start(ADD, STRANGE)
            assert db.call(f"SELECT {COUNT}", ()) == ("0",)
            db.call(f"SELECT {COUNT}", (), last=True)
        assert ids(992) == []

    def test_what_was_asked_and_not_wanted(self) -> None:
        with db.company_transaction(company_id=963):
            db.ask(ADD, ("963", "1"))
        with db.company_transaction(company_id=963):
            assert db.call(ADD, ("963", "2")) == ("2", None)
        assert ids(963) == [1, 2]

    def test_what_was_started_goes_with_the_last_call(self) -> None:
        for number in (1, 2):  # with statements that are not prepared yet, and that are
            with db.company_transaction(company_id=964):
                db.start(ADD, ("964", f"{number}1"))
                db.start(ADD, ("964", f"{number}2"))
                assert db.call(f"SELECT {COUNT}", (), last=True) == (str(number * 2),)
        assert ids(964) == [11, 12, 21, 22]

    def test_the_end_of_the_transaction_waits(self) -> None:
        with db.company_transaction(company_id=965):
            db.start(SLOW, ("965", "1"))
        assert ids(965) == [1]

    def test_inside_another_transaction(self) -> None:
        with db.company_transaction(company_id=966):
            db.start(ADD, ("966", "1"))
            with db.company_transaction(company_id=966):
                db.ask(f"SELECT {COUNT}", ())
                db.start(ADD, ("966", "2"))
                assert db.call(f"SELECT {COUNT}", ()) == ("2",)
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(IDS)
                assert cursor.fetchall() == [(1,), (2,)]
        assert ids(966) == [1, 2]

    @pytest.mark.parametrize("begin", [db.ask, db.start])
    @pytest.mark.parametrize(
        "then", [lambda: db.fetch_all(IDS), lambda: db.call(ADD, ("967", "2"), last=True), lambda: None]
    )
    def test_an_error_is_raised_where_it_is_waited_for(
        self, begin: Callable[[str, tuple[str, str]], None], then: Callable[[], object]
    ) -> None:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.company_transaction(company_id=967):
            db.call(ADD, ("967", "1"))
            begin(ADD, STRANGE)
            then()
        assert ids(967) == []

    @pytest.mark.parametrize("begin", [db.ask, db.start])
    @pytest.mark.parametrize("values", [("968", "1"), STRANGE], ids=["good", "bad"])
    def test_who_fails_otherwise_does_not_care(
        self, begin: Callable[[str, tuple[str, str]], None], values: tuple[str, str]
    ) -> None:
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=968):
            begin(ADD, values)
            raise ZeroDivisionError
        assert ids(968) == []

    @pytest.mark.parametrize("begin", [db.ask, db.start])
    def test_a_connection_that_was_cut(self, begin: Callable[[str, tuple[str, str]], None]) -> None:
        with pytest.raises(psycopg.OperationalError), db.company_transaction(company_id=969):
            begin(SLOW, ("969", "1"))
            with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            db.call(ADD, ("969", "2"), last=True)
        assert ids(969) == []


ODD = [
    "plain",
    "",
    None,
    'a "quoted" one',
    "back\\slash",
    "comma, (round) {curly}",
    "two\nlines\tand tab",
    "ünïcödé 🔩",
    "NULL",
]


@pytest.mark.django_db
class TestRowArray:
    def test_texts_arrive_as_they_are(self) -> None:
        rows = row_array(f"{number},{text_in_row('t', text)}" for number, text in enumerate(ODD))
        db.execute("CREATE TEMP TABLE try_row (n int, t text) ON COMMIT DROP")
        found = db.fetch_all("SELECT n, t FROM unnest(%s::try_row[])", (rows,))
        assert found == list(enumerate(ODD))

    def test_bytes_and_arrays(self) -> None:
        db.execute("CREATE TEMP TABLE try_bytes (b bytea, c bytea, ids bigint[]) ON COMMIT DROP")
        rows = row_array(
            [
                f'{bytes_in_row(b"")},{bytes_in_row(bytes(range(256)))},\\"{{1,2}}\\"',
                f"{bytes_in_row(None)},,",
            ]
        )
        found = db.fetch_all("SELECT b, c, ids FROM unnest(%s::try_bytes[])", (rows,))
        assert found == [(b"", bytes(range(256)), [1, 2]), (None, None, None)]

    def test_no_rows(self) -> None:
        assert row_array(()) == "{}"

    def test_nul_is_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            text_in_row("note", "a\0b", 4)
        (problem,) = refused.value.problems
        assert (problem.field, problem.rule, problem.row) == ("note", "no_nul", 4)

    def test_numbers_are_read_back(self) -> None:
        assert [numbers(text) for text in (None, "{}", "{1,NULL,-3}")] == [[], [], [1, None, -3]]
