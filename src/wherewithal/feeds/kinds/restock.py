"""What must have been in stock for a log to have happened, and what it may have cost.

Per item the log is a walk of its quantity in time. The least stock that keeps the walk at or above zero is the depth
of its lowest point. With monthly restocking each month is a walk of its own, that starts from what the month before
left over.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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


class _Walks:
    """How far below its start each item gets. Within an instant what goes out counts before what comes in: the harder
    order, whatever the order of the file."""

    def __init__(self) -> None:
        self.walks: dict[str, list[Quantity]] = defaultdict(lambda: [0, 0])  # item -> [total, lowest]
        self._waiting: list[tuple[str, Quantity]] = []

    def step(self, sku: str, qty: Quantity) -> None:
        if qty > 0:
            self._waiting.append((sku, qty))
            return
        walk = self.walks[sku]
        walk[0] += qty
        if walk[0] < walk[1]:
            walk[1] = walk[0]

    def end_instant(self) -> None:
        for sku, qty in self._waiting:
            self.walks[sku][0] += qty
        self._waiting.clear()


def needs(pairs: Sequence[tuple[Head, Entry]], zone: ZoneInfo, *, monthly: bool) -> list[Need]:
    """The least that must come in so that no item ever goes below zero, by item and month. The pairs are in the order
    of time."""
    by_month: dict[datetime | None, _Walks] = {}
    walks = _Walks()
    at: datetime | None = None
    for head, entry in pairs:
        if head.at != at:
            walks.end_instant()
            at = head.at
            month = month_start(at, zone) if monthly else None
            if month not in by_month:
                by_month[month] = _Walks()
            walks = by_month[month]
        walks.step(entry.sku, entry.qty if entry.to_code is not None or entry.qty < 0 else -entry.qty)
    walks.end_instant()
    return _shortfalls(by_month)


def _shortfalls(by_month: Mapping[datetime | None, _Walks]) -> list[Need]:
    """Month by month: what was left over, less the depth of the month's walk."""
    left: dict[str, Quantity] = {}
    found: list[Need] = []
    first = next(iter(by_month), None)
    for month, walks in by_month.items():
        for sku in sorted(walks.walks):
            total, lowest = walks.walks[sku]
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
    prices: Sequence[tuple[str, datetime, Decimal]], found: Sequence[Need], zone: ZoneInfo, share: Decimal
) -> dict[Need, Decimal]:
    """The share of the median price: of the item in that month, else of the item, else of all prices, else nothing.

    The median of an even number of prices is the lower middle one, so that it is a price that was really asked.
    """
    by_month: dict[datetime, dict[str, list[Decimal]]] = {}
    of_month: dict[str, list[Decimal]] = {}
    before: datetime | None = None
    for sku, at, price in prices:
        if at is not before:  # lines of one document mostly stand together
            before = at
            of_month = by_month.setdefault(month_start(at, zone), defaultdict(list))
        of_month[sku].append(price)
    first = min(by_month, default=None)
    everything: Decimal | None = None  # sorting all takes long, and mostly nobody asks
    costs = {}
    for need in found:
        month = need.month_at or first
        own = by_month.get(month, {}).get(need.sku) if month is not None else None
        own = own or _prices_of(need.sku, by_month)
        if not own and everything is None:
            everything = _median([price for _, _, price in prices])
        price = _median(own) if own or everything is None else everything
        costs[need] = (price * share).quantize(COST_STEP, ROUND_HALF_EVEN)
    return costs


def _prices_of(sku: str, by_month: Mapping[datetime, Mapping[str, list[Decimal]]]) -> list[Decimal]:
    """All prices of an item, in whichever month."""
    return [price for of_month in by_month.values() for price in of_month.get(sku, ())]


def _median(prices: list[Decimal]) -> Decimal:
    return sorted(prices)[(len(prices) - 1) // 2] if prices else Decimal(0)
