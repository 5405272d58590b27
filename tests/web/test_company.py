"""Settings of a company, its books and accounts: changed with a trail, settled by what stands on them."""

from django.contrib.auth import get_user_model
from django.test import Client
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.kit import db
from wherewithal.ledger import queries as ledger
from wherewithal.people import services as people


def _company(shop: Shop):
    with db.company_transaction(company_id=shop.company_id):
        return ledger.company(shop.company_id)


def test_a_company_its_books_and_its_accounts_are_changed_and_settled(shop: Shop):
    client = shop.client("administrator")
    typed = {
        "name": "Northwind & Sons",
        "country": "AT",
        "address": "1 Quay\n1020 Wien",
        "registration": "FN 12345a",
        "timezone": "Europe/Vienna",
        "fiscal_year_start_month": "7",
    }
    before = _company(shop)
    wrong = client.post(shop.url("company/change"), {**typed, "name": " ", "timezone": "Mars/Base"})
    assert wrong.status_code == 422
    assert _company(shop) == before
    seen = text_of(client.post(shop.url("company/change"), typed, follow=True))
    assert "The company is changed." in seen
    assert "FN 12345a" in seen
    assert "July" in seen
    now = _company(shop)
    assert (now.name, now.country, now.timezone, now.fiscal_year_start_month) == (
        "Northwind & Sons",
        "AT",
        "Europe/Vienna",
        7,
    )
    assert str(now.settings["address"]).splitlines() == ["1 Quay", "1020 Wien"]
    assert "Northwind &amp; Sons" in client.get(shop.url("trail")).content.decode()

    # After the first entry, calendar and clock are settled, for the page and for whoever posts past it.
    shop.receive("SEAL-35", 1, "2.00")
    page = text_of(client.get(shop.url("company/change")))
    assert "are settled" in page
    assert "Time zone" not in page
    client.post(shop.url("company/change"), {**typed, "name": "Third", "timezone": "UTC"})
    assert (_company(shop).name, _company(shop).timezone) == ("Third", "Europe/Vienna")

    pdf = client.get(shop.url("finance/trial-balance?export=pdf"))
    assert pdf.status_code == 200
    assert pdf.headers["Content-Type"] == "application/pdf"

    with db.company_transaction(company_id=shop.company_id):
        book = ledger.books(shop.company_id)[0]
    renamed = client.post(
        shop.url(f"company/books/{book.code}/change"), {"name": "Group", "standard": "IFRS"}, follow=True
    )
    assert "Group" in text_of(renamed)
    assert client.get(shop.url("company/books/none/change")).status_code == 404

    new = {"code": "4711", "name": "Found money", "classification": "income"}
    assert "Found money" in text_of(client.post(shop.url("company/accounts/new"), new, follow=True))
    again = client.post(shop.url("company/accounts/new"), new)
    assert again.status_code == 422
    assert "already" in text_of(again)
    with db.company_transaction(company_id=shop.company_id):
        account = next(row for row in ledger.accounts(shop.company_id) if row.code == "4711")
    client.post(shop.url(f"company/accounts/{account.account_id}/change"), {"name": "Lost and found"})
    with db.company_transaction(company_id=shop.company_id):
        account = ledger.account(shop.company_id, account.account_id)
    assert (account.name, account.active) == ("Lost and found", False)


def test_who_may_not_is_told_who_may_and_nothing_changes(shop: Shop):
    before = _company(shop)
    accounts = shop.count("ledger_account")
    controller, warehouse = shop.client("controller"), shop.client("warehouse")
    refused = controller.post(shop.url("company/change"), {"name": "Mine", "country": "DE"})
    assert refused.status_code == 403
    assert "Administrator" in text_of(refused)
    for path in ("company/accounts/new", "company/books/main/change"):
        assert warehouse.get(shop.url(path)).status_code == 403
        assert warehouse.post(shop.url(path), {"code": "1", "name": "x"}).status_code == 403
    assert "Change the company" not in text_of(controller.get(shop.url("company")))
    other = new_shop()
    assert shop.client("administrator").get(other.url("company/change")).status_code == 404
    assert _company(shop) == before
    assert shop.count("ledger_account") == accounts


def test_who_signs_in_comes_home_where_they_last_were_or_to_what_was_founded_first(shop: Shop):
    """Not to what is first by name."""
    second = new_shop("Aardvark")
    people.add_member(company_id=second.company_id, user_id=shop.admin_id, roles=["administrator"])
    client = Client()
    client.force_login(
        get_user_model().objects.get(pk=shop.admin_id), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/").headers["Location"] == shop.url()
    client.get(second.url())
    assert client.get("/").headers["Location"] == second.url()
    client.get(shop.url("items"))  # a page that a colleague sent is no home
    client.post("/accounts/logout/")
    client.force_login(
        get_user_model().objects.get(pk=shop.admin_id), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get("/").headers["Location"] == second.url()
    # Somebody else at the same browser, who is no member there, comes to what is theirs.
    client.force_login(
        get_user_model().objects.get(pk=shop.user("warehouse")), "django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(second.url()).status_code == 404
    assert client.get("/").headers["Location"] == shop.url()
