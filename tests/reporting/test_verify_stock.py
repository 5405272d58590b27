"""Whatever a superuser does to goods and their value is found and named."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.reporting.conftest import Damage, Firm, findings
from tests.reporting.goods import Shop, a_week, at, open_shop

from wherewithal.kit.db import company_transaction, fetch_one
from wherewithal.stock.services.reservations import ReservationDraft, reserve


@pytest.fixture
def shop(firm: Firm) -> Shop:
    return open_shop(firm)


def test_a_sound_week_passes_every_check_also_the_deep_one(shop: Shop) -> None:
    a_week(shop)

    assert findings(shop.company_id, deep=True) == {}


def test_a_balance_without_its_moves(shop: Shop, damage: Damage) -> None:
    a_week(shop)

    damage(
        "UPDATE stock_quant SET qty = qty + 3 WHERE company_id = %s AND item_id = %s AND location_id = %s",
        shop.company_id,
        shop.bolt,
        shop.places["A1"],
        triggers_of=("stock_quant",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"goods conserved", "balances", "stock value"}
    (finding,) = found["balances"]
    assert finding.where == f"item {shop.bolt}, location {shop.places['A1']}, lot 0"
    assert (finding.expected, finding.found) == ("11", "14")
    assert found["goods conserved"][0].where == f"item {shop.bolt}"


def test_goods_shifted_between_places(shop: Shop, damage: Damage) -> None:
    a_week(shop)

    damage(
        """
        UPDATE stock_quant SET qty = qty + CASE location_id WHEN %s THEN 1 ELSE -1 END
        WHERE company_id = %s AND item_id = %s
        """,
        shop.places["A1"],
        shop.company_id,
        shop.bolt,
        triggers_of=("stock_quant",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"balances"}
    assert [f.where for f in found["balances"]] == [
        f"item {shop.bolt}, location {shop.places['A1']}, lot 0",
        f"item {shop.bolt}, location {shop.places['A2']}, lot 0",
    ]


def test_a_changed_quantity_of_a_move(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "UPDATE stock_move SET qty = 6 WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_move",),
    )

    found = findings(shop.company_id, deep=True)
    assert set(found) == {"goods conserved", "balances", "months", "costs recomputed"}
    first = found["costs recomputed"][0]
    assert first.what == "a value that does not follow from the facts"
    assert first.where.startswith(
        f"book {shop.book_id}, move {moves['sold']}, cause {moves['sold']}, role 20 (issue)"
    )
    assert (first.expected, first.found) == ("1800", "1500")


def test_a_move_that_vanished(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "DELETE FROM stock_move WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_move",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"goods conserved", "balances", "value rows", "months", "batches"}
    assert f"move {moves['sold']}," in found["value rows"][0].where


def test_value_that_vanished_leaves_goods_without_value(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "DELETE FROM stock_value WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_value",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"stock value", "stock and ledger", "entries decompose", "goods with value"}
    (finding,) = found["goods with value"]
    assert f"move {moves['sold']} " in finding.where
    assert finding.expected == "value rows of at least 1000"  # 5 at 2.00, the least ever paid


def test_a_changed_value_row(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "UPDATE stock_value SET amount = amount + 100, stock_amount = stock_amount - 100"
        " WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_value",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"stock value", "stock and ledger", "entries decompose"}
    (pool,) = found["stock value"]
    assert pool.where == f"book {shop.book_id}, item {shop.bolt}, scope 0"
    assert (pool.expected, pool.found) == ("4400", "4500")


def test_a_pool_that_was_tampered_with(shop: Shop, damage: Damage) -> None:
    a_week(shop)

    damage(
        "UPDATE stock_cost_state SET value = value - 1 WHERE company_id = %s AND item_id = %s",
        shop.company_id,
        shop.bolt,
    )

    found = findings(shop.company_id)
    assert set(found) == {"stock value"}
    assert (found["stock value"][0].expected, found["stock value"][0].found) == ("4500", "4499")


def test_a_state_that_was_forged_in_the_same_sums_is_found_by_the_deep_check(
    shop: Shop, damage: Damage
) -> None:
    a_week(shop)

    damage(
        "UPDATE stock_cost_state SET state = set_byte(state, length(state) - 1, 7)"
        " WHERE company_id = %s AND item_id = %s",
        shop.company_id,
        shop.bolt,
    )

    assert findings(shop.company_id) == {}
    found = findings(shop.company_id, deep=True)
    assert set(found) == {"costs recomputed"}
    assert found["costs recomputed"][0].what == "a pool that does not follow from the facts"


def test_an_entry_on_the_inventory_account_that_no_goods_made(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    with company_transaction(company_id=shop.company_id):
        row = fetch_one(
            "SELECT account_id FROM ledger_account_map WHERE company_id = %s AND account_role = 'inventory'",
            (shop.company_id,),
        )
    assert row is not None
    switch = "ALTER TABLE ledger_line {} TRIGGER ledger_line_has_goods"
    damage(switch.format("DISABLE"))
    damage(
        """
        WITH e AS (
            INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source)
            VALUES (%s, %s, nextval('ledger_entry_id_seq'), '2025-03-07', '2025-03-07', now(), 'forged')
            RETURNING *
        )
        INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on,
                                 posting_on, recorded_at)
        SELECT e.company_id, e.book_id, e.entry_id, v.no, v.account, v.amount, e.effective_on, e.posting_on,
               e.recorded_at
        FROM e, (VALUES (1, %s::int, 999), (2, (SELECT min(id) FROM ledger_account WHERE company_id = %s), -999))
             AS v (no, account, amount)
        """,
        shop.company_id,
        shop.book_id,
        row[0],
        shop.company_id,
    )
    damage(switch.format("ENABLE"))

    found = findings(shop.company_id)
    assert set(found) == {"stock and ledger"}
    assert (
        found["stock and ledger"][0].where == f"book {shop.book_id}, account {row[0]}, posted on 2025-03-07"
    )
    assert (found["stock and ledger"][0].expected, found["stock and ledger"][0].found) == ("0", "999")


def test_claims_and_what_is_reserved(shop: Shop, damage: Damage) -> None:
    a_week(shop)
    (claim,) = reserve(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key="claim",
        lines=[ReservationDraft(shop.bolt, shop.places["A1"], Decimal(4))],
        now=at(7),
        today=date(2025, 3, 7),
    )
    assert findings(shop.company_id) == {}

    damage(
        "UPDATE stock_reservation SET open_qty = 1 WHERE company_id = %s AND reservation_id = %s",
        shop.company_id,
        claim,
        triggers_of=("stock_reservation",),
    )

    (finding,) = findings(shop.company_id)["reservations"]
    assert finding.what == "reserved is not the sum of open claims"
    assert (finding.expected, finding.found) == ("1", "4")


def test_a_serial_in_two_places(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        """
        INSERT INTO stock_move (company_id, move_id, batch_id, document_id, event_id, line_no, item_id,
            from_location_id, to_location_id, lot_id, qty, effective_at, effective_on, phase, key, kind, recorded_at)
        SELECT company_id, move_id + 1000000000, batch_id, document_id, event_id, 9, item_id,
            from_location_id, %s, lot_id, qty, effective_at, effective_on, phase, gen_random_uuid(), kind, recorded_at
        FROM stock_move WHERE company_id = %s AND move_id = %s
        """,
        shop.places["A1"],
        shop.company_id,
        moves["drill two"],
        triggers_of=("stock_move",),
    )

    (finding,) = findings(shop.company_id)["serials"]
    assert "serial D2" in finding.where
    assert finding.found == "2 units in 2 places"


def test_a_history_that_was_below_zero(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "UPDATE stock_move SET effective_at = %s, effective_on = '2025-03-01' WHERE company_id = %s AND move_id = %s",
        datetime(2025, 3, 1, 8, tzinfo=UTC),
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_move",),
    )

    (finding,) = findings(shop.company_id)["never negative"]
    assert (
        finding.where
        == f"item {shop.bolt}, location {shop.places['A1']}, lot 0, from 2025-03-01 09:00 Europe/Vienna"
    )
    assert finding.found == "-5 at the lowest"


def test_a_batch_that_vanished(shop: Shop, damage: Damage) -> None:
    a_week(shop)

    damage(
        "DELETE FROM stock_batch WHERE company_id = %s AND idempotency_key = '4'",
        shop.company_id,
        triggers_of=("stock_batch",),
    )

    (finding,) = findings(shop.company_id)["written once"]
    assert finding.what == "moves without their batch"


def test_the_posting_dates_of_value_rows(shop: Shop, damage: Damage) -> None:
    moves = a_week(shop)

    damage(
        "UPDATE stock_value SET posting_on = posting_on + 1 WHERE company_id = %s AND move_id = %s",
        shop.company_id,
        moves["sold"],
        triggers_of=("stock_value",),
    )

    found = findings(shop.company_id)
    assert set(found) == {"stock and ledger", "value rows"}
    assert found["value rows"][0].what == "a value row with other dates than its entry"
