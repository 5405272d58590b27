"""Transactions of one company, and SQL without ceremony.

Every write happens inside `company_transaction`: it opens the transaction and, in the same round trip, tells
PostgreSQL which company and which user are at work. Row-level security then shows that company's rows and no others;
forgetting it shows nothing at all.

Statements run on psycopg's own cursor: parameters are bound by the server, statements are prepared after a few uses,
jsonb arrives as Python values, timestamps with time zone as aware datetimes in UTC, and errors are psycopg's own.
"""

import contextlib
import itertools
import random
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import generators
from psycopg.rows import dict_row, tuple_row

from wherewithal.core.words import say
from wherewithal.kit.copy_text import array_columns, copy_block
from wherewithal.kit.errors import PERIOD_CLOSED, Conflict, Problem
from wherewithal.kit.outermost import Outermost, is_idle
from wherewithal.kit.results import checked, results_of

Params = Sequence[Any] | Mapping[str, Any] | None
Row = tuple[Any, ...]
Result = TypeVar("Result")

UNNEST_ROWS = 10_000  # above this many rows COPY into a temporary table is the faster way
ATTEMPTS = 6
FIRST_PAUSE_S = 0.01
RETRIED = frozenset(
    {"40001", "40P01", "26000"}
)  # serialization failure, deadlock, statement no longer prepared


class Widen(Exception):
    """What was locked turned out to be too little: start again, with more. Raised by verbs, retried by doors."""


# --- transactions -----------------------------------------------------------------------------------------


class _Work(threading.local):
    """Whether this thread is inside a company's transaction, and whose."""

    depth = 0
    company_id: int | None = None
    opening: tuple[str, str, str] | None = (
        None  # BEGIN, company, user: until a first statement takes them along
    )
    begun = False  # by us, so that `call` may commit it
    over = False  # committed by `call`: nothing may follow
    sent = False  # a statement is under way whose result was not yet waited for
    flying = (
        0  # results under way: of prepared statements, and of syncs, at which the server sends what it has
    )
    synced = False  # and the last of them is that of a sync
    asked: tuple[str, list[bytes | None]] | None = None  # the call among them whose answer is wanted later
    asked_at = 0  # how many results come before that
    answer: "psycopg.pq.abc.PGresult | None" = None  # of that, when it was waited for
    django: BaseDatabaseWrapper | None = None  # Django's connection, found once per transaction
    pg: "psycopg.Connection[Any] | None" = None  # and psycopg's
    names: "dict[str, bytes]" = {}  # of what is prepared on it


_work = _Work()


@contextlib.contextmanager
def company_transaction(
    *, company_id: int | None, actor_id: int | None = None, read_only: bool = False, snapshot: str = ""
) -> Iterator[None]:
    """One transaction in the name of one company and one user.

    Inside another one of the same company it is a savepoint; another company inside is a mistake of the program.
    `company_id` None is for work that concerns no company (people, start-up). `read_only` sees one unchanging state
    of the database, however many queries are asked: with `snapshot` the one that another transaction exported.
    """
    if _work.depth:
        assert _work.company_id == company_id, (
            f"a transaction of company {_work.company_id} cannot turn into one of company {company_id}"
        )
        with transaction.atomic():
            _work.depth += 1
            try:
                yield
                _collect()
            except BaseException:
                _abandon()
                _work.names.clear()  # psycopg drops them with a savepoint as well
                raise
            finally:
                _work.depth -= 1
        return
    django = _of_django()
    if _open_first not in django.execute_wrappers:
        django.execute_wrappers.insert(0, _open_first)
    outermost = django.autocommit and not django.in_atomic_block
    with Outermost(django) if outermost else transaction.atomic():
        _work.depth, _work.django = 1, django
        try:
            _begin(company_id, actor_id, read_only=read_only, snapshot=snapshot)
            yield
            _collect()
        except BaseException:
            _abandon()
            _work.names.clear()  # psycopg drops all prepared statements when it rolls back
            if _work.pg is not None and _work.pg.closed:
                django.close()  # now: when the block ends, Django would first wait for a new one
            raise
        finally:
            _work.depth = 0
            _work.company_id = _work.django = _work.pg = _work.opening = None
            _work.names = {}
            _work.begun = _work.over = _work.sent = _work.synced = False
            _work.flying, _work.asked, _work.answer = 0, None, None
    if django.in_atomic_block:
        # A wider transaction that has no company goes on (a test that rolls back): it must see nothing again.
        execute("SELECT set_config('app.company', '', true), set_config('app.user', '', true)")


@contextlib.contextmanager
def one_for_several() -> Iterator[None]:
    """One transaction around transactions of several companies, one after the other: all of them are kept, or none."""
    try:
        with transaction.atomic():
            yield
    except BaseException:
        forget_prepared()  # as company_transaction, which this rollback may lie outside of
        raise


def forget_prepared() -> None:
    """After a rollback: psycopg dropped all prepared statements with it, also ours."""
    if connection.connection is not None:
        _prepared.setdefault(connection.connection, {}).clear()


_BEGIN, _BEGIN_READING = "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SETTINGS = "SELECT set_config('app.company', $1, true), set_config('app.user', $2, true)"


def _begin(company_id: int | None, actor_id: int | None, *, read_only: bool, snapshot: str) -> None:
    """Note what opens the transaction: BEGIN and both settings travel with the first statement."""
    pg = _work.pg = raw_connection()
    _work.names = _prepared.setdefault(pg, {})
    _work.company_id = company_id
    _work.begun = is_idle(pg)
    begin = (_BEGIN_READING if read_only else _BEGIN) if _work.begun else ""
    company, user = ("" if each is None else str(int(each)) for each in (company_id, actor_id))
    _work.opening = (begin, company, user)
    if snapshot:
        _work.opening = (f"{begin};SET TRANSACTION SNAPSHOT '{snapshot}'", company, user)
        _open()


def _open() -> None:
    """Send what opens the transaction, where nothing has been sent yet: past psycopg's own BEGIN, which would be a
    round trip more. What was sent before is waited for first."""
    _collect()
    if _work.opening is None or _work.pg is None:
        return
    begin, company, user = _work.opening
    _work.opening = None
    result = _work.pg.pgconn.exec_(
        f"{begin};SELECT set_config('app.company','{company}',true),set_config('app.user','{user}',true)".encode()
    )
    if result.status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise psycopg.OperationalError(result.get_error_message())


def _open_first(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Before statements of Django's own."""
    _open()
    return execute(sql, params, many, context)


def read_side_by_side(
    looks: Sequence[Callable[[], Result]], *, begins: Callable[[int], None]
) -> list[Result]:
    """What each of `looks` answers, in their order, asked on two connections at once that see one state.

    For long readers inside a read-only company_transaction that they opened: their own connection and a second one
    take the next look in turn. Where there is no second connection to be had, or the transaction is part of a wider
    one whose writes only it sees, the own one does all. `begins` hears the number of each look, in their order
    and one at a time, in the thread that takes it.
    """
    require_transaction()
    numbers, answers = iter(range(len(looks))), dict[int, Result]()
    turn, company_id = threading.Lock(), _work.company_id

    def take() -> None:
        while True:
            with turn:
                number = next(numbers, None)
                if number is None:
                    return
                begins(number)
            answers[number] = looks[number]()

    def second(snapshot: str) -> None:
        try:
            connection.ensure_connection()
        except DatabaseError:
            return
        try:
            with company_transaction(company_id=company_id, read_only=True, snapshot=snapshot):
                take()
        finally:
            connection.close()

    if not (_work.begun and _work.depth == 1):
        take()
    else:
        exported = fetch_one("SELECT pg_export_snapshot()")
        assert exported is not None, "a snapshot has a name"
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(second, exported[0])
            take()
            other.result()
    return [answers[number] for number in range(len(looks))]


def database_name() -> str:
    """Of this thread's connection."""
    return str((_work.django or connections[DEFAULT_DB_ALIAS]).settings_dict["NAME"])


def connection_at_work() -> "psycopg.Connection[Any]":
    """psycopg's connection of this transaction, to tell it from others: nothing is to be asked of it."""
    assert _work.pg is not None, "a transaction has its connection"
    return _work.pg


def require_transaction() -> None:
    """Verbs call this first: they are only for use cases that have already opened a company's transaction."""
    assert _work.depth, "a verb was called outside a company's transaction"


def run_retrying(work: Callable[[], Result], *, attempts: int = ATTEMPTS) -> Result:
    """Call `work`, which opens its own transaction, again when it lost a race; for doors, never inside a transaction.

    Deadlocks, serialization failures and `Widen` are tried up to `attempts` times with growing random pauses; a
    period that closed meanwhile is tried once more, because the posting date is then found anew. After that the
    database's error is raised as it is, and a `Widen` as a Conflict.
    """
    assert not _work.depth, "retrying inside a transaction repeats only half of it"
    for attempt in range(1, attempts + 1):
        try:
            return work()
        except (Widen, psycopg.Error, DatabaseError) as error:
            state = sqlstate(error)
            again = isinstance(error, Widen) or state in RETRIED or (state == PERIOD_CLOSED and attempt == 1)
            if again and attempt == attempts and isinstance(error, Widen):
                message = say(
                    "Others were changing the same things all the time: nothing was written, try again."
                )
                raise Conflict(Problem("", "busy", message)) from error
            if not again or attempt == attempts:
                raise
        time.sleep(FIRST_PAUSE_S * 2**attempt * random.random())
    raise AssertionError("unreachable")


def sqlstate(error: BaseException) -> str | None:
    """The SQLSTATE of a database error, raised by psycopg or wrapped by Django."""
    if isinstance(error, psycopg.Error):
        return error.sqlstate
    cause = error.__cause__
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def constraint(error: BaseException) -> str | None:
    """The name of the constraint that a database error is about, if any."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


# --- statements -------------------------------------------------------------------------------------------


def raw_connection() -> "psycopg.Connection[Any]":
    """psycopg's connection under Django's, opened if need be, with the company's transaction begun. Whoever takes
    Django's `connection.connection` instead may be first, and sees nothing."""
    assert not _work.over, "the transaction was committed with its last statement: nothing may follow"
    if _work.pg is not None:
        _open()
        return _work.pg
    return cast("psycopg.Connection[Any]", (_work.django or _of_django()).connection)


def _of_django() -> BaseDatabaseWrapper:
    """This thread's connection, open."""
    django = connections[DEFAULT_DB_ALIAS]
    if django.connection is None:
        django.ensure_connection()
    return django


class _Cursor(psycopg.Cursor[Any]):
    """psycopg's cursor with psycopg's own types, whatever Django taught its connection (it wants jsonb as text)."""

    def __init__(self, pg: "psycopg.Connection[Any]", row_factory: Any) -> None:
        super().__init__(pg, row_factory=row_factory)
        self._adapters = psycopg.adapters


def _run(sql: str, params: Params, row_factory: Any = tuple_row) -> "psycopg.Cursor[Any]":
    cursor = _Cursor(raw_connection(), row_factory)
    cursor.execute(sql, params)
    return cursor


def fetch_all(sql: str, params: Params = None) -> list[Row]:
    """All rows as tuples."""
    with _run(sql, params) as cursor:
        return cursor.fetchall()


def fetch_one(sql: str, params: Params = None) -> Row | None:
    """The first row, None if there is none."""
    with _run(sql, params) as cursor:
        return cast(Row | None, cursor.fetchone())


def fetch_dicts(sql: str, params: Params = None) -> list[dict[str, Any]]:
    """All rows as dictionaries by column name."""
    with _run(sql, params, dict_row) as cursor:
        return cursor.fetchall()


def execute(sql: str, params: Params = None) -> int:
    """Run a statement; how many rows it touched."""
    with _run(sql, params) as cursor:
        return cursor.rowcount


_prepared: "weakref.WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]]" = (
    weakref.WeakKeyDictionary()
)
_call_numbers = itertools.count()


def call(
    sql: str, params: Sequence[str | None], *, last: bool = False, opens: bool = False
) -> tuple[str | None, ...]:
    """The row that a function of ours returns, all as text: for the few calls that every posting makes.

    `sql` has $1, $2 ...; it is prepared once for each connection and goes past psycopg's own machinery, which would
    take longer than the call. `last`: nothing follows in this transaction, so it is committed in the same round trip
    if it was begun by `company_transaction` itself. `opens`: the function has one more parameter, its last: the user, where
    it is the first in its transaction and has to set company and user itself; null where that is done.
    """
    require_transaction()
    values = _encoded(params)
    if _work.asked == (sql, values):
        result = _awaited()
    elif _may_fly():
        result = _call(sql, values, last=last, opens=opens)
    else:
        if opens:
            values.append(None)
        result = checked(raw_connection().pgconn.exec_params(sql.encode(), cast("list[bytes]", values)))
    columns = [result.get_value(0, column) for column in range(result.nfields)]
    return tuple([None if value is None else value.decode() for value in columns])


def ask(sql: str, params: Sequence[str | None], *, opens: bool = False) -> bool:
    """Start a call and do not wait: the server works on it while the caller works on something else. A `call` of the same
    words in this transaction takes its answer, and waits for nothing that was started after it; another one asks for
    itself.

    For reads and locks whose answer stays true until it is taken. Where a transaction is not our own it does nothing.
    Whether it was started. `opens`: as in `call`.
    """
    require_transaction()
    if not _may_fly():
        return False
    values = _encoded(params)
    _fly([(_prepared_as(sql), values)], synced=True, opens=opens)
    _work.asked, _work.asked_at, _work.answer = (sql, values), _work.flying - 2, None
    return True


def start(sql: str, params: Sequence[str | None]) -> None:
    """Start a statement that will be prepared like a `call`, and do not wait. Nothing of its answer is wanted, but what
    is asked next, and the end of the transaction, raises its error; a `call` follows it in the same flight."""
    require_transaction()
    values = _encoded(params)
    if _may_fly():
        _fly([(_prepared_as(sql), values)], synced=False)
    else:
        checked(raw_connection().pgconn.exec_params(sql.encode(), cast("list[bytes]", values)))


def _encoded(params: Sequence[str | None]) -> list[bytes | None]:
    assert "\0" not in "".join([value for value in params if value is not None]), "NUL ends a text"
    return [None if value is None else value.encode() for value in params]


def _may_fly() -> bool:
    """Whether prepared statements may be sent past psycopg: in a transaction that `company_transaction` began."""
    return _work.pg is not None and _work.begun and _work.depth == 1


def send(sql: str, params: Sequence[str | None] = ()) -> None:
    """Start a statement and do not wait: the server works on it while the caller works on something else.

    `sql` has $1, $2 ... with casts. Whatever is asked next, and the end of the transaction, first waits for it, and there
    an error of it is raised; a transaction that fails for another reason does not care what became of it. When it
    cannot even be sent, the connection is closed. Not while rows of `stream` are being read.
    """
    require_transaction()
    pg = raw_connection()
    values = [None if value is None else value.encode() for value in params]
    try:
        pg.pgconn.send_query_params(sql.encode(), values)
        pg.wait(generators.send(pg.pgconn))
    except BaseException:
        pg.close()  # half a statement may lie on the line: the server would wait for the rest, and we for the server
        raise
    _work.sent = True


def _collect() -> None:
    """Wait for what was sent, if anything; an error of it is raised."""
    if _work.flying:
        _land()
    if not _work.sent or _work.pg is None:
        return
    _work.sent = False
    pgconn = _work.pg.pgconn
    results = _work.pg.wait(generators.fetch_many(pgconn))
    if not results:
        raise psycopg.OperationalError(pgconn.get_error_message())
    for result in results:
        checked(result)


def _awaited() -> psycopg.pq.abc.PGresult:
    """The answer of what was asked."""
    if _work.answer is None:
        _read(_work.asked_at + 2)  # and the sync that follows it
    answer, _work.asked, _work.answer = _work.answer, None, None
    assert answer is not None, "what was asked was waited for"
    return answer


def _abandon() -> None:
    """The transaction fails anyhow: wait until the server is done, and forget what it says."""
    with contextlib.suppress(psycopg.Error):
        _collect()


def _prepared_as(sql: str) -> bytes:
    """The name under which a statement is prepared. psycopg forgets all prepared statements, also ours, when a
    transaction is rolled back: then they are prepared anew, and a call that came too late is retried."""
    name = _work.names.get(sql)
    if name is None:
        pg = _work.pg
        assert pg is not None, "a transaction has its connection"
        _collect()
        if not _work.names:  # psycopg dropped them only if there were some of its own
            kept = checked(pg.pgconn.exec_(_KEPT))
            rows = ((kept.get_value(row, 0), kept.get_value(row, 1)) for row in range(kept.ntuples))
            _work.names |= {
                said.decode(): name for said, name in rows if said is not None and name is not None
            }
            if sql in _work.names:
                return _work.names[sql]
        name = b"call_%d" % next(_call_numbers)
        checked(pg.pgconn.prepare(name, sql.encode()))
        _work.names[sql] = name
    return name


_KEPT = b"SELECT statement, name FROM pg_prepared_statements WHERE name LIKE 'call%'"


def _call(
    sql: str, values: list[bytes | None], *, last: bool, opens: bool = False
) -> psycopg.pq.abc.PGresult:
    """A call in one round trip with what opens the transaction, if that is still to be sent, and with the commit, if it
    is the last one. When something fails, what comes after it is not even tried."""
    statements: list[tuple[bytes, list[bytes | None]]] = [(_prepared_as(sql), values)]
    if last:
        statements.append((_prepared_as("COMMIT"), []))
    _fly(statements, synced=True, opens=opens)
    _work.asked = None  # by now something may have been written
    results = _land()
    _work.over = last
    return results[-2] if last else results[-1]


def _fly(
    statements: Sequence[tuple[bytes, list[bytes | None]]], *, synced: bool, opens: bool = False
) -> None:
    """Send prepared statements after those that are under way, and what opens the transaction before the first.
    `synced`: no more follow until these are waited for, so that the server answers as soon as it is done. `opens`: the first
    of them is asked to set company and user itself (see `call`)."""
    assert not _work.over, "the transaction was committed with its last statement: nothing may follow"
    if _work.sent:
        _collect()
    opening, _work.opening = _work.opening, None
    if opens:
        (name, values), *rest = statements
        statements = [(name, [*values, None if opening is None else opening[2].encode()]), *rest]
    if opening is not None:
        begin, company, user = opening
        settings: list[bytes | None] = [company.encode(), user.encode()]
        said = [] if opens else [(_prepared_as(_SETTINGS), settings)]
        statements = [(_prepared_as(begin), []), *said, *statements]
    pg = _work.pg
    assert pg is not None, "a transaction has its connection"
    pgconn = pg.pgconn
    try:
        if not _work.flying:
            pgconn.enter_pipeline_mode()
        for name, values in statements:
            pgconn.send_query_prepared(name, cast("list[bytes]", values))  # nulls may be among them
        if synced:
            pgconn.pipeline_sync()
        if pgconn.flush():
            pg.wait(generators.send(pgconn))
    except BaseException:
        pg.close()  # as in `send`
        raise
    _work.flying += len(statements) + synced
    _work.synced = synced


def _land() -> list[psycopg.pq.abc.PGresult]:
    """The results of all statements that are under way, in one round trip. The first error is raised."""
    pg = _work.pg
    assert pg is not None, "a transaction has its connection"
    if not _work.synced:
        pg.pgconn.pipeline_sync()
        _work.flying += 1
    return _read(_work.flying)


def _read(count: int) -> list[psycopg.pq.abc.PGresult]:
    """The next so many results of those that are under way, those of syncs left out. The first error is raised."""
    pg, asked_at = _work.pg, _work.asked_at
    assert pg is not None, "a transaction has its connection"
    _work.flying -= count
    _work.asked_at -= count
    _work.synced &= bool(_work.flying)
    results = pg.wait(results_of(pg.pgconn, count))
    if not _work.flying:
        pg.pgconn.exit_pipeline_mode()
    if _work.asked is not None and 0 <= asked_at < count:
        _work.answer = results[asked_at]
    return [checked(result) for result in results if result.status != psycopg.pq.ExecStatus.PIPELINE_SYNC]


def stream(sql: str, params: Params = None, *, batch: int = 5_000) -> Iterator[Row]:
    """Rows of a large result through a server-side cursor; must be read inside one transaction."""
    assert connection.in_atomic_block, "a server-side cursor lasts as long as the transaction"
    with raw_connection().cursor(name=f"stream_{random.randrange(10**9)}", row_factory=tuple_row) as cursor:
        cursor.itersize = batch
        cursor.execute(sql, params)
        yield from cursor


# --- many rows at once ------------------------------------------------------------------------------------


def insert_rows(
    table: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    *,
    returning: str | None = None,
) -> list[Row]:
    """Insert any number of rows by one statement, so that statement triggers see them whole.

    `columns` are (name, SQL type); `rows` hold int, str, bytes, bool, Decimal, date, datetime, UUID, None; dict or
    list (or ready JSON text) for json types; list for array types. Returns the rows of `returning`, in the order of
    insertion. Refuses NUL in text.

    COPY itself is refused by PostgreSQL on tables with row-level security, hence arrays that are unnested, or, for
    very many rows, COPY into a temporary table and INSERT from there: both stay under every law of the table.
    """
    if not rows:
        return []
    names = ", ".join(f'"{name}"' for name, _ in columns)
    tail = f" RETURNING {returning}" if returning else ""
    if len(rows) <= UNNEST_ROWS:
        picked = ", ".join(_from_array(number, sql_type) for number, (_, sql_type) in enumerate(columns))
        arrays = ", ".join(f"%s::{_array_type(sql_type)}" for _, sql_type in columns)
        aliases = ", ".join(f"c{number}" for number in range(len(columns)))
        statement = (
            f"INSERT INTO {table} ({names}) SELECT {picked} FROM unnest({arrays}) AS r({aliases}){tail}"  # noqa: S608
        )
        params: Params = array_columns(columns, rows)
    else:
        source = _copy_aside(table, columns, rows)
        statement = f"INSERT INTO {table} ({names}) SELECT {names} FROM {source}{tail}"  # noqa: S608
        params = None
    with _run(statement, params) as cursor:
        return cursor.fetchall() if returning else []


def _array_type(sql_type: str) -> str:
    """Arrays of arrays would be flattened by unnest, so those travel as text."""
    return "text[]" if sql_type.endswith("]") else f"{sql_type}[]"


def _from_array(number: int, sql_type: str) -> str:
    return f"c{number}::{sql_type}" if sql_type.endswith("]") else f"c{number}"


def _copy_aside(table: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> str:
    """COPY the rows into this connection's temporary table for these columns; its name."""
    assert connection.in_atomic_block, "the rows of a temporary table last as long as the transaction"
    shape = zlib.crc32(repr((table, tuple(columns))).encode())
    name = f"load_{table.replace('.', '_').replace(chr(34), '')[:40]}_{shape}"
    definition = ", ".join(f'"{column}" {sql_type}' for column, sql_type in columns)
    execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({definition}) ON COMMIT DELETE ROWS")
    execute(f"DELETE FROM pg_temp.{name}")  # noqa: S608 - left by an earlier batch of this transaction
    blocks = list(copy_block(columns, rows))  # first: what is refused must not break off a COPY
    into = f"COPY pg_temp.{name} FROM STDIN"
    with _Cursor(raw_connection(), tuple_row) as cursor, cursor.copy(into) as sink:
        for block in blocks:
            sink.write(block)
    return f"pg_temp.{name}"


def reserve_ids(sequence: str, count: int) -> list[int]:
    """The next `count` values of a sequence. Identity only: concurrent reservations interleave, gaps happen."""
    rows = fetch_all("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", (sequence, count))
    return [row[0] for row in rows]
