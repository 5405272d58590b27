"""Exact conversion. The factors of pound and inch are those of the 1959 international agreement."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.items.units import convert, known_units
from wherewithal.items.values import ItemFacts, Tracking, UnitFacts
from wherewithal.kit.errors import Refused


def item(unit: str = "pcs", decimals: int = 0, *units: UnitFacts) -> ItemFacts:
    return ItemFacts(1, "A-1", decimals, Tracking.BULK, (1,), unit, units=units)


CASE = UnitFacts(2, "case", 12, 1)
ROLL = UnitFacts(3, "roll", 50, 1)
THIRD = UnitFacts(4, "third", 1, 3)


@pytest.mark.parametrize(
    ("facts", "qty", "unit", "smallest"),
    [
        (item("pcs", 0, CASE), "3", "case", 36),
        (item("pcs", 0, CASE), "0.5", "case", 6),
        (item("pcs", 0, CASE), "7", None, 7),
        (item("m", 2, ROLL), "2", "roll", 10_000),
        (item("m", 2), "1.25", "m", 125),
        (item("m", 3), "1", "in", None),  # 25.4 mm: does not fit whole millimetres
        (item("m", 4), "1", "in", 254),
        (item("kg", 3), "250", "g", 250),
        (item("g", 0), "1.5", "kg", 1500),
        (item("kg", 6), "1", "lb", None),  # 0.45359237 kg needs eight decimals
        (item("g", 5), "1", "lb", 45_359_237),
        (item("pcs", 0, THIRD), "3", "third", 1),
        (item("pcs", 0), "-4", None, -4),
    ],
)
def test_convert(facts: ItemFacts, qty: str, unit: str | None, smallest: int | None) -> None:
    if smallest is None:
        with pytest.raises(Refused) as refused:
            convert(facts, Decimal(qty), unit)
        assert refused.value.problems[0].rule == "qty_fits_unit"
    else:
        assert convert(facts, Decimal(qty), unit) == smallest


def test_a_quantity_that_does_not_fit_names_what_would() -> None:
    with pytest.raises(Refused) as refused:
        convert(item("pcs", 0, CASE), Decimal("0.3"), "case")
    assert str(refused.value) == (
        "0.3 case of A-1 does not fit: A-1 is counted in whole pcs, and 1 case = 12 pcs; "
        "give a multiple of 1/12 case."
    )


@pytest.mark.parametrize(
    ("qty", "unit", "rule"),
    [
        ("1", "dozen", "unit_known"),
        ("NaN", None, "number"),
        ("1E+400", None, "qty_range"),
        ("1E+15", None, "qty_range"),
    ],
)
def test_refusals(qty: str, unit: str | None, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        convert(item(), Decimal(qty), unit)
    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_known_units_are_the_base_the_declared_and_the_physical_ones() -> None:
    assert known_units(item("pcs", 0, CASE)) == ["pcs", "case"]
    assert known_units(item("m", 2, ROLL)) == ["m", "roll", "mm", "cm", "km", "in", "ft"]


@given(st.integers(1, 10**4), st.integers(1, 10**4), st.integers(1, 10**4), st.integers(0, 6))
def test_a_whole_number_of_any_unit_is_exact(
    qty: int, numerator: int, denominator: int, decimals: int
) -> None:
    facts = item("pcs", decimals, UnitFacts(9, "odd", numerator, denominator))
    whole = Decimal(qty * denominator)
    assert convert(facts, whole, "odd") == qty * numerator * 10**decimals
