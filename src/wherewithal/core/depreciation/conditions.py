"""Facts about an asset or a year, and the conditions of rules over them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.words import say

Facts = dict[str, Any]

FACT_TYPES = ("boolean", "text", "number", "date", "amount")
"""amount: a number, or `max` for as much as the rules allow."""
MAX_NUMBER = 10**15
MAX_DIGITS = 40

CONDITION_RULE = (
    "A condition is a value, a range [from, to] (both included, null: open), or "
    '{"any_of": [values]}, {"above": number}, {"below": number}.'
)


def read_fact(pack: str, name: str, kind: str, value: Any) -> Any:
    """A fact as bool, str, Fraction or date. Raises PackError if the value is of another type."""
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "text" and isinstance(value, str) and value:
        return value
    if kind == "amount" and value == "max":
        return value
    if kind in ("number", "amount"):
        number = as_number(value)
        if number is not None:
            return number
    if kind == "date":
        found = as_date(value)
        if found is not None:
            return found
    raise PackError(
        pack, name, kind, say("A {kind} is expected here, not {value!r}.", kind=kind, value=value)
    )


def condition_fits(condition: Any) -> bool:
    """Whether a condition is of a known form."""
    if isinstance(condition, Mapping):
        key, value = next(iter(condition.items()), ("", None))
        if len(condition) != 1:
            return False
        if key == "any_of":
            return isinstance(value, list) and all(_is_scalar(part) for part in value)
        return key in ("above", "below") and as_number(value) is not None
    if isinstance(condition, list):
        return len(condition) == 2 and all(part is None or _bound(part) is not None for part in condition)
    return _is_scalar(condition)


def unmet(pack: str, when: Mapping[str, Any], facts: Mapping[str, Any]) -> str | None:
    """The first fact by which a rule does not hold; None if it holds.

    Raises PackError for a condition over a fact that nobody gave (and that has no default).
    """
    for name, condition in when.items():
        if name not in facts:
            raise PackError(
                pack, name, "needed", say("A rule asks for {name}, and it was not given.", name=name)
            )
        if not _met(facts[name], condition):
            return name
    return None


def as_date(value: Any) -> date | None:
    """A date, or a text of the form 2026-11-22."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or len(value) != 10:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _met(fact: Any, condition: Any) -> bool:
    if isinstance(condition, Mapping):
        key, value = next(iter(condition.items()))
        if key == "any_of":
            return any(_same(fact, part) for part in value)
        number = as_number(fact)
        return number is not None and (
            number > Fraction(value) if key == "above" else number < Fraction(value)
        )
    if isinstance(condition, list):
        low, high = (None if part is None else _bound(part) for part in condition)
        held = _bound(fact)
        return held is not None and (low is None or held >= low) and (high is None or held <= high)
    return _same(fact, condition)


def _same(fact: Any, value: Any) -> bool:
    if isinstance(fact, bool) or isinstance(value, bool):
        return fact is value
    if isinstance(fact, str):
        return bool(fact == value)
    return bool(_bound(fact) == _bound(value))


def _bound(value: Any) -> Any:
    return as_date(value) or as_number(value)


def as_number(value: Any) -> Fraction | None:
    """A number as an exact fraction; None for anything else and for numbers that are out of proportion."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        return None
    if isinstance(value, Decimal) and (
        not value.is_finite() or not -MAX_DIGITS <= value.adjusted() <= MAX_DIGITS
    ):
        return None
    return Fraction(value) if -MAX_NUMBER <= value <= MAX_NUMBER else None


def _is_scalar(value: Any) -> bool:
    return isinstance(value, bool | str) or as_number(value) is not None
