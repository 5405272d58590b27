"""The state of a pool: what is on hand, at which cost, and what left before it was there."""

from array import array
from collections import deque

VERSION = 1
_HEAD = 8
_LAYER = 3
_SHORT = 4


class StateError(ValueError):
    """Bytes that are not a state of this version."""


class Pool:
    """Quantity and value of one (book, scope, item[, lot]) at a place in the order.

    Layered methods keep `layers`: [quantity, value, move_id] in order of arrival. The others keep `qty` and
    `value` (standard and periodic average also below zero). `shorts`: [quantity, provisional value, move_id,
    role of its true-up], oldest first, not in `qty` or `value`; move_id 0 = nobody's, its move is forgotten.
    last_value / last_qty: the last unit cost as a fraction (last_qty 0 = none yet). day: last touched (-1 never).
    """

    __slots__ = ("day", "last_qty", "last_value", "layers", "qty", "shorts", "value")

    def __init__(self) -> None:
        self.day = -1
        self.qty = 0
        self.value = 0
        self.last_value = 0
        self.last_qty = 0
        self.layers: deque[list[int]] = deque()
        self.shorts: deque[list[int]] = deque()

    def net(self) -> tuple[int, int]:
        """(quantity, value) in all: shortages count negative."""
        qty, value = self.qty, self.value
        for layer in self.layers:
            qty += layer[0]
            value += layer[1]
        for short in self.shorts:
            qty -= short[0]
            value -= short[1]
        return qty, value

    def unit_cost(self) -> tuple[int, int]:
        """The unit cost as a fraction (value, quantity): of what is on hand, else the last one; (0, 0) = none."""
        qty, value = self.net()
        return (value, qty) if qty > 0 else (self.last_value, self.last_qty)

    def is_empty(self) -> bool:
        """Nothing on hand, nothing short and no unit cost to remember."""
        return not (self.layers or self.shorts or self.qty or self.value or self.last_qty)

    def copy(self) -> "Pool":
        """A pool of its own with the same content."""
        other = Pool()
        other.day, other.qty, other.value = self.day, self.qty, self.value
        other.last_value, other.last_qty = self.last_value, self.last_qty
        other.layers = deque([layer[:] for layer in self.layers])
        other.shorts = deque([short[:] for short in self.shorts])
        return other


def dump(pool: Pool) -> bytes:
    """The pool as bytes, with a format version; equal pools give equal bytes.

    Numbers are signed 64-bit, as in the database. Raises StateError for a larger one.
    """
    numbers = [
        VERSION,
        pool.day,
        pool.qty,
        pool.value,
        pool.last_value,
        pool.last_qty,
        len(pool.layers),
        len(pool.shorts),
    ]
    for layer in pool.layers:
        numbers += layer
    for short in pool.shorts:
        numbers += short
    try:
        return array("q", numbers).tobytes()
    except OverflowError:
        raise StateError("A quantity or value of this pool does not fit 64 bits.") from None


def load(data: bytes) -> Pool:
    """The pool that `dump` wrote. Raises StateError for bytes of another version or length."""
    numbers = _numbers(data)
    pool = Pool()
    _, pool.day, pool.qty, pool.value, pool.last_value, pool.last_qty, layers, _ = numbers[:_HEAD]
    end = _HEAD + layers * _LAYER
    pool.layers = deque([numbers[i : i + _LAYER] for i in range(_HEAD, end, _LAYER)])
    pool.shorts = deque([numbers[i : i + _SHORT] for i in range(end, len(numbers), _SHORT)])
    return pool


def _numbers(data: bytes) -> list[int]:
    numbers = array("q")
    if len(data) % 8 or len(data) < 8 * _HEAD:
        raise StateError("These bytes are not a pool state: their length is wrong.")
    numbers.frombytes(data)
    if numbers[0] != VERSION:
        raise StateError(f"This pool state has format {numbers[0]}; this program reads {VERSION}.")
    if len(numbers) != _HEAD + numbers[6] * _LAYER + numbers[7] * _SHORT:
        raise StateError("These bytes are not a pool state: their length is wrong.")
    return numbers.tolist()
