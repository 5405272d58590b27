"""A case's fields by any of their names: read once, checked, and what nothing was made of reported."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.reading import CaseError, decimals_of, mapping, number, whole
from wherewithal.core.money import MAX_DECIMALS, MAX_DIGITS, AmountError, from_minor, to_minor

REMARKS = {
    "id",
    "note",
    "source",
    "name",
    "comment",
    "title",
    "expected",
    "expect",
    "kind",
    "$schema",
    "units",
}
"""Fields that say something to people only."""


class Fields:
    """The fields of one object of a case. A field has a first name and may have others; two at once are refused."""

    def __init__(self, said: Any, where: str, decimals: int = 2, remarks: set[str] = REMARKS) -> None:
        self.said: Mapping[str, Any] = mapping(said, where or "case")
        self.where = where
        self.decimals = decimals
        self._used: set[str] = set(remarks)

    def at(self, name: str) -> str:
        """The place of a field, for complaints."""
        return f"{self.where}.{name}" if self.where else name

    def find(self, *names: str) -> str | None:
        """Under which of its names a field is there, if it is. An ending _* means that the name may go on."""
        found = [
            said
            for said, value in self.said.items()
            if value is not None and any(_matches(said, name) for name in names)
        ]
        self._used.update(found)
        if len(found) > 1:
            raise CaseError(
                self.at(found[1]), "once", f"{' and '.join(found)} say the same thing; leave one of them out."
            )
        return found[0] if found else None

    def has(self, *names: str) -> bool:
        return self.find(*names) is not None

    def raw(self, *names: str) -> Any:
        """The value as it stands, None if it is not there."""
        found = self.find(*names)
        return None if found is None else self.said[found]

    def need(self, *names: str) -> str:
        """The name under which a needed field is there."""
        found = self.find(*names)
        if found is None:
            raise CaseError(self.at(names[0]), "required", f"{names[0]!r} is needed here.")
        return found

    def amount(self, *names: str) -> int | None:
        """An amount in minor units, exact. None if it is not there."""
        found = self.find(*names)
        return None if found is None else self.minor(self.said[found], self.at(found))

    def not_below_zero(self, *names: str) -> int | None:
        """An amount that cannot be negative. None if it is not there."""
        amount = self.amount(*names)
        if amount is not None and amount < 0:
            where = self.at(self.find(*names) or names[0])
            raise CaseError(
                where, "not_negative", "This is not below zero: give zero where nothing is to be got."
            )
        return amount

    def amount_or(self, default: int, *names: str) -> int:
        found = self.amount(*names)
        return default if found is None else found

    def needed_amount(self, *names: str) -> int:
        return self.minor(self.said[self.need(*names)], self.at(names[0]))

    def minor(self, value: Any, where: str) -> int:
        """A value of the case as minor units."""
        try:
            return to_minor(number(value, where), self.decimals)
        except AmountError as error:
            raise CaseError(where, "currency_decimals", f"{error}") from None

    def rate(self, *names: str) -> Fraction | None:
        """A rate: 0.05, or "5%". None if it is not there."""
        found = self.find(*names)
        return None if found is None else rate(self.said[found], self.at(found))

    def ratio(self, *names: str) -> Fraction | None:
        """Any number, exact."""
        found = self.find(*names)
        return None if found is None else Fraction(number(self.said[found], self.at(found)))

    def whole(self, least: int, most: int, *names: str) -> int | None:
        found = self.find(*names)
        return None if found is None else whole(self.said[found], self.at(found), least, most)

    def flag(self, *names: str) -> bool:
        """True or false; false if it is not there."""
        found = self.find(*names)
        if found is None:
            return False
        value = self.said[found]
        if not isinstance(value, bool):
            raise CaseError(self.at(found), "boolean", "true or false is expected here.")
        return value

    def day(self, *names: str) -> date | None:
        """A day as YYYY-MM-DD. None if it is not there."""
        found = self.find(*names)
        return None if found is None else day(self.said[found], self.at(found))

    def choice(self, choices: Mapping[str, Any], default: Any, *names: str) -> Any:
        """One of some words (read without regard to case, spaces and hyphens)."""
        found = self.find(*names)
        if found is None:
            return default
        value = self.said[found]
        word = value.lower().replace(" ", "_").replace("-", "_") if isinstance(value, str) else None
        if word is None or word not in choices:
            raise CaseError(
                self.at(found),
                "choice",
                f"One of {', '.join(choices)} is expected here, not {repr(value)[:40]}.",
            )
        return choices[word]

    def rows(self, *names: str, most: int = 1_000) -> list[tuple[str, Any]]:
        """The entries of a list, each with its place."""
        found = self.find(*names)
        if found is None:
            return []
        value = self.said[found]
        if not isinstance(value, list | tuple):
            raise CaseError(self.at(found), "list", "A list is expected here.")
        if len(value) > most:
            raise CaseError(self.at(found), "length", f"At most {most} entries are answered here.")
        return [(f"{self.at(found)}[{place}]", each) for place, each in enumerate(value)]

    def ignored(self) -> list[str]:
        """The fields that nothing was made of."""
        return [self.at(name) for name in self.said if name not in self._used]


def _matches(said: str, name: str) -> bool:
    return said == name or (name.endswith("_*") and (said == name[:-2] or said.startswith(name[:-1])))


def rate(value: Any, where: str) -> Fraction:
    """A rate as a number (0.05) or a text with a per cent sign ("5 %")."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return Fraction(number(value.strip()[:-1], where)) / 100
    found = Fraction(number(value, where))
    if abs(found) > 10:
        raise CaseError(where, "rate", f'A rate is stated like 0.05 or "5%"; this is {str(value)[:40]}.')
    return found


def day(value: Any, where: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        if not isinstance(value, str):
            raise ValueError
        found = date.fromisoformat(value)
    except ValueError:
        raise CaseError(
            where, "date", f"A day is expected here, like 2026-01-31, not {repr(value)[:40]}."
        ) from None
    if not 1900 <= found.year <= 2200:
        raise CaseError(where, "date", "Days are answered from 1900 to 2200.")
    return found


def stated_decimals(fields: Fields, default: int) -> int:
    """currency_decimals of a case."""
    found = fields.whole(0, MAX_DECIMALS, "currency_decimals")
    return default if found is None else found


def decimals_used(value: Any, depth: int = 5) -> int:
    """The most decimals that any number of a case needs, rates (numbers below 1) not counted."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return max((decimals_used(each, depth - 1) for each in value), default=0) if depth else 0
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0
    found = Decimal(str(value))
    if (
        not found.is_finite()
        or not 0 <= found.adjusted() <= MAX_DIGITS
        or len(found.as_tuple().digits) > MAX_DIGITS
    ):
        return 0
    return min(decimals_of(found), MAX_DECIMALS)


def money(minor: int, decimals: int) -> Decimal:
    """Minor units as an amount."""
    return from_minor(minor, decimals)
