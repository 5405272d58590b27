"""How books cost goods: methods of categories from a day on, standard costs, and books added later."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db import connection

from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.values import CostScope
from wherewithal.stock.services.context import BookFacts, book_facts
from wherewithal.stock.services.posting.load import ids
from wherewithal.stock.services.posting.locks import lock_items
from wherewithal.stock.services.posting.policies import METHODS, SINCE_EVER
from wherewithal.stock.services.posting.revalue import revalue

NO_LIFO = frozenset({"IFRS"})  # IAS 2.25 allows FIFO and weighted average only
LARGEST_COST = 10**15


@dataclass(frozen=True, slots=True)
class StandardCostDraft:
    """What one base unit of an item is to cost in the book's currency from a day on. Any number of decimals."""

    item_id: int
    cost: Decimal
    effective_on: datetime.date | None = None  # None: since ever
    row: int | None = None


def set_cost_method(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    method: str,
    category_id: int | None = None,
    effective_on: datetime.date | None = None,
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """Cost a category (None: everything without a nearer policy) by a method from a day on (None: since ever).

    What was posted before is corrected by difference entries; their ids. Refused: LIFO where the book's standard
    forbids it, unknown methods.
    """
    if method not in METHODS:
        raise refuse(
            "method",
            "known",
            say("The method must be one of {methods}.", methods=", ".join(METHODS)),
            value=method,
        )
    day = effective_on or SINCE_EVER

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book = book_facts(company_id, book_id)
            _refuse_unfit(company_id, book_id, method, category_id)
            ledger_queries.hold_periods(company_id, [book_id])
            below = items_below(company_id, category_id)
            lock_items(company_id, below)
            items = _moved(company_id, below)
            row = db.fetch_one(
                "INSERT INTO stock_cost_policy"
                " (company_id, book_id, category_id, method, effective_on, recorded_at, actor_id)"
                " VALUES (%s, %s, %s, %s, %s, coalesce(%s, clock_timestamp()), %s) RETURNING policy_id",
                (company_id, book_id, category_id, method, day, recorded_at, actor_id),
            )
            assert row is not None, "RETURNING returns what was inserted"
            if book_id not in filled_books(company_id):
                return []  # it says nothing yet; filling it will find the policy
            return revalue(
                company_id=company_id,
                actor_id=actor_id,
                book=book,
                item_ids=items,
                from_on=day,
                source="cost_policy",
                key=f"policy:{row[0]}",
                recorded_at=recorded_at,
            )

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _refuse_unfit(company_id: int, book_id: int, method: str, category_id: int | None) -> None:
    standard = ledger_queries.book(company_id, book_id).standard
    if method == "lifo" and standard.upper() in NO_LIFO:
        raise refuse(
            "method",
            "allowed_by_standard",
            say(
                "{standard} does not allow LIFO: use fifo, moving_average or another method.",
                standard=standard,
            ),
            value=method,
        )
    if category_id is not None and not items_queries.get_category(company_id, category_id):
        raise NotFound(
            Problem(
                "category_id", "exists", say("There is no category {category_id}.", category_id=category_id)
            )
        )


def items_below(company_id: int, category_id: int | None) -> list[int]:
    """Items of a category and all below it; of all categories when none is named."""
    rows = db.fetch_all(
        """
        WITH RECURSIVE below AS (
            SELECT id FROM items_category
            WHERE company_id = %(company)s AND (id = %(category)s OR (%(category)s::int IS NULL AND parent_id IS NULL))
            UNION ALL
            SELECT c.id FROM items_category c JOIN below ON c.company_id = %(company)s AND c.parent_id = below.id)
        SELECT i.id FROM items_item i
        WHERE i.company_id = %(company)s AND i.category_id IN (SELECT id FROM below) ORDER BY i.id
        """,
        {"company": company_id, "category": category_id},
    )
    return [row[0] for row in rows]


def _moved(company_id: int, item_ids: Sequence[int]) -> list[int]:
    """Those that have ever moved; asked while they are held, so that a first posting under way is seen."""
    rows = db.fetch_all(
        "SELECT item_id FROM stock_item_lock"
        " WHERE company_id = %s AND item_id = ANY (%s::int[]) AND last_at > '-infinity' ORDER BY item_id",
        (company_id, ids(item_ids)),
    )
    return [row[0] for row in rows]


def set_standard_costs(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    costs: Sequence[StandardCostDraft],
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """Standard costs from a day on. Stock under the standard method is revalued; the ids of the entries."""

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book = book_facts(company_id, book_id)
            rows = _standard_rows(company_id, book, costs)
            ledger_queries.hold_periods(company_id, [book_id])
            items = sorted({draft.item_id for draft in costs})
            lock_items(company_id, items)
            clock = db.fetch_one("SELECT coalesce(%s, clock_timestamp())", (recorded_at,))
            assert clock is not None, "a SELECT without FROM has a row"
            ids = db.insert_rows(
                "stock_standard_cost",
                _STANDARD,
                [(*row, clock[0], actor_id) for row in rows],
                returning="standard_id",
            )
            if book_id not in filled_books(company_id):
                return []
            return revalue(
                company_id=company_id,
                actor_id=actor_id,
                book=book,
                item_ids=items,
                from_on=min(draft.effective_on or SINCE_EVER for draft in costs),
                source="standard_cost",
                key=f"standard:{ids[0][0]}",
                recorded_at=recorded_at,
            )

    if not costs:
        raise refuse("costs", "required", say("Give at least one cost."))
    return work() if connection.in_atomic_block else db.run_retrying(work)


_STANDARD = (
    ("company_id", "int"),
    ("book_id", "int"),
    ("item_id", "int"),
    ("amount", "bigint"),
    ("per_qty", "bigint"),
    ("effective_on", "date"),
    ("recorded_at", "timestamptz"),
    ("actor_id", "bigint"),
)


def _standard_rows(
    company_id: int, book: BookFacts, costs: Sequence[StandardCostDraft]
) -> list[tuple[object, ...]]:
    items = items_queries.costing_items(company_id, {draft.item_id for draft in costs})
    rows: list[tuple[object, ...]] = []
    problems = []
    for position, draft in enumerate(costs):
        row = position if draft.row is None else draft.row
        item = items.get(draft.item_id)
        if item is None:
            problems.append(
                Problem("item_id", "exists", say("Name an item of this company."), row, str(draft.item_id))
            )
            continue
        if not draft.cost.is_finite() or draft.cost < 0 or draft.cost.adjusted() > 12:
            problems.append(
                Problem("cost", "money", say("Give a cost of zero or more."), row, str(draft.cost))
            )
            continue
        exact = Fraction(draft.cost) * 10**book.currency_decimals / 10**item.qty_decimals
        if exact.numerator > LARGEST_COST or exact.denominator > LARGEST_COST:
            problems.append(
                Problem("cost", "decimals", say("That is a cost with too many digits."), row, str(draft.cost))
            )
            continue
        day = draft.effective_on or SINCE_EVER
        rows.append((company_id, book.book_id, draft.item_id, exact.numerator, exact.denominator, day))
    if problems:
        raise Refused(problems)
    return rows


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
    """A further book with all that has happened to goods so far, or no book: its id. Refused as the two steps are."""

    def work() -> int:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book_id = ledger_services.create_book(
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
    """Post all facts of the company in a book that was added after goods had moved; the ids of the entries.

    Nothing is posted to any book of the company meanwhile. Amounts in currencies for which no rate to the book's
    currency was captured take the exchange rate of their day, captured now; missing ones are Refused, all at once.
    """

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            book = book_facts(company_id, book_id)
            ledger_services.hold_book_alone(company_id, book_id)
            if book_id in filled_books(company_id):
                return []
            db.fetch_all(
                "SELECT pg_advisory_xact_lock(ledger_book_key(company_id, book_id)) FROM stock_filled_book"
                " WHERE company_id = %s ORDER BY book_id",
                (company_id,),
            )
            _capture_rates(company_id, book)
            db.execute(
                "INSERT INTO stock_filled_book (company_id, book_id) VALUES (%s, %s)", (company_id, book_id)
            )
            return revalue(
                company_id=company_id,
                actor_id=actor_id,
                book=book,
                item_ids=items_below(company_id, None),
                from_on=SINCE_EVER,
                source="fill_book",
                key=f"fill:{book_id}",
                recorded_at=recorded_at,
            )

    return work() if connection.in_atomic_block else db.run_retrying(work)


def filled_books(company_id: int) -> set[int]:
    """The books that every movement of goods is posted in."""
    rows = db.fetch_all("SELECT book_id FROM stock_filled_book WHERE company_id = %s", (company_id,))
    return {row[0] for row in rows}


def _capture_rates(company_id: int, book: BookFacts) -> None:
    """A rate to the book's currency for each document that names another one and has none yet."""
    needed = db.fetch_all(
        """
        SELECT DISTINCT n.document_id, n.currency, n.effective_on FROM (
            SELECT document_id, currency, effective_on FROM stock_move
            WHERE company_id = %(company)s AND currency <> %(to)s
            UNION
            SELECT document_id, currency, effective_on FROM stock_move_cost
            WHERE company_id = %(company)s AND currency <> %(to)s AND (book_id IS NULL OR book_id = %(book)s)) n
        WHERE NOT EXISTS (
            SELECT 1 FROM stock_document_rate r WHERE r.company_id = %(company)s AND r.document_id = n.document_id
              AND r.currency = n.currency AND r.to_currency = %(to)s)
        ORDER BY n.effective_on
        """,
        {"company": company_id, "to": book.currency, "book": book.book_id},
    )
    pairs = [(currency, day) for _, currency, day in needed]
    rates = ledger_queries.rates_of_days(company_id, book.currency, pairs)
    rows = {
        (document_id, currency): (company_id, document_id, currency, book.currency, rates[currency, day])
        for document_id, currency, day in needed
    }
    db.insert_rows("stock_document_rate", _RATE, list(rows.values()))


_RATE = (
    ("company_id", "int"),
    ("document_id", "bigint"),
    ("currency", "text"),
    ("to_currency", "text"),
    ("rate", "numeric"),
)
