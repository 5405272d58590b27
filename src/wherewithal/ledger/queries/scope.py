"""How a question about balances is narrowed: by which date, and as known when."""

import datetime
from dataclasses import dataclass
from typing import Literal

By = Literal["posting", "effective"]
COLUMN: dict[str, str] = {"posting": "posting_on", "effective": "effective_on"}


@dataclass(frozen=True, slots=True)
class Scope:
    """A WHERE clause over ledger_line or ledger_entry under the alias given, and its parameters."""

    sql: str
    params: tuple[object, ...]
    day: str


def scope(
    alias: str,
    *,
    company_id: int,
    book_id: int,
    by: By = "posting",
    from_on: datetime.date | None = None,
    to_on: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> Scope:
    """Rows of the book between two days (both included), recorded by `known_at`."""
    day = f"{alias}.{COLUMN[by]}"
    conditions = [f"{alias}.company_id = %s", f"{alias}.book_id = %s"]
    params: list[object] = [company_id, book_id]
    for condition, value in (
        (f"{day} >= %s", from_on),
        (f"{day} <= %s", to_on),
        (f"{alias}.recorded_at <= %s", known_at),
    ):
        if value is not None:
            conditions.append(condition)
            params.append(value)
    return Scope(" AND ".join(conditions), tuple(params), day)
