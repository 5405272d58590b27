"""A small company with people, items and places, made by the use cases that the pages call."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from wherewithal.items import services as items
from wherewithal.items.values import BarcodeDraft, CategoryDraft, ItemDraft, Tracking
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.people import services as people
from wherewithal.stock import queries as stock
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

TIMEZONE = "Europe/Berlin"
PASSWORD = "correct horse battery staple"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Shop:
    """The company, and what a test needs to name."""

    company_id: int
    book_id: int
    code: str
    admin_id: int
    item_ids: dict[str, int]
    location_ids: dict[str, int]

    def url(self, path: str = "") -> str:
        return f"/c/{self.code}/{path}"

    def client(self, *roles: str) -> Client:
        """A browser in which a person with these roles has signed in."""
        client = Client()
        user = get_user_model().objects.get(pk=self.user(*roles))
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def user(self, *roles: str) -> int:
        user_id = people.create_user(username=unique("user"), password=PASSWORD)
        people.add_member(company_id=self.company_id, user_id=user_id, roles=roles)
        return user_id

    def receive(self, sku: str, qty: int, cost: str, *, at: datetime = NOON, **line: object) -> BatchResult:
        line = {"to_location_id": self.location_ids["A-1"], **line}
        draft = LineDraft(
            item_id=self.item_ids[sku],
            qty=Decimal(qty),
            unit_cost=Decimal(cost),
            **line,  # type: ignore[arg-type]  # further fields of a line
        )
        return self.record(DocumentDraft(DocumentKind.RECEIPT, at, [draft]))

    def record(self, *documents: DocumentDraft) -> BatchResult:
        return stock_services.record(
            company_id=self.company_id,
            actor_id=self.admin_id,
            idempotency_key=unique("batch"),
            documents=documents,
        )

    def moves(self) -> Sequence[stock.MoveRow]:
        with db.company_transaction(company_id=self.company_id):
            return stock.list_moves(self.company_id, limit=500)

    def on_hand(self, sku: str) -> int:
        with db.company_transaction(company_id=self.company_id):
            return stock.quantity(self.company_id, item_id=self.item_ids[sku])

    def count(self, table: str) -> int:
        """Rows of the company in a table: to see that nothing was written."""
        with db.company_transaction(company_id=self.company_id):
            row = db.fetch_one(f"SELECT count(*) FROM {table} WHERE company_id = %s", (self.company_id,))
        assert row is not None
        return int(row[0])


def this_day() -> date:
    """The day it is for the company, which for some hours of the evening is not that of UTC."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


def unique(word: str) -> str:
    return f"{word}-{os.getpid()}-{next(_numbers)}"


def new_shop(name: str = "Fernhill Pumps") -> Shop:
    code = unique("shop")
    admin_id = people.create_user(username=unique("admin"), password=PASSWORD, name="Dana Demo")
    made = ledger.create_company(
        code=code, name=name, country="DE", currency="EUR", timezone=TIMEZONE, actor_id=admin_id
    )
    company_id = made.company_id
    people.add_member(company_id=company_id, user_id=admin_id, roles=["administrator"])
    who = {"company_id": company_id, "actor_id": admin_id}
    items.create_categories(categories=[CategoryDraft("spare", "Spares")], **who)
    drafts = [
        ItemDraft(
            "SEAL-35", "Shaft seal 35x52x7", "spare", "spare", barcodes=[BarcodeDraft("4006381333931")]
        ),
        ItemDraft("SEAL-40", "Shaft seal 40x55x8", "spare", "spare"),
        ItemDraft("RESIN", "Epoxy resin", "raw_material", "spare", "kg", 3, Tracking.LOT, shelf_life_days=90),
        ItemDraft("MOTOR", "Motor 5.5 kW", "spare", "spare", tracking=Tracking.SERIAL),
    ]
    item_ids = items.create_items(items=drafts, **who)
    places = [
        LocationDraft("MAIN", "Main warehouse", "warehouse"),
        LocationDraft("A-1", "Bin A 1", "bin", "MAIN", barcode="BIN-A1"),
        LocationDraft("A-2", "Bin A 2", "bin", "MAIN"),
    ]
    location_ids = stock_services.create_locations(locations=places, **who)
    party = [
        PartyDraft(code="NORDIC", name="Nordic Seals AB", is_supplier=True, country="SE"),
        PartyDraft(code="LINDAU", name="Waterworks Lindau", is_customer=True, country="DE"),
    ]
    parties.create_parties(parties=party, **who)
    return Shop(
        company_id=company_id,
        book_id=made.book_id,
        code=code,
        admin_id=admin_id,
        item_ids=dict(zip((draft.sku for draft in drafts), item_ids, strict=True)),
        location_ids=dict(zip((place.code for place in places), location_ids, strict=True)),
    )


def text_of(response: HttpResponse) -> str:
    return response.content.decode()
