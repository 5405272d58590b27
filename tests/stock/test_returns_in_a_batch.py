"""A return may name a line of an earlier document of its own batch: an import brings both in the same file."""

from decimal import Decimal

import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.items.values import Tracking
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, Later, LineDraft


def record(shop: Shop, *documents: DocumentDraft) -> BatchResult:
    return services.record(
        company_id=shop.company_id, actor_id=None, idempotency_key="both", documents=documents
    )


def sale(shop: Shop, day: str, *quantities: int) -> DocumentDraft:
    lines = [LineDraft(shop.item("X"), qty, from_location_id=shop.places["A-1"]) for qty in quantities]
    return DocumentDraft(DocumentKind.ISSUE, at(day), lines)


def back(day: str, *lines: LineDraft) -> DocumentDraft:
    return DocumentDraft(DocumentKind.RETURN_FROM_CUSTOMER, at(day), lines)


def test_what_was_sold_comes_back_at_its_cost(shop: Shop) -> None:
    """FIFO: 2 @ 1.00 and 3 @ 4.00; sold 1 (1.00) and 2 (1.00 + 4.00); one of the second line comes back at 2.50."""
    shop.policy("fifo")
    shop.receive("X", 2, 1, at("01-01"))
    shop.receive("X", 3, 4, at("01-02"))
    result = record(
        shop,
        sale(shop, "01-03", 1, 2),
        back("01-04", LineDraft(qty=1, of_line=(0, 1))),
        sale(shop, "01-05", 1),
    )
    sold, returned, again = (document.move_ids for document in result.documents)
    assert [shop.cost(move) for move in (*sold, *returned, *again)] == [-100, -500, 250, -400]
    assert shop.query("SELECT of_move_id FROM stock_move WHERE move_id = %s", returned[0]) == [(sold[1],)]
    assert shop.state("X") == (2, 650)
    check_whole(shop)


def test_it_is_the_same_as_entered_one_after_the_other(shop: Shop) -> None:
    shop.receive("X", 5, 3, at("01-01"))
    first = shop.issue("X", 2, at("01-02"))
    shop.receive("X", 1, 9, at("01-03"))
    shop.record("return_from_customer", at("01-04"), [LineDraft(qty=2, of_move_id=first)])
    assert shop.state("X") == (6, 2400)
    late = record(shop, sale(shop, "01-02", 1), back("01-03", LineDraft(qty=1, of_line=(0, 0))))  # a replay
    assert [shop.cost(document.move_ids[0]) for document in late.documents] == [-300, 300]
    assert shop.state("X") == (6, 2400)
    check_whole(shop)


def test_a_batch_planned_ahead_is_the_same_batch(shop: Shop) -> None:
    """5 @ 3.00; the returns of a move and of a line are still to come when the sales around them are planned."""
    shop.receive("X", 5, 3, at("01-01"))
    first = shop.issue("X", 1, at("01-02"))
    sales = sale(shop, "01-03", 2), sale(shop, "01-05", 1)
    returns = back("01-04", LineDraft(qty=1, of_move_id=first), LineDraft(qty=2, of_line=(0, 0)))

    def ahead(*documents: DocumentDraft | Later) -> services.Prepared | None:
        return services.prepare(company_id=shop.company_id, idempotency_key="ahead", documents=documents)

    def write(prepared: services.Prepared | None, *documents: DocumentDraft) -> BatchResult:
        return services.record(
            company_id=shop.company_id,
            actor_id=None,
            idempotency_key="ahead",
            documents=documents,
            prepared=prepared,
        )

    later = Later(2, [(0, 0)])
    assert ahead(sales[0], later, sale(shop, "01-05", 0)) is None  # record says what is wrong
    other, old, planned = (ahead(sales[0], later, sales[1]) for _ in range(3))
    assert other is not None
    assert old is not None
    assert planned is not None
    with pytest.raises(Refused) as refused:
        write(other, sales[0], returns, sale(shop, "01-05", 9))
    assert [problem.rule for problem in refused.value.problems] == ["on_hand"]
    assert not other.used, "another document than was planned"
    result = write(planned, sales[0], returns, sales[1])
    assert planned.used
    moved = [shop.cost(move) for document in result.documents for move in document.move_ids]
    assert moved == [-600, 300, 600, -300]
    assert write(planned, sales[0], returns, sales[1]).repeated
    shop.item("Y")  # masters have changed: what was planned with the old ones is planned anew
    assert write(old, sales[0], returns, sales[1]).repeated
    assert shop.state("X") == (4, 1200)
    check_whole(shop)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([LineDraft(qty=3, of_line=(0, 0))], "left_to_return"),
        ([LineDraft(qty=1, of_line=(0, 0)), LineDraft(qty=2, of_line=(0, 0))], "left_to_return"),
        ([LineDraft(qty=1, of_line=(0, 7))], "exists"),
        ([LineDraft(qty=1, of_line=(1, 0))], "exists"),
        ([LineDraft(qty=1, of_line=(2, 0))], "exists"),
    ],
)
def test_what_cannot_be_meant_is_refused(shop: Shop, lines: list[LineDraft], rule: str) -> None:
    shop.receive("X", 5, 3, at("01-01"))
    with pytest.raises(Refused) as refused:
        record(shop, sale(shop, "01-03", 2), back("01-04", *lines), sale(shop, "01-05", 2))
    assert [problem.rule for problem in refused.value.problems] == [rule]
    assert shop.query("SELECT count(*) FROM stock_move") == [(1,)]


def test_not_before_it_was_sold(shop: Shop) -> None:
    shop.receive("X", 5, 3, at("01-01"))
    with pytest.raises(Refused) as refused:
        record(shop, sale(shop, "01-03", 2), back("01-02", LineDraft(qty=1, of_line=(0, 0))))
    assert [problem.rule for problem in refused.value.problems] == ["after_original"]


def test_a_lot_that_is_new_in_the_batch(shop: Shop) -> None:
    item = shop.item("L", tracking=Tracking.LOT)
    bought = DocumentDraft(
        DocumentKind.RECEIPT,
        at("01-01"),
        [LineDraft(item, 4, to_location_id=shop.places["A-1"], lot_code="N1", amount=Decimal(8))],
    )
    taken_back = DocumentDraft(
        DocumentKind.RETURN_TO_SUPPLIER, at("01-02"), [LineDraft(qty=1, of_line=(0, 0))]
    )
    result = record(shop, bought, taken_back)
    rows = shop.query(
        "SELECT count(DISTINCT lot_id), min(lot_id) > 0 FROM stock_move WHERE item_id = %s", item
    )
    assert rows == [(1, True)]
    assert shop.cost(result.documents[1].move_ids[0]) == -200
    check_whole(shop)


def test_two_serials_of_one_line_are_two_moves(shop: Shop) -> None:
    item = shop.item("S", tracking=Tracking.SERIAL)
    bought = DocumentDraft(
        DocumentKind.RECEIPT,
        at("01-01"),
        [LineDraft(item, 2, serials=("a", "b"), to_location_id=shop.places["A-1"], amount=Decimal(8))],
    )
    taken_back = DocumentDraft(
        DocumentKind.RETURN_TO_SUPPLIER, at("01-02"), [LineDraft(qty=1, of_line=(0, 0))]
    )
    with pytest.raises(Refused) as refused:
        record(shop, bought, taken_back)
    assert [problem.field for problem in refused.value.problems] == ["of_line"]


def test_what_comes_back_is_found_without_reading_all_moves(shop: Shop) -> None:
    """Forty returns among three thousand moves look at their own lines and documents, some 20 rows each: not, as a plan by
    wrong estimates would, at all moves again for every return (40 x 3,000). What else is read may be all moves thrice."""
    shop.receive("X", 3_000, 1, at("01-01"))
    sold = record(shop, *(sale(shop, "01-02", *[1] * 10) for _ in range(300)))
    move_ids = [document.move_ids[0] for document in sold.documents[:40]]
    fetched = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'stock_move'"
    with db.company_transaction(company_id=shop.company_id):
        before = db.fetch_all(fetched)[0][0]
        services.record(
            company_id=shop.company_id,
            actor_id=None,
            idempotency_key="back",
            documents=[back("01-03", *(LineDraft(qty=1, of_move_id=move) for move in move_ids))],
        )
        after = db.fetch_all(fetched)[0][0]
    assert after - before < 3 * 3_000 + 40 * 20
