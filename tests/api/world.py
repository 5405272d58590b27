"""A company with one of each thing, so that addresses lead somewhere."""

from dataclasses import dataclass, field

from tests.api.api_client import Api, Firm, new_key


@dataclass(slots=True)
class World:
    firm: Firm
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def api(self) -> Api:
        return self.firm.api()


def furnish(firm: Firm) -> World:
    """Everything is made through the API itself; `ids` are named like the parameters of addresses."""
    world = World(firm)
    api = world.api
    items = [{"sku": "BOLT", "name": "Bolt M8", "barcodes": [{"code": "4006381333931"}]}]
    items += [{"sku": "MILK", "name": "Milk", "tracking": "lot", "shelf_life_days": 10}]
    bolt, milk = (item["id"] for item in api.post("/items", {"items": items}).body["items"])
    detail = api.get(f"/items/{bolt}").body
    world.ids |= {
        "item_id": bolt,
        "category_id": detail["category_id"],
        "barcode_id": detail["barcodes"][0]["id"],
        "lot_id": api.post("/lots", {"lots": [{"item_id": milk, "code": "L1"}]}).body["lots"][0]["id"],
        "party_id": _party(api),
        "entry_id": _entry(api),
        "account_id": api.get("/accounts").body["results"][0]["account_id"],
    }
    world.ids |= _goods(api, bolt) | {"line_no": 1, "import_id": _import(api)}
    return world


def _goods(api: Api, item_id: int) -> dict[str, int]:
    """A bin with ten bolts in it, one of them claimed."""
    places = [
        {"code": "W", "name": "Warehouse", "type": "warehouse"},
        {"code": "W-A", "name": "Bin A", "type": "bin", "parent_code": "W"},
    ]
    bin_id = api.post("/locations", {"locations": places}).body["locations"][1]["id"]
    line = {"item_id": item_id, "qty": "10", "to_location_id": bin_id, "unit_cost": "1.25"}
    receipt = api.post("/receipts", {"effective_at": "2026-03-02T09:00:00Z", "lines": [line]}).body[
        "documents"
    ][0]
    claim = {"item_id": item_id, "location_id": bin_id, "qty": "1"}
    return {
        "location_id": bin_id,
        "document_id": receipt["document_id"],
        "move_id": receipt["move_ids"][0],
        "reservation_id": api.post("/reservations", {"lines": [claim]}).body["reservation_ids"][0],
    }


def _import(api: Api) -> int:
    """A file that waits to be loaded."""
    sent = api.call(
        "POST",
        "/imports?kind=items",
        b"sku,name\nNUT,Nut\n",
        key=new_key(),
        media_type="application/octet-stream",
    )
    return int(sent.body["id"])


def _party(api: Api) -> int:
    acme = {"code": "ACME", "name": "Acme Supplies", "is_supplier": True, "is_customer": True}
    return int(api.post("/parties", {"parties": [acme]}).body["parties"][0]["id"])


def _entry(api: Api) -> int:
    for code, classification in (("9001", "current_asset"), ("9002", "income")):
        api.post("/accounts", {"code": code, "name": code, "classification": classification})
    lines = [{"account": "9001", "amount": "10.00"}, {"account": "9002", "amount": "-10.00"}]
    return int(api.post("/entries", {"effective_on": "2026-01-15", "lines": lines}).body["entry_id"])
