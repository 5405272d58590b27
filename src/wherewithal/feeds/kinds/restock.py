"""What must have been in stock for a log to have happened, and what it may have cost.

Per item the log is a walk of its quantity in time. The least stock that keeps the walk at or above zero is the depth
of its lowest point. With monthly restocking each month is a walk of its own, that starts from what the month before
left over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from wherewithal.feeds.kinds.documents import Entry, Head

COST_STEP = Decimal("0.0001")
Quantity = Decimal | int


@dataclass(frozen=True, slots=True)
class Need:
    """So much of an item must come in, on the first instant of a month; None is before everything."""

    sku: str
    month_at: datetime | None
    qty: Quantity


@dataclass(slots=True)
class _Walk:
    total: Quantity = 0
    lowest: Quantity = 0


def _steps(pairs: Sequence[tuple[Head, Entry]]) -> list[tuple[datetime, int, str, Quantity]]:
    """(instant, 0 out or 1 in, item, signed quantity), outs before ins inside an instant: the harder order."""
    steps = []
    for head, entry in pairs:
        qty = entry.qty if entry.to_code is not None or entry.qty < 0 else -entry.qty
        steps.append((head.at, int(qty > 0), entry.sku, qty))
    steps.sort(key=lambda step: step[:2])
    return steps


def needs(pairs: Sequence[tuple[Head, Entry]], zone: ZoneInfo, *, monthly: bool) -> list[Need]:
    """The least that must come in so that no item ever goes below zero, by item and month."""
    months: dict[datetime, datetime | None] = {}
    walks: dict[datetime | None, dict[str, _Walk]] = {}
    first: datetime | None = None
    for at, _, sku, qty in _steps(pairs):
        month = months.get(at)
        if month is None and at not in months:
            month = months[at] = month_start(at, zone) if monthly else None
        if first is None and month is not None:
            first = month
        walk = walks.setdefault(month, {}).setdefault(sku, _Walk())
        walk.total += qty
        if walk.total < walk.lowest:
            walk.lowest = walk.total
    left: dict[str, Quantity] = {}
    found: list[Need] = []
    for month, by_sku in walks.items():  # in the order of time, as the steps were
        for sku in sorted(by_sku):
            walk, have = by_sku[sku], left.get(sku, 0)
            short = -(have + walk.lowest)
            if short > 0:
                found.append(Need(sku, None if month == first else month, short))
                have += short
            left[sku] = have + walk.total
    return found


def month_start(at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the month in which an instant lies, by local time."""
    return at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def unit_costs(
    prices: Sequence[tuple[str, datetime, Decimal]], found: Sequence[Need], zone: ZoneInfo, share: Decimal
) -> dict[Need, Decimal]:
    """The share of the median price: of the item in that month, else of the item, else of all prices, else nothing.

    The median of an even number of prices is the lower middle one, so that it is a price that was really asked.
    """
    by_month: dict[tuple[str, datetime], list[Decimal]] = {}
    by_sku: dict[str, list[Decimal]] = {}
    months: dict[datetime, datetime] = {}
    for sku, at, price in prices:
        month = months.get(at)
        if month is None:
            month = months[at] = month_start(at, zone)
        by_month.setdefault((sku, month), []).append(price)
        by_sku.setdefault(sku, []).append(price)
    first = min(months.values(), default=None)
    everything = _median([price for _, _, price in prices])
    costs = {}
    for need in found:
        month = need.month_at or first
        own = by_month.get((need.sku, month)) if month is not None else None
        price = _median(own) if own else _median(by_sku[need.sku]) if need.sku in by_sku else everything
        costs[need] = (price * share).quantize(COST_STEP, ROUND_HALF_EVEN)
    return costs


def _median(prices: list[Decimal]) -> Decimal:
    return sorted(prices)[(len(prices) - 1) // 2] if prices else Decimal(0)
