"""A company of its own for each test, with places, and short ways to say what happened."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from wherewithal.items import services as items_services
from wherewithal.items.values import CategoryDraft, ItemDraft
from wherewithal.kit import db
from wherewithal.ledger import services as ledger_services
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

_numbers = itertools.count(1)


def at(day: str, time: str = "12:00") -> datetime:
    """An instant in 2026, UTC: at("03-01")."""
    return datetime.fromisoformat(f"2026-{day}T{time}:00").replace(tzinfo=UTC)


@dataclass
class Shop:
    """A company with two warehouses (WH-A with two bins, WH-B with one) and items by SKU."""

    company_id: int
    book_id: int
    places: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    keys: Any = field(default_factory=lambda: itertools.count(1))

    def item(self, sku: str, **values: Any) -> int:
        """The item of this SKU, made when first named."""
        if sku not in self.items:
            draft = ItemDraft(sku=sku, name=sku, **values)
            self.items[sku] = items_services.create_items(
                company_id=self.company_id, actor_id=None, items=[draft]
            )[0]
        return self.items[sku]

    def category(self, code: str, parent_code: str | None = None) -> int:
        return items_services.create_categories(
            company_id=self.company_id, actor_id=None, categories=[CategoryDraft(code, code, parent_code)]
        )[0]

    def policy(
        self,
        method: str,
        *,
        category_id: int | None = None,
        on: str | None = None,
        book_id: int | None = None,
    ) -> None:
        day = datetime.fromisoformat(f"2026-{on}").date() if on else None
        services.set_cost_method(
            company_id=self.company_id,
            actor_id=None,
            book_id=book_id or self.book_id,
            category_id=category_id,
            method=method,
            effective_on=day,
        )

    def record(
        self, kind: str, when: datetime, lines: Sequence[LineDraft], *, key: str | None = None, **head: Any
    ) -> BatchResult:
        draft = DocumentDraft(DocumentKind(kind), when, lines, **head)
        return services.record(
            company_id=self.company_id,
            actor_id=None,
            idempotency_key=key or f"key-{next(self.keys)}",
            documents=[draft],
        )

    def receive(self, sku: str, qty: Any, cost: Any, when: datetime, place: str = "A-1", **line: Any) -> int:
        draft = LineDraft(
            self.item(sku),
            number(qty),
            to_location_id=self.places[place],
            unit_cost=Decimal(str(cost)),
            **line,
        )
        return self.record("receipt", when, [draft]).documents[0].move_ids[0]

    def issue(self, sku: str, qty: Any, when: datetime, place: str = "A-1", **line: Any) -> int:
        draft = LineDraft(self.item(sku), number(qty), from_location_id=self.places[place], **line)
        return self.record("issue", when, [draft]).documents[0].move_ids[0]

    def move(self, sku: str, qty: Any, when: datetime, source: str, target: str, **line: Any) -> int:
        draft = LineDraft(
            self.item(sku),
            number(qty),
            from_location_id=self.places[source],
            to_location_id=self.places[target],
            **line,
        )
        return self.record("transfer", when, [draft]).documents[0].move_ids[0]

    # --- what there is ----------------------------------------------------------------------------------------

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        with db.company_transaction(company_id=self.company_id):
            return db.fetch_all(sql, params or None)

    def cost(self, move_id: int, book_id: int | None = None) -> int:
        """What the move did to the stock value, as now known, in minor units."""
        rows = self.query(
            "SELECT coalesce(sum(stock_amount), 0)::bigint FROM stock_value WHERE move_id = %s AND book_id = %s",
            move_id,
            book_id or self.book_id,
        )
        return int(rows[0][0])

    def state(self, sku: str, book_id: int | None = None) -> tuple[int, int]:
        """(quantity, value) of all pools of the item."""
        rows = self.query(
            "SELECT coalesce(sum(qty), 0)::bigint, coalesce(sum(value), 0)::bigint FROM stock_cost_state"
            " WHERE item_id = %s AND book_id = %s",
            self.items[sku],
            book_id or self.book_id,
        )
        return rows[0]

    def on_hand(self, sku: str, place: str | None = None) -> int:
        rows = self.query(
            "SELECT coalesce(sum(qty), 0)::bigint FROM stock_quant"
            " WHERE item_id = %s AND (%s::int IS NULL OR location_id = %s)",
            self.items[sku],
            self.places[place] if place else None,
            self.places[place] if place else None,
        )
        return int(rows[0][0])

    def balance(self, account_role: str, book_id: int | None = None) -> int:
        rows = self.query(
            "SELECT coalesce(sum(l.amount), 0)::bigint FROM ledger_line l WHERE l.book_id = %s AND l.account_id IN"
            " (SELECT account_id FROM ledger_account_map WHERE account_role = %s AND book_id = %s)",
            book_id or self.book_id,
            account_role,
            book_id or self.book_id,
        )
        return int(rows[0][0])

    def counts(self) -> dict[str, int]:
        """Rows in every table that a refusal must leave alone."""
        tables = ("batch", "document", "move", "move_cost", "value", "quant", "reservation")
        found = {}
        for table in tables:
            found[table] = self.query(f"SELECT count(*) FROM stock_{table}")[0][0]
        found["entry"] = self.query("SELECT count(*) FROM ledger_entry")[0][0]
        found["lot"] = self.query("SELECT count(*) FROM items_lot")[0][0]
        return found


def number(value: Any) -> Any:
    return value if isinstance(value, int) else Decimal(str(value))


def make_shop(**company: Any) -> Shop:
    number_ = next(_numbers)
    values = {
        "code": f"S{number_}-{datetime.now(UTC).timestamp():.6f}".replace(".", "-"),
        "name": "A shop",
        "country": "DE",
        "currency": "EUR",
        "timezone": "UTC",
    } | company
    created = ledger_services.create_company(**values)
    shop = Shop(created.company_id, created.book_id)
    drafts = [
        LocationDraft("WH-A", "Warehouse A", "warehouse"),
        LocationDraft("A-1", "Bin A-1", "bin", parent_code="WH-A"),
        LocationDraft("A-2", "Bin A-2", "bin", parent_code="WH-A"),
        LocationDraft("WH-B", "Warehouse B", "warehouse"),
        LocationDraft("B-1", "Bin B-1", "bin", parent_code="WH-B"),
    ]
    services.create_locations(company_id=shop.company_id, actor_id=None, locations=drafts)
    shop.places = dict(shop.query("SELECT code, id FROM stock_location"))
    return shop


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop()


@pytest.fixture
def shops(db: None) -> Callable[..., Shop]:
    return make_shop


def check_whole(shop: Shop) -> None:
    """Pools = value rows = the ledger's inventory accounts; balances = moves; nothing below zero unasked."""
    pools = shop.query(
        """
        SELECT v.book_id, v.item_id, v.scope_id, coalesce(s.value, 0), v.amount FROM (
            SELECT book_id, item_id, scope_id, sum(stock_amount)::bigint AS amount FROM stock_value GROUP BY 1, 2, 3) v
        FULL JOIN (SELECT book_id, item_id, scope_id, sum(value)::bigint AS value FROM stock_cost_state GROUP BY 1, 2, 3) s
        USING (book_id, item_id, scope_id)
        WHERE coalesce(s.value, 0) <> coalesce(v.amount, 0)
        """
    )
    assert pools == [], "value of pools = sum of their value rows"
    ledger = shop.query(
        """
        SELECT coalesce(v.book_id, l.book_id), coalesce(v.account_id, l.account_id), v.amount, l.amount FROM (
            SELECT book_id, posting_on, account_id, sum(amount) AS amount FROM (
                SELECT book_id, posting_on, debit_account_id AS account_id, amount FROM stock_value
                UNION ALL SELECT book_id, posting_on, credit_account_id, -amount FROM stock_value) x
            GROUP BY 1, 2, 3) v
        FULL JOIN (SELECT book_id, posting_on, account_id, sum(amount) AS amount FROM ledger_line GROUP BY 1, 2, 3) l
        USING (book_id, posting_on, account_id)
        WHERE coalesce(v.amount, 0) <> coalesce(l.amount, 0)
        """
    )
    assert ledger == [], "subledger = general ledger, per account and posting day"
    quants = shop.query(
        """
        SELECT * FROM (
            SELECT item_id, location_id, lot_id, sum(qty) AS qty FROM (
                SELECT item_id, to_location_id AS location_id, lot_id, qty FROM stock_move
                UNION ALL SELECT item_id, from_location_id, lot_id, -qty FROM stock_move) x
            JOIN stock_location l ON l.id = location_id AND l.is_held GROUP BY 1, 2, 3) m
        FULL JOIN stock_quant q USING (item_id, location_id, lot_id)
        WHERE coalesce(m.qty, 0) <> coalesce(q.qty, 0)
        """
    )
    assert quants == [], "balances = sum of moves"
    below = shop.query(
        "SELECT q.* FROM stock_quant q JOIN stock_location l ON l.id = q.location_id"
        " WHERE (q.qty < 0 AND NOT l.allow_negative) OR q.reserved > q.qty AND q.reserved > 0"
    )
    assert below == [], "nothing below zero, nothing claimed twice"
