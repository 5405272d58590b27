"""Who speaks: tokens, their scopes, their end, and nobody else."""

import datetime

from django.contrib.auth import get_user_model
from django.test import Client
from tests.api.api_client import Api, Firm

from wherewithal.kit import db
from wherewithal.people import services as people

PAST = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


def test_a_token_says_what_it_is_good_for(firm: Firm) -> None:
    said = firm.api("warehouse", ["items.read", "stock.read"]).get("/companies/me")
    assert said.status == 200
    assert said.body["company"]["company_id"] == firm.company_id
    assert (said.body["roles"], said.body["scopes"]) == (["warehouse"], ["items.read", "stock.read"])


def test_a_revoked_token_is_dead_at_once(api: Api, firm: Firm) -> None:
    assert api.get("/companies/me").status == 200
    with db.company_transaction(company_id=firm.company_id):
        (token_id,) = db.fetch_all("SELECT id FROM people_token WHERE company_id = %s", (firm.company_id,))[0]
    people.revoke_token(company_id=firm.company_id, token_id=token_id)
    assert api.get("/companies/me").status == 401


def test_a_role_taken_away_is_gone_at_once(firm: Firm) -> None:
    firm.api()
    clerk = firm.api("buyer")
    assert clerk.post("/units", {"code": "a", "name": "A"}).status == 201
    people.set_roles(company_id=firm.company_id, user_id=firm.users["buyer"], roles=["auditor"])
    assert clerk.post("/units", {"code": "b", "name": "B"}).status == 403
    people.remove_member(company_id=firm.company_id, user_id=firm.users["buyer"])
    assert clerk.get("/units").status == 401


def test_an_expired_token_401(firm: Firm, api: Api) -> None:
    token = people.create_token(
        company_id=firm.company_id,
        user_id=firm.users["administrator"],
        name="old",
        scopes=["items.read"],
        expires_at=PAST,
    )
    assert Api(token).get("/items").status == 401


def test_a_token_of_one_company_with_the_number_of_another_401(firm: Firm, other_firm: Firm) -> None:
    secret = str(firm.api().token).split("_", 2)[2]
    assert Api(f"wh_{other_firm.company_id}_{secret}").get("/companies/me").status == 401


def test_a_session_is_no_token(firm: Firm, api: Api) -> None:
    """Somebody signed in to the pages, with a browser that sends their cookie."""
    browser = Client()
    browser.force_login(get_user_model().objects.get(id=firm.users["administrator"]))
    assert browser.get("/api/v1/companies/me").status_code == 401
    answer = browser.post("/api/v1/units", {"code": "a", "name": "A"}, content_type="application/json")
    assert answer.status_code == 401
