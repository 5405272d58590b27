"""wherewithal restore"""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from wherewithal.cli.companies import all_companies
from wherewithal.cli.output import EXIT_FAILED, JsonFlag, emit, say
from wherewithal.kit import cluster
from wherewithal.reporting import verify as verification
from wherewithal.site import backup as backups
from wherewithal.site import start


def register(app: typer.Typer) -> None:
    app.command("restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `wherewithal backup` wrote.")],
    as_json: JsonFlag = False,
) -> None:
    """Fill an empty database from a backup, and verify what came.

    Empty is a new WHEREWITHAL_HOME, or an empty database named by DATABASE_URL. Answers 1 when verification finds
    something.
    """
    with cluster.available(settings.DATABASE):
        manifest = backups.restore(file.absolute(), tell=say)
        found = _verify()
        start.close_connections()
    failed = {code: checks for code, checks in found.items() if checks}
    lines = [f"Restored the backup of {manifest['made_at']}: {len(found)} companies."]
    lines += [
        f"{code}: {', '.join(checks)} failed; see wherewithal verify" for code, checks in failed.items()
    ]
    answer = {"made_at": manifest["made_at"], "version": manifest["version"], "companies": found}
    emit(answer, as_json=as_json, text="\n".join([*lines, *([] if failed else ["All checks passed."])]))
    raise typer.Exit(EXIT_FAILED if failed else 0)


def _verify() -> dict[str, list[str]]:
    """The names of the checks that failed, by company."""
    found = {}
    for company in all_companies():
        say(f"Verifying {company.code} ...")
        report = verification.run(company_id=company.company_id)
        found[company.code] = [check.name for check in report.checks if not check.passed]
    return found
