"""The timetable of a book on the page of its runs: who may set it, what it says, and how a failure is told."""

from datetime import UTC, datetime

import pytest
from tests.web.depot import Depot, new_depot
from tests.web.shop import Shop, new_shop, text_of

from wherewithal.assets import services
from wherewithal.kit import db, jobs


def rows(depot: Depot) -> list[tuple[object, ...]]:
    with db.company_transaction(company_id=depot.shop.company_id):
        return db.fetch_all("SELECT days_after, hour FROM assets_timetable")


def test_a_timetable_is_set_shown_and_dropped(shop: Shop) -> None:
    depot = new_depot(shop)
    client = shop.client("asset_accountant")
    assert "charged by hand" in text_of(client.get(depot.url("runs")))
    answer = client.post(depot.url("runs"), {"timetable": "set", "days_after": "5", "hour": "3"})
    assert answer.status_code == 302
    assert rows(depot) == [(5, 3)]
    assert "5 days after the end of a period, at 03:00" in text_of(client.get(depot.url("runs")))
    nonsense = client.post(depot.url("runs"), {"timetable": "set", "days_after": "500", "hour": "x"})
    assert nonsense.status_code == 422
    assert rows(depot) == [(5, 3)]
    assert client.post(depot.url("runs"), {"timetable": "drop"}).status_code == 302
    assert rows(depot) == []


@pytest.mark.parametrize("role", ["auditor", "warehouse"])
def test_who_may_not_depreciate_sets_no_timetable(shop: Shop, role: str) -> None:
    depot = new_depot(shop)
    given = {"timetable": "set", "days_after": "5", "hour": "3"}
    assert shop.client(role).post(depot.url("runs"), given).status_code == 403
    assert rows(depot) == []
    other = new_shop("Third Ltd")
    assert other.client("controller").post(depot.url("runs"), given).status_code == 404
    assert rows(depot) == []


@pytest.mark.django_db(transaction=True)
def test_a_failed_run_is_told_where_runs_are_read(committed_shop: Shop) -> None:
    depot = new_depot(committed_shop)
    depot.buy("12000.00")
    company_id, book_id = committed_shop.company_id, committed_shop.book_id
    with db.company_transaction(company_id=company_id):
        db.execute("UPDATE assets_book SET filled = false WHERE book_id = %s", (book_id,))
    services.set_timetable(
        company_id=company_id,
        actor_id=None,
        book_id=book_id,
        days_after=0,
        hour=1,
        at=datetime(2126, 1, 1, tzinfo=UTC),
    )
    (job_id,) = services.start_due_runs(company_id=company_id, now=datetime(2126, 2, 1, 12, tzinfo=UTC))
    jobs.drain()
    page = text_of(committed_shop.client("auditor").get(depot.url("runs")))
    assert "could not be charged by its timetable" in page
    assert "post the facts there are in it first" in page
    assert str(job_id) in page
