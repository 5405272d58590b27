"""One machine from its purchase to its sale, worked out by hand.

12,000.00 bought on 10 January 2026, in service on 1 February, five years straight line by full months: 200.00 a month.
"""

from decimal import Decimal

from tests.assets.conftest import Firm, check_whole, day

from wherewithal.assets.drafts import EventDraft


def test_a_machine_is_bought_depreciated_and_sold(firm: Firm) -> None:
    machine = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    assert firm.nbv(machine) == 1_200_000
    run = firm.run("2026-04-30")
    assert (run.asset_count, run.row_count, run.total) == (1, 3, 60_000)
    assert firm.charges(machine) == [("2026-02-28", 20_000), ("2026-03-31", 20_000), ("2026-04-30", 20_000)]
    assert firm.nbv(machine, on="2026-03-31") == 1_160_000

    again = firm.run("2026-04-30")
    assert (again.run_id, again.row_count, again.total) == (None, 0, 0)

    firm.event(
        "disposal", machine, "2026-05-31", how="sale", proceeds=Decimal("11500.00"), costs=Decimal("50")
    )
    assert firm.nbv(machine) == 0
    # May was over: 12,000 less four months (800) = 11,200; 11,500 - 50 - 11,200 = 250 gain
    assert firm.charges(machine)[-1] == ("2026-05-31", 20_000)
    assert firm.balance("disposal_gain") == -25_000
    assert firm.balance("disposal_proceeds") == 1_150_000
    assert firm.balance("asset_cost") == 0
    assert firm.balance("accumulated_depreciation") == 0
    assert firm.balance("asset_disposal") == 0
    assert firm.balance("depreciation_expense") == 80_000
    assert firm.run("2026-12-31").row_count == 0
    check_whole(firm)


def test_the_preview_posts_nothing_and_says_what_the_record_posts(firm: Firm) -> None:
    machine = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    before = firm.counts()
    sale = EventDraft(
        "disposal", day("2026-03-31"), asset_id=machine, values={"how": "sale", "proceeds": Decimal(11000)}
    )
    (book,) = firm.preview(sale)
    assert firm.counts() == before
    assert {row.role: row.amount for row in book.rows if row.role != "depreciation"} == {
        "disposed_cost": 1_200_000,
        "disposed_accumulated": 40_000,
        "disposal_proceeds": 1_100_000,
        "disposal_loss": 60_000,
    }
    firm.record(sale)
    assert firm.balance("disposal_loss") == 60_000
    check_whole(firm)


def test_the_same_request_twice_is_recorded_once(firm: Firm) -> None:
    machine = firm.buy("12000.00", "2026-01-10")
    draft = EventDraft("in_service", day("2026-02-01"), asset_id=machine)
    first = firm.record(draft, key="once")
    before = firm.counts()
    second = firm.record(draft, key="once")
    assert second.repeated
    assert (second.batch_id, second.event_ids) == (first.batch_id, first.event_ids)
    assert firm.counts() == before
