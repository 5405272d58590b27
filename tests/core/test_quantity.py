"""Quantities and units: exact rationals (cases of units from InvenTree's tests, MIT)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.money import AmountError
from wherewithal.core.quantity import (
    from_smallest,
    smallest_to_unit,
    smallest_to_unit_rounded,
    to_smallest,
    unit_to_smallest,
)


@pytest.mark.parametrize(
    ("qty", "numerator", "denominator", "qty_decimals", "smallest"),
    [
        (1, 12, 1, 0, 12),  # a case of 12
        (200, 1, 100, 3, 2000),  # 200 cm of an item in metres (InvenTree: 2 m)
        (10, 254, 10_000, 3, 254),  # 10 inches (InvenTree: 0.254 m)
        (Decimal("0.5"), 50, 1, 0, 25),  # half a roll of 50 m
        (3, 1, 3, 0, 1),  # three thirds
    ],
)
def test_units_convert_exactly(
    qty: Decimal | int, numerator: int, denominator: int, qty_decimals: int, smallest: int
) -> None:
    assert unit_to_smallest(qty, numerator, denominator, qty_decimals) == smallest


def test_a_third_of_a_piece_is_refused() -> None:
    with pytest.raises(AmountError, match="no whole number"):
        unit_to_smallest(1, 1, 3, 2)


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (-1, 1), (1, 0)])
def test_a_unit_is_positive(numerator: int, denominator: int) -> None:
    with pytest.raises(AmountError, match="positive"):
        unit_to_smallest(1, numerator, denominator, 0)


def test_finer_than_the_smallest_unit_is_refused() -> None:
    assert to_smallest(Decimal("1.25"), 2) == 125
    with pytest.raises(AmountError, match="more than 1 decimals"):
        to_smallest(Decimal("1.25"), 1)


def test_shown_in_a_unit() -> None:
    assert smallest_to_unit(30, 12, 1, 0) == Fraction(5, 2)
    assert smallest_to_unit_rounded(10, 12, 1, 0, 3) == Decimal("0.833")
    assert str(from_smallest(125, 2)) == "1.25"


@given(st.integers(-(10**12), 10**12), st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 6))
def test_units_go_there_and_back(smallest: int, numerator: int, denominator: int, qty_decimals: int) -> None:
    shown = smallest_to_unit(smallest, numerator, denominator, qty_decimals)
    assert shown * Fraction(numerator, denominator) * 10**qty_decimals == smallest
