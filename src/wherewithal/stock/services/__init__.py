"""The only writes of stock."""

from wherewithal.stock.services.accounts import map_account
from wherewithal.stock.services.costing import (
    StandardCostDraft,
    add_book,
    fill_book,
    filled_books,
    set_cost_method,
    set_standard_costs,
)
from wherewithal.stock.services.locations import (
    LocationDraft,
    LocationType,
    create_locations,
    name_born_locations,
    update_location,
)
from wherewithal.stock.services.nrv import NrvEstimate, write_down
from wherewithal.stock.services.papers import attach_paper, remove_paper
from wherewithal.stock.services.posting.ahead import Prepared, prepare
from wherewithal.stock.services.posting.record import record
from wherewithal.stock.services.reservations import ReservationDraft, release, reserve
from wherewithal.stock.services.use_cases import (
    add_landed_cost,
    adjust,
    amend,
    arrive,
    correct_price,
    dispatch,
    dropship,
    issue,
    open_stock,
    produce,
    receive,
    return_from_customer,
    return_to_supplier,
    reverse,
    scrap,
    transfer,
)

__all__ = [
    "LocationDraft",
    "LocationType",
    "NrvEstimate",
    "Prepared",
    "ReservationDraft",
    "StandardCostDraft",
    "add_book",
    "add_landed_cost",
    "adjust",
    "amend",
    "arrive",
    "attach_paper",
    "correct_price",
    "create_locations",
    "dispatch",
    "dropship",
    "fill_book",
    "filled_books",
    "issue",
    "map_account",
    "name_born_locations",
    "open_stock",
    "prepare",
    "produce",
    "receive",
    "record",
    "release",
    "remove_paper",
    "reserve",
    "return_from_customer",
    "return_to_supplier",
    "reverse",
    "scrap",
    "set_cost_method",
    "set_standard_costs",
    "transfer",
    "update_location",
    "write_down",
]
