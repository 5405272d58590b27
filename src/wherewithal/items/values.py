"""What doors and other rooms hand to this room and get back from it: plain immutable values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any


class ItemKind(StrEnum):
    RAW_MATERIAL = "raw_material"
    WORK_IN_PROGRESS = "work_in_progress"
    FINISHED_GOOD = "finished_good"
    SPARE = "spare"
    CONSUMABLE = "consumable"


class Tracking(IntEnum):
    """How far single pieces of an item are told apart."""

    BULK = 0
    LOT = 1
    SERIAL = 2


class LotStatus(IntEnum):
    """Only AVAILABLE stock is offered for reservation and picking; any stock can be scrapped."""

    AVAILABLE = 0
    QUARANTINED = 1
    ON_HOLD = 2
    RECALLED = 3
    EXPIRED = 4


class Symbology(StrEnum):
    """GTIN covers GTIN-8, -12, -13 and -14 (EAN, UPC); INTERNAL is any other text of one's own."""

    GTIN = "gtin"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    code: str
    name: str
    parent_code: str | None = None
    attributes: Sequence[Mapping[str, Any]] = ()  # see attributes.py


@dataclass(frozen=True, slots=True)
class UnitDraft:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemUnitDraft:
    """1 unit = numerator / denominator base units, exactly: a case of 12 is (case, 12, 1)."""

    unit_code: str
    numerator: int
    denominator: int = 1


@dataclass(frozen=True, slots=True)
class BarcodeDraft:
    """A code that stands for the item, or for one of its units (the case has a GTIN of its own)."""

    code: str
    unit_code: str | None = None
    symbology: str | None = None  # None: a GTIN where it has the form of one


@dataclass(frozen=True, slots=True)
class ItemDraft:
    sku: str
    name: str
    kind: str = ItemKind.FINISHED_GOOD
    category_code: str | None = None
    base_unit_code: str = "pcs"
    qty_decimals: int = 0
    tracking: int | str = Tracking.BULK
    description: str = ""
    shelf_life_days: int | None = None
    weight_g: Decimal | None = None
    volume_ml: Decimal | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    units: Sequence[ItemUnitDraft] = ()
    barcodes: Sequence[BarcodeDraft] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class LotDraft:
    """A lot or a serial. Dates that are not given follow from manufactured_on and the item's shelf life."""

    item_id: int
    code: str
    status: int = LotStatus.AVAILABLE
    manufactured_on: date | None = None
    best_before_on: date | None = None
    expires_on: date | None = None
    removal_on: date | None = None
    alert_on: date | None = None
    supplier_lot: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """One unit in which an item can be counted: 1 unit = numerator / denominator base units."""

    unit_id: int
    code: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What posting needs to know of an item. category_path runs from the item's category to the root."""

    item_id: int
    sku: str
    qty_decimals: int
    tracking: Tracking
    category_path: tuple[int, ...]
    unit_code: str
    active: bool = True
    name: str = ""
    shelf_life_days: int | None = None
    weight_g: Decimal | None = None
    volume_ml: Decimal | None = None
    units: tuple[UnitFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class LotFacts:
    lot_id: int
    item_id: int
    code: str
    is_serial: bool
    status: LotStatus
    manufactured_on: date | None
    best_before_on: date | None
    expires_on: date | None
    removal_on: date | None
    alert_on: date | None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scanned text means: an item, perhaps one of its units, perhaps one lot or serial of it."""

    item_id: int
    sku: str
    name: str
    unit_code: str
    qty: (
        Decimal  # how many of unit_code one scan stands for; from the element string's count where it has one
    )
    lot_code: str | None = None
    lot_id: int | None = None
    expires_on: date | None = None
    best_before_on: date | None = None
    manufactured_on: date | None = None
    gtin: str | None = None
