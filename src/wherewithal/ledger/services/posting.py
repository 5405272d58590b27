"""The one door for entries. Every room above posts through this verb, whether one entry or a hundred thousand."""

import datetime
from collections.abc import Iterator, Sequence

from wherewithal.kit.copy_text import row_array, text_in_row
from wherewithal.kit.db import call, fetch_one, require_transaction, reserve_ids
from wherewithal.ledger.values import EntryDraft

LINES_PER_STATEMENT = 20_000
POSTING = "ledger_post({}::ledger_entry[], {}::ledger_line[])"
"""The call that posts what `entry_rows` gives, for verbs that write their own rows in the same statement, before it."""


def post(*, company_id: int, entries: Sequence[EntryDraft]) -> list[int]:
    """Post the entries, whole and in the order given; their ids. A verb: inside a company's transaction only.

    Each must balance and be dated in an open period (`queries.posting_days`); the database refuses anything else
    (SQLSTATE WH001 closed, WH101 not whole). Posters to one book wait for each other from here to their commit,
    because numbers have no gaps: post last.
    """
    require_transaction()
    ids = _ids(entries)
    now = _clock() if any(entry.recorded_at is None for entry in entries) else None
    start = 0
    for block in _blocks(entries):
        rows = entry_rows(company_id, block, ids[start : start + len(block)], now)
        call("SELECT " + POSTING.format("$1", "$2"), rows)
        start += len(block)
    return ids


def _ids(entries: Sequence[EntryDraft]) -> list[int]:
    """Those that the caller reserved, or new ones."""
    reserved = [entry.entry_id for entry in entries if entry.entry_id is not None]
    assert len(reserved) in (0, len(entries)), "reserve ids for all entries of a batch or for none"
    return reserved or reserve_ids("ledger_entry_id_seq", len(entries))


def _clock() -> datetime.datetime:
    row = fetch_one("SELECT clock_timestamp()")
    assert row is not None, "a SELECT without FROM has a row"
    now: datetime.datetime = row[0]
    return now


def _blocks(entries: Sequence[EntryDraft]) -> Iterator[Sequence[EntryDraft]]:
    """Cut at some 20,000 lines, never inside an entry."""
    start = lines = 0
    for position, entry in enumerate(entries):
        lines += len(entry.lines)
        if lines >= LINES_PER_STATEMENT:
            yield entries[start : position + 1]
            start, lines = position + 1, 0
    if start < len(entries):
        yield entries[start:]


def entry_rows(
    company_id: int,
    entries: Sequence[EntryDraft],
    entry_ids: Sequence[int],
    now: datetime.datetime | None = None,
) -> tuple[str, str]:
    """The entries and their lines as rows of their tables, columns in the tables' order (sql/tables.sql)."""
    heads, lines = [], []
    for entry, entry_id in zip(entries, entry_ids, strict=True):
        key = f"{company_id},{entry.book_id},{entry_id}"
        recorded_at = entry.recorded_at or now
        assert recorded_at is not None, "an entry is recorded at some instant"
        dates = f"{entry.effective_on},{entry.posting_on},{recorded_at.isoformat()}"
        heads.append(
            f"{key},{dates},{text_in_row('source', entry.source)},{_number(entry.batch_id)},"
            f"{text_in_row('reference', entry.reference)},{text_in_row('description', entry.description)},"
            f"{_number(entry.actor_id)}"
        )
        for line_no, line in enumerate(entry.lines, 1):
            lines.append(
                f"{key},{line_no},{line.account_id},{line.amount},{text_in_row('currency', line.currency)},"
                f"{_number(line.document_amount)},{_number(line.rate)},{text_in_row('memo', line.memo)},{dates}"
            )
    return row_array(heads), row_array(lines)


def _number(value: object) -> str:
    return "" if value is None else str(value)
