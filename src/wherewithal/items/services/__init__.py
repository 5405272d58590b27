"""The only writes of this room. Use cases open their own transaction; verbs are called inside one."""

from wherewithal.items.services.attachments import attach_file, remove_attachment
from wherewithal.items.services.catalogue import (
    create_categories,
    create_category,
    create_unit,
    create_units,
    update_category,
)
from wherewithal.items.services.items import (
    add_barcode,
    create_item,
    create_items,
    remove_barcode,
    set_item_units,
    set_items_active,
    update_item,
)
from wherewithal.items.services.lots import create_lots, ensure_lots, set_lot_status, update_lot

__all__ = [
    "add_barcode",
    "attach_file",
    "create_categories",
    "create_category",
    "create_item",
    "create_items",
    "create_lots",
    "create_unit",
    "create_units",
    "ensure_lots",
    "remove_attachment",
    "remove_barcode",
    "set_item_units",
    "set_items_active",
    "set_lot_status",
    "update_category",
    "update_item",
    "update_lot",
]
