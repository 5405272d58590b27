"""Whatever a superuser does to posted entries is found and named."""

from datetime import UTC, date, datetime

import pytest
from tests.reporting.conftest import Damage, Firm, findings

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import services
from wherewithal.ledger.values import EntryDraft, LineDraft

CASH, EQUITY = "1000", "3000"


def account_ids(firm: Firm) -> tuple[int, int]:
    """Any two accounts."""
    with company_transaction(company_id=firm.company_id):
        rows = fetch_all("SELECT id FROM ledger_account ORDER BY code LIMIT 2")
    return rows[0][0], rows[1][0]


def post(firm: Firm, *days: date, amount: int = 100_00) -> list[int]:
    first, second = account_ids(firm)
    with company_transaction(company_id=firm.company_id):
        return services.post(
            company_id=firm.company_id,
            entries=[
                EntryDraft(
                    book_id=firm.book_id,
                    effective_on=day,
                    posting_on=day,
                    source="test",
                    lines=[LineDraft(first, amount), LineDraft(second, -amount)],
                )
                for day in days
            ],
        )


def test_sound_books_pass_every_check(firm: Firm) -> None:
    post(firm, date(2025, 1, 5), date(2025, 2, 5), date(2026, 1, 5))

    assert findings(firm.company_id) == {}


def test_a_company_without_entries_passes(firm: Firm) -> None:
    assert findings(firm.company_id) == {}


def test_a_changed_amount_names_the_entry(firm: Firm, damage: Damage) -> None:
    _, second, _ = post(firm, date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 7))

    damage(
        "UPDATE ledger_line SET amount = amount + 1 WHERE company_id = %s AND entry_id = %s AND line_no = 1",
        firm.company_id,
        second,
        triggers_of=("ledger_line",),
    )

    found = findings(firm.company_id)
    assert set(found) == {"entries balance", "entries unchanged"}
    assert found["entries balance"][0].where == f"book {firm.book_id}, entry {second}"
    assert (found["entries balance"][0].expected, found["entries balance"][0].found) == ("sum 0", "sum 1")
    assert found["entries unchanged"][0].where == f"book {firm.book_id}, entry {second} (number 2 of 2025)"


def test_an_entry_changed_in_balance_is_found_by_its_hash(firm: Firm, damage: Damage) -> None:
    entry_id, _ = post(firm, date(2025, 1, 5), date(2025, 1, 6))

    damage(
        "UPDATE ledger_line SET amount = amount * 2 WHERE company_id = %s AND entry_id = %s",
        firm.company_id,
        entry_id,
        triggers_of=("ledger_line",),
    )

    found = findings(firm.company_id)
    assert list(found) == ["entries unchanged"]
    assert found["entries unchanged"][0].what == "an entry that was changed after it was posted"
    assert f"entry {entry_id} " in found["entries unchanged"][0].where


@pytest.mark.parametrize("column", ["description", "reference", "source"])
def test_changed_words_are_found(firm: Firm, damage: Damage, column: str) -> None:
    (entry_id,) = post(firm, date(2025, 1, 5))

    damage(
        f"UPDATE ledger_entry SET {column} = 'forged' WHERE company_id = %s",
        firm.company_id,
        triggers_of=("ledger_entry",),
    )

    (finding,) = findings(firm.company_id)["entries unchanged"]
    assert f"entry {entry_id} " in finding.where


def test_a_forged_row_and_hash_break_the_chain(firm: Firm, damage: Damage) -> None:
    entry_ids = post(firm, *(date(2025, 1, day) for day in range(1, 6)))

    damage(
        "UPDATE ledger_entry SET description = 'forged' WHERE company_id = %s AND entry_id = %s",
        firm.company_id,
        entry_ids[2],
        triggers_of=("ledger_entry",),
    )
    damage(
        """
        UPDATE ledger_entry_seal s SET content_hash = (
            SELECT ledger_content_hash(ledger_canonical(e.company_id, e.book_id, e.entry_id, e.effective_on,
                e.posting_on, e.recorded_at, e.source, e.batch_id, e.reference, e.description, e.actor_id,
                (SELECT string_agg(ledger_canonical_line(l.line_no, l.account_id, l.amount, l.currency::text,
                        l.document_amount, l.rate, l.memo), '' ORDER BY l.line_no)
                 FROM ledger_line l WHERE l.company_id = e.company_id AND l.entry_id = e.entry_id)))
            FROM ledger_entry e WHERE e.company_id = s.company_id AND e.entry_id = s.entry_id)
        WHERE s.company_id = %s AND s.entry_id = %s
        """,
        firm.company_id,
        entry_ids[2],
        triggers_of=("ledger_entry_seal",),
    )

    found = findings(firm.company_id)
    assert list(found) == ["entry chain"]
    (finding,) = found["entry chain"]
    assert finding.what == "a link of the chain that does not follow from the one before"
    assert f"year 2025, number 3 (entry {entry_ids[2]};" in finding.where


def test_a_removed_entry_leaves_its_number(firm: Firm, damage: Damage) -> None:
    _, second, _ = post(firm, date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 7))

    for table in ("ledger_line", "ledger_entry"):
        damage(
            f"DELETE FROM {table} WHERE company_id = %s AND entry_id = %s",
            firm.company_id,
            second,
            triggers_of=(table,),
        )

    (finding,) = findings(firm.company_id)["entries unchanged"]
    assert finding.what == "a sealed entry that is gone"
    assert finding.where == f"book {firm.book_id}, entry {second} (number 2 of 2025)"


def test_a_removed_entry_with_its_seal_leaves_a_gap(firm: Firm, damage: Damage) -> None:
    _, second, third = post(firm, date(2025, 1, 5), date(2025, 1, 6), date(2025, 1, 7))

    for table in ("ledger_line", "ledger_entry_seal", "ledger_entry"):
        damage(
            f"DELETE FROM {table} WHERE company_id = %s AND entry_id = %s",
            firm.company_id,
            second,
            triggers_of=(table,),
        )

    found = findings(firm.company_id)
    assert list(found) == ["entry chain"]
    (finding,) = found["entry chain"]
    assert (finding.what, finding.expected, finding.found) == (
        "a gap in the numbers of entries",
        "number 2",
        "number 3",
    )
    assert f"(entry {third};" in finding.where


def test_a_removed_last_entry_is_missed_at_the_head(firm: Firm, damage: Damage) -> None:
    _, last = post(firm, date(2025, 1, 5), date(2025, 1, 6))

    for table in ("ledger_line", "ledger_entry_seal", "ledger_entry"):
        damage(
            f"DELETE FROM {table} WHERE company_id = %s AND entry_id = %s",
            firm.company_id,
            last,
            triggers_of=(table,),
        )

    (finding,) = findings(firm.company_id)["entry chain"]
    assert (finding.what, finding.expected, finding.found) == (
        "the head of a chain is not its last link",
        "number 2",
        "number 1",
    )


def test_an_entry_slipped_into_a_closed_month(firm: Firm, damage: Damage) -> None:
    (early,) = post(firm, date(2025, 1, 20))
    services.close_period(
        company_id=firm.company_id, book_id=firm.book_id, end_on=date(2025, 1, 31), actor_id=None
    )
    damage(
        "UPDATE ledger_entry SET recorded_at = %s WHERE company_id = %s AND entry_id = %s",
        datetime(2199, 1, 1, tzinfo=UTC),
        firm.company_id,
        early,
        triggers_of=("ledger_entry",),
    )

    (finding,) = findings(firm.company_id)["closed periods"]
    assert finding.what == "an entry recorded in a period that was closed"
    assert finding.where == f"book {firm.book_id}, entry {early}, posted on 2025-01-20"


def test_what_was_recorded_while_a_month_was_open_again_is_right(firm: Firm) -> None:
    post(firm, date(2025, 1, 20))
    month = {"company_id": firm.company_id, "book_id": firm.book_id, "end_on": date(2025, 1, 31)}
    services.close_period(**month, actor_id=None)
    services.reopen_period(**month, actor_id=None, reason="A bill was missing.")
    post(firm, date(2025, 1, 25))
    services.close_period(**month, actor_id=None)

    assert findings(firm.company_id) == {}
