"""wherewithal verify"""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from django.db import connections

from wherewithal.cli.context import database
from wherewithal.cli.output import EXIT_FAILED, JsonFlag, emit, progress_bar, table
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.reporting import verify as verification
from wherewithal.reporting.verify import VerifyReport

CompanyCodes = Annotated[
    list[str] | None,
    typer.Option("--company", "-c", help="The code of a company; may be repeated. Default: all."),
]


@dataclass(frozen=True, slots=True)
class Subject:
    company_id: int
    code: str
    name: str


def register(app: typer.Typer) -> None:
    app.command("verify")(verify)


def verify(
    company: CompanyCodes = None,
    everyone: Annotated[bool, typer.Option("--all", help="All companies (also the default).")] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also work out every cost again from the facts; takes longer.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Prove the books: stock, reservations and ledger agree, nothing was rewritten, every guard is in force.

    Answers 0 when all checks pass, 1 when one finds something, 2 when it could not be asked.
    """
    with database():
        subjects = _subjects([] if everyone else company or [])
        reports = [(subject, _verified(subject, deep)) for subject in subjects]
    emit(
        [_as_dict(subject, report) for subject, report in reports],
        as_json=as_json,
        text="\n\n".join(_as_text(subject, report) for subject, report in reports)
        or "There is no company yet.",
    )
    raise typer.Exit(0 if all(report.passed for _, report in reports) else EXIT_FAILED)


def _subjects(codes: list[str]) -> list[Subject]:
    """Who operates the installation sees all companies; the application's role would see none without being told."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT id, code, name FROM ledger_company ORDER BY code")
        subjects = [Subject(*row) for row in cursor.fetchall()]
    known = {subject.code for subject in subjects}
    unknown = [code for code in codes if code not in known]
    if unknown:
        listed = ", ".join(sorted(known)) or "none yet"
        raise NotFound(
            Problem("company", "exists", f"There is no company {code}. There are: {listed}.", value=code)
            for code in unknown
        )
    return [subject for subject in subjects if not codes or subject.code in codes]


def _verified(subject: Subject, deep: bool) -> VerifyReport:
    with progress_bar(f"Verifying {subject.code}") as show:
        report = verification.verify(
            company_id=subject.company_id,
            actor_id=None,
            deep=deep,
            progress=lambda name, done, total: show(done, total, name),
        )
        show(len(report.checks), len(report.checks), "done")
    return report


def _as_dict(subject: Subject, report: VerifyReport) -> dict[str, Any]:
    return {"company": subject.code, "name": subject.name} | verification.as_dict(report)


def _as_text(subject: Subject, report: VerifyReport) -> str:
    rows = [
        {
            "check": check.name,
            "result": "ok" if check.passed else f"{check.total} found",
            "seconds": check.seconds,
            "proves": check.proves,
        }
        for check in report.checks
    ]
    lines = [f"{subject.code}  {subject.name}", "", table(rows), ""]
    for check in report.checks:
        lines += [
            f"{check.name}: {f.what}: {f.where}. Expected {f.expected}, found {f.found}."
            for f in check.findings
        ]
        if check.more:
            lines.append(f"{check.name}: and {check.more} more.")
    failed = sum(not check.passed for check in report.checks)
    verdict = "All checks passed" if report.passed else f"{failed} of {len(report.checks)} checks failed"
    return "\n".join([*lines, f"{verdict}, in {report.seconds} s."])
