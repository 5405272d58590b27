"""Lower of cost and net realisable value (IAS 2.28 to 33): the allowance of a period, and how it changes.

The allowance stands beside cost (contra inventory) and never touches a pool: cost stays what it was, so a
reversal up to cost (IAS 2.33) is only a smaller allowance. What was sold or used up takes its allowance with it.
An estimate is a fact of its day: a later back-dated receipt may change cost and quantity, never the estimate.
"""

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, TypeVar

from wherewithal.core.costing.facts import ValueRow
from wherewithal.core.money import half_even
from wherewithal.core.posting import Role

G = TypeVar("G", bound=Hashable)


class NrvLine(NamedTuple):
    """Stock on the reporting day, in minor units of the book: what it cost, what it is expected to fetch net.

    group: what is assessed together: an item (the rule, IAS 2.29), or a category of similar items.
    """

    group: Hashable
    cost: int
    nrv: int


class WriteDown(NamedTuple):
    """The assessment of a group. change: what is to be posted, above zero a write-down, below it a reversal."""

    group: Hashable
    cost: int
    nrv: int
    allowance: int
    change: int

    @property
    def carrying(self) -> int:
        """What the stock is carried at."""
        return self.cost - self.allowance


def net_realisable_value(qty: int, unit_price: Fraction, unit_costs_to_sell: Fraction) -> int:
    """Expected price less the costs of completion and sale, for a quantity; rounded half-even once.

    Unit figures are minor units per smallest unit of quantity. May be negative.
    """
    total = (unit_price - unit_costs_to_sell) * qty
    return half_even(total.numerator, total.denominator)


def assess(lines: Iterable[NrvLine], allowances: Mapping[Hashable, int]) -> list[WriteDown]:
    """What each group is to be written down to, and the change from the allowance it has.

    A group that has an allowance and no stock left is released. Stock is never carried below zero: what it would
    cost to get rid of it is a provision, not inventory.
    """
    cost: dict[Hashable, int] = dict.fromkeys(allowances, 0)
    nrv: dict[Hashable, int] = dict.fromkeys(allowances, 0)
    for line in lines:
        cost[line.group] = cost.get(line.group, 0) + line.cost
        nrv[line.group] = nrv.get(line.group, 0) + line.nrv
    found = []
    for group, whole in cost.items():
        allowance = min(max(whole - nrv[group], 0), max(whole, 0))
        found.append(WriteDown(group, whole, nrv[group], allowance, allowance - allowances.get(group, 0)))
    return found


def value_row(item: int, scope: int, day: int, change: int) -> ValueRow:
    """The value row of a change of allowance of an item (or of the item that stands for its category)."""
    return ValueRow(0, -day, Role.NRV_ALLOWANCE, scope, item, 0, change, 0, day)
