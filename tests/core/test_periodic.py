"""The periodic weighted average: interim costs, one settlement per pool, period and role."""

from typing import NamedTuple

import pytest
from tests.core.story import Story

from wherewithal.core.costing.facts import Method
from wherewithal.core.costing.run import PolicyError


class Tens(NamedTuple):
    """Periods of ten days."""

    def first_day(self, day: int) -> int:
        return day - day % 10

    def last_day(self, day: int) -> int:
        return day - day % 10 + 9


def story(standard: tuple[int, int] | None = None, items=(1,)) -> Story:
    return Story(Method.PERIODIC, standard, Tens(), items)


def test_a_period_is_settled_at_its_last_day() -> None:
    """10 at 10 and 10 at 20 in the period: 15 on average. 8 left at the interim 10, so 40 more is owed to sales."""
    told = story()
    told.receive(10, 100, day=1)
    out = told.issue(8, day=2)
    told.receive(10, 200, day=7)
    assert told.rows()[out, out, "issue"] == 80
    assert told.rows()[0, -9, "true_up_sales"] == 40
    assert told.stock() == (12, 180)
    assert {row.day for row in told.told().rows if row.move_id == 0} == {9}


def test_the_next_period_begins_with_the_average_of_the_last() -> None:
    told = story()
    told.receive(10, 100, day=1)
    told.receive(10, 200, day=2)
    out = told.issue(10, day=11)
    told.receive(10, 400, day=12)
    assert told.rows()[out, out, "issue"] == 150
    assert told.rows()[0, -19, "true_up_sales"] == 83  # (300 + 400) / 30 x 10 = 233.3, less 150
    assert told.stock() == (20, 467)


def test_each_way_out_has_its_own_settlement() -> None:
    told = story((10, 1))
    for target in ("customer", "scrap", "adjustment", "supplier"):
        told.move("stock", target, 1, day=1)
    told.receive(4, 80, day=2)
    rows = told.rows()
    assert {key[2]: amount for key, amount in rows.items() if key[0] == 0} == {
        "true_up_sales": 10,
        "true_up_scrap": 10,
        "true_up_adjustment": 10,
        "true_up_variance": 10,
    }
    assert told.stock() == (0, 0)


def test_what_comes_back_within_the_period_never_left() -> None:
    """10 at 10, 4 sold, 3 of them back, 10 at 20: the average is 15, as if one had been sold."""
    told = story()
    told.receive(10, 100, day=1)
    out = told.issue(4, day=2)
    told.move("customer", "stock", 3, of=out, day=3)
    told.receive(10, 200, day=4)
    assert told.rows()[0, -9, "true_up_sales"] == 5
    assert told.stock() == (19, 285)


def test_what_comes_back_later_comes_at_its_interim_cost() -> None:
    told = story()
    told.receive(10, 100, day=1)
    out = told.issue(4, day=2)
    told.receive(10, 200, day=3)
    back = told.move("customer", "stock", 4, of=out, day=15)
    assert told.rows()[back, back, "customer_return"] == 40


def test_a_true_up_of_material_flows_on_to_what_was_made_of_it() -> None:
    """2 of A at the interim 10 make 1 of B, sold at 20. A turns out to cost 15: B 30, and 10 more to sales."""
    told = story(items=(1, 2))
    told.receive(10, 100, day=1)
    told.move("stock", "production", 2, event=9, day=2)
    told.move("production", "stock", 1, item=2, event=9, day=2)
    told.issue(1, item=2, day=3)
    told.receive(10, 200, day=4)
    rows = told.rows()
    assert rows[0, -9, "consumed"] == 10
    assert rows[0, -9, "produced"] == 10
    assert rows[0, -9, "true_up_sales"] == 10
    assert (0, -9, "wip_rest") not in rows
    assert told.stock() == (18, 270)
    assert told.stock(item=2) == (0, 0)


def test_on_a_ring_nothing_flows_and_the_rest_is_a_variance() -> None:
    """A is made into B and B is reworked into A within the period."""
    told = story((10, 1), items=(1, 2))
    told.receive(2, 60, day=1)
    told.move("stock", "production", 1, event=8, day=2)
    told.move("production", "stock", 1, item=2, event=8, day=2)
    told.move("stock", "production", 1, item=2, event=9, day=3)
    told.move("production", "stock", 1, event=9, day=3)
    told.receive(1, 90, day=4)
    rows = told.rows()
    assert ("produced" in {role for move, _, role in rows if move == 0}) is False
    assert (
        rows[0, -9, "consumed"] == rows[0, -9, "wip_rest"] == 15
    )  # (60 + 30 + 90) / 4 = 45, less the interim 30
    assert told.stock() == (3, 135)
    assert told.stock(item=2) == (0, 0)


def test_stock_that_is_short_over_the_end_is_settled_by_the_next_period() -> None:
    told = story((10, 1))
    told.issue(4, day=1)
    told.receive(1, 16, day=2)
    assert told.stock() == (-3, -48)  # one cost 16 and so, for now, do the three that are short
    told.receive(5, 100, day=11)
    assert told.rows()[0, -19, "true_up_variance"] == 12
    assert told.stock() == (2, 40)


def test_a_cost_that_finds_nothing_to_settle_is_a_variance() -> None:
    told = story()
    told.value(30, day=1)
    assert told.rows()[0, -9, "late_cost_passed"] == 30
    assert told.stock() == (0, 0)


def test_a_change_of_method_settles_what_was_open() -> None:
    told = story()
    told.receive(10, 100, day=1)
    told.issue(8, day=2)
    told.receive(10, 200, day=3)
    told.policy(5, Method.FIFO)
    told.issue(12, day=6)
    assert told.rows()[0, -5, "true_up_sales"] == 40
    assert told.stock() == (0, 0)


def test_a_periodic_average_needs_a_calendar() -> None:
    told = Story(Method.PERIODIC)
    told.receive(1, 1)
    with pytest.raises(PolicyError, match="calendar"):
        told.told()
