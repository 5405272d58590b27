"""wherewithal user ... and wherewithal token ..."""

import json

import pytest
from tests.command import build
from tests.people.place import PASSWORD, Place
from typer.testing import CliRunner

from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries, services
from wherewithal.people.models import User

# Commands see all companies through the owner's connection.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def run(*arguments: str, typed: str = "") -> object:
    """The JSON answer of a command that succeeds."""
    done = CliRunner().invoke(build(), [*arguments, "--json"], input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def code_of(place: Place) -> str:
    with company_transaction(company_id=place.company_id):
        return ledger.company(place.company_id).code


def test_a_user_with_a_role_in_a_company(committed: Place) -> None:
    code = code_of(committed)
    name = f"{code}-anna"
    answer = run(
        "user", "create", name, "-c", code, "-r", "warehouse", "--password-stdin", typed=PASSWORD + "\n"
    )
    assert isinstance(answer, dict)
    assert User.objects.get(pk=answer["user_id"]).check_password(PASSWORD)
    roles = run("user", "add-role", name, code, "buyer", "planner")
    assert roles == {"username": name, "company": code, "roles": ["buyer", "planner", "warehouse"]}
    assert run("user", "set-roles", name, code, "auditor") == {
        "username": name,
        "company": code,
        "roles": ["auditor"],
    }
    listed = run("user", "list")
    assert isinstance(listed, list)
    (row,) = [row for row in listed if row["username"] == name]
    assert row["roles"] == [f"{code}: auditor"]
    run("user", "remove", name, code)
    with company_transaction(company_id=committed.company_id):
        assert queries.actor_for(user_id=answer["user_id"], company_id=committed.company_id) is None


def test_a_password_is_set(committed: Place) -> None:
    name = f"{code_of(committed)}-bert"
    made = CliRunner().invoke(build(), ["user", "create", name, "--no-password"], catch_exceptions=False)
    assert made.output == f"User {name} is there, for tokens.\n"
    run("user", "password", name, "--password-stdin", typed="another good phrase\n")
    assert User.objects.get(username=name).check_password("another good phrase")


def test_tokens_by_command(committed: Place) -> None:
    code = code_of(committed)
    admin = User.objects.get(pk=committed.admin_id).username
    answer = run("token", "create", code, admin, "till", "--scope", "stock.read", "--days", "2")
    assert isinstance(answer, dict)
    assert answer["scopes"] == ["stock.read"]
    actor = services.authenticate_token(answer["token"])
    assert actor is not None
    assert actor.permissions == {"stock.read"}
    (listed,) = run("token", "list", code)  # type: ignore[misc]
    assert (listed["name"], listed["username"]) == ("till", admin)
    run("token", "revoke", code, str(listed["token_id"]))
    assert services.authenticate_token(answer["token"]) is None


def test_the_text_answer_of_a_new_token_is_the_token_alone(committed: Place) -> None:
    admin = User.objects.get(pk=committed.admin_id).username
    done = CliRunner().invoke(
        build(), ["token", "create", code_of(committed), admin, "all"], catch_exceptions=False
    )
    actor = services.authenticate_token(done.stdout.strip())
    assert actor is not None
    assert "ledger.close" in actor.permissions


@pytest.mark.parametrize(
    "arguments",
    [
        ("user", "create", "x y", "--no-password"),
        ("user", "create", "role-without-company", "--no-password", "-r", "buyer"),
        ("user", "add-role", "nobody-at-all", "NO-SUCH", "buyer"),
        ("user", "password", "nobody-at-all", "--password-stdin"),
        ("token", "create", "NO-SUCH", "nobody", "x"),
        ("token", "list", "NO-SUCH"),
    ],
)
def test_refusals_reach_the_command_line(transactional_db: None, arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(build(), list(arguments), input="some good phrase\n")
    assert isinstance(done.exception, Refused)
