"""A company in which everything has happened once: goods, lots, claims, assets, plans, entries, files, people.

For what goes over all pages: the crawler follows every link of it, the browser looks at every page of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.test import Client
from PIL import Image
from tests.web.depot import Depot, new_depot
from tests.web.shop import NOON, Shop
from tests.web.test_trace import story

from wherewithal.assets import services as assets
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.people import services as people
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """The company, its assets, and pages that show more than the first of their kind do."""

    shop: Shop
    depot: Depot
    paths: Sequence[str]
    documents: Sequence[str]  # one of each kind


def new_world(shop: Shop) -> World:
    """The same things in the same order each time; what a form can make is made by a form."""
    client = shop.client("administrator")
    _goods(shop, client)
    depot = new_depot(shop)
    asset_id = _assets(depot)
    _plans(depot, asset_id)
    made = {}
    for path, data in _forms(shop, asset_id):
        response = client.post(shop.url(path), data)
        assert response.status_code in (200, 302), (path, response.status_code)
        made[path] = response.get("Location", "").removeprefix(shop.url())
    people.create_token(
        company_id=shop.company_id, user_id=shop.admin_id, name="Scale", scopes=["stock.receive"]
    )
    other = f"{shop.code}-2"  # another company of the same people
    second = ledger.create_company(
        code=other, name="Second", country="DE", currency="EUR", timezone="UTC", actor_id=shop.admin_id
    )
    people.add_member(company_id=second.company_id, user_id=shop.admin_id, roles=["administrator"])
    paths = (
        made["finance/entries/new"],
        f"items/{shop.item_ids['SEAL-35']}",
        "stock/on-hand?detail=lot&as_of=2026-06-30",
        f"assets/{asset_id}/schedule?by=period",
        f"assets/bookings?from={(NOON + 300 * DAY).date()}",
        "items?q=zebra",
        "assets?sums=1",
        f"assets/{asset_id}?as_of=2025-12-31",
    )
    return World(shop, depot, paths, _documents(shop))


def _documents(shop: Shop) -> list[str]:
    with db.company_transaction(company_id=shop.company_id):
        of_kind = {one.kind: one.document_id for one in stock.list_documents(shop.company_id)}
    return [f"stock/documents/{of_kind[kind]}" for kind in sorted(of_kind)]


def _goods(shop: Shop, client: Client) -> None:
    story(shop)
    shop.receive("RESIN", 3, "4.00", lot_code="SOON", expires_on=date(2026, 12, 24))
    shop.receive("SEAL-35", 40, "2.00", at=NOON + DAY)
    shop.receive(
        "SEAL-35", 8, "2.10", at=NOON - 20 * DAY
    )  # late: what was issued meanwhile costs something else
    with db.company_transaction(company_id=shop.company_id):
        transit = stock.location_ids(shop.company_id, ["TRANSIT"])["TRANSIT"]
    here = shop.location_ids["A-1"]
    seals = shop.item_ids["SEAL-35"]
    sent = LineDraft(seals, Decimal(4), from_location_id=here, to_location_id=transit)
    moved = LineDraft(seals, Decimal(2), from_location_id=here, to_location_id=shop.location_ids["A-2"])
    found = LineDraft(seals, Decimal(1), from_location_id=here)
    at = NOON + 3 * DAY
    shop.record(
        DocumentDraft(DocumentKind.DISPATCH, at, [sent]),
        DocumentDraft(DocumentKind.TRANSFER, at, [moved]),
        DocumentDraft(DocumentKind.SCRAP, at, [found]),
    )
    made = client.post(
        shop.url("stock/reservations/new"),
        {
            "reference": "SO-1",
            "idempotency_key": "claim",
            "lines-TOTAL_FORMS": "1",
            "lines-INITIAL_FORMS": "0",
            "lines-0-item": "SEAL-35",
            "lines-0-qty": "2",
        },
    )
    assert made.status_code == 302


def _assets(depot: Depot) -> int:
    here = depot.shop.location_ids["A-1"]
    asset_id = depot.buy("12000.00", serial_no="CTX-310", location_id=here)
    part_id = depot.buy("900.00", name="Chuck", parent_tag="MA-00001")
    depot.buy("4000.00", name="Laptop", code="IT", location_id=here)
    depot.run("2026-03-31")
    depot.event("impairment", asset_id, "2026-03-31", recoverable="9000.00")
    depot.event("disposal", part_id, "2026-03-31", how="scrap")
    return asset_id


def _plans(depot: Depot, asset_id: int) -> None:
    assets.book_asset(
        **depot.who,
        asset_id=asset_id,
        begins_at=NOON + 300 * DAY,
        ends_at=NOON + 302 * DAY,
        now=NOON,
        user_id=depot.shop.admin_id,
    )
    assets.open_audit(**depot.who, name="Year end", now=NOON)
    scenario_id = assets.create_scenario(**depot.who, name="Second lathe")
    planned, happens = assets.planned_purchase(
        name="Lathe 2", class_code="MACH", cost=Decimal(24_000), acquired_on=date(2027, 1, 1)
    )
    assets.put_scenario_line(
        **depot.who, scenario_id=scenario_id, label="Buy a second lathe", assets=planned, events=happens
    )
    assets.freeze_budget(
        **depot.who, name="2027", from_on=date(2027, 1, 1), to_on=date(2027, 12, 31), scenario_id=scenario_id
    )


def _forms(shop: Shop, asset_id: int) -> Iterator[tuple[str, dict[str, Any]]]:
    document_id = next(move.document_id for move in shop.moves())
    item_id = shop.item_ids["SEAL-35"]
    for path in (
        f"files/item/{item_id}/new",
        f"files/document/{document_id}/new",
        f"assets/{asset_id}/files/new",
    ):
        yield path, {"file": _picture(), "title": "Picture"}
    yield "assets/cost-centres/new", {"code": "CC1", "name": "Workshop"}
    yield "items/units", {"code": "reel", "name": "Reel"}
    yield (
        "finance/entries/new",
        {
            "effective_on": "2026-03-10",
            "description": "Rent of March",
            "idempotency_key": "rent",
            "lines-TOTAL_FORMS": "2",
            "lines-INITIAL_FORMS": "0",
            "lines-0-account": "1000",
            "lines-0-credit": "500",
            "lines-1-account": "1100",
            "lines-1-debit": "500",
        },
    )
    yield "finance/rates", {"currency": "USD", "to_currency": "EUR", "on_date": "2026-03-01", "rate": "0.9"}
    yield "views/save", {"list": "items.items", "query": "q=seal", "name": "Seals", "shared": "on"}
    file = BytesIO(b"sku,name,kind,base_unit\nNUT-1,Nut M8,nonsense,pcs\n")
    file.name = "nuts.csv"
    yield "imports", {"kind": "items", "mode": "all_or_nothing", "mapping": "", "do": "check", "file": file}


def _picture() -> BytesIO:
    content = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(content, "PNG")
    content.seek(0)
    content.name = "picture.png"
    return content
