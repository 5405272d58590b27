"""Lower of cost and net realisable value (IAS 2.9 and 2.28 to 33): estimates for a day, and what they write down."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.kit import db, idempotency
from wherewithal.kit.errors import Problem, Refused
from wherewithal.stock.services.context import book_facts
from wherewithal.stock.services.posting import allowance
from wherewithal.stock.services.posting.locks import lock_items

LARGEST_VALUE = Decimal(10) ** 12
COLUMNS = (
    ("company_id", "int"),
    ("book_id", "int"),
    ("item_id", "int"),
    ("category_id", "int"),
    ("effective_on", "date"),
    ("unit_value", "numeric"),
    ("share", "numeric"),
    ("reason", "text"),
    ("recorded_at", "timestamptz"),
    ("actor_id", "bigint"),
)


@dataclass(frozen=True, slots=True)
class NrvEstimate:
    """What an item or a category is expected to fetch, less the costs of completion and sale.

    For an item `unit_value`: of one base unit, in the book's currency. For an item or a category `share`: as a part
    of its cost, 0 to 1. A later estimate above cost reverses the write-down, never beyond cost.
    """

    reason: str
    item_id: int | None = None
    category_id: int | None = None
    unit_value: Decimal | None = None
    share: Decimal | None = None
    row: int | None = None


def write_down(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    book_id: int,
    on: datetime.date,
    estimates: Sequence[NrvEstimate],
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """Record estimates for the end of a day and post what they change in the allowance; the ids of the entries.

    Cost is not touched: the allowance stands beside it. Writing down, reversing and releasing what was sold are one
    operation. Refused with every fault of every estimate, and nothing is written.
    """

    asked = [
        str(on),
        book_id,
        [(e.reason, e.item_id, e.category_id, e.unit_value, e.share) for e in estimates],
    ]

    def write() -> list[int]:
        items = _items_of(company_id, estimates) | allowance.items_with(company_id, book_id)
        lock_items(company_id, items)
        clock = db.fetch_one("SELECT coalesce(%s::timestamptz, clock_timestamp())", (recorded_at,))
        assert clock is not None, "a SELECT without FROM has a row"
        rows = [
            (company_id, book_id, e.item_id, e.category_id, on, e.unit_value, e.share, e.reason.strip(), clock[0],
             actor_id)
            for e in estimates
        ]  # fmt: skip
        db.insert_rows("stock_nrv_estimate", COLUMNS, rows)
        return allowance.reassess(
            company_id=company_id,
            actor_id=actor_id,
            key=idempotency_key,
            recorded_at=clock[0],
            items=items,
            book_id=book_id,
        )

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book_facts(company_id, book_id)
            problems = list(_problems(company_id, estimates))
            if problems:
                raise Refused(problems)
            found: list[int] = idempotency.once(
                company_id=company_id,
                key=idempotency_key,
                request_hash=idempotency.request_hash(asked),
                fn=write,
            )
            return found

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _items_of(company_id: int, estimates: Sequence[NrvEstimate]) -> set[int]:
    """The items that are estimated, by themselves or with their category."""
    rows = db.fetch_all(
        """
        WITH RECURSIVE below AS (
            SELECT unnest(%(categories)s::int[]) AS id
            UNION
            SELECT c.id FROM items_category c JOIN below ON c.company_id = %(company)s AND c.parent_id = below.id)
        SELECT id FROM items_item WHERE company_id = %(company)s AND category_id IN (SELECT id FROM below)
        """,
        {
            "company": company_id,
            "categories": [e.category_id for e in estimates if e.category_id is not None],
        },
    )
    return {row[0] for row in rows} | {e.item_id for e in estimates if e.item_id is not None}


def _problems(company_id: int, estimates: Sequence[NrvEstimate]) -> Iterator[Problem]:
    """What is wrong, of every estimate."""
    if not estimates:
        yield Problem("estimates", "required", say("Give at least one estimate."))
    items = items_queries.costing_items(company_id, {e.item_id for e in estimates if e.item_id is not None})
    seen: set[tuple[int | None, int | None]] = set()
    for position, estimate in enumerate(estimates):
        row = position if estimate.row is None else estimate.row
        if (estimate.item_id is None) == (estimate.category_id is None):
            yield Problem("item_id", "one_of", say("Estimate either an item or a category."), row)
        elif estimate.item_id is not None and estimate.item_id not in items:
            yield Problem(
                "item_id",
                "exists",
                say("There is no item {item_id}.", item_id=estimate.item_id),
                row,
                str(estimate.item_id),
            )
        elif estimate.category_id is not None and not items_queries.get_category(
            company_id, estimate.category_id
        ):
            message = say("There is no category {category_id}.", category_id=estimate.category_id)
            yield Problem("category_id", "exists", message, row, str(estimate.category_id))
        yield from _value_problems(estimate, row)
        if not estimate.reason.strip():
            yield Problem("reason", "required", say("Say what the estimate is based on."), row)
        if (estimate.item_id, estimate.category_id) in seen:
            yield Problem("item_id", "unique", say("This is estimated twice for the same day."), row)
        seen.add((estimate.item_id, estimate.category_id))


def _value_problems(estimate: NrvEstimate, row: int) -> Iterator[Problem]:
    value, share = estimate.unit_value, estimate.share
    if (value is None) == (share is None):
        yield Problem(
            "unit_value", "one_of", say("Give either a value for one unit or a share of cost."), row
        )
    elif value is not None and estimate.item_id is None:
        yield Problem(
            "unit_value", "item", say("A category is estimated as a share of its cost."), row, str(value)
        )
    elif value is not None and not (value.is_finite() and 0 <= value < LARGEST_VALUE):
        yield Problem("unit_value", "range", say("The value is zero or more."), row, str(value))
    elif share is not None and not (share.is_finite() and 0 <= share <= 1):
        yield Problem("share", "range", say("The share is between 0 and 1."), row, str(share))
