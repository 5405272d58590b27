"""API tokens: scopes, expiry, revocation, and that only a hash is kept."""

import datetime
from collections.abc import Callable

import pytest
from tests.people.place import Place, make_place

from wherewithal.kit.db import company_transaction, execute, fetch_all
from wherewithal.kit.errors import NotFound, Refused
from wherewithal.people import queries, services
from wherewithal.people.models import User
from wherewithal.people.permissions import Actor
from wherewithal.people.tokens import company_of, new_token

HOUR = datetime.timedelta(hours=1)


def rules(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in refusal.value.problems]


def token(place: Place, *scopes: str, **more: object) -> str:
    given = {"company_id": place.company_id, "user_id": place.admin_id, "name": "till", "scopes": scopes}
    return services.create_token(**(given | more))  # type: ignore[arg-type]


def rows(place: Place) -> list[queries.TokenRow]:
    with company_transaction(company_id=place.company_id):
        return queries.tokens(place.company_id)


def test_a_token_acts_for_its_user_within_its_scopes(place: Place) -> None:
    text = token(place, "stock.read", "stock.receive")
    assert text.startswith(f"wh_{place.company_id}_")
    expected = Actor(
        place.admin_id,
        place.company_id,
        frozenset({"administrator"}),
        frozenset({"stock.read", "stock.receive"}),
    )
    assert services.authenticate_token(text) == expected
    assert expected.permissions == {"stock.read", "stock.receive"}


def test_the_secret_is_not_kept(place: Place) -> None:
    text = token(place, "stock.read")
    with company_transaction(company_id=place.company_id):
        kept = str(fetch_all("SELECT t.*, t.token_hash::text FROM people_token t"))
        trail = str(fetch_all("SELECT old, new FROM kit_audit_change WHERE table_name = 'people_token'"))
        digest = fetch_all("SELECT encode(token_hash, 'hex') FROM people_token")[0][0]
    assert text not in kept + trail
    assert text.split("_", 2)[2] not in kept + trail
    assert digest not in trail
    (row,) = rows(place)
    assert (row.name, row.scopes, row.last_used_at, row.revoked_at) == ("till", ("stock.read",), None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wh_",
        "wh_1_",
        "wh_x_" + "a" * 43,
        "wh_1_" + "a" * 43,
        "wh_999999999_" + "a" * 43,
        "Bearer",
        "wh_1_\0" + "a" * 42,
    ],
)
def test_what_is_no_token_is_nobody(place: Place, text: str) -> None:
    assert services.authenticate_token(text) is None


def test_one_wrong_letter_is_nobody(place: Place) -> None:
    text = token(place, "stock.read")
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    other = make_place()
    moved = text.replace(f"wh_{place.company_id}_", f"wh_{other.company_id}_")
    assert services.authenticate_token(wrong) is None
    assert services.authenticate_token(moved) is None


def test_expiry(place: Place) -> None:
    now = datetime.datetime.now(datetime.UTC)
    assert services.authenticate_token(token(place, "stock.read", expires_at=now + HOUR)) is not None
    assert services.authenticate_token(token(place, "stock.read", expires_at=now - HOUR)) is None


def test_revocation_is_at_once_and_for_good(place: Place) -> None:
    text = token(place, "stock.read")
    (row,) = rows(place)
    services.revoke_token(company_id=place.company_id, token_id=row.token_id, actor_id=place.admin_id)
    assert services.authenticate_token(text) is None
    (revoked,) = rows(place)
    services.revoke_token(company_id=place.company_id, token_id=row.token_id)
    assert rows(place) == [revoked]
    assert revoked.revoked_at is not None
    with pytest.raises(NotFound):
        services.revoke_token(company_id=make_place().company_id, token_id=row.token_id)


def test_a_token_dies_with_the_membership_and_the_user(place: Place, user: Callable[..., int]) -> None:
    user_id = user()
    services.add_member(company_id=place.company_id, user_id=user_id, roles=["auditor"])
    text = token(place, "stock.read", user_id=user_id)
    assert services.authenticate_token(text) is not None
    User.objects.filter(pk=user_id).update(is_active=False)
    assert services.authenticate_token(text) is None
    User.objects.filter(pk=user_id).update(is_active=True)
    services.remove_member(company_id=place.company_id, user_id=user_id)
    assert services.authenticate_token(text) is None


def test_a_role_taken_away_is_taken_from_the_token(place: Place, user: Callable[..., int]) -> None:
    user_id = user()
    services.add_member(company_id=place.company_id, user_id=user_id, roles=["controller"])
    text = token(place, "ledger.close", "stock.read", user_id=user_id)
    services.set_roles(company_id=place.company_id, user_id=user_id, roles=["auditor"])
    actor = services.authenticate_token(text)
    assert actor is not None
    assert actor.permissions == {"stock.read"}


def test_last_use_is_noted_once_a_minute(place: Place) -> None:
    text = token(place, "stock.read")
    services.authenticate_token(text)
    (first,) = rows(place)
    assert first.last_used_at is not None
    with company_transaction(company_id=place.company_id):
        execute("UPDATE people_token SET last_used_at = last_used_at - interval '59 seconds'")
    (before,) = rows(place)
    services.authenticate_token(text)
    assert rows(place) == [before]
    with company_transaction(company_id=place.company_id):
        execute("UPDATE people_token SET last_used_at = last_used_at - interval '2 seconds'")
    services.authenticate_token(text)
    assert rows(place)[0].last_used_at == first.last_used_at
    with company_transaction(company_id=place.company_id):
        changes = queries.audit_trail(place.company_id, table_name="people_token")
    assert [change.action for change in changes] == ["insert"]


def test_faulty_tokens_are_refused(place: Place, user: Callable[..., int]) -> None:
    naive = datetime.datetime(2030, 1, 1)  # noqa: DTZ001 - that is the fault
    with pytest.raises(Refused) as refusal:
        token(place, "stock.read", "stock.steal", name=" ", expires_at=naive)
    assert rules(refusal) == [("name", "required"), ("scopes", "choice"), ("expires_at", "timezone")]
    with pytest.raises(Refused) as refusal:
        token(place)
    assert rules(refusal) == [("scopes", "choice")]
    with pytest.raises(NotFound):
        token(place, "stock.read", user_id=user())
    assert place.count("people_token") == 0


def test_tokens_are_random_and_name_their_company() -> None:
    texts = {new_token(7) for _ in range(1_000)}
    assert len(texts) == 1_000
    assert {company_of(text) for text in texts} == {7}
