"""Receipts and issues: quantities, values, entries, by the two commonest methods."""

import pytest

from tests.stock.conftest import Shop, at, check_whole

pytestmark = pytest.mark.django_db


def test_a_receipt_is_worth_what_it_cost(shop: Shop) -> None:
    move = shop.receive("BOLT", 10, "2.50", at("03-01"))
    assert shop.on_hand("BOLT", "A-1") == 10
    assert shop.cost(move) == 2500
    assert shop.state("BOLT") == (10, 2500)
    assert shop.balance("inventory") == 2500
    assert shop.balance("grni") == -2500
    check_whole(shop)


def test_moving_average_takes_the_mean(shop: Shop) -> None:
    """10 @ 1.00 and 10 @ 2.00 make 1.50 each; 4 of them leave at 6.00 and 24.00 stays."""
    shop.receive("BOLT", 10, 1, at("03-01"))
    shop.receive("BOLT", 10, 2, at("03-02"))
    issue = shop.issue("BOLT", 4, at("03-03"))
    assert shop.cost(issue) == -600
    assert shop.state("BOLT") == (16, 2400)
    assert shop.balance("cost_of_sales") == 600
    check_whole(shop)
