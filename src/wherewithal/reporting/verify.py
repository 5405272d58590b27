"""`verify`: a list of small named checks that together prove a company's books, each with what it proves.

Every check is one or a few set-based queries, run as the application's role inside one snapshot of the database, so
that work going on meanwhile neither disturbs it nor is disturbed. A check never repairs anything.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from psycopg.types.json import Jsonb

from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, execute, fetch_all, fetch_one, read_side_by_side
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.reporting.checks import accounts, assets, derived, goods, guards, ledger, replay, stock_value
from wherewithal.reporting.checks.values import Check, Finding

__all__ = [
    "CHECKS",
    "Check",
    "CheckResult",
    "Finding",
    "VerifyReport",
    "VerifyRun",
    "history",
    "past_run",
    "run",
    "verify",
]

CHECKS: tuple[Check, ...] = (
    *ledger.CHECKS,
    *goods.CHECKS,
    *stock_value.CHECKS,
    *assets.CHECKS,
    *derived.CHECKS,
    *guards.CHECKS,
    *accounts.CHECKS,
    *replay.CHECKS,
)
Progress = Callable[[str, int, int], None]
MILLISECOND = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found: `findings` names at most some fifty, `total` counts them all."""

    name: str
    proves: str
    seconds: Decimal
    findings: tuple[Finding, ...]
    total: int

    @property
    def passed(self) -> bool:
        return self.total == 0

    @property
    def more(self) -> int:
        return self.total - len(self.findings)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """All checks of one company at one moment of the database."""

    company_id: int
    started_at: datetime
    seconds: Decimal
    deep: bool
    checks: tuple[CheckResult, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class VerifyRun:
    """A stored run, for the page of past runs."""

    run_id: int
    started_at: datetime
    seconds: Decimal
    actor_id: int | None
    deep: bool
    passed: bool
    checks: list[dict[str, Any]]


def verify(
    *, company_id: int, actor_id: int | None, deep: bool = False, progress: Progress | None = None
) -> VerifyReport:
    """Run the checks and keep the result in the company's history."""
    report = run(company_id=company_id, deep=deep, progress=progress)
    with company_transaction(company_id=company_id, actor_id=actor_id):
        _keep(report, actor_id)
    return report


def run(*, company_id: int, deep: bool = False, progress: Progress | None = None) -> VerifyReport:
    """Run the checks; nothing is written. `progress` hears the name of the check, its number and how many there are,
    one at a time, from whichever of two threads begins the check."""
    chosen = [check for check in CHECKS if deep or not check.deep]
    begun = time.perf_counter()
    with company_transaction(company_id=company_id, read_only=True):
        started_at = _now()
        results = _results(chosen, company_id, progress)
    return VerifyReport(company_id, started_at, _since(begun), deep, results)


def history(*, company_id: int, limit: int = 30) -> list[VerifyRun]:
    """The latest runs, newest first."""
    with company_transaction(company_id=company_id, read_only=True):
        rows = fetch_all(
            """
            SELECT id, started_at, seconds, actor_id, deep, passed, checks FROM reporting_verify_run
            WHERE company_id = %s ORDER BY id DESC LIMIT %s
            """,
            (company_id, limit),
        )
    return [VerifyRun(*row) for row in rows]


def past_run(*, company_id: int, run_id: int) -> VerifyRun:
    """One run of the history."""
    with company_transaction(company_id=company_id, read_only=True):
        row = fetch_one(
            """
            SELECT id, started_at, seconds, actor_id, deep, passed, checks FROM reporting_verify_run
            WHERE company_id = %s AND id = %s
            """,
            (company_id, run_id),
        )
    if row is None:
        raise NotFound(
            Problem("run", "exists", say("There is no such run in this company."), value=str(run_id))
        )
    return VerifyRun(*row)


def as_dict(report: VerifyReport) -> dict[str, Any]:
    """For JSON: the same in the CLI, the API and the stored history."""
    return {
        "company_id": report.company_id,
        "started_at": report.started_at.isoformat(),
        "seconds": str(report.seconds),
        "deep": report.deep,
        "passed": report.passed,
        "checks": [_check_dict(check) for check in report.checks],
    }


def _results(checks: Sequence[Check], company_id: int, progress: Progress | None) -> tuple[CheckResult, ...]:
    """The checks' results, two checks at a time."""

    def begins(number: int) -> None:
        if progress:
            progress(checks[number].name, number, len(checks))

    def look(check: Check) -> CheckResult:
        begun = time.perf_counter()
        found = check.look(company_id)
        return CheckResult(check.name, check.proves, _since(begun), found.findings, found.total)

    return tuple(read_side_by_side([partial(look, check) for check in checks], begins=begins))


def _check_dict(check: CheckResult) -> dict[str, Any]:
    return {
        "name": check.name,
        "proves": check.proves,
        "passed": check.passed,
        "seconds": str(check.seconds),
        "findings": [asdict(finding) for finding in check.findings],
        "total": check.total,
    }


def _keep(report: VerifyReport, actor_id: int | None) -> None:
    execute(
        """
        INSERT INTO reporting_verify_run (company_id, started_at, seconds, actor_id, deep, passed, checks)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        """,
        (
            report.company_id,
            report.started_at,
            report.seconds,
            actor_id,
            report.deep,
            report.passed,
            Jsonb([_check_dict(check) for check in report.checks]),
        ),
    )


def _now() -> datetime:
    """The database's clock: there is none below the doors."""
    row = fetch_one("SELECT now()")
    assert row is not None, "now() always has an answer"
    return row[0]  # type: ignore[no-any-return]  # timestamptz


def _since(begun: float) -> Decimal:
    return Decimal(time.perf_counter() - begun).quantize(MILLISECOND)
