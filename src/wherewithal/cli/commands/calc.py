"""wherewithal calc"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wherewithal.cli.output import JsonFlag, table
from wherewithal.core.calc.jsontext import MAX_TEXT, JsonError, dumps, loads
from wherewithal.core.calc.kinds import KINDS, CalcKind
from wherewithal.core.calc.reading import CaseError
from wherewithal.kit.errors import Refused, refuse

CaseFile = Annotated[
    Path | None, typer.Argument(help="A file with the case as JSON. Default: standard input.")
]
Schema = Annotated[
    bool, typer.Option("--schema", help="Print the JSON schemas of the case and of its answer.")
]
AsTable = Annotated[bool, typer.Option("--table", help="Answer as tables for people; without it, as JSON.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True, help="Recompute a figure for an auditor, by the same code, storing nothing."
    )
    for name, kind in KINDS.items():
        group.command(name)(_command(name, kind))
    app.add_typer(group, name="calc")


def _command(name: str, kind: CalcKind) -> Callable[..., None]:
    """The command of a kind of calculation."""

    def calculate(
        file: CaseFile = None, schema: Schema = False, as_table: AsTable = False, as_json: JsonFlag = False
    ) -> None:
        _calculate(name, file, schema=schema, as_table=as_table and not as_json)

    calculate.__name__ = name
    how = "`--schema` says it exactly. Answers 0; 2 when the case cannot be answered."
    calculate.__doc__ = f"{kind.summary}\n\n{kind.meaning} {how}"
    return calculate


def _calculate(kind: str, file: Path | None, *, schema: bool, as_table: bool) -> None:
    """Nothing here starts a database: the case is all there is."""
    if schema:
        print(dumps({"case": dict(KINDS[kind].case_schema), "answer": dict(KINDS[kind].answer_schema)}))
        return
    try:
        answer = KINDS[kind].calculate(loads(_read(file)))
    except CaseError as error:
        raise refuse(error.where, error.rule, error.message) from None
    except JsonError as error:
        raise refuse("case", "json", f"This is not JSON. {error}") from None
    print(_tables(answer, KINDS[kind].tables) if as_table else dumps(answer))


def _read(file: Path | None) -> str:
    if file is None:
        if sys.stdin.isatty():
            raise refuse("case", "required", "Give the case as JSON: a file, or < case.json")
        return _text(sys.stdin.buffer.read(MAX_TEXT + 1))
    if not file.is_file():
        raise refuse("file", "exists", f"There is no file {file}.", value=file)
    with file.open("rb") as source:
        return _text(source.read(MAX_TEXT + 1))


def _text(data: bytes) -> str:
    if len(data) > MAX_TEXT:
        raise refuse("case", "size", f"A case has at most {MAX_TEXT:,} bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_text(error) from None


def _not_text(error: UnicodeDecodeError) -> Refused:
    return refuse(
        "case", "utf8", f"The case is not UTF-8: byte {error.start} does not belong to any character."
    )


def _tables(answer: dict[str, Any], names: tuple[str, ...]) -> str:
    """Single figures as a row (many of them as a list), then the tables of the kind."""
    head = {name: value for name, value in answer.items() if not isinstance(value, list | dict)}
    rows = [head] if len(head) <= 6 else [{"figure": name, "value": value} for name, value in head.items()]
    parts = [table(rows)] if head else []
    for name in names:
        found = answer.get(name)
        if isinstance(found, dict):
            found = [{"name": each, name: value} for each, value in found.items()]
        if found:
            parts.append(table(found))
    return "\n\n".join(parts) or dumps(answer)
