"""From what the caller wrote to moves in whole numbers: every line of every document, with every fault named.

Nothing here locks or writes. What depends on the state of the stock (what is still there to return, what a count
differs by, lots that are blocked) is looked at later, under the lock, in `checks`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from wherewithal.core.costing.facts import ExtraKind
from wherewithal.core.costing.order import phase_of
from wherewithal.items.values import ItemFacts, Tracking
from wherewithal.kit.errors import Problem
from wherewithal.kit.ids import content_key
from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, MoveKind
from wherewithal.stock.services.context import Context, Place
from wherewithal.stock.services.planning.lines import Line
from wherewithal.stock.services.planning.values import (
    CONSUMED,
    FOUND,
    LINE_BYTES,
    LOST,
    PLACE_TYPES,
    PRODUCED,
    ROUTES,
    Original,
    Originals,
    Plan,
    PlannedCost,
    PlannedCount,
    PlannedMove,
    Route,
    half_even,
    microseconds,
)

FIRST_YEAR, LAST_YEAR = 1900, 2999
BOUGHT = frozenset({MoveKind.OPENING, MoveKind.RECEIPT, MoveKind.DROPSHIP})
INTO_STOCK = BOUGHT - {MoveKind.DROPSHIP} | {
    MoveKind.ADJUSTMENT,
    MoveKind.OUTPUT,
    MoveKind.RETURN_FROM_CUSTOMER,
}
TO_USE = frozenset({MoveKind.ISSUE, MoveKind.DROPSHIP, MoveKind.CONSUMPTION, MoveKind.RETURN_TO_SUPPLIER})
AMENDABLE = frozenset(MoveKind) - {MoveKind.AMENDMENT, MoveKind.REVERSAL}
REVERSIBLE = frozenset(MoveKind)
RETURNS: Mapping[DocumentKind, frozenset[MoveKind]] = {
    DocumentKind.RETURN_TO_SUPPLIER: INTO_STOCK,
    DocumentKind.RETURN_FROM_CUSTOMER: frozenset({MoveKind.ISSUE, MoveKind.CONSUMPTION}),
}


def plan_documents(
    context: Context, documents: Sequence[DocumentDraft], originals: Originals, idempotency_key: str
) -> Plan:
    """Moves of all documents, in the order given, with every fault that can be found without looking at the stock."""
    plan = Plan(
        of_line={
            line.of_line: [] for document in documents for line in document.lines if line.of_line is not None
        }
    )
    row = 0
    for number, document in enumerate(documents):
        planner = Planner(context, plan, document, number, originals, idempotency_key)
        if planner.check_head(row):
            PLANNERS[document.kind](planner, row)
        row += max(1, len(document.lines))
    return plan


def document_key(document: DocumentDraft, idempotency_key: str, position: int) -> bytes:
    """The first 12 bytes of the content key of its moves, from what the caller gave; 4 are left for the line."""
    parts = ("document", document.key) if document.key is not None else (idempotency_key, str(position))
    return content_key(*parts).bytes[:-LINE_BYTES]


class Planner:
    """One document while its lines become moves."""

    def __init__(
        self,
        context: Context,
        plan: Plan,
        document: DocumentDraft,
        number: int,
        originals: Originals,
        idempotency_key: str,
    ) -> None:
        self.context, self.plan, self.document, self.number = context, plan, document, number
        self.originals = originals
        self.base_key = document_key(document, idempotency_key, number)
        self.currency = document.currency or context.currency
        self.line_no = 0
        self.day = 0
        self.at = 0

    def check_head(self, row: int) -> bool:
        """Whether the lines can be read at all."""
        document = self.document
        self.head_row = row = row if document.row is None else document.row
        before = len(self.plan.problems)
        if document.effective_at.tzinfo is None:
            message = "Give the instant with its time zone, for example 2026-03-01T10:30:00+01:00."
            self.fault("effective_at", "time_zone", message, document.effective_at)
        if not FIRST_YEAR <= document.effective_at.year <= LAST_YEAR:
            message = f"Give a year from {FIRST_YEAR} to {LAST_YEAR}."
            self.fault("effective_at", "range", message, document.effective_at)
        if not document.lines and document.of_document_id is None:
            self.fault("lines", "required", "A document needs at least one line.")
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():
            self.fault("currency", "iso4217", "Give a currency as three letters, like EUR.", self.currency)
        if len(self.plan.problems) > before:
            return False
        self.at = microseconds(document.effective_at)
        self.day = self.context.day(document.effective_at).toordinal()
        return True

    def fault(self, field: str, rule: str, message: str, value: object = None) -> None:
        text = None if value is None else str(value)
        self.plan.problems.append(Problem(field, rule, message, self.head_row, text))

    def lines(self, row: int) -> Iterator[Line]:
        for offset, draft in enumerate(self.document.lines):
            yield Line(self.context, self.plan, self.document, draft, row + offset, offset)

    def next_line(self) -> tuple[int, bytes]:
        """The number and the content key of the next move."""
        self.line_no += 1
        return self.line_no, self.base_key + self.line_no.to_bytes(LINE_BYTES)

    def phase(self, source: Place, target: Place, of: Original | None) -> int:
        if of is not None:
            return phase_of(PLACE_TYPES[source.type], PLACE_TYPES[target.type], of_phase=of.phase)
        found = self.plan.phases.get((source.type, target.type))
        if found is None:
            found = phase_of(PLACE_TYPES[source.type], PLACE_TYPES[target.type])
            self.plan.phases[source.type, target.type] = found
        return found

    def add(
        self,
        line: Line,
        kind: MoveKind,
        item: ItemFacts,
        places: tuple[Place | None, Place | None],
        qty: int,
        *,
        event_no: int = 0,
        amount: int | None = None,
        of: Original | None = None,
        share: int | None = None,
        lots: Iterable[tuple[int, str | None, int]] | None = None,
    ) -> None:
        """The moves of one line: one, or one per serial. The amount is spread over them to the last minor unit."""
        source, target = places
        if source is None or target is None or not qty:
            return
        if source.location_id == target.location_id:
            line.fault("to_location_id", "different", "Goods move between two different places.", target.code)
            return
        phase = self.phase(source, target, of)
        left_qty, left_amount = qty, amount
        for lot_id, lot_code, part in line.lots(item, qty) if lots is None else lots:
            part_amount = None
            if left_amount is not None:
                part_amount = half_even(left_amount * part, left_qty)
                left_amount, left_qty = left_amount - part_amount, left_qty - part
            line_no, key = self.next_line()
            event = event_no or self.plan.new_event()
            move = PlannedMove(
                self.number,
                line.row,
                line_no,
                item.item_id,
                source.location_id,
                target.location_id,
                lot_id,
                part,
                self.at,
                self.day,
                phase,
                key,
                kind,
                event,
                of.move_id if of else None,
                part_amount,
                self.currency if part_amount is not None else None,
                share,
                lot_code,
                line.draft.expires_on,
                line.draft.reservation_id,
                event_id=-event,
            )
            self.plan.moves.append(move)
            asked = self.plan.of_line.get((self.number, line.position)) if self.plan.of_line else None
            if asked is not None:
                asked.append(move)

    def correction(
        self,
        row: int | None,
        of: Original,
        qty: int,
        kind: MoveKind,
        *,
        same_way: bool,
        amount: int | None = None,
    ) -> None:
        """A move at the instant of the one it amends or reverses, the same way or swapped."""
        source, target = of.from_location_id, of.to_location_id
        if not same_way:
            source, target = target, source
        line_no, key = self.next_line()
        currency = of.currency if amount is not None else None
        self.plan.moves.append(
            PlannedMove(
                self.number,
                row,
                line_no,
                of.item_id,
                source,
                target,
                of.lot_id,
                qty,
                of.at,
                of.day,
                of.phase,
                key,
                kind,
                self.plan.new_event(),
                of.move_id,
                amount,
                currency,
                event_id=of.event_id,
            )
        )

    def original(self, line: Line, kinds: frozenset[MoveKind]) -> Original | None:
        """The move a line names, which must be of one of these kinds."""
        move_id = line.draft.of_move_id
        if move_id is None and line.draft.of_line is not None:
            return line.original_ahead(self.number, kinds)
        if move_id is None:
            line.fault("of_move_id", "required", "Name the move that this is about.")
            return None
        found = self.originals.moves.get(move_id)
        if found is None:
            line.fault("of_move_id", "exists", f"There is no move {move_id}.", move_id)
        elif found.kind not in kinds:
            fit = ", ".join(sorted(kind.name.lower() for kind in kinds))
            line.fault(
                "of_move_id",
                "kind",
                f"Move {move_id} is a {found.kind.name.lower()}; here fit: {fit}.",
                move_id,
            )
            return None
        return found


# --- kinds ------------------------------------------------------------------------------------------------


def plan_route(doc: Planner, row: int) -> None:
    """Receipts, issues, transfers, scrap: from one kind of place to another."""
    route = ROUTES[doc.document.kind]
    for line in doc.lines(row):
        item = line.item()
        if item is None:
            continue
        qty = line.qty(item, line.draft.qty)
        places = _places(line, route)
        amount = line.amount(item, qty, doc.currency) if route.costed and qty else None
        doc.add(line, route.kind, item, places, qty, amount=amount)


def _places(line: Line, route: Route) -> tuple[Place | None, Place | None]:
    """Both ends of a line; faultless pairs are remembered, most lines of a batch go between few places."""
    draft, known = line.draft, line.plan.places
    key = (route.kind, draft.from_location_id, draft.to_location_id)
    found = known.get(key)
    if found is None:
        faults = len(line.plan.problems)
        source = line.place("from_location_id", draft.from_location_id, route.from_types)
        target = line.place("to_location_id", draft.to_location_id, route.to_types)
        if source is None or target is None or len(line.plan.problems) > faults:
            return source, target
        found = known[key] = (source, target)
    return found


def plan_return(doc: Planner, row: int) -> None:
    """Goods go back the way they came, at the cost they came or left at; unlinked ones (from customers, where the
    sale is unknown) at the stated cost or else at the last cost of the pool."""
    route = ROUTES[doc.document.kind]
    for line in doc.lines(row):
        names_none = line.draft.of_move_id is None and line.draft.of_line is None
        if names_none and doc.document.kind is DocumentKind.RETURN_FROM_CUSTOMER:
            _plan_unlinked_return(doc, line, route)
            continue
        of = doc.original(line, RETURNS[doc.document.kind])
        if of is None:
            continue
        if line.draft.item_id not in (0, of.item_id):
            line.fault("item_id", "same_item", f"Move {of.move_id} is of another item.", line.draft.item_id)
            continue
        item = doc.context.items[of.item_id]
        places = _return_places(line, route, of)
        qty = line.qty(item, line.draft.qty)
        amount = line.amount(item, qty, doc.currency, required=False) if qty else None
        lots = None if item.tracking == Tracking.BULK else [(of.lot_id, of.lot_code, qty)]
        if lots and line.draft.lot_id not in (None, of.lot_id):
            line.fault("lot_id", "same_lot", f"Move {of.move_id} is of another lot.", line.draft.lot_id)
            continue
        doc.add(line, route.kind, item, places, qty, amount=amount, of=of, lots=lots)


def _plan_unlinked_return(doc: Planner, line: Line, route: Route) -> None:
    item = line.item()
    if item is None:
        return
    qty = line.qty(item, line.draft.qty)
    amount = line.amount(item, qty, doc.currency, required=False) if qty else None
    doc.add(line, route.kind, item, _places(line, route), qty, amount=amount)


def _return_places(line: Line, route: Route, of: Original) -> tuple[Place | None, Place | None]:
    """The way back of the original where the line names no places (and the original's places fit)."""
    draft, places = line.draft, line.context.places
    back_from, back_to = places[of.to_location_id], places[of.from_location_id]
    source = draft.from_location_id
    if source is None and back_from.type in route.from_types:
        source = back_from.location_id
    target = draft.to_location_id
    if target is None and back_to.type in route.to_types:
        target = back_to.location_id
    return (
        line.place("from_location_id", source, route.from_types),
        line.place("to_location_id", target, route.to_types),
    )


def plan_adjustment(doc: Planner, row: int) -> None:
    """By a signed difference, or to a counted quantity (whose difference is found under the lock)."""
    for line in doc.lines(row):
        item = line.item()
        if item is None:
            continue
        draft = line.draft
        location_id = draft.to_location_id if draft.to_location_id is not None else draft.from_location_id
        place = line.place("to_location_id", location_id, FOUND.to_types)
        if draft.counted_qty is not None:
            _plan_count(doc, line, item, place)
            continue
        qty = line.qty(item, draft.qty, signed=True)
        virtual = doc.context.places[doc.context.virtual["adjustment"]]
        if qty > 0:
            amount = line.amount(item, qty, doc.currency, required=False)
            doc.add(line, MoveKind.ADJUSTMENT, item, (virtual, place), qty, amount=amount)
        elif qty < 0:
            doc.add(line, MoveKind.ADJUSTMENT, item, (place, virtual), -qty)


def _plan_count(doc: Planner, line: Line, item: ItemFacts, place: Place | None) -> None:
    given = line.draft.counted_qty
    if line.draft.qty is not None:
        line.fault("qty", "one_of", "Give a difference or a counted quantity, not both.")
        return
    counted = 0 if given == 0 else line.qty(item, given, name="counted_qty")
    if place is None or (not counted and given != 0):
        return
    if item.tracking == Tracking.SERIAL:
        if counted not in (0, 10**item.qty_decimals):
            line.fault("counted_qty", "one_each", f"{item.sku} is serial: count 0 or 1 of each.", given)
            return
        lots = [(line.draft.lot_id or 0, line.draft.lot_code, counted)]
    else:
        lots = list(line.lots(item, counted))
    for lot_id, lot_code, qty in lots:
        line_no, key = doc.next_line()
        doc.plan.counts.append(
            PlannedCount(
                doc.number,
                line.row,
                line_no,
                line.draft,
                item.item_id,
                place.location_id,
                lot_id,
                lot_code if not lot_id else None,
                qty,
                key,
                doc.document.effective_at,
            )
        )


def plan_production(doc: Planner, row: int) -> None:
    """Inputs and outputs are one event: outputs share what the inputs cost, plus what the document adds (labour)."""
    event_no = doc.plan.new_event()
    outputs: list[tuple[Line, ItemFacts, int, tuple[Place | None, Place | None], int]] = []
    for line in doc.lines(row):
        item = line.item()
        if item is None:
            continue
        qty = line.qty(item, line.draft.qty)
        places = _places(line, CONSUMED if line.draft.consumed else PRODUCED)
        if line.draft.consumed:
            doc.add(line, MoveKind.CONSUMPTION, item, places, qty, event_no=event_no)
        elif qty:
            outputs.append((line, item, qty, places, _share(line, qty)))
    if not outputs:
        doc.fault("lines", "output", "Production needs at least one output line.")
        return
    _add_outputs(doc, outputs, event_no)


def _share(line: Line, qty: int) -> int:
    """The weight of an output in the cost of its event; its quantity when none is given. Shares: 6 decimals."""
    share = line.draft.share
    if share is None:
        return 0
    if isinstance(share, Decimal) and not share.is_finite():
        line.fault("share", "share", "A share is a number of zero or more with at most 6 decimals.", share)
        return 0
    weight = Fraction(share) * 10**6
    if share < 0 or weight.denominator != 1 or weight > 10**15:
        line.fault("share", "share", "A share is a number of zero or more with at most 6 decimals.", share)
        return 0
    return int(weight)


def _add_outputs(
    doc: Planner,
    outputs: Sequence[tuple[Line, ItemFacts, int, tuple[Place | None, Place | None], int]],
    event_no: int,
) -> None:
    stated = [line.draft.share is not None for line, *_ in outputs]
    if any(stated) and not all(stated):
        doc.fault("share", "all_or_none", "Give a share for each output, or for none.")
        return
    line = outputs[0][0]
    left = (
        line.money("amount", doc.document.amount, doc.currency) if doc.document.amount is not None else None
    )
    weights = [share if any(stated) else qty for _, _, qty, _, share in outputs]
    left_weight = sum(weights)
    if left is not None and not left_weight:
        doc.fault(
            "share", "positive", "At least one output needs a share above zero to carry the added cost."
        )
        return
    for (line, item, qty, places, share), weight in zip(outputs, weights, strict=True):
        amount = None
        if left is not None:
            amount = half_even(left * weight, left_weight) if left_weight else 0
            left, left_weight = left - amount, left_weight - weight
        doc.add(
            line,
            MoveKind.OUTPUT,
            item,
            places,
            qty,
            event_no=event_no,
            amount=amount or None,
            share=share if any(stated) else None,
        )


def plan_amendment(doc: Planner, row: int) -> None:
    """An old move was in truth larger or smaller by `qty`. Its external amount follows in proportion, or as stated."""
    for line in doc.lines(row):
        of = doc.original(line, AMENDABLE)
        if of is None:
            continue
        item = doc.context.items[of.item_id]
        qty = line.qty(item, line.draft.qty, signed=True)
        if qty > 0 and item.tracking == Tracking.SERIAL:
            line.fault(
                "qty", "one_unit", f"A serial number of {item.sku} is one unit: it cannot become more.", qty
            )
            continue
        amount = None
        if line.draft.amount is not None:
            if of.currency is None:
                line.fault("amount", "no_amount", f"Move {of.move_id} has no amount of its own to change.")
                continue
            amount = line.money("amount", line.draft.amount, of.currency)
        if qty:
            doc.correction(line.row, of, abs(qty), MoveKind.AMENDMENT, same_way=qty > 0, amount=amount)


def plan_reversal(doc: Planner, row: int) -> None:
    """Whole documents, or single moves (with the other moves of their event). Live amendments are added under the lock."""
    named: dict[int, int | None] = {}
    if doc.document.of_document_id is not None:
        _reverse_document(doc, doc.document.of_document_id, named)
    for line in doc.lines(row):
        of = doc.original(line, REVERSIBLE)
        if of is not None:
            for move in doc.originals.moves.values():
                if move.event_id == of.event_id:
                    named.setdefault(move.move_id, line.row)
    for move_id, move_row in named.items():
        of = doc.originals.moves[move_id]
        doc.correction(move_row, of, of.qty, MoveKind.REVERSAL, same_way=False)


def _reverse_document(doc: Planner, document_id: int, named: dict[int, int | None]) -> None:
    if document_id not in doc.originals.documents:
        doc.fault("of_document_id", "exists", f"There is no document {document_id}.", document_id)
        return
    for move in doc.originals.moves.values():
        if move.document_id == document_id:
            named[move.move_id] = doc.head_row
    for cost in doc.originals.costs:
        if cost.document_id == document_id:
            of = doc.originals.moves[cost.move_id]
            doc.plan.costs.append(
                PlannedCost(doc.number, doc.head_row, cost.kind, of, -cost.amount, cost.currency)
            )


def plan_landed_cost(doc: Planner, row: int) -> None:
    """One amount spread over receipts by value, quantity, weight or volume, or an amount for each by hand."""
    named = [(line, of) for line in doc.lines(row) if (of := doc.original(line, BOUGHT)) is not None]
    if len({of.move_id for _, of in named}) != len(named):
        doc.fault("lines", "unique", "Name each receipt once.")
        return
    if doc.document.allocate_by is AllocateBy.MANUAL:
        for line, of in named:
            _add_cost(doc, line, of, ExtraKind.LANDED)
        return
    if doc.document.amount is None:
        doc.fault("amount", "required", "Give the amount to spread.")
        return
    if not named:
        return
    left = named[0][0].money("amount", doc.document.amount, doc.currency, signed=True)
    weights = [_weight(doc, line, of) for line, of in named]
    left_weight = sum(weights)
    if left is None:
        return
    if not left_weight:
        doc.fault("allocate_by", "positive", f"The receipts have no {doc.document.allocate_by} to spread by.")
        return
    for (line, of), weight in zip(named, weights, strict=True):
        share = (
            half_even(
                left * weight.numerator * left_weight.denominator, weight.denominator * left_weight.numerator
            )
            if weight
            else 0
        )
        left, left_weight = left - share, left_weight - weight
        if share:
            doc.plan.costs.append(
                PlannedCost(doc.number, line.row, ExtraKind.LANDED, of, share, doc.currency)
            )


def _weight(doc: Planner, line: Line, of: Original) -> Fraction:
    """What a receipt counts for when a cost is spread."""
    item = doc.context.items[of.item_id]
    qty = Fraction(of.qty, 10**item.qty_decimals)
    by = doc.document.allocate_by
    if by is AllocateBy.VALUE:
        return Fraction(of.value or 0)
    if by is AllocateBy.QUANTITY:
        return qty
    measure = item.weight_g if by is AllocateBy.WEIGHT else item.volume_ml
    if measure is None:
        line.fault("item_id", "measured", f"{item.sku} has no {by}: add it to the item, or spread otherwise.")
        return Fraction(0)
    return qty * Fraction(measure)


def plan_price_correction(doc: Planner, row: int) -> None:
    """By how much a receipt cost more (or less) than was said; counts from the receipt's own instant."""
    for line in doc.lines(row):
        of = doc.original(line, BOUGHT)
        if of is not None:
            _add_cost(doc, line, of, ExtraKind.PRICE)


def _add_cost(doc: Planner, line: Line, of: Original, kind: ExtraKind) -> None:
    if line.draft.amount is None:
        line.fault("amount", "required", "Give the amount.")
        return
    amount = line.money("amount", line.draft.amount, doc.currency, signed=True)
    if amount == 0:
        line.fault("amount", "other_than_zero", "Give an amount other than zero.", line.draft.amount)
    elif amount is not None:
        doc.plan.costs.append(PlannedCost(doc.number, line.row, kind, of, amount, doc.currency))


def count_move(context: Context, plan: Plan, count: PlannedCount, difference: int, currency: str) -> None:
    """The move of a count's difference; 0 makes none."""
    if not difference:
        return
    document = DocumentDraft(DocumentKind.ADJUSTMENT, count.at)
    line = Line(context, plan, document, count.draft, count.row, 0)
    item = context.items[count.item_id]
    route = FOUND if difference > 0 else LOST
    amount = line.amount(item, difference, currency, required=False) if difference > 0 else None
    here, virtual = count.location_id, context.virtual["adjustment"]
    source, target = (virtual, here) if difference > 0 else (here, virtual)
    types = context.places
    phase = phase_of(PLACE_TYPES[types[source].type], PLACE_TYPES[types[target].type])
    plan.moves.append(
        PlannedMove(
            count.document_no,
            count.row,
            count.line_no,
            count.item_id,
            source,
            target,
            count.lot_id,
            abs(difference),
            microseconds(count.at),
            context.day(count.at).toordinal(),
            phase,
            count.key,
            route.kind,
            plan.new_event(),
            None,
            amount,
            currency if amount is not None else None,
            None,
            count.lot_code,
            count.draft.expires_on,
        )
    )


PLANNERS: dict[DocumentKind, Callable[[Planner, int], None]] = {
    **dict.fromkeys(ROUTES, plan_route),
    DocumentKind.RETURN_TO_SUPPLIER: plan_return,
    DocumentKind.RETURN_FROM_CUSTOMER: plan_return,
    DocumentKind.ADJUSTMENT: plan_adjustment,
    DocumentKind.PRODUCTION: plan_production,
    DocumentKind.AMENDMENT: plan_amendment,
    DocumentKind.REVERSAL: plan_reversal,
    DocumentKind.LANDED_COST: plan_landed_cost,
    DocumentKind.PRICE_CORRECTION: plan_price_correction,
}
