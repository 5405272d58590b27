"""The computation of pools and the figures of Form 4562 over HTTP and as files: who may see them, and whose they are."""

import pytest
from tests.api.api_client import Api, Firm
from tests.api.test_assets import Yard

POOLS = "/reports/asset-pools?to_on=2026-12-31"
FORM = "/reports/form-4562?on=2026-05-05"


@pytest.fixture
def yard(api: Api) -> Yard:
    """Beside the forklift, plant of 10,000 in the main pool of the United Kingdom."""
    yard = Yard(api)
    plant = {"terms": {"pack": "uk", "pack_class": "plant"}}
    yard.batch(
        {"kind": "acquisition", "effective_on": "2026-02-20", "asset_no": 0, "values": {"cost": "10000.00"}},
        {"kind": "in_service", "effective_on": "2026-03-01", "asset_no": 0},
        assets=[{"name": "Plant", "class_code": "MACH", "terms": [plant]}],
    )
    return yard


def test_a_pool_is_charged_and_told(yard: Yard) -> None:
    """18 % until March 2026 and 14 % after it: 90 and 275 of 365 days, rounded up to 14.99 %."""
    said = yard.api.get(POOLS)
    assert said.status == 200, said.body
    (row,) = said.body["results"]
    assert row.pop("lines")[2] == {"code": "writing_down_allowance", "amount": "-1499.00", "note": "14.99 %"}
    assert row == {
        "pack": "uk", "pool": "main", "title": "Main pool", "from_on": "2026-01-01", "to_on": "2026-12-31",
        "charged": False, "brought_forward": "0.00", "additions": "10000.00", "first_year": "0.00",
        "disposals": "0.00", "allowance": "1499.00", "balancing_charge": "0.00", "balancing_allowance": "0.00",
        "other": "0.00", "carried_forward": "8501.00", "deduction": "1499.00",
    }  # fmt: skip
    assert yard.run("2026-12-31")["total"] == "3999.00"  # and 2,500.00 for the forklift
    assert yard.api.get(POOLS).body["results"][0]["charged"] is True
    assert {row["difference"] for row in yard.api.get("/reports/asset-tie-out").body["results"]} == {"0.00"}
    assert yard.api.get("/reports/asset-pools?to_on=2025-12-31").body["results"] == []


def test_the_form_is_told(yard: Yard) -> None:
    yard.run("2026-12-31")
    said = yard.api.get(FORM + "&business_income=1000&carried_in=12.34")
    assert said.status == 200, said.body
    assert (said.body["from_on"], said.body["charged_through"]) == ("2026-01-01", "2026-12-31")
    lines = {line["line"]: line["amount"] for line in said.body["results"]}
    assert (lines["1"], lines["10"], lines["11"], lines["12"]) == ("2560000.00", "12.34", "1000.00", "12.34")
    assert lines["16"] == "2500.00"  # the forklift, by terms of its own: ten months of 250
    for query in ("business_income=0.001", "carried_in=much", "business_income=-1"):
        assert yard.api.get(f"{FORM}&{query}").status == 422
    assert yard.api.get("/reports/form-4562?on=1990-01-01").status == 422


@pytest.mark.parametrize("path", [POOLS, FORM])
def test_who_may_not_see_amounts_is_refused(yard: Yard, firm: Firm, path: str) -> None:
    assert yard.api.get(path).status == 200
    assert firm.api("warehouse").get(path).status == 403
    assert firm.api("auditor", scopes=["assets.read"]).get(path).status == 403
    assert firm.api("auditor").get(path).status == 200


def test_another_company_sees_nothing_of_it(yard: Yard, other_firm: Firm) -> None:
    yard.run("2026-12-31")
    stranger = other_firm.api()
    assert stranger.get(POOLS).body["results"] == []
    amounts = {
        line["amount"] for line in stranger.get(FORM).body["results"] if line["line"] in ("16", "17", "22")
    }
    assert amounts == {"0.00"}
    assert stranger.get(POOLS + "&book=NONE").status == 404
