"""How terms of depreciation are written down: as JSON with exact numbers, and read back as core's `Terms`.

    {"method": "straight_line", "life_months": "60", "convention": "full_month", "residual_percent": "10"}
    {"pack": "us", "pack_class": "5-year", "elections": {"section_179": "25000.00"}}

Numbers are text ("60", "0.2", "1/3") because a JSON number would pass through a float. Beside the fields of `Terms`:
`residual` (an amount in the book's currency) or `residual_percent` of cost, and for a country's rules `pack`,
`pack_class` and `elections`, from which the terms follow once cost and days are known.
"""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from wherewithal.core.depreciation.terms import (
    Base,
    Convention,
    Method,
    Mode,
    Rounded,
    Rounding,
    Step,
    Terms,
    TermsError,
)
from wherewithal.core.exact import exact_number
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

FRACTIONS = ("life_months", "rate", "factor", "guarantee_rate", "revised_rate", "total_units")
WORDS: dict[str, type[StrEnum]] = {"method": Method, "base": Base, "convention": Convention, "step": Step}
FLAGS = tuple(spec.name for spec in dataclasses.fields(Terms) if isinstance(spec.default, bool))
WHOLE = ("rate_decimals", "month_rate_decimals")
OWN = frozenset({"residual", "residual_percent", "pack", "pack_class", "elections", "usage_meter"})
KNOWN = frozenset(spec.name for spec in dataclasses.fields(Terms)) | OWN
MOST_MONTHS = 2_400
MOST_RATE = 100
MOST_UNITS = 10**15
MOST_STEPS = 1_200


@dataclass(frozen=True, slots=True)
class StatedTerms:
    """Terms as a book of an asset begins with them. `terms` is None where a pack decides."""

    terms: Terms | None
    residual: Fraction | None = None  # in major units of the book's currency
    residual_share: Fraction = Fraction(0)
    pack: str | None = None
    pack_class: str | None = None
    elections: Mapping[str, Any] = field(default_factory=dict)

    def residual_of(self, cost: int, decimals: int) -> int:
        """Minor units, half up from half a unit."""
        exact = cost * self.residual_share if self.residual is None else self.residual * 10**decimals
        return int(exact + Fraction(1, 2))


def canonical(given: Mapping[str, Any]) -> str:
    """The one text of these terms: equal terms, equal text."""
    return json.dumps(plain(given), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items() if part is not None}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def problems_of(
    given: Mapping[str, Any], *, field_name: str = "terms", row: int | None = None
) -> list[Problem]:
    """All that is wrong with terms given at a door."""
    if not isinstance(given, Mapping):
        message = say("Give terms by name, such as method and life_months.")  # type: ignore[unreachable]  # doors pass on JSON
        return [Problem(field_name, "object", message, row, str(given))]
    try:
        parse(canonical(given))
    except TermsError as error:
        value = given.get(error.field)
        text = None if value is None else str(value)
        return [Problem(f"{field_name}.{error.field}", error.rule, error.message, row, text)]
    return []


@lru_cache(maxsize=4096)
def parse(text: str) -> StatedTerms:
    """Terms from their canonical text. Raises TermsError."""
    given = json.loads(text)
    for key in given:
        if key not in KNOWN:
            raise TermsError(
                key,
                "known",
                say("There is no term of this name. There are: {known}.", known=", ".join(sorted(KNOWN))),
            )
    residual = _fraction("residual", given.get("residual"))
    share = _fraction("residual_percent", given.get("residual_percent"))
    if residual is not None and residual < 0:
        raise TermsError("residual", "not_negative", say("A residual is not below zero."))
    if share is not None and not 0 <= share <= 100:
        raise TermsError(
            "residual_percent", "range", say("A residual lies between 0 and 100 per cent of the cost.")
        )
    pack = given.get("pack")
    for name in ("pack", "pack_class"):
        if not isinstance(given.get(name, ""), str):
            raise TermsError(name, "text", say("Give the code."))
    if not isinstance(given.get("elections", {}), dict):
        raise TermsError("elections", "object", say("Give elections by name."))
    if pack is not None and not given.get("pack_class"):
        raise TermsError("pack_class", "required", say("Name the class of the pack."))
    return StatedTerms(
        None if pack is not None else _terms(given),
        residual,
        (share or Fraction(0)) / 100,
        pack,
        given.get("pack_class"),
        given.get("elections") or {},
    )


def _terms(given: Mapping[str, Any]) -> Terms:
    if "method" not in given:
        raise TermsError(
            "method", "required", say("Say by which method it is depreciated, or that it is not: none.")
        )
    values: dict[str, Any] = {name: _fraction(name, given[name]) for name in FRACTIONS if name in given}
    values |= {name: _word(name, kind, given[name]) for name, kind in WORDS.items() if name in given}
    values |= {name: _flag(name, given[name]) for name in FLAGS if name in given}
    values |= {name: _whole(name, given[name]) for name in WHOLE if name in given}
    if "table" in given:
        values["table"] = tuple(_some("table", part) for part in _list("table", given["table"]))
    if "amounts" in given:
        values["amounts"] = tuple(_whole("amounts", part) for part in _list("amounts", given["amounts"]))
    if "rounding" in given:
        values["rounding"] = _rounding(given["rounding"])
    _check_sizes(values)
    return Terms(**values)


def _check_sizes(values: Mapping[str, Any]) -> None:
    """Terms that no asset has: beyond them calendars end and numbers overflow."""
    if values.get("life_months", 0) > MOST_MONTHS:
        raise TermsError(
            "life_months",
            "range",
            say("A useful life has at most {most_months} months.", most_months=MOST_MONTHS),
        )
    for name in ("rate", "factor", "guarantee_rate", "revised_rate"):
        if values.get(name, 0) > MOST_RATE:
            raise TermsError(
                name, "range", say("At most {most_rate} (a rate of 1 is 100 %).", most_rate=MOST_RATE)
            )
    if values.get("total_units", 0) > MOST_UNITS:
        raise TermsError("total_units", "range", say("That is more than can be kept."))
    for name in ("table", "amounts"):
        if len(values.get(name, ())) > MOST_STEPS:
            raise TermsError(name, "size", say("At most {most_steps} steps.", most_steps=MOST_STEPS))
    if any(abs(amount) > MOST_UNITS for amount in values.get("amounts", ())):
        raise TermsError("amounts", "range", say("That is more than can be kept."))


def _rounding(given: Any) -> Rounding:
    if not isinstance(given, Mapping):
        raise TermsError("rounding", "object", say("Say mode, unit and what."))
    step = given.get("step")
    return Rounding(
        _word("rounding", Mode, given.get("mode", Mode.HALF_EVEN)),  # type: ignore[arg-type]  # a Mode
        _whole("rounding", given.get("unit", 1)),
        _word("rounding", Rounded, given.get("what", Rounded.ACCUMULATED)),  # type: ignore[arg-type]  # a Rounded
        None if step is None else _word("rounding", Step, step),  # type: ignore[arg-type]  # a Step
    )


def _fraction(name: str, value: Any) -> Fraction | None:
    return None if value is None else _some(name, value)


def _some(name: str, value: Any) -> Fraction:
    try:
        return exact_number(value)
    except ValueError:
        raise TermsError(name, "number", say("Give an exact number, such as 60, 0.2 or 1/3.")) from None


def _whole(name: str, value: Any) -> int:
    found = _some(name, value)
    if found.denominator != 1:
        raise TermsError(name, "whole", say("Give a whole number."))
    return found.numerator


def _word(name: str, kind: type[StrEnum], value: Any) -> StrEnum:
    try:
        return kind(str(value))
    except ValueError:
        raise TermsError(name, "known", say("Choose one of {kind}.", kind=", ".join(kind))) from None


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TermsError(name, "yes_or_no", say("Say true or false."))
    return value


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TermsError(name, "list", say("Give a list, one value for each step."))
    return value


def as_json(terms: Terms) -> dict[str, Any]:
    """Terms as they are written down, what is usual left out: `parse(canonical(as_json(terms))).terms == terms`."""
    found: dict[str, Any] = {}
    for spec in dataclasses.fields(Terms):
        value = getattr(terms, spec.name)
        if spec.name == "rounding":
            if value != Rounding():
                found["rounding"] = {"mode": value.mode, "unit": str(value.unit), "what": value.what} | (
                    {} if value.step is None else {"step": value.step}
                )
        elif spec.name == "method" or value != spec.default:
            found[spec.name] = value
    return found
