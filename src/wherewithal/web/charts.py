"""A chart as data: what the browser draws, what a reader of the table sees, and one sentence for a screen reader."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from wherewithal.web import formatting


@dataclass(frozen=True, slots=True)
class Series:
    """One line or colour. `values` go with the chart's labels, one each; None where nothing is known."""

    name: str
    values: Sequence[Decimal | int | None]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    label: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Chart:
    """`kind` is line, area, bar, stacked or mirrored (the second series hangs below the axis)."""

    key: str
    kind: str
    title: str
    x_label: str
    labels: Sequence[str]
    series: Sequence[Series]
    summary: str
    unit: str = ""
    decimals: int = 0
    links: Sequence[str] = ()
    empty_text: str = ""

    @property
    def empty(self) -> bool:
        return not any(value for series in self.series for value in series.values)

    @property
    def spec(self) -> dict[str, Any]:
        """What app.js draws. Floats are fit for pixels; the exact figures are in the table below the chart."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "series": [
                {"name": series.name, "tone": series.tone, "values": [_pixel(v) for v in series.values]}
                for series in self.series
            ],
            "unit": self.unit,
            "decimals": self.decimals,
            "links": list(self.links),
            "locale": formatting.locale_code(),
        }

    @property
    def spec_json(self) -> str:
        """The same as an attribute holds it: a part that htmx fetches may bring no script, not even one of data."""
        return json.dumps(self.spec, cls=DjangoJSONEncoder, separators=(",", ":"))

    @property
    def rows(self) -> list[TableRow]:
        return [
            TableRow(label, [formatting.number(s.values[at], decimals=self.decimals) for s in self.series])
            for at, label in enumerate(self.labels)
        ]


def span(labels: Sequence[str]) -> str:
    """The stretch a chart covers, for its summary."""
    return _("%(first)s to %(last)s") % {"first": labels[0], "last": labels[-1]} if labels else ""


def _pixel(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
