"""A company with many assets in several books, for the benchmarks of fixed assets."""

import datetime
import random
import time
from dataclasses import dataclass, field
from decimal import Decimal

from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft, RunResult
from wherewithal.assets.values import AssetDraft
from wherewithal.ledger import services as ledger_services

FIRST = datetime.date(2024, 1, 1)
CLASSES = ("MACH", "VEH", "FURN", "IT", "TOOL")
LIVES = (36, 60, 84, 120)
BATCH = 5_000


@dataclass
class Estate:
    company_id: int
    code: str
    books: list[int]
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def acquire(self, assets: int) -> float:
        """So many assets, bought and put into service on days of two years; seconds it took."""
        began = time.perf_counter()
        for start in range(0, assets, BATCH):
            drafts, events = [], []
            for number in range(min(BATCH, assets - start)):
                day = FIRST + datetime.timedelta(days=self.rng.randrange(730))
                drafts.append(self._asset(start + number))
                cost = Decimal(self.rng.randrange(50_000, 5_000_000)) / 100
                events.append(EventDraft("acquisition", day, asset_no=number, values={"cost": cost}))
                events.append(EventDraft("in_service", day, asset_no=number))
            services.record(
                company_id=self.company_id,
                actor_id=None,
                idempotency_key=f"bench-{start}",
                events=events,
                assets=drafts,
            )
        return time.perf_counter() - began

    def _asset(self, number: int) -> AssetDraft:
        terms = {
            "method": "straight_line",
            "life_months": str(self.rng.choice(LIVES)),
            "convention": "full_month",
        }
        if self.rng.random() < 0.3:
            terms |= {"method": "declining", "factor": "2", "switches_to_straight_line": True}
        return AssetDraft(
            f"Thing {number}", self.rng.choice(CLASSES), tag=f"A{number:07d}", terms={"": terms}
        )

    def run(self, book_id: int, through_on: datetime.date) -> RunResult:
        return services.depreciate(
            company_id=self.company_id, actor_id=None, book_id=book_id, through_on=through_on
        )


def estate(*, books: int = 1) -> Estate:
    """A company with the usual classes and so many books."""
    code = f"ESTATE{time.time_ns() % 10**9}"
    made = ledger_services.create_company(
        code=code, name="Estate", country="DE", currency="EUR", timezone="Europe/Berlin"
    )
    ids = [made.book_id]
    for number in range(1, books):
        ids.append(
            ledger_services.create_book(
                company_id=made.company_id,
                actor_id=None,
                code=f"book{number}",
                name=f"Book {number}",
                standard="management",
            )
        )
    services.install_classes(company_id=made.company_id, actor_id=None)
    return Estate(made.company_id, code, ids)
