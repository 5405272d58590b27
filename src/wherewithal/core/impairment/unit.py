"""A cash-generating unit's loss and its reversal, shared out to its assets (IAS 36.104 to 108 and 122 to 123).

Goodwill bears the loss first, the other assets the rest in proportion to their carrying amounts. No asset falls below
the highest of its own fair value less costs of disposal, its own value in use, and zero; what it cannot bear goes to
the others, again in proportion, until it is borne or nobody can. Whole minor units, by largest remainder.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from wherewithal.core.money import allocate


class UnitAsset(NamedTuple):
    """An asset of a unit. outside: it bears no loss (a receivable, inventory: their own standards measure them)."""

    key: Hashable
    carrying: int
    fvlcd: int | None = None
    value_in_use: int | None = None
    outside: bool = False

    @property
    def room(self) -> int:
        """How much of a loss it can bear."""
        if self.outside:
            return 0
        floor = max(self.fvlcd or 0, self.value_in_use or 0, 0)
        return max(self.carrying - floor, 0)


class UnitLoss(NamedTuple):
    """loss = goodwill + the shares + unallocated (nobody could bear it: IAS 36.108 asks for a liability only if
    another standard does). rounds: how often what a floor kept out was shared out again.
    """

    loss: int
    goodwill: int
    shares: dict[Hashable, int]
    unallocated: int
    rounds: int


class UnitReversal(NamedTuple):
    """An asset that was impaired: what it is carried at, would be carried at, and itself can recover if known."""

    key: Hashable
    carrying: int
    unimpaired: int
    recoverable: int | None = None

    @property
    def room(self) -> int:
        """How much it may be written up (IAS 36.123)."""
        ceiling = self.unimpaired if self.recoverable is None else min(self.unimpaired, self.recoverable)
        return max(ceiling - self.carrying, 0)


def allocate_loss(goodwill: int, assets: Sequence[UnitAsset], recoverable: int) -> UnitLoss:
    """The loss of a unit and who bears it. Nothing if the unit recovers what it is carried at."""
    carrying = goodwill + sum(asset.carrying for asset in assets)
    loss = max(carrying - recoverable, 0)
    of_goodwill = min(loss, goodwill)
    shares, rest, rounds = share_within(
        loss - of_goodwill,
        {asset.key: (0 if asset.outside else asset.carrying, asset.room) for asset in assets},
    )
    return UnitLoss(loss, of_goodwill, shares, rest, rounds)


def allocate_reversal(assets: Sequence[UnitReversal], recoverable: int) -> dict[Hashable, int]:
    """What each asset of a unit is written up by when the unit recovers more again. Goodwill never is (IAS 36.124).

    recoverable: of the unit, for these assets (without goodwill).
    """
    wanted = max(recoverable - sum(asset.carrying for asset in assets), 0)
    return share_within(wanted, {asset.key: (asset.carrying, asset.room) for asset in assets})[0]


def share_within(
    total: int, parties: Mapping[Hashable, tuple[int, int]]
) -> tuple[dict[Hashable, int], int, int]:
    """Share out a total by weight where each party (weight, room) takes at most its room.

    Answers (shares, what nobody could take, rounds). A party whose share exceeds its room takes its room and leaves;
    the rest of the total is shared anew among those who stay, so that the outcome is proportional between them.
    """
    shares: dict[Hashable, int] = dict.fromkeys(parties, 0)
    open_keys = [key for key, (weight, room) in parties.items() if weight > 0 and room > 0]
    rest, rounds = max(total, 0), 0
    while rest and open_keys:
        rounds += 1
        offered = dict(zip(open_keys, allocate(rest, [parties[key][0] for key in open_keys]), strict=True))
        full = [key for key in open_keys if offered[key] >= parties[key][1]]
        if not full:
            return shares | offered, 0, rounds
        for key in full:
            shares[key] = parties[key][1]
            rest -= shares[key]
        open_keys = [key for key in open_keys if key not in full]
    return shares, rest, rounds
