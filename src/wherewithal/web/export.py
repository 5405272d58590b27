"""Answering with exactly the list that is shown, as a file."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wherewithal.core.words import say
from wherewithal.kit.errors import refuse
from wherewithal.reporting import files
from wherewithal.reporting.covers import cover
from wherewithal.reporting.files import MEDIA_TYPES, Format
from wherewithal.reporting.sheets import Question, Sheet, Strong, Value
from wherewithal.web.desk import Desk
from wherewithal.web.tables import EXPORT_PAGE_ROWS, EXPORT_ROWS, Ask, Column, Source, Table, read_ask

FORMATS = tuple(map(str, Format))


def wanted(request: HttpRequest) -> str | None:
    """The file format this request asks for, if any."""
    given = request.GET.get("export")
    return given if given in FORMATS else None


def answer(
    request: HttpRequest,
    desk: Desk,
    table: Table,
    source: Source,
    file_format: str,
    *,
    span: tuple[date, date] | None = None,
    summed: Sequence[str] | None = None,
    strong: Callable[[Any], bool] | None = None,
) -> HttpResponse:
    """All rows that search and filters leave, in the order shown, in the columns shown.

    `span`: the days between which it happened; `summed`: labels of the columns that the PDF adds up (by default those
    the page adds up); `strong`: rows that stand out.
    """
    ask = read_ask(table, request.GET)
    columns = table.shown(ask)
    added = [str(column.label) for column in columns if column.bare is not None]
    heads = tuple(str(head) for column in columns for head, _get in column.values)
    rows, totals = _rows(table, source, ask, strong)
    below = [] if totals is None or not rows else [_last_line(columns, totals)]
    if below:
        # What stands at an end, such as a carrying amount, is no sum of the rows: it is not carried from page to page.
        cells = [[row[at] for row in rows] for at in range(len(heads))]
        sums = [sum((cell for cell in mine if isinstance(cell, Decimal)), Decimal(0)) for mine in cells]
        added = [head for head, one, line in zip(heads, sums, below[0], strict=True) if one == line]
    found = Sheet(
        title=str(table.file_title or table.title),
        heads=heads,
        rows=rows,
        summed=tuple(added if summed is None else summed),
        below=below,
        of_book=True,
        span=span,
        labels=True,
        dated=not table.facts,
    )
    question = Question(desk.company_id, desk.book_id, desk.today, desk.as_of, desk.known_at)
    chosen = Format(file_format)
    name = "-".join((slugify(found.title), desk.company.code.lower(), desk.today.isoformat()))
    content = io.BytesIO()
    said = cover(
        question,
        found,
        now=desk.now,
        more=[*table.facts, *_narrowed(table, ask)],
        language=get_language() or "en",
    )
    files.write(found, said, chosen, content, mark=True)
    return file_response(content.getvalue(), f"{name}.{chosen}", MEDIA_TYPES[chosen])


def _narrowed(table: Table, ask: Ask) -> Iterator[tuple[str, str]]:
    """Search and filters in force, in words."""
    if ask.q:
        yield _("Search"), ask.q
    for each in table.filters:
        if ask.get(each.name):
            label, _colon, value = each.chip(ask.filters[each.name]).partition(": ")
            yield label, value


def file_response(content: bytes, name: str, content_type: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _last_line(columns: Sequence[Column], totals: Any) -> Strong:
    """What the page says below the last row."""
    cells: list[Value] = [
        get(totals) if column.bare is not None else None for column in columns for _head, get in column.values
    ]
    return Strong([_("Total") if cells[0] is None else cells[0], *cells[1:]])


def _rows(
    table: Table, source: Source, ask: Ask, strong: Callable[[Any], bool] | None
) -> tuple[list[Sequence[Value]], Any]:
    """All rows, and what the first page says of their sums."""
    ask = replace(ask, after=None, limit=EXPORT_PAGE_ROWS)
    getters = [get for column in table.shown(ask) for _head, get in column.values]
    rows: list[Sequence[Value]] = []
    totals = None
    while True:
        page = source(ask)
        totals = page.totals if ask.after is None else totals
        for row in page.rows:
            values = [get(row) for get in getters]
            rows.append(Strong(values) if strong is not None and strong(row) else values)
        if page.after is None:
            return rows, totals
        if len(rows) >= EXPORT_ROWS:
            raise refuse(
                "export",
                "too_long",
                say(
                    "The list has more than {export_rows:,} rows. Narrow it with filters, or use the API or "
                    "`wherewithal export`, which stream.",
                    export_rows=EXPORT_ROWS,
                ),
            )
        ask = replace(ask, after=page.after)
