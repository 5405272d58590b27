"""Most lines of a batch are alike and take a short way: it decides as the long way does, and repeats are known by it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.kit.errors import Conflict, Refused
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft, OwnAmount
from wherewithal.stock.services.posting.ahead import said_by

LARGEST = 10**15 - 1


@pytest.mark.django_db
def test_a_plain_line_makes_the_move_that_any_other_makes(shop: Shop) -> None:
    """The first line of an item and of its places, and one that names the unit, take the long way."""
    bolt, here = shop.item("BOLT"), shop.places["A-1"]
    plain = LineDraft(bolt, 3, to_location_id=here, amount=Decimal("7.50"))
    lines = [plain, plain, plain._replace(unit="pcs"), plain._replace(qty=Decimal(3))]
    shop.record("receipt", at("03-01"), lines)
    shop.record("issue", at("03-02"), [LineDraft(bolt, 2, from_location_id=here, amount=Decimal(1))] * 2)
    rows = shop.query(
        "SELECT line_no, item_id, qty, amount, currency, from_location_id, to_location_id, phase, kind,"
        " event_id = move_id FROM stock_move ORDER BY move_id"
    )
    assert [row[0] for row in rows] == [1, 2, 3, 4, 1, 2]
    assert {row[1:] for row in rows[:4]} == {
        (bolt, 3, 750, "EUR", rows[0][5], here, rows[0][7], rows[0][8], True)
    }
    assert {row[1:] for row in rows[4:]} == {
        (bolt, 2, None, None, here, rows[4][6], rows[4][7], rows[4][8], True)
    }
    assert len(shop.query("SELECT DISTINCT key FROM stock_move")) == 6
    assert shop.on_hand("BOLT", "A-1") == 8


@pytest.mark.django_db
def test_behind_a_plain_line_every_fault_is_named(shop: Shop) -> None:
    bolt, here, there = shop.item("BOLT"), shop.places["A-1"], shop.places["A-2"]
    lot = shop.item("LOT", tracking=1)
    good = LineDraft(bolt, 3, to_location_id=here, amount=Decimal(7))
    lines = [
        good,
        good,
        good._replace(qty=0),
        good._replace(qty=-1),
        good._replace(qty=None),
        good._replace(qty=LARGEST + 1),
        good._replace(unit="BOX-OF-NONE"),
        good._replace(lot_code="L1"),
        good._replace(serials=("S1",)),
        good._replace(amount=None),
        good._replace(amount=Decimal("0.001")),
        good._replace(amount=Decimal(-1)),
        good._replace(amount=Decimal("NaN")),
        good._replace(amount=Decimal(10**13)),
        good._replace(amount=Decimal("1e16")),
        good._replace(unit_cost=Decimal(1)),
        good._replace(item_id=lot),
        good._replace(item_id=10**9),
        good._replace(to_location_id=10**9),
        good._replace(row=77, qty=0),
        good._replace(to_location_id=there),
    ]
    before = shop.counts()
    with pytest.raises(Refused) as refused:
        shop.record("receipt", at("03-01"), lines)
    assert [(p.row, p.field, p.rule) for p in refused.value.problems] == [
        (2, "qty", "positive"),
        (3, "qty", "positive"),
        (4, "qty", "required"),
        (5, "qty", "qty_range"),
        (6, "unit", "unit_known"),
        (7, "lot_code", "untracked"),
        (8, "lot_code", "untracked"),
        (9, "unit_cost", "required"),
        (10, "amount", "decimals"),
        (11, "amount", "money"),
        (12, "amount", "money"),
        (13, "amount", "money_range"),
        (14, "amount", "money"),
        (15, "amount", "one_of"),
        (16, "lot_code", "required"),
        (17, "item_id", "exists"),
        (18, "to_location_id", "exists"),
        (77, "qty", "positive"),
    ]
    assert shop.counts() == before


@pytest.mark.django_db
def test_a_repeat_is_told_from_another_request_by_any_field(shop: Shop) -> None:
    line = LineDraft(shop.item("BOLT"), 3, to_location_id=shop.places["A-1"], amount=Decimal("7.50"))
    first = shop.record("receipt", at("03-01"), [line, line], key="K")
    assert shop.record("receipt", at("03-01"), [line, line._replace(row=9)], key="K").repeated
    for other in (
        line._replace(qty=4),
        line._replace(amount=Decimal("7.5")),
        line._replace(to_location_id=shop.places["A-2"]),
        line._replace(expires_on=date(2026, 5, 1)),
        line._replace(reservation_id=1),
    ):
        with pytest.raises(Conflict):
            shop.record("receipt", at("03-01"), [line, other], key="K")
    assert shop.query("SELECT batch_id FROM stock_batch") == [(first.batch_id,)]


def test_what_a_document_says_is_written_as_it_always_was() -> None:
    """The hashes of recorded batches are of these bytes: they are Python's own notation of tuples."""
    lines = [
        LineDraft(30, 3, to_location_id=35, amount=Decimal("7.50"), row=4),
        LineDraft(30, Decimal("1.5"), from_location_id=35, lot_code="L'1"),
        LineDraft(30, 1, serials=["S"], consumed=True, of_line=(0, 1)),
        LineDraft(counted_qty=0, share=Decimal(1), expires_on=date(2027, 1, 2), unit="BOX", reservation_id=8),
    ]
    document = DocumentDraft(
        DocumentKind.RECEIPT,
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        lines,
        key="k",
        rates={"USD": Decimal("1.1"), "CHF": Decimal(2)},
        own_amounts=[OwnAmount(1, 200, "EUR")],
    )
    assert said_by(document).decode() == (
        "((<DocumentKind.RECEIPT: 'receipt'>, datetime.datetime(2026, 3, 1, 9, 0, tzinfo=datetime.timezone.utc), 'k',"
        " None, None, None, None, None, None, None, <AllocateBy.VALUE: 'value'>),"
        " [('CHF', Decimal('2')), ('USD', Decimal('1.1'))])"
        "[(30, 3, None, None, 35, None, None, (), None, None, Decimal('7.50'), None, None, None, None, False, None),"
        " (30, Decimal('1.5'), None, 35, None, None, \"L'1\", (), None, None, None, None, None, None, None, False, None),"
        " (30, 1, None, None, None, None, None, ['S'], None, None, None, None, (0, 1), None, None, True, None),"
        " (0, None, 'BOX', None, None, None, None, (), datetime.date(2027, 1, 2), None, None, None, None, 0,"
        " Decimal('1'), False, 8)]"
        "[(1, 200, 'EUR')]"
    )


@pytest.mark.django_db
def test_a_large_batch_is_whole_or_not_there(shop: Shop) -> None:
    """Its facts are on their way before all is known of it: whatever is then found takes them back."""
    bolt, here = shop.item("BOLT"), shop.places["A-1"]
    shop.receive("BOLT", 10, 1, at("03-01"))
    receipt = [LineDraft(bolt, 2, to_location_id=here, amount=Decimal(2))] * 301
    issue = [LineDraft(bolt, 1, from_location_id=here)] * 301
    before = shop.counts()

    def batch(key: str, *, lines: Sequence[LineDraft] = issue, **head: Any) -> BatchResult:
        day = head.pop("day", at("03-02"))
        documents = [
            DocumentDraft(DocumentKind.RECEIPT, day, receipt),
            DocumentDraft(DocumentKind.ISSUE, day, lines, **head),
        ]
        return services.record(
            company_id=shop.company_id, actor_id=None, idempotency_key=key, documents=documents
        )

    for field, values in (
        ("effective_at", {"day": at("03-02").replace(year=2900)}),
        ("qty", {"lines": [*issue, LineDraft(bolt, 613, from_location_id=here)]}),
    ):
        with pytest.raises(Refused) as refused:
            batch("L", **values)
        assert refused.value.problems[0].field == field
        assert shop.counts() == before
    first = batch("L")
    assert [len(document.move_ids) for document in first.documents] == [301, 301]
    assert shop.on_hand("BOLT") == 311
    assert shop.state("BOLT") == (311, 31100)
    assert shop.balance("cost_of_sales") == 30100
    assert batch("L").repeated
    with pytest.raises(Conflict):
        batch("L", lines=issue[1:])
    check_whole(shop)
