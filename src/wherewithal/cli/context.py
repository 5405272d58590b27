"""What a command needs around it: the database, running and up to date."""

import contextlib
from collections.abc import Iterator

from wherewithal.kit import postgres
from wherewithal.site import start


@contextlib.contextmanager
def database() -> Iterator[postgres.Server | None]:
    """The database until the block ends; started if nobody has, stopped if nobody else needs it."""
    with start.running() as server:
        yield server
