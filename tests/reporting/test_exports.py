"""Lists as files: exact cells, harmless texts, and what goes out comes in again elsewhere."""

import csv
import datetime
import io
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tests.feeds.support import Feed, new_company

from wherewithal.feeds.samples import sample
from wherewithal.kit import db
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import exports, files
from wherewithal.reporting.sheets import Question, Sheet

TODAY = datetime.date(2026, 6, 1)


@pytest.fixture
def filled(db: None, tmp_path: Path) -> Feed:
    """A company with the samples of all imports in it."""
    feed = Feed(new_company("EXPORTS"), tmp_path)
    for kind in ("items", "locations", "parties", "opening_stock", "moves"):
        content = (sample(kind) or "").replace("Wood screw 4 x 40", "=Wood screw 4 x 40")
        assert feed.load(kind, content).state == "done"
    return feed


def question(feed: Feed, **more: datetime.date) -> Question:
    with db.company_transaction(company_id=feed.company):
        book_id = ledger.books(feed.company)[0].book_id
    return Question(feed.company, book_id, TODAY, **more)


def as_csv(feed: Feed, name: str, **more: datetime.date) -> list[str]:
    asked = question(feed, **more)
    file = io.StringIO()
    with db.company_transaction(company_id=feed.company):
        files.write_csv(exports.sheet(name, asked), file)
    return file.getvalue().splitlines()


def test_on_hand_now_and_then(filled: Feed) -> None:
    assert as_csv(filled, "on-hand") == [
        "sku,name,location,lot,expires_on,qty,reserved,available,unit",
        "DRILL-18,Cordless drill 18 V,A-02,D18-0001,,1,0,1,pcs",
        "DRILL-18,Cordless drill 18 V,A-02,D18-0002,,1,0,1,pcs",
        'GLUE-W,"Glue, white",A-02,G-2025-11,2027-11-30,11.750,0.000,11.750,kg',
        "SCR-4X40,'=Wood screw 4 x 40,A-01,,,13593,0,13593,pcs",
    ]
    assert as_csv(filled, "on-hand", as_of=datetime.date(2026, 1, 4))[-1].split(",")[5] == "2000"


def test_valuation_and_trial_balance_agree(filled: Feed) -> None:
    value = sum(Decimal(row[6]) for row in csv.reader(as_csv(filled, "valuation")[1:]))
    balance = {row[0]: row for row in csv.reader(as_csv(filled, "trial-balance")[1:])}
    assert sum(Decimal(row[6]) for row in balance.values()) == 0
    with db.company_transaction(company_id=filled.company):
        [(booked,)] = db.fetch_all("SELECT sum(stock_amount) FROM stock_value")
    assert value == Decimal(booked) / 100
    assert value in [Decimal(row[6]) for row in balance.values()]


def test_moves_are_listed_with_their_documents(filled: Feed) -> None:
    rows = as_csv(filled, "moves")
    assert len(rows) == 1 + 4 + 7
    assert rows[1].split(",")[2] == "adjustment"
    assert "return_from_customer" in rows[3]


@pytest.mark.parametrize("name", ["items", "locations", "parties"])
def test_what_goes_out_comes_in_again(filled: Feed, tmp_path: Path, name: str) -> None:
    written = as_csv(filled, name)
    other = Feed(new_company("TWIN"), tmp_path / "twin")
    other.folder.mkdir()
    if name == "items":
        written = [line.replace("'=Wood", "=Wood") for line in written]
    report = other.load(name, "\n".join(written))
    assert (report.state, report.problems) == ("done", ())
    again = as_csv(other, name)
    assert [line.replace("'=Wood", "=Wood") for line in again] == [
        line.replace("'=", "=") for line in written
    ]


def test_workbooks_hold_numbers_and_days_and_no_formulas(filled: Feed, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    asked = question(filled)
    with db.company_transaction(company_id=filled.company):
        assert files.write_xlsx(exports.sheet("on-hand", asked), str(path)) == 4
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert head[:3] == ["sku", "name", "location"]
    assert rows[2][4:6] == [datetime.date(2027, 11, 30), 11.75]
    assert rows[3][1] == "=Wood screw 4 x 40"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("plain", "plain"),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("1E+3"), "1000"),
        (-5, "-5"),
        (True, "yes"),
        (None, ""),
        (datetime.date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_cells_of_csv(value: files.Value, cell: str) -> None:
    assert files.csv_text(value) == cell


def test_numbers_too_long_for_a_spreadsheet_stay_exact(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    files.write_xlsx(Sheet("Long", ("n",), [[Decimal("1234567890123456.78")], [Decimal("0.1")]]), str(path))
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows == [["n"], ["1234567890123456.78"], [0.1]]


def test_an_unknown_list_is_refused(filled: Feed) -> None:
    with pytest.raises(Refused, match="There is no export secrets"):
        as_csv(filled, "secrets")
