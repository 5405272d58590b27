"""What the company holds and owes, as sheets that `files` writes.

Rows are read page by page inside one read-only transaction and written as they come, so that a million moves do not
have to fit into memory.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.items import queries as items
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.currencies import currency_decimals
from wherewithal.parties import queries as parties
from wherewithal.reporting import asset_sheets, ledger_sheets, plan_sheets, tax_sheets
from wherewithal.reporting.sheets import PAGE_ROWS, Question, Sheet, pages
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import MoveKind


def sheet(name: str, question: Question) -> Sheet:
    """One of SHEETS. Read it inside one transaction of the company."""
    if name not in SHEETS:
        message = say(
            "There is no export {name}. There are: {sheets}, beancount.", name=name, sheets=", ".join(SHEETS)
        )
        raise NotFound(Problem("name", "known", message, value=name))
    unknown = sorted(set(question.options) - set(OPTIONS.get(name, ())))
    if unknown:
        right = ", ".join(OPTIONS.get(name, ())) or "none"
        message = say(
            "The export {name} has no option {unknown}. It has: {right}.",
            name=name,
            unknown=unknown[0],
            right=right,
        )
        raise Refused(Problem(unknown[0], "known", message, value=question.options[unknown[0]]))
    return SHEETS[name](question)


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
    return Sheet("Items", heads + more, ([row[head] for head in heads + more] for row in rows), dated=False)


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
    heads = ("code", "name", "type", "parent", "barcode", "allow_negative", "active")
    return Sheet("Locations", heads, rows, dated=False)


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
    return Sheet("Parties", heads, rows, dated=False)


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
    return Sheet("Valuation", heads, rows, summed=("value", "allowance", "carrying"), of_book=True)


SHEETS: dict[str, Callable[[Question], Sheet]] = {
    "items": _items,
    "locations": _locations,
    "parties": _parties,
    "on-hand": _on_hand,
    "moves": _moves,
    "valuation": _valuation,
    "trial-balance": ledger_sheets.trial_balance,
    "balance-sheet": ledger_sheets.balance_sheet,
    "income-statement": ledger_sheets.income_statement,
    "journal": ledger_sheets.journal,
    "assets": asset_sheets.register,
    "asset-roll-forward": asset_sheets.roll_forward,
    "asset-additions": asset_sheets.additions,
    "asset-disposals": asset_sheets.disposals,
    "asset-tie-out": asset_sheets.tie_out,
    "asset-used-up": asset_sheets.used_up,
    "asset-comparison": asset_sheets.comparison,
    "asset-schedule": asset_sheets.schedule,
    "asset-pools": tax_sheets.pools,
    "form-4562": tax_sheets.form_4562,
    "asset-forecast": plan_sheets.forecast,
    "asset-cash": plan_sheets.cash,
    "asset-budget": plan_sheets.budget,
    "asset-budget-comparison": plan_sheets.budget_comparison,
}
OPTIONS: dict[str, tuple[str, ...]] = {
    "asset-roll-forward": ("currency",),
    "asset-comparison": ("tax_book", "rate", "by"),
    "asset-schedule": ("asset",),
    "asset-pools": ("detail",),
    "form-4562": ("business_income", "carried_in"),
    "asset-forecast": ("through", "scenario", "by"),
    "asset-cash": ("through", "scenario"),
    "asset-budget": ("budget",),
    "asset-budget-comparison": ("budget", "by", "scenario"),
}
"""What a list asks for beside book and days, by name."""


NEEDS: dict[str, str] = {
    "items": "items.read",
    "locations": "stock.read",
    "parties": "parties.read",
    "on-hand": "stock.read",
    "moves": "stock.read",
}
"""Who may have a list; all others show amounts and need ledger.read."""


def needed(name: str) -> str:
    """The permission to see a list."""
    return NEEDS.get(name, "ledger.read")


def tries(options: Mapping[str, str]) -> bool:
    """Whether the answer is tried out by writing and taking back, which a read-only transaction would refuse."""
    return "scenario" in options
