"""From what the caller wrote to moves in whole numbers: every line of every document, with every fault named.

Nothing here locks or writes. What depends on the state of the stock (what is still there to return, what a count
differs by, lots that are blocked) is looked at later, under the lock, in `checks`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from wherewithal.core.costing.facts import ExtraKind
from wherewithal.core.costing.order import phase_of
from wherewithal.core.words import say
from wherewithal.items.values import ItemFacts, Tracking
from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, Later, MoveKind
from wherewithal.stock.services.context import Context, Place
from wherewithal.stock.services.planning.lines import Line
from wherewithal.stock.services.planning.planner import Planner
from wherewithal.stock.services.planning.values import (
    CONSUMED,
    FOUND,
    LOST,
    OWN_AMOUNT,
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
    original_ahead,
)

BOUGHT = frozenset({MoveKind.OPENING, MoveKind.RECEIPT, MoveKind.DROPSHIP})
INTO_STOCK = BOUGHT - {MoveKind.DROPSHIP} | {
    MoveKind.ADJUSTMENT,
    MoveKind.OUTPUT,
    MoveKind.RETURN_FROM_CUSTOMER,
}
NOT_ZERO = say("Give an amount other than zero.")
AMENDABLE = frozenset(MoveKind) - {MoveKind.AMENDMENT, MoveKind.REVERSAL}
REVERSIBLE = frozenset(MoveKind)
RETURNS: Mapping[DocumentKind, frozenset[MoveKind]] = {
    DocumentKind.RETURN_TO_SUPPLIER: INTO_STOCK,
    DocumentKind.RETURN_FROM_CUSTOMER: frozenset({MoveKind.ISSUE, MoveKind.CONSUMPTION}),
}


def plan_documents(
    context: Context,
    documents: Sequence[DocumentDraft | Later],
    originals: Originals,
    idempotency_key: str,
    *,
    ahead: Plan | None = None,
) -> Plan:
    """Moves of all documents, in the order given, with every fault that can be found without looking at the stock.

    `Later` stands for a document that is planned by another call; `ahead` is the plan that was begun by one.
    """
    plan = Plan() if ahead is None else ahead
    for line in _lines_named(documents):
        plan.of_line.setdefault(line, [])
    row = 0
    for number, document in enumerate(documents):
        if isinstance(document, Later):
            row += max(1, document.lines)
            continue
        planner = Planner(context, plan, document, number, originals, idempotency_key)
        if planner.check_head(row):
            PLANNERS[document.kind](planner, row)
        row += max(1, len(document.lines))
    return plan


def _lines_named(documents: Sequence[DocumentDraft | Later]) -> Iterator[tuple[int, int]]:
    """Lines of the batch that later ones give back."""
    for document in documents:
        if isinstance(document, Later):
            yield from document.of_lines
        else:
            yield from [line.of_line for line in document.lines if line.of_line is not None]


# --- kinds ------------------------------------------------------------------------------------------------


def plan_route(doc: Planner, row: int) -> None:
    """Receipts, issues, transfers, scrap: from one kind of place to another."""
    route = ROUTES[doc.document.kind]
    for line in doc.others(route, row):
        item = line.item()
        if item is None:
            continue
        qty = line.qty(item, line.draft.qty)
        places = _places(line, route)
        amount = line.amount(item, qty, doc.currency) if route.costed and qty else None
        doc.add(line, route.kind, item, places, qty, amount=amount)
        doc.know_plain(route, line.draft, item, places)


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
            line.fault(
                "item_id",
                "same_item",
                say("Move {move_id} is of another item.", move_id=of.move_id),
                line.draft.item_id,
            )
            continue
        item = doc.context.items[of.item_id]
        places = _return_places(line, route, of)
        qty = line.qty(item, line.draft.qty)
        amount = line.amount(item, qty, doc.currency, required=False) if qty else None
        lots = None if item.tracking == Tracking.BULK else [(of.lot_id, of.lot_code, qty)]
        if lots and line.draft.lot_id not in (None, of.lot_id):
            line.fault(
                "lot_id",
                "same_lot",
                say("Move {move_id} is of another lot.", move_id=of.move_id),
                line.draft.lot_id,
            )
            continue
        doc.add(line, route.kind, item, places, qty, amount=amount, of=of, lots=lots)


def _plan_unlinked_return(doc: Planner, line: Line, route: Route) -> None:
    item = line.item()
    if item is None:
        return
    qty = line.qty(item, line.draft.qty)
    amount = line.amount(item, qty, doc.currency, required=False) if qty else None
    first = len(doc.plan.moves)
    doc.add(line, route.kind, item, _places(line, route), qty, amount=amount)
    if doc.document.own_amounts:
        _add_own_amounts(doc, line, doc.plan.moves[first:])


def _add_own_amounts(doc: Planner, line: Line, moves: Sequence[PlannedMove]) -> None:
    """What the one move of a return is worth in books that say so themselves."""
    if len(moves) != 1 or len(doc.document.lines) != 1:
        message = say("Amounts of single books are for a return with one line of one lot or serial number.")
        line.fault("own_amounts", "one", message)
        return
    of = original_ahead(moves[0])
    doc.plan.ahead[of.move_id] = moves[0]
    for own in doc.document.own_amounts:
        doc.plan.costs.append(
            PlannedCost(doc.number, line.row, OWN_AMOUNT, of, own.amount, own.currency, own.book_id)
        )


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
        line.fault("qty", "one_of", say("Give a difference or a counted quantity, not both."))
        return
    counted = 0 if given == 0 else line.qty(item, given, name="counted_qty")
    if place is None or (not counted and given != 0):
        return
    if item.tracking == Tracking.SERIAL:
        if counted not in (0, 10**item.qty_decimals):
            line.fault(
                "counted_qty",
                "one_each",
                say("{item_sku} is serial: count 0 or 1 of each.", item_sku=item.sku),
                given,
            )
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
        doc.fault("lines", "output", say("Production needs at least one output line."))
        return
    _add_outputs(doc, outputs, event_no)


def _share(line: Line, qty: int) -> int:
    """The weight of an output in the cost of its event; its quantity when none is given. Shares: 6 decimals."""
    share = line.draft.share
    if share is None:
        return 0
    if isinstance(share, Decimal) and not share.is_finite():
        line.fault(
            "share", "share", say("A share is a number of zero or more with at most 6 decimals."), share
        )
        return 0
    weight = Fraction(share) * 10**6
    if share < 0 or weight.denominator != 1 or weight > 10**15:
        line.fault(
            "share", "share", say("A share is a number of zero or more with at most 6 decimals."), share
        )
        return 0
    return int(weight)


def _add_outputs(
    doc: Planner,
    outputs: Sequence[tuple[Line, ItemFacts, int, tuple[Place | None, Place | None], int]],
    event_no: int,
) -> None:
    stated = [line.draft.share is not None for line, *_ in outputs]
    if any(stated) and not all(stated):
        doc.fault("share", "all_or_none", say("Give a share for each output, or for none."))
        return
    line = outputs[0][0]
    left = (
        line.money("amount", doc.document.amount, doc.currency) if doc.document.amount is not None else None
    )
    weights = [share if any(stated) else qty for _, _, qty, _, share in outputs]
    left_weight = sum(weights)
    if left is not None and not left_weight:
        doc.fault(
            "share", "positive", say("At least one output needs a share above zero to carry the added cost.")
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
                "qty",
                "one_unit",
                say("A serial number of {item_sku} is one unit: it cannot become more.", item_sku=item.sku),
                qty,
            )
            continue
        amount = None
        if line.draft.amount is not None:
            if of.currency is None:
                line.fault(
                    "amount",
                    "no_amount",
                    say("Move {move_id} has no amount of its own to change.", move_id=of.move_id),
                )
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
        doc.fault(
            "of_document_id",
            "exists",
            say("There is no document {document_id}.", document_id=document_id),
            document_id,
        )
        return
    for move in doc.originals.moves.values():
        if move.document_id == document_id:
            named[move.move_id] = doc.head_row
    for cost in doc.originals.costs:
        if cost.document_id == document_id and cost.kind != OWN_AMOUNT:  # that goes and comes with its move
            of = doc.originals.moves[cost.move_id]
            doc.plan.costs.append(
                PlannedCost(
                    doc.number, doc.head_row, cost.kind, of, -cost.amount, cost.currency, cost.book_id
                )
            )


def plan_landed_cost(doc: Planner, row: int) -> None:
    """One amount spread over receipts by value, quantity, weight or volume, or an amount for each by hand."""
    named = [(line, of) for line in doc.lines(row) if (of := doc.original(line, BOUGHT)) is not None]
    if len({of.move_id for _, of in named}) != len(named):
        doc.fault("lines", "unique", say("Name each receipt once."))
        return
    if doc.document.allocate_by is AllocateBy.MANUAL:
        for line, of in named:
            _add_cost(doc, line, of, ExtraKind.LANDED)
        return
    if doc.document.amount is None:
        doc.fault("amount", "required", say("Give the amount to spread."))
        return
    if not named:
        return
    left = named[0][0].money("amount", doc.document.amount, doc.currency, signed=True)
    weights = [_weight(doc, line, of) for line, of in named]
    left_weight = sum(weights)
    if left is None:
        return
    if not left:
        doc.fault("amount", "other_than_zero", NOT_ZERO, doc.document.amount)
        return
    if not left_weight:
        doc.fault(
            "allocate_by",
            "positive",
            say("The receipts have no {allocate_by} to spread by.", allocate_by=doc.document.allocate_by),
        )
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
        line.fault(
            "item_id",
            "measured",
            say("{item_sku} has no {by}: add it to the item, or spread otherwise.", item_sku=item.sku, by=by),
        )
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
        line.fault("amount", "required", say("Give the amount."))
        return
    amount = line.money("amount", line.draft.amount, doc.currency, signed=True)
    if amount == 0:
        line.fault("amount", "other_than_zero", NOT_ZERO, line.draft.amount)
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
