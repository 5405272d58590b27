"""Calculations, checks, explanations and imports over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.api_client import PROBLEM, Api, Firm, Said, new_key
from tests.api.test_documents import Shop

from wherewithal.kit import jobs


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


# --- calc -------------------------------------------------------------------------------------------------


def test_a_case_is_answered_and_nothing_is_stored(api: Api, firm: Firm) -> None:
    """FIFO: of 10 at 1.20 and 10 at 1.40 fifteen leave; 5 x 1.40 remain."""
    case = {
        "method": "fifo",
        "currency_decimals": 2,
        "steps": [
            {"op": "receive", "qty": 10, "unit_cost": 1.2},
            {"op": "receive", "qty": "10", "unit_cost": "1.40"},
            {"op": "issue", "qty": 15},
        ],
    }
    before = firm.rows()
    said = api.call("POST", "/calc/costing", case)
    assert said.status == 200
    assert (said.body["final_qty"], said.body["final_value"]) == (5, 7.00)
    assert said.body["move_values"]["m3"] == -19.00
    assert firm.rows() == before


def test_a_case_that_cannot_be_answered_names_the_place(api: Api) -> None:
    said = api.call("POST", "/calc/costing", {"method": "fifo", "steps": [{"op": "teleport"}]})
    assert (said.status, said.media_type) == (422, PROBLEM)
    assert "steps" in said.body["errors"][0]["field"]


def test_the_peers_cases_are_answered_as_by_the_command(api: Api, shared: Path) -> None:
    """Facts taken from the tests of other systems; what is right is tested with the core, here that they arrive."""
    cases = json.loads((shared / "cases/peer_stock_valuation/cases.json").read_text())["cases"]
    answered = [api.call("POST", "/calc/costing", case).status for case in cases if "steps" in case]
    assert set(answered) <= {200, 422}
    assert answered.count(200) > 0.8 * len(answered)


# --- verify and explain -----------------------------------------------------------------------------------


def test_the_books_are_proved(shop: Shop) -> None:
    shop.receive()
    shop.issue()
    said = shop.api.call("POST", "/verify", {"deep": True})
    assert said.status == 200, said.body
    assert said.body["passed"], [check for check in said.body["checks"] if not check["passed"]]
    runs = shop.api.get("/verify/runs").body["results"]
    assert [(run["passed"], run["failed"]) for run in runs] == [(True, [])]


def test_every_figure_explains_itself(shop: Shop, other_firm: Firm) -> None:
    received, issued = shop.receive(), shop.issue()
    entry_id = shop.api.get(f"/moves/{issued}").body["values"][0]["entry_id"]
    paths = [
        f"/explain/moves/{issued}",
        f"/explain/unit-costs/{shop.bolt}?as_of=2026-12-31",
        f"/explain/entries/{entry_id}/lines/1",
        f"/explain/stock/{shop.bolt}?location_id={shop.a}",
        f"/explain/value?item_id={shop.bolt}",
        "/explain/value",
    ]
    for path in paths:
        said = shop.api.get(path)
        assert said.status == 200, said.body
        assert said.body["statement"]
        assert said.body["children"] or said.body["facts"] or said.body["figure"]
    assert "12.50" in json.dumps(shop.api.get(paths[0]).body)
    assert "90" in shop.api.get(paths[3]).body["figure"]
    stranger = other_firm.api()
    assert [stranger.get(path).status for path in paths[:5]] == [404] * 5
    assert received


# --- imports ----------------------------------------------------------------------------------------------

ITEMS = b"sku,name\nNUT,Nut\nWASHER,Washer\n"


def send(api: Api, content: bytes, query: str = "kind=items", key: str | None = None) -> Said:
    return api.call(
        "POST", f"/imports?{query}", content, key=key or new_key(), media_type="application/octet-stream"
    )


def test_a_file_is_checked_and_then_loaded(api: Api) -> None:
    tried = send(api, ITEMS, "kind=items&dry_run=true&file_name=nuts.csv")
    assert (tried.status, tried.body["state"]) == (201, "waiting")
    jobs.drain()
    checked = api.get(f"/imports/{tried.body['id']}").body
    assert (checked["state"], checked["rows_total"], checked["problem_count"]) == ("checked", 2, 0)
    assert api.get("/items").body["results"] == []
    loaded = send(api, ITEMS)
    jobs.drain()
    assert api.get(f"/imports/{loaded.body['id']}").body["state"] == "done"
    assert [row["sku"] for row in api.get("/items").body["results"]] == ["NUT", "WASHER"]
    again = send(api, ITEMS)
    assert (again.body["id"], again.body["state"]) == (loaded.body["id"], "done")
    assert api.post(f"/imports/{loaded.body['id']}/run").rules == {"not_running"}
    assert len(api.get("/imports?limit=1").body["results"]) == 1


def test_every_fault_of_every_row_is_listed(api: Api) -> None:
    rows = b"".join(b"S%d,\n" % number for number in range(5))
    sent = send(api, b"sku,name\n" + rows)
    jobs.drain()
    detail = api.get(f"/imports/{sent.body['id']}").body
    assert (detail["state"], detail["problem_count"]) == ("refused", 5)
    page = api.get(f"/imports/{sent.body['id']}/problems?limit=3").body
    rest = api.get(f"/imports/{sent.body['id']}/problems?limit=3&cursor={page['next']}").body
    assert [row["line"] for row in page["results"] + rest["results"]] == [2, 3, 4, 5, 6]
    assert api.get("/items").body["results"] == []
    assert api.post(f"/imports/{sent.body['id']}/run").status == 200


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff\xfe", b"PK\x03\x04 no zip", b"\x1f\x8b broken"],
    ids=["empty", "binary", "zip", "gzip"],
)
def test_a_bad_file_is_refused_with_a_reason(api: Api, content: bytes) -> None:
    sent = send(api, content)
    if sent.status == 201:
        jobs.drain()
        detail = api.get(f"/imports/{sent.body['id']}").body
        assert (detail["state"], detail["problem_count"] > 0) == ("refused", True)
    else:
        assert sent.status == 422
    assert api.get("/items").body["results"] == []


def test_importing_needs_what_doing_it_by_hand_needs(firm: Firm) -> None:
    buyer = firm.api("buyer")
    assert send(buyer, b"code,name,type\nA,A,bin\n", "kind=locations").status == 403
    assert send(buyer, ITEMS).status == 201


def test_a_retried_upload_is_one_import(api: Api, firm: Firm) -> None:
    first = send(api, ITEMS, key="u")
    before = firm.rows()
    assert send(api, ITEMS, key="u").body == first.body
    assert send(api, ITEMS + b"X,X\n", key="u").status == 409
    assert firm.rows() == before


def test_mappings_are_kept_by_name(api: Api, other_firm: Firm) -> None:
    definition = {"columns": {"sku": "Article", "name": "Title"}}
    body = {"name": "Shop", "kind": "items", "definition": definition}
    assert api.post("/import-mappings", body).status == 200
    assert api.get("/import-mappings?kind=items").body["results"][0]["definition"] == definition
    sent = send(api, b"Article,Title\nNUT,Nut\n", "kind=items&mapping=Shop")
    jobs.drain()
    assert api.get(f"/imports/{sent.body['id']}").body["state"] == "done"
    assert other_firm.api().get(f"/imports/{sent.body['id']}").status == 404
    assert other_firm.api().delete("/import-mappings?name=Shop").status == 404
    assert api.delete("/import-mappings?name=Shop").body == {"deleted": "Shop"}
    wrong = api.post("/import-mappings", body | {"definition": {"colums": {}}})
    assert (wrong.status, wrong.fields) == (422, {"mapping.colums"})
    deep: Any = 1
    for _ in range(50):
        deep = [deep]
    assert api.post("/import-mappings", body | {"definition": {"options": {"x": deep}}}).rules == {"depth"}
    assert {row["name"] for row in api.get("/import-kinds").body["results"]} >= {"items", "sales_log"}
