"""The data table: one description of its columns and filters serves the page and the exported file.

A view describes a `Table`, and gives a *source*: a function from an `Ask` (search, filters, sort, cursor) to a
`Page` of rows. Search, filters, sort and place are in the address, so that a list can be bookmarked and sent.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wherewithal.web import formatting
from wherewithal.web.desk import query_items, with_query
from wherewithal.web.spreadsheet import Value
from wherewithal.web.templatetags.web import figure

Text = str | Promise
Get = str | Callable[[Any], Any]

PAGE_ROWS = 50
EXPORT_PAGE_ROWS = 500
EXPORT_ROWS = 200_000  # more than this is for the API or the command line, which stream
LONGEST_INPUT = 200


# --- columns ----------------------------------------------------------------------------------------------


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
    day: bool = False

    @property
    def classes(self) -> str:
        return " ".join(
            name
            for name, on in (
                ("col-num", self.numeric),
                ("wide-only", not self.phone),
                ("clip", self.clip),
                ("col-day", self.day),
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
        shown = formatting.UNKNOWN if value in (None, "") else str(value)
        href = link(row) if link else None
        if not href:
            return shown
        return format_html('<a href="{}" class="{}">{}</a>', href, "row-key" if lead else "", shown)

    return Column(label, show, ((label, lambda row: _text(picked(row, get))),), lead=lead, **options)


def quantity(
    label: Text, get: Get, unit: Get, *, link: Callable[[Any], str | None] | None = None, **options: Any
) -> Column:
    """A quantity with its unit beside it; two columns in a file."""

    def show(row: Any) -> SafeString:
        value = picked(row, get)
        shown = figure(formatting.quantity(value), value, unit=str(picked(row, unit) or ""))
        return _linked(shown, link(row) if link else None)

    values = ((label, lambda row: picked(row, get)), (_("Unit"), lambda row: _text(picked(row, unit))))
    return Column(label, show, values, numeric=True, **options)


def money(
    label: Text,
    get: Get,
    currency: str,
    *,
    decimals: int | None = None,
    link: Callable[[Any], str | None] | None = None,
    **options: Any,
) -> Column:
    """An amount of one currency, which the heading names."""
    heading = f"{label}, {currency}" if label else currency

    def show(row: Any) -> SafeString:
        value = picked(row, get)
        shown = figure(formatting.money(value, currency, decimals=decimals), value)
        return _linked(shown, link(row) if link else None)

    return Column(heading, show, ((heading, lambda row: picked(row, get)),), numeric=True, **options)


def number(label: Text, get: Get, **options: Any) -> Column:
    return Column(
        label,
        lambda row: figure(formatting.quantity(picked(row, get)), picked(row, get)),
        ((label, lambda row: picked(row, get)),),
        numeric=True,
        **options,
    )


def day(label: Text, get: Get, **options: Any) -> Column:
    def show(row: Any) -> str:
        return formatting.day(picked(row, get))

    return Column(label, show, ((label, lambda row: picked(row, get)),), day=True, **options)


def instant(label: Text, get: Get, timezone: Any, **options: Any) -> Column:
    """A moment in the company's time zone, in the file as well."""

    def show(row: Any) -> str:
        return formatting.instant(picked(row, get), timezone=timezone)

    def value(row: Any) -> Value:
        moment = picked(row, get)
        return None if moment is None else moment.astimezone(timezone).replace(tzinfo=None, microsecond=0)

    return Column(label, show, ((label, value),), day=True, **options)


def tag(label: Text, get: Get, of: Callable[[Any], tuple[Text, str]], **options: Any) -> Column:
    """A status: `of` turns the value into what it is called and its tone."""

    def show(row: Any) -> SafeString:
        called, tone = of(picked(row, get))
        return format_html('<span class="pill pill-{}">{}</span>', tone or "none", called)

    return Column(label, show, ((label, lambda row: str(of(picked(row, get))[0])),), **options)


def _linked(shown: SafeString, href: str | None) -> SafeString:
    return format_html('<a class="fig" href="{}">{}</a>', href, shown) if href else shown


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


# --- filters, ask, page -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """One narrowing of a list. `kind` is choice, day, or code (a text such as an item's SKU).

    `unset`: what is shown where nothing is chosen, if that is not simply any.
    """

    name: str
    label: Text
    kind: str = "choice"
    choices: Sequence[tuple[str, Text]] = ()
    unset: Text = ""

    def read(self, given: str) -> str:
        """The value in force: what is not a choice, or not a day, narrows nothing."""
        given = clean(given)
        if self.kind == "choice":
            return given if given in {value for value, _label in self.choices} else ""
        if self.kind == "day":
            return given if _is_day(given) else ""
        return given

    def chip(self, value: str) -> str:
        if self.kind == "choice":
            shown = next((str(label) for choice, label in self.choices if choice == value), value)
        elif self.kind == "day":
            shown = formatting.day(date.fromisoformat(value))
        else:
            shown = value
        return f"{self.label}: {shown}"


@dataclass(frozen=True, slots=True)
class Ask:
    """What the reader wants to see. `after` is the place the page before ended at, as its source gave it."""

    q: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    after: Any = None
    limit: int = PAGE_ROWS

    def get(self, name: str) -> str | None:
        return self.filters.get(name) or None

    def whole(self, name: str) -> int | None:
        value = self.filters.get(name, "")
        return int(value) if value.isdigit() and len(value) < 10 else None

    def day(self, name: str) -> date | None:
        value = self.filters.get(name)
        return date.fromisoformat(value) if value else None

    def place(self, *parts: Callable[[Any], Any]) -> tuple[Any, ...] | None:
        """The parts of the cursor, each through its converter; None where there is none or it was tampered with."""
        if not isinstance(self.after, list) or len(self.after) != len(parts):
            return None
        try:
            return tuple(part(value) for part, value in zip(parts, self.after, strict=True))
        except (TypeError, ValueError, ArithmeticError):
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones begin (any JSON value), None at the end."""

    rows: Sequence[Any]
    after: Any = None
    total: int | None = None


Source = Callable[[Ask], Page]


def full_page(rows: Sequence[Any], ask: Ask, place: Callable[[Any], Any]) -> Page:
    """A page from a query that was asked for `ask.limit` rows: there may be more if it is full."""
    return Page(rows, place(rows[-1]) if len(rows) == ask.limit else None)


@dataclass(frozen=True, slots=True)
class Table:
    """A list as its page describes it."""

    key: str
    title: Text
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    search_hint: Text = ""
    default_sort: str = ""
    empty_title: Text = ""
    empty_text: Text = ""
    row_class: Callable[[Any], str] | None = None
    tools: bool = True


# --- a table as one request sees it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    label: Text
    classes: str
    sort_href: str = ""
    aria_sort: str = "none"
    icon: str = "selector"


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ShownFilter:
    name: str
    label: Text
    kind: str
    choices: Sequence[tuple[str, Text]]
    value: str
    unset: Text = ""

    @property
    def any_label(self) -> str:
        return _("%(what)s: %(unset)s") % {"what": self.label, "unset": self.unset or _("any")}


@dataclass(frozen=True, slots=True)
class ShownRow:
    cells: SafeString
    classes: str = ""


class ShownTable:
    """What the component `table` draws: the description, the ask, and the page of rows that answers it."""

    def __init__(
        self, table: Table, ask: Ask, page: Page, path: str, query: QueryDict, totals: SafeString | str = ""
    ):
        self._table = table
        self._ask = ask
        self._page = page
        self._query = query
        self.path = path
        self.totals = totals
        self.key = table.key
        self.title = str(table.title)
        self.q = ask.q
        self.rows = page.rows
        self.searchable = bool(table.search_hint)
        self.search_hint = str(table.search_hint)
        self.has_tools = table.tools
        self.empty_title = table.empty_title or _("Nothing here yet")
        self.empty_text = table.empty_text
        self.narrowed = bool(ask.q or any(ask.filters.values()) or ask.after is not None)

    def _url(self, **changes: str | None) -> str:
        """This list with some parameters changed; its place is forgotten unless it is one of them."""
        kept = {name: value for name, value in query_items(self._query) if name not in ("after", "export")}
        return with_query(self.path, {**kept, **changes})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that a search must carry along: book, dates, sort; not the filters it has fields for."""
        own = {"q", "after", "export", *(f.name for f in self._table.filters)}
        return [(name, value) for name, value in query_items(self._query) if name not in own]

    @property
    def filters(self) -> list[ShownFilter]:
        return [
            ShownFilter(f.name, f.label, f.kind, f.choices, self._ask.filters.get(f.name, ""), f.unset)
            for f in self._table.filters
        ]

    @property
    def chips(self) -> list[Chip]:
        chips = [
            Chip(f.chip(self._ask.filters[f.name]), self._url(**{f.name: None}))
            for f in self._table.filters
            if self._ask.filters.get(f.name)
        ]
        if self._ask.q:
            chips.append(Chip(f"“{self._ask.q}”", self._url(q=None)))
        return chips

    @property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self._table.columns]

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column.label, column.classes)
        current = column.sort == self._ask.sort
        turn = current and not self._ask.descending
        href = self._url(sort=f"-{column.sort}" if turn else column.sort)
        state = ("descending" if self._ask.descending else "ascending") if current else "none"
        icon = {"none": "selector", "ascending": "chevron-up", "descending": "chevron-down"}[state]
        return Head(column.label, column.classes, href, state, icon)

    @property
    def rendered(self) -> list[ShownRow]:
        row_class = self._table.row_class
        return [
            ShownRow(
                format_html_join("", "{}", ((_cell(column, row),) for column in self._table.columns)),
                row_class(row) if row_class else "",
            )
            for row in self.rows
        ]

    @property
    def foot(self) -> str:
        if self._page.total is not None:
            return _("%(shown)s of %(total)s") % {
                "shown": formatting.count(len(self.rows)),
                "total": formatting.count(self._page.total),
            }
        if self._page.after is None and self._ask.after is None:
            return _("%(shown)s in all") % {"shown": formatting.count(len(self.rows))}
        return _("%(shown)s shown") % {"shown": formatting.count(len(self.rows))}

    @property
    def next_url(self) -> str:
        return "" if self._page.after is None else self._url(after=write_place(self._page.after))

    @property
    def first_url(self) -> str:
        return "" if self._ask.after is None else self._url()

    @property
    def clear_url(self) -> str:
        own = {"q": None, **{f.name: None for f in self._table.filters}}
        return self._url(**own)

    @property
    def csv_url(self) -> str:
        return self._url(export="csv")

    @property
    def xlsx_url(self) -> str:
        return self._url(export="xlsx")


def _cell(column: Column, row: Any) -> SafeString:
    if column.lead:
        return format_html('<th scope="row" class="{}">{}</th>', column.classes, column.show(row))
    return format_html('<td class="{}">{}</td>', column.classes, column.show(row))


def read_ask(table: Table, query: QueryDict) -> Ask:
    """The wish in an address. Unknown filters, sorts and places are taken for absent, never for an error."""
    sort = query.get("sort", "") or table.default_sort
    sortable = {column.sort for column in table.columns if column.sort}
    name = sort.removeprefix("-")
    return Ask(
        q=clean(query.get("q", "")),
        filters={f.name: f.read(query.get(f.name, "")) for f in table.filters},
        sort=name if name in sortable else table.default_sort.removeprefix("-"),
        descending=sort.startswith("-") if name in sortable else table.default_sort.startswith("-"),
        after=read_place(query.get("after", "")),
    )


def show(request: HttpRequest, table: Table, source: Source, *, totals: SafeString | str = "") -> ShownTable:
    """The table for a page: one call of the source."""
    ask = read_ask(table, request.GET)
    return ShownTable(table, ask, source(ask), request.path, request.GET, totals)


def clean(given: str) -> str:
    """What a person typed into a search box, within bounds; NUL bytes would upset the database."""
    return given.replace("\0", "").strip()[:LONGEST_INPUT]


def write_place(after: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(after, default=_plain).encode()).decode().rstrip("=")


def read_place(given: str) -> Any:
    """The place in an address; None for what we did not write."""
    try:
        return json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))) if given else None
    except ValueError:
        return None


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return str(value.isoformat())


def _is_day(given: str) -> bool:
    try:
        return bool(date.fromisoformat(given)) and len(given) == 10
    except ValueError:
        return False
