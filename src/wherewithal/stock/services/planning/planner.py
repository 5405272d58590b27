"""One document being planned: what its lines share, and where its moves and faults are collected."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from wherewithal.core.costing.order import phase_of
from wherewithal.core.words import say
from wherewithal.items.units import LARGEST_QTY
from wherewithal.items.values import ItemFacts, Tracking
from wherewithal.kit.errors import Problem
from wherewithal.kit.ids import content_key
from wherewithal.stock.drafts import DocumentDraft, LineDraft, MoveKind
from wherewithal.stock.services.context import Context, Place
from wherewithal.stock.services.planning.lines import LARGEST_EXPONENT, Line
from wherewithal.stock.services.planning.values import (
    LARGEST_AMOUNT,
    LINE_BYTES,
    PLACE_TYPES,
    Original,
    Originals,
    Plan,
    PlannedMove,
    Route,
    half_even,
    microseconds,
)

FIRST_YEAR, LAST_YEAR = 1900, 2999


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
            message = say("Give the instant with its time zone, for example 2026-03-01T10:30:00+01:00.")
            self.fault("effective_at", "time_zone", message, document.effective_at)
        if not FIRST_YEAR <= document.effective_at.year <= LAST_YEAR:
            message = say(
                "Give a year from {first_year} to {last_year}.", first_year=FIRST_YEAR, last_year=LAST_YEAR
            )
            self.fault("effective_at", "range", message, document.effective_at)
        if not document.lines and document.of_document_id is None:
            self.fault("lines", "required", say("A document needs at least one line."))
        if len(self.currency) != 3 or not self.currency.isalpha() or not self.currency.isupper():
            self.fault(
                "currency", "iso4217", say("Give a currency as three letters, like EUR."), self.currency
            )
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

    def others(self, route: Route, row: int) -> Iterator[Line]:
        """The lines that are not plain; the plain ones are planned on the way."""
        for offset, draft in enumerate(self.document.lines):
            if not self._add_plain(route, draft, row + offset):
                yield Line(self.context, self.plan, self.document, draft, row + offset, offset)

    def know_plain(
        self, route: Route, draft: LineDraft, item: ItemFacts, places: tuple[Place | None, Place | None]
    ) -> None:
        """Where a line showed no fault, others of its item or between its places can be plain."""
        plan, (source, target) = self.plan, places
        key = (route.kind, draft.from_location_id, draft.to_location_id)
        if plan.places.get(key) != places or source is None or target is None:
            return
        if item.active and item.tracking == Tracking.BULK:
            plan.pieces[item.item_id] = 10**item.qty_decimals
        if source.location_id != target.location_id:
            plan.ways[key] = (source.location_id, target.location_id, self.phase(source, target, None))

    def _add_plain(self, route: Route, draft: LineDraft, row: int) -> bool:
        """The move of a line like most: whole units of an untracked item between places, both known to be without fault.
        False: it takes the long way, which also says what is wrong. All that is decided here is decided there alike."""
        (item_id, qty, unit, source, target, lot_id, lot_code, serials, expires_on, unit_cost, amount,
         _, _, _, _, _, reservation_id, own_row) = draft  # fmt: skip
        plan, kind = self.plan, route.kind
        one, way = plan.pieces.get(item_id), plan.ways.get((kind, source, target))
        if one is None or way is None or type(qty) is not int or not 0 < qty * one < LARGEST_QTY:
            return False
        if unit is not None or lot_id or lot_code or serials or plan.of_line:
            return False
        minor = currency = None
        if route.costed:
            if unit_cost is not None or amount is None:
                return False
            minor, currency = self.minor_units(amount), self.currency
            if minor is None:
                return False
        line_no, key = self.next_line()
        plan.events = event = plan.events + 1
        move = PlannedMove(
            self.number, row if own_row is None else own_row, line_no, item_id, way[0], way[1], 0, qty * one,
            self.at, self.day, way[2], key, kind, event, None, minor, currency, None, None, expires_on, reservation_id,
            0, -event,
        )  # fmt: skip
        plan.moves.append(move)
        return True

    def minor_units(self, given: Decimal) -> int | None:
        """An amount of the document, exactly; None where that is not one."""
        if not given.is_finite() or given < 0 or given.adjusted() > LARGEST_EXPONENT:
            return None
        numerator, denominator = given.as_integer_ratio()
        minor, rest = divmod(numerator * 10 ** self.context.decimals(self.currency), denominator)
        return minor if not rest and minor < LARGEST_AMOUNT else None

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
            line.fault(
                "to_location_id", "different", say("Goods move between two different places."), target.code
            )
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
            line.fault("of_move_id", "required", say("Name the move that this is about."))
            return None
        found = self.originals.moves.get(move_id)
        if found is None:
            line.fault("of_move_id", "exists", say("There is no move {move_id}.", move_id=move_id), move_id)
        elif found.kind not in kinds:
            fit = ", ".join(sorted(kind.name.lower() for kind in kinds))
            line.fault(
                "of_move_id",
                "kind",
                say(
                    "Move {move_id} is a {found_kind_name}; here fit: {fit}.",
                    move_id=move_id,
                    found_kind_name=found.kind.name.lower(),
                    fit=fit,
                ),
                move_id,
            )
            return None
        return found
