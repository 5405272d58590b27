"""Pages that follow each other by the keys of their last row: no page is lost or shown twice when rows are added."""

from collections.abc import Sequence
from typing import Any

Keys = Sequence[tuple[str, str]]
"""What a list is ordered by, all one way: expressions and their types; together they are different for each row."""


def order(keys: Keys, descending: bool) -> str:
    return ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key, _kind in keys)


def past(keys: Keys, descending: bool) -> str:
    """Beyond the last row of the page before; the first key alone is what an index may use."""
    beyond = "<" if descending else ">"
    mine = ", ".join(key for key, _kind in keys)
    given = ", ".join(f"%(after{at})s::{kind}" for at, (_key, kind) in enumerate(keys))
    return f" AND {keys[0][0]} {beyond}= %(after0)s::{keys[0][1]} AND ({mine}) {beyond} ({given})"


def values(after: Sequence[Any] | None) -> dict[str, Any]:
    """The parameters of `past`."""
    return {f"after{at}": part for at, part in enumerate(after or ())}
