"""Trial balance, balance sheet, income statement, account ledger and journal of one month, worked out by hand.

Alpine Repairs, January 2026, in euros:
  1  the owners put in 20,000.00                 17  wages of 1,250.50 are paid
  3  a machine for 6,000.00 is bought on credit  20  the machine's supplier gets 2,500.00
  5  rent of 900.00 is paid                      25  the customer pays 1,900.00
 10  a repair is sold for 3,400.00 on credit     31  depreciation of 100.00; a loan of 5,000.00 for five years
Cash: 20,000 - 900 - 1,250.50 - 2,500 + 1,900 + 5,000 = 22,249.50.
"""

import datetime
from dataclasses import dataclass

import pytest
from tests.ledger.firm import Firm, make_firm

from wherewithal.ledger import queries, services
from wherewithal.ledger.queries import TrialBalance

FACTS = (
    (1, "1000", "3000", 20_000_00),
    (3, "1520", "2000", 6_000_00),
    (5, "6100", "1000", 900_00),
    (10, "1100", "4000", 3_400_00),
    (17, "6000", "1000", 1_250_50),
    (20, "2000", "1000", 2_500_00),
    (25, "1000", "1100", 1_900_00),
    (31, "6500", "1529", 100_00),
    (31, "1000", "2600", 5_000_00),
)
JAN_31 = datetime.date(2026, 1, 31)


def january(day: int) -> datetime.date:
    return datetime.date(2026, 1, day)


def noon(month: int, day: int) -> datetime.datetime:
    return datetime.datetime(2026, month, day, 12, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Alpine:
    firm: Firm

    def trial_balance(self, **asked: object) -> TrialBalance:
        with self.firm.work():
            return queries.trial_balance(self.firm.company_id, self.firm.book_id, **asked)  # type: ignore[arg-type]

    def closing(self, **asked: object) -> dict[str, int]:
        return {row.code: row.closing for row in self.trial_balance(**asked).rows}


@pytest.fixture
def alpine(db: None) -> Alpine:
    firm = make_firm(name="Alpine Repairs")
    firm.post(
        *(
            firm.entry((debit, amount), (credit, -amount), on=january(day), recorded_at=noon(1, day))
            for day, debit, credit, amount in FACTS
        )
    )
    return Alpine(firm)


@pytest.fixture
def late(alpine: Alpine) -> Alpine:
    """January is closed on 5 February; an energy bill of 28 January over 200.00 is learnt of on the 10th."""
    firm = alpine.firm
    services.close_period(
        company_id=firm.company_id, book_id=firm.book_id, end_on=JAN_31, actor_id=None, recorded_at=noon(2, 5)
    )
    bill = firm.entry(
        ("6200", 200_00),
        ("2000", -200_00),
        on=january(28),
        posting_on=datetime.date(2026, 2, 1),
        recorded_at=noon(2, 10),
    )
    firm.post(bill)
    return alpine


def test_trial_balance_of_the_month(alpine: Alpine) -> None:
    balance = alpine.trial_balance(as_of=JAN_31)
    assert [(row.code, row.debit, row.credit, row.closing) for row in balance.rows] == [
        ("1000", 26_900_00, -4_650_50, 22_249_50),
        ("1100", 3_400_00, -1_900_00, 1_500_00),
        ("1520", 6_000_00, 0, 6_000_00),
        ("1529", 0, -100_00, -100_00),
        ("2000", 2_500_00, -6_000_00, -3_500_00),
        ("2600", 0, -5_000_00, -5_000_00),
        ("3000", 0, -20_000_00, -20_000_00),
        ("4000", 0, -3_400_00, -3_400_00),
        ("6000", 1_250_50, 0, 1_250_50),
        ("6100", 900_00, 0, 900_00),
        ("6500", 100_00, 0, 100_00),
    ]
    assert sum(row.closing for row in balance.rows if row.closing > 0) == 32_000_00
    assert (balance.debit, balance.credit, balance.closing) == (41_050_50, -41_050_50, 0)


def test_opening_balances_are_what_was_before(alpine: Alpine) -> None:
    balance = alpine.trial_balance(from_on=january(18), as_of=JAN_31)
    cash = next(row for row in balance.rows if row.code == "1000")
    assert (cash.opening, cash.debit, cash.credit) == (17_849_50, 6_900_00, -2_500_00)
    assert balance.opening == balance.closing == 0


def test_as_of_a_day_in_between(alpine: Alpine) -> None:
    assert alpine.closing(as_of=january(4)) == {
        "1000": 20_000_00,
        "1520": 6_000_00,
        "2000": -6_000_00,
        "3000": -20_000_00,
    }
    assert alpine.closing(as_of=datetime.date(2025, 12, 31)) == {}


def test_known_at_an_instant_in_between(alpine: Alpine) -> None:
    """Until noon of the 3rd inclusive: a row recorded at the very instant is known."""
    assert alpine.closing(as_of=JAN_31, known_at=noon(1, 3)) == alpine.closing(as_of=january(3))
    before = noon(1, 3) - datetime.timedelta(microseconds=1)
    assert alpine.closing(known_at=before) == {"1000": 20_000_00, "3000": -20_000_00}


def test_what_was_learnt_too_late_for_january(late: Alpine) -> None:
    """By posting January stays as it was closed; by effect the bill belongs to it; before 10 February nobody knew."""
    assert "6200" not in late.closing(as_of=JAN_31)
    assert late.closing(as_of=JAN_31, by="effective")["6200"] == 200_00
    assert "6200" not in late.closing(as_of=JAN_31, by="effective", known_at=noon(2, 9))
    february = datetime.date(2026, 2, 28)
    assert late.closing(as_of=february) == late.closing(as_of=february, by="effective")


def test_balance_sheet_with_current_and_non_current_apart(alpine: Alpine) -> None:
    with alpine.firm.work():
        sheet = queries.balance_sheet(alpine.firm.company_id, alpine.firm.book_id, as_of=JAN_31)

    def lines(section: queries.Section) -> list[tuple[str, int]]:
        return [(line.code or line.name, line.amount) for line in section.lines]

    assert lines(sheet.current_assets) == [("1000", 22_249_50), ("1100", 1_500_00)]
    assert lines(sheet.noncurrent_assets) == [("1520", 6_000_00), ("1529", -100_00)]
    assert lines(sheet.current_liabilities) == [("2000", 3_500_00)]
    assert lines(sheet.noncurrent_liabilities) == [("2600", 5_000_00)]
    assert lines(sheet.equity) == [("3000", 20_000_00), ("Net income of the year", 1_149_50)]
    assert (sheet.assets, sheet.liabilities, sheet.equity.total) == (29_649_50, 8_500_00, 21_149_50)
    assert sheet.liabilities_and_equity == sheet.assets
    assert sheet.net_income == 1_149_50


def test_in_the_next_year_the_result_is_one_of_an_earlier_year(alpine: Alpine) -> None:
    firm = alpine.firm
    firm.post(firm.entry(("1000", 10_00), ("4000", -10_00), on=datetime.date(2027, 1, 2)))
    with firm.work():
        sheet = queries.balance_sheet(firm.company_id, firm.book_id, as_of=datetime.date(2027, 1, 31))
    assert [(line.name, line.amount) for line in sheet.equity.lines[1:]] == [
        ("Result of earlier years", 1_149_50),
        ("Net income of the year", 10_00),
    ]
    assert sheet.liabilities_and_equity == sheet.assets == 29_659_50


@pytest.mark.parametrize(("start_month", "day", "expected"), [(1, 31, 1), (10, 31, 10), (2, 31, 2)])
def test_fiscal_years_start_where_they_start(start_month: int, day: int, expected: int) -> None:
    start = queries.fiscal_year_start(start_month, january(day))
    assert start == datetime.date(2026 if start_month == 1 else 2025, expected, 1)


def test_income_statement(alpine: Alpine) -> None:
    with alpine.firm.work():
        place = (alpine.firm.company_id, alpine.firm.book_id)
        month = queries.income_statement(*place, from_on=january(1), to_on=JAN_31)
        second_half = queries.income_statement(*place, from_on=january(16), to_on=JAN_31)
    assert (month.income.total, month.expenses.total, month.net_income) == (3_400_00, 2_250_50, 1_149_50)
    assert [(line.code, line.amount) for line in second_half.expenses.lines] == [
        ("6000", 1_250_50),
        ("6500", 100_00),
    ]
    assert second_half.net_income == -1_350_50


def test_account_ledger_in_pages(alpine: Alpine) -> None:
    firm = alpine.firm
    asked = {"from_on": january(2), "limit": 2}
    pages = []
    key = None
    with firm.work():
        while True:
            page = queries.account_ledger(
                firm.company_id,
                firm.book_id,
                firm.accounts["1000"],
                after=key,
                **asked,  # type: ignore[arg-type]
            )
            pages.append([(row.posting_on.day, row.amount, row.balance) for row in page.rows])
            key = page.next_key
            if key is None:
                break
    assert pages == [
        [(5, -900_00, 19_100_00), (17, -1_250_50, 17_849_50)],
        [(20, -2_500_00, 15_349_50), (25, 1_900_00, 17_249_50)],
        [(31, 5_000_00, 22_249_50)],
    ]


def test_journal_in_pages_both_ways(late: Alpine) -> None:
    firm = late.firm
    with firm.work():
        first = queries.journal(firm.company_id, firm.book_id, limit=4)
        rest = queries.journal(firm.company_id, firm.book_id, limit=100, after=first.next_key)
        back = queries.journal(firm.company_id, firm.book_id, limit=100, latest_first=True)
        effective = queries.journal(firm.company_id, firm.book_id, by="effective", to_on=JAN_31, limit=100)
    ids = [entry.entry_id for entry in (*first.entries, *rest.entries)]
    assert len(ids) == 10
    assert rest.next_key is None
    assert [entry.entry_id for entry in back.entries] == ids[::-1]
    assert [entry.effective_on.day for entry in effective.entries] == [1, 3, 5, 10, 17, 20, 25, 28, 31, 31]
    assert [entry.total for entry in first.entries] == [20_000_00, 6_000_00, 900_00, 3_400_00]


def test_an_empty_book_has_empty_statements(firm: Firm) -> None:
    with firm.work():
        sheet = queries.balance_sheet(firm.company_id, firm.book_id, as_of=JAN_31)
        page = queries.account_ledger(firm.company_id, firm.book_id, firm.accounts["1000"])
    assert (sheet.assets, sheet.liabilities_and_equity) == (0, 0)
    assert (page.opening, page.rows, page.next_key) == (0, (), None)
