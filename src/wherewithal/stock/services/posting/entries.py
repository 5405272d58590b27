"""Differences of value become entries: accounts resolved, one entry per book and pair of days, lines net by account."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.posting import EFFECT, account_roles
from wherewithal.ledger.queries import AccountResolver
from wherewithal.ledger.values import EntryDraft, LineDraft
from wherewithal.stock.services.context import BookFacts, Context
from wherewithal.stock.services.posting.columns import Whole

Accounts = tuple[int, int]
AccountedKey = tuple[int, int, int, int, int, int, int, int, int]
"""(move, cause, role, scope, item, lot, day, debit account, credit account)"""

RowKey = tuple[int, int, int, int, int, int, int]
"""(move, cause, role, scope, item, lot, day)"""


ValueTuple = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int]
"""A row of stock_value in the order of write.VALUES; days as ordinals; last, the number of its entry (0 = none)."""


class AccountsOfRows:
    """The accounts of value rows of one book."""

    def __init__(self, context: Context, book: BookFacts, resolver: AccountResolver) -> None:
        self.context, self.book, self.resolver = context, book, resolver
        self._known: dict[tuple[int, int, int, int], Accounts] = {}
        self._of_category: dict[tuple[int, bool, tuple[int, ...], int], Accounts] = {}

    def of(self, role: int, scope: int, item: int, day: int) -> Accounts:
        """(debit, credit) of a row: roles by the posting rules, accounts by the book's map on the row's day."""
        key = (role, scope, item, day)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(*key)
        return found

    def _find(self, role: int, scope: int, item: int, day: int) -> Accounts:
        place = self.context.places.get(scope)
        key = (
            role,
            place is not None and place.type == "transit",
            self.context.items[item].category_path,
            day,
        )
        found = self._of_category.get(key)
        if found is None:
            found = self._of_category[key] = self._resolve(*key)
        return found

    def _resolve(self, role: int, in_transit: bool, path: tuple[int, ...], day: int) -> Accounts:
        debit, credit = account_roles(role, in_transit=in_transit)
        on = datetime.date.fromordinal(day)
        return (
            self.resolver.resolve(self.book.book_id, debit, path, on),
            self.resolver.resolve(self.book.book_id, credit, path, on),
        )


@dataclass(slots=True)
class EntryToPost:
    """Value by account of one book, effective day and posting day. Number 0: it nets to nothing, there is no entry."""

    book_id: int
    effective: int
    posting: int
    number: int
    by_account: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Postings:
    """What all books of a batch have to write: value rows, and the entries that carry them."""

    values: list[ValueTuple] = field(default_factory=list)
    blocks: list[Whole] = field(
        default_factory=list
    )  # more values: the columns of ValueTuple, of replayed books
    groups: list[EntryToPost] = field(default_factory=list)

    def add_rows(
        self, accounts: AccountsOfRows, rows: Iterable[ValueRow], first_open: datetime.date | None
    ) -> None:
        """New rows of one book, as they are."""
        book_id, of = accounts.book.book_id, accounts.of
        place = Grouping(self, book_id, first_open).place
        write = self.values.append
        for move_id, cause_id, role, scope, item, lot, amount, stock_amount, day in rows:
            debit, credit = of(role, scope, item, day)
            group = place(day)
            totals = group.by_account
            totals[debit] = totals.get(debit, 0) + amount
            totals[credit] = totals.get(credit, 0) - amount
            write(
                (book_id, item, scope, lot, move_id, cause_id, role, debit, credit, amount, stock_amount, day,
                 group.posting, group.number)
            )  # fmt: skip

    def add_changes(
        self, book: BookFacts, amounts: Mapping[AccountedKey, int], first_open: datetime.date | None
    ) -> None:
        """Differences of one book by key."""
        place = Grouping(self, book.book_id, first_open).place
        for (move_id, cause_id, role, scope, item, lot, day, debit, credit), amount in amounts.items():
            group = place(day)
            totals = group.by_account
            totals[debit] = totals.get(debit, 0) + amount
            totals[credit] = totals.get(credit, 0) - amount
            self.values.append(
                (book.book_id, item, scope, lot, move_id, cause_id, role, debit, credit, amount,
                 EFFECT[role] * amount, day, group.posting, group.number)
            )  # fmt: skip

    def entries(self) -> list[EntryToPost]:
        """Those that do not net to nothing, by book and day."""
        found = [group for group in self.groups if any(group.by_account.values())]
        return sorted(found, key=lambda group: (group.book_id, group.effective, group.posting))


class Grouping:
    """The entries of one book, by effective day."""

    def __init__(self, postings: Postings, book_id: int, first_open: datetime.date | None) -> None:
        self.postings, self.book_id = postings, book_id
        self.first_open = first_open.toordinal() if first_open else 0
        self.by_day: dict[int, EntryToPost] = {}

    def place(self, day: int) -> EntryToPost:
        found = self.by_day.get(day)
        if found is None:
            groups = self.postings.groups
            found = EntryToPost(self.book_id, day, max(day, self.first_open), len(groups) + 1)
            groups.append(found)
            self.by_day[day] = found
        return found


def drafts_of(
    entries: Sequence[EntryToPost],
    entry_ids: Sequence[int],
    *,
    recorded_at: datetime.datetime,
    source: str,
    batch_id: int,
    actor_id: int | None,
    reference: str,
) -> list[EntryDraft]:
    return [
        EntryDraft(
            book_id=entry.book_id,
            effective_on=datetime.date.fromordinal(entry.effective),
            posting_on=datetime.date.fromordinal(entry.posting),
            source=source,
            lines=[
                LineDraft(account, amount) for account, amount in sorted(entry.by_account.items()) if amount
            ],
            recorded_at=recorded_at,
            batch_id=batch_id,
            reference=reference,
            actor_id=actor_id,
            entry_id=entry_id,
        )
        for entry, entry_id in zip(entries, entry_ids, strict=True)
    ]
