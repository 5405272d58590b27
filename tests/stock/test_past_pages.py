"""Pages of the past, one after the other, are the whole: however short they are, and whatever lies between."""

from datetime import date

import pytest
from tests.stock.conftest import Shop, at

from wherewithal.kit import db
from wherewithal.stock import queries
from wherewithal.stock.queries import Detail, OnHandFilter

DAY = date(2026, 2, 10)


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    """Seven items in two warehouses in January and February, one that came later, some that never moved."""
    for number in range(12):
        shop.item(f"I{number:02d}")
    for number in (0, 1, 2, 5, 6, 9, 11):
        shop.receive(f"I{number:02d}", 10 + number, "2.50", at("01-15"))
        shop.receive(f"I{number:02d}", 4, "3.00", at("02-05"), "B-1")
        shop.issue(f"I{number:02d}", number + 1, at("02-20"))
    shop.receive("I07", 3, "1.00", at("02-20"))
    return shop


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_short_pages_of_a_past_valuation_are_the_whole(stocked: Shop, limit: int) -> None:
    with db.company_transaction(company_id=stocked.company_id, read_only=True):
        whole = queries.valuation(stocked.company_id, book_id=stocked.book_id, as_of=DAY, limit=1001)
        pages, after = [], None
        while rows := queries.valuation(
            stocked.company_id, book_id=stocked.book_id, as_of=DAY, after=after, limit=limit
        ):
            pages += rows
            after = (rows[-1].sku, rows[-1].scope_id)
    assert pages == whole
    # 10 + number pieces at 2.50 and 4 at 3.00: nothing of what came or went later.
    assert [(row.sku, row.qty, row.value) for row in whole] == [
        (f"I{n:02d}", 14 + n, (10 + n) * 250 + 1200) for n in (0, 1, 2, 5, 6, 9, 11)
    ]


@pytest.mark.parametrize("as_of", [None, DAY])
@pytest.mark.parametrize("detail", list(Detail))
def test_short_pages_of_stock_on_hand_are_the_whole(
    stocked: Shop, detail: Detail, as_of: date | None
) -> None:
    with db.company_transaction(company_id=stocked.company_id, read_only=True):
        whole = queries.on_hand(stocked.company_id, today=DAY, detail=detail, as_of=as_of, limit=1001)
        pages, after = [], None
        while rows := queries.on_hand(
            stocked.company_id, today=DAY, detail=detail, as_of=as_of, after=after, limit=2
        ):
            pages += rows
            after = (rows[-1].sku, rows[-1].location_code, rows[-1].lot_code)
    assert pages == whole
    held = sum(14 + n for n in (0, 1, 2, 5, 6, 9, 11))
    left = held - sum(n + 1 for n in (0, 1, 2, 5, 6, 9, 11)) + 3
    assert sum(row.qty for row in whole) == (held if as_of else left)


def test_a_place_in_the_past_holds_only_its_own(stocked: Shop) -> None:
    with db.company_transaction(company_id=stocked.company_id, read_only=True):
        rows = queries.on_hand(
            stocked.company_id,
            today=DAY,
            as_of=DAY,
            filters=OnHandFilter(location_id=stocked.places["WH-B"]),
            limit=50,
        )
    assert [(row.sku, row.location_code, row.qty) for row in rows] == [
        (f"I{n:02d}", "B-1", 4) for n in (0, 1, 2, 5, 6, 9, 11)
    ]


def test_value_by_category_at_month_ends(stocked: Shop) -> None:
    with db.company_transaction(company_id=stocked.company_id, read_only=True):
        rows = queries.value_by_category(
            stocked.company_id, book_id=stocked.book_id, first=date(2025, 12, 1), last=date(2026, 2, 10)
        )
    january = sum((10 + n) * 250 for n in (0, 1, 2, 5, 6, 9, 11))
    assert [(row.day, row.value) for row in rows] == [
        (date(2026, 1, 31), january),
        (date(2026, 2, 10), january + 7 * 1200),
    ]


def test_a_place_on_a_past_day_by_short_pages_and_before_all(stocked: Shop) -> None:
    """B-1 held four of each of seven items on the day, by lot as by place; before the first move there was nothing."""
    wanted = OnHandFilter(location_id=stocked.places["WH-B"])
    with db.company_transaction(company_id=stocked.company_id, read_only=True):
        for detail in (Detail.LOCATION, Detail.LOT):
            pages, after = [], None
            while rows := queries.on_hand(
                stocked.company_id, today=DAY, detail=detail, filters=wanted, as_of=DAY, after=after, limit=3
            ):
                pages += rows
                after = (rows[-1].sku, rows[-1].location_code, rows[-1].lot_code)
            assert [(row.sku, row.qty) for row in pages] == [(f"I{n:02d}", 4) for n in (0, 1, 2, 5, 6, 9, 11)]
            early = date(2026, 1, 1)
            assert queries.on_hand(stocked.company_id, today=DAY, detail=detail, as_of=early) == []
        transit = queries.location_ids(stocked.company_id, ["TRANSIT"])["TRANSIT"]
        never = OnHandFilter(location_id=transit)
        assert queries.on_hand(stocked.company_id, today=DAY, filters=never) == []
        of_b = queries.contents(stocked.company_id, location_ids=[stocked.places["B-1"]])
        assert of_b == {
            place: what
            for place, what in queries.contents(stocked.company_id).items()
            if place == stocked.places["B-1"]
        }
        assert [what.items for what in of_b.values()] == [7]
