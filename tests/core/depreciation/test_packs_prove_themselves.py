"""Each built-in pack carries test vectors with their source; all of them go through `calc depreciation`, text to text."""

from decimal import Decimal
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
