"""Finding what a person names: items, places, parties by the codes they know, or by what a scanner read."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wherewithal.assets import queries as assets
from wherewithal.assets.queries import Asset, RegisterFilter
from wherewithal.items import queries as items
from wherewithal.items.values import LotStatus, Tracking
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Account
from wherewithal.parties import queries as parties
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import DocumentKind, MoveKind
from wherewithal.stock.queries import DocumentRow, Location, LotThere, MoveRow
from wherewithal.web import formatting
from wherewithal.web.desk import Desk
from wherewithal.web.names import lot_status, status_on
from wherewithal.web.tables import clean

MOST_OPTIONS = 12
LONGEST_LIST = 2_000  # of serials: who has more of them does not choose them one by one
SERIAL_BETWEEN = re.compile(r"[\s,;]+")
SERIALS_BEFORE = re.compile(r"(.*[\s,;])?", re.DOTALL)
RECEIPTS = (DocumentKind.RECEIPT.value, DocumentKind.DROPSHIP.value)
BOUGHT = (MoveKind.RECEIPT, MoveKind.DROPSHIP)


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item that a text names, with what a label said beside it."""

    item_id: int
    sku: str
    name: str
    unit_code: str
    qty: Decimal
    tracking: Tracking
    lot_code: str | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """Moves in which goods came in: all of a document, or the one of a line."""

    number: str
    move_ids: tuple[int, ...]
    lines: tuple[int, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a picker: what it puts into the box, what it shows, where it leads in the search of the shell."""

    value: str
    name: str
    note: str = ""
    href: str = ""
    shown: str = ""  # where it is not the whole of what the box will hold


# --- one thing, by its code -------------------------------------------------------------------------------


def find_item(desk: Desk, text: str) -> FoundItem | None:
    """By SKU, barcode, GS1 label, or a lot or serial that only one item has; by SKU in any case as the last resort."""
    text = clean(text)
    scan = items.find_by_scan(desk.company_id, text)
    if scan is None:
        near = items.find_items(desk.company_id, text, limit=2)
        same = [row for row in near if row["sku"].casefold() == text.casefold()]
        scan = items.find_by_scan(desk.company_id, same[0]["sku"]) if len(same) == 1 else None
    if scan is None:
        return None
    facts = items.costing_items(desk.company_id, [scan.item_id])[scan.item_id]
    return FoundItem(
        item_id=scan.item_id,
        sku=scan.sku,
        name=scan.name,
        unit_code=scan.unit_code,
        qty=scan.qty,
        tracking=facts.tracking,
        lot_code=scan.lot_code,
        expires_on=scan.expires_on,
    )


def find_location(desk: Desk, text: str) -> Location | None:
    text = clean(text)
    return stock.location_by_scan(desk.company_id, text) or stock.location_by_scan(
        desk.company_id, text.upper()
    )


def find_party(desk: Desk, text: str, role: str) -> dict[str, Any] | None:
    """A supplier or customer by code, or by a name that only one of them begins with."""
    text = clean(text)
    found = _parties(desk, text, role, limit=2)
    same = [party for party in found if party["code"].casefold() == text.casefold()]
    return same[0] if same else found[0] if len(found) == 1 else None


def find_receipt(desk: Desk, text: str) -> FoundReceipt | None:
    """A receipt by its number, or one line of it by number/line."""
    number, _slash, line = (part.strip() for part in clean(text).upper().rpartition("/"))
    if not number:
        number, line = line, ""
    rows = stock.list_documents(desk.company_id, kinds=RECEIPTS, text=number, limit=MOST_OPTIONS)
    found = next((row for row in rows if row.number.upper() == number), None)
    if found is None:
        return None
    moves = [move for move in _bought(desk, found) if not line or str(move.line_no) == line]
    if not moves:
        return None
    name = _line_name(moves[0]) if line else _receipt_name(found)
    move_ids, lines = (tuple(getattr(move, part) for move in moves) for part in ("move_id", "line_no"))
    return FoundReceipt(found.number, move_ids, lines, name)


def _bought(desk: Desk, document: DocumentRow) -> list[MoveRow]:
    moves = stock.moves_of_document(desk.company_id, document.document_id)
    return [move for move in moves if move.kind in BOUGHT]


def _receipt_name(row: DocumentRow) -> str:
    parts = (row.party_name, formatting.day(row.effective_at.date()), row.reference)
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def _line_name(move: MoveRow) -> str:
    qty = formatting.quantity(formatting.from_minor(move.qty, move.qty_decimals))
    return f"{move.sku} {move.item_name}, {qty} {move.unit_code}"


def find_account(desk: Desk, text: str) -> Account | None:
    """By its code in the chart."""
    wanted = clean(text)
    accounts = ledger.accounts(desk.company_id)
    return next((account for account in accounts if account.code == wanted), None)


def find_asset(desk: Desk, text: str) -> Asset | None:
    """By its tag, in any case; by a serial number or a name that only one asset begins with."""
    text = clean(text)
    ids = assets.asset_ids(desk.company_id, [text, text.upper()])
    if ids:
        return assets.asset(desk.company_id, next(iter(ids.values())))
    rows = assets.register(desk.company_id, filters=RegisterFilter(text=text), limit=2) if text else []
    return assets.asset(desk.company_id, rows[0].asset_id) if len(rows) == 1 else None


# --- several, while one types -----------------------------------------------------------------------------


def item_options(desk: Desk, text: str) -> list[Option]:
    rows = items.find_items(desk.company_id, clean(text), limit=MOST_OPTIONS)
    return [Option(row["sku"], row["name"], row["unit_code"]) for row in rows]


def location_options(desk: Desk, text: str, *, transit: bool = False) -> list[Option]:
    """Places of goods (or only of goods on their way) whose code or name has the text, in the order of the tree."""
    wanted = clean(text).casefold()
    found = [
        place
        for place in stock.list_locations(desk.company_id, held=True, active=True)
        if (place.type == "transit") == transit
        and (wanted in place.code.casefold() or wanted in place.name.casefold())
    ]
    return [Option(place.code, place.name, place.type) for place in found[:MOST_OPTIONS]]


def lot_options(desk: Desk, text: str, *, item: str, place: str) -> list[Option]:
    """Lots or serials of an item that lie in a place (in any, if none is chosen), the first to expire first, whose code has
    the text; of several serials the last one is being typed, and those before it stay."""
    found = find_item(desk, item) if item else None
    location = find_location(desk, place) if place else None
    if (
        found is None
        or found.tracking == Tracking.BULK
        or (place and location is None)
        or len(text) > LONGEST_LIST
    ):
        return []
    before, part = ("", text.strip())
    if found.tracking == Tracking.SERIAL:
        at = SERIALS_BEFORE.match(text)
        before = at.group() if at else ""
        part = text[len(before) :]
    rows = stock.lots_there(
        desk.company_id,
        [(found.item_id, location.id if location else None)],
        part=clean(part),
        without=SERIAL_BETWEEN.split(before),
        limit=MOST_OPTIONS,
    )
    return [
        Option(
            before + row.lot_code,
            _lot_name(row),
            " \N{MIDDLE DOT} ".join(_lot_notes(desk, row, where=location is None)),
            shown=row.lot_code,
        )
        for row in rows
    ]


def _lot_name(row: LotThere) -> str:
    qty = formatting.quantity(formatting.from_minor(row.qty, row.qty_decimals))
    if row.expires_on is None:
        return f"{qty} {row.unit_code}"
    values = {"qty": qty, "unit": row.unit_code, "day": formatting.day(row.expires_on)}
    return _("%(qty)s %(unit)s, expires %(day)s") % values


def _lot_notes(desk: Desk, row: LotThere, *, where: bool) -> list[str]:
    """Where it lies, and why it may not be used."""
    status = status_on(desk.today, row.lot_status, row.expires_on)
    blocked = [str(lot_status(status)[0])] if status != LotStatus.AVAILABLE else []
    return [*([row.location_code] if where else []), *blocked]


def receipt_options(desk: Desk, text: str) -> list[Option]:
    """The latest receipts whose number or reference begins so; where it is one, its lines as well."""
    wanted = clean(text).rpartition("/")[0] or clean(text)
    rows = stock.list_documents(desk.company_id, kinds=RECEIPTS, text=wanted or None, limit=MOST_OPTIONS)
    options = [Option(row.number, _receipt_name(row)) for row in rows]
    if len(rows) == 1:
        lines = _bought(desk, rows[0])[:MOST_OPTIONS]
        options += [Option(f"{rows[0].number}/{move.line_no}", _line_name(move)) for move in lines]
    return options


def party_options(desk: Desk, text: str, role: str) -> list[Option]:
    return [Option(row["code"], row["name"]) for row in _parties(desk, clean(text), role, limit=MOST_OPTIONS)]


def asset_options(desk: Desk, text: str) -> list[Option]:
    """Assets whose tag, serial number or name begins with the text."""
    found = RegisterFilter(text=clean(text))
    rows = assets.register(desk.company_id, filters=found, limit=MOST_OPTIONS)
    return [Option(row.tag, row.name, row.class_code) for row in rows]


def account_options(desk: Desk, text: str) -> list[Option]:
    """Accounts whose code begins so, or whose name has the text."""
    wanted = clean(text).casefold()
    found = [
        account
        for account in ledger.accounts(desk.company_id, active_only=True)
        if account.code.startswith(wanted) or wanted in account.name.casefold()
    ]
    return [Option(account.code, account.name) for account in found[:MOST_OPTIONS]]


def _parties(desk: Desk, text: str, role: str, *, limit: int) -> list[dict[str, Any]]:
    return parties.list_parties(
        desk.company_id,
        text=text,
        is_supplier=True if role == "supplier" else None,
        is_customer=True if role == "customer" else None,
        active=True,
        limit=limit,
    )
