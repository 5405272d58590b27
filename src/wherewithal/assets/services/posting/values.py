"""Value rows of assets: what they do to cost and carrying amount, their accounts, and the entries they add up to."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.posting.standing import StandingRow
from wherewithal.core.posting import AccountRole, Role, account_roles
from wherewithal.kit.columns import Ints
from wherewithal.ledger.queries import AccountResolver
from wherewithal.ledger.values import EntryDraft, LineDraft

COST_ROLES = frozenset({AccountRole.ASSET_COST, AccountRole.CONSTRUCTION_IN_PROGRESS})
CARRYING_ROLES = COST_ROLES | {
    AccountRole.ACCUMULATED_DEPRECIATION,
    AccountRole.ACCUMULATED_IMPAIRMENT,
    AccountRole.ASSET_HELD_FOR_SALE,
}


def effect_of(role: Role, accounts: frozenset[AccountRole]) -> int:
    """+1 if an amount of the role adds to these accounts, -1 if it takes from them."""
    debit, credit = account_roles(role)
    return (debit in accounts) - (credit in accounts)


ASSET_ROLES: tuple[Role, ...] = tuple(role for role in Role if role >= 100)
COST_EFFECT: Mapping[int, int] = {int(role): effect_of(role, COST_ROLES) for role in ASSET_ROLES}
CARRYING_EFFECT: Mapping[int, int] = {int(role): effect_of(role, CARRYING_ROLES) for role in ASSET_ROLES}


POOL_ROLES: tuple[int, ...] = tuple(int(role) for role in Role if role.name.startswith("POOL_"))


class ValueKey(NamedTuple):
    """What a row of a book is about; amounts of equal keys add up. asset_id 0: what left a pool and stays in it."""

    asset_id: int
    event_id: int
    role: int
    class_id: int
    cost_centre_id: int
    debit: int
    credit: int
    effective_on: datetime.date


class Value(NamedTuple):
    """A row to be written; `group`: the entry that carries it."""

    key: ValueKey
    amount: int
    group: int


class ValueColumns(NamedTuple):
    """Very many rows to be written, all of one role: what `Value`s are, column by column. lines: what they add up to, by
    (group, debit, credit, cost centre, amount)."""

    role: int
    asset_id: Ints
    event_id: Ints
    class_id: Ints
    cost_centre_id: Ints
    debit: Ints
    credit: Ints
    amount: Ints
    group: Ints
    lines: list[tuple[int, ...]]


@dataclass(slots=True)
class EntryToBe:
    """Value by account and cost centre of one book and pair of days."""

    effective_on: datetime.date
    posting_on: datetime.date
    lines: dict[tuple[int, int], int] = field(default_factory=dict)
    entry_id: int | None = None

    def line_drafts(self, cost_centres: Mapping[int, str]) -> list[LineDraft]:
        return [
            LineDraft(account, amount, memo=cost_centres.get(cost_centre))
            for (account, cost_centre), amount in sorted(self.lines.items())
            if amount
        ]


@dataclass(slots=True)
class BookPosting:
    """What one book has to write."""

    book: BookFacts
    values: list[Value] = field(default_factory=list)
    bulk: list[ValueColumns] = field(default_factory=list)
    entries: list[EntryToBe] = field(default_factory=list)
    standings: list[StandingRow] = field(default_factory=list)
    first_open: datetime.date | None = None
    _groups: dict[datetime.date, int] = field(default_factory=dict)

    def add(self, key: ValueKey, amount: int) -> None:
        """One row, into the entry of its day."""
        number = self.group(key.effective_on)
        self._add_to_lines(number, key.debit, key.credit, key.cost_centre_id, amount)
        self.values.append(Value(key, amount, number))

    def add_columns(self, columns: ValueColumns) -> None:
        """Very many rows, whose groups are those of this posting."""
        for line in columns.lines:
            self._add_to_lines(*line)
        if len(columns.amount):
            self.bulk.append(columns)

    def group(self, effective_on: datetime.date) -> int:
        """The number of the entry that carries the rows of a day."""
        number = self._groups.get(effective_on)
        if number is None:
            number = self._groups[effective_on] = len(self.entries)
            posting_on = effective_on if self.first_open is None else max(effective_on, self.first_open)
            self.entries.append(EntryToBe(effective_on, posting_on))
        return number

    def _add_to_lines(self, group: int, debit: int, credit: int, centre: int, amount: int) -> None:
        lines = self.entries[group].lines
        lines[debit, centre] = lines.get((debit, centre), 0) + amount
        lines[credit, centre] = lines.get((credit, centre), 0) - amount

    @property
    def row_count(self) -> int:
        return len(self.values) + sum(len(columns.amount) for columns in self.bulk)

    def total(self, roles: Iterable[int]) -> int:
        wanted = frozenset(roles)
        one_by_one = sum(value.amount for value in self.values if value.key.role in wanted)
        return one_by_one + sum(int(each.amount.sum()) for each in self.bulk if each.role in wanted)


class Accounts:
    """The accounts of value rows of one book: roles by the posting rules, accounts by the map on the row's day."""

    def __init__(self, context: Context, book: BookFacts, resolver: AccountResolver) -> None:
        self.context, self.book, self.resolver = context, book, resolver
        self._known: dict[tuple[int, int, datetime.date], tuple[int, int]] = {}

    def of(self, role: int, class_id: int, day: datetime.date) -> tuple[int, int]:
        """(debit, credit). Raises Refused where no account plays the role."""
        key = (role, class_id, day)
        found = self._known.get(key)
        if found is None:
            debit, credit = account_roles(role)
            path = self.context.classes[class_id].category_path
            resolve = self.resolver.resolve
            found = self._known[key] = (
                resolve(self.book.book_id, debit, path, day),
                resolve(self.book.book_id, credit, path, day),
            )
        return found


def posting_of(
    book: BookFacts, changes: Mapping[ValueKey, int], first_open: datetime.date | None
) -> BookPosting:
    """Rows that are not nothing, and the entries they add up to: one per effective day."""
    posting = BookPosting(book, first_open=first_open)
    for key, amount in changes.items():
        if amount:
            posting.add(key, amount)
    return posting


def entry_drafts(
    posting: BookPosting,
    *,
    recorded_at: datetime.datetime,
    batch_id: int,
    source: str,
    reference: str,
    description: str,
    actor_id: int | None,
    cost_centres: Mapping[int, str],
) -> list[tuple[EntryToBe, EntryDraft]]:
    """The entries that have lines, by day."""
    found = []
    for entry in sorted(posting.entries, key=lambda each: each.effective_on):
        lines: Sequence[LineDraft] = entry.line_drafts(cost_centres)
        if lines:
            draft = EntryDraft(
                book_id=posting.book.book_id,
                effective_on=entry.effective_on,
                posting_on=entry.posting_on,
                source=source,
                lines=lines,
                recorded_at=recorded_at,
                batch_id=batch_id,
                reference=reference,
                description=description,
                actor_id=actor_id,
            )
            found.append((entry, draft))
    return found
