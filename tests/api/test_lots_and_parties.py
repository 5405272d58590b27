"""Lots, serials, suppliers and customers over HTTP."""

from tests.api.api_client import Api, Firm

ACME = {"code": "ACME", "name": "Acme Supplies", "is_supplier": True}


def tracked_item(api: Api) -> int:
    said = api.post(
        "/items", {"items": [{"sku": "MILK", "name": "Milk", "tracking": "lot", "shelf_life_days": 10}]}
    )
    return int(said.body["items"][0]["id"])


def test_a_lot_gets_its_dates_from_its_shelf_life(api: Api) -> None:
    item_id = tracked_item(api)
    made = api.post("/lots", {"lots": [{"item_id": item_id, "code": "L1", "manufactured_on": "2026-03-01"}]})
    assert made.status == 201
    lot_id = made.body["lots"][0]["id"]
    lot = api.get(f"/lots/{lot_id}").body
    assert (lot["expires_on"], lot["alert_on"], lot["status"]) == ("2026-03-11", "2026-03-10", "available")
    assert api.patch(f"/lots/{lot_id}", {"note": "cooled"}).body["note"] == "cooled"
    assert api.patch(f"/lots/{lot_id}", {"code": "L2"}).fields == {"code"}


def test_status_is_set_for_many_lots_or_for_none(api: Api, firm: Firm) -> None:
    item_id = tracked_item(api)
    lots = [{"item_id": item_id, "code": f"L{number}"} for number in range(5)]
    ids = [lot["id"] for lot in api.post("/lots", {"lots": lots}).body["lots"]]
    assert api.post("/lots/status", {"lot_ids": ids, "status": "recalled"}).body == {"changed": 5}
    assert len(api.get("/lots?status=recalled&limit=3").body["results"]) == 3
    before = firm.rows()
    said = api.post("/lots/status", {"lot_ids": [ids[0], 2**40], "status": "available"})
    assert said.status == 404
    assert len(api.get("/lots?status=recalled").body["results"]) == 5
    assert firm.rows() == before


def test_parties_are_made_found_and_changed(api: Api, firm: Firm) -> None:
    made = api.post("/parties", {"parties": [ACME, {"code": "BMW", "name": "BMW", "is_customer": True}]})
    assert made.status == 201
    party_id = made.body["parties"][0]["id"]
    assert api.get(f"/parties/{party_id}").body["name"] == "Acme Supplies"
    assert [row["code"] for row in api.get("/parties?text=acme").body["results"]] == ["ACME"]
    assert [row["code"] for row in api.get("/parties?is_customer=true").body["results"]] == ["BMW"]
    assert api.patch(f"/parties/{party_id}", {"country": "DE"}).body["country"] == "DE"
    before = firm.rows()
    wrong = api.patch(f"/parties/{party_id}", {"tax_id": "DE123"})
    assert (wrong.status, wrong.fields) == (422, {"tax_id"})
    assert api.post("/parties", {"parties": [{"code": "X", "name": "X"}]}).rules == {"has_a_part"}
    assert firm.rows() == before


def test_another_companys_things_are_not_there(firm: Firm, other_firm: Firm) -> None:
    api, stranger = firm.api(), other_firm.api()
    item_id = tracked_item(api)
    lot_id = api.post("/lots", {"lots": [{"item_id": item_id, "code": "L1"}]}).body["lots"][0]["id"]
    party_id = api.post("/parties", {"parties": [ACME]}).body["parties"][0]["id"]
    barcode_id = api.post(f"/items/{item_id}/barcodes", {"code": "4006381333931"}).body["id"]
    category_id = api.get("/categories").body["results"][0]["id"]
    before = firm.rows()
    for path in (
        f"/items/{item_id}",
        f"/lots/{lot_id}",
        f"/parties/{party_id}",
        f"/categories/{category_id}",
    ):
        assert stranger.get(path).status == 404
        assert stranger.patch(path, {}).status == 404
    assert stranger.put(f"/items/{item_id}/units", {"units": []}).status == 404
    assert stranger.post(f"/items/{item_id}/barcodes", {"code": "96385074"}).status == 404
    assert stranger.delete(f"/barcodes/{barcode_id}").status == 404
    assert stranger.post("/lots/status", {"lot_ids": [lot_id], "status": "recalled"}).status == 404
    said = stranger.post("/lots", {"lots": [{"item_id": item_id, "code": "L2"}]})
    assert (said.status, said.fields) == (422, {"item_id"})
    assert stranger.get("/scan?code=4006381333931").status == 404
    for path in ("/items", "/lots", "/parties", "/find-items?text=milk"):
        assert stranger.get(path).body["results"] == []
    assert firm.rows() == before
