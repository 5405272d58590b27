"""From stock and back: goods become an asset or a part of its cost, and an asset becomes goods again.

The goods move and the asset's event are one transaction. What leaves stock goes to the place of assets and, in the
ledger, to a clearing account; the asset takes it over from there, in every book at what it cost that book. A cost that
becomes known later follows with the next run or event of the asset, because the event names the move, not an amount.
"""

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection

from wherewithal.assets.drafts import BatchResult, EventDraft
from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.masters import no_asset
from wherewithal.assets.services.posting.history import load_histories
from wherewithal.assets.services.posting.pools import has_pools
from wherewithal.assets.services.record import hold_key, preview, record
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import DisposalKind, Kind
from wherewithal.core.money import from_minor
from wherewithal.core.posting import Role
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock import queries as stock_queries
from wherewithal.stock import services as stock_services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft, MoveKind, OwnAmount

TAKES_COST = (Kind.ACQUISITION, Kind.COST_ADDITION, Kind.CONSTRUCTION_COST)


@dataclass(frozen=True, slots=True)
class StockResult:
    """Both halves: the moves of the goods, and what was recorded of the asset. `entry_ids`: of both."""

    move_ids: tuple[int, ...]
    batch: BatchResult
    entry_ids: tuple[int, ...] = ()

    @property
    def asset_id(self) -> int | None:
        return self.batch.asset_ids[0] if self.batch.asset_ids else None


def issue_to_asset(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    effective_at: datetime.datetime,
    item_id: int,
    qty: Decimal | int,
    from_location_id: int,
    asset: AssetDraft | None = None,
    asset_id: int | None = None,
    lot_id: int | None = None,
    lot_code: str | None = None,
    unit: str | None = None,
    kind: str = Kind.ACQUISITION,
    in_service: bool = False,
    reference: str = "",
    note: str = "",
) -> StockResult:
    """Goods leave stock and become a new asset (`asset`), or cost of one that is there (`asset_id`).

    `kind`: acquisition, cost_addition or construction_cost. A new asset carries the item and, of one lot or serial,
    that lot, so that its history goes on. `in_service`: from the same day.
    """
    if (asset is None) == (asset_id is None):
        raise refuse("asset_id", "one_of", say("Give a new asset or name one that is there."))
    if kind not in TAKES_COST:
        raise refuse(
            "kind", "known", say("Choose one of {takes_cost}.", takes_cost=", ".join(TAKES_COST)), value=kind
        )

    def work() -> StockResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            line = LineDraft(
                item_id,
                qty,
                unit=unit,
                from_location_id=from_location_id,
                to_location_id=_place(company_id),
                lot_id=lot_id,
                lot_code=lot_code,
            )
            goods = stock_services.record(
                company_id=company_id,
                actor_id=actor_id,
                idempotency_key=f"{idempotency_key} goods",
                documents=[
                    DocumentDraft(DocumentKind.ISSUE, effective_at, [line], reference=reference or None)
                ],
            )
            (move_id,) = _only_move(goods.documents[0].move_ids)
            day = _day(company_id, effective_at)
            number = 0 if asset is not None else None
            events = [
                EventDraft(
                    kind,
                    day,
                    asset_id=asset_id,
                    asset_no=number,
                    move_id=move_id,
                    reference=reference,
                    note=note,
                )
            ]
            if in_service:
                events.append(EventDraft(Kind.IN_SERVICE, day, asset_id=asset_id, asset_no=number))
            new = [replace(asset, item_id=item_id, lot_id=_lot(company_id, move_id))] if asset else []
            batch = record(
                company_id=company_id,
                actor_id=actor_id,
                idempotency_key=idempotency_key,
                events=events,
                assets=new,
            )
        return StockResult((move_id,), batch, (*goods.entry_ids, *batch.entry_ids))

    return work() if connection.in_atomic_block else db.run_retrying(work)


def return_to_stock(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    effective_at: datetime.datetime,
    asset_id: int,
    to_location_id: int,
    item_id: int | None = None,
    lot_id: int | None = None,
    qty: Decimal | int = 1,
    reference: str = "",
    note: str = "",
) -> StockResult:
    """An asset becomes goods again, in each book at its net book value of that day. Item and lot are the asset's own unless
    named. A book that depreciates it in a pool takes the value of the primary book."""

    def work() -> StockResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            item, lot = _item_of(company_id, asset_id)
            item, lot = item_id or item, lot_id or lot
            if item is None:
                message = say("The asset is of no item: name the item as which it goes to stock.")
                raise refuse("item_id", "required", message)
            day = _day(company_id, effective_at)
            leaves = EventDraft(
                Kind.DISPOSAL,
                day,
                asset_id=asset_id,
                values={"how": DisposalKind.TO_STOCK.value},
                reference=reference,
                note=note,
            )
            amount, own = _worth(company_id, actor_id, idempotency_key, leaves)
            goods = stock_services.record(
                company_id=company_id,
                actor_id=actor_id,
                idempotency_key=f"{idempotency_key} goods",
                documents=[
                    DocumentDraft(
                        DocumentKind.RETURN_FROM_CUSTOMER,
                        effective_at,
                        [
                            LineDraft(
                                item,
                                qty,
                                from_location_id=_place(company_id),
                                to_location_id=to_location_id,
                                lot_id=lot,
                                amount=amount,
                            )
                        ],
                        reference=reference or None,
                        own_amounts=own,
                    )
                ],
            )
            (move_id,) = _only_move(goods.documents[0].move_ids)
            batch = record(
                company_id=company_id,
                actor_id=actor_id,
                idempotency_key=idempotency_key,
                events=[replace(leaves, move_id=move_id)],
            )
        return StockResult((move_id,), batch, (*goods.entry_ids, *batch.entry_ids))

    return work() if connection.in_atomic_block else db.run_retrying(work)


def take_back_goods(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    effective_at: datetime.datetime,
    event_id: int,
    note: str = "",
) -> StockResult:
    """An event that moved goods to an asset, or made goods of it, never happened, nor did the move: both in one step.

    `effective_at` is that of the document that reverses the goods. If they were taken back before, the event follows them.
    Refused while anything stands that needs either of them.
    """

    def work() -> StockResult:
        with db.company_transaction(company_id=company_id, actor_id=actor_id):
            hold_key(company_id, idempotency_key)
            asset_id, effective_on, move_id, undone = _moved_goods(company_id, event_id)
            goods = None
            if undone in (None, f"{idempotency_key} goods"):
                goods = stock_services.reverse(
                    company_id=company_id,
                    actor_id=actor_id,
                    idempotency_key=f"{idempotency_key} goods",
                    effective_at=effective_at,
                    move_ids=[move_id],
                    note=note,
                )
            reversal = EventDraft(
                Kind.REVERSAL, effective_on, asset_id=asset_id, of_event_id=event_id, note=note
            )
            batch = record(
                company_id=company_id, actor_id=actor_id, idempotency_key=idempotency_key, events=[reversal]
            )
        if goods is None:
            return StockResult((), batch, batch.entry_ids)
        moves = tuple(move for document in goods.documents for move in document.move_ids)
        return StockResult(moves, batch, (*goods.entry_ids, *batch.entry_ids))

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _moved_goods(company_id: int, event_id: int) -> tuple[int, datetime.date, int, str | None]:
    """Asset, day and move of an event; the key by which the move was taken back, if it was."""
    row = db.fetch_one(
        """
        SELECT e.asset_id, e.effective_on, e.move_id, (
            SELECT b.idempotency_key FROM stock_move r
            JOIN stock_batch b ON b.company_id = r.company_id AND b.batch_id = r.batch_id
            WHERE r.company_id = e.company_id AND r.of_move_id = e.move_id AND r.kind = %s
              AND NOT EXISTS (SELECT FROM stock_move x
                              WHERE x.company_id = r.company_id AND x.of_move_id = r.move_id AND x.kind = r.kind))
        FROM assets_event e WHERE e.company_id = %s AND e.event_id = %s AND e.move_id IS NOT NULL
        """,
        (int(MoveKind.REVERSAL), company_id, event_id),
    )
    if row is None:
        message = say("There is no such event that moved goods.")
        raise NotFound(Problem("event_id", "exists", message, value=str(event_id)))
    asset_id, effective_on, move_id, undone = row
    return asset_id, effective_on, move_id, undone


def _worth(
    company_id: int, actor_id: int | None, idempotency_key: str, leaves: EventDraft
) -> tuple[Decimal, tuple[OwnAmount, ...]]:
    """What the asset leaves the primary book with, and each other book that carries it at something else: worked out by the
    very code that will post it.

    In a pool (decision 30) an asset is given up for what it is taken in at, so such a book takes the amount of the primary
    one. Asked again with the same key (the batch is there already), it is what was said then.
    """
    hold_key(company_id, idempotency_key)  # under way elsewhere, it would find the asset gone and be refused
    said = _said_then(company_id, idempotency_key)
    if said is not None:
        return said
    context = load_context(company_id)
    asset_id = leaves.asset_id or 0
    histories = load_histories(company_id, [asset_id])
    role = Role.DISPOSED_TO_STOCK.name.lower()
    carried = dict.fromkeys((book.book_id for book in context.books if book.filled), 0)
    for book in preview(company_id=company_id, actor_id=actor_id, events=[leaves]):
        carried[book.book_id] = sum(row.amount for row in book.rows if row.role == role)
    primary = next(book for book in context.books if book.is_primary)
    with_goods = stock_services.filled_books(company_id)
    amount = carried.get(primary.book_id, 0)
    own = (
        OwnAmount(book.book_id, carried[book.book_id], book.currency)
        for book in context.books
        if book.book_id in carried.keys() & with_goods
        and not book.is_primary
        and (book.currency, carried[book.book_id]) != (primary.currency, amount)
        and not has_pools(book, histories.values())
    )
    return from_minor(amount, primary.decimals), tuple(own)


def _said_then(company_id: int, idempotency_key: str) -> tuple[Decimal, tuple[OwnAmount, ...]] | None:
    row = db.fetch_one(
        "SELECT m.amount, b.currency_decimals, m.move_id FROM assets_batch a"
        " JOIN assets_event e ON e.company_id = a.company_id AND e.batch_id = a.batch_id AND e.move_id IS NOT NULL"
        " JOIN stock_move m ON m.company_id = e.company_id AND m.move_id = e.move_id"
        " JOIN ledger_book b ON b.company_id = a.company_id AND b.is_primary"
        " WHERE a.company_id = %s AND a.idempotency_key = %s",
        (company_id, idempotency_key),
    )
    if row is None:
        return None
    amount, decimals, move_id = row
    return from_minor(amount, decimals), stock_queries.own_amounts(company_id, move_id)


def _place(company_id: int) -> int:
    row = db.fetch_one(
        "SELECT id FROM stock_location WHERE company_id = %s AND type = 'asset'", (company_id,)
    )
    assert row is not None, "each company is born with a place for assets"
    return int(row[0])


def _day(company_id: int, at: datetime.datetime) -> datetime.date:
    if at.tzinfo is None:
        raise refuse("effective_at", "time_zone", say("Give the instant with its time zone."))
    return at.astimezone(ZoneInfo(ledger_queries.company(company_id).timezone)).date()


def _only_move(move_ids: tuple[int, ...]) -> tuple[int]:
    if len(move_ids) != 1:
        raise refuse("qty", "one", say("One asset takes one lot or serial at a time: give several requests."))
    return (move_ids[0],)


def _lot(company_id: int, move_id: int) -> int | None:
    row = db.fetch_one(
        "SELECT lot_id FROM stock_move WHERE company_id = %s AND move_id = %s", (company_id, move_id)
    )
    return row[0] or None if row else None


def _item_of(company_id: int, asset_id: int) -> tuple[int | None, int | None]:
    row = db.fetch_one(
        "SELECT item_id, lot_id FROM assets_asset WHERE company_id = %s AND id = %s", (company_id, asset_id)
    )
    if row is None:
        raise no_asset(asset_id)
    return row[0], row[1]
