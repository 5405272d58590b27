"""What is right for a party: its country, its tax number there, its addresses."""

import re
import unicodedata
from functools import cache
from typing import Any

from babel import Locale
from stdnum.exceptions import ValidationError
from stdnum.util import get_cc_module

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

_MAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_KINDS = (
    "vat",
    "tin",
    "ein",
    "businessid",
)  # the names under which python-stdnum keeps tax numbers of companies


def name_key(text: str) -> str:
    """A name without case, accents and surplus blanks."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in folded if not unicodedata.combining(char)).split())


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 two-letter codes with their English names."""
    territories = Locale("en").territories
    not_countries = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in not_countries}


@cache
def _modules(country: str) -> tuple[Any, ...]:
    found = (get_cc_module(country.lower(), kind) for kind in _KINDS)
    return tuple(module for module in found if module is not None)


def compact_tax_id(country: str, tax_id: str) -> str | None:
    """The number without blanks and signs if it is a valid one of that country; None if it is not.

    Where no check is known for the country, the text is taken as it is.
    """
    text = tax_id.strip()
    modules = _modules(country)
    if not modules:
        return text
    for module in modules:
        try:
            return str(module.validate(text))
        except ValidationError:
            continue
    return None


def country_problem(country: str, row: int | None) -> Problem | None:
    if not country or country in countries():
        return None
    message = say("The country is an ISO code of two capital letters, such as DE or GB.")
    return Problem("country", "country_known", message, row=row, value=country)


def tax_id_problem(country: str, tax_id: str, row: int | None) -> Problem | None:
    if not tax_id:
        return None
    if not country:
        message = say("Tell the country as well: a tax id is checked by the rules of its country.")
        return Problem("country", "required", message, row=row, value="")
    if country_problem(country, row) or compact_tax_id(country, tax_id) is not None:
        return None
    message = say(
        "{tax_id} is not a tax id of {countries}: its length or its check digits are wrong.",
        tax_id=tax_id,
        countries=countries()[country],
    )
    return Problem("tax_id", "tax_id_valid", message, row=row, value=tax_id)


def text_problems(party: Any, row: int | None) -> list[Problem]:
    """Lengths and forms of the plain texts of a party."""
    limits = {"code": 64, "name": 300, "email": 254, "phone": 50, "address": 2000}
    problems = []
    for field, longest in limits.items():
        text = str(getattr(party, field))
        if field in ("code", "name") and not text.strip():
            problems.append(
                Problem(
                    field, "required", say("The {field} must be given.", field=field), row=row, value=text
                )
            )
        elif len(text) > longest:
            message = say(
                "The {field} has {count} characters; at most {longest} fit.",
                field=field,
                count=len(text),
                longest=longest,
            )
            problems.append(Problem(field, "too_long", message, row=row, value=text[:40]))
        elif not _printable(text, multiline=field == "address"):
            message = say("The {field} has an unprintable character.", field=field)
            problems.append(Problem(field, "printable", message, row=row, value=repr(text[:40])))
    if party.code != party.code.strip():
        message = say("The code begins or ends with a blank.")
        problems.append(Problem("code", "blanks_around", message, row=row, value=repr(party.code)))
    if party.email and not _MAIL.fullmatch(party.email):
        message = say("An e-mail address looks like name@example.org.")
        problems.append(Problem("email", "email_form", message, row=row, value=party.email))
    return problems


def _printable(text: str, *, multiline: bool) -> bool:
    return (text.replace("\n", " ").replace("\r", " ") if multiline else text).isprintable()
