"""On hand, availability, moves, cards and valuation, now and in the past."""

from datetime import date
from decimal import Decimal

import pytest

from tests.stock.conftest import Shop, at
from wherewithal.kit import db
from wherewithal.stock import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(shop: Shop) -> Shop:
    shop.receive("BOLT", 10, 1, at("03-01"))
    shop.receive("BOLT", 10, 2, at("03-10"), place="B-1")
    shop.issue("BOLT", 4, at("03-20"))
    shop.move("BOLT", 2, at("03-25"), "B-1", "A-2")
    return shop


def _cells(shop: Shop, **filters: object) -> dict[str, Decimal]:
    with db.company_transaction(company_id=shop.company_id):
        rows = queries.on_hand(shop.company_id, **filters)  # type: ignore[arg-type]
    return {row.location_code: row.qty for row in rows}


def test_on_hand_now_and_then(story: Shop) -> None:
    assert _cells(story) == {"A-1": 6, "A-2": 2, "B-1": 8}
    assert _cells(story, as_of=date(2026, 3, 9)) == {"A-1": 10}
    assert _cells(story, as_of=date(2026, 3, 10)) == {"A-1": 10, "B-1": 10}
    assert _cells(story, as_of=at("03-20", "11:59")) == {"A-1": 10, "B-1": 10}
    assert _cells(story, as_of=at("03-20", "12:00")) == {"A-1": 6, "B-1": 10}


def test_a_place_includes_what_lies_in_it(story: Shop) -> None:
    assert _cells(story, location_id=story.places["WH-A"]) == {"A-1": 6, "A-2": 2}
    assert _cells(story, location_id=story.places["WH-A"], as_of=date(2026, 3, 20)) == {"A-1": 6}


def test_known_at_shows_what_was_recorded_by_then(story: Shop) -> None:
    before = story.query("SELECT max(recorded_at) FROM stock_batch")[0][0]
    story.receive("BOLT", 5, 3, at("03-02"))
    assert _cells(story, as_of=date(2026, 3, 9)) == {"A-1": 15}
    assert _cells(story, as_of=date(2026, 3, 9), known_at=before) == {"A-1": 10}


def test_pages_follow_each_other(story: Shop) -> None:
    story.receive("NUT", 1, 1, at("03-01"))
    with db.company_transaction(company_id=story.company_id):
        first = queries.on_hand(story.company_id, limit=2)
        second = queries.on_hand(story.company_id, limit=2, after=first[-1].key)
        third = queries.on_hand(story.company_id, limit=2, after=second[-1].key)
    assert [(row.sku, row.location_code) for row in (*first, *second)] == [
        ("BOLT", "A-1"),
        ("BOLT", "A-2"),
        ("BOLT", "B-1"),
        ("NUT", "A-1"),
    ]
    assert third == []


def test_valuation_of_a_day(story: Shop) -> None:
    """20 for 30.00; 4 leave at 1.50 each."""
    with db.company_transaction(company_id=story.company_id):
        now = queries.valuation(story.company_id, story.book_id)
        then = queries.valuation(story.company_id, story.book_id, as_of=date(2026, 3, 9))
        total = queries.total_value(story.company_id, story.book_id, as_of=date(2026, 3, 19))
    assert [(row.sku, row.qty, row.value, row.unit_cost) for row in now] == [("BOLT", 16, 24, Decimal("1.5"))]
    assert [(row.qty, row.value) for row in then] == [(10, 10)]
    assert total == 30


def test_the_card_runs_over_all_moves(story: Shop) -> None:
    with db.company_transaction(company_id=story.company_id):
        card = queries.ledger_card(story.company_id, story.book_id, story.items["BOLT"])
        page = queries.ledger_card(
            story.company_id, story.book_id, story.items["BOLT"], limit=2, before=card[1].key
        )
    assert [(row.qty, row.value, row.running_qty, row.running_value) for row in card] == [
        (0, 0, 16, 24),
        (-4, -6, 16, 24),
        (10, 20, 20, 30),
        (10, 10, 10, 10),
    ]
    assert page == card[2:]


def test_a_move_in_full(story: Shop) -> None:
    with db.company_transaction(company_id=story.company_id):
        rows = queries.moves(story.company_id, item_id=story.items["BOLT"])
        detail = queries.move(story.company_id, rows[1].move_id)
    assert [row.qty for row in rows] == [2, 4, 10, 10]
    assert detail.stock_value == {story.book_id: Decimal("-6.00")}
    assert [(value.amount, value.stock_amount) for value in detail.trail] == [(Decimal("6.00"), Decimal("-6.00"))]
