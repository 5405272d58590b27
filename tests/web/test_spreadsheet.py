"""Lists as files for spreadsheets."""

import csv
import io
from decimal import Decimal

import pytest

from wherewithal.web.spreadsheet import to_csv


def cells(*values: str | Decimal) -> list[str]:
    text = to_csv(["head"] * len(values), [values]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_runs_as_a_formula(start: str) -> None:
    assert cells(f"{start}1+cmd") == [f"'{start}1+cmd"]


def test_figures_and_other_texts_stay_as_they_are() -> None:
    assert cells(Decimal("-12.50"), "A-1", "", "Nut = M8") == ["-12.50", "A-1", "", "Nut = M8"]
