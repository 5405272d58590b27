"""The product in a real browser: Chromium, strict policy, keyboard, both themes, wide and narrow, axe."""

import csv
import io
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer
from tests.web.depot import new_depot
from tests.web.shop import NOON, PASSWORD, Shop, unique

import wherewithal.web
from wherewithal.kit import db, jobs
from wherewithal.ledger import queries as ledger
from wherewithal.people import services as people

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 60  # for a slow and busy machine; what comes at once is not waited for
WIDE, NARROW = ViewportSize(width=1440, height=900), ViewportSize(width=380, height=800)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STATIC = Path(wherewithal.web.__file__).parent / "static"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}

CELLS = """(table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"""
KEPT = "/lines-1-qty.{1,9}7/.test(JSON.stringify(localStorage))"  # the draft, some time after the last key
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright's synchronous interface keeps an event loop in this thread, which Django would take for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Visit:
    """A person at a browser, and what went wrong there."""

    page: Page
    base: str
    username: str = ""
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        response = self.go(path)
        assert response.status == 200, (path, response.status)

    def go(self, path: str) -> Response:
        """Go there. When the page left had just begun to come anew by itself (what follows a job does), Playwright loses
        the response, or the way is broken off; then it is asked for once more."""
        response = None
        try:
            response = self.page.goto(self.base + path)
        except Error as error:
            if not re.search("interrupted by another navigation|ERR_ABORTED", error.message):
                raise
        response = response or self.page.goto(self.base + path)
        assert response is not None, path
        return response

    def follow(self, way: Locator) -> None:
        """Press what leads to another page, or sends a form that does; be there when its scripts have run."""
        with self.page.expect_navigation():
            way.click()

    def send(self) -> None:
        """Send the form one is in by its keys; be on the page that answers."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")

    def watch(self) -> None:
        self.page.set_default_timeout(PATIENCE_S * 1000)
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda request: self._see(request.url))

    def _hear(self, kind: str, text: str) -> None:
        # htmx reports a preview under way when its page is left; what fails says more than "afterRequest".
        left = text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if kind in ("error", "warning") and not left:
            self.faults.append(text)

    def _see(self, url: str) -> None:
        if not url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"asked another host: {url}")

    def sign_in(self, username: str) -> None:
        self.open("/accounts/login/")
        self.page.locator("#id_login").fill(username)
        self.page.locator("#id_password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, committed_shop: Shop) -> Iterator[Visit]:
    """An administrator, signed in, at a wide screen; at the end nothing may have gone wrong."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", locale="en-GB")
    yield from _visit(context, live_server, committed_shop)
    context.close()


def _visit(context: BrowserContext, live_server: LiveServer, shop: Shop) -> Iterator[Visit]:
    visit = Visit(context.new_page(), live_server.url)
    visit.watch()
    name = unique("browser")
    user_id = people.create_user(username=name, password=PASSWORD, name="Dana Demo")
    people.add_member(company_id=shop.company_id, user_id=user_id, roles=["administrator"])
    visit.username = name
    visit.sign_in(name)
    yield visit
    assert visit.faults == []


def wait_until(true: Callable[[], object], page: Page, what: str) -> None:
    """For what no `expect` can see; the policy of the pages allows no other way of waiting for it."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        page.wait_for_timeout(50)


def drain() -> None:
    """Do what waits for the worker: in a thread of its own, because Playwright keeps an event loop in this one."""

    def work() -> None:
        try:
            jobs.drain()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


# --- the way of goods -------------------------------------------------------------------------------------


def test_goods_are_received_and_followed_to_the_ledger(visit: Visit, committed_shop: Shop):
    page = visit.page
    page.get_by_text("New movement").click()
    visit.follow(page.get_by_role("link", name="Receive", exact=True))
    page.get_by_label("Reference").fill("DN 4711")
    page.locator("#id_lines-0-item").fill("SEAL-35")
    page.locator("#id_lines-0-qty").fill("48")
    page.locator("#id_lines-0-to_location").fill("A-1")
    page.locator("#id_lines-0-unit_cost").fill("2.50")
    visit.send()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt RC-")
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    visit.follow(page.locator("dd a[href*='/finance/entries/']").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Entry")
    visit.follow(page.get_by_role("link", name="1200").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Inventories")
    expect(page.locator("td.col-num").last).to_have_text("120.00")
    visit.follow(page.get_by_role("link", name="Balance sheet"))
    page.get_by_role("link", name="120.00").first.click()
    panel = page.get_by_role("dialog", name="How this figure comes about")
    expect(panel).to_contain_text("stands at 120.00 EUR")
    page.keyboard.press("Escape")
    visit.follow(page.get_by_role("link", name="Inventories").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Inventories")
    assert committed_shop.on_hand("SEAL-35") == 48


def test_a_refused_document_keeps_everything_and_points_at_the_fault(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.faults.clear()
    visit.open(committed_shop.url("stock/documents/new/receipt"))
    page.locator("#id_lines-0-item").fill("NO-SUCH")
    page.locator("#id_lines-0-qty").fill("7")
    visit.follow(page.get_by_role("button", name="Record receipt"))
    expect(page.get_by_role("alert")).to_contain_text("Nothing has been written")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#id_lines-0-qty")).to_have_value("7")
    expect(page.locator("#id_lines-0-item_error")).to_contain_text("There is no item")
    expect(page.locator("#id_lines-0-item")).to_have_attribute("aria-invalid", "true")
    # The browser notes the 422 of the answer in its console; that is the answer we meant to give.
    visit.faults = [fault for fault in visit.faults if "422" not in fault]


def test_items_are_picked_and_lines_added_by_keyboard_alone(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("stock/documents/new/receipt"))
    item = page.locator("#id_lines-0-item")
    item.focus()
    page.keyboard.type("shaft seal")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(item).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    expect(item).to_have_attribute("aria-activedescendant", "id_lines-0-item_list-1")
    page.keyboard.press("Enter")
    expect(item).to_have_value("SEAL-40")
    expect(item).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#id_lines-0-item_name")).to_have_text("Shaft seal 40x55x8")
    for typed in ("12", "", "A-2", "", "", "3.10"):
        page.keyboard.press("Enter")
        if typed:
            page.keyboard.type(typed)
    page.keyboard.press("Enter")
    second = page.locator("#id_lines-1-item")
    expect(second).to_be_focused()
    page.keyboard.type("4006381333931")  # a scanner types the code and sends Enter
    page.keyboard.press("Enter")
    expect(page.locator("#id_lines-1-qty")).to_be_focused()
    page.keyboard.type("5")
    page.locator("#id_lines-1-to_location").fill("BIN-A1")
    page.locator("#id_lines-1-unit_cost").fill("1")
    visit.send()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Receipt RC-")
    assert [(move.sku, move.qty, move.to_code) for move in committed_shop.moves()] == [
        ("SEAL-35", 5, "A-1"),
        ("SEAL-40", 12, "A-2"),
    ]


def test_rows_are_pasted_from_a_spreadsheet(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("stock/documents/new/transfer"))
    expect(page.locator("#id_lines-0-item")).to_be_focused()
    page.get_by_label("Reference").focus()
    page.evaluate("awake(document)")  # the scripts of a slow page leave who has begun where he is
    expect(page.get_by_label("Reference")).to_be_focused()
    page.locator("#id_lines-0-item").focus()
    page.evaluate(PASTE, "SEAL-35\t4\tpcs\tA-1\tA-2\r\nSEAL-40\t6\tpcs\tA-2\tA-1\r\n")
    expect(page.locator("#id_lines-0-qty")).to_have_value("4")
    expect(page.locator("#id_lines-1-item")).to_have_value("SEAL-40")
    expect(page.locator("#id_lines-1-to_location")).to_have_value("A-1")
    page.locator("tr[data-line]").first.get_by_role("button", name="Remove this line").click()
    expect(page.locator("tr[data-line]:visible")).to_have_count(1)


# --- the shell --------------------------------------------------------------------------------------------


def test_a_list_narrows_without_reloading_and_the_back_button_works(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("items"))
    page.get_by_label("SKU, name or barcode").fill("resin")
    expect(page.locator("#items tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=resin"))
    page.get_by_role("combobox", name="Kind").select_option("spare")
    expect(page.locator("#items-results")).to_contain_text("Nothing matches")
    visit.follow(page.get_by_role("link", name="Clear all filters"))
    expect(page.locator("#items tbody tr")).to_have_count(4)
    page.go_back()
    expect(page.locator("#items-results")).to_contain_text("Nothing matches")


def test_anything_is_found_by_keys_alone_with_a_slip_too(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url())
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find anything")
    expect(box).to_be_focused()
    expect(page.get_by_role("option", name="Receive")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("motpr")
    found = page.get_by_role("group", name="Items").get_by_role("option")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("similar")
    expect(box).to_have_attribute("aria-activedescendant", re.compile("found-"))
    assert barriers(page) == []
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Motor 5.5 kW")
    # Who presses Enter before the answer is there gets what was typed, not what was listed before.
    page.keyboard.press("/")
    page.keyboard.type("valuation")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Stock valuation")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find anything")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Find anything")).to_be_hidden()


def test_travel_to_a_past_day_and_back(visit: Visit, committed_shop: Shop):
    committed_shop.receive("SEAL-35", 10, "2.00", at=NOON)
    committed_shop.receive("SEAL-35", 5, "2.00", at=NOON + timedelta(days=10))
    page = visit.page
    visit.open(committed_shop.url("stock/on-hand"))
    expect(page.locator("#on-hand tbody")).to_contain_text("15")
    page.locator("summary[aria-label='Day shown']").click()
    page.get_by_label("As of the end of").fill("2026-03-05")
    visit.follow(page.get_by_role("button", name="Show that day"))
    expect(page.locator(".time-banner")).to_contain_text("As of 5 Mar 2026")
    expect(page.locator("#on-hand tbody")).to_contain_text("10")
    visit.follow(page.get_by_role("link", name="Valuation"))
    expect(page.locator(".time-banner")).to_be_visible()
    expect(page.locator("#valuation tbody")).to_contain_text("20.00")
    # The file is the page: its columns, its rows, its day.
    page.get_by_label("Export what is shown").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    file = list(csv.reader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))
    shown = page.locator("#valuation table").evaluate(CELLS)
    row = dict(zip(*file[:2], strict=True))
    row["Quantity"] = f"{row['Quantity']}{row.pop('Unit')}"
    assert dict(zip(*shown[:2], strict=True)) == row
    assert row["At cost, EUR"] == "20.00"
    visit.follow(page.locator(".time-banner").get_by_role("link", name="Back to now"))
    expect(page.locator(".time-banner")).to_have_count(0)
    expect(page.locator("#valuation tbody")).to_contain_text("30.00")


def test_a_month_is_closed_by_its_checklist(visit: Visit, committed_shop: Shop):
    """What is missing leads to where it is done; then all is well, the page asks once, and the month is closed."""
    shop, page = committed_shop, visit.page
    shop.receive("SEAL-35", 10, "2.00")
    new_depot(shop).buy("12000.00", "2026-03-01")
    visit.open(shop.url("finance/periods?end_on=2026-03-31"))
    warning = page.get_by_text("Something above is not done")
    expect(warning).to_be_visible()
    visit.follow(page.get_by_role("link", name="Run depreciation"))
    page.get_by_label("Charge through the end of").fill("2026-03-31")
    visit.follow(page.get_by_role("button", name="Preview"))
    visit.follow(page.get_by_role("button", name="Post the run through 31 Mar 2026"))
    visit.open(shop.url("finance/periods?end_on=2026-03-31"))
    expect(page.locator(".attention")).to_contain_text("Charged through 31 Mar 2026")
    visit.follow(page.locator(".attention").get_by_role("link", name="Verify"))
    visit.follow(page.get_by_role("button", name="Verify now"))
    drain()
    expect(page.get_by_text("All checks passed").first).to_be_visible()  # the page comes anew by itself
    visit.open(shop.url("finance/periods?end_on=2026-03-31"))
    expect(page.locator(".attention")).to_contain_text("All checks passed")
    expect(page.locator(".attention .tone-bad")).to_have_count(0)
    expect(warning).to_have_count(0)
    page.get_by_label("Reason").fill("March is filed")
    page.get_by_role("button", name="Close", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Close March 2026 in the book")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    refused = shop.client("warehouse").post(
        shop.url("company/periods"), {"end_on": "2026-03-31", "action": "close"}
    )
    assert refused.status_code == 403
    assert shop.count("ledger_period") == 0
    page.get_by_role("button", name="Close", exact=True).click()
    visit.follow(dialog.get_by_role("button", name="Yes, do it"))
    expect(page.locator(".toasts")).to_contain_text("The month is closed.")
    expect(page.locator("main")).to_contain_text("March is filed")
    # What comes late for March is posted on the first open day.
    late = shop.receive("SEAL-40", 1, "7.00")
    with db.company_transaction(company_id=shop.company_id):
        (entry,) = ledger.entries_by_id(shop.company_id, late.entry_ids)
    assert (entry.effective_on, entry.posting_on) == (NOON.date(), date(2026, 4, 1))


def test_the_chosen_theme_is_remembered(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url())
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("summary[aria-label='Light or dark']").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    visit.open(committed_shop.url("items"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_menu_of_a_narrow_screen_opens_and_leads_on(
    browser: Browser, live_server: LiveServer, committed_shop: Shop
):
    context = browser.new_context(viewport=NARROW, locale="en-GB")
    for visit in _visit(context, live_server, committed_shop):
        page = visit.page
        visit.open(committed_shop.url())
        expect(page.get_by_role("link", name="Trial balance")).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        visit.follow(page.get_by_role("link", name="Trial balance"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("Trial balance")
    context.close()


def barriers(page: Page) -> list[str]:
    """What axe finds, with the beginning of the first elements concerned."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{barrier['id']}: {[node['html'][:160] for node in barrier['nodes'][:3]]}" for barrier in found]


# --- lists, explanations, drafts --------------------------------------------------------------------------


def test_a_list_is_arranged_kept_under_a_name_and_found_again(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("items?q=seal"))
    heads = page.locator("#items thead th")
    expect(heads.first).to_be_visible()
    many = heads.count()
    page.get_by_label("Columns and row height").click()
    page.get_by_role("checkbox", name="Tracking").uncheck()
    expect(heads).to_have_count(many - 1)
    expect(page.get_by_role("checkbox", name="Tracking")).to_be_focused()  # the menu stays open
    page.get_by_role("checkbox", name="Category").uncheck()
    expect(heads).to_have_count(many - 2)
    without = r"cols=sku%2Cname%2C(?!([^&]*%2C)?(tracking|category_name)\b)"
    expect(page).to_have_url(re.compile(without))
    page.get_by_role("button", name="Dense").click()
    expect(page.locator("html")).to_have_attribute("data-density", "dense")
    expect(page.locator("#items-end a", has_text="CSV")).to_have_attribute(
        "href", re.compile("cols=.*export=csv")
    )

    page.get_by_label("Saved views").click()
    page.get_by_label("Keep what is shown as").fill("Seals, short")
    visit.follow(page.get_by_role("button", name="Keep this view"))
    expect(page.locator(".toasts")).to_contain_text("is kept")
    visit.open(committed_shop.url("items"))
    expect(heads).to_have_count(many)
    page.get_by_label("Saved views").click()
    visit.follow(page.get_by_role("link", name="Seals, short"))
    expect(heads).to_have_count(many - 2)
    expect(page.locator("#items tbody tr")).to_have_count(2)

    page.get_by_label("Saved views").click()
    visit.follow(page.get_by_role("button", name="Remove the view Seals, short"))
    visit.follow(page.locator(".toasts").get_by_role("button", name="Undo"))
    page.get_by_label("Saved views").click()
    expect(page.get_by_role("link", name="Seals, short")).to_be_visible()


def test_rows_are_reached_and_chosen_by_keys(visit: Visit, committed_shop: Shop):
    for code in ("L-1", "L-2", "L-3"):
        committed_shop.receive("RESIN", 5, "2.00", lot_code=code)
    page = visit.page
    visit.open(committed_shop.url("lots"))
    page.locator("#lots .sideways").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="L-1")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("End")
    page.keyboard.press("x")
    expect(page.get_by_role("link", name="L-3")).to_be_focused()
    expect(page.locator(".bulk")).to_contain_text("2 chosen")
    page.get_by_role("button", name="Recall").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Recall the chosen lots?")
    visit.follow(dialog.get_by_role("button", name="Yes, do it"))
    expect(page.locator(".toasts")).to_contain_text("2 lots are now “Recalled”.")


def test_what_was_typed_survives_the_end_of_the_session(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("stock/documents/new/transfer"))
    page.get_by_label("Reference").fill("Move to A-2")
    page.locator("#id_lines-0-item").focus()
    page.evaluate(PASTE, "SEAL-35\t4\tpcs\tA-1\tA-2\r\nSEAL-40\t6\tpcs\tA-1\tA-2\r\n")
    page.locator("#id_lines-1-qty").fill("7")
    wait_until(lambda: page.evaluate(KEPT), page, "the draft is kept")
    page.context.clear_cookies(name="sessionid")  # the session is over, which only the button finds out
    visit.follow(page.get_by_role("button", name="Record transfer"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    visit.sign_in(visit.username)
    visit.open(committed_shop.url("stock/documents/new/transfer"))
    expect(page.get_by_text("What you typed here was not recorded.")).to_be_visible()
    expect(page.locator("[data-draft-when]")).to_have_text(
        re.compile(r"^\d+ \w+ \d{4}, \d\d:\d\d$")
    )  # as on every page
    page.get_by_role("button", name="Take it up again").click()
    expect(page.get_by_label("Reference")).to_have_value("Move to A-2")
    expect(page.locator("#id_lines-1-item")).to_have_value("SEAL-40")
    expect(page.locator("#id_lines-1-qty")).to_have_value("7")
    assert barriers(page) == []
    # While nobody was signed in, the check of the form was refused, which the browser notes in its console.
    visit.faults = [fault for fault in visit.faults if "403" not in fault]
