"""The named roundings: of amounts to multiples of a unit, of rates to decimals."""

from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

from wherewithal.core.depreciation.terms import Mode, Rounding
from wherewithal.core.money import half_even, power_of_ten


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _down(numerator: int, denominator: int) -> int:
    return numerator // denominator


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


MODES: dict[Mode, Callable[[int, int], int]] = {
    Mode.HALF_EVEN: half_even,
    Mode.HALF_UP: _half_up,
    Mode.DOWN: _down,
    Mode.UP: _up,
}
"""numerator / denominator as a whole number; amounts of depreciation are not below zero."""

_ROOT = Context(prec=60)


def round_amount(amount: Fraction, rounding: Rounding) -> int:
    """An exact number of minor units as a whole multiple of the unit."""
    to_whole = MODES[rounding.mode]
    if rounding.unit == 1:
        return to_whole(amount.numerator, amount.denominator)
    return to_whole(amount.numerator, amount.denominator * rounding.unit) * rounding.unit


def round_rate(rate: Fraction, decimals: int | None) -> Fraction:
    """A rate rounded half-up to that many decimals; as it is for None."""
    if decimals is None:
        return rate
    power = power_of_ten(decimals)
    scaled = rate * power
    return Fraction(_half_up(scaled.numerator, scaled.denominator), power)


def rate_to_residual(cost: int, residual: int, steps: Fraction) -> Fraction:
    """The part of the balance that each of so many steps takes, so that cost falls to residual: 1 - (residual /
    cost)^(1 / steps), to 50 digits."""
    part = _ROOT.divide(Decimal(residual), Decimal(cost))
    exponent = _ROOT.divide(Decimal(steps.denominator), Decimal(steps.numerator))
    found = _ROOT.subtract(Decimal(1), _ROOT.power(part, exponent))
    return Fraction(found.quantize(Decimal(1).scaleb(-50), context=_ROOT))
