"""Value stands on the accounts that the book's map names."""

import datetime
from collections.abc import Iterator

from wherewithal.core.posting import Role, account_roles
from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.kit.db import fetch_all
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.queries import AccountResolver
from wherewithal.reporting.checks.values import Check, Finding, Found, listed


def as_mapped(company_id: int) -> Found:
    """Value rows, netted by book, role, category, day and accounts: nothing is left where the map does not put it."""
    rows = fetch_all(
        """
        SELECT v.book_id, v.role, coalesce(l.type = 'transit', false), i.category_id, v.effective_on,
               v.debit_account_id, v.credit_account_id, sum(v.amount)::bigint
        FROM stock_value v
        JOIN items_item i ON i.company_id = v.company_id AND i.id = v.item_id
        LEFT JOIN stock_location l ON l.company_id = v.company_id AND l.id = v.scope_id
        WHERE v.company_id = %s
        GROUP BY 1, 2, 3, 4, 5, 6, 7
        HAVING sum(v.amount) <> 0
        ORDER BY 1, 2, 3, 4, 5, 6, 7
        """,
        (company_id,),
    )
    return listed(list(_astray(company_id, rows)))


def _astray(
    company_id: int, rows: list[tuple[int, int, bool, int, datetime.date, int, int, int]]
) -> Iterator[Finding]:
    resolver = ledger_queries.account_resolver(company_id)
    paths = _paths(company_id)
    for book_id, role, in_transit, category_id, day, debit, credit, amount in rows:
        should = _accounts(resolver, book_id, role, in_transit, paths.get(category_id, ()), day)
        if should != (debit, credit):
            yield Finding(
                say("value on another account than the map names"),
                f"book {book_id}, {Role(role).name.lower()} of category {category_id} on {day}",
                "no account" if should is None else f"accounts {should[0]} and {should[1]}",
                f"{amount} on accounts {debit} and {credit}",
            )


def _accounts(
    resolver: AccountResolver,
    book_id: int,
    role: int,
    in_transit: bool,
    path: tuple[int, ...],
    day: datetime.date,
) -> tuple[int, int] | None:
    debit, credit = account_roles(role, in_transit=in_transit)
    try:
        return resolver.resolve(book_id, debit, path, day), resolver.resolve(book_id, credit, path, day)
    except Refused:
        return None


def _paths(company_id: int) -> dict[int, tuple[int, ...]]:
    """Each category with all above it, nearest first."""
    above = {row["id"]: row["parent_id"] for row in items_queries.categories(company_id)}
    found: dict[int, tuple[int, ...]] = {}
    for category in above:
        path, at = [], category
        while at is not None:
            path.append(at)
            at = above[at]
        found[category] = tuple(path)
    return found


CHECKS = (
    Check(
        say("accounts as mapped"),
        say("What goods are worth stands on the accounts that the book's map names, on each day."),
        as_mapped,
        deep=True,
    ),
)
