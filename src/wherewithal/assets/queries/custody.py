"""Who has what and until when, who will have it, and what audits found."""

import datetime
from dataclasses import dataclass

from wherewithal.kit import db


@dataclass(frozen=True, slots=True)
class CustodyRow:
    """An asset that somebody has, or had. `accepted_on`: when it was signed for."""

    event_id: int
    asset_id: int
    tag: str
    name: str
    party_id: int | None
    user_id: int | None
    location_id: int | None
    since_on: datetime.date
    expected_on: datetime.date | None
    accepted_on: datetime.date | None
    signature: str
    returned_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class BookingRow:
    booking_id: int
    asset_id: int
    tag: str
    name: str
    party_id: int | None
    user_id: int | None
    begins_at: datetime.datetime
    ends_at: datetime.datetime
    purpose: str
    cancelled_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit and how far it is."""

    audit_id: int
    name: str
    location_id: int | None
    opened_at: datetime.datetime
    closed_at: datetime.datetime | None
    expected: int
    found: int
    missing: int
    unexpected: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One asset of an audit. `verdict`: found, elsewhere, missing or unexpected."""

    asset_id: int
    tag: str
    name: str
    verdict: str
    expected_location_id: int | None
    found_location_id: int | None
    found_at: datetime.datetime | None
    condition: str


def custody(
    company_id: int,
    *,
    asset_id: int | None = None,
    party_id: int | None = None,
    user_id: int | None = None,
    overdue_on: datetime.date | None = None,
    include_returned: bool = False,
    limit: int = 200,
) -> list[CustodyRow]:
    """Assets that are out, those expected back first. `overdue_on`: only what was expected before that day."""
    rows = db.fetch_all(
        """
        SELECT c.event_id, c.asset_id, a.tag, a.name, c.party_id, c.user_id, c.location_id, c.since_on, c.expected_on,
               c.accepted_on, c.signature, c.returned_on
        FROM assets_custody c JOIN assets_asset a ON a.company_id = c.company_id AND a.id = c.asset_id
        WHERE c.company_id = %(company)s AND (%(returned)s OR c.returned_on IS NULL)
          AND (%(asset)s::bigint IS NULL OR c.asset_id = %(asset)s)
          AND (%(party)s::int IS NULL OR c.party_id = %(party)s)
          AND (%(user)s::bigint IS NULL OR c.user_id = %(user)s)
          AND (%(overdue)s::date IS NULL OR c.expected_on < %(overdue)s)
        ORDER BY c.expected_on NULLS LAST, a.tag, c.event_id LIMIT %(limit)s
        """,
        {
            "company": company_id,
            "returned": include_returned,
            "asset": asset_id,
            "party": party_id,
            "user": user_id,
            "overdue": overdue_on,
            "limit": max(1, min(limit, 1_001)),
        },
    )
    return [CustodyRow(*row) for row in rows]


def bookings(
    company_id: int,
    *,
    asset_id: int | None = None,
    from_at: datetime.datetime | None = None,
    to_at: datetime.datetime | None = None,
    include_cancelled: bool = False,
    limit: int = 200,
) -> list[BookingRow]:
    """Bookings that touch a span of time, in order."""
    rows = db.fetch_all(
        """
        SELECT b.booking_id, b.asset_id, a.tag, a.name, b.party_id, b.user_id, b.begins_at, b.ends_at, b.purpose,
               b.cancelled_at
        FROM assets_booking b JOIN assets_asset a ON a.company_id = b.company_id AND a.id = b.asset_id
        WHERE b.company_id = %(company)s AND (%(cancelled)s OR b.cancelled_at IS NULL)
          AND (%(asset)s::bigint IS NULL OR b.asset_id = %(asset)s)
          AND (%(from)s::timestamptz IS NULL OR b.ends_at > %(from)s)
          AND (%(to)s::timestamptz IS NULL OR b.begins_at < %(to)s)
        ORDER BY b.begins_at, a.tag LIMIT %(limit)s
        """,
        {
            "company": company_id,
            "cancelled": include_cancelled,
            "asset": asset_id,
            "from": from_at,
            "to": to_at,
            "limit": max(1, min(limit, 1_001)),
        },
    )
    return [BookingRow(*row) for row in rows]


def audits(company_id: int, *, audit_id: int | None = None, limit: int = 50) -> list[AuditRow]:
    """Audits, the latest first."""
    rows = db.fetch_all(
        """
        SELECT u.audit_id, u.name, u.location_id, u.opened_at, u.closed_at,
               count(*) FILTER (WHERE l.is_expected), count(*) FILTER (WHERE l.found_at IS NOT NULL),
               count(*) FILTER (WHERE l.is_expected AND l.found_at IS NULL),
               count(*) FILTER (WHERE NOT l.is_expected)
        FROM assets_audit u
        LEFT JOIN assets_audit_line l ON l.company_id = u.company_id AND l.audit_id = u.audit_id
        WHERE u.company_id = %(company)s AND (%(audit)s::bigint IS NULL OR u.audit_id = %(audit)s)
        GROUP BY u.audit_id, u.name, u.location_id, u.opened_at, u.closed_at
        ORDER BY u.opened_at DESC, u.audit_id DESC LIMIT %(limit)s
        """,
        {"company": company_id, "audit": audit_id, "limit": max(1, min(limit, 1_001))},
    )
    return [AuditRow(*row) for row in rows]


def audit_lines(
    company_id: int, audit_id: int, *, verdict: str | None = None, after: str = "", limit: int = 200
) -> list[AuditLine]:
    """The assets of an audit by tag, of one verdict if named."""
    rows = db.fetch_all(
        """
        SELECT * FROM (
            SELECT l.asset_id, a.tag, a.name,
                   CASE WHEN NOT l.is_expected THEN 'unexpected'
                        WHEN l.found_at IS NULL THEN 'missing'
                        WHEN l.found_location_id IS NOT NULL
                             AND l.found_location_id IS DISTINCT FROM l.expected_location_id THEN 'elsewhere'
                        ELSE 'found' END AS verdict,
                   l.expected_location_id, l.found_location_id, l.found_at, l.condition
            FROM assets_audit_line l JOIN assets_asset a ON a.company_id = l.company_id AND a.id = l.asset_id
            WHERE l.company_id = %(company)s AND l.audit_id = %(audit)s) x
        WHERE (%(verdict)s::text IS NULL OR verdict = %(verdict)s) AND tag > %(after)s
        ORDER BY tag LIMIT %(limit)s
        """,
        {
            "company": company_id,
            "audit": audit_id,
            "verdict": verdict,
            "after": after,
            "limit": max(1, min(limit, 1_001)),
        },
    )
    return [AuditLine(*row) for row in rows]
