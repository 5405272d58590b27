"""Who sees what: sign-in, companies, permissions, headers."""

import pytest
from django.test import Client
from tests.web.shop import Shop, new_shop, text_of

READING = ["", "stock/on-hand", "stock/moves", "stock/locations", "items", "lots"]
MONEY = ["finance/valuation", "finance/entries", "finance/trial-balance", "finance/balance-sheet", "company"]


@pytest.mark.parametrize("path", READING + MONEY + ["imports", "verify", "find?text=seal"])
def test_strangers_are_sent_to_the_sign_in_page(shop: Shop, path: str):
    response = Client().get(shop.url(path))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_where_the_session_ended_a_part_of_a_page_asks_for_the_whole_page(shop: Shop):
    """Otherwise the page to sign in would stand inside of a list, or nothing at all."""
    for path in ("stock/on-hand", "home/charts/value", "finance/valuation?told=1", "find?text=seal"):
        response = Client().get(shop.url(path), headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Refresh"], response.content) == (200, "true", b"")
        assert (
            "HX-Refresh"
            not in shop.client("auditor").get(shop.url(path), headers={"HX-Request": "true"}).headers
        )


def test_another_company_does_not_exist(shop: Shop):
    other = new_shop("Second Ltd")
    client = shop.client("administrator")
    for path in ("", "items", f"items/{other.item_ids['SEAL-35']}", "finance/balance-sheet"):
        response = client.get(other.url(path))
        assert response.status_code == 404
        assert "Second Ltd" not in text_of(response)


def test_rows_of_another_company_are_not_found_under_ones_own(shop: Shop):
    other = new_shop()
    result = other.receive("SEAL-35", 5, "2.00")
    client = shop.client("administrator")
    document_id = result.documents[0].document_id
    for path in (
        f"items/{other.item_ids['SEAL-35']}",
        f"stock/documents/{document_id}",
        f"stock/moves/{result.documents[0].move_ids[0]}",
        f"stock/locations/{other.location_ids['A-1']}",
        f"finance/entries/{result.entry_ids[0]}",
    ):
        assert client.get(shop.url(path)).status_code == 404, path


@pytest.mark.parametrize(
    ("role", "path", "who_may"),
    [
        ("warehouse", "finance/balance-sheet", "Controller"),
        ("auditor", "stock/documents/new/receipt", "Warehouse"),
        ("auditor", "finance/entries/new", "Controller"),
        ("warehouse", "items/new", "Buyer"),
        ("planner", "imports", "Administrator"),
        ("warehouse", "gallery", "Administrator"),
        ("planner", "verify", "Auditor"),
    ],
)
def test_a_wrong_role_is_told_who_may(shop: Shop, role: str, path: str, who_may: str):
    response = shop.client(role).get(shop.url(path))
    assert response.status_code == 403
    assert "You may not" in text_of(response)
    assert who_may in text_of(response)


def test_a_wrong_role_cannot_write_by_posting_past_the_form(shop: Shop):
    client = shop.client("auditor")
    before = shop.count("stock_document"), shop.count("ledger_period")
    assert client.post(shop.url("stock/documents/new/receipt"), {}).status_code == 403
    assert (
        client.post(shop.url("company/periods"), {"end_on": "2026-01-31", "action": "close"}).status_code
        == 403
    )
    assert (shop.count("stock_document"), shop.count("ledger_period")) == before


def test_the_navigation_shows_only_what_one_may(shop: Shop):
    seen = text_of(shop.client("warehouse").get(shop.url()))
    assert "On hand" in seen
    assert "Receive" in seen
    assert "Balance sheet" not in seen
    assert "Verify" not in seen
    auditor = text_of(shop.client("auditor").get(shop.url()))
    assert "Balance sheet" in auditor
    assert "New movement" not in auditor


def test_a_page_without_money_shows_none(shop: Shop):
    result = shop.receive("SEAL-35", 5, "123.45")
    client = shop.client("warehouse")
    for path in (
        "",
        f"items/{shop.item_ids['SEAL-35']}",
        f"stock/moves/{result.documents[0].move_ids[0]}",
        f"stock/documents/{result.documents[0].document_id}",
    ):
        seen = text_of(client.get(shop.url(path)))
        assert "617.25" not in seen
        assert "123.45" not in seen


def test_every_page_carries_the_strict_policy(shop: Shop):
    policy = shop.client("administrator").get(shop.url()).headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("query", ["as_of=nonsense", "known_at=2026-99-99", "book=none"])
def test_a_question_that_cannot_be_read_is_refused_in_words(shop: Shop, query: str):
    response = shop.client("administrator").get(shop.url(f"stock/on-hand?{query}"))
    assert response.status_code in (400, 404)


def test_the_start_leads_to_ones_company(shop: Shop):
    response = shop.client("planner").get("/")
    assert response.headers["Location"] == shop.url()
