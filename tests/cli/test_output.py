"""How commands answer."""

import datetime
import decimal
import enum
import json
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from wherewithal.cli import main, output
from wherewithal.kit import postgres
from wherewithal.kit.errors import NotFound, Problem, Refused


@dataclass
class Row:
    sku: str
    qty: decimal.Decimal | None


class Colour(enum.Enum):
    RED = "red"


def test_a_table_has_numbers_to_the_right() -> None:
    rows = [Row("A", decimal.Decimal("12.50")), Row("LONG", None)]
    assert output.table(rows) == "sku     qty\n----  -----\nA     12.50\nLONG"


def test_a_table_of_nothing() -> None:
    assert output.table([]) == "(nothing)"


def test_json_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    data = {
        "amount": decimal.Decimal("1.10"),
        "on": datetime.date(2026, 1, 31),
        "key": uuid.UUID(int=1),
        "hash": b"\x01\xff",
        "colour": Colour.RED,
        "row": Row("A", None),
    }
    output.emit(data, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "amount": "1.10",
        "on": "2026-01-31",
        "key": "00000000-0000-0000-0000-000000000001",
        "hash": "01ff",
        "colour": "red",
        "row": {"sku": "A", "qty": None},
    }


def test_what_json_does_not_know_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no JSON for object"):
        output.emit(object(), as_json=True)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused(Problem("qty", "positive", "Must be above zero.", 4)), "row 5, qty: Must be above zero.\n"),
        (
            Refused(Problem("", "open", "The period is closed."), hint="Reopen it."),
            "The period is closed.\nReopen it.\n",
        ),
    ],
)
def test_a_refusal_says_where_and_what(error: Refused, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    output.refusal(error, as_json=False)
    assert capsys.readouterr().err == said


def test_a_refusal_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    output.refusal(NotFound(Problem("item", "exists", "There is none.", value="X")), as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "code": "not_found",
        "hint": None,
        "problems": [
            {"field": "item", "rule": "exists", "message": "There is none.", "row": None, "value": "X"},
        ],
    }


def test_progress_that_nobody_watches_is_a_line_per_step(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress_bar("Loading") as show:
        show(1, 4, "items")
        show(2, 4, "items")
        show(3, 4, "moves")
    assert capsys.readouterr().err == "Loading: 25 % items\nLoading: 75 % moves\n"


class TestTheCommand:
    def test_help_names_every_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as done:
            main.run(["--help"])
        assert done.value.code == 0
        said = capsys.readouterr().out
        fixed = "serve demo verify explain import export backup restore company user token calc shell"
        assert [name for name in fixed.split() if f" {name} " not in said] == []

    def test_nonsense_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as done:
            main.run(["nonsense"])
        assert done.value.code == 2

    def test_a_server_that_cannot_be_started_is_told_without_a_traceback(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail() -> None:
            raise postgres.PostgresError("No PostgreSQL found.")

        monkeypatch.setattr(main, "build", lambda: lambda args: fail())
        with pytest.raises(SystemExit) as done:
            main.run(["serve"])
        assert (done.value.code, capsys.readouterr().err) == (2, "No PostgreSQL found.\n")

    def test_a_file_that_cannot_be_read_and_a_text_that_is_none_are_told_without_a_traceback(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        with pytest.raises(SystemExit) as done:
            main.run(["asset", "record", str(tmp_path / "none.json"), "-c", "ACME"])
        assert (done.value.code, capsys.readouterr().err) == (
            2,
            f"{tmp_path}/none.json: No such file or directory\n",
        )
        (tmp_path / "latin1.json").write_bytes(b'{"note": "\xe9"}')
        with pytest.raises(SystemExit) as done:
            main.run(["asset", "record", str(tmp_path / "latin1.json"), "-c", "ACME"])
        assert done.value.code == 2
        assert capsys.readouterr().err.startswith("That is no UTF-8 text: ")
