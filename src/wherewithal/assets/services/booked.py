"""What a book had booked by an instant, by class and period: as a forecast says it, but of what was known then."""

import datetime

from wherewithal.assets.plans import ForecastRow, Projection
from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.forecast import Ahead, Span, carry_forward
from wherewithal.core.assets.facts import ValueRow
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.kit import db


def booked_as_known(
    *, company_id: int, book_id: int, from_on: datetime.date, known_at: datetime.datetime
) -> list[ForecastRow]:
    """Every class in every period from a day on through the last run that stood at an instant; nothing if none did. A verb
    for the caller's transaction."""
    db.require_transaction()
    context = load_context(company_id)
    book = context.book(book_id)
    run_on = _charged_through(company_id, book_id, known_at)
    if run_on is None or run_on < from_on:
        return []
    first = book.calendar.period(from_on).first
    ahead = Ahead(context, book, Span(first - ONE_DAY, run_on, first, run_on), "month", False, {})
    for class_id, on, role, amount in db.fetch_all(
        "SELECT class_id, effective_on, role, sum(amount)::bigint FROM assets_value"
        " WHERE company_id = %s AND book_id = %s AND effective_on <= %s AND recorded_at <= %s GROUP BY 1, 2, 3",
        (company_id, book_id, run_on, known_at),
    ):
        row = ValueRow(on, 0, role, class_id, amount)
        (ahead.stand if on < first else ahead.put)(row, 0)
    found = Projection()
    carry_forward(ahead, found)
    return found.rows


def _charged_through(company_id: int, book_id: int, known_at: datetime.datetime) -> datetime.date | None:
    row = db.fetch_one(
        "SELECT max(r.through_on) FROM assets_run r WHERE r.company_id = %(company)s AND r.book_id = %(book)s"
        " AND r.of_run_id IS NULL AND r.recorded_at <= %(known)s AND NOT EXISTS (SELECT FROM assets_run x"
        " WHERE x.company_id = r.company_id AND x.of_run_id = r.run_id AND x.recorded_at <= %(known)s)",
        {"company": company_id, "book": book_id, "known": known_at},
    )
    return row[0] if row else None
