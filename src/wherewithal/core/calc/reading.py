"""Reading a stated case: every value checked, every complaint with the place and the rule."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wherewithal.core.money import AmountError, parse


class CaseError(ValueError):
    """A case that cannot be answered. `where` is the place in the case, `rule` its short name."""

    def __init__(self, where: str, rule: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
        self.rule = rule
        self.message = message


def text(value: Any, where: str) -> str:
    """A text that is not empty, of at most 200 characters."""
    if not isinstance(value, str) or not value or len(value) > 200:
        raise CaseError(where, "text", "A text of 1 to 200 characters is expected here.")
    return value


def number(value: Any, where: str) -> Decimal:
    """A decimal number, given as a JSON number or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise CaseError(where, "number", 'A number is expected here, like 12.5 or "12.5".')
    try:
        return parse(repr(value) if isinstance(value, float) else str(value))
    except (AmountError, ValueError) as error:
        raise CaseError(where, "number", str(error)) from None


def positive(value: Any, where: str) -> Decimal:
    """A decimal number above zero."""
    found = number(value, where)
    if found <= 0:
        raise CaseError(where, "positive", f"A number above zero is expected here, not {found}.")
    return found


def not_negative(value: Any, where: str) -> Decimal:
    """A decimal number, zero or above."""
    found = number(value, where)
    if found < 0:
        raise CaseError(where, "not_negative", f"A number of zero or above is expected here, not {found}.")
    return found


def whole(value: Any, where: str, least: int, most: int) -> int:
    """An integer within bounds."""
    found = number(value, where)
    if found != found.to_integral_value() or not least <= found <= most:
        raise CaseError(
            where, "whole", f"A whole number from {least} to {most} is expected here, not {found}."
        )
    return int(found)


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise CaseError(where, "object", "An object is expected here.")
    return value


def sequence(value: Any, where: str, most: int) -> Sequence[Any]:
    """A list of at most that many values."""
    if not isinstance(value, list | tuple):
        raise CaseError(where, "list", "A list is expected here.")
    if len(value) > most:
        raise CaseError(where, "length", f"At most {most} entries are answered; there are {len(value)}.")
    return value


def decimals_of(value: Decimal) -> int:
    """How many decimals a number needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
