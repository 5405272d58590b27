"""Manual entries: what is written, what is refused, and taking one back."""

import datetime
from collections.abc import Sequence
from decimal import Decimal as D

import pytest
from tests.ledger.firm import JAN_31, Firm, make_firm

from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.ledger import queries, services
from wherewithal.ledger.services import JournalLine, Posted

RENT = [JournalLine("6100", D("900.00")), JournalLine("1000", D("-900"))]


def journal(firm: Firm, lines: Sequence[JournalLine], **more: object) -> Posted:
    given = {
        "company_id": firm.company_id,
        "book_id": firm.book_id,
        "actor_id": 7,
        "effective_on": JAN_31,
        "lines": lines,
    }
    return services.post_journal(**(given | more))  # type: ignore[arg-type]


def reverse(firm: Firm, entry_id: int, **more: object) -> Posted:
    given = {"company_id": firm.company_id, "book_id": firm.book_id, "actor_id": 8, "reason": "typo"} | more
    return services.reverse_entry(entry_id=entry_id, **given)  # type: ignore[arg-type]


def entry(firm: Firm, entry_id: int) -> queries.Entry:
    with firm.work():
        return queries.entry(firm.company_id, firm.book_id, entry_id)


def rules(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[int | None, str, str]]:
    return [(problem.row, problem.field, problem.rule) for problem in refusal.value.problems]


def test_a_manual_entry(firm: Firm) -> None:
    posted = journal(firm, RENT, description="Rent", reference="R-1")
    assert (posted.year, posted.number, posted.posting_on) == (2026, 1, JAN_31)
    written = entry(firm, posted.entry_id)
    assert (written.source, written.actor_id, written.description, written.reference) == (
        "journal",
        7,
        "Rent",
        "R-1",
    )
    assert [(line.account_code, line.amount) for line in written.lines] == [
        ("6100", 900_00),
        ("1000", -900_00),
    ]


@pytest.mark.parametrize("code", ["1200", "1515", "1590", "1559", "1558", "1350", "1595", "1380", "1360"])
def test_accounts_of_goods_and_assets_are_moved_by_goods_and_assets_alone(firm: Firm, code: str) -> None:
    """Cost, construction, depreciation, impairment, held for sale, and what comes to nothing between them."""
    before = firm.count("ledger_entry")
    with pytest.raises(Refused) as refusal:
        journal(firm, [JournalLine(code, D(10)), JournalLine("1000", D(-10))])
    assert rules(refusal) == [(0, "account", "not_control")]
    assert firm.count("ledger_entry") == before


def test_in_a_closed_month_it_is_posted_on_the_first_open_day(firm: Firm) -> None:
    services.close_period(company_id=firm.company_id, book_id=firm.book_id, end_on=JAN_31, actor_id=None)
    posted = journal(firm, RENT, effective_on=datetime.date(2026, 1, 20))
    written = entry(firm, posted.entry_id)
    assert (written.effective_on, written.posting_on) == (
        datetime.date(2026, 1, 20),
        datetime.date(2026, 2, 1),
    )


def test_another_currency_by_rate_and_by_amount(firm: Firm) -> None:
    """1,000.00 USD at 0.9165 are 916.50 EUR; 25 JPY at 0.0061 are 0.1525, so 0.15 EUR; the bank took 916.65."""
    lines = [
        JournalLine("6600", None, "USD", D("1000"), D("0.9165"), "licence"),
        JournalLine("6600", None, "JPY", D(25), D("0.0061")),
        JournalLine("1000", D("-916.65"), "USD", D("-1000.16")),
    ]
    posted = journal(firm, lines)
    columns = [
        (line.amount, line.currency, line.document_amount, line.rate, line.memo)
        for line in entry(firm, posted.entry_id).lines
    ]
    assert columns == [
        (916_50, "USD", 1_000_00, D("0.9165"), "licence"),
        (15, "JPY", 25, D("0.0061"), None),
        (-916_65, "USD", -1_000_16, None, None),
    ]


@pytest.mark.parametrize(
    ("document", "rate", "expected"),
    [("0.05", "0.5", 2), ("0.15", "0.5", 8), ("0.07", "0.5", 4), ("-0.05", "0.5", -2)],
)
def test_half_a_cent_goes_to_the_even_one(firm: Firm, document: str, rate: str, expected: int) -> None:
    lines = [JournalLine("6600", None, "USD", D(document), D(rate)), JournalLine("1000", D(-expected) / 100)]
    assert entry(firm, journal(firm, lines).entry_id).lines[0].amount == expected


def test_without_a_rate_the_latest_known_one_counts(firm: Firm) -> None:
    rates = [
        services.RateDraft("USD", "EUR", datetime.date(2026, 1, 15), D("0.9")),
        services.RateDraft("USD", "EUR", datetime.date(2026, 2, 1), D("0.8")),
    ]
    services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=rates)
    lines = [JournalLine("6600", None, "USD", D(10)), JournalLine("1000", D(-9))]
    assert entry(firm, journal(firm, lines).entry_id).lines[0].rate == D("0.9")
    with pytest.raises(Refused) as refusal:
        journal(firm, lines, effective_on=datetime.date(2026, 1, 14))
    assert rules(refusal) == [(0, "rate", "required")]


def test_all_that_is_wrong_is_said_at_once(firm: Firm) -> None:
    services.change_account(
        company_id=firm.company_id, actor_id=None, account_id=firm.accounts["1010"], active=False
    )
    lines = [
        JournalLine("9999", D(1)),
        JournalLine("1010", D(1)),
        JournalLine("1200", D(1)),
        JournalLine("1000", D("1.001")),
        JournalLine("1000", D(0)),
        JournalLine("1000"),
        JournalLine("1000", None, "XXQ", D(1), D(1)),
        JournalLine("1000", None, "USD", D(1), D(0)),
        JournalLine("1000", None, "USD", None, D(1)),
        JournalLine("1000", None, "JPY", D("0.5"), D(1)),
        JournalLine("1000", D(1), memo="x\0"),
        JournalLine("1000", D("NaN")),
        JournalLine("1000", D("1e30")),
        JournalLine("1000", None, "USD", D("0.01"), D("0.0001")),
    ]
    with pytest.raises(Refused) as refusal:
        journal(firm, lines)
    assert rules(refusal) == [
        (0, "account", "exists"),
        (1, "account", "active"),
        (2, "account", "not_control"),
        (3, "amount", "decimals"),
        (4, "amount", "not_zero"),
        (5, "amount", "required"),
        (6, "currency", "currency"),
        (7, "rate", "positive"),
        (8, "document_amount", "required"),
        (9, "document_amount", "decimals"),
        (10, "memo", "no_nul"),
        (11, "amount", "decimals"),
        (12, "amount", "range"),
        (13, "document_amount", "range"),
    ]
    assert firm.count("ledger_entry") == 0


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ([JournalLine("6100", D("9.00")), JournalLine("1000", D("-8.5"))], {}, ("lines", "balanced")),
        ([JournalLine("6100", D("9.00"))], {}, ("lines", "two")),
        ([], {}, ("lines", "two")),
        (RENT, {"description": "x" * 501}, ("description", "length")),
        (RENT, {"reference": "\0"}, ("reference", "no_nul")),
        (RENT, {"effective_on": datetime.date(206, 1, 1)}, ("effective_on", "day")),
    ],
)
def test_refusals_of_the_whole(
    firm: Firm, lines: Sequence[JournalLine], more: dict[str, object], expected: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        journal(firm, lines, **more)
    assert rules(refusal) == [(None, *expected)]
    assert firm.count("ledger_entry") == 0


def test_the_difference_is_named(firm: Firm) -> None:
    with pytest.raises(Refused, match=r"The debits exceed the other side by 0\.50 EUR\."):
        journal(firm, [JournalLine("6100", D("9.00")), JournalLine("1000", D("-8.5"))])


def test_an_unknown_book_is_not_found(firm: Firm) -> None:
    with pytest.raises(NotFound):
        journal(firm, RENT, book_id=2_000_000_000)


def test_the_same_key_posts_once(firm: Firm) -> None:
    first = journal(firm, RENT, idempotency_key="k1")
    assert journal(firm, RENT, idempotency_key="k1") == first
    assert firm.count("ledger_entry") == 1
    with pytest.raises(Conflict):
        journal(firm, RENT, idempotency_key="k1", description="another")
    assert firm.count("ledger_entry") == 1


def test_a_reversal_mirrors_the_entry_and_each_names_the_other(firm: Firm) -> None:
    lines = [JournalLine("6600", None, "USD", D(10), D("0.9"), "x"), JournalLine("1000", D(-9))]
    original = journal(firm, lines, reference="R-1")
    reversal = reverse(firm, original.entry_id)
    taken_back, mirror = entry(firm, original.entry_id), entry(firm, reversal.entry_id)
    assert (taken_back.reversed_by, mirror.reverses) == (reversal.entry_id, original.entry_id)
    assert (mirror.source, mirror.reference, mirror.description) == (
        "reversal",
        "R-1",
        "Reversal of 2026/1: typo",
    )
    assert mirror.effective_on == original.posting_on
    columns = [(line.account_code, line.amount, line.document_amount, line.rate) for line in mirror.lines]
    assert columns == [("6600", -9_00, -10_00, D("0.9")), ("1000", 9_00, None, None)]
    with firm.work():
        balance = queries.trial_balance(firm.company_id, firm.book_id)
    assert {row.closing for row in balance.rows} == {0}


def test_a_reversal_after_closing_lands_in_the_first_open_month(firm: Firm) -> None:
    original = journal(firm, RENT)
    services.close_period(company_id=firm.company_id, book_id=firm.book_id, end_on=JAN_31, actor_id=None)
    assert reverse(firm, original.entry_id).posting_on == datetime.date(2026, 2, 1)


def test_what_cannot_be_reversed(firm: Firm) -> None:
    original = journal(firm, RENT)
    with pytest.raises(Refused) as refusal:
        reverse(firm, original.entry_id, effective_on=datetime.date(2026, 1, 30))
    assert rules(refusal) == [(None, "effective_on", "not_before")]
    with pytest.raises(Refused) as refusal:
        reverse(firm, original.entry_id, reason="  ")
    assert rules(refusal) == [(None, "reason", "required")]
    with pytest.raises(NotFound):
        reverse(firm, 2**60)
    reversal = reverse(firm, original.entry_id)
    with pytest.raises(Conflict) as refusal:
        reverse(firm, original.entry_id)
    assert rules(refusal) == [(None, "entry", "reversed_once")]
    (foreign,) = firm.post(firm.entry(("1000", 5), ("3000", -5), source="stock"))
    for entry_id in (reversal.entry_id, foreign):
        with pytest.raises(Refused) as refusal:
            reverse(firm, entry_id)
        assert rules(refusal) == [(None, "entry", "manual")]
    assert firm.count("ledger_entry") == 3


def test_books_without_decimals(db: None) -> None:
    firm = make_firm(currency="JPY")
    posted = journal(firm, [JournalLine("6100", D(900)), JournalLine("1000", D(-900))])
    assert [line.amount for line in entry(firm, posted.entry_id).lines] == [900, -900]
    with pytest.raises(Refused) as refusal:
        journal(firm, [JournalLine("6100", D("0.5")), JournalLine("1000", D("-0.5"))])
    assert rules(refusal) == [(0, "amount", "decimals"), (1, "amount", "decimals")]
