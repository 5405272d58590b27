"""Codes on labels. 4006381333931 is the GTIN of GS1 Germany's own examples; 036000291452 the classic UPC-A sample."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wherewithal.items.barcodes import check_barcode, match_code, parse_element_string


@pytest.mark.parametrize(
    ("code", "symbology", "rule"),
    [
        ("4006381333931", "gtin", None),
        ("036000291452", "gtin", None),
        ("96385074", "gtin", None),
        ("10614141543219", "gtin", None),
        ("4006381333932", "gtin", "gtin_check_digit"),
        ("SHELF-7", "internal", None),
        ("12345", "internal", None),
        ("", "internal", "barcode_form"),
        ("a\tb", "internal", "barcode_form"),
        ("x" * 91, "internal", "barcode_form"),
    ],
)
def test_symbology_by_form(code: str, symbology: str, rule: str | None) -> None:
    found, problem = check_barcode(code, None)
    assert (found, problem and problem.rule) == (symbology, rule)


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    _, problem = check_barcode("4006381333932", None)
    assert problem is not None
    assert "4006381333931" in problem.message


def test_a_code_of_ones_own_may_look_like_a_gtin() -> None:
    assert check_barcode("4006381333932", "internal") == ("internal", None)
    assert check_barcode("ABC", "gtin")[1] is not None
    assert check_barcode("ABC", "qr")[1] is not None


def test_gtins_compare_by_value() -> None:
    assert match_code("036000291452") == match_code("0036000291452") == "00036000291452"
    assert match_code("ABC") == "ABC"


GS = "\x1d"


@pytest.mark.parametrize(
    "text",
    [
        f"]C101040063813339311727123110LOT42{GS}21SER9",
        f"01040063813339311727123110LOT42{GS}21SER9",
        "(01)04006381333931(17)271231(10)LOT42(21)SER9",
        "https://id.gs1.org/01/04006381333931/10/LOT42/21/SER9?17=271231",
    ],
)
def test_element_strings_in_their_four_guises(text: str) -> None:
    found = parse_element_string(text)
    assert found is not None
    assert (found.gtin, found.lot_code, found.serial) == ("04006381333931", "LOT42", "SER9")
    assert found.expires_on == date(2027, 12, 31)


def test_count_weight_and_the_last_day_of_a_month() -> None:
    found = parse_element_string("(01)04006381333931(17)270200(3103)001250(37)24")
    assert found is not None
    assert (found.expires_on, found.net_weight_kg, found.count) == (
        date(2027, 2, 28),
        Decimal("1.250"),
        Decimal(24),
    )


@given(st.text(max_size=60))
@example("]")  # a symbology identifier that is cut short
@example("]C")
def test_no_text_breaks_the_reader(text: str) -> None:
    parse_element_string(text)
    parse_element_string("(01)" + text)
    check_barcode(text, None)
