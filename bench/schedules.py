"""Schedules of a million assets over five years, straight line and declining with switch, exact to the cent.

The limit is plain numpy: the same matrix of charges from the same columns, in int64, without classes, conventions or
exact fractions (yearly balances are rounded, so its declining charges are off by cents here and there).
"""

import datetime
import resource
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bench.harness import Report, Result, seconds
from wherewithal.core.depreciation import vector
from wherewithal.core.depreciation.accrual import accruals
from wherewithal.core.depreciation.calendar import Calendar, add_months, month_days
from wherewithal.core.depreciation.terms import Method, Segment, Terms

ASSETS = 1_000_000
MONTHS = 60
CHECKED = 2_000
GOAL = 10.0
GIBIBYTE = 1 << 30
LIVES = (36, 60, 84, 120)
FIRST_YEAR, IN_SERVICE_YEARS = 2022, 4
FROM_YEAR = 2025

Ints = npt.NDArray[np.int64]


class Register(NamedTuple):
    """The columns of a million assets, and what plain numpy needs of them: life and the month of going into service."""

    columns: vector.Columns
    life: Ints
    started: Ints
    declines: npt.NDArray[np.bool_]


def register(assets: int = ASSETS) -> Register:
    """Half straight line, half double declining; lives of 3 to 10 years; one in three keeps a tenth at its end."""
    rng = np.random.default_rng(7)
    terms = [Terms(Method.STRAIGHT_LINE, life_months=Fraction(life)) for life in LIVES]
    terms += [
        Terms(
            Method.DECLINING, life_months=Fraction(life), factor=Fraction(2), switches_to_straight_line=True
        )
        for life in LIVES
    ]
    terms_at = rng.integers(0, len(terms), assets).astype(np.int32)
    first = datetime.date(FIRST_YEAR, 1, 1)
    offsets = rng.integers(0, 365 * IN_SERVICE_YEARS, assets)
    days = (first.toordinal() + offsets).astype(np.int32)
    cost = rng.integers(50_00, 5_000_000_00, assets)
    residual = np.where(rng.random(assets) < 1 / 3, cost // 10, 0)
    months = np.array(
        [_month(first + datetime.timedelta(days=each)) for each in range(365 * IN_SERVICE_YEARS)]
    )
    return Register(
        columns=vector.Columns(terms, terms_at, days, days, cost, cost, residual),
        life=np.array(LIVES * 2, dtype=np.int64)[terms_at],
        started=months[offsets],
        declines=terms_at >= len(LIVES),
    )


def _month(on: datetime.date) -> int:
    return on.year * 12 + on.month - 1


def month_ends() -> list[datetime.date]:
    starts = [add_months(datetime.date(FROM_YEAR, 1, 1), month) for month in range(MONTHS)]
    return [start.replace(day=month_days(start)) for start in starts]


def plainly(assets: Register) -> Ints:
    """The charges of each month by plain numpy; the first column has all that was charged before it, too."""
    found = np.empty((len(assets.life), MONTHS), dtype=np.int64)
    for kind, fill in ((False, _plain_line), (True, _plain_declining)):
        mine = assets.declines == kind
        cost, residual = assets.columns.cost[mine], assets.columns.residual[mine]
        found[mine] = fill(cost, residual, assets.life[mine], assets.started[mine])
    found[:, 1:] = np.diff(found, axis=1)
    return found


def _plain_line(cost: Ints, residual: Ints, life: Ints, started: Ints) -> Ints:
    served = np.arange(MONTHS) + FROM_YEAR * 12 + 1 - started[:, None]
    served = np.clip(served, 0, life[:, None])
    return ((cost - residual)[:, None] * served * 2 + life[:, None]) // (2 * life[:, None])


def _plain_declining(cost: Ints, residual: Ints, life: Ints, started: Ints) -> Ints:
    found = np.empty((len(cost), MONTHS), dtype=np.int64)
    balance = cost.copy()
    for year in range(FIRST_YEAR, FROM_YEAR + MONTHS // 12):
        begin = np.maximum(year * 12 - started, 0)
        length = np.clip((year + 1) * 12 - started - begin, 0, np.maximum(life - begin, 0))
        left = np.maximum(life - begin, 1)
        charge = np.maximum(balance * 2 * length // life, (balance - residual) * length // left)
        charge = np.minimum(charge, balance - residual)
        charge = np.where(begin + length >= life, balance - residual, charge)
        if year >= FROM_YEAR:
            served = np.arange(year * 12 + 1, year * 12 + 13) - started[:, None] - begin[:, None]
            served = np.clip(served, 0, length[:, None])
            at = (year - FROM_YEAR) * 12
            done = charge[:, None] * served // np.maximum(length, 1)[:, None]
            found[:, at : at + 12] = (cost - balance)[:, None] + done
        balance -= charge
    return found


def check(assets: Register, charges: Ints) -> None:
    """Some of the million against the one primitive, to the cent."""
    columns, ends = assets.columns, month_ends()
    for row in range(0, len(columns), len(columns) // CHECKED):
        on = datetime.date.fromordinal(int(columns.in_service_on[row]))
        amounts = (int(columns.cost[row]), int(columns.opening[row]), int(columns.residual[row]))
        segment = Segment(on, on, *amounts, columns.terms[columns.terms_at[row]])
        assert np.cumsum(charges[row]).tolist() == accruals(segment, Calendar(), ends)


def run(report: Report) -> None:
    assets = register()
    calendar, ends = Calendar(), month_ends()
    limit = min(seconds(lambda: plainly(assets)) for _ in range(2))
    took = min(seconds(lambda: vector.charges(assets.columns, calendar, ends)) for _ in range(2))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    check(assets, vector.charges(assets.columns, calendar, ends))
    report.say(f"{CHECKED:,} of them compared with the one primitive: the same to the cent")
    report.add(
        Result(
            "schedules",
            f"monthly charges of {ASSETS:,} assets over {MONTHS} months, exact",
            took,
            limit,
            "plain numpy int64",
            GOAL,
        )
    )
    report.add(
        Result(
            "schedules_memory",
            "the most memory of that run, plain numpy included",
            peak / GIBIBYTE,
            2.0,
            "2 GiB",
            1.0,
            "GiB",
        )
    )
