"""Schedules of very many segments at once, by numpy: the same figures as `accrual.accrued`, to the minor unit.

Segments that share terms and days share the parts of the whole that have accrued by each day: exact fractions, worked
out once by `accrual` itself. What is left for each segment is a product and one rounding. A declining balance with a
residual is a sum of two such products, by the step in which the segment changes to the straight line. Fractions whose
integers are too long for 64 bits, and terms that this does not hold for, take the slower exact way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from wherewithal.core.depreciation.accrual import (
    accruals,
    exact_parts,
    life_ends_at,
    service,
    service_before,
    steps_of,
)
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.methods import YEAR, has_rate, yearly_rate
from wherewithal.core.depreciation.terms import (
    Base,
    Convention,
    Method,
    Mode,
    Rounded,
    Segment,
    Terms,
)

Ints = npt.NDArray[np.int64]

_FLOAT_SAFE = 1 << 50
"""Amounts up to this have a guess of their quotient, as a float, that is off by less than one."""
_INT_SAFE = 1 << 60
"""Denominators up to this leave room for twice a remainder."""

_BY_PERIOD = frozenset(
    {
        Convention.FULL_MONTH,
        Convention.FOLLOWING_MONTH,
        Convention.MID_MONTH,
        Convention.MID_QUARTER,
        Convention.HALF_YEAR,
        Convention.FULL_YEAR,
        Convention.FOLLOWING_YEAR,
    }
)
"""Conventions that ask for the period of going into service, not for the day in it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Segments as columns, a row each. terms_at: the place of a segment's terms in `terms`. Days are proleptic ordinals
    (`date.toordinal`). Segments with elapsed or idle months or usage are not for here: see `accrual.accruals`."""

    terms: Sequence[Terms]
    terms_at: npt.NDArray[np.int32]
    in_service_on: npt.NDArray[np.int32]
    starts_on: npt.NDArray[np.int32]
    cost: Ints
    opening: Ints
    residual: Ints

    def __len__(self) -> int:
        return len(self.cost)


def accumulated(columns: Columns, calendar: Calendar, ends: Sequence[date]) -> Ints:
    """What has accrued of each segment (rows) by the end of each day (columns, ascending)."""
    answer = np.zeros((len(columns), len(ends)), dtype=np.int64)
    for rows, found in blocks(columns, calendar, ends):
        answer[rows] = found
    return answer


def charges(columns: Columns, calendar: Calendar, ends: Sequence[date]) -> Ints:
    """What each segment (rows) is charged from the day before each column's, exclusive, to the column's; the first
    column charges all since the segment began."""
    answer = accumulated(columns, calendar, ends)
    for at in range(len(ends) - 1, 0, -1):
        answer[:, at] -= answer[:, at - 1]
    return answer


class _Group(NamedTuple):
    """Segments that share terms and days. unit: one of them that owns 1 and has no residual."""

    unit: Segment
    rows: Ints


def blocks(columns: Columns, calendar: Calendar, ends: Sequence[date]) -> Iterator[tuple[Ints, Ints]]:
    """`accumulated` piece by piece: (rows, what has accrued of them). For who adds up and keeps no figure of its own."""
    for group in _groups(columns, calendar, ends):
        opening = columns.opening[group.rows]
        residual = np.minimum(columns.residual[group.rows], opening)
        if not _is_proportional(group.unit.terms):
            found = _one_by_one(columns, calendar, group, ends)
        elif group.unit.terms.method is Method.DECLINING and residual.any():
            found = _declining(group, calendar, ends, opening, residual)
        else:
            found = _sums(opening - residual, exact_parts(group.unit, calendar, ends))
        yield group.rows, found


def _is_proportional(terms: Terms) -> bool:
    """Whether what accrues is a part of the balance less the residual, the same part for every amount."""
    rounding = terms.rounding
    if rounding.what is not Rounded.ACCUMULATED or rounding.unit != 1 or rounding.mode is not Mode.HALF_EVEN:
        return False
    if terms.method is Method.STRAIGHT_LINE:
        return terms.base is Base.DEPRECIABLE and not has_rate(terms)
    if terms.method is Method.DECLINING:
        plain = terms.guarantee_rate is None and not terms.switches_to_original_line
        plain &= terms.charges_rest_at_end or not terms.switches_to_straight_line
        return plain and (terms.rate is not None or terms.factor is not None)
    return terms.base is Base.DEPRECIABLE and terms.method not in (Method.UNITS, Method.AMOUNTS)


# --- groups ---------------------------------------------------------------------------------------------------------


def _groups(columns: Columns, calendar: Calendar, ends: Sequence[date]) -> Iterator[_Group]:
    by_period = all(calendar.period(end).last == end for end in ends)
    keys = np.empty((3, len(columns)), dtype=np.int64)
    keys[0] = columns.terms_at
    same = columns.starts_on == columns.in_service_on
    keys[1] = columns.in_service_on
    if by_period:
        for at, terms in enumerate(columns.terms):
            if terms.convention in _BY_PERIOD:
                mine = columns.terms_at == at
                keys[1, mine] = _period_starts(columns.in_service_on[mine], calendar)
    keys[2] = np.where(same, keys[1], columns.starts_on)
    order = np.lexsort(keys)
    if not len(order):
        return
    sorted_keys = keys[:, order]
    bounds = np.flatnonzero((sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)) + 1
    for rows in np.split(order, bounds):
        at, in_service, starts = (int(key) for key in keys[:, rows[0]])
        in_service_on = date.fromordinal(in_service)
        unit = Segment(
            in_service_on, max(date.fromordinal(starts), in_service_on), 1, 1, 0, columns.terms[at]
        )
        yield _Group(unit, rows)


def _period_starts(days: npt.NDArray[np.int32], calendar: Calendar) -> Ints:
    unique, places = np.unique(days, return_inverse=True)
    firsts = [calendar.period(date.fromordinal(int(day))).first.toordinal() for day in unique]
    return np.array(firsts, dtype=np.int64)[places]


def _one_by_one(columns: Columns, calendar: Calendar, group: _Group, days: Sequence[date]) -> Ints:
    found = np.empty((len(group.rows), len(days)), dtype=np.int64)
    for place, row in enumerate(group.rows):
        segment = Segment(
            in_service_on=date.fromordinal(int(columns.in_service_on[row])),
            starts_on=date.fromordinal(int(columns.starts_on[row])),
            cost=int(columns.cost[row]),
            opening=int(columns.opening[row]),
            residual=int(columns.residual[row]),
            terms=group.unit.terms,
        )
        found[place] = accruals(segment, calendar, days)
    return found


# --- products -------------------------------------------------------------------------------------------------------


def _sums(
    amounts: Ints,
    parts: Sequence[Fraction],
    others: Ints | None = None,
    other_parts: Sequence[Fraction] | None = None,
) -> Ints:
    """amount x part - other x other part, half-even.

    A float guesses the quotient to within one; the remainder by the guess is exact in 64 bits, also where its terms
    overflow (both wrap around alike), and puts the guess right.
    """
    shared = other_parts or [Fraction(0)] * len(parts)
    below = [lcm(one.denominator, two.denominator) for one, two in zip(parts, shared, strict=True)]
    largest = int(amounts.max(initial=0)) + (0 if others is None else int(others.max(initial=0)))
    if largest >= _FLOAT_SAFE or max(below) >= _INT_SAFE:
        return _wide_sums(amounts, parts, others, shared)
    under = np.array(below, dtype=np.int64)
    over = np.array([int(part * each) for part, each in zip(parts, below, strict=True)], dtype=np.int64)
    guess = np.multiply.outer(amounts.astype(np.float64), over / under)
    rest = np.multiply.outer(amounts, over)
    if others is not None:
        less = np.array([int(part * each) for part, each in zip(shared, below, strict=True)], dtype=np.int64)
        guess -= np.multiply.outer(others.astype(np.float64), less / under)
        rest -= np.multiply.outer(others, less)
    found = np.rint(guess, out=guess).astype(np.int64)
    rest -= found * under
    rest *= 2
    off = np.abs(rest) >= under
    if off.any():
        _put_right(found, rest, under, off)
    return found


def _put_right(found: Ints, rest: Ints, under: Ints, off: npt.NDArray[np.bool_]) -> None:
    """Where twice the remainder is at least the denominator: one up or down; a tie goes to the even one."""
    rows, at = np.nonzero(off)
    twice, below, guess = rest[rows, at], under[at], found[rows, at]
    odd = (guess & 1).astype(bool)
    guess += ((twice > below) | ((twice == below) & odd)).astype(np.int64)
    guess -= ((twice < -below) | ((twice == -below) & odd)).astype(np.int64)
    found[rows, at] = guess


def _wide_sums(
    amounts: Ints, parts: Sequence[Fraction], others: Ints | None, other_parts: Sequence[Fraction]
) -> Ints:
    """The same with Python's integers, for amounts or denominators that are too long."""
    found = np.empty((len(amounts), len(parts)), dtype=np.int64)
    one = amounts.astype(object)
    two = (np.zeros_like(amounts) if others is None else others).astype(object)
    for at, (part, other) in enumerate(zip(parts, other_parts, strict=True)):
        below = lcm(part.denominator, other.denominator)
        over = one * int(part * below) - two * int(other * below)
        quotient, twice = over // below, over % below * 2
        up = (twice > below) | ((twice == below) & (quotient % 2 == 1))
        found[:, at] = (quotient + up).astype(np.int64)
    return found


# --- declining balances with a residual ---------------------------------------------------------------------------


class _Course(NamedTuple):
    """A declining balance that began as 1, undisturbed: its steps, and the part left at the start of each (and after
    the last). turn: the part of the opening that a residual may be for the straight line to charge as much from that
    step on; None without changing over."""

    steps: list[tuple[Fraction, Fraction]]
    left: list[Fraction]
    turn: list[Fraction | None]
    life: Fraction | None
    start: Fraction


class _Turn(NamedTuple):
    """From which step on a segment accrues evenly down to its residual, and to which months of service."""

    step: int
    end: Fraction


def _declining(
    group: _Group, calendar: Calendar, days: Sequence[date], opening: Ints, residual: Ints
) -> Ints:
    starts_on = group.unit.starts_on
    reached = [service(group.unit, calendar, day) if day >= starts_on else None for day in days]
    course = _course(group.unit, calendar, max((at for at in reached if at is not None), default=Fraction(0)))
    found = np.empty((len(opening), len(days)), dtype=np.int64)
    for turn, mine in _turns(course, opening, residual):
        parts = [_parts(course, turn, months) for months in reached]
        found[mine] = _sums(
            opening[mine], [part for part, _ in parts], residual[mine], [less for _, less in parts]
        )
    return np.where((opening > residual)[:, None], found, 0)


def _course(unit: Segment, calendar: Calendar, until: Fraction) -> _Course:
    terms = unit.terms
    rate = yearly_rate(terms, 1, 0)
    life = life_ends_at(unit, calendar)
    steps = steps_of(unit, calendar, until)
    left = [Fraction(1)]
    turn: list[Fraction | None] = []
    for begin, end in steps:
        turn.append(None)
        if life is not None and terms.switches_to_straight_line:
            turn[-1] = left[-1] * (1 - rate * (life - begin) / YEAR)
        left.append(max(left[-1] * (1 - rate * (end - begin) / YEAR), Fraction(0)))
    return _Course(steps, left, turn, life, service_before(unit, calendar))


def _turns(
    course: _Course, opening: Ints, residual: Ints
) -> Iterator[tuple[_Turn | None, npt.NDArray[np.bool_]]]:
    """Which segments leave the course where: for the straight line, or because the step charges all that is left."""
    on_course = np.ones(len(opening), dtype=np.bool_)
    for step, (_, end) in enumerate(course.steps):
        turn = course.turn[step]
        if turn is not None and course.life is not None:
            mine = on_course & _at_most(residual, opening, turn)
            if mine.any():
                yield _Turn(step, course.life), mine
                on_course &= ~mine
        if end == course.life:
            mine = on_course.copy()
        else:
            mine = on_course & ~_below(residual, opening, course.left[step + 1])
        if mine.any():
            yield _Turn(step, end), mine
            on_course &= ~mine
        if not on_course.any():
            return
    yield None, on_course


def _at_most(residual: Ints, opening: Ints, part: Fraction) -> npt.NDArray[np.bool_]:
    """residual <= opening x part."""
    return _compared(residual, opening, part, lambda one, two: one <= two)


def _below(residual: Ints, opening: Ints, part: Fraction) -> npt.NDArray[np.bool_]:
    """residual < opening x part."""
    return _compared(residual, opening, part, lambda one, two: one < two)


def _compared(
    residual: Ints, opening: Ints, part: Fraction, holds: Callable[[Any, Any], Any]
) -> npt.NDArray[np.bool_]:
    """By floats where they are clear, by integers where they are close."""
    by_float = opening.astype(np.float64) * (part.numerator / part.denominator)
    answer = np.asarray(holds(residual.astype(np.float64), by_float), dtype=np.bool_)
    close = np.abs(residual - by_float) <= 1e-9 * opening + 1
    for place in np.flatnonzero(close):
        one = int(residual[place]) * part.denominator
        answer[place] = holds(one, int(opening[place]) * part.numerator)
    return answer


def _parts(course: _Course, turn: _Turn | None, months: Fraction | None) -> tuple[Fraction, Fraction]:
    """What has accrued, as (part of the opening) less (part of the residual); nothing before the first day."""
    if months is not None and course.life is not None and months >= course.life:
        return Fraction(1), Fraction(1)
    if months is None or months <= course.start:
        return Fraction(0), Fraction(0)
    step = next((at for at, (_, end) in enumerate(course.steps) if months <= end), len(course.steps) - 1)
    if turn is not None and (step >= turn.step or months >= turn.end):
        begin = course.steps[turn.step][0]
        done = min((months - begin) / (turn.end - begin), Fraction(1))
        return 1 - course.left[turn.step] * (1 - done), done
    begin, end = course.steps[step]
    charge = course.left[step] - course.left[step + 1]
    return 1 - course.left[step] + charge * (months - begin) / (end - begin), Fraction(0)
