"""Depreciation by timetable: when it is due, and what becomes of it, by the worker that really does it."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from tests.assets.conftest import Firm, check_whole, day, make_firm

from wherewithal.assets import queries, services, tasks
from wherewithal.assets.services import runs
from wherewithal.assets.timetables import Timetable
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.kit import db, jobs
from wherewithal.kit.errors import NotFound, Refused
from wherewithal.people import services as people

BERLIN = ZoneInfo("Europe/Berlin")
MONTHS = Calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "horizon", "due"),
    [
        ("2026-12-03T00:59", "2026-10-31", None),  # 01:59 in Berlin
        ("2026-12-03T01:00", "2026-10-31", "2026-11-30"),
        ("2026-12-03T01:00", "2026-11-30", None),  # charged already
        ("2026-12-03T01:00", None, "2026-11-30"),  # never charged
        ("2027-01-02T23:00", "2026-10-31", "2026-11-30"),  # a month late, and December not yet due
        ("2027-01-03T01:00", "2026-10-31", "2026-12-31"),  # one run catches up
        ("2026-07-03T00:00", "2026-05-31", "2026-06-30"),  # two o'clock of summer time
    ],
)
def test_a_period_is_due_so_many_days_after_its_end_at_an_hour_of_the_company(
    now: str, horizon: str | None, due: str | None
) -> None:
    timetable = Timetable(3, 2, at("2026-01-10T00:00"))
    found = timetable.due(MONTHS, BERLIN, horizon and date.fromisoformat(horizon), at(now))
    assert found == (due and date.fromisoformat(due))


def test_what_was_due_before_the_timetable_was_set_is_not_made_up_for() -> None:
    timetable = Timetable(3, 2, at("2026-11-20T12:00"))
    assert timetable.due(MONTHS, BERLIN, None, at("2026-11-25T00:00")) is None
    coming = timetable.coming(MONTHS, BERLIN, None, at("2026-11-25T00:00"))
    assert coming == (date(2026, 11, 30), at("2026-12-03T01:00"))
    charged = timetable.coming(MONTHS, BERLIN, date(2026, 12, 31), at("2026-11-25T00:00"))
    assert charged == (date(2027, 1, 31), at("2027-02-03T01:00"))


# --- by the worker ------------------------------------------------------------------------------------------------


# The worker has a clock of its own, which also looks at timetables: these are of a time that it has not reached.


def with_timetable(*, days_after: int = 3, hour: int = 2) -> Firm:
    firm = make_firm()  # in UTC
    firm.buy("6000", "2126-01-01", service="2126-01-01")
    services.set_timetable(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.book_id,
        days_after=days_after,
        hour=hour,
        at=at("2126-01-15T00:00"),
    )
    return firm


def tick(firm: Firm, now: str) -> list[int]:
    return services.start_due_runs(company_id=firm.company_id, now=at(now))


def job(firm: Firm, job_id: int) -> dict[str, Any]:
    with db.company_transaction(company_id=firm.company_id):
        return jobs.get_job(company_id=firm.company_id, job_id=job_id)


def shown(firm: Firm, now: str) -> queries.TimetableRow:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        (row,) = queries.timetables(firm.company_id, at(now))
    return row


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_worker_charges_what_is_due_once() -> None:
    firm = with_timetable()
    assert tick(firm, "2126-02-03T01:59") == []
    tasks.run_timetables(int(at("2126-02-03T02:00").timestamp()))  # as the worker's clock does
    (job_id,) = [row[0] for row in firm.query("SELECT id FROM kit_job")]
    assert tick(firm, "2126-02-03T02:05") == []  # it waits already
    jobs.drain()
    done = job(firm, job_id)
    assert (done["state"], done["progress"], done["total"], done["message"]) == ("done", 1, 1, "Posted")
    assert (done["result"]["assets"], done["result"]["total"]) == (1, 10_000)
    assert tick(firm, "2126-02-03T02:10") == []
    (run,) = firm.query("SELECT run_id, through_on::text, total FROM assets_run")
    assert run == (done["result"]["run_id"], "2126-01-31", 10_000)
    row = shown(firm, "2126-02-03T02:10")
    assert (row.due_through, row.next_through, row.next_at) == (
        None,
        day("2126-02-28"),
        at("2126-03-03T02:00"),
    )
    assert row.last_job is not None
    assert (row.last_job["id"], row.failed) == (job_id, False)
    check_whole(firm)


@pytest.mark.django_db(transaction=True)
def test_a_timetable_is_the_company_s_and_goes_on_when_its_maker_has_left() -> None:
    firm = with_timetable()
    maker = people.create_user(username=f"maker-{firm.company_id}", password=None)
    people.add_member(company_id=firm.company_id, user_id=maker, roles=["asset_accountant"])
    services.set_timetable(
        company_id=firm.company_id,
        actor_id=maker,
        book_id=firm.book_id,
        days_after=3,
        hour=2,
        at=at("2126-01-15T00:00"),
    )
    people.remove_member(company_id=firm.company_id, user_id=maker)
    (job_id,) = tick(firm, "2126-02-03T02:00")
    jobs.drain()
    assert (job(firm, job_id)["state"], job(firm, job_id)["actor_id"]) == ("done", None)
    assert firm.query("SELECT actor_id, total FROM assets_run") == [(None, 10_000)]
    assert shown(firm, "2126-02-03T02:05").actor_id == maker


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_the_middle_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    firm = with_timetable()
    (job_id,) = tick(firm, "2126-02-03T02:00")
    seen: list[Any] = []
    keep = runs._keep

    def look_and_keep(*args: Any, **named: Any) -> Any:
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("SELECT set_config('app.company', %s, true)", (str(firm.company_id),))
            query = "SELECT state, progress, total, message FROM kit_job WHERE id = %s"
            seen.append(other.execute(query, (job_id,)).fetchone())
            seen.append(other.execute("SELECT count(*) FROM assets_run").fetchone())
        return keep(*args, **named)

    monkeypatch.setattr(runs, "_keep", look_and_keep)
    jobs.drain()
    assert seen == [("running", 1, 1, "Posting"), (0,)]
    assert job(firm, job_id)["state"] == "done"


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_refused_says_so_and_is_tried_again_the_next_day() -> None:
    firm = with_timetable()
    firm.book("late")  # added when there are facts: it has to be filled first
    services.set_timetable(
        company_id=firm.company_id,
        actor_id=None,
        book_id=firm.books["late"],
        days_after=0,
        hour=6,
        at=at("2126-01-15T00:00"),
    )
    (job_id,) = tick(firm, "2126-01-31T06:00")
    jobs.drain()
    failed = job(firm, job_id)
    assert failed["state"] == "failed"
    assert failed["result"]["problems"][0]["rule"] == "filled"
    assert shown_of(firm, "late", "2126-01-31T06:05").failed
    assert tick(firm, "2126-01-31T06:10") == []
    assert tick(firm, "2126-02-01T05:59") == []
    services.fill_book(company_id=firm.company_id, actor_id=None, book_id=firm.books["late"])
    (again,) = tick(firm, "2126-02-01T06:00")
    jobs.drain()
    assert job(firm, again)["state"] == "done"
    assert not shown_of(firm, "late", "2126-02-01T06:05").failed


def shown_of(firm: Firm, book: str, now: str) -> queries.TimetableRow:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        return next(row for row in queries.timetables(firm.company_id, at(now)) if row.book == book)


KILLED = textwrap.dedent(
    """
    import os, signal, sys
    import django
    from django.conf import settings
    django.setup()
    from django.db import connections
    for alias in ("default", "owner"):
        settings.DATABASES[alias]["NAME"] = sys.argv[1]
        connections[alias].settings_dict["NAME"] = sys.argv[1]
    from wherewithal.assets.services.posting import write as writing
    from wherewithal.kit import jobs
    def die(batch):
        os.kill(os.getpid(), signal.SIGKILL)
    writing._write_values = die
    jobs.run_job(company_id=int(sys.argv[2]), job_id=int(sys.argv[3]), actor_id=None)
    """
)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_posts_nothing_and_the_run_is_begun_again() -> None:
    firm = with_timetable()
    (job_id,) = tick(firm, "2126-02-03T02:00")
    before = firm.counts()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, connection.settings_dict["NAME"], str(firm.company_id), str(job_id)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert firm.counts() == before
    assert job(firm, job_id)["state"] == "running"  # nobody could say otherwise
    (again,) = tick(firm, "2126-02-03T02:05")
    lost = job(firm, job_id)
    assert (lost["state"], lost["result"]["code"]) == ("failed", "broken_off")
    jobs.drain()
    assert job(firm, again)["state"] == "done"
    assert firm.query("SELECT count(*), sum(amount) FROM assets_value WHERE role = 120") == [(1, 10_000)]
    assert tick(firm, "2126-02-03T02:10") == []
    check_whole(firm)


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_after", "hour", "fields"),
    [(-1, 0, ["days_after"]), (91, 24, ["days_after", "hour"]), (0, -1, ["hour"])],
)
def test_a_timetable_that_is_none_is_refused(
    firm: Firm, days_after: int, hour: int, fields: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        services.set_timetable(
            company_id=firm.company_id,
            actor_id=None,
            book_id=firm.book_id,
            days_after=days_after,
            hour=hour,
            at=at("2026-01-15T00:00"),
        )
    assert [problem.field for problem in refused.value.problems] == fields
    assert firm.query("SELECT count(*) FROM assets_timetable") == [(0,)]


def test_a_book_of_another_company_has_no_timetable_here(firms: Any) -> None:
    mine, theirs = firms(), firms()
    with pytest.raises(NotFound):
        services.set_timetable(
            company_id=mine.company_id,
            actor_id=None,
            book_id=theirs.book_id,
            days_after=1,
            hour=1,
            at=at("2026-01-15T00:00"),
        )
    with pytest.raises(NotFound):
        services.drop_timetable(company_id=mine.company_id, actor_id=None, book_id=theirs.book_id)
    assert mine.query("SELECT count(*) FROM assets_timetable") == [(0,)]


def test_a_timetable_is_changed_and_dropped(firm: Firm) -> None:
    for days_after in (1, 5):
        services.set_timetable(
            company_id=firm.company_id,
            actor_id=None,
            book_id=firm.book_id,
            days_after=days_after,
            hour=4,
            at=at("2026-01-15T00:00"),
        )
    assert firm.query("SELECT days_after, hour FROM assets_timetable") == [(5, 4)]
    assert services.drop_timetable(company_id=firm.company_id, actor_id=None, book_id=firm.book_id)
    assert not services.drop_timetable(company_id=firm.company_id, actor_id=None, book_id=firm.book_id)
