"""The terms of one asset in one book, as a fact carries them: how to depreciate, down to what, what to write off first."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from wherewithal.core.depreciation.terms import Terms


class Allowance(NamedTuple):
    """Written off at once, before depreciation proper, and no longer part of its basis: bonus, section 179, an AIA.

    amount: at most what there is to depreciate is taken, on the day of going into service.
    """

    code: str
    amount: int


@dataclass(frozen=True, slots=True)
class BookTerms:
    """terms: how; residual: the amount depreciation stops at, for the asset as it is at that place (a part that
    leaves takes its share of it); allowances: only looked at when the asset goes into service."""

    terms: Terms
    residual: int = 0
    allowances: tuple[Allowance, ...] = ()


class PoolTakes(StrEnum):
    """What a pool takes of what is got for an asset that leaves it; the rest is gain or loss of the day."""

    COST = "cost"
    """Up to the cost of the asset: capital allowances, CCA."""
    ALL = "all"
    """All of it: blocks by written-down value."""
    NOTHING = "nothing"
    """A pool of a year that goes on as if nothing had left."""
