"""Codes on labels: GTIN check digits, one's own codes, and GS1 element strings.

A GTIN-8, -12, -13 or -14 is the same number with fewer or more leading zeros (GS1 General Specifications 3.3.2), so
codes are compared padded to 14 digits: the UPC on a box is found when a scanner reports it as EAN-13.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import biip
from biip.gs1_messages import GS1Message
from stdnum import ean

from wherewithal.core.words import say
from wherewithal.items.values import Symbology
from wherewithal.kit.errors import Problem

GTIN_LENGTHS = (8, 12, 13, 14)
LONGEST_CODE = 90  # a GS1 element string may have 90 characters with its fixed symbols


def is_gtin(code: str) -> bool:
    if len(code) not in GTIN_LENGTHS or not (code.isascii() and code.isdigit()):
        return False
    return bool(ean.is_valid(code))


def match_code(code: str) -> str:
    """What codes are compared by: a valid GTIN padded to 14 digits, anything else as it stands."""
    return code.zfill(14) if is_gtin(code) else code


def check_barcode(code: str, symbology: str | None) -> tuple[str, Problem | None]:
    """The symbology of a code (decided by its form where none is named) and what is wrong with it, if anything."""
    if not code or len(code) > LONGEST_CODE or not code.isprintable():
        message = say("A barcode has 1 to {longest_code} printable characters.", longest_code=LONGEST_CODE)
        return Symbology.INTERNAL, Problem("barcode", "barcode_form", message, value=code)
    if symbology == Symbology.INTERNAL or is_gtin(code):
        return symbology or Symbology.GTIN, None
    looks_like_gtin = code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS
    if symbology == Symbology.GTIN or looks_like_gtin:
        return Symbology.GTIN, Problem(
            "barcode", "gtin_check_digit", _gtin_message(code, looks_like_gtin), value=code
        )
    if symbology is not None:
        message = say("The symbology is 'gtin' or 'internal'.")
        return symbology, Problem("symbology", "symbology_known", message, value=symbology)
    return Symbology.INTERNAL, None


def _gtin_message(code: str, looks_like_gtin: bool) -> str:
    if not looks_like_gtin:
        return say("A GTIN has 8, 12, 13 or 14 digits.")
    right = code[:-1] + ean.calc_check_digit(code[:-1])
    return say(
        "The check digit of {code} is wrong; with {body} it would be {right}. "
        "For a code of your own choose the symbology 'internal'.",
        code=code,
        body=code[:-1],
        right=right,
    )


@dataclass(frozen=True, slots=True)
class ElementString:
    """What a GS1 element string, or a GS1 Digital Link, says about the goods it is on."""

    gtin: str | None = None
    lot_code: str | None = None
    serial: str | None = None
    manufactured_on: date | None = None
    best_before_on: date | None = None
    expires_on: date | None = None
    count: Decimal | None = None
    net_weight_kg: Decimal | None = None


def parse_element_string(text: str) -> ElementString | None:
    """Read (01)... text, raw data with group separators, or a Digital Link; None where it is none of them."""
    message = _gs1_message(text.strip())
    if message is None:
        return None
    by_ai = {element.ai.ai: element for element in message.element_strings}
    values = {ai: element.value for ai, element in by_ai.items()}
    dates = {ai: element.date for ai, element in by_ai.items() if element.date is not None}
    weight = next(
        (e.decimal for ai, e in by_ai.items() if ai.startswith("310") and e.decimal is not None), None
    )
    count = values.get("37") or values.get("30")
    return ElementString(
        gtin=values.get("01") or values.get("02"),
        lot_code=values.get("10"),
        serial=values.get("21"),
        manufactured_on=dates.get("11"),
        best_before_on=dates.get("15"),
        expires_on=dates.get("17"),
        count=Decimal(count) if count and count.isdigit() else None,
        net_weight_kg=weight,
    )


def _gs1_message(text: str) -> GS1Message | None:
    try:
        if text.startswith("("):
            return GS1Message.parse_hri(text)
        result = biip.parse(text)
    # biip leaves impossible dates and decimals, and a text that is cut short, to Python's own errors.
    except (biip.ParseError, ValueError, IndexError):
        return None
    if result.gs1_digital_link_uri is not None:
        return GS1Message(value=text, element_strings=result.gs1_digital_link_uri.element_strings)
    return result.gs1_message
