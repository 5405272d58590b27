"""Who changed which master data, when, from what to what."""

import psycopg
import pytest
from tests.people.place import Place, make_place

from wherewithal.kit.db import company_transaction, execute
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services
from wherewithal.people import queries
from wherewithal.people.queries import AuditChange


def trail(place: Place, **asked: object) -> list[AuditChange]:
    with company_transaction(company_id=place.company_id):
        return queries.audit_trail(place.company_id, **asked)  # type: ignore[arg-type]


def rename(place: Place, code: str, name: str) -> int:
    with company_transaction(company_id=place.company_id):
        account_id = ledger.account_by_code(place.company_id, code).account_id
    services.change_account(
        company_id=place.company_id, actor_id=place.admin_id, account_id=account_id, name=name
    )
    return account_id


def test_a_change_says_who_what_and_from_what_to_what(place: Place) -> None:
    account_id = rename(place, "1010", "Till")
    latest = trail(place)[0]
    assert (latest.table_name, latest.row_id, latest.action) == ("ledger_account", str(account_id), "update")
    assert (latest.old, latest.new) == ({"name": "Petty cash"}, {"name": "Till"})
    assert latest.actor_id == place.admin_id
    assert latest.username is not None
    assert latest.username.startswith("admin-")


def test_what_changes_nothing_leaves_no_trace(place: Place) -> None:
    rename(place, "1010", "Till")
    before = trail(place)
    rename(place, "1010", "Till")
    assert trail(place) == before


def test_filters_and_pages(place: Place) -> None:
    ids = [rename(place, code, "New") for code in ("1000", "1010", "1100")]
    changed = trail(place, table_name="ledger_account", action="update")
    assert [change.row_id for change in changed] == [str(account_id) for account_id in reversed(ids)]
    assert trail(place, table_name="ledger_account", row_id=str(ids[0]), action="update") == [changed[2]]
    assert trail(place, action="update", before_id=changed[0].change_id, limit=1) == [changed[1]]
    assert trail(place, actor_id=2**40) == []
    assert trail(place, from_at=changed[0].at, action="update") == [changed[0]]
    assert trail(place, to_at=changed[2].at, action="update") == [changed[2]]


def test_memberships_and_companies_are_in_it(place: Place) -> None:
    tables = {change.table_name for change in trail(place, limit=1_000)}
    assert {"ledger_company", "ledger_book", "ledger_account", "people_membership"} <= tables


def test_another_company_has_its_own_trail(place: Place) -> None:
    rename(place, "1010", "Till")
    other = make_place()
    assert all(change.new != {"name": "Till"} for change in trail(other, limit=1_000))


@pytest.mark.parametrize(
    "verb", ["UPDATE kit_audit_change SET action = 'delete'", "DELETE FROM kit_audit_change"]
)
def test_the_trail_is_not_changed_by_the_application(place: Place, verb: str) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        company_transaction(company_id=place.company_id),
    ):
        execute(verb)
