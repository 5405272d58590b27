"""A company with items and movements for the benchmarks of stock, and the bare COPY that they are measured against."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
from django.conf import settings

from wherewithal.items import services as items_services
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db, postgres
from wherewithal.ledger import services as ledger_services
from wherewithal.stock import services
from wherewithal.stock.drafts import BatchResult, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

START = datetime(2024, 1, 1, 8, tzinfo=UTC)
COPIED = (
    "stock_batch",
    "stock_document",
    "stock_move",
    "stock_value",
    "ledger_entry",
    "ledger_line",
)
BALANCES = (
    "stock_quant",
    "stock_quant_month",
    "stock_item_lock",
    "stock_cost_state",
    "stock_cost_snapshot",
    "stock_cost_edge",
    "ledger_entry_seal",
    "ledger_chain_head",
)
"""What follows from moves and entries and is written with them: what is where, now and by month, the latest instant of
each item, pools and their layers, numbers and hashes of entries, the head of their chain."""
_codes = itertools.count(1)


@dataclass
class Company:
    company_id: int
    book_id: int
    items: list[int]
    bins: list[int]
    rng: random.Random
    at: datetime = START
    keys: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def record(self, documents: Sequence[DocumentDraft]) -> BatchResult:
        return services.record(
            company_id=self.company_id,
            actor_id=None,
            idempotency_key=f"bench-{next(self.keys)}",
            documents=documents,
        )

    def receipt(self, lines: int, *, qty: int = 1000) -> DocumentDraft:
        """A delivery of so many lines, a second later than all before."""
        self.at += timedelta(seconds=1)
        return DocumentDraft(
            DocumentKind.RECEIPT,
            self.at,
            [
                LineDraft(
                    self.rng.choice(self.items),
                    qty,
                    to_location_id=self.rng.choice(self.bins),
                    amount=Decimal(self.rng.randint(qty, 9 * qty)),
                )
                for _ in range(lines)
            ],
        )

    def issue(self, lines: int) -> DocumentDraft:
        """A shipment of so many lines of one to five pieces, a second later than all before."""
        self.at += timedelta(seconds=1)
        return DocumentDraft(
            DocumentKind.ISSUE,
            self.at,
            [
                LineDraft(
                    self.rng.choice(self.items),
                    self.rng.randint(1, 5),
                    from_location_id=self.rng.choice(self.bins),
                )
                for _ in range(lines)
            ],
        )

    def fill(self, qty: int = 100_000) -> None:
        """Stock of every item in every bin, so that no issue is refused."""
        self.at += timedelta(seconds=1)
        lines = [
            LineDraft(item, qty, to_location_id=place, amount=Decimal(self.rng.randint(qty, 9 * qty)))
            for item in self.items
            for place in self.bins
        ]
        self.record([DocumentDraft(DocumentKind.RECEIPT, self.at, lines)])


def company(*, items: int = 100, bins: int = 20, method: str = "moving_average", seed: int = 1) -> Company:
    """A company with a warehouse of bins and items that are costed by the method."""
    code = f"BENCH{next(_codes)}-{time.time_ns()}"
    created = ledger_services.create_company(
        code=code, name="Bench", country="DE", currency="EUR", timezone="Europe/Berlin"
    )
    places = [LocationDraft("W", "Warehouse", "warehouse")]
    places += [LocationDraft(f"B{n:02d}", f"Bin {n}", "bin", parent_code="W") for n in range(bins)]
    ids = services.create_locations(company_id=created.company_id, actor_id=None, locations=places)
    drafts = [ItemDraft(sku=f"I{n:04d}", name=f"Item {n}") for n in range(items)]
    item_ids = items_services.create_items(company_id=created.company_id, actor_id=None, items=drafts)
    services.set_cost_method(
        company_id=created.company_id, actor_id=None, book_id=created.book_id, method=method
    )
    return Company(created.company_id, created.book_id, item_ids, ids[1:], random.Random(seed))


# --- the limit --------------------------------------------------------------------------------------------


def rows_of_batch(
    company_id: int, batch_ids: Sequence[int], tables: Sequence[str] = COPIED
) -> dict[str, bytes]:
    """What a batch wrote, as COPY text, for another company id that nobody uses."""
    with administrator() as connection:
        return {
            table: _copied(
                connection, table, company_id, f"{_of_batch(table)} = ANY ('{{{_ids(batch_ids)}}}')"
            )
            for table in tables
        }


def balances_of_batch(company_id: int, batch_id: int) -> dict[str, bytes]:
    """The rows of balances as a batch that was a transaction of its own has left them, and no others: those whose version
    that transaction wrote, each once, however often it wrote them. As `rows_of_batch`; to be asked before the next batch."""
    own = (
        "xmin::text = (SELECT b.xmin::text FROM stock_batch b"
        f" WHERE b.company_id = {company_id} AND b.batch_id = {batch_id})"
    )
    with administrator() as connection:
        return {table: _copied(connection, table, company_id, own) for table in BALANCES}


def rows_of_company(company_id: int, tables: Sequence[str]) -> dict[str, bytes]:
    """All that a company has in these tables, each row once. As `rows_of_batch`."""
    with administrator() as connection:
        return {table: _copied(connection, table, company_id, "true") for table in tables}


def _copied(
    connection: psycopg.Connection[tuple[object, ...]], table: str, company_id: int, which: str
) -> bytes:
    columns = [
        str(row[0])
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            (table,),
        )
    ]
    picked = ", ".join("company_id + 1000000" if c == "company_id" else c for c in columns)
    asked = f"COPY (SELECT {picked} FROM {table} WHERE company_id = {company_id} AND {which}) TO STDOUT"
    with connection.cursor().copy(asked) as out:
        return b"".join(bytes(block) for block in out)


def written_columns(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[str]:
    """The columns of a table that are not worked out from others, in their order."""
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
        " ORDER BY ordinal_position",
        (table,),
    )
    return [str(row[0]) for row in found]


def _ids(values: Sequence[int]) -> str:
    return ",".join(map(str, values))


def _of_batch(table: str) -> str:
    if table != "ledger_line":
        return "batch_id"
    return (
        "(SELECT e.batch_id FROM ledger_entry e WHERE e.company_id = ledger_line.company_id"
        " AND e.book_id = ledger_line.book_id AND e.entry_id = ledger_line.entry_id)"
    )


def copy_seconds(rows: dict[str, bytes]) -> float:
    """Seconds of a bare COPY of these rows into the same tables, without triggers, with commit."""
    with administrator() as connection:
        connection.execute("SET session_replication_role = replica")
        began = time.perf_counter()
        with connection.transaction():
            for table, text in rows.items():
                with connection.cursor().copy(f"COPY {table} FROM STDIN") as sink:
                    sink.write(text)
        took = time.perf_counter() - began
        with connection.transaction():
            for table in rows:
                connection.execute(f"DELETE FROM {table} WHERE company_id > 1000000")
    return took


def administrator() -> psycopg.Connection[tuple[object, ...]]:
    """A superuser's connection to the benchmark's database."""
    login = settings.DATABASE.owner
    return psycopg.connect(
        host=login.host, port=login.port, user=postgres.SUPERUSER, dbname=login.name, autocommit=True
    )


def count(sql: str, company_id: int) -> int:
    with db.company_transaction(company_id=company_id):
        row = db.fetch_one(sql)
    return int(row[0]) if row else 0
