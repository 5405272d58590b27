"""The only writes of assets."""

from wherewithal.assets.services.classes import create_class, create_classes, update_class
from wherewithal.assets.services.cost_centres import create_cost_centre, update_cost_centre
from wherewithal.assets.services.record import preview, record
from wherewithal.assets.services.runs import depreciate, preview_depreciation, reverse_run

__all__ = [
    "create_class",
    "create_classes",
    "create_cost_centre",
    "depreciate",
    "preview",
    "preview_depreciation",
    "record",
    "reverse_run",
    "update_class",
    "update_cost_centre",
]
