"""What is recorded about a document on record, long transfers and production; each seen before it is posted."""

from typing import Any

import pytest
from tests.web.shop import Shop, new_shop, text_of
from tests.web.test_documents import balance, form, post


def head(key: str = "k", **more: str) -> dict[str, str]:
    return {"effective_at": "2026-03-04T09:00", "idempotency_key": key, **more}


def url(shop: Shop, document: Any, about: str) -> str:
    return shop.url(f"stock/documents/{document.document_id}/{about}")


def look(client: Any, path: str, data: dict[str, str]) -> str:
    response = client.post(path, data | {"preview": "1"}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return text_of(response)


def test_a_receipt_is_seen_before_it_is_posted(shop: Shop):
    line = {"item": "SEAL-35", "qty": "48", "to_location": "A-1", "unit_cost": "2.50"}
    path = shop.url("stock/documents/new/receipt")
    seen = look(shop.client("administrator"), path, form(line))
    for word in ("SEAL-35", "SUPPLIER", "A-1", "1200", "120.00"):
        assert word in seen, word
    assert shop.moves() == []
    assert shop.count("ledger_entry") == shop.count("stock_batch") == 0
    assert post(shop, "receipt", form(line)).status_code == 302  # with the same key: nothing was taken
    assert balance(shop, "1200") == 12_000


def test_a_preview_shows_amounts_only_to_those_who_see_the_ledger(shop: Shop):
    shop.receive("SEAL-35", 10, "2.50")
    line = {"item": "SEAL-35", "qty": "4", "from_location": "A-1"}
    path = shop.url("stock/documents/new/issue")
    clerk = look(shop.client("warehouse"), path, form(line, effective_at="2026-03-03T09:00"))
    assert "SEAL-35" in clerk
    assert "10.00" not in clerk
    assert "10.00" in look(shop.client("administrator"), path, form(line, effective_at="2026-03-03T09:00"))


def test_a_preview_says_what_stands_in_the_way(shop: Shop):
    line = {"item": "SEAL-35", "qty": "4", "from_location": "A-1"}
    path = shop.url("stock/documents/new/issue")
    assert "cannot be recorded yet" in look(shop.client("warehouse"), path, form(line))
    assert "Fill in the form" in look(shop.client("warehouse"), path, form({"item": "NO-SUCH"}))
    assert shop.count("stock_batch") == 0


def test_freight_of_goods_partly_sold_goes_partly_to_cost_of_sales(shop: Shop):
    """IAS 2.10: 10 received at 2.00, 4 sold, freight 5.00: 3.00 stays in stock, 2.00 is cost of sales."""
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    line = {"item": "SEAL-35", "qty": "4", "from_location": "A-1"}
    assert post(shop, "issue", form(line, key="sale", effective_at="2026-03-03T09:00")).status_code == 302
    client, path = shop.client("controller"), shop.url("stock/documents/new/landed_cost")
    seen = text_of(client.get(shop.url(f"stock/documents/{received.document_id}")))
    assert f"landed_cost?receipt={received.number}" in seen
    begun = text_of(client.get(f"{path}?receipt={received.number}"))
    assert f'value="{received.number}/1"' in begun
    assert "SEAL-35 Shaft seal 35x52x7, 10 pcs" in begun  # what the code stands for
    data = form({"receipt": f"{received.number}/1"}, amount="5.00", allocate_by="value", party="NORDIC")
    seen = look(client, path, data)
    assert "5.00" in seen
    assert "2.00" in seen
    assert balance(shop, "1200") == 1_200
    assert client.post(path, data).status_code == 302
    assert (balance(shop, "1200"), balance(shop, "5000")) == (1_500, 1_000)


def test_freight_by_hand_and_a_corrected_price(shop: Shop):
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    field, client = f"move_{received.move_ids[0]}", shop.client("controller")
    path, line = shop.url("stock/documents/new/landed_cost"), {"receipt": received.number}
    assert client.post(path, form(line, allocate_by="value")).status_code == 422
    assert client.post(path, form(line, allocate_by="manual")).status_code == 422
    assert client.post(path, form(line | {"amount": "1.50"}, allocate_by="manual")).status_code == 302
    assert balance(shop, "1200") == 2_150
    path = url(shop, received, "price-correction")
    assert client.post(path, head("k2") | {field: "-0.50"}).status_code == 302
    assert balance(shop, "1200") == 2_100


def test_a_quantity_is_corrected_at_its_own_moment(shop: Shop):
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    path, client = url(shop, received, "amendment"), shop.client("controller")
    assert client.post(path, head() | {f"move_{received.move_ids[0]}": "-3"}).status_code == 302
    assert shop.on_hand("SEAL-35") == 7
    assert balance(shop, "1200") == 1_400


def test_a_reversal_is_seen_before_it_is_posted(shop: Shop):
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    seen = look(shop.client("controller"), url(shop, received, "reverse"), {"note": ""})
    assert "20.00" in seen
    assert shop.on_hand("SEAL-35") == 10


@pytest.mark.parametrize(
    ("role", "about", "who_may"),
    [
        ("warehouse", "price-correction", "Controller"),
        ("warehouse", "amendment", "Controller"),
        ("auditor", "return-to-supplier", "Warehouse"),
    ],
)
def test_wrong_roles_are_told_who_may_and_nothing_is_written(shop: Shop, role: str, about: str, who_may: str):
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    data = head(amount="5") | {f"move_{received.move_ids[0]}": "1"}
    response = shop.client(role).post(url(shop, received, about), data)
    assert response.status_code == 403
    assert who_may in text_of(response)
    assert shop.count("stock_document") == 1


def test_another_companys_document_is_not_there(shop: Shop):
    theirs = new_shop().receive("SEAL-35", 10, "2.00").documents[0]
    client = shop.client("administrator")
    for about in ("return-to-supplier", "price-correction", "reverse"):
        assert client.get(url(shop, theirs, about)).status_code == 404


def test_what_does_not_fit_a_document_is_not_there(shop: Shop):
    received = shop.receive("SEAL-35", 10, "2.00").documents[0]
    client = shop.client("administrator")
    assert client.get(url(shop, received, "return-from-customer")).status_code == 404
    assert client.get(url(shop, received, "nonsense")).status_code == 404


def test_a_long_transfer_goes_through_transit(shop: Shop):
    shop.receive("SEAL-35", 10, "2.00")
    sent = {"item": "SEAL-35", "qty": "4", "from_location": "A-1", "to_location": "TRANSIT"}
    response = post(shop, "dispatch", form(sent, key="s", effective_at="2026-03-03T09:00"))
    assert response.status_code == 302
    assert balance(shop, "1200") == 2_000  # one cost for the whole company: on its way it is still ours
    waiting = text_of(shop.client("warehouse").get(shop.url("stock/transit")))
    assert "SEAL-35" in waiting
    taken = {"item": "SEAL-35", "qty": "4", "from_location": "TRANSIT", "to_location": "A-2"}
    assert post(shop, "arrival", form(taken, key="a", effective_at="2026-03-05T09:00")).status_code == 302
    assert balance(shop, "1200") == 2_000
    assert "Nothing is on its way" in text_of(shop.client("warehouse").get(shop.url("stock/transit")))


def test_production_gives_its_outputs_what_its_inputs_cost_and_what_was_added(shop: Shop):
    """8 seals at 2.00 and labour of 4.00 become 4 of another: 20.00, 5.00 each."""
    shop.receive("SEAL-35", 10, "2.00")
    lines = (
        {"part": "in", "item": "SEAL-35", "qty": "8", "place": "A-1"},
        {"part": "out", "item": "SEAL-40", "qty": "4", "place": "A-2"},
    )
    data = form(*lines, effective_at="2026-03-03T09:00", added_cost="4.00")
    seen = look(shop.client("administrator"), shop.url("stock/documents/new/production"), data)
    assert "4.00" in seen  # 20.00 less 16.00: both on the account of goods, whose entry is their difference
    assert post(shop, "production", data, role="planner").status_code == 302
    assert (shop.on_hand("SEAL-35"), shop.on_hand("SEAL-40")) == (2, 4)
    assert balance(shop, "1200") == 400 + 2_000


def test_opening_stock_and_goods_that_never_lie_here(shop: Shop):
    opening = {"item": "SEAL-35", "qty": "10", "to_location": "A-1", "unit_cost": "2"}
    assert post(shop, "opening", form(opening)).status_code == 302
    assert balance(shop, "1200") == 2_000
    direct = {"item": "SEAL-40", "qty": "2", "unit_cost": "3"}
    assert post(shop, "dropship", form(direct, key="d", party="NORDIC")).status_code == 302
    assert shop.on_hand("SEAL-40") == 0
    assert balance(shop, "5000") == 600


def test_the_list_finds_documents_by_kind_number_and_reference(shop: Shop):
    line = {"item": "SEAL-35", "qty": "10", "to_location": "A-1", "unit_cost": "2"}
    assert post(shop, "receipt", form(line, party="NORDIC", reference="DN 77")).status_code == 302
    gone = {"item": "SEAL-35", "qty": "4", "from_location": "A-1"}
    assert post(shop, "issue", form(gone, key="i", effective_at="2026-03-03T09:00")).status_code == 302
    client = shop.client("auditor")
    every = client.get(shop.url("stock/documents")).context["table"].rows
    assert [row.kind for row in every] == ["issue", "receipt"]
    for query in ("kind=receipt", "q=DN+7", f"q={every[1].number}"):
        rows = client.get(shop.url(f"stock/documents?{query}")).context["table"].rows
        assert [row.reference for row in rows] == ["DN 77"], query
    assert client.get(new_shop().url("stock/documents")).status_code == 404
