"""Setting up companies, books, accounts and rates."""

import datetime
from decimal import Decimal as D

import pytest
from tests.ledger.firm import JAN_31, Firm, make_firm

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.ledger import charts, queries, services
from wherewithal.ledger.values import Classification, CostScope

GIVEN = {"code": "ALP", "name": "Alpine", "country": "AT", "currency": "EUR", "timezone": "Europe/Vienna"}


def rules(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in refusal.value.problems]


def test_a_company_comes_with_book_chart_and_map(db: None) -> None:
    created = services.create_company(**GIVEN, fiscal_year_start_month=4, chart="us")  # type: ignore[arg-type]
    with company_transaction(company_id=created.company_id):
        company = queries.company(created.company_id)
        (book,) = queries.books(created.company_id)
        accounts = queries.accounts(created.company_id)
    assert (company.code, company.name, company.country, company.currency) == ("ALP", "Alpine", "AT", "EUR")
    assert (company.timezone, company.fiscal_year_start_month) == ("Europe/Vienna", 4)
    assert (book.book_id, book.code, book.is_primary) == (created.book_id, "main", True)
    assert (book.standard, book.currency, book.cost_scope) == ("US GAAP", "EUR", CostScope.COMPANY)
    assert [account.code for account in accounts] == [
        account.code for account in charts.charts()["us"].accounts
    ]
    classes = {account.classification for account in accounts}
    assert classes == set(Classification)


def test_all_faults_of_a_company_are_named(db: None) -> None:
    faulty = {
        "code": "a b",
        "name": " ",
        "country": "XQ",
        "currency": "EURO",
        "timezone": "Vienna",
        "fiscal_year_start_month": 13,
        "chart": "none",
        "book_code": "",
        "cost_scope": "bin",
    }
    with pytest.raises(Refused) as refusal:
        services.create_company(**faulty)  # type: ignore[arg-type]
    assert rules(refusal) == [
        ("code", "code"),
        ("name", "required"),
        ("country", "country"),
        ("currency", "currency"),
        ("timezone", "timezone"),
        ("fiscal_year_start_month", "month"),
        ("chart", "choice"),
        ("book_code", "code"),
        ("cost_scope", "choice"),
    ]


def test_a_code_is_taken_once(firm: Firm) -> None:
    with pytest.raises(Conflict) as refusal:
        make_and_name(firm.code)
    assert rules(refusal) == [("code", "unique")]


def make_and_name(code: str) -> None:
    services.create_company(**GIVEN | {"code": code})  # type: ignore[arg-type]


def test_further_books(firm: Firm) -> None:
    book_id = services.create_book(
        company_id=firm.company_id,
        actor_id=None,
        code="group",
        name="Group",
        standard="IFRS",
        currency="USD",
        cost_scope="warehouse",
    )
    with firm.work():
        book = queries.book_by_code(firm.company_id, "group")
        assert queries.book_by_code(firm.company_id, None).book_id == firm.book_id
    assert (book.book_id, book.currency, book.currency_decimals) == (book_id, "USD", 2)
    assert (book.is_primary, book.cost_scope) == (False, CostScope.WAREHOUSE)
    with pytest.raises(Conflict):
        services.create_book(company_id=firm.company_id, actor_id=None, code="group", name="x", standard="x")
    with pytest.raises(NotFound):
        services.create_book(company_id=2_000_000_000, actor_id=None, code="x", name="x", standard="x")


def test_accounts_are_added_renamed_and_retired(firm: Firm) -> None:
    place = {"company_id": firm.company_id, "actor_id": None}
    given = {"code": "1001", "name": "Second bank", "classification": "current_asset"}
    account_id = services.add_account(**place, **given)  # type: ignore[arg-type]
    with pytest.raises(Conflict) as refusal:
        services.add_account(**place, **given)  # type: ignore[arg-type]
    assert rules(refusal) == [("code", "unique")]
    with pytest.raises(Refused) as wrong:
        services.add_account(**place, **given | {"code": "1002", "classification": "asset"})  # type: ignore[arg-type]
    assert rules(wrong) == [("classification", "choice")]
    services.change_account(**place, account_id=account_id, name="Savings", active=False)  # type: ignore[arg-type]
    with firm.work():
        account = queries.account(firm.company_id, account_id)
        active = {account.code for account in queries.accounts(firm.company_id, active_only=True)}
    assert (account.name, account.active) == ("Savings", False)
    assert "1001" not in active
    with pytest.raises(NotFound):
        services.change_account(**place, account_id=2_000_000_000, name="x")  # type: ignore[arg-type]


def test_rates_are_entered_corrected_and_found(firm: Firm) -> None:
    first = services.RateDraft("USD", "EUR", JAN_31, D("0.9"))
    corrected = services.RateDraft("USD", "EUR", JAN_31, D("0.91"))
    for rate in (first, corrected):
        services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=[rate])
    with firm.work():
        on = {
            day: queries.exchange_rate(firm.company_id, "USD", "EUR", datetime.date(2026, *day))
            for day in ((1, 30), (1, 31), (5, 5))
        }
        assert queries.exchange_rate(firm.company_id, "EUR", "EUR", JAN_31) == 1
        assert [rate.rate for rate in queries.exchange_rates(firm.company_id)] == [D("0.91")]
        changes = fetch_all(
            "SELECT action FROM kit_audit_change WHERE table_name = 'ledger_exchange_rate' ORDER BY id"
        )
    assert on == {(1, 30): None, (1, 31): D("0.91"), (5, 5): D("0.91")}
    assert changes == [("insert",), ("update",)]


def test_faulty_rates_are_refused_row_by_row(firm: Firm) -> None:
    rates = [
        services.RateDraft("USD", "EUR", JAN_31, D("0.9")),
        services.RateDraft("EUR", "EUR", JAN_31, D(1)),
        services.RateDraft("QQQ", "EUR", JAN_31, D("-1")),
        services.RateDraft("USD", "EUR", JAN_31, D("NaN")),
    ]
    with pytest.raises(Refused) as refusal:
        services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=rates)
    assert [(problem.row, problem.field, problem.rule) for problem in refusal.value.problems] == [
        (1, "to_currency", "other"),
        (2, "currency", "currency"),
        (2, "rate", "positive"),
        (3, "rate", "positive"),
        (3, "on_date", "once"),
    ]
    assert firm.count("ledger_exchange_rate") == 0


def test_a_second_company_does_not_meet_the_first(firm: Firm) -> None:
    other = make_firm()
    with other.work(), pytest.raises(NotFound):
        queries.company(firm.company_id)
    with other.work(), pytest.raises(NotFound):
        queries.account(firm.company_id, firm.accounts["1000"])
