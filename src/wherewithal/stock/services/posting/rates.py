"""Rates are captured with the document, so that a corrected exchange rate changes no past."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock.drafts import DocumentDraft
from wherewithal.stock.services.context import Context
from wherewithal.stock.services.planning.values import OWN_AMOUNT, Plan


def captured_rates(
    context: Context, documents: Sequence[DocumentDraft], plan: Plan, document_ids: Sequence[int]
) -> dict[tuple[int, str, str], Decimal]:
    """(document, currency, book currency) -> rate, for amounts in another currency than a book's.

    As given with the document, else the company's exchange rate of the day; a missing one is a fault of the plan.
    """
    needed = {(m.document_no, m.currency) for m in plan.moves if m.currency is not None}
    needed |= {(c.document_no, c.currency) for c in plan.costs if c.kind != OWN_AMOUNT}
    rates: dict[tuple[int, str, str], Decimal] = {}
    known: dict[tuple[int, str, str], Decimal] = {}
    for number, currency in sorted(needed):
        for to_currency in {book.currency for book in context.books} - {currency}:
            rate = _rate(context, documents[number], currency, to_currency, known)
            if rate is None:
                message = say(
                    "No rate from {currency} to {to_currency} is known for that day: give one with the "
                    "document.",
                    currency=currency,
                    to_currency=to_currency,
                )
                plan.problems.append(Problem("rates", "known", message, documents[number].row, to_currency))
            else:
                rates[document_ids[number], currency, to_currency] = rate
    return rates


def _rate(
    context: Context,
    document: DocumentDraft,
    currency: str,
    to_currency: str,
    known: dict[tuple[int, str, str], Decimal],
) -> Decimal | None:
    given: Mapping[str, Decimal] = document.rates or {}
    if to_currency in given and currency == (document.currency or context.currency):
        rate = given[to_currency]
        return rate if rate.is_finite() and rate > 0 else None
    day = context.day(document.effective_at)
    key = (day.toordinal(), currency, to_currency)
    if key not in known:
        found = ledger_queries.exchange_rate(context.company_id, currency, to_currency, day)
        if found is None:
            return None
        known[key] = found
    return known[key]
