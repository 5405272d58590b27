"""Costing is never the bottleneck: the append path in plain Python, against a loop that only looks at the facts."""

import time
from collections.abc import Callable
from random import Random

from wherewithal.core.costing.engine import replay
from wherewithal.core.costing.facts import Method, Move, PlaceType, Policy

MOVES = 10_000
ITEMS = 100


def batch() -> list[Move]:
    """A batch of priced receipts and issues over 100 items."""
    rng = Random(1)
    moves = []
    for number in range(1, MOVES + 1):
        item = number if number <= ITEMS else rng.randint(1, ITEMS)
        at, day, key = number * 1_000_000, 738_000 + number // 400, number.to_bytes(16, "big")
        if number <= ITEMS or rng.random() < 0.4:
            places = (PlaceType.SUPPLIER, 0, 91, PlaceType.INTERNAL, 0, 11)
            qty, amount, phase = rng.randint(1, 50), rng.randint(1, 9999), 10
        else:
            places = (PlaceType.INTERNAL, 0, 11, PlaceType.CUSTOMER, 0, 92)
            qty, amount, phase = rng.randint(1, 20), None, 50
        moves.append(Move(number, number, item, 0, *places, qty, at, day, phase, key, amount=amount))
    return moves


def seconds(work: Callable[[], object]) -> float:
    """The best of several runs, in processor time."""
    best = float("inf")
    for _ in range(7):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def test_an_append_costs_at_most_a_few_looks_at_each_fact() -> None:
    """Some 330,000 FIFO moves a second on the machine this was written on; held here as a ratio to building the
    same facts once, which the store has to do anyway, so that a busy or slow machine does not matter.
    """
    moves = batch()
    raw = [tuple(move) for move in moves]
    policies = {item: (Policy(0, 0, Method.FIFO),) for item in range(1, ITEMS + 1)}

    def build() -> list[Move]:
        return [Move(*each) for each in raw]

    def value() -> object:
        return replay(moves, policies=policies, states={}, since=None)

    ratio = seconds(value) / seconds(build)
    print(f"{MOVES / seconds(value):,.0f} moves a second, {ratio:.1f} x building the facts")
    assert ratio < 15


def test_a_replay_is_linear() -> None:
    """A backdated receipt makes the engine go over everything after it: twice as much takes about twice as long."""
    policies = {item: (Policy(0, 0, Method.AVERAGE),) for item in range(1, ITEMS + 1)}
    moves = batch()

    def value(some: list[Move]) -> Callable[[], object]:
        return lambda: replay(some, policies=policies, states={}, since=0, items=range(1, ITEMS + 1))

    assert seconds(value(moves)) < 3.5 * seconds(value(moves[: MOVES // 2]))
