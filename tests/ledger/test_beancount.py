"""The export is a file that bean-check accepts, and whose balances bean-check itself adds up."""

import datetime
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path

import pytest
from tests.ledger.firm import Firm, make_firm

from wherewithal.ledger import queries, services
from wherewithal.ledger.queries.beancount import account_names
from wherewithal.ledger.values import Account, Classification

BEAN_CHECK = Path(sys.executable).with_name("bean-check")


def export(firm: Firm, **asked: object) -> str:
    with firm.work():
        return "".join(queries.beancount(firm.company_id, firm.book_id, **asked))  # type: ignore[arg-type]


def bean_check(text: str, tmp_path: Path) -> str:
    """What bean-check says: nothing when it accepts the file."""
    file = tmp_path / "book.beancount"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(BEAN_CHECK), str(file)], capture_output=True, text=True, timeout=600, check=False
    )
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


@pytest.fixture
def full(db: None) -> Firm:
    """A book with foreign currency, odd texts, a closed month and accounts with odd names."""
    firm = make_firm(name='Müller & "Söhne"')
    place = {"company_id": firm.company_id, "actor_id": None}
    services.add_account(**place, code="x.1", name="ünicode / näme", classification="expense")  # type: ignore[arg-type]
    services.add_account(**place, code="x-1", name="ünicode / näme", classification="expense")  # type: ignore[arg-type]
    services.set_exchange_rates(
        company_id=firm.company_id,
        actor_id=None,
        rates=[services.RateDraft("USD", "EUR", datetime.date(2026, 1, 5), D("0.91650"))],
    )
    given = place | {"book_id": firm.book_id}
    lines = [
        services.JournalLine("x.1", None, "USD", D("1000"), None, 'quote " and \\ and\nline'),
        services.JournalLine("x-1", None, "JPY", D("25"), D("0.0061")),
        services.JournalLine("1000", D("-916.65")),
    ]
    text = {"description": 'say "hi" \\ twice\n', "reference": '"R"'}
    services.post_journal(**given, effective_on=datetime.date(2026, 1, 10), lines=lines, **text)  # type: ignore[arg-type]
    services.close_period(**given, end_on=datetime.date(2026, 1, 31))  # type: ignore[arg-type]
    late = [services.JournalLine("6100", D("0.01")), services.JournalLine("2000", D("-0.01"))]
    services.post_journal(**given, effective_on=datetime.date(2026, 1, 20), lines=late)  # type: ignore[arg-type]
    return firm


@pytest.mark.parametrize(
    "asked",
    [{}, {"by": "effective"}, {"as_of": datetime.date(2026, 1, 31)}, {"as_of": datetime.date(2020, 1, 1)}],
    ids=str,
)
def test_bean_check_accepts_the_whole_book(full: Firm, tmp_path: Path, asked: dict[str, object]) -> None:
    assert bean_check(export(full, **asked), tmp_path) == ""


def test_the_balances_at_the_end_are_checked(full: Firm, tmp_path: Path) -> None:
    """Leave one entry out, and bean-check says which balances are missing it: the assertions do their work."""
    text = export(full)
    assert "balance Assets:Current:1000-Cash-and-bank -916.65 ~ 0 EUR" in text
    start, end = text.index("2026-02-01 *"), text.index("\n2026-02-02 balance")
    complaints = bean_check(text[:start] + text[end:], tmp_path)
    assert complaints.count("Balance failed") == 2
    assert "Expenses:6100-Rent" in complaints


def test_what_an_entry_looks_like(full: Firm) -> None:
    text = export(full)
    start = text.index("2026-02-01 *")
    entry = [
        line for line in text[start:].splitlines()[:11] if "recorded:" not in line and "hash:" not in line
    ]
    assert entry[:1] + entry[1:2] + entry[3:] == [
        '2026-02-01 * ""',
        '  number: "2026/2"',
        '  source: "journal"',
        "  effective: 2026-01-20",
        "  Expenses:6100-Rent  0.01 EUR",
        "  Liabilities:Current:2000-Trade-payables  -0.01 EUR",
        "",
        "2026-02-02 balance Assets:Current:1000-Cash-and-bank -916.65 ~ 0 EUR",
    ]
    assert "    document: 1000.00 USD\n    rate: 0.9165\n" in text
    assert '2026-01-10 * "say \\"hi\\" \\\\ twice"' in text


def test_the_head_of_the_chain_is_in_the_file(full: Firm) -> None:
    with full.work():
        (head,) = queries.chain_heads(full.company_id)
    assert f"; chain 2026: number 2, {head.chain_hash}\n" in export(full)


def test_an_empty_book_is_accepted_too(firm: Firm, tmp_path: Path) -> None:
    assert bean_check(export(firm), tmp_path) == ""


def test_books_without_decimals(db: None, tmp_path: Path) -> None:
    firm = make_firm(currency="JPY")
    firm.post(firm.entry(("1000", 10_050), ("3000", -10_050)))
    text = export(firm)
    assert "  Assets:Current:1000-Cash-and-bank  10050 JPY" in text
    assert bean_check(text, tmp_path) == ""


def test_every_account_has_a_name_of_its_own() -> None:
    accounts = [
        Account(n, code, name, Classification.EQUITY, False, True)
        for n, (code, name) in enumerate([("a.1", "b"), ("a-1", "b"), ("A-1", "b"), ("日", "本")])
    ]
    names = account_names(accounts)
    assert names == {0: "Equity:A-1-b", 1: "Equity:A-1-b-1", 2: "Equity:A-1-b-2", 3: "Equity:X"}
