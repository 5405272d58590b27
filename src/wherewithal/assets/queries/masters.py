"""Classes, cost centres and books as assets see them."""

import datetime
from dataclasses import dataclass
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class AssetClass:
    """A class with its default terms by book code ("" for every other book)."""

    class_id: int
    code: str
    name: str
    kind: str
    category_id: int
    category_code: str
    tag_prefix: str
    tag_digits: int
    required_fields: tuple[str, ...]
    active: bool
    asset_count: int
    terms: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class CostCentre:
    cost_centre_id: int
    code: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class AssetBook:
    """A book: up to which day it has been run, and whether facts from before its making are posted in it."""

    book_id: int
    code: str
    name: str
    standard: str
    currency: str
    decimals: int
    is_primary: bool
    calendar: dict[str, Any]
    horizon_on: datetime.date | None
    filled: bool


_CLASSES = """
    SELECT c.id, c.code, c.name, c.kind, c.category_id, k.code, c.tag_prefix, c.tag_digits, c.required_fields, c.active,
           (SELECT count(*) FROM assets_asset a WHERE a.company_id = c.company_id AND a.class_id = c.id),
           coalesce((SELECT jsonb_object_agg(coalesce(t.code, ''), t.terms) FROM (
               SELECT DISTINCT ON (t.book_id) b.code, t.terms FROM assets_class_terms t
               LEFT JOIN ledger_book b ON b.company_id = t.company_id AND b.id = t.book_id
               WHERE t.company_id = c.company_id AND t.class_id = c.id
               ORDER BY t.book_id, t.recorded_at DESC, t.class_terms_id DESC) t), '{}')
    FROM assets_class c JOIN items_category k ON k.company_id = c.company_id AND k.id = c.category_id
    WHERE c.company_id = %(company)s AND (%(active)s::boolean IS NULL OR c.active = %(active)s)
    ORDER BY c.code
"""


def classes(company_id: int, *, active: bool | None = None) -> list[AssetClass]:
    """The classes by code."""
    rows = db.fetch_all(_CLASSES, {"company": company_id, "active": active})
    return [AssetClass(*(*row[:8], tuple(row[8]), *row[9:])) for row in rows]


def asset_class(company_id: int, class_id: int) -> AssetClass:
    for found in classes(company_id):
        if found.class_id == class_id:
            return found
    raise NotFound(
        Problem("class_id", "exists", say("There is no such class of assets."), value=str(class_id))
    )


def class_by_code(company_id: int, code: str) -> AssetClass:
    for found in classes(company_id):
        if found.code == code:
            return found
    raise NotFound(
        Problem("class", "exists", say("There is no class of assets {code}.", code=code), value=code)
    )


def cost_centres(company_id: int, *, active: bool | None = None) -> list[CostCentre]:
    rows = db.fetch_all(
        "SELECT id, code, name, active FROM assets_cost_centre WHERE company_id = %s"
        " AND (%s::boolean IS NULL OR active = %s) ORDER BY code",
        (company_id, active, active),
    )
    return [CostCentre(*row) for row in rows]


def books(company_id: int) -> list[AssetBook]:
    """All books, the primary one first."""
    rows = db.fetch_all(
        "SELECT b.id, b.code, b.name, b.standard, b.currency, b.currency_decimals, b.is_primary, a.calendar,"
        " a.horizon_on, a.filled FROM ledger_book b"
        " JOIN assets_book a ON a.company_id = b.company_id AND a.book_id = b.id"
        " WHERE b.company_id = %s ORDER BY NOT b.is_primary, b.id",
        (company_id,),
    )
    return [AssetBook(*row) for row in rows]


def asset_book(company_id: int, book_id: int) -> AssetBook:
    for found in books(company_id):
        if found.book_id == book_id:
            return found
    raise NotFound(
        Problem("book_id", "exists", say("There is no such book in this company."), value=str(book_id))
    )


def asset_ids(company_id: int, tags: list[str]) -> dict[str, int]:
    """Ids by tag; tags that name nothing are not in the answer."""
    rows = db.fetch_all(
        "SELECT tag, id FROM assets_asset WHERE company_id = %s AND tag = ANY (%s)", (company_id, tags)
    )
    return dict(rows)
