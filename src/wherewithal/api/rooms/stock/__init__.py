"""What is where, what it is worth, and how it came there."""

from wherewithal.api.rooms.stock import claims, moves, on_hand, places, value
from wherewithal.api.rooms.stock.common import section

__all__ = ["claims", "moves", "on_hand", "places", "section", "value"]
