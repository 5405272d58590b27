"""From a file to a table of texts: what it is, how it is written, and whether it is safe to open.

A file is known by its first bytes, not by its name: gzip, XLSX, or text. Text may be UTF-8 with or without mark,
UTF-16, or else Windows-1252; the delimiter is the one that the header line has most of. Everything that could hurt
the reader is bounded before it is opened: size packed and unpacked, rows, columns, the length of a cell.
"""

import codecs
import csv
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook

from wherewithal.core.words import say
from wherewithal.feeds.coded import Coded
from wherewithal.kit.errors import Problem, Refused

MEGABYTE = 1024 * 1024
LARGEST_FILE_BYTES = 128 * MEGABYTE
LARGEST_UNPACKED_BYTES = 256 * MEGABYTE
MOST_ROWS = 2_000_000
MOST_COLUMNS = 300
MOST_CELLS = 20_000_000  # rows x columns: a sheet is opened as a full rectangle, however few cells it fills
LONGEST_CELL = 10_000
MOST_ZIP_MEMBERS = 2_000
# What makes a zip file an XLSB, ODS or Numbers workbook, in any case of letters.
OTHER_WORKBOOKS = frozenset(
    {"xl/workbook.bin", "xl/_rels/workbook.bin.rels", "mimetype", "content.xml", "index/document.iwa"}
)
DELIMITERS = (",", ";", "\t", "|")
BLOCK = 500
FIRST_LINE = 2  # of the data, as people count: line 1 is the header

# XML allows either quote, spaces around "=", and ">" inside a value; the opener takes letters of either case.
_ATTRIBUTES = rb"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*?"""
_CELL_AT = re.compile(rb"<(?:\w+:)?c" + _ATTRIBUTES + rb"""\s+r\s*=\s*["']([A-Za-z]{1,4})([0-9]{1,10})["']""")
_ROW_AT = re.compile(rb"<(?:\w+:)?row" + _ATTRIBUTES + rb"""\s+r\s*=\s*["']([0-9]{1,10})["']""")
_DIMENSION = re.compile(
    rb"<(?:\w+:)?dimension"
    + _ATTRIBUTES
    + rb"""\s+ref\s*=\s*["'](?:[A-Za-z]{1,4}[0-9]{1,10}:)?([A-Za-z]{1,4})([0-9]{1,10})["']"""
)
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ANY_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")


@dataclass(frozen=True, slots=True)
class Table:
    """A file as columns of texts. `lines[i]` is the line or spreadsheet row, as people count, of row i."""

    headers: tuple[str, ...]
    cells: dict[str, Coded]
    lines: "range | list[int]"
    described: str  # how the file was read, for the report: "CSV, UTF-8, comma"
    faults: list[tuple[int, str]] = field(default_factory=list)  # (line, what is wrong with its shape)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def columns(self) -> dict[str, list[str]]:
        """The text of every cell."""
        return {header: column.in_rows() for header, column in self.cells.items()}


def refuse_file(rule: str, message: str, value: object = None) -> Refused:
    return Refused(Problem("file", rule, message, value=None if value is None else str(value)))


def read_table(path: Path, *, delimiter: str | None = None, sheet: str | None = None) -> Table:
    """Read the whole file. Refused where it is unsafe, damaged, or no table."""
    size = path.stat().st_size
    if size == 0:
        raise refuse_file("not_empty", say("The file is empty."))
    if size > LARGEST_FILE_BYTES:
        raise refuse_file(
            "file_size",
            say(
                "The file is larger than {largest_file_bytes} MB: split it.",
                largest_file_bytes=LARGEST_FILE_BYTES // MEGABYTE,
            ),
            size,
        )
    start = _first_bytes(path)
    if start.startswith(b"PK\x03\x04"):
        return _read_workbook(path, sheet)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse_file(
            "file_kind", say("This is an old or protected Excel file: save it as .xlsx without a password.")
        )
    packed = start.startswith(b"\x1f\x8b")
    data = _gunzip(path) if packed else path.read_bytes()
    if packed and data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise refuse_file("file_kind", say("This is a packed file inside a packed file: unpack it first."))
    return _read_text(data, delimiter, "gzip, " if packed else "")


def _first_bytes(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(8)


def _gunzip(path: Path) -> bytes:
    """Unpack, giving up as soon as more comes out than is allowed."""
    unpacker = zlib.decompressobj(wbits=31)
    blocks: list[bytes] = []
    total = 0
    try:
        with open(path, "rb") as file:
            while block := file.read(MEGABYTE):
                while block:
                    blocks.append(unpacker.decompress(block, 8 * MEGABYTE))
                    total += len(blocks[-1])
                    if total > LARGEST_UNPACKED_BYTES:
                        limit = LARGEST_UNPACKED_BYTES // MEGABYTE
                        raise refuse_file(
                            "unpacked_size",
                            say("The file unpacks to more than {limit} MB: split it.", limit=limit),
                        )
                    block = unpacker.unconsumed_tail
                    if unpacker.eof:  # several gzip members in a row are one file
                        block = unpacker.unused_data
                        unpacker = zlib.decompressobj(wbits=31) if block else unpacker
    except zlib.error as error:
        raise refuse_file("readable", say("The gzip file is damaged: {error}.", error=str(error))) from None
    if not unpacker.eof:
        raise refuse_file("readable", say("The gzip file breaks off before its end."))
    return b"".join(blocks)


# --- text ---------------------------------------------------------------------------------------------------


def _decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    for mark, name, label in (
        (codecs.BOM_UTF8, "utf-8", "UTF-8 with mark"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    ):
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], name), label
    head = data[:2000]
    if len(head) >= 4 and head[1::2].count(0) > len(head) * 0.4:
        return _decode_as(data, "utf-16-le"), "UTF-16"
    if len(head) >= 4 and head[0::2].count(0) > len(head) * 0.4:
        return _decode_as(data, "utf-16-be"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decode_as(data, "cp1252"), "Windows-1252"


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = say(
            "Line {line} cannot be read as {encoding}: save the file as UTF-8.", line=line, encoding=encoding
        )
        raise refuse_file("encoding", message, data[error.start : error.start + 4]) from None


def _sniff_delimiter(text: str) -> str:
    """The candidate that the first line has most of, outside quotes."""
    head = text[: text.find("\n")] if "\n" in text else text
    bare = re.sub(r'"[^"]*"', "", head)
    return max(DELIMITERS, key=bare.count)


def _read_text(data: bytes, delimiter: str | None, packed: str) -> Table:
    text, encoding = _decode(data)
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise refuse_file(
            "no_nul",
            say("Line {line} holds a NUL character: this is not a text file, or it is damaged.", line=line),
        )
    delimiter = delimiter or _sniff_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
    described = f"{packed}CSV, {encoding}, {names.get(delimiter, delimiter)}"
    try:
        return _from_rows(reader, described)
    except csv.Error as error:
        message = say(
            "Line {line_num} is no proper CSV ({error}): look for a quote that is not closed.",
            line_num=reader.line_num,
            error=str(error),
        )
        raise refuse_file("csv_form", message) from None


# --- workbook -------------------------------------------------------------------------------------------------


def _read_workbook(path: Path, sheet: str | None) -> Table:
    _check_workbook(path)
    try:
        with open(
            path, "rb"
        ) as file:  # known by its content: a path would let the file's name choose the reader
            workbook = CalamineWorkbook.from_filelike(file)
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            raise refuse_file(
                "sheet",
                say("There is no sheet {sheet}; the file has: {names}.", sheet=sheet, names=", ".join(names)),
                sheet,
            )
        rows = workbook.get_sheet_by_name(sheet or names[0]).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise refuse_file(
            "readable", say("The workbook cannot be read: {error}.", error=str(error))
        ) from None
    texts = (_row_texts(row, number) for number, row in enumerate(rows, 1))
    return _from_rows(texts, f"XLSX, sheet {sheet or names[0]}", pad=True)


UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,  # cut short
    NotImplementedError,  # packed or encrypted in a way that zipfile does not know
    OSError,  # offsets that point before the file
    RuntimeError,  # encrypted
    ValueError,
)
"""What reading the members of a damaged or hostile zip file raises, by fuzzing."""


def _check_workbook(path: Path) -> None:
    """Refuse what would swell on opening: zip bombs, and sheets that claim cells at the end of the world."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_ZIP_MEMBERS or sum(m.file_size for m in members) > LARGEST_UNPACKED_BYTES:
                limit = LARGEST_UNPACKED_BYTES // MEGABYTE
                raise refuse_file(
                    "unpacked_size",
                    say("The workbook unpacks to more than {limit} MB: split it.", limit=limit),
                )
            _check_kind({_plain_name(m.filename) for m in members})
            if any(m.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for m in members):
                raise refuse_file(
                    "readable",
                    say("The workbook is packed in a way that spreadsheets do not write: save it anew."),
                )
            for member in members:  # reading checks the true length and the checksum
                content = archive.read(member)
                _check_sheet(content)  # any member: the workbook's relations may call any of them a sheet
    except UNREADABLE as error:
        raise refuse_file(
            "readable", say("The workbook is damaged or protected: {error}.", error=str(error))
        ) from None


def _plain_name(name: str) -> str:
    """A member's name as readers compare them: letters of either case, slashes of either kind, no detours."""
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")


def _check_kind(names: set[str]) -> None:
    """The reader tries one kind of workbook after the other; only XLSX is looked through before, so nothing else may
    be in the file for it to find."""
    if "[content_types].xml" not in names and not names & OTHER_WORKBOOKS:
        raise refuse_file("file_kind", say("This is a zip file, not a workbook: unpack it first."))
    if names & OTHER_WORKBOOKS or "xl/workbook.xml" not in names:
        raise refuse_file(
            "file_kind",
            say("This is no XLSX workbook (binary and OpenDocument ones are not read): save it as .xlsx."),
        )


def _check_sheet(content: bytes) -> None:
    """Refuse a member whose cells, as far as it has any, span more than can be opened."""
    rows, columns = _extent(content)
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        message = say(
            "A sheet reaches to row {rows}, column {columns}; at most {most_rows} and {most_columns} "
            "are read.",
            rows=rows,
            columns=columns,
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
        )
        raise refuse_file("table_size", message)
    if rows * columns > MOST_CELLS:
        message = say(
            "A sheet of {rows} rows and {columns} columns spans {rows_2} cells; at most {most_cells} "
            "are read: delete what stands far below or to the right of the table, or split it.",
            rows=rows,
            columns=columns,
            rows_2=rows * columns,
            most_cells=MOST_CELLS,
        )
        raise refuse_file("table_size", message)


def _extent(content: bytes) -> tuple[int, int]:
    """The last row and column that a sheet states or can reach; (0, 0) for what is no sheet."""
    row_numbers, letters, placed = {b"0"}, {b""}, 0
    for match in _CELL_AT.finditer(content):
        letters.add(match[1])
        row_numbers.add(match[2])
        placed += 1
    for match in _DIMENSION.finditer(content):
        letters.add(match[1])
        row_numbers.add(match[2])
    stated_rows = _ROW_AT.findall(content)
    rows, columns = max(map(int, row_numbers.union(stated_rows))), max(map(_column_number, letters))
    # Rows and cells may leave their place out: then each stands after the one before it.
    rows += len(_ANY_ROW.findall(content)) - len(stated_rows)
    if placed < len(_ANY_CELL.findall(content)):
        columns += max(map(_cells_without_place, _ANY_ROW.split(content)))
    return rows, columns


def _cells_without_place(row: bytes) -> int:
    return len(_ANY_CELL.findall(row)) - len(_CELL_AT.findall(row))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _row_texts(row: Sequence[object], number: int) -> list[str]:
    texts = [_cell_text(cell) for cell in row]
    if any("\0" in text for text in texts):
        raise refuse_file(
            "no_nul",
            say(
                "Row {number} holds a NUL character: the workbook is damaged, or made to harm.", number=number
            ),
        )
    return texts


def _cell_text(cell: object) -> str:
    """A cell as the text a person would type: numbers with the 15 digits that a spreadsheet keeps, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return plain_number(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell)


def plain_number(number: float) -> str:
    """No exponent, no noise: 2.5500000000000003 is 2.55, 1e16 is 10000000000000000."""
    text = f"{number:.15g}"
    if "e" in text or "n" in text:
        text = f"{number:.0f}" if abs(number) >= 1 else f"{number:.20f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- rows to columns --------------------------------------------------------------------------------------------


def _from_rows(rows: Iterator[list[str]], described: str, *, pad: bool = False) -> Table:
    """Block by block into columns, so that no more than a block of rows exists as lists at any time."""
    headers = _headers(next(rows, []))
    columns = [_Column() for _ in headers]
    shape = _Shape(len(headers), pad)
    line = FIRST_LINE
    while block := list(islice(rows, BLOCK)):
        if line + len(block) > MOST_ROWS + FIRST_LINE:
            raise refuse_file(
                "table_size", say("The file has more than {most_rows} rows: split it.", most_rows=MOST_ROWS)
            )
        kept = shape.fit(block, line)
        for column, cells in zip(columns, zip(*kept, strict=True), strict=bool(kept)):
            column.add(cells)
        line += len(block)
    if not shape.lines:
        raise refuse_file("not_empty", say("The file has a header but no rows."))
    found = {header: column.coded() for header, column in zip(headers, columns, strict=True)}
    return Table(headers, found, shape.lines, described, shape.faults)


class _Column(dict[str, int]):
    """The different texts of a column, numbered as they come, and the numbers of its cells."""

    def __init__(self) -> None:
        self.blocks: list[NDArray[np.int32]] = []

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number

    def add(self, cells: Sequence[str]) -> None:
        self.blocks.append(np.fromiter(map(self.__getitem__, cells), np.int32, len(cells)))

    def coded(self) -> Coded:
        return Coded(list(self), np.concatenate(self.blocks))


class _Shape:
    """Drops empty rows, and brings the others to the header's width, noting those that were not."""

    def __init__(self, width: int, pad: bool) -> None:
        self.width, self.pad = width, pad
        self.lines: list[int] = []
        self.faults: list[tuple[int, str]] = []

    def fit(self, block: list[list[str]], first_line: int) -> list[list[str]]:
        width = self.width
        if all(len(row) == width and row[0] for row in block):  # the common case, told quickly
            self.lines.extend(range(first_line, first_line + len(block)))
            return block
        kept = []
        for line, row in enumerate(block, first_line):
            if any(row):
                kept.append(row if len(row) == width else self._fitted(row, line))
                self.lines.append(line)
        return kept

    def _fitted(self, row: list[str], line: int) -> list[str]:
        only_blanks_missing = self.pad and len(row) < self.width
        if not only_blanks_missing and (len(row) < self.width or any(row[self.width :])):
            self.faults.append((line, f"The row has {len(row)} cells where the header has {self.width}."))
        return (row + [""] * self.width)[: self.width]


def _headers(row: list[str]) -> tuple[str, ...]:
    """The names of the columns; unnamed ones at the end do not count."""
    names = [name.strip() for name in row]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise refuse_file("header", say("The first line must name the columns."))
    if len(names) > MOST_COLUMNS:
        raise refuse_file(
            "table_size",
            say(
                "The file has {count} columns; at most {most_columns} are read.",
                count=len(names),
                most_columns=MOST_COLUMNS,
            ),
        )
    folded = [name.casefold() for name in names]
    twice = next((name for name in names if name and folded.count(name.casefold()) > 1), None)
    if twice:
        raise refuse_file("header", say("Two columns are called {twice}: rename one.", twice=twice), twice)
    return tuple(name or f"(column {position})" for position, name in enumerate(names, 1))
