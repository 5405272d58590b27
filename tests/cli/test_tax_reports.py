"""What is filed for a tax book, from the command line and as files."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_asset import company, say

from wherewithal.kit.errors import NotFound, Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
__all__ = ["company"]

PLANT = {
    "assets": [{"name": "Plant", "class_code": "MACH", "terms": {"": {"pack": "uk", "pack_class": "plant"}}}],
    "events": [
        {"kind": "acquisition", "effective_on": "2024-01-10", "asset_no": 0, "values": {"cost": "10000.00"}},
        {"kind": "in_service", "effective_on": "2024-02-01", "asset_no": 0},
    ],
}


def _file(company: str, name: str, to: Path, *options: str) -> list[dict[str, Any]]:
    say("export", name, "-c", company, "-o", str(to), *options)
    return list(csv.DictReader(to.read_text(encoding="utf-8-sig").splitlines()))


def test_pools_and_form(company: str, tmp_path: Path) -> None:
    """18 % of 10,000 twice: 1,800 and 1,476."""
    say("asset", "record", "-c", company, given=json.dumps(PLANT))
    say("asset", "depreciate", "2024-12-31", "-c", company)
    first, second = say("asset", "pools", "2025-06-30", "-c", company)
    assert (first["additions"], first["allowance"], first["posted"]) == ("10000.00", "1800.00", "yes")
    assert (second["brought_forward"], second["allowance"], second["posted"]) == ("8200.00", "1476.00", "no")
    form = {line["line"]: line["amount"] for line in say("asset", "form-4562", "2024-05-01", "-c", company)}
    assert (form["1"], form["22"]) == ("1220000.00", "0.00")

    rows = _file(company, "asset-pools", tmp_path / "pools.csv", "--as-of", "2024-12-31")
    assert [(row["pool"], row["allowance"], row["carried_forward"]) for row in rows] == [
        ("main", "1800.00", "8200.00")
    ]
    lines = _file(
        company, "asset-pools", tmp_path / "lines.csv", "--as-of", "2024-12-31", "--option", "detail=line"
    )
    assert [row["line"] for row in lines] == ["opening", "additions", "writing_down_allowance", "closing"]
    rows = _file(
        company, "form-4562", tmp_path / "form.csv", "--as-of", "2024-12-31", "--option", "carried_in=7.50"
    )
    assert next(row["amount"] for row in rows if row["line"] == "10") == "7.50"


def test_refusals_name_what_is_wrong(company: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        say("asset", "pools", "2025-06-30", "-c", "NONE")
    with pytest.raises(NotFound):
        say("asset", "form-4562", "2025-06-30", "-c", company, "--book", "NONE")
    with pytest.raises(Refused) as refused:
        say("asset", "form-4562", "1990-06-30", "-c", company)
    assert refused.value.problems[0].field == "on"
    with pytest.raises(Refused) as refused:
        _file(company, "form-4562", tmp_path / "x.csv", "--option", "business_income=some")
    assert refused.value.problems[0].field == "business_income"
