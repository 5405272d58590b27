"""The only reads of this room. All run inside the caller's company_transaction."""

from wherewithal.items.queries.catalogue import (
    attribute_specs_by_category,
    attributes_in_use,
    categories,
    category_ids,
    get_category,
    inherited_specs,
    items_by_category,
    unit_ids,
    units,
)
from wherewithal.items.queries.find import find_by_scan, find_items
from wherewithal.items.queries.items import (
    ItemFilter,
    attachments,
    barcodes,
    barcodes_taken,
    costing_items,
    get_item,
    item_ids_by_sku,
    item_records,
    item_units,
    list_items,
    matching,
)
from wherewithal.items.queries.lots import (
    get_lot,
    list_lots,
    lot_history,
    lot_ids,
    lots_by_id,
)

__all__ = [
    "ItemFilter",
    "attachments",
    "attribute_specs_by_category",
    "attributes_in_use",
    "barcodes",
    "barcodes_taken",
    "categories",
    "category_ids",
    "costing_items",
    "find_by_scan",
    "find_items",
    "get_category",
    "get_item",
    "get_lot",
    "inherited_specs",
    "item_ids_by_sku",
    "item_records",
    "item_units",
    "items_by_category",
    "list_items",
    "list_lots",
    "lot_history",
    "lot_ids",
    "lots_by_id",
    "matching",
    "unit_ids",
    "units",
]
