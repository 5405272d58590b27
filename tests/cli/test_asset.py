"""Fixed assets from the command line: a life of one asset, and refusals that name the field."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.command import build
from typer.testing import CliRunner

from wherewithal.kit.errors import NotFound, Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
_numbers = itertools.count(1)

LATHE = {
    "assets": [
        {
            "name": "Lathe",
            "class_code": "MACH",
            "terms": {"": {"method": "straight_line", "life_months": "50", "convention": "full_month"}},
        }
    ],
    "events": [
        {"kind": "acquisition", "effective_on": "2026-01-10", "asset_no": 0, "values": {"cost": "5000.00"}},
        {"kind": "in_service", "effective_on": "2026-02-01", "asset_no": 0},
    ],
}


def say(*arguments: str, given: str | None = None) -> Any:
    done = CliRunner().invoke(build(), [*arguments, "--json"], input=given, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def company() -> str:
    code = f"CLIA{next(_numbers)}"
    say(
        "company", "create", code, "Mill", "--country", "DE", "--currency", "EUR", "--timezone", "Europe/Berlin"
    )  # fmt: skip
    say("asset", "install-classes", "-c", code)
    return code


def test_a_life_of_a_lathe(company: str, tmp_path: Path) -> None:
    """5,000 over 50 months from February: 100 a month."""
    lines = say("asset", "preview", "-c", company, given=json.dumps(LATHE))
    assert sorted(line["amount"] for line in lines) == ["-5000.00", "5000.00"]
    assert say("asset", "list", "-c", company) == []
    file = tmp_path / "lathe.json"
    file.write_text(json.dumps(LATHE))
    done = say("asset", "record", str(file), "-c", company, "--key", "lathe")
    assert say("asset", "record", str(file), "-c", company, "--key", "lathe")["repeated"]
    (row,) = say("asset", "list", "-c", company, "--sort", "carrying", "--descending")
    assert (row["cost"], row["carrying"]) == ("5000.00", "5000.00")

    assert say("asset", "depreciate", "2026-04-30", "-c", company, "--preview")["total"] == 30_000
    assert say("asset", "runs", "-c", company) == []
    run = say("asset", "depreciate", "2026-04-30", "-c", company)
    assert (run["total"], run["row_count"]) == (30_000, 3)
    assert say("asset", "depreciate", "2026-04-30", "-c", company)["run_id"] is None
    card = say("asset", "show", row["tag"], "-c", company)
    assert (card["books"][0]["carrying"], card["components"], len(card["events"]) >= 2) == (
        "4700.00",
        [],
        True,
    )
    then = say("asset", "show", row["tag"], "-c", company, "--as-of", "2026-02-28")
    assert then["books"][0]["carrying"] == "4900.00"
    planned = say("asset", "schedule", row["tag"], "-c", company)
    assert [line["posted"] for line in planned if line["charge"] == "100.00"].count("planned") == 47
    assert say("export", "asset-tie-out", "-c", company, "-o", str(tmp_path / "t.csv"))["rows"] > 0
    tie = (tmp_path / "t.csv").read_text().splitlines()
    assert {line.split(",")[-2] for line in tie[1:]} == {"0.00"}
    say("asset", "reverse-run", str(run["run_id"]), "-c", company)
    assert say("asset", "list", "-c", company)[0]["carrying"] == "5000.00"
    assert done["asset_ids"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("{", "source"),
        ('{"asset": []}', "source"),
        ('{"events": [{"kind": "idle"}]}', "effective_on"),
        ('{"events": [{"kind": "idle", "effective_on": "2026-02-30", "tag": "X"}]}', "effective_on"),
        ('{"events": [{"kind": "idle", "effective_on": "2026-02-01", "tag": "NOBODY"}]}', "tag"),
    ],
)
def test_a_bad_batch_names_the_field(company: str, given: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        CliRunner().invoke(build(), ["asset", "record", "-c", company], input=given, catch_exceptions=False)
    assert field in {problem.field for problem in refused.value.problems}
    assert say("asset", "list", "-c", company) == []


def test_an_unknown_tag_is_not_found(company: str) -> None:
    with pytest.raises(NotFound):
        CliRunner().invoke(build(), ["asset", "show", "NOBODY", "-c", company], catch_exceptions=False)


def test_a_timetable_by_command(company: str) -> None:
    assert say("asset", "timetable", "list", "-c", company) == []
    say("asset", "timetable", "set", "-c", company, "--days-after", "4", "--hour", "1")
    (row,) = say("asset", "timetable", "list", "-c", company)
    assert (row["book"], row["days_after"], row["hour"], row["last"]) == ("main", 4, 1, None)
    assert say("asset", "timetable", "drop", "-c", company)["dropped"]
    assert say("asset", "timetable", "list", "-c", company) == []
