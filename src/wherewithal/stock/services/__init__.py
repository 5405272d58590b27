"""The only writes of stock."""

from wherewithal.stock.services.locations import (
    LocationDraft,
    LocationType,
    create_locations,
    update_location,
)
from wherewithal.stock.services.posting.record import record

__all__ = [
    "LocationDraft",
    "LocationType",
    "create_locations",
    "record",
    "update_location",
]
