"""A sheet as a file: CSV for programs, XLSX for people who go on calculating, PDF to be kept and put before an auditor.

Texts that a spreadsheet would run as formulas are made harmless; figures stay figures.
"""

import csv
import datetime
import io
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

import xlsxwriter

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused
from wherewithal.reporting.pdf import to_pdf
from wherewithal.reporting.sheets import Cover, Sheet, Value

MOST_XLSX_ROWS = 1_048_575  # what a sheet holds below its heading
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
EXACT_DIGITS = 15  # a spreadsheet's numbers have no more; longer ones are written as text
WIDEST = 48  # characters


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


def write(found: Sheet, cover: Cover, file_format: Format, file: IO[bytes], *, mark: bool = False) -> int:
    """The one way from a sheet to a file; how many rows. `mark`: CSV begins with the mark by which spreadsheets know
    UTF-8. Refused where the format cannot hold all rows."""
    if file_format is Format.PDF:
        content, count = to_pdf(found, cover)
        file.write(content)
        return count
    if file_format is Format.XLSX:
        return write_xlsx(found, file)
    text = io.TextIOWrapper(file, "utf-8-sig" if mark else "utf-8", newline="")
    count = write_csv(found, text)
    text.flush()
    text.detach()
    return count


def write_csv(found: Sheet, file: IO[str]) -> int:
    """UTF-8 text with commas, decimal points and ISO dates; how many rows."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(found.heads)
    count = 0
    for row in found.rows:
        writer.writerow(list(map(csv_text, row)))
        count += 1
    return count


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet that opens the CSV would run it as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(value: Value) -> str:
    """A cell of CSV. A text that would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def write_xlsx(found: Sheet, file: IO[bytes] | str) -> int:
    """One sheet with a frozen heading; how many rows. Refused where a sheet cannot hold them."""
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    page = book.add_worksheet(_sheet_name(found.title))
    bold = book.add_format({"bold": True, "bottom": 1})
    formats: dict[type, Any] = {
        datetime.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    page.freeze_panes(1, 0)
    page.write_row(0, 0, found.heads, bold)
    widths = [len(head) for head in found.heads]
    count = 0
    for count, row in enumerate(found.rows, 1):
        if count > MOST_XLSX_ROWS:
            message = say(
                "A sheet holds {most_xlsx_rows} rows: narrow the list, or export it as CSV.",
                most_xlsx_rows=MOST_XLSX_ROWS,
            )
            raise Refused(Problem("format", "sheet_rows", message, value="xlsx"))
        for column, value in enumerate(row):
            _write_cell(page, count, column, value, formats)
            widths[column] = max(widths[column], len(str(value)) if value is not None else 0)
    for column, width in enumerate(widths):
        page.set_column(column, column, min(max(width + 2, 8), WIDEST))
    if found.left_out:
        apart = book.add_worksheet("Left out")
        apart.set_column(0, 0, WIDEST)
        for number, sentence in enumerate(found.left_out):
            apart.write_string(number, 0, sentence)
    book.close()
    return count


def _sheet_name(title: str) -> str:
    """Excel refuses some characters and more than 31 of them."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in title)[:31] or "List"


def _write_cell(page: Any, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, datetime.datetime):
        naive = value if value.tzinfo is None else value.astimezone(datetime.UTC).replace(tzinfo=None)
        page.write_datetime(row, column, naive, formats[datetime.datetime])
    elif isinstance(value, datetime.date):
        page.write_datetime(row, column, value, formats[datetime.date])
    elif isinstance(value, Decimal | int) and len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS:
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, csv_text(value) if isinstance(value, Decimal) else str(value))
