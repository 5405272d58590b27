"""wherewithal verify"""

from typing import Annotated, Any

import typer

from wherewithal.cli.companies import Subject, all_companies, company_named
from wherewithal.cli.context import database
from wherewithal.cli.output import EXIT_FAILED, JsonFlag, emit, progress_bar, table
from wherewithal.reporting import verify as verification
from wherewithal.reporting.verify import VerifyReport

CompanyCodes = Annotated[
    list[str] | None,
    typer.Option("--company", "-c", help="The code of a company; may be repeated. Default: all."),
]


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
    return [company_named(code) for code in codes] or all_companies()


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
