"""Claims on stock: never more than is there, never of what is blocked, never lost."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.items import services as items_services
from wherewithal.items.values import LotStatus
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.stock import queries
from wherewithal.stock.queries import Removal
from wherewithal.stock.services import reservations
from wherewithal.stock.services.reservations import ReservationDraft

pytestmark = pytest.mark.django_db
NOW, TODAY = datetime(2026, 4, 1, 8, tzinfo=UTC), date(2026, 4, 1)


def reserve(
    shop: Shop, sku: str, qty: str, place: str = "A-1", *, key: str = "k", lot_id: int = 0
) -> list[int]:
    line = ReservationDraft(shop.items[sku], shop.places[place], Decimal(qty), lot_id=lot_id)
    return reservations.reserve(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key=key,
        lines=[line],
        reference="SO-1",
        now=NOW,
        today=TODAY,
    )


def claimed(shop: Shop) -> list[tuple[int, int]]:
    return shop.query("SELECT qty, reserved FROM stock_quant ORDER BY item_id, location_id, lot_id")


def refused(shop: Shop, *arguments: Any, **options: Any) -> list[tuple[str, str]]:
    """(field, rule) of the refusal; nothing may have been written."""
    before = shop.counts()
    with pytest.raises(Refused) as caught:
        reserve(shop, *arguments, **options)
    assert shop.counts() == before
    return [(problem.field, problem.rule) for problem in caught.value.problems]


def test_a_claim_takes_stock_out_of_what_is_available(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    (reservation_id,) = reserve(shop, "BOLT", "4")
    assert claimed(shop) == [(10, 4)]
    with db.company_transaction(company_id=shop.company_id):
        (row,) = queries.list_reservations(shop.company_id)
        (cell,) = queries.on_hand(shop.company_id, today=TODAY)
    assert (row.reservation_id, row.qty, row.open_qty, row.reference) == (reservation_id, 4, 4, "SO-1")
    assert (cell.qty, cell.reserved, cell.available) == (10, 4, 6)
    check_whole(shop)


def test_more_than_is_free_is_refused_and_said_by_how_much(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    reserve(shop, "BOLT", "8")
    with pytest.raises(Refused) as caught:
        reserve(shop, "BOLT", "5", key="k2")
    (problem,) = caught.value.problems
    assert (problem.field, problem.rule) == ("qty", "available")
    assert "3 pcs of BOLT more than" in problem.message
    assert claimed(shop) == [(10, 8)]


def test_what_cannot_be_claimed(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    assert refused(shop, "BOLT", "0") == [("qty", "positive")]
    assert refused(shop, "BOLT", "1", "CUSTOMER") == [("location_id", "held")]
    assert refused(shop, "BOLT", "1", "B-1") == [("qty", "available")]
    assert [rule for _, rule in refused(shop, "BOLT", "0.5")] != []
    assert refused(shop, "BOLT", "1", lot_id=999) == [("lot_id", "exists")]


def test_blocked_and_expired_lots_are_not_claimed(shop: Shop) -> None:
    shop.item("GLUE", tracking=1)
    shop.receive("GLUE", 5, 1, at("03-01"), lot_code="OLD", expires_on=date(2026, 3, 31))
    shop.receive("GLUE", 5, 1, at("03-01", "12:01"), lot_code="BAD", expires_on=date(2026, 9, 1))
    lots = dict(shop.query("SELECT code, id FROM items_lot"))
    items_services.set_lot_status(
        company_id=shop.company_id, actor_id=None, lot_ids=[lots["BAD"]], status=LotStatus.QUARANTINED
    )
    assert refused(shop, "GLUE", "1", lot_id=lots["OLD"]) == [("lot_id", "not_expired")]
    assert refused(shop, "GLUE", "1", lot_id=lots["BAD"]) == [("lot_id", "available")]
    assert refused(shop, "GLUE", "1") == [("lot_id", "required")]


def test_the_same_key_gives_the_first_answer(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    first = reserve(shop, "BOLT", "4")
    assert reserve(shop, "BOLT", "4") == first
    assert claimed(shop) == [(10, 4)]
    with pytest.raises(Conflict):
        reserve(shop, "BOLT", "5")


def test_claims_are_given_up_in_parts(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    (id_,) = reserve(shop, "BOLT", "4")
    give_up = {"company_id": shop.company_id, "actor_id": None, "now": NOW}
    reservations.release(quantities={id_: 1}, **give_up)
    assert claimed(shop) == [(10, 3)]
    with pytest.raises(Refused):
        reservations.release(quantities={id_: 4}, **give_up)
    reservations.release(quantities={id_: None}, **give_up)
    assert claimed(shop) == [(10, 0)]
    assert shop.query("SELECT open_qty, closed_at FROM stock_reservation") == [(0, NOW)]


def test_goods_that_are_claimed_do_not_leave(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    reserve(shop, "BOLT", "8")
    before = shop.counts()
    with pytest.raises(Refused):
        shop.issue("BOLT", 3, at("04-01"))
    assert shop.counts() == before
    shop.issue("BOLT", 2, at("04-01"))
    assert claimed(shop) == [(8, 8)]


@pytest.mark.parametrize(
    ("removal", "expected"),
    [
        (Removal.FEFO, [("L3", 4), ("L1", 3)]),
        (Removal.FIFO, [("L1", 5), ("L3", 2)]),
        (Removal.LIFO, [("L3", 4), ("L1", 3)]),
    ],
)
def test_where_to_pick_from(shop: Shop, removal: Removal, expected: list[tuple[str, int]]) -> None:
    """L1 came first but keeps longer than L3; L2 has expired; one of L3's five is claimed."""
    item = shop.item("GLUE", tracking=1)
    for minute, (lot, expires_on) in enumerate(
        [("L1", date(2026, 9, 1)), ("L2", date(2026, 3, 1)), ("L3", date(2026, 6, 1))]
    ):
        shop.receive("GLUE", 5, 1, at("03-01", f"12:0{minute}"), lot_code=lot, expires_on=expires_on)
    lots = dict(shop.query("SELECT code, id FROM items_lot"))
    reserve(shop, "GLUE", "1", lot_id=lots["L3"])
    with db.company_transaction(company_id=shop.company_id):
        picks = queries.suggest_picks(shop.company_id, item_id=item, qty=7, today=TODAY, removal=removal)
    assert [(pick.lot_code, pick.qty) for pick in picks] == expected


@pytest.mark.django_db(transaction=True)
def test_many_claim_at_once_and_none_too_much(shops: Any) -> None:
    """Twelve threads ask for 3 of 20 each: six get it, and what is claimed is 18."""
    shop = shops()
    shop.receive("BOLT", 20, 1, at("03-01"))
    got: list[int] = []

    def ask(number: int) -> None:
        try:
            got.extend(db.run_retrying(lambda: reserve(shop, "BOLT", "3", key=f"k{number}")))
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert claimed(shop) == [(20, 18)]
