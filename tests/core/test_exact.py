"""Numbers as people write them."""

from fractions import Fraction

import pytest

from wherewithal.core.exact import exact_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("60", Fraction(60)),
        (" -0.25 ", Fraction(-1, 4)),
        (".5", Fraction(1, 2)),
        ("1/3", Fraction(1, 3)),
        (7, Fraction(7)),
    ],
)
def test_what_is_written_is_what_is_meant(typed: object, number: Fraction) -> None:
    assert exact_number(typed) == number


@pytest.mark.parametrize("typed", ["", "1e3", "1/0", "1/00", "nan", "٣", "1,5", True, "1" * 31])
def test_anything_else_is_none(typed: object) -> None:
    with pytest.raises(ValueError, match="not an exact number"):
        exact_number(typed)
