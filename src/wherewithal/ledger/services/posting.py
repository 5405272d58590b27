"""The one door for entries. Every room above posts through this verb, whether one entry or a hundred thousand."""

from collections.abc import Iterator, Sequence

from wherewithal.kit.copy_text import array_columns
from wherewithal.kit.db import fetch_one, require_transaction
from wherewithal.ledger.values import EntryDraft

LINES_PER_STATEMENT = 20_000

ENTRY_COLUMNS = (
    ("book_id", "int"),
    ("effective_on", "date"),
    ("posting_on", "date"),
    ("recorded_at", "timestamptz"),
    ("source", "text"),
    ("batch_id", "bigint"),
    ("reference", "text"),
    ("description", "text"),
    ("actor_id", "bigint"),
)
LINE_COLUMNS = (
    ("entry", "int"),
    ("line_no", "int"),
    ("account_id", "int"),
    ("amount", "bigint"),
    ("currency", "text"),
    ("document_amount", "bigint"),
    ("rate", "numeric"),
    ("memo", "text"),
)
POST = "SELECT ledger_post({})".format(
    ", ".join(
        ["%s::int", "%s::bigint[]"] + [f"%s::{sql_type}[]" for _, sql_type in (*ENTRY_COLUMNS, *LINE_COLUMNS)]
    )
)


def post(*, company_id: int, entries: Sequence[EntryDraft]) -> list[int]:
    """Post the entries, whole and in the order given; their ids. A verb: inside a company's transaction only.

    Each must balance and be dated in an open period (`queries.posting_days`); the database refuses anything else
    (SQLSTATE WH001 closed, WH101 not whole). Posters to one book wait for each other from here to their commit,
    because numbers have no gaps: post last.
    """
    require_transaction()
    ids: list[int] = []
    for block in _blocks(entries):
        ids += _post_block(company_id, block)
    return ids


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


def _post_block(company_id: int, entries: Sequence[EntryDraft]) -> list[int]:
    reserved = [entry.entry_id for entry in entries if entry.entry_id is not None]
    assert len(reserved) in (0, len(entries)), "reserve ids for all entries of a batch or for none"
    heads = [
        (
            entry.book_id,
            entry.effective_on,
            entry.posting_on,
            entry.recorded_at,
            entry.source,
            entry.batch_id,
            entry.reference,
            entry.description,
            entry.actor_id,
        )
        for entry in entries
    ]
    lines = [
        (
            position,
            line_no,
            line.account_id,
            line.amount,
            line.currency,
            line.document_amount,
            line.rate,
            line.memo,
        )
        for position, entry in enumerate(entries, 1)
        for line_no, line in enumerate(entry.lines, 1)
    ]
    params = [
        company_id,
        reserved or None,
        *array_columns(ENTRY_COLUMNS, heads),
        *(array_columns(LINE_COLUMNS, lines) if lines else ["{}"] * len(LINE_COLUMNS)),
    ]
    row = fetch_one(POST, params)
    assert row is not None, "a function that returns a value returned no row"
    ids: list[int] = row[0]
    return ids
