"""Items, places, lots and companies: made and changed from forms."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from tests.web.shop import PASSWORD, Shop, text_of, this_day, unique

from wherewithal.items import queries as items
from wherewithal.kit import db
from wherewithal.people import services as people
from wherewithal.stock import queries as stock
from wherewithal.web import formatting

ITEM = {
    "sku": "PMP-200",
    "name": "Pump 200",
    "kind": "finished_good",
    "category_code": "spare",
    "base_unit_code": "pcs",
    "qty_decimals": "0",
    "tracking": "0",
    "active": "on",
}


def item(shop: Shop, sku: str) -> dict[str, Any] | None:
    with db.company_transaction(company_id=shop.company_id):
        item_id = items.item_ids_by_sku(shop.company_id, [sku]).get(sku)
        return items.get_item(shop.company_id, item_id) if item_id else None


def test_an_item_is_made_and_shown(shop: Shop):
    client = shop.client("buyer")
    response = client.post(shop.url("items/new"), ITEM | {"weight_g": "1,250.5", "description": "As ever"})
    assert response.status_code == 302
    made = item(shop, "PMP-200")
    assert made is not None
    assert (made["kind"], made["weight_g"], made["category_code"]) == (
        "finished_good",
        Decimal("1250.5"),
        "spare",
    )
    assert "Pump 200" in text_of(client.get(response.headers["Location"]))


def test_a_taken_sku_is_refused_beside_its_field(shop: Shop):
    response = shop.client("buyer").post(shop.url("items/new"), ITEM | {"sku": "SEAL-35"})
    seen = text_of(response)
    assert response.status_code == 422
    assert "There is an item SEAL-35 already." in seen
    assert 'id="id_sku_error"' in seen
    assert 'value="Pump 200"' in seen
    assert shop.count("items_item") == 4


def test_an_item_is_changed(shop: Shop):
    client = shop.client("buyer")
    path = shop.url(f"items/{shop.item_ids['SEAL-35']}/change")
    assert "Shaft seal 35x52x7" in text_of(client.get(path))
    assert client.post(path, ITEM | {"sku": "SEAL-35B", "kind": "spare"}).status_code == 302
    changed = item(shop, "SEAL-35B")
    assert changed is not None
    assert changed["name"] == "Pump 200"


def test_what_history_holds_cannot_be_changed(shop: Shop):
    shop.receive("SEAL-35", 1, "1")
    path = shop.url(f"items/{shop.item_ids['SEAL-35']}/change")
    response = shop.client("buyer").post(path, ITEM | {"sku": "SEAL-35", "base_unit_code": "kg"})
    assert response.status_code == 422
    assert "fixed by the item" in text_of(response)


def test_categories_and_barcodes_are_added(shop: Shop):
    client = shop.client("buyer")
    made = client.post(
        shop.url("items/categories/new"), {"code": "seal", "name": "Seals", "parent_code": "spare"}
    )
    assert made.status_code == 302
    path = shop.url(f"items/{shop.item_ids['SEAL-40']}/barcodes/new")
    assert client.post(path, {"barcode": "4006381333931", "unit_code": "pcs"}).status_code == 422  # taken
    assert client.post(path, {"barcode": "SHELF-40", "unit_code": "pcs"}).status_code == 302
    assert "SHELF-40" in text_of(client.get(shop.url(f"items/{shop.item_ids['SEAL-40']}")))


def test_a_lot_is_blocked_and_released(shop: Shop):
    shop.receive("RESIN", 5, "2.00", lot_code="L-1")
    with db.company_transaction(company_id=shop.company_id):
        [lot] = items.list_lots(shop.company_id)
    path = shop.url(f"lots/{lot['id']}")
    assert shop.client("auditor").post(path, {"status": "1"}).status_code == 403
    client = shop.client("buyer")
    assert client.post(path, {"status": "77"}).status_code == 200
    assert client.post(path, {"status": "1"}).status_code == 302
    assert "Quarantined" in text_of(client.get(path))
    [row] = client.get(shop.url("stock/on-hand?detail=lot")).context["table"].rows
    assert (row.qty, row.blocked, row.available) == (5_000, 5_000, 0)


def test_places_are_added_and_changed(shop: Shop):
    client = shop.client("warehouse")
    data = {"code": "A-9", "name": "Bin A 9", "type": "bin", "parent_code": "MAIN"}
    response = client.post(shop.url("stock/locations/new"), data)
    assert response.status_code == 302
    assert client.post(shop.url("stock/locations/new"), data).status_code == 422
    change = response.headers["Location"] + "/change"
    assert client.post(change, {"name": "Top shelf", "barcode": "TOP", "active": "on"}).status_code == 302
    with db.company_transaction(company_id=shop.company_id):
        place = stock.location_by_scan(shop.company_id, "TOP")
    assert place is not None
    assert (place.code, place.name, place.allow_negative) == ("A-9", "Top shelf", False)


def test_a_place_shows_what_it_holds_and_a_map_of_its_bins(shop: Shop):
    client, stock_keeper = shop.client("controller"), shop.client("warehouse")
    for code in ("B-01-1", "B-01-2", "B-02-1"):
        data = {"code": code, "name": code, "type": "bin", "parent_code": "MAIN"}
        assert shop.client("administrator").post(shop.url("stock/locations/new"), data).status_code == 302
    with db.company_transaction(company_id=shop.company_id):
        bin_id = stock.location_ids(shop.company_id, ["B-01-2"])["B-01-2"]
    soon = this_day() + timedelta(days=9)
    shop.receive("SEAL-35", 10, "2.00")
    shop.receive("RESIN", 4, "5.00", lot_code="L-1", expires_on=soon, to_location_id=bin_id)
    main = shop.url(f"stock/locations/{shop.location_ids['MAIN']}")

    seen = text_of(client.get(main))
    assert "40.00" in seen  # 20.00 in A-1 and 20.00 in B-01-2
    context = client.get(f"{main}?show=map&by=value").context
    [zone] = context["map"].zones
    rows = {row.label: {one.short: (one.colour, one.says) for one in row.bins} for row in zone.rows}
    assert rows["B-01"] == {
        "1": ("none", "B-01-1: empty"),
        "2": ("step-1", f"B-01-2: 1 item, 20.00 EUR, first expiry {formatting.day(soon)}"),
    }
    assert rows["A"]["1"] == ("step-1", "A-1: 1 item, 20.00 EUR")
    assert list(rows) == ["A", "B-01", "B-02"]
    by_expiry = client.get(f"{main}?show=map&by=expiry").context["map"]
    colours = {one.code: one.colour for row in by_expiry.zones[0].rows for one in row.bins}
    assert (colours["B-01-2"], colours["A-1"]) == ("warn", "none")
    # The same as a table, and as a file; who may not see money sees none.
    lines = client.get(f"{main}?show=map&export=csv&of=bins").content.decode().splitlines()
    assert lines[0].lstrip("\ufeff") == 'Bin,Zone,Items,"Value, EUR",First expiry'
    assert f"B-01-2,MAIN,1,20.00,{soon.isoformat()}" in lines
    poor = text_of(stock_keeper.get(f"{main}?show=map"))
    assert "20.00 EUR" not in poor
    assert "1 item" in poor
    inside = client.get(f"{main}?show=inside").context["table"].rows
    assert [place.code for place in inside] == ["A-1", "A-2", "B-01-1", "B-01-2", "B-02-1"]


def test_the_card_of_an_item_has_its_cost_over_time_moves_documents_and_lots(shop: Shop):
    today = datetime.now(UTC)
    months_ago = [today.replace(day=1, hour=11) - timedelta(days=days) for days in (70, 40)]
    shop.receive("RESIN", 4, "5.00", lot_code="L-1", at=months_ago[0])
    later = shop.receive("RESIN", 4, "6.00", lot_code="L-2", at=months_ago[1]).documents[0]
    client, card = shop.client("controller"), shop.url(f"items/{shop.item_ids['RESIN']}")
    cost, held = client.get(f"{card}?show=cost").context["charts"]
    assert list(cost.series[0].values)[-2:] == [Decimal("5.5"), Decimal("5.5")]  # moving average
    assert next(value for value in cost.series[0].values if value) == 5
    assert list(held.series[0].values)[-1] == 8
    rows = client.get(f"{card}?show=documents").context["table"].rows
    assert [row.number for row in rows] == [later.number, rows[1].number]
    moved = client.get(f"{card}?show=moves&export=csv").content.decode().splitlines()
    assert len(moved) == 3
    assert "Item" not in moved[0]
    lots = text_of(client.get(f"{card}?show=lots&q=L-2"))
    assert "L-2" in lots
    assert "L-1<" not in lots
    # Who may not see money gets the overview without it.
    poor = text_of(shop.client("warehouse").get(f"{card}?show=cost"))
    assert "Where it lies" in poor
    assert "Cost over time" not in poor


# --- companies --------------------------------------------------------------------------------------------

COMPANY = {
    "name": "Second Ltd",
    "country": "CH",
    "currency": "CHF",
    "timezone": "Europe/Zurich",
    "fiscal_year_start_month": "7",
    "chart": "general",
    "book_name": "Swiss GAAP FER",
    "cost_scope": "company",
}


def founder() -> Client:
    name = unique("founder")
    people.create_user(username=name, password=PASSWORD)
    client = Client()
    response = client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    assert response.status_code == 302
    return client


def test_a_stranger_to_all_companies_sets_one_up(shop: Shop):
    client, code = founder(), unique("second")
    assert client.get("/").headers["Location"] == "/companies/new"
    response = client.post("/companies/new", COMPANY | {"code": code})
    assert response.headers["Location"] == f"/c/{code}/setup"
    page = client.get(f"/c/{code}/company")
    desk = page.context["desk"]
    assert (desk.company.currency, desk.company.fiscal_year_start_month) == ("CHF", 7)
    assert desk.book.name == "Swiss GAAP FER"
    assert desk.may("people.manage")
    assert client.get(shop.url()).status_code == 404


def test_a_company_form_keeps_what_was_typed(shop: Shop):
    client = founder()
    response = client.post("/companies/new", COMPANY | {"code": "not a code!"})
    seen = text_of(response)
    assert response.status_code == 422
    assert 'value="Second Ltd"' in seen
    assert 'id="id_code_error"' in seen


def test_a_taken_company_code_is_refused(shop: Shop):
    response = founder().post("/companies/new", COMPANY | {"code": shop.code})
    assert response.status_code == 422
    assert "is taken" in text_of(response)


def test_members_without_the_administrators_role_set_up_nothing(shop: Shop):
    client = shop.client("controller")
    assert client.get("/companies/new").status_code == 403
    assert client.post("/companies/new", COMPANY | {"code": unique("x")}).status_code == 403


def test_a_wrong_password_says_so_and_lets_nobody_in(shop: Shop):
    name = unique("person")
    people.create_user(username=name, password=PASSWORD)
    client = Client()
    response = client.post("/accounts/login/", {"login": name, "password": "wrong"})
    assert response.status_code == 200
    assert "not correct" in text_of(response)
    assert client.get(shop.url()).status_code == 302


@pytest.mark.parametrize(
    "path", ["/accounts/signup/", "/accounts/password/reset/", "/accounts/2fa/", "/nowhere"]
)
def test_pages_of_the_account_are_clothed_and_do_not_crash(shop: Shop, path: str):
    response = shop.client("planner").get(path)
    assert response.status_code in (200, 302, 404)


def test_a_new_item_is_counted_in_pieces_unless_one_says_otherwise(shop: Shop):
    seen = text_of(shop.client("buyer").get(shop.url("items/new")))
    assert '<option value="pcs" selected>' in seen
