"""How money, quantities, dates and instants look to a person: with `kit.formatting`, which documents share, the only
place where that is decided.

Every function is total: `None` means "not known" and shows as an em dash, which is a different thing from zero.
Negative figures carry a true minus sign (U+2212), which has the width of a digit, so that columns stay aligned.
"""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_percent, get_currency_precision
from django.utils.translation import pgettext

from wherewithal.kit.formatting import LEFT_TO_RIGHT as LEFT_TO_RIGHT
from wherewithal.kit.formatting import MINUS as MINUS
from wherewithal.kit.formatting import UNKNOWN as UNKNOWN
from wherewithal.kit.formatting import current_locale as current_locale
from wherewithal.kit.formatting import day as day
from wherewithal.kit.formatting import exponent, minus
from wherewithal.kit.formatting import locale_of as locale_of
from wherewithal.kit.formatting import number as number


def locale_code() -> str:
    """The reader's locale as browsers call it, such as en-GB."""
    return str(current_locale()).replace("_", "-")


def currency_decimals(currency: str) -> int:
    """Decimal places of a currency (EUR 2, JPY 0, KWD 3)."""
    return get_currency_precision(currency)


def from_minor(amount: int, decimals: int) -> Decimal:
    """1250 minor units at 2 decimals is 12.50: the scale is kept, so the cents of a round amount show."""
    return Decimal(amount).scaleb(-decimals)


def money(amount: Decimal | None, currency: str, *, decimals: int | None = None) -> str:
    """An amount in the places of its currency, without the currency's name: tables carry that in the heading."""
    return number(amount, decimals=currency_decimals(currency) if decimals is None else decimals)


def money_with_currency(amount: Decimal | None, currency: str, *, decimals: int | None = None) -> str:
    """An amount followed by its ISO code, joined by a space that does not break."""
    text = money(amount, currency, decimals=decimals)
    return text if amount is None else f"{text}\N{NO-BREAK SPACE}{currency}"


def unit_cost(value: Decimal | None, currency: str) -> str:
    """Cost of one unit: never rounded in a calculation, shown to four places more than its currency has, at most."""
    if value is None:
        return UNKNOWN
    least = currency_decimals(currency)
    exact = round(value, least + 4).normalize()
    return number(exact, decimals=max(least, -exponent(exact)))


def quantity(value: Decimal | int | None) -> str:
    """A quantity in exactly the places it has meaning: 1.500 kg stays 1.5, 12 stays 12."""
    if value is None:
        return UNKNOWN
    return number(_trimmed(value))


def percent(value: Decimal | None, *, decimals: int = 1) -> str:
    """A ratio as a percentage (0.125 shows as 12.5%, in German as 12,5 %)."""
    if value is None:
        return UNKNOWN
    locale = current_locale()
    digits = "#,##0" + (f".{'0' * decimals}" if decimals else "")
    pattern = locale.percent_formats[None].pattern.replace("#,##0", digits)
    text = str(format_percent(abs(value), format=pattern, locale=locale))
    return f"{minus(locale)}{text}" if value < 0 else text


def month(value: date | None) -> str:
    """A calendar month: Jan 2026."""
    return UNKNOWN if value is None else str(format_date(value, format="MMM y", locale=current_locale()))


def week(first: date) -> str:
    """A week by its first day: 5 Jan."""
    # Translators: d, MMM, y, HH, mm and ss stay as they are (Unicode LDML); order and signs are the language's.
    pattern = pgettext("pattern of a day", "d MMM")
    return str(format_date(first, format=pattern, locale=current_locale()))


def instant(value: datetime | None, *, timezone: tzinfo | None = None, length: str = "medium") -> str:
    """A moment in the company's time zone, to the minute."""
    if value is None:
        return UNKNOWN
    # Translators: d, MMM, y, HH, mm and ss stay as they are (Unicode LDML); order and signs are the language's.
    pattern = pgettext("pattern of a moment", "d MMM y, HH:mm")
    if length != "medium":
        pattern = pgettext("pattern of a moment", "d MMM y, HH:mm:ss")
    return str(format_datetime(value, format=pattern, tzinfo=timezone, locale=current_locale()))


def hour(value: datetime, *, timezone: tzinfo | None = None) -> str:
    """The time of day in the company's time zone: 14:30."""
    return str(format_datetime(value, format="HH:mm", tzinfo=timezone, locale=current_locale()))


def count(value: int | None) -> str:
    """How many: grouped, no decimals."""
    return number(value, decimals=0)


def _trimmed(value: Decimal | int) -> Decimal:
    trimmed = Decimal(value).normalize()
    return trimmed.quantize(Decimal(1)) if exponent(trimmed) > 0 else trimmed
