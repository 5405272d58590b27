"""Nothing leaves, comes back or changes class that cannot: refused with field and rule, nothing written."""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import Firm, check_whole, day

from wherewithal.assets import queries
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.reporting.checks.assets import parts_arrived

DAY = "2026-05-10"


def refused(firm: Firm, *events: EventDraft, assets: Any = ()) -> list[tuple[str, str]]:
    """The (field, rule) of every problem; checks that nothing was written."""
    before = firm.counts()
    with pytest.raises(Refused) as caught:
        firm.record(*events, assets=assets)
    assert firm.counts() == before
    return [(problem.field, problem.rule) for problem in caught.value.problems]


def _event(kind: str, asset_id: int, on: str = DAY, **values: Any) -> EventDraft:
    heads = ("book", "of_event_id", "of_no")
    head = {name: values.pop(name) for name in heads if name in values}
    return EventDraft(kind, day(on), asset_id=asset_id, values=values, **head)


def _machine(firm: Firm, **draft: Any) -> int:
    return firm.buy("60000.00", "2026-01-01", service="2026-01-01", **draft)


@pytest.mark.parametrize("code", ["LAND", "AUC"])
def test_what_is_depreciated_does_not_become_land(firm: Firm, code: str) -> None:
    machine, land = _machine(firm), firm.buy("5.00", "2026-01-01", service="2026-01-01", class_code="LAND")
    transfer = _event("class_transfer", machine, class_id=firm.classes[code])
    assert refused(firm, transfer) == [("values.class_id", "depreciates")]
    firm.class_("SITE", kind="land")
    firm.event("class_transfer", land, DAY, class_id=firm.classes["SITE"])
    # not in service yet: it may, and then it is in service without depreciation only
    other = firm.buy("60000.00", "2026-01-01")
    firm.event("class_transfer", other, "2026-02-01", class_id=firm.classes["LAND"])
    assert refused(firm, _event("in_service", other, "2026-03-01")) == [("values.terms", "none")]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("disposal", {"how": "scrap"}),
        ("partial_disposal", {"how": "scrap", "share": "0.5"}),
        ("intercompany_out", {}),
    ],
)
def test_a_thing_ends_in_every_book(firm: Firm, kind: str, values: dict[str, Any]) -> None:
    firm.book("USTAX")
    machine = _machine(firm)
    assert refused(firm, _event(kind, machine, book="USTAX", **values)) == [("book", "every_book")]


@pytest.mark.parametrize(
    ("name", "value"), [("share", "1"), ("quantity", 10), ("amount", Decimal("60000.00"))]
)
def test_a_part_leaves_something(firm: Firm, name: str, value: Any) -> None:
    machine = _machine(firm, qty=10)
    whole = _event("partial_disposal", machine, how="sale", proceeds=Decimal(5), **{name: value})
    assert refused(firm, whole) == [(f"values.{name}", "part")]


def test_quantity_is_of_what_is_left(firm: Firm) -> None:
    chairs = _machine(firm, qty=10)
    firm.event("partial_disposal", chairs, "2026-04-10", how="scrap", share="1/2")
    assert refused(firm, _event("partial_disposal", chairs, how="scrap", quantity=8)) == [
        ("values.quantity", "there")
    ]
    assert refused(firm, _event("partial_disposal", chairs, how="scrap", amount=Decimal("30000.01"))) == [
        ("values.amount", "there")
    ]
    firm.event("partial_disposal", chairs, DAY, how="scrap", quantity=4)
    check_whole(firm)


def test_a_disposal_is_reinstated_once(firm: Firm) -> None:
    machine = _machine(firm)
    gone = firm.event("disposal", machine, DAY, how="scrap")
    back = _event("reinstatement", machine, "2026-06-01", of_event_id=gone)
    assert refused(firm, _event("reinstatement", machine, "2026-05-09", of_event_id=gone)) == [
        ("effective_on", "after_disposal")
    ]
    first = firm.record(back).event_ids[0]
    assert refused(firm, _event("reinstatement", machine, "2026-06-02", of_event_id=gone)) == [
        ("of_event_id", "once")
    ]
    firm.event("reversal", machine, "2026-06-01", of_event_id=first)
    firm.event("reinstatement", machine, "2026-06-02", of_event_id=gone)
    other = _machine(firm)
    scrapped = firm.event("disposal", other, DAY, how="scrap")
    firm.event("reversal", other, DAY, of_event_id=scrapped)
    assert refused(firm, _event("reinstatement", other, "2026-06-02", of_event_id=scrapped)) == [
        ("of_event_id", "stands")
    ]
    check_whole(firm)


def test_a_credit_takes_no_more_than_is_there(firm: Firm) -> None:
    machine = _machine(firm)
    too_much = _event("cost_addition", machine, amount=Decimal("-60000.01"))
    assert refused(firm, too_much) == [("values.amount", "there")]
    firm.event("held_for_sale", machine, "2026-04-01", fair_value_less_costs=Decimal(70000))
    assert refused(firm, too_much) == [("values.amount", "there")]
    half = _machine(firm)
    firm.event("partial_disposal", half, "2026-04-10", how="scrap", share="1/2")
    assert refused(firm, _event("cost_addition", half, amount=Decimal("-30000.01"))) == [
        ("values.amount", "there")
    ]
    firm.event("cost_addition", half, DAY, amount=Decimal(-30000))
    check_whole(firm)


def test_a_part_is_one_that_was_given_and_goes_to_another_asset(firm: Firm) -> None:
    machine, other = _machine(firm), _machine(firm)
    out = _event("part_out", machine, weights=[1, 1])
    assert refused(firm, out, _event("part_in", machine, of_no=0)) == [("of_event_id", "another")]
    assert refused(
        firm, out, _event("part_in", other, of_no=0), _event("part_in", other, of_no=0, part=2)
    ) == [("values.part", "exists")]
    firm.record(out, _event("part_in", other, of_no=0))
    check_whole(firm)


def test_what_gave_all_away_takes_nothing(firm: Firm) -> None:
    machine, other = _machine(firm), _machine(firm)
    firm.record(_event("part_out", machine, weights=[0, 1]), _event("part_in", other, of_no=0))
    back = [_event("part_out", other, "2026-06-01", weights=[1, 1])]
    back.append(_event("part_in", machine, "2026-06-01", of_no=0))
    assert refused(firm, *back) == [("effective_on", "before_disposal")]
    fresh = EventDraft("part_in", day("2026-06-01"), asset_no=0, of_no=0)
    firm.record(back[0], fresh, assets=[AssetDraft("Part", "MACH")])
    check_whole(firm)


def test_nothing_is_taken_back_before_it_happened(firm: Firm) -> None:
    machine = _machine(firm)
    added = firm.event("cost_addition", machine, DAY, amount=Decimal(5))
    assert refused(firm, _event("reversal", machine, "2026-05-09", of_event_id=added)) == [
        ("effective_on", "after_event")
    ]
    firm.event("reversal", machine, DAY, of_event_id=added)


@pytest.mark.parametrize(
    ("kind", "values", "there"),
    [
        ("revaluation", {"value": Decimal(50000)}, "50000.00"),
        ("decommissioning", {"flows": [["2026-05-10", Decimal(1000)]], "rate": "0"}, "61000.00"),
        ("grant", {"amount": Decimal(10000), "treatment": "deducted"}, "50000.00"),
    ],
)
def test_a_credit_after_cost_that_no_bill_stated(
    firm: Firm, kind: str, values: dict[str, Any], there: str
) -> None:
    """60,000.00, revalued to 50,000.00 by elimination; with 1,000.00 to dismantle; with a grant of 10,000.00 off."""
    machine = _machine(firm)
    firm.event(kind, machine, DAY, **values)
    before = firm.counts()
    with pytest.raises(Refused, match=f"{there} EUR") as caught:
        firm.event("cost_addition", machine, "2026-05-11", amount=-Decimal(there) - Decimal("0.01"))
    assert [(p.field, p.rule) for p in caught.value.problems] == [("values.amount", "there")]
    assert firm.counts() == before
    firm.event("cost_addition", machine, "2026-05-11", amount=-Decimal(there))
    check_whole(firm)


def test_a_credit_after_a_part_was_taken(firm: Firm) -> None:
    """The taker has 60,000.00 of its own and half of the other's."""
    machine, other = _machine(firm), _machine(firm)
    firm.record(_event("part_out", machine, weights=[1, 1]), _event("part_in", other, of_no=0))
    assert refused(firm, _event("cost_addition", other, "2026-06-01", amount=Decimal("-90000.01"))) == [
        ("values.amount", "there")
    ]
    assert refused(firm, _event("cost_addition", machine, "2026-06-01", amount=Decimal("-30000.01"))) == [
        ("values.amount", "there")
    ]
    firm.event("cost_addition", other, "2026-06-01", amount=Decimal("-90000.00"))
    # a late part of the giver leaves less for the taker: what it was credited would no longer be there
    late = _event("partial_disposal", machine, "2026-04-01", how="scrap", share="1/2")
    assert refused(firm, late) == [("values.amount", "there")]
    check_whole(firm)


def test_no_more_is_granted_than_it_costs_nor_repaid_than_was_granted(firm: Firm) -> None:
    machine = _machine(firm)
    for treatment in ("deferred", "deducted"):
        grant = _event("grant", machine, amount=Decimal("60000.01"), treatment=treatment)
        assert refused(firm, grant) == [("values.amount", "above_cost")]
    firm.event("grant", machine, "2026-01-01", amount=Decimal(20000), treatment="deducted")
    firm.event("grant", machine, "2026-01-01", amount=Decimal(40000))
    assert refused(firm, _event("grant", machine, "2026-01-01", amount=Decimal("0.01"))) == [
        ("values.amount", "above_cost")
    ]
    assert refused(firm, _event("grant_repayment", machine, amount=Decimal("60000.01"))) == [
        ("values.amount", "there")
    ]
    works = firm.buy("0", "2026-01-01", class_code="AUC")
    firm.event("grant", works, "2026-01-02", amount=Decimal(5000))  # what it will cost is not known yet
    check_whole(firm)


@pytest.mark.parametrize("code", ["LAND", "AUC"])
def test_a_part_that_is_depreciated_does_not_go_to_land(firm: Firm, code: str) -> None:
    machine = _machine(firm)
    land = firm.buy("5.00", "2026-01-01", class_code=code)
    fresh = firm.record(assets=[AssetDraft("Field", code, since_on=day("2026-01-01"))]).asset_ids[0]
    out = _event("part_out", machine, weights=[1, 1])
    for taker in (land, fresh):
        assert refused(firm, out, _event("part_in", taker, of_no=0)) == [("of_event_id", "depreciates")]
    field = firm.buy("8.00", "2026-01-01", class_code=code)
    firm.record(_event("part_out", field, weights=[1, 1]), _event("part_in", land, of_no=0))
    assert (firm.nbv(field), firm.nbv(land)) == (400, 900)


def test_a_part_that_nobody_took_is_listed_until_it_is_taken(firm: Firm) -> None:
    """By the query, by the run, and by verify once a book is charged past it; a reversed taking puts it back on the list."""
    machine, other = _machine(firm, tag="M-1"), _machine(firm)
    (out,) = firm.record(_event("part_out", machine, weights=[1, 1, 0, 2])).event_ids

    def listed() -> list[tuple[str, int, int]]:
        with db.company_transaction(company_id=firm.company_id):
            rows = queries.parts_under_way(firm.company_id)
            charged = queries.asset_book(firm.company_id, firm.book_id).horizon_on is not None
            assert parts_arrived(firm.company_id).total == (len(rows) if charged else 0)
        return [(row.tag, row.event_id, row.part) for row in rows]

    assert listed() == [("M-1", out, 1), ("M-1", out, 3)]
    run = firm.run("2026-05-31")
    assert [(left.tag, left.rule, left.message[:6]) for left in run.exceptions] == [
        ("M-1", "taken", "Part 1"),
        ("M-1", "taken", "Part 3"),
    ]
    with db.company_transaction(company_id=firm.company_id):
        assert queries.parts_under_way(firm.company_id, as_of=day("2026-05-09")) == []
    firm.event("part_in", other, DAY, of_event_id=out, part=3)
    taken = firm.event("part_in", other, DAY, of_event_id=out)
    assert (listed(), firm.run("2026-06-30").exceptions) == ([], ())
    firm.event("reversal", other, DAY, of_event_id=taken)
    assert listed() == [("M-1", out, 1)]
    check_whole(firm)


def test_a_right_of_use_is_what_its_lease_makes_of_it(firm: Firm) -> None:
    """A lease of 2026: nothing but lease changes touches it; when it is over, it may leave."""
    firm.class_("ROU", kind="right_of_use", terms={"": {"method": "none"}})
    values: dict[str, Any] = {
        "payments": [["2026-12-31", Decimal(1000)]],
        "ends_on": "2026-12-31",
        "rate": "0.1",
    }
    lease = EventDraft("lease", day("2026-01-01"), asset_no=0, values=values)
    (shop,) = firm.record(lease, assets=[AssetDraft("Shop", "ROU")]).asset_ids
    machine = _machine(firm)
    events: list[tuple[str, dict[str, Any]]] = [
        ("cost_addition", {"amount": Decimal(5)}),
        ("revaluation", {"value": Decimal(5)}),
        ("impairment", {"recoverable": Decimal(5)}),
        ("held_for_sale", {"fair_value_less_costs": Decimal(5)}),
        ("part_out", {"weights": [1, 1]}),
        ("intercompany_out", {}),
        ("disposal", {"how": "scrap"}),
    ]
    for kind, given in events:
        assert ("kind", "lease") in refused(firm, _event(kind, shop, **given)), kind
    assert refused(firm, _event("lease_change", machine, change="termination")) == [("kind", "lease")]
    assert ("kind", "once") in refused(firm, _event("lease", machine, **values))
    firm.run("2026-12-31")
    firm.event("disposal", shop, "2027-01-15", how="scrap")
    assert (firm.nbv(shop), firm.balance("lease_liability")) == (0, 0)
    check_whole(firm)
