"""Days at the edge of the calendar and texts that are no days, in the address of every page: told, never a fault."""

import re

import pytest
from tests.web.shop import Shop, text_of
from tests.web.test_every_page import addresses

FIRST, LAST = "1900-01-01", "2199-12-31"
TRAVELS = ("as_of", "known_at", "from", "to")
QUERIES: tuple[dict[str, str], ...] = (
    {"from": "0001-01-01", "to": "9999-12-31"},
    {"from": "", "to": "nonsense", "as_of": "", "known_at": ""},
    dict.fromkeys(TRAVELS, FIRST),
    dict.fromkeys(TRAVELS, LAST),
)


def test_no_day_in_an_address_is_a_fault(shop: Shop, unkept: None):
    client = shop.client("administrator")
    client.raise_request_exception = False
    wrong = []
    for address in addresses(shop):
        for query in QUERIES:
            status = client.get(address, query).status_code
            if status not in (200, 302, 400, 403, 404, 405, 422):
                wrong.append((address, query, status))
    assert wrong == []


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "nonsense"])
def test_a_day_outside_the_calendar_is_refused_where_it_travels(shop: Shop, day: str):
    client = shop.client("administrator")
    for name, told in (("as_of", "“As of” takes a day"), ("known_at", "“Known at” takes a day")):
        for given in (day, f"{day}T12:00"):
            response = client.get(shop.url("assets/bookings"), {name: given})
            assert response.status_code == 400
            assert told in text_of(response)
    # a page that shows a week of its own keeps to this one
    weeks = [client.get(shop.url("assets/bookings"), query) for query in ({"from": day}, {})]
    odd, usual = (set(re.findall(r"[?;]from=(\d{4}-\d\d-\d\d)", text_of(page))) - {day} for page in weeks)
    assert odd == usual != set()
