"""A machine over HTTP: registered, depreciated, previewed, sold, reversed; who may do what; what is refused."""

from typing import Any

import pytest
from tests.api.api_client import Api, Firm
from tests.api.test_documents import LATER, Shop


class Yard:
    """The usual classes, and one forklift: 24,000.00, in service on 1 March 2026, eight years straight line."""

    def __init__(self, api: Api) -> None:
        self.api = api
        made = api.post("/asset-classes/template", {})
        assert made.status == 201, made.body
        said = self.batch(
            {
                "kind": "acquisition",
                "effective_on": "2026-02-20",
                "asset_no": 0,
                "values": {"cost": "24000.00"},
            },
            {"kind": "in_service", "effective_on": "2026-03-01", "asset_no": 0},
            assets=[
                {
                    "name": "Forklift",
                    "class_code": "MACH",
                    "terms": [
                        {
                            "terms": {
                                "method": "straight_line",
                                "life_months": "96",
                                "convention": "full_month",
                            }
                        }
                    ],
                }
            ],
        )
        self.asset_id = said["asset_ids"][0]
        self.event_ids = said["event_ids"]

    def batch(self, *events: dict[str, Any], assets: Any = ()) -> dict[str, Any]:
        said = self.api.post("/assets/batches", {"events": list(events), "assets": list(assets)})
        assert said.status == 201, said.body
        return dict(said.body)

    def run(self, through_on: str) -> dict[str, Any]:
        said = self.api.post("/assets/runs", {"through_on": through_on})
        assert said.status == 201, said.body
        return dict(said.body)

    def card(self, query: str = "") -> dict[str, Any]:
        return dict(self.api.get(f"/assets/{self.asset_id}{query}").body)

    def worth(self, query: str = "") -> str:
        return str(self.card(query)["books"][0]["carrying"])


@pytest.fixture
def yard(api: Api) -> Yard:
    return Yard(api)


def test_a_life_of_a_machine(yard: Yard) -> None:
    """24,000 / 96 = 250.00 a month; sold on 15 June for 23,000: 24,000 - 3 x 250 = 23,250, a loss of 250."""
    api = yard.api
    run = yard.run("2026-05-31")
    assert (run["asset_count"], run["row_count"], run["total"]) == (1, 3, "750.00")
    assert yard.run("2026-05-31")["run_id"] is None
    assert yard.worth() == "23250.00"
    assert yard.worth("?as_of=2026-03-31") == "23750.00"
    assert api.get("/assets?status=in_service").body["results"][0]["carrying"] == "23250.00"

    sale = {
        "kind": "disposal",
        "effective_on": "2026-06-15",
        "asset_id": yard.asset_id,
        "values": {"how": "sale", "proceeds": "23000.00"},
    }
    seen = api.post("/assets/previews", {"events": [sale]})
    assert seen.status == 200, seen.body
    assert {row["role"]: row["amount"] for row in seen.body["books"][0]["rows"]} == {
        "disposed_cost": "24000.00",
        "disposed_accumulated": "750.00",
        "disposal_proceeds": "23000.00",
        "disposal_loss": "250.00",
    }
    assert yard.worth() == "23250.00"
    event_id = yard.batch(sale)["event_ids"][0]
    assert (yard.card()["status"], yard.worth()) == ("disposed", "0.00")
    gone = api.get("/reports/asset-disposals?from_on=2026-01-01&to_on=2026-12-31").body["results"]
    assert [(row["proceeds"], row["gain"]) for row in gone] == [("23000.00", "-250.00")]

    yard.batch(
        {
            "kind": "reversal",
            "effective_on": "2026-06-15",
            "asset_id": yard.asset_id,
            "of_event_id": event_id,
        }
    )
    assert (yard.card()["status"], yard.worth()) == ("in_service", "23250.00")
    told = api.get(f"/assets/{yard.asset_id}/timeline").body["results"]
    assert [row["kind"] for row in told if row["reversed_by"]] == ["disposal"]
    assert api.get("/trial-balance").body["closing"] == "0.00"
    assert {row["difference"] for row in api.get("/reports/asset-tie-out").body["results"]} == {"0.00"}


def test_schedules_and_the_trail_of_a_value(yard: Yard) -> None:
    yard.run("2026-05-31")
    (schedule,) = yard.api.get(f"/assets/{yard.asset_id}/schedules").body["results"]
    charges = [row for row in schedule["rows"] if row["charge"] != "0.00"]
    assert len(charges) == 96
    assert [row["posted"] for row in charges[:4]] == [True, True, True, False]
    assert charges[-1]["carrying"] == "0.00"
    trail = yard.api.get(f"/assets/{yard.asset_id}/values").body["results"]
    assert [row["amount"] for row in trail if row["role"] == "depreciation"] == ["250.00"] * 3


def test_a_roll_forward_leads_from_opening_to_closing(yard: Yard) -> None:
    yard.run("2026-05-31")
    said = yard.api.get("/reports/asset-roll-forward?from_on=2026-03-01&to_on=2026-04-30").body
    (row,) = said["results"]
    assert (row["opening_carrying"], row["carrying"]["depreciation"], row["closing_carrying"]) == (
        "24000.00",
        "-500.00",
        "23500.00",
    )


def test_a_preview_of_a_run_posts_nothing(yard: Yard, firm: Firm) -> None:
    before = firm.rows()
    said = yard.api.post("/assets/runs/previews", {"through_on": "2026-03-31"})
    assert said.status == 200, said.body
    assert said.body["total"] == "250.00"
    assert {line["amount"] for line in said.body["entries"][0]["lines"]} == {"250.00", "-250.00"}
    assert firm.rows() == before


def test_a_run_is_taken_back(yard: Yard) -> None:
    run = yard.run("2026-05-31")
    said = yard.api.post(f"/assets/runs/{run['run_id']}/reversal")
    assert said.status == 201, said.body
    assert yard.worth() == "24000.00"


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"kind": "disposal", "values": {"how": "given away"}}, "how"),
        ({"kind": "disposal", "values": {}}, "how"),
        ({"kind": "revaluation", "values": {"value": "-1"}}, "value"),
        ({"kind": "idle", "values": {"no": "such"}}, "no"),
        ({"kind": "disposal", "effective_on": "2026-01-01", "values": {"how": "scrap"}}, "effective_on"),
    ],
)
def test_a_refusal_names_the_field_and_writes_nothing(
    yard: Yard, firm: Firm, event: dict[str, Any], field: str
) -> None:
    before = firm.rows()
    whole = {"effective_on": "2026-04-01", "asset_id": yard.asset_id} | event
    for path in ("/assets/batches", "/assets/previews"):
        said = yard.api.post(path, {"events": [whole]})
        assert said.status == 422, said.body
        assert any(field in error["field"] for error in said.body["errors"]), said.body
    assert firm.rows() == before


def test_a_warehouse_moves_an_asset_and_does_not_see_or_touch_its_value(yard: Yard, firm: Firm) -> None:
    clerk = firm.api("warehouse")
    seen = clerk.get(f"/assets/{yard.asset_id}").body
    assert (seen["name"], seen["books"]) == ("Forklift", [])
    assert clerk.get("/assets").body["results"][0]["carrying"] is None
    before = firm.rows()
    sale = {
        "kind": "disposal",
        "effective_on": "2026-04-01",
        "asset_id": yard.asset_id,
        "values": {"how": "scrap"},
    }
    assert clerk.post("/assets/batches", {"events": [sale]}).status == 403
    assert clerk.post("/assets/previews", {"events": [sale]}).status == 403
    assert clerk.post("/assets/runs", {"through_on": "2026-04-30"}).status == 403
    assert firm.rows() == before
    keeper = firm.users["warehouse"]
    out = {
        "kind": "check_out",
        "effective_on": "2026-04-01",
        "asset_id": yard.asset_id,
        "values": {"custodian_user_id": keeper, "expected_on": "2026-04-30"},
    }
    assert clerk.post("/assets/batches", {"events": [out]}).status == 201
    assert yard.card()["custodian_user_id"] == keeper


def test_goods_become_an_asset_and_go_back(api: Api) -> None:
    """A pump bought at 100.00 leaves stock at its cost, stands in the register at it, and goes back at it."""
    shop = Shop(api)
    assert api.post("/asset-classes/template", {}).status == 201
    shop.receive("3", "100.00")
    made = api.post(
        "/assets/from-stock",
        {
            "effective_at": LATER,
            "item_id": shop.bolt,
            "qty": "1",
            "from_location_id": shop.a,
            "asset": {"name": "Test bolt", "class_code": "TOOL"},
        },
    )
    assert made.status == 201, made.body
    asset_id = made.body["asset_id"]
    assert shop.worth() == ("200.00", "0.00")
    assert api.get(f"/assets/{asset_id}").body["books"][0]["carrying"] == "100.00"
    back = api.post(
        "/assets/to-stock",
        {
            "effective_at": "2026-03-04T09:00:00+01:00",
            "asset_id": asset_id,
            "to_location_id": shop.b,
            "item_id": shop.bolt,
        },
    )
    assert back.status == 201, back.body
    assert shop.worth() == ("300.00", "0.00")
    assert api.get(f"/assets/{asset_id}").body["status"] == "disposed"
    assert {row["difference"] for row in api.get("/reports/asset-tie-out").body["results"]} == {"0.00"}
    undo = {"effective_at": "2026-03-05T09:00:00+01:00", "event_id": back.body["batch"]["event_ids"][0]}
    gone = api.post("/assets/goods-reversals", undo)
    assert gone.status == 201, gone.body
    assert shop.worth() == ("200.00", "0.00")
    assert api.get(f"/assets/{asset_id}").body["books"][0]["carrying"] == "100.00"
    assert {row["difference"] for row in api.get("/reports/asset-tie-out").body["results"]} == {"0.00"}


def test_a_shared_asset_is_booked_once_at_a_time(yard: Yard, firm: Firm) -> None:
    wanted = {
        "asset_id": yard.asset_id,
        "user_id": next(iter(firm.users.values())),
        "begins_at": "2026-04-01T08:00:00+02:00",
        "ends_at": "2026-04-01T12:00:00+02:00",
    }
    first = yard.api.post("/asset-bookings", wanted)
    assert first.status == 201, first.body
    other = wanted | {"begins_at": "2026-04-01T11:00:00+02:00", "ends_at": "2026-04-01T13:00:00+02:00"}
    assert yard.api.post("/asset-bookings", other).status == 409
    assert len(yard.api.get("/asset-bookings").body["results"]) == 1
    booking_id = first.body["booking_id"]
    assert yard.api.post(f"/asset-bookings/{booking_id}/cancellation").status == 201
    assert yard.api.post("/asset-bookings", other).status == 201


def test_an_audit_tells_what_is_missing(yard: Yard) -> None:
    tag = yard.card()["tag"]
    audit_id = yard.api.post("/asset-audits", {"name": "Spring"}).body["audit_id"]
    assert yard.api.post(f"/asset-audits/{audit_id}/found", {"tags": [tag]}).status == 201
    assert yard.api.post(f"/asset-audits/{audit_id}/found", {"tags": ["NOBODY"]}).status in (404, 422)
    assert yard.api.post(f"/asset-audits/{audit_id}/close").status == 201
    (line,) = yard.api.get(f"/asset-audits/{audit_id}/lines").body["results"]
    assert (line["tag"], line["verdict"]) == (tag, "found")
    (audit,) = yard.api.get("/asset-audits").body["results"]
    assert (audit["found"], audit["missing"]) == (1, 0)


def test_a_forecast_with_and_without_a_purchase(yard: Yard, firm: Firm) -> None:
    """250.00 a month from March: 2,500 in 2026, 3,000 a year after; another like it from 2027 on adds 3,000."""
    before = firm.rows()
    said = yard.api.post("/reports/asset-forecast", {"through_on": "2027-12-31"})
    assert said.status == 200, said.body
    assert [row["charge"] for row in said.body["results"]] == ["2500.00", "3000.00"]
    plan = {
        "through_on": "2027-12-31",
        "assets": [
            {
                "name": "Another",
                "class_code": "MACH",
                "terms": [
                    {"terms": {"method": "straight_line", "life_months": "96", "convention": "full_month"}}
                ],
            }
        ],
        "events": [
            {"kind": "acquisition", "effective_on": "2027-01-01", "asset_no": 0, "values": {"cost": "24000"}},
            {"kind": "in_service", "effective_on": "2027-01-01", "asset_no": 0},
        ],
    }
    said = yard.api.post("/reports/asset-forecast", plan)
    assert [row["charge"] for row in said.body["results"]] == ["2500.00", "6000.00"]
    assert firm.rows() == before


def test_a_warehouse_previews_a_move_without_amounts(yard: Yard, firm: Firm) -> None:
    """Another cost centre or class books value to and fro: who may not see the ledger is not told how much."""
    yard.run("2026-05-31")
    centre = yard.api.post("/cost-centres", {"code": "YARD", "name": "Yard"}).body["cost_centre_id"]
    clerk = firm.api("warehouse")
    move = {
        "kind": "transfer",
        "effective_on": "2026-04-01",
        "asset_id": yard.asset_id,
        "values": {"cost_centre_id": centre},
    }
    said = clerk.post("/assets/previews", {"events": [move]})
    assert said.status == 200, said.body
    assert [(book["rows"], book["entries"]) for book in said.body["books"]] == [([], [])]
    (told,) = yard.api.post("/assets/previews", {"events": [move]}).body["books"]
    assert {row["amount"] for row in told["rows"]} == {"250.00", "-250.00"}
    assert clerk.get("/assets/runs").status == 403
    assert yard.api.get("/assets/runs").status == 200


def _lease(ends_on: str, first: str, **more: Any) -> dict[str, Any]:
    values = {"payments": [[first, "100"]], "ends_on": ends_on, "rate": "0.05"} | more
    return {
        "assets": [{"name": "Shop", "class_code": "MACH"}],
        "events": [{"kind": "lease", "effective_on": "2026-01-01", "asset_no": 0, "values": values}],
    }


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (_lease("2025-01-01", "2026-01-01"), "values.ends_on", "order"),
        (_lease("2030-01-01", "2026-02-01", incentives="99999"), "values.incentives", "right_of_use"),
    ],
)
def test_a_lease_that_is_none_is_refused(
    yard: Yard, firm: Firm, body: dict[str, Any], field: str, rule: str
) -> None:
    before = firm.rows()
    for path in ("/assets/previews", "/assets/batches"):
        said = yard.api.post(path, body)
        assert said.status == 422, said.body
        assert [(error["field"], error["rule"]) for error in said.body["errors"]] == [(field, rule)]
    assert firm.rows() == before


@pytest.mark.parametrize("names", [[0], [1, 0]])
def test_events_name_earlier_ones_only(yard: Yard, firm: Firm, names: list[int]) -> None:
    before = firm.rows()
    events = [
        {"kind": "reversal", "effective_on": "2026-03-01", "asset_id": yard.asset_id, "of_no": no}
        for no in names
    ]
    for path in ("/assets/previews", "/assets/batches"):
        said = yard.api.post(path, {"events": events})
        assert said.status == 422, said.body
        assert [(error["field"], error["rule"]) for error in said.body["errors"]] == [("of_no", "earlier")]
    assert firm.rows() == before


def test_a_part_that_nobody_took_is_listed(yard: Yard) -> None:
    given = {
        "kind": "part_out",
        "effective_on": "2026-04-30",
        "asset_id": yard.asset_id,
        "values": {"weights": [1, 1]},
    }
    (event_id,) = yard.batch(given)["event_ids"]
    (row,) = yard.api.get("/assets/parts-under-way").body["results"]
    assert (row["asset_id"], row["event_id"], row["part"]) == (yard.asset_id, event_id, 1)


def test_a_timetable_over_http_by_who_may(yard: Yard, firm: Firm) -> None:
    given = {"days_after": 3, "hour": 2}
    for role in ("warehouse", "auditor"):
        assert firm.api(role).post("/assets/timetables", given).status == 403
        assert firm.api(role).post("/assets/runs/jobs", {"through_on": "2026-03-31"}).status == 403
    wrong = yard.api.post("/assets/timetables", {"days_after": 91, "hour": 24})
    assert (wrong.status, wrong.fields) == (422, {"days_after", "hour"})
    assert yard.api.get("/assets/timetables").body == {"results": []}
    made = yard.api.post("/assets/timetables", given).body
    assert (made["book"], made["days_after"], made["hour"], made["last_job"]) == ("main", 3, 2, None)
    (row,) = firm.api("auditor").get("/assets/timetables").body["results"]
    assert row["next_at"] == made["next_at"]
    assert firm.api("warehouse").get("/assets/timetables").status == 403
    assert yard.api.delete("/assets/timetables").body == {"dropped": True}
    assert yard.api.delete("/assets/timetables").body == {"dropped": False}


def test_a_run_as_a_job_over_http(yard: Yard, firm: Firm) -> None:
    started = yard.api.post("/assets/runs/jobs", {"through_on": "2026-03-31"})
    assert (started.status, started.body["state"], started.body["run_id"]) == (201, "waiting", None)
    seen = firm.api("auditor").get(f"/assets/runs/jobs/{started.body['job_id']}")
    assert (seen.status, seen.body["done"], seen.body["problems"]) == (200, 0, [])
    assert firm.api("warehouse").get(f"/assets/runs/jobs/{started.body['job_id']}").status == 403
    assert yard.api.get("/assets/runs/jobs/999999").status == 404


def test_the_timeline_as_known_before_anything_was_recorded(yard: Yard) -> None:
    told = yard.api.get(f"/assets/{yard.asset_id}/timeline?known_at=2020-01-01T00:00:00Z")
    assert (told.status, told.body["results"]) == (200, [])
    assert len(yard.api.get(f"/assets/{yard.asset_id}/timeline").body["results"]) == 3
