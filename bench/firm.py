"""One company as large as the goals say: a million moves and a hundred thousand assets, in two books, some years of both.

A part is recorded by the use cases; the rest are copies of it under other numbers, by SQL: the rows are the same, at a
hundredth of the time. A copy is of whole items and whole assets, so that every sum of an item or asset is right.
"""

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg

from bench.estate import Estate
from bench.goods import administrator, written_columns
from wherewithal.assets import services as assets_services
from wherewithal.items import services as items_services
from wherewithal.items.values import CategoryDraft, ItemDraft, Tracking
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.stock import services as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

MOVED, ITEMS = 500, 10_000
"""Items whose moves are recorded, and all: each other one has the moves of one of those."""
RECORDED_MOVES = 50_000
RECORDED_ASSETS, ASSETS = 5_000, 100_000
YEARS = 3
SITES, ROOMS, CENTRES, PARTIES = 10, 30, 50, 400
BATCH, LINES = 10_000, 10
THINGS = ("Bearing", "Seal", "Valve", "Pump", "Hose", "Filter", "Screw", "Belt", "Motor", "Sensor")
KINDS = ("brass", "steel", "rubber", "ceramic", "nylon")

ITEM = "item_id + n * {moved}"
LOT = "CASE WHEN lot_id = 0 THEN 0 ELSE lot_id + n * {lots}::bigint END"
COPIES: dict[str, dict[str, str]] = {
    "items_lot": {"id": "id + n * {lots}::bigint", "item_id": ITEM},
    "stock_batch": {"batch_id": "*", "idempotency_key": "idempotency_key || '-' || n"},
    "stock_document": {
        "document_id": "*",
        "batch_id": "*",
        "first_move_id": "*",
        "number": "number || '-' || n",
    },
    "stock_move": {
        "move_id": "*",
        "batch_id": "*",
        "document_id": "*",
        "event_id": "*",
        "item_id": ITEM,
        "lot_id": LOT,
        "key": "gen_random_uuid()",
    },
    "stock_value": {
        "item_id": ITEM,
        "lot_id": LOT,
        "move_id": "*",
        "cause_id": "*",
        "entry_id": "entry_id + n * {entries}::bigint",
        "batch_id": "*",
    },
    "stock_cost_state": {"item_id": ITEM, "lot_id": LOT},
    "stock_cost_snapshot": {"item_id": ITEM, "lot_id": LOT},
    "stock_quant": {
        "item_id": ITEM,
        "lot_id": LOT,
        "serial_lot_id": "serial_lot_id + n * {lots}::bigint",
    },
    "stock_quant_month": {"item_id": ITEM},
    "ledger_entry": {"entry_id": "entry_id + n * {entries}::bigint", "batch_id": "*"},
    "ledger_line": {"entry_id": "entry_id + n * {entries}::bigint"},
    "ledger_entry_seal": {
        "entry_id": "entry_id + n * {entries}::bigint",
        "number": "number + n * {entries}::int",
    },
}
"""What a copy has of its own; * stands for a number of the one sequence of goods."""


@dataclass
class Firm:
    """What was made: `today` is the day after the last move and the last month of depreciation."""

    company_id: int
    code: str
    books: list[int]
    items: list[int]
    today: datetime.date


def firm(say: Callable[[str], None], *, today: datetime.date) -> Firm:
    """Make the company; a minute or two on a machine with nothing else to do."""
    code = f"FIRM{random.SystemRandom().randrange(10**6)}"
    made = ledger.create_company(
        code=code, name="Firm", country="DE", currency="EUR", timezone="Europe/Berlin"
    )
    who: dict[str, Any] = {"company_id": made.company_id, "actor_id": None}
    tax = ledger.create_book(**who, code="tax", name="Tax", standard="tax")
    books = [made.book_id, tax]
    for book_id in books:
        stock.set_cost_method(**who, book_id=book_id, method="moving_average")
    assets_services.install_classes(**who)
    places = [LocationDraft(f"S{site}", f"Site {site}", "warehouse") for site in range(SITES)]
    places += [
        LocationDraft(f"S{site}-{room:02d}", f"Room {room}", "bin", parent_code=f"S{site}")
        for site in range(SITES)
        for room in range(ROOMS)
    ]
    place_ids = stock.create_locations(**who, locations=places)
    centres = [
        assets_services.create_cost_centre(**who, code=f"C{number:02d}", name=f"Centre {number}")
        for number in range(CENTRES)
    ]
    items = _items(who)
    others = parties.create_parties(
        **who,
        parties=[
            PartyDraft(f"P{n:04d}", f"Party {n}", is_supplier=n % 2 == 0, is_customer=n % 2 == 1)
            for n in range(PARTIES)
        ],
    )
    made_firm = Firm(made.company_id, code, books, items, today)
    _move(made_firm, place_ids[SITES:], others)
    say(f"{RECORDED_MOVES:,} moves recorded")
    with administrator() as connection:
        _copy(connection, made_firm)
    say(f"{RECORDED_MOVES * ITEMS // MOVED:,} moves there")
    _own(say, Estate(made.company_id, code, books, place_ids[:SITES], place_ids[SITES:], centres), today)
    return made_firm


def _items(who: dict[str, Any]) -> list[int]:
    items_services.create_categories(
        **who, categories=[CategoryDraft(f"K{n}", f"{THINGS[n]}s") for n in range(len(THINGS))]
    )
    drafts = [
        ItemDraft(
            f"{THINGS[n % 10][:2].upper()}-{n:05d}",
            f"{THINGS[n % 10]}, {KINDS[n // 10 % 5]}, {n}",
            category_code=f"K{n % 10}",
            tracking=Tracking.LOT if n % MOVED % 5 == 4 else Tracking.BULK,
        )
        for n in range(ITEMS)
    ]
    ids = items_services.create_items(**who, items=drafts)
    assert ids == list(range(ids[0], ids[0] + ITEMS)), "copies count on numbers in a row"
    return ids


def _move(made: Firm, bins: list[int], others: list[int]) -> None:
    """Three issues to a receipt over the years; of some a transfer. Every place of an item is filled on the first day."""
    rng = random.Random(1)
    end = datetime.datetime.combine(made.today, datetime.time(12), datetime.UTC) - timedelta(days=1)
    at = end - timedelta(days=365 * YEARS)
    step = timedelta(days=365 * YEARS) * LINES / RECORDED_MOVES
    homes = {item: rng.sample(bins, 4) for item in made.items[:MOVED]}

    def line(way: str, qty: int) -> LineDraft:
        position = rng.randrange(MOVED)
        item = made.items[position]
        lot = f"L{position:03d}-{rng.randrange(3)}" if position % 5 == 4 else None
        here, there = rng.sample(homes[item], 2)
        if way == "in":
            cost = Decimal(rng.randint(qty, 9 * qty))
            return LineDraft(item, qty, to_location_id=here, lot_code=lot, amount=cost)
        return LineDraft(
            item, qty, from_location_id=here, lot_code=lot, to_location_id=there if way == "over" else None
        )

    filled = [
        LineDraft(
            item,
            2_000,
            to_location_id=place,
            amount=Decimal(rng.randint(2_000, 18_000)),
            lot_code=None if lot is None else f"L{position:03d}-{lot}",
            expires_on=None if lot is None else made.today + timedelta(days=rng.randrange(-30, 400)),
        )
        for position, item in enumerate(made.items[:MOVED])
        for lot in ((0, 1, 2) if position % 5 == 4 else (None,))
        for place in homes[item]
    ]
    documents = [DocumentDraft(DocumentKind.RECEIPT, at, filled, party_id=others[0])]
    for number in range((RECORDED_MOVES - len(filled)) // LINES):
        at += step
        kind, way = (
            (DocumentKind.RECEIPT, "in")
            if number % 4 == 0
            else (DocumentKind.TRANSFER, "over")
            if number % 25 == 3
            else (DocumentKind.ISSUE, "out")
        )
        lines = [line(way, rng.randint(10, 30) if way == "in" else rng.randint(1, 5)) for _ in range(LINES)]
        party = None if way == "over" else rng.choice(others[(way == "out") :: 2])
        documents.append(DocumentDraft(kind, at, lines, party_id=party, reference=f"PO-{number}"))
        if len(documents) == BATCH // LINES:
            _record(made, documents)
            documents = []
    _record(made, documents)


def _record(made: Firm, documents: list[DocumentDraft]) -> None:
    stock.record(
        company_id=made.company_id,
        actor_id=None,
        idempotency_key=f"bench-{documents[0].effective_at}",
        documents=documents,
    )


def _copy(connection: psycopg.Connection[tuple[object, ...]], made: Firm) -> None:
    connection.execute("SET session_replication_role = replica")
    found = connection.execute(
        "SELECT (SELECT 1 + last_value FROM stock_id_seq), (SELECT 1 + last_value FROM ledger_entry_id_seq),"
        " (SELECT 1 + max(id) FROM items_lot)"
    ).fetchone()
    assert found is not None
    above = dict(zip(("facts", "entries", "lots"), found, strict=True)) | {"moved": MOVED}
    copies = ITEMS // MOVED - 1
    for table, own in COPIES.items():
        names = written_columns(connection, table)
        picked = ", ".join(
            own.get(name, name).replace("*", f"{name} + n * {{facts}}::bigint", own.get(name) == "*")
            if name in own
            else name
            for name in names
        )
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {picked.format(**above)}"
            f" FROM generate_series(1, {copies}) n CROSS JOIN {table} WHERE company_id = {made.company_id}"
        )
    connection.execute(
        f"UPDATE stock_item_lock c SET last_at = o.last_at, last_recorded_at = o.last_recorded_at"
        f" FROM stock_item_lock o WHERE c.company_id = {made.company_id} AND o.company_id = c.company_id"
        f" AND c.item_id >= {made.items[MOVED]}"
        f" AND o.item_id = {made.items[0]} + (c.item_id - {made.items[0]}) % {MOVED}"
    )
    for sequence, number in (
        ("stock_id_seq", above["facts"]),
        ("ledger_entry_id_seq", above["entries"]),
        (connection.execute("SELECT pg_get_serial_sequence('items_lot', 'id')").fetchone()[0], above["lots"]),  # type: ignore[index]
    ):
        connection.execute("SELECT setval(%s, %s)", (sequence, int(str(number)) * (ITEMS // MOVED + 1)))
    connection.execute("VACUUM ANALYZE")


def _own(say: Callable[[str], None], estate: Estate, today: datetime.date) -> None:
    """Assets bought in the first of the years, and what the books charged to the end of last month."""
    first = datetime.date(today.year - YEARS + 1, 1, 1)
    estate.acquire(RECORDED_ASSETS, first=first)
    through = today.replace(day=1) - timedelta(days=1)
    for book_id in estate.books:
        estate.run(book_id, through)
    say(f"{RECORDED_ASSETS:,} assets with their depreciation recorded")
    estate.multiply(ASSETS // RECORDED_ASSETS - 1)
    with db.company_transaction(company_id=estate.company_id, read_only=True):
        found = db.fetch_one("SELECT count(*) FROM assets_asset")
    assert found is not None
    say(f"{found[0]:,} assets there")
