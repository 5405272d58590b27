"""Fixed assets in a real browser: what the preview shows before is what the ledger has after, event by event."""

from collections import Counter
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop
from tests.web.test_browser import NARROW, WIDE, Visit, barriers, browser, visit  # noqa: F401 - fixtures

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]

Line = tuple[str, str, Decimal]
"""Book, account, amount: debit above zero."""

ROWS = """(panel) => [...panel.querySelectorAll('table')].flatMap((table) => {
  const book = table.closest('.sideways').previousElementSibling?.firstChild.textContent.trim();
  return [...table.querySelectorAll('tbody tr:not(.group)')].map((row) => [
    book, row.querySelector('.figures').textContent, row.cells[1].textContent, row.cells[2].textContent]);
})"""


def previewed(page: Page) -> Counter[Line]:
    """The lines of the entries that the preview shows, by book."""
    expect(page.locator("#preview")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#preview table").first).to_be_visible()
    found: Counter[Line] = Counter()
    for book, account, debit, credit in page.locator("#preview").evaluate(ROWS):
        amount = debit or f"-{credit}"
        found[book, account, Decimal(amount.replace(",", ""))] += 1
    return found


def entry_ids(shop: Shop) -> set[int]:
    with db.company_transaction(company_id=shop.company_id):
        return {
            row[0]
            for row in db.fetch_all(
                "SELECT entry_id FROM ledger_entry WHERE company_id = %s", (shop.company_id,)
            )
        }


def posted(shop: Shop, before: set[int]) -> Counter[Line]:
    """The lines of the entries that are new."""
    new = sorted(entry_ids(shop) - before)
    found: Counter[Line] = Counter()
    with db.company_transaction(company_id=shop.company_id):
        names = {book.book_id: book.name for book in ledger.books(shop.company_id)}
        for entry in ledger.entries_by_id(shop.company_id, new):
            for line in entry.lines:
                amount = Decimal(line.amount).scaleb(-2)
                found[names[entry.book_id], line.account_code, amount] += 1
    return found


def record(visit: Visit, depot: Depot, path: str, fields: dict[str, str], choices: dict[str, str]) -> None:  # noqa: F811 - the fixture's value
    """Fill in a form, look at its preview, send it: what is posted is what was shown."""
    page = visit.page
    visit.open(depot.url(path))
    for name, choice in choices.items():
        page.locator(f"#id_{name}").select_option(choice)
    for name, text in fields.items():
        page.locator(f"#id_{name}").fill(text)
    page.keyboard.press("Tab")
    expect(page.locator("#preview")).not_to_contain_text("Fill in the form")
    expected, before = previewed(page), entry_ids(depot.shop)
    assert expected
    page.locator(f"#id_{next(iter(fields))}").focus()
    visit.send()
    expect(page.locator(".toasts")).to_contain_text("record" if "record" in path else "register")
    assert posted(depot.shop, before) == expected, path


def test_capitalise_depreciate_revalue_dispose_of_a_part_and_of_the_rest(visit: Visit, committed_shop: Shop):  # noqa: F811
    depot = new_depot(committed_shop)
    page = visit.page
    bought = {
        "name": "Lathe",
        "acquired_on": "2026-01-01",
        "in_service_on": "2026-01-01",
        "cost": "120,000.00",
    }
    record(visit, depot, "new", bought, {"class_code": "MACH"})
    (row,) = depot.assets()
    visit.follow(page.get_by_role("link", name="Depreciation", exact=True))
    page.get_by_label("Charge through the end of").fill("2026-03-31")
    visit.follow(page.get_by_role("button", name="Preview"))
    expect(page.get_by_role("button", name="Post the run through 31 Mar 2026")).to_be_visible()
    shown = page.locator("main").inner_text()
    before = entry_ids(depot.shop)
    visit.follow(page.get_by_role("button", name="Post the run through 31 Mar 2026"))
    expect(page.locator(".tiles")).to_contain_text("3,000.00")
    charged = sum(
        amount * count for (_b, _a, amount), count in posted(depot.shop, before).items() if amount > 0
    )
    assert charged == 3_000  # 120,000 over 120 months, three of them
    assert "3,000.00" in shown
    assert depot.carrying(row.asset_id) == 11_700_000
    revalued = {"effective_on": "2026-03-31", "value": "130,000.00"}
    record(visit, depot, f"{row.asset_id}/record/revaluation", revalued, {"book": "main"})
    assert depot.carrying(row.asset_id) == 13_000_000
    part = {"effective_on": "2026-03-31", "share": "25 %", "proceeds": "40,000"}
    record(visit, depot, f"{row.asset_id}/record/partial_disposal", part, {"how": "sale"})
    assert depot.carrying(row.asset_id) == 9_750_000
    # The tax book had no run: three of 96 months are charged with the event, and a quarter leaves.
    assert depot.carrying(row.asset_id, "tax") == 12_000_000 * 93 // 96 * 3 // 4
    rest = {"effective_on": "2026-04-30", "proceeds": "110,000"}
    record(visit, depot, f"{row.asset_id}/record/disposal", rest, {"how": "sale"})
    assert depot.carrying(row.asset_id) == depot.carrying(row.asset_id, "tax") == 0
    written = [committed_shop.count(table) for table in ("assets_event", "ledger_entry")]
    auditor = committed_shop.client("auditor")
    for path in ("new", "runs", f"{row.asset_id}/record/revaluation", f"{row.asset_id}/record/disposal"):
        assert auditor.post(depot.url(path), {"post": "1", "through_on": "2026-06-30"}).status_code == 403
    assert [committed_shop.count(table) for table in ("assets_event", "ledger_entry")] == written


def test_an_event_is_recorded_without_a_mouse(visit: Visit, committed_shop: Shop):  # noqa: F811
    depot = new_depot(committed_shop)
    asset_id = depot.buy("12000.00")
    page = visit.page
    visit.open(depot.url(str(asset_id)))
    page.locator("summary", has_text="Record").focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Impairment", exact=True)
    for _press in range(12):
        page.keyboard.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Impairment")
    day, amount = page.locator("#id_effective_on"), page.locator("#id_recoverable")
    for _press in range(60):
        page.keyboard.press("Tab")
        if day.evaluate("(field) => field === document.activeElement"):
            break
    expect(day).to_be_focused()
    page.keyboard.type("01312026")
    for _press in range(6):
        page.keyboard.press("Tab")
        if amount.evaluate("(field) => field === document.activeElement"):
            break
    page.keyboard.type("9,000")
    page.keyboard.press("Tab")
    expect(page.locator("#preview")).to_contain_text("2,900.00")  # 11,900.00 carried at the end of January
    visit.send()
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    assert depot.carrying(asset_id) == 900_000


def test_a_booking_that_clashes_says_who_has_it(visit: Visit, committed_shop: Shop):  # noqa: F811
    depot = new_depot(committed_shop)
    depot.buy("900.00", code="IT", name="Projector")
    page = visit.page
    for expected in ("is booked", "Dana Demo has it"):
        visit.open(depot.url("bookings/new"))
        page.locator("#id_asset").fill("IT-00001")
        page.locator("#id_begins_at").fill("2026-12-01T09:00")
        page.locator("#id_ends_at").fill("2026-12-01T12:00")
        visit.send()
        expect(page.locator("body")).to_contain_text(expected)
    visit.faults = [fault for fault in visit.faults if "422" not in fault]
    assert committed_shop.count("assets_booking") == 1


def test_a_scenario_is_made_and_seen_in_the_forecast(visit: Visit, committed_shop: Shop):  # noqa: F811
    depot = new_depot(committed_shop)
    depot.buy("12000.00")
    depot.run("2026-12-31")
    page = visit.page
    visit.open(depot.url("forecast"))
    visit.follow(page.get_by_role("link", name="Scenarios"))
    visit.follow(page.get_by_role("link", name="New scenario"))
    page.get_by_label("Name").fill("Second lathe")
    visit.follow(page.get_by_role("button", name="Make scenario"))
    visit.follow(page.get_by_role("link", name="A purchase"))
    page.get_by_label("What").fill("Lathe 2")
    page.get_by_label("Class").select_option("MACH")
    page.get_by_label("Cost of all together").fill("24,000")
    page.get_by_label("Bought on").fill("2027-01-01")
    visit.send()
    expect(page.locator("main")).to_contain_text("Buy Lathe 2 (MACH) for 24,000.00")
    visit.follow(page.get_by_role("link", name="Show the forecast"))
    expect(page.locator("#forecast tbody")).to_contain_text("3,600.00")
    page.get_by_role("combobox", name="Fiscal years").select_option("2")
    expect(page.locator("#forecast tbody tr")).to_have_count(2)
    page.go_back()
    expect(page.locator("#forecast tbody tr")).to_have_count(5)
    assert committed_shop.count("assets_asset") == 1
