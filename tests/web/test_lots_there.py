"""What a form offers for a lot or serial, and what a refusal names: what lies in the place, the first to expire first."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.shop import Shop, new_shop, text_of, this_day
from tests.web.test_documents import form

from wherewithal.items import queries as item_queries
from wherewithal.items import services as items
from wherewithal.items.values import LotStatus
from wherewithal.kit import db
from wherewithal.people import permissions

TODAY = this_day()


def filled(shop: Shop) -> None:
    """Six lots of resin in one bin, one of them without an expiry and one past it; one in another; three motors."""
    for code, days in (("L-5", 50), ("L-1", 10), ("L-2", 20), ("OLD", -3), ("L-6", 60)):
        shop.receive("RESIN", 2, "4.00", lot_code=code, expires_on=TODAY + timedelta(days=days))
    shop.receive("RESIN", 1, "4.00", lot_code="ANY")
    place = shop.location_ids["A-2"]
    shop.receive(
        "RESIN", 3, "4.00", lot_code="L-3", to_location_id=place, expires_on=TODAY + timedelta(days=30)
    )
    shop.receive("MOTOR", 3, "100.00", serials=["M-1", "M-2", "M-3"])


def options(client: Client, shop: Shop, text: str, **line: str) -> list[tuple[str, str]]:
    """(what the box would hold, what is said beside it) of all that is offered."""
    typed = {f"lines-0-{name}": value for name, value in {"lot": text, **line}.items()}
    headers = {"HX-Trigger-Name": "lines-0-lot", "HX-Request": "true", "HX-Target": "id_lines-0-lot_list"}
    seen = text_of(client.post(shop.url("pick/lot"), typed, headers=headers))
    found = re.findall(
        r'data-value="([^"]*)" data-name="([^"]*)".*?</span>(?:<span class="end">([^<]*))?', seen
    )
    return [(value, " | ".join(filter(None, (name, note)))) for value, name, note in found]


def test_a_line_offers_the_lots_of_its_item_in_its_place(shop: Shop):
    filled(shop)
    with db.company_transaction(company_id=shop.company_id):
        ids = item_queries.lot_ids(shop.company_id, [(shop.item_ids["RESIN"], "L-2")])
    items.set_lot_status(
        company_id=shop.company_id,
        actor_id=shop.admin_id,
        lot_ids=list(ids.values()),
        status=LotStatus.QUARANTINED,
    )
    client = shop.client("warehouse")
    here = {"item": "RESIN", "from_location": "A-1"}
    found = options(client, shop, "", **here)
    assert [value for value, _said in found] == ["OLD", "L-1", "L-2", "L-5", "L-6", "ANY"]
    said = dict(found)
    assert re.fullmatch(r"2(\.000)? kg, expires \d+ \w+ \d{4} \| Expired", said["OLD"])
    assert re.fullmatch(r"2(\.000)? kg, expires \d+ \w+ \d{4}", said["L-1"])
    assert said["L-2"].endswith("| Quarantined")
    assert re.fullmatch(r"1(\.000)? kg", said["ANY"])
    assert [value for value, _said in options(client, shop, "l-", **here)] == ["L-1", "L-2", "L-5", "L-6"]
    assert [value for value, _said in options(client, shop, "-5", **here)] == ["L-5"]
    assert [value for value, _said in options(client, shop, "", item="RESIN", to_location="A-2")] == ["L-3"]
    anywhere = options(client, shop, "L-3", item="RESIN")
    assert [(value, said.rpartition(" | ")[2]) for value, said in anywhere] == [("L-3", "A-2")]
    assert (
        options(client, shop, "", item="RESIN", from_location="MAIN") == []
    )  # nothing lies in it outside of bins
    for odd in ({"item": "SEAL-35"}, {"item": "NONE"}, {}, {"item": "RESIN", "from_location": "NONE"}):
        assert options(client, shop, "", **odd) == []

    motors = {"item": "MOTOR", "from_location": "A-1"}
    assert [value for value, _said in options(client, shop, "", **motors)] == ["M-1", "M-2", "M-3"]
    assert [value for value, _said in options(client, shop, "M-2, ", **motors)] == ["M-2, M-1", "M-2, M-3"]
    assert [value for value, _said in options(client, shop, "M-1 M-2;3", **motors)] == ["M-1 M-2;M-3"]
    assert options(client, shop, "M-9 " * 100_000, **motors) == []

    with CaptureQueriesContext(connection) as few:
        options(client, shop, "L-5", **here)
    with CaptureQueriesContext(connection) as many:
        options(client, shop, "", **here)
    assert len(many) == len(few)
    for kind, place in (
        ("issue", "from_location"),
        ("scrap", "from_location"),
        ("adjustment", "to_location"),
    ):
        page = text_of(shop.client("warehouse").get(shop.url(f"stock/documents/new/{kind}")))
        sent = f"csrfmiddlewaretoken,lines-0-lot,lines-0-item,lines-0-{place}"
        assert f'hx-post="{shop.url("pick/lot")}"' in page
        assert f'hx-params="{sent}"' in page
    assert "pick/lot" not in text_of(client.get(shop.url("stock/documents/new/receipt")))
    admin = shop.client("administrator")
    for path, sent in (
        ("stock/reservations/new", "csrfmiddlewaretoken,lines-0-lot,lines-0-item,lines-0-location"),
        ("assets/from-stock", "csrfmiddlewaretoken,lot,item,from_location"),
    ):
        assert f'hx-params="{sent}"' in text_of(admin.get(shop.url(path)))
    assert [value for value, _said in options(client, shop, "", item="RESIN", location="A-2")] == ["L-3"]


def test_who_may_not_see_stock_is_offered_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    filled(shop)
    line = {"lines-0-lot": "", "lines-0-item": "RESIN"}
    theirs = new_shop().client("warehouse")
    assert theirs.post(shop.url("pick/lot"), line).status_code == 404
    assert Client().post(shop.url("pick/lot"), line).status_code == 302
    client = shop.client("warehouse")
    assert client.get(shop.url("pick/lot")).status_code == 405
    monkeypatch.setitem(permissions.ROLES, "warehouse", frozenset({"items.read"}))
    answer = client.post(shop.url("pick/lot"), line)
    assert answer.status_code == 403
    assert "L-1" not in text_of(answer)


def test_where_no_lot_is_named_the_refusal_says_which_lie_there(shop: Shop):
    filled(shop)
    client, before = shop.client("warehouse"), shop.count("stock_move")
    line = {"item": "RESIN", "qty": "1", "from_location": "A-1"}
    elsewhere = line | {"from_location": "A-2"}
    serial = {"item": "MOTOR", "qty": "2", "from_location": "A-1"}
    nowhere = serial | {"from_location": "A-2"}
    answer = client.post(
        shop.url("stock/documents/new/issue"), form(line, elsewhere, serial, nowhere, key="none")
    )
    assert answer.status_code == 422
    first, second, third, fourth = answer.context["lines"].forms
    days = {
        code: (TODAY + timedelta(days=d)).isoformat()
        for code, d in (("OLD", -3), ("L-1", 10), ("L-2", 20), ("L-3", 30), ("L-5", 50), ("L-6", 60))
    }
    there = ", ".join(f"{code} (expires {days[code]})" for code in ("OLD", "L-1", "L-2", "L-5", "L-6"))
    asked = "RESIN is tracked by lot: name the lot. In this place:"
    assert said_of(first) == [f"{asked} {there}, \N{HORIZONTAL ELLIPSIS}."]
    assert said_of(second) == [f"{asked} L-3 (expires {days['L-3']})."]
    assert said_of(third) == ["MOTOR is serial: 2 needed, 0 given. In this place: M-1, M-2, M-3."]
    assert said_of(fourth) == ["MOTOR is serial: 2 needed, 0 given."]
    counted = {"item": "RESIN", "counted_qty": "1", "to_location": "A-2"}
    answer = client.post(shop.url("stock/documents/new/adjustment"), form(counted, key="count"))
    [only] = answer.context["lines"].forms
    assert said_of(only) == [f"{asked} L-3 (expires {days['L-3']})."]
    assert shop.count("stock_move") == before


def said_of(line: object) -> list[str]:
    """What is said beside the lot of a line."""
    said: list[str] = line.errors["lot"]  # type: ignore[attr-defined]  # a form
    return list(said)
