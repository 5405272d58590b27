"""Each built-in pack carries test vectors with their source; all of them go through `calc depreciation`, text to text."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.kinds import calculate_text
from wherewithal.core.depreciation.packs import built_in, pack_codes

VECTORS = [(code, test) for code in pack_codes() for test in built_in(code).tests]


def test_every_pack_has_vectors() -> None:
    assert {code for code, _ in VECTORS} == set(pack_codes())


@pytest.mark.parametrize(("code", "test"), VECTORS, ids=[f"{code}: {test['name']}" for code, test in VECTORS])
def test_vector(code: str, test: dict[str, Any]) -> None:
    answer = loads(calculate_text("depreciation", dumps(test["case"])))
    assert answer["pack"] == code
    for field, expected in test["expect"].items():
        if field == "first_charges":
            found = answer["charges"][: len(expected)]
        else:
            found = answer[field]
        assert _same(found, expected), f"{field}: {found} is not {expected}"


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, int | Decimal) and not isinstance(expected, bool):
        return bool(Decimal(str(found)) == Decimal(str(expected)))
    return bool(found == expected)


@pytest.mark.parametrize(("table", "factor"), [("200", Fraction(2)), ("250", Fraction(5, 2))])
def test_rows_of_the_japanese_tables_agree_with_each_other(table: str, factor: Fraction) -> None:
    """The rate is factor / life to three decimals; the revised rate is 1 / the years that are left when a charge falls
    below the guarantee, rounded up; and the guarantee is what the revised rate then charges, within half a percent
    (one percent for 25 and 50 years)."""
    tables = built_in("jp").tables
    lives = list(tables[f"rate-{table}"])
    assert len(lives) >= 38
    for life in lives:
        rate, revised, guarantee = (
            Fraction(tables[f"{name}-{table}"][life]) for name in ("rate", "revised", "guarantee")
        )
        assert rate == Fraction((factor / int(life) * 1000 + Fraction(1, 2)) // 1, 1000), life
        value, years = Fraction(1), 0
        while value * rate >= guarantee:
            value, years = value * (1 - rate), years + 1
        assert revised == Fraction(-(-1000 // (int(life) - years)), 1000), life
        assert Fraction(99, 100) < guarantee / (value * revised) < Fraction(1001, 1000), life
