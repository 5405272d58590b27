"""Drafts written down as JSON and read back: what a scenario keeps."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.values import AssetDraft

_DAYS = frozenset({"effective_on", "since_on", "warranty_until", "insured_until"})


def as_json(assets: Sequence[AssetDraft], events: Sequence[EventDraft]) -> dict[str, Any]:
    """What is not usual of each draft; numbers with a fraction as text, so that they stay exact."""
    return {"assets": [_kept(draft) for draft in assets], "events": [_kept(draft) for draft in events]}


def from_json(content: Mapping[str, Any]) -> tuple[tuple[AssetDraft, ...], tuple[EventDraft, ...]]:
    assets = tuple(AssetDraft(**_read(draft)) for draft in content.get("assets", ()))
    return assets, tuple(EventDraft(**_read(draft)) for draft in content.get("events", ()))


def _kept(draft: AssetDraft | EventDraft) -> dict[str, Any]:
    found = {}
    for spec in dataclasses.fields(draft):
        value = getattr(draft, spec.name)
        usual = spec.default_factory() if callable(spec.default_factory) else spec.default
        if value != usual and spec.name != "row":
            found[spec.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (bool, int)) or value is None:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _read(kept: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DAYS and value else value for name, value in kept.items()
    }
    if found.get("rates"):
        found["rates"] = {currency: Decimal(rate) for currency, rate in found["rates"].items()}
    return found
