"""Parts that the schemas of calculations share."""

from collections.abc import Mapping
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"

NUMBER: dict[str, Any] = {
    "description": "A decimal number, as a JSON number or as a text (texts are read exactly by every client).",
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"},
    ],
}
RATE: dict[str, Any] = {
    "description": 'A rate like 0.05, or a text like "5%".',
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*%?\s*$"},
    ],
}
DAY: dict[str, Any] = {"type": "string", "format": "date", "description": "A day, like 2026-01-31."}
FLAG: dict[str, Any] = {"type": "boolean"}
MONEY: dict[str, Any] = {"type": "number"}
IGNORED: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Fields nothing was made of.",
}
DEFS: dict[str, Any] = {"number": NUMBER, "rate": RATE, "day": DAY}


def amount(meaning: str, *others: str) -> dict[str, Any]:
    """An amount in the currency; others: names under which it is read too."""
    return {"$ref": "#/$defs/number", "description": _named(meaning, others)}


def rate(meaning: str, *others: str) -> dict[str, Any]:
    return {"$ref": "#/$defs/rate", "description": _named(meaning, others)}


def on_day(meaning: str, *others: str) -> dict[str, Any]:
    return {"$ref": "#/$defs/day", "description": _named(meaning, others)}


def number_of(meaning: str, *others: str) -> dict[str, Any]:
    return {"$ref": "#/$defs/number", "description": _named(meaning, others)}


def flag(meaning: str) -> dict[str, Any]:
    return FLAG | {"description": meaning}


def word(meaning: str, choices: Mapping[str, Any] | tuple[str, ...]) -> dict[str, Any]:
    """One of some words; case, spaces and hyphens do not count, which a schema cannot say."""
    return {"type": "string", "description": f"{meaning} One of: {', '.join(choices)}."}


def money_fields(meanings: Mapping[str, str]) -> dict[str, Any]:
    """The amounts of an answer."""
    return {name: MONEY | {"description": meaning} for name, meaning in meanings.items()}


def _named(meaning: str, others: tuple[str, ...]) -> str:
    return f"{meaning} Also read as: {', '.join(others)}." if others else meaning
