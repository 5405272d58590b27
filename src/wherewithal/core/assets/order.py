"""The one total order of the facts of assets: (day, phase of the kind, content key)."""

import datetime
from collections.abc import Iterable

from wherewithal.core.assets.facts import END_OF_DAY, PHASES, Fact

OrderKey = tuple[datetime.date, int, bytes]


def order_key(fact: Fact) -> OrderKey:
    """Where a fact stands, by its content alone. Corrections and reversals have no place: see `net.py`."""
    return fact.effective_on, PHASES[fact.kind], fact.key


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=order_key)


def is_end_of_day(fact: Fact) -> bool:
    """Whether the fact finds its own day depreciated already."""
    return PHASES[fact.kind] >= END_OF_DAY
