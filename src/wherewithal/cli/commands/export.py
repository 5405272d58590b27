"""wherewithal export"""

import contextlib
import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated
from zoneinfo import ZoneInfo

import typer

from wherewithal.cli.commands.asset_common import known_at as known_by
from wherewithal.cli.companies import book_named, company_named
from wherewithal.cli.context import database
from wherewithal.cli.options import AsOf, BookCode, Company, KnownAt
from wherewithal.cli.output import JsonFlag, emit, say
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import refuse
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import exports, files
from wherewithal.reporting.covers import cover
from wherewithal.reporting.files import Format
from wherewithal.reporting.sheets import Question

Since = Annotated[
    datetime.datetime | None,
    typer.Option(
        "--from",
        help="First day of lists of what happened between two days. Default: the fiscal year's first.",
        formats=["%Y-%m-%d"],
        metavar="DAY",
    ),
]


Options = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        help="What one list alone asks for, such as asset=MACH-00001, tax_book=USTAX, rate=0.25, budget=1.",
        metavar="NAME=VALUE",
    ),
]


def register(app: typer.Typer) -> None:
    app.command("export")(export)


def export(
    what: Annotated[str, typer.Argument(help=f"{', '.join(exports.SHEETS)}, beancount")],
    company: Company,
    to: Annotated[Path | None, typer.Option("--to", "-o", help="The file. Default: standard output.")] = None,
    file_format: Annotated[Format, typer.Option("--format", "-f", help="csv, xlsx or pdf")] = Format.CSV,
    book: BookCode = None,
    from_on: Since = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    option: Options = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a list, a statement or a whole book as a file: CSV, XLSX, PDF, or text that beancount reads."""
    if file_format is not Format.CSV and (to is None or what == "beancount"):
        raise refuse("format", "file", "XLSX and PDF need a file (--to), and beancount is text.")
    options = _options(option or [])
    with database():
        found = company_named(company)
        book_id = book_named(found.company_id, book).book_id
        with company_transaction(company_id=found.company_id, read_only=not exports.tries(options)):
            zone = ZoneInfo(ledger.company(found.company_id).timezone)
            now = datetime.datetime.now(zone)
            question = Question(
                company_id=found.company_id,
                book_id=book_id,
                today=now.date(),
                as_of=as_of.date() if as_of else None,
                known_at=known_by(found.company_id, known_at),
                from_on=from_on.date() if from_on else None,
                options=options,
            )
            rows = _write(what, question, to, file_format, now)
    answer = {"export": what, "rows": rows, "file": None if to is None else str(to)}
    if to is not None:
        emit(answer, as_json=as_json, text=f"{rows:,} rows written to {to}.")
    else:
        say(f"{rows:,} rows.")


def _options(given: list[str]) -> dict[str, str]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise refuse("option", "form", "Give an option as NAME=VALUE.", value=text)
        found[name] = value
    return found


def _write(
    what: str, question: Question, to: Path | None, file_format: Format, now: datetime.datetime
) -> int:
    if what == "beancount":
        return _write_beancount(question, to)
    found = exports.sheet(what, question)
    for sentence in found.left_out:
        say(f"Left out: {sentence}")
    if to is None:
        return files.write_csv(found, sys.stdout)
    said = cover(question, found, now=now)
    with open(to, "wb") as file:
        return files.write(found, said, file_format, file)


def _write_beancount(question: Question, to: Path | None) -> int:
    lines = 0
    with _target(to) as file:
        pieces = ledger.beancount(
            question.company_id, question.book_id, as_of=question.as_of, known_at=question.known_at
        )
        for piece in pieces:
            file.write(piece)
            lines += piece.count("\n")
    return lines


@contextlib.contextmanager
def _target(to: Path | None) -> Iterator[IO[str]]:
    """The file, or standard output."""
    if to is None:
        yield sys.stdout
        return
    with open(to, "w", encoding="utf-8", newline="") as file:
        yield file
