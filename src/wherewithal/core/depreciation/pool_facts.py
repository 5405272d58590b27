"""What goes into and comes out of the computation of a pool for one period. Amounts in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Addition:
    """Expenditure that joins a pool. on: when it was incurred, put to use or available, by the regime; None if it
    does not matter. allowance: the first-year claim asked for. facts: what rules may ask about it."""

    amount: int
    on: date | None = None
    allowance: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disposal:
    """Proceeds that leave a pool. cost: a disposal value is never more than that. allowance: the first-year claim
    made on the asset once, where that decides what its proceeds do."""

    proceeds: int
    on: date | None = None
    cost: int | None = None
    allowance: str | None = None

    @property
    def value(self) -> int:
        """The lower of proceeds and cost."""
        return self.proceeds if self.cost is None else min(self.proceeds, self.cost)


@dataclass(frozen=True, slots=True)
class PoolPeriod:
    """One period of one pool.

    starts_on, ends_on: None for a plain year without dates. ceased: the business (or the single asset's use) has
    ended. empty: no asset is left in the pool. business_use: the part of the allowance that is claimable.
    claim: less than the whole allowance is claimed. rate: states the rate, instead of the rule.
    """

    starts_on: date | None = None
    ends_on: date | None = None
    additions: tuple[Addition, ...] = ()
    disposals: tuple[Disposal, ...] = ()
    ceased: bool = False
    empty: bool = False
    business_use: Fraction = Fraction(1)
    claim: int | None = None
    rate: Fraction | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> int | None:
        """How many days the period has; None without dates."""
        if self.starts_on is None or self.ends_on is None:
            return None
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A line of a computation: what it is, its amount with its sign in the pool, and the rate or why."""

    code: str
    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class PoolYear:
    """The computation of one pool for one period.

    allowance: by which the pool is written down; claim: what of it is deductible (private use); first_year: what is
    deducted at once on additions; balancing_charge: income; balancing_allowance: a deduction when the pool ends.
    carry: what the next period needs beside the closing balance.
    """

    pool: str
    opening: int
    lines: tuple[PoolLine, ...]
    allowance: int
    claim: int
    first_year: int
    balancing_charge: int
    balancing_allowance: int
    closing: int
    rate: Fraction | None
    rate_unrounded: Fraction | None = None
    carry: Mapping[str, int] = field(default_factory=dict)

    @property
    def deduction(self) -> int:
        """All that is deductible in the period; balancing charges are not set off."""
        return self.claim + self.first_year + self.balancing_allowance
