"""A book that is added years later says what it would have said, had it been there from the first day."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.items.values import Tracking
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger
from wherewithal.ledger.services import RateDraft
from wherewithal.reporting import verify
from wherewithal.stock import services
from wherewithal.stock.drafts import AllocateBy, LineDraft
from wherewithal.stock.services import NrvEstimate, StandardCostDraft

METHODS = ("fifo", "lifo", "moving_average", "periodic_average", "standard", "specific")


def book(shop: Shop, code: str, **given: Any) -> int:
    values = {"name": code, "standard": "local", "cost_scope": "warehouse"} | given
    return ledger.create_book(company_id=shop.company_id, actor_id=None, code=code, **values)


def fill(shop: Shop, book_id: int) -> list[int]:
    return services.fill_book(company_id=shop.company_id, actor_id=None, book_id=book_id)


def policies(shop: Shop, book_id: int, method: str) -> None:
    """The method since ever, another one from 10 March, standards that change in February."""
    for sku, first, then in (
        ("BOLT", "2.10", "2.35"),
        ("PAINT", "4.50", "5"),
        ("KIT", "12", "13"),
        ("SAW", "48", "49"),
    ):
        services.set_standard_costs(
            company_id=shop.company_id, actor_id=None, book_id=book_id,
            costs=[
                StandardCostDraft(shop.item(sku), Decimal(first)),
                StandardCostDraft(shop.item(sku), Decimal(then), date(2026, 2, 12)),
            ],
        )  # fmt: skip
    shop.policy(method, book_id=book_id)
    shop.policy("moving_average" if method == "fifo" else "fifo", book_id=book_id, on="03-10")


def write_down(shop: Shop, book_id: int) -> None:
    services.write_down(
        company_id=shop.company_id, actor_id=None, idempotency_key=f"nrv-{book_id}", book_id=book_id,
        on=date(2026, 3, 31), estimates=[NrvEstimate("out of fashion", item_id=shop.items["BOLT"], unit_value=Decimal(1))],
    )  # fmt: skip


def make_items(shop: Shop) -> None:
    for sku in ("BOLT", "KIT", "TOY"):
        shop.item(sku)
    shop.item("PAINT", tracking=Tracking.LOT)
    shop.item("SAW", tracking=Tracking.SERIAL)


def rates(shop: Shop, *currencies: str) -> None:
    drafts = [
        RateDraft(currency, to, day, rate)
        for currency, to, rate in (
            ("USD", "EUR", Decimal("0.91")), ("EUR", "USD", Decimal("1.09")), ("EUR", "JPY", Decimal("161.7")),
            ("USD", "JPY", Decimal("148.3")),
        )
        for day in (date(2026, 1, 1), date(2026, 2, 14))
        if not currencies or to in currencies or to == "EUR"
    ]  # fmt: skip
    ledger.set_exchange_rates(company_id=shop.company_id, actor_id=None, rates=drafts)


def story(shop: Shop, *, close: Callable[[], None] = lambda: None) -> None:
    """A quarter with everything in it; `close` is called in the middle of it."""
    bolt, paint, kit = shop.items["BOLT"], shop.items["PAINT"], shop.items["KIT"]
    a1, b1 = shop.places["A-1"], shop.places["B-1"]
    bought = shop.receive("BOLT", 10, "2.00", at("01-05"))
    shop.receive("PAINT", 5, "4.00", at("01-05", "13:00"), lot_code="L1")
    shop.receive("PAINT", 5, "6.00", at("01-06"), lot_code="L2")
    shop.receive("SAW", 2, "50.00", at("01-06"), serials=("S1", "S2"))
    shop.receive("TOY", 7, "0.33", at("01-06"))
    sold = shop.issue("BOLT", 3, at("01-08"))
    line = LineDraft(bolt, 10, to_location_id=a1, unit_cost=Decimal("3.01"))
    dollars = shop.record("receipt", at("01-10"), [line], currency="USD").documents[0].move_ids[0]
    shop.issue("PAINT", 2, at("01-15"), lot_code="L2")
    shop.issue("SAW", 1, at("01-15"), serials=("S2",))
    shop.record("return_from_customer", at("01-20"), [LineDraft(qty=1, of_move_id=sold, to_location_id=a1)])
    mistake = shop.record("issue", at("01-25"), [LineDraft(bolt, 2, from_location_id=a1)]).documents[0]
    made = [
        LineDraft(bolt, 4, from_location_id=a1, consumed=True),
        LineDraft(paint, 1, from_location_id=a1, lot_code="L1", consumed=True),
        LineDraft(kit, 2, to_location_id=a1),
    ]
    shop.record("production", at("02-02"), made, amount=Decimal("3.00"))
    shop.issue("KIT", 1, at("02-10"))
    shop.issue("TOY", 2, at("02-10"))
    close()
    shop.record(
        "landed_cost", at("02-15"), [LineDraft(of_move_id=bought), LineDraft(of_move_id=dollars)],
        amount=Decimal("5.01"), allocate_by=AllocateBy.QUANTITY,
    )  # fmt: skip
    shop.record("return_to_supplier", at("02-20"), [LineDraft(qty=2, of_move_id=bought, from_location_id=a1)])
    shop.record(
        "price_correction",
        at("02-25"),
        [LineDraft(of_move_id=dollars, amount=Decimal("-1.50"))],
        currency="USD",
    )
    shop.move("BOLT", 3, at("03-01"), "A-1", "B-1")
    shop.record("reversal", at("03-03"), [], of_document_id=mistake.document_id)
    shop.record("amendment", at("03-04"), [LineDraft(qty=-1, of_move_id=bought)])
    shop.receive("BOLT", 2, "5.00", at("01-07"))
    shop.record("scrap", at("03-12"), [LineDraft(bolt, 1, from_location_id=b1)])
    shop.issue("BOLT", 2, at("03-15"), "B-1")
    shop.record("adjustment", at("03-20"), [LineDraft(bolt, counted_qty=5, to_location_id=a1)])


def says(shop: Shop, book_id: int) -> dict[str, Any]:
    """What a book says: value by key, balances by account and effective day, pools."""
    return {
        "values": shop.query(
            "SELECT move_id, cause_id, role, scope_id, item_id, lot_id, effective_on, debit_account_id, credit_account_id,"
            " sum(amount)::bigint, sum(stock_amount)::bigint FROM stock_value WHERE book_id = %s"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(amount) <> 0 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
            book_id,
        ),
        "accounts": shop.query(
            "SELECT account_id, effective_on, sum(amount)::bigint FROM ledger_line WHERE book_id = %s"
            " GROUP BY 1, 2 HAVING sum(amount) <> 0 ORDER BY 1, 2",
            book_id,
        ),
        "pools": shop.query(
            "SELECT scope_id, item_id, lot_id, qty, value FROM stock_cost_state"
            " WHERE book_id = %s AND (qty, value) <> (0, 0) ORDER BY 1, 2, 3",
            book_id,
        ),
    }


def proved(shop: Shop) -> None:
    check_whole(shop)
    report = verify.run(company_id=shop.company_id, deep=True)
    assert report.passed, [(check.name, check.findings) for check in report.checks if check.total]


def close_books(shop: Shop, day: date, *book_ids: int) -> None:
    for book_id in book_ids:
        ledger.close_period(
            company_id=shop.company_id, actor_id=None, book_id=book_id, end_on=day, reason="month end"
        )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("order", ["policies first", "filled first"])
def test_it_says_what_a_book_of_the_first_day_says(shop: Shop, method: str, order: str) -> None:
    make_items(shop)
    rates(shop)
    early = book(shop, "early")
    policies(shop, early, method)
    story(shop, close=lambda: close_books(shop, date(2026, 1, 31), shop.book_id, early))
    write_down(shop, early)
    late = book(shop, "late")
    if order == "policies first":
        policies(shop, late, method)
        assert fill(shop, late)
    else:
        assert fill(shop, late)
        policies(shop, late, method)
    write_down(shop, late)
    assert len(says(shop, late)["values"]) > 20
    assert says(shop, late) == says(shop, early)
    proved(shop)
    assert fill(shop, late) == []
    for later in (late, early):
        assert shop.query("SELECT count(*) FROM stock_filled_book WHERE book_id = %s", later) == [(1,)]
    shop.receive("BOLT", 3, "7.00", at("01-09"))
    shop.issue("BOLT", 1, at("04-02"))
    assert says(shop, late) == says(shop, early)
    proved(shop)


def test_from_then_on_it_is_posted_with_the_others(shop: Shop) -> None:
    make_items(shop)
    rates(shop)
    story(shop)
    late = book(shop, "late", cost_scope="company")
    fill(shop, late)
    assert says(shop, late)["values"] == says(shop, shop.book_id)["values"]
    assert says(shop, late)["pools"] == says(shop, shop.book_id)["pools"]


@pytest.mark.parametrize("closed", [date(2026, 1, 31), date(2026, 3, 31)])
def test_periods_that_it_has_closed_are_posted_on_the_first_open_day(shop: Shop, closed: date) -> None:
    make_items(shop)
    rates(shop)
    early = book(shop, "early")
    story(shop)
    late = book(shop, "late")
    close_books(shop, closed, late)
    fill(shop, late)
    assert says(shop, late) == says(shop, early)
    rows = shop.query(
        "SELECT count(*) FILTER (WHERE effective_on <= %s), min(posting_on) FROM ledger_entry WHERE book_id = %s",
        closed, late,
    )  # fmt: skip
    assert rows[0][0] > 3
    assert rows[0][1] == date(2026, closed.month + 1, 1)
    proved(shop)


@pytest.mark.parametrize("currency", ["USD", "JPY"])
def test_another_currency_by_the_rates_of_the_days(shop: Shop, currency: str) -> None:
    make_items(shop)
    rates(shop)
    early = book(shop, "early", currency=currency)
    policies(shop, early, "moving_average")
    story(shop)
    late = book(shop, "late", currency=currency)
    policies(shop, late, "moving_average")
    fill(shop, late)
    assert says(shop, late) == says(shop, early)
    proved(shop)
    bought = shop.query("SELECT move_id FROM stock_move WHERE effective_at = %s", at("01-05"))[0][0]
    rows = shop.query(
        "SELECT sum(amount)::bigint FROM stock_value WHERE book_id = %s AND move_id = %s AND role = 1",
        late,
        bought,
    )
    # Ten at 2.00 EUR, later amended to nine: 18.00 EUR at 1.09 USD, at 161.7 JPY.
    assert rows == [(1962,)] if currency == "USD" else rows == [(2911,)]


def test_rates_that_are_missing_are_named_and_nothing_is_posted(shop: Shop) -> None:
    make_items(shop)
    rates(shop, "EUR")
    story(shop)
    late = book(shop, "late", currency="JPY")
    before = shop.counts()
    with pytest.raises(Refused) as refusal:
        fill(shop, late)
    assert {(p.field, p.rule, p.value) for p in refusal.value.problems} == {
        ("rates", "known", "EUR"), ("rates", "known", "USD"),
    }  # fmt: skip
    assert shop.counts() == before
    assert shop.query("SELECT count(*) FROM stock_filled_book WHERE book_id = %s", late) == [(0,)]
    rates(shop)
    assert fill(shop, late)
    proved(shop)


def test_until_it_is_filled_it_says_nothing(shop: Shop) -> None:
    shop.receive("BOLT", 1, "2.00", at("01-05"))
    late = book(shop, "late")
    shop.receive("BOLT", 1, "2.00", at("01-06"))
    assert says(shop, late) == {"values": [], "accounts": [], "pools": []}
    assert verify.run(company_id=shop.company_id, deep=True).passed
    fill(shop, late)
    assert shop.state("BOLT", late) == (2, 400)
