"""The masters that a batch needs, as plain values: company, books, places, items."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from wherewithal.items import queries as items_queries
from wherewithal.items.values import ItemFacts
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.values import CostScope
from wherewithal.stock.services.locations import HELD


@dataclass(frozen=True, slots=True)
class Place:
    location_id: int
    code: str
    type: str
    warehouse_id: int | None
    allow_negative: bool
    active: bool

    @property
    def held(self) -> bool:
        return self.type in HELD

    @property
    def scope_id(self) -> int:
        """The pool's scope in a book that costs each warehouse for itself."""
        return self.warehouse_id or self.location_id


@dataclass(frozen=True, slots=True)
class BookFacts:
    book_id: int
    code: str
    currency: str
    currency_decimals: int
    is_primary: bool
    by_warehouse: bool


@dataclass(slots=True)
class Context:
    company_id: int
    currency: str
    timezone: ZoneInfo
    books: tuple[BookFacts, ...]
    places: dict[int, Place]
    items: dict[int, ItemFacts] = field(default_factory=dict)
    virtual: dict[str, int] = field(default_factory=dict)
    _days: dict[datetime, date] = field(default_factory=dict)
    _decimals: dict[str, int] = field(default_factory=dict)

    def day(self, at: datetime) -> date:
        """The company's local day of an instant."""
        found = self._days.get(at)
        if found is None:
            found = self._days[at] = at.astimezone(self.timezone).date()
        return found

    def decimals(self, currency: str) -> int:
        found = self._decimals.get(currency)
        if found is None:
            found = self._decimals[currency] = get_currency_precision(currency)
        return found


_COMPANY = """
    SELECT c.currency, c.timezone,
           (SELECT json_agg(json_build_array(b.id, b.code, b.currency, b.currency_decimals, b.is_primary,
                                             b.cost_scope = 'warehouse') ORDER BY b.id)
            FROM ledger_book b JOIN stock_filled_book r ON r.company_id = b.company_id AND r.book_id = b.id
            WHERE b.company_id = %(company)s),
           (SELECT json_agg(json_build_array(l.id, l.code, l.type, l.warehouse_id, l.allow_negative, l.active)
                            ORDER BY l.id)
            FROM stock_location l
            WHERE l.company_id = %(company)s
              AND (l.id = ANY (%(places)s) OR l.type = 'transit' OR NOT l.is_held))
    FROM ledger_company c WHERE c.id = %(company)s
"""


def load_context(*, company_id: int, location_ids: Iterable[int], item_ids: Iterable[int]) -> Context:
    """Masters of one company: its books, its virtual places, the named places and items."""
    row = db.fetch_one(_COMPANY, {"company": company_id, "places": sorted(set(location_ids))})
    assert row is not None, f"company {company_id} is not the one at work"
    currency, timezone, books, places = row
    context = Context(
        company_id=company_id,
        currency=currency,
        timezone=ZoneInfo(timezone),
        books=tuple(BookFacts(*book) for book in books or ()),
        places={place[0]: Place(*place) for place in places or ()},
    )
    for place in context.places.values():
        context.virtual.setdefault(place.type, place.location_id)
    add_items(context, item_ids)
    return context


def add_items(context: Context, item_ids: Iterable[int]) -> None:
    missing = {item for item in item_ids if item not in context.items}
    if missing:
        context.items.update(items_queries.costing_items(context.company_id, sorted(missing)))


def book_facts(company_id: int, book_id: int) -> BookFacts:
    """Any book of the company, filled or not. NotFound when there is none."""
    book = ledger_queries.book(company_id, book_id)
    by_warehouse = book.cost_scope == CostScope.WAREHOUSE
    return BookFacts(book_id, book.code, book.currency, book.currency_decimals, book.is_primary, by_warehouse)


def place_rows(company_id: int, location_ids: Iterable[int]) -> dict[int, Place]:
    rows: list[Any] = db.fetch_all(
        "SELECT id, code, type, warehouse_id, allow_negative, active FROM stock_location"
        " WHERE company_id = %s AND id = ANY(%s)",
        (company_id, sorted(set(location_ids))),
    )
    return {row[0]: Place(*row) for row in rows}
