"""A company of its own for each test, with classes, and short ways to say what happened."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from wherewithal.assets import services
from wherewithal.assets.drafts import BatchResult, EventDraft, RunResult
from wherewithal.assets.values import AssetDraft, ClassDraft
from wherewithal.kit import db
from wherewithal.ledger import services as ledger_services

_numbers = itertools.count(1)
STRAIGHT = {"method": "straight_line", "life_months": "60", "convention": "full_month"}


def day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass
class Firm:
    """A company with a book `main` in euros and classes MACH (five years straight line), LAND and AUC."""

    company_id: int
    book_id: int
    books: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def book(self, code: str, **values: Any) -> int:
        """A further book."""
        given = {"name": code, "standard": "management"} | values
        self.books[code] = ledger_services.create_book(
            company_id=self.company_id, actor_id=None, code=code, **given
        )
        return self.books[code]

    def class_(self, code: str, **values: Any) -> int:
        draft = ClassDraft(code, code.title(), **values)
        self.classes[code] = services.create_class(company_id=self.company_id, actor_id=None, draft=draft)
        return self.classes[code]

    def record(self, *events: EventDraft, assets: Any = (), key: str | None = None) -> BatchResult:
        return services.record(
            company_id=self.company_id,
            actor_id=None,
            idempotency_key=key or f"key-{next(self.keys)}",
            events=events,
            assets=assets,
        )

    def preview(self, *events: EventDraft, assets: Any = ()) -> Any:
        return services.preview(company_id=self.company_id, actor_id=None, events=events, assets=assets)

    def buy(
        self, cost: str, on: str, *, service: str | None = None, class_code: str = "MACH", **draft: Any
    ) -> int:
        """An asset acquired (and in service from `service`); its id."""
        asset = AssetDraft(draft.pop("name", "Thing"), class_code, **draft)
        events = [EventDraft("acquisition", day(on), asset_no=0, values={"cost": Decimal(cost)})]
        if service:
            events.append(EventDraft("in_service", day(service), asset_no=0))
        return self.record(*events, assets=[asset]).asset_ids[0]

    def event(self, kind: str, asset_id: int, on: str, *, key: str | None = None, **values: Any) -> int:
        """One event; its id. Head fields of the draft are taken out of the values."""
        heads = ("book", "by_book", "currency", "rates", "of_event_id", "of_no", "move_id", "reference")
        head = {name: values.pop(name) for name in heads if name in values}
        draft = EventDraft(kind, day(on), asset_id=asset_id, values=values, key=key, **head)
        return self.record(draft).event_ids[0]

    def run(self, through: str, book: str | None = None, **more: Any) -> RunResult:
        return services.depreciate(
            company_id=self.company_id,
            actor_id=None,
            book_id=self.books[book] if book else self.book_id,
            through_on=day(through),
            **more,
        )

    # --- what there is ----------------------------------------------------------------------------------------

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with db.company_transaction(company_id=self.company_id):
            return db.fetch_all(sql, params or None)

    def nbv(self, asset_id: int, book: str | None = None, on: str | None = None) -> int:
        rows = self.query(
            "SELECT coalesce(sum(carrying_amount), 0)::bigint FROM assets_value WHERE asset_id = %s AND book_id = %s"
            " AND (%s::date IS NULL OR effective_on <= %s)",
            asset_id,
            self.books[book] if book else self.book_id,
            on,
            on,
        )
        return int(rows[0][0])

    def charges(self, asset_id: int, book: str | None = None) -> list[tuple[str, int]]:
        """Depreciation by effective day, net."""
        rows = self.query(
            "SELECT effective_on::text, sum(amount)::bigint FROM assets_value WHERE asset_id = %s AND book_id = %s"
            " AND role BETWEEN 120 AND 123 GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1",
            asset_id,
            self.books[book] if book else self.book_id,
        )
        return [(on, amount) for on, amount in rows]

    def balance(self, account_role: str, book: str | None = None) -> int:
        """The ledger's balance of the accounts that play a role."""
        book_id = self.books[book] if book else self.book_id
        rows = self.query(
            "SELECT coalesce(sum(l.amount), 0)::bigint FROM ledger_line l WHERE l.book_id = %s AND l.account_id IN"
            " (SELECT account_id FROM ledger_account_map WHERE account_role = %s AND book_id = %s)",
            book_id,
            account_role,
            book_id,
        )
        return int(rows[0][0])

    def counts(self) -> dict[str, int]:
        """Rows in every table that a refusal must leave alone."""
        tables = ("asset", "batch", "event", "placement", "value", "run", "custody", "booking")
        found = {name: self.query(f"SELECT count(*) FROM assets_{name}")[0][0] for name in tables}
        found["entry"] = self.query("SELECT count(*) FROM ledger_entry")[0][0]
        return found


def make_firm(**company: Any) -> Firm:
    number = next(_numbers)
    values = {
        "code": f"F{number}-{datetime.now(UTC).timestamp():.6f}".replace(".", "-"),
        "name": "A firm",
        "country": "DE",
        "currency": "EUR",
        "timezone": "UTC",
    } | company
    created = ledger_services.create_company(**values)
    firm = Firm(created.company_id, created.book_id, {"main": created.book_id})
    firm.class_("MACH", terms={"": STRAIGHT})
    firm.class_("LAND", kind="land")
    firm.class_("AUC", kind="under_construction")
    return firm


@pytest.fixture
def firm(db: None) -> Firm:
    return make_firm()


@pytest.fixture
def firms(db: None) -> Callable[..., Firm]:
    return make_firm


def check_whole(firm: Firm) -> None:
    """Value rows = ledger lines by entry and account; nothing carried by assets that are gone."""
    rows = firm.query(
        """
        SELECT coalesce(v.entry_id, l.entry_id), v.amount, l.amount FROM (
            SELECT entry_id, account_id, sum(amount) AS amount FROM (
                SELECT entry_id, debit_account_id AS account_id, amount FROM assets_value
                UNION ALL SELECT entry_id, credit_account_id, -amount FROM assets_value) s
            WHERE entry_id IS NOT NULL GROUP BY 1, 2 HAVING sum(amount) <> 0) v
        FULL JOIN (
            SELECT l.entry_id, l.account_id, sum(l.amount) AS amount FROM ledger_line l
            JOIN ledger_entry e USING (company_id, book_id, entry_id)
            WHERE e.source IN ('assets', 'depreciation') GROUP BY 1, 2 HAVING sum(l.amount) <> 0) l
        ON l.entry_id = v.entry_id AND l.account_id = v.account_id
        WHERE v.amount IS DISTINCT FROM l.amount
        """
    )
    assert rows == []
