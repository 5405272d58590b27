"""The types of everything that comes in and goes out: bounded texts, exact numbers, instants with a zone.

Whatever passes here can be stored: no NUL, no lone surrogate, no number beyond its column, no date beyond the
calendar of time zones. So no input reaches PostgreSQL that it could only answer with an error of its own.
"""

import contextlib
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

LONGEST_TEXT = 2_000
LONGEST_CODE = 64
LONGEST_NAME = 200
MOST_ROWS = 10_000
INT4 = 2**31 - 1
INT8 = 2**63 - 1
WHOLE_DIGITS = 15
DECIMAL_PLACES = 12
LEFT_OUT: Any = None  # the default of a field that a change may leave out, though it is never null

NUMBER_PATTERN = rf"^-?[0-9]{{1,{WHOLE_DIGITS}}}(\.[0-9]{{1,{DECIMAL_PLACES}}})?$"
DAY_PATTERN = r"^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$"
INSTANT_PATTERN = (
    DAY_PATTERN[:-1] + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
CURRENCY_PATTERN = r"^[A-Z]{3}$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"


class Body(BaseModel):
    """What a request brings: unknown fields are refused, nothing is guessed ("12" is no number of pieces)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Filters(BaseModel):
    """Query parameters, which are all text on the way; unknown ones are refused by the door."""

    model_config = ConfigDict(frozen=True)


class Answer(BaseModel):
    """What a response brings."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


# --- text ---------------------------------------------------------------------------------------------------

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Name = Annotated[Text, Field(min_length=1, max_length=LONGEST_NAME)]
Code = Annotated[Text, Field(min_length=1, max_length=LONGEST_CODE)]
Search = Annotated[Text, Field(min_length=1, max_length=100)]
Currency = Annotated[Text, Field(pattern=CURRENCY_PATTERN, examples=["EUR"])]
Country = Annotated[Text, Field(pattern=COUNTRY_PATTERN, examples=["DE"])]

# --- whole numbers --------------------------------------------------------------------------------------------


def digits(value: object) -> object:
    """A query's whole number: digits and no more (Python's int() would take 1_000 and blanks as well)."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,19}", value):
        raise PydanticCustomError("int_parsing", "must be a whole number in digits, such as 12")
    return int(value) if isinstance(value, str) else value


Id = Annotated[int, Field(ge=1, le=INT4)]
BigId = Annotated[int, Field(ge=1, le=INT8)]
QueryId = Annotated[int, Field(ge=1, le=INT4), BeforeValidator(digits)]
QueryBigId = Annotated[int, Field(ge=1, le=INT8), BeforeValidator(digits)]
KeyId = Annotated[int, Field(ge=0, le=INT8)]  # in a cursor


def _flag(value: object) -> object:
    words = {"true": True, "false": False}
    if isinstance(value, str) and value not in words:
        raise PydanticCustomError("bool_parsing", "must be true or false")
    return words[value] if isinstance(value, str) else value


QueryFlag = Annotated[bool, BeforeValidator(_flag)]

# --- exact numbers --------------------------------------------------------------------------------------------


def _exact(value: object) -> Decimal:
    """A Decimal from a string, or from a JSON number (which the parser never let become a float)."""
    number = _read_number(value)
    exponent = number.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else DECIMAL_PLACES + 1
    if number.adjusted() >= WHOLE_DIGITS or places > DECIMAL_PLACES:
        message = "must have at most {whole} digits before the point and {places} after it"
        raise PydanticCustomError("decimaldigits", message, {"whole": WHOLE_DIGITS, "places": DECIMAL_PLACES})
    return number


def _read_number(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and re.fullmatch(NUMBER_PATTERN, value):
        return Decimal(value)
    raise PydanticCustomError("decimal_parsing", 'must be a number, best written as a string: "12.50"')


def _above_zero(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("greater_than", "must be above zero")
    return value


def _not_below_zero(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("greater_than_equal", "must not be below zero")
    return value


def plain(value: Decimal) -> str:
    """A Decimal as people write it: never an exponent, no -0."""
    return f"{value:f}" if value else f"{abs(value):f}"


def _schema(lowest: dict[str, int]) -> WithJsonSchema:
    limit = 10**WHOLE_DIGITS
    schema = {
        "anyOf": [
            {"type": "string", "pattern": NUMBER_PATTERN.replace("-?", "") if lowest else NUMBER_PATTERN},
            {"type": "number", "exclusiveMaximum": limit, **(lowest or {"exclusiveMinimum": -limit})},
        ],
        "description": "An exact decimal number; written as a string it stays exact in every client.",
        "examples": ["12.50"],
    }
    return WithJsonSchema(schema, mode="validation")


_out = WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}, mode="serialization")
_plain = PlainSerializer(plain, return_type=str, when_used="json")

Number = Annotated[Decimal, BeforeValidator(_exact), _plain, _schema({}), _out]
Positive = Annotated[
    Decimal,
    AfterValidator(_above_zero),
    BeforeValidator(_exact),
    _plain,
    _schema({"exclusiveMinimum": 0}),
    _out,
]
NotNegative = Annotated[
    Decimal, AfterValidator(_not_below_zero), BeforeValidator(_exact), _plain, _schema({"minimum": 0}), _out
]

# --- days and instants ------------------------------------------------------------------------------------------


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(DAY_PATTERN, value):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value)
    raise PydanticCustomError(
        "date_parsing", "must be a day of the years 1900 to 2199 in the form YYYY-MM-DD, such as 2026-03-31"
    )


def _instant(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, str) and re.fullmatch(INSTANT_PATTERN, value):
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
    raise PydanticCustomError(
        "datetime_parsing",
        "must be an instant of the years 1900 to 2199 with its zone, such as 2026-03-31T17:30:00+02:00",
    )


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema(
        {"type": "string", "format": "date", "pattern": DAY_PATTERN, "examples": ["2026-03-31"]},
        mode="validation",
    ),
]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "pattern": INSTANT_PATTERN,
            "examples": ["2026-03-31T17:30:00+02:00"],
        },
        mode="validation",
    ),
]
