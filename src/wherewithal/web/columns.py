"""The columns of a data table: what a cell shows, and which values it puts into a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wherewithal.kit.words import translated
from wherewithal.reporting.sheets import Value
from wherewithal.web import formatting
from wherewithal.web.templatetags.web import figure

Text = str | Promise
Get = str | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what a cell shows, and which values it puts into a file (one heading each)."""

    label: Text
    show: Callable[[Any], SafeString | str]
    values: tuple[tuple[Text, Callable[[Any], Value]], ...]
    numeric: bool = False
    phone: bool = True  # shown where the screen is narrow
    sort: str = ""  # the name under which the source sorts by it
    lead: bool = False  # the row's heading
    clip: bool = False
    words: bool = False  # sentences, which need room
    code: bool = False  # a code, which is not broken at its hyphens
    day: bool = False
    moment: bool = False  # a day with its time of day, which may stand below it
    key: str = ""  # its name in ?cols=; by default its sort, or what it reads
    extra: bool = False  # offered in the chooser, not shown at first
    bare: Callable[[Any], SafeString | str] | None = (
        None  # the figure without its link; such columns are added up
    )

    @property
    def classes(self) -> str:
        return " ".join(
            name
            for name, on in (
                ("col-num", self.numeric),
                ("wide-only", not self.phone),
                ("clip", self.clip),
                ("col-words", self.words),
                ("col-code", self.code),
                ("col-day", self.day),
                ("col-instant", self.moment),
            )
            if on
        )


def picked(row: Any, get: Get) -> Any:
    """A value of a row, which is a mapping or an object, by name or by function."""
    if callable(get):
        return get(row)
    return row[get] if isinstance(row, Mapping) else getattr(row, get)


def text(
    label: Text,
    get: Get,
    *,
    link: Callable[[Any], str | None] | None = None,
    lead: bool = False,
    **options: Any,
) -> Column:
    """A text, perhaps a link. The lead column is the row's heading."""

    def show(row: Any) -> SafeString | str:
        value = picked(row, get)
        shown = formatting.UNKNOWN if value in (None, "") else translated(str(value))
        href = link(row) if link else None
        if not href:
            return shown
        return format_html('<a href="{}" class="{}">{}</a>', href, "row-key" if lead else "", shown)

    values = ((label, lambda row: _text(picked(row, get))),)
    return Column(label, show, values, lead=lead, **_keyed(get, options))


def quantity(
    label: Text, get: Get, unit: Get, *, link: Callable[[Any], str | None] | None = None, **options: Any
) -> Column:
    """A quantity with its unit beside it; two columns in a file."""

    def show(row: Any) -> SafeString:
        value = picked(row, get)
        shown = figure(formatting.quantity(value), value, unit=str(picked(row, unit) or ""))
        return _linked(shown, link(row) if link else None)

    values = ((label, lambda row: picked(row, get)), (_("Unit"), lambda row: _text(picked(row, unit))))
    return Column(label, show, values, numeric=True, **_keyed(get, options))


def money(
    label: Text,
    get: Get,
    currency: str,
    *,
    decimals: int | None = None,
    link: Callable[[Any], str | None] | None = None,
    total: bool = False,
    **options: Any,
) -> Column:
    """An amount of one currency, which the heading names. `total`: the last line of the table adds it up."""
    heading = f"{label}, {currency}" if label else currency

    def bare(row: Any) -> SafeString:
        value = picked(row, get)
        return figure(formatting.money(value, currency, decimals=decimals), value)

    def show(row: Any) -> SafeString:
        return _linked(bare(row), link(row) if link else None)

    values = ((heading, lambda row: picked(row, get)),)
    return Column(heading, show, values, numeric=True, bare=bare if total else None, **_keyed(get, options))


def unit_cost(label: Text, get: Get, currency: str, **options: Any) -> Column:
    """What one unit costs, in as many places as it takes and no fewer than its currency has."""
    heading = f"{label}, {currency}"

    def show(row: Any) -> SafeString:
        value = picked(row, get)
        return figure(formatting.unit_cost(value, currency), value)

    values = ((heading, lambda row: picked(row, get)),)
    return Column(heading, show, values, numeric=True, **_keyed(get, options))


def number(label: Text, get: Get, *, total: bool = False, **options: Any) -> Column:
    def bare(row: Any) -> SafeString:
        return figure(formatting.quantity(picked(row, get)), picked(row, get))

    values = ((label, lambda row: picked(row, get)),)
    return Column(label, bare, values, numeric=True, bare=bare if total else None, **_keyed(get, options))


def day(label: Text, get: Get, **options: Any) -> Column:
    def show(row: Any) -> str:
        return formatting.day(picked(row, get))

    return Column(label, show, ((label, lambda row: picked(row, get)),), day=True, **_keyed(get, options))


def instant(label: Text, get: Get, timezone: Any, **options: Any) -> Column:
    """A moment in the company's time zone, in the file as well."""

    def show(row: Any) -> str:
        return formatting.instant(picked(row, get), timezone=timezone)

    def value(row: Any) -> Value:
        moment = picked(row, get)
        return None if moment is None else moment.astimezone(timezone).replace(tzinfo=None, microsecond=0)

    return Column(label, show, ((label, value),), day=True, moment=True, **_keyed(get, options))


def tag(label: Text, get: Get, of: Callable[[Any], tuple[Text, str]], **options: Any) -> Column:
    """A status: `of` turns the value into what it is called and its tone."""

    def show(row: Any) -> SafeString:
        called, tone = of(picked(row, get))
        return format_html('<span class="pill pill-{}">{}</span>', tone or "none", called)

    values = ((label, lambda row: str(of(picked(row, get))[0])),)
    return Column(label, show, values, **_keyed(get, options))


def _keyed(get: Get, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a column, with its key if what it reads has a name."""
    return {"key": get if isinstance(get, str) else "", **options}


def _linked(shown: SafeString, href: str | None) -> SafeString:
    return format_html('<a class="fig" href="{}">{}</a>', href, shown) if href else shown


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
