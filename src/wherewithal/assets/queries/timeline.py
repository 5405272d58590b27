"""Everything that ever happened to an asset, and what it meant in the books."""

import datetime
from dataclasses import dataclass
from typing import Any

from wherewithal.assets.services.posting.values import CARRYING_EFFECT
from wherewithal.core.posting import RULES, Role
from wherewithal.kit import db


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event. `effects`: by book, what it did to the net book value (minor units). `reversed_by`: it never was.

    `counterpart`: of a transfer between companies, what the other one has (company, company_id, asset_id, tag).
    """

    event_id: int
    batch_id: int
    asset_id: int
    tag: str
    kind: str
    effective_on: datetime.date
    recorded_at: datetime.datetime
    actor_id: int | None
    book_id: int | None
    of_event_id: int | None
    reversed_by: int | None
    currency: str | None
    values: dict[str, Any]
    books: dict[str, Any]
    move_id: int | None
    party_id: int | None
    reference: str
    note: str
    effects: dict[int, int]
    counterpart: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value row: a balanced pair in one book, in minor units."""

    book_id: int
    asset_id: int
    tag: str
    event_id: int
    role: str
    meaning: str
    debit_account: str
    credit_account: str
    cost_centre_id: int
    amount: int
    effective_on: datetime.date
    posting_on: datetime.date
    entry_id: int | None
    batch_id: int
    recorded_at: datetime.datetime


_EVENTS = """
    SELECT e.event_id, e.batch_id, e.asset_id, a.tag, e.kind, e.effective_on, e.recorded_at, b.actor_id, e.book_id,
           e.of_event_id,
           (SELECT min(r.event_id) FROM assets_event r
            WHERE r.company_id = e.company_id AND r.of_event_id = e.event_id AND r.kind = 'reversal'
              AND (%(known)s::timestamptz IS NULL OR r.recorded_at <= %(known)s)
              AND assets_stands(r.company_id, r.event_id, %(known)s::timestamptz)),
           e.currency, coalesce(e.detail -> 'values', '{}'), coalesce(e.detail -> 'books', '{}'), e.move_id, e.party_id,
           e.reference, e.note,
           coalesce((SELECT jsonb_object_agg(v.book_id, v.amount) FROM (
               SELECT v.book_id, sum(v.carrying_amount) AS amount FROM assets_value v
               WHERE v.company_id = e.company_id AND v.asset_id = e.asset_id AND v.event_id = e.event_id
                 AND v.role NOT BETWEEN 120 AND 123
                 AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
               GROUP BY v.book_id) v), '{}'),
           e.detail -> 'counterpart'
    FROM assets_event e
    JOIN assets_asset a ON a.company_id = e.company_id AND a.id = e.asset_id
    JOIN assets_batch b ON b.company_id = e.company_id AND b.batch_id = e.batch_id
    WHERE e.company_id = %(company)s AND (%(known)s::timestamptz IS NULL OR e.recorded_at <= %(known)s)
"""


def timeline(
    company_id: int, asset_id: int, *, known_at: datetime.datetime | None = None
) -> list[TimelineRow]:
    """All events of an asset in their order, those that were taken back included; as known at an instant."""
    rows = db.fetch_all(
        f"{_EVENTS} AND e.asset_id = %(asset)s ORDER BY e.effective_on, e.phase, e.key",
        {"company": company_id, "asset": asset_id, "known": known_at},
    )
    return [_timeline_row(row) for row in rows]


def events(
    company_id: int,
    *,
    from_on: datetime.date | None = None,
    to_on: datetime.date | None = None,
    kind: str | None = None,
    before: tuple[datetime.date, int] | None = None,
    limit: int = 50,
) -> list[TimelineRow]:
    """Events of all assets, the latest day first. `before`: (day, event id) of the last row of the page before."""
    rows = db.fetch_all(
        f"""
        {_EVENTS}
          AND (%(from)s::date IS NULL OR e.effective_on >= %(from)s) AND (%(to)s::date IS NULL OR e.effective_on <= %(to)s)
          AND (%(kind)s::text IS NULL OR e.kind = %(kind)s)
          AND (%(day)s::date IS NULL OR (e.effective_on, e.event_id) < (%(day)s::date, %(event)s))
        ORDER BY e.effective_on DESC, e.event_id DESC LIMIT %(limit)s
        """,
        {
            "company": company_id,
            "known": None,
            "from": from_on,
            "to": to_on,
            "kind": kind,
            "day": before and before[0],
            "event": before and before[1],
            "limit": max(1, min(limit, 1_001)),
        },
    )
    return [_timeline_row(row) for row in rows]


def _timeline_row(row: tuple[Any, ...]) -> TimelineRow:
    effects = {int(book_id): int(amount) for book_id, amount in row[18].items() if amount}
    return TimelineRow(*(*row[:18], effects, row[19]))


_VALUES = """
    SELECT v.book_id, v.asset_id, coalesce(a.tag, ''), v.event_id, v.role, d.code, c.code, v.cost_centre_id, v.amount,
           v.effective_on, v.posting_on, v.entry_id, v.batch_id, v.recorded_at
    FROM assets_value v
    LEFT JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
    JOIN ledger_account d ON d.company_id = v.company_id AND d.id = v.debit_account_id
    JOIN ledger_account c ON c.company_id = v.company_id AND c.id = v.credit_account_id
    WHERE v.company_id = %(company)s
"""


def asset_values(
    company_id: int,
    asset_id: int,
    *,
    book_id: int | None = None,
    known_at: datetime.datetime | None = None,
) -> list[ValueLine]:
    """The value rows of an asset by day: the trail behind its net book value."""
    rows = db.fetch_all(
        f"{_VALUES} AND v.asset_id = %(asset)s AND (%(book)s::int IS NULL OR v.book_id = %(book)s)"
        " AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)"
        " ORDER BY v.effective_on, v.recorded_at, v.role, v.event_id",
        {"company": company_id, "asset": asset_id, "book": book_id, "known": known_at},
    )
    return [_value_line(row) for row in rows]


def entry_values(
    company_id: int, book_id: int, entry_id: int, *, after: tuple[str, int] | None = None, limit: int = 200
) -> list[ValueLine]:
    """What an entry is made of, by tag: the way from a posting down to each asset. What left a pool has no tag."""
    rows = db.fetch_all(
        f"{_VALUES} AND v.book_id = %(book)s AND v.entry_id = %(entry)s"
        " AND (%(tag)s::text IS NULL OR (coalesce(a.tag, ''), v.event_id) > (%(tag)s, %(event)s))"
        " ORDER BY coalesce(a.tag, ''), v.event_id, v.role LIMIT %(limit)s",
        {
            "company": company_id,
            "book": book_id,
            "entry": entry_id,
            "tag": after and after[0],
            "event": after and after[1],
            "limit": max(1, min(limit, 10_001)),
        },
    )
    return [_value_line(row) for row in rows]


def _value_line(row: tuple[Any, ...]) -> ValueLine:
    role = Role(row[4])
    return ValueLine(*(*row[:4], role.name.lower(), RULES[role].meaning, *row[5:]))


@dataclass(frozen=True, slots=True)
class RunRow:
    """A depreciation run. `of_run_id`: it took that one back; `reversed_by`: it was taken back."""

    run_id: int
    book_id: int
    from_on: datetime.date | None
    through_on: datetime.date
    of_run_id: int | None
    reversed_by: int | None
    asset_count: int
    row_count: int
    total: int
    exceptions: list[dict[str, Any]]
    entry_ids: list[int]
    recorded_at: datetime.datetime
    actor_id: int | None


def runs(company_id: int, book_id: int | None = None, *, limit: int = 50) -> list[RunRow]:
    """Depreciation runs, the latest first."""
    rows = db.fetch_all(
        "SELECT r.run_id, r.book_id, r.from_on, r.through_on, r.of_run_id,"
        " (SELECT x.run_id FROM assets_run x WHERE x.company_id = r.company_id AND x.of_run_id = r.run_id),"
        " r.asset_count, r.row_count, r.total, r.exceptions, r.entry_ids, r.recorded_at, r.actor_id FROM assets_run r"
        " WHERE r.company_id = %s AND (%s::int IS NULL OR r.book_id = %s) ORDER BY r.recorded_at DESC, r.run_id DESC"
        " LIMIT %s",
        (company_id, book_id, book_id, max(1, min(limit, 1_001))),
    )
    return [RunRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class RunSum:
    """What a run charged one class under one rule: of how many assets, minor units together."""

    role: str
    meaning: str
    class_id: int
    class_code: str
    class_name: str
    asset_count: int
    amount: int


def run_sums(company_id: int, run: RunRow) -> list[RunSum]:
    """What the entries of a run are made of, by rule and class: depreciation, and what became due with it (interest,
    unwinding, release of grants)."""
    rows = db.fetch_all(
        "SELECT v.role, c.id, c.code, c.name, count(DISTINCT v.asset_id), sum(v.amount)::bigint FROM assets_value v"
        " JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id"
        " WHERE v.company_id = %s AND v.book_id = %s AND v.entry_id = ANY(%s)"
        " GROUP BY v.role, c.id, c.code, c.name ORDER BY v.role, c.code",
        (company_id, run.book_id, run.entry_ids),
    )
    return [RunSum(Role(role).name.lower(), RULES[Role(role)].meaning, *of_class) for role, *of_class in rows]


def carrying_effect(role: str) -> int:
    """What an amount of a role (by its name) does to the net book value: +1, -1 or 0."""
    return CARRYING_EFFECT[Role[role.upper()]]
