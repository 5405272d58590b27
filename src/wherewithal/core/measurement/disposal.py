"""Derecognition (IAS 16.67 to 72): what leaves with a part, and the gain or loss. Whole minor units."""

from typing import NamedTuple

from wherewithal.core.money import half_even


class Disposal(NamedTuple):
    """gain is negative for a loss. surplus: what moves to retained earnings, never through profit or loss."""

    carrying: int
    gain: int
    surplus: int


def dispose(cost: int, accumulated: int, proceeds: int, costs: int = 0, surplus: int = 0) -> Disposal:
    """An asset leaves for net proceeds (0: it is scrapped)."""
    return Disposal(cost - accumulated, proceeds - costs - (cost - accumulated), surplus)


def part(amount: int, numerator: int, denominator: int) -> int:
    """What leaves of an amount with a part of the asset, half-even. All of it leaves with the whole."""
    if denominator <= 0 or not 0 <= numerator <= denominator:
        raise ValueError("A part is between nothing and the whole.")
    return half_even(amount * numerator, denominator)
