"""A warehouse with two items and a week of business, entered through the one door."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from tests.reporting.conftest import Firm

from wherewithal.items.services import create_items
from wherewithal.items.values import ItemDraft, Tracking
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft


@dataclass(frozen=True, slots=True)
class Shop:
    """`places` by code; BOLT is bulk, DRILL has serials."""

    firm: Firm
    bolt: int
    drill: int
    places: dict[str, int]

    @property
    def company_id(self) -> int:
        return self.firm.company_id

    @property
    def book_id(self) -> int:
        return self.firm.book_id


def at(day: int, hour: int = 10) -> datetime:
    """In March 2025."""
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def open_shop(firm: Firm) -> Shop:
    items = [ItemDraft("BOLT", "Bolt M8"), ItemDraft("DRILL", "Drill", tracking=Tracking.SERIAL)]
    bolt, drill = create_items(company_id=firm.company_id, actor_id=None, items=items)
    services.create_locations(
        company_id=firm.company_id,
        actor_id=None,
        locations=[
            services.LocationDraft("MAIN", "Main", "warehouse"),
            services.LocationDraft("A1", "Bin A1", "bin", "MAIN"),
            services.LocationDraft("A2", "Bin A2", "bin", "MAIN"),
        ],
    )
    with company_transaction(company_id=firm.company_id):
        places = dict(
            fetch_all("SELECT code, id FROM stock_location WHERE company_id = %s", (firm.company_id,))
        )
    return Shop(firm, bolt, drill, places)


def record(
    shop: Shop, key: str, kind: DocumentKind, when: datetime, *lines: LineDraft, amount: Decimal | None = None
) -> BatchResult:
    return services.record(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key=key,
        documents=[DocumentDraft(kind, when, lines, amount=amount)],
    )


def a_week(shop: Shop) -> dict[str, int]:
    """10 bolts at 2.00, then 10 at 4.00, 5 of them sold (average 3.00); two drills, one sold. Move ids by name."""
    a1, a2, bolt, drill = shop.places["A1"], shop.places["A2"], shop.bolt, shop.drill
    first = record(
        shop,
        "1",
        DocumentKind.RECEIPT,
        at(3),
        LineDraft(bolt, Decimal(10), to_location_id=a1, unit_cost=Decimal("2.00")),
        LineDraft(drill, 2, to_location_id=a2, serials=("D1", "D2"), unit_cost=Decimal("50.00")),
    )
    second = record(
        shop,
        "2",
        DocumentKind.RECEIPT,
        at(4),
        LineDraft(bolt, Decimal(10), to_location_id=a1, unit_cost=Decimal("4.00")),
    )
    third = record(
        shop,
        "3",
        DocumentKind.ISSUE,
        at(5),
        LineDraft(bolt, Decimal(5), from_location_id=a1),
        LineDraft(drill, 1, from_location_id=a2, serials=("D1",)),
    )
    fourth = record(
        shop,
        "4",
        DocumentKind.TRANSFER,
        at(6),
        LineDraft(bolt, Decimal(4), from_location_id=a1, to_location_id=a2),
    )
    ((bolts, _, drill_two), (more,), (sold, _), (moved,)) = (
        result.documents[0].move_ids for result in (first, second, third, fourth)
    )
    return {"bolts": bolts, "drill two": drill_two, "more": more, "sold": sold, "moved": moved}
