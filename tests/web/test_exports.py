"""Every list that offers itself as a file is one, and holds what is shown; statements as documents."""

import io
import re
from html import unescape

import pytest
from pypdf import PdfReader
from tests.reporting.test_pdf import lines
from tests.web.shop import Shop
from tests.web.test_every_page import addresses
from tests.web.test_lists import read_csv

EXPORT = re.compile(r'<a href="([^"]+)" data-export>(?:CSV|Excel|PDF)')


@pytest.mark.parametrize("role", ["administrator", "warehouse"])
def test_every_export_that_is_offered_is_a_file(shop: Shop, role: str):
    client = shop.client(role)
    found = 0
    for address in addresses(shop):
        if address.endswith("/gallery"):  # its list has no end
            continue
        page = client.get(address)
        if page.status_code != 200 or "text/html" not in page.headers["Content-Type"]:
            continue
        for href in {unescape(link) for link in EXPORT.findall(page.content.decode())}:
            file = client.get(href)
            kind = re.search(r"export=(\w+)", href)
            assert kind is not None
            assert file.status_code == 200, href
            assert file.headers.get("Content-Disposition", "").endswith(f'.{kind[1]}"'), href
            found += 1
    assert found > (60 if role == "administrator" else 15)


def test_a_document_holds_what_is_shown_and_says_of_when(shop: Shop):
    """RESIN received at 2.00 and SEAL-35 at 3.00; a search says itself; on a past day there was nothing."""
    shop.receive("RESIN", 5, "2.00", lot_code="L-1")
    shop.receive("SEAL-35", 4, "3.00")
    client = shop.client("controller")
    address = shop.url("finance/valuation?")
    csv = read_csv(client.get(f"{address}&export=csv").content)
    file = client.get(f"{address}&export=pdf")
    assert file.headers["Content-Type"] == "application/pdf"
    (page,) = PdfReader(io.BytesIO(file.content)).pages
    said = lines(page)
    assert len(csv) == 3
    shown = {text.replace(",", "").replace("\N{MINUS SIGN}", "-") for text in said}
    assert {cell.replace(",", "") for row in csv[1:] for cell in row if cell} <= shown
    assert any("Head of the chain 2026/" in text for text in said)
    assert "Page 1 of 1" in said
    (page,) = PdfReader(io.BytesIO(client.get(shop.url("items?q=resin&export=pdf")).content)).pages
    searched = lines(page)
    assert searched[searched.index("Search") + 1] == "resin"
    assert "RESIN" in searched
    assert "SEAL-35" not in searched
    then = client.get(f"{address}&as_of=2020-12-31&known_at=2021-01-01T00:00&export=pdf")
    (page,) = PdfReader(io.BytesIO(then.content)).pages
    said = lines(page)
    assert "the end of 2020-12-31" in said
    assert any(text.startswith("what was recorded by 2021-01-01 00:00") for text in said)
    assert "There are none." in said


def test_the_balance_sheet_as_a_document(shop: Shop):
    shop.receive("SEAL-35", 4, "3.00")
    client = shop.client("auditor")
    content = client.get(shop.url("finance/balance-sheet?export=pdf")).content
    (page,) = PdfReader(io.BytesIO(content)).pages
    said = lines(page)
    assert {"Balance sheet", "Total assets", "Total liabilities and equity"} <= set(said)
    assert said.count("12.00") >= 3
    assert (
        client.get(shop.url("finance/balance-sheet?export=docx"))
        .headers["Content-Type"]
        .startswith("text/html")
    )
    assert shop.client("warehouse").get(shop.url("finance/balance-sheet?export=pdf")).status_code == 403
