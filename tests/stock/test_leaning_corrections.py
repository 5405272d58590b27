"""Corrections that lean on each other: each counts once, none pulls the ground from under another."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.kit.errors import Refused
from wherewithal.stock import services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import NrvEstimate, StandardCostDraft

pytestmark = pytest.mark.django_db


def rules_of_refusal(shop: Shop, *documents: DocumentDraft) -> set[str]:
    """Why a batch is refused; nothing may have been written."""
    before = shop.counts()
    with pytest.raises(Refused) as caught:
        services.record(
            company_id=shop.company_id,
            actor_id=None,
            idempotency_key=f"k{next(shop.keys)}",
            documents=documents,
        )
    assert shop.counts() == before
    check_whole(shop)
    return {problem.rule for problem in caught.value.problems}


def draft(kind: str, day: str, *lines: LineDraft, **head: Any) -> DocumentDraft:
    return DocumentDraft(DocumentKind(kind), at(day), lines, **head)


def test_a_document_of_costs_is_reversed_once(shop: Shop) -> None:
    """10 at 2.00 with 7.00 of freight: reversed once 20.00 are left; the reversal reversed brings the 7.00 back."""
    move = shop.receive("X", 10, 2, at("01-01"))
    freight = shop.record(
        "landed_cost", at("01-02"), [LineDraft(of_move_id=move)], amount=Decimal(7)
    ).documents[0]
    assert shop.state("X") == (10, 2700)
    undone = shop.record("reversal", at("01-03"), [], of_document_id=freight.document_id).documents[0]
    assert shop.state("X") == (10, 2000)
    again = draft("reversal", "01-03", of_document_id=freight.document_id)
    assert rules_of_refusal(shop, again) == {"stands"}
    shop.record("reversal", at("01-04"), [], of_document_id=undone.document_id)
    assert shop.state("X") == (10, 2700)
    assert rules_of_refusal(shop, again, again) == {"stands"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("reversal", "reversal"),
        ("amendment", "reversal"),
        ("reversal", "amendment"),
        ("reversal", "return_to_supplier"),
        ("return_to_supplier", "reversal"),
        ("reversal", "landed_cost"),
    ],
)
def test_corrections_of_one_move_in_one_batch_see_each_other(shop: Shop, first: str, second: str) -> None:
    move = shop.receive("X", 10, 2, at("01-01"))
    shop.receive("X", 100, 2, at("01-01"))
    quantities = {"amendment": 4, "return_to_supplier": 10}

    def of(kind: str) -> DocumentDraft:
        line = LineDraft(of_move_id=move, qty=quantities.get(kind))
        return draft(kind, "03-01", line, amount=Decimal(7) if kind == "landed_cost" else None)

    assert rules_of_refusal(shop, of(first), of(second)) & {"stands", "left_to_return", "not_returned"}
    assert shop.state("X") == (110, 22000)


def test_an_amendment_stays_while_its_goods_are_returned(shop: Shop) -> None:
    """10 were sold, in truth 15, and 15 came back: the 5 cannot be taken back out."""
    shop.receive("Y", 50, 1, at("01-01"))
    issue = shop.issue("Y", 10, at("01-05"))
    amendment = shop.record("amendment", at("03-01"), [LineDraft(of_move_id=issue, qty=5)]).documents[0]
    shop.record("return_from_customer", at("02-01"), [LineDraft(of_move_id=issue, qty=15)])
    undo = draft("reversal", "03-02", of_document_id=amendment.document_id)
    assert rules_of_refusal(shop, undo) == {"not_returned"}
    assert shop.on_hand("Y") == 50


def test_what_made_an_issue_stand_again_stays_while_its_goods_are_returned(shop: Shop) -> None:
    shop.receive("Y", 50, 1, at("01-01"))
    issue = shop.issue("Y", 10, at("01-05"))
    gone = shop.record("reversal", at("01-06"), [LineDraft(of_move_id=issue)]).documents[0]
    stands = shop.record("reversal", at("01-07"), [], of_document_id=gone.document_id).documents[0]
    shop.record("return_from_customer", at("02-01"), [LineDraft(of_move_id=issue, qty=10)])
    undo = draft("reversal", "03-02", of_document_id=stands.document_id)
    assert "not_returned" in rules_of_refusal(shop, undo)


def test_a_serial_stays_one_unit(shop: Shop) -> None:
    item = shop.item("S", tracking=2)
    line = LineDraft(item, 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(3), serials=["a"])
    move = shop.record("receipt", at("01-01"), [line]).documents[0].move_ids[0]
    more = draft("amendment", "01-02", LineDraft(of_move_id=move, qty=1))
    assert rules_of_refusal(shop, more) == {"one_unit"}


def test_counts_of_one_batch_are_settled_in_time(shop: Shop) -> None:
    """95 were counted on the 5th and 40 on the 20th, entered the other way round: 40 are there."""
    item = shop.item("X")
    shop.receive("X", 100, 1, at("01-01"))
    lines = [LineDraft(item, counted_qty=qty, to_location_id=shop.places["A-1"]) for qty in (40, 95)]
    documents = [draft("adjustment", "01-20", lines[0]), draft("adjustment", "01-05", lines[1])]
    services.record(company_id=shop.company_id, actor_id=None, idempotency_key="count", documents=documents)
    assert shop.on_hand("X") == 40
    check_whole(shop)


def test_a_new_standard_cost_moves_the_allowance(shop: Shop) -> None:
    """10 at a standard of 10.00, worth 4.00 each: 60.00 written down. At a standard of 2.00 nothing is."""
    item = shop.item("X")
    shop.policy("standard")
    place = {"company_id": shop.company_id, "actor_id": None, "book_id": shop.book_id}
    services.set_standard_costs(**place, costs=[StandardCostDraft(item, Decimal(10))])
    shop.receive("X", 10, 10, at("01-01"))
    estimate = NrvEstimate("old", item_id=item, unit_value=Decimal(4))
    services.write_down(**place, idempotency_key="nrv", on=date(2026, 1, 31), estimates=[estimate])
    assert shop.balance("nrv_allowance") == -6000
    services.set_standard_costs(**place, costs=[StandardCostDraft(item, Decimal(2))])
    assert shop.balance("nrv_allowance") == 0
    check_whole(shop)


def test_the_same_key_tells_the_entries_of_the_allowance_too(shop: Shop) -> None:
    item = shop.item("X")
    shop.receive("X", 10, 5, at("01-01"))
    services.write_down(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key="nrv",
        book_id=shop.book_id,
        on=date(2026, 1, 31),
        estimates=[NrvEstimate("old", item_id=item, unit_value=Decimal(4))],
    )
    late = [LineDraft(item, 10, to_location_id=shop.places["A-1"], unit_cost=Decimal(9))]
    first = shop.record("receipt", at("01-15"), late, key="late")
    assert len(first.entry_ids) == 2
    assert shop.record("receipt", at("01-15"), late, key="late").entry_ids == first.entry_ids


def test_keys_of_callers_cannot_be_those_of_the_program(shop: Shop) -> None:
    line = LineDraft(shop.item("X"), 1, to_location_id=shop.places["A-1"], unit_cost=Decimal(1))
    for key in ("\x01policy:1:0", "a\0b", "tab\there"):
        with pytest.raises(Refused):
            shop.record("receipt", at("01-01"), [line], key=key)
    shop.record("receipt", at("01-01"), [line], key="policy:1:0")
    shop.policy("fifo")


@pytest.mark.parametrize(
    ("cost", "rate"), [("999999999", "99999999"), ("1", "1e30")], ids=["product", "rate"]
)
def test_more_money_than_can_be_kept_is_refused(shop: Shop, cost: str, rate: str) -> None:
    line = LineDraft(shop.item("X"), 999_999, to_location_id=shop.places["A-1"], unit_cost=Decimal(cost))
    document = draft("receipt", "01-01", line, currency="USD", rates={"EUR": Decimal(rate)})
    assert rules_of_refusal(shop, document)
