"""Methods: what part of a segment has been used up after some months of service. Pure functions, exact."""

from collections.abc import Callable
from fractions import Fraction

from wherewithal.core.depreciation.terms import Method, Terms

Profile = Callable[[Terms, Fraction], Fraction]


def straight_line(terms: Terms, months: Fraction) -> Fraction:
    """The part of a whole life that is over after so many months."""
    assert terms.life_months is not None
    return min(months / terms.life_months, Fraction(1))


def none(terms: Terms, months: Fraction) -> Fraction:
    """Land is never used up."""
    return Fraction(0)


METHODS: dict[Method, Profile] = {Method.STRAIGHT_LINE: straight_line, Method.NONE: none}
