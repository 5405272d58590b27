"""Without a mouse, from right to left, on paper: one page of each kind in a real browser."""

import io
import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer
from tests.web.shop import NOON, Shop
from tests.web.sound import widths
from tests.web.test_browser import NARROW, WIDE, _visit, browser

__all__ = ["browser"]

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]

# Notes each element that gets the focus, whether it looks otherwise than before, and when the way begins anew.
RING = """() => {
  const reachable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const look = (element) => { const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor].join(" "); };
  const words = (element) => element.id || element.getAttribute("aria-label") || element.textContent.trim();
  const name = (element) => `${element.tagName} ${words(element).slice(0, 40)}`;
  document.activeElement.blur();
  const all = [...document.querySelectorAll(reachable)].filter((element) =>
    element.tabIndex >= 0 && !element.disabled && !element.closest("dialog, template")
    && element.checkVisibility({visibilityProperty: true}) && element.getBoundingClientRect().width > 0);
  const before = new Map(all.map((element) => [element, look(element)]));
  window.ring = {order: [], pale: [], round: false};
  document.addEventListener("focusin", (event) => {
    const at = all.indexOf(event.target);
    if (ring.order.length && at === ring.order[0]) ring.round = true;
    if (ring.round) return;
    ring.order.push(at);
    if (look(event.target) === before.get(event.target)) ring.pale.push(name(event.target));
  });
  ring.missed = () => all.filter((_element, at) => !ring.order.includes(at)).map(name);
  ring.strange = () => ring.order.filter((at) => at < 0).length;
  return all.length;
}"""
PAGES = (
    "items?kind=spare",  # a list with filters
    "items/{item}",  # a card with tabs and tiles
    "stock/documents/new/receipt",  # a form with lines
    "finance/balance-sheet",  # a report
    "finance/periods",  # a checklist and a form
)


def go_round(page: Page) -> list[str]:
    """Press Tab until the first element has the focus again; what is wrong with the way."""
    count = page.evaluate(RING)
    for _turn in range(count // 10 + 4):
        for _press in range(12):
            page.keyboard.press("Tab")
        if page.evaluate("ring.round"):
            break
    wrong = [] if page.evaluate("ring.round") else ["the focus does not come round"]
    wrong += [f"not reached: {name}" for name in page.evaluate("ring.missed()")]
    wrong += [f"the focus is not seen: {name}" for name in page.evaluate("ring.pale")]
    return wrong + ["something unseen has the focus"] * page.evaluate("ring.strange()")


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.outerHTML.slice(0, 120)"))


@pytest.fixture
def goods(committed_shop: Shop) -> Shop:
    committed_shop.receive("SEAL-35", 10, "2.00")
    committed_shop.receive("SEAL-40", 5, "4.00", at=NOON + timedelta(days=1))
    return committed_shop


def visiting(browser: Browser, server: LiveServer, shop: Shop, **options: str):
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce", **{"locale": "en-GB", **options})
    yield from _visit(context, server, shop)
    context.close()


def test_everything_is_reached_seen_and_left_by_keys_alone(
    browser: Browser, live_server: LiveServer, goods: Shop
):
    wrong: list[str] = []
    for visit in visiting(browser, live_server, goods):
        page = visit.page
        for path in PAGES:
            visit.open(goods.url(path.format(item=goods.item_ids["SEAL-35"])))
            wrong += [f"{path}: {fault}" for fault in go_round(page)]
        assert wrong == [], "\n".join(wrong)
        # The first way leads past the navigation; what opens is closed by Escape, and one is where one was.
        visit.open(goods.url("items"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        for opener in ("summary[aria-label='Day shown']", "summary[aria-label='Columns and row height']"):
            summary = page.locator(opener)
            summary.focus()
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.closest('.menu-list') !== null"), opener
            page.keyboard.press("Escape")
            expect(summary).to_be_focused()
            expect(summary.locator("xpath=following-sibling::*")).to_be_hidden()
        search = page.get_by_label("SKU, name or barcode")
        search.focus()
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox", name="Find anything")).to_be_focused()
        page.keyboard.press("Escape")
        expect(search).to_be_focused()
        # What a list shows after it was narrowed is said.
        page.keyboard.type("seal")
        expect(page.locator("#items [data-said]")).to_have_text("2 in all")
        page.keyboard.type("x")
        expect(page.locator("#items [data-said]")).to_have_text("Nothing matches")
        expect(search).to_be_focused()
        visit.open(goods.url(f"items/{goods.item_ids['SEAL-35']}"))
        tile = page.locator("a.tile").first
        tile.focus()
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog", name="How this figure comes about")
        expect(panel).to_contain_text("SEAL-35")
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(tile).to_be_focused()
        visit.open(goods.url("finance/periods"))
        close = page.get_by_role("button", name="Close", exact=True)
        close.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press("Escape")
        expect(close).to_be_focused()
        assert goods.count("ledger_period") == 0
        # On a narrow screen the navigation opens over the page.
        page.set_viewport_size(NARROW)
        opener = page.get_by_role("button", name="Menu")
        opener.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator(".side :focus")).to_have_count(1)
        page.keyboard.press("Escape")
        expect(opener).to_be_focused()
        expect(page.locator(".side")).to_be_hidden()


# --- right to left ----------------------------------------------------------------------------------------------

SIDES = """() => {
  const middle = (selector) => { const box = document.querySelector(selector)?.getBoundingClientRect();
    return box && box.width ? box.left + box.width / 2 : null; };
  const figures = [...document.querySelectorAll("td.col-num, td.num")].filter((cell) => cell.checkVisibility());
  return {
    width: document.documentElement.scrollWidth,
    side: middle(".side"), main: middle("main"), heading: middle("h1"), end: middle(".top-end"),
    ends: [...new Set(figures.map((cell) => getComputedStyle(cell).textAlign))],
    sheet: [...document.styleSheets].some((sheet) => sheet.href?.includes("tabler.rtl")),
    dir: getComputedStyle(document.body).direction,
  };
}"""


def test_pages_are_mirrored_by_the_sheet_for_right_to_left(
    browser: Browser, live_server: LiveServer, goods: Shop, settings
):
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    wrong: list[str] = []
    for visit in visiting(browser, live_server, goods, locale="ar"):
        page = visit.page
        for path in (*PAGES, "", "stock/on-hand", "stock/locations", "imports"):
            page.set_viewport_size(WIDE)
            visit.open(goods.url(path.format(item=goods.item_ids["SEAL-35"])))
            seen = page.evaluate(SIDES)
            if not (seen["sheet"] and seen["dir"] == "rtl" and seen["ends"] in ([], ["end"])):
                wrong.append(f"{path}: {seen}")
            if not seen["end"] < seen["main"] < seen["side"]:
                wrong.append(f"{path}: not mirrored, {seen}")
            wrong += [f"{path}: {fault}" for fault in widths(page, WIDE, NARROW)]
        page.set_viewport_size(NARROW)
        visit.open(goods.url())
        page.locator(".drawer-button").click()
        expect(page.locator(".side")).to_be_in_viewport(ratio=0.9)
        box = page.locator(".side").bounding_box()
        assert box is not None
        if NARROW["width"] - box["x"] - box["width"] > box["x"]:
            wrong.append(f"the menu opens at {box}")
    assert wrong == [], "\n".join(wrong)


# --- on paper ---------------------------------------------------------------------------------------------------

LEFT_OUT = ".side, .top, .tools, .toasts, .page-actions, .form-foot, dialog"
GROUNDS = """() => [...document.querySelectorAll("body, main, .panel, .tile, thead th")]
  .map((one) => getComputedStyle(one).backgroundColor)
  .filter((colour) => !["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(colour))"""
CUT = """() => [...document.querySelectorAll("table, .tile, h1, dl")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 100))"""


def test_what_is_printed_is_the_page_alone_whole_and_dark_on_light(
    browser: Browser, live_server: LiveServer, goods: Shop
):
    document_id = next(move.document_id for move in goods.moves())
    for visit in visiting(browser, live_server, goods, color_scheme="dark"):
        page = visit.page
        for path, says in (
            ("finance/balance-sheet", r"Balance sheet.*Inventories.*40\.00"),
            (f"stock/documents/{document_id}", r"Receipt RC-.*SEAL-40"),
        ):
            visit.open(goods.url(path))
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 718, "height": 1000})  # A4 less 10 mm at each side
            assert page.locator(LEFT_OUT).locator("visible=true").count() == 0
            assert page.evaluate(CUT) == []
            ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
            assert max(map(int, re.findall(r"\d+", ink)[:3])) < 80, ink
            assert page.evaluate(GROUNDS) == []
            file = PdfReader(io.BytesIO(page.pdf(format="A4", margin={"left": "10mm", "right": "10mm"})))
            text = " ".join(" ".join(sheet.extract_text() for sheet in file.pages).split())
            assert re.search(says, text), text
            assert "Fernhill Pumps" in text
            assert "Sign out" not in text
            assert "Trial balance" not in text
            page.emulate_media(media="screen")
            page.set_viewport_size(WIDE)
