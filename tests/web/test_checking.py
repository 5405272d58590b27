"""Forms checked while they are filled in: by their own views and use cases, and nothing of it stays."""

import re
import threading
from html import unescape
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.shop import Shop, text_of
from tests.web.test_documents import form
from tests.web.test_every_page import addresses

from wherewithal.kit import db

RECEIPT = "stock/documents/new/receipt"
GOOD = {"item": "SEAL-35", "qty": "3", "to_location": "A-1", "unit_cost": "2"}


def check(client: Any, url: str, data: dict[str, str], how: str = "all") -> Any:
    return client.post(url, data, headers={"X-Check": how})


def faults(answer: Any) -> dict[str, list[str]]:
    return {fault["name"]: fault["texts"] for fault in answer.json()["faults"]}


def test_fields_and_rules_are_judged_line_by_line_and_nothing_is_written(shop: Shop):
    client, url = shop.client("warehouse"), shop.url(RECEIPT)
    wrong = check(client, url, form(GOOD, {"item": "NO-SUCH", "qty": "minus"}, {}, effective_at="soon"))
    found = faults(wrong)
    assert found.keys() == {"effective_at", "lines-1-item", "lines-1-qty"}  # an empty line says nothing
    assert found["lines-1-item"] == ["There is no item “NO-SUCH”."]
    ids = {fault["name"]: fault["id"] for fault in wrong.json()["faults"]}
    assert ids["lines-1-qty"] == "id_lines-1-qty"

    ruled = check(client, url, form(GOOD, {**GOOD, "item": "SEAL-40", "qty": "2.5"}))
    [text] = faults(ruled).pop("lines-1-qty")
    assert "SEAL-40 is counted in whole pcs" in text
    assert check(client, url, form()).json() == {"faults": [], "whole": ["Fill in at least one line."]}

    passed = check(client, url, form(GOOD))
    assert passed.json() == {"faults": [], "whole": []}
    assert (shop.moves(), shop.count("stock_document"), shop.count("ledger_entry")) == ([], 0, 0)
    assert "is recorded" not in text_of(client.get(shop.url("")))  # no toast is left over
    assert client.post(url, form(GOOD)).status_code == 302  # the same key: the check did not use it up
    assert len(shop.moves()) == 1


def test_every_kind_of_form_is_checked_by_the_same_means(shop: Shop):
    items = shop.client("planner")
    new = {"sku": "SEAL-35", "name": "", "kind": "spare", "category_code": "spare", "base_unit_code": "pcs"}
    found = faults(check(items, shop.url("items/new"), new | {"tracking": "0", "qty_decimals": "0"}))
    assert found["name"] == ["This field is required."]
    taken = check(items, shop.url("items/new"), new | {"name": "Seal", "tracking": "0", "qty_decimals": "0"})
    assert list(faults(taken)) == ["sku"]
    before = shop.count("items_item")
    free = new | {"sku": "SEAL-36", "name": "Seal", "tracking": "0", "qty_decimals": "0"}
    assert check(items, shop.url("items/new"), free).json() == {"faults": [], "whole": []}
    assert shop.count("items_item") == before

    ledger = shop.client("controller")
    lines = {"lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0", "idempotency_key": "k", "description": "x"}
    lines |= {
        "lines-0-account": "1200",
        "lines-0-debit": "5",
        "lines-1-account": "5000",
        "lines-1-credit": "4",
    }
    entry = check(ledger, shop.url("finance/entries/new"), lines | {"effective_on": "2026-03-02"}).json()
    assert entry["faults"] or entry["whole"]  # it does not balance
    assert shop.count("ledger_entry") == 0
    # Where the use case takes long, only the fields are asked.
    fields_only = check(items, shop.url("items/new"), new | {"name": "Seal"}, "fields")
    assert "sku" not in faults(fields_only)


FORM = re.compile(r'<form method="post"([^>]* data-(?:guard|check)[^>]*)>(.*?)</form>', re.S)
WITH_FORMS = re.compile(
    r"new|change|price-|reverse|record/|parts$|to-|from-|unit|costing$|tokens|rates|class|cent|runs$|periods$|packs/"
)
ATTRIBUTE = re.compile(r' ([\w-]+)="([^"]*)"')
INPUT = re.compile(r'<(?:input|textarea)[^>]* name="([^"]+)"[^>]*?(?: value="([^"]*)")?[^>]*>')
CHOICE = re.compile(r'<select name="([^"]+)".*?<option value="([^"]*)"(?: selected)?>', re.S)


def rows_of(shop: Shop) -> dict[str, int]:
    """How many rows of the company each table has."""
    with db.company_transaction(company_id=shop.company_id):
        names = db.fetch_all(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'company_id'"
            " AND table_schema = 'public'"
        )
        sql = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for (name,) in names)
        return dict(db.fetch_all(sql))


def test_no_form_of_any_page_keeps_anything_of_its_check(shop: Shop):
    client, checked = shop.client("administrator"), []
    pages = [address for address in addresses(shop) if WITH_FORMS.search(address)]
    before = rows_of(shop)
    for address in pages:
        response = client.get(address)
        if response.status_code != 200 or "html" not in response.headers["Content-Type"]:
            continue
        for attributes, body in FORM.findall(text_of(response)):
            has = dict(ATTRIBUTE.findall(attributes))
            values = {name: unescape(value) for name, value in [*INPUT.findall(body), *CHOICE.findall(body)]}
            answer = check(
                client,
                unescape(has.get("action", address)),
                values,
                has.get("data-guard") or has.get("data-check") or "all",
            )
            assert "json" in answer.headers["Content-Type"], address
            assert answer.json().keys() == {"faults", "whole"}, address
            checked.append(address)
    assert rows_of(shop) == before
    assert len(checked) > 25, checked


def test_a_check_asks_for_the_same_right_as_recording(shop: Shop):
    assert check(shop.client("auditor"), shop.url(RECEIPT), form(GOOD)).status_code == 403
    assert check(shop.client("warehouse"), "/c/elsewhere/" + RECEIPT, form(GOOD)).status_code == 404


def test_a_check_keeps_no_file_and_only_forms_of_companies_are_checked(shop: Shop, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    client = shop.client("administrator")
    given = {"file": SimpleUploadedFile("a.txt", b"hello"), "title": "x"}
    answer = check(client, shop.url(f"files/item/{shop.item_ids['RESIN']}/new"), given)
    assert answer.json() == {"faults": [], "whole": []}
    assert (list(tmp_path.rglob("*")), shop.count("items_attachment")) == ([], 0)
    assert check(client, "/language", {"language": "de", "back": "/"}).status_code == 400
    assert '<html lang="en">' in text_of(client.get(shop.url("")))  # nor was it done


def test_a_preview_and_a_check_give_way_to_those_who_record(committed_shop: Shop):
    shop = committed_shop
    shop.receive("SEAL-35", 5, "2.00")
    client, url = shop.client("warehouse"), shop.url("stock/documents/new/issue")
    data = form({"item": "SEAL-35", "qty": "1", "from_location": "A-1"}, effective_at="2026-03-03T13:00")
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with db.company_transaction(company_id=shop.company_id, actor_id=shop.admin_id):
                db.execute(
                    "SELECT 1 FROM stock_item_lock WHERE company_id = %s FOR UPDATE", (shop.company_id,)
                )
                held.set()
                free.wait(120)
        finally:
            db.connection.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(120)
    look = text_of(client.post(url, data | {"preview": "1"}, headers={"HX-Request": "true"}))
    judged = check(client, url, data).json()
    free.set()
    other.join()
    assert "Others are just writing the same things" in look  # asked again in a moment, by the page itself
    assert judged == {"faults": [], "whole": []}
    look = text_of(client.post(url, data | {"preview": "1"}, headers={"HX-Request": "true"}))
    assert "Others are just writing" not in look
    assert "SEAL-35" in look
    assert shop.on_hand("SEAL-35") == 5
