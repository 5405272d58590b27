"""Moves as a book reads them: places mapped to cost scopes, amounts converted, instants and days as integers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from wherewithal.core.costing.facts import COSTED, Extra, Kind, Move
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.services.context import BookFacts, Context, Place
from wherewithal.stock.services.planning.values import (
    OWN_AMOUNT,
    PLACE_TYPES,
    PlannedCost,
    PlannedMove,
    half_even,
)

RETURNS = frozenset({MoveKind.RETURN_TO_SUPPLIER, MoveKind.RETURN_FROM_CUSTOMER})
KINDS: Mapping[int, Kind] = {
    MoveKind.AMENDMENT: Kind.AMENDMENT,
    MoveKind.REVERSAL: Kind.REVERSAL,
    **dict.fromkeys(RETURNS, Kind.RETURN),
}
Rates = Mapping[tuple[int, str, str], Decimal]
"""(document, currency, book currency) -> book units for one unit of currency."""


class Fact(NamedTuple):
    """A move as recorded, before any book reads it. New ones are `PlannedMove`s, which have the same fields."""

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


AnyFact = Fact | PlannedMove


@dataclass(frozen=True, slots=True)
class CostFact:
    """A landed cost or a price correction as recorded, or what a move is in one book. book_id: the one that hears of it."""

    cost_id: int
    move_id: int
    document_id: int
    kind: int
    amount: int
    currency: str
    book_id: int | None = None


def cost_fact_of(cost: PlannedCost, cost_id: int, document_id: int) -> CostFact:
    return CostFact(
        cost_id, cost.original.move_id, document_id, cost.kind, cost.amount, cost.currency, cost.book_id
    )


def _without_money(fact: AnyFact) -> Fact:
    return Fact(
        fact.move_id,
        fact.event_id,
        fact.document_id,
        fact.item_id,
        fact.lot_id,
        fact.from_location_id,
        fact.to_location_id,
        fact.qty,
        fact.at,
        fact.day,
        fact.phase,
        fact.key,
        fact.kind,
        fact.of_move_id,
        None,
        None,
        fact.share,
    )


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

    def moves(self, facts: Iterable[AnyFact], costs: Mapping[int, Sequence[CostFact]]) -> list[Move]:
        """The facts as the book's moves, each with what was charged to it."""
        currency, ends, kinds, end = self.book.currency, self._ends, KINDS, self.end
        own = self.own_amounts(costs)
        read = []
        for f in facts:
            amount, of, kind = f.amount, f.of_move_id, kinds.get(f.kind, Kind.PLAIN)
            if amount is not None and f.currency != currency:
                amount = self.amount(amount, f.currency or "", f.document_id)
            if own:
                amount = own_or_stated(own, f.move_id, f.kind, of, amount)
            if kind is Kind.RETURN and of is None:
                kind = Kind.PLAIN
            read.append(
                Move(
                    f.move_id,
                    f.event_id,
                    f.item_id,
                    f.lot_id,
                    *(ends.get(f.from_location_id) or end(f.from_location_id)),
                    *(ends.get(f.to_location_id) or end(f.to_location_id)),
                    f.qty,
                    f.at,
                    f.day,
                    f.phase,
                    f.key,
                    kind,
                    of or 0,
                    amount,
                    self.extras(costs[f.move_id]) if f.move_id in costs else (),
                    f.share,
                )
            )
        return read

    def places_of(self, facts: Iterable[AnyFact]) -> list[Move]:
        """The moves without their money."""
        return self.moves([_without_money(fact) for fact in facts], {})

    def extras(self, costs: Sequence[CostFact]) -> tuple[Extra, ...]:
        """What comes on top of the amount of a move in this book."""
        read = (
            Extra(c.cost_id, c.kind, self.amount(c.amount, c.currency, c.document_id))
            for c in costs
            if c.kind != OWN_AMOUNT and c.book_id in (None, self.book.book_id)
        )
        return tuple(extra for extra in read if extra.amount)

    def own_amounts(self, costs: Mapping[int, Sequence[CostFact]]) -> dict[int, int]:
        """Move -> what it is in this book, whatever its amount, where the book has been told so."""
        own: dict[int, int] = {}
        for move_id, charged in costs.items():
            for cost in charged:
                if cost.kind == OWN_AMOUNT and cost.book_id == self.book.book_id:
                    own[move_id] = own.get(move_id, 0) + cost.amount
        return own


def own_or_stated(
    own: Mapping[int, int], move_id: int, kind: int, of: int | None, amount: int | None
) -> int | None:
    """The amount of a move in a book that has been told `own`. What amends such a move changes it in proportion there, for
    the amount it states is that of other books."""
    if kind == MoveKind.AMENDMENT and of in own:
        return None
    return own.get(move_id, amount)


def by_move(costs: Iterable[CostFact]) -> dict[int, list[CostFact]]:
    found: dict[int, list[CostFact]] = {}
    for cost in costs:
        found.setdefault(cost.move_id, []).append(cost)
    return found


def foreign_pairs(
    facts: Iterable[AnyFact], costs: Iterable[CostFact], books: Iterable[BookFacts]
) -> set[tuple[int, str, str]]:
    """Which (document, currency, book currency) need a rate."""
    currencies = {book.currency for book in books}
    named = {(f.document_id, f.currency) for f in facts if f.currency is not None}
    named |= {(c.document_id, c.currency) for c in costs if c.kind != OWN_AMOUNT}
    return {(document, have, want) for document, have in named for want in currencies if have != want}
