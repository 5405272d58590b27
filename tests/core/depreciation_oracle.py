"""What has accrued by the end of a month, worked out naively: month by month, year by year, in plain loops.

Written from the meaning of the methods, without a look at the code under test: fiscal years of twelve months, terms
without rounding of charges, no idle time.
"""

from datetime import date
from fractions import Fraction


def month_index(on: date) -> int:
    return on.year * 12 + on.month - 1


def weights(convention: str, in_service_on: date, first_month: int, months: int) -> list[Fraction]:
    """How much service each month has, from that of going into service on (full_year: from its fiscal year on)."""
    start = month_index(in_service_on)
    into_year = (in_service_on.month - first_month) % 12
    one, half = Fraction(1), Fraction(1, 2)
    if convention == "full_month":
        first = [one]
    elif convention == "following_month":
        first = [Fraction(0)]
    elif convention == "half_month":
        first = [one if in_service_on.day <= 15 else Fraction(0)]
    elif convention == "mid_month":
        first = [half]
    elif convention == "half_year":
        first = [Fraction(6, 12 - into_year)] * (12 - into_year)
    elif convention == "mid_quarter":
        left = 3 - into_year % 3
        first = [Fraction(3, 2) / left] * left
    elif convention == "full_year":
        first = [Fraction(1 + into_year)]
    elif convention == "following_year":
        first = [Fraction(0)] * (12 - into_year)
    else:
        raise ValueError(convention)
    assert start >= 0
    return (first + [one] * months)[:months]


def year_ends(in_service_on: date, first_month: int, months: int) -> list[int]:
    """Which of the months from going into service on are the last of a fiscal year."""
    into_year = (in_service_on.month - first_month) % 12
    return [at for at in range(months) if (into_year + at + 1) % 12 == 0]


def accrued_exactly(
    *,
    method: str,
    cost: int,
    residual: int,
    life: int,
    factor: Fraction,
    switch: bool,
    convention: str,
    in_service_on: date,
    first_month: int,
    months: int,
) -> list[Fraction]:
    """What has accrued at the end of each month."""
    service = weights(convention, in_service_on, first_month, months)
    total = cost - residual
    if method == "straight_line":
        return [min(sum(service[: at + 1], Fraction(0)) / life, Fraction(1)) * total for at in range(months)]
    if method == "sum_of_digits":
        return [_digits(sum(service[: at + 1], Fraction(0)), life) * total for at in range(months)]
    return _declining(
        service, year_ends(in_service_on, first_month, months), cost, residual, life, factor, switch
    )


def _digits(served: Fraction, life: int) -> Fraction:
    """By the month: each month of year k weighs what is left of the life, in years, at the start of that year."""
    weight = [Fraction(life - month // 12 * 12, 12) for month in range(life)]
    whole = int(served)
    done = sum(weight[:whole], Fraction(0))
    if whole < life:
        done += weight[whole] * (served - whole)
    return done / sum(weight)


def _declining(
    service: list[Fraction],
    ends: list[int],
    cost: int,
    residual: int,
    life: int,
    factor: Fraction,
    switch: bool,
) -> list[Fraction]:
    answer: list[Fraction] = []
    served = Fraction(0)
    balance = Fraction(cost)
    first = 0
    for end in [*ends, len(service) - 1]:
        if end < first:
            continue
        year = service[first : end + 1]
        # what the whole year would be, also if the months asked for end before it does
        missing = 0 if end in ends else 12
        length = sum(year, Fraction(0)) + missing
        yearly = balance * factor / life * 12
        if switch and life > served:
            yearly = max(yearly, (balance - residual) / (life - served) * 12)
        length = min(length, life - served)
        charge = min(yearly * length / 12, balance - residual)
        if served + length >= life:
            charge = balance - residual
        done = Fraction(0)
        for each in year:
            done += each
            part = min(done / length, Fraction(1)) if length > 0 else Fraction(1)
            answer.append(cost - balance + charge * part)
        balance -= charge
        served += length
        first = end + 1
    return answer
