"""Classes from the template with their accounts, terms by book, books added later, calendars, transfers of class."""

from decimal import Decimal
from typing import Any

import pytest
from tests.assets.conftest import STRAIGHT, Firm, check_whole, day, make_firm

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger_services
from wherewithal.reporting import verify


def test_the_template_brings_classes_with_accounts_of_their_own(firm: Firm) -> None:
    services.install_classes(company_id=firm.company_id, actor_id=None)
    assert services.install_classes(company_id=firm.company_id, actor_id=None) == []
    firm.buy("36000.00", "2026-01-01", service="2026-01-01", class_code="VEH")
    firm.buy("1000.00", "2026-01-01", class_code="LAND")
    firm.run("2026-01-31")
    accounts = firm.query(
        "SELECT a.code, sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
        " WHERE a.code LIKE '15%%' GROUP BY 1 ORDER BY 1",
    )
    # the class LAND was there before the template, so it has the default account
    assert accounts == [("1515", 100_000), ("1540", 3_600_000), ("1549", -50_000)]


def test_tags_are_numbered_by_class(firm: Firm) -> None:
    firm.buy("1.00", "2026-01-01", tag="MACH-00002")
    for _ in range(2):
        firm.buy("1.00", "2026-01-01")
    assert firm.query("SELECT tag FROM assets_asset ORDER BY tag") == [
        ("MACH-00001",), ("MACH-00002",), ("MACH-00003",),
    ]  # fmt: skip
    with pytest.raises(Refused) as caught:
        firm.buy("1.00", "2026-01-01", tag="MACH-00002")
    assert caught.value.problems[0].field == "tag"


def test_a_book_added_later_is_filled_from_the_facts(firm: Firm) -> None:
    asset = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    firm.run("2026-04-30")
    firm.book("tax")
    services.update_class(
        company_id=firm.company_id,
        actor_id=None,
        class_id=firm.classes["MACH"],
        terms={"tax": STRAIGHT | {"life_months": "24"}},
    )
    with pytest.raises(Refused):
        firm.run("2026-04-30", "tax")
    services.fill_book(company_id=firm.company_id, actor_id=None, book_id=firm.books["tax"])
    assert firm.nbv(asset, "tax") == 1_200_000
    firm.run("2026-04-30", "tax")
    assert firm.nbv(asset, "tax") == 1_050_000
    assert firm.nbv(asset) == 1_140_000
    check_whole(firm)


def test_an_event_of_one_book_never_disturbs_another(firm: Firm) -> None:
    firm.book("tax")
    asset = firm.buy("12000.00", "2026-01-10", service="2026-02-01")
    firm.event("impairment", asset, "2026-03-31", recoverable=Decimal(6000), book="main")
    assert firm.nbv(asset) == 600_000
    # in tax nothing was run and nothing happened
    assert firm.nbv(asset, "tax") == 1_200_000
    firm.run("2026-12-31", "tax")
    assert firm.nbv(asset, "tax") == 1_200_000 - 11 * 20_000


def test_an_opening_takes_up_each_book_where_it_stands(firm: Firm) -> None:
    firm.book("tax")
    opening = EventDraft(
        "opening",
        day("2026-01-01"),
        asset_no=0,
        values={"cost": Decimal(6000), "accumulated": Decimal(2400), "in_service_on": "2024-01-01"},
        by_book={"tax": {"accumulated": Decimal(4800), "terms": STRAIGHT | {"life_months": "30"}}},
    )
    asset = firm.record(opening, assets=[AssetDraft("Old", "MACH")]).asset_ids[0]
    assert (firm.nbv(asset), firm.nbv(asset, "tax")) == (360_000, 120_000)
    firm.run("2026-03-31")
    firm.run("2026-07-31", "tax")
    # 3,600 over the 36 months left; 1,200 over the 6 months left
    assert firm.nbv(asset) == 330_000
    assert [amount for _, amount in firm.charges(asset, "tax")] == [20_000] * 6
    assert firm.nbv(asset, "tax") == 0
    check_whole(firm)


def test_the_residual_of_an_opening_is_a_share_of_its_cost(firm: Firm) -> None:
    """6,000.00 with ten per cent left at the end, half of its 60 months gone: 5,400 / 60 = 90.00 a month goes on."""
    opening = EventDraft(
        "opening",
        day("2026-01-01"),
        asset_no=0,
        values={"cost": Decimal(6000), "accumulated": Decimal(2700), "in_service_on": "2023-07-01"},
    )
    draft = AssetDraft("Old", "MACH", terms={"": STRAIGHT | {"residual_percent": "10"}})
    asset = firm.record(opening, assets=[draft]).asset_ids[0]
    firm.run("2026-02-28")
    assert [amount for _, amount in firm.charges(asset)] == [9_000, 9_000]
    firm.run("2028-12-31")
    assert firm.nbv(asset) == 60_000


def test_money_in_another_currency_is_converted_once_for_each_book(firm: Firm) -> None:
    firm.book("dollars", currency="USD")
    bought = EventDraft(
        "acquisition",
        day("2026-01-10"),
        asset_no=0,
        values={"cost": Decimal("1000.00")},
        currency="USD",
        rates={"EUR": Decimal("0.9")},
    )
    asset = firm.record(bought, assets=[AssetDraft("Press", "MACH")]).asset_ids[0]
    assert (firm.nbv(asset), firm.nbv(asset, "dollars")) == (90_000, 100_000)


def test_a_transfer_of_class_moves_cost_and_depreciation_between_accounts(firm: Firm) -> None:
    services.install_classes(company_id=firm.company_id, actor_id=None)
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-02-28")
    firm.event("class_transfer", asset, "2026-02-28", class_id=_class(firm, "IT"))
    rows = dict(
        firm.query(
            "SELECT a.code, sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
            " WHERE a.code LIKE '15%%' GROUP BY 1 HAVING sum(l.amount) <> 0"
        )
    )
    assert rows == {"1532": 600_000, "1537": -20_000}
    with db.company_transaction(company_id=firm.company_id):
        assert queries.asset(firm.company_id, asset).class_code == "IT"
    check_whole(firm)


def _class(firm: Firm, code: str) -> int:
    with db.company_transaction(company_id=firm.company_id):
        return queries.class_by_code(firm.company_id, code).class_id


def test_thirteen_periods_of_four_weeks(firm: Firm) -> None:
    services.set_calendar(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.book_id,
        calendar={"pattern": "weeks_13", "weekday": 6},
    )
    asset = firm.buy("5200.00", "2026-01-05", service="2026-01-05", terms={"": {"life_months": "24"}})
    firm.run("2026-12-31")
    assert len(firm.charges(asset)) == 13
    with pytest.raises(Refused):
        services.set_calendar(company_id=firm.company_id, actor_id=None, book_id=firm.book_id, calendar={})


@pytest.mark.django_db(transaction=True)
def test_all_checks_pass_and_damage_is_found() -> None:
    firm = make_firm()
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-03-31")
    firm.event("disposal", asset, "2026-05-10", how="scrap")
    firm.buy("100.00", "2026-01-01", class_code="LAND")
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [check.name for check in report.checks if not check.passed] == []


def test_a_new_account_takes_over_what_is_on_the_old_one(firm: Firm) -> None:
    firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-02-28")
    with db.company_transaction(company_id=firm.company_id):
        category = queries.class_by_code(firm.company_id, "MACH").category_id
    account = ledger_services.add_account(
        company_id=firm.company_id,
        actor_id=None,
        code="1525",
        name="Lathes",
        classification="noncurrent_asset",
    )
    given = {
        "company_id": firm.company_id,
        "actor_id": None,
        "book_id": firm.book_id,
        "account_role": "asset_cost",
        "account_id": account,
        "category_id": category,
    }
    with pytest.raises(Refused):
        services.map_account(**given, effective_on=day("2026-02-01"))  # type: ignore[arg-type]
    assert services.map_account(**given)  # type: ignore[arg-type]
    rows = firm.query(
        "SELECT a.code, sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
        " WHERE a.code IN ('1515', '1525', '1559') GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("1515", 0), ("1525", 600_000), ("1559", -20_000)]
    check_whole(firm)
    report = verify.run(company_id=firm.company_id, deep=True)
    assert [check.name for check in report.checks if not check.passed] == []


def test_a_book_is_added_with_what_assets_have_been_through(firm: Firm) -> None:
    asset = firm.buy("6000.00", "2026-01-01", service="2026-01-01")
    firm.run("2026-02-28")
    firm.books["group"] = services.add_book(
        company_id=firm.company_id, actor_id=None, code="group", name="Group", standard="IFRS"
    )
    assert firm.nbv(asset, "group") == 600_000
    firm.run("2026-02-28", "group")
    assert firm.nbv(asset, "group") == firm.nbv(asset) == 580_000


def test_a_calendar_chosen_late_counts_for_what_events_have_charged(firms: Any) -> None:
    """Two firms, one with thirteen periods from the start, the other with assets first: an impairment and a disposal of that
    time say the same in both, and so do the charges after them."""
    said = []
    weeks = {"pattern": "weeks_13", "weekday": 6}
    for first in (True, False):
        firm = firms()

        def choose(firm: Firm = firm) -> None:
            services.set_calendar(
                company_id=firm.company_id, actor_id=None, book_id=firm.book_id, calendar=weeks
            )

        if first:
            choose()
        worn, sold = (
            firm.buy("5200.00", "2026-01-05", service="2026-01-05", terms={"": {"life_months": "24"}})
            for _ in range(2)
        )
        firm.event("impairment", worn, "2026-03-15", recoverable=Decimal(4000))
        firm.event("disposal", sold, "2026-05-20", how="sale", proceeds=Decimal(4500))
        if not first:
            before = firm.charges(sold)
            choose()
            assert firm.charges(sold) != before
        firm.run("2026-12-31")
        said.append(
            firm.query(
                "SELECT role, effective_on, sum(amount)::bigint FROM assets_value WHERE book_id = %s GROUP BY 1, 2"
                " HAVING sum(amount) <> 0 ORDER BY 1, 2",
                firm.book_id,
            )
        )
        check_whole(firm)
        assert verify.run(company_id=firm.company_id, deep=True).passed
    assert said[0] == said[1]
