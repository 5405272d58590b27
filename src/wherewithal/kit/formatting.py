"""Figures and days in the language of the person in whose request we are: what every door and every document shares.

Every function is total: `None` means "not known" and shows as an em dash, which is a different thing from zero.
Negative figures carry a true minus sign (U+2212), which has the width of a digit, so that columns stay aligned.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import translation

UNKNOWN = "\N{EM DASH}"
MINUS = "\N{MINUS SIGN}"
LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"

# English without a country: day before month, with the month in letters, so that nobody can misread it.
_BABEL_NAMES = {"en": "en_GB", "en-us": "en_US"}


def current_locale() -> Locale:
    """The locale of the person in whose request we are."""
    return locale_of(translation.get_language() or "en")


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The Babel locale of a Django language code; English where Babel does not know it."""
    try:
        return Locale.parse(_BABEL_NAMES.get(language.lower(), language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def number(value: Decimal | int | None, *, decimals: int | None = None, locale: Locale | None = None) -> str:
    """A figure with group separators. `decimals` fixes the places shown; without it, as many as it has."""
    if value is None:
        return UNKNOWN
    places = max(0, -exponent(value)) if decimals is None else decimals
    locale = locale or current_locale()
    text = format_decimal(abs(Decimal(value)), format=_pattern(places), locale=locale)
    return f"{minus(locale)}{text}" if _shows_negative(value, places) else text


def day(value: date | None, *, length: str = "medium") -> str:
    """A calendar day in words of the reader's language."""
    if value is None:
        return UNKNOWN
    known = length if length in ("short", "medium", "long", "full") else "medium"
    return str(format_date(value, format=known, locale=current_locale()))


def exponent(value: Decimal | int) -> int:
    """Minus the places after the point: -2 of 12.50."""
    found = Decimal(value).as_tuple().exponent
    return found if isinstance(found, int) else 0


def minus(locale: Locale) -> str:
    """The minus; among letters that run from right to left it needs a mark to stay in front of its figure."""
    return MINUS if locale.text_direction == "ltr" else f"{LEFT_TO_RIGHT}{MINUS}"


@lru_cache(maxsize=32)
def _pattern(places: int) -> str:
    return "#,##0" + (f".{'0' * places}" if places else "")


def _shows_negative(value: Decimal | int, places: int) -> bool:
    """Whether a minus belongs in front: not where the figure rounds to zero."""
    return value < 0 and round(Decimal(value), places) != 0
