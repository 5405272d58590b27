"""Every kind of event through the door: what it does to the accounts, worked out by hand."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft, UnitDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.reporting import verify


def proven(firm: Firm) -> None:
    """The checks of the books, the deep ones too, find nothing."""
    report = verify.run(company_id=firm.company_id, deep=True)
    assert {check.name: check.findings for check in report.checks if not check.passed} == {}


def test_construction_is_collected_and_settled_to_two_assets(firm: Firm) -> None:
    works = firm.buy("0", "2026-01-01", class_code="AUC")
    firm.event("construction_cost", works, "2026-02-01", amount=Decimal(6000))
    firm.event("construction_cost", works, "2026-03-01", amount=Decimal(3000))
    assert firm.balance("construction_in_progress") == 900_000
    hall, crane = (AssetDraft(name, "MACH") for name in ("Hall", "Crane"))
    settled = firm.record(
        EventDraft(
            "part_out", day("2026-04-01"), asset_id=works, values={"amounts": [Decimal(5000), Decimal(4000)]}
        ),
        EventDraft("part_in", day("2026-04-01"), asset_no=0, of_no=0, values={"part": 1, "capitalise": True}),
        EventDraft("part_in", day("2026-04-01"), asset_no=1, of_no=0, values={"part": 2, "capitalise": True}),
        EventDraft("in_service", day("2026-04-02"), asset_no=0),
        EventDraft("in_service", day("2026-04-02"), asset_no=1),
        assets=[hall, crane],
    )
    assert [firm.nbv(asset) for asset in settled.asset_ids] == [500_000, 400_000]
    assert firm.nbv(works) == 0
    assert firm.balance("construction_in_progress") == 0
    # a bill of 900.00 for the works that comes late stays there, to be settled
    firm.event("construction_cost", works, "2026-03-15", amount=Decimal(900))
    assert firm.nbv(works) == 90_000
    assert firm.balance("asset_transfer_clearing") == 0
    check_whole(firm)
    proven(firm)


def test_an_asset_is_split_and_its_depreciation_goes_with_the_parts(firm: Firm) -> None:
    whole = firm.buy("9000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-02-28")
    split = firm.record(
        EventDraft("part_out", day("2026-02-28"), asset_id=whole, values={"weights": [2, 1]}),
        EventDraft("part_in", day("2026-02-28"), asset_no=0, of_no=0),
        assets=[AssetDraft("Third", "MACH")],
    )
    (third,) = split.asset_ids
    assert (firm.nbv(whole), firm.nbv(third)) == (580_000, 290_000)
    firm.run("2026-03-31")
    assert (firm.nbv(whole), firm.nbv(third)) == (570_000, 285_000)
    # cost of the whole that becomes known late is shared with the part
    firm.event("cost_addition", whole, "2026-01-01", amount=Decimal(900))
    assert (firm.nbv(whole), firm.nbv(third)) == (627_000, 313_500)
    assert firm.balance("asset_transfer_clearing") == 0
    firm.event("idle", third, "2026-04-01")  # a part is in service as the whole was
    check_whole(firm)
    proven(firm)


def test_held_for_sale_and_back(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.event("held_for_sale", asset, "2026-02-28", fair_value_less_costs=Decimal(5000))
    # 5,800 written down to 5,000, and no depreciation
    assert firm.nbv(asset) == 500_000
    assert firm.balance("asset_held_for_sale") == 500_000
    firm.run("2026-04-30")
    assert firm.nbv(asset) == 500_000
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, asset).status.name == "HELD_FOR_SALE"
    firm.event("disposal", asset, "2026-05-10", how="sale", proceeds=Decimal(5100))
    assert firm.balance("disposal_gain") == -10_000
    assert firm.balance("asset_held_for_sale") == 0
    proven(firm)


def test_a_grant_is_income_over_the_life(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.event("grant", asset, "2026-01-01", amount=Decimal(1200))
    firm.run("2026-02-28")
    assert firm.balance("grant_income") == -4_000
    assert firm.balance("grant_deferred") == -116_000
    proven(firm)


def test_an_obligation_to_dismantle_is_cost_and_unwinds(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.event("decommissioning", asset, "2026-01-01", flows=[["2031-01-01", Decimal(1000)]], rate="0.05")
    provision = -firm.balance("decommissioning_provision")
    # 1,000.00 in five years at 5 %: 783.53
    assert provision == 78_353
    assert firm.nbv(asset) == 600_000 + provision
    firm.run("2026-12-31")
    assert firm.balance("finance_cost") == pytest.approx(3_918, abs=6)
    proven(firm)


def test_a_lease_brings_liability_and_right_of_use(firm: Firm) -> None:
    firm.class_("ROU", kind="right_of_use", terms={"": {"method": "none"}})
    lease = EventDraft(
        "lease",
        day("2026-01-01"),
        asset_no=0,
        values={
            "payments": [["2026-12-31", Decimal(1000)], ["2027-12-31", Decimal(1000)]],
            "ends_on": "2027-12-31",
            "rate": "0.1",
            "in_arrears": True,
        },
    )
    (asset,) = firm.record(lease, assets=[AssetDraft("Shop", "ROU")]).asset_ids
    # 1,000 / 1.1 + 1,000 / 1.21 = 1,735.54
    assert firm.nbv(asset) == 173_554
    assert firm.balance("lease_liability") == -173_554
    firm.run("2026-12-31")
    assert firm.balance("lease_interest") == 17_355
    assert firm.balance("lease_liability") == -(173_554 + 17_355 - 100_000)
    assert firm.nbv(asset) == 173_554 // 2
    firm.run("2027-12-31")
    assert (firm.nbv(asset), firm.balance("lease_liability")) == (0, 0)
    proven(firm)


def test_idle_time_suspends_where_the_terms_say_so(firm: Firm) -> None:
    asset = firm.buy(
        "6000.00", "2026-01-01", service="2026-01-01", terms={"": STRAIGHT | {"suspends_while_idle": True}}
    )
    firm.event("idle", asset, "2026-03-01")
    firm.event("resume", asset, "2026-06-01")
    firm.run("2026-07-31")
    assert [on for on, _ in firm.charges(asset)] == ["2026-01-31", "2026-02-28", "2026-06-30", "2026-07-31"]
    proven(firm)


def test_an_error_is_corrected_from_the_beginning(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01")
    service = firm.event("in_service", asset, "2026-01-01")
    firm.run("2026-06-30")
    firm.event(
        "error_correction", asset, "2026-06-30", of_event_id=service, terms=STRAIGHT | {"life_months": "30"}
    )
    assert [amount for _, amount in firm.charges(asset)] == [20_000] * 6
    proven(firm)


def test_a_correction_that_was_wrong_is_taken_back_and_made_anew(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01")
    service = firm.event("in_service", asset, "2026-01-01")
    firm.run("2026-06-30")

    def correct(of: int, months: str) -> int:
        terms = STRAIGHT | {"life_months": months}
        return firm.event("error_correction", asset, "2026-06-30", of_event_id=of, terms=terms)

    def refused(work: Callable[[], int]) -> list[tuple[str, str]]:
        before = firm.counts()
        with pytest.raises(Refused) as caught:
            work()
        assert firm.counts() == before
        return [(p.field, p.rule) for p in caught.value.problems]

    wrong = correct(service, "30")
    assert refused(lambda: correct(service, "50")) == [("of_event_id", "once")]
    taken_back = firm.event("reversal", asset, "2026-06-30", of_event_id=wrong)
    assert refused(lambda: correct(wrong, "50")) == [("of_event_id", "stands")]
    correct(service, "50")
    assert firm.nbv(asset) == 600_000 - 6 * 12_000
    again = lambda: firm.event("reversal", asset, "2026-06-30", of_event_id=taken_back)  # noqa: E731
    assert refused(again) == [("of_event_id", "once")]
    proven(firm)


def test_what_is_corrected_in_one_book_alone_leaves_the_others(firm: Firm) -> None:
    """6,000 over 60 months from January. Tax alone: 24 from February. Then 30 from March for every book, which names the
    correction of tax and is taken back."""
    firm.book("tax")
    asset = firm.buy("6000.00", "2026-01-01")
    served = firm.event("in_service", asset, "2026-01-01")
    for book in firm.books:
        firm.run("2026-06-30", book)

    def correct(of: int, months: str, since: str, book: str | None) -> int:
        terms = STRAIGHT | {"life_months": months}
        return firm.event(
            "error_correction",
            asset,
            "2026-06-30",
            book=book,
            of_event_id=of,
            terms=terms,
            in_service_on=day(since),
        )

    def stands() -> tuple[int, int, str]:
        ((since,),) = firm.query("SELECT in_service_on::text FROM assets_asset WHERE id = %s", asset)
        proven(firm)
        return firm.nbv(asset), firm.nbv(asset, "tax"), since

    in_tax = correct(served, "24", "2026-02-01", "tax")
    assert stands() == (600_000 - 6 * 10_000, 600_000 - 5 * 25_000, "2026-01-01")
    everywhere = correct(in_tax, "30", "2026-03-01", None)
    assert stands() == (600_000 - 4 * 20_000, 600_000 - 4 * 20_000, "2026-03-01")
    firm.event("reversal", asset, "2026-06-30", of_event_id=everywhere)
    assert stands() == (600_000 - 6 * 10_000, 600_000 - 5 * 25_000, "2026-01-01")


def test_a_disposal_is_reinstated_with_what_was_missed(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    gone = firm.event("disposal", asset, "2026-03-31", how="loss")
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, asset).status.name == "LOST"
    firm.event("reinstatement", asset, "2026-06-30", of_event_id=gone)
    firm.run("2026-07-31")
    assert firm.nbv(asset) == 530_000
    assert firm.balance("disposal_loss") == 0
    proven(firm)


def test_an_asset_goes_to_another_company_with_its_history(firm: Firm, firms) -> None:  # type: ignore[no-untyped-def]
    other: Firm = firms()
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01", tag="X-1", name="Lathe")
    firm.run("2026-03-31")
    moved = services.transfer_to_company(
        company_id=firm.company_id,
        to_company_id=other.company_id,
        actor_id=None,
        idempotency_key="move",
        asset_id=asset,
        effective_on=day("2026-03-31"),
        class_code="MACH",
    )
    assert firm.nbv(asset) == 0
    assert other.nbv(moved.asset_ids[0]) == 570_000
    assert firm.balance("intercompany_clearing") + other.balance("intercompany_clearing") == 0
    other.run("2026-04-30")
    assert other.nbv(moved.asset_ids[0]) == 560_000
    assert other.balance("accumulated_depreciation") == -40_000
    proven(firm)
    proven(other)


def test_the_loss_of_a_unit_is_shared_out_with_a_floor(firm: Firm) -> None:
    """Two assets of 6,000.00 and 4,000.00; recoverable 7,500.00 together; the second would fetch 3,800.00 by itself."""
    first = firm.buy("6000.00", "2026-01-01")
    second = firm.buy("4000.00", "2026-01-01")
    services.impair_unit(
        company_id=firm.company_id,
        actor_id=None,
        idempotency_key="unit",
        unit=UnitDraft(
            effective_on=day("2026-06-30"),
            asset_ids=[first, second],
            recoverable=Decimal(7500),
            floors={second: Decimal(3800)},
        ),
    )
    assert (firm.nbv(first), firm.nbv(second)) == (370_000, 380_000)
    assert firm.balance("impairment_loss") == 250_000
    proven(firm)


def test_a_country_pack_decides_terms_and_first_year_allowances(firm: Firm) -> None:
    firm.book("tax")
    macrs = {"pack": "us", "pack_class": "5-year", "elections": {"bonus": False}}
    asset = firm.buy("10000.00", "2025-03-15", service="2025-03-15", terms={"tax": macrs})
    firm.run("2026-12-31", "tax")
    by_year: dict[str, int] = {}
    for on, amount in firm.charges(asset, "tax"):
        by_year[on[:4]] = by_year.get(on[:4], 0) + amount
    # Publication 946, table A-1: 20 % and 32 %
    assert by_year == {"2025": 200_000, "2026": 320_000}
    proven(firm)


def test_a_pack_that_has_no_answer_is_refused_by_name(firm: Firm) -> None:
    firm.book("tax")
    with pytest.raises(Refused) as caught:
        firm.buy(
            "100.00",
            "2026-01-01",
            service="2026-01-01",
            terms={"tax": {"pack": "us", "pack_class": "nothing"}},
        )
    assert caught.value.problems[0].field.startswith("values.terms")
