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


def test_fifo_takes_the_oldest_first(shop: Shop) -> None:
    """10 @ 1.00, 10 @ 2.00; 14 leave: 10 x 1.00 + 4 x 2.00 = 18.00."""
    shop.policy("fifo")
    shop.receive("BOLT", 10, 1, at("03-01"))
    shop.receive("BOLT", 10, 2, at("03-02"))
    issue = shop.issue("BOLT", 14, at("03-03"))
    assert shop.cost(issue) == -1800
    assert shop.state("BOLT") == (6, 1200)
    check_whole(shop)


def test_a_change_of_method_replays_what_was_posted(shop: Shop) -> None:
    """Average 1.50: 4 leave at 6.00. By FIFO since ever they leave at 4.00, the difference is posted."""
    shop.receive("BOLT", 10, 1, at("03-01"))
    shop.receive("BOLT", 10, 2, at("03-02"))
    issue = shop.issue("BOLT", 4, at("03-03"))
    assert shop.cost(issue) == -600
    shop.policy("fifo")
    assert shop.cost(issue) == -400
    assert shop.state("BOLT") == (16, 2600)
    check_whole(shop)


def test_a_method_from_a_day_on_leaves_what_was_before(shop: Shop) -> None:
    shop.receive("BOLT", 10, 1, at("03-01"))
    shop.receive("BOLT", 10, 2, at("03-02"))
    first = shop.issue("BOLT", 4, at("03-03"))
    second = shop.issue("BOLT", 4, at("04-03"))
    shop.policy("fifo", on="04-01")
    assert shop.cost(first) == -600
    assert shop.cost(second) == -600  # what was on hand keeps its average as one layer
    assert shop.state("BOLT") == (12, 1800)
    check_whole(shop)


def test_a_backdated_receipt_corrects_later_issues(shop: Shop) -> None:
    """FIFO: 10 @ 2.00 on the 5th, 4 leave on the 6th for 8.00; then 10 @ 1.00 on the 1st turn up: 4 leave at 4.00."""
    shop.policy("fifo")
    shop.receive("BOLT", 10, 2, at("03-05"))
    issue = shop.issue("BOLT", 4, at("03-06"))
    assert shop.cost(issue) == -800
    shop.receive("BOLT", 10, 1, at("03-01"))
    assert shop.cost(issue) == -400
    assert shop.state("BOLT") == (16, 2600)
    assert shop.balance("cost_of_sales") == 400
    check_whole(shop)
