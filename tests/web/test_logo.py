"""The company's logo: kept in small, shown beside the name and on documents, taken away; by administrators alone."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Logo


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def picture(wide: int, high: int, kind: str = "PNG", colours: str = "RGB") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new(colours, (wide, high)).save(content, kind)
    return SimpleUploadedFile("logo.png", content.getvalue(), "image/png")


def logo_of(shop: Shop) -> Logo | None:
    with db.company_transaction(company_id=shop.company_id):
        return ledger.company(shop.company_id).logo


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def pictures_in(shop: Shop) -> int:
    answer = shop.client("controller").get(shop.url("finance/trial-balance?export=pdf"))
    assert answer.status_code == 200
    return answer.content.count(b"/Subtype/Image") + answer.content.count(b"/Subtype /Image")


def test_a_logo_is_kept_shown_printed_and_taken_away(shop: Shop, folder: Path):
    client, url = shop.client("administrator"), shop.url("company/logo")
    assert client.get(url).status_code == 404
    assert pictures_in(shop) == 0
    assert 'class="monogram"' in client.get(shop.url("")).content.decode()

    # 1,600 by 400 points are kept as 640 by 160, whatever they were: here a JPEG for printing.
    sent = client.post(f"{url}/change", {"file": picture(1600, 400, "JPEG", "CMYK")}, follow=True)
    assert "The logo is kept." in text_of(sent)
    logo = logo_of(shop)
    assert logo is not None
    assert (logo.wide, logo.high) == (640, 160)
    home = shop.client("warehouse").get(shop.url("")).content.decode()
    assert f"company/logo?v={logo.mark}" in home
    assert 'class="monogram"' not in home
    shown = shop.client("warehouse").get(url, {"v": logo.mark})
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert shown.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(BytesIO(shown.content)) as image:
        assert (image.format, image.size) == ("PNG", (640, 160))
    assert pictures_in(shop) >= 1
    trail = text_of(client.get(shop.url("trail"), headers={"Accept-Language": "de"}))
    assert "Einstellungen" in trail
    assert "logo" in trail

    # What a camera turned is turned, also where it is made smaller twice: 6000 by 3000 points stand on end.
    turned, exif = BytesIO(), Image.Exif()
    exif[274] = 6
    Image.new("L", (6000, 3000)).save(turned, "JPEG", exif=exif)
    client.post(f"{url}/change", {"file": SimpleUploadedFile("l.jpg", turned.getvalue())})
    on_end = logo_of(shop)
    assert on_end is not None
    assert (on_end.wide, on_end.high) == (160, 320)
    client.post(f"{url}/change", {"file": picture(1600, 400, "JPEG", "CMYK")})
    assert logo_of(shop) == logo

    # A name that is changed keeps it; another picture takes its place; the content of the first stays on disk.
    with db.company_transaction(company_id=shop.company_id):
        name = ledger.company(shop.company_id).name
    client.post(shop.url("company/change"), {"name": f"{name} & Co", "country": "AT"})
    assert logo_of(shop) == logo
    assert client.post(f"{url}/change", {"file": picture(64, 64)}).status_code == 302
    second = logo_of(shop)
    assert second is not None
    assert second != logo
    assert len(kept(folder)) == 3

    assert client.get(f"{url}/remove").status_code == 302
    assert logo_of(shop) == second
    assert client.post(f"{url}/remove").status_code == 302
    assert logo_of(shop) is None
    assert client.get(url).status_code == 404
    assert pictures_in(shop) == 0


def test_a_document_without_the_file_is_made_without_the_logo(shop: Shop, folder: Path):
    client = shop.client("administrator")
    client.post(shop.url("company/logo/change"), {"file": picture(64, 64)})
    for path in kept(folder):
        path.unlink()
    assert client.get(shop.url("company/logo")).status_code == 404
    assert pictures_in(shop) == 0


def test_what_is_no_logo_is_refused_and_nothing_is_kept(shop: Shop, folder: Path):
    client, url = shop.client("administrator"), shop.url("company/logo/change")
    whole = picture(64, 64).read()
    wrong = {
        "at most 2 MB": SimpleUploadedFile("l.png", whole + b"\0" * 2 * 1024 * 1024),
        "A logo is a picture": SimpleUploadedFile("l.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        "at least 32": picture(64, 31),
        "is damaged": SimpleUploadedFile("l.png", whole[:-30]),
        "is empty": SimpleUploadedFile("l.png", b""),
    }
    for text, file in wrong.items():
        refused = client.post(url, {"file": file})
        assert refused.status_code == 422
        assert text in text_of(refused)
    assert client.post(url).status_code == 422
    assert (logo_of(shop), kept(folder)) == (None, [])


def test_the_wrong_role_and_the_wrong_company_are_refused(shop: Shop, folder: Path):
    client = shop.client("administrator")
    client.post(shop.url("company/logo/change"), {"file": picture(64, 64)})
    before = logo_of(shop)
    for role in ("controller", "auditor"):
        assert shop.client(role).get(shop.url("company/logo")).status_code == 200
        for path in ("change", "remove"):
            refused = shop.client(role).post(shop.url(f"company/logo/{path}"), {"file": picture(99, 99)})
            assert refused.status_code == 403
    other = new_shop()
    stranger = other.client("administrator")
    for path in ("", "/change", "/remove"):
        assert stranger.get(shop.url(f"company/logo{path}")).status_code == 404
    assert stranger.post(shop.url("company/logo/remove")).status_code == 404
    assert logo_of(shop) == before
    assert len(kept(folder)) == 1
