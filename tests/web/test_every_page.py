"""One address of each kind, and none of another company; test_crawler.py follows them."""

import re

from django.urls import URLPattern
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop

from wherewithal.web.urls import of_company

ONE_OF_MANY = "/api/post_receipt"  # the operations of the API are one page, two hundred times


def addresses(shop: Shop) -> list[str]:
    """One address of each kind, with ids that exist."""
    document = shop.receive("RESIN", 5, "2.00", lot_code="L-1").documents[0]
    depot = new_depot(shop)
    asset_id = depot.buy("12000.00")
    run_id = depot.run("2026-03-31").run_id
    values = {
        "asset_id": asset_id,
        "event_id": depot.event("impairment", asset_id, "2026-03-31", recoverable="9000.00"),
        "event_kind": "disposal",
        "run_id": run_id,
        "class_id": a_class(depot),
        "booking_id": 1,
        "scenario_id": 1,
        "budget_id": 1,
        "cost_centre_id": 1,
        "pack": "us",
        "audit_id": 1,
        "attachment_id": 1,
        "report": "roll-forward",
        "on": "2026-03-31",
        "item_id": shop.item_ids["RESIN"],
        "location_id": shop.location_ids["A-1"],
        "move_id": document.move_ids[0],
        "document_id": document.document_id,
        "kind": "receipt",
        "about": "price-correction",
        "lot_id": 1,
        "entry_id": 1,
        "line_no": 1,
        "account_id": 1,
        "import_id": 1,
        "party_id": 1,
        "import_kind": "items",
        "category_id": 1,
        "owner": "document",
        "owner_id": document.document_id,
        "file_id": 1,
        "user_id": 1,
        "token_id": 1,
        "reservation_id": 1,
        "view_id": 1,
        "line_id": 1,
        "job_id": 1,
        "what": "method",
        "key": "value",
        "operation": "post_receipt",
        "name": "wherewithal-20260101T000000Z.tar",
        "book_code": "main",
    }
    return [shop.url(path_of(pattern, values)) for pattern in of_company]


def a_class(depot: Depot) -> int:
    return depot.assets()[0].class_id


def path_of(pattern: URLPattern, values: dict[str, object]) -> str:
    route = str(pattern.pattern)
    return re.sub(r"<\w+:(\w+)>", lambda match: str(values[match[1]]), route)


def test_no_address_of_another_company_is_there(shop: Shop, unkept: None):
    client = new_shop().client("administrator")
    for address in addresses(shop):
        assert client.get(address).status_code in (404, 405), address
        assert client.post(address).status_code == 404, address
