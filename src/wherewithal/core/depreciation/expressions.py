"""Numbers in packs: literals, facts, entries of tables, and the little arithmetic that rates need.

0.25                                     a literal
{"fact": "life"}                         a fact
{"table": "rates", "by": "life"}         the entry of a table at a fact
{"band": "coefficients", "by": "life"}   the entry of the last band whose `from` is not above the fact
{"rate_to_residual": [r, n]}             the yearly rate by which a balance falls to the part r in n years, 4 decimals
{"min": [a, b]}, {"max": [a, b]}, {"product": [a, b]}, {"quotient": [a, b]}, {"difference": [a, b]}
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.conditions import Facts, as_number
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.rounding import rate_to_residual, round_rate
from wherewithal.core.words import say

Tables = Mapping[str, Any]


def _quotient(pack: str, first: Fraction, second: Fraction) -> Fraction:
    if not second:
        raise PackError(pack, "quotient", "zero", say("A rule divides by a fact that is zero."))
    return first / second


def _rate_to_residual(pack: str, residual: Fraction, years: Fraction) -> Fraction:
    if not 0 < residual < 1 or years <= 0:
        raise PackError(
            pack, "rate_to_residual", "range", say("The part is between 0 and 1 and the years above 0.")
        )
    return round_rate(rate_to_residual(residual.denominator, residual.numerator, years), 4)


ARITHMETIC: dict[str, Callable[[str, Fraction, Fraction], Fraction]] = {
    "min": lambda pack, first, second: min(first, second),
    "max": lambda pack, first, second: max(first, second),
    "product": lambda pack, first, second: first * second,
    "quotient": _quotient,
    "rate_to_residual": _rate_to_residual,
    "difference": lambda pack, first, second: first - second,
}


def is_number(value: Any) -> bool:
    """A literal number."""
    return as_number(value) is not None


def check_number(pack: str, where: str, value: Any, tables: Tables, facts: set[str]) -> None:
    """Raises PackError unless the value is an expression of this module over known facts and tables."""
    if is_number(value):
        return
    if not isinstance(value, Mapping):
        raise PackError(
            pack,
            where,
            "number",
            say("A number or an expression is expected here, not {value!r}.", value=value),
        )
    keys = set(value)
    if keys == {"fact"}:
        _check_fact(pack, where, value["fact"], facts)
    elif keys in ({"table", "by"}, {"band", "by"}):
        _check_fact(pack, where, value["by"], facts)
        _check_table(pack, where, value, tables)
    elif len(keys) == 1 and keys <= set(ARITHMETIC):
        parts = next(iter(value.values()))
        if not isinstance(parts, list) or len(parts) != 2:
            raise PackError(pack, where, "pair", say("This takes a list of two numbers."))
        for part in parts:
            check_number(pack, where, part, tables, facts)
    else:
        known = "fact; table, by; band, by; " + "; ".join(ARITHMETIC)
        raise PackError(pack, where, "expression", say("An expression is one of: {known}.", known=known))


def number(pack: str, value: Any, tables: Tables, facts: Facts) -> Fraction:
    """The number that an expression stands for. Raises PackError for a fact that was not given or has no entry."""
    if not isinstance(value, Mapping):
        return Fraction(value)
    if "fact" in value:
        return _fact(pack, value["fact"], facts)
    if "table" in value:
        return _entry(pack, value["table"], tables[value["table"]], value["by"], facts)
    if "band" in value:
        return _band(pack, value["band"], tables[value["band"]], value["by"], facts)
    name, (first, second) = next(iter(value.items()))
    return ARITHMETIC[name](pack, number(pack, first, tables, facts), number(pack, second, tables, facts))


def _check_fact(pack: str, where: str, name: Any, facts: set[str]) -> None:
    if not isinstance(name, str) or name not in facts:
        raise PackError(pack, where, "known", say("The pack declares no fact {name!r}.", name=name))


def _check_table(pack: str, where: str, value: Mapping[str, Any], tables: Tables) -> None:
    named = value.get("table", value.get("band"))
    if not isinstance(named, str):
        raise PackError(pack, where, "text", say("A table is named by a text."))
    if "table" in value:
        table = tables.get(named)
        if not isinstance(table, Mapping) or not all(is_number(entry) for entry in table.values()):
            raise PackError(
                pack, where, "table", say("The pack has no table of numbers {table!r}.", table=value["table"])
            )
        return
    bands = tables.get(named)
    good = isinstance(bands, list) and all(
        isinstance(band, Mapping) and set(band) == {"from", "value"} and all(map(is_number, band.values()))
        for band in bands
    )
    if not good:
        raise PackError(
            pack,
            where,
            "bands",
            say("The pack has no bands {band!r}: a list of {{from, value}}, ascending.", band=value["band"]),
        )


def _fact(pack: str, name: str, facts: Facts) -> Fraction:
    found = facts.get(name)
    if found is None:
        raise PackError(pack, name, "needed", say("A rule asks for {name}, and it was not given.", name=name))
    if isinstance(found, bool | str | date):
        raise PackError(
            pack, name, "number", say("A rule counts with {name}: it has to be a number.", name=name)
        )
    return Fraction(found)


def _key(value: Any) -> str:
    """How a fact is written as the key of a table: 5 and 5.0 as "5", 27.5 as "27.5"."""
    if isinstance(value, str):
        return value
    exact = Fraction(value)
    return (
        str(exact.numerator)
        if exact.denominator == 1
        else format(Decimal(exact.numerator) / exact.denominator, "f")
    )


def _entry(pack: str, name: str, table: Mapping[str, Any], by: str, facts: Facts) -> Fraction:
    found = facts.get(by)
    if found is None:
        raise PackError(pack, by, "needed", say("A rule asks for {by}, and it was not given.", by=by))
    key = str(found.year) if isinstance(found, date) else _key(found)
    if key not in table:
        raise PackError(
            pack,
            by,
            "table",
            say(
                "The table {name!r} has no entry for {by} {key}; it has {table}.",
                name=name,
                by=by,
                key=key,
                table=", ".join(table),
            ),
        )
    return Fraction(table[key])


def _band(pack: str, name: str, bands: list[Mapping[str, Any]], by: str, facts: Facts) -> Fraction:
    value = _fact(pack, by, facts)
    fitting = [band for band in bands if Fraction(band["from"]) <= value]
    if not fitting:
        raise PackError(
            pack,
            by,
            "band",
            say(
                "{name!r} begins at {from_}; {by} is {value}.",
                name=name,
                from_=bands[0]["from"],
                by=by,
                value=value,
            ),
        )
    return Fraction(fitting[-1]["value"])
