"""Everything a batch writes: facts first, then entries, then the value rows that say what the entries are made of."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from wherewithal.assets.services.placements import COLUMNS as PLACEMENT_COLUMNS
from wherewithal.assets.services.placements import Placement, as_text
from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.standing import keep_standings
from wherewithal.assets.services.posting.values import (
    CARRYING_EFFECT,
    COST_EFFECT,
    BookPosting,
    EntryToBe,
    entry_drafts,
)
from wherewithal.kit import db
from wherewithal.kit.columns import Ints, copy_aside
from wherewithal.kit.copy_text import array_columns
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.values import EntryDraft

EVENT_COLUMNS = (
    ("company_id", "int"),
    ("event_id", "bigint"),
    ("batch_id", "bigint"),
    ("asset_id", "bigint"),
    ("kind", "text"),
    ("effective_on", "date"),
    ("phase", "smallint"),
    ("key", "uuid"),
    ("book_id", "int"),
    ("of_event_id", "bigint"),
    ("currency", "text"),
    ("detail", "jsonb"),
    ("move_id", "bigint"),
    ("party_id", "int"),
    ("reference", "text"),
    ("note", "text"),
    ("recorded_at", "timestamptz"),
)
RATE_COLUMNS = (
    ("company_id", "int"),
    ("event_id", "bigint"),
    ("to_currency", "text"),
    ("rate", "numeric"),
)
# Rows travel as whole numbers only; what many of them share (book, days, entry) comes once for each entry, and what a role
# does to cost and carrying amount once for each role.
VALUE_COLUMNS = (
    ("asset_id", "bigint"),
    ("event_id", "bigint"),
    ("role", "int"),
    ("class_id", "int"),
    ("cost_centre_id", "int"),
    ("debit_account_id", "int"),
    ("credit_account_id", "int"),
    ("amount", "bigint"),
    ("place", "int"),
)
ENTRY_COLUMNS = (
    ("book_id", "int"),
    ("effective_on", "date"),
    ("posting_on", "date"),
    ("entry_id", "bigint"),
)
_INSERT_VALUES = """
    INSERT INTO assets_value (company_id, book_id, asset_id, event_id, role, class_id, cost_centre_id, debit_account_id,
                              credit_account_id, amount, cost_amount, carrying_amount, effective_on, posting_on,
                              entry_id, batch_id, recorded_at)
    SELECT %s, (%s::int[])[u.place], u.asset_id, u.event_id, u.role, u.class_id, u.cost_centre_id, u.debit_account_id,
           u.credit_account_id, u.amount, (%s::int[])[u.role] * u.amount, (%s::int[])[u.role] * u.amount,
           (%s::date[])[u.place], (%s::date[])[u.place], (%s::bigint[])[u.place], %s, %s
    FROM """
_FROM_ARRAYS = (
    f"unnest({', '.join(f'%s::{sql_type}[]' for _, sql_type in VALUE_COLUMNS)})"
    f" AS u ({', '.join(name for name, _ in VALUE_COLUMNS)})"
)
_ROLES = range(1, max(COST_EFFECT) + 1)
_COST = [COST_EFFECT.get(role, 0) for role in _ROLES]
_CARRYING = [CARRYING_EFFECT.get(role, 0) for role in _ROLES]


@dataclass(slots=True)
class Batch:
    """What is to be written. `placements`: by position among the events."""

    company_id: int
    batch_id: int
    idempotency_key: str
    request_hash: bytes
    recorded_at: datetime.datetime
    actor_id: int | None
    source: str
    reference: str = ""
    description: str = ""
    asset_ids: Sequence[int] = ()
    events: Sequence[PlannedEvent] = ()
    placements: Sequence[Sequence[Placement]] = ()
    postings: Sequence[BookPosting] = ()
    cost_centres: Mapping[int, str] = field(default_factory=dict)


def take_ids(count: int) -> range:
    """Consecutive ids, of the sequence that stock takes its own from."""
    row = db.fetch_one("SELECT stock_reserve_ids(%s)", (count,))
    assert row is not None, "a SELECT without FROM has a row"
    return range(row[0], row[0] + count)


def write(batch: Batch) -> list[int]:
    """Write the batch; the ids of its entries. The head of the chain is taken by the entries, after the facts."""
    drafts = _drafts(batch)
    entry_ids = db.reserve_ids("ledger_entry_id_seq", len(drafts)) if drafts else []
    _write_facts(batch, entry_ids)
    if drafts:
        numbered = []
        for (entry, draft), entry_id in zip(drafts, entry_ids, strict=True):
            entry.entry_id = entry_id
            numbered.append(replace(draft, entry_id=entry_id))
        ledger_services.post(company_id=batch.company_id, entries=numbered)
    _write_values(batch)
    for posting in batch.postings:
        keep_standings(batch.company_id, posting.book.book_id, posting.standings)
    return entry_ids


def _drafts(batch: Batch) -> list[tuple[EntryToBe, EntryDraft]]:
    return [
        pair
        for posting in sorted(batch.postings, key=lambda each: each.book.book_id)
        for pair in entry_drafts(
            posting,
            recorded_at=batch.recorded_at,
            batch_id=batch.batch_id,
            source=batch.source,
            reference=batch.reference,
            description=batch.description,
            actor_id=batch.actor_id,
            cost_centres=batch.cost_centres,
        )
    ]


def _write_facts(batch: Batch, entry_ids: Sequence[int]) -> None:
    db.execute(
        "INSERT INTO assets_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, actor_id, source,"
        " asset_ids, event_ids, entry_ids) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            batch.company_id,
            batch.batch_id,
            batch.idempotency_key,
            batch.request_hash,
            batch.recorded_at,
            batch.actor_id,
            batch.source,
            list(batch.asset_ids),
            [event.event_id for event in batch.events],
            list(entry_ids),
        ),
    )
    db.insert_rows("assets_event", EVENT_COLUMNS, [_event_row(batch, event) for event in batch.events])
    db.insert_rows(
        "assets_event_rate",
        RATE_COLUMNS,
        [
            (batch.company_id, event.event_id, currency, rate)
            for event in batch.events
            for currency, rate in sorted(event.rates.items())
        ],
    )
    db.insert_rows("assets_placement", PLACEMENT_COLUMNS, list(_placement_rows(batch)))


def _event_row(batch: Batch, event: PlannedEvent) -> tuple[object, ...]:
    return (
        batch.company_id,
        event.event_id,
        batch.batch_id,
        event.asset_id,
        event.kind,
        event.effective_on,
        event.phase,
        event.key.hex(),
        event.book_id,
        event.of_event_id,
        event.currency,
        as_text(event.detail()),
        event.move_id,
        event.party_id,
        event.reference,
        event.note,
        batch.recorded_at,
    )


def _placement_rows(batch: Batch) -> Iterable[tuple[object, ...]]:
    for event, placements in zip(batch.events, batch.placements, strict=True):
        for aspect, value in placements:
            yield (
                batch.company_id, event.asset_id, int(aspect), event.effective_on, event.phase, event.key.hex(),
                event.event_id, None if value is None else int(value), batch.recorded_at,
            )  # fmt: skip


def _write_values(batch: Batch) -> None:
    """All value rows by one statement, so that the guard sees them whole."""
    entries: list[tuple[object, ...]] = []
    rows: list[tuple[int, ...]] = []
    bulk: list[Ints] = []
    for posting in batch.postings:
        first = len(entries) + 1
        entries += [
            (posting.book.book_id, entry.effective_on, entry.posting_on, entry.entry_id)
            for entry in posting.entries
        ]
        rows += [
            (
                key.asset_id, key.event_id, key.role, key.class_id, key.cost_centre_id, key.debit, key.credit, amount,
                first + group,
            )
            for key, amount, group in posting.values
        ]  # fmt: skip
        bulk += [
            np.array(
                [
                    each.asset_id, each.event_id, np.full_like(each.amount, each.role), each.class_id,
                    each.cost_centre_id, each.debit, each.credit, each.amount, each.group + first,
                ]
            )
            for each in posting.bulk
        ]  # fmt: skip
    if not rows and not bulk:
        return
    source, given = _source(rows, bulk)
    books, days, posting_days, entry_ids = array_columns(ENTRY_COLUMNS, entries)
    db.execute(
        _INSERT_VALUES + source,
        (
            batch.company_id, books, _COST, _CARRYING, days, posting_days, entry_ids, batch.batch_id, batch.recorded_at,
            *given,
        ),
    )  # fmt: skip


def _source(rows: Sequence[tuple[int, ...]], bulk: Sequence[Ints]) -> tuple[str, Sequence[str]]:
    """Where the statement finds the rows: in arrays, or, if they are very many, in a temporary table."""
    if not bulk and len(rows) <= db.UNNEST_ROWS:
        return _FROM_ARRAYS, array_columns(VALUE_COLUMNS, rows)
    names = [name for name, _ in VALUE_COLUMNS]
    one_by_one = np.array(rows, dtype=np.int64).reshape(len(rows), len(names)).T
    types = ", ".join(f"{name}::{sql_type}" for name, sql_type in VALUE_COLUMNS)
    table = copy_aside("load_assets_value", names, np.concatenate([one_by_one, *bulk], axis=1))
    return f"(SELECT {types} FROM {table}) u", ()  # noqa: S608 - our own names
