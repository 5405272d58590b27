"""The state of a pool: what is on hand, at which cost, and what left before it was there."""

from collections import deque


class Pool:
    """Quantity and value of one (book, scope, item[, lot]) at a place in the order.

    Layered methods keep `layers`: [quantity, value, move_id] in order of arrival. The others keep `qty` and
    `value`. `shorts`: [quantity, provisional value, move_id, role], oldest first; not in `qty` or `value`.
    last_value / last_qty: the last unit cost as a fraction (last_qty 0 = none yet). day: last touched.
    """

    __slots__ = ("day", "last_qty", "last_value", "layers", "qty", "shorts", "value")

    def __init__(self) -> None:
        self.day = 0
        self.qty = 0
        self.value = 0
        self.last_value = 0
        self.last_qty = 0
        self.layers: deque[list[int]] = deque()
        self.shorts: deque[list[int]] = deque()

    def net(self) -> tuple[int, int]:
        """(quantity, value) in all: shortages count negative."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Nothing on hand, nothing short and no unit cost to remember."""
        raise NotImplementedError


def dump(pool: Pool) -> bytes:
    """The pool as bytes, with a format version; equal pools give equal bytes."""
    raise NotImplementedError


def load(data: bytes) -> Pool:
    """The pool that `dump` wrote. Raises StateError for bytes of another version or length."""
    raise NotImplementedError
