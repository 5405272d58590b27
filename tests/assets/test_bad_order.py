"""What comes in the wrong order or finds no account: a clear answer, nothing half-posted, and the books still agree."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day, make_firm

from wherewithal.assets import services
from wherewithal.kit.errors import Refused
from wherewithal.ledger import charts
from wherewithal.ledger import services as ledger_services
from wherewithal.reporting import verify


def proven(firm: Firm) -> None:
    check_whole(firm)
    report = verify.run(company_id=firm.company_id, deep=True)
    assert {check.name: check.findings for check in report.checks if not check.passed} == {}


def test_a_disposal_before_a_posted_depreciation_takes_it_back(firm: Firm) -> None:
    """12,000.00 at 200.00 a month, charged to April, March closed; sold at the end of February after all, for 11,500.00:
    12,000 - 200 = 11,800, a loss of 300.00. What March and April were charged comes back, March on the first open day."""
    machine = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    firm.run("2026-04-30")
    ledger_services.close_period(
        company_id=firm.company_id, actor_id=None, book_id=firm.book_id, end_on=day("2026-03-31")
    )
    sold = firm.event("disposal", machine, "2026-02-28", how="sale", proceeds=Decimal(11500))
    assert firm.charges(machine) == [("2026-02-28", 20_000)]
    assert (firm.balance("depreciation_expense"), firm.balance("disposal_loss")) == (20_000, 30_000)
    rows = firm.query(
        "SELECT effective_on::text, posting_on::text, amount FROM assets_value WHERE role = 120 AND amount < 0 ORDER BY 1"
    )
    assert rows == [("2026-03-31", "2026-04-01", -20_000), ("2026-04-30", "2026-04-30", -20_000)]
    assert firm.run("2026-06-30").row_count == 0
    proven(firm)
    firm.event("reversal", machine, "2026-02-28", of_event_id=sold)
    firm.run("2026-06-30")
    assert firm.nbv(machine) == 1_200_000 - 5 * 20_000
    proven(firm)


def _without(monkeypatch: pytest.MonkeyPatch, role: str) -> Firm:
    """A company whose chart has no account for a role."""
    whole = charts.charts()["general"]
    accounts = tuple(
        replace(each, roles=tuple(known for known in each.roles if known != role)) for each in whole.accounts
    )
    monkeypatch.setattr(charts, "charts", lambda: {"general": replace(whole, accounts=accounts)})
    return make_firm()


def _map(firm: Firm, role: str, code: str, category_id: int | None = None) -> None:
    ((account_id,),) = firm.query("SELECT id FROM ledger_account WHERE code = %s", code)
    services.map_account(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.book_id,
        account_role=role,
        account_id=account_id,
        category_id=category_id,
    )


def test_a_class_without_accounts_is_refused_by_role(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = _without(monkeypatch, "asset_cost")
    before = firm.counts()
    with pytest.raises(Refused) as caught:
        firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    assert [(p.field, p.rule, p.value) for p in caught.value.problems] == [
        ("account_map", "mapped", "asset_cost")
    ]
    assert firm.counts() == before
    _map(firm, "asset_cost", "1515")
    firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    proven(firm)


def test_a_run_leaves_out_what_has_no_account_and_comes_back_to_it(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = _without(monkeypatch, "depreciation_expense")
    tool_class = firm.class_("TOOL", terms={"": STRAIGHT})
    ((category,),) = firm.query("SELECT category_id FROM assets_class WHERE id = %s", tool_class)
    _map(firm, "depreciation_expense", "6500", category)
    machine = firm.buy("12000.00", "2026-01-10", service="2026-02-01", tag="M-1")
    tool = firm.buy("600.00", "2026-01-10", service="2026-02-01", class_code="TOOL")
    run = firm.run("2026-03-31")
    assert [(left.tag, left.field, left.rule) for left in run.exceptions] == [
        ("M-1", "account_map", "mapped")
    ]
    assert (firm.nbv(machine), firm.nbv(tool)) == (1_200_000, 58_000)
    check_whole(firm)
    _map(firm, "depreciation_expense", "6500")
    firm.run("2026-03-31")
    assert (firm.nbv(machine), firm.nbv(tool)) == (1_160_000, 58_000)
    proven(firm)
