"""Every figure tells where it comes from. The numbers were worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.reporting.conftest import Firm
from tests.reporting.goods import Shop, a_week, at, open_shop, record

from wherewithal.kit.db import company_transaction, execute, fetch_one
from wherewithal.kit.errors import NotFound
from wherewithal.ledger import services as ledger
from wherewithal.reporting import explain
from wherewithal.reporting.explain import Explanation
from wherewithal.reporting.explain.values import Money, Unit
from wherewithal.stock.drafts import DocumentKind, LineDraft


@pytest.fixture
def shop(firm: Firm) -> Shop:
    return open_shop(firm)


def below(told: Explanation, *words: str) -> Explanation:
    """The first node under (or at) this one whose statement has all these words."""
    if all(word in told.statement for word in words):
        return told
    for child in told.children:
        try:
            return below(child, *words)
        except LookupError:
            continue
    raise LookupError(f"nothing says {words} in:\n{explain.as_text(told)}")


def test_an_issue_by_moving_average_shows_its_pool(shop: Shop) -> None:
    moves = a_week(shop)

    told = explain.move_cost(company_id=shop.company_id, move_id=moves["sold"])

    assert told.figure == "15.00 EUR"  # 5 at (10 x 2.00 + 10 x 4.00) / 20
    pool = below(told, "The pool of the company")
    assert pool.statement == (
        "The pool of the company held 20 pcs worth 60.00 EUR before, and 15 pcs worth 45.00 EUR after."
    )
    assert pool.figure == "3.00 EUR per pcs"
    assert pool.rule is not None
    assert pool.rule.startswith("Moving average:")
    posted = below(told, "Goods went to a customer", "Debit 5000", "credit 1200")
    assert posted.figure == "15.00 EUR"
    assert [fact.kind for fact in posted.facts] == ["entry"]


def test_an_issue_by_fifo_names_its_layers(shop: Shop) -> None:
    with company_transaction(company_id=shop.company_id):
        execute(
            "INSERT INTO stock_cost_policy (company_id, book_id, method, effective_on, recorded_at)"
            " VALUES (%s, %s, 'fifo', '2000-01-01', now())",
            (shop.company_id, shop.book_id),
        )
    moves = a_week(shop)
    more = record(
        shop,
        "5",
        DocumentKind.ISSUE,
        at(7),
        LineDraft(shop.bolt, Decimal(7), from_location_id=shop.places["A1"]),
    )

    told = explain.move_cost(company_id=shop.company_id, move_id=more.documents[0].move_ids[0])

    assert told.figure == "18.00 EUR"  # the last 5 at 2.00 and 2 at 4.00
    first = below(told, "5 pcs of a layer that held 5 pcs worth 10.00 EUR")
    second = below(told, "2 pcs of a layer that held 10 pcs worth 40.00 EUR")
    assert (first.figure, second.figure) == ("10.00 EUR", "8.00 EUR")
    assert [fact.id for fact in first.facts] == [moves["bolts"]]
    assert [fact.id for fact in second.facts] == [moves["more"]]


def test_a_late_freight_bill_is_told_with_the_day_on_which_it_was_learnt(shop: Shop) -> None:
    moves = a_week(shop)
    record(
        shop,
        "freight",
        DocumentKind.LANDED_COST,
        at(20),
        LineDraft(of_move_id=moves["bolts"]),
        amount=Decimal("6.00"),
    )

    told = explain.move_cost(company_id=shop.company_id, move_id=moves["bolts"])

    assert told.figure == "26.00 EUR"
    assert below(told, "It came at 20.00 EUR").figure == "20.00 EUR"
    landed = below(told, "Landed cost:")
    assert landed.figure == "6.00 EUR"
    assert landed.rule == "It counts from the receipt's instant, whenever its bill came."
    learnt = below(told, "How the figure became known")
    assert [child.figure for child in learnt.children] == ["20.00 EUR", "6.00 EUR"]
    assert "landed_cost" in learnt.children[1].facts[0].label

    sold = explain.move_cost(company_id=shop.company_id, move_id=moves["sold"])
    assert sold.figure == "16.50 EUR"  # 5 at 66.00 / 20
    assert [child.figure for child in below(sold, "How the figure").children] == ["15.00 EUR", "1.50 EUR"]


def test_a_transfer_inside_a_pool_says_that_nothing_changed(shop: Shop) -> None:
    moves = a_week(shop)

    told = explain.move_cost(company_id=shop.company_id, move_id=moves["moved"])

    assert told.figure == "0.00 EUR"
    assert below(told, "No value rows: the goods stayed in the same pool")


def test_a_product_is_told_through_its_materials(shop: Shop) -> None:
    a_week(shop)
    a1 = shop.places["A1"]
    made = record(
        shop,
        "make",
        DocumentKind.PRODUCTION,
        at(10),
        LineDraft(shop.bolt, Decimal(4), from_location_id=a1, consumed=True),
        LineDraft(shop.drill, 1, to_location_id=a1, serials=("D9",)),
    )

    told = explain.move_cost(company_id=shop.company_id, move_id=made.documents[0].move_ids[1])

    assert told.figure == "12.00 EUR"
    assert below(told, "What went into it").rule is not None
    assert below(told, "(consumption", "4 pcs of BOLT").figure == "12.00 EUR"


def test_the_unit_cost_of_an_item_on_a_day_and_as_known_then(shop: Shop) -> None:
    moves = a_week(shop)
    before = datetime.now(UTC)
    record(
        shop,
        "freight",
        DocumentKind.LANDED_COST,
        at(20),
        LineDraft(of_move_id=moves["bolts"]),
        amount=Decimal("6.00"),
    )
    item = {"company_id": shop.company_id, "item_id": shop.bolt}

    assert explain.unit_cost(**item).figure == "3.30 EUR per pcs"
    assert explain.unit_cost(**item, known_at=before).figure == "3.00 EUR per pcs"
    assert explain.unit_cost(**item, as_of=date(2025, 3, 3)).figure == "2.60 EUR per pcs"
    assert explain.unit_cost(**item, as_of=date(2025, 3, 3), known_at=before).figure == "2.00 EUR per pcs"
    assert explain.unit_cost(**item, known_at=before - timedelta(days=400)).figure is None


def test_a_quantity_is_the_sum_of_its_moves(shop: Shop) -> None:
    a_week(shop)
    bolts = {"company_id": shop.company_id, "item_id": shop.bolt}

    assert explain.stock_figure(**bolts).figure == "15 pcs"
    told = explain.stock_figure(**bolts, location_id=shop.places["A1"])
    assert told.figure == "11 pcs"
    assert [(child.statement, child.figure) for child in below(told, "By kind").children] == [
        ("receipt, 2 moves", "+20 pcs"),
        ("issue, 1 move", "-5 pcs"),
        ("transfer, 1 move", "-4 pcs"),
    ]
    assert explain.stock_figure(**bolts, location_id=shop.places["MAIN"]).figure == "15 pcs"
    assert explain.stock_figure(**bolts, as_of=date(2025, 3, 4)).figure == "20 pcs"


def test_a_line_of_an_entry_is_made_of_value_rows(shop: Shop) -> None:
    moves = a_week(shop)
    with company_transaction(company_id=shop.company_id):
        row = fetch_one(
            """
            SELECT l.entry_id, l.line_no FROM stock_value v
            JOIN ledger_line l ON l.company_id = v.company_id AND l.entry_id = v.entry_id
                              AND l.account_id = v.debit_account_id
            WHERE v.company_id = %s AND v.move_id = %s
            """,
            (shop.company_id, moves["sold"]),
        )
    assert row is not None

    told = explain.entry_line(
        company_id=shop.company_id, book_id=shop.book_id, entry_id=row[0], line_no=row[1]
    )

    assert told.figure == "65.00 EUR"  # five bolts and a drill
    sold = [child for child in told.children if child.figure in ("15.00 EUR", "50.00 EUR")]
    assert len(sold) == 2
    assert below(told, "It was posted when this was entered").facts[0].kind == "document"


def test_the_value_of_stock_by_item_and_by_what_made_it(shop: Shop) -> None:
    a_week(shop)

    told = explain.valuation_figure(company_id=shop.company_id)
    assert told.figure == "95.00 EUR"
    assert [(child.statement, child.figure) for child in told.children] == [
        ("DRILL Drill", "50.00 EUR"),
        ("BOLT Bolt M8", "45.00 EUR"),
    ]
    bolts = explain.valuation_figure(company_id=shop.company_id, item_id=shop.bolt, as_of=date(2025, 3, 4))
    assert bolts.figure == "60.00 EUR"


def test_a_book_without_the_history_of_stock_says_so(shop: Shop) -> None:
    moves = a_week(shop)
    tax_id = ledger.create_book(
        company_id=shop.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
    )
    told = [
        explain.unit_cost(company_id=shop.company_id, item_id=shop.bolt, book_id=tax_id),
        explain.move_cost(company_id=shop.company_id, move_id=moves["sold"], book_id=tax_id),
    ]
    said = "Book tax has not been filled with the history of stock yet."
    assert [(node.statement, node.figure) for node in told] == [(said, None)] * 2


def test_what_is_not_there_is_not_found(shop: Shop) -> None:
    ids = {"company_id": shop.company_id}
    with pytest.raises(NotFound):
        explain.move_cost(**ids, move_id=10**12)
    with pytest.raises(NotFound):
        explain.unit_cost(**ids, item_id=10**9)
    with pytest.raises(NotFound):
        explain.entry_line(**ids, book_id=shop.book_id, entry_id=10**12, line_no=1)
    with pytest.raises(NotFound):
        explain.stock_figure(**ids, item_id=10**9)


def test_json_leaves_out_what_is_empty() -> None:
    inner = Explanation("Two.", "2")
    assert explain.as_dict(Explanation("One.", children=(inner,))) == {
        "statement": "One.",
        "children": [{"statement": "Two.", "figure": "2"}],
    }
    assert (
        explain.as_text(Explanation("One.", rule="So.", children=(inner,)))
        == "One.\n   Rule: So.\n   Two.  [2]"
    )


@pytest.mark.parametrize(
    ("minor", "qty", "money", "unit", "text"),
    [
        (1000, 3, Money("EUR", 2), Unit("pcs", 0), "3.333333 EUR per pcs"),
        (6000, 20, Money("EUR", 2), Unit("pcs", 0), "3.00 EUR per pcs"),
        (150, 2, Money("JPY", 0), Unit("pcs", 0), "75 JPY per pcs"),
        (1, 8, Money("KWD", 3), Unit("pcs", 0), "0.000125 KWD per pcs"),
        (1250, 12500, Money("EUR", 2), Unit("kg", 3), "1.00 EUR per kg"),
    ],
)
def test_unit_costs_are_written_in_the_books_currency(
    minor: int, qty: int, money: Money, unit: Unit, text: str
) -> None:
    assert money.unit_cost(minor, qty, unit) == text


def test_quantities_are_written_in_base_units() -> None:
    assert Unit("kg", 3).text(12500) == "12.5 kg"
    assert Unit("kg", 3).text(-1234000) == "-1,234 kg"
    assert Unit("pcs", 0).text(1000000) == "1,000,000 pcs"
    assert Money("EUR", 2).text(-123456) == "-1,234.56 EUR"
    assert Money("JPY", 0).text(1000) == "1,000 JPY"
