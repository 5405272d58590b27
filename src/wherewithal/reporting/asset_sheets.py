"""The lists of assets as files: the register, what moved between two days, what agrees with the ledger."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from wherewithal.assets import queries
from wherewithal.core.money import from_minor
from wherewithal.ledger import queries as ledger
from wherewithal.reporting.sheets import PAGE_ROWS, Question, Sheet, pages


def register(question: Question) -> Sheet:
    """Every asset with its amounts in the book."""
    book = queries.asset_book(question.company_id, question.book_id)
    found = pages(
        lambda after: queries.register(
            question.company_id,
            book_id=book.book_id,
            as_of=question.as_of,
            known_at=question.known_at,
            after=after or "",
            limit=PAGE_ROWS,
        ),
        lambda row: row.tag,
    )
    heads = ("tag", "name", "class", "status", "location", "cost_centre", "serial_no")
    rows = (
        (
            row.tag,
            row.name,
            row.class_code,
            row.status.name.lower(),
            row.location_code,
            row.cost_centre_code,
            row.serial_no or None,
            *_money(row, ("cost", "accumulated", "carrying"), book.decimals),
            book.currency,
        )
        for row in found
    )
    return Sheet("Assets", (*heads, "cost", "accumulated", "carrying", "currency"), rows)


def roll_forward(question: Question) -> Sheet:
    """One row a class and a measure: cost, and net book value."""
    book = queries.asset_book(question.company_id, question.book_id)
    found = queries.roll_forward(question.company_id, **_between(question))
    movements = [str(movement) for movement in queries.Movement]

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in found:
            for measure in ("cost", "carrying"):
                moved = getattr(row, measure)
                amounts = (
                    getattr(row, f"opening_{measure}"),
                    *(moved[movement] for movement in movements),
                    getattr(row, f"closing_{measure}"),
                )
                shown = (from_minor(amount, book.decimals) for amount in amounts)
                yield (row.class_code, row.class_name, measure, *shown, book.currency)

    heads = ("class", "name", "measure", "opening", *movements, "closing", "currency")
    return Sheet("Roll-forward", heads, rows())


def additions(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    heads = ("tag", "name", "class_code", "kind", "effective_on", "reference")
    rows = (
        (*(getattr(row, head) for head in heads), from_minor(row.amount, book.decimals), book.currency)
        for row in queries.additions(question.company_id, **_between(question))
    )
    return Sheet("Additions", (*heads, "amount", "currency"), rows)


def disposals(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    heads = ("tag", "name", "class_code", "kind", "how", "effective_on")
    amounts = ("cost", "accumulated", "carrying", "proceeds", "costs", "gain")
    rows = (
        (*(getattr(row, head) for head in heads), *_money(row, amounts, book.decimals), book.currency)
        for row in queries.disposals(question.company_id, **_between(question))
    )
    return Sheet("Disposals", (*heads, *amounts, "currency"), rows)


def tie_out(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    found = queries.tie_out(
        question.company_id, book_id=book.book_id, as_of=question.as_of, known_at=question.known_at
    )
    amounts = ("register", "ledger", "difference")
    rows = ((row.code, row.name, *_money(row, amounts, book.decimals), book.currency) for row in found)
    return Sheet("Tie-out", ("account", "name", *amounts, "currency"), rows)


def _money(row: Any, names: tuple[str, ...], decimals: int) -> tuple[Any, ...]:
    amounts = (getattr(row, name) for name in names)
    return tuple(None if amount is None else from_minor(amount, decimals) for amount in amounts)


def _between(question: Question) -> dict[str, Any]:
    """The days asked for; without a first one, the fiscal year of the last one so far."""
    last = question.as_of or question.today
    return {
        "book_id": question.book_id,
        "from_on": question.from_on or _year_start(question.company_id, last),
        "to_on": last,
        "known_at": question.known_at,
    }


def _year_start(company_id: int, day: date) -> date:
    month = ledger.company(company_id).fiscal_year_start_month
    return date(day.year if day.month >= month else day.year - 1, month, 1)
