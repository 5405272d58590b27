"""What a user typed, looked at before anything is written. Each check gives a problem, or None when all is well."""

import dataclasses
import datetime
import re
import zoneinfo
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import list_currencies
from django.conf import settings

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
LONGEST_TEXT = 500


def refuse_any(*problems: Problem | None) -> None:
    """Refuse with all the problems there are, if any."""
    found = [problem for problem in problems if problem is not None]
    if found:
        raise Refused(found)


def code(field: str, value: str) -> Problem | None:
    if CODE.fullmatch(value):
        return None
    message = say(
        "A code has 1 to 32 letters, digits, dots, dashes or underscores, and begins with a letter or digit."
    )
    return Problem(field, "code", message, value=value)


def name(field: str, value: str) -> Problem | None:
    if "\0" in value:
        return Problem(field, "no_nul", say("The character NUL (code 0) cannot be stored: remove it."))
    if not value.strip():
        return Problem(field, "required", say("A name is needed."))
    return _too_long(field, value)


def text(field: str, value: str) -> Problem | None:
    if "\0" in value:
        return Problem(field, "no_nul", say("The character NUL (code 0) cannot be stored: remove it."))
    return _too_long(field, value)


def _too_long(field: str, value: str) -> Problem | None:
    if len(value) <= LONGEST_TEXT:
        return None
    return Problem(
        field,
        "length",
        say(
            "At most {longest_text} characters fit, not {count}.", longest_text=LONGEST_TEXT, count=len(value)
        ),
    )


@cache
def currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@cache
def countries() -> frozenset[str]:
    return frozenset(key for key in map(str, Locale("en").territories) if len(key) == 2 and key.isalpha())


def currency(field: str, value: str) -> Problem | None:
    if value in currencies():
        return None
    message = say("A currency is one of the three-letter codes of ISO 4217, such as EUR.")
    return Problem(field, "currency", message, value=value)


def country(field: str, value: str) -> Problem | None:
    if value in countries():
        return None
    message = say("A country is one of the two-letter codes of ISO 3166, such as DE.")
    return Problem(field, "country", message, value=value)


def timezone(field: str, value: str) -> Problem | None:
    if value in zoneinfo.available_timezones():
        return None
    message = say("A time zone is a name of the IANA database, such as Europe/Berlin.")
    return Problem(field, "timezone", message, value=value)


def month(field: str, value: int) -> Problem | None:
    if 1 <= value <= 12:
        return None
    return Problem(field, "month", say("A month is a number from 1 to 12."), value=str(value))


def day(field: str, value: datetime.date) -> Problem | None:
    """Days are kept between 1900 and 2199: what lies outside is a slip of the keyboard."""
    if 1900 <= value.year < 2200:
        return None
    return Problem(field, "day", say("A day lies between 1900-01-01 and 2199-12-31."), value=str(value))


def language(field: str, value: str) -> Problem | None:
    """One of the languages that the program speaks."""
    return one_of(field, value, tuple(code for code, _name in settings.LANGUAGES))


def one_of(field: str, value: str, allowed: tuple[str, ...]) -> Problem | None:
    if value in allowed:
        return None
    return Problem(field, "choice", say("Choose one of {allowed}.", allowed=", ".join(allowed)), value=value)


def positive(field: str, value: Decimal) -> Problem | None:
    """Above zero, and of a size and fineness that a rate can have."""
    if not value.is_finite() or value <= 0:
        return Problem(field, "positive", say("The value must be above zero."), value=str(value))
    exponent = value.as_tuple().exponent
    if value >= Decimal(10) ** 12 or (isinstance(exponent, int) and exponent < -18):
        message = say("The value must be below a million million and have at most 18 decimals.")
        return Problem(field, "range", message, value=str(value))
    return None


def at_row(problem: Problem, row: int) -> Problem:
    return dataclasses.replace(problem, row=row)
