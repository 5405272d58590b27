"""Nobody sees another company's rows: read, insert, update and COPY through the application's role."""

import dataclasses
import datetime
from decimal import Decimal

import psycopg
import pytest
from tests.ledger.conftest import Connect
from tests.ledger.firm import Firm, make_firm

from wherewithal.ledger import services

TABLES = (
    "ledger_company",
    "ledger_book",
    "ledger_account",
    "ledger_account_map",
    "ledger_period",
    "ledger_period_event",
    "ledger_entry",
    "ledger_line",
    "ledger_entry_seal",
    "ledger_chain_head",
    "ledger_exchange_rate",
    "ledger_reversal",
)


@pytest.fixture
def other(committed: Firm) -> Firm:
    """Another company with a row in every table."""

    firm = make_firm()
    end_on = datetime.date(2026, 1, 31)
    services.close_period(company_id=firm.company_id, book_id=firm.book_id, end_on=end_on, actor_id=None)
    lines = [services.JournalLine("1000", Decimal(5)), services.JournalLine("3000", Decimal(-5))]
    place = {"company_id": firm.company_id, "book_id": firm.book_id, "actor_id": None}
    posted = services.post_journal(**place, effective_on=end_on, lines=lines)  # type: ignore[arg-type]
    services.reverse_entry(**place, entry_id=posted.entry_id, reason="mistake")  # type: ignore[arg-type]
    rate = services.RateDraft("USD", "EUR", end_on, Decimal("0.9"))
    services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=[rate])
    return firm


def own(table: str) -> str:
    return "id" if table == "ledger_company" else "company_id"


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_another_company_are_not_seen(
    committed: Firm, other: Firm, as_app: Connect, as_owner: Connect, table: str
) -> None:
    theirs = f"SELECT count(*) FROM {table} WHERE {own(table)} = {other.company_id}"
    assert as_owner().execute(theirs).fetchone() != (0,)
    connection = as_app()
    assert connection.execute(theirs).fetchone() == (0,)
    assert connection.execute(
        f"SELECT count(*) FROM {table} WHERE {own(table)} <> {committed.company_id}"
    ).fetchone() == (0,)
    with connection.cursor().copy(f"COPY {table} ({own(table)}) TO STDOUT") as copy:
        seen = {bytes(row).strip() for row in copy}
    assert seen <= {str(committed.company_id).encode()}


@pytest.mark.parametrize("table", TABLES)
def test_without_a_company_nothing_is_seen(other: Firm, as_app: Connect, table: str) -> None:
    connection = as_app()
    for setting in ("", None):
        connection.execute("SELECT set_config('app.company', %s, false)", (setting,))
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_nothing_is_written_into_another_company(
    committed: Firm, other: Firm, as_app: Connect, as_owner: Connect
) -> None:
    theirs, connection = other.company_id, as_app()
    day = "'2026-02-01', '2026-02-01', now()"
    forbidden = (
        f"INSERT INTO ledger_account (company_id, code, name, classification) VALUES ({theirs}, 'x', 'x', 'equity')",
        f"INSERT INTO ledger_book (company_id, code, name, standard, currency, currency_decimals) "
        f"VALUES ({theirs}, 'x', 'x', 'x', 'EUR', 2)",
        f"INSERT INTO ledger_exchange_rate VALUES ({theirs}, 'CHF', 'EUR', '2026-01-01', 1)",
        f"INSERT INTO ledger_period VALUES ({theirs}, {other.book_id}, '2026-02-01', '2026-02-28', 2026, 2, 1)",
        f"INSERT INTO ledger_account_map (company_id, book_id, account_role, account_id, effective_on) "
        f"VALUES ({theirs}, {other.book_id}, 'sales', {other.accounts['4000']}, '2026-01-01')",
        f"WITH e AS (INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at, "
        f"source) VALUES ({theirs}, {other.book_id}, 1, {day}, 'raw')) "
        f"INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on, "
        f"posting_on, recorded_at) SELECT {theirs}, {other.book_id}, 1, n, {other.accounts['1000']}, 3 - 2 * n, {day} "
        f"FROM generate_series(1, 2) n",
        f"UPDATE ledger_account SET company_id = {theirs} WHERE company_id = {committed.company_id}",
    )
    for sql in forbidden:
        with pytest.raises(psycopg.Error) as error:
            connection.execute(sql)
        assert error.value.sqlstate in ("42501", "WH103"), sql
    for sql in (
        f"UPDATE ledger_account SET name = 'mine' WHERE company_id = {theirs}",
        f"UPDATE ledger_company SET name = 'mine' WHERE id = {theirs}",
        f"UPDATE ledger_period SET state = 0, reason = 'x' WHERE company_id = {theirs}",
        f"DELETE FROM ledger_exchange_rate WHERE company_id = {theirs}",
    ):
        assert connection.execute(sql).rowcount == 0
    names = f"SELECT count(*) FROM ledger_account WHERE company_id = {theirs} AND name = 'mine'"
    assert as_owner().execute(names).fetchone() == (0,)


def test_lines_cannot_name_an_account_of_another_company(committed: Firm, other: Firm) -> None:
    entry = committed.entry(("1000", 5), ("3000", -5))
    stolen = other.accounts["1000"]

    bad = dataclasses.replace(
        entry, lines=[dataclasses.replace(entry.lines[0], account_id=stolen), entry.lines[1]]
    )
    with pytest.raises(psycopg.Error) as error:
        committed.post(bad)
    assert error.value.sqlstate == "WH101"
    assert committed.count("ledger_entry") == 0


def test_the_verb_cannot_post_for_another_company(committed: Firm, other: Firm) -> None:
    with pytest.raises(psycopg.Error) as error, committed.work():
        services.post(company_id=other.company_id, entries=[other.entry(("1000", 5), ("3000", -5))])
    assert error.value.sqlstate == "42501"
    assert other.count("ledger_entry") == 2
