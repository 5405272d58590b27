"""Reads of what was decided about costing."""

from dataclasses import dataclass
from datetime import date, datetime

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
