"""Held for sale (IFRS 5.15 to 29): lower of carrying amount and fair value less costs to sell. Whole minor units."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from wherewithal.core.impairment.unit import share_within


class GroupAsset(NamedTuple):
    """Of a disposal group, already measured by its own standard (IFRS 5.18).

    measured_here: whether IFRS 5 measures it (property, intangibles, right-of-use assets); inventory, financial
    assets, deferred tax are not, and bear no loss. floor: the least it may be carried at; IFRS 5.23 points to the
    order of IAS 36.104 and not to its floors, so it is 0 unless a policy says otherwise.
    """

    key: Hashable
    carrying: int
    measured_here: bool = True
    floor: int = 0


class GroupLoss(NamedTuple):
    """loss = goodwill + the shares + unallocated (a group cannot be written down below what its other assets and
    liabilities are worth by their own standards).
    """

    loss: int
    goodwill: int
    shares: dict[Hashable, int]
    unallocated: int

    @property
    def impairment(self) -> int:
        """What is recognised."""
        return self.loss - self.unallocated


def measure(carrying: int, fair_value_less_costs: int) -> int:
    """The loss of an asset when it becomes held for sale (IFRS 5.20)."""
    return max(carrying - fair_value_less_costs, 0)


def remeasure(carrying: int, fair_value_less_costs: int, losses_before: int) -> int:
    """A later change: a further loss (negative), or a gain up to the losses recognised before (IFRS 5.20 and 21).

    losses_before: cumulative, under IFRS 5 and before it under IAS 36.
    """
    return min(fair_value_less_costs - carrying, max(losses_before, 0))


def allocate_group(
    goodwill: int, assets: Sequence[GroupAsset], fair_value_less_costs: int, liabilities: int = 0
) -> GroupLoss:
    """The loss of a disposal group: goodwill first, then the assets IFRS 5 measures, in proportion (IFRS 5.23)."""
    carrying = goodwill + sum(asset.carrying for asset in assets) - liabilities
    loss = measure(carrying, fair_value_less_costs)
    of_goodwill = min(loss, goodwill)
    parties = {
        asset.key: (asset.carrying, max(asset.carrying - asset.floor, 0)) if asset.measured_here else (0, 0)
        for asset in assets
    }
    shares, rest, _ = share_within(loss - of_goodwill, parties)
    return GroupLoss(loss, of_goodwill, shares, rest)


def ceased(carrying_if_never: int, recoverable: int) -> int:
    """What an asset is carried at when it is no longer held for sale: the lower of what it would be carried at had
    it never been, depreciated meanwhile, and what is recoverable on that day (IFRS 5.27).
    """
    return min(carrying_if_never, recoverable)
