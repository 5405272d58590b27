"""Parts of a page that add up everything: in a large company the page comes at once, and they follow with progress to see.

The part stands in `<c-later>` in the page's template. What it shows is worked out only for the request that asks for it:
the same address with ?told=1, which is also a page of its own for who has no scripts.
"""

from django.http import HttpRequest

from wherewithal.assets import queries as assets
from wherewithal.stock import queries as stock
from wherewithal.web.desk import Desk, query_items, with_query

LARGE_MOVES = 50_000
LARGE_ASSETS = 5_000
"""From so many on, what adds up all of them takes longer than a page may."""


def stock_later(request: HttpRequest, desk: Desk) -> str:
    """Where the sums over all goods of a past day come from, empty where they are shown at once."""
    asked = _asked(request) or not desk.travels  # what is so now stands ready
    return "" if asked or not stock.has_moves(desk.company_id, LARGE_MOVES) else _told(request)


def list_later(request: HttpRequest, desk: Desk) -> str:
    """Where a list of goods of a past day comes from if its order takes long; one that is narrowed shows that it is busy."""
    return "" if request.headers.get("HX-Request") else stock_later(request, desk)


def assets_later(request: HttpRequest, desk: Desk) -> str:
    """Where the sums over all assets come from, empty where they are shown at once."""
    asked = _asked(request) or bool(
        request.headers.get("HX-Request")
    )  # a list that is narrowed shows that it is busy
    return "" if asked or not assets.has_assets(desk.company_id, LARGE_ASSETS) else _told(request)


def _asked(request: HttpRequest) -> bool:
    return "told" in request.GET or "export" in request.GET


def _told(request: HttpRequest) -> str:
    return with_query(request.path, {**dict(query_items(request.GET)), "told": "1"})
