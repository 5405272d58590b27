"""The terms of depreciation of one asset in one book, and the segment of its life that they hold for.

Money is integers of minor units, rates and lives are Fractions. A *step* is the stretch over which a method works
out one charge (a declining balance is struck once a step); within a step depreciation accrues evenly.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from wherewithal.core.words import say


class TermsError(ValueError):
    """Terms that nothing can be depreciated by. `field` names the term, `rule` is short, the message says why."""

    def __init__(self, field_name: str, rule: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}")
        self.field = field_name
        self.rule = rule
        self.message = message
        self.message = message


class Method(StrEnum):
    """How a charge is worked out. The texts are stored: never change one.

    NONE            land: nothing is ever charged.
    STRAIGHT_LINE   evenly over `life_months`, or `rate` per year.
    DECLINING       `rate` per year (or `factor` / life in years, or the rate that reaches the residual at the end of
                    the life when neither is stated) of the balance at the start of each step.
    SUM_OF_DIGITS   years' digits: of n years the first takes n / (1 + 2 + ... + n).
    UNITS           by usage: units used / `total_units`.
    ANNUITY         charges grow by the interest `rate` (per year): a sinking fund; the charge of an annuity less the
                    interest on the balance.
    TABLE           `table`: the part of the cost that each step takes.
    AMOUNTS         `amounts`: what each step takes, in minor units.
    """

    NONE = "none"
    STRAIGHT_LINE = "straight_line"
    DECLINING = "declining"
    SUM_OF_DIGITS = "sum_of_digits"
    UNITS = "units"
    ANNUITY = "annuity"
    TABLE = "table"
    AMOUNTS = "amounts"


class Convention(StrEnum):
    """How service is counted from the day an asset goes into service, see `conventions`. The texts are stored."""

    FULL_MONTH = "full_month"
    FOLLOWING_MONTH = "following_month"
    HALF_MONTH = "half_month"
    MID_MONTH = "mid_month"
    MID_QUARTER = "mid_quarter"
    HALF_YEAR = "half_year"
    FULL_YEAR = "full_year"
    FOLLOWING_YEAR = "following_year"
    DAILY_ACTUAL = "daily_actual"
    DAILY_365 = "daily_365"
    DAILY_360 = "daily_360"
    DAILY_MONTH = "daily_month"
    DAILY_LIFE = "daily_life"
    DAILY_YEAR = "daily_year"


class Step(StrEnum):
    """The stretch over which one charge is worked out."""

    FISCAL_YEAR = "fiscal_year"
    ASSET_YEAR = "asset_year"
    PERIOD = "period"


class Base(StrEnum):
    """What life or rate spreads: DEPRECIABLE the balance less the residual; COST the cost, until only the residual
    is left."""

    DEPRECIABLE = "depreciable"
    COST = "cost"


class Mode(StrEnum):
    """Which whole number of units an exact amount becomes."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


class Rounded(StrEnum):
    """What is rounded.

    ACCUMULATED  what has accrued by a day: rounding heals itself, no charge is ever more than a unit off.
    CHARGE       the charge of each step by itself, worked out exactly; the last takes the rest.
    BALANCE      the charge of each step, and the next is worked out from the balance so rounded (printed tables, tax
                 returns).
    """

    ACCUMULATED = "accumulated"
    CHARGE = "charge"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Rounding:
    """mode; unit: the minor units amounts are whole multiples of (100 = whole euros); what: see `Rounded`;
    step: the stretch whose charges are rounded if charges are (None = the method's own step)."""

    mode: Mode = Mode.HALF_EVEN
    unit: int = 1
    what: Rounded = Rounded.ACCUMULATED
    step: Step | None = None

    def __post_init__(self) -> None:
        if self.unit < 1:
            raise TermsError(
                "rounding", "unit", say("Amounts are rounded to a multiple of at least one minor unit.")
            )


@dataclass(frozen=True, slots=True)
class Terms:
    """How an asset is depreciated in a book. Raises TermsError for terms that are no such thing.

    life_months: the whole useful life from the day it went into service. rate: per year, of 1 (0.2 = 20 %).
    factor: declining only, a multiple of the straight-line rate (2 = double declining).
    switches_to_straight_line: from the step in which the rest spread evenly over the rest of the life is at least as
    much. switches_to_original_line: the line meant is cost less residual over the whole life (OCA's declining-linear).
    guarantee_rate, revised_rate: Japan's switch: once a charge falls below cost x guarantee_rate, revised_rate x the
    balance then is charged each year.
    rate_decimals, month_rate_decimals: decimals to which a rate per year (month) is rounded half-up before it is used
    (0.66667: 5). ends_with_fiscal_year: the first year counts as a whole one of the life (France's dégressif).
    charges_rest_at_end: what is above the residual at the end of the life, table or plan is part of the last charge;
    otherwise a rate goes on beyond it.
    counts_first_day: of the daily conventions, whether the day of going into service is one of service.
    suspends_while_idle: whether idle spans of the segment stand still.
    """

    method: Method
    life_months: Fraction | None = None
    rate: Fraction | None = None
    factor: Fraction | None = None
    switches_to_straight_line: bool = False
    switches_to_original_line: bool = False
    guarantee_rate: Fraction | None = None
    revised_rate: Fraction | None = None
    base: Base = Base.DEPRECIABLE
    convention: Convention = Convention.FULL_MONTH
    step: Step = Step.FISCAL_YEAR
    table: tuple[Fraction, ...] = ()
    amounts: tuple[int, ...] = ()
    total_units: Fraction | None = None
    rounding: Rounding = field(default_factory=Rounding)
    rate_decimals: int | None = None
    month_rate_decimals: int | None = None
    ends_with_fiscal_year: bool = False
    charges_rest_at_end: bool = True
    counts_first_day: bool = True
    suspends_while_idle: bool = False

    def __post_init__(self) -> None:
        _check_terms(self)


MAX_LIFE_MONTHS = 12_000
"""A thousand years: longer lives are typing errors."""

MAX_STEPS = 12_000
"""Tables and plans have at most so many steps."""


def _check_terms(terms: Terms) -> None:
    if terms.life_months is not None and terms.life_months <= 0:
        raise TermsError("life_months", "positive", say("A useful life is longer than nothing."))
    if terms.life_months is not None and terms.life_months > MAX_LIFE_MONTHS:
        raise TermsError(
            "life_months",
            "too_long",
            say("A life has at most {max_life_months:,} months.", max_life_months=MAX_LIFE_MONTHS),
        )
    if terms.convention is Convention.DAILY_LIFE and terms.life_months is None:
        raise TermsError(
            "life_months", "required", say("Days of a life are counted only if there is a life.")
        )
    if max(len(terms.table), len(terms.amounts)) > MAX_STEPS:
        raise TermsError(
            "table", "too_long", say("A table or plan has at most {max_steps:,} steps.", max_steps=MAX_STEPS)
        )
    if terms.rate is not None and terms.rate <= 0:
        raise TermsError("rate", "positive", say("A rate is above zero."))
    if terms.factor is not None and terms.factor <= 0:
        raise TermsError("factor", "positive", say("A factor is above zero."))
    if terms.total_units is not None and terms.total_units <= 0:
        raise TermsError("total_units", "positive", say("The units of a whole life are more than none."))
    _CHECKS.get(terms.method, _check_nothing)(terms)


def _check_nothing(terms: Terms) -> None:
    pass


def _check_straight_line(terms: Terms) -> None:
    if terms.life_months is None and terms.rate is None:
        raise TermsError("life_months", "required", say("The straight line needs a useful life or a rate."))


def _check_declining(terms: Terms) -> None:
    if terms.rate is None and terms.life_months is None:
        raise TermsError(
            "rate", "required", say("A declining balance needs a rate, or a life to work it out from.")
        )
    if terms.rate is not None and terms.factor is not None:
        raise TermsError("factor", "one_of", say("State a rate or a factor, not both."))
    if (terms.switches_to_straight_line or terms.switches_to_original_line) and terms.life_months is None:
        raise TermsError(
            "life_months", "required", say("Without a life nothing says what the straight line would be.")
        )
    if (terms.guarantee_rate is None) != (terms.revised_rate is None):
        raise TermsError("revised_rate", "required", say("Guarantee rate and revised rate come together."))


def _check_life(terms: Terms) -> None:
    if terms.life_months is None:
        raise TermsError("life_months", "required", say("This method needs a useful life."))


def _check_annuity(terms: Terms) -> None:
    _check_life(terms)
    if terms.rate is None:
        raise TermsError("rate", "required", say("An annuity needs an interest rate."))


def _check_units(terms: Terms) -> None:
    if terms.total_units is None:
        raise TermsError(
            "total_units", "required", say("Units of production need the units of the whole life.")
        )


def _check_table(terms: Terms) -> None:
    if not terms.table or any(part < 0 for part in terms.table):
        raise TermsError(
            "table", "required", say("A table has a part of the cost, zero or above, for each step.")
        )


def _check_amounts(terms: Terms) -> None:
    if not terms.amounts or any(amount < 0 for amount in terms.amounts):
        raise TermsError("amounts", "required", say("A plan has an amount, zero or above, for each step."))


_CHECKS = {
    Method.STRAIGHT_LINE: _check_straight_line,
    Method.DECLINING: _check_declining,
    Method.SUM_OF_DIGITS: _check_life,
    Method.ANNUITY: _check_annuity,
    Method.UNITS: _check_units,
    Method.TABLE: _check_table,
    Method.AMOUNTS: _check_amounts,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an asset's life in which its terms hold and nothing but depreciation moves its value.

    in_service_on: the day the asset went into service: service is counted from it by the convention.
    starts_on: the first day of this stretch (the same day, for the first). cost: what rates and tables are of.
    opening: the balance at the start of that day, what this stretch has to depreciate down to `residual`.
    elapsed_months: service already used up then; None = counted from in_service_on by the convention.
    elapsed_units: usage already used up then. idle: spans (first day, last day) out of use, in order, without
    overlap. An opening at or below the residual charges nothing.
    """

    in_service_on: date
    starts_on: date
    cost: int
    opening: int
    residual: int
    terms: Terms
    elapsed_months: Fraction | None = None
    elapsed_units: Fraction = Fraction(0)
    idle: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if self.starts_on < self.in_service_on:
            raise TermsError("starts_on", "order", say("Nothing depreciates before it is in service."))
        if self.cost < 0:
            raise TermsError("cost", "not_negative", say("A cost is not below zero."))
        if self.residual < 0:
            raise TermsError("residual", "not_negative", say("A residual is not below zero."))
        if self.elapsed_months is not None and self.elapsed_months < 0:
            raise TermsError("elapsed_months", "not_negative", say("Service used up is not below zero."))
