"""Users: made, named, signing in by username or e-mail."""

from collections.abc import Callable

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth import authenticate
from django.test import RequestFactory
from tests.people.place import PASSWORD, Place

from wherewithal.kit.db import fetch_all
from wherewithal.kit.errors import Conflict, NotFound, Refused
from wherewithal.people import queries, services
from wherewithal.people.models import User

MakeUser = Callable[..., int]


def rules(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in refusal.value.problems]


def test_a_user_signs_in_by_username_or_email_in_any_case(user: MakeUser) -> None:
    user_id = user(username="Anna.Berg", email="Anna@Example.org", name="Anna Berg")
    assert queries.user_by_login("anna.berg").user_id == user_id
    assert queries.user_by_login("ANNA@example.ORG").user_id == user_id
    found = authenticate(RequestFactory().post("/"), username="anna.berg", password=PASSWORD)
    assert found is not None
    assert found.pk == user_id
    by_email = AuthenticationBackend().authenticate(
        RequestFactory().post("/"), email="anna@example.org", password=PASSWORD
    )
    assert by_email is not None
    assert by_email.pk == user_id
    assert authenticate(RequestFactory().post("/"), username="anna.berg", password="wrong") is None


def test_a_user_without_password_cannot_sign_in(user: MakeUser) -> None:
    user_id = user(username="robot", password=None)
    assert not User.objects.get(pk=user_id).has_usable_password()
    assert authenticate(RequestFactory().post("/"), username="robot", password="") is None


def test_an_inactive_user_cannot_sign_in(user: MakeUser) -> None:
    user_id = user(username="gone")
    User.objects.filter(pk=user_id).update(is_active=False)
    assert authenticate(RequestFactory().post("/"), username="gone", password=PASSWORD) is None


def test_all_faults_are_named_and_nothing_is_written(db: None) -> None:
    with pytest.raises(Refused) as refusal:
        services.create_user(username="a b", password="123", email="nobody", name="x" * 201)
    assert rules(refusal)[:3] == [("username", "username"), ("email", "email"), ("name", "length")]
    assert {field for field, _ in rules(refusal)[3:]} == {"password"}
    assert User.objects.filter(username="a b").count() == 0


def test_username_and_email_are_taken_once_in_any_case(user: MakeUser) -> None:
    user(username="bert", email="bert@example.org")
    with pytest.raises(Conflict) as refusal:
        services.create_user(username="BERT", password=PASSWORD)
    assert rules(refusal) == [("username", "unique")]
    with pytest.raises(Conflict) as refusal:
        services.create_user(username="bert2", email="BERT@example.org", password=PASSWORD)
    assert rules(refusal) == [("email", "unique")]


def test_a_new_password_replaces_the_old_one(user: MakeUser) -> None:
    user_id = user(username="cleo")
    services.set_password(user_id=user_id, password="another good phrase")
    assert authenticate(RequestFactory().post("/"), username="cleo", password=PASSWORD) is None
    assert (
        authenticate(RequestFactory().post("/"), username="cleo", password="another good phrase") is not None
    )
    with pytest.raises(Refused) as refusal:
        services.set_password(user_id=user_id, password="cleo")
    assert {field for field, _ in rules(refusal)} == {"password"}
    with pytest.raises(NotFound):
        services.set_password(user_id=2**40, password="another good phrase")


def test_the_trail_hides_passwords(place: Place) -> None:
    user_id = services.create_user(
        username="fred", password=PASSWORD, company_id=place.company_id, actor_id=place.admin_id
    )
    rows = fetch_all(
        "SELECT new::text FROM kit_audit_change WHERE table_name = 'people_user' AND row_id = %s",
        (str(user_id),),
    )
    assert all("md5" not in text and PASSWORD not in text for (text,) in rows)
