"""The kinds of import, by name."""

from collections.abc import Mapping

from wherewithal.feeds.kinds.asset_events import ASSET_EVENTS
from wherewithal.feeds.kinds.assets import ASSETS
from wherewithal.feeds.kinds.log import PURCHASE_LOG, SALES_LOG
from wherewithal.feeds.kinds.masters import CATEGORIES, ITEMS, LOCATIONS, PARTIES
from wherewithal.feeds.kinds.moves import MOVES, OPENING_STOCK
from wherewithal.feeds.work import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        ITEMS,
        CATEGORIES,
        LOCATIONS,
        PARTIES,
        OPENING_STOCK,
        MOVES,
        ASSETS,
        ASSET_EVENTS,
        SALES_LOG,
        PURCHASE_LOG,
    )
}
