"""Scenarios and budgets from the command line, and their sheets."""

import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.cli.test_asset import LATHE, company, say
from tests.command import build
from tests.reporting.test_pdf import lines
from typer.testing import CliRunner

from wherewithal.kit.errors import NotFound, Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
__all__ = ["company"]  # a fixture


def refused(*arguments: str) -> str:
    with pytest.raises(Refused) as caught:
        CliRunner().invoke(build(), list(arguments), catch_exceptions=False)
    return caught.value.problems[0].field


def test_what_if_and_what_was_budgeted(company: str, tmp_path: Path) -> None:
    """5,000.00 at 100.00 a month from February 2026; 4,400.00 over 44 + 12 months if it is kept a year longer."""
    say("asset", "record", "-c", company, given=json.dumps(LATHE))
    say("asset", "depreciate", "2026-07-31", "-c", company)
    (lathe,) = say("asset", "list", "-c", company)
    plan = say("asset", "scenario", "create", "Plan", "-c", company)["scenario_id"]
    say("asset", "scenario", "keep", "Plan", "12", "2026-08-01", "--class", "MACH", "-c", company)
    say("asset", "scenario", "copy", "Plan", "Other", "-c", company)
    (line,) = say("asset", "scenario", "show", "Other", "-c", company)
    assert (line["label"], line["events"]) == ("Keep MACH 12 months longer", "estimate_change")
    say("asset", "scenario", "remove", "Other", str(line["line"]), "-c", company)
    say("asset", "scenario", "sell", "Other", lathe["tag"], "4000.00", "2027-01-01", "-c", company)
    say("asset", "scenario", "buy", "Other", "Mill", "MACH", "1200.00", "2027-01-01", "-c", company)
    assert [row["lines"] for row in say("asset", "scenario", "list", "-c", company)] == [2, 1]

    def years(*more: str) -> list[tuple[str, str]]:
        found = say("asset", "scenario", "forecast", "2027-12-31", "-c", company, *more)
        return [(row["charge"], row["cash"]) for row in found if row["class"] == "MACH"]

    assert years() == [("500.00", "0.00"), ("1200.00", "0.00")]
    assert years("--scenario", "Plan") == [("392.86", "0.00"), ("942.85", "0.00")]
    assert years("--scenario", "Other")[1][1] == "2800.00"

    budget = say("asset", "budget", "freeze", "2026", "2026-08-01", "2026-12-31", "-c", company)["budget_id"]
    assert [(row["name"], row["version"]) for row in say("asset", "budget", "list", "-c", company)] == [
        ("2026", 1)
    ]
    (row,) = say("asset", "budget", "compare", str(budget), "--scenario", "Plan", "-c", company)
    assert (row["charge_budget"], row["charge_actual"], row["charge_variance"]) == (
        "500.00",
        "392.86",
        "-107.14",
    )
    assert row["booked"] is False

    out = tmp_path / "forecast.pdf"
    scenario = ("--option", f"scenario={plan}", "--option", "through=2027-12-31")
    assert say("export", "asset-forecast", "-c", company, "-f", "pdf", "-o", str(out), *scenario)["rows"] == 2
    (page,) = PdfReader(out).pages
    assert {"Forecast: Plan", "392.86", "942.85"} <= set(lines(page))


def test_what_is_not_there_and_what_is_no_number(company: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        CliRunner().invoke(build(), ["asset", "scenario", "show", "X", "-c", company], catch_exceptions=False)
    say("asset", "scenario", "create", "Plan", "-c", company)
    assert (
        refused("asset", "scenario", "buy", "Plan", "Mill", "MACH", "1e9", "2027-01-01", "-c", company)
        == "cost"
    )
    assert refused("export", "assets", "-c", company, "-f", "pdf") == "format"
    out = ("-f", "pdf", "-o", str(tmp_path / "x.pdf"))
    assert refused("export", "assets", "-c", company, "--option", "asset=1", *out) == "asset"
    assert refused("export", "assets", "-c", company, "--option", "asset", *out) == "option"
    assert refused("export", "nothing", "-c", company, *out) == "name"
