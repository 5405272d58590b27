"""Bookings, audits and custody by their pages."""

import re

import pytest
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return new_depot(shop)


BOOKING = {"asset": "MA-00001", "begins_at": "2026-11-24T09:00", "ends_at": "2026-11-24T12:00"}


def test_an_asset_is_booked_once_and_given_back(depot: Depot):
    asset_id = depot.buy("12000.00")
    client = depot.shop.client("maintenance")
    who = {"party": "LINDAU", "purpose": "Trade fair"}
    response = client.post(depot.url("bookings/new"), BOOKING | who)
    assert response.status_code == 302
    seen = text_of(client.get(response.headers["Location"]))
    assert "09:00–12:00" in seen
    assert "Waterworks Lindau" in seen
    assert "Trade fair" in seen
    clash = client.post(depot.url("bookings/new"), BOOKING | who | {"begins_at": "2026-11-24T11:00"})
    assert clash.status_code == 422
    assert "booked in that time already" in text_of(clash)
    assert "Waterworks Lindau has it from 24 Nov 2026, 09:00" in text_of(clash)
    assert depot.shop.count("assets_booking") == 1
    other = text_of(client.get(depot.url("bookings") + "?from=2026-12-20"))
    assert "Trade fair" not in other
    booking_id = re.findall(
        r"bookings/(\d+)/cancel", seen + text_of(client.get(depot.url("bookings") + "?from=2026-11-24"))
    )
    assert client.post(depot.url(f"bookings/{booking_id[0]}/cancel")).status_code == 302
    assert "Trade fair" not in text_of(client.get(depot.url("bookings") + "?from=2026-11-24"))
    assert client.post(depot.url("bookings/new"), BOOKING | who).status_code == 302
    assert "Trade fair" in text_of(client.get(depot.url(str(asset_id))))


def test_a_booking_that_cannot_be_is_refused_beside_its_field(depot: Depot):
    depot.buy("12000.00")
    client = depot.shop.client("maintenance")
    for data, words in (
        (BOOKING | {"party": "LINDAU", "ends_at": "2026-11-24T08:00"}, "ends after it begins"),
        (BOOKING, "Say for whom"),
        (BOOKING | {"asset": "NONE-1", "party": "LINDAU"}, "There is no asset"),
    ):
        response = client.post(depot.url("bookings/new"), data)
        assert response.status_code == 422
        assert words in text_of(response)
    assert depot.shop.count("assets_booking") == 0


def test_an_audit_from_the_list_to_the_differences(depot: Depot):
    place = depot.shop.location_ids
    seen_id = depot.buy("1.00", name="Lathe", location_id=place["A-1"])
    lost_id = depot.buy("2.00", name="Saw", location_id=place["A-1"])
    moved_id = depot.buy("3.00", name="Mill", location_id=place["A-1"])
    depot.buy("4.00", name="Press", location_id=place["A-2"])
    client = depot.shop.client("maintenance")
    response = client.post(depot.url("audits/new"), {"name": "Year end", "location": "A-1"})
    assert response.status_code == 302
    page = response.headers["Location"]
    assert text_of(client.get(page)).count("not seen yet") == 3
    assert client.post(page, {"chosen": [seen_id]}).status_code == 302
    scanned = client.post(page, {"tags": "MA-00003\nMA-00004\n", "location": "A-2", "condition": "dusty"})
    assert scanned.status_code == 302
    wrong = client.post(page, {"tags": "MA-99999"})
    assert wrong.status_code == 422
    assert "There is no asset MA-99999" in text_of(wrong)
    checked = client.post(page, {"tags": "MA-99999", "location": "A-1"}, headers={"X-Check": "all"}).json()
    assert "There is no asset MA-99999" in checked["faults"][0]["texts"][0]
    assert client.post(f"{page}/finish").status_code == 302
    after = text_of(client.get(page))
    assert "differences" in after
    verdicts = {
        tag: client.get(f"{page}?show={tag}&export=csv").content.decode()
        for tag in ("found", "missing", "elsewhere", "unexpected")
    }
    assert "MA-00001" in verdicts["found"]
    assert "MA-00002" in verdicts["missing"]
    assert "MA-00003" in verdicts["elsewhere"]
    assert "MA-00004" in verdicts["unexpected"]
    assert "dusty" in verdicts["unexpected"]
    assert f"{moved_id}/record/transfer" in after
    assert f"{lost_id}/record/disposal" not in after  # maintenance records no losses
    accountant = text_of(depot.shop.client("asset_accountant").get(page))
    assert f"{lost_id}/record/disposal" in accountant
    assert f"{seen_id}/record" not in accountant
    assert client.post(page, {"chosen": [lost_id]}).status_code == 422
    assert client.post(f"{page}/finish").status_code == 422


def test_who_has_it_signs_for_it(depot: Depot):
    asset_id = depot.buy("900.00", code="IT", name="Notebook")
    client = depot.shop.client("maintenance")
    data = {"effective_on": "2026-02-01", "custodian_party_id": "LINDAU", "expected_on": "2026-02-15"}
    assert (
        client.post(depot.url(f"{asset_id}/record/check_out"), data | {"idempotency_key": "o"}).status_code
        == 302
    )
    assert f"{asset_id}/record/accept" in text_of(client.get(depot.url("custody") + "?show=unsigned"))
    signed = {"effective_on": "2026-02-02", "signature": "Dana Demo", "idempotency_key": "s"}
    assert client.post(depot.url(f"{asset_id}/record/accept"), signed).status_code == 302
    assert f"{asset_id}/record/accept" not in text_of(client.get(depot.url("custody") + "?show=unsigned"))
    assert "Dana Demo" in text_of(client.get(depot.url("custody") + "?show=overdue"))


PAGES = ("bookings/new", "audits/new")


@pytest.mark.parametrize("path", PAGES)
def test_keeping_takes_a_role_and_a_company(depot: Depot, path: str):
    depot.buy("12000.00")
    auditor = depot.shop.client("auditor")
    assert auditor.get(depot.url(path)).status_code == 403
    assert auditor.post(depot.url(path), BOOKING | {"name": "Year end"}).status_code == 403
    stranger = new_shop().client("administrator")
    assert stranger.get(depot.url(path)).status_code == 404
    assert stranger.post(depot.url(path), BOOKING | {"name": "Year end"}).status_code == 404
    assert depot.shop.count("assets_booking") == depot.shop.count("assets_audit") == 0


def test_what_is_of_another_company_is_not_found(depot: Depot):
    client = depot.shop.client("maintenance")
    client.post(depot.url("audits/new"), {"name": "Year end"})
    audit_id = re.findall(r"audits/(\d+)", text_of(client.get(depot.url("audits"))))[0]
    other = new_depot(new_shop())
    stranger = other.shop.client("administrator")
    assert stranger.get(other.url(f"audits/{audit_id}")).status_code == 404
    assert stranger.post(other.url(f"audits/{audit_id}"), {"tags": "MA-00001"}).status_code == 404
    assert stranger.post(other.url(f"audits/{audit_id}/finish")).status_code == 404
    assert stranger.post(other.url("bookings/1/cancel")).status_code == 404
