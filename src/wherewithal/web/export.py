"""Answering with exactly the list that is shown, as a file."""

from dataclasses import replace
from itertools import chain

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from wherewithal.kit.errors import refuse
from wherewithal.web import spreadsheet
from wherewithal.web.desk import Desk
from wherewithal.web.spreadsheet import Value
from wherewithal.web.tables import EXPORT_PAGE_ROWS, EXPORT_ROWS, Source, Table, read_ask

FORMATS = ("csv", "xlsx")


def wanted(request: HttpRequest) -> str | None:
    """The file format this request asks for, if any."""
    given = request.GET.get("export")
    return given if given in FORMATS else None


def answer(request: HttpRequest, desk: Desk, table: Table, source: Source, file_format: str) -> HttpResponse:
    """All rows that search and filters leave, in the order shown, in the columns shown."""
    columns = table.shown(read_ask(table, request.GET))
    heads = [str(head) for column in columns for head, _get in column.values]
    rows = list(_rows(table, source, request))
    name = "-".join((slugify(str(table.title)), desk.company.code.lower(), desk.today.isoformat()))
    if file_format == "csv":
        return file_response(spreadsheet.to_csv(heads, rows), f"{name}.csv", spreadsheet.CSV_TYPE)
    return file_response(
        spreadsheet.to_xlsx(str(table.title), heads, rows), f"{name}.xlsx", spreadsheet.XLSX_TYPE
    )


def file_response(content: bytes, name: str, content_type: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _rows(table: Table, source: Source, request: HttpRequest) -> chain[list[Value]]:
    ask = replace(read_ask(table, request.GET), after=None, limit=EXPORT_PAGE_ROWS)
    getters = [get for column in table.shown(ask) for _head, get in column.values]
    pages: list[list[list[Value]]] = []
    while True:
        page = source(ask)
        pages.append([[get(row) for get in getters] for row in page.rows])
        if page.after is None:
            return chain.from_iterable(pages)
        if len(pages) * EXPORT_PAGE_ROWS >= EXPORT_ROWS:
            raise refuse(
                "export",
                "too_long",
                f"The list has more than {EXPORT_ROWS:,} rows. Narrow it with filters, "
                "or use the API or `wherewithal export`, which stream.",
            )
        ask = replace(ask, after=page.after)
