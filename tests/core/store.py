"""A store in memory that posts as the stock room does: append, or replay a window and book the difference."""

from collections import defaultdict
from collections.abc import Collection

from tests.core.generator import DAY, Book, Days, Fact, move_of

from wherewithal.core.costing import window
from wherewithal.core.costing.difference import difference, key_of, rows_of, sums
from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import Extra, Kind, Move, Policy, PoolKey, ValueRow
from wherewithal.core.costing.state import dump, load
from wherewithal.core.posting import RULES, Role


class Store:
    """One book. Everything that lasts between batches is a fact, a booked row, or bytes."""

    def __init__(self, book: Book, interval: int, ids) -> None:
        self.book, self.ids = book, ids
        self.snapshot_day = Days(interval).first_day
        self.policies: dict[int, list[Policy]] = {item: [policy] for item, policy in book.first.items()}
        self.moves: dict[int, Move] = {}
        self.events: dict[int, list[int]] = defaultdict(list)
        self.family: dict[int, list[int]] = defaultdict(list)
        self.booked: list[ValueRow] = []
        self.states: dict[PoolKey, bytes] = {}
        self.snapshots: dict[PoolKey, dict[int, bytes]] = defaultdict(dict)
        self.edges: dict[tuple[int, int], int] = {}
        self.last_at: dict[int, int] = {}
        self.closed_day = 0
        self.postings: list[tuple[int, ValueRow]] = []
        self.ledger: dict[tuple[int, str], int] = defaultdict(int)
        self.appends = self.replays = 0

    # --- what the tables would answer --------------------------------------------------------------------------

    def root(self, move: Move) -> Move:
        while move.kind in (Kind.AMENDMENT, Kind.REVERSAL):
            move = self.moves[move.of]
        return move

    def corrected(self, move: Move) -> list[Move]:
        """A move with all its amendments and reversals."""
        found = [move]
        for each in found:
            found += [self.moves[i] for i in self.family[each.move_id] if self.moves[i].kind in (2, 3)]
        return found

    def prior(self, move_id: int, before: int | None, new: Collection[int] = ()):
        original = self.corrected(self.moves[move_id])
        returned = [
            self.moves[i] for i in self.family[move_id] if self.moves[i].kind == Kind.RETURN and i not in new
        ]
        returns = [move for each in returned for move in self.corrected(each)]
        ids = {move.move_id for move in original + returns}
        rows = [row for row in self.booked if row.move_id in ids]
        return window.prior_of(original, returns, rows, before=before)

    # --- posting -------------------------------------------------------------------------------------------------

    def post(self, batch: list[Fact]) -> None:
        """Records the facts of a batch and books what they change."""
        new = [move_of(self.book, leg, (), self.ids) for fact in batch for leg in fact.legs]
        for move in new:
            self.moves[move.move_id] = move
            self.events[move.event_id].append(move.move_id)
            self.family[move.of].append(move.move_id)
        days, changed, plain = [], [self.root(move) for move in new], True
        before: dict[int, list[Policy]] = {}
        for fact in batch:
            for cost in fact.costs:
                changed.append(self.add_cost(cost))
                plain = False
            if fact.policy is not None and fact.policy.book == self.book.number:
                item = fact.policy.item
                before.setdefault(item, list(self.policies[item]))
                days.append(self.add_policy(fact.policy.item, fact.policy.policy))
                plain = False
        legs = [self.moves[i] for move in changed for i in self.events[move.event_id]]
        for edge, day in window.edges_of(legs).items():
            self.edges[edge] = max(day, self.edges.get(edge, 0))
        if plain and window.is_append(new, self.last_at, self.policies):
            self.append(new)
        else:
            instants = {move.at for move in changed}
            at_once = [move for move in self.moves.values() if move.at in instants]
            items = window.items_of(legs) | {item for item, _ in days} | window.items_reordered(legs, at_once)
            if items:
                self.replay(min([move.day for move in changed] + [day for _, day in days]), items, before)
        for move in new:
            self.last_at[move.item] = max(move.at, self.last_at.get(move.item, 0))

    def add_cost(self, cost) -> Move:
        move_id = self.ids(cost.move_id)
        move = self.moves[move_id]
        amount = round(cost.amount * self.book.rate)
        move = move._replace(extras=(*move.extras, Extra(cost.cost_id, cost.kind, amount)))
        self.moves[move_id] = move
        return self.root(move)

    def add_policy(self, item: int, policy: Policy) -> tuple[int, int]:
        mine = self.policies.setdefault(item, [])
        mine.append(policy)
        mine.sort(key=lambda each: each.at)
        self.last_at[item] = max(policy.at, self.last_at.get(item, 0))
        return item, policy.day

    def append(self, new: list[Move]) -> None:
        self.appends += 1
        keys = window.pools_touched(new, self.policies)
        done = replay(
            new,
            policies=self.policies,
            states={key: load(self.states[key]) for key in keys if key in self.states},
            since=None,
            priors={
                i: self.prior(i, None, {move.move_id for move in new}) for i in window.originals_before(new)
            },
            snapshot_day=self.snapshot_day,
        )
        assert len(set(map(key_of, done.rows))) == len(done.rows)
        self.keep(done)
        self.book_rows(done.rows)

    def replay(self, day: int, items: set[int], before: dict[int, list[Policy]]) -> None:
        self.replays += 1
        since, items = window.reach(
            day, items, self.edges, self.policies, before=before, snapshot_day=self.snapshot_day
        )
        recent = [move for move in self.moves.values() if move.day >= since]
        made = {
            move.event_id
            for move in recent
            if move.item in items and 93 in (move.source_node, move.target_node)
        }
        moves = [move for move in recent if move.item in items or move.event_id in made]
        tied = window.tied_instants(moves, items)
        outside = {move.move_id for move in moves if move.item not in items}
        earliest = {
            key: min((at, data) for at, data in states.items() if at >= since)
            for key, states in self.snapshots.items()
            if key[1] in items and any(at >= since for at in states)
        }
        done = replay(
            moves,
            policies=self.policies,
            states=window.states_at(
                since, {key: data for key, data in self.states.items() if key[1] in items}, earliest
            ),
            since=since,
            items=items,
            boundary=window.boundary_cost(row for row in self.booked if row.move_id in outside),
            priors={i: self.prior(i, since) for i in window.originals_before(moves)},
            context=[move for move in recent if move.phase == 30 and move.at in tied],
            snapshot_day=self.snapshot_day,
        )
        assert len(set(map(key_of, done.rows))) == len(done.rows)
        for key, states in self.snapshots.items():
            if key[1] in items:
                self.snapshots[key] = {at: data for at, data in states.items() if at < since}
        self.keep(done)
        booked = sums(row for row in self.booked if row.item in items and row.day >= since)
        self.book_rows(rows_of(difference(sums(done.rows), booked)))

    def keep(self, done) -> None:
        for key, pool in done.states.items():
            self.states[key] = dump(pool)
        for (key, day), data in done.snapshots.items():
            self.snapshots[key][day] = data

    def book_rows(self, rows: list[ValueRow]) -> None:
        """Posts on the effective day, or the first open day after a close; one ledger line per day and account."""
        self.booked += rows
        for row in rows:
            posting_day = max(row.day, self.closed_day + 1)
            self.postings.append((posting_day, row))
            rule = RULES[Role(row.role)]
            self.ledger[posting_day, rule.debit] += row.amount
            self.ledger[posting_day, rule.credit] -= row.amount

    # --- what it says --------------------------------------------------------------------------------------------

    def pools(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(scope, item) -> (quantity, value), lots together."""
        found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        for (scope, item, _), data in self.states.items():
            qty, value = load(data).net()
            found[scope, item][0] += qty
            found[scope, item][1] += value
        return {key: (qty, value) for key, (qty, value) in found.items() if qty or value}

    def close(self, day: int) -> None:
        self.closed_day = max(self.closed_day, day)


assert DAY
