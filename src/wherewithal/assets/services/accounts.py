"""The account map, for goods and assets at once: a mapping is a policy, and what it changes is posted."""

import datetime

from django.db import connection

from wherewithal.assets.services.books import post_difference
from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.posting.values import ASSET_ROLES
from wherewithal.assets.services.record import hold_books
from wherewithal.assets.services.runs import begin, difference, parts, pool_difference
from wherewithal.core.posting import AccountRole, account_roles
from wherewithal.kit import db
from wherewithal.ledger.values import SINCE_EVER
from wherewithal.stock import services as stock_services

ROLES: frozenset[AccountRole] = frozenset(role for each in ASSET_ROLES for role in account_roles(each))


def map_account(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    account_role: str,
    account_id: int,
    category_id: int | None = None,
    effective_on: datetime.date = SINCE_EVER,
    recorded_at: datetime.datetime | None = None,
) -> list[int]:
    """Let an account play a role, for a category (None: all without a nearer one), from a day on; the ids of entries.

    As `stock.services.map_account`, and what assets have on the old account moves to the new one too.
    """

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            entries = stock_services.map_account(
                company_id=company_id,
                actor_id=actor_id,
                book_id=book_id,
                account_role=account_role,
                account_id=account_id,
                category_id=category_id,
                effective_on=effective_on,
                recorded_at=recorded_at,
            )
            if account_role not in ROLES:
                return entries
            first_open = hold_books(company_id, for_run=book_id)
            context = load_context(company_id)
            job = begin(context, context.book(book_id))
            rows = db.fetch_all(
                "SELECT DISTINCT asset_id FROM assets_value WHERE company_id = %s AND book_id = %s ORDER BY 1",
                (company_id, book_id),
            )
            for part in parts(company_id, [row[0] for row in rows]):
                difference(job, part)
            pool_difference(job)
            more = post_difference(
                job,
                actor_id,
                first_open[book_id],
                recorded_at,
                reference="ACCOUNT-MAP",
                description=f"The account that plays the role {account_role} has changed",
            )
        return [*entries, *more]

    return work() if connection.in_atomic_block else db.run_retrying(work)
