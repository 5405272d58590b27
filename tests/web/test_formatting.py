"""Figures as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from wherewithal.web import formatting


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("1234567.5", "EUR", "1,234,567.50"),
        ("-12.5", "EUR", "\u221212.50"),
        ("0", "EUR", "0.00"),
        ("1234", "JPY", "1,234"),
        ("1.5", "KWD", "1.500"),
    ],
)
def test_money_has_the_places_of_its_currency(amount, currency, expected):
    assert formatting.money(Decimal(amount), currency) == expected


def test_zero_and_unknown_are_told_apart():
    assert formatting.money(Decimal(0), "EUR") == "0.00"
    assert formatting.money(None, "EUR") == "—"
    assert formatting.money_with_currency(None, "EUR") == "—"
    assert formatting.quantity(None) == "—"


def test_what_rounds_to_zero_carries_no_minus():
    assert formatting.number(Decimal("-0.004"), decimals=2) == "0.00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12", "12"), ("12.000", "12"), ("1.500", "1.5"), ("-3", "\u22123"), ("1200", "1,200"), ("0", "0")],
)
def test_quantities_show_the_places_they_have(value, expected):
    assert formatting.quantity(Decimal(value)) == expected


def test_minor_units_keep_their_scale():
    assert str(formatting.from_minor(1250, 2)) == "12.50"
    assert str(formatting.from_minor(1200, 0)) == "1200"


def test_dates_by_language():
    assert formatting.day(date(2025, 12, 31)) == "31 Dec 2025"
    with translation.override("de"):
        assert formatting.day(date(2025, 12, 31)) == "31.12.2025"
        assert formatting.money(Decimal("1234.5"), "EUR") == "1.234,50"


def test_an_instant_is_shown_in_the_zone_of_the_company():
    moment = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    assert formatting.instant(moment, timezone=ZoneInfo("Europe/Berlin")) == "1 Jan 2026, 00:30"


def test_compact_figures():
    assert formatting.compact(1_234_567) == "1.2M"
    assert formatting.compact(45_600) == "45.6K"
    assert formatting.compact(987) == "987"
