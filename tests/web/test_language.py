"""Languages: each person's own, else the browser's; right to left; what refuses an unknown one."""

import re

import pytest
from django.utils import translation
from tests.web.depot import new_depot
from tests.web.german import english_with_german, texts_of
from tests.web.shop import Shop, text_of
from tests.web.test_documents import form

from wherewithal.core.depreciation.packs import pack_codes
from wherewithal.items import services as items
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.kit.words import translated
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services as ledger_services
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


def test_refusals_write_figures_as_their_reader_does(shop: Shop):
    """5 kg are there; 9.999 are asked for. -4.999 kg in a German sentence would be read as thousands."""
    [shop.item_ids["FLOUR"]] = items.create_items(
        company_id=shop.company_id,
        actor_id=shop.admin_id,
        items=[ItemDraft("FLOUR", "Flour", "spare", "spare", "kg", 3)],
    )
    shop.receive("FLOUR", 5, "2.00")
    lines = {"item": "FLOUR", "qty": "9,999", "from_location": "A-1"}
    url, headers = shop.url("stock/documents/new/issue"), {"X-Check": "all", "Accept-Language": "de"}
    asked = shop.client("warehouse").post(url, form(lines), headers=headers)
    [fault] = asked.json()["faults"]
    assert re.match("FLOUR an A-1 fiele auf \u22124,999 kg, am ", fault["texts"][0])
    text = "FLOUR at A-1 would fall to -4.999 kg on "
    asked = shop.client("warehouse").post(url, form(lines | {"qty": "9.999"}), headers={"X-Check": "all"})
    assert asked.json()["faults"][0]["texts"][0].startswith(text)


def test_the_life_of_an_asset_is_refused_in_german(shop: Shop):
    depot = new_depot(shop)
    asset = depot.buy("12000.00")
    refused = {
        "back_to_use": "Die Anlage wurde an diesem Tag nicht zur Veräußerung gehalten.",
        "in_service": "Die Anlage ist schon in Betrieb: Berichtigen Sie den Fehler oder ändern Sie die Schätzung.",
        "resume": "Die Anlage war an diesem Tag nicht stillgelegt.",
    }
    for kind, text in refused.items():
        with pytest.raises(Refused) as error, translation.override("de"):
            depot.event(kind, asset, "2026-04-30")
        with translation.override("de"):
            assert text in [translated(one.message) for one in error.value.problems]


PAGES = (
    "",
    "stock/on-hand",
    "stock/moves",
    "stock/documents/new/receipt",
    "items",
    "lots",
    "parties",
    "assets",
    "assets/new",
    "assets/reports",
    "finance/valuation",
    "finance/entries",
    "finance/balance-sheet",
    "finance/manual",
    "people/roles",
    "imports",
    "jobs",
    "verify",
    "company",
)


def test_a_german_reads_german(shop: Shop):
    """No sentence that has a translation is left in English; figures and days are as they are written there."""
    shop.receive("SEAL-35", 3, "411.52")
    client, english = shop.client("administrator", "asset_accountant"), english_with_german()
    with db.company_transaction(company_id=shop.company_id):
        english -= {account.name for account in ledger.accounts(shop.company_id)}  # the company's own words
    client.post("/language", {"language": "de", "back": "/"})
    left, seen = {}, set()
    for page in PAGES:
        found = texts_of(client.get(shop.url(page)))
        left |= dict.fromkeys(found & english, page)
        seen |= found
    assert left == {}
    assert any("1.234,56" in text for text in seen)
    assert any(re.search(r"\b\d\d\.\d\d\.20\d\d\b", text) for text in seen)
    refused = client.post(shop.url("people/new"), {"username": "anton", "roles": ["warehouse"]})
    assert refused.status_code == 422
    assert not texts_of(refused) & english

    missing = client.get(shop.url("stock/documents/999999999"))
    assert missing.status_code == 404
    assert not texts_of(missing) & english


def test_who_sets_up_in_german_gets_german_accounts_and_classes(shop: Shop):
    """They are the company's own from then on: whoever reads in English reads the same."""
    code = shop.code[:28] + "DE"
    german = {"Accept-Language": "de"}
    typed = {
        "name": "Nordwind GmbH",
        "code": code,
        "country": "DE",
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "fiscal_year_start_month": "1",
        "chart": "general",
        "book_name": "IFRS",
        "cost_scope": "company",
    }
    client = shop.client("administrator")
    form = texts_of(client.get("/companies/new", headers=german))
    assert "Vereinigte Staaten, nach Gepflogenheit unter US GAAP" in form
    begun = client.post("/companies/new", typed, headers=german)
    assert begun.headers["Location"] == f"/c/{code}/setup"
    install = client.post(f"/c/{code}/assets/classes/install", headers=german)
    assert install.status_code == 302
    accounts = texts_of(client.get(f"/c/{code}/company"))
    assert {"Vorräte", "Umsatzkosten", "Kumulierte Abschreibungen auf Werkzeuge"} <= accounts
    assert not {"Inventories", "Cost of sales", "Accumulated depreciation of tools"} & accounts
    assert "Anlagevermögen" in texts_of(client.get(f"/c/{code}/items/categories"))
    places = texts_of(client.get(f"/c/{code}/stock/locations"))
    assert {"Lieferanten", "Inventurdifferenzen"} <= places
    assert "Kubikmeter" in " ".join(texts_of(client.get(f"/c/{code}/items/units", headers=german)))
    assert "IT-Hardware" in texts_of(client.get(f"/c/{code}/assets/classes"))
    rules = texts_of(client.get(f"/c/{code}/assets/packs/de", headers=german))
    assert "Degressiv, das 2,5-Fache des linearen Satzes, höchstens 25 %" in rules
    assert "angeschafft von 01.01.2018" in " ".join(rules)
    assert "AHK von 250,01 bis 1.000" in " ".join(rules)
    for pack in pack_codes():
        assert client.get(f"/c/{code}/assets/packs/{pack}", headers=german).status_code == 200
    own = texts_of(shop.client("controller").get(shop.url("company"), headers=german))
    assert "Inventories" in own
    with pytest.raises(Refused):
        ledger_services.create_company(
            code=code + "X", name="x", country="DE", currency="EUR", timezone="UTC", language="tlh"
        )


def test_the_api_refuses_in_the_language_that_is_asked_for(shop: Shop):
    client = shop.client("warehouse")
    plain = client.get("/api/v1/items").json()
    german = client.get("/api/v1/items", headers={"Accept-Language": "de"}).json()
    assert plain["errors"][0]["rule"] == german["errors"][0]["rule"]
    assert plain["title"] == "A token is needed"
    assert german["title"] not in ("", plain["title"])
    assert client.get("/api/v1/items").json() == plain
