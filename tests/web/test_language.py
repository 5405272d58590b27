"""Languages: each person's own, else the browser's; right to left; what refuses an unknown one."""

import re

from tests.web.shop import Shop, text_of

from wherewithal.people.models import User


def head_of(response) -> str:
    found = re.search(r"<html[^>]*>", response.content.decode())
    assert found is not None
    return found[0]


def test_each_reads_in_a_language_of_ones_own(shop: Shop, settings):
    client, home, choose = shop.client("warehouse"), shop.url(""), "/language"
    assert head_of(client.get(home)) == '<html lang="en">'
    assert (
        head_of(client.get(home, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}))
        == '<html lang="de">'
    )
    assert head_of(client.get(home, headers={"Accept-Language": "fr"})) == '<html lang="en">'

    chosen = client.post(choose, {"language": "de", "back": home})
    assert (chosen.status_code, chosen["Location"]) == (302, home)
    page = client.get(home, headers={"Accept-Language": "en"})
    assert head_of(page) == '<html lang="de">'
    assert head_of(shop.client("auditor").get(home)) == '<html lang="en">'  # it is one's own

    for away in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""):
        assert client.post(choose, {"language": "de", "back": away})["Location"] == "/"
    for wrong in ("fr", "de'; --", "x" * 50):
        refused = client.post(choose, {"language": wrong, "back": home})
        assert refused.status_code == 400
        assert User.objects.filter(language=wrong).count() == 0
    assert client.get(choose).status_code == 405
    assert client.post(choose, {"language": "", "back": home}).status_code == 302
    assert head_of(client.get(home, headers={"Accept-Language": "en"})) == '<html lang="en">'
    client.logout()
    assert client.post(choose, {"language": "de"})["Location"].startswith("/accounts/login/")

    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    reader = shop.client("auditor")
    mirrored = reader.get(home, headers={"Accept-Language": "ar"})
    assert head_of(mirrored) == '<html lang="ar" dir="rtl">'
    assert "vendor/tabler.rtl" in mirrored.content.decode()
    assert "العربيّة" in text_of(mirrored)
