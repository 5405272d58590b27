"""Assets for a test's company: the usual classes, a second book, and short ways to say what happened."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.web.shop import Shop, unique

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BatchResult, EventDraft, RunResult
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db
from wherewithal.ledger import services as ledger


@dataclass(frozen=True)
class Depot:
    """The assets of a shop."""

    shop: Shop
    tax_id: int

    @property
    def who(self) -> dict[str, int]:
        return {"company_id": self.shop.company_id, "actor_id": self.shop.admin_id}

    def url(self, path: str = "") -> str:
        return self.shop.url(f"assets{'/' if path else ''}{path}")

    def record(self, *events: EventDraft, assets: Any = ()) -> BatchResult:
        return services.record(**self.who, idempotency_key=unique("assets"), events=events, assets=assets)

    def buy(
        self, cost: str, on: str = "2026-01-01", *, name: str = "Lathe", code: str = "MACH", **draft: Any
    ) -> int:
        """An asset bought and put into service on a day; its id."""
        day = date.fromisoformat(on)
        events = [
            EventDraft("acquisition", day, asset_no=0, values={"cost": Decimal(cost)}),
            EventDraft("in_service", day, asset_no=0),
        ]
        return self.record(*events, assets=[AssetDraft(name, code, **draft)]).asset_ids[0]

    def event(self, kind: str, asset_id: int, on: str, **values: Any) -> int:
        draft = EventDraft(kind, date.fromisoformat(on), asset_id=asset_id, values=values)
        return self.record(draft).event_ids[0]

    def run(self, through: str) -> RunResult:
        return services.depreciate(
            **self.who, book_id=self.shop.book_id, through_on=date.fromisoformat(through)
        )

    def carrying(self, asset_id: int, book: str = "main") -> int:
        with db.company_transaction(company_id=self.shop.company_id):
            values = queries.book_values(self.shop.company_id, asset_id)
        return next(value.carrying for value in values if value.code == book)

    def assets(self) -> list[queries.RegisterRow]:
        with db.company_transaction(company_id=self.shop.company_id):
            return queries.register(self.shop.company_id, book_id=self.shop.book_id)


def new_depot(shop: Shop) -> Depot:
    """The shop with the usual classes, and a tax book in which machines live eight years."""
    who = {"company_id": shop.company_id, "actor_id": shop.admin_id}
    tax_id = ledger.create_book(**who, code="tax", name="Tax", standard="tax")
    services.install_classes(**who)
    with db.company_transaction(company_id=shop.company_id):
        machines = queries.class_by_code(shop.company_id, "MACH")
    terms = {"method": "straight_line", "life_months": "96", "convention": "full_month"}
    services.update_class(**who, class_id=machines.class_id, terms={"tax": terms})
    return Depot(shop, tax_id)
