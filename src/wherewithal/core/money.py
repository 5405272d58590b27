"""Money as integers of minor units: exact conversion at the doors, named rounding, exact allocation.

A minor unit is 10**-decimals of the currency (JPY 0, EUR 2, KWD 3). The one rounding is half-even, and it is
named where it happens.
"""

from collections.abc import Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation
from fractions import Fraction

from wherewithal.core.words import say

MAX_DECIMALS = 12
"""More decimals than this are refused: no currency and no unit of ours has them."""

MAX_DIGITS = 40
"""Numbers with more digits than this are refused at the doors: nobody owns that much of anything."""

_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class AmountError(ValueError):
    """A number that cannot be an amount or quantity here; the message says what would be right."""


class AllocationError(ValueError):
    """A total that cannot be shared out by this basis; the message says why."""


def half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to an integer, a tie to the even one. The denominator is positive."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest + rest
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient


def power_of_ten(decimals: int) -> int:
    """10**decimals for decimals >= 0."""
    return int("1" + "0" * decimals)


def to_minor(amount: Decimal | int, decimals: int) -> int:
    """The exact number of minor units. Raises AmountError if it would need rounding."""
    scaled = _scaled(amount, decimals)
    if scaled.denominator != 1:
        raise AmountError(
            say("{amount} has more than {decimals} decimals.", amount=amount, decimals=decimals)
        )
    return scaled.numerator


def round_to_minor(amount: Decimal | int | Fraction, decimals: int) -> int:
    """The number of minor units, rounded half-even."""
    scaled = _scaled(amount, decimals)
    return half_even(scaled.numerator, scaled.denominator)


def from_minor(minor: int, decimals: int) -> Decimal:
    """The amount with exactly that many decimals."""
    return Decimal(minor).scaleb(-decimals, context=_EXACT)


def extend(unit_price: Decimal | int | Fraction, qty: Decimal | int | Fraction, decimals: int) -> int:
    """unit price x quantity in minor units, rounded half-even once."""
    product = _fraction(unit_price) * _fraction(qty)
    return round_to_minor(product, decimals)


def convert(minor: int, rate: Decimal | Fraction | int, decimals: int, to_decimals: int) -> int:
    """Minor units of one currency in those of another at a rate (units of the other for one), half-even."""
    value = Fraction(minor) * _fraction(rate) * Fraction(10) ** (to_decimals - decimals)
    return half_even(value.numerator, value.denominator)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Share out a total exactly in proportion to the weights, by largest remainder, a tie to the earlier one.

    Each share is within one minor unit of its exact value, a weight of 0 gets 0, and the shares sum to the
    total. Weights may be negative (a return among receipts) as long as they do not add up to 0.
    Raises AllocationError if they do, or if there are none.
    """
    whole = sum(weights)
    if whole == 0:
        raise AllocationError(
            say("The basis adds up to zero, so it gives nobody a share: choose another basis.")
        )
    shares: list[int] = []
    rests: list[int] = []
    for weight in weights:
        share, rest = divmod(total * weight, whole) if whole > 0 else divmod(-total * weight, -whole)
        shares.append(share)
        rests.append(rest)
    missing = total - sum(shares)
    if missing:
        for place in sorted(range(len(rests)), key=lambda i: -rests[i])[:missing]:
            shares[place] += 1
    return shares


def _fraction(number: Decimal | int | Fraction) -> Fraction:
    if isinstance(number, Decimal):
        _refuse_odd(number)
    return Fraction(number)


def _refuse_odd(number: Decimal) -> None:
    """Infinity, NaN and numbers whose integer would fill the memory."""
    if not number.is_finite():
        raise AmountError(say("{number} is not a number that can be counted with.", number=number))
    if abs(number.adjusted()) > MAX_DIGITS or len(number.as_tuple().digits) > MAX_DIGITS:
        raise AmountError(say("A number here has at most {max_digits} digits.", max_digits=MAX_DIGITS))


def _scaled(amount: Decimal | int | Fraction, decimals: int) -> Fraction:
    if not 0 <= decimals <= MAX_DECIMALS:
        raise AmountError(
            say(
                "A currency or unit has 0 to {max_decimals} decimals, not {decimals}.",
                max_decimals=MAX_DECIMALS,
                decimals=decimals,
            )
        )
    return _fraction(amount) * power_of_ten(decimals)


def parse(text: str) -> Decimal:
    """A plain decimal number (`-12.50`, `1e3`) as a Decimal. Raises AmountError for anything else."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise AmountError(say("{text!r} is not a decimal number.", text=text[:60])) from None
    _refuse_odd(number)
    return number
