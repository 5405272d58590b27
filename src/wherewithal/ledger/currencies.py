"""What ISO 4217 says about a currency."""

from babel.numbers import get_currency_precision


def currency_decimals(currency: str) -> int:
    """How many decimals it has: 2 for most, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))
