"""Methods: what each step of an asset's life charges. Pure functions from a stretch and its steps to exact charges.

A stretch is what a segment is to its method, its time measured in months of service. Steps follow each other without
gap from the start of the stretch; a charge belongs to a whole step. Who calls sees to it that nothing is charged
beyond the residual, and that the end of a life charges the rest.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import floor
from typing import NamedTuple

from wherewithal.core.depreciation.rounding import rate_to_residual, round_rate
from wherewithal.core.depreciation.terms import Base, Method, Step, Terms, TermsError
from wherewithal.core.words import say

NOTHING = Fraction(0)
WHOLE = Fraction(1)
YEAR = 12
"""Months of a year."""

_LONGEST_BITS = 4096
_FINEST = 1 << 1024

Steps = Iterable[tuple[Fraction, Fraction]]


class Stretch(NamedTuple):
    """life: months of service at which the life ends, None without end. marks: months of service at the ends of the
    steps of a table or plan. settle: what a charge becomes before the next one is worked out (itself, or rounded).
    """

    terms: Terms
    cost: int
    opening: int
    residual: int
    start: Fraction
    life: Fraction | None
    marks: tuple[Fraction, ...]
    settle: Callable[[Fraction], Fraction]


Charges = Callable[[Stretch, Steps], Iterator[Fraction]]
Profile = Callable[[Stretch, Fraction], Fraction]


class Rule(NamedTuple):
    """charges: see above. smooth: charges of any two adjoining steps add up to that of both and the end of a life
    leaves no rest, so that the whole way can be asked for as one step."""

    charges: Charges
    smooth: bool


# --- profiles: what part of a life is over ----------------------------------------------------------------------


def line(stretch: Stretch, months: Fraction) -> Fraction:
    """The straight line."""
    assert stretch.life is not None
    return min(months / stretch.life, WHOLE)


def digits(stretch: Stretch, months: Fraction) -> Fraction:
    """Years' digits: year k of n weighs n - k + 1; a broken last year weighs by its length."""
    assert stretch.life is not None
    if months >= stretch.life:
        return WHOLE
    return _digits(stretch.life, months) / _digits(stretch.life, stretch.life)


def _digits(life: Fraction, months: Fraction) -> Fraction:
    years, rest = divmod(months, YEAR)
    left = life / YEAR
    return years * left - Fraction(years * (years - 1), 2) + (left - years) * rest / YEAR


def sinking_fund(stretch: Stretch, months: Fraction) -> Fraction:
    """Compound interest: the amount of an annuity after some steps, as a part of that at the end of the life."""
    assert stretch.life is not None
    if months >= stretch.life:
        return WHOLE
    return _compound(stretch.terms, months) / _compound(stretch.terms, stretch.life)


def _compound(terms: Terms, months: Fraction) -> Fraction:
    """((1 + i)^k - 1) / i after k steps; within a step in proportion."""
    assert terms.rate is not None
    length = 1 if terms.step is Step.PERIOD else YEAR
    interest = terms.rate * length / YEAR
    steps, rest = divmod(months, length)
    grown = (1 + interest) ** steps
    return (grown - 1) / interest + grown * rest / length


def table(stretch: Stretch, months: Fraction) -> Fraction:
    """A table: the parts of the steps that are over, and of the running one in proportion."""
    return _along(stretch.marks, stretch.terms.table, months)


def _along(marks: tuple[Fraction, ...], parts: Iterable[Fraction | int], months: Fraction) -> Fraction:
    done = NOTHING
    before = NOTHING
    for mark, part in zip(marks, parts, strict=True):
        if months < mark:
            return done + part * (months - before) / (mark - before)
        done += part
        before = mark
    return done


# --- charges --------------------------------------------------------------------------------------------------


def never(stretch: Stretch, steps: Steps) -> Iterator[Fraction]:
    """Land: nothing is charged."""
    for _ in steps:
        yield NOTHING


def spread(profile: Profile) -> Charges:
    """The balance over what is left of the profile; of the cost by the profile itself if that is the base."""

    def charges(stretch: Stretch, steps: Steps) -> Iterator[Fraction]:
        of_cost = stretch.terms.base is Base.COST
        balance = Fraction(stretch.opening)
        done = profile(stretch, stretch.start)
        for _, end in steps:
            reached = profile(stretch, end)
            if of_cost:
                charge = stretch.cost * (reached - done)
            elif done < 1:
                charge = (balance - stretch.residual) * (reached - done) / (1 - done)
            else:
                charge = NOTHING
            charge = stretch.settle(charge)
            balance -= charge
            done = reached
            yield charge

    return charges


def planned(stretch: Stretch, steps: Steps) -> Iterator[Fraction]:
    """The amounts of a plan."""
    done = _along(stretch.marks, stretch.terms.amounts, stretch.start)
    for _, end in steps:
        reached = _along(stretch.marks, stretch.terms.amounts, end)
        yield stretch.settle(reached - done)
        done = reached


def straight_line(stretch: Stretch, steps: Steps) -> Iterator[Fraction]:
    """By life: the balance evenly over what is left of it; by rate (a rounded one is a rate): that part of the base
    each year."""
    terms = stretch.terms
    if not has_rate(terms):
        yield from _LINE(stretch, steps)
        return
    base = stretch.cost - (stretch.residual if terms.base is Base.DEPRECIABLE else 0)
    for begin, end in steps:
        yield stretch.settle(base * _line_part(terms, end - begin))


_LINE = spread(line)


def _line_part(terms: Terms, months: Fraction) -> Fraction:
    """The part of the base that some months take at a yearly rate; broken years by the monthly rate if that is
    rounded by itself (Publication 946, table A-7a: 2.564 % a year, but 0.214 % a month)."""
    rate = yearly_rate(terms, 1, 0)
    if terms.month_rate_decimals is None:
        return rate * months / YEAR
    years, rest = divmod(months, YEAR)
    return rate * years + round_rate(rate / YEAR, terms.month_rate_decimals) * rest


def declining(stretch: Stretch, steps: Steps) -> Iterator[Fraction]:
    """A rate of the balance at the start of each step, until the straight line charges as much, if terms say so."""
    terms = stretch.terms
    rate = yearly_rate(terms, stretch.cost, stretch.residual)
    balance = Fraction(stretch.opening)
    fixed: Fraction | None = None
    for begin, end in steps:
        years = (end - begin) / YEAR
        if (
            terms.guarantee_rate is not None
            and fixed is None
            and balance * rate < stretch.cost * terms.guarantee_rate
        ):
            fixed = balance * (terms.revised_rate or 0)
        yearly = max(_line_of(stretch, balance, begin), balance * rate) if fixed is None else fixed
        charge = stretch.settle(min(yearly * years, balance - stretch.residual))
        balance = _not_too_long(balance - charge)
        yield charge


def _not_too_long(balance: Fraction) -> Fraction:
    """The balance with a denominator that does not grow without end; off by less than any rounding could notice."""
    if balance.denominator.bit_length() <= _LONGEST_BITS:
        return balance
    return Fraction(floor(balance * _FINEST), _FINEST)


def _line_of(stretch: Stretch, balance: Fraction, begin: Fraction) -> Fraction:
    """What the straight line to change over to would charge a year; 0 if there is no changing over."""
    if stretch.life is None or begin >= stretch.life:
        return NOTHING
    if stretch.terms.switches_to_straight_line:
        return (balance - stretch.residual) / (stretch.life - begin) * YEAR
    if stretch.terms.switches_to_original_line:
        return Fraction(stretch.cost - stretch.residual) / stretch.life * YEAR
    return NOTHING


def yearly_rate(terms: Terms, cost: int, residual: int) -> Fraction:
    """The rate of a year: stated; or factor / life; or the one that takes cost to residual over the life.

    Raises TermsError if that last one is asked for without a residual: nothing ever falls to zero at a rate.
    """
    if terms.rate is not None:
        return round_rate(terms.rate, terms.rate_decimals)
    assert terms.life_months is not None
    if terms.factor is not None or terms.method is not Method.DECLINING:
        return round_rate((terms.factor or 1) * YEAR / terms.life_months, terms.rate_decimals)
    if not 0 < residual <= cost:
        raise TermsError(
            "rate", "residual", say("State a rate or a factor: no rate takes a balance down to zero.")
        )
    if terms.step is Step.PERIOD:
        return YEAR * round_rate(rate_to_residual(cost, residual, terms.life_months), terms.rate_decimals)
    return round_rate(rate_to_residual(cost, residual, terms.life_months / YEAR), terms.rate_decimals)


METHODS: dict[Method, Rule] = {
    Method.NONE: Rule(never, smooth=True),
    Method.STRAIGHT_LINE: Rule(straight_line, smooth=True),
    Method.DECLINING: Rule(declining, smooth=False),
    Method.SUM_OF_DIGITS: Rule(spread(digits), smooth=True),
    Method.ANNUITY: Rule(spread(sinking_fund), smooth=True),
    Method.TABLE: Rule(spread(table), smooth=False),
    Method.AMOUNTS: Rule(planned, smooth=False),
}
"""Units of production are not here: they follow usage, not time (`accrual`)."""


def is_smooth(terms: Terms) -> bool:
    """Whether the charges of two adjoining steps add up to that of both, and the last leaves no rest."""
    if terms.method is Method.STRAIGHT_LINE and terms.life_months is not None:
        return not has_rate(terms)
    return METHODS[terms.method].smooth and terms.month_rate_decimals is None


def has_rate(terms: Terms) -> bool:
    """Whether a straight line goes by a rate: one that is stated, or rounded."""
    return terms.rate is not None or terms.rate_decimals is not None or terms.month_rate_decimals is not None
