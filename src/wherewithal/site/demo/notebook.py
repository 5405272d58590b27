"""What the simulated storekeepers know: how much of which lot lies where, and what is taken first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

FAR = date(9999, 12, 31)


@dataclass(slots=True)
class Pile:
    """Some of one lot in one place; `lot` is empty for bulk."""

    lot: str
    qty: int
    expires_on: date


@dataclass(frozen=True, slots=True)
class Taken:
    lot: str
    qty: int
    expires_on: date


class Notebook:
    """Quantities in smallest units by item and place."""

    def __init__(self) -> None:
        self._piles: dict[tuple[str, str], list[Pile]] = defaultdict(list)
        self.blocked: set[tuple[str, str]] = set()

    def on_hand(self, sku: str, place: str, spare_until: date = date.min) -> int:
        """What can be taken there: blocked lots do not count, nor those that expire before `spare_until`."""
        return sum(pile.qty for pile in self._free(sku, place) if pile.expires_on >= spare_until)

    def put(self, sku: str, place: str, qty: int, lot: str = "", expires_on: date = FAR) -> None:
        piles = self._piles[sku, place]
        for pile in piles:
            if pile.lot == lot:
                pile.qty += qty
                return
        piles.append(Pile(lot, qty, expires_on))

    def take(self, sku: str, place: str, qty: int, *, spare_until: date | None = None) -> list[Taken]:
        """Up to `qty`, first expiry first; lots that expire before `spare_until` stay where they are."""
        taken = []
        for pile in sorted(self._free(sku, place), key=lambda pile: (pile.expires_on, pile.lot)):
            if spare_until and pile.expires_on < spare_until:
                continue
            part = min(qty, pile.qty)
            if part:
                taken.append(Taken(pile.lot, part, pile.expires_on))
                pile.qty -= part
                qty -= part
        self._piles[sku, place] = [pile for pile in self._piles[sku, place] if pile.qty]
        return taken

    def take_lot(self, sku: str, place: str, lot: str, qty: int) -> bool:
        """Exactly this much of this lot, or nothing."""
        for pile in self._piles[sku, place]:
            if pile.lot == lot and pile.qty >= qty:
                pile.qty -= qty
                self._piles[sku, place] = [left for left in self._piles[sku, place] if left.qty]
                return True
        return False

    def block(self, sku: str, lot: str) -> None:
        self.blocked.add((sku, lot))

    def unblock(self, sku: str, lot: str) -> None:
        self.blocked.discard((sku, lot))

    def expired(self, day: date) -> Iterator[tuple[str, str, Taken]]:
        """Item, place and what lies there past its day."""
        for (sku, place), piles in sorted(self._piles.items()):
            for pile in piles:
                if pile.expires_on <= day and pile.qty:
                    yield sku, place, Taken(pile.lot, pile.qty, pile.expires_on)

    def piles(self, sku: str, place: str) -> list[Pile]:
        return [pile for pile in self._piles[sku, place] if pile.qty]

    def _free(self, sku: str, place: str) -> list[Pile]:
        return [pile for pile in self._piles[sku, place] if (sku, pile.lot) not in self.blocked]
