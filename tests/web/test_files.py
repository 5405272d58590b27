"""Pictures and papers of items, documents, suppliers and customers."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.parties import queries as parties


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (4, 3), "teal").save(content, "PNG")
    return SimpleUploadedFile("seal.png", content.getvalue(), "image/png")


def paper(text: bytes = b"Delivered complete.") -> SimpleUploadedFile:
    return SimpleUploadedFile("note.txt", text, "text/html")


def owners(shop: Shop) -> dict[str, tuple[str, int, str]]:
    """owner -> (role that keeps files, id, path of its page)."""
    document_id = shop.receive("SEAL-35", 1, "2.00").documents[0].document_id
    with db.company_transaction(company_id=shop.company_id):
        party_id = parties.party_ids(shop.company_id, ["NORDIC"])["NORDIC"]
    item_id = shop.item_ids["SEAL-35"]
    return {
        "item": ("buyer", item_id, f"items/{item_id}"),
        "document": ("warehouse", document_id, f"stock/documents/{document_id}"),
        "party": ("buyer", party_id, f"parties/{party_id}"),
    }


@pytest.mark.parametrize("owner", ["item", "document", "party"])
def test_files_are_kept_shown_read_and_taken_away(shop: Shop, owner: str):
    role, owner_id, page = owners(shop)[owner]
    client, base = shop.client(role), shop.url(f"files/{owner}/{owner_id}")
    empty = client.post(f"{base}/new", {"file": paper(b""), "title": ""})
    assert empty.status_code == 422
    assert client.post(f"{base}/new", {"file": paper(), "title": "Delivery note"}).status_code == 302
    assert client.post(f"{base}/new", {"file": picture(), "title": ""}).status_code == 302
    assert (
        client.post(f"{base}/new", {"file": paper(), "title": "Again"}).status_code == 302
    )  # the same content
    files = client.get(shop.url(page)).context["files"]
    [note], [photo] = files["papers"], files["pictures"]
    assert note["title"] == "Delivery note"
    answer = client.get(f"{base}/{note['id']}")
    assert answer.content == b"Delivered complete."
    assert answer.headers["Content-Type"] == "text/plain"  # what it is, not what it claims
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "<img" in text_of(client.get(shop.url(page)))
    assert client.post(f"{base}/{photo['id']}/remove").status_code == 302
    assert client.get(f"{base}/{photo['id']}").status_code == 404


@pytest.mark.parametrize("owner", ["item", "document", "party"])
def test_wrong_roles_and_companies_neither_keep_nor_remove(shop: Shop, owner: str):
    role, owner_id, _page = owners(shop)[owner]
    base = shop.url(f"files/{owner}/{owner_id}")
    assert shop.client(role).post(f"{base}/new", {"file": paper(), "title": ""}).status_code == 302
    auditor = shop.client("auditor")
    refused = auditor.post(f"{base}/new", {"file": paper(b"x"), "title": ""})
    assert refused.status_code == 403
    assert "These roles may" in text_of(refused)
    file_id = shop.client("auditor").get(shop.url(_page)).context["files"]["papers"][0]["id"]
    assert auditor.post(f"{base}/{file_id}/remove").status_code == 403
    assert auditor.get(f"{base}/{file_id}").status_code == 200
    other = new_shop()
    stranger = other.client("administrator")
    assert stranger.get(other.url(f"files/{owner}/{owner_id}/{file_id}")).status_code == 404
    assert stranger.post(other.url(f"files/{owner}/{owner_id}/{file_id}/remove")).status_code == 404
    away = stranger.post(other.url(f"files/{owner}/{owner_id}/new"), {"file": paper(b"y"), "title": ""})
    assert away.status_code == 404
    assert auditor.get(f"{base}/{file_id}").status_code == 200


def test_there_are_files_only_of_what_has_files(shop: Shop):
    assert shop.client("administrator").get(shop.url("files/nonsense/1/new")).status_code == 404
