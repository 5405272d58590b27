"""Suppliers and customers from the pages."""

import pytest
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.parties import queries as parties

FORM = {"code": "BOLT", "name": "Bolt & Sons", "is_supplier": "on", "country": "DE", "active": "on"}


def party_id(shop: Shop, code: str) -> int:
    with db.company_transaction(company_id=shop.company_id):
        return parties.party_ids(shop.company_id, [code])[code]


def test_a_supplier_is_added_changed_and_found(shop: Shop):
    client = shop.client("buyer")
    wrong = client.post(shop.url("parties/new"), FORM | {"tax_id": "DE123"})
    assert wrong.status_code == 422
    assert 'id="id_tax_id_error"' in text_of(wrong)
    neither = {name: value for name, value in FORM.items() if name != "is_supplier"}
    assert client.post(shop.url("parties/new"), neither).status_code == 422
    added = client.post(shop.url("parties/new"), FORM)
    assert added.headers["Location"] == shop.url(f"parties/{party_id(shop, 'BOLT')}")
    changed = client.post(added.headers["Location"] + "/change", FORM | {"phone": "+49 8382 1"})
    assert changed.status_code == 302
    seen = text_of(client.get(added.headers["Location"]))
    assert "+49 8382 1" in seen
    assert "Bolt &amp; Sons" in seen
    listed = text_of(client.get(shop.url("parties?q=bolt")))
    assert "BOLT" in listed
    assert "NORDIC" not in listed
    assert "LINDAU" not in text_of(client.get(shop.url("parties?part=supplier")))


def test_the_documents_of_a_supplier_are_on_their_page(shop: Shop):
    line = {
        "lines-0-item": "SEAL-35",
        "lines-0-qty": "2",
        "lines-0-to_location": "A-1",
        "lines-0-unit_cost": "1",
    }
    head = {"lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "effective_at": "2026-03-02T13:00"}
    data = head | line | {"idempotency_key": "k", "party": "NORDIC", "reference": "DN 77"}
    assert shop.client("warehouse").post(shop.url("stock/documents/new/receipt"), data).status_code == 302
    client = shop.client("auditor")
    assert "DN 77" in text_of(client.get(shop.url(f"parties/{party_id(shop, 'NORDIC')}")))
    assert "DN 77" not in text_of(client.get(shop.url(f"parties/{party_id(shop, 'LINDAU')}")))


@pytest.mark.parametrize("path", ["parties/new", "parties/{id}/change"])
def test_a_wrong_role_is_told_who_may_and_nothing_changes(shop: Shop, path: str):
    address = shop.url(path.format(id=party_id(shop, "NORDIC")))
    refused = shop.client("warehouse").post(address, FORM)
    assert refused.status_code == 403
    assert "Buyer" in text_of(refused)
    assert shop.count("parties_party") == 2


def test_those_of_another_company_are_not_there(shop: Shop):
    theirs = party_id(new_shop(), "NORDIC")
    client = shop.client("administrator")
    assert client.get(shop.url(f"parties/{theirs}")).status_code == 404
    assert client.post(shop.url(f"parties/{theirs}/change"), FORM).status_code == 404
