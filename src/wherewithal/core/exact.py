"""Numbers as people write them, exactly."""

import re
from fractions import Fraction

_EXACT = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30}|\d{1,30}/\d{1,30})", re.ASCII)


def exact_number(value: object) -> Fraction:
    """A number as people write it: 60, 0.25 or 1/3. ValueError for anything else: an exponent is no way to write one,
    and 1e999999999 would be a billion digits."""
    text = str(value).strip()
    if isinstance(value, bool) or not _EXACT.fullmatch(text) or re.search(r"/0+$", text):
        raise ValueError("not an exact number")
    return Fraction(text)
