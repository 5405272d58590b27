"""Templates for a chart of accounts: data files in charts/, one each, named by their code.

Names are English there; the catalogues have them in other languages.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wherewithal.core.words import known
from wherewithal.ledger.values import Classification


@dataclass(frozen=True, slots=True)
class ChartAccount:
    code: str
    name: str
    classification: Classification
    is_contra: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    code: str
    name: str
    standard: str
    accounts: tuple[ChartAccount, ...]


@cache
def charts() -> dict[str, Chart]:
    """All templates by code, sorted."""
    folder = files("wherewithal.ledger").joinpath("charts")
    found = [
        _read(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".json")
    ]
    return {chart.code: chart for chart in sorted(found, key=lambda chart: chart.code)}


def _read(text: str) -> Chart:
    data = json.loads(text)
    accounts = tuple(
        ChartAccount(
            code=row["code"],
            name=known(row["name"]),
            classification=Classification(row["classification"]),
            is_contra=row.get("is_contra", False),
            roles=tuple(row.get("roles", ())),
        )
        for row in data["accounts"]
    )
    return Chart(data["code"], known(data["name"]), data["standard"], accounts)
