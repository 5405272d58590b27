"""Cells: exact where the mapping says how they are written, refused where one would have to guess."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.feeds import cells
from wherewithal.feeds.cells import BadCell, Formats

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "formats", "value"),
    [
        ("1234.50", Formats(), "1234.50"),
        ("+7", Formats(), "7"),
        ("\u22123", Formats(), "-3"),
        ("1.234,5", Formats(decimal=",", thousands="."), "1234.5"),
        ("1234,5", Formats(decimal=",", thousands="."), "1234.5"),
        ("12,345,678", Formats(thousands=","), "12345678"),
        ("1 234", Formats(thousands=" "), "1234"),
        ("1\u00a0234", Formats(thousands=" "), "1234"),
        ("000000000000000000001", Formats(), "1"),
    ],
)
def test_numbers(text: str, formats: Formats, value: str) -> None:
    assert cells.number(text, formats) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "formats", "rule"),
    [
        ("1,234", Formats(), "number"),
        ("1.5", Formats(decimal=",", thousands=""), "number"),
        ("1,23,456", Formats(thousands=","), "number"),
        ("1.2345", Formats(decimal=",", thousands="."), "number"),
        ("1e5", Formats(), "number"),
        ("", Formats(), "number"),
        ("NaN", Formats(), "number"),
        ("Infinity", Formats(), "number"),
        ("five", Formats(), "number"),
        ("EUR 5", Formats(), "number"),
        ("\u0661", Formats(), "number"),
        ("9" * 19, Formats(), "number_range"),
        ("9" * 5000, Formats(), "number_range"),
        ("0.1234567890123", Formats(), "number_range"),
    ],
)
def test_refused_numbers(text: str, formats: Formats, rule: str) -> None:
    with pytest.raises(BadCell) as bad:
        cells.number(text, formats)
    assert bad.value.rule == rule


@pytest.mark.parametrize(
    ("text", "formats", "value"),
    [
        ("2026-07-01 14:30", Formats(timezone=BERLIN), datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
        ("2026-01-01T14:30:15.5", Formats(timezone=BERLIN), datetime(2026, 1, 1, 13, 30, 15, 500_000, UTC)),
        ("2026-01-01T14:30Z", Formats(timezone=BERLIN), datetime(2026, 1, 1, 14, 30, tzinfo=UTC)),
        ("2026-01-01T14:30+05:30", Formats(), datetime(2026, 1, 1, 9, 0, tzinfo=UTC)),
        ("2026-01-01", Formats(timezone=BERLIN), datetime(2026, 1, 1, 11, 0, tzinfo=UTC)),
        ("2026-01-01", Formats(time_of_day=time(8)), datetime(2026, 1, 1, 8, 0, tzinfo=UTC)),
        ("3.4.2026 7:05", Formats(day_order="dmy"), datetime(2026, 4, 3, 7, 5, tzinfo=UTC)),
        ("03/04/2026", Formats(day_order="mdy"), datetime(2026, 3, 4, 12, 0, tzinfo=UTC)),
    ],
)
def test_instants(text: str, formats: Formats, value: datetime) -> None:
    assert cells.instant(text, formats) == value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("03/04/2026", "date"),  # which comes first was not said
        ("2026-02-30", "date"),
        ("2026-13-01", "date"),
        ("soon", "date"),
        ("2026-01-01x", "date"),
        ("2026-01-01 25:00", "instant"),
        ("2026-01-01 noon", "instant"),
        ("1756-01-01", "date_range"),
        ("9999-12-31", "date_range"),
        ("46082", "date"),
    ],
)
def test_refused_instants(text: str, rule: str) -> None:
    with pytest.raises(BadCell) as bad:
        cells.instant(text, Formats())
    assert bad.value.rule == rule


def test_days_words_and_choices() -> None:
    assert cells.day("2026-02-28 10:00", Formats()) == date(2026, 2, 28)
    assert cells.whole_number("12.0", Formats()) == 12
    assert cells.yes_no("X", Formats()) is True
    assert cells.yes_no("No", Formats()) is False
    assert cells.choice("finished_good")("Finished Good", Formats()) == "finished_good"
    with pytest.raises(BadCell, match=r"one of: a, b\."):
        cells.choice("a", "b")("c", Formats())


@given(st.text(max_size=40))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (
        cells.number,
        cells.instant,
        cells.day,
        cells.yes_no,
        cells.whole_number,
        cells.choice("a"),
    ):
        for formats in (Formats(), Formats(decimal=",", thousands=".", day_order="dmy")):
            try:
                parse(text, formats)
            except BadCell:
                continue


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_what_is_written_exactly_is_read_exactly(value: Decimal) -> None:
    plain = f"{value:f}"
    assert cells.number(plain, Formats()) == value
    german = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    assert cells.number(german, Formats(decimal=",", thousands=".")) == value
