"""Items, their categories, units and barcodes over HTTP."""

from typing import Any

import pytest
from tests.api.api_client import PROBLEM, Api, Firm

BOLT = {"sku": "BOLT", "name": "Bolt", "kind": "raw_material", "weight_g": "12.50"}


def make(api: Api, *items: dict[str, Any]) -> list[int]:
    said = api.post("/items", {"items": list(items)})
    assert said.status == 201, said.body
    return [item["id"] for item in said.body["items"]]


def test_an_item_comes_back_as_it_was_sent(api: Api) -> None:
    (item_id,) = make(
        api,
        BOLT
        | {
            "description": "Größe M8",
            "units": [{"unit_code": "case", "numerator": 100}],
            "barcodes": [{"code": "4006381333931", "unit_code": "case"}],
        },
    )
    said = api.get(f"/items/{item_id}")
    assert said.status == 200
    assert said.body | {"created_at": "", "category_id": 0, "units": [], "barcodes": []} == {
        "id": item_id,
        "sku": "BOLT",
        "name": "Bolt",
        "kind": "raw_material",
        "category_id": 0,
        "category_code": "all",
        "category_name": "All items",
        "unit_code": "pcs",
        "qty_decimals": 0,
        "tracking": "bulk",
        "shelf_life_days": None,
        "active": True,
        "description": "Größe M8",
        "weight_g": "12.500000",
        "volume_ml": None,
        "attributes": {},
        "created_at": "",
        "units": [],
        "barcodes": [],
    }
    assert [(unit["code"], unit["numerator"], unit["denominator"]) for unit in said.body["units"]] == [
        ("case", 100, 1)
    ]
    assert [(code["code"], code["symbology"], code["unit_code"]) for code in said.body["barcodes"]] == [
        ("4006381333931", "gtin", "case")
    ]
    assert api.get("/scan?code=4006381333931").body["unit_code"] == "case"
    assert [row["id"] for row in api.get("/find-items?text=bol").body["results"]] == [item_id]


def test_a_batch_names_every_fault_by_row_and_writes_nothing(api: Api, firm: Firm) -> None:
    make(api, BOLT)
    before = firm.rows()
    said = api.post("/items", {"items": [BOLT, {"sku": "NUT", "name": "Nut", "base_unit_code": "furlong"}]})
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert [(e["row"], e["field"], e["rule"]) for e in said.body["errors"]] == [
        (0, "sku", "unique"),
        (1, "base_unit", "exists"),
    ]
    assert said.body["type"] == "urn:wherewithal:problem:refused"
    assert firm.rows() == before


def test_a_form_that_is_wrong_is_named_by_row_and_field(api: Api, firm: Firm) -> None:
    before = firm.rows()
    said = api.post(
        "/items",
        {
            "items": [
                BOLT,
                {"sku": "x" * 65, "name": "\x01", "qty_decimals": "2", "color": "red", "weight_g": "1e3"},
            ]
        },
    )
    assert said.status == 422
    assert {(e["row"], e["field"]) for e in said.body["errors"]} == {
        (1, "sku"),
        (1, "qty_decimals"),
        (1, "color"),
        (1, "weight_g"),
    }
    assert firm.rows() == before


def test_ten_thousand_items_in_one_call_and_not_one_more(api: Api) -> None:
    items = [{"sku": f"S{number:05}", "name": "Thing"} for number in range(10_000)]
    assert len(make(api, *items)) == 10_000
    said = api.post("/items", {"items": [*items, {"sku": "ONE-MORE", "name": "Thing"}]})
    assert (said.status, said.fields) == (422, {"items"})
    page = api.get("/items?limit=1000&text=S0").body
    assert len(page["results"]) == 1000
    assert page["results"][-1]["sku"] == "S00999"
    after = api.get(f"/items?limit=1&cursor={page['next']}").body
    assert after["results"][0]["sku"] == "S01000"


def test_changes_touch_only_what_they_name(api: Api) -> None:
    (item_id,) = make(api, BOLT)
    said = api.patch(f"/items/{item_id}", {"name": "Bolt M8", "shelf_life_days": 30})
    assert said.status == 200
    assert (said.body["name"], said.body["shelf_life_days"], said.body["weight_g"]) == (
        "Bolt M8",
        30,
        "12.500000",
    )
    assert api.patch(f"/items/{item_id}", {"shelf_life_days": None}).body["shelf_life_days"] is None
    assert api.patch(f"/items/{item_id}", {"name": None}).status == 422


def test_units_and_barcodes_of_an_item(api: Api) -> None:
    (item_id,) = make(api, BOLT)
    said = api.put(f"/items/{item_id}/units", {"units": [{"unit_code": "case", "numerator": 12}]})
    assert [unit["code"] for unit in said.body["units"]] == ["case"]
    made = api.post(f"/items/{item_id}/barcodes", {"code": "4006381333931", "unit_code": "case"})
    assert made.status == 201
    assert api.post(f"/items/{item_id}/barcodes", {"code": "4006381333932"}).rules == {"gtin_check_digit"}
    assert api.delete(f"/barcodes/{made.body['id']}").body == {"removed": made.body["id"]}
    assert api.delete(f"/barcodes/{made.body['id']}").status == 404


def test_categories_and_units_of_measure(api: Api) -> None:
    made = api.post(
        "/categories",
        {
            "code": "fast",
            "name": "Fasteners",
            "attributes": [{"code": "thread", "type": "text", "required": True}],
        },
    )
    assert made.status == 201
    assert api.get(f"/categories/{made.body['id']}").body["attributes"][0]["code"] == "thread"
    assert api.patch(f"/categories/{made.body['id']}", {"name": "Bolts"}).body["name"] == "Bolts"
    assert [row["code"] for row in api.get("/categories").body["results"]] == ["fast"]
    said = api.post("/items", {"items": [BOLT | {"category_code": "fast"}]})
    assert said.fields == {"attributes.thread"}
    (item_id,) = make(api, BOLT | {"category_code": "fast", "attributes": {"thread": "M8"}})
    assert api.get(f"/items/{item_id}").body["attributes"] == {"thread": "M8"}
    assert api.post("/units", {"code": "pallet", "name": "Pallet"}).status == 201
    assert "pallet" in [unit["code"] for unit in api.get("/units").body["results"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("text=%00", "text"),
        ("kind=toy", "kind"),
        ("cursor=AAAA", "cursor"),
        ("kiind=spare", "kiind"),
        ("category_id=2147483648", "category_id"),
        ("active=yes", "active"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(api: Api, query: str, field: str) -> None:
    said = api.get(f"/items?{query}")
    assert (said.status, said.media_type, said.fields) == (422, PROBLEM, {field})
