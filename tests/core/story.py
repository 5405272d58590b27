"""A short way to write down facts by hand and to read what the engine says of them."""

from collections.abc import Sequence

from wherewithal.core.costing.difference import sums
from wherewithal.core.costing.engine import Replayed, replay
from wherewithal.core.costing.facts import Calendar, Extra, ExtraKind, Kind, Method, Move, PlaceType, Policy
from wherewithal.core.costing.order import phase_of
from wherewithal.core.posting import Role

HOUR = 3_600_000_000
DAY = 24 * HOUR
PLACES = {
    "supplier": PlaceType.SUPPLIER,
    "customer": PlaceType.CUSTOMER,
    "production": PlaceType.PRODUCTION,
    "adjustment": PlaceType.ADJUSTMENT,
    "scrap": PlaceType.SCRAP,
    "opening": PlaceType.OPENING,
}
SCOPES = {
    "stock": (PlaceType.INTERNAL, 0),
    "north": (PlaceType.INTERNAL, 1),
    "south": (PlaceType.INTERNAL, 2),
}
SCOPES["road"] = (PlaceType.TRANSIT, 9)
NODES = {name: number for number, name in enumerate([*PLACES, *SCOPES], 100)}


class Story:
    """Facts in the order they are written; each on its own day unless it says another."""

    def __init__(
        self,
        method: Method,
        standard: tuple[int, int] | None = None,
        calendar: Calendar | None = None,
        items: Sequence[int] = (1,),
    ) -> None:
        first = Policy(0, 0, method, standard, calendar)
        self.policies: dict[int, list[Policy]] = {item: [first] for item in items}
        self.facts: dict[int, Move] = {}
        self.event = 0

    def move(
        self,
        source: str,
        target: str,
        qty: int,
        amount: int | None = None,
        *,
        item: int = 1,
        lot: int = 0,
        day: int | None = None,
        hour: int = 0,
        of: int = 0,
        kind: Kind | None = None,
        event: int | None = None,
        weight: int | None = None,
        key: int | None = None,
    ) -> int:
        """A fact; its number."""
        number = len(self.facts) + 1
        on = number if day is None else day
        kind = (Kind.RETURN if of else Kind.PLAIN) if kind is None else kind
        from_type, from_scope = SCOPES.get(source, (PLACES.get(source), 0))
        to_type, to_scope = SCOPES.get(target, (PLACES.get(target), 0))
        phase = phase_of(
            from_type,
            to_type,
            of_phase=self.facts[of].phase if of else None,
            value_only=kind is Kind.VALUE,
        )
        self.facts[number] = Move(
            number,
            number if event is None else event,
            item,
            lot,
            from_type,
            from_scope,
            NODES[source],
            to_type,
            to_scope,
            NODES[target],
            qty,
            on * DAY + hour * HOUR,
            on,
            phase,
            (number if key is None else key).to_bytes(16, "big"),
            kind,
            of,
            amount,
            (),
            weight,
        )
        return number

    def receive(self, qty: int, amount: int | None, **more) -> int:
        return self.move("supplier", more.pop("to", "stock"), qty, amount, **more)

    def issue(self, qty: int, **more) -> int:
        return self.move(more.pop("source", "stock"), "customer", qty, **more)

    def correct(self, of: int, kind: Kind, qty: int, amount: int | None = None) -> int:
        """An amendment by `qty` (below zero: less) or a reversal."""
        number = len(self.facts) + 1
        original = self.facts[of]
        change = original._replace(
            move_id=number,
            kind=kind,
            of=of,
            qty=abs(qty),
            amount=amount,
            extras=(),
            key=number.to_bytes(16, "big"),
        )
        if qty < 0:
            change = change._replace(
                source_type=original.target_type,
                source_scope=original.target_scope,
                source_node=original.target_node,
                target_type=original.source_type,
                target_scope=original.source_scope,
                target_node=original.source_node,
            )
        self.facts[number] = change
        return number

    def amend(self, of: int, by: int, amount: int | None = None) -> int:
        return self.correct(of, Kind.AMENDMENT, by, amount)

    def reverse(self, of: int) -> int:
        return self.correct(of, Kind.REVERSAL, -self.facts[of].qty)

    def charge(self, of: int, amount: int, kind: ExtraKind = ExtraKind.LANDED) -> None:
        move = self.facts[of]
        extra = Extra(1000 + len(move.extras), kind, amount)
        self.facts[of] = move._replace(extras=(*move.extras, extra))

    def value(self, amount: int, *, source: str = "supplier", of: int = 0, to: str = "stock", **more) -> int:
        return self.move(source, to, 0, amount, kind=Kind.VALUE, of=of, **more)

    def policy(self, day: int, method: Method, standard=None, calendar=None, item: int = 1) -> None:
        self.policies[item].append(Policy(day * DAY, day, method, standard, calendar))

    def told(self) -> Replayed:
        return replay(list(self.facts.values()), policies=self.policies, states={}, since=0)

    def rows(self) -> dict[tuple[int, int, str], int]:
        """{(move, cause, role): amount}."""
        return {
            (move, cause, Role(role).name.lower()): amount
            for (move, cause, role, *_), amount in sums(self.told().rows).items()
        }

    def stock(self, place: str = "stock", item: int = 1) -> tuple[int, int]:
        """(quantity, value) in a scope, lots together."""
        scope = SCOPES[place][1]
        nets = [pool.net() for key, pool in self.told().states.items() if key[:2] == (scope, item)]
        return sum(net[0] for net in nets), sum(net[1] for net in nets)
