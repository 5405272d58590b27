"""What is where, what it is worth, and how that came: now, on a past day, and as known at an instant."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.stock.conftest import Shop, at, number

from wherewithal.kit import db
from wherewithal.kit.errors import NotFound
from wherewithal.stock import queries, services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.queries import Detail, MoveFilter, OnHandFilter

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)
FIRST_WEEK, SECOND_WEEK = datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 3, 15, tzinfo=UTC)


def ask(shop: Shop, query: Any, **arguments: Any) -> Any:
    with db.company_transaction(company_id=shop.company_id):
        return query(shop.company_id, **arguments)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """10 at 1.00 on 1 March, 10 at 2.00 on 10 March into another bin; 4 sold and 2 carried to B on 12 March."""
    shop.receive("BOLT", 10, 1, at("03-01"), "A-1")
    shop.receive("BOLT", 10, 2, at("03-10"), "A-2")
    shop.issue("BOLT", 4, at("03-12"), "A-1")
    shop.move("BOLT", 2, at("03-12", "13:00"), "A-2", "B-1")
    shop.receive("NUT", 7, "0.10", at("03-02"), "B-1")
    return shop


def cells(rows: list[queries.OnHand]) -> list[tuple[str, str, int]]:
    return [(row.sku, row.location_code, row.qty) for row in rows]


def test_on_hand_now_by_place(busy: Shop) -> None:
    rows = ask(busy, queries.on_hand, today=TODAY)
    assert cells(rows) == [("BOLT", "A-1", 6), ("BOLT", "A-2", 8), ("BOLT", "B-1", 2), ("NUT", "B-1", 7)]
    assert [row.available for row in rows] == [6, 8, 2, 7]


def test_on_hand_of_items_sums_their_places(busy: Shop) -> None:
    rows = ask(busy, queries.on_hand, today=TODAY, detail=Detail.ITEM)
    assert cells(rows) == [("BOLT", "", 16), ("NUT", "", 7)]


def test_on_hand_of_a_warehouse_counts_its_bins(busy: Shop) -> None:
    rows = ask(busy, queries.on_hand, today=TODAY, filters=OnHandFilter(location_id=busy.places["WH-A"]))
    assert cells(rows) == [("BOLT", "A-1", 6), ("BOLT", "A-2", 8)]
    one = ask(busy, queries.quantity, item_id=busy.items["BOLT"], location_id=busy.places["WH-A"])
    assert one == 14


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 2, 28), []),
        (date(2026, 3, 1), [("BOLT", "A-1", 10)]),
        (date(2026, 3, 10), [("BOLT", "A-1", 10), ("BOLT", "A-2", 10), ("NUT", "B-1", 7)]),
        (date(2026, 3, 12), [("BOLT", "A-1", 6), ("BOLT", "A-2", 8), ("BOLT", "B-1", 2), ("NUT", "B-1", 7)]),
    ],
)
def test_on_hand_as_of_a_day(busy: Shop, day: date, expected: list[tuple[str, str, int]]) -> None:
    assert cells(ask(busy, queries.on_hand, today=TODAY, as_of=day)) == expected


def test_pages_of_on_hand_meet_without_gap(busy: Shop) -> None:
    whole = ask(busy, queries.on_hand, today=TODAY)
    first = ask(busy, queries.on_hand, today=TODAY, limit=2)
    after = (first[-1].sku, first[-1].location_code, first[-1].lot_code)
    assert first + ask(busy, queries.on_hand, today=TODAY, after=after) == whole


def test_stock_as_it_was_known(shop: Shop) -> None:
    """A receipt of 1 March that was entered on the 10th is not there for who asks what was known on the 8th."""
    item = shop.item("BOLT")
    for key, qty, recorded_at in (
        ("one", 5, datetime(2026, 3, 2, tzinfo=UTC)),
        ("two", 3, datetime(2026, 3, 10, tzinfo=UTC)),
    ):
        draft = LineDraft(item, number(qty), to_location_id=shop.places["A-1"], unit_cost=number("1.00"))
        services.record(
            company_id=shop.company_id,
            actor_id=None,
            idempotency_key=key,
            documents=[DocumentDraft(DocumentKind.RECEIPT, at("03-01"), [draft])],
            recorded_at=recorded_at,
        )
    march_1 = date(2026, 3, 1)
    assert ask(shop, queries.quantity, item_id=item, as_of=march_1) == 8
    assert ask(shop, queries.quantity, item_id=item, as_of=march_1, known_at=FIRST_WEEK) == 5
    known = ask(shop, queries.valuation, book_id=shop.book_id, as_of=march_1, known_at=FIRST_WEEK)
    assert [(row.qty, row.value) for row in known] == [(5, 500)]
    later = ask(shop, queries.valuation, book_id=shop.book_id, as_of=march_1, known_at=SECOND_WEEK)
    assert [(row.qty, row.value) for row in later] == [(8, 800)]


def test_valuation_now_and_then(busy: Shop) -> None:
    """The mean of 10 at 1.00 and 10 at 2.00 is 1.50: 16 left are worth 24.00; on 5 March 10 were worth 10.00."""
    now = ask(busy, queries.valuation, book_id=busy.book_id)
    assert [(row.sku, row.qty, row.value) for row in now] == [("BOLT", 16, 2400), ("NUT", 7, 70)]
    total = ask(busy, queries.valuation_total, book_id=busy.book_id)
    assert (total.value, total.allowance, total.items) == (2470, 0, 2)
    then = ask(busy, queries.valuation, book_id=busy.book_id, as_of=date(2026, 3, 5))
    assert [(row.sku, row.qty, row.value) for row in then] == [("BOLT", 10, 1000), ("NUT", 7, 70)]
    all_days = ask(busy, queries.valuation, book_id=busy.book_id, as_of=TODAY)
    assert all_days == now


def test_the_ledger_card_runs_to_the_balance(busy: Shop) -> None:
    card = ask(busy, queries.ledger_card, book_id=busy.book_id, item_id=busy.items["BOLT"])
    assert [(row.qty, row.value, row.balance_qty, row.balance_value) for row in card] == [
        (10, 1000, 10, 1000),
        (10, 2000, 20, 3000),
        (-4, -600, 16, 2400),
        (0, 0, 16, 2400),
    ]
    assert card[3].moved_qty == 2
    rest = ask(busy, queries.ledger_card, book_id=busy.book_id, item_id=busy.items["BOLT"], after=2)
    assert rest == card[2:]


def test_a_late_price_shows_on_the_line_it_belongs_to(busy: Shop) -> None:
    """A receipt of 2 March (10 at 4.00) makes the mean 70/30; the sale of 4 then costs 9.33 instead of 6.00."""
    busy.receive("BOLT", 10, 4, at("03-02"))
    card = ask(busy, queries.ledger_card, book_id=busy.book_id, item_id=busy.items["BOLT"])
    assert [row.value for row in card] == [1000, 4000, 2000, -933, 0]
    issue = next(row for row in card if row.qty == -4)
    trail = ask(busy, queries.move_values, move_id=issue.move_id)
    assert [row.stock_amount for row in trail] == [-600, -333]
    assert {row.role for row in trail} == {20}


def test_moves_are_listed_newest_first_and_filtered(busy: Shop) -> None:
    rows = ask(busy, queries.list_moves)
    assert [(row.sku, row.from_code, row.to_code, row.qty) for row in rows] == [
        ("NUT", "SUPPLIER", "B-1", 7),
        ("BOLT", "A-2", "B-1", 2),
        ("BOLT", "A-1", "CUSTOMER", 4),
        ("BOLT", "SUPPLIER", "A-2", 10),
        ("BOLT", "SUPPLIER", "A-1", 10),
    ]
    into_b = ask(busy, queries.list_moves, filters=MoveFilter(location_id=busy.places["B-1"]))
    assert [row.move_id for row in into_b] == [rows[0].move_id, rows[1].move_id]
    # A place counts with all below it; what lies outside (a customer) has no cells and is found all the same.
    in_a = ask(busy, queries.list_moves, filters=MoveFilter(location_id=busy.places["WH-A"]))
    assert in_a == rows[1:]
    sold = ask(busy, queries.list_moves, filters=MoveFilter(location_id=rows[2].to_location_id))
    assert sold == [rows[2]]
    days = MoveFilter(from_day=date(2026, 3, 2), to_day=date(2026, 3, 10))
    assert [row.qty for row in ask(busy, queries.list_moves, filters=days)] == [7, 10]
    assert ask(busy, queries.list_moves, before=rows[1].move_id, limit=2) == rows[2:4]
    document = rows[1].document_id
    assert ask(busy, queries.list_moves, filters=MoveFilter(document_id=document)) == [rows[1]]
    assert ask(busy, queries.moves_of_document, document_id=document) == [rows[1]]
    assert ask(busy, queries.get_move, move_id=rows[2].move_id) == rows[2]


def test_documents_by_the_latest_day(busy: Shop) -> None:
    rows = ask(busy, queries.list_documents)
    assert [row.kind for row in rows] == ["transfer", "issue", "receipt", "receipt", "receipt"]
    first = ask(busy, queries.list_documents, limit=2)
    before = (first[-1].effective_at, first[-1].document_id)
    assert first + ask(busy, queries.list_documents, before=before) == rows
    assert ask(busy, queries.list_documents, kinds=["issue"]) == [rows[1]]
    assert ask(busy, queries.get_document, document_id=rows[0].document_id) == rows[0]


def test_entry_values_decompose_an_account(busy: Shop) -> None:
    cost_of_sales = busy.query(
        "SELECT entry_id, account_id, amount FROM ledger_line WHERE account_id IN"
        " (SELECT account_id FROM ledger_account_map WHERE account_role = 'cost_of_sales')"
    )
    ((entry_id, account_id, amount),) = cost_of_sales
    rows = ask(busy, queries.entry_values, book_id=busy.book_id, entry_id=entry_id, account_id=account_id)
    assert (amount, [row.amount for row in rows]) == (600, [600])


def test_what_another_company_has_is_not_there(busy: Shop, shops: Any) -> None:
    other = shops()
    move_id = ask(busy, queries.list_moves)[0].move_id
    document_id = ask(busy, queries.list_documents)[0].document_id
    assert ask(other, queries.on_hand, today=TODAY) == []
    assert ask(other, queries.list_moves) == []
    assert ask(other, queries.valuation, book_id=busy.book_id) == []
    for query, name, value in (
        (queries.get_move, "move_id", move_id),
        (queries.get_document, "document_id", document_id),
        (queries.get_location, "location_id", busy.places["A-1"]),
    ):
        with pytest.raises(NotFound):
            ask(other, query, **{name: value})


def test_the_tree_of_places(shop: Shop) -> None:
    rows = ask(shop, queries.list_locations, held=True)
    assert [(row.code, row.depth) for row in rows] == [
        ("TRANSIT", 0),
        ("WH-A", 0),
        ("A-1", 1),
        ("A-2", 1),
        ("WH-B", 0),
        ("B-1", 1),
    ]
    assert ask(shop, queries.location_ids, codes=["A-1", "NOWHERE"]) == {"A-1": shop.places["A-1"]}
    assert ask(shop, queries.location_by_scan, text="A-2").id == shop.places["A-2"]
    assert ask(shop, queries.location_by_scan, text="NOWHERE") is None


def test_trends_by_hand(busy: Shop) -> None:
    """March: 30.70 came in, 6.00 went; the end of the month holds 24.70. Weeks begin on Monday (2 and 9 March)."""
    values = ask(
        busy, queries.value_by_category, book_id=busy.book_id, first=date(2026, 2, 1), last=date(2026, 4, 15)
    )
    assert [(row.day, row.value) for row in values] == [(date(2026, 3, 31), 2470), (date(2026, 4, 15), 2470)]
    weeks = ask(
        busy, queries.flow_by_week, book_id=busy.book_id, first=date(2026, 2, 23), last=date(2026, 3, 15)
    )
    assert [(row.week, row.received, row.issued) for row in weeks] == [
        (date(2026, 2, 23), 1000, 0),
        (date(2026, 3, 2), 70, 0),
        (date(2026, 3, 9), 2000, 600),
    ]


def test_age_of_what_is_there(busy: Shop) -> None:
    """16 bolts: the 10 of 10 March are 112 days old on 30 June, the other 6 are of 1 March: 121 days. Nuts: 120."""
    rows = ask(busy, queries.ageing, today=TODAY)
    assert [(row.sku, row.qty, row.under_90_qty, row.under_180_qty) for row in rows] == [
        ("BOLT", 16, 0, 16),
        ("NUT", 7, 0, 7),
    ]
    young = ask(busy, queries.ageing, today=date(2026, 4, 5))
    assert [(row.under_30_qty, row.under_90_qty) for row in young] == [(10, 6), (0, 7)]
    # In all, at what a bolt (1.50) and a nut (0.10) cost on average: 15.00 is young, 9.00 and 0.70 are older.
    whole = ask(busy, queries.age_in_all, book_id=busy.book_id, today=date(2026, 4, 5))
    assert (whole.values, whole.items) == ((1500, 970, 0, 0, 0), (1, 2, 0, 0, 0))
    whole = ask(busy, queries.age_in_all, book_id=busy.book_id, today=TODAY)
    assert (whole.values, whole.items) == ((0, 0, 2470, 0, 0), (0, 0, 2, 0, 0))


def test_value_over_time_is_the_valuation_of_each_day(busy: Shop) -> None:
    """Also in the middle of a month, before and after what was entered late, and where nothing is left."""
    busy.issue("NUT", 7, at("04-20"), "B-1")
    busy.receive("BOLT", 5, 3, at("02-15"), "A-1")
    busy.issue("BOLT", 3, at("04-02"), "A-1")
    busy.issue(
        "BOLT", 1, at("06-03"), "A-1"
    )  # in May it does not move: what it was then is in its snapshot of June
    for last in (
        "2026-02-14",
        "2026-02-28",
        "2026-03-01",
        "2026-03-11",
        "2026-03-31",
        "2026-04-19",
        "2026-05-02",
    ):
        day = date.fromisoformat(last)
        shown = ask(busy, queries.value_by_category, book_id=busy.book_id, first=date(2026, 1, 5), last=day)
        for end in {row.day for row in shown} | {day}:
            total = ask(busy, queries.valuation_total, book_id=busy.book_id, as_of=end)
            assert sum(row.value for row in shown if row.day == end) == total.carrying, (last, end)


def test_lots_that_expire(shop: Shop) -> None:
    shop.item("GLUE", tracking=1)
    shop.receive("GLUE", 5, 1, at("03-01"), lot_code="G1", expires_on=date(2026, 7, 1))
    shop.receive("GLUE", 5, 1, at("03-01", "12:01"), lot_code="G2", expires_on=date(2026, 6, 1))
    due = ask(shop, queries.expiring, until=date(2026, 6, 30))
    assert [(row.lot_code, row.qty) for row in due] == [("G2", 5)]
    by_lot = ask(shop, queries.on_hand, today=TODAY, detail=Detail.LOT)
    assert [(row.lot_code, row.qty, row.blocked, row.available) for row in by_lot] == [
        ("G1", 5, 0, 5),
        ("G2", 5, 5, 0),
    ]
    weeks = ask(
        shop, queries.expiry_by_week, book_id=shop.book_id, first=date(2026, 6, 1), last=date(2026, 6, 7)
    )
    assert [(row.week, row.lots, row.value) for row in weeks] == [(date(2026, 6, 1), 1, 500)]
