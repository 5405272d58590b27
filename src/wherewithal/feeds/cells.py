"""From the text of one cell to a value, or a sentence that says what would be right.

Nothing is guessed: 1,234 is refused unless the mapping says what its comma is, and 03/04/2026 unless it says which
comes first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from wherewithal.core.words import say

LONGEST_TEXT = 10_000
WHOLE_DIGITS = 18
DECIMAL_DIGITS = 12
YEARS = range(1900, 2201)
TRUE_WORDS = frozenset({"yes", "y", "true", "t", "1", "x", "on"})
FALSE_WORDS = frozenset({"no", "n", "false", "f", "0", "off"})
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_OTHER_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:?\d{2})?")


class BadCell(ValueError):
    """`rule` is a short word for programs, the text a sentence for people."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Formats:
    """How numbers and dates are written in a file."""

    decimal: str = "."
    thousands: str = ""
    day_order: str = "iso"  # iso (2026-04-03), dmy (03.04.2026) or mdy (04/03/2026)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    time_of_day: time = time(12)  # for dates without a time


Parser = Callable[[str, Formats], Any]


def text(cell: str, _formats: Formats) -> str:
    if len(cell) > LONGEST_TEXT:
        raise BadCell(
            "too_long",
            say(
                "The text has {count} characters; at most {longest_text} fit.",
                count=len(cell),
                longest_text=LONGEST_TEXT,
            ),
        )
    return cell


def number(cell: str, formats: Formats) -> Decimal:
    """A decimal number, exactly as written. No exponents, no guessing about separators."""
    plain = cell.replace("\u2212", "-").replace("\u00a0", " ")
    if formats.thousands:
        plain = _without_thousands(plain, formats)
    if formats.decimal != ".":
        if "." in plain:
            raise _no_number(cell, formats)
        plain = plain.replace(formats.decimal, ".", 1)
    match = _number_form().fullmatch(plain)
    if match is None:
        raise _no_number(cell, formats)
    if len(match[1].lstrip("0")) > WHOLE_DIGITS or len((match[2] or "").rstrip("0")) > DECIMAL_DIGITS:
        message = say(
            "The number has too many digits: at most {whole_digits} before and {decimal_digits} "
            "after the point.",
            whole_digits=WHOLE_DIGITS,
            decimal_digits=DECIMAL_DIGITS,
        )
        raise BadCell("number_range", message)
    return Decimal(plain)


@cache
def _number_form() -> re.Pattern[str]:
    return re.compile(r"[+-]?([0-9]+)(?:\.([0-9]*))?")


@cache
def _grouped_form(thousands: str) -> re.Pattern[str]:
    return re.compile(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?![0-9])")


def _without_thousands(plain: str, formats: Formats) -> str:
    if formats.thousands not in plain:
        return plain
    whole = _grouped_form(formats.thousands).match(plain)
    rest = plain[whole.end() :] if whole else ""
    if whole is None or formats.thousands in rest:
        raise _no_number(plain, formats)
    return whole[0].replace(formats.thousands, "") + rest


def _no_number(cell: str, formats: Formats) -> BadCell:
    example = say("1{thousands}234{decimal}5", thousands=formats.thousands, decimal=formats.decimal)
    return BadCell(
        "number", say("{cell!r} is not a number: write it like {example}.", cell=cell[:40], example=example)
    )


def whole_number(cell: str, formats: Formats) -> int:
    value = number(cell, formats)
    if value != int(value):
        raise BadCell("whole_number", say("{cell!r} is not a whole number.", cell=cell[:40]))
    return int(value)


def yes_no(cell: str, _formats: Formats) -> bool:
    word = cell.casefold()
    if word in TRUE_WORDS or word in FALSE_WORDS:
        return word in TRUE_WORDS
    raise BadCell("yes_no", say("{cell!r} is neither yes nor no.", cell=cell[:40]))


def day(cell: str, formats: Formats) -> date:
    """A calendar day; a time that follows it is let go."""
    return _day_and_rest(cell, formats)[0]


def instant(cell: str, formats: Formats) -> datetime:
    """An aware instant in UTC. Without an offset it is local to the mapping's time zone; without a time, midday."""
    found, rest = _day_and_rest(cell, formats)
    if not rest:
        return datetime.combine(found, formats.time_of_day, formats.timezone).astimezone(UTC)
    match = _TIME.fullmatch(rest)
    if match is None:
        raise BadCell(
            "instant",
            say(
                "{cell!r} is not a date with time: write it like {formats} 14:30.",
                cell=cell[:40],
                formats=_example(formats),
            ),
        )
    try:
        clock = time(int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or "0").ljust(6, "0")))
        zone = datetime.strptime(match[5], "%z").tzinfo if match[5] else formats.timezone
    except ValueError:
        raise BadCell("instant", say("{rest!r} is no time of day.", rest=rest[:40])) from None
    return datetime.combine(found, clock, zone).astimezone(UTC)


def _day_and_rest(cell: str, formats: Formats) -> tuple[date, str]:
    iso = _ISO_DAY.match(cell)
    match = iso or (_OTHER_DAY.match(cell) if formats.day_order != "iso" else None)
    if match is None:
        raise BadCell(
            "date",
            say(
                "{cell!r} is not a date: write it like {formats}.", cell=cell[:40], formats=_example(formats)
            ),
        )
    first, second, third = (int(part) for part in match.groups())
    if iso:
        year, month, day_of_month = first, second, third
    elif formats.day_order == "dmy":
        day_of_month, month, year = first, second, third
    else:
        month, day_of_month, year = first, second, third
    rest = cell[match.end() :]
    if rest and rest[0] not in "T ":
        raise BadCell(
            "date",
            say(
                "{cell!r} is not a date: write it like {formats}.", cell=cell[:40], formats=_example(formats)
            ),
        )
    if year not in YEARS:
        raise BadCell(
            "date_range",
            say(
                "The year {year} lies outside {start} to {stop}.",
                year=year,
                start=YEARS.start,
                stop=YEARS.stop - 1,
            ),
        )
    try:
        return date(year, month, day_of_month), rest[1:].strip()
    except ValueError:
        raise BadCell("date", say("There is no day {match}.", match=match[0])) from None


def _example(formats: Formats) -> str:
    return {"dmy": "31.12.2026", "mdy": "12/31/2026"}.get(formats.day_order, "2026-12-31")


def choice(*choices: str) -> Parser:
    """One of these words, whatever their case."""
    by_word = {word.casefold(): word for word in choices}

    def parse(cell: str, _formats: Formats) -> str:
        found = by_word.get(cell.casefold().replace(" ", "_").replace("-", "_"))
        if found is None:
            raise BadCell(
                "choice",
                say("{cell!r} is not one of: {choices}.", cell=cell[:40], choices=", ".join(choices)),
            )
        return found

    return parse
