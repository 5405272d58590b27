"""Every component with sample values, for those who build pages. For administrators; it reads and writes nothing."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from wherewithal.web import export, fields, tables
from wherewithal.web.bins import Map, Row, ShownBin, Zone
from wherewithal.web.charts import Chart, Series
from wherewithal.web.desk import Desk
from wherewithal.web.pages import page


def _row(sku: str, name: str, qty: str, unit: str, cost: str, value: str, status: int) -> dict[str, Any]:
    """One line of the sample table; an empty cost is not known."""
    return {
        "sku": sku,
        "name": name,
        "qty": Decimal(qty),
        "unit": unit,
        "cost": Decimal(cost) if cost else None,
        "value": Decimal(value),
        "status": status,
        "on": date(2026, 3, 31) if cost else None,
    }


_ROWS = [
    _row("BRG-6204", "Deep groove ball bearing 6204-2RS", "1240", "pcs", "3.1875", "3952.50", 0),
    _row("OIL-46-20", "Hydraulic oil ISO VG 46, canister", "62.5", "l", "4.20", "262.50", 1),
    _row("SEAL-NBR-35", "Shaft seal NBR 35x52x7", "0", "pcs", "", "0.00", 0),
    _row("PMP-200", "Pump 200", "-3", "pcs", "412", "-1236.00", 3),
]
_TOTALS = {"value": Decimal("2979.00")}
_EXPLANATION = {
    "statement": "One piece costs 3.225 EUR",
    "figure": "3.225 EUR",
    "rule": "Moving average: goods leave with their share of the value of all that is there.",
    "facts": [],
    "children": [
        {"statement": "Receipt GR-2026-0007: 100 pcs at 3.10 EUR", "figure": "310.00 EUR"},
        {"statement": "Freight, spread by value", "figure": "12.50 EUR", "rule": "IAS 2.11"},
    ],
}
_STATUS = {0: ("Available", "good"), 1: ("Quarantined", "warn"), 3: ("Recalled", "bad")}


class SampleForm(fields.Form):
    number = fields.TextField(label="Delivery note", help_text="As printed on the supplier's paper.")
    received = fields.DayField(label="Received on")
    amount = fields.NumberField(label="Freight", required=False, least="zero")
    kind = fields.ChoiceField(label="Kind", choices=[("a", "Spare"), ("b", "Raw material")])
    urgent = forms.BooleanField(label="Inspect before storing", required=False)
    item = fields.CodeField(label="Item", what="item")
    note = fields.NoteField(label="Note", required=False)


class SampleLine(fields.Form):
    item = fields.CodeField(label="Item", what="item", width="l")
    qty = fields.NumberField(label="Quantity", least="above")
    unit = fields.TextField(label="Unit", required=False, width="s")
    lot = fields.TextField(label="Lot", required=False)


@page("company.manage")
def gallery(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page. Messages are added so that the toasts can be seen."""
    file_format = export.wanted(request)
    if file_format:
        return export.answer(
            request, desk, _table(), lambda _ask: tables.Page(_ROWS, totals=_TOTALS), file_format
        )
    undo = ["#", {}, ""]
    messages.success(request, "Receipt GR-2026-0042 is recorded: 12 moves, 2 entries.", json.dumps(undo))
    messages.error(request, "The server does not answer. Check the connection and try again.")
    return render(request, "web/gallery.html", _samples(request))


def _samples(request: HttpRequest) -> dict[str, Any]:
    lines = fields.line_formset(SampleLine, extra=2)
    return {
        "table": tables.show(request, _table(), _sample_rows),
        "narrowed": _narrowed(),
        "bare": tables.show(request, _bare_table(), lambda ask: tables.Page([])),
        "form": SampleForm({"number": "", "received": "2026-02-30", "amount": "12,x", "kind": "a", "item": ""}),
        "lines": lines(prefix="lines"),
        "line_chart": _line_chart(),
        "bar_chart": _bar_chart(),
        "stacked_chart": replace(_bar_chart(), key="sample-stacked", kind="stacked"),
        "empty_chart": replace(_bar_chart(), key="sample-empty", series=(), empty_text="Nothing has moved yet."),
        "tabs": [
            {"label": "Overview", "href": "#", "current": True, "count": None},
            {"label": "Moves", "href": "#", "current": False, "count": 1204},
            {"label": "Lots", "href": "#", "current": False, "count": 3},
        ],
        "job": {"id": "sample", "text": "Reading sales.csv", "done": 312_400, "total": 541_909, "finished": True},
        "waiting": {"id": "waiting", "text": "Adding up", "done": 0, "total": None, "finished": True},
        "figures": [
            ("Positive", Decimal("1234567.89"), date(2026, 3, 31)),
            ("Negative", Decimal("-42.1"), date(2026, 12, 1)),
            ("Zero", Decimal(0), None),
            ("Unknown", None, None),
        ],
        "steps": [
            {"label": "Company", "href": "#", "done": True, "current": False},
            {"label": "Accounts", "href": "", "done": False, "current": True},
            {"label": "Opening stock", "href": "", "done": False, "current": False},
        ],
        "bins": _bins(),
        "exports": [("CSV", "#"), ("Excel (XLSX)", "#")],
        "explanation": _EXPLANATION,
    }  # fmt: skip


def _bins() -> Map:
    """Two zones: one whose names have rows, one without."""
    colours = ("none", "step-1", "step-2", "step-3", "step-4", "bad", "warn", "note", "good")
    rack = [
        Row(f"A-{row}", [_bin(f"A-{row}-{at}", str(at), colours[(row * 5 + at) % 5]) for at in range(1, 9)])
        for row in (1, 2)
    ]
    cage = [Row("", [_bin(f"S-{at}", str(at), colours[at % 9]) for at in range(1, 10)])]
    ways = [{"label": "Value, EUR", "href": "#", "current": True, "count": None}]
    ways += [{"label": "Expiry", "href": "#", "current": False, "count": None}]
    legend = [("none", "nothing"), ("step-1", "up to 100"), ("step-4", "up to 12,000"), ("bad", "below zero")]
    return Map([Zone("A Rack", "#", rack), Zone("S Cage", "#", cage)], ways, legend)


def _bin(code: str, short: str, colour: str) -> ShownBin:
    return ShownBin(code, short, f"{code}: 2 items", "#", colour)


def _narrowed() -> tables.ShownTable:
    """A list whose filters leave nothing."""
    table = replace(_table(), key="narrowed", title="Nothing left", filters=(), search_hint="")
    return tables.ShownTable(table, tables.Ask(q="zebra"), tables.Page([]), "#", QueryDict("q=zebra"))


def _sample_rows(_ask: tables.Ask) -> tables.Page:
    return tables.Page(_ROWS, [1], totals=_TOTALS)


def _table() -> tables.Table:
    return tables.Table(
        key="sample",
        title="Stock on hand",
        columns=(
            tables.text("SKU", "sku", lead=True, link=lambda row: "#"),
            tables.text("Name", "name", clip=True, sort="name"),
            tables.quantity("On hand", "qty", "unit", sort="qty", link=lambda row: "#"),
            tables.money("Unit cost", "cost", "EUR", phone=False),
            tables.money("Value", "value", "EUR", total=True),
            tables.tag("Status", "status", lambda value: _STATUS[value], phone=False),
            tables.day("Last counted", "on", phone=False),
            tables.text("Unit", "unit", extra=True),
        ),
        filters=(
            tables.Filter("kind", "Kind", choices=(("spare", "Spare"), ("raw", "Raw material"))),
            tables.Filter("location", "Location", choices=(("m", "Main warehouse"),)),
        ),
        search_hint="SKU, name or barcode",
        default_sort="name",
        row_id=lambda row: row["sku"],
        bulk=[
            tables.BulkAction("Release", "#", "lock-open"),
            tables.BulkAction("Recall", "#", "alert-triangle", confirm="Recall the chosen items?"),
        ],
        actions=lambda row: [tables.Action("Change", "#", "pencil"), tables.Action("Copy", "#", "copy")],
    )


def _bare_table() -> tables.Table:
    return tables.Table(
        key="bare",
        title="Reservations",
        columns=(),
        tools=False,
        empty_title="No reservations",
        empty_text="Reserved goods appear here with who holds them and until when.",
    )


def _line_chart() -> Chart:
    first = date(2025, 1, 6)
    values = [Decimal(82_000 + 900 * week + (week * 7919) % 6100) for week in range(52)]
    labels = [f"{first + timedelta(weeks=week):%d %b}" for week in range(52)]
    return Chart(
        key="sample-line",
        kind="area",
        title="Stock value",
        x_label="Week",
        labels=labels,
        series=(Series("Stock value", values),),
        summary=f"Stock value from {values[0]} to {values[-1]} EUR over 52 weeks.",
        unit="EUR",
        decimals=2,
    )


def _bar_chart() -> Chart:
    labels = [f"W{week}" for week in range(1, 17)]
    return Chart(
        key="sample-bar",
        kind="mirrored",
        title="Movement in and out",
        x_label="Week",
        labels=labels,
        series=(
            Series("In", [Decimal(40 + (week * 37) % 53) for week in range(16)]),
            Series("Out", [Decimal(30 + (week * 53) % 47) for week in range(16)]),
        ),
        summary="Movement in and out over 16 weeks.",
        unit="lines",
    )
