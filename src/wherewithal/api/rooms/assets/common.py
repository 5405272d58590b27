"""What the files of this folder share: the section, words, books, amounts."""

from collections.abc import Iterable
from typing import Any, TypeVar

from wherewithal.api.door import Section
from wherewithal.api.tokens import Call
from wherewithal.assets import queries
from wherewithal.assets.queries import AssetBook
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.kit.errors import refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.people import permissions

section = Section(
    "Assets",
    "Things meant to be kept: the register, what happened to each asset, what every book says of it, depreciation.",
)

Name = TypeVar("Name")
Value = TypeVar("Value")


def money(row: Any, names: Iterable[str], decimals: int) -> dict[str, Any]:
    """Amounts of a row in the units people use; None stays None."""
    return {name: amount(getattr(row, name), decimals) for name in names}


def amount(minor: int | None, decimals: int) -> Any:
    return None if minor is None else from_minor(minor, decimals)


def by_name(field: str, given: Iterable[tuple[Name, Value]]) -> dict[Name, Value]:
    """What is given by name. Refused where the same one is named again: one of both would count for nothing."""
    found: dict[Name, Value] = {}
    for row, (name, value) in enumerate(given):
        if name in found:
            raise refuse(
                field, "once", say("This was named before: name each one once."), row=row, value=name
            )
        found[name] = value
    return found


def book_of(request: Call, code: str | None) -> AssetBook:
    """The book by code, or the primary one."""
    company_id = request.auth.company_id
    return queries.asset_book(company_id, ledger_queries.book_by_code(company_id, code).book_id)


def sees_money(request: Call) -> bool:
    return permissions.allowed(request.auth, "ledger.read")
