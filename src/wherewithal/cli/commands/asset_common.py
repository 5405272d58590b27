"""What the commands of assets share: how companies, days, instants, amounts, places and JSON are named and read."""

import datetime
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from wherewithal.assets import queries
from wherewithal.assets.drafts import BookPreview
from wherewithal.cli.companies import company_named
from wherewithal.cli.context import database
from wherewithal.cli.options import DAY
from wherewithal.cli.output import emit
from wherewithal.core.money import AmountError, from_minor, parse
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger import queries as ledger
from wherewithal.stock import queries as stock

Row = dict[str, Any]
FIRST_YEAR, LAST_YEAR = 1900, 2199
Tag = Annotated[str, typer.Argument(help="The asset's tag.")]
Day = Annotated[datetime.datetime, typer.Argument(**DAY)]
Key = Annotated[str | None, typer.Option("--key", help="The same key again is the same request.")]
Place = Annotated[str | None, typer.Option("--place", help="Code of a location.")]
Only = Annotated[bool, typer.Option("--preview", help="Only show what it would post; nothing is kept.")]
Json = Annotated[Path | None, typer.Argument(help="A JSON file. Default: standard input.")]


def listed(company: str, as_json: bool, find: Callable[[int], Iterable[Any]]) -> None:
    """Print the rows that `find` gives for the company's id, asked inside a transaction that only reads."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            rows = [asdict(row) for row in find(company_id)]
    emit(rows, as_json=as_json)


def asset_id(company_id: int, tag: str) -> int:
    """The asset of that tag, inside a transaction of the company."""
    return queries.asset_by_tag(company_id, tag).asset_id


def class_id(company_id: int, code: str) -> int:
    return queries.class_by_code(company_id, code).class_id


def place_id(company_id: int, code: str | None) -> int | None:
    """The location of that code or barcode; None for none."""
    if code is None:
        return None
    found = stock.location_by_scan(company_id, code)
    if found is None:
        raise NotFound(Problem("place", "exists", f"There is no location {code}.", value=code))
    return found.id


def amount(field: str, text: str) -> Decimal:
    """An amount as people write it; refused with an exponent, in which nobody writes money."""
    if "e" in text.lower():
        raise Refused(Problem(field, "money", "Give an amount, such as 1250.00.", value=text))
    try:
        return parse(text)
    except AmountError as error:
        raise Refused(Problem(field, "money", str(error), value=text)) from None


def instant(company_id: int, field: str, text: str) -> datetime.datetime:
    """An instant with its offset, or without one in the company's time zone."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        message = (
            f"Give an instant of the years {FIRST_YEAR} to {LAST_YEAR} in the form YYYY-MM-DDTHH:MM,"
            " such as 2026-03-31T08:30."
        )
        raise Refused(Problem(field, "instant", message, value=text))
    zone = ZoneInfo(ledger.company(company_id).timezone)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def known_at(company_id: int, text: str | None) -> datetime.datetime | None:
    """What --known-at says, inside a transaction of the company."""
    return None if text is None else instant(company_id, "known_at", text)


def json_of(source: Path | None) -> Any:
    """What a file or standard input says in JSON; numbers stay exact."""
    text = sys.stdin.read() if source is None else source.read_text(encoding="utf-8")
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Refused(Problem("source", "json", f"That is not JSON: {error}.")) from None


def preview_rows(book: BookPreview) -> list[Row]:
    """The lines of the entries that a book would post."""
    return [
        {
            "book": book.code,
            "effective_on": entry.effective_on,
            "posting_on": entry.posting_on,
            "account": line.account,
            "name": line.account_name,
            "amount": from_minor(line.amount, book.decimals),
            "currency": book.currency,
        }
        for entry in book.entries
        for line in entry.lines
    ]
