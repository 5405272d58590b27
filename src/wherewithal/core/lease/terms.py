"""What a lease says: payments, term, rate, and the rooms for judgement, checked once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import Clock, Compounding, Flow, add_months, interval_rate
from wherewithal.core.words import say

MAX_PAYMENTS = 1_500


class Standard(StrEnum):
    """How a lessee accounts. exempt: short-term or low-value (IFRS 16.5, ASC 842-20-25-2): no liability, even cost."""

    IFRS16 = "ifrs16"
    ASC842_FINANCE = "asc842_finance"
    ASC842_OPERATING = "asc842_operating"
    EXEMPT = "exempt"


class LeaseError(ValueError):
    """Terms that make no lease: which field, which rule, what would be right."""

    def __init__(self, field: str, rule: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.rule, self.message = field, rule, message


class Payment(NamedTuple):
    """An amount due on a day. at_end: at the end of that day (in arrears), otherwise at its start (in advance)."""

    on: date
    amount: int
    at_end: bool = False


class ChangeKind(StrEnum):
    """What may happen to a lease.

    index: amounts follow an index or a rent review (unchanged discount rate; under ASC 842 a variable cost).
    reassessment: term, purchase option, or what a residual guarantee will cost is judged anew.
    modification: the contract is changed, in scope, term or price. termination: all of it ends early.
    purchase: the option is exercised. impairment: of the right-of-use asset, by an amount.
    """

    INDEX = "index"
    REASSESSMENT = "reassessment"
    MODIFICATION = "modification"
    TERMINATION = "termination"
    PURCHASE = "purchase"
    IMPAIRMENT = "impairment"


class ScopeBasis(StrEnum):
    """What the right-of-use asset shrinks with when scope or term does.

    scope: the share of use given up, or of the remaining term; liability: as much as the liability does.
    """

    SCOPE = "scope"
    LIABILITY = "liability"


@dataclass(frozen=True, slots=True)
class LeaseChange:
    """A change at the start of a day, before what is payable that day. None: as before.

    payments: all that are due from `on`; factor: those that are due are multiplied by it (half-even);
    retained: the share of the scope that is kept; amount: the price of a purchase, or the impairment;
    direct_costs, incentives, penalty: paid, received, paid for the change.
    """

    key: str
    on: date
    kind: ChangeKind
    payments: tuple[Payment, ...] | None = None
    factor: Fraction | None = None
    rate: Fraction | None = None
    ends_on: date | None = None
    life_ends_on: date | None = None
    retained: Fraction = Fraction(1)
    basis: ScopeBasis = ScopeBasis.SCOPE
    amount: int = 0
    penalty: int = 0
    direct_costs: int = 0
    incentives: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it was agreed. Amounts are minor units; the last day of the term is `ends_on`.

    payments: everything measured in the liability: fixed payments, amounts by the index of commencement, what is
    expected under a residual guarantee, a purchase price that will be paid, a penalty that will be paid.
    interval_months: the interval in which interest compounds and time is counted; 0 for payments on any dates, whose
    time is days of a 365-day year. rate: of a year, or of one interval if compounding is periodic.
    life_ends_on: until when the right-of-use asset is depreciated, if not to the end of the term.
    keeps_asset: ownership passes to the lessee, so the asset does not leave with the term.
    """

    commencement_on: date
    ends_on: date
    payments: tuple[Payment, ...]
    rate: Fraction
    interval_months: int = 12
    compounding: Compounding = Compounding.EFFECTIVE
    standard: Standard = Standard.IFRS16
    direct_costs: int = 0
    incentives: int = 0
    prepaid: int = 0
    restoration: int = 0
    life_ends_on: date | None = None
    keeps_asset: bool = False

    @property
    def clock(self) -> Clock:
        return Clock(self.commencement_on, self.interval_months)

    @property
    def interval_rate(self) -> Decimal:
        return self.rate_of(self.rate)

    def rate_of(self, rate: Fraction) -> Decimal:
        """The rate of one interval for a stated rate."""
        return interval_rate(rate, self.compounding, self.interval_months)

    def time_of(self, payment: Payment) -> Fraction:
        """When a payment is due, on the clock of the lease."""
        return self.clock.at(payment.on + timedelta(days=1) if payment.at_end else payment.on)

    def timed(self, payments: Iterable[Payment]) -> list[Flow]:
        return [Flow(self.time_of(payment), payment.amount) for payment in payments]


def check(lease: Lease) -> None:
    """Refuse terms that make no lease. Raises LeaseError."""
    if lease.ends_on < lease.commencement_on:
        raise LeaseError("ends_on", "order", say("The term ends on or after the day it begins."))
    if lease.rate <= -1:
        raise LeaseError("rate", "above_minus_one", say("A discount rate is above -100 %."))
    if lease.interval_months < 0:
        raise LeaseError(
            "interval_months", "not_negative", say("An interval has 0 months (any dates) or more.")
        )
    if not lease.interval_months and lease.compounding is Compounding.PERIODIC:
        raise LeaseError("compounding", "periodic", say("A rate per interval needs regular payments."))
    if len(lease.payments) > MAX_PAYMENTS:
        raise LeaseError(
            "payments",
            "length",
            say("A lease has at most {max_payments} payments here.", max_payments=MAX_PAYMENTS),
        )
    if lease.life_ends_on is not None and lease.life_ends_on < lease.commencement_on:
        raise LeaseError(
            "life_ends_on", "order", say("The asset is used on or after the day the lease begins.")
        )


def regular_payments(
    starts_on: date, amounts: Sequence[int], interval_months: int, *, in_advance: bool
) -> tuple[Payment, ...]:
    """One payment per interval: at the start of its first day, or at the end of its last."""
    return tuple(
        Payment(add_months(starts_on, number * interval_months), amount)
        if in_advance
        else last_day(starts_on, (number + 1) * interval_months, amount)
        for number, amount in enumerate(amounts)
    )


def last_day(starts_on: date, months: int, amount: int) -> Payment:
    """A payment at the end of so many months."""
    return Payment(add_months(starts_on, months) - timedelta(days=1), amount, at_end=True)
