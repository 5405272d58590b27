"""Which account plays a role: nearest category first, dated by effective day, the last word recorded counts."""

import datetime

import pytest
from tests.ledger.firm import JAN_31, Firm

from wherewithal.core.posting import AccountRole
from wherewithal.kit.errors import NotFound, Refused
from wherewithal.ledger import charts, queries, services
from wherewithal.ledger.services.companies import SINCE_EVER

CHILD, PARENT, ROOT = 30, 20, 10
PATH = (CHILD, PARENT, ROOT)


def put(firm: Firm, code: str, category: int | None = None, on: datetime.date = SINCE_EVER) -> None:
    services.map_account(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.book_id,
        account_role="inventory",
        account_id=firm.accounts[code],
        category_id=category,
        effective_on=on,
    )


def found(firm: Firm, path: tuple[int, ...] = PATH, day: datetime.date = JAN_31) -> str:
    with firm.work():
        account_id = queries.account_resolver(firm.company_id).resolve(firm.book_id, "inventory", path, day)
    return next(code for code, known in firm.accounts.items() if known == account_id)


def test_the_default_of_the_book(firm: Firm) -> None:
    assert found(firm) == found(firm, ()) == "1200"


def test_the_nearest_category_decides(firm: Firm) -> None:
    put(firm, "1210", ROOT)
    assert found(firm) == "1210"
    put(firm, "1220", PARENT)
    assert found(firm) == "1220"
    assert found(firm, (ROOT,)) == "1210"
    assert found(firm, ()) == found(firm, (99,)) == "1200"


def test_versions_by_effective_day(firm: Firm) -> None:
    put(firm, "1210", PARENT, datetime.date(2026, 2, 1))
    put(firm, "1220", PARENT, datetime.date(2026, 3, 1))
    assert found(firm) == "1200"
    assert found(firm, day=datetime.date(2026, 2, 1)) == "1210"
    assert found(firm, day=datetime.date(2026, 2, 28)) == "1210"
    assert found(firm, day=datetime.date(2026, 3, 1)) == "1220"


def test_for_one_day_the_last_word_counts(firm: Firm) -> None:
    put(firm, "1210", PARENT)
    put(firm, "1220", PARENT)
    assert found(firm) == "1220"


def test_a_role_without_account_is_refused_by_name(firm: Firm) -> None:
    with firm.work():
        resolver = queries.account_resolver(firm.company_id, [firm.book_id])
    with pytest.raises(Refused) as refusal:
        resolver.resolve(firm.book_id, "no_such_role", (), JAN_31)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.rule, problem.value) == ("account_map", "mapped", "no_such_role")


def test_another_book_begins_with_the_map_of_the_primary_one(firm: Firm) -> None:
    put(firm, "1210", PARENT)
    tax = services.create_book(
        company_id=firm.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
    )
    put(firm, "1220", PARENT)
    with firm.work():
        resolver = queries.account_resolver(firm.company_id)
    assert resolver.resolve(tax, "inventory", PATH, JAN_31) == firm.accounts["1210"]
    assert resolver.resolve(firm.book_id, "inventory", PATH, JAN_31) == firm.accounts["1220"]


def test_accounts_and_books_of_the_company_only(firm: Firm) -> None:
    place = {"company_id": firm.company_id, "actor_id": None, "account_role": "inventory"}
    with pytest.raises(NotFound):
        services.map_account(**place, book_id=firm.book_id, account_id=2_000_000_000)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        services.map_account(**place, book_id=2_000_000_000, account_id=firm.accounts["1200"])  # type: ignore[arg-type]


def test_a_role_that_nothing_posts_by_is_refused(firm: Firm) -> None:
    before = firm.count("ledger_account_map")
    with pytest.raises(Refused) as refusal:
        services.map_account(
            company_id=firm.company_id,
            actor_id=None,
            book_id=firm.book_id,
            account_role="inventroy",
            account_id=firm.accounts["1200"],
        )
    (problem,) = refusal.value.problems
    assert (problem.field, problem.rule, problem.value) == ("account_role", "known", "inventroy")
    assert all(role in problem.message for role in AccountRole)
    assert firm.count("ledger_account_map") == before


FEB_1 = datetime.date(2026, 2, 1)


def posted(firm: Firm, code: str) -> None:
    """Something on the account, of 31 January."""
    firm.post(firm.entry((code, 500), ("3000", -500)))


@pytest.mark.parametrize("day", [SINCE_EVER, JAN_31])
def test_an_account_of_stock_is_not_taken_away_under_what_is_posted(firm: Firm, day: datetime.date) -> None:
    posted(firm, "1200")
    before = firm.count("ledger_account_map")
    with pytest.raises(Refused) as refusal:
        put(firm, "1210", on=day)
    (problem,) = refusal.value.problems
    assert (problem.field, problem.rule, problem.value) == ("effective_on", "not_posted", str(day))
    assert "posted up to 2026-01-31: choose a later day." in problem.message
    assert firm.count("ledger_account_map") == before
    assert found(firm) == "1200"


def test_a_later_day_takes_another_account(firm: Firm) -> None:
    posted(firm, "1200")
    put(firm, "1210", on=FEB_1)
    assert (found(firm), found(firm, day=FEB_1)) == ("1200", "1210")


def test_a_first_mapping_of_a_category_may_begin_at_any_time(firm: Firm) -> None:
    posted(firm, "1200")
    put(firm, "1210", PARENT)
    assert found(firm) == "1210"


def test_what_has_no_entries_may_be_mapped_anew(firm: Firm) -> None:
    put(firm, "1210", PARENT)
    posted(firm, "1200")
    put(firm, "1220", PARENT)
    assert found(firm) == "1220"
    put(firm, "1200")  # as it is: nothing changes its account
    assert found(firm, ()) == "1200"


def test_accounts_that_carry_no_stock_change_at_any_time(firm: Firm) -> None:
    place = {"company_id": firm.company_id, "actor_id": None, "book_id": firm.book_id}
    with firm.work():
        resolver = queries.account_resolver(firm.company_id)
    scrap = resolver.resolve(firm.book_id, "scrap_loss", (), JAN_31)
    posted(firm, next(code for code, known in firm.accounts.items() if known == scrap))
    services.map_account(**place, account_role="scrap_loss", account_id=firm.accounts["1210"])  # type: ignore[arg-type]
    with firm.work():
        resolver = queries.account_resolver(firm.company_id)
    assert resolver.resolve(firm.book_id, "scrap_loss", (), JAN_31) == firm.accounts["1210"]


@pytest.mark.parametrize("chart", charts.charts().values(), ids=lambda chart: chart.code)
def test_every_chart_gives_each_role_one_account(chart: charts.Chart) -> None:
    roles = [role for account in chart.accounts for role in account.roles]
    assert sorted(roles) == sorted(role.value for role in AccountRole)
    codes = [account.code for account in chart.accounts]
    assert codes == sorted(set(codes))
