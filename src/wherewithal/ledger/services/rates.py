"""Keeping exchange rates. What a document used is kept with the document, so a corrected rate changes no past."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from wherewithal.core.words import say
from wherewithal.kit.copy_text import array_columns
from wherewithal.kit.db import company_transaction, execute
from wherewithal.kit.errors import Problem, Refused
from wherewithal.ledger.services import checks

COLUMNS = (("currency", "text"), ("to_currency", "text"), ("on_date", "date"), ("rate", "numeric"))


@dataclass(frozen=True, slots=True)
class RateDraft:
    """Units of `to_currency` for one unit of `currency` on a day."""

    currency: str
    to_currency: str
    on_date: datetime.date
    rate: Decimal


def set_exchange_rates(*, company_id: int, actor_id: int | None, rates: Sequence[RateDraft]) -> int:
    """Enter or correct rates; how many were given."""
    problems = [problem for row, rate in enumerate(rates) for problem in _problems(row, rate)]
    seen: dict[tuple[str, str, datetime.date], int] = {}
    for row, rate in enumerate(rates):
        first = seen.setdefault((rate.currency, rate.to_currency, rate.on_date), row)
        if first != row:
            problems.append(
                Problem("on_date", "once", say("Row {first} gives this rate already.", first=first + 1), row)
            )
    if problems:
        raise Refused(problems)
    if not rates:
        return 0
    with company_transaction(company_id=company_id, actor_id=actor_id):
        execute(
            """
            INSERT INTO ledger_exchange_rate (company_id, currency, to_currency, on_date, rate)
            SELECT %s, r.* FROM unnest(%s::text[], %s::text[], %s::date[], %s::numeric[]) AS r
            ON CONFLICT (company_id, currency, to_currency, on_date) DO UPDATE SET rate = excluded.rate
            """,
            (
                company_id,
                *array_columns(COLUMNS, [(r.currency, r.to_currency, r.on_date, r.rate) for r in rates]),
            ),
        )
    return len(rates)


def _problems(row: int, rate: RateDraft) -> list[Problem]:
    same = Problem(
        "to_currency", "other", say("A rate is between two different currencies."), value=rate.to_currency
    )
    found = (
        checks.currency("currency", rate.currency),
        checks.currency("to_currency", rate.to_currency),
        checks.day("on_date", rate.on_date),
        checks.positive("rate", rate.rate),
        same if rate.currency == rate.to_currency else None,
    )
    return [checks.at_row(problem, row) for problem in found if problem is not None]
