"""The database as the last guard: raw SQL and COPY, as the application's role and as the owner of the tables."""

import psycopg
import pytest
from tests.ledger.conftest import Connect
from tests.ledger.firm import Firm

HEAD = "(company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source)"
LINE = "(company_id, book_id, entry_id, line_no, account_id, amount, effective_on, posting_on, recorded_at)"
AT = "timestamptz '2026-02-01 00:00Z'"
ROLES = ["as_app", "as_owner"]


def head(firm: Firm, entry_id: int, day: str = "2026-01-31") -> str:
    values = f"({firm.company_id}, {firm.book_id}, {entry_id}, '{day}', '{day}', {AT}, 'raw')"
    return f"INSERT INTO ledger_entry {HEAD} VALUES {values}"


def lines(firm: Firm, entry_id: int, *amounts: int, first: int = 1, day: str = "2026-01-31") -> str:
    place, account = f"{firm.company_id}, {firm.book_id}, {entry_id}", firm.accounts["1000"]
    values = ", ".join(
        f"({place}, {number}, {account}, {amount}, date '{day}', date '{day}', {AT})"
        for number, amount in enumerate(amounts, first)
    )
    return f"INSERT INTO ledger_line {LINE} VALUES {values}"


def whole(firm: Firm, entry_id: int, *amounts: int, day: str = "2026-01-31") -> str:
    return f"WITH e AS ({head(firm, entry_id, day)}) {lines(firm, entry_id, *amounts, day=day)}"


@pytest.fixture(params=ROLES)
def connection(request: pytest.FixtureRequest) -> "psycopg.Connection[tuple[object, ...]]":
    connect: Connect = request.getfixturevalue(request.param)
    return connect()


@pytest.fixture
def posted(committed: Firm) -> int:
    """An entry that was posted before."""
    return committed.post(committed.entry(("1000", 500), ("3000", -500)))[0]


def refused(connection: "psycopg.Connection[tuple[object, ...]]", sql: str, state: str) -> None:
    with pytest.raises(psycopg.Error) as error:
        connection.execute(sql)
    assert error.value.sqlstate == state, error.value


def next_id(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    row = connection.execute("SELECT nextval('ledger_entry_id_seq')").fetchone()
    assert row is not None
    return int(str(row[0]))


def test_a_whole_entry_by_hand_is_sealed_like_any_other(
    committed: Firm, posted: int, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """In either order of the two parts of the statement."""
    first, second = next_id(connection), next_id(connection)
    connection.execute(whole(committed, first, 700, -700))
    connection.execute(f"WITH l AS ({lines(committed, second, 1, -1)}) {head(committed, second)}")
    numbers = connection.execute(
        "SELECT entry_id, number FROM ledger_entry_seal WHERE company_id = %s ORDER BY number",
        (committed.company_id,),
    ).fetchall()
    assert numbers == [(posted, 1), (first, 2), (second, 3)]


def test_an_entry_must_have_lines(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    refused(connection, head(committed, next_id(connection)), "WH101")
    assert committed.count("ledger_entry") == 0


def test_an_entry_must_balance(committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    refused(connection, whole(committed, next_id(connection), 700, -699), "WH101")
    assert committed.count("ledger_entry") == committed.count("ledger_line") == 0


def test_one_bad_entry_refuses_the_statement(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """Two entries that balance together but not each: 700-600 and 600-700."""
    a, b = next_id(connection), next_id(connection)
    sql = f"WITH x AS ({head(committed, a)}), y AS ({head(committed, b)}), z AS ({lines(committed, a, 700, -600)}) "
    refused(connection, sql + lines(committed, b, 600, -700), "WH101")
    assert committed.count("ledger_entry") == 0


def test_a_zero_line_is_no_line(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    refused(connection, whole(committed, next_id(connection), 0, 0), "23514")


def test_lines_must_carry_the_dates_of_their_entry(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    new = next_id(connection)
    sql = f"WITH e AS ({head(committed, new)}) {lines(committed, new, 7, -7, day='2026-01-30')}"
    refused(connection, sql, "WH101")


def test_a_balanced_pair_cannot_join_an_older_entry(
    committed: Firm, posted: int, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    refused(connection, lines(committed, posted, 100, -100, first=3), "WH102")
    assert committed.count("ledger_line") == 2


def test_nor_an_entry_of_the_same_transaction(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    new = next_id(connection)
    connection.execute("BEGIN")
    connection.execute(whole(committed, new, 700, -700))
    refused(connection, lines(committed, new, 100, -100, first=3), "WH102")
    connection.execute("ROLLBACK")


def test_lines_need_an_entry(committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    refused(connection, lines(committed, next_id(connection), 100, -100), "WH102")


def test_an_account_of_the_company_is_needed(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    sql = whole(committed, next_id(connection), 5, -5).replace(
        f", {committed.accounts['1000']}, ", ", 2000000000, "
    )
    refused(connection, sql, "WH101")


def test_a_book_of_the_company_is_needed(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    sql = whole(committed, next_id(connection), 5, -5)
    place = f"({committed.company_id}, {committed.book_id}, "
    refused(connection, sql.replace(place, f"({committed.company_id}, 2000000000, "), "WH101")


def test_posting_before_the_effective_day_is_refused(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    sql = whole(committed, next_id(connection), 5, -5).replace(
        "'2026-01-31', '2026-01-31'", "'2026-01-31', '2026-01-30'"
    )
    refused(connection, sql, "23514")


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line", "ledger_entry_seal", "ledger_account_map"])
def test_posted_is_posted(
    committed: Firm, posted: int, as_owner: Connect, as_app: Connect, table: str
) -> None:
    where = f"WHERE company_id = {committed.company_id}"
    before = committed.count(table)
    for sql in (f"UPDATE {table} SET company_id = company_id {where}", f"DELETE FROM {table} {where}"):
        refused(as_owner(), sql, "WH002")
        refused(as_app(), sql, "42501")
    refused(as_owner(), f"TRUNCATE {table} CASCADE", "WH002")
    refused(as_app(), f"TRUNCATE {table}", "42501")
    assert committed.count(table) == before


def test_the_application_writes_no_seal_and_no_head(committed: Firm, posted: int, as_app: Connect) -> None:
    company = committed.company_id
    insert = f"SELECT {company}, book_id, 2026, 2, 99, content_hash, chain_hash FROM ledger_entry_seal"
    refused(as_app(), f"INSERT INTO ledger_entry_seal {insert}", "42501")
    refused(as_app(), f"UPDATE ledger_chain_head SET number = 0 WHERE company_id = {company}", "42501")
    refused(as_app(), f"DELETE FROM ledger_chain_head WHERE company_id = {company}", "42501")


def test_an_older_snapshot_may_not_post(
    committed: Firm, connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    """It would not see that a month was closed meanwhile."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    refused(connection, whole(committed, next_id(connection), 5, -5), "WH101")
    connection.execute("ROLLBACK")


def copy_in(connection: "psycopg.Connection[tuple[object, ...]]", table: str, text: str) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(text)


def test_copy_meets_the_same_guards(committed: Firm, as_app: Connect, as_owner: Connect) -> None:
    """The application's role may not COPY into a table with row security at all; for the owner the triggers stand."""
    place = f"{committed.company_id}\t{committed.book_id}\t900000000"
    entry = f"ledger_entry {HEAD}", f"{place}\t2026-01-31\t2026-01-31\t2026-02-01\traw\n"
    account = committed.accounts["1000"]
    dates = "2026-01-31\t2026-01-31\t2026-02-01"
    line = f"ledger_line {LINE}", f"{place}\t1\t{account}\t5\t{dates}\n{place}\t2\t{account}\t-5\t{dates}\n"
    for connect, table, expected in (
        (as_app, entry, "0A000"),
        (as_app, line, "0A000"),
        (as_owner, entry, "WH101"),
        (as_owner, line, "WH102"),
    ):
        with pytest.raises(psycopg.Error) as error:
            copy_in(connect(), *table)
        assert error.value.sqlstate == expected
    assert committed.count("ledger_entry") == committed.count("ledger_line") == 0


def test_masters_are_not_deleted_and_keep_what_figures_hang_on(
    committed: Firm, posted: int, as_owner: Connect, as_app: Connect
) -> None:
    company = committed.company_id
    for table, key in (
        ("ledger_company", "id"),
        ("ledger_book", "company_id"),
        ("ledger_account", "company_id"),
    ):
        refused(as_owner(), f"DELETE FROM {table} WHERE {key} = {company}", "WH103")
        refused(as_app(), f"DELETE FROM {table} WHERE {key} = {company}", "42501")
    for connect in (as_owner, as_app):
        refused(
            connect(), f"UPDATE ledger_company SET fiscal_year_start_month = 7 WHERE id = {company}", "WH103"
        )
        refused(
            connect(), f"UPDATE ledger_book SET currency_decimals = 3 WHERE company_id = {company}", "WH103"
        )
