"""What the company holds and owes, as files: CSV for programs, XLSX for people, beancount for accountants.

Rows are read page by page inside one read-only transaction and written as they come, so that a million moves do not
have to fit into memory. Texts that a spreadsheet would run as formulas are made harmless; figures stay figures.
"""

import csv
import datetime
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

import xlsxwriter

from wherewithal.core.money import from_minor
from wherewithal.items import queries as items
from wherewithal.kit.errors import Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.parties import queries as parties
from wherewithal.reporting import asset_sheets
from wherewithal.reporting.sheets import PAGE_ROWS, Question, Sheet, Value, pages
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import MoveKind

MOST_XLSX_ROWS = 1_048_575  # what a sheet holds below its heading
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
EXACT_DIGITS = 15  # a spreadsheet's numbers have no more; longer ones are written as text


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


def sheet(name: str, question: Question) -> Sheet:
    """One of SHEETS. Read it inside one transaction of the company."""
    if name not in SHEETS:
        message = f"There is no export {name}. There are: {', '.join(SHEETS)}, beancount."
        raise Refused(Problem("name", "known", message, value=name))
    return SHEETS[name](question)


# --- writing ----------------------------------------------------------------------------------------------------


def write_csv(found: Sheet, file: IO[str]) -> int:
    """UTF-8 text with commas, decimal points and ISO dates; how many rows."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(found.heads)
    count = 0
    for row in found.rows:
        writer.writerow(list(map(csv_text, row)))
        count += 1
    return count


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet that opens the CSV would run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(value: Value) -> str:
    """A cell of CSV. A text that would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def write_xlsx(found: Sheet, path: str) -> int:
    """One sheet with a frozen heading; how many rows. Refused where a sheet cannot hold them."""
    book = xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    page = book.add_worksheet(found.title[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    formats: dict[type, Any] = {
        datetime.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    page.freeze_panes(1, 0)
    page.set_column(0, len(found.heads) - 1, 16)
    page.write_row(0, 0, found.heads, bold)
    count = 0
    for count, row in enumerate(found.rows, 1):
        if count > MOST_XLSX_ROWS:
            message = f"A sheet holds {MOST_XLSX_ROWS} rows: narrow the list, or export it as CSV."
            raise Refused(Problem("format", "sheet_rows", message, value="xlsx"))
        for column, value in enumerate(row):
            _write_cell(page, count, column, value, formats)
    book.close()
    return count


def _write_cell(page: Any, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, datetime.datetime):
        naive = value.astimezone(datetime.UTC).replace(tzinfo=None)
        page.write_datetime(row, column, naive, formats[datetime.datetime])
    elif isinstance(value, datetime.date):
        page.write_datetime(row, column, value, formats[datetime.date])
    elif isinstance(value, Decimal | int) and len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS:
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, csv_text(value) if isinstance(value, Decimal) else str(value))


# --- the lists --------------------------------------------------------------------------------------------------


def _base(qty: int, decimals: int) -> Decimal:
    """A quantity in base units."""
    return Decimal(qty).scaleb(-decimals)


def _items(question: Question) -> Sheet:
    """The columns are those of the import of items, so that what goes out can come in elsewhere."""
    rows = pages(
        lambda after: items.item_records(question.company_id, after=after, limit=PAGE_ROWS),
        lambda row: (row["sku"], row["id"]),
    )
    heads = ("sku", "name", "description", "kind", "category", "base_unit", "qty_decimals", "tracking")
    more = ("shelf_life_days", "weight_g", "volume_ml", "units", "barcode", "active")
    return Sheet("Items", heads + more, ([row[head] for head in heads + more] for row in rows))


def _locations(question: Question) -> Sheet:
    """Those that people made; the places in transit and outside come with every company."""
    found = [
        place for place in stock.list_locations(question.company_id, held=True) if place.type != "transit"
    ]
    codes = {place.id: place.code for place in found}
    rows = (
        (p.code, p.name, p.type, codes.get(p.parent_id or 0), p.barcode, p.allow_negative, p.active)
        for p in found
    )
    return Sheet("Locations", ("code", "name", "type", "parent", "barcode", "allow_negative", "active"), rows)


def _parties(question: Question) -> Sheet:
    found = pages(
        lambda after: parties.list_parties(question.company_id, after=after, limit=PAGE_ROWS),
        lambda row: (row["code"], row["id"]),
    )
    heads = ("code", "name", "role", "country", "tax_id", "email", "phone", "address", "active")
    roles = {(True, True): "both", (True, False): "supplier", (False, True): "customer"}
    rows = (
        [roles[row["is_supplier"], row["is_customer"]] if head == "role" else row[head] for head in heads]
        for row in found
    )
    return Sheet("Parties", heads, rows)


def _on_hand(question: Question) -> Sheet:
    found = pages(
        lambda after: stock.on_hand(
            question.company_id,
            today=question.today,
            detail=stock.Detail.LOT,
            as_of=question.as_of,
            known_at=question.known_at,
            after=after,
            limit=PAGE_ROWS,
        ),
        lambda row: (row.sku, row.location_code, row.lot_code),
    )
    heads = ("sku", "name", "location", "lot", "expires_on", "qty", "reserved", "available", "unit")
    rows = (
        (
            row.sku,
            row.item_name,
            row.location_code,
            row.lot_code or None,
            row.expires_on,
            _base(row.qty, row.qty_decimals),
            _base(row.reserved, row.qty_decimals),
            _base(row.available, row.qty_decimals),
            row.unit_code,
        )
        for row in found
    )
    return Sheet("On hand", heads, rows)


def _moves(question: Question) -> Sheet:
    filters = stock.MoveFilter(to_day=question.as_of, known_at=question.known_at)
    found = pages(
        lambda before: stock.list_moves(question.company_id, filters=filters, before=before, limit=PAGE_ROWS),
        lambda row: row.move_id,
    )
    heads = ("move", "document", "type", "effective_at", "effective_on", "recorded_at", "sku", "name", "lot")
    more = ("from", "to", "qty", "unit", "amount", "currency", "of_move")
    rows = (
        (
            row.move_id,
            row.document_number,
            MoveKind(row.kind).name.lower(),
            row.effective_at,
            row.effective_on,
            row.recorded_at,
            row.sku,
            row.item_name,
            row.lot_code or None,
            row.from_code,
            row.to_code,
            _base(row.qty, row.qty_decimals),
            row.unit_code,
            None if row.amount is None else _money(row.amount, row.currency),
            row.currency,
            row.of_move_id,
        )
        for row in found
    )
    return Sheet("Moves", heads + more, rows)


def _money(amount: int, currency: str | None) -> Decimal:
    return from_minor(amount, currency_decimals(currency or ""))


def _valuation(question: Question) -> Sheet:
    book = ledger.book(question.company_id, question.book_id)
    found = pages(
        lambda after: stock.valuation(
            question.company_id,
            book_id=book.book_id,
            as_of=question.as_of,
            known_at=question.known_at,
            after=after,
            limit=PAGE_ROWS,
        ),
        lambda row: (row.sku, row.scope_id),
    )
    heads = ("sku", "name", "category", "scope", "qty", "unit", "value", "allowance", "carrying", "currency")
    rows = (
        (
            row.sku,
            row.item_name,
            row.category_code,
            row.scope_code or None,
            _base(row.qty, row.qty_decimals),
            row.unit_code,
            from_minor(row.value, book.currency_decimals),
            from_minor(row.allowance, book.currency_decimals),
            from_minor(row.carrying, book.currency_decimals),
            book.currency,
        )
        for row in found
    )
    return Sheet("Valuation", heads, rows)


def _trial_balance(question: Question) -> Sheet:
    balance = ledger.trial_balance(
        question.company_id, question.book_id, as_of=question.as_of, known_at=question.known_at
    )
    decimals = balance.book.currency_decimals
    heads = ("account", "name", "classification", "opening", "debit", "credit", "closing", "currency")
    rows = (
        (
            row.code,
            row.name,
            row.classification.value,
            from_minor(row.opening, decimals),
            from_minor(row.debit, decimals),
            from_minor(-row.credit, decimals),
            from_minor(row.closing, decimals),
            balance.book.currency,
        )
        for row in balance.rows
    )
    return Sheet("Trial balance", heads, rows)


SHEETS: dict[str, Callable[[Question], Sheet]] = {
    "items": _items,
    "locations": _locations,
    "parties": _parties,
    "on-hand": _on_hand,
    "moves": _moves,
    "valuation": _valuation,
    "trial-balance": _trial_balance,
    "assets": asset_sheets.register,
    "asset-roll-forward": asset_sheets.roll_forward,
    "asset-additions": asset_sheets.additions,
    "asset-disposals": asset_sheets.disposals,
    "asset-tie-out": asset_sheets.tie_out,
}
