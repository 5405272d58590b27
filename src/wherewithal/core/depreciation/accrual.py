"""What has accrued of a segment by a day: the one primitive under runs, schedules, forecasts and disposals.

A charge is always a difference of two of these figures, so what is charged over a life adds up exactly, and is the
same whether it is asked for by month, by quarter or by year.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import count, pairwise, tee
from typing import NamedTuple

from wherewithal.core.depreciation.calendar import ONE_DAY, Calendar
from wherewithal.core.depreciation.conventions import months_at_disposal, months_of_service
from wherewithal.core.depreciation.methods import METHODS, YEAR, Stretch, is_smooth
from wherewithal.core.depreciation.rounding import round_amount
from wherewithal.core.depreciation.terms import Base, Method, Rounded, Segment, Step

Usage = Sequence[tuple[date, Fraction | int]]
"""Units used, each on the day of its reading: (day, units since the reading before). Any order."""

NOTHING = Fraction(0)
MAX_IDLE_YEARS = 100
"""Whoever is out of use for longer has no further steps: an idle span may be without end."""


def accrued(segment: Segment, calendar: Calendar, on: date, usage: Usage = ()) -> int:
    """The cumulative depreciation of a segment, in minor units, by the end of day `on`.

    0 before its first day; never more than opening less residual, and exactly that from the end of its life on.
    Never falls as days go by. Usage counts on the day of its reading; readings before the first day do not count.
    """
    return accruals(segment, calendar, (on,), usage)[0]


def accruals(segment: Segment, calendar: Calendar, days: Sequence[date], usage: Usage = ()) -> list[int]:
    """`accrued` for several days at once, in the order they are given: the way is walked once."""
    if segment.terms.method is Method.UNITS:
        return [_by_usage(segment, usage, on) for on in days]
    reached = [service(segment, calendar, on) if on >= segment.starts_on else None for on in days]
    return _accrued_after(segment, calendar, reached)


def accrued_at_disposal(segment: Segment, calendar: Calendar, disposed_on: date, usage: Usage = ()) -> int:
    """The cumulative depreciation of a segment whose asset is disposed of on that day, by its convention.

    The month of acquisition counts in full: then that of disposal does not, unless it is over that day; half a year,
    a quarter or a month is the same at the end as at the beginning; by days: to the day before.
    """
    if disposed_on < segment.starts_on:
        return 0
    if segment.terms.method is Method.UNITS:
        return _by_usage(segment, usage, disposed_on)
    months = months_at_disposal(segment.terms, calendar, segment.in_service_on, disposed_on)
    months = _of_life(segment, calendar, months, disposed_on)
    return _accrued_after(segment, calendar, [max(months, service_before(segment, calendar))])[0]


def exact_parts(segment: Segment, calendar: Calendar, days: Sequence[date]) -> list[Fraction]:
    """What has accrued by each day, exactly and before any rounding, as a part of opening less residual."""
    total = segment.opening - segment.residual
    start = service_before(segment, calendar)
    life = life_ends_at(segment, calendar)
    reached = [service(segment, calendar, on) if on >= segment.starts_on else None for on in days]
    asked = sorted({at for at in reached if at is not None and at > start and (life is None or at < life)})
    known = {at: Fraction(0 if at is None or life is None or at < life else 1) for at in reached}
    if asked:
        way = _Way(segment, calendar, _stretch(segment, calendar, start, life), total)
        known.update((at, exact / total) for at, exact in _exactly(way, asked))
    return [known[at] for at in reached]


def steps_of(segment: Segment, calendar: Calendar, until: Fraction) -> list[tuple[Fraction, Fraction]]:
    """The steps of a segment's method, from its start to the one that has these months of service, or its life's end."""
    life = life_ends_at(segment, calendar)
    ends = _ends(segment, calendar, segment.terms.step, segment.starts_on)
    found = []
    for begin, end in _steps(service_before(segment, calendar), ends, life):
        found.append((begin, end))
        if end >= until:
            break
    return found


# --- service --------------------------------------------------------------------------------------------------


def service(segment: Segment, calendar: Calendar, on: date) -> Fraction:
    """The months of its life that an asset has used up at the end of day `on` (idle spans count if terms say so)."""
    return _of_life(
        segment, calendar, months_of_service(segment.terms, calendar, segment.in_service_on, on), on
    )


def service_before(segment: Segment, calendar: Calendar) -> Fraction:
    """The months of its life that an asset had used up when the segment begins."""
    if segment.elapsed_months is not None:
        return segment.elapsed_months
    return service(segment, calendar, segment.starts_on - ONE_DAY)


def life_ends_at(segment: Segment, calendar: Calendar) -> Fraction | None:
    """The months of service at which the life ends; None for a rate that goes on until the residual is reached."""
    terms = segment.terms
    if terms.method in (Method.TABLE, Method.AMOUNTS):
        return _marks(segment, calendar)[-1] if terms.charges_rest_at_end else None
    if terms.life_months is None or terms.method is Method.NONE or not terms.charges_rest_at_end:
        return None
    if not terms.ends_with_fiscal_year:
        return terms.life_months
    first = service(segment, calendar, calendar.year(segment.in_service_on).last)
    return terms.life_months - (YEAR if first else 0) + first


def _of_life(segment: Segment, calendar: Calendar, months: Fraction, on: date) -> Fraction:
    """Months since going into service as months of the life: idle ones out, what was used up before in."""
    months -= _idle(segment, calendar, on)
    if segment.elapsed_months is None:
        return months
    start = segment.starts_on - ONE_DAY
    at_start = _counted(segment, calendar, start) - _idle(segment, calendar, start)
    return max(NOTHING, segment.elapsed_months + months - at_start)


def _counted(segment: Segment, calendar: Calendar, on: date) -> Fraction:
    return months_of_service(segment.terms, calendar, segment.in_service_on, on)


def _idle(segment: Segment, calendar: Calendar, on: date) -> Fraction:
    if not segment.idle or not segment.terms.suspends_while_idle:
        return NOTHING
    return sum(
        (
            _counted(segment, calendar, min(last, on)) - _counted(segment, calendar, first - ONE_DAY)
            for first, last in segment.idle
            if first <= on
        ),
        NOTHING,
    )


# --- steps ----------------------------------------------------------------------------------------------------


def _ends(segment: Segment, calendar: Calendar, step: Step, since: date) -> Iterator[Fraction]:
    """The months of service at the ends of the steps from the one that has a day on, steps without service left out."""
    if step is Step.ASSET_YEAR:
        months = max(NOTHING, service(segment, calendar, since - ONE_DAY))
        yield from (Fraction(year * YEAR) for year in count(months // YEAR + 1))
    before = service(segment, calendar, since - ONE_DAY)
    served_on = since
    for last in _last_days(calendar, step, since):
        months = service(segment, calendar, last)
        if months > before:
            yield months
            before, served_on = months, last
        elif last.year - served_on.year > MAX_IDLE_YEARS:
            return


def _last_days(calendar: Calendar, step: Step, since: date) -> Iterator[date]:
    for year in calendar.years(since):
        if step is Step.FISCAL_YEAR:
            yield year.last
        else:
            yield from (period.last for period in year.periods if period.last >= since)


def _marks(segment: Segment, calendar: Calendar) -> tuple[Fraction, ...]:
    """Where the steps of a table or plan end, from the day of going into service on."""
    terms = segment.terms
    number = len(terms.table) if terms.method is Method.TABLE else len(terms.amounts)
    ends = _ends(segment, calendar, terms.step, segment.in_service_on)
    marks = [months for months, _ in zip(ends, range(number), strict=False)]
    while len(marks) < number:
        marks.append((marks[-1] if marks else NOTHING) + YEAR)
    return tuple(marks)


def _steps(
    start: Fraction, ends: Iterable[Fraction], life: Fraction | None
) -> Iterator[tuple[Fraction, Fraction]]:
    """Steps from the start of a stretch to the end of its life."""
    begin = start
    for end in ends:
        if life is not None and end >= life:
            if begin < life:
                yield begin, life
            return
        if end > begin:
            yield begin, end
            begin = end


# --- the walk -------------------------------------------------------------------------------------------------


class _Way(NamedTuple):
    """A stretch with the calendar it is walked by; total: all there is to charge."""

    segment: Segment
    calendar: Calendar
    stretch: Stretch
    total: int


def _accrued_after(segment: Segment, calendar: Calendar, reached: Sequence[Fraction | None]) -> list[int]:
    """What has accrued at given months of service (None: before the segment)."""
    total = segment.opening - segment.residual
    if total <= 0 or segment.terms.method is Method.NONE:
        return [0] * len(reached)
    start = service_before(segment, calendar)
    life = life_ends_at(segment, calendar)
    known: dict[Fraction | None, int] = {None: 0}
    asked = set()
    for months in reached:
        if months is None or months in known:
            continue
        if life is not None and months >= life:
            known[months] = total
        elif months <= start:
            known[months] = 0
        else:
            asked.add(months)
    if asked:
        way = _Way(segment, calendar, _stretch(segment, calendar, start, life), total)
        known.update(_WALKS[segment.terms.rounding.what](way, sorted(asked)))
    return [known[months] for months in reached]


def _stretch(segment: Segment, calendar: Calendar, start: Fraction, life: Fraction | None) -> Stretch:
    terms = segment.terms
    of_steps = terms.method in (Method.TABLE, Method.AMOUNTS)
    rounds = terms.rounding.what is Rounded.BALANCE

    def settle(charge: Fraction) -> Fraction:
        return Fraction(round_amount(charge, terms.rounding)) if rounds else charge

    return Stretch(
        terms=terms,
        cost=segment.cost,
        opening=segment.opening,
        residual=segment.residual,
        start=start,
        life=terms.life_months if life is None else life,
        marks=_marks(segment, calendar) if of_steps else (),
        settle=settle,
    )


def _grid(way: _Way, step: Step) -> Iterator[tuple[Fraction, Fraction]]:
    """Steps of a kind over the stretch, to the end of the life if there is one."""
    life = life_ends_at(way.segment, way.calendar)
    ends = _ends(way.segment, way.calendar, step, way.segment.starts_on)
    return _steps(way.stretch.start, ends, life)


def _exactly(way: _Way, asked: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction]]:
    """(months, what has accrued exactly) for ascending months of service within the life.

    The last step of a life charges the rest, evenly like any other."""
    if is_smooth(way.segment.terms):
        steps: Iterable[tuple[Fraction, Fraction]] = pairwise((way.stretch.start, *asked))
    else:
        steps = _grid(way, way.segment.terms.step)
    before = NOTHING
    place = 0
    life = life_ends_at(way.segment, way.calendar)
    for (begin, end), each in _charged(way, steps):
        charge = way.total - before if end == life else each
        while place < len(asked) and asked[place] <= end:
            months = asked[place]
            yield months, min(before + charge * (months - begin) / (end - begin), Fraction(way.total))
            place += 1
        if place == len(asked):
            return
        before = min(before + charge, Fraction(way.total))


def _charged(
    way: _Way, steps: Iterable[tuple[Fraction, Fraction]]
) -> Iterator[tuple[tuple[Fraction, Fraction], Fraction]]:
    ahead, walked = tee(steps)
    return zip(walked, METHODS[way.segment.terms.method].charges(way.stretch, ahead), strict=True)


def _by_accumulated(way: _Way, asked: Sequence[Fraction]) -> Iterator[tuple[Fraction, int]]:
    """What has accrued is rounded."""
    for months, exact in _exactly(way, asked):
        yield months, min(round_amount(exact, way.segment.terms.rounding), way.total)


def _by_charge(way: _Way, asked: Sequence[Fraction]) -> Iterator[tuple[Fraction, int]]:
    """The charge of each step is rounded by itself."""
    terms = way.segment.terms
    steps = []
    for begin, end in _grid(way, terms.rounding.step or terms.step):
        steps.append((begin, end))
        if end >= asked[-1]:
            break
    exact = dict(_exactly(way, sorted({*asked, *(end for _, end in steps)})))
    exact[way.stretch.start] = NOTHING
    charges = ((exact[end] - exact[begin]) for begin, end in steps)
    yield from _settled(way, zip(steps, charges, strict=True), asked, exact)


def _by_balance(way: _Way, asked: Sequence[Fraction]) -> Iterator[tuple[Fraction, int]]:
    """The charge of each step is rounded, and the next worked out from the balance that leaves."""
    terms = way.segment.terms
    steps = _grid(way, terms.rounding.step or terms.step)
    yield from _settled(way, _charged(way, steps), asked, {})


def _settled(
    way: _Way,
    charged: Iterable[tuple[tuple[Fraction, Fraction], Fraction]],
    asked: Sequence[Fraction],
    exact: Mapping[Fraction, Fraction],
) -> Iterator[tuple[Fraction, int]]:
    """What has accrued when each step charges a rounded amount; within a step a part of that, rounded alike: as
    the exact amounts have it where they are known, otherwise evenly. The end of the life charges the rest."""
    rounding = way.segment.terms.rounding
    life = life_ends_at(way.segment, way.calendar)
    before = 0
    place = 0
    for (begin, end), each in charged:
        left = way.total - before
        is_last = end == life or exact.get(end) == way.total
        charge = left if is_last else min(round_amount(each, rounding), left)
        while place < len(asked) and asked[place] <= end:
            months = asked[place]
            if each and months in exact:
                part = (exact[months] - exact[begin]) / each
            else:
                part = (months - begin) / (end - begin)
            partly = charge if months == end else min(round_amount(part * charge, rounding), charge)
            yield months, before + partly
            place += 1
        if place == len(asked):
            return
        before += charge


_WALKS = {
    Rounded.ACCUMULATED: _by_accumulated,
    Rounded.CHARGE: _by_charge,
    Rounded.BALANCE: _by_balance,
}


# --- usage ----------------------------------------------------------------------------------------------------


def _by_usage(segment: Segment, usage: Usage, on: date) -> int:
    """Units of production: the balance by the units used since the segment began, of those then left."""
    total = segment.opening - segment.residual
    if total <= 0:
        return 0
    assert segment.terms.total_units is not None
    used = sum((Fraction(units) for day, units in usage if segment.starts_on <= day <= on), NOTHING)
    left = segment.terms.total_units - segment.elapsed_units
    if used <= 0:
        return 0
    if used >= left:
        return total
    if segment.terms.base is Base.COST:
        exact = segment.cost * used / segment.terms.total_units
    else:
        exact = total * used / left
    return min(round_amount(exact, segment.terms.rounding), total)
