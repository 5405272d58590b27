"""Costing methods, standard costs, write-downs and further books over HTTP."""

import pytest
from tests.api.api_client import Api, Firm
from tests.api.test_documents import AT, LATER, Shop


@pytest.fixture
def shop(api: Api) -> Shop:
    return Shop(api)


def test_a_method_from_a_day_on_corrects_what_was_posted(shop: Shop) -> None:
    """Moving average: 10 of (10 x 1 + 10 x 3) leave at 20.00. FIFO: at 10.00, so 10 x 3 stay."""
    shop.receive("10", "1")
    shop.receive("10", "3", effective_at=AT.replace("09:", "10:"))
    shop.issue("10", effective_at=LATER)
    assert shop.worth() == ("20.00", "0.00")
    said = shop.api.post("/cost-methods", {"method": "fifo"})
    assert said.status == 201, said.body
    assert len(said.body["entry_ids"]) == 1
    assert shop.worth() == ("30.00", "0.00")
    assert [row["method"] for row in shop.api.get("/cost-methods").body["results"]] == ["fifo"]
    assert shop.api.post("/cost-methods", {"method": "fifo", "category_id": 2**31 - 1}).status in (404, 422)


def test_standard_costs_revalue(shop: Shop) -> None:
    shop.receive("10", "1")
    assert shop.api.post("/cost-methods", {"method": "standard"}).status == 201
    said = shop.api.post("/standard-costs", {"costs": [{"item_id": shop.bolt, "cost": "1.5"}]})
    assert said.status == 201, said.body
    assert shop.worth() == ("15.00", "0.00")


def test_a_write_down_stands_beside_cost(shop: Shop, firm: Firm) -> None:
    shop.receive("10", "1")
    estimate = {"reason": "Out of fashion", "item_id": shop.bolt, "unit_value": "0.80"}
    said = shop.api.post("/write-downs", {"on": "2026-03-31", "estimates": [estimate]}, key="w")
    assert said.status == 201, said.body
    total = shop.api.get("/valuation/total").body
    assert (total["value"], total["allowance"], total["carrying"]) == ("10.00", "2.00", "8.00")
    before = firm.rows()
    assert (
        shop.api.post("/write-downs", {"on": "2026-03-31", "estimates": [estimate]}, key="w").body
        == said.body
    )
    wrong = shop.api.post("/write-downs", {"on": "2026-03-31", "estimates": [{"reason": "x", "share": "2"}]})
    assert wrong.status == 422
    assert firm.rows() == before


def test_a_book_that_comes_later_is_filled(shop: Shop) -> None:
    shop.receive("10", "1")
    made = shop.api.post("/books", {"code": "tax", "name": "Tax", "standard": "local"})
    assert made.status == 201, made.body
    assert shop.api.get("/valuation/total?book=tax").body["value"] == "10.00"
    assert shop.api.post("/books/fill", {"book": "tax"}).body == {"entry_ids": []}
    entry_id = shop.api.get("/entries?book=tax").body["results"][0]["entry_id"]
    assert shop.api.get(f"/entries/{entry_id}").body["book"] == "tax"
    assert shop.api.post("/books/fill", {"book": "none"}).status == 404


def test_a_book_that_cannot_be_filled_is_not_there(shop: Shop, firm: Firm) -> None:
    """Goods cost euros, and nobody has said what a euro was worth in yen: all or nothing, and the day is named."""
    shop.receive("10", "1")
    before = firm.rows()
    body = {"code": "yen", "name": "Yen", "standard": "local", "currency": "JPY"}
    said = shop.api.post("/books", body)
    assert (said.status, said.rules) == (422, {"known"}), said.body
    assert firm.rows() == before
    rates = [{"currency": "EUR", "to_currency": "JPY", "on_date": "2026-01-01", "rate": "160"}]
    assert shop.api.post("/exchange-rates", {"rates": rates}).status in (200, 201)
    assert shop.api.post("/books", body).status == 201
    assert shop.api.get("/valuation/total?book=yen").body["value"] == "1600"
