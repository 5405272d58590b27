"""Attacks in raw SQL, as the application's role: PostgreSQL itself refuses."""

import psycopg
import pytest
from tests.assets.conftest import Firm, day, make_firm

from wherewithal.assets import queries
from wherewithal.assets.queries import RegisterFilter
from wherewithal.kit import db
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.values import EntryDraft, LineDraft

FACTS = ("event", "event_rate", "batch", "placement", "value", "run", "terms", "asset_book", "class_terms")


def attack(firm: Firm, statement: str, *params: object) -> str | None:
    """The SQLSTATE that the statement is refused with; None if it went through."""
    try:
        with db.company_transaction(company_id=firm.company_id):
            db.execute(statement, params)
    except psycopg.Error as error:
        return error.sqlstate
    return None


@pytest.fixture
def machine(firm: Firm) -> tuple[Firm, int]:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-02-28")
    return firm, asset


@pytest.mark.parametrize("table", FACTS)
def test_facts_and_values_are_never_changed_or_removed(machine: tuple[Firm, int], table: str) -> None:
    firm, _ = machine
    for statement in (f"DELETE FROM assets_{table}", f"UPDATE assets_{table} SET company_id = company_id"):
        assert attack(firm, statement) in ("WH002", "42501")


def test_value_rows_are_the_lines_of_their_entry(machine: tuple[Firm, int]) -> None:
    firm, _ = machine
    copied = (
        "INSERT INTO assets_value SELECT company_id, book_id, asset_id, event_id, role, class_id, cost_centre_id,"
        " debit_account_id, credit_account_id, {amount}, cost_amount, carrying_amount, effective_on, {posting},"
        " {entry}, batch_id, recorded_at FROM assets_value WHERE role = 120"
    )
    assert attack(firm, copied.format(amount="1", posting="posting_on", entry="entry_id")) == "WH302"
    assert attack(firm, copied.format(amount="amount", posting="posting_on", entry="NULL")) == "WH302"
    assert attack(firm, copied.format(amount="amount", posting="posting_on + 1", entry="entry_id")) == "WH302"


def test_an_account_that_carries_assets_is_moved_by_assets_alone(machine: tuple[Firm, int]) -> None:
    """Whoever writes it: an entry that no batch of assets names, or that claims a batch of long ago."""
    firm, _ = machine
    ((cost, other),) = firm.query(
        "SELECT max(account_id) FILTER (WHERE account_role = 'asset_cost'),"
        " max(account_id) FILTER (WHERE account_role = 'asset_clearing') FROM ledger_account_map WHERE book_id = %s",
        firm.book_id,
    )
    ((batch,),) = firm.query("SELECT max(batch_id) FROM assets_batch")
    before = firm.counts()

    def post(account: int, batch_id: int | None) -> str | None:
        entry = EntryDraft(
            book_id=firm.book_id,
            effective_on=day("2026-03-01"),
            posting_on=day("2026-03-01"),
            source="assets",
            lines=[LineDraft(account, 5), LineDraft(other, -5)],
            batch_id=batch_id,
        )
        try:
            with db.company_transaction(company_id=firm.company_id):
                ledger_services.post(company_id=firm.company_id, entries=[entry])
        except psycopg.Error as error:
            return error.sqlstate
        return None

    assert (post(cost, None), post(cost, batch)) == ("WH303", "WH303")
    assert firm.counts() == before


def test_nobody_sees_or_names_the_assets_of_another_company(machine: tuple[Firm, int]) -> None:
    firm, asset = machine
    other = make_firm()
    for table in ("asset", "event", "value", "batch", "standing", "placement"):
        assert other.query(f"SELECT count(*) FROM assets_{table}") == [(0,)]
    taken = (
        "INSERT INTO assets_asset (company_id, tag, name, class_id, parent_id) VALUES (%s, 'X', 'X', %s, %s)"
    )
    assert attack(other, taken, other.company_id, other.classes["MACH"], asset) == "23503"
    assert attack(other, taken, firm.company_id, firm.classes["MACH"], None) == "42501"


def test_a_ring_of_parts_is_refused(machine: tuple[Firm, int]) -> None:
    firm, asset = machine
    part = firm.buy("1.00", "2026-01-01")
    assert attack(firm, "UPDATE assets_asset SET parent_id = %s WHERE id = %s", asset, part) is None
    assert attack(firm, "UPDATE assets_asset SET parent_id = %s WHERE id = %s", part, asset) == "WH301"


def test_the_register_finds_by_tag_name_and_serial(firm: Firm) -> None:
    firm.buy("1.00", "2026-01-01", tag="T-1", name="Große Drehbank", serial_no="sn-77")
    firm.buy("1.00", "2026-01-01", tag="T-2", name="Drill")
    with db.company_transaction(company_id=firm.company_id):
        for text, tags in (
            ("T-", ["T-1", "T-2"]),
            ("grosse", []),
            ("große d", ["T-1"]),
            ("sn-7", ["T-1"]),
            ("x", []),
        ):
            found = queries.register(
                firm.company_id, filters=RegisterFilter(text=text), as_of=day("2026-02-01")
            )
            assert [row.tag for row in found] == tags
