"""The calculator's ledger: one item, one scope, facts in memory, valued by the engine after every step."""

from bisect import bisect_right
from decimal import Decimal
from fractions import Fraction

from wherewithal.core.calc.reading import CaseError
from wherewithal.core.costing.difference import RowKey, difference, rows_of, sums
from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import (
    COSTED,
    Extra,
    ExtraKind,
    Kind,
    Method,
    Move,
    PlaceType,
    Policy,
    PoolKey,
    ValueRow,
)
from wherewithal.core.costing.landed import CostLine, share_landed_cost
from wherewithal.core.costing.order import phase_of
from wherewithal.core.costing.state import Pool
from wherewithal.core.money import AmountError, extend, from_minor, half_even, power_of_ten, to_minor
from wherewithal.core.posting import Role

ITEM = 1
MAX_WORK = 3_000_000
"""Move valuations that one case may ask for; corrections make the engine value everything again."""


class Periods:
    """The periods of the periodic average: each step is a day, and says to which period it belongs."""

    def __init__(self, periods: list[int]) -> None:
        starts = [day for day, period in enumerate(periods, 1) if day == 1 or period != periods[day - 2]]
        self.starts = [0, *starts[1:]]
        self.last = len(periods) + 1

    def first_day(self, day: int) -> int:
        """The first day of the period that has this day."""
        return self.starts[bisect_right(self.starts, day) - 1]

    def last_day(self, day: int) -> int:
        """The last day of the period that has this day."""
        place = bisect_right(self.starts, day)
        return self.starts[place] - 1 if place < len(self.starts) else max(self.last, day)


class Ledger:
    """What was entered so far and what the engine makes of it. Each step is a day of its own, from 1 on."""

    def __init__(
        self, method: Method, standard: Decimal | None, decimals: int, qty_decimals: int, periods: list[int]
    ) -> None:
        self.decimals = decimals
        self.qty_decimals = qty_decimals
        self.calendar = Periods(periods)
        self.policies = [Policy(0, 0, method, self._standard(standard), self._calendar(method))]
        self.facts: list[Move] = []
        self.moves: dict[str, Move] = {}
        self.qtys: dict[str, int] = {}
        self.prices: dict[str, Decimal] = {}
        self.paid: dict[str, int] = {}
        self.refs: dict[int, str] = {}
        self.lots: dict[str, int] = {}
        self.booked: dict[RowKey, int] = {}
        self.states: dict[PoolKey, Pool] = {}
        self.day = 0
        self.work = 0
        self.appendable = False

    # --- numbers -------------------------------------------------------------------------------------------------

    def smallest(self, qty: Decimal) -> int:
        """A quantity in smallest units."""
        return to_minor(qty, self.qty_decimals)

    def minor(self, amount: Decimal) -> int:
        """An amount in minor units, exactly."""
        try:
            return to_minor(amount, self.decimals)
        except AmountError as error:
            raise CaseError(f"steps[{self.day}]", "currency_decimals", str(error)) from None

    def extended(self, unit_cost: Decimal, qty: int) -> int:
        """unit cost x quantity in minor units, rounded half-even once."""
        return extend(unit_cost, from_minor(qty, self.qty_decimals), self.decimals)

    def lot(self, name: str) -> int:
        """A number for the name of a lot."""
        return self.lots.setdefault(name, len(self.lots) + 1)

    def _standard(self, standard: Decimal | None) -> tuple[int, int] | None:
        if standard is None:
            return None
        exact = Fraction(standard) * Fraction(power_of_ten(self.decimals), power_of_ten(self.qty_decimals))
        return exact.numerator, exact.denominator

    def _calendar(self, method: Method) -> Periods | None:
        return self.calendar if method is Method.PERIODIC else None

    # --- what steps enter ----------------------------------------------------------------------------------------

    def _enter(self, move: Move, *, appendable: bool) -> None:
        self.facts.append(move)
        self.appendable = appendable

    def _new(self, source: int, target: int, qty: int, phase: int, amount: int | None) -> Move:
        number, day = len(self.facts) + 1, self.day + 1
        places = (source, 0, _node(source), target, 0, _node(target, is_target=True))
        return Move(
            number, number, ITEM, 0, *places, qty, day * 1_000_000, day, phase, _key(number), amount=amount
        )

    def move(
        self,
        ref: str,
        source: PlaceType,
        target: PlaceType,
        qty: int,
        *,
        amount: int | None,
        unit_cost: Decimal | None,
        lot: int = 0,
        of: str | None = None,
    ) -> None:
        """Goods move; with `of`, back."""
        original = None if of is None else self.moves[of]
        phase = phase_of(source, target, of_phase=None if original is None else original.phase)
        move = self._new(source, target, qty, phase, amount)._replace(lot=lot)
        if original is not None:
            move = move._replace(kind=Kind.RETURN, of=original.move_id, lot=lot or original.lot)
        self.moves[ref] = move
        self.refs[move.move_id] = ref
        self.qtys[ref] = qty
        if amount is not None:
            self.paid[ref] = amount
        if unit_cost is not None:
            self.prices[ref] = unit_cost
        self._enter(move, appendable=original is None)

    def leaves_stock(self, ref: str) -> bool:
        """Whether a move took goods away from stock, or past it to the customer."""
        move = self.moves[ref]
        return move.target_type > COSTED

    def amend(self, ref: str, qty: int) -> None:
        """The quantity of a past move was in truth another; the unit price stays."""
        move, before = self.moves[ref], self.qtys[ref]
        self.qtys[ref] = qty
        if qty == before:
            return
        change = self._correction(move, Kind.AMENDMENT, abs(qty - before), None)
        if ref in self.paid:
            change = change._replace(amount=abs(self._repaid(ref, before, qty)))
        if qty < before:
            change = change._replace(
                source_type=move.target_type,
                source_node=move.target_node,
                target_type=move.source_type,
                target_node=move.source_node,
            )
        self._enter(change, appendable=False)

    def _repaid(self, ref: str, before: int, qty: int) -> int:
        """Puts what is paid for a move to its new quantity at the same unit price; the change."""
        paid = self.paid[ref]
        if ref in self.prices:
            self.paid[ref] = self.extended(self.prices[ref], qty)
        elif before:
            self.paid[ref] = half_even(paid * qty, before)
        return self.paid[ref] - paid

    def reverse(self, ref: str) -> None:
        """A past move never happened."""
        move = self.moves[ref]
        self.qtys[ref] = 0
        self._enter(self._correction(move, Kind.REVERSAL, move.qty, None), appendable=False)

    def _correction(self, move: Move, kind: Kind, qty: int, amount: int | None) -> Move:
        number = len(self.facts) + 1
        return move._replace(
            move_id=number, kind=kind, of=move.move_id, qty=qty, amount=amount, extras=(), key=_key(number)
        )

    def reprice(self, ref: str, unit_cost: Decimal) -> None:
        """The unit price of a past receipt was in truth another."""
        paid = self.extended(unit_cost, self.qtys[ref])
        self._charge(ref, ExtraKind.PRICE, paid - self.paid[ref])
        self.prices[ref], self.paid[ref] = unit_cost, paid

    def landed(self, refs: list[str], amount: int, basis: str) -> None:
        """A landed cost on past receipts, at their instants."""
        lines = [CostLine(self.qtys[ref], self.paid.get(ref, 0)) for ref in refs]
        for ref, share in zip(refs, share_landed_cost(amount, basis, lines), strict=True):
            self._charge(ref, ExtraKind.LANDED, share)

    def _charge(self, ref: str, kind: ExtraKind, amount: int) -> None:
        move = self.moves[ref]
        place = self.facts.index(move)
        self.moves[ref] = move._replace(extras=(*move.extras, Extra(self.day, kind, amount)))
        self.facts[place] = self.moves[ref]
        self.appendable = False

    def revalue(self, ref: str, amount: int) -> None:
        """The value of what is on hand changes by decision."""
        phase = phase_of(PlaceType.ADJUSTMENT, PlaceType.INTERNAL, value_only=True)
        move = self._new(PlaceType.ADJUSTMENT, PlaceType.INTERNAL, 0, phase, amount)
        self.moves[ref] = move = move._replace(kind=Kind.VALUE)
        self.qtys[ref] = 0
        self.refs[move.move_id] = ref
        self._enter(move, appendable=False)

    def change_policy(self, *, method: Method | None = None, standard: Decimal | None = None) -> None:
        """From now on another method or standard cost."""
        last = self.policies[-1]
        chosen = Method(last.method) if method is None else method
        cost = last.standard if standard is None else self._standard(standard)
        day = self.day + 1
        self.policies.append(Policy(day * 1_000_000, day, chosen, cost, self._calendar(chosen)))
        self.appendable = False

    # --- what the engine says ------------------------------------------------------------------------------------

    def post(self) -> list[ValueRow]:
        """Ends a step: values it and books the difference."""
        self.day += 1
        if self.appendable and self.policies[-1].method != Method.PERIODIC:
            rows = self._append()
        else:
            rows = self._replay()
        self.appendable = False
        return rows

    def _append(self) -> list[ValueRow]:
        done = replay(
            [self.facts[-1]],
            policies={ITEM: self.policies},
            states=self.states,
            since=None,
            snapshot_day=_once,
        )
        self.states.update(done.states)
        self.booked.update(sums(done.rows))
        return done.rows

    def _replay(self) -> list[ValueRow]:
        self.work += len(self.facts)
        if self.work > MAX_WORK:
            raise CaseError(
                f"steps[{self.day - 1}]", "size", "So many corrections of so many steps are too much."
            )
        done = replay(self.facts, policies={ITEM: self.policies}, states={}, since=0, snapshot_day=_once)
        should = sums(done.rows)
        changed = difference(should, self.booked)
        self.booked, self.states = should, done.states
        return rows_of(changed)

    def totals(self) -> tuple[int, int]:
        """(quantity, value) on hand."""
        nets = [pool.net() for pool in self.states.values()]
        return sum(net[0] for net in nets), sum(net[1] for net in nets)

    def unit_cost(self) -> tuple[int, int]:
        """(value, quantity): what one unit costs now; quantity 0 = nobody knows."""
        qty, value = self.totals()
        policy = self.policies[-1]
        if policy.method == Method.STANDARD and policy.standard is not None:
            return policy.standard
        if qty > 0:
            return value, qty
        pool = self.states.get((0, ITEM, 0))
        if pool is not None and pool.last_qty:
            return pool.last_value, pool.last_qty
        return policy.standard or (0, 0)

    def layers(self) -> list[tuple[int, int, int]]:
        """(quantity, value, move) of what is on hand, oldest first; what is short is negative."""
        found: list[tuple[int, int, int]] = []
        for pool in self.states.values():
            found += [(layer[0], layer[1], layer[2]) for layer in pool.layers]
            if pool.qty or pool.value:
                found.append((pool.qty, pool.value, 0))
            found += [(-short[0], -short[1], short[2]) for short in pool.shorts]
        return found

    def ref_of(self, move_id: int) -> str | None:
        """What a move is called; None for what belongs to no move."""
        return self.refs.get(move_id)

    def values(self) -> dict[str, "Values"]:
        """What each move moved, as now known."""
        found = {ref: Values() for ref in self.moves}
        for row in rows_of(self.booked):
            ref = self.refs.get(row.move_id)
            if ref is not None:
                found[ref].add(row)
        return found


class Values:
    """A move's effect on stock at its own place, that of later true-ups, and its cost if it went past stock."""

    __slots__ = ("own", "past", "true_ups")

    def __init__(self) -> None:
        self.own = self.true_ups = self.past = 0

    def add(self, row: ValueRow) -> None:
        """Counts a value row of the move."""
        if row.cause_id != row.move_id:
            self.true_ups += row.stock_amount
        elif row.role in (Role.DROPSHIP, Role.DROPSHIP_COST):
            self.past += row.amount
        else:
            self.own += row.stock_amount


def _key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _once(day: int) -> int:
    """One snapshot interval for all days: none is needed here."""
    return 0


def _node(place: int, *, is_target: bool = False) -> int:
    """A location for a place; the second internal one takes what is transferred."""
    return 100 if place == PlaceType.INTERNAL and is_target else int(place)
