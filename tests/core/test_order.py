"""The one total order: phases, and the supply order of one instant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.costing.facts import PlaceType as P
from wherewithal.core.costing.order import Supply, phase_of, rings, supply_order


@pytest.mark.parametrize(
    ("source", "target", "phase"),
    [
        (P.SUPPLIER, P.INTERNAL, 10),
        (P.OPENING, P.TRANSIT, 10),
        (P.ADJUSTMENT, P.INTERNAL, 20),
        (P.INTERNAL, P.INTERNAL, 30),
        (P.INTERNAL, P.PRODUCTION, 30),
        (P.PRODUCTION, P.INTERNAL, 30),
        (P.INTERNAL, P.SUPPLIER, 40),
        (P.INTERNAL, P.CUSTOMER, 50),
        (P.TRANSIT, P.SCRAP, 50),
        (P.SUPPLIER, P.CUSTOMER, 50),
    ],
)
def test_phases_by_place(source: P, target: P, phase: int) -> None:
    assert phase_of(source, target) == phase


def test_a_return_comes_after_what_it_returns() -> None:
    assert phase_of(P.INTERNAL, P.SUPPLIER, of_phase=10) == 40
    assert phase_of(P.CUSTOMER, P.INTERNAL, of_phase=50) == 70
    assert phase_of(P.INTERNAL, P.CUSTOMER, of_phase=70) == 80
    assert phase_of(P.CUSTOMER, P.INTERNAL, of_phase=80) == 90
    assert phase_of(P.SUPPLIER, P.INTERNAL, of_phase=40) == 70
    assert phase_of(P.PRODUCTION, P.INTERNAL, of_phase=30) == 70
    assert phase_of(P.SUPPLIER, P.INTERNAL, value_only=True) == 60
    assert phase_of(P.SUPPLIER, P.INTERNAL, of_phase=70, value_only=True) == 80


def supply(key: int, takes: str, gives: str) -> Supply:
    """Nodes are letters."""
    nodes = [frozenset((ord(letter), 0) for letter in letters) for letters in (takes, gives)]
    return Supply(key.to_bytes(16, "big"), *nodes)


def test_sources_come_before_what_they_feed_whatever_their_keys() -> None:
    events = [supply(1, "c", "d"), supply(2, "b", "c"), supply(3, "a", "b")]
    assert supply_order(events) == [2, 1, 0]


def test_without_supply_keys_decide() -> None:
    assert supply_order([supply(2, "a", "x"), supply(1, "b", "y"), supply(3, "c", "z")]) == [1, 0, 2]


def test_a_ring_is_opened_at_its_smallest_key() -> None:
    ring = [supply(7, "a", "b"), supply(5, "b", "c"), supply(6, "c", "a")]
    assert supply_order(ring) == [1, 2, 0]  # from b: to c, then c to a, then a to b


def test_ten_thousand_transfers_to_and_fro_are_ordered_by_their_keys_and_soon() -> None:
    """One ring of two nodes: opened at the smallest key again and again, so in the order of keys."""
    events = [supply(key, "ab"[key % 2], "ba"[key % 2]) for key in range(10_000)]
    assert supply_order(events[::-1]) == list(range(9_999, -1, -1))


def test_what_a_ring_feeds_comes_after_the_whole_ring() -> None:
    events = [supply(1, "b", "x"), supply(3, "a", "b"), supply(2, "b", "a"), supply(0, "q", "r")]
    assert supply_order(events) == [3, 2, 1, 0]


def test_an_event_that_feeds_itself_is_no_ring() -> None:
    assert supply_order([supply(2, "a", "a"), supply(1, "b", "c")]) == [1, 0]


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from("abcde"), max_size=2), st.sets(st.sampled_from("abcde"), max_size=2)
        ),
        min_size=1,
        max_size=7,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_is_a_function_of_the_set(raw, random) -> None:
    events = [supply(number, "".join(takes), "".join(gives)) for number, (takes, gives) in enumerate(raw)]
    expected = [events[i].key for i in supply_order(events)]
    shuffled = events[:]
    random.shuffle(shuffled)
    assert [shuffled[i].key for i in supply_order(shuffled)] == expected


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=4), max_size=8))
def test_rings_come_before_those_that_lead_to_them(raw) -> None:
    after = {vertex: [other for other in followers if other in raw] for vertex, followers in raw.items()}
    found = rings(after)
    assert sorted(vertex for ring in found for vertex in ring) == sorted(after)
    place = {vertex: number for number, ring in enumerate(found) for vertex in ring}
    assert all(place[follower] <= place[vertex] for vertex in after for follower in after[vertex])
