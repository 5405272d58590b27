"""The allowance for net realisable value, as a function of estimates and of cost on their days.

An estimate is a fact of its day and never changes. What it means in money follows from the cost on that day as now
known: a receipt or a freight bill that is learnt later changes cost, so the allowance is worked out again with it.
"""

import datetime
import hashlib
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

from wherewithal.core.costing.difference import difference
from wherewithal.core.costing.nrv import NrvLine, assess, net_realisable_value
from wherewithal.core.money import half_even
from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock.services.context import BookFacts, Context, add_items, book_facts, load_context
from wherewithal.stock.services.posting.batch import write_decisions
from wherewithal.stock.services.posting.entries import AccountedKey, AccountsOfRows, Postings
from wherewithal.stock.services.posting.load import ids
from wherewithal.stock.services.posting.write import Batch, internal_key

SOURCE = "net_realisable_value"
ROLE = int(Role.NRV_ALLOWANCE)


@dataclass(frozen=True, slots=True)
class _Estimate:
    """What one item is to be carried at on a day: by unit, or as a share of cost."""

    unit_value: Decimal | None
    share: Decimal | None


def reassess(
    *,
    company_id: int,
    actor_id: int | None,
    key: str,
    recorded_at: datetime.datetime,
    items: Collection[int],
    book_id: int | None = None,
) -> list[int]:
    """Work out the allowances of these items again and post what changed, in all books or one; the entries' ids.

    A verb; the items are held by the caller, so that nobody else works them out meanwhile.
    """
    db.require_transaction()
    books = [
        row[0]
        for row in db.fetch_all(
            "SELECT DISTINCT book_id FROM stock_nrv_estimate WHERE company_id = %s"
            " AND (%s::int IS NULL OR book_id = %s) ORDER BY 1",
            (company_id, book_id, book_id),
        )
    ]
    if not books:
        return []
    open_from = ledger_queries.hold_periods(company_id, books)
    context = load_context(company_id=company_id, location_ids=(), item_ids=())
    resolver = ledger_queries.account_resolver(company_id, books)
    postings = Postings()
    for book in (book_facts(company_id, id_) for id_ in books):
        should = _should(context, book, items)
        add_items(context, {key[2] for key in should})
        accounts = AccountsOfRows(context, book, resolver)
        keyed: dict[AccountedKey, int] = {
            (
                0,
                -day,
                Role.NRV_ALLOWANCE,
                scope,
                item,
                0,
                day,
                *accounts.of(Role.NRV_ALLOWANCE, scope, item, day),
            ): change
            for (day, scope, item), change in should.items()
        }
        booked = _booked(company_id, book.book_id, items)
        postings.add_changes(book, difference(keyed, booked), open_from.get(book.book_id))
    if not postings.values:
        return []
    return write_decisions(_batch(company_id, actor_id, key, recorded_at), [], postings, ())


def entries_of(company_id: int, key: str) -> list[int]:
    """The entries that `reassess` posted under this key."""
    row = db.fetch_one(
        "SELECT batch_id FROM stock_batch WHERE company_id = %s AND idempotency_key = %s",
        (company_id, _key(key)),
    )
    return ledger_queries.entry_ids_of_batch(company_id, row[0]) if row else []


def _key(key: str) -> str:
    return internal_key(f"nrv {hashlib.sha256(key.encode()).hexdigest()}")


def _batch(company_id: int, actor_id: int | None, key: str, recorded_at: datetime.datetime) -> Batch:
    row = db.fetch_one("SELECT stock_reserve_ids(1)")
    assert row is not None, "a SELECT without FROM has a row"
    return Batch(
        company_id=company_id,
        batch_id=row[0],
        idempotency_key=_key(key),
        request_hash=hashlib.sha256(key.encode()).digest(),
        recorded_at=recorded_at,
        actor_id=actor_id,
        source=SOURCE,
        reference="Net realisable value",
    )


def _should(context: Context, book: BookFacts, wanted: Collection[int]) -> dict[tuple[int, int, int], int]:
    """(day, scope 0, item) -> change of the allowance of these items on that day, day after day."""
    found: dict[tuple[int, int, int], int] = {}
    allowances: dict[int, int] = {}
    for day, estimates in _estimates(context.company_id, book.book_id, wanted):
        items = estimates.keys() | allowances.keys()
        add_items(context, items)
        lines = list(_lines(context, book, day, items, estimates, allowances))
        for written in assess(lines, cast("dict[Hashable, int]", allowances)):
            item = int(str(written.group))
            allowances[item] = written.allowance
            if written.change:
                found[day.toordinal(), 0, item] = written.change
    return found


def _lines(
    context: Context,
    book: BookFacts,
    day: datetime.date,
    items: Collection[int],
    estimates: dict[int, _Estimate],
    allowances: dict[int, int],
) -> Iterable[NrvLine]:
    """What each item cost on the day and is expected to fetch; without a new estimate its allowance stays."""
    for item, (qty, cost) in _stock_on(context.company_id, book.book_id, items, day).items():
        estimate = estimates.get(item)
        if estimate is None:
            yield NrvLine(item, cost, cost - allowances.get(item, 0))
        elif estimate.share is not None:
            share = Fraction(estimate.share) * cost
            yield NrvLine(item, cost, half_even(share.numerator, share.denominator))
        else:
            scale = Fraction(10**book.currency_decimals, 10 ** context.items[item].qty_decimals)
            yield NrvLine(
                item, cost, net_realisable_value(qty, Fraction(estimate.unit_value or 0) * scale, Fraction(0))
            )


def _estimates(
    company_id: int, book_id: int, items: Collection[int]
) -> Iterable[tuple[datetime.date, dict[int, _Estimate]]]:
    """Days in order, with the estimate that counts for each of the items: its own, else that of the nearest category."""
    days: dict[datetime.date, dict[int, _Estimate]] = {}
    for day, item, unit_value, share in db.fetch_all(
        _ESTIMATES, {"company": company_id, "book": book_id, "items": ids(items)}
    ):
        days.setdefault(day, {})[item] = _Estimate(unit_value, share)
    return days.items()


_ESTIMATES = """
    WITH RECURSIVE counting AS (
        SELECT DISTINCT ON (effective_on, item_id, category_id) effective_on, item_id, category_id, unit_value, share
        FROM stock_nrv_estimate
        WHERE company_id = %(company)s AND book_id = %(book)s
        ORDER BY effective_on, item_id, category_id, recorded_at DESC, estimate_id DESC
    ), below AS (
        SELECT c.effective_on, c.unit_value, c.share, c.category_id, 1 AS distance
        FROM counting c WHERE c.category_id IS NOT NULL
        UNION ALL
        SELECT b.effective_on, b.unit_value, b.share, k.id, b.distance + 1
        FROM items_category k JOIN below b ON k.company_id = %(company)s AND k.parent_id = b.category_id
    ), applied AS (
        SELECT effective_on, item_id, unit_value, share, 0 AS distance FROM counting
        WHERE item_id = ANY (%(items)s::int[])
        UNION ALL
        SELECT b.effective_on, i.id, b.unit_value, b.share, b.distance
        FROM below b
        JOIN items_item i ON i.company_id = %(company)s AND i.category_id = b.category_id
             AND i.id = ANY (%(items)s::int[])
        JOIN stock_item_lock l ON l.company_id = i.company_id AND l.item_id = i.id AND l.last_at > '-infinity'
    )
    SELECT DISTINCT ON (effective_on, item_id) effective_on, item_id, unit_value, share
    FROM applied
    ORDER BY effective_on, item_id, distance
"""


def _stock_on(
    company_id: int, book_id: int, items: Collection[int], day: datetime.date
) -> dict[int, tuple[int, int]]:
    """Item -> (quantity held, cost) at the end of a day, as now known."""
    rows = db.fetch_all(
        """
        WITH wanted AS (SELECT unnest(%(items)s::int[]) AS item_id), held AS MATERIALIZED (
            SELECT id FROM stock_location WHERE company_id = %(company)s AND is_held
        ), counted AS (
            SELECT m.item_id, sum(m.qty * ((m.to_location_id IN (SELECT id FROM held))::int
                                           - (m.from_location_id IN (SELECT id FROM held))::int)) AS qty
            FROM stock_move m
            WHERE m.company_id = %(company)s AND m.item_id IN (SELECT item_id FROM wanted) AND m.effective_on <= %(day)s
            GROUP BY m.item_id
        ), worth AS (
            SELECT v.item_id, sum(v.stock_amount) AS cost
            FROM stock_value v
            WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.item_id IN (SELECT item_id FROM wanted)
              AND v.effective_on <= %(day)s
            GROUP BY v.item_id
        )
        SELECT w.item_id, coalesce(c.qty, 0)::bigint, coalesce(v.cost, 0)::bigint
        FROM wanted w LEFT JOIN counted c USING (item_id) LEFT JOIN worth v USING (item_id)
        ORDER BY w.item_id
        """,
        {"company": company_id, "book": book_id, "items": ids(items), "day": day},
    )
    return {item: (qty, cost) for item, qty, cost in rows}


def items_with(company_id: int, book_id: int) -> set[int]:
    """Items that have ever had an allowance: each day of estimates measures them again."""
    rows = db.fetch_all(
        f"SELECT DISTINCT item_id FROM stock_value WHERE company_id = %s AND book_id = %s AND role = {ROLE}",  # noqa: S608
        (company_id, book_id),
    )
    return {row[0] for row in rows}


def _booked(company_id: int, book_id: int, items: Collection[int]) -> dict[AccountedKey, int]:
    rows: Sequence[tuple[int, ...]] = db.fetch_all(
        f"""
        SELECT move_id, cause_id, role, scope_id, item_id, lot_id, effective_on - date '0001-01-01' + 1,
               debit_account_id, credit_account_id, sum(amount)::bigint
        FROM stock_value
        WHERE company_id = %s AND book_id = %s AND role = {ROLE} AND item_id = ANY (%s::int[])
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        """,  # noqa: S608 - a number, so that the partial index fits
        (company_id, book_id, ids(items)),
    )
    return {tuple(row[:9]): row[9] for row in rows}  # type: ignore[misc]  # the nine columns of an AccountedKey
