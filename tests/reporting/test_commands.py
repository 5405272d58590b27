"""wherewithal verify, explain, calc: what they answer, and with which exit code."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.command import build
from tests.reporting.conftest import Damage, Firm
from tests.reporting.goods import a_week, open_shop
from typer.testing import CliRunner, Result

from wherewithal.kit.db import company_transaction, fetch_one
from wherewithal.kit.errors import NotFound, Refused

# Commands see all companies through the owner's connection.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def invoke(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(build(), arguments, input=stdin, catch_exceptions=False)


def code_of(firm: Firm) -> str:
    with company_transaction(company_id=firm.company_id):
        row = fetch_one("SELECT code FROM ledger_company WHERE id = %s", (firm.company_id,))
    assert row is not None
    return str(row[0])


# --- verify -------------------------------------------------------------------------------------------------


def test_sound_books_answer_zero(firm: Firm) -> None:
    done = invoke("verify", "--company", code_of(firm), "--json")

    assert done.exit_code == 0
    (report,) = json.loads(done.stdout)
    assert report["passed"] is True
    assert report["company"] == code_of(firm)
    assert {check["name"] for check in report["checks"]} >= {
        "entries balance",
        "stock and ledger",
        "row security",
    }


def test_damaged_books_answer_one_and_name_the_row(firm: Firm, damage: Damage) -> None:
    moves = a_week(open_shop(firm))
    damage(
        "UPDATE stock_move SET qty = 7 WHERE company_id = %s AND move_id = %s",
        firm.company_id,
        moves["more"],
        triggers_of=("stock_move",),
    )

    told = invoke("verify", "--company", code_of(firm))

    assert told.exit_code == 1
    assert "balances: a balance that is not the sum of its moves:" in told.stdout
    assert "3 of " in told.stdout
    assert " checks failed" in told.stdout


def test_several_companies_at_once(firm: Firm) -> None:
    code = code_of(firm)

    done = invoke("verify", "-c", code, "-c", code, "--deep", "--json")

    assert [report["deep"] for report in json.loads(done.stdout)] == [True, True]


def test_an_unknown_company_is_not_found(firm: Firm) -> None:
    with pytest.raises(NotFound, match="There is no company NOBODY"):
        invoke("verify", "--company", "NOBODY")


# --- explain ------------------------------------------------------------------------------------------------


def test_explain_a_move(firm: Firm) -> None:
    moves = a_week(open_shop(firm))

    done = invoke("explain", "move", str(moves["sold"]), "-c", code_of(firm), "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["figure"] == "15.00 EUR"
    assert told["facts"][0]["kind"] == "move"


def test_explain_by_names(firm: Firm) -> None:
    a_week(open_shop(firm))
    code = code_of(firm)

    assert "15 pcs worth 45.00 EUR" in invoke("explain", "cost", "BOLT", "-c", code).stdout
    assert "[11 pcs]" in invoke("explain", "stock", "BOLT", "--location", "A1", "-c", code).stdout
    assert "[1 pcs]" in invoke("explain", "stock", "DRILL", "--lot", "D2", "-c", code).stdout
    assert "[95.00 EUR]" in invoke("explain", "value", "-c", code).stdout
    assert "[60.00 EUR]" in invoke("explain", "value", "BOLT", "--as-of", "2025-03-04", "-c", code).stdout
    assert "Entry 2025/1 of book" in invoke("explain", "entry", "2025/1", "-c", code).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("cost", "GHOST"), "There is no item GHOST"),
        (("stock", "BOLT", "--location", "Z9"), "There is no location Z9"),
        (("stock", "DRILL", "--lot", "D7"), "There is no lot or serial D7"),
        (("entry", "17"), "year and number"),
        (("cost", "BOLT", "--known-at", "soon"), "Give an instant of the years 1900 to 2199 in the form"),
        (("move", "99999999999"), "There is no move"),
        (("cost", "BOLT", "--book", "none"), "book"),
    ],
)
def test_what_cannot_be_explained_says_why(firm: Firm, arguments: tuple[str, ...], says: str) -> None:
    a_week(open_shop(firm))

    with pytest.raises(Refused, match=says):
        invoke("explain", *arguments, "-c", code_of(firm))


def test_a_day_that_is_none_is_refused_by_saying_how_one_is_written(firm: Firm) -> None:
    told = invoke("explain", "cost", "BOLT", "--as-of", "soon", "-c", code_of(firm))
    assert (told.exit_code, "soon" in told.stderr, "%Y-%m-%d" in told.stderr) == (2, True, True)


# --- calc ---------------------------------------------------------------------------------------------------

CASE: dict[str, Any] = {
    "method": "fifo",
    "currency_decimals": 2,
    "steps": [
        {"op": "receive", "ref": "m1", "qty": 10, "unit_cost": 2},
        {"op": "receive", "ref": "m2", "qty": 10, "unit_cost": 4},
        {"op": "issue", "ref": "m3", "qty": 12},
        {"op": "landed_cost", "of": "m1", "amount": 5},
    ],
}


def test_a_case_from_standard_input(db: None) -> None:
    done = invoke("calc", "costing", stdin=json.dumps(CASE))

    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (answer["final_qty"], answer["final_value"]) == (8, 32)
    assert answer["move_values"] == {"m1": 25, "m2": 40, "m3": -33}  # 10 at 2.50 and 2 at 4.00


def test_a_case_from_a_file_and_as_tables(db: None, tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(CASE), encoding="utf-8")

    done = invoke("calc", "costing", str(file), "--table")

    assert "final_qty  final_value  unit_cost" in done.stdout
    assert "cost_of_sales  inventory" in done.stdout


def test_the_schema_holds_the_case_and_the_answer(db: None) -> None:
    schemas = json.loads(invoke("calc", "costing", "--schema").stdout)

    jsonschema_rs.validate(schemas["case"], CASE)
    jsonschema_rs.validate(
        schemas["answer"], json.loads(invoke("calc", "costing", stdin=json.dumps(CASE)).stdout)
    )


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        (b'{"method": ', "case", "json"),
        (b"\xff\xfe", "case", "utf8"),
        (b"[1]", "case", "object"),
        (b'{"method": "guess", "steps": []}', "method", "method"),
        (b'{"method": "fifo", "steps": [{"op": "receive"}]}', "steps[0].qty", "required"),
        (b'{"method": "fifo", "steps": [{"op": "steal", "qty": 1}]}', "steps[0].op", "op"),
        (b'{"method": "fifo", "steps": [{"op": "issue", "qty": 1e400}]}', "steps[0].qty", "number"),
        (b'{"method": "fifo", "steps": [{"op": "reverse", "of": "m9"}]}', "steps[0].of", "reference"),
    ],
)
def test_a_case_that_cannot_be_answered_names_its_place(
    db: None, given: bytes, field: str, rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        invoke("calc", "costing", stdin=given)

    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == (field, rule)


def test_a_missing_file_is_named(db: None, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        invoke("calc", "costing", str(tmp_path / "none.json"))
