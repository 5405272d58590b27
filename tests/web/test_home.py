"""What waits for somebody is shown to those who can do something about it."""

import re
from datetime import date, timedelta
from decimal import Decimal

from tests.web.depot import new_depot
from tests.web.shop import Shop, new_shop, text_of, this_day

from wherewithal.assets import queries as assets
from wherewithal.items import services as items
from wherewithal.items.values import LotStatus
from wherewithal.kit import db
from wherewithal.stock import queries as stock
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import NrvEstimate
from wherewithal.web.home_charts import CHARTS


def waits(shop: Shop, role: str) -> list[str]:
    return [thing.text for thing in shop.client(role).get(shop.url()).context["attention"]]


def some(texts: list[str], part: str) -> bool:
    return any(part in text for text in texts)


def test_each_role_sees_what_waits_for_it(shop: Shop):
    today = this_day()
    shop.receive("SEAL-35", 2, "2.00")
    at = shop.moves()[0].effective_at.replace(day=3)
    line = LineDraft(shop.item_ids["SEAL-35"], 2, from_location_id=shop.location_ids["A-1"])
    shop.record(DocumentDraft(DocumentKind.ISSUE, at, [line]))
    shop.receive("RESIN", 1, "4.00", lot_code="OLD", expires_on=today - timedelta(days=2))
    shop.receive("RESIN", 1, "4.00", lot_code="HELD")
    with db.company_transaction(company_id=shop.company_id):
        lots = stock.list_moves(shop.company_id, limit=2)
    held = next(move.lot_id for move in lots if move.lot_code == "HELD")
    items.set_lot_status(
        company_id=shop.company_id, actor_id=shop.admin_id, lot_ids=[held], status=LotStatus.ON_HOLD
    )
    depot = new_depot(shop)
    depot.buy("12000.00", "2026-01-01", warranty_until=today + timedelta(days=10))
    clerk, auditor = waits(shop, "warehouse"), waits(shop, "auditor")
    assert some(clerk, "lot on hand has expired")
    assert some(clerk, "1 item is out of stock: SEAL-35")
    assert some(clerk, "1 lot on hand is blocked")
    assert not some(clerk, "verified")
    assert not some(clerk, "Depreciation")
    assert some(auditor, "have not been verified")
    assert not some(auditor, "out of stock")
    controller, accountant = waits(shop, "controller"), waits(shop, "asset_accountant")
    assert some(controller, "is open in the book")
    assert some(controller, "is not charged")
    assert some(accountant, "The warranty of MA-00001 Lathe ends on")
    assert not some(accountant, "is open in the book")


def test_an_empty_company_is_led_to_its_set_up(shop: Shop):
    assert "Set up step by step" in text_of(shop.client("administrator").get(shop.url()))
    assert "Set up step by step" not in text_of(shop.client("planner").get(shop.url()))
    shop.receive("SEAL-35", 2, "2.00")
    assert "Nothing has moved yet." not in text_of(shop.client("administrator").get(shop.url()))


def test_stock_stands_at_the_same_value_wherever_it_is_shown(shop: Shop):
    """Ten seals at 5.00 are written down to 4.20 in March: 42.00, on that day and now."""
    shop.receive("SEAL-35", 10, "5.00")
    day = date(2026, 3, 31)
    estimate = NrvEstimate("price list", item_id=shop.item_ids["SEAL-35"], unit_value=Decimal("4.20"))
    stock_services.write_down(
        company_id=shop.company_id,
        actor_id=shop.admin_id,
        idempotency_key="nrv",
        book_id=shop.book_id,
        on=day,
        estimates=[estimate],
    )
    client = shop.client("auditor")
    for then, value in (("", "42.00"), ("?as_of=2026-03-31", "42.00"), ("?as_of=2026-03-30", "50.00")):
        tile = re.sub(r"<[^>]+>", " ", text_of(client.get(shop.url(then))).partition('class="tile')[2])
        assert value in tile.partition("Items in stock")[0]
        chart = client.get(shop.url(f"home/charts/value{then}")).context["chart"]
        assert f"{sum(series.values[-1] for series in chart.series):.2f}" == value
        total = client.get(shop.url(f"finance/valuation{then}")).context["total"]
        sheet = client.get(shop.url(f"finance/balance-sheet{then}")).context["sheet"]
        assert f"{total.carrying / 100:.2f}" == f"{sheet.assets / 100:.2f}" == value


def test_the_worth_of_assets_is_for_those_who_see_money(shop: Shop):
    depot = new_depot(shop)
    depot.buy("12000.00", "2026-01-01")
    assert shop.client("warehouse").get(shop.url("home/charts/worth")).status_code == 403
    assert shop.client("auditor").get(new_shop().url("home/charts/worth")).status_code == 404
    assert "12,000.00" in text_of(shop.client("auditor").get(shop.url("home/charts/worth")))


def test_what_ends_between_two_days_is_named_once(shop: Shop):
    depot = new_depot(shop)
    asset_id = depot.buy("900.00", warranty_until=date(2026, 12, 1), insured_until=date(2027, 6, 1))
    sold = depot.buy("900.00", warranty_until=date(2026, 12, 1))
    depot.event("disposal", sold, "2026-03-31", how="scrap")
    with db.company_transaction(company_id=shop.company_id):
        found = assets.ending(shop.company_id, from_on=date(2026, 11, 1), to_on=date(2026, 12, 31))
    assert [(row.asset_id, row.what, row.on) for row in found] == [(asset_id, "warranty", date(2026, 12, 1))]


def test_each_chart_is_asked_by_itself_for_those_who_see_it(shop: Shop):
    shop.receive("RESIN", 2, "4.00", lot_code="NEW", expires_on=this_day() + timedelta(days=9))
    depot = new_depot(shop)
    depot.buy("12000.00", "2026-01-01")
    client, clerk, stranger = shop.client("administrator"), shop.client("warehouse"), new_shop()
    seen = {key: text_of(client.get(shop.url(f"home/charts/{key}"))) for key in CHARTS}
    assert {key for key, text in seen.items() if "data-chart" in text} == set(CHARTS) - {"flow"}  # of March
    assert "8.00" in seen["value"]
    assert "8.00" in seen["expiry"]
    assert "12,000.00" in seen["worth"]
    home = text_of(client.get(shop.url()))
    for key, chart in CHARTS.items():
        assert f"home/charts/{key}" in home
        assert clerk.get(shop.url(f"home/charts/{key}")).status_code == (
            403 if "ledger.read" in chart.permissions else 200
        )
        assert shop.client("auditor").get(stranger.url(f"home/charts/{key}")).status_code == 404
    assert "8.00" not in text_of(clerk.get(shop.url("home/charts/age")))
    assert "home/charts/value" not in text_of(clerk.get(shop.url()))
    assert client.get(shop.url("home/charts/none")).status_code == 404
    assert "those of today" not in home
    assert "those of today" in text_of(client.get(shop.url("?known_at=2026-03-01")))
