"""The state that all activities of the simulation share, and the few moves of the pen they have in common."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from wherewithal.items.values import Tracking
from wherewithal.site.demo import catalogue
from wherewithal.site.demo.catalogue import Partner, Product
from wherewithal.site.demo.market import Market, weekly_usage
from wherewithal.site.demo.notebook import Notebook, Taken
from wherewithal.site.demo.plan import Batch, Document, Line, Ref, Step

ZONE = ZoneInfo(catalogue.TIME_ZONE)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A line that went to a customer on time, so that it can come back later."""

    ref: Ref
    line: Line
    on: date
    party: str


@dataclass(frozen=True, slots=True)
class Received:
    """A receipt that was entered, for freight bills, price corrections and complaints."""

    document: Document
    on: date
    supplier: Partner


@dataclass(frozen=True, slots=True)
class Bought:
    """What a delivery will be billed at: in cents of its currency, and in euro cents as it was booked."""

    on: date
    currency: str
    cents: int
    booked_cents: int


@dataclass(slots=True)
class Desk:
    """One company, one seed, one day after the other."""

    random: Random
    start: date
    today: date
    market: Market
    notebook: Notebook = field(default_factory=Notebook)
    steps: list[Step] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=dict)  # smallest units per week
    on_order: dict[str, list[tuple[date, int]]] = field(default_factory=dict)
    shipped: list[Shipped] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    late: list[Batch] = field(default_factory=list)
    expiry: dict[tuple[str, str], date] = field(default_factory=dict)  # of each lot that has one
    sold: list[int] = field(default_factory=list)  # euro cents shipped, not invoiced yet
    bought: list[Bought] = field(default_factory=list)  # received, not billed yet
    freight: list[int] = field(default_factory=list)  # euro cents of freight and duty, not billed yet
    invoiced: int = 0  # what customers owe since the last invoices, and what we owe since the last bills
    billed: int = 0
    numbers: dict[str, int] = field(default_factory=dict)

    def next(self, series: str) -> int:
        self.numbers[series] = self.numbers.get(series, 0) + 1
        return self.numbers[series]

    def write(self, recorded_at: datetime, actor: str, *documents: Document) -> None:
        """Enter documents; those that come to nothing are left out."""
        whole = tuple(document for document in documents if document.lines or document.of_document)
        if whole:
            self.steps.append(Batch(recorded_at, actor, whole))

    def papers_pending(self, sku: str, lot: str = "") -> bool:
        """Whether a shipment of it (of this lot) has left, but is not entered yet."""
        lines = (line for batch in self.late for document in batch.documents for line in document.lines)
        return any(line.sku == sku and lot in ("", line.lot or "") for line in lines)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


def open_desk(*, seed: int, start: date, today: date) -> Desk:
    random = Random(seed)  # a story, not a secret
    listed = {product.sku: product for product in catalogue.products()}
    usage = {
        sku: int(qty * 10 ** listed[sku].decimals) for sku, qty in weekly_usage().items()
    }  # smallest units
    return Desk(random, start, today, Market(random, start), products=listed, usage=usage)


def out_lines(
    desk: Desk, sku: str, taken: list[Taken], source: str, target: str | None, *, consumed: bool = False
) -> list[Line]:
    """Lines for what was taken from a place: one per lot, and one for all serials together."""
    if desk.products[sku].tracking is Tracking.SERIAL and taken:
        serials = tuple(piece.lot for piece in taken)
        return [Line(sku, len(serials), source, target, serials=serials, consumed=consumed)]
    return [Line(sku, t.qty, source, target, t.lot or None, consumed=consumed) for t in taken]


def positions(document: Document) -> list[int]:
    """For each line, the position of its first move in the document: a line with serials makes one move for each."""
    counts = [len(line.serials) or 1 for line in document.lines]
    return [sum(counts[:n]) for n in range(len(counts))]


def at(day: date, clock: str) -> datetime:
    """An instant by the company's clock."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


def workdays(start: date, end: date) -> list[date]:
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS]


HOLIDAYS = {
    (1, 1),
    (1, 6),
    (5, 1),
    (8, 15),
    (10, 26),
    (11, 1),
    (12, 8),
    (12, 24),
    (12, 25),
    (12, 26),
    (12, 31),
}
