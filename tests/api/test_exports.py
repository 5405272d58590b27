"""Lists and statements as files over HTTP."""

import csv
import io
from typing import Any

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from tests.api.api_client import Api, Firm, new_firm
from tests.api.test_documents import Shop
from tests.reporting.test_pdf import lines

from wherewithal.reporting import exports
from wherewithal.reporting.files import MEDIA_TYPES, Format

ASSETS = {
    "assets": [{"name": "Forklift", "class_code": "MACH", "tag": "FL-1"}],
    "events": [
        {"kind": "acquisition", "effective_on": "2026-01-01", "asset_no": 0, "values": {"cost": "6000.00"}},
        {"kind": "in_service", "effective_on": "2026-01-01", "asset_no": 0},
    ],
}


@pytest.fixture
def shop(api: Api) -> Shop:
    found = Shop(api)
    found.receive()
    found.issue()
    return found


def fetch(api: Api, path: str) -> Any:
    headers = {"Authorization": f"Bearer {api.token}"} if api.token else {}
    return Api.client.get(f"/api/v1{path}", headers=headers)


def test_every_list_is_had_in_every_format(shop: Shop) -> None:
    api = shop.api
    assert api.post("/asset-classes/template", {}).status == 201
    terms = [{"terms": {"method": "straight_line", "life_months": "60", "convention": "full_month"}}]
    assert (
        api.post("/assets/batches", ASSETS | {"assets": [ASSETS["assets"][0] | {"terms": terms}]}).status
        == 201
    )
    assert api.post("/assets/runs", {"through_on": "2026-06-30"}).status == 201
    frozen = {"name": "H2", "from_on": "2026-07-01", "to_on": "2026-12-31"}
    budget = api.post("/asset-budgets", frozen).body["budget_id"]
    primary = api.get("/books").body["results"][0]["code"]
    more = {
        "asset-comparison": f"&tax_book={primary}",
        "asset-schedule": "&asset=FL-1",
        "asset-budget": f"&budget={budget}",
        "asset-budget-comparison": f"&budget={budget}&by=period",
        "asset-forecast": "&through=2028-12-31",
    }
    for name in exports.SHEETS:
        for file_format in Format:
            said = fetch(api, f"/exports?list={name}&format={file_format}{more.get(name, '')}")
            assert said.status_code == 200, (name, file_format, said.content[:300])
            assert said["Content-Type"] == MEDIA_TYPES[file_format]
            assert said["Content-Disposition"] == f'attachment; filename="{name}.{file_format}"'
            if file_format is Format.CSV:
                rows = list(csv.reader(io.StringIO(said.content.decode())))
            elif file_format is Format.XLSX:
                sheet = CalamineWorkbook.from_filelike(io.BytesIO(said.content)).get_sheet_by_index(0)
                assert len(sheet.to_python()) == len(rows), name
            else:
                assert len(PdfReader(io.BytesIO(said.content)).pages) >= 1


def test_a_statement_in_all_formats_says_the_same(shop: Shop) -> None:
    """Received 10 at 1.20, issued 4: stock 7.20, not invoiced 12.00, cost of sales 4.80."""
    path = "/exports?list=trial-balance&as_of=2026-12-31&format="
    rows = list(csv.reader(io.StringIO(fetch(shop.api, path + "csv").content.decode())))
    (page,) = PdfReader(io.BytesIO(fetch(shop.api, path + "pdf").content)).pages
    shown = [text.replace("\N{MINUS SIGN}", "-").replace(",", "") for text in lines(page)]
    assert rows[0][:3] == ["account", "name", "classification"]
    assert len(rows) > 3
    for row in rows[1:]:
        assert {row[0], row[1].replace(",", ""), row[6]} <= set(shown)
    for words in (
        "Trial balance",
        "Api & Co",
        "the end of 2026-12-31",
        "Head of the chain 2026/",
        "Page 1 of 1",
    ):
        assert any(words in text for text in shown), words


def test_who_may_and_what_is_refused(shop: Shop, firm: Firm) -> None:
    warehouse = firm.api("warehouse")
    assert fetch(warehouse, "/exports?list=on-hand").status_code == 200
    for name in ("trial-balance", "assets", "valuation", "asset-forecast", "journal"):
        assert fetch(warehouse, f"/exports?list={name}").status_code == 403, name
    assert fetch(Api(None), "/exports?list=items").status_code == 401
    other = new_firm().api()
    assert b"bolt" not in fetch(other, "/exports?list=items").content.lower()
    assert len(fetch(other, "/exports?list=on-hand").content.splitlines()) == 1

    def refused(path: str) -> tuple[int, set[str]]:
        said = shop.api.get(path)
        return said.status, said.fields

    assert refused("/exports?list=nothing") == (422, {"list"})
    assert refused("/exports?list=items&format=docx")[0] == 422
    assert refused("/exports?list=items&asset=X") == (422, {"asset"})
    assert refused("/exports?list=asset-schedule") == (422, {"asset"})
    assert refused("/exports?list=asset-schedule&asset=NOPE")[0] == 404
    assert refused("/exports?list=asset-comparison") == (422, {"tax_book"})
    assert refused("/exports?list=asset-comparison&tax_book=NOPE")[0] == 404
    assert refused("/exports?list=asset-budget&budget=x") == (422, {"budget"})
    assert refused("/exports?list=asset-budget&budget=999")[0] == 404
    assert refused("/exports?list=asset-forecast&scenario=999")[0] == 404
    assert refused("/exports?list=asset-forecast&by=day") == (422, {"by"})
    assert refused("/exports?list=valuation&book=NOPE")[0] == 404
