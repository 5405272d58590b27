"""Files as they come: encodings, delimiters, packing, and those that must not be opened."""

import codecs
import contextlib
import gzip
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wherewithal.feeds import reading
from wherewithal.feeds.reading import Table, plain_number, read_table
from wherewithal.kit.errors import Refused

TEXT = "sku;name\nA;Größe\nB;Café\n"


def read(folder: Path, content: bytes) -> Table:
    path = folder / "file"
    path.write_bytes(content)
    return read_table(path)


def refused(folder: Path, content: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        read(folder, content)
    [problem] = error.value.problems
    return problem.rule, problem.message


@pytest.mark.parametrize(
    ("content", "described"),
    [
        (TEXT.encode(), "CSV, UTF-8, semicolon"),
        (TEXT.encode("utf-8-sig"), "CSV, UTF-8 with mark, semicolon"),
        (TEXT.encode("cp1252"), "CSV, Windows-1252, semicolon"),
        (TEXT.encode("utf-16"), "CSV, UTF-16, semicolon"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "CSV, UTF-16, semicolon"),
        (TEXT.encode("utf-16-le"), "CSV, UTF-16, semicolon"),
        (TEXT.encode("utf-16-be"), "CSV, UTF-16, semicolon"),
        (gzip.compress(TEXT.encode(), mtime=0), "gzip, CSV, UTF-8, semicolon"),
        (TEXT.replace("\n", "\r\n").encode(), "CSV, UTF-8, semicolon"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, described: str) -> None:
    table = read(tmp_path, content)
    assert table.columns == {"sku": ["A", "B"], "name": ["Größe", "Café"]}
    assert (table.described, list(table.lines)) == (described, [2, 3])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_outside_quotes(tmp_path: Path, delimiter: str) -> None:
    text = f'"a,;|b"{delimiter}c\n"1\n2"{delimiter}3\n'
    assert read(tmp_path, text.encode()).columns == {"a,;|b": ["1\n2"], "c": ["3"]}


def test_empty_rows_are_passed_over_and_lines_stay_true(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b,\n1,2,\n\n,,\n3,4,,,\n")
    assert (table.columns, list(table.lines), table.faults) == (
        {"a": ["1", "3"], "b": ["2", "4"]},
        [2, 5],
        [],
    )


def test_rows_of_another_width_are_faults(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n1\n1,2,3\n1,2\n")
    assert [line for line, _ in table.faults] == [2, 3]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not_empty"),
        (b"a,b\n", "not_empty"),
        (b"\n\n", "header"),
        (b"a,A\n1,2\n", "header"),
        (b"a,b\n1,\x002\n", "no_nul"),
        (b"\x81a,b\n1,2\n", "encoding"),
        (codecs.BOM_UTF8 + b"a\n\xff\n", "encoding"),
        (b'a,b\n"1,2\n3,4\n', "csv_form"),
        (b'a,b\n"1"x,2\n', "csv_form"),
        (b"a,b\n1," + b"9" * 200_000 + b"\n", "csv_form"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], "readable"),
        (b"\x1f\x8b\x08\x00 nonsense follows here", "readable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_kind"),
        (b"PK\x03\x04 nonsense", "readable"),
        ((",".join(f"c{number}" for number in range(301)) + "\n1\n").encode(), "table_size"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, rule: str) -> None:
    assert refused(tmp_path, content)[0] == rule


def test_a_refusal_names_the_line(tmp_path: Path) -> None:
    assert "Line 3" in refused(tmp_path, b"a,b\n1,2\n3,\x00\n")[1]
    assert "Line 2" in refused(tmp_path, codecs.BOM_UTF8 + b"a\n\xff\n")[1]


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_UNPACKED_BYTES", 10 * reading.MEGABYTE)
    assert refused(tmp_path, gzip.compress(b"a" * 50 * reading.MEGABYTE, mtime=0))[0] == "unpacked_size"


def test_a_large_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_FILE_BYTES", 10)
    assert refused(tmp_path, TEXT.encode())[0] == "file_size"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    assert len(read(tmp_path, b"a\n" + b"1\n" * 3)) == 3
    assert refused(tmp_path, b"a\n" + b"1\n" * 4)[0] == "table_size"


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    for start in (b"", b"sku,name\n", b"\x1f\x8b\x08", b"PK\x03\x04", codecs.BOM_UTF16_LE, codecs.BOM_UTF8):
        with contextlib.suppress(Refused):
            read(tmp_path, start + content)


# --- workbooks ----------------------------------------------------------------------------------------------------


def workbook(*rows: list[object]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Data")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.close()
    return buffer.getvalue()


def test_a_workbook_reads_like_its_text(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        workbook(
            ["sku", "qty", "on", "at", "ok", "note"],
            ["007", 5, date(2026, 3, 1), datetime.fromisoformat("2026-03-01T14:30"), True, "Größe"],
            ["8", 2.55, None, None, False, None],
        ),
    )
    assert table.columns["sku"] == ["007", "8"]
    assert table.columns["qty"] == ["5", "2.55"]
    assert [text[:10] for text in table.columns["on"]] == ["2026-03-01", ""]
    assert table.columns["at"][0] == "2026-03-01T14:30:00"
    assert table.columns["ok"] == ["true", "false"]
    assert table.columns["note"] == ["Größe", ""]
    assert table.described == "XLSX, sheet Data"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5"),
        (2.5500000000000003, "2.55"),
        (1e16, "10000000000000000"),
        (-0.5, "-0.5"),
        (1e-7, "0.0000001"),
    ],
)
def test_numbers_of_spreadsheets_lose_their_noise(number: float, text: str) -> None:
    assert plain_number(number) == text


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    """The same workbook with some members replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in source.namelist():
            made.writestr(name, change.pop(name, source.read(name)))
        for name, data in change.items():
            made.writestr(name, data)
    return target.getvalue()


def test_workbooks_that_would_swell_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = workbook(["a"], [1])
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>%s</sheetData></worksheet>'
    far = sheet % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refused(tmp_path, repacked(plain, {"xl/worksheets/sheet1.xml": far}))[0] == "table_size"
    monkeypatch.setattr(reading, "LARGEST_UNPACKED_BYTES", 10 * reading.MEGABYTE)
    bomb = repacked(plain, {"xl/media/big.bin": b"\0" * 20 * reading.MEGABYTE})
    assert refused(tmp_path, bomb)[0] == "unpacked_size"


SHEET = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    "far",
    [
        b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        b"<row><c s='1' r = 'XFD1048576'><v>1</v></c></row>",
        b'<row><c r="xfd1048576"><v>1</v></c></row>',
        b'<row><x:c s=">" r="XFD1048576"><v>1</v></x:c></row>',
        b"<row>" + b"<c><v>1</v></c>" * 301 + b"</row>",
        b"</sheetData><dimension ref='A1:XFD1048576'/><sheetData>",
        b'</sheetData><dimension ref="XFD1048576"/><sheetData>',
    ],
)
def test_a_far_cell_is_seen_however_it_is_written(tmp_path: Path, far: bytes) -> None:
    made = repacked(workbook(["a"], [1]), {"xl/worksheets/sheet1.xml": SHEET % far})
    rule, message = refused(tmp_path, made)
    assert rule == "table_size"
    assert "at most 2000000 and 300 are read" in message


def test_the_rectangle_of_a_sheet_is_bounded(tmp_path: Path) -> None:
    """Within the most rows and the most columns, but 1,000,000 x 21 cells would be set up to hold two."""
    far = SHEET % b'<row r="1000000"><c r="U1000000"><v>1</v></c></row>'
    rule, message = refused(tmp_path, repacked(workbook(["a"], [1]), {"xl/worksheets/sheet1.xml": far}))
    assert rule == "table_size"
    assert "1000000 rows and 21 columns spans 21000000 cells; at most 20000000 are read" in message


@pytest.mark.parametrize("name", ["xl/Elsewhere/DATA.XML", "xl/WORKSHEETS/sheet9.xml", "data.bin"])
def test_a_sheet_may_lie_anywhere_in_the_workbook(tmp_path: Path, name: str) -> None:
    """The workbook's relations say which member a sheet is; the reader follows them."""
    plain = workbook(["a"], [1])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels")
    target = b"/" + name.encode()
    change = {"xl/_rels/workbook.xml.rels": relations.replace(b"worksheets/sheet1.xml", target)}
    near = repacked(plain, {**change, name: SHEET % b'<row r="2"><c r="A2"><v>5</v></c></row>'})
    assert read(tmp_path, near).columns == {"1": ["5"]}
    far = repacked(plain, {**change, name: SHEET % b'<row r="9"><c r="XFD9"><v>5</v></c></row>'})
    rule, message = refused(tmp_path, far)
    assert (rule, "column 16384" in message) == ("table_size", True)


def test_cells_may_leave_their_place_out(tmp_path: Path) -> None:
    bare = b"<worksheet><sheetData>%s</sheetData></worksheet>" % (
        b"<row><c><v>7</v></c><c><v>8</v></c></row>" * 400
    )
    table = read(tmp_path, repacked(workbook(["a"], [1]), {"xl/worksheets/sheet1.xml": bare}))
    assert (table.headers, len(table)) == (("7", "8"), 399)


def test_other_zip_files_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("items.csv", TEXT)
    assert refused(tmp_path, buffer.getvalue())[0] == "file_kind"
    assert refused(tmp_path, workbook(["a"], [1])[:-30])[0] == "readable"


# --- what a workbook pretends to be -----------------------------------------------------------------------------------


ODS_BOMB = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    b'<office:body><office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1048576">'
    b'<table:table-cell table:number-columns-repeated="16384"'
    b' office:value-type="string"><text:p>x</text:p></table:table-cell>'
    b"</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        {"mimetype": ODS_TYPE, "content.xml": ODS_BOMB},
        {"mimetype": ODS_TYPE, "content.xml": ODS_BOMB, "[Content_Types].xml": b"<Types/>"},
        {"content.xml": ODS_BOMB, "[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"},
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.bin": b"\x83\x01\x00",
            "xl/_rels/workbook.bin.rels": b"<R/>",
        },
        {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>", "XL\\Workbook.BIN": b"\x83\x01\x00"},
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.xml": b"<w/>",
            "./x/../xl/workbook.bin": b"\x83\x01\x00",
        },
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"},
    ],
    ids=["ods", "ods as xlsx", "ods beside xlsx", "xlsb", "xlsb beside xlsx", "xlsb by a detour", "a letter"],
)
@pytest.mark.parametrize("name", ["file", "file.xlsx", "file.ods", "file.xlsb"])
def test_no_other_workbook_reaches_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes], name: str
) -> None:
    """A repeated cell of an ODS is seventeen thousand million cells in some hundred bytes."""
    monkeypatch.setattr(reading, "CalamineWorkbook", None)
    path = tmp_path / name
    path.write_bytes(zipped(members))
    with pytest.raises(Refused) as error:
        read_table(path)
    assert [(p.field, p.rule) for p in error.value.problems] == [("file", "file_kind")]


@pytest.mark.parametrize("name", ["file.ods", "file.xlsb", "file.xls", "file.csv"])
def test_the_name_of_a_file_says_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(workbook(["a"], [1]))
    assert read_table(path).columns == {"a": ["1"]}


def test_a_nul_in_a_cell_is_named(tmp_path: Path) -> None:
    inline = b'<row r="2"><c r="A2" t="inlineStr"><is><t>a_x0000_b</t></is></c></row>'
    made = repacked(workbook(["a"], [1]), {"xl/worksheets/sheet1.xml": SHEET % inline})
    with contextlib.suppress(Refused):  # readers differ: the escape is text, or the character
        assert "\0" not in str(read(tmp_path, made).columns)
    with pytest.raises(Refused) as error:
        reading._row_texts(["fine", "a\0b"], 7)
    assert [(p.field, p.rule) for p in error.value.problems] == [("file", "no_nul")]
    assert "Row 7" in error.value.problems[0].message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_packed_otherwise_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(["a"], [1]))) as source:
        members = {name: source.read(name) for name in source.namelist()}
    assert refused(tmp_path, zipped(members, method))[0] == "readable"


def test_entities_do_not_swell(tmp_path: Path) -> None:
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "'
        + b"&a;" * 100
        + b'"><!ENTITY c "'
        + b"&b;" * 100
        + b'">]>'
    )
    inline = b'<row r="2"><c r="A2" t="inlineStr"><is><t>' + b"&c;" * 100 + b"</t></is></c></row>"
    made = repacked(workbook(["a"], [1]), {"xl/worksheets/sheet1.xml": laughs + SHEET % inline})
    with contextlib.suppress(Refused):
        assert len(str(read(tmp_path, made).columns)) < 10_000


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_no_damage_of_a_workbook_breaks_the_reader(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=6))
    with contextlib.suppress(Refused):
        read(tmp_path, b"PK\x03\x04" + bytes(content[4:]))


WORKBOOK = workbook(["a", "b"], [1, "x"], [2.5, "y"])


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "no_nul"),
        (codecs.BOM_UTF16_LE + b"a\x00,\x00b\x00\n\x00\x00\xd8,\x00", "encoding"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be")[:-1], "encoding"),
        (TEXT.encode("utf-32-be"), "no_nul"),
        (b"a,b\n1,\x8f\n", "encoding"),
        (gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0), "file_kind"),
        (gzip.compress(WORKBOOK, mtime=0), "file_kind"),
    ],
    ids=[
        "utf-32",
        "half a pair",
        "half a letter",
        "utf-32 without mark",
        "undefined",
        "gzip twice",
        "packed workbook",
    ],
)
def test_encodings_that_are_none(tmp_path: Path, content: bytes, rule: str) -> None:
    assert refused(tmp_path, content)[0] == rule
