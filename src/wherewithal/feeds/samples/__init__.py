"""Sample files of each kind, and the mapping of a real log."""

import json
from importlib.resources import files
from typing import Any

_HERE = files(__package__)


def sample(kind: str) -> str | None:
    """A small file of that kind; None where there is none."""
    found = _HERE.joinpath(f"{kind}.csv")
    return found.read_text(encoding="utf-8") if found.is_file() else None


def sample_mapping(name: str) -> dict[str, Any] | None:
    """A mapping that ships with the product; None where there is none of that name."""
    found = _HERE.joinpath(f"{name}.mapping.json")
    return json.loads(found.read_text(encoding="utf-8")) if found.is_file() else None


def sample_mappings() -> list[str]:
    names = (entry.name for entry in _HERE.iterdir())
    return sorted(name.removesuffix(".mapping.json") for name in names if name.endswith(".mapping.json"))
