"""Rows that are kept beside the facts: damaged by a superuser, found and named."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.reporting.conftest import Damage, Firm, findings
from tests.reporting.goods import Shop, a_week, at, open_shop, record

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import services as ledger
from wherewithal.stock.drafts import DocumentKind, LineDraft


@pytest.fixture
def shop(firm: Firm) -> Shop:
    return open_shop(firm)


def kit(shop: Shop) -> None:
    """A drill that is made of two bolts."""
    a1, a2 = shop.places["A1"], shop.places["A2"]
    record(
        shop,
        "kit",
        DocumentKind.PRODUCTION,
        at(7),
        LineDraft(shop.bolt, Decimal(2), from_location_id=a1, consumed=True),
        LineDraft(shop.drill, 1, to_location_id=a2, serials=("D9",)),
    )


def row(shop: Shop, sql: str) -> tuple[object, ...]:
    with company_transaction(company_id=shop.company_id):
        return fetch_all(sql)[0]


def test_a_sound_week_with_production_passes(shop: Shop) -> None:
    a_week(shop)
    kit(shop)
    assert findings(shop.company_id) == {}


@pytest.mark.parametrize(
    ("sql", "expected", "found"),
    [
        ("UPDATE stock_quant_month SET qty = qty + 2", "11", "13"),
        ("DELETE FROM stock_quant_month", "11", "0"),
    ],
)
def test_a_month(shop: Shop, damage: Damage, sql: str, expected: str, found: str) -> None:
    a_week(shop)
    damage(
        f"{sql} WHERE company_id = %s AND item_id = %s AND location_id = %s",
        shop.company_id,
        shop.bolt,
        shop.places["A1"],
        triggers_of=("stock_quant_month",),
    )
    (finding,) = findings(shop.company_id)["months"]
    assert finding.where == f"month 2025-03, item {shop.bolt}, location {shop.places['A1']}"
    assert (finding.expected, finding.found) == (expected, found)


def test_a_month_in_which_nothing_moved(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage(
        "INSERT INTO stock_quant_month VALUES (%s, '2025-02-01', %s, %s, 7)",
        shop.company_id,
        shop.bolt,
        shop.places["A2"],
        triggers_of=("stock_quant_month",),
    )
    found = findings(shop.company_id)
    assert set(found) == {"months"}
    (finding,) = found["months"]
    assert finding.where == f"month 2025-02, item {shop.bolt}, location {shop.places['A2']}"
    assert (finding.expected, finding.found) == ("0", "7")


@pytest.mark.parametrize("change", ["last_at = '2025-03-05'", "last_recorded_at = '2025-03-05'"])
def test_the_latest_instant_of_an_item(shop: Shop, damage: Damage, change: str) -> None:
    a_week(shop)
    damage(
        f"UPDATE stock_item_lock SET {change} WHERE company_id = %s AND item_id = %s",
        shop.company_id,
        shop.bolt,
    )
    found = findings(shop.company_id)
    assert set(found) == {"late facts"}
    (finding,) = found["late facts"]
    assert finding.where == f"item {shop.bolt}"
    assert finding.expected.startswith("2025-03-06 11:00 Europe/Vienna, recorded ")


@pytest.mark.parametrize(
    "sql", ["DELETE FROM stock_cost_edge", "UPDATE stock_cost_edge SET last_on = '2025-03-01'"]
)
def test_what_was_made_of_what(shop: Shop, damage: Damage, sql: str) -> None:
    a_week(shop)
    kit(shop)
    damage(f"{sql} WHERE company_id = %s", shop.company_id)
    found = findings(shop.company_id)
    assert set(found) == {"late facts"}
    (finding,) = found["late facts"]
    assert finding.where == f"item {shop.drill}, made of item {shop.bolt}"
    assert finding.expected == "2025-03-07 or later"


def test_the_last_move_of_a_balance(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage(
        "UPDATE stock_quant SET last_at = '2025-03-01' WHERE company_id = %s AND item_id = %s AND location_id = %s",
        shop.company_id,
        shop.bolt,
        shop.places["A1"],
        triggers_of=("stock_quant",),
    )
    found = findings(shop.company_id)
    assert set(found) == {"balances"}
    assert found["balances"][0].where == f"item {shop.bolt}, location {shop.places['A1']}, lot 0"


def test_the_serial_of_a_balance(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage(
        "UPDATE stock_quant SET serial_lot_id = NULL WHERE company_id = %s AND serial_lot_id IS NOT NULL",
        shop.company_id,
        triggers_of=("stock_quant",),
    )
    found = findings(shop.company_id)
    assert set(found) == {"balances"}
    assert "which serial" in found["balances"][0].what


@pytest.mark.parametrize("change", ["move_count = move_count + 1", "first_move_id = first_move_id - 1"])
def test_a_document(shop: Shop, damage: Damage, change: str) -> None:
    a_week(shop)
    damage(
        f"UPDATE stock_document SET {change} WHERE company_id = %s AND kind = 'transfer'",
        shop.company_id,
        triggers_of=("stock_document",),
    )
    found = findings(shop.company_id)
    assert set(found) == {"batches"}
    assert found["batches"][0].what == "a document with other moves than it says"


def test_the_moment_of_a_batch(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)
    damage(
        "UPDATE stock_move SET recorded_at = '2025-03-01' WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["moved"],
        triggers_of=("stock_move",),
    )
    (batch,) = row(shop, f"SELECT batch_id FROM stock_move WHERE move_id = {moves['moved']}")
    found = findings(shop.company_id)
    assert set(found) == {"batches"}
    assert found["batches"][0].where == f"batch {batch}"
    assert found["batches"][0].what == "moves that were not recorded with their batch"


def test_the_entries_of_a_batch(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)
    (entry_id,) = row(shop, f"SELECT max(entry_id) FROM stock_value WHERE company_id = {shop.company_id}")
    (batch,) = row(shop, f"SELECT batch_id FROM stock_move WHERE move_id = {moves['moved']}")
    damage(
        "UPDATE stock_value SET (batch_id, recorded_at) = (SELECT batch_id, recorded_at FROM stock_batch b"
        " WHERE b.company_id = stock_value.company_id AND b.batch_id = %s) WHERE company_id = %s AND entry_id = %s",
        batch,
        shop.company_id,
        entry_id,
        triggers_of=("stock_value",),
    )
    found = findings(shop.company_id)
    assert set(found) == {"value rows"}
    assert found["value rows"][0].what == "a value row of another batch than its entry"
    assert found["value rows"][0].where.endswith(f"entry {entry_id}")


def test_the_day_of_a_move(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)
    damage(
        "UPDATE stock_move SET effective_on = '2025-03-16' WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["moved"],
        triggers_of=("stock_move",),
    )
    (finding,) = findings(shop.company_id)["batches"]
    assert (finding.where, finding.expected, finding.found) == (
        f"move {moves['moved']}",
        "2025-03-06",
        "2025-03-16",
    )


def test_a_book_that_is_kept_up_no_more(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage("DELETE FROM stock_filled_book WHERE company_id = %s", shop.company_id)
    found = findings(shop.company_id)
    assert set(found) == {"books and periods", "stock value"}
    assert found["books and periods"][0].where.startswith(f"book {shop.book_id}")


def test_a_book_that_lost_all_its_values(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage("DELETE FROM stock_value WHERE company_id = %s", shop.company_id, triggers_of=("stock_value",))
    found = findings(shop.company_id)
    assert "stock value" in found
    assert "stock and ledger" in found


def test_a_period_that_was_opened_without_a_trace(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    ledger.close_period(
        company_id=shop.company_id,
        actor_id=None,
        book_id=shop.book_id,
        end_on=date(2025, 3, 31),
        reason="month end",
    )
    assert findings(shop.company_id) == {}
    damage(
        "UPDATE ledger_period SET state = 0 WHERE company_id = %s AND end_on = '2025-03-31'",
        shop.company_id,
        triggers_of=("ledger_period",),
    )
    (finding,) = findings(shop.company_id)["books and periods"]
    assert finding.where == f"book {shop.book_id}, month to 2025-03-31"
    assert (finding.expected, finding.found) == ("closed", "open")


def test_a_guard_that_looks_astray(shop: Shop, damage: Damage) -> None:
    function = "ALTER FUNCTION stock_values_have_a_batch() {} search_path"
    damage(function.format("RESET"), undo_by=function.format("SET") + " = pg_catalog, public, pg_temp")
    (finding,) = findings(shop.company_id)["guards"]
    assert finding.where == "function stock_values_have_a_batch"


def test_goods_that_came_for_less_than_nothing_may_leave_for_nothing(shop: Shop) -> None:
    """A rebate of the whole price: ten bolts worth nothing; what leaves is worth nothing, and verify agrees."""
    a1 = shop.places["A1"]
    first = record(
        shop,
        "r",
        DocumentKind.RECEIPT,
        at(3),
        LineDraft(shop.bolt, Decimal(10), to_location_id=a1, amount=Decimal(10)),
    )
    move_id = first.documents[0].move_ids[0]
    record(
        shop,
        "rebate",
        DocumentKind.LANDED_COST,
        datetime(2025, 3, 4, tzinfo=UTC),
        LineDraft(shop.bolt, of_move_id=move_id),
        amount=Decimal(-10),
    )
    record(shop, "i", DocumentKind.ISSUE, at(5), LineDraft(shop.bolt, Decimal(4), from_location_id=a1))
    assert findings(shop.company_id) == {}


def test_an_account_that_was_mapped_behind_the_books_back(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    damage(
        "INSERT INTO ledger_account_map (company_id, book_id, account_role, account_id, effective_on)"
        " SELECT company_id, book_id, 'cost_of_sales', account_id, '2025-01-01' FROM ledger_account_map"
        " WHERE company_id = %s AND account_role = 'scrap_loss'",
        shop.company_id,
    )
    assert findings(shop.company_id) == {}
    (finding,) = findings(shop.company_id, deep=True)["accounts as mapped"]
    assert finding.what == "value on another account than the map names"
    assert "issue of category" in finding.where
    assert "2025-03-05" in finding.where
