"""wherewithal company ...: what is answered, with and without --json."""

import json

import pytest
from tests.command import build
from tests.ledger.firm import Firm
from typer.testing import CliRunner

from wherewithal.kit.errors import NotFound, Refused
from wherewithal.ledger import queries

# Commands see all companies through the owner's connection.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def run(*arguments: str) -> object:
    """The JSON answer of a command that succeeds."""
    done = CliRunner().invoke(build(), [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_company_is_set_up_and_listed(committed: Firm) -> None:
    code = f"{committed.code}X"
    place = ("--country", "JP", "--currency", "JPY", "--timezone", "Asia/Tokyo", "--fiscal-year-start", "4")
    answer = run("company", "create", code, "Tokyo", *place)
    listed = run("company", "list")
    assert isinstance(answer, dict)
    assert isinstance(listed, list)
    assert {
        "company_id": answer["company_id"],
        "code": code,
        "name": "Tokyo",
        "country": "JP",
        "currency": "JPY",
    } in listed
    assert committed.code in {company["code"] for company in listed}


def test_periods_by_command(committed: Firm) -> None:
    code = committed.code
    assert run("company", "close-period", code, "2026-01-31") == {"end_on": "2026-01-31", "state": "closed"}
    assert run("company", "close-period", code, "2026-02-28") == {"end_on": "2026-02-28", "state": "closed"}
    reopened = run("company", "reopen-period", code, "2026-02-28", "--reason", "late bill")
    assert reopened == {"end_on": "2026-02-28", "state": "open"}
    assert run("company", "lock-period", code, "2026-01-31") == {"end_on": "2026-01-31", "state": "locked"}
    listed = run("company", "periods", code)
    assert isinstance(listed, list)
    assert [(period["end_on"], period["state"], period["reason"]) for period in listed] == [
        ("2026-02-28", "open", "late bill"),
        ("2026-01-31", "locked", ""),
    ]


def test_a_further_book_closes_for_itself(committed: Firm) -> None:
    code = committed.code
    run("company", "add-book", code, "tax", "Tax", "--standard", "HGB", "--cost-scope", "warehouse")
    run("company", "close-period", code, "2026-01-31", "--book", "tax")
    assert run("company", "periods", code) == []
    with committed.work():
        book = queries.book_by_code(committed.company_id, "tax")
    assert (book.standard, book.currency, book.cost_scope.value) == ("HGB", "EUR", "warehouse")


def test_refusals_reach_the_command_line(committed: Firm) -> None:
    for arguments in (
        ("company", "close-period", "NO-SUCH", "2026-01-31"),
        ("company", "close-period", committed.code, "2026-01-30"),
        ("company", "close-period", committed.code, "2026-01-31", "--book", "none"),
        ("company", "close-period", committed.code, "2026-01-31", "--by", "nobody-at-all"),
    ):
        done = CliRunner().invoke(build(), list(arguments))
        assert isinstance(done.exception, Refused), arguments
    assert committed.count("ledger_period") == 0


@pytest.mark.parametrize(
    "command", ["create", "list", "add-book", "periods", "close-period", "reopen-period", "lock-period"]
)
def test_every_command_has_json(command: str) -> None:
    done = CliRunner().invoke(build(), ["company", command, "--help"])
    assert "--json" in done.stdout


def test_an_account_takes_over_a_role(committed: Firm) -> None:
    code = committed.code
    answer = run("company", "map-account", code, "wip", "1220", "--from", "2026-02-01")
    assert answer == {"role": "wip", "account": "1220", "category": None, "entry_ids": []}
    before = committed.count("ledger_account_map")
    with pytest.raises(Refused) as refusal:
        run("company", "map-account", code, "inventory", "1200", "--from", "2026-02-01")
    assert [(p.field, p.rule) for p in refusal.value.problems] == [("effective_on", "always")]
    with pytest.raises(NotFound):
        run("company", "map-account", code, "inventory", "1200", "--category", "none")
    assert committed.count("ledger_account_map") == before
