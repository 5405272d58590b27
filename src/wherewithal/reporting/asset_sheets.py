"""The lists of assets as files: the register, what moved between two days, what agrees with the ledger."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wherewithal.assets import queries
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import refuse
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.reporting.sheets import PAGE_ROWS, Question, Sheet, pages

MEASURES = ("cost", "carrying")


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
            *money(row, ("cost", "accumulated", "carrying"), book.decimals),
            book.currency,
        )
        for row in found
    )
    amounts = ("cost", "accumulated", "carrying")
    return Sheet("Register of assets", (*heads, *amounts, "currency"), rows, summed=amounts, of_book=True)


def roll_forward(question: Question) -> Sheet:
    """One row a class and a measure: cost, and net book value; in another currency with the option `currency`."""
    book = queries.asset_book(question.company_id, question.book_id)
    currency = question.options.get("currency", book.currency)
    if not re.fullmatch("[A-Z]{3}", currency):
        raise refuse(
            "currency", "iso4217", say("Give a currency as three letters, like EUR."), value=currency
        )
    decimals = book.decimals if currency == book.currency else currency_decimals(currency)
    found = queries.roll_forward(question.company_id, currency=currency, **_between(question))
    movements = [
        str(movement)
        for movement in queries.Movement
        if movement is not queries.Movement.EXCHANGE or currency != book.currency
    ]

    def amounts(row: queries.RollForwardRow, measure: str) -> list[Decimal]:
        moved = getattr(row, measure)
        minor = (
            getattr(row, f"opening_{measure}"),
            *(moved[movement] for movement in movements),
            getattr(row, f"closing_{measure}"),
        )
        return [from_minor(one, decimals) for one in minor]

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in found:
            for measure in MEASURES:
                yield (row.class_code, row.class_name, measure, *amounts(row, measure), currency)

    below: list[tuple[Any, ...]] = []
    for measure in MEASURES if found else ():
        columns = zip(*(amounts(row, measure) for row in found), strict=True)
        below.append(("", _("Total"), measure, *map(sum, columns), currency))
    heads = ("class", "name", "measure", "opening", *movements, "closing", "currency")
    return Sheet("Roll-forward", heads, rows(), below=below, of_book=True, span=_span(question))


def additions(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    heads = ("tag", "name", "class_code", "kind", "effective_on", "reference")
    rows = (
        (*(getattr(row, head) for head in heads), from_minor(row.amount, book.decimals), book.currency)
        for row in queries.additions(question.company_id, **_between(question))
    )
    columns = (*heads, "amount", "currency")
    return Sheet("Additions", columns, rows, summed=("amount",), of_book=True, span=_span(question))


def disposals(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    heads = ("tag", "name", "class_code", "kind", "how", "effective_on")
    amounts = ("cost", "accumulated", "carrying", "proceeds", "costs", "gain")
    rows = (
        (*(getattr(row, head) for head in heads), *money(row, amounts, book.decimals), book.currency)
        for row in queries.disposals(question.company_id, **_between(question))
    )
    columns = (*heads, *amounts, "currency")
    return Sheet("Disposals", columns, rows, summed=amounts, of_book=True, span=_span(question))


def tie_out(question: Question) -> Sheet:
    book = queries.asset_book(question.company_id, question.book_id)
    found = queries.tie_out(
        question.company_id, book_id=book.book_id, as_of=question.as_of, known_at=question.known_at
    )
    amounts = ("register", "ledger", "difference")
    rows = ((row.code, row.name, *money(row, amounts, book.decimals), book.currency) for row in found)
    heads = ("account", "name", *amounts, "currency")
    return Sheet("Tie-out", heads, rows, summed=amounts, of_book=True)


def used_up(question: Question) -> Sheet:
    """Assets in use of which nothing is left to depreciate."""
    book = queries.asset_book(question.company_id, question.book_id)
    found = queries.fully_depreciated(
        question.company_id, book_id=book.book_id, as_of=question.as_of, known_at=question.known_at
    )
    heads, amounts = ("tag", "name", "class_code", "last_charged_on"), ("cost", "carrying")
    rows = (
        (*(getattr(row, head) for head in heads), *money(row, amounts, book.decimals), book.currency)
        for row in found
    )
    columns = (*heads, *amounts, "currency")
    return Sheet("Fully depreciated, still in use", columns, rows, summed=amounts, of_book=True)


def comparison(question: Question) -> Sheet:
    """Two books side by side: options `tax_book`, `rate` (0.25 is 25 %) and `by` (class or asset)."""
    book = queries.asset_book(question.company_id, question.book_id)
    code = question.options.get("tax_book")
    if not code:
        raise refuse("tax_book", "required", say("Name the book to compare with (tax_book)."))
    other = ledger.book_by_code(question.company_id, code)
    found = queries.compare_books(
        question.company_id,
        book_id=book.book_id,
        tax_book_id=other.book_id,
        rate=_rate(question.options.get("rate", "0.25")),
        by=choice(question, "by", ("class", "asset")),
        as_of=question.as_of,
        known_at=question.known_at,
    )
    amounts = ("carrying", "tax_base", "difference", "deferred_tax")
    rows = ((row.code, row.name, *money(row, amounts, book.decimals), book.currency) for row in found)
    heads = ("code", "name", *amounts, "currency")
    return Sheet(f"{book.code} compared with {other.code}", heads, rows, summed=amounts, of_book=True)


def schedule(question: Question) -> Sheet:
    """The schedule of one asset (option `asset`: its tag) in the book, posted and planned."""
    tag = question.options.get("asset")
    if not tag:
        raise refuse("asset", "required", say("Name the asset by its tag (asset)."))
    asset = queries.asset_by_tag(question.company_id, tag)
    (found,) = queries.schedule(question.company_id, asset.asset_id, book_id=question.book_id)
    amounts = ("charge", "other", "cost", "accumulated", "carrying")
    rows = (
        (
            row.from_on,
            row.to_on,
            *money(row, amounts, found.decimals),
            "posted" if row.posted else "planned",
            found.currency,
        )
        for row in found.rows
    )
    heads = ("from", "to", *amounts, "state", "currency")
    title = f"Schedule of {asset.tag}, {asset.name}"
    return Sheet(title, heads, rows, summed=("charge", "other"), of_book=True, dated=False)


def _rate(text: str) -> Decimal:
    if not re.fullmatch(r"0(\.[0-9]{1,6})?", text):
        raise refuse("rate", "range", say("Give the tax rate as a part of one: 0.25 is 25 %."), value=text)
    return Decimal(text)


def choice(question: Question, name: str, words: tuple[str, ...]) -> str:
    """An option that is one of some words, the first where it is not given."""
    given = question.options.get(name, words[0])
    if given not in words:
        raise refuse(name, "choice", say("Choose one of {words}.", words=", ".join(words)), value=given)
    return given


def money(row: Any, names: tuple[str, ...], decimals: int) -> tuple[Any, ...]:
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


def _span(question: Question) -> tuple[date, date]:
    days = _between(question)
    return days["from_on"], days["to_on"]


def _year_start(company_id: int, day: date) -> date:
    return ledger.fiscal_year_start(ledger.company(company_id).fiscal_year_start_month, day)
