"""Hard claims on stock: reserve, release. The database keeps each cell's claims at or below what is there.

Items are held first, as by everything that changes balances, so that claims and postings never wait in a ring.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import psycopg

from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.items.units import convert
from wherewithal.items.values import ItemFacts, LotFacts, LotStatus
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Problem, Refused
from wherewithal.stock.services.posting.claims import shrink
from wherewithal.stock.services.posting.locks import lock_items

OVERCLAIMED = "WH203"
COLUMNS = (
    ("company_id", "int"),
    ("reservation_id", "bigint"),
    ("item_id", "int"),
    ("location_id", "int"),
    ("lot_id", "bigint"),
    ("qty", "bigint"),
    ("open_qty", "bigint"),
    ("reference", "text"),
    ("idempotency_key", "text"),
    ("line_no", "int"),
    ("request_hash", "bytea"),
    ("created_at", "timestamptz"),
    ("actor_id", "bigint"),
)


@dataclass(frozen=True, slots=True)
class ReservationDraft:
    """What to claim and where. `qty` in `unit`, or in the item's base unit."""

    item_id: int
    location_id: int
    qty: Decimal
    unit: str | None = None
    lot_id: int = 0


def reserve(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    lines: Sequence[ReservationDraft],
    reference: str | None = None,
    now: datetime,
    today: date,
) -> list[int]:
    """Claim stock, all lines or none; the ids of the reservations in the order given.

    Refused: quantities that do not fit the item, lots that are blocked or expired on `today`, places that hold no
    stock, and more than is there and not claimed yet. The same key again gives the first answer.
    """
    request_hash = _hash(lines, reference)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        earlier = _earlier(company_id, idempotency_key, request_hash)
        if earlier is not None:
            return earlier
        items = items_queries.costing_items(company_id, {line.item_id for line in lines})
        quantities = _quantities(company_id, lines, items, today)
        lock_items(company_id, items)
        ids = db.reserve_ids("stock_reservation_id_seq", len(lines))
        rows = [
            (company_id, id_, line.item_id, line.location_id, line.lot_id, qty, qty, reference, idempotency_key, no,
             request_hash, now, actor_id)
            for no, (id_, line, qty) in enumerate(zip(ids, lines, quantities, strict=True), start=1)
        ]  # fmt: skip
        try:
            db.insert_rows("stock_reservation", COLUMNS, rows)
        except psycopg.Error as error:
            raise _refusal(error, lines, items) from error
        return ids


def release(
    *,
    company_id: int,
    actor_id: int | None,
    quantities: Mapping[int, int | None],
    now: datetime,
) -> int:
    """Give claims up: reservation id -> how much, in smallest units; None = all that is still claimed.
    How many claims shrank."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        claimed = db.fetch_all(
            "SELECT DISTINCT item_id FROM stock_reservation WHERE company_id = %s AND reservation_id = ANY (%s::bigint[])",
            (company_id, sorted(quantities)),
        )
        lock_items(company_id, [row[0] for row in claimed])
        return shrink(company_id=company_id, actor_id=actor_id, quantities=quantities, now=now)


def _hash(lines: Sequence[ReservationDraft], reference: str | None) -> bytes:
    content = [[line.item_id, line.location_id, line.lot_id, str(line.qty), line.unit] for line in lines]
    return hashlib.sha256(json.dumps([content, reference]).encode()).digest()


def _earlier(company_id: int, key: str, request_hash: bytes) -> list[int] | None:
    """The first answer to this key; the key is locked until the transaction ends, so two calls cannot both miss."""
    db.fetch_one("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (company_id, "reserve:" + key))
    rows = db.fetch_all(
        "SELECT reservation_id, request_hash FROM stock_reservation"
        " WHERE company_id = %s AND idempotency_key = %s ORDER BY line_no",
        (company_id, key),
    )
    if not rows:
        return None
    if bytes(rows[0][1]) != request_hash:
        raise Conflict(
            Problem(
                "idempotency_key",
                "same_request",
                say("This key was used for another reservation."),
                value=key,
            )
        )
    return [id_ for id_, _ in rows]


def _quantities(
    company_id: int, lines: Sequence[ReservationDraft], items: Mapping[int, ItemFacts], today: date
) -> list[int]:
    """Smallest units of each line. Refused with all that is wrong with all lines."""
    if not lines:
        raise Refused([Problem("lines", "required", say("Name at least one thing to reserve."))])
    held = {
        row[0]
        for row in db.fetch_all(
            "SELECT id FROM stock_location WHERE company_id = %s AND id = ANY (%s::int[]) AND is_held",
            (company_id, sorted({line.location_id for line in lines})),
        )
    }
    lots = items_queries.lots_by_id(company_id, {line.lot_id for line in lines if line.lot_id})
    problems: list[Problem] = []
    quantities = []
    for row, line in enumerate(lines):
        facts = items.get(line.item_id)
        if facts is None:
            problems.append(
                Problem(
                    "item_id",
                    "exists",
                    say("There is no item {item_id}.", item_id=line.item_id),
                    row,
                    str(line.item_id),
                )
            )
            continue
        if line.location_id not in held:
            problems.append(
                Problem(
                    "location_id",
                    "held",
                    say("Name a location that holds stock."),
                    row,
                    str(line.location_id),
                )
            )
        problems.extend(_lot_problems(line, facts, lots.get(line.lot_id), row, today))
        try:
            qty = convert(facts, line.qty, line.unit or facts.unit_code)
        except Refused as refused:
            problems.extend(Problem(p.field, p.rule, p.message, row, p.value) for p in refused.problems)
            continue
        if qty <= 0:
            problems.append(Problem("qty", "positive", say("Reserve more than nothing."), row, str(line.qty)))
        quantities.append(qty)
    if problems:
        raise Refused(problems)
    return quantities


def _lot_problems(
    line: ReservationDraft, facts: ItemFacts, lot: LotFacts | None, row: int, today: date
) -> Iterator[Problem]:
    if facts.tracking and not line.lot_id:
        message = say("{sku} is tracked: say which lot or serial to reserve.", sku=facts.sku)
        yield Problem("lot_id", "required", message, row)
    if line.lot_id and (lot is None or lot.item_id != line.item_id):
        message = say("{sku} has no lot {lot_id}.", sku=facts.sku, lot_id=line.lot_id)
        yield Problem("lot_id", "exists", message, row, str(line.lot_id))
    elif lot is not None and lot.status != LotStatus.AVAILABLE:
        message = say("Lot {lot} of {sku} is blocked.", lot=lot.code, sku=facts.sku)
        yield Problem("lot_id", "available", message, row, lot.code)
    elif lot is not None and lot.expires_on is not None and lot.expires_on < today:
        message = say("Lot {lot} expired on {day}.", lot=lot.code, day=lot.expires_on)
        yield Problem("lot_id", "not_expired", message, row, lot.code)


def _refusal(
    error: psycopg.Error, lines: Sequence[ReservationDraft], items: Mapping[int, ItemFacts]
) -> Exception:
    """The database's word that a claim is too large, by row; any other error as it is."""
    if db.sqlstate(error) != OVERCLAIMED:
        return error
    cells = {
        (cell["item_id"], cell["location_id"], cell["lot_id"]): cell
        for cell in json.loads(error.diag.message_detail or "[]")
    }
    claims = Counter((line.item_id, line.location_id, line.lot_id) for line in lines)
    problems = []
    for row, line in enumerate(lines):
        cell = cells.get((line.item_id, line.location_id, line.lot_id))
        if cell is None:
            continue
        over = cell["reserved"] - cell["qty"]
        facts = items[line.item_id]
        short = Decimal(over).scaleb(-facts.qty_decimals)
        named: dict[str, object] = {"short": short, "unit": facts.unit_code, "sku": facts.sku}
        message = (
            say("These lines claim {short} {unit} of {sku} more than is there and not claimed yet.", **named)
            if claims[line.item_id, line.location_id, line.lot_id] > 1
            else say("This claims {short} {unit} of {sku} more than is there and not claimed yet.", **named)
        )
        problems.append(
            Problem(
                "qty",
                "available",
                message,
                row,
                str(line.qty),
            )
        )
    return Refused(problems) if problems else error
