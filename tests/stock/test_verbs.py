"""Every verb once or twice, with exact figures; each book stays whole."""

from datetime import date
from decimal import Decimal

import pytest
from tests.stock.conftest import Shop, at, check_whole, make_shop

from wherewithal.items import services as items_services
from wherewithal.items.values import LotStatus, Tracking
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.stock import services
from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, LineDraft

pytestmark = pytest.mark.django_db


def refused(shop: Shop, kind: str, when: str, *lines: LineDraft, **head: object) -> list[tuple[str, str]]:
    """(field, rule) of all problems; nothing is written."""
    before = shop.counts()
    with pytest.raises(Refused) as caught:
        shop.record(kind, at(when), lines, **head)
    assert shop.counts() == before
    return [(problem.field, problem.rule) for problem in caught.value.problems]


# --- in and out -------------------------------------------------------------------------------------------


def test_opening_stock_is_equity(shop: Shop) -> None:
    shop.record(
        "opening",
        at("01-01"),
        [LineDraft(shop.item("X"), 10, to_location_id=shop.places["A-1"], amount=Decimal(7))],
    )
    assert shop.state("X") == (10, 700)
    assert shop.balance("opening_equity") == -700
    check_whole(shop)


def test_units_convert_exactly(shop: Shop) -> None:
    """2 kg and 250 g of an item kept in kg with 3 decimals, at 3.00 a kg: 6.75."""
    item = shop.item("FLOUR", base_unit_code="kg", qty_decimals=3)
    lines = [
        LineDraft(item, 2, to_location_id=shop.places["A-1"], unit_cost=Decimal(3)),
        LineDraft(item, 250, "g", to_location_id=shop.places["A-1"], unit_cost=Decimal("0.003")),
    ]
    shop.record("receipt", at("01-01"), lines)
    assert shop.state("FLOUR") == (2250, 675)
    too_fine = LineDraft(item, Decimal("0.0001"), to_location_id=shop.places["A-1"], unit_cost=Decimal(3))
    assert refused(shop, "receipt", "01-02", too_fine) == [("qty", "qty_fits_unit")]


def test_a_unit_cost_is_rounded_once_half_even(shop: Shop) -> None:
    """3 x 0.335 = 1.005, half to even 1.00; 5 x 0.335 = 1.675, to 1.68."""
    shop.receive("X", 3, "0.335", at("01-01"))
    assert shop.state("X") == (3, 100)
    shop.receive("X", 5, "0.335", at("01-02"))
    assert shop.state("X") == (8, 268)


def test_dropship_never_enters_stock(shop: Shop) -> None:
    shop.record("dropship", at("01-01"), [LineDraft(shop.item("X"), 3, unit_cost=Decimal(4))])
    assert shop.state("X") == (0, 0)
    assert shop.balance("cost_of_sales") == 1200
    assert shop.balance("grni") == -1200
    check_whole(shop)


def test_scrap_is_a_loss(shop: Shop) -> None:
    shop.receive("X", 4, 5, at("01-01"))
    shop.record("scrap", at("01-02"), [LineDraft(shop.item("X"), 1, from_location_id=shop.places["A-1"])])
    assert shop.balance("scrap_loss") == 500
    assert shop.state("X") == (3, 1500)
    check_whole(shop)


def test_two_steps_through_transit(shop: Shop) -> None:
    shop.receive("X", 4, 5, at("01-01"))
    x = shop.item("X")
    shop.record("dispatch", at("01-02"), [LineDraft(x, 3, from_location_id=shop.places["A-1"])])
    assert (shop.on_hand("X", "TRANSIT"), shop.on_hand("X", "A-1")) == (3, 1)
    shop.record("arrival", at("01-05"), [LineDraft(x, 3, to_location_id=shop.places["B-1"])])
    assert (shop.on_hand("X", "TRANSIT"), shop.on_hand("X", "B-1")) == (0, 3)
    assert shop.state("X") == (4, 2000)
    check_whole(shop)


@pytest.mark.usefixtures("db")
def test_warehouses_with_costs_of_their_own() -> None:
    """A: 10 @ 1.00; B: 10 @ 3.00; 5 go from A to B at 1.00 each, through transit; then B's unit cost is 35.00 / 15."""
    shop = make_shop(cost_scope="warehouse")
    shop.receive("X", 10, 1, at("01-01"), place="A-1")
    shop.receive("X", 10, 3, at("01-01"), place="B-1")
    x = shop.item("X")
    shop.record("dispatch", at("01-02"), [LineDraft(x, 5, from_location_id=shop.places["A-1"])])
    assert shop.balance("goods_in_transit") == 500
    shop.record("arrival", at("01-05"), [LineDraft(x, 5, to_location_id=shop.places["B-1"])])
    assert shop.balance("goods_in_transit") == 0
    pools = dict(shop.query("SELECT scope_id, (qty, value)::text FROM stock_cost_state WHERE qty <> 0"))
    assert pools == {shop.places["WH-A"]: "(5,500)", shop.places["WH-B"]: "(15,3500)"}
    assert shop.balance("transfer_clearing") == 0
    check_whole(shop)


# --- counts -----------------------------------------------------------------------------------------------


def test_adjust_by_a_difference(shop: Shop) -> None:
    """Found goods come at the last unit cost, lost ones leave at cost."""
    shop.receive("X", 4, 5, at("01-01"))
    place = shop.places["A-1"]
    shop.record("adjustment", at("01-02"), [LineDraft(shop.item("X"), -1, to_location_id=place)])
    assert shop.balance("inventory_adjustment") == 500
    shop.record("adjustment", at("01-03"), [LineDraft(shop.item("X"), 2, to_location_id=place)])
    assert shop.balance("inventory_adjustment") == -500
    assert shop.state("X") == (5, 2500)
    check_whole(shop)


def test_adjust_to_what_was_counted(shop: Shop) -> None:
    """Counted 7 on the 5th; on the 8th 2 more had come: the count is 3 above what was there then."""
    shop.receive("X", 4, 5, at("01-01"))
    shop.receive("X", 2, 5, at("01-08"))
    count = LineDraft(shop.item("X"), to_location_id=shop.places["A-1"], counted_qty=7)
    result = shop.record("adjustment", at("01-05"), [count])
    assert len(result.documents[0].move_ids) == 1
    assert shop.on_hand("X") == 9
    same = LineDraft(shop.item("X"), to_location_id=shop.places["A-1"], counted_qty=9)
    result = shop.record("adjustment", at("01-09"), [same])
    assert result.documents[0].move_ids == ()
    check_whole(shop)


def test_a_count_of_zero_empties_the_place(shop: Shop) -> None:
    shop.receive("X", 4, 5, at("01-01"))
    shop.record(
        "adjustment",
        at("01-05"),
        [LineDraft(shop.item("X"), to_location_id=shop.places["A-1"], counted_qty=0)],
    )
    assert shop.on_hand("X") == 0
    assert shop.state("X") == (0, 0)
    check_whole(shop)


# --- returns ----------------------------------------------------------------------------------------------


def test_a_customer_returns_at_the_cost_of_the_sale(shop: Shop) -> None:
    """Sold at 1.00; by then the average is 2.50; it comes back at 1.00."""
    shop.receive("X", 2, 1, at("01-01"))
    sale = shop.issue("X", 1, at("01-02"))
    shop.receive("X", 1, 4, at("01-03"))
    back = shop.record("return_from_customer", at("01-04"), [LineDraft(qty=1, of_move_id=sale)])
    assert shop.cost(back.documents[0].move_ids[0]) == 100
    assert shop.on_hand("X", "A-1") == 3
    assert shop.balance("cost_of_sales") == 0
    check_whole(shop)


def test_no_more_comes_back_than_went(shop: Shop) -> None:
    shop.receive("X", 5, 1, at("01-01"))
    sale = shop.issue("X", 3, at("01-02"))
    shop.record("return_from_customer", at("01-03"), [LineDraft(qty=2, of_move_id=sale)])
    assert refused(shop, "return_from_customer", "01-04", LineDraft(qty=2, of_move_id=sale)) == [
        ("qty", "left_to_return")
    ]
    twice = (LineDraft(qty=1, of_move_id=sale), LineDraft(qty=1, of_move_id=sale))
    assert refused(shop, "return_from_customer", "01-04", *twice) == [("qty", "left_to_return")]


def test_a_return_comes_after_what_it_returns(shop: Shop) -> None:
    shop.receive("X", 5, 1, at("01-01"))
    sale = shop.issue("X", 3, at("01-05"))
    assert refused(shop, "return_from_customer", "01-04", LineDraft(qty=1, of_move_id=sale)) == [
        ("effective_at", "after_original")
    ]


def test_back_to_the_supplier_at_his_price(shop: Shop) -> None:
    """Average 2.00; what cost 3.00 goes back: 3.00 less is owed, 1.00 is a cost variance."""
    shop.receive("X", 1, 1, at("01-01"))
    bought = shop.receive("X", 1, 3, at("01-02"))
    shop.record("return_to_supplier", at("01-03"), [LineDraft(qty=1, of_move_id=bought)])
    assert shop.balance("grni") == -100
    assert shop.state("X") == (1, 200)
    assert shop.balance("cost_variance") == -100
    check_whole(shop)


def test_a_return_without_a_known_sale(shop: Shop) -> None:
    shop.receive("X", 2, 3, at("01-01"))
    lines = [LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"])]
    shop.record("return_from_customer", at("01-02"), lines)
    assert shop.state("X") == (3, 900)
    check_whole(shop)


# --- production -------------------------------------------------------------------------------------------


def test_production_hands_cost_on(shop: Shop) -> None:
    """2 A @ 3.00 and 1 B @ 4.00 with 2.00 of labour make 4 C: 12.00, 3.00 each."""
    shop.receive("A", 2, 3, at("01-01"))
    shop.receive("B", 1, 4, at("01-01"))
    place = shop.places["A-1"]
    lines = [
        LineDraft(shop.item("A"), 2, from_location_id=place, consumed=True),
        LineDraft(shop.item("B"), 1, from_location_id=place, consumed=True),
        LineDraft(shop.item("C"), 4, to_location_id=place),
    ]
    shop.record("production", at("01-02"), lines, amount=Decimal(2))
    assert shop.state("C") == (4, 1200)
    assert shop.balance("wip") == 0
    assert shop.balance("conversion_cost_applied") == -200
    check_whole(shop)


def test_outputs_share_by_weight(shop: Shop) -> None:
    shop.receive("A", 1, 10, at("01-01"))
    place = shop.places["A-1"]
    lines = [
        LineDraft(shop.item("A"), 1, from_location_id=place, consumed=True),
        LineDraft(shop.item("B"), 1, to_location_id=place, share=3),
        LineDraft(shop.item("C"), 1, to_location_id=place, share=1),
    ]
    shop.record("production", at("01-02"), lines)
    assert (shop.state("B"), shop.state("C")) == ((1, 750), (1, 250))
    check_whole(shop)


def test_a_late_price_flows_through_production(shop: Shop) -> None:
    """A cost 3.00, in truth 5.00; B was made of it and half of B sold: 1.00 goes to cost of sales, 1.00 stays."""
    bought = shop.receive("A", 1, 3, at("01-01"))
    place = shop.places["A-1"]
    lines = [
        LineDraft(shop.item("A"), 1, from_location_id=place, consumed=True),
        LineDraft(shop.item("B"), 2, to_location_id=place),
    ]
    shop.record("production", at("01-02"), lines)
    sale = shop.issue("B", 1, at("01-03"))
    assert shop.cost(sale) == -150
    shop.record("price_correction", at("02-01"), [LineDraft(of_move_id=bought, amount=Decimal(2))])
    assert shop.cost(sale) == -250
    assert shop.state("B") == (1, 250)
    assert shop.balance("grni") == -500
    check_whole(shop)


# --- corrections ------------------------------------------------------------------------------------------


def test_an_amended_receipt_keeps_its_price(shop: Shop) -> None:
    bought = shop.receive("X", 10, 2, at("01-01"))
    sale = shop.issue("X", 4, at("01-02"))
    shop.record("amendment", at("02-01"), [LineDraft(qty=2, of_move_id=bought)])
    assert shop.state("X") == (8, 1600)
    assert shop.balance("grni") == -2400
    shop.record("amendment", at("02-02"), [LineDraft(qty=-1, of_move_id=sale)])
    assert shop.state("X") == (9, 1800)
    assert shop.cost(sale) == -600
    check_whole(shop)


def test_no_more_is_taken_back_than_there_is(shop: Shop) -> None:
    bought = shop.receive("X", 10, 2, at("01-01"))
    assert refused(shop, "amendment", "02-01", LineDraft(qty=-11, of_move_id=bought)) == [
        ("qty", "left_to_lower")
    ]
    shop.issue("X", 8, at("01-02"))
    assert refused(shop, "amendment", "02-01", LineDraft(qty=-5, of_move_id=bought)) == [("qty", "on_hand")]


def test_a_reversed_document_never_happened(shop: Shop) -> None:
    shop.receive("X", 10, 2, at("01-01"))
    result = shop.record(
        "receipt",
        at("01-02"),
        [LineDraft(shop.item("X"), 10, to_location_id=shop.places["A-1"], unit_cost=Decimal(4))],
    )
    document = result.documents[0]
    sale = shop.issue("X", 5, at("01-03"))
    assert shop.cost(sale) == -1500
    shop.record("amendment", at("02-01"), [LineDraft(qty=2, of_move_id=document.move_ids[0])])
    shop.record("reversal", at("02-01"), [], of_document_id=document.document_id)
    assert shop.cost(sale) == -1000
    assert shop.state("X") == (5, 1000)
    assert shop.on_hand("X") == 5
    assert refused(shop, "reversal", "02-02", of_document_id=document.document_id) == [
        ("of_move_id", "stands")
    ]
    check_whole(shop)


def test_a_reversed_production_takes_all_its_moves(shop: Shop) -> None:
    shop.receive("A", 2, 3, at("01-01"))
    place = shop.places["A-1"]
    lines = [
        LineDraft(shop.item("A"), 2, from_location_id=place, consumed=True),
        LineDraft(shop.item("B"), 1, to_location_id=place),
    ]
    made = shop.record("production", at("01-02"), lines).documents[0]
    shop.record("reversal", at("01-03"), [LineDraft(of_move_id=made.move_ids[1])])
    assert (shop.state("A"), shop.state("B")) == ((2, 600), (0, 0))
    check_whole(shop)


# --- money on old receipts --------------------------------------------------------------------------------


def test_freight_after_part_was_sold(shop: Shop) -> None:
    """10 @ 2.00, 4 sold, 5.00 of freight: 2.00 to cost of sales, 3.00 to stock."""
    bought = shop.receive("X", 10, 2, at("01-01"))
    shop.issue("X", 4, at("01-02"))
    shop.record("landed_cost", at("02-01"), [LineDraft(of_move_id=bought)], amount=Decimal(5))
    assert shop.state("X") == (6, 1500)
    assert shop.balance("cost_of_sales") == 1000
    assert shop.balance("landed_cost_clearing") == -500
    check_whole(shop)


@pytest.mark.parametrize(
    ("by", "shares"),
    [
        (AllocateBy.VALUE, (750, 250)),  # worth 30.00 and 10.00
        (AllocateBy.QUANTITY, (500, 500)),  # 10 and 10 pieces
        (AllocateBy.WEIGHT, (200, 800)),  # 10 x 100 g, 10 x 400 g
        (AllocateBy.VOLUME, (800, 200)),  # 10 x 4 ml, 10 x 1 ml
    ],
)
def test_freight_is_spread(shop: Shop, by: AllocateBy, shares: tuple[int, int]) -> None:
    shop.item("A", weight_g=Decimal(100), volume_ml=Decimal(4))
    shop.item("B", weight_g=Decimal(400), volume_ml=Decimal(1))
    first, second = shop.receive("A", 10, 3, at("01-01")), shop.receive("B", 10, 1, at("01-01"))
    lines = [LineDraft(of_move_id=first), LineDraft(of_move_id=second)]
    shop.record("landed_cost", at("01-02"), lines, amount=Decimal(10), allocate_by=by)
    assert (shop.state("A")[1] - 3000, shop.state("B")[1] - 1000) == shares
    check_whole(shop)


def test_freight_by_hand_and_taken_back(shop: Shop) -> None:
    bought = shop.receive("X", 10, 2, at("01-01"))
    lines = [LineDraft(of_move_id=bought, amount=Decimal("1.23"))]
    document = shop.record("landed_cost", at("01-02"), lines, allocate_by=AllocateBy.MANUAL).documents[0]
    assert shop.state("X") == (10, 2123)
    shop.record("reversal", at("01-03"), [], of_document_id=document.document_id)
    assert shop.state("X") == (10, 2000)
    check_whole(shop)


def test_three_cents_over_two_receipts(shop: Shop) -> None:
    """The remainder is allocated, never lost."""
    first, second = shop.receive("A", 1, 1, at("01-01")), shop.receive("B", 1, 1, at("01-01"))
    lines = [LineDraft(of_move_id=first), LineDraft(of_move_id=second)]
    shop.record("landed_cost", at("01-02"), lines, amount=Decimal("0.03"))
    assert shop.state("A")[1] + shop.state("B")[1] == 203
    check_whole(shop)


# --- lots and serials -------------------------------------------------------------------------------------


def test_ten_thousand_serials_in_one_document(shop: Shop) -> None:
    item = shop.item("PUMP", tracking=Tracking.SERIAL)
    serials = [f"S{n:05d}" for n in range(10_000)]
    shop.record(
        "receipt",
        at("01-01"),
        [
            LineDraft(
                item, 10_000, to_location_id=shop.places["A-1"], serials=serials, amount=Decimal("333.33")
            )
        ],
    )
    assert shop.on_hand("PUMP") == 10_000
    assert shop.state("PUMP") == (10_000, 33333)
    shop.record(
        "issue", at("01-02"), [LineDraft(item, 2, from_location_id=shop.places["A-1"], serials=serials[:2])]
    )
    assert shop.on_hand("PUMP") == 9_998
    check_whole(shop)


def test_specific_cost_follows_the_serial(shop: Shop) -> None:
    shop.policy("specific")
    item = shop.item("PUMP", tracking=Tracking.SERIAL)
    for serial, cost in (("S1", 100), ("S2", 300)):
        shop.record(
            "receipt",
            at("01-01"),
            [
                LineDraft(
                    item, 1, to_location_id=shop.places["A-1"], serials=[serial], unit_cost=Decimal(cost)
                )
            ],
            key=serial,
        )
    sale = shop.record(
        "issue", at("01-02"), [LineDraft(item, 1, from_location_id=shop.places["A-1"], serials=["S2"])]
    )
    assert shop.cost(sale.documents[0].move_ids[0]) == -30000
    assert shop.state("PUMP") == (1, 10000)
    check_whole(shop)


def test_a_serial_is_in_one_place(shop: Shop) -> None:
    item = shop.item("PUMP", tracking=Tracking.SERIAL)
    receipt = LineDraft(item, 1, to_location_id=shop.places["A-1"], serials=["S1"], unit_cost=Decimal(1))
    shop.record("receipt", at("01-01"), [receipt])
    again = LineDraft(item, 1, to_location_id=shop.places["B-1"], serials=["S1"], unit_cost=Decimal(1))
    assert refused(shop, "receipt", "01-02", again) == [("serials", "one_place")]
    shop.record(
        "issue", at("01-10"), [LineDraft(item, 1, from_location_id=shop.places["A-1"], serials=["S1"])]
    )
    assert refused(shop, "receipt", "01-05", again) == [("serials", "one_place")]
    shop.record("receipt", at("01-12"), [again])
    assert shop.on_hand("PUMP", "B-1") == 1


def test_a_serial_moves_between_places(shop: Shop) -> None:
    item = shop.item("PUMP", tracking=Tracking.SERIAL)
    shop.record(
        "receipt",
        at("01-01"),
        [LineDraft(item, 1, to_location_id=shop.places["A-1"], serials=["S1"], unit_cost=Decimal(1))],
    )
    for day, source, target in (("01-02", "A-1", "A-2"), ("01-03", "A-2", "A-1"), ("01-04", "A-1", "A-2")):
        shop.move("PUMP", 1, at(day), source, target, serials=["S1"])
    assert (shop.on_hand("PUMP", "A-1"), shop.on_hand("PUMP", "A-2")) == (0, 1)
    check_whole(shop)


def test_blocked_and_expired_lots_are_only_scrapped(shop: Shop) -> None:
    item = shop.item("MILK", tracking=Tracking.LOT)
    place = shop.places["A-1"]
    shop.record(
        "receipt",
        at("01-01"),
        [
            LineDraft(
                item,
                5,
                to_location_id=place,
                lot_code="L1",
                expires_on=date(2026, 1, 31),
                unit_cost=Decimal(1),
            )
        ],
    )
    use = LineDraft(item, 1, from_location_id=place, lot_code="L1")
    shop.record("issue", at("01-31"), [use])
    assert refused(shop, "issue", "02-01", use) == [("lot_id", "not_expired")]
    lot = shop.query("SELECT id FROM items_lot")[0][0]
    items_services.set_lot_status(
        company_id=shop.company_id, actor_id=None, lot_ids=[lot], status=LotStatus.QUARANTINED
    )
    assert refused(shop, "issue", "01-15", use) == [("lot_id", "available")]
    shop.record("scrap", at("02-02"), [use])
    assert shop.on_hand("MILK") == 3
    check_whole(shop)


def test_lots_are_named_where_the_item_is_tracked(shop: Shop) -> None:
    milk, bolt = shop.item("MILK", tracking=Tracking.LOT), shop.item("BOLT")
    place, one = shop.places["A-1"], Decimal(1)
    lines = (
        LineDraft(milk, 1, to_location_id=place, unit_cost=one),
        LineDraft(bolt, 1, to_location_id=place, unit_cost=one, lot_code="L"),
        LineDraft(milk, 1, to_location_id=place, unit_cost=one, serials=["S"]),
    )
    assert refused(shop, "receipt", "01-01", *lines) == [
        ("lot_code", "required"),
        ("lot_code", "untracked"),
        ("serials", "by_lot"),
    ]
    unknown = LineDraft(milk, 1, from_location_id=place, lot_code="NEVER")
    assert refused(shop, "issue", "01-01", unknown) == [("lot_code", "exists")]


# --- the batch --------------------------------------------------------------------------------------------


def test_every_fault_of_every_row_is_named(shop: Shop) -> None:
    x, place, one = shop.item("X"), shop.places["A-1"], Decimal(1)
    lines = (
        LineDraft(999_999, 1, to_location_id=place, unit_cost=one),
        LineDraft(x, 0, to_location_id=place, unit_cost=one),
        LineDraft(x, 1, to_location_id=shop.places["CUSTOMER"], unit_cost=one),
        LineDraft(x, 1, to_location_id=place),
        LineDraft(x, 1, "furlong", to_location_id=place, unit_cost=one),
        LineDraft(x, Decimal("0.5"), to_location_id=place, unit_cost=one),
        LineDraft(x, 1, to_location_id=place, unit_cost=Decimal(-1)),
        LineDraft(x, 1, to_location_id=place, amount=Decimal("1.001")),
        LineDraft(x, 1, unit_cost=one),
    )
    before = shop.counts()
    with pytest.raises(Refused) as caught:
        shop.record("receipt", at("01-01"), lines)
    assert [(p.row, p.field, p.rule) for p in caught.value.problems] == [
        (0, "item_id", "exists"),
        (1, "qty", "positive"),
        (2, "to_location_id", "location_type"),
        (3, "unit_cost", "required"),
        (4, "unit", "unit_known"),
        (5, "qty", "qty_fits_unit"),
        (6, "unit_cost", "money"),
        (7, "amount", "decimals"),
        (8, "to_location_id", "required"),
    ]
    assert shop.counts() == before


def test_negative_stock_names_the_moment(shop: Shop) -> None:
    """10 on the 1st, 8 leave on the 20th; 5 on the 10th would leave -3 on the 20th."""
    shop.receive("X", 10, 1, at("01-01"))
    shop.issue("X", 8, at("01-20"))
    with pytest.raises(Refused, match=r"X at A-1 would fall to -3 pcs on 2026-01-20"):
        shop.issue("X", 5, at("01-10"))
    with pytest.raises(Refused, match=r"X at A-1 would fall to -1 pcs on 2026-01-20"):
        shop.issue("X", 3, at("01-20", "12:00"))


def test_the_same_key_gives_the_same_answer(shop: Shop) -> None:
    line = [LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(1))]
    first = shop.record("receipt", at("01-01"), line, key="K")
    again = shop.record("receipt", at("01-01"), line, key="K")
    assert again.repeated
    assert (again.batch_id, again.documents, again.entry_ids) == (
        first.batch_id,
        first.documents,
        first.entry_ids,
    )
    assert shop.on_hand("X") == 1


def test_the_same_key_for_something_else_is_a_conflict(shop: Shop) -> None:
    line = LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(1))
    place = {"company_id": shop.company_id, "actor_id": None, "idempotency_key": "K"}
    services.record(documents=[DocumentDraft(DocumentKind.RECEIPT, at("01-01"), [line])], **place)
    with pytest.raises(Conflict):
        services.record(documents=[DocumentDraft(DocumentKind.RECEIPT, at("01-02"), [line])], **place)


def test_a_time_without_zone_and_a_time_ahead(shop: Shop) -> None:
    line = LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(1))
    naive = at("01-01").replace(tzinfo=None)
    with pytest.raises(Refused, match="time zone"):
        shop.record("receipt", naive, [line])
    with pytest.raises(Refused, match="lies ahead"):
        shop.record("receipt", at("01-01").replace(year=2126), [line])


def test_an_issue_fulfils_its_reservation(shop: Shop) -> None:
    shop.receive("X", 10, 1, at("01-01"))
    x, place = shop.item("X"), shop.places["A-1"]
    draft = services.ReservationDraft(x, place, Decimal(8))
    (claim,) = services.reserve(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key="R",
        lines=[draft],
        now=at("01-02"),
        today=at("01-02").date(),
    )
    assert refused(shop, "issue", "01-03", LineDraft(x, 3, from_location_id=place)) == [("qty", "reserved")]
    shop.record("issue", at("01-03"), [LineDraft(x, 3, from_location_id=place, reservation_id=claim)])
    assert shop.query("SELECT open_qty FROM stock_reservation") == [(5,)]
    assert shop.query("SELECT qty, reserved FROM stock_quant") == [(7, 5)]
    elsewhere = LineDraft(x, 1, from_location_id=shop.places["A-2"], reservation_id=claim)
    assert refused(shop, "issue", "01-04", elsewhere) == [("reservation_id", "same_goods")]
    shop.record("issue", at("01-04"), [LineDraft(x, 7, from_location_id=place, reservation_id=claim)])
    assert shop.query("SELECT qty, reserved FROM stock_quant") == [(0, 0)]
    check_whole(shop)
