"""Imports from the page: check, read what is wrong, load."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.shop import Shop, text_of

from wherewithal.kit import jobs

GOOD = b"sku,name,kind,base_unit\nNUT-1,Nut M8,spare,pcs\nNUT-2,Nut M10,spare,pcs\n"
BAD = b"sku,name,kind,base_unit\nNUT-1,Nut M8,nonsense,pcs\n,Nut M10,spare,pcs\n"


def upload(shop: Shop, content: bytes, do: str, role: str = "administrator", **changes: str) -> Any:
    file = SimpleUploadedFile("nuts.csv", content, "text/csv")
    data = {"kind": "items", "mode": "all_or_nothing", "mapping": "", "do": do, "file": file, **changes}
    return shop.client(role).post(shop.url("imports"), data)


@pytest.mark.django_db(transaction=True)
def test_check_then_load(committed_shop: Shop):
    shop = committed_shop
    before = shop.count("items_item")
    response = upload(shop, GOOD, "check")
    assert response.status_code == 302
    client = shop.client("administrator")
    assert "Waiting" in text_of(client.get(response.headers["Location"]))
    jobs.drain()
    checked = text_of(client.get(response.headers["Location"]))
    assert "Every row was understood" in checked
    assert shop.count("items_item") == before
    loaded = client.post(response.headers["Location"] + "/load")
    jobs.drain()
    assert "Loaded" in text_of(client.get(loaded.headers["Location"]))
    assert shop.count("items_item") == before + 2


@pytest.mark.django_db(transaction=True)
def test_all_faults_of_all_rows_are_named_and_nothing_is_written(committed_shop: Shop):
    shop = committed_shop
    before = shop.count("items_item")
    response = upload(shop, BAD, "load")
    jobs.drain()
    page = shop.client("administrator").get(response.headers["Location"])
    problems = page.context["table"].rows
    assert [problem["line"] for problem in problems] == [2, 3]
    assert "nonsense" in text_of(page)
    assert "all rows are loaded, or none" in text_of(page)
    assert shop.count("items_item") == before


def test_a_role_may_import_only_what_it_may_write(shop: Shop):
    assert upload(shop, GOOD, "load", role="buyer", kind="locations").status_code == 403
    assert upload(shop, GOOD, "load", role="planner").status_code == 403
    assert shop.count("feeds_import") == 0


def test_no_file_is_an_error_beside_the_field(shop: Shop):
    data = {"kind": "items", "mode": "all_or_nothing", "do": "check"}
    response = shop.client("administrator").post(shop.url("imports"), data)
    assert response.status_code == 422
