"""What a caller hands to the one door for assets, and what it gets back.

An *event* is one thing that happened to one asset on a day. What it says beside that depends on its kind; the fields of
each kind, with their types, are in `fields.FIELDS`. Money is a Decimal in the event's currency, or in the company's when
none is named; `by_book` states what one book says otherwise, in that book's own currency.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class EventDraft:
    """One event. The asset is named by `asset_id`, by `tag`, or by `asset_no`: its place among the batch's new assets.

    `values`: the fields of the kind. `by_book`: by book code, fields that hold for that book alone (its cost, its
    terms). `book`: the code of the only book that hears of the event. `of_event_id` names the event that this one
    reverses, corrects, reinstates or takes a part of; `of_no` the same by its position in the batch. `key`: the
    caller's own name for the event; with it the order of entry never matters (else the batch's idempotency key and the
    position serve). `rates`: price of one unit of `currency` in each book currency; missing ones are taken from the
    exchange rates of the day.
    """

    kind: str
    effective_on: date
    asset_id: int | None = None
    tag: str | None = None
    asset_no: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    by_book: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    book: str | None = None
    of_event_id: int | None = None
    of_no: int | None = None
    currency: str | None = None
    rates: Mapping[str, Decimal] | None = None
    move_id: int | None = None
    party_id: int | None = None
    key: str | None = None
    reference: str = ""
    note: str = ""
    row: int | None = None


@dataclass(frozen=True, slots=True)
class LinkedEvent(EventDraft):
    """One half of a transfer between companies; `counterpart` says where the other one is. `request`: digest of what was
    asked for, by which a repeated transfer is known. Doors give plain events."""

    counterpart: Mapping[str, Any] | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The answer of `services.record`. `repeated` is True when the same request had been recorded before."""

    batch_id: int
    recorded_at: datetime
    asset_ids: tuple[int, ...]
    event_ids: tuple[int, ...]
    entry_ids: tuple[int, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line of a value row to be: what it is about and how much."""

    asset_id: int
    tag: str
    event_id: int
    kind: str
    effective_on: date
    posting_on: date
    role: str
    meaning: str
    debit_account: str
    credit_account: str
    amount: int


@dataclass(frozen=True, slots=True)
class PreviewLine:
    account: str
    account_name: str
    amount: int
    cost_centre: str = ""


@dataclass(frozen=True, slots=True)
class PreviewEntry:
    effective_on: date
    posting_on: date
    lines: tuple[PreviewLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDraft:
    """A cash-generating unit and what it is worth on a day: its assets, goodwill among them or beside them, and floors
    below which an asset is not written down (fair value less costs of disposal, or value in use). Amounts in the currency
    of `book`, which alone hears of it; None: the primary one."""

    effective_on: date
    asset_ids: Sequence[int]
    recoverable: Decimal
    book: str | None = None
    goodwill_id: int | None = None
    floors: Mapping[int, Decimal] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class BookPreview:
    """What one book would post: value rows, and the entries they add up to. Amounts in minor units of `currency`."""

    book_id: int
    code: str
    currency: str
    decimals: int
    rows: tuple[PreviewRow, ...]
    entries: tuple[PreviewEntry, ...]


@dataclass(frozen=True, slots=True)
class RunException:
    """An asset that a run had to leave out, and why."""

    asset_id: int
    tag: str
    field: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """A depreciation run, posted or previewed (run_id None). Amounts in minor units of the book's currency."""

    run_id: int | None
    book_id: int
    from_on: date | None
    through_on: date
    asset_count: int
    row_count: int
    total: int
    exceptions: tuple[RunException, ...] = ()
    entry_ids: tuple[int, ...] = ()
    entries: tuple[PreviewEntry, ...] = ()
    repeated: bool = False


Events = Sequence[EventDraft]
