"""Stock, finance and set-up pages in a real browser: no fault, nothing wider than the screen, no barrier; previews live."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from tests.web.shop import NOON, Shop
from tests.web.test_browser import PASTE, Visit, browser, visit

from wherewithal.kit import db
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

__all__ = ["browser", "visit"]

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]


def test_what_a_document_will_do_is_shown_while_it_is_filled_in(visit: Visit, committed_shop: Shop):
    shop, page = committed_shop, visit.page
    shop.receive("SEAL-35", 10, "2.00")
    visit.open(shop.url("stock/documents/new/issue"))
    look = page.locator("#preview")
    expect(look).to_contain_text("Fill in the form")
    page.get_by_role("combobox", name="Item").fill("SEAL-35")
    page.get_by_label("Quantity").fill("4")
    page.get_by_role("combobox", name="From").fill("A-1")
    page.keyboard.press("Tab")
    expect(look).to_contain_text("8.00")
    expect(look).to_contain_text("CUSTOMER")
    assert shop.on_hand("SEAL-35") == 10
    visit.follow(page.get_by_role("button", name="Record issue"))
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    assert shop.on_hand("SEAL-35") == 6


def test_a_file_is_judged_when_it_is_chosen(visit: Visit, committed_shop: Shop):
    page = visit.page
    visit.open(committed_shop.url("company/logo/change"))
    chosen = page.get_by_label("Picture")
    chosen.set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * (2 * 1024 * 1024 + 1)}
    )
    expect(page.locator("#id_file_error")).to_contain_text("The file is larger than 2 MB.")
    expect(page.locator("#id_file_error")).to_contain_text("A logo is a picture")
    chosen.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"x"})
    expect(page.locator("#id_file_error")).to_have_count(0)


def test_a_field_that_is_left_says_what_is_wrong_with_it_and_none_other(visit: Visit, committed_shop: Shop):
    shop, page = committed_shop, visit.page
    visit.open(shop.url("stock/documents/new/receipt"))
    voice = page.locator("[data-voice]")
    quantity = page.get_by_label("Quantity")
    page.get_by_role("combobox", name="Item").fill("SEAL-40")
    quantity.fill("2.5")
    page.get_by_role("combobox", name="Into").fill("A-1")
    page.keyboard.press("Tab")
    expect(page.locator("#id_lines-0-qty_error")).to_contain_text("counted in whole pcs")
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(quantity).to_have_attribute("aria-describedby", re.compile("id_lines-0-qty_error"))
    expect(voice).to_contain_text("Quantity: ")
    # The supplier is still to come, and the cost: of them nothing is said; the number is put right while one types.
    expect(page.locator(".field-error")).to_have_count(1)
    quantity.fill("2")
    expect(page.locator(".field-error")).to_have_count(0)
    expect(quantity).not_to_have_attribute("aria-invalid", "true")
    expect(voice).to_have_text("")  # nor is it said at the end of the page any longer
    assert shop.moves() == []
    # Lines by keys and from a spreadsheet: a quoted cell, a copy, and one taken away.
    page.get_by_role("combobox", name="Item").focus()
    page.evaluate(PASTE, 'SEAL-35\t3\tpcs\t"A-1"\t\t\t2\nSEAL-40\t7\tpcs\tA-2\t\t\t3\n')
    rows = page.locator("tr[data-line]:visible")
    expect(rows).to_have_count(2)
    page.keyboard.press("Control+d")
    expect(rows).to_have_count(3)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Shift+Backspace")
    expect(rows).to_have_count(2)
    expect(page.locator("#preview")).to_contain_text("SEAL-40")
    visit.send()
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    assert [(move.sku, move.qty, move.to_code) for move in reversed(shop.moves())] == [
        ("SEAL-35", 3, "A-1"),
        ("SEAL-40", 7, "A-2"),
    ]


def test_goods_on_their_way_are_taken_in_with_one_press(visit: Visit, committed_shop: Shop):
    shop, page = committed_shop, visit.page
    shop.receive("SEAL-35", 10, "2.00")
    with db.company_transaction(company_id=shop.company_id):
        transit = stock.location_ids(shop.company_id, ["TRANSIT"])["TRANSIT"]
    sent = LineDraft(
        shop.item_ids["SEAL-35"],
        Decimal(4),
        from_location_id=shop.location_ids["A-1"],
        to_location_id=transit,
    )
    shop.record(DocumentDraft(DocumentKind.DISPATCH, NOON + timedelta(days=1), [sent]))
    visit.open(shop.url("stock/transit"))
    visit.follow(page.locator("#transit").get_by_role("link", name="Take in"))
    page.get_by_role("combobox", name="Into").first.fill("A-2")
    visit.send()
    expect(page.locator(".toasts")).to_contain_text("is recorded")
    visit.open(shop.url("stock/transit"))
    expect(page.locator("#transit")).to_contain_text("Nothing is on its way")
