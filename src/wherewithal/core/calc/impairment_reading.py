"""Reading the assets of a unit or group, and carrying amounts that are said in parts, from an impairment case."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from wherewithal.core.calc.fields import Fields
from wherewithal.core.calc.reading import CaseError, text
from wherewithal.core.discounting import rounded

CARRYING = ("carrying", "carrying_amount", "carrying_before", "book_value")
GOODWILL = ("goodwill", "goodwill_carrying")
FVLCD = ("fvlcd", "fair_value_less_costs_of_disposal", "fair_value_less_costs", "net_selling_price")
VALUE_IN_USE = ("value_in_use", "viu")
RECOVERABLE = ("recoverable_amount", "recoverable")
UNIMPAIRED = (
    "unimpaired",
    "unimpaired_carrying",
    "carrying_without_impairment",
    "depreciated_historical_cost",
)
ASSETS = ("assets", "remeasured_before_classification", "remeasured")

OUTSIDE = ("inventor", "receivable", "financial", "cash", "deferred_tax", "investment_property_fair")
"""Names that begin or go on like this are measured by other standards (IAS 36.2, IFRS 5.5) unless the case says else."""


class Member(NamedTuple):
    """An asset of a unit or group. outside: no loss is shared out to it."""

    name: str
    carrying: int
    fvlcd: int | None = None
    value_in_use: int | None = None
    unimpaired: int | None = None
    recoverable: int | None = None
    outside: bool = False


def members_of(fields: Fields) -> list[Member]:
    """The assets: a list of objects with names, or an object of amounts by name."""
    value = fields.raw(*ASSETS)
    if value is None:
        return []
    where = fields.at(fields.need(*ASSETS))
    pairs = (
        [(str(name), each, f"{where}.{name}") for name, each in value.items()]
        if isinstance(value, Mapping)
        else [(None, each, place) for place, each in fields.rows(*ASSETS)]
    )
    members = [_member(fields, name, each, place) for name, each, place in pairs]
    names = [member.name for member in members]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(where, "unique", f"The name {name!r} is there twice.")
    return members


def _member(fields: Fields, name: str | None, value: Any, where: str) -> Member:
    if not isinstance(value, Mapping):
        if name is None:
            raise CaseError(where, "object", "An object with name and carrying is expected here.")
        return Member(name, fields.minor(value, where), outside=_measured_elsewhere(name))
    said = Fields(value, where, fields.decimals, {"note", "comment", "id"})
    name = name if name is not None else text(said.raw("name"), said.at("name"))
    outside = said.flag("outside") if said.has("outside") else _measured_elsewhere(name)
    found = Member(
        name,
        said.needed_amount(*CARRYING, "amount"),
        said.not_below_zero(*FVLCD, "floor"),
        said.not_below_zero(*VALUE_IN_USE),
        unimpaired_of(said),
        said.not_below_zero(*RECOVERABLE),
        outside,
    )
    said.find("name")
    if said.ignored():
        raise CaseError(said.ignored()[0], "unknown", "Nothing is known to be made of this field.")
    return found


def _measured_elsewhere(name: str) -> bool:
    plain = name.lower().replace(" ", "_")
    return any(word in plain for word in OUTSIDE)


def carrying_of_unit(fields: Fields) -> int:
    """Identifiable assets: stated, or what was acquired less depreciation so far."""
    stated = fields.amount("identifiable_assets", "identifiable_assets_carrying", "carrying_identifiable")
    if stated is None:
        stated = fields.amount("identifiable_assets_*")
    if stated is None:
        whole = fields.amount(*CARRYING)
        if whole is None:
            raise CaseError(
                fields.at("identifiable_assets"),
                "required",
                "What the identifiable assets are carried at is needed.",
            )
        return whole - fields.amount_or(0, *GOODWILL)
    return stated - _depreciated(fields, stated)


def _depreciated(fields: Fields, cost: int) -> int:
    """Depreciation so far: stated, or straight-line from life and years used."""
    stated = fields.amount("depreciation_*", "accumulated_depreciation")
    life, used = fields.ratio("useful_life_years", "useful_life"), fields.ratio("years_used", "years_elapsed")
    if stated is not None:
        return stated
    if life and used:
        return rounded(cost * min(used / life, Fraction(1)))
    return 0


def unimpaired_of(fields: Fields) -> int | None:
    """What would be carried had nothing been impaired: stated, or original cost less straight-line depreciation."""
    stated = fields.amount(*UNIMPAIRED)
    if stated is not None:
        return stated
    cost = fields.amount("original_cost", "historical_cost")
    life, used = (
        fields.ratio("original_life_years", "original_life"),
        fields.ratio("years_used", "years_elapsed"),
    )
    if cost is None or not life or used is None:
        return None
    return cost - rounded(cost * min(used / life, Fraction(1)))
