"""What was said below the doors (`core.words`), in the language of whoever reads it."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from string import Formatter

from django.utils import translation
from django.utils.functional import lazy

from wherewithal.core.words import Said
from wherewithal.kit import formatting

_PARTS = Formatter()


def translated(text: str) -> str:
    """A sentence in the active language; any other text, and all of it in English, as it is.

    A translation that names a place which the sentence does not have would be a fault of the catalogue, which the
    house tests find; here it shows the English sentence.
    """
    if not isinstance(text, Said) or _english():
        return text
    if text.plural is not None:
        form = translation.ngettext(text.form, text.plural, text.counted)
    else:
        form = translation.gettext(text.form) if text.form else ""
    return _filled(form, text.values)


def shown(value: object) -> str:
    """A day or a figure in the active language; in English as programs write it, as documents always had it."""
    return str(value) if _english() else _shown(value, "", None)


def sentence(text: str) -> str:
    """What was said and then stored as its text (the report of a job, the name of a check): translated if nothing was
    filled in, as it is otherwise. Never for what people have typed.
    """
    return translated(text) if isinstance(text, Said) or not text else translation.gettext(text)


def said_in(language: str, text: str) -> str:
    """A sentence in a named language, for what is written once in the language of whoever sets it up."""
    with translation.override(language):
        return translated(text)


translated_lazy = lazy(translated, str)


def _english() -> bool:
    language = translation.get_language()
    return language is None or language.split("-")[0] == "en"


def _filled(form: str, values: Mapping[str, object]) -> str:
    out: list[str] = []
    for plain, name, spec, conversion in _PARTS.parse(form):
        out.append(plain)
        if name is not None:
            out.append(_shown(values[name], spec or "", conversion))
    return "".join(out)


def _shown(value: object, spec: str, conversion: str | None) -> str:
    if conversion == "r":
        return repr(str(value) if isinstance(value, Said) else value)
    if isinstance(value, str):
        return format(translated(value), spec)
    if isinstance(value, Decimal):
        return _figure(value, spec)
    if isinstance(value, datetime):
        return format(value, spec) if spec else f"{formatting.day(value)} {value:%H:%M}"
    if isinstance(value, date) and not spec:
        return formatting.day(value)
    if isinstance(value, int) and spec == ",":
        return formatting.number(value)
    return format(value, spec)


def _figure(value: Decimal, spec: str) -> str:
    """A decimal figure; a format that fixes the places (`.2f`) fixes them in every language."""
    places = spec.rstrip("f").removeprefix(",")
    if places.startswith(".") and places[1:].isdigit():
        return formatting.number(value, decimals=int(places[1:]))
    if value.is_finite() and places == "":
        return formatting.number(value)
    return format(value, spec)
