"""Runs of verify are kept, and the nightly job does one for every company."""

from pathlib import Path

import pytest
from tests.reporting.conftest import Damage, Firm

from wherewithal.kit import jobs
from wherewithal.kit.db import company_transaction
from wherewithal.kit.jobs import fetch_as_owner
from wherewithal.reporting import tasks, verify


def test_a_run_is_kept_with_what_it_found(firm: Firm, damage: Damage) -> None:
    verify.verify(company_id=firm.company_id, actor_id=None)
    damage(
        "ALTER TABLE ledger_line DISABLE TRIGGER append_only",
        undo_by="ALTER TABLE ledger_line ENABLE TRIGGER append_only",
    )
    verify.verify(company_id=firm.company_id, actor_id=None)

    last, first = verify.history(company_id=firm.company_id)
    assert (first.passed, last.passed) == (True, False)
    assert last.started_at > first.started_at
    failed = {check["name"]: check["findings"] for check in last.checks if not check["passed"]}
    assert {finding["where"] for finding in failed["append only"]} == {"table ledger_line"}
    assert [check["name"] for check in last.checks] == [
        check.name for check in verify.CHECKS if not check.deep
    ]


def test_a_run_without_keeping_writes_nothing(firm: Firm) -> None:
    verify.run(company_id=firm.company_id)

    assert verify.history(company_id=firm.company_id) == []


def test_progress_names_each_check(firm: Firm) -> None:
    heard: list[tuple[str, int, int]] = []

    verify.run(company_id=firm.company_id, deep=True, progress=lambda *said: heard.append(said))

    assert [name for name, _, _ in heard] == [check.name for check in verify.CHECKS]
    assert [number for _, number, _ in heard] == list(range(len(verify.CHECKS)))


def test_every_check_says_what_it_proves() -> None:
    assert len({check.name for check in verify.CHECKS}) == len(verify.CHECKS)
    assert all(check.proves.endswith(".") and len(check.proves) > 30 for check in verify.CHECKS)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_nightly_job_verifies_every_company(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests leave hundreds of companies behind; the newest of them stand for all.
    monkeypatch.setattr(tasks, "fetch_as_owner", lambda query: fetch_as_owner(query)[-2:])
    tasks.verify_all(timestamp=1_800_000_000)
    jobs.drain()

    (run,) = verify.history(company_id=firm.company_id)
    assert run.passed
    assert run.actor_id is None
    with company_transaction(company_id=firm.company_id):
        (job,) = jobs.list_jobs(company_id=firm.company_id)
    assert (job["kind"], job["state"]) == ("verify", "done")
    assert job["result"]["failed"] == []


def test_the_page_of_the_manual_says_what_the_checks_say() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "concepts" / "proof.md").read_text(
        encoding="utf-8"
    )
    for check in verify.CHECKS:
        only = " (only with `--deep`)" if check.deep else ""
        assert f"| {check.name}{only} | {check.proves} |" in page
