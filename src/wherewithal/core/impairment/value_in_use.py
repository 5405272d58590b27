"""Value in use: the present value of the cash flows an asset or unit is expected to bring (IAS 36.30 to 57)."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import EXACT, Flow, add_up, decimal, growth, present_value, to_whole
from wherewithal.core.words import say


class FlowTiming(StrEnum):
    """When in its year a cash flow is taken to come."""

    END = "end"
    MID = "mid"
    START = "start"


_BEFORE_YEAR_END = {
    FlowTiming.END: Fraction(0),
    FlowTiming.MID: Fraction(1, 2),
    FlowTiming.START: Fraction(1),
}


class Terminal(NamedTuple):
    """What comes after the last forecast year for ever: a first flow (one year later), then growing.

    The value at the end of the last forecast year is first_flow / (rate - growth).
    """

    first_flow: Fraction
    growth: Fraction


class ValueInUse(NamedTuple):
    """value = the forecast years + the time after; each flow's present value rounded for show."""

    value: int
    forecast: int
    terminal: int
    present_values: list[int]


class RateError(ValueError):
    """Rates for which no present value exists; the message says what would be right."""


def value_in_use(
    cash_flows: Sequence[int],
    rate: Fraction,
    *,
    terminal: Terminal | None = None,
    timing: FlowTiming = FlowTiming.END,
    round_each: bool = False,
) -> ValueInUse:
    """Yearly flows (minor units, the first one year ahead) at a yearly rate.

    Rounded half-even once, at the end; with round_each every discounted flow is rounded and they are added up, as
    working papers (and the illustrative examples) do.
    """
    if rate <= -1:
        raise RateError(say("A discount rate is above -100 %."))
    early = _BEFORE_YEAR_END[timing]
    interval = decimal(rate)
    exact = [
        present_value([Flow(Fraction(year) - early, amount)], interval)
        for year, amount in enumerate(cash_flows, start=1)
    ]
    beyond = Decimal(0)
    if terminal is not None:
        if rate <= terminal.growth:
            raise RateError(say("Growth after the forecast must be below the discount rate."))
        at_end = decimal(terminal.first_flow / (rate - terminal.growth))
        beyond = EXACT.divide(at_end, growth(interval, len(cash_flows) - early))
    shown = [to_whole(each) for each in exact]
    of_terminal = to_whole(beyond)
    whole = sum(shown) + of_terminal if round_each else to_whole(add_up([*exact, beyond]))
    return ValueInUse(whole, whole - of_terminal, of_terminal, shown)
