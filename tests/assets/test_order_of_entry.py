"""The same facts in any order of entry, with runs between them at random: the same balances on every day."""

import datetime
import random
from decimal import Decimal

import pytest
from tests.assets.conftest import Firm, check_whole, day, make_firm

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft

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
