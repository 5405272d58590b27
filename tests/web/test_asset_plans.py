"""Forecasts, scenarios and budgets by their pages."""

import re

import pytest
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return new_depot(shop)


def made(depot: Depot, name: str = "Another lathe") -> str:
    client = depot.shop.client("asset_accountant")
    return client.post(depot.url("scenarios/new"), {"name": name}).headers["Location"]


def test_a_scenario_shows_what_a_purchase_and_a_longer_life_change(depot: Depot):
    depot.buy("12000.00")
    depot.run("2026-12-31")
    client = depot.shop.client("asset_accountant")
    page = made(depot)
    scenario_id = re.findall(r"scenarios/(\d+)", page)[0]
    bare = text_of(client.get(depot.url("forecast") + "?years=2"))
    assert "1,200.00" in bare  # 12,000 over ten years
    assert "2,400.00" in bare  # two of them
    data = {
        "name": "Lathe 2",
        "class_code": "MACH",
        "cost": "24,000.00",
        "quantity": "1",
        "acquired_on": "2027-01-01",
    }
    assert client.post(f"{page}/add/purchase", data).status_code == 302
    seen = text_of(client.get(page))
    assert "Buy Lathe 2 (MACH) for 24,000.00" in seen
    planned = text_of(client.get(depot.url("forecast") + f"?years=2&scenario={scenario_id}"))
    assert "3,600.00" in planned  # 1,200 + 24,000 / 10
    assert "−24,000.00" in planned  # paid
    assert depot.shop.count("assets_asset") == 1
    longer = {"asset": "MA-00001", "on": "2027-01-01", "months": "24"}
    assert client.post(f"{page}/add/longer", longer).status_code == 302
    exported = client.get(depot.url("forecast") + f"?years=1&scenario={scenario_id}&export=csv")
    # 10,800 left over eleven years is 981.82; the new one charges 2,400.
    assert "3381.82" in exported.content.decode()
    line_id = re.findall(r"lines/(\d+)/remove", text_of(client.get(page)))[0]
    assert client.post(f"{page}/lines/{line_id}/remove").status_code == 302
    assert "Buy Lathe 2" not in text_of(client.get(page))
    assert client.post(f"{page}/copy").status_code == 302
    assert client.post(page, {"aside": "1"}).status_code == 302
    assert depot.shop.count("assets_scenario") == 2


def test_what_cannot_be_planned_is_refused_beside_its_field(depot: Depot):
    depot.buy("12000.00")
    client = depot.shop.client("asset_accountant")
    page = made(depot)
    nobody = client.post(f"{page}/add/longer", {"on": "2027-01-01", "months": "24"})
    assert nobody.status_code == 422
    assert "Choose a class, or one asset" in text_of(nobody)
    early = client.post(f"{page}/add/sale", {"asset": "MA-00001", "on": "2025-01-01", "proceeds": "1"})
    assert early.status_code == 422
    assert depot.shop.count("assets_scenario_line") == 0
    assert client.get(f"{page}/add/theft").status_code == 404
    again = client.post(depot.url("scenarios/new"), {"name": "Another lathe"})
    assert again.status_code == 422
    assert client.post(f"{page}/change", {"name": ""}).status_code == 422
    assert client.post(f"{page}/change", {"name": "Third lathe", "note": "perhaps"}).status_code == 302
    assert "perhaps" in text_of(client.get(page))
    assert client.post(page).status_code == 302
    assert "put away" in text_of(client.get(page))


def test_a_budget_is_held_against_what_became_of_it(depot: Depot):
    depot.buy("12000.00")
    depot.run("2026-01-31")
    client = depot.shop.client("asset_accountant")
    data = {"name": "2026", "from_on": "2026-02-01", "to_on": "2026-12-31"}
    response = client.post(depot.url("budgets/new"), data)
    assert response.status_code == 302
    page = response.headers["Location"]
    depot.run("2026-02-28")
    with db.company_transaction(company_id=depot.shop.company_id):
        ((spring,),) = db.fetch_all("SELECT clock_timestamp()")
    depot.buy("24000.00", "2026-07-01", name="Unplanned")
    depot.run("2026-12-31")
    then = f"{page}?known_at={spring.isoformat().replace('+', '%2B')}"
    assert "2,300.00" not in text_of(client.get(then))
    known = client.get(f"{then}&by=period&export=csv").content.decode().splitlines()
    assert len(known) == 2  # February alone was booked by then
    assert ",100.00,100.00,0.00," in known[1]
    past = client.get(f"{page}?as_of=2026-04-30&by=period&export=csv").content.decode()
    assert past.count("\n") == 4
    seen = text_of(client.get(page))
    assert "1,100.00" in seen  # eleven months of 100.00
    assert "2,300.00" in seen  # and six of 200.00 more
    assert "1,200.00" in seen
    by_period = client.get(f"{page}?by=period&export=csv").content.decode()
    assert by_period.count("\n") == 12
    odd = client.post(depot.url("budgets/new"), data | {"to_on": "2026-12-15"})
    assert odd.status_code == 422
    assert "period" in text_of(odd)
    assert depot.shop.count("assets_budget") == 1


@pytest.mark.parametrize(
    "path", ["scenarios/new", "scenarios/1/change", "budgets/new", "scenarios/1/copy", "scenarios/1/add/sale"]
)
def test_plans_take_a_role_and_a_company(depot: Depot, path: str):
    made(depot)
    data = {"name": "X", "from_on": "2026-01-01", "to_on": "2026-12-31"}
    auditor, warehouse = depot.shop.client("auditor"), depot.shop.client("warehouse")
    assert auditor.post(depot.url(path), data).status_code == 403
    assert warehouse.post(depot.url(path), data).status_code == 403
    assert warehouse.get(depot.url("forecast")).status_code == 403
    assert auditor.get(depot.url("forecast")).status_code == 200
    stranger = new_shop().client("administrator")
    assert stranger.post(depot.url(path), data).status_code == 404
    assert depot.shop.count("assets_scenario") == 1
    assert depot.shop.count("assets_budget") == 0


def test_plans_of_another_company_are_not_found(depot: Depot):
    scenario_id = re.findall(r"scenarios/(\d+)", made(depot))[0]
    other = new_depot(new_shop())
    client = other.shop.client("administrator")
    for path in (f"scenarios/{scenario_id}", f"scenarios/{scenario_id}/add/sale", "budgets/1"):
        assert client.get(other.url(path)).status_code == 404, path
    assert (
        client.get(other.url("forecast") + f"?scenario={scenario_id}").status_code == 200
    )  # not a choice there
