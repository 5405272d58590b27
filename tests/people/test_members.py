"""Memberships: several roles per company, the last administrator, and who sees whom."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connections
from tests.people.place import Place, make_place

from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import Forbidden, NotFound, Refused
from wherewithal.people import permissions, queries, services
from wherewithal.people.permissions import PERMISSIONS, ROLE_TITLES, ROLES, Actor

MakeUser = Callable[..., int]
Connect = Callable[..., "psycopg.Connection[Any]"]


def actor(place: Place, user_id: int) -> Actor | None:
    with company_transaction(company_id=place.company_id):
        return queries.actor_for(user_id=user_id, company_id=place.company_id)


def rules(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in refusal.value.problems]


def add(place: Place, user_id: int, *roles: str) -> None:
    services.add_member(company_id=place.company_id, user_id=user_id, roles=roles, actor_id=place.admin_id)


# --- roles --------------------------------------------------------------------------------------------------


def test_roles_add_up(place: Place, user: MakeUser) -> None:
    user_id = user()
    add(place, user_id, "warehouse")
    add(place, user_id, "controller", "warehouse")
    found = actor(place, user_id)
    assert found == Actor(user_id, place.company_id, frozenset({"warehouse", "controller"}))
    assert found.permissions == ROLES["warehouse"] | ROLES["controller"]


def test_a_role_in_one_company_is_none_in_another(place: Place, user: MakeUser) -> None:
    other, user_id = make_place(), user()
    add(place, user_id, "controller")
    assert actor(other, user_id) is None
    add(other, user_id, "auditor")
    with company_transaction(company_id=None, actor_id=user_id):
        held = {m.company_id: m.roles for m in queries.memberships_of(user_id)}
    assert held == {place.company_id: ("controller",), other.company_id: ("auditor",)}


def test_setting_roles_replaces_them(place: Place, user: MakeUser) -> None:
    user_id = user()
    add(place, user_id, "warehouse", "buyer")
    services.set_roles(company_id=place.company_id, user_id=user_id, roles=["planner"])
    assert actor(place, user_id) == Actor(user_id, place.company_id, frozenset({"planner"}))


def test_a_removed_member_is_nothing_and_comes_back_without_the_old_roles(
    place: Place, user: MakeUser
) -> None:
    user_id = user()
    add(place, user_id, "controller")
    services.remove_member(company_id=place.company_id, user_id=user_id)
    assert actor(place, user_id) is None
    with pytest.raises(NotFound):
        services.remove_member(company_id=place.company_id, user_id=user_id)
    add(place, user_id, "auditor")
    assert actor(place, user_id) == Actor(user_id, place.company_id, frozenset({"auditor"}))


def test_unknown_roles_and_users_are_refused(place: Place, user: MakeUser) -> None:
    user_id = user()
    for roles in (["king"], []):
        with pytest.raises(Refused) as refusal:
            services.add_member(company_id=place.company_id, user_id=user_id, roles=roles)
        assert rules(refusal) == [("roles", "choice")]
    with pytest.raises(NotFound):
        add(place, 2**40, "auditor")
    with pytest.raises(NotFound):
        services.set_roles(company_id=place.company_id, user_id=user_id, roles=["auditor"])
    assert place.count("people_membership") == 1


# --- the matrix ---------------------------------------------------------------------------------------------


def test_the_auditor_only_reads() -> None:
    assert ROLES["auditor"] == {
        "items.read",
        "parties.read",
        "stock.read",
        "assets.read",
        "ledger.read",
        "audit.read",
        "verify.run",
    }


def test_every_role_has_a_title_and_known_permissions() -> None:
    assert set(ROLES) == set(ROLE_TITLES)
    assert ROLES["administrator"] == set(PERMISSIONS)
    assert all(granted <= set(PERMISSIONS) for granted in ROLES.values())
    only_administrators = {p for p in PERMISSIONS if permissions.roles_with(p) == ["administrator"]}
    assert only_administrators == {"people.manage", "company.manage"}


def test_require_names_who_may() -> None:
    clerk = Actor(1, 1, frozenset({"warehouse"}))
    permissions.require(clerk, "stock.receive")
    with pytest.raises(Forbidden) as refusal:
        permissions.require(clerk, "ledger.close")
    (problem,) = refusal.value.problems
    assert problem.message == (
        "You may not close, reopen and lock periods. These roles may: Administrator, Controller."
    )


def test_a_token_narrows() -> None:
    program = Actor(1, 1, frozenset({"administrator"}), frozenset({"stock.read"}))
    assert permissions.allowed(program, "stock.read")
    with pytest.raises(Forbidden, match=r"This token may not .*: it lacks the scope ledger\.read\."):
        permissions.require(program, "ledger.read")
    stranger = Actor(1, 1, frozenset({"warehouse"}), frozenset({"ledger.close"}))
    with pytest.raises(Forbidden, match="These roles may"):
        permissions.require(stranger, "ledger.close")


# --- the last administrator ---------------------------------------------------------------------------------


def test_the_last_administrator_stays(place: Place, user: MakeUser) -> None:
    for change in (
        lambda: services.set_roles(company_id=place.company_id, user_id=place.admin_id, roles=["auditor"]),
        lambda: services.remove_member(company_id=place.company_id, user_id=place.admin_id),
    ):
        with pytest.raises(Refused) as refusal:
            change()
        assert rules(refusal) == [("roles", "administrator_remains")]
        assert actor(place, place.admin_id) == Actor(
            place.admin_id, place.company_id, frozenset({"administrator"})
        )
    add(place, user(), "administrator")
    services.remove_member(company_id=place.company_id, user_id=place.admin_id)
    assert actor(place, place.admin_id) is None


def test_two_administrators_who_remove_each_other(committed: Place, committed_user: MakeUser) -> None:
    """At the same moment, ten times: one succeeds, the other is refused, an administrator is left."""
    rival = committed_user()
    for _ in range(10):
        for user_id in (committed.admin_id, rival):
            add(committed, user_id, "administrator")
        start = threading.Barrier(2)

        def remove(user_id: int, start: threading.Barrier = start) -> bool:
            try:
                start.wait()
                services.remove_member(company_id=committed.company_id, user_id=user_id)
            except Refused:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(remove, (committed.admin_id, rival)))
        assert sorted(answers) == [False, True]


# --- row security -------------------------------------------------------------------------------------------


def test_members_of_another_company_are_not_seen(
    committed: Place, committed_place: Callable[[], Place], as_app: Connect
) -> None:
    other = committed_place()
    mine = as_app(committed.company_id, committed.admin_id)
    for table in ("people_membership", "people_token"):
        assert mine.execute(
            f"SELECT count(*) FROM {table} WHERE company_id = {other.company_id}"
        ).fetchone() == (0,)
    seen = (
        as_app(None, other.admin_id).execute("SELECT DISTINCT company_id FROM people_membership").fetchall()
    )
    assert seen == [(other.company_id,)]
    companies = as_app(None, other.admin_id).execute("SELECT id FROM ledger_company").fetchall()
    assert companies == [(other.company_id,)]
    assert as_app().execute("SELECT count(*) FROM people_membership").fetchone() == (0,)


def test_nobody_gets_into_another_company_by_sql(
    committed: Place, committed_place: Callable[[], Place], as_app: Connect
) -> None:
    """Insert, move one's own membership, raise oneself in a company that one only sees."""
    other = committed_place()
    intruder = as_app(committed.company_id, committed.admin_id)
    insert = "INSERT INTO people_membership (company_id, user_id, roles) VALUES ({}, {}, '{{administrator}}')"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        intruder.execute(insert.format(other.company_id, committed.admin_id))
    with pytest.raises(psycopg.Error) as error:
        intruder.execute(f"UPDATE people_membership SET company_id = {other.company_id}")
    assert error.value.sqlstate in ("WH111", "42501")
    elsewhere = as_app(None, committed.admin_id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        elsewhere.execute("UPDATE people_membership SET roles = '{administrator,auditor}'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        elsewhere.execute("DELETE FROM people_membership")
    token = "INSERT INTO people_token (company_id, user_id, name, token_hash, scopes) VALUES ({}, {}, 'x', 'x', '{{}}')"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        intruder.execute(token.format(other.company_id, committed.admin_id))


def test_the_database_keeps_the_last_administrator_too(committed: Place, as_app: Connect) -> None:
    connection = as_app(committed.company_id, committed.admin_id)
    for change in ("active = false", "roles = '{auditor}'"):
        with pytest.raises(psycopg.Error) as error:
            connection.execute(f"UPDATE people_membership SET {change}")
        assert error.value.sqlstate == "WH110"
