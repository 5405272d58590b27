"""Which account plays a role, for goods of a category, on a day."""

import bisect
import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wherewithal.core.words import say
from wherewithal.kit.db import fetch_all
from wherewithal.kit.errors import refuse

Slot = tuple[int, str, int | None]
Versions = tuple[list[datetime.date], list[int]]


class AccountResolver:
    """The account map of a company's books as now known, asked without further queries."""

    def __init__(self, slots: dict[Slot, Versions]) -> None:
        self._slots = slots
        self._known: dict[tuple[int, str, tuple[int, ...], datetime.date], int] = {}

    def resolve(
        self, book_id: int, account_role: str, category_path: Sequence[int], day: datetime.date
    ) -> int:
        """The account of the role in the book on the day. `category_path`: nearest category first, root last.

        The nearest category that has a version effective by then decides; without any, the default of the book.
        """
        path = tuple(category_path)
        key = (book_id, str(account_role), path, day)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(*key)
        return found

    def _find(self, book_id: int, role: str, path: tuple[int, ...], day: datetime.date) -> int:
        for category_id in (*path, None):
            versions = self._slots.get((book_id, role, category_id))
            if versions is None:
                continue
            position = bisect.bisect_right(versions[0], day)
            if position:
                return versions[1][position - 1]
        raise refuse(
            "account_map",
            "mapped",
            say(
                "No account plays the role {role} in book {book_id} on {day}: map one first.",
                role=role,
                book_id=book_id,
                day=day,
            ),
            value=role,
        )


def account_resolver(company_id: int, book_ids: Iterable[int] | None = None) -> AccountResolver:
    """The map in one query. Of versions for the same effective day the one recorded last holds."""
    wanted = None if book_ids is None else sorted(set(book_ids))
    rows = fetch_all(
        """
        SELECT DISTINCT ON (book_id, account_role, category_id, effective_on)
               book_id, account_role, category_id, effective_on, account_id
        FROM ledger_account_map
        WHERE company_id = %s AND (%s::int[] IS NULL OR book_id = ANY (%s::int[]))
        ORDER BY book_id, account_role, category_id, effective_on, id DESC
        """,
        (company_id, wanted, wanted),
    )
    slots: dict[Slot, Versions] = {}
    for book_id, role, category_id, effective_on, account_id in rows:
        days, accounts = slots.setdefault((book_id, role, category_id), ([], []))
        days.append(effective_on)
        accounts.append(account_id)
    return AccountResolver(slots)


@dataclass(frozen=True, slots=True)
class Mapped:
    """An account that plays a role from a day on; `category_id` None: for all that have none nearer."""

    account_role: str
    category_id: int | None
    effective_on: datetime.date
    account_id: int
    account_code: str
    account_name: str
    recorded_at: datetime.datetime
    actor_id: int | None


def account_map(
    company_id: int, book_id: int, *, as_of: datetime.date, known_at: datetime.datetime | None = None
) -> list[Mapped]:
    """The map of a book as it holds on a day: one row for each role and category that has an account."""
    rows = fetch_all(
        """
        SELECT DISTINCT ON (m.account_role, m.category_id)
               m.account_role, m.category_id, m.effective_on, m.account_id, a.code, a.name, m.recorded_at, m.actor_id
        FROM ledger_account_map m
        JOIN ledger_account a ON a.company_id = m.company_id AND a.id = m.account_id
        WHERE m.company_id = %s AND m.book_id = %s AND m.effective_on <= %s
          AND (%s::timestamptz IS NULL OR m.recorded_at <= %s)
        ORDER BY m.account_role, m.category_id NULLS FIRST, m.effective_on DESC, m.id DESC
        """,
        (company_id, book_id, as_of, known_at, known_at),
    )
    return [Mapped(*row) for row in rows]
