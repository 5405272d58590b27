"""The only writes of stock."""

from wherewithal.stock.services.costing import (
    StandardCostDraft,
    fill_book,
    set_cost_method,
    set_standard_costs,
)
from wherewithal.stock.services.locations import (
    LocationDraft,
    LocationType,
    create_locations,
    update_location,
)
from wherewithal.stock.services.posting.record import record
from wherewithal.stock.services.reservations import ReservationDraft, release, reserve

__all__ = [
    "LocationDraft",
    "LocationType",
    "ReservationDraft",
    "StandardCostDraft",
    "create_locations",
    "fill_book",
    "record",
    "release",
    "reserve",
    "set_cost_method",
    "set_standard_costs",
    "update_location",
]
