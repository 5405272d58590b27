"""The same facts in any order of entry, with runs between them at random: the same balances on every day."""

import contextlib
import datetime
import random
from decimal import Decimal

import pytest
from tests.assets.conftest import Firm, check_whole, day, make_firm

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import proof
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused

EVENTS = [
    ("cost_addition", "2026-03-15", {"amount": "600.00"}),
    ("estimate_change", "2026-05-01", {"terms": {"method": "straight_line", "life_months": "40"}}),
    ("impairment", "2026-06-30", {"recoverable": "5000.00"}),
    ("partial_disposal", "2026-08-12", {"how": "sale", "share": "1/4", "proceeds": "900.00"}),
    ("revaluation", "2026-10-31", {"value": "7000.00"}),
    ("disposal", "2026-12-20", {"how": "sale", "proceeds": "6000.00"}),
]


def _play(firm: Firm, order: list[int], luck: random.Random) -> dict[tuple[str, int], int]:
    """Enter the events in this order; what each account says of each effective day."""
    asset = firm.buy("9000.00", "2026-01-10", service="2026-02-01")
    for number in order:
        kind, on, values = EVENTS[number]
        firm.record(
            EventDraft(kind, day(on), asset_id=asset, values=values, key=f"{firm.company_id}-{number}")
        )
        if luck.random() < 0.5:
            firm.run(str(datetime.date(2026, luck.randint(2, 12), 28)))
    firm.run("2027-01-31")
    check_whole(firm)
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []
    rows = firm.query(
        "SELECT l.effective_on::text, a.code, sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a"
        " ON a.id = l.account_id GROUP BY 1, 2 HAVING sum(l.amount) <> 0"
    )
    return {(on, int(code)): amount for on, code, amount in rows}


@pytest.mark.django_db
def test_any_order_of_entry_gives_the_same_books() -> None:
    luck = random.Random(20261122)
    expected = _play(make_firm(), list(range(len(EVENTS))), luck)
    assert expected
    for _ in range(6):
        # what leaves an asset can only be entered when the asset is still there on that day: the disposal stays last
        order = luck.sample(range(len(EVENTS) - 1), len(EVENTS) - 1)
        assert _play(make_firm(), [*order, len(EVENTS) - 1], luck) == expected


@pytest.mark.django_db
def test_runs_monthly_quarterly_or_once_charge_the_same() -> None:
    answers = []
    for steps in (range(1, 13), range(3, 13, 3), [12]):
        firm = make_firm()
        asset = firm.buy("1000.00", "2026-01-15", service="2026-01-15", terms={"": {"life_months": "36"}})
        for month in steps:
            firm.run(str(datetime.date(2026, month, 28 if month == 2 else 30)))
        firm.run("2026-12-31")
        answers.append(firm.charges(asset))
    assert answers[0] == answers[1] == answers[2]
    assert sum(amount for _, amount in answers[0]) == 33_333


@pytest.mark.django_db
def test_a_part_and_then_the_rest_is_the_whole() -> None:
    whole, parts = make_firm(), make_firm()
    for firm in (whole, parts):
        firm.buy("1000.01", "2026-01-15", service="2026-01-15")
        firm.run("2026-05-31")
    asset = parts.query("SELECT id FROM assets_asset")[0][0]
    parts.event("partial_disposal", asset, "2026-06-10", how="scrap", share="1/3")
    parts.event("disposal", asset, "2026-06-10", how="scrap")
    asset = whole.query("SELECT id FROM assets_asset")[0][0]
    whole.event("disposal", asset, "2026-06-10", how="scrap")
    for role in ("asset_cost", "accumulated_depreciation", "disposal_loss", "depreciation_expense"):
        assert parts.balance(role) == whole.balance(role)
    assert parts.balance("asset_cost") == 0
    assert Decimal(parts.balance("disposal_loss")) > 0


@pytest.mark.django_db
def test_a_run_taken_back_leaves_what_it_found() -> None:
    firm = make_firm()
    asset = firm.buy("1000.00", "2026-01-15", service="2026-01-15")
    firm.run("2026-03-31")
    before = firm.charges(asset)
    second = firm.run("2026-06-30")
    assert second.run_id is not None
    back = services.reverse_run(company_id=firm.company_id, actor_id=None, run_id=second.run_id)
    assert back.total == -second.total
    assert firm.charges(asset) == before
    again = firm.run("2026-06-30")
    assert again.total == second.total
    check_whole(firm)


KINDS = [
    ("cost_addition", {"amount": "37.77"}),
    ("estimate_change", {"terms": {"method": "straight_line", "life_months": "31"}}),
    ("partial_disposal", {"how": "scrap", "share": "1/7"}),
    ("impairment", {"recoverable": "400.00"}),
    ("revaluation", {"value": "900.00"}),
    ("grant", {"amount": "99.99"}),
    ("idle", {}),
    ("transfer", {}),
    ("terms_catch_up", {"terms": {"method": "declining", "factor": "2", "life_months": "48",
                                  "switches_to_straight_line": True}}),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_runs_between_events_charge_what_the_facts_make_of_it(seed: int) -> None:
    """Whatever happens when and whenever runs are made or taken back: the books are what a fold of all facts says."""
    luck = random.Random(seed)
    firm = make_firm()
    convention = luck.choice(["full_month", "daily_actual", "half_month", "following_month", "mid_month"])
    assets = [
        firm.buy("1000.01", "2026-01-10", service=str(datetime.date(2026, 1, luck.randint(10, 31))),
                 terms={"": {"convention": convention, "suspends_while_idle": True}})
        for _ in range(4)
    ]  # fmt: skip
    last = None
    for _ in range(14):
        if luck.random() < 0.5:
            last = firm.run(str(datetime.date(2026, luck.randint(1, 12), luck.randint(1, 28)))).run_id or last
        elif luck.random() < 0.2 and last is not None:
            services.reverse_run(company_id=firm.company_id, actor_id=None, run_id=last)
            last = None
        else:
            kind, values = luck.choice(KINDS)
            day_ = datetime.date(2026, luck.randint(2, 12), luck.randint(1, 28))
            with contextlib.suppress(Refused):
                firm.record(EventDraft(kind, day_, asset_id=luck.choice(assets), values=values))
    firm.run("2026-12-31")
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []
    check_whole(firm)


@pytest.mark.django_db
def test_a_run_that_ends_no_period_forgets_nothing() -> None:
    """A part leaves on 12 August, runs go through 20 August and then the end of it."""
    firm = make_firm()
    asset = firm.buy(
        "1000.07", "2026-01-10", service="2026-01-10", terms={"": {"convention": "daily_actual"}}
    )
    firm.run("2026-07-31")
    firm.event("partial_disposal", asset, "2026-08-12", how="scrap", share="1/3")
    firm.run("2026-08-20")
    firm.run("2026-08-31")
    firm.run("2026-09-30")
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []


@pytest.mark.django_db
def test_what_hangs_together_is_charged_once() -> None:
    """A part of a machine has a grant, so it is read by itself; the machine could be charged in bulk."""
    firm = make_firm()
    whole = firm.buy("9000.00", "2026-01-01", service="2026-01-01")
    (part,) = firm.record(
        EventDraft("part_out", day("2026-01-31"), asset_id=whole, values={"weights": [2, 1]}),
        EventDraft("part_in", day("2026-01-31"), asset_no=0, of_no=0),
        assets=[AssetDraft("Part", "MACH")],
    ).asset_ids
    firm.event("grant", part, "2026-02-01", amount="500.00")
    firm.run("2026-03-31")
    assert (firm.nbv(whole), firm.nbv(part)) == (570_000, 285_000)
    rows = services.forecast(company_id=firm.company_id, actor_id=None, through_on=day("2026-04-30"))
    assert sum(row.charge for row in rows) == 15_000
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []
