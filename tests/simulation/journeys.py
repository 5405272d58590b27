"""Random journeys of goods: many small movements of few items, drawn from a seed.

A journey asks for anything a warehouse does, also for what is not there; being refused is an answer, anything else
that goes wrong is a failure. What was answered can be compared with what is in the database.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import psycopg
from django.db import DatabaseError

from wherewithal.items.services import create_items
from wherewithal.items.values import ItemDraft, Tracking
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.ledger.services import create_book, create_company
from wherewithal.stock import services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

ITEMS = ("NUT", "BOLT", "RIVET", "CHAIN")  # CHAIN is made of the others, and taken apart again
BINS = ("N1", "N2", "S1")
START = datetime(2025, 1, 6, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """A company with two books that cost differently, four items, two warehouses."""

    company_id: int
    items: dict[str, int]
    places: dict[str, int]


@dataclass(slots=True)
class Journey:
    """One writer. `acknowledged` has the key of everything that was answered with yes."""

    world: World
    random: Random
    name: str
    hours: int = 0
    count: int = 0
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    shipped: list[tuple[int, str]] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def step(self) -> str | None:
        """Do one thing; its key if the answer was yes."""
        self.count += 1
        self.hours += 1
        key = f"{self.name}-{self.count}"
        return key if self.repeat(key, self.draw()) else None

    def repeat(self, key: str, document: DocumentDraft) -> bool:
        """Ask for a document under a key, as often as need be; whether the answer was yes."""
        try:
            result = services.record(
                company_id=self.world.company_id,
                actor_id=None,
                idempotency_key=key,
                documents=[document],
                source="simulation",
            )
        except Refused:
            self.refused += 1
            return False
        self.acknowledged.append(key)
        move_ids = result.documents[0].move_ids
        if document.kind is DocumentKind.RECEIPT:
            self.received += move_ids
        if document.kind is DocumentKind.ISSUE:
            self.shipped += [(move_id, "back") for move_id in move_ids]
        return True

    # --- what is asked for ----------------------------------------------------------------------------

    def draw(self) -> DocumentDraft:
        """The next thing to ask for."""
        draw = self.random.choices(
            [
                self._receive,
                self._issue,
                self._transfer,
                self._make,
                self._take_apart,
                self._return,
                self._freight,
            ],
            [5, 6, 4, 2, 1, 1, 1],
        )[0]
        return draw()

    def _when(self) -> datetime:
        """Mostly now, often earlier: papers come late."""
        back = self.random.choice((0, 0, 0, 1, 5, 40))
        return START + timedelta(hours=max(0, self.hours - back), seconds=self.random.randrange(3600))

    def _item(self) -> int:
        return self.world.items[self.random.choice(ITEMS[:3])]

    def _bin(self) -> int:
        return self.world.places[self.random.choice(BINS)]

    def _qty(self, most: int) -> Decimal:
        return Decimal(self.random.randint(1, most))

    def _receive(self) -> DocumentDraft:
        cost = Decimal(self.random.randrange(1, 900)) / 100
        lines = [LineDraft(self._item(), self._qty(30), to_location_id=self._bin(), unit_cost=cost)]
        return DocumentDraft(DocumentKind.RECEIPT, self._when(), lines)

    def _issue(self) -> DocumentDraft:
        lines = [LineDraft(self._item(), self._qty(9), from_location_id=self._bin())]
        return DocumentDraft(DocumentKind.ISSUE, self._when(), lines)

    def _transfer(self) -> DocumentDraft:
        source, target = self.random.sample(BINS, 2)
        places = self.world.places
        line = LineDraft(
            self._item(), self._qty(9), from_location_id=places[source], to_location_id=places[target]
        )
        return DocumentDraft(DocumentKind.TRANSFER, self._when(), [line])

    def _make(self) -> DocumentDraft:
        place, items = self.world.places["N1"], self.world.items
        parts = [LineDraft(items[sku], 2, from_location_id=place, consumed=True) for sku in ITEMS[:3]]
        made = LineDraft(items["CHAIN"], 1, to_location_id=place)
        return DocumentDraft(DocumentKind.PRODUCTION, self._when(), [*parts, made], amount=Decimal("1.00"))

    def _take_apart(self) -> DocumentDraft:
        place, items = self.world.places["N1"], self.world.items
        chain = LineDraft(items["CHAIN"], 1, from_location_id=place, consumed=True)
        part = LineDraft(items[self.random.choice(ITEMS[:3])], 2, to_location_id=place)
        return DocumentDraft(DocumentKind.PRODUCTION, self._when(), [chain, part])

    def _return(self) -> DocumentDraft:
        if not self.shipped:
            return self._receive()
        move_id, _ = self.random.choice(self.shipped)
        with db.company_transaction(company_id=self.world.company_id):
            row = db.fetch_one(
                "SELECT item_id FROM stock_move WHERE company_id = %s AND move_id = %s",
                (self.world.company_id, move_id),
            )
        assert row is not None, f"move {move_id} was acknowledged and is gone"
        line = LineDraft(row[0], 1, to_location_id=self._bin(), of_move_id=move_id)
        return DocumentDraft(
            DocumentKind.RETURN_FROM_CUSTOMER, START + timedelta(hours=self.hours + 50), [line]
        )

    def _freight(self) -> DocumentDraft:
        if not self.received:
            return self._receive()
        lines = [LineDraft(of_move_id=self.random.choice(self.received))]
        amount = Decimal(self.random.randrange(1, 500)) / 100
        return DocumentDraft(DocumentKind.LANDED_COST, self._when(), lines, amount=amount)


def make_world(code: str) -> World:
    """Set the company up; the second book costs each warehouse for itself by FIFO, in dollars."""
    created = create_company(
        code=code, name="Simulated", country="DE", currency="EUR", timezone="Europe/Berlin"
    )
    company_id = created.company_id
    second = create_book(
        company_id=company_id,
        actor_id=None,
        code="second",
        name="Second book",
        standard="management",
        cost_scope="warehouse",
    )
    services.set_cost_method(company_id=company_id, actor_id=None, book_id=second, method="fifo")
    drafts = [ItemDraft(sku, sku.title(), tracking=Tracking.BULK) for sku in ITEMS]
    ids = create_items(company_id=company_id, actor_id=None, items=drafts)
    services.create_locations(
        company_id=company_id,
        actor_id=None,
        locations=[
            services.LocationDraft("NORTH", "North", "warehouse"),
            services.LocationDraft("SOUTH", "South", "warehouse"),
            services.LocationDraft("N1", "North 1", "bin", "NORTH"),
            services.LocationDraft("N2", "North 2", "bin", "NORTH"),
            services.LocationDraft("S1", "South 1", "bin", "SOUTH"),
        ],
    )
    return find_world(company_id, dict(zip(ITEMS, ids, strict=True)))


def find_world(company_id: int, items: dict[str, int] | None = None) -> World:
    with db.company_transaction(company_id=company_id, read_only=True):
        places = dict(
            db.fetch_all("SELECT code, id FROM stock_location WHERE company_id = %s", (company_id,))
        )
        known = dict(db.fetch_all("SELECT sku, id FROM items_item WHERE company_id = %s", (company_id,)))
    return World(company_id, items or known, places)


LOST = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseError)
