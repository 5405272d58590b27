"""Figures as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from wherewithal.web import formatting
from wherewithal.web.fields import NumberField
from wherewithal.web.forms.exact import ExactField, ExactListField


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


SLIPS = ("5'6", "12 5", "1 2345", "1_000", "1e5", "\uff11\uff12", "\u0663", "0x10", "1'234 5", "NaN")


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "1,234.56", "1234.56"),
        ("en", "1234.56", "1234.56"),
        ("en", "1.234", "1.234"),
        ("en", "1.234,56", None),
        ("en", "1,5", None),
        ("de", "1.234,56", "1234.56"),
        ("de", "1234,56", "1234.56"),
        ("de", "1.234", "1234"),
        ("de", "1 234,5", "1234.5"),
        ("de", "1,234.56", None),
        ("de", "1234.56", None),
        ("de", "0.05", None),
        ("de", "\u22121,5", "-1.5"),
        ("en", "1 234", "1234"),
        ("en", "12'345'678.9", "12345678.9"),
        *((language, slip, None) for language in ("en", "de") for slip in SLIPS),
    ],
)
def test_numbers_are_read_as_the_reader_writes_them_or_refused(language, typed, meant):
    with translation.override(language):
        if meant is None:
            with pytest.raises(ValidationError):
                NumberField().clean(typed)
        else:
            assert NumberField().clean(typed) == Decimal(meant)


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "0.05", "0.05"),
        ("en", "5 %", "0.05"),
        ("en", "0,05", None),
        ("de", "0,05", "0.05"),
        ("de", "19,2 %", "0.192"),
        ("de", "1/3", "1/3"),
        ("de", "0.05", None),
        ("de", "1.234", None),
    ],
)
def test_exact_numbers_too(language, typed, meant):
    with translation.override(language):
        if meant is None:
            with pytest.raises(ValidationError):
                ExactField().clean(typed)
        else:
            assert ExactField().clean(typed) == meant


def test_forms_show_numbers_as_they_read_them():
    with translation.override("de"):
        assert NumberField().prepare_value(Decimal("1234.50")) == "1.234,5"
        assert ExactField().prepare_value("0.05") == "0,05"
        assert ExactListField().prepare_value(["0.2", "1/3"]) == "0,2; 1/3"
        typed = ExactField()
        assert typed.prepare_value(typed.bound_data("0.05", "")) == "0.05"
        assert formatting.money(Decimal("-1234.5"), "EUR") == "\u22121.234,50"
        assert formatting.percent(Decimal("-0.125")) == "\u221212,5\u00a0%"


def test_a_minus_stays_in_front_where_letters_run_from_right_to_left():
    with translation.override("ar"):
        assert formatting.number(Decimal("-863.90")) == "\N{LEFT-TO-RIGHT MARK}\N{MINUS SIGN}863.90"
        assert NumberField().clean("\N{LEFT-TO-RIGHT MARK}\N{MINUS SIGN}5") == -5
