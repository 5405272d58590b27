"""Sheets as documents: exact texts on the right pages, figures at the right, totals, many rows in bounded time."""

import io
import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PageObject, PdfReader

from wherewithal.kit.errors import Refused
from wherewithal.reporting import pdf
from wherewithal.reporting.sheets import Cover, Sheet, Strong

NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
COVER = Cover(
    "Quell GmbH (QUELL)",
    (("Book", "IFRS"), ("As of", "the end of 2026-06-30")),
    "IFRS · 2026-06-30",
    "Made 2026-07-01 12:00 Europe/Berlin · Head of the chain 2026/17: " + "3f" * 32,
    NOW,
    ZoneInfo("Europe/Berlin"),
)


def read(found: Sheet, cover: Cover = COVER) -> PdfReader:
    content, _count = pdf.to_pdf(found, cover)
    return PdfReader(io.BytesIO(content))


def placed(page: PageObject) -> list[tuple[float, float, str]]:
    """(x, y from below, text) of every piece of text on a page."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, cm: Any, tm: Any, _font: Any, _size: Any) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((round(x, 2), round(y, 2), text.strip()))

    page.extract_text(visitor_text=visit)
    return found


def lines(page: PageObject) -> list[str]:
    return [text for _x, _y, text in placed(page)]


def assets(count: int) -> Sheet:
    rows = [
        (
            f"MACH-{n:05}",
            f"Press {n}",
            date(2026, 1, 31),
            Decimal(n).scaleb(-2),
            Decimal("-1234567.80"),
            "EUR",
        )
        for n in range(count)
    ]
    heads = ("tag", "name", "in_service_on", "cost", "accumulated", "currency")
    return Sheet("Register", heads, rows, summed=("cost", "accumulated"), of_book=True)


def test_a_document_says_whose_it_is_and_what() -> None:
    found = read(assets(2))
    (page,) = found.pages
    said = lines(page)
    for text in ("Quell GmbH (QUELL)", "Register", "IFRS", "the end of 2026-06-30", "Page 1 of 1"):
        assert any(text in line for line in said), text
    assert any("Head of the chain 2026/17: " + "3f" * 32 in line for line in said)
    assert {"Tag", "Name", "In service on", "Cost", "Accumulated"} <= set(said)
    # the currency never changes: it is said once, above
    assert "Currency" not in said
    assert [line for line in said if "EUR" in line] == ["EUR"]
    assert said.index("EUR") == said.index("Amounts") + 1
    assert {"MACH-00001", "2026-01-31", "0.01", "−1,234,567.80", "Total", "−2,469,135.60"} <= set(said)
    assert (found.metadata or {})["/Title"] == "Register"
    assert (found.metadata or {})["/CreationDate"] == "D:20260701100000Z"


def test_fonts_are_in_the_file_and_it_is_made_to_be_kept() -> None:
    content, _ = pdf.to_pdf(assets(1), COVER)
    (page,) = PdfReader(io.BytesIO(content)).pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    names = {font["/BaseFont"].split("+")[1].split("-Identity")[0] for font in fonts}
    assert names == {"LibertinusSerif-Regular", "LibertinusSerif-Bold"}
    for font in fonts:
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert any(key.startswith("/FontFile") for key in below)
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert pdf.to_pdf(assets(1), COVER)[0] == content


def test_figures_end_and_texts_begin_at_one_line() -> None:
    (page,) = read(Sheet("T", ("name", "amount"), [("a", Decimal("1.00")), ("bb", Decimal("1000.00"))])).pages
    (left_a,) = [x for x, _, text in placed(page) if text.startswith("a")]
    letters = pdf._letters()
    ends = {text: x + letters.width(text, 9) for x, _, text in placed(page) if text in ("1.00", "1,000.00")}
    assert ends["1.00"] == pytest.approx(ends["1,000.00"], abs=0.01)
    assert left_a == pytest.approx(pdf.MARGIN, abs=0.01)
    assert ends["1.00"] == pytest.approx(pdf.A4[0] - pdf.MARGIN, abs=0.05)


def test_every_row_is_there_once_below_its_heads() -> None:
    pages = read(assets(200)).pages
    assert len(pages) > 3
    tags = [line for page in pages for line in lines(page) if line.startswith("MACH-")]
    assert tags == [f"MACH-{n:05}" for n in range(200)]
    for number, page in enumerate(pages, 1):
        said = lines(page)
        assert f"Page {number} of {len(pages)}" in said
        assert {"Tag", "Accumulated"} <= set(said)
        assert ("Quell GmbH (QUELL) · Register" in said) == (number > 1)
        # beside each tag stands its own name
        at = {text: round(y, 1) for _, y, text in placed(page)}
        for text, y in at.items():
            if text.startswith("MACH-"):
                assert at[f"Press {int(text[5:])}"] == y


def test_long_texts_are_broken_and_nothing_slips() -> None:
    """A row is as high as its longest cell; the cells of the next row begin on one line again."""
    long = "word " * 60
    rows = [
        (f"T{n}", long if n % 2 else "short", "Donaudampfschifffahrtsgesellschaft" * 9, Decimal(n))
        for n in range(9)
    ]
    pages = read(Sheet("Long", ("tag", "text", "word", "amount"), rows)).pages
    heights: dict[str, float] = {}
    for page in pages:
        spots = placed(page)
        for n in range(9):
            tag = [y for _, y, text in spots if text == f"T{n}"]
            amount = [y for x, y, text in spots if text == str(n) and x > 300]
            assert tag == amount
            heights |= {f"T{n}": y for y in tag}
        assert all(0 < x < float(page.mediabox.width) - pdf.MARGIN for x, _, _ in spots)
    assert len(heights) == 9


def test_wide_sheets_lie_down_and_the_widest_take_a_larger_page() -> None:
    def size(columns: int) -> tuple[int, int]:
        rows = [tuple(Decimal("123456789.00") for _ in range(columns))] * 3
        (page,) = read(Sheet("W", tuple(f"column {n}" for n in range(columns)), rows)).pages
        assert max(x for x, _, _ in placed(page)) < float(page.mediabox.width)
        return round(float(page.mediabox.width)), round(float(page.mediabox.height))

    assert size(4) == (595, 842)
    assert size(11) == (842, 595)
    assert size(20) == (1191, 842)


def test_rows_that_stand_out_are_bold() -> None:
    rows = [("1000", Decimal(5)), Strong(("Assets", Decimal(5)))]
    (page,) = read(Sheet("B", ("account", "amount"), rows)).pages
    fonts: dict[str, str] = {}

    def visit(text: str, _cm: Any, _tm: Any, font: Any, _size: Any) -> None:
        fonts[text.strip()] = font["/BaseFont"] if font else ""

    page.extract_text(visitor_text=visit)
    assert "Bold" in fonts["Assets"]
    assert "Regular" in fonts["1000"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-0.50"), "−0.50"),
        (Decimal("1E+3"), "1,000"),
        (17000, "17000"),
        (True, "yes"),
        (datetime(2026, 7, 1, 10, 0, 5, tzinfo=UTC), "2026-07-01 12:00"),
        ("a\nb\tc\x00d\u202ee", "a b c d e"),
        ("#set text() $x$ *b* _i_ @ref <l> \\", "#set text() $x$ *b* _i_ @ref <l> \\"),
    ],
)
def test_cells(value: Any, text: str) -> None:
    (page,) = read(Sheet("C", ("what", "it"), [("x", value)])).pages
    assert text in lines(page)


def test_nothing_is_said_to_be_nothing() -> None:
    (page,) = read(Sheet("Empty", ("tag", "cost"), [], summed=("cost",))).pages
    assert any("There are none." in line for line in lines(page))


def test_ten_thousand_rows_are_one_file_and_too_many_are_refused() -> None:
    content, count = pdf.to_pdf(assets(10_000), COVER)
    assert count == 10_000
    assert len(PdfReader(io.BytesIO(content)).pages) > 100
    with pytest.raises(Refused) as refused:
        pdf.to_pdf(assets(pdf.MOST_ROWS + 1), COVER)
    assert [(p.field, p.rule) for p in refused.value.problems] == [("format", "rows")]


def test_sums_are_carried_from_page_to_page() -> None:
    """Row n costs n cents: what is carried below a page and brought on above the next is n (n + 1) / 2 of its last row."""
    pages = read(assets(200)).pages
    for page, following in itertools.pairwise(pages):
        said, after = lines(page), lines(following)
        last = max(int(text[5:]) for text in said if text.startswith("MACH-"))
        carried = f"{Decimal(last * (last + 1) // 2).scaleb(-2):,}"
        assert {"Carried forward", carried} <= set(said)
        assert {"Brought forward", carried} <= set(after)
        at = {text: y for _, y, text in placed(page)}
        assert at["Carried forward"] == at[carried] < at[f"MACH-{last:05}"]
    assert "Brought forward" not in lines(pages[0])
    assert {"Total", "199.00"} <= set(lines(pages[-1]))
    plain = Sheet("P", ("tag", "cost"), [(f"T{n}", Decimal(n)) for n in range(200)])
    assert not any("forward" in text for page in read(plain).pages for text in lines(page))


def test_the_last_line_of_the_page_is_that_of_the_document() -> None:
    """What stands at the end of two years is no sum: the page says so, and no line of sums comes besides."""
    rows = [("2026", Decimal("5.00"), Decimal("95.00")), ("2027", Decimal("5.00"), Decimal("90.00"))]
    below = [Strong(["Total", Decimal("10.00"), Decimal("90.00")])]
    (page,) = read(Sheet("F", ("year", "charge", "left"), rows, summed=("charge",), below=below)).pages
    said = lines(page)
    assert (said.count("Total"), said.count("10.00"), said.count("90.00"), said.count("185.00")) == (
        1,
        1,
        2,
        0,
    )
