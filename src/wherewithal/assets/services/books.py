"""Books as assets see them: their calendars, and books that were added when assets already had a history."""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from wherewithal.assets.services.classes import db_now
from wherewithal.assets.services.context import BookFacts, Context, calendar_of, load_context
from wherewithal.assets.services.posting.history import load_histories
from wherewithal.assets.services.posting.naming import HANDED_OVER, handover_problems
from wherewithal.assets.services.posting.write import Batch, take_ids, write
from wherewithal.assets.services.record import cost_centre_codes, hold_books
from wherewithal.assets.services.registering import fill_terms
from wherewithal.assets.services.runs import (
    Work,
    begin,
    difference,
    parts,
    pool_difference,
    posting_for,
)
from wherewithal.core.depreciation.calendar import CalendarError
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.values import CostScope
from wherewithal.stock import services as stock_services


def set_calendar(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    calendar: Mapping[str, Any],
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """The fiscal years and periods of a book: first_month, pattern (months, weeks_13, weeks_445, ...), weekday, nearest,
    and `stated` short or long years as pairs of days. Refused once the book was run.

    What events have posted by the calendar before (the charge of a part of a year at a disposal, an impairment of what is
    carried by then) is posted anew: the ids of the entries. Refused where that would change what another company has taken
    up of an asset that was handed over.
    """
    try:
        calendar_of(calendar, 1)
    except (CalendarError, ValueError, TypeError) as error:
        raise refuse("calendar", "years", str(error)) from error

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            if _held(company_id, book_id).book.horizon_on is not None:
                message = say(
                    "The book has depreciation by its present calendar: a calendar is chosen before the "
                    "first charge."
                )
                raise refuse("calendar", "unused", message)
            db.execute(
                "UPDATE assets_book SET calendar = %s WHERE company_id = %s AND book_id = %s",
                (Jsonb(dict(calendar)), company_id, book_id),
            )
            held = _held(company_id, book_id)
            if not held.book.filled:
                return []
            job = _all_assets(held)
            _refuse_handed_over(job)
            code = held.book.code
            return post_difference(
                job, actor_id, held.first_open, recorded_at,
                reference=f"CALENDAR-{code}", description=f"All assets by the new calendar of the book {code}",
            )  # fmt: skip

    return work() if connection.in_atomic_block else db.run_retrying(work)


class _Held(NamedTuple):
    """A book that nobody else writes to until the transaction ends, and its first open day."""

    context: Context
    book: BookFacts
    first_open: datetime.date | None


def _held(company_id: int, book_id: int) -> _Held:
    """The book as it is now. NotFound if the company has no such book."""
    first_open = hold_books(company_id, for_run=book_id)
    if book_id not in first_open:
        message = say("There is no such book in this company.")
        raise NotFound(Problem("book_id", "exists", message, value=str(book_id)))
    context = load_context(company_id)
    return _Held(context, context.book(book_id), first_open[book_id])


def _all_assets(held: _Held) -> Work:
    """What the book should say of all assets less what it says."""
    company_id = held.context.company_id
    job = begin(held.context, held.book)
    everything = db.fetch_all("SELECT id FROM assets_asset WHERE company_id = %s ORDER BY id", (company_id,))
    for part in parts(company_id, [row[0] for row in everything]):
        difference(job, part)
    pool_difference(job)
    return job


def _refuse_handed_over(job: Work) -> None:
    """What another company has taken up cannot be made another amount from here."""
    handed = {key.event_id: key for key in job.changes if key.role in HANDED_OVER}
    histories = load_histories(job.context.company_id, {key.asset_id for key in handed.values()})
    problems = handover_problems(histories, (), ((key.event_id, key.role) for key in handed.values()))
    if problems:
        raise Refused([Problem("calendar", each.rule, each.message) for each in problems])


def add_book(
    *,
    company_id: int,
    actor_id: int | None,
    code: str,
    name: str,
    standard: str,
    currency: str | None = None,
    cost_scope: str = CostScope.COMPANY,
) -> int:
    """A further book with all that has happened to goods and assets so far, or no book: its id.

    Assets begin in it by the terms their classes have for every book; its depreciation follows with its first run.
    """

    def work() -> int:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book_id = stock_services.add_book(
                company_id=company_id,
                actor_id=actor_id,
                code=code,
                name=name,
                standard=standard,
                currency=currency,
                cost_scope=cost_scope,
            )
            fill_book(company_id=company_id, actor_id=actor_id, book_id=book_id)
            return book_id

    return work() if connection.in_atomic_block else db.run_retrying(work)


def fill_book(
    *, company_id: int, actor_id: int | None, book_id: int, recorded_at: datetime.datetime | None = None
) -> list[int]:
    """Post all facts there are in a book that was added after assets had some; the ids of the entries.

    Assets begin by the terms that their classes have for the book. Amounts in other currencies take the exchange rates
    of their days, captured now; missing ones are Refused, all at once. Depreciation follows with the next run.
    """

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            held = _held(company_id, book_id)
            if held.book.filled:
                return []
            fill_terms(held.context, held.book)
            _capture_rates(held.context, held.book)
            db.execute(
                "UPDATE assets_book SET filled = true WHERE company_id = %s AND book_id = %s",
                (company_id, book_id),
            )
            code = held.book.code
            return post_difference(
                _all_assets(held), actor_id, held.first_open, recorded_at,
                reference=f"FILL-{code}", description=f"All assets, as the book {code} reads them",
            )  # fmt: skip

    return work() if connection.in_atomic_block else db.run_retrying(work)


def post_difference(
    job: Work,
    actor_id: int | None,
    first_open: datetime.date | None,
    recorded_at: datetime.datetime | None,
    *,
    reference: str,
    description: str,
) -> list[int]:
    """Write what the work comes to, all of it: an asset that cannot be read is Refused by its tag."""
    if job.exceptions:
        raise Refused(
            [
                Problem(
                    each.field,
                    each.rule,
                    say("{each_tag}: {message}", each_tag=each.tag, message=each.message),
                )
                for each in job.exceptions
            ]
        )
    posting = posting_for(job, first_open)
    if not posting.row_count and not posting.standings:
        return []
    batch_id = take_ids(1)[0]
    return write(
        Batch(
            company_id=job.context.company_id,
            batch_id=batch_id,
            idempotency_key=f"{reference} {batch_id}",
            request_hash=reference.encode(),
            recorded_at=recorded_at or db_now(),
            actor_id=actor_id,
            source="assets",
            reference=reference,
            description=description,
            postings=[posting],
            cost_centres=cost_centre_codes(job.context.company_id),
        )
    )


def _capture_rates(context: Context, book: BookFacts) -> None:
    """A rate to the book's currency for each event that names another one and has none yet."""
    needed = db.fetch_all(
        """
        SELECT e.event_id, e.currency, e.effective_on FROM assets_event e
        WHERE e.company_id = %(company)s AND e.currency <> %(to)s AND e.book_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM assets_event_rate r WHERE r.company_id = e.company_id
                          AND r.event_id = e.event_id AND r.to_currency = %(to)s)
        """,
        {"company": context.company_id, "to": book.currency},
    )
    pairs = [(currency, day) for _, currency, day in needed]
    rates = ledger_queries.rates_of_days(context.company_id, book.currency, pairs)
    rows = [
        (context.company_id, event_id, book.currency, rates[currency, day])
        for event_id, currency, day in needed
    ]
    columns = (("company_id", "int"), ("event_id", "bigint"), ("to_currency", "text"), ("rate", "numeric"))
    db.insert_rows("assets_event_rate", columns, rows)
