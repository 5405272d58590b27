"""A lease between two changes: what is owed, what interest, depreciation and cost have come to by the end of a day.

Everything is cumulative and rounded once: a period's figure is the difference of two days', so that roundings heal
and the liability ends at zero by itself.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from wherewithal.core.discounting import EXACT, Clock, decimal, growth, rounded, to_whole
from wherewithal.core.lease.terms import Lease, Payment, Standard

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Stretch:
    """From the start of `starts_on`. payments: due from then on and measured in the liability, in order of time;
    contract: the amounts really payable on the same days. cost and accumulated: of the right-of-use asset at the start.
    """

    lease: Lease
    starts_on: date
    payments: tuple[Payment, ...]
    contract: tuple[Payment, ...]
    rate: Decimal
    cost: int
    accumulated: int
    ends_on: date
    life_ends_on: date
    impaired: bool = False
    cause: str = ""

    @property
    def carrying(self) -> int:
        return self.cost - self.accumulated

    @property
    def clock(self) -> Clock:
        return self.lease.clock

    @cached_property
    def start(self) -> Fraction:
        return self.clock.at(self.starts_on)

    @cached_property
    def _days(self) -> list[date]:
        return [payment.on for payment in self.payments]

    @cached_property
    def _worth_after(self) -> list[Decimal]:
        """The value, at the start, of all payments but the first n."""
        worth = [
            EXACT.divide(decimal(Fraction(flow.amount)), growth(self.rate, flow.at - self.start))
            for flow in self.lease.timed(self.payments)
        ]
        return list(accumulate(reversed(worth), EXACT.add, initial=Decimal(0)))[::-1]

    @cached_property
    def _paid(self) -> list[int]:
        return list(accumulate((payment.amount for payment in self.payments), initial=0))

    @cached_property
    def liability(self) -> int:
        """At the start, before what is payable that day."""
        return 0 if self.exempt else to_whole(self._worth_after[0])

    @property
    def exempt(self) -> bool:
        return self.lease.standard is Standard.EXEMPT

    @property
    def operating(self) -> bool:
        return self.lease.standard is Standard.ASC842_OPERATING

    def liability_on(self, day: date) -> int:
        """At the end of a day."""
        if self.exempt:
            return 0
        if day < self.starts_on:
            return self.liability
        return to_whole(self._worth(day + ONE_DAY, bisect_right(self._days, day)))

    def liability_before(self, day: date, payments: tuple[Payment, ...] | None = None) -> int:
        """At the start of a day, of what is due from then on (or of other payments, at this rate)."""
        if self.exempt:
            return 0
        if payments is None:
            return self.liability_on(day - ONE_DAY)
        now = self.clock.at(day)
        worth = (
            EXACT.divide(decimal(Fraction(flow.amount)), growth(self.rate, flow.at - now))
            for flow in self.lease.timed(payments)
        )
        return to_whole(list(accumulate(worth, EXACT.add, initial=Decimal(0)))[-1])

    def _worth(self, day: date, gone: int) -> Decimal:
        return EXACT.multiply(self._worth_after[gone], growth(self.rate, self.clock.at(day) - self.start))

    def paid_by(self, day: date) -> int:
        """What was payable, and measured in the liability, from the start to the end of a day."""
        return self._paid[bisect_right(self._days, day)]

    def interest_by(self, day: date) -> int:
        """Interest from the start to the end of a day."""
        if self.exempt:
            return 0
        return self.liability_on(day) - self.liability + self.paid_by(day)

    def used_by(self, day: date) -> int:
        """Depreciation or amortisation of the right-of-use asset from the start to the end of a day."""
        if self.operating and not self.impaired:
            return self.cost_by(day) - self.interest_by(day)
        return rounded(self.carrying * self._elapsed(day, self.life_ends_on))

    def cost_by(self, day: date) -> int:
        """Even lease cost (operating and exempt leases) from the start to the end of a day: what is still payable and
        what was paid, or will be, beyond the liability, in equal parts of the remaining term.
        """
        if self.impaired:
            return self.interest_by(day) + self.used_by(day)
        whole = self._paid[-1] + self.carrying - self.liability
        return rounded(whole * self._elapsed(day, self.ends_on))

    def _elapsed(self, day: date, ends_on: date) -> Fraction:
        passed = self.clock.at(day + ONE_DAY) - self.start
        if passed <= 0:  # also where the end lies before the start: nothing has passed yet
            return Fraction(0)
        if day >= ends_on:
            return Fraction(1)
        return passed / (self.clock.at(ends_on + ONE_DAY) - self.start)

    def current_on(self, day: date, months: int = 12) -> int:
        """What of the liability at the end of a day will be paid off within a year: what it falls by."""
        later = Clock(day + ONE_DAY, 1).day(months) - ONE_DAY
        return min(max(self.liability_on(day) - self.liability_on(later), 0), self.liability_on(day))
