"""The words and the immutable values of the ledger."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any

SINCE_EVER = datetime.date(1900, 1, 1)  # the first day that a policy can be dated


class Classification(StrEnum):
    """Where an account stands in the statements."""

    CURRENT_ASSET = "current_asset"
    NONCURRENT_ASSET = "noncurrent_asset"
    CURRENT_LIABILITY = "current_liability"
    NONCURRENT_LIABILITY = "noncurrent_liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


RESULT = frozenset({Classification.INCOME, Classification.EXPENSE})


class CostScope(StrEnum):
    """Where a book costs an item: over the whole company, or in each warehouse for itself."""

    COMPANY = "company"
    WAREHOUSE = "warehouse"


class PeriodState(IntEnum):
    OPEN = 0
    CLOSED = 1
    LOCKED = 2


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line of an entry to be posted. `amount`: minor units of the book's currency, debit +, credit -, never 0.

    `document_amount` is in minor units of `currency`; `rate` is book currency for one of `currency`.
    """

    account_id: int
    amount: int
    currency: str | None = None
    document_amount: int | None = None
    rate: Decimal | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry to be posted. Without `recorded_at` it is the database's clock; without `entry_id` the next one."""

    book_id: int
    effective_on: datetime.date
    posting_on: datetime.date
    source: str
    lines: Sequence[LineDraft]
    recorded_at: datetime.datetime | None = None
    batch_id: int | None = None
    reference: str = ""
    description: str = ""
    actor_id: int | None = None
    entry_id: int | None = None


@dataclass(frozen=True, slots=True)
class Book:
    book_id: int
    code: str
    name: str
    standard: str
    currency: str
    currency_decimals: int
    is_primary: bool
    cost_scope: CostScope


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG under the folder of attachments, by its content; width and height in points."""

    sha256: str
    wide: int
    high: int

    @property
    def mark(self) -> str:
        """What changes with the picture, for its address."""
        return self.sha256[:12]


@dataclass(frozen=True, slots=True)
class Company:
    company_id: int
    code: str
    name: str
    country: str
    currency: str
    timezone: str
    fiscal_year_start_month: int
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def logo(self) -> Logo | None:
        kept = self.settings.get("logo")
        return Logo(**kept) if kept else None


@dataclass(frozen=True, slots=True)
class Account:
    account_id: int
    code: str
    name: str
    classification: Classification
    is_contra: bool
    active: bool


@dataclass(frozen=True, slots=True)
class CompanyCreated:
    company_id: int
    book_id: int
