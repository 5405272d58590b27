"""What is filed for a tax book, as files: the computation of its pools, Form 4562 of the United States."""

from decimal import Decimal, InvalidOperation
from typing import Any

from wherewithal.assets import queries
from wherewithal.core.money import AmountError, from_minor, to_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import refuse
from wherewithal.reporting.asset_sheets import choice, money
from wherewithal.reporting.sheets import Question, Sheet

POOL_AMOUNTS = (
    "brought_forward",
    "additions",
    "first_year",
    "disposals",
    "allowance",
    "balancing_charge",
    "balancing_allowance",
    "other",
    "carried_forward",
)


def pools(question: Question) -> Sheet:
    """The pools of a book by fiscal year. Option `detail`: year (a row a year) or line (each line of a computation)."""
    book = queries.asset_book(question.company_id, question.book_id)
    to_on = question.as_of or question.today
    report = queries.pool_report(
        question.company_id,
        book_id=book.book_id,
        from_on=question.from_on,
        to_on=to_on,
        known_at=question.known_at,
    )
    head: tuple[str, ...] = ("pack", "pool", "title", "from", "to", "charged")
    rows: list[tuple[Any, ...]]
    if choice(question, "detail", ("year", "line")) == "line":
        rows = [
            (*_head(row), row.line, from_minor(row.amount, book.decimals), row.note, book.currency)
            for row in queries.pool_lines(report)
        ]
        return Sheet(
            "Computation of pools", (*head, "line", "amount", "note", "currency"), rows, of_book=True
        )
    rows = [
        (*_head(row), *(from_minor(amount, book.decimals) for amount in pool_amounts(row)), book.currency)
        for row in report.computations
    ]
    return Sheet("Computation of pools", (*head, *POOL_AMOUNTS, "currency"), rows, of_book=True)


def _head(row: queries.PoolComputation | queries.PoolLineRow) -> tuple[Any, ...]:
    return row.pack, row.code, row.title, row.from_on, row.to_on, row.charged


def pool_amounts(row: queries.PoolComputation) -> tuple[int, ...]:
    """The amounts of a computation in the order of POOL_AMOUNTS, minor units."""
    year = row.year
    return (
        year.opening,
        row.added,
        year.first_year,
        row.disposed,
        year.claim,
        year.balancing_charge,
        year.balancing_allowance,
        row.other,
        year.closing,
    )


def form_4562(question: Question) -> Sheet:
    """The lines for the tax year that has the day asked for. Options `business_income` and `carried_in`: amounts."""
    book = queries.asset_book(question.company_id, question.book_id)
    form = queries.form_4562_figures(
        question.company_id,
        book_id=book.book_id,
        on=question.as_of or question.today,
        business_income=_amount(question, "business_income", book.decimals),
        carried_in=_amount(question, "carried_in", book.decimals) or 0,
        known_at=question.known_at,
    )
    heads = ("part", "line", "text", "placed", "business_use", "recovery", "convention", "method")
    amounts = ("cost", "basis", "section_179", "amount")
    rows = (
        (
            *(getattr(line, head) or None for head in heads),
            *money(line, amounts, book.decimals),
            book.currency,
        )
        for line in form.lines
    )
    columns = (*heads, *amounts, "currency")
    return Sheet("Form 4562", columns, rows, of_book=True, span=(form.from_on, form.to_on), dated=False)


def _amount(question: Question, name: str, decimals: int) -> int | None:
    given = question.options.get(name)
    if given is None:
        return None
    try:
        return max(to_minor(Decimal(given), decimals), 0)
    except (InvalidOperation, AmountError, ValueError, OverflowError) as error:
        raise refuse(name, "number", say("Give an amount, like 1500000.00."), value=given) from error
