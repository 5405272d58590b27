"""Every address for every role, and every link that is shown: no fault, no dead end, no forbidden way."""

import re
from collections import deque
from html import unescape

import pytest
from django.test import Client
from django.urls import URLPattern
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.people.permissions import ROLES
from wherewithal.web.urls import of_company

ONE_OF_MANY = "/api/post_receipt"  # the operations of the API are one page, two hundred times
LINK = re.compile(r'<a [^>]*href="([^"]+)"')


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


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_address_fails_for_any_role(shop: Shop, role: str):
    client = shop.client(role)
    client.raise_request_exception = True
    for address in addresses(shop):
        # 405: what only takes a POST is no page; 400: what only takes a POST is told what it lacks
        for method, fit in ((client.get, {405}), (client.post, {400})):
            response = method(address)
            assert response.status_code in {200, 302, 403, 404, 422} | fit, (address, response.status_code)


def test_no_address_of_another_company_is_there(shop: Shop):
    client = new_shop().client("administrator")
    for address in addresses(shop):
        assert client.get(address).status_code in (404, 405), address
        assert client.post(address).status_code == 404, address


@pytest.mark.parametrize("role", ["administrator", "asset_accountant", "auditor", "controller", "warehouse"])
def test_every_link_shown_leads_somewhere_allowed(shop: Shop, role: str):
    shop.receive("SEAL-35", 5, "2.00")
    shop.receive("RESIN", 5, "2.00", lot_code="L-1")
    depot = new_depot(shop)
    depot.buy("12000.00")
    depot.run("2026-03-31")
    client = shop.client(role)
    seen, wrong = {shop.url()}, []
    queue = deque(seen)
    while queue and len(seen) < 300:
        address = queue.popleft()
        response = client.get(address)
        if response.status_code != 200:
            wrong.append((address, response.status_code))
            continue
        if response.headers["Content-Type"].startswith("text/html"):
            for link in links(client, response.content.decode()):
                if link not in seen:
                    seen.add(link)
                    queue.append(link)
    assert wrong == []
    assert len(seen) > 10


def links(client: Client, html: str) -> list[str]:
    """The company's own addresses in a page; exports are fetched as well."""
    found = [unescape(link) for link in LINK.findall(html)]
    return [
        link
        for link in found
        if link.startswith("/c/") and ("/api/" not in link or link.endswith(ONE_OF_MANY))
    ]


def test_pages_hold_no_inline_style_or_script(shop: Shop):
    client = shop.client("administrator")
    for address in addresses(shop):
        html = text_of(client.get(address))
        assert " style=" not in html, address
        assert not re.search(r"<[^>]+ on\w+=", html), address
        for script in re.findall(r"<script([^>]*)>", html):
            assert "src=" in script or 'type="application/json"' in script, address
        assert not re.search(r'(?:src|href)="(?:https?:)?//', html), address
