"""Sharing out a landed cost over the lines it was paid for."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from wherewithal.core.money import AllocationError, allocate


class LandedError(ValueError):
    """A landed cost that cannot be shared out so; the message says what would be right."""


class CostLine(NamedTuple):
    """A line that bears a share: its quantity and amount as integers, weight and volume exact."""

    qty: int
    amount: int
    weight: Fraction = Fraction(0)
    volume: Fraction = Fraction(0)


BASES = ("quantity", "value", "weight", "volume", "manual")


def share_landed_cost(
    total: int, basis: str, lines: Sequence[CostLine], manual: Sequence[int] | None = None
) -> list[int]:
    """The share of each line, exact to the last minor unit (largest remainder, a tie to the earlier line).

    Raises LandedError if the basis is unknown, adds up to zero, or if shares given by hand miss the total.
    """
    if basis == "manual":
        return _by_hand(total, lines, manual)
    try:
        return allocate(total, _weights(basis, lines))
    except AllocationError:
        raise LandedError(
            f"The {basis} of these lines adds up to zero, so it gives nobody a share: choose another basis."
        ) from None


def _by_hand(total: int, lines: Sequence[CostLine], manual: Sequence[int] | None) -> list[int]:
    if manual is None or len(manual) != len(lines):
        raise LandedError("Shares by hand are needed for each line, no more and no fewer.")
    if sum(manual) != total:
        raise LandedError(f"The shares by hand add up to {sum(manual)}, the cost is {total} (minor units).")
    return list(manual)


def _weights(basis: str, lines: Sequence[CostLine]) -> list[int]:
    if basis == "quantity":
        return [line.qty for line in lines]
    if basis == "value":
        return [line.amount for line in lines]
    if basis not in BASES:
        raise LandedError(f"The basis is one of {', '.join(BASES)}; not {basis!r}.")
    exact = [line.weight if basis == "weight" else line.volume for line in lines]
    common = lcm(*(each.denominator for each in exact))
    return [int(each * common) for each in exact]
