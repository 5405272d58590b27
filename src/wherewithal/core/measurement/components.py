"""The component approach (IAS 16.43 to 47): each significant part by its own life. Whole minor units."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from wherewithal.core.discounting import rounded
from wherewithal.core.words import say


class Component(NamedTuple):
    """A part: what of the cost it is, what will be left of it, its life in years."""

    name: str
    cost: int
    life_years: Fraction
    residual: int = 0


class ComponentError(ValueError):
    """Components that do not make an asset; the message says what would be right."""


def yearly_depreciation(components: Iterable[Component]) -> dict[str, int]:
    """A full year's straight-line depreciation of each, half-even."""
    found: dict[str, int] = {}
    for component in components:
        if component.life_years <= 0:
            raise ComponentError(
                say("The life of {component_name} is above zero.", component_name=component.name)
            )
        found[component.name] = rounded(Fraction(component.cost - component.residual) / component.life_years)
    return found


def remainder(cost: int, components: Iterable[Component]) -> int:
    """What of the cost belongs to no named component (IAS 16.46). Raises ComponentError if they exceed it."""
    rest = cost - sum(component.cost for component in components)
    if rest < 0:
        raise ComponentError(say("The components cost {rest} (minor units) more than the asset.", rest=-rest))
    return rest
