"""Which account plays a role: nearest category first, dated by effective day, the last word recorded counts."""

import datetime

import pytest
from tests.ledger.firm import JAN_31, Firm

from wherewithal.core.posting import AccountRole
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import charts, queries, services
from wherewithal.ledger.values import SINCE_EVER

CHILD, PARENT, ROOT = 30, 20, 10
PATH = (CHILD, PARENT, ROOT)


def put(
    firm: Firm,
    code: str,
    category: int | None = None,
    on: datetime.date = SINCE_EVER,
    role: str = "inventory",
) -> None:
    with firm.work():
        services.map_account(
            company_id=firm.company_id,
            actor_id=None,
            book_id=firm.book_id,
            account_role=role,
            account_id=account(firm, code),
            category_id=category,
            effective_on=on,
        )


def account(firm: Firm, code: str) -> int:
    """The account of this code, made when first named; the chart's own play roles already."""
    if code not in firm.accounts:
        firm.accounts[code] = services.add_account(
            company_id=firm.company_id, actor_id=None, code=code, name=code, classification="current_asset"
        )
    return firm.accounts[code]


def found(
    firm: Firm, path: tuple[int, ...] = PATH, day: datetime.date = JAN_31, role: str = "inventory"
) -> str:
    with firm.work():
        account_id = queries.account_resolver(firm.company_id).resolve(firm.book_id, role, path, day)
    return next(code for code, known in firm.accounts.items() if known == account_id)


def test_the_default_of_the_book(firm: Firm) -> None:
    assert found(firm) == found(firm, ()) == "1200"


def test_the_nearest_category_decides(firm: Firm) -> None:
    put(firm, "1291", ROOT)
    assert found(firm) == "1291"
    put(firm, "1292", PARENT)
    assert found(firm) == "1292"
    assert found(firm, (ROOT,)) == "1291"
    assert found(firm, ()) == found(firm, (99,)) == "1200"


def test_versions_by_effective_day(firm: Firm) -> None:
    put(firm, "1291", PARENT, datetime.date(2026, 2, 1), "scrap_loss")
    put(firm, "1292", PARENT, datetime.date(2026, 3, 1), "scrap_loss")
    days = [JAN_31, datetime.date(2026, 2, 1), datetime.date(2026, 2, 28), datetime.date(2026, 3, 1)]
    scrap = [found(firm, day=day, role="scrap_loss") for day in days]
    assert scrap == [found(firm, (), role="scrap_loss"), "1291", "1291", "1292"]


def test_for_one_day_the_last_word_counts(firm: Firm) -> None:
    put(firm, "1291", PARENT)
    put(firm, "1292", PARENT)
    assert found(firm) == "1292"


def test_a_role_without_account_is_refused_by_name(firm: Firm) -> None:
    with firm.work():
        resolver = queries.account_resolver(firm.company_id, [firm.book_id])
    with pytest.raises(Refused) as refusal:
        resolver.resolve(firm.book_id, "no_such_role", (), JAN_31)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.rule, problem.value) == ("account_map", "mapped", "no_such_role")


def test_another_book_begins_with_the_map_of_the_primary_one(firm: Firm) -> None:
    put(firm, "1291", PARENT)
    tax = services.create_book(
        company_id=firm.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
    )
    put(firm, "1292", PARENT)
    with firm.work():
        resolver = queries.account_resolver(firm.company_id)
    assert resolver.resolve(tax, "inventory", PATH, JAN_31) == firm.accounts["1291"]
    assert resolver.resolve(firm.book_id, "inventory", PATH, JAN_31) == firm.accounts["1292"]


def test_accounts_and_books_of_the_company_only(firm: Firm) -> None:
    place = {"company_id": firm.company_id, "actor_id": None, "account_role": "inventory"}
    with pytest.raises(NotFound), firm.work():
        services.map_account(**place, book_id=firm.book_id, account_id=2_000_000_000)  # type: ignore[arg-type]
    with pytest.raises(NotFound), firm.work():
        services.map_account(**place, book_id=2_000_000_000, account_id=firm.accounts["1200"])  # type: ignore[arg-type]


def test_a_role_that_nothing_posts_by_is_refused(firm: Firm) -> None:
    before = firm.count("ledger_account_map")
    with pytest.raises(Refused) as refusal:
        put(firm, "1200", role="inventroy")
    (problem,) = refusal.value.problems
    assert (problem.field, problem.rule, problem.value) == ("account_role", "known", "inventroy")
    assert all(role in problem.message for role in AccountRole)
    assert firm.count("ledger_account_map") == before


FEB_1 = datetime.date(2026, 2, 1)


def posted(firm: Firm, code: str) -> None:
    """Something on the account, of 31 January, that no goods made."""
    account(firm, code)
    firm.post(firm.entry((code, 500), ("3000", -500)))


def refusal_of(firm: Firm, role: str, code: str, on: datetime.date = SINCE_EVER) -> Problem:
    """Why the mapping is refused; and that nothing was mapped."""
    account(firm, code)
    before = firm.count("ledger_account_map")
    with pytest.raises(Refused) as refusal:
        put(firm, code, on=on, role=role)
    assert firm.count("ledger_account_map") == before
    (problem,) = refusal.value.problems
    return problem


@pytest.mark.parametrize(
    "role",
    ["inventory", "goods_in_transit", "transfer_clearing", "nrv_allowance", "asset_cost", "asset_disposal"],
)
def test_an_account_that_carries_goods_plays_its_role_on_all_days(firm: Firm, role: str) -> None:
    problem = refusal_of(firm, role, "1291", FEB_1)
    assert (problem.field, problem.rule, problem.value) == ("effective_on", "always", "2026-02-01")
    assert "leave the day out" in problem.message


def test_other_roles_change_their_account_from_a_day_on(firm: Firm) -> None:
    before = found(firm, role="scrap_loss")
    put(firm, "1291", on=FEB_1, role="scrap_loss")
    assert (found(firm, role="scrap_loss"), found(firm, day=FEB_1, role="scrap_loss")) == (before, "1291")


def test_but_not_in_a_closed_period(firm: Firm) -> None:
    services.close_period(
        company_id=firm.company_id, actor_id=None, book_id=firm.book_id, end_on=JAN_31, reason="month end"
    )
    problem = refusal_of(firm, "scrap_loss", "1291", JAN_31)
    assert (problem.field, problem.rule, problem.value) == ("effective_on", "open", "2026-01-31")
    assert "choose 2026-02-01 or a later day" in problem.message
    assert refusal_of(firm, "scrap_loss", "1291").rule == "open"
    put(firm, "1291", on=FEB_1, role="scrap_loss")
    put(firm, "1292", role="inventory")  # carries goods: on all days, whatever is closed


def test_what_carries_goods_carries_nothing_else(firm: Firm) -> None:
    scrap = found(firm, (), role="scrap_loss")
    problem = refusal_of(firm, "inventory", scrap)
    assert (problem.field, problem.rule) == ("account_id", "one_kind")
    assert "scrap_loss" in problem.message
    assert refusal_of(firm, "scrap_loss", "1200").rule == "one_kind"
    assert refusal_of(firm, "nrv_allowance", "1200").rule == "one_kind"
    put(firm, "1200", role="goods_in_transit")  # stock all the same
    put(firm, "1291", role="scrap_loss")
    put(firm, "1291", role="inventory_adjustment")  # neither carries goods
    assert refusal_of(firm, "asset_cost", "1291").rule == "one_kind"
    assert refusal_of(firm, "asset_cost", "1200").rule == "one_kind"
    assert refusal_of(firm, "asset_clearing", "1515").rule == "one_kind"
    put(firm, "1515", role="accumulated_depreciation")  # written off directly: both carry assets


def test_nor_entries_that_no_goods_made(firm: Firm) -> None:
    posted(firm, "1291")
    problem = refusal_of(firm, "inventory", "1291")
    assert (problem.field, problem.rule, problem.value) == (
        "account_id",
        "unused",
        str(firm.accounts["1291"]),
    )


def test_a_mapping_is_a_verb(committed: Firm) -> None:
    """It says what the book should say; who calls it posts the difference in the same transaction."""
    with pytest.raises(AssertionError, match="verb"):
        services.map_account(
            company_id=committed.company_id,
            actor_id=None,
            book_id=committed.book_id,
            account_role="inventory",
            account_id=committed.accounts["1200"],
        )


@pytest.mark.parametrize("chart", charts.charts().values(), ids=lambda chart: chart.code)
def test_every_chart_gives_each_role_one_account(chart: charts.Chart) -> None:
    roles = [role for account in chart.accounts for role in account.roles]
    assert sorted(roles) == sorted(role.value for role in AccountRole)
    codes = [account.code for account in chart.accounts]
    assert codes == sorted(set(codes))
