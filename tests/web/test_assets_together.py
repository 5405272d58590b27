"""Pages for several assets at once: an impaired unit, the mid-quarter test, parts under way."""

from datetime import date
from decimal import Decimal

import pytest
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of
from tests.web.test_asset_goods import preview

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return new_depot(shop)


def test_a_unit_is_impaired_with_a_floor_as_previewed(depot: Depot):
    """6,000.00 and 4,000.00 are worth 7,500.00 together, the second at least 3,800.00: losses of 2,300.00 and 200.00."""
    day = date(2026, 6, 30)
    first, second = (
        depot.record(
            EventDraft("acquisition", day, asset_no=0, values={"cost": cost}),
            assets=[AssetDraft("Oven", "MACH")],
        ).asset_ids[0]
        for cost in (Decimal(6000), Decimal(4000))
    )
    tags = {row.asset_id: row.tag for row in depot.assets()}
    client = depot.shop.client("controller")
    assert tags[first] in text_of(client.get(depot.url("unit") + f"?asset={tags[first]}"))
    assert "Impair with its unit" in text_of(client.get(depot.url(f"{first}/record")))
    data = {
        "effective_on": "2026-06-30",
        "recoverable": "7500",
        "asset_ids": f"{tags[first]}\n{tags[second]} 3,800.00\n",
        "idempotency_key": "unit",
    }
    before = depot.shop.count("assets_event")
    look = preview(client, depot.url("unit"), data)
    assert "2,500.00" in look
    assert depot.shop.count("assets_event") == before
    for wrong in ({"asset_ids": "NOBODY-7"}, {"asset_ids": f"{tags[first]} much"}, {"recoverable": "20000"}):
        assert client.post(depot.url("unit"), data | wrong).status_code == 422, wrong
    assert depot.shop.count("assets_event") == before
    assert client.post(depot.url("unit"), data).status_code == 302
    assert (depot.carrying(first), depot.carrying(second)) == (370_000, 380_000)
    assert client.post(depot.url("unit"), data).status_code in (302, 422)  # sent twice
    assert (depot.carrying(first), depot.carrying(second)) == (370_000, 380_000)


def test_the_mid_quarter_test_says_its_share_and_changes_terms_once(depot: Depot):
    """10,000 of 14,000 in the last quarter are 71.4 %: both computers go by the middle of their quarters."""
    macrs = {"pack": "us", "pack_class": "5-year", "elections": {"bonus": False}}
    with db.company_transaction(company_id=depot.shop.company_id):
        machines = queries.class_by_code(depot.shop.company_id, "MACH")
    services.update_class(**depot.who, class_id=machines.class_id, terms={"tax": macrs})
    depot.buy("4000.00", "2025-03-15")
    depot.buy("10000.00", "2025-11-15")
    client = depot.shop.client("controller")
    runs = depot.url("runs")
    assert "Mid-quarter test" in text_of(client.get(runs + "?book=tax"))
    assert "Mid-quarter test" not in text_of(client.get(runs))
    url = depot.url("runs/year-test") + "?book=tax"
    assert client.get(url).status_code == 200
    before = depot.shop.count("assets_event")
    look = preview(client, url, {"on": "2025-12-31"})
    assert "71.4 %" in look
    assert "2 assets change their terms" in look
    assert depot.shop.count("assets_event") == before
    assert client.post(url, {"on": "soon"}).status_code == 422
    assert client.post(url, {"on": "2025-12-31"}).status_code == 302
    assert depot.shop.count("assets_event") == before + 2
    assert "Nothing has to change" in preview(client, url, {"on": "2025-12-31"})
    assert client.post(url, {"on": "2025-12-31"}).status_code == 302
    assert depot.shop.count("assets_event") == before + 2
    assert "No asset that follows these rules" in preview(client, url, {"on": "2024-12-31"})


def test_parts_under_way_are_listed_until_an_asset_takes_them(depot: Depot):
    page = depot.url("parts-under-way")
    client = depot.shop.client("maintenance")
    assert "No part is under way" in text_of(client.get(page))
    giver, taker = depot.buy("6000.00"), depot.buy("4000.00")
    tag = next(row.tag for row in depot.assets() if row.asset_id == giver)
    given = depot.event("part_out", giver, "2026-03-31", weights=[2, 1])
    seen = text_of(client.get(page))
    assert tag in seen
    assert tag not in text_of(client.get(page + f"?as_of={date(2026, 3, 30)}"))
    assert tag not in text_of(client.get(page + "?known_at=2020-01-01T00:00:00Z"))
    assert "Parts under way" in text_of(depot.shop.client("controller").get(depot.url("reports")))
    services.record(
        **depot.who,
        idempotency_key="taken",
        events=[EventDraft("part_in", date(2026, 3, 31), asset_id=taker, of_event_id=given)],
    )
    assert "No part is under way" in text_of(client.get(page))


@pytest.mark.parametrize("path", ["unit", "runs/year-test"])
def test_several_assets_take_a_role_and_a_company(depot: Depot, path: str):
    url = depot.url(path)
    for role in ("auditor", "maintenance"):
        assert depot.shop.client(role).get(url).status_code == 403
        assert depot.shop.client(role).post(url, {}).status_code == 403
    stranger = new_shop()
    assert stranger.client("administrator").get(url).status_code == 404
    assert stranger.client("administrator").get(depot.url("parts-under-way")).status_code == 404
