"""The masters that a batch needs, as plain values: company, books with their calendars, classes."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from babel.numbers import get_currency_precision

from wherewithal.assets.values import ClassKind
from wherewithal.core.depreciation.calendar import Calendar, Pattern
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class BookFacts:
    """A book as assets see it. `horizon_on`: up to which day its depreciation has been run."""

    book_id: int
    code: str
    currency: str
    decimals: int
    is_primary: bool
    calendar: Calendar
    horizon_on: datetime.date | None
    filled: bool


@dataclass(frozen=True, slots=True)
class ClassFacts:
    class_id: int
    code: str
    name: str
    kind: ClassKind
    category_path: tuple[int, ...]
    tag_prefix: str
    tag_digits: int
    required: tuple[str, ...]
    active: bool


@dataclass(slots=True)
class Context:
    company_id: int
    currency: str
    books: tuple[BookFacts, ...]
    classes: dict[int, ClassFacts]
    class_ids: dict[str, int] = field(default_factory=dict)
    book_ids: dict[str, int] = field(default_factory=dict)
    _decimals: dict[str, int] = field(default_factory=dict)

    def book(self, book_id: int) -> BookFacts:
        return next(book for book in self.books if book.book_id == book_id)

    def decimals(self, currency: str) -> int:
        found = self._decimals.get(currency)
        if found is None:
            found = self._decimals[currency] = get_currency_precision(currency)
        return found


_BOOKS = """
    SELECT b.id, b.code, b.currency, b.currency_decimals, b.is_primary, a.calendar, a.horizon_on, a.filled
    FROM ledger_book b JOIN assets_book a ON a.company_id = b.company_id AND a.book_id = b.id
    WHERE b.company_id = %s ORDER BY b.id
"""
_CLASSES = """
    WITH RECURSIVE up AS (
        SELECT c.id AS class_id, k.id, k.parent_id, 0 AS depth FROM assets_class c
        JOIN items_category k ON k.company_id = c.company_id AND k.id = c.category_id
        WHERE c.company_id = %(company)s
        UNION ALL
        SELECT u.class_id, k.id, k.parent_id, u.depth + 1 FROM up u
        JOIN items_category k ON k.company_id = %(company)s AND k.id = u.parent_id
    )
    SELECT c.id, c.code, c.name, c.kind, (SELECT array_agg(u.id ORDER BY u.depth) FROM up u WHERE u.class_id = c.id),
           c.tag_prefix, c.tag_digits, c.required_fields, c.active
    FROM assets_class c WHERE c.company_id = %(company)s ORDER BY c.id
"""


def load_context(company_id: int) -> Context:
    """Masters of one company. Call it once the books are held, if their horizons matter."""
    row = db.fetch_one(
        "SELECT currency, fiscal_year_start_month FROM ledger_company WHERE id = %s", (company_id,)
    )
    if row is None:
        raise NotFound(Problem("company", "exists", say("There is no such company."), value=str(company_id)))
    currency, first_month = row
    books = tuple(
        BookFacts(
            book_id, code, book_currency, decimals, primary, calendar_of(stated, first_month), horizon, filled
        )
        for book_id, code, book_currency, decimals, primary, stated, horizon, filled in db.fetch_all(
            _BOOKS, (company_id,)
        )
    )
    classes = {
        row[0]: ClassFacts(row[0], row[1], row[2], ClassKind(row[3]), tuple(row[4]), row[5], row[6], tuple(row[7]), row[8])
        for row in db.fetch_all(_CLASSES, {"company": company_id})
    }  # fmt: skip
    return Context(
        company_id,
        currency,
        books,
        classes,
        {known.code: known.class_id for known in classes.values()},
        {book.code: book.book_id for book in books},
    )


def calendar_of(stated: Mapping[str, Any], first_month: int) -> Calendar:
    """The calendar a book states, or months from the first one of the company's fiscal year."""
    years = tuple(
        (datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))
        for first, last in stated.get("stated", ())
    )
    return Calendar(
        first_month=int(stated.get("first_month", first_month)),
        pattern=Pattern(stated.get("pattern", Pattern.MONTHS)),
        weekday=int(stated.get("weekday", 5)),
        nearest=bool(stated.get("nearest", False)),
        stated=years,
    )
