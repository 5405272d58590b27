"""Reads of what was decided about costing."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from wherewithal.kit import db


@dataclass(frozen=True, slots=True)
class CostPolicy:
    """How a book costs a category (None: everything without a nearer policy) from a day on."""

    category_id: int | None
    category_name: str | None
    method: str
    effective_on: date
    recorded_at: datetime
    actor_id: int | None


def cost_policies(company_id: int, book_id: int) -> list[CostPolicy]:
    """All decisions of a book, the latest recorded first; of two for one day and category the later one holds."""
    rows = db.fetch_all(
        """
        SELECT p.category_id, c.name, p.method, p.effective_on, p.recorded_at, p.actor_id
        FROM stock_cost_policy p
        LEFT JOIN items_category c ON c.company_id = p.company_id AND c.id = p.category_id
        WHERE p.company_id = %s AND p.book_id = %s ORDER BY p.recorded_at DESC, p.policy_id DESC
        """,
        (company_id, book_id),
    )
    return [CostPolicy(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StandardCost:
    """What an item is to cost in a book from a day on: `amount` minor units for `per_qty` of its smallest units."""

    standard_id: int
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    qty_decimals: int
    amount: int
    per_qty: int
    effective_on: date
    recorded_at: datetime
    actor_id: int | None

    @property
    def per_base_unit(self) -> Fraction:
        """Minor units of the book's currency for one base unit, exactly."""
        return Fraction(self.amount * 10**self.qty_decimals, self.per_qty)


def standard_costs(
    company_id: int, book_id: int, *, after: int | None = None, limit: int = 50
) -> list[StandardCost]:
    """All standard costs decided in a book, the latest recorded first; of two for one day the later one holds.
    `after`: the id that the page before ended with."""
    rows = db.fetch_all(
        """
        SELECT s.standard_id, s.item_id, i.sku, i.name, u.code, i.qty_decimals, s.amount, s.per_qty, s.effective_on,
               s.recorded_at, s.actor_id
        FROM stock_standard_cost s
        JOIN items_item i ON i.company_id = s.company_id AND i.id = s.item_id
        JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
        WHERE s.company_id = %(company)s AND s.book_id = %(book)s
          AND (%(after)s::bigint IS NULL OR s.standard_id < %(after)s)
        ORDER BY s.standard_id DESC LIMIT %(limit)s
        """,
        {"company": company_id, "book": book_id, "after": after, "limit": min(limit, 1001)},
    )
    return [StandardCost(*row) for row in rows]
