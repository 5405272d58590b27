"""Differences of value become entries: accounts resolved, one entry per book and pair of days, lines net by account."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.posting import EFFECT, account_roles
from wherewithal.ledger.queries import AccountResolver
from wherewithal.ledger.values import EntryDraft, LineDraft
from wherewithal.stock.services.context import BookFacts, Context

Accounts = tuple[int, int]
AccountedKey = tuple[int, int, int, int, int, int, int, int, int]
"""(move, cause, role, scope, item, lot, day, debit account, credit account)"""


@dataclass(slots=True)
class ValueToWrite:
    """One row of stock_value; entry_id None: the rows of its day net to nothing, so there is no entry."""

    book_id: int
    key: AccountedKey
    amount: int
    effective_on: datetime.date
    posting_on: datetime.date
    entry_no: int = 0

    @property
    def stock_amount(self) -> int:
        return EFFECT[self.key[2]] * self.amount


class AccountsOfRows:
    """The accounts of value rows of one book."""

    def __init__(self, context: Context, book: BookFacts, resolver: AccountResolver) -> None:
        self.context, self.book, self.resolver = context, book, resolver
        self._known: dict[tuple[int, bool, int, int], Accounts] = {}
        self._days: dict[int, datetime.date] = {}

    def of(self, row: ValueRow) -> Accounts:
        """(debit, credit) of a row: roles by the posting rules, accounts by the book's map on the row's day."""
        place = self.context.places.get(row.scope)
        in_transit = place is not None and place.type == "transit"
        key = (row.role, in_transit, row.item, row.day)
        found = self._known.get(key)
        if found is None:
            debit, credit = account_roles(row.role, in_transit=in_transit)
            path = self.context.items[row.item].category_path
            day = self.day(row.day)
            found = (
                self.resolver.resolve(self.book.book_id, debit, path, day),
                self.resolver.resolve(self.book.book_id, credit, path, day),
            )
            self._known[key] = found
        return found

    def day(self, ordinal: int) -> datetime.date:
        found = self._days.get(ordinal)
        if found is None:
            found = self._days[ordinal] = datetime.date.fromordinal(ordinal)
        return found

    def keyed(self, rows: Iterable[ValueRow]) -> dict[AccountedKey, int]:
        """Amounts by key with accounts."""
        amounts: dict[AccountedKey, int] = {}
        for row in rows:
            move_id, cause_id, role, scope, item, lot, amount, _, day = row
            key = (move_id, cause_id, role, scope, item, lot, day, *self.of(row))
            amounts[key] = amounts.get(key, 0) + amount
        return amounts


def values_of(
    book: BookFacts, amounts: Mapping[AccountedKey, int], first_open: datetime.date | None
) -> list[ValueToWrite]:
    """Rows to write, dated: the effective day, and the day it is posted on."""
    days: dict[int, tuple[datetime.date, datetime.date]] = {}
    values = []
    for key, amount in amounts.items():
        if not amount:
            continue
        dated = days.get(key[6])
        if dated is None:
            day = datetime.date.fromordinal(key[6])
            dated = days[key[6]] = (day, max(day, first_open) if first_open else day)
        values.append(ValueToWrite(book.book_id, key, amount, *dated))
    return values


@dataclass(slots=True)
class EntryToPost:
    book_id: int
    effective_on: datetime.date
    posting_on: datetime.date
    by_account: dict[int, int]


def entries_of(values: Sequence[ValueToWrite]) -> list[EntryToPost]:
    """One entry per (book, effective day, posting day) whose rows do not net to nothing; values learn its number (from 1)."""
    groups: dict[tuple[int, datetime.date, datetime.date], tuple[dict[int, int], list[ValueToWrite]]] = {}
    for value in values:
        group = groups.setdefault((value.book_id, value.effective_on, value.posting_on), ({}, []))
        by_account, members = group
        debit, credit = value.key[7], value.key[8]
        by_account[debit] = by_account.get(debit, 0) + value.amount
        by_account[credit] = by_account.get(credit, 0) - value.amount
        members.append(value)
    entries: list[EntryToPost] = []
    for (book_id, effective_on, posting_on), (by_account, members) in sorted(groups.items(), key=_place):
        lines = {account: amount for account, amount in sorted(by_account.items()) if amount}
        if lines:
            entries.append(EntryToPost(book_id, effective_on, posting_on, lines))
            for value in members:
                value.entry_no = len(entries)
    return entries


def _place(
    group: tuple[tuple[int, datetime.date, datetime.date], object],
) -> tuple[int, datetime.date, datetime.date]:
    return group[0]


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
            effective_on=entry.effective_on,
            posting_on=entry.posting_on,
            source=source,
            lines=[LineDraft(account, amount) for account, amount in entry.by_account.items()],
            recorded_at=recorded_at,
            batch_id=batch_id,
            reference=reference,
            actor_id=actor_id,
            entry_id=entry_id,
        )
        for entry, entry_id in zip(entries, entry_ids, strict=True)
    ]
