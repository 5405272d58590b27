"""The rules of costing, one small story each, worked out by hand."""

import pytest
from tests.core.story import Story

from wherewithal.core.costing.facts import ExtraKind, Kind, Method
from wherewithal.core.costing.fold import FactError
from wherewithal.core.costing.run import PolicyError

FIFO, LIFO, AVERAGE, STANDARD, SPECIFIC = (
    Method.FIFO,
    Method.LIFO,
    Method.AVERAGE,
    Method.STANDARD,
    Method.SPECIFIC,
)
LAYERED = (FIFO, LIFO, AVERAGE)


def two_receipts(method: Method) -> Story:
    """10 for 100, then 10 for 200."""
    story = Story(method)
    story.receive(10, 100)
    story.receive(10, 200)
    return story


@pytest.mark.parametrize(("method", "cost"), [(FIFO, 200), (LIFO, 250), (AVERAGE, 225)])
def test_what_an_issue_costs_by_method(method: Method, cost: int) -> None:
    story = two_receipts(method)
    out = story.issue(15)
    assert story.rows()[out, out, "issue"] == cost
    assert story.stock() == (5, 300 - cost)


@pytest.mark.parametrize("method", LAYERED)
def test_nothing_of_value_is_left_where_no_goods_are(method: Method) -> None:
    """100 over 3 pieces: 33, 34 (of 67: tie to even is 34), and the last takes the rest."""
    story = Story(method)
    story.receive(3, 100)
    outs = [story.issue(1) for _ in range(3)]
    assert [story.rows()[out, out, "issue"] for out in outs] == [33, 34, 33]
    assert story.stock() == (0, 0)


# --- facts that come late or were wrong ------------------------------------------------------------------------


def test_a_receipt_that_comes_late_changes_what_later_issues_cost() -> None:
    story = Story(FIFO)
    story.receive(5, 50, day=2)
    out = story.issue(5, day=3)
    story.receive(5, 20, day=1)
    assert story.rows()[out, out, "issue"] == 20
    assert story.stock() == (5, 50)


def test_an_amendment_acts_at_the_place_of_what_it_amends() -> None:
    story = two_receipts(FIFO)
    out = story.issue(15)
    story.amend(1, -5)
    assert story.rows()[1, 1, "receipt"] == 50, "the unit price stays"
    assert story.rows()[out, out, "issue"] == 250
    story.amend(1, +5, amount=70)
    assert story.rows()[1, 1, "receipt"] == 120


def test_amendments_and_reversals_of_corrections() -> None:
    story = Story(AVERAGE)
    story.receive(10, 100)
    less = story.amend(1, -4)
    assert story.stock() == (6, 60)
    undone = story.reverse(less)
    assert story.stock() == (10, 100)
    story.reverse(undone)
    assert story.stock() == (6, 60), "a reversal of a reversal restores"
    story.amend(1, -6)
    assert story.stock() == (0, 0)


def test_a_reversal_annihilates_but_landed_cost_was_paid() -> None:
    story = two_receipts(FIFO)
    story.charge(1, 30)
    story.charge(1, 7, ExtraKind.PRICE)
    assert story.stock() == (20, 337)
    story.reverse(1)
    assert story.stock() == (10, 200)
    assert story.rows() == {(2, 2, "receipt"): 200, (1, 1, "orphaned_cost"): 30}


def test_a_correction_needs_what_it_corrects() -> None:
    story = two_receipts(FIFO)
    story.amend(1, -5)
    del story.facts[1]
    with pytest.raises(FactError, match="corrects move 1"):
        story.told()


def test_an_item_needs_a_policy() -> None:
    story = two_receipts(FIFO)
    story.receive(1, 1, item=2)
    with pytest.raises(PolicyError, match="Item 2"):
        story.told()


@pytest.mark.parametrize("method", LAYERED)
def test_landed_cost_counts_from_the_receipt_on(method: Method) -> None:
    story = Story(method)
    story.receive(10, 100)
    out = story.issue(4)
    story.charge(1, 50)
    assert story.rows()[out, out, "issue"] == 60
    assert story.stock() == (6, 90)
    story.charge(1, -60)
    assert story.stock() == (6, 54), "also a negative one"


# --- returns -----------------------------------------------------------------------------------------------------


def test_a_customer_return_comes_at_the_cost_of_its_issue_and_in_pieces_exactly() -> None:
    story = Story(FIFO)
    story.receive(3, 100)
    out = story.issue(3)
    story.receive(3, 900)
    backs = [story.move("customer", "stock", 1, of=out) for _ in range(3)]
    assert [story.rows()[back, back, "customer_return"] for back in backs] == [33, 34, 33]
    assert story.stock() == (6, 1000)


def test_more_returned_than_was_issued_comes_at_the_last_unit_cost() -> None:
    story = Story(FIFO)
    story.receive(2, 20)
    out = story.issue(2)
    story.receive(1, 15)
    back = story.move("customer", "stock", 4, of=out)
    assert story.rows()[back, back, "customer_return"] == 20 + 2 * 15


def test_a_supplier_return_takes_its_own_layer_first_and_credits_the_price() -> None:
    """10 for 100 with 50 freight, 10 for 200; 4 of the first go back: cost 60, the supplier owes 40."""
    story = two_receipts(LIFO)
    story.charge(1, 50)
    back = story.move("stock", "supplier", 4, of=1)
    rows = story.rows()
    assert rows[back, back, "supplier_return"] == 60
    assert rows[back, back, "supplier_return_difference"] == -20
    assert story.stock() == (16, 290)


def test_a_supplier_return_under_average_leaves_at_average() -> None:
    """Odoo's test_return_receipt_1: 1 at 10, 1 at 20, one sold at 15, the first returned: leaves at 15, owed 10."""
    story = Story(AVERAGE)
    story.receive(1, 10)
    story.receive(1, 20)
    story.issue(1)
    back = story.move("stock", "supplier", 1, of=1)
    assert story.rows()[back, back, "supplier_return"] == 15
    assert story.rows()[back, back, "supplier_return_difference"] == -5
    assert story.stock() == (0, 0)


def test_what_the_supplier_states_as_credit_counts() -> None:
    story = two_receipts(FIFO)
    back = story.move("stock", "supplier", 5, 44, of=1)
    assert story.rows()[back, back, "supplier_return_difference"] == 44 - 50
    rest = story.move("stock", "supplier", 5, of=1)
    assert story.rows()[rest, rest, "supplier_return"] == 50
    assert story.rows()[rest, rest, "supplier_return_difference"] == (100 - 44) - 50


def test_a_return_of_a_return_undoes_it() -> None:
    story = two_receipts(FIFO)
    story.charge(1, 50)
    back = story.move("stock", "supplier", 4, of=1)
    again = story.move("supplier", "stock", 4, of=back)
    rows = story.rows()
    assert rows[again, again, "supplier_replacement"] == 60
    assert rows[again, again, "supplier_return_difference"] == 20
    assert story.stock() == (20, 350)


def test_unused_material_comes_back_from_production_at_its_cost() -> None:
    story = two_receipts(FIFO)
    used = story.move("stock", "production", 12)
    story.receive(5, 500)
    back = story.move("production", "stock", 6, of=used)
    assert story.rows()[used, used, "consumed"] == 140
    assert story.rows()[back, back, "consumption_return"] == 70


# --- negative stock ----------------------------------------------------------------------------------------------


def test_short_stock_leaves_at_the_last_cost_and_is_trued_up() -> None:
    """Odoo's test_negative_1: 10 at 10, 10 at 20, 30 out (10 of them short at 20), 10 at 30, 10 at 40."""
    story = two_receipts(FIFO)
    out = story.issue(30)
    assert story.stock() == (-10, -200)
    covers = story.receive(10, 300)
    story.receive(10, 400)
    assert story.rows()[out, out, "issue"] == 500
    assert story.rows()[out, covers, "true_up_sales"] == 100
    assert story.stock() == (10, 400)


def test_without_any_cost_short_stock_leaves_at_standard_and_else_for_nothing() -> None:
    assert [_cost_of_nothing(standard) for standard in ((8, 1), (7, 2), None)] == [40, 18, 0]


def _cost_of_nothing(standard: tuple[int, int] | None) -> int:
    story = Story(FIFO, standard)
    out = story.issue(5)
    return story.rows().get((out, out, "issue"), 0)


def test_the_oldest_shortage_is_covered_first() -> None:
    story = Story(AVERAGE, (10, 1))
    first, second = story.issue(3), story.issue(3)
    covers = story.receive(4, 48)
    rows = story.rows()
    assert rows[first, covers, "true_up_sales"] == 6
    assert rows[second, covers, "true_up_sales"] == 2
    assert story.stock() == (-2, -20)


@pytest.mark.parametrize(
    ("target", "role"),
    [
        ("customer", "true_up_sales"),
        ("scrap", "true_up_scrap"),
        ("adjustment", "true_up_adjustment"),
        ("production", "true_up_variance"),
        ("supplier", "true_up_variance"),
        ("road", "true_up_variance"),
    ],
)
def test_a_true_up_follows_the_goods_out_but_never_into_another_pool(target: str, role: str) -> None:
    story = Story(FIFO, (10, 1))
    out = story.move("stock", target, 2)
    covers = story.receive(2, 26)
    assert story.rows()[out, covers, role] == 6
    assert story.stock() == (0, 0)
    if target == "road":
        assert story.stock("road") == (2, 20), "what arrived keeps its provisional cost"


# --- transfers and production --------------------------------------------------------------------------------------


def test_a_transfer_carries_cost_and_its_own_freight() -> None:
    story = Story(FIFO)
    story.receive(10, 100, to="north")
    story.receive(10, 200, to="north")
    moved = story.move("north", "south", 15, 30)
    rows = story.rows()
    assert (rows[moved, moved, "transfer_out"], rows[moved, moved, "transfer_in"]) == (200, 200)
    assert rows[moved, moved, "landed_cost"] == 30
    assert story.stock("north") == (5, 100)
    assert story.stock("south") == (15, 230)


def test_a_transfer_within_a_scope_moves_no_cost() -> None:
    story = two_receipts(FIFO)
    story.move("stock", "stock", 7)
    out = story.issue(10)
    assert story.rows()[out, out, "issue"] == 100
    assert len(story.rows()) == 3


def test_a_transfer_within_a_scope_with_freight_adds_to_all_of_it() -> None:
    story = two_receipts(FIFO)
    story.move("stock", "stock", 1, 40)
    assert story.stock() == (20, 340)
    assert [layer[1] for layer in story.told().states[0, 1, 0].layers] == [120, 220]


def test_production_shares_out_what_it_consumed_exactly() -> None:
    """10 of A for 100 and labour 5 make 1 of B (share 2) and 1 of C (share 1): 67 + 5 and 33."""
    story = Story(AVERAGE, items=(1, 2, 3))
    story.receive(10, 100)
    used = story.move("stock", "production", 10, event=9)
    b = story.move("production", "stock", 1, 5, item=2, event=9, day=2, weight=2)
    c = story.move("production", "stock", 1, item=3, event=9, day=2, weight=1)
    rows = story.rows()
    assert rows[used, used, "consumed"] == 100
    assert (rows[b, b, "conversion_cost"], rows[b, b, "produced"]) == (5, 72)
    assert rows[c, c, "produced"] == 33
    assert story.stock(item=2) == (1, 72)


def test_outputs_without_shares_go_by_quantity_and_without_inputs_at_what_is_known() -> None:
    story = Story(FIFO, (7, 1), items=(1, 2))
    story.receive(4, 100)
    story.move("stock", "production", 4, event=9)
    story.move("production", "stock", 3, item=2, event=9, day=2)
    story.move("production", "stock", 1, item=2, event=9, day=2, key=77)
    assert [layer[:2] for layer in story.told().states[0, 2, 0].layers] == [[3, 75], [1, 25]]
    lone = story.move("production", "stock", 2)
    assert story.rows()[lone, lone, "produced"] == 50, "the last unit cost"
    stated = story.move("production", "stock", 2, 9)
    assert story.rows()[stated, stated, "produced"] == 9


def test_a_true_up_of_material_does_not_reach_what_was_made_of_it() -> None:
    story = Story(FIFO, (10, 1), items=(1, 2))
    story.move("stock", "production", 3, event=9, day=1)
    story.move("production", "stock", 1, item=2, event=9, day=1)
    story.receive(3, 45, day=2)
    assert story.stock(item=2) == (1, 30)
    assert story.rows()[1, 3, "true_up_variance"] == 15


def test_sources_of_one_instant_come_first_whatever_their_keys() -> None:
    """Sub-assembly and assembly in the same second: the part is made before it is used."""
    story = Story(FIFO, items=(1, 2, 3))
    story.receive(1, 50)
    story.move("stock", "production", 1, item=2, event=8, day=2, key=11)
    story.move("production", "stock", 1, item=3, event=8, day=2, key=12)
    story.move("stock", "production", 1, item=1, event=9, day=2, key=98)
    story.move("production", "stock", 1, item=2, event=9, day=2, key=99)
    assert story.stock(item=3) == (1, 50)
    assert story.stock(item=2) == (0, 0)


def test_a_late_cost_reaches_what_is_left_and_the_rest_is_a_variance() -> None:
    story = two_receipts(FIFO)
    story.issue(4)
    late = story.value(50, of=1)
    assert story.rows()[late, late, "late_cost"] == 50
    assert story.rows()[late, late, "late_cost_passed"] == 20
    assert story.stock() == (16, 260 + 30)


def test_a_revaluation_by_decision_spreads_over_the_pool() -> None:
    story = two_receipts(FIFO)
    decided = story.value(-40, source="adjustment")
    assert story.rows()[decided, decided, "manual_revaluation"] == -40
    assert [layer[1] for layer in story.told().states[0, 1, 0].layers] == [80, 180]
    empty = Story(FIFO)
    late = empty.value(9)
    assert empty.rows() == {(late, late, "late_cost"): 9, (late, late, "late_cost_passed"): 9}


def test_goods_past_stock() -> None:
    story = Story(STANDARD, (10, 1))
    direct = story.move("supplier", "customer", 10, 90)
    story.charge(direct, 5)
    assert story.rows() == {(direct, direct, "dropship"): 90, (direct, direct, "dropship_cost"): 5}
    into_stock = story.move("customer", "stock", 4, of=direct)
    assert story.rows()[into_stock, into_stock, "customer_return"] == 38
    past = story.move("customer", "supplier", 6, of=direct)
    assert story.rows()[past, past, "dropship"] == -90, "all that is left to return of the price"


# --- goods found, opening stock -----------------------------------------------------------------------------------


def test_found_goods_come_at_the_last_unit_cost_unless_a_value_is_stated() -> None:
    story = two_receipts(AVERAGE)
    found = story.move("adjustment", "stock", 2)
    stated = story.move("adjustment", "stock", 2, 5)
    assert story.rows()[found, found, "adjustment_in"] == 30
    assert story.rows()[stated, stated, "adjustment_in"] == 5


def test_opening_stock() -> None:
    story = Story(FIFO)
    opened = story.move("opening", "stock", 5, 60)
    assert story.rows() == {(opened, opened, "opening"): 60}


# --- standard and specific ------------------------------------------------------------------------------------------


def test_standard_stock_is_always_quantity_times_standard() -> None:
    """At 10/3 a piece: 1 is 3, 2 are 7, 3 are 10; rounding never piles up."""
    story = Story(STANDARD, (10, 3))
    first, second = story.receive(1, 5), story.receive(2, 5)
    assert story.rows()[first, first, "price_variance"] == 2
    assert story.rows()[second, second, "price_variance"] == -2
    assert story.stock() == (3, 10)
    story.issue(5)
    assert story.stock() == (-2, -7)
    assert len([role for *_, role in story.rows() if "true_up" in role]) == 0


def test_a_new_standard_revalues_what_is_there() -> None:
    story = Story(STANDARD, (10, 1))
    story.receive(5, 50)
    story.policy(2, STANDARD, (12, 1))
    story.issue(1, day=3)
    assert story.rows()[0, -2, "standard_revaluation"] == 10
    assert story.stock() == (4, 48)


def test_specific_takes_the_lot_and_a_lot_only_covers_itself() -> None:
    story = Story(SPECIFIC)
    story.receive(1, 10, lot=7)
    story.receive(1, 20, lot=8)
    out = story.issue(1, lot=8)
    short = story.issue(1, lot=9)
    assert story.rows()[out, out, "issue"] == 20
    assert story.rows()[short, short, "issue"] == 20, "the last unit cost of the item"
    covers = story.receive(1, 50, lot=9)
    assert story.rows()[short, covers, "true_up_sales"] == 30
    assert story.stock() == (1, 10)


# --- changes of method ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [FIFO, LIFO, AVERAGE, SPECIFIC, STANDARD])
@pytest.mark.parametrize("after", [FIFO, LIFO, AVERAGE, SPECIFIC, STANDARD])
def test_a_change_of_method_keeps_quantity_and_value(before: Method, after: Method) -> None:
    """With no standard stated, the unit cost at the change becomes the standard."""
    story = Story(before)
    story.receive(10, 100, lot=3)
    story.receive(10, 300, lot=4)
    story.issue(6, lot=3)
    value = story.stock()[1]
    story.policy(4, after)
    assert story.stock() == (14, value)
    story.issue(4, lot=3, day=5)
    story.issue(10, lot=4, day=5)
    assert story.stock() == (0, 0)


def test_a_shortage_is_still_trued_up_after_a_change_from_fifo_to_average() -> None:
    story = Story(FIFO, (10, 1))
    out = story.issue(2)
    story.policy(2, AVERAGE, (10, 1))
    covers = story.receive(3, 60, day=3)
    assert story.rows()[out, covers, "true_up_sales"] == 20
    assert story.stock() == (1, 20)


def test_lots_lose_their_identity_when_specific_identification_ends() -> None:
    story = Story(SPECIFIC)
    story.receive(2, 10, lot=1)
    story.receive(2, 30, lot=2)
    story.policy(3, FIFO)
    out = story.issue(1, lot=2, day=4)
    assert story.rows()[out, out, "issue"] == 10


# --- as of a day -----------------------------------------------------------------------------------------------------


def test_every_row_is_dated_by_its_cause() -> None:
    story = Story(FIFO, (10, 1))
    story.issue(2, day=3)
    story.receive(2, 30, day=8)
    story.charge(2, 4)
    assert sorted((row.day, row.amount) for row in story.told().rows) == [(3, 20), (8, 4), (8, 14), (8, 30)]


def test_rows_do_not_depend_on_what_comes_after() -> None:
    """A prefix function: what is said of a day stays said, whatever happens later."""
    story = two_receipts(FIFO)
    story.issue(15)
    before = [row for row in story.told().rows if row.day <= 3]
    story.receive(100, 1, day=4)
    story.move("stock", "scrap", 30, day=5)
    assert [row for row in story.told().rows if row.day <= 3] == before


def test_kinds_are_what_the_store_may_write() -> None:
    assert [kind.name for kind in Kind] == ["PLAIN", "RETURN", "AMENDMENT", "REVERSAL", "VALUE"]
