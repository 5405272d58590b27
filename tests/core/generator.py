"""Random histories of facts, made to hurt: few instants, ties everywhere, rings, returns of returns, reversals.

A history is a list of facts that name their predecessors. Any linear extension of "names" is an order of entry.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import NamedTuple

from wherewithal.core.costing.facts import Extra, Kind, Method, Move, PlaceType, Policy
from wherewithal.core.costing.order import phase_of

DAYS = 6
INSTANTS_A_DAY = 2
DAY = 86_400_000_000
WEIGHTS = (
    (24, 20, 12, 14, 5, 12, 7, 5, 9, 4, 5, 3),
    (24, 20, 12, 14, 5, 12, 7, 5, 9, 4, 5, 3),
    (8, 6, 22, 34, 2, 6, 4, 4, 3, 1, 1, 0),
    (16, 14, 3, 6, 4, 40, 6, 5, 9, 4, 2, 6),
)
"""Of receipt, issue, transfer, production, adjustment, return, amendment, reversal, cost, late cost, policy, dropship.

Two mixed blends, one that makes and moves, one that gives back.
"""
INTERNAL = {11: 1, 12: 1, 21: 2}
TRANSIT = 31
NODE = {
    PlaceType.SUPPLIER: 91,
    PlaceType.CUSTOMER: 92,
    PlaceType.PRODUCTION: 93,
    PlaceType.ADJUSTMENT: 94,
    PlaceType.SCRAP: 95,
    PlaceType.OPENING: 96,
}
TYPE = (
    {node: place for place, node in NODE.items()}
    | dict.fromkeys(INTERNAL, PlaceType.INTERNAL)
    | {TRANSIT: PlaceType.TRANSIT}
)


class Days(NamedTuple):
    """A calendar of periods of so many days."""

    length: int

    def first_day(self, day: int) -> int:
        return day - day % self.length

    def last_day(self, day: int) -> int:
        return self.first_day(day) + self.length - 1


class Leg(NamedTuple):
    """A move, independent of any book."""

    move_id: int
    event_id: int
    item: int
    lot: int
    source: int
    target: int
    qty: int
    at: int
    phase: int
    key: bytes
    kind: int = Kind.PLAIN
    of: int = 0
    amount: int | None = None
    weight: int | None = None


class Cost(NamedTuple):
    cost_id: int
    move_id: int
    kind: int
    amount: int


class NewPolicy(NamedTuple):
    book: int
    item: int
    policy: Policy


@dataclass(slots=True)
class Fact:
    """One thing that is entered whole: an event, costs on a move, or a policy."""

    number: int
    names: tuple[int, ...]
    legs: tuple[Leg, ...] = ()
    costs: tuple[Cost, ...] = ()
    policy: NewPolicy | None = None


class Book(NamedTuple):
    """How a book reads the facts."""

    number: int
    by_warehouse: bool
    rate: Fraction
    first: dict[int, Policy]


@dataclass(slots=True)
class History:
    seed: int
    books: list[Book]
    facts: list[Fact] = field(default_factory=list)


def scope_of(book: Book, node: int) -> int:
    if node == TRANSIT:
        return TRANSIT
    return INTERNAL.get(node, 0) if book.by_warehouse else 0


def amount_in(book: Book, amount: int | None) -> int | None:
    return None if amount is None else round(amount * book.rate)


def move_of(book: Book, leg: Leg, extras: tuple[Extra, ...] = (), ids=lambda each: each) -> Move:
    """The leg as the book reads it. ids: how move ids are called in this order of entry."""
    return Move(
        ids(leg.move_id),
        leg.event_id,
        leg.item,
        leg.lot,
        TYPE[leg.source],
        scope_of(book, leg.source),
        leg.source,
        TYPE[leg.target],
        scope_of(book, leg.target),
        leg.target,
        leg.qty,
        leg.at,
        leg.at // DAY,
        leg.phase,
        leg.key,
        leg.kind,
        ids(leg.of) if leg.of else 0,
        amount_in(book, leg.amount),
        extras,
        leg.weight,
    )


class Generator:
    """Draws one history."""

    def __init__(self, seed: int, size: int | None = None) -> None:
        self.rng = Random(seed)
        rng = self.rng
        self.items = [1, 2, 3, 4][: rng.choice((1, 2, 3, 3, 4))]
        self.history = History(seed, [self.book(number) for number in range(rng.choice((1, 1, 1, 2)))])
        self.next_id = 1
        self.legs: dict[int, Leg] = {}
        self.fact_of: dict[int, int] = {}
        self.shrunk: dict[int, int] = {}
        self.policy_days: set[tuple[int, int, int]] = set()
        self.weights = rng.choice(WEIGHTS)
        instants = [(day, hour) for day in range(1, DAYS + 1) for hour in range(INSTANTS_A_DAY)]
        self.instants = instants if rng.random() < 0.7 else rng.sample(instants, rng.randint(1, 3))
        for _ in range(size or min(rng.randint(3, 22), rng.randint(3, 22))):
            self.add_fact()

    def book(self, number: int) -> Book:
        rng = self.rng
        rate = rng.choice((Fraction(1), Fraction(1), Fraction(1, 100), Fraction(1537, 100)))
        first = {item: self.policy(0, rng.choice(list(Method))) for item in self.items}
        if rng.random() < 0.5:
            first = dict.fromkeys(self.items, first[self.items[0]])
        return Book(number, rng.random() < 0.6, rate, first)

    def policy(self, day: int, method: int) -> Policy:
        rng = self.rng
        standard = rng.choice((None, (rng.randint(0, 40), 1), (rng.randint(1, 100), rng.randint(2, 7))))
        if method == Method.STANDARD and standard is None and rng.random() < 0.8:
            standard = (rng.randint(1, 40), 1)
        calendar = Days(rng.choice((1, 2, 3))) if method == Method.PERIODIC else None
        return Policy(day * DAY, day, method, standard, calendar)

    def at(self) -> int:
        day, hour = self.rng.choice(self.instants)
        return day * DAY + hour * 3_600_000_000

    def qty(self) -> int:
        return self.rng.choice((1, 2, 3, 4, 5, 6, 7, 10, 30))

    def amount(self) -> int:
        return self.rng.randint(0, 900)

    def lot(self) -> int:
        return self.rng.choice((0, 0, 101, 102))

    def place(self) -> int:
        return self.rng.choice((11, 11, 12, 21, 21, TRANSIT))

    def add_fact(self) -> None:
        draw = self.rng.choices(
            (
                self.receipt,
                self.issue,
                self.transfer,
                self.production,
                self.adjustment,
                self.give_back,
                self.amendment,
                self.reversal,
                self.cost,
                self.late_cost,
                self.new_policy,
                self.dropship,
            ),
            self.weights,
        )[0]
        draw()

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def enter(self, *legs: Leg, names: tuple[int, ...] = ()) -> None:
        number = len(self.history.facts)
        self.history.facts.append(Fact(number, tuple({self.fact_of[each] for each in names}), legs))
        for leg in legs:
            self.legs[leg.move_id] = leg
            self.fact_of[leg.move_id] = number

    def leg(self, event_id: int, item: int, source: int, target: int, at: int, **more) -> Leg:
        phase = phase_of(TYPE[source], TYPE[target])
        lot, qty = more.pop("lot", self.lot()), more.pop("qty", self.qty())
        return Leg(
            self.new_id(), event_id, item, lot, source, target, qty, at, phase, self.rng.randbytes(16), **more
        )

    def single(self, source: int, target: int, amount: int | None) -> None:
        item = self.rng.choice(self.items)
        self.enter(self.leg(self.new_id(), item, source, target, self.at(), amount=amount))

    def receipt(self) -> None:
        origin = self.rng.choice((PlaceType.SUPPLIER,) * 8 + (PlaceType.OPENING,))
        amount = None if self.rng.random() < 0.04 else self.amount()
        self.single(NODE[origin], self.place(), amount)

    def issue(self) -> None:
        goal = self.rng.choice((PlaceType.CUSTOMER,) * 6 + (PlaceType.SCRAP, PlaceType.ADJUSTMENT))
        self.single(self.place(), NODE[goal], None)

    def adjustment(self) -> None:
        amount = self.amount() if self.rng.random() < 0.3 else None
        self.single(NODE[PlaceType.ADJUSTMENT], self.place(), amount)

    def dropship(self) -> None:
        self.single(
            NODE[PlaceType.SUPPLIER], NODE[PlaceType.CUSTOMER], self.rng.choice((None, self.amount()))
        )

    def transfer(self) -> None:
        event_id, at = self.new_id(), self.at()
        legs = []
        for _ in range(self.rng.choice((1, 1, 1, 2))):
            source = self.place()
            target = self.rng.choice([node for node in (11, 12, 21, TRANSIT) if node != source])
            amount = self.rng.randint(-20, 60) if self.rng.random() < 0.3 else None
            item = self.rng.choice(self.items)
            legs.append(self.leg(event_id, item, source, target, at, amount=amount))
        self.enter(*legs)

    def production(self) -> None:
        """Assembly, disassembly, rework, also of an item into itself."""
        rng, event_id, at = self.rng, self.new_id(), self.at()
        made_at = NODE[PlaceType.PRODUCTION]
        legs = []
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2))):
            legs.append(self.leg(event_id, rng.choice(self.items), self.place(), made_at, at))
        for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 3))):
            amount = rng.randint(0, 90) if rng.random() < 0.4 else None
            weight = rng.choice((None, None, 0, 1, 3))
            item = rng.choice(self.items)
            legs.append(self.leg(event_id, item, made_at, self.place(), at, amount=amount, weight=weight))
        if legs:
            self.enter(*legs)

    def some_move(self, wanted) -> Leg | None:
        found = [leg for leg in self.legs.values() if wanted(leg)]
        return self.rng.choice(found) if found else None

    def give_back(self) -> None:
        """A return of goods that left or came, or of such a return."""
        rng = self.rng
        of = self.some_move(
            lambda leg: (
                leg.kind in (Kind.PLAIN, Kind.RETURN)
                and leg.qty
                and (leg.source >= 90 or leg.target >= 90 or rng.random() < 0.2)
            )
        )
        if of is None:
            return
        source, target = of.target, of.source
        if rng.random() < 0.03:
            source, target = target, source  # no return at all: whatever is said, there is an answer
        if of.source < 90 and rng.random() < 0.3:
            target = self.place()
        if of.target < 90 and rng.random() < 0.3:
            source = self.place()
        at = max(of.at, self.at()) if rng.random() < 0.97 else self.at()
        qty = rng.choice((of.qty, rng.randint(1, of.qty), rng.randint(1, of.qty), of.qty + 1))
        phase = phase_of(TYPE[source], TYPE[target], of_phase=of.phase)
        amount = self.amount() // 4 if rng.random() < 0.1 else None
        event_id, move_id, key = self.new_id(), self.new_id(), rng.randbytes(16)
        lot = of.lot if rng.random() < 0.9 else self.lot()
        self.enter(
            Leg(
                move_id,
                event_id,
                of.item,
                lot,
                source,
                target,
                qty,
                at,
                phase,
                key,
                Kind.RETURN,
                of.move_id,
                amount,
            ),
            names=(of.move_id,),
        )

    def amendment(self) -> None:
        rng = self.rng
        of = self.some_move(lambda leg: leg.kind != Kind.REVERSAL and leg.qty)
        if of is None:
            return
        root = of
        while root.kind == Kind.AMENDMENT:
            root = self.legs[root.of]
        qty = rng.randint(1, 6)
        source, target = root.source, root.target
        if rng.random() < 0.6:
            room = root.qty - self.shrunk.get(root.move_id, 0)
            if room <= 0:
                return
            qty = rng.choice((room, rng.randint(1, room)))
            self.shrunk[root.move_id] = self.shrunk.get(root.move_id, 0) + qty
            source, target = target, source
        amount = rng.randint(0, 100) if rng.random() < 0.3 else None
        self.correct(root, of, Kind.AMENDMENT, source, target, qty, amount)

    def correct(
        self, root: Leg, of: Leg, kind: int, source: int, target: int, qty: int, amount: int | None
    ) -> None:
        move_id, key = self.new_id(), self.rng.randbytes(16)
        self.enter(
            Leg(
                move_id,
                root.event_id,
                root.item,
                root.lot,
                source,
                target,
                qty,
                root.at,
                root.phase,
                key,
                kind,
                of.move_id,
                amount,
            ),
            names=(of.move_id,),
        )

    def reversal(self) -> None:
        """Of a move, an amendment, a return, a reversal; of a whole event nine times in ten."""
        of = self.some_move(lambda leg: True)
        if of is None:
            return
        legs = [of]
        if of.kind in (Kind.PLAIN, Kind.RETURN) and self.rng.random() < 0.9:
            fact = self.history.facts[self.fact_of[of.move_id]]
            legs = list(fact.legs)
        found = [
            leg._replace(
                move_id=self.new_id(),
                source=leg.target,
                target=leg.source,
                key=self.rng.randbytes(16),
                kind=Kind.REVERSAL,
                of=leg.move_id,
                amount=None,
            )
            for leg in legs
        ]
        self.enter(*found, names=tuple(leg.move_id for leg in legs))

    def cost(self) -> None:
        of = self.some_move(lambda leg: leg.kind in (Kind.PLAIN, Kind.RETURN, Kind.AMENDMENT))
        if of is None:
            return
        amount = self.rng.randint(-120, 300)
        cost = Cost(self.new_id(), of.move_id, self.rng.choice((1, 1, 2)), amount)
        fact = Fact(len(self.history.facts), (self.fact_of[of.move_id],), costs=(cost,))
        self.history.facts.append(fact)

    def late_cost(self) -> None:
        """A value without goods, for an in-move or for the pool as a whole; a revaluation by decision."""
        rng = self.rng
        source = NODE[rng.choice((PlaceType.SUPPLIER, PlaceType.SUPPLIER, PlaceType.ADJUSTMENT))]
        of = self.some_move(lambda leg: leg.kind == Kind.PLAIN and leg.target < 90 and leg.qty)
        amount, at = rng.randint(-100, 200), self.at()
        if of is None or rng.random() < 0.3:
            phase = phase_of(TYPE[source], PlaceType.INTERNAL, value_only=True)
            leg = Leg(
                self.new_id(),
                self.new_id(),
                rng.choice(self.items),
                self.lot(),
                source,
                self.place(),
                0,
                at,
                phase,
                rng.randbytes(16),
                Kind.VALUE,
                0,
                amount,
            )
            self.enter(leg)
            return
        phase = phase_of(TYPE[source], PlaceType.INTERNAL, of_phase=of.phase, value_only=True)
        leg = Leg(
            self.new_id(),
            self.new_id(),
            of.item,
            of.lot,
            source,
            of.target,
            0,
            max(at, of.at),
            phase,
            rng.randbytes(16),
            Kind.VALUE,
            of.move_id,
            amount,
        )
        self.enter(leg, names=(of.move_id,))

    def new_policy(self) -> None:
        rng = self.rng
        book, item, day = rng.choice(self.history.books), rng.choice(self.items), rng.randint(1, DAYS)
        if (book.number, item, day) in self.policy_days:
            return
        self.policy_days.add((book.number, item, day))
        method = rng.choice((*Method, book.first[item].method))
        new = NewPolicy(book.number, item, self.policy(day, method))
        self.history.facts.append(Fact(len(self.history.facts), (), policy=new))


def generate(seed: int, size: int | None = None) -> History:
    """The history of a seed."""
    return Generator(seed, size).history


def entry_order(history: History, rng: Random) -> list[Fact]:
    """A random linear extension of "names"."""
    waiting = list(history.facts)
    done: set[int] = set()
    order = []
    while waiting:
        ready = [fact for fact in waiting if all(name in done for name in fact.names)]
        fact = rng.choice(ready)
        waiting.remove(fact)
        done.add(fact.number)
        order.append(fact)
    return order


def cut(order: list[Fact], rng: Random) -> list[list[Fact]]:
    """Batches of 1 to 8 facts."""
    batches = []
    while order:
        size = rng.choice((1, 1, 2, 3, 5, 8))
        batches.append(order[:size])
        order = order[size:]
    return batches
