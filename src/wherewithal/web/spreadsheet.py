"""A shown list as a file: CSV for programs, XLSX for people. Figures stay figures, days stay days."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from wherewithal.reporting.exports import harmless

Value = Decimal | int | str | date | datetime | bool | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXACT_DIGITS = 15


def to_csv(heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Plain numbers with a decimal point, ISO dates, UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(title: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet with a frozen heading. Text is written as text, so that nothing in it becomes a formula."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_sheet_name(title))
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet.write_row(0, 0, heads, formats["head"])
    sheet.freeze_panes(1, 0)
    widths = [len(head) for head in heads]
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, at, column, value, formats)
            widths[column] = max(widths[column], len(str(value or "")))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(max(width + 2, 8), 48))
    book.close()
    return file.getvalue()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(
    sheet: "xlsxwriter.worksheet.Worksheet",
    row: int,
    column: int,
    value: Value,
    formats: dict[str, "xlsxwriter.format.Format"],
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, Decimal | int):
        _write_figure(sheet, row, column, Decimal(value))
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), formats["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats["day"])
    else:
        sheet.write_string(row, column, value)


def _write_figure(sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, value: Decimal) -> None:
    """A number, unless it has more digits than a spreadsheet's floats can hold exactly: then its text."""
    if len(value.as_tuple().digits) > EXACT_DIGITS:
        sheet.write_string(row, column, format(value, "f"))
    else:
        sheet.write_number(row, column, float(value))


def _sheet_name(title: str) -> str:
    """Excel refuses some characters and more than 31 of them."""
    return "".join(" " if character in "[]:*?/\\" else character for character in title)[:31] or "List"
