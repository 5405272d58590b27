"""Members, roles and tokens from the pages; jobs; the API's own page."""

import json

import pytest
from django.test import Client
from tests.web.shop import PASSWORD, Shop, new_shop, text_of, unique

from wherewithal.kit import db
from wherewithal.people import queries as people
from wherewithal.people import services
from wherewithal.people.models import User
from wherewithal.web.api_reference import Reference

BACKEND = "django.contrib.auth.backends.ModelBackend"


def roles_of(shop: Shop) -> dict[str, tuple[str, ...]]:
    with db.company_transaction(company_id=shop.company_id):
        return {row.username: row.roles for row in people.members(shop.company_id, active_only=True)}


def test_somebody_new_and_somebody_known_are_added(shop: Shop):
    client, path = shop.client("administrator"), shop.url("people/new")
    name = unique("nora")
    data = {"username": name, "roles": ["warehouse", "buyer"]}
    missing = client.post(path, data)
    assert missing.status_code == 422
    assert "first password" in text_of(missing)
    assert client.post(path, data | {"password": PASSWORD, "name": "Nora Lind"}).status_code == 302
    assert roles_of(shop)[name] == ("buyer", "warehouse")
    other = new_shop()
    assert other.client("administrator").post(other.url("people/new"), data).status_code == 302
    assert roles_of(other)[name] == ("buyer", "warehouse")
    assert "Nora Lind" in text_of(client.get(shop.url("people")))


def test_roles_change_and_the_last_administrator_stays(shop: Shop):
    user_id = shop.user("warehouse")
    admin = shop.client("administrator")
    path = shop.url(f"people/{user_id}")
    assert admin.post(path, {"roles": ["planner"]}).status_code == 302
    assert admin.post(path, {"roles": []}).status_code == 422
    assert admin.post(path, {"remove": "1"}).status_code == 302
    assert len(roles_of(shop)) == 2
    alone = new_shop()
    boss = Client()
    boss.force_login(User.objects.get(pk=alone.admin_id), backend=BACKEND)
    refused = boss.post(alone.url(f"people/{alone.admin_id}"), {"roles": ["buyer"]})
    assert refused.status_code == 422
    assert "last administrator" in text_of(refused)


def test_a_token_is_shown_once_works_and_is_revoked(shop: Shop):
    client = shop.client("administrator")
    path = shop.url("tokens")
    assert client.post(path, {"name": "", "scopes": ["items.read"]}).status_code == 422
    shown = client.post(path, {"name": "Scale", "scopes": ["items.read"]})
    made = shown.context["made"]
    assert made.startswith("wh_")
    assert b"data-done" in shown.content, "nothing is left to be taken up again"
    assert made not in text_of(client.get(path))
    tried = client.post(shop.url("api/list_items"), {"path": "/api/v1/items?limit=2", "token": made})
    assert tried.context["status"] == 200
    assert "MOTOR" in text_of(tried)
    asked = {"path": "/api/v1/accounts", "token": made}
    assert client.post(shop.url("api/list_accounts"), asked).context["status"] == 403
    odd = ("//[", "http://[", "//\u2100/api/v1/items", "http://localhost/api/v1/items")
    for elsewhere in ("/accounts/login/", "/api/v1/accounts", "/api/v1/items/1/..", *odd):
        asked = {"path": elsewhere, "token": made}
        assert client.post(shop.url("api/list_items"), asked).status_code == 422, elsewhere
    with db.company_transaction(company_id=shop.company_id):
        [token] = people.tokens(shop.company_id)
    assert client.post(shop.url(f"tokens/{token.token_id}")).status_code == 302
    asked = {"path": "/api/v1/items", "token": made}
    assert client.post(shop.url("api/list_items"), asked).context["status"] == 401


def test_the_api_page_lists_what_there_is(shop: Shop):
    seen = text_of(shop.client("warehouse").get(shop.url("api")))
    assert "/api/v1/receipts" in seen
    assert "You have no token" in seen


def test_an_operation_is_explained_and_tried(shop: Shop):
    client = shop.client("administrator")
    seen = text_of(client.get(shop.url("api/post_receipt")))
    assert "effective_at" in seen
    assert "to_location_id" in seen, "fields inside of fields too"
    assert "stock.receive" in seen
    assert "for real" in seen
    assert client.get(shop.url("api/no_such_operation")).status_code == 404
    token = services.create_token(
        company_id=shop.company_id,
        user_id=shop.admin_id,
        name="Try",
        scopes=["stock.receive"],
        actor_id=shop.admin_id,
    )
    line = {
        "item_id": shop.item_ids["SEAL-35"],
        "qty": "3",
        "to_location_id": shop.location_ids["A-1"],
        "unit_cost": "2.00",
    }
    body = json.dumps({"effective_at": "2026-03-02T12:00:00Z", "lines": [line]})
    asked = {"path": "/api/v1/receipts", "token": token, "key": "try-1", "body": body}
    assert client.post(shop.url("api/post_receipt"), asked | {"body": "{"}).context["status"] == 400
    checked = client.post(shop.url("api/post_receipt"), asked | {"key": ""}, headers={"X-Check": "fields"})
    assert [fault["name"] for fault in checked.json()["faults"]] == ["key"]
    checked = client.post(shop.url("api/post_receipt"), asked, headers={"X-Check": "fields"})
    assert checked.json() == {"faults": [], "whole": []}
    assert shop.on_hand("SEAL-35") == 0  # a check asks nothing of the API
    for _again in range(2):
        assert client.post(shop.url("api/post_receipt"), asked).context["status"] == 201
        assert shop.on_hand("SEAL-35") == 3
    described = json.loads(client.get("/api/v1/openapi.json").content)
    reference = Reference(described)
    for _subject, operations in reference.groups():
        for short in operations:
            whole = reference.operation(short.name)
            assert whole is not None
            assert whole.answers
            assert all(field.type for field in (*whole.parameters, *whole.body)), short.name


@pytest.mark.parametrize("path", ["people", "people/new", "people/1", "tokens", "tokens/1"])
def test_only_administrators_keep_people(shop: Shop, path: str):
    refused = shop.client("controller").post(shop.url(path), {"roles": ["administrator"]})
    assert refused.status_code == 403
    assert "Administrator" in text_of(refused)
    assert shop.client("administrator").get(new_shop().url(path)).status_code == 404


def test_members_and_tokens_of_another_company_are_not_there(shop: Shop):
    other = new_shop()
    theirs = other.user("warehouse")
    services.create_token(
        company_id=other.company_id,
        user_id=theirs,
        name="Theirs",
        scopes=["items.read"],
        actor_id=other.admin_id,
    )
    with db.company_transaction(company_id=other.company_id):
        [token] = people.tokens(other.company_id)
    client = shop.client("administrator")
    assert client.post(shop.url(f"people/{theirs}"), {"remove": "1"}).status_code == 404
    assert client.post(shop.url(f"tokens/{token.token_id}")).status_code == 404
    with db.company_transaction(company_id=other.company_id):
        assert people.tokens(other.company_id)[0].revoked_at is None


def test_everybody_may_read_what_roles_may_do_and_which_jobs_there_are(shop: Shop):
    client = shop.client("maintenance")
    assert "close, reopen and lock periods" in text_of(client.get(shop.url("people/roles")))
    assert "No job yet" in text_of(client.get(shop.url("jobs")))
