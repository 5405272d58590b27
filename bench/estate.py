"""A company with many assets in several books, for the benchmarks of fixed assets."""

import datetime
import random
import time
from dataclasses import dataclass, field
from decimal import Decimal

from bench.goods import administrator, written_columns
from wherewithal.assets import services
from wherewithal.assets.drafts import EventDraft, RunResult
from wherewithal.assets.values import AssetDraft
from wherewithal.ledger import services as ledger_services
from wherewithal.stock import services as stock_services
from wherewithal.stock.services import LocationDraft

FIRST = datetime.date(2025, 1, 1)
CLASSES = ("MACH", "VEH", "FURN", "IT", "TOOL")
WORDS = ("Press", "Lathe", "Van", "Desk", "Chair", "Laptop", "Screen", "Drill", "Lift", "Pump")
LIVES = (36, 60, 84, 120)
BATCH = 5_000
SITES, ROOMS, CENTRES = 10, 20, 50
SCRAPPED = 500
"""One of so many assets is scrapped."""
SHIFTED = {
    "assets_asset": ("id", "tag", "serial_no"),
    "assets_asset_book": ("asset_id",),
    "assets_event": ("event_id", "asset_id", "of_event_id"),
    "assets_placement": ("asset_id", "event_id"),
    "assets_standing": ("asset_id", "cause_id"),
    "assets_value": ("asset_id", "event_id"),
}
"""What a copy of an asset has of its own."""
SHIFT = {
    "id": "id + n::bigint * {above}",
    "asset_id": "asset_id + n::bigint * {above}",
    "event_id": "event_id + n::bigint * {above}",
    "of_event_id": "of_event_id + n::bigint * {above}",
    "cause_id": "cause_id + n::bigint * {above}",
    "tag": "left(tag, 1) || lpad((substr(tag, 2)::int + n * {assets})::text, 7, '0')",
    "serial_no": "'SN' || lpad(((substr(serial_no, 3)::bigint + n * 7919) % 100000000)::text, 8, '0')",
}


@dataclass
class Estate:
    company_id: int
    code: str
    books: list[int]
    sites: list[int]
    rooms: list[int]
    centres: list[int]
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def acquire(self, assets: int, *, first: datetime.date = FIRST) -> float:
        """So many assets, bought and put into service on days of the year that begins then; seconds it took."""
        began = time.perf_counter()
        for start in range(0, assets, BATCH):
            drafts, events = [], []
            for number in range(min(BATCH, assets - start)):
                day = first + datetime.timedelta(days=self.rng.randrange(365))
                drafts.append(self._asset(start + number))
                cost = Decimal(self.rng.randrange(50_000, 5_000_000)) / 100
                events.append(EventDraft("acquisition", day, asset_no=number, values={"cost": cost}))
                events.append(EventDraft("in_service", day, asset_no=number))
                if number % SCRAPPED == SCRAPPED - 1:
                    gone = day + datetime.timedelta(days=self.rng.randrange(1, 200))
                    events.append(EventDraft("disposal", gone, asset_no=number, values={"how": "scrap"}))
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
            f"{self.rng.choice(WORDS)} {number}",
            self.rng.choice(CLASSES),
            tag=f"A{number:07d}",
            serial_no=f"SN{self.rng.randrange(10**8):08d}",
            location_id=self.rng.choice(self.rooms),
            cost_centre_id=self.rng.choice(self.centres),
            terms={"": terms},
        )

    def multiply(self, copies: int, *, book_ids: list[int] | None = None) -> None:
        """So many copies of each asset beside it, with their rows in these books (None: all), by SQL: the rows are those
        that the use cases make, at a hundredth of the time."""
        with administrator() as connection:
            connection.execute("SET session_replication_role = replica")
            found = connection.execute(
                "SELECT (SELECT count(*) FROM assets_asset WHERE company_id = %(company)s),"
                " 1 + greatest((SELECT max(id) FROM assets_asset), (SELECT max(event_id) FROM assets_event))",
                {"company": self.company_id},
            ).fetchone()
            assert found is not None
            assets, above = found
            for table, shifted in SHIFTED.items():
                names = written_columns(connection, table)
                picked = ", ".join(
                    SHIFT[name].format(assets=assets, above=above) if name in shifted else name
                    for name in names
                )
                only = ""
                if book_ids is not None and "book_id" in names and table != "assets_event":
                    only = f"AND book_id = ANY ('{{{','.join(map(str, book_ids))}}}')"
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {picked} FROM generate_series(1, {copies}) n"
                    f" CROSS JOIN {table} WHERE company_id = {self.company_id} {only}"
                )
                connection.execute(f"VACUUM ANALYZE {table}")
            connection.execute(
                "INSERT INTO reporting_word (company_id, word, kind, of_id)"
                " SELECT a.company_id, w.word, 1, a.id FROM assets_asset a"
                " CROSS JOIN LATERAL reporting_words(concat_ws(' ', a.tag, a.name, a.serial_no)) AS w (word)"
                " WHERE a.company_id = %s ON CONFLICT DO NOTHING",
                (self.company_id,),
            )
            connection.execute("VACUUM ANALYZE reporting_word")

    def run(self, book_id: int, through_on: datetime.date) -> RunResult:
        return services.depreciate(
            company_id=self.company_id, actor_id=None, book_id=book_id, through_on=through_on
        )


def estate(*, books: int = 1) -> Estate:
    """A company with the usual classes, sites with rooms, cost centres, and so many books."""
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
    places = [LocationDraft(f"S{site}", f"Site {site}", "warehouse") for site in range(SITES)]
    places += [
        LocationDraft(f"S{site}-{room:02d}", f"Room {room}", "bin", parent_code=f"S{site}")
        for site in range(SITES)
        for room in range(ROOMS)
    ]
    place_ids = stock_services.create_locations(company_id=made.company_id, actor_id=None, locations=places)
    centres = [
        services.create_cost_centre(
            company_id=made.company_id, actor_id=None, code=f"C{number:02d}", name=f"Centre {number}"
        )
        for number in range(CENTRES)
    ]
    return Estate(made.company_id, code, ids, place_ids[:SITES], place_ids[SITES:], centres)
