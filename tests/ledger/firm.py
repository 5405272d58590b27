"""A company of each test's own."""

import datetime
import itertools
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import services
from wherewithal.ledger.values import EntryDraft, LineDraft

numbers = itertools.count(1)
JAN_31 = datetime.date(2026, 1, 31)


@dataclass(frozen=True, slots=True)
class Firm:
    """A company, its primary book, and its accounts by code."""

    company_id: int
    book_id: int
    code: str
    accounts: dict[str, int]

    def work(self) -> AbstractContextManager[None]:
        return company_transaction(company_id=self.company_id)

    def entry(
        self, *lines: tuple[str, int], on: datetime.date = JAN_31, book_id: int | None = None, **more: Any
    ) -> EntryDraft:
        """An entry of (account code, amount in minor units) lines."""
        drafts = [LineDraft(self.accounts[code], amount) for code, amount in lines]
        given = {"effective_on": on, "posting_on": on, "source": "test", **more}
        return EntryDraft(book_id=book_id or self.book_id, lines=drafts, **given)

    def post(self, *entries: EntryDraft) -> list[int]:
        with self.work():
            return services.post(company_id=self.company_id, entries=entries)

    def count(self, table: str) -> int:
        with self.work():
            return int(
                fetch_all(f"SELECT count(*) FROM {table} WHERE company_id = %s", (self.company_id,))[0][0]
            )


def make_firm(**given: Any) -> Firm:
    code = f"L{os.getpid()}N{next(numbers)}"
    wanted = {"name": "Ledger Ltd", "country": "DE", "currency": "EUR", "timezone": "Europe/Berlin"} | given
    created = services.create_company(code=code, **wanted)
    with company_transaction(company_id=created.company_id):
        rows = fetch_all("SELECT code, id FROM ledger_account WHERE company_id = %s", (created.company_id,))
    return Firm(created.company_id, created.book_id, code, dict(rows))
