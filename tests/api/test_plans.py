"""Scenarios, budgets and what came of them over HTTP."""

from typing import Any

import pytest
from tests.api.api_client import Api, Firm, new_firm

TRUCK = {
    "assets": [
        {
            "name": "Truck",
            "class_code": "VEH",
            "tag": "T-1",
            "terms": [
                {"terms": {"method": "straight_line", "life_months": "60", "convention": "full_month"}}
            ],
        }
    ],
    "events": [
        {"kind": "acquisition", "effective_on": "2026-01-01", "asset_no": 0, "values": {"cost": "6000.00"}},
        {"kind": "in_service", "effective_on": "2026-01-01", "asset_no": 0},
    ],
}


@pytest.fixture
def fleet(api: Api) -> Api:
    """A truck of 6,000.00 over five years, charged through 2026."""
    assert api.post("/asset-classes/template", {}).status == 201
    assert api.post("/assets/batches", TRUCK).status == 201
    assert api.post("/assets/runs", {"through_on": "2026-12-31"}).status == 201
    return api


def years(api: Api, **asked: Any) -> list[tuple[str, str, str]]:
    said = api.call("POST", "/reports/asset-forecast", {"through_on": "2028-12-31"} | asked)
    assert said.status == 200, said.body
    return [(row["to_on"][:4], row["charge"], row["cash"]) for row in said.body["results"]]


def test_what_if_the_trucks_are_kept_or_sold(fleet: Api) -> None:
    """1,200.00 a year; kept 24 months longer 4,800.00 over 72 months; or sold for 3,000.00 in July 2027."""
    keep = fleet.post("/asset-scenarios", {"name": "Keep", "note": "two more years"}).body["scenario_id"]
    longer = {"on": "2027-01-01", "months": 24, "class_code": "VEH"}
    line = fleet.post(f"/asset-scenarios/{keep}/lines", {"label": "All trucks", "longer_use": longer})
    assert line.status == 201, line.body
    sell = fleet.post(f"/asset-scenarios/{keep}/copies", {"name": "Sell"}).body["scenario_id"]
    asset_id = fleet.get("/assets?text=T-1").body["results"][0]["asset_id"]
    (copied,) = fleet.get(f"/asset-scenarios/{sell}").body["lines"]
    sale = {"asset_id": asset_id, "on": "2027-07-01", "proceeds": "3000.00"}
    changed = {"label": "Sold", "sale": sale}
    assert fleet.put(f"/asset-scenarios/{sell}/lines/{copied['line_id']}", changed).status == 200
    bought = {"name": "Van", "class_code": "VEH", "cost": "1200.00", "acquired_on": "2028-01-01"}
    van = fleet.post(f"/asset-scenarios/{sell}/lines", {"label": "A van", "purchase": bought})
    assert van.status == 201, van.body

    assert years(fleet) == [("2027", "1200.00", "0.00"), ("2028", "1200.00", "0.00")]
    assert years(fleet, scenario_id=keep) == [("2027", "800.00", "0.00"), ("2028", "800.00", "0.00")]
    said = fleet.call("POST", "/reports/asset-forecast", {"through_on": "2028-12-31", "scenario_id": sell})
    assert [(row["on"], row["kind"], row["amount"]) for row in said.body["cash"]] == [
        ("2027-07-01", "proceeds", "3000.00"),
        ("2028-01-01", "purchase", "-1200.00"),
    ]
    assert fleet.patch(f"/asset-scenarios/{keep}", {"active": False}).body["active"] is False
    listed = fleet.get("/asset-scenarios?active=true").body["results"]
    assert [(row["name"], row["line_count"], row["copied_from_id"]) for row in listed] == [("Sell", 2, keep)]
    gone = fleet.delete(f"/asset-scenarios/{sell}/lines/{van.body['line_id']}")
    assert gone.body == {"removed": True}
    assert len(fleet.get(f"/asset-scenarios/{sell}").body["lines"]) == 1


def test_a_line_whose_asset_is_gone_is_left_out_and_named(fleet: Api) -> None:
    plan = fleet.post("/asset-scenarios", {"name": "Sell"}).body["scenario_id"]
    asset_id = fleet.get("/assets?text=T-1").body["results"][0]["asset_id"]
    sale = {"asset_id": asset_id, "on": "2027-07-01", "proceeds": "3000.00"}
    line = fleet.post(f"/asset-scenarios/{plan}/lines", {"label": "Sold", "sale": sale}).body["line_id"]
    frozen = {"name": "2027", "from_on": "2027-01-01", "to_on": "2027-12-31"}
    budget = fleet.post("/asset-budgets", frozen).body["budget_id"]
    scrapped = {"kind": "disposal", "effective_on": "2027-01-31", "tag": "T-1", "values": {"how": "scrap"}}
    assert fleet.post("/assets/batches", {"events": [scrapped]}).status == 201
    asked = {"through_on": "2027-12-31", "scenario_id": plan}
    said = fleet.call("POST", "/reports/asset-forecast", asked)
    assert said.status == 200, said.body
    (left_out,) = said.body["left_out"]
    assert (left_out["line_id"], left_out["position"], left_out["label"]) == (line, 1, "Sold")
    assert said.body["cash"] == []
    compared = fleet.call("POST", f"/asset-budgets/{budget}/comparisons", {"scenario_id": plan})
    assert compared.body["left_out"] == [left_out]
    assert fleet.call("POST", f"/asset-budgets/{budget}/comparisons", {}).body["left_out"] == []


def test_who_may_not_see_the_ledger_plans_and_depreciates_without_amounts(fleet: Api, firm: Firm) -> None:
    """A token that records and runs, and does not read the ledger; 100.00 a month is charged all the same."""
    plan = fleet.post("/asset-scenarios", {"name": "Plan"}).body["scenario_id"]
    bought = {"name": "Van", "class_code": "VEH", "cost": "1200.00", "acquired_on": "2028-01-01"}
    assert fleet.post(f"/asset-scenarios/{plan}/lines", {"label": "x", "purchase": bought}).status == 201
    blind = firm.api(scopes=["assets.read", "assets.record", "assets.depreciate"])
    changed = blind.patch(f"/asset-scenarios/{plan}", {"note": "quiet"})
    assert (changed.status, changed.body["note"], changed.body["line_count"]) == (200, "quiet", 1)
    assert "lines" not in changed.body
    assert blind.get(f"/asset-scenarios/{plan}").status == 403

    through = {"through_on": "2027-01-31"}
    seen = fleet.call("POST", "/assets/runs/previews", through).body
    assert (seen["total"], len(seen["entries"])) == ("100.00", 1)
    shown = blind.call("POST", "/assets/runs/previews", through).body
    assert (shown["total"], shown["entries"], shown["row_count"]) == (None, [], 1)
    run = blind.post("/assets/runs", through).body
    assert (run["total"], run["row_count"]) == (None, 1)
    listed = fleet.get("/assets/runs").body["results"][0]
    assert (listed["run_id"], listed["total"]) == (run["run_id"], "100.00")
    back = blind.post(f"/assets/runs/{run['run_id']}/reversal", {})
    assert (back.status, back.body["total"]) == (201, None)


def test_a_budget_and_what_came(fleet: Api) -> None:
    frozen = {"name": "2027", "from_on": "2027-01-01", "to_on": "2027-12-31"}
    budget = fleet.post("/asset-budgets", frozen).body["budget_id"]
    assert fleet.post("/asset-budgets", frozen).status == 201
    listed = fleet.get("/asset-budgets").body["results"]
    assert [(row["name"], row["version"], row["scenario"]) for row in listed] == [
        ("2027", 2, None),
        ("2027", 1, None),
    ]
    lines = fleet.get(f"/asset-budgets/{budget}").body["lines"]
    assert (len(lines), {row["charge"] for row in lines}, lines[-1]["carrying"]) == (
        12,
        {"100.00"},
        "3600.00",
    )

    extra = {
        "kind": "cost_addition",
        "effective_on": "2027-01-01",
        "tag": "T-1",
        "values": {"amount": "480.00"},
    }
    assert fleet.post("/assets/batches", {"events": [extra]}).status == 201
    assert fleet.post("/assets/runs", {"through_on": "2027-03-31"}).status == 201
    path = f"/asset-budgets/{budget}/comparisons"
    (whole,) = fleet.call("POST", path, {"by": ["class"]}).body["results"]
    # 480.00 over the 48 months left: 10.00 a month more
    assert (whole["class_code"], whole["expected"]["charge"], whole["found"]["charge"]) == (
        "VEH",
        "1200.00",
        "1320.00",
    )
    assert whole["variance"] == {
        "charge": "120.00", "cost": "480.00", "carrying": "360.00", "purchases": "-480.00",
        "proceeds": "0.00", "lease_payments": "0.00", "cash": "-480.00",
    }  # fmt: skip
    booked = fleet.call("POST", path, {"by": ["period"], "only_booked": True}).body["results"]
    assert [(row["to_on"], row["variance"]["charge"], row["booked"]) for row in booked] == [
        ("2027-01-31", "10.00", True),
        ("2027-02-28", "10.00", True),
        ("2027-03-31", "10.00", True),
    ]


def test_who_may_and_what_is_refused(fleet: Api, firm: Firm) -> None:
    scenario = fleet.post("/asset-scenarios", {"name": "Plan"}).body["scenario_id"]
    budget = fleet.post(
        "/asset-budgets", {"name": "2027", "from_on": "2027-01-01", "to_on": "2027-12-31"}
    ).body["budget_id"]
    line = {
        "label": "x",
        "purchase": {"name": "x", "class_code": "VEH", "cost": "1", "acquired_on": "2027-01-01"},
    }
    before = firm.rows()
    auditor, warehouse = firm.api("auditor"), firm.api("warehouse")
    for path in (
        "/asset-scenarios",
        f"/asset-scenarios/{scenario}",
        "/asset-budgets",
        f"/asset-budgets/{budget}",
    ):
        assert auditor.get(path).status == 200
        assert warehouse.get(path).status == 403
    assert warehouse.call("POST", f"/asset-budgets/{budget}/comparisons", {}).status == 403
    writes = [
        ("POST", "/asset-scenarios", {"name": "Mine"}),
        ("PATCH", f"/asset-scenarios/{scenario}", {"name": "Mine"}),
        ("POST", f"/asset-scenarios/{scenario}/copies", {"name": "Mine"}),
        ("POST", f"/asset-scenarios/{scenario}/lines", line),
        ("PUT", f"/asset-scenarios/{scenario}/lines/1", line),
        ("DELETE", f"/asset-scenarios/{scenario}/lines/1", None),
        ("POST", "/asset-budgets", {"name": "B", "from_on": "2027-01-01", "to_on": "2027-12-31"}),
    ]
    other = new_firm().api()
    for method, path, body in writes:
        assert auditor.call(method, path, body, key=f"a-{method}-{path}").status == 403, path
        if str(scenario) in path:
            assert other.call(method, path, body, key=f"o-{method}-{path}").status == 404, path
    assert other.get("/asset-scenarios").body["results"] == []
    assert other.get(f"/asset-budgets/{budget}").status == 404
    assert other.call("POST", f"/asset-budgets/{budget}/comparisons", {}).status == 404

    lines = f"/asset-scenarios/{scenario}/lines"
    two = line | {"sale": {"asset_id": 1, "on": "2027-01-01", "proceeds": "1"}}
    assert (fleet.post(lines, two).status, fleet.post(lines, {"label": "x"}).status) == (422, 422)
    nowhere = {"label": "x", "longer_use": {"on": "2027-01-01", "months": 12, "class_code": "LAND"}}
    assert fleet.post(lines, nowhere).rules == {"running"}
    assert fleet.post("/asset-scenarios", {"name": "Plan"}).status == 409
    half = {"name": "B", "from_on": "2027-01-02", "to_on": "2027-12-31"}
    assert fleet.post("/asset-budgets", half).fields == {"from_on"}
    after = firm.rows()
    assert {name for name in after if after[name] != before.get(name)} <= {
        "kit_idempotency",
        "people_token",
        "people_membership",
        "kit_audit_change",
    }
