"""What the explanations read: facts of an item as a book reads them, its pools at a point in the order, its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wherewithal.core.costing import window
from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import Method, Move, Policy, PoolKey
from wherewithal.core.costing.state import Pool
from wherewithal.core.posting import RULES, Role
from wherewithal.core.words import Said, say
from wherewithal.kit.db import fetch_all, fetch_one
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.values import Book
from wherewithal.reporting.explain.values import Explanation, FactRef, Money, Unit
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.services.context import Context, add_items, load_context, place_rows
from wherewithal.stock.services.posting import load
from wherewithal.stock.services.posting.facts import Fact, Reader, by_move
from wherewithal.stock.services.posting.policies import load_policies
from wherewithal.stock.services.posting.window_reads import load_window

METHOD_RULES: Mapping[int, str] = {
    Method.FIFO: say("First in, first out: goods leave at the cost of the oldest layer that is left."),
    Method.LIFO: say("Last in, first out: goods leave at the cost of the youngest layer that is there."),
    Method.AVERAGE: say(
        "Moving average: goods leave with their share, by quantity, of the value of all that is there."
    ),
    Method.PERIODIC: say(
        "Periodic average: goods leave at the average of the period, settled when the period ends."
    ),
    Method.STANDARD: say(
        "Standard cost: goods come and leave at the standard in force; what they cost more is a variance."
    ),
    Method.SPECIFIC: say("Specific identification: each lot or serial carries its own cost."),
}
KIND_NAMES: Mapping[MoveKind, Said] = {
    MoveKind.OPENING: say("opening"),
    MoveKind.RECEIPT: say("receipt"),
    MoveKind.ISSUE: say("issue"),
    MoveKind.DROPSHIP: say("dropship"),
    MoveKind.TRANSFER: say("transfer"),
    MoveKind.DISPATCH: say("dispatch"),
    MoveKind.ARRIVAL: say("arrival"),
    MoveKind.ADJUSTMENT: say("adjustment"),
    MoveKind.SCRAP: say("scrap"),
    MoveKind.RETURN_TO_SUPPLIER: say("return to supplier"),
    MoveKind.RETURN_FROM_CUSTOMER: say("return from customer"),
    MoveKind.CONSUMPTION: say("consumption"),
    MoveKind.OUTPUT: say("output"),
    MoveKind.AMENDMENT: say("amendment"),
    MoveKind.REVERSAL: say("reversal"),
}
ROUNDING = say("A part of a pool is rounded half to even once; whoever takes the last piece takes the rest.")


@dataclass(frozen=True, slots=True)
class Reading:
    """An item's whole history as one book reads it, restricted to what was known and had happened."""

    item_id: int
    moves: Sequence[Move]
    policies: Mapping[int, Sequence[Policy]]
    boundary: Mapping[int, int]

    def policy_at(self, at: int) -> Policy:
        mine = self.policies[self.item_id]
        return next((policy for policy in reversed(mine) if policy.at <= at), mine[0])

    def pools(self, moves: Iterable[Move], *, until: int) -> dict[PoolKey, Pool]:
        """The item's pools after these moves, under the policies in force by then."""
        in_force = {
            item: [policy for policy in policies if policy.at <= until] or policies[:1]
            for item, policies in self.policies.items()
        }
        replayed = replay(
            list(moves), policies=in_force, states={}, since=0, items=[self.item_id], boundary=self.boundary
        )
        return {key: pool for key, pool in replayed.states.items() if key[1] == self.item_id}


@dataclass(frozen=True, slots=True)
class Row:
    """A booked value row with the names of its accounts."""

    move_id: int
    cause_id: int
    role: Role
    scope_id: int
    amount: int
    stock_amount: int
    debit: str
    credit: str
    effective_on: date
    posting_on: date
    entry_id: int | None
    batch_id: int
    recorded_at: datetime

    @property
    def meaning(self) -> str:
        return RULES[self.role].meaning


@dataclass(frozen=True, slots=True)
class MoveNames:
    """A move with the names of what it names. Quantities in smallest units, amount in minor units of `currency`."""

    move_id: int
    document_id: int
    document_number: str
    item_id: int
    sku: str
    unit_code: str
    qty_decimals: int
    from_code: str
    to_code: str
    lot_code: str
    qty: int
    kind: int
    effective_on: date
    recorded_at: datetime
    of_move_id: int | None
    amount: int | None
    currency: str | None


def move_names(company_id: int, move_id: int) -> MoveNames:
    """One move; NotFound if the company has none with this id."""
    row = fetch_one(
        """
        SELECT m.move_id, m.document_id, d.number, m.item_id, i.sku, u.code, i.qty_decimals, f.code, t.code,
               coalesce(l.code, ''), m.qty, m.kind, m.effective_on, m.recorded_at, m.of_move_id, m.amount, m.currency
        FROM stock_move m
        JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
        JOIN items_item i ON i.company_id = m.company_id AND i.id = m.item_id
        JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
        JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
        JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
        LEFT JOIN items_lot l ON l.company_id = m.company_id AND l.id = m.lot_id
        WHERE m.company_id = %s AND m.move_id = %s
        """,
        (company_id, move_id),
    )
    if row is None:
        raise NotFound(
            Problem(
                "move_id", "exists", say("There is no move {move_id}.", move_id=move_id), value=str(move_id)
            )
        )
    return MoveNames(*row)


def book_of(company_id: int, book_id: int | None) -> Book:
    return ledger.book(company_id, book_id) if book_id else ledger.book_by_code(company_id, None)


def money_of(book: Book) -> Money:
    return Money(book.currency, book.currency_decimals)


def item_names(company_id: int, item_id: int) -> tuple[str, str, Unit]:
    """SKU, name and unit; NotFound if the company has no such item."""
    row = fetch_one(
        """
        SELECT i.sku, i.name, u.code, i.qty_decimals FROM items_item i
        JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
        WHERE i.company_id = %s AND i.id = %s
        """,
        (company_id, item_id),
    )
    if row is None:
        raise NotFound(
            Problem(
                "item_id", "exists", say("There is no item {item_id}.", item_id=item_id), value=str(item_id)
            )
        )
    return row[0], row[1], Unit(row[2], row[3])


def scope_name(company_id: int, scope_id: int) -> str:
    """A cost scope in words."""
    if not scope_id:
        return say("the company")
    row = fetch_one(
        "SELECT code FROM stock_location WHERE company_id = %s AND id = %s", (company_id, scope_id)
    )
    return str(row[0]) if row else say("scope {scope_id}", scope_id=scope_id)


# --- facts ----------------------------------------------------------------------------------------------------


def without_stock(company_id: int, book: Book) -> Explanation | None:
    """What there is to say of a book that has not been filled with the history of stock; None of any other."""
    row = fetch_one(
        "SELECT 1 FROM stock_filled_book WHERE company_id = %s AND book_id = %s", (company_id, book.book_id)
    )
    if row is not None:
        return None
    return Explanation(
        say("Book {book_code} has not been filled with the history of stock yet.", book_code=book.code)
    )


def read(
    company_id: int, book: Book, item_id: int, *, as_of: date | None = None, known_at: datetime | None = None
) -> Reading:
    """All facts of an item, with the other legs of the productions it took part in; of a book that is filled."""
    found = load_window(company_id, [item_id], date.min)
    unknown = _recorded_after(company_id, found.facts, known_at)
    facts = [
        f for f in found.facts if f.move_id not in unknown and (as_of is None or f.day <= as_of.toordinal())
    ]
    known = {fact.move_id for fact in facts}
    late_costs = _costs_recorded_after(company_id, item_id, known_at)
    costs = [cost for cost in found.costs if cost.move_id in known and cost.cost_id not in late_costs]
    context = load_context(company_id=company_id, location_ids=_places(facts), item_ids=[item_id])
    _complete(context, facts)
    mine = next(b for b in context.books if b.book_id == book.book_id)
    rates = load.load_rates(company_id, facts, costs, [mine])
    reader = Reader(context, mine, rates)
    policies = load_policies(company_id, context.timezone, context.items)
    outside = [fact for fact in facts if fact.item_id != item_id]
    rows = load.load_rows_of(company_id, outside).get(book.book_id, [])
    return Reading(
        item_id,
        reader.moves(facts, by_move(costs)),
        {item: policies.of(book.book_id, known_item) for item, known_item in context.items.items()},
        window.boundary_cost(rows),
    )


def _places(facts: Iterable[Fact]) -> set[int]:
    return {place for fact in facts for place in (fact.from_location_id, fact.to_location_id)}


def _complete(context: Context, facts: Iterable[Fact]) -> None:
    context.places.update(place_rows(context.company_id, _places(facts) - context.places.keys()))
    add_items(context, {fact.item_id for fact in facts})


def _recorded_after(company_id: int, facts: Sequence[Fact], known_at: datetime | None) -> set[int]:
    if known_at is None:
        return set()
    rows = fetch_all(
        "SELECT move_id FROM stock_move WHERE company_id = %s AND item_id = ANY(%s) AND recorded_at > %s",
        (company_id, sorted({fact.item_id for fact in facts}), known_at),
    )
    return {row[0] for row in rows}


def _costs_recorded_after(company_id: int, item_id: int, known_at: datetime | None) -> set[int]:
    if known_at is None:
        return set()
    rows = fetch_all(
        "SELECT cost_id FROM stock_move_cost WHERE company_id = %s AND item_id = %s AND recorded_at > %s",
        (company_id, item_id, known_at),
    )
    return {row[0] for row in rows}


# --- booked rows ------------------------------------------------------------------------------------------------

_ROWS = """
    SELECT v.move_id, v.cause_id, v.role, v.scope_id, v.amount, v.stock_amount,
           d.code || ' ' || d.name, c.code || ' ' || c.name, v.effective_on, v.posting_on, v.entry_id, v.batch_id,
           v.recorded_at
    FROM stock_value v
    JOIN ledger_account d ON d.company_id = v.company_id AND d.id = v.debit_account_id
    JOIN ledger_account c ON c.company_id = v.company_id AND c.id = v.credit_account_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s
"""


def rows_of_move(company_id: int, book_id: int, item_id: int, move_id: int) -> list[Row]:
    """All value rows of a move in a book, in the order in which they were recorded."""
    return _rows(
        f"{_ROWS} AND v.item_id = %(item)s AND v.move_id = %(move)s ORDER BY v.recorded_at, v.role",
        {"company": company_id, "book": book_id, "item": item_id, "move": move_id},
    )


def rows_of_entry(company_id: int, book_id: int, entry_id: int, account_id: int) -> list[Row]:
    """The value rows that an entry's lines on an account are made of, the largest first."""
    return _rows(
        f"{_ROWS} AND v.entry_id = %(entry)s AND %(account)s IN (v.debit_account_id, v.credit_account_id)"
        " ORDER BY abs(v.amount) DESC, v.move_id",
        {"company": company_id, "book": book_id, "entry": entry_id, "account": account_id},
    )


def _rows(sql: str, params: dict[str, Any]) -> list[Row]:
    return [Row(row[0], row[1], Role(row[2]), *row[3:]) for row in fetch_all(sql, params)]


def move_refs(company_id: int, move_ids: Iterable[int]) -> dict[int, FactRef]:
    """Moves by id, called by kind, document and item."""
    rows = fetch_all(
        """
        SELECT m.move_id, m.kind, d.number || ', ' || i.sku, m.effective_on, m.recorded_at FROM stock_move m
        JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
        JOIN items_item i ON i.company_id = m.company_id AND i.id = m.item_id
        WHERE m.company_id = %s AND m.move_id = ANY(%s)
        """,
        (company_id, sorted(set(move_ids))),
    )
    return {
        row[0]: FactRef(
            "move", row[0], say("{kind} {number}", kind=kind_name(row[1]), number=row[2]), row[3], row[4]
        )
        for row in rows
    }


def kind_name(kind: int) -> Said:
    """A move's kind in words."""
    return KIND_NAMES[MoveKind(kind)]


def documents(company_id: int, batch_ids: Iterable[int]) -> dict[int, FactRef]:
    """By batch, its first document."""
    rows = fetch_all(
        """
        SELECT DISTINCT ON (d.batch_id) d.batch_id, d.document_id, d.kind || ' ' || d.number, b.recorded_at,
               (d.effective_at AT TIME ZONE c.timezone)::date
        FROM stock_document d
        JOIN stock_batch b ON b.company_id = d.company_id AND b.batch_id = d.batch_id
        JOIN ledger_company c ON c.id = d.company_id
        WHERE d.company_id = %s AND d.batch_id = ANY(%s) ORDER BY d.batch_id, d.document_id
        """,
        (company_id, sorted(set(batch_ids))),
    )
    return {row[0]: FactRef("document", row[1], row[2], row[4], row[3]) for row in rows}


def entries(company_id: int, book_id: int, entry_ids: Iterable[int | None]) -> dict[int, FactRef]:
    """Entries by id, called by their number."""
    rows = fetch_all(
        """
        SELECT e.entry_id, s.year || '/' || s.number, e.posting_on, e.recorded_at
        FROM ledger_entry e
        JOIN ledger_entry_seal s ON (s.company_id, s.book_id, s.entry_id) = (e.company_id, e.book_id, e.entry_id)
        WHERE e.company_id = %s AND e.book_id = %s AND e.entry_id = ANY(%s)
        """,
        (company_id, book_id, sorted({entry_id for entry_id in entry_ids if entry_id})),
    )
    return {row[0]: FactRef("entry", row[0], row[1], row[2], row[3]) for row in rows}
