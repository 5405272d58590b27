"""Between stock and assets, cost centres, calendars, rules of countries and the account map, by their pages."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.assets import queries
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.people import services as people


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return new_depot(shop)


def preview(client: object, url: str, data: dict[str, str]) -> str:
    response: HttpResponse = client.post(  # type: ignore[attr-defined]  # Django's test client
        url, data | {"preview": "1"}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    return text_of(response)


WHEN = "2026-03-10T10:00"


def test_goods_become_an_asset_and_parts_and_goods_again(depot: Depot):
    shop = depot.shop
    shop.receive("MOTOR", 1, "400.00", lot_code="M-1")
    shop.receive("SEAL-35", 10, "5.00")
    client = shop.client("controller")
    data = {
        "item": "MOTOR",
        "lot": "M-1",
        "qty": "1",
        "from_location": "A-1",
        "effective_at": WHEN,
        "class_code": "MACH",
        "in_service": "on",
        "idempotency_key": "one",
    }
    look = preview(client, depot.url("from-stock"), data)
    assert look.count("400.00") >= 4  # in two books, through clearing
    assert depot.assets() == []
    assert shop.on_hand("MOTOR") == 1
    response = client.post(depot.url("from-stock"), data)
    assert response.status_code == 302
    (row,) = depot.assets()
    assert (row.name, row.serial_no, row.cost) == ("Motor 5.5 kW", "M-1", 40_000)
    assert shop.on_hand("MOTOR") == 0
    page = text_of(client.get(response.headers["Location"]))
    assert "Item in stock" in page
    assert "M-1" in page
    parts = {
        "item": "SEAL-35",
        "qty": "4",
        "from_location": "A-1",
        "effective_at": "2026-03-11T10:00",
        "kind": "cost_addition",
        "idempotency_key": "two",
    }
    assert "20.00" in preview(client, depot.url(f"{row.asset_id}/parts"), parts)
    assert depot.carrying(row.asset_id) == 40_000
    assert client.post(depot.url(f"{row.asset_id}/parts"), parts).status_code == 302
    assert depot.assets()[0].cost == 42_000
    assert shop.on_hand("SEAL-35") == 6
    back = {"qty": "1", "to_location": "A-2", "effective_at": "2026-03-12T10:00", "idempotency_key": "three"}
    # March is one month of the ten years, which the day of leaving does not complete: nothing is charged yet.
    assert "420.00" in preview(client, depot.url(f"{row.asset_id}/to-stock"), back)
    stood = depot.carrying(row.asset_id)
    assert client.post(depot.url(f"{row.asset_id}/to-stock"), back).status_code == 302
    assert depot.carrying(row.asset_id) == 0
    assert shop.on_hand("MOTOR") == 1
    with db.company_transaction(company_id=shop.company_id):
        ((event,),) = db.fetch_all("SELECT event_id FROM assets_event WHERE kind = 'disposal'")
    undo = depot.url(f"{row.asset_id}/events/{event}/take-back")
    assert "goods that it moved are taken back with it" in text_of(client.get(undo))
    given = {"note": "It was another one", "idempotency_key": "four"}
    assert "420.00" in preview(client, undo, given)
    assert depot.carrying(row.asset_id) == 0
    assert client.post(undo, given).status_code == 302
    assert depot.carrying(row.asset_id) == stood
    assert shop.on_hand("MOTOR") == 0


def test_goods_that_are_not_there_are_refused_and_nothing_is_written(depot: Depot):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("controller")
    data = {
        "item": "SEAL-35",
        "qty": "4",
        "from_location": "A-1",
        "effective_at": WHEN,
        "kind": "cost_addition",
        "idempotency_key": "k",
    }
    before = depot.shop.count("assets_event"), depot.shop.count("stock_move")
    assert "This cannot be recorded yet" in preview(client, depot.url(f"{asset_id}/parts"), data)
    response = client.post(depot.url(f"{asset_id}/parts"), data)
    assert response.status_code == 422
    assert "Nothing has been written" in text_of(response)
    nameless = client.post(depot.url(f"{asset_id}/to-stock"), {"qty": "1", "to_location": "A-1"})
    assert nameless.status_code == 422  # it came from no item, so one is to be named
    assert (depot.shop.count("assets_event"), depot.shop.count("stock_move")) == before


def test_an_asset_goes_to_another_company_of_the_same_people(depot: Depot):
    asset_id = depot.buy("12000.00")
    depot.run("2026-03-31")
    sister = new_depot(new_shop("Fernhill Service"))
    user = depot.shop.user("controller")
    people.add_member(company_id=sister.shop.company_id, user_id=user, roles=["controller"])
    client = depot.shop.client("controller")
    alone = text_of(client.get(depot.url(f"{asset_id}/to-company")))
    assert "No other company" in alone
    both = Client()
    both.force_login(
        get_user_model().objects.get(pk=user), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "Fernhill Service" in text_of(both.get(depot.url(f"{asset_id}/to-company")))
    url = depot.url(f"{asset_id}/to-company") + f"?to={sister.shop.code}"
    data = {
        "effective_on": "2026-03-31",
        "class_code": "MACH",
        "basis": "as_it_stands",
        "idempotency_key": "k",
    }
    assert client.post(url, data).status_code == 404  # has no role there
    look = preview(both, url, data)
    assert look.count("Fernhill Service: main") >= 1
    assert "11,700.00" in look
    assert depot.carrying(asset_id) == 1_170_000
    assert both.post(url, data | {"basis": "price"}).status_code == 422  # without a price
    assert both.post(url, data).status_code == 302
    assert depot.carrying(asset_id) == 0
    (arrived,) = sister.assets()
    assert (arrived.name, arrived.carrying) == ("Lathe", 1_170_000)
    with db.company_transaction(company_id=depot.shop.company_id):
        left = queries.timeline(depot.shop.company_id, asset_id)[-1]
    back = depot.url(f"{asset_id}/events/{left.event_id}/take-back")
    assert client.get(back).status_code == 403  # has no role there
    assert client.post(back, {"idempotency_key": "b"}).status_code == 403
    assert depot.shop.client("maintenance").post(back, {"idempotency_key": "b"}).status_code == 403
    look = preview(both, back, {"idempotency_key": "b"})
    assert look.count("Fernhill Service: main") >= 1
    assert "11,700.00" in look
    assert depot.carrying(asset_id) == 0
    assert both.post(back, {"idempotency_key": "b"}).status_code == 302
    assert depot.carrying(asset_id) == 1_170_000
    assert [row.carrying for row in sister.assets()] == [0]
    assert both.post(back, {"idempotency_key": "c"}).status_code == 422  # it is taken back already


def test_cost_centres_are_made_renamed_and_retired(depot: Depot):
    client = depot.shop.client("asset_accountant")
    page = depot.url("cost-centres")
    assert "No cost centre yet" in text_of(client.get(page))
    new = depot.url("cost-centres/new")
    assert client.post(new, {"code": "K10", "name": "Workshop"}).status_code == 302
    assert client.post(new, {"code": "K10", "name": "Again"}).status_code == 422
    one = re.findall(r'href="([^"]+/cost-centres/\d+)"', text_of(client.get(page)))[0]
    assert client.post(one, {"name": "Hall 2"}).status_code == 302  # unticked: retired
    seen = text_of(client.get(page))
    assert "Hall 2" in seen
    assert "retired" in seen
    assert client.get(one + "9").status_code == 404
    assert depot.shop.client("auditor").post(new, {"code": "K11", "name": "No"}).status_code == 403
    assert depot.shop.count("assets_cost_centre") == 1


def test_a_book_gets_a_calendar_before_its_first_charge(depot: Depot):
    client = depot.shop.client("asset_accountant")
    page = depot.url("calendar")
    assert "Twelve calendar months" in text_of(client.get(page))
    weeks = {"pattern": "weeks_13", "first_month": "1", "weekday": "5", "nearest": "1"}
    assert client.post(page, weeks).status_code == 302
    seen = text_of(client.get(page))
    assert "13 periods, 52 weeks" in seen
    odd = client.post(page, weeks | {"stated": "2026-12-31 2026-01-01"})
    assert odd.status_code == 422
    assert client.post(page, weeks | {"stated": "soon"}).status_code == 422
    depot.buy("12000.00")
    depot.run("2026-03-31")
    late = client.post(page, {"pattern": "months", "first_month": "4"})
    assert late.status_code == 422
    assert "before the first charge" in text_of(late)
    assert depot.shop.client("auditor").post(page, weeks).status_code == 403
    assert "Twelve calendar months" in text_of(client.get(page + "?book=tax"))


def test_a_book_follows_the_rules_of_a_country(depot: Depot):
    client = depot.shop.client("asset_accountant")
    assert "United States" in text_of(client.get(depot.url("packs")))
    page = depot.url("packs/us") + "?book=tax"
    assert "cost below 200,000" in text_of(client.get(depot.url("packs/jp")))
    seen = text_of(client.get(page))
    assert " above 0.5" in seen
    assert "Publication 946" in seen
    with db.company_transaction(company_id=depot.shop.company_id):
        machines = queries.class_by_code(depot.shop.company_id, "MACH")
    chosen = {f"class_{machines.class_id}": "7-year", "fact_bonus": "no"}
    assert client.post(page, chosen).status_code == 302
    with db.company_transaction(company_id=depot.shop.company_id):
        terms = queries.class_by_code(depot.shop.company_id, "MACH").terms
    assert terms["tax"] == {"pack": "us", "pack_class": "7-year", "elections": {"bonus": False}}
    assert terms[""]["method"] == "straight_line"
    assert "Tax" in text_of(client.get(depot.url("packs")))
    assert client.post(page, {f"class_{machines.class_id}": "9-year"}).status_code == 422
    assert client.get(depot.url("packs/atlantis")).status_code == 404
    assert depot.shop.client("auditor").post(page, chosen).status_code == 403


def test_an_account_is_mapped_with_what_it_moves(depot: Depot):
    depot.shop.receive("SEAL-35", 10, "5.00")
    client = depot.shop.client("controller")
    url = depot.shop.url("company/accounts")
    assert "Inventory" in text_of(client.get(url))
    data = {"account_role": "scrap_loss", "account": "6000", "effective_on": "2026-06-01"}
    with db.company_transaction(company_id=depot.shop.company_id):
        expenses = [a for a in ledger.accounts(depot.shop.company_id) if a.classification == "expense"]
    data["account"] = expenses[0].code
    assert "moves no money" in preview(client, url + "/change", data)
    before = depot.shop.count("ledger_account_map")
    assert client.post(url + "/change", data).status_code == 302
    assert depot.shop.count("ledger_account_map") == before + 1
    assert expenses[0].name in text_of(client.get(url + "?q=scrap&as_of=2026-07-01"))
    wrong = client.post(url + "/change", data | {"account": "0"})
    assert wrong.status_code == 422
    closed = client.post(
        url + "/change",
        {"account_role": "inventory", "account": expenses[0].code, "effective_on": "2026-06-01"},
    )
    assert closed.status_code == 422
    assert "leave the day out" in text_of(closed)
    assert depot.shop.client("asset_accountant").post(url + "/change", data).status_code == 403
    assert depot.shop.client("auditor").get(url).status_code == 200
    assert depot.shop.count("ledger_account_map") == before + 1


@pytest.mark.parametrize("path", ["from-stock", "{asset}/parts", "{asset}/to-stock", "{asset}/to-company"])
def test_goods_and_companies_take_a_role_and_a_company(depot: Depot, path: str):
    asset_id = depot.buy("12000.00")
    url = depot.url(path.format(asset=asset_id))
    for role in ("auditor", "maintenance"):
        assert depot.shop.client(role).get(url).status_code == 403
        assert depot.shop.client(role).post(url, {}).status_code == 403
    stranger = new_depot(new_shop())
    client = stranger.shop.client("administrator")
    assert client.get(url).status_code == 404
    if "asset" in path:
        assert client.get(stranger.url(path.format(asset=asset_id + 1000))).status_code == 404


def test_terms_state_tables_rounding_and_the_switch(depot: Depot):
    client = depot.shop.client("asset_accountant")
    with db.company_transaction(company_id=depot.shop.company_id):
        found = queries.class_by_code(depot.shop.company_id, "TOOL")
    url = depot.url(f"classes/{found.class_id}")
    table = {
        "name": found.name,
        "book": "",
        "terms_method": "table",
        "terms_table": "50 %; 30 %; 20 %",
        "terms_rounding_unit": "100",
        "terms_rounding_what": "charge",
    }
    assert client.post(url, table).status_code == 302
    seen = text_of(client.get(url))
    assert "Table of rates, 3 steps" in seen
    assert 'value="0.5; 0.3; 0.2"' in seen
    tool = depot.buy("1000.00", code="TOOL", name="Press")
    depot.run("2026-12-31")
    assert depot.carrying(tool) == 50_000
    declining = {
        "name": found.name,
        "book": "",
        "terms_method": "declining",
        "terms_life_months": "60",
        "terms_factor": "2",
        "terms_switches_to_straight_line": "on",
    }
    assert client.post(url, declining).status_code == 302
    assert "switching to the straight line" in text_of(client.get(url))
    amounts = {"name": found.name, "book": "", "terms_method": "amounts", "terms_amounts": "600.00; 400.00"}
    assert client.post(url, amounts).status_code == 302
    with db.company_transaction(company_id=depot.shop.company_id):
        terms = queries.class_by_code(depot.shop.company_id, "TOOL").terms[""]
    assert [Decimal(part) for part in terms["amounts"]] == [60_000, 40_000]
    assert client.post(url, amounts | {"terms_amounts": "0.005"}).status_code == 422
