"""What can only be judged while the items are held: what is left to return, what a count differs by, blocked lots."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from wherewithal.core.words import say
from wherewithal.items import queries as items_queries
from wherewithal.items.values import LotStatus
from wherewithal.kit import db
from wherewithal.kit.errors import Problem
from wherewithal.stock.drafts import DocumentDraft, MoveKind
from wherewithal.stock.services.context import Context
from wherewithal.stock.services.planning.documents import count_move
from wherewithal.stock.services.planning.values import (
    LINE_BYTES,
    Plan,
    PlannedCount,
    PlannedMove,
    microseconds,
)
from wherewithal.stock.services.posting import load
from wherewithal.stock.services.posting.claims import shrink
from wherewithal.stock.services.posting.facts import RETURNS, Fact

USED = frozenset({MoveKind.ISSUE, MoveKind.CONSUMPTION})
CORRECTIONS = frozenset({MoveKind.AMENDMENT, MoveKind.REVERSAL})


class Kin(NamedTuple):
    """A move as its family sees it; `fact` None: this batch is about to add it."""

    move_id: int
    kind: int
    qty: int
    from_location_id: int
    of_move_id: int | None
    at: int
    fact: Fact | None


class Family:
    """Moves with all that names them, as they stand now, and with what this batch has added so far."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts: dict[int, Kin] = {}
        self.children: dict[int, list[Kin]] = defaultdict(list)
        for fact in facts:
            self.know(
                Kin(fact.move_id, fact.kind, fact.qty, fact.from_location_id, fact.of_move_id, fact.at, fact)
            )

    def know(self, kin: "Kin") -> None:
        self.facts[kin.move_id] = kin
        if kin.of_move_id is not None:
            self.children[kin.of_move_id].append(kin)

    def add(self, move: PlannedMove) -> None:
        """A move of this batch, under a number of its own below zero."""
        number = -1 - len(self.facts)
        self.know(Kin(number, move.kind, move.qty, move.from_location_id, move.of_move_id, move.at, None))

    def base(self, move_id: int) -> int:
        """What a chain of amendments and reversals speaks of in the end."""
        kin = self.facts[move_id]
        while kin.kind in CORRECTIONS and kin.of_move_id is not None:
            kin = self.facts[kin.of_move_id]
        return kin.move_id

    def is_gone(self, move_id: int) -> bool:
        """Whether a reversal that itself stands names this move."""
        return any(
            child.kind == MoveKind.REVERSAL and not self.is_gone(child.move_id)
            for child in self.children.get(move_id, ())
        )

    def amendments(self, move_id: int) -> "list[Kin]":
        """Those that stand."""
        return [
            child
            for child in self.children.get(move_id, ())
            if child.kind == MoveKind.AMENDMENT and not self.is_gone(child.move_id)
        ]

    def net_qty(self, move_id: int) -> int:
        """What was moved in truth, as now known: with amendments, 0 when reversed."""
        if self.is_gone(move_id):
            return 0
        fact = self.facts[move_id]
        changes = (
            a.qty if a.from_location_id == fact.from_location_id else -a.qty for a in self.amendments(move_id)
        )
        return fact.qty + sum(changes)

    def returned_qty(self, move_id: int) -> int:
        returns = (child for child in self.children.get(move_id, ()) if child.kind in RETURNS)
        return sum(self.net_qty(child.move_id) for child in returns)

    def left_qty(self, move_id: int) -> int:
        return self.net_qty(move_id) - self.returned_qty(move_id)


def check_state(
    context: Context, documents: Sequence[DocumentDraft], plan: Plan, recorded_at: datetime.datetime
) -> None:
    """Add to the plan what follows from the state of the stock: moves of counts, reversals of amendments, faults."""
    family = Family(_named_facts(context, plan))
    for number, move in plan.ahead.items():
        family.know(Kin(number, move.kind, move.qty, move.from_location_id, None, move.at, None))
    for move in list(plan.moves):
        if move.of_move_id is None:
            continue
        if move.kind in RETURNS:
            _check_return(context, plan, family, move)
        elif move.kind == MoveKind.AMENDMENT:
            _check_amendment(context, plan, family, move)
        elif move.kind == MoveKind.REVERSAL:
            _check_reversal(plan, family, move)
        family.add(move)
    _check_returned(plan, family)
    _check_reversed_documents(context.company_id, documents, plan)
    for cost in plan.costs:
        if family.is_gone(cost.original.move_id) and documents[cost.document_no].of_document_id is None:
            message = say(
                "Move {move_id} was reversed: it takes no more cost.", move_id=cost.original.move_id
            )
            plan.problems.append(Problem("of_move_id", "stands", message, cost.row))
    _settle_counts(context, documents, plan)
    _check_lots(context, plan)
    check_future(documents, plan, recorded_at)


def _named_facts(context: Context, plan: Plan) -> list[Fact]:
    named = {move.of_move_id for move in plan.moves if move.of_move_id is not None}
    named |= {cost.original.move_id for cost in plan.costs}
    return load.load_family(context.company_id, named - plan.ahead.keys())


def _shown(context: Context, item_id: int, qty: int) -> str:
    item = context.items[item_id]
    return say("{qty:f} {unit}", qty=Decimal(qty).scaleb(-item.qty_decimals).normalize(), unit=item.unit_code)


def _check_return(context: Context, plan: Plan, family: Family, move: PlannedMove) -> None:
    assert move.of_move_id is not None
    original = family.facts[move.of_move_id]
    left = family.left_qty(move.of_move_id)
    if move.qty > left:
        shown = _shown(context, move.item_id, max(left, 0))
        message = (
            say("Of that line {shown} are left to return: return no more than that.", shown=shown)
            if move.of_move_id in plan.ahead
            else say(
                "Of move {of_move_id} {shown} are left to return: return no more than that.",
                of_move_id=move.of_move_id,
                shown=shown,
            )
        )
        plan.problems.append(Problem("qty", "left_to_return", message, move.row, str(move.qty)))
    if move.at < original.at:
        message = say("A return comes after the move it returns ({of_move_id}).", of_move_id=move.of_move_id)
        plan.problems.append(Problem("effective_at", "after_original", message, move.row))


def _check_amendment(context: Context, plan: Plan, family: Family, move: PlannedMove) -> None:
    assert move.of_move_id is not None
    original = family.facts[move.of_move_id]
    if family.is_gone(move.of_move_id):
        message = say("Move {of_move_id} was reversed: enter a new one instead.", of_move_id=move.of_move_id)
        plan.problems.append(Problem("of_move_id", "stands", message, move.row))
    elif original.from_location_id != move.from_location_id:
        left = family.left_qty(move.of_move_id)
        if move.qty > left:
            shown = _shown(context, move.item_id, max(left, 0))
            message = say(
                "Move {of_move_id} can be lowered by {shown} at most (less would be left than was returned).",
                of_move_id=move.of_move_id,
                shown=shown,
            )
            plan.problems.append(Problem("qty", "left_to_lower", message, move.row, str(move.qty)))


def _check_reversal(plan: Plan, family: Family, move: PlannedMove) -> None:
    assert move.of_move_id is not None
    if family.is_gone(move.of_move_id):
        message = say("Move {of_move_id} was reversed already.", of_move_id=move.of_move_id)
        plan.problems.append(Problem("of_move_id", "stands", message, move.row, str(move.of_move_id)))
        return
    if family.returned_qty(move.of_move_id):
        message = say(
            "Goods of move {of_move_id} were returned: reverse those returns first.",
            of_move_id=move.of_move_id,
        )
        plan.problems.append(Problem("of_move_id", "not_returned", message, move.row, str(move.of_move_id)))
        return
    if family.facts[move.of_move_id].kind == MoveKind.REVERSAL:
        return
    for number, amendment in enumerate(family.amendments(move.of_move_id), 1):
        if amendment.fact is None:
            message = say(
                "Move {of_move_id} is amended in the same batch: reverse it in the next one.",
                of_move_id=move.of_move_id,
            )
            plan.problems.append(Problem("of_move_id", "stands", message, move.row, str(move.of_move_id)))
            return
        plan.moves.append(_reversal_of(amendment.fact, move, number, plan.new_event()))


def _check_returned(plan: Plan, family: Family) -> None:
    """Taking back an amendment or a reversal must leave as much as was returned of what it speaks of."""
    for move in plan.moves:
        if move.kind != MoveKind.REVERSAL or move.of_move_id is None:
            continue
        base = family.base(move.of_move_id)
        kin = family.facts[base]
        leaned_on = {base} | (
            {kin.of_move_id} if kin.kind in RETURNS and kin.of_move_id is not None else set()
        )
        if any(family.left_qty(move_id) < 0 for move_id in leaned_on if move_id in family.facts):
            message = say(
                "More of move {base} was returned than would be left: reverse returns first.", base=base
            )
            plan.problems.append(
                Problem("of_move_id", "not_returned", message, move.row, str(move.of_move_id))
            )


def _check_reversed_documents(company_id: int, documents: Sequence[DocumentDraft], plan: Plan) -> None:
    """A document is reversed once; its reversal can be reversed, and then it stands again. Its moves say so themselves."""
    named = [document.of_document_id for document in documents if document.of_document_id is not None]
    if not named or plan.problems:
        return
    children: dict[int, list[int]] = defaultdict(list)
    for document_id, of_document_id in load.load_reversals(company_id, named):
        children[of_document_id].append(document_id)

    def is_gone(document_id: int) -> bool:
        return any(not is_gone(child) for child in children.get(document_id, ()))

    seen: set[int] = set()
    for row, document in enumerate(documents):
        of = document.of_document_id
        if of is None:
            continue
        if of in seen or is_gone(of):
            message = say("Document {of} was reversed already.", of=of)
            where = document.row if document.row is not None else row
            plan.problems.append(Problem("of_document_id", "stands", message, where, str(of)))
        seen.add(of)


def _reversal_of(amendment: Fact, beside: PlannedMove, number: int, event_no: int) -> PlannedMove:
    """The amendments of a reversed move are taken back with it, so that quantities stay plain sums."""
    return PlannedMove(
        beside.document_no,
        beside.row,
        beside.line_no,
        amendment.item_id,
        amendment.to_location_id,
        amendment.from_location_id,
        amendment.lot_id,
        amendment.qty,
        beside.at,
        beside.day,
        amendment.phase,
        beside.key[:-LINE_BYTES] + ((number << 24) + beside.line_no).to_bytes(LINE_BYTES),
        MoveKind.REVERSAL,
        event_no,
        amendment.move_id,
        event_id=amendment.event_id,
    )


# --- claims -----------------------------------------------------------------------------------------------


def fulfil_claims(context: Context, plan: Plan, *, actor_id: int | None, now: datetime.datetime) -> None:
    """Shrink the reservations that lines of this batch fulfil, before the goods go; what is taken beyond is free stock.

    A line that names a claim on other goods is a fault of the plan, and nothing is shrunk then.
    """
    claimed = [move for move in plan.moves if move.reservation_id is not None]
    if not claimed:
        return
    rows = db.fetch_all(
        "SELECT reservation_id, item_id, location_id, lot_id, open_qty FROM stock_reservation"
        " WHERE company_id = %s AND reservation_id = ANY (%s::bigint[])",
        (context.company_id, load.ids({move.reservation_id or 0 for move in claimed})),
    )
    claims = {row[0]: row[1:] for row in rows}
    taken: dict[int, int] = defaultdict(int)
    for move in claimed:
        claim = claims.get(move.reservation_id or 0)
        if claim is None or claim[:3] != (move.item_id, move.from_location_id, move.lot_id):
            message = say(
                "Reservation {reservation_id} does not claim these goods at this place.",
                reservation_id=move.reservation_id,
            )
            plan.problems.append(
                Problem("reservation_id", "same_goods", message, move.row, str(move.reservation_id))
            )
        else:
            taken[move.reservation_id or 0] += move.qty
    shrinking: dict[int, int | None] = {
        reservation: min(qty, claims[reservation][3])
        for reservation, qty in taken.items()
        if claims[reservation][3]
    }
    if shrinking and not plan.problems:
        shrink(company_id=context.company_id, actor_id=actor_id, quantities=shrinking, now=now)


# --- counts -----------------------------------------------------------------------------------------------


def _settle_counts(context: Context, documents: Sequence[DocumentDraft], plan: Plan) -> None:
    """Each count becomes a move of its difference to what was there at its instant, with the batch's own moves."""
    if not plan.counts:
        return
    there = _on_hand_at(context.company_id, plan.counts)
    for count in sorted(plan.counts, key=lambda count: count.at):
        cell = (count.item_id, count.location_id, count.lot_id)
        in_batch = sum(
            move.qty
            * ((move.to_location_id == count.location_id) - (move.from_location_id == count.location_id))
            for move in plan.moves
            if move.item_id == count.item_id
            and move.lot_id == count.lot_id
            and move.at <= microseconds(count.at)
        )
        currency = documents[count.document_no].currency or context.currency
        difference = count.counted_qty - there.get((*cell, count.at), 0) - in_batch
        count_move(context, plan, count, difference, currency)


def _on_hand_at(
    company_id: int, counts: Sequence[PlannedCount]
) -> Mapping[tuple[int, int, int, datetime.datetime], int]:
    """What is there now, less all that came after the instant."""
    rows = db.fetch_all(
        """
        SELECT c.n, coalesce(q.qty, 0) - coalesce((
            SELECT sum(CASE WHEN m.to_location_id = c.location_id THEN m.qty ELSE -m.qty END)
            FROM stock_move m
            WHERE m.company_id = %(company)s AND m.item_id = c.item_id AND m.effective_at > c.at
              AND m.lot_id = c.lot_id AND c.location_id IN (m.to_location_id, m.from_location_id)), 0)
        FROM unnest(%(items)s::int[], %(places)s::int[], %(lots)s::bigint[], %(ats)s::timestamptz[])
             WITH ORDINALITY AS c (item_id, location_id, lot_id, at, n)
        LEFT JOIN stock_quant q ON q.company_id = %(company)s AND q.item_id = c.item_id
             AND q.location_id = c.location_id AND q.lot_id = c.lot_id
        """,
        {
            "company": company_id,
            "items": load.ids(c.item_id for c in counts),
            "places": load.ids(c.location_id for c in counts),
            "lots": load.ids(c.lot_id for c in counts),
            "ats": load.ids(f'"{c.at.isoformat()}"' for c in counts),
        },
    )
    return {(c.item_id, c.location_id, c.lot_id, c.at): int(rows[n - 1][1]) for n, c in enumerate(counts, 1)}


# --- lots and dates ---------------------------------------------------------------------------------------


def _check_lots(context: Context, plan: Plan) -> None:
    """Blocked and expired goods are not used; they can be moved, returned and scrapped."""
    used = [move for move in plan.moves if move.lot_id and move.kind in USED]
    if not used:
        return
    lots = items_queries.lots_by_id(context.company_id, {move.lot_id for move in used})
    for move in used:
        lot = lots.get(move.lot_id)
        if lot is None:
            continue  # the guard in the database says so
        if lot.status != LotStatus.AVAILABLE:
            status = LotStatus(lot.status).name.lower().replace("_", " ")
            message = say(
                "Lot {lot_code} is {status}: release it first, scrap it or take another lot.",
                lot_code=lot.code,
                status=status,
            )
            plan.problems.append(Problem("lot_id", "available", message, move.row, lot.code))
        elif lot.expires_on is not None and lot.expires_on.toordinal() < move.day:
            message = say(
                "Lot {lot_code} expired on {expires_on}: scrap it or take another lot.",
                lot_code=lot.code,
                expires_on=lot.expires_on,
            )
            plan.problems.append(Problem("lot_id", "not_expired", message, move.row, lot.code))


def check_future(documents: Collection[DocumentDraft], plan: Plan, recorded_at: datetime.datetime) -> None:
    """Add to the plan that a document lies ahead, if one does."""
    for row, document in enumerate(documents):
        if document.effective_at > recorded_at + datetime.timedelta(days=1):
            message = say(
                "Give an instant that has been: {effective_at} lies ahead.",
                effective_at=document.effective_at,
            )
            where = document.row if document.row is not None else row
            plan.problems.append(
                Problem("effective_at", "not_ahead", message, where, str(document.effective_at))
            )
