"""What lies ahead: forecasts, scenarios, budgets, and how they compare. Amounts in minor units of the book's currency."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.core.posting import Role


class CashKind(StrEnum):
    """What cash is paid or received for."""

    PURCHASE = "purchase"
    PROCEEDS = "proceeds"
    LEASE = "lease"
    OTHER = "other"
    """Costs of a disposal, grants, decommissioning."""


_PURCHASES = frozenset({Role.ASSET_ACQUIRED, Role.ASSET_EXCHANGED, Role.COST_ADDED, Role.CONSTRUCTION_COST})


def cash_kind(role: int) -> CashKind:
    """What the cash of a value role is for."""
    if role in _PURCHASES:
        return CashKind.PURCHASE
    if role == Role.DISPOSAL_PROCEEDS:
        return CashKind.PROCEEDS
    return CashKind.LEASE if role >= Role.LEASE_LIABILITY else CashKind.OTHER


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One class (and cost centre, 0: none or all) of one book in one period.

    `cost` and `carrying` stand at the end of the period. Cash that is paid is below zero: `purchases`, `proceeds` and
    `lease_payments` are parts of `cash`. `booked`: the whole period lies within what the book has been run to.
    """

    book_id: int
    class_id: int
    from_on: datetime.date
    to_on: datetime.date
    charge: int
    cost: int
    carrying: int
    cash: int
    purchases: int = 0
    proceeds: int = 0
    lease_payments: int = 0
    cost_centre_id: int = 0
    booked: bool = False


@dataclass(frozen=True, slots=True)
class CashRow:
    """What is paid (below zero) or received for a class on a day."""

    book_id: int
    class_id: int
    cost_centre_id: int
    on: datetime.date
    kind: CashKind
    amount: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line of a scenario that fits no longer, and why: its asset was sold meanwhile, say."""

    line_id: int
    position: int
    label: str
    message: str


@dataclass(slots=True)
class Projection:
    """What lies ahead by period, and its cash by day. `left_out`: lines of the scenario that it does not count on."""

    rows: list[ForecastRow] = field(default_factory=list)
    cash: list[CashRow] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


# --- scenarios and budgets ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScenarioLine:
    """One thing that may happen, as `record` takes it: planned assets, and events of them (`asset_no`) or of assets that
    are there. `position` orders the lines."""

    line_id: int
    position: int
    label: str
    assets: tuple[AssetDraft, ...]
    events: tuple[EventDraft, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named set of things that may happen."""

    scenario_id: int
    name: str
    note: str
    active: bool
    copied_from_id: int | None
    line_count: int
    changed_at: datetime.datetime
    lines: tuple[ScenarioLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """A forecast as it was when it was frozen. `scenario`: name and lines of what it counted on, as texts."""

    budget_id: int
    name: str
    version: int
    from_on: datetime.date
    to_on: datetime.date
    book_ids: tuple[int, ...]
    scenario_id: int | None
    scenario: dict[str, Any]
    note: str
    recorded_at: datetime.datetime
    actor_id: int | None


# --- comparison ---------------------------------------------------------------------------------------------------


class Part(StrEnum):
    """By what a comparison is broken down."""

    CLASS = "class"
    COST_CENTRE = "cost_centre"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be budgeted. `cost` and `carrying` stand at the end of the days compared, the others are sums."""

    charge: int = 0
    cost: int = 0
    carrying: int = 0
    purchases: int = 0
    proceeds: int = 0
    lease_payments: int = 0
    cash: int = 0


FIGURES = tuple(spec.name for spec in fields(Figures))
_STANDING = frozenset({"cost", "carrying"})


@dataclass(frozen=True, slots=True)
class VarianceRow:
    """Expected against found in one book; class, cost centre and days are None where they are not told apart.

    `booked`: all of what was found is booked; otherwise some or all of it lies ahead.
    """

    book_id: int
    class_id: int | None
    cost_centre_id: int | None
    from_on: datetime.date | None
    to_on: datetime.date | None
    expected: Figures
    found: Figures
    booked: bool

    @property
    def variance(self) -> Figures:
        """Found less expected."""
        return Figures(*(getattr(self.found, name) - getattr(self.expected, name) for name in FIGURES))


_Key = tuple[int, int | None, int | None, datetime.date | None, datetime.date | None]
"""(book, class, cost centre, first day, last day)"""


def variance(
    expected: Iterable[ForecastRow], found: Iterable[ForecastRow], parts: Sequence[Part]
) -> list[VarianceRow]:
    """Two sets of rows over the same periods, side by side, broken down by some parts, in their order."""
    first, second = list(expected), list(found)
    last: dict[int, datetime.date] = {}
    for row in (*first, *second):
        last[row.book_id] = max(row.to_on, last.get(row.book_id, row.to_on))

    def key(row: ForecastRow) -> _Key:
        days = (row.from_on, row.to_on) if Part.PERIOD in parts else (None, None)
        class_id = row.class_id if Part.CLASS in parts else None
        return (row.book_id, class_id, row.cost_centre_id if Part.COST_CENTRE in parts else None, *days)

    def stands(row: ForecastRow) -> bool:
        return Part.PERIOD in parts or row.to_on == last[row.book_id]

    left, right = _sums(first, key, stands), _sums(second, key, stands)
    unbooked = {key(row) for row in second if not row.booked}

    def order(one: _Key) -> tuple[Any, ...]:
        book_id, class_id, centre, first, _ = one
        return (book_id, first or datetime.date.min, class_id or 0, centre or 0)

    known = sorted({*left, *right}, key=order)
    nothing = Figures()
    return [
        VarianceRow(*one, left.get(one, nothing), right.get(one, nothing), one not in unbooked)
        for one in known
    ]


def _sums(
    rows: Iterable[ForecastRow], key: Callable[[ForecastRow], _Key], stands: Callable[[ForecastRow], bool]
) -> dict[_Key, Figures]:
    totals: dict[_Key, dict[str, int]] = {}
    for row in rows:
        mine = totals.setdefault(key(row), dict.fromkeys(FIGURES, 0))
        for name in FIGURES:
            if name not in _STANDING or stands(row):
                mine[name] += getattr(row, name)
    return {one: Figures(**amounts) for one, amounts in totals.items()}
