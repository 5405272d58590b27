"""The demo company's life as plain values: what its people enter, day by day, before anything touches a database.

Items, places, parties and earlier documents are named by their codes; `load.py` looks the ids up and calls the use
cases. Quantities are whole numbers of the item's smallest unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from wherewithal.stock.drafts import DocumentKind


@dataclass(frozen=True, slots=True)
class Ref:
    """A move that was planned earlier: the document's key and the position of the move in it."""

    document: str
    position: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a planned document; `consumed` marks the input of a production."""

    sku: str
    qty: int = 0
    source: str | None = None
    target: str | None = None
    lot: str | None = None
    serials: tuple[str, ...] = ()
    expires_on: date | None = None
    unit_cost: Decimal | None = None
    amount: Decimal | None = None
    counted_qty: int | None = None
    of: Ref | None = None
    consumed: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that happened at one instant."""

    key: str
    kind: DocumentKind
    at: datetime
    lines: tuple[Line, ...] = ()
    party: str | None = None
    currency: str | None = None
    reference: str | None = None
    note: str | None = None
    amount: Decimal | None = None
    of_document: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents that one person entered together, and when."""

    recorded_at: datetime
    actor: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class ClosePeriod:
    recorded_at: datetime
    actor: str
    end_on: date
    lock: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLots:
    """Lots get another status: quarantined, recalled, expired."""

    recorded_at: datetime
    actor: str
    sku: str
    lots: tuple[str, ...]
    status: int
    note: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """Stock is promised to an order that has not left yet."""

    recorded_at: datetime
    actor: str
    reference: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class WriteDown:
    """An item is worth less than it cost at the end of a period."""

    recorded_at: datetime
    actor: str
    sku: str
    on: date
    unit_value: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A manual entry: account codes of the chart and amounts in cents, debit positive."""

    recorded_at: datetime
    actor: str
    on: date
    description: str
    lines: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Asset:
    """A new asset. `terms`: by book, laid over those of its class."""

    tag: str
    name: str
    asset_class: str
    place: str
    centre: str
    supplier: str | None = None
    serial_no: str = ""
    parent: str | None = None
    qty: int = 1
    reference: str = ""
    warranty_until: date | None = None
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssetEvent:
    """Something that happened to an asset. `values`: the fields of the kind, codes where the use case wants ids; `of`:
    the key of an earlier event."""

    kind: str
    tag: str
    on: date
    values: Mapping[str, Any] = field(default_factory=dict)
    by_book: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    book: str | None = None
    party: str | None = None
    key: str | None = None
    of: str | None = None
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AssetBatch:
    """Assets and events that one person entered together. `key` is the batch's own name."""

    recorded_at: datetime
    actor: str
    key: str
    assets: tuple[Asset, ...]
    events: tuple[AssetEvent, ...]


@dataclass(frozen=True, slots=True)
class Depreciate:
    """A book is charged its depreciation up to the end of a day."""

    recorded_at: datetime
    actor: str
    book: str
    through_on: date


@dataclass(frozen=True, slots=True)
class Booking:
    """A shared asset is wanted for some hours. `user`: who wants it."""

    recorded_at: datetime
    actor: str
    tag: str
    begins_at: datetime
    ends_at: datetime
    user: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Audit:
    """Assets at a place are looked for. Every so manieth is not found; `seen`: how many are looked for before it is
    left open, None: all of them, and it is closed."""

    recorded_at: datetime
    actor: str
    name: str
    place: str
    every: int
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What may happen: assets of a class kept longer, a purchase, a sale. Amounts in euros."""

    recorded_at: datetime
    actor: str
    name: str
    note: str
    keep: tuple[str, int, date]
    buy: tuple[str, str, Decimal, date]
    sell: tuple[str, Decimal, date]


@dataclass(frozen=True, slots=True)
class Budget:
    """The forecast of a year is frozen."""

    recorded_at: datetime
    actor: str
    name: str
    from_on: date
    to_on: date


Upkeep = Booking | Audit | Scenario | Budget
Step = Batch | ClosePeriod | ChangeLots | Reserve | WriteDown | Journal | AssetBatch | Depreciate | Upkeep
