"""Units of measure: exact conversion into an item's smallest unit, or a refusal that says what would fit.

Physical units of one dimension convert without being declared (kg and g, m and cm, l and ml); the factors are exact by
definition (SI prefixes; inch, pound and gallon as defined in 1959 and by NIST Handbook 44). Packagings (case, roll) are
declared per item, because a case of screws is not a case of wine.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from wherewithal.core.words import say
from wherewithal.items.values import ItemFacts
from wherewithal.kit.errors import Problem, Refused

LARGEST_QTY = 10**15  # smallest units; leaves room for cost arithmetic in 64-bit columns


@dataclass(frozen=True, slots=True)
class StandardUnit:
    code: str
    name: str
    dimension: str = "count"  # units of the same physical dimension convert into each other
    factor: Fraction = Fraction(1)  # how many grams, millilitres, millimetres ... one unit is


STANDARD_UNITS = {
    unit.code: unit
    for unit in (
        StandardUnit("pcs", say("piece")),
        StandardUnit("pair", say("pair")),
        StandardUnit("set", say("set")),
        StandardUnit("box", say("box")),
        StandardUnit("case", say("case")),
        StandardUnit("pack", say("pack")),
        StandardUnit("roll", say("roll")),
        StandardUnit("bottle", say("bottle")),
        StandardUnit("drum", say("drum")),
        StandardUnit("pallet", say("pallet")),
        StandardUnit("h", say("hour")),
        StandardUnit("mg", say("milligram"), "mass", Fraction(1, 1000)),
        StandardUnit("g", say("gram"), "mass", Fraction(1)),
        StandardUnit("kg", say("kilogram"), "mass", Fraction(1000)),
        StandardUnit("t", say("tonne"), "mass", Fraction(1_000_000)),
        StandardUnit("oz", say("ounce"), "mass", Fraction(45359237, 1_600_000)),
        StandardUnit("lb", say("pound"), "mass", Fraction(45359237, 100_000)),
        StandardUnit("ml", say("millilitre"), "volume", Fraction(1)),
        StandardUnit("cl", say("centilitre"), "volume", Fraction(10)),
        StandardUnit("l", say("litre"), "volume", Fraction(1000)),
        StandardUnit("m3", say("cubic metre"), "volume", Fraction(1_000_000)),
        StandardUnit("gal", say("US gallon"), "volume", Fraction(3785411784, 1_000_000)),
        StandardUnit("mm", say("millimetre"), "length", Fraction(1)),
        StandardUnit("cm", say("centimetre"), "length", Fraction(10)),
        StandardUnit("m", say("metre"), "length", Fraction(1000)),
        StandardUnit("km", say("kilometre"), "length", Fraction(1_000_000)),
        StandardUnit("in", say("inch"), "length", Fraction(254, 10)),
        StandardUnit("ft", say("foot"), "length", Fraction(3048, 10)),
        StandardUnit("cm2", say("square centimetre"), "area", Fraction(1)),
        StandardUnit("m2", say("square metre"), "area", Fraction(10_000)),
    )
}


def factor_between(unit_code: str, base_code: str) -> Fraction | None:
    """How many base units one physical unit is, or None where the two do not measure the same thing."""
    unit, base = STANDARD_UNITS.get(unit_code), STANDARD_UNITS.get(base_code)
    if unit is None or base is None or unit.dimension == "count" or unit.dimension != base.dimension:
        return None
    return unit.factor / base.factor


def unit_factor(item: ItemFacts, unit_code: str | None) -> Fraction | None:
    """Base units in one unit of this item; None where the item is not counted in that unit."""
    if unit_code is None or unit_code == item.unit_code:
        return Fraction(1)
    for unit in item.units:
        if unit.code == unit_code:
            return Fraction(unit.numerator, unit.denominator)
    return factor_between(unit_code, item.unit_code)


def known_units(item: ItemFacts) -> list[str]:
    """The codes in which this item can be counted, the base unit first."""
    physical = [code for code in STANDARD_UNITS if factor_between(code, item.unit_code) is not None]
    declared = [unit.code for unit in item.units]
    return list(dict.fromkeys([item.unit_code, *declared, *physical]))


def convert(item: ItemFacts, qty: Decimal, unit_code: str | None = None, *, field: str = "qty") -> int:
    """The quantity in the item's smallest unit, exactly; Refused where it does not fit."""
    factor = unit_factor(item, unit_code)
    if factor is None:
        raise Refused([_unknown_unit(item, unit_code or "")])
    if not qty.is_finite():
        raise Refused(
            [
                Problem(
                    field, "number", say("{qty} is not a quantity: give a number.", qty=qty), value=str(qty)
                )
            ]
        )
    if qty.adjusted() > 15:
        raise Refused([_too_large(item, qty, field)])
    smallest = Fraction(qty) * factor * 10**item.qty_decimals
    if smallest.denominator != 1:
        raise Refused([_does_not_fit(item, qty, unit_code or item.unit_code, factor, field)])
    if abs(smallest) >= LARGEST_QTY:
        raise Refused([_too_large(item, qty, field)])
    return int(smallest)


def _unknown_unit(item: ItemFacts, unit_code: str) -> Problem:
    known = ", ".join(known_units(item))
    message = say(
        "{item_sku} is not counted in {unit_code!r}. Known units: {known}. Add the unit to the item first.",
        item_sku=item.sku,
        unit_code=unit_code,
        known=known,
    )
    return Problem("unit", "unit_known", message, value=unit_code)


def _too_large(item: ItemFacts, qty: Decimal, field: str) -> Problem:
    limit = say("{qty:f} {unit}", qty=Decimal(LARGEST_QTY).scaleb(-item.qty_decimals), unit=item.unit_code)
    return Problem(
        field,
        "qty_range",
        say(
            "{qty} is too large for {item_sku}: it must stay below {limit}.",
            qty=qty,
            item_sku=item.sku,
            limit=limit,
        ),
        value=str(qty),
    )


def _does_not_fit(item: ItemFacts, qty: Decimal, unit_code: str, factor: Fraction, field: str) -> Problem:
    """E.g. 0.3 case of 12: 3.6 pcs, but the item is counted in whole pcs; multiples of 1/12 case fit."""
    places = item.qty_decimals
    if places:
        smallest = say("{step:f} {unit}", step=Decimal(1).scaleb(-places), unit=item.unit_code)
    else:
        smallest = say("whole {unit}", unit=item.unit_code)
    named: dict[str, object] = {"qty": qty, "unit": unit_code, "sku": item.sku, "smallest": smallest}
    if unit_code == item.unit_code:
        message = say("{qty} {unit} of {sku} does not fit: {sku} is counted in {smallest}.", **named)
    else:
        message = say(
            "{qty} {unit} of {sku} does not fit: {sku} is counted in {smallest}, "
            "and 1 {unit} = {factor} {base}; give a multiple of {step} {unit}.",
            **named,
            factor=factor,
            base=item.unit_code,
            step=1 / (factor * 10**places),
        )
    return Problem(field, "qty_fits_unit", message, value=str(qty))
