"""Several assets or companies at once over HTTP: a transfer there and back, an impaired unit, the mid-quarter test."""

from typing import Any

import pytest
from tests.api.api_client import Api, Firm, new_key
from tests.api.test_assets import Yard

from wherewithal.people import services as people
from wherewithal.people.permissions import PERMISSIONS


@pytest.fixture
def yard(api: Api) -> Yard:
    return Yard(api)


@pytest.fixture
def sister(firm: Firm, other_firm: Firm) -> Firm:
    """Another company with the usual classes; nobody of the first one is a member yet."""
    assert other_firm.api().post("/asset-classes/template", {}).status == 201
    firm.api()
    return other_firm


def code_of(firm: Firm) -> str:
    return str(firm.api().get("/companies/me").body["company"]["code"])


def join(firm: Firm, sister: Firm, *roles: str) -> None:
    """The administrator of the one works in the other too."""
    user_id = firm.users["administrator"]
    people.add_member(company_id=sister.company_id, user_id=user_id, roles=list(roles))


def test_an_asset_goes_to_another_company_and_comes_back(yard: Yard, firm: Firm, sister: Firm) -> None:
    """At the end of May 3 x 250.00 of 24,000.00 are depreciated; both are taken up there."""
    join(firm, sister, "controller")
    api, code = yard.api, code_of(sister)
    path = f"/assets/{yard.asset_id}/company-transfers"
    body = {"to_company": code, "effective_on": "2026-05-31", "class_code": "MACH", "tag": "X-1"}
    before = (firm.rows(), sister.rows())
    seen = api.call("POST", f"{path}/previews", body)
    assert seen.status == 200, seen.body
    assert (firm.rows(), sister.rows()) == before
    rows = {row["role"]: row["amount"] for row in seen.body["there"][0]["rows"]}
    assert sorted(rows.values()) == ["24000.00", "750.00"]
    assert {row["role"] for row in seen.body["here"][0]["rows"]} >= {"depreciation"}

    moved = new_key()
    said = api.post(path, body, key=moved)
    assert said.status == 201, said.body
    assert (said.body["to_company"], said.body["tag_there"]) == (code, "X-1")
    assert api.post(path, body, key=moved).body == said.body
    assert api.post(path, body | {"tag": "X-2"}, key=moved).status == 409
    there = sister.api().get(f"/assets/{said.body['asset_id_there']}").body
    assert (there["tag"], there["books"][0]["cost"], there["books"][0]["carrying"]) == (
        "X-1",
        "24000.00",
        "23250.00",
    )
    assert (yard.card()["status"], yard.worth()) == ("disposed", "0.00")

    back = f"{path}/{said.body['event_id']}/reversal"
    seen = api.call("POST", f"{back}/previews", {})
    assert seen.status == 200, seen.body
    assert {row["role"]: row["amount"] for row in seen.body["there"][0]["rows"]} == {
        role: f"-{amount}" for role, amount in rows.items()
    }
    key = new_key()
    undone = api.post(back, key=key)
    assert undone.status == 201, undone.body
    assert api.post(back, key=key).body == undone.body
    assert (yard.card()["status"], yard.worth()) == ("in_service", "23250.00")  # charged through May
    gone = sister.api().get(f"/assets/{said.body['asset_id_there']}").body
    assert gone["books"][0]["carrying"] == "0.00"
    assert api.post(back).status == 404  # there is nothing to take back any more
    # to go once more, and what was asked for first is still answered as it was
    once_more = api.post(path, body | {"tag": "X-3"})
    assert (once_more.status, once_more.body["tag_there"]) == (201, "X-3")
    assert api.post(path, body, key=moved).body == said.body


def test_a_transfer_needs_the_right_in_both_companies(yard: Yard, firm: Firm, sister: Firm) -> None:
    api, code = yard.api, code_of(sister)
    path = f"/assets/{yard.asset_id}/company-transfers"
    body = {"to_company": code, "effective_on": "2026-05-31", "class_code": "MACH"}

    def refused(client: Api, status: int, rule: str, given: Any = body) -> None:
        before = (firm.rows(), sister.rows())
        for said in (client.post(path, given), client.call("POST", f"{path}/previews", given)):
            assert (said.status, said.rules) == (status, {rule}), said.body
        assert (firm.rows(), sister.rows()) == before

    refused(api, 404, "exists")  # no member of it: as if it were not there
    refused(api, 404, "exists", body | {"to_company": "NOBODY"})
    refused(api, 422, "another", body | {"to_company": code_of(firm)})
    join(firm, sister, "warehouse")
    refused(api, 403, "permission")  # a member, who may not
    people.set_roles(
        company_id=sister.company_id, user_id=firm.users["administrator"], roles=["asset_accountant"]
    )
    refused(
        firm.api("administrator", {"assets.read", "assets.record"}), 403, "permission"
    )  # no scope to register
    refused(firm.api("warehouse"), 403, "permission")
    done = api.post(path, body)
    assert done.status == 201, done.body

    back = f"{path}/{done.body['event_id']}/reversal"
    people.remove_member(company_id=sister.company_id, user_id=firm.users["administrator"])
    before = (firm.rows(), sister.rows())
    assert (api.post(back).status, api.call("POST", f"{back}/previews", {}).rules) == (
        403,
        {"both_companies"},
    )
    stranger = sister.api()
    assert stranger.post(back).status == 404  # the asset is not of its company
    assert api.post(f"{path}/{yard.event_ids[0]}/reversal").status == 404  # an acquisition
    assert (firm.rows(), sister.rows()) == before


def test_a_unit_is_impaired(yard: Yard, firm: Firm) -> None:
    """Carried at 24,000, 12,000 and 4,000 of goodwill; worth 27,000. Goodwill bears 4,000 of 13,000; of the 9,000 left the
    forklift would bear 6,000 and stand at 18,000, but not below 20,000: the other bears 5,000."""
    press = yard.batch(
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 0, "values": {"cost": "12000.00"}},
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 1, "values": {"cost": "4000.00"}},
        assets=[{"name": "Press", "class_code": "MACH"}, {"name": "Goodwill", "class_code": "INTANG"}],
    )["asset_ids"]
    api, clerk = yard.api, firm.api("warehouse")
    body = {
        "effective_on": "2026-02-28",
        "asset_ids": [yard.asset_id, press[0]],
        "goodwill_id": press[1],
        "recoverable": "27000.00",
        "floors": [{"asset_id": yard.asset_id, "amount": "20000.00"}],
    }
    before = firm.rows()
    seen = api.call("POST", "/assets/unit-impairments/previews", body)
    assert seen.status == 200, seen.body
    losses = {row["asset_id"]: row["amount"] for row in seen.body["books"][0]["rows"]}
    assert losses == {yard.asset_id: "4000.00", press[0]: "5000.00", press[1]: "4000.00"}
    nobody = api.post("/assets/unit-impairments", body | {"recoverable": "40000.00"})
    assert (nobody.status, nobody.rules) == (422, {"below_carrying"})
    floor = body["floors"][0]
    for wrong, rule in (
        ({"asset_ids": [yard.asset_id, press[0], press[0]]}, "once"),
        ({"floors": [floor, floor]}, "once"),
        ({"floors": [{"asset_id": press[1], "amount": "1.00"}]}, "of_unit"),
        ({"floors": [{"asset_id": 999_999, "amount": "1.00"}]}, "of_unit"),
    ):
        odd = api.post("/assets/unit-impairments", body | wrong)
        assert (odd.status, odd.rules) == (422, {rule})
    assert clerk.post("/assets/unit-impairments", body).status == 403
    assert firm.rows() == before
    key = new_key()
    done = api.post("/assets/unit-impairments", body, key=key)
    assert done.status == 201, done.body
    assert api.post("/assets/unit-impairments", body, key=key).body == done.body
    assert yard.worth("?as_of=2026-02-28") == "20000.00"


def test_a_unit_of_another_company_is_not_there(yard: Yard, sister: Firm) -> None:
    body = {"effective_on": "2026-02-28", "asset_ids": [yard.asset_id], "recoverable": "1.00"}
    before = sister.rows()
    assert sister.api().post("/assets/unit-impairments", body).status == 404
    assert sister.api().call("POST", "/assets/unit-impairments/previews", body).status == 404
    assert sister.rows() == before


def test_the_mid_quarter_test_is_applied_undone_and_applied_again(yard: Yard, firm: Firm) -> None:
    """4,000 in February and 6,000 in November: 3/5 in the last three months, above 40 %."""
    macrs = {"terms": {"pack": "us", "pack_class": "5-year", "elections": {"bonus": False}}}
    made = [
        yard.batch(
            {"kind": "acquisition", "effective_on": on, "asset_no": 0, "values": {"cost": cost}},
            {"kind": "in_service", "effective_on": on, "asset_no": 0},
            assets=[{"name": "Press", "class_code": "MACH", "terms": [macrs]}],
        )["asset_ids"][0]
        for on, cost in (("2025-02-10", "4000.00"), ("2025-11-20", "6000.00"))
    ]
    api, clerk = yard.api, firm.api("warehouse")
    before = firm.rows()
    seen = api.call("POST", "/assets/year-tests/previews", {"on": "2025-12-31"})
    assert seen.status == 200, seen.body
    assert (seen.body["share"], seen.body["outcome"], seen.body["changed"]) == ("3/5", "mid_quarter", made)
    assert clerk.post("/assets/year-tests", {"on": "2025-12-31"}).status == 403
    assert firm.rows() == before
    for _ in range(2):
        done = api.post("/assets/year-tests", {"on": "2025-12-31"})
        assert done.status == 201, done.body
        assert done.body["changed"] == made
        assert api.post("/assets/year-tests", {"on": "2025-12-31"}).body["changed"] == []
        changes = [
            row
            for asset_id in made
            for row in api.get(f"/assets/{asset_id}/timeline").body["results"]
            if row["kind"] == "terms_catch_up" and not row["reversed_by"]
        ]
        assert len(changes) == 2
        yard.batch(
            *(
                {
                    "kind": "reversal",
                    "effective_on": row["effective_on"],
                    "asset_id": row["asset_id"],
                    "of_event_id": row["event_id"],
                }
                for row in changes
            )
        )
    seen = api.call("POST", "/assets/year-tests/previews", {"on": "2024-06-30"})
    assert (seen.body["asset_count"], seen.body["changed"], seen.body["books"]) == (0, [], [])


def test_tokens_name_the_scopes_they_lack(yard: Yard, firm: Firm, sister: Firm) -> None:
    join(firm, sister, "controller")
    client = firm.api("administrator", set(PERMISSIONS) - {"ledger.read"})
    body = {"to_company": code_of(sister), "effective_on": "2026-05-31", "class_code": "MACH"}
    seen = client.call("POST", f"/assets/{yard.asset_id}/company-transfers/previews", body)
    assert seen.status == 200, seen.body
    books = seen.body["here"] + seen.body["there"]
    assert books
    assert all(book["rows"] == book["entries"] == [] for book in books)


def test_what_the_register_is_set_up_with_changes(yard: Yard, firm: Firm, sister: Firm) -> None:
    """Classes, their terms in many at once, cost centres; files of an asset; and the sums of the register."""
    api = yard.api
    classes = {row["code"]: row for row in api.get("/asset-classes").body["results"]}
    path = f"/asset-classes/{classes['MACH']['class_id']}"
    terms = {"method": "straight_line", "life_months": "84"}
    said = api.patch(path, {"name": "Plant", "required_fields": ["serial_no"], "terms": [{"terms": terms}]})
    assert said.status == 200, said.body
    assert (said.body["name"], said.body["required_fields"], said.body["active"]) == (
        "Plant",
        ["serial_no"],
        True,
    )
    assert said.body["terms"][""]["life_months"] == "84"
    both = [{"class_code": code, "terms": terms | {"life_months": "60"}} for code in ("MACH", "INTANG")]
    before = (firm.rows(), sister.rows())
    wrong = api.put("/asset-classes/terms", {"classes": [*both, {"class_code": "NONE", "terms": terms}]})
    assert (wrong.status, wrong.rules) == (404, {"exists"})
    for call, where, body in (
        (api.put, "/asset-classes/terms", {"classes": [both[0], both[0]]}),
        (api.patch, path, {"terms": [{"terms": terms}, {"terms": terms}]}),
    ):
        twice = call(where, body)
        assert (twice.status, twice.rules) == (422, {"once"})
    assert sister.api().patch(path, {"name": "Theirs"}).status == 404
    assert (firm.rows(), sister.rows()) == before
    said = api.put("/asset-classes/terms", {"classes": both})
    assert said.status == 200, said.body
    found = {row["code"]: row["terms"].get("", {}).get("life_months") for row in said.body["results"]}
    assert (found["MACH"], found["INTANG"]) == ("60", "60")

    made = api.post("/cost-centres", {"code": "410", "name": "Mill"}).body["cost_centre_id"]
    said = api.patch(f"/cost-centres/{made}", {"active": False})
    assert said.body == {"cost_centre_id": made, "code": "410", "name": "Mill", "active": False}
    assert sister.api().patch(f"/cost-centres/{made}", {"name": "Theirs"}).status == 404

    totals = api.get("/assets/totals?status=in_service").body
    assert (totals["asset_count"], totals["cost"], totals["carrying"]) == (1, "24000.00", "24000.00")
    assert api.get("/assets/totals?status=lost").body["asset_count"] == 0


def test_files_of_an_asset(yard: Yard, firm: Firm, sister: Firm) -> None:
    api, path = yard.api, f"/assets/{yard.asset_id}/files"

    def send(client: Api, content: bytes) -> Any:
        query = "?file_name=manual.txt&title=Manual"
        kind = "application/octet-stream"
        return client.call("POST", path + query, content, key=new_key(), media_type=kind)

    clerk, stranger = firm.api("warehouse"), sister.api()
    before = firm.rows()
    assert send(clerk, b"Lift.").status == 403
    assert send(stranger, b"Lift.").status == 404
    assert send(api, b"").fields == {"file"}
    assert firm.rows() == before
    kept = send(api, b"Lift.")
    assert kept.status == 201, kept.body
    assert (kept.body["file_name"], kept.body["title"], kept.body["media_type"], kept.body["size_bytes"]) == (
        "manual.txt",
        "Manual",
        "text/plain",
        5,
    )
    assert send(api, b"Lift.").body == kept.body
    one = f"{path}/{kept.body['id']}"
    headers = {"Authorization": f"Bearer {clerk.token}"}
    answer = api.client.get(f"/api/v1{one}", headers=headers)
    assert (answer.content, answer["Content-Disposition"]) == (b"Lift.", 'attachment; filename="manual.txt"')
    assert stranger.get(one).status == 404
    assert stranger.delete(one).status == 404
    assert clerk.delete(one).status == 403
    assert api.get(path).body["results"] == [kept.body]
    assert api.delete(one).body == {"removed": True}
    assert api.get(path).body["results"] == []
    assert api.delete(one).status == 404


def test_the_register_is_sorted_and_paged(yard: Yard, firm: Firm) -> None:
    yard.batch(
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 0, "values": {"cost": "30000.00"}},
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 1, "values": {"cost": "1.00"}},
        assets=[{"name": "Anvil", "class_code": "MACH"}, {"name": "Brand", "class_code": "INTANG"}],
    )
    api = yard.api

    def names(query: str) -> list[str]:
        found, cursor = [], ""
        while cursor is not None:
            said = api.get(f"/assets?limit=1&{query}{cursor and '&cursor=' + cursor}")
            assert said.status == 200, said.body
            found += [row["name"] for row in said.body["results"]]
            cursor = said.body["next"]
        return found

    assert names("sort=name") == ["Anvil", "Brand", "Forklift"]
    assert names("sort=carrying&descending=true") == ["Anvil", "Forklift", "Brand"]
    assert names("sort=class") == ["Brand", "Forklift", "Anvil"]
    assert api.get("/assets?sort=colour").status == 422
    assert api.get("/assets?sort=cost&cursor=WyJ4IiwgIngiXQ").status == 422  # of an order by text
    clerk = firm.api("warehouse")
    assert clerk.get("/assets?sort=name").body["results"][0]["cost"] is None
    assert clerk.get("/assets?sort=cost").rules == {"sees_amounts"}


def test_parts_of_an_asset_say_what_they_are_worth(yard: Yard, firm: Firm) -> None:
    """A battery of 3,000.00 with a cell of 500.00 below the forklift of 24,000.00."""
    tag = yard.card()["tag"]
    yard.batch(
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 0, "values": {"cost": "3000.00"}},
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 1, "values": {"cost": "500.00"}},
        assets=[
            {"name": "Battery", "class_code": "MACH", "tag": "B-1", "parent_tag": tag},
            {"name": "Cell", "class_code": "MACH", "tag": "B-2", "parent_tag": "B-1"},
        ],
    )
    found = [
        (part["tag"], part["depth"], part["cost"], part["whole_carrying"])
        for part in yard.card()["components"]
    ]
    assert found == [("B-1", 1, "3000.00", "3500.00"), ("B-2", 2, "500.00", "500.00")]
    clerk = firm.api("warehouse").get(f"/assets/{yard.asset_id}").body["components"]
    assert [(part["tag"], part["cost"]) for part in clerk] == [("B-1", None), ("B-2", None)]
