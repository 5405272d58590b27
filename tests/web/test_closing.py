"""The checklist that checks itself, periods, income statement, books side by side, rates, the accounting manual."""

import re
from datetime import date

import pytest
from tests.web.depot import new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.items import services as items
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services as ledger_services
from wherewithal.reporting import closing, verify
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

FINANCE = [
    "finance/periods",
    "finance/income-statement",
    "finance/books",
    "finance/rates",
    "finance/manual",
    "trail",
]


def points(shop: Shop, end_on: date) -> dict[str, tuple[str, int]]:
    with db.company_transaction(company_id=shop.company_id, read_only=True):
        found = closing.checklist(shop.company_id, shop.book_id, end_on=end_on)
    return {point.key: (str(point.found), point.count) for point in found}


def test_the_checklist_names_what_is_missing_and_then_passes(committed_shop: Shop):
    shop = committed_shop
    end_on = date(2026, 3, 31)
    shop.receive("SEAL-35", 10, "2.00")
    sent = LineDraft(
        shop.item_ids["SEAL-35"], 4, from_location_id=shop.location_ids["A-1"], to_location_id=_transit(shop)
    )
    at = shop.moves()[0].effective_at
    shop.record(DocumentDraft(DocumentKind.DISPATCH, at.replace(day=3), [sent]))
    depot = new_depot(shop)
    lathe = depot.buy("12000.00", "2026-02-01")
    given = depot.event("part_out", lathe, "2026-03-10", weights=[2, 1])
    before = points(shop, end_on)
    assert before["on_its_way"] == ("warn", 1)
    assert before["depreciation"] == ("bad", 1)
    assert before["verified"] == ("bad", 0)
    assert before["earlier_months"] == ("warn", 1)  # February has entries
    assert before["unplaced_parts"] == ("warn", 1)
    assert before["below_zero"] == before["under_way"] == ("good", 0)
    back = sent._replace(from_location_id=_transit(shop), to_location_id=shop.location_ids["A-2"])
    shop.record(DocumentDraft(DocumentKind.ARRIVAL, at.replace(day=5), [back]))
    taken = EventDraft("part_in", date(2026, 3, 10), asset_no=0, of_event_id=given)
    depot.record(taken, assets=[AssetDraft("Half a lathe", "MACH")])
    depot.run("2026-03-31")
    ledger_services.close_period(
        company_id=shop.company_id, book_id=shop.book_id, end_on=date(2026, 2, 28), actor_id=shop.admin_id
    )
    verify.verify(company_id=shop.company_id, actor_id=shop.admin_id)
    after = points(shop, end_on)
    assert {key: found for key, (found, _count) in after.items()} == dict.fromkeys(after, "good")


def _transit(shop: Shop) -> int:
    with db.company_transaction(company_id=shop.company_id):
        return stock.location_ids(shop.company_id, ["TRANSIT"])["TRANSIT"]


def test_a_month_is_closed_from_the_page_and_the_trail_says_who(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    client = shop.client("controller")
    seen = text_of(client.get(shop.url("finance/periods?end_on=2026-03-31")))
    asked = re.findall('data-confirm="([^"]*)"', seen)
    assert asked == ["Close {end_on} in the book IFRS?"]  # the browser puts in the month as it is asked
    wrong = {"end_on": "soon", "reason": "x" * 501}
    checked = client.post(shop.url("company/periods"), wrong, headers={"X-Check": "fields"}).json()
    assert {"end_on", "reason"} <= {fault["name"] for fault in checked["faults"]}
    assert "The books have not been verified yet" in seen
    assert "Something above is not done" in seen
    answer = client.post(
        shop.url("company/periods"), {"end_on": "2026-03-31", "action": "close", "reason": "March is filed"}
    )
    assert answer.headers["Location"] == shop.url("finance/periods")
    assert "March is filed" in text_of(client.get(answer.headers["Location"]))
    new_depot(shop)  # with a tax book, which is open still: one step leads to the same month of it
    beside = text_of(client.get(shop.url("finance/periods?end_on=2026-03-31")))
    assert re.findall(r"<td class=\"col-day\">(.*?)</td>", beside) == ["Mar 2026", "\N{EM DASH}"]
    assert shop.url("finance/periods?book=tax&amp;end_on=2026-03-31") in beside
    assert "Lock for good" not in text_of(shop.client("auditor").get(shop.url("finance/periods")))


@pytest.mark.parametrize("path", FINANCE)
def test_pages_of_finance_are_refused_to_a_wrong_role_and_company(shop: Shop, path: str):
    refused = shop.client("planner").get(shop.url(path))
    assert refused.status_code == 403
    assert "Controller" in text_of(refused)
    assert shop.client("administrator").get(new_shop().url(path)).status_code == 404
    assert shop.client("auditor").get(shop.url(path)).status_code == 200


def test_the_income_statement_holds_what_was_sold(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    line = LineDraft(shop.item_ids["SEAL-35"], 4, from_location_id=shop.location_ids["A-1"])
    at = shop.moves()[0].effective_at.replace(day=3)
    shop.record(DocumentDraft(DocumentKind.ISSUE, at, [line]))
    client = shop.client("auditor")
    seen = text_of(client.get(shop.url("finance/income-statement?from=2026-03-01&to=2026-03-31")))
    assert "8.00" in seen
    earlier = text_of(client.get(shop.url("finance/income-statement?from=2026-01-01&to=2026-02-28")))
    assert "8.00" not in earlier
    written = text_of(
        client.get(shop.url("finance/income-statement?from=2026-03-01&to=2026-03-31&export=csv"))
    )
    assert "Net income" in written
    assert "-8.00" in written


def test_books_beside_each_other_show_where_they_differ(shop: Shop):
    depot = new_depot(shop)  # machines live five years in the one book, eight in the other
    depot.buy("12000.00", "2026-01-01")
    depot.run("2026-01-31")
    client = shop.client("auditor")
    seen = text_of(client.get(shop.url("finance/books?only=differing&export=csv")))
    assert "TAX − MAIN" in seen
    assert len(seen.strip().splitlines()) == 3  # heading, accumulated depreciation, depreciation


def test_a_rate_is_kept_and_corrected_and_refused_to_readers(shop: Shop):
    data = {"currency": "USD", "to_currency": "EUR", "rate": "0.9215", "on_date": "2026-03-01"}
    path = shop.url("finance/rates")
    assert shop.client("auditor").post(path, data).status_code == 403
    client = shop.client("controller")
    assert client.post(path, data | {"to_currency": "USD"}).status_code == 422
    assert client.post(path, data).status_code == 302
    assert client.post(path, data | {"rate": "0.93"}).status_code == 302
    with db.company_transaction(company_id=shop.company_id):
        rates = ledger.exchange_rates(shop.company_id)
    assert [(rate.currency, str(rate.rate)) for rate in rates] == [("USD", "0.93")]
    assert "0.93" in text_of(client.get(path))


def test_the_manual_names_the_accounts_of_every_rule(shop: Shop):
    client = shop.client("auditor")
    seen = text_of(client.get(shop.url("finance/manual?q=goods+went+to+a+customer&export=csv")))
    assert "5000" in seen
    assert "1200" in seen


def test_the_audit_trail_tells_old_and_new(shop: Shop):
    client = shop.client("controller")
    items.update_item(
        company_id=shop.company_id,
        actor_id=shop.admin_id,
        item_id=shop.item_ids["SEAL-35"],
        changes={"name": "Seal, blue"},
    )
    seen = text_of(client.get(shop.url("trail?table=items_item&did=update")))
    assert "Seal, blue" in seen
    assert "<del>Shaft seal 35x52x7</del>" in seen
    assert "Seal, blue" not in text_of(client.get(shop.url("trail?table=items_lot")))
