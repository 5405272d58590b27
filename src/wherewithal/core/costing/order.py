"""The one total order of facts: (instant, phase, supply rank, content key). See docs/concepts for why."""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from wherewithal.core.costing.facts import COSTED, PlaceType

V = TypeVar("V", bound=Hashable)

POLICY_PHASE = 0
RECEIPT_PHASE = 10
FOUND_PHASE = 20
INTERNAL_PHASE = 30
SUPPLIER_RETURN_PHASE = 40
ISSUE_PHASE = 50
VALUE_PHASE = 60
RETURN_PHASE = 70


def phase_of(
    source_type: int, target_type: int, *, of_phase: int | None = None, value_only: bool = False
) -> int:
    """The phase of a fact by its places; `of_phase` is the phase of the move it returns (not: amends, reverses).

    Amendments and reversals take the phase of the move they name. A return comes after what it returns even at
    the same instant, so a return of a return of a return gets ever later phases.
    """
    natural = VALUE_PHASE if value_only else _natural_phase(source_type, target_type, of_phase is not None)
    if of_phase is None or of_phase < natural:
        return natural
    return of_phase + 10


def _natural_phase(source_type: int, target_type: int, is_return: bool) -> int:
    from_stock, to_stock = source_type <= COSTED, target_type <= COSTED
    if to_stock and not from_stock:
        if is_return:
            return RETURN_PHASE
        if source_type == PlaceType.PRODUCTION:
            return INTERNAL_PHASE
        return FOUND_PHASE if source_type == PlaceType.ADJUSTMENT else RECEIPT_PHASE
    if to_stock or target_type == PlaceType.PRODUCTION:
        return INTERNAL_PHASE
    return SUPPLIER_RETURN_PHASE if target_type == PlaceType.SUPPLIER else ISSUE_PHASE


Node = tuple[int, int]
"""(item, location)"""


class Supply(NamedTuple):
    """One internal event of an instant: its content key, the nodes it takes from and those it gives to."""

    key: bytes
    takes: frozenset[Node]
    gives: frozenset[Node]


def supply_order(events: Sequence[Supply]) -> list[int]:
    """The places of `events` in supply order: sources before what they feed, a ring opened at its smallest key.

    Events are ranked by how long the chain is that feeds them (a ring counts as one), then by the smallest key.
    Where an event comes depends on its ancestors only, so facts elsewhere at the same instant cannot move it.
    """
    ordered: list[int] = []
    groups = [list(range(len(events)))]
    while groups:
        group = groups.pop()
        parts = _ranked_rings(events, group) if len(group) > 1 else []
        if len(parts) > 1:
            groups.extend(reversed(parts))
            continue
        opened = _opened(events, group)
        ordered += opened
        if len(opened) < len(group):
            gone = set(opened)
            groups.append([number for number in group if number not in gone])
    return ordered


def _opened(events: Sequence[Supply], ring: list[int]) -> list[int]:
    """The events that open a ring: by key, as long as each leaves another one behind that takes and gives the same.

    For so long the ring stays a ring and its smallest key is next again, so it need not be looked for anew.
    """
    left: dict[tuple[frozenset[Node], frozenset[Node]], int] = {}
    for number in ring:
        alike = (events[number].takes, events[number].gives)
        left[alike] = left.get(alike, 0) + 1
    opened: list[int] = []
    for number in sorted(ring, key=lambda each: events[each].key):
        opened.append(number)
        alike = (events[number].takes, events[number].gives)
        left[alike] -= 1
        if not left[alike]:
            break
    return opened


def _ranked_rings(events: Sequence[Supply], group: list[int]) -> list[list[int]]:
    """The strongly connected parts of a group, by (rank, smallest key)."""
    after = _followers(events, group)
    found = rings(after)
    ring_of = {vertex: number for number, ring in enumerate(found) for vertex in ring}
    rank = [0] * len(found)
    for number in range(len(found) - 1, -1, -1):  # rings come out sinks first, so this is sources first
        weight = any(isinstance(vertex, int) for vertex in found[number])
        for vertex in found[number]:
            for follower in after[vertex]:
                other = ring_of[follower]
                if other != number:
                    rank[other] = max(rank[other], rank[number] + weight)
    parts = []
    for number, ring in enumerate(found):
        members = [vertex for vertex in ring if isinstance(vertex, int)]
        if members:
            parts.append((rank[number], min(events[i].key for i in members), members))
    parts.sort()
    return [members for _, _, members in parts]


def _followers(events: Sequence[Supply], group: list[int]) -> dict[int | Node, list[int | Node]]:
    """The graph event -> node it gives to -> event that takes from it, as lists of followers."""
    after: dict[int | Node, list[int | Node]] = {}
    for i in group:
        after[i] = sorted(events[i].gives)
        for node in events[i].takes | events[i].gives:
            after.setdefault(node, [])
        for node in events[i].takes:
            after[node].append(i)
    return after


def rings(after: Mapping[V, Sequence[V]]) -> list[list[V]]:
    """Strongly connected components of a graph given by followers (Tarjan 1972, without recursion).

    Each comes before those that lead to it.
    """
    index: dict[V, int] = {}
    low: dict[V, int] = {}
    path: list[V] = []
    on_path: set[V] = set()
    found: list[list[V]] = []
    for root in after:
        if root in index:
            continue
        work = [(root, iter(after[root]))]
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        while work:
            vertex, followers = work[-1]
            for follower in followers:
                if follower not in index:
                    index[follower] = low[follower] = len(index)
                    path.append(follower)
                    on_path.add(follower)
                    work.append((follower, iter(after[follower])))
                    break
                if follower in on_path:
                    low[vertex] = min(low[vertex], index[follower])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[vertex])
                if low[vertex] == index[vertex]:
                    found.append(_popped(path, on_path, vertex))
    return found


def _popped(path: list[V], on_path: set[V], until: V) -> list[V]:
    ring = []
    while True:
        vertex = path.pop()
        on_path.discard(vertex)
        ring.append(vertex)
        if vertex == until:
            return ring
