"""Which account plays a role in a book: said once, and what is posted follows at once."""

import datetime

from django.db import connection

from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.values import SINCE_EVER
from wherewithal.stock.services.context import book_facts
from wherewithal.stock.services.costing import filled_books, items_below
from wherewithal.stock.services.posting.load import ids
from wherewithal.stock.services.posting.policies import SINCE_EVER as FIRST_DAY
from wherewithal.stock.services.posting.revalue import revalue


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

    The map is a policy of the book, so the difference is posted at once: what is on the old account from that day on
    moves to the new one, on its days where these are open, else on the first open day. Accounts that carry the value of
    goods play their role on all days. Nothing is posted to the book meanwhile. Refused as in
    `ledger.services.map_account`; NotFound for a book, account or category that the company does not have.
    """

    def work() -> list[int]:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            if category_id is not None and not items_queries.get_category(company_id, category_id):
                raise NotFound(
                    Problem(
                        "category_id",
                        "exists",
                        say("There is no category {category_id}.", category_id=category_id),
                    )
                )
            ledger_services.hold_book_alone(company_id, book_id)
            mapping_id = ledger_services.map_account(
                company_id=company_id,
                actor_id=actor_id,
                book_id=book_id,
                account_role=account_role,
                account_id=account_id,
                category_id=category_id,
                effective_on=effective_on,
            )
            items = items_below(company_id, category_id)
            day = FIRST_DAY if effective_on == SINCE_EVER else effective_on
            if book_id not in filled_books(company_id) or not _valued_since(company_id, book_id, items, day):
                return []
            return revalue(
                company_id=company_id,
                actor_id=actor_id,
                book=book_facts(company_id, book_id),
                item_ids=items,
                from_on=day,
                source="account_map",
                key=f"account_map:{mapping_id}",
                recorded_at=recorded_at,
            )

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _valued_since(company_id: int, book_id: int, item_ids: list[int], day: datetime.date) -> bool:
    """Whether anything is posted that may be on another account now; a day to come changes nothing yet."""
    row = db.fetch_one(
        "SELECT EXISTS (SELECT FROM stock_value WHERE company_id = %s AND item_id = ANY (%s::int[])"
        " AND effective_on >= %s AND book_id = %s)",
        (company_id, ids(item_ids), day, book_id),
    )
    return bool(row and row[0])
