"""What the doors' types take and refuse. Expectations: RFC 3339, JSON Schema, and the columns of the database."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from wherewithal.api import types, v1
from wherewithal.api.types import Answer, Body

NUL, HALF_PAIR = "a\0b", "a\ud800b"


@pytest.mark.parametrize("text", [NUL, HALF_PAIR, "x" * 2001, 5, None])
def test_a_text_has_no_nul_no_half_pair_and_a_limit(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(types.Text).validate_python(text, strict=True)


def test_a_text_may_have_any_other_character_and_lines() -> None:
    text = "Größe 😀\nline two\t\x01"
    assert TypeAdapter(types.Text).validate_python(text) == text


@pytest.mark.parametrize("code", ["", "x" * 65, NUL])
def test_a_code_has_1_to_64_characters(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(types.Code).validate_python(code)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("12.50", Decimal("12.50")),
        ("-0.000000000001", Decimal("-0.000000000001")),
        ("999999999999999.999999999999", Decimal("999999999999999.999999999999")),
        (7, Decimal(7)),
        (Decimal("1.1"), Decimal("1.1")),
    ],
)
def test_a_number_is_exact(given: object, expected: Decimal) -> None:
    assert TypeAdapter(types.Number).validate_python(given, strict=True) == expected


@pytest.mark.parametrize(
    "given",
    [
        *(1.1, True, "1e3", "1_000", " 1", "1 ", "+1", ".5", "5.", "NaN", "Infinity", "", "١٢", "1,5", None),
        *("1" + "0" * 15, 10**15, Decimal("1e400"), Decimal("NaN"), "0.0000000000001", Decimal("1e-13")),
    ],
)
def test_a_number_is_no_float_no_word_and_bounded(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(types.Number).validate_python(given, strict=True)


@pytest.mark.parametrize(("given", "right"), [("0", False), ("-1", False), ("0.001", True)])
def test_a_positive_number_is_above_zero(given: str, right: bool) -> None:
    if right:
        assert TypeAdapter(types.Positive).validate_python(given) == Decimal(given)
    else:
        with pytest.raises(ValidationError, match="above zero"):
            TypeAdapter(types.Positive).validate_python(given)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.0"), "0.0"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-2.50"), "-2.50"),
    ],
)
def test_a_number_goes_out_as_a_plain_string(value: Decimal, text: str) -> None:
    assert TypeAdapter(types.Number).dump_json(value) == f'"{text}"'.encode()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-03-31T17:30:00+02:00", datetime(2026, 3, 31, 15, 30, tzinfo=UTC)),
        ("2026-03-31t17:30:00.000001z", datetime(2026, 3, 31, 17, 30, 0, 1, tzinfo=UTC)),
    ],
)
def test_an_instant_has_its_zone(given: str, expected: datetime) -> None:
    assert TypeAdapter(types.Instant).validate_python(given, strict=True) == expected


@pytest.mark.parametrize(
    "given",
    [
        *("2026-03-31T17:30:00", "2026-03-31", "2026-02-30T00:00:00Z", "1899-12-31T00:00:00Z"),
        *("2200-01-01T00:00:00Z", "2026-03-31T24:00:00Z", "2026-03-31T00:00:00+99:00", "1767225600"),
        *(1767225600, "", None),
    ],
)
def test_an_instant_without_zone_or_outside_the_calendar_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(types.Instant).validate_python(given, strict=True)


@pytest.mark.parametrize(
    "given", ["2026-02-30", "20260331", "2026-3-1", "0001-01-01", "9999-12-31", 0, "0", None]
)
def test_a_day_is_a_day_of_our_calendar(given: object) -> None:
    assert TypeAdapter(types.Day).validate_python("2024-02-29", strict=True) == date(2024, 2, 29)
    with pytest.raises(ValidationError):
        TypeAdapter(types.Day).validate_python(given, strict=True)


@pytest.mark.parametrize("given", ["0", "-1", "2147483648", "1_0", " 1", "1.0", "1e3", "9" * 30, "x", ""])
def test_an_id_in_an_address_is_a_whole_number_that_fits(given: str) -> None:
    assert TypeAdapter(types.QueryId).validate_python("2147483647") == 2**31 - 1
    with pytest.raises(ValidationError):
        TypeAdapter(types.QueryId).validate_python(given)


def test_no_two_forms_share_a_name() -> None:
    """The OpenAPI document keeps one schema a name: of two, one would be described by the other."""

    def below(model: type) -> set[type]:
        return {model}.union(*map(below, model.__subclasses__()))

    assert v1.api, "all rooms are loaded with it"
    ours = [
        model
        for root in (Answer, Body)
        for model in below(root)
        if model.__module__.startswith("wherewithal.api.")
    ]
    names = Counter(model.__name__ for model in ours)
    assert {name: count for name, count in names.items() if count > 1} == {}
