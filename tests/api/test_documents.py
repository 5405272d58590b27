"""Goods over HTTP: every verb, batches, refusals by line, retries, and what the books say after."""

from decimal import Decimal
from typing import Any

import pytest
from tests.api.api_client import PROBLEM, Api, Firm

AT = "2026-03-02T09:00:00+01:00"
LATER = "2026-03-03T09:00:00+01:00"


class Shop:
    """A warehouse with two bins, a bolt, and a tracked pump."""

    def __init__(self, api: Api) -> None:
        self.api = api
        places = [
            {"code": "W", "name": "Warehouse", "type": "warehouse"},
            {"code": "W-A", "name": "Bin A", "type": "bin", "parent_code": "W"},
            {"code": "W-B", "name": "Bin B", "type": "bin", "parent_code": "W"},
        ]
        said = api.post("/locations", {"locations": places})
        assert said.status == 201, said.body
        self.warehouse, self.a, self.b = (place["id"] for place in said.body["locations"])
        items = [
            {"sku": "BOLT", "name": "Bolt", "units": [{"unit_code": "case", "numerator": 100}]},
            {"sku": "PUMP", "name": "Pump", "tracking": "serial"},
            {"sku": "KIT", "name": "Kit"},
        ]
        said = api.post("/items", {"items": items})
        assert said.status == 201, said.body
        self.bolt, self.pump, self.kit = (item["id"] for item in said.body["items"])

    def done(self, path: str, *lines: dict[str, Any], **head: Any) -> Any:
        said = self.api.post(path, {"effective_at": AT, "lines": list(lines)} | head)
        assert said.status == 201, said.body
        return said.body

    def receive(self, qty: str = "100", unit_cost: str = "1.25", **head: Any) -> int:
        line = {"item_id": self.bolt, "qty": qty, "to_location_id": self.a, "unit_cost": unit_cost}
        return int(self.done("/receipts", line, **head)["documents"][0]["move_ids"][0])

    def issue(self, qty: str = "10", **head: Any) -> int:
        line = {"item_id": self.bolt, "qty": qty, "from_location_id": self.a}
        return int(
            self.done("/issues", line, **{"effective_at": LATER} | head)["documents"][0]["move_ids"][0]
        )

    def on_hand(self, **filters: Any) -> dict[str, str]:
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return {row["location_code"]: row["qty"] for row in self.api.get(f"/on-hand?{query}").body["results"]}

    def worth(self) -> tuple[str, str]:
        total = self.api.get("/valuation/total").body
        return total["value"], self.api.get("/trial-balance").body["closing"]


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


def test_a_receipt_and_an_issue_move_goods_with_their_value(shop: Shop) -> None:
    received = shop.receive()
    issued = shop.issue("10")
    assert shop.on_hand() == {"W-A": "90"}
    assert shop.worth() == ("112.50", "0.00")  # 90 x 1.25
    move = shop.api.get(f"/moves/{issued}").body
    assert (move["kind"], move["qty"], move["to_code"] != "") == ("issue", "10", True)
    assert sum(Decimal(value["stock_amount"]) for value in move["values"]) == Decimal("-12.50")
    assert [row["move_id"] for row in shop.api.get("/moves").body["results"]] == [issued, received]
    entry = shop.api.get(f"/entries/{move['values'][0]['entry_id']}").body
    assert {line["amount"] for line in entry["lines"]} == {"12.50", "-12.50"}
    card = shop.api.get(f"/items/{shop.bolt}/card").body
    assert [(row["qty"], row["value"], row["balance_value"]) for row in card["results"]] == [
        ("100", "125.00", "125.00"),
        ("-10", "-12.50", "112.50"),
    ]


def test_the_past_as_it_was_and_as_it_was_known(shop: Shop) -> None:
    received = shop.receive()
    known_at = shop.api.get(f"/moves/{received}").body["recorded_at"]
    shop.issue("10", effective_at=AT.replace("09:00", "10:00"))
    assert shop.on_hand(as_of="2026-03-01") == {}
    assert shop.on_hand(as_of="2026-03-02") == {"W-A": "90"}
    assert shop.on_hand(as_of="2026-03-02", known_at=known_at) == {"W-A": "100"}
    path = f"/valuation?as_of=2026-03-02&known_at={known_at}"
    assert [row["value"] for row in shop.api.get(path).body["results"]] == ["125.00"]
    assert [row["carrying"] for row in shop.api.get("/valuation?as_of=2026-03-02").body["results"]] == [
        "112.50"
    ]


def test_every_verb(shop: Shop) -> None:
    opening = {"item_id": shop.kit, "qty": "4", "to_location_id": shop.a, "amount": "40.00"}
    shop.done("/openings", opening)
    first = shop.receive()
    issued = shop.issue("10")
    at = {"effective_at": "2026-03-04T09:00:00Z"}
    shop.done(
        "/transfers",
        {"item_id": shop.bolt, "qty": "20", "from_location_id": shop.a, "to_location_id": shop.b},
        **at,
    )
    shop.done("/dispatches", {"item_id": shop.bolt, "qty": "5", "from_location_id": shop.b}, **at)
    shop.done(
        "/arrivals",
        {"item_id": shop.bolt, "qty": "5", "to_location_id": shop.a},
        effective_at="2026-03-05T09:00:00Z",
    )
    late = {"effective_at": "2026-03-06T09:00:00Z"}
    shop.done("/adjustments", {"item_id": shop.bolt, "to_location_id": shop.b, "counted_qty": "14"}, **late)
    shop.done("/adjustments", {"item_id": shop.bolt, "to_location_id": shop.b, "qty": "-1"}, **late)
    shop.done("/scraps", {"item_id": shop.bolt, "qty": "3", "from_location_id": shop.b}, **late)
    assert shop.on_hand(item_id=shop.bolt) == {"W-A": "75", "W-B": "10"}
    shop.done("/supplier-returns", {"of_move_id": first, "qty": "5"}, **late)
    shop.done("/customer-returns", {"of_move_id": issued, "qty": "2"}, **late)
    shop.done("/dropships", {"item_id": shop.bolt, "qty": "7", "unit_cost": "1.30"}, **late)
    assert shop.on_hand(item_id=shop.bolt) == {"W-A": "72", "W-B": "10"}
    shop.done(
        "/productions",
        {"item_id": shop.bolt, "qty": "8", "from_location_id": shop.a, "consumed": True},
        {"item_id": shop.kit, "qty": "2", "to_location_id": shop.a},
        amount="5.00",
        **late,
    )
    assert shop.on_hand(item_id=shop.kit) == {"W-A": "6"}
    worth = {row["sku"]: row["value"] for row in shop.api.get("/valuation").body["results"]}
    assert worth == {"BOLT": "92.50", "KIT": "55.00"}  # 74 x 1.25; 40 + 8 x 1.25 + 5
    shop.done("/amendments", {"of_move_id": issued, "qty": "1"}, **late)
    assert shop.on_hand(item_id=shop.bolt) == {"W-A": "63", "W-B": "10"}
    shop.done("/landed-costs", {"of_move_id": first}, amount="10.00", **late)
    shop.done("/price-corrections", {"of_move_id": first, "amount": "-10.00"}, **late)
    assert shop.worth()[1] == "0.00"
    kinds = [row["kind"] for row in shop.api.get("/documents").body["results"]]
    assert len(kinds) == 16


def test_a_reversal_says_it_never_happened(shop: Shop) -> None:
    shop.receive()
    issued = shop.issue("10")
    shop.done("/reversals", {"of_move_id": issued})
    assert shop.on_hand() == {"W-A": "100"}
    again = shop.api.post("/reversals", {"effective_at": AT, "lines": [{"of_move_id": issued}]})
    assert again.status == 422
    document_id = shop.api.get("/documents").body["results"][-1]["document_id"]
    assert shop.api.get(f"/documents/{document_id}").body["moves"][0]["kind"] == "receipt"
    shop.done("/reversals", of_document_id=document_id)
    assert shop.on_hand() == {}
    assert shop.worth() == ("0.00", "0.00")


def test_whole_documents_are_taken_back_the_same_day_by_who_recorded_them(firm: Firm, shop: Shop) -> None:
    """Of their own a clerk takes back documents, not single moves of them; of others nothing."""
    shop.receive()
    clerk, line = firm.api("warehouse"), {"item_id": shop.bolt, "qty": "10", "from_location_id": shop.a}
    issued = clerk.post("/issues", {"effective_at": AT, "lines": [line]}).body["documents"][0]
    mine = {"effective_at": AT, "of_document_id": issued["document_id"]}
    theirs = shop.api.get("/documents").body["results"][-1]["document_id"]
    single = {"effective_at": AT, "lines": [{"of_move_id": issued["move_ids"][0]}]}
    before = shop.on_hand()
    assert clerk.post("/reversals", mine | {"of_document_id": theirs}).status == 403
    assert clerk.post("/reversals", single).status == 403
    both = [{"kind": "reversal", **mine}, {"kind": "reversal", **mine, "of_document_id": theirs}]
    assert clerk.post("/documents", {"documents": both}).status == 403
    assert firm.api("warehouse", {"stock.read", "stock.receive"}).post("/reversals", mine).status == 403
    assert shop.on_hand() == before == {"W-A": "90"}
    assert clerk.post("/reversals", mine).status == 201
    assert shop.on_hand() == {"W-A": "100"}


def test_serials_and_units(shop: Shop) -> None:
    serials = [f"P{number:04}" for number in range(1000)]
    line = {
        "item_id": shop.pump,
        "qty": "1000",
        "to_location_id": shop.a,
        "unit_cost": "9.99",
        "serials": serials,
    }
    body = shop.done("/receipts", line)
    assert len(body["documents"][0]["move_ids"]) == 1000
    shop.done(
        "/receipts",
        {"item_id": shop.bolt, "qty": "2.5", "unit": "case", "to_location_id": shop.a, "amount": "1"},
    )
    assert shop.on_hand(item_id=shop.bolt) == {"W-A": "250"}
    out = {"item_id": shop.pump, "qty": "1", "from_location_id": shop.a, "serials": ["P0007"]}
    shop.done("/issues", out, effective_at=LATER)
    assert (
        len(shop.api.get("/on-hand?detail=lot&limit=1000&item_id=" + str(shop.pump)).body["results"]) == 999
    )


def test_many_documents_in_one_call_all_or_nothing(shop: Shop, firm: Firm) -> None:
    receipt = {
        "kind": "receipt",
        "effective_at": AT,
        "lines": [{"item_id": shop.bolt, "qty": "5", "to_location_id": shop.a, "unit_cost": "2"}],
    }
    issue = {
        "kind": "issue",
        "effective_at": LATER,
        "lines": [
            {"item_id": shop.bolt, "qty": "1", "from_location_id": shop.a},
            {"item_id": shop.bolt, "qty": "1.5", "from_location_id": shop.a},
        ],
    }
    before = firm.rows()
    said = shop.api.post(
        "/documents", {"documents": [receipt, issue, {**receipt, "party_id": 5, "kind": "scrap"}]}
    )
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert {(e["row"], e["field"]) for e in said.body["errors"]} >= {(2, "party_id")}
    said = shop.api.post("/documents", {"documents": [receipt, issue]})
    assert [(e["row"], e["field"], e["rule"]) for e in said.body["errors"]] == [
        (1, "lines[1].qty", "qty_fits_unit")
    ]
    assert firm.rows() == before
    issue["lines"][1]["qty"] = "2"  # type: ignore[index]
    done = shop.api.post("/documents", {"documents": [receipt, issue]})
    assert (done.status, [d["kind"] for d in done.body["documents"]]) == (201, ["receipt", "issue"])
    assert shop.on_hand() == {"W-A": "2"}


def test_ten_thousand_moves_in_one_call_and_not_one_more(shop: Shop, firm: Firm) -> None:
    line = {"item_id": shop.bolt, "qty": "1", "to_location_id": shop.a, "unit_cost": "0.10"}
    body = {"effective_at": AT, "lines": [line] * 10_000}
    said = shop.api.post("/receipts", body)
    assert (said.status, len(said.body["documents"][0]["move_ids"])) == (201, 10_000)
    assert shop.worth() == ("1000.00", "0.00")
    before = firm.rows()
    more = {"kind": "receipt", **body}
    said = shop.api.post("/documents", {"documents": [more, {**more, "lines": [line]}]})
    assert (said.status, said.rules) == (422, {"batch_size"})
    said = shop.api.post("/documents", {"documents": [more | {"lines": [line | {"qty": "0.5"}] * 1_001}]})
    assert (said.status, len(said.body["errors"])) == (422, 1_000)
    assert said.body["detail"] == "1,001 things are wrong; the first 1,000 are listed."
    assert {error["row"] for error in said.body["errors"]} == {0}
    assert said.body["errors"][999]["field"] == "lines[999].qty"
    assert firm.rows() == before


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"qty": "0.5"}, "qty", "qty_fits_unit"),
        ({"item_id": 2**31 - 1}, "item_id", "exists"),
        ({"to_location_id": 2**31 - 1}, "to_location_id", "exists"),
        ({"unit": "furlong"}, "unit", "unit_known"),
        ({"amount": "5"}, "amount", "one_of"),
        ({"lot_code": "L1"}, "lot_code", "untracked"),
        ({"unit_cost": "999999999999999", "qty": "999999999999999"}, "unit_cost", "money_range"),
    ],
)
def test_a_line_that_is_wrong_is_named(
    shop: Shop, firm: Firm, change: dict[str, Any], field: str, rule: str
) -> None:
    good = {"item_id": shop.bolt, "qty": "1", "to_location_id": shop.a, "unit_cost": "0.10"}
    before = firm.rows()
    said = shop.api.post("/receipts", {"effective_at": AT, "lines": [good, good | change]})
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert [(e["row"], e["field"], e["rule"]) for e in said.body["errors"]] == [(1, field, rule)]
    assert firm.rows() == before


def test_a_landed_cost_of_nothing_is_refused(shop: Shop, firm: Firm) -> None:
    shop.receive("5")
    (received,) = shop.api.get("/moves").body["results"]
    before = firm.rows()
    for amount in ("0", "0.00"):
        cost = {"effective_at": LATER, "amount": amount, "lines": [{"of_move_id": received["move_id"]}]}
        said = shop.api.post("/landed-costs", cost)
        assert (said.status, said.fields, said.rules) == (422, {"amount"}, {"other_than_zero"})
    assert firm.rows() == before


def test_no_silent_negative_stock(shop: Shop, firm: Firm) -> None:
    shop.receive("5")
    before = firm.rows()
    said = shop.api.post(
        "/issues",
        {"effective_at": LATER, "lines": [{"item_id": shop.bolt, "qty": "6", "from_location_id": shop.a}]},
    )
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert firm.rows() == before


def test_a_retry_gets_the_first_answer(shop: Shop, firm: Firm) -> None:
    line = {"item_id": shop.bolt, "qty": "5", "to_location_id": shop.a, "unit_cost": "2"}
    first = shop.api.post("/receipts", {"effective_at": AT, "lines": [line]}, key="a")
    before = firm.rows()
    again = shop.api.post("/receipts", {"effective_at": AT, "lines": [line]}, key="a")
    assert (again.status, again.body) == (201, first.body)
    other = shop.api.post("/receipts", {"effective_at": AT, "lines": [line | {"qty": "6"}]}, key="a")
    assert (other.status, other.fields) == (409, {"Idempotency-Key"})
    assert firm.rows() == before


def test_each_document_needs_the_permission_of_its_kind(shop: Shop, firm: Firm) -> None:
    buyer = firm.api("buyer")
    receipt = {
        "kind": "receipt",
        "effective_at": AT,
        "lines": [{"item_id": shop.bolt, "qty": "5", "to_location_id": shop.a, "unit_cost": "2"}],
    }
    issue = {
        "kind": "issue",
        "effective_at": LATER,
        "lines": [{"item_id": shop.bolt, "qty": "1", "from_location_id": shop.a}],
    }
    before = firm.rows()
    said = buyer.post("/documents", {"documents": [receipt, issue]})
    assert (said.status, said.rules) == (403, {"permission"})
    assert firm.rows() == before
    assert buyer.post("/documents", {"documents": [receipt]}).status == 201


def test_value_is_for_those_who_may_read_the_ledger(shop: Shop, firm: Firm) -> None:
    move_id = shop.receive()
    clerk = firm.api("warehouse")
    assert clerk.get(f"/moves/{move_id}").body["values"] == []
    assert clerk.get("/valuation").status == 403


def test_another_companys_goods_are_not_there(shop: Shop, other_firm: Firm, firm: Firm) -> None:
    move_id = shop.receive()
    document_id = shop.api.get("/documents").body["results"][0]["document_id"]
    stranger = other_firm.api()
    theirs = Shop(stranger)
    before = firm.rows()
    for path in (
        f"/moves/{move_id}",
        f"/documents/{document_id}",
        f"/locations/{shop.a}",
        f"/items/{shop.bolt}/card",
    ):
        assert stranger.get(path).status == 404
    assert stranger.patch(f"/locations/{shop.a}", {"name": "mine"}).status == 404
    for path in ("/moves", "/documents", "/on-hand", "/valuation", "/reservations"):
        assert stranger.get(path).body["results"] == []
    for path, line, head in (
        ("/receipts", {"item_id": shop.bolt, "qty": "1", "to_location_id": theirs.a, "unit_cost": "1"}, {}),
        ("/receipts", {"item_id": theirs.bolt, "qty": "1", "to_location_id": shop.a, "unit_cost": "1"}, {}),
        ("/reversals", {"of_move_id": move_id}, {}),
        ("/landed-costs", {"of_move_id": move_id}, {"amount": "1"}),
    ):
        said = stranger.post(path, {"effective_at": AT, "lines": [line]} | head)
        assert (said.status, said.rules) == (422, {"exists"}), said.body
    assert firm.rows() == before
