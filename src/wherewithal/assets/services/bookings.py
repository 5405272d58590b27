"""Bookings of shared assets, and audits: what is expected against what is found."""

import datetime
from collections.abc import Sequence

import psycopg

from wherewithal.assets.services.masters import no_asset
from wherewithal.assets.services.registering import refusal_of
from wherewithal.core.words import say
from wherewithal.items.texts import LONGEST_NAME, text_problem
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused, refuse
from wherewithal.people import queries as people_queries


def book_asset(
    *,
    company_id: int,
    actor_id: int | None,
    asset_id: int,
    begins_at: datetime.datetime,
    ends_at: datetime.datetime,
    now: datetime.datetime,
    party_id: int | None = None,
    user_id: int | None = None,
    purpose: str = "",
) -> int:
    """Reserve an asset for a span of time; the booking's id. A Conflict when somebody has it then."""
    if begins_at.tzinfo is None or ends_at.tzinfo is None:
        raise refuse("begins_at", "time_zone", say("Give instants with their time zone."))
    if begins_at >= ends_at:
        raise refuse("ends_at", "order", say("A booking ends after it begins."), value=ends_at)
    problem = text_problem("purpose", purpose, LONGEST_NAME, required=False)
    if problem:
        raise Refused(problem)
    if party_id is None and user_id is None:
        raise refuse("user_id", "required", say("Say for whom: a party or a user."))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        status = db.fetch_one(
            "SELECT status FROM assets_asset WHERE company_id = %s AND id = %s", (company_id, asset_id)
        )
        if status is None:
            raise no_asset(asset_id)
        if status[0] in (6, 7):
            raise refuse("asset_id", "there", say("The asset has left: it cannot be booked."), value=asset_id)
        if user_id is not None and user_id not in _members(company_id):
            raise refuse("user_id", "exists", say("Name a member of this company."), value=user_id)
        try:
            row = db.fetch_one(
                "INSERT INTO assets_booking (company_id, asset_id, party_id, user_id, begins_at, ends_at, purpose,"
                " created_at, actor_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING booking_id",
                (company_id, asset_id, party_id, user_id, begins_at, ends_at, purpose, now, actor_id),
            )
        except psycopg.errors.ExclusionViolation as error:
            message = say("The asset is booked in that time already: choose another time or another asset.")
            raise Conflict(Problem("begins_at", "free", message)) from error
        except psycopg.errors.ForeignKeyViolation as error:
            raise refuse("party_id", "exists", say("Name a party of this company.")) from error
    assert row is not None, "an INSERT ... RETURNING returns its row"
    return int(row[0])


def _members(company_id: int) -> set[int]:
    return {member.user_id for member in people_queries.members(company_id, active_only=True)}


def cancel_booking(*, company_id: int, actor_id: int | None, booking_id: int, now: datetime.datetime) -> None:
    """Give the time back. Twice is harmless."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        changed = db.execute(
            "UPDATE assets_booking SET cancelled_at = coalesce(cancelled_at, %s) WHERE company_id = %s AND booking_id = %s",
            (now, company_id, booking_id),
        )
        if not changed:
            raise NotFound(
                Problem("booking_id", "exists", say("There is no such booking."), value=str(booking_id))
            )


# --- audits -------------------------------------------------------------------------------------------------------


_EXPECTED = """
    WITH RECURSIVE below AS (
        SELECT id FROM stock_location WHERE company_id = %(company)s AND id = %(location)s
        UNION ALL
        SELECT l.id FROM stock_location l JOIN below b ON l.company_id = %(company)s AND l.parent_id = b.id
    )
    INSERT INTO assets_audit_line (company_id, audit_id, asset_id, expected_location_id, is_expected)
    SELECT a.company_id, %(audit)s, a.id, a.location_id, true FROM assets_asset a
    WHERE a.company_id = %(company)s AND a.status NOT IN (6, 7)
      AND (%(location)s::int IS NULL OR a.location_id IN (SELECT id FROM below))
"""


def open_audit(
    *,
    company_id: int,
    actor_id: int | None,
    name: str,
    now: datetime.datetime,
    location_id: int | None = None,
) -> int:
    """Begin an audit of all assets, or of those in a place and below; what is expected is what the register says now."""
    problem = text_problem("name", name, LONGEST_NAME)
    if problem:
        raise Refused(problem)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _refuse_unknown_place(company_id, location_id)
        try:
            row = db.fetch_one(
                "INSERT INTO assets_audit (company_id, name, location_id, opened_at, actor_id)"
                " VALUES (%s, %s, %s, %s, %s) RETURNING audit_id",
                (company_id, name.strip(), location_id, now, actor_id),
            )
        except psycopg.errors.ForeignKeyViolation as error:
            raise refusal_of(error) from error
        assert row is not None, "an INSERT ... RETURNING returns its row"
        db.execute(_EXPECTED, {"company": company_id, "audit": row[0], "location": location_id})
    return int(row[0])


def _refuse_unknown_place(company_id: int, location_id: int | None) -> None:
    if location_id is None:
        return
    found = db.fetch_one(
        "SELECT 1 FROM stock_location WHERE company_id = %s AND id = %s", (company_id, location_id)
    )
    if found is None:
        raise refuse("location_id", "exists", say("Name a location of this company."), value=location_id)


def record_found(
    *,
    company_id: int,
    actor_id: int | None,
    audit_id: int,
    tags: Sequence[str],
    now: datetime.datetime,
    location_id: int | None = None,
    condition: str = "",
) -> int:
    """These assets were seen (at a place); how many of them had not been expected there. Twice is harmless."""
    wanted = sorted(set(tags))
    problem = text_problem("condition", condition, LONGEST_NAME, required=False)
    if problem:
        raise Refused(problem)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _open(company_id, audit_id)
        _refuse_unknown_place(company_id, location_id)
        known: dict[str, int] = dict(
            db.fetch_all(
                "SELECT tag, id FROM assets_asset WHERE company_id = %s AND tag = ANY (%s)",
                (company_id, wanted),
            )
        )
        missing = [
            Problem("tags", "exists", say("There is no asset {tag}.", tag=tag), value=tag)
            for tag in wanted
            if tag not in known
        ]
        if missing:
            raise Refused(missing)
        rows = db.fetch_all(
            """
            INSERT INTO assets_audit_line AS l
                   (company_id, audit_id, asset_id, is_expected, found_location_id, found_at, found_by_id, condition)
            SELECT %(company)s, %(audit)s, a, false, %(location)s, %(now)s, %(actor)s, %(condition)s
            FROM unnest(%(assets)s::bigint[]) a
            ON CONFLICT (company_id, audit_id, asset_id) DO UPDATE
            SET found_location_id = excluded.found_location_id, found_at = excluded.found_at,
                found_by_id = excluded.found_by_id, condition = excluded.condition
            RETURNING l.is_expected
            """,
            {
                "company": company_id,
                "audit": audit_id,
                "location": location_id,
                "now": now,
                "actor": actor_id,
                "condition": condition,
                "assets": sorted(known.values()),
            },
        )
    return sum(not row[0] for row in rows)


def close_audit(*, company_id: int, actor_id: int | None, audit_id: int, now: datetime.datetime) -> None:
    """End an audit. What is missing or elsewhere stays a finding; moves and losses are events for somebody to record."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _open(company_id, audit_id)
        db.execute(
            "UPDATE assets_audit SET closed_at = %s WHERE company_id = %s AND audit_id = %s",
            (now, company_id, audit_id),
        )


def _open(company_id: int, audit_id: int) -> None:
    row = db.fetch_one(
        "SELECT closed_at FROM assets_audit WHERE company_id = %s AND audit_id = %s FOR NO KEY UPDATE",
        (company_id, audit_id),
    )
    if row is None:
        raise NotFound(Problem("audit_id", "exists", say("There is no such audit."), value=str(audit_id)))
    if row[0] is not None:
        raise refuse("audit_id", "open", say("The audit is closed: open another one."), value=audit_id)
