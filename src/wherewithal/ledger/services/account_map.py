"""Which account plays a role: a policy of a book, like a costing method.

Two kinds of role. *Control accounts* carry the value of goods or of assets: what is on one must leave by the same one, so
it plays its role on all days, past and future, and only goods or assets move it. Every other role may change its account
from a day on.
"""

import datetime

from wherewithal.core.posting import AccountRole
from wherewithal.core.words import say
from wherewithal.kit.db import execute, fetch_one, require_transaction
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.ledger import queries
from wherewithal.ledger.services import checks
from wherewithal.ledger.services.companies import no_account
from wherewithal.ledger.values import SINCE_EVER

STOCK_ROLES = (AccountRole.INVENTORY, AccountRole.GOODS_IN_TRANSIT)
ASSET_ROLES = (
    AccountRole.ASSET_COST,
    AccountRole.CONSTRUCTION_IN_PROGRESS,
    AccountRole.ACCUMULATED_DEPRECIATION,
    AccountRole.ACCUMULATED_IMPAIRMENT,
    AccountRole.ASSET_HELD_FOR_SALE,
    AccountRole.ASSET_TRANSFER_CLEARING,
    AccountRole.ASSET_DISPOSAL,
)
CONTROL_ROLES = (
    *STOCK_ROLES,
    AccountRole.TRANSFER_CLEARING,
    AccountRole.NRV_ALLOWANCE,
    *ASSET_ROLES,
    AccountRole.ASSET_STOCK_CLEARING,
)


def hold_book_alone(company_id: int, book_id: int) -> None:
    """Wait for all postings to a book that are under way, and let no other begin before this transaction ends. A verb."""
    require_transaction()
    execute("SELECT pg_advisory_xact_lock(ledger_book_key(%s, %s))", (company_id, book_id))


def map_account(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    account_role: str,
    account_id: int,
    category_id: int | None = None,
    effective_on: datetime.date = SINCE_EVER,
) -> int:
    """Let an account play a role in a book, from a day on, for a category of items or for all that have none;
    the id of the mapping.

    A verb: it says what the book *should* say from now on. Whoever calls it has the book to himself until the end
    (`hold_book_alone`) and posts the difference to what it says now (`stock.services.map_account` does both). That the
    category is the company's own is for the caller to see to: categories live above the ledger.

    Refused: unknown roles; a day for a control account; a day in a closed period for any other; an account that has
    another kind of role in the book; a control account with entries that neither goods nor assets made.
    """
    require_transaction()
    checks.refuse_any(_unknown_role(account_role), checks.day("effective_on", effective_on))
    if fetch_one("SELECT FROM ledger_book WHERE company_id = %s AND id = %s", (company_id, book_id)) is None:
        raise NotFound(Problem("book", "exists", say("There is no such book in this company.")))
    known = "SELECT FROM ledger_account WHERE company_id = %s AND id = %s"
    if fetch_one(known, (company_id, account_id)) is None:
        raise no_account(account_id)
    _refuse_day(company_id, book_id, account_role, effective_on)
    _refuse_other_kind(company_id, book_id, account_role, account_id)
    row = fetch_one(
        """
        INSERT INTO ledger_account_map
            (company_id, book_id, account_role, category_id, account_id, effective_on, actor_id)
        VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (company_id, book_id, account_role, category_id, account_id, effective_on, actor_id),
    )
    assert row is not None, "RETURNING returns what was inserted"
    return int(row[0])


def _unknown_role(account_role: str) -> Problem | None:
    if account_role in tuple(AccountRole):
        return None
    message = say("There is no such role. The roles are: {accountrole}.", accountrole=", ".join(AccountRole))
    return Problem("account_role", "known", message, value=account_role)


def _refuse_day(company_id: int, book_id: int, account_role: str, effective_on: datetime.date) -> None:
    if account_role in CONTROL_ROLES:
        if effective_on != SINCE_EVER:
            raise refuse(
                "effective_on",
                "always",
                say(
                    "The account of {account_role} carries the value of {account_role_2}, so it holds on all "
                    "days: leave the day out. What is on the old account moves to the new one; the part of "
                    "closed periods on the first open day.",
                    account_role=account_role,
                    account_role_2=_carried(account_role),
                ),
                value=str(effective_on),
            )
        return
    first_open = queries.hold_periods(company_id, [book_id]).get(book_id)
    if first_open and effective_on < first_open:
        raise refuse(
            "effective_on",
            "open",
            say(
                "The book is closed up to {first_open}, and what {account_role} took there stays where "
                "it is: choose {first_open_2} or a later day.",
                first_open=first_open - datetime.timedelta(days=1),
                account_role=account_role,
                first_open_2=first_open,
            ),
            value=str(effective_on),
        )


def _kind(account_role: str) -> str:
    """Roles that may share an account in one book: those of stock, those of assets, each other control role alone, and
    all the rest."""
    if account_role in STOCK_ROLES:
        return "stock"
    if account_role in ASSET_ROLES:
        return "assets"
    return account_role if account_role in CONTROL_ROLES else "other"


def _carried(account_role: str) -> str:
    return "assets" if account_role in ASSET_ROLES else "goods"


def _refuse_other_kind(company_id: int, book_id: int, account_role: str, account_id: int) -> None:
    """A balance that is to agree with the goods or the assets has nothing else in it."""
    row = fetch_one(
        """
        SELECT array_agg(DISTINCT m.account_role),
               EXISTS (SELECT FROM ledger_line l
                       WHERE l.company_id = %(company)s AND l.book_id = %(book)s AND l.account_id = %(account)s)
        FROM ledger_account_map m
        WHERE m.company_id = %(company)s AND m.book_id = %(book)s AND m.account_id = %(account)s
        """,
        {"company": company_id, "book": book_id, "account": account_id},
    )
    assert row is not None, "an aggregate has a row"
    plays, used = row[0] or [], row[1]
    others = [role for role in plays if _kind(role) != _kind(account_role)]
    if others:
        raise refuse(
            "account_id",
            "one_kind",
            say(
                "The account plays {others} in this book: {account_role} needs another one, because what "
                "carries the value of goods or of assets carries nothing else.",
                others=", ".join(others),
                account_role=account_role,
            ),
            value=account_id,
        )
    if account_role in CONTROL_ROLES and used and not plays:
        raise refuse(
            "account_id",
            "unused",
            say(
                "The account has entries that no {account_role} made: choose one without entries for "
                "{account_role_2}.",
                account_role=_carried(account_role),
                account_role_2=account_role,
            ),
            value=account_id,
        )
