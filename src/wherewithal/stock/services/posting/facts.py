"""Moves as a book reads them: places mapped to cost scopes, amounts converted, instants and days as integers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from wherewithal.core.costing.facts import COSTED, Extra, Kind, Move
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.services.context import BookFacts, Context, Place
from wherewithal.stock.services.planning.values import (
    PLACE_TYPES,
    PlannedCost,
    PlannedMove,
    half_even,
    microseconds,
)

RETURNS = frozenset({MoveKind.RETURN_TO_SUPPLIER, MoveKind.RETURN_FROM_CUSTOMER})
Rates = Mapping[tuple[int, str, str], Decimal]
"""(document, currency, book currency) -> book units for one unit of currency."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A move as recorded, before any book reads it. The same for new and old ones."""

    move_id: int
    event_id: int
    document_id: int
    item_id: int
    lot_id: int
    from_location_id: int
    to_location_id: int
    qty: int
    at: int
    day: int
    phase: int
    key: bytes
    kind: int
    of_move_id: int | None
    amount: int | None
    currency: str | None
    share: int | None


@dataclass(frozen=True, slots=True)
class CostFact:
    """A landed cost or a price correction as recorded."""

    cost_id: int
    move_id: int
    document_id: int
    kind: int
    amount: int
    currency: str


def fact_of(move: PlannedMove, document_id: int) -> Fact:
    return Fact(
        move.move_id,
        move.event_id,
        document_id,
        move.item_id,
        move.lot_id,
        move.from_location_id,
        move.to_location_id,
        move.qty,
        microseconds(move.at),
        move.on.toordinal(),
        move.phase,
        move.key.to_bytes(16),
        move.kind,
        move.of_move_id,
        move.amount,
        move.currency,
        move.share,
    )


def cost_fact_of(cost: PlannedCost, cost_id: int, document_id: int) -> CostFact:
    return CostFact(cost_id, cost.original.move_id, document_id, cost.kind, cost.amount, cost.currency)


def core_kind(kind: int, of_move_id: int | None) -> Kind:
    if kind == MoveKind.AMENDMENT:
        return Kind.AMENDMENT
    if kind == MoveKind.REVERSAL:
        return Kind.REVERSAL
    return Kind.RETURN if of_move_id is not None and kind in RETURNS else Kind.PLAIN


class Reader:
    """One book's reading of facts."""

    def __init__(self, context: Context, book: BookFacts, rates: Rates) -> None:
        self.context, self.book, self.rates = context, book, rates
        self._ends: dict[int, tuple[int, int, int]] = {}

    def scope(self, place: Place) -> int:
        if not place.held:
            return 0
        return place.scope_id if self.book.by_warehouse else 0

    def end(self, location_id: int) -> tuple[int, int, int]:
        """(place type, cost scope, node) of one end of a move."""
        found = self._ends.get(location_id)
        if found is None:
            place = self.context.places[location_id]
            kind = PLACE_TYPES[place.type]
            found = (int(kind), self.scope(place) if kind <= COSTED else 0, location_id)
            self._ends[location_id] = found
        return found

    def amount(self, amount: int, currency: str, document_id: int) -> int:
        """Minor units of the book's currency, rounded half-even once."""
        if currency == self.book.currency:
            return amount
        rate = self.rates[document_id, currency, self.book.currency]
        numerator, denominator = rate.as_integer_ratio()
        shift = self.book.currency_decimals - self.context.decimals(currency)
        if shift >= 0:
            numerator *= 10**shift
        else:
            denominator *= 10**-shift
        return half_even(amount * numerator, denominator)

    def moves(self, facts: Iterable[Fact], costs: Mapping[int, Sequence[CostFact]]) -> list[Move]:
        read = []
        for f in facts:
            extras = costs.get(f.move_id)
            read.append(
                Move(
                    f.move_id,
                    f.event_id,
                    f.item_id,
                    f.lot_id,
                    *self.end(f.from_location_id),
                    *self.end(f.to_location_id),
                    f.qty,
                    f.at,
                    f.day,
                    f.phase,
                    f.key,
                    core_kind(f.kind, f.of_move_id),
                    f.of_move_id or 0,
                    None if f.amount is None else self.amount(f.amount, f.currency or "", f.document_id),
                    self.extras(extras) if extras else (),
                    f.share,
                )
            )
        return read

    def places_of(self, facts: Iterable[Fact]) -> list[Move]:
        """The moves without their money."""
        bare = (replace(fact, amount=None, currency=None) for fact in facts)
        return self.moves(bare, {})

    def extras(self, costs: Sequence[CostFact]) -> tuple[Extra, ...]:
        read = (Extra(c.cost_id, c.kind, self.amount(c.amount, c.currency, c.document_id)) for c in costs)
        return tuple(extra for extra in read if extra.amount)


def by_move(costs: Iterable[CostFact]) -> dict[int, list[CostFact]]:
    found: dict[int, list[CostFact]] = {}
    for cost in costs:
        found.setdefault(cost.move_id, []).append(cost)
    return found


def foreign_pairs(
    facts: Iterable[Fact], costs: Iterable[CostFact], books: Iterable[BookFacts]
) -> set[tuple[int, str, str]]:
    """Which (document, currency, book currency) need a rate."""
    currencies = {book.currency for book in books}
    named = {(f.document_id, f.currency) for f in facts if f.currency is not None}
    named |= {(c.document_id, c.currency) for c in costs}
    return {(document, have, want) for document, have in named for want in currencies if have != want}
