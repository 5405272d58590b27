"""Reservations made and given up, goods on their way, their age and expiry, from the pages."""

import re
from collections import defaultdict
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.stock import queries as stock


def claims(shop: Shop) -> list[tuple[str, str, int]]:
    with db.company_transaction(company_id=shop.company_id):
        rows = stock.list_reservations(shop.company_id)
    return sorted((row.sku, row.lot_code, row.open_qty) for row in rows)


def claim(*lines: dict[str, str], key: str = "k") -> dict[str, str]:
    data = {"reference": "SO-1", "idempotency_key": key}
    data |= {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": "0"}
    for number, line in enumerate(lines):
        data |= {f"lines-{number}-{name}": value for name, value in line.items()}
    return data


def test_what_expires_first_is_claimed_first_and_given_up_again(shop: Shop):
    shop.receive("RESIN", 2, "4.00", lot_code="LATE", expires_on=date(2031, 9, 1))
    shop.receive("RESIN", 1, "4.00", lot_code="SOON", expires_on=date(2030, 9, 1))
    client, path = shop.client("planner"), shop.url("stock/reservations/new")
    assert client.get(path).status_code == 200
    response = client.post(path, claim({"item": "RESIN", "qty": "1.5"}))
    assert response.status_code == 302
    assert claims(shop) == [("RESIN", "LATE", 500), ("RESIN", "SOON", 1000)]
    listed = text_of(client.get(shop.url("stock/reservations")))
    assert "SO-1" in listed
    assert "Release" in listed
    with db.company_transaction(company_id=shop.company_id):
        ids = [row.reservation_id for row in stock.list_reservations(shop.company_id)]
    for reservation_id in ids:
        assert client.post(shop.url(f"stock/reservations/{reservation_id}/release")).status_code == 302
    assert claims(shop) == []
    assert "Nothing is reserved" in text_of(client.get(shop.url("stock/reservations")))


def undo_of(seen: HttpResponse) -> dict[str, Any]:
    """The fields of the button in the message."""
    given: dict[str, list[str]] = defaultdict(list)
    form = text_of(seen).partition("toast-note")[2].partition("</form>")[0]
    for name, value in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form):
        given[name].append(unescape(value))
    return {name: values if name == "chosen" else values[0] for name, values in given.items()}


def test_chosen_claims_are_given_up_together(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    client, where = shop.client("planner"), shop.url("stock/reservations/release")
    lines = [{"item": "SEAL-35", "qty": qty} for qty in ("4", "3", "2")]
    client.post(shop.url("stock/reservations/new"), claim(*lines))
    listed = client.get(shop.url("stock/reservations"))
    ids = {row.qty: row.reservation_id for row in listed.context["table"].rows}
    assert f'name="chosen" value="{ids[4]}"' in text_of(listed)
    asked = {"chosen": [ids[4], ids[2]], "back": shop.url("stock/reservations?item=SEAL-35")}
    assert shop.client("auditor").post(where, asked).status_code == 403
    assert new_shop().client("planner").post(where, asked).status_code in (400, 404)
    assert len(claims(shop)) == 3
    seen = client.post(where, asked, follow=True)
    assert "2 claims are given up." in text_of(seen)
    assert seen.redirect_chain[-1][0] == asked["back"]
    assert claims(shop) == [("SEAL-35", "", 3)]
    with db.company_transaction(company_id=shop.company_id):
        before = {
            row.reservation_id: row.closed_at
            for row in stock.list_reservations(shop.company_id, only_open=False)
        }
    way_back = undo_of(seen)  # what was given up is claimed again by the form of reservations, in two lines
    assert way_back["lines-0-item"] == way_back["lines-1-item"] == "SEAL-35"
    claimed = client.post(shop.url("stock/reservations/new"), way_back, follow=True)
    assert sorted(qty for _sku, _lot, qty in claims(shop)) == [2, 3, 4]
    client.post(shop.url("stock/reservations/release"), undo_of(claimed))  # and that is taken back as well
    assert claims(shop) == [("SEAL-35", "", 3)]
    closed_too = {"chosen": [ids[4], ids[3]]}
    assert "1 claim is given up." in text_of(client.post(where, closed_too, follow=True))
    with db.company_transaction(company_id=shop.company_id):
        after = {
            row.reservation_id: row.closed_at
            for row in stock.list_reservations(shop.company_id, only_open=False)
        }
    assert after[ids[4]] == before[ids[4]]
    assert after[ids[3]] is not None


def test_more_than_is_free_is_refused_beside_the_line(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    client, path = shop.client("warehouse"), shop.url("stock/reservations/new")
    good, bad = {"item": "SEAL-35", "qty": "4"}, {"item": "SEAL-35", "qty": "11"}
    seen = text_of(client.post(path, claim(good, bad)))
    assert "Only 10 pcs are free" in seen
    assert 'id="id_lines-1-qty_error"' in seen
    named = text_of(client.post(path, claim(bad | {"location": "A-1"})))
    assert "more than is there and not claimed" in named
    assert "has no lot or serial NONE" in text_of(client.post(path, claim(good | {"lot": "NONE"})))
    assert claims(shop) == []


@pytest.mark.parametrize("path", ["stock/reservations/new", "stock/reservations/1/release"])
def test_a_wrong_role_is_told_who_may_reserve(shop: Shop, path: str):
    response = shop.client("auditor").post(shop.url(path), claim({"item": "SEAL-35", "qty": "1"}))
    assert response.status_code == 403
    assert "Planner" in text_of(response)
    assert claims(shop) == []


def test_a_claim_of_another_company_stays(shop: Shop):
    other = new_shop()
    other.receive("SEAL-35", 10, "2.00")
    made = claim({"item": "SEAL-35", "qty": "4"})
    assert other.client("warehouse").post(other.url("stock/reservations/new"), made).status_code == 302
    with db.company_transaction(company_id=other.company_id):
        [theirs] = stock.list_reservations(other.company_id)
    client = shop.client("warehouse")
    client.post(shop.url(f"stock/reservations/{theirs.reservation_id}/release"))
    assert claims(other) == [("SEAL-35", "", 4)]


def test_age_and_expiry(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    shop.receive("RESIN", 2, "4.00", lot_code="L-1", expires_on=date(2026, 12, 24))
    aged = text_of(shop.client("controller").get(shop.url("stock/ageing")))
    assert "SEAL-35" in aged
    assert "20.00" in aged
    assert "20.00" not in text_of(shop.client("warehouse").get(shop.url("stock/ageing")))
    seen = text_of(shop.client("warehouse").get(shop.url("stock/expiry?within=360")))
    assert "L-1" in seen
    day = date(2026, 12, 24)
    with db.company_transaction(company_id=shop.company_id):
        [row] = stock.expiring(shop.company_id, until=day)
        before, after = (day, "RESIN", "L-0", "A-1"), (day, row.sku, row.lot_code, row.location_code)
        assert stock.expiring(shop.company_id, until=day, after=before) == [row]
        assert stock.expiring(shop.company_id, until=day, after=after) == []
