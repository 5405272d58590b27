"""What one replay works on: cells, rows, and what is known of originals, as the pass goes along."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial

from wherewithal.core.costing.cells import Cell, Period, TrueUp
from wherewithal.core.costing.changes import convert
from wherewithal.core.costing.facts import Method, Move, Policy, PoolKey, Prior, ValueRow
from wherewithal.core.costing.methods import METHODS, at_last_cost
from wherewithal.core.costing.periodic import settle
from wherewithal.core.costing.state import Pool, dump
from wherewithal.core.money import half_even
from wherewithal.core.posting import EFFECT, Role

NEVER = 1 << 62

value_row = partial(tuple.__new__, ValueRow)
"""`ValueRow._make` without its check."""

_NOT_RECALLED = (Role.TRUE_UP_VARIANCE,)
"""True-ups that are no part of the cost at which the goods of a move left."""


class PolicyError(ValueError):
    """An item that no policy says how to cost, or a policy that cannot be followed."""


def month_start(day: int) -> int:
    """The first day of the month: the default snapshot interval."""
    return date.fromordinal(day).replace(day=1).toordinal()


class Memo:
    """What is left to return of a move: its net quantity, less what returns took; its cost and supplier price."""

    __slots__ = ("cost_left", "price_left", "qty", "qty_left")

    def __init__(self, qty: int, qty_left: int, cost_left: int, price_left: int | None) -> None:
        self.qty = qty
        self.qty_left = qty_left
        self.cost_left = cost_left
        self.price_left = price_left


class Run:
    """One pass. `started` items use the policy in force before the pass, `upcoming` policies are events in it."""

    def __init__(
        self,
        *,
        policies: Mapping[int, Sequence[Policy]],
        since: int | None,
        moves: Sequence[Move],
        items: Collection[int] | None,
        boundary: Mapping[int, int],
        priors: Mapping[int, Prior],
        named: Collection[int],
        snapshot_day: Callable[[int], int],
    ) -> None:
        self.policies = policies
        self.since = since
        self.moves = moves
        self.first_at: dict[int, int] | None = None
        self.items = items
        self.boundary = boundary
        self.named = named
        self.snapshot_day = snapshot_day
        self.memos = {
            move_id: Memo(prior.qty, prior.qty_left, prior.cost_left, prior.price_left)
            for move_id, prior in priors.items()
        }
        self.cells: dict[tuple[int, int], Cell] = {}
        self.cells_of: dict[int, list[Cell]] = {}
        self.in_force: dict[int, Policy] = {}
        self.open_cells: list[Cell] = []
        self.rows: list[ValueRow] = []
        self.nobodys: dict[tuple[int, int, int, int, int, int, int], int] = {}
        self.snapshots: dict[tuple[PoolKey, int], bytes] = {}
        self.intervals: dict[int, int] = {}

    # --- cells and policies ------------------------------------------------------------------------------------

    def cell(self, scope: int, item: int) -> Cell:
        """The cell, made when first asked for."""
        found = self.cells.get((scope, item))
        if found is None:
            policy = self.policy(item)
            found = self.cells[scope, item] = Cell(scope, item, policy, METHODS[policy.method])
            self.cells_of.setdefault(item, []).append(found)
        return found

    def policy(self, item: int) -> Policy:
        """The policy in force for an item at this place of the pass."""
        found = self.in_force.get(item)
        if found is None:
            found = self.in_force[item] = self._first_policy(item)
        return found

    def _first_policy(self, item: int) -> Policy:
        policies = self.policies.get(item)
        if not policies:
            raise PolicyError(f"Item {item} has no costing policy in this book.")
        chosen = policies[0]
        for policy in policies[1:]:
            if self.is_upcoming(item, policy):
                break
            chosen = policy
        return chosen

    def is_upcoming(self, item: int, policy: Policy) -> bool:
        """Whether a policy takes effect during the pass rather than before it."""
        if self.since is not None:
            return policy.day >= self.since
        if self.first_at is None:
            self.first_at = {move.item: move.at for move in reversed(self.moves)}
        return policy.at > self.first_at.get(item, NEVER)

    def give_state(self, key: PoolKey, pool: Pool) -> None:
        """Starts a pool from a state; the state itself stays as it is."""
        scope, item, lot = key
        cell = self.cell(scope, item)
        if lot:
            cell.lots[lot] = pool.copy()
        else:
            cell.pool = pool.copy()

    def states(self) -> dict[PoolKey, Pool]:
        """All pools of the pass."""
        found: dict[PoolKey, Pool] = {}
        for (scope, item), cell in self.cells.items():
            found[scope, item, 0] = cell.pool
            for lot, pool in cell.lots.items():
                found[scope, item, lot] = pool
        return found

    def change_policy(self, item: int, policy: Policy) -> None:
        """A policy takes effect: phase 0 of its instant."""
        self.policy(item)
        cells = self.cells_of.get(item, ())
        unsettled = [cell for cell in cells if cell.period is not None and _ends_period(cell.policy, policy)]
        if unsettled:
            self._settle(unsettled, policy.day)
        for cell in cells:
            if cell.pool.day < 0:
                cell.policy, cell.costing = policy, METHODS[policy.method]
                continue
            self._touch(cell, cell.pool, 0, policy.day)
            for lot, pool in cell.lots.items():
                if pool.day >= 0:
                    self._touch(cell, pool, lot, policy.day)
            change = convert(cell, policy)
            if change is not None:
                role, amount = change
                self.add_nobodys(cell, role, amount, policy.day)
            self._open_period(cell, policy.day)
        self.in_force[item] = policy

    # --- touching: snapshots are taken of what was there before ------------------------------------------------

    def touch(self, cell: Cell, day: int) -> None:
        """To be called before the pool of a cell changes on a day other than `cell.pool.day`."""
        self._touch(cell, cell.pool, 0, day)
        self._open_period(cell, day)

    def _open_period(self, cell: Cell, day: int) -> None:
        if cell.period is None and cell.policy.method == Method.PERIODIC:
            calendar = cell.policy.calendar
            if calendar is None:
                raise PolicyError(f"The periodic average of item {cell.item} has no calendar.")
            cell.period = Period(cell.pool, calendar.first_day(day), calendar.last_day(day))
            self.open_cells.append(cell)

    def touch_lot(self, cell: Cell, lot: int, day: int) -> None:
        """The same for the pool of a lot, which is made if it is not there."""
        pool = cell.lots.get(lot)
        if pool is None:
            pool = cell.lots[lot] = Pool()
        if pool.day != day:
            self._touch(cell, pool, lot, day)

    def _touch(self, cell: Cell, pool: Pool, lot: int, day: int) -> None:
        calendar = cell.policy.calendar
        if calendar is not None and cell.policy.method == Method.PERIODIC:
            start = max(calendar.first_day(day), cell.policy.day)
        else:
            found = self.intervals.get(day)
            start = self.intervals[day] = self.snapshot_day(day) if found is None else found
        if pool.day < start:
            self.snapshots[(cell.scope, cell.item, lot), start] = dump(pool)
        pool.day = day

    # --- rows ----------------------------------------------------------------------------------------------------

    def add(self, move: Move, role: Role, cell: Cell, amount: int) -> None:
        """A value row of the move itself."""
        if amount:
            move_id = move.move_id
            lot = move.lot if cell.costing.by_lot else 0
            self.rows.append(
                value_row(
                    (
                        move_id,
                        move_id,
                        role,
                        cell.scope,
                        move.item,
                        lot,
                        amount,
                        EFFECT[role] * amount,
                        move.day,
                    )
                )
            )

    def add_outside(self, move: Move, role: Role, scope: int, amount: int) -> None:
        """A value row of a move that has no pool here."""
        if amount:
            self.rows.append(
                ValueRow(
                    move.move_id,
                    move.move_id,
                    role,
                    scope,
                    move.item,
                    0,
                    amount,
                    EFFECT[role] * amount,
                    move.day,
                )
            )

    def add_nobodys(self, cell: Cell, role: Role, amount: int, day: int, move_id: int = 0) -> None:
        """A value row that may come up more than once: of a period, a policy, or a shortage of nobody's."""
        key = (move_id, move_id or -day, int(role), cell.scope, cell.item, 0, day)
        self.nobodys[key] = self.nobodys.get(key, 0) + amount

    def finished_rows(self) -> list[ValueRow]:
        """All rows; those that came up more than once added up."""
        for (move_id, cause_id, role, scope, item, lot, day), amount in self.nobodys.items():
            if amount:
                self.rows.append(
                    ValueRow(move_id, cause_id, role, scope, item, lot, amount, EFFECT[role] * amount, day)
                )
        self.nobodys = {}
        return self.rows

    # --- goods in and out of a cell ------------------------------------------------------------------------------

    def prepare(self, cell: Cell, move: Move) -> None:
        """To be called before a move changes its cell."""
        if cell.pool.day != move.day:
            self.touch(cell, move.day)
        if cell.costing.by_lot and move.lot:
            self.touch_lot(cell, move.lot, move.day)

    def take(self, cell: Cell, move: Move, true_up: Role, own: int) -> int:
        """Takes the quantity of a move out of its cell; the cost."""
        self.prepare(cell, move)
        cost = cell.costing.take(cell, move.qty, move.lot, move.move_id, true_up, own)
        if cell.period is not None:
            cell.period.leave(true_up, move.qty, cost)
            if move.move_id in self.named:
                cell.period.moves.add(move.move_id)
        return cost

    def put(self, cell: Cell, move: Move, value: int, variance: Role) -> None:
        """Puts the quantity of a move into its cell, with the true-ups that causes and what the pool leaves out."""
        self.prepare(cell, move)
        if cell.period is not None:
            cell.period.come(move.qty, value)
        self.put_here(cell, move, value, variance)

    def put_here(self, cell: Cell, move: Move, value: int, variance: Role) -> None:
        """The same, where the cell is prepared and has no open period."""
        true_ups: list[TrueUp] = []
        rest = cell.costing.put(cell, move.qty, value, move.lot, move.move_id, true_ups)
        if rest:
            self.add(move, variance, cell, rest)
        for true_up in true_ups:
            self._add_true_up(cell, move, true_up)

    def absorb(self, cell: Cell, move: Move, amount: int, own: int, own_qty: int) -> int:
        """Adds a cost without goods to what is there; the part that the pool takes on."""
        self.prepare(cell, move)
        absorbed = cell.costing.absorb(cell, amount, move.lot, own, own_qty)
        if cell.period is not None:
            cell.period.come(0, absorbed)
        return absorbed

    def _add_true_up(self, cell: Cell, cause: Move, true_up: TrueUp) -> None:
        move_id, role, lot, amount = true_up
        if not move_id:
            self.add_nobodys(cell, Role(role), amount, cause.day, cause.move_id)
            return
        self.rows.append(
            ValueRow(
                move_id,
                cause.move_id,
                role,
                cell.scope,
                cell.item,
                lot,
                amount,
                EFFECT[role] * amount,
                cause.day,
            )
        )
        memo = self.memos.get(move_id)
        if memo is not None and role not in _NOT_RECALLED:
            memo.cost_left += amount

    # --- what is left to return ----------------------------------------------------------------------------------

    def remember(self, move: Move, cost: int, price: int | None) -> None:
        """Keeps what a later return or late cost of this move needs."""
        if move.move_id in self.named:
            self.memos[move.move_id] = Memo(move.qty, move.qty, cost, price)

    def recall_cost(self, cell: Cell, move: Move) -> int:
        """The cost at which a move brings back what another took: its share of what is left of that cost.

        More than was left, or of a move that is not known, comes at the last unit cost of the pool.
        """
        memo = self.memos.get(move.of)
        left = 0 if memo is None else max(memo.qty_left, 0)
        if move.amount is not None:
            cost = move.amount
        elif memo is None or not left:
            cost = at_last_cost(cell, move.qty)
        elif move.qty >= left:
            cost = memo.cost_left + at_last_cost(cell, move.qty - left)
        else:
            cost = half_even(memo.cost_left * move.qty, left)
        if memo is not None:
            memo.cost_left -= cost
        return cost

    def recall_price(self, move: Move, cost: int, correction: int) -> int:
        """The supplier's price of what a move returns: as stated, or its share of what is left of the original's,
        and what was corrected since. What has no known price comes at the cost at which it moves.
        """
        memo = self.memos.get(move.of)
        left = 0 if memo is None else max(memo.qty_left, 0)
        if move.amount is not None:
            price = move.amount
        elif memo is None or not left or memo.price_left is None:
            price = cost
        elif move.qty >= left:
            price = memo.price_left + half_even(cost * (move.qty - left), move.qty)
        else:
            price = half_even(memo.price_left * move.qty, left)
        price += correction
        if memo is not None and memo.price_left is not None:
            memo.price_left -= price
        return price

    def reduce_cost(self, move: Move, cost: int) -> None:
        """Part of the cost of what a move returns was taken back without passing a pool."""
        memo = self.memos.get(move.of)
        if memo is not None:
            memo.cost_left -= cost

    def count_return(self, move: Move) -> None:
        """The quantity of a return is no longer left to return."""
        memo = self.memos.get(move.of)
        if memo is not None:
            memo.qty_left -= move.qty

    # --- periods ---------------------------------------------------------------------------------------------------

    def next_settlement(self) -> int:
        """The earliest last day among the open periods."""
        return min((_last_day(cell) for cell in self.open_cells), default=NEVER)

    def settle_period(self) -> None:
        """Closes the open periods that end first."""
        last_day = self.next_settlement()
        self._settle([cell for cell in self.open_cells if _last_day(cell) == last_day], last_day)

    def _settle(self, cells: Sequence[Cell], day: int) -> None:
        settle(cells, lambda cell, role, amount: self.add_nobodys(cell, role, amount, day))
        for cell in cells:
            cell.pool.day = max(cell.pool.day, day)
        self.open_cells = [cell for cell in self.open_cells if cell.period is not None]


def _ends_period(before: Policy, after: Policy) -> bool:
    return after.method != Method.PERIODIC or after.calendar != before.calendar


def _last_day(cell: Cell) -> int:
    assert cell.period is not None
    return cell.period.last_day
