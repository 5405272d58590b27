"""Several at once: two who dispose of the same asset, runs beside events."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from tests.assets.conftest import check_whole, day, make_firm

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import proof
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each gave, or the Refused that it raised."""
    answers: list[object] = [None] * len(works)
    gate = threading.Barrier(len(works))

    def run(number: int, work: Callable[[], object]) -> None:
        try:
            gate.wait()
            answers[number] = work()
        except Refused as refusal:
            answers[number] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_who_dispose_of_the_same_asset_at_once() -> None:
    firm = make_firm()
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    sale = EventDraft("disposal", day("2026-05-10"), asset_id=asset, values={"how": "sale", "proceeds": 5800})

    def sell(key: str) -> Callable[[], object]:
        return lambda: firm.record(sale, key=key)

    answers = at_once(*(sell(f"seller {number}") for number in range(4)))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 3
    assert {refusal.problems[0].rule for refusal in refused} == {"before_disposal"}
    assert firm.balance("disposal_proceeds") == 580_000
    check_whole(firm)


@pytest.mark.django_db(transaction=True)
def test_the_same_request_at_once_is_recorded_once() -> None:
    firm = make_firm()
    asset = firm.buy("6000.00", "2026-01-01")
    added = EventDraft("cost_addition", day("2026-05-10"), asset_id=asset, values={"amount": 100})
    answers = at_once(*(lambda: firm.record(added, key="same") for _ in range(4)))
    assert len({getattr(answer, "batch_id", None) for answer in answers}) == 1
    assert firm.nbv(asset) == 610_000


@pytest.mark.django_db(transaction=True)
def test_runs_and_events_at_once_charge_each_asset_once() -> None:
    firm = make_firm()
    assets = [firm.buy("600.00", "2026-01-01", service="2026-01-01") for _ in range(5)]

    def add(asset: int) -> Callable[[], object]:
        draft = EventDraft("cost_addition", day("2026-02-01"), asset_id=asset, values={"amount": 59})
        return lambda: firm.record(draft, key=f"add {asset}")

    at_once(
        *(add(asset) for asset in assets),
        lambda: firm.run("2026-03-31"),
        lambda: firm.run("2026-04-30"),
        lambda: firm.run("2026-06-30"),
    )
    firm.run("2026-06-30")
    # 10.00 in January; from February 590 + 59 = 649 over 59 months: 11.00 a month
    assert {firm.nbv(asset) for asset in assets} == {65_900 - 1_000 - 5 * 1_100}
    check_whole(firm)


@pytest.mark.django_db(transaction=True)
def test_events_of_assets_that_share_a_pool_wait_for_each_other() -> None:
    """Four late purchases of one year at once, beside a run: every one is in the pool, and the pool is charged once."""
    firm = make_firm()
    firm.book("tax")
    plant = {"tax": {"pack": "uk", "pack_class": "plant"}}
    firm.buy("4000.00", "2023-02-01", service="2023-02-01", terms=plant)
    firm.run("2024-12-31", "tax")

    def buy(number: int) -> Callable[[], object]:
        events = [
            EventDraft("acquisition", day("2023-03-01"), asset_no=0, values={"cost": 1000}),
            EventDraft("in_service", day("2023-03-01"), asset_no=0),
        ]
        drafts = [AssetDraft(f"Plant {number}", "MACH", terms=plant)]
        return lambda: firm.record(*events, assets=drafts, key=f"buy {number}")

    answers = at_once(*(buy(number) for number in range(4)), lambda: firm.run("2025-12-31", "tax"))
    assert not [answer for answer in answers if isinstance(answer, Refused)]
    # 8,000 by 18 %: 1,440, 1,180.80, 968.26
    assert firm.balance("accumulated_depreciation", "tax") == -(144_000 + 118_080 + 96_826)
    check_whole(firm)
    with db.company_transaction(company_id=firm.company_id):
        assert proof.pool_differences(firm.company_id) == []


@pytest.mark.django_db(transaction=True)
def test_two_who_hand_over_the_same_asset_at_once() -> None:
    """The same request is one transfer; another one finds that the asset has left, and leaves nothing over there."""
    gives, takes = make_firm(), make_firm()
    asset = gives.buy("6000.00", "2026-01-01", service="2026-01-01")

    def hand_over(key: str) -> Callable[[], object]:
        return lambda: services.transfer_to_company(
            company_id=gives.company_id,
            to_company_id=takes.company_id,
            actor_id=None,
            idempotency_key=key,
            asset_id=asset,
            effective_on=day("2026-05-31"),
            class_code="MACH",
        )

    answers = at_once(*(hand_over(key) for key in ("one", "one", "two", "two")))
    done = [answer for answer in answers if not isinstance(answer, Refused)]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len({getattr(answer, "asset_ids", None) for answer in done}) == 1
    assert sorted(getattr(answer, "repeated", None) for answer in done) == [False, True]
    assert [refusal.problems[0].rule for refusal in refused] == ["before_disposal"] * 2
    assert takes.counts()["asset"] == 1
    assert (gives.nbv(asset), takes.balance("asset_cost")) == (0, 600_000)
    check_whole(gives)
    check_whole(takes)
    ((out,),) = gives.query("SELECT event_id FROM assets_event WHERE kind = 'intercompany_out'")

    def take_back() -> object:
        return services.take_back_transfer(
            company_id=gives.company_id, actor_id=None, idempotency_key="back", event_id=out
        )

    first, second = at_once(take_back, take_back)
    assert getattr(first, "event_ids", 1) == getattr(second, "event_ids", 2)
    assert (gives.nbv(asset), takes.balance("asset_cost")) == (550_000, 0)  # May stays charged
