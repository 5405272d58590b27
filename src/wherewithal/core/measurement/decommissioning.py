"""Dismantling and restoring: the provision, its unwinding, and changes in the estimate (IAS 16.16(c), IAS 37, IFRIC 1).

Amounts are whole minor units; a provision is a positive number, and so is a change that makes it grow.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import Clock, Flow, decimal, present_value, to_whole
from wherewithal.core.measurement.revaluation import split


class Obligation(NamedTuple):
    """What will have to be paid, on which days, as estimated on `starts_on`, and the yearly (effective) rate.

    Time is counted in years of whole months, days in a month as a part of it.
    """

    starts_on: date
    flows: tuple[tuple[date, int], ...]
    rate: Fraction

    @property
    def timed(self) -> list[Flow]:
        clock = self.clock
        return [Flow(clock.at(day), amount) for day, amount in self.flows]

    @property
    def clock(self) -> Clock:
        return Clock(self.starts_on, 12)


class Remeasured(NamedTuple):
    """Where a change of the provision goes: to_asset + profit_or_loss - to_surplus == change.

    to_asset: added to cost; to_surplus: added to the revaluation surplus (a growing provision takes from it);
    profit_or_loss: a loss, if positive.
    """

    to_asset: int
    to_surplus: int
    profit_or_loss: int


def provision_at_start(obligation: Obligation) -> int:
    """The provision on the first day: what is added to the cost of the asset."""
    return to_whole(present_value(obligation.timed, decimal(obligation.rate)))


def obligation_on(obligation: Obligation, on: date) -> int:
    """The provision at the end of a day: what is still to be paid after it, worth then.

    Interest of a period is the difference, plus what was paid in it. On a day before the start it is 0. A flow
    whose day has come is no longer in it: it was paid, or is a debt.
    """
    if on < obligation.starts_on:
        return 0
    now = obligation.clock.at(on + timedelta(days=1))
    ahead = [flow for flow, (day, _) in zip(obligation.timed, obligation.flows, strict=True) if day > on]
    return to_whole(present_value(ahead, decimal(obligation.rate), now))


def provision_of(amount: int, years: Fraction, rate: Fraction) -> int:
    """One amount due in so many years."""
    return to_whole(present_value([Flow(years, amount)], decimal(rate)))


def unwound(opening: int, years: Fraction, rate: Fraction) -> int:
    """A provision grown for so many years."""
    return to_whole(present_value([Flow(Fraction(0), opening)], decimal(rate), years))


def remeasure_cost_model(change: int, carrying: int) -> Remeasured:
    """Under the cost model a change goes to the cost of the asset; a decrease beyond its carrying amount is a gain
    (IFRIC 1.5). Whether a grown asset is still recoverable is an impairment test of its own.
    """
    to_asset = max(change, -max(carrying, 0))
    return Remeasured(to_asset, 0, change - to_asset)


def remeasure_revalued(change: int, surplus: int, loss: int = 0, headroom: int | None = None) -> Remeasured:
    """Under the revaluation model the asset's valuation stays; the change goes against surplus or profit and loss.

    A decrease of the provision first takes back losses charged before, then adds to the surplus, and is a gain as
    far as the carrying amount would exceed what it would be under the cost model (`headroom`: how much surplus may
    be added; None: any). An increase first uses up the surplus (IFRIC 1.6).
    """
    to_surplus, profit = split(-change, surplus, loss)
    if headroom is not None and to_surplus > headroom:
        to_surplus, profit = headroom, profit + to_surplus - headroom
    return Remeasured(0, to_surplus, -profit)
