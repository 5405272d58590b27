"""Moves and documents, and what each move cost as now known with the trail of how we came to know it."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision

from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.queries.common import money, page_size, units


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move as recorded. `qty` in base units; `amount` in `currency`, as stated from outside."""

    move_id: int
    document_id: int
    document_number: str
    document_kind: str
    reference: str | None
    party_id: int | None
    batch_id: int
    event_id: int
    line_no: int
    kind: MoveKind
    item_id: int
    sku: str
    item_name: str
    unit_code: str
    from_location_id: int
    from_location: str
    to_location_id: int
    to_location: str
    lot_id: int | None
    lot_code: str | None
    qty: Decimal
    effective_at: datetime.datetime
    effective_on: datetime.date
    recorded_at: datetime.datetime
    of_move_id: int | None
    amount: Decimal | None
    currency: str | None

    @property
    def key(self) -> tuple[datetime.datetime, int]:
        """Where the next page begins: pass it as `before`."""
        return (self.effective_at, self.move_id)


_MOVE = """
    SELECT m.move_id, m.document_id, d.number, d.kind, d.reference, d.party_id, m.batch_id, m.event_id, m.line_no, m.kind,
           m.item_id, i.sku, i.name, u.code, m.from_location_id, f.code, m.to_location_id, t.code, nullif(m.lot_id, 0),
           l.code, m.qty, m.effective_at, m.effective_on, m.recorded_at, m.of_move_id, m.amount, m.currency,
           i.qty_decimals
    FROM stock_move m
    JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
    JOIN items_item i ON i.company_id = m.company_id AND i.id = m.item_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
    JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
    LEFT JOIN items_lot l ON m.lot_id <> 0 AND l.company_id = m.company_id AND l.id = m.lot_id
    WHERE m.company_id = %(company)s
"""


def moves(
    company_id: int,
    *,
    item_id: int | None = None,
    location_id: int | None = None,
    lot_id: int | None = None,
    kind: MoveKind | None = None,
    document_id: int | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
    before: tuple[datetime.datetime, int] | None = None,
    limit: int = 100,
) -> list[MoveRow]:
    """A page of moves, latest first. `before` is the key of the last row of the page before."""
    conditions: list[str] = []
    params: dict[str, Any] = {"company": company_id, "limit": page_size(limit)}
    for name, column, value in (
        ("item", "m.item_id", item_id),
        ("lot", "m.lot_id", lot_id),
        ("kind", "m.kind", None if kind is None else int(kind)),
        ("document", "m.document_id", document_id),
    ):
        if value is not None:
            conditions.append(f"{column} = %({name})s")
            params[name] = value
    if document_id is not None:
        conditions.append(_IN_DOCUMENT)
    if location_id is not None:
        conditions.append("%(location)s IN (m.from_location_id, m.to_location_id)")
        params["location"] = location_id
    if since is not None:
        conditions.append("m.effective_on >= %(since)s")
        params["since"] = since
    if until is not None:
        conditions.append("m.effective_on <= %(until)s")
        params["until"] = until
    if before is not None:
        conditions.append("(m.effective_at, m.move_id) < (%(before_at)s, %(before_id)s)")
        params |= {"before_at": before[0], "before_id": before[1]}
    where = "".join(f" AND {condition}" for condition in conditions)
    rows = db.fetch_all(
        f"{_MOVE}{where} ORDER BY m.effective_at DESC, m.move_id DESC LIMIT %(limit)s", params
    )
    return [_move(row) for row in rows]


_IN_DOCUMENT = """m.move_id BETWEEN
    (SELECT first_move_id FROM stock_document WHERE company_id = %(company)s AND document_id = %(document)s)
    AND (SELECT first_move_id + move_count - 1 FROM stock_document
         WHERE company_id = %(company)s AND document_id = %(document)s)"""


def _move(row: tuple[Any, ...]) -> MoveRow:
    values = list(row[:-1])
    decimals = row[-1]
    values[9] = MoveKind(values[9])
    values[20] = units(values[20], decimals)
    if values[25] is not None:
        values[25] = money(values[25], _currency_decimals(values[26]))
    return MoveRow(*values)


def _currency_decimals(currency: str) -> int:
    return int(get_currency_precision(currency))


@dataclass(frozen=True, slots=True)
class ValueTrail:
    """One value row: what a book learnt about a move, when, because of which move, in which entry."""

    book_id: int
    role: Role
    cause_id: int
    amount: Decimal  # + debits the debit account
    stock_amount: Decimal  # effect on the pool
    debit_account_id: int
    credit_account_id: int
    effective_on: datetime.date
    posting_on: datetime.date
    recorded_at: datetime.datetime
    entry_id: int | None
    batch_id: int


@dataclass(frozen=True, slots=True)
class MoveDetail:
    """A move, what each book says it is worth as now known, and the rows that add up to that."""

    move: MoveRow
    stock_value: dict[int, Decimal]  # by book
    trail: tuple[ValueTrail, ...]
    corrections: tuple[MoveRow, ...]  # moves that return, amend or reverse it
    costs: tuple["MoveCost", ...]


@dataclass(frozen=True, slots=True)
class MoveCost:
    """A landed cost or price correction on a receipt."""

    cost_id: int
    kind: str
    amount: Decimal
    currency: str
    document_id: int
    recorded_at: datetime.datetime


def move(company_id: int, move_id: int) -> MoveDetail:
    """One move in full. NotFound when there is none."""
    rows = db.fetch_all(f"{_MOVE} AND m.move_id = %(move)s", {"company": company_id, "move": move_id})
    if not rows:
        raise NotFound(Problem("move_id", "exists", f"There is no move {move_id}.", value=str(move_id)))
    found = _move(rows[0])
    trail = _trail(company_id, found)
    totals: dict[int, Decimal] = {}
    for value in trail:
        totals[value.book_id] = totals.get(value.book_id, Decimal(0)) + value.stock_amount
    corrections = db.fetch_all(
        f"{_MOVE} AND m.of_move_id = %(move)s ORDER BY m.move_id", {"company": company_id, "move": move_id}
    )
    return MoveDetail(
        found, totals, trail, tuple(_move(row) for row in corrections), _costs(company_id, found)
    )


def _trail(company_id: int, of: MoveRow) -> tuple[ValueTrail, ...]:
    rows = db.fetch_all(
        """
        SELECT v.book_id, v.role, v.cause_id, v.amount, v.stock_amount, v.debit_account_id, v.credit_account_id,
               v.effective_on, v.posting_on, v.recorded_at, v.entry_id, v.batch_id, b.currency_decimals
        FROM stock_value v JOIN ledger_book b ON b.company_id = v.company_id AND b.id = v.book_id
        WHERE v.company_id = %s AND v.item_id = %s AND v.effective_on >= %s AND v.move_id = %s
        ORDER BY v.recorded_at, v.book_id, v.effective_on, v.role
        """,
        (company_id, of.item_id, of.effective_on, of.move_id),
    )
    return tuple(
        ValueTrail(book, Role(role), cause, money(amount, decimals), money(stock, decimals), *rest)
        for book, role, cause, amount, stock, *rest, decimals in rows
    )


def _costs(company_id: int, of: MoveRow) -> tuple[MoveCost, ...]:
    rows = db.fetch_all(
        "SELECT cost_id, kind, amount, currency, document_id, recorded_at FROM stock_move_cost"
        " WHERE company_id = %s AND item_id = %s AND effective_on = %s AND move_id = %s ORDER BY cost_id",
        (company_id, of.item_id, of.effective_on, of.move_id),
    )
    kinds = {1: "landed_cost", 2: "price_correction"}
    return tuple(
        MoveCost(cost, kinds[kind], money(amount, _currency_decimals(currency)), currency, document, at)
        for cost, kind, amount, currency, document, at in rows
    )


@dataclass(frozen=True, slots=True)
class DocumentRow:
    document_id: int
    kind: str
    number: str
    reference: str | None
    party_id: int | None
    effective_at: datetime.datetime
    note: str | None
    move_count: int
    batch_id: int
    recorded_at: datetime.datetime
    actor_id: int | None
    of_document_id: int | None

    @property
    def key(self) -> tuple[datetime.datetime, int]:
        return (self.effective_at, self.document_id)


def documents(
    company_id: int,
    *,
    kind: str | None = None,
    number: str | None = None,
    document_id: int | None = None,
    batch_id: int | None = None,
    before: tuple[datetime.datetime, int] | None = None,
    limit: int = 100,
) -> list[DocumentRow]:
    """A page of documents, latest first."""
    params: dict[str, Any] = {"company": company_id, "limit": page_size(limit)}
    where = ""
    for name, value in (
        ("kind", kind),
        ("number", number),
        ("document_id", document_id),
        ("batch_id", batch_id),
    ):
        if value is not None:
            where += f" AND d.{name} = %({name})s"
            params[name] = value
    if before is not None:
        where += " AND (d.effective_at, d.document_id) < (%(before_at)s, %(before_id)s)"
        params |= {"before_at": before[0], "before_id": before[1]}
    rows = db.fetch_all(
        "SELECT d.document_id, d.kind, d.number, d.reference, d.party_id, d.effective_at, d.note, d.move_count,"  # noqa: S608
        " d.batch_id, b.recorded_at, b.actor_id, d.of_document_id FROM stock_document d"
        " JOIN stock_batch b ON b.company_id = d.company_id AND b.batch_id = d.batch_id"
        f" WHERE d.company_id = %(company)s{where} ORDER BY d.effective_at DESC, d.document_id DESC LIMIT %(limit)s",
        params,
    )
    return [DocumentRow(*row) for row in rows]
