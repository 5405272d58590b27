"""What the tests of imports share: a company of one's own, and files that are texts."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wherewithal.feeds import services
from wherewithal.feeds.services import ImportReport
from wherewithal.kit import db
from wherewithal.ledger.services import create_company, reserve_company_id


def new_company(code: str) -> int:
    """A company of the test's own, made in its own name, as the command line does it."""
    company_id = reserve_company_id()
    with db.company_transaction(company_id=company_id):
        create_company(
            company_id=company_id,
            code=code,
            name="Test",
            country="DE",
            currency="EUR",
            timezone="Europe/Berlin",
        )
    return company_id


class Feed:
    """Imports texts into one company, the way a page or a command does."""

    def __init__(self, company: int, folder: Path) -> None:
        self.company, self.folder = company, folder
        self.files = itertools.count(1)

    def start(self, kind: str, content: str | bytes, **more: Any) -> int:
        path = self.folder / f"upload-{next(self.files)}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return services.start_import(
            company_id=self.company,
            actor_id=None,
            kind=kind,
            file_name="test.csv",
            content=path,
            folder=self.folder / "kept",
            **more,
        )

    def run(self, import_id: int, progress: Any = None) -> ImportReport:
        return services.run_import(
            company_id=self.company,
            actor_id=None,
            import_id=import_id,
            folder=self.folder / "kept",
            progress=progress,
        )

    def load(self, kind: str, content: str | bytes, **more: Any) -> ImportReport:
        return self.run(self.start(kind, content, **more))

    def rows(self, sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with db.company_transaction(company_id=self.company):
            return db.fetch_all(sql, params)


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.column, problem.rule) for problem in report.problems]
