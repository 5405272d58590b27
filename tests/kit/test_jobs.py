"""Long work: enqueued with what it needs, done by the worker, watched by its user."""

from typing import Any

import pytest

from wherewithal.kit import db, jobs
from wherewithal.kit.errors import NotFound, refuse
from wherewithal.kit.jobs import JobContext

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def kinds() -> None:
    @jobs.job("try-count")
    def count(context: JobContext) -> dict[str, Any]:
        for done in range(context.arguments["to"]):
            context.progress(done + 1, context.arguments["to"], "Counting")
        return {"counted": context.arguments["to"], "for": context.actor_id}

    @jobs.job("try-refuse")
    def refused(context: JobContext) -> dict[str, Any]:
        raise refuse("qty", "positive", "The quantity must be above zero.", row=3)

    @jobs.job("try-break")
    def broken(context: JobContext) -> dict[str, Any]:
        raise ZeroDivisionError


def enqueue(kind: str, company_id: int = 971, **arguments: Any) -> int:
    with db.company_transaction(company_id=company_id, actor_id=5):
        return jobs.enqueue(company_id=company_id, actor_id=5, kind=kind, arguments=arguments)


def found(job_id: int, company_id: int = 971) -> dict[str, Any]:
    with db.company_transaction(company_id=company_id):
        return jobs.get_job(company_id=company_id, job_id=job_id)


def test_a_job_is_done_and_can_be_watched() -> None:
    job_id = enqueue("try-count", to=3)
    waiting = found(job_id)
    assert (waiting["state"], waiting["started_at"], waiting["actor_id"]) == ("waiting", None, 5)
    jobs.drain()
    done = found(job_id)
    assert (done["state"], done["progress"], done["total"], done["message"]) == ("done", 3, 3, "Counting")
    assert done["result"] == {"counted": 3, "for": 5}
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]


def test_a_job_of_a_transaction_that_rolls_back_does_not_exist() -> None:
    with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=972):
        jobs.enqueue(company_id=972, actor_id=None, kind="try-count", arguments={"to": 1})
        raise ZeroDivisionError
    jobs.drain()
    with db.company_transaction(company_id=972):
        assert jobs.list_jobs(company_id=972) == []


def test_a_refusal_is_kept_for_its_user() -> None:
    job_id = enqueue("try-refuse")
    jobs.drain()
    job = found(job_id)
    assert job["state"] == "failed"
    assert job["result"] == {
        "code": "refused",
        "problems": [
            {"field": "qty", "rule": "positive", "message": "The quantity must be above zero.", "row": 3}
        ],
    }


def test_a_job_that_breaks_says_so_and_the_next_is_done() -> None:
    broken, after = enqueue("try-break"), enqueue("try-count", to=1)
    jobs.drain()
    assert (found(broken)["state"], found(after)["state"]) == ("failed", "done")
    assert "log" in found(broken)["message"]


def test_a_job_is_its_companys_own() -> None:
    job_id = enqueue("try-count", to=1)
    with pytest.raises(NotFound):
        found(job_id, company_id=973)


def test_jobs_are_listed_newest_first() -> None:
    first, second = enqueue("try-count", 974, to=1), enqueue("try-count", 974, to=1)
    with db.company_transaction(company_id=974):
        assert [job["id"] for job in jobs.list_jobs(company_id=974)] == [second, first]


def test_a_kind_that_nobody_registered_is_a_mistake() -> None:
    with pytest.raises(AssertionError, match="no job is called nonsense"):
        enqueue("nonsense")
