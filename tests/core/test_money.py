"""Conversions, rounding and allocation: exact, or refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.money import (
    AllocationError,
    AmountError,
    allocate,
    convert,
    extend,
    from_minor,
    half_even,
    parse,
    round_to_minor,
    to_minor,
)

amounts = st.integers(-(10**18), 10**18)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (5, 2, 2),
        (7, 2, 4),
        (-5, 2, -2),
        (-7, 2, -4),
        (1, 3, 0),
        (2, 3, 1),
        (-2, 3, -1),
        (0, 7, 0),
        (25, 10, 2),
    ],
)
def test_a_tie_goes_to_the_even_neighbour(numerator: int, denominator: int, rounded: int) -> None:
    assert half_even(numerator, denominator) == rounded


@given(amounts, st.integers(1, 10**12))
def test_rounding_is_pythons_own_half_even(numerator: int, denominator: int) -> None:
    assert half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("amount", "decimals", "minor"),
    [("12.50", 2, 1250), ("1e3", 0, 1000), ("-0.001", 3, -1), ("1.2300", 2, 123), ("7", 3, 7000)],
)
def test_amounts_become_minor_units_exactly(amount: str, decimals: int, minor: int) -> None:
    assert to_minor(Decimal(amount), decimals) == minor


@pytest.mark.parametrize(
    ("amount", "decimals"), [("0.005", 2), ("0.1", 0), ("NaN", 2), ("Infinity", 2), ("1e99", 2)]
)
def test_what_would_need_rounding_or_is_no_amount_is_refused(amount: str, decimals: int) -> None:
    with pytest.raises(AmountError):
        to_minor(Decimal(amount), decimals)


@given(amounts, st.integers(0, 6))
def test_there_and_back_again(minor: int, decimals: int) -> None:
    assert to_minor(from_minor(minor, decimals), decimals) == minor


def test_decimals_are_kept_for_display() -> None:
    assert str(from_minor(1250, 2)) == "12.50"
    assert str(from_minor(-5, 3)) == "-0.005"
    assert str(from_minor(5, 0)) == "5"


def test_unit_price_times_quantity_is_rounded_once() -> None:
    assert extend(Decimal("1.005"), 3, 2) == 302  # 3.015 -> 3.02, tie to even
    assert extend(Decimal("0.335"), 3, 2) == 100  # 1.005 -> 1.00
    assert extend(Fraction(1, 3), 3, 0) == 1


@pytest.mark.parametrize(
    ("minor", "rate", "decimals", "to_decimals", "converted"),
    [
        (1000, Decimal("163.25"), 2, 0, 1632),  # 10.00 EUR at 163.25 = 1632.5 JPY, tie to even
        (1000, Decimal("0.3085"), 2, 3, 3085),  # 10.00 USD = 3.085 KWD
        (-333, Fraction(1, 3), 2, 2, -111),
    ],
)
def test_another_currency(minor: int, rate: Decimal, decimals: int, to_decimals: int, converted: int) -> None:
    assert convert(minor, rate, decimals, to_decimals) == converted


def test_round_to_minor() -> None:
    assert round_to_minor(Decimal("2.345"), 2) == 234
    assert round_to_minor(Decimal("2.355"), 2) == 236


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-33, -33, -34]),
        (10, [0, 1, 0, 3], [0, 3, 0, 7]),  # 2.5 and 7.5: the earlier of two equal rests
        (80, [2, -1], [160, -80]),  # ERPNext's voucher over a receipt of 2 and a return of 1, by quantity
        (5, [7], [5]),
        (0, [1, 2], [0, 0]),
        (7, [-1, -1], [4, 3]),
    ],
)
def test_shares(total: int, weights: list[int], shares: list[int]) -> None:
    assert allocate(total, weights) == shares


@pytest.mark.parametrize("weights", [[], [0, 0], [100, -100]])
def test_a_basis_of_nothing_is_refused(weights: list[int]) -> None:
    """ERPNext rejects a landed cost by amount over 100 and -100 for the same reason."""
    with pytest.raises(AllocationError, match="zero"):
        allocate(80, weights)


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_shares_add_up_and_are_close(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)
    whole = sum(weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, whole)) < 1
        assert weight or not share


@given(amounts, st.lists(st.integers(-50, 50), min_size=1, max_size=8).filter(sum))
def test_shares_add_up_with_negative_weights(total: int, weights: list[int]) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    assert all(
        abs(share - Fraction(total * weight, sum(weights))) < 1
        for share, weight in zip(shares, weights, strict=True)
    )


@pytest.mark.parametrize("text", ["", "abc", "1,5", "0x10", "NaN", "inf", "1e400", "9" * 60])
def test_only_decimal_numbers_are_read(text: str) -> None:
    with pytest.raises(AmountError):
        parse(text)


def test_a_number_is_read_exactly() -> None:
    assert parse(" 0.1 ") == Decimal("0.1")
