"""The only reads of stock. All see one company: the transaction's."""

from wherewithal.stock.queries.locations import Location, location, locations, locations_by_code
from wherewithal.stock.queries.moves import (
    DocumentRow,
    MoveCost,
    MoveDetail,
    MoveRow,
    ValueTrail,
    documents,
    move,
    moves,
)
from wherewithal.stock.queries.on_hand import Availability, StockRow, available, on_hand
from wherewithal.stock.queries.valuation import CardRow, ValuationRow, ledger_card, total_value, valuation

__all__ = [
    "Availability",
    "CardRow",
    "DocumentRow",
    "Location",
    "MoveCost",
    "MoveDetail",
    "MoveRow",
    "StockRow",
    "ValuationRow",
    "ValueTrail",
    "available",
    "documents",
    "ledger_card",
    "location",
    "locations",
    "locations_by_code",
    "move",
    "moves",
    "on_hand",
    "total_value",
    "valuation",
]
