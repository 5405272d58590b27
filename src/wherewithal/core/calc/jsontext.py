"""JSON in and out without floats: numbers are read and written as exact decimals."""

import json
from decimal import Decimal
from typing import Any, Never

from wherewithal.core.calc.reading import CaseError

MAX_TEXT = 20_000_000
"""Longer texts are refused: a case is written by a person or a test."""


class JsonError(CaseError):
    """Text that is not JSON; the message says where."""

    def __init__(self, message: str) -> None:
        super().__init__("case", "json", message)


def loads(text: str | bytes) -> Any:
    """The value of a JSON text (bytes: UTF-8), every number with a fraction or exponent as a Decimal.

    Raises JsonError for text that is no JSON (NaN and Infinity are none), too long or too deeply nested.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise JsonError(f"Byte {error.start} is not UTF-8.") from None
    if len(text) > MAX_TEXT:
        raise JsonError(f"The text is longer than {MAX_TEXT} characters.")
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise JsonError(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise JsonError("The text is nested too deeply.") from None
    except ValueError as error:  # an integer of more digits than Python reads
        raise JsonError(str(error)) from None


def _no_constant(name: str) -> Never:
    raise JsonError(f"{name} is no JSON number.")


def dumps(value: Any, indent: int = 1) -> str:
    """The JSON text of dicts with text keys, lists, texts, ints, Decimals, booleans and None."""
    return "".join(_pieces(value, indent, 0))


def _pieces(value: Any, indent: int, level: int) -> list[str]:
    if isinstance(value, Decimal):
        return [format(value, "f")]
    if isinstance(value, dict):
        inner = [
            [json.dumps(key, ensure_ascii=False), ": ", *_pieces(each, indent, level + 1)]
            for key, each in value.items()
        ]
        return _bracketed("{", inner, "}", indent, level)
    if isinstance(value, list | tuple):
        return _bracketed("[", [_pieces(each, indent, level + 1) for each in value], "]", indent, level)
    return [json.dumps(value, ensure_ascii=False, allow_nan=False)]


def _bracketed(opening: str, inner: list[list[str]], closing: str, indent: int, level: int) -> list[str]:
    if not inner:
        return [opening + closing]
    space = "\n" + " " * indent * (level + 1)
    pieces = [opening]
    for number, each in enumerate(inner):
        pieces += ["," if number else "", space, *each]
    return [*pieces, "\n" + " " * indent * level, closing]
