"""Custom attributes: declared on a category, inherited down the tree, checked on each item.

A declaration is one JSON object: {"code": "colour", "label": "Colour", "type": "choice", "choices": ["red", "blue"],
"required": true}. Values are kept as JSON: text and choice as text, bool as bool, date as YYYY-MM-DD, and number as
decimal text, because a JSON number would pass through a float on its way back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

TYPES = ("text", "number", "date", "choice", "bool")
LONGEST_TEXT = 2000
TRUE_WORDS = frozenset({"true", "yes", "y", "1", "on"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "off"})


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    code: str
    label: str
    type: str
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "label": self.label,
            "type": self.type,
            "required": self.required,
            "choices": list(self.choices),
            "unit": self.unit,
        }


class BadValue(ValueError):
    """A value that an attribute cannot hold; the text says what would be right."""


def parse_specs(declared: Iterable[Mapping[str, Any]]) -> tuple[dict[str, AttributeSpec], list[Problem]]:
    """Declarations as given at a door, and everything that is wrong with them."""
    specs: dict[str, AttributeSpec] = {}
    problems: list[Problem] = []
    for given in declared:
        code = str(given.get("code", "")).strip()
        problem = _spec_problem(code, given, specs)
        if problem:
            problems.append(problem)
            continue
        specs[code] = AttributeSpec(
            code=code,
            label=str(given.get("label") or code),
            type=str(given["type"]),
            required=bool(given.get("required", False)),
            choices=tuple(str(choice) for choice in given.get("choices") or ()),
            unit=str(given.get("unit") or ""),
        )
    return specs, problems


def _spec_problem(code: str, given: Mapping[str, Any], seen: Mapping[str, AttributeSpec]) -> Problem | None:
    field = f"attributes.{code}" if code else "attributes"
    if not code.isidentifier() or not code.isascii() or len(code) > 40:
        message = say(
            "An attribute's code is a short word: letters, digits and underscores, not a digit first."
        )
        return Problem(field, "attribute_code", message, value=code)
    if code in seen:
        return Problem(
            field, "attribute_once", say("The attribute {code} is declared twice.", code=code), value=code
        )
    if given.get("type") not in TYPES:
        message = say("An attribute's type is one of {types}.", types=", ".join(TYPES))
        return Problem(field, "attribute_type", message, value=str(given.get("type")))
    choices = given.get("choices") or ()
    if isinstance(choices, str) or (given["type"] == "choice") != bool(choices):
        message = say("An attribute of type choice lists its choices; the other types have none.")
        return Problem(field, "attribute_choices", message, value=str(choices))
    return None


def inherit(levels: Sequence[Mapping[str, AttributeSpec]]) -> dict[str, AttributeSpec]:
    """The attributes of an item whose categories, root first, declare these; the nearer declaration wins."""
    merged: dict[str, AttributeSpec] = {}
    for level in levels:
        merged |= level
    return merged


def conflicts(inherited: Mapping[str, AttributeSpec], own: Mapping[str, AttributeSpec]) -> list[Problem]:
    """A category may narrow what it inherits (required, fewer choices), never change its type."""
    return [
        Problem(
            f"attributes.{code}",
            "attribute_type_inherited",
            say(
                "{code} is inherited as {type}; it cannot become {type_2} here.",
                code=code,
                type=inherited[code].type,
                type_2=spec.type,
            ),
            value=spec.type,
        )
        for code, spec in own.items()
        if code in inherited and inherited[code].type != spec.type
    ]


def check_values(
    specs: Mapping[str, AttributeSpec], values: Mapping[str, Any], *, row: int | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """The values in the form in which they are kept, and all that is wrong with them."""
    kept: dict[str, Any] = {}
    problems: list[Problem] = []
    for code, value in values.items():
        field = f"attributes.{code}"
        if code not in specs:
            known = ", ".join(specs) or "none"
            message = say(
                "The item's category has no attribute {code}. It has: {known}.", code=code, known=known
            )
            problems.append(Problem(field, "attribute_known", message, row=row, value=str(value)))
            continue
        try:
            clean = _clean(specs[code], value)
        except BadValue as bad:
            problems.append(
                Problem(field, f"attribute_{specs[code].type}", str(bad), row=row, value=str(value))
            )
            continue
        if clean is not None:
            kept[code] = clean
    problems.extend(
        Problem(
            f"attributes.{code}",
            "attribute_required",
            say("{spec_label} must be given.", spec_label=spec.label),
            row=row,
        )
        for code, spec in specs.items()
        if spec.required and code not in kept and not any(p.field == f"attributes.{code}" for p in problems)
    )
    return kept, problems


def _clean(spec: AttributeSpec, value: Any) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _CLEANERS[spec.type](spec, value)


def _text(_spec: AttributeSpec, value: Any) -> str:
    text = str(value).strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise BadValue(
            say("A text has at most {longest_text} characters and no NUL.", longest_text=LONGEST_TEXT)
        )
    return text


def _number(spec: AttributeSpec, value: Any) -> str:
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise BadValue(say("{spec_label} is a number, such as 12.5.", spec_label=spec.label))
    return f"{number:f}"


def _date(spec: AttributeSpec, value: Any) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value).strip())).isoformat()[:10]
    except ValueError:
        raise BadValue(say("{spec_label} is a date in the form YYYY-MM-DD.", spec_label=spec.label)) from None


def _choice(spec: AttributeSpec, value: Any) -> str:
    text = str(value).strip()
    if text not in spec.choices:
        raise BadValue(
            say("{spec_label} is one of: {choices}.", spec_label=spec.label, choices=", ".join(spec.choices))
        )
    return text


def _bool(spec: AttributeSpec, value: Any) -> bool:
    word = str(value).strip().casefold()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise BadValue(say("{spec_label} is yes or no.", spec_label=spec.label))
    return word in TRUE_WORDS


_CLEANERS = {"text": _text, "number": _number, "date": _date, "choice": _choice, "bool": _bool}
