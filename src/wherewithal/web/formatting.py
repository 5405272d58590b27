"""How money, quantities, dates and instants look to a person: the only place where that is decided.

Every function is total: `None` means "not known" and shows as an em dash, which is a different thing from zero.
Negative figures carry a true minus sign (U+2212), which has the width of a digit, so that columns stay aligned.
"""

from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent, get_currency_precision
from django.utils import translation

UNKNOWN = "\N{EM DASH}"
MINUS = "\N{MINUS SIGN}"

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


def currency_decimals(currency: str) -> int:
    """Decimal places of a currency (EUR 2, JPY 0, KWD 3)."""
    return get_currency_precision(currency)


def from_minor(amount: int, decimals: int) -> Decimal:
    """1250 minor units at 2 decimals is 12.50: the scale is kept, so the cents of a round amount show."""
    return Decimal(amount).scaleb(-decimals)


def number(value: Decimal | int | None, *, decimals: int | None = None, locale: Locale | None = None) -> str:
    """A figure with group separators. `decimals` fixes the places shown; without it, as many as it has."""
    if value is None:
        return UNKNOWN
    places = max(0, -_exponent(value)) if decimals is None else decimals
    text = format_decimal(abs(Decimal(value)), format=_pattern(places), locale=locale or current_locale())
    return f"{MINUS}{text}" if _shows_negative(value, places) else text


def money(amount: Decimal | None, currency: str, *, decimals: int | None = None) -> str:
    """An amount in the places of its currency, without the currency's name: tables carry that in the heading."""
    return number(amount, decimals=currency_decimals(currency) if decimals is None else decimals)


def money_with_currency(amount: Decimal | None, currency: str, *, decimals: int | None = None) -> str:
    """An amount followed by its ISO code, joined by a space that does not break."""
    text = money(amount, currency, decimals=decimals)
    return text if amount is None else f"{text}\N{NO-BREAK SPACE}{currency}"


def quantity(value: Decimal | int | None) -> str:
    """A quantity in exactly the places it has meaning: 1.500 kg stays 1.5, 12 stays 12."""
    if value is None:
        return UNKNOWN
    return number(_trimmed(value))


def percent(value: Decimal | None, *, decimals: int = 1) -> str:
    """A ratio as a percentage (0.125 shows as 12.5%)."""
    if value is None:
        return UNKNOWN
    pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "") + "%"
    text = str(format_percent(abs(value), format=pattern, locale=current_locale()))
    return f"{MINUS}{text}" if value < 0 else text


def day(value: date | None, *, length: str = "medium") -> str:
    """A calendar day in words of the reader's language."""
    return (
        UNKNOWN if value is None else str(format_date(value, format=_length(length), locale=current_locale()))
    )


def month(value: date | None) -> str:
    """A calendar month: Jan 2026."""
    return UNKNOWN if value is None else str(format_date(value, format="MMM y", locale=current_locale()))


def week(first: date) -> str:
    """A week by its first day: 5 Jan."""
    return str(format_date(first, format="d MMM", locale=current_locale()))


def instant(value: datetime | None, *, timezone: tzinfo | None = None, length: str = "medium") -> str:
    """A moment in the company's time zone, to the minute."""
    if value is None:
        return UNKNOWN
    pattern = "d MMM y, HH:mm" if length == "medium" else "d MMM y, HH:mm:ss"
    return str(format_datetime(value, format=pattern, tzinfo=timezone, locale=current_locale()))


def hour(value: datetime, *, timezone: tzinfo | None = None) -> str:
    """The time of day in the company's time zone: 14:30."""
    return str(format_datetime(value, format="HH:mm", tzinfo=timezone, locale=current_locale()))


def count(value: int | None) -> str:
    """How many: grouped, no decimals."""
    return number(value, decimals=0)


_SHORT: tuple[tuple[int, int, str], ...] = ((10**9, 10**9, "B"), (10**6, 10**6, "M"), (10**4, 10**3, "K"))


def compact(value: Decimal | int) -> str:
    """A short figure for charts and tiles where the exact one is a click away (1.2M, 340K)."""
    for limit, divisor, letter in _SHORT:
        if abs(Decimal(value)) >= limit:
            return f"{number(Decimal(value) / divisor, decimals=1)}{letter}"
    return number(value, decimals=0)


def _exponent(value: Decimal | int) -> int:
    exponent = Decimal(value).as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _trimmed(value: Decimal | int) -> Decimal:
    trimmed = Decimal(value).normalize()
    return trimmed.quantize(Decimal(1)) if _exponent(trimmed) > 0 else trimmed


@lru_cache(maxsize=32)
def _pattern(places: int) -> str:
    return "#,##0" + (f".{'0' * places}" if places else "")


def _shows_negative(value: Decimal | int, places: int) -> bool:
    """Whether a minus belongs in front: not where the figure rounds to zero."""
    return value < 0 and round(Decimal(value), places) != 0


def _length(length: str) -> str:
    return length if length in ("short", "medium", "long", "full") else "medium"
