"""Random lives of assets in three books, each with a calendar and terms of its own, one in a currency of other decimals.

Every event posts what its preview showed. Entered in another order, with other runs between, the books say the same. Taken
back one after the other, events leave what was there before them. `verify --deep` passes each time.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.assets.conftest import Firm, check_whole, make_firm

from wherewithal.assets import services
from wherewithal.assets.drafts import BatchResult, EventDraft
from wherewithal.assets.values import AssetDraft
from wherewithal.core.posting import Role
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger_services
from wherewithal.ledger.services import RateDraft
from wherewithal.reporting import verify

HISTORIES = max(1, int(os.environ.get("WHEREWITHAL_HISTORIES", "60")) // 60)
FIRST_SEED = int(os.environ.get("WHEREWITHAL_SEED", "1"))
ORDERS = 5
"""So many are tried until one can be entered."""
START, END = date(2024, 1, 1), "2029-12-31"
CALENDARS: Sequence[dict[str, Any]] = (
    {},
    {"first_month": 4},
    {"pattern": "weeks_13", "weekday": 6, "nearest": True},
    {"pattern": "weeks_445", "weekday": 5},
    {"pattern": "weeks_454", "weekday": 4, "first_month": 7},
)
METHODS: Sequence[dict[str, str | bool]] = (
    {"method": "straight_line", "life_months": "61.5"},
    {"method": "straight_line", "life_months": "24"},
    {"method": "straight_line", "rate": "1/3"},
    {"method": "declining", "factor": "2", "life_months": "37", "switches_to_straight_line": True},
    {"method": "declining", "rate": "0.3"},
    {"method": "sum_of_digits", "life_months": "36"},
    {"method": "annuity", "life_months": "60", "rate": "0.05"},
)
CONVENTIONS = (
    "full_month", "following_month", "half_month", "mid_month", "mid_quarter", "half_year", "full_year", "daily_actual",
    "daily_365", "daily_360",
)  # fmt: skip
CURRENCIES = {"JPY": (0, "163.37"), "KWD": (3, "0.3341")}


@dataclass
class Told:
    """One event of one asset. `book`: the only one that hears of it."""

    number: int
    asset: int
    kind: str
    on: date
    values: dict[str, Any]
    book: str | None


@dataclass
class Story:
    """What is to be told: assets as (cost, day of service, terms by book), then their events."""

    rng: Random
    currency: str = ""
    calendars: dict[str, dict[str, Any]] = field(default_factory=dict)
    assets: list[tuple[Decimal, date, dict[str, Any]]] = field(default_factory=list)
    events: list[Told] = field(default_factory=list)

    def __post_init__(self) -> None:
        choice = self.rng.choice
        self.currency = choice(tuple(CURRENCIES))
        self.calendars = {book: choice(CALENDARS) for book in ("main", "tax", "far")}
        for number in range(self.rng.choice((1, 2))):
            served = START + timedelta(days=self.rng.randint(0, 200))
            terms = {book: self.terms() for book in ("main", "tax", "far")}
            self.assets.append((self.money(1_000, 2_000_000), served, terms))
            self.live(number, served)
        self.events.sort(key=lambda told: (told.on, told.number))

    def terms(self) -> dict[str, Any]:
        more = {"residual_percent": "5.5"} if self.rng.random() < 0.4 else {}
        return {**self.rng.choice(METHODS), "convention": self.rng.choice(CONVENTIONS), **more}

    def money(self, least: int, most: int, book: str | None = None) -> Decimal:
        decimals = CURRENCIES[self.currency][0] if book == "far" else 2
        return Decimal(self.rng.randint(least, most)).scaleb(-decimals)

    def tell(self, asset: int, kind: str, on: date, book: str | None, **values: Any) -> None:
        self.events.append(Told(len(self.events), asset, kind, on, values, book))

    def live(self, asset: int, on: date) -> None:
        for _ in range(self.rng.randint(1, 5)):
            on += timedelta(days=self.rng.randint(1, 150))
            book = self.rng.choice((None, None, "main", "tax", "far"))
            later = on + timedelta(days=self.rng.randint(10, 200))
            match self.rng.randint(1, 10):
                case 1:
                    self.tell(asset, "cost_addition", on, book, amount=self.money(-500, 90_000, book))
                case 2:
                    left = self.rng.random() < 0.5
                    self.tell(asset, "estimate_change", on, book, terms=self.terms(), remaining_life=left)
                case 3:
                    self.tell(asset, "terms_catch_up", on, book, terms=self.terms())
                case 4:
                    self.tell(asset, "impairment", on, book, recoverable=self.money(0, 300_000, book))
                    more = self.money(0, 900_000, book)
                    self.tell(asset, "impairment_reversal", later, book, recoverable=more)
                case 5:
                    how = self.rng.choice(("elimination", "proportional"))
                    self.tell(asset, "revaluation", on, book, value=self.money(0, 900_000, book), method=how)
                case 6:
                    got = self.money(0, 90_000)
                    self.tell(asset, "partial_disposal", on, None, how="sale", share="1/3", proceeds=got)
                case 7:
                    self.tell(asset, "idle", on, book)
                    self.tell(asset, "resume", later, book)
                case 8:
                    worth = self.money(100, 900_000, book)
                    self.tell(asset, "held_for_sale", on, book, fair_value_less_costs=worth)
                    self.tell(asset, "back_to_use", later, book)
                case 9:
                    self.tell(asset, "error_correction", on, book, terms=self.terms())
                case 10:
                    got, costs = self.money(0, 90_000), self.money(0, 900)
                    self.tell(asset, "disposal", later, None, how="sale", proceeds=got, costs=costs)
                    return
            on = later


class Clerk:
    """Enters a story into a firm of its own."""

    firm: Firm

    def __init__(self, story: Story) -> None:
        self.firm = firm = make_firm()
        firm.book("tax")
        firm.book("far", currency=story.currency)
        rate = RateDraft("EUR", story.currency, date(2023, 1, 1), Decimal(CURRENCIES[story.currency][1]))
        ledger_services.set_exchange_rates(company_id=firm.company_id, actor_id=None, rates=[rate])
        for book, calendar in story.calendars.items():
            services.set_calendar(
                company_id=firm.company_id, actor_id=None, book_id=firm.books[book], calendar=calendar
            )
        firm.class_("THING")
        self.assets: list[int] = []
        self.served: list[int] = []
        self.events: dict[int, int] = {}
        for number, (cost, on, terms) in enumerate(story.assets):
            done = firm.record(
                EventDraft("acquisition", on, asset_no=0, values={"cost": cost}, key=f"bought {number}"),
                EventDraft("in_service", on, asset_no=0, key=f"served {number}"),
                assets=[AssetDraft("Thing", "THING", tag=f"A{number}", terms=terms)],
            )
            self.assets += done.asset_ids
            self.served.append(done.event_ids[1])

    def enter(self, told: Told) -> None:
        corrected = self.served[told.asset] if told.kind == "error_correction" else None
        draft = EventDraft(
            told.kind, told.on, asset_id=self.assets[told.asset], values=told.values, book=told.book,
            of_event_id=corrected, key=f"told {told.number}",
        )  # fmt: skip
        (self.events[told.number],) = self.as_shown(draft).event_ids

    def take_back(self, told: Told) -> None:
        asset, event = self.assets[told.asset], self.events[told.number]
        self.as_shown(EventDraft("reversal", told.on, asset_id=asset, of_event_id=event))

    def as_shown(self, draft: EventDraft) -> BatchResult:
        """Posts what the preview showed, in every book."""
        shown: Counter[Any] = Counter()
        for book in self.firm.preview(draft):
            for row in book.rows:
                shown[book.book_id, row.asset_id, row.role, row.effective_on, row.posting_on] += row.amount
        done = self.firm.record(draft)
        posted: Counter[Any] = Counter()
        for *key, role, effective_on, posting_on, amount in self.firm.query(
            "SELECT book_id, asset_id, role, effective_on, posting_on, amount FROM assets_value WHERE batch_id = %s",
            done.batch_id,
        ):
            posted[*key, Role(role).name.lower(), effective_on, posting_on] += amount
        assert without_nothing(posted) == without_nothing(shown), draft
        return done

    def run(self, through: str = END) -> None:
        for book in self.firm.books:
            assert not self.firm.run(through, book).exceptions
        assert [self.firm.run(through, book).row_count for book in self.firm.books] == [0, 0, 0]

    def says(self) -> dict[Any, int]:
        """Amounts by book, asset, role and day, with names that are the same in every firm."""
        books = {book_id: code for code, book_id in self.firm.books.items()}
        rows = self.firm.query(
            "SELECT v.book_id, a.tag, v.role, v.effective_on, sum(v.amount)::bigint FROM assets_value v"
            " JOIN assets_asset a ON a.id = v.asset_id GROUP BY 1, 2, 3, 4 HAVING sum(v.amount) <> 0"
        )
        check_whole(self.firm)
        report = verify.run(company_id=self.firm.company_id, deep=True)
        assert [(check.name, check.findings) for check in report.checks if not check.passed] == []
        return {(books[book], *key): amount for book, *key, amount in rows}


def without_nothing(amounts: Counter[Any]) -> dict[Any, int]:
    return {key: amount for key, amount in amounts.items() if amount}


def run_some_day(clerk: Clerk, rng: Random) -> None:
    book = rng.choice(tuple(clerk.firm.books))
    clerk.firm.run(str(START + timedelta(days=rng.randint(0, 1_200))), book)


def in_another_order(story: Story, told: Sequence[Told], rng: Random) -> Clerk | None:
    """The same events in an order of chance, with runs between; None if some of them can never be said in this one."""
    clerk, waiting = Clerk(story), rng.sample(told, len(told))
    for _ in told:
        left = []
        for event in waiting:
            if rng.random() < 0.2:
                run_some_day(clerk, rng)
            try:
                clerk.enter(event)
            except Refused:
                left.append(event)  # it waits for what comes before it
        waiting = left
    return None if waiting else clerk


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + HISTORIES))
def test_random_lives_of_assets(seed: int) -> None:
    rng = Random(seed * 7919)
    story = Story(rng)
    clerk, told = Clerk(story), []
    untouched = Clerk(story)
    untouched.run()
    for event in story.events:
        if rng.random() < 0.4:
            run_some_day(clerk, rng)
        try:
            clerk.enter(event)
        except Refused:
            continue  # what cannot be said of this asset by then
        told.append(event)
    clerk.run()
    said = clerk.says()
    orders = (in_another_order(story, told, rng) for _ in range(ORDERS))
    another = next(filter(None, orders), None)
    assert another is not None, f"seed {seed}: no other order could be entered"
    another.run()
    assert another.says() == said, f"seed {seed}: another order"
    for event in reversed(told):
        clerk.take_back(event)
    assert clerk.says() == untouched.says(), f"seed {seed}: taken back"
