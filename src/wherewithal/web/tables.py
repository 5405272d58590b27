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
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wherewithal.people import queries as people
from wherewithal.reporting.files import Format
from wherewithal.web import formatting
from wherewithal.web.columns import Column as Column
from wherewithal.web.columns import Get as Get
from wherewithal.web.columns import Text as Text
from wherewithal.web.columns import day as day
from wherewithal.web.columns import instant as instant
from wherewithal.web.columns import money as money
from wherewithal.web.columns import number as number
from wherewithal.web.columns import picked as picked
from wherewithal.web.columns import quantity as quantity
from wherewithal.web.columns import tag as tag
from wherewithal.web.columns import text as text
from wherewithal.web.columns import unit_cost as unit_cost
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk, query_items, with_query

PAGE_ROWS = 50
EXPORT_PAGE_ROWS = 500
EXPORT_ROWS = 200_000  # more than this is for the API or the command line, which stream
LONGEST_INPUT = 200
PHONE_COLUMNS = 3  # as many stand side by side on a phone; of a list with more, each row is a card there
NOT_KEPT = ("after", "export", "of", "told")


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
    columns: tuple[str, ...] = ()  # keys of the chosen columns; none: those shown at first

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
            found = tuple(part(value) for part, value in zip(parts, self.after, strict=True))
            return found if all(map(_fits, found)) else None
        except (TypeError, ValueError, ArithmeticError):
            return None


def _fits(value: Any) -> bool:
    """Whether PostgreSQL can hold it: whole numbers of 8 bytes, texts without NUL. ValueError for what is no text."""
    if isinstance(value, str):
        return b"\0" not in value.encode()
    return not isinstance(value, int) or -(2**63) <= value < 2**63


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones begin (any JSON value), None at the end."""

    rows: Sequence[Any]
    after: Any = None
    total: int | None = None
    totals: Any = None  # like a row: what the columns that add up show in the last line


Source = Callable[[Ask], Page]


def full_page(rows: Sequence[Any], ask: Ask, place: Callable[[Any], Any]) -> Page:
    """A page from a query that was asked for `ask.limit` rows: there may be more if it is full."""
    return Page(rows, place(rows[-1]) if len(rows) == ask.limit else None)


def in_order(rows: Sequence[Any], table: "Table", ask: Ask) -> list[Any]:
    """A list that is there as a whole, by the column that the reader sorts by; what is not known comes last."""
    column = next((column for column in table.columns if column.sort and column.sort == ask.sort), None)
    if column is None:
        return list(rows)
    value: Callable[[Any], Any] = column.values[0][1]
    known = [row for row in rows if value(row) is not None]
    unknown = [row for row in rows if value(row) is None]
    folded = lambda row: value(row).casefold() if isinstance(value(row), str) else value(row)  # noqa: E731
    return sorted(known, key=folded, reverse=ask.descending) + unknown


def sliced(rows: Sequence[Any], table: "Table", ask: Ask, *, totals: Any = None) -> Page:
    """A page of a list that is there as a whole, sorted as the reader wishes."""
    ordered = in_order(rows, table, ask)
    place = ask.place(int)
    first = max(0, place[0]) if place else 0
    last = first + ask.limit
    return Page(ordered[first:last], [last] if last < len(ordered) else None, len(ordered), totals)


@dataclass(frozen=True, slots=True)
class Action:
    """What may be done with one row: a link, or (`post`) a form that asks `confirm` first."""

    label: Text
    href: str
    icon: str
    post: bool = False
    confirm: Text = ""


@dataclass(frozen=True, slots=True)
class BulkAction:
    """What may be done with the rows chosen: a POST of `chosen` (repeated), `back`, and one field of its own."""

    label: Text
    href: str
    icon: str = ""
    name: str = ""
    value: str = ""
    confirm: Text = ""


def chosen(request: HttpRequest) -> list[int]:
    """The ids that a bulk action was asked for, each once, in the order of the list."""
    given = request.POST.getlist("chosen")[:PAGE_ROWS]
    return list(dict.fromkeys(int(text) for text in given if text.isdigit() and len(text) < 19))


@dataclass(frozen=True, slots=True)
class Table:
    """A list as its page describes it.

    `row_id` gives a row the value that a bulk action names it by; `actions` are those of one row. `file_title` and `facts`:
    what a document of it is called and says of itself, where the list alone does not tell whose it is.
    """

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
    actions: Callable[[Any], Sequence[Action]] | None = None
    row_id: Callable[[Any], Any] | None = None
    bulk: Sequence[BulkAction] = ()
    file_title: Text = ""
    facts: Sequence[tuple[str, str]] = ()

    @property
    def keyed(self) -> dict[str, Column]:
        """The columns by the names that an address gives them."""
        named: dict[str, Column] = {}
        for at, column in enumerate(self.columns):
            key = column.key or column.sort or f"c{at}"
            named[f"{key}-{at}" if key in named else key] = column
        return named

    def shown(self, ask: Ask) -> list[Column]:
        """The columns that a reader sees: their choice, always with the row's heading."""
        if not ask.columns:
            return [column for column in self.columns if not column.extra]
        named = self.keyed
        picked_ones = [named[key] for key in ask.columns]
        return [column for column in self.columns if column.lead and column not in picked_ones] + picked_ones


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
    row_id: str = ""
    name: str = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True, slots=True)
class ViewChoice:
    """A saved view as the menu of a list shows it. `mine`: the reader may remove it."""

    view_id: int
    name: str
    href: str
    current: bool
    shared: bool
    mine: bool
    owner: str


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    key: str
    label: Text
    on: bool
    fixed: bool  # the row's heading is always there


class ShownTable:
    """What the component `table` draws: the description, the ask, and the page of rows that answers it."""

    def __init__(
        self,
        table: Table,
        ask: Ask,
        page: Page,
        path: str,
        query: QueryDict,
        *,
        totals: SafeString | str = "",
        page_name: str = "",
        desk: Desk | None = None,
    ):
        self._table = table
        self._ask = ask
        self._page = page
        self._query = query
        self.path = path
        self.list_name = f"{page_name}.{table.key}"
        self._desk = desk
        self._columns = table.shown(ask)
        self._given_totals = totals
        self.key = table.key
        self.bulk = table.bulk if page.rows else ()
        self.has_actions = table.actions is not None
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
        kept = {name: value for name, value in query_items(self._query) if name not in NOT_KEPT}
        return with_query(self.path, {**kept, **changes})

    @property
    def plain_query(self) -> str:
        """What a saved view keeps of the address: search, filters, sort and columns, neither book nor dates."""
        own = ["q", *(f.name for f in self._table.filters), "sort", "cols"]
        given = dict(query_items(self._query))
        return urlencode({name: given[name] for name in own if given.get(name)})

    @cached_property
    def views(self) -> list[ViewChoice]:
        """The views of this list that the reader keeps, and those that others share."""
        if self._desk is None:
            return []
        manages = self._desk.may("company.manage")
        return [
            ViewChoice(
                view.view_id,
                view.name,
                with_query(self.path, dict(self.travelling) | dict(parse_qsl(view.query))),
                view.query == self.plain_query,
                view.shared,
                manages or view.user_id == self._desk.user_id,
                "" if view.user_id == self._desk.user_id else view.username,
            )
            for view in people.saved_views(self._desk.company_id, list_name=self.list_name)
        ]

    @property
    def travelling(self) -> list[tuple[str, str]]:
        """Book and dates, which every address of the company carries."""
        return [(n, v) for n, v in query_items(self._query) if n in ("book", "as_of", "known_at")]

    @property
    def here(self) -> str:
        """This very list, to come back to."""
        return self._url(after=self._query.get("after"))

    @property
    def choices(self) -> list[ColumnChoice]:
        """The columns there are, those shown first and in their order."""
        named = self._table.keyed
        by_column = {id(column): key for key, column in named.items()}
        order = [by_column[id(column)] for column in self._columns]
        order += [key for key in named if key not in order]
        return [
            ColumnChoice(key, named[key].label, any(named[key] is c for c in self._columns), named[key].lead)
            for key in order
        ]

    @property
    def all_columns_url(self) -> str:
        return self._url(cols=None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that a search must carry along: book, dates, sort; not the filters it has fields for."""
        own = {"q", *NOT_KEPT, *(f.name for f in self._table.filters)}
        return [(name, value) for name, value in query_items(self._query) if name not in own]

    @property
    def filters(self) -> list[ShownFilter]:
        return [
            ShownFilter(
                f.name,
                f.label,
                f.kind,
                f.choices,
                self._ask.filters.get(f.name, "") or (str(f.unset) if f.kind == "day" else ""),
                f.unset,
            )
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
        return [self._head(column) for column in self._columns]

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
        return [self._row(row) for row in self.rows]

    @property
    def cards(self) -> bool:
        """Whether a row is a card where the screen is narrow, because not all that is shown there fits side by side."""
        shown = sum(column.phone for column in self._columns) + self.has_actions
        return shown > PHONE_COLUMNS and any(column.lead for column in self._columns)

    def _row(self, row: Any) -> ShownRow:
        table = self._table
        lead = next((column for column in self._columns if column.lead), self._columns[0])
        return ShownRow(
            format_html_join("", "{}", ((_cell(column, row, self.cards),) for column in self._columns)),
            table.row_class(row) if table.row_class else "",
            str(table.row_id(row)) if table.row_id else "",
            str(lead.values[0][1](row) or "").strip(),
            table.actions(row) if table.actions else (),
        )

    @property
    def totals(self) -> SafeString | str:
        """The cells of the last line, if anything is added up."""
        row = self._page.totals
        if row is None:
            return "" if self._ask.columns else self._given_totals
        cells = [
            format_html(
                '<td class="{}"{}>{}</td>',
                column.classes,
                _label(column, self.cards),
                column.bare(row) if column.bare else "",
            )
            for column in self._columns[1:]
        ]
        return format_html('<th scope="row">{}</th>{}', _("Total"), format_html_join("", "{}", zip(cells)))

    @property
    def foot(self) -> str:
        if self._page.total is not None:
            return _("%(shown)s of %(total)s") % {
                "shown": formatting.count(len(self.rows)),
                "total": formatting.count(self._page.total),
            }
        if self._page.after is None and self._ask.after is None:
            if not self.has_tools:
                return ""  # a small list, perhaps the beginning of one
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
    def exports(self) -> list[tuple[str, str]]:
        """This list as a file: what each kind is called, and its address."""
        return export_links(lambda kind: self._url(export=kind, of=self.key))


def _cell(column: Column, row: Any, is_card: bool) -> SafeString:
    if column.lead:
        return format_html('<th scope="row" class="{}">{}</th>', column.classes, column.show(row))
    return format_html('<td class="{}"{}>{}</td>', column.classes, _label(column, is_card), column.show(row))


def _label(column: Column, is_card: bool) -> SafeString:
    """What a card says above a figure; a name or a sentence speaks for itself."""
    return (
        format_html(' data-label="{}"', column.label)
        if is_card and not (column.clip or column.words)
        else SafeString()
    )


def export_links(address: Callable[[str], str]) -> list[tuple[str, str]]:
    """The kinds of file that a list or statement can be had as: for the component `exports`."""
    return [
        ("CSV", address("csv")),
        (_("Excel (XLSX)"), address("xlsx")),
        (_("PDF, to keep or to hand over"), address("pdf")),
    ]


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
        limit=PAGE_ROWS,
        columns=_read_columns(table, query.get("cols", "")),
    )


def _read_columns(table: Table, given: str) -> tuple[str, ...]:
    known = table.keyed if given else {}
    return tuple(dict.fromkeys(key for key in clean(given, 2000).split(",") if key in known))


class FileWanted(Exception):
    """A table of the page is asked for as a file."""

    def __init__(self, table: Table, source: Source) -> None:
        super().__init__()
        self.table, self.source = table, source


def show(request: HttpRequest, table: Table, source: Source, *, totals: SafeString | str = "") -> ShownTable:
    """The table for a page: one call of the source. Where the address asks for it as a file, `page` answers with that."""
    if (
        table.tools
        and request.GET.get("export") in tuple(Format)
        and request.GET.get("of") in (None, table.key)
    ):
        raise FileWanted(table, source)
    ask = read_ask(table, request.GET)
    match = request.resolver_match
    return ShownTable(
        table,
        ask,
        source(ask),
        request.path,
        request.GET,
        totals=totals,
        page_name=(match.url_name or "") if match else "",
        desk=getattr(request, "desk", None),
    )


def clean(given: str, longest: int = LONGEST_INPUT) -> str:
    """What a person typed into a search box, within bounds; NUL bytes would upset the database."""
    return given.replace("\0", "").strip()[:longest]


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
        return bool(day_of(given)) and len(given) == 10
    except ValueError:
        return False
