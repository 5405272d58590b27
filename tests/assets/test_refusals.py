"""What is refused, with the field and the rule; and that nothing was written."""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.ledger import services as ledger_services


def refused(firm: Firm, *events: EventDraft, assets: Any = ()) -> list[tuple[str, str]]:
    """The (field, rule) of every problem; checks that nothing was written."""
    before = firm.counts()
    with pytest.raises(Refused) as caught:
        firm.record(*events, assets=assets)
    assert firm.counts() == before
    return [(problem.field, problem.rule) for problem in caught.value.problems]


def _event(kind: str, asset_id: int, on: str, **values: Any) -> EventDraft:
    return EventDraft(kind, day(on), asset_id=asset_id, values=values)


def test_a_life_of_zero(firm: Firm) -> None:
    draft = AssetDraft("Press", "MACH", terms={"": STRAIGHT | {"life_months": "0"}})
    bought = EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(100)})
    assert refused(firm, bought, assets=[draft]) == [("terms.life_months", "positive")]


def test_a_residual_above_cost(firm: Firm) -> None:
    draft = AssetDraft("Press", "MACH", terms={"": {"residual": "100.01"}})
    events = [
        EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(100)}),
        EventDraft("in_service", day("2026-01-01"), asset_no=0),
    ]
    assert refused(firm, *events, assets=[draft]) == [("values.terms.residual", "above_cost")]


def test_service_before_acquisition(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01")
    assert refused(firm, _event("in_service", asset, "2026-01-31")) == [("effective_on", "after_acquisition")]


def test_anything_after_disposal(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01", service="2026-02-01")
    firm.event("disposal", asset, "2026-05-10", how="scrap")
    assert refused(firm, _event("cost_addition", asset, "2026-05-11", amount=Decimal(5))) == [
        ("effective_on", "before_disposal")
    ]
    assert refused(firm, _event("disposal", asset, "2026-06-01", how="scrap")) == [
        ("effective_on", "before_disposal")
    ]
    # earlier than what is known of it: the disposal that is there would no longer fit
    assert refused(firm, _event("disposal", asset, "2026-04-01", how="scrap")) == [
        ("effective_on", "before_disposal")
    ]
    check_whole(firm)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"quantity": 13}, ("values.quantity", "there")),
        ({"amount": Decimal("1200.01")}, ("values.amount", "there")),
        ({"share": "1.1"}, ("values.share", "range")),
        ({}, ("values.share", "one_of")),
        ({"share": "0.5", "quantity": 1}, ("values.share", "one_of")),
    ],
)
def test_more_than_is_there(firm: Firm, values: dict[str, Any], problem: tuple[str, str]) -> None:
    chairs = firm.buy("1200.00", "2026-02-01", service="2026-02-01", qty=12)
    assert refused(firm, _event("partial_disposal", chairs, "2026-05-01", how="scrap", **values)) == [problem]


def test_a_meter_that_runs_backwards(firm: Firm) -> None:
    units = {"method": "units", "total_units": "1000"}
    asset = firm.buy("1000.00", "2026-02-01", service="2026-02-01", terms={"": units})
    firm.event("meter_reading", asset, "2026-02-28", reading="120")
    assert firm.charges(asset) == [("2026-02-28", 12_000)]
    assert refused(firm, _event("meter_reading", asset, "2026-03-31", reading="119.5")) == [
        ("values.reading", "forward")
    ]
    assert refused(firm, _event("meter_reading", asset, "2026-02-10", reading="121")) == [
        ("values.reading", "forward")
    ]


def test_fields_that_do_not_fit(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01")
    assert refused(firm, _event("cost_addition", asset, "2026-03-01")) == [("amount", "required")]
    assert refused(firm, _event("cost_addition", asset, "2026-03-01", amount=Decimal("1.005"))) == [
        ("amount", "signed_money")
    ]
    assert refused(firm, _event("disposal", asset, "2026-03-01", how="gift")) == [("how", "word")]
    assert refused(firm, _event("disposal", asset, "2026-03-01", how="sale", price=1)) == [("price", "known")]
    assert refused(firm, _event("melting", asset, "2026-03-01")) == [("kind", "known")]
    assert refused(firm, EventDraft("disposal", day("2026-03-01"), tag="NOBODY")) == [("tag", "exists")]
    assert refused(firm, _event("reversal", asset, "2026-03-01")) == [("of_event_id", "required")]


def test_a_rate_that_nobody_knows(firm: Firm) -> None:
    bought = EventDraft(
        "acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(100)}, currency="USD"
    )
    assert refused(firm, bought, assets=[AssetDraft("Press", "MACH")]) == [("rates", "known")]


def test_a_class_that_is_not_there(firm: Firm) -> None:
    draft = AssetDraft("Press", "NONE")
    bought = EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(100)})
    assert refused(firm, bought, assets=[draft]) == [("class_code", "exists")]


def test_an_event_is_taken_back_once(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01")
    added = firm.event("cost_addition", asset, "2026-03-01", amount=Decimal(5))
    back = EventDraft("reversal", day("2026-03-01"), asset_id=asset, of_event_id=added)
    firm.record(back)
    assert refused(firm, back) == [("of_event_id", "once")]
    assert firm.nbv(asset) == 10_000
    other = firm.buy("100.00", "2026-02-01")
    stranger = EventDraft("reversal", day("2026-03-01"), asset_id=other, of_event_id=added)
    assert refused(firm, stranger) == [("of_event_id", "exists")]


def test_a_closed_period_moves_the_posting_never_the_effect(firm: Firm) -> None:
    asset = firm.buy("1200.00", "2026-01-10", service="2026-01-10", terms={"": {"life_months": "12"}})
    firm.run("2026-03-31")
    ledger_services.close_period(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.book_id,
        end_on=day("2026-02-28"),
        reason="x",
    )
    firm.event("cost_addition", asset, "2026-01-10", amount=Decimal(12))
    rows = firm.query(
        "SELECT effective_on::text, posting_on::text, amount FROM assets_value WHERE batch_id ="
        " (SELECT max(batch_id) FROM assets_value) ORDER BY effective_on, role"
    )
    assert rows == [
        ("2026-01-10", "2026-03-01", 1_200),
        ("2026-01-31", "2026-03-01", 100),
        ("2026-02-28", "2026-03-01", 100),
        ("2026-03-31", "2026-03-31", 100),
    ]
    check_whole(firm)


def test_the_key_of_another_request(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01")
    firm.record(_event("cost_addition", asset, "2026-03-01", amount=Decimal(5)), key="k")
    with pytest.raises(Conflict):
        firm.record(_event("cost_addition", asset, "2026-03-01", amount=Decimal(6)), key="k")


def test_a_whole_that_would_be_a_part_of_itself(firm: Firm) -> None:
    whole = firm.buy("100.00", "2026-02-01", tag="W")
    part = firm.buy("100.00", "2026-02-01", tag="P", parent_tag="W")
    with pytest.raises(Refused) as caught:
        services.update_asset(company_id=firm.company_id, actor_id=None, asset_id=whole, parent_id=part)
    assert caught.value.problems[0].rule == "tree"


@pytest.mark.parametrize(
    ("terms", "problem"),
    [
        ({"life_months": "999999999"}, ("terms.life_months", "range")),
        ({"life_months": "six"}, ("terms.life_months", "number")),
        ({"life_months": "1/0"}, ("terms.life_months", "number")),
        ({"method": "alchemy"}, ("terms.method", "known")),
        ({"colour": "red"}, ("terms.colour", "known")),
        ({"residual": "-1"}, ("terms.residual", "not_negative")),
        ({"residual_percent": "101"}, ("terms.residual_percent", "range")),
        ({"life_months": "1e999999999"}, ("terms.life_months", "number")),
        ({"rate": "1" + "0" * 29, "method": "declining"}, ("terms.rate", "range")),
        ({"method": "table", "table": "all"}, ("terms.table", "list")),
        ({"switches_to_straight_line": "yes"}, ("terms.switches_to_straight_line", "yes_or_no")),
    ],
)
def test_terms_that_nothing_can_be_depreciated_by(
    firm: Firm, terms: dict[str, Any], problem: tuple[str, str]
) -> None:
    draft = AssetDraft("Press", "MACH", terms={"": STRAIGHT | terms})
    bought = EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": Decimal(100)})
    assert refused(firm, bought, assets=[draft]) == [problem]


def test_amounts_that_nobody_can_keep(firm: Firm) -> None:
    firm.book("other", currency="USD")
    huge = EventDraft(
        "acquisition",
        day("2026-01-01"),
        asset_no=0,
        values={"cost": Decimal(10) ** 13},
        rates={"USD": Decimal(10) ** 12},
    )
    assert refused(firm, huge, assets=[AssetDraft("Press", "MACH")]) == [("amount", "size")]
    more = EventDraft("acquisition", day("2026-01-01"), asset_no=0, values={"cost": "1e40"})
    assert refused(firm, more, assets=[AssetDraft("Press", "MACH")])[0] == ("cost", "money")


def test_one_key_for_two_events_and_two_custodians_at_once(firm: Firm) -> None:
    asset = firm.buy("100.00", "2026-02-01")
    added = EventDraft(
        "cost_addition", day("2026-03-01"), asset_id=asset, values={"amount": Decimal(5)}, key="bill 7"
    )
    firm.record(added)
    assert refused(firm, added) == [("key", "unique")]
    both = _event("check_out", asset, "2026-03-01", custodian_party_id=1, custodian_user_id=1)
    assert refused(firm, both) == [("custodian_user_id", "one_of")]
