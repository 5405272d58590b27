"""What must have been in stock for a log to have happened, and what it may have cost.

Per item the log is a walk of its quantity in time. The least stock that keeps the walk at or above zero is the depth
of its lowest point. With monthly restocking each month is a walk of its own, that starts from what the month before
left over.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from wherewithal.feeds.coded import Coded, Whole

COST_STEP = Decimal("0.0001")
Quantity = Decimal | int
Changes = NDArray[Any]  # of Quantity
Walk = tuple[Quantity, Quantity]  # its end and its lowest point, both from its start


@dataclass(frozen=True, slots=True)
class Need:
    """So much of an item must come in, on the first instant of a month; None is before everything."""

    sku: str
    month_at: datetime | None
    qty: Quantity


class Calendar:
    """The item, the instant and the month of each row, as places among all of them."""

    def __init__(self, sku: Coded, at: Coded, zone: ZoneInfo) -> None:
        instants, self.instant = at.ranked()
        self.skus, self.sku = sku.ranked()
        self.months, self.month = Coded([month_start(one, zone) for one in instants], self.instant).ranked()
        self.instants = len(instants)


def needs(calendar: Calendar, rows: Whole, changes: Changes, *, monthly: bool) -> list[Need]:
    """The least that must come in so that no item ever goes below zero, by item and month. `rows`: the lines of goods,
    and by how much each changes what is in stock.

    Within an instant what goes out counts before what comes in: the harder order, whatever the order of the file.
    """
    walk = calendar.sku * len(calendar.months) + calendar.month if monthly else calendar.sku
    order = np.argsort((walk * calendar.instants + calendar.instant)[rows] * 2 + (changes > 0), kind="stable")
    rows, heights = rows[order], np.cumsum(changes[order])
    starts = np.flatnonzero(np.diff(walk[rows], prepend=-1))
    ends = heights[np.append(starts[1:], len(rows)) - 1]
    before = np.append([0], ends[:-1])
    by_month: dict[datetime | None, dict[str, Walk]] = {}
    found = zip(
        rows[starts].tolist(), ends - before, np.minimum.reduceat(heights, starts) - before, strict=True
    )
    months = [*calendar.months] if monthly else [None]
    for row, total, lowest in found:
        month = months[calendar.month[row]] if monthly else None
        by_month.setdefault(month, {})[calendar.skus[calendar.sku[row]]] = total, min(lowest, 0)
    return _shortfalls({month: by_month[month] for month in months if month in by_month})


def _shortfalls(by_month: Mapping[datetime | None, Mapping[str, Walk]]) -> list[Need]:
    """Month by month: what was left over, less the depth of the month's walk."""
    left: dict[str, Quantity] = {}
    found: list[Need] = []
    first = next(iter(by_month), None)
    for month, walks in by_month.items():
        for sku in sorted(walks):
            total, lowest = walks[sku]
            have = left.get(sku, 0)
            short = -(have + lowest)
            if short > 0:
                found.append(Need(sku, None if month == first else month, short))
                have += short
            left[sku] = have + total
    return found


def month_start(at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the month in which an instant lies, by local time."""
    return at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def unit_costs(
    calendar: Calendar, rows: Whole, prices: Coded, found: Sequence[Need], share: Decimal
) -> dict[Need, Decimal]:
    """The share of the median price: of the item in that month, else of the item, else of all prices, else nothing.
    `rows`: the lines that have been sold.

    The median of an even number of prices is the lower middle one, so that it is a price that was really asked.
    """
    ordered, price = prices.ranked()
    kinds, months = len(ordered), len(calendar.months)
    sold: list[int] = np.sort(((calendar.sku * months + calendar.month) * kinds + price)[rows]).tolist()
    sku_at = {sku: place for place, sku in enumerate(calendar.skus)}
    month_at = {month: place for place, month in enumerate(calendar.months)}

    def between(start: int, end: int) -> list[int]:
        return sold[bisect_left(sold, start * kinds) : bisect_left(sold, end * kinds)]

    def median(places: list[int]) -> Decimal:
        return ordered[places[(len(places) - 1) // 2] % kinds] if places else Decimal(0)

    first = int(calendar.month[rows].min(initial=months))
    of_all: Decimal | None = None  # sorting all takes long, and mostly nobody asks
    costs = {}
    for need in found:
        of_sku = sku_at[need.sku] * months
        of_month = of_sku + (first if need.month_at is None else month_at[need.month_at])
        own = between(of_month, of_month + 1)
        own = own or sorted(one % kinds for one in between(of_sku, of_sku + months))
        if not own and of_all is None:
            of_all = median(sorted(one % kinds for one in sold))
        price_of_one = median(own) if own or of_all is None else of_all
        costs[need] = (price_of_one * share).quantize(COST_STEP, ROUND_HALF_EVEN)
    return costs
