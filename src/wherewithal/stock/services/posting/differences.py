"""What a replayed book has to post: what it should say less what is booked, worked out column by column."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.posting import EFFECT
from wherewithal.stock.services.posting.columns import Whole, distinct, sums, whole_rows
from wherewithal.stock.services.posting.entries import AccountsOfRows, EntryToPost, Grouping, Postings, RowKey

_EFFECTS = np.array([EFFECT.get(role, 0) for role in range(max(EFFECT) + 1)], dtype=np.int64)


BOOKED: Sequence[tuple[str, str]] = (
    ("item_id", "n"),
    ("effective_on", "d"),
    ("move_id", "i"),
    ("cause_id", "i"),
    ("role", "h"),
    ("scope_id", "n"),
    ("lot_id", "i"),
    ("debit_account_id", "n"),
    ("credit_account_id", "n"),
    ("amount", "i"),
)
"""Column and letter: the key of what is booked, ordered as the table's index is, and the amount."""


@dataclass(frozen=True, slots=True)
class Booked:
    """What a book says of some items, as columns: see BOOKED. Several rows may have the same key."""

    columns: Sequence[Whole] = tuple(np.empty(0, dtype=np.int64) for _ in BOOKED)

    def by_key(self) -> dict[RowKey, int]:
        """Amounts, whatever accounts carry them."""
        item, day, move, cause, role, scope, lot, _, _, amounts = self.columns
        keys, totals = sums((move, cause, role, scope, item, lot, day), amounts)
        rows = zip(*(column.tolist() for column in keys), strict=True)
        return dict(zip(rows, totals.tolist(), strict=True))


def add_difference(
    postings: Postings,
    accounts: AccountsOfRows,
    rows: Sequence[ValueRow],
    booked: Booked,
    first_open: datetime.date | None,
) -> None:
    """What is to be booked so that a book says these rows and nothing else: should less booked, by key and accounts,
    with an entry for each day. Keys are ordered as the index of values is, so that it grows from left to right."""
    move, cause, role, scope, item, lot, amounts, _, day = whole_rows(rows, len(ValueRow._fields))
    if not len(move):
        debit = credit = move
    else:
        kinds, place = distinct((role, scope, item, day))
        pairs = [accounts.of(*kind) for kind in zip(*(column.tolist() for column in kinds), strict=True)]
        debit, credit = whole_rows(pairs, 2)[:, place]
    should = (item, day, move, cause, role, scope, lot, debit, credit)
    *was, was_amounts = booked.columns
    keys = [np.concatenate(pair) for pair in zip(should, was, strict=True)]
    keys, changes = sums(keys, np.concatenate((amounts, -was_amounts)))
    if len(changes):
        postings.blocks.append(_values(postings, accounts.book.book_id, keys, changes, first_open))


def _values(
    postings: Postings, book_id: int, keys: Sequence[Whole], amounts: Whole, first_open: datetime.date | None
) -> Whole:
    """The columns of ValueTuple, and the entries of the days in the postings."""
    item, day, move, cause, role, scope, lot, debit, credit = keys
    days, place = np.unique(day, return_inverse=True)
    grouping = Grouping(postings, book_id, first_open)
    groups = [grouping.place(each) for each in days.tolist()]
    _add_up(groups, place, debit, credit, amounts)
    posting_days = np.array([group.posting for group in groups])[place]
    numbers = np.array([group.number for group in groups])[place]
    book = np.full(len(amounts), book_id)
    effects = _EFFECTS[role] * amounts
    return np.stack(
        (
            book,
            item,
            scope,
            lot,
            move,
            cause,
            role,
            debit,
            credit,
            amounts,
            effects,
            day,
            posting_days,
            numbers,
        )
    )


def _add_up(groups: Sequence[EntryToPost], place: Whole, debit: Whole, credit: Whole, amounts: Whole) -> None:
    """The value of each account in each group; `place`: the group of each row."""
    both = (np.concatenate((place, place)), np.concatenate((debit, credit)))
    (places, accounts), totals = sums(both, np.concatenate((amounts, -amounts)))
    for at, account, total in zip(places.tolist(), accounts.tolist(), totals.tolist(), strict=True):
        groups[at].by_account[account] = total
