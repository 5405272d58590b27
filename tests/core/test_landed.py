"""Sharing out a landed cost: by quantity, value, weight, volume or by hand, to the last cent."""

from fractions import Fraction

import pytest

from wherewithal.core.costing.landed import CostLine, LandedError, share_landed_cost

LINES = [
    CostLine(2, 300, Fraction(1, 2), Fraction(3)),
    CostLine(1, 100, Fraction(1, 3), Fraction(1)),
    CostLine(1, 100, Fraction(1, 6), Fraction(0)),
]


@pytest.mark.parametrize(
    ("basis", "shares"),
    [("quantity", [50, 25, 25]), ("value", [60, 20, 20]), ("weight", [50, 33, 17]), ("volume", [75, 25, 0])],
)
def test_by_a_basis(basis: str, shares: list[int]) -> None:
    assert share_landed_cost(100, basis, LINES) == shares


def test_by_hand() -> None:
    assert share_landed_cost(100, "manual", LINES, [90, 10, 0]) == [90, 10, 0]


@pytest.mark.parametrize(
    ("basis", "manual", "said"),
    [
        ("manual", [90, 9, 0], "add up to 99"),
        ("manual", [90, 10], "each line"),
        ("manual", None, "each line"),
        ("colour", None, "not 'colour'"),
    ],
)
def test_what_cannot_be_shared_so(basis: str, manual: list[int] | None, said: str) -> None:
    with pytest.raises(LandedError, match=said):
        share_landed_cost(100, basis, LINES, manual)


def test_a_basis_that_nobody_has() -> None:
    with pytest.raises(LandedError, match="volume of these lines adds up to zero"):
        share_landed_cost(100, "volume", [CostLine(1, 1), CostLine(1, 1)])
