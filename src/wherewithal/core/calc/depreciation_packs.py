"""A depreciation case that is a class of a country's pack."""

from collections.abc import Mapping
from typing import Any

from wherewithal.core.calc.reading import CaseError


def calc_pack(case: Mapping[str, Any]) -> dict[str, Any]:
    """The tax years of an asset of a class."""
    raise CaseError("pack", "choice", "No pack of that name.")
