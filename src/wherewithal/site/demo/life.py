"""Two years of the demo company, day by day, as a list of steps in the order in which they were entered.

A pure function of the seed and the day it ends on: nothing here reads a clock or a database.
"""

from datetime import date, timedelta
from itertools import pairwise

from wherewithal.site.demo import buying, keeping, making, owning, selling
from wherewithal.site.demo.desk import Desk, open_desk, workdays
from wherewithal.site.demo.plan import Step

SEED = 20_250_614
DAYS = 730
THURSDAY, WEDNESDAY = 3, 2


def first_day(today: date, days: int = DAYS) -> date:
    """The first of the month so many days ago: books are opened with a month."""
    return (today - timedelta(days)).replace(day=1)


def simulate(*, today: date, days: int = DAYS, seed: int = SEED) -> list[Step]:
    """Everything that the people of the demo company entered up to and including `today`."""
    start = first_day(today, days)
    desk = open_desk(seed=seed, start=start, today=today)
    open_days = workdays(start, today)
    keeping.capital(desk, open_days[0])
    buying.opening(desk, open_days[0])
    for before, day in pairwise(open_days):
        _month_starts(desk, before, day)
        _morning(desk, day)
        _afternoon(desk, day)
    selling.promise(desk, open_days[-1])
    owning.tell(desk, open_days, seed)
    return sorted(desk.steps, key=lambda step: step.recorded_at)


def _month_starts(desk: Desk, before: date, day: date) -> None:
    if before.month != day.month:
        keeping.expire(desk, day)
        keeping.own_use(desk, day)
    if before.day < 5 <= day.day or (before.month != day.month and day.day >= 5):
        keeping.bills(desk, day)
    if before.day < keeping.CLOSING_DAY <= day.day:
        if day.month == 1:
            keeping.write_down(desk, day)
        keeping.close(desk, day)
    if before.day < 8 <= day.day and day.month in (2, 5, 8, 11):
        selling.wrong_count_of_a_case(desk, day)
    if before.day < 17 <= day.day and day.month in (3, 9) and day < desk.today:
        selling.typed_twice(desk, day)
    if before < desk.today - timedelta(41) <= day:
        keeping.recall(desk, day)


def _morning(desk: Desk, day: date) -> None:
    buying.receive(desk, day)
    buying.quarantine(desk, day)
    buying.complaints(desk, day)
    buying.freight_bills(desk, day)
    buying.price_corrections(desk, day)
    making.produce(desk, day)


def _afternoon(desk: Desk, day: date) -> None:
    selling.ship(desk, day)
    selling.returns(desk, day)  # back on the shelf after the day's orders have been picked
    if day.weekday() == THURSDAY:
        making.dispatch(desk, day)
    if day.weekday() == WEDNESDAY:
        keeping.count(desk, day)
    selling.late_papers(desk, day)  # entered after the count: what it is about must not be counted
    buying.order(desk, day)
