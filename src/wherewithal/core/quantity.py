"""Quantities as integers of an item's smallest unit (10**-qty_decimals of its base unit), units exact rationals."""

import re
from decimal import Decimal
from fractions import Fraction

from wherewithal.core.money import MAX_DECIMALS, AmountError, from_minor, half_even, power_of_ten, to_minor
from wherewithal.core.words import say

MAX_QTY_DECIMALS = 6
_EXACT = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30}|\d{1,30}/\d{1,30})", re.ASCII)


def exact_number(value: object) -> Fraction:
    """A number as people write it: 60, 0.25 or 1/3. ValueError for anything else: an exponent is no way to write one,
    and 1e999999999 would be a billion digits."""
    text = str(value).strip()
    if isinstance(value, bool) or not _EXACT.fullmatch(text) or re.search(r"/0+$", text):
        raise ValueError("not an exact number")
    return Fraction(text)


def to_smallest(qty: Decimal | int, qty_decimals: int) -> int:
    """A quantity in base units as smallest units, exactly. Raises AmountError if it is finer than that."""
    return to_minor(qty, qty_decimals)


def from_smallest(qty: int, qty_decimals: int) -> Decimal:
    """Smallest units as a quantity in base units."""
    return from_minor(qty, qty_decimals)


def unit_to_smallest(qty: Decimal | int, numerator: int, denominator: int, qty_decimals: int) -> int:
    """A quantity in a unit of numerator / denominator base units, as smallest units, exactly.

    Raises AmountError if the unit is not positive or the quantity is no whole number of smallest units.
    """
    smallest = (
        Fraction(to_minor(qty, MAX_DECIMALS), power_of_ten(MAX_DECIMALS))
        * _ratio(numerator, denominator)
        * power_of_ten(qty_decimals)
    )
    if smallest.denominator != 1:
        raise AmountError(
            say(
                "{qty} of this unit is no whole number of the item's smallest unit ({qty_decimals} "
                "decimals).",
                qty=qty,
                qty_decimals=qty_decimals,
            )
        )
    return smallest.numerator


def smallest_to_unit(qty: int, numerator: int, denominator: int, qty_decimals: int) -> Fraction:
    """Smallest units as an exact number of a unit of numerator / denominator base units."""
    return Fraction(qty, power_of_ten(qty_decimals)) / _ratio(numerator, denominator)


def smallest_to_unit_rounded(
    qty: int, numerator: int, denominator: int, qty_decimals: int, decimals: int
) -> Decimal:
    """The same for display, rounded half-even to a number of decimals."""
    exact = smallest_to_unit(qty, numerator, denominator, qty_decimals) * power_of_ten(decimals)
    return from_minor(half_even(exact.numerator, exact.denominator), decimals)


def _ratio(numerator: int, denominator: int) -> Fraction:
    if numerator <= 0 or denominator <= 0:
        raise AmountError(say("A unit is a positive number of base units."))
    return Fraction(numerator, denominator)
