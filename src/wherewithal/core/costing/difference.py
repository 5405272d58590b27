"""Posting writes only the difference between what a book should say and what it says."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.posting import EFFECT

K = TypeVar("K", bound=Hashable)

RowKey = tuple[int, int, int, int, int, int, int]
"""(move_id, cause_id, role, scope, item, lot, day)"""


def key_of(row: ValueRow) -> RowKey:
    """What makes a value row one and the same; the store adds the two accounts."""
    return (row.move_id, row.cause_id, row.role, row.scope, row.item, row.lot, row.day)


def sums(rows: Iterable[ValueRow]) -> dict[RowKey, int]:
    """Amount by key. Of booked rows there may be several for one key."""
    totals: dict[RowKey, int] = {}
    for move_id, cause_id, role, scope, item, lot, amount, _, day in rows:
        key = (move_id, cause_id, role, scope, item, lot, day)
        totals[key] = totals.get(key, 0) + amount
    return totals


def difference(should: Mapping[K, int], booked: Mapping[K, int]) -> dict[K, int]:
    """should - booked by key, without zeros, keys in the order of `should`, then those only in `booked`.

    The key is the caller's: `RowKey`, or that with the debit and credit account once accounts are resolved, so
    that a re-mapped category does not draw old corrections into the new account.
    """
    changed = {}
    for key, amount in should.items():
        rest = amount - booked.get(key, 0)
        if rest:
            changed[key] = rest
    for key, amount in booked.items():
        if amount and key not in should:
            changed[key] = -amount
    return changed


def rows_of(amounts: Mapping[RowKey, int]) -> list[ValueRow]:
    """The value rows of a difference by `RowKey`, stock amounts from the effect of the role."""
    return [
        ValueRow(move_id, cause_id, role, scope, item, lot, amount, EFFECT[role] * amount, day)
        for (move_id, cause_id, role, scope, item, lot, day), amount in amounts.items()
    ]
