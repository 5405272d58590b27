"""What a book has of an asset at the place of an event: asked of the very fold that posts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from wherewithal.assets.fields import RoomKind
from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.posting.decide import groups_of
from wherewithal.assets.services.posting.history import AssetHistory, Event
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.values import effect_of
from wherewithal.core.assets.facts import Fact, Kind
from wherewithal.core.assets.fold import Folded, History, fold
from wherewithal.core.assets.order import order_key
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.terms import TermsError
from wherewithal.core.lease.terms import LeaseError
from wherewithal.core.posting import AccountRole, Role

PLACELESS = frozenset({Kind.ERROR_CORRECTION, Kind.REVERSAL})
HOLDING = Role.HELD_COST
"""What is held for sale keeps its cost, though the account shows it no more."""
UNREADABLE = (TermsError, PackError, LeaseError)
"""Complained of at the event that says it."""


@dataclass(slots=True, frozen=True)
class Cost:
    """In minor units: in use (or held for sale), and under construction."""

    cost: int
    construction: int


@dataclass
class There:
    """The histories of all assets that a batch touches, as one book reads them."""

    context: Context
    book: BookFacts
    histories: Mapping[int, AssetHistory]
    move_costs: MoveCosts

    def cost_before(self, event: Event) -> Cost:
        """What there is of the asset when the event happens."""
        rows = self._folded(event, with_it=False).rows
        return Cost(
            *(
                sum(
                    effect_of(Role(row.role), frozenset({account})) * row.amount
                    for row in rows
                    if row.role != HOLDING
                )
                for account in (AccountRole.ASSET_COST, AccountRole.CONSTRUCTION_IN_PROGRESS)
            )
        )

    def deferred_before(self, event: Event) -> int:
        """Grants for the asset that are not income yet when the event happens."""
        return self._folded(event, with_it=False).balances.grant

    def is_over(self, event: Event) -> bool:
        """Whether nothing is left of an asset and of what is owed for it when the event happens."""
        left = self._folded(event, with_it=False).balances
        return not (left.nbv or left.cost or left.liability)

    def depreciates_after(self, event: Event) -> bool:
        """Whether the asset is depreciated once the event has happened."""
        return self._folded(event, with_it=True).standing.segment is not None

    def _folded(self, event: Event, *, with_it: bool) -> Folded:
        place = (event.effective_on, event.phase, event.key)
        group = next(group for group in self._groups if any(h.asset_id == event.asset_id for h in group))
        read = [
            History(
                history.asset_id,
                history.class_id,
                [
                    fact
                    for fact in self._facts(history)
                    if fact.kind in PLACELESS
                    or order_key(fact) < place
                    or (with_it and fact.event_id == event.event_id)
                ],
            )
            for history in group
        ]
        return fold(read, self.book.calendar, event.effective_on)[event.asset_id]

    @cached_property
    def _groups(self) -> list[list[AssetHistory]]:
        return groups_of(self.histories)

    def _facts(self, history: AssetHistory) -> Sequence[Fact]:
        reader, found = Reader(self.context, self.book, history, self.move_costs), []
        for event in history.heard(self.book.book_id):
            if event.kind in frozenset(RoomKind):
                continue
            try:
                found.append(reader.fact(event))
            except UNREADABLE:
                continue
        return found
