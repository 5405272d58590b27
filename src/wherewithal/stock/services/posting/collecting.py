"""Python's cycle collector, held back."""

import contextlib
import gc
import threading
from collections.abc import Iterator


class _Holders:
    """How many hold it back at the moment, and whether it ran before."""

    lock = threading.Lock()
    count = 0
    ran = True


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """Rows by the hundred thousand make no cycles, but each few hundred of them would have the collector walk them all.

    For large work only: what other threads leave behind meanwhile waits until the last one that holds it back is done.
    """
    with _Holders.lock:
        if not _Holders.count:
            _Holders.ran = gc.isenabled()
            gc.disable()
        _Holders.count += 1
    try:
        yield
    finally:
        with _Holders.lock:
            _Holders.count -= 1
            if not _Holders.count and _Holders.ran:
                gc.enable()
