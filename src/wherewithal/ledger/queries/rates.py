"""Exchange rates: what one unit of a currency cost in another on a day."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all, fetch_one
from wherewithal.kit.errors import Problem, Refused


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    currency: str
    to_currency: str
    on_date: datetime.date
    rate: Decimal


def exchange_rate(company_id: int, currency: str, to_currency: str, day: datetime.date) -> Decimal | None:
    """The latest rate on or before the day; 1 between a currency and itself; None when none is known."""
    if currency == to_currency:
        return Decimal(1)
    row = fetch_one(
        """
        SELECT rate FROM ledger_exchange_rate
        WHERE company_id = %s AND currency = %s AND to_currency = %s AND on_date <= %s
        ORDER BY on_date DESC LIMIT 1
        """,
        (company_id, currency, to_currency, day),
    )
    return None if row is None else row[0]


def rates_of_days(
    company_id: int, to_currency: str, wanted: Iterable[tuple[str, datetime.date]]
) -> dict[tuple[str, datetime.date], Decimal]:
    """The rate of each (currency, day) to one currency. Refused names every one that is not known."""
    known = {
        (currency, day): exchange_rate(company_id, currency, to_currency, day)
        for currency, day in sorted(set(wanted), key=lambda pair: (pair[1], pair[0]))
    }
    problems = [
        Problem(
            "rates",
            "known",
            say(
                "No rate from {currency} to {to_currency} is known for {day}.",
                currency=currency,
                to_currency=to_currency,
                day=day,
            ),
            value=currency,
        )
        for (currency, day), rate in known.items()
        if rate is None
    ]
    if problems:
        raise Refused(problems)
    return {pair: rate for pair, rate in known.items() if rate is not None}


def exchange_rates(
    company_id: int,
    *,
    currency: str | None = None,
    after: tuple[datetime.date, str, str] | None = None,
    limit: int = 200,
) -> list[ExchangeRate]:
    """Rates, the latest day first."""
    rows = fetch_all(
        """
        SELECT currency, to_currency, on_date, rate FROM ledger_exchange_rate
        WHERE company_id = %s AND (%s::text IS NULL OR currency = %s)
          AND (%s::date IS NULL OR (on_date, currency, to_currency) < (%s::date, %s, %s))
        ORDER BY on_date DESC, currency DESC, to_currency DESC LIMIT %s
        """,
        (
            company_id,
            currency,
            currency,
            after and after[0],
            *(after or (None, None, None)),
            max(1, min(limit, 1_001)),
        ),
    )
    return [ExchangeRate(*row) for row in rows]
