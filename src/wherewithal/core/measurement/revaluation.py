"""The revaluation model (IAS 16.31 to 42): to a value, by elimination or in proportion, surplus and loss apart.

Amounts are whole minor units. `accumulated` is depreciation and impairment so far, as a positive number.
"""

from enum import StrEnum
from typing import NamedTuple

from wherewithal.core.money import half_even
from wherewithal.core.words import say


class Restatement(StrEnum):
    """What a revaluation does to accumulated depreciation (IAS 16.35)."""

    ELIMINATION = "elimination"
    PROPORTIONAL = "proportional"


class RevaluationError(ValueError):
    """A revaluation that cannot be worked out so; the message says what would be right."""


class Revalued(NamedTuple):
    """An asset as it stands. surplus: what is left of its revaluation surplus in equity; loss: decreases charged to
    profit or loss and not yet taken back.
    """

    cost: int
    accumulated: int
    surplus: int = 0
    loss: int = 0

    @property
    def carrying(self) -> int:
        return self.cost - self.accumulated


class RevaluationChange(NamedTuple):
    """What changes, signed: cost - accumulated == surplus + profit_or_loss (a gain is positive, a loss negative)."""

    cost: int
    accumulated: int
    surplus: int
    profit_or_loss: int


def revalue(
    before: Revalued, value: int, method: Restatement | str = Restatement.ELIMINATION
) -> RevaluationChange:
    """To a value. An increase first takes back losses charged to profit or loss, the rest is surplus; a decrease
    first uses up the surplus of this asset, the rest is a loss (IAS 16.39 and 40).

    elimination: accumulated depreciation is taken off the cost, which becomes the value. proportional: both grow
    in the ratio of the new to the old carrying amount; the rounding is borne by accumulated depreciation.
    Raises RevaluationError for a value below zero, or where nothing is left that could grow in proportion.
    """
    if value < 0:
        raise RevaluationError(say("An asset is revalued to zero or more."))
    cost = _new_cost(before, value, Restatement(method))
    surplus, profit_or_loss = split(value - before.carrying, before.surplus, before.loss)
    return RevaluationChange(cost - before.cost, cost - value - before.accumulated, surplus, profit_or_loss)


def split(change: int, surplus: int, loss: int) -> tuple[int, int]:
    """A change of value as (to surplus, to profit or loss), given what surplus and past losses there are."""
    if change >= 0:
        taken_back = min(change, max(loss, 0))
        return change - taken_back, taken_back
    from_surplus = min(-change, max(surplus, 0))
    return -from_surplus, change + from_surplus


def surplus_used(surplus: int, depreciated: int, depreciable: int) -> int:
    """How much of a surplus has moved to retained earnings, now that so much of the revalued amount is depreciated.

    The difference between depreciation of the revalued amount and of cost (IAS 16.41), cumulative: post what it
    grew by. At the end, or at disposal, all of it has moved.
    """
    if depreciable <= 0 or depreciated >= depreciable:
        return surplus
    return half_even(surplus * max(depreciated, 0), depreciable)


def _new_cost(before: Revalued, value: int, method: Restatement) -> int:
    if method is Restatement.ELIMINATION or not before.accumulated:
        return value
    if before.carrying <= 0:
        raise RevaluationError(
            say("Nothing is left of this asset that could grow in proportion: revalue it by elimination.")
        )
    return half_even(before.cost * value, before.carrying)
