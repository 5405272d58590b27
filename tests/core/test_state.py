"""Pool states: compact bytes, there and back, versioned."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.core.costing.state import Pool, StateError, dump, load

numbers = st.integers(-(2**63), 2**63 - 1)


@given(
    st.lists(numbers, min_size=5, max_size=5),
    st.lists(st.lists(numbers, min_size=3, max_size=3), max_size=5),
    st.lists(st.lists(numbers, min_size=4, max_size=4), max_size=3),
)
def test_a_state_comes_back_as_it_went(
    head: list[int], layers: list[list[int]], shorts: list[list[int]]
) -> None:
    pool = Pool()
    pool.day, pool.qty, pool.value, pool.last_value, pool.last_qty = head
    pool.layers.extend(layers)
    pool.shorts.extend(shorts)
    back = load(dump(pool))
    assert dump(back) == dump(pool)
    assert (back.net(), list(back.layers), list(back.shorts)) == (pool.net(), layers, shorts)
    assert len(dump(pool)) == 8 * (8 + 3 * len(layers) + 4 * len(shorts))


def test_a_copy_is_a_pool_of_its_own() -> None:
    pool = Pool()
    pool.layers.append([1, 2, 3])
    other = pool.copy()
    other.layers[0][0] = 9
    assert pool.net() == (1, 2)


def test_unit_cost_and_emptiness() -> None:
    pool = Pool()
    assert pool.is_empty()
    assert pool.unit_cost() == (0, 0)
    pool.last_value, pool.last_qty = 7, 2
    assert pool.unit_cost() == (7, 2)
    pool.layers.append([3, 30, 1])
    assert pool.unit_cost() == (30, 3)
    assert not pool.is_empty()


@pytest.mark.parametrize("data", [b"", b"1234567", bytes(56), array("q", [2] + [0] * 7).tobytes(), bytes(72)])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(StateError):
        load(data)


def test_a_number_too_large_for_the_database_is_refused() -> None:
    pool = Pool()
    pool.value = 2**63
    with pytest.raises(StateError, match="64 bits"):
        dump(pool)
