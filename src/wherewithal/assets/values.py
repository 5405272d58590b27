"""The words of the register, and what callers hand to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any


class ClassKind(StrEnum):
    """What assets of a class are. Land is never depreciated, and nothing is while it is under construction."""

    TANGIBLE = "tangible"
    LAND = "land"
    INTANGIBLE = "intangible"
    RIGHT_OF_USE = "right_of_use"
    UNDER_CONSTRUCTION = "under_construction"


NEVER_DEPRECIATED = frozenset({ClassKind.LAND, ClassKind.UNDER_CONSTRUCTION})


class Status(IntEnum):
    """The numbers are stored: never reuse or renumber one."""

    PLANNED = 0
    UNDER_CONSTRUCTION = 1
    IN_SERVICE = 2
    IDLE = 3
    UNDER_MAINTENANCE = 4
    HELD_FOR_SALE = 5
    DISPOSED = 6
    LOST = 7


GONE = frozenset({Status.DISPOSED, Status.LOST})


class Aspect(IntEnum):
    """What a placement says of an asset from a day on."""

    LOCATION = 1
    CUSTODIAN_PARTY = 2
    CUSTODIAN_USER = 3
    COST_CENTRE = 4
    CLASS = 5
    STATUS = 6


REQUIRABLE = (
    "serial_no",
    "item_id",
    "lot_id",
    "location_id",
    "custodian",
    "cost_centre_id",
    "supplier_id",
    "purchase_reference",
    "warranty_until",
    "insured_until",
    "insurance_reference",
)
"""Fields that a class may demand of its assets."""


@dataclass(frozen=True, slots=True)
class ClassDraft:
    """A class to create. Without `category_code` it gets a category of its own under FA (made when first needed).

    `terms` are the defaults by book code, "" for every book that is not named.
    """

    code: str
    name: str
    kind: ClassKind | str = ClassKind.TANGIBLE
    category_code: str | None = None
    tag_prefix: str | None = None
    tag_digits: int = 5
    required_fields: Sequence[str] = ()
    attributes: Sequence[Mapping[str, Any]] = ()
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """An asset to register. Without `tag` it gets the next number of its class.

    `parent_tag` may name an asset of the same batch that stands above. `terms`: by book code ("" for every other
    book), laid over the defaults of the class, key by key. `since_on`: from when place, custodian and cost centre
    hold; by default the day of its first event in the batch.
    """

    name: str
    class_code: str
    tag: str | None = None
    parent_tag: str | None = None
    item_id: int | None = None
    lot_id: int | None = None
    serial_no: str = ""
    qty: int = 1
    supplier_id: int | None = None
    purchase_reference: str = ""
    warranty_until: date | None = None
    insured_until: date | None = None
    insurance_reference: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    terms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    location_id: int | None = None
    custodian_party_id: int | None = None
    custodian_user_id: int | None = None
    cost_centre_id: int | None = None
    since_on: date | None = None
    row: int | None = None


Money = Decimal | int
