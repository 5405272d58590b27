"""The audit trail: who changed which master data, when, from what to what."""

import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wherewithal.people import queries as people
from wherewithal.people.queries import AuditChange
from wherewithal.reporting import trail as trail_of_rows
from wherewithal.web import formatting, tables
from wherewithal.web.desk import Desk
from wherewithal.web.names import AUDITED, CHANGES
from wherewithal.web.pages import page, table_page
from wherewithal.web.tables import Ask, Column, Filter, Page, Table, full_page
from wherewithal.web.trail_names import COLUMNS, referred

# Columns that say nothing to a person.
UNSAID = frozenset({"id", "company_id", "name_key", "created_at"})
LONGEST_VALUE = 80
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FEW = 4

# The page of a row, by its table.
PAGES = {
    "items_item": "item",
    "items_lot": "lot",
    "stock_location": "location",
    "parties_party": "party",
    "assets_asset": "asset",
    "assets_class": "asset_class",
    "ledger_account": "account",
}


# The page of what a change refers to, by its kind.
PAGES_OF = {
    "item": "item",
    "lot": "lot",
    "location": "location",
    "document": "document",
    "party": "party",
    "asset": "asset",
    "class": "asset_class",
}
Names = dict[tuple[str, int], str]


@page("audit.read", shows="now")
def trail(request: HttpRequest, desk: Desk) -> HttpResponse:
    names: Names = {}  # of what the rows refer to, looked up page by page
    return table_page(
        request, desk, "web/trail.html", _table(desk, names), lambda ask: _rows(desk, ask, names)
    )


def _table(desk: Desk, names: Names) -> Table:
    members = [
        (str(member.user_id), member.name or member.username) for member in people.members(desk.company_id)
    ]
    return Table(
        key="trail",
        title=_("Audit trail"),
        columns=(
            tables.instant(_("When"), "at", desk.timezone),
            tables.text(_("Who"), lambda row: row.username or _("the program"), phone=False),
            tables.text(
                _("What"),
                lambda row: AUDITED.get(row.table_name, row.table_name),
                lead=True,
                link=lambda row: _page_of(desk, row),
            ),
            tables.tag(_("Did"), "action", lambda action: CHANGES.get(action, (action, ""))),
            _change_column(desk, names),
        ),
        filters=(
            Filter("table", _("What"), choices=sorted(AUDITED.items(), key=lambda pair: str(pair[1]))),
            Filter("who", _("Who"), choices=members),
            Filter("did", _("Did"), choices=[(action, label) for action, (label, _tone) in CHANGES.items()]),
            Filter("from", _("From"), kind="day"),
            Filter("to", _("To"), kind="day"),
            Filter("row", _("Id of the row"), kind="code"),
        ),
        empty_title=_("Nothing was changed"),
        empty_text=_(
            "Each change of master data is kept here: items, places, parties, people, books, accounts."
        ),
    )


def _page_of(desk: Desk, row: AuditChange) -> str | None:
    name = PAGES.get(row.table_name)
    return desk.link(name, int(row.row_id)) if name and row.row_id.isdigit() else None


def _change_column(desk: Desk, names: Names) -> Column:
    label = _("From what to what")
    return Column(
        label,
        lambda row: _shown_change(desk, row, names),
        ((label, lambda row: _written_change(row, names)),),
        words=True,
    )


def changed(row: AuditChange) -> list[tuple[str, Any, Any]]:
    """(name of the column, old, new) of everything that changed and says something."""
    old, new = row.old or {}, row.new or {}
    pairs = [(name, old.get(name), new.get(name)) for name in {**old, **new} if name not in UNSAID]
    return [(name, before, after) for name, before, after in pairs if _text(before) != _text(after)]


def _said(row: AuditChange, column: str, value: Any, names: Names) -> str:
    """A value of a column; of what it refers to, the name instead of the id."""
    name = names.get((referred(row.table_name, column), value)) if isinstance(value, int) else None
    return name or _text(value)


def _linked(desk: Desk, row: AuditChange, column: str, value: Any, names: Names) -> str:
    text, kind = _said(row, column, value, names), referred(row.table_name, column)
    if kind not in PAGES_OF or (kind, value) not in names:
        return text
    return format_html('<a href="{}">{}</a>', desk.link(PAGES_OF[kind], value), text)


def _column(name: str) -> str:
    return str(COLUMNS.get(name, name.replace("_", " ")))


def _text(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict):
        text = ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
    elif isinstance(value, str) and DAY.fullmatch(value):
        text = formatting.day(date.fromisoformat(value))
    else:
        text = ", ".join(map(_text, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _shown_change(desk: Desk, row: AuditChange, names: Names) -> SafeString:
    """In one cell: each column with what it was and is; of what was added, the first few, and the rest on demand."""
    found = changed(row)
    parts = [
        format_html(
            '<span class="soft">{}</span> {}{}{}',
            _column(column),
            format_html("<del>{}</del>", before) if before else "",
            " → " if before and after else "",
            after,
        )
        for column, before, after in (
            (column, _linked(desk, row, column, old, names), _linked(desk, row, column, new, names))
            for column, old, new in found
        )
    ]
    told = [format_html_join(" · ", "{}", ((part,) for part in some)) for some in (parts[:FEW], parts[FEW:])]
    if row.action != "insert" or len(parts) <= FEW:
        return format_html_join(" · ", "{}", ((some,) for some in told if some))
    more = ngettext("%(n)s more", "%(n)s more", len(parts) - FEW) % {"n": len(parts) - FEW}
    return format_html("{}<details><summary>{}</summary>{}</details>", told[0], more, told[1])


def _written_change(row: AuditChange, names: Names) -> str:
    return "; ".join(
        f"{_column(column)}: {_said(row, column, old, names)} -> {_said(row, column, new, names)}"
        for column, old, new in changed(row)
    )


def _rows(desk: Desk, ask: Ask, names: Names) -> Page:
    before = ask.place(int)
    from_day, to_day = ask.day("from"), ask.day("to")
    rows = people.audit_trail(
        desk.company_id,
        table_name=ask.get("table"),
        row_id=ask.get("row"),
        actor_id=ask.whole("who"),
        action=ask.get("did"),
        from_at=datetime.combine(from_day, time.min, desk.timezone) if from_day else None,
        to_at=datetime.combine(to_day + timedelta(days=1), time.min, desk.timezone) if to_day else None,
        before_id=before[0] if before else None,
        limit=ask.limit,
    )
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for column, *values in changed(row):
            kind = referred(row.table_name, column)
            wanted[kind].update(value for value in values if kind and isinstance(value, int))
    names |= trail_of_rows.names(desk.company_id, wanted)
    return full_page(rows, ask, lambda row: [row.change_id])
