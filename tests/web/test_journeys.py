"""Whole journeys in a real browser, from the page to the ledger; what was previewed is what is posted."""

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from tests.web.shop import NOON, PASSWORD, Shop, unique
from tests.web.test_asset_browser import entry_ids, posted
from tests.web.test_browser import WIDE, Visit, browser, drain, visit
from tests.web.test_documents import balance

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.people import services as people
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

__all__ = ["browser", "visit"]

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]

# What a preview says that each book posts: per account, debit less credit.
NET = """(panel) => [...panel.querySelectorAll("h3")].flatMap((head) =>
  [...head.parentElement.querySelector("table").rows].filter((row) => row.querySelector(".figures")).map((row) => [
    head.firstChild.textContent.trim(), row.querySelector(".figures").textContent,
    row.cells[1].textContent, row.cells[2].textContent]))"""

Net = dict[tuple[str, str], Decimal]


def record(visit: Visit, shop: Shop, fields: dict[str, str], shows: str) -> None:
    """Fill in a form of goods, read its preview, send it: every book posts what was shown."""
    page = visit.page
    for name, text in fields.items():
        page.locator(f"#id_{name}").fill(text)
    page.keyboard.press("Tab")
    look = page.locator("#preview")
    expect(look).not_to_have_attribute("aria-busy", "true")
    expect(look).to_contain_text(shows)
    shown: Counter[tuple[str, str]] = Counter()
    for book, account, debit, credit in look.evaluate(NET):
        shown[book, account] += Decimal((debit or f"-{credit}").replace(",", ""))
    before = entry_ids(shop)
    visit.follow(page.locator(".form-foot button[type=submit]"))
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    written: Counter[tuple[str, str]] = Counter()
    for (book, account, amount), count in posted(shop, before).items():
        written[book, account] += amount * count
    assert without_nil(written) == without_nil(shown) != {}


def without_nil(sums: Counter[tuple[str, str]]) -> Net:
    return {key: amount for key, amount in sums.items() if amount}


def test_goods_come_back_are_counted_cost_more_and_came_earlier(visit: Visit, committed_shop: Shop):
    """Ten seals at 2.00, five others at 4.00; four are sold, one comes back, two are missing: each step by hand."""
    shop, page = committed_shop, visit.page
    shop.receive("SEAL-35", 10, "2.00")
    shop.receive("SEAL-40", 5, "4.00", at=NOON + timedelta(hours=1))
    four = LineDraft(shop.item_ids["SEAL-35"], Decimal(4), from_location_id=shop.location_ids["A-1"])
    sold = shop.record(DocumentDraft(DocumentKind.ISSUE, NOON + timedelta(days=1), [four])).documents[0]
    visit.open(shop.url(f"stock/documents/{sold.document_id}"))
    visit.follow(page.get_by_role("link", name="Return", exact=True))
    back = {"effective_at": "2026-03-04T09:00", f"move_{sold.move_ids[0]}": "1"}
    record(visit, shop, back, "2.00")
    assert shop.on_hand("SEAL-35") == 7

    page.get_by_text("New movement").click()
    visit.follow(page.get_by_role("link", name="Adjust or count"))
    counted = {"item": "SEAL-35", "counted_qty": "5", "to_location": "A-1"}
    lines = {f"lines-0-{name}": text for name, text in counted.items()}
    record(visit, shop, {"effective_at": "2026-03-05T09:00"} | lines, "4.00")
    assert shop.on_hand("SEAL-35") == 5

    # 4.00 of freight by value: half to each receipt, so a seal cost 2.20; three are sold and two are missing.
    visit.open(shop.url("stock/documents?kind=receipt"))
    for box in page.get_by_role("checkbox", name=re.compile("Choose RC-")).all():
        box.check()
    visit.follow(page.get_by_role("button", name="Freight or duty of the receipts chosen"))
    record(visit, shop, {"effective_at": "2026-03-06T09:00", "amount": "4.00"}, "0.60")
    assert [balance(shop, code) for code in ("1200", "5000")] == [3_300, 660]

    # Ten more at 3.00 turn out to have come before: (30.00 + 22.00) / 20 = 2.60 for each seal that moved since.
    visit.open(shop.url("stock/documents/new/receipt"))
    late = {"item": "SEAL-35", "qty": "10", "to_location": "A-1", "unit_cost": "3.00"}
    lines = {f"lines-0-{name}": text for name, text in late.items()}
    record(visit, shop, {"effective_at": "2026-03-01T09:00"} | lines, "1.20")
    assert [balance(shop, code) for code in ("1200", "5000")] == [6_100, 780]
    visit.open(shop.url(f"stock/moves/{sold.move_ids[0]}"))
    page.locator("a.tile").click()
    panel = page.get_by_role("dialog", name="How this figure comes about")
    expect(panel).to_contain_text("10.40 EUR")  # four at 2.60
    expect(panel).to_contain_text("2.60")

    written = [shop.count(table) for table in ("stock_document", "ledger_entry")]
    paths = ("adjustment", "landed_cost", "receipt")
    auditor = shop.client("auditor")
    for path in (
        *(f"stock/documents/new/{kind}" for kind in paths),
        f"stock/documents/{sold.document_id}/return-from-customer",
    ):
        assert {auditor.get(shop.url(path)).status_code, auditor.post(shop.url(path)).status_code} == {403}
    assert [shop.count(table) for table in ("stock_document", "ledger_entry")] == written


# --- a file with every kind of mistake ------------------------------------------------------------------------

HEADINGS = "type,document,at,sku,qty,unit,from,to,party,unit_cost,currency,lot,serial,expires_on,of_document"
DAY = "2026-03-02"
# The cells of a row, and what the page must say of it: column, value as written, rule.
MISTAKES = (
    (f",D1,{DAY},SEAL-35,1,,,A-1,,1,,,,,", "type", "", "required"),
    (f"sideways,D2,{DAY},SEAL-35,1,,,A-1,,1,,,,,", "type", "sideways", "choice"),
    ("receipt,D3,,SEAL-35,1,,,A-1,,1,,,,,", "at", "", "required"),
    ("receipt,D4,31.03.2026,SEAL-35,1,,,A-1,,1,,,,,", "at", "31.03.2026", "date"),
    ("receipt,D5,1776-07-04,SEAL-35,1,,,A-1,,1,,,,,", "at", "1776-07-04", "date_range"),
    (f"receipt,D6,{DAY} 25:61,SEAL-35,1,,,A-1,,1,,,,,", "at", f"{DAY} 25:61", "instant"),
    (f"receipt,D7,{DAY},,1,,,A-1,,1,,,,,", "sku", "", "required"),
    (f"receipt,D8,{DAY},NO-SUCH,1,,,A-1,,1,,,,,", "sku", "NO-SUCH", "exists"),
    (f"receipt,D9,{DAY},SEAL-35,,,,A-1,,1,,,,,", "qty", "", "required"),
    (f'receipt,D10,{DAY},SEAL-35,"1,5",,,A-1,,1,,,,,', "qty", "1,5", "number"),
    (f"receipt,D11,{DAY},SEAL-35,{'9' * 20},,,A-1,,1,,,,,", "qty", "9" * 20, "number_range"),
    (f"receipt,D12,{DAY},SEAL-35,0,,,A-1,,1,,,,,", "qty", "0", "positive"),
    (f"receipt,D13,{DAY},SEAL-35,1,,,NOWHERE,,1,,,,,", "to", "NOWHERE", "exists"),
    (f"receipt,D14,{DAY},SEAL-35,1,,,A-1,NOBODY,1,,,,,", "party", "NOBODY", "exists"),
    (f"receipt,D15,{DAY},SEAL-35,1,,,A-1,,,,,,,", "unit_cost", "", "required"),
    (f"receipt,D16,{DAY},SEAL-35,1,,,A-1,,-1,,,,,", "unit_cost", "-1", "not_negative"),
    (f"receipt,D17,{DAY},SEAL-35,1,,,A-1,,1,euro,,,,", "currency", "euro", "iso4217"),
    (f"receipt,D18,{DAY},SEAL-35,1,,,,,1,,,,,", "to", "", "required"),
    (f"transfer,D19,{DAY},SEAL-35,1,,,A-1,,,,,,,", "from", "", "required"),
    (f"receipt,D20,{DAY},RESIN,1,,,A-1,,1,,L-1,,soon,", "expires_on", "soon", "date"),
    (f"return_from_customer,D21,{DAY},SEAL-35,1,,,A-1,,,,,,,D99", "of_document", "D99", "returnable"),
)
PROBLEMS = """(table) => [...table.querySelectorAll("tbody tr")].map((row) =>
  [...row.cells].map((cell) => cell.textContent.trim()))"""


def test_every_mistake_of_a_file_is_named_with_row_column_value_and_rule(
    visit: Visit, committed_shop: Shop, tmp_path: Path
):
    shop, page = committed_shop, visit.page
    file = tmp_path / "moves.csv"
    file.write_text("\n".join([HEADINGS, *(row for row, *_ in MISTAKES)]))
    visit.open(shop.url("imports"))
    page.get_by_label("What is in the file").select_option("moves")
    page.get_by_label("File", exact=True).set_input_files(file)
    visit.follow(page.get_by_role("button", name="Check the file"))
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    drain()
    table = page.locator("#problems table")  # the page comes anew by itself
    expect(table.locator("tbody tr")).to_have_count(len(MISTAKES))
    shown = table.evaluate(PROBLEMS)
    found = {(int(line), column, value, rule) for line, column, value, _right, rule in shown}
    expected = {
        (line, column, value or "\N{EM DASH}", rule)
        for line, (_row, column, value, rule) in enumerate(MISTAKES, 2)
    }
    assert found == expected
    assert all(right.endswith(".") for _line, _column, _value, right, _rule in shown)
    assert len(expected) > 20
    expect(page.locator(".tiles")).to_contain_text(str(len(expected)))
    assert shop.moves() == []
    refused = shop.client("planner")
    assert refused.get(page.url.removeprefix(visit.base)).status_code == 403


# --- from nothing ---------------------------------------------------------------------------------------------


def test_a_stranger_gets_from_nothing_to_a_proven_opening_balance(browser: Browser, live_server: LiveServer):
    context = browser.new_context(viewport=WIDE, color_scheme="light", locale="en-GB")
    visit, name, code = Visit(context.new_page(), live_server.url), unique("stranger"), unique("new")
    people.create_user(username=name, password=PASSWORD)
    visit.watch()
    visit.sign_in(name)
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a company")
    page.get_by_label("Name", exact=True).fill("Newcomer Ltd")
    page.get_by_label("Code").fill(code)
    page.get_by_label("Country").select_option("DE")
    visit.follow(page.get_by_role("button", name="Set up company"))
    for _step in ("places", "items", "opening stock"):
        sample = page.get_by_role("button", name="Only looking? Load the sample as it is")
        visit.follow(sample.locator("visible=true"))
        page.wait_for_url(re.compile(r"/imports/\d+$"))
        drain()  # the page comes anew by itself
        visit.follow(page.get_by_role("link", name="To the next step of the set-up"))
    visit.follow(page.get_by_role("button", name="Verify", exact=True))
    page.wait_for_url(re.compile(r"/verify$"))
    drain()
    expect(page.get_by_text("All checks passed").first).to_be_visible()
    visit.open(f"/c/{code}/setup")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ready")
    page.locator("summary", has_text="Proof").click()
    visit.follow(page.get_by_role("link", name="Balance sheet").locator("visible=true").last)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Balances")
    expect(page.locator(".tiles")).to_contain_text("314.50")  # 10 x 8.40 + 12.5 x 4.20 + 2 x 89.00
    with db.company_transaction(company_id=None):
        assert ledger.companies() == []  # nobody sees it but its members
    assert visit.faults == []
    context.close()
