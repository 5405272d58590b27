"""A stranger goes from nothing to a posted and proven opening balance."""

import pytest
from django.test import Client
from tests.web.shop import PASSWORD, Shop, new_shop, text_of, unique

from wherewithal.kit import db, jobs
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries as people_queries
from wherewithal.people import services as people
from wherewithal.people.models import User


def founder() -> Client:
    user_id = people.create_user(username=unique("founder"), password=PASSWORD)
    client = Client()
    client.force_login(User.objects.get(pk=user_id), backend="django.contrib.auth.backends.ModelBackend")
    return client


def state(client: Client, address: str) -> dict[str, bool]:
    return {step.key: step.done for step in client.get(address).context["steps"]}


def test_from_nothing_to_an_opening_balance_by_the_sample_files(transactional_db: None):
    client, code = founder(), unique("new")
    form = {"name": "Newcomer Ltd", "code": code, "country": "DE", "currency": "EUR", "timezone": "UTC"}
    more = {"fiscal_year_start_month": "1", "chart": "general", "cost_scope": "company"}
    begun = client.post("/companies/new", form | more)
    steps = begun.headers["Location"]
    assert steps == f"/c/{code}/setup"
    assert not any(done for key, done in state(client, steps).items() if key != "company")
    for kind in ("locations", "items", "parties", "opening_stock"):
        assert b"," in client.get(f"/c/{code}/imports/samples/{kind}.csv").content
        loaded = client.post(f"/c/{code}/imports/samples/{kind}.csv")
        assert loaded.status_code == 302
        jobs.drain()
        assert client.get(loaded.headers["Location"]).context["import"]["state"] == "done"
    assert f'<input type="hidden" name="back" value="{steps}">' in text_of(client.get(steps))
    taken = client.post(f"/c/{code}/assets/classes/install", {"back": steps})
    assert (taken.status_code, taken.headers["Location"]) == (302, steps)
    assert client.post(f"/c/{code}/imports/samples/assets.csv").status_code == 302
    jobs.drain()
    assert client.post(f"/c/{code}/verify").status_code == 302
    jobs.drain()
    found = state(client, steps)
    assert [key for key, done in found.items() if not done] == ["books", "people", "balances"]  # all optional
    assert client.get(steps).context["done"] == client.get(steps).context["total"]
    company = client.get(steps).context["desk"].company_id
    with db.company_transaction(company_id=company):
        book = ledger.books(company)[0]
        codes = {row.code: row.closing for row in ledger.trial_balance(company, book.book_id).rows}
    assert codes["1200"] == 31_450  # 10 boxes at 8.40, 12.5 kg at 4.20, two drills at 89.00
    assert sum(codes.values()) == 0


@pytest.mark.parametrize(
    ("path", "who_may"), [("setup", "Administrator"), ("imports/samples/items.csv", "Buyer")]
)
def test_a_wrong_role_and_a_wrong_company_are_refused(shop: Shop, path: str, who_may: str):
    refused = shop.client("warehouse").post(shop.url(path))
    assert refused.status_code == 403
    assert who_may in text_of(refused)
    assert shop.client("administrator").get(new_shop().url(path)).status_code == 404
    assert shop.count("feeds_import") == 0


def test_there_are_samples_only_of_what_can_be_imported(shop: Shop):
    assert shop.client("administrator").get(shop.url("imports/samples/nonsense.csv")).status_code == 404


def test_a_new_server_says_how_to_begin_and_a_code_is_made_from_the_name(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
):
    people.create_user(username=unique("somebody"), password=PASSWORD)
    assert "Nobody can sign in yet" not in text_of(Client().get("/accounts/login/"))
    monkeypatch.setattr(people_queries, "anybody", lambda: False)
    assert "wherewithal user create" in text_of(Client().get("/accounts/login/"))
    client, word = founder(), unique("strange").replace("-", "")
    form = {"name": f"{word} Pumps Ltd", "code": "", "country": "GB", "currency": "GBP", "timezone": "UTC"}
    more = {"fiscal_year_start_month": "4", "chart": "general", "cost_scope": "company"}
    assert client.post("/companies/new", form | more).headers["Location"] == f"/c/{word.upper()}/setup"
