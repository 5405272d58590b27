"""A policy that is set before its day is a fact of that day: what happens until then comes before it."""

from datetime import date
from decimal import Decimal

import pytest
from tests.stock.conftest import Shop, at, check_whole, make_shop
from tests.stock.test_concurrency import at_once

from wherewithal.items.values import Tracking
from wherewithal.ledger import services as ledger
from wherewithal.reporting import verify
from wherewithal.stock import services
from wherewithal.stock.drafts import LineDraft
from wherewithal.stock.services import StandardCostDraft


def proved(shop: Shop) -> None:
    check_whole(shop)
    report = verify.run(company_id=shop.company_id, deep=True)
    assert report.passed, [(check.name, check.findings) for check in report.checks if check.total]


def test_a_method_to_come_leaves_the_goods_until_then_alone(shop: Shop) -> None:
    """FIFO until 10 March: 2.00 + 2.00; then average of 2.00, 4.00 and 4.00 is 3.33."""
    shop.policy("fifo")
    shop.policy("moving_average", on="03-10")
    shop.receive("BOLT", 3, "2.00", at("01-05"))
    shop.receive("BOLT", 2, "4.00", at("01-06"))
    sold = shop.issue("BOLT", 2, at("01-10"))
    assert shop.cost(sold) == -400
    assert shop.state("BOLT") == (3, 1000)
    later = shop.issue("BOLT", 1, at("03-11"))
    assert shop.cost(later) == -333
    proved(shop)


@pytest.mark.parametrize("method", ["fifo", "moving_average", "standard", "specific"])
def test_serials_and_lots_until_then(shop: Shop, method: str) -> None:
    for sku, tracking in (("SAW", Tracking.SERIAL), ("PAINT", Tracking.LOT)):
        shop.item(sku, tracking=tracking)
    shop.policy(method)
    shop.policy("specific" if method == "fifo" else "fifo", on="03-10")
    shop.receive("SAW", 2, "50.00", at("01-05"), serials=("S1", "S2"))
    shop.receive("PAINT", 4, "4.00", at("01-05"), lot_code="L1")
    shop.issue("SAW", 1, at("01-10"), serials=("S2",))
    shop.issue("PAINT", 3, at("01-11"), lot_code="L1")
    assert (shop.state("SAW")[0], shop.state("PAINT")[0]) == (1, 1)
    shop.receive("SAW", 1, "60.00", at("03-12"), serials=("S3",))
    shop.issue("SAW", 1, at("03-13"), serials=("S1",))
    proved(shop)


def test_a_standard_cost_to_come(shop: Shop) -> None:
    """Standard 2.00, from 10 March 3.00: four left are worth 8.00 before and 12.00 after."""
    shop.policy("standard")
    services.set_standard_costs(
        company_id=shop.company_id, actor_id=None, book_id=shop.book_id,
        costs=[
            StandardCostDraft(shop.item("BOLT"), Decimal(2)),
            StandardCostDraft(shop.item("BOLT"), Decimal(3), date(2026, 3, 10)),
        ],
    )  # fmt: skip
    shop.receive("BOLT", 5, "2.50", at("01-05"))
    sold = shop.issue("BOLT", 1, at("01-10"))
    assert shop.cost(sold) == -200
    assert shop.state("BOLT") == (4, 1200)  # the revaluation of 10 March is posted, on its day
    assert shop.query(
        "SELECT sum(stock_amount)::bigint FROM stock_value WHERE effective_on < '2026-03-10'"
    ) == [(800,)]
    proved(shop)


@pytest.mark.django_db(transaction=True)
def test_a_book_is_filled_while_goods_move(transactional_db: None) -> None:
    from_here = make_filled()
    late = ledger.create_book(
        company_id=from_here.company_id, actor_id=None, code="late", name="Late", standard="local"
    )

    def work(number: int) -> None:
        for step in range(8):
            if number == 2:
                if step == 3:
                    services.fill_book(company_id=from_here.company_id, actor_id=None, book_id=late)
                elif step == 1:
                    from_here.policy("fifo", book_id=late)
                continue
            services.receive(
                company_id=from_here.company_id,
                actor_id=None,
                idempotency_key=f"w{number}-{step}",
                lines=[
                    LineDraft(
                        from_here.items["BOLT"],
                        3,
                        to_location_id=from_here.places["A-1"],
                        amount=Decimal(step + 1),
                    )
                ],
                effective_at=at(f"02-{number * 8 + step + 1:02d}"),
            )

    at_once(3, work)
    assert from_here.state("BOLT", late) == from_here.state("BOLT")
    proved(from_here)


def make_filled() -> Shop:
    shop = make_shop()
    shop.receive("BOLT", 10, "2.00", at("01-10"))
    return shop
