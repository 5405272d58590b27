"""Reading the body: plain JSON of bounded size, numbers kept exact, nothing in it that cannot be stored."""

import json
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from wherewithal.api.problems import ApiError, fault_at
from wherewithal.core.words import say

MOST_BYTES = 16 * 1024 * 1024
_NOT_STORABLE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class BoundedJson(Parser):
    """JSON whose numbers stay exact: a fraction becomes a Decimal, never a float."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = request.body
        try:
            value = json.loads(body, parse_float=_number, parse_constant=_refuse_constant)
        except RecursionError:
            raise malformed("depth", say("The body is nested too deeply.")) from None
        except (ValueError, InvalidOperation) as error:
            raise malformed("json", say("The body is no JSON: {error}.", error=str(error))) from None
        if _NOT_STORABLE.search(body):
            _refuse_unstorable(value)
        return value

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        return {name: data.getlist(name) if name in list_fields else data[name] for name in data}


def malformed(rule: str, message: str, path: Sequence[str | int] = ()) -> ApiError:
    return ApiError("malformed", fault_at(path, rule, message))


def _number(text: str) -> Decimal | int:
    """1.50 stays 1.50; 2.0 and 1e3 are whole numbers in JSON, and are so here."""
    value = Decimal(text)
    return int(value) if value.adjusted() < 19 and value == value.to_integral_value() else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _refuse_unstorable(value: object, path: tuple[str | int, ...] = ()) -> None:
    """NUL and halves of surrogate pairs can be written as escapes, but neither UTF-8 nor PostgreSQL can keep them."""
    if isinstance(value, str):
        if _is_unstorable(value):
            message = say("A text contains NUL or half of a surrogate pair; leave it out.")
            raise malformed("text", message, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _refuse_unstorable(key, path)
            _refuse_unstorable(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            _refuse_unstorable(inner, (*path, position))


def _is_unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
